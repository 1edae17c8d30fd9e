/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/ed25519.h"
#include "crypto/p256.h"
#include "crypto/sha256.h"
#include "tests/m4/scenarios.h"
#include "tests/m4/symbols.h"

/*
 * Single-instruction skip over the machine code of the verifier.
 *
 * Each scenario is an update, or a start, that must be refused. Its calls run
 * once undisturbed; then again for each instruction that they executed, which
 * is left out this one time. An outcome in which every call answers ASSAY_OK
 * is a bypass.
 *
 * An instruction is left out by going on behind it. Inside an IT block, where
 * the machine cannot be stopped, it is a NOP of the same width for the time
 * of the block.
 *
 * Faults are placed in the code that decides (initpkt, verifier). What it
 * calls of crypto runs in the host's compilation of the same sources, and the
 * registers and the stack below are left as the machine code left them in the
 * undisturbed run, where both are compared. tests/m4/faults.c replaces nothing,
 * and takes longer.
 *
 * usage: skip CODE SYMBOLS [--part N OF] [--only NAME] [--verbose]
 */

static struct machine machine;

/* --- Running -------------------------------------------------------------- */

enum stop { STOP_NONE, STOP_AT, STOP_CRYPTO, STOP_LIMIT, STOP_EXCEPTION };

static uint32_t decision;
static uint32_t decision_end;

static struct {
    enum stop stop;
    uint64_t n_executed; /* of the code that decides */
    uint64_t stop_at;    /* stop in front of this one */
    uint32_t block[2];   /* stop outside of these addresses; 0: do not */
    uint64_t n_blocks;
    uint64_t blocks_max;
    int replace; /* crypto by the host's */
    int record;
} run;

#define NEVER UINT64_MAX

static struct {
    uint32_t address;
    uint8_t len;
    uint8_t in_it; /* stands inside an IT block ... */
    uint8_t back;  /* ... that began so many instructions before */
    uint32_t end;  /* address behind the block */
} * trace;
static size_t n_trace;
static size_t trace_room;

static uint32_t half_word(uint32_t address)
{
    return assay_load_le16(machine.flash + address);
}

static uint32_t width(uint32_t address)
{
    return half_word(address) >> 11 >= 0x1D ? 4 : 2;
}

static void stop(enum stop why)
{
    run.stop = why;
    (void)uc_emu_stop(machine.uc);
}

static void add_trace(uint32_t address)
{
    static uint32_t it_end;
    static uint32_t it_start;
    if (n_trace == trace_room) {
        trace_room = 2 * trace_room + 4096;
        trace = realloc(trace, trace_room * sizeof *trace);
        if (trace == NULL) {
            fail("trace", "out of memory");
        }
    }
    trace[n_trace].address = address;
    trace[n_trace].len = (uint8_t)width(address);
    trace[n_trace].in_it = 0;
    if (it_end != 0 && address > it_start && address < it_end) {
        trace[n_trace].in_it = 1;
        trace[n_trace].end = it_end;
        trace[n_trace].back =
            (uint8_t)(n_trace != 0 ? trace[n_trace - 1].back + 1 : 0);
    } else {
        uint32_t op = half_word(address);
        trace[n_trace].back = 0;
        it_end = 0;
        if (op >> 8 == 0xBF && (op & 15) != 0) {
            uint32_t end = address + 2;
            for (uint32_t n = 4 - (uint32_t)__builtin_ctz(op & 15); n != 0;
                 n--) {
                end += width(end);
            }
            it_start = address;
            it_end = end;
        }
    }
    n_trace++;
}

static void on_code(uc_engine *uc, uint64_t address, uint32_t len, void *ctx)
{
    uint32_t at = (uint32_t)address;
    (void)uc;
    (void)len;
    (void)ctx;
    if (run.block[1] != 0 && (at < run.block[0] || at >= run.block[1])) {
        stop(STOP_AT);
        return;
    }
    if (run.n_executed == run.stop_at) {
        stop(STOP_AT);
        return;
    }
    if (run.record) {
        add_trace(at);
    }
    run.n_executed++;
}

static void on_block(uc_engine *uc, uint64_t address, uint32_t len, void *ctx)
{
    (void)uc;
    (void)address;
    (void)len;
    (void)ctx;
    if (++run.n_blocks > run.blocks_max) {
        stop(STOP_LIMIT);
    }
}

static void on_exception(uc_engine *uc, uint32_t number, void *ctx)
{
    (void)uc;
    (void)number;
    (void)ctx;
    stop(STOP_EXCEPTION);
}

static void on_crypto(uc_engine *uc, uint64_t address, uint32_t len, void *ctx)
{
    (void)uc;
    (void)address;
    (void)len;
    (void)ctx;
    if (run.replace) {
        stop(STOP_CRYPTO);
    }
}

static uint32_t get(int reg)
{
    uint32_t value = 0;
    (void)uc_reg_read(machine.uc, reg, &value);
    return value;
}

static void set(int reg, uint32_t value)
{
    (void)uc_reg_write(machine.uc, reg, &value);
}

/* --- Crypto of the host --------------------------------------------------- */

/* The bytes at an address of the machine, or NULL. */
static uint8_t *memory(uint32_t address, size_t len, int writable)
{
    if (!writable && address < MACHINE_FLASH_LEN &&
        len <= MACHINE_FLASH_LEN - address) {
        return machine.flash + address;
    }
    if (address >= MACHINE_RAM && address - MACHINE_RAM < MACHINE_RAM_LEN &&
        len <= MACHINE_RAM_LEN - (address - MACHINE_RAM)) {
        return machine.ram + (address - MACHINE_RAM);
    }
    return NULL;
}

_Static_assert(sizeof(struct assay_sha256) == ASSAY_M4_IMAGE_DIGEST,
               "the host's struct assay_sha256 is the machine's");

/* ret: 0 when an address is outside of the memory. */
static int host_sha256(enum assay_m4_function function, const uint32_t r[4])
{
    struct assay_sha256 sha;
    uint8_t *ctx = memory(r[0], sizeof sha, 1);
    uint8_t *out = NULL;
    if (ctx == NULL) {
        return 0;
    }
    memcpy(&sha, ctx, sizeof sha);
    if (function == ASSAY_M4_sha256_init) {
        assay_sha256_init(&sha);
    } else if (function == ASSAY_M4_sha256_update) {
        const uint8_t *data = memory(r[1], r[2], 0);
        if (data == NULL && r[2] != 0) {
            return 0;
        }
        assay_sha256_update(&sha, assay_slice(data, r[2]));
    } else {
        out = memory(r[1], ASSAY_SHA256_LEN, 1);
        if (out == NULL) {
            return 0;
        }
        uint8_t digest[ASSAY_SHA256_LEN];
        assay_sha256_final(&sha, digest);
        memcpy(ctx, &sha, sizeof sha);
        memcpy(out, digest, sizeof digest);
        return 1;
    }
    memcpy(ctx, &sha, sizeof sha);
    return 1;
}

/* The last answers; most faults do not change the question. */
struct answer {
    uint8_t question[64 + 32 + 64];
    uint32_t status;
};

static uint32_t host_p256(const uint8_t *pub, const uint8_t *digest,
                          const uint8_t *sig)
{
    static struct answer known[16];
    static size_t next;
    uint8_t question[64 + 32 + 64];
    memcpy(question, pub, 64);
    memcpy(question + 64, digest, 32);
    memcpy(question + 96, sig, 64);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].status != 0 &&
            memcmp(known[i].question, question, sizeof question) == 0) {
            return known[i].status;
        }
    }
    struct answer *new = &known[next];
    next = (next + 1) % (sizeof known / sizeof *known);
    memcpy(new->question, question, sizeof question);
    new->status = assay_p256_verify(pub, digest, sig);
    return new->status;
}

/* ret: 0 when an address is outside of the memory. */
static int host_verify(enum assay_m4_function function, const uint32_t r[4],
                       uint32_t *status)
{
    const uint8_t *pub = memory(r[0], 64, 0);
    if (pub == NULL) {
        return 0;
    }
    if (function == ASSAY_M4_p256_key_check) {
        *status = assay_p256_key_check(pub);
        return 1;
    }
    if (function == ASSAY_M4_ed25519_key_check) {
        *status = assay_ed25519_key_check(pub);
        return 1;
    }
    if (function == ASSAY_M4_p256_verify) {
        const uint8_t *digest = memory(r[1], 32, 0);
        const uint8_t *sig = memory(r[2], 64, 0);
        if (digest == NULL || sig == NULL) {
            return 0;
        }
        *status = host_p256(pub, digest, sig);
        return 1;
    }
    const uint8_t *msg = memory(r[1], r[2], 0);
    const uint8_t *sig = memory(r[3], 64, 0);
    if (msg == NULL || sig == NULL) {
        return 0;
    }
    *status = assay_ed25519_verify(pub, assay_slice(msg, r[2]), sig);
    return 1;
}

static const enum assay_m4_function REPLACED[] = {
    ASSAY_M4_sha256_init,      ASSAY_M4_sha256_update,  ASSAY_M4_sha256_final,
    ASSAY_M4_p256_verify,      ASSAY_M4_p256_key_check, ASSAY_M4_ed25519_verify,
    ASSAY_M4_ed25519_key_check};

enum { N_REPLACED = sizeof REPLACED / sizeof *REPLACED };

/* What a call leaves behind: r1, r2, r3, r12, the flags, and below the stack.*/
static const int LEFT[] = {UC_ARM_REG_R0, UC_ARM_REG_R1,  UC_ARM_REG_R2,
                           UC_ARM_REG_R3, UC_ARM_REG_R12, UC_ARM_REG_XPSR};

enum { N_LEFT = 6, N_RESIDUES = 64, RESIDUE_LEN = 2560 };

struct residue {
    uint32_t reg[N_LEFT];
    uint8_t stack[RESIDUE_LEN];
};

static struct residue residue[N_RESIDUES];
static size_t n_calls; /* of crypto in this run of the step */

static uint8_t *below_stack(void)
{
    return memory(get(UC_ARM_REG_SP) - RESIDUE_LEN, RESIDUE_LEN, 1);
}

static enum assay_m4_function crypto_at(uint32_t address)
{
    for (size_t i = 0; i < N_REPLACED; i++) {
        if ((machine_function(&machine, REPLACED[i]) & ~1u) == address) {
            return REPLACED[i];
        }
    }
    fail("crypto", "an unknown entry");
    return ASSAY_M4_N_FUNCTIONS;
}

/* Compute on the host. ret: 0 when an address is outside of the memory. */
static int host_crypto(uint32_t *result)
{
    enum assay_m4_function f = crypto_at(get(UC_ARM_REG_PC));
    const uint32_t r[4] = {get(UC_ARM_REG_R0), get(UC_ARM_REG_R1),
                           get(UC_ARM_REG_R2), get(UC_ARM_REG_R3)};
    *result = 0;
    if (f == ASSAY_M4_sha256_init || f == ASSAY_M4_sha256_update ||
        f == ASSAY_M4_sha256_final) {
        return host_sha256(f, r);
    }
    return host_verify(f, r, result);
}

static int has_result(enum assay_m4_function f)
{
    return f != ASSAY_M4_sha256_init && f != ASSAY_M4_sha256_update &&
           f != ASSAY_M4_sha256_final;
}

/* Stand at the entry of a crypto function; ret: 0 for a crash. */
static int replace_call(void)
{
    uint32_t result;
    enum assay_m4_function f = crypto_at(get(UC_ARM_REG_PC));
    uint32_t back = get(UC_ARM_REG_LR);
    if (!host_crypto(&result)) {
        return 0;
    }
    const struct residue *left =
        &residue[n_calls < N_RESIDUES ? n_calls : N_RESIDUES - 1];
    uint8_t *stack = below_stack();
    n_calls++;
    for (size_t i = 0; i < N_LEFT; i++) {
        set(LEFT[i], left->reg[i]);
    }
    if (has_result(f)) {
        set(UC_ARM_REG_R0, result);
    }
    if (stack != NULL) {
        memcpy(stack, left->stack, RESIDUE_LEN);
    }
    set(UC_ARM_REG_PC, back);
    return 1;
}

/* The same in the undisturbed run: the machine computes, the host compares. */
static void record_call(void)
{
    uint32_t result;
    enum assay_m4_function f = crypto_at(get(UC_ARM_REG_PC));
    uint32_t pc = get(UC_ARM_REG_PC);
    uint32_t back = get(UC_ARM_REG_LR);
    uint32_t ctx = get(UC_ARM_REG_R0);
    uint8_t after[ASSAY_M4_IMAGE_DIGEST];
    uint8_t before[ASSAY_M4_IMAGE_DIGEST];
    if (n_calls >= N_RESIDUES) {
        fail("crypto", "more calls than expected");
    }
    if (!has_result(f)) {
        memcpy(before, memory(ctx, sizeof before, 1), sizeof before);
    }
    if (!host_crypto(&result)) {
        fail("crypto", "an address outside of the memory");
    }
    if (!has_result(f)) {
        memcpy(after, memory(ctx, sizeof after, 1), sizeof after);
        memcpy(memory(ctx, sizeof before, 1), before, sizeof before);
    }
    run.replace = 0;
    run.stop_at = run.n_executed;
    run.stop = STOP_NONE;
    (void)uc_emu_start(machine.uc, pc | 1, MACHINE_RETURN, 0, 0);
    if (run.stop != STOP_AT || (get(UC_ARM_REG_PC) & ~1u) != (back & ~1u)) {
        fail("crypto", "does not come back");
    }
    run.stop_at = NEVER;
    run.replace = 1;
    if (has_result(f) ? get(UC_ARM_REG_R0) != result
                      : memcmp(after, memory(ctx, sizeof after, 1),
                               f == ASSAY_M4_sha256_final ? 32 : 40) != 0) {
        fail("crypto", "machine code and host disagree");
    }
    struct residue *left = &residue[n_calls];
    n_calls++;
    for (size_t i = 0; i < N_LEFT; i++) {
        left->reg[i] = get(LEFT[i]);
    }
    memcpy(left->stack, below_stack(), RESIDUE_LEN);
}

/* --- Snapshots ------------------------------------------------------------ */

/*
 * Of RAM, what the undisturbed run uses: outputs and stack. What a fault
 * wrote elsewhere stays until the next scenario.
 */
#define SAVED_OUT 0x1000u
#define SAVED_STACK 0x2000u
#define STACK_OFF (MACHINE_STACK_TOP - MACHINE_RAM - SAVED_STACK)

struct snapshot {
    uc_context *context;
    uint8_t out[SAVED_OUT];
    uint8_t stack[SAVED_STACK];
    uint64_t n_executed;
    size_t n_calls;
};

static void take(struct snapshot *s)
{
    if (s->context == NULL) {
        (void)uc_context_alloc(machine.uc, &s->context);
    }
    (void)uc_context_save(machine.uc, s->context);
    memcpy(s->out, machine.ram, SAVED_OUT);
    memcpy(s->stack, machine.ram + STACK_OFF, SAVED_STACK);
    s->n_executed = run.n_executed;
    s->n_calls = n_calls;
}

static void restore(const struct snapshot *s)
{
    (void)uc_context_restore(machine.uc, s->context);
    memcpy(machine.ram, s->out, SAVED_OUT);
    memcpy(machine.ram + STACK_OFF, s->stack, SAVED_STACK);
    run.n_executed = s->n_executed;
    n_calls = s->n_calls;
}

/* --- One call ------------------------------------------------------------- */

enum outcome { RETURNED, STOPPED, CRASHED, HUNG };

/* Go on from the program counter until the call returns or is stopped. */
static enum outcome go(void)
{
    for (;;) {
        uint32_t pc = get(UC_ARM_REG_PC) & ~1u;
        if (pc == MACHINE_RETURN) {
            return RETURNED;
        }
        run.stop = STOP_NONE;
        uc_err e = uc_emu_start(machine.uc, pc | 1, MACHINE_RETURN, 0, 0);
        switch (run.stop) {
        case STOP_AT:
            return STOPPED;
        case STOP_LIMIT:
            return HUNG;
        case STOP_EXCEPTION:
            return CRASHED;
        case STOP_CRYPTO:
            if (run.record) {
                record_call();
            } else if (!replace_call()) {
                return CRASHED;
            }
            break;
        default:
            if (e != UC_ERR_OK ||
                (get(UC_ARM_REG_PC) & ~1u) != MACHINE_RETURN) {
                return CRASHED;
            }
            break;
        }
    }
}

static void begin(size_t i)
{
    machine_prepare(&machine, machine_function(&machine, step[i].function),
                    step[i].arg);
    run.n_executed = 0;
    run.stop_at = NEVER;
    run.block[1] = 0;
    run.n_blocks = 0;
    n_calls = 0;
}

/* The calls behind a faulted one that was accepted. ret: all accepted. */
static int finish_steps(size_t from)
{
    for (size_t i = from; i < n_steps; i++) {
        begin(i);
        if (go() != RETURNED || get(UC_ARM_REG_R0) != ASSAY_OK) {
            return 0;
        }
    }
    return 1;
}

/* --- Faults --------------------------------------------------------------- */

static uint64_t n_faults;
static uint64_t n_outcomes[4];
static uint64_t n_bypasses;
static int verbose;

static void patch(uint32_t address, const uint8_t *bytes, size_t len)
{
    memcpy(machine.flash + address, bytes, len);
    (void)uc_ctl_remove_cache(machine.uc, (uint64_t)address,
                              (uint64_t)address + len);
}

/* in: the machine stands in front of the instruction, or of its IT block. */
static enum outcome skip(size_t k)
{
    static const uint8_t NOP[2][4] = {{0x00, 0xBF}, {0xAF, 0xF3, 0x00, 0x80}};
    uint32_t address = trace[k].address;
    uint32_t len = trace[k].len;
    run.stop_at = NEVER;
    run.n_blocks = 0;
    if (!trace[k].in_it) {
        set(UC_ARM_REG_PC, (address + len) | 1);
        return go();
    }
    uint8_t saved[4];
    memcpy(saved, machine.flash + address, len);
    patch(address, NOP[len / 4], len);
    run.block[0] = trace[k - trace[k].back].address;
    run.block[1] = trace[k].end;
    enum outcome outcome = go();
    run.block[1] = 0;
    patch(address, saved, len);
    return outcome == STOPPED ? go() : outcome;
}

static void judge(const struct scenario *s, size_t i, size_t k,
                  enum outcome outcome)
{
    n_faults++;
    n_outcomes[outcome]++;
    if (outcome != RETURNED || get(UC_ARM_REG_R0) != ASSAY_OK) {
        return;
    }
    if (!finish_steps(i + 1)) {
        return;
    }
    n_bypasses++;
    if (verbose || n_bypasses <= 20) {
        const struct symbol *at = symbol_at(trace[k].address);
        printf("skip: BYPASS: %s, %s: call %zu, instruction %zu, %s+0x%x\n",
               SUBJECT[s->subject], s->name, i + 1, k, at->name,
               (unsigned)(trace[k].address - at->address));
    }
}

/* Advance the undisturbed run to the instruction k. */
static void walk_to(const struct snapshot *from, size_t k)
{
    restore(from);
    run.stop_at = k;
    run.n_blocks = 0;
    if (go() != STOPPED) {
        fail("walk", "the undisturbed run is not repeatable");
    }
}

/* Skip every instruction of call i, for which start is taken. */
static void skip_each(const struct scenario *s, size_t i,
                      const struct snapshot *start)
{
    static struct snapshot here;
    restore(start);
    take(&here);
    size_t stands = 0;
    for (size_t k = 0; k < n_trace; k++) {
        size_t front = k - trace[k].back;
        if (front != stands) {
            walk_to(&here, front);
            take(&here);
            stands = front;
        }
        judge(s, i, k, skip(k));
        restore(&here);
    }
}

/* --- The campaign --------------------------------------------------------- */

static void clear_ram(void)
{
    memset(machine.ram, 0xA5, MACHINE_RAM_LEN);
}

/*
 * Call i undisturbed: the trace, and what crypto leaves behind.
 * ret: its answer.
 */
static uint32_t record_step(size_t i, const struct snapshot *start)
{
    restore(start);
    begin(i);
    n_trace = 0;
    run.record = 1;
    run.replace = 1;
    enum outcome outcome = go();
    run.record = 0;
    if (outcome != RETURNED) {
        fail("the undisturbed run", "does not return");
    }
    return get(UC_ARM_REG_R0);
}

static uint64_t run_scenario(const struct scenario *s)
{
    static struct snapshot start;
    static struct snapshot end;
    uint64_t n_all = 0;
    uint32_t answer = ASSAY_OK;
    load(&machine, s);
    clear_ram();
    for (size_t i = 0; i < n_steps && answer == ASSAY_OK; i++) {
        begin(i);
        take(&start);
        answer = record_step(i, &start);
        take(&end);
        n_all += n_trace;
        /* Only a check that refuses can be skipped. */
        if (s->want != ASSAY_OK) {
            skip_each(s, i, &start);
        }
        restore(&end);
    }
    if (answer != s->want) {
        fprintf(stderr, "skip: %s, %s: answers 0x%x\n", SUBJECT[s->subject],
                s->name, (unsigned)answer);
        exit(1);
    }
    return n_all;
}

static void add_hooks(void)
{
    const uint32_t range[2] = {decision, decision_end - 1};
    (void)machine_hook(&machine, UC_HOOK_CODE, (void (*)(void))on_code, NULL,
                       range);
    (void)machine_hook(&machine, UC_HOOK_BLOCK, (void (*)(void))on_block, NULL,
                       MACHINE_EVERYWHERE);
    (void)machine_hook(&machine, UC_HOOK_INTR, (void (*)(void))on_exception,
                       NULL, MACHINE_EVERYWHERE);
    for (size_t i = 0; i < N_REPLACED; i++) {
        uint32_t entry = machine_function(&machine, REPLACED[i]) & ~1u;
        const uint32_t one[2] = {entry, entry};
        (void)machine_hook(&machine, UC_HOOK_CODE, (void (*)(void))on_crypto,
                           NULL, one);
    }
}

struct options {
    unsigned part;
    unsigned parts;
    const char *only;
};

static struct options read_options(int argc, char **argv)
{
    struct options o = {.parts = 1};
    if (argc < 3) {
        fail("usage", "skip CODE SYMBOLS [--part N OF] [--only NAME] "
                      "[--verbose]");
    }
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "--verbose") == 0) {
            verbose = 1;
        } else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
            o.only = argv[++i];
        } else if (strcmp(argv[i], "--part") == 0 && i + 2 < argc) {
            o.part = (unsigned)strtoul(argv[++i], NULL, 10);
            o.parts = (unsigned)strtoul(argv[++i], NULL, 10);
        } else {
            fail("unknown option", argv[i]);
        }
    }
    return o;
}

static void campaign(const struct scenario *s)
{
    uint64_t bypasses = n_bypasses;
    uint64_t faults = n_faults;
    uint64_t n = run_scenario(s);
    if (verbose) {
        printf("%-8s %-26s %8llu instructions, %6llu skips, %llu bypasses\n",
               SUBJECT[s->subject], s->name, (unsigned long long)n,
               (unsigned long long)(n_faults - faults),
               (unsigned long long)(n_bypasses - bypasses));
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    struct options o = read_options(argc, argv);
    open_machine(&machine, MACHINE_DEVICE, argv[1]);
    read_symbols(argv[2]);
    decision = symbol_address("assay_m4_decision");
    decision_end = symbol_address("assay_m4_decision_end");
    run.blocks_max = 4000000;
    add_hooks();
    unsigned n_scenarios = 0;
    for (unsigned i = 0; i < N_SCENARIOS; i++) {
        if (i % o.parts == o.part &&
            (o.only == NULL || strstr(SCENARIO[i].name, o.only) != NULL)) {
            campaign(&SCENARIO[i]);
            n_scenarios += SCENARIO[i].want != ASSAY_OK;
        }
    }
    printf("%u scenarios, %llu skips: %llu bypasses, %llu crashes, %llu "
           "without end\n",
           n_scenarios, (unsigned long long)n_faults,
           (unsigned long long)n_bypasses,
           (unsigned long long)n_outcomes[CRASHED],
           (unsigned long long)n_outcomes[HUNG]);
    machine_close(&machine);
    return n_bypasses != 0;
}
