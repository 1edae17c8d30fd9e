/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/sha256_block.h"

#include "base/bytes.h"

/*
 * For any processor; with the names of FIPS 180-4: a..h, K, W, Ch, Maj and the
 * four sigmas.
 */

static const uint32_t sha256_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static inline uint32_t rotate_right(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

/*
 * Makes the compiler read W again instead of keeping it in registers that a..h
 * need: with 13 registers that costs 5 % of the time. No instruction is made.
 */
static inline void forget_registers(void)
{
    __asm__ volatile("" ::: "memory");
}

#define ASSAY_CH(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#define ASSAY_SUM0(x)                                                          \
    (rotate_right(x, 2) ^ rotate_right(x, 13) ^ rotate_right(x, 22))
#define ASSAY_SUM1(x)                                                          \
    (rotate_right(x, 6) ^ rotate_right(x, 11) ^ rotate_right(x, 25))
#define ASSAY_SIGMA0(x) (rotate_right(x, 7) ^ rotate_right(x, 18) ^ (x) >> 3)
#define ASSAY_SIGMA1(x) (rotate_right(x, 17) ^ rotate_right(x, 19) ^ (x) >> 10)

/*
 * Round i of eight. Instead of moving a..h along, the next round is written
 * with the names moved: what was a is b there. Maj(a, b, c) is b where b = c
 * and a where not, ((a ^ b) & (b ^ c)) ^ b; ab receives a ^ b, which is the
 * next round's b ^ c.
 */
#define ASSAY_ROUND(a, b, c, d, e, f, g, h, i, ab, bc)                         \
    do {                                                                       \
        (h) += ASSAY_SUM1(e) + ASSAY_CH(e, f, g) + (k[i] + p[i]);              \
        (d) += (h);                                                            \
        (ab) = (a) ^ (b);                                                      \
        (h) += ASSAY_SUM0(a) + (((ab) & (bc)) ^ (b));                          \
    } while (0)

/* W[t] becomes W[t + 16]; the others are W[t + 1], W[t + 9], W[t + 14]. */
#define ASSAY_NEXT(w0, w1, w9, w14)                                            \
    ((w0) += ASSAY_SIGMA0(w1) + (w9) + ASSAY_SIGMA1(w14))

/*
 * One block. The schedule is kept 16 words long: p is the half that eight
 * rounds have used, q the half they use next; then p is brought forward by 16
 * words.
 */
static void sha256_block(uint32_t state[static 8], const uint8_t *block)
{
    uint32_t w[16];
    uint32_t *p = w;
    uint32_t *q = w + 8;
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    uint32_t x, y = b ^ c;

    for (int i = 0; i < 16; i++) {
        w[i] = assay_load_be32(block + 4 * i);
    }
    for (const uint32_t *k = sha256_k; k != sha256_k + 64; k += 8) {
        ASSAY_ROUND(a, b, c, d, e, f, g, h, 0, x, y);
        ASSAY_ROUND(h, a, b, c, d, e, f, g, 1, y, x);
        ASSAY_ROUND(g, h, a, b, c, d, e, f, 2, x, y);
        ASSAY_ROUND(f, g, h, a, b, c, d, e, 3, y, x);
        ASSAY_ROUND(e, f, g, h, a, b, c, d, 4, x, y);
        ASSAY_ROUND(d, e, f, g, h, a, b, c, 5, y, x);
        ASSAY_ROUND(c, d, e, f, g, h, a, b, 6, x, y);
        ASSAY_ROUND(b, c, d, e, f, g, h, a, 7, y, x);
        if (k < sha256_k + 48) {
            forget_registers();
            ASSAY_NEXT(p[0], p[1], q[1], q[6]);
            ASSAY_NEXT(p[1], p[2], q[2], q[7]);
            ASSAY_NEXT(p[2], p[3], q[3], p[0]);
            ASSAY_NEXT(p[3], p[4], q[4], p[1]);
            ASSAY_NEXT(p[4], p[5], q[5], p[2]);
            ASSAY_NEXT(p[5], p[6], q[6], p[3]);
            ASSAY_NEXT(p[6], p[7], q[7], p[4]);
            ASSAY_NEXT(p[7], q[0], p[0], p[5]);
        }
        uint32_t *t = p;
        p = q;
        q = t;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

void assay_sha256_blocks(uint32_t state[static 8], const uint8_t *data,
                         size_t n_blocks)
{
    for (size_t i = 0; i < n_blocks; i++) {
        sha256_block(state, data + 64 * i);
    }
}
