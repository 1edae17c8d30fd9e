/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_TRUST_H
#define ASSAY_HOST_TRUST_H

#include "host/keys.h"

#define ASSAY_TRUST_MAX 32u

/*
 * The keys a verification trusts, with the files they came from. The table
 * points into the struct itself: do not copy it. Zero-initialise with {0}.
 */
struct assay_trust {
    struct assay_key_table table;
    struct assay_key key[ASSAY_TRUST_MAX];
    struct assay_public_key public_key[ASSAY_TRUST_MAX];
    const char *name[ASSAY_TRUST_MAX]; /* as given; the caller's strings */
};

/*
 * Load a public key and add it to the table; a key that stands there already
 * gets the roles and the flags in addition.
 * in:  path as for assay_public_key_load, kept as the name; roles ASSAY_ROLE_
 *      bits; flags 0 or ASSAY_KEY_REVOKED_FLAG.
 * out: *trust; unchanged on failure.
 * ret: ASSAY_KEY_TABLE (full), those of assay_public_key_load,
 *      ASSAY_KEY_PUBLISHED (unless trust->table.flags allow it), ASSAY_OK.
 * mem: path must outlive trust.
 * std: none.
 */
ASSAY_MUST_USE enum assay_status assay_trust_add(struct assay_trust *trust,
                                                 const char *path,
                                                 uint32_t roles, uint32_t flags,
                                                 struct assay_diag *diag);

/*
 * The publicly known key that made a signature, whoever trusts it.
 * in:  packet, an init packet.
 * ret: the name of the key, or NULL when none of them did.
 * mem: the name is static.
 * std: none.
 */
const char *assay_trust_published_signer(struct assay_slice packet);

#endif
