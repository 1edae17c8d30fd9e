/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "base/bytes.h"
#include "base/ct.h"
#include "verifier/image_len.h"
#include "verifier/verifier.h"

/*
 * len == 0 marks an image that was not started or has failed: no image is
 * empty, so no later step can succeed on it. received <= len always.
 */

enum assay_status assay_verifier_image_start(
    struct assay_image *image, const struct assay_init_command *command)
{
    uint32_t len = 0;
    image->len = 0;
    image->received = 0;
    if (command->hash_type != ASSAY_HASH_SHA256 ||
        command->hash.len != ASSAY_DIGEST_LEN) {
        return ASSAY_HASH_TYPE;
    }
    enum assay_status status = image_len(command, &len);
    if (status != ASSAY_OK) {
        return status;
    }
    for (uint32_t i = 0; i < ASSAY_DIGEST_LEN; i++) {
        image->digest[i] = command->hash.p[i];
    }
    image->len = len;
    assay_sha256_init(&image->sha);
    return ASSAY_OK;
}

enum assay_status assay_verifier_image_update(struct assay_image *image,
                                              struct assay_slice bytes)
{
    if (image->len == 0) {
        return ASSAY_IMAGE_STATE;
    }
    if (bytes.len > image->len - image->received) {
        image->len = 0;
        return ASSAY_IMAGE_LONG;
    }
    assay_sha256_update(&image->sha, bytes);
    image->received += (uint32_t)bytes.len;
    return ASSAY_OK;
}

enum assay_status assay_verifier_image_finish(struct assay_image *image)
{
    uint8_t digest[ASSAY_DIGEST_LEN];
    uint8_t wire[ASSAY_DIGEST_LEN];
    enum assay_status status = ASSAY_IMAGE_STATE;
    if (image->len == 0) {
        return status;
    }
    if (image->received != image->len) {
        status = ASSAY_IMAGE_SHORT;
    } else {
        assay_sha256_final(&image->sha, digest);
        assay_reverse(wire, digest, sizeof wire);
        status = (enum assay_status)ct_select(
            ct_mask_zero(ct_differ(wire, image->digest, sizeof wire)), ASSAY_OK,
            ASSAY_IMAGE_DIGEST);
    }
    image->len = 0;
    return status;
}

enum assay_status assay_verifier_boot(const struct assay_installed *installed,
                                      const struct assay_key_table *keys)
{
    struct assay_verdict verdict;
    struct assay_image running;
    enum assay_status status =
        assay_verifier_packet(installed->packet, keys, &verdict);
    if (status == ASSAY_OK && verdict.command.type != installed->type) {
        status = ASSAY_TYPE_REFUSED;
    }
    if (status == ASSAY_OK) {
        status = assay_verifier_image_start(&running, &verdict.command);
    }
    if (status == ASSAY_OK) {
        status = assay_verifier_image_update(&running, installed->image);
    }
    if (status == ASSAY_OK) {
        status = assay_verifier_image_finish(&running);
    }
    return status;
}
