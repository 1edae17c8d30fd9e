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
 * r = (r * 2^32 + low) mod L.
 * in: r in [0, L)
 */
static void sc_append(struct assay_sc25519 *r, uint32_t low)
{
    struct assay_sc25519 rest;

    /* Let t = r * 2^32 + low, which is kept modulo 2^256, and q = t >> 252,
     * which is r >> 220; where that is 2^32, q is one less. */
    uint32_t q = (r->w[7] << 4 | r->w[6] >> 28) - (r->w[7] >> 28);
    for (unsigned i = 7; i > 0; i--) {
        r->w[i] = ct_barrier(r->w[i - 1]); /* no call of memmove */
    }
    r->w[0] = low;

    /* t - q * L = (t mod 2^252) - q * c lies between -2^157 and 2^252; or, with
     * r = L - e, it is L - e * 2^32 + low, in [0, L) since 0 < e <= c. So its
     * sign is bit 255. When it is negative the quotient was one too large
     * (q * c < L), else it was right: the result is in [0, L) either way. */
    sc_sub_multiple(&rest, r, q);
    sc_sub_multiple(r, r, q - (rest.w[7] >> 31));
}

void assay_sc25519_reduce(struct assay_sc25519 *out, const uint8_t b[static 64])
{
    /* The top 224 bits are less than L. */
    for (unsigned i = 0; i < 7; i++) {
        out->w[i] = assay_load_le32(b + 36u + 4u * i);
    }
    out->w[7] = 0;
    for (unsigned i = 36; i > 0; i -= 4) {
        sc_append(out, assay_load_le32(b + i - 4));
    }
}

void assay_sc25519_recode(struct assay_sc25519 *s)
{
    uint64_t acc = 0;

    for (unsigned i = 0; i < 8; i++) {
        acc += UINT64_C(0x88888888) + s->w[i];
        s->w[i] = (uint32_t)acc;
        acc >>= 32;
    }
}

void assay_sc25519_recode_odd(struct assay_sc25519 *s, uint32_t minus)
{
    /* s becomes odd, with -L < s < L. Then (s + 16^64 - 1)/2, which modulo
     * 2^256 is s >> 1 with the opposite of the sign of s at the top, has the
     * digits; its complement has the opposite ones. */
    sc_sub_multiple(s, s, ~s->w[0] & 1u);
    uint32_t higher = ~s->w[7] >> 31;
    for (unsigned i = 8; i-- > 0;) {
        uint32_t w = s->w[i];
        s->w[i] = (higher << 31 | w >> 1) ^ ct_barrier(minus);
        higher = w;
    }
}
