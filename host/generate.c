/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/generate.h"

#include <stdio.h>
#include <string.h>

#include <openssl/ecdsa.h>

#include "base/bytes.h"
#include "crypto/ed25519.h"
#include "crypto/p256.h"
#include "crypto/sha256.h"
#include "host/file.h"
#include "host/firmware.h"
#include "host/sign.h"
#include "host/text.h"
#include "host/verify.h"

/* Any SoftDevice, in requirements of external applications. */
#define ANY_SOFTDEVICE 0xFFFEu
/* What debug mode writes where no number is given: "matches anything". */
#define ANY_VERSION 0xFFFFFFFFu
/* A SoftDevice package passes every version check. */
#define SOFTDEVICE_VERSION 0xFFFFFFFFu

/* --- How the options go together ------------------------------------------ */

static enum assay_status refuse(struct assay_diag *diag, const char *sentence)
{
    return assay_diag_set(diag, ASSAY_GENERATE_OPTIONS, "%s", sentence);
}

static int is_external(const struct assay_generate_options *o)
{
    return (o->flags & ASSAY_GENERATE_EXTERNAL) != 0;
}

static int is_zigbee(const struct assay_generate_options *o)
{
    return (o->flags & ASSAY_GENERATE_ZIGBEE) != 0;
}

static void set_default(struct assay_number *number, uint32_t value)
{
    if (!number->is_given) {
        *number = (struct assay_number){.is_given = 1, .value = value};
    }
}

static void apply_debug(struct assay_generate_options *o)
{
    if ((o->flags & ASSAY_GENERATE_DEBUG) == 0) {
        return;
    }
    set_default(&o->application_version, ANY_VERSION);
    set_default(&o->bootloader_version, ANY_VERSION);
    set_default(&o->hw_version, ANY_VERSION);
    if (o->sd_req.n_ids == 0) {
        o->sd_req = (struct assay_id_list){.n_ids = 1, .id = {ANY_SOFTDEVICE}};
    }
}

static enum assay_status check_images(const struct assay_generate_options *o,
                                      struct assay_diag *diag)
{
    if (o->bootloader != NULL && o->application != NULL &&
        o->softdevice == NULL) {
        return refuse(diag,
                      "Invalid combination: use two .zip packages instead.");
    }
    if (o->application_version.is_given && o->application == NULL) {
        return refuse(diag, "Application version with no image.");
    }
    if (o->bootloader_version.is_given && o->bootloader == NULL) {
        return refuse(diag, "Bootloader version with no image.");
    }
    return ASSAY_OK;
}

static enum assay_status check_versions(const struct assay_generate_options *o,
                                        struct assay_diag *diag)
{
    if (!o->hw_version.is_given) {
        return refuse(diag, "--hw-version required.");
    }
    if (o->sd_req.n_ids == 0 && !is_external(o)) {
        return refuse(diag, "--sd-req required.");
    }
    if (o->application != NULL && !o->application_version.is_given) {
        return refuse(diag, "--application-version or "
                            "--application-version-string required with "
                            "application image.");
    }
    if (o->bootloader != NULL && !o->bootloader_version.is_given) {
        return refuse(diag,
                      "--bootloader-version required with bootloader image.");
    }
    return ASSAY_OK;
}

static enum assay_status check_kinds(const struct assay_generate_options *o,
                                     struct assay_diag *diag)
{
    int n = (o->application != NULL) + (o->softdevice != NULL) +
            (o->bootloader != NULL);
    if (is_zigbee(o) && n != 1) {
        return refuse(diag, "Provide either --application, --softdevice, or "
                            "--bootloader for Zigbee package generation (not "
                            "a combination).");
    }
    if (o->application != NULL && o->softdevice != NULL &&
        o->sd_id.n_ids == 0) {
        return refuse(diag, "--sd-id required with softdevice and application "
                            "images.");
    }
    if (o->application == NULL && is_external(o)) {
        return refuse(diag, "--external-app requires an application.");
    }
    if (is_external(o) && n != 1) {
        return refuse(diag, "--external-app is only possible for application "
                            "only DFU packages.");
    }
    if (n == 0) {
        return refuse(diag, "Give at least one of --application, --bootloader "
                            "and --softdevice.");
    }
    return ASSAY_OK;
}

static enum assay_status check_zigbee(const struct assay_generate_options *o,
                                      struct assay_diag *diag)
{
    if (!is_zigbee(o)) {
        return ASSAY_OK;
    }
    if (!o->zigbee_hw_version.is_given) {
        return refuse(diag, "--zigbee-ota-hw-version is required.");
    }
    if (o->hw_version.value > 0xFFFF) {
        return refuse(diag, "Invalid value for hw-version: Exceeds 2-byte long "
                            "integer.");
    }
    if ((o->flags & ASSAY_GENERATE_DETACHED) != 0) {
        return refuse(diag, "--zigbee signs twice, the second time over the "
                            "first signature; it needs --key-file.");
    }
    return ASSAY_OK;
}

static enum assay_status check_detached(const struct assay_generate_options *o,
                                        struct assay_diag *diag)
{
    if ((o->flags & ASSAY_GENERATE_DETACHED) != 0 &&
        (o->application_validation == ASSAY_VALIDATE_ECDSA_P256_SHA256 ||
         o->softdevice_validation == ASSAY_VALIDATE_ECDSA_P256_SHA256)) {
        return refuse(diag, "VALIDATE_ECDSA_P256_SHA256 is a signature inside "
                            "of what is signed; it needs --key-file.");
    }
    return ASSAY_OK;
}

enum assay_status assay_generate_check(struct assay_generate_options *options,
                                       struct assay_diag *diag)
{
    enum assay_status status = check_images(options, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    apply_debug(options);
    status = check_versions(options, diag);
    if (status == ASSAY_OK) {
        status = check_kinds(options, diag);
    }
    if (status == ASSAY_OK) {
        status = check_zigbee(options, diag);
    }
    return status == ASSAY_OK ? check_detached(options, diag) : status;
}

/* --- The images ----------------------------------------------------------- */

static enum assay_status add_ids(struct assay_id_list *list,
                                 const struct assay_id_list *more,
                                 struct assay_diag *diag)
{
    for (uint32_t i = 0; i < more->n_ids; i++) {
        uint32_t k = 0;
        while (k < list->n_ids && list->id[k] != more->id[i]) {
            k++;
        }
        if (k < list->n_ids) {
            continue;
        }
        if (k == ASSAY_SD_REQ_MAX) {
            return refuse(diag, "--sd-req and --sd-id name more than 16 "
                                "SoftDevices together.");
        }
        list->id[list->n_ids++] = more->id[i];
    }
    return ASSAY_OK;
}

/* A target treats a list that starts with zero as "runs without". */
static enum assay_status warn_of_zero(struct assay_generation_state *state,
                                      const struct assay_id_list *list,
                                      struct assay_diag *diag)
{
    for (uint32_t i = 0; i < list->n_ids && list->n_ids > 1; i++) {
        if (list->id[i] == 0) {
            return assay_buffer_printf(
                &state->warnings, diag,
                "0x00 stands among other SoftDevice requirements at place "
                "%u; only in the first place it means \"no SoftDevice\"\n",
                (unsigned)i + 1);
        }
    }
    return ASSAY_OK;
}

static enum assay_status note_firmware(struct assay_generation_state *state,
                                       const char *path,
                                       const struct assay_firmware *f,
                                       struct assay_diag *diag)
{
    enum assay_status status = ASSAY_OK;
    if ((f->flags & ASSAY_FIRMWARE_SOFTDEVICE_MERGED) != 0) {
        status = assay_buffer_printf(
            &state->warnings, diag,
            "%s holds a SoftDevice and more behind it: a merged file?\n", path);
    }
    if (status == ASSAY_OK && (f->flags & ASSAY_FIRMWARE_GAP) != 0) {
        status = assay_buffer_printf(
            &state->warnings, diag,
            "%s has a hole of %u bytes at 0x%08X, filled with 0xFF: a merged "
            "file?\n",
            path, (unsigned)f->gap_len, (unsigned)f->gap_address);
    }
    return status;
}

/* Append the bytes of one firmware file. */
static enum assay_status load_part(struct assay_generation_state *state,
                                   const char *path, struct assay_buffer *bin,
                                   uint32_t *len, struct assay_diag *diag)
{
    struct assay_firmware firmware = {0};
    enum assay_status status = assay_firmware_load(path, &firmware, diag);
    if (status == ASSAY_OK) {
        status = note_firmware(state, path, &firmware, diag);
    }
    if (status == ASSAY_OK) {
        *len = (uint32_t)firmware.image.len;
        status =
            assay_buffer_append(bin, assay_buffer_slice(&firmware.image), diag);
    }
    assay_firmware_free(&firmware);
    return status;
}

/* "dir/app.hex" becomes "app". */
static enum assay_status name_image(struct assay_new_image *image,
                                    const char *path, struct assay_diag *diag)
{
    const char *base = assay_file_base(path);
    size_t len = strlen(base);
    if (len > 4 && (strcmp(base + len - 4, ".hex") == 0 ||
                    strcmp(base + len - 4, ".bin") == 0)) {
        len -= 4;
    }
    const char *fault =
        assay_zip_name_fault(assay_slice((const uint8_t *)base, len));
    if (len >= sizeof image->name || fault != NULL) {
        return assay_diag_set(diag, ASSAY_GENERATE_IMAGE,
                              "%s: the name cannot stand in a package: %s",
                              path, fault == NULL ? "too long" : fault);
    }
    memcpy(image->name, base, len);
    image->name[len] = '\0';
    return ASSAY_OK;
}

static void digest_of(struct assay_slice data, uint8_t digest[static 32])
{
    struct assay_sha256 sha;
    assay_sha256_init(&sha);
    assay_sha256_update(&sha, data);
    assay_sha256_final(&sha, digest);
}

static void to_wire(uint8_t wire[static 64],
                    const uint8_t big_endian[static 64])
{
    assay_reverse(wire, big_endian, 32);
    assay_reverse(wire + 32, big_endian + 32, 32);
}

/* Add a boot validation over covered. */
static enum assay_status add_validation(struct assay_new_image *image,
                                        enum assay_validation_type type,
                                        struct assay_slice covered,
                                        const struct assay_private_key *key,
                                        struct assay_diag *diag)
{
    struct assay_validation_spec *v =
        &image->spec.validation[image->spec.n_validations++];
    v->type = type;
    if (type != ASSAY_VALIDATE_ECDSA_P256_SHA256) {
        return ASSAY_OK;
    }
    if (key == NULL || key->public_key.algorithm != ASSAY_P256) {
        return refuse(diag, "VALIDATE_ECDSA_P256_SHA256 needs a P-256 "
                            "--key-file.");
    }
    return assay_sign_nordic(key, covered, v->signature, diag);
}

/* Digest and signed bytes, once everything else of spec is in place. */
static enum assay_status seal(struct assay_new_image *image,
                              struct assay_diag *diag)
{
    if (image->bin.len == 0) {
        return assay_diag_set(diag, ASSAY_GENERATE_IMAGE, "%s: 0 bytes",
                              image->name);
    }
    digest_of(assay_buffer_slice(&image->bin), image->spec.digest);
    return assay_initpkt_write_command(&image->spec, &image->to_be_signed,
                                       diag);
}

static enum assay_status prepare_application(
    const struct assay_generate_options *o, const struct assay_private_key *key,
    struct assay_generation_state *state, struct assay_diag *diag)
{
    struct assay_new_image *image = &state->image[state->n_images++];
    struct assay_init_spec *spec = &image->spec;
    image->slot = ASSAY_SLOT_APPLICATION;
    /* The Zigbee wrapper is the external part; what is inside is not. */
    spec->type = is_external(o) && !is_zigbee(o) ? ASSAY_FW_EXTERNAL_APPLICATION
                                                 : ASSAY_FW_APPLICATION;
    spec->fw_version = o->application_version.value;
    spec->hw_version = o->hw_version.value;
    spec->is_debug = (o->flags & ASSAY_GENERATE_DEBUG) != 0;
    enum assay_status status = name_image(image, o->application, diag);
    if (status == ASSAY_OK) {
        status = load_part(state, o->application, &image->bin, &spec->app_size,
                           diag);
    }
    if (status == ASSAY_OK) {
        status = add_ids(&spec->sd_req,
                         o->sd_id.n_ids != 0 ? &o->sd_id : &o->sd_req, diag);
    }
    if (status == ASSAY_OK) {
        status = warn_of_zero(state, &spec->sd_req, diag);
    }
    if (status == ASSAY_OK && spec->sd_req.n_ids == 0) {
        spec->sd_req =
            (struct assay_id_list){.n_ids = 1, .id = {ANY_SOFTDEVICE}};
    }
    if (status == ASSAY_OK) {
        status = add_validation(image, o->application_validation,
                                assay_buffer_slice(&image->bin), key, diag);
    }
    return status == ASSAY_OK ? seal(image, diag) : status;
}

static enum assay_status name_system(struct assay_new_image *image,
                                     const struct assay_generate_options *o,
                                     struct assay_diag *diag)
{
    if (o->softdevice != NULL && o->bootloader != NULL) {
        image->slot = ASSAY_SLOT_SOFTDEVICE_BOOTLOADER;
        image->spec.type = ASSAY_FW_SOFTDEVICE_BOOTLOADER;
        (void)snprintf(image->name, sizeof image->name, "sd_bl");
        return ASSAY_OK;
    }
    if (o->softdevice != NULL) {
        image->slot = ASSAY_SLOT_SOFTDEVICE;
        image->spec.type = ASSAY_FW_SOFTDEVICE;
        return name_image(image, o->softdevice, diag);
    }
    image->slot = ASSAY_SLOT_BOOTLOADER;
    image->spec.type = ASSAY_FW_BOOTLOADER;
    return name_image(image, o->bootloader, diag);
}

/* SoftDevice first, the bootloader right behind it; each in whole words. */
static enum assay_status load_system(struct assay_generation_state *state,
                                     struct assay_new_image *image,
                                     const struct assay_generate_options *o,
                                     struct assay_diag *diag)
{
    enum assay_status status = ASSAY_OK;
    if (o->softdevice != NULL) {
        status = load_part(state, o->softdevice, &image->bin,
                           &image->spec.sd_size, diag);
    }
    if (status == ASSAY_OK && o->bootloader != NULL) {
        status = load_part(state, o->bootloader, &image->bin,
                           &image->spec.bl_size, diag);
    }
    return status;
}

static enum assay_status validate_system(struct assay_new_image *image,
                                         const struct assay_generate_options *o,
                                         const struct assay_private_key *key,
                                         struct assay_diag *diag)
{
    struct assay_slice softdevice =
        assay_slice(image->bin.p, image->spec.sd_size);
    enum assay_status status = ASSAY_OK;
    if (o->softdevice != NULL) {
        status = add_validation(image, o->softdevice_validation, softdevice,
                                key, diag);
    }
    if (status == ASSAY_OK && o->bootloader != NULL) {
        status =
            add_validation(image, ASSAY_VALIDATE_CRC, softdevice, key, diag);
    }
    return status;
}

static enum assay_status prepare_system(const struct assay_generate_options *o,
                                        const struct assay_private_key *key,
                                        struct assay_generation_state *state,
                                        struct assay_diag *diag)
{
    struct assay_new_image *image = &state->image[state->n_images++];
    struct assay_init_spec *spec = &image->spec;
    spec->fw_version = o->bootloader != NULL ? o->bootloader_version.value
                                             : SOFTDEVICE_VERSION;
    spec->hw_version = o->hw_version.value;
    spec->is_debug = (o->flags & ASSAY_GENERATE_DEBUG) != 0;
    enum assay_status status = name_system(image, o, diag);
    if (status == ASSAY_OK) {
        status = load_system(state, image, o, diag);
    }
    if (status == ASSAY_OK) {
        status = add_ids(&spec->sd_req, &o->sd_req, diag);
    }
    /* So that an update that stopped half-way can be repeated. */
    if (status == ASSAY_OK) {
        status = add_ids(&spec->sd_req, &o->sd_id, diag);
    }
    if (status == ASSAY_OK) {
        status = warn_of_zero(state, &spec->sd_req, diag);
    }
    if (status == ASSAY_OK) {
        status = validate_system(image, o, key, diag);
    }
    return status == ASSAY_OK ? seal(image, diag) : status;
}

enum assay_status assay_generate_prepare(
    const struct assay_generate_options *options,
    const struct assay_private_key *key, struct assay_generation_state *state,
    struct assay_diag *diag)
{
    enum assay_status status = ASSAY_OK;
    memset(state, 0, sizeof *state);
    if (options->softdevice != NULL || options->bootloader != NULL) {
        status = prepare_system(options, key, state, diag);
    }
    if (status == ASSAY_OK && options->application != NULL) {
        status = prepare_application(options, key, state, diag);
    }
    if (status == ASSAY_OK && state->n_images == 2 &&
        strcmp(state->image[0].name, state->image[1].name) == 0) {
        return assay_diag_set(diag, ASSAY_GENERATE_IMAGE,
                              "two images are called %s", state->image[0].name);
    }
    return status;
}

/* --- Signatures ----------------------------------------------------------- */

static enum assay_status sign_image(struct assay_new_image *image,
                                    const struct assay_private_key *key,
                                    struct assay_diag *diag)
{
    struct assay_slice message = assay_buffer_slice(&image->to_be_signed);
    image->is_signed = 1;
    if (key->public_key.algorithm == ASSAY_ED25519) {
        image->signature.type = ASSAY_SIGNATURE_ED25519;
        return assay_sign_ed25519(key, message, image->signature.bytes, diag);
    }
    image->signature.type = ASSAY_SIGNATURE_ECDSA_P256_SHA256;
    return assay_sign_nordic(key, message, image->signature.bytes, diag);
}

enum assay_status assay_generate_sign(struct assay_generation_state *state,
                                      const struct assay_private_key *key,
                                      struct assay_diag *diag)
{
    enum assay_status status = ASSAY_OK;
    for (size_t i = 0; i < state->n_images && status == ASSAY_OK; i++) {
        status = sign_image(&state->image[i], key, diag);
    }
    state->is_signed = status == ASSAY_OK;
    state->signer = key->public_key;
    return status;
}

static int read_hex(struct assay_slice data, uint8_t out[static 64])
{
    while (data.len != 0 &&
           (data.p[data.len - 1] == '\n' || data.p[data.len - 1] == '\r')) {
        data.len--;
    }
    if (data.len != 2 * ASSAY_SIGNATURE_LEN) {
        return 0;
    }
    for (size_t i = 0; i < ASSAY_SIGNATURE_LEN; i++) {
        int high = assay_text_hex_digit(data.p[2 * i]);
        int low = assay_text_hex_digit(data.p[2 * i + 1]);
        if (high < 0 || low < 0) {
            return 0;
        }
        out[i] = (uint8_t)(high * 16 + low);
    }
    return 1;
}

static int read_der(struct assay_slice data, uint8_t out[static 64])
{
    const unsigned char *p = data.p;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)data.len);
    int ok = sig != NULL && p == data.p + data.len &&
             BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32) == 32 &&
             BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 32, 32) == 32;
    ECDSA_SIG_free(sig);
    return ok;
}

static int read_signature(struct assay_slice data, uint8_t out[static 64])
{
    if (data.len == ASSAY_SIGNATURE_LEN) {
        memcpy(out, data.p, ASSAY_SIGNATURE_LEN);
        return 1;
    }
    return read_hex(data, out) || read_der(data, out);
}

enum assay_status assay_generate_attach(struct assay_generation_state *state,
                                        size_t i,
                                        const struct assay_public_key *key,
                                        struct assay_slice data,
                                        struct assay_diag *diag)
{
    struct assay_new_image *image = &state->image[i];
    struct assay_slice message = assay_buffer_slice(&image->to_be_signed);
    uint8_t signature[ASSAY_SIGNATURE_LEN];
    uint8_t digest[ASSAY_DIGEST_LEN];
    enum assay_status status = ASSAY_SIGNATURE_INVALID;
    if (!read_signature(data, signature)) {
        return assay_diag_set(diag, ASSAY_KEYFILE_FORMAT,
                              "%zu bytes are no signature; expected 64 raw "
                              "bytes, 128 hex digits or DER",
                              data.len);
    }
    if (key->algorithm == ASSAY_ED25519) {
        image->signature.type = ASSAY_SIGNATURE_ED25519;
        memcpy(image->signature.bytes, signature, sizeof signature);
        status = assay_ed25519_verify(key->bytes, message, signature);
    } else {
        image->signature.type = ASSAY_SIGNATURE_ECDSA_P256_SHA256;
        to_wire(image->signature.bytes, signature);
        digest_of(message, digest);
        status = assay_p256_verify(key->bytes, digest, signature);
    }
    if (status != ASSAY_OK) {
        return assay_diag_set(diag, ASSAY_SIGNATURE_INVALID,
                              "the signature of %s was not made by this key "
                              "over these bytes",
                              image->name);
    }
    image->is_signed = 1;
    state->is_signed = 1;
    state->signer = *key;
    return ASSAY_OK;
}

/* --- The package ---------------------------------------------------------- */

static enum assay_status write_packet(const struct assay_new_image *image,
                                      struct assay_buffer *dat,
                                      struct assay_diag *diag)
{
    return assay_initpkt_write_packet(
        &image->spec, image->is_signed ? &image->signature : NULL, dat, diag);
}

/* in: bin holds the upgrade file. */
static enum assay_status become_wrapper(struct assay_generation_state *state,
                                        const struct assay_generate_options *o,
                                        struct assay_buffer *bin,
                                        struct assay_diag *diag)
{
    struct assay_new_image *image = &state->image[0];
    assay_buffer_free(&image->bin);
    assay_buffer_free(&image->to_be_signed);
    *image = (struct assay_new_image){
        .slot = ASSAY_SLOT_APPLICATION,
        .bin = *bin,
        .spec = {.type = ASSAY_FW_EXTERNAL_APPLICATION,
                 .fw_version = o->zigbee_fw_version.value,
                 .hw_version = o->zigbee_hw_version.value,
                 .sd_req = {.n_ids = 1, .id = {ANY_SOFTDEVICE}},
                 .app_size = (uint32_t)bin->len,
                 .is_debug = (o->flags & ASSAY_GENERATE_DEBUG) != 0,
                 .n_validations = 1,
                 .validation = {{.type = ASSAY_VALIDATE_CRC}}}};
    *bin = (struct assay_buffer){0};
    (void)snprintf(image->name, sizeof image->name, "%s", state->zigbee_name);
    return seal(image, diag);
}

enum assay_status assay_generate_wrap(
    struct assay_generation_state *state,
    const struct assay_generate_options *options,
    const struct assay_private_key *key, struct assay_diag *diag)
{
    struct assay_new_image *inner = &state->image[0];
    struct assay_zigbee_header header = options->zigbee;
    struct assay_buffer dat = {0};
    struct assay_buffer bin = {0};
    header.file_version = inner->spec.fw_version;
    assay_zigbee_name(&header, state->zigbee_name);
    enum assay_status status = write_packet(inner, &dat, diag);
    if (status == ASSAY_OK) {
        status = assay_zigbee_write(&header, assay_buffer_slice(&dat),
                                    assay_buffer_slice(&inner->bin),
                                    &state->zigbee, diag);
    }
    if (status == ASSAY_OK) {
        status =
            assay_buffer_append(&bin, assay_buffer_slice(&state->zigbee), diag);
    }
    if (status == ASSAY_OK) {
        status = assay_buffer_fill(&bin, 0xFF, (4 - bin.len % 4) % 4, diag);
    }
    if (status == ASSAY_OK) {
        status = become_wrapper(state, options, &bin, diag);
    }
    assay_buffer_free(&dat);
    assay_buffer_free(&bin);
    if (status == ASSAY_OK && key != NULL) {
        status = assay_generate_sign(state, key, diag);
    }
    return status;
}

/* What a receiver with this key would say. */
static enum assay_status verify_own(const struct assay_generation_state *state,
                                    struct assay_slice zip,
                                    struct assay_diag *diag)
{
    struct assay_trust trust = {0};
    trust.public_key[0] = state->signer;
    trust.name[0] = "the signing key";
    trust.key[0] =
        (struct assay_key){.bytes = trust.public_key[0].bytes,
                           .algorithm = (uint8_t)state->signer.algorithm,
                           .roles = ASSAY_ROLE_ALL};
    trust.table = (struct assay_key_table){.key = trust.key,
                                           .n_keys = state->is_signed ? 1 : 0,
                                           .flags = ASSAY_KEYS_ALLOW_PUBLISHED};
    const struct assay_verification how = {.trust = &trust};
    struct assay_package_report report;
    enum assay_status status = assay_verify_package(zip, &how, &report);
    enum assay_status wanted =
        state->is_signed ? ASSAY_OK : ASSAY_SIGNATURE_MISSING;
    size_t n_good = 0;
    for (size_t i = 0; i < report.n_images; i++) {
        n_good += report.image[i].genuine.status == wanted &&
                  report.image[i].image.status == ASSAY_OK;
    }
    if (status != wanted || n_good != state->n_images) {
        status = assay_diag_set(diag, ASSAY_GENERATE_SELF_CHECK, "%s: %s",
                                assay_status_name(report.diag.status),
                                report.diag.text);
    } else {
        status = ASSAY_OK;
    }
    assay_report_free(&report);
    return status;
}

/* The files of the package, in the order in which they are written. */
struct members {
    struct assay_manifest manifest;
    struct assay_buffer json;
    struct assay_buffer dat[ASSAY_NEW_IMAGES_MAX];
    size_t n;
    struct assay_zip_member member[1 + 2 * ASSAY_NEW_IMAGES_MAX];
};

static void add_member(struct members *m, const char *name,
                       const struct assay_buffer *data)
{
    m->member[m->n++] = (struct assay_zip_member){
        .name = name, .data = assay_buffer_slice(data)};
}

static enum assay_status collect(const struct assay_generation_state *state,
                                 struct members *m, struct assay_diag *diag)
{
    enum assay_status status = ASSAY_OK;
    m->manifest.n_images = state->n_images;
    for (size_t i = 0; i < state->n_images && status == ASSAY_OK; i++) {
        const struct assay_new_image *image = &state->image[i];
        struct assay_manifest_image *entry = &m->manifest.image[i];
        entry->slot = image->slot;
        (void)snprintf(entry->bin_file, sizeof entry->bin_file, "%s.bin",
                       image->name);
        (void)snprintf(entry->dat_file, sizeof entry->dat_file, "%s.dat",
                       image->name);
        entry->has_sizes = image->slot == ASSAY_SLOT_SOFTDEVICE_BOOTLOADER;
        entry->sd_size = image->spec.sd_size;
        entry->bl_size = image->spec.bl_size;
        status = write_packet(image, &m->dat[i], diag);
    }
    if (status == ASSAY_OK) {
        status = assay_manifest_write(&m->manifest, &m->json, diag);
    }
    add_member(m, "manifest.json", &m->json);
    for (size_t i = 0; i < state->n_images; i++) {
        add_member(m, m->manifest.image[i].dat_file, &m->dat[i]);
        add_member(m, m->manifest.image[i].bin_file, &state->image[i].bin);
    }
    return status;
}

enum assay_status assay_generate_finish(
    struct assay_generation_state *state,
    const struct assay_generate_options *options, struct assay_buffer *zip,
    struct assay_diag *diag)
{
    struct members m = {0};
    enum assay_status status = collect(state, &m, diag);
    if (status == ASSAY_OK) {
        status = assay_zip_write(m.member, m.n,
                                 assay_zip_dos_time(options->time), zip, diag);
    }
    if (status == ASSAY_OK) {
        status = verify_own(state, assay_buffer_slice(zip), diag);
    }
    assay_buffer_free(&m.json);
    for (size_t i = 0; i < ASSAY_NEW_IMAGES_MAX; i++) {
        assay_buffer_free(&m.dat[i]);
    }
    return status;
}

void assay_generate_free(struct assay_generation_state *state)
{
    for (size_t i = 0; i < ASSAY_NEW_IMAGES_MAX; i++) {
        assay_buffer_free(&state->image[i].bin);
        assay_buffer_free(&state->image[i].to_be_signed);
    }
    assay_buffer_free(&state->zigbee);
    assay_buffer_free(&state->warnings);
}
