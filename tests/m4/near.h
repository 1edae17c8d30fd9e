/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_TESTS_M4_NEAR_H
#define ASSAY_TESTS_M4_NEAR_H

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <sodium.h>

#include "tests/m4/scenarios.h"

/*
 * Scenarios for skips in the crypto. Beside more forgeries these are what one
 * check of the crypto alone refuses: the equation of the signature holds, and
 * everything but one condition. None of them helps anybody who has no private
 * key: they are other forms of a genuine signature, or signatures that only
 * the owner of the key can make, or bad keys in the device's own table. For
 * P-256 the signature comes first, and the key is computed from it.
 */

static void must(int done)
{
    if (!done) {
        fail("near", "libcrypto or libsodium");
    }
}

/* --- P-256 ---------------------------------------------------------------- */

/* The numbers of one signature that is made before its key. */
struct p256 {
    BN_CTX *ctx;
    EC_GROUP *group;
    const BIGNUM *n;
    BIGNUM *prime;
    EC_POINT *sum; /* u1 G + u2 Q, to be */
    BIGNUM *x;     /* of the sum */
    BIGNUM *r;
    BIGNUM *s;
};

static struct p256 p256_begin(void)
{
    struct p256 c = {.ctx = BN_CTX_new(),
                     .group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1),
                     .prime = BN_new(),
                     .x = BN_new(),
                     .r = BN_new(),
                     .s = BN_new()};
    must(c.ctx && c.group && c.prime && c.x && c.r && c.s);
    c.n = EC_GROUP_get0_order(c.group);
    c.sum = EC_POINT_new(c.group);
    must(c.sum != NULL &&
         EC_GROUP_get_curve(c.group, c.prime, NULL, NULL, c.ctx));
    return c;
}

static void p256_end(struct p256 *c)
{
    EC_POINT_free(c->sum);
    BN_free(c->s);
    BN_free(c->r);
    BN_free(c->x);
    BN_free(c->prime);
    EC_GROUP_free(c->group);
    BN_CTX_free(c->ctx);
}

/* The first point of the curve whose x is at least x; sets both. */
static void p256_point_from(struct p256 *c)
{
    while (!EC_POINT_set_compressed_coordinates(c->group, c->sum, c->x, 0,
                                                c->ctx)) {
        must(BN_add_word(c->x, 1));
    }
}

/* The key Q = (s R - e G) / r that makes r and s a signature of body. */
static void p256_key(struct p256 *c, const struct pb *body, uint8_t key[64])
{
    uint8_t digest[32];
    BIGNUM *e = BN_new();
    BIGNUM *u = BN_new();
    EC_POINT *q = EC_POINT_new(c->group);
    must(e != NULL && u != NULL && q != NULL);
    (void)SHA256(body->b, body->len, digest);
    must(BN_bin2bn(digest, 32, e) != NULL);
    must(BN_mod_inverse(u, c->r, c->n, c->ctx) != NULL);
    must(BN_mod_mul(e, e, u, c->n, c->ctx) && BN_sub(e, c->n, e));
    must(BN_mod_mul(u, c->s, u, c->n, c->ctx));
    must(EC_POINT_mul(c->group, q, e, c->sum, u, c->ctx));
    must(EC_POINT_get_affine_coordinates(c->group, q, e, u, c->ctx));
    must(BN_bn2binpad(e, key, 32) == 32 && BN_bn2binpad(u, key + 32, 32) == 32);
    EC_POINT_free(q);
    BN_free(u);
    BN_free(e);
}

static void p256_write(const struct p256 *c, struct pb_signature *out)
{
    out->len = 64;
    out->type = 0;
    must(BN_bn2lebinpad(c->r, out->bytes, 32) == 32 &&
         BN_bn2lebinpad(c->s, out->bytes + 32, 32) == 32);
}

/* s + n in place of s, which is small enough for 32 bytes. */
static void craft_s_plus_n(const struct pb *body, struct pb_signature *out,
                           uint8_t key[64])
{
    struct p256 c = p256_begin();
    must(BN_set_word(c.x, 0x12345) && BN_lshift(c.x, c.x, 230));
    p256_point_from(&c);
    must(BN_nnmod(c.r, c.x, c.n, c.ctx));
    must(BN_set_word(c.s, 0x2468ACE1) && BN_lshift(c.s, c.s, 190));
    p256_key(&c, body, key);
    must(BN_add(c.s, c.s, c.n));
    p256_write(&c, out);
    p256_end(&c);
}

/* The x of the sum is n or more, and stands for r as it is. */
static void craft_r_plus_n(const struct pb *body, struct pb_signature *out,
                           uint8_t key[64])
{
    struct p256 c = p256_begin();
    must(BN_copy(c.x, c.n) != NULL);
    p256_point_from(&c);
    must(BN_sub(c.r, c.x, c.n) && BN_cmp(c.x, c.prime) < 0);
    must(BN_set_word(c.s, 0x13579BDF) && BN_lshift(c.s, c.s, 220));
    p256_key(&c, body, key);
    must(BN_copy(c.r, c.x) != NULL);
    p256_write(&c, out);
    p256_end(&c);
}

/* A point of the curve, with x + p in place of x. */
static void craft_x_plus_p(const struct pb *body, struct pb_signature *out,
                           uint8_t key[64])
{
    struct p256 c = p256_begin();
    (void)body;
    must(BN_set_word(c.x, 5));
    p256_point_from(&c);
    must(EC_POINT_get_affine_coordinates(c.group, c.sum, c.x, c.s, c.ctx));
    must(BN_add(c.x, c.x, c.prime));
    must(BN_bn2binpad(c.x, key, 32) == 32 &&
         BN_bn2binpad(c.s, key + 32, 32) == 32);
    out->len = 64;
    p256_end(&c);
}

static void craft_off_curve(const struct pb *body, struct pb_signature *out,
                            uint8_t key[64])
{
    (void)body;
    key[63] ^= 1;
    out->len = 64;
}

/* --- Ed25519 -------------------------------------------------------------- */

/* h = SHA-512(R || A || M) modulo L */
static void ed25519_challenge(uint8_t h[32], const uint8_t r[32],
                              const uint8_t key[32], const struct pb *body)
{
    uint8_t digest[64];
    crypto_hash_sha512_state state;
    must(crypto_hash_sha512_init(&state) == 0 &&
         crypto_hash_sha512_update(&state, r, 32) == 0 &&
         crypto_hash_sha512_update(&state, key, 32) == 0 &&
         crypto_hash_sha512_update(&state, body->b, body->len) == 0 &&
         crypto_hash_sha512_final(&state, digest) == 0);
    crypto_core_ed25519_scalar_reduce(h, digest);
}

/* S + L in place of S. */
static void craft_s_plus_l(const struct pb *body, struct pb_signature *out,
                           uint8_t key[64])
{
    BIGNUM *s = BN_new();
    BIGNUM *l = NULL;
    (void)key;
    sign(KEY_ED, body, out);
    must(s != NULL && BN_hex2bn(&l, "100000000000000000000000000000001"
                                    "4def9dea2f79cd65812631a5cf5d3ed") != 0);
    must(BN_lebin2bn(out->bytes + 32, 32, s) != NULL && BN_add(s, s, l));
    must(BN_bn2lebinpad(s, out->bytes + 32, 32) == 32);
    BN_free(l);
    BN_free(s);
}

/* R is the neutral element: S = h a, which only the owner of a can make. */
static void craft_small_r(const struct pb *body, struct pb_signature *out,
                          uint8_t key[64])
{
    uint8_t seed[32];
    uint8_t secret[64];
    uint8_t h[32];
    sign(KEY_ED, body, out);
    memset(out->bytes, 0, 64);
    out->bytes[0] = 1;
    ed25519_challenge(h, out->bytes, key, body);
    hex_bytes(seed, SIGNER[KEY_ED].secret);
    must(crypto_hash_sha512(secret, seed, sizeof seed) == 0);
    secret[0] &= 248;
    secret[31] = (uint8_t)((secret[31] & 127) | 64);
    memset(secret + 32, 0, 32);
    crypto_core_ed25519_scalar_reduce(secret, secret);
    crypto_core_ed25519_scalar_mul(out->bytes + 32, h, secret);
}

/* The key is the neutral element: R = S B is a signature of everything. */
static void craft_small_key(const struct pb *body, struct pb_signature *out,
                            uint8_t key[64])
{
    sign(KEY_ED, body, out);
    memset(key, 0, 32);
    key[0] = 1;
    must(crypto_scalarmult_ed25519_base_noclamp(out->bytes, out->bytes + 32) ==
         0);
}

/* No point has y = 2. */
static void craft_no_point(const struct pb *body, struct pb_signature *out,
                           uint8_t key[64])
{
    sign(KEY_ED, body, out);
    memset(key, 0, 32);
    key[0] = 2;
}

/* --- Scenarios ------------------------------------------------------------ */

static void s_changed(struct world *w)
{
    w->flip_at = 40;
    w->signature_flip = 0x10;
}
static void body_changed(struct world *w)
{
    w->body_flip = 1;
}
static void s_plus_n(struct world *w)
{
    w->craft = craft_s_plus_n;
}
static void r_plus_n(struct world *w)
{
    w->craft = craft_r_plus_n;
}
static void x_plus_p(struct world *w)
{
    w->craft = craft_x_plus_p;
}
static void off_curve(struct world *w)
{
    w->craft = craft_off_curve;
}
static void is_ed25519_signed(struct world *w)
{
    w->key[0].who = KEY_ED;
    w->signer = KEY_ED;
}
static void ed25519_s_changed(struct world *w)
{
    is_ed25519_signed(w);
    s_changed(w);
}
static void ed25519_body_changed(struct world *w)
{
    is_ed25519_signed(w);
    body_changed(w);
}
static void s_plus_l(struct world *w)
{
    is_ed25519_signed(w);
    w->craft = craft_s_plus_l;
}
static void small_r(struct world *w)
{
    is_ed25519_signed(w);
    w->craft = craft_small_r;
}
static void small_key(struct world *w)
{
    is_ed25519_signed(w);
    w->craft = craft_small_key;
}
static void no_point(struct world *w)
{
    is_ed25519_signed(w);
    w->craft = craft_no_point;
}

/* First the forgeries, then what one check alone refuses. */
static const struct scenario NEAR[] = {
    {PACKET, "changed s", ASSAY_SIGNATURE_INVALID, s_changed},
    {PACKET, "changed packet", ASSAY_SIGNATURE_INVALID, body_changed},
    {PACKET, "Ed25519, changed S", ASSAY_SIGNATURE_INVALID, ed25519_s_changed},
    {PACKET, "Ed25519, changed packet", ASSAY_SIGNATURE_INVALID,
     ed25519_body_changed},
    {PACKET, "s + n", ASSAY_SIGNATURE_INVALID, s_plus_n},
    {PACKET, "r + n", ASSAY_SIGNATURE_INVALID, r_plus_n},
    {PACKET, "Ed25519, S + L", ASSAY_SIGNATURE_INVALID, s_plus_l},
    {PACKET, "Ed25519, R of small order", ASSAY_SIGNATURE_INVALID, small_r},
    {PACKET, "Ed25519, key of small order", ASSAY_SIGNATURE_INVALID, small_key},
    {KEYS, "key off the curve", ASSAY_KEY_INVALID, off_curve},
    {KEYS, "x + p", ASSAY_KEY_INVALID, x_plus_p},
    {KEYS, "Ed25519, no point", ASSAY_KEY_INVALID, no_point},
    {KEYS, "Ed25519, small order", ASSAY_KEY_INVALID, small_key},
};

enum { N_NEAR = sizeof NEAR / sizeof *NEAR, N_FORGED = 4 };

#endif
