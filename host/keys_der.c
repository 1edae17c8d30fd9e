/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/keys_parts.h"

#include <string.h>

#include <openssl/asn1.h>
#include <openssl/crypto.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "host/text.h"

/*
 * Four structures hold keys, and their DER is short and fixed, so they are
 * read by the strict reader below: what it does not know is refused, and
 * nothing of a secret is copied on the way. OpenSSL decrypts and names foreign
 * algorithms.
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

enum assay_status assay_keys_broken(struct assay_diag *diag, const char *what)
{
    return assay_diag_set(diag, ASSAY_KEYFILE_FORMAT,
                          "the %s is incomplete, not in DER, or has parts "
                          "that do not belong there",
                          what);
}

static int oid_is(struct assay_slice oid, const uint8_t *p, size_t len)
{
    return assay_text_equal(oid, assay_slice(p, len));
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
        return assay_keys_broken(diag, "curve name");
    }
    if (!oid_is(oid, OID_P256, sizeof OID_P256)) {
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
        return assay_keys_broken(diag, "algorithm identifier");
    }
    if (oid_is(oid, OID_EC, sizeof OID_EC)) {
        *out = ASSAY_P256;
        return read_curve(s, diag);
    }
    if (!oid_is(oid, OID_ED25519, sizeof OID_ED25519)) {
        return refuse_oid("a key of algorithm", oid, diag);
    }
    if (s.len != 0) {
        return assay_keys_broken(diag, "Ed25519 algorithm identifier");
    }
    *out = ASSAY_ED25519;
    return ASSAY_OK;
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
        return assay_keys_broken(diag, "EC private key");
    }
    if (der_take(&s, DER_CONTEXT_0, &part)) {
        enum assay_status status = read_curve(part, diag);
        if (status != ASSAY_OK) {
            return status;
        }
    } else if (!curve_known) {
        return assay_keys_broken(diag, "EC private key (it names no curve)");
    }
    if (der_take(&s, DER_CONTEXT_1, &part) &&
        (!der_only(part, DER_BIT_STRING, &part) || !bits_of(part, &point) ||
         point.len == 0)) {
        return assay_keys_broken(diag, "public half of the EC private key");
    }
    if (s.len != 0) {
        return assay_keys_broken(diag, "EC private key");
    }
    return assay_keys_set_private(ASSAY_P256, secret, point, out, diag);
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
        return assay_keys_broken(diag, "PKCS#8 private key");
    }
    enum assay_algorithm kind = ASSAY_P256;
    enum assay_status status = read_algorithm(algorithm, &kind, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    (void)der_take(&s, DER_CONTEXT_0, &part); /* attributes say nothing here */
    if (version == 1 && der_take(&s, DER_IMPLICIT_1, &part) &&
        (!bits_of(part, &point) || point.len == 0)) {
        return assay_keys_broken(diag, "public half of the PKCS#8 private key");
    }
    if (s.len != 0) {
        return assay_keys_broken(diag, "PKCS#8 private key");
    }
    if (kind == ASSAY_P256) {
        return read_sec1(key, 1, out, diag);
    }
    if (!der_only(key, DER_OCTET_STRING, &key)) {
        return assay_keys_broken(diag, "Ed25519 private key");
    }
    return assay_keys_set_private(kind, key, point, out, diag);
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
        return assay_keys_broken(diag, "SubjectPublicKeyInfo");
    }
    enum assay_algorithm kind = ASSAY_P256;
    enum assay_status status = read_algorithm(algorithm, &kind, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    return assay_keys_set_public(kind, point, out, diag);
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
    if (oid_is(oid, OID_PBKDF2, sizeof OID_PBKDF2)) {
        return a <= PBKDF2_ROUNDS_MAX;
    }
    if (!oid_is(oid, OID_SCRYPT, sizeof OID_SCRYPT) || !der_take_uint(&p, &b) ||
        !der_take_uint(&p, &c)) {
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
        !oid_is(oid, OID_PBES2, sizeof OID_PBES2) ||
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
        return assay_keys_broken(diag, "encrypted private key");
    }
    struct assay_slice algorithm = s;
    if (!der_take(&s, DER_SEQUENCE, &whole) ||
        !der_only(s, DER_OCTET_STRING, &data)) {
        return assay_keys_broken(diag, "encrypted private key");
    }
    enum assay_status status = check_pbes2(whole, diag);
    if (status == ASSAY_OK) {
        status = assay_keys_check_passphrase(pass, diag);
    }
    if (status != ASSAY_OK) {
        return status;
    }
    const unsigned char *p = algorithm.p;
    X509_ALGOR *pbe = d2i_X509_ALGOR(NULL, &p, (long)algorithm.len);
    unsigned char *plain = NULL;
    int plain_len = 0;
    if (pbe == NULL ||
        PKCS12_pbe_crypt(pbe, assay_keys_passphrase_text(pass),
                         (int)pass->bytes.len, data.p, (int)data.len, &plain,
                         &plain_len, 0) == NULL) {
        X509_ALGOR_free(pbe);
        return assay_keys_wrong_passphrase(diag);
    }
    X509_ALGOR_free(pbe);
    status = read_pkcs8(assay_slice(plain, (size_t)plain_len), out, diag);
    OPENSSL_clear_free(plain, (size_t)plain_len);
    return status == ASSAY_KEYFILE_FORMAT ? assay_keys_wrong_passphrase(diag)
                                          : status;
}

enum assay_key_shape assay_keys_shape(struct assay_slice der)
{
    struct assay_slice s;
    struct assay_slice part;
    uint64_t version;
    if (!der_only(der, DER_SEQUENCE, &s)) {
        return ASSAY_SHAPE_UNKNOWN;
    }
    if (der_take_uint(&s, &version)) {
        if (der_take(&s, DER_SEQUENCE, &part)) {
            return ASSAY_SHAPE_PKCS8;
        }
        return der_take(&s, DER_OCTET_STRING, &part) ? ASSAY_SHAPE_SEC1
                                                     : ASSAY_SHAPE_UNKNOWN;
    }
    if (!der_take(&s, DER_SEQUENCE, &part)) {
        return ASSAY_SHAPE_UNKNOWN;
    }
    if (der_take(&s, DER_BIT_STRING, &part)) {
        return ASSAY_SHAPE_SPKI;
    }
    return der_take(&s, DER_OCTET_STRING, &part) ? ASSAY_SHAPE_ENCRYPTED
                                                 : ASSAY_SHAPE_UNKNOWN;
}

enum assay_status assay_keys_read_der(enum assay_key_shape shape,
                                      struct assay_slice der,
                                      const struct assay_passphrase *pass,
                                      struct assay_key_content *out,
                                      struct assay_diag *diag)
{
    out->halves =
        shape == ASSAY_SHAPE_SPKI ? ASSAY_HALVES_PUBLIC : ASSAY_HALVES_BOTH;
    switch (shape) {
    case ASSAY_SHAPE_SPKI:
        return read_spki(der, &out->key.public_key, diag);
    case ASSAY_SHAPE_SEC1:
        return read_sec1(der, 0, &out->key, diag);
    case ASSAY_SHAPE_PKCS8:
        return read_pkcs8(der, &out->key, diag);
    case ASSAY_SHAPE_ENCRYPTED:
        return read_encrypted(der, pass, &out->key, diag);
    case ASSAY_SHAPE_UNKNOWN:
    default:
        return assay_keys_broken(diag, "DER structure");
    }
}
