/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_CRYPTO_P256_H
#define ASSAY_CRYPTO_P256_H

#include <stdint.h>

#include "base/status.h"

/*
 * Whether sig is a signature of the message with this digest by the holder of
 * the private key that belongs to pub.
 * in:  pub: X then Y of the public key, 32 bytes each, big-endian (SEC 1
 *      2.3.3 without the leading 0x04). digest: SHA-256 of the message, all
 *      32 bytes count. sig: r then s, 32 bytes each, big-endian.
 * out: none.
 * ret: ASSAY_KEY_INVALID: X or Y is not below p, or the point is not on the
 *      curve. ASSAY_SIGNATURE_INVALID: r or s is not in 1 .. n-1, or the
 *      signature does not fit. ASSAY_OK. A high s is as good as a low one.
 * ct:  nothing leaks but the result: the trace is the same for all inputs,
 *      valid or not.
 * mem: 1,490 bytes of stack on Cortex-M4 -Os, no heap; reads its inputs only.
 * std: FIPS 186-5 6.4.2, SEC 1 4.1.4; key: SP 800-56A 5.6.2.3.4.
 */
ASSAY_MUST_USE enum assay_status assay_p256_verify(
    const uint8_t pub[static 64], const uint8_t digest[static 32],
    const uint8_t sig[static 64]);

/*
 * Whether pub is a public key that assay_p256_verify can use.
 * in:  pub: as for assay_p256_verify.
 * out: none.
 * ret: ASSAY_KEY_INVALID: X or Y is not below p, or the point is not on the
 *      curve. ASSAY_OK. Every point of the curve has order n.
 * ct:  nothing leaks but the result.
 * mem: 760 bytes of stack on Cortex-M4 -Os, 340 when it is not the small
 *      profile; no heap; reads its input only.
 * std: SP 800-56A 5.6.2.3.4 (partial public-key validation).
 */
ASSAY_MUST_USE enum assay_status assay_p256_key_check(
    const uint8_t pub[static 64]);

#endif
