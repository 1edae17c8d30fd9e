/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/inspect_tree.h"

#include <string.h>

#include <zlib.h>

#include "base/bytes.h"

/*
 * Formats beside Nordic's packages: GBL of Silicon Labs, Zigbee OTA, UF2, and
 * the block names of PEM. Checksums are checked, signatures are not.
 */

static uint32_t crc32_of(struct assay_slice data)
{
    return data.len == 0 ? 0 : (uint32_t)crc32(0, data.p, (uInt)data.len);
}

/* --- Silicon Labs GBL ---------------------------------------------------- */

#define GBL_HEADER 0x03A617EBu
#define GBL_END 0xFC0404FCu

/* Checksum, then padding, behind the end tag. */
static void gbl_end(struct assay_tree *t, json_t *section,
                    struct assay_slice file, const struct assay_row *end)
{
    size_t stop = end->off + end->head_len + end->data.len;
    assay_tree_put_number(t, section, "trailing", file.len - stop);
    if (end->data.len != 4) {
        assay_tree_fault(t, ASSAY_FORMAT_DAMAGED,
                         "GBL: found an end tag of %zu bytes, expected 4",
                         end->data.len);
        return;
    }
    struct assay_slice covered =
        assay_slice_sub(file, 0, end->off + end->head_len);
    uint32_t want = assay_load_le32(end->data.p);
    uint32_t crc = crc32_of(covered);
    assay_tree_put_flag(t, section, "crc_ok", crc == want);
    if (crc != want) {
        assay_tree_fault(t, ASSAY_FORMAT_CHECKSUM,
                         "GBL: found CRC-32 %08X, expected %08X", (unsigned)crc,
                         (unsigned)want);
    }
    for (size_t i = stop; i < file.len; i++) {
        if (file.p[i] != 0xFF || file.len - stop > 3) {
            assay_tree_note(
                t,
                "GBL: %zu bytes stand behind the end tag that are no "
                "padding",
                file.len - stop);
            return;
        }
    }
}

static void gbl_row(struct assay_tree *t, json_t *section, json_t *rows,
                    const struct assay_row *row)
{
    static const struct assay_tree_name NAMES[] = {
        {GBL_HEADER, "HEADER"},
        {0x76A617EB, "VERSION_DEPENDENCY"},
        {0xFA0606FA, "ENCRYPTION_INIT"},
        {0xF40A0AF4, "APPLICATION_INFO"},
        {0x5EA617EB, "SE_UPGRADE"},
        {0xF50909F5, "BOOTLOADER"},
        {0xFE0101FE, "PROGRAM"},
        {0xFD0303FD, "ERASE_PROGRAM"},
        {0xFD0505FD, "PROGRAM_LZ4"},
        {0xFD0707FD, "PROGRAM_LZMA"},
        {0xF80A0AF8, "DELTA"},
        {0xF80B0BF8, "DELTA_LZ4"},
        {0xF80C0CF8, "DELTA_LZMA"},
        {0xF60808F6, "METADATA"},
        {0xF90707F9, "ENCRYPTED_DATA"},
        {0xFB0505FB, "ENCRYPTION_HEADER"},
        {0xF30B0BF3, "CERTIFICATE"},
        {0xF70A0AF7, "SIGNATURE"},
        {GBL_END, "END"},
    };
    json_t *item = assay_tree_add_row(
        t, rows, assay_tree_name(NAMES, ASSAY_N_OF(NAMES), row->tag), row);
    const uint8_t *p = row->data.p;
    if (row->tag == GBL_HEADER && row->data.len == 8) {
        uint32_t type = assay_load_le32(p + 4);
        assay_tree_put_format(t, item, "meaning", "version 0x%08X, %s, %s",
                              (unsigned)assay_load_le32(p),
                              (type & 0x100) != 0 ? "signed" : "not signed",
                              (type & 1) != 0 ? "encrypted" : "not encrypted");
        assay_tree_put_number(t, section, "version", assay_load_le32(p));
        assay_tree_put_number(t, section, "type", type);
    } else if (row->tag == 0xF40A0AF4 && row->data.len >= 12) {
        assay_tree_put_format(t, item, "meaning", "type %u, version 0x%08X",
                              (unsigned)assay_load_le32(p),
                              (unsigned)assay_load_le32(p + 4));
    } else if ((row->tag == 0xFD0303FD || row->tag == 0xFE0101FE) &&
               row->data.len >= 4) {
        assay_tree_put_format(t, item, "meaning", "to address 0x%08X",
                              (unsigned)assay_load_le32(p));
    }
}

void assay_inspect_gbl(struct assay_tree *t, json_t *object,
                       struct assay_slice file)
{
    json_t *section = assay_tree_put_object(t, object, "gbl");
    if (file.len >= 4 && assay_load_le32(file.p) != GBL_HEADER) {
        assay_tree_note(t,
                        "GBL version 4 (Series 3): its content is not shown");
        return;
    }
    json_t *rows = assay_tree_put_array(t, section, "tags");
    struct assay_row row = {0};
    size_t pos = 0;
    while (json_array_size(rows) < ASSAY_TREE_MAX_ROWS &&
           assay_row_next(file, ASSAY_ROW_GBL, &pos, &row)) {
        gbl_row(t, section, rows, &row);
        if (row.data.len < row.len) {
            break;
        }
        if (row.tag == GBL_END) {
            gbl_end(t, section, file, &row);
            return;
        }
    }
    assay_tree_fault(
        t, ASSAY_FORMAT_DAMAGED,
        "GBL: found no end tag in %zu bytes; the last tag, at offset %zu, "
        "has %u",
        file.len, row.off, (unsigned)row.len);
}

/* --- Zigbee OTA ---------------------------------------------------------- */

enum {
    ZIGBEE_HEADER_LEN = 56,
    ZIGBEE_TRIGGER = 0xCDEF,
    ZIGBEE_TRIGGER_LEN = 17,
};

static void zigbee_header(struct assay_tree *t, json_t *section,
                          struct assay_slice file, size_t header_len)
{
    static const struct assay_tree_spec SPECS[] = {
        {"magic", 0, 4},           {"header_version", 4, 2},
        {"header_length", 6, 2},   {"field_control", 8, 2},
        {"manufacturer", 10, 2},   {"image_type", 12, 2},
        {"file_version", 14, 4},   {"stack_version", 18, 2},
        {"header_string", 20, 32}, {"total_image_size", 52, 4},
    };
    static const struct assay_tree_spec OPTIONS[] = {
        {"security_credential_version", 1, 1},
        {"destination", 2, 8},
        {"min_hw_version", 4, 2},
        {"max_hw_version", 4, 2},
    };
    json_t *fields = assay_tree_put_array(t, section, "fields");
    for (size_t i = 0; i < ASSAY_N_OF(SPECS); i++) {
        struct assay_tree_place place =
            assay_tree_at(file, SPECS[i].off, SPECS[i].len);
        if (SPECS[i].len <= 4) {
            (void)assay_tree_add_le(t, fields, SPECS[i].name, place);
            continue;
        }
        json_t *field = assay_tree_add_field(t, fields, SPECS[i].name, place);
        const uint8_t *text = file.p + place.off;
        const uint8_t *zero = memchr(text, 0, place.len);
        size_t len = zero == NULL ? place.len : (size_t)(zero - text);
        assay_tree_put_name(t, field, "meaning", assay_slice(text, len));
    }
    /* Here off is the bit of field_control that announces the field. */
    uint32_t control = assay_load_le16(file.p + 8);
    size_t off = ZIGBEE_HEADER_LEN;
    for (size_t i = 0; i < ASSAY_N_OF(OPTIONS); i++) {
        const struct assay_tree_spec *spec = &OPTIONS[i];
        if ((control & spec->off) == 0 || spec->len > header_len - off) {
            continue;
        }
        if (spec->len == 8) {
            (void)assay_tree_add_field(t, fields, spec->name,
                                       assay_tree_at(file, off, 8));
        } else {
            (void)assay_tree_add_le(t, fields, spec->name,
                                    assay_tree_at(file, off, spec->len));
        }
        off += spec->len;
    }
}

/* What Nordic puts into such a file: a trigger, an init packet, an image. */
struct zigbee_nordic {
    struct assay_slice trigger; /* empty: not made for a Nordic client */
    unsigned n_images;          /* elements with tag 0 so far */
    struct assay_nanopb packet;
};

static void zigbee_crc(struct assay_tree *t, json_t *item,
                       struct assay_slice data, const uint8_t stated[8])
{
    uint32_t len = assay_load_be32(stated);
    uint32_t crc = assay_load_be32(stated + 4);
    int ok = len == data.len && crc == crc32_of(data);
    assay_tree_put_flag(t, item, "trigger_ok", ok);
    if (!ok) {
        assay_tree_fault(
            t, ASSAY_FORMAT_CHECKSUM,
            "Zigbee OTA: found %zu bytes with CRC-32 %08X, the trigger says "
            "%u with %08X",
            data.len, (unsigned)crc32_of(data), (unsigned)len, (unsigned)crc);
    }
}

static void zigbee_nordic_row(struct assay_tree *t, json_t *item,
                              const struct assay_row *row,
                              struct zigbee_nordic *nordic)
{
    if (row->tag == ZIGBEE_TRIGGER && row->data.len == ZIGBEE_TRIGGER_LEN) {
        nordic->trigger = row->data;
        assay_tree_put_text(t, item, "meaning",
                            "trigger of Nordic background DFU");
        return;
    }
    if (nordic->trigger.len == 0 || row->tag != 0) {
        return;
    }
    nordic->n_images++;
    if (nordic->n_images == 1) {
        zigbee_crc(t, item, row->data, nordic->trigger.p + 1);
        assay_inspect_secure_packet(
            t, assay_tree_put_object(t, item, "init_packet"), row->data,
            &nordic->packet);
    } else if (nordic->n_images == 2) {
        zigbee_crc(t, item, row->data, nordic->trigger.p + 9);
        json_t *checks = assay_tree_put_object(t, item, "checks");
        assay_inspect_secure_image(t, checks, row->data, &nordic->packet.init);
    }
}

static void zigbee_rows(struct assay_tree *t, json_t *section,
                        struct assay_slice file, size_t pos)
{
    static const struct assay_tree_name NAMES[] = {
        {0, "upgrade_image"},
        {1, "ecdsa_signature"},
        {2, "ecdsa_certificate"},
        {3, "image_integrity_code"},
        {4, "picture"},
        {5, "ecdsa_signature_suite_2"},
        {6, "ecdsa_certificate_suite_2"},
        {ZIGBEE_TRIGGER, "nordic_trigger"},
    };
    json_t *rows = assay_tree_put_array(t, section, "elements");
    struct zigbee_nordic nordic = {0};
    struct assay_row row;
    while (json_array_size(rows) < ASSAY_TREE_MAX_ROWS &&
           assay_row_next(file, ASSAY_ROW_ZIGBEE, &pos, &row)) {
        const char *name =
            row.tag >= 0xF000
                ? "vendor"
                : assay_tree_name(NAMES, ASSAY_N_OF(NAMES), row.tag);
        json_t *item = assay_tree_add_row(t, rows, name, &row);
        if (row.data.len < row.len) {
            assay_tree_fault(
                t, ASSAY_FORMAT_DAMAGED,
                "Zigbee OTA: the element at offset %zu has %u bytes, the "
                "file ends after %zu",
                row.off, (unsigned)row.len, row.data.len);
        }
        zigbee_nordic_row(t, item, &row, &nordic);
        if (row.tag == 0 && nordic.trigger.len == 0 &&
            assay_format_sniff(row.data) == ASSAY_KIND_GBL) {
            assay_inspect_gbl(t, item, row.data);
        }
    }
    assay_tree_put_number(t, section, "trailing", file.len - pos);
}

void assay_inspect_zigbee(struct assay_tree *t, json_t *object,
                          struct assay_slice file)
{
    json_t *section = assay_tree_put_object(t, object, "zigbee_ota");
    size_t header_len = file.len >= 8 ? assay_load_le16(file.p + 6) : 0;
    if (file.len < ZIGBEE_HEADER_LEN || header_len < ZIGBEE_HEADER_LEN ||
        header_len > file.len) {
        assay_tree_fault(
            t, ASSAY_FORMAT_DAMAGED,
            "Zigbee OTA: found a header of %zu bytes in a file of %zu, "
            "expected at least 56",
            header_len, file.len);
        return;
    }
    zigbee_header(t, section, file, header_len);
    size_t total = assay_load_le32(file.p + 52);
    assay_tree_put_flag(t, section, "size_ok", total == file.len);
    if (total > file.len) {
        assay_tree_note(
            t, "Zigbee OTA: the header states %zu bytes, the file has %zu",
            total, file.len);
    } else if (total < file.len) {
        assay_tree_put_number(t, section, "behind_stated_size",
                              file.len - total);
    }
    size_t end = total >= header_len && total < file.len ? total : file.len;
    zigbee_rows(t, section, assay_slice_sub(file, 0, end), header_len);
}

/* --- UF2 ----------------------------------------------------------------- */

enum {
    UF2_BLOCK_LEN = 512,
    UF2_PAYLOAD_MAX = 476,
    UF2_MAX_FAMILIES = 8,
    UF2_HAS_FAMILY = 0x2000,
};

struct uf2_sum {
    size_t n_good;
    size_t n_bad;
    size_t n_misnumbered;
    uint64_t payload_len;
    uint64_t low;
    uint64_t high;
    uint32_t n_stated;
    uint32_t family[UF2_MAX_FAMILIES];
    size_t n_families;
};

static void uf2_family(struct uf2_sum *sum, uint32_t family)
{
    for (size_t i = 0; i < sum->n_families; i++) {
        if (sum->family[i] == family) {
            return;
        }
    }
    if (sum->n_families < UF2_MAX_FAMILIES) {
        sum->family[sum->n_families++] = family;
    }
}

static void uf2_block(struct uf2_sum *sum, const uint8_t *block)
{
    uint32_t len = assay_load_le32(block + 16);
    if (assay_load_le32(block) != 0x0A324655 ||
        assay_load_le32(block + 4) != 0x9E5D5157 ||
        assay_load_le32(block + 508) != 0x0AB16F30 || len > UF2_PAYLOAD_MAX) {
        sum->n_bad++;
        return;
    }
    uint64_t address = assay_load_le32(block + 12);
    if (sum->n_good == 0 || address < sum->low) {
        sum->low = address;
    }
    if (address + len > sum->high) {
        sum->high = address + len;
    }
    if (assay_load_le32(block + 20) != sum->n_good) {
        sum->n_misnumbered++;
    }
    if ((assay_load_le32(block + 8) & UF2_HAS_FAMILY) != 0) {
        uf2_family(sum, assay_load_le32(block + 28));
    }
    sum->n_stated = assay_load_le32(block + 24);
    sum->payload_len += len;
    sum->n_good++;
}

static void uf2_families(struct assay_tree *t, json_t *section,
                         const struct uf2_sum *sum)
{
    static const struct assay_tree_name NAMES[] = {
        {0xADA52840, "nRF52840"},
        {0x621E937A, "nRF52833"},
        {0xD663823C, "update of the bootloader itself"},
    };
    json_t *families = assay_tree_put_array(t, section, "families");
    for (size_t i = 0; i < sum->n_families; i++) {
        json_t *family = assay_tree_add_object(t, families);
        assay_tree_put_format(t, family, "id", "0x%08X",
                              (unsigned)sum->family[i]);
        assay_tree_put_text(
            t, family, "meaning",
            assay_tree_name(NAMES, ASSAY_N_OF(NAMES), sum->family[i]));
    }
}

void assay_inspect_uf2(struct assay_tree *t, json_t *object,
                       struct assay_slice file)
{
    struct uf2_sum sum = {0};
    json_t *section = assay_tree_put_object(t, object, "uf2");
    size_t n_blocks = file.len / UF2_BLOCK_LEN;
    for (size_t i = 0; i < n_blocks; i++) {
        uf2_block(&sum, file.p + i * UF2_BLOCK_LEN);
    }
    assay_tree_put_number(t, section, "blocks", sum.n_good);
    assay_tree_put_number(t, section, "blocks_stated", sum.n_stated);
    assay_tree_put_number(t, section, "payload", sum.payload_len);
    assay_tree_put_format(t, section, "from", "0x%08llX",
                          (unsigned long long)sum.low);
    assay_tree_put_format(t, section, "to", "0x%08llX",
                          (unsigned long long)sum.high);
    uf2_families(t, section, &sum);
    if (sum.n_bad != 0 || sum.n_good != sum.n_stated ||
        file.len % UF2_BLOCK_LEN != 0) {
        assay_tree_fault(
            t, ASSAY_FORMAT_DAMAGED,
            "UF2: found %zu good and %zu damaged blocks and %zu more bytes, "
            "expected %u blocks of 512",
            sum.n_good, sum.n_bad, file.len % UF2_BLOCK_LEN,
            (unsigned)sum.n_stated);
    }
    if (sum.n_misnumbered != 0) {
        assay_tree_note(t, "UF2: %zu blocks are out of their order",
                        sum.n_misnumbered);
    }
}

/* --- PEM ----------------------------------------------------------------- */

/* The end of the line at off; the line break is not part of it. */
static size_t line_end(struct assay_slice file, size_t off)
{
    const uint8_t *lf =
        off < file.len ? memchr(file.p + off, '\n', file.len - off) : NULL;
    return lf == NULL ? file.len : (size_t)(lf - file.p);
}

static int line_starts(struct assay_slice line, const char *text)
{
    return line.len >= strlen(text) && memcmp(line.p, text, strlen(text)) == 0;
}

/* Labels only: the content may be a secret. */
void assay_inspect_pem(struct assay_tree *t, json_t *object,
                       struct assay_slice file)
{
    json_t *blocks = assay_tree_put_array(
        t, assay_tree_put_object(t, object, "pem"), "blocks");
    size_t n_begin = 0;
    size_t n_end = 0;
    for (size_t off = 0; off < file.len;) {
        size_t end = line_end(file, off);
        struct assay_slice line = assay_slice_sub(file, off, end - off);
        while (line.len != 0 &&
               (line.p[line.len - 1] == '\r' || line.p[line.len - 1] == '-')) {
            line.len--;
        }
        if (line_starts(line, "-----BEGIN ") && n_begin < ASSAY_TREE_MAX_ROWS) {
            json_t *block = assay_tree_add_object(t, blocks);
            assay_tree_put_number(t, block, "off", off);
            assay_tree_put_name(t, block, "name",
                                assay_slice_sub(line, 11, line.len - 11));
            n_begin++;
        }
        n_end += line_starts(line, "-----END ") ? 1 : 0;
        off = end + 1;
    }
    assay_tree_note(t, "the content of keys is not shown; see keys display");
    if (n_end < n_begin) {
        assay_tree_fault(
            t, ASSAY_KEYFILE_FORMAT,
            "PEM: found %zu BEGIN lines and %zu END lines, expected as many",
            n_begin, n_end);
    }
}
