/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_KEYS_H
#define ASSAY_HOST_KEYS_H

#include "base/slice.h"
#include "base/status.h"
#include "host/buffer.h"
#include "host/diag.h"
#include "verifier/key.h"

#include <time.h>

/* A key file is at most a few kilobytes; a hostile one is not read further. */
#define ASSAY_KEY_FILE_MAX ((size_t)64 << 10)

#define ASSAY_PASSPHRASE_MAX 1024u

/* The DER of a SubjectPublicKeyInfo: 91 bytes for P-256, 44 for Ed25519. */
#define ASSAY_SPKI_MAX 91u

/* The DER of a private key: PKCS#8 138 bytes, SEC1 121, Ed25519 48. */
#define ASSAY_PRIVATE_DER_MAX 138u

#define ASSAY_FINGERPRINT_LEN 32u
#define ASSAY_FINGERPRINT_HEX 65u /* 64 digits and the zero byte */

struct assay_public_key {
    enum assay_algorithm algorithm;
    /* P-256: X then Y, big-endian. Ed25519: 32 bytes, RFC 8032; then zeros. */
    uint8_t bytes[64];
};

/* Owned secret: whoever filled it calls assay_private_key_wipe. */
struct assay_private_key {
    uint8_t secret[32]; /* P-256: scalar, big-endian. Ed25519: seed. */
    struct assay_public_key public_key;
};

/* The bytes as typed or read, without a line end; nothing is converted. */
struct assay_passphrase {
    struct assay_slice bytes;
};

enum assay_key_encoding {
    /* "EC PRIVATE KEY". Only unencrypted P-256 keys have this form; all
     * others become PKCS#8. */
    ASSAY_KEY_SEC1,
    ASSAY_KEY_PKCS8, /* "PRIVATE KEY", or "ENCRYPTED PRIVATE KEY" */
};

/* The number of bytes that bytes[] of a public key holds: 64 or 32. */
size_t assay_public_key_len(const struct assay_public_key *key);

/*
 * Read a public key in whichever known form it is.
 * in: data: PEM (SubjectPublicKeyInfo, or a private key, whose public half is
 *     taken), the same in DER, hex digits or C code as key displays print
 *     them, or raw bytes (64 for P-256, 65 with a leading 04, 32 for
 *     Ed25519). Hex, code and raw P-256 keys may have X and Y in either byte
 *     order: only one of the two is a point of the curve.
 * out: *out is valid after ASSAY_OK only, and then a point of prime order.
 * ret: ASSAY_KEYFILE_FORMAT, ASSAY_KEYFILE_ALGORITHM (named in the
 *      diagnostic; P-256 is known by its name only, never by written-out
 *      curve parameters), ASSAY_KEYFILE_PASSPHRASE (encrypted),
 *      ASSAY_KEY_INVALID, ASSAY_MEMORY, ASSAY_OK.
 * mem: data is not kept.
 * std: RFC 5280 4.1.2.7, RFC 5480 2, RFC 8410 4, SEC 1 2.3.4.
 */
ASSAY_MUST_USE enum assay_status assay_public_key_parse(
    struct assay_slice data, struct assay_public_key *out,
    struct assay_diag *diag);

/*
 * As assay_public_key_parse, for a file or "-".
 * in: path the file, at most ASSAY_KEY_FILE_MAX bytes.
 * out: as assay_public_key_parse; the diagnostic starts with the path.
 * ret: as assay_file_read, then as assay_public_key_parse.
 * mem: the content of the file is wiped.
 * std: as assay_public_key_parse.
 */
ASSAY_MUST_USE enum assay_status assay_public_key_load(
    const char *path, struct assay_public_key *out, struct assay_diag *diag);

/*
 * Read a private key from PEM or DER.
 * in: data: SEC1, PKCS#8, PKCS#8 encrypted by PBES2, or PEM with the older
 *     Proc-Type encryption. pass may be NULL; nothing is ever asked for.
 * out: *out is valid after ASSAY_OK, and zero otherwise. A public half in
 *      the file must belong to the private one.
 * ret: ASSAY_KEYFILE_FORMAT, ASSAY_KEYFILE_ALGORITHM,
 *      ASSAY_KEYFILE_PASSPHRASE (missing or wrong), ASSAY_KEYFILE_PUBLIC (a
 *      public key only), ASSAY_KEY_INVALID (the scalar or point is out of
 *      range, or the halves do not match), ASSAY_MEMORY, ASSAY_OK.
 * mem: copies of the secret are wiped; data stays the caller's.
 * std: SEC 1 C.4, RFC 5208, RFC 5915, RFC 5958, RFC 8018, RFC 8410 7.
 */
ASSAY_MUST_USE enum assay_status assay_private_key_parse(
    struct assay_slice data, const struct assay_passphrase *pass,
    struct assay_private_key *out, struct assay_diag *diag);

/*
 * As assay_private_key_parse, for a file or "-".
 * in: path the file, at most ASSAY_KEY_FILE_MAX bytes; pass may be NULL.
 * out: as assay_private_key_parse; the diagnostic starts with the path.
 * ret: as assay_file_read, then as assay_private_key_parse.
 * mem: the content of the file is wiped.
 * std: as assay_private_key_parse.
 */
ASSAY_MUST_USE enum assay_status assay_private_key_load(
    const char *path, const struct assay_passphrase *pass,
    struct assay_private_key *out, struct assay_diag *diag);

/*
 * Whether a private key would be lost if a file were replaced.
 * in: path any; same, the key that may be replaced, or NULL.
 * out: none.
 * ret: 1 if path is a regular file with a private key other than same, or with
 *      an encrypted one; 0 otherwise.
 * mem: the content of the file is wiped.
 * std: as assay_private_key_parse.
 */
int assay_private_key_stands_at(const char *path,
                                const struct assay_public_key *same);

/*
 * Make a new key from the random source of OpenSSL.
 * in: algorithm ASSAY_P256 or ASSAY_ED25519.
 * out: *out is valid after ASSAY_OK, and zero otherwise.
 * ret: ASSAY_KEYFILE_ALGORITHM, ASSAY_INTERNAL (no randomness),
 *      ASSAY_MEMORY, ASSAY_OK.
 * mem: none kept.
 * std: FIPS 186-5 A.2.2, RFC 8032 5.1.5.
 */
ASSAY_MUST_USE enum assay_status assay_private_key_generate(
    enum assay_algorithm algorithm, struct assay_private_key *out,
    struct assay_diag *diag);

/*
 * Append the PEM text of a private key, in lines of 64 columns.
 * in: pass NULL, or 1 to ASSAY_PASSPHRASE_MAX bytes: then the result is
 *     "ENCRYPTED PRIVATE KEY" whatever the encoding, by AES-256-CBC under a
 *     key from scrypt (N 16384, r 8, p 5: the most memory that OpenSSL
 *     accepts when it reads), and differs from call to call.
 * out: pem holds a secret; free it with assay_buffer_wipe.
 * ret: ASSAY_KEYFILE_PASSPHRASE (empty or too long), ASSAY_MEMORY,
 *      ASSAY_INTERNAL, ASSAY_OK.
 * mem: as assay_buffer_append.
 * std: RFC 7468, RFC 5915, RFC 5958, RFC 8410, RFC 7914.
 */
ASSAY_MUST_USE enum assay_status assay_private_key_write(
    const struct assay_private_key *key, enum assay_key_encoding encoding,
    const struct assay_passphrase *pass, struct assay_buffer *pem,
    struct assay_diag *diag);

/* Overwrite the key with zeros. */
void assay_private_key_wipe(struct assay_private_key *key);

/*
 * The DER SubjectPublicKeyInfo of a key.
 * ret: its length, 91 or 44.
 * std: RFC 5480 2, RFC 8410 4.
 */
size_t assay_public_key_der(const struct assay_public_key *key,
                            uint8_t der[static ASSAY_SPKI_MAX]);

/*
 * The DER of a private key, unencrypted, with its public half where the form
 * has a place for it.
 * ret: its length: 121 (SEC1), 138 (PKCS#8, P-256) or 48 (Ed25519).
 * mem: der holds a secret; the caller wipes it.
 * std: RFC 5915, RFC 5958, RFC 8410 7.
 */
size_t assay_private_key_der(const struct assay_private_key *key,
                             enum assay_key_encoding encoding,
                             uint8_t der[static ASSAY_PRIVATE_DER_MAX]);

/*
 * Append der as PEM.
 * in: columns the width of a full line: a multiple of 4 up to 76.
 * ret: ASSAY_MEMORY, ASSAY_OK.
 * mem: as assay_buffer_append.
 * std: RFC 7468 2.
 */
ASSAY_MUST_USE enum assay_status assay_pem_append(struct assay_buffer *out,
                                                  const char *label,
                                                  struct assay_slice der,
                                                  size_t columns,
                                                  struct assay_diag *diag);

/*
 * The fingerprint of a key: the SHA-256 of its DER SubjectPublicKeyInfo. It
 * is the key hash of MCUboot's images, and what
 * `openssl pkey -pubin -outform DER | sha256sum` prints.
 */
void assay_key_fingerprint(const struct assay_public_key *key,
                           uint8_t fp[static ASSAY_FINGERPRINT_LEN]);

/*
 * The fingerprint as text, the one form that Assay prints: 64 lower-case hex
 * digits. The first 8 of them are the short name of a key.
 */
void assay_key_fingerprint_hex(const struct assay_public_key *key,
                               char text[static ASSAY_FINGERPRINT_HEX]);

/* What a publicly known key is called (verifier/published.h), or NULL. */
const char *assay_published_key_name(const struct assay_public_key *key);

/* How keys are shown: host/keys_display.c. */
enum assay_key_format {
    ASSAY_KEY_HEX,
    ASSAY_KEY_CODE,
    ASSAY_KEY_PEM,
    ASSAY_KEY_DEBUG_CODE, /* code, fenced off from production builds */
};

/*
 * Append a public key as `keys display --key pk` of nrfutil 6.1.7 writes it
 * to a file; on a terminal one more line end follows.
 * in: when the time that code names, in UTC; unused by hex and PEM.
 * out: P-256: X then Y, each little-endian. Ed25519, which nrfutil does not
 *      have: the 32 bytes of RFC 8032.
 * ret: ASSAY_INTERNAL (when has no calendar date), ASSAY_MEMORY, ASSAY_OK.
 * mem: as assay_buffer_append.
 * std: none.
 */
ASSAY_MUST_USE enum assay_status assay_public_key_display(
    const struct assay_public_key *key, enum assay_key_format format,
    time_t when, struct assay_buffer *out, struct assay_diag *diag);

/*
 * Append a private key as `keys display --key sk` of nrfutil 6.1.7 writes it
 * to a file, warning included.
 * out: hex is the scalar in little-endian, or the seed of Ed25519 as it is;
 *      the buffer holds a secret.
 * ret: ASSAY_GENERATE_OPTIONS (code formats: the diagnostic is nrfutil's
 *      sentence), ASSAY_MEMORY, ASSAY_OK.
 * mem: as assay_buffer_append; free with assay_buffer_wipe.
 * std: none.
 */
ASSAY_MUST_USE enum assay_status assay_private_key_display(
    const struct assay_private_key *key, enum assay_key_format format,
    struct assay_buffer *out, struct assay_diag *diag);

/* Keys inside memory images: host/keys_find.c. */
#define ASSAY_FOUND_KEYS_MAX 64u

enum assay_key_order {
    ASSAY_KEY_LITTLE_ENDIAN, /* X then Y, each little-endian: Nordic's pk[64] */
    ASSAY_KEY_BIG_ENDIAN,    /* X then Y, each big-endian */
};

/* The distance from one place that is looked at to the next. */
enum assay_find_step {
    ASSAY_FIND_EVERY_OFFSET = 1,
    ASSAY_FIND_WORDS = 4, /* offsets that are multiples of 4 */
};

struct assay_found_key {
    size_t off; /* of the 64 bytes, from the start of the image */
    enum assay_key_order order;
    struct assay_public_key key;
    const char *published; /* name of a publicly known key, or NULL */
};

struct assay_found_keys {
    size_t n_keys;
    size_t n_more; /* found, but not listed: the list was full */
    struct assay_found_key key[ASSAY_FOUND_KEYS_MAX];
};

/*
 * Find the P-256 public keys in a memory image: windows of 64 bytes that are
 * a point of the curve in one of the two byte orders. That other data are a
 * point has probability 2^-256 for each window.
 * in: image of any length.
 * out: *out: the keys by ascending offset.
 * ret: ASSAY_MEMORY, ASSAY_KEYFILE_NONE_FOUND, ASSAY_OK.
 * mem: bounded; image is not kept.
 * std: SEC 1 3.2.2.1 steps 2 and 3.
 */
ASSAY_MUST_USE enum assay_status assay_key_find(struct assay_slice image,
                                                enum assay_find_step step,
                                                struct assay_found_keys *out,
                                                struct assay_diag *diag);

#endif
