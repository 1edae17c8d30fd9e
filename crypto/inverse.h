/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_CRYPTO_INVERSE_H
#define ASSAY_CRYPTO_INVERSE_H

#include <stdint.h>

/*
 * A number is 8 words of 32 bits, least significant first.
 * modulus: odd, 3 or more. inverse: 1 / modulus mod 2^32.
 */
struct assay_inverse_modulus {
    uint32_t modulus[8];
    uint32_t inverse;
};

/*
 * Divide one or two numbers by x: r = a / x mod modulus.
 * in:  a: n_numbers numbers, each below 6 times the modulus; n_numbers: 1 or
 *      2. x: below the modulus, and prime to it or 0. Any other 8 words are
 *      allowed as x, but r means nothing then.
 * out: r: n_numbers numbers below the modulus; 0 when x is 0.
 * ret: all ones; some other value when not all numbers were taken, which only a
 *      fault of the processor can do.
 * ct:  nothing leaks but the modulus and n_numbers: the trace is the same for
 *      all a and x.
 * mem: r may be a or x. 400 bytes of stack on Cortex-M4 -Os, no heap.
 * std: Bernstein and Yang, Fast constant-time gcd computation and modular
 *      inversion, TCHES 2019(3), with the change described in inverse.c.
 */
uint32_t assay_inverse_quotients(uint32_t *r, const uint32_t *a, int n_numbers,
                                 const uint32_t x[static 8],
                                 const struct assay_inverse_modulus *modulus);

#endif
