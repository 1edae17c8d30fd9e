/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "base/bytes.h"
#include "fuzz/fuzz.h"
#include "fuzz/keyring.h"
#include "host/verify.h"

#include <openssl/sha.h>
#include <string.h>

/*
 * Any bytes as a package, through the whole verification, with and without a
 * device. OK has to be earned: every image is signed in the eyes of OpenSSL or
 * libsodium by a key of the ring, its digest is the signed one by another
 * SHA-256, and under the closed key nothing passes but what it ever signed.
 */

/* More unpacked bytes than this take too long. */
#define UNPACKED_MAX ((size_t)1 << 20)

static int is_small(struct assay_slice file)
{
    struct assay_zip zip;
    size_t total = 0;
    if (assay_zip_open(file, &zip, NULL) != ASSAY_OK) {
        return 1;
    }
    for (size_t i = 0; i < zip.n_entries; i++) {
        total += zip.entry[i].len;
    }
    return total <= UNPACKED_MAX;
}

static void check_signed(const struct assay_image_report *r)
{
    struct assay_envelope envelope;
    enum fuzz_key key = (enum fuzz_key)r->key_index;
    require(r->key_index < FUZZ_N_KEYS);
    require(assay_initpkt_open(assay_buffer_slice(&r->dat), &envelope) ==
            ASSAY_OK);
    require(envelope.signature.len == 64);
    require(fuzz_is_signed(key, envelope.signed_bytes, envelope.signature.p));
    require(key != FUZZ_KEY_CLOSED ||
            fuzz_closed_signed(envelope.signed_bytes));
}

static void check_digest(const struct assay_package *package,
                         const struct assay_image_report *r)
{
    uint8_t digest[32];
    uint8_t wire[32];
    struct assay_buffer bin = {0};
    const struct assay_zip_entry *e =
        assay_zip_find(&package->zip, r->source->bin_file);
    require(e != NULL);
    require(assay_zip_load(&package->zip, e, UNPACKED_MAX, &bin, NULL) ==
            ASSAY_OK);
    require(bin.len == r->image_len && bin.len != 0);
    (void)SHA256(bin.p, bin.len, digest);
    require(memcmp(digest, r->digest, 32) == 0);
    assay_reverse(wire, digest, 32);
    require(r->has_command && r->command.hash.len == 32);
    require(memcmp(wire, r->command.hash.p, 32) == 0);
    assay_buffer_free(&bin);
}

static void check_report(const struct assay_package_report *report,
                         enum assay_status status)
{
    require(report->diag.status == status);
    require(report->n_images <= ASSAY_MANIFEST_MAX_IMAGES);
    require(status != ASSAY_OK || report->n_images != 0);
    for (size_t i = 0; i < report->n_images; i++) {
        const struct assay_image_report *r = &report->image[i];
        require(r->genuine.status != 0);
        require(status != ASSAY_OK || r->genuine.status == ASSAY_OK);
        if (r->genuine.status == ASSAY_OK) {
            require(r->image.status == ASSAY_OK);
            check_signed(r);
            check_digest(&report->package, r);
        }
    }
}

/* The model of one device; version 0 asks for as little as possible. */
static void make_device(enum assay_generation generation,
                        struct assay_device_model *out)
{
    *out = (struct assay_device_model){
        .generation = generation,
        .device = {.hw_version = 52,
                   .softdevice = ASSAY_NO_SOFTDEVICE,
                   .image_room = UINT32_MAX,
                   .bootloader_room = UINT32_MAX,
                   .flags = ASSAY_DEVICE_SAME_VERSION}};
}

static enum assay_status verify(struct assay_slice file,
                                const struct assay_device_model *device)
{
    struct assay_trust trust;
    struct assay_package_report *report = malloc(sizeof *report);
    require(report != NULL);
    fuzz_keyring(&trust);
    const struct assay_verification how = {.trust = &trust, .device = device};
    enum assay_status status = assay_verify_package(file, &how, report);
    check_report(report, status);
    for (size_t i = 0; i < report->n_images; i++) {
        const struct assay_image_report *r = &report->image[i];
        require(device != NULL || r->device.status == 0);
        require(device == NULL || r->dat.len == 0 || r->device.status != 0);
    }
    assay_report_free(report);
    free(report);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const enum assay_generation GENERATION[] = {
        ASSAY_GENERATION_ASSAY, ASSAY_GENERATION_SDK15_0,
        ASSAY_GENERATION_SDK17_1};
    struct assay_slice file = assay_slice(data, len);
    if (!is_small(file)) {
        return -1;
    }
    struct assay_device_model device;
    make_device(GENERATION[len % 3], &device);
    enum assay_status alone = verify(file, NULL);
    enum assay_status asked = verify(file, &device);
    /* A device adds refusals, behind those of the package. */
    require(alone == ASSAY_OK || asked == alone);
    return 0;
}
