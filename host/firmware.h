/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_FIRMWARE_H
#define ASSAY_HOST_FIRMWARE_H

#include "host/buffer.h"

/* The flash of the largest device of the family; no image is longer. */
#define ASSAY_FIRMWARE_MAX ((size_t)1 << 20)

/* A hole of a whole flash page or more separates regions. */
#define ASSAY_FIRMWARE_GAP_LEN ((uint32_t)0x1000)

enum assay_firmware_kind {
    ASSAY_FIRMWARE_HEX, /* Intel HEX text */
    ASSAY_FIRMWARE_BIN, /* the bytes themselves; no address is known */
};

/*
 * What nrfutil tells apart by the place of the SoftDevice magic number; it
 * decides where the image starts at the earliest.
 */
enum assay_firmware_variant {
    ASSAY_FIRMWARE_PLAIN, /* no SoftDevice: from 0x1000 */
    ASSAY_FIRMWARE_S1X0,  /* magic at 0x3004: from 0x1000 */
    ASSAY_FIRMWARE_S132,  /* magic at 0x4004 to 0x7004: from 0x3000 */
};

/* What a user should hear about; every one is legal. */
enum assay_firmware_flag {
    /* Bytes below 0x1000 are left out: the master boot record. */
    ASSAY_FIRMWARE_MBR_DROPPED = 1,
    /* Bytes from 0x10000000 are left out: UICR and other registers. */
    ASSAY_FIRMWARE_UICR_DROPPED = 2,
    /* Bytes from 0x1000 to 0x3000 are left out by the S132 rule. */
    ASSAY_FIRMWARE_LOW_DROPPED = 4,
    /* A hole of ASSAY_FIRMWARE_GAP_LEN or more is filled: merged files? */
    ASSAY_FIRMWARE_GAP = 8,
    /* Bytes behind the end of the SoftDevice: merged with an application. */
    ASSAY_FIRMWARE_SOFTDEVICE_MERGED = 16,
};

/* The SoftDevice information structure; a field it is too short for is 0. */
struct assay_firmware_softdevice {
    uint32_t info_len; /* 0: there is no SoftDevice */
    uint32_t end;      /* first address behind it: its size with the MBR */
    uint32_t fwid;     /* what sd_req lists */
    uint32_t id;       /* 132, 140 */
    uint32_t version;  /* major * 1000000 + minor * 1000 + bugfix */
};

/*
 * What a package would hold for one firmware file. Zero-initialise with {0};
 * free with assay_firmware_free.
 */
struct assay_firmware {
    struct assay_buffer image; /* whole words */
    uint32_t start;            /* address of the first byte; 0 for raw bytes */
    enum assay_firmware_variant variant;
    struct assay_firmware_softdevice softdevice;
    unsigned flags;       /* of enum assay_firmware_flag */
    uint32_t gap_address; /* the longest hole, */
    uint32_t gap_len;     /* and 0 when there is none */
};

/*
 * The image that nrfutil would put in a package for these bytes: a hex file
 * without what lies below 0x1000 and from 0x10000000, holes filled with 0xFF,
 * rounded up to words with 0xFF; raw bytes rounded up alike.
 * in:  data the content of the file.
 * out: *out is replaced; on failure it is empty.
 * ret: what assay_hex_parse returns (HEX only); ASSAY_GENERATE_IMAGE (nothing
 *      is left, or more than ASSAY_FIRMWARE_MAX), ASSAY_MEMORY, ASSAY_OK.
 * mem: at most three times data.len and 2 * ASSAY_FIRMWARE_MAX; nothing of
 *      data is kept.
 * std: none; the observed behaviour of nrfutil 6.1.7.
 */
ASSAY_MUST_USE enum assay_status assay_firmware_from(
    struct assay_slice data, enum assay_firmware_kind kind,
    struct assay_firmware *out, struct assay_diag *diag);

/*
 * Read a firmware file: raw bytes when its name ends in ".bin" (of either
 * case), else Intel HEX.
 * in:  path of the file, "-" for standard input (Intel HEX).
 * out: as assay_firmware_from.
 * ret: what assay_file_read returns, then as assay_firmware_from. The
 *      diagnostic starts with the path.
 * mem: as assay_firmware_from, besides the file.
 * std: as assay_firmware_from.
 */
ASSAY_MUST_USE enum assay_status assay_firmware_load(const char *path,
                                                     struct assay_firmware *out,
                                                     struct assay_diag *diag);

/* Release the image and zero the struct. */
void assay_firmware_free(struct assay_firmware *firmware);

#endif
