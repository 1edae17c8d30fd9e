/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_KEYS_PARTS_H
#define ASSAY_HOST_KEYS_PARTS_H

#include "host/keys.h"

/*
 * Private to host/keys.c, host/keys_der.c and host/keys_read.c: what the
 * readers of key files share. Nothing else includes this header.
 *
 * Functions without a comment on their results return those of
 * assay_private_key_parse.
 */

/* What a file turned out to hold; the secret counts only for BOTH. */
enum assay_key_halves {
    ASSAY_HALVES_NONE,
    ASSAY_HALVES_PUBLIC,
    ASSAY_HALVES_BOTH
};

struct assay_key_content {
    enum assay_key_halves halves;
    struct assay_private_key key;
};

enum assay_key_shape {
    ASSAY_SHAPE_UNKNOWN,
    ASSAY_SHAPE_SPKI,
    ASSAY_SHAPE_SEC1,
    ASSAY_SHAPE_PKCS8,
    ASSAY_SHAPE_ENCRYPTED
};

/* --- host/keys.c: valid keys, and nothing else, leave these --------------- */

/* in: point: of P-256 33 or 65 bytes of SEC 1, of Ed25519 32 bytes. */
ASSAY_MUST_USE enum assay_status assay_keys_set_public(
    enum assay_algorithm algorithm, struct assay_slice point,
    struct assay_public_key *out, struct assay_diag *diag);

/*
 * Take a secret and, unless stated is empty, compare the public half that
 * the file states. SEC 1 wants 32 bytes; some writers drop leading zeros.
 */
ASSAY_MUST_USE enum assay_status assay_keys_set_private(
    enum assay_algorithm algorithm, struct assay_slice secret,
    struct assay_slice stated, struct assay_private_key *out,
    struct assay_diag *diag);

/* ret: ASSAY_MEMORY. */
enum assay_status assay_keys_openssl_failed(struct assay_diag *diag);

/* ret: ASSAY_KEYFILE_PASSPHRASE when there is none or it is too long. */
ASSAY_MUST_USE enum assay_status assay_keys_check_passphrase(
    const struct assay_passphrase *pass, struct assay_diag *diag);

/* ret: ASSAY_KEYFILE_PASSPHRASE. */
enum assay_status assay_keys_wrong_passphrase(struct assay_diag *diag);

/* The passphrase as OpenSSL takes it; never NULL, which would mean "ask". */
const char *assay_keys_passphrase_text(const struct assay_passphrase *pass);

/* --- host/keys_der.c: the structures ------------------------------------- */

/* What a DER structure is, by its first elements. */
enum assay_key_shape assay_keys_shape(struct assay_slice der);

/* in: pass may be NULL unless the shape is ASSAY_SHAPE_ENCRYPTED. */
ASSAY_MUST_USE enum assay_status assay_keys_read_der(
    enum assay_key_shape shape, struct assay_slice der,
    const struct assay_passphrase *pass, struct assay_key_content *out,
    struct assay_diag *diag);

/* ret: ASSAY_KEYFILE_FORMAT, naming what it was. */
enum assay_status assay_keys_broken(struct assay_diag *diag, const char *what);

#endif
