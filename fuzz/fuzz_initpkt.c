/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "fuzz/encode.h"
#include "fuzz/fuzz.h"
#include "fuzz/keyring.h"
#include "initpkt/initpkt.h"
#include "verifier/verifier.h"

#include <string.h>

/*
 * Any bytes as an init packet, and as signed bytes alone. What is accepted
 * has one encoding, so writing what was read gives the same bytes; and a
 * packet that verifies is signed in the eyes of two other libraries too.
 */

static void require_inside(struct assay_slice part, struct assay_slice whole)
{
    require(part.len <= whole.len);
    require(part.len == 0 ||
            (part.p >= whole.p && part.p + part.len <= whole.p + whole.len));
}

static void check_init(struct assay_slice bytes,
                       const struct assay_init_command *init)
{
    struct assay_buffer again = {0};
    fuzz_put_init(&again, init);
    require(again.len == bytes.len);
    require(bytes.len == 0 || memcmp(again.p, bytes.p, bytes.len) == 0);
    assay_buffer_free(&again);
    require(init->n_sd_req <= ASSAY_SD_REQ_MAX);
    require(init->n_validations <= ASSAY_VALIDATIONS_MAX);
    require(init->type <= ASSAY_FW_EXTERNAL_APPLICATION);
    require(init->is_debug <= 1 && init->hash_type <= ASSAY_HASH_SHA512);
    require_inside(init->hash, bytes);
    require_inside(init->sd_req, bytes);
    for (uint32_t i = 0; i < init->n_validations; i++) {
        require_inside(init->validation[i].bytes, bytes);
    }
}

static void check_envelope(struct assay_slice packet,
                           const struct assay_envelope *envelope)
{
    struct assay_buffer again = {0};
    require(packet.len >= 1 && packet.len <= ASSAY_PACKET_MAX);
    require_inside(envelope->signed_bytes, packet);
    require_inside(envelope->signature, packet);
    fuzz_put_packet(&again, envelope);
    require(again.len == packet.len);
    require(memcmp(again.p, packet.p, packet.len) == 0);
    assay_buffer_free(&again);
}

/* The pieces an image may come in do not matter. */
static void check_image(const struct assay_init_command *init)
{
    static const uint8_t BYTES[64] = {0};
    struct assay_image one;
    struct assay_image two;
    enum assay_status status = assay_verifier_image_start(&one, init);
    require(assay_verifier_image_start(&two, init) == status);
    if (status != ASSAY_OK) {
        require(assay_verifier_image_finish(&one) == ASSAY_IMAGE_STATE);
        return;
    }
    status = assay_verifier_image_update(&one, assay_slice(BYTES, 64));
    enum assay_status other =
        assay_verifier_image_update(&two, assay_slice(BYTES, 19));
    if (other == ASSAY_OK) {
        other = assay_verifier_image_update(&two, assay_slice(BYTES, 45));
    }
    require(status == other);
    status = assay_verifier_image_finish(&one);
    require(assay_verifier_image_finish(&two) == status);
    require(assay_verifier_image_finish(&one) == ASSAY_IMAGE_STATE);
}

static void check_verdict(struct assay_slice packet,
                          const struct assay_envelope *envelope,
                          enum assay_status opened)
{
    struct assay_trust trust;
    struct assay_verdict verdict = {.key_index = FUZZ_N_KEYS};
    fuzz_keyring(&trust);
    enum assay_status status =
        assay_verifier_packet(packet, &trust.table, &verdict);
    require(opened == ASSAY_OK || status == opened);
    require((verdict.key_index == FUZZ_N_KEYS) ==
            (opened != ASSAY_OK || status == ASSAY_SIGNATURE_MISSING ||
             status == ASSAY_SIGNATURE_TYPE ||
             status == ASSAY_SIGNATURE_INVALID));
    if (verdict.key_index != FUZZ_N_KEYS) {
        enum fuzz_key key = (enum fuzz_key)verdict.key_index;
        require(verdict.key_index < FUZZ_N_KEYS);
        require(
            fuzz_is_signed(key, envelope->signed_bytes, envelope->signature.p));
        require(key != FUZZ_KEY_CLOSED ||
                fuzz_closed_signed(envelope->signed_bytes));
    }
    if (status == ASSAY_OK) {
        check_init(envelope->signed_bytes, &verdict.command);
        check_image(&verdict.command);
        require(verdict.command.hash_type == ASSAY_HASH_SHA256);
        require((verdict.command.present >> ASSAY_INIT_TYPE & 1u) != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct assay_slice packet = assay_slice(data, len);
    struct assay_envelope envelope;
    struct assay_init_command init;
    enum assay_status status = assay_initpkt_open(packet, &envelope);
    if (status == ASSAY_OK) {
        check_envelope(packet, &envelope);
        if (assay_initpkt_read(envelope.signed_bytes, &init) == ASSAY_OK) {
            check_init(envelope.signed_bytes, &init);
        }
    }
    check_verdict(packet, &envelope, status);
    if (assay_initpkt_read(packet, &init) == ASSAY_OK) {
        check_init(packet, &init);
        check_image(&init);
    }
    return 0;
}
