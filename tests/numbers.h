/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_TESTS_NUMBERS_H
#define ASSAY_TESTS_NUMBERS_H

#include <criterion/criterion.h>
#include <openssl/bn.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Numbers for tests of arithmetic: random ones, the same in every run, and
 * those of OpenSSL as eight words, least significant first.
 */

static uint64_t random_state = 0x9E3779B97F4A7C15u;

/* xorshift64 (Marsaglia 2003) */
static inline uint32_t random_word(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32);
}

static inline void random_bytes(uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)random_word();
    }
}

static inline void words_from(uint32_t w[static 8], const BIGNUM *x)
{
    uint8_t b[32];
    cr_assert_eq(BN_bn2binpad(x, b, 32), 32);
    for (size_t i = 0; i < 8; i++) {
        const uint8_t *q = b + 28 - 4 * i;
        w[i] = (uint32_t)q[0] << 24 | (uint32_t)q[1] << 16 |
               (uint32_t)q[2] << 8 | q[3];
    }
}

static inline BIGNUM *bn_from(const uint32_t w[static 8])
{
    uint8_t b[32];
    for (size_t i = 0; i < 32; i++) {
        b[31 - i] = (uint8_t)(w[i / 4] >> 8 * (i % 4));
    }
    return BN_bin2bn(b, 32, NULL);
}

#endif
