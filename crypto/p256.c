/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/p256.h"

#include <stddef.h>

#include "base/bytes.h"
#include "base/ct.h"
#include "crypto/p256_field.h"

/*
 * ECDSA verification on P-256, y^2 = x^3 - 3 x + b over the field of p, base
 * point G, prime order n, cofactor 1.
 *
 * Representation. A number is 8 words of 32 bits, least significant first
 * (u256_). Modulo p (assay_p256_fe_) and modulo n (scalar_) products are
 * Montgomery's with R = 2^256; field elements carry the factor R, scalars do
 * not unless their comment says so. Both kinds are always fully reduced.
 *
 * A point is 24 words: Jacobian coordinates X, Y, Z with x = X/Z^2, y = Y/Z^3.
 * Z = 0 is the point at infinity, whatever X and Y are. An affine point is the
 * 16 words x, y.
 *
 * Uniform execution. Every branch and every address depends on loop counters
 * and constants alone; each decision is a mask, and the masks meet in the last
 * lines of assay_p256_verify. Inputs that are refused take the whole way, with
 * numbers that mean nothing but stay in their ranges.
 */

#define ASSAY_N_TABLE 8
#define ASSAY_N_DIGITS 64

/* The words of a point of each kind. */
enum form { ASSAY_FORM_AFFINE = 16, ASSAY_FORM_JACOBIAN = 24 };

/* ---- constants ---- */

static const uint32_t prime[8] = {0xffffffff, 0xffffffff, 0xffffffff,
                                  0x00000000, 0x00000000, 0x00000000,
                                  0x00000001, 0xffffffff};

static const uint32_t order[8] = {0xfc632551, 0xf3b9cac2, 0xa7179e84,
                                  0xbce6faad, 0xffffffff, 0xffffffff,
                                  0x00000000, 0xffffffff};

/* -1/n mod 2^32 */
#define ASSAY_ORDER_INVERSE 0xee00bc4f

/* 2^512 mod p and mod n: a product with it brings in the factor R. */
static const uint32_t prime_rr[8] = {0x00000003, 0x00000000, 0xffffffff,
                                     0xfffffffb, 0xfffffffe, 0xffffffff,
                                     0xfffffffd, 0x00000004};

static const uint32_t order_rr[8] = {0xbe79eea2, 0x83244c95, 0x49bd6fa6,
                                     0x4699799c, 0x2b6bec59, 0x2845b239,
                                     0xf3d95620, 0x66e12d94};

/* R and b R mod p */
static const uint32_t field_one[8] = {0x00000001, 0x00000000, 0x00000000,
                                      0xffffffff, 0xffffffff, 0xffffffff,
                                      0xfffffffe, 0x00000000};

static const uint32_t curve_b[8] = {0x29c4bddf, 0xd89cdf62, 0x78843090,
                                    0xacf005cd, 0xf7212ed6, 0xe5a220ab,
                                    0x04874834, 0xdc30061d};

/* x R, y R mod p of G, 3 G, 5 G, ... 15 G */
static const uint32_t base_table[ASSAY_N_TABLE * ASSAY_FORM_AFFINE] = {
    0x18a9143c, 0x79e730d4, 0x5fedb601, 0x75ba95fc, 0x77622510, 0x79fb732b,
    0xa53755c6, 0x18905f76, 0xce95560a, 0xddf25357, 0xba19e45c, 0x8b4ab8e4,
    0xdd21f325, 0xd2e88688, 0x25885d85, 0x8571ff18, 0x4eebc127, 0xffac3f90,
    0x087d81fb, 0xb027f84a, 0x87cbbc98, 0x66ad77dd, 0xb6ff747e, 0x26936a3f,
    0xc983a7eb, 0xb04c5c1f, 0x0861fe1a, 0x583e47ad, 0x1a2ee98e, 0x78820831,
    0xe587cc07, 0xd5f06a29, 0xc45c61f5, 0xbe1b8aae, 0x94b9537d, 0x90ec649a,
    0xd076c20c, 0x941cb5aa, 0x890523c8, 0xc9079605, 0xe7ba4f10, 0xeb309b4a,
    0xe5eb882b, 0x73c568ef, 0x7e7a1f68, 0x3540a987, 0x2dd1e916, 0x73a076bb,
    0xa0173b4f, 0x0746354e, 0xd23c00f7, 0x2bd20213, 0x0c23bb08, 0xf43eaab5,
    0xc3123e03, 0x13ba5119, 0x3f5b9d4d, 0x2847d030, 0x5da67bdd, 0x6742f2f2,
    0x77c94195, 0xef933bdc, 0x6e240867, 0xeaedd915, 0x264e20e8, 0x75c96e8f,
    0x59a7a841, 0xabe6bfed, 0x44c8eb00, 0x2cc09c04, 0xf0c4e16b, 0xe05b3080,
    0xa45f3314, 0x1eb7777a, 0xce5d45e3, 0x56af7bed, 0x88b12f1a, 0x2b6e019a,
    0xfd835f9b, 0x086659cd, 0x6245e404, 0xea7d260a, 0x6e7fdfe0, 0x9de40795,
    0x8dac1ab5, 0x1ff3a415, 0x649c9073, 0x3e7090f1, 0x2b944e88, 0x1a768561,
    0xe57f61c8, 0x250f939e, 0x1ead643d, 0x0c0daa89, 0xe125b88e, 0x68930023,
    0x4b2ed709, 0xccc42563, 0x856fd30d, 0x0e356769, 0x559e9811, 0xbcbcd43f,
    0x5395b759, 0x738477ac, 0xc00ee17f, 0x35752b90, 0x742ed2e3, 0x68748390,
    0xbd1f5bc1, 0x7cd06422, 0xc9e7b797, 0xfbc08769, 0xbc60055b, 0x72bcd8b7,
    0x56e27e4b, 0x03cc23ee, 0xe4819370, 0xee337424, 0x0ad3da09, 0xe2aa0e43,
    0x6383c45d, 0x40b8524f, 0x42a41b25, 0xd7663554, 0x778a4797, 0x64efa6de,
    0x7079adf4, 0x2042170a,
};

/* ---- u256: plain 256-bit numbers ---- */

static void u256_load(uint32_t r[static 8], const uint8_t b[static 32])
{
    for (size_t i = 0; i < 8; i++) {
        r[i] = assay_load_be32(b + 28 - 4 * i);
    }
}

/* r = a where mask is ones, b where it is zero; r may be a or b. */
static void words_select(uint32_t *r, uint32_t mask, const uint32_t *a,
                         const uint32_t *b, int n_words)
{
    for (int i = 0; i < n_words; i++) {
        r[i] = ct_select(mask, a[i], b[i]);
    }
}

/* The barrier keeps the loop from becoming a call of memcpy. */
static void words_copy(uint32_t *r, const uint32_t *a, int n_words)
{
    for (int i = 0; i < n_words; i++) {
        r[i] = ct_barrier(a[i]);
    }
}

/* r = a + (mask & b) mod 2^256. ret: the carry, 0 or 1. */
static uint32_t u256_add_masked(uint32_t r[static 8],
                                const uint32_t a[static 8], uint32_t mask,
                                const uint32_t b[static 8])
{
    uint64_t c = 0;
    for (int i = 0; i < 8; i++) {
        c += (uint64_t)a[i] + (b[i] & ct_barrier(mask));
        r[i] = (uint32_t)c;
        c >>= 32;
    }
    return (uint32_t)c;
}

/* r = a - b mod 2^256. ret: 1 when a >= b, else 0. */
static uint32_t u256_sub(uint32_t r[static 8], const uint32_t a[static 8],
                         const uint32_t b[static 8])
{
    uint64_t c = 1;
    for (int i = 0; i < 8; i++) {
        c += (uint64_t)a[i] + (uint32_t)~b[i];
        r[i] = (uint32_t)c;
        c >>= 32;
    }
    return (uint32_t)c;
}

/* ret: all ones when a < b, else 0. */
static uint32_t u256_below(const uint32_t a[static 8],
                           const uint32_t b[static 8])
{
    uint32_t unused[8];
    return ~ct_mask_bit(u256_sub(unused, a, b));
}

/* ret: all ones when a == b, else 0. */
static uint32_t u256_equal(const uint32_t a[static 8],
                           const uint32_t b[static 8])
{
    uint32_t d = 0;
    for (int i = 0; i < 8; i++) {
        d |= a[i] ^ b[i];
    }
    return ct_mask_zero(d);
}

/* ret: all ones when a == 0, else 0. */
static uint32_t u256_zero(const uint32_t a[static 8])
{
    uint32_t d = 0;
    for (int i = 0; i < 8; i++) {
        d |= a[i];
    }
    return ct_mask_zero(d);
}

/* ---- scalars: arithmetic mod n ---- */

/* t[j] = column j of t + x b. It is at most 2^64 - 1 with the carry. */
#define ASSAY_COLUMN(j)                                                        \
    do {                                                                       \
        c = (uint64_t)x * b[j] + t[j] + (uint32_t)(c >> 32);                   \
        t[j] = (uint32_t)c;                                                    \
    } while (0)

/* t[0..7] += x b. ret: the carry. */
static uint32_t scalar_row(uint32_t t[static 8], uint32_t x,
                           const uint32_t b[static 8])
{
    uint64_t c = 0;
    ASSAY_COLUMN(0);
    ASSAY_COLUMN(1);
    ASSAY_COLUMN(2);
    ASSAY_COLUMN(3);
    ASSAY_COLUMN(4);
    ASSAY_COLUMN(5);
    ASSAY_COLUMN(6);
    ASSAY_COLUMN(7);
    return (uint32_t)(c >> 32);
}

/*
 * r = a b / 2^256 mod n. in: a is any 8 words, b < n. r may be a or b.
 * The sum before each division by 2^32 is a multiple of it; between rows it
 * stays below b + n < 2^257, so `high` is 0 or 1, and it ends below 2 n.
 */
static void scalar_mul(uint32_t r[static 8], const uint32_t a[static 8],
                       const uint32_t b[static 8])
{
    uint32_t t[16];
    uint32_t high = 0;
    for (int i = 0; i < 8; i++) {
        t[i] = ct_barrier(0); /* no call of memset */
    }
    for (int i = 0; i < 8; i++) {
        uint64_t c = high;
        c += scalar_row(t + i, a[i], b);
        c += scalar_row(t + i, t[i] * ASSAY_ORDER_INVERSE, order);
        t[i + 8] = (uint32_t)c;
        high = (uint32_t)(c >> 32);
    }
    high += u256_sub(r, t + 8, order);
    (void)u256_add_masked(r, r, high - 1, order);
}

/*
 * r = 2^512 / a mod n by a^(n-2): a and r carry the factor R. 0 for a = 0. The
 * exponent is a constant, so what depends on its digits is the same for all a.
 * power holds a, a^2, ... a^15 in the end. r and power are not a.
 */
static void scalar_invert(uint32_t r[static 8], const uint32_t a[static 8],
                          uint32_t power[static 15 * 8])
{
    words_copy(power, a, 8);
    for (int i = 8; i < 15 * 8; i += 8) {
        scalar_mul(power + i, power + i - 8, a);
    }
    /* The top digit of n - 2 is 15. */
    words_copy(r, power + 14 * 8, 8);
    for (int i = ASSAY_N_DIGITS - 2; i >= 0; i--) {
        uint32_t word = order[i / 8] - (i < 8 ? 2 : 0);
        uint32_t digit = (word >> (4 * (i % 8))) & 15;
        for (int j = 0; j < 4; j++) {
            scalar_mul(r, r, r);
        }
        if (digit > 0) {
            scalar_mul(r, r, power + 8 * (digit - 1));
        }
    }
}

/* ret: all ones when 1 <= a < n, else 0. */
static uint32_t scalar_in_range(const uint32_t a[static 8])
{
    return u256_below(a, order) & ~u256_zero(a);
}

/*
 * d = the 64 odd digits of k to the base 16: k = sum (2 v_i - 15) 16^i mod n
 * with v_i = bits 4 i to 4 i + 3 of d. in: k < n. d may be k.
 * Read bit by bit, a bit v of d stands for 2 v - 1: k = sum (2 v_j - 1) 2^j.
 * For odd k below 2^256 this is d = (k + 2^256 - 1) / 2. An even k is taken as
 * -(n - k), and the minus sign inverts every bit; so 0 becomes -n.
 */
static void scalar_recode(uint32_t d[static 8], const uint32_t k[static 8])
{
    uint32_t t[8];
    uint32_t even = ct_mask_bit(~k[0] & 1);
    (void)u256_sub(t, order, k);
    words_select(t, even, t, k, 8);
    for (int i = 0; i < 7; i++) {
        d[i] = (t[i] >> 1 | t[i + 1] << 31) ^ even;
    }
    d[7] = (t[7] >> 1 | 0x80000000) ^ even;
}

/*
 * d1, d2 = the digits of u1 = d1 / s and u2 = d2 / s mod n.
 * in: d1 is e, d2 is r, both any 8 words; work is free to write on.
 * 1/s comes with the factor R, which the products take out. As e and r lie
 * where u1 and u2 come to lie, a product that a fault leaves out still leaves
 * numbers that depend on them, and no forger can aim at those.
 */
static void scalars_prepare(uint32_t d1[static 8], uint32_t d2[static 8],
                            const uint32_t s[static 8],
                            uint32_t work[static 17 * 8])
{
    uint32_t *a = work;
    uint32_t *w = work + 8;
    scalar_mul(a, s, order_rr);
    scalar_invert(w, a, work + 16);
    scalar_mul(d1, d1, w);
    scalar_mul(d2, d2, w);
    scalar_recode(d1, d1);
    scalar_recode(d2, d2);
}

/* ---- points ---- */

/*
 * t = (x - zz) (x + zz) 3 / 2. For a point with X = x, Z^2 = zz this is Y Z
 * times the slope of the tangent, (3 x^2 - 3) / (2 y). zz is used up.
 */
static void point_tangent(uint32_t t[static 8], const uint32_t x[static 8],
                          uint32_t zz[static 8])
{
    assay_p256_fe_sub(t, x, zz);
    assay_p256_fe_add(zz, x, zz);
    assay_p256_fe_mul(t, t, zz);
    assay_p256_fe_half(zz, t);
    assay_p256_fe_add(t, t, zz);
}

/*
 * p = 2 p. With M = 3/2 (X - Z^2) (X + Z^2) and S = X Y^2:
 * X' = M^2 - 2 S, Y' = M (S - X') - Y^4, Z' = Y Z.
 * Infinity stays infinity; Y is never 0 on a point, because n is odd.
 */
static void point_double(uint32_t p[static 24])
{
    uint32_t *x = p;
    uint32_t *y = p + 8;
    uint32_t *z = p + 16;
    uint32_t m[8];
    uint32_t s[8];

    assay_p256_fe_sqr(s, z);
    point_tangent(m, x, s);
    assay_p256_fe_mul(z, z, y);
    assay_p256_fe_sqr(y, y);
    assay_p256_fe_mul(s, x, y);
    assay_p256_fe_sqr(y, y);
    assay_p256_fe_sqr(x, m);
    assay_p256_fe_sub(x, x, s);
    assay_p256_fe_sub(x, x, s);
    assay_p256_fe_sub(s, s, x);
    assay_p256_fe_mul(s, s, m);
    assay_p256_fe_sub(y, s, y);
}

/*
 * p = p + q for all points p, infinity, q and -q included.
 * in: q is not infinity; ASSAY_FORM_AFFINE says that its Z is the field's one.
 *
 * On the common denominator Z = Z1 Z2 let U1, S1 and U2, S2 be the coordinates
 * of p and q, H = U2 - U1, r = S2 - S1: the chord has the slope r / (H Z), and
 * with V = U1 H^2
 *   X' = r^2 - H^3 - 2 V, Y' = r (V - X') - S1 H^3, Z' = H Z.
 * p = -q: H = 0 and r != 0; Z' = 0 is right.
 * p = q: H = r = 0. With H = S1 and r = 3/2 (U1 - Z^2) (U1 + Z^2) the slope is
 *   the tangent's, and the same lines double p if the term H^3 of X', which
 *   stands for (U2 - U1) H^2, is left out.
 * p infinite: the result is q.
 */
static void point_add(uint32_t p[static 24], const uint32_t q[static 24],
                      enum form form)
{
    uint32_t *x = p;
    uint32_t *y = p + 8;
    uint32_t *z = p + 16;
    uint32_t h[8];
    uint32_t r[8];
    uint32_t t[8];
    uint32_t u[8];
    uint32_t infinite = u256_zero(z);
    uint32_t same;

    assay_p256_fe_sqr(u, z);
    assay_p256_fe_mul(h, q, u);
    assay_p256_fe_mul(r, z, u);
    assay_p256_fe_mul(r, r, q + 8);
    if (form == ASSAY_FORM_JACOBIAN) {
        assay_p256_fe_sqr(t, q + 16);
        assay_p256_fe_mul(u, u, t);
        assay_p256_fe_mul(x, x, t);
        assay_p256_fe_mul(t, t, q + 16);
        assay_p256_fe_mul(y, y, t);
        assay_p256_fe_mul(z, z, q + 16);
    }
    assay_p256_fe_sub(h, h, x);
    assay_p256_fe_sub(r, r, y);
    same = u256_zero(h) & u256_zero(r);
    point_tangent(t, x, u);
    words_select(r, same, t, r, 8);
    words_select(t, same, y, h, 8);

    assay_p256_fe_mul(z, z, t);
    assay_p256_fe_sqr(u, t);
    assay_p256_fe_mul(t, t, u);
    assay_p256_fe_mul(u, u, x);
    /* h = the term H^3: where p = q it is 0 already. */
    words_select(h, same, h, t, 8);
    assay_p256_fe_sqr(x, r);
    assay_p256_fe_sub(x, x, h);
    assay_p256_fe_sub(x, x, u);
    assay_p256_fe_sub(x, x, u);
    assay_p256_fe_sub(u, u, x);
    assay_p256_fe_mul(u, u, r);
    assay_p256_fe_mul(t, t, y);
    assay_p256_fe_sub(y, u, t);
    words_select(p, infinite, q, p, 24);
}

/*
 * r = the 8 words at table + index * stride. in: index < ASSAY_N_TABLE.
 * Every entry is read.
 */
static void words_lookup(uint32_t r[static 8], const uint32_t *table,
                         enum form stride, uint32_t index)
{
    uint32_t r0 = 0, r1 = 0, r2 = 0, r3 = 0, r4 = 0, r5 = 0, r6 = 0, r7 = 0;
    for (uint32_t k = 0; k < ASSAY_N_TABLE; k++) {
        uint32_t mask = ct_mask_equal(k, index);
        r0 |= mask & table[0];
        r1 |= mask & table[1];
        r2 |= mask & table[2];
        r3 |= mask & table[3];
        r4 |= mask & table[4];
        r5 |= mask & table[5];
        r6 |= mask & table[6];
        r7 |= mask & table[7];
        table += stride;
    }
    r[0] = r0;
    r[1] = r1;
    r[2] = r2;
    r[3] = r3;
    r[4] = r4;
    r[5] = r5;
    r[6] = r6;
    r[7] = r7;
}

/*
 * q = (2 v - 15) times the point whose odd multiples 1, 3, .. 15 the table
 * holds. in: v < 16; form: the words per entry; the other words of q stay.
 * v >= 8 is entry v - 8, v < 8 the negative of entry 7 - v.
 */
static void point_lookup(uint32_t q[static 24], const uint32_t *table,
                         enum form form, uint32_t v)
{
    static const uint32_t zero[8] = {0};
    uint32_t negative = ct_barrier((v >> 3) - 1);
    uint32_t index = (v ^ negative) & 7;
    uint32_t t[8];
    for (int i = 0; i < (int)form; i += 8) {
        words_lookup(q + i, table + i, form, index);
    }
    assay_p256_fe_sub(t, zero, q + 8);
    words_select(q + 8, negative, t, q + 8, 8);
}

/* table = Q, 3 Q, 5 Q, ... 15 Q. in: the first entry is Q. */
static void point_multiples(uint32_t *table)
{
    uint32_t twice[24];
    words_copy(twice, table, 24);
    point_double(twice);
    for (int k = 1; k < ASSAY_N_TABLE; k++) {
        words_copy(table + 24, table, 24);
        table += 24;
        point_add(table, twice, ASSAY_FORM_JACOBIAN);
    }
}

/*
 * p = u1 G + u2 Q, by windows of 4 bits over both scalars at once.
 * in: p is infinity; d1, d2: the digits of u1 and u2; table: the odd multiples
 * of Q.
 */
static void point_combine(uint32_t p[static 24], const uint32_t d1[static 8],
                          const uint32_t d2[static 8], const uint32_t *table)
{
    uint32_t t[24];
    for (int i = ASSAY_N_DIGITS - 1; i >= 0; i--) {
        int shift = 4 * (i % 8);
        for (int j = 0; j < 4; j++) {
            point_double(p);
        }
        words_copy(t + 16, field_one, 8);
        point_lookup(t, base_table, ASSAY_FORM_AFFINE,
                     (d1[i / 8] >> shift) & 15);
        point_add(p, t, ASSAY_FORM_AFFINE);
        point_lookup(t, table, ASSAY_FORM_JACOBIAN, (d2[i / 8] >> shift) & 15);
        point_add(p, t, ASSAY_FORM_JACOBIAN);
    }
}

/*
 * q = the public key, with the field's one as Z. ret: all ones when X and Y
 * are below p and Y^2 = X^3 - 3 X + b, else 0.
 */
static uint32_t point_load(uint32_t q[static 24], const uint8_t pub[static 64])
{
    uint32_t t[8];
    uint32_t u[8];
    uint32_t valid;

    u256_load(t, pub);
    u256_load(u, pub + 32);
    valid = u256_below(t, prime) & u256_below(u, prime);
    assay_p256_fe_mul(q, t, prime_rr);
    assay_p256_fe_mul(q + 8, u, prime_rr);
    words_copy(q + 16, field_one, 8);

    assay_p256_fe_sqr(t, q);
    assay_p256_fe_mul(t, t, q);
    assay_p256_fe_add(t, t, curve_b);
    for (int i = 0; i < 3; i++) {
        assay_p256_fe_sub(t, t, q);
    }
    assay_p256_fe_sqr(u, q + 8);
    return valid & u256_equal(t, u);
}

/*
 * ret: all ones when p is not infinity and its x, mod n, is r; else 0.
 * in: r < n. As x < p < 2 n, x is r, or r + n if that is below p; each is
 * compared on the denominator Z^2.
 */
static uint32_t point_has_x(const uint32_t p[static 24],
                            const uint32_t r[static 8])
{
    uint32_t zz[8];
    uint32_t t[8];
    uint32_t match;
    uint32_t second;

    assay_p256_fe_sqr(zz, p + 16);
    assay_p256_fe_mul(t, r, prime_rr);
    assay_p256_fe_mul(t, t, zz);
    match = u256_equal(t, p);

    second = ct_mask_bit(u256_add_masked(t, r, 0xffffffff, order) ^ 1);
    second &= u256_below(t, prime);
    assay_p256_fe_mul(t, t, prime_rr);
    assay_p256_fe_mul(t, t, zz);
    match |= second & u256_equal(t, p);
    return match & ~u256_zero(p + 16);
}

enum assay_status assay_p256_key_check(const uint8_t pub[static 64])
{
    uint32_t q[24];
    uint32_t status = ASSAY_KEY_INVALID;
    uint32_t key_valid = point_load(q, pub);
    status = ct_select(key_valid, ASSAY_OK, status);
    return (enum assay_status)status;
}

/*
 * The numbers are the steps of FIPS 186-5 6.4.2.
 *
 * The last comparison is made twice, and each result moves the status half of
 * the way from SIGNATURE_INVALID to OK, in the sense of exclusive or: whoever
 * skips one instruction of either arrives nowhere. The sum begins as infinity,
 * which is refused, and is used for nothing else.
 */
enum assay_status assay_p256_verify(const uint8_t pub[static 64],
                                    const uint8_t digest[static 32],
                                    const uint8_t sig[static 64])
{
    const uint32_t half = 0x5A3C96E1;
    const uint32_t rest = half ^ ASSAY_SIGNATURE_INVALID ^ ASSAY_OK;
    uint32_t table[ASSAY_N_TABLE * ASSAY_FORM_JACOBIAN];
    uint32_t sum[24];
    uint32_t d1[8];
    uint32_t d2[8];
    uint32_t r[8];
    uint32_t status = ASSAY_KEY_INVALID;

    /* 1. r and s are in 1 .. n-1. The table holds s until step 6. */
    u256_load(r, sig);
    u256_load(table, sig + 32);
    uint32_t valid = scalar_in_range(r) & scalar_in_range(table);

    /* 2. to 5. e, 1/s, u1 and u2 */
    u256_load(d1, digest);
    u256_load(d2, sig);
    scalars_prepare(d1, d2, table, table + 8);

    /* 6. the sum */
    for (int i = 0; i < 24; i++) {
        sum[i] = ct_barrier(0);
    }
    uint32_t key_valid = point_load(table, pub);
    point_multiples(table);
    point_combine(sum, d1, d2, table);

    /* 7., 8. r against its x */
    valid &= key_valid;
    uint32_t valid1 = ct_barrier(valid & point_has_x(sum, r));
    uint32_t valid2 = ct_barrier(valid & point_has_x(sum, r));

    status = ct_select(key_valid, ASSAY_SIGNATURE_INVALID, status);
    status ^= (valid1 & half) ^ (valid2 & rest);
    return (enum assay_status)status;
}
