/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/inspect_tree.h"

#include <stdlib.h>
#include <string.h>

#include "host/package.h"

/*
 * Zip packages: the archive, its manifest, and every pair of image and init
 * packet. An archive that is refused is searched from the front.
 */

enum { MAX_LOOSE_IMAGES = 8 };

/*
 * The verdict on the archive: its structure, and that what the manifest does
 * not name ends where it should. What it names is read further on.
 */
static enum assay_status strict_verdict(const struct assay_archive *a,
                                        struct assay_diag *diag)
{
    enum assay_status status = a->zip_status;
    *diag = a->zip_diag;
    for (size_t i = 0; i < a->zip.n_entries && status == ASSAY_OK; i++) {
        const struct assay_zip_entry *e = &a->zip.entry[i];
        if (!assay_package_names(&a->manifest, e)) {
            status = assay_zip_pass(&a->zip, e, diag);
        }
    }
    return status;
}

static void archive_members(struct assay_tree *t, const struct assay_archive *a)
{
    struct assay_diag diag;
    json_t *section = assay_tree_put_object(t, t->root, "archive");
    enum assay_status strict = strict_verdict(a, &diag);
    assay_tree_put_verdict(t, assay_tree_put_object(t, section, "strict"),
                           strict);
    if (strict != ASSAY_OK) {
        assay_tree_fault(t, strict, "%s", diag.text);
    }
    if (a->zip_status != ASSAY_OK) {
        assay_tree_note(
            t,
            "the archive is refused; what follows was found by looking for "
            "member headers from the front%s",
            a->has_more ? ", and there are more" : "");
    }
    json_t *members = assay_tree_put_array(t, section, "members");
    for (size_t i = 0; i < a->zip.n_entries; i++) {
        const struct assay_zip_entry *e = &a->zip.entry[i];
        json_t *member = assay_tree_add_object(t, members);
        assay_tree_put_number(t, member, "off", e->local_off);
        assay_tree_put_name(t, member, "name", e->name);
        assay_tree_put_number(t, member, "data_off", e->data_off);
        assay_tree_put_text(t, member, "method",
                            e->method == ASSAY_ZIP_STORED     ? "stored"
                            : e->method == ASSAY_ZIP_DEFLATED ? "deflate"
                                                              : "unsupported");
        assay_tree_put_number(t, member, "packed_len", e->packed_len);
        assay_tree_put_number(t, member, "len", e->len);
        assay_tree_put_format(t, member, "crc32", "%08x", (unsigned)e->crc);
        assay_tree_put_format(t, member, "zip_flags", "0x%04X",
                              (unsigned)e->flags);
    }
}

static void archive_manifest(struct assay_tree *t,
                             const struct assay_archive *a)
{
    json_t *section = assay_tree_put_object(t, t->root, "manifest");
    int is_ncs = a->manifest_status == ASSAY_FORMAT_UNVERIFIABLE;
    assay_tree_put_verdict(t, section, is_ncs ? ASSAY_OK : a->manifest_status);
    if (!is_ncs && a->manifest_status != ASSAY_OK) {
        assay_tree_fault(t, a->manifest_status, "%s", a->manifest_diag.text);
        return;
    }
    const struct assay_manifest *m = &a->manifest;
    if (a->folder_len != 0) {
        assay_tree_fault(
            t, ASSAY_PACKAGE_NESTED,
            "found the manifest in a folder, expected it at the root");
    }
    assay_tree_put_flag(t, section, "legacy", m->is_legacy);
    if (m->dfu_version[0] != '\0') {
        assay_tree_put_text(t, section, "dfu_version", m->dfu_version);
    }
    assay_tree_put_flag(t, section, "byte_order_mark", m->has_bom);
    assay_tree_put_number(t, section, "unknown_keys", m->n_unknown_keys);
    json_t *files = assay_tree_put_array(t, section, "files");
    for (size_t i = 0; i < m->n_files && i < ASSAY_MANIFEST_MAX_FILES; i++) {
        assay_tree_add(t, files,
                       assay_tree_escaped(assay_text_slice(m->file[i]),
                                          ASSAY_TREE_MAX_TEXT));
    }
}

/* A pair of members; sizes as the manifest states them. */
struct pair {
    const char *role;
    const struct assay_zip_entry *bin;
    const struct assay_zip_entry *dat;
    const struct assay_manifest_image *stated; /* NULL: no manifest */
};

/* More than any device of these formats holds; a bomb is not followed on. */
#define MAX_IMAGE_LEN ((size_t)3 << 20)

static void load_member(struct assay_tree *t, const struct assay_archive *a,
                        const struct assay_zip_entry *entry,
                        struct assay_buffer *data)
{
    struct assay_diag diag = {0};
    enum assay_status status =
        assay_archive_load(a, entry, MAX_IMAGE_LEN, data, &diag);
    if (status == ASSAY_MEMORY) {
        t->failed = 1;
    } else if (status != ASSAY_OK) {
        assay_tree_fault(t, status, "member %s: %s",
                         assay_zip_quote(entry->name).s, diag.text);
    }
}

/* What an image is by its own account, in whatever package it stands. */
static void image_content(struct assay_tree *t, json_t *object,
                          struct assay_slice image)
{
    enum assay_kind kind = assay_format_sniff(image);
    if (kind == ASSAY_KIND_SOFTDEVICE_BIN) {
        assay_inspect_softdevice(t, object, image);
    } else if (kind == ASSAY_KIND_MCUBOOT) {
        assay_tree_note(
            t, "an image of this package is an MCUboot image: the signature "
               "inside it is a matter of its own");
        assay_inspect_mcuboot(t, object, image);
    } else if (kind == ASSAY_KIND_ZIGBEE_OTA) {
        assay_inspect_zigbee(t, object, image);
    } else if (kind == ASSAY_KIND_GBL) {
        assay_inspect_gbl(t, object, image);
    }
}

/* The type that the signed packet must have for the slot of the manifest. */
static void check_type(struct assay_tree *t,
                       const struct assay_manifest_image *stated,
                       const struct assay_nanopb_init *init)
{
    static const uint32_t TYPES[] = {
        [ASSAY_SLOT_SOFTDEVICE_BOOTLOADER] = ASSAY_FW_SOFTDEVICE_BOOTLOADER,
        [ASSAY_SLOT_SOFTDEVICE] = ASSAY_FW_SOFTDEVICE,
        [ASSAY_SLOT_BOOTLOADER] = ASSAY_FW_BOOTLOADER,
        [ASSAY_SLOT_APPLICATION] = ASSAY_FW_APPLICATION,
    };
    if (stated == NULL || TYPES[stated->slot] == init->type ||
        (stated->slot == ASSAY_SLOT_APPLICATION &&
         init->type == ASSAY_FW_EXTERNAL_APPLICATION)) {
        return;
    }
    assay_tree_fault(t, ASSAY_MANIFEST_TYPE,
                     "found type %s in the init packet, the manifest says %s",
                     assay_fw_type_name(init->type),
                     assay_manifest_slot_key(stated->slot));
}

static void package_image(struct assay_tree *t, json_t *object,
                          const struct pair *pair, struct assay_slice dat,
                          struct assay_slice image)
{
    union {
        struct assay_nanopb secure;
        struct assay_legacy legacy;
    } decoded;
    json_t *packet = assay_tree_put_object(t, object, "init_packet");
    json_t *checks = NULL;
    enum assay_kind kind = assay_format_init_packet(dat);
    assay_tree_put_number(t, object, "image_len", image.len);
    if (kind == ASSAY_KIND_LEGACY_DAT) {
        assay_inspect_legacy_packet(t, packet, dat, &decoded.legacy);
        assay_tree_note(t,
                        "legacy DFU image (%s, SDK 11 or older): carries no "
                        "signature; Secure DFU bootloaders refuse it",
                        pair->role);
        checks = assay_tree_put_object(t, object, "checks");
        assay_inspect_legacy_image(t, checks, image, &decoded.legacy);
    } else {
        assay_inspect_secure_packet(t, packet, dat, &decoded.secure);
        checks = assay_tree_put_object(t, object, "checks");
        if (decoded.secure.answer == ASSAY_NANOPB_ACCEPTS) {
            check_type(t, pair->stated, &decoded.secure.init);
            assay_inspect_secure_image(t, checks, image, &decoded.secure.init);
        }
    }
    image_content(t, object, image);
}

static void inspect_pair(struct assay_tree *t, json_t *images,
                         const struct assay_archive *a, const struct pair *pair)
{
    struct assay_buffer dat = {0};
    struct assay_buffer bin = {0};
    json_t *object = assay_tree_add_object(t, images);
    assay_tree_put_text(t, object, "role", pair->role);
    if (pair->stated != NULL && pair->stated->has_sizes) {
        assay_tree_put_number(t, object, "manifest_sd_size",
                              pair->stated->sd_size);
        assay_tree_put_number(t, object, "manifest_bl_size",
                              pair->stated->bl_size);
    }
    if (pair->bin == NULL || pair->dat == NULL) {
        assay_tree_fault(t, ASSAY_ZIP_MEMBER,
                         "%s: found no %s for it in the archive", pair->role,
                         pair->bin == NULL ? "image" : "init packet");
    }
    if (pair->bin != NULL) {
        assay_tree_put_name(t, object, "bin_file", pair->bin->name);
        load_member(t, a, pair->bin, &bin);
    }
    if (pair->dat != NULL) {
        assay_tree_put_name(t, object, "dat_file", pair->dat->name);
        load_member(t, a, pair->dat, &dat);
    }
    if (dat.len > ASSAY_ARCHIVE_MAX_DAT) {
        assay_tree_fault(
            t, ASSAY_PACKET_TOO_LONG,
            "found an init packet of %zu bytes, expected at most %u", dat.len,
            ASSAY_PACKET_MAX);
    } else if (pair->dat != NULL) {
        package_image(t, object, pair, assay_buffer_slice(&dat),
                      assay_buffer_slice(&bin));
    } else {
        image_content(t, object, assay_buffer_slice(&bin));
    }
    assay_buffer_free(&dat);
    assay_buffer_free(&bin);
}

/* Without a manifest: every init packet, and the image of the same name. */
static void loose_pairs(struct assay_tree *t, json_t *images,
                        const struct assay_archive *a)
{
    const struct assay_zip *zip = &a->zip;
    for (size_t i = 0; i < zip->n_entries; i++) {
        struct assay_slice name = zip->entry[i].name;
        struct pair pair = {.role = "unknown", .dat = &zip->entry[i]};
        if (name.len < 4 || memcmp(name.p + name.len - 4, ".dat", 4) != 0 ||
            json_array_size(images) >= MAX_LOOSE_IMAGES) {
            continue;
        }
        for (size_t k = 0; k < zip->n_entries; k++) {
            struct assay_slice other = zip->entry[k].name;
            if (other.len == name.len &&
                memcmp(other.p, name.p, name.len - 4) == 0 &&
                memcmp(other.p + other.len - 4, ".bin", 4) == 0) {
                pair.bin = &zip->entry[k];
            }
        }
        inspect_pair(t, images, a, &pair);
    }
}

static void ncs_files(struct assay_tree *t, json_t *images,
                      const struct assay_archive *a)
{
    for (size_t i = 0; i < a->manifest.n_files && i < ASSAY_MANIFEST_MAX_FILES;
         i++) {
        struct assay_buffer bin = {0};
        json_t *object = assay_tree_add_object(t, images);
        const struct assay_zip_entry *entry =
            assay_archive_find(a, a->manifest.file[i]);
        assay_tree_put_name(t, object, "bin_file",
                            assay_text_slice(a->manifest.file[i]));
        if (entry == NULL) {
            assay_tree_fault(t, ASSAY_ZIP_MEMBER,
                             "found no member for a file of the manifest");
            continue;
        }
        load_member(t, a, entry, &bin);
        struct assay_slice image = assay_buffer_slice(&bin);
        assay_tree_put_number(t, object, "image_len", image.len);
        if (assay_format_sniff(image) == ASSAY_KIND_MCUBOOT) {
            assay_inspect_mcuboot(t, object, image);
        }
        assay_buffer_free(&bin);
    }
}

enum assay_kind assay_inspect_zip(struct assay_tree *t, struct assay_slice file)
{
    struct assay_archive *a = malloc(sizeof *a);
    if (a == NULL) {
        t->failed = 1;
        return ASSAY_KIND_OTHER_ZIP;
    }
    assay_archive_open(file, a);
    enum assay_kind kind = assay_archive_kind(a);
    archive_members(t, a);
    if (kind != ASSAY_KIND_OTHER_ZIP ||
        a->manifest_status != ASSAY_MANIFEST_MISSING) {
        archive_manifest(t, a);
    }
    json_t *images = assay_tree_put_array(t, t->root, "images");
    if (kind == ASSAY_KIND_NCS_ZIP) {
        ncs_files(t, images, a);
    } else if (a->manifest_status != ASSAY_OK) {
        loose_pairs(t, images, a);
    }
    for (size_t i = 0;
         a->manifest_status == ASSAY_OK && i < a->manifest.n_images; i++) {
        const struct assay_manifest_image *image = &a->manifest.image[i];
        struct pair pair = {.role = assay_manifest_slot_key(image->slot),
                            .bin = assay_archive_find(a, image->bin_file),
                            .dat = assay_archive_find(a, image->dat_file),
                            .stated = image};
        inspect_pair(t, images, a, &pair);
    }
    free(a);
    return kind;
}
