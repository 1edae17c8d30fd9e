/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/package.h"

#include <string.h>

static const char MANIFEST[] = "manifest.json";

/* An archive inside is looked into only when a device could hold it. */
#define NESTED_MAX_LEN ((size_t)2 << 20)

static int has_prefix(struct assay_slice name, const char *prefix)
{
    size_t len = strlen(prefix);
    return len <= name.len && memcmp(name.p, prefix, len) == 0;
}

static int has_suffix(struct assay_slice name, const char *suffix)
{
    size_t len = strlen(suffix);
    return len <= name.len && memcmp(name.p + name.len - len, suffix, len) == 0;
}

static int is_named(const struct assay_zip_entry *e, const char *name)
{
    return e->name.len == strlen(name) && has_prefix(e->name, name);
}

/* What macOS adds on its own to archives that it makes. */
static int is_macos_metadata(struct assay_slice name)
{
    return has_prefix(name, "__MACOSX/") || has_suffix(name, "/.DS_Store") ||
           (name.len == 9 && has_prefix(name, ".DS_Store"));
}

static int is_folder(struct assay_slice name)
{
    return has_suffix(name, "/");
}

/* Whether the member is an archive that has a manifest itself. */
static int holds_package(const struct assay_zip *zip,
                         const struct assay_zip_entry *e)
{
    struct assay_buffer inner = {0};
    struct assay_zip inner_zip;
    int holds =
        assay_zip_load(zip, e, NESTED_MAX_LEN, &inner, NULL) == ASSAY_OK &&
        assay_zip_open(assay_buffer_slice(&inner), &inner_zip, NULL) ==
            ASSAY_OK &&
        assay_zip_find(&inner_zip, MANIFEST) != NULL;
    assay_buffer_free(&inner);
    return holds;
}

/* There is no manifest at the root: say where it may be. */
static enum assay_status no_manifest(const struct assay_zip *zip,
                                     struct assay_diag *diag)
{
    const struct assay_zip_entry *nested = NULL;
    unsigned n_nested = 0;
    for (size_t i = 0; i < zip->n_entries; i++) {
        const struct assay_zip_entry *e = &zip->entry[i];
        if (has_suffix(e->name, "/manifest.json") &&
            !is_macos_metadata(e->name)) {
            nested = e;
            n_nested++;
        }
    }
    if (n_nested == 1) {
        struct assay_slice folder = assay_slice(
            nested->name.p, nested->name.len - strlen("/manifest.json"));
        return assay_diag_set(diag, ASSAY_PACKAGE_NESTED,
                              "found manifest.json in the folder %s, expected "
                              "it at the root of the archive",
                              assay_zip_quote(folder).s);
    }
    for (size_t i = 0; i < zip->n_entries && n_nested == 0; i++) {
        const struct assay_zip_entry *e = &zip->entry[i];
        if ((has_suffix(e->name, ".zip") || has_suffix(e->name, ".ZIP")) &&
            !is_macos_metadata(e->name) && holds_package(zip, e)) {
            return assay_diag_set(diag, ASSAY_PACKAGE_NESTED,
                                  "found the package %s inside the archive, "
                                  "expected its files at the root",
                                  assay_zip_quote(e->name).s);
        }
    }
    return assay_diag_set(
        diag, ASSAY_MANIFEST_MISSING,
        "found %zu members, the first %s, %u of them a "
        "manifest.json in a folder; expected manifest.json "
        "at the root",
        zip->n_entries,
        zip->n_entries == 0 ? "none" : assay_zip_quote(zip->entry[0].name).s,
        n_nested);
}

static enum assay_status read_manifest(struct assay_package *package,
                                       struct assay_diag *diag)
{
    struct assay_buffer json = {0};
    const struct assay_zip_entry *e = assay_zip_find(&package->zip, MANIFEST);
    if (e == NULL) {
        return no_manifest(&package->zip, diag);
    }
    if (e->len > ASSAY_MANIFEST_MAX_LEN) {
        return assay_diag_set(diag, ASSAY_MANIFEST_JSON,
                              "manifest.json: %zu bytes, expected at most %zu",
                              e->len, ASSAY_MANIFEST_MAX_LEN);
    }
    enum assay_status status =
        assay_zip_load(&package->zip, e, ASSAY_MANIFEST_MAX_LEN, &json, diag);
    if (status == ASSAY_OK) {
        status = assay_manifest_parse(assay_buffer_slice(&json),
                                      &package->manifest, diag);
        if (status != ASSAY_OK && diag != NULL) {
            (void)assay_diag_prefix(diag, "manifest.json: ");
        }
    }
    assay_buffer_free(&json);
    return status;
}

/* The names that a manifest refers to, one after the other; NULL at the end. */
static const char *reference(const struct assay_manifest *m, size_t i)
{
    if (i < 2 * m->n_images) {
        const struct assay_manifest_image *image = &m->image[i / 2];
        return i % 2 == 0 ? image->bin_file : image->dat_file;
    }
    i -= 2 * m->n_images;
    return i < m->n_files ? m->file[i] : NULL;
}

static enum assay_status check_references(const struct assay_package *package,
                                          struct assay_diag *diag)
{
    const char *name;
    for (size_t i = 0; (name = reference(&package->manifest, i)) != NULL; i++) {
        if (assay_zip_find(&package->zip, name) == NULL) {
            struct assay_slice text =
                assay_slice((const uint8_t *)name, strlen(name));
            return assay_diag_set(diag, ASSAY_ZIP_MEMBER,
                                  "manifest.json names %s, found no such "
                                  "member among %zu",
                                  assay_zip_quote(text).s,
                                  package->zip.n_entries);
        }
    }
    return ASSAY_OK;
}

int assay_package_names(const struct assay_manifest *m,
                        const struct assay_zip_entry *e)
{
    const char *name;
    for (size_t i = 0; (name = reference(m, i)) != NULL; i++) {
        if (is_named(e, name)) {
            return 1;
        }
    }
    return is_named(e, MANIFEST);
}

static unsigned count_unreferenced(const struct assay_package *package)
{
    unsigned n = 0;
    for (size_t i = 0; i < package->zip.n_entries; i++) {
        const struct assay_zip_entry *e = &package->zip.entry[i];
        n += !is_folder(e->name) && !assay_package_names(&package->manifest, e);
    }
    return n;
}

/*
 * Whoever reads from the front finds the end of a deflated member by inflating
 * it: one that ends before its packed data has room for members that the
 * directory does not know. Those that the manifest names are read when their
 * content is needed; these here are read for this alone.
 */
static enum assay_status pass_unreferenced(const struct assay_package *package,
                                           struct assay_diag *diag)
{
    enum assay_status status = ASSAY_OK;
    for (size_t i = 0; i < package->zip.n_entries && status == ASSAY_OK; i++) {
        const struct assay_zip_entry *e = &package->zip.entry[i];
        if (!assay_package_names(&package->manifest, e)) {
            status = assay_zip_pass(&package->zip, e, diag);
        }
    }
    return status;
}

enum assay_status assay_package_open(struct assay_slice file,
                                     struct assay_package *out,
                                     struct assay_diag *diag)
{
    *out = (struct assay_package){0};
    enum assay_status status = assay_zip_open(file, &out->zip, diag);
    if (status == ASSAY_OK) {
        status = read_manifest(out, diag);
    }
    if (status == ASSAY_OK || status == ASSAY_FORMAT_UNVERIFIABLE) {
        enum assay_status found = check_references(out, diag);
        if (found == ASSAY_OK) {
            found = pass_unreferenced(out, diag);
        }
        status = found == ASSAY_OK ? status : found;
    }
    if (status == ASSAY_OK || status == ASSAY_FORMAT_UNVERIFIABLE) {
        out->n_unreferenced = count_unreferenced(out);
    } else {
        *out = (struct assay_package){0};
    }
    return status;
}
