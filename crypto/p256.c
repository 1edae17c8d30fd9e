/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/p256.h"

#include <stddef.h>

#include "base/bytes.h"
#include "base/ct.h"
#include "crypto/inverse.h"
#include "crypto/p256_field.h"
#include "crypto/p256_sum.h"

/*
 * ECDSA verification on P-256, y^2 = x^3 - 3 x + b over the field of p, base
 * point G, prime order n, cofactor 1.
 *
 * Representation. A number is 8 words of 32 bits, least significant first
 * (u256_). Elements of the field (assay_p256_fe_) carry the factor R = 2^256 of
 * Montgomery's product; scalars, mod n, do not. Both are always fully reduced.
 * Points: crypto/p256_sum.h.
 *
 * Uniform execution. Every branch and every address depends on loop counters
 * and constants alone; each decision is a mask, and the masks meet in the last
 * lines of assay_p256_verify. Inputs that are refused take the whole way, with
 * numbers that mean nothing.
 */

/* ---- constants ---- */

/* p, 1/p mod 2^32; n, 1/n mod 2^32 */
static const struct assay_inverse_modulus prime = {
    {0xffffffff, 0xffffffff, 0xffffffff, 0x00000000, 0x00000000, 0x00000000,
     0x00000001, 0xffffffff},
    0xffffffff};

static const struct assay_inverse_modulus order = {
    {0xfc632551, 0xf3b9cac2, 0xa7179e84, 0xbce6faad, 0xffffffff, 0xffffffff,
     0x00000000, 0xffffffff},
    0x11ff43b1};

/* R^2 mod p: a product with it brings in the factor R. */
static const uint32_t prime_rr[8] = {0x00000003, 0x00000000, 0xffffffff,
                                     0xfffffffb, 0xfffffffe, 0xffffffff,
                                     0xfffffffd, 0x00000004};

/* -b R mod p */
static const uint32_t minus_b[8] = {0xd63b4220, 0x2763209d, 0x877bcf6f,
                                    0x530ffa33, 0x08ded129, 0x1a5ddf54,
                                    0xfb78b7cc, 0x23cff9e1};

/* ---- u256: plain 256-bit numbers ---- */

static void u256_load(uint32_t r[static 8], const uint8_t b[static 32])
{
    for (size_t i = 0; i < 8; i++) {
        r[i] = assay_load_be32(b + 28 - 4 * i);
    }
}

/* r = a - b mod 2^256. ret: 1 when a >= b, else 0. */
static uint32_t u256_sub(uint32_t r[static 8], const uint32_t a[static 8],
                         const uint32_t b[static 8])
{
    uint64_t c = 1;
    for (int i = 0; i < 8; i++) {
        c += (uint64_t)a[i] + (uint32_t)~b[i];
        r[i] = (uint32_t)c;
        c >>= 32;
    }
    return (uint32_t)c;
}

/* ret: all ones when a < b, else 0. */
static uint32_t u256_below(const uint32_t a[static 8],
                           const uint32_t b[static 8])
{
    uint32_t unused[8];
    return ~ct_mask_bit(u256_sub(unused, a, b));
}

/* ret: all ones when a == 0, else 0. */
static uint32_t u256_zero(const uint32_t a[static 8])
{
    uint32_t d = 0;
    for (int i = 0; i < 8; i++) {
        d |= a[i];
    }
    return ct_mask_zero(d);
}

/* ---- scalars: numbers mod n ---- */

/* ret: all ones when 1 <= a < n, else 0. */
static uint32_t scalar_in_range(const uint32_t a[static 8])
{
    return u256_below(a, order.modulus) & ~u256_zero(a);
}

/*
 * k becomes d, which is k in the digits 1 and -1: k = sum (2 v_j - 1) 2^j mod n
 * over j = 0 .. 255, where v_j is bit j of d. in: k < n.
 * For odd k below 2^256 this is d = (k + 2^256 - 1) / 2. An even k is taken as
 * -(n - k), and the minus sign inverts every bit; so 0 becomes -n.
 */
static void scalar_recode(uint32_t k[static 8])
{
    uint32_t t[8];
    uint32_t above = 1;
    uint32_t even = ct_mask_bit(~k[0] & 1);
    (void)u256_sub(t, order.modulus, k);
    for (int i = 7; i >= 0; i--) {
        uint32_t x = ct_select(even, t[i], k[i]);
        k[i] = (x >> 1 | above << 31) ^ even;
        above = x;
    }
}

/* ---- points ---- */

/*
 * Bring the 8 points of the table from their denominators to 1.
 * in: z as assay_p256_multiples gives it; the last one is used up.
 */
static void table_normalise(uint32_t *table, uint32_t z[static 64])
{
    uint32_t *inverse = z + 56;
    uint32_t t[8];
    (void)assay_inverse_quotients(inverse, prime_rr, 1, inverse, &prime);
    for (int k = 56;; k -= 8) {
        uint32_t *x = table + k;
        uint32_t *y = table + 64 + k;
        assay_p256_fe_sqr(t, inverse);
        assay_p256_fe_mul(x, x, t);
        assay_p256_fe_mul(t, t, inverse);
        assay_p256_fe_mul(y, y, t);
        if (k == 0) {
            return;
        }
        assay_p256_fe_mul(inverse, inverse, z + k - 8);
    }
}

/* ret: all ones when Y^2 = X^3 - 3 X Z^4 + b Z^6, else 0. */
static uint32_t point_on_curve(const uint32_t x[static 8],
                               const uint32_t y[static 8],
                               const uint32_t z[static 8])
{
    uint32_t zz[8];
    uint32_t z4[8];
    uint32_t t[8];

    assay_p256_fe_sqr(zz, z);
    assay_p256_fe_sqr(z4, zz);
    assay_p256_fe_sqr(t, x);
    for (uint32_t left = ct_barrier(3); left > 0; left--) { /* stays a loop */
        assay_p256_fe_sub(t, t, z4);
    }
    assay_p256_fe_mul(t, t, x);
    assay_p256_fe_mul(z4, z4, zz);
    assay_p256_fe_mul(z4, z4, minus_b);
    assay_p256_fe_sub(t, t, z4);
    assay_p256_fe_sqr(zz, y);
    assay_p256_fe_sub(t, t, zz);
    return u256_zero(t);
}

/*
 * x, y = the public key. ret: all ones when X and Y are below p and
 * Y^2 = X^3 - 3 X + b, else 0.
 */
static uint32_t point_load(uint32_t x[static 8], uint32_t y[static 8],
                           const uint8_t pub[static 64])
{
    uint32_t t[8];
    uint32_t valid;

    u256_load(t, pub);
    valid = u256_below(t, prime.modulus);
    assay_p256_fe_mul(x, t, prime_rr);
    u256_load(t, pub + 32);
    valid &= u256_below(t, prime.modulus);
    assay_p256_fe_mul(y, t, prime_rr);
    (void)u256_sub(t, prime.modulus, prime.modulus);
    (void)u256_sub(t, t, prime.modulus); /* 2^256 - p, which stands for 1 */
    return valid & point_on_curve(x, y, t);
}

/*
 * ret: all ones when p is not infinity and its x, mod n, is r; else 0.
 * in: r < n. As x < p < 2 n, x is r, or r + n if that is below p. The
 * difference of x and r is compared with 0 and n on the denominator Z^2.
 */
static uint32_t point_has_x(const uint32_t p[static 24],
                            const uint32_t r[static 8])
{
    uint32_t zz[8];
    uint32_t t[8];
    uint32_t match;
    uint32_t second;

    (void)u256_sub(t, prime.modulus, r);
    second = u256_below(order.modulus, t);
    assay_p256_fe_sqr(zz, p + 16);
    assay_p256_fe_mul(zz, zz, prime_rr);
    assay_p256_fe_mul(t, r, zz);
    assay_p256_fe_sub(t, p, t);
    match = u256_zero(t);
    assay_p256_fe_mul(zz, order.modulus, zz);
    assay_p256_fe_sub(t, t, zz);
    match |= second & u256_zero(t);
    return match & ~u256_zero(p + 16);
}

enum assay_status assay_p256_key_check(const uint8_t pub[static 64])
{
    uint32_t x[8];
    uint32_t y[8];
    uint32_t status = ASSAY_KEY_INVALID;
    uint32_t key_valid = point_load(x, y, pub);
    status = ct_select(key_valid, ASSAY_OK, status);
    return (enum assay_status)status;
}

/*
 * The numbers are the steps of FIPS 186-5 6.4.2.
 *
 * Whoever skips one instruction must not arrive at an equation that can be
 * solved for a signature. u1 and u2 come to lie where r lies: if one is not
 * written, the equation depends on r in a new way, but no less. One r serves as
 * numerator and for the comparison. e comes to lie where a coordinate of the
 * key lies; without it the digest is another one, but not 0, which anyone can
 * sign. The division and the two functions of p256_sum.h say whether they came
 * to their end: without one of the numerators, or with one of them twice,
 * anyone could solve the equation. And the sum has to be on the curve: what is
 * there if it was not stored, or made of another Q, or without its last steps,
 * may be known to everybody, and r could be its x.
 * The last comparison is made twice, and each result moves the status half of
 * the way from SIGNATURE_INVALID to OK, in the sense of exclusive or: whoever
 * skips one instruction of either arrives nowhere.
 */
enum assay_status assay_p256_verify(const uint8_t pub[static 64],
                                    const uint8_t digest[static 32],
                                    const uint8_t sig[static 64])
{
    const uint32_t half = 0x5A3C96E1;
    const uint32_t rest = half ^ ASSAY_SIGNATURE_INVALID ^ ASSAY_OK;
    uint32_t table[128];
    uint32_t work[64];
    uint32_t u[16];
    uint32_t er[16];
    uint32_t *r = er + 8;
    uint32_t *s = work;
    uint32_t status = ASSAY_KEY_INVALID;

    /* 1. r and s are in 1 .. n-1. */
    u256_load(r, sig);
    u256_load(s, sig + 32);
    uint32_t valid = scalar_in_range(r) & scalar_in_range(s);

    /* 2. to 5. e, then u1 = e/s and u2 = r/s, in the digits 1 and -1. The
     * barrier keeps the coordinate from being optimised away. */
    u256_load(er, pub);
    u256_load(er + ct_barrier(0), digest);
    u256_load(u, sig);
    u256_load(u + 8, sig);
    valid &= assay_inverse_quotients(u, er, 2, s, &order);
    scalar_recode(u);
    scalar_recode(u + 8);

    /* 6. their sum */
    uint32_t key_valid = point_load(table, table + 64, pub);
    valid &= key_valid & assay_p256_multiples(table, work);
    table_normalise(table, work);
    valid &= assay_p256_sum(work, u, u + 8, table);
    valid &= point_on_curve(work, work + 8, work + 16);

    /* 7., 8. r against its x */
    uint32_t valid1 = ct_barrier(valid & point_has_x(work, r));
    uint32_t valid2 =
        ct_barrier(valid & point_has_x(ct_again(work), ct_again(r)));

    status = ct_select(key_valid, ASSAY_SIGNATURE_INVALID, status);
    status ^= (valid1 & half) ^ (valid2 & rest);
    return (enum assay_status)status;
}
