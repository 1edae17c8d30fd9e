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
 * digest. A second one is taken only when it is needed: of the SoftDevice in
 * front of a bootloader, for its own validation, or of everything, to say
 * what was found instead of the signed digest.
 */
struct passage {
    struct assay_image image;
    enum assay_status status; /* of the verifier, so far */
    struct assay_image_head head;
    struct assay_sha256 part; /* of the first part_left bytes still to come */
    size_t part_left;
    size_t len;
};

static enum assay_status take_chunk(void *ctx, struct assay_slice chunk,
                                    struct assay_diag *diag)
{
    struct passage *p = ctx;
    (void)diag;
    p->len += chunk.len;
    if (p->status == ASSAY_OK) {
        p->status = assay_verifier_image_update(&p->image, chunk);
    }
    size_t n = ASSAY_IMAGE_HEAD_LEN - p->head.len;
    n = chunk.len < n ? chunk.len : n;
    memcpy(p->head.bytes + p->head.len, chunk.p, n);
    p->head.len += n;
    n = chunk.len < p->part_left ? chunk.len : p->part_left;
    assay_sha256_update(&p->part, assay_slice_sub(chunk, 0, n));
    p->part_left -= n;
    return ASSAY_OK;
}

/* --- The image ------------------------------------------------------------ */

/* The SoftDevice has an ECDSA validation of its own, and more follows it. */
static int has_part(const struct assay_init_command *c)
{
    return c->type == ASSAY_FW_SOFTDEVICE_BOOTLOADER && c->n_validations != 0 &&
           c->validation[0].type == ASSAY_VALIDATE_ECDSA_P256_SHA256;
}

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

/* ECDSA validations are made with the key that signs the package. */
static enum assay_status check_validation(struct assay_image_report *r,
                                          const struct assay_trust *trust,
                                          const uint8_t *digest,
                                          struct assay_diag *diag)
{
    const struct assay_validation *v = &r->command.validation[0];
    uint8_t signature[ASSAY_SIGNATURE_LEN];
    if (r->command.n_validations == 0 ||
        v->type != ASSAY_VALIDATE_ECDSA_P256_SHA256 ||
        r->key_index >= trust->table.n_keys) {
        return ASSAY_OK;
    }
    const struct assay_key *key = &trust->key[r->key_index];
    assay_reverse(signature, v->bytes.p, 32);
    assay_reverse(signature + 32, v->bytes.p + 32, 32);
    if (key->algorithm != ASSAY_P256 ||
        assay_p256_verify(key->bytes, digest, signature) != ASSAY_OK) {
        return assay_diag_set(diag, ASSAY_IMAGE_VALIDATION,
                              "the ECDSA boot validation was not made by %s",
                              trust->name[r->key_index]);
    }
    return ASSAY_OK;
}

/*
 * Stream the image member; a refusal of the zip layer comes first.
 * in: part_len, how much of it the second digest is about.
 */
static enum assay_status pass_image(const struct assay_package *package,
                                    struct assay_image_report *r,
                                    struct passage *p, size_t part_len)
{
    const struct assay_zip_entry *bin =
        assay_zip_find(&package->zip, r->source->bin_file);
    const struct assay_zip_sink sink = {.write = take_chunk, .ctx = p};
    if (bin == NULL) {
        return assay_diag_set(&r->image, ASSAY_ZIP_MEMBER, "%s",
                              r->source->bin_file);
    }
    p->part_left = part_len;
    assay_sha256_init(&p->part);
    p->status = assay_verifier_image_start(&p->image, &r->command);
    return assay_zip_stream(&package->zip, bin, &sink, &r->image);
}

/* The digest that the image has, for the message. */
static void find_digest(const struct assay_package *package,
                        struct assay_image_report *r)
{
    struct passage again = {.status = ASSAY_IMAGE_STATE};
    if (pass_image(package, r, &again, SIZE_MAX) == ASSAY_OK) {
        assay_sha256_final(&again.part, r->digest);
    }
}

static enum assay_status check_image(const struct assay_package *package,
                                     struct assay_image_report *r,
                                     const struct assay_trust *trust,
                                     struct passage *p)
{
    uint8_t part[ASSAY_DIGEST_LEN];
    size_t part_len = has_part(&r->command) ? r->command.sd_size : 0;
    enum assay_status status = pass_image(package, r, p, part_len);
    if (status != ASSAY_OK) {
        return status;
    }
    uint32_t expected = p->image.len;
    r->image_len = p->len;
    if (p->status == ASSAY_OK) {
        p->status = assay_verifier_image_finish(&p->image);
    }
    if (p->status == ASSAY_IMAGE_DIGEST) {
        find_digest(package, r);
    }
    if (p->status != ASSAY_OK) {
        return explain_image(r, p->status, expected, &r->image);
    }
    assay_reverse(r->digest, r->command.hash.p, ASSAY_DIGEST_LEN);
    assay_sha256_final(&p->part, part);
    return check_validation(r, trust, part_len != 0 ? part : r->digest,
                            &r->image);
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
                                      const struct assay_trust *trust)
{
    struct assay_slice packet = assay_buffer_slice(&r->dat);
    struct assay_verdict verdict = {.key_index = ASSAY_NO_KEY};
    enum assay_status status =
        assay_verifier_packet(packet, &trust->table, &verdict);
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
    struct passage p = {.status = ASSAY_IMAGE_STATE};
    r->key_index = ASSAY_NO_KEY;
    if (load_dat(package, r) != ASSAY_OK) {
        return;
    }
    enum assay_status packet_status = check_packet(package, r, how->trust);
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
