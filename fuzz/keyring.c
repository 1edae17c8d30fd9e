/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "fuzz/keyring.h"

#include "base/bytes.h"
#include "fuzz/fuzz.h"
#include "fuzz/keyring_data.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <string.h>

static const struct {
    const char *name;
    const uint8_t *bytes;
    size_t len;
    enum assay_algorithm algorithm;
    uint8_t roles;
} RING[FUZZ_N_KEYS] = {
    {"open", FUZZ_OPEN_PUBLIC, 64, ASSAY_P256, ASSAY_ROLE_ALL},
    {"ed25519", FUZZ_ED25519_PUBLIC, 32, ASSAY_ED25519, ASSAY_ROLE_ALL},
    {"closed", FUZZ_CLOSED_PUBLIC, 64, ASSAY_P256,
     ASSAY_ROLE_ALL & ~ASSAY_ROLE_EXTERNAL},
};

void fuzz_keyring(struct assay_trust *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < FUZZ_N_KEYS; i++) {
        out->public_key[i].algorithm = RING[i].algorithm;
        memcpy(out->public_key[i].bytes, RING[i].bytes, RING[i].len);
        out->name[i] = RING[i].name;
        out->key[i] =
            (struct assay_key){.bytes = out->public_key[i].bytes,
                               .id = (uint32_t)i,
                               .algorithm = (uint8_t)RING[i].algorithm,
                               .roles = RING[i].roles};
    }
    out->table.key = out->key;
    out->table.n_keys = FUZZ_N_KEYS;
}

void fuzz_private_key(enum fuzz_key key, struct assay_private_key *out)
{
    require(key == FUZZ_KEY_OPEN || key == FUZZ_KEY_ED25519);
    memset(out, 0, sizeof *out);
    out->public_key.algorithm = RING[key].algorithm;
    memcpy(out->public_key.bytes, RING[key].bytes, RING[key].len);
    memcpy(out->secret,
           key == FUZZ_KEY_OPEN ? FUZZ_OPEN_SECRET : FUZZ_ED25519_SEED, 32);
}

/* ret: NULL when OpenSSL does not take the point. */
static EVP_PKEY *openssl_key(const uint8_t pub[static 64])
{
    uint8_t point[65] = {4};
    char group[] = "prime256v1";
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    memcpy(point + 1, pub, 64);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 65),
        OSSL_PARAM_construct_end()};
    require(ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1);
    if (EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    return key;
}

int fuzz_openssl_p256(const uint8_t pub[static 64],
                      const uint8_t digest[static 32],
                      const uint8_t sig[static 64])
{
    EVP_PKEY *key = openssl_key(pub);
    if (key == NULL) {
        return -1;
    }
    ECDSA_SIG *pair = ECDSA_SIG_new();
    require(pair != NULL);
    require(ECDSA_SIG_set0(pair, BN_bin2bn(sig, 32, NULL),
                           BN_bin2bn(sig + 32, 32, NULL)) == 1);
    unsigned char *der = NULL;
    int len = i2d_ECDSA_SIG(pair, &der);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    require(len > 0 && ctx != NULL && EVP_PKEY_verify_init(ctx) == 1);
    int right = EVP_PKEY_verify(ctx, der, (size_t)len, digest, 32) == 1;
    EVP_PKEY_CTX_free(ctx);
    OPENSSL_free(der);
    ECDSA_SIG_free(pair);
    EVP_PKEY_free(key);
    return right;
}

int fuzz_is_signed(enum fuzz_key key, struct assay_slice signed_bytes,
                   const uint8_t wire[static 64])
{
    uint8_t digest[32];
    uint8_t sig[64];
    if (key == FUZZ_KEY_ED25519) {
        return crypto_sign_verify_detached(wire, signed_bytes.p,
                                           signed_bytes.len,
                                           FUZZ_ED25519_PUBLIC) == 0;
    }
    (void)SHA256(signed_bytes.p, signed_bytes.len, digest);
    assay_reverse(sig, wire, 32);
    assay_reverse(sig + 32, wire + 32, 32);
    return fuzz_openssl_p256(RING[key].bytes, digest, sig) == 1;
}

int fuzz_closed_signed(struct assay_slice signed_bytes)
{
    uint8_t digest[32];
    (void)SHA256(signed_bytes.p, signed_bytes.len, digest);
    for (size_t i = 0; i < FUZZ_N_CLOSED; i++) {
        if (memcmp(digest, FUZZ_CLOSED_DIGEST[i], 32) == 0) {
            return 1;
        }
    }
    return 0;
}
