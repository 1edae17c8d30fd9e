/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdint.h>

#include "crypto/ed25519.h"
#include "crypto/sha512.h"

/*
 * The entry points that the measuring tools call on an emulated Cortex-M4.
 * They are linked into nothing else.
 */

int bench_ed25519_verify(const uint8_t *pub, const uint8_t *msg, uint32_t len,
                         const uint8_t *sig);
void bench_sha512(const uint8_t *msg, uint32_t len, uint8_t *out);

int bench_ed25519_verify(const uint8_t *pub, const uint8_t *msg, uint32_t len,
                         const uint8_t *sig)
{
    return assay_ed25519_verify(pub, assay_slice(msg, len), sig) == ASSAY_OK;
}

void bench_sha512(const uint8_t *msg, uint32_t len, uint8_t *out)
{
    struct assay_sha512 ctx;
    assay_sha512_init(&ctx);
    assay_sha512_update(&ctx, assay_slice(msg, len));
    assay_sha512_final(&ctx, out);
}
