/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_FUZZ_MUTATE_H
#define ASSAY_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Change an input. Packages and init packets are changed inside of their
 * structure, then lengths, checksums, digest and signature are made to fit;
 * anything else, and now and then those as well, is changed as plain bytes.
 * in:  data, len bytes of room for max_len; len <= max_len; seed decides.
 * out: data.
 * ret: the new length, at most max_len.
 */
size_t fuzz_mutate(uint8_t *data, size_t len, size_t max_len, unsigned seed);

#endif
