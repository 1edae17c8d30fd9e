/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_TESTS_M4_BLIND_H
#define ASSAY_TESTS_M4_BLIND_H

#include "tests/m4/near.h"

/*
 * Which faults could a forger solve, whatever they do? The verifier compares r
 * with a coordinate of u1 G + u2 Q, where u1 = e/s and u2 = r/s; Ed25519 R with
 * S B - k A. Without the secret key that is solved if the sum does not depend
 * on u1, or not on u2: whoever knows it in advance chooses r = x of it, and the
 * s that leaves it as it is. For Ed25519: if it does not depend on R.
 *
 * So there are pairs of signatures that differ in u1 or u2 alone, and there in
 * the middle bits alone: 64 bits above and below (of each quarter of u1, 16)
 * are the same, so that a sum that has its first or last digits alone is found
 * as well. Where a fault makes one sum of both, it is blind to the difference.
 * Then a signature is made for the sum that was seen, and tried; it has a
 * number of attempts, for digits that must fit by chance.
 */

static const char *const U1 =
    "5b7e1c3a90d2f4864c1f70a3e5b8926d7d3a4e9c61f0b2853e8f17c4a2d9605b";
static const char *const U2 =
    "6d2c9f0b3e51a7845f1e7b3c8a0d6294b7c05e19f3a2d84671c8e4503b9fa2d7";
static const char *const U1_MIDDLE =
    "0000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff0000";
static const char *const U2_MIDDLE =
    "0000000000000000ffffffffffffffffffffffffffffffff0000000000000000";

static uint8_t given_signature[64]; /* for craft_given; R and S, or r and s */

static BIGNUM *of_hex(const char *hex)
{
    BIGNUM *out = NULL;
    must(BN_hex2bn(&out, hex) != 0);
    return out;
}

/* u, with the bits of the mask inverted. */
static BIGNUM *inverted(const char *u, const char *mask)
{
    uint8_t a[32];
    uint8_t b[32];
    hex_bytes(a, u);
    hex_bytes(b, mask);
    for (size_t i = 0; i < sizeof a; i++) {
        a[i] ^= b[i];
    }
    BIGNUM *out = BN_bin2bn(a, sizeof a, NULL);
    must(out != NULL);
    return out;
}

static void digest_of(const struct pb *body, BIGNUM *e)
{
    uint8_t digest[32];
    (void)SHA256(body->b, body->len, digest);
    must(BN_bin2bn(digest, 32, e) != NULL);
}

/* s = e/u1, r = s u2; u1 and u2 are freed. */
static void craft_factors(const struct pb *body, struct pb_signature *out,
                          BIGNUM *u1, BIGNUM *u2)
{
    struct p256 c = p256_begin();
    digest_of(body, c.x);
    must(BN_mod_inverse(c.s, u1, c.n, c.ctx) != NULL);
    must(BN_mod_mul(c.s, c.s, c.x, c.n, c.ctx));
    must(BN_mod_mul(c.r, c.s, u2, c.n, c.ctx));
    p256_write(&c, out);
    p256_end(&c);
    BN_free(u1);
    BN_free(u2);
}

static void craft_blind(const struct pb *body, struct pb_signature *out,
                        uint8_t key[64])
{
    (void)key;
    craft_factors(body, out, of_hex(U1), of_hex(U2));
}
static void craft_other_u1(const struct pb *body, struct pb_signature *out,
                           uint8_t key[64])
{
    (void)key;
    craft_factors(body, out, inverted(U1, U1_MIDDLE), of_hex(U2));
}
static void craft_other_u2(const struct pb *body, struct pb_signature *out,
                           uint8_t key[64])
{
    (void)key;
    craft_factors(body, out, of_hex(U1), inverted(U2, U2_MIDDLE));
}

static void craft_given(const struct pb *body, struct pb_signature *out,
                        uint8_t key[64])
{
    (void)body;
    (void)key;
    out->len = 64;
    out->type = 0;
    memcpy(out->bytes, given_signature, 64);
}
static void craft_given_ed25519(const struct pb *body, struct pb_signature *out,
                                uint8_t key[64])
{
    craft_given(body, out, key);
    out->type = 1;
}

/* k, of R = number and zeros. */
static void challenge_of(uint8_t k[32], uint32_t number, const struct pb *body)
{
    uint8_t r[32] = {0};
    uint8_t key[32];
    hex_bytes(key, SIGNER[KEY_ED].public_key);
    assay_store_le32(r + 8, number);
    ed25519_challenge(k, r, key, body);
}

static void craft_blind_ed25519(const struct pb *body, struct pb_signature *out,
                                uint8_t key[64])
{
    (void)body;
    (void)key;
    memset(out->bytes, 0, 64);
    out->len = 64;
    out->type = 1;
    out->bytes[32] = 5;
    out->bytes[47] = 0x5C;
    out->bytes[62] = 0xA7;
}

/* Another R, whose k has the same first and last digit. */
static void craft_other_r(const struct pb *body, struct pb_signature *out,
                          uint8_t key[64])
{
    uint8_t want[32];
    uint8_t k[32];
    uint32_t number = 0;
    craft_blind_ed25519(body, out, key);
    challenge_of(want, 0, body);
    do {
        challenge_of(k, ++number, body);
    } while ((k[31] ^ want[31]) >> 4 != 0 || k[31] % 16 != want[31] % 16 ||
             k[0] != want[0]);
    assay_store_le32(out->bytes + 8, number);
}

static void blind(struct world *w)
{
    w->craft = craft_blind;
}
static void other_u1(struct world *w)
{
    w->craft = craft_other_u1;
}
static void other_u2(struct world *w)
{
    w->craft = craft_other_u2;
}
static void given(struct world *w)
{
    w->craft = craft_given;
}
static void blind_ed25519(struct world *w)
{
    is_ed25519_signed(w);
    w->craft = craft_blind_ed25519;
}
static void other_r(struct world *w)
{
    is_ed25519_signed(w);
    w->craft = craft_other_r;
}
static void given_ed25519(struct world *w)
{
    is_ed25519_signed(w);
    w->craft = craft_given_ed25519;
}

enum blind_way { SAME_R_OVER_S, SAME_S, SAME_BIG_S };

static const struct blind {
    struct scenario one;
    struct scenario other;
    struct scenario given;
    enum blind_way way; /* what a signature keeps that is made for a sum */
} BLIND[] = {
    {{PACKET, "blind to u1", ASSAY_SIGNATURE_INVALID, blind},
     {PACKET, "other u1", ASSAY_SIGNATURE_INVALID, other_u1},
     {PACKET, "made for a sum", ASSAY_SIGNATURE_INVALID, given},
     SAME_R_OVER_S},
    {{PACKET, "blind to u2", ASSAY_SIGNATURE_INVALID, blind},
     {PACKET, "other u2", ASSAY_SIGNATURE_INVALID, other_u2},
     {PACKET, "made for a sum", ASSAY_SIGNATURE_INVALID, given},
     SAME_S},
    {{PACKET, "Ed25519, blind to k", ASSAY_SIGNATURE_INVALID, blind_ed25519},
     {PACKET, "Ed25519, other R", ASSAY_SIGNATURE_INVALID, other_r},
     {PACKET, "Ed25519, made for a sum", ASSAY_SIGNATURE_INVALID,
      given_ed25519},
     SAME_BIG_S},
};

enum { N_BLIND = sizeof BLIND / sizeof *BLIND };

/* --- A signature for a sum ------------------------------------------------ */

/* What the verifier leaves of the sum: X and Z, or the bytes of R. */
struct sum {
    int is_seen;
    uint8_t x[32];
    uint8_t z[32];
};

enum sum_form { JACOBIAN, HOMOGENEOUS, ENCODED };

/* x/z^2 or x/z mod p, and that mod n: what r has to be. ret: 0 when z is 0. */
static int sum_affine(struct p256 *c, const struct sum *sum, enum sum_form form)
{
    BIGNUM *z = BN_lebin2bn(sum->z, 32, NULL);
    must(z != NULL && BN_lebin2bn(sum->x, 32, c->x) != NULL);
    must(BN_nnmod(z, z, c->prime, c->ctx));
    int finite = !BN_is_zero(z);
    if (finite) {
        must(BN_mod_inverse(z, z, c->prime, c->ctx) != NULL);
        must(BN_mod_mul(c->x, c->x, z, c->prime, c->ctx));
    }
    if (finite && form == JACOBIAN) {
        must(BN_mod_mul(c->x, c->x, z, c->prime, c->ctx));
        must(BN_lshift(c->x, c->x, 256));
        must(BN_nnmod(c->x, c->x, c->prime, c->ctx));
    }
    must(BN_nnmod(c->r, c->x, c->n, c->ctx));
    BN_free(z);
    return finite;
}

/* sum = the bytes that stand for it whatever its z is. */
static void sum_normalise(struct sum *sum, enum sum_form form)
{
    if (!sum->is_seen || form == ENCODED) {
        memset(sum->z, 0, sizeof sum->z);
        return;
    }
    struct p256 c = p256_begin();
    sum->is_seen = sum_affine(&c, sum, form);
    must(BN_bn2binpad(c.r, sum->x, 32) == 32);
    memset(sum->z, 0, sizeof sum->z);
    p256_end(&c);
}

/* given_signature = what the sum asks for; in: the signature so far. */
static void blind_forge(const struct sum *sum, enum blind_way way)
{
    if (way == SAME_BIG_S) {
        memcpy(given_signature, sum->x, 32);
        return;
    }
    struct p256 c = p256_begin();
    struct pb_signature out;
    must(BN_lebin2bn(given_signature, 32, c.r) != NULL &&
         BN_lebin2bn(given_signature + 32, 32, c.s) != NULL);
    must(BN_bin2bn(sum->x, 32, c.x) != NULL);
    if (way == SAME_R_OVER_S && !BN_is_zero(c.r)) {
        must(BN_mod_inverse(c.r, c.r, c.n, c.ctx) != NULL);
        must(BN_mod_mul(c.s, c.s, c.r, c.n, c.ctx));
        must(BN_mod_mul(c.s, c.s, c.x, c.n, c.ctx));
    }
    must(BN_copy(c.r, c.x) != NULL);
    p256_write(&c, &out);
    memcpy(given_signature, out.bytes, 64);
    p256_end(&c);
}

/* Another one that keeps less: for the next attempt. */
static void blind_vary(enum blind_way way, uint32_t attempt)
{
    (void)way;
    assay_store_le32(given_signature + 32 + 4,
                     assay_load_le32(given_signature + 32 + 4) + attempt);
}

#endif
