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
 * Open a package. The images and init packets are not read yet.
 * in: file the whole archive.
 * out: *out; zeroed on failure, except that FORMAT_UNVERIFIABLE fills it
 *      (then manifest.file says what is inside, and manifest.n_images is 0).
 * ret: those of assay_zip_open; then, without a manifest.json at the root:
 *      PACKAGE_NESTED (just one in a folder, or in an archive that is a
 *      member; metadata folders of macOS are passed over), MANIFEST_MISSING;
 *      MANIFEST_JSON (too long); those of assay_zip_load; those of
 *      assay_manifest_parse; ZIP_MEMBER (a file it names is missing), which
 *      comes before FORMAT_UNVERIFIABLE; OK.
 * mem: heap for the manifest, and for one member when the root has none;
 *      both freed before return. *out is a view of file and ends with it.
 * std: none.
 */
ASSAY_MUST_USE enum assay_status assay_package_open(struct assay_slice file,
                                                    struct assay_package *out,
                                                    struct assay_diag *diag);

#endif
