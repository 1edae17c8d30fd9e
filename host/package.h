/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_PACKAGE_H
#define ASSAY_HOST_PACKAGE_H

#include "host/manifest.h"
#include "host/zip.h"

/* A package: an archive, its manifest, and every file the manifest names. */
struct assay_package {
    struct assay_zip zip;
    struct assay_manifest manifest;
    unsigned n_unreferenced; /* files that the manifest does not name */
};

/*
 * Whether a member belongs to a package: the manifest, or named by it.
 * in: m as assay_manifest_parse gives it; e an entry of the same archive.
 * out: none.
 * ret: 1 or 0.
 * mem: none.
 * std: none.
 */
int assay_package_names(const struct assay_manifest *m,
                        const struct assay_zip_entry *e);

/*
 * Open a package. The images and init packets are not read yet; members that
 * the manifest does not name are read to their end and dropped, so that the
 * archive has one reading.
 * in: file the whole archive.
 * out: *out; zeroed on failure, except that FORMAT_UNVERIFIABLE fills it
 *      (then manifest.file says what is inside, and manifest.n_images is 0).
 * ret: those of assay_zip_open; then, without a manifest.json at the root:
 *      PACKAGE_NESTED (just one in a folder, or in an archive that is a
 *      member; metadata folders of macOS are passed over), MANIFEST_MISSING;
 *      MANIFEST_JSON (too long); those of assay_zip_load; those of
 *      assay_manifest_parse; ZIP_MEMBER (a file it names is missing), then
 *      those of assay_zip_stream for the members it does not name, which
 *      come before FORMAT_UNVERIFIABLE; OK.
 * mem: heap for the manifest, for one member when the root has none, and for
 *      inflating; all freed before return. *out is a view of file and ends
 *      with it.
 * std: none.
 */
ASSAY_MUST_USE enum assay_status assay_package_open(struct assay_slice file,
                                                    struct assay_package *out,
                                                    struct assay_diag *diag);

#endif
