/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <criterion/criterion.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <stdint.h>
#include <string.h>

#include "crypto/p256_sum.h"
#include "tests/numbers.h"

/* ---- small helpers ---- */

struct curve {
    BN_CTX *ctx;
    EC_GROUP *group;
    EC_POINT *point;
    BIGNUM *n;
    BIGNUM *p;
    BIGNUM *r;         /* 2^256 mod p */
    BIGNUM *r_inverse; /* 2^-256 mod p */
};

static void curve_open(struct curve *c)
{
    c->ctx = BN_CTX_new();
    c->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    c->point = EC_POINT_new(c->group);
    c->n = BN_dup(EC_GROUP_get0_order(c->group));
    c->p = BN_dup(EC_GROUP_get0_field(c->group));
    c->r = BN_new();
    c->r_inverse = BN_new();
    cr_assert(BN_set_bit(c->r, 256) && BN_nnmod(c->r, c->r, c->p, c->ctx));
    cr_assert_not_null(BN_mod_inverse(c->r_inverse, c->r, c->p, c->ctx));
}

static void curve_close(struct curve *c)
{
    BN_free(c->n);
    BN_free(c->p);
    BN_free(c->r);
    BN_free(c->r_inverse);
    EC_POINT_free(c->point);
    EC_GROUP_free(c->group);
    BN_CTX_free(c->ctx);
}

static BIGNUM *random_scalar(const struct curve *c)
{
    uint32_t w[8];
    for (size_t i = 0; i < 8; i++) {
        w[i] = random_word();
    }
    BIGNUM *x = bn_from(w);
    cr_assert(BN_nnmod(x, x, c->n, c->ctx));
    return x;
}

/* x, y = the coordinates of k G times R. ret: 0 when it is infinity. */
static int multiple(struct curve *c, const BIGNUM *k, uint32_t x[static 8],
                    uint32_t y[static 8])
{
    BIGNUM *u = BN_new();
    BIGNUM *v = BN_new();
    cr_assert(EC_POINT_mul(c->group, c->point, k, NULL, NULL, c->ctx));
    int finite = !EC_POINT_is_at_infinity(c->group, c->point);
    if (finite) {
        cr_assert(
            EC_POINT_get_affine_coordinates(c->group, c->point, u, v, c->ctx));
        cr_assert(BN_mod_mul(u, u, c->r, c->p, c->ctx));
        cr_assert(BN_mod_mul(v, v, c->r, c->p, c->ctx));
        words_from(x, u);
        words_from(y, v);
    }
    BN_free(u);
    BN_free(v);
    return finite;
}

/* x and y become x / z^2 and y / z^3; all carry the factor R. */
static void to_affine(const struct curve *c, uint32_t x[static 8],
                      uint32_t y[static 8], const uint32_t z[static 8])
{
    BIGNUM *u = bn_from(x);
    BIGNUM *v = bn_from(y);
    BIGNUM *w = bn_from(z);
    cr_assert(BN_mod_mul(w, w, c->r_inverse, c->p, c->ctx));
    cr_assert_not_null(BN_mod_inverse(w, w, c->p, c->ctx));
    for (int i = 0; i < 2; i++) {
        cr_assert(BN_mod_mul(u, u, w, c->p, c->ctx));
    }
    for (int i = 0; i < 3; i++) {
        cr_assert(BN_mod_mul(v, v, w, c->p, c->ctx));
    }
    words_from(x, u);
    words_from(y, v);
    BN_free(u);
    BN_free(v);
    BN_free(w);
}

/* ---- the table ---- */

/* The product of two elements, and the factor R once. */
static void product(const struct curve *c, uint32_t r[static 8],
                    const uint32_t a[static 8], const uint32_t b[static 8])
{
    BIGNUM *x = bn_from(a);
    BIGNUM *y = bn_from(b);
    cr_assert(BN_mod_mul(x, x, y, c->p, c->ctx));
    cr_assert(BN_mod_mul(x, x, c->r_inverse, c->p, c->ctx));
    words_from(r, x);
    BN_free(x);
    BN_free(y);
}

/* ret: the quotient z_7 / ratio_6 / .. / ratio_k as words. */
static void denominator(const struct curve *c, uint32_t r[static 8],
                        const uint32_t z[static 64], int k)
{
    memcpy(r, z + 56, 32);
    for (int i = 6; i >= k; i--) {
        uint32_t inverse[8];
        BIGNUM *x = bn_from(z + 8 * i);
        cr_assert(BN_mod_mul(x, x, c->r_inverse, c->p, c->ctx));
        cr_assert_not_null(BN_mod_inverse(x, x, c->p, c->ctx));
        cr_assert(BN_mod_mul(x, x, c->r, c->p, c->ctx));
        words_from(inverse, x);
        product(c, r, r, inverse);
        BN_free(x);
    }
}

/* The odd multiples of k G, affine. */
static void make_table(struct curve *c, uint32_t table[static 128],
                       const BIGNUM *k)
{
    BIGNUM *m = BN_dup(k);
    for (int i = 0; i < 64; i += 8) {
        cr_assert(multiple(c, m, table + i, table + 64 + i));
        cr_assert(BN_mod_add(m, m, k, c->n, c->ctx));
        cr_assert(BN_mod_add(m, m, k, c->n, c->ctx));
    }
    BN_free(m);
}

Test(p256_sum, multiples_are_the_odd_ones)
{
    struct curve c;
    curve_open(&c);
    for (int round = 0; round < 20; round++) {
        uint32_t want[128];
        uint32_t table[128];
        uint32_t z[64];
        BIGNUM *k = random_scalar(&c);
        if (round < 8) {
            cr_assert(BN_set_word(k, 1 + (BN_ULONG)round / 2));
            BN_set_negative(k, round % 2);
            cr_assert(BN_nnmod(k, k, c.n, c.ctx));
        }
        make_table(&c, want, k);
        memset(table, 0xA5, sizeof table);
        memcpy(table, want, 32);
        memcpy(table + 64, want + 64, 32);
        cr_assert_eq(assay_p256_multiples(table, z), 0xffffffff);
        for (int i = 0; i < 8; i++) {
            uint32_t zi[8];
            denominator(&c, zi, z, i);
            to_affine(&c, table + 8 * i, table + 64 + 8 * i, zi);
        }
        cr_assert_arr_eq(table, want, sizeof want);
        BN_free(k);
    }
    curve_close(&c);
}

/* ---- the sum ---- */

/* d = u in the digits 1 and -1: (u + 2^256 - 1) / 2, for an odd u or for u - n,
 * which is odd when u is even. */
static void recode(const struct curve *c, uint32_t d[static 8], const BIGNUM *u)
{
    BIGNUM *x = BN_dup(u);
    BIGNUM *t = BN_new();
    if (!BN_is_odd(x)) {
        cr_assert(BN_sub(x, x, c->n));
    }
    cr_assert(BN_set_bit(t, 256) && BN_sub_word(t, 1) && BN_add(x, x, t));
    cr_assert(BN_rshift1(x, x));
    words_from(d, x);
    BN_free(x);
    BN_free(t);
}

/* The sum for Q = k G against OpenSSL. ret: 1 when it is not infinity. */
static int check_sum(struct curve *c, const BIGNUM *u1, const BIGNUM *u2,
                     const BIGNUM *k)
{
    uint32_t table[128];
    uint32_t d1[8];
    uint32_t d2[8];
    uint32_t p[24];
    uint32_t x[8];
    uint32_t y[8];
    static const uint32_t zero[8] = {0};
    BIGNUM *sum = BN_new();
    make_table(c, table, k);
    recode(c, d1, u1);
    recode(c, d2, u2);
    cr_assert(BN_mod_mul(sum, u2, k, c->n, c->ctx));
    cr_assert(BN_mod_add(sum, sum, u1, c->n, c->ctx));
    int finite = multiple(c, sum, x, y);
    cr_assert_eq(assay_p256_sum(p, d1, d2, table), 0xffffffff);
    if (finite) {
        to_affine(c, p, p + 8, p + 16);
        cr_assert_arr_eq(p, x, 32);
        cr_assert_arr_eq(p + 8, y, 32);
    } else {
        cr_assert_arr_eq(p + 16, zero, 32);
    }
    BN_free(sum);
    return finite;
}

Test(p256_sum, random_sums_agree_with_openssl)
{
    struct curve c;
    curve_open(&c);
    for (unsigned i = 0; i < 300; i++) {
        BIGNUM *u1 = random_scalar(&c);
        BIGNUM *u2 = random_scalar(&c);
        BIGNUM *k = random_scalar(&c);
        if (i % 3 == 1) {
            cr_assert(BN_set_word(i % 2 ? u1 : u2, i / 20));
        }
        if (i % 5 == 1) {
            cr_assert(BN_set_word(k, 1 + i / 50));
        }
        (void)check_sum(&c, u1, u2, k);
        BN_free(u1);
        BN_free(u2);
        BN_free(k);
    }
    curve_close(&c);
}

/* The k-th digit of d, 1 or -1. */
static int digit(const uint32_t d[static 8], int k)
{
    return (int)(d[k / 32] >> (k % 32) & 1) * 2 - 1;
}

/* x += sum of the digits of d at i, i + step, i + 2 step, i + 3 step, each
 * times 2^step more than the one before. */
static void add_digits(BIGNUM *x, const uint32_t d[static 8], int i, int step)
{
    for (int j = 0; j < 4; j++) {
        BIGNUM *t = BN_new();
        cr_assert(BN_set_bit(t, step * j));
        BN_set_negative(t, digit(d, i + step * j) < 0);
        cr_assert(BN_add(x, x, t));
        BN_free(t);
    }
}

/* a G + b Q is the sum before an addition, da G + db Q is what is added. */
struct addition {
    BIGNUM *a;
    BIGNUM *b;
    BIGNUM *da;
    BIGNUM *db;
};

/*
 * The addition number `which` of those that may meet any two points, as the
 * comment of assay_p256_sum has them. ret: 1, or 0 when there is none.
 */
static int find_addition(struct addition *t, const uint32_t d1[static 8],
                         const uint32_t d2[static 8], unsigned which)
{
    unsigned seen = 0;
    for (int i = 252; i >= 0; i--) {
        cr_assert(i == 252 ||
                  (BN_lshift1(t->a, t->a) && BN_lshift1(t->b, t->b)));
        BN_zero(t->da);
        BN_zero(t->db);
        if (i < 64) {
            add_digits(t->da, d1, i, 64);
            if (seen == which) {
                return 1;
            }
            seen++;
            cr_assert(BN_add(t->a, t->a, t->da));
            BN_zero(t->da);
        }
        if (i % 4 == 0) {
            add_digits(t->db, d2, i, 1);
            if (i < 64 && seen == which) {
                return 1;
            }
            seen += i < 64;
            cr_assert(BN_add(t->b, t->b, t->db));
        }
    }
    return 0;
}

/* k with a + b k = sign (da + db k), or 0 when there is none. */
static void solve(const struct curve *c, BIGNUM *k, const struct addition *t,
                  int negative)
{
    BIGNUM *den = BN_new();
    if (negative) {
        cr_assert(BN_add(k, t->da, t->a) && BN_add(den, t->b, t->db));
        BN_set_negative(k, !BN_is_negative(k));
    } else {
        cr_assert(BN_sub(k, t->da, t->a) && BN_sub(den, t->b, t->db));
    }
    cr_assert(BN_nnmod(k, k, c->n, c->ctx) && BN_nnmod(den, den, c->n, c->ctx));
    if (BN_is_zero(den)) {
        BN_zero(k);
    } else {
        cr_assert_not_null(BN_mod_inverse(den, den, c->n, c->ctx));
        cr_assert(BN_mod_mul(k, k, den, c->n, c->ctx));
    }
    BN_free(den);
}

/* Each addition of equal and of opposite points, by the choice of Q. */
Test(p256_sum, equal_and_opposite_points_at_every_addition)
{
    struct curve c;
    unsigned n_checked = 0;
    curve_open(&c);
    for (unsigned i = 0; i < 2 * 80; i++) {
        struct addition t = {BN_new(), BN_new(), BN_new(), BN_new()};
        BIGNUM *u1 = random_scalar(&c);
        BIGNUM *u2 = random_scalar(&c);
        BIGNUM *k = BN_new();
        uint32_t d1[8];
        uint32_t d2[8];
        recode(&c, d1, u1);
        recode(&c, d2, u2);
        cr_assert(find_addition(&t, d1, d2, i / 2));
        solve(&c, k, &t, (int)(i % 2));
        if (!BN_is_zero(k)) {
            (void)check_sum(&c, u1, u2, k);
            n_checked++;
        }
        BN_free(t.a);
        BN_free(t.b);
        BN_free(t.da);
        BN_free(t.db);
        BN_free(u1);
        BN_free(u2);
        BN_free(k);
    }
    curve_close(&c);
    cr_assert_eq(n_checked, 160);
}

/* u1 = u2 k or - u2 k for a small k: the sum comes and goes to infinity. */
Test(p256_sum, small_relations_agree_with_openssl)
{
    struct curve c;
    unsigned n_infinite = 0;
    curve_open(&c);
    for (unsigned i = 0; i < 4 * 17; i++) {
        BIGNUM *u1 = BN_new();
        BIGNUM *u2 = random_scalar(&c);
        BIGNUM *k = BN_new();
        cr_assert(BN_set_word(k, 1 + i / 4));
        if (i % 2 != 0) {
            cr_assert(BN_sub(k, c.n, k));
        }
        cr_assert(BN_mod_mul(u1, u2, k, c.n, c.ctx));
        if (i % 4 < 2) {
            cr_assert(BN_sub(u1, c.n, u1));
        }
        n_infinite += !check_sum(&c, u1, u2, k);
        BN_free(u1);
        BN_free(u2);
        BN_free(k);
    }
    curve_close(&c);
    cr_assert_eq(n_infinite, 2 * 17);
}
