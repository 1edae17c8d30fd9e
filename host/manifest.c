/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/manifest.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "host/text.h"
#include "host/zip.h"

static const struct {
    const char *key;
    enum assay_image_slot slot;
} SLOTS[ASSAY_MANIFEST_MAX_IMAGES] = {
    {"softdevice_bootloader", ASSAY_SLOT_SOFTDEVICE_BOOTLOADER},
    {"softdevice", ASSAY_SLOT_SOFTDEVICE},
    {"bootloader", ASSAY_SLOT_BOOTLOADER},
    {"application", ASSAY_SLOT_APPLICATION},
};

const char *assay_manifest_slot_key(enum assay_image_slot slot)
{
    for (size_t i = 0; i < ASSAY_MANIFEST_MAX_IMAGES; i++) {
        if (SLOTS[i].slot == slot) {
            return SLOTS[i].key;
        }
    }
    return "unknown";
}

static struct assay_zip_text quote(const char *text)
{
    return assay_zip_quote(assay_text_slice(text));
}

/* ---- reading ----------------------------------------------------------- */

static const char *type_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a boolean";
    case JSON_NULL:
    default:
        return "null";
    }
}

static enum assay_status shape(struct assay_diag *diag, const char *where,
                               const char *key, const json_t *found,
                               const char *expected)
{
    return assay_diag_set(
        diag, ASSAY_MANIFEST_SHAPE, "%s.%s: found %s, expected %s", where, key,
        found == NULL ? "nothing" : type_name(found), expected);
}

/*
 * The JSON library reads nested values by recursion, so the depth is bounded
 * before it sees them. Brackets inside strings do not count; on text that is
 * not JSON the number means nothing, and the library refuses it.
 */
static enum assay_status check_depth(struct assay_slice json,
                                     struct assay_diag *diag)
{
    unsigned depth = 0;
    int in_string = 0;
    for (size_t i = 0; i < json.len; i++) {
        uint8_t c = json.p[i];
        if (in_string && c == '\\') {
            i++;
        } else if (c == '"') {
            in_string = !in_string;
        } else if (!in_string && (c == '{' || c == '[')) {
            depth++;
        } else if (!in_string && (c == '}' || c == ']') && depth > 0) {
            depth--;
        }
        if (depth > ASSAY_MANIFEST_MAX_DEPTH) {
            return assay_diag_set(diag, ASSAY_MANIFEST_JSON,
                                  "byte %zu opens level %u, expected at most "
                                  "%d levels",
                                  i, depth, ASSAY_MANIFEST_MAX_DEPTH);
        }
    }
    return ASSAY_OK;
}

static enum assay_status read_json(struct assay_slice text, json_t **root,
                                   struct assay_diag *diag)
{
    json_error_t error;
    if (text.len > ASSAY_MANIFEST_MAX_LEN) {
        return assay_diag_set(diag, ASSAY_MANIFEST_JSON,
                              "%zu bytes, expected at most %zu", text.len,
                              ASSAY_MANIFEST_MAX_LEN);
    }
    enum assay_status status = check_depth(text, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    *root = json_loadb(text.len == 0 ? "" : (const char *)text.p, text.len,
                       JSON_REJECT_DUPLICATES, &error);
    if (*root == NULL && json_error_code(&error) == json_error_out_of_memory) {
        return assay_diag_set(diag, ASSAY_MEMORY, "reading the manifest");
    }
    if (*root == NULL) {
        return assay_diag_set(diag, ASSAY_MANIFEST_JSON,
                              "line %d, column %d: %s", error.line,
                              error.column, quote(error.text).s);
    }
    return ASSAY_OK;
}

static enum assay_status read_name(const json_t *object, const char *where,
                                   const char *key,
                                   char out[static ASSAY_MANIFEST_NAME],
                                   struct assay_diag *diag)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value)) {
        return shape(diag, where, key, value, "a string");
    }
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);
    const char *fault =
        assay_zip_name_fault(assay_slice((const uint8_t *)text, len));
    if (fault == NULL && text[len - 1] == '/') {
        fault = "is a directory's";
    }
    if (fault != NULL) {
        return assay_diag_set(diag, ASSAY_MANIFEST_SHAPE,
                              "%s.%s: found %s, which %s, expected a file of "
                              "the archive",
                              where, key, quote(text).s, fault);
    }
    memcpy(out, text, len);
    out[len] = '\0';
    return ASSAY_OK;
}

static enum assay_status read_size(const json_t *object, const char *where,
                                   const char *key, uint32_t *out,
                                   struct assay_diag *diag)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value)) {
        return shape(diag, where, key, value, "an integer");
    }
    json_int_t size = json_integer_value(value);
    if (size < 0 || size > (json_int_t)UINT32_MAX) {
        return assay_diag_set(diag, ASSAY_MANIFEST_SHAPE,
                              "%s.%s: found %lld, expected 0 to 4294967295",
                              where, key, (long long)size);
    }
    *out = (uint32_t)size;
    return ASSAY_OK;
}

/*
 * How many keys of object are not among the n known ones.
 * in: object may be NULL.
 */
static unsigned count_unknown(json_t *object, const char *const *known,
                              size_t n)
{
    unsigned n_unknown = 0;
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        size_t i = 0;
        while (i < n && strcmp(known[i], key) != 0) {
            i++;
        }
        n_unknown += i == n;
    }
    return n_unknown;
}

#define COUNT_UNKNOWN(object, known)                                           \
    count_unknown(object, known, sizeof(known) / sizeof(known)[0])

/*
 * The two sizes of a combined image: in an object of their own, or, in older
 * packages, beside the file names. Both absent is fine.
 */
static enum assay_status read_sizes(json_t *object,
                                    struct assay_manifest_image *image,
                                    struct assay_manifest *m,
                                    struct assay_diag *diag)
{
    static const char *const INFO[] = {"bl_size",    "sd_size",
                                       "is_debug",   "hw_version",
                                       "fw_version", "softdevice_req"};
    static const char INFO_KEY[] = "info_read_only_metadata";
    char where[128];
    const char *name = assay_manifest_slot_key(image->slot);
    json_t *info = json_object_get(object, INFO_KEY);
    int is_flat = json_object_get(object, "sd_size") != NULL ||
                  json_object_get(object, "bl_size") != NULL;
    (void)snprintf(where, sizeof where, "manifest.%s%s%s", name,
                   info != NULL ? "." : "", info != NULL ? INFO_KEY : "");
    if (info != NULL && !json_is_object(info)) {
        return shape(diag, name, INFO_KEY, info, "an object");
    }
    m->n_unknown_keys += COUNT_UNKNOWN(info, INFO);
    int is_nested = json_object_get(info, "sd_size") != NULL ||
                    json_object_get(info, "bl_size") != NULL;
    if (is_flat && is_nested) {
        return assay_diag_set(diag, ASSAY_MANIFEST_SHAPE,
                              "manifest.%s: found sizes in it and in its %s, "
                              "expected one of both",
                              name, INFO_KEY);
    }
    if (!is_flat && !is_nested) {
        return ASSAY_OK;
    }
    if (is_flat) {
        (void)snprintf(where, sizeof where, "manifest.%s", name);
    }
    const json_t *sizes = is_flat ? object : info;
    enum assay_status status =
        read_size(sizes, where, "sd_size", &image->sd_size, diag);
    if (status == ASSAY_OK) {
        status = read_size(sizes, where, "bl_size", &image->bl_size, diag);
    }
    image->has_sizes = status == ASSAY_OK;
    return status;
}

static enum assay_status read_image(json_t *object, enum assay_image_slot slot,
                                    struct assay_manifest *m,
                                    struct assay_diag *diag)
{
    /* The last two stand there in older packages, for combined images. */
    static const char *const KEYS[] = {
        "bin_file", "dat_file", "init_packet_data", "info_read_only_metadata",
        "sd_size",  "bl_size",
    };
    enum { N_KEYS = sizeof KEYS / sizeof KEYS[0] };
    int is_combined = slot == ASSAY_SLOT_SOFTDEVICE_BOOTLOADER;
    struct assay_manifest_image *image = &m->image[m->n_images];
    char where[64];
    (void)snprintf(where, sizeof where, "manifest.%s",
                   assay_manifest_slot_key(slot));
    if (!json_is_object(object)) {
        return shape(diag, "manifest", assay_manifest_slot_key(slot), object,
                     "an object");
    }
    image->slot = slot;
    enum assay_status status =
        read_name(object, where, "bin_file", image->bin_file, diag);
    if (status == ASSAY_OK) {
        status = read_name(object, where, "dat_file", image->dat_file, diag);
    }
    if (status != ASSAY_OK) {
        return status;
    }
    const json_t *legacy = json_object_get(object, "init_packet_data");
    if (legacy != NULL && !json_is_object(legacy)) {
        return shape(diag, where, "init_packet_data", legacy, "an object");
    }
    m->is_legacy |= legacy != NULL;
    m->n_unknown_keys +=
        count_unknown(object, KEYS, is_combined ? N_KEYS : N_KEYS - 2);
    if (is_combined) {
        status = read_sizes(object, image, m, diag);
    }
    m->n_images += status == ASSAY_OK;
    return status;
}

static enum assay_status read_dfu_version(const json_t *object,
                                          struct assay_manifest *m,
                                          struct assay_diag *diag)
{
    const json_t *value = json_object_get(object, "dfu_version");
    if (value == NULL) {
        return ASSAY_OK;
    }
    if (!json_is_number(value)) {
        return shape(diag, "manifest", "dfu_version", value, "a number");
    }
    (void)snprintf(m->dfu_version, sizeof m->dfu_version, "%g",
                   json_number_value(value));
    m->is_legacy = 1;
    return ASSAY_OK;
}

static enum assay_status read_images(json_t *object, struct assay_manifest *m,
                                     struct assay_diag *diag)
{
    static const char *const KEYS[] = {"softdevice_bootloader", "softdevice",
                                       "bootloader", "application",
                                       "dfu_version"};
    if (!json_is_object(object)) {
        return assay_diag_set(diag, ASSAY_MANIFEST_SHAPE,
                              "\"manifest\": found %s, expected an object",
                              object == NULL ? "nothing" : type_name(object));
    }
    enum assay_status status = read_dfu_version(object, m, diag);
    for (size_t i = 0; i < ASSAY_MANIFEST_MAX_IMAGES; i++) {
        json_t *image = json_object_get(object, SLOTS[i].key);
        if (status == ASSAY_OK && image != NULL) {
            status = read_image(image, SLOTS[i].slot, m, diag);
        }
    }
    if (status != ASSAY_OK) {
        return status;
    }
    m->n_unknown_keys += COUNT_UNKNOWN(object, KEYS);
    if (m->n_images == 0) {
        return assay_diag_set(diag, ASSAY_MANIFEST_EMPTY,
                              "found %zu keys in \"manifest\", expected at "
                              "least one of softdevice_bootloader, softdevice, "
                              "bootloader, application",
                              json_object_size(object));
    }
    return ASSAY_OK;
}

/* The manifest of a dfu_application.zip: a list of MCUboot images. */
static enum assay_status read_files(const json_t *list,
                                    struct assay_manifest *m,
                                    struct assay_diag *diag)
{
    if (!json_is_array(list) || json_array_size(list) == 0 ||
        json_array_size(list) > ASSAY_MANIFEST_MAX_FILES) {
        return assay_diag_set(diag, ASSAY_MANIFEST_SHAPE,
                              "\"files\": found %s of %zu, expected a list of "
                              "1 to %d",
                              type_name(list), json_array_size(list),
                              ASSAY_MANIFEST_MAX_FILES);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        char where[32];
        (void)snprintf(where, sizeof where, "files[%zu]", i);
        enum assay_status status =
            read_name(json_array_get(list, i), where, "file", m->file[i], diag);
        if (status != ASSAY_OK) {
            return status;
        }
    }
    m->n_files = json_array_size(list);
    return assay_diag_set(diag, ASSAY_FORMAT_UNVERIFIABLE,
                          "found a manifest of the nRF Connect SDK with %zu "
                          "MCUboot images, expected one of Nordic DFU",
                          m->n_files);
}

static enum assay_status read_root(json_t *root, struct assay_manifest *m,
                                   struct assay_diag *diag)
{
    static const char *const KEYS[] = {"manifest"};
    if (!json_is_object(root)) {
        return assay_diag_set(diag, ASSAY_MANIFEST_SHAPE,
                              "found %s, expected an object", type_name(root));
    }
    json_t *manifest = json_object_get(root, "manifest");
    const json_t *files = json_object_get(root, "files");
    if (manifest != NULL && files != NULL) {
        return assay_diag_set(diag, ASSAY_MANIFEST_SHAPE,
                              "found both \"manifest\" (Nordic DFU) and "
                              "\"files\" (nRF Connect SDK), expected one");
    }
    if (files != NULL) {
        return read_files(files, m, diag);
    }
    m->n_unknown_keys += COUNT_UNKNOWN(root, KEYS);
    return read_images(manifest, m, diag);
}

enum assay_status assay_manifest_parse(struct assay_slice json,
                                       struct assay_manifest *out,
                                       struct assay_diag *diag)
{
    static const uint8_t BOM[3] = {0xEF, 0xBB, 0xBF};
    json_t *root = NULL;
    *out = (struct assay_manifest){0};
    if (json.len >= sizeof BOM && memcmp(json.p, BOM, sizeof BOM) == 0) {
        out->has_bom = 1;
        json = assay_slice_sub(json, sizeof BOM, json.len - sizeof BOM);
    }
    enum assay_status status = read_json(json, &root, diag);
    if (status == ASSAY_OK) {
        status = read_root(root, out, diag);
    }
    json_decref(root);
    if (status != ASSAY_OK && status != ASSAY_FORMAT_UNVERIFIABLE) {
        *out = (struct assay_manifest){0};
    }
    return status;
}

/* ---- writing ----------------------------------------------------------- */

static enum assay_status put_text(struct assay_buffer *out, const char *text,
                                  struct assay_diag *diag)
{
    return assay_buffer_append(out, assay_text_slice(text), diag);
}

/* in: name passed assay_zip_name_fault: no control, quote or backslash. */
static enum assay_status put_name(struct assay_buffer *out, const char *name,
                                  struct assay_diag *diag)
{
    struct assay_slice text = assay_text_slice(name);
    enum assay_status status = put_text(out, "\"", diag);
    for (size_t i = 0; i < text.len && status == ASSAY_OK;) {
        uint32_t code;
        size_t len = assay_zip_utf8(text, i, &code);
        if (code < 0x80) {
            status =
                assay_buffer_append(out, assay_slice_sub(text, i, 1), diag);
        } else if (code < 0x10000) {
            status = assay_buffer_printf(out, diag, "\\u%04x", (unsigned)code);
        } else {
            code -= 0x10000;
            status = assay_buffer_printf(out, diag, "\\u%04x\\u%04x",
                                         0xD800U + (unsigned)(code >> 10),
                                         0xDC00U + (unsigned)(code & 0x3FF));
        }
        i += len;
    }
    return status == ASSAY_OK ? put_text(out, "\"", diag) : status;
}

static enum assay_status put_image(struct assay_buffer *out,
                                   const struct assay_manifest_image *image,
                                   struct assay_diag *diag)
{
    enum assay_status status = assay_buffer_printf(
        out, diag, "\n        \"%s\": {\n            \"bin_file\": ",
        assay_manifest_slot_key(image->slot));
    if (status == ASSAY_OK) {
        status = put_name(out, image->bin_file, diag);
    }
    if (status == ASSAY_OK) {
        status = put_text(out, ",\n            \"dat_file\": ", diag);
    }
    if (status == ASSAY_OK) {
        status = put_name(out, image->dat_file, diag);
    }
    if (status == ASSAY_OK && image->has_sizes) {
        status = assay_buffer_printf(
            out, diag,
            ",\n            \"info_read_only_metadata\": {\n"
            "                \"bl_size\": %lu,\n"
            "                \"sd_size\": %lu\n            }",
            (unsigned long)image->bl_size, (unsigned long)image->sd_size);
    }
    return status == ASSAY_OK ? put_text(out, "\n        }", diag) : status;
}

static enum assay_status check_image(const struct assay_manifest *m, size_t i,
                                     struct assay_diag *diag)
{
    const struct assay_manifest_image *image = &m->image[i];
    const char *const names[] = {image->bin_file, image->dat_file};
    for (size_t k = 0; k < i; k++) {
        if (m->image[k].slot == image->slot) {
            return assay_diag_set(diag, ASSAY_MANIFEST_SHAPE,
                                  "found %s twice, expected every kind once",
                                  assay_manifest_slot_key(image->slot));
        }
    }
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
        const char *fault = assay_zip_name_fault(assay_text_slice(names[k]));
        if (fault != NULL) {
            return assay_diag_set(diag, ASSAY_MANIFEST_SHAPE,
                                  "file %s: the name %s", quote(names[k]).s,
                                  fault);
        }
    }
    return ASSAY_OK;
}

static enum assay_status put_manifest(struct assay_buffer *out,
                                      const struct assay_manifest *m,
                                      struct assay_diag *diag)
{
    /* The slots by their keys. */
    static const enum assay_image_slot ORDER[] = {
        ASSAY_SLOT_APPLICATION, ASSAY_SLOT_BOOTLOADER, ASSAY_SLOT_SOFTDEVICE,
        ASSAY_SLOT_SOFTDEVICE_BOOTLOADER};
    size_t n_written = 0;
    enum assay_status status = put_text(out, "{\n    \"manifest\": {", diag);
    for (size_t k = 0; k < ASSAY_MANIFEST_MAX_IMAGES * m->n_images; k++) {
        const struct assay_manifest_image *image = &m->image[k % m->n_images];
        if (image->slot != ORDER[k / m->n_images]) {
            continue;
        }
        if (status == ASSAY_OK && n_written > 0) {
            status = put_text(out, ",", diag);
        }
        if (status == ASSAY_OK) {
            status = put_image(out, image, diag);
        }
        n_written++;
    }
    return status == ASSAY_OK ? put_text(out, "\n    }\n}", diag) : status;
}

enum assay_status assay_manifest_write(const struct assay_manifest *m,
                                       struct assay_buffer *out,
                                       struct assay_diag *diag)
{
    enum assay_status status = ASSAY_OK;
    assay_buffer_free(out);
    if (m->n_images == 0) {
        return assay_diag_set(diag, ASSAY_MANIFEST_EMPTY,
                              "no image, expected 1 to %d",
                              ASSAY_MANIFEST_MAX_IMAGES);
    }
    if (m->n_images > ASSAY_MANIFEST_MAX_IMAGES) {
        return assay_diag_set(diag, ASSAY_MANIFEST_SHAPE,
                              "%zu images, expected at most %d", m->n_images,
                              ASSAY_MANIFEST_MAX_IMAGES);
    }
    for (size_t i = 0; i < m->n_images && status == ASSAY_OK; i++) {
        status = check_image(m, i, diag);
    }
    if (status == ASSAY_OK) {
        status = put_manifest(out, m, diag);
    }
    if (status != ASSAY_OK) {
        assay_buffer_free(out);
    }
    return status;
}
