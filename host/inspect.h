/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_INSPECT_H
#define ASSAY_HOST_INSPECT_H

#include "host/buffer.h"

#include <jansson.h>

/* The version of the JSON report: raised when a key changes its meaning. */
#define ASSAY_INSPECT_SCHEMA 1

/*
 * The anatomy of a file as JSON: what it is, and every field with its offset,
 * its bytes and its meaning; for damaged files as far as they can be read.
 * Nothing is judged that needs a key: that is what verifying is for.
 *
 * Objects with the keys "off" and "name" are fields: "raw" are the bytes in
 * hex, cut behind 64 of them, "value" and "meaning" what they say. "problems"
 * lists every fault with status and rule, the first one being the result.
 * Foreign text is escaped: every string is printable ASCII.
 *
 * in:  name of the file, to be shown; file its whole content.
 * out: *out a new object, which the caller releases; it is there whatever
 *      the result is, except with ASSAY_MEMORY, where it is NULL.
 * ret: ASSAY_MEMORY; ASSAY_FILE_EMPTY; ASSAY_FORMAT_UNKNOWN; the first fault
 *      found, of zip, manifest, init packet, image, hex file or settings page;
 *      ASSAY_FORMAT_DAMAGED, ASSAY_FORMAT_CHECKSUM, ASSAY_IMAGE_DIGEST for the
 *      other formats; ASSAY_OK.
 * mem: heap bounded by a small multiple of ASSAY_ZIP_MAX_LEN.
 * std: the formats in docs/formats.md.
 */
ASSAY_MUST_USE enum assay_status assay_inspect_json(const char *name,
                                                    struct assay_slice file,
                                                    json_t **out,
                                                    struct assay_diag *diag);

/*
 * The same report as text, rendered from the JSON, so that both agree.
 * in:  as assay_inspect_json.
 * out: appended to *out, lines ended by LF, printable ASCII.
 * ret: as assay_inspect_json.
 * mem: as assay_inspect_json.
 * std: none.
 */
ASSAY_MUST_USE enum assay_status assay_inspect_text(const char *name,
                                                    struct assay_slice file,
                                                    struct assay_buffer *out,
                                                    struct assay_diag *diag);

#endif
