/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "engine/layout.h"
#include "verifier/verifier.h"

/*
 * For the ARM compiler: engine/layout.h says what it does. No code comes of
 * this file.
 */
#define AT(type, member, offset)                                               \
    _Static_assert(offsetof(struct type, member) == (offset), #type "." #member)
#define LEN(type, len) _Static_assert(sizeof(struct type) == (len), #type)

AT(assay_slice, p, 0);
AT(assay_slice, len, 4);
LEN(assay_slice, ASSAY_M4_SLICE_LEN);

AT(assay_key, bytes, ASSAY_M4_KEY_BYTES);
AT(assay_key, id, ASSAY_M4_KEY_ID);
AT(assay_key, algorithm, ASSAY_M4_KEY_ALGORITHM);
AT(assay_key, roles, ASSAY_M4_KEY_ROLES);
AT(assay_key, flags, ASSAY_M4_KEY_FLAGS);
LEN(assay_key, ASSAY_M4_KEY_LEN);

AT(assay_key_table, key, ASSAY_M4_KEYS_KEY);
AT(assay_key_table, n_keys, ASSAY_M4_KEYS_N);
AT(assay_key_table, flags, ASSAY_M4_KEYS_FLAGS);
LEN(assay_key_table, ASSAY_M4_KEYS_LEN);

AT(assay_init_command, present, 0);
AT(assay_init_command, fw_version, 4);
AT(assay_init_command, hw_version, 8);
AT(assay_init_command, type, 12);
AT(assay_init_command, sd_size, 16);
AT(assay_init_command, bl_size, 20);
AT(assay_init_command, app_size, 24);
AT(assay_init_command, is_debug, 28);
AT(assay_init_command, hash_type, 32);
AT(assay_init_command, n_sd_req, 36);
AT(assay_init_command, n_validations, 40);
AT(assay_init_command, hash, ASSAY_M4_COMMAND_HASH);
AT(assay_init_command, sd_req, ASSAY_M4_COMMAND_SD_REQ);
AT(assay_init_command, validation, ASSAY_M4_COMMAND_VALIDATION);
LEN(assay_init_command, ASSAY_M4_COMMAND_LEN);

AT(assay_validation, type, 0);
AT(assay_validation, bytes, ASSAY_M4_VALIDATION_BYTES);
LEN(assay_validation, ASSAY_M4_VALIDATION_LEN);

AT(assay_verdict, command, 0);
AT(assay_verdict, key_index, ASSAY_M4_VERDICT_KEY_INDEX);
LEN(assay_verdict, ASSAY_M4_VERDICT_LEN);

AT(assay_envelope, signed_bytes, 0);
AT(assay_envelope, signature, ASSAY_M4_ENVELOPE_SIGNATURE);
AT(assay_envelope, signature_type, ASSAY_M4_ENVELOPE_TYPE);
LEN(assay_envelope, ASSAY_M4_ENVELOPE_LEN);

AT(assay_device, hw_version, 0);
AT(assay_device, softdevice, 4);
AT(assay_device, app_version, 8);
AT(assay_device, bootloader_version, 12);
AT(assay_device, image_room, 16);
AT(assay_device, bootloader_room, 20);
AT(assay_device, flags, 24);
LEN(assay_device, ASSAY_M4_DEVICE_LEN);

AT(assay_image, sha.state, 0);
AT(assay_image, sha.total_len, ASSAY_M4_IMAGE_TOTAL);
AT(assay_image, sha.block, ASSAY_M4_IMAGE_BLOCK);
AT(assay_image, digest, ASSAY_M4_IMAGE_DIGEST);
AT(assay_image, len, ASSAY_M4_IMAGE_FIELD_LEN);
AT(assay_image, received, ASSAY_M4_IMAGE_RECEIVED);
LEN(assay_image, ASSAY_M4_IMAGE_LEN);

AT(assay_installed, packet, 0);
AT(assay_installed, image, ASSAY_M4_INSTALLED_IMAGE);
AT(assay_installed, type, ASSAY_M4_INSTALLED_TYPE);
LEN(assay_installed, ASSAY_M4_INSTALLED_LEN);

_Static_assert(sizeof(enum assay_fw_type) == 1, "enum assay_fw_type");
_Static_assert(sizeof(enum assay_status) == 4, "enum assay_status");
