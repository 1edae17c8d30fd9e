/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_CRYPTO_SHA512_BLOCK_H
#define ASSAY_CRYPTO_SHA512_BLOCK_H

#include <stddef.h>
#include <stdint.h>

/*
 * The compression function of SHA-512. This header is a contract that one file
 * fulfils: sha512_block.c, or a file with the same results for one processor.
 */

#define ASSAY_SHA512_BLOCK_LEN 128u

/*
 * Take a run of whole blocks of a padded message into the hash value.
 * in:  state: H(i) of the standard, H0 first, in the processor's byte order.
 *      data: 128 * n_blocks bytes in the order of the message, any alignment;
 *      not part of state. n_blocks: any number; 0 leaves state as it is and
 *      reads nothing.
 * out: state: H(i + n_blocks).
 * ret: none.
 * ct:  n_blocks; nothing of state and of the bytes.
 * mem: at most 400 bytes of stack on Cortex-M4 (368 with
 *      sha512_block_m4.S), no heap; data is not kept.
 * std: FIPS 180-4 6.4.2.
 */
void assay_sha512_blocks(uint64_t state[static 8], const uint8_t *data,
                         size_t n_blocks);

#endif
