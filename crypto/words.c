/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/words.h"

#include "base/ct.h"

void assay_words_lookup(uint32_t r[static 8], const uint32_t *table,
                        uint32_t stride, uint32_t index)
{
    for (int i = 0; i < 8; i++) {
        const uint32_t *word = table + i;
        uint32_t x = 0;
        for (uint32_t k = 0; k < 8; k++) {
            x |= ct_mask_equal(k, index) & *word;
            word += stride;
        }
        r[i] = x;
    }
}

void assay_words_select(uint32_t r[static 8], uint32_t mask,
                        const uint32_t a[static 8], const uint32_t b[static 8])
{
    for (int i = 0; i < 8; i++) {
        r[i] = ct_select(mask, a[i], b[i]);
    }
}
