/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_CRYPTO_SHA512_H
#define ASSAY_CRYPTO_SHA512_H

#include <stdint.h>

#include "base/slice.h"
#include "crypto/sha512_block.h"

#define ASSAY_SHA512_DIGEST_LEN 64u

/*
 * A message on its way through SHA-512. An ordinary value: a copy of it is an
 * independent computation that goes on from the same point.
 */
struct assay_sha512 {
    uint64_t h[8];                         /* H(i) of FIPS 180-4, 6.4 */
    uint64_t message_len;                  /* bytes taken so far */
    uint8_t block[ASSAY_SHA512_BLOCK_LEN]; /* message_len % 128 bytes */
};

/*
 * Start the digest of a new message.
 * in: none
 * out: ctx, whatever it held before
 * ret: none
 * ct: nothing depends on data
 * mem: stack 12 bytes; the caller owns ctx
 * std: FIPS 180-4, section 5.3.5
 */
void assay_sha512_init(struct assay_sha512 *ctx);

/*
 * Append data to the message.
 * in: ctx from assay_sha512_init; data of any length, at any alignment, not
 *     within ctx; less than 2^64 bytes in all
 * out: ctx
 * ret: none
 * ct: the lengths may show, the bytes do not
 * mem: stack at most 424 bytes; data is not needed afterwards
 * std: FIPS 180-4, sections 5.2.2 and 6.4.2
 */
void assay_sha512_update(struct assay_sha512 *ctx, struct assay_slice data);

/*
 * Finish the message and write its digest.
 * in: ctx from assay_sha512_init
 * out: digest, 64 bytes, big endian words; ctx must be started again before
 *      its next use
 * ret: none
 * ct: the length of the message may show, its bytes do not
 * mem: stack at most 432 bytes; digest may not overlap ctx
 * std: FIPS 180-4, sections 5.1.2 and 6.4
 */
void assay_sha512_final(struct assay_sha512 *ctx,
                        uint8_t digest[static ASSAY_SHA512_DIGEST_LEN]);

#endif
