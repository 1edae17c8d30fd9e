/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "crypto/words.h"

/* Words of which no two are the same, and none is 0. */
static void fill(uint32_t *w, size_t n_words, uint32_t first)
{
    for (size_t i = 0; i < n_words; i++) {
        w[i] = (first + (uint32_t)i) * 0x9E3779B1u;
    }
}

Test(words, lookup_gives_the_entry)
{
    static const uint32_t stride[] = {8, 16, 24, 32, 1000};
    static uint32_t table[8 * 1000];
    fill(table, 8 * 1000, 1);
    for (size_t i = 0; i < sizeof stride / sizeof *stride; i++) {
        for (uint32_t index = 0; index < 8; index++) {
            uint32_t r[8];
            fill(r, 8, 10000);
            assay_words_lookup(r, table, stride[i], index);
            cr_assert_arr_eq(r, table + stride[i] * index, 32, "%u of %u",
                             index, stride[i]);
        }
    }
}

Test(words, lookup_beyond_the_table_gives_zero)
{
    static const uint32_t index[] = {
        8,          9,          15,        16,         31,         32,
        39,         63,         0x80,      0xff,       0x100,      0x107,
        0x8000,     0x10000,    0x10001,   0x01000000, 0x7fffffff, 0x80000000,
        0x80000001, 0xfffffff8, 0xffffffff};
    static const uint32_t zero[8] = {0};
    uint32_t table[64];
    fill(table, 64, 1);
    for (size_t i = 0; i < sizeof index / sizeof *index; i++) {
        uint32_t r[8];
        fill(r, 8, 10000);
        assay_words_lookup(r, table, 8, index[i]);
        cr_assert_arr_eq(r, zero, 32, "%u", index[i]);
    }
}

Test(words, select_gives_one_of_two)
{
    uint32_t a[8];
    uint32_t b[8];
    fill(a, 8, 1);
    fill(b, 8, 100);
    for (uint32_t mask = 0;; mask = 0xffffffff) {
        const uint32_t *want = mask == 0 ? b : a;
        uint32_t r[8];
        fill(r, 8, 10000);
        assay_words_select(r, mask, a, b);
        cr_assert_arr_eq(r, want, 32);
        memcpy(r, a, 32);
        assay_words_select(r, mask, r, b);
        cr_assert_arr_eq(r, want, 32);
        memcpy(r, b, 32);
        assay_words_select(r, mask, a, r);
        cr_assert_arr_eq(r, want, 32);
        if (mask != 0) {
            break;
        }
    }
}
