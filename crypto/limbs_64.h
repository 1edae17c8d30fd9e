/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_CRYPTO_LIMBS_64_H
#define ASSAY_CRYPTO_LIMBS_64_H

#include <stdint.h>

/*
 * Numbers of 256 bits in four limbs of 64 bits, least significant first, for
 * hosts; only the files *_64.c include this. In memory a number is the eight
 * words of the contract that such a file fulfils: on a little-endian processor
 * limb i is the words 2 i and 2 i + 1 as they stand.
 *
 * ct: no function has a branch or an address that depends on a limb.
 */

#if !defined(__SIZEOF_INT128__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "this needs products of 128 bits and a little-endian processor"
#endif

__extension__ typedef unsigned __int128 wide;

/* A limb in an array of words: may_alias is what defines that access. */
typedef uint64_t __attribute__((may_alias, aligned(4))) limb_in_words;

/*
 * Hides a limb from the optimiser, as ct_barrier hides a word. On x86 it costs
 * the carry: no barrier between two limb_add that belong together.
 */
static inline uint64_t limb_barrier(uint64_t x)
{
    __asm__("" : "+r"(x));
    return x;
}

/*
 * r = x + y + c mod 2^64, and r = x - y - c mod 2^64.
 * in: c is 0 or 1. ret: the carry or the borrow, 0 or 1.
 * On x86-64 these builtins keep it in the processor's flag. The compilers do
 * not for 128-bit sums: with those gcc 12 takes twice as long for a product,
 * clang 14 half as long again.
 */
#if defined(__x86_64__)

static inline uint64_t limb_add(uint64_t *r, uint64_t x, uint64_t y, uint64_t c)
{
    unsigned long long sum;
    c = __builtin_ia32_addcarryx_u64((unsigned char)c, x, y, &sum);
    *r = sum;
    return c;
}

static inline uint64_t limb_sub(uint64_t *r, uint64_t x, uint64_t y, uint64_t c)
{
    unsigned long long rest;
#if defined(__clang__)
    c = __builtin_ia32_subborrow_u64((unsigned char)c, x, y, &rest);
#else
    c = __builtin_ia32_sbb_u64((unsigned char)c, x, y, &rest);
#endif
    *r = rest;
    return c;
}

#else

static inline uint64_t limb_add(uint64_t *r, uint64_t x, uint64_t y, uint64_t c)
{
    wide sum = (wide)x + y + c;
    *r = (uint64_t)sum;
    return (uint64_t)(sum >> 64);
}

static inline uint64_t limb_sub(uint64_t *r, uint64_t x, uint64_t y, uint64_t c)
{
    wide rest = (wide)x - y - c;
    *r = (uint64_t)rest;
    return (uint64_t)(rest >> 64) & 1;
}

#endif

/*
 * ret: the low limb of x y; high: the other one. The barriers are for gcc 12,
 * which otherwise keeps both as one number in memory.
 */
static inline uint64_t limb_mul(uint64_t *high, uint64_t x, uint64_t y)
{
    wide product = (wide)x * y;
    *high = limb_barrier((uint64_t)(product >> 64));
    return limb_barrier((uint64_t)product);
}

/* x = the eight words at a. */
static inline void limbs_get(uint64_t x[static 4], const uint32_t *a)
{
    const limb_in_words *limb = (const limb_in_words *)a;
    x[0] = limb[0];
    x[1] = limb[1];
    x[2] = limb[2];
    x[3] = limb[3];
}

/*
 * The eight words at r = x. It is volatile because gcc 12 otherwise gathers
 * limbs in vector registers first, which takes longer than an addition.
 */
static inline void limbs_put(uint32_t *r, const uint64_t x[static 4])
{
    volatile limb_in_words *limb = (volatile limb_in_words *)r;
    limb[0] = x[0];
    limb[1] = x[1];
    limb[2] = x[2];
    limb[3] = x[3];
}

/* t[0..4] = x b. */
static inline void limbs_scale(uint64_t t[static 5], uint64_t x,
                               const uint64_t b[static 4])
{
    uint64_t h0, h1, h2, h3;
    t[0] = limb_mul(&h0, x, b[0]);
    t[1] = limb_mul(&h1, x, b[1]);
    t[2] = limb_mul(&h2, x, b[2]);
    t[3] = limb_mul(&h3, x, b[3]);
    uint64_t c = limb_add(&t[1], t[1], h0, 0);
    c = limb_add(&t[2], t[2], h1, c);
    c = limb_add(&t[3], t[3], h2, c);
    (void)limb_add(&t[4], h3, 0, c);
}

/* t[0..4] = t[0..3] + x b. The largest sum is 2^320 - 2^64. */
static inline void limbs_row(uint64_t t[static 5], uint64_t x,
                             const uint64_t b[static 4])
{
    uint64_t p[5];
    limbs_scale(p, x, b);
    uint64_t c = limb_add(&t[0], t[0], p[0], 0);
    c = limb_add(&t[1], t[1], p[1], c);
    c = limb_add(&t[2], t[2], p[2], c);
    c = limb_add(&t[3], t[3], p[3], c);
    (void)limb_add(&t[4], p[4], 0, c);
}

/*
 * t = a^2: the products of two different limbs, twice, and the squares. Always
 * inline: gcc 12 would make it a call, with all limbs in memory.
 */
__attribute__((always_inline)) static inline void limbs_square(
    uint64_t t[static 8], const uint64_t a[static 4])
{
    uint64_t h0, h1, h2, h3, p0, p1, p2, p3;

    /* a0 (a1, a2, a3) at t[1..4], a1 (a2, a3) at t[3..5], a2 a3 at t[5..6]. */
    t[1] = limb_mul(&h0, a[0], a[1]);
    t[2] = limb_mul(&h1, a[0], a[2]);
    t[3] = limb_mul(&h2, a[0], a[3]);
    p0 = limb_mul(&t[4], a[1], a[2]);
    p1 = limb_mul(&t[5], a[1], a[3]);
    p2 = limb_mul(&t[6], a[2], a[3]);
    uint64_t c = limb_add(&t[2], t[2], h0, 0);
    c = limb_add(&t[3], t[3], h1, c);
    c = limb_add(&t[4], t[4], h2, c);
    (void)limb_add(&t[5], t[5], 0, c);
    c = limb_add(&t[3], t[3], p0, 0);
    c = limb_add(&t[4], t[4], p1, c);
    c = limb_add(&t[5], t[5], p2, c);
    (void)limb_add(&t[6], t[6], 0, c);

    c = limb_add(&t[1], t[1], t[1], 0);
    c = limb_add(&t[2], t[2], t[2], c);
    c = limb_add(&t[3], t[3], t[3], c);
    c = limb_add(&t[4], t[4], t[4], c);
    c = limb_add(&t[5], t[5], t[5], c);
    t[7] = limb_add(&t[6], t[6], t[6], c);

    t[0] = limb_mul(&h0, a[0], a[0]);
    p1 = limb_mul(&h1, a[1], a[1]);
    p2 = limb_mul(&h2, a[2], a[2]);
    p3 = limb_mul(&h3, a[3], a[3]);
    c = limb_add(&t[1], t[1], h0, 0);
    c = limb_add(&t[2], t[2], p1, c);
    c = limb_add(&t[3], t[3], h1, c);
    c = limb_add(&t[4], t[4], p2, c);
    c = limb_add(&t[5], t[5], h2, c);
    c = limb_add(&t[6], t[6], p3, c);
    (void)limb_add(&t[7], t[7], h3, c);
}

#endif
