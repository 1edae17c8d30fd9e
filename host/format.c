/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/format.h"

#include "base/bytes.h"
#include "host/hex.h"
#include "host/legacy.h"
#include "host/lenient.h"
#include "host/settings.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct kind_text {
    const char *name;
    const char *title;
};

static const struct kind_text TEXTS[] = {
    [ASSAY_KIND_UNKNOWN] = {"unknown", "no known format"},
    [ASSAY_KIND_SECURE_ZIP] = {"secure-dfu-zip", "Nordic Secure DFU package"},
    [ASSAY_KIND_LEGACY_ZIP] =
        {"legacy-dfu-zip",
         "legacy DFU package (SDK 11 or older): carries no signature"},
    [ASSAY_KIND_NCS_ZIP] = {"ncs-zip",
                            "nRF Connect SDK package of MCUboot images"},
    [ASSAY_KIND_OTHER_ZIP] = {"zip", "zip archive that is no DFU package"},
    [ASSAY_KIND_SECURE_DAT] = {"secure-init-packet",
                               "init packet of Nordic Secure DFU"},
    [ASSAY_KIND_LEGACY_DAT] =
        {"legacy-init-packet",
         "init packet of legacy DFU (SDK 11 or older): carries no signature"},
    [ASSAY_KIND_HEX_SETTINGS] = {"hex-settings",
                                 "Intel HEX file with bootloader settings"},
    [ASSAY_KIND_HEX] = {"hex", "Intel HEX file"},
    [ASSAY_KIND_MCUBOOT] = {"mcuboot-image", "MCUboot image"},
    [ASSAY_KIND_GBL] = {"gbl", "Silicon Labs GBL file"},
    [ASSAY_KIND_ZIGBEE_OTA] = {"zigbee-ota", "Zigbee OTA file"},
    [ASSAY_KIND_UF2] = {"uf2", "UF2 file: carries no signature"},
    [ASSAY_KIND_PEM] = {"pem", "PEM file"},
    [ASSAY_KIND_SOFTDEVICE_BIN] = {"softdevice-bin",
                                   "binary image with a SoftDevice header"},
};

const char *assay_kind_name(enum assay_kind kind)
{
    return TEXTS[kind].name;
}

const char *assay_kind_title(enum assay_kind kind)
{
    return TEXTS[kind].title;
}

/* --- By content ---------------------------------------------------------- */

#define UF2_MAGIC_0 0x0A324655u
#define UF2_MAGIC_1 0x9E5D5157u
#define GBL_V3_TAG 0x03A617EBu
#define GBL_V4_TAG 0x84A617EBu
#define ZIGBEE_MAGIC 0x0BEEF11Eu
#define MCUBOOT_MAGIC 0x96F3B83Du
#define MCUBOOT_MAGIC_V1 0x96F3B83Cu
#define SOFTDEVICE_MAGIC 0x51B1E5DBu

#define LOCAL_SIGNATURE 0x04034B50u
#define CENTRAL_SIGNATURE 0x02014B50u
#define DESCRIPTOR_SIGNATURE 0x08074B50u
#define END_SIGNATURE 0x06054B50u

enum { PEM_WINDOW = 4096, END_LEN = 22 };

static int is_hex_digit(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
           (c >= 'A' && c <= 'F');
}

static int is_hex_file(struct assay_slice file)
{
    size_t i = 0;
    while (i < file.len && (file.p[i] == '\r' || file.p[i] == '\n')) {
        i++;
    }
    if (file.len - i < 11 || file.p[i] != ':') {
        return 0;
    }
    for (size_t k = 1; k < 11; k++) {
        if (!is_hex_digit(file.p[i + k])) {
            return 0;
        }
    }
    return 1;
}

static int is_pem(struct assay_slice file)
{
    static const char BEGIN[] = "-----BEGIN ";
    size_t window = file.len < PEM_WINDOW ? file.len : PEM_WINDOW;
    for (size_t i = 0; i + sizeof BEGIN - 1 <= window; i++) {
        if ((i == 0 || file.p[i - 1] == '\n') &&
            memcmp(file.p + i, BEGIN, sizeof BEGIN - 1) == 0) {
            return 1;
        }
    }
    return 0;
}

int assay_softdevice_find(struct assay_slice image, size_t *info_off)
{
    static const size_t OFFSETS[] = {0x2000, 0x3000};
    for (size_t i = 0; i < sizeof OFFSETS / sizeof OFFSETS[0]; i++) {
        if (image.len >= OFFSETS[i] + ASSAY_SOFTDEVICE_INFO_LEN &&
            assay_load_le32(image.p + OFFSETS[i] + 4) == SOFTDEVICE_MAGIC) {
            *info_off = OFFSETS[i];
            return 1;
        }
    }
    return 0;
}

static enum assay_kind kind_of_magic(struct assay_slice file)
{
    uint32_t first = assay_load_le32(file.p);
    switch (first) {
    case LOCAL_SIGNATURE:
    case END_SIGNATURE:
        return ASSAY_KIND_OTHER_ZIP;
    case GBL_V3_TAG:
    case GBL_V4_TAG:
        return ASSAY_KIND_GBL;
    case ZIGBEE_MAGIC:
        return ASSAY_KIND_ZIGBEE_OTA;
    case MCUBOOT_MAGIC:
    case MCUBOOT_MAGIC_V1:
        return ASSAY_KIND_MCUBOOT;
    case UF2_MAGIC_0:
        return file.len >= 8 && assay_load_le32(file.p + 4) == UF2_MAGIC_1
                   ? ASSAY_KIND_UF2
                   : ASSAY_KIND_UNKNOWN;
    default:
        break;
    }
    return assay_load_be32(file.p) == MCUBOOT_MAGIC ? ASSAY_KIND_MCUBOOT
                                                    : ASSAY_KIND_UNKNOWN;
}

/*
 * Whether the bytes are an init packet of Secure DFU, perhaps damaged: they
 * begin with a command, and inside it is an init with two fields of its own.
 */
static int has_init_command(struct assay_slice packet)
{
    struct assay_walk walk;
    assay_lenient_walk(packet, &walk);
    if (walk.n_nodes == 0 || walk.node[0].kind == ASSAY_MESSAGE_NONE) {
        return 0;
    }
    unsigned n_known = 0;
    for (size_t i = 0; i < walk.n_nodes; i++) {
        const struct assay_node *node = &walk.node[i];
        if (node->inside == ASSAY_MESSAGE_INIT && node->number != 0 &&
            (node->flags & (ASSAY_NODE_UNKNOWN | ASSAY_NODE_WRONG_WIRE_TYPE |
                            ASSAY_NODE_DUPLICATE)) == 0) {
            n_known++;
        }
    }
    return n_known >= 2;
}

enum assay_kind assay_format_init_packet(struct assay_slice packet)
{
    struct assay_nanopb decoded;
    assay_nanopb_decode(packet, &decoded);
    if (decoded.answer == ASSAY_NANOPB_ACCEPTS || has_init_command(packet)) {
        return ASSAY_KIND_SECURE_DAT;
    }
    struct assay_legacy legacy;
    if (assay_legacy_parse(packet, &legacy, NULL) == ASSAY_OK) {
        return ASSAY_KIND_LEGACY_DAT;
    }
    return ASSAY_KIND_UNKNOWN;
}

enum assay_kind assay_format_sniff(struct assay_slice file)
{
    size_t info_off;
    enum { SHORTEST = 10 }; /* of an init packet that stands alone */
    enum assay_kind kind =
        file.len >= 4 ? kind_of_magic(file) : ASSAY_KIND_UNKNOWN;
    if (kind != ASSAY_KIND_UNKNOWN) {
        return kind;
    }
    if (is_hex_file(file)) {
        return ASSAY_KIND_HEX;
    }
    if (is_pem(file)) {
        return ASSAY_KIND_PEM;
    }
    if (assay_softdevice_find(file, &info_off)) {
        return ASSAY_KIND_SOFTDEVICE_BIN;
    }
    if (file.len >= SHORTEST && file.len <= ASSAY_ARCHIVE_MAX_DAT) {
        kind = assay_format_init_packet(file);
    }
    if (kind == ASSAY_KIND_UNKNOWN && file.len >= END_LEN &&
        assay_load_le32(file.p + file.len - END_LEN) == END_SIGNATURE) {
        return ASSAY_KIND_OTHER_ZIP; /* something stands in front of it */
    }
    return kind;
}

static enum assay_kind kind_of_hex(struct assay_slice file)
{
    struct assay_hex hex = {0};
    enum assay_kind kind = ASSAY_KIND_HEX;
    if (assay_hex_parse(file, &hex, NULL) == ASSAY_OK) {
        struct assay_settings_place place;
        enum assay_status status = assay_settings_find(&hex, &place, NULL);
        if (status == ASSAY_OK || status == ASSAY_SETTINGS_CRC) {
            kind = ASSAY_KIND_HEX_SETTINGS;
        }
    }
    assay_hex_free(&hex);
    return kind;
}

enum assay_kind assay_format_recognise(struct assay_slice file)
{
    enum assay_kind kind = assay_format_sniff(file);
    if (kind == ASSAY_KIND_HEX) {
        return kind_of_hex(file);
    }
    if (kind != ASSAY_KIND_OTHER_ZIP) {
        return kind;
    }
    struct assay_archive *archive = malloc(sizeof *archive);
    if (archive != NULL) {
        assay_archive_open(file, archive);
        kind = assay_archive_kind(archive);
    }
    free(archive);
    return kind;
}

/* --- Archives ------------------------------------------------------------ */

/* Offsets in a local header. */
enum {
    LOCAL_FLAGS = 6,
    LOCAL_METHOD = 8,
    LOCAL_CRC = 14,
    LOCAL_PACKED_LEN = 18,
    LOCAL_LEN = 22,
    LOCAL_NAME_LEN = 26,
    LOCAL_EXTRA_LEN = 28,
    LOCAL_NAME = 30,
    FLAG_DESCRIPTOR = 0x8,
};

/* The next place from off with one of two signatures; file.len: none. */
static size_t find_signature(struct assay_slice file, size_t off, uint32_t a,
                             uint32_t b)
{
    while (off < file.len && file.len - off >= 4) {
        const uint8_t *hit = memchr(file.p + off, 'P', file.len - off - 3);
        if (hit == NULL) {
            return file.len;
        }
        uint32_t word = assay_load_le32(hit);
        off = (size_t)(hit - file.p);
        if (word == a || word == b) {
            return off;
        }
        off++;
    }
    return file.len;
}

/*
 * A member from its local header. Its data are taken to end where the header
 * says, or at the next signature when the header leaves that open.
 * ret: where to look for the next member; 0 when this is no header.
 */
static size_t scan_member(struct assay_slice file, size_t off,
                          struct assay_zip_entry *entry)
{
    if (file.len - off < LOCAL_NAME) {
        return 0;
    }
    const uint8_t *h = file.p + off;
    size_t name_len = assay_load_le16(h + LOCAL_NAME_LEN);
    size_t extra_len = assay_load_le16(h + LOCAL_EXTRA_LEN);
    size_t rest = file.len - off - LOCAL_NAME;
    if (name_len == 0 || name_len > rest || extra_len > rest - name_len) {
        return 0;
    }
    *entry = (struct assay_zip_entry){
        .name = assay_slice(h + LOCAL_NAME, name_len),
        .flags = (uint16_t)assay_load_le16(h + LOCAL_FLAGS),
        .method = (uint16_t)assay_load_le16(h + LOCAL_METHOD),
        .crc = assay_load_le32(h + LOCAL_CRC),
        .packed_len = assay_load_le32(h + LOCAL_PACKED_LEN),
        .len = assay_load_le32(h + LOCAL_LEN),
        .local_off = off,
        .data_off = off + LOCAL_NAME + name_len + extra_len,
    };
    if ((entry->flags & FLAG_DESCRIPTOR) != 0 && entry->packed_len == 0) {
        size_t end = find_signature(file, entry->data_off, DESCRIPTOR_SIGNATURE,
                                    LOCAL_SIGNATURE);
        end = find_signature(assay_slice_sub(file, 0, end), entry->data_off,
                             CENTRAL_SIGNATURE, END_SIGNATURE);
        entry->packed_len = end - entry->data_off;
    }
    if (entry->packed_len > file.len - entry->data_off) {
        return file.len;
    }
    return entry->data_off + entry->packed_len;
}

static void scan_members(struct assay_slice file, struct assay_archive *out)
{
    size_t off = 0;
    out->zip.file = file;
    out->zip.n_entries = 0;
    for (;;) {
        off = find_signature(file, off, LOCAL_SIGNATURE, LOCAL_SIGNATURE);
        if (off == file.len) {
            return;
        }
        if (out->zip.n_entries == ASSAY_ZIP_MAX_ENTRIES) {
            out->has_more = 1;
            return;
        }
        size_t next =
            scan_member(file, off, &out->zip.entry[out->zip.n_entries]);
        if (next != 0) {
            out->zip.n_entries++;
        }
        off = next != 0 ? next : off + 4;
    }
}

static enum assay_status append(struct assay_buffer *data,
                                struct assay_slice part, size_t max_len,
                                struct assay_diag *diag)
{
    if (part.len > max_len - data->len) {
        return assay_diag_set(diag, ASSAY_ZIP_BOMB,
                              "found more than %zu bytes, expected at most "
                              "that many",
                              max_len);
    }
    return assay_buffer_append(data, part, diag);
}

static enum assay_status inflate_into(z_stream *z, size_t max_len,
                                      struct assay_buffer *data,
                                      struct assay_diag *diag)
{
    uint8_t chunk[16384];
    for (;;) {
        z->next_out = chunk;
        z->avail_out = sizeof chunk;
        int result = inflate(z, Z_NO_FLUSH);
        enum assay_status status =
            append(data, assay_slice(chunk, sizeof chunk - z->avail_out),
                   max_len, diag);
        if (status != ASSAY_OK) {
            return status;
        }
        if (result == Z_STREAM_END) {
            return ASSAY_OK;
        }
        if (result == Z_BUF_ERROR || (result == Z_OK && z->avail_in == 0 &&
                                      z->avail_out == sizeof chunk)) {
            return assay_diag_set(diag, ASSAY_ZIP_TRUNCATED,
                                  "the compressed data end after %zu bytes of "
                                  "content",
                                  data->len);
        }
        if (result != Z_OK) {
            return assay_diag_set(diag, ASSAY_ZIP_DATA,
                                  "the compressed data are damaged after %zu "
                                  "bytes of content",
                                  data->len);
        }
    }
}

static enum assay_status load_deflated(struct assay_slice packed,
                                       size_t max_len,
                                       struct assay_buffer *data,
                                       struct assay_diag *diag)
{
    enum { RAW_DEFLATE = -15 };
    z_stream z;
    memset(&z, 0, sizeof z);
    if (inflateInit2(&z, RAW_DEFLATE) != Z_OK) {
        return assay_diag_set(diag, ASSAY_MEMORY, "no memory to unpack");
    }
    union {
        const uint8_t *constant;
        uint8_t *plain; /* zlib reads it only; its type lacks the const */
    } in = {.constant = packed.p};
    z.next_in = in.plain;
    z.avail_in = (uInt)packed.len;
    enum assay_status status = inflate_into(&z, max_len, data, diag);
    (void)inflateEnd(&z);
    return status;
}

enum assay_status assay_archive_load(const struct assay_archive *archive,
                                     const struct assay_zip_entry *entry,
                                     size_t max_len, struct assay_buffer *data,
                                     struct assay_diag *diag)
{
    struct assay_slice file = archive->zip.file;
    size_t room = file.len - entry->data_off;
    int is_cut = entry->packed_len > room;
    struct assay_slice packed = assay_slice_sub(
        file, entry->data_off, is_cut ? room : entry->packed_len);
    enum assay_status status = ASSAY_FAILED;
    assay_buffer_free(data);
    status = assay_buffer_reserve(
        data, entry->len < max_len ? entry->len : max_len, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    if (entry->method == ASSAY_ZIP_STORED) {
        status = append(data, packed, max_len, diag);
    } else if (entry->method == ASSAY_ZIP_DEFLATED) {
        status = load_deflated(packed, max_len, data, diag);
    } else {
        return assay_diag_set(diag, ASSAY_ZIP_UNSUPPORTED,
                              "found method %u, expected 0 (stored) or 8 "
                              "(deflate)",
                              (unsigned)entry->method);
    }
    if (status == ASSAY_OK && is_cut) {
        return assay_diag_set(diag, ASSAY_ZIP_TRUNCATED,
                              "found %zu of %zu bytes, then the end of file",
                              room, entry->packed_len);
    }
    int is_open = (entry->flags & FLAG_DESCRIPTOR) != 0 && entry->crc == 0;
    if (status != ASSAY_OK || is_open) {
        return status;
    }
    uLong crc = data->len == 0 ? 0 : crc32(0, data->p, (uInt)data->len);
    if (data->len != entry->len || crc != entry->crc) {
        return assay_diag_set(diag, ASSAY_ZIP_DATA,
                              "found %zu bytes with checksum %08lX, expected "
                              "%zu with %08X",
                              data->len, crc, entry->len, (unsigned)entry->crc);
    }
    return ASSAY_OK;
}

/* in: the name ends in tail, at its start or behind a '/'. */
static int name_ends_in(struct assay_slice name, const char *tail)
{
    size_t len = strlen(tail);
    return name.len >= len && memcmp(name.p + name.len - len, tail, len) == 0 &&
           (name.len == len || name.p[name.len - len - 1] == '/');
}

/* At the root if there is one, else in the first folder that has one. */
static size_t find_manifest(const struct assay_zip *zip)
{
    static const char NAME[] = "manifest.json";
    size_t found = zip->n_entries;
    for (size_t i = zip->n_entries; i-- > 0;) {
        struct assay_slice name = zip->entry[i].name;
        if (name.len == sizeof NAME - 1 && name_ends_in(name, NAME)) {
            return i;
        }
        if (name_ends_in(name, NAME) &&
            !(name.len > 9 && memcmp(name.p, "__MACOSX/", 9) == 0)) {
            found = i;
        }
    }
    return found;
}

static void read_manifest(struct assay_archive *a)
{
    const struct assay_zip_entry *entry = &a->zip.entry[a->manifest_entry];
    struct assay_buffer json = {0};
    a->folder_len = entry->name.len - strlen("manifest.json");
    a->manifest_status = assay_archive_load(a, entry, ASSAY_MANIFEST_MAX_LEN,
                                            &json, &a->manifest_diag);
    if (a->manifest_status == ASSAY_OK) {
        a->manifest_status = assay_manifest_parse(
            assay_buffer_slice(&json), &a->manifest, &a->manifest_diag);
    }
    assay_buffer_free(&json);
}

void assay_archive_open(struct assay_slice file, struct assay_archive *out)
{
    memset(out, 0, sizeof *out);
    out->zip_status = assay_zip_open(file, &out->zip, &out->zip_diag);
    if (out->zip_status != ASSAY_OK) {
        scan_members(file, out);
    }
    out->manifest_entry = find_manifest(&out->zip);
    if (out->manifest_entry != out->zip.n_entries) {
        read_manifest(out);
        return;
    }
    out->manifest_status = assay_diag_set(
        &out->manifest_diag, ASSAY_MANIFEST_MISSING,
        "found %zu members, none of them manifest.json", out->zip.n_entries);
}

const struct assay_zip_entry *assay_archive_find(
    const struct assay_archive *archive, const char *name)
{
    const struct assay_zip *zip = &archive->zip;
    if (archive->manifest_entry == zip->n_entries) {
        return NULL;
    }
    struct assay_slice folder = assay_slice_sub(
        zip->entry[archive->manifest_entry].name, 0, archive->folder_len);
    size_t len = strlen(name);
    for (size_t i = 0; i < zip->n_entries; i++) {
        struct assay_slice full = zip->entry[i].name;
        if (full.len == folder.len + len &&
            memcmp(full.p, folder.p, folder.len) == 0 &&
            memcmp(full.p + folder.len, name, len) == 0) {
            return &zip->entry[i];
        }
    }
    return NULL;
}

static enum assay_kind kind_of_member(const struct assay_archive *archive,
                                      const struct assay_zip_entry *entry)
{
    struct assay_buffer dat = {0};
    enum assay_kind kind = ASSAY_KIND_UNKNOWN;
    if (entry != NULL) {
        /* Whatever could be read of it is enough to tell. */
        enum assay_status status = assay_archive_load(
            archive, entry, ASSAY_ARCHIVE_MAX_DAT, &dat, NULL);
        if (status != ASSAY_MEMORY && dat.len != 0) {
            kind = assay_format_init_packet(assay_buffer_slice(&dat));
        }
    }
    assay_buffer_free(&dat);
    return kind;
}

/* From the init packets alone: the manifest is missing or unusable. */
static enum assay_kind kind_without_manifest(const struct assay_archive *a)
{
    enum assay_kind kind = ASSAY_KIND_OTHER_ZIP;
    for (size_t i = 0; i < a->zip.n_entries; i++) {
        struct assay_slice name = a->zip.entry[i].name;
        if (name.len < 4 || memcmp(name.p + name.len - 4, ".dat", 4) != 0) {
            continue;
        }
        enum assay_kind found = kind_of_member(a, &a->zip.entry[i]);
        if (found == ASSAY_KIND_SECURE_DAT) {
            return ASSAY_KIND_SECURE_ZIP;
        }
        if (found == ASSAY_KIND_LEGACY_DAT) {
            kind = ASSAY_KIND_LEGACY_ZIP;
        }
    }
    return kind;
}

enum assay_kind assay_archive_kind(const struct assay_archive *archive)
{
    if (archive->manifest_status == ASSAY_FORMAT_UNVERIFIABLE) {
        return ASSAY_KIND_NCS_ZIP;
    }
    if (archive->manifest_status != ASSAY_OK) {
        return kind_without_manifest(archive);
    }
    enum assay_kind kind = archive->manifest.is_legacy ? ASSAY_KIND_LEGACY_ZIP
                                                       : ASSAY_KIND_SECURE_ZIP;
    for (size_t i = 0; i < archive->manifest.n_images; i++) {
        enum assay_kind found = kind_of_member(
            archive,
            assay_archive_find(archive, archive->manifest.image[i].dat_file));
        if (found == ASSAY_KIND_SECURE_DAT) {
            return ASSAY_KIND_SECURE_ZIP;
        }
        if (found == ASSAY_KIND_LEGACY_DAT) {
            kind = ASSAY_KIND_LEGACY_ZIP;
        }
    }
    return kind;
}

/* --- Rows ---------------------------------------------------------------- */

int assay_row_next(struct assay_slice area, enum assay_row_shape shape,
                   size_t *pos, struct assay_row *row)
{
    size_t head_len = shape == ASSAY_ROW_GBL      ? 8
                      : shape == ASSAY_ROW_ZIGBEE ? 6
                                                  : 4;
    if (area.len - *pos < head_len) {
        return 0;
    }
    const uint8_t *p = area.p + *pos;
    row->off = *pos;
    row->head_len = head_len;
    row->tag = shape == ASSAY_ROW_GBL ? assay_load_le32(p) : assay_load_le16(p);
    row->len = shape == ASSAY_ROW_GBL      ? assay_load_le32(p + 4)
               : shape == ASSAY_ROW_ZIGBEE ? assay_load_le32(p + 2)
                                           : assay_load_le16(p + 2);
    size_t rest = area.len - *pos - head_len;
    size_t len = row->len < rest ? row->len : rest;
    row->data = assay_slice(p + head_len, len);
    *pos += head_len + len;
    return 1;
}
