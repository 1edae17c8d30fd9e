/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/zigbee.h"

#include <stdio.h>
#include <string.h>

#include <zlib.h>

#include "base/bytes.h"

/* The upgrade file header; all integers little-endian. */
#define HEADER_MAGIC 0x0BEEF11Eu
#define HEADER_VERSION 0x0100u
#define HEADER_LEN 56u
#define HEADER_HW_LEN 4u /* the two hardware versions behind it */
#define CONTROL_HW_VERSIONS 0x0004u
#define STACK_PRO 0x0002u
#define MAGIC_OFF 0u
#define VERSION_OFF 4u
#define LEN_OFF 6u
#define CONTROL_OFF 8u
#define MANUFACTURER_OFF 10u
#define TYPE_OFF 12u
#define FILE_VERSION_OFF 14u
#define STACK_OFF 18u
#define COMMENT_LEN_OFF 20u
#define COMMENT_OFF 21u
#define TOTAL_OFF 52u
_Static_assert(COMMENT_OFF + 31 == TOTAL_OFF, "the comment has 31 bytes");
_Static_assert(TOTAL_OFF + 4 == HEADER_LEN, "the total length ends the header");

#define ELEMENT_HEADER_LEN 6u
#define ELEMENT_TRIGGER 0xCDEFu
#define ELEMENT_DATA 0x0000u

/* The trigger; its integers are big-endian. */
#define TRIGGER_LEN 17u
#define TRIGGER_VERSION_1 0x10u

static uint32_t crc_of(struct assay_slice data)
{
    return (uint32_t)crc32_z(0, data.p, data.len);
}

static void write_header(const struct assay_zigbee_header *h, size_t total,
                         uint8_t out[static HEADER_LEN + HEADER_HW_LEN])
{
    uint32_t extra = h->has_hw_versions ? HEADER_HW_LEN : 0;
    size_t comment_len = strlen(h->comment);
    memset(out, 0, HEADER_LEN + HEADER_HW_LEN);
    assay_store_le32(out + MAGIC_OFF, HEADER_MAGIC);
    assay_store_le16(out + VERSION_OFF, HEADER_VERSION);
    assay_store_le16(out + LEN_OFF, HEADER_LEN + extra);
    assay_store_le16(out + CONTROL_OFF, extra != 0 ? CONTROL_HW_VERSIONS : 0);
    assay_store_le16(out + MANUFACTURER_OFF, h->manufacturer_id);
    assay_store_le16(out + TYPE_OFF, h->image_type);
    assay_store_le32(out + FILE_VERSION_OFF, h->file_version);
    assay_store_le16(out + STACK_OFF, STACK_PRO);
    out[COMMENT_LEN_OFF] = (uint8_t)comment_len;
    memcpy(out + COMMENT_OFF, h->comment, comment_len);
    assay_store_le32(out + TOTAL_OFF, (uint32_t)total);
    if (extra != 0) {
        assay_store_le16(out + HEADER_LEN, h->min_hw_version);
        assay_store_le16(out + HEADER_LEN + 2, h->max_hw_version);
    }
}

static enum assay_status append_element(struct assay_buffer *out, uint32_t tag,
                                        struct assay_slice data,
                                        struct assay_diag *diag)
{
    uint8_t head[ELEMENT_HEADER_LEN];
    assay_store_le16(head, tag);
    assay_store_le32(head + 2, (uint32_t)data.len);
    enum assay_status status =
        assay_buffer_append(out, assay_slice(head, sizeof head), diag);
    return status == ASSAY_OK ? assay_buffer_append(out, data, diag) : status;
}

enum assay_status assay_zigbee_write(const struct assay_zigbee_header *header,
                                     struct assay_slice packet,
                                     struct assay_slice image,
                                     struct assay_buffer *out,
                                     struct assay_diag *diag)
{
    uint8_t head[HEADER_LEN + HEADER_HW_LEN];
    uint8_t trigger[TRIGGER_LEN] = {TRIGGER_VERSION_1};
    size_t head_len =
        HEADER_LEN + (header->has_hw_versions ? HEADER_HW_LEN : 0);
    write_header(header,
                 head_len + 3 * ELEMENT_HEADER_LEN + TRIGGER_LEN + packet.len +
                     image.len,
                 head);
    assay_store_be32(trigger + 1, (uint32_t)packet.len);
    assay_store_be32(trigger + 5, crc_of(packet));
    assay_store_be32(trigger + 9, (uint32_t)image.len);
    assay_store_be32(trigger + 13, crc_of(image));
    enum assay_status status =
        assay_buffer_append(out, assay_slice(head, head_len), diag);
    if (status == ASSAY_OK) {
        status = append_element(out, ELEMENT_TRIGGER,
                                assay_slice(trigger, sizeof trigger), diag);
    }
    if (status == ASSAY_OK) {
        status = append_element(out, ELEMENT_DATA, packet, diag);
    }
    if (status == ASSAY_OK) {
        status = append_element(out, ELEMENT_DATA, image, diag);
    }
    return status;
}

void assay_zigbee_name(const struct assay_zigbee_header *header,
                       char name[static ASSAY_ZIGBEE_NAME_LEN])
{
    (void)snprintf(name, ASSAY_ZIGBEE_NAME_LEN, "%04X-%04X-%08X-%s",
                   (unsigned)header->manufacturer_id,
                   (unsigned)header->image_type, (unsigned)header->file_version,
                   header->comment);
}
