/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sodium.h>

#include "tests/shared.h"
#include "verifier/published.h"

#define HEAD(name, head, tail) {ASSAY_PUBLISHED_BYTES head},
#define FULL(name, head, tail)                                                 \
    {name, {ASSAY_PUBLISHED_BYTES head, ASSAY_PUBLISHED_BYTES tail}},

static const uint8_t HEADS[][8] = {ASSAY_PUBLISHED_KEYS(HEAD)
                                       ASSAY_PUBLISHED_ED25519_KEYS(HEAD)};
static const struct {
    const char *name;
    uint8_t bytes[64];
} PUBLISHED_P256[] = {ASSAY_PUBLISHED_KEYS(FULL)};
static const struct {
    const char *name;
    uint8_t bytes[32];
} PUBLISHED_ED25519[] = {ASSAY_PUBLISHED_ED25519_KEYS(FULL)};

#define N_OF(array) (sizeof(array) / sizeof(array)[0])

static const char PASS[] = "correct horse";

static struct assay_slice text(const char *s)
{
    return assay_slice((const uint8_t *)s, strlen(s));
}

static struct assay_passphrase pass_of(const char *s)
{
    return (struct assay_passphrase){.bytes = text(s)};
}

static void expect_bytes(struct assay_slice got, struct assay_slice want)
{
    cr_assert_eq(got.len, want.len, "%zu bytes, not %zu:\n%.*s", got.len,
                 want.len, (int)got.len, (const char *)got.p);
    cr_assert_arr_eq(got.p, want.p, got.len);
}

static void expect_same_public(const struct assay_public_key *a,
                               const struct assay_public_key *b)
{
    cr_assert_eq(a->algorithm, b->algorithm);
    cr_assert_arr_eq(a->bytes, b->bytes, sizeof a->bytes);
}

static void expect_same_private(const struct assay_private_key *a,
                                const struct assay_private_key *b)
{
    cr_assert_arr_eq(a->secret, b->secret, sizeof a->secret);
    expect_same_public(&a->public_key, &b->public_key);
}

static enum assay_status public_status(struct assay_slice data)
{
    struct assay_public_key key;
    struct assay_diag diag = {0};
    enum assay_status status = assay_public_key_parse(data, &key, &diag);
    cr_expect_eq(diag.status, status == ASSAY_OK ? 0 : status);
    return status;
}

static enum assay_status private_status(struct assay_slice data,
                                        const char *pass)
{
    struct assay_private_key key;
    struct assay_diag diag = {0};
    struct assay_passphrase p = pass_of(pass == NULL ? "" : pass);
    enum assay_status status =
        assay_private_key_parse(data, pass == NULL ? NULL : &p, &key, &diag);
    cr_expect_eq(diag.status, status == ASSAY_OK ? 0 : status);
    return status;
}

/* OpenSSL's keys and texts, the peer of these tests. */

static void take_bio(BIO *bio, struct assay_buffer *out)
{
    char *p;
    long len = BIO_get_mem_data(bio, &p);
    *out = (struct assay_buffer){0};
    cr_assert_eq(assay_buffer_append(
                     out, assay_slice((const uint8_t *)p, (size_t)len), NULL),
                 ASSAY_OK);
    (void)BIO_free(bio);
}

enum peer_form {
    PEER_SPKI,
    PEER_SPKI_DER,
    PEER_PKCS8,
    PEER_PKCS8_DER,
    PEER_PKCS8_AES,
    PEER_PKCS8_3DES,
    PEER_TRADITIONAL,
    PEER_TRADITIONAL_AES,
    PEER_TRADITIONAL_DER
};

static void peer_write(EVP_PKEY *pkey, enum peer_form form,
                       struct assay_buffer *out)
{
    BIO *bio = BIO_new(BIO_s_mem());
    int len = (int)strlen(PASS);
    int done = 0;
    switch (form) {
    case PEER_SPKI:
        done = PEM_write_bio_PUBKEY(bio, pkey);
        break;
    case PEER_SPKI_DER:
        done = i2d_PUBKEY_bio(bio, pkey);
        break;
    case PEER_PKCS8:
        done =
            PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
        break;
    case PEER_PKCS8_DER:
        done = i2d_PKCS8PrivateKey_bio(bio, pkey, NULL, NULL, 0, NULL, NULL);
        break;
    case PEER_PKCS8_AES:
        done = PEM_write_bio_PKCS8PrivateKey(bio, pkey, EVP_aes_256_cbc(), PASS,
                                             len, NULL, NULL);
        break;
    case PEER_PKCS8_3DES:
        done = PEM_write_bio_PKCS8PrivateKey(bio, pkey, EVP_des_ede3_cbc(),
                                             PASS, len, NULL, NULL);
        break;
    case PEER_TRADITIONAL:
        done = PEM_write_bio_PrivateKey_traditional(bio, pkey, NULL, NULL, 0,
                                                    NULL, NULL);
        break;
    case PEER_TRADITIONAL_AES:
        done = PEM_write_bio_PrivateKey_traditional(
            bio, pkey, EVP_aes_128_cbc(), (const unsigned char *)PASS, len,
            NULL, NULL);
        break;
    case PEER_TRADITIONAL_DER:
        done = i2d_PrivateKey_bio(bio, pkey);
        break;
    default:
        break;
    }
    cr_assert_eq(done, 1);
    take_bio(bio, out);
}

/* P-256 with the parameters of the curve written out. */
static EVP_PKEY *peer_explicit(void)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    char group[] = "P-256";
    char encoding[] = "explicit";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_EC_ENCODING, encoding,
                                         0),
        OSSL_PARAM_construct_end()};
    EVP_PKEY *pkey = NULL;
    cr_assert_eq(EVP_PKEY_keygen_init(ctx), 1);
    cr_assert_eq(EVP_PKEY_CTX_set_params(ctx, parameters), 1);
    cr_assert_eq(EVP_PKEY_generate(ctx, &pkey), 1);
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

static void peer_public(const EVP_PKEY *pkey, struct assay_public_key *out)
{
    *out = (struct assay_public_key){0};
    uint8_t point[65];
    size_t len = 0;
    if (EVP_PKEY_is_a(pkey, "ED25519")) {
        out->algorithm = ASSAY_ED25519;
        len = 32;
        cr_assert_eq(EVP_PKEY_get_raw_public_key(pkey, out->bytes, &len), 1);
        return;
    }
    out->algorithm = ASSAY_P256;
    cr_assert_eq(EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY,
                                                 point, sizeof point, &len),
                 1);
    cr_assert_eq(len, sizeof point);
    memcpy(out->bytes, point + 1, 64);
}

static int peer_answer(char *buffer, int size, int writing, void *pass)
{
    (void)writing;
    cr_assert_leq((int)strlen(pass), size);
    memcpy(buffer, pass, strlen(pass));
    return (int)strlen(pass);
}

static EVP_PKEY *peer_read(struct assay_slice pem)
{
    char pass[sizeof PASS];
    memcpy(pass, PASS, sizeof pass);
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.len);
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, peer_answer, pass);
    (void)BIO_free(bio);
    cr_assert_not_null(pkey);
    return pkey;
}

/* Publicly known keys. */

Test(keys, published_keys_are_points_and_have_their_names)
{
    for (size_t i = 0; i < N_OF(PUBLISHED_P256); i++) {
        uint8_t raw[65] = {4};
        memcpy(raw + 1, PUBLISHED_P256[i].bytes, 64);
        struct assay_public_key key;
        cr_assert_eq(assay_public_key_parse(assay_slice(raw, 65), &key, NULL),
                     ASSAY_OK, "%s", PUBLISHED_P256[i].name);
        cr_assert_arr_eq(key.bytes, PUBLISHED_P256[i].bytes, 64);
        cr_assert_str_eq(assay_published_key_name(&key),
                         PUBLISHED_P256[i].name);
        key.bytes[63] ^= 1;
        cr_assert_null(assay_published_key_name(&key));
    }
    for (size_t i = 0; i < N_OF(PUBLISHED_ED25519); i++) {
        struct assay_public_key key;
        cr_assert_eq(
            assay_public_key_parse(assay_slice(PUBLISHED_ED25519[i].bytes, 32),
                                   &key, NULL),
            ASSAY_OK, "%s", PUBLISHED_ED25519[i].name);
        cr_assert_str_eq(assay_published_key_name(&key),
                         PUBLISHED_ED25519[i].name);
        key.algorithm = ASSAY_P256;
        cr_assert_null(assay_published_key_name(&key));
    }
}

Test(keys, published_heads_are_the_heads_and_differ)
{
    /* Rows are only ever added: a published key stays published. */
    cr_assert_eq(N_OF(PUBLISHED_P256), 27);
    cr_assert_eq(N_OF(PUBLISHED_ED25519), 2);
    cr_assert_eq(N_OF(HEADS), N_OF(PUBLISHED_P256) + N_OF(PUBLISHED_ED25519));
    for (size_t i = 0; i < N_OF(PUBLISHED_P256); i++) {
        cr_assert_arr_eq(HEADS[i], PUBLISHED_P256[i].bytes, 8);
    }
    for (size_t i = 0; i < N_OF(HEADS); i++) {
        for (size_t j = 0; j < i; j++) {
            cr_assert_neq(memcmp(HEADS[i], HEADS[j], 8), 0);
        }
    }
}

/* Call fn for each run of 128 hex digits that stands behind mark. */
static unsigned each_hex(struct assay_slice s, const char *mark,
                         void (*fn)(struct assay_slice hex, const void *ctx),
                         const void *ctx)
{
    unsigned n = 0;
    size_t len = strlen(mark);
    for (size_t i = 0; i + len + 128 <= s.len; i++) {
        if (memcmp(s.p + i, mark, len) == 0 &&
            strspn((const char *)s.p + i + len, "0123456789abcdef") == 128) {
            fn(assay_slice(s.p + i + len, 128), ctx);
            n++;
        }
    }
    return n;
}

static void expect_published(struct assay_slice hex, const void *ctx)
{
    (void)ctx;
    struct assay_public_key key;
    cr_assert_eq(assay_public_key_parse(hex, &key, NULL), ASSAY_OK);
    cr_expect_not_null(assay_published_key_name(&key), "%.16s", hex.p);
}

Test(keys, every_key_of_the_reference_list_has_a_name)
{
    struct assay_buffer list = {0};
    if (!shared_read(&list, "keys", "reference/published-keys.md")) {
        return;
    }
    cr_assert_eq(assay_buffer_fill(&list, 0, 1, NULL), ASSAY_OK);
    cr_expect_eq(
        each_hex(assay_buffer_slice(&list), "| `", expect_published, NULL), 26);
    assay_buffer_free(&list);
}

/* The key that belongs to the private number 1, SEC 2 2.4.2. */
Test(keys, base_point_is_a_published_key)
{
    struct assay_slice hex = text(
        "6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
        "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5");
    struct assay_public_key key;
    cr_assert_eq(assay_public_key_parse(hex, &key, NULL), ASSAY_OK);
    cr_expect_str_eq(assay_published_key_name(&key),
                     "P-256 base point (private key 1)");
}

static void expect_named_when_listed(struct assay_slice hex, const void *ctx)
{
    char digits[129] = {0};
    memcpy(digits, hex.p, 128);
    struct assay_public_key key;
    cr_assert_eq(assay_public_key_parse(hex, &key, NULL), ASSAY_OK);
    cr_expect_eq(assay_published_key_name(&key) != NULL,
                 strstr(ctx, digits) != NULL, "%.16s", digits);
}

Test(keys, corpus_keys_have_a_name_when_listed)
{
    struct assay_buffer list = {0};
    struct assay_buffer keys = {0};
    if (!shared_read(&list, "keys", "reference/published-keys.md") ||
        !shared_read(&keys, "keys", "corpus/keys.json")) {
        return;
    }
    cr_assert_eq(assay_buffer_fill(&list, 0, 1, NULL), ASSAY_OK);
    cr_assert_eq(assay_buffer_fill(&keys, 0, 1, NULL), ASSAY_OK);
    cr_expect_eq(each_hex(assay_buffer_slice(&keys), "\"pk_le\": \"",
                          expect_named_when_listed, list.p),
                 17);
    assay_buffer_free(&list);
    assay_buffer_free(&keys);
}

static void expect_corpus_pem(struct assay_slice hex, const void *ctx)
{
    struct assay_public_key want;
    struct assay_public_key key;
    char name[64];
    char path[512];
    struct assay_diag diag = {0};
    (void)ctx;
    cr_assert_eq(assay_public_key_parse(hex, &want, NULL), ASSAY_OK);
    (void)snprintf(name, sizeof name, "corpus/keys/%02x%02x%02x%02x.pem",
                   (unsigned)want.bytes[0], (unsigned)want.bytes[1],
                   (unsigned)want.bytes[2], (unsigned)want.bytes[3]);
    cr_assert(shared_path(path, sizeof path, name));
    cr_assert_eq(assay_public_key_load(path, &key, &diag), ASSAY_OK, "%s",
                 diag.text);
    expect_same_public(&key, &want);
}

Test(keys, corpus_pem_files_hold_the_keys_of_the_list)
{
    struct assay_buffer keys = {0};
    if (!shared_read(&keys, "keys", "corpus/keys.json")) {
        return;
    }
    cr_assert_eq(assay_buffer_fill(&keys, 0, 1, NULL), ASSAY_OK);
    cr_expect_eq(each_hex(assay_buffer_slice(&keys), "\"pk_le\": \"",
                          expect_corpus_pem, NULL),
                 17);
    assay_buffer_free(&keys);
}

/* nrfutil's texts. The key is pc-nrfutil's test.pem. */

static const char TEST_PEM[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MHcCAQEEID2WUBCe/4kLhl5ekJ+O8PtprcahUNFE3RIm5htQzDedoAoGCCqGSM49\n"
    "AwEHoUQDQgAEZY2i7duYH2l9rnIg1oIXq+0/uHAF7IoFubVru6oX9GCQm67NrXIm\n"
    "wgS2ErZi/0/MvRsMkIQQkNg6Wc2tbJgdTA==\n"
    "-----END EC PRIVATE KEY-----\n";

static struct assay_private_key test_key(void)
{
    struct assay_private_key key;
    cr_assert_eq(assay_private_key_parse(text(TEST_PEM), NULL, &key, NULL),
                 ASSAY_OK);
    return key;
}

/* What a sample shows behind its heading, up to the next heading. */
static struct assay_slice sample_of(struct assay_slice all, const char *options)
{
    char heading[128];
    (void)snprintf(heading, sizeof heading,
                   "### nrfutil keys display %s test.pem\n", options);
    const char *start = strstr((const char *)all.p, heading);
    cr_assert_not_null(start, "%s", heading);
    start += strlen(heading);
    const char *end = strstr(start, "### ");
    return assay_slice((const uint8_t *)start,
                       end != NULL ? (size_t)(end - start) : strlen(start));
}

static void expect_sample(struct assay_buffer *got, struct assay_slice all,
                          const char *options)
{
    /* A terminal gets one line end more than a file. */
    cr_assert_eq(assay_buffer_append(got, text("\n"), NULL), ASSAY_OK);
    expect_bytes(assay_buffer_slice(got), sample_of(all, options));
    assay_buffer_wipe(got);
}

Test(keys, displays_are_those_of_nrfutil)
{
    /* 2026-11-20, 12:06:20 UTC: when the sample was made. */
    const time_t WHEN = 1795176380;
    static const struct {
        const char *options;
        enum assay_key_format format;
        time_t later;
    } PUBLIC[] = {
        {"--key pk --format hex", ASSAY_KEY_HEX, 0},
        {"--key pk --format code", ASSAY_KEY_CODE, 0},
        {"--key pk --format pem", ASSAY_KEY_PEM, 0},
        {"--key pk --format dbgcode", ASSAY_KEY_DEBUG_CODE, 1},
    };
    struct assay_buffer samples = {0};
    if (!shared_read(&samples, "keys",
                     "corpus/nrfutil-made/cli_output_samples.txt")) {
        return;
    }
    cr_assert_eq(assay_buffer_fill(&samples, 0, 1, NULL), ASSAY_OK);
    struct assay_slice all = assay_buffer_slice(&samples);
    struct assay_private_key key = test_key();
    struct assay_buffer got = {0};
    for (size_t i = 0; i < N_OF(PUBLIC); i++) {
        cr_assert_eq(assay_public_key_display(&key.public_key, PUBLIC[i].format,
                                              WHEN + PUBLIC[i].later, &got,
                                              NULL),
                     ASSAY_OK);
        expect_sample(&got, all, PUBLIC[i].options);
    }
    cr_assert_eq(assay_private_key_display(&key, ASSAY_KEY_HEX, &got, NULL),
                 ASSAY_OK);
    expect_sample(&got, all, "--key sk --format hex");
    cr_assert_eq(assay_private_key_display(&key, ASSAY_KEY_PEM, &got, NULL),
                 ASSAY_OK);
    expect_sample(&got, all, "--key sk --format pem");
    assay_buffer_free(&samples);
}

Test(keys, private_key_as_code_is_refused)
{
    static const enum assay_key_format FORMATS[] = {ASSAY_KEY_CODE,
                                                    ASSAY_KEY_DEBUG_CODE};
    struct assay_private_key key = test_key();
    for (size_t i = 0; i < N_OF(FORMATS); i++) {
        struct assay_buffer got = {0};
        struct assay_diag diag = {0};
        cr_expect_eq(assay_private_key_display(&key, FORMATS[i], &got, &diag),
                     ASSAY_GENERATE_OPTIONS);
        cr_expect_str_eq(
            diag.text, "Displaying the private key as code is not available.");
        cr_expect_eq(got.len, 0);
    }
}

Test(keys, ed25519_displays_show_the_bytes_in_their_order)
{
    struct assay_private_key key = {0};
    for (size_t i = 0; i < 32; i++) {
        key.secret[i] = (uint8_t)i;
        key.public_key.bytes[i] = (uint8_t)(0xA0 + i);
    }
    key.public_key.algorithm = ASSAY_ED25519;
    struct assay_buffer got = {0};
    cr_assert_eq(
        assay_public_key_display(&key.public_key, ASSAY_KEY_HEX, 0, &got, NULL),
        ASSAY_OK);
    expect_bytes(assay_buffer_slice(&got),
                 text("Public (verification) key pk:\n"
                      "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
                      "b0b1b2b3b4b5b6b7b8b9babbbcbdbebf"));
    assay_buffer_free(&got);
    cr_assert_eq(assay_private_key_display(&key, ASSAY_KEY_HEX, &got, NULL),
                 ASSAY_OK);
    expect_bytes(assay_buffer_slice(&got),
                 text("\nWARNING: Security risk! Do not share the private "
                      "key.\n\nPrivate (signing) key sk:\n"
                      "000102030405060708090a0b0c0d0e0f"
                      "101112131415161718191a1b1c1d1e1f"));
    assay_buffer_wipe(&got);
    cr_assert_eq(assay_public_key_display(&key.public_key, ASSAY_KEY_CODE, 0,
                                          &got, NULL),
                 ASSAY_OK);
    cr_assert_eq(assay_buffer_fill(&got, 0, 1, NULL), ASSAY_OK);
    cr_expect_not_null(strstr((const char *)got.p, "pk[32] =\n{\n    0xa0, "));
    cr_expect_not_null(strstr((const char *)got.p, " 0xbf\n};\n"));
    cr_expect_not_null(
        strstr((const char *)got.p, "on 1970-01-01 (YY-MM-DD) at 00:00:00 "));
    assay_buffer_free(&got);
}

Test(keys, public_displays_are_read_back)
{
    static const enum assay_algorithm ALGORITHMS[] = {ASSAY_P256,
                                                      ASSAY_ED25519};
    static const enum assay_key_format FORMATS[] = {
        ASSAY_KEY_HEX, ASSAY_KEY_CODE, ASSAY_KEY_PEM, ASSAY_KEY_DEBUG_CODE};
    for (size_t i = 0; i < N_OF(ALGORITHMS) * N_OF(FORMATS); i++) {
        struct assay_private_key key;
        struct assay_public_key got;
        struct assay_buffer shown = {0};
        cr_assert_eq(assay_private_key_generate(ALGORITHMS[i % 2], &key, NULL),
                     ASSAY_OK);
        cr_assert_eq(assay_public_key_display(&key.public_key, FORMATS[i / 2],
                                              0, &shown, NULL),
                     ASSAY_OK);
        cr_assert_eq(
            assay_public_key_parse(assay_buffer_slice(&shown), &got, NULL),
            ASSAY_OK);
        expect_same_public(&got, &key.public_key);
        assay_buffer_free(&shown);
    }
}

/* A private key's digits must not pass for an Ed25519 public key. */
Test(keys, private_hex_display_is_not_a_public_key)
{
    struct assay_private_key key = test_key();
    struct assay_buffer shown = {0};
    cr_assert_eq(assay_private_key_display(&key, ASSAY_KEY_HEX, &shown, NULL),
                 ASSAY_OK);
    cr_expect_eq(public_status(assay_buffer_slice(&shown)),
                 ASSAY_KEYFILE_FORMAT);
    assay_buffer_wipe(&shown);
}

/* Writing. */

Test(keys, unencrypted_p256_text_is_that_of_nrfutil)
{
    struct assay_private_key key = test_key();
    struct assay_buffer pem = {0};
    cr_assert_eq(
        assay_private_key_write(&key, ASSAY_KEY_SEC1, NULL, &pem, NULL),
        ASSAY_OK);
    expect_bytes(assay_buffer_slice(&pem), text(TEST_PEM));
    assay_buffer_wipe(&pem);
}

struct write_case {
    enum assay_algorithm algorithm;
    enum assay_key_encoding encoding;
    const char *pass;
    const char *label;
};

Test(keys, written_keys_are_read_by_openssl_and_by_us)
{
    static const struct write_case CASES[] = {
        {ASSAY_P256, ASSAY_KEY_SEC1, NULL, "EC PRIVATE KEY"},
        {ASSAY_P256, ASSAY_KEY_PKCS8, NULL, "PRIVATE KEY"},
        {ASSAY_P256, ASSAY_KEY_SEC1, PASS, "ENCRYPTED PRIVATE KEY"},
        {ASSAY_P256, ASSAY_KEY_PKCS8, PASS, "ENCRYPTED PRIVATE KEY"},
        {ASSAY_ED25519, ASSAY_KEY_SEC1, NULL, "PRIVATE KEY"},
        {ASSAY_ED25519, ASSAY_KEY_PKCS8, NULL, "PRIVATE KEY"},
        {ASSAY_ED25519, ASSAY_KEY_PKCS8, PASS, "ENCRYPTED PRIVATE KEY"},
    };
    for (size_t i = 0; i < N_OF(CASES); i++) {
        const struct write_case *c = &CASES[i];
        struct assay_private_key key;
        struct assay_private_key again;
        struct assay_public_key peer;
        struct assay_buffer pem = {0};
        char label[64];
        struct assay_passphrase p = pass_of(PASS);
        const struct assay_passphrase *pass = c->pass != NULL ? &p : NULL;
        cr_assert_eq(assay_private_key_generate(c->algorithm, &key, NULL),
                     ASSAY_OK);
        cr_assert_eq(
            assay_private_key_write(&key, c->encoding, pass, &pem, NULL),
            ASSAY_OK);
        (void)snprintf(label, sizeof label, "-----BEGIN %s-----\n", c->label);
        cr_expect_eq(memcmp(pem.p, label, strlen(label)), 0, "case %zu", i);
        EVP_PKEY *pkey = peer_read(assay_buffer_slice(&pem));
        peer_public(pkey, &peer);
        EVP_PKEY_free(pkey);
        expect_same_public(&peer, &key.public_key);
        cr_assert_eq(assay_private_key_parse(assay_buffer_slice(&pem), pass,
                                             &again, NULL),
                     ASSAY_OK);
        expect_same_private(&again, &key);
        if (pass != NULL) {
            struct assay_slice s = assay_buffer_slice(&pem);
            cr_expect_eq(private_status(s, NULL), ASSAY_KEYFILE_PASSPHRASE);
            cr_expect_eq(private_status(s, ""), ASSAY_KEYFILE_PASSPHRASE);
            cr_expect_eq(private_status(s, "wrong"), ASSAY_KEYFILE_PASSPHRASE);
        }
        assay_buffer_wipe(&pem);
    }
}

Test(keys, empty_or_long_passphrase_writes_nothing)
{
    static uint8_t LONG[ASSAY_PASSPHRASE_MAX + 1];
    struct assay_private_key key = test_key();
    struct assay_passphrase empty = {{NULL, 0}};
    struct assay_passphrase too_long = {{LONG, sizeof LONG}};
    struct assay_buffer pem = {0};
    cr_expect_eq(
        assay_private_key_write(&key, ASSAY_KEY_PKCS8, &empty, &pem, NULL),
        ASSAY_KEYFILE_PASSPHRASE);
    cr_expect_eq(
        assay_private_key_write(&key, ASSAY_KEY_PKCS8, &too_long, &pem, NULL),
        ASSAY_KEYFILE_PASSPHRASE);
    cr_expect_eq(pem.len, 0);
}

Test(keys, generated_keys_differ_and_unknown_algorithm_is_refused)
{
    struct assay_private_key a;
    struct assay_private_key b;
    cr_assert_eq(assay_private_key_generate(ASSAY_P256, &a, NULL), ASSAY_OK);
    cr_assert_eq(assay_private_key_generate(ASSAY_P256, &b, NULL), ASSAY_OK);
    cr_expect_neq(memcmp(a.secret, b.secret, 32), 0);
    cr_expect_eq(assay_private_key_generate((enum assay_algorithm)3, &a, NULL),
                 ASSAY_KEYFILE_ALGORITHM);
    static const struct assay_private_key NOTHING = {0};
    cr_expect_arr_eq(a.secret, NOTHING.secret, 32);
}

/* Reading what OpenSSL writes. */

struct read_case {
    const char *type; /* "EC" is P-256 */
    enum peer_form form;
    enum assay_status without_pass; /* of the private parser */
};

static const struct read_case READ_CASES[] = {
    {"EC", PEER_SPKI, ASSAY_KEYFILE_PUBLIC},
    {"EC", PEER_SPKI_DER, ASSAY_KEYFILE_PUBLIC},
    {"EC", PEER_PKCS8, ASSAY_OK},
    {"EC", PEER_PKCS8_DER, ASSAY_OK},
    {"EC", PEER_PKCS8_AES, ASSAY_KEYFILE_PASSPHRASE},
    {"EC", PEER_PKCS8_3DES, ASSAY_KEYFILE_PASSPHRASE},
    {"EC", PEER_TRADITIONAL, ASSAY_OK},
    {"EC", PEER_TRADITIONAL_AES, ASSAY_KEYFILE_PASSPHRASE},
    {"EC", PEER_TRADITIONAL_DER, ASSAY_OK},
    {"ED25519", PEER_SPKI, ASSAY_KEYFILE_PUBLIC},
    {"ED25519", PEER_SPKI_DER, ASSAY_KEYFILE_PUBLIC},
    {"ED25519", PEER_PKCS8, ASSAY_OK},
    {"ED25519", PEER_PKCS8_AES, ASSAY_KEYFILE_PASSPHRASE},
};

static EVP_PKEY *peer_make(const char *type)
{
    EVP_PKEY *pkey = strcmp(type, "EC") == 0
                         ? EVP_EC_gen("P-256")
                         : EVP_PKEY_Q_keygen(NULL, NULL, type);
    cr_assert_not_null(pkey);
    return pkey;
}

Test(keys, keys_made_by_openssl_are_read)
{
    for (size_t i = 0; i < N_OF(READ_CASES); i++) {
        const struct read_case *c = &READ_CASES[i];
        EVP_PKEY *pkey = peer_make(c->type);
        struct assay_public_key want;
        struct assay_public_key got;
        struct assay_buffer data;
        peer_public(pkey, &want);
        peer_write(pkey, c->form, &data);
        struct assay_slice s = assay_buffer_slice(&data);
        cr_expect_eq(private_status(s, NULL), c->without_pass, "case %zu", i);
        if (c->without_pass == ASSAY_KEYFILE_PASSPHRASE) {
            struct assay_private_key key;
            struct assay_passphrase p = pass_of(PASS);
            cr_expect_eq(private_status(s, "wrong"), ASSAY_KEYFILE_PASSPHRASE);
            cr_expect_eq(public_status(s), ASSAY_KEYFILE_PASSPHRASE);
            cr_assert_eq(assay_private_key_parse(s, &p, &key, NULL), ASSAY_OK);
            expect_same_public(&key.public_key, &want);
        } else {
            cr_assert_eq(assay_public_key_parse(s, &got, NULL), ASSAY_OK);
            expect_same_public(&got, &want);
        }
        assay_buffer_wipe(&data);
        EVP_PKEY_free(pkey);
    }
}

/* Some wrong passphrases leave a valid padding; none may look like a key. */
Test(keys, many_wrong_passphrases_are_all_called_wrong)
{
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    struct assay_buffer data;
    peer_write(pkey, PEER_TRADITIONAL_AES, &data);
    for (int i = 0; i < 2000; i++) {
        char wrong[24];
        (void)snprintf(wrong, sizeof wrong, "wrong %d", i);
        cr_assert_eq(private_status(assay_buffer_slice(&data), wrong),
                     ASSAY_KEYFILE_PASSPHRASE);
    }
    assay_buffer_wipe(&data);
    EVP_PKEY_free(pkey);
}

static void expect_foreign(EVP_PKEY *pkey, enum peer_form form,
                           const char *name)
{
    struct assay_buffer data;
    struct assay_public_key key;
    struct assay_private_key private_key;
    struct assay_diag diag = {0};
    peer_write(pkey, form, &data);
    struct assay_slice s = assay_buffer_slice(&data);
    cr_expect_eq(assay_public_key_parse(s, &key, &diag),
                 ASSAY_KEYFILE_ALGORITHM, "%s %d", name, (int)form);
    cr_expect_not_null(strstr(diag.text, name), "%s: %s", name, diag.text);
    diag = (struct assay_diag){0};
    cr_expect_eq(assay_private_key_parse(s, NULL, &private_key, &diag),
                 ASSAY_KEYFILE_ALGORITHM, "%s %d", name, (int)form);
    cr_expect_not_null(strstr(diag.text, name), "%s: %s", name, diag.text);
    assay_buffer_free(&data);
}

Test(keys, foreign_algorithms_are_refused_by_name)
{
    static const enum peer_form FORMS[] = {PEER_SPKI, PEER_SPKI_DER, PEER_PKCS8,
                                           PEER_PKCS8_DER};
    EVP_PKEY *k1 = EVP_EC_gen("secp256k1");
    EVP_PKEY *p384 = EVP_EC_gen("P-384");
    EVP_PKEY *rsa = EVP_RSA_gen(2048);
    EVP_PKEY *x25519 = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    EVP_PKEY *ed448 = EVP_PKEY_Q_keygen(NULL, NULL, "ED448");
    EVP_PKEY *explicit_p256 = peer_explicit();
    for (size_t i = 0; i < N_OF(FORMS); i++) {
        expect_foreign(k1, FORMS[i], "secp256k1");
        expect_foreign(p384, FORMS[i], "secp384r1");
        expect_foreign(rsa, FORMS[i], "rsaEncryption");
        expect_foreign(x25519, FORMS[i], "X25519");
        expect_foreign(ed448, FORMS[i], "ED448");
        expect_foreign(explicit_p256, FORMS[i], "written out");
    }
    expect_foreign(k1, PEER_TRADITIONAL, "secp256k1");
    expect_foreign(p384, PEER_TRADITIONAL_DER, "secp384r1");
    expect_foreign(rsa, PEER_TRADITIONAL, "RSA PRIVATE KEY");
    expect_foreign(explicit_p256, PEER_TRADITIONAL, "written out");
    EVP_PKEY_free(k1);
    EVP_PKEY_free(p384);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(x25519);
    EVP_PKEY_free(ed448);
    EVP_PKEY_free(explicit_p256);
}

/* Hostile and damaged files. */

static void expect_no_prefix(struct assay_slice data, size_t optional_tail)
{
    for (size_t len = 0; len < data.len - optional_tail; len++) {
        /* Any 32 bytes are an Ed25519 key with probability 1/16. */
        if (len == 32) {
            continue;
        }
        /* An exact copy, so that a read past the end is seen. */
        uint8_t *copy = malloc(len + 1);
        cr_assert_not_null(copy);
        memcpy(copy, data.p, len);
        uint8_t *cut = len != 0 ? realloc(copy, len) : copy;
        cr_assert_not_null(cut);
        cr_expect_neq(public_status(assay_slice(cut, len)), ASSAY_OK,
                      "%zu of %zu bytes", len, data.len);
        cr_expect_neq(private_status(assay_slice(cut, len), PASS), ASSAY_OK,
                      "%zu of %zu bytes", len, data.len);
        free(cut);
    }
}

Test(keys, no_prefix_of_a_key_file_is_a_key)
{
    for (size_t i = 0; i < N_OF(READ_CASES); i++) {
        enum peer_form form = READ_CASES[i].form;
        EVP_PKEY *pkey = peer_make(READ_CASES[i].type);
        struct assay_buffer data;
        peer_write(pkey, form, &data);
        int is_der = form == PEER_SPKI_DER || form == PEER_PKCS8_DER ||
                     form == PEER_TRADITIONAL_DER;
        expect_no_prefix(assay_buffer_slice(&data), is_der ? 0 : 1);
        assay_buffer_wipe(&data);
        EVP_PKEY_free(pkey);
    }
}

Test(keys, bytes_behind_a_der_key_are_refused)
{
    for (size_t i = 0; i < N_OF(READ_CASES); i++) {
        enum peer_form form = READ_CASES[i].form;
        if (form != PEER_SPKI_DER && form != PEER_PKCS8_DER &&
            form != PEER_TRADITIONAL_DER) {
            continue;
        }
        EVP_PKEY *pkey = peer_make(READ_CASES[i].type);
        struct assay_buffer data;
        peer_write(pkey, form, &data);
        cr_assert_eq(assay_buffer_fill(&data, 0, 1, NULL), ASSAY_OK);
        cr_expect_eq(public_status(assay_buffer_slice(&data)),
                     ASSAY_KEYFILE_FORMAT);
        assay_buffer_wipe(&data);
        EVP_PKEY_free(pkey);
    }
}

/* Flip each bit of a private key: refused, or the halves were not touched. */
Test(keys, no_flipped_bit_gives_another_key)
{
    struct assay_private_key key = test_key();
    uint8_t der[ASSAY_PRIVATE_DER_MAX];
    for (int encoding = 0; encoding < 2; encoding++) {
        size_t len = assay_private_key_der(
            &key, encoding ? ASSAY_KEY_PKCS8 : ASSAY_KEY_SEC1, der);
        for (size_t bit = 0; bit < 8 * len; bit++) {
            struct assay_private_key got;
            der[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (assay_private_key_parse(assay_slice(der, len), NULL, &got,
                                        NULL) == ASSAY_OK) {
                expect_same_private(&got, &key);
            }
            der[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

/* Other encodings of the same key: DER has one, and only some are read. */

/* A copy of der with the len bytes at off replaced by the bytes of with. */
static struct assay_slice edited(uint8_t out[static 256],
                                 struct assay_slice der, size_t off, size_t len,
                                 struct assay_slice with)
{
    memcpy(out, der.p, off);
    memcpy(out + off, with.p, with.len);
    memcpy(out + off + with.len, der.p + off + len, der.len - off - len);
    return assay_slice(out, der.len - len + with.len);
}

#define BYTES(...)                                                             \
    assay_slice((const uint8_t[]){__VA_ARGS__},                                \
                sizeof((const uint8_t[]){__VA_ARGS__}))

Test(keys, other_encodings_of_a_public_key)
{
    struct assay_private_key key = test_key();
    uint8_t buffer[ASSAY_SPKI_MAX];
    uint8_t out[256];
    struct assay_slice der =
        assay_slice(buffer, assay_public_key_der(&key.public_key, buffer));
    cr_assert_eq(der.len, 91);
    uint8_t odd = key.public_key.bytes[63] & 1;
    /* hybrid point, with the right parity */
    cr_expect_eq(public_status(edited(out, der, 26, 1, BYTES(6 | odd))),
                 ASSAY_KEY_INVALID);
    /* compressed point, then with a byte too much */
    struct assay_slice s = edited(out, der, 59, 32, BYTES(0));
    s.len -= 1;
    out[1] = 0x39;
    out[24] = 0x22;
    out[26] = 2 | odd;
    struct assay_public_key got;
    cr_assert_eq(assay_public_key_parse(s, &got, NULL), ASSAY_OK);
    expect_same_public(&got, &key.public_key);
    out[26] = 4;
    cr_expect_eq(public_status(s), ASSAY_KEY_INVALID);
    /* a bit string that does not end on a byte */
    cr_expect_eq(public_status(edited(out, der, 25, 1, BYTES(1))),
                 ASSAY_KEYFILE_FORMAT);
    /* lengths that are longer than need be, and indefinite */
    cr_expect_eq(public_status(edited(out, der, 1, 1, BYTES(0x81, 0x59))),
                 ASSAY_KEYFILE_FORMAT);
    cr_expect_eq(public_status(edited(out, der, 1, 1, BYTES(0x82, 0x00, 0x59))),
                 ASSAY_KEYFILE_FORMAT);
    cr_expect_eq(public_status(edited(out, der, 1, 1, BYTES(0x80))),
                 ASSAY_KEYFILE_FORMAT);
}

Test(keys, other_encodings_of_a_private_key)
{
    struct assay_private_key key = test_key();
    uint8_t buffer[ASSAY_PRIVATE_DER_MAX];
    uint8_t out[256];
    struct assay_slice der = assay_slice(
        buffer, assay_private_key_der(&key, ASSAY_KEY_SEC1, buffer));
    cr_assert_eq(der.len, 121);
    /* the version 1 in two bytes; another version */
    struct assay_slice s = edited(out, der, 3, 2, BYTES(2, 0, 1));
    out[1]++;
    cr_expect_eq(private_status(s, NULL), ASSAY_KEYFILE_FORMAT);
    cr_expect_eq(private_status(edited(out, der, 4, 1, BYTES(2)), NULL),
                 ASSAY_KEYFILE_FORMAT);
    /* no public half: it is computed; no curve: refused */
    struct assay_private_key got;
    s = edited(out, der, 0, 0, BYTES(0));
    s = assay_slice(out + 1, der.len - 70);
    out[2] = (uint8_t)(der.len - 72);
    cr_assert_eq(assay_private_key_parse(s, NULL, &got, NULL), ASSAY_OK);
    expect_same_private(&got, &key);
    s.len -= 12;
    out[2] = (uint8_t)(s.len - 2);
    cr_expect_eq(private_status(s, NULL), ASSAY_KEYFILE_FORMAT);
}

/* Some writers drop the leading zeros of the number. */
Test(keys, short_private_number_is_read)
{
    struct assay_private_key got;
    struct assay_slice s =
        BYTES(0x30, 0x12, 0x02, 0x01, 0x01, 0x04, 0x01, 0x01, 0xA0, 0x0A, 0x06,
              0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07);
    cr_assert_eq(assay_private_key_parse(s, NULL, &got, NULL), ASSAY_OK);
    cr_expect_eq(got.secret[31], 1);
    /* 1 * G: the base point of the curve (SEC 2 2.4.2). */
    cr_expect_eq(got.public_key.bytes[0], 0x6B);
    cr_expect_eq(got.public_key.bytes[63], 0xF5);
}

/* RFC 8410 10.3: an Ed25519 key with attributes and its public half. */
Test(keys, rfc8410_example_is_read)
{
    static const char PEM[] =
        "-----BEGIN PRIVATE KEY-----\n"
        "MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
        "oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB\n"
        "Z9w7lshQhqowtrbLDFw4rXAxZuE=\n"
        "-----END PRIVATE KEY-----\n";
    struct assay_private_key key;
    cr_assert_eq(assay_private_key_parse(text(PEM), NULL, &key, NULL),
                 ASSAY_OK);
    cr_expect_eq(key.public_key.algorithm, ASSAY_ED25519);
    cr_expect_eq(key.secret[0], 0xD4);
    cr_expect_eq(key.public_key.bytes[0], 0x19);
}

Test(keys, halves_that_do_not_match_are_refused)
{
    struct assay_private_key key = test_key();
    uint8_t der[ASSAY_PRIVATE_DER_MAX];
    key.secret[31] ^= 1;
    size_t len = assay_private_key_der(&key, ASSAY_KEY_SEC1, der);
    cr_expect_eq(private_status(assay_slice(der, len), NULL),
                 ASSAY_KEY_INVALID);
    len = assay_private_key_der(&key, ASSAY_KEY_PKCS8, der);
    cr_expect_eq(private_status(assay_slice(der, len), NULL),
                 ASSAY_KEY_INVALID);
}

Test(keys, scalar_out_of_range_is_refused)
{
    static const uint8_t N[32] = {
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
        0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
    struct assay_private_key key = test_key();
    uint8_t der[ASSAY_PRIVATE_DER_MAX];
    memset(key.secret, 0, sizeof key.secret);
    size_t len = assay_private_key_der(&key, ASSAY_KEY_SEC1, der);
    cr_expect_eq(private_status(assay_slice(der, len), NULL),
                 ASSAY_KEY_INVALID);
    memcpy(key.secret, N, sizeof N);
    len = assay_private_key_der(&key, ASSAY_KEY_SEC1, der);
    cr_expect_eq(private_status(assay_slice(der, len), NULL),
                 ASSAY_KEY_INVALID);
}

static void expect_pem_status(const char *first, const char *second,
                              enum assay_status want)
{
    struct assay_buffer all = {0};
    cr_assert_eq(assay_buffer_append(&all, text(first), NULL), ASSAY_OK);
    cr_assert_eq(assay_buffer_append(&all, text(second), NULL), ASSAY_OK);
    cr_expect_eq(private_status(assay_buffer_slice(&all), NULL), want);
    assay_buffer_wipe(&all);
}

/* The public half of TEST_PEM, then another public key. */
static const char TEST_PUBLIC_PEM[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZY2i7duYH2l9rnIg1oIXq+0/uHAF7IoFubVru6"
    "oX\n"
    "9GCQm67NrXImwgS2ErZi/0/MvRsMkIQQkNg6Wc2tbJgdTA==\n"
    "-----END PUBLIC KEY-----\n";
static const char OTHER_PUBLIC_PEM[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAELMjbSVjTHTZmAkDsmfsF4OVoRmlh\n"
    "/s+cU7fJMQ7hvTs0OCMA4JIMnMr1jz3JIgWNwaSYfkwAJpgcErkEBXOXLA==\n"
    "-----END PUBLIC KEY-----\n";
static const char PARAMETERS_PEM[] = "-----BEGIN EC PARAMETERS-----\n"
                                     "BggqhkjOPQMBBw==\n"
                                     "-----END EC PARAMETERS-----\n";
static const char CERTIFICATE_PEM[] = "-----BEGIN CERTIFICATE-----\n"
                                      "MAA=\n"
                                      "-----END CERTIFICATE-----\n";

Test(keys, several_pem_blocks_count_as_one_key_or_none)
{
    expect_pem_status(PARAMETERS_PEM, TEST_PEM, ASSAY_OK);
    expect_pem_status("a comment\r\n", TEST_PEM, ASSAY_OK);
    expect_pem_status("\xEF\xBB\xBF", TEST_PEM, ASSAY_OK);
    expect_pem_status(TEST_PUBLIC_PEM, TEST_PEM, ASSAY_OK);
    expect_pem_status(TEST_PEM, TEST_PUBLIC_PEM, ASSAY_OK);
    expect_pem_status(TEST_PEM, TEST_PEM, ASSAY_OK);
    expect_pem_status(TEST_PEM, OTHER_PUBLIC_PEM, ASSAY_KEYFILE_FORMAT);
    expect_pem_status(OTHER_PUBLIC_PEM, TEST_PEM, ASSAY_KEYFILE_FORMAT);
    expect_pem_status(TEST_PUBLIC_PEM, PARAMETERS_PEM, ASSAY_KEYFILE_PUBLIC);
    expect_pem_status(PARAMETERS_PEM, "", ASSAY_KEYFILE_FORMAT);
    expect_pem_status(TEST_PEM, CERTIFICATE_PEM, ASSAY_KEYFILE_FORMAT);
    expect_pem_status(TEST_PEM, "-----BEGIN PUBLIC KEY-----\nAAAA\n",
                      ASSAY_KEYFILE_FORMAT);
}

Test(keys, pem_with_windows_line_ends_is_read)
{
    struct assay_buffer crlf = {0};
    for (const char *c = TEST_PEM; *c != 0; c++) {
        cr_assert_eq(assay_buffer_printf(&crlf, NULL, "%s%c",
                                         *c == '\n' ? "\r" : "", *c),
                     ASSAY_OK);
    }
    cr_expect_eq(private_status(assay_buffer_slice(&crlf), NULL), ASSAY_OK);
    assay_buffer_wipe(&crlf);
}

/* EncryptedPrivateKeyInfo whose key derivation would run for hours. */
static void expect_costly(X509_ALGOR *pbe)
{
    unsigned char *algorithm = NULL;
    int len = i2d_X509_ALGOR(pbe, &algorithm);
    cr_assert(len > 0 && len < 110, "%d", len);
    uint8_t der[140] = {0x30, (uint8_t)(len + 18)};
    memcpy(der + 2, algorithm, (size_t)len);
    der[2 + len] = 0x04;
    der[3 + len] = 16;
    struct assay_slice s = assay_slice(der, (size_t)len + 20);
    cr_expect_eq(private_status(s, PASS), ASSAY_KEYFILE_FORMAT);
    OPENSSL_free(algorithm);
    X509_ALGOR_free(pbe);
}

Test(keys, costly_key_derivation_is_refused_at_once)
{
    unsigned char salt[8] = {1};
    expect_costly(PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), 2000000000, salt,
                                    sizeof salt, NULL, NID_hmacWithSHA256));
    expect_costly(PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt, sizeof salt,
                                        NULL, 1 << 14, 8, 1 << 10));
    expect_costly(PKCS5_pbe2_set_iv(EVP_aes_256_ofb(), 2048, salt, sizeof salt,
                                    NULL, NID_hmacWithSHA256));
}

/* Public keys without structure. */

static const char TEST_HEX[] =
    "60f417aabb6bb5b9058aec0570b83fedab1782d62072ae7d691f98dbeda28d65"
    "4c1d986cadcd593ad8901084900c1bbdcc4fff62b612b604c22672adcdae9b90";
static const char TEST_HEX_BIG[] =
    "658DA2EDDB981F697DAE7220D68217ABED3FB87005EC8A05B9B56BBBAA17F460\r\n"
    "909BAECDAD7226C204B612B662FF4FCCBD1B0C90841090D83A59CDAD6C981D4C\r\n";

static void expect_test_key(struct assay_slice s)
{
    struct assay_private_key key = test_key();
    struct assay_public_key got;
    struct assay_diag diag = {0};
    cr_assert_eq(assay_public_key_parse(s, &got, &diag), ASSAY_OK, "%s",
                 diag.text);
    expect_same_public(&got, &key.public_key);
}

Test(keys, hex_and_raw_forms_are_read_in_both_byte_orders)
{
    uint8_t raw[65] = {4};
    size_t len;
    expect_test_key(text(TEST_HEX));
    expect_test_key(text(TEST_HEX_BIG));
    cr_assert_eq(sodium_hex2bin(raw, 64, TEST_HEX, 128, NULL, &len, NULL), 0);
    expect_test_key(assay_slice(raw, 64));
    cr_assert_eq(sodium_hex2bin(raw + 1, 64, TEST_HEX_BIG, strlen(TEST_HEX_BIG),
                                "\r\n", &len, NULL),
                 0);
    cr_assert_eq(len, 64);
    raw[0] = 4;
    expect_test_key(assay_slice(raw + 1, 64));
    expect_test_key(assay_slice(raw, 65));
    raw[64] ^= 1;
    cr_expect_eq(public_status(assay_slice(raw + 1, 64)), ASSAY_KEY_INVALID);
    cr_expect_eq(public_status(assay_slice(raw, 65)), ASSAY_KEY_INVALID);
}

Test(keys, texts_with_too_few_or_too_many_digits_are_refused)
{
    char digits[260];
    for (size_t n = 0; n < sizeof digits - 1; n++) {
        memset(digits, '1', n);
        digits[n] = 0;
        enum assay_status status = public_status(text(digits));
        int is_len = n == 128 || n == 130 || n == 64 || n == 65 || n == 32;
        cr_expect_eq(status, is_len ? ASSAY_KEY_INVALID : ASSAY_KEYFILE_FORMAT,
                     "%zu digits: %d", n, (int)status);
    }
}

Test(keys, broken_code_is_refused)
{
    static const char *const TEXTS[] = {
        "uint8_t pk[64] = {",         "uint8_t pk[64] = {}",
        "uint8_t pk[64] = {0x01}",    "uint8_t pk[64] {0x01}",
        "uint8_t pk[64] = {0x}",      "uint8_t pk[",
        "uint8_t pk[64] = {1, 2, 3}", " pk[]=",
    };
    for (size_t i = 0; i < N_OF(TEXTS); i++) {
        cr_expect_eq(public_status(text(TEXTS[i])), ASSAY_KEYFILE_FORMAT, "%s",
                     TEXTS[i]);
    }
}

Test(keys, ed25519_points_of_other_order_or_form_are_refused)
{
    static const char *const HEX[] = {
        /* orders 1, 2, 4, 8 */
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        /* y not below p */
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        /* no point: y = 2 */
        "0200000000000000000000000000000000000000000000000000000000000000",
    };
    for (size_t i = 0; i < N_OF(HEX); i++) {
        cr_expect_eq(public_status(text(HEX[i])), ASSAY_KEY_INVALID, "%s",
                     HEX[i]);
    }
    /* RFC 8032 7.1, test 1. */
    cr_expect_eq(public_status(text("d75a980182b10ab7d54bfed3c964073a"
                                    "0ee172f3daa62325af021a68f707511a")),
                 ASSAY_OK);
}

/* MCUboot's own key hash of root-ec-p256 is the SHA-256 of the same DER. */
Test(keys, fingerprint_is_the_key_hash_of_mcuboot)
{
    char hex[ASSAY_FINGERPRINT_HEX];
    struct assay_public_key key = {.algorithm = ASSAY_P256};
    size_t i_root = 0;
    while (strstr(PUBLISHED_P256[i_root].name, "root-ec-p256") == NULL) {
        i_root++;
        cr_assert_lt(i_root, N_OF(PUBLISHED_P256));
    }
    memcpy(key.bytes, PUBLISHED_P256[i_root].bytes, 64);
    assay_key_fingerprint_hex(&key, hex);
    cr_expect_str_eq(hex, "e30466f6b8470c1f29070b17f1e2d3e94d445e3f608087fdc711"
                          "e4382bb538b6");
    static const char *const WANT[] = {
        "c1907fa4eac7fae3840a78902b6f0710b037e9968e5c6274a12a28790c7d4e3c",
        "6754edab1e29affef4a05935adecbeb1a7b8b62397b31e39a61b5bfcaafd63af"};
    for (size_t i = 0; i < N_OF(WANT); i++) {
        key = (struct assay_public_key){.algorithm = ASSAY_ED25519};
        memcpy(key.bytes, PUBLISHED_ED25519[i].bytes, 32);
        assay_key_fingerprint_hex(&key, hex);
        cr_expect_str_eq(hex, WANT[i]);
    }
}

/* imgtool's keys; the names say what they are. */
Test(keys, mcuboot_key_files_are_read_or_refused)
{
    static const struct {
        const char *name;
        enum assay_status want;
    } CASES[] = {
        {"root-ec-p256.pem", ASSAY_OK},
        {"root-ec-p256-pkcs8.pem", ASSAY_OK},
        {"root-ed25519.pem", ASSAY_OK},
        {"root-ed25519-2.pem", ASSAY_OK},
        {"other-ecdsa-p256.pem", ASSAY_OK},
        {"other-ed25519.pem", ASSAY_OK},
        {"root-ed25519-2-pub.pem", ASSAY_KEYFILE_PUBLIC},
        {"root-ec-p384.pem", ASSAY_KEYFILE_ALGORITHM},
        {"root-ec-p384-pkcs8.pem", ASSAY_KEYFILE_ALGORITHM},
        {"root-rsa-2048.pem", ASSAY_KEYFILE_ALGORITHM},
        {"other-x25519.pem", ASSAY_KEYFILE_ALGORITHM},
        {"enc-rsa2048-pub.pem", ASSAY_KEYFILE_ALGORITHM},
    };
    for (size_t i = 0; i < N_OF(CASES); i++) {
        char name[128];
        struct assay_buffer data = {0};
        (void)snprintf(name, sizeof name, "corpus/mcuboot-made/keys/%s",
                       CASES[i].name);
        if (!shared_read(&data, "keys", name)) {
            continue;
        }
        cr_expect_eq(private_status(assay_buffer_slice(&data), NULL),
                     CASES[i].want, "%s", name);
        assay_buffer_wipe(&data);
    }
}

/* Files. */

Test(keys, load_reports_the_path)
{
    struct assay_private_key key;
    struct assay_public_key public_key;
    struct assay_diag diag = {0};
    cr_expect_eq(assay_private_key_load("/nonexistent/k", NULL, &key, &diag),
                 ASSAY_FILE_UNREADABLE);
    cr_expect_eq(strncmp(diag.text, "/nonexistent/k: ", 16), 0);
    cr_expect_eq(assay_public_key_load("base/slice.h", &public_key, &diag),
                 ASSAY_KEYFILE_FORMAT);
    cr_expect_eq(strncmp(diag.text, "base/slice.h: found ", 20), 0, "%s",
                 diag.text);
    cr_expect_eq(assay_public_key_load("base/slice.h", &public_key, NULL),
                 ASSAY_KEYFILE_FORMAT);
}

Test(keys, nrfutil_key_files_are_loaded)
{
    static const char *const NAMES[] = {"test.pem", "default.pem"};
    static const char *const WANT[] = {"pc-nrfutil test.pem",
                                       "pc-nrfutil default"};
    for (size_t i = 0; i < N_OF(NAMES); i++) {
        char name[128];
        char path[512];
        struct assay_private_key key;
        (void)snprintf(name, sizeof name, "corpus/nrfutil-made/%s", NAMES[i]);
        if (!shared_path(path, sizeof path, name)) {
            shared_skip("keys", 1, name);
            continue;
        }
        cr_assert_eq(assay_private_key_load(path, NULL, &key, NULL), ASSAY_OK);
        const char *got = assay_published_key_name(&key.public_key);
        cr_assert_not_null(got);
        cr_expect_eq(strncmp(got, WANT[i], strlen(WANT[i])), 0, "%s", got);
    }
}

/* Keys in memory images. */

enum { IMAGE_LEN = 8192 };

static uint8_t *image_of(uint8_t fill)
{
    uint8_t *image = malloc(IMAGE_LEN);
    cr_assert_not_null(image);
    memset(image, fill, IMAGE_LEN);
    return image;
}

/* A key without a name, made by the peer. */
static struct assay_public_key fresh_key(void)
{
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    struct assay_public_key key;
    peer_public(pkey, &key);
    EVP_PKEY_free(pkey);
    return key;
}

static void put_key(uint8_t *at, const uint8_t xy[static 64],
                    enum assay_key_order order)
{
    for (size_t i = 0; i < 64; i++) {
        at[i] = order == ASSAY_KEY_LITTLE_ENDIAN ? xy[i ^ 31] : xy[i];
    }
}

static struct assay_found_keys found; /* too large for a stack */

Test(keys, keys_are_found_where_they_stand)
{
    uint8_t *image = image_of(0xA5);
    struct assay_public_key key = fresh_key();
    put_key(image, PUBLISHED_P256[0].bytes, ASSAY_KEY_LITTLE_ENDIAN);
    put_key(image + 1000, key.bytes, ASSAY_KEY_BIG_ENDIAN);
    put_key(image + 2001, PUBLISHED_P256[1].bytes, ASSAY_KEY_LITTLE_ENDIAN);
    put_key(image + IMAGE_LEN - 64, PUBLISHED_P256[2].bytes,
            ASSAY_KEY_BIG_ENDIAN);
    struct assay_slice s = assay_slice(image, IMAGE_LEN);
    cr_assert_eq(assay_key_find(s, ASSAY_FIND_EVERY_OFFSET, &found, NULL),
                 ASSAY_OK);
    cr_assert_eq(found.n_keys, 4);
    cr_expect_eq(found.n_more, 0);
    cr_expect_eq(found.key[0].off, 0);
    cr_expect_eq(found.key[0].order, ASSAY_KEY_LITTLE_ENDIAN);
    cr_expect_str_eq(found.key[0].published, PUBLISHED_P256[0].name);
    cr_expect_eq(found.key[1].off, 1000);
    cr_expect_eq(found.key[1].order, ASSAY_KEY_BIG_ENDIAN);
    cr_expect_null(found.key[1].published);
    expect_same_public(&found.key[1].key, &key);
    cr_expect_eq(found.key[2].off, 2001);
    cr_expect_eq(found.key[3].off, IMAGE_LEN - 64);
    cr_expect_str_eq(found.key[3].published, PUBLISHED_P256[2].name);
    cr_assert_eq(assay_key_find(s, ASSAY_FIND_WORDS, &found, NULL), ASSAY_OK);
    cr_expect_eq(found.n_keys, 3);
    free(image);
}

/* A point of the curve with x below 2^224, written as x + p. */
static void make_unreduced(uint8_t xy[static 64])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *point = EC_POINT_new(group);
    BIGNUM *p = BN_new();
    BIGNUM *x = BN_new();
    BIGNUM *y = BN_new();
    memset(xy, 0x5A, 28);
    cr_assert_not_null(BN_bin2bn(xy, 28, x));
    cr_assert_eq(EC_GROUP_get_curve(group, p, NULL, NULL, NULL), 1);
    while (EC_POINT_set_compressed_coordinates(group, point, x, 0, NULL) != 1) {
        cr_assert_eq(BN_add_word(x, 1), 1);
    }
    cr_assert_eq(EC_POINT_get_affine_coordinates(group, point, NULL, y, NULL),
                 1);
    cr_assert_eq(BN_add(x, x, p), 1);
    cr_assert_eq(BN_bn2binpad(x, xy, 32), 32);
    cr_assert_eq(BN_bn2binpad(y, xy + 32, 32), 32);
    BN_free(p);
    BN_free(x);
    BN_free(y);
    EC_POINT_free(point);
    EC_GROUP_free(group);
    ERR_clear_error();
}

Test(keys, coordinate_not_below_p_is_no_key)
{
    uint8_t xy[64];
    make_unreduced(xy);
    cr_expect_eq(public_status(assay_slice(xy, 64)), ASSAY_KEY_INVALID);
    cr_expect_eq(
        assay_key_find(assay_slice(xy, 64), ASSAY_FIND_WORDS, &found, NULL),
        ASSAY_KEYFILE_NONE_FOUND);
}

Test(keys, image_without_a_key_has_none)
{
    static const uint8_t FILLS[] = {0x00, 0xFF, 0xA5};
    struct assay_diag diag = {0};
    for (size_t i = 0; i < N_OF(FILLS); i++) {
        uint8_t *image = image_of(FILLS[i]);
        cr_expect_eq(assay_key_find(assay_slice(image, IMAGE_LEN),
                                    ASSAY_FIND_EVERY_OFFSET, &found, &diag),
                     ASSAY_KEYFILE_NONE_FOUND);
        free(image);
    }
    /* A key that is cut off by the end of the image. */
    uint8_t *short_image = malloc(63);
    cr_assert_not_null(short_image);
    memcpy(short_image, PUBLISHED_P256[0].bytes, 63);
    for (size_t len = 0; len <= 63; len += 21) {
        cr_expect_eq(assay_key_find(assay_slice(short_image, len),
                                    ASSAY_FIND_EVERY_OFFSET, &found, NULL),
                     ASSAY_KEYFILE_NONE_FOUND);
    }
    free(short_image);
}

Test(keys, more_keys_than_the_list_holds_are_counted)
{
    uint8_t *image = image_of(0);
    for (size_t i = 0; i < IMAGE_LEN / 64; i++) {
        put_key(image + 64 * i, PUBLISHED_P256[i % N_OF(PUBLISHED_P256)].bytes,
                ASSAY_KEY_LITTLE_ENDIAN);
    }
    cr_assert_eq(assay_key_find(assay_slice(image, IMAGE_LEN), ASSAY_FIND_WORDS,
                                &found, NULL),
                 ASSAY_OK);
    cr_expect_eq(found.n_keys, ASSAY_FOUND_KEYS_MAX);
    cr_expect_eq(found.n_more, IMAGE_LEN / 64 - ASSAY_FOUND_KEYS_MAX);
    free(image);
}

/* X and Y little-endian are tried first or last, without a trace of it. */
Test(keys, bug_a_key_that_is_read_leaves_no_diagnostic)
{
    static const char LITTLE[] =
        "60f417aabb6bb5b9058aec0570b83fedab1782d62072ae7d691f98dbeda28d65"
        "4c1d986cadcd593ad8901084900c1bbdcc4fff62b612b604c22672adcdae9b90";
    struct assay_public_key key;
    struct assay_diag diag = {0};
    cr_assert_eq(assay_public_key_parse(
                     assay_slice((const uint8_t *)LITTLE, sizeof LITTLE - 1),
                     &key, &diag),
                 ASSAY_OK);
    cr_assert_eq(diag.status, 0, "%s", diag.text);
}
