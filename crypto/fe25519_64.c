/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/fe25519.h"

#include "crypto/limbs_64.h"

/*
 * For 64-bit hosts: the method of fe25519.c with limbs of 64 bits. The whole
 * range [0, 2^256) is in use, and two congruences modulo p do all reduction:
 * 2^256 = 38 and 2^255 = 19.
 */

#define LOW63 UINT64_C(0x7fffffffffffffff)

/*
 * r = t modulo p. What the top of t[0..3] + 38 t[4..7] has above 63 bits, at
 * most 77, comes back at the bottom times 19; then one chain of carries, each
 * at most 39, ends below 2^63 + 39 in the top limb.
 */
static inline void fe_reduce(uint64_t r[static 4], const uint64_t t[static 8])
{
    wide top = (wide)38 * t[7] + t[3];
    wide acc = (wide)38 * t[4] + t[0] + 19u * (uint64_t)(top >> 63);

    r[0] = (uint64_t)acc;
    acc = (wide)38 * t[5] + t[1] + (uint64_t)(acc >> 64);
    r[1] = (uint64_t)acc;
    acc = (wide)38 * t[6] + t[2] + (uint64_t)(acc >> 64);
    r[2] = (uint64_t)acc;
    r[3] = ((uint64_t)top & LOW63) + (uint64_t)(acc >> 64);
}

void assay_fe25519_mul(struct assay_fe25519 *out, const struct assay_fe25519 *a,
                       const struct assay_fe25519 *b)
{
    uint64_t x[4];
    uint64_t y[4];
    uint64_t t[8];

    limbs_get(x, a->w);
    limbs_get(y, b->w);
    limbs_scale(t, x[0], y);
    limbs_row(t + 1, x[1], y);
    limbs_row(t + 2, x[2], y);
    limbs_row(t + 3, x[3], y);
    fe_reduce(x, t);
    limbs_put(out->w, x);
}

void assay_fe25519_sqr_times(struct assay_fe25519 *out,
                             const struct assay_fe25519 *a, unsigned n)
{
    uint64_t x[4];
    uint64_t t[8];

    limbs_get(x, a->w);
    for (; n > 0; n--) {
        limbs_square(t, x);
        fe_reduce(x, t);
    }
    limbs_put(out->w, x);
}

void assay_fe25519_sqr(struct assay_fe25519 *out, const struct assay_fe25519 *a)
{
    uint64_t x[4];
    uint64_t t[8];

    limbs_get(x, a->w);
    limbs_square(t, x);
    fe_reduce(x, t);
    limbs_put(out->w, x);
}

/*
 * r = a + b. A carry out of the top counts 38. Adding that may carry again,
 * but only to leave r[0] below 38, so that the next 38 stay in r[0].
 */
static inline void fe_add(uint64_t r[static 4], const uint64_t a[static 4],
                          const uint64_t b[static 4])
{
    uint64_t c = limb_add(&r[0], a[0], b[0], 0);
    c = limb_add(&r[1], a[1], b[1], c);
    c = limb_add(&r[2], a[2], b[2], c);
    c = limb_add(&r[3], a[3], b[3], c);
    c = limb_add(&r[0], r[0], 38 & limb_barrier(0 - c), 0);
    c = limb_add(&r[1], r[1], 0, c);
    c = limb_add(&r[2], r[2], 0, c);
    c = limb_add(&r[3], r[3], 0, c);
    r[0] += 38 & limb_barrier(0 - c);
}

/* r = a - b, likewise: a second borrow leaves r[0] at 2^64 - 38 or more. */
static inline void fe_sub(uint64_t r[static 4], const uint64_t a[static 4],
                          const uint64_t b[static 4])
{
    uint64_t c = limb_sub(&r[0], a[0], b[0], 0);
    c = limb_sub(&r[1], a[1], b[1], c);
    c = limb_sub(&r[2], a[2], b[2], c);
    c = limb_sub(&r[3], a[3], b[3], c);
    c = limb_sub(&r[0], r[0], 38 & limb_barrier(0 - c), 0);
    c = limb_sub(&r[1], r[1], 0, c);
    c = limb_sub(&r[2], r[2], 0, c);
    c = limb_sub(&r[3], r[3], 0, c);
    r[0] -= 38 & limb_barrier(0 - c);
}

void assay_fe25519_add(struct assay_fe25519 *out, const struct assay_fe25519 *a,
                       const struct assay_fe25519 *b)
{
    uint64_t x[4];
    uint64_t y[4];

    limbs_get(x, a->w);
    limbs_get(y, b->w);
    fe_add(x, x, y);
    limbs_put(out->w, x);
}

void assay_fe25519_sub(struct assay_fe25519 *out, const struct assay_fe25519 *a,
                       const struct assay_fe25519 *b)
{
    uint64_t x[4];
    uint64_t y[4];

    limbs_get(x, a->w);
    limbs_get(y, b->w);
    fe_sub(x, x, y);
    limbs_put(out->w, x);
}

void assay_fe25519_add_sub(struct assay_fe25519 *sum,
                           struct assay_fe25519 *difference,
                           const struct assay_fe25519 *a,
                           const struct assay_fe25519 *b)
{
    uint64_t x[4];
    uint64_t y[4];
    uint64_t r[4];

    limbs_get(x, a->w);
    limbs_get(y, b->w);
    fe_add(r, x, y);
    limbs_put(sum->w, r);
    fe_sub(r, x, y);
    limbs_put(difference->w, r);
}

/* r = (a mod 2^255) + n. in: n <= 38: the sum is less than 2^256. */
static inline void fe_add_small(uint64_t r[static 4],
                                const uint64_t a[static 4], uint64_t n)
{
    uint64_t c = limb_add(&r[0], a[0], n, 0);
    c = limb_add(&r[1], a[1], 0, c);
    c = limb_add(&r[2], a[2], 0, c);
    (void)limb_add(&r[3], a[3] & LOW63, 0, c);
}

void assay_fe25519_canonical(struct assay_fe25519 *out,
                             const struct assay_fe25519 *a)
{
    uint64_t x[4];
    uint64_t over[4];

    /* x <= 2^255 - 1 + 19 < 2 p from here on. */
    limbs_get(x, a->w);
    fe_add_small(x, x, 19 * (x[3] >> 63));

    /* x >= p exactly when bit 255 is set in x or, if it is not, in x + 19. If
     * it is set in x, x mod 2^255 is below 19 and `over` has it not. */
    fe_add_small(over, x, 19);
    uint64_t q = (x[3] >> 63) + (over[3] >> 63);

    /* x - q p = x + 19 q - 2^255 q. */
    fe_add_small(x, x, 19 * q);
    x[3] &= LOW63;
    limbs_put(out->w, x);
}
