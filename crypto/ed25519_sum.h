/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_CRYPTO_ED25519_SUM_H
#define ASSAY_CRYPTO_ED25519_SUM_H

#include "crypto/fe25519.h"
#include "crypto/sc25519.h"

#include <stdint.h>

/*
 * The sum of two multiples of points of the curve of Ed25519, for
 * crypto/ed25519.c alone. This header is a contract that one file fulfils:
 * ed25519_sum.c, or a file with the same results for one processor; the
 * representatives may differ, the point not.
 */

/* 2d modulo p = 2^255 - 19, where -x^2 + y^2 = 1 + d x^2 y^2 is the curve. */
extern const struct assay_fe25519 assay_ed25519_2d;

/* y/z and x/z. */
struct assay_ed25519_point {
    struct assay_fe25519 y, x, z;
};

/*
 * p = [s]B + [k]P, or the opposite of that, with the base point B.
 * in:  p: P, any point of the curve, with z = 1, which is not read; s: after
 *      assay_sc25519_recode_odd; k: after assay_sc25519_recode
 * out: p, z not 0; without meaning when P is no point of the curve, or s or k
 *      was not in [0, L) before it was recoded
 * ret: all ones when p is the opposite, else 0
 * ct:  nothing depends on p, s and k
 * mem: stack 1512 bytes; nothing is kept
 * std: RFC 8032, section 5.1.7, step 3, its right-hand side
 */
uint32_t assay_ed25519_sum(struct assay_ed25519_point *p,
                           const struct assay_sc25519 *s,
                           const struct assay_sc25519 *k);

#endif
