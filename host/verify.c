/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/verify.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/ct.h"
#include "crypto/p256.h"
#include "host/legacy.h"
#include "host/text.h"

/*
 * One image passes through in pieces. The verifier decides with its own
 * digest. A second one, of a window of the image, is taken in a pass of its own
 * when it is needed: for a boot validation of a part, or to say what was found
 * instead of the signed digest.
 */
struct passage {
    struct assay_engine *engine;
    struct assay_image image;
    enum assay_status status; /* of the verifier, so far */
    struct assay_image_head head;
    struct assay_sha256 window;
    size_t window_off; /* from the next byte on */
    size_t window_len; /* what is still missing of it */
    size_t len;
};

/* Hash what of chunk lies in the window. */
static void take_window(struct passage *p, struct assay_slice chunk)
{
    size_t skip = chunk.len < p->window_off ? chunk.len : p->window_off;
    size_t n = chunk.len - skip;
    n = n < p->window_len ? n : p->window_len;
    assay_sha256_update(&p->window, assay_slice_sub(chunk, skip, n));
    p->window_off -= skip;
    p->window_len -= n;
}

static enum assay_status take_chunk(void *ctx, struct assay_slice chunk,
                                    struct assay_diag *diag)
{
    struct passage *p = ctx;
    p->len += chunk.len;
    if (p->status == ASSAY_OK) {
        p->status =
            assay_engine_image_update(p->engine, &p->image, chunk, diag);
    }
    if (assay_engine_failed(p->status)) {
        return p->status;
    }
    size_t n = ASSAY_IMAGE_HEAD_LEN - p->head.len;
    n = chunk.len < n ? chunk.len : n;
    memcpy(p->head.bytes + p->head.len, chunk.p, n);
    p->head.len += n;
    take_window(p, chunk);
    return ASSAY_OK;
}

/* --- The image ------------------------------------------------------------ */

static enum assay_status explain_digest(struct assay_image_report *r,
                                        struct assay_diag *diag)
{
    char found[2 * ASSAY_DIGEST_LEN + 1];
    char expected[2 * ASSAY_DIGEST_LEN + 1];
    uint8_t natural[ASSAY_DIGEST_LEN];
    if (ct_differ(r->command.hash.p, r->digest, ASSAY_DIGEST_LEN) == 0) {
        return assay_diag_set(diag, ASSAY_IMAGE_DIGEST,
                              "the digest is stored in natural byte order, as "
                              "betas of 2016 did; a bootloader reads it "
                              "reversed");
    }
    assay_reverse(natural, r->command.hash.p, ASSAY_DIGEST_LEN);
    assay_text_hex(assay_slice(r->digest, ASSAY_DIGEST_LEN), found);
    assay_text_hex(assay_slice(natural, ASSAY_DIGEST_LEN), expected);
    return assay_diag_set(diag, ASSAY_IMAGE_DIGEST, "sha256 %s, expected %s",
                          found, expected);
}

static enum assay_status explain_image(struct assay_image_report *r,
                                       enum assay_status status,
                                       uint32_t expected,
                                       struct assay_diag *diag)
{
    if (status == ASSAY_IMAGE_DIGEST) {
        return explain_digest(r, diag);
    }
    return assay_diag_set(diag, status, "%s is %zu bytes, expected %u",
                          r->source->bin_file, r->image_len,
                          (unsigned)expected);
}

/* Stream the image member; a refusal of the zip layer comes first. */
static enum assay_status pass_image(const struct assay_package *package,
                                    struct assay_image_report *r,
                                    struct passage *p)
{
    const struct assay_zip_entry *bin =
        assay_zip_find(&package->zip, r->source->bin_file);
    const struct assay_zip_sink sink = {.write = take_chunk, .ctx = p};
    if (bin == NULL) {
        return assay_diag_set(&r->image, ASSAY_ZIP_MEMBER, "%s",
                              r->source->bin_file);
    }
    assay_sha256_init(&p->window);
    p->status =
        assay_engine_image_start(p->engine, &p->image, &r->command, &r->image);
    if (assay_engine_failed(p->status)) {
        return p->status;
    }
    return assay_zip_stream(&package->zip, bin, &sink, &r->image);
}

/* The SHA-256 of len bytes of the image from off, or of what there is. */
static enum assay_status digest_window(const struct assay_package *package,
                                       struct assay_image_report *r, size_t off,
                                       size_t len, uint8_t *digest)
{
    struct passage p = {.window_off = off, .window_len = len};
    enum assay_status status = pass_image(package, r, &p);
    assay_sha256_final(&p.window, digest);
    return status;
}

/*
 * The part of an image that boot validation i is about; the others of a packet
 * are about nothing. ret: whether there is one.
 */
static int validated_part(const struct assay_init_command *c, uint32_t i,
                          size_t *off, size_t *len)
{
    *off = 0;
    *len = SIZE_MAX;
    if (c->type == ASSAY_FW_SOFTDEVICE_BOOTLOADER) {
        *off = i == 0 ? 0 : c->sd_size;
        *len = i == 0 ? c->sd_size : c->bl_size;
        return i < 2;
    }
    return i == 0;
}

/* ECDSA validations are made with the key that signs the package. */
static enum assay_status check_validation(const struct assay_package *package,
                                          struct assay_image_report *r,
                                          const struct assay_trust *trust,
                                          uint32_t i)
{
    const struct assay_validation *v = &r->command.validation[i];
    uint8_t signature[ASSAY_SIGNATURE_LEN];
    uint8_t digest[ASSAY_DIGEST_LEN];
    size_t off;
    size_t len;
    if (v->type != ASSAY_VALIDATE_ECDSA_P256_SHA256 ||
        !validated_part(&r->command, i, &off, &len) ||
        r->key_index >= trust->table.n_keys) {
        return ASSAY_OK;
    }
    const struct assay_key *key = &trust->key[r->key_index];
    enum assay_status status = digest_window(package, r, off, len, digest);
    if (status != ASSAY_OK) {
        return status;
    }
    assay_reverse(signature, v->bytes.p, 32);
    assay_reverse(signature + 32, v->bytes.p + 32, 32);
    if (key->algorithm != ASSAY_P256 ||
        assay_p256_verify(key->bytes, digest, signature) != ASSAY_OK) {
        return assay_diag_set(&r->image, ASSAY_IMAGE_VALIDATION,
                              "ECDSA boot validation %u was not made by %s",
                              (unsigned)i + 1, trust->name[r->key_index]);
    }
    return ASSAY_OK;
}

static enum assay_status check_image(const struct assay_package *package,
                                     struct assay_image_report *r,
                                     const struct assay_trust *trust,
                                     struct passage *p)
{
    enum assay_status status = pass_image(package, r, p);
    if (status != ASSAY_OK) {
        return status;
    }
    uint32_t expected = p->image.len;
    r->image_len = p->len;
    if (p->status == ASSAY_OK) {
        p->status = assay_engine_image_finish(p->engine, &p->image, &r->image);
    }
    if (assay_engine_failed(p->status)) {
        return p->status;
    }
    if (p->status == ASSAY_IMAGE_DIGEST) {
        status = digest_window(package, r, 0, SIZE_MAX, r->digest);
    }
    if (p->status != ASSAY_OK) {
        return explain_image(r, p->status, expected, &r->image);
    }
    assay_reverse(r->digest, r->command.hash.p, ASSAY_DIGEST_LEN);
    for (uint32_t i = 0; i < r->command.n_validations && status == ASSAY_OK;
         i++) {
        status = check_validation(package, r, trust, i);
    }
    return status;
}

/* The first byte of every init packet: the tags of its two alternatives. */
#define TAG_COMMAND 0x0Au
#define TAG_SIGNED_COMMAND 0x12u

/* --- The init packet ------------------------------------------------------ */

static enum assay_status load_dat(const struct assay_package *package,
                                  struct assay_image_report *r)
{
    const struct assay_zip_entry *dat =
        assay_zip_find(&package->zip, r->source->dat_file);
    if (dat == NULL) {
        return assay_diag_set(&r->genuine, ASSAY_ZIP_MEMBER, "%s",
                              r->source->dat_file);
    }
    return assay_zip_load(&package->zip, dat, ASSAY_DAT_MAX, &r->dat,
                          &r->genuine);
}

/*
 * Read the fields whatever the signature says: for the report, and because
 * the answer of a device depends on them.
 */
static void read_command(struct assay_image_report *r)
{
    struct assay_envelope envelope;
    r->has_command =
        assay_initpkt_open(assay_buffer_slice(&r->dat), &envelope) ==
            ASSAY_OK &&
        assay_initpkt_read(envelope.signed_bytes, &r->command) == ASSAY_OK;
}

/* in: status, SIGNATURE_INVALID or SIGNATURE_TYPE. */
static enum assay_status explain_signature(struct assay_image_report *r,
                                           enum assay_status status,
                                           const struct assay_trust *trust)
{
    const char *published =
        assay_trust_published_signer(assay_buffer_slice(&r->dat));
    if (published != NULL) {
        return assay_diag_set(&r->genuine, ASSAY_KEY_PUBLISHED,
                              "%s: signed by \"%s\"", r->source->dat_file,
                              published);
    }
    return assay_diag_set(
        &r->genuine, status,
        status == ASSAY_SIGNATURE_TYPE
            ? "%s: none of %zu keys has the algorithm of its signature"
            : "%s: none of %zu keys made its signature",
        r->source->dat_file, trust->table.n_keys);
}

static enum assay_status explain_packet(struct assay_image_report *r,
                                        enum assay_status status,
                                        const struct assay_trust *trust)
{
    const char *name = r->source->dat_file;
    switch (status) {
    case ASSAY_SIGNATURE_INVALID:
    case ASSAY_SIGNATURE_TYPE:
        return explain_signature(r, status, trust);
    case ASSAY_KEY_REVOKED:
    case ASSAY_KEY_PUBLISHED:
    case ASSAY_KEY_ROLE:
        return assay_diag_set(&r->genuine, status, "%s: signed with %s", name,
                              trust->name[r->key_index]);
    default:
        return assay_diag_set(&r->genuine, status, "%s: %zu bytes", name,
                              r->dat.len);
    }
}

static enum assay_status check_slot(struct assay_image_report *r)
{
    enum assay_image_slot slot = r->source->slot;
    uint32_t type = r->command.type;
    int agrees =
        (slot == ASSAY_SLOT_APPLICATION &&
         (type == ASSAY_FW_APPLICATION ||
          type == ASSAY_FW_EXTERNAL_APPLICATION)) ||
        (slot == ASSAY_SLOT_SOFTDEVICE && type == ASSAY_FW_SOFTDEVICE) ||
        (slot == ASSAY_SLOT_BOOTLOADER && type == ASSAY_FW_BOOTLOADER) ||
        (slot == ASSAY_SLOT_SOFTDEVICE_BOOTLOADER &&
         type == ASSAY_FW_SOFTDEVICE_BOOTLOADER);
    if (!agrees) {
        return assay_diag_set(&r->genuine, ASSAY_MANIFEST_TYPE,
                              "manifest \"%s\", signed type %u",
                              assay_manifest_slot_key(slot), (unsigned)type);
    }
    return ASSAY_OK;
}

/*
 * A damaged init packet must not pass for a legacy one, so the manifest has
 * to say so, or the bytes must start like no init packet and fit a legacy
 * form that has more than a checksum.
 */
int assay_is_legacy_packet(const struct assay_manifest *manifest,
                           struct assay_slice packet)
{
    struct assay_legacy legacy;
    if (assay_legacy_parse(packet, &legacy, NULL) != ASSAY_OK) {
        return 0;
    }
    return manifest->is_legacy ||
           (packet.p[0] != TAG_COMMAND && packet.p[0] != TAG_SIGNED_COMMAND &&
            legacy.form != ASSAY_LEGACY_BARE_CRC);
}

static enum assay_status check_packet(const struct assay_package *package,
                                      struct assay_image_report *r,
                                      const struct assay_verification *how)
{
    const struct assay_trust *trust = how->trust;
    struct assay_slice packet = assay_buffer_slice(&r->dat);
    struct assay_verdict verdict = {.key_index = ASSAY_NO_KEY};
    enum assay_status status = assay_engine_packet(
        how->engine, packet, &trust->table, &verdict, &r->genuine);
    if (assay_engine_failed(status)) {
        return status;
    }
    r->key_index = verdict.key_index;
    read_command(r);
    if (status == ASSAY_OK) {
        return check_slot(r);
    }
    if (!r->has_command && assay_is_legacy_packet(&package->manifest, packet)) {
        return assay_diag_set(&r->genuine, ASSAY_LEGACY_PACKAGE,
                              "%s: a legacy init packet of %zu bytes",
                              r->source->dat_file, r->dat.len);
    }
    return explain_packet(r, status, trust);
}

/* --- The package ---------------------------------------------------------- */

/*
 * The device meets the packet before the image, so its refusal of the packet
 * is its answer even when the image is damaged as well.
 */
static void ask_device(struct assay_device_model *device,
                       struct assay_image_report *r,
                       enum assay_status packet_status,
                       const struct assay_image_head *head)
{
    enum assay_status status =
        assay_device_packet(device, assay_buffer_slice(&r->dat), packet_status,
                            r->has_command ? &r->command : NULL, &r->device);
    if (status != ASSAY_OK) {
        return;
    }
    if (r->image.status != ASSAY_OK) {
        r->device = r->image;
        return;
    }
    status = assay_device_image(device, &r->command, head, &r->device);
    if (status == ASSAY_OK) {
        (void)assay_diag_set(&r->device, ASSAY_OK, "accepted");
        assay_device_install(device, &r->command, head);
    }
}

static void verify_image(const struct assay_package *package,
                         const struct assay_verification *how,
                         struct assay_device_model *device,
                         struct assay_image_report *r)
{
    struct passage p = {.engine = how->engine, .status = ASSAY_IMAGE_STATE};
    r->key_index = ASSAY_NO_KEY;
    if (load_dat(package, r) != ASSAY_OK) {
        return;
    }
    enum assay_status packet_status = check_packet(package, r, how);
    if (assay_engine_failed(packet_status)) {
        return;
    }
    if (r->has_command && check_image(package, r, how->trust, &p) == ASSAY_OK) {
        (void)assay_diag_set(&r->image, ASSAY_OK, "accepted");
    }
    if (packet_status == ASSAY_OK) {
        r->genuine = r->image;
    }
    if (device != NULL) {
        ask_device(device, r, packet_status, &p.head);
    }
}

static void find_first_refusal(struct assay_package_report *report)
{
    (void)assay_diag_set(&report->diag, ASSAY_OK, "accepted");
    for (size_t i = 0; i < report->n_images; i++) {
        const struct assay_image_report *r = &report->image[i];
        if (r->genuine.status != ASSAY_OK) {
            report->diag = r->genuine;
            return;
        }
    }
    for (size_t i = 0; i < report->n_images; i++) {
        const struct assay_image_report *r = &report->image[i];
        if (r->device.status != 0 && r->device.status != ASSAY_OK) {
            report->diag = r->device;
            return;
        }
    }
}

enum assay_status assay_verify_package(struct assay_slice file,
                                       const struct assay_verification *how,
                                       struct assay_package_report *report)
{
    memset(report, 0, sizeof *report);
    enum assay_status status =
        assay_package_open(file, &report->package, &report->diag);
    if (status != ASSAY_OK) {
        return status;
    }
    struct assay_device_model device = {0};
    if (how->device != NULL) {
        device = *how->device;
        device.engine = how->engine;
    }
    report->n_images = report->package.manifest.n_images;
    for (size_t i = 0; i < report->n_images; i++) {
        report->image[i].source = &report->package.manifest.image[i];
        verify_image(&report->package, how,
                     how->device == NULL ? NULL : &device, &report->image[i]);
    }
    find_first_refusal(report);
    return report->diag.status;
}

void assay_report_free(struct assay_package_report *report)
{
    for (size_t i = 0; i < report->n_images; i++) {
        assay_buffer_free(&report->image[i].dat);
    }
    report->n_images = 0;
}

void assay_wire_text(enum assay_status status, char text[static 64])
{
    uint32_t code = assay_verifier_nordic(status);
    if (code == 0) {
        (void)snprintf(text, 64, "nothing: it never sees this fault");
    } else if (code >> 8 != 0) {
        (void)snprintf(text, 64, "result 0x%02X, extended error 0x%02X",
                       (unsigned)(code >> 8), (unsigned)(code & 0xFF));
    } else {
        (void)snprintf(text, 64, "result 0x%02X", (unsigned)code);
    }
}
