/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/legacy.h"

#include "base/bytes.h"

#include <string.h>

enum {
    TYPE_OFF = 0,
    REVISION_OFF = 2,
    VERSION_OFF = 4,
    N_SD_OFF = 8,
    SD_OFF = 10,
    CRC_LEN = 2,
    ID_LEN = 4,
    IMAGE_LEN_LEN = 4,
    HASH_LEN = 32,
    SIGNATURE_LEN = 64,
};

uint32_t assay_legacy_crc16(struct assay_slice data)
{
    uint32_t crc = 0xFFFF;
    for (size_t i = 0; i < data.len; i++) {
        crc = (crc >> 8 | crc << 8) & 0xFFFF;
        crc ^= data.p[i];
        crc ^= (crc & 0xFF) >> 4;
        crc ^= crc << 12 & 0xFFFF;
        crc ^= (crc & 0xFF) << 5;
    }
    return crc;
}

const char *assay_legacy_form_name(enum assay_legacy_form form)
{
    switch (form) {
    case ASSAY_LEGACY_BARE_CRC:
        return "bare CRC-16 (SDK 6 and older)";
    case ASSAY_LEGACY_NO_CHECK:
        return "no image check";
    case ASSAY_LEGACY_CRC:
        return "CRC-16";
    case ASSAY_LEGACY_EXT_CRC:
        return "extended, CRC-16";
    case ASSAY_LEGACY_EXT_HASH:
        return "extended, SHA-256";
    case ASSAY_LEGACY_EXT_ECDSA:
        return "extended, SHA-256 and ECDSA (experimental)";
    case ASSAY_LEGACY_UNKNOWN:
        break;
    }
    return "unknown extension";
}

/* The form that an extension of this ID has, and the length of its check. */
static size_t ext_form(uint32_t id, struct assay_legacy *out)
{
    switch (id) {
    case 0:
        out->form = ASSAY_LEGACY_EXT_CRC;
        return CRC_LEN;
    case 1:
        out->form = ASSAY_LEGACY_EXT_HASH;
        return HASH_LEN;
    case 2:
        out->form = ASSAY_LEGACY_EXT_ECDSA;
        return HASH_LEN + SIGNATURE_LEN;
    default:
        return 0;
    }
}

/* ID, the image length or not, then the check; in: at least ID_LEN bytes. */
static enum assay_status parse_extended(struct assay_slice packet,
                                        struct assay_legacy *out,
                                        struct assay_diag *diag)
{
    const uint8_t *ext = packet.p + out->ext_off;
    out->ext_id = assay_load_le32(ext);
    size_t check_len = ext_form(out->ext_id, out);
    size_t bare_len = ID_LEN + check_len;
    if (check_len == 0 || (out->ext_len != bare_len &&
                           out->ext_len != bare_len + IMAGE_LEN_LEN)) {
        out->form = ASSAY_LEGACY_UNKNOWN;
        return assay_diag_set(diag, ASSAY_FORMAT_UNKNOWN,
                              "found an extension of %zu bytes with packet ID "
                              "%u, expected 2, 6, 10, 36, 40, 100 or 104 bytes "
                              "that fit an ID of 0, 1 or 2",
                              out->ext_len, (unsigned)out->ext_id);
    }
    size_t off = ID_LEN;
    if (out->ext_len != bare_len) {
        out->has_image_len = 1;
        out->image_len = assay_load_le32(ext + off);
        off += IMAGE_LEN_LEN;
    }
    if (out->form == ASSAY_LEGACY_EXT_CRC) {
        out->crc_off = out->ext_off + off;
        out->crc16 = assay_load_le16(ext + off);
        return ASSAY_OK;
    }
    out->hash = assay_slice(ext + off, HASH_LEN);
    if (out->form == ASSAY_LEGACY_EXT_ECDSA) {
        out->signature = assay_slice(ext + off + HASH_LEN, SIGNATURE_LEN);
    }
    return ASSAY_OK;
}

static enum assay_status parse_extension(struct assay_slice packet,
                                         struct assay_legacy *out,
                                         struct assay_diag *diag)
{
    if (out->ext_len == 0) {
        out->form = ASSAY_LEGACY_NO_CHECK;
        return ASSAY_OK;
    }
    if (out->ext_len == CRC_LEN) {
        out->form = ASSAY_LEGACY_CRC;
        out->crc_off = out->ext_off;
        out->crc16 = assay_load_le16(packet.p + out->ext_off);
        return ASSAY_OK;
    }
    if (out->ext_len < ID_LEN) {
        return assay_diag_set(
            diag, ASSAY_FORMAT_UNKNOWN,
            "found %zu bytes behind the SoftDevice list at offset %zu, "
            "expected none, 2 or an extension of at least 6",
            out->ext_len, out->ext_off);
    }
    return parse_extended(packet, out, diag);
}

static enum assay_status parse_list(struct assay_slice packet,
                                    struct assay_legacy *out,
                                    struct assay_diag *diag)
{
    uint32_t n = assay_load_le16(packet.p + N_SD_OFF);
    size_t room = (packet.len - SD_OFF) / 2;
    if (n > room) {
        return assay_diag_set(diag, ASSAY_TRUNCATED,
                              "found a list of %u SoftDevices at offset %d in "
                              "a packet of %zu bytes, expected at most %zu",
                              (unsigned)n, (int)N_SD_OFF, packet.len, room);
    }
    if (n > ASSAY_LEGACY_MAX_SD) {
        return assay_diag_set(diag, ASSAY_PACKET_TOO_LONG,
                              "found a list of %u SoftDevices, expected at "
                              "most %u",
                              (unsigned)n, ASSAY_LEGACY_MAX_SD);
    }
    for (uint32_t i = 0; i < n; i++) {
        out->sd[i] = assay_load_le16(packet.p + SD_OFF + 2 * (size_t)i);
    }
    out->n_sd = n;
    out->ext_off = SD_OFF + 2 * (size_t)n;
    out->ext_len = packet.len - out->ext_off;
    return parse_extension(packet, out, diag);
}

enum assay_status assay_legacy_parse(struct assay_slice packet,
                                     struct assay_legacy *out,
                                     struct assay_diag *diag)
{
    memset(out, 0, sizeof *out);
    out->form = ASSAY_LEGACY_UNKNOWN;
    if (packet.len == 0) {
        return assay_diag_set(diag, ASSAY_PACKET_EMPTY,
                              "found 0 bytes, expected an init packet");
    }
    if (packet.len == CRC_LEN) {
        out->form = ASSAY_LEGACY_BARE_CRC;
        out->ext_len = CRC_LEN;
        out->crc16 = assay_load_le16(packet.p);
        return ASSAY_OK;
    }
    if (packet.len < SD_OFF) {
        return assay_diag_set(diag, ASSAY_TRUNCATED,
                              "found %zu bytes, expected 2 or at least %d",
                              packet.len, (int)SD_OFF);
    }
    out->device_type = assay_load_le16(packet.p + TYPE_OFF);
    out->device_revision = assay_load_le16(packet.p + REVISION_OFF);
    out->app_version = assay_load_le32(packet.p + VERSION_OFF);
    return parse_list(packet, out, diag);
}
