/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_ENGINE_LAYOUT_H
#define ASSAY_ENGINE_LAYOUT_H

/*
 * The structs of the verifier as its machine code for Cortex-M4 has them:
 * byte offsets and lengths, little-endian. engine/layout.c makes the ARM
 * compiler confirm each number.
 */

/* struct assay_slice: address, length */
#define ASSAY_M4_SLICE_LEN 8u

/* struct assay_key */
#define ASSAY_M4_KEY_BYTES 0u
#define ASSAY_M4_KEY_ID 4u
#define ASSAY_M4_KEY_ALGORITHM 8u
#define ASSAY_M4_KEY_ROLES 9u
#define ASSAY_M4_KEY_FLAGS 10u
#define ASSAY_M4_KEY_LEN 12u

/* struct assay_key_table */
#define ASSAY_M4_KEYS_KEY 0u
#define ASSAY_M4_KEYS_N 4u
#define ASSAY_M4_KEYS_FLAGS 8u
#define ASSAY_M4_KEYS_LEN 12u

/* struct assay_init_command: 11 words, 2 slices, 3 validations */
#define ASSAY_M4_COMMAND_N_WORDS 11u
#define ASSAY_M4_COMMAND_HASH 44u
#define ASSAY_M4_COMMAND_SD_REQ 52u
#define ASSAY_M4_COMMAND_VALIDATION 60u
#define ASSAY_M4_VALIDATION_BYTES 4u
#define ASSAY_M4_VALIDATION_LEN 12u
#define ASSAY_M4_COMMAND_LEN 96u

/* struct assay_verdict */
#define ASSAY_M4_VERDICT_KEY_INDEX 96u
#define ASSAY_M4_VERDICT_LEN 100u

/* struct assay_envelope */
#define ASSAY_M4_ENVELOPE_SIGNATURE 8u
#define ASSAY_M4_ENVELOPE_TYPE 16u
#define ASSAY_M4_ENVELOPE_LEN 20u

/* struct assay_device: 7 words */
#define ASSAY_M4_DEVICE_N_WORDS 7u
#define ASSAY_M4_DEVICE_LEN 28u

/* struct assay_image */
#define ASSAY_M4_IMAGE_TOTAL 32u
#define ASSAY_M4_IMAGE_BLOCK 40u
#define ASSAY_M4_IMAGE_DIGEST 104u
#define ASSAY_M4_IMAGE_FIELD_LEN 136u
#define ASSAY_M4_IMAGE_RECEIVED 140u
#define ASSAY_M4_IMAGE_LEN 144u

/* struct assay_installed */
#define ASSAY_M4_INSTALLED_IMAGE 8u
#define ASSAY_M4_INSTALLED_TYPE 16u /* one byte */
#define ASSAY_M4_INSTALLED_LEN 20u

#endif
