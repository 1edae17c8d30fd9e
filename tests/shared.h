/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_TESTS_SHARED_H
#define ASSAY_TESTS_SHARED_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

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

#endif
