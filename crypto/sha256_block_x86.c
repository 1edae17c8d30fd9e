/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/sha256_block.h"

#include <cpuid.h>
#include <immintrin.h>

/*
 * SHA-256 by the instructions that x86-64 processors have for it, chosen when
 * the program runs; a processor without them gets the portable function, which
 * is compiled in here under another name, as it is.
 */
static void portable_blocks(uint32_t state[static 8], const uint8_t *data,
                            size_t n_blocks);
#define assay_sha256_blocks portable_blocks
#include "crypto/sha256_block.c"
#undef assay_sha256_blocks

/* For the functions that the processor is asked about before they are used. */
#define ASSAY_SHA_NI __attribute__((target("sha,sse4.1,ssse3")))

/* The variables of the standard as the instructions want them; f, h lowest. */
struct working {
    __m128i abef;
    __m128i cdgh;
};

/*
 * Four rounds; w: W[t..t+3]; k: K[t..t+3]. An instruction makes two: it takes
 * both registers, and what it gives is the new abef, while the old abef is the
 * new cdgh. After two of them each name is right again.
 */
ASSAY_SHA_NI static inline void four_rounds(struct working *v, __m128i w,
                                            const uint32_t k[static 4])
{
    __m128i wk = _mm_add_epi32(w, _mm_loadu_si128((const __m128i *)k));
    v->cdgh = _mm_sha256rnds2_epu32(v->cdgh, v->abef, wk);
    wk = _mm_shuffle_epi32(wk, 0x0e);
    v->abef = _mm_sha256rnds2_epu32(v->abef, v->cdgh, wk);
}

/* ret: W[t+16..t+19]. in: W[t..], W[t+4..], W[t+8..] and W[t+12..], 4 each. */
ASSAY_SHA_NI static inline __m128i schedule(__m128i w0, __m128i w4, __m128i w8,
                                            __m128i w12)
{
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w4),
                                _mm_alignr_epi8(w12, w8, 4));
    return _mm_sha256msg2_epu32(sum, w12);
}

/* ret: four words of the message. */
ASSAY_SHA_NI static inline __m128i load_be(const uint8_t *data)
{
    const __m128i order =
        _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)data), order);
}

ASSAY_SHA_NI static inline void one_block(struct working *v,
                                          const uint8_t *data)
{
    const struct working before = *v;
    __m128i w0 = load_be(data);
    __m128i w4 = load_be(data + 16);
    __m128i w8 = load_be(data + 32);
    __m128i w12 = load_be(data + 48);

    for (const uint32_t *k = sha256_k;; k += 16) {
        four_rounds(v, w0, k);
        four_rounds(v, w4, k + 4);
        four_rounds(v, w8, k + 8);
        four_rounds(v, w12, k + 12);
        if (k == sha256_k + 48) {
            break;
        }
        w0 = schedule(w0, w4, w8, w12);
        w4 = schedule(w4, w8, w12, w0);
        w8 = schedule(w8, w12, w0, w4);
        w12 = schedule(w12, w0, w4, w8);
    }
    v->abef = _mm_add_epi32(v->abef, before.abef);
    v->cdgh = _mm_add_epi32(v->cdgh, before.cdgh);
}

/* ret: words x3, x2, x1, x0, from the highest. */
ASSAY_SHA_NI static inline __m128i four_words(uint32_t x3, uint32_t x2,
                                              uint32_t x1, uint32_t x0)
{
    return _mm_set_epi32((int)x3, (int)x2, (int)x1, (int)x0);
}

ASSAY_SHA_NI static void sha_ni_blocks(uint32_t state[static 8],
                                       const uint8_t *data, size_t n_blocks)
{
    struct working v = {
        four_words(state[0], state[1], state[4], state[5]),
        four_words(state[2], state[3], state[6], state[7]),
    };

    for (; n_blocks > 0; n_blocks--) {
        one_block(&v, data);
        data += ASSAY_SHA256_BLOCK_LEN;
    }
    state[0] = (uint32_t)_mm_extract_epi32(v.abef, 3);
    state[1] = (uint32_t)_mm_extract_epi32(v.abef, 2);
    state[2] = (uint32_t)_mm_extract_epi32(v.cdgh, 3);
    state[3] = (uint32_t)_mm_extract_epi32(v.cdgh, 2);
    state[4] = (uint32_t)_mm_extract_epi32(v.abef, 1);
    state[5] = (uint32_t)_mm_extract_epi32(v.abef, 0);
    state[6] = (uint32_t)_mm_extract_epi32(v.cdgh, 1);
    state[7] = (uint32_t)_mm_extract_epi32(v.cdgh, 0);
}

enum engine { ENGINE_UNKNOWN, ENGINE_PORTABLE, ENGINE_SHA_NI };

/* ret: the engine for this processor. */
static enum engine detect(void)
{
    unsigned a, b, c, d;

    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSSE3) == 0 ||
        (c & bit_SSE4_1) == 0) {
        return ENGINE_PORTABLE;
    }
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (b & bit_SHA) == 0) {
        return ENGINE_PORTABLE;
    }
    return ENGINE_SHA_NI;
}

void assay_sha256_blocks(uint32_t state[static 8], const uint8_t *data,
                         size_t n_blocks)
{
    /*
     * The only variable of the verifier that outlives a call, in a file for
     * hosts alone: under a virtual machine each question to the processor
     * takes longer than some tens of blocks. Every thread finds the same.
     */
    static _Atomic enum engine engine = ENGINE_UNKNOWN;

    enum engine chosen = engine;
    if (chosen == ENGINE_UNKNOWN) {
        chosen = detect();
        engine = chosen;
    }
    if (chosen == ENGINE_SHA_NI) {
        sha_ni_blocks(state, data, n_blocks);
    } else {
        portable_blocks(state, data, n_blocks);
    }
}
