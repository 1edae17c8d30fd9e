/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <criterion/criterion.h>
#include <openssl/bn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/p256_field.h"
#include "tests/numbers.h"

struct field {
    BN_CTX *ctx;
    BIGNUM *p;
    BIGNUM *r_inverse; /* 2^-256 mod p */
    BIGNUM *half;      /* 1/2 mod p */
};

/* Words that make carries run: mostly 0, 1, all ones, the top bit, random. */
static void extreme_words(uint32_t w[static 8])
{
    static const uint32_t word[] = {
        0, 1, 2, 0xffffffff, 0xffffffff, 0xfffffffe, 0x80000000, 0x7fffffff};
    uint32_t plain = random_word() % 4;
    for (size_t i = 0; i < 8; i++) {
        uint32_t pick = random_word() % 9;
        w[i] = plain == 0 || pick == 8 ? random_word() : word[pick];
    }
}

/* An element below p; now and then 0, 1, p - 1, p - 2. */
static void extreme_element(const struct field *f, uint32_t w[static 8])
{
    BIGNUM *x;
    uint32_t special = random_word() % 16;
    extreme_words(w);
    x = bn_from(w);
    if (special < 2) {
        cr_assert(BN_set_word(x, special));
    } else if (special < 4) {
        cr_assert(BN_copy(x, f->p) && BN_sub_word(x, special - 1));
    }
    cr_assert(BN_nnmod(x, x, f->p, f->ctx));
    words_from(w, x);
    BN_free(x);
}

/*
 * The result for a and b into separate words, over a, and over b; the wanted
 * value is x mod p.
 */
typedef void field_op(uint32_t r[static 8], const uint32_t a[static 8],
                      const uint32_t b[static 8]);

static void check_op(const struct field *f, field_op *op, const uint32_t *a,
                     const uint32_t *b, BIGNUM *x)
{
    uint32_t want[8];
    uint32_t r[8];
    cr_assert(BN_nnmod(x, x, f->p, f->ctx));
    words_from(want, x);
    op(r, a, b);
    cr_assert_arr_eq(r, want, 32);
    memcpy(r, a, 32);
    op(r, r, b);
    cr_assert_arr_eq(r, want, 32);
    memcpy(r, b, 32);
    op(r, a, r);
    cr_assert_arr_eq(r, want, 32);
    if (memcmp(a, b, 32) == 0) {
        memcpy(r, a, 32);
        op(r, r, r);
        cr_assert_arr_eq(r, want, 32);
    }
}

static void op_sqr(uint32_t r[static 8], const uint32_t a[static 8],
                   const uint32_t b[static 8])
{
    (void)b;
    assay_p256_fe_sqr(r, a);
}

static void op_half(uint32_t r[static 8], const uint32_t a[static 8],
                    const uint32_t b[static 8])
{
    (void)b;
    assay_p256_fe_half(r, a);
}

static void check_elements(const struct field *f, const uint32_t a[static 8],
                           const uint32_t b[static 8])
{
    BIGNUM *x = bn_from(a);
    BIGNUM *y = bn_from(b);
    BIGNUM *t = BN_new();
    cr_assert(BN_add(t, x, y));
    check_op(f, assay_p256_fe_add, a, b, t);
    cr_assert(BN_sub(t, x, y));
    check_op(f, assay_p256_fe_sub, a, b, t);
    cr_assert(BN_mul(t, x, y, f->ctx) && BN_mul(t, t, f->r_inverse, f->ctx));
    check_op(f, assay_p256_fe_mul, a, b, t);
    cr_assert(BN_sqr(t, x, f->ctx) && BN_mul(t, t, f->r_inverse, f->ctx));
    check_op(f, op_sqr, a, a, t);
    cr_assert(BN_mul(t, x, f->half, f->ctx));
    check_op(f, op_half, a, a, t);
    BN_free(x);
    BN_free(y);
    BN_free(t);
}

Test(p256_field, agrees_with_big_integers)
{
    const char *want_long = getenv("ASSAY_LONG");
    int n_cases = want_long && strcmp(want_long, "1") == 0 ? 200000 : 10000;
    struct field f = {BN_CTX_new(), NULL, BN_new(), BN_new()};
    cr_assert(BN_hex2bn(&f.p, "FFFFFFFF00000001000000000000000000000000FFFFFFFF"
                              "FFFFFFFFFFFFFFFF"));
    cr_assert(BN_set_bit(f.r_inverse, 256) && BN_set_word(f.half, 2));
    cr_assert_not_null(BN_mod_inverse(f.r_inverse, f.r_inverse, f.p, f.ctx));
    cr_assert_not_null(BN_mod_inverse(f.half, f.half, f.p, f.ctx));
    for (int i = 0; i < n_cases; i++) {
        uint32_t a[8];
        uint32_t b[8];
        uint32_t any[8];
        extreme_element(&f, a);
        extreme_element(&f, b);
        check_elements(&f, a, i % 8 == 0 ? a : b);

        /* The product also takes one operand that is not below p. */
        extreme_words(any);
        BIGNUM *x = bn_from(any);
        BIGNUM *y = bn_from(a);
        cr_assert(BN_mul(x, x, y, f.ctx) && BN_mul(x, x, f.r_inverse, f.ctx));
        check_op(&f, assay_p256_fe_mul, any, a, x);
        check_op(&f, assay_p256_fe_mul, a, any, x);
        BN_free(x);
        BN_free(y);
    }
    BN_free(f.p);
    BN_free(f.r_inverse);
    BN_free(f.half);
    BN_CTX_free(f.ctx);
}
