/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/sha512.h"

#include "base/bytes.h"
#include "base/ct.h"

/* SHA-512, FIPS 180-4: the message in pieces and its padding. */

#define LENGTH_OFF 112u /* of the 128-bit bit count in the last block */

_Static_assert(LENGTH_OFF + 16u == ASSAY_SHA512_BLOCK_LEN, "count ends block");

/* FIPS 180-4, 5.3.5: fractions of the square roots of the first 8 primes. */
static const uint64_t sha512_h0[8] = {
    UINT64_C(0x6a09e667f3bcc908), UINT64_C(0xbb67ae8584caa73b),
    UINT64_C(0x3c6ef372fe94f82b), UINT64_C(0xa54ff53a5f1d36f1),
    UINT64_C(0x510e527fade682d1), UINT64_C(0x9b05688c2b3e6c1f),
    UINT64_C(0x1f83d9abfb41bd6b), UINT64_C(0x5be0cd19137e2179),
};

void assay_sha512_init(struct assay_sha512 *ctx)
{
    for (unsigned i = 0; i < 8; i++) {
        ctx->h[i] = sha512_h0[i];
    }
    ctx->message_len = 0;
}

/* Each turn takes all whole blocks where they stand, or one byte. */
void assay_sha512_update(struct assay_sha512 *ctx, struct assay_slice data)
{
    const uint8_t *p = data.p;
    size_t left = data.len;
    size_t fill = (size_t)(ctx->message_len % ASSAY_SHA512_BLOCK_LEN);

    ctx->message_len += left;
    while (left > 0) {
        const uint8_t *from = p;
        size_t n_blocks = left / ASSAY_SHA512_BLOCK_LEN;
        size_t taken = n_blocks * ASSAY_SHA512_BLOCK_LEN;
        if (fill > 0 || n_blocks == 0) {
            ctx->block[fill] = p[0];
            taken = 1;
            from = ctx->block;
            fill = (fill + 1) % ASSAY_SHA512_BLOCK_LEN;
            n_blocks = fill == 0 ? 1 : 0;
        }
        p += taken;
        left -= taken;
        if (n_blocks > 0) {
            assay_sha512_blocks(ctx->h, from, n_blocks);
        }
    }
}

/* The rest of the block = 0. in: fill < ASSAY_SHA512_BLOCK_LEN. */
static void zero_from(uint8_t block[static ASSAY_SHA512_BLOCK_LEN],
                      uint32_t fill)
{
    do {
        block[fill] = (uint8_t)ct_barrier(0); /* no call of memset */
        fill++;
    } while (fill != ASSAY_SHA512_BLOCK_LEN);
}

void assay_sha512_final(struct assay_sha512 *ctx,
                        uint8_t digest[static ASSAY_SHA512_DIGEST_LEN])
{
    uint64_t message_len = ctx->message_len;
    uint32_t fill = (uint32_t)message_len % ASSAY_SHA512_BLOCK_LEN;

    /* 5.1.2: a one bit, zeros up to the last 16 bytes of a block, then the
     * length in bits, of which the top 64 are message_len / 2^61. The length
     * is in the next block when this one has no room from LENGTH_OFF on. */
    zero_from(ctx->block, fill);
    ctx->block[fill] = 0x80;
    for (uint32_t n = fill / LENGTH_OFF; n > 0; n--) {
        assay_sha512_blocks(ctx->h, ctx->block, 1);
        zero_from(ctx->block, 0);
    }
    assay_store_be64(ctx->block + LENGTH_OFF, message_len >> 61);
    assay_store_be64(ctx->block + LENGTH_OFF + 8u, message_len << 3);
    assay_sha512_blocks(ctx->h, ctx->block, 1);

    for (unsigned i = 0; i < 8; i++) {
        assay_store_be64(digest + 8u * i, ctx->h[i]);
    }
}
