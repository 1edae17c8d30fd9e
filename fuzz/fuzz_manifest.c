/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "fuzz/fuzz.h"
#include "host/manifest.h"
#include "host/zip.h"

#include <string.h>

/*
 * Any bytes as manifest.json. What is accepted names files that an archive
 * may hold, each slot once and in order; written, it reads as the same images,
 * and written again it is the same text.
 */

static void check_name(const char *name)
{
    struct assay_slice s = assay_slice((const uint8_t *)name, strlen(name));
    require(s.len < ASSAY_MANIFEST_NAME);
    require(assay_zip_name_fault(s) == NULL);
}

static void check_images(const struct assay_manifest *m)
{
    require(m->n_images >= 1 && m->n_images <= ASSAY_MANIFEST_MAX_IMAGES);
    require(m->n_files == 0);
    require(memchr(m->dfu_version, '\0', sizeof m->dfu_version) != NULL);
    for (size_t i = 0; i < m->n_images; i++) {
        const struct assay_manifest_image *image = &m->image[i];
        require(i == 0 || image[-1].slot < image->slot);
        require(image->slot <= ASSAY_SLOT_APPLICATION);
        require(!image->has_sizes ||
                image->slot == ASSAY_SLOT_SOFTDEVICE_BOOTLOADER);
        check_name(image->bin_file);
        check_name(image->dat_file);
    }
}

static void check_same(const struct assay_manifest *a,
                       const struct assay_manifest *b)
{
    require(a->n_images == b->n_images);
    for (size_t i = 0; i < a->n_images; i++) {
        const struct assay_manifest_image *x = &a->image[i];
        const struct assay_manifest_image *y = &b->image[i];
        require(x->slot == y->slot && x->has_sizes == y->has_sizes);
        require(x->sd_size == y->sd_size && x->bl_size == y->bl_size);
        require(strcmp(x->bin_file, y->bin_file) == 0);
        require(strcmp(x->dat_file, y->dat_file) == 0);
    }
}

static void check_round_trip(const struct assay_manifest *m)
{
    struct assay_buffer text = {0};
    struct assay_buffer text_again = {0};
    struct assay_manifest again;
    require(assay_manifest_write(m, &text, NULL) == ASSAY_OK);
    require(assay_manifest_parse(assay_buffer_slice(&text), &again, NULL) ==
            ASSAY_OK);
    check_same(m, &again);
    require(assay_manifest_write(&again, &text_again, NULL) == ASSAY_OK);
    require(text.len == text_again.len);
    require(memcmp(text.p, text_again.p, text.len) == 0);
    assay_buffer_free(&text);
    assay_buffer_free(&text_again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct assay_manifest m;
    struct assay_diag diag = {0};
    enum assay_status status =
        assay_manifest_parse(assay_slice(data, len), &m, &diag);
    if (status == ASSAY_OK) {
        check_images(&m);
        check_round_trip(&m);
        return 0;
    }
    require(diag.status == status && diag.text[0] != '\0');
    require(m.n_images == 0);
    require((m.n_files != 0) == (status == ASSAY_FORMAT_UNVERIFIABLE));
    require(m.n_files <= ASSAY_MANIFEST_MAX_FILES);
    for (size_t i = 0; i < m.n_files; i++) {
        check_name(m.file[i]);
    }
    return 0;
}
