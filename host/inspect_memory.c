/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/inspect_tree.h"

#include <string.h>

#include "base/bytes.h"
#include "host/fwid.h"
#include "host/hex.h"
#include "host/settings.h"

/*
 * What lies in the flash of a device: SoftDevices, hex files, and the settings
 * page of a bootloader inside of one.
 */

void assay_inspect_softdevice(struct assay_tree *t, json_t *object,
                              struct assay_slice image)
{
    size_t off = 0;
    if (!assay_softdevice_find(image, &off)) {
        return;
    }
    json_t *section = assay_tree_put_object(t, object, "softdevice");
    json_t *fields = assay_tree_put_array(t, section, "fields");
    assay_tree_put_flag(t, section, "with_mbr", off == 0x3000);
    json_t *field =
        assay_tree_add_le(t, fields, "info_size", assay_tree_at(image, off, 1));
    (void)assay_tree_add_le(t, fields, "magic",
                            assay_tree_at(image, off + 4, 4));
    field =
        assay_tree_add_le(t, fields, "size", assay_tree_at(image, off + 8, 4));
    assay_tree_put_text(t, field, "meaning", "with the master boot record");
    field =
        assay_tree_add_le(t, fields, "fwid", assay_tree_at(image, off + 12, 2));
    const char *name = assay_fwid_name(assay_load_le16(image.p + off + 12));
    assay_tree_put_text(t, field, "meaning", name == NULL ? "unknown" : name);
    (void)assay_tree_add_le(t, fields, "id", assay_tree_at(image, off + 16, 4));
    field = assay_tree_add_le(t, fields, "version",
                              assay_tree_at(image, off + 20, 4));
    uint32_t v = assay_load_le32(image.p + off + 20);
    assay_tree_put_format(t, field, "meaning", "%u.%u.%u",
                          (unsigned)(v / 1000000), (unsigned)(v / 1000 % 1000),
                          (unsigned)(v % 1000));
}

/* --- Hex files and settings ---------------------------------------------- */

static void hex_segments(struct assay_tree *t, json_t *object,
                         const struct assay_hex *hex)
{
    json_t *section = assay_tree_put_object(t, object, "hex");
    assay_tree_put_number(t, section, "segments", hex->n_segments);
    json_t *rows = assay_tree_put_array(t, section, "ranges");
    for (size_t i = 0; i < hex->n_segments && i < ASSAY_TREE_MAX_ROWS; i++) {
        const struct assay_hex_segment *s = &hex->segments[i];
        json_t *row = assay_tree_add_object(t, rows);
        assay_tree_put_number(t, row, "off", s->address);
        assay_tree_put_text(t, row, "name", "data");
        assay_tree_put_number(t, row, "len", s->data.len);
        assay_tree_put_format(t, row, "meaning", "0x%08X to 0x%08llX",
                              (unsigned)s->address,
                              (unsigned long long)s->address + s->data.len - 1);
    }
    if (hex->start_kind != ASSAY_HEX_START_NONE) {
        assay_tree_put_format(t, section, "start", "0x%08X",
                              (unsigned)hex->start);
    }
}

static const char *bank_code_name(uint32_t code)
{
    static const struct assay_tree_name NAMES[] = {
        {ASSAY_SETTINGS_BANK_INVALID, "invalid"},
        {ASSAY_SETTINGS_BANK_APP, "application"},
        {ASSAY_SETTINGS_BANK_SD, "SoftDevice"},
        {ASSAY_SETTINGS_BANK_BL, "bootloader"},
        {ASSAY_SETTINGS_BANK_SD_BL, "SoftDevice and bootloader"},
        {ASSAY_SETTINGS_BANK_EXTERNAL_APP, "external application"},
    };
    return assay_tree_name(NAMES, ASSAY_N_OF(NAMES), code);
}

static void settings_meaning(struct assay_tree *t, json_t *field,
                             const char *name, const uint8_t *p)
{
    if (strstr(name, "bank_code") != NULL) {
        assay_tree_put_text(t, field, "meaning",
                            bank_code_name(assay_load_le32(p)));
    } else if (strncmp(name, "validation_", 11) == 0) {
        assay_tree_put_text(t, field, "meaning",
                            assay_validation_type_name(p[0]));
    }
}

/* Offsets from the start of the page; the fields of version 2 come last. */
static void settings_fields(struct assay_tree *t, json_t *section,
                            struct assay_slice page, uint32_t address)
{
    static const struct assay_tree_spec SPECS[] = {
        {"crc", 0x00, 4},
        {"settings_version", 0x04, 4},
        {"app_version", 0x08, 4},
        {"bootloader_version", 0x0C, 4},
        {"bank_layout", 0x10, 4},
        {"bank_current", 0x14, 4},
        {"bank_0.image_size", 0x18, 4},
        {"bank_0.image_crc", 0x1C, 4},
        {"bank_0.bank_code", 0x20, 4},
        {"bank_1.image_size", 0x24, 4},
        {"bank_1.image_crc", 0x28, 4},
        {"bank_1.bank_code", 0x2C, 4},
        {"write_offset", 0x30, 4},
        {"sd_size", 0x34, 4},
        {"progress.command_size", 0x38, 4},
        {"progress.command_offset", 0x3C, 4},
        {"progress.command_crc", 0x40, 4},
        {"progress.data_object_size", 0x44, 4},
        {"progress.firmware_image_crc", 0x48, 4},
        {"progress.firmware_image_crc_last", 0x4C, 4},
        {"progress.firmware_image_offset", 0x50, 4},
        {"progress.firmware_image_offset_last", 0x54, 4},
        {"enter_buttonless_dfu", 0x58, 4},
        {"init_command", 0x5C, 512},
        {"boot_validation_crc", 0x25C, 4},
        {"validation_softdevice.type", 0x260, 1},
        {"validation_softdevice.bytes", 0x261, 64},
        {"validation_app.type", 0x2A1, 1},
        {"validation_app.bytes", 0x2A2, 64},
        {"validation_bootloader.type", 0x2E2, 1},
        {"validation_bootloader.bytes", 0x2E3, 64},
    };
    enum { V1_END = 0x5C };
    int is_v2 = page.len > V1_END && assay_load_le32(page.p + 4) == 2;
    json_t *fields = assay_tree_put_array(t, section, "fields");
    for (size_t i = 0; i < ASSAY_N_OF(SPECS); i++) {
        const struct assay_tree_spec *spec = &SPECS[i];
        if (spec->off > page.len || spec->len > page.len - spec->off ||
            (spec->off >= V1_END && !is_v2)) {
            break;
        }
        struct assay_tree_place place =
            assay_tree_at(page, spec->off, spec->len);
        json_t *field =
            spec->len <= 4 ? assay_tree_add_le(t, fields, spec->name, place)
                           : assay_tree_add_field(t, fields, spec->name, place);
        assay_tree_put_number(t, field, "off", (uint64_t)address + spec->off);
        if (strstr(spec->name, ".bytes") == NULL) {
            settings_meaning(t, field, spec->name, page.p + spec->off);
        }
    }
}

static void settings_page(struct assay_tree *t, json_t *object,
                          const struct assay_hex *hex,
                          const struct assay_settings_place *place)
{
    static const char *const PARTS[] = {"absent", "right", "wrong"};
    static const char *const BACKUPS[] = {"none", "same", "different",
                                          "invalid"};
    const struct assay_settings *s = &place->settings;
    json_t *section = assay_tree_put_object(t, object, "settings");
    assay_tree_put_format(t, section, "address", "0x%08X",
                          (unsigned)place->address);
    assay_tree_put_text(t, section, "family",
                        place->family == NULL ? "at no known address"
                                              : place->family->name);
    assay_tree_put_text(t, section, "crc", PARTS[s->page_check]);
    assay_tree_put_text(t, section, "boot_validation_crc",
                        PARTS[s->boot_validation_check]);
    assay_tree_put_text(t, section, "backup", BACKUPS[place->backup]);
    uint32_t address = place->page == ASSAY_SETTINGS_PART_RIGHT ||
                               place->backup_address == ASSAY_SETTINGS_NO_BACKUP
                           ? place->address
                           : place->backup_address;
    struct assay_slice page = assay_hex_at(hex, address);
    if (page.len > ASSAY_SETTINGS_PAGE_MAX) {
        page.len = ASSAY_SETTINGS_PAGE_MAX;
    }
    if (page.len >= ASSAY_SETTINGS_V1_LEN) {
        settings_fields(t, section, page, address);
    }
    size_t init_len = assay_settings_init_len(s);
    if (init_len != 0 && init_len <= sizeof s->init_command) {
        struct assay_nanopb decoded;
        assay_inspect_secure_packet(
            t, assay_tree_put_object(t, section, "init_packet"),
            assay_slice(s->init_command, init_len), &decoded);
    }
}

void assay_inspect_hex(struct assay_tree *t, struct assay_slice file)
{
    struct assay_hex hex = {0};
    struct assay_diag diag = {0};
    enum assay_status status = assay_hex_parse(file, &hex, &diag);
    if (status != ASSAY_OK) {
        assay_tree_fault(t, status, "%s", diag.text);
        assay_hex_free(&hex);
        return;
    }
    struct assay_settings_place place;
    memset(&place, 0, sizeof place);
    status = assay_settings_find(&hex, &place, &diag);
    if (status == ASSAY_SETTINGS_CRC) {
        assay_tree_fault(t, status, "%s", diag.text);
    }
    if (status == ASSAY_OK || status == ASSAY_SETTINGS_CRC) {
        settings_page(t, t->root, &hex, &place);
    } else if (status == ASSAY_SETTINGS_VERSION) {
        assay_tree_note(t, "data at the address of a settings page: %s",
                        diag.text);
    }
    hex_segments(t, t->root, &hex);
    assay_hex_free(&hex);
}
