/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <criterion/criterion.h>
#include <openssl/bn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "crypto/fe25519.h"
#include "crypto/p256_field.h"
#include "crypto/sha256_block.h"
#include "crypto/words.h"
#include "tests/numbers.h"

/*
 * The files for 64-bit hosts against the portable files that they replace, and
 * against OpenSSL's integers. Both kinds are compiled in here, the portable
 * ones under other names, so that the test is the same whatever the library
 * was made of.
 */

#if defined(__SIZEOF_INT128__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

static void portable_p256_mul(uint32_t r[static 8], const uint32_t a[static 8],
                              const uint32_t b[static 8]);
static void portable_p256_sqr(uint32_t r[static 8], const uint32_t a[static 8]);
static void portable_p256_add(uint32_t r[static 8], const uint32_t a[static 8],
                              const uint32_t b[static 8]);
static void portable_p256_sub(uint32_t r[static 8], const uint32_t a[static 8],
                              const uint32_t b[static 8]);
static void portable_p256_half(uint32_t r[static 8],
                               const uint32_t a[static 8]);
#define assay_p256_fe_mul portable_p256_mul
#define assay_p256_fe_sqr portable_p256_sqr
#define assay_p256_fe_add portable_p256_add
#define assay_p256_fe_sub portable_p256_sub
#define assay_p256_fe_half portable_p256_half
#include "crypto/p256_field.c"
#undef assay_p256_fe_mul
#undef assay_p256_fe_sqr
#undef assay_p256_fe_add
#undef assay_p256_fe_sub
#undef assay_p256_fe_half
#include "crypto/p256_field_64.c"

static void portable_fe_add(struct assay_fe25519 *out,
                            const struct assay_fe25519 *a,
                            const struct assay_fe25519 *b);
static void portable_fe_sub(struct assay_fe25519 *out,
                            const struct assay_fe25519 *a,
                            const struct assay_fe25519 *b);
static void portable_fe_add_sub(struct assay_fe25519 *sum,
                                struct assay_fe25519 *difference,
                                const struct assay_fe25519 *a,
                                const struct assay_fe25519 *b);
static void portable_fe_mul(struct assay_fe25519 *out,
                            const struct assay_fe25519 *a,
                            const struct assay_fe25519 *b);
static void portable_fe_sqr(struct assay_fe25519 *out,
                            const struct assay_fe25519 *a);
static void portable_fe_sqr_times(struct assay_fe25519 *out,
                                  const struct assay_fe25519 *a, unsigned n);
static void portable_fe_canonical(struct assay_fe25519 *out,
                                  const struct assay_fe25519 *a);
#define assay_fe25519_add portable_fe_add
#define assay_fe25519_sub portable_fe_sub
#define assay_fe25519_add_sub portable_fe_add_sub
#define assay_fe25519_mul portable_fe_mul
#define assay_fe25519_sqr portable_fe_sqr
#define assay_fe25519_sqr_times portable_fe_sqr_times
#define assay_fe25519_canonical portable_fe_canonical
#include "crypto/fe25519.c"
#undef assay_fe25519_add
#undef assay_fe25519_sub
#undef assay_fe25519_add_sub
#undef assay_fe25519_mul
#undef assay_fe25519_sqr
#undef assay_fe25519_sqr_times
#undef assay_fe25519_canonical
#include "crypto/fe25519_64.c"

static void portable_lookup(uint32_t r[static 8], const uint32_t *table,
                            uint32_t stride, uint32_t index);
static void portable_select(uint32_t r[static 8], uint32_t mask,
                            const uint32_t a[static 8],
                            const uint32_t b[static 8]);
#define assay_words_lookup portable_lookup
#define assay_words_select portable_select
#include "crypto/words.c"
#undef assay_words_lookup
#undef assay_words_select
#include "crypto/words_64.c"

#define N_RANDOM 1000000u
#define N_OPENSSL 20000u

/* ---- operands ---- */

/* A random word, or one near an end of what words and their halves hold. */
static uint32_t extreme_word(void)
{
    static const uint32_t words[] = {0,          1,          0xffffffff,
                                     0xfffffffe, 0x80000000, 0x7fffffff,
                                     0xffff0000, 0x0000ffff};
    uint32_t choice = random_word() % 10;
    return choice < 8 ? words[choice] : random_word();
}

/* 8 random words, 8 extreme ones, or 0 or 2^256 give or take a little. */
static void any_number(uint32_t a[static 8])
{
    uint32_t kind = random_word() % 8;
    uint32_t fill = kind == 0 ? 0 : 0xffffffff;
    for (int i = 0; i < 8; i++) {
        a[i] = kind < 2 ? fill : kind < 5 ? extreme_word() : random_word();
    }
    if (kind < 2) {
        a[0] -= random_word() % 64;
    }
}

/* The primes, for operands close to them. */
static const uint32_t p256_prime[8] = {0xffffffff, 0xffffffff, 0xffffffff, 0, 0,
                                       0,          1,          0xffffffff};
static const uint32_t p25519[8] = {0xffffffed, 0xffffffff, 0xffffffff,
                                   0xffffffff, 0xffffffff, 0xffffffff,
                                   0xffffffff, 0x7fffffff};

/* r = number - small. ret: 1 when that is below 0. */
static uint32_t minus_small(uint32_t r[static 8],
                            const uint32_t number[static 8], uint32_t small)
{
    uint64_t borrow = small;
    for (int i = 0; i < 8; i++) {
        uint64_t word = (uint64_t)number[i] - borrow;
        r[i] = (uint32_t)word;
        borrow = word >> 63;
    }
    return (uint32_t)borrow;
}

static int below(const uint32_t a[static 8], const uint32_t b[static 8])
{
    for (int i = 7; i >= 0; i--) {
        if (a[i] != b[i]) {
            return a[i] < b[i];
        }
    }
    return 0;
}

/* A number below the prime of P-256, now and then just below it. */
static void p256_element(uint32_t a[static 8])
{
    do {
        any_number(a);
    } while (!below(a, p256_prime));
    if (random_word() % 8 == 0) {
        (void)minus_small(a, p256_prime, 1 + random_word() % 8);
    }
}

/* Any 8 words, now and then within 32 of p or of 2 p. */
static void fe_element(struct assay_fe25519 *a)
{
    any_number(a->w);
    if (random_word() % 8 == 0) {
        struct assay_fe25519 near;
        uint32_t twice = random_word() % 2;
        for (int i = 0; i < 8; i++) {
            near.w[i] = p25519[i] << twice |
                        (twice == 1 && i > 0 ? p25519[i - 1] >> 31 : 0);
        }
        near.w[0] += 18; /* no carry: the lowest word is below 2^32 - 18 */
        (void)minus_small(a->w, near.w, random_word() % 50);
    }
}

static void words_equal(const uint32_t got[static 8],
                        const uint32_t wanted[static 8], const char *what,
                        unsigned n)
{
    cr_assert_eq(memcmp(got, wanted, 32), 0, "%s, operands %u", what, n);
}

/* ---- P-256 ---- */

Test(field_64, p256_random_and_extreme_operands_give_the_portable_words)
{
    for (unsigned n = 0; n < N_RANDOM; n++) {
        uint32_t a[8];
        uint32_t b[8];
        uint32_t any[8];
        uint32_t got[8];
        uint32_t wanted[8];
        p256_element(a);
        p256_element(b);
        any_number(any);

        assay_p256_fe_mul(got, any, b);
        portable_p256_mul(wanted, any, b);
        words_equal(got, wanted, "any * b", n);
        assay_p256_fe_mul(got, a, any);
        portable_p256_mul(wanted, a, any);
        words_equal(got, wanted, "a * any", n);
        assay_p256_fe_sqr(got, a);
        portable_p256_sqr(wanted, a);
        words_equal(got, wanted, "a^2", n);
        assay_p256_fe_add(got, a, b);
        portable_p256_add(wanted, a, b);
        words_equal(got, wanted, "a + b", n);
        assay_p256_fe_sub(got, a, b);
        portable_p256_sub(wanted, a, b);
        words_equal(got, wanted, "a - b", n);
        assay_p256_fe_half(got, a);
        portable_p256_half(wanted, a);
        words_equal(got, wanted, "a / 2", n);
    }
}

/* OpenSSL's numbers: three operands and results, and what the sums need. */
struct numbers {
    BN_CTX *ctx;
    BIGNUM *p;
    BIGNUM *factor; /* 2^-256 mod p */
    BIGNUM *half;   /* 1/2 mod p */
    BIGNUM *a, *b, *r;
};

static void numbers_open(struct numbers *n, const uint32_t prime[static 8])
{
    n->ctx = BN_CTX_new();
    n->p = BN_lebin2bn((const uint8_t *)prime, 32, NULL);
    n->factor = BN_new();
    n->half = BN_new();
    n->a = BN_new();
    n->b = BN_new();
    n->r = BN_new();
    cr_assert(n->r != NULL && BN_set_bit(n->factor, 256) == 1);
    cr_assert(BN_mod_inverse(n->factor, n->factor, n->p, n->ctx) != NULL);
    cr_assert(BN_set_word(n->half, 2) == 1);
    cr_assert(BN_mod_inverse(n->half, n->half, n->p, n->ctx) != NULL);
}

static void numbers_close(struct numbers *n)
{
    BN_free(n->r);
    BN_free(n->b);
    BN_free(n->a);
    BN_free(n->half);
    BN_free(n->factor);
    BN_free(n->p);
    BN_CTX_free(n->ctx);
}

static void numbers_set(struct numbers *n, const uint32_t a[static 8],
                        const uint32_t b[static 8])
{
    cr_assert(BN_lebin2bn((const uint8_t *)a, 32, n->a) != NULL);
    cr_assert(BN_lebin2bn((const uint8_t *)b, 32, n->b) != NULL);
}

/* The words of n->r are got; done: the calls before succeeded. */
static void expect(struct numbers *n, int done, const uint32_t got[static 8],
                   const char *what)
{
    uint32_t wanted[8];
    cr_assert_eq(done, 1);
    cr_assert_eq(BN_bn2lebinpad(n->r, (uint8_t *)wanted, 32), 32);
    cr_assert_eq(memcmp(got, wanted, 32), 0, "%s", what);
}

Test(field_64, p256_operands_give_what_openssl_computes)
{
    struct numbers n;
    numbers_open(&n, p256_prime);
    for (unsigned i = 0; i < N_OPENSSL; i++) {
        uint32_t a[8];
        uint32_t b[8];
        uint32_t got[8];
        p256_element(a);
        p256_element(b);
        numbers_set(&n, a, b);
        assay_p256_fe_mul(got, a, b);
        expect(&n,
               BN_mod_mul(n.r, n.a, n.b, n.p, n.ctx) &&
                   BN_mod_mul(n.r, n.r, n.factor, n.p, n.ctx),
               got, "a * b");
        assay_p256_fe_sqr(got, a);
        expect(&n,
               BN_mod_sqr(n.r, n.a, n.p, n.ctx) &&
                   BN_mod_mul(n.r, n.r, n.factor, n.p, n.ctx),
               got, "a^2");
        assay_p256_fe_add(got, a, b);
        expect(&n, BN_mod_add(n.r, n.a, n.b, n.p, n.ctx), got, "a + b");
        assay_p256_fe_sub(got, a, b);
        expect(&n, BN_mod_sub(n.r, n.a, n.b, n.p, n.ctx), got, "a - b");
        assay_p256_fe_half(got, a);
        expect(&n, BN_mod_mul(n.r, n.a, n.half, n.p, n.ctx), got, "a / 2");
    }
    numbers_close(&n);
}

typedef void binary(uint32_t r[static 8], const uint32_t a[static 8],
                    const uint32_t b[static 8]);
typedef void unary(uint32_t r[static 8], const uint32_t a[static 8]);

Test(field_64, p256_result_in_place_of_an_operand_is_the_same)
{
    static binary *const binaries[] = {assay_p256_fe_mul, assay_p256_fe_add,
                                       assay_p256_fe_sub};
    static unary *const unaries[] = {assay_p256_fe_sqr, assay_p256_fe_half};
    uint32_t a[8];
    uint32_t b[8];
    uint32_t r[8];
    uint32_t wanted[8];
    for (unsigned n = 0; n < 1000; n++) {
        p256_element(a);
        p256_element(b);
        for (size_t i = 0; i < 3; i++) {
            binaries[i](wanted, a, b);
            memcpy(r, a, sizeof r);
            binaries[i](r, r, b);
            words_equal(r, wanted, "r = r . b", n);
            memcpy(r, b, sizeof r);
            binaries[i](r, a, r);
            words_equal(r, wanted, "r = a . r", n);
            binaries[i](wanted, a, a);
            memcpy(r, a, sizeof r);
            binaries[i](r, r, r);
            words_equal(r, wanted, "r = r . r", n);
        }
        for (size_t i = 0; i < 2; i++) {
            unaries[i](wanted, a);
            memcpy(r, a, sizeof r);
            unaries[i](r, r);
            words_equal(r, wanted, "r of r", n);
        }
    }
}

/* ---- 2^255 - 19 ---- */

/* Both are of one residue; the canonical form of both files says so. */
static void residues_equal(const struct assay_fe25519 *got,
                           const struct assay_fe25519 *wanted, const char *what,
                           unsigned n)
{
    struct assay_fe25519 x;
    struct assay_fe25519 y;
    portable_fe_canonical(&x, wanted);
    portable_fe_canonical(&y, got);
    words_equal(y.w, x.w, what, n);
    assay_fe25519_canonical(&y, got);
    words_equal(y.w, x.w, "canonical", n);
}

Test(field_64, fe25519_random_and_extreme_operands_give_the_portable_residues)
{
    for (unsigned n = 0; n < N_RANDOM; n++) {
        struct assay_fe25519 a;
        struct assay_fe25519 b;
        struct assay_fe25519 got;
        struct assay_fe25519 wanted;
        struct assay_fe25519 got2;
        struct assay_fe25519 wanted2;
        fe_element(&a);
        fe_element(&b);

        assay_fe25519_mul(&got, &a, &b);
        portable_fe_mul(&wanted, &a, &b);
        residues_equal(&got, &wanted, "a * b", n);
        assay_fe25519_sqr(&got, &a);
        portable_fe_sqr(&wanted, &a);
        residues_equal(&got, &wanted, "a^2", n);
        assay_fe25519_add(&got, &a, &b);
        portable_fe_add(&wanted, &a, &b);
        residues_equal(&got, &wanted, "a + b", n);
        assay_fe25519_sub(&got, &a, &b);
        portable_fe_sub(&wanted, &a, &b);
        residues_equal(&got, &wanted, "a - b", n);
        assay_fe25519_add_sub(&got, &got2, &a, &b);
        portable_fe_add_sub(&wanted, &wanted2, &a, &b);
        residues_equal(&got, &wanted, "sum", n);
        residues_equal(&got2, &wanted2, "difference", n);
        residues_equal(&a, &a, "a", n);
    }
}

Test(field_64, fe25519_operands_give_what_openssl_computes)
{
    struct numbers n;
    numbers_open(&n, p25519);
    for (unsigned i = 0; i < N_OPENSSL; i++) {
        struct assay_fe25519 a;
        struct assay_fe25519 b;
        struct assay_fe25519 got;
        fe_element(&a);
        fe_element(&b);
        numbers_set(&n, a.w, b.w);
        assay_fe25519_mul(&got, &a, &b);
        assay_fe25519_canonical(&got, &got);
        expect(&n, BN_mod_mul(n.r, n.a, n.b, n.p, n.ctx), got.w, "a * b");
        assay_fe25519_sqr(&got, &a);
        assay_fe25519_canonical(&got, &got);
        expect(&n, BN_mod_sqr(n.r, n.a, n.p, n.ctx), got.w, "a^2");
        assay_fe25519_add(&got, &a, &b);
        assay_fe25519_canonical(&got, &got);
        expect(&n, BN_mod_add(n.r, n.a, n.b, n.p, n.ctx), got.w, "a + b");
        assay_fe25519_sub(&got, &a, &b);
        assay_fe25519_canonical(&got, &got);
        expect(&n, BN_mod_sub(n.r, n.a, n.b, n.p, n.ctx), got.w, "a - b");
        assay_fe25519_canonical(&got, &a);
        expect(&n, BN_nnmod(n.r, n.a, n.p, n.ctx), got.w, "a");
    }
    numbers_close(&n);
}

Test(field_64, fe25519_many_squarings_give_the_portable_residue)
{
    for (unsigned n = 1; n <= 300; n++) {
        struct assay_fe25519 a;
        struct assay_fe25519 got;
        struct assay_fe25519 wanted;
        fe_element(&a);
        assay_fe25519_sqr_times(&got, &a, n);
        portable_fe_sqr_times(&wanted, &a, n);
        residues_equal(&got, &wanted, "a^(2^n)", n);
        assay_fe25519_sqr_times(&a, &a, n);
        words_equal(a.w, got.w, "a^(2^n) over a", n);
    }
}

Test(field_64, fe25519_result_in_place_of_an_operand_is_the_same)
{
    static void (*const operations[])(struct assay_fe25519 *,
                                      const struct assay_fe25519 *,
                                      const struct assay_fe25519 *) = {
        assay_fe25519_mul, assay_fe25519_add, assay_fe25519_sub};
    for (unsigned n = 0; n < 1000; n++) {
        struct assay_fe25519 a;
        struct assay_fe25519 b;
        struct assay_fe25519 r;
        struct assay_fe25519 s;
        struct assay_fe25519 sum;
        struct assay_fe25519 difference;
        fe_element(&a);
        fe_element(&b);
        for (size_t i = 0; i < 3; i++) {
            operations[i](&sum, &a, &b);
            r = a;
            operations[i](&r, &r, &b);
            words_equal(r.w, sum.w, "r = r . b", n);
            r = b;
            operations[i](&r, &a, &r);
            words_equal(r.w, sum.w, "r = a . r", n);
        }
        assay_fe25519_add_sub(&sum, &difference, &a, &b);
        r = a;
        s = b;
        assay_fe25519_add_sub(&r, &s, &r, &s);
        words_equal(r.w, sum.w, "sum over a", n);
        words_equal(s.w, difference.w, "difference over b", n);
        r = a;
        s = b;
        assay_fe25519_add_sub(&s, &r, &r, &s);
        words_equal(s.w, sum.w, "sum over b", n);
        words_equal(r.w, difference.w, "difference over a", n);
        assay_fe25519_sqr(&sum, &a);
        r = a;
        assay_fe25519_sqr(&r, &r);
        words_equal(r.w, sum.w, "square over a", n);
    }
}

/* ---- words ---- */

Test(field_64, lookup_of_every_index_gives_the_portable_words)
{
    static const uint32_t strides[] = {8, 9, 16, 24, 32};
    static const uint32_t far[] = {8, 9, 16, 0x80000000, 0xffffffff};
    uint32_t table[8 * 32];
    uint32_t got[8];
    uint32_t wanted[8];
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
        table[i] = random_word();
    }
    for (unsigned n = 0; n < 5 * 13; n++) {
        uint32_t stride = strides[n / 13];
        uint32_t index = n % 13 < 8 ? n % 13 : far[n % 13 - 8];
        assay_words_lookup(got, table, stride, index);
        portable_lookup(wanted, table, stride, index);
        words_equal(got, wanted, "entry", n);
        memset(wanted, 0, sizeof wanted);
        words_equal(got, index < 8 ? table + stride * index : wanted, "table",
                    n);
    }
}

Test(field_64, select_by_either_mask_gives_the_portable_words)
{
    for (unsigned n = 0; n < 100; n++) {
        uint32_t a[8];
        uint32_t b[8];
        uint32_t got[8];
        uint32_t wanted[8];
        any_number(a);
        any_number(b);
        portable_select(wanted, 0u - n % 2, a, b);
        assay_words_select(got, 0u - n % 2, a, b);
        words_equal(got, wanted, "selection", n);
        memcpy(got, a, sizeof got);
        assay_words_select(got, 0u - n % 2, got, b);
        words_equal(got, wanted, "selection over a", n);
        memcpy(got, b, sizeof got);
        assay_words_select(got, 0u - n % 2, a, got);
        words_equal(got, wanted, "selection over b", n);
    }
}

/* ---- SHA-256 ---- */

#if defined(__x86_64__)
#include "crypto/sha256_block_x86.c"

Test(field_64, sha256_by_either_engine_is_the_same)
{
    static const size_t counts[] = {0, 1, 2, 3, 16};
    uint8_t data[16 * 64 + 15];
    if (detect() != ENGINE_SHA_NI) {
        fputs("left out: field_64: this processor has no SHA instructions\n",
              stderr);
        return;
    }
    for (unsigned n = 0; n < 5 * 16 * 20; n++) {
        uint32_t got[8];
        uint32_t wanted[8];
        for (int i = 0; i < 8; i++) {
            got[i] = wanted[i] = random_word();
        }
        for (size_t i = 0; i < sizeof data; i++) {
            data[i] = (uint8_t)random_word();
        }
        size_t n_blocks = counts[n % 5];
        sha_ni_blocks(got, data + n / 5 % 16, n_blocks);
        portable_blocks(wanted, data + n / 5 % 16, n_blocks);
        words_equal(got, wanted, "blocks", n);
    }
}

#endif

#else

Test(field_64, host_without_these_files_has_nothing_to_test)
{
}

#endif
