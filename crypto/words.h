/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_CRYPTO_WORDS_H
#define ASSAY_CRYPTO_WORDS_H

#include <stdint.h>

/*
 * Uniform choice among arrays of 8 words, for the sums of points in C. This
 * header is a contract that one file fulfils: words.c, or a file with the same
 * results for one processor.
 */

/*
 * Read one entry of a table of eight.
 * in:  an entry is the 8 words at table + k * stride, k = 0 .. 7; stride: from
 *      8 to 16,000 words. index: the entry wanted, any value.
 * out: r: the entry; 8 zero words when index is 8 or more.
 * ret: none.
 * ct:  nothing leaks: all 8 entries are read, in ascending order.
 * mem: r does not overlap the entries. At most 20 bytes of stack on Cortex-M4
 *      -Os, no heap.
 * std: none.
 */
void assay_words_lookup(uint32_t r[static 8], const uint32_t *table,
                        uint32_t stride, uint32_t index);

/*
 * r = a or b.
 * in:  mask: all ones for a, 0 for b; nothing else.
 * out: r.
 * ret: none.
 * ct:  nothing leaks: both are read.
 * mem: r may be a or b. At most 16 bytes of stack on Cortex-M4 -Os, no heap.
 * std: none.
 */
void assay_words_select(uint32_t r[static 8], uint32_t mask,
                        const uint32_t a[static 8], const uint32_t b[static 8]);

#endif
