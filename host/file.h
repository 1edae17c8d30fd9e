/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_FILE_H
#define ASSAY_HOST_FILE_H

#include "host/buffer.h"

/* No file that Assay reads is larger; a package holds at most 1 MiB flash. */
#define ASSAY_FILE_MAX ((size_t)32 << 20)

enum assay_file_mode {
    ASSAY_FILE_REPLACE, /* an existing file is replaced in one step */
    ASSAY_FILE_NEW,     /* an existing file is refused */
    ASSAY_FILE_SECRET,  /* as NEW, readable by its owner alone */
    ASSAY_FILE_SECRET_REPLACE,
};

/*
 * Read a whole file, or standard input for "-".
 * in: max_len the largest length accepted, at most ASSAY_FILE_MAX.
 * out: *out is replaced; the caller frees it. On failure it is empty.
 * ret: ASSAY_FILE_UNREADABLE, ASSAY_FILE_DIRECTORY, ASSAY_FILE_TOO_LARGE,
 *      ASSAY_FILE_EMPTY, ASSAY_MEMORY, ASSAY_OK. The diagnostic starts with
 *      the path.
 * mem: the length of a regular file, at most twice that of any other; a
 *      sparse or endless file stops at max_len.
 */
ASSAY_MUST_USE enum assay_status assay_file_read(const char *path,
                                                 size_t max_len,
                                                 struct assay_buffer *out,
                                                 struct assay_diag *diag);

/*
 * Write a whole file, or standard output for "-", all or nothing: a
 * temporary file beside it is renamed when it is complete.
 * ret: ASSAY_FILE_EXISTS, ASSAY_FILE_WRITE, ASSAY_OK.
 */
ASSAY_MUST_USE enum assay_status assay_file_write(const char *path,
                                                  struct assay_slice data,
                                                  enum assay_file_mode mode,
                                                  struct assay_diag *diag);

/* Whether both paths name one existing regular file; NULL names none. */
int assay_file_same(const char *a, const char *b);

/* The part of path behind the last '/'; path itself when there is none. */
const char *assay_file_base(const char *path);

#endif
