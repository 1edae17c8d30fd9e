/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_MANIFEST_H
#define ASSAY_HOST_MANIFEST_H

#include "base/slice.h"
#include "base/status.h"
#include "host/buffer.h"
#include "host/diag.h"

/*
 * manifest.json of a DFU package. It is not signed: it only says which file
 * of the archive to look at for what.
 */
#define ASSAY_MANIFEST_MAX_LEN ((size_t)64 << 10)
#define ASSAY_MANIFEST_MAX_DEPTH 16
#define ASSAY_MANIFEST_MAX_IMAGES 4
#define ASSAY_MANIFEST_MAX_FILES 8
#define ASSAY_MANIFEST_NAME 256

/* In the order in which images are shown and installed. */
enum assay_image_slot {
    ASSAY_SLOT_SOFTDEVICE_BOOTLOADER,
    ASSAY_SLOT_SOFTDEVICE,
    ASSAY_SLOT_BOOTLOADER,
    ASSAY_SLOT_APPLICATION,
};

struct assay_manifest_image {
    enum assay_image_slot slot;
    char bin_file[ASSAY_MANIFEST_NAME];
    char dat_file[ASSAY_MANIFEST_NAME];
    int has_sizes; /* only for SOFTDEVICE_BOOTLOADER */
    uint32_t sd_size;
    uint32_t bl_size;
};

struct assay_manifest {
    struct assay_manifest_image image[ASSAY_MANIFEST_MAX_IMAGES];
    size_t n_images;
    char dfu_version[32]; /* as a number in words; "" when absent */
    int is_legacy; /* dfu_version or init_packet_data is present; the init
                      packets alone can tell whether they are signed: real
                      packages mix both kinds behind such a manifest */
    int has_bom;   /* UTF-8 mark at the start: phones skip it, nrfutil fails */
    unsigned n_unknown_keys; /* keys that make nrfutil fail, legacy ones aside
                              */
    char file[ASSAY_MANIFEST_MAX_FILES][ASSAY_MANIFEST_NAME];
    size_t n_files; /* not 0 for an nRF Connect SDK (MCUboot) manifest alone */
};

/* The key of a slot in the manifest ("softdevice_bootloader"); never NULL. */
const char *assay_manifest_slot_key(enum assay_image_slot slot);

/*
 * Read a manifest.
 * in: json the whole file, UTF-8, any line ends, with or without a mark.
 * out: *out, images in the order of enum assay_image_slot; zeroed on failure,
 *      except that FORMAT_UNVERIFIABLE fills file, n_files and has_bom.
 * ret: in this order:
 *      MANIFEST_JSON   longer than ASSAY_MANIFEST_MAX_LEN; deeper than
 *                      ASSAY_MANIFEST_MAX_DEPTH; not JSON; a key twice;
 *      MANIFEST_SHAPE  not an object, both "manifest" and "files";
 *      FORMAT_UNVERIFIABLE "files" alone: a manifest of the nRF Connect SDK,
 *                      well formed, otherwise MANIFEST_SHAPE;
 *      MANIFEST_SHAPE  a missing key, a wrong type, a file name that no
 *                      archive may hold, a size beyond 32 bits, sizes stated
 *                      twice;
 *      MANIFEST_EMPTY  no image;
 *      OK.
 * mem: heap for the JSON tree, freed before return; nothing is kept.
 * std: RFC 8259.
 */
ASSAY_MUST_USE enum assay_status assay_manifest_parse(
    struct assay_slice json, struct assay_manifest *out,
    struct assay_diag *diag);

/*
 * Write a manifest as nrfutil 6 does, byte for byte: keys sorted, 4 spaces,
 * LF, no line end at the end, all but ASCII escaped.
 * in: image and n_images of m, in any order; all else is left out.
 * out: *out is replaced; the caller frees it. On failure it is empty.
 * ret: MANIFEST_EMPTY, MANIFEST_SHAPE (more than 4 images, a slot twice, a
 *      name that no archive may hold), MEMORY, OK.
 * mem: heap for the text.
 * std: RFC 8259.
 */
ASSAY_MUST_USE enum assay_status assay_manifest_write(
    const struct assay_manifest *m, struct assay_buffer *out,
    struct assay_diag *diag);

#endif
