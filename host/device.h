/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_DEVICE_H
#define ASSAY_HOST_DEVICE_H

#include "host/buffer.h"
#include "host/engine.h"
#include "verifier/verifier.h"

/*
 * A device as a text file describes it, and the question whether it would
 * take an update. The lines are `key = value`; `#` starts a comment; a key
 * stands once.
 *
 *   bootloader          assay, sdk15.0, sdk15.2, sdk15.3, sdk16, sdk17.0,
 *                       sdk17.1 (the default): whose rules decide
 *   hw_version          number; required
 *   softdevice          none (the default), a firmware ID (0x0100), or a
 *                       name (s140_nrf52_7.2.0)
 *   app_version         number, 0 by default
 *   bootloader_version  number, 0 by default
 *   needs_softdevice    yes for a BLE or ANT bootloader; no by default
 *   image_room          bytes, 0xFFFFFFFF by default
 *   bootloader_room     bytes, 0xFFFFFFFF by default
 *   same_version        accept or refuse (Nordic: accept; Assay: refuse)
 *   downgrade           accept or refuse (the default)
 *   external            accept, any-version or refuse (the default)
 *   unsigned            accept or refuse (the default): an open bootloader
 *   debug               yes or no (the default): a debug bootloader; these
 *                       two not with assay
 */

enum assay_generation {
    ASSAY_GENERATION_ASSAY,
    ASSAY_GENERATION_SDK15_0,
    ASSAY_GENERATION_SDK15_2,
    ASSAY_GENERATION_SDK15_3,
    ASSAY_GENERATION_SDK16,
    ASSAY_GENERATION_SDK17_0,
    ASSAY_GENERATION_SDK17_1,
};

#define ASSAY_MODEL_UNSIGNED 0x01u /* takes unsigned applications */
#define ASSAY_MODEL_DEBUG 0x02u    /* skips versions of debug packets */

struct assay_device_model {
    enum assay_generation generation;
    struct assay_device device;
    uint32_t flags;              /* ASSAY_MODEL_ */
    struct assay_engine *engine; /* that runs the policy; NULL: native */
};

/* The beginning of an image, long enough for a SoftDevice's own header. */
#define ASSAY_IMAGE_HEAD_LEN 0x2018u

struct assay_image_head {
    size_t len; /* how much of the image was there */
    uint8_t bytes[ASSAY_IMAGE_HEAD_LEN];
};

/*
 * Read the description of a device.
 * in:  text, any bytes.
 * ret: ASSAY_DEVICE_FILE (the line, what is wrong with it), ASSAY_OK.
 * mem: none kept.
 * std: docs/formats.md, "Device file".
 */
ASSAY_MUST_USE enum assay_status assay_device_parse(
    struct assay_slice text, struct assay_device_model *out,
    struct assay_diag *diag);

/*
 * What the device decides when it has the init packet.
 * in:  packet, its bytes; genuine, what assay_verifier_packet said of it;
 *      command, its fields, read with or without a valid signature (NULL when
 *      they cannot be read).
 * ret: ASSAY_OK, or the status of the first check that refuses; its answer on
 *      the wire is assay_verifier_nordic(). The diagnostic says what was
 *      found and expected.
 * mem: none kept.
 * std: nRF5 SDK 15.0 to 17.1, prevalidation.
 */
ASSAY_MUST_USE enum assay_status assay_device_packet(
    const struct assay_device_model *model, struct assay_slice packet,
    enum assay_status genuine, const struct assay_init_command *command,
    struct assay_diag *diag);

/*
 * What the device decides when it has the whole, undamaged image.
 * in:  command of an accepted packet; head, the beginning of its image.
 * ret: ASSAY_IMAGE_SOFTDEVICE, ASSAY_IMAGE_VALIDATION, ASSAY_OK.
 * mem: none kept.
 * std: nRF5 SDK 15.0 to 17.1, postvalidation.
 */
ASSAY_MUST_USE enum assay_status assay_device_image(
    const struct assay_device_model *model,
    const struct assay_init_command *command,
    const struct assay_image_head *head, struct assay_diag *diag);

/*
 * The state of the device after the update: the next image of the same
 * package meets the versions that this one brought.
 */
void assay_device_install(struct assay_device_model *model,
                          const struct assay_init_command *command,
                          const struct assay_image_head *head);

/* The name of a generation as the device file spells it; never NULL. */
const char *assay_generation_name(enum assay_generation generation);

#endif
