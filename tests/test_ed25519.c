/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/ed25519.h"

#include "crypto/fe25519.h"
#include "crypto/sc25519.h"
#include "tests/numbers.h"
#include "tests/shared.h"
#include "tests/vectors.h"

#include <criterion/criterion.h>
#include <openssl/bn.h>
#include <sodium.h>

/*
 * Libsodium 1.0.18 is the peer whose acceptance set this is; OpenSSL's integers
 * are the peer of the two kinds of arithmetic.
 */

#define MESSAGE_MAX 2048u

/* Rows of the shared file; some have a signature of another length. */
#define N_PUBLISHED 2301u
#define N_OTHER_LENGTH 12u

struct signed_message {
    uint8_t pub[32];
    uint8_t sig[64];
    uint8_t msg[MESSAGE_MAX];
    size_t msg_len;
};

static unsigned n_cases(unsigned few, unsigned many)
{
    const char *value = getenv("ASSAY_LONG");
    return value != NULL && strcmp(value, "1") == 0 ? many : few;
}

static enum assay_status verify(const struct signed_message *m)
{
    return assay_ed25519_verify(m->pub, assay_slice(m->msg, m->msg_len),
                                m->sig);
}

static int sodium_accepts(const struct signed_message *m)
{
    return crypto_sign_verify_detached(m->sig, m->msg, m->msg_len, m->pub) == 0;
}

/* Vectors. */

Test(ed25519, known_signatures_have_the_stated_result)
{
    static struct vectors v;
    static struct signed_message m;
    int more = vectors_open(&v, "vectors/ed25519.txt");

    cr_assert(sodium_init() >= 0);
    while (more == 1 && (more = vectors_next(&v)) == 1) {
        const char *id = vectors_get(&v, "id");
        long want = vectors_status(vectors_get(&v, "want"));
        long len = vectors_hex(&v, "msg", m.msg, sizeof m.msg);
        cr_assert(want != -1 && len >= 0, "%s", id);
        cr_assert(vectors_hex(&v, "pub", m.pub, 32) == 32, "%s", id);
        cr_assert(vectors_hex(&v, "sig", m.sig, 64) == 64, "%s", id);
        m.msg_len = (size_t)len;

        long key = want == ASSAY_KEY_INVALID ? ASSAY_KEY_INVALID : ASSAY_OK;
        cr_expect(verify(&m) == want, "%s", id);
        cr_expect(assay_ed25519_key_check(m.pub) == key, "%s", id);
        cr_expect(sodium_accepts(&m) == (want == ASSAY_OK), "%s", id);
    }
    vectors_close(&v);
    cr_assert(more == 0, "%s", v.error);
}

/* ret: 1 when the row could be put to the verifier, 0 when its signature has
 * a length that the verifier cannot be given. */
static int published_row(char *line)
{
    static struct signed_message m;
    char *cell[12];
    size_t n_cells = 0;

    for (char *end = line; end != NULL && n_cells < 12; n_cells++) {
        cell[n_cells] = end;
        end = strchr(end, '\t');
        if (end != NULL) {
            *end++ = '\0';
        }
    }
    cr_assert(n_cells == 12);
    long len = shared_hex(m.msg, sizeof m.msg, cell[4]);
    cr_assert(len >= 0 && shared_hex(m.pub, 32, cell[3]) == 32);
    int want = strcmp(cell[8], "1") == 0;
    if (shared_hex(m.sig, 64, cell[5]) != 64) {
        cr_expect(!want, "%s %s", cell[0], cell[1]);
        return 0;
    }
    m.msg_len = (size_t)len;
    cr_expect((verify(&m) == ASSAY_OK) == want, "%s %s", cell[0], cell[1]);
    return 1;
}

Test(ed25519, published_vectors_have_the_strict_result)
{
    static char line[4 * MESSAGE_MAX];
    char path[512];
    unsigned n_rows = 0;
    unsigned n_run = 0;

    if (!shared_path(path, sizeof path, "vectors/ed25519.tsv")) {
        shared_skip("ed25519", N_PUBLISHED, "vectors/ed25519.tsv");
        return;
    }
    FILE *file = fopen(path, "r");
    cr_assert(file != NULL);
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] != '#') {
            n_run += (unsigned)published_row(line);
            n_rows++;
        }
    }
    fclose(file);
    cr_assert(n_rows == N_PUBLISHED, "%u rows", n_rows);
    cr_assert(n_run == N_PUBLISHED - N_OTHER_LENGTH, "%u run", n_run);
}

/* Field and scalar arithmetic against integers. */

static BN_CTX *bn_ctx;
static BIGNUM *bn_p;
static BIGNUM *bn_l;

static void bn_setup(void)
{
    bn_ctx = BN_CTX_new();
    cr_assert(bn_ctx != NULL);
    cr_assert(BN_hex2bn(&bn_p, "7fffffffffffffffffffffffffffffff"
                               "ffffffffffffffffffffffffffffffed") == 64);
    cr_assert(BN_hex2bn(&bn_l, "10000000000000000000000000000000"
                               "14def9dea2f79cd65812631a5cf5d3ed") == 64);
}

static void bn_teardown(void)
{
    BN_free(bn_p);
    BN_free(bn_l);
    BN_CTX_free(bn_ctx);
}

TestSuite(ed25519_arithmetic, .init = bn_setup, .fini = bn_teardown);

static BIGNUM *bn_of(const uint32_t w[static 8])
{
    uint8_t b[32];
    for (unsigned i = 0; i < 32; i++) {
        b[i] = (uint8_t)(w[i / 4] >> 8 * (i % 4));
    }
    BIGNUM *n = BN_lebin2bn(b, 32, NULL);
    cr_assert(n != NULL);
    return n;
}

static void bn_words(uint32_t w[static 8], const BIGNUM *n)
{
    uint8_t b[32];
    cr_assert(BN_bn2lebinpad(n, b, 32) == 32);
    for (unsigned i = 0; i < 8; i++) {
        w[i] = (uint32_t)b[4 * i] | (uint32_t)b[4 * i + 1] << 8 |
               (uint32_t)b[4 * i + 2] << 16 | (uint32_t)b[4 * i + 3] << 24;
    }
}

/* Words about every edge of the field: 0, p, 2p, 2^255, 2^256. */
#define N_EDGES 131u

static void edge(struct assay_fe25519 *out, unsigned i)
{
    static const uint32_t base[3][8] = {
        {0},
        {0xffffffed, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x7fffffff},
        {0xffffffda, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u},
    };
    int64_t acc;

    if (i == N_EDGES - 1) {
        memset(out, 0xff, sizeof *out);
        return;
    }
    /* base - 2 to base + 40 modulo 2^256; p + 19 is 2^255. */
    acc = (int64_t)(i % 43) - 2;
    for (unsigned j = 0; j < 8; j++) {
        acc += base[i / 43 % 3][j];
        out->w[j] = (uint32_t)((uint64_t)acc & 0xffffffff);
        acc = acc < 0 ? -1 : acc >> 32;
    }
}

/* Words that are random, or at an edge of the word, as bits of rng say. */
static void any_element(struct assay_fe25519 *out)
{
    static const uint32_t extreme[8] = {
        0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffed, 0xfffffffe, 0xffffffff};
    uint32_t kind = random_word();

    if (kind % 8 == 0) {
        edge(out, random_word() % N_EDGES);
        return;
    }
    for (unsigned i = 0; i < 8; i++) {
        out->w[i] =
            kind >> (8 + i) & 1 ? extreme[random_word() % 8] : random_word();
    }
}

static void expect_residue(const struct assay_fe25519 *got, const BIGNUM *want,
                           const char *what)
{
    BIGNUM *n = bn_of(got->w);
    cr_assert(BN_nnmod(n, n, bn_p, bn_ctx) == 1);
    cr_expect(BN_cmp(n, want) == 0, "%s", what);
    BN_free(n);
}

typedef void field_op(struct assay_fe25519 *, const struct assay_fe25519 *,
                      const struct assay_fe25519 *);

/* The operation, and again with out as either input or both. */
static void expect_op(field_op *op, const struct assay_fe25519 *a,
                      const struct assay_fe25519 *b, const BIGNUM *want,
                      const char *what)
{
    struct assay_fe25519 out;
    op(&out, a, b);
    expect_residue(&out, want, what);
    out = *a;
    op(&out, &out, b);
    expect_residue(&out, want, what);
    out = *b;
    op(&out, a, &out);
    expect_residue(&out, want, what);
    if (memcmp(a, b, sizeof *a) == 0) {
        out = *a;
        op(&out, &out, &out);
        expect_residue(&out, want, what);
    }
}

static void expect_one_input(const struct assay_fe25519 *a)
{
    struct assay_fe25519 want;
    struct assay_fe25519 out;
    BIGNUM *x = bn_of(a->w);
    BIGNUM *r = BN_new();

    cr_assert(BN_mod_sqr(r, x, bn_p, bn_ctx) == 1);
    assay_fe25519_sqr(&out, a);
    expect_residue(&out, r, "sqr");
    out = *a;
    assay_fe25519_sqr(&out, &out);
    expect_residue(&out, r, "sqr in place");

    cr_assert(BN_nnmod(r, x, bn_p, bn_ctx) == 1);
    bn_words(want.w, r);
    assay_fe25519_canonical(&out, a);
    cr_expect(memcmp(&out, &want, sizeof out) == 0, "canonical");
    out = *a;
    assay_fe25519_canonical(&out, &out);
    cr_expect(memcmp(&out, &want, sizeof out) == 0, "canonical in place");
    BN_free(x);
    BN_free(r);
}

static void expect_field(const struct assay_fe25519 *a,
                         const struct assay_fe25519 *b)
{
    BIGNUM *x = bn_of(a->w);
    BIGNUM *y = bn_of(b->w);
    BIGNUM *r = BN_new();

    cr_assert(r != NULL);
    cr_assert(BN_mod_add(r, x, y, bn_p, bn_ctx) == 1);
    expect_op(assay_fe25519_add, a, b, r, "add");
    cr_assert(BN_mod_sub(r, x, y, bn_p, bn_ctx) == 1);
    expect_op(assay_fe25519_sub, a, b, r, "sub");
    cr_assert(BN_mod_mul(r, x, y, bn_p, bn_ctx) == 1);
    expect_op(assay_fe25519_mul, a, b, r, "mul");
    BN_free(x);
    BN_free(y);
    BN_free(r);
    expect_one_input(a);
}

Test(ed25519_arithmetic, field_edges_agree_with_integers)
{
    struct assay_fe25519 a;
    struct assay_fe25519 b;

    for (unsigned i = 0; i < N_EDGES; i++) {
        for (unsigned j = 0; j < N_EDGES; j++) {
            edge(&a, i);
            edge(&b, j);
            expect_field(&a, &b);
        }
    }
}

Test(ed25519_arithmetic, field_elements_agree_with_integers)
{
    struct assay_fe25519 a;
    struct assay_fe25519 b;
    unsigned n = n_cases(20000, 200000);

    random_state = 0x243f6a8885a308d3;
    for (unsigned i = 0; i < n; i++) {
        any_element(&a);
        any_element(&b);
        expect_field(&a, &b);
        expect_field(&a, &a);
    }
}

static void expect_reduced(const uint8_t b[static 64])
{
    struct assay_sc25519 got;
    struct assay_sc25519 want;
    BIGNUM *n = BN_lebin2bn(b, 64, NULL);

    cr_assert(BN_nnmod(n, n, bn_l, bn_ctx) == 1);
    bn_words(want.w, n);
    assay_sc25519_reduce(&got, b);
    cr_expect(memcmp(&got, &want, sizeof got) == 0);
    BN_free(n);
}

/* b = n as 64 bytes when it has no more, else 64 bytes ff. */
static void store_wide(uint8_t b[static 64], const BIGNUM *n)
{
    if (BN_is_negative(n) || BN_bn2lebinpad(n, b, 64) != 64) {
        memset(b, 0xff, 64);
    }
}

Test(ed25519_arithmetic, scalar_edges_are_reduced_below_l)
{
    uint8_t b[64];
    BIGNUM *multiple = BN_new();
    BIGNUM *n = BN_new();

    /* L * 2^i + j and 2^i + j, -2 <= j <= 2. */
    for (int i = 0; i < 512; i++) {
        for (int from_l = 0; from_l < 2; from_l++) {
            cr_assert(BN_lshift(multiple, from_l ? bn_l : BN_value_one(), i));
            cr_assert(BN_sub_word(multiple, 2) == 1);
            for (unsigned j = 0; j < 5; j++) {
                cr_assert(BN_copy(n, multiple) && BN_add_word(n, j) == 1);
                store_wide(b, n);
                expect_reduced(b);
            }
        }
    }
    BN_free(multiple);
    BN_free(n);
}

Test(ed25519_arithmetic, scalars_are_reduced_below_l)
{
    static const uint8_t extreme[4] = {0x00, 0xff, 0x10, 0x80};
    uint8_t b[64];
    BIGNUM *n = BN_new();
    BIGNUM *q = BN_new();

    random_state = 0x13198a2e03707344;
    for (unsigned i = 0; i < 20000; i++) {
        uint32_t kind = random_word();
        for (unsigned j = 0; j < 64; j++) {
            b[j] = kind >> (j / 4) & 1 ? extreme[kind >> 30]
                                       : (uint8_t)random_word();
        }
        expect_reduced(b);

        /* Just below and just above a multiple of L. */
        cr_assert(BN_lebin2bn(b, 32, q) != NULL);
        cr_assert(BN_mul(n, q, bn_l, bn_ctx) == 1);
        store_wide(b, n);
        expect_reduced(b);
        cr_assert(BN_sub_word(n, 1) == 1);
        store_wide(b, n);
        expect_reduced(b);
    }
    BN_free(n);
    BN_free(q);
}

Test(ed25519_arithmetic, scalar_is_in_range_exactly_below_l)
{
    uint8_t b[32];
    struct assay_sc25519 got;
    struct assay_sc25519 want;

    random_state = 0xa4093822299f31d0;
    for (unsigned i = 0; i < 20000; i++) {
        BIGNUM *n = BN_dup(bn_l);
        if (i < 512) {
            /* One bit more or less than L. */
            int bit = (int)(i / 2);
            cr_assert((BN_is_bit_set(n, bit) ? BN_clear_bit(n, bit)
                                             : BN_set_bit(n, bit)) == 1);
        } else if (i < 600) {
            cr_assert(BN_sub_word(n, 40) && BN_add_word(n, i - 512));
        } else {
            random_bytes(b, sizeof b);
            b[31] &= (uint8_t)(random_word() % 2 ? 0x1f : 0xff);
            cr_assert(BN_lebin2bn(b, 32, n) != NULL);
        }
        cr_assert(BN_bn2lebinpad(n, b, 32) == 32);
        bn_words(want.w, n);
        uint32_t below = BN_cmp(n, bn_l) < 0 ? ~0u : 0u;
        cr_expect(assay_sc25519_load(&got, b) == below);
        cr_expect(memcmp(&got, &want, sizeof got) == 0);
        BN_free(n);
    }
}

/* Against libsodium. */

/* Every encoding of a point of small order: y is 0, 1, one of two of order 8,
 * -1, p or p + 1, and each may have the sign bit set. */
static const char *const small_y[7] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

static void small_order_point(uint8_t out[static 32])
{
    cr_assert(shared_hex(out, 32, small_y[random_word() % 7]) == 32);
    out[31] |= (uint8_t)(random_word() << 7);
}

/* s = s + n * L, as long as that stays below 2^256. */
static void add_l(uint8_t s[static 32], unsigned n)
{
    static const uint8_t l[32] = {
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
        0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
        0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
    while (n-- > 0 && s[31] < 0xe0) {
        sodium_add(s, l, 32);
    }
}

/* y within 32 of 0 or of 2^255, with any sign. */
static void extreme_y(uint8_t b[static 32])
{
    uint32_t n = random_word() % 32;
    uint32_t sign = random_word() % 2 << 7;
    int high = random_word() % 2 != 0;

    memset(b, high ? 0xff : 0, 32);
    b[0] = (uint8_t)(high ? 0xe0 + n : n);
    b[31] = (uint8_t)((b[31] & 0x7fu) | sign);
}

struct key_pair {
    uint8_t pub[32];
    uint8_t secret[64];
    uint8_t a[32]; /* modulo L */
};

static void new_key(struct key_pair *key)
{
    uint8_t seed[32];
    uint8_t wide[64] = {0};

    random_bytes(seed, sizeof seed);
    crypto_sign_seed_keypair(key->pub, key->secret, seed);
    cr_assert(crypto_sign_ed25519_sk_to_curve25519(wide, key->secret) == 0);
    crypto_core_ed25519_scalar_reduce(key->a, wide);
}

/* sig[32..63] = r + SHA-512(R || A || M) a mod L, whatever R and A are. */
static void sign_by_hand(struct signed_message *m, const uint8_t r[static 32],
                         const uint8_t a[static 32])
{
    crypto_hash_sha512_state ctx;
    uint8_t wide[64];
    uint8_t k[32];

    crypto_hash_sha512_init(&ctx);
    crypto_hash_sha512_update(&ctx, m->sig, 32);
    crypto_hash_sha512_update(&ctx, m->pub, 32);
    crypto_hash_sha512_update(&ctx, m->msg, m->msg_len);
    crypto_hash_sha512_final(&ctx, wide);
    crypto_core_ed25519_scalar_reduce(k, wide);
    crypto_core_ed25519_scalar_mul(k, k, a);
    crypto_core_ed25519_scalar_add(m->sig + 32, k, r);
}

/* A and R with points of small order added or in their place. */
static void unusual_points(struct signed_message *m, const struct key_pair *key)
{
    static const uint8_t zero[32] = {0};
    uint32_t kind = random_word();
    uint8_t wide[64];
    uint8_t small[32];
    uint8_t r[32];

    random_bytes(wide, sizeof wide);
    crypto_core_ed25519_scalar_reduce(r, wide);
    cr_assert(crypto_scalarmult_ed25519_base_noclamp(m->sig, r) == 0);
    if (kind & 1) {
        small_order_point(small);
        if (kind & 2) {
            crypto_core_ed25519_add(m->pub, key->pub, small);
        } else {
            memcpy(m->pub, small, 32);
        }
    }
    if (kind & 4) {
        small_order_point(small);
        if (kind & 8) {
            crypto_core_ed25519_add(m->sig, m->sig, small);
        } else {
            memcpy(m->sig, small, 32);
        }
    }
    if (kind & 16) {
        m->sig[31] ^= 0x80;
    }
    sign_by_hand(m, kind & 4 && !(kind & 8) ? zero : r,
                 kind & 1 && !(kind & 2) ? zero : key->a);
}

static void mutate(struct signed_message *m, const struct key_pair *key)
{
    switch (random_word() % 10) {
    case 0:
        m->sig[random_word() % 64] ^= (uint8_t)(1u << random_word() % 8);
        break;
    case 1:
        m->msg[random_word() % (m->msg_len + 1)] ^=
            (uint8_t)(1u << random_word() % 8);
        break;
    case 2:
        m->pub[random_word() % 32] ^= (uint8_t)(1u << random_word() % 8);
        break;
    case 3:
        add_l(m->sig + 32, 1 + random_word() % 15);
        break;
    case 4:
        extreme_y(m->pub);
        break;
    case 5:
        extreme_y(m->sig);
        break;
    case 6:
        random_bytes(
            random_word() % 2 ? m->pub : m->sig + random_word() % 2 * 32, 32);
        break;
    case 7:
        break;
    default:
        unusual_points(m, key);
        break;
    }
}

/* What the key alone decides, from the peer's parts. */
static int sodium_takes_key(const uint8_t pub[static 32])
{
    static const uint8_t one[32] = {1};
    uint8_t base[32];
    uint8_t sum[32];
    uint8_t y[32];
    uint8_t small[32];

    memcpy(y, pub, 32);
    y[31] &= 0x7f;
    cr_assert(shared_hex(small, 32, small_y[5]) == 32);
    int valid = sodium_compare(y, small, 32) < 0; /* y < p */
    for (unsigned i = 0; i < 7; i++) {
        cr_assert(shared_hex(small, 32, small_y[i]) == 32);
        valid &= memcmp(y, small, 32) != 0;
    }
    cr_assert(crypto_scalarmult_ed25519_base_noclamp(base, one) == 0);
    return valid && crypto_core_ed25519_add(sum, pub, base) == 0;
}

Test(ed25519, accepts_exactly_what_libsodium_accepts)
{
    static struct signed_message m;
    struct key_pair key = {0};
    unsigned n = n_cases(2000, 100000);
    unsigned n_result[3] = {0};

    cr_assert(sodium_init() >= 0);
    random_state = 0x082efa98ec4e6c89;
    for (unsigned i = 0; i < n; i++) {
        if (i % 8 == 0) {
            new_key(&key);
        }
        m.msg_len = random_word() % 300;
        random_bytes(m.msg, m.msg_len + 1);
        memcpy(m.pub, key.pub, 32);
        crypto_sign_detached(m.sig, NULL, m.msg, m.msg_len, key.secret);
        mutate(&m, &key);

        enum assay_status got = verify(&m);
        int takes_key = sodium_takes_key(m.pub);
        cr_expect((got == ASSAY_OK) == sodium_accepts(&m), "case %u", i);
        cr_expect((got != ASSAY_KEY_INVALID) == takes_key, "case %u", i);
        cr_expect(got == ASSAY_OK || got == ASSAY_KEY_INVALID ||
                      got == ASSAY_SIGNATURE_INVALID,
                  "case %u", i);
        cr_expect((assay_ed25519_key_check(m.pub) == ASSAY_OK) == takes_key,
                  "case %u", i);
        n_result[got == ASSAY_OK ? 0 : got == ASSAY_KEY_INVALID ? 1 : 2]++;
    }
    /* The cases must be worth comparing. */
    for (unsigned i = 0; i < 3; i++) {
        cr_expect(n_result[i] > n / 20, "result %u: %u", i, n_result[i]);
    }
    fprintf(stderr, "Ed25519: %u cases agree with libsodium\n", n);
}

Test(ed25519, verifying_changes_none_of_its_inputs)
{
    static struct signed_message m;
    static struct signed_message copy;
    struct key_pair key;

    cr_assert(sodium_init() >= 0);
    random_state = 0x452821e638d01377;
    new_key(&key);
    m.msg_len = 100;
    memcpy(m.pub, key.pub, 32);
    crypto_sign_detached(m.sig, NULL, m.msg, m.msg_len, key.secret);
    copy = m;
    cr_expect(verify(&m) == ASSAY_OK);
    cr_expect(assay_ed25519_key_check(m.pub) == ASSAY_OK);
    cr_expect(memcmp(&m, &copy, sizeof m) == 0);
}
