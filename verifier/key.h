/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_VERIFIER_KEY_H
#define ASSAY_VERIFIER_KEY_H

#include <stddef.h>
#include <stdint.h>

/*
 * The keys a verifier trusts. What a key may do is written here, never taken
 * from a package: its algorithm, and the roles it may sign for.
 */

enum assay_algorithm {
    ASSAY_P256 = 1,    /* ECDSA P-256 with SHA-256, FIPS 186-5 */
    ASSAY_ED25519 = 2, /* Ed25519, RFC 8032 5.1, without context or prehash */
};

/* One bit for each type of firmware that a key may sign. */
#define ASSAY_ROLE_APPLICATION 0x01u
#define ASSAY_ROLE_SOFTDEVICE 0x02u
#define ASSAY_ROLE_BOOTLOADER 0x04u
#define ASSAY_ROLE_EXTERNAL 0x08u
#define ASSAY_ROLE_ALL 0x0Fu

#define ASSAY_KEY_REVOKED_FLAG 0x01u

struct assay_key {
    /* P-256: 64 bytes, X then Y, big-endian. Ed25519: 32 bytes, RFC 8032. */
    const uint8_t *bytes;
    uint32_t id;       /* the caller's choice; the verifier ignores it */
    uint8_t algorithm; /* enum assay_algorithm */
    uint8_t roles;     /* ASSAY_ROLE_ bits */
    uint8_t flags;     /* ASSAY_KEY_REVOKED_FLAG or 0 */
};

/* Tests only: trust keys whose private halves are public. */
#define ASSAY_KEYS_ALLOW_PUBLISHED 0x01u

struct assay_key_table {
    const struct assay_key *key;
    size_t n_keys;
    uint32_t flags; /* ASSAY_KEYS_ALLOW_PUBLISHED or 0 */
};

#endif
