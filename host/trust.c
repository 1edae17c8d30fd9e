/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/trust.h"

#include <string.h>

#include "verifier/published.h"
#include "verifier/verifier.h"

/*
 * A key that stands in the table already. Giving it again widens its roles;
 * revoking it once revokes it.
 */
static int merge(struct assay_trust *trust, const struct assay_public_key *key,
                 uint32_t roles, uint32_t flags)
{
    for (size_t i = 0; i < trust->table.n_keys; i++) {
        const struct assay_public_key *have = &trust->public_key[i];
        if (have->algorithm == key->algorithm &&
            memcmp(have->bytes, key->bytes, sizeof key->bytes) == 0) {
            trust->key[i].roles |= (uint8_t)roles;
            trust->key[i].flags |= (uint8_t)flags;
            return 1;
        }
    }
    return 0;
}

enum assay_status assay_trust_add(struct assay_trust *trust, const char *path,
                                  uint32_t roles, uint32_t flags,
                                  struct assay_diag *diag)
{
    size_t n = trust->table.n_keys;
    if (n == ASSAY_TRUST_MAX) {
        return assay_diag_set(diag, ASSAY_KEY_TABLE, "%s: more than %u keys",
                              path, ASSAY_TRUST_MAX);
    }
    struct assay_public_key *key = &trust->public_key[n];
    enum assay_status status = assay_public_key_load(path, key, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    const char *published = assay_published_key_name(key);
    if (published != NULL &&
        (trust->table.flags & ASSAY_KEYS_ALLOW_PUBLISHED) == 0) {
        return assay_diag_set(diag, ASSAY_KEY_PUBLISHED, "%s: %s", path,
                              published);
    }
    if (merge(trust, key, roles, flags)) {
        return ASSAY_OK;
    }
    trust->name[n] = path;
    trust->key[n] = (struct assay_key){.bytes = key->bytes,
                                       .id = (uint32_t)n,
                                       .algorithm = (uint8_t)key->algorithm,
                                       .roles = (uint8_t)roles,
                                       .flags = (uint8_t)flags};
    trust->table.key = trust->key;
    trust->table.n_keys = n + 1;
    return ASSAY_OK;
}

struct published {
    const char *name;
    uint8_t algorithm;
    uint8_t bytes[64];
};

#define KNOWN(algorithm, label, head, tail)                                    \
    {label,                                                                    \
     algorithm,                                                                \
     {ASSAY_PUBLISHED_BYTES head, ASSAY_PUBLISHED_BYTES tail}},
#define KNOWN_P256(label, head, tail) KNOWN(ASSAY_P256, label, head, tail)
#define KNOWN_ED25519(label, head, tail) KNOWN(ASSAY_ED25519, label, head, tail)

static const struct published PUBLISHED[] = {ASSAY_PUBLISHED_KEYS(
    KNOWN_P256) ASSAY_PUBLISHED_ED25519_KEYS(KNOWN_ED25519)};

enum { N_PUBLISHED = sizeof PUBLISHED / sizeof PUBLISHED[0] };

const char *assay_trust_published_signer(struct assay_slice packet)
{
    struct assay_key key[N_PUBLISHED];
    for (size_t i = 0; i < N_PUBLISHED; i++) {
        key[i] = (struct assay_key){.bytes = PUBLISHED[i].bytes,
                                    .id = (uint32_t)i,
                                    .algorithm = PUBLISHED[i].algorithm,
                                    .roles = ASSAY_ROLE_ALL};
    }
    const struct assay_key_table table = {
        .key = key, .n_keys = N_PUBLISHED, .flags = ASSAY_KEYS_ALLOW_PUBLISHED};
    struct assay_verdict verdict = {.key_index = N_PUBLISHED};
    enum assay_status status = assay_verifier_packet(packet, &table, &verdict);
    /* The index is set as soon as a key has made the signature. */
    if (status == ASSAY_SIGNATURE_INVALID || status == ASSAY_SIGNATURE_TYPE ||
        verdict.key_index >= N_PUBLISHED) {
        return NULL;
    }
    return PUBLISHED[verdict.key_index].name;
}
