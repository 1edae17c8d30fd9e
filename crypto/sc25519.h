/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_CRYPTO_SC25519_H
#define ASSAY_CRYPTO_SC25519_H

#include <stdint.h>

/*
 * Integers modulo L = 2^252 + 27742317777372353535851937790883648493, the
 * order of the base point, for crypto/ed25519.c alone.
 */

/* Eight words, least significant first. */
struct assay_sc25519 {
    uint32_t w[8];
};

/*
 * Read 32 bytes as an integer and tell whether it is less than L.
 * in: b, little endian, any value
 * out: the integer, in [0, 2^256), whether less than L or not
 * ret: all ones when the integer is less than L, else 0
 * ct: nothing depends on b
 * mem: stack 60 bytes
 * std: RFC 8032, section 5.1.7, step 1
 */
uint32_t assay_sc25519_load(struct assay_sc25519 *out,
                            const uint8_t b[static 32]);

/*
 * Read 64 bytes as an integer and reduce it modulo L.
 * in: b, little endian, any value
 * out: in [0, L)
 * ret: none
 * ct: nothing depends on b
 * mem: stack 68 bytes
 * std: RFC 8032, section 5.1.7, step 2
 */
void assay_sc25519_reduce(struct assay_sc25519 *out,
                          const uint8_t b[static 64]);

/*
 * Write an integer in 64 digits from -8 to 7, base 16.
 * in: s in [0, L)
 * out: hexadecimal digit i is digit i of the input plus 8
 * ret: none
 * ct: nothing depends on s
 * mem: stack 12 bytes
 * std: none
 */
void assay_sc25519_recode(struct assay_sc25519 *s);

/*
 * Write an integer, or its opposite, modulo L in 64 odd digits from -15 to 15,
 * base 16.
 * in: s in [0, L); minus: all ones for the opposite, else 0
 * out: with hexadecimal digit i of the output h, 2 h - 15 is digit i of a
 *      number that is s or -s modulo L; digit 63 is 1 or -1
 * ret: none
 * ct: nothing depends on s or minus
 * mem: stack 36 bytes
 * std: none
 */
void assay_sc25519_recode_odd(struct assay_sc25519 *s, uint32_t minus);

#endif
