/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/words.h"

#include "crypto/limbs_64.h"

/* Half an entry, in a vector register, at any address that words have. */
typedef uint32_t half_entry
    __attribute__((vector_size(16), aligned(4), may_alias));

/*
 * The comparison of vectors gives all ones or 0 in each word: it is the mask.
 */
void assay_words_lookup(uint32_t r[static 8], const uint32_t *table,
                        uint32_t stride, uint32_t index)
{
    const half_entry wanted = {index, index, index, index};
    half_entry k = {0, 0, 0, 0};
    half_entry low = k;
    half_entry high = k;

    for (int i = 0; i < 8; i++) {
        half_entry mask = (half_entry)(k == wanted);
        low |= mask & *(const half_entry *)table;
        high |= mask & *(const half_entry *)(table + 4);
        table += stride;
        k += 1;
    }
    *(half_entry *)r = low;
    *(half_entry *)(r + 4) = high;
}

/*
 * By limbs, as the words that are chosen from have just been written so: a
 * vector register would have to wait for two of them.
 */
void assay_words_select(uint32_t r[static 8], uint32_t mask,
                        const uint32_t a[static 8], const uint32_t b[static 8])
{
    uint64_t wide_mask = limb_barrier((uint64_t)mask << 32 | mask);
    uint64_t x[4];
    uint64_t y[4];

    limbs_get(x, a);
    limbs_get(y, b);
    y[0] ^= wide_mask & (x[0] ^ y[0]);
    y[1] ^= wide_mask & (x[1] ^ y[1]);
    y[2] ^= wide_mask & (x[2] ^ y[2]);
    y[3] ^= wide_mask & (x[3] ^ y[3]);
    limbs_put(r, y);
}
