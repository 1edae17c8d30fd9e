/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/sha256.h"

#include "base/bytes.h"
#include "base/ct.h"
#include "crypto/sha256_block.h"

/*
 * SHA-256, FIPS 180-4: the message in pieces and its padding. Bytes are copied
 * one by one, so that no compiler makes a call of memcpy or memset.
 */

#define BLOCK_LEN ASSAY_SHA256_BLOCK_LEN
#define LENGTH_OFF 56u /* of the 64-bit bit count in the last block */

_Static_assert(LENGTH_OFF + 8u == BLOCK_LEN, "count ends block");
_Static_assert(sizeof((struct assay_sha256){0}.block) == BLOCK_LEN,
               "the context keeps one block");

static const uint32_t sha256_initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
                                           0xa54ff53a, 0x510e527f, 0x9b05688c,
                                           0x1f83d9ab, 0x5be0cd19};

void assay_sha256_init(struct assay_sha256 *ctx)
{
    for (int i = 0; i < 8; i++) {
        ctx->state[i] = ct_barrier(sha256_initial[i]);
    }
    ctx->total_len = 0;
}

/* Each turn takes all whole blocks where they stand, or one byte. */
void assay_sha256_update(struct assay_sha256 *ctx, struct assay_slice data)
{
    const uint8_t *p = data.p;
    size_t left = data.len;
    size_t fill = (size_t)(ctx->total_len % BLOCK_LEN);

    ctx->total_len += left;
    while (left > 0) {
        const uint8_t *from = p;
        size_t n_blocks = left / BLOCK_LEN;
        size_t taken = n_blocks * BLOCK_LEN;
        if (fill > 0 || n_blocks == 0) {
            ctx->block[fill] = p[0];
            taken = 1;
            from = ctx->block;
            fill = (fill + 1) % BLOCK_LEN;
            n_blocks = fill == 0 ? 1 : 0;
        }
        p += taken;
        left -= taken;
        if (n_blocks > 0) {
            assay_sha256_blocks(ctx->state, from, n_blocks);
        }
    }
}

/* The rest of the block = 0. in: fill < BLOCK_LEN. */
static void zero_from(uint8_t block[static BLOCK_LEN], size_t fill)
{
    do {
        block[fill] = (uint8_t)ct_barrier(0); /* no call of memset */
        fill++;
    } while (fill != BLOCK_LEN);
}

void assay_sha256_final(struct assay_sha256 *ctx,
                        uint8_t digest[static ASSAY_SHA256_LEN])
{
    uint64_t bit_len = ctx->total_len * 8;
    size_t fill = (size_t)(ctx->total_len % BLOCK_LEN);

    /* fill < BLOCK_LEN here: a full block never stays. The last block is the
     * next one when this one has no room for the length, from LENGTH_OFF on. */
    zero_from(ctx->block, fill);
    ctx->block[fill] = 0x80;
    for (size_t n = fill / LENGTH_OFF; n > 0; n--) {
        assay_sha256_blocks(ctx->state, ctx->block, 1);
        zero_from(ctx->block, 0);
    }
    assay_store_be64(ctx->block + LENGTH_OFF, bit_len);
    assay_sha256_blocks(ctx->state, ctx->block, 1);
    for (int i = 0; i < 8; i++) {
        assay_store_be32(digest + 4 * i, ctx->state[i]);
    }
}
