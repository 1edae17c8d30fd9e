/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "assay_verifier.c"

/*
 * The internal functions of the single file under names that a test can
 * call, with at most four parameters, on the device's processor.
 */

uint32_t call_p256(const uint8_t *pub, const uint8_t *digest,
                   const uint8_t *sig);
uint32_t call_ed25519(const uint8_t *pub, const uint8_t *msg, uint32_t len,
                      const uint8_t *sig);
void call_sha256(const uint8_t *msg, uint32_t len, uint32_t times,
                 uint8_t *digest);
void call_sha512(const uint8_t *msg, uint32_t len, uint32_t times,
                 uint8_t *digest);

uint32_t call_p256(const uint8_t *pub, const uint8_t *digest,
                   const uint8_t *sig)
{
    return assay_p256_verify(pub, digest, sig);
}

uint32_t call_ed25519(const uint8_t *pub, const uint8_t *msg, uint32_t len,
                      const uint8_t *sig)
{
    return assay_ed25519_verify(pub, assay_slice(msg, len), sig);
}

void call_sha256(const uint8_t *msg, uint32_t len, uint32_t times,
                 uint8_t *digest)
{
    struct assay_sha256 sha;
    assay_sha256_init(&sha);
    for (uint32_t i = 0; i < times; i++) {
        assay_sha256_update(&sha, assay_slice(msg, len));
    }
    assay_sha256_final(&sha, digest);
}

void call_sha512(const uint8_t *msg, uint32_t len, uint32_t times,
                 uint8_t *digest)
{
    struct assay_sha512 sha;
    assay_sha512_init(&sha);
    for (uint32_t i = 0; i < times; i++) {
        assay_sha512_update(&sha, assay_slice(msg, len));
    }
    assay_sha512_final(&sha, digest);
}
