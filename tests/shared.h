/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_TESTS_SHARED_H
#define ASSAY_TESTS_SHARED_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/file.h"
#include "tests/vectors.h"

/*
 * Test material that is not part of the project: real packages and the
 * published vector files. It stands beside the checkout (../shared) or where
 * ASSAY_SHARED says. Without it the tests that need it report how much they
 * left out, by count, and the rest of the suite stands on its own.
 */

/* Write the path of name under the material into path; ret: 1 if it is there.*/
static inline int shared_path(char *path, size_t path_len, const char *name)
{
    const char *root = getenv("ASSAY_SHARED");
    int n = snprintf(path, path_len, "%s/%s", root ? root : "../shared", name);
    struct stat st;
    return n > 0 && (size_t)n < path_len && stat(path, &st) == 0;
}

/* One line that make test adds up: n checks of unit need the material. */
static inline void shared_skip(const char *unit, unsigned n, const char *name)
{
    fprintf(stderr, "left out: %s: %u checks need %s, which is not here\n",
            unit, n, name);
}

/* Read a file of the material. ret: 0 when it is absent, which is said. */
static inline int shared_read(struct assay_buffer *out, const char *unit,
                              const char *name)
{
    char path[512];
    struct assay_diag diag = {0};
    if (!shared_path(path, sizeof path, name)) {
        shared_skip(unit, 1, name);
        return 0;
    }
    cr_assert_eq(assay_file_read(path, ASSAY_FILE_MAX, out, &diag), ASSAY_OK,
                 "%s", diag.text);
    return 1;
}

/* A cell of the published tables: hex, or - for nothing. ret: vectors_unhex. */
static inline long shared_hex(uint8_t *out, size_t out_len, const char *cell)
{
    return vectors_unhex(out, out_len, strcmp(cell, "-") == 0 ? "" : cell);
}

#endif
