/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_LEGACY_H
#define ASSAY_HOST_LEGACY_H

#include "base/slice.h"
#include "base/status.h"
#include "host/diag.h"

/*
 * The init packet of legacy DFU (nRF5 SDK 11 and older). Little-endian:
 * device type, device revision, application version, a list of SoftDevices,
 * then an extension that lets the bootloader check the image. SDK 6 and older
 * send a bare CRC. No bootloader of that age checks a signature by default.
 */

#define ASSAY_LEGACY_MAX_SD 64u

enum assay_legacy_form {
    ASSAY_LEGACY_BARE_CRC,  /* the 2 bytes of the CRC and nothing else */
    ASSAY_LEGACY_NO_CHECK,  /* no extension */
    ASSAY_LEGACY_CRC,       /* CRC-16 */
    ASSAY_LEGACY_EXT_CRC,   /* extended: packet ID 0 and CRC-16 */
    ASSAY_LEGACY_EXT_HASH,  /* extended: packet ID 1 and SHA-256 */
    ASSAY_LEGACY_EXT_ECDSA, /* extended: packet ID 2, SHA-256 and ECDSA */
    ASSAY_LEGACY_UNKNOWN,   /* an extension of no known form */
};

/* Lengths of 0 mean that the field is absent; offsets are from the start. */
struct assay_legacy {
    enum assay_legacy_form form;
    uint32_t device_type;
    uint32_t device_revision;
    uint32_t app_version;
    uint32_t n_sd;
    uint32_t sd[ASSAY_LEGACY_MAX_SD];
    size_t ext_off;
    size_t ext_len;
    uint32_t ext_id;
    int has_image_len;
    uint32_t image_len;
    size_t crc_off; /* valid when the form has a CRC */
    uint32_t crc16;
    struct assay_slice hash;      /* SHA-256 of the image, natural order */
    struct assay_slice signature; /* r, s over the packet before it */
};

/*
 * Read a legacy init packet.
 * in:  packet any bytes.
 * out: *out is replaced; on failure it holds what stands before the fault.
 * ret: ASSAY_PACKET_EMPTY, ASSAY_TRUNCATED (the fixed part or the list runs
 *      past the end), ASSAY_PACKET_TOO_LONG (more than ASSAY_LEGACY_MAX_SD
 *      SoftDevices), ASSAY_FORMAT_UNKNOWN (an extension of no known form),
 *      ASSAY_OK.
 * mem: *out views packet.
 * std: nRF5 SDK 11, dfu_init; nrfutil 0.5, init_packet.
 */
ASSAY_MUST_USE enum assay_status assay_legacy_parse(struct assay_slice packet,
                                                    struct assay_legacy *out,
                                                    struct assay_diag *diag);

/* What the form is called in reports; never NULL. */
const char *assay_legacy_form_name(enum assay_legacy_form form);

/*
 * The CRC of legacy DFU: polynomial 0x1021, start 0xFFFF, not reflected.
 * ret: the CRC; 0x29B1 for "123456789".
 * std: CRC-16/IBM-3740 ("CCITT-FALSE").
 */
uint32_t assay_legacy_crc16(struct assay_slice data);

#endif
