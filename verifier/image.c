/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "base/bytes.h"
#include "base/ct.h"
#include "verifier/image_len.h"
#include "verifier/verdict.h"
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
    enum assay_status status =
        image_count(&image->received, image->len, bytes.len);
    if (status != ASSAY_OK) {
        image->len = 0;
        return status;
    }
    assay_sha256_update(&image->sha, bytes);
    return ASSAY_OK;
}

/* Is the digest of what was received the one that was signed? */
static enum assay_status compare_digest(struct assay_image *image)
{
    const uint32_t half = 0x5A3C96E1;
    const uint32_t rest = half ^ ASSAY_IMAGE_DIGEST ^ ASSAY_OK;
    uint8_t digest[ASSAY_DIGEST_LEN];
    uint8_t wire[ASSAY_DIGEST_LEN];
    uint32_t status = ASSAY_IMAGE_DIGEST;
    assay_sha256_final(&image->sha, digest);
    assay_reverse(wire, digest, sizeof wire);
    uint32_t equal = ct_mask_zero(ct_differ(wire, image->digest, sizeof wire));
    status ^= equal & half;
    equal = ct_mask_zero(ct_differ(image->digest, wire, sizeof wire));
    status ^= equal & rest;
    return (enum assay_status)status;
}

enum assay_status assay_verifier_image_finish(struct assay_image *image)
{
    enum assay_status status = ASSAY_IMAGE_STATE;
    if (image->len == 0) {
        return status;
    }
    status = image->received != image->len ? ASSAY_IMAGE_SHORT
                                           : compare_digest(image);
    image->len = 0;
    return status;
}

static enum assay_status pass_image(const struct assay_init_command *command,
                                    struct assay_slice bytes)
{
    struct assay_image running;
    enum assay_status status = assay_verifier_image_start(&running, command);
    if (status == ASSAY_OK) {
        status = assay_verifier_image_update(&running, bytes);
    }
    if (status != ASSAY_OK) {
        return assay_refusal(status);
    }
    return assay_verifier_image_finish(&running);
}

struct start {
    const struct assay_installed *installed;
    struct assay_verdict verdict;
    enum assay_status packet; /* the answer of assay_verifier_packet */
    enum assay_status image;  /* the answer of pass_image */
};

__attribute__((noinline)) static enum assay_status examine(
    const struct start *start)
{
    if (start->packet != ASSAY_OK) {
        return start->packet;
    }
    if (start->verdict.command.type != start->installed->type) {
        return ASSAY_TYPE_REFUSED;
    }
    return start->image;
}

enum assay_status assay_verifier_boot(const struct assay_installed *installed,
                                      const struct assay_key_table *keys)
{
    struct start start;
    start.installed = installed;
    start.image = ASSAY_FAILED;
    start.packet =
        assay_verifier_packet(installed->packet, keys, &start.verdict);
    if (start.packet == ASSAY_OK) {
        start.image = pass_image(&start.verdict.command, installed->image);
    }
    enum assay_status first = examine(&start);
    return assay_join(first, examine(ct_again(&start)));
}
