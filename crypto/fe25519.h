/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_CRYPTO_FE25519_H
#define ASSAY_CRYPTO_FE25519_H

#include <stdint.h>

/*
 * Arithmetic modulo p = 2^255 - 19, for crypto/ed25519.c alone.
 *
 * An element is eight words, least significant first, and stands for the
 * residue of sum(w[i] * 2^(32 i)) modulo p. One contract holds for every
 * function:
 *
 *   in:  any eight words, that is any integer in [0, 2^256); there is no
 *        other precondition and no class of "reduced" elements to keep apart
 *   out: eight words in [0, 2^256) of the residue named, not always the
 *        smallest; assay_fe25519_canonical gives the smallest
 *   ret: none; no function fails
 *   ct:  no branch and no address depends on a word
 *   mem: out may be the same object as either input or as both; objects that
 *        overlap in part are not allowed; two results are two objects; nothing
 *        is kept
 *   std: RFC 7748, section 4.1 and RFC 8032, section 5.1 (the prime)
 *
 * A file for one processor may stand in for fe25519.c if it keeps this
 * contract; the representative of a residue may then differ, the residue not.
 */
struct assay_fe25519 {
    uint32_t w[8];
};

/*
 * out = a + b.
 * mem: stack 184 bytes
 */
void assay_fe25519_add(struct assay_fe25519 *out, const struct assay_fe25519 *a,
                       const struct assay_fe25519 *b);

/*
 * out = a - b.
 * mem: stack 184 bytes
 */
void assay_fe25519_sub(struct assay_fe25519 *out, const struct assay_fe25519 *a,
                       const struct assay_fe25519 *b);

/*
 * sum = a + b and difference = a - b.
 * mem: stack 144 bytes
 */
void assay_fe25519_add_sub(struct assay_fe25519 *sum,
                           struct assay_fe25519 *difference,
                           const struct assay_fe25519 *a,
                           const struct assay_fe25519 *b);

/*
 * out = a * b.
 * mem: stack 104 bytes
 */
void assay_fe25519_mul(struct assay_fe25519 *out, const struct assay_fe25519 *a,
                       const struct assay_fe25519 *b);

/*
 * out = a * a.
 * mem: stack 104 bytes
 */
void assay_fe25519_sqr(struct assay_fe25519 *out,
                       const struct assay_fe25519 *a);

/*
 * out = a^(2^n): a squared n times.
 * in:  n > 0; the number of squarings is no secret
 * mem: stack 120 bytes
 */
void assay_fe25519_sqr_times(struct assay_fe25519 *out,
                             const struct assay_fe25519 *a, unsigned n);

/*
 * out = the representative of a in [0, p).
 * mem: stack 60 bytes
 */
void assay_fe25519_canonical(struct assay_fe25519 *out,
                             const struct assay_fe25519 *a);

#endif
