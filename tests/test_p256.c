/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <criterion/criterion.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/p256.h"
#include "tests/numbers.h"
#include "tests/shared.h"
#include "tests/vectors.h"

/* ---- small helpers ---- */

/* ---- vectors ---- */

Test(p256, vectors_match)
{
    static struct vectors v;
    int more = vectors_open(&v, "vectors/p256.txt");
    unsigned n_seen[3] = {0, 0, 0};
    while (more == 1 && (more = vectors_next(&v)) == 1) {
        uint8_t pub[64];
        uint8_t digest[32];
        uint8_t sig[64];
        const char *id = vectors_get(&v, "id");
        long want = vectors_status(vectors_get(&v, "want"));
        cr_assert_eq(vectors_hex(&v, "pub", pub, 64), 64, "%s", id);
        cr_assert_eq(vectors_hex(&v, "digest", digest, 32), 32, "%s", id);
        cr_assert_eq(vectors_hex(&v, "sig", sig, 64), 64, "%s", id);
        cr_assert_eq((long)assay_p256_verify(pub, digest, sig), want, "%s", id);
        cr_assert_eq(assay_p256_key_check(pub),
                     want == ASSAY_KEY_INVALID ? ASSAY_KEY_INVALID : ASSAY_OK,
                     "%s", id);
        n_seen[want == ASSAY_OK ? 0 : want == ASSAY_KEY_INVALID ? 1 : 2]++;
    }
    vectors_close(&v);
    cr_assert_eq(more, 0, "%s", v.error);
    cr_assert(n_seen[0] > 0 && n_seen[1] > 0 && n_seen[2] > 0);
}

enum { N_COLUMNS = 9 };

/* Split a line at its tabs, empty fields kept. ret: the number of fields. */
static size_t columns(char *line, char *column[N_COLUMNS])
{
    size_t n = 0;
    line[strcspn(line, "\n")] = '\0';
    while (n < N_COLUMNS) {
        column[n] = line;
        n++;
        line += strcspn(line, "\t");
        if (*line == '\0') {
            break;
        }
        *line = '\0';
        line++;
    }
    return n;
}

/*
 * What a caller of the verifier does with a row: lengths first. The digest as
 * ECDSA takes it: the leftmost 256 bits, a shorter one as a number.
 */
static int accepts(const char *key, const char *hash, const char *signature)
{
    uint8_t pub[65];
    uint8_t sig[64];
    uint8_t long_digest[64];
    uint8_t digest[32] = {0};
    long digest_len = shared_hex(long_digest, sizeof long_digest, hash);
    if (shared_hex(pub, sizeof pub, key) != 65 || pub[0] != 4 ||
        shared_hex(sig, sizeof sig, signature) != 64) {
        return 0;
    }
    cr_assert_geq(digest_len, 0);
    size_t len = digest_len > 32 ? 32 : (size_t)digest_len;
    memcpy(digest + 32 - len, long_digest, len);
    return assay_p256_verify(pub + 1, digest, sig) == ASSAY_OK;
}

static int accepts_key(const char *key)
{
    uint8_t pub[65];
    return shared_hex(pub, sizeof pub, key) == 65 && pub[0] == 4 &&
           assay_p256_key_check(pub + 1) == ASSAY_OK;
}

/* The rows of a table of signatures (9 columns) or of keys (5 columns). */
static void check_table(const char *name, unsigned want_rows, size_t n_columns)
{
    char path[512];
    char *line = NULL;
    size_t room = 0;
    unsigned n_rows = 0;
    if (!shared_path(path, sizeof path, name)) {
        shared_skip("p256", want_rows, name);
        return;
    }
    FILE *f = fopen(path, "r");
    cr_assert_not_null(f);
    while (getline(&line, &room, f) > 0) {
        char *column[N_COLUMNS] = {NULL};
        int got;
        if (line[0] == '#') {
            continue;
        }
        cr_assert_eq(columns(line, column), n_columns);
        got = n_columns == 9 ? accepts(column[3], column[5], column[6])
                             : accepts_key(column[2]);
        cr_assert_eq(got, column[n_columns == 9 ? 7 : 3][0] == '1', "%s %s",
                     column[0], column[1]);
        n_rows++;
    }
    free(line);
    fclose(f);
    cr_assert_eq(n_rows, want_rows);
}

Test(p256, wycheproof_signatures_match)
{
    check_table("vectors/p256_raw.tsv", 262, 9);
}

Test(p256, cavp_signatures_match)
{
    check_table("vectors/p256_cavp.tsv", 153, 9);
}

Test(p256, published_keys_match)
{
    check_table("vectors/p256_pubkey.tsv", 103, 5);
}

/* ---- the same cases to OpenSSL ---- */

enum { N_KEYS = 16, N_KINDS = 16, N_EDGES = 13 };

struct curve {
    BN_CTX *ctx;
    EC_GROUP *group;
    EC_POINT *point;
    BIGNUM *n;
    BIGNUM *edge[N_EDGES];  /* numbers at the edges of 1 .. n-1 and of 2^256 */
    BIGNUM *secret[N_KEYS]; /* private keys */
    uint8_t pub[N_KEYS][64];
    EVP_PKEY *key[N_KEYS];
};

struct one_case {
    size_t key;
    uint8_t pub[64];
    uint8_t digest[32];
    uint8_t sig[64];
};

static void to_bytes(uint8_t out[static 32], const BIGNUM *x)
{
    cr_assert_eq(BN_bn2binpad(x, out, 32), 32);
}

/* ret: the key, or NULL when OpenSSL does not take the point. */
static EVP_PKEY *key_from(const uint8_t pub[static 64])
{
    uint8_t point[65] = {4};
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    char group[] = "prime256v1";
    memcpy(point + 1, pub, 64);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 65),
        OSSL_PARAM_construct_end()};
    cr_assert_not_null(ctx);
    cr_assert_eq(EVP_PKEY_fromdata_init(ctx), 1);
    if (EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    return key;
}

/* x = x(k G) mod n */
static void nonce_point(struct curve *c, BIGNUM *x, const BIGNUM *k)
{
    cr_assert(EC_POINT_mul(c->group, c->point, k, NULL, NULL, c->ctx));
    cr_assert(
        EC_POINT_get_affine_coordinates(c->group, c->point, x, NULL, c->ctx));
    cr_assert(BN_nnmod(x, x, c->n, c->ctx));
}

static void curve_open(struct curve *c)
{
    static const char *const edge[N_EDGES] = {
        "0", "1", "2",
        /* n - 2 .. n + 1 */
        "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC63254F",
        "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550",
        "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551",
        "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632552",
        /* p - 1, p */
        "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFE",
        "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        "8000000000000000000000000000000000000000000000000000000000000000",
        "100000000000000000000000000000000",
        /* p - n */
        "4319055358E8617B0C46353D039CDAAE"};
    c->ctx = BN_CTX_new();
    c->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    c->point = EC_POINT_new(c->group);
    c->n = BN_dup(EC_GROUP_get0_order(c->group));
    for (size_t i = 0; i < N_EDGES; i++) {
        c->edge[i] = NULL;
        cr_assert(BN_hex2bn(&c->edge[i], edge[i]));
    }
    for (size_t i = 0; i < N_KEYS; i++) {
        uint8_t bytes[65];
        /* Half of the keys are small multiples of G and their negatives. */
        random_bytes(bytes, 32);
        c->secret[i] = BN_bin2bn(bytes, 32, NULL);
        if (i < N_KEYS / 2) {
            cr_assert(BN_set_word(c->secret[i], 1 + i / 2));
            BN_set_negative(c->secret[i], (int)(i % 2));
        }
        cr_assert(BN_nnmod(c->secret[i], c->secret[i], c->n, c->ctx));
        cr_assert(
            EC_POINT_mul(c->group, c->point, c->secret[i], NULL, NULL, c->ctx));
        cr_assert_eq(EC_POINT_point2oct(c->group, c->point,
                                        POINT_CONVERSION_UNCOMPRESSED, bytes,
                                        65, c->ctx),
                     65);
        memcpy(c->pub[i], bytes + 1, 64);
        c->key[i] = key_from(c->pub[i]);
        cr_assert_not_null(c->key[i]);
    }
}

static void curve_close(struct curve *c)
{
    for (size_t i = 0; i < N_EDGES; i++) {
        BN_free(c->edge[i]);
    }
    for (size_t i = 0; i < N_KEYS; i++) {
        BN_free(c->secret[i]);
        EVP_PKEY_free(c->key[i]);
    }
    BN_free(c->n);
    EC_POINT_free(c->point);
    EC_GROUP_free(c->group);
    BN_CTX_free(c->ctx);
}

/* A valid signature of t->digest; kind 15 takes small nonces. */
static void sign(struct curve *c, struct one_case *t, unsigned kind)
{
    uint8_t bytes[32];
    BIGNUM *k = BN_new();
    BIGNUM *r = BN_new();
    BIGNUM *s = BN_bin2bn(t->digest, 32, NULL);
    random_bytes(bytes, 32);
    cr_assert_not_null(BN_bin2bn(bytes, kind == 15 ? 1 : 32, k));
    cr_assert(BN_nnmod(k, k, c->n, c->ctx) && BN_add_word(k, 1));
    nonce_point(c, r, k);
    to_bytes(t->sig, r);
    cr_assert_not_null(BN_mod_inverse(k, k, c->n, c->ctx));
    cr_assert(BN_mod_mul(r, r, c->secret[t->key], c->n, c->ctx));
    cr_assert(BN_mod_add(s, s, r, c->n, c->ctx));
    cr_assert(BN_mod_mul(s, s, k, c->n, c->ctx));
    to_bytes(t->sig + 32, s);
    BN_free(k);
    BN_free(r);
    BN_free(s);
}

/* u1 G = u2 Q, or with negate u1 G = -u2 Q: then the sum is infinity. */
static void sign_exceptional(struct curve *c, struct one_case *t, int negate)
{
    uint8_t bytes[32];
    BIGNUM *u1 = BN_new();
    BIGNUM *r = BN_new();
    BIGNUM *s = BN_new();
    random_bytes(bytes, 32);
    BIGNUM *u2 = BN_bin2bn(bytes, 32, NULL);
    cr_assert(BN_mod_mul(u1, u2, c->secret[t->key], c->n, c->ctx));
    if (negate) {
        cr_assert(BN_sub(u1, c->n, u1));
        cr_assert(BN_set_word(r, 1 + random_word() % 1000));
    } else {
        cr_assert(BN_mod_lshift1(r, u1, c->n, c->ctx));
        nonce_point(c, r, r);
    }
    to_bytes(t->sig, r);
    cr_assert_not_null(BN_mod_inverse(s, u2, c->n, c->ctx));
    cr_assert(BN_mod_mul(s, s, r, c->n, c->ctx));
    to_bytes(t->sig + 32, s);
    cr_assert(BN_mod_mul(s, s, u1, c->n, c->ctx));
    to_bytes(t->digest, s);
    BN_free(u1);
    BN_free(u2);
    BN_free(r);
    BN_free(s);
}

static void flip_bit(uint8_t *bytes, size_t len)
{
    bytes[random_word() % len] ^= (uint8_t)(1u << random_word() % 8);
}

static void make_edge(const struct curve *c, uint8_t out[static 32])
{
    to_bytes(out, c->edge[random_word() % N_EDGES]);
}

/* s becomes n - s when s <= n. */
static void negate(const struct curve *c, uint8_t s[static 32])
{
    BIGNUM *x = BN_bin2bn(s, 32, NULL);
    cr_assert(BN_sub(x, c->n, x));
    to_bytes(s, x);
    BN_free(x);
}

static void make_case(struct curve *c, struct one_case *t, unsigned kind)
{
    t->key = random_word() % N_KEYS;
    memcpy(t->pub, c->pub[t->key], 64);
    random_bytes(t->digest, 32);
    if (kind == 9) {
        make_edge(c, t->digest);
    }
    if (kind == 10 || kind == 11) {
        sign_exceptional(c, t, kind == 11);
        return;
    }
    sign(c, t, kind);
    if (kind == 1) {
        flip_bit(t->sig, 64);
    } else if (kind == 2) {
        flip_bit(t->digest, 32);
    } else if (kind == 3) {
        flip_bit(t->pub, 64);
    } else if (kind == 4) {
        uint8_t r[32];
        memcpy(r, t->sig, 32);
        memcpy(t->sig, t->sig + 32, 32);
        memcpy(t->sig + 32, r, 32);
    } else if (kind == 5) {
        negate(c, t->sig + 32);
    } else if (kind == 6) {
        make_edge(c, t->sig);
    } else if (kind == 7) {
        make_edge(c, t->sig + 32);
    } else if (kind == 8) {
        make_edge(c, t->sig);
        make_edge(c, t->sig + 32);
    } else if (kind == 12) {
        random_bytes(t->sig, 64);
    } else if (kind == 13) {
        t->key = (t->key + 1) % N_KEYS;
        memcpy(t->pub, c->pub[t->key], 64);
    } else if (kind == 14) {
        negate(c, t->sig);
    }
}

/* What OpenSSL says, in our words. */
static enum assay_status reference(struct curve *c, const struct one_case *t)
{
    enum assay_status status = ASSAY_SIGNATURE_INVALID;
    unsigned char *der = NULL;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    int same = memcmp(t->pub, c->pub[t->key], 64) == 0;
    EVP_PKEY *key = same ? c->key[t->key] : key_from(t->pub);
    cr_assert(ECDSA_SIG_set0(sig, BN_bin2bn(t->sig, 32, NULL),
                             BN_bin2bn(t->sig + 32, 32, NULL)));
    int der_len = i2d_ECDSA_SIG(sig, &der);
    cr_assert_gt(der_len, 0);
    if (key == NULL) {
        status = ASSAY_KEY_INVALID;
    } else {
        EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
        cr_assert_eq(EVP_PKEY_verify_init(ctx), 1);
        if (EVP_PKEY_verify(ctx, der, (size_t)der_len, t->digest, 32) == 1) {
            status = ASSAY_OK;
        }
        EVP_PKEY_CTX_free(ctx);
    }
    if (!same) {
        EVP_PKEY_free(key);
    }
    ECDSA_SIG_free(sig);
    OPENSSL_free(der);
    return status;
}

Test(p256, agrees_with_openssl)
{
    static struct curve c;
    const char *want_long = getenv("ASSAY_LONG");
    unsigned n_cases = want_long && strcmp(want_long, "1") == 0 ? 100000 : 2000;
    unsigned n_ok = 0;
    unsigned n_key = 0;
    curve_open(&c);
    for (unsigned i = 0; i < n_cases; i++) {
        struct one_case t;
        make_case(&c, &t, i % N_KINDS);
        enum assay_status want = reference(&c, &t);
        cr_assert_eq(assay_p256_verify(t.pub, t.digest, t.sig), want,
                     "case %u of kind %u", i, i % N_KINDS);
        cr_assert_eq(assay_p256_key_check(t.pub),
                     want == ASSAY_KEY_INVALID ? want : ASSAY_OK);
        n_ok += want == ASSAY_OK;
        n_key += want == ASSAY_KEY_INVALID;
    }
    curve_close(&c);
    /* Kinds 0, 5, 9, 10, 15 are valid; 3 has an invalid key. */
    cr_assert_geq(n_ok, 5 * (n_cases / N_KINDS));
    cr_assert_geq(n_key, n_cases / N_KINDS - 2);
    fprintf(stderr, "P-256: %u cases agree with OpenSSL\n", n_cases);
}
