/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/m4/near.h"
#include "tests/m4/reference.h"
#include "tests/m4/scenarios.h"
#include "tests/m4/symbols.h"

/*
 * Single-instruction skip over everything that is executed, crypto included.
 *
 * A scenario (tests/m4/scenarios.h, near.h) is some calls that must not all
 * be accepted. They run once undisturbed; then again for each instruction
 * that they executed, which is left out this one time: the registers and the
 * memory are those in front of it, the program counter is behind it. What
 * comes then is executed as it stands; nothing is replaced or modelled. When
 * every call answers ASSAY_OK, the skip is a bypass.
 *
 * Most skips are without consequence after a while: the result was not used,
 * or is computed again. At the marks of the reference the registers and the
 * memory that the reference still reads are compared; a run that is equal in
 * them ends as the reference does, with a refusal, and is stopped.
 *
 * usage: faults CODE SYMBOLS list
 *            lines of a kind, the number of a scenario, the first instruction
 *            to skip and the one behind the last, subject and name. Kinds:
 *            decision: for skips outside of the crypto only
 *            crypto: a forgery that the crypto refuses
 *            again: the same crypto as in others of that kind
 *            single: no forgery; one check of the crypto alone refuses it
 *        faults CODE SYMBOLS run NUMBER FROM TO
 *            skip each of the instructions FROM .. TO - 1
 *        faults CODE SYMBOLS decision NUMBER
 *            skip each instruction outside of the crypto
 */

enum { N_ALL = N_SCENARIOS + N_NEAR };

static const struct scenario *scenario(size_t number)
{
    return number < N_SCENARIOS ? &SCENARIO[number]
                                : &NEAR[number - N_SCENARIOS];
}

/* --- One run -------------------------------------------------------------- */

enum outcome { RETURNED, CRASHED, HUNG, REJOINED, N_OUTCOMES };

static struct machine scout; /* runs the reference */
static struct machine runner;
static uc_context *pristine; /* of the runner */
static struct reference ref;
static struct call call[N_CALLS_MAX];

static struct {
    enum outcome outcome;
    uint64_t n_blocks;
    uint64_t blocks_max;
    size_t next; /* the passage that the reference comes to next */
    size_t n_compared;
} run;

static void stop(enum outcome why)
{
    run.outcome = why;
    (void)uc_emu_stop(runner.uc);
}

/* Whether the run goes on as the reference does from this mark. */
static int equals(const struct mark *mark)
{
    struct cpu cpu;
    uint64_t cell[N_CELLS / 8];
    uint64_t want[N_CELLS / 8];
    uint64_t alive[N_CELLS / 8];
    uint64_t differ = 0;
    cpu_get(runner.uc, &cpu);
    cpu.reg[CPU_PC] = mark->cpu.reg[CPU_PC];
    if (memcmp(&cpu, &mark->cpu, sizeof cpu) != 0) {
        return 0;
    }
    cells_get(&runner, (uint8_t *)cell);
    memcpy(want, mark->cell, sizeof want);
    memcpy(alive, mark->alive, sizeof alive);
    for (size_t i = 0; i < N_CELLS / 8; i++) {
        differ |= (cell[i] ^ want[i]) & alive[i];
    }
    return differ == 0;
}

/*
 * A run that left the path of the reference, or met a passage more or less,
 * is looked for a little ahead; the comparison alone decides.
 */
enum { AHEAD = 32, ALWAYS = 48, EVERY = 16 };

static void pass(uint32_t address)
{
    size_t i = run.next;
    size_t end = i + AHEAD < ref.n_passages ? i + AHEAD : ref.n_passages;
    while (i < end && ref.address[ref.passage[i].instruction] != address) {
        i++;
    }
    if (i == end) {
        return;
    }
    run.next = i + 1;
    if (ref.passage[i].mark == NO_MARK) {
        return;
    }
    run.n_compared++;
    if ((run.n_compared <= ALWAYS || run.n_compared % EVERY == 0) &&
        equals(&ref.mark[ref.passage[i].mark])) {
        stop(REJOINED);
    }
}

static void on_block(uc_engine *uc, uint64_t address, uint32_t len, void *ctx)
{
    (void)uc;
    (void)len;
    (void)ctx;
    if (++run.n_blocks > run.blocks_max) {
        stop(HUNG);
    } else if (address < MACHINE_FLASH_LEN && ref.is_passage[address / 2]) {
        pass((uint32_t)address);
    }
}

static void on_exception(uc_engine *uc, uint32_t number, void *ctx)
{
    (void)uc;
    (void)number;
    (void)ctx;
    stop(CRASHED);
}

/* Go on until the call returns or is stopped. */
static enum outcome go(uint32_t pc)
{
    run.outcome = RETURNED;
    uc_err e = uc_emu_start(runner.uc, pc | 1, MACHINE_RETURN, 0, 0);
    if (run.outcome != RETURNED) {
        return run.outcome;
    }
    (void)uc_reg_read(runner.uc, UC_ARM_REG_PC, &pc);
    return e == UC_ERR_OK && (pc & ~1u) == MACHINE_RETURN ? RETURNED : CRASHED;
}

/* The rest of the calls, from the number i that has returned. */
static enum outcome go_through(size_t i, uint32_t *status)
{
    enum outcome outcome = RETURNED;
    (void)uc_reg_read(runner.uc, UC_ARM_REG_R0, status);
    while (outcome == RETURNED && *status == ASSAY_OK && ++i < n_steps) {
        machine_prepare(&runner, call[i].function, call[i].arg);
        outcome = go(call[i].function);
        (void)uc_reg_read(runner.uc, UC_ARM_REG_R0, status);
    }
    return outcome;
}

/* --- Faults --------------------------------------------------------------- */

static struct tally {
    uint64_t n_skips;
    uint64_t n_outcomes[N_OUTCOMES];
    uint64_t n_accepted;
} tally;

/* The number of the call that instruction k belongs to. */
static size_t call_of(size_t k)
{
    size_t i = ref.n_made - 1;
    while (ref.start[i] > k) {
        i--;
    }
    return i;
}

enum { REPORTS = 20 };

static void report(const struct scenario *s, size_t k)
{
    const struct symbol *at = symbol_at(ref.address[k]);
    printf("BYPASS: %s, %s: call %zu, instruction %zu, %s+0x%x\n",
           SUBJECT[s->subject], s->name, call_of(k) + 1, k, at->name,
           (unsigned)(ref.address[k] - at->address));
}

/* in: cpu, cell: in front of instruction k. */
static void skip(const struct scenario *s, size_t k, struct cpu cpu,
                 const uint8_t cell[static N_CELLS])
{
    uint32_t status = ASSAY_FAILED;
    uint32_t it = reference_it_behind(&ref, k);
    cpu.reg[CPU_PC] += instruction_len(&runner, cpu.reg[CPU_PC]);
    cpu.reg[CPU_FLAGS] |= (it & 3) << 25 | (it & 0xFC) << 8;
    cells_set(&runner, cell);
    (void)uc_context_restore(runner.uc, pristine);
    cpu_set(runner.uc, &cpu);
    while (run.next < ref.n_passages &&
           ref.passage[run.next].instruction <= k) {
        run.next++;
    }
    size_t next = run.next;
    run.n_blocks = 0;
    run.n_compared = 0;
    enum outcome outcome = go(cpu.reg[CPU_PC]);
    if (outcome == RETURNED) {
        outcome = go_through(call_of(k), &status);
    }
    run.next = next;
    tally.n_skips++;
    tally.n_outcomes[outcome]++;
    if (outcome == RETURNED && status == ASSAY_OK) {
        tally.n_accepted++;
        if (tally.n_accepted <= REPORTS) {
            report(s, k);
        }
    }
}

/* in: wanted, NULL for all, or those addresses. */
static void skip_range(const struct scenario *s, size_t from, size_t to,
                       const uint32_t wanted[2])
{
    enum { WINDOW = 1 << 16 };
    static struct cpu cpu[WINDOW];
    uint8_t cell[N_CELLS];
    size_t next = 0;
    memset(cell, RAM_FILL, sizeof cell);
    run.next = 0;
    for (; from < to; from += WINDOW) {
        size_t n = to - from < WINDOW ? to - from : WINDOW;
        reference_registers(&ref, from, n, cpu);
        for (size_t i = 0; i < n; i++) {
            uint32_t at = ref.address[from + i];
            if (wanted != NULL && (at < wanted[0] || at >= wanted[1])) {
                continue;
            }
            reference_cells(&ref, from + i, cell, &next);
            skip(s, from + i, cpu[i], cell);
        }
    }
}

/* --- The campaign --------------------------------------------------------- */

/* A faulted run of more blocks than this times those of the reference hangs. */
enum { PATIENCE = 16 };

/* The reference, and the same calls undisturbed on the other machine. */
static void prepare(const struct scenario *s)
{
    uint8_t cell[N_CELLS];
    load(&scout, s);
    memcpy(runner.flash, scout.flash, runner.code);
    for (size_t i = 0; i < n_steps; i++) {
        call[i].function = machine_function(&scout, step[i].function) & ~1u;
        memcpy(call[i].arg, step[i].arg, sizeof call[i].arg);
    }
    reference_record(&ref, call, n_steps, ASSAY_OK);
    memset(cell, RAM_FILL, sizeof cell);
    cells_set(&runner, cell);
    run.next = ref.n_passages;
    run.n_blocks = 0;
    run.blocks_max = UINT64_MAX;
    machine_prepare(&runner, call[0].function, call[0].arg);
    uint32_t status = ASSAY_FAILED;
    enum outcome outcome = go(call[0].function);
    if (outcome == RETURNED) {
        outcome = go_through(0, &status);
    }
    if (outcome != RETURNED || status != ref.status ||
        ref.status != (uint32_t)s->want) {
        fprintf(stderr, "faults: %s, %s: answers 0x%x and 0x%x\n",
                SUBJECT[s->subject], s->name, (unsigned)ref.status,
                (unsigned)status);
        exit(1);
    }
    run.blocks_max = PATIENCE * run.n_blocks + 100000;
}

static void print_tally(size_t number, size_t from, size_t to)
{
    const struct scenario *s = scenario(number);
    const uint64_t *n = tally.n_outcomes;
    printf("range %zu %zu %zu of %zu: %llu skips, %llu accepted, %llu refused, "
           "%llu crashed, %llu hung, %llu rejoined: %s, %s\n",
           number, from, to, ref.n_instructions,
           (unsigned long long)tally.n_skips,
           (unsigned long long)tally.n_accepted,
           (unsigned long long)(n[RETURNED] + n[REJOINED] - tally.n_accepted),
           (unsigned long long)n[CRASHED], (unsigned long long)n[HUNG],
           (unsigned long long)n[REJOINED], SUBJECT[s->subject], s->name);
    fflush(stdout);
}

static const char *kind_of(size_t number)
{
    static const char *const REPEATED[] = {
        "wrong key",        "two wrong keys",     "wrong Ed25519 key",
        "changed last bit", "Ed25519, changed S", "Ed25519, changed packet",
    };
    const struct scenario *s = scenario(number);
    if (number >= N_SCENARIOS + N_FORGED) {
        return "single";
    }
    if (s->want != ASSAY_SIGNATURE_INVALID && s->want != ASSAY_IMAGE_DIGEST) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof REPEATED / sizeof *REPEATED; i++) {
        if (s->subject == BOOT || strcmp(s->name, REPEATED[i]) == 0) {
            return "again";
        }
    }
    return "crypto";
}

/* Not in a packet that is accepted before something else is refused. */
static size_t first_to_skip(void)
{
    return ref.n_made > 1 && step[0].function == ASSAY_M4_verifier_packet
               ? ref.start[1]
               : 0;
}

static void list_one(size_t number)
{
    const struct scenario *s = scenario(number);
    const char *kind = kind_of(number);
    if (s->want == ASSAY_OK) {
        return;
    }
    prepare(s);
    if (number < N_SCENARIOS) {
        printf("decision %zu 0 %zu %s, %s\n", number, ref.n_instructions,
               SUBJECT[s->subject], s->name);
    }
    if (kind != NULL) {
        printf("%s %zu %zu %zu %s, %s\n", kind, number, first_to_skip(),
               ref.n_instructions, SUBJECT[s->subject], s->name);
    }
}

static void decision(size_t number)
{
    const uint32_t wanted[2] = {symbol_address("assay_m4_decision"),
                                symbol_address("assay_m4_decision_end")};
    prepare(scenario(number));
    skip_range(scenario(number), 0, ref.n_instructions, wanted);
    print_tally(number, 0, ref.n_instructions);
}

static void range(size_t number, size_t from, size_t to)
{
    prepare(scenario(number));
    to = to < ref.n_instructions ? to : ref.n_instructions;
    skip_range(scenario(number), from, to, NULL);
    print_tally(number, from, to);
}

static void open_machines(const char *path)
{
    open_machine(&scout, MACHINE_DEVICE, path);
    open_machine(&runner, MACHINE_DEVICE, path);
    if (uc_context_alloc(runner.uc, &pristine) != UC_ERR_OK ||
        uc_context_save(runner.uc, pristine) != UC_ERR_OK) {
        fail("unicorn", "no context");
    }
    reference_open(&ref, &scout);
    (void)machine_hook(&runner, UC_HOOK_BLOCK, (void (*)(void))on_block, NULL,
                       MACHINE_EVERYWHERE);
    (void)machine_hook(&runner, UC_HOOK_INTR, (void (*)(void))on_exception,
                       NULL, MACHINE_EVERYWHERE);
}

/* ret: the number, or a failure when it is none below end. */
static size_t number_of(const char *text, size_t end)
{
    char *behind;
    unsigned long long n = strtoull(text, &behind, 10);
    if (behind == text || *behind != '\0' || n >= end) {
        fail(text, "is no number, or too large");
    }
    return (size_t)n;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fail("usage", "faults CODE SYMBOLS list | run NUMBER FROM TO | "
                      "decision NUMBER");
    }
    open_machines(argv[1]);
    read_symbols(argv[2]);
    if (strcmp(argv[3], "list") == 0 && argc == 4) {
        for (size_t i = 0; i < N_ALL; i++) {
            list_one(i);
        }
    } else if (strcmp(argv[3], "decision") == 0 && argc == 5) {
        decision(number_of(argv[4], N_ALL));
    } else if (strcmp(argv[3], "run") == 0 && argc == 7) {
        range(number_of(argv[4], N_ALL), number_of(argv[5], SIZE_MAX),
              number_of(argv[6], SIZE_MAX));
    } else {
        fail("usage", "unknown command");
    }
    machine_close(&scout);
    machine_close(&runner);
    return 0;
}
