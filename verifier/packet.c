/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "base/bytes.h"
#include "base/ct.h"
#include "crypto/ed25519.h"
#include "crypto/p256.h"
#include "verifier/published.h"
#include "verifier/verdict.h"
#include "verifier/verifier.h"

/*
 * Published keys are recognised by their first 8 bytes: an honest key meets
 * one of them with probability 2^-59, and a key made to meet one only harms
 * its maker.
 */
#define PREFIX_LEN 8u
#define PREFIX_OF(name, head, tail) {ASSAY_PUBLISHED_BYTES head},
static const uint8_t PUBLISHED_P256[][PREFIX_LEN] = {
    ASSAY_PUBLISHED_KEYS(PREFIX_OF)};
static const uint8_t PUBLISHED_ED25519[][PREFIX_LEN] = {
    ASSAY_PUBLISHED_ED25519_KEYS(PREFIX_OF)};

static uint32_t meets_prefix(const uint8_t (*prefix)[PREFIX_LEN], size_t n,
                             const uint8_t *key)
{
    uint32_t hit = 0;
    for (size_t i = 0; i < n; i++) {
        hit |= ct_mask_zero(ct_differ(prefix[i], key, PREFIX_LEN));
    }
    return hit;
}

static enum assay_status check_published(const struct assay_key *key,
                                         uint32_t table_flags)
{
    uint32_t hit =
        key->algorithm == ASSAY_P256
            ? meets_prefix(PUBLISHED_P256, sizeof PUBLISHED_P256 / PREFIX_LEN,
                           key->bytes)
            : meets_prefix(PUBLISHED_ED25519,
                           sizeof PUBLISHED_ED25519 / PREFIX_LEN, key->bytes);
    if (hit != 0 && (table_flags & ASSAY_KEYS_ALLOW_PUBLISHED) == 0) {
        return ASSAY_KEY_PUBLISHED;
    }
    return ASSAY_OK;
}

static size_t key_len(const struct assay_key *key)
{
    return key->algorithm == ASSAY_P256 ? 64 : 32;
}

static enum assay_status check_point(const struct assay_key *key)
{
    return key->algorithm == ASSAY_P256 ? assay_p256_key_check(key->bytes)
                                        : assay_ed25519_key_check(key->bytes);
}

/*
 * A key that stands twice could be revoked in one place and trusted in the
 * other.
 */
static enum assay_status check_entry(const struct assay_key_table *keys,
                                     size_t i)
{
    const struct assay_key *key = &keys->key[i];
    if (key->algorithm != ASSAY_P256 && key->algorithm != ASSAY_ED25519) {
        return ASSAY_KEY_TABLE;
    }
    for (size_t k = 0; k < i; k++) {
        if (keys->key[k].algorithm == key->algorithm &&
            ct_differ(keys->key[k].bytes, key->bytes, key_len(key)) == 0) {
            return ASSAY_KEY_TABLE;
        }
    }
    return ASSAY_OK;
}

__attribute__((noinline)) static enum assay_status examine_keys(
    const struct assay_key_table *keys)
{
    enum assay_status status = ASSAY_KEY_TABLE;
    for (size_t i = 0; i < keys->n_keys; i++) {
        status = check_entry(keys, i);
        if (status != ASSAY_OK) {
            return status;
        }
    }
    for (size_t i = 0; i < keys->n_keys; i++) {
        status = check_point(&keys->key[i]);
        if (status == ASSAY_OK) {
            status = check_published(&keys->key[i], keys->flags);
        }
        if (status != ASSAY_OK) {
            return status;
        }
    }
    return status;
}

enum assay_status assay_verifier_keys(const struct assay_key_table *keys)
{
    enum assay_status first = examine_keys(keys);
    return assay_join(first, examine_keys(ct_again(keys)));
}

static enum assay_status verify_p256(const struct assay_key *key,
                                     const struct assay_envelope *envelope)
{
    struct assay_sha256 sha;
    uint8_t digest[ASSAY_DIGEST_LEN];
    uint8_t signature[ASSAY_SIGNATURE_LEN];
    assay_sha256_init(&sha);
    assay_sha256_update(&sha, envelope->signed_bytes);
    assay_sha256_final(&sha, digest);
    /* On the wire r and s are little-endian, each for itself. */
    assay_reverse(signature, envelope->signature.p, 32);
    assay_reverse(signature + 32, envelope->signature.p + 32, 32);
    return assay_p256_verify(key->bytes, digest, signature);
}

static enum assay_status verify_with(const struct assay_key *key,
                                     const struct assay_envelope *envelope)
{
    if (key->algorithm == ASSAY_P256) {
        return verify_p256(key, envelope);
    }
    if (key->algorithm == ASSAY_ED25519) {
        return assay_ed25519_verify(key->bytes, envelope->signed_bytes,
                                    envelope->signature.p);
    }
    return ASSAY_KEY_TABLE;
}

/* One question, and what is known so far. */
struct question {
    struct assay_slice packet;
    const struct assay_key_table *keys;
    struct assay_verdict *out;
    struct assay_envelope envelope; /* that answer is about */
    const struct assay_key *key;    /* that answer is about */
    enum assay_status answer;       /* of the crypto */
};

/*
 * The packet names an algorithm outside of its signed bytes; it only selects
 * among keys, each of which is used with its own algorithm. A revoked key is
 * tried like the others so that its packages are refused by name. Whatever
 * keeps this from an answer is found again, and named, by examine.
 */
static void find_signer(struct question *q)
{
    if (assay_initpkt_open(q->packet, &q->envelope) != ASSAY_OK ||
        q->envelope.signature.len != ASSAY_SIGNATURE_LEN) {
        return;
    }
    uint8_t algorithm = q->envelope.signature_type == ASSAY_SIGNATURE_ED25519
                            ? ASSAY_ED25519
                            : ASSAY_P256;
    for (size_t i = 0; i < q->keys->n_keys; i++) {
        const struct assay_key *key = &q->keys->key[i];
        if (key->algorithm != algorithm) {
            continue;
        }
        q->answer = verify_with(key, &q->envelope);
        if (q->answer == ASSAY_OK) {
            q->key = key;
            q->out->key_index = (uint32_t)i;
            return;
        }
        q->answer = ASSAY_SIGNATURE_INVALID;
    }
}

static enum assay_status check_signer(const struct assay_key *key,
                                      uint32_t table_flags)
{
    if ((key->flags & ASSAY_KEY_REVOKED_FLAG) != 0) {
        return ASSAY_KEY_REVOKED;
    }
    return check_published(key, table_flags);
}

/* A key that signs a SoftDevice with a bootloader needs both roles. */
static uint32_t roles_of(uint32_t type)
{
    if (type == ASSAY_FW_APPLICATION) {
        return ASSAY_ROLE_APPLICATION;
    }
    if (type == ASSAY_FW_EXTERNAL_APPLICATION) {
        return ASSAY_ROLE_EXTERNAL;
    }
    uint32_t roles = 0;
    if ((type & ASSAY_FW_SOFTDEVICE) != 0) {
        roles |= ASSAY_ROLE_SOFTDEVICE;
    }
    if ((type & ASSAY_FW_BOOTLOADER) != 0) {
        roles |= ASSAY_ROLE_BOOTLOADER;
    }
    return roles;
}

static enum assay_status check_command(const struct assay_init_command *command,
                                       const struct assay_key *key)
{
    if ((command->present >> ASSAY_INIT_TYPE & 1u) == 0) {
        return ASSAY_TYPE_MISSING;
    }
    if ((roles_of(command->type) & ~(uint32_t)key->roles) != 0) {
        return ASSAY_KEY_ROLE;
    }
    if (command->hash_type != ASSAY_HASH_SHA256) {
        return ASSAY_HASH_TYPE;
    }
    return ASSAY_OK;
}

/* Is the answer about these bytes, and about a key of the table? */
static uint32_t answer_fits(const struct question *q,
                            const struct assay_envelope *envelope)
{
    return envelope->signed_bytes.p == q->envelope.signed_bytes.p &&
           envelope->signed_bytes.len == q->envelope.signed_bytes.len &&
           envelope->signature.p == q->envelope.signature.p &&
           q->out->key_index < q->keys->n_keys &&
           q->key == &q->keys->key[q->out->key_index];
}

/* Everything but the crypto. */
__attribute__((noinline)) static enum assay_status examine(
    const struct question *q)
{
    struct assay_envelope envelope;
    enum assay_status status = assay_initpkt_open(q->packet, &envelope);
    if (status != ASSAY_OK) {
        return status;
    }
    if (envelope.signature.len != ASSAY_SIGNATURE_LEN) {
        return ASSAY_SIGNATURE_MISSING;
    }
    if (q->answer != ASSAY_OK) {
        return q->answer;
    }
    if (!answer_fits(q, &envelope)) {
        return ASSAY_FAILED;
    }
    status = check_signer(q->key, q->keys->flags);
    if (status != ASSAY_OK) {
        return status;
    }
    status = assay_initpkt_read(envelope.signed_bytes, &q->out->command);
    if (status != ASSAY_OK) {
        return status;
    }
    return check_command(&q->out->command, q->key);
}

/*
 * A word that depends on every field a device decides on, so that a change in
 * one of them changes it.
 */
__attribute__((noinline)) static uint32_t sum_fields(
    const struct assay_init_command *c)
{
    const uint32_t field[] = {c->present,
                              c->fw_version,
                              c->hw_version,
                              c->type,
                              c->sd_size,
                              c->bl_size,
                              c->app_size,
                              c->n_sd_req,
                              (uint32_t)(uintptr_t)c->sd_req.p,
                              (uint32_t)c->sd_req.len};
    uint32_t sum = 0;
    for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
        sum = (sum << 5 | sum >> 27) ^ field[i];
    }
    return sum;
}

/*
 * The fields must be the same both times: what the caller gets was read by
 * the second examination, and confirmed by the first.
 */
enum assay_status assay_verifier_packet(struct assay_slice packet,
                                        const struct assay_key_table *keys,
                                        struct assay_verdict *out)
{
    /* Field by field: an initialiser would become a call of memset. */
    struct question q;
    q.packet = packet;
    q.keys = keys;
    q.out = out;
    q.key = 0;
    q.answer = ASSAY_SIGNATURE_TYPE;
    find_signer(&q);
    enum assay_status first = examine(&q);
    if (first != ASSAY_OK) {
        return assay_refusal(first);
    }
    uint32_t sum = sum_fields(&out->command);
    uint32_t again = examine(ct_again(&q));
    uint32_t change = sum ^ sum_fields(&out->command);
    return assay_join(first ^ change, again ^ change);
}
