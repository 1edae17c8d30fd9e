/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/sc25519.h"

#include "base/bytes.h"
#include "base/ct.h"

/*
 * The one operation is x + n * (2^256 - L) modulo 2^256, which is x - n * L
 * there. L = 2^252 + c with 2^124 < c < 2^125.
 */

/* 2^256 - L. */
static const struct assay_sc25519 sc_minus_l = {
    {0xa30a2c13, 0xa7ed9ce5, 0x5d086329, 0xeb210621, 0xffffffff, 0xffffffff,
     0xffffffff, 0xefffffff}};

/*
 * out = x - n * L modulo 2^256.
 * ret: what left the top: with n = 1, it is 1 when x >= L and 0 when x < L
 */
static uint32_t sc_sub_multiple(struct assay_sc25519 *out,
                                const struct assay_sc25519 *x, uint32_t n)
{
    uint64_t acc = 0;

    /* (2^32 - 1)^2 + 2 * (2^32 - 1) = 2^64 - 1: acc never overflows. */
    for (unsigned i = 0; i < 8; i++) {
        acc += (uint64_t)n * sc_minus_l.w[i] + x->w[i];
        out->w[i] = (uint32_t)acc;
        acc >>= 32;
    }
    return (uint32_t)acc;
}

uint32_t assay_sc25519_load(struct assay_sc25519 *out,
                            const uint8_t b[static 32])
{
    struct assay_sc25519 rest;

    for (unsigned i = 0; i < 8; i++) {
        out->w[i] = assay_load_le32(b + 4u * i);
    }
    return ct_mask_zero(sc_sub_multiple(&rest, out, 1));
}

/*
 * r = (r * 2^16 + low) mod L.
 * in: r in [0, L), low < 2^16
 */
static void sc_append(struct assay_sc25519 *r, uint32_t low)
{
    struct assay_sc25519 rest;

    /* Let t = r * 2^16 + low and q = t >> 252, which is r >> 236. r < L bounds
     * q by 2^16, and t by 2^269: it is kept modulo 2^256. */
    uint32_t q = r->w[7] >> 12;
    for (unsigned i = 7; i > 0; i--) {
        r->w[i] = r->w[i] << 16 | r->w[i - 1] >> 16;
    }
    r->w[0] = r->w[0] << 16 | low;

    /* t - q * L = (t mod 2^252) - q * c lies between -2^141 and 2^252, so its
     * sign is bit 255. When it is negative the quotient was one too large
     * (q * c < L), else it was right: the result is in [0, L) either way. */
    sc_sub_multiple(&rest, r, q);
    sc_sub_multiple(r, r, q - (rest.w[7] >> 31));
}

void assay_sc25519_reduce(struct assay_sc25519 *out, const uint8_t b[static 64])
{
    for (unsigned i = 0; i < 8; i++) {
        out->w[i] = ct_barrier(0); /* so that it is no call of memset */
    }
    for (unsigned i = 64; i > 0; i -= 2) {
        sc_append(out, assay_load_le16(b + i - 2));
    }
}
