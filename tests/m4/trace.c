/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/m4/fixture.h"
#include "tests/vectors.h"

/*
 * Uniform execution, on the machine code that ships: for all inputs of one
 * form, valid, invalid and hostile, a function executes the same instructions
 * in the same order and accesses the same addresses. What the host's
 * compilers make of the sources is the business of tests/uniform.c; this
 * finds what the ARM compiler does, down to an instruction that is executed
 * conditionally. No executed instruction may be a division, whose time
 * depends on its operands, or an unaligned access to more than one word,
 * which a Cortex-M4 refuses and the emulator does not.
 *
 * usage: trace CODE [--only FUNCTION] [--part N OF] [--verbose]
 */

static struct machine machine;
static int verbose;
static const char *only;
static unsigned part;
static unsigned parts = 1;
static unsigned n_groups_seen;

/* --- The trace of one call ------------------------------------------------ */

struct trace {
    uint64_t code;
    uint64_t memory;
    uint64_t n_instructions;
    uint32_t stack; /* the lowest address written there */
};

static struct trace now;
static uint32_t current; /* instruction */
static uint8_t executed[MACHINE_FLASH_LEN / 2];
static uint32_t *record; /* the addresses executed, for the message */
static size_t record_room;

static uint64_t mix(uint64_t sum, uint64_t value)
{
    sum = (sum ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return sum ^ sum >> 29;
}

static void on_code(uc_engine *uc, uint64_t address, uint32_t len, void *ctx)
{
    (void)uc;
    (void)len;
    (void)ctx;
    current = (uint32_t)address;
    executed[current / 2] = 1;
    now.code = mix(now.code, address);
    if (record != NULL && now.n_instructions < record_room) {
        record[now.n_instructions] = current;
    }
    now.n_instructions++;
}

static uint32_t half_word(uint32_t address)
{
    return assay_load_le16(machine.flash + address);
}

/* LDM, STM, PUSH, POP, LDRD, STRD; not the table branches beside them. */
static int is_multiple(uint32_t address)
{
    uint32_t op = half_word(address);
    if ((op & 0xFFF0) == 0xE8D0 && half_word(address + 2) >> 5 == 0xF000 >> 5) {
        return 0;
    }
    return op >> 12 == 0xC || (op & 0xF600) == 0xB400 ||
           (op & 0xFE00) == 0xE800;
}

static void on_memory(uc_engine *uc, uc_mem_type type, uint64_t address,
                      int len, int64_t value, void *ctx)
{
    uint64_t what = address << 8 | (uint64_t)len << 1;
    (void)uc;
    (void)value;
    (void)ctx;
    now.memory = mix(now.memory, what | (type == UC_MEM_WRITE));
    if ((address & 3) != 0 && is_multiple(current)) {
        fprintf(stderr, "trace: unaligned access to several words at %05x\n",
                (unsigned)current);
        exit(1);
    }
    if (type == UC_MEM_WRITE && address < now.stack &&
        address >= MACHINE_STACK_TOP - MACHINE_STACK_LEN) {
        now.stack = (uint32_t)address;
    }
}

static uint32_t call(enum assay_m4_function function, const uint32_t arg[4])
{
    uint32_t result = 0;
    memset(&now, 0, sizeof now);
    now.stack = MACHINE_STACK_TOP;
    memset(machine.ram + (MACHINE_STACK_TOP - MACHINE_STACK_LEN - MACHINE_RAM),
           0, MACHINE_STACK_LEN);
    machine_prepare(&machine, machine_function(&machine, function), arg);
    const char *fault = machine_run(&machine, &result);
    if (fault != NULL) {
        fail("a call", fault);
    }
    return result;
}

/* --- A group: one function, many inputs of one form ----------------------- */

#define NAME(symbol) #symbol,
static const char *const FUNCTION[] = {ASSAY_M4_FUNCTIONS(NAME)};
#undef NAME

struct group {
    enum assay_m4_function function;
    const char *form;
    unsigned n_inputs;
    unsigned n_ok; /* that answered ASSAY_OK */
    int left_out;
    struct trace first;
    uint32_t arg[4];
    uint8_t in[2048]; /* of the first input */
    size_t in_len;
    uint8_t out[512];
};

static unsigned n_groups;
static unsigned n_inputs;
static uint64_t n_instructions;

static struct group begin_group(enum assay_m4_function function,
                                const char *form)
{
    struct group g = {.function = function, .form = form};
    g.left_out = (only != NULL && strcmp(only, FUNCTION[function]) != 0) ||
                 n_groups_seen / 2 % parts != part;
    n_groups_seen++;
    return g;
}

/* Run again what differs, and say where. */
static void explain(const struct group *g, const uint8_t *in, size_t in_len,
                    const uint8_t *out)
{
    size_t n = (size_t)now.n_instructions + 1;
    uint32_t *one = calloc(n, sizeof *one);
    uint32_t *two = calloc(n, sizeof *two);
    if (one == NULL || two == NULL) {
        fail("trace", "out of memory");
    }
    record_room = n;
    record = one;
    memcpy(machine.flash + ASSAY_M4_IN, in, in_len);
    memcpy(machine.ram, out, sizeof g->out);
    (void)call(g->function, g->arg);
    record = two;
    memcpy(machine.flash + ASSAY_M4_IN, g->in, g->in_len);
    memcpy(machine.ram, g->out, sizeof g->out);
    (void)call(g->function, g->arg);
    size_t i = 0;
    while (i < n - 1 && one[i] == two[i]) {
        i++;
    }
    fprintf(stderr,
            "trace: %s, %s: input %u has another trace; %s instruction %zu, "
            "behind 0x%05x\n",
            FUNCTION[g->function], g->form, g->n_inputs,
            i < n - 1 ? "code differs at" : "only addresses differ, of", i,
            (unsigned)(i != 0 ? one[i - 1] : 0));
    exit(1);
}

/*
 * One input: in at ASSAY_M4_IN, out (512 bytes) at ASSAY_M4_OUT.
 * ret: what the function answered.
 */
static uint32_t try_input(struct group *g, const struct inputs *in,
                          const uint8_t out[512], const uint32_t arg[4])
{
    uint8_t bytes[sizeof g->in];
    size_t len = in->next - ASSAY_M4_IN;
    if (g->left_out) {
        return 0;
    }
    if (len > sizeof bytes) {
        fail("input", "too long");
    }
    memcpy(bytes, machine.flash + ASSAY_M4_IN, len);
    memcpy(machine.ram, out, sizeof g->out);
    uint32_t result = call(g->function, arg);
    if (g->n_inputs == 0) {
        g->first = now;
        memcpy(g->arg, arg, sizeof g->arg);
        memcpy(g->in, bytes, len);
        g->in_len = len;
        memcpy(g->out, out, sizeof g->out);
    }
    g->n_inputs++;
    g->n_ok += result == ASSAY_OK;
    if (len != g->in_len || memcmp(arg, g->arg, sizeof g->arg) != 0) {
        fail(g->form, "inputs of different form in one group");
    }
    if (now.code != g->first.code || now.memory != g->first.memory) {
        explain(g, bytes, len, out);
    }
    return result;
}

static void end_group(const struct group *g)
{
    if (g->left_out) {
        return;
    }
    n_groups++;
    n_inputs += g->n_inputs;
    n_instructions += g->first.n_instructions * g->n_inputs;
    if (verbose) {
        printf("%-22s %-34s %4u inputs (%3u OK) %8llu instructions, %4u bytes "
               "of stack\n",
               FUNCTION[g->function], g->form, g->n_inputs, g->n_ok,
               (unsigned long long)g->first.n_instructions,
               (unsigned)(MACHINE_STACK_TOP - g->first.stack));
        fflush(stdout);
    }
}

/* --- Inputs --------------------------------------------------------------- */

static uint64_t seed = 1;

static void random_bytes(uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)pb_random(&seed);
    }
}

static const uint8_t NO_OUTPUT[512];

/* Public key, digest or message (32 bytes each), signature. */
struct signed_input {
    uint8_t pub[64];
    uint8_t msg[32];
    uint8_t sig[64];
};

#define ORDER_P256                                                             \
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define PRIME_P256                                                             \
    "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
#define ORDER_ED25519                                                          \
    "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"

enum { N_RANDOM = 60, N_CORNERS = 6 };

/* Random, and what edges there are, one for each number. */
static void corner(struct signed_input *x, unsigned n, int ed25519)
{
    random_bytes((uint8_t *)x, sizeof *x);
    switch (n) {
    case 0:
        memset(x, 0, sizeof *x);
        break;
    case 1:
        memset(x, 0xFF, sizeof *x);
        break;
    case 2: /* r = n, S = L */
        hex_bytes(ed25519 ? x->sig + 32 : x->sig,
                  ed25519 ? ORDER_ED25519 : ORDER_P256);
        break;
    case 3:
        hex_bytes(x->sig + 32, ed25519 ? ORDER_ED25519 : ORDER_P256);
        break;
    case 4: /* X = p; the identity */
        memset(x->pub, 0, sizeof x->pub);
        x->pub[0] = 1;
        if (!ed25519) {
            hex_bytes(x->pub, PRIME_P256);
        }
        break;
    case 5: /* digest 0 mod n */
        hex_bytes(x->msg, ORDER_P256);
        break;
    default:
        break;
    }
}

static void try_p256(struct group *verify, struct group *check,
                     const struct signed_input *x)
{
    struct inputs in = {.m = &machine, .next = ASSAY_M4_IN};
    const uint32_t arg[4] = {put(&in, x->pub, 64), put(&in, x->msg, 32),
                             put(&in, x->sig, 64), 0};
    (void)try_input(verify, &in, NO_OUTPUT, arg);
    struct inputs key = {.m = &machine, .next = ASSAY_M4_IN};
    const uint32_t key_arg[4] = {put(&key, x->pub, 64), 0, 0, 0};
    (void)try_input(check, &key, NO_OUTPUT, key_arg);
}

static void try_ed25519(struct group *verify, struct group *check,
                        const struct signed_input *x)
{
    struct inputs in = {.m = &machine, .next = ASSAY_M4_IN};
    uint32_t pub = put(&in, x->pub, 32);
    uint32_t msg = put(&in, x->msg, 32);
    const uint32_t arg[4] = {pub, msg, 32, put(&in, x->sig, 64)};
    (void)try_input(verify, &in, NO_OUTPUT, arg);
    struct inputs key = {.m = &machine, .next = ASSAY_M4_IN};
    const uint32_t key_arg[4] = {put(&key, x->pub, 32), 0, 0, 0};
    (void)try_input(check, &key, NO_OUTPUT, key_arg);
}

/* A good signature of a random message, for all bits of which it is good. */
static void make_valid(struct signed_input *x, enum signer who)
{
    struct pb msg = {.len = 0};
    struct pb_signature signature = {.len = 0};
    random_bytes(x->msg, sizeof x->msg);
    pb_raw(&msg, x->msg, sizeof x->msg);
    hex_bytes(x->pub, SIGNER[who].public_key);
    sign(who, &msg, &signature);
    memcpy(x->sig, signature.bytes, 64);
    if (!is_ed25519(who)) {
        (void)SHA256(msg.b, msg.len, x->msg);
        assay_reverse(x->sig, signature.bytes, 32);
        assay_reverse(x->sig + 32, signature.bytes + 32, 32);
    }
}

static void try_vectors(struct group *verify, struct group *check,
                        const char *path, int ed25519)
{
    static struct vectors v;
    int more = vectors_open(&v, path);
    while (more == 1 && (more = vectors_next(&v)) == 1) {
        struct signed_input x;
        uint8_t msg[4096];
        memset(&x, 0, sizeof x);
        long pub = vectors_hex(&v, "pub", x.pub, sizeof x.pub);
        long sig = vectors_hex(&v, "sig", x.sig, sizeof x.sig);
        if (pub != (ed25519 ? 32 : 64) || sig != 64) {
            continue;
        }
        if (!ed25519 && vectors_hex(&v, "digest", x.msg, 32) != 32) {
            continue;
        }
        if (ed25519) {
            long len = vectors_hex(&v, "msg", msg, sizeof msg);
            memcpy(x.msg, msg, len > 0 ? (size_t)(len < 32 ? len : 32) : 0);
        }
        (ed25519 ? try_ed25519 : try_p256)(verify, check, &x);
    }
    if (more != 0) {
        fail("vectors", v.error);
    }
    vectors_close(&v);
}

static void trace_signatures(int ed25519)
{
    struct group verify =
        begin_group(ed25519 ? ASSAY_M4_ed25519_verify : ASSAY_M4_p256_verify,
                    "vectors, valid, random, corners");
    struct group check = begin_group(ed25519 ? ASSAY_M4_ed25519_key_check
                                             : ASSAY_M4_p256_key_check,
                                     "the same keys");
    void (*try)(struct group *, struct group *, const struct signed_input *) =
        ed25519 ? try_ed25519 : try_p256;
    struct signed_input x;
    if (verify.left_out && check.left_out) {
        return;
    }
    for (unsigned i = 0; i < N_CORNERS; i++) {
        corner(&x, i, ed25519);
        try(&verify, &check, &x);
    }
    for (unsigned i = 0; i < N_RANDOM; i++) {
        make_valid(&x, ed25519 ? KEY_ED + i % 2 : KEY_A + i % 2);
        if (i % 3 == 1) { /* one wrong bit */
            uint64_t bit = pb_random(&seed) % 512;
            x.sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        if (i % 3 == 2) { /* random where it counts */
            random_bytes(i % 2 ? x.pub : x.sig, 32);
        }
        try(&verify, &check, &x);
    }
    try_vectors(&verify, &check,
                ed25519 ? "vectors/ed25519.txt" : "vectors/p256.txt", ed25519);
    if (!verify.left_out && (verify.n_ok < 20 || verify.n_inputs < 200)) {
        fail("signatures", "too few good ones, or too few at all");
    }
    end_group(&verify);
    end_group(&check);
}

/* --- Hashes --------------------------------------------------------------- */

enum { CONTEXT = 0, CONTEXT_512 = 0x100 };

/* in: before, bytes in the context already. */
static void trace_hash(int sha512, size_t before, size_t len)
{
    char form[40];
    (void)snprintf(form, sizeof form, "%zu bytes behind %zu", len, before);
    struct group update = begin_group(
        sha512 ? ASSAY_M4_sha512_update : ASSAY_M4_sha256_update, form);
    struct group final = begin_group(
        sha512 ? ASSAY_M4_sha512_final : ASSAY_M4_sha256_final, form);
    const uint32_t digest = ASSAY_M4_OUT + 0x180;
    const size_t length_off = sha512 ? 64 : 32;
    for (unsigned i = 0; i < 12; i++) {
        uint8_t data[256];
        uint8_t ctx[512];
        memset(data, i == 0 ? 0 : 0xFF, sizeof data);
        memset(ctx, i == 0 ? 0 : 0xFF, sizeof ctx);
        if (i > 1) {
            random_bytes(data, sizeof data);
            random_bytes(ctx, sizeof ctx);
        }
        memset(ctx + length_off, 0, 8);
        assay_store_le32(ctx + length_off, (uint32_t)before);
        struct inputs in = {.m = &machine, .next = ASSAY_M4_IN};
        const uint32_t arg[4] = {ASSAY_M4_OUT, put_at(&in, data, len, 1),
                                 (uint32_t)len, 0};
        (void)try_input(&update, &in, ctx, arg);
        struct inputs none = {.m = &machine, .next = ASSAY_M4_IN};
        const uint32_t final_arg[4] = {ASSAY_M4_OUT, digest, 0, 0};
        (void)try_input(&final, &none, ctx, final_arg);
    }
    end_group(&update);
    end_group(&final);
}

static void trace_hashes(void)
{
    static const size_t LEN[] = {0, 1, 55, 63, 64, 65, 111, 128, 200};
    static const size_t BEFORE[] = {0, 1, 55, 56, 63, 64, 111, 112, 127};
    for (size_t i = 0; i < sizeof LEN / sizeof *LEN; i++) {
        for (int sha512 = 0; sha512 < 2; sha512++) {
            trace_hash(sha512, 0, LEN[i]);
            trace_hash(sha512, BEFORE[i], 100);
        }
    }
}

/* --- Packets -------------------------------------------------------------- */

/*
 * Packets of one structure: tags, lengths, type, status and which bytes of
 * integers are zero are the same,
 * everything else is not.
 */
static void make_init(struct pb_init *init, enum assay_fw_type type)
{
    memset(init, 0, sizeof *init);
    init->present = 0x3FE;
    init->number[1] = 0x80 + (uint32_t)(pb_random(&seed) % 0x3F80);
    init->number[2] = 1 + (uint32_t)(pb_random(&seed) % 0x7F);
    init->number[4] = type;
    init->number[7] = 0x4000 + (uint32_t)(pb_random(&seed) % 0x1FC000);
    init->sd_req[0] = 0x80 + (uint32_t)(pb_random(&seed) % 0x3F80);
    init->n_sd_req = 1;
    init->hash.type = 3;
    init->hash.len = 32;
    random_bytes(init->hash.bytes, 32);
}

static void make_signed(struct pb *packet, struct pb *body, enum signer who,
                        uint32_t flip)
{
    struct pb_init init;
    struct pb_signature signature = {.len = 0};
    make_init(&init, ASSAY_FW_APPLICATION);
    body->len = 0;
    packet->len = 0;
    pb_init(body, &init);
    sign(who, body, &signature);
    if (flip != 0) {
        random_bytes(signature.bytes, flip);
    }
    pb_signed(packet, body, &signature);
}

static void trace_readers(void)
{
    struct group open = begin_group(ASSAY_M4_initpkt_open, "one structure");
    struct group read = begin_group(ASSAY_M4_initpkt_read, "one structure");
    for (unsigned i = 0; i < 200; i++) {
        struct pb packet;
        struct pb body;
        make_signed(&packet, &body, KEY_ED, i % 65);
        struct inputs in = {.m = &machine, .next = ASSAY_M4_IN};
        const uint32_t arg[4] = {put_at(&in, packet.b, packet.len, 3),
                                 (uint32_t)packet.len, ASSAY_M4_OUT, 0};
        (void)try_input(&open, &in, NO_OUTPUT, arg);
        struct inputs one = {.m = &machine, .next = ASSAY_M4_IN};
        const uint32_t read_arg[4] = {put(&one, body.b, body.len),
                                      (uint32_t)body.len, ASSAY_M4_OUT, 0};
        (void)try_input(&read, &one, NO_OUTPUT, read_arg);
    }
    end_group(&open);
    end_group(&read);
}

/* The whole check of a packet: one trace for all that get one status. */
static void trace_packets(enum signer who, uint32_t flip, const char *form)
{
    static const struct table_entry KEYS[] = {{KEY_A, ASSAY_ROLE_ALL, 0},
                                              {KEY_ED, ASSAY_ROLE_ALL, 0}};
    struct group g = begin_group(ASSAY_M4_verifier_packet, form);
    for (unsigned i = 0; i < 20 && !g.left_out; i++) {
        struct pb packet;
        struct pb body;
        make_signed(&packet, &body, who, flip);
        struct inputs in = {.m = &machine, .next = ASSAY_M4_IN};
        uint32_t keys = put_keys(&in, KEYS, 2, 0);
        const uint32_t arg[4] = {put(&in, packet.b, packet.len),
                                 (uint32_t)packet.len, keys, ASSAY_M4_OUT};
        uint32_t want = flip != 0 ? ASSAY_SIGNATURE_INVALID : ASSAY_OK;
        uint32_t got = try_input(&g, &in, NO_OUTPUT, arg);
        if (!g.left_out && got != want) {
            fail(form, "another status than expected");
        }
    }
    end_group(&g);
}

/* --- Images --------------------------------------------------------------- */

static void trace_images(void)
{
    struct group update =
        begin_group(ASSAY_M4_verifier_image_update, "100 bytes");
    struct group finish =
        begin_group(ASSAY_M4_verifier_image_finish, "right and wrong digests");
    for (unsigned i = 0; i < 200; i++) {
        uint8_t data[100];
        uint8_t image[512] = {0};
        random_bytes(data, sizeof data);
        struct assay_sha256 sha;
        assay_sha256_init(&sha);
        memcpy(image, sha.state, 32);
        assay_store_le32(image + ASSAY_M4_IMAGE_FIELD_LEN, sizeof data);
        struct inputs in = {.m = &machine, .next = ASSAY_M4_IN};
        const uint32_t arg[4] = {ASSAY_M4_OUT, put(&in, data, sizeof data),
                                 sizeof data, 0};
        (void)try_input(&update, &in, image, arg);

        uint8_t digest[32];
        assay_sha256_update(&sha, assay_slice(data, sizeof data));
        memcpy(image, &sha, sizeof sha);
        assay_store_le32(image + ASSAY_M4_IMAGE_RECEIVED, sizeof data);
        (void)SHA256(data, sizeof data, digest);
        assay_reverse(image + ASSAY_M4_IMAGE_DIGEST, digest, 32);
        if (i % 2 == 1) { /* one bit, wherever it is */
            image[ASSAY_M4_IMAGE_DIGEST + i / 2 % 32] ^= (uint8_t)(1u << i % 8);
        }
        if (i % 5 == 4) {
            random_bytes(image + ASSAY_M4_IMAGE_DIGEST, 32);
        }
        struct inputs none = {.m = &machine, .next = ASSAY_M4_IN};
        const uint32_t finish_arg[4] = {ASSAY_M4_OUT, 0, 0, 0};
        (void)try_input(&finish, &none, image, finish_arg);
    }
    end_group(&update);
    end_group(&finish);
}

/* --- The program ---------------------------------------------------------- */

/* SDIV and UDIV: FB9x Fxxx, FBBx Fxxx. */
static void refuse_divisions(void)
{
    for (uint32_t a = machine.code; a < machine.code + machine.code_len;
         a += 2) {
        if (executed[a / 2] && (half_word(a) & 0xFFD0) == 0xFB90) {
            fprintf(stderr, "trace: a division at %05x\n", (unsigned)a);
            exit(1);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fail("usage", "trace CODE [--only FUNCTION] [--part N OF] [--verbose]");
    }
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--verbose") == 0) {
            verbose = 1;
        } else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
            only = argv[++i];
        } else if (strcmp(argv[i], "--part") == 0 && i + 2 < argc) {
            part = (unsigned)strtoul(argv[++i], NULL, 10);
            parts = (unsigned)strtoul(argv[++i], NULL, 10);
        } else {
            fail("unknown option", argv[i]);
        }
    }
    open_machine(&machine, MACHINE_STRICT, argv[1]);
    const uint32_t code[2] = {machine.code, machine.code + machine.code_len};
    (void)machine_hook(&machine, UC_HOOK_CODE, (void (*)(void))on_code, NULL,
                       code);
    (void)machine_hook(&machine, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE,
                       (void (*)(void))on_memory, NULL, MACHINE_EVERYWHERE);
    trace_signatures(0);
    trace_signatures(1);
    trace_hashes();
    trace_readers();
    trace_images();
    trace_packets(KEY_A, 0, "P-256, accepted");
    trace_packets(KEY_A, 64, "P-256, random signatures");
    trace_packets(KEY_ED, 0, "Ed25519, accepted");
    trace_packets(KEY_ED, 64, "Ed25519, random signatures");
    refuse_divisions();
    printf("%u groups, %u inputs, %llu M instructions\n", n_groups, n_inputs,
           (unsigned long long)(n_instructions / 1000000));
    machine_close(&machine);
    return n_groups == 0;
}
