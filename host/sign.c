/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/sign.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <sodium.h>

#include "base/bytes.h"
#include "crypto/sha256.h"

/*
 * ECDSA with a nonce that is drawn from key and digest by HMAC-SHA256.
 *
 * Whoever learns a few bits of several nonces learns the key, so the nonce
 * meets only arithmetic whose course does not depend on it: the point
 * multiplication of P-256 and the exponentiation, both of constant time. The
 * products modulo n, which have no such form in the library's interface, see
 * secrets only times a fresh random factor.
 */

enum { SCALAR_LEN = 32 };

/* A nonce of 0, n or above has probability 2^-32; 64 in a row mean a fault. */
enum { NONCES_MAX = 64 };

/* The state of RFC 6979 3.2. */
struct nonce_source {
    uint8_t k[crypto_auth_hmacsha256_BYTES];
    uint8_t v[crypto_auth_hmacsha256_BYTES];
};

struct ecdsa {
    EC_GROUP *group;
    const BIGNUM *n;
    BN_CTX *ctx;
    BN_MONT_CTX *mont; /* modulo n */
    EC_POINT *point;
    BIGNUM *d;     /* secret: the private key */
    BIGNUM *k;     /* secret: the nonce */
    BIGNUM *blind; /* secret: the random factor */
    BIGNUM *e;     /* the digest modulo n */
    BIGNUM *r;
    BIGNUM *s;
    BIGNUM *t; /* scratch */
};

/* V = HMAC(K, V) */
static void source_step(struct nonce_source *source)
{
    crypto_auth_hmacsha256_state hmac;
    (void)crypto_auth_hmacsha256_init(&hmac, source->k, sizeof source->k);
    (void)crypto_auth_hmacsha256_update(&hmac, source->v, sizeof source->v);
    (void)crypto_auth_hmacsha256_final(&hmac, source->v);
    sodium_memzero(&hmac, sizeof hmac);
}

/* K = HMAC(K, V || separator || seed), then V = HMAC(K, V) */
static void source_mix(struct nonce_source *source, uint8_t separator,
                       const uint8_t *seed, size_t seed_len)
{
    crypto_auth_hmacsha256_state hmac;
    (void)crypto_auth_hmacsha256_init(&hmac, source->k, sizeof source->k);
    (void)crypto_auth_hmacsha256_update(&hmac, source->v, sizeof source->v);
    (void)crypto_auth_hmacsha256_update(&hmac, &separator, 1);
    (void)crypto_auth_hmacsha256_update(&hmac, seed, seed_len);
    (void)crypto_auth_hmacsha256_final(&hmac, source->k);
    sodium_memzero(&hmac, sizeof hmac);
    source_step(source);
}

/* Steps b to g. in: the two octet strings of step d, 32 bytes each. */
static void source_open(struct nonce_source *source,
                        const uint8_t key[static SCALAR_LEN],
                        const uint8_t reduced[static SCALAR_LEN])
{
    uint8_t seed[2 * SCALAR_LEN];
    memcpy(seed, key, SCALAR_LEN);
    memcpy(seed + SCALAR_LEN, reduced, SCALAR_LEN);
    memset(source->v, 0x01, sizeof source->v);
    memset(source->k, 0x00, sizeof source->k);
    source_mix(source, 0x00, seed, sizeof seed);
    source_mix(source, 0x01, seed, sizeof seed);
    sodium_memzero(seed, sizeof seed);
}

static void ecdsa_close(struct ecdsa *c)
{
    BN_clear_free(c->d);
    BN_clear_free(c->k);
    BN_clear_free(c->blind);
    BN_clear_free(c->t);
    BN_clear_free(c->s);
    BN_free(c->r);
    BN_free(c->e);
    EC_POINT_clear_free(c->point);
    BN_MONT_CTX_free(c->mont);
    BN_CTX_free(c->ctx);
    EC_GROUP_free(c->group);
    ERR_clear_error();
}

/* ret: 1, or 0 when there is no memory; then ecdsa_close is due all the same.*/
static int ecdsa_open(struct ecdsa *c, const uint8_t key[static SCALAR_LEN],
                      const uint8_t digest[static SCALAR_LEN])
{
    *c = (struct ecdsa){
        .group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1),
        .ctx = BN_CTX_secure_new(),
        .mont = BN_MONT_CTX_new(),
        .d = BN_secure_new(),
        .k = BN_secure_new(),
        .blind = BN_secure_new(),
        .t = BN_secure_new(),
        .s = BN_secure_new(),
        .r = BN_new(),
        .e = BN_new(),
    };
    if (c->group == NULL || c->ctx == NULL || c->mont == NULL || c->d == NULL ||
        c->k == NULL || c->blind == NULL || c->t == NULL || c->s == NULL ||
        c->r == NULL || c->e == NULL) {
        return 0;
    }
    c->n = EC_GROUP_get0_order(c->group);
    c->point = EC_POINT_new(c->group);
    BN_set_flags(c->d, BN_FLG_CONSTTIME);
    BN_set_flags(c->k, BN_FLG_CONSTTIME);
    BN_set_flags(c->blind, BN_FLG_CONSTTIME);
    return c->point != NULL && BN_MONT_CTX_set(c->mont, c->n, c->ctx) == 1 &&
           BN_bin2bn(key, SCALAR_LEN, c->d) != NULL &&
           BN_bin2bn(digest, SCALAR_LEN, c->e) != NULL &&
           BN_nnmod(c->e, c->e, c->n, c->ctx) == 1;
}

static int is_scalar(const struct ecdsa *c, const BIGNUM *x)
{
    return !BN_is_zero(x) && BN_cmp(x, c->n) < 0;
}

/* r = the x coordinate of k*G, modulo n (FIPS 186-5 6.4.1 steps 5 to 8). */
static int make_r(struct ecdsa *c)
{
    return EC_POINT_mul(c->group, c->point, c->k, NULL, NULL, c->ctx) == 1 &&
           EC_POINT_get_affine_coordinates(c->group, c->point, c->r, NULL,
                                           c->ctx) == 1 &&
           BN_nnmod(c->r, c->r, c->n, c->ctx) == 1;
}

/* A factor in 1..n-1 that no other signature shares. */
static int make_blind(struct ecdsa *c)
{
    do {
        if (BN_priv_rand_range(c->blind, c->n) != 1) {
            return 0;
        }
    } while (BN_is_zero(c->blind));
    return 1;
}

/*
 * s = (e + r*d) / k, computed as (blind*e + (blind*d)*r) / (blind*k). The
 * inverse is the power n-2, n being prime (step 9).
 */
static int make_s(struct ecdsa *c)
{
    return make_blind(c) &&
           BN_mod_mul(c->s, c->blind, c->d, c->n, c->ctx) == 1 &&
           BN_mod_mul(c->s, c->s, c->r, c->n, c->ctx) == 1 &&
           BN_mod_mul(c->t, c->blind, c->e, c->n, c->ctx) == 1 &&
           BN_mod_add_quick(c->s, c->s, c->t, c->n) == 1 &&
           BN_mod_mul(c->k, c->k, c->blind, c->n, c->ctx) == 1 &&
           BN_copy(c->t, c->n) != NULL && BN_sub_word(c->t, 2) == 1 &&
           BN_mod_exp_mont_consttime(c->k, c->k, c->t, c->n, c->ctx, c->mont) ==
               1 &&
           BN_mod_mul(c->s, c->s, c->k, c->n, c->ctx) == 1;
}

/*
 * RFC 6979 3.2 step h with the signature inside: a nonce that is no scalar,
 * or gives r or s of zero, is followed by the next one.
 */
static enum assay_status sign_with(struct ecdsa *c, struct nonce_source *source,
                                   uint8_t sig[static 64],
                                   struct assay_diag *diag)
{
    for (int i = 0; i < NONCES_MAX; i++) {
        source_step(source);
        if (BN_bin2bn(source->v, sizeof source->v, c->k) == NULL) {
            return assay_diag_set(diag, ASSAY_MEMORY, "the arithmetic stopped");
        }
        if (is_scalar(c, c->k)) {
            if (!make_r(c) || !make_s(c)) {
                return assay_diag_set(diag, ASSAY_MEMORY,
                                      "the arithmetic stopped");
            }
            if (!BN_is_zero(c->r) && !BN_is_zero(c->s)) {
                (void)BN_bn2binpad(c->r, sig, SCALAR_LEN);
                (void)BN_bn2binpad(c->s, sig + SCALAR_LEN, SCALAR_LEN);
                return ASSAY_OK;
            }
        }
        source_mix(source, 0x00, NULL, 0);
    }
    return assay_diag_set(diag, ASSAY_INTERNAL, "found no usable nonce");
}

static enum assay_status wrong_algorithm(const char *expected,
                                         struct assay_diag *diag)
{
    return assay_diag_set(diag, ASSAY_KEYFILE_ALGORITHM,
                          "found a key of another algorithm, expected %s",
                          expected);
}

enum assay_status assay_sign_p256(const struct assay_private_key *key,
                                  const uint8_t digest[static 32],
                                  uint8_t sig[static 64],
                                  struct assay_diag *diag)
{
    memset(sig, 0, 64);
    if (key->public_key.algorithm != ASSAY_P256) {
        return wrong_algorithm("P-256", diag);
    }
    struct ecdsa c;
    struct nonce_source source;
    uint8_t reduced[SCALAR_LEN];
    enum assay_status status = ASSAY_FAILED;
    if (!ecdsa_open(&c, key->secret, digest) ||
        BN_bn2binpad(c.e, reduced, sizeof reduced) < 0) {
        status = assay_diag_set(diag, ASSAY_MEMORY, "the arithmetic stopped");
    } else if (!is_scalar(&c, c.d)) {
        status = assay_diag_set(diag, ASSAY_INTERNAL,
                                "the private number is 0 or not below the "
                                "order of the curve P-256");
    } else {
        source_open(&source, key->secret, reduced);
        status = sign_with(&c, &source, sig, diag);
        sodium_memzero(&source, sizeof source);
    }
    ecdsa_close(&c);
    return status;
}

enum assay_status assay_sign_nordic(const struct assay_private_key *key,
                                    struct assay_slice data,
                                    uint8_t wire[static 64],
                                    struct assay_diag *diag)
{
    struct assay_sha256 sha;
    uint8_t digest[32];
    uint8_t sig[64];
    assay_sha256_init(&sha);
    assay_sha256_update(&sha, data);
    assay_sha256_final(&sha, digest);
    enum assay_status status = assay_sign_p256(key, digest, sig, diag);
    assay_reverse(wire, sig, 32);
    assay_reverse(wire + 32, sig + 32, 32);
    return status;
}

enum assay_status assay_sign_ed25519(const struct assay_private_key *key,
                                     struct assay_slice msg,
                                     uint8_t sig[static 64],
                                     struct assay_diag *diag)
{
    memset(sig, 0, 64);
    if (key->public_key.algorithm != ASSAY_ED25519) {
        return wrong_algorithm("Ed25519", diag);
    }
    /* The library wants seed || public key; the public half is made anew, so
     * that a wrong one in *key cannot lead to two answers for one nonce. */
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    uint8_t expanded[crypto_sign_SECRETKEYBYTES];
    int failed = crypto_sign_seed_keypair(public_key, expanded, key->secret);
    failed = failed != 0 ||
             crypto_sign_detached(sig, NULL, msg.p, msg.len, expanded) != 0;
    sodium_memzero(expanded, sizeof expanded);
    if (failed) {
        memset(sig, 0, 64);
        return assay_diag_set(diag, ASSAY_INTERNAL, "no Ed25519 signature");
    }
    return ASSAY_OK;
}
