/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/display.h"

#include <stdio.h>

#include "host/text.h"
#include "host/verify.h"

/* One image with everything a display needs. */
struct shown_image {
    const struct assay_manifest_image *source;
    struct assay_buffer dat;
    struct assay_envelope envelope;
    struct assay_init_command command;
};

static enum assay_status read_image(const struct assay_package *package,
                                    size_t i, struct shown_image *image,
                                    struct assay_diag *diag)
{
    image->source = &package->manifest.image[i];
    const char *name = image->source->dat_file;
    enum assay_status status =
        assay_zip_load(&package->zip, assay_zip_find(&package->zip, name),
                       ASSAY_DAT_MAX, &image->dat, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    struct assay_slice packet = assay_buffer_slice(&image->dat);
    status = assay_initpkt_open(packet, &image->envelope);
    if (status == ASSAY_OK) {
        status =
            assay_initpkt_read(image->envelope.signed_bytes, &image->command);
    }
    if (status != ASSAY_OK &&
        assay_is_legacy_packet(&package->manifest, packet)) {
        status = ASSAY_LEGACY_PACKAGE;
    }
    if (status != ASSAY_OK) {
        return assay_diag_set(diag, status, "%s: %zu bytes", name, packet.len);
    }
    return ASSAY_OK;
}

#define HEX_MAX (2 * ASSAY_SIGNATURE_LEN + 1)

static void hex_of(struct assay_slice bytes, char text[static HEX_MAX])
{
    size_t len =
        bytes.len < ASSAY_SIGNATURE_LEN ? bytes.len : ASSAY_SIGNATURE_LEN;
    assay_text_hex(assay_slice(bytes.p, len), text);
}

static enum assay_status put_head(const struct shown_image *image, size_t i,
                                  struct assay_buffer *out,
                                  struct assay_diag *diag)
{
    static const char *const SLOTS[] = {"sd_bl", "softdevice", "bootloader",
                                        "application"};
    char signature[HEX_MAX];
    hex_of(image->envelope.signature, signature);
    int is_signed = image->envelope.signature.len != 0;
    return assay_buffer_printf(
        out, diag,
        "|\n|- Image #%zu:\n   |- Type: %s\n   |- Image file: %s\n"
        "   |- Init packet file: %s\n      |\n      |- op_code: INIT\n"
        "      |- signature_type: %s\n"
        "      |- signature (little-endian): %s%s%s\n      |\n",
        i, SLOTS[image->source->slot], image->source->bin_file,
        image->source->dat_file,
        is_signed ? assay_signature_type_name(image->envelope.signature_type)
                  : "UNSIGNED",
        is_signed ? "b'" : "", is_signed ? signature : "N/A",
        is_signed ? "'" : "");
}

static enum assay_status put_fields(const struct assay_init_command *c,
                                    struct assay_buffer *out,
                                    struct assay_diag *diag)
{
    char sd_req[ASSAY_SD_REQ_MAX * 12 + 1] = "";
    struct assay_slice list = c->sd_req;
    size_t len = 0;
    for (uint32_t i = 0; i < c->n_sd_req; i++) {
        len += (size_t)snprintf(sd_req + len, sizeof sd_req - len, "%s0x%02X",
                                i == 0 ? "" : ", ",
                                (unsigned)assay_initpkt_next_sd_req(&list));
    }
    return assay_buffer_printf(
        out, diag,
        "      |- fw_version: 0x%08X (%u)\n      |- hw_version 0x%08X (%u)\n"
        "      |- sd_req: %s\n      |- type: %s\n      |- sd_size: %u\n"
        "      |- bl_size: %u\n      |- app_size: %u\n      |\n",
        (unsigned)c->fw_version, (unsigned)c->fw_version,
        (unsigned)c->hw_version, (unsigned)c->hw_version, sd_req,
        assay_fw_type_name(c->type), (unsigned)c->sd_size, (unsigned)c->bl_size,
        (unsigned)c->app_size);
}

static enum assay_status put_validations(const struct assay_init_command *c,
                                         struct assay_buffer *out,
                                         struct assay_diag *diag)
{
    enum assay_status status = assay_buffer_printf(
        out, diag, "      |\n      |- boot_validation_type: [");
    for (uint32_t i = 0; i < c->n_validations && status == ASSAY_OK; i++) {
        status = assay_buffer_printf(
            out, diag, "%s'%s'", i == 0 ? "" : ", ",
            assay_validation_type_name(c->validation[i].type));
    }
    if (status == ASSAY_OK) {
        status = assay_buffer_printf(
            out, diag,
            "]\n      |- boot_validation_signature (little-endian): [");
    }
    for (uint32_t i = 0; i < c->n_validations && status == ASSAY_OK; i++) {
        char hex[HEX_MAX];
        hex_of(c->validation[i].bytes, hex);
        status =
            assay_buffer_printf(out, diag, "%sb'%s'", i == 0 ? "" : ", ", hex);
    }
    if (status == ASSAY_OK) {
        status = assay_buffer_printf(out, diag,
                                     "]\n      |\n      |- is_debug: %s\n\n",
                                     c->is_debug != 0 ? "True" : "False");
    }
    return status;
}

static enum assay_status put_image(const struct shown_image *image, size_t i,
                                   struct assay_buffer *out,
                                   struct assay_diag *diag)
{
    const struct assay_init_command *c = &image->command;
    enum assay_status status = put_head(image, i, out, diag);
    if (status == ASSAY_OK) {
        status = put_fields(c, out, diag);
    }
    if (status == ASSAY_OK) {
        status = assay_buffer_printf(
            out, diag,
            "      |- hash_type: %s\n      |- hash (little-endian): b'",
            assay_hash_type_name(c->hash_type));
    }
    if (status == ASSAY_OK) {
        status = assay_text_hex_append(out, c->hash, diag);
    }
    if (status == ASSAY_OK) {
        status = assay_buffer_printf(out, diag, "'\n");
    }
    return status == ASSAY_OK ? put_validations(c, out, diag) : status;
}

enum assay_status assay_display_text(const char *path, struct assay_slice file,
                                     struct assay_buffer *out,
                                     struct assay_diag *diag)
{
    struct assay_package package;
    enum assay_status status = assay_package_open(file, &package, diag);
    size_t n = package.manifest.n_images;
    if (status == ASSAY_OK) {
        status = assay_buffer_printf(
            out, diag, "\nDFU Package: <%s>:\n|\n|- Image count: %zu\n", path,
            n);
    }
    for (size_t i = 0; i < n && status == ASSAY_OK; i++) {
        struct shown_image image = {0};
        status = read_image(&package, i, &image, diag);
        if (status == ASSAY_OK) {
            status = put_image(&image, i, out, diag);
        }
        assay_buffer_free(&image.dat);
    }
    /* The tool prints the text with one more line end. */
    return status == ASSAY_OK ? assay_buffer_printf(out, diag, "\n") : status;
}

/* --- JSON ----------------------------------------------------------------- */

static json_t *hex_json(struct assay_slice bytes)
{
    char hex[HEX_MAX];
    hex_of(bytes, hex);
    return json_string(hex);
}

static json_t *validations_json(const struct assay_init_command *c)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < c->n_validations; i++) {
        json_array_append_new(
            array, json_pack("{s:s, s:o}", "type",
                             assay_validation_type_name(c->validation[i].type),
                             "bytes", hex_json(c->validation[i].bytes)));
    }
    return array;
}

static void set_number(json_t *object, const struct assay_init_command *c,
                       const char *key, uint32_t field, uint32_t value)
{
    json_object_set_new(object, key,
                        (c->present >> field & 1u) != 0 ? json_integer(value)
                                                        : json_null());
}

json_t *assay_command_json(const struct assay_init_command *c)
{
    json_t *object = json_object();
    json_t *sd_req = json_array();
    struct assay_slice list = c->sd_req;
    for (uint32_t i = 0; i < c->n_sd_req; i++) {
        json_array_append_new(sd_req,
                              json_integer(assay_initpkt_next_sd_req(&list)));
    }
    json_object_set_new(object, "type",
                        (c->present >> ASSAY_INIT_TYPE & 1u) != 0
                            ? json_string(assay_fw_type_name(c->type))
                            : json_null());
    set_number(object, c, "fw_version", ASSAY_INIT_FW_VERSION, c->fw_version);
    set_number(object, c, "hw_version", ASSAY_INIT_HW_VERSION, c->hw_version);
    json_object_set_new(object, "sd_req", sd_req);
    set_number(object, c, "sd_size", ASSAY_INIT_SD_SIZE, c->sd_size);
    set_number(object, c, "bl_size", ASSAY_INIT_BL_SIZE, c->bl_size);
    set_number(object, c, "app_size", ASSAY_INIT_APP_SIZE, c->app_size);
    json_object_set_new(object, "hash_type",
                        json_string(assay_hash_type_name(c->hash_type)));
    json_object_set_new(object, "hash", hex_json(c->hash));
    json_object_set_new(object, "is_debug",
                        (c->present >> ASSAY_INIT_IS_DEBUG & 1u) != 0
                            ? json_boolean(c->is_debug != 0)
                            : json_null());
    json_object_set_new(object, "boot_validation", validations_json(c));
    return object;
}

static json_t *image_json(const struct shown_image *image)
{
    int is_signed = image->envelope.signature.len != 0;
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:o}", "slot",
        assay_manifest_slot_key(image->source->slot), "bin_file",
        image->source->bin_file, "dat_file", image->source->dat_file,
        "signature_type",
        is_signed ? assay_signature_type_name(image->envelope.signature_type)
                  : "UNSIGNED",
        "signature",
        is_signed ? hex_json(image->envelope.signature) : json_null(),
        "init_command", assay_command_json(&image->command));
}

enum assay_status assay_display_json(struct assay_slice file, json_t **out,
                                     struct assay_diag *diag)
{
    struct assay_package package;
    enum assay_status status = assay_package_open(file, &package, diag);
    json_t *images = json_array();
    *out = NULL;
    for (size_t i = 0; status == ASSAY_OK && i < package.manifest.n_images;
         i++) {
        struct shown_image image = {0};
        status = read_image(&package, i, &image, diag);
        if (status == ASSAY_OK &&
            json_array_append_new(images, image_json(&image)) != 0) {
            status = assay_diag_set(diag, ASSAY_MEMORY, "report not built");
        }
        assay_buffer_free(&image.dat);
    }
    if (status != ASSAY_OK) {
        json_decref(images);
        return status;
    }
    *out = images;
    return ASSAY_OK;
}
