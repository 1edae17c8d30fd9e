/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/keys.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <sodium.h>

#include "base/bytes.h"
#include "host/file.h"
#include "verifier/published.h"

/*
 * Four structures matter here, and their DER is short and fixed, so they are
 * read by the strict reader below: what it does not know is refused, and
 * nothing of a secret is copied on the way. OpenSSL opens the PEM armour,
 * decrypts, names foreign algorithms and does the curve.
 */

enum {
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_OID = 0x06,
    DER_SEQUENCE = 0x30,
    DER_CONTEXT_0 = 0xA0, /* [0], constructed */
    DER_CONTEXT_1 = 0xA1, /* [1], constructed */
    DER_IMPLICIT_1 = 0x81 /* [1], primitive */
};

/* A key file has at most a private key, its parameters and a public key. */
enum { PEM_BLOCKS_MAX = 16 };

/* Cost limits for files of strangers: some seconds on a slow machine. */
#define PBKDF2_ROUNDS_MAX 10000000u
#define SCRYPT_BLOCKS_MAX ((uint64_t)1 << 22)

static const uint8_t OID_EC[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
static const uint8_t OID_P256[] = {0x2A, 0x86, 0x48, 0xCE,
                                   0x3D, 0x03, 0x01, 0x07};
static const uint8_t OID_ED25519[] = {0x2B, 0x65, 0x70};
static const uint8_t OID_PBES2[] = {0x2A, 0x86, 0x48, 0x86, 0xF7,
                                    0x0D, 0x01, 0x05, 0x0D};
static const uint8_t OID_PBKDF2[] = {0x2A, 0x86, 0x48, 0x86, 0xF7,
                                     0x0D, 0x01, 0x05, 0x0C};
static const uint8_t OID_SCRYPT[] = {0x2B, 0x06, 0x01, 0x04, 0x01,
                                     0xDA, 0x47, 0x04, 0x0B};

/* What a file turned out to hold; key.secret counts only for BOTH_HALVES. */
enum key_halves { NO_KEY, PUBLIC_HALF, BOTH_HALVES };

struct key_content {
    enum key_halves halves;
    struct assay_private_key key;
};

enum key_shape {
    SHAPE_UNKNOWN,
    SHAPE_SPKI,
    SHAPE_SEC1,
    SHAPE_PKCS8,
    SHAPE_ENCRYPTED
};

static enum assay_status broken(struct assay_diag *diag, const char *what)
{
    return assay_diag_set(diag, ASSAY_KEYFILE_FORMAT,
                          "the %s is incomplete, not in DER, or has parts "
                          "that do not belong there",
                          what);
}

static int slice_is(struct assay_slice s, const uint8_t *p, size_t len)
{
    return s.len == len && memcmp(s.p, p, len) == 0;
}

/*
 * Take the element with this tag off the front of *in. Lengths are definite
 * and minimal; 64 KiB is more than a key file can have.
 * ret: 1, or 0 with *in unchanged.
 */
static int der_take(struct assay_slice *in, uint8_t tag,
                    struct assay_slice *content)
{
    if (in->len < 2 || in->p[0] != tag) {
        return 0;
    }
    size_t head = 2;
    size_t len = in->p[1];
    if (len == 0x81 && in->len >= 3 && in->p[2] >= 0x80) {
        head = 3;
        len = in->p[2];
    } else if (len == 0x82 && in->len >= 4 && in->p[2] != 0) {
        head = 4;
        len = (size_t)in->p[2] * 256 + in->p[3];
    } else if (len >= 0x80) {
        return 0;
    }
    if (len > in->len - head) {
        return 0;
    }
    *content = assay_slice_sub(*in, head, len);
    *in = assay_slice_sub(*in, head + len, in->len - head - len);
    return 1;
}

/* der_take of an element that is the whole of s. */
static int der_only(struct assay_slice s, uint8_t tag,
                    struct assay_slice *content)
{
    return der_take(&s, tag, content) && s.len == 0;
}

/* ret: 1 when an INTEGER of 0 to UINT32_MAX in its shortest form was taken. */
static int der_take_uint(struct assay_slice *in, uint64_t *value)
{
    struct assay_slice s;
    if (!der_take(in, DER_INTEGER, &s) || s.len == 0 || s.len > 5 ||
        s.p[0] >= 0x80 || (s.len > 1 && s.p[0] == 0 && s.p[1] < 0x80)) {
        return 0;
    }
    *value = 0;
    for (size_t i = 0; i < s.len; i++) {
        *value = *value << 8 | s.p[i];
    }
    return *value <= UINT32_MAX;
}

/* The content of a BIT STRING that has whole bytes. */
static int bits_of(struct assay_slice bit_string, struct assay_slice *bytes)
{
    if (bit_string.len < 1 || bit_string.p[0] != 0) {
        return 0;
    }
    *bytes = assay_slice_sub(bit_string, 1, bit_string.len - 1);
    return 1;
}

/* in: the content of an OID. ret: OpenSSL's form of it, or NULL. */
static ASN1_OBJECT *object_of(struct assay_slice oid)
{
    uint8_t der[66] = {DER_OID};
    if (oid.len > sizeof der - 2) {
        return NULL;
    }
    der[1] = (uint8_t)oid.len;
    memcpy(der + 2, oid.p, oid.len);
    const unsigned char *p = der;
    return d2i_ASN1_OBJECT(NULL, &p, (long)oid.len + 2);
}

/* Refuse an algorithm or curve by its usual name, or its dotted number. */
static enum assay_status refuse_oid(const char *what, struct assay_slice oid,
                                    struct assay_diag *diag)
{
    char name[80] = "of unknown name";
    ASN1_OBJECT *object = object_of(oid);
    if (object != NULL) {
        (void)OBJ_obj2txt(name, sizeof name, object, 0);
    }
    ASN1_OBJECT_free(object);
    return assay_diag_set(diag, ASSAY_KEYFILE_ALGORITHM,
                          "found %s %s, expected P-256 or Ed25519", what, name);
}

/*
 * The parameters of an EC key: the name of P-256. Written-out parameters are
 * refused even when they are those of P-256, because a file that brings its
 * own generator brings its own idea of which private key belongs to a point.
 */
static enum assay_status read_curve(struct assay_slice parameters,
                                    struct assay_diag *diag)
{
    if (parameters.len != 0 && parameters.p[0] == DER_SEQUENCE) {
        return assay_diag_set(diag, ASSAY_KEYFILE_ALGORITHM,
                              "found curve parameters written out, expected "
                              "the name of the curve P-256");
    }
    struct assay_slice oid;
    if (!der_only(parameters, DER_OID, &oid)) {
        return broken(diag, "curve name");
    }
    if (!slice_is(oid, OID_P256, sizeof OID_P256)) {
        return refuse_oid("an EC key on the curve", oid, diag);
    }
    return ASSAY_OK;
}

/* in: the content of an AlgorithmIdentifier. */
static enum assay_status read_algorithm(struct assay_slice s,
                                        enum assay_algorithm *out,
                                        struct assay_diag *diag)
{
    struct assay_slice oid;
    if (!der_take(&s, DER_OID, &oid)) {
        return broken(diag, "algorithm identifier");
    }
    if (slice_is(oid, OID_EC, sizeof OID_EC)) {
        *out = ASSAY_P256;
        return read_curve(s, diag);
    }
    if (!slice_is(oid, OID_ED25519, sizeof OID_ED25519)) {
        return refuse_oid("a key of algorithm", oid, diag);
    }
    if (s.len != 0) {
        return broken(diag, "Ed25519 algorithm identifier");
    }
    *out = ASSAY_ED25519;
    return ASSAY_OK;
}

static enum assay_status openssl_failed(struct assay_diag *diag)
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
    return status == ASSAY_MEMORY ? openssl_failed(diag) : status;
}

static enum assay_status set_public(enum assay_algorithm algorithm,
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

/* X and Y in either byte order: at most one of the two is on the curve. */
static enum assay_status set_public_pair(const uint8_t pair[static 64],
                                         struct assay_public_key *out,
                                         struct assay_diag *diag)
{
    uint8_t point[65] = {4};
    assay_reverse(point + 1, pair, 32);
    assay_reverse(point + 33, pair + 32, 32);
    enum assay_status status =
        set_public(ASSAY_P256, assay_slice(point, sizeof point), out, diag);
    if (status == ASSAY_KEY_INVALID) {
        memcpy(point + 1, pair, 64);
        status =
            set_public(ASSAY_P256, assay_slice(point, sizeof point), out, diag);
    }
    if (status == ASSAY_KEY_INVALID) {
        return assay_diag_set(diag, ASSAY_KEY_INVALID,
                              "the 64 bytes are not a point of the curve P-256 "
                              "in either byte order");
    }
    return status;
}

/* Bytes without any structure: their number tells what they are. */
static enum assay_status set_public_raw(struct assay_slice raw,
                                        struct assay_public_key *out,
                                        struct assay_diag *diag)
{
    if (raw.len == 64) {
        return set_public_pair(raw.p, out, diag);
    }
    return set_public(raw.len == 32 ? ASSAY_ED25519 : ASSAY_P256, raw, out,
                      diag);
}

static int is_raw_len(size_t len)
{
    return len == 32 || len == 64 || len == 65;
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
    return status == ASSAY_MEMORY ? openssl_failed(diag) : status;
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

/*
 * Take a secret and, unless stated is empty, compare the public half that
 * the file states. SEC 1 wants 32 bytes; some writers drop leading zeros.
 */
static enum assay_status set_private(enum assay_algorithm algorithm,
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
    status = set_public(algorithm, stated, &other, diag);
    if (status == ASSAY_OK &&
        memcmp(other.bytes, out->public_key.bytes, sizeof other.bytes) != 0) {
        return assay_diag_set(diag, ASSAY_KEY_INVALID,
                              "the public half in the file does not belong to "
                              "the private half");
    }
    return status;
}

/*
 * ECPrivateKey ::= SEQUENCE { version 1, privateKey OCTET STRING,
 *     parameters [0] OPTIONAL, publicKey [1] BIT STRING OPTIONAL }
 * in: curve_known: inside PKCS#8, where the curve stands outside.
 */
static enum assay_status read_sec1(struct assay_slice der, int curve_known,
                                   struct assay_private_key *out,
                                   struct assay_diag *diag)
{
    struct assay_slice s;
    struct assay_slice secret;
    struct assay_slice part;
    struct assay_slice point = {NULL, 0};
    uint64_t version;
    if (!der_only(der, DER_SEQUENCE, &s) || !der_take_uint(&s, &version) ||
        version != 1 || !der_take(&s, DER_OCTET_STRING, &secret)) {
        return broken(diag, "EC private key");
    }
    if (der_take(&s, DER_CONTEXT_0, &part)) {
        enum assay_status status = read_curve(part, diag);
        if (status != ASSAY_OK) {
            return status;
        }
    } else if (!curve_known) {
        return broken(diag, "EC private key (it names no curve)");
    }
    if (der_take(&s, DER_CONTEXT_1, &part) &&
        (!der_only(part, DER_BIT_STRING, &part) || !bits_of(part, &point) ||
         point.len == 0)) {
        return broken(diag, "public half of the EC private key");
    }
    if (s.len != 0) {
        return broken(diag, "EC private key");
    }
    return set_private(ASSAY_P256, secret, point, out, diag);
}

/*
 * OneAsymmetricKey ::= SEQUENCE { version 0 or 1, algorithm SEQUENCE,
 *     privateKey OCTET STRING, attributes [0] OPTIONAL,
 *     publicKey [1] BIT STRING OPTIONAL, only in version 1 }
 */
static enum assay_status read_pkcs8(struct assay_slice der,
                                    struct assay_private_key *out,
                                    struct assay_diag *diag)
{
    struct assay_slice s;
    struct assay_slice algorithm;
    struct assay_slice key;
    struct assay_slice part;
    struct assay_slice point = {NULL, 0};
    uint64_t version;
    if (!der_only(der, DER_SEQUENCE, &s) || !der_take_uint(&s, &version) ||
        version > 1 || !der_take(&s, DER_SEQUENCE, &algorithm) ||
        !der_take(&s, DER_OCTET_STRING, &key)) {
        return broken(diag, "PKCS#8 private key");
    }
    enum assay_algorithm kind = ASSAY_P256;
    enum assay_status status = read_algorithm(algorithm, &kind, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    (void)der_take(&s, DER_CONTEXT_0, &part); /* attributes say nothing here */
    if (version == 1 && der_take(&s, DER_IMPLICIT_1, &part) &&
        (!bits_of(part, &point) || point.len == 0)) {
        return broken(diag, "public half of the PKCS#8 private key");
    }
    if (s.len != 0) {
        return broken(diag, "PKCS#8 private key");
    }
    if (kind == ASSAY_P256) {
        return read_sec1(key, 1, out, diag);
    }
    if (!der_only(key, DER_OCTET_STRING, &key)) {
        return broken(diag, "Ed25519 private key");
    }
    return set_private(kind, key, point, out, diag);
}

/* SubjectPublicKeyInfo ::= SEQUENCE { algorithm SEQUENCE, BIT STRING } */
static enum assay_status read_spki(struct assay_slice der,
                                   struct assay_public_key *out,
                                   struct assay_diag *diag)
{
    struct assay_slice s;
    struct assay_slice algorithm;
    struct assay_slice point;
    if (!der_only(der, DER_SEQUENCE, &s) ||
        !der_take(&s, DER_SEQUENCE, &algorithm) ||
        !der_only(s, DER_BIT_STRING, &point) || !bits_of(point, &point)) {
        return broken(diag, "SubjectPublicKeyInfo");
    }
    enum assay_algorithm kind = ASSAY_P256;
    enum assay_status status = read_algorithm(algorithm, &kind, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    return set_public(kind, point, out, diag);
}

static enum assay_status pass_missing(struct assay_diag *diag)
{
    return assay_diag_set(diag, ASSAY_KEYFILE_PASSPHRASE,
                          "the private key is encrypted, and no passphrase "
                          "was given");
}

static enum assay_status pass_wrong(struct assay_diag *diag)
{
    return assay_diag_set(diag, ASSAY_KEYFILE_PASSPHRASE,
                          "the private key does not decrypt with this "
                          "passphrase, or it is damaged");
}

static enum assay_status pass_check(const struct assay_passphrase *pass,
                                    struct assay_diag *diag)
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

/* The passphrase as OpenSSL takes it; never NULL, which would mean "ask". */
static const char *pass_text(const struct assay_passphrase *pass)
{
    return pass->bytes.len == 0 ? "" : (const char *)pass->bytes.p;
}

/* in: the content of the key derivation's AlgorithmIdentifier. */
static int is_affordable(struct assay_slice s)
{
    struct assay_slice oid;
    struct assay_slice salt;
    struct assay_slice p;
    uint64_t a;
    uint64_t b;
    uint64_t c;
    if (!der_take(&s, DER_OID, &oid) || !der_only(s, DER_SEQUENCE, &p) ||
        !der_take(&p, DER_OCTET_STRING, &salt) || !der_take_uint(&p, &a)) {
        return 0;
    }
    if (slice_is(oid, OID_PBKDF2, sizeof OID_PBKDF2)) {
        return a <= PBKDF2_ROUNDS_MAX;
    }
    if (!slice_is(oid, OID_SCRYPT, sizeof OID_SCRYPT) ||
        !der_take_uint(&p, &b) || !der_take_uint(&p, &c)) {
        return 0;
    }
    /* Each factor is tested before it is multiplied: no product overflows. */
    return a <= SCRYPT_BLOCKS_MAX && b <= SCRYPT_BLOCKS_MAX &&
           a * b <= SCRYPT_BLOCKS_MAX && c <= SCRYPT_BLOCKS_MAX &&
           a * b * c <= SCRYPT_BLOCKS_MAX;
}

/* The only ciphers that key files have; others are for other purposes. */
static int is_key_cipher(struct assay_slice s)
{
    struct assay_slice oid;
    if (!der_take(&s, DER_OID, &oid)) {
        return 0;
    }
    ASN1_OBJECT *object = object_of(oid);
    int nid = OBJ_obj2nid(object);
    ASN1_OBJECT_free(object);
    return nid == NID_aes_128_cbc || nid == NID_aes_192_cbc ||
           nid == NID_aes_256_cbc || nid == NID_des_ede3_cbc;
}

/* in: the AlgorithmIdentifier of an EncryptedPrivateKeyInfo. */
static enum assay_status check_pbes2(struct assay_slice s,
                                     struct assay_diag *diag)
{
    struct assay_slice oid;
    struct assay_slice parameters;
    struct assay_slice derivation;
    struct assay_slice cipher;
    if (!der_take(&s, DER_OID, &oid) ||
        !slice_is(oid, OID_PBES2, sizeof OID_PBES2) ||
        !der_only(s, DER_SEQUENCE, &parameters) ||
        !der_take(&parameters, DER_SEQUENCE, &derivation) ||
        !der_only(parameters, DER_SEQUENCE, &cipher) ||
        !is_key_cipher(cipher)) {
        return assay_diag_set(diag, ASSAY_KEYFILE_FORMAT,
                              "found another encryption of the private key, "
                              "expected PBES2 with AES-CBC or 3DES-CBC");
    }
    if (!is_affordable(derivation)) {
        return assay_diag_set(
            diag, ASSAY_KEYFILE_FORMAT,
            "the private key is not encrypted by PBKDF2 with at most %u "
            "rounds, nor by scrypt with N*r*p of at most %llu",
            PBKDF2_ROUNDS_MAX, (unsigned long long)SCRYPT_BLOCKS_MAX);
    }
    return ASSAY_OK;
}

/*
 * EncryptedPrivateKeyInfo ::= SEQUENCE { algorithm SEQUENCE, OCTET STRING }
 * One wrong passphrase in 256 leaves a valid padding: then the DER is wrong.
 */
static enum assay_status read_encrypted(struct assay_slice der,
                                        const struct assay_passphrase *pass,
                                        struct assay_private_key *out,
                                        struct assay_diag *diag)
{
    struct assay_slice s;
    struct assay_slice data;
    struct assay_slice whole;
    if (!der_only(der, DER_SEQUENCE, &s)) {
        return broken(diag, "encrypted private key");
    }
    struct assay_slice algorithm = s;
    if (!der_take(&s, DER_SEQUENCE, &whole) ||
        !der_only(s, DER_OCTET_STRING, &data)) {
        return broken(diag, "encrypted private key");
    }
    enum assay_status status = check_pbes2(whole, diag);
    if (status == ASSAY_OK) {
        status = pass_check(pass, diag);
    }
    if (status != ASSAY_OK) {
        return status;
    }
    const unsigned char *p = algorithm.p;
    X509_ALGOR *pbe = d2i_X509_ALGOR(NULL, &p, (long)algorithm.len);
    unsigned char *plain = NULL;
    int plain_len = 0;
    if (pbe == NULL ||
        PKCS12_pbe_crypt(pbe, pass_text(pass), (int)pass->bytes.len, data.p,
                         (int)data.len, &plain, &plain_len, 0) == NULL) {
        X509_ALGOR_free(pbe);
        return pass_wrong(diag);
    }
    X509_ALGOR_free(pbe);
    status = read_pkcs8(assay_slice(plain, (size_t)plain_len), out, diag);
    OPENSSL_clear_free(plain, (size_t)plain_len);
    return status == ASSAY_KEYFILE_FORMAT ? pass_wrong(diag) : status;
}

/* What a DER structure is, by its first elements. */
static enum key_shape shape_of(struct assay_slice der)
{
    struct assay_slice s;
    struct assay_slice part;
    uint64_t version;
    if (!der_only(der, DER_SEQUENCE, &s)) {
        return SHAPE_UNKNOWN;
    }
    if (der_take_uint(&s, &version)) {
        if (der_take(&s, DER_SEQUENCE, &part)) {
            return SHAPE_PKCS8;
        }
        return der_take(&s, DER_OCTET_STRING, &part) ? SHAPE_SEC1
                                                     : SHAPE_UNKNOWN;
    }
    if (!der_take(&s, DER_SEQUENCE, &part)) {
        return SHAPE_UNKNOWN;
    }
    if (der_take(&s, DER_BIT_STRING, &part)) {
        return SHAPE_SPKI;
    }
    return der_take(&s, DER_OCTET_STRING, &part) ? SHAPE_ENCRYPTED
                                                 : SHAPE_UNKNOWN;
}

static enum assay_status read_shape(enum key_shape shape,
                                    struct assay_slice der,
                                    const struct assay_passphrase *pass,
                                    struct key_content *out,
                                    struct assay_diag *diag)
{
    out->halves = shape == SHAPE_SPKI ? PUBLIC_HALF : BOTH_HALVES;
    switch (shape) {
    case SHAPE_SPKI:
        return read_spki(der, &out->key.public_key, diag);
    case SHAPE_SEC1:
        return read_sec1(der, 0, &out->key, diag);
    case SHAPE_PKCS8:
        return read_pkcs8(der, &out->key, diag);
    case SHAPE_ENCRYPTED:
        return read_encrypted(der, pass, &out->key, diag);
    case SHAPE_UNKNOWN:
    default:
        return broken(diag, "DER structure");
    }
}

/* One block of a PEM file, in memory that OpenSSL wipes when it frees. */
struct pem_block {
    char *label;
    char *header;
    unsigned char *data;
    long len;
    size_t room; /* what len was before decryption made it shorter */
};

static void pem_free(struct pem_block *block)
{
    OPENSSL_secure_free(block->label);
    OPENSSL_secure_free(block->header);
    OPENSSL_secure_clear_free(block->data, block->room);
    *block = (struct pem_block){0};
}

struct pem_label {
    const char *label;
    enum key_shape shape; /* SHAPE_UNKNOWN: says nothing, skipped */
};

static const struct pem_label LABELS[] = {
    {"PUBLIC KEY", SHAPE_SPKI},
    {"EC PRIVATE KEY", SHAPE_SEC1},
    {"PRIVATE KEY", SHAPE_PKCS8},
    {"ENCRYPTED PRIVATE KEY", SHAPE_ENCRYPTED},
    {"EC PARAMETERS", SHAPE_UNKNOWN},
};

static enum assay_status label_shape(const char *label, enum key_shape *shape,
                                     struct assay_diag *diag)
{
    for (size_t i = 0; i < sizeof LABELS / sizeof LABELS[0]; i++) {
        if (strcmp(label, LABELS[i].label) == 0) {
            *shape = LABELS[i].shape;
            return ASSAY_OK;
        }
    }
    int foreign = strncmp(label, "RSA ", 4) == 0 ||
                  strncmp(label, "DSA ", 4) == 0 ||
                  strncmp(label, "DH ", 3) == 0;
    return assay_diag_set(
        diag, foreign ? ASSAY_KEYFILE_ALGORITHM : ASSAY_KEYFILE_FORMAT,
        "found the PEM block \"%.60s\", expected a PUBLIC "
        "KEY, PRIVATE KEY or EC PRIVATE KEY",
        label);
}

/* OpenSSL's question for a passphrase, answered without a prompt. */
static int answer_pass(char *buffer, int size, int writing, void *ctx)
{
    const struct assay_passphrase *pass = ctx;
    (void)writing;
    if (size < 0 || pass->bytes.len > (size_t)size) {
        return -1;
    }
    if (pass->bytes.len != 0) {
        memcpy(buffer, pass->bytes.p, pass->bytes.len);
    }
    return (int)pass->bytes.len;
}

/* Undo the encryption of older PEM files, which a header line announces. */
static enum assay_status pem_decrypt(struct pem_block *block,
                                     const struct assay_passphrase *pass,
                                     struct assay_diag *diag)
{
    EVP_CIPHER_INFO cipher;
    if (PEM_get_EVP_CIPHER_INFO(block->header, &cipher) != 1 ||
        cipher.cipher == NULL ||
        EVP_CIPHER_get_mode(cipher.cipher) != EVP_CIPH_CBC_MODE) {
        return assay_diag_set(diag, ASSAY_KEYFILE_FORMAT,
                              "found unknown PEM header lines, expected none, "
                              "or Proc-Type and DEK-Info of a CBC cipher");
    }
    enum assay_status status = pass_check(pass, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    struct assay_passphrase own = *pass;
    if (PEM_do_header(&cipher, block->data, &block->len, answer_pass, &own) !=
        1) {
        return pass_wrong(diag);
    }
    return ASSAY_OK;
}

/* in: out->halves is NO_KEY; it stays so when the block holds no key. */
static enum assay_status read_block(struct pem_block *block,
                                    const struct assay_passphrase *pass,
                                    struct key_content *out,
                                    struct assay_diag *diag)
{
    enum key_shape shape = SHAPE_UNKNOWN;
    enum assay_status status = label_shape(block->label, &shape, diag);
    if (status != ASSAY_OK || shape == SHAPE_UNKNOWN) {
        return status;
    }
    int encrypted = block->header[0] != 0;
    if (encrypted) {
        status = pem_decrypt(block, pass, diag);
    }
    if (status != ASSAY_OK) {
        return status;
    }
    if (block->len < 0) {
        return broken(diag, block->label);
    }
    status = read_shape(shape, assay_slice(block->data, (size_t)block->len),
                        pass, out, diag);
    if (encrypted && status == ASSAY_KEYFILE_FORMAT) {
        return pass_wrong(diag);
    }
    return status;
}

/* A second key in a file must be the same key; a private half is kept. */
static enum assay_status merge(struct key_content *all,
                               const struct key_content *one,
                               struct assay_diag *diag)
{
    const struct assay_public_key *a = &all->key.public_key;
    const struct assay_public_key *b = &one->key.public_key;
    if (all->halves != NO_KEY && one->halves != NO_KEY &&
        (a->algorithm != b->algorithm ||
         memcmp(a->bytes, b->bytes, sizeof a->bytes) != 0)) {
        return assay_diag_set(diag, ASSAY_KEYFILE_FORMAT,
                              "found two different keys, expected one");
    }
    if (one->halves > all->halves) {
        *all = *one;
    }
    return ASSAY_OK;
}

/* ret: 1 when a block was read, 0 at the end, -1 when a block is damaged. */
static int pem_next(BIO *bio, struct pem_block *block)
{
    ERR_clear_error();
    if (PEM_read_bio_ex(bio, &block->label, &block->header, &block->data,
                        &block->len,
                        PEM_FLAG_SECURE | PEM_FLAG_EAY_COMPATIBLE) == 1) {
        block->room = block->len > 0 ? (size_t)block->len : 0;
        return 1;
    }
    *block = (struct pem_block){0};
    unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM &&
                   ERR_GET_REASON(error) == PEM_R_NO_START_LINE
               ? 0
               : -1;
}

static enum assay_status read_pem(struct assay_slice data,
                                  const struct assay_passphrase *pass,
                                  struct key_content *out,
                                  struct assay_diag *diag)
{
    BIO *bio = BIO_new_mem_buf(data.p, (int)data.len);
    if (bio == NULL) {
        return openssl_failed(diag);
    }
    enum assay_status status = ASSAY_OK;
    int more = 1;
    for (int i = 0; status == ASSAY_OK && more == 1 && i < PEM_BLOCKS_MAX;
         i++) {
        struct pem_block block = {0};
        struct key_content one = {0};
        more = pem_next(bio, &block);
        if (more == 1) {
            status = read_block(&block, pass, &one, diag);
        }
        if (status == ASSAY_OK) {
            status = merge(out, &one, diag);
        }
        pem_free(&block);
        sodium_memzero(&one, sizeof one);
    }
    (void)BIO_free(bio);
    if (status == ASSAY_OK && more == -1) {
        return assay_diag_set(diag, ASSAY_KEYFILE_FORMAT,
                              "a PEM block is cut short or damaged");
    }
    if (status == ASSAY_OK && (more == 1 || out->halves == NO_KEY)) {
        return assay_diag_set(diag, ASSAY_KEYFILE_FORMAT,
                              "found %s, expected one PEM block with a key",
                              more == 1 ? "too many PEM blocks" : "no key");
    }
    return status;
}

/* ret: 1 and *off behind the first place where text stands, or 0. */
static int find_text(struct assay_slice data, const char *text, size_t *off)
{
    size_t len = strlen(text);
    for (size_t i = 0; len <= data.len && i <= data.len - len; i++) {
        if (memcmp(data.p + i, text, len) == 0) {
            *off = i + len;
            return 1;
        }
    }
    return 0;
}

static int is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* ret: 0 to 15, or -1. */
static int digit_value(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The bytes of a text form: at most a whole uncompressed point. */
struct text_bytes {
    uint8_t bytes[65];
    size_t len;
};

/*
 * Hex digits with white space anywhere, behind nrfutil's heading line when
 * it is there. A private key's heading is no hex digit, so it is refused.
 */
static int text_hex(struct assay_slice data, struct text_bytes *out)
{
    size_t start = 0;
    (void)find_text(data, "Public (verification) key pk:", &start);
    size_t n_digits = 0;
    for (size_t i = start; i < data.len; i++) {
        int value = digit_value(data.p[i]);
        if (is_space(data.p[i])) {
            continue;
        }
        if (value < 0 || n_digits == 2 * sizeof out->bytes) {
            return 0;
        }
        unsigned high = n_digits % 2 == 0 ? 0 : out->bytes[n_digits / 2];
        out->bytes[n_digits / 2] = (uint8_t)(high << 4 | (unsigned)value);
        n_digits++;
    }
    out->len = n_digits / 2;
    return n_digits % 2 == 0 && is_raw_len(out->len);
}

/* Take white space, then the characters of text, off the front of *s. */
static int take_text(struct assay_slice *s, const char *text)
{
    while (s->len != 0 && is_space(s->p[0])) {
        *s = assay_slice_sub(*s, 1, s->len - 1);
    }
    size_t len = strlen(text);
    if (s->len < len || memcmp(s->p, text, len) != 0) {
        return 0;
    }
    *s = assay_slice_sub(*s, len, s->len - len);
    return 1;
}

/* A byte as C code has it: 0x and one or two hex digits. */
static int take_byte(struct assay_slice *s, uint8_t *byte)
{
    if (!take_text(s, "0x") && !take_text(s, "0X")) {
        return 0;
    }
    unsigned value = 0;
    size_t n = 0;
    while (n < 2 && n < s->len && digit_value(s->p[n]) >= 0) {
        value = value << 4 | (unsigned)digit_value(s->p[n]);
        n++;
    }
    *s = assay_slice_sub(*s, n, s->len - n);
    *byte = (uint8_t)value;
    return n != 0;
}

/* `pk[64] = { 0x.., ... }` somewhere in C code; the length may be absent. */
static int text_code(struct assay_slice data, struct text_bytes *out)
{
    size_t start = 0;
    if (!find_text(data, " pk[", &start)) {
        return 0;
    }
    struct assay_slice s = assay_slice_sub(data, start, data.len - start);
    while (s.len != 0 && s.p[0] >= '0' && s.p[0] <= '9') {
        s = assay_slice_sub(s, 1, s.len - 1);
    }
    if (!take_text(&s, "]") || !take_text(&s, "=") || !take_text(&s, "{")) {
        return 0;
    }
    out->len = 0;
    while (out->len < 64 && take_byte(&s, &out->bytes[out->len])) {
        out->len++;
        if (!take_text(&s, ",")) {
            break;
        }
    }
    return take_text(&s, "}") && (out->len == 64 || out->len == 32);
}

/* The forms that only public keys have. */
static enum assay_status read_plain(struct assay_slice data,
                                    struct assay_public_key *out,
                                    struct assay_diag *diag)
{
    struct text_bytes text = {{0}, 0};
    if (text_hex(data, &text) || text_code(data, &text)) {
        return set_public_raw(assay_slice(text.bytes, text.len), out, diag);
    }
    if (is_raw_len(data.len)) {
        return set_public_raw(data, out, diag);
    }
    return assay_diag_set(diag, ASSAY_KEYFILE_FORMAT,
                          "found %zu bytes in no known form, expected PEM, "
                          "DER, hex digits, C code, or 32, 64 or 65 bytes",
                          data.len);
}

/* out: *out is wiped unless the result is ASSAY_OK. */
static enum assay_status read_any(struct assay_slice data,
                                  const struct assay_passphrase *pass,
                                  struct key_content *out,
                                  struct assay_diag *diag)
{
    *out = (struct key_content){0};
    if (data.len > ASSAY_KEY_FILE_MAX) {
        return assay_diag_set(diag, ASSAY_KEYFILE_FORMAT,
                              "found %zu bytes, expected at most %zu", data.len,
                              ASSAY_KEY_FILE_MAX);
    }
    size_t off;
    enum assay_status status;
    enum key_shape shape = shape_of(data);
    if (find_text(data, "-----BEGIN ", &off)) {
        /* From the first block on: a byte order mark may stand before it. */
        off -= strlen("-----BEGIN ");
        status = read_pem(assay_slice_sub(data, off, data.len - off), pass, out,
                          diag);
    } else if (shape != SHAPE_UNKNOWN) {
        status = read_shape(shape, data, pass, out, diag);
    } else {
        out->halves = PUBLIC_HALF;
        status = read_plain(data, &out->key.public_key, diag);
    }
    ERR_clear_error();
    if (status != ASSAY_OK) {
        sodium_memzero(out, sizeof *out);
    }
    return status;
}

enum assay_status assay_public_key_parse(struct assay_slice data,
                                         struct assay_public_key *out,
                                         struct assay_diag *diag)
{
    struct key_content content;
    enum assay_status status = read_any(data, NULL, &content, diag);
    *out = content.key.public_key;
    sodium_memzero(&content, sizeof content);
    return status;
}

enum assay_status assay_private_key_parse(struct assay_slice data,
                                          const struct assay_passphrase *pass,
                                          struct assay_private_key *out,
                                          struct assay_diag *diag)
{
    struct key_content content;
    enum assay_status status = read_any(data, pass, &content, diag);
    if (status == ASSAY_OK && content.halves != BOTH_HALVES) {
        status = assay_diag_set(diag, ASSAY_KEYFILE_PUBLIC,
                                "found a public key, expected a private one");
    }
    *out = (struct assay_private_key){0};
    if (status == ASSAY_OK) {
        *out = content.key;
    }
    sodium_memzero(&content, sizeof content);
    return status;
}

/* Put the path in front of what a parser reported. */
static enum assay_status with_path(enum assay_status status, const char *path,
                                   struct assay_diag *diag)
{
    if (status != ASSAY_OK && diag != NULL) {
        (void)assay_diag_prefix(diag, "%s: ", path);
    }
    return status;
}

enum assay_status assay_public_key_load(const char *path,
                                        struct assay_public_key *out,
                                        struct assay_diag *diag)
{
    *out = (struct assay_public_key){0};
    struct assay_buffer file;
    enum assay_status status =
        assay_file_read(path, ASSAY_KEY_FILE_MAX, &file, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    status = assay_public_key_parse(assay_buffer_slice(&file), out, diag);
    assay_buffer_wipe(&file);
    return with_path(status, path, diag);
}

enum assay_status assay_private_key_load(const char *path,
                                         const struct assay_passphrase *pass,
                                         struct assay_private_key *out,
                                         struct assay_diag *diag)
{
    *out = (struct assay_private_key){0};
    struct assay_buffer file;
    enum assay_status status =
        assay_file_read(path, ASSAY_KEY_FILE_MAX, &file, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    status =
        assay_private_key_parse(assay_buffer_slice(&file), pass, out, diag);
    assay_buffer_wipe(&file);
    return with_path(status, path, diag);
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

/* Each structure is a fixed head, then the parts that differ from key to key.
 */
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
        sealed =
            PKCS8_set0_pbe(pass_text(pass), (int)pass->bytes.len, plain, pbe);
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
    enum assay_status status = pass_check(pass, diag);
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
    (void)sodium_bin2hex(text, ASSAY_FINGERPRINT_HEX, fp, sizeof fp);
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
    for (size_t i = 0; i < sizeof PUBLISHED / sizeof PUBLISHED[0]; i++) {
        if (PUBLISHED[i].key.algorithm == key->algorithm &&
            memcmp(PUBLISHED[i].key.bytes, key->bytes, len) == 0) {
            return PUBLISHED[i].name;
        }
    }
    return NULL;
}
