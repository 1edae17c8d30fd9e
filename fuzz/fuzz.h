/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_FUZZ_FUZZ_H
#define ASSAY_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * What every harness shares. A harness is one function that gets any bytes
 * and ends the process when something that must hold does not. It keeps
 * nothing from one call to the next and writes no file.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Say what does not hold, and end where a fuzzer takes notice. */
static inline void fuzz_fail(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

#define require(holds)                                                         \
    ((holds) ? (void)0 : fuzz_fail(#holds, __FILE__, __LINE__))

#endif
