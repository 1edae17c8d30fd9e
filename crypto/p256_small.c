/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stddef.h>

#include "base/bytes.h"
#include "base/ct.h"
#include "crypto/p256.h"
#include "crypto/p256_small_field.h"

/*
 * ECDSA verification on P-256, y^2 = x^3 - 3 x + b over the field of p, base
 * point G, prime order n, cofactor 1: the profile that needs least flash. The
 * formulas are programs for the machine of p256_small_field.h.
 *
 * A point is three registers, homogeneous coordinates X : Y : Z with x = X/Z,
 * y = Y/Z; infinity is 0 : Y : 0. As a common factor means nothing, numbers
 * enter the field as they are, without Montgomery's factor R = 2^256: each term
 * of a homogeneous equation loses the same power of R. Only b, which stands
 * beside the coordinates, is b R.
 *
 * Uniform execution. Every branch and every address depends on loop counters
 * and constants alone; each decision is a mask, and the masks meet in the last
 * lines of assay_p256_verify. Inputs that are refused take the whole way, with
 * numbers that mean nothing.
 *
 * Faults. Whoever knows which instruction will be skipped can choose r and s
 * for it. If the main loop ends after its first round, the sum is G, Q or
 * G + Q, and an s that leads there is soon found; if e is 0, or G + Q is taken
 * for infinity, r and s can be calculated. Against that:
 * - As the way is always the same, so is what the machine counts in its trace.
 *   It is compared in the end: no step, program or round is left out unnoticed.
 *   Whatever has to be true is counted there as well.
 * - e, r, G + Q and G - Q are made twice and compared.
 * - Numbers that a fault leaves as they were depend on r and s in such a way
 *   that they have to fit the sum, of which they are a part.
 * - The digits are 1 and -1: each round adds G + Q or G - Q, nothing neutral
 *   but for Q = -G and Q = G. If a fault makes 0 : 0 : 0 of the sum, it stays
 *   that, and is refused. If it were taken for infinity, the digits that are
 *   left would be the whole sum, and anyone could sign.
 * - The sum has to be on the curve, so that its x is not that of a point with a
 *   coordinate that was not stored.
 */

enum reg {
    X, /* the running sum */
    Y,
    Z,
    U, /* what is added to it */
    V,
    W,
    T0,
    T1,
    T2,
    T3,
    DX, /* G - Q */
    DY,
    DZ,
    K1, /* u1, then its digits */
    B,  /* b R */
    K2, /* u2, then its digits */
    SX, /* G + Q */
    SY,
    SZ,

    /*
     * Before there are points: e, s, s^2, s^3, and e and r again. S, S2, S3 and
     * K1 are 4 apart, and behind all but S is 0 then, as MULN wants it; behind
     * K2 too.
     */
    E = X,
    S = Y,
    S2 = W,
    S3 = T3,
    E_AGAIN = U,
    R_AGAIN = V,
    /* The key as it was read. */
    QX = V,
    QY = W,
    /* When the sum is complete: r, n. */
    R = U,
    N = V,
    /* Before and after the sum: the number 1. */
    ONE = DZ
};

/* G, where Z is b R. */
static const uint32_t base[24] = {
    0x365f2c4d, 0xda8f5bcd, 0x61a8ed17, 0x5d6f55bf, 0x3d48292d, 0xb42896f0,
    0x8075c75b, 0xfe4fd9c8, 0x7fe63dc1, 0x767150df, 0x9a1a1024, 0xb1ab3806,
    0x342a5a47, 0xce97f8cb, 0x1f290b62, 0xb0d58d47, 0x29c4bddf, 0xd89cdf62,
    0x78843090, 0xacf005cd, 0xf7212ed6, 0xe5a220ab, 0x04874834, 0xdc30061d};

/* ---- programs ---- */

/* clang-format off */

/* All products mod n come with a factor 2^-320. */

/* From S = S2 = S3 = K1 = s to s, s^2, s^3 and s^3 */
#define POWERS(DO)                                                             \
    DO(MULN, S2, S2, S)                                                        \
    DO(MULN, S3, S3, S2)                                                       \
    DO(MULN, K1, K1, S2)

/* K1 = K1^4 */
#define FOURTH(DO)                                                             \
    DO(MULN, K1, K1, K1)                                                       \
    DO(MULN, K1, K1, K1)

/* K1 = K1 s, K1 s^2, K1 s^3 */
#define TIMES1(DO) DO(MULN, K1, K1, S)
#define TIMES2(DO) DO(MULN, K1, K1, S2)
#define TIMES3(DO) DO(MULN, K1, K1, S3)

/*
 * From K1 = 2^640 / s, E = e, K2 = r to the factors K1 = e/s, K2 = r/s mod n.
 * In this order, and in place: where a result is not stored, u2 is r, which is
 * then still a part of the sum whose x it has to be, or u1 is 1/s, as if the
 * digest were 1.
 */
#define FACTORS(DO)                                                            \
    DO(MULN, K1, K1, ONE)                                                      \
    DO(MULN, K2, K2, K1)                                                       \
    DO(MULN, K1, K1, E)

/* X = QX, Y = T0 - T2 = QY mod p */
#define QUERY(DO)                                                              \
    DO(SUB, T2, T2, T2)                                                        \
    DO(ADD, X, T2, QX)                                                         \
    DO(ADD, Y, T2, QY)                                                         \
    DO(ADD, T0, T2, QY)

/* T0 = T1 where X : Y : Z is on the curve, or 0 : 0 : 0 */
#define CURVE(DO)                                                              \
    DO(MUL, T2, Z, Z)    /* z^2 */                                             \
    DO(MUL, T0, X, X)                                                          \
    DO(SUB, T0, T0, T2)                                                        \
    DO(SUB, T0, T0, T2)                                                        \
    DO(SUB, T0, T0, T2)                                                        \
    DO(MUL, T0, T0, X)   /* x^3 - 3 x z^2 */                                   \
    DO(MUL, T1, B, T2)                                                         \
    DO(MUL, T1, T1, Z)                                                         \
    DO(ADD, T0, T0, T1)  /* + b z^3 */                                         \
    DO(MUL, T1, Y, Y)                                                          \
    DO(MUL, T1, T1, Z)   /* y^2 z */

/*
 * X : T0 - T2 : Z = X : Y : Z doubled: with w = 3 (x - z) (x + z), s = 2 y z,
 * r = y s and h = w^2 - 4 x r that is h s : w (2 x r - h) - 2 r^2 : s^3.
 * Of infinity it makes 0 : 0 : 0, where Y is left for T0. Nothing else gets
 * z = 0, because y is not 0: n is odd. (Cohen, Miyaji, Ono, 1998.)
 */
#define DOUBLE(DO)                                                             \
    DO(SUB, T0, X, Z)                                                          \
    DO(ADD, T1, X, Z)                                                          \
    DO(MUL, T0, T0, T1)                                                        \
    DO(ADD, T1, T0, T0)                                                        \
    DO(ADD, T0, T0, T1)  /* w */                                               \
    DO(MUL, T1, Y, Z)                                                          \
    DO(ADD, T1, T1, T1)  /* s */                                               \
    DO(MUL, T2, Y, T1)   /* r */                                               \
    DO(ADD, T3, T2, T2)                                                        \
    DO(MUL, X, X, T3)    /* 2 x r */                                           \
    DO(MUL, T2, T2, T3)  /* 2 r^2 */                                           \
    DO(MUL, T3, T0, T0)                                                        \
    DO(SUB, T3, T3, X)                                                         \
    DO(SUB, T3, T3, X)   /* h */                                               \
    DO(SUB, X, X, T3)                                                          \
    DO(MUL, T0, T0, X)                                                         \
    DO(MUL, X, T3, T1)   /* the new x */                                       \
    DO(MUL, Z, T1, T1)                                                         \
    DO(MUL, Z, Z, T1)    /* the new z */

/*
 * X : Y : Z = X : T0 - T2 : Z + U : V : W, for all points, infinity included
 * (Renes, Costello, Batina, Complete addition formulas, 2016, algorithm 4). The
 * two points are x : y : z and u : v : w.
 */
#define ADD(DO)                                                                \
    DO(SUB, Y, T0, T2)                                                         \
    DO(MUL, T0, X, U)                                                          \
    DO(MUL, T1, Y, V)                                                          \
    DO(MUL, T2, Z, W)                                                          \
    DO(ADD, T3, X, Y)                                                          \
    DO(ADD, Y, Y, Z)                                                           \
    DO(ADD, Z, Z, X)                                                           \
    DO(ADD, X, U, V)                                                           \
    DO(ADD, V, V, W)                                                           \
    DO(ADD, W, W, U)                                                           \
    DO(MUL, T3, T3, X)                                                         \
    DO(MUL, V, V, Y)                                                           \
    DO(MUL, Z, Z, W)                                                           \
    DO(ADD, X, T0, T1)                                                         \
    DO(SUB, T3, T3, X)   /* x v + y u */                                       \
    DO(ADD, X, T1, T2)                                                         \
    DO(SUB, V, V, X)     /* y w + z v */                                       \
    DO(ADD, X, T0, T2)                                                         \
    DO(SUB, X, Z, X)     /* x w + z u */                                       \
    DO(MUL, Z, B, T2)                                                          \
    DO(SUB, U, X, Z)                                                           \
    DO(ADD, Z, U, U)                                                           \
    DO(ADD, U, U, Z)     /* d = 3 (x w + u z - b z w) */                       \
    DO(SUB, Z, T1, U)    /* y v - d */                                         \
    DO(ADD, U, T1, U)    /* y v + d */                                         \
    DO(ADD, T1, T2, T2)                                                        \
    DO(ADD, T2, T2, T1)  /* 3 z w */                                           \
    DO(MUL, Y, B, X)                                                           \
    DO(SUB, Y, Y, T2)                                                          \
    DO(SUB, Y, Y, T0)                                                          \
    DO(ADD, T1, Y, Y)                                                          \
    DO(ADD, Y, Y, T1)    /* f = 3 (b (x w + u z) - 3 z w - x u) */             \
    DO(ADD, T1, T0, T0)                                                        \
    DO(ADD, T0, T0, T1)                                                        \
    DO(SUB, T0, T0, T2)  /* g = 3 x u - 3 z w */                               \
    DO(MUL, X, T3, U)                                                          \
    DO(MUL, T1, V, Y)                                                          \
    DO(SUB, X, X, T1)    /* (x v + u y) (y v + d) - (y w + v z) f */           \
    DO(MUL, T2, U, Z)                                                          \
    DO(MUL, Y, Y, T0)                                                          \
    DO(ADD, Y, Y, T2)    /* (y v + d) (y v - d) + f g */                       \
    DO(MUL, Z, V, Z)                                                           \
    DO(MUL, T0, T0, T3)                                                        \
    DO(ADD, Z, Z, T0)    /* (y w + v z) (y v - d) + (x v + u y) g */

/* T0 = x, T1 = r z, T2 = (r + n) z, T3 = r + n mod p, W = 0 */
#define COMPARE(DO)                                                            \
    DO(MUL, T0, X, ONE)                                                        \
    DO(MUL, T1, Z, R)                                                          \
    DO(ADD, T3, R, N)                                                          \
    DO(MUL, T2, Z, T3)                                                         \
    DO(SUB, W, T0, T0)

/* clang-format on */

#define STEP(kind, r, a, b) ASSAY_P256_STEP(ASSAY_P256_##kind, r, a, b),
#define TRACE(kind, r, a, b) +ASSAY_P256_TRACE(ASSAY_P256_##kind, r, a, b)

static const uint16_t powers[] = {POWERS(STEP) 0};
static const uint16_t fourth[] = {FOURTH(STEP) 0};
static const uint16_t times[][2] = {
    {0}, {TIMES1(STEP) 0}, {TIMES2(STEP) 0}, {TIMES3(STEP) 0}};
static const uint16_t factors[] = {FACTORS(STEP) 0};
static const uint16_t query[] = {QUERY(STEP) 0};
static const uint16_t curve[] = {CURVE(STEP) 0};
static const uint16_t twice[] = {DOUBLE(STEP) 0};
static const uint16_t sum[] = {ADD(STEP) 0};
static const uint16_t compare[] = {COMPARE(STEP) 0};

/*
 * The trace when r is compared for the first time, and what it grows until the
 * second. confirm counts 7 times before, and once for each. Of the 127
 * digits of n - 2 to the base 4 behind the first, 12 are 1, 19 are 2 and 68 are
 * 3.
 */
#define ASSAY_TRACE_COMPARE (0 CURVE(TRACE) COMPARE(TRACE) - 1u)
#define ASSAY_TRACE                                                            \
    (0 POWERS(TRACE) + 127 * (0 FOURTH(TRACE)) + 12 * (0 TIMES1(TRACE)) +      \
     19 * (0 TIMES2(TRACE)) + 68 * (0 TIMES3(TRACE))FACTORS(TRACE) +           \
     5 * (0 QUERY(TRACE)) + (0 CURVE(TRACE)) + 4 * (0 ADD(TRACE)) - 7u +       \
     256 * (0 DOUBLE(TRACE) ADD(TRACE)) + ASSAY_TRACE_COMPARE)

/* ---- numbers ---- */

/* Register r = the 32 bytes at b, big-endian. */
static void load(struct assay_p256_machine *m, enum reg r, const uint8_t *b)
{
    uint32_t *w = m->word + 8 * r;
    for (int i = 28; i >= 0; i -= 4) {
        *w++ = assay_load_be32(b + i);
    }
}

/* Register r = a. */
static void copy(struct assay_p256_machine *m, enum reg r,
                 const uint32_t a[static 8])
{
    uint32_t *w = m->word + 8 * r;
    for (int i = 0; i < 8; i++) {
        w[i] = ct_barrier(a[i]); /* no call of memcpy */
    }
}

/*
 * Count in the trace what has to be true. in: mask: all ones if it is, or 0.
 * The trace misses one for each thing that is not true, 9 at most, and nothing
 * that is counted makes up for it: the steps are always the same.
 */
static void confirm(struct assay_p256_machine *m, uint32_t mask)
{
    m->word[ASSAY_P256_TRACE_WORD] += mask;
}

/* Register r = 1. */
static void one(struct assay_p256_machine *m, enum reg r)
{
    uint32_t *w = m->word + 8 * r;
    for (uint32_t i = 0; i < 8; i++) {
        w[i] = ct_barrier(i == 0);
    }
}

/* ret: all ones when a < b, else 0. */
static uint32_t below(const uint32_t a[static 8], const uint32_t b[static 8])
{
    uint64_t c = 1;
    for (int i = 0; i < 8; i++) {
        c += (uint64_t)a[i] + (uint32_t)~b[i];
        c >>= 32;
    }
    return ct_barrier((uint32_t)c - 1);
}

/* ret: all ones when the registers from a on and from b on are the same. */
static uint32_t equal(const struct assay_p256_machine *m, enum reg a,
                      enum reg b, int n_words)
{
    const uint32_t *x = m->word + 8 * a;
    const uint32_t *y = m->word + 8 * b;
    uint32_t d = 0;
    for (int i = 0; i < n_words; i++) {
        d |= x[i] ^ y[i];
    }
    return ct_mask_zero(d);
}

/* ret: all ones when 1 <= a < n, else 0. in: SX is 0. */
static uint32_t in_range(const struct assay_p256_machine *m, enum reg a)
{
    return below(m->word + 8 * a, assay_p256_small_order) & ~equal(m, a, SX, 8);
}

/* ---- scalars ---- */

/*
 * K1 = 2^640 / s mod n, as s^(n-2) with the factors that the products bring in:
 * (2^-320)^(n-3) = (2^320)^2, because 2^(n-1) = 1. in: S, S2, S3, K1 are s.
 */
static void scalar_invert(struct assay_p256_machine *m)
{
    assay_p256_small_run(m, powers);
    for (int i = 126; i >= 0; i--) {
        uint32_t word = assay_p256_small_order[i / 16] - (i < 16 ? 2 : 0);
        assay_p256_small_run(m, fourth);
        assay_p256_small_run(m, times[word >> 2 * (i % 16) & 3]);
    }
}

/*
 * k, below 2^256, becomes d, which is k in the digits 1 and -1 with a first
 * digit 1 above: k = 2^256 + sum (2 v_j - 1) 2^j mod n over j = 0 .. 255, where
 * v_j is bit j of d. For odd k this is d = (k - 1) / 2; n makes an even k odd.
 */
static void scalar_recode(struct assay_p256_machine *m, enum reg r)
{
    uint32_t *k = m->word + 8 * r;
    uint32_t even = ct_barrier((k[0] & 1) - 1);
    uint64_t c = 0;
    for (int i = 0; i < 8; i++) {
        c += (uint64_t)k[i] + (assay_p256_small_order[i] & even);
        k[i] = (uint32_t)c;
        c >>= 32;
    }
    uint32_t above = (uint32_t)c;
    for (int i = 7; i >= 0; i--) {
        uint32_t x = k[i];
        k[i] = x >> 1 | above << 31;
        above = x;
    }
}

/* ---- points ---- */

/* X : T0 - T2 : Z = X : Y : Z = Q */
static void point_load(struct assay_p256_machine *m, const uint8_t *pub)
{
    load(m, QX, pub);
    load(m, QY, pub + 32);
    one(m, Z);
    copy(m, B, base + 16);
    assay_p256_small_run(m, query);
}

/* ret: all ones when x and y of Q are below p and on the curve. */
static uint32_t point_valid(struct assay_p256_machine *m, const uint8_t *pub)
{
    point_load(m, pub);
    assay_p256_small_run(m, curve);
    return equal(m, X, QX, 16) & equal(m, T0, T1, 8);
}

/*
 * U : V : W = p, or q where bit 0 of choice is 1. Everything is read.
 * And T0 - T2 is negated where bit 1 is 1; where Z is 0, after DOUBLE, it is Y.
 * That is, infinity stays infinity, and 0 : 0 : 0, which is no point, stays so.
 */
static void point_select(struct assay_p256_machine *m, const uint32_t *p,
                         const uint32_t *q, uint32_t choice)
{
    uint32_t *w = m->word;
    uint32_t other = ct_mask_bit(choice & 1);
    uint32_t minus = ct_mask_bit(choice >> 1);
    uint32_t z = 0;
    for (int i = 0; i < 8; i += 4) {
        z |= w[8 * Z + i] | w[8 * Z + i + 1] | w[8 * Z + i + 2] |
             w[8 * Z + i + 3];
    }
    z = ct_mask_zero(z);
    for (int i = 0; i < 8; i++) {
        uint32_t swap = (w[8 * T0 + i] ^ w[8 * T2 + i]) & minus;
        w[8 * T0 + i] ^= swap ^ (w[8 * Y + i] & z);
        w[8 * T2 + i] ^= swap;
        w[8 * U + i] = ct_select(other, q[i], p[i]);
        w[8 * V + i] = ct_select(other, q[8 + i], p[8 + i]);
        w[8 * W + i] = ct_select(other, q[16 + i], p[16 + i]);
    }
}

/* to = X : Y : Z. ret: all ones when it was that before. */
static uint32_t point_keep(struct assay_p256_machine *m, uint32_t *to)
{
    uint32_t d = 0;
    for (int i = 0; i < 24; i++) {
        d |= to[i] ^ m->word[8 * X + i];
        to[i] = ct_barrier(m->word[8 * X + i]);
    }
    return ct_mask_zero(d);
}

/*
 * G - Q and G + Q, twice, because all that follows stands on them. In the end
 * X : Y : Z = G + Q.
 */
static void point_table(struct assay_p256_machine *m, const uint8_t *pub)
{
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t plus = i & 1;
        point_load(m, pub);
        point_select(m, base, base, 2 - 2 * plus);
        assay_p256_small_run(m, sum);
        uint32_t same = point_keep(m, m->word + 8 * (plus ? SX : DX));
        confirm(m, same & ct_mask_bit(i >> 1 & 1)); /* the second ones */
    }
}

/*
 * X : Y : Z = u1 G + u2 Q, or the opposite, which has the same x. in: K1, K2:
 * digits; X : Y : Z = G + Q, which is what the first digits stand for.
 * Digits v and w add v G + w Q = v (G + v w Q). Instead of what is added, the
 * sum is negated, whenever v is another one than in the round before.
 */
static void point_combine(struct assay_p256_machine *m)
{
    const uint32_t *digit = m->word + 8 * K1;
    uint32_t last = 1;
    for (int i = 255; i >= 0; i--) {
        uint32_t v = digit[i / 32] >> i % 32 & 1;
        uint32_t w = digit[8 * (K2 - K1) + i / 32] >> i % 32 & 1;
        assay_p256_small_run(m, twice);
        point_select(m, m->word + 8 * SX, m->word + 8 * DX,
                     (v ^ w) | (v ^ last) << 1);
        assay_p256_small_run(m, sum);
        last = v;
    }
}

/*
 * ret: all ones when X : Y : Z is not infinity and its x, mod n, is r; else 0.
 * That it is on the curve is counted.
 * in: 0 < r < n. As x < p < 2 n, x is r, or r + n if that is below p; if it is
 * not, r + n mod p is below r. Another r has been counted as refused, and what
 * is computed with it means nothing.
 */
static uint32_t point_has_x(struct assay_p256_machine *m, const uint8_t *r)
{
    uint32_t match;
    load(m, R, r);
    copy(m, N, assay_p256_small_order);
    one(m, ONE);
    assay_p256_small_run(m, curve);
    confirm(m, equal(m, T0, T1, 8));
    assay_p256_small_run(m, compare);
    match = equal(m, T0, T2, 8) & below(m->word + 8 * R, m->word + 8 * T3);
    match |= equal(m, T0, T1, 8);
    return match & ~equal(m, Z, W, 8);
}

/* The barrier keeps the loop from becoming a call of memset. */
static void machine_clear(struct assay_p256_machine *m)
{
    for (int i = 0; i < 8 * ASSAY_P256_N_REGISTERS; i++) {
        m->word[i] = ct_barrier(0);
    }
}

enum assay_status assay_p256_key_check(const uint8_t pub[static 64])
{
    struct assay_p256_machine m;
    uint32_t status = ASSAY_KEY_INVALID;
    machine_clear(&m);
    status = ct_select(point_valid(&m, pub), ASSAY_OK, status);
    return (enum assay_status)status;
}

/*
 * The numbers are the steps of FIPS 186-5 6.4.2.
 *
 * The last comparison is made twice, and each result moves the status half of
 * the way from SIGNATURE_INVALID to OK, in the sense of exclusive or: whoever
 * skips one instruction of either arrives nowhere, nor does a third round.
 */
enum assay_status assay_p256_verify(const uint8_t pub[static 64],
                                    const uint8_t digest[static 32],
                                    const uint8_t sig[static 64])
{
    const uint32_t whole = ASSAY_SIGNATURE_INVALID ^ ASSAY_OK;
    uint32_t half = 0x5A3C96E1;
    uint32_t trace = ASSAY_TRACE;
    struct assay_p256_machine m;
    uint32_t status = ASSAY_KEY_INVALID;

    /* 1. r and s are in 1 .. n-1. */
    machine_clear(&m);
    load(&m, K2, sig);
    for (enum reg r = S; r <= K1; r += 4) { /* S, S2, S3, K1 */
        load(&m, r, sig + 32);
    }
    confirm(&m, in_range(&m, K2));
    confirm(&m, in_range(&m, S));

    /* 2. to 5. e, 1/s, u1 and u2; e and r are read a second time. */
    load(&m, E, digest);
    scalar_invert(&m);
    load(&m, E_AGAIN, digest);
    load(&m, R_AGAIN, sig);
    confirm(&m, equal(&m, E, E_AGAIN, 8));
    confirm(&m, equal(&m, K2, R_AGAIN, 8));
    one(&m, ONE);
    assay_p256_small_run(&m, factors);
    scalar_recode(&m, K1);
    scalar_recode(&m, K2);

    /* 6. the sum */
    uint32_t key_valid = point_valid(&m, pub);
    confirm(&m, key_valid);
    point_table(&m, pub);
    point_combine(&m);

    /* 7., 8. r against its x */
    status = ct_select(key_valid, ASSAY_SIGNATURE_INVALID, status);
    for (int i = 0; i < 2; i++) {
        uint32_t match = point_has_x(&m, sig);
        match &= ct_mask_equal(m.word[ASSAY_P256_TRACE_WORD], trace);
        status ^= ct_barrier(match) & half;
        half ^= ct_barrier(whole); /* not four immediates */
        trace += ASSAY_TRACE_COMPARE;
    }
    return (enum assay_status)status;
}
