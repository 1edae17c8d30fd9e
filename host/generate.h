/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_GENERATE_H
#define ASSAY_HOST_GENERATE_H

#include "host/initpkt_write.h"
#include "host/keys.h"
#include "host/manifest.h"
#include "host/zigbee.h"

/*
 * Making a package, in steps so that the signature can be made elsewhere:
 * assay_generate_prepare reads the images and writes what is to be signed;
 * assay_generate_sign signs it, or assay_generate_attach takes signatures;
 * assay_generate_finish writes the package and verifies what it has written.
 */

/* A number that need not be given. */
struct assay_number {
    unsigned is_given;
    uint32_t value;
};

#define ASSAY_GENERATE_DEBUG 0x01u
#define ASSAY_GENERATE_EXTERNAL 0x02u
#define ASSAY_GENERATE_ZIGBEE 0x04u
#define ASSAY_GENERATE_DETACHED 0x08u /* signatures come from elsewhere */

/* The options of `pkg generate`; a path is NULL when it is not given. */
struct assay_generate_options {
    const char *application;
    const char *bootloader;
    const char *softdevice;
    struct assay_number application_version;
    struct assay_number bootloader_version;
    struct assay_number hw_version;
    struct assay_number zigbee_hw_version;
    struct assay_number zigbee_fw_version;
    struct assay_id_list sd_req; /* n_ids 0: not given */
    struct assay_id_list sd_id;
    enum assay_validation_type application_validation;
    enum assay_validation_type softdevice_validation;
    struct assay_zigbee_header zigbee; /* file_version is filled in */
    uint32_t flags;                    /* ASSAY_GENERATE_ */
    int64_t time;                      /* of the zip members, Unix seconds */
};

/* One image of the package in the making. */
struct assay_new_image {
    enum assay_image_slot slot;
    char name[ASSAY_MANIFEST_NAME - 4]; /* of its files, without .bin, .dat */
    struct assay_buffer bin;
    struct assay_init_spec spec;
    struct assay_buffer to_be_signed;
    int is_signed;
    struct assay_wire_signature signature;
};

#define ASSAY_NEW_IMAGES_MAX 2u

struct assay_generation_state {
    size_t n_images;
    struct assay_new_image image[ASSAY_NEW_IMAGES_MAX];
    int is_signed;
    struct assay_public_key signer;
    char zigbee_name[ASSAY_ZIGBEE_NAME_LEN];
    struct assay_buffer zigbee;   /* the upgrade file, when one was asked for */
    struct assay_buffer warnings; /* lines of text for the user */
};

/*
 * Check how the options go together, in the order and with the sentences of
 * nrfutil 6.1.7, and fill in what debug mode supplies.
 * ret: ASSAY_GENERATE_OPTIONS, ASSAY_OK.
 * mem: none.
 * std: none.
 */
ASSAY_MUST_USE enum assay_status assay_generate_check(
    struct assay_generate_options *options, struct assay_diag *diag);

/*
 * Read the images and write what is to be signed.
 * in:  options that assay_generate_check accepted; key, the private key for
 *      ECDSA boot validations, or NULL.
 * out: *state; free it with assay_generate_free, also on failure.
 * ret: those of assay_firmware_load, ASSAY_GENERATE_OPTIONS,
 *      ASSAY_GENERATE_IMAGE, ASSAY_MEMORY, ASSAY_OK.
 * mem: heap for the images.
 * std: none.
 */
ASSAY_MUST_USE enum assay_status assay_generate_prepare(
    const struct assay_generate_options *options,
    const struct assay_private_key *key, struct assay_generation_state *state,
    struct assay_diag *diag);

/*
 * Sign every image. ECDSA is deterministic (RFC 6979).
 * ret: those of assay_sign_p256 and assay_sign_ed25519; ASSAY_OK.
 * mem: none kept.
 * std: docs/formats.md, "What is signed".
 */
ASSAY_MUST_USE enum assay_status assay_generate_sign(
    struct assay_generation_state *state, const struct assay_private_key *key,
    struct assay_diag *diag);

/*
 * With ASSAY_GENERATE_ZIGBEE: make the upgrade file of the signed image, and
 * put it in the place of that image as a signed external application.
 * in:  key NULL: the outer packet stays unsigned like the inner one.
 * ret: ASSAY_MEMORY, those of assay_generate_sign; ASSAY_OK.
 * mem: heap for the upgrade file.
 * std: as assay_zigbee_write.
 */
ASSAY_MUST_USE enum assay_status assay_generate_wrap(
    struct assay_generation_state *state,
    const struct assay_generate_options *options,
    const struct assay_private_key *key, struct assay_diag *diag);

/*
 * Take the signature of image i from elsewhere.
 * in:  key, the public key it must verify under; data, 64 raw bytes (r then s
 *      big-endian; for Ed25519 as RFC 8032), the same in hex, or DER.
 * ret: ASSAY_KEYFILE_FORMAT (none of these), ASSAY_SIGNATURE_INVALID,
 *      ASSAY_OK.
 * mem: none kept.
 * std: SEC 1 C.5 for DER.
 */
ASSAY_MUST_USE enum assay_status assay_generate_attach(
    struct assay_generation_state *state, size_t i,
    const struct assay_public_key *key, struct assay_slice data,
    struct assay_diag *diag);

/*
 * Write the package, and verify it as a receiver would.
 * out: *zip, the package; state->zigbee and its name with that option.
 * ret: ASSAY_GENERATE_SELF_CHECK, ASSAY_MEMORY, those of assay_zip_write,
 *      ASSAY_OK.
 * mem: heap for twice the package.
 * std: none.
 */
ASSAY_MUST_USE enum assay_status assay_generate_finish(
    struct assay_generation_state *state,
    const struct assay_generate_options *options, struct assay_buffer *zip,
    struct assay_diag *diag);

void assay_generate_free(struct assay_generation_state *state);

#endif
