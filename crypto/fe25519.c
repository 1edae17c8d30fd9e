/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/fe25519.h"

#include "base/ct.h"

/*
 * Eight 32-bit words, the whole range [0, 2^256) in use. Two congruences
 * modulo p do all reduction: 2^256 = 38 and 2^255 = 19.
 *
 * Every operation ends in the same way. Let the value be
 * t * 2^224 + sum(x[i] * 2^(32 i), i < 7). What t has above 31 bits is taken
 * off first and comes back at the bottom as 19 * (t >> 31); one chain of
 * carries runs from word 0 to word 6, and its last carry is added to
 * t mod 2^31. That sum fits in the top word because the carry is far smaller
 * than 2^31. So one pass is enough, and nothing is compared or selected.
 *
 * Words of the inputs are read before the word of out at the same place is
 * written, and the top words first of all: out may be an input.
 */

#define LOW31 UINT32_C(0x7fffffff)

/* Limbs of 4p = 2 * (2^256 - 38): 2^33 - 2 each, the lowest 2^33 - 76. */
#define LIMB_4P ((UINT64_C(1) << 33) - 2u)
#define LIMB_4P_LESS 74u

void assay_fe25519_add(struct assay_fe25519 *out, const struct assay_fe25519 *a,
                       const struct assay_fe25519 *b)
{
    /* t <= 2^33 - 2: t >> 31 <= 3. */
    uint64_t t = (uint64_t)a->w[7] + b->w[7];
    uint64_t acc = 19u * (t >> 31);

    /* acc <= 2 * (2^32 - 1) + 57 at word 0: every carry is at most 2. */
    for (unsigned i = 0; i < 7; i++) {
        acc += (uint64_t)a->w[i] + b->w[i];
        out->w[i] = (uint32_t)acc;
        acc >>= 32;
    }
    out->w[7] = ((uint32_t)t & LOW31) + (uint32_t)acc;
}

void assay_fe25519_sub(struct assay_fe25519 *out, const struct assay_fe25519 *a,
                       const struct assay_fe25519 *b)
{
    /* a - b + 4p, limb by limb: each limb of 4p exceeds any word of b, so that
     * no sum is negative. 2^32 - 1 <= t < 3 * 2^32: 1 <= t >> 31 <= 5. */
    uint64_t t = LIMB_4P + a->w[7] - b->w[7];
    uint64_t acc = 19u * (t >> 31) - LIMB_4P_LESS;

    /* The start may be below zero; with the first limb added it is not:
     * 19 - 74 + 2^33 - 2 - (2^32 - 1) > 0. From above,
     * acc <= 2^33 - 2 + 2^32 - 1 + 3 = 3 * 2^32: every carry is at most 3. */
    for (unsigned i = 0; i < 7; i++) {
        acc += LIMB_4P + a->w[i] - b->w[i];
        out->w[i] = (uint32_t)acc;
        acc >>= 32;
    }
    out->w[7] = ((uint32_t)t & LOW31) + (uint32_t)acc;
}

void assay_fe25519_add_sub(struct assay_fe25519 *sum,
                           struct assay_fe25519 *difference,
                           const struct assay_fe25519 *a,
                           const struct assay_fe25519 *b)
{
    /* As the two above, side by side, with the same bounds: both results may
     * stand in the places of the inputs. */
    uint64_t t = (uint64_t)a->w[7] + b->w[7];
    uint64_t u = LIMB_4P + a->w[7] - b->w[7];
    uint64_t acc = 19u * (t >> 31);
    uint64_t dcc = 19u * (u >> 31) - LIMB_4P_LESS;

    for (unsigned i = 0; i < 7; i++) {
        acc += (uint64_t)a->w[i] + b->w[i];
        dcc += LIMB_4P + a->w[i] - b->w[i];
        sum->w[i] = (uint32_t)acc;
        difference->w[i] = (uint32_t)dcc;
        acc >>= 32;
        dcc >>= 32;
    }
    sum->w[7] = ((uint32_t)t & LOW31) + (uint32_t)acc;
    difference->w[7] = ((uint32_t)u & LOW31) + (uint32_t)dcc;
}

/*
 * t[0..7] + 2^256 * (the result) = t[0..7] + x * b.
 */
static inline uint32_t mul_row(uint32_t *t, uint32_t x, const uint32_t *b)
{
    uint64_t acc = 0;

    /* (2^32 - 1)^2 + 2 * (2^32 - 1) = 2^64 - 1: acc never overflows. */
    for (unsigned j = 0; j < 8; j++) {
        acc += (uint64_t)x * b[j] + t[j];
        t[j] = (uint32_t)acc;
        acc >>= 32;
    }
    return (uint32_t)acc;
}

void assay_fe25519_mul(struct assay_fe25519 *out, const struct assay_fe25519 *a,
                       const struct assay_fe25519 *b)
{
    uint32_t t[16];

    /* The barrier keeps compilers from making this loop a call of memset. */
    for (unsigned i = 0; i < 8; i++) {
        t[i] = ct_barrier(0);
    }
    for (unsigned i = 0; i < 8; i++) {
        t[8 + i] = mul_row(t + i, a->w[i], b->w);
    }

    /* t[0..7] + 38 * t[8..15]: the top is at most 39 * (2^32 - 1), so what it
     * has above 31 bits is at most 77. */
    uint64_t top = UINT64_C(38) * t[15] + t[7];
    uint64_t acc = 19u * (top >> 31);

    /* acc <= 39 * (2^32 - 1) + 19 * 77 at word 0, and 39 * (2^32 - 1) + 39
     * after it: every carry is at most 39. */
    for (unsigned i = 0; i < 7; i++) {
        acc += UINT64_C(38) * t[8 + i] + t[i];
        out->w[i] = (uint32_t)acc;
        acc >>= 32;
    }
    out->w[7] = ((uint32_t)top & LOW31) + (uint32_t)acc;
}

void assay_fe25519_sqr(struct assay_fe25519 *out, const struct assay_fe25519 *a)
{
    assay_fe25519_mul(out, a, a);
}

void assay_fe25519_sqr_times(struct assay_fe25519 *out,
                             const struct assay_fe25519 *a, unsigned n)
{
    assay_fe25519_sqr(out, a);
    while (--n > 0) {
        assay_fe25519_sqr(out, out);
    }
}

/*
 * out = (a mod 2^255) + n.
 * in: n <= 38: the sum is less than 2^256
 */
static void fe_fold(struct assay_fe25519 *out, const struct assay_fe25519 *a,
                    uint32_t n)
{
    uint64_t acc = n;

    for (unsigned i = 0; i < 7; i++) {
        acc += a->w[i];
        out->w[i] = (uint32_t)acc;
        acc >>= 32;
    }
    out->w[7] = (a->w[7] & LOW31) + (uint32_t)acc;
}

void assay_fe25519_canonical(struct assay_fe25519 *out,
                             const struct assay_fe25519 *a)
{
    struct assay_fe25519 over;

    /* out <= 2^255 - 1 + 19 < 2p from here on. */
    fe_fold(out, a, 19u * (a->w[7] >> 31));

    /* out >= p exactly when out + 19 >= 2^255. Either out has bit 255 itself,
     * and then out mod 2^255 <= 18 and the sum below has it not, or the sum
     * below has it. */
    fe_fold(&over, out, 19);
    uint32_t q = (out->w[7] >> 31) + (over.w[7] >> 31);

    /* out - q * p = out + 19 * q - q * 2^255. */
    fe_fold(out, out, 19u * q);
    out->w[7] &= LOW31;
}
