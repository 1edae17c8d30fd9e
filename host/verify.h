/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_VERIFY_H
#define ASSAY_HOST_VERIFY_H

#include "host/device.h"
#include "host/engine.h"
#include "host/package.h"
#include "host/trust.h"

/* An init packet is at most 512 bytes; a legacy one may carry a signature. */
#define ASSAY_DAT_MAX ((size_t)64 << 10)

#define ASSAY_NO_KEY ASSAY_TRUST_MAX

/* The verdict on one image of a package. */
struct assay_image_report {
    const struct assay_manifest_image *source;
    /* Is it genuine? The first check that refuses, with its particulars. */
    struct assay_diag genuine;
    /* Would the device take it? Only with a device; status 0 without one. */
    struct assay_diag device;
    /* Does the image match its init packet, whoever made that? Status 0 when
     * the fields could not be read. */
    struct assay_diag image;
    uint32_t key_index; /* into the trust table, or ASSAY_NO_KEY */
    int has_command;    /* command was read, signed or not */
    struct assay_init_command command; /* views dat */
    struct assay_buffer dat;
    size_t image_len;
    uint8_t digest[ASSAY_DIGEST_LEN]; /* of the image; natural order */
};

/* The verdict on a package: genuine when every image in it is. */
struct assay_package_report {
    struct assay_diag diag; /* of the container; then of the first image */
    struct assay_package package;
    size_t n_images;
    struct assay_image_report image[ASSAY_MANIFEST_MAX_IMAGES];
};

struct assay_verification {
    const struct assay_trust *trust;
    const struct assay_device_model *device; /* NULL: no question about one */
    struct assay_engine *engine;             /* NULL: native */
};

/*
 * Verify a package.
 * in:  file, the whole archive; it must outlive *report.
 * out: *report, filled as far as the check came; free it with
 *      assay_report_free, also on failure.
 * ret: those of assay_package_open; then of the first image that is refused,
 *      in the order of installation: ASSAY_ZIP_ of its members,
 *      ASSAY_LEGACY_PACKAGE, those of assay_verifier_packet,
 *      ASSAY_MANIFEST_TYPE, those of the image functions of the verifier,
 *      ASSAY_IMAGE_VALIDATION; then, with a device, what it refuses;
 *      ASSAY_OK.
 * mem: heap for the init packets; an image is never held, it streams.
 * std: docs/formats.md, "Order of checks".
 */
ASSAY_MUST_USE enum assay_status assay_verify_package(
    struct assay_slice file, const struct assay_verification *how,
    struct assay_package_report *report);

void assay_report_free(struct assay_package_report *report);

/*
 * Is this the init packet of a legacy package (SDK 11 or older)?
 * in:  packet, which is no Secure DFU init packet.
 */
int assay_is_legacy_packet(const struct assay_manifest *manifest,
                           struct assay_slice packet);

/*
 * What stands in for "would the device take it": the answer on the wire in
 * words, for example "result 0x0B, extended error 0x07".
 * out: text of at most 64 bytes.
 */
void assay_wire_text(enum assay_status status, char text[static 64]);

#endif
