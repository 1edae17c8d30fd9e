/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_BASE_CT_H
#define ASSAY_BASE_CT_H

#include <stddef.h>
#include <stdint.h>

/*
 * The whole vocabulary of uniform execution. A mask is 0 or 0xffffffff; it is
 * made and used by these functions only, so that a review can find every
 * decision taken on data by searching for `ct_`.
 *
 * ct_barrier hides a value from the optimiser: without it, compilers turn a
 * masked selection back into a branch (clang 14 does so on x86-64 for a
 * masked table lookup). It costs no instruction. It does not stop a compiler
 * from predicating what follows; the trace gate looks at the machine code for
 * that reason.
 */

static inline uint32_t ct_barrier(uint32_t x)
{
    __asm__("" : "+r"(x));
    return x;
}

/*
 * The same address. The compiler must believe that it is another one, and that
 * all memory has changed: what follows is computed again, and a decision that
 * is taken twice is not taken once for both.
 */
static inline const void *ct_again(const void *p)
{
    __asm__ volatile("" : "+r"(p) : : "memory");
    return p;
}

/* ret: all ones when x != 0, else 0. */
static inline uint32_t ct_mask_nonzero(uint32_t x)
{
    x = ct_barrier(x);
    return ct_barrier(0u - ((x | (0u - x)) >> 31));
}

/* ret: all ones when x == 0, else 0. */
static inline uint32_t ct_mask_zero(uint32_t x)
{
    return ~ct_mask_nonzero(x);
}

/* ret: all ones when bit is 1, 0 when it is 0. in: bit is 0 or 1. */
static inline uint32_t ct_mask_bit(uint32_t bit)
{
    return ct_barrier(0u - bit);
}

/* ret: all ones when x == y, else 0. */
static inline uint32_t ct_mask_equal(uint32_t x, uint32_t y)
{
    return ct_mask_zero(x ^ y);
}

/* ret: a where mask is ones, b where it is zero. */
static inline uint32_t ct_select(uint32_t mask, uint32_t a, uint32_t b)
{
    return b ^ (ct_barrier(mask) & (a ^ b));
}

/* ret: 0 when the len bytes are equal, else some non-zero value. */
static inline uint32_t ct_differ(const uint8_t *a, const uint8_t *b, size_t len)
{
    uint32_t d = 0;
    for (size_t i = 0; i < len; i++) {
        d |= ct_barrier((uint32_t)(a[i] ^ b[i]));
    }
    return d;
}

#endif
