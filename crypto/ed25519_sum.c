/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/ed25519_sum.h"

#include "base/ct.h"
#include "crypto/words.h"

/*
 * Points are on -x^2 + y^2 = 1 + d x^2 y^2 modulo p = 2^255 - 19. -1 is a
 * square and d is not, so the formulas of Hisil, Wong, Carter and Dawson (2008,
 * sections 3.1 and 3.3) are complete: they hold for every pair of points of the
 * curve, equal, opposite or of small order, and never give Z = 0. There are no
 * exceptional cases to test for.
 *
 * A point has one of three forms, each of four elements:
 *   T, Y, X, Z: y = Y/Z, x = X/Z and T = XY/Z; T may be out of date where the
 *               next step does not read it
 *   F, H, E, G: y = H/F and x = E/G, what a sum or a double comes out as
 *   an entry of a table: 2m dt, m (y + x), m (y - x) and 2m z for some m, ready
 *               to be added
 * They stand in this order, and a sum takes the place of the entry.
 *
 * The sum is made from the most significant of 64 windows of 4 bits down. A
 * digit stands for a multiple of the window's point and a sign. The sum is kept
 * up to its own sign: to subtract a point, the sum is negated if need be, and
 * the point added.
 */

#define N_WINDOWS 64u
#define N_MULTIPLES 8u

enum { T, Y, X, Z, N_ELEMENTS };
enum { F, H, E, G };

/* Elements of an entry: with m = 1/2 and z = 1 the last is 1, and left out. */
enum entry_len { N_AFFINE = 3, N_PROJECTIVE = 4 };

_Static_assert(sizeof(struct assay_fe25519) == 32, "a table is all words");

/* d = -121665/121666 */
const struct assay_fe25519 assay_ed25519_2d = {
    {0x26b2f159, 0xebd69b94, 0x8283b156, 0x00e0149a, 0xeef3d130, 0x198e80f2,
     0x56dffce7, 0x2406d9dc}};

/* B, 3B, ..., 15B: dxy, (y + x)/2 and (y - x)/2. */
static const struct assay_fe25519 base_table[N_MULTIPLES * N_AFFINE] = {
    {{0xc3bd5534, 0x55e48902, 0xe655624f, 0x136cf411, 0xeea1acc6, 0x2d0dbee5,
      0x4f8632d4, 0x3788bdb4}},
    {{0x7ac61db9, 0x97de49e3, 0x7dc6070c, 0x67c996e3, 0x321ea161, 0x9385a44c,
      0x19ea5d32, 0x43e7ce9d}},
    {{0xeba0489f, 0xce881c82, 0xe8a05f59, 0xfe9ccf82, 0x3447c504, 0xd2e0c21a,
      0x4c7c0933, 0x227e97c9}},
    {{0x86e86c3b, 0x0a57499f, 0x0e1aed31, 0x2c4a1191, 0xc6796da6, 0x68b872a2,
      0x895cda63, 0x6d141357}},
    {{0x26774b98, 0x5792d854, 0x744325c5, 0x012d4218, 0x4f80b399, 0x608da801,
      0xcd407c7a, 0x3d0b270d}},
    {{0x527e6929, 0xab308ff4, 0xf2e0dd3e, 0x9de9a9fe, 0x10a5eb5e, 0x4098f98d,
      0xaaaded31, 0x555c8ac3}},
    {{0xc0954139, 0x5e5dedf8, 0xe85ee8fe, 0x93870403, 0x8dded396, 0x5a0db385,
      0xb59ddb4d, 0x61d55f34}},
    {{0x0452dd90, 0x51095e22, 0xe3af7681, 0x46a82461, 0x2d5ff622, 0xee8df586,
      0xa3710375, 0x54a2e678}},
    {{0xd223eb5d, 0xbfc8c161, 0xa59394db, 0xea800a68, 0x5c325043, 0xf19e788e,
      0xf58daaf9, 0x0aa53f39}},
    {{0x00dc59d1, 0x78c1b6e4, 0x829f524d, 0xd981afa3, 0x2c3bd6f9, 0xa94e20dd,
      0x3507c853, 0x3d4fdd8e}},
    {{0x4a2751d6, 0x358d2e68, 0x59cee069, 0xba381a9d, 0x142a1724, 0x38d92941,
      0x941e493f, 0x630df534}},
    {{0x551910cf, 0xdd37964d, 0x9ddd11d3, 0x365010a9, 0xc90c961d, 0x4ef53b27,
      0x97298bf0, 0x4eb76eae}},
    {{0xc822d784, 0x835a745f, 0x538ce917, 0x717fc1f4, 0xc9ea678b, 0x557b7e14,
      0x0d804583, 0x79e0b901}},
    {{0x5354318e, 0xcd9733c5, 0xa8de2362, 0xd3284f37, 0xe3437ada, 0xe75919e4,
      0xc56ebfac, 0x5a5cf699}},
    {{0x01cec032, 0xf9b710bf, 0x7a9020cd, 0x4c5040db, 0x73af5822, 0xcb65e304,
      0xfd6e4e47, 0x24e02d28}},
    {{0xfeb044eb, 0x6c159662, 0x99417252, 0x018f5a50, 0xda8d4311, 0x221888cc,
      0x5a9efca4, 0x5ee32a91}},
    {{0x4540156f, 0x97df8042, 0x81181713, 0x72ecff67, 0x8bb81a03, 0x889f4238,
      0x2a36c7d7, 0x213ad571}},
    {{0x24c321a4, 0x98afad81, 0xbb8441c0, 0x9f6b59b4, 0xb546f5ca, 0xd1d03aaa,
      0x14eae3bf, 0x0c55acc0}},
    {{0xb99751bc, 0xa9b0508c, 0xefc6ea38, 0x921bf358, 0x48d3f299, 0xd1779bfc,
      0xd504bc31, 0x24bdd37e}},
    {{0x51003fad, 0xdfb86111, 0x5ade6f6d, 0xdfc259cd, 0x7d83dd03, 0xa9bd0709,
      0x61a37920, 0x51a7ebf7}},
    {{0x993fdfc0, 0xa837809d, 0xcdbbb7b5, 0x577e75e4, 0x5556acb4, 0xce895919,
      0x8bb01253, 0x4133c416}},
    {{0xcde85a8b, 0x2ecd3b17, 0x1b9fef77, 0x759c57a7, 0xc9eb2138, 0x01972d3e,
      0x85726c21, 0x288eb090}},
    {{0x89e7f550, 0x92676601, 0x8c4e1236, 0x43246146, 0x60f96a68, 0x96dedefd,
      0xf896f395, 0x30f1148b}},
    {{0x2346677c, 0x0205e6c3, 0x154c886b, 0x69c14dd2, 0x03d928c9, 0xba841804,
      0x0c682f5f, 0x61dae6a1}},
};

/*
 * The sum under way, or its opposite where minus is ones.
 * c: the sum, between the steps; p: where a step works
 */
struct sum {
    struct assay_fe25519 c[N_ELEMENTS];
    struct assay_fe25519 p[N_ELEMENTS];
    uint32_t minus;
};

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

/* c = a point with z = 1, of which H and E are there. */
static void point_affine(struct assay_fe25519 c[static N_ELEMENTS])
{
    for (unsigned i = 0; i < 8; i++) {
        c[F].w[i] = c[G].w[i] = ct_barrier(i == 0);
    }
}

/* p = c, T left out. */
static void point_finish(struct assay_fe25519 p[static N_ELEMENTS],
                         const struct assay_fe25519 c[static N_ELEMENTS])
{
    assay_fe25519_mul(&p[Y], &c[H], &c[G]);
    assay_fe25519_mul(&p[X], &c[E], &c[F]);
    assay_fe25519_mul(&p[Z], &c[F], &c[G]);
}

/* p = c, or -c where minus is ones, ready for an addition; c is lost. */
static void point_prepare(struct assay_fe25519 p[static N_ELEMENTS],
                          struct assay_fe25519 c[static N_ELEMENTS],
                          uint32_t minus)
{
    fe_negate_if(&c[E], minus);
    assay_fe25519_mul(&p[T], &c[E], &c[H]);
    point_finish(p, c);
}

/* c = -2p; p is lost, and T of p is not read. */
static void point_double_minus(struct assay_fe25519 c[static N_ELEMENTS],
                               struct assay_fe25519 p[static N_ELEMENTS])
{
    /* A = x^2, B = y^2, C = z^2; E = 2xy, H = A + B, G = A - B, F = G + 2C: the
     * published E, and the published F, G and H, these three negated. */
    assay_fe25519_mul(&c[E], &p[X], &p[Y]);
    assay_fe25519_add(&c[E], &c[E], &c[E]);
    assay_fe25519_sqr(&p[Y], &p[Y]);
    assay_fe25519_sqr(&p[X], &p[X]);
    assay_fe25519_sqr(&p[Z], &p[Z]);
    assay_fe25519_add_sub(&c[H], &c[G], &p[X], &p[Y]);
    assay_fe25519_add(&c[F], &p[Z], &p[Z]);
    assay_fe25519_add(&c[F], &c[F], &c[G]);
}

/* c = p + q; p is lost; c may be q. */
static void point_add(struct assay_fe25519 c[static N_ELEMENTS],
                      struct assay_fe25519 p[static N_ELEMENTS],
                      const struct assay_fe25519 *q, enum entry_len len)
{
    const struct assay_fe25519 *d = len == N_PROJECTIVE ? &c[Z] : &p[Z];

    /* C = 2d t t', B = (y + x)(y' + x'), A = (y - x)(y' - x'), D = 2 z z';
     * F = D - C, H = B + A, E = B - A, G = D + C, all of them times m. */
    assay_fe25519_add_sub(&p[Y], &p[X], &p[Y], &p[X]);
    for (unsigned i = 0; i < (unsigned)len; i++) {
        assay_fe25519_mul(&c[i], &p[i], &q[i]);
    }
    assay_fe25519_add_sub(&c[H], &c[E], &c[Y], &c[X]);
    assay_fe25519_add_sub(&c[G], &c[F], d, &c[T]);
}

/* The entries of p, 2p, ..., 8p; s is lost. in: p in c of s */
static void table_fill(struct assay_fe25519 *table, struct sum *s)
{
    struct assay_fe25519 *entry = table;

    for (unsigned m = 1;; m++) {
        point_prepare(s->p, s->c, 0);
        assay_fe25519_mul(&entry[0], &s->p[T], &assay_ed25519_2d);
        assay_fe25519_add_sub(&entry[1], &entry[2], &s->p[Y], &s->p[X]);
        assay_fe25519_add(&entry[3], &s->p[Z], &s->p[Z]);
        if (m == N_MULTIPLES) {
            break;
        }
        entry += N_PROJECTIVE;
        point_add(s->c, s->p, table, N_PROJECTIVE);
    }
}

/*
 * s = s + digit * (the point of the table), the whole table being read.
 * in: digit, in [0, 15]: it stands for digit - 8 with a projective table of
 *     the multiples 1 to 8, for 2 digit - 15 with an affine one of 1, 3, ... 15
 */
static void sum_add(struct sum *s, const struct assay_fe25519 *table,
                    enum entry_len len, uint32_t digit)
{
    uint32_t minus = ct_mask_bit(1u - (digit >> 3));
    uint32_t index = (digit - 8u) ^ minus;

    if (len == N_PROJECTIVE) {
        index -= 1u + minus;
    }
    point_prepare(s->p, s->c, minus ^ s->minus);
    s->minus = minus;
    for (unsigned i = 0; i < (unsigned)len; i++) {
        assay_words_lookup(s->c[i].w, table[i].w, 8u * (unsigned)len, index);
    }

    /* No multiple: the entry of the neutral element is 0, 1, 1, 2. */
    uint32_t one = index >> 31;
    s->c[1].w[0] |= one;
    s->c[2].w[0] |= one;
    s->c[3].w[0] |= one << 1;
    point_add(s->c, s->p, s->c, len);
}

static uint32_t digit_of(const struct assay_sc25519 *s, unsigned window)
{
    return s->w[window / 8u] >> 4u * (window % 8u) & 15u;
}

uint32_t assay_ed25519_sum(struct assay_ed25519_point *p,
                           const struct assay_sc25519 *s,
                           const struct assay_sc25519 *k)
{
    struct assay_fe25519 table[N_MULTIPLES * N_PROJECTIVE];
    struct sum sum;

    sum.c[H] = p->y;
    sum.c[E] = p->x;
    point_affine(sum.c);
    table_fill(table, &sum);

    /* The digit 1 or -1 of the highest window of s. */
    assay_fe25519_add_sub(&sum.c[H], &sum.c[E], &base_table[1], &base_table[2]);
    point_affine(sum.c);
    sum.minus = ct_mask_bit(1u - (s->w[7] >> 31));

    for (unsigned window = N_WINDOWS - 1;; window--) {
        sum_add(&sum, table, N_PROJECTIVE, digit_of(k, window));
        if (window == 0) {
            break;
        }
        /* 16 = (-2)^4 */
        for (unsigned i = 0; i < 4; i++) {
            point_finish(sum.p, sum.c);
            point_double_minus(sum.c, sum.p);
        }
        sum_add(&sum, base_table, N_AFFINE, digit_of(s, window - 1));
    }
    point_finish(sum.p, sum.c);
    p->y = sum.p[Y];
    p->x = sum.p[X];
    p->z = sum.p[Z];
    return sum.minus;
}
