/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/p256_field.h"

#include "crypto/limbs_64.h"

/*
 * For 64-bit hosts. p = 2^256 - 2^224 + 2^192 + 2^96 - 1 in limbs, from the
 * least significant:
 *
 *     ffffffffffffffff 00000000ffffffff 0 ffffffff00000001
 */
#define P0 UINT64_C(0xffffffffffffffff)
#define P1 UINT64_C(0x00000000ffffffff)
#define P3 UINT64_C(0xffffffff00000001)

/*
 * r = r + (mask & p) mod 2^256. in: mask is all ones when p was taken once too
 * often, else 0. ret: the carry.
 */
static inline uint64_t add_prime(uint64_t r[static 4], uint64_t mask)
{
    mask = limb_barrier(mask);
    uint64_t p1 = limb_barrier(mask & P1);
    uint64_t p3 = limb_barrier(mask & P3);
    uint64_t c = limb_add(&r[0], r[0], mask & P0, 0);
    c = limb_add(&r[1], r[1], p1, c);
    c = limb_add(&r[2], r[2], 0, c);
    return limb_add(&r[3], r[3], p3, c);
}

/* r = t + 2^256 high mod p. in: t + 2^256 high < 2 p, so high is 0 or 1. */
static inline void below_prime(uint64_t r[static 4], const uint64_t t[static 4],
                               uint64_t high)
{
    uint64_t c = limb_sub(&r[0], t[0], P0, 0);
    c = limb_sub(&r[1], t[1], P1, c);
    c = limb_sub(&r[2], t[2], 0, c);
    c = limb_sub(&r[3], t[3], P3, c);
    (void)limb_sub(&high, high, 0, c);
    (void)add_prime(r, high);
}

/*
 * Two limbs of Montgomery's reduction: t[2..5] = (t + m p) / 2^128, where
 * m < 2^128 makes the division exact; t[0..1] is of no use any more.
 * ret: the carry out of t[5].
 *
 * p is 2^96 - 1 modulo 2^128, and -1/p is 2^96 + 1: with T = t[0..1],
 * m = m0 + 2^64 m1 = T (2^96 + 1) mod 2^128, a shift and an addition. Let k be
 * the carry of that addition, which m leaves out. The terms of m p are
 *
 *   (T - m + 2^96 m) / 2^128 = k + (m >> 32): the limbs low and high, and
 *   (2^256 - 2^224 + 2^192) m / 2^128 = 2^64 (m + 2^64 m - 2^32 m):
 *   three limbs from t[3] on, with `high` in the lowest of them.
 *
 * These three are below 2^192 in the end: a borrow on the way comes back.
 */
static inline uint64_t reduce_two(uint64_t t[static 6])
{
    uint64_t m0 = t[0];
    uint64_t m1;
    uint64_t u[3];
    uint64_t k = limb_add(&m1, t[1], m0 << 32, 0);
    uint64_t low = m0 >> 32 | m1 << 32;
    uint64_t high = m1 >> 32;

    uint64_t c = limb_sub(&u[0], m0, m0 << 32, 0);
    c = limb_sub(&u[1], m1, low, c);
    (void)limb_sub(&u[2], m1, high, c);
    c = limb_add(&u[0], u[0], high, 0);
    c = limb_add(&u[1], u[1], m0, c);
    (void)limb_add(&u[2], u[2], 0, c);

    c = limb_add(&t[2], t[2], low, k);
    c = limb_add(&t[3], t[3], u[0], c);
    c = limb_add(&t[4], t[4], u[1], c);
    return limb_add(&t[5], t[5], u[2], c);
}

/*
 * a b by two limbs of a at a time, each followed by half of the reduction.
 * The first half leaves less than b + p in t[2..5] and high, so high is 0 or
 * 1. With the other limbs of a t[2..7] is below (a b + 2^128 p) / 2^128 + 1,
 * that is below 2^384, as a b < 2^256 p: t[7] keeps its carry. The second half
 * leaves (a b + m p) / 2^256 < 2 p.
 */
void assay_p256_fe_mul(uint32_t r[static 8], const uint32_t a[static 8],
                       const uint32_t b[static 8])
{
    uint64_t x[4];
    uint64_t y[4];
    uint64_t t[8];

    limbs_get(x, a);
    limbs_get(y, b);
    limbs_scale(t, x[0], y);
    limbs_row(t + 1, x[1], y);
    uint64_t high = reduce_two(t);
    limbs_row(t + 2, x[2], y);
    high = limb_add(&t[6], t[6], high, 0);
    limbs_row(t + 3, x[3], y);
    t[7] += high;
    high = reduce_two(t + 2);
    below_prime(x, t + 4, high);
    limbs_put(r, x);
}

/* The bounds are those of the product. */
void assay_p256_fe_sqr(uint32_t r[static 8], const uint32_t a[static 8])
{
    uint64_t x[4];
    uint64_t t[8];

    limbs_get(x, a);
    limbs_square(t, x);
    uint64_t high = reduce_two(t);
    high = limb_add(&t[6], t[6], high, 0);
    (void)limb_add(&t[7], t[7], 0, high);
    high = reduce_two(t + 2);
    below_prime(x, t + 4, high);
    limbs_put(r, x);
}

void assay_p256_fe_add(uint32_t r[static 8], const uint32_t a[static 8],
                       const uint32_t b[static 8])
{
    uint64_t x[4];
    uint64_t y[4];

    limbs_get(x, a);
    limbs_get(y, b);
    uint64_t c = limb_add(&x[0], x[0], y[0], 0);
    c = limb_add(&x[1], x[1], y[1], c);
    c = limb_add(&x[2], x[2], y[2], c);
    c = limb_add(&x[3], x[3], y[3], c);
    below_prime(x, x, c);
    limbs_put(r, x);
}

void assay_p256_fe_sub(uint32_t r[static 8], const uint32_t a[static 8],
                       const uint32_t b[static 8])
{
    uint64_t x[4];
    uint64_t y[4];

    limbs_get(x, a);
    limbs_get(y, b);
    uint64_t c = limb_sub(&x[0], x[0], y[0], 0);
    c = limb_sub(&x[1], x[1], y[1], c);
    c = limb_sub(&x[2], x[2], y[2], c);
    c = limb_sub(&x[3], x[3], y[3], c);
    (void)add_prime(x, 0 - c);
    limbs_put(r, x);
}

/* An odd a becomes even by adding p; then everything moves one bit down. */
void assay_p256_fe_half(uint32_t r[static 8], const uint32_t a[static 8])
{
    uint64_t x[4];

    limbs_get(x, a);
    uint64_t c = add_prime(x, 0 - (x[0] & 1));
    x[0] = x[0] >> 1 | x[1] << 63;
    x[1] = x[1] >> 1 | x[2] << 63;
    x[2] = x[2] >> 1 | x[3] << 63;
    x[3] = x[3] >> 1 | c << 63;
    limbs_put(r, x);
}
