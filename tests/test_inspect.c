/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/inspect.h"
#include "host/zip.h"
#include "tests/shared.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdint.h>
#include <string.h>

/* --- helpers ------------------------------------------------------------- */

/* Both reports of a file; ret: the JSON, which the caller releases. */
static json_t *inspect(struct assay_slice file, enum assay_status *status)
{
    struct assay_buffer text = {0};
    struct assay_diag diag = {0};
    json_t *json = NULL;
    *status = assay_inspect_json("name", file, &json, &diag);
    cr_assert_not_null(json);
    cr_assert(*status == ASSAY_OK || diag.status == *status);
    cr_assert_str_eq(json_string_value(json_object_get(json, "status")),
                     assay_status_name(*status));
    cr_assert_eq(json_array_size(json_object_get(json, "problems")) == 0,
                 *status == ASSAY_OK);
    cr_assert_eq(assay_inspect_text("name", file, &text, &diag), *status);
    cr_assert_gt(text.len, 0);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.p[i];
        cr_assert(c == '\n' || (c >= 0x20 && c <= 0x7E));
    }
    assay_buffer_free(&text);
    return json;
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

static json_t *items(json_t *root, const char *section, const char *key)
{
    return json_object_get(json_object_get(root, section), key);
}

/* The field of that name in a list of fields. */
static json_int_t field_value(const json_t *fields, const char *name)
{
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *field = json_array_get(fields, i);
        if (strcmp(text_at(field, "name"), name) == 0) {
            return json_integer_value(json_object_get(field, "value"));
        }
    }
    cr_assert_fail("no field %s", name);
    return -1;
}

static void same_number(const json_t *want, const char *want_key,
                        const json_t *got, const char *got_key)
{
    const json_t *a = json_object_get(want, want_key);
    const json_t *b = json_object_get(got, got_key);
    json_int_t x = json_is_boolean(a) ? json_is_true(a) : json_integer_value(a);
    json_int_t y = json_is_boolean(b) ? json_is_true(b) : json_integer_value(b);
    cr_assert(a != NULL && b != NULL, "%s, %s", want_key, got_key);
    cr_assert_eq(x, y, "%s: %lld, expected %lld", got_key, (long long)y,
                 (long long)x);
}

struct folder {
    const char *prefix; /* of the keys in expected.json */
    size_t n;           /* files */
    void (*check)(const char *name, const json_t *want, json_t *got,
                  enum assay_status status);
};

static void check_folder(const struct folder *folder)
{
    struct assay_buffer text = {0};
    size_t n = 0;
    const char *name;
    json_t *want;
    if (!shared_read(&text, "inspect", "corpus/expected.json")) {
        return;
    }
    json_t *expected = json_loadb((const char *)text.p, text.len, 0, NULL);
    cr_assert_not_null(expected);
    json_object_foreach(expected, name, want)
    {
        char path[400];
        struct assay_buffer file = {0};
        enum assay_status status;
        if (strncmp(name, folder->prefix, strlen(folder->prefix)) != 0) {
            continue;
        }
        (void)snprintf(path, sizeof path, "corpus/%s", name);
        cr_assert(shared_read(&file, "inspect", path));
        json_t *got = inspect(assay_buffer_slice(&file), &status);
        folder->check(name, want, got, status);
        json_decref(got);
        assay_buffer_free(&file);
        n++;
    }
    cr_assert_eq(n, folder->n, "%zu files", n);
    json_decref(expected);
    assay_buffer_free(&text);
}

/* --- the corpus ---------------------------------------------------------- */

static json_t *image_of_role(json_t *got, const char *role)
{
    json_t *images = json_object_get(got, "images");
    for (size_t i = 0; i < json_array_size(images); i++) {
        json_t *image = json_array_get(images, i);
        if (strcmp(text_at(image, "role"), role) == 0) {
            return image;
        }
    }
    cr_assert_fail("no image %s", role);
    return NULL;
}

static void check_secure_image(const json_t *want, json_t *image)
{
    json_t *packet = json_object_get(image, "init_packet");
    json_t *values = json_object_get(packet, "values");
    const json_t *sizes = json_object_get(want, "sizes");
    static const char *const SIZES[] = {"sd_size", "bl_size", "app_size"};
    cr_assert_str_eq(text_at(packet, "form"), "secure");
    cr_assert_str_eq(text_at(json_object_get(packet, "strict"), "status"),
                     "OK");
    cr_assert(json_is_true(
        json_object_get(json_object_get(packet, "bootloader"), "decodes")));
    same_number(want, "dat_len", packet, "len");
    same_number(want, "bin_size", image, "image_len");
    same_number(want, "fw_version", values, "fw_version");
    same_number(want, "hw_version", values, "hw_version");
    same_number(want, "size_ok", json_object_get(image, "checks"), "size_ok");
    cr_assert_str_eq(text_at(want, "type"), text_at(values, "type"));
    cr_assert_str_eq(text_at(want, "hash_ok"),
                     text_at(json_object_get(image, "checks"), "digest"));
    cr_assert(json_equal(json_object_get(want, "sd_req"),
                         json_object_get(values, "sd_req")));
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(json_integer_value(json_array_get(sizes, i)),
                     json_integer_value(json_object_get(values, SIZES[i])));
    }
    cr_assert_eq(json_integer_value(json_object_get(want, "n_boot_validation")),
                 (json_int_t)json_array_size(
                     json_object_get(values, "boot_validation")));
    int is_signed = strcmp(text_at(want, "kind"), "secure-signed") == 0;
    cr_assert_eq(json_is_true(json_object_get(packet, "signed")), is_signed);
}

static void check_sdfu(const char *name, const json_t *want, json_t *got,
                       enum assay_status status)
{
    const json_t *images = json_object_get(want, "images");
    enum assay_status expected = ASSAY_OK;
    cr_assert_str_eq(text_at(got, "kind"), "secure-dfu-zip", "%s", name);
    cr_assert_eq(json_array_size(images),
                 json_array_size(json_object_get(got, "images")));
    for (size_t i = 0; i < json_array_size(images); i++) {
        const json_t *entry = json_array_get(images, i);
        json_t *image = image_of_role(got, text_at(entry, "slot"));
        json_t *packet = json_object_get(image, "init_packet");
        cr_assert_str_eq(text_at(entry, "bin"), text_at(image, "bin_file"));
        cr_assert_str_eq(text_at(entry, "dat"), text_at(image, "dat_file"));
        if (strcmp(text_at(entry, "kind"), "legacy") == 0) {
            cr_assert_str_eq(text_at(packet, "form"), "legacy");
            continue;
        }
        check_secure_image(entry, image);
        if (strcmp(text_at(entry, "hash_ok"), "BE") == 0) {
            expected = ASSAY_IMAGE_DIGEST;
        }
    }
    cr_assert_eq(status, expected, "%s", name);
}

Test(inspect, corpus_secure_packages_have_the_expected_fields)
{
    check_folder(&(struct folder){"sdfu/", 93, check_sdfu});
}

static void check_legacy(const char *name, const json_t *want, json_t *got,
                         enum assay_status status)
{
    const json_t *images = json_object_get(want, "images");
    cr_assert_str_eq(text_at(got, "kind"), "legacy-dfu-zip", "%s", name);
    cr_assert_not_null(strstr(text_at(got, "title"), "carries no signature"));
    cr_assert_eq(status, ASSAY_OK);
    for (size_t i = 0; i < json_array_size(images); i++) {
        const json_t *entry = json_array_get(images, i);
        json_t *image = image_of_role(got, text_at(entry, "slot"));
        json_t *packet = json_object_get(image, "init_packet");
        json_t *checks = json_object_get(image, "checks");
        json_t *values = json_object_get(packet, "values");
        same_number(entry, "dat_len", packet, "len");
        cr_assert(json_is_true(json_object_get(checks, "crc16_ok")));
        if (json_object_get(entry, "err") != NULL) {
            continue; /* a bare CRC, which the tool of the corpus cannot read */
        }
        same_number(entry, "app_version", values, "app_version");
        same_number(entry, "dev_type", values, "device_type");
        same_number(entry, "dev_rev", values, "device_revision");
        cr_assert(json_equal(json_object_get(entry, "sd"),
                             json_object_get(values, "softdevices")));
    }
}

Test(inspect, corpus_legacy_packages_have_the_expected_fields)
{
    check_folder(&(struct folder){"legacy-dfu/", 14, check_legacy});
}

static void check_tlvs(const json_t *want, const json_t *section)
{
    const json_t *tags = json_object_get(want, "tlvs");
    const json_t *tlvs = json_object_get(section, "tlvs");
    int ok = 1;
    cr_assert_eq(json_array_size(tags), json_array_size(tlvs));
    for (size_t i = 0; i < json_array_size(tags); i++) {
        const json_t *tlv = json_array_get(tlvs, i);
        const char *tag = json_string_value(json_array_get(tags, i));
        int is_protected = strcmp(text_at(tlv, "area"), "protected") == 0;
        cr_assert_eq(tag[0] == 'P', is_protected);
        cr_assert_str_eq(tag + is_protected, text_at(tlv, "tag"));
        if (strcmp(text_at(tlv, "name"), "SHA256") == 0) {
            ok = json_is_true(json_object_get(tlv, "ok"));
        }
    }
    if (json_object_get(want, "sha256_ok") != NULL) {
        cr_assert_eq(json_is_true(json_object_get(want, "sha256_ok")), ok);
    }
    if (json_object_get(section, "trailing") != NULL) {
        same_number(want, "trailing", section, "trailing");
    }
}

static void check_mcuboot(const char *name, const json_t *want, json_t *got,
                          enum assay_status status)
{
    json_t *section = json_object_get(got, "mcuboot");
    json_t *fields = json_object_get(section, "fields");
    cr_assert_str_eq(text_at(got, "kind"), "mcuboot-image", "%s", name);
    cr_assert_eq(field_value(fields, "hdr_size"),
                 json_integer_value(json_object_get(want, "hdr")));
    cr_assert_eq(field_value(fields, "img_size"),
                 json_integer_value(json_object_get(want, "img")));
    cr_assert_eq(field_value(fields, "protect_tlv_size"),
                 json_integer_value(json_object_get(want, "prot")));
    cr_assert_eq(field_value(fields, "flags"),
                 strtoll(text_at(want, "flags"), NULL, 16));
    int is_bad = strstr(name, "inv") != NULL || strstr(name, "trunc") != NULL;
    cr_assert_eq(status != ASSAY_OK, is_bad, "%s", name);
    /* An encrypted image has the hash of what it decrypts to. */
    if ((field_value(fields, "flags") & 0xC) == 0) {
        check_tlvs(want, section);
    }
}

Test(inspect, corpus_mcuboot_images_have_the_expected_fields)
{
    check_folder(&(struct folder){"mcuboot/", 26, check_mcuboot});
}

static void check_ncs(const char *name, const json_t *want, json_t *got,
                      enum assay_status status)
{
    const json_t *inner = json_object_get(want, "inner");
    json_t *images = json_object_get(got, "images");
    cr_assert_str_eq(text_at(got, "kind"), "ncs-zip", "%s", name);
    cr_assert_eq(status, ASSAY_OK);
    cr_assert_eq(json_array_size(images), json_object_size(inner));
    for (size_t i = 0; i < json_array_size(images); i++) {
        json_t *image = json_array_get(images, i);
        const json_t *entry =
            json_object_get(inner, text_at(image, "bin_file"));
        cr_assert_not_null(entry);
        check_tlvs(entry, json_object_get(image, "mcuboot"));
    }
}

Test(inspect, corpus_ncs_packages_show_their_images)
{
    check_folder(&(struct folder){"ncs-zip/", 2, check_ncs});
}

static void check_gbl(const char *name, const json_t *want, json_t *got,
                      enum assay_status status)
{
    static const char *const NAMES[][2] = {{"HEADER", "HEADER"},
                                           {"APPINFO", "APPLICATION_INFO"},
                                           {"ERASEPROG", "ERASE_PROGRAM"},
                                           {"META", "METADATA"},
                                           {"END", "END"},
                                           {"BOOTLOADER", "BOOTLOADER"},
                                           {"ENCINIT", "ENCRYPTION_INIT"},
                                           {"ENCDATA", "ENCRYPTED_DATA"},
                                           {"SIG", "SIGNATURE"}};
    const json_t *tags = json_object_get(want, "tags");
    const json_t *rows = items(got, "gbl", "tags");
    cr_assert_str_eq(text_at(got, "kind"), "gbl", "%s", name);
    cr_assert_eq(status, ASSAY_OK);
    cr_assert_eq(json_array_size(tags), json_array_size(rows));
    for (size_t i = 0; i < json_array_size(tags); i++) {
        const char *tag = json_string_value(json_array_get(tags, i));
        const json_t *row = json_array_get(rows, i);
        size_t len = strcspn(tag, ":");
        const char *full = "";
        for (size_t k = 0; k < sizeof NAMES / sizeof NAMES[0]; k++) {
            if (strlen(NAMES[k][0]) == len &&
                strncmp(NAMES[k][0], tag, len) == 0) {
                full = NAMES[k][1];
            }
        }
        cr_assert_str_eq(text_at(row, "name"), full);
        cr_assert_eq(json_integer_value(json_object_get(row, "len")),
                     atoll(tag + len + 1));
    }
    json_t *section = json_object_get(got, "gbl");
    same_number(want, "crc_ok", section, "crc_ok");
    same_number(want, "trailing", section, "trailing");
    cr_assert_eq(json_integer_value(json_object_get(section, "type")),
                 strtoll(text_at(want, "type"), NULL, 16));
}

Test(inspect, corpus_gbl_files_have_the_expected_tags)
{
    check_folder(&(struct folder){"gbl/", 20, check_gbl});
}

static void check_zigbee(const char *name, const json_t *want, json_t *got,
                         enum assay_status status)
{
    static const char *const KEYS[][2] = {
        {"hver", "header_version"}, {"hlen", "header_length"},
        {"fc", "field_control"},    {"man", "manufacturer"},
        {"type", "image_type"},     {"ver", "file_version"},
        {"stack", "stack_version"}, {"total", "total_image_size"}};
    const json_t *elems = json_object_get(want, "elems");
    const json_t *rows = items(got, "zigbee_ota", "elements");
    cr_assert_str_eq(text_at(got, "kind"), "zigbee-ota", "%s", name);
    cr_assert_eq(status, ASSAY_OK);
    for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++) {
        cr_assert_eq(
            field_value(items(got, "zigbee_ota", "fields"), KEYS[i][1]),
            json_integer_value(json_object_get(want, KEYS[i][0])));
    }
    cr_assert_eq(json_array_size(elems), json_array_size(rows));
    for (size_t i = 0; i < json_array_size(elems); i++) {
        const json_t *elem = json_array_get(elems, i);
        const json_t *row = json_array_get(rows, i);
        cr_assert_eq(json_integer_value(json_array_get(elem, 0)),
                     strtoll(text_at(row, "tag"), NULL, 16));
        cr_assert_eq(json_integer_value(json_array_get(elem, 1)),
                     json_integer_value(json_object_get(row, "len")));
    }
    same_number(want, "trailing", json_object_get(got, "zigbee_ota"),
                "trailing");
}

Test(inspect, corpus_zigbee_files_have_the_expected_elements)
{
    check_folder(&(struct folder){"zigbee-ota/", 13, check_zigbee});
}

static void check_hex(const char *name, const json_t *want, json_t *got,
                      enum assay_status status)
{
    const json_t *pages =
        json_object_get(json_object_get(want, "hex"), "settings");
    const json_t *page = json_array_get(pages, 0);
    const json_t *bank = json_object_get(page, "bank0");
    json_t *fields = items(got, "settings", "fields");
    cr_assert_str_eq(text_at(got, "kind"), "hex-settings", "%s", name);
    cr_assert_eq(status, ASSAY_OK);
    cr_assert_eq(
        strtoll(text_at(json_object_get(got, "settings"), "address"), NULL, 16),
        strtoll(text_at(page, "addr"), NULL, 16));
    cr_assert_eq(field_value(fields, "settings_version"),
                 json_integer_value(json_object_get(page, "ver")));
    cr_assert_eq(field_value(fields, "app_version"),
                 json_integer_value(json_object_get(page, "app_version")));
    cr_assert_eq(field_value(fields, "bootloader_version"),
                 json_integer_value(json_object_get(page, "bl_version")));
    cr_assert_eq(field_value(fields, "bank_0.image_crc"),
                 json_integer_value(json_object_get(bank, "crc")));
    cr_assert_eq(field_value(fields, "bank_0.image_size"),
                 json_integer_value(json_object_get(bank, "size")));
}

Test(inspect, corpus_settings_pages_have_the_expected_fields)
{
    check_folder(&(struct folder){"hex/", 11, check_hex});
}

/* Every file of a folder is of one kind and well formed. */
static void check_kind(const char *folder, const char *kind, size_t n_want)
{
    char root[400];
    char path[700];
    size_t n = 0;
    if (!shared_path(root, sizeof root, folder)) {
        shared_skip("inspect", 1, folder);
        return;
    }
    DIR *dir = opendir(root);
    cr_assert_not_null(dir);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        struct assay_buffer file = {0};
        enum assay_status status;
        if (e->d_name[0] == '.') {
            continue;
        }
        (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        cr_assert(shared_read(&file, "inspect", path));
        json_t *got = inspect(assay_buffer_slice(&file), &status);
        cr_assert_eq(status, ASSAY_OK, "%s", e->d_name);
        cr_assert_str_eq(text_at(got, "kind"), kind, "%s", e->d_name);
        json_decref(got);
        assay_buffer_free(&file);
        n++;
    }
    (void)closedir(dir);
    cr_assert_eq(n, n_want);
}

Test(inspect, corpus_keys_are_pem)
{
    check_kind("corpus/keys", "pem", 17);
}

Test(inspect, corpus_uf2_files_are_whole)
{
    check_kind("corpus/uf2", "uf2", 2);
}

/* Name of a file made by nrfutil, its kind, and its images. */
struct made {
    const char *name;
    const char *kind;
    const char *roles; /* in their order */
};

Test(inspect, nrfutil_files_are_recognised)
{
    static const struct made MADE[] = {
        {"app_debug.zip", "secure-dfu-zip", "application "},
        {"app_ecdsa.zip", "secure-dfu-zip", "application "},
        {"app_signed.zip", "secure-dfu-zip", "application "},
        {"app_unsigned.zip", "secure-dfu-zip", "application "},
        {"bl_signed.zip", "secure-dfu-zip", "bootloader "},
        {"sd_signed.zip", "secure-dfu-zip", "softdevice "},
        {"sd_bl_signed.zip", "secure-dfu-zip", "softdevice_bootloader "},
        {"sd_bl_app_signed.zip", "secure-dfu-zip",
         "softdevice_bootloader application "},
        {"zb.zip", "secure-dfu-zip", "application "},
        {"bar.hex", "hex", ""},
        {"g_sd.hex", "hex-settings", ""},
        {"s1.hex", "hex-settings", ""},
        {"007B-0141-01010101-good_image.zigbee", "zigbee-ota", ""},
        {"test.pem", "pem", ""},
    };
    for (size_t i = 0; i < sizeof MADE / sizeof MADE[0]; i++) {
        char path[200];
        char roles[200] = "";
        struct assay_buffer file = {0};
        enum assay_status status;
        (void)snprintf(path, sizeof path, "corpus/nrfutil-made/%s",
                       MADE[i].name);
        if (!shared_read(&file, "inspect", path)) {
            return;
        }
        json_t *got = inspect(assay_buffer_slice(&file), &status);
        cr_assert_eq(status, ASSAY_OK, "%s", MADE[i].name);
        cr_assert_str_eq(text_at(got, "kind"), MADE[i].kind);
        json_t *images = json_object_get(got, "images");
        for (size_t k = 0; k < json_array_size(images); k++) {
            size_t len = strlen(roles);
            (void)snprintf(roles + len, sizeof roles - len, "%s ",
                           text_at(json_array_get(images, k), "role"));
        }
        cr_assert_str_eq(roles, MADE[i].roles, "%s", MADE[i].name);
        json_decref(got);
        assay_buffer_free(&file);
    }
}

/* --- what is in a report ------------------------------------------------- */

/* The debug image of nrfutil: every line is known from its display command. */
Test(inspect, text_shows_offsets_bytes_and_meanings)
{
    static const char *const LINES[] = {
        "title: Nordic Secure DFU package\n",
        "0x000a  fw_version = 4  [0804]\n",
        "0x0011  type = 0 (APPLICATION)  [2000]\n",
        "sd_req: 0x0000 (no SoftDevice), len 3  [1a01 00]\n",
        "boot validation: VALIDATE_ECDSA_P256_SHA256\n",
        "sha256: c9d3bf69f21e88a0311e0dd242536112f842579bef265a24bd0255fd443f",
        "s in range: yes\n",
        "size ok: yes\n",
    };
    struct assay_buffer file = {0};
    struct assay_buffer text = {0};
    if (!shared_read(&file, "inspect", "corpus/nrfutil-made/app_ecdsa.zip")) {
        return;
    }
    cr_assert_eq(assay_inspect_text("app\x1b[31m.zip",
                                    assay_buffer_slice(&file), &text, NULL),
                 ASSAY_OK);
    cr_assert_eq(assay_buffer_fill(&text, 0, 1, NULL), ASSAY_OK);
    for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++) {
        cr_assert_not_null(strstr((const char *)text.p, LINES[i]),
                           "missing: %s", LINES[i]);
    }
    cr_assert_not_null(
        strstr((const char *)text.p, "file: app\\x1B[31m.zip\n"));
    assay_buffer_free(&file);
    assay_buffer_free(&text);
}

/* --- damage -------------------------------------------------------------- */

/* A copy of the exact length on the heap, so that a read behind it is seen. */
static void survive(const uint8_t *p, size_t len)
{
    enum assay_status status;
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    cr_assert_not_null(copy);
    if (len != 0) {
        memcpy(copy, p, len);
    }
    json_decref(inspect(assay_slice(copy, len), &status));
    free(copy);
}

/* Short files, one per format. */
static const char *const SMALL[] = {
    "corpus/nrfutil-made/sd_signed.zip",
    "corpus/nrfutil-made/s1.hex",
    "corpus/nrfutil-made/test.pem",
    "corpus/mcuboot/mcuboot__d5d8d68c__noKey256.bin",
};

Test(inspect, every_truncation_is_survived)
{
    for (size_t i = 0; i < sizeof SMALL / sizeof SMALL[0]; i++) {
        struct assay_buffer file = {0};
        if (!shared_read(&file, "inspect", SMALL[i])) {
            return;
        }
        for (size_t n = 0; n <= file.len; n++) {
            survive(file.p, n);
        }
        assay_buffer_free(&file);
    }
}

Test(inspect, random_bit_flips_are_survived)
{
    static const char *const LARGE[] = {
        "corpus/nrfutil-made/app_ecdsa.zip",
        "corpus/nrfutil-made/007B-0141-01010101-good_image.zigbee",
        "corpus/gbl/silabs-firmware-builder__e4f4667d__BTL_SLZB07.gbl",
        "corpus/uf2/Adafruit_nRF52_Bootloader__94e25a99__flash.uf2",
        "corpus/legacy-dfu/Espruino__e13db337__dfu_test_bootloader_b_hci.zip",
        "corpus/nrfutil-made/g_sd.hex",
    };
    uint32_t x = 7;
    for (size_t i = 0; i < sizeof LARGE / sizeof LARGE[0]; i++) {
        struct assay_buffer file = {0};
        if (!shared_read(&file, "inspect", LARGE[i])) {
            return;
        }
        for (unsigned k = 0; k < 150; k++) {
            /* Half of the flips hit the headers at either end. */
            x = x * 1664525u + 1013904223u;
            size_t off = k % 4 == 0   ? (x >> 4) % 400
                         : k % 4 == 1 ? file.len - 1 - (x >> 4) % 400
                                      : (x >> 4) % file.len;
            file.p[off] ^= (uint8_t)(1u << (x & 7));
            survive(file.p, file.len);
            if (k % 3 != 0) {
                file.p[off] ^= (uint8_t)(1u << (x & 7));
            }
        }
        assay_buffer_free(&file);
    }
}

Test(inspect, truncated_package_shows_what_is_left)
{
    struct assay_buffer file = {0};
    enum assay_status status;
    if (!shared_read(&file, "inspect", "corpus/nrfutil-made/app_signed.zip")) {
        return;
    }
    json_t *got = inspect(assay_slice(file.p, file.len / 2), &status);
    cr_assert_eq(status, ASSAY_ZIP_TRUNCATED);
    cr_assert_str_eq(text_at(got, "kind"), "secure-dfu-zip");
    json_t *image = image_of_role(got, "application");
    json_t *packet = json_object_get(image, "init_packet");
    cr_assert_str_eq(text_at(json_object_get(packet, "strict"), "status"),
                     "OK");
    cr_assert_str_eq(text_at(json_object_get(image, "checks"), "digest"),
                     "differs");
    json_decref(got);
    assay_buffer_free(&file);
}

static json_t *inspect_zip(const struct assay_zip_member *members, size_t n,
                           enum assay_status *status)
{
    struct assay_buffer zip = {0};
    cr_assert_eq(assay_zip_write(members, n, ASSAY_ZIP_TIME_ZERO, &zip, NULL),
                 ASSAY_OK);
    json_t *got = inspect(assay_buffer_slice(&zip), status);
    assay_buffer_free(&zip);
    return got;
}

static struct assay_slice bytes(const char *text)
{
    return assay_slice((const uint8_t *)text, strlen(text));
}

static const char MANIFEST[] =
    "{\"manifest\": {\"application\": {\"bin_file\": \"a.bin\", "
    "\"dat_file\": \"a.dat\"}}}";

Test(inspect, other_archive_is_no_package)
{
    enum assay_status status;
    struct assay_zip_member m[] = {{"readme.txt", bytes("hello")}};
    json_t *got = inspect_zip(m, 1, &status);
    cr_assert_str_eq(text_at(got, "kind"), "zip");
    cr_assert_eq(status, ASSAY_OK);
    json_decref(got);
}

Test(inspect, package_in_a_folder_is_read_and_reported)
{
    static const uint8_t DAT[] = {0x0A, 0x0E, 0x08, 0x01, 0x12, 0x0A,
                                  0x08, 0x04, 0x10, 0x34, 0x1A, 0x01,
                                  0x00, 0x20, 0x00, 0x38};
    uint8_t dat[17];
    enum assay_status status;
    memcpy(dat, DAT, sizeof DAT);
    dat[1] = 0x0F;
    dat[5] = 0x0B;
    dat[16] = 0x05; /* app_size */
    struct assay_zip_member m[] = {{"x/manifest.json", bytes(MANIFEST)},
                                   {"x/a.dat", {dat, sizeof dat}},
                                   {"x/a.bin", bytes("hello")}};
    json_t *got = inspect_zip(m, 3, &status);
    cr_assert_eq(status, ASSAY_PACKAGE_NESTED);
    cr_assert_str_eq(text_at(got, "kind"), "secure-dfu-zip");
    json_t *image = image_of_role(got, "application");
    cr_assert(json_is_true(
        json_object_get(json_object_get(image, "checks"), "size_ok")));
    json_decref(got);
}

Test(inspect, missing_member_is_reported)
{
    enum assay_status status;
    struct assay_zip_member m[] = {{"manifest.json", bytes(MANIFEST)}};
    json_t *got = inspect_zip(m, 1, &status);
    cr_assert_eq(status, ASSAY_ZIP_MEMBER);
    json_decref(got);
}

Test(inspect, files_of_no_format_are_unknown)
{
    enum assay_status status;
    json_t *got = inspect(bytes("just some words in a file"), &status);
    cr_assert_eq(status, ASSAY_FORMAT_UNKNOWN);
    json_decref(got);
    got = inspect(assay_slice(NULL, 0), &status);
    cr_assert_eq(status, ASSAY_FILE_EMPTY);
    json_decref(got);
}

/* Formats that are not Nordic's own, from digits; spaces are passed over. */
static size_t from_digits(const char *digits, uint8_t *out, size_t room)
{
    size_t n = 0;
    for (; *digits != '\0'; digits++) {
        unsigned value = 0;
        if (*digits == ' ') {
            continue;
        }
        cr_assert(n < room && sscanf(digits, "%2x", &value) == 1);
        out[n++] = (uint8_t)value;
        digits++;
    }
    return n;
}

#define ZEROS_16 "00000000 00000000 00000000 00000000 "
#define GBL_HEAD "eb17a603 08000000 00000003 00000000 "
#define MCUBOOT_HEAD(header_len, protected_len, body_len)                      \
    "3db8f396 00000000 " header_len protected_len body_len "00000000 "         \
    "00000000 00000000 00000000 "
#define ZIGBEE_HEAD                                                            \
    "1ef1ee0b 0001 3800 0000 0000 0000 00000000 0000 " ZEROS_16 ZEROS_16       \
    "00000000 "

Test(inspect, damage_and_wrong_checksums_are_told_apart)
{
    static const struct {
        const char *name;
        enum assay_status status;
        const char *digits;
    } FILES[] = {
        {"GBL without end", ASSAY_FORMAT_DAMAGED, GBL_HEAD},
        {"GBL tag past the end", ASSAY_FORMAT_DAMAGED, "eb17a603 09000000 00"},
        {"GBL end without its CRC", ASSAY_FORMAT_DAMAGED,
         GBL_HEAD "fc0404fc 00000000"},
        {"GBL CRC", ASSAY_FORMAT_CHECKSUM,
         GBL_HEAD "fc0404fc 04000000 00000000"},
        {"MCUboot header", ASSAY_FORMAT_DAMAGED, "3db8f396 00000000"},
        {"MCUboot payload", ASSAY_FORMAT_DAMAGED,
         MCUBOOT_HEAD("2000 ", "0000 ", "01000000 ")},
        {"MCUboot no TLVs", ASSAY_FORMAT_DAMAGED,
         MCUBOOT_HEAD("2000 ", "0000 ", "00000000 ")},
        {"MCUboot lengths below the header", ASSAY_FORMAT_DAMAGED,
         MCUBOOT_HEAD("1f00 ", "0000 ", "00000000 ")},
        {"MCUboot magic of TLVs", ASSAY_FORMAT_DAMAGED,
         MCUBOOT_HEAD("2000 ", "0000 ", "00000000 ") "0669 0400"},
        {"MCUboot area too long", ASSAY_FORMAT_DAMAGED,
         MCUBOOT_HEAD("2000 ", "0000 ", "00000000 ") "0769 0500"},
        {"MCUboot TLV too long", ASSAY_FORMAT_DAMAGED,
         MCUBOOT_HEAD("2000 ", "0000 ", "00000000 ") "0769 0800 0100 0100"},
        {"MCUboot protected length", ASSAY_FORMAT_DAMAGED,
         MCUBOOT_HEAD("2000 ", "0500 ", "00000000 ") "0869 0400 00"},
        {"MCUboot", ASSAY_OK,
         MCUBOOT_HEAD("2000 ", "0000 ", "00000000 ") "0769 0400"},
        {"Zigbee header", ASSAY_FORMAT_DAMAGED, "1ef1ee0b 0001 3800"},
        {"Zigbee element", ASSAY_FORMAT_DAMAGED,
         ZIGBEE_HEAD "0100 02000000 00"},
        {"Zigbee trigger", ASSAY_FORMAT_CHECKSUM,
         ZIGBEE_HEAD "efcd 11000000 00 " ZEROS_16 "0000 01000000 00"},
        {"Zigbee", ASSAY_OK, ZIGBEE_HEAD "0100 01000000 00"},
        {"UF2 cut", ASSAY_FORMAT_DAMAGED, "5546320a 57515d9e 00"},
    };
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
        uint8_t file[128];
        enum assay_status status;
        size_t len = from_digits(FILES[i].digits, file, sizeof file);
        json_t *got = inspect(assay_slice(file, len), &status);
        cr_expect_eq(status, FILES[i].status, "%s: %s", FILES[i].name,
                     assay_status_name(status));
        json_decref(got);
    }
}

Test(inspect, legacy_image_with_another_checksum_is_reported)
{
    /* No SoftDevice list, then the CRC-16 of "123456789", which is 29B1. */
    uint8_t dat[12] = {1, 0, 2, 0, 3, 0, 0, 0, 0, 0, 0xB1, 0x29};
    struct assay_zip_member m[] = {{"manifest.json", bytes(MANIFEST)},
                                   {"a.bin", bytes("123456789")},
                                   {"a.dat", assay_slice(dat, sizeof dat)}};
    enum assay_status status;
    json_t *got = inspect_zip(m, 3, &status);
    cr_expect_str_eq(text_at(got, "kind"), "legacy-dfu-zip");
    cr_expect_eq(status, ASSAY_OK, "%s", assay_status_name(status));
    json_decref(got);
    dat[10] ^= 1;
    got = inspect_zip(m, 3, &status);
    cr_expect_eq(status, ASSAY_FORMAT_CHECKSUM, "%s",
                 assay_status_name(status));
    json_decref(got);
}

/* A private key never gets into a report. */
Test(inspect, key_content_is_not_shown)
{
    struct assay_buffer text = {0};
    static const char PEM[] = "-----BEGIN EC PRIVATE KEY-----\n"
                              "U2VjcmV0\n-----END EC PRIVATE KEY-----\n";
    cr_assert_eq(assay_inspect_text("k", bytes(PEM), &text, NULL), ASSAY_OK);
    cr_assert_eq(assay_buffer_fill(&text, 0, 1, NULL), ASSAY_OK);
    cr_assert_null(strstr((const char *)text.p, "U2VjcmV0"));
    cr_assert_not_null(strstr((const char *)text.p, "EC PRIVATE KEY"));
    assay_buffer_free(&text);
}

Test(inspect, init_packet_alone_is_recognised)
{
    struct assay_buffer file = {0};
    struct assay_buffer dat = {0};
    enum assay_status status;
    if (!shared_read(&file, "inspect", "corpus/nrfutil-made/app_signed.zip")) {
        return;
    }
    struct assay_zip zip;
    cr_assert_eq(assay_zip_open(assay_buffer_slice(&file), &zip, NULL),
                 ASSAY_OK);
    for (size_t i = 0; i < zip.n_entries; i++) {
        struct assay_slice name = zip.entry[i].name;
        if (memcmp(name.p + name.len - 4, ".dat", 4) == 0) {
            cr_assert_eq(assay_zip_load(&zip, &zip.entry[i], 512, &dat, NULL),
                         ASSAY_OK);
        }
    }
    json_t *got = inspect(assay_buffer_slice(&dat), &status);
    cr_assert_eq(status, ASSAY_OK);
    cr_assert_str_eq(text_at(got, "kind"), "secure-init-packet");
    json_decref(got);
    /* With one field twice it is still one, and refused by name. */
    dat.p[dat.len - 66 - 2] = 0x1A;
    got = inspect(assay_buffer_slice(&dat), &status);
    cr_assert_str_eq(text_at(got, "kind"), "secure-init-packet");
    cr_assert_neq(status, ASSAY_OK);
    json_decref(got);
    static const uint8_t LEGACY[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                     0xFF, 1,    0,    0x64, 0,    0x91, 0xBB};
    got = inspect(assay_slice(LEGACY, sizeof LEGACY), &status);
    cr_assert_eq(status, ASSAY_OK);
    cr_assert_str_eq(text_at(got, "kind"), "legacy-init-packet");
    json_decref(got);
    assay_buffer_free(&file);
    assay_buffer_free(&dat);
}
