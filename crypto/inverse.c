/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/inverse.h"

#include "base/ct.h"

/*
 * The inverse by division steps. With f odd, a step is
 *
 *     delta > 0 and g odd:  delta, f, g = 1 - delta, g, (g - f) / 2
 *     otherwise:            delta, f, g = 1 + delta, f, (g + (g mod 2) f) / 2
 *
 * It keeps gcd(f, g). We begin with f = M, the modulus, g = x and delta = 1/2.
 *
 * Bound: for every odd M < 2^256 and 0 <= g <= f = M, 590 steps reach g = 0,
 * hence f = 1 or -1 when x is prime to M. Bernstein and Yang begin with
 * delta = 1, and prove 741 steps for 256 bits (theorem 11.2); that 590 are
 * enough from delta = 1/2 is due to P. Wuille (safegcd-bounds, 2021), who
 * follows convex hulls of all f and g. proofs/divsteps.py does so anew. Steps
 * after g = 0 change neither f nor g, so that 600 do as well.
 *
 * Steps need only the lowest bits: 30 steps at a time are done on one word of
 * f and g, which gives a matrix t of integers with (f', g') = t (f, g) / 2^30.
 * Beside f and g go d and e with
 *
 *     a f = d x,  a g = e x  mod M,
 *
 * at first M and a; they are multiplied by the same matrix, and a multiple of M
 * is added that makes the division by 2^30 exact. In the end f = 1 or -1, so
 * that a / x = f d. For x = 0 the steps only halve g = 0, and d remains a
 * multiple of M.
 *
 * Limbs. A number is 9 limbs, least significant first; limb i counts 2^(30 i).
 * The limbs 0 .. 7 are from 0 to 2^30 - 1, limb 8 has the sign; as no number
 * reaches 2^260 in magnitude, it is below 2^20.
 *
 * A signed number shifted to the right keeps its sign, as our compilers define
 * it (C11 6.5.7 leaves it to them).
 */

enum { ASSAY_N_LIMBS = 9, ASSAY_N_BATCHES = 20, ASSAY_N_STEPS = 30 };

#define ASSAY_LIMB_MASK 0x3fffffff

/* A matrix of 30 steps: (u, v; q, r). |u| + |v| <= 2^30, |q| + |r| <= 2^30. */
struct steps {
    int32_t u, v, q, r;
};

/* The bits of a number from 30 i upwards begin 2 i bits below its word i. */
static void limbs_load(int32_t r[static 9], const uint32_t a[static 8])
{
    uint64_t c = 0;
    for (int i = 0; i < 8; i++) {
        c |= (uint64_t)a[i] << (2 * i);
        r[i] = (int32_t)(c & ASSAY_LIMB_MASK);
        c >>= 30;
    }
    r[8] = (int32_t)c;
}

/* in: 0 <= a < 2^256. */
static void limbs_store(uint32_t r[static 8], const int32_t a[static 9])
{
    for (int i = 0; i < 8; i++) {
        r[i] = (uint32_t)a[i] >> (2 * i) | (uint32_t)a[i + 1] << (30 - 2 * i);
    }
}

/* a = a + k m. in: |k| <= 8; m may be negative, and may be a. */
static void limbs_add(int32_t a[static 9], int32_t k, const int32_t m[static 9])
{
    int64_t c = 0;
    for (int i = 0; i < 8; i++) {
        c += (int64_t)k * m[i] + a[i];
        a[i] = (int32_t)c & ASSAY_LIMB_MASK;
        c >>= 30;
    }
    a[8] += (int32_t)c + k * m[8];
}

/*
 * t = the matrix of 30 steps from the lowest words f and g, times 2^30.
 * zeta is -(delta + 1/2), so that delta > 0 when zeta < 0; ret: the new one.
 * In row i f and g have 32 - i bits that count, more than the steps left.
 *
 * With odd = g mod 2 and swap = odd if delta > 0, else 0, a step is
 *     g = g + odd f, or g - odd f when delta > 0;  then  f = f + swap g,
 * because then g - f + f is the g from before; and then g = g / 2. The same
 * is done to the rows of the matrix; instead of halving the second, the first
 * is doubled.
 */
static int32_t steps_compute(struct steps *t, int32_t zeta, uint32_t f,
                             uint32_t g)
{
    uint32_t u = 1;
    uint32_t v = 0;
    uint32_t q = 0;
    uint32_t r = 1;
    uint32_t z = (uint32_t)zeta;
    for (int i = 0; i < ASSAY_N_STEPS; i++) {
        uint32_t odd = ct_mask_bit(g & 1);
        uint32_t swap = odd & ct_mask_bit(z >> 31);
        uint32_t sign = 2 * swap - odd;
        g += f * sign;
        q += u * sign;
        r += v * sign;
        f -= g * swap;
        u -= q * swap;
        v -= r * swap;
        z = (z ^ swap) - 1;
        g >>= 1;
        u <<= 1;
        v <<= 1;
    }
    t->u = (int32_t)u;
    t->v = (int32_t)v;
    t->q = (int32_t)q;
    t->r = (int32_t)r;
    return (int32_t)z;
}

/*
 * The k from -2^29 to 2^29 - 1 with c + k m = 0 mod 2^30, for the m of this
 * inverse.
 */
static int32_t steps_cancel(int64_t c, uint32_t inverse)
{
    return (int32_t)(0 - (uint32_t)c * inverse * 4) >> 2;
}

/*
 * x, y = (u x + v y + k m) / 2^30, (q x + r y + l m) / 2^30 with k, l from
 * -2^29 to 2^29 - 1 such that the division is exact. If it is exact without m,
 * as for f and g, then k = l = 0.
 * c and e stay below 2^60 + 2^59 + 2^32 in magnitude. If |x| and |y| are at
 * most B, they are at most B + m / 2 afterwards.
 */
static void steps_apply(const struct steps *t, int32_t x[static 9],
                        int32_t y[static 9], const int32_t m[static 9],
                        uint32_t inverse)
{
    int64_t c = (int64_t)t->u * x[0] + (int64_t)t->v * y[0];
    int64_t e = (int64_t)t->q * x[0] + (int64_t)t->r * y[0];
    int32_t k = steps_cancel(c, inverse);
    int32_t l = steps_cancel(e, inverse);
    c += (int64_t)k * m[0];
    e += (int64_t)l * m[0];
    for (int i = 1; i < ASSAY_N_LIMBS; i++) {
        c = (c >> 30) + (int64_t)t->u * x[i] + (int64_t)t->v * y[i];
        e = (e >> 30) + (int64_t)t->q * x[i] + (int64_t)t->r * y[i];
        c += (int64_t)k * m[i];
        e += (int64_t)l * m[i];
        x[i - 1] = (int32_t)c & ASSAY_LIMB_MASK;
        y[i - 1] = (int32_t)e & ASSAY_LIMB_MASK;
    }
    x[8] = (int32_t)(c >> 30);
    y[8] = (int32_t)(e >> 30);
}

/*
 * r = d or -d mod m; d is lost. in: sign: -1 for minus, else 0; |d| < 16 m.
 * The loop brings |d| below 8 m, 4 m, 2 m, and then to -m .. m - 1: it adds a
 * multiple of m with the sign opposite to that of d.
 */
static void limbs_finish(uint32_t r[static 8], int32_t d[static 9],
                         int32_t sign, const int32_t m[static 9])
{
    limbs_add(d, 2 * sign, d);
    for (int32_t k = 8; k > 0; k /= 2) {
        limbs_add(d, -k - 2 * k * (d[8] >> 31), m);
    }
    limbs_add(d, -(d[8] >> 31), m);
    limbs_store(r, d);
}

/*
 * |d| and |e| are below 6 m at first, and below 16 m after 20 batches; |f| and
 * |g| do not exceed m.
 * A numerator is loaded twice: if a fault left it out, what lies in its place
 * could be 0, and anyone can sign a digest of 0. The barrier keeps the first
 * load from being optimised away.
 */
uint32_t assay_inverse_quotients(uint32_t *r, const uint32_t *a, int n_numbers,
                                 const uint32_t x[static 8],
                                 const struct assay_inverse_modulus *modulus)
{
    uint32_t n_taken = 0;
    int32_t m[9];
    int32_t f[9];
    int32_t g[9];
    int32_t d[2][9];
    int32_t e[2][9];
    struct steps t;
    int32_t zeta = -1;

    limbs_load(m, modulus->modulus);
    limbs_load(f, modulus->modulus);
    limbs_load(g, x);
    for (int k = 0; k < n_numbers; k++) {
        limbs_load(d[k], modulus->modulus);
        limbs_load(e[k], a + 8 * k);
        limbs_load(e[k] + ct_barrier(0), a + 8 * k);
        n_taken = ct_barrier(n_taken + 1);
    }
    for (int i = 0; i < ASSAY_N_BATCHES; i++) {
        zeta = steps_compute(&t, zeta, (uint32_t)f[0] | (uint32_t)f[1] << 30,
                             (uint32_t)g[0] | (uint32_t)g[1] << 30);
        steps_apply(&t, f, g, m, modulus->inverse);
        for (int k = 0; k < n_numbers; k++) {
            steps_apply(&t, d[k], e[k], m, modulus->inverse);
        }
    }
    for (int k = 0; k < n_numbers; k++) {
        limbs_finish(r + 8 * k, d[k], f[8] >> 31, m);
    }
    return n_taken - (uint32_t)n_numbers - 1;
}
