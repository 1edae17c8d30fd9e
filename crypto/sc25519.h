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
 * mem: stack 76 bytes
 * std: RFC 8032, section 5.1.7, step 2
 */
void assay_sc25519_reduce(struct assay_sc25519 *out,
                          const uint8_t b[static 64]);

#endif
