/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_VERIFIER_VERIFIER_H
#define ASSAY_VERIFIER_VERIFIER_H

#include "base/slice.h"
#include "base/status.h"
#include "crypto/sha256.h"
#include "initpkt/initpkt.h"
#include "verifier/key.h"

/*
 * The public API: is this update genuine, and would this device take it?
 *
 *   assay_verifier_keys      once, at build or start: is the key table sane
 *   assay_verifier_packet    the init packet: encoding, signature, key
 *   assay_verifier_policy    its fields against the state of the device
 *   assay_verifier_image_*   the image as it arrives: size and digest
 *   assay_verifier_boot      before every start: the image where it runs
 *   assay_verifier_nordic    a status as the answer of a Nordic target
 *
 * No function allocates, keeps state of its own or calls a C library. There
 * is no switch that turns the signature off. The order of checks is part of
 * the contract (docs/formats.md, "Order of checks").
 */

/* What assay_verifier_packet found; everything views the packet. */
struct assay_verdict {
    struct assay_init_command command;
    uint32_t key_index; /* of the key that made the signature */
};

#define ASSAY_NO_SOFTDEVICE 0xFFFFFFFFu

/* Switches of a device. Zero is the safe choice for each. */
#define ASSAY_DEVICE_SAME_VERSION 0x01u     /* an equal app version passes */
#define ASSAY_DEVICE_DOWNGRADE 0x02u        /* older app versions pass */
#define ASSAY_DEVICE_EXTERNAL 0x04u         /* external applications pass */
#define ASSAY_DEVICE_EXTERNAL_ANY 0x08u     /* ... of any version */
#define ASSAY_DEVICE_NEEDS_SOFTDEVICE 0x10u /* a BLE or ANT bootloader */

struct assay_device {
    uint32_t hw_version;
    uint32_t softdevice; /* firmware ID, or ASSAY_NO_SOFTDEVICE */
    uint32_t app_version;
    uint32_t bootloader_version;
    uint32_t image_room;      /* bytes free for an image of this type */
    uint32_t bootloader_room; /* bytes of the bootloader region */
    uint32_t flags;           /* ASSAY_DEVICE_ */
};

/* An image on its way in; made by assay_verifier_image_start. */
struct assay_image {
    struct assay_sha256 sha;
    uint8_t digest[ASSAY_DIGEST_LEN]; /* as signed: SHA-256, bytes reversed */
    uint32_t len;
    uint32_t received;
};

/*
 * Check that a key table can be trusted at all.
 * in:  keys, any content.
 * out: none.
 * ret: ASSAY_KEY_TABLE (empty, an unknown algorithm, or a key that stands
 *      twice), then for each key in order ASSAY_KEY_INVALID (P-256: no point
 *      of the curve; Ed25519: non-canonical, no point, or of small order),
 *      ASSAY_KEY_PUBLISHED (unless the table allows it); ASSAY_OK.
 * ct:  branches on algorithm and flags and on which check fails.
 * mem: 0.85 kB of stack in the small profile, 0.6 kB in others.
 * std: SEC 1 v2 3.2.2.1; RFC 8032 5.1.3.
 */
ASSAY_MUST_USE enum assay_status assay_verifier_keys(
    const struct assay_key_table *keys);

/*
 * Check an init packet: encoding, signature, key; then read its fields.
 * in:  packet, any bytes; keys, a table that assay_verifier_keys accepted.
 * out: *out: key_index as soon as a key has made the signature (also with
 *      ASSAY_KEY_REVOKED and the statuses behind it), command only with
 *      ASSAY_OK. It views packet, which must not change while it is used.
 * ret: those of assay_initpkt_open; ASSAY_SIGNATURE_MISSING;
 *      ASSAY_SIGNATURE_TYPE (no key of that algorithm);
 *      ASSAY_SIGNATURE_INVALID; ASSAY_KEY_REVOKED; ASSAY_KEY_PUBLISHED; those
 *      of assay_initpkt_read; ASSAY_TYPE_MISSING; ASSAY_KEY_ROLE;
 *      ASSAY_HASH_TYPE; ASSAY_OK.
 * ct:  the crypto is uniform; branches on what the status reports.
 * mem: 2.2 kB of stack with Ed25519 keys, 1.8 kB without.
 * std: Nordic Secure DFU: ECDSA P-256 with SHA-256 over the content of
 *      InitCommand, r and s little-endian. Ed25519 (no Nordic bootloader has
 *      it): RFC 8032 over the same bytes, encoded as the RFC says.
 */
ASSAY_MUST_USE enum assay_status assay_verifier_packet(
    struct assay_slice packet, const struct assay_key_table *keys,
    struct assay_verdict *out);

/*
 * Check the fields of a genuine init packet against a device.
 * in:  command as assay_verifier_packet gave it; device, any state.
 * ret: ASSAY_TYPE_REFUSED, ASSAY_HW_VERSION_MISSING, ASSAY_HW_VERSION,
 *      ASSAY_SD_REQ, ASSAY_FW_VERSION, ASSAY_FW_VERSION_MISSING,
 *      ASSAY_BOOTLOADER_ROOM, ASSAY_SIZE_OVERFLOW, ASSAY_SIZE_ZERO,
 *      ASSAY_IMAGE_ROOM, ASSAY_OK.
 * ct:  branches on the fields, which the status reports.
 * mem: less than 100 bytes of stack.
 * std: nRF5 SDK 17.1.0 prevalidation; docs/formats.md, rules PO-nn.
 */
ASSAY_MUST_USE enum assay_status assay_verifier_policy(
    const struct assay_init_command *command,
    const struct assay_device *device);

/*
 * Begin to receive the image of a genuine init packet.
 * in:  command as assay_verifier_packet gave it; nothing of it is kept but a
 *      copy of the digest.
 * out: *image.
 * ret: ASSAY_HASH_TYPE, ASSAY_SIZE_OVERFLOW, ASSAY_SIZE_ZERO, ASSAY_OK. After
 *      a failure every further step answers ASSAY_IMAGE_STATE.
 * ct:  nothing to leak.
 * mem: less than 50 bytes of stack.
 * std: none.
 */
ASSAY_MUST_USE enum assay_status assay_verifier_image_start(
    struct assay_image *image, const struct assay_init_command *command);

/*
 * Take the next bytes of the image, in order, in pieces of any length.
 * in:  image, started, or all zero.
 * out: *image.
 * ret: ASSAY_IMAGE_STATE (not started, or failed before), ASSAY_IMAGE_LONG
 *      (nothing is taken, the image has failed), ASSAY_OK.
 * ct:  uniform in the bytes.
 * mem: about 430 bytes of stack.
 * std: FIPS 180-4.
 */
ASSAY_MUST_USE enum assay_status assay_verifier_image_update(
    struct assay_image *image, struct assay_slice bytes);

/*
 * End the image: was it all there, and is it the one that was signed?
 * in:  image, started, or all zero.
 * out: *image cannot be used again.
 * ret: ASSAY_IMAGE_STATE, ASSAY_IMAGE_SHORT, ASSAY_IMAGE_DIGEST, ASSAY_OK.
 * ct:  the comparison is uniform.
 * mem: about 430 bytes of stack.
 * std: FIPS 180-4.
 */
ASSAY_MUST_USE enum assay_status assay_verifier_image_finish(
    struct assay_image *image);

/*
 * Decide before a start whether the image in place may run: its stored init
 * packet is verified again, and the digest is taken over the bytes that will
 * be executed. Policy is not asked again: the versions of an installed image
 * equal the device's.
 * in:  installed, the stored init packet, the bytes in place and what they
 *      are; keys as for assay_verifier_packet.
 * out: none.
 * ret: those of assay_verifier_packet; ASSAY_TYPE_REFUSED (the packet is for
 *      another type); those of assay_verifier_image_start; ASSAY_IMAGE_LONG,
 *      ASSAY_IMAGE_SHORT, ASSAY_IMAGE_DIGEST; ASSAY_OK.
 * ct:  as assay_verifier_packet; uniform in the image.
 * mem: 2.5 kB of stack with Ed25519 keys, 2.1 kB without.
 * std: none.
 */
struct assay_installed {
    struct assay_slice packet;
    struct assay_slice image;
    enum assay_fw_type type;
};

ASSAY_MUST_USE enum assay_status assay_verifier_boot(
    const struct assay_installed *installed,
    const struct assay_key_table *keys);

/*
 * What a Nordic Secure DFU target answers for a status.
 * in:  status, any value.
 * out: none.
 * ret: a result code (0x0005), an extended error (0x0B07), 0 for none.
 * ct:  branches on the status.
 * mem: none.
 * std: nRF5 SDK 17.1.0, nrf_dfu_req_handler.
 */
uint32_t assay_verifier_nordic(enum assay_status status);

#endif
