/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/p256_sum.h"

#include "base/ct.h"
#include "crypto/p256_field.h"
#include "crypto/words.h"

enum {
    ASSAY_TOP_DIGIT = 252, /* the lowest bit of the first digit of u2 */
    ASSAY_N_COLUMNS = 64   /* of u1 */
};

/* What is known of two points to be added. */
enum points {
    ASSAY_POINTS_DISTINCT, /* p is neither infinity nor q nor -q */
    ASSAY_POINTS_ANY       /* nothing */
};

/* R mod p, the element 1 */
static const uint32_t one[8] = {0x00000001, 0x00000000, 0x00000000, 0xffffffff,
                                0xffffffff, 0xffffffff, 0xfffffffe, 0x00000000};

/*
 * x R mod p, then y R mod p, of 2^192 G + e 2^128 G + f 2^64 G + g G for e, f,
 * g = 1 or -1: the bits 2, 1, 0 of the index are 1 where e, f, g are 1.
 */
static const uint32_t base_table[128] = {
    0x670844e0, 0x52d8a7c9, 0xef68a29d, 0x00e33bdc, 0x4bdb7361, 0x0f3d2848,
    0x91c5304d, 0x5222c821, 0x2b13e673, 0xfc8511ee, 0xd103ed24, 0xffc58dee,
    0xea7e99b8, 0x1022523a, 0x4afc8a17, 0x8f43ea39, 0x8bd1cda5, 0x56430752,
    0x8e05eda5, 0x1807577f, 0x956896e9, 0x099c699b, 0xf1f0efb5, 0x83d6093d,
    0x74f81cf1, 0x814c5365, 0x0120065b, 0xe30baff7, 0x15132621, 0x80ae1256,
    0x36a80788, 0x16d2b8cb, 0xcf0d9f6d, 0x5305a9e6, 0x81a9b021, 0x5839172f,
    0x75c687cf, 0xcca7a4dd, 0x844be22f, 0x36d59b3e, 0xcf07517d, 0xdbd568bb,
    0xba6830b9, 0x2f1afba2, 0xe6c4c2a6, 0x15b6807c, 0xe4966aef, 0x91c7eabc,
    0x42b7dfd5, 0xe40bf9f4, 0x2d934f2a, 0x673689f3, 0x30a6f50b, 0x8314beb4,
    0x976ec64e, 0xd17af2bc, 0x42913074, 0x0d5ae356, 0x48a542b1, 0x55491b27,
    0xb310732a, 0x469ca665, 0x5f1a4cc1, 0x29591d52, 0xdf73fc25, 0xea6d2944,
    0x0255c81b, 0xa04c0f55, 0xefe488a8, 0x29acdc97, 0x80a560de, 0xbe2e158f,
    0xc5f33d0b, 0x8f4e2dbc, 0xd0aa1681, 0x3bc099fa, 0x79ff9df1, 0xffbb7b41,
    0xd58b57c4, 0x180de09d, 0xed97061c, 0xef5af17e, 0x030d4c3c, 0x35b977b8,
    0x49229439, 0x81fa75a2, 0xa0b6d35d, 0xf5a22070, 0xecc50bca, 0x33d14697,
    0x17aedd21, 0x19a9dfb0, 0xedc3f766, 0x523fbcc7, 0xb2cf5afd, 0x9c4de6dd,
    0x111a53e9, 0xcace7e62, 0xf063f3a1, 0x91c843d4, 0x0da812da, 0xbf77e5f0,
    0x437f3176, 0x0e64af9c, 0xd6b2b6e6, 0x716dea1b, 0x19f85b4b, 0x248c43d1,
    0x4a315e2a, 0x16dcfd60, 0xc72b3d0b, 0x15fdd303, 0x1ee7ddf1, 0x39f66c4f,
    0x68ea373c, 0x7f68e18b, 0x53d0b186, 0x5166c1f2, 0x7be58f14, 0x95dda601,
    0xb84f983f, 0xe76f5b6b, 0x9f5f84e1, 0xbe7eef41, 0x80baa189, 0x1200d496,
    0x18ef332c, 0x6376551f,
};

/* ret: all ones when a == 0, else 0. */
static uint32_t element_zero(const uint32_t a[static 8])
{
    uint32_t d = 0;
    for (int i = 0; i < 8; i++) {
        d |= a[i];
    }
    return ct_mask_zero(d);
}

/*
 * t = (x^2 - z4) 3 / 2. For a point with X = x, Z^4 = z4 this is Y Z times the
 * slope of the tangent, (3 x^2 - 3) / (2 y).
 */
static void point_tangent(uint32_t t[static 8], const uint32_t x[static 8],
                          const uint32_t z4[static 8])
{
    uint32_t u[8];
    assay_p256_fe_sqr(t, x);
    assay_p256_fe_sub(t, t, z4);
    assay_p256_fe_half(u, t);
    assay_p256_fe_add(t, t, u);
}

/*
 * p = 2^n p. in: n is 1 or more.
 * With M = 3/2 (X^2 - Z^4) and S = X Y^2 a doubling is
 * X' = M^2 - 2 S, Y' = M (S - X') - Y^4, Z' = Y Z, Z'^4 = Y^4 Z^4.
 * Infinity stays infinity; Y is never 0 on a point, because n is odd.
 */
static void point_double(uint32_t p[static 24], int n)
{
    uint32_t *x = p;
    uint32_t *y = p + 8;
    uint32_t *z = p + 16;
    uint32_t m[8];
    uint32_t s[8];
    uint32_t z4[8];

    assay_p256_fe_sqr(z4, z);
    assay_p256_fe_sqr(z4, z4);
    for (; n > 0; n--) {
        point_tangent(m, x, z4);
        assay_p256_fe_mul(z, z, y);
        assay_p256_fe_sqr(y, y);
        assay_p256_fe_mul(s, x, y);
        assay_p256_fe_sqr(y, y);
        if (n > 1) {
            assay_p256_fe_mul(z4, z4, y);
        }
        assay_p256_fe_sqr(x, m);
        assay_p256_fe_sub(x, x, s);
        assay_p256_fe_sub(x, x, s);
        assay_p256_fe_sub(s, s, x);
        assay_p256_fe_mul(s, s, m);
        assay_p256_fe_sub(y, s, y);
    }
}

/*
 * p = p + q, with 8 words h of space; if the points are distinct, Z / (the Z
 * before) is left in h.
 *
 * Let U1, S1 and U2, S2 be the coordinates of p and q on the denominator
 * Z = Z1, H = U2 - U1, r = S2 - S1: the chord has the slope r / (H Z), and
 * with V = U1 H^2
 *   X' = r^2 - H^3 - 2 V, Y' = r (V - X') - S1 H^3, Z' = H Z.
 * p = -q: H = 0 and r != 0; Z' = 0 is right.
 * p = q: H = r = 0. With H = S1 and r = 3/2 (U1^2 - Z^4) the slope is
 *   the tangent's, and the same lines double p if the term H^3 of X', which
 *   stands for (U2 - U1) H^2, is left out.
 * p infinite: then X^3 = Y^2. This holds where infinity arises, for X' = r^2,
 *   Y' = -r^3, and doubling keeps it: X' = X^4 / 4, Y' = X^6 / 8. Now U2 and S2
 *   are 0, and the lines give X' = Y' = Z' = 0, to which q is added. So a fault
 *   that takes p for infinite does not put q in its place.
 */
static void point_add(uint32_t p[static 24], uint32_t h[static 8],
                      const uint32_t q[static 16], enum points points)
{
    uint32_t *x = p;
    uint32_t *y = p + 8;
    uint32_t *z = p + 16;
    uint32_t r[8];
    uint32_t t[8];
    uint32_t u[8];
    uint32_t same = 0;
    uint32_t infinite = 0;

    assay_p256_fe_sqr(u, z);
    assay_p256_fe_mul(h, q, u);
    assay_p256_fe_mul(r, z, u);
    assay_p256_fe_mul(r, r, q + 8);
    assay_p256_fe_sub(h, h, x);
    assay_p256_fe_sub(r, r, y);
    if (points == ASSAY_POINTS_ANY) {
        infinite = element_zero(z);
        same = element_zero(h) & element_zero(r);
        assay_p256_fe_sqr(u, u);
        point_tangent(t, x, u);
        assay_words_select(r, same, t, r);
    }
    assay_words_select(t, same, y, h);

    assay_p256_fe_mul(z, z, t);
    assay_p256_fe_sqr(u, t);
    assay_p256_fe_mul(t, t, u);
    assay_p256_fe_mul(u, u, x);
    assay_p256_fe_sqr(x, r);
    if (points == ASSAY_POINTS_ANY) {
        /* h = the term H^3: where p = q it is 0 already. */
        assay_words_select(h, same, h, t);
        assay_p256_fe_sub(x, x, h);
    } else {
        assay_p256_fe_sub(x, x, t);
    }
    assay_p256_fe_sub(x, x, u);
    assay_p256_fe_sub(x, x, u);
    assay_p256_fe_sub(u, u, x);
    assay_p256_fe_mul(u, u, r);
    assay_p256_fe_mul(t, t, y);
    assay_p256_fe_sub(y, u, t);
    for (int i = 0; i < 8; i++) {
        x[i] += infinite & q[i];
        y[i] += infinite & q[i + 8];
        z[i] += infinite & one[i];
    }
}

static void words_copy(uint32_t *r, const uint32_t *a, int n_words)
{
    for (int i = 0; i < n_words; i++) {
        r[i] = ct_barrier(a[i]); /* no call of memcpy */
    }
}

/*
 * Let 2 Q be (X, Y, Z). On the curve where every (x, y) has become
 * (x Z^2, y Z^3), 2 Q is the affine point (X, Y), and addition is the same, as
 * its formula does not know the coefficients of the curve. There we begin with
 * Q and add 2 Q seven times; the denominators of the sums, times Z, are the
 * z_k.
 * k Q is neither infinity nor 2 Q nor -2 Q for k = 1, 3, .. 13, because n, the
 * order of Q, is a prime above 15.
 *
 * Here and in assay_p256_sum, barriers keep the compiler from knowing the
 * counter after the loop.
 */
uint32_t assay_p256_multiples(uint32_t table[static 128], uint32_t z[static 64])
{
    uint32_t twice[24];
    uint32_t p[24];
    uint32_t t[8];
    uint32_t k = 0;
    words_copy(twice, table, 8);
    words_copy(twice + 8, table + 64, 8);
    words_copy(twice + 16, one, 8);
    point_double(twice, 1);

    assay_p256_fe_sqr(t, twice + 16);
    assay_p256_fe_mul(p, table, t);
    assay_p256_fe_mul(t, t, twice + 16);
    assay_p256_fe_mul(p + 8, table + 64, t);
    words_copy(p + 16, one, 8);
    words_copy(table, p, 8);
    words_copy(table + 64, p + 8, 8);
    do {
        point_add(p, z + k, twice, ASSAY_POINTS_DISTINCT);
        k = ct_barrier(k + 8);
        words_copy(table + k, p, 8);
        words_copy(table + 64 + k, p + 8, 8);
    } while (ct_barrier(k) < 56);
    assay_p256_fe_mul(z + 56, p + 16, twice + 16);
    return k - 57;
}

/*
 * q = entry v - 8 of the table, or the negative of entry 7 - v when v < 8.
 * in: v < 16.
 */
static void point_lookup(uint32_t q[static 16],
                         const uint32_t table[static 128], uint32_t v)
{
    static const uint32_t zero[8] = {0};
    uint32_t negative = ct_barrier((v >> 3) - 1);
    uint32_t index = (v ^ negative) & 7;
    uint32_t t[8];
    assay_words_lookup(q, table, 8, index);
    assay_words_lookup(q + 8, table + 64, 8, index);
    assay_p256_fe_sub(t, zero, q + 8);
    assay_words_select(q + 8, negative, t, q + 8);
}

/* The bits i, i + 64, i + 128, i + 192 of d. in: i < 64. */
static uint32_t column_at(const uint32_t d[static 8], uint32_t i)
{
    uint32_t v = 0;
    for (int j = 6; j >= 0; j -= 2) {
        v = 2 * v + (d[(uint32_t)j + i / 32] >> (i % 32) & 1);
    }
    return v;
}

/*
 * From the top, p is doubled for each bit i. Four digits of u2 at a time, with
 * the bits v, are (2 v - 15) Q to add. The digits of u1 are added in 64 columns
 * of four, 64 bits apart, with the last 64 doublings.
 *
 * Until then p = b Q with |b| < 2^192, and what is added is d Q with d odd and
 * |d| < 16. Before an addition b is a multiple of 16 and not 0; so b and d
 * differ, as do b and -d, and by less than n: p is neither infinity nor d Q nor
 * -d Q. Afterwards nothing is known, as Q can be any multiple of G.
 */
uint32_t assay_p256_sum(uint32_t p[static 24], const uint32_t d1[static 8],
                        const uint32_t d2[static 8],
                        const uint32_t table[static 128])
{
    uint32_t q[16];
    uint32_t h[8];
    uint32_t i = ASSAY_TOP_DIGIT;
    point_lookup(p, table, d2[7] >> 28);
    words_copy(p + 16, one, 8);
    do {
        enum points points = ASSAY_POINTS_DISTINCT;
        int n = i > ASSAY_N_COLUMNS ? 4 : 1;
        i = ct_barrier(i - (uint32_t)n);
        point_double(p, n);
        if (i < ASSAY_N_COLUMNS) {
            points = ASSAY_POINTS_ANY;
            point_lookup(q, base_table, column_at(d1, i));
            point_add(p, h, q, points);
        }
        if (i % 4 == 0) {
            point_lookup(q, table, d2[i / 32] >> (i % 32) & 15);
            point_add(p, h, q, points);
        }
    } while (ct_barrier(i) > 0);
    return i - 1;
}
