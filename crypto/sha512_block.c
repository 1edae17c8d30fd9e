/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/sha512_block.h"

#include "base/bytes.h"

/*
 * For any processor; with the names of FIPS 180-4: H, K, W, a to h, T1, T2.
 *
 * The eight working variables are a window of eight words that moves down by
 * one word in each round: only the two of them that a round computes are
 * written, and none is moved. After 16 rounds the window has reached the
 * bottom and is copied back to the top. The message schedule is kept as its
 * last 16 words; W(t) is replaced by W(t + 16) as soon as it has been used.
 *
 * All sums are modulo 2^64. No branch and no address depends on message bytes.
 */

#define N_ROUNDS 80u
#define N_SCHEDULE 16u

_Static_assert(N_ROUNDS % N_SCHEDULE == 0, "whole passes of the window");

/* FIPS 180-4, 4.2.3: fractions of the cube roots of the first 80 primes. */
static const uint64_t sha512_k[N_ROUNDS] = {
    UINT64_C(0x428a2f98d728ae22), UINT64_C(0x7137449123ef65cd),
    UINT64_C(0xb5c0fbcfec4d3b2f), UINT64_C(0xe9b5dba58189dbbc),
    UINT64_C(0x3956c25bf348b538), UINT64_C(0x59f111f1b605d019),
    UINT64_C(0x923f82a4af194f9b), UINT64_C(0xab1c5ed5da6d8118),
    UINT64_C(0xd807aa98a3030242), UINT64_C(0x12835b0145706fbe),
    UINT64_C(0x243185be4ee4b28c), UINT64_C(0x550c7dc3d5ffb4e2),
    UINT64_C(0x72be5d74f27b896f), UINT64_C(0x80deb1fe3b1696b1),
    UINT64_C(0x9bdc06a725c71235), UINT64_C(0xc19bf174cf692694),
    UINT64_C(0xe49b69c19ef14ad2), UINT64_C(0xefbe4786384f25e3),
    UINT64_C(0x0fc19dc68b8cd5b5), UINT64_C(0x240ca1cc77ac9c65),
    UINT64_C(0x2de92c6f592b0275), UINT64_C(0x4a7484aa6ea6e483),
    UINT64_C(0x5cb0a9dcbd41fbd4), UINT64_C(0x76f988da831153b5),
    UINT64_C(0x983e5152ee66dfab), UINT64_C(0xa831c66d2db43210),
    UINT64_C(0xb00327c898fb213f), UINT64_C(0xbf597fc7beef0ee4),
    UINT64_C(0xc6e00bf33da88fc2), UINT64_C(0xd5a79147930aa725),
    UINT64_C(0x06ca6351e003826f), UINT64_C(0x142929670a0e6e70),
    UINT64_C(0x27b70a8546d22ffc), UINT64_C(0x2e1b21385c26c926),
    UINT64_C(0x4d2c6dfc5ac42aed), UINT64_C(0x53380d139d95b3df),
    UINT64_C(0x650a73548baf63de), UINT64_C(0x766a0abb3c77b2a8),
    UINT64_C(0x81c2c92e47edaee6), UINT64_C(0x92722c851482353b),
    UINT64_C(0xa2bfe8a14cf10364), UINT64_C(0xa81a664bbc423001),
    UINT64_C(0xc24b8b70d0f89791), UINT64_C(0xc76c51a30654be30),
    UINT64_C(0xd192e819d6ef5218), UINT64_C(0xd69906245565a910),
    UINT64_C(0xf40e35855771202a), UINT64_C(0x106aa07032bbd1b8),
    UINT64_C(0x19a4c116b8d2d0c8), UINT64_C(0x1e376c085141ab53),
    UINT64_C(0x2748774cdf8eeb99), UINT64_C(0x34b0bcb5e19b48a8),
    UINT64_C(0x391c0cb3c5c95a63), UINT64_C(0x4ed8aa4ae3418acb),
    UINT64_C(0x5b9cca4f7763e373), UINT64_C(0x682e6ff3d6b2b8a3),
    UINT64_C(0x748f82ee5defb2fc), UINT64_C(0x78a5636f43172f60),
    UINT64_C(0x84c87814a1f0ab72), UINT64_C(0x8cc702081a6439ec),
    UINT64_C(0x90befffa23631e28), UINT64_C(0xa4506cebde82bde9),
    UINT64_C(0xbef9a3f7b2c67915), UINT64_C(0xc67178f2e372532b),
    UINT64_C(0xca273eceea26619c), UINT64_C(0xd186b8c721c0c207),
    UINT64_C(0xeada7dd6cde0eb1e), UINT64_C(0xf57d4f7fee6ed178),
    UINT64_C(0x06f067aa72176fba), UINT64_C(0x0a637dc5a2c898a6),
    UINT64_C(0x113f9804bef90dae), UINT64_C(0x1b710b35131c471b),
    UINT64_C(0x28db77f523047d84), UINT64_C(0x32caab7b40c72493),
    UINT64_C(0x3c9ebe0a15c9bebc), UINT64_C(0x431d67c49c100d4c),
    UINT64_C(0x4cc5d4becb3e42b6), UINT64_C(0x597f299cfc657e2a),
    UINT64_C(0x5fcb6fab3ad6faec), UINT64_C(0x6c44198c4a475817),
};

/* in: 0 < n < 64. */
static inline uint64_t rotr(uint64_t x, unsigned n)
{
    return x >> n | x << (64 - n);
}

/*
 * Rounds t to t + 15. On entry v[16..23] are a to h; on return v[0..7] are.
 * w holds W(t) to W(t + 15) and leaves with W(t + 16) to W(t + 31), which
 * nobody uses after the last pass.
 */
static void sha512_rounds(uint64_t v[static 24], uint64_t w[static 16],
                          const uint64_t k[static 16])
{
    for (unsigned i = 0; i < N_SCHEDULE; i++) {
        uint64_t *s = v + (N_SCHEDULE - 1u - i); /* s[1..8] are a to h */
        uint64_t e = s[5];
        uint64_t t1 = s[8] + k[i] + w[i];
        t1 += rotr(e, 14) ^ rotr(e, 18) ^ rotr(e, 41);
        t1 += s[7] ^ (e & (s[6] ^ s[7]));
        s[4] += t1;

        uint64_t a = s[1];
        t1 += rotr(a, 28) ^ rotr(a, 34) ^ rotr(a, 39);
        t1 += (a & s[2]) ^ (s[3] & (a ^ s[2]));
        s[0] = t1;

        uint64_t w1 = w[(i + 1u) % N_SCHEDULE];
        uint64_t w14 = w[(i + 14u) % N_SCHEDULE];
        w[i] += w[(i + 9u) % N_SCHEDULE] +
                (rotr(w1, 1) ^ rotr(w1, 8) ^ w1 >> 7) +
                (rotr(w14, 19) ^ rotr(w14, 61) ^ w14 >> 6);
    }
}

/* FIPS 180-4, 6.4.2: one block of 128 bytes into h. */
static void sha512_compress(uint64_t h[static 8], const uint8_t *block)
{
    uint64_t w[N_SCHEDULE];
    uint64_t v[8 + N_SCHEDULE];

    for (unsigned i = 0; i < N_SCHEDULE; i++) {
        w[i] = assay_load_be64(block + 8u * i);
    }
    for (unsigned i = 0; i < 8; i++) {
        v[i] = h[i];
    }
    for (unsigned t = 0; t < N_ROUNDS; t += N_SCHEDULE) {
        for (unsigned i = 0; i < 8; i++) {
            v[N_SCHEDULE + i] = v[i];
        }
        sha512_rounds(v, w, sha512_k + t);
    }
    for (unsigned i = 0; i < 8; i++) {
        h[i] += v[i];
    }
}

void assay_sha512_blocks(uint64_t state[static 8], const uint8_t *data,
                         size_t n_blocks)
{
    for (size_t i = 0; i < n_blocks; i++) {
        sha512_compress(state, data + 128u * i);
    }
}
