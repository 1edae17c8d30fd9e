/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdint.h>

#include "crypto/p256.h"
#include "crypto/sha256.h"

/*
 * The entry points that the measuring tools call on an emulated Cortex-M4.
 * They are linked into nothing else.
 */

int bench_p256_verify(const uint8_t *pub, const uint8_t *hash,
                      const uint8_t *sig);
void bench_sha256(const uint8_t *msg, uint32_t len, uint8_t *out);

int bench_p256_verify(const uint8_t *pub, const uint8_t *hash,
                      const uint8_t *sig)
{
    return assay_p256_verify(pub, hash, sig) == ASSAY_OK;
}

void bench_sha256(const uint8_t *msg, uint32_t len, uint8_t *out)
{
    struct assay_sha256 ctx;
    assay_sha256_init(&ctx);
    assay_sha256_update(&ctx, assay_slice(msg, len));
    assay_sha256_final(&ctx, out);
}
