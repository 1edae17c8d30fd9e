/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_CRYPTO_P256_FIELD_H
#define ASSAY_CRYPTO_P256_FIELD_H

#include <stdint.h>

/*
 * Arithmetic modulo p = 2^256 - 2^224 + 2^192 + 2^96 - 1, the field of P-256.
 *
 * This header is a contract that one file fulfils: p256_field.c, or a file
 * with the same results for one processor. It holds for every function:
 *
 * An element is 8 words of 32 bits, least significant first.
 * in:  an operand is below p unless its comment allows more.
 * out: a result is below p: each class mod p has one representation, so zero
 *      is eight zero words and equality is equality of words.
 * ct:  nothing leaks: the trace is the same for all operand values.
 * mem: r may be the same array as a, as b or as both; partial overlap is not
 *      allowed. No heap. Stack: at most 104 bytes on Cortex-M4 -Os.
 *
 * The product is Montgomery's with R = 2^256; addition, subtraction and
 * halving do not care whether their operands carry the factor R.
 */

/*
 * r = a b / 2^256 mod p.
 * in: a b < 2^256 p. It is enough that one operand is below p; the other may
 *     be any 8 words, so that bytes from outside enter the field here.
 * std: Montgomery, Modular multiplication without trial division, 1985.
 */
void assay_p256_fe_mul(uint32_t r[static 8], const uint32_t a[static 8],
                       const uint32_t b[static 8]);

/* r = a^2 / 2^256 mod p. */
void assay_p256_fe_sqr(uint32_t r[static 8], const uint32_t a[static 8]);

/* r = a + b mod p. */
void assay_p256_fe_add(uint32_t r[static 8], const uint32_t a[static 8],
                       const uint32_t b[static 8]);

/* r = a - b mod p. */
void assay_p256_fe_sub(uint32_t r[static 8], const uint32_t a[static 8],
                       const uint32_t b[static 8]);

/* r = a / 2 mod p. */
void assay_p256_fe_half(uint32_t r[static 8], const uint32_t a[static 8]);

#endif
