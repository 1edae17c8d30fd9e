/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/keys.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include "base/bytes.h"

/*
 * Every window is tried with the equation of the curve, y^2 = x^3 + ax + b.
 * All numbers are in Montgomery form, so one try costs five multiplications
 * of 256 bits; nothing is allocated inside the loop.
 */

enum { WINDOW_LEN = 64, HALF_LEN = 32 };

struct curve {
    BN_CTX *ctx;
    BN_MONT_CTX *mont;
    EC_GROUP *group;
    BIGNUM *p;
    BIGNUM *a; /* Montgomery form */
    BIGNUM *b; /* Montgomery form */
    BIGNUM *x;
    BIGNUM *y;
    BIGNUM *right; /* scratch: the right side of the equation */
};

static void curve_close(struct curve *c)
{
    if (c->ctx != NULL) {
        BN_CTX_end(c->ctx);
    }
    BN_MONT_CTX_free(c->mont);
    BN_CTX_free(c->ctx);
    EC_GROUP_free(c->group);
    ERR_clear_error();
}

/* ret: 1, or 0 when there is no memory; then curve_close is due all the same.*/
static int curve_open(struct curve *c)
{
    *c = (struct curve){0};
    c->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    c->mont = BN_MONT_CTX_new();
    c->ctx = BN_CTX_new();
    if (c->ctx == NULL) {
        return 0;
    }
    BN_CTX_start(c->ctx);
    c->p = BN_CTX_get(c->ctx);
    c->a = BN_CTX_get(c->ctx);
    c->b = BN_CTX_get(c->ctx);
    c->x = BN_CTX_get(c->ctx);
    c->y = BN_CTX_get(c->ctx);
    c->right = BN_CTX_get(c->ctx);
    return c->right != NULL && c->group != NULL && c->mont != NULL &&
           EC_GROUP_get_curve(c->group, c->p, c->a, c->b, c->ctx) == 1 &&
           BN_MONT_CTX_set(c->mont, c->p, c->ctx) == 1 &&
           BN_to_montgomery(c->a, c->a, c->mont, c->ctx) == 1 &&
           BN_to_montgomery(c->b, c->b, c->mont, c->ctx) == 1;
}

/*
 * in: c->x and c->y: coordinates in ordinary form.
 * ret: 1 on the curve, 0 not, -1 when OpenSSL has no memory.
 */
static int curve_has(struct curve *c)
{
    if (BN_ucmp(c->x, c->p) >= 0 || BN_ucmp(c->y, c->p) >= 0) {
        return 0;
    }
    int done =
        BN_to_montgomery(c->x, c->x, c->mont, c->ctx) == 1 &&
        BN_to_montgomery(c->y, c->y, c->mont, c->ctx) == 1 &&
        BN_mod_mul_montgomery(c->y, c->y, c->y, c->mont, c->ctx) == 1 &&
        BN_mod_mul_montgomery(c->right, c->x, c->x, c->mont, c->ctx) == 1 &&
        BN_mod_add_quick(c->right, c->right, c->a, c->p) == 1 &&
        BN_mod_mul_montgomery(c->right, c->right, c->x, c->mont, c->ctx) == 1 &&
        BN_mod_add_quick(c->right, c->right, c->b, c->p) == 1;
    return done ? BN_ucmp(c->right, c->y) == 0 : -1;
}

/*
 * Half a window that is mostly erased or padding: two words of 8 that are all
 * zeros or all ones. A coordinate looks like this with probability 2^-57.
 */
static int is_blank(const uint8_t half[static HALF_LEN])
{
    unsigned n_blank = 0;
    for (size_t i = 0; i < HALF_LEN; i += 4) {
        uint32_t word = assay_load_le32(half + i);
        n_blank += word == 0 || word == UINT32_MAX;
    }
    return n_blank >= 2;
}

/* ret: as curve_has. */
static int window_has(struct curve *c, const uint8_t w[static WINDOW_LEN],
                      enum assay_key_order order)
{
    int is_little = order == ASSAY_KEY_LITTLE_ENDIAN;
    BIGNUM *x = is_little ? BN_lebin2bn(w, HALF_LEN, c->x)
                          : BN_bin2bn(w, HALF_LEN, c->x);
    BIGNUM *y = is_little ? BN_lebin2bn(w + HALF_LEN, HALF_LEN, c->y)
                          : BN_bin2bn(w + HALF_LEN, HALF_LEN, c->y);
    return x != NULL && y != NULL ? curve_has(c) : -1;
}

static void list_add(struct assay_found_keys *out, size_t off,
                     const uint8_t w[static WINDOW_LEN],
                     enum assay_key_order order)
{
    if (out->n_keys == ASSAY_FOUND_KEYS_MAX) {
        out->n_more++;
        return;
    }
    struct assay_found_key *found = &out->key[out->n_keys++];
    *found = (struct assay_found_key){.off = off, .order = order};
    found->key.algorithm = ASSAY_P256;
    for (size_t i = 0; i < HALF_LEN; i++) {
        size_t from = order == ASSAY_KEY_LITTLE_ENDIAN ? HALF_LEN - 1 - i : i;
        found->key.bytes[i] = w[from];
        found->key.bytes[HALF_LEN + i] = w[HALF_LEN + from];
    }
    found->published = assay_published_key_name(&found->key);
}

/* ret: 1, or 0 when there is no memory. */
static int scan_window(struct curve *c, size_t off,
                       const uint8_t w[static WINDOW_LEN],
                       struct assay_found_keys *out)
{
    static const enum assay_key_order ORDERS[] = {ASSAY_KEY_LITTLE_ENDIAN,
                                                  ASSAY_KEY_BIG_ENDIAN};
    for (size_t i = 0; i < sizeof ORDERS / sizeof ORDERS[0]; i++) {
        int has = window_has(c, w, ORDERS[i]);
        if (has < 0) {
            return 0;
        }
        if (has) {
            list_add(out, off, w, ORDERS[i]);
        }
    }
    return 1;
}

enum assay_status assay_key_find(struct assay_slice image,
                                 enum assay_find_step step,
                                 struct assay_found_keys *out,
                                 struct assay_diag *diag)
{
    *out = (struct assay_found_keys){0};
    struct curve c;
    int going = curve_open(&c);
    size_t n_offsets = image.len >= WINDOW_LEN ? image.len - WINDOW_LEN + 1 : 0;
    size_t stride = step == ASSAY_FIND_WORDS ? 4 : 1;
    for (size_t off = 0; going && off < n_offsets; off += stride) {
        const uint8_t *w = image.p + off;
        if (!is_blank(w) && !is_blank(w + HALF_LEN)) {
            going = scan_window(&c, off, w, out);
        }
    }
    curve_close(&c);
    if (!going) {
        return assay_diag_set(diag, ASSAY_MEMORY,
                              "the curve arithmetic stopped");
    }
    if (out->n_keys == 0) {
        return assay_diag_set(diag, ASSAY_KEYFILE_NONE_FOUND,
                              "none of %zu places in %zu bytes holds a point "
                              "of the curve P-256",
                              (n_offsets + stride - 1) / stride, image.len);
    }
    return ASSAY_OK;
}
