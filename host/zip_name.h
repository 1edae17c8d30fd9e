/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_ZIP_NAME_H
#define ASSAY_HOST_ZIP_NAME_H

#include "base/slice.h"

/*
 * Private to host/zip*.c: what names say about each other. What makes a name
 * acceptable is in host/zip.h: assay_zip_name_fault.
 */

/* ret: 1 when the name ends in '/'. */
int assay_zip_is_directory(struct assay_slice name);

/*
 * Whether a and b name the same place, or a names a folder that b is in; a
 * last '/' of either is passed over.
 */
enum assay_zip_relation {
    ASSAY_ZIP_APART,
    ASSAY_ZIP_SAME,
    ASSAY_ZIP_FOLDER_OF
};

enum assay_zip_relation assay_zip_name_relate(struct assay_slice a,
                                              struct assay_slice b);

#endif
