/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_DISPLAY_H
#define ASSAY_HOST_DISPLAY_H

#include <jansson.h>

#include "host/package.h"
#include "initpkt/initpkt.h"

/*
 * Append the content of a package as `pkg display` of nrfutil 6.1.7 prints
 * it, byte for byte. Nothing is verified.
 * in:  path, as it is to be shown; file, the whole archive.
 * ret: those of assay_package_open; for each image in order those of
 *      assay_zip_load, ASSAY_LEGACY_PACKAGE, assay_initpkt_open and
 *      assay_initpkt_read; ASSAY_MEMORY, ASSAY_OK.
 * mem: heap for one init packet at a time; out as assay_buffer_append.
 * std: none.
 */
ASSAY_MUST_USE enum assay_status assay_display_text(const char *path,
                                                    struct assay_slice file,
                                                    struct assay_buffer *out,
                                                    struct assay_diag *diag);

/*
 * The same as an array of image objects.
 * out: *out, a new reference; NULL on failure.
 * ret: as assay_display_text.
 * mem: heap.
 * std: none.
 */
ASSAY_MUST_USE enum assay_status assay_display_json(struct assay_slice file,
                                                    json_t **out,
                                                    struct assay_diag *diag);

/* The signed fields as an object; NULL without memory. */
json_t *assay_command_json(const struct assay_init_command *command);

#endif
