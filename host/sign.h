/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_SIGN_H
#define ASSAY_HOST_SIGN_H

#include "host/keys.h"

/*
 * Sign a SHA-256 digest with ECDSA on P-256 and the nonce of RFC 6979, so
 * that the same key and digest always give the same signature.
 * in: key a P-256 key; digest in its natural order.
 * out: sig: r then s, each 32 bytes big-endian; zero on failure.
 * ret: ASSAY_KEYFILE_ALGORITHM (not a P-256 key), ASSAY_MEMORY,
 *      ASSAY_INTERNAL (the key is out of range), ASSAY_OK.
 * mem: heap; every secret is wiped.
 * std: FIPS 186-5 6.4.1, RFC 6979 3.2 with HMAC-SHA256.
 */
ASSAY_MUST_USE enum assay_status assay_sign_p256(
    const struct assay_private_key *key, const uint8_t digest[static 32],
    uint8_t sig[static 64], struct assay_diag *diag);

/*
 * Sign bytes as Nordic's formats carry a signature: ECDSA over their SHA-256,
 * r then s, each 32 bytes little-endian.
 * in: key a P-256 key; data of any length.
 * out: wire; zero on failure.
 * ret: as assay_sign_p256.
 * mem: as assay_sign_p256.
 * std: docs/formats.md, "Byte orders".
 */
ASSAY_MUST_USE enum assay_status assay_sign_nordic(
    const struct assay_private_key *key, struct assay_slice data,
    uint8_t wire[static 64], struct assay_diag *diag);

/*
 * Sign a message with Ed25519.
 * in: key an Ed25519 key; msg the whole message, not its digest.
 * out: sig: R then S, as RFC 8032 encodes them; zero on failure.
 * ret: ASSAY_KEYFILE_ALGORITHM (not an Ed25519 key), ASSAY_INTERNAL,
 *      ASSAY_OK.
 * mem: stack; every secret is wiped.
 * std: RFC 8032 5.1.6.
 */
ASSAY_MUST_USE enum assay_status assay_sign_ed25519(
    const struct assay_private_key *key, struct assay_slice msg,
    uint8_t sig[static 64], struct assay_diag *diag);

#endif
