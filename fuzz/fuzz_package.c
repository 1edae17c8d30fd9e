/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "fuzz/fuzz.h"
#include "host/package.h"

#include <string.h>

/*
 * Any bytes as a package. Beyond memory safety: a member never yields more
 * than it says and exactly that when it is accepted; what is accepted is
 * found again under its name; a manifest that was read can be written, and
 * reads back as the same images.
 */

static enum assay_status count(void *ctx, struct assay_slice chunk,
                               struct assay_diag *diag)
{
    size_t *total = ctx;
    (void)diag;
    require(chunk.len >= 1 && chunk.len <= 32768);
    *total += chunk.len;
    return ASSAY_OK;
}

static void read_members(const struct assay_zip *zip)
{
    for (size_t i = 0; i < zip->n_entries; i++) {
        const struct assay_zip_entry *e = &zip->entry[i];
        struct assay_diag diag = {0};
        size_t total = 0;
        struct assay_zip_sink sink = {count, &total};
        char name[ASSAY_ZIP_MAX_NAME + 1] = "";
        enum assay_status status = assay_zip_stream(zip, e, &sink, &diag);
        require(total <= e->len);
        require(status != ASSAY_OK || total == e->len);
        require(status == ASSAY_OK || diag.status == status);
        require(assay_zip_name_fault(e->name) == NULL);
        memcpy(name, e->name.p, e->name.len);
        require(assay_zip_find(zip, name) == e);
    }
}

static void write_again(const struct assay_manifest *m)
{
    struct assay_buffer out = {0};
    struct assay_manifest again;
    require(assay_manifest_write(m, &out, NULL) == ASSAY_OK);
    require(assay_manifest_parse(assay_buffer_slice(&out), &again, NULL) ==
            ASSAY_OK);
    require(again.n_images == m->n_images);
    for (size_t i = 0; i < m->n_images; i++) {
        const struct assay_manifest_image *a = &m->image[i];
        const struct assay_manifest_image *b = &again.image[i];
        require(a->slot == b->slot && a->has_sizes == b->has_sizes);
        require(a->sd_size == b->sd_size && a->bl_size == b->bl_size);
        require(strcmp(a->bin_file, b->bin_file) == 0);
        require(strcmp(a->dat_file, b->dat_file) == 0);
    }
    assay_buffer_free(&out);
}

/* More unpacked bytes than this take too long. */
#define UNPACKED_MAX ((size_t)2 << 20)

static int is_small(const struct assay_zip *zip)
{
    size_t total = 0;
    for (size_t i = 0; i < zip->n_entries; i++) {
        total += zip->entry[i].len;
    }
    return total <= UNPACKED_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct assay_slice file = assay_slice(data, len);
    struct assay_package package;
    struct assay_manifest manifest;
    struct assay_zip zip;
    struct assay_diag diag = {0};
    enum assay_status status = assay_zip_open(file, &zip, &diag);
    require(status == ASSAY_OK || diag.status == status);
    require(status == ASSAY_OK || zip.n_entries == 0);
    if (!is_small(&zip)) {
        return -1;
    }
    read_members(&zip);
    status = assay_package_open(file, &package, &diag);
    require(status == ASSAY_OK || diag.status == status);
    require((status == ASSAY_OK) == (package.manifest.n_images != 0));
    if (status == ASSAY_OK) {
        write_again(&package.manifest);
    }
    /* The same bytes as a bare manifest, which mutation reaches more often. */
    if (assay_manifest_parse(file, &manifest, &diag) == ASSAY_OK) {
        write_again(&manifest);
    }
    return 0;
}
