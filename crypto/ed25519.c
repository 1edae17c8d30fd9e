/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/ed25519.h"

#include "base/bytes.h"
#include "base/ct.h"
#include "crypto/fe25519.h"
#include "crypto/sc25519.h"
#include "crypto/sha512.h"

/*
 * Points are on -x^2 + y^2 = 1 + d x^2 y^2 modulo p = 2^255 - 19, held as
 * X : Y : Z with x = X/Z, y = Y/Z and, where the next step needs it,
 * T = XY/Z. -1 is a square and d is not, so the formulas of Hisil, Wong,
 * Carter and Dawson (2008, sections 3.1 and 3.3) are complete: they hold for
 * every pair of points of the curve, equal, opposite or of small order, and
 * never give Z = 0. There are no exceptional cases to test for.
 *
 * A key that is no point of the curve goes through the same steps; what comes
 * out has no meaning, and the mask of the key discards it.
 *
 * [S]B - [k]A is computed from the most significant of 64 windows of 4 bits
 * down. A digit is in [-8, 7]; a table holds the multiples 1 to 8 of its point
 * and is read as a whole for each digit. Every decision is a mask from
 * base/ct.h, and all of them meet in one place at the end.
 */

#define N_WINDOWS 64u
#define N_MULTIPLES 8u
#define HIGH_HALF UINT32_C(0xffff0000)

struct point {
    struct assay_fe25519 x, y, z, t;
};

/*
 * An entry is a point ready to be added: y + x, y - x, 2dt and 2z, or the first
 * three of them when z = 1. A table has the entries of the multiples 1 to 8 of
 * a point, word by word: 8 first words, then 8 second words, and so on, so that
 * all that is read for one word of an entry stands together.
 */
enum entry_kind { N_WORDS_AFFINE = 24, N_WORDS_PROJECTIVE = 32 };

/* Whether a point is followed by an addition, which needs its T. */
enum want_t { T_UNUSED, T_WANTED };

/* d = -121665/121666 */
static const struct assay_fe25519 fe_d = {{0x135978a3, 0x75eb4dca, 0x4141d8ab,
                                           0x00700a4d, 0x7779e898, 0x8cc74079,
                                           0x2b6ffe73, 0x52036cee}};

/* 2^((p - 1)/4), a square root of -1 */
static const struct assay_fe25519 fe_sqrt_m1 = {
    {0x4a0ea0b0, 0xc4ee1b27, 0xad2fe478, 0x2f431806, 0x3dfbd7a7, 0x2b4d0099,
     0x4fc1df0b, 0x2b832480}};

/* The multiples of B. */
static const uint32_t base_table[N_MULTIPLES * N_WORDS_AFFINE] = {
    0xf58c3b85, 0x933c71d7, 0x4cee9730, 0x8efc099f, 0x08a5bb33, 0x77157131,
    0x944ea3bf, 0x04dd3e8f, 0x2fbc93c6, 0x9224e7fc, 0xaf25b0a8, 0x287351b9,
    0xa212bc44, 0x3a0ceeeb, 0x6b1a5cd0, 0x59b75966, 0xfb8c0e19, 0x7a0ff5b5,
    0xe8864b8a, 0x7dfd2538, 0xc75eed02, 0x00c8af88, 0xb39dc0d2, 0xe288702c,
    0xcf932dc6, 0x9f469d96, 0x025a8430, 0x6765c6f4, 0x8d5048c3, 0x9b271589,
    0x7470353a, 0x6cb30377, 0x643d42c2, 0xe1d60702, 0x9f016732, 0xfb0a9265,
    0x5abfec44, 0xda59a736, 0x28542e49, 0x5ed9c323, 0x270b4898, 0x5aa69a65,
    0xc11b5002, 0xca348d3d, 0xdd1beb0c, 0x8065b668, 0x71b25282, 0xb1339c66,
    0x33d4ba65, 0xa87d2e2e, 0x9a80f8f4, 0x21e58727, 0x46e206eb, 0xa2cc38bd,
    0x283c927e, 0x61bce52f, 0x07cf9d3a, 0x590c063f, 0x7a164e1b, 0x680e9103,
    0x2945ccf1, 0x51e57bb6, 0x461bea69, 0x0915e760, 0xd740913e, 0x42b4d5a8,
    0xa4fcd265, 0x056818bf, 0xa447d6ba, 0x7b7d8ca4, 0xaa3221b1, 0xf39234d9,
    0x9d103905, 0x8a99a560, 0x56611fe8, 0x95fe050a, 0x7f9182c3, 0x499806b6,
    0xba6f2c9a, 0xe2a75ded, 0xd140beb3, 0x4e60acf6, 0xe5c1ba7d, 0x5660faa9,
    0x4b2729b7, 0x27d22739, 0x3bba23a7, 0xe1b558f9, 0xfd399f05, 0x8f2b810c,
    0x3bd353fd, 0x327e8971, 0xd50014d1, 0x575be284, 0x6ca02153, 0x963d7680,
    0x688f8a09, 0xb16e37aa, 0x214bd6bd, 0x06a05073, 0xb864a087, 0x204553b9,
    0x92192c3a, 0x6e3c23fb, 0xa5c18434, 0xe09e236b, 0x8131f31a, 0xc3e8e3cd,
    0xe33cf11c, 0xbb085ce7, 0x9dea764f, 0x2c2741ac, 0x98f81267, 0x69c92555,
    0x555bda62, 0x7445a49a, 0xeb1b55f3, 0xae417884, 0x2e5317e0, 0x320e01c3,
    0x44fd2f92, 0x6bb595a6, 0x2ab91587, 0x27933f4c, 0x154a7e73, 0x38b64c41,
    0x1d6edd5d, 0x3a9024a1, 0x877aaa68, 0xa59b7a5f, 0x0dd0d889, 0xc476ff09,
    0x812a8285, 0x02ea4b71, 0x01b8b3a2, 0xc9a2911a, 0xabc91205, 0x43faa8b3,
    0x14ae933f, 0x5a13fbe9, 0xbcbbdbf1, 0x85ac3267, 0xf1836dc8, 0xe7c1f5d9,
    0xccaac49e, 0x5d9acf78, 0x1c35da62, 0x7b5cc172, 0xd0bdd1fc, 0x41a1bb01,
    0x053ea49a, 0x8bcca7d7, 0x26d9e823, 0x36c16bdd, 0x58942322, 0x6e9e3945,
    0x270e0807, 0xbe70e003, 0xb3035f47, 0xb8a37178, 0xdd43598c, 0x0b3d6a31,
    0x8cf2db4c, 0x102b4494, 0x1bbda72d, 0x083bc144, 0x5877adf3, 0x0eb62a32,
    0x5a1b7dcb, 0x500fa084, 0xd170e545, 0x5ddbdcf9, 0xb41b670b, 0x53e4a24b,
    0x529c41ba, 0x63641219, 0x9f0c65a8, 0x3ea50b73, 0x12b9b4c6, 0x63553e2b,
    0x6b3bb69a, 0x9f0d61e3, 0x6a0f90a7, 0x2ecc4e95, 0x6f117b68, 0x701af5b1,
    0x5a2826af, 0x7f9d0cbf, 0x43aabe69, 0x10b8e91a, 0x7a9fbb1c, 0x26907c5c};

static void fe_set(struct assay_fe25519 *out, uint32_t small)
{
    out->w[0] = small;
    for (unsigned i = 1; i < 8; i++) {
        out->w[i] = ct_barrier(0); /* so that it is no call of memset */
    }
}

/* ret: all ones when a = 0 modulo p, else 0. */
static uint32_t fe_mask_zero(const struct assay_fe25519 *a)
{
    struct assay_fe25519 c;
    uint32_t any = 0;

    assay_fe25519_canonical(&c, a);
    for (unsigned i = 0; i < 8; i++) {
        any |= c.w[i];
    }
    return ct_mask_zero(any);
}

/* a = -a where mask is ones. */
static void fe_negate_if(struct assay_fe25519 *a, uint32_t mask)
{
    struct assay_fe25519 minus;

    for (unsigned i = 0; i < 8; i++) {
        minus.w[i] = a->w[i] & ct_barrier(mask);
        a->w[i] ^= minus.w[i];
    }
    assay_fe25519_sub(a, a, &minus);
}

/* out = a^(2^n), n > 0; out may be a. */
static void fe_sqr_times(struct assay_fe25519 *out,
                         const struct assay_fe25519 *a, unsigned n)
{
    assay_fe25519_sqr(out, a);
    while (--n > 0) {
        assay_fe25519_sqr(out, out);
    }
}

/*
 * out = a^((p - 5)/8) = a^(2^252 - 3); out is not a.
 * With e(n) = a^(2^n - 1): e(2n) = e(n)^(2^n) * e(n), e(n + 1) = e(n)^2 * a.
 * n runs through the leading bits of 250, and 2^252 - 3 = 4 (2^250 - 1) + 1.
 */
static void fe_pow_p58(struct assay_fe25519 *out, const struct assay_fe25519 *a)
{
    struct assay_fe25519 power;
    const struct assay_fe25519 *e = a;

    for (unsigned n = 1, shift = 7; shift-- > 0;) {
        fe_sqr_times(&power, e, n);
        assay_fe25519_mul(out, &power, e);
        e = out;
        n = 250u >> shift;
        if (n % 2u == 1) {
            assay_fe25519_sqr(&power, out);
            assay_fe25519_mul(out, &power, a);
        }
    }
    fe_sqr_times(&power, out, 2);
    assay_fe25519_mul(out, &power, a);
}

/* out = 1/a, or 0 for a = 0; out is not a. p - 2 = 8 (p - 5)/8 + 3. */
static void fe_invert(struct assay_fe25519 *out, const struct assay_fe25519 *a)
{
    fe_pow_p58(out, a);
    fe_sqr_times(out, out, 3);
    for (unsigned i = 0; i < 3; i++) {
        assay_fe25519_mul(out, out, a);
    }
}

/*
 * The last products of every formula.
 * in: E, H and F in x, y and z of p; G in g
 */
static void point_finish(struct point *p, const struct assay_fe25519 *g,
                         enum want_t want)
{
    if (want == T_WANTED) {
        assay_fe25519_mul(&p->t, &p->x, &p->y);
    }
    assay_fe25519_mul(&p->x, &p->x, &p->z);
    assay_fe25519_mul(&p->y, &p->y, g);
    assay_fe25519_mul(&p->z, &p->z, g);
}

/* out = 2p; out may be p. T of p is not read. */
static void point_double(struct point *out, const struct point *p,
                         enum want_t want)
{
    struct assay_fe25519 e;
    struct assay_fe25519 g;

    /* A = x^2, B = y^2, C = 2 z^2; H = A + B, E = H - (x + y)^2, G = A - B,
     * F = G + C: the published E, F, G, H, all four negated. */
    assay_fe25519_add(&e, &p->x, &p->y);
    assay_fe25519_sqr(&e, &e);
    assay_fe25519_sqr(&out->x, &p->x);
    assay_fe25519_sqr(&out->y, &p->y);
    assay_fe25519_sqr(&out->z, &p->z);
    assay_fe25519_add(&out->z, &out->z, &out->z);
    assay_fe25519_sub(&g, &out->x, &out->y);
    assay_fe25519_add(&out->y, &out->x, &out->y);
    assay_fe25519_sub(&out->x, &out->y, &e);
    assay_fe25519_add(&out->z, &out->z, &g);
    point_finish(out, &g, want);
}

/* p = p + q. */
static void point_add(struct point *p, const struct assay_fe25519 *q,
                      enum entry_kind kind, enum want_t want)
{
    struct assay_fe25519 a;
    struct assay_fe25519 b;

    /* A = (y - x)(y' - x'), B = (y + x)(y' + x'), C = 2d t t', D = 2 z z';
     * E = B - A, H = B + A, F = D - C, G = D + C. */
    assay_fe25519_sub(&a, &p->y, &p->x);
    assay_fe25519_mul(&a, &a, &q[1]);
    assay_fe25519_add(&b, &p->y, &p->x);
    assay_fe25519_mul(&b, &b, &q[0]);
    assay_fe25519_sub(&p->x, &b, &a);
    assay_fe25519_add(&p->y, &b, &a);
    assay_fe25519_mul(&a, &p->t, &q[2]);
    if (kind == N_WORDS_PROJECTIVE) {
        assay_fe25519_mul(&b, &p->z, &q[3]);
    } else {
        assay_fe25519_add(&b, &p->z, &p->z);
    }
    assay_fe25519_sub(&p->z, &b, &a);
    assay_fe25519_add(&b, &b, &a);
    point_finish(p, &b, want);
}

/* entry = p. */
static void point_entry(struct assay_fe25519 *entry, const struct point *p)
{
    assay_fe25519_add(&entry[0], &p->y, &p->x);
    assay_fe25519_sub(&entry[1], &p->y, &p->x);
    assay_fe25519_mul(&entry[2], &p->t, &fe_d);
    assay_fe25519_add(&entry[2], &entry[2], &entry[2]);
    assay_fe25519_add(&entry[3], &p->z, &p->z);
}

/*
 * ret: all ones when 8p is the neutral element, else 0. That is so when 4p is
 * (0, 1) or (0, -1), when 2p has x = 0 or y = 0, when 2p has T = 0. T of p is
 * not read; p is lost.
 */
static uint32_t point_mask_small_order(struct point *p)
{
    point_double(p, p, T_WANTED);
    return fe_mask_zero(&p->t);
}

/* b = the 32 bytes of p, RFC 8032, 5.1.2. T of p is not read. */
static void point_encode(uint8_t b[static 32], const struct point *p)
{
    struct assay_fe25519 x;
    struct assay_fe25519 y;

    fe_invert(&y, &p->z);
    assay_fe25519_mul(&x, &p->x, &y);
    assay_fe25519_mul(&y, &p->y, &y);
    assay_fe25519_canonical(&x, &x);
    assay_fe25519_canonical(&y, &y);
    y.w[7] |= x.w[0] << 31;
    for (unsigned i = 0; i < 8; i++) {
        assay_store_le32(b + 4u * i, y.w[i]);
    }
}

/*
 * x of the points with the y of p, RFC 8032, 5.1.3, steps 2 and 3.
 * out: x of p, either of the two roots
 * ret: all ones when there is such a point, else 0
 */
static uint32_t point_recover_x(struct point *p)
{
    struct assay_fe25519 u;
    struct assay_fe25519 v;
    struct assay_fe25519 r;

    /* Step 2: x^2 = u/v, u = y^2 - 1, v = d y^2 + 1. */
    fe_set(&r, 1);
    assay_fe25519_sqr(&u, &p->y);
    assay_fe25519_mul(&v, &u, &fe_d);
    assay_fe25519_sub(&u, &u, &r);
    assay_fe25519_add(&v, &v, &r);

    /* Step 3: with r = u (uv)^((p - 5)/8), v r^2 = u (uv)^((p - 1)/4), and
     * that power is 1 or -1 exactly when uv, and so u/v, is a square. */
    assay_fe25519_mul(&p->x, &u, &v);
    fe_pow_p58(&r, &p->x);
    assay_fe25519_mul(&r, &r, &u);
    assay_fe25519_mul(&p->x, &r, &fe_sqrt_m1);

    struct assay_fe25519 check;
    assay_fe25519_sqr(&check, &r);
    assay_fe25519_mul(&v, &check, &v);
    assay_fe25519_sub(&check, &v, &u);
    uint32_t root = fe_mask_zero(&check);
    assay_fe25519_add(&check, &v, &u);
    uint32_t root_by_i = fe_mask_zero(&check);

    for (unsigned i = 0; i < 8; i++) {
        p->x.w[i] = ct_select(root, r.w[i], p->x.w[i]);
    }
    return root | root_by_i;
}

/*
 * RFC 8032, 5.1.3, and the opposite of the point it decodes.
 * out: p = -A, all of it; without meaning when the result is 0
 * ret: all ones when b is the only encoding of a point that is not of small
 *      order, else 0
 */
static uint32_t point_decode_minus(struct point *p, const uint8_t b[static 32])
{
    struct point twice;
    uint32_t differ = 0;

    /* Step 1: y, and the sign of x apart from it; y < p. */
    for (unsigned i = 0; i < 8; i++) {
        p->y.w[i] = assay_load_le32(b + 4u * i);
    }
    uint32_t sign = p->y.w[7] >> 31;
    p->y.w[7] &= UINT32_C(0x7fffffff);
    assay_fe25519_canonical(&p->t, &p->y);
    for (unsigned i = 0; i < 8; i++) {
        differ |= p->t.w[i] ^ p->y.w[i];
    }
    uint32_t valid = ct_mask_zero(differ) & point_recover_x(p);

    /* Step 4, the other way round: x of -A has the sign that A has not. The
     * points with x = 0 are of small order, so -0 needs no test of its own. */
    assay_fe25519_canonical(&p->x, &p->x);
    fe_negate_if(&p->x, ct_mask_equal(p->x.w[0] & 1u, sign));
    fe_set(&p->z, 1);
    assay_fe25519_mul(&p->t, &p->x, &p->y);

    point_double(&twice, p, T_WANTED);
    return valid & ~fe_mask_zero(&twice.t);
}

/* table[m] = entry, for the multiple m + 1. */
static void table_write(uint32_t *table, unsigned m,
                        const struct assay_fe25519 entry[static 4])
{
    for (unsigned n = 0; n < N_WORDS_PROJECTIVE; n++) {
        table[N_MULTIPLES * n + m] = entry[n / 8u].w[n % 8u];
    }
}

/* entry = the multiple 1 of the table. */
static void table_first(struct assay_fe25519 entry[static 4],
                        const uint32_t *table)
{
    for (unsigned n = 0; n < N_WORDS_PROJECTIVE; n++) {
        entry[n / 8u].w[n % 8u] = table[N_MULTIPLES * n];
    }
}

/*
 * entry = digit * (the point of the table), the whole table being read.
 * in: nibble, the digit plus 8, in [0, 15]
 */
static void table_read(struct assay_fe25519 entry[static 4],
                       const uint32_t *table, enum entry_kind kind,
                       uint32_t nibble)
{
    uint32_t mask[N_MULTIPLES];
    uint32_t negative = ct_mask_bit(1u - (nibble >> 3));
    uint32_t multiple = ((nibble - 8u) ^ negative) - negative;
    uint32_t one = ct_mask_zero(multiple) & 1u;

    for (uint32_t m = 0; m < N_MULTIPLES; m++) {
        mask[m] = ct_mask_equal(multiple, m + 1u);
    }
    const uint32_t m0 = mask[0], m1 = mask[1], m2 = mask[2], m3 = mask[3];
    const uint32_t m4 = mask[4], m5 = mask[5], m6 = mask[6], m7 = mask[7];
    for (unsigned j = 0; j < (unsigned)kind / 8u; j++) {
        for (unsigned i = 0; i < 8; i++) {
            entry[j].w[i] = (table[0] & m0) | (table[1] & m1) |
                            (table[2] & m2) | (table[3] & m3) |
                            (table[4] & m4) | (table[5] & m5) |
                            (table[6] & m6) | (table[7] & m7);
            table += N_MULTIPLES;
        }
    }

    /* No multiple: the neutral element is 1, 1, 0 and 2. */
    entry[0].w[0] |= one;
    entry[1].w[0] |= one;
    entry[3].w[0] |= one << 1;

    /* -(x, y) = (-x, y). */
    for (unsigned i = 0; i < 8; i++) {
        uint32_t d = (entry[0].w[i] ^ entry[1].w[i]) & ct_barrier(negative);
        entry[0].w[i] ^= d;
        entry[1].w[i] ^= d;
    }
    fe_negate_if(&entry[2], negative);
}

/*
 * s = s + 8 * (1 + 16 + ... + 16^63) modulo 2^256: hexadecimal digit i of the
 * sum is digit i of s in [-8, 7], plus 8. The sum is exact for s < 2^254.
 */
static void scalar_recode(struct assay_sc25519 *s)
{
    uint64_t acc = 0;

    for (unsigned i = 0; i < 8; i++) {
        acc += UINT64_C(0x88888888) + s->w[i];
        s->w[i] = (uint32_t)acc;
        acc >>= 32;
    }
}

/* in: s after scalar_recode. */
static uint32_t scalar_nibble(const struct assay_sc25519 *s, unsigned window)
{
    return s->w[window / 8u] >> 4u * (window % 8u) & 15u;
}

/*
 * p = [s]B + [k]p, T left out. Not inlined, so that the tables are on the
 * stack for no longer than they are used.
 * in: all of p; s and k any values: a sum that scalar_recode has to cut short
 *     comes from an s that is refused
 */
__attribute__((noinline)) static void point_combine(struct point *p,
                                                    struct assay_sc25519 *s,
                                                    struct assay_sc25519 *k)
{
    uint32_t table[N_MULTIPLES * N_WORDS_PROJECTIVE];
    struct assay_fe25519 entry[4];

    for (unsigned m = 0; m < N_MULTIPLES; m++) {
        if (m > 0) {
            table_first(entry, table);
            point_add(p, entry, N_WORDS_PROJECTIVE, T_WANTED);
        }
        point_entry(entry, p);
        table_write(table, m, entry);
    }
    scalar_recode(s);
    scalar_recode(k);

    fe_set(&p->x, 0);
    fe_set(&p->y, 1);
    fe_set(&p->z, 1);
    for (unsigned window = N_WINDOWS; window-- > 0;) {
        point_double(p, p, T_UNUSED);
        point_double(p, p, T_UNUSED);
        point_double(p, p, T_UNUSED);
        point_double(p, p, T_WANTED);
        table_read(entry, table, N_WORDS_PROJECTIVE, scalar_nibble(k, window));
        point_add(p, entry, N_WORDS_PROJECTIVE, T_WANTED);
        table_read(entry, base_table, N_WORDS_AFFINE, scalar_nibble(s, window));
        point_add(p, entry, N_WORDS_AFFINE, T_UNUSED);
    }
}

/*
 * k = SHA-512(R || A || M) mod L. Not inlined, so that the digest is off the
 * stack before the tables come on it.
 */
__attribute__((noinline)) static void challenge(struct assay_sc25519 *k,
                                                const uint8_t *r,
                                                const uint8_t *pub,
                                                struct assay_slice msg)
{
    struct assay_sha512 ctx;
    uint8_t digest[ASSAY_SHA512_DIGEST_LEN];

    assay_sha512_init(&ctx);
    assay_sha512_update(&ctx, assay_slice(r, 32));
    assay_sha512_update(&ctx, assay_slice(pub, ASSAY_ED25519_PUB_LEN));
    assay_sha512_update(&ctx, msg);
    assay_sha512_final(&ctx, digest);
    assay_sc25519_reduce(k, digest);
}

enum assay_status assay_ed25519_verify(
    const uint8_t pub[static ASSAY_ED25519_PUB_LEN], struct assay_slice msg,
    const uint8_t sig[static ASSAY_ED25519_SIG_LEN])
{
    struct point p;
    struct assay_sc25519 s;
    struct assay_sc25519 k;
    uint8_t r[32];

    /* Step 1: A and S; R stays as it is. */
    uint32_t key = point_decode_minus(&p, pub);
    uint32_t sound = key & assay_sc25519_load(&s, sig + 32);

    /* Step 2. */
    challenge(&k, sig, pub, msg);

    /* Step 3: R = [S]B - [k]A, as bytes: R that is not canonical is refused
     * with that. The point is of small order when R is. */
    point_combine(&p, &s, &k);
    point_encode(r, &p);
    sound &= ~point_mask_small_order(&p);

    /* The comparison is made twice, each time for one half of the result: an
     * instruction that a fault suppresses leaves the other half a refusal. */
    uint32_t good = sound & ct_mask_zero(ct_differ(r, sig, sizeof r));
    uint32_t again = sound & ct_mask_zero(ct_differ(sig, r, sizeof r));

    uint32_t status =
        ct_select(key, ASSAY_SIGNATURE_INVALID, ASSAY_KEY_INVALID);
    status = (ct_select(good, ASSAY_OK, status) & HIGH_HALF) |
             (ct_select(again, ASSAY_OK, status) & ~HIGH_HALF);
    return (enum assay_status)status;
}

enum assay_status assay_ed25519_key_check(
    const uint8_t pub[static ASSAY_ED25519_PUB_LEN])
{
    struct point p;

    uint32_t status = ASSAY_KEY_INVALID;
    status = ct_select(point_decode_minus(&p, pub), ASSAY_OK, status);
    return (enum assay_status)status;
}
