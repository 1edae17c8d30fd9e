/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/settings.h"

#include "base/bytes.h"
#include "crypto/sha256.h"

#include <assert.h>
#include <string.h>

/* Places on the page; the layout is packed, so nothing may be derived. */
enum page_off {
    CRC_OFF = 0x000,
    VERSION_OFF = 0x004,
    INIT_OFF = 0x05C,
    V1_PEER_OFF = 0x15C,
    V1_NAME_OFF = 0x19C,
    VALIDATION_CRC_OFF = 0x25C,
    SD_OFF = 0x260,
    APP_OFF = 0x2A1,
    BL_OFF = 0x2E2,
    V2_END = 0x323,
    V2_PEER_OFF = 0x323,
    V2_NAME_OFF = 0x363,
};

#define PEER_LEN ((size_t)64)
#define NAME_LEN ((size_t)28)
#define V1_INIT_LEN ((size_t)256)
/* Builds with BLE align the parts behind the validations to one byte more. */
#define V2_BLE_SHIFT ((size_t)1)

static_assert(INIT_OFF == ASSAY_SETTINGS_V1_LEN, "version 1 ends there");
static_assert(INIT_OFF + ASSAY_SETTINGS_INIT_MAX == VALIDATION_CRC_OFF,
              "the init packet ends there");
static_assert(BL_OFF + 1 + ASSAY_SETTINGS_VALIDATION_LEN == V2_END,
              "the validations end there");
static_assert(V2_NAME_OFF + NAME_LEN + V2_BLE_SHIFT == ASSAY_SETTINGS_PAGE_MAX,
              "the struct ends there");

/* A word of the page and the field of the struct that holds it. */
struct word {
    size_t page_off;
    size_t field_off;
};

#define WORD(off, field)                                                       \
    {                                                                          \
        (off), offsetof(struct assay_settings, field)                          \
    }

static const struct word WORDS[] = {
    WORD(VERSION_OFF, version),
    WORD(0x008, app_version),
    WORD(0x00C, bootloader_version),
    WORD(0x010, bank_layout),
    WORD(0x014, bank_current),
    WORD(0x018, bank0.image_len),
    WORD(0x01C, bank0.image_crc),
    WORD(0x020, bank0.code),
    WORD(0x024, bank1.image_len),
    WORD(0x028, bank1.image_crc),
    WORD(0x02C, bank1.code),
    WORD(0x030, write_off),
    WORD(0x034, sd_len),
    WORD(0x038, progress.command_len),
    WORD(0x03C, progress.command_off),
    WORD(0x040, progress.command_crc),
    WORD(0x044, progress.data_object_len),
    WORD(0x048, progress.image_crc),
    WORD(0x04C, progress.image_crc_last),
    WORD(0x050, progress.image_off),
    WORD(0x054, progress.image_off_last),
    WORD(0x058, enter_dfu),
};

#undef WORD

#define N_WORDS (sizeof WORDS / sizeof WORDS[0])

/* 52833 and 52820 are not known to nrfutil and share addresses: after it. */
static const struct assay_settings_family FAMILIES[] = {
    {"NRF51", "nRF51", 0x3FC00, ASSAY_SETTINGS_NO_BACKUP, 0x400},
    {"NRF52", "nRF52", 0x7F000, 0x7E000, 0x1000},
    {"NRF52QFAB", "nRF52QFAB", 0x3F000, 0x3E000, 0x1000},
    {"NRF52810", "NRF52810", 0x2F000, 0x2E000, 0x1000},
    {"NRF52840", "NRF52840", 0xFF000, 0xFE000, 0x1000},
    {"NRF52820", "NRF52820", 0x3F000, 0x3E000, 0x1000},
    {"NRF52833", "NRF52833", 0x7F000, 0x7E000, 0x1000},
};

#define N_FAMILIES (sizeof FAMILIES / sizeof FAMILIES[0])

const struct assay_settings_family *assay_settings_families(size_t *n_families)
{
    *n_families = N_FAMILIES;
    return FAMILIES;
}

const struct assay_settings_family *assay_settings_family_by_name(
    const char *name)
{
    for (size_t i = 0; i < N_FAMILIES; i++) {
        if (strcmp(FAMILIES[i].name, name) == 0) {
            return &FAMILIES[i];
        }
    }
    return NULL;
}

uint32_t assay_settings_crc32(struct assay_slice data)
{
    /* The remainder of each 4 bit value, reflected. */
    static const uint32_t NIBBLE[16] = {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
        0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
        0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < data.len; i++) {
        crc ^= data.p[i];
        crc = crc >> 4 ^ NIBBLE[crc & 15];
        crc = crc >> 4 ^ NIBBLE[crc & 15];
    }
    return ~crc;
}

static uint32_t page_crc(const uint8_t *page)
{
    return assay_settings_crc32(
        assay_slice(page + VERSION_OFF, INIT_OFF - VERSION_OFF));
}

static uint32_t validation_crc(const uint8_t *page)
{
    return assay_settings_crc32(assay_slice(page + SD_OFF, V2_END - SD_OFF));
}

static enum assay_status check_version(uint32_t version,
                                       struct assay_diag *diag)
{
    if (version != 1 && version != 2) {
        return assay_diag_set(diag, ASSAY_SETTINGS_VERSION,
                              "settings version %u (0x%08X), expected 1 or 2",
                              version, version);
    }
    return ASSAY_OK;
}

static void put_validation(uint8_t *page, size_t off,
                           const struct assay_settings_validation *v)
{
    page[off] = v->type;
    memcpy(page + off + 1, v->bytes, sizeof v->bytes);
}

static void get_validation(const uint8_t *page, size_t off,
                           struct assay_settings_validation *v)
{
    v->type = page[off];
    memcpy(v->bytes, page + off + 1, sizeof v->bytes);
}

enum assay_status assay_settings_encode(const struct assay_settings *s,
                                        struct assay_buffer *page,
                                        struct assay_diag *diag)
{
    enum assay_status status = check_version(s->version, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    uint8_t bytes[ASSAY_SETTINGS_V2_LEN];
    memset(bytes, 0xFF, sizeof bytes);
    for (size_t i = 0; i < N_WORDS; i++) {
        uint32_t value = 0;
        memcpy(&value, (const uint8_t *)s + WORDS[i].field_off, sizeof value);
        assay_store_le32(bytes + WORDS[i].page_off, value);
    }
    assay_store_le32(bytes + CRC_OFF, page_crc(bytes));
    if (s->version == 1) {
        return assay_buffer_append(
            page, assay_slice(bytes, ASSAY_SETTINGS_V1_LEN), diag);
    }
    memcpy(bytes + INIT_OFF, s->init_command, sizeof s->init_command);
    put_validation(bytes, SD_OFF, &s->softdevice);
    put_validation(bytes, APP_OFF, &s->application);
    put_validation(bytes, BL_OFF, &s->bootloader);
    assay_store_le32(bytes + VALIDATION_CRC_OFF, validation_crc(bytes));
    return assay_buffer_append(page, assay_slice(bytes, sizeof bytes), diag);
}

static enum assay_settings_part part_check(uint32_t found, uint32_t computed)
{
    /* The bootloader takes an erased CRC for no CRC at all. */
    return found == computed && found != 0xFFFFFFFF ? ASSAY_SETTINGS_PART_RIGHT
                                                    : ASSAY_SETTINGS_PART_WRONG;
}

/* A part that starts with the CRC of its other bytes; erased is ABSENT. */
static enum assay_settings_part own_crc_check(const uint8_t *page, size_t off,
                                              size_t len)
{
    uint32_t found = assay_load_le32(page + off);
    if (found == 0xFFFFFFFF) {
        return ASSAY_SETTINGS_PART_ABSENT;
    }
    return part_check(
        found, assay_settings_crc32(assay_slice(page + off + 4, len - 4)));
}

/* Version 2 has two layouts: the one whose CRC is right tells which. */
static enum assay_settings_part v2_part(const uint8_t *page, size_t off,
                                        size_t len)
{
    enum assay_settings_part plain = own_crc_check(page, off, len);
    return plain == ASSAY_SETTINGS_PART_RIGHT
               ? plain
               : own_crc_check(page, off + V2_BLE_SHIFT, len);
}

/* The struct as it stands in flash: what the file lacks is erased. */
static void load_page(struct assay_slice page,
                      uint8_t bytes[static ASSAY_SETTINGS_PAGE_MAX])
{
    memset(bytes, 0xFF, ASSAY_SETTINGS_PAGE_MAX);
    size_t len =
        page.len < ASSAY_SETTINGS_PAGE_MAX ? page.len : ASSAY_SETTINGS_PAGE_MAX;
    memcpy(bytes, page.p, len);
}

static void parse_v1(const uint8_t *bytes, struct assay_settings *out)
{
    memset(out->init_command, 0xFF, sizeof out->init_command);
    memcpy(out->init_command, bytes + INIT_OFF, V1_INIT_LEN);
    out->peer_data = own_crc_check(bytes, V1_PEER_OFF, PEER_LEN);
    out->adv_name = own_crc_check(bytes, V1_NAME_OFF, NAME_LEN);
}

static void parse_v2(const uint8_t *bytes, size_t page_len,
                     struct assay_settings *out)
{
    memcpy(out->init_command, bytes + INIT_OFF, sizeof out->init_command);
    out->peer_data = v2_part(bytes, V2_PEER_OFF, PEER_LEN);
    out->adv_name = v2_part(bytes, V2_NAME_OFF, NAME_LEN);
    if (page_len < V2_END) {
        return;
    }
    get_validation(bytes, SD_OFF, &out->softdevice);
    get_validation(bytes, APP_OFF, &out->application);
    get_validation(bytes, BL_OFF, &out->bootloader);
    out->boot_validation_crc = assay_load_le32(bytes + VALIDATION_CRC_OFF);
    out->computed_boot_validation_crc = validation_crc(bytes);
    out->boot_validation_check =
        part_check(out->boot_validation_crc, out->computed_boot_validation_crc);
}

enum assay_status assay_settings_parse(struct assay_slice page,
                                       struct assay_settings *out,
                                       struct assay_diag *diag)
{
    *out = (struct assay_settings){0};
    if (page.len < ASSAY_SETTINGS_V1_LEN) {
        return assay_diag_set(diag, ASSAY_SETTINGS_NOT_FOUND,
                              "%zu bytes, expected at least %zu", page.len,
                              ASSAY_SETTINGS_V1_LEN);
    }
    enum assay_status status =
        check_version(assay_load_le32(page.p + VERSION_OFF), diag);
    if (status != ASSAY_OK) {
        return status;
    }
    uint8_t bytes[ASSAY_SETTINGS_PAGE_MAX];
    load_page(page, bytes);
    for (size_t i = 0; i < N_WORDS; i++) {
        uint32_t value = assay_load_le32(bytes + WORDS[i].page_off);
        memcpy((uint8_t *)out + WORDS[i].field_off, &value, sizeof value);
    }
    if (out->version == 1) {
        parse_v1(bytes, out);
    } else {
        parse_v2(bytes, page.len, out);
    }
    out->crc = assay_load_le32(bytes + CRC_OFF);
    out->computed_crc = page_crc(bytes);
    out->page_check = part_check(out->crc, out->computed_crc);
    if (out->page_check != ASSAY_SETTINGS_PART_RIGHT) {
        return assay_diag_set(diag, ASSAY_SETTINGS_CRC,
                              "page CRC 0x%08X, expected 0x%08X", out->crc,
                              out->computed_crc);
    }
    return ASSAY_OK;
}

size_t assay_settings_init_len(const struct assay_settings *s)
{
    size_t len = s->version == 1 ? V1_INIT_LEN : ASSAY_SETTINGS_INIT_MAX;
    size_t room = len;
    uint8_t fill = s->init_command[len - 1];
    if (fill == 0x00 || fill == 0xFF) {
        while (len != 0 && s->init_command[len - 1] == fill) {
            len--;
        }
    }
    uint32_t told = s->progress.command_len;
    return len != 0 && told != 0 && told <= room ? told : len;
}

/* The value that the bootloader will compare with at boot. */
static enum assay_status set_validation(const struct assay_settings_image *i,
                                        uint32_t crc,
                                        struct assay_settings_validation *out,
                                        struct assay_diag *diag)
{
    struct assay_sha256 sha256;
    out->type = (uint8_t)i->validation;
    switch (i->validation) {
    case ASSAY_SETTINGS_VALIDATE_NONE:
        return ASSAY_OK;
    case ASSAY_SETTINGS_VALIDATE_CRC:
        assay_store_le32(out->bytes, crc);
        return ASSAY_OK;
    case ASSAY_SETTINGS_VALIDATE_SHA256:
        assay_sha256_init(&sha256);
        assay_sha256_update(&sha256, i->bytes);
        assay_sha256_final(&sha256, out->bytes);
        return ASSAY_OK;
    case ASSAY_SETTINGS_VALIDATE_ECDSA:
        if (i->signature == NULL) {
            return assay_diag_set(diag, ASSAY_GENERATE_OPTIONS,
                                  "boot validation by ECDSA without a "
                                  "signature");
        }
        memcpy(out->bytes, i->signature, sizeof out->bytes);
        return ASSAY_OK;
    }
    return assay_diag_set(diag, ASSAY_GENERATE_OPTIONS,
                          "boot validation type %d, expected 0 to 3",
                          (int)i->validation);
}

static enum assay_status take_image(const struct assay_settings_image *image,
                                    const char *name,
                                    struct assay_settings_bank *bank,
                                    struct assay_settings_validation *v,
                                    struct assay_diag *diag)
{
    if (image->bytes.len == 0 || image->bytes.len > UINT32_MAX) {
        return assay_diag_set(diag, ASSAY_GENERATE_IMAGE,
                              "the %s has %zu bytes, expected 1 to %u", name,
                              image->bytes.len, UINT32_MAX);
    }
    bank->image_len = (uint32_t)image->bytes.len;
    bank->image_crc = assay_settings_crc32(image->bytes);
    bank->code = ASSAY_SETTINGS_BANK_APP;
    return set_validation(image, bank->image_crc, v, diag);
}

/* What the writer computes, read back from what it wrote. */
static enum assay_status set_crcs(struct assay_settings *s,
                                  struct assay_diag *diag)
{
    struct assay_buffer page = {0};
    struct assay_settings read;
    enum assay_status status = assay_settings_encode(s, &page, diag);
    if (status == ASSAY_OK) {
        status = assay_settings_parse(assay_buffer_slice(&page), &read, diag);
    }
    if (status == ASSAY_OK) {
        s->crc = read.crc;
        s->computed_crc = read.computed_crc;
        s->page_check = read.page_check;
        s->boot_validation_crc = read.boot_validation_crc;
        s->computed_boot_validation_crc = read.computed_boot_validation_crc;
        s->boot_validation_check = read.boot_validation_check;
    }
    assay_buffer_free(&page);
    return status;
}

enum assay_status assay_settings_build(
    const struct assay_settings_inputs *inputs, struct assay_settings *out,
    struct assay_diag *diag)
{
    *out = (struct assay_settings){
        .version = inputs->version,
        .app_version = inputs->app_version,
        .bootloader_version = inputs->bootloader_version,
    };
    enum assay_status status = check_version(inputs->version, diag);
    if (status == ASSAY_OK && inputs->application != NULL) {
        status = take_image(inputs->application, "application", &out->bank0,
                            &out->application, diag);
    }
    if (status == ASSAY_OK && inputs->softdevice != NULL) {
        struct assay_settings_bank sd = {0};
        status = take_image(inputs->softdevice, "SoftDevice", &sd,
                            &out->softdevice, diag);
        out->sd_len = sd.image_len;
    }
    return status == ASSAY_OK ? set_crcs(out, diag) : status;
}

static enum assay_status parse_at(const struct assay_hex *hex, uint32_t address,
                                  struct assay_settings *out)
{
    return assay_settings_parse(assay_hex_at(hex, address), out, NULL);
}

/* A page that the bootloader would take from the place of the backup. */
static int is_valid_backup(const struct assay_hex *hex, uint32_t address)
{
    struct assay_settings s;
    return parse_at(hex, address, &s) == ASSAY_OK &&
           (s.version == 1 ||
            s.boot_validation_check == ASSAY_SETTINGS_PART_RIGHT);
}

/* Whether the two pages agree in all that the version defines. */
static enum assay_settings_backup compare_pages(
    const struct assay_hex *hex, const struct assay_settings_place *place,
    uint32_t backup_address)
{
    uint8_t a[ASSAY_SETTINGS_PAGE_MAX];
    uint8_t b[ASSAY_SETTINGS_PAGE_MAX];
    load_page(assay_hex_at(hex, place->address), a);
    load_page(assay_hex_at(hex, backup_address), b);
    size_t len = place->settings.version == 1 ? V1_PEER_OFF : V2_END;
    if (!is_valid_backup(hex, backup_address)) {
        return ASSAY_SETTINGS_BACKUP_INVALID;
    }
    return memcmp(a, b, len) == 0 ? ASSAY_SETTINGS_BACKUP_SAME
                                  : ASSAY_SETTINGS_BACKUP_DIFFERENT;
}

/* place->address has a valid page; look for the other one. */
static void find_backup(const struct assay_hex *hex,
                        struct assay_settings_place *place)
{
    if (place->address >= ASSAY_SETTINGS_BACKUP_DISTANCE) {
        uint32_t below = place->address - ASSAY_SETTINGS_BACKUP_DISTANCE;
        int is_reserved = place->family != NULL &&
                          place->family->backup_address == below &&
                          assay_hex_at(hex, below).len != 0;
        if (is_reserved || is_valid_backup(hex, below)) {
            place->backup_address = below;
            place->backup = compare_pages(hex, place, below);
            return;
        }
    }
    for (size_t i = 0; i < hex->n_segments; i++) {
        uint32_t address = hex->segments[i].address;
        if (address != place->address && is_valid_backup(hex, address)) {
            place->backup_address = address;
            place->backup = compare_pages(hex, place, address);
            return;
        }
    }
}

static enum assay_status find_main(const struct assay_hex *hex,
                                   struct assay_settings_place *out)
{
    for (size_t i = 0; i < N_FAMILIES; i++) {
        out->address = FAMILIES[i].address;
        if (parse_at(hex, out->address, &out->settings) == ASSAY_OK) {
            out->family = &FAMILIES[i];
            out->page = ASSAY_SETTINGS_PART_RIGHT;
            find_backup(hex, out);
            return ASSAY_OK;
        }
    }
    return ASSAY_SETTINGS_NOT_FOUND;
}

static enum assay_status find_backup_alone(const struct assay_hex *hex,
                                           struct assay_settings_place *out)
{
    for (size_t i = 0; i < N_FAMILIES; i++) {
        uint32_t address = FAMILIES[i].backup_address;
        if (!is_valid_backup(hex, address)) {
            continue;
        }
        out->family = &FAMILIES[i];
        out->address = FAMILIES[i].address;
        out->backup_address = address;
        out->backup = ASSAY_SETTINGS_BACKUP_ALONE;
        out->page = assay_hex_at(hex, out->address).len != 0
                        ? ASSAY_SETTINGS_PART_WRONG
                        : ASSAY_SETTINGS_PART_ABSENT;
        return parse_at(hex, address, &out->settings);
    }
    return ASSAY_SETTINGS_NOT_FOUND;
}

/* Pages at an address of the user's choice. */
static enum assay_status find_elsewhere(const struct assay_hex *hex,
                                        struct assay_settings_place *out)
{
    for (size_t i = 0; i < hex->n_segments; i++) {
        uint32_t address = hex->segments[i].address;
        struct assay_settings above;
        if (parse_at(hex, address, &out->settings) != ASSAY_OK) {
            continue;
        }
        out->address = address;
        out->page = ASSAY_SETTINGS_PART_RIGHT;
        if (address <= UINT32_MAX - ASSAY_SETTINGS_BACKUP_DISTANCE &&
            parse_at(hex, address + ASSAY_SETTINGS_BACKUP_DISTANCE, &above) ==
                ASSAY_OK) {
            out->address = address + ASSAY_SETTINGS_BACKUP_DISTANCE;
            out->settings = above;
        }
        find_backup(hex, out);
        return ASSAY_OK;
    }
    return ASSAY_SETTINGS_NOT_FOUND;
}

static int starts_segment(const struct assay_hex *hex, uint32_t address)
{
    for (size_t i = 0; i < hex->n_segments; i++) {
        if (hex->segments[i].address == address) {
            return 1;
        }
    }
    return 0;
}

/*
 * No valid page: say why, if something looks like one. In the middle of a
 * segment program bytes may have 1 or 2 where the version is, so the fields
 * with few values must fit as well.
 */
static enum assay_status report_none(const struct assay_hex *hex,
                                     struct assay_settings_place *out,
                                     struct assay_diag *diag)
{
    for (size_t i = 0; i < N_FAMILIES; i++) {
        uint32_t address = FAMILIES[i].address;
        struct assay_settings *s = &out->settings;
        enum assay_status status = parse_at(hex, address, s);
        int starts = starts_segment(hex, address);
        if (status == ASSAY_SETTINGS_CRC &&
            (starts || (s->bank_layout <= 1 && s->bank_current <= 1 &&
                        s->bank0.code <= 0xFF && s->enter_dfu <= 1))) {
            out->family = &FAMILIES[i];
            out->address = address;
            out->page = ASSAY_SETTINGS_PART_WRONG;
            return assay_diag_set(diag, ASSAY_SETTINGS_CRC,
                                  "page at 0x%08X: CRC 0x%08X, expected 0x%08X",
                                  address, s->crc, s->computed_crc);
        }
        if (status == ASSAY_SETTINGS_VERSION && starts) {
            struct assay_slice page = assay_hex_at(hex, address);
            *out = (struct assay_settings_place){0};
            return assay_diag_set(diag, ASSAY_SETTINGS_VERSION,
                                  "page at 0x%08X: settings version 0x%08X, "
                                  "expected 1 or 2",
                                  address,
                                  assay_load_le32(page.p + VERSION_OFF));
        }
    }
    *out = (struct assay_settings_place){0};
    return assay_diag_set(diag, ASSAY_SETTINGS_NOT_FOUND,
                          "%zu segments from 0x%08X, none has a page at its "
                          "start or at a known address",
                          hex->n_segments,
                          hex->n_segments == 0 ? 0 : hex->segments[0].address);
}

enum assay_status assay_settings_find(const struct assay_hex *hex,
                                      struct assay_settings_place *out,
                                      struct assay_diag *diag)
{
    *out = (struct assay_settings_place){.backup_address =
                                             ASSAY_SETTINGS_NO_BACKUP};
    enum assay_status status = find_main(hex, out);
    if (status != ASSAY_OK) {
        status = find_backup_alone(hex, out);
    }
    if (status != ASSAY_OK) {
        status = find_elsewhere(hex, out);
    }
    return status == ASSAY_OK ? status : report_none(hex, out, diag);
}

enum assay_status assay_settings_hex(const struct assay_settings *s,
                                     uint32_t address, uint32_t backup_address,
                                     struct assay_buffer *hex_text,
                                     struct assay_diag *diag)
{
    struct assay_buffer page = {0};
    enum assay_status status = assay_settings_encode(s, &page, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    uint32_t low = address;
    uint32_t high = backup_address;
    if (backup_address < address) {
        low = backup_address;
        high = address;
    }
    struct assay_slice data = assay_buffer_slice(&page);
    struct assay_hex_segment segments[2] = {{low, data}, {high, data}};
    struct assay_hex hex = {.segments = segments, .n_segments = 2};
    if (backup_address == ASSAY_SETTINGS_NO_BACKUP) {
        hex.n_segments = 1;
    }
    status = assay_hex_write(&hex, hex_text, diag);
    assay_buffer_free(&page);
    return status;
}

/* What nrfutil prints, line by line; the values start in column 29. */
static enum assay_status show_known(const char *path,
                                    const struct assay_settings_place *place,
                                    struct assay_buffer *text,
                                    struct assay_diag *diag)
{
    const struct assay_settings *s = &place->settings;
    return assay_buffer_printf(
        text, diag,
        "\nBootloader DFU Settings:\n"
        "* File:                     %s\n"
        "* Family:                   %s\n"
        "* Start Address:            0x%08X\n"
        "* CRC:                      0x%08X\n"
        "* Settings Version:         0x%08X (%u)\n"
        "* App Version:              0x%08X (%u)\n"
        "* Bootloader Version:       0x%08X (%u)\n"
        "* Bank Layout:              0x%08X\n"
        "* Current Bank:             0x%08X\n"
        "* Application Size:         0x%08X (%u bytes)\n"
        "* Application CRC:          0x%08X\n"
        "* Bank0 Bank Code:          0x%08X\n"
        "* Softdevice Size:          0x%08X (%u bytes)\n"
        "* Boot Validation CRC:      0x%08X\n"
        "* SD Boot Validation Type:  0x%08X (%u)\n"
        "* App Boot Validation Type: 0x%08X (%u)\n",
        path, place->family == NULL ? "unknown" : place->family->shown,
        place->address, s->crc, s->version, s->version, s->app_version,
        s->app_version, s->bootloader_version, s->bootloader_version,
        s->bank_layout, s->bank_current, s->bank0.image_len, s->bank0.image_len,
        s->bank0.image_crc, s->bank0.code, s->sd_len, s->sd_len,
        s->boot_validation_crc, s->softdevice.type, s->softdevice.type,
        s->application.type, s->application.type);
}

static const char *part_text(enum assay_settings_part part)
{
    switch (part) {
    case ASSAY_SETTINGS_PART_RIGHT:
        return "right";
    case ASSAY_SETTINGS_PART_WRONG:
        return "wrong";
    case ASSAY_SETTINGS_PART_ABSENT:
        break;
    }
    return "not present";
}

static const char *presence_text(enum assay_settings_part part)
{
    switch (part) {
    case ASSAY_SETTINGS_PART_RIGHT:
        return "present, CRC right";
    case ASSAY_SETTINGS_PART_WRONG:
        return "present, CRC wrong";
    case ASSAY_SETTINGS_PART_ABSENT:
        break;
    }
    return "none";
}

static enum assay_status show_check(const char *label,
                                    enum assay_settings_part part,
                                    uint32_t computed,
                                    struct assay_buffer *text,
                                    struct assay_diag *diag)
{
    if (part == ASSAY_SETTINGS_PART_WRONG) {
        return assay_buffer_printf(
            text, diag, "* %-25s wrong, expected 0x%08X\n", label, computed);
    }
    return assay_buffer_printf(text, diag, "* %-25s %s\n", label,
                               part_text(part));
}

static enum assay_status show_backup(const struct assay_settings_place *place,
                                     struct assay_buffer *text,
                                     struct assay_diag *diag)
{
    static const char *const STATES[] = {
        [ASSAY_SETTINGS_BACKUP_NONE] = "none",
        [ASSAY_SETTINGS_BACKUP_SAME] = "same as the settings page",
        [ASSAY_SETTINGS_BACKUP_DIFFERENT] = "differs from the settings page",
        [ASSAY_SETTINGS_BACKUP_INVALID] = "not valid",
        [ASSAY_SETTINGS_BACKUP_ALONE] =
            "valid and shown here; the settings page is not",
    };
    if (place->backup_address == ASSAY_SETTINGS_NO_BACKUP) {
        return assay_buffer_printf(text, diag,
                                   "* Backup Page:              none\n");
    }
    return assay_buffer_printf(text, diag,
                               "* Backup Page:              0x%08X (%s)\n",
                               place->backup_address, STATES[place->backup]);
}

static enum assay_status show_checks(const struct assay_settings_place *place,
                                     struct assay_buffer *text,
                                     struct assay_diag *diag)
{
    const struct assay_settings *s = &place->settings;
    enum assay_status status = show_backup(place, text, diag);
    if (status == ASSAY_OK) {
        status = show_check("CRC Check:", s->page_check, s->computed_crc, text,
                            diag);
    }
    if (status == ASSAY_OK) {
        status = show_check("Boot Validation Check:", s->boot_validation_check,
                            s->computed_boot_validation_crc, text, diag);
    }
    return status;
}

static enum assay_status show_progress(const struct assay_settings *s,
                                       struct assay_buffer *text,
                                       struct assay_diag *diag)
{
    const struct assay_settings_progress *p = &s->progress;
    return assay_buffer_printf(
        text, diag,
        "* BL Boot Validation Type:  0x%08X (%u)\n"
        "* Bank1 Image Size:         0x%08X (%u bytes)\n"
        "* Bank1 Image CRC:          0x%08X\n"
        "* Bank1 Bank Code:          0x%08X\n"
        "* Write Offset:             0x%08X\n"
        "* Init Packet:              %zu bytes\n"
        "* Command Progress:         %u of %u bytes, CRC 0x%08X\n"
        "* Data Object Size:         0x%08X (%u bytes)\n"
        "* Image Progress:           %u bytes, CRC 0x%08X\n"
        "* Image Progress Last:      %u bytes, CRC 0x%08X\n"
        "* Enter Buttonless DFU:     0x%08X\n"
        "* Peer Data:                %s\n"
        "* Advertising Name:         %s\n",
        s->bootloader.type, s->bootloader.type, s->bank1.image_len,
        s->bank1.image_len, s->bank1.image_crc, s->bank1.code, s->write_off,
        assay_settings_init_len(s), p->command_off, p->command_len,
        p->command_crc, p->data_object_len, p->data_object_len, p->image_off,
        p->image_crc, p->image_off_last, p->image_crc_last, s->enter_dfu,
        presence_text(s->peer_data), presence_text(s->adv_name));
}

enum assay_status assay_settings_display_text(
    const char *path, const struct assay_settings_place *place,
    struct assay_buffer *text, struct assay_diag *diag)
{
    enum assay_status status = show_known(path, place, text, diag);
    if (status == ASSAY_OK) {
        status = show_checks(place, text, diag);
    }
    if (status == ASSAY_OK) {
        status = show_progress(&place->settings, text, diag);
    }
    if (status == ASSAY_OK) {
        status = assay_buffer_printf(text, diag, "\n");
    }
    return status;
}
