/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "base/bytes.h"
#include "host/firmware.h"
#include "host/settings.h"
#include "host/text.h"
#include "tests/shared.h"

#include <criterion/criterion.h>
#include <string.h>

/*
 * Settings pages. The expected pages, CRCs and texts come from nrfutil 6.1.7
 * and from published hex files; where a page is changed by hand, its CRC is
 * computed by the bit-wise model below, not by the code under test.
 */

static uint32_t model_crc32(const uint8_t *p, size_t len)
{
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < len * 8; i++) {
        uint32_t bit = (crc ^ (uint32_t)(p[i / 8] >> i % 8)) & 1;
        crc = crc >> 1 ^ (bit != 0 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

static void seal(uint8_t *page)
{
    assay_store_le32(page, model_crc32(page + 4, 0x58));
    assay_store_le32(page + 0x25C, model_crc32(page + 0x260, 195));
}

/* in: name under corpus/; ret: 0 when the material is not here. */
static int read_corpus(const char *name, struct assay_buffer *out)
{
    char below[200];
    (void)snprintf(below, sizeof below, "corpus/%s", name);
    return shared_read(out, "settings", below);
}

/* Find the settings of a hex file of the corpus. */
static int find_corpus(const char *name, struct assay_settings_place *place)
{
    struct assay_buffer file = {0};
    struct assay_hex hex;
    struct assay_diag diag = {0};
    if (!read_corpus(name, &file)) {
        return 0;
    }
    cr_assert(assay_hex_parse(assay_buffer_slice(&file), &hex, &diag) ==
              ASSAY_OK);
    cr_assert(assay_settings_find(&hex, place, &diag) == ASSAY_OK, "%s: %s",
              name, diag.text);
    assay_hex_free(&hex);
    assay_buffer_free(&file);
    return 1;
}

/* A version 2 page as the bootloader leaves it, with every field in use. */
static void device_page(uint8_t page[static ASSAY_SETTINGS_PAGE_MAX])
{
    memset(page, 0xFF, ASSAY_SETTINGS_PAGE_MAX);
    for (size_t off = 4; off < 0x5C; off += 4) {
        assay_store_le32(page + off, 0x01000000u + (uint32_t)off);
    }
    assay_store_le32(page + 4, 2);
    assay_store_le32(page + 0x38, 141);
    memset(page + 0x5C, 0x12, 141);
    memset(page + 0x260, 0, 195);
    page[0x260] = 1;
    page[0x261] = 0xA1;
    page[0x2A1] = 2;
    page[0x2A2] = 0xA2;
    page[0x2E2] = 3;
    page[0x2E3] = 0xA3;
    seal(page);
}

/* ---- building and writing ---- */

struct golden {
    const char *file; /* NULL: only the CRCs are known */
    const char *family;
    struct {
        uint32_t version;
        uint32_t app;
        uint32_t bl;
    } versions;
    enum assay_settings_validation_type validation;
    const char *application;
    const char *softdevice;
    enum assay_settings_validation_type sd_validation;
    uint32_t crc;
    uint32_t boot_validation_crc;
};

#define NONE ASSAY_SETTINGS_VALIDATE_NONE
#define CRC ASSAY_SETTINGS_VALIDATE_CRC
#define SHA256 ASSAY_SETTINGS_VALIDATE_SHA256
#define ECDSA ASSAY_SETTINGS_VALIDATE_ECDSA

static const struct golden GOLDEN[] = {
    {"g_NO_VALIDATION.hex",
     "NRF52840",
     {2, 7, 3},
     NONE,
     "bar.hex",
     NULL,
     NONE,
     0x13D3F21A,
     0xACDA1BA2},
    {"g_VALIDATE_GENERATED_CRC.hex",
     "NRF52840",
     {2, 7, 3},
     CRC,
     "bar.hex",
     NULL,
     NONE,
     0x13D3F21A,
     0x8EDA6A8B},
    {NULL,
     "NRF52840",
     {2, 7, 3},
     SHA256,
     "bar.hex",
     NULL,
     NONE,
     0x13D3F21A,
     0x817B8914},
    {NULL,
     "NRF52840",
     {2, 1, 1},
     CRC,
     "bar.hex",
     NULL,
     NONE,
     0x2CE406D3,
     0x8EDA6A8B},
    {NULL,
     "NRF52840",
     {2, 1, 1},
     ECDSA,
     "bar.hex",
     NULL,
     NONE,
     0x2CE406D3,
     0xDFD497D6},
    {"s1.hex",
     "NRF52840",
     {1, 20731, 0x10},
     NONE,
     "bar.hex",
     NULL,
     NONE,
     0x2FAA4180,
     0},
    {NULL, "NRF52840", {1, 0, 3}, NONE, NULL, NULL, NONE, 0x88EFB86B, 0},
    {"s3.hex",
     "NRF52",
     {2, 0, 1},
     NONE,
     NULL,
     NULL,
     NONE,
     0x48EF506A,
     0xACDA1BA2},
    {NULL, "NRF52", {1, 1, 1}, NONE, NULL, NULL, NONE, 0xEAA3288E, 0},
    {NULL,
     "NRF52",
     {2, 7, 3},
     NONE,
     "bar.hex",
     "foo.hex",
     CRC,
     0xB468D1A7,
     0x0D8899F4},
    {NULL,
     "NRF52",
     {2, 7, 3},
     NONE,
     "bar.hex",
     "foo.hex",
     SHA256,
     0xB468D1A7,
     0xA61B3041},
};

static void make_image(const char *name, struct assay_firmware *fw)
{
    char path[400];
    char below[200];
    (void)snprintf(below, sizeof below, "corpus/nrfutil-made/%s", name);
    cr_assert(shared_path(path, sizeof path, below));
    struct assay_diag diag = {0};
    cr_assert(assay_firmware_load(path, fw, &diag) == ASSAY_OK, "%s",
              diag.text);
}

static void build_golden(const struct golden *g, struct assay_settings *out)
{
    uint8_t signature[64];
    for (size_t i = 0; i < sizeof signature; i++) {
        signature[i] = (uint8_t)i;
    }
    struct assay_firmware app = {0};
    struct assay_firmware sd = {0};
    struct assay_settings_image app_image = {.validation = g->validation,
                                             .signature = signature};
    struct assay_settings_image sd_image = {.validation = g->sd_validation};
    struct assay_settings_inputs inputs = {
        .version = g->versions.version,
        .app_version = g->versions.app,
        .bootloader_version = g->versions.bl,
    };
    if (g->application != NULL) {
        make_image(g->application, &app);
        app_image.bytes = assay_buffer_slice(&app.image);
        inputs.application = &app_image;
    }
    if (g->softdevice != NULL) {
        make_image(g->softdevice, &sd);
        sd_image.bytes = assay_buffer_slice(&sd.image);
        inputs.softdevice = &sd_image;
    }
    struct assay_diag diag = {0};
    cr_assert(assay_settings_build(&inputs, out, &diag) == ASSAY_OK, "%s",
              diag.text);
    assay_firmware_free(&app);
    assay_firmware_free(&sd);
}

Test(settings, built_pages_have_the_values_of_nrfutil)
{
    struct assay_buffer file = {0};
    if (!read_corpus("nrfutil-made/bar.hex", &file)) {
        return;
    }
    assay_buffer_free(&file);
    for (size_t i = 0; i < sizeof GOLDEN / sizeof GOLDEN[0]; i++) {
        const struct golden *g = &GOLDEN[i];
        struct assay_settings s;
        build_golden(g, &s);
        cr_assert(s.crc == g->crc, "%zu: CRC 0x%08X", i, s.crc);
        cr_assert(s.boot_validation_crc == g->boot_validation_crc,
                  "%zu: boot validation CRC 0x%08X", i, s.boot_validation_crc);
        if (g->file == NULL) {
            continue;
        }
        char name[100];
        (void)snprintf(name, sizeof name, "nrfutil-made/%s", g->file);
        cr_assert(read_corpus(name, &file));
        const struct assay_settings_family *family =
            assay_settings_family_by_name(g->family);
        /* Of these files only s3.hex has a backup page. */
        uint32_t backup = strcmp(g->file, "s3.hex") == 0
                              ? family->address - ASSAY_SETTINGS_BACKUP_DISTANCE
                              : ASSAY_SETTINGS_NO_BACKUP;
        struct assay_buffer text = {0};
        cr_assert(assay_settings_hex(&s, family->address, backup, &text,
                                     NULL) == ASSAY_OK);
        cr_assert(assay_text_equal(assay_buffer_slice(&text),
                                   assay_buffer_slice(&file)),
                  "%s", g->file);
        assay_buffer_free(&text);
        assay_buffer_free(&file);
    }
}

Test(settings, impossible_inputs_are_refused)
{
    struct assay_diag diag = {0};
    struct assay_settings s;
    struct assay_settings_image image = {
        .bytes = assay_slice((const uint8_t *)"1234", 4),
        .validation = ASSAY_SETTINGS_VALIDATE_ECDSA,
    };
    struct assay_settings_inputs inputs = {.version = 3};
    cr_assert(assay_settings_build(&inputs, &s, &diag) ==
              ASSAY_SETTINGS_VERSION);
    inputs.version = 2;
    inputs.application = &image;
    cr_assert(assay_settings_build(&inputs, &s, &diag) ==
              ASSAY_GENERATE_OPTIONS);
    image.validation = (enum assay_settings_validation_type)4;
    cr_assert(assay_settings_build(&inputs, &s, &diag) ==
              ASSAY_GENERATE_OPTIONS);
    image.bytes.len = 0;
    cr_assert(assay_settings_build(&inputs, &s, &diag) == ASSAY_GENERATE_IMAGE);
    struct assay_buffer out = {0};
    s.version = 0;
    cr_assert(assay_settings_encode(&s, &out, &diag) == ASSAY_SETTINGS_VERSION);
    cr_assert(assay_settings_hex(&s, 0, 0, &out, &diag) ==
              ASSAY_SETTINGS_VERSION);
    s.version = 2;
    cr_assert(assay_settings_hex(&s, 0x1000, 0x1000 + 803, &out, &diag) ==
              ASSAY_HEX_OVERLAP);
    cr_assert(assay_settings_hex(&s, 0xFFFFFF00, ASSAY_SETTINGS_NO_BACKUP, &out,
                                 &diag) == ASSAY_HEX_OVERLAP);
    assay_buffer_free(&out);
}

Test(settings, crc_is_that_of_zlib)
{
    static const uint8_t ZEROS[195];
    cr_assert(assay_settings_crc32(
                  assay_slice((const uint8_t *)"123456789", 9)) == 0xCBF43926);
    cr_assert(assay_settings_crc32(assay_slice(ZEROS, sizeof ZEROS)) ==
              0xACDA1BA2);
    cr_assert(assay_settings_crc32(assay_slice(NULL, 0)) == 0);
}

Test(settings, families_are_those_of_nrfutil_and_two_more)
{
    size_t n = 0;
    const struct assay_settings_family *f = assay_settings_families(&n);
    cr_assert(n == 7);
    for (size_t i = 0; i < n; i++) {
        cr_assert(assay_settings_family_by_name(f[i].name) == &f[i]);
        cr_assert(f[i].backup_address == ASSAY_SETTINGS_NO_BACKUP ||
                  f[i].backup_address ==
                      f[i].address - ASSAY_SETTINGS_BACKUP_DISTANCE);
    }
    cr_assert(assay_settings_family_by_name("NRF52840")->address == 0xFF000);
    cr_assert(assay_settings_family_by_name("NRF52833")->address == 0x7F000);
    cr_assert(assay_settings_family_by_name("NRF52820")->address == 0x3F000);
    cr_assert(assay_settings_family_by_name("nrf52") == NULL);
}

/* ---- reading ---- */

Test(settings, every_field_is_read)
{
    uint8_t page[ASSAY_SETTINGS_PAGE_MAX];
    struct assay_settings s;
    device_page(page);
    cr_assert(assay_settings_parse(assay_slice(page, sizeof page), &s, NULL) ==
              ASSAY_OK);
    cr_assert(s.version == 2);
    cr_assert(s.app_version == 0x01000008);
    cr_assert(s.bootloader_version == 0x0100000C);
    cr_assert(s.bank_layout == 0x01000010);
    cr_assert(s.bank_current == 0x01000014);
    cr_assert(s.bank0.image_len == 0x01000018);
    cr_assert(s.bank0.image_crc == 0x0100001C);
    cr_assert(s.bank0.code == 0x01000020);
    cr_assert(s.bank1.image_len == 0x01000024);
    cr_assert(s.bank1.image_crc == 0x01000028);
    cr_assert(s.bank1.code == 0x0100002C);
    cr_assert(s.write_off == 0x01000030);
    cr_assert(s.sd_len == 0x01000034);
    cr_assert(s.progress.command_len == 141);
    cr_assert(s.progress.command_off == 0x0100003C);
    cr_assert(s.progress.command_crc == 0x01000040);
    cr_assert(s.progress.data_object_len == 0x01000044);
    cr_assert(s.progress.image_crc == 0x01000048);
    cr_assert(s.progress.image_crc_last == 0x0100004C);
    cr_assert(s.progress.image_off == 0x01000050);
    cr_assert(s.progress.image_off_last == 0x01000054);
    cr_assert(s.enter_dfu == 0x01000058);
    cr_assert(s.init_command[140] == 0x12 && s.init_command[141] == 0xFF);
    cr_assert(assay_settings_init_len(&s) == 141);
    cr_assert(s.softdevice.type == 1 && s.softdevice.bytes[0] == 0xA1);
    cr_assert(s.application.type == 2 && s.application.bytes[0] == 0xA2);
    cr_assert(s.bootloader.type == 3 && s.bootloader.bytes[0] == 0xA3);
    cr_assert(s.page_check == ASSAY_SETTINGS_PART_RIGHT);
    cr_assert(s.boot_validation_check == ASSAY_SETTINGS_PART_RIGHT);
    cr_assert(s.peer_data == ASSAY_SETTINGS_PART_ABSENT);
    cr_assert(s.adv_name == ASSAY_SETTINGS_PART_ABSENT);

    /* And written again: the same, as far as the writer goes. */
    struct assay_buffer out = {0};
    cr_assert(assay_settings_encode(&s, &out, NULL) == ASSAY_OK);
    cr_assert(assay_text_equal(assay_buffer_slice(&out),
                               assay_slice(page, ASSAY_SETTINGS_V2_LEN)));
    assay_buffer_free(&out);
}

Test(settings, parts_with_their_own_crc_are_judged)
{
    static const size_t SHIFTS[] = {0, 1}; /* without and with BLE */
    uint8_t page[ASSAY_SETTINGS_PAGE_MAX];
    struct assay_settings s;
    for (size_t i = 0; i < 2; i++) {
        uint8_t *peer = page + 0x323 + SHIFTS[i];
        uint8_t *name = page + 0x363 + SHIFTS[i];
        device_page(page);
        memset(peer + 4, 7, 60);
        memset(name + 4, 8, 24);
        assay_store_le32(peer, model_crc32(peer + 4, 60));
        assay_store_le32(name, model_crc32(name + 4, 24));
        cr_assert(assay_settings_parse(assay_slice(page, sizeof page), &s,
                                       NULL) == ASSAY_OK);
        cr_assert(s.peer_data == ASSAY_SETTINGS_PART_RIGHT);
        cr_assert(s.adv_name == ASSAY_SETTINGS_PART_RIGHT);
        peer[20] ^= 1;
        name[20] ^= 1;
        cr_assert(assay_settings_parse(assay_slice(page, sizeof page), &s,
                                       NULL) == ASSAY_OK);
        cr_assert(s.peer_data == ASSAY_SETTINGS_PART_WRONG);
        cr_assert(s.adv_name == ASSAY_SETTINGS_PART_WRONG);
    }
}

Test(settings, version_1_ends_before_the_validations)
{
    uint8_t page[ASSAY_SETTINGS_PAGE_MAX];
    struct assay_settings s;
    device_page(page);
    assay_store_le32(page + 4, 1);
    seal(page);
    cr_assert(assay_settings_parse(assay_slice(page, sizeof page), &s, NULL) ==
              ASSAY_OK);
    cr_assert(s.boot_validation_check == ASSAY_SETTINGS_PART_ABSENT);
    cr_assert(s.boot_validation_crc == 0 && s.application.type == 0);
    cr_assert(assay_settings_init_len(&s) == 141);
    struct assay_buffer out = {0};
    cr_assert(assay_settings_encode(&s, &out, NULL) == ASSAY_OK);
    cr_assert(assay_text_equal(assay_buffer_slice(&out),
                               assay_slice(page, ASSAY_SETTINGS_V1_LEN)));
    assay_buffer_free(&out);
}

Test(settings, init_packet_length_without_progress_ends_at_the_fill)
{
    uint8_t page[ASSAY_SETTINGS_PAGE_MAX];
    struct assay_settings s;
    device_page(page);
    assay_store_le32(page + 0x38, 0);
    seal(page);
    cr_assert(assay_settings_parse(assay_slice(page, sizeof page), &s, NULL) ==
              ASSAY_OK);
    cr_assert(assay_settings_init_len(&s) == 141);
    s.progress.command_len = 513;
    cr_assert(assay_settings_init_len(&s) == 141);
    memset(s.init_command, 0, sizeof s.init_command);
    s.progress.command_len = 141;
    cr_assert(assay_settings_init_len(&s) == 0);
    memset(s.init_command, 1, sizeof s.init_command);
    s.progress.command_len = 0;
    cr_assert(assay_settings_init_len(&s) == 512);
}

Test(settings, flipped_bit_is_seen_by_the_crc_of_its_part)
{
    uint8_t page[ASSAY_SETTINGS_PAGE_MAX];
    struct assay_settings s;
    device_page(page);
    for (size_t bit = 0; bit < sizeof page * 8; bit++) {
        size_t off = bit / 8;
        page[off] ^= (uint8_t)(1u << bit % 8);
        enum assay_status status =
            assay_settings_parse(assay_slice(page, sizeof page), &s, NULL);
        enum assay_status wanted = off >= 0x5C ? ASSAY_OK
                                   : off >= 4 && off < 8
                                       ? ASSAY_SETTINGS_VERSION
                                       : ASSAY_SETTINGS_CRC;
        enum assay_settings_part validation = off >= 0x25C && off < 0x323
                                                  ? ASSAY_SETTINGS_PART_WRONG
                                                  : ASSAY_SETTINGS_PART_RIGHT;
        cr_assert(status == wanted, "bit %zu: %s", bit,
                  assay_status_name(status));
        cr_assert(wanted == ASSAY_SETTINGS_VERSION ||
                      s.boot_validation_check == validation,
                  "bit %zu", bit);
        page[off] ^= (uint8_t)(1u << bit % 8);
    }
}

Test(settings, page_cut_anywhere_is_judged_by_what_is_there)
{
    uint8_t page[ASSAY_SETTINGS_PAGE_MAX];
    struct assay_settings s;
    device_page(page);
    for (size_t len = 0; len <= sizeof page; len++) {
        uint8_t *cut = malloc(len == 0 ? 1 : len);
        memcpy(cut, page, len);
        enum assay_status status =
            assay_settings_parse(assay_slice(cut, len), &s, NULL);
        cr_assert(status == (len < 92 ? ASSAY_SETTINGS_NOT_FOUND : ASSAY_OK));
        cr_assert(s.boot_validation_check == (len < 803
                                                  ? ASSAY_SETTINGS_PART_ABSENT
                                                  : ASSAY_SETTINGS_PART_RIGHT));
        free(cut);
    }
}

Test(settings, refusals_say_what_was_found)
{
    uint8_t page[ASSAY_SETTINGS_PAGE_MAX];
    struct assay_settings s;
    struct assay_diag diag = {0};
    device_page(page);
    assay_store_le32(page + 4, 3);
    cr_assert(assay_settings_parse(assay_slice(page, sizeof page), &s, &diag) ==
              ASSAY_SETTINGS_VERSION);
    cr_assert(strstr(diag.text, "version 3") != NULL);
    device_page(page);
    uint32_t crc = assay_load_le32(page);
    assay_store_le32(page, 0xFFFFFFFF);
    cr_assert(assay_settings_parse(assay_slice(page, sizeof page), &s, &diag) ==
              ASSAY_SETTINGS_CRC);
    char wanted[100];
    (void)snprintf(wanted, sizeof wanted,
                   "page CRC 0xFFFFFFFF, expected 0x%08X", crc);
    cr_assert_str_eq(diag.text, wanted);
    cr_assert(s.computed_crc == crc && s.app_version == 0x01000008);
}

Test(settings, page_whose_crc_comes_out_erased_is_refused)
{
    uint8_t page[ASSAY_SETTINGS_PAGE_MAX];
    struct assay_settings s;
    device_page(page);
    /* A last word equal to the register clears it: the CRC is all ones. */
    assay_store_le32(page + 0x58, ~model_crc32(page + 4, 0x54));
    seal(page);
    cr_assert(assay_load_le32(page) == 0xFFFFFFFF);
    cr_assert(assay_settings_parse(assay_slice(page, sizeof page), &s, NULL) ==
              ASSAY_SETTINGS_CRC);
}

/* ---- finding ---- */

static const struct published {
    const char *name;
    uint32_t address;
    uint32_t backup_address;
    uint32_t version;
    uint32_t app_version;
    uint32_t bootloader_version;
    uint32_t image_len;
    uint32_t image_crc;
} PUBLISHED[] = {
    {"Android-nRF-Connect__9df7feea__bl_settings.hex", 0x7f000,
     ASSAY_SETTINGS_NO_BACKUP, 1, 1, 101, 29692, 0xAF6201DE},
    {"Android-nRF-Connect__9ffdb6de__bl_settings.hex", 0x7f000,
     ASSAY_SETTINGS_NO_BACKUP, 1, 1, 14, 43008, 0x031A582E},
    {"Android-nRF-Connect__b0b9cc53__bl_settings.hex", 0x7f000,
     ASSAY_SETTINGS_NO_BACKUP, 1, 1, 7, 39988, 0xF5E3B47A},
    {"Android-nRF-Connect__f46096df__bl_settings.hex", 0xff000,
     ASSAY_SETTINGS_NO_BACKUP, 1, 1, 1, 29608, 0x824BE6F0},
    {"Nordic_nRF5_Project__9b1c9c51__bl-settings.hex", 0x7f000, 0x7e000, 2,
     10000, 1, 32728, 0xEE5A99C1},
    {"Nordic_nRF5_Project__c74689ff__bl-settings.hex", 0x7f000, 0x7e000, 2,
     10000, 1, 58468, 0xAE891582},
    {"bluenet-release__82f40eb9__bootloader-settings.hex", 0x7f000, 0x7e000, 1,
     16, 6, 147568, 0xC35DD290},
    {"bluenet-release__8a1ab7e4__bootloader-settings.hex", 0x7f000, 0x7e000, 1,
     21, 6, 148176, 0x567378B6},
    {"bluenet-release__c93e7828__bootloader-settings.hex", 0x7f000, 0x7e000, 1,
     17, 6, 147600, 0xDD47ED41},
    {"bluenet-release__e4f6080b__bootloader-settings.hex", 0x7f000, 0x7e000, 1,
     18, 6, 147952, 0xBBCC69CA},
    {"trezor-firmware__972b7709__settings.hex", 0xff000, 0xfe000, 2, 0, 0,
     36284, 0x0FB144C7},
};

Test(settings, published_pages_are_found_and_read)
{
    for (size_t i = 0; i < sizeof PUBLISHED / sizeof PUBLISHED[0]; i++) {
        const struct published *p = &PUBLISHED[i];
        struct assay_settings_place place;
        char name[200];
        (void)snprintf(name, sizeof name, "hex/%s", p->name);
        if (!find_corpus(name, &place)) {
            continue;
        }
        const struct assay_settings *s = &place.settings;
        cr_assert(place.address == p->address, "%s", p->name);
        cr_assert(place.backup_address == p->backup_address, "%s", p->name);
        cr_assert(place.backup == (p->backup_address == ASSAY_SETTINGS_NO_BACKUP
                                       ? ASSAY_SETTINGS_BACKUP_NONE
                                       : ASSAY_SETTINGS_BACKUP_SAME),
                  "%s", p->name);
        cr_assert(s->version == p->version, "%s", p->name);
        cr_assert(s->app_version == p->app_version, "%s", p->name);
        cr_assert(s->bootloader_version == p->bootloader_version, "%s",
                  p->name);
        cr_assert(s->bank0.image_len == p->image_len, "%s", p->name);
        cr_assert(s->bank0.image_crc == p->image_crc, "%s", p->name);
        cr_assert(s->bank0.code == ASSAY_SETTINGS_BANK_APP, "%s", p->name);
    }
}

Test(settings, published_pages_are_written_back_alike)
{
    for (size_t i = 0; i < sizeof PUBLISHED / sizeof PUBLISHED[0]; i++) {
        struct assay_settings_place place;
        struct assay_buffer file = {0};
        struct assay_buffer text = {0};
        char name[200];
        (void)snprintf(name, sizeof name, "hex/%s", PUBLISHED[i].name);
        if (!find_corpus(name, &place) || !read_corpus(name, &file)) {
            continue;
        }
        cr_assert(assay_settings_hex(&place.settings, place.address,
                                     place.backup_address, &text,
                                     NULL) == ASSAY_OK);
        cr_assert(assay_text_equal(assay_buffer_slice(&text),
                                   assay_buffer_slice(&file)),
                  "%s", name);
        assay_buffer_free(&text);
        assay_buffer_free(&file);
    }
}

/* Up to two pages in a hex content; the status and the place. */
static enum assay_status find_two(struct assay_hex_segment low,
                                  struct assay_hex_segment high,
                                  struct assay_settings_place *place,
                                  struct assay_diag *diag)
{
    struct assay_hex_segment segments[2] = {low, high};
    struct assay_hex hex = {.segments = segments,
                            .n_segments = high.data.len == 0 ? 1 : 2};
    return assay_settings_find(&hex, place, diag);
}

static struct assay_hex_segment at(uint32_t address, const uint8_t *page)
{
    return (struct assay_hex_segment){
        address, assay_slice(page, ASSAY_SETTINGS_PAGE_MAX)};
}

Test(settings, page_of_every_family_is_found)
{
    uint8_t page[ASSAY_SETTINGS_PAGE_MAX];
    struct assay_settings_place place;
    size_t n = 0;
    const struct assay_settings_family *f = assay_settings_families(&n);
    device_page(page);
    for (size_t i = 0; i < n; i++) {
        cr_assert(find_two(at(f[i].address, page),
                           (struct assay_hex_segment){0}, &place,
                           NULL) == ASSAY_OK);
        cr_assert(place.address == f[i].address);
        cr_assert(place.family != NULL &&
                  place.family->address == f[i].address);
        cr_assert(place.backup == ASSAY_SETTINGS_BACKUP_NONE);
        cr_assert(place.backup_address == ASSAY_SETTINGS_NO_BACKUP);
    }
}

Test(settings, state_of_the_backup_is_told)
{
    uint8_t page[ASSAY_SETTINGS_PAGE_MAX];
    uint8_t other[ASSAY_SETTINGS_PAGE_MAX];
    struct assay_settings_place place;
    device_page(page);
    device_page(other);
    cr_assert(find_two(at(0xFE000, other), at(0xFF000, page), &place, NULL) ==
              ASSAY_OK);
    cr_assert(place.address == 0xFF000 && place.backup_address == 0xFE000);
    cr_assert(place.backup == ASSAY_SETTINGS_BACKUP_SAME);

    other[0x100] ^= 1; /* the init packet has no CRC */
    cr_assert(find_two(at(0xFE000, other), at(0xFF000, page), &place, NULL) ==
              ASSAY_OK);
    cr_assert(place.backup == ASSAY_SETTINGS_BACKUP_DIFFERENT);

    device_page(other);
    other[0x2A1] ^= 1; /* only the backup's validation CRC matters to load */
    cr_assert(find_two(at(0xFE000, other), at(0xFF000, page), &place, NULL) ==
              ASSAY_OK);
    cr_assert(place.backup == ASSAY_SETTINGS_BACKUP_INVALID);
    cr_assert(find_two(at(0xFE000, page), at(0xFF000, other), &place, NULL) ==
              ASSAY_OK);
    cr_assert(place.backup == ASSAY_SETTINGS_BACKUP_DIFFERENT);
    cr_assert(place.settings.boot_validation_check ==
              ASSAY_SETTINGS_PART_WRONG);

    other[8] ^= 1;
    cr_assert(find_two(at(0xFE000, page), at(0xFF000, other), &place, NULL) ==
              ASSAY_OK);
    cr_assert(place.backup == ASSAY_SETTINGS_BACKUP_ALONE);
    cr_assert(place.page == ASSAY_SETTINGS_PART_WRONG);
    cr_assert(place.address == 0xFF000 && place.backup_address == 0xFE000);
    cr_assert(place.settings.app_version == 0x01000008);
    cr_assert(find_two(at(0xFE000, page), (struct assay_hex_segment){0}, &place,
                       NULL) == ASSAY_OK);
    cr_assert(place.page == ASSAY_SETTINGS_PART_ABSENT);
}

Test(settings, pages_at_other_addresses_are_found)
{
    uint8_t page[ASSAY_SETTINGS_PAGE_MAX];
    struct assay_settings_place place;
    uint8_t other[ASSAY_SETTINGS_PAGE_MAX];
    device_page(page);
    device_page(other);
    assay_store_le32(other + 8, 99);
    seal(other);
    cr_assert(find_two(at(0x20000, page), at(0x21000, other), &place, NULL) ==
              ASSAY_OK);
    cr_assert(place.settings.app_version == 99);
    cr_assert(place.backup == ASSAY_SETTINGS_BACKUP_DIFFERENT);
    cr_assert(place.family == NULL);
    cr_assert(place.address == 0x21000 && place.backup_address == 0x20000);
    cr_assert(find_two(at(0x20000, page), at(0x23000, page), &place, NULL) ==
              ASSAY_OK);
    cr_assert(place.address == 0x20000 && place.backup_address == 0x23000);
    cr_assert(find_two(at(0x60000, page), at(0xFF000, page), &place, NULL) ==
              ASSAY_OK);
    cr_assert(place.address == 0xFF000 && place.backup_address == 0x60000);
    cr_assert(find_two(at(0xFFFFFC00, page), (struct assay_hex_segment){0},
                       &place, NULL) == ASSAY_OK);
    cr_assert(place.address == 0xFFFFFC00);
}

Test(settings, page_inside_a_longer_segment_is_found)
{
    static uint8_t flash[0x3000];
    struct assay_settings_place place;
    struct assay_hex_segment segment = {0xFD000,
                                        assay_slice(flash, sizeof flash)};
    struct assay_hex hex = {.segments = &segment, .n_segments = 1};
    struct assay_diag diag = {0};
    memset(flash, 0xFF, sizeof flash);
    cr_assert(assay_settings_find(&hex, &place, &diag) ==
              ASSAY_SETTINGS_NOT_FOUND);
    device_page(flash + 0x1000);
    device_page(flash + 0x2000);
    cr_assert(assay_settings_find(&hex, &place, &diag) == ASSAY_OK);
    cr_assert(place.backup == ASSAY_SETTINGS_BACKUP_SAME);
    /* Program bytes that happen to have 2 in the place of the version. */
    memset(flash, 0x55, sizeof flash);
    assay_store_le32(flash + 0x2004, 2);
    cr_assert(assay_settings_find(&hex, &place, &diag) ==
              ASSAY_SETTINGS_NOT_FOUND);
    memset(flash + 0x2008, 0, 0x60);
    for (size_t off = 0x10; off <= 0x14; off += 4) {
        flash[0x2000 + off] = 2;
        cr_assert(assay_settings_find(&hex, &place, &diag) ==
                  ASSAY_SETTINGS_NOT_FOUND);
        flash[0x2000 + off] = 1;
    }
    cr_assert(assay_settings_find(&hex, &place, &diag) == ASSAY_SETTINGS_CRC);
    cr_assert(strstr(diag.text, "0x000FF000") != NULL, "%s", diag.text);
}

Test(settings, absence_is_explained)
{
    uint8_t page[ASSAY_SETTINGS_PAGE_MAX];
    struct assay_settings_place place;
    struct assay_diag diag = {0};
    struct assay_hex_segment none = {0};
    device_page(page);
    page[8] ^= 1;
    cr_assert(find_two(at(0x7F000, page), none, &place, &diag) ==
              ASSAY_SETTINGS_CRC);
    cr_assert(strstr(diag.text, "page at 0x0007F000: CRC 0x") != NULL);
    cr_assert(place.settings.app_version == 0x01000009);
    cr_assert(place.page == ASSAY_SETTINGS_PART_WRONG);
    cr_assert(find_two(at(0x70000, page), none, &place, &diag) ==
              ASSAY_SETTINGS_NOT_FOUND);
    cr_assert(strstr(diag.text, "1 segments from 0x00070000") != NULL);
    assay_store_le32(page + 4, 9);
    cr_assert(find_two(at(0x7F000, page), none, &place, &diag) ==
              ASSAY_SETTINGS_VERSION);
    cr_assert(strstr(diag.text, "version 0x00000009") != NULL);
    struct assay_hex empty = {0};
    cr_assert(assay_settings_find(&empty, &place, &diag) ==
              ASSAY_SETTINGS_NOT_FOUND);
}

/* ---- display ---- */

/* What nrfutil 6.1.7 prints for s1.hex, from the first empty line. */
static const char S1_TEXT[] = "\n"
                              "Bootloader DFU Settings:\n"
                              "* File:                     out/s1.hex\n"
                              "* Family:                   NRF52840\n"
                              "* Start Address:            0x000FF000\n"
                              "* CRC:                      0x2FAA4180\n"
                              "* Settings Version:         0x00000001 (1)\n"
                              "* App Version:              0x000050FB (20731)\n"
                              "* Bootloader Version:       0x00000010 (16)\n"
                              "* Bank Layout:              0x00000000\n"
                              "* Current Bank:             0x00000000\n"
                              "* Application Size:         0x00003388 (13192 "
                              "bytes)\n"
                              "* Application CRC:          0xCDD7639D\n"
                              "* Bank0 Bank Code:          0x00000001\n"
                              "* Softdevice Size:          0x00000000 (0 "
                              "bytes)\n"
                              "* Boot Validation CRC:      0x00000000\n"
                              "* SD Boot Validation Type:  0x00000000 (0)\n"
                              "* App Boot Validation Type: 0x00000000 (0)\n";

Test(settings, display_starts_with_the_lines_of_nrfutil)
{
    struct assay_settings_place place;
    struct assay_buffer text = {0};
    if (!find_corpus("nrfutil-made/s1.hex", &place)) {
        return;
    }
    cr_assert(assay_settings_display_text("out/s1.hex", &place, &text, NULL) ==
              ASSAY_OK);
    cr_assert(text.len > sizeof S1_TEXT - 1);
    cr_assert(memcmp(text.p, S1_TEXT, sizeof S1_TEXT - 1) == 0, "%.*s",
              (int)text.len, (const char *)text.p);
    cr_assert(memcmp(text.p + text.len - 2, "\n\n", 2) == 0);
    assay_buffer_free(&text);
}

static void shows(const struct assay_settings_place *place, const char *line)
{
    struct assay_buffer text = {0};
    cr_assert(assay_settings_display_text("x", place, &text, NULL) == ASSAY_OK);
    cr_assert(assay_buffer_fill(&text, 0, 1, NULL) == ASSAY_OK);
    cr_assert(strstr((const char *)text.p, line) != NULL, "%s lacks %s",
              (const char *)text.p, line);
    assay_buffer_free(&text);
}

Test(settings, display_tells_what_nrfutil_leaves_out)
{
    uint8_t page[ASSAY_SETTINGS_PAGE_MAX];
    struct assay_settings_place place;
    device_page(page);
    cr_assert(find_two(at(0xFE000, page), at(0xFF000, page), &place, NULL) ==
              ASSAY_OK);
    shows(&place, "* Start Address:            0x000FF000\n");
    shows(&place, "* Backup Page:              0x000FE000 (same as the "
                  "settings page)\n");
    shows(&place, "* CRC Check:                right\n");
    shows(&place, "* Boot Validation Check:    right\n");
    shows(&place, "* Init Packet:              141 bytes\n");
    shows(&place, "* Bank1 Bank Code:          0x0100002C\n");
    page[0x2A1] ^= 1;
    char wanted[100];
    (void)snprintf(wanted, sizeof wanted,
                   "* Boot Validation Check:    wrong, expected 0x%08X\n",
                   model_crc32(page + 0x260, 195));
    cr_assert(find_two(at(0x20000, page), (struct assay_hex_segment){0}, &place,
                       NULL) == ASSAY_OK);
    shows(&place, wanted);
    shows(&place, "* Family:                   unknown\n");
    shows(&place, "* Backup Page:              none\n");
}
