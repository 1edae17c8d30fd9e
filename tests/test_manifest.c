/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/manifest.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <jansson.h>
#include <zip.h>

#include "base/bytes.h"
#include "host/file.h"
#include "host/inspect.h"
#include "host/package.h"
#include "host/text.h"
#include "tests/shared.h"

/* Parse a text in a block of exactly its size, and compare status and text. */
static struct assay_manifest expect_parse(const char *json, size_t len,
                                          enum assay_status status,
                                          const char *text)
{
    struct assay_manifest m;
    struct assay_diag diag = {0};
    uint8_t *exact = malloc(len + (len == 0));
    cr_assert_not_null(exact);
    memcpy(exact, json, len);
    enum assay_status found =
        assay_manifest_parse(assay_slice(exact, len), &m, &diag);
    free(exact);
    cr_expect_eq(found, status, "%.200s: found %s (%s), expected %s", json,
                 assay_status_name(found), diag.text,
                 assay_status_name(status));
    cr_expect(strstr(diag.text, text) != NULL, "%.200s: no '%s' in '%s'", json,
              text, diag.text);
    if (status != ASSAY_OK) {
        cr_expect_eq(diag.status, status);
        cr_expect_eq(m.n_images, 0, "%.200s: images in spite of it", json);
    }
    for (const char *c = diag.text; *c != '\0'; c++) {
        cr_expect((unsigned char)*c >= 0x20 && (unsigned char)*c < 0x7F);
    }
    return m;
}

#define APP "{\"bin_file\": \"a.bin\", \"dat_file\": \"a.dat\"}"
#define MANIFEST(inside) "{\"manifest\": {" inside "}}"

/* ---- manifests that are accepted --------------------------------------- */

Test(manifest, images_come_in_display_order)
{
    static const char JSON[] =
        MANIFEST("\"application\": " APP ", \"bootloader\": " APP
                 ", \"softdevice\": " APP ", \"softdevice_bootloader\": " APP);
    struct assay_manifest m = expect_parse(JSON, sizeof JSON - 1, ASSAY_OK, "");
    cr_assert_eq(m.n_images, 4);
    cr_expect_eq(m.image[0].slot, ASSAY_SLOT_SOFTDEVICE_BOOTLOADER);
    cr_expect_eq(m.image[1].slot, ASSAY_SLOT_SOFTDEVICE);
    cr_expect_eq(m.image[2].slot, ASSAY_SLOT_BOOTLOADER);
    cr_expect_eq(m.image[3].slot, ASSAY_SLOT_APPLICATION);
    cr_expect_str_eq(m.image[3].bin_file, "a.bin");
    cr_expect_str_eq(m.image[3].dat_file, "a.dat");
    cr_expect_eq(m.is_legacy, 0);
    cr_expect_eq(m.n_unknown_keys, 0);
    cr_expect_str_eq(m.dfu_version, "");
}

Test(manifest, byte_order_mark_is_noted)
{
    static const char JSON[] =
        "\xEF\xBB\xBF" MANIFEST("\"application\": " APP) "\r\n";
    struct assay_manifest m = expect_parse(JSON, sizeof JSON - 1, ASSAY_OK, "");
    cr_expect_eq(m.has_bom, 1);
    m = expect_parse(JSON + 3, sizeof JSON - 4, ASSAY_OK, "");
    cr_expect_eq(m.has_bom, 0);
}

Test(manifest, unknown_keys_are_counted)
{
    static const char JSON[] =
        "{\"manifest\": {\"application\": {\"bin_file\": \"a\", "
        "\"dat_file\": \"b\", \"sd_size\": 1, \"new\": [1, {}]}, "
        "\"softdevice_bootloader\": {\"bin_file\": \"a\", \"dat_file\": "
        "\"b\", \"info_read_only_metadata\": {\"sd_size\": 4294967295, "
        "\"bl_size\": 0, \"is_debug\": true, \"hw_version\": 52, "
        "\"fw_version\": 1, \"softdevice_req\": [0], \"newer\": null}}, "
        "\"newest\": 1}, \"comment\": \"x\"}";
    struct assay_manifest m = expect_parse(JSON, sizeof JSON - 1, ASSAY_OK, "");
    cr_expect_eq(m.n_unknown_keys, 5);
    cr_expect_eq(m.is_legacy, 0);
    cr_assert_eq(m.n_images, 2);
    cr_expect_eq(m.image[0].has_sizes, 1);
    cr_expect_eq(m.image[0].sd_size, UINT32_MAX);
    cr_expect_eq(m.image[0].bl_size, 0);
    cr_expect_eq(m.image[1].has_sizes, 0);
}

Test(manifest, legacy_marks_are_noted)
{
    static const char PACKET[] =
        "{\"manifest\": {\"application\": {\"bin_file\": \"a\", "
        "\"dat_file\": \"b\", \"init_packet_data\": {\"any\": 1}}}}";
    static const char VERSION[] =
        MANIFEST("\"dfu_version\": 0.5, \"application\": " APP);
    static const char WHOLE[] =
        MANIFEST("\"dfu_version\": 1, \"application\": " APP);
    struct assay_manifest m =
        expect_parse(PACKET, sizeof PACKET - 1, ASSAY_OK, "");
    cr_expect_eq(m.is_legacy, 1);
    cr_expect_str_eq(m.dfu_version, "");
    cr_expect_eq(m.n_unknown_keys, 0);
    m = expect_parse(VERSION, sizeof VERSION - 1, ASSAY_OK, "");
    cr_expect_eq(m.is_legacy, 1);
    cr_expect_str_eq(m.dfu_version, "0.5");
    cr_expect_eq(m.n_unknown_keys, 0);
    m = expect_parse(WHOLE, sizeof WHOLE - 1, ASSAY_OK, "");
    cr_expect_str_eq(m.dfu_version, "1");
}

/* ---- manifests that are refused ---------------------------------------- */

struct refusal {
    const char *json;
    enum assay_status status;
    const char *text;
};

#define IN_APP(inside) MANIFEST("\"application\": {" inside "}")
#define IN_COMBINED(inside)                                                    \
    MANIFEST("\"softdevice_bootloader\": {\"bin_file\": \"a\", \"dat_file\": " \
             "\"b\", " inside "}")

static const struct refusal REFUSALS[] = {
    {"", ASSAY_MANIFEST_JSON, "line 1, column 0"},
    {"{", ASSAY_MANIFEST_JSON, "line 1"},
    {"not json", ASSAY_MANIFEST_JSON, "line 1"},
    {"{\x1B[2J", ASSAY_MANIFEST_JSON, "\\x1B"},
    {"{} {}", ASSAY_MANIFEST_JSON, "end of file expected"},
    {"{\"manifest\": {\"application\": 1e999}}", ASSAY_MANIFEST_JSON,
     "overflow"},
    {"{\"manifest\": {}, \"manifest\": {}}", ASSAY_MANIFEST_JSON, "duplicate"},
    {"{\"manifest\": {}, \"m\\u0061nifest\": {}}", ASSAY_MANIFEST_JSON,
     "duplicate"},
    {IN_APP("\"bin_file\": \"a\", \"dat_file\": \"b\", \"bin_file\": \"c\""),
     ASSAY_MANIFEST_JSON, "duplicate"},
    {IN_APP("\"bin_file\": \"a\\u0000b\", \"dat_file\": \"b\""),
     ASSAY_MANIFEST_JSON, "line 1"},
    {IN_APP("\"bin_file\": \"a\xFF\", \"dat_file\": \"b\""),
     ASSAY_MANIFEST_JSON, "unable to decode byte 0xff"},
    {"[]", ASSAY_MANIFEST_SHAPE, "found a list, expected an object"},
    {"{}", ASSAY_MANIFEST_SHAPE, "\"manifest\": found nothing"},
    {"{\"manifest\": null}", ASSAY_MANIFEST_SHAPE, "\"manifest\": found null"},
    {"{\"manifest\": [" APP "]}", ASSAY_MANIFEST_SHAPE,
     "\"manifest\": found a list"},
    {"{\"manifest\": {\"application\": " APP "}, \"files\": []}",
     ASSAY_MANIFEST_SHAPE, "found both"},
    {MANIFEST("\"application\": \"a.bin\""), ASSAY_MANIFEST_SHAPE,
     "manifest.application: found a string, expected an object"},
    {MANIFEST("\"application\": null"), ASSAY_MANIFEST_SHAPE,
     "manifest.application: found null"},
    {MANIFEST("\"dfu_version\": \"0.5\", \"application\": " APP),
     ASSAY_MANIFEST_SHAPE, "manifest.dfu_version: found a string"},
    {IN_APP("\"dat_file\": \"b\""), ASSAY_MANIFEST_SHAPE,
     "manifest.application.bin_file: found nothing, expected a string"},
    {IN_APP("\"bin_file\": \"b\""), ASSAY_MANIFEST_SHAPE,
     "manifest.application.dat_file: found nothing, expected a string"},
    {IN_APP("\"bin_file\": 1, \"dat_file\": \"b\""), ASSAY_MANIFEST_SHAPE,
     "manifest.application.bin_file: found a number"},
    {IN_APP("\"bin_file\": \"a\", \"dat_file\": [true]"), ASSAY_MANIFEST_SHAPE,
     "manifest.application.dat_file: found a list"},
    {IN_APP("\"bin_file\": \"\", \"dat_file\": \"b\""), ASSAY_MANIFEST_SHAPE,
     "bin_file: found \"\", which is empty"},
    {IN_APP("\"bin_file\": \"../a\", \"dat_file\": \"b\""),
     ASSAY_MANIFEST_SHAPE, "bin_file: found \"../a\", which has a component"},
    {IN_APP("\"bin_file\": \"a/\", \"dat_file\": \"b\""), ASSAY_MANIFEST_SHAPE,
     "bin_file: found \"a/\", which is a directory's"},
    {IN_APP("\"bin_file\": \"a\\u001b\", \"dat_file\": \"b\""),
     ASSAY_MANIFEST_SHAPE, "found \"a\\x1B\", which has a control character"},
    {IN_APP("\"bin_file\": \"a\", \"dat_file\": \"b\", "
            "\"init_packet_data\": []"),
     ASSAY_MANIFEST_SHAPE, "init_packet_data: found a list"},
    {IN_COMBINED("\"info_read_only_metadata\": 1"), ASSAY_MANIFEST_SHAPE,
     "info_read_only_metadata: found a number, expected an object"},
    {IN_COMBINED("\"info_read_only_metadata\": {\"sd_size\": 1}"),
     ASSAY_MANIFEST_SHAPE,
     "info_read_only_metadata.bl_size: found nothing, expected an integer"},
    {IN_COMBINED("\"bl_size\": 1"), ASSAY_MANIFEST_SHAPE,
     "softdevice_bootloader.sd_size: found nothing"},
    {IN_COMBINED("\"bl_size\": 1, \"sd_size\": 1.5"), ASSAY_MANIFEST_SHAPE,
     "softdevice_bootloader.sd_size: found a number, expected an integer"},
    {IN_COMBINED("\"bl_size\": 1, \"sd_size\": -1"), ASSAY_MANIFEST_SHAPE,
     "sd_size: found -1, expected 0 to 4294967295"},
    {IN_COMBINED("\"bl_size\": 4294967296, \"sd_size\": 1"),
     ASSAY_MANIFEST_SHAPE, "bl_size: found 4294967296"},
    {IN_COMBINED("\"bl_size\": 1, \"sd_size\": 1, "
                 "\"info_read_only_metadata\": {\"sd_size\": 1, "
                 "\"bl_size\": 1}"),
     ASSAY_MANIFEST_SHAPE, "expected one of both"},
    {"{\"files\": {}}", ASSAY_MANIFEST_SHAPE, "\"files\": found an object"},
    {"{\"files\": []}", ASSAY_MANIFEST_SHAPE, "\"files\": found a list of 0"},
    {"{\"files\": [1]}", ASSAY_MANIFEST_SHAPE, "files[0].file: found nothing"},
    {"{\"files\": [{\"file\": \"a\"}, {\"file\": 1}]}", ASSAY_MANIFEST_SHAPE,
     "files[1].file: found a number"},
    {"{\"files\": [{},{},{},{},{},{},{},{},{}]}", ASSAY_MANIFEST_SHAPE,
     "\"files\": found a list of 9, expected a list of 1 to 8"},
    {"{\"manifest\": {}}", ASSAY_MANIFEST_EMPTY, "found 0 keys"},
    {"{\"manifest\": {\"dfu_version\": 0.5}}", ASSAY_MANIFEST_EMPTY,
     "found 1 keys"},
};

Test(manifest, wrong_manifest_is_refused)
{
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        (void)expect_parse(REFUSALS[i].json, strlen(REFUSALS[i].json),
                           REFUSALS[i].status, REFUSALS[i].text);
    }
}

Test(manifest, zero_byte_is_refused)
{
    static const char JSON[] = "{\"manifest\": {}}\0{}";
    (void)expect_parse(JSON, sizeof JSON - 1, ASSAY_MANIFEST_JSON, "line 1");
}

Test(manifest, long_name_is_refused)
{
    char json[512];
    for (int len = 255; len <= 256; len++) {
        (void)snprintf(json, sizeof json,
                       IN_APP("\"bin_file\": \"%0*d\", \"dat_file\": \"b\""),
                       len, 1);
        (void)expect_parse(json, strlen(json),
                           len == 255 ? ASSAY_OK : ASSAY_MANIFEST_SHAPE,
                           len == 255 ? "" : "which is longer than 255 bytes");
    }
}

Test(manifest, depth_is_bounded)
{
    char json[256];
    for (int depth = 16; depth <= 17; depth++) {
        /* Two levels are the object and the unknown key's list. */
        (void)snprintf(json, sizeof json,
                       "{\"manifest\": {\"application\": " APP
                       "}, \"[[[[[[[[[[[[[[[[[[\\\"[[[\": %.*s1%.*s}",
                       depth - 1, "[[[[[[[[[[[[[[[[[[[[", depth - 1,
                       "]]]]]]]]]]]]]]]]]]]]");
        (void)expect_parse(json, strlen(json),
                           depth == 16 ? ASSAY_OK : ASSAY_MANIFEST_JSON,
                           depth == 16 ? "" : "opens level 17");
    }
    size_t len = 60000;
    char *deep = malloc(len);
    cr_assert_not_null(deep);
    memset(deep, '[', len);
    (void)expect_parse(deep, len, ASSAY_MANIFEST_JSON, "byte 16 opens");
    free(deep);
}

Test(manifest, length_is_bounded)
{
    static const char JSON[] = MANIFEST("\"application\": " APP);
    size_t len = ASSAY_MANIFEST_MAX_LEN + 1;
    char *padded = malloc(len);
    cr_assert_not_null(padded);
    memset(padded, ' ', len);
    memcpy(padded, JSON, sizeof JSON - 1);
    (void)expect_parse(padded, len - 1, ASSAY_OK, "");
    (void)expect_parse(padded, len, ASSAY_MANIFEST_JSON, "65537 bytes");
    free(padded);
}

Test(manifest, truncated_manifest_is_refused)
{
    static const char JSON[] = MANIFEST("\"application\": " APP);
    for (size_t len = 0; len < sizeof JSON - 1; len++) {
        (void)expect_parse(JSON, len, ASSAY_MANIFEST_JSON, "line 1");
    }
}

/* ---- writing ----------------------------------------------------------- */

static void expect_written(const struct assay_manifest *m, const char *text,
                           size_t len, const char *label)
{
    struct assay_buffer out = {0};
    struct assay_diag diag = {0};
    cr_assert_eq(assay_manifest_write(m, &out, &diag), ASSAY_OK, "%s: %s",
                 label, diag.text);
    cr_expect(out.len == len && memcmp(out.p, text, len) == 0,
              "%s: %.*s\nexpected %.*s", label, (int)out.len,
              (const char *)out.p, (int)len, text);
    assay_buffer_free(&out);
}

/* The expected text is what Python's json.dumps(..., indent=4) gives. */
Test(manifest, written_names_are_escaped_like_nrfutil)
{
    struct assay_manifest m = {.n_images = 1};
    static const char TEXT[] =
        "{\n    \"manifest\": {\n        \"application\": {\n"
        "            \"bin_file\": \"k\\u00fc \\u20ac\\ud83d\\ude00.bin\",\n"
        "            \"dat_file\": \"d/'~.dat\"\n        }\n    }\n}";
    m.image[0].slot = ASSAY_SLOT_APPLICATION;
    (void)strcpy(m.image[0].bin_file,
                 "k\xC3\xBC \xE2\x82\xAC\xF0\x9F\x98\x80.bin");
    (void)strcpy(m.image[0].dat_file, "d/'~.dat");
    expect_written(&m, TEXT, sizeof TEXT - 1, "names");
}

/* The order is that of the keys, whatever the order of the images. */
Test(manifest, written_keys_are_sorted)
{
    static const char *const KEYS[] = {"\"application\"", "\"bootloader\"",
                                       "\"softdevice\"",
                                       "\"softdevice_bootloader\""};
    struct assay_manifest m = {.n_images = 4};
    struct assay_buffer out = {0};
    for (unsigned i = 0; i < 4; i++) {
        m.image[i].slot = (enum assay_image_slot)((i + 2) % 4);
        (void)strcpy(m.image[i].bin_file, "a");
        (void)strcpy(m.image[i].dat_file, "b");
    }
    cr_assert_eq(assay_manifest_write(&m, &out, NULL), ASSAY_OK);
    cr_assert_eq(assay_buffer_fill(&out, 0, 1, NULL), ASSAY_OK);
    const char *at = (const char *)out.p;
    for (size_t i = 0; i < 4; i++) {
        at = strstr(at, KEYS[i]);
        cr_assert_not_null(at, "%s", KEYS[i]);
    }
    assay_buffer_free(&out);
}

Test(manifest, unwritable_manifest_is_refused)
{
    struct assay_manifest m = {0};
    struct assay_buffer out = {0};
    struct assay_diag diag = {0};
    cr_expect_eq(assay_manifest_write(&m, &out, &diag), ASSAY_MANIFEST_EMPTY);
    m.n_images = 2;
    for (size_t i = 0; i < 2; i++) {
        (void)strcpy(m.image[i].bin_file, "a.bin");
        (void)strcpy(m.image[i].dat_file, "a.dat");
    }
    cr_expect_eq(assay_manifest_write(&m, &out, &diag), ASSAY_MANIFEST_SHAPE);
    cr_expect(strstr(diag.text, "softdevice_bootloader twice") != NULL);
    m.image[1].slot = ASSAY_SLOT_APPLICATION;
    cr_expect_eq(assay_manifest_write(&m, &out, &diag), ASSAY_OK);
    (void)strcpy(m.image[1].dat_file, "a\"b");
    cr_expect_eq(assay_manifest_write(&m, &out, &diag), ASSAY_MANIFEST_SHAPE);
    cr_expect(strstr(diag.text, "\"a\\x22b\"") != NULL);
    m.n_images = 5;
    cr_expect_eq(assay_manifest_write(&m, &out, &diag), ASSAY_MANIFEST_SHAPE);
    cr_expect_null(out.p);
}

/* ---- real packages ----------------------------------------------------- */

/* The member of a package as libzip reads it; the caller frees it. */
static struct assay_buffer member_by_libzip(const char *path, const char *name)
{
    struct assay_buffer out = {0};
    zip_stat_t st;
    zip_t *z = zip_open(path, ZIP_RDONLY, NULL);
    cr_assert_not_null(z);
    cr_assert_eq(zip_stat(z, name, 0, &st), 0);
    cr_assert_eq(assay_buffer_fill(&out, 0, (size_t)st.size, NULL), ASSAY_OK);
    zip_file_t *f = zip_fopen(z, name, 0);
    cr_assert_not_null(f);
    cr_assert_eq(zip_fread(f, out.p, st.size), (zip_int64_t)st.size);
    zip_fclose(f);
    zip_discard(z);
    return out;
}

/* Call fn for every zip file of a corpus folder; ret: how many. */
static unsigned each_package(const char *folder,
                             void (*fn)(const char *path, const char *name))
{
    char root[1024];
    char name[512];
    unsigned n = 0;
    (void)snprintf(name, sizeof name, "corpus/%s", folder);
    if (!shared_path(root, sizeof root, name)) {
        return 0;
    }
    DIR *dir = opendir(root);
    cr_assert_not_null(dir);
    for (struct dirent *d; (d = readdir(dir)) != NULL;) {
        const char *dot = strrchr(d->d_name, '.');
        char path[2048];
        if (dot != NULL && strcmp(dot, ".zip") == 0) {
            (void)snprintf(path, sizeof path, "%s/%s", root, d->d_name);
            (void)snprintf(name, sizeof name, "%s/%s", folder, d->d_name);
            fn(path, name);
            n++;
        }
    }
    closedir(dir);
    return n;
}

static int has_corpus(const char *unit, unsigned n, const char *name)
{
    char path[1024];
    int found = shared_path(path, sizeof path, name);
    if (!found) {
        shared_skip(unit, n, name);
    }
    return found;
}

static void rewrite(const char *path, const char *name)
{
    struct assay_manifest m;
    struct assay_diag diag = {0};
    struct assay_buffer json = member_by_libzip(path, "manifest.json");
    cr_assert_eq(assay_manifest_parse(assay_buffer_slice(&json), &m, &diag),
                 ASSAY_OK, "%s: %s", name, diag.text);
    expect_written(&m, (const char *)json.p, json.len, name);
    assay_buffer_free(&json);
}

Test(manifest, nrfutil_manifests_are_written_alike)
{
    if (has_corpus("manifest", 9, "corpus/nrfutil-made")) {
        cr_expect_eq(each_package("nrfutil-made", rewrite), 9);
    }
}

static unsigned n_alike;

/* Windows builds of nrfutil wrote CRLF; otherwise the texts are the same. */
static void rewrite_crlf(const char *path, const char *name)
{
    struct assay_manifest m;
    struct assay_diag diag = {0};
    struct assay_buffer json = member_by_libzip(path, "manifest.json");
    cr_assert_eq(assay_manifest_parse(assay_buffer_slice(&json), &m, &diag),
                 ASSAY_OK, "%s: %s", name, diag.text);
    cr_expect_eq(m.n_unknown_keys, 0, "%s", name);
    size_t len = 0;
    for (size_t i = 0; i < json.len; i++) {
        json.p[len] = json.p[i];
        len += json.p[i] != '\r';
    }
    json.len = len;
    cr_assert_eq(assay_buffer_fill(&json, 0, 1, NULL), ASSAY_OK);
    const char *text = (const char *)json.p;
    int is_nested = strstr(text, "info_read_only_metadata") != NULL;
    int is_flat = !is_nested && strstr(text, "\"bl_size\"") != NULL;
    if (!m.is_legacy && !is_flat) {
        expect_written(&m, text, len, name);
        n_alike++;
    }
    assay_buffer_free(&json);
}

Test(manifest, published_manifests_are_written_alike)
{
    if (has_corpus("manifest", 93, "corpus/sdfu")) {
        cr_expect_eq(each_package("sdfu", rewrite_crlf), 93);
        cr_expect_eq(n_alike, 91, "%u", n_alike);
    }
}

/* ---- package ----------------------------------------------------------- */

static json_t *expected_all;

/* Slot and names of every image as the corpus' own list has them. */
static void compare_package(const char *path, const char *name)
{
    struct assay_buffer file = {0};
    struct assay_package p;
    struct assay_diag diag = {0};
    cr_assert_eq(assay_file_read(path, ASSAY_FILE_MAX, &file, NULL), ASSAY_OK);
    cr_assert_eq(assay_package_open(assay_buffer_slice(&file), &p, &diag),
                 ASSAY_OK, "%s: %s", name, diag.text);
    const json_t *expected = json_object_get(expected_all, name);
    const json_t *images = json_object_get(expected, "images");
    const json_t *version = json_object_get(expected, "dfu_version");
    int old_extra = strstr(name, "sdk_5.2_app") != NULL;
    cr_expect_eq(p.n_unreferenced, old_extra ? 1 : 0, "%s", name);
    cr_assert_eq(json_array_size(images), p.manifest.n_images, "%s", name);
    cr_expect_eq(json_is_number(version), p.manifest.dfu_version[0] != '\0');
    cr_expect(!json_is_number(version) ||
              strtod(p.manifest.dfu_version, NULL) ==
                  json_number_value(version));
    for (size_t i = 0; i < p.manifest.n_images; i++) {
        const struct assay_manifest_image *image = &p.manifest.image[i];
        const char *key = assay_manifest_slot_key(image->slot);
        const json_t *wanted = NULL;
        for (size_t k = 0; k < json_array_size(images); k++) {
            json_t *one = json_array_get(images, k);
            if (strcmp(json_string_value(json_object_get(one, "slot")), key) ==
                0) {
                wanted = one;
            }
        }
        cr_assert_not_null(wanted, "%s: %s", name, key);
        const json_t *bin = json_object_get(wanted, "bin");
        const json_t *dat = json_object_get(wanted, "dat");
        if (bin != NULL) {
            cr_expect_str_eq(image->bin_file, json_string_value(bin));
            cr_expect_str_eq(image->dat_file, json_string_value(dat));
        }
        cr_expect_eq(image->has_sizes,
                     image->slot == ASSAY_SLOT_SOFTDEVICE_BOOTLOADER);
    }
    if (strncmp(name, "legacy-dfu/", 11) == 0) {
        cr_expect_eq(p.manifest.is_legacy, 1, "%s", name);
    }
    assay_buffer_free(&file);
}

Test(package, real_packages_hold_what_the_corpus_lists)
{
    char path[1024];
    if (!has_corpus("package", 107, "corpus/expected.json")) {
        return;
    }
    (void)shared_path(path, sizeof path, "corpus/expected.json");
    expected_all = json_load_file(path, 0, NULL);
    cr_assert_not_null(expected_all);
    cr_expect_eq(each_package("sdfu", compare_package), 93);
    cr_expect_eq(each_package("legacy-dfu", compare_package), 14);
    json_decref(expected_all);
}

static void open_made(const char *path, const char *name)
{
    struct assay_buffer file = {0};
    struct assay_package p;
    struct assay_diag diag = {0};
    cr_assert_eq(assay_file_read(path, ASSAY_FILE_MAX, &file, NULL), ASSAY_OK);
    enum assay_status found =
        assay_package_open(assay_buffer_slice(&file), &p, &diag);
    if (strncmp(name, "ncs-zip/", 8) == 0) {
        cr_expect_eq(found, ASSAY_FORMAT_UNVERIFIABLE, "%s: %s", name,
                     diag.text);
        cr_expect_eq(p.manifest.n_images, 0);
        cr_assert_geq(p.manifest.n_files, 1);
        cr_assert_leq(p.manifest.n_files, 2);
        for (size_t i = 0; i < p.manifest.n_files; i++) {
            cr_expect_not_null(assay_zip_find(&p.zip, p.manifest.file[i]));
        }
        cr_expect(strstr(diag.text, "manifest.json: found") != NULL, "%s",
                  diag.text);
    } else {
        cr_expect_eq(found, ASSAY_OK, "%s: %s", name, diag.text);
        cr_expect_geq(p.manifest.n_images, 1);
    }
    cr_expect_eq(p.n_unreferenced, 0);
    assay_buffer_free(&file);
}

Test(package, made_packages_open)
{
    if (has_corpus("package", 11, "corpus/ncs-zip")) {
        cr_expect_eq(each_package("nrfutil-made", open_made), 9);
        cr_expect_eq(each_package("ncs-zip", open_made), 2);
    }
}

/*
 * An archive made by libzip: a name that ends in '/' is a folder; the first
 * member has the content given, every other its name.
 */
static struct assay_buffer archive(const char *const names[], const char *first)
{
    struct assay_buffer out = {0};
    zip_source_t *whole = zip_source_buffer_create(NULL, 0, 0, NULL);
    cr_assert_not_null(whole);
    zip_source_keep(whole);
    zip_t *z = zip_open_from_source(whole, ZIP_TRUNCATE, NULL);
    cr_assert_not_null(z);
    for (size_t i = 0; names[i] != NULL; i++) {
        const char *text = i == 0 ? first : names[i];
        if (names[i][strlen(names[i]) - 1] == '/') {
            cr_assert_geq(zip_dir_add(z, names[i], 0), 0);
            continue;
        }
        zip_source_t *s = zip_source_buffer(z, text, strlen(text), 0);
        cr_assert_geq(zip_file_add(z, names[i], s, 0), 0);
    }
    cr_assert_eq(zip_close(z), 0);
    zip_stat_t st;
    cr_assert_eq(zip_source_stat(whole, &st), 0);
    cr_assert_eq(assay_buffer_fill(&out, 0, (size_t)st.size, NULL), ASSAY_OK);
    cr_assert_eq(zip_source_open(whole), 0);
    cr_assert_eq(zip_source_read(whole, out.p, st.size), (zip_int64_t)st.size);
    zip_source_close(whole);
    zip_source_free(whole);
    return out;
}

static void expect_package(const char *const names[], const char *first,
                           enum assay_status status, const char *text)
{
    struct assay_buffer file = archive(names, first);
    struct assay_package p;
    struct assay_diag diag = {0};
    enum assay_status found =
        assay_package_open(assay_buffer_slice(&file), &p, &diag);
    cr_expect_eq(found, status, "%s: found %s (%s)", names[0],
                 assay_status_name(found), diag.text);
    cr_expect(strstr(diag.text, text) != NULL, "%s: no '%s' in '%s'", names[0],
              text, diag.text);
    if (status != ASSAY_OK && status != ASSAY_FORMAT_UNVERIFIABLE) {
        cr_expect_eq(p.zip.n_entries, 0);
    }
    assay_buffer_free(&file);
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
static const char ONE_APP[] = MANIFEST("\"application\": " APP);

Test(package, missing_member_is_refused)
{
    expect_package(NAMES("manifest.json", "a.bin", "a.dat"), ONE_APP, ASSAY_OK,
                   "");
    expect_package(NAMES("manifest.json", "a.bin"), ONE_APP, ASSAY_ZIP_MEMBER,
                   "\"a.dat\"");
    expect_package(NAMES("manifest.json", "A.BIN", "a.dat"), ONE_APP,
                   ASSAY_ZIP_MEMBER, "\"a.bin\"");
    expect_package(NAMES("manifest.json", "x/a.bin", "a.dat"), ONE_APP,
                   ASSAY_ZIP_MEMBER, "\"a.bin\"");
    expect_package(NAMES("manifest.json", "a.bin"),
                   "{\"files\": [{\"file\": \"b.bin\"}]}", ASSAY_ZIP_MEMBER,
                   "\"b.bin\"");
    expect_package(NAMES("manifest.json", "b.bin"),
                   "{\"files\": [{\"file\": \"b.bin\"}]}",
                   ASSAY_FORMAT_UNVERIFIABLE, "with 1 MCUboot images");
}

Test(package, wrong_manifest_is_named)
{
    expect_package(NAMES("manifest.json", "a.bin", "a.dat"), "{",
                   ASSAY_MANIFEST_JSON, "manifest.json: line 1");
    expect_package(NAMES("manifest.json"), "{\"manifest\": {}}",
                   ASSAY_MANIFEST_EMPTY, "manifest.json: found 0 keys");
}

Test(package, missing_manifest_is_refused)
{
    expect_package(NAMES("a.bin", "a.dat"), "", ASSAY_MANIFEST_MISSING,
                   "found 2 members, the first \"a.bin\"");
    expect_package(NAMES("Manifest.json", "a.bin"), ONE_APP,
                   ASSAY_MANIFEST_MISSING, "\"Manifest.json\"");
    expect_package(NAMES("x/manifest.json", "y/manifest.json"), ONE_APP,
                   ASSAY_MANIFEST_MISSING, "2 of them a manifest.json");
    expect_package(NAMES("__MACOSX/x/manifest.json", "a.bin"), ONE_APP,
                   ASSAY_MANIFEST_MISSING, "found 2 members");
    expect_package(NAMES("not.zip", "a.bin"), "PK", ASSAY_MANIFEST_MISSING,
                   "\"not.zip\"");
}

Test(package, folder_in_the_archive_is_named)
{
    expect_package(NAMES("fw/manifest.json", "fw/a.bin", "fw/a.dat"), ONE_APP,
                   ASSAY_PACKAGE_NESTED, "in the folder \"fw\"");
    expect_package(NAMES("x", "fw 2/", "fw 2/manifest.json", "fw 2/.DS_Store",
                         "__MACOSX/fw 2/._manifest.json", "__MACOSX/",
                         "__MACOSX/fw 2/manifest.json"),
                   "", ASSAY_PACKAGE_NESTED, "in the folder \"fw 2\"");
}

Test(package, package_in_the_archive_is_named)
{
    const struct assay_zip_member inner[] = {
        {"manifest.json", assay_text_slice(ONE_APP)}};
    struct assay_buffer inside = {0};
    struct assay_buffer outside = {0};
    struct assay_package p;
    struct assay_diag diag = {0};
    cr_assert_eq(assay_zip_write(inner, 1, 0x00210000, &inside, NULL),
                 ASSAY_OK);
    struct assay_zip_member outer[] = {
        {"readme.txt", assay_text_slice("hello")},
        {"x/fw.ZIP", assay_buffer_slice(&inside)}};
    cr_assert_eq(assay_zip_write(outer, 2, 0x00210000, &outside, NULL),
                 ASSAY_OK);
    cr_expect_eq(assay_package_open(assay_buffer_slice(&outside), &p, &diag),
                 ASSAY_PACKAGE_NESTED);
    cr_expect(strstr(diag.text, "\"x/fw.ZIP\"") != NULL, "%s", diag.text);
    inside.p[40] ^= 1;
    cr_assert_eq(assay_zip_write(outer, 2, 0x00210000, &outside, NULL),
                 ASSAY_OK);
    cr_expect_eq(assay_package_open(assay_buffer_slice(&outside), &p, &diag),
                 ASSAY_MANIFEST_MISSING);
    assay_buffer_free(&inside);
    assay_buffer_free(&outside);
}

Test(package, unreferenced_files_are_counted)
{
    struct assay_buffer file = archive(
        NAMES("manifest.json", "a.bin", "a.dat", "readme", "d/", "d/b.bin"),
        ONE_APP);
    struct assay_package p;
    cr_assert_eq(assay_package_open(assay_buffer_slice(&file), &p, NULL),
                 ASSAY_OK);
    cr_expect_eq(p.n_unreferenced, 2);
    cr_expect_eq(p.manifest.n_images, 1);
    assay_buffer_free(&file);
}

/* A package with a member "readme": packed, deflated, and empty in all. */
static struct assay_buffer with_deflated_readme(struct assay_slice packed)
{
    const struct assay_zip_member member[] = {
        {"readme", packed},
        {"manifest.json", assay_text_slice(ONE_APP)},
        {"a.bin", assay_text_slice("a")},
        {"a.dat", assay_text_slice("a")},
    };
    struct assay_buffer file = {0};
    cr_assert_eq(assay_zip_write(member, 4, 0x00210000, &file, NULL), ASSAY_OK);
    uint8_t *local = file.p;
    uint8_t *entry = file.p + assay_load_le32(file.p + file.len - 6);
    assay_store_le16(local + 8, ASSAY_ZIP_DEFLATED);
    assay_store_le32(local + 14, 0);
    assay_store_le32(local + 22, 0);
    assay_store_le16(entry + 10, ASSAY_ZIP_DEFLATED);
    assay_store_le32(entry + 16, 0);
    assay_store_le32(entry + 24, 0);
    return file;
}

/* Where its stream ends early, a reader from the front would go on. */
Test(package, bug_members_hide_in_a_member_that_is_not_named)
{
    static const uint8_t whole[] = {0x03, 0x00};
    static const uint8_t early[] = {0x03, 0x00, 'P', 'K', 3, 4};
    struct assay_package p;
    struct assay_diag diag = {0};
    const struct {
        struct assay_slice packed;
        enum assay_status expected;
    } cases[] = {
        {assay_slice(whole, sizeof whole), ASSAY_OK},
        {assay_slice(early, sizeof early), ASSAY_ZIP_TRAILING},
        {assay_slice(early, 1), ASSAY_ZIP_DATA},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct assay_buffer file = with_deflated_readme(cases[i].packed);
        cr_expect_eq(assay_package_open(assay_buffer_slice(&file), &p, &diag),
                     cases[i].expected, "case %zu: %s", i, diag.text);
        cr_expect(i == 0 || strstr(diag.text, "\"readme\"") != NULL);
        struct assay_buffer report = {0};
        enum assay_status inspected = assay_inspect_text(
            "x.zip", assay_buffer_slice(&file), &report, &diag);
        cr_expect_eq(inspected == cases[i].expected, i != 0, "case %zu: %s", i,
                     diag.text);
        assay_buffer_free(&report);
        assay_buffer_free(&file);
    }
}

Test(package, long_manifest_is_refused)
{
    struct assay_buffer text = {0};
    struct assay_buffer file = {0};
    struct assay_package p;
    struct assay_diag diag = {0};
    cr_assert_eq(
        assay_buffer_fill(&text, ' ', ASSAY_MANIFEST_MAX_LEN + 1, NULL),
        ASSAY_OK);
    const struct assay_zip_member m[] = {
        {"manifest.json", assay_buffer_slice(&text)}};
    cr_assert_eq(assay_zip_write(m, 1, 0x00210000, &file, NULL), ASSAY_OK);
    cr_expect_eq(assay_package_open(assay_buffer_slice(&file), &p, &diag),
                 ASSAY_MANIFEST_JSON);
    cr_expect(strstr(diag.text, "65537 bytes") != NULL);
    assay_buffer_free(&file);
    assay_buffer_free(&text);
}

Test(package, file_that_is_no_archive_is_refused)
{
    struct assay_package p;
    struct assay_diag diag = {0};
    cr_expect_eq(assay_package_open(assay_text_slice("plain"), &p, &diag),
                 ASSAY_ZIP_NOT_ZIP);
    cr_expect_eq(assay_package_open(assay_slice(NULL, 0), &p, &diag),
                 ASSAY_ZIP_NOT_ZIP);
}
