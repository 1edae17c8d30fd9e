/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/keys.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <sodium.h>

#include "host/keys_parts.h"
#include "host/text.h"
#include "verifier/published.h"

/*
 * The keys themselves: made valid or refused, generated, written, named. It
 * reads no file and no structure; OpenSSL and libsodium do the curves.
 */

/* --- Valid keys ----------------------------------------------------------- */

enum assay_status assay_keys_openssl_failed(struct assay_diag *diag)
{
    return assay_diag_set(diag, ASSAY_MEMORY, "the curve arithmetic stopped");
}

/* in: 02/03 and X, or 04, X and Y; the hybrid forms 06/07 are refused. */
static enum assay_status p256_decode(struct assay_slice point,
                                     uint8_t xy[static 64],
                                     struct assay_diag *diag)
{
    int known = (point.len == 65 && point.p[0] == 4) ||
                (point.len == 33 && (point.p[0] == 2 || point.p[0] == 3));
    if (!known) {
        return assay_diag_set(diag, ASSAY_KEY_INVALID,
                              "found a P-256 point of %zu bytes, expected 65 "
                              "(first byte 4) or 33 (first byte 2 or 3)",
                              point.len);
    }
    enum assay_status status = ASSAY_MEMORY;
    uint8_t plain[65];
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *p = group != NULL ? EC_POINT_new(group) : NULL;
    if (p == NULL) {
        goto end;
    }
    if (EC_POINT_oct2point(group, p, point.p, point.len, NULL) != 1) {
        status = assay_diag_set(diag, ASSAY_KEY_INVALID,
                                "the coordinates are not on the curve P-256");
        goto end;
    }
    if (EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED, plain,
                           sizeof plain, NULL) == sizeof plain) {
        memcpy(xy, plain + 1, 64);
        status = ASSAY_OK;
    }
end:
    EC_POINT_free(p);
    EC_GROUP_free(group);
    return status == ASSAY_MEMORY ? assay_keys_openssl_failed(diag) : status;
}

enum assay_status assay_keys_set_public(enum assay_algorithm algorithm,
                                        struct assay_slice point,
                                        struct assay_public_key *out,
                                        struct assay_diag *diag)
{
    *out = (struct assay_public_key){.algorithm = algorithm};
    if (algorithm == ASSAY_P256) {
        return p256_decode(point, out->bytes, diag);
    }
    if (point.len != 32) {
        return assay_diag_set(diag, ASSAY_KEY_INVALID,
                              "found an Ed25519 key of %zu bytes, expected 32",
                              point.len);
    }
    if (crypto_core_ed25519_is_valid_point(point.p) != 1) {
        return assay_diag_set(diag, ASSAY_KEY_INVALID,
                              "the 32 bytes are not a canonical Ed25519 point "
                              "of prime order");
    }
    memcpy(out->bytes, point.p, 32);
    return ASSAY_OK;
}

/* xy = scalar * G; ret: ASSAY_KEY_INVALID unless 1 <= scalar < n. */
static enum assay_status p256_multiply(const uint8_t scalar[static 32],
                                       uint8_t xy[static 64],
                                       struct assay_diag *diag)
{
    enum assay_status status = ASSAY_MEMORY;
    uint8_t plain[65];
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *p = group != NULL ? EC_POINT_new(group) : NULL;
    BN_CTX *ctx = BN_CTX_secure_new();
    BIGNUM *k = BN_secure_new();
    if (p == NULL || ctx == NULL || k == NULL ||
        BN_bin2bn(scalar, 32, k) == NULL) {
        goto end;
    }
    BN_set_flags(k, BN_FLG_CONSTTIME);
    if (BN_is_zero(k) || BN_cmp(k, EC_GROUP_get0_order(group)) >= 0) {
        status = assay_diag_set(diag, ASSAY_KEY_INVALID,
                                "the private number is 0 or not below the "
                                "order of the curve P-256");
        goto end;
    }
    if (EC_POINT_mul(group, p, k, NULL, NULL, ctx) == 1 &&
        EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED, plain,
                           sizeof plain, ctx) == sizeof plain) {
        memcpy(xy, plain + 1, 64);
        status = ASSAY_OK;
    }
end:
    BN_clear_free(k);
    BN_CTX_free(ctx);
    EC_POINT_free(p);
    EC_GROUP_free(group);
    return status == ASSAY_MEMORY ? assay_keys_openssl_failed(diag) : status;
}

/* Fill in the public half of a key whose algorithm and secret are set. */
static enum assay_status complete(struct assay_private_key *key,
                                  struct assay_diag *diag)
{
    struct assay_public_key *public_key = &key->public_key;
    if (public_key->algorithm == ASSAY_P256) {
        return p256_multiply(key->secret, public_key->bytes, diag);
    }
    uint8_t expanded[crypto_sign_SECRETKEYBYTES];
    int failed =
        crypto_sign_seed_keypair(public_key->bytes, expanded, key->secret);
    sodium_memzero(expanded, sizeof expanded);
    if (failed != 0) {
        return assay_diag_set(diag, ASSAY_INTERNAL, "no Ed25519 key pair");
    }
    return ASSAY_OK;
}

enum assay_status assay_keys_set_private(enum assay_algorithm algorithm,
                                         struct assay_slice secret,
                                         struct assay_slice stated,
                                         struct assay_private_key *out,
                                         struct assay_diag *diag)
{
    size_t least = algorithm == ASSAY_P256 ? 1 : 32;
    if (secret.len < least || secret.len > 32) {
        return assay_diag_set(diag, ASSAY_KEYFILE_FORMAT,
                              "found a private number of %zu bytes, "
                              "expected 32",
                              secret.len);
    }
    *out = (struct assay_private_key){.public_key = {.algorithm = algorithm}};
    memcpy(out->secret + 32 - secret.len, secret.p, secret.len);
    enum assay_status status = complete(out, diag);
    if (status != ASSAY_OK || stated.len == 0) {
        return status;
    }
    struct assay_public_key other;
    status = assay_keys_set_public(algorithm, stated, &other, diag);
    if (status == ASSAY_OK &&
        memcmp(other.bytes, out->public_key.bytes, sizeof other.bytes) != 0) {
        return assay_diag_set(diag, ASSAY_KEY_INVALID,
                              "the public half in the file does not belong to "
                              "the private half");
    }
    return status;
}

/*
 * A P-256 scalar is drawn until it lies in 1..n-1 (FIPS 186-5 A.2.2); a
 * second draw has probability 2^-32. All Ed25519 seeds are good.
 */
enum assay_status assay_private_key_generate(enum assay_algorithm algorithm,
                                             struct assay_private_key *out,
                                             struct assay_diag *diag)
{
    *out = (struct assay_private_key){0};
    if (algorithm != ASSAY_P256 && algorithm != ASSAY_ED25519) {
        return assay_diag_set(diag, ASSAY_KEYFILE_ALGORITHM,
                              "found algorithm %d, expected P-256 or Ed25519",
                              (int)algorithm);
    }
    enum assay_status status = ASSAY_KEY_INVALID;
    for (int i = 0; i < 8 && status == ASSAY_KEY_INVALID; i++) {
        out->public_key.algorithm = algorithm;
        if (RAND_priv_bytes(out->secret, sizeof out->secret) != 1) {
            status =
                assay_diag_set(diag, ASSAY_INTERNAL, "no random bytes to use");
        } else {
            status = complete(out, diag);
        }
    }
    if (status != ASSAY_OK) {
        assay_private_key_wipe(out);
    }
    ERR_clear_error();
    return status;
}

size_t assay_public_key_len(const struct assay_public_key *key)
{
    return key->algorithm == ASSAY_P256 ? 64 : 32;
}

void assay_private_key_wipe(struct assay_private_key *key)
{
    sodium_memzero(key, sizeof *key);
}

/* --- Passphrases ---------------------------------------------------------- */

static enum assay_status pass_missing(struct assay_diag *diag)
{
    return assay_diag_set(diag, ASSAY_KEYFILE_PASSPHRASE,
                          "the private key is encrypted, and no passphrase "
                          "was given");
}

enum assay_status assay_keys_wrong_passphrase(struct assay_diag *diag)
{
    return assay_diag_set(diag, ASSAY_KEYFILE_PASSPHRASE,
                          "the private key does not decrypt with this "
                          "passphrase, or it is damaged");
}

enum assay_status assay_keys_check_passphrase(
    const struct assay_passphrase *pass, struct assay_diag *diag)
{
    if (pass == NULL) {
        return pass_missing(diag);
    }
    if (pass->bytes.len > ASSAY_PASSPHRASE_MAX) {
        return assay_diag_set(diag, ASSAY_KEYFILE_PASSPHRASE,
                              "found a passphrase of %zu bytes, expected at "
                              "most %u",
                              pass->bytes.len, ASSAY_PASSPHRASE_MAX);
    }
    return ASSAY_OK;
}

const char *assay_keys_passphrase_text(const struct assay_passphrase *pass)
{
    return pass->bytes.len == 0 ? "" : (const char *)pass->bytes.p;
}

/* --- Writing -------------------------------------------------------------- */

/* Each structure is a fixed head, then what differs from key to key. */
static const uint8_t SPKI_P256[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A,
                                    0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06,
                                    0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03,
                                    0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
static const uint8_t SPKI_ED25519[] = {0x30, 0x2A, 0x30, 0x05, 0x06, 0x03,
                                       0x2B, 0x65, 0x70, 0x03, 0x21, 0x00};
static const uint8_t PKCS8_ED25519[] = {0x30, 0x2E, 0x02, 0x01, 0x00, 0x30,
                                        0x05, 0x06, 0x03, 0x2B, 0x65, 0x70,
                                        0x04, 0x22, 0x04, 0x20};
static const uint8_t PKCS8_P256[] = {
    0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86,
    0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D,
    0x03, 0x01, 0x07, 0x04, 0x6D, 0x30, 0x6B, 0x02, 0x01, 0x01, 0x04, 0x20};
static const uint8_t SEC1_P256[] = {0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20};
static const uint8_t SEC1_CURVE[] = {0xA0, 0x0A, 0x06, 0x08, 0x2A, 0x86,
                                     0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
static const uint8_t SEC1_POINT[] = {0xA1, 0x44, 0x03, 0x42, 0x00, 0x04};

_Static_assert(sizeof SPKI_P256 + 64 == ASSAY_SPKI_MAX, "P-256 is the longer");
_Static_assert(sizeof PKCS8_P256 + 32 + sizeof SEC1_POINT + 64 ==
                   ASSAY_PRIVATE_DER_MAX,
               "PKCS#8 of P-256 is the longest");

static uint8_t *put(uint8_t *at, const uint8_t *p, size_t len)
{
    memcpy(at, p, len);
    return at + len;
}

size_t assay_public_key_der(const struct assay_public_key *key,
                            uint8_t der[static ASSAY_SPKI_MAX])
{
    int is_p256 = key->algorithm == ASSAY_P256;
    uint8_t *at = is_p256 ? put(der, SPKI_P256, sizeof SPKI_P256)
                          : put(der, SPKI_ED25519, sizeof SPKI_ED25519);
    at = put(at, key->bytes, assay_public_key_len(key));
    return (size_t)(at - der);
}

size_t assay_private_key_der(const struct assay_private_key *key,
                             enum assay_key_encoding encoding,
                             uint8_t der[static ASSAY_PRIVATE_DER_MAX])
{
    uint8_t *at = der;
    if (key->public_key.algorithm != ASSAY_P256) {
        at = put(at, PKCS8_ED25519, sizeof PKCS8_ED25519);
        at = put(at, key->secret, sizeof key->secret);
        return (size_t)(at - der);
    }
    if (encoding == ASSAY_KEY_SEC1) {
        at = put(at, SEC1_P256, sizeof SEC1_P256);
        at = put(at, key->secret, sizeof key->secret);
        at = put(at, SEC1_CURVE, sizeof SEC1_CURVE);
    } else {
        at = put(at, PKCS8_P256, sizeof PKCS8_P256);
        at = put(at, key->secret, sizeof key->secret);
    }
    at = put(at, SEC1_POINT, sizeof SEC1_POINT);
    at = put(at, key->public_key.bytes, sizeof key->public_key.bytes);
    return (size_t)(at - der);
}

enum assay_status assay_pem_append(struct assay_buffer *out, const char *label,
                                   struct assay_slice der, size_t columns,
                                   struct assay_diag *diag)
{
    /* libsodium's encoder does not index a table by secret bits. */
    char line[76 + 1];
    size_t step = columns <= 76 ? columns / 4 * 3 : 57;
    enum assay_status status =
        assay_buffer_printf(out, diag, "-----BEGIN %s-----\n", label);
    for (size_t off = 0; status == ASSAY_OK && off < der.len; off += step) {
        size_t n = der.len - off < step ? der.len - off : step;
        (void)sodium_bin2base64(line, sizeof line, der.p + off, n,
                                sodium_base64_VARIANT_ORIGINAL);
        size_t len = strlen(line);
        line[len] = '\n';
        status = assay_buffer_append(
            out, assay_slice((const uint8_t *)line, len + 1), diag);
    }
    sodium_memzero(line, sizeof line);
    if (status != ASSAY_OK) {
        return status;
    }
    return assay_buffer_printf(out, diag, "-----END %s-----\n", label);
}

/* in: der: the PKCS#8 DER of a key. ret: its encryption, or NULL. */
static X509_SIG *encrypt(struct assay_slice der,
                         const struct assay_passphrase *pass)
{
    const unsigned char *p = der.p;
    PKCS8_PRIV_KEY_INFO *plain =
        d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)der.len);
    X509_ALGOR *pbe = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 16, NULL,
                                            (uint64_t)1 << 14, 8, 5);
    X509_SIG *sealed = NULL;
    if (plain != NULL && pbe != NULL) {
        sealed = PKCS8_set0_pbe(assay_keys_passphrase_text(pass),
                                (int)pass->bytes.len, plain, pbe);
    }
    if (sealed == NULL) {
        X509_ALGOR_free(pbe); /* PKCS8_set0_pbe owns it on success only */
    }
    PKCS8_PRIV_KEY_INFO_free(plain);
    return sealed;
}

static enum assay_status write_encrypted(struct assay_slice der,
                                         const struct assay_passphrase *pass,
                                         struct assay_buffer *pem,
                                         struct assay_diag *diag)
{
    enum assay_status status = assay_keys_check_passphrase(pass, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    if (pass->bytes.len == 0) {
        return assay_diag_set(diag, ASSAY_KEYFILE_PASSPHRASE,
                              "found an empty passphrase, expected one with "
                              "at least one byte");
    }
    X509_SIG *sealed = encrypt(der, pass);
    unsigned char *out = NULL;
    int len = sealed != NULL ? i2d_X509_SIG(sealed, &out) : -1;
    X509_SIG_free(sealed);
    ERR_clear_error();
    if (len <= 0) {
        return assay_diag_set(diag, ASSAY_INTERNAL,
                              "the private key was not encrypted");
    }
    status = assay_pem_append(pem, "ENCRYPTED PRIVATE KEY",
                              assay_slice(out, (size_t)len), 64, diag);
    OPENSSL_free(out);
    return status;
}

enum assay_status assay_private_key_write(const struct assay_private_key *key,
                                          enum assay_key_encoding encoding,
                                          const struct assay_passphrase *pass,
                                          struct assay_buffer *pem,
                                          struct assay_diag *diag)
{
    uint8_t der[ASSAY_PRIVATE_DER_MAX];
    int is_sec1 = encoding == ASSAY_KEY_SEC1 && pass == NULL &&
                  key->public_key.algorithm == ASSAY_P256;
    struct assay_slice s = assay_slice(
        der, assay_private_key_der(
                 key, is_sec1 ? ASSAY_KEY_SEC1 : ASSAY_KEY_PKCS8, der));
    enum assay_status status =
        pass != NULL
            ? write_encrypted(s, pass, pem, diag)
            : assay_pem_append(pem, is_sec1 ? "EC PRIVATE KEY" : "PRIVATE KEY",
                               s, 64, diag);
    sodium_memzero(der, sizeof der);
    return status;
}

/* --- Names ---------------------------------------------------------------- */

void assay_key_fingerprint(const struct assay_public_key *key,
                           uint8_t fp[static ASSAY_FINGERPRINT_LEN])
{
    uint8_t der[ASSAY_SPKI_MAX];
    size_t len = assay_public_key_der(key, der);
    (void)crypto_hash_sha256(fp, der, len);
}

void assay_key_fingerprint_hex(const struct assay_public_key *key,
                               char text[static ASSAY_FINGERPRINT_HEX])
{
    uint8_t fp[ASSAY_FINGERPRINT_LEN];
    assay_key_fingerprint(key, fp);
    assay_text_hex(assay_slice(fp, sizeof fp), text);
}

struct published_key {
    const char *name;
    struct assay_public_key key;
};

#define PUBLISHED_P256(name, head, tail)                                       \
    {name,                                                                     \
     {ASSAY_P256, {ASSAY_PUBLISHED_BYTES head, ASSAY_PUBLISHED_BYTES tail}}},
#define PUBLISHED_ED25519(name, head, tail)                                    \
    {name,                                                                     \
     {ASSAY_ED25519,                                                           \
      {ASSAY_PUBLISHED_BYTES head, ASSAY_PUBLISHED_BYTES tail}}},

static const struct published_key PUBLISHED[] = {ASSAY_PUBLISHED_KEYS(
    PUBLISHED_P256) ASSAY_PUBLISHED_ED25519_KEYS(PUBLISHED_ED25519)};

const char *assay_published_key_name(const struct assay_public_key *key)
{
    size_t len = assay_public_key_len(key);
    for (size_t i = 0; i < ASSAY_N_OF(PUBLISHED); i++) {
        if (PUBLISHED[i].key.algorithm == key->algorithm &&
            memcmp(PUBLISHED[i].key.bytes, key->bytes, len) == 0) {
            return PUBLISHED[i].name;
        }
    }
    return NULL;
}
