/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/firmware.h"

#include "base/bytes.h"
#include "host/file.h"
#include "host/hex.h"

#include <string.h>
#include <strings.h>

#define MBR_END ((uint32_t)0x1000)
#define S132_START ((uint32_t)0x3000)
#define UICR_START ((uint32_t)0x10000000)

#define INFO_FIRST ((uint32_t)0x3000)
#define INFO_LAST ((uint32_t)0x7000)
#define INFO_STEP ((uint32_t)0x1000)
#define INFO_MAGIC ((uint32_t)0x51B1E5DB)
#define INFO_MAGIC_OFF ((uint32_t)0x04)
#define INFO_SIZE_OFF ((uint32_t)0x08)
#define INFO_FWID_OFF ((uint32_t)0x0C)
#define INFO_ID_OFF ((uint32_t)0x10)
#define INFO_VERSION_OFF ((uint32_t)0x14)

/* The addresses [first, end) that become the image. */
struct range {
    uint32_t first;
    uint32_t end;
};

/* The bytes of s inside the range; ret: 0 when there are none. */
static int clip(const struct assay_hex_segment *s, struct range range,
                struct assay_hex_segment *out)
{
    uint64_t s_end = (uint64_t)s->address + s->data.len;
    uint32_t first = s->address > range.first ? s->address : range.first;
    uint64_t end = s_end < range.end ? s_end : range.end;
    if (first >= end) {
        return 0;
    }
    out->address = first;
    out->data =
        assay_slice_sub(s->data, first - s->address, (size_t)(end - first));
    return 1;
}

/*
 * The word at address, when all four bytes are in the hex file and survive
 * the removal of MBR and UICR; ret: 0 when they do not.
 */
static int word_at(const struct assay_hex *hex, uint32_t address,
                   uint32_t *value)
{
    struct assay_slice s = assay_hex_at(hex, address);
    if (s.len < 4) {
        return 0;
    }
    *value = assay_load_le32(s.p);
    return 1;
}

static void read_softdevice(const struct assay_hex *hex, uint32_t base,
                            struct assay_firmware *out)
{
    struct assay_slice info = assay_hex_at(hex, base);
    struct assay_firmware_softdevice *sd = &out->softdevice;
    /* The magic may follow a hole: then the length byte is missing. */
    sd->info_len = info.len == 0 ? INFO_SIZE_OFF : info.p[0];
    if (sd->info_len < INFO_SIZE_OFF) {
        sd->info_len = INFO_SIZE_OFF;
    }
    size_t len = info.len < sd->info_len ? info.len : sd->info_len;
    if (len >= INFO_SIZE_OFF + 4) {
        sd->end = assay_load_le32(info.p + INFO_SIZE_OFF);
    }
    if (len >= INFO_FWID_OFF + 2) {
        sd->fwid = assay_load_le16(info.p + INFO_FWID_OFF);
    }
    if (len >= INFO_ID_OFF + 4) {
        sd->id = assay_load_le32(info.p + INFO_ID_OFF);
    }
    if (len >= INFO_VERSION_OFF + 4) {
        sd->version = assay_load_le32(info.p + INFO_VERSION_OFF);
    }
}

/* The first place that has the magic number decides. */
static void find_softdevice(const struct assay_hex *hex,
                            struct assay_firmware *out)
{
    for (uint32_t base = INFO_FIRST; base <= INFO_LAST; base += INFO_STEP) {
        uint32_t word = 0;
        if (word_at(hex, base + INFO_MAGIC_OFF, &word) && word == INFO_MAGIC) {
            out->variant =
                base == INFO_FIRST ? ASSAY_FIRMWARE_S1X0 : ASSAY_FIRMWARE_S132;
            read_softdevice(hex, base, out);
            return;
        }
    }
}

/* What is left out, as flags; and the bounds of what is left. */
static struct range find_range(const struct assay_hex *hex,
                               struct assay_firmware *out)
{
    struct range wanted = {
        out->variant == ASSAY_FIRMWARE_S132 ? S132_START : MBR_END, UICR_START};
    struct range found = {0, 0};
    for (size_t i = 0; i < hex->n_segments; i++) {
        const struct assay_hex_segment *s = &hex->segments[i];
        struct assay_hex_segment part;
        if (s->address < MBR_END) {
            out->flags |= ASSAY_FIRMWARE_MBR_DROPPED;
        }
        if ((uint64_t)s->address + s->data.len > UICR_START) {
            out->flags |= ASSAY_FIRMWARE_UICR_DROPPED;
        }
        if (clip(s, (struct range){MBR_END, wanted.first}, &part)) {
            out->flags |= ASSAY_FIRMWARE_LOW_DROPPED;
        }
        if (clip(s, wanted, &part)) {
            found.first = found.end == 0 ? part.address : found.first;
            found.end = part.address + (uint32_t)part.data.len;
        }
    }
    return found;
}

/*
 * When bytes were left out at the lower bound, the image starts there, at a
 * byte that may be a hole: nrfutil starts at the larger of the bound and the
 * lowest address of the file.
 */
static uint32_t image_start(const struct assay_firmware *out,
                            struct range found)
{
    return out->flags & ASSAY_FIRMWARE_LOW_DROPPED ? S132_START : found.first;
}

static enum assay_status fill_gap(struct assay_firmware *out, uint32_t address,
                                  struct assay_diag *diag)
{
    uint32_t at = out->start + (uint32_t)out->image.len;
    uint32_t gap_len = address - at;
    if (gap_len > out->gap_len) {
        out->gap_address = at;
        out->gap_len = gap_len;
    }
    if (gap_len >= ASSAY_FIRMWARE_GAP_LEN) {
        out->flags |= ASSAY_FIRMWARE_GAP;
    }
    return assay_buffer_fill(&out->image, 0xFF, gap_len, diag);
}

static enum assay_status pad_to_word(struct assay_firmware *out,
                                     struct assay_diag *diag)
{
    return assay_buffer_fill(&out->image, 0xFF, (0 - out->image.len) & 3u,
                             diag);
}

static enum assay_status from_hex(const struct assay_hex *hex,
                                  struct assay_firmware *out,
                                  struct assay_diag *diag)
{
    find_softdevice(hex, out);
    struct range range = find_range(hex, out);
    if (range.end == 0) {
        return assay_diag_set(
            diag, ASSAY_GENERATE_IMAGE,
            "no data from 0x%08X to 0x%08X; the lowest address is 0x%08X",
            MBR_END, UICR_START, hex->segments[0].address);
    }
    range.first = image_start(out, range);
    if (range.end - range.first > ASSAY_FIRMWARE_MAX) {
        return assay_diag_set(diag, ASSAY_GENERATE_IMAGE,
                              "data from 0x%08X to 0x%08X: %u bytes, expected "
                              "at most %zu",
                              range.first, range.end, range.end - range.first,
                              ASSAY_FIRMWARE_MAX);
    }
    out->start = range.first;
    enum assay_status status = ASSAY_OK;
    for (size_t i = 0; i < hex->n_segments && status == ASSAY_OK; i++) {
        struct assay_hex_segment part;
        if (!clip(&hex->segments[i], range, &part)) {
            continue;
        }
        status = fill_gap(out, part.address, diag);
        if (status == ASSAY_OK) {
            status = assay_buffer_append(&out->image, part.data, diag);
        }
    }
    uint32_t sd_end = out->softdevice.end;
    if (sd_end != 0 && range.end > sd_end) {
        out->flags |= ASSAY_FIRMWARE_SOFTDEVICE_MERGED;
    }
    return status == ASSAY_OK ? pad_to_word(out, diag) : status;
}

static enum assay_status from_bin(struct assay_slice data,
                                  struct assay_firmware *out,
                                  struct assay_diag *diag)
{
    if (data.len == 0 || data.len > ASSAY_FIRMWARE_MAX) {
        return assay_diag_set(diag, ASSAY_GENERATE_IMAGE,
                              "%zu bytes, expected 1 to %zu", data.len,
                              ASSAY_FIRMWARE_MAX);
    }
    enum assay_status status = assay_buffer_append(&out->image, data, diag);
    return status == ASSAY_OK ? pad_to_word(out, diag) : status;
}

enum assay_status assay_firmware_from(struct assay_slice data,
                                      enum assay_firmware_kind kind,
                                      struct assay_firmware *out,
                                      struct assay_diag *diag)
{
    *out = (struct assay_firmware){0};
    struct assay_hex hex = {0};
    enum assay_status status = ASSAY_FAILED;
    if (kind == ASSAY_FIRMWARE_BIN) {
        status = from_bin(data, out, diag);
    } else {
        status = assay_hex_parse(data, &hex, diag);
        if (status == ASSAY_OK) {
            status = from_hex(&hex, out, diag);
        }
        assay_hex_free(&hex);
    }
    if (status != ASSAY_OK) {
        assay_firmware_free(out);
    }
    return status;
}

static enum assay_firmware_kind kind_of(const char *path)
{
    size_t len = strlen(path);
    return len >= 4 && strcasecmp(path + len - 4, ".bin") == 0
               ? ASSAY_FIRMWARE_BIN
               : ASSAY_FIRMWARE_HEX;
}

enum assay_status assay_firmware_load(const char *path,
                                      struct assay_firmware *out,
                                      struct assay_diag *diag)
{
    *out = (struct assay_firmware){0};
    struct assay_buffer file = {0};
    enum assay_status status =
        assay_file_read(path, ASSAY_HEX_MAX_TEXT, &file, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    status = assay_firmware_from(assay_buffer_slice(&file), kind_of(path), out,
                                 diag);
    assay_buffer_free(&file);
    if (status != ASSAY_OK && diag != NULL) {
        (void)assay_diag_prefix(diag, "%s: ", path);
    }
    return status;
}

void assay_firmware_free(struct assay_firmware *firmware)
{
    assay_buffer_free(&firmware->image);
    *firmware = (struct assay_firmware){0};
}
