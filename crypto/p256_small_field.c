/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/p256_small_field.h"

#include "base/ct.h"

/*
 * Subtractions add a complement, x - y = x + ~y + 1 - 2^256: the carry out of
 * the sum is 1 exactly when x >= y, and everything stays unsigned.
 */

/* A modulus m, and -1/m mod 2^32. */
static const uint32_t prime[9] = {0xffffffff, 0xffffffff, 0xffffffff,
                                  0x00000000, 0x00000000, 0x00000000,
                                  0x00000001, 0xffffffff, 0x00000001};

const uint32_t assay_p256_small_order[9] = {0xfc632551, 0xf3b9cac2, 0xa7179e84,
                                            0xbce6faad, 0xffffffff, 0xffffffff,
                                            0x00000000, 0xffffffff, 0xee00bc4f};

/* r = a + (b ^ complement) + c mod 2^256. ret: the carry, 0 or 1. */
static uint32_t u256_sum(uint32_t r[static 8], const uint32_t a[static 8],
                         const uint32_t b[static 8], uint32_t complement)
{
    uint64_t c = complement & 1;
    for (int i = 0; i < 8; i++) {
        c += (uint64_t)a[i] + (b[i] ^ complement);
        r[i] = (uint32_t)c;
        c >>= 32;
    }
    return (uint32_t)c;
}

/* r = r + (mask & p) mod 2^256: p was taken off once too often. */
static void put_back(uint32_t r[static 8], uint32_t mask)
{
    uint32_t t[8];
    for (int i = 0; i < 8; i++) {
        t[i] = prime[i] & ct_barrier(mask);
    }
    (void)u256_sum(r, r, t, 0);
}

/* t[0..7] += x b. ret: the carry. A column is at most 2^64 - 1. */
static uint32_t add_row(uint32_t t[static 8], uint32_t x,
                        const uint32_t b[static 8])
{
    uint64_t c = 0;
    for (int i = 0; i < 8; i++) {
        c += (uint64_t)x * b[i] + t[i];
        t[i] = (uint32_t)c;
        c >>= 32;
    }
    return (uint32_t)c;
}

/*
 * t = (a b + k m) / 2^(32 n_rows), where k < 2^(32 n_rows) makes the division
 * exact and inverse is -1/m mod 2^32. in: a has n_rows words.
 * Row i adds a[i] b, then the multiple of m that clears the lowest word, and
 * drops that word. Between rows t is below b + m: if t is, so is
 * (t + (2^32 - 1) b + (2^32 - 1) m) / 2^32. Hence t[8] <= 1.
 */
static void mul_core(uint32_t t[static 9], const uint32_t *a, int n_rows,
                     const uint32_t b[static 8], const uint32_t m[static 9])
{
    for (int i = 0; i < 9; i++) {
        t[i] = ct_barrier(0); /* no call of memset */
    }
    for (int i = 0; i < n_rows; i++) {
        uint64_t top = (uint64_t)t[8] + add_row(t, a[i], b);
        top += add_row(t, t[0] * m[8], m);
        for (int j = 0; j < 7; j++) {
            t[j] = ct_barrier(t[j + 1]); /* no call of memmove */
        }
        t[7] = (uint32_t)top;
        t[8] = (uint32_t)(top >> 32);
    }
}

/* ret: how far behind the starts of a and b the step has read, a - 2 b. */
static uint32_t step(uint32_t *r, const uint32_t *a, const uint32_t *b,
                     enum assay_p256_step_kind kind)
{
    uint32_t t[9];
    uint32_t read = 0u - 32;
    switch (kind) {
    case ASSAY_P256_MULN:
        /*
         * Two rows more than a has words: t is below 2 n after eight, hence
         * below n + 2^192 < 2^256 in the end.
         */
        mul_core(t, a, 10, b, assay_p256_small_order);
        for (int i = 0; i < 8; i++) {
            r[i] = ct_barrier(t[i]);
        }
        return 40;
    case ASSAY_P256_SUB:
        put_back(r, u256_sum(r, a, b, 0xffffffff) - 1);
        return read;
    case ASSAY_P256_ADD:
        t[8] = u256_sum(t, a, b, 0);
        break;
    case ASSAY_P256_MUL:
    default:
        mul_core(t, a, 8, b, prime);
        read = 32;
        break;
    }
    /* t < 2 p */
    put_back(r, t[8] + u256_sum(r, t, prime, 0xffffffff) - 1);
    return read;
}

void assay_p256_small_run(struct assay_p256_machine *machine,
                          const uint16_t *program)
{
    uint32_t *word = machine->word;
    for (; *program != 0; program++) {
        enum assay_p256_step_kind kind =
            (enum assay_p256_step_kind)(*program >> 14);
        uint32_t r = *program >> 9 & 31;
        uint32_t a = *program >> 4 & 31;
        uint32_t b = *program & 15;
        uint32_t read = step(word + 8 * r, word + 8 * a, word + 8 * b, kind);
        word[ASSAY_P256_TRACE_WORD] += 32 * (r + a - 2 * b) + read;
    }
}
