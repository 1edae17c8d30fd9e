/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_CRYPTO_ED25519_H
#define ASSAY_CRYPTO_ED25519_H

#include "base/slice.h"
#include "base/status.h"

#include <stdint.h>

#define ASSAY_ED25519_PUB_LEN 32u
#define ASSAY_ED25519_SIG_LEN 64u

/*
 * Verify a pure Ed25519 signature by the strictest rule in wide use: what is
 * accepted here satisfies the equation of the standard with and without the
 * cofactor.
 * in: pub, the encoded point A; msg, of any length; sig, R then S; all in the
 *     byte order of the standard, any values
 * out: none
 * ret: ASSAY_KEY_INVALID, A has y >= p, is not on the curve, or has an order
 *      of 8 or less;
 *      ASSAY_SIGNATURE_INVALID, S >= L, or the encoding of [S]B - [k]A is not
 *      R byte for byte (no multiplication by the cofactor), or R has an order
 *      of 8 or less;
 *      ASSAY_OK
 * ct: msg.len may show; no branch and no address depends on any byte of pub,
 *     msg or sig, and every check is made whatever the others found
 * mem: stack 1850 bytes; no heap; nothing is kept
 * std: RFC 8032, section 5.1.7, with the cofactorless equation, R compared as
 *      bytes, and points of small order refused
 */
ASSAY_MUST_USE enum assay_status assay_ed25519_verify(
    const uint8_t pub[static ASSAY_ED25519_PUB_LEN], struct assay_slice msg,
    const uint8_t sig[static ASSAY_ED25519_SIG_LEN]);

/*
 * Tell whether assay_ed25519_verify could accept anything under a public key.
 * in: pub, the encoded point A, any value
 * out: none
 * ret: ASSAY_KEY_INVALID, A has y >= p, is not on the curve, or has an order
 *      of 8 or less;
 *      ASSAY_OK
 * ct: no branch and no address depends on a byte of pub
 * mem: stack 520 bytes; no heap; nothing is kept
 * std: RFC 8032, section 5.1.3, and points of small order refused
 */
ASSAY_MUST_USE enum assay_status assay_ed25519_key_check(
    const uint8_t pub[static ASSAY_ED25519_PUB_LEN]);

#endif
