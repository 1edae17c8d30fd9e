/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/p256_field.h"

#include "base/ct.h"

/*
 * p = 2^256 - 2^224 + 2^192 + 2^96 - 1, in words from the least significant:
 *
 *     ffffffff ffffffff ffffffff 0 0 0 1 ffffffff
 *
 * The lowest word of p is -1 mod 2^32, so the multiple of p that clears the
 * lowest word t0 of a running sum is t0 itself: Montgomery's method needs no
 * product for it, and adding t0 p is a few additions (see mul_core).
 *
 * All subtractions add a complement, x - y = x + ~y + 1 - 2^256: the carry out
 * of the sum is 1 exactly when x >= y, and everything stays unsigned.
 */

/* r[i] = the column i of a sum, whose terms but the carry are in x. */
#define ASSAY_COLUMN(i, x)                                                     \
    do {                                                                       \
        c += (x);                                                              \
        r[i] = (uint32_t)c;                                                    \
        c >>= 32;                                                              \
    } while (0)

/*
 * r = r + (mask & p) mod 2^256: the second half of every reduction, after
 * which r is below p. in: mask is all ones when p was taken once too often.
 */
static void put_back(uint32_t r[static 8], uint32_t mask)
{
    uint64_t c = 0;
    mask = ct_barrier(mask);
    ASSAY_COLUMN(0, (uint64_t)r[0] + mask);
    ASSAY_COLUMN(1, (uint64_t)r[1] + mask);
    ASSAY_COLUMN(2, (uint64_t)r[2] + mask);
    ASSAY_COLUMN(3, r[3]);
    ASSAY_COLUMN(4, r[4]);
    ASSAY_COLUMN(5, r[5]);
    ASSAY_COLUMN(6, (uint64_t)r[6] + (mask & 1));
    ASSAY_COLUMN(7, (uint64_t)r[7] + mask);
}

/*
 * t = (a b + m p) / 2^256 in 9 words, where m < 2^256 makes the division
 * exact: t = a b / 2^256 mod p, not yet below p.
 * in: a b < 2^256 p. out: t < (2^256 p + 2^256 p) / 2^256 = 2 p, so t[8] <= 1.
 *
 * Row i adds a[i] b, then m p with m the lowest word, and drops that word,
 * which is 0 then. Between rows the sum s is below b + p, hence t8 <= 1:
 * (s + (2^32 - 1) b + (2^32 - 1) p) / 2^32 < b + p if s < b + p.
 *
 * A column x b[j] + t[j] + carry is at most (2^32-1)^2 + 2 (2^32-1) = 2^64-1.
 * m p = m 2^256 - m 2^224 + m 2^192 + m 2^96 - m: the last term clears the
 * lowest word, the first two together are m (2^32 - 1) at word 7.
 */
static void mul_core(uint32_t t[static 9], const uint32_t a[static 8],
                     const uint32_t b[static 8])
{
    uint32_t t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0, t5 = 0, t6 = 0, t7 = 0;
    uint32_t t8 = 0;

    for (int i = 0; i < 8; i++) {
        uint32_t x = a[i];
        uint64_t c = (uint64_t)x * b[0] + t0;
        uint32_t m = (uint32_t)c;
        c = (c >> 32) + (uint64_t)x * b[1] + t1;
        t0 = (uint32_t)c;
        c = (c >> 32) + (uint64_t)x * b[2] + t2;
        t1 = (uint32_t)c;
        c = (c >> 32) + (uint64_t)x * b[3] + t3;
        t2 = (uint32_t)c;
        c = (c >> 32) + (uint64_t)x * b[4] + t4;
        t3 = (uint32_t)c;
        c = (c >> 32) + (uint64_t)x * b[5] + t5;
        t4 = (uint32_t)c;
        c = (c >> 32) + (uint64_t)x * b[6] + t6;
        t5 = (uint32_t)c;
        c = (c >> 32) + (uint64_t)x * b[7] + t7;
        t6 = (uint32_t)c;
        t7 = (uint32_t)(c >> 32);

        c = (uint64_t)t2 + m;
        t2 = (uint32_t)c;
        c = (uint64_t)t3 + (uint32_t)(c >> 32);
        t3 = (uint32_t)c;
        c = (uint64_t)t4 + (uint32_t)(c >> 32);
        t4 = (uint32_t)c;
        c = (uint64_t)t5 + m + (uint32_t)(c >> 32);
        t5 = (uint32_t)c;
        c = (uint64_t)m * 0xffffffff + t6 + (uint32_t)(c >> 32);
        t6 = (uint32_t)c;
        c = (uint64_t)t7 + t8 + (uint32_t)(c >> 32);
        t7 = (uint32_t)c;
        t8 = (uint32_t)(c >> 32);
    }
    t[0] = t0;
    t[1] = t1;
    t[2] = t2;
    t[3] = t3;
    t[4] = t4;
    t[5] = t5;
    t[6] = t6;
    t[7] = t7;
    t[8] = t8;
}

/*
 * r = t mod p. in: t < 2 p. The columns add 2^256 - p; their carry is 1 when
 * t[0..7] is p or more, and 0 when t[8] is 1.
 */
static void reduce_once(uint32_t r[static 8], const uint32_t t[static 9])
{
    uint64_t c = 1;
    ASSAY_COLUMN(0, t[0]);
    ASSAY_COLUMN(1, t[1]);
    ASSAY_COLUMN(2, t[2]);
    ASSAY_COLUMN(3, (uint64_t)t[3] + 0xffffffff);
    ASSAY_COLUMN(4, (uint64_t)t[4] + 0xffffffff);
    ASSAY_COLUMN(5, (uint64_t)t[5] + 0xffffffff);
    ASSAY_COLUMN(6, (uint64_t)t[6] + 0xfffffffe);
    ASSAY_COLUMN(7, t[7]);
    put_back(r, t[8] + (uint32_t)c - 1);
}

void assay_p256_fe_mul(uint32_t r[static 8], const uint32_t a[static 8],
                       const uint32_t b[static 8])
{
    uint32_t t[9];
    mul_core(t, a, b);
    reduce_once(r, t);
}

void assay_p256_fe_sqr(uint32_t r[static 8], const uint32_t a[static 8])
{
    assay_p256_fe_mul(r, a, a);
}

/* a + b + 2^256 - p in one pass; a column is at most 3 (2^32 - 1) + 2. */
void assay_p256_fe_add(uint32_t r[static 8], const uint32_t a[static 8],
                       const uint32_t b[static 8])
{
    uint64_t c = 1;
    ASSAY_COLUMN(0, (uint64_t)a[0] + b[0]);
    ASSAY_COLUMN(1, (uint64_t)a[1] + b[1]);
    ASSAY_COLUMN(2, (uint64_t)a[2] + b[2]);
    ASSAY_COLUMN(3, (uint64_t)a[3] + b[3] + 0xffffffff);
    ASSAY_COLUMN(4, (uint64_t)a[4] + b[4] + 0xffffffff);
    ASSAY_COLUMN(5, (uint64_t)a[5] + b[5] + 0xffffffff);
    ASSAY_COLUMN(6, (uint64_t)a[6] + b[6] + 0xfffffffe);
    ASSAY_COLUMN(7, (uint64_t)a[7] + b[7]);
    put_back(r, (uint32_t)c - 1);
}

/* a + ~b + 1: the carry is 1 when a >= b. */
void assay_p256_fe_sub(uint32_t r[static 8], const uint32_t a[static 8],
                       const uint32_t b[static 8])
{
    uint64_t c = 1;
    ASSAY_COLUMN(0, (uint64_t)a[0] + (uint32_t)~b[0]);
    ASSAY_COLUMN(1, (uint64_t)a[1] + (uint32_t)~b[1]);
    ASSAY_COLUMN(2, (uint64_t)a[2] + (uint32_t)~b[2]);
    ASSAY_COLUMN(3, (uint64_t)a[3] + (uint32_t)~b[3]);
    ASSAY_COLUMN(4, (uint64_t)a[4] + (uint32_t)~b[4]);
    ASSAY_COLUMN(5, (uint64_t)a[5] + (uint32_t)~b[5]);
    ASSAY_COLUMN(6, (uint64_t)a[6] + (uint32_t)~b[6]);
    ASSAY_COLUMN(7, (uint64_t)a[7] + (uint32_t)~b[7]);
    put_back(r, (uint32_t)c - 1);
}

/* An odd a becomes even by adding p; then everything moves one bit down. */
void assay_p256_fe_half(uint32_t r[static 8], const uint32_t a[static 8])
{
    uint32_t mask = ct_mask_bit(a[0] & 1);
    uint64_t c = 0;
    ASSAY_COLUMN(0, (uint64_t)a[0] + mask);
    ASSAY_COLUMN(1, (uint64_t)a[1] + mask);
    ASSAY_COLUMN(2, (uint64_t)a[2] + mask);
    ASSAY_COLUMN(3, a[3]);
    ASSAY_COLUMN(4, a[4]);
    ASSAY_COLUMN(5, a[5]);
    ASSAY_COLUMN(6, (uint64_t)a[6] + (mask & 1));
    ASSAY_COLUMN(7, (uint64_t)a[7] + mask);
    for (int i = 0; i < 7; i++) {
        r[i] = r[i] >> 1 | r[i + 1] << 31;
    }
    r[7] = r[7] >> 1 | (uint32_t)c << 31;
}
