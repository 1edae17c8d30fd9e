/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_CRYPTO_P256_SUM_H
#define ASSAY_CRYPTO_P256_SUM_H

#include <stdint.h>

/*
 * Sums of points of P-256. This header is a contract that one file fulfils:
 * p256_sum.c, or a file with the same results for one processor, which may use
 * the inside of its field arithmetic.
 *
 * Coordinates are elements of the field, as in crypto/p256_field.h, and carry
 * the factor R. An affine point is x, y, 16 words. A point with a denominator
 * is X, Y, Z, 24 words, with x = X/Z^2 and y = Y/Z^3; Z = 0 is the point at
 * infinity. A table is 8 affine points, first the 8 x, then the 8 y. It holds
 * for every function:
 *
 * ret: all ones; some other value when the computation did not come to its end,
 *      which only a fault of the processor can do.
 * ct:  nothing leaks: the trace is the same for all values.
 * mem: arguments do not overlap. Stack: at most 510 bytes on Cortex-M4 -Os,
 *      with the field. No heap.
 */

/*
 * table = Q, 3 Q, 5 Q, .. 15 Q, each on a denominator of its own.
 * in:  the first entry of the table is Q.
 * out: table: entry k is x z_k^2, y z_k^3. z: the ratios z_1 / z_0, z_2 / z_1,
 *      .. z_7 / z_6, then z_7.
 * ret: all ones; see above.
 */
uint32_t assay_p256_multiples(uint32_t table[static 128],
                              uint32_t z[static 64]);

/*
 * p = u1 G + u2 Q.
 * in:  d1, d2: u1 and u2 in the digits 1 and -1: u = sum (2 v_j - 1) 2^j over
 *      j = 0 .. 255, where v_j is bit j of d. table: Q, 3 Q, .. 15 Q, affine.
 * out: p, infinity included; for every u1, u2 and Q.
 * ret: all ones; see above.
 */
uint32_t assay_p256_sum(uint32_t p[static 24], const uint32_t d1[static 8],
                        const uint32_t d2[static 8],
                        const uint32_t table[static 128]);

#endif
