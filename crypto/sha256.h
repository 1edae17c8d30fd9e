/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_CRYPTO_SHA256_H
#define ASSAY_CRYPTO_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/*
 * SHA-256 of a message that arrives in pieces: init, update as often as there
 * are pieces, final. A copy of the context is a second, independent
 * computation from that point on.
 *
 * The message may have up to 2^61 - 1 bytes, as the standard has it; who
 * hashes more gets a digest of no meaning.
 */

#define ASSAY_SHA256_LEN 32u

/* Private to sha256.c; visible so that the caller can own the memory. */
struct assay_sha256 {
    uint32_t state[8];
    uint64_t total_len; /* bytes of the message so far */
    uint8_t block[64];  /* the last total_len mod 64 of them */
};

/*
 * Begin a message.
 * in:  none.
 * out: ctx: an empty message.
 * ret: none.
 * ct:  nothing leaks.
 * mem: 8 bytes of stack on Cortex-M4 -Os, no heap.
 * std: FIPS 180-4 5.3.3.
 */
void assay_sha256_init(struct assay_sha256 *ctx);

/*
 * Append bytes to the message.
 * in:  ctx: begun by assay_sha256_init, not ended. data: any length, any
 *      alignment; not part of ctx.
 * out: ctx: the longer message.
 * ret: none.
 * ct:  the length of data and of what came before; nothing of the bytes.
 * mem: at most 336 bytes of stack on Cortex-M4 -Os, no heap; data is not kept.
 * std: FIPS 180-4 6.2.2.
 */
void assay_sha256_update(struct assay_sha256 *ctx, struct assay_slice data);

/*
 * End the message and write its digest.
 * in:  ctx: begun by assay_sha256_init, not ended.
 * out: digest: 32 bytes in the standard's order; may not be part of ctx.
 *      ctx must be begun again before its next use.
 * ret: none.
 * ct:  the length of the message; nothing of its bytes.
 * mem: at most 336 bytes of stack on Cortex-M4 -Os, no heap.
 * std: FIPS 180-4 5.1.1, 6.2.
 */
void assay_sha256_final(struct assay_sha256 *ctx,
                        uint8_t digest[static ASSAY_SHA256_LEN]);

#endif
