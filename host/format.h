/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_FORMAT_H
#define ASSAY_HOST_FORMAT_H

#include "host/manifest.h"
#include "host/zip.h"

/* What a file is, told from its content alone. */
enum assay_kind {
    ASSAY_KIND_UNKNOWN,
    ASSAY_KIND_SECURE_ZIP, /* at least one image has a Secure DFU init packet */
    ASSAY_KIND_LEGACY_ZIP,
    ASSAY_KIND_NCS_ZIP, /* nRF Connect SDK: MCUboot images */
    ASSAY_KIND_OTHER_ZIP,
    ASSAY_KIND_SECURE_DAT,
    ASSAY_KIND_LEGACY_DAT,
    ASSAY_KIND_HEX_SETTINGS,
    ASSAY_KIND_HEX,
    ASSAY_KIND_MCUBOOT,
    ASSAY_KIND_GBL,
    ASSAY_KIND_ZIGBEE_OTA,
    ASSAY_KIND_UF2,
    ASSAY_KIND_PEM,
    ASSAY_KIND_SOFTDEVICE_BIN,
};

/* A word for programs ("secure-dfu-zip"); never NULL. */
const char *assay_kind_name(enum assay_kind kind);

/* A line for people; never NULL. */
const char *assay_kind_title(enum assay_kind kind);

/*
 * What a file is, as far as its first bytes and lengths tell: an archive is
 * ASSAY_KIND_OTHER_ZIP, a hex file ASSAY_KIND_HEX.
 * in:  file any bytes.
 * out: none.
 * ret: the kind.
 * mem: no heap.
 * std: the formats in docs/formats.md.
 */
enum assay_kind assay_format_sniff(struct assay_slice file);

/*
 * What a file is, its content included: archives are opened and hex files
 * read, damaged ones as far as they go.
 * in:  file any bytes.
 * out: none.
 * ret: the kind.
 * mem: heap for what is unpacked, freed before return.
 * std: as assay_format_sniff.
 */
enum assay_kind assay_format_recognise(struct assay_slice file);

/*
 * Which kind of init packet these bytes are, whole or damaged.
 * in:  packet any bytes; a file that a manifest calls an init packet, so that
 *      2 bytes are one, too.
 * out: none.
 * ret: ASSAY_KIND_SECURE_DAT, ASSAY_KIND_LEGACY_DAT or ASSAY_KIND_UNKNOWN.
 * mem: 20 KiB of stack.
 * std: none.
 */
enum assay_kind assay_format_init_packet(struct assay_slice packet);

/* No init packet that is looked at is longer. */
#define ASSAY_ARCHIVE_MAX_DAT ((size_t)64 << 10)

/*
 * An archive as far as it can be read: through its directory when it has one
 * reading, otherwise by the members that are found from the front.
 */
struct assay_archive {
    enum assay_status zip_status; /* of assay_zip_open */
    struct assay_diag zip_diag;
    struct assay_zip zip; /* after a refusal: what the scan found */
    int has_more;         /* the scan found more members than fit */
    enum assay_status manifest_status; /* of assay_manifest_parse */
    struct assay_diag manifest_diag;
    struct assay_manifest manifest;
    size_t manifest_entry; /* its index; zip.n_entries when there is none */
    size_t folder_len;     /* of the path in front of "manifest.json" */
};

/*
 * Open an archive of any condition.
 * in:  file any bytes.
 * out: *out is replaced. manifest is filled with ASSAY_OK and, its file names
 *      alone, with ASSAY_FORMAT_UNVERIFIABLE. manifest_status is
 *      ASSAY_MANIFEST_MISSING when there is none at the root or in a folder.
 * ret: none; the two statuses.
 * mem: heap for the manifest, freed before return; *out views file. *out is
 *      about 16 KiB.
 * std: APPNOTE 6.3.10.
 */
void assay_archive_open(struct assay_slice file, struct assay_archive *out);

/*
 * The member that the manifest means by a name.
 * in:  name as it stands in the manifest.
 * ret: NULL when there is none.
 */
const struct assay_zip_entry *assay_archive_find(
    const struct assay_archive *archive, const char *name);

/*
 * The content of a member, as much of it as can be had.
 * in:  max_len the largest length wanted.
 * out: *data is replaced; the caller frees it. It holds what was read before
 *      the fault, whatever the result.
 * ret: ASSAY_ZIP_UNSUPPORTED (method), ASSAY_ZIP_TRUNCATED (it runs past the
 *      file), ASSAY_ZIP_BOMB (longer than max_len), ASSAY_ZIP_DATA (the
 *      compressed data, the length or the checksum), ASSAY_MEMORY, ASSAY_OK.
 * mem: at most twice max_len, and 40 KiB.
 * std: RFC 1951.
 */
ASSAY_MUST_USE enum assay_status assay_archive_load(
    const struct assay_archive *archive, const struct assay_zip_entry *entry,
    size_t max_len, struct assay_buffer *data, struct assay_diag *diag);

/*
 * What kind of archive it is, from its manifest and init packets.
 * ret: ASSAY_KIND_SECURE_ZIP, _LEGACY_ZIP, _NCS_ZIP or _OTHER_ZIP.
 * mem: heap for one init packet at a time.
 */
enum assay_kind assay_archive_kind(const struct assay_archive *archive);

/* Rows of tag, length and content, all little-endian. */
enum assay_row_shape {
    ASSAY_ROW_GBL,     /* u32 tag, u32 length */
    ASSAY_ROW_ZIGBEE,  /* u16 tag, u32 length */
    ASSAY_ROW_MCUBOOT, /* u16 tag, u16 length */
};

struct assay_row {
    size_t off;
    size_t head_len;
    uint32_t tag;
    uint32_t len;            /* as it stands there */
    struct assay_slice data; /* shorter than len when it is cut */
};

/*
 * Take the next row.
 * in:  *pos <= area.len.
 * out: *row; *pos moves behind it, or to area.len when it is cut.
 * ret: 1, or 0 when fewer bytes than a tag and a length are left.
 * mem: *row views area.
 * std: none.
 */
int assay_row_next(struct assay_slice area, enum assay_row_shape shape,
                   size_t *pos, struct assay_row *row);

/* Where the information structure of a SoftDevice stands in an image. */
#define ASSAY_SOFTDEVICE_INFO_LEN ((size_t)0x18)

/*
 * Find the information structure of a SoftDevice in a binary image.
 * in:  image with the master boot record in front of it, or without.
 * out: *info_off its offset.
 * ret: 1 when its magic word is there, otherwise 0.
 * mem: none.
 * std: nRF5 SDK, nrf_sdm.h.
 */
int assay_softdevice_find(struct assay_slice image, size_t *info_off);

#endif
