/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_ZIGBEE_H
#define ASSAY_HOST_ZIGBEE_H

#include "host/buffer.h"

#define ASSAY_ZIGBEE_COMMENT_MAX 30u

struct assay_zigbee_header {
    uint32_t manufacturer_id; /* 16 bits */
    uint32_t image_type;      /* 16 bits */
    uint32_t file_version;
    char comment[ASSAY_ZIGBEE_COMMENT_MAX + 1]; /* ASCII */
    unsigned has_hw_versions;
    uint32_t min_hw_version; /* 16 bits */
    uint32_t max_hw_version; /* 16 bits */
};

/*
 * Append a Zigbee OTA upgrade file: header, the trigger of a background DFU,
 * the init packet and the image as sub-elements.
 * in:  header within its ranges; packet and image shorter than 4 GiB together.
 * ret: ASSAY_MEMORY, ASSAY_OK.
 * mem: as assay_buffer_append.
 * std: Zigbee Cluster Library (07-5123-06) 11.4.2; Nordic's sub-elements
 *      0xCDEF (trigger, big-endian), 0x0000 (init packet), 0x0000 (image).
 */
ASSAY_MUST_USE enum assay_status assay_zigbee_write(
    const struct assay_zigbee_header *header, struct assay_slice packet,
    struct assay_slice image, struct assay_buffer *out,
    struct assay_diag *diag);

/* The name of that file without its ending: MMMM-TTTT-VVVVVVVV-comment. */
#define ASSAY_ZIGBEE_NAME_LEN 64u
void assay_zigbee_name(const struct assay_zigbee_header *header,
                       char name[static ASSAY_ZIGBEE_NAME_LEN]);

#endif
