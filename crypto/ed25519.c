/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/ed25519.h"

#include "base/bytes.h"
#include "base/ct.h"
#include "crypto/ed25519_sum.h"
#include "crypto/fe25519.h"
#include "crypto/sc25519.h"
#include "crypto/sha512.h"

/*
 * Points are on -x^2 + y^2 = 1 + d x^2 y^2 modulo p = 2^255 - 19.
 *
 * A key that is no point of the curve goes through the same steps as any other;
 * what comes out has no meaning, and the mask of the key discards it. Every
 * decision is a mask from base/ct.h, and all of them meet in one place at the
 * end.
 */

#define HIGH_HALF UINT32_C(0xffff0000)

/* Of the words of an encoding, the bit in the last one that is x mod 2. */
#define SIGN UINT32_C(0x80000000)

/* 2^((p - 1)/4), a square root of -1 */
static const struct assay_fe25519 fe_sqrt_m1 = {
    {0x4a0ea0b0, 0xc4ee1b27, 0xad2fe478, 0x2f431806, 0x3dfbd7a7, 0x2b4d0099,
     0x4fc1df0b, 0x2b832480}};

/*
 * in: differ, 0, or not when the result is to be 0 in any case
 * ret: all ones when the words, least significant first, are b, else 0
 */
static uint32_t words_mask_equal(const uint32_t w[static 8],
                                 const uint8_t b[static 32], uint32_t differ)
{
    for (unsigned i = 0; i < 8; i++) {
        differ |= ct_barrier(w[i] ^ assay_load_le32(b + 4u * i));
    }
    return ct_mask_zero(differ);
}

/* ret: all ones when both are the same, else 0. */
static uint32_t scalar_mask_equal(const struct assay_sc25519 k[static 2])
{
    uint32_t differ = 0;

    for (unsigned i = 0; i < 8; i++) {
        differ |= k[0].w[i] ^ k[1].w[i];
    }
    return ct_mask_zero(differ);
}

static void fe_set(struct assay_fe25519 *out, uint32_t small)
{
    out->w[0] = small;
    for (unsigned i = 1; i < 8; i++) {
        out->w[i] = ct_barrier(0); /* so that it is no call of memset */
    }
}

/* ret: all ones when a = 0 modulo p, else 0. */
static uint32_t fe_mask_zero(const struct assay_fe25519 *a)
{
    struct assay_fe25519 c;
    uint32_t any = 0;

    assay_fe25519_canonical(&c, a);
    for (unsigned i = 0; i < 8; i++) {
        any |= c.w[i];
    }
    return ct_mask_zero(any);
}

/*
 * out = a^((p - 5)/8) = a^(2^252 - 3); out is not a.
 * With e(n) = a^(2^n - 1): e(2n) = e(n)^(2^n) * e(n), e(n + 1) = e(n)^2 * a.
 * n runs through the leading bits of 250, and 2^252 - 3 = 4 (2^250 - 1) + 1.
 */
static void fe_pow_p58(struct assay_fe25519 *out, const struct assay_fe25519 *a)
{
    struct assay_fe25519 power;
    const struct assay_fe25519 *e = a;

    for (unsigned n = 1, shift = 7; shift-- > 0;) {
        assay_fe25519_sqr_times(&power, e, n);
        assay_fe25519_mul(out, &power, e);
        e = out;
        n = 250u >> shift;
        if (n % 2u == 1) {
            assay_fe25519_sqr(&power, out);
            assay_fe25519_mul(out, &power, a);
        }
    }
    assay_fe25519_sqr_times(&power, out, 2);
    assay_fe25519_mul(out, &power, a);
}

/* out = 1/a, or 0 for a = 0; out is not a. p - 2 = 2 (4 (p - 5)/8 + 1) + 1. */
static void fe_invert(struct assay_fe25519 *out, const struct assay_fe25519 *a)
{
    fe_pow_p58(out, a);
    assay_fe25519_sqr_times(out, out, 2);
    assay_fe25519_mul(out, out, a);
    assay_fe25519_sqr(out, out);
    assay_fe25519_mul(out, out, a);
}

/*
 * ret: all ones when 8p is the neutral element, else 0. That is so when 2p has
 *      x = 0 or y = 0, and these are 2xy and x^2 + y^2 over numbers that are
 *      never 0. z of p is not read.
 */
static uint32_t point_mask_small_order(const struct assay_ed25519_point *p)
{
    struct assay_fe25519 a;
    struct assay_fe25519 b;

    assay_fe25519_sqr(&a, &p->x);
    assay_fe25519_sqr(&b, &p->y);
    assay_fe25519_add_sub(&a, &b, &a, &b);
    assay_fe25519_mul(&a, &a, &p->x);
    assay_fe25519_mul(&a, &a, &p->y);
    return fe_mask_zero(&a);
}

/* u/v = x^2 of the points with that y: u = 2 (y^2 - 1), v = 2 (d y^2 + 1). */
static void curve_fraction(struct assay_fe25519 *u, struct assay_fe25519 *v,
                           const struct assay_fe25519 *y)
{
    struct assay_fe25519 two;
    struct assay_fe25519 unused;

    fe_set(&two, 2);
    assay_fe25519_sqr(u, y);
    assay_fe25519_mul(v, u, &assay_ed25519_2d);
    assay_fe25519_add_sub(u, &unused, u, u);
    assay_fe25519_add_sub(&unused, u, u, &two);
    assay_fe25519_add_sub(v, &unused, v, &two);
}

/* ret: all ones when x^2 = u/v, else 0. v is lost. */
static uint32_t fe_mask_root(const struct assay_fe25519 *x,
                             const struct assay_fe25519 *u,
                             struct assay_fe25519 *v)
{
    struct assay_fe25519 a;

    assay_fe25519_sqr(&a, x);
    assay_fe25519_mul(&a, &a, v);
    assay_fe25519_add_sub(v, &a, u, &a);
    return fe_mask_zero(&a);
}

/* ret: all ones when p is on the curve, else 0. z of p is not read. */
static uint32_t point_mask_on_curve(const struct assay_ed25519_point *p)
{
    struct assay_fe25519 u;
    struct assay_fe25519 v;

    curve_fraction(&u, &v, &p->y);
    return fe_mask_root(&p->x, &u, &v);
}

/*
 * x of the points with the y of p, RFC 8032, 5.1.3, steps 2 and 3.
 * out: x of p, either of the two roots
 * ret: all ones when there is such a point, else 0
 */
static uint32_t point_recover_x(struct assay_ed25519_point *p)
{
    struct assay_fe25519 u;
    struct assay_fe25519 v;
    struct assay_fe25519 r;

    /* Step 2. */
    curve_fraction(&u, &v, &p->y);

    /* Step 3: with r = u (uv)^((p - 5)/8), v r^2 = u (uv)^((p - 1)/4), and
     * that power is 1 or -1 exactly when uv, and so u/v, is a square. */
    assay_fe25519_mul(&p->x, &u, &v);
    fe_pow_p58(&r, &p->x);
    assay_fe25519_mul(&r, &r, &u);
    assay_fe25519_mul(&p->x, &r, &fe_sqrt_m1);

    uint32_t root = fe_mask_root(&r, &u, &v);
    for (unsigned i = 0; i < 8; i++) {
        p->x.w[i] = ct_select(root, r.w[i], p->x.w[i]);
    }
    return point_mask_on_curve(p);
}

/*
 * RFC 8032, 5.1.3, but for the sign of x.
 * out: p = A or -A, z left out, x in [0, p); without meaning when the result
 *      is 0
 * ret: all ones when b is the only encoding of a point that is not of small
 *      order, else 0. The points with x = 0 are of small order, so -0 needs no
 *      test of its own.
 */
static uint32_t point_decode(struct assay_ed25519_point *p,
                             const uint8_t b[static 32])
{
    /* Step 1: y, apart from the sign of x; y < p. */
    for (unsigned i = 0; i < 8; i++) {
        p->y.w[i] = assay_load_le32(b + 4u * i);
    }
    uint32_t sign = p->y.w[7] & SIGN;
    p->y.w[7] ^= sign;
    assay_fe25519_canonical(&p->x, &p->y);
    p->x.w[7] |= sign;
    uint32_t valid = words_mask_equal(p->x.w, b, 0);

    valid &= point_recover_x(p);
    assay_fe25519_canonical(&p->x, &p->x);
    return valid & ~point_mask_small_order(p);
}

/*
 * y of p = the words of the encoding of p or, where minus is ones, of -p:
 * RFC 8032, 5.1.2. The rest of p is lost.
 * in: p, not of small order: so x is not 0, and p - x has the other lowest bit
 * ret: all ones when p is on the curve, else 0: a fault made it
 */
static uint32_t point_encode(struct assay_ed25519_point *p, uint32_t minus)
{
    struct assay_fe25519 inverse;

    fe_invert(&inverse, &p->z);
    assay_fe25519_mul(&p->x, &p->x, &inverse);
    assay_fe25519_mul(&p->y, &p->y, &inverse);
    assay_fe25519_canonical(&p->x, &p->x);
    assay_fe25519_canonical(&p->y, &p->y);
    uint32_t on_curve = point_mask_on_curve(p);
    p->y.w[7] |= (p->x.w[0] ^ minus) << 31;
    return on_curve;
}

/*
 * k = SHA-512(R || A || M) mod L. Not inlined, so that the digest is off the
 * stack before the table comes on it.
 */
__attribute__((noinline)) static void challenge(struct assay_sc25519 *k,
                                                const uint8_t *r,
                                                const uint8_t *pub,
                                                struct assay_slice msg)
{
    struct assay_sha512 ctx;
    uint8_t digest[ASSAY_SHA512_DIGEST_LEN];

    assay_sha512_init(&ctx);
    assay_sha512_update(&ctx, assay_slice(r, 32));
    assay_sha512_update(&ctx, assay_slice(pub, ASSAY_ED25519_PUB_LEN));
    assay_sha512_update(&ctx, msg);
    assay_sha512_final(&ctx, digest);
    assay_sc25519_reduce(k, digest);
}

enum assay_status assay_ed25519_verify(
    const uint8_t pub[static ASSAY_ED25519_PUB_LEN], struct assay_slice msg,
    const uint8_t sig[static ASSAY_ED25519_SIG_LEN])
{
    struct assay_ed25519_point p;
    struct assay_sc25519 s;
    struct assay_sc25519 k[2];

    /* Step 1: A, or -A with minus all ones as long as the sign is not that of
     * the encoding, and S; R stays as it is. */
    uint32_t key = point_decode(&p, pub);
    uint32_t minus = ct_mask_bit((p.x.w[0] ^ (uint32_t)pub[31] >> 7) & 1u);
    uint32_t sound = key & assay_sc25519_load(&s, sig + 32);

    /* Step 2, twice: anyone can sign for a k that does not depend on R, and
     * there are many ways for a fault to make one. */
    for (uint32_t i = ct_barrier(2); i-- > 0;) { /* stays a loop */
        challenge(&k[i], sig, pub, msg);
    }
    sound &= scalar_mask_equal(k);

    /* Step 3: R = [S]B - [k]A, as [S]B + [k](-A) or -([-S]B + [k]A). Who
     * suppresses the sum has A left, on a z whose lowest word is 0. That is
     * neither 1 nor -1, however these are written, and on no other z is A on
     * the curve: z^2 would be d x^2 y^2, which is no square. */
    p.z.w[0] = 0;
    (void)ct_again(&p);
    assay_sc25519_recode_odd(&s, ~minus);
    assay_sc25519_recode(k);
    minus = ~minus ^ assay_ed25519_sum(&p, &s, k);

    /* The point is of small order when R is. R that is not canonical is refused
     * as the other bytes that it is. */
    sound &= ~point_mask_small_order(&p);
    sound &= point_encode(&p, minus);

    /* The comparison is made twice, each time for one half of the result: an
     * instruction that a fault suppresses leaves the other half a refusal. The
     * second one reads the first one's result, so that no compiler can take it
     * from there. */
    uint32_t good = words_mask_equal(p.y.w, sig, ~sound);
    uint32_t again = words_mask_equal(p.y.w, sig, ~(good & sound));

    uint32_t status =
        ct_select(key, ASSAY_SIGNATURE_INVALID, ASSAY_KEY_INVALID);
    status = (ct_select(good, ASSAY_OK, status) & HIGH_HALF) |
             (ct_select(again, ASSAY_OK, status) & ~HIGH_HALF);
    return (enum assay_status)status;
}

enum assay_status assay_ed25519_key_check(
    const uint8_t pub[static ASSAY_ED25519_PUB_LEN])
{
    struct assay_ed25519_point p;

    uint32_t status = ASSAY_KEY_INVALID;
    status = ct_select(point_decode(&p, pub), ASSAY_OK, status);
    return (enum assay_status)status;
}
