/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/m4/aimed.h"
#include "tests/m4/blind.h"
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
 *            aimed: a forgery made for a certain fault (aimed.py)
 *            blind: not one packet but pairs (blind.h); the number is theirs
 *            again: the same crypto as in others of that kind
 *            single: no forgery; one check of the crypto alone refuses it
 *        faults CODE SYMBOLS run NUMBER FROM TO
 *            skip each of the instructions FROM .. TO - 1
 *        faults CODE SYMBOLS within NUMBER FUNCTION
 *            skip each instruction of one function
 *        faults CODE SYMBOLS blind NUMBER FROM TO
 *            the same with a pair: which skips make the verifier blind
 *        faults CODE SYMBOLS decision NUMBER
 *            skip each instruction outside of the crypto
 */

enum { N_UNAIMED = N_SCENARIOS + N_NEAR, N_ALL = N_UNAIMED + N_AIMED };

/* The next one that is asked for takes its place when it is aimed. */
static const struct scenario *scenario(size_t number)
{
    static struct scenario aimed = {PACKET, "", ASSAY_SIGNATURE_INVALID, NULL};
    if (number < N_UNAIMED) {
        return number < N_SCENARIOS ? &SCENARIO[number]
                                    : &NEAR[number - N_SCENARIOS];
    }
    const struct aimed *a = &AIMED[number - N_UNAIMED];
    aimed.name = a->name;
    aimed.spoil = a->is_ed25519 ? given_ed25519 : given;
    hex_bytes(given_signature, a->hex);
    return &aimed;
}

/* The forgeries are for the packet that there is. */
static void check_aim(void)
{
    struct world w = good_world();
    struct pb body = {.len = 0};
    uint8_t digest[32];
    uint8_t want[32];
    pb_init(&body, &w.init);
    (void)SHA256(body.b, body.len, digest);
    hex_bytes(want, AIMED_AT);
    if (memcmp(digest, want, sizeof digest) != 0) {
        fail("aimed.h", "is for another packet; run make aimed");
    }
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

/* The sum of the signature, as the verifier leaves it. */
static struct {
    uint32_t at; /* where the verifier returns to; 0: nowhere */
    uint32_t x;
    uint32_t z;
    struct sum sum;
} sight;

static void see(void)
{
    (void)uc_mem_read(runner.uc, sight.x, sight.sum.x, 32);
    (void)uc_mem_read(runner.uc, sight.z, sight.sum.z, 32);
    sight.sum.is_seen = 1;
}

static void on_block(uc_engine *uc, uint64_t address, uint32_t len, void *ctx)
{
    (void)uc;
    (void)len;
    (void)ctx;
    if (address == sight.at) {
        see();
    }
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

/* cpu = what is behind instruction k, with nothing done. */
static void leave_out(size_t k, struct cpu *cpu)
{
    uint32_t it = reference_it_behind(&ref, k);
    cpu->reg[CPU_PC] += instruction_len(&runner, cpu->reg[CPU_PC]);
    cpu->reg[CPU_FLAGS] |= (it & 3) << 25 | (it & 0xFC) << 8;
}

/* in: cpu, cell: in front of instruction k. */
static void skip(const struct scenario *s, size_t k, struct cpu cpu,
                 const uint8_t cell[static N_CELLS])
{
    uint32_t status = ASSAY_FAILED;
    leave_out(k, &cpu);
    cells_set(&runner, cell);
    (void)uc_context_restore(runner.uc, pristine);
    cpu_set(runner.uc, &cpu);
    sight.sum.is_seen = 0;
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

/*
 * in: wanted, NULL for all, or those addresses; sums, NULL or room for those
 *     that are seen, where is_seen says whether the skip is made at all
 */
static void skip_range(const struct scenario *s, size_t from, size_t to,
                       const uint32_t wanted[2], struct sum *sums)
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
            if ((wanted != NULL && (at < wanted[0] || at >= wanted[1])) ||
                (sums != NULL && !sums[i].is_seen)) {
                continue;
            }
            reference_cells(&ref, from + i, cell, &next);
            skip(s, from + i, cpu[i], cell);
            if (sums != NULL) {
                sums[i] = sight.sum;
            }
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

static void print_tally(const struct scenario *s, size_t number, size_t from,
                        size_t to)
{
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
    if (number >= N_UNAIMED) {
        return "aimed";
    }
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

static void list_blind(size_t number)
{
    const struct scenario *s = &BLIND[number].one;
    prepare(s);
    printf("blind %zu %zu %zu %s, %s\n", number, first_to_skip(),
           ref.n_instructions, SUBJECT[s->subject], s->name);
}

/* in: wanted: the first address to skip, and the one behind the last. */
static void places(size_t number, const uint32_t wanted[2])
{
    prepare(scenario(number));
    skip_range(scenario(number), 0, ref.n_instructions, wanted, NULL);
    print_tally(scenario(number), number, 0, ref.n_instructions);
}

static void decision(size_t number)
{
    const uint32_t wanted[2] = {symbol_address("assay_m4_decision"),
                                symbol_address("assay_m4_decision_end")};
    places(number, wanted);
}

static void within(size_t number, const char *function)
{
    uint32_t wanted[2] = {symbol_address(function), 0};
    for (size_t i = n_symbols; i-- > 0;) {
        if (symbol[i].address > wanted[0]) {
            wanted[1] = symbol[i].address;
        }
    }
    places(number, wanted);
}

static void range(size_t number, size_t from, size_t to)
{
    prepare(scenario(number));
    to = to < ref.n_instructions ? to : ref.n_instructions;
    skip_range(scenario(number), from, to, NULL, NULL);
    print_tally(scenario(number), number, from, to);
}

/* --- Blindness ------------------------------------------------------------ */

/* The first execution of a function in the reference. */
static struct cpu entry_of(const char *name)
{
    struct cpu cpu;
    uint32_t at = symbol_address(name);
    size_t i = 0;
    while (i < ref.n_instructions && ref.address[i] != at) {
        i++;
    }
    if (i == ref.n_instructions) {
        fail(name, "is not executed");
    }
    reference_registers(&ref, i, 1, &cpu);
    return cpu;
}

/* Where the sum is to be seen. ret: its form. */
static enum sum_form look(enum blind_way way)
{
    int ed25519 = way == SAME_BIG_S;
    int small = !ed25519 && has_symbol("assay_p256_small_run");
    struct cpu verify =
        entry_of(ed25519 ? "assay_ed25519_verify" : "assay_p256_verify");
    struct cpu sum = entry_of(ed25519 ? "assay_ed25519_sum"
                              : small ? "assay_p256_small_run"
                                      : "assay_p256_sum");
    sight.at = verify.reg[CPU_LR] & ~1u;
    sight.x = sum.reg[0];
    sight.z = sum.reg[0] + 64;
    return ed25519 ? ENCODED : small ? HOMOGENEOUS : JACOBIAN;
}

/* ret: whether the signature made is accepted without instruction k. */
static int attempt(const struct blind *b, size_t k)
{
    uint64_t before = tally.n_accepted;
    struct sum sum = {.is_seen = 1};
    prepare(&b->given);
    skip_range(&b->given, k, k + 1, NULL, &sum);
    return tally.n_accepted > before;
}

enum { ATTEMPTS = 40 };

static int solved(const struct blind *b, size_t k, enum sum_form form,
                  const struct sum *seen)
{
    struct sum sum = *seen;
    for (uint32_t i = 0; i < ATTEMPTS; i++) {
        if (sum.is_seen) {
            blind_forge(&sum, b->way);
            if (attempt(b, k)) {
                return 1;
            }
        }
        blind_vary(b->way, i + 1);
        (void)attempt(b, k);
        sum = sight.sum;
        sum_normalise(&sum, form);
    }
    return 0;
}

static void signature_of(const struct scenario *s)
{
    struct world w = good_world();
    struct pb body = {.len = 0};
    struct pb_signature signature;
    uint8_t key[64];
    s->spoil(&w);
    pb_init(&body, &w.init);
    w.craft(&body, &signature, key);
    memcpy(given_signature, signature.bytes, 64);
}

/* The sums that are seen in a pair; those that differ are struck out. */
static void see_both(const struct blind *b, size_t from, size_t to,
                     struct sum *one)
{
    size_t n = to - from;
    enum sum_form form = look(b->way);
    struct sum *other = calloc(n + 1, sizeof *other);
    if (other == NULL) {
        fail("blind", "out of memory");
    }
    skip_range(&b->one, from, to, NULL, one);
    struct tally first = tally;
    memcpy(other, one, n * sizeof *one);
    prepare(&b->other);
    skip_range(&b->other, from, to, NULL, other);
    for (size_t i = 0; i < n; i++) {
        sum_normalise(&one[i], form);
        sum_normalise(&other[i], form);
        one[i].is_seen = one[i].is_seen && other[i].is_seen &&
                         memcmp(one[i].x, other[i].x, sizeof one[i].x) == 0;
    }
    tally = first;
    free(other);
}

/*
 * The tally is that of the one signature, but for what is accepted: the skips
 * for which a signature could be made.
 */
static void blind_range(size_t number, size_t from, size_t to)
{
    const struct blind *b = &BLIND[number];
    prepare(&b->one);
    to = to < ref.n_instructions ? to : ref.n_instructions;
    from = from < to ? from : to;
    struct sum *sum = calloc(to - from + 1, sizeof *sum);
    if (sum == NULL) {
        fail("blind", "out of memory");
    }
    for (size_t i = 0; i < to - from; i++) {
        sum[i].is_seen = 1;
    }
    see_both(b, from, to, sum);
    struct tally first = tally;
    for (size_t i = 0; i < to - from; i++) {
        if (!sum[i].is_seen) {
            continue;
        }
        signature_of(&b->one);
        const struct symbol *at = symbol_at(ref.address[from + i]);
        unsigned off = (unsigned)(ref.address[from + i] - at->address);
        tally.n_accepted = REPORTS; /* no report of an attempt */
        int accepted = solved(b, from + i, look(b->way), &sum[i]);
        first.n_accepted += (uint64_t)accepted;
        printf("%s: %s: instruction %zu, %s+0x%x\n",
               accepted ? "BYPASS" : "blind", b->one.name, from + i, at->name,
               off);
    }
    tally = first;
    print_tally(&b->one, number, from, to);
    free(sum);
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
                      "within NUMBER FUNCTION | blind NUMBER FROM TO | "
                      "decision NUMBER");
    }
    check_aim();
    open_machines(argv[1]);
    read_symbols(argv[2]);
    if (strcmp(argv[3], "list") == 0 && argc == 4) {
        for (size_t i = 0; i < N_ALL; i++) {
            list_one(i);
        }
        for (size_t i = 0; i < N_BLIND; i++) {
            list_blind(i);
        }
    } else if (strcmp(argv[3], "decision") == 0 && argc == 5) {
        decision(number_of(argv[4], N_ALL));
    } else if (strcmp(argv[3], "within") == 0 && argc == 6) {
        within(number_of(argv[4], N_ALL), argv[5]);
    } else if (strcmp(argv[3], "blind") == 0 && argc == 7) {
        blind_range(number_of(argv[4], N_BLIND), number_of(argv[5], SIZE_MAX),
                    number_of(argv[6], SIZE_MAX));
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
