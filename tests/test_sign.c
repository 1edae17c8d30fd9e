/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/sign.h"

#include <string.h>

#include <criterion/criterion.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <sodium.h>

static void from_hex(uint8_t *out, size_t len, const char *hex)
{
    size_t got = 0;
    cr_assert_eq(sodium_hex2bin(out, len, hex, strlen(hex), NULL, &got, NULL),
                 0);
    cr_assert_eq(got, len);
}

static struct assay_private_key key_of(enum assay_algorithm algorithm,
                                       const char *secret)
{
    struct assay_private_key key = {0};
    key.public_key.algorithm = algorithm;
    from_hex(key.secret, sizeof key.secret, secret);
    return key;
}

struct p256_case {
    const char *secret;
    const char *digest;
    const char *sig;
};

/* The key of RFC 6979 A.2.5. */
#define RFC_KEY                                                                \
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define ONES "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define N "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define N_LESS_1                                                               \
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"
#define ONE "0000000000000000000000000000000000000000000000000000000000000001"

static void expect_p256(const struct p256_case *c)
{
    struct assay_private_key key = key_of(ASSAY_P256, c->secret);
    uint8_t digest[32];
    uint8_t want[64];
    uint8_t sig[64];
    from_hex(digest, sizeof digest, c->digest);
    from_hex(want, sizeof want, c->sig);
    struct assay_diag diag = {0};
    cr_assert_eq(assay_sign_p256(&key, digest, sig, &diag), ASSAY_OK, "%s",
                 diag.text);
    cr_expect_arr_eq(sig, want, sizeof sig);
}

/* RFC 6979 A.2.5, "sample" and "test" with SHA-256. */
Test(sign, rfc6979_vectors_match)
{
    static const struct p256_case CASES[] = {
        {RFC_KEY,
         "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf",
         "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
         "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"},
        {RFC_KEY,
         "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
         "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
         "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        expect_p256(&CASES[i]);
    }
}

/* C2SP CCTV, RFC6979: the first nonce for the message "wv[vnX" is above n. */
Test(sign, first_nonce_out_of_range_takes_the_next)
{
    uint8_t digest[32];
    char hex[65];
    (void)crypto_hash_sha256(digest, (const uint8_t *)"wv[vnX", 6);
    (void)sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    const struct p256_case c = {
        RFC_KEY, hex,
        "efd9073b652e76da1b5a019c0e4a2e3fa529b035a6abb91ef67f0ed7a1f21234"
        "3db4706c9d9f4a4fe13bb5e08ef0fab53a57dbab2061c83a35fa411c68d2ba33"};
    expect_p256(&c);
}

/* The answers of python-ecdsa 0.18 (sign_digest_deterministic). */
Test(sign, extreme_keys_and_digests_match_a_peer)
{
    static const struct p256_case CASES[] = {
        {ONE, ZEROS,
         "0e6b3bb68d65aa645104de3abb94cbc6f568e2d55ea511d0e6d300e177002159"
         "167afc0b518bd63853ccc1b5292e27024c557c8924ca3dec81d59651b9021794"},
        {ONE, ONES,
         "bb39491f7fef3e14da8f0431d525575c587c358b05e71e2e5e3c0199bb9ec798"
         "53508ccce16e222da12f2a2c012d2240b7f6f8f6d43d5b1a452719a3b6846300"},
        {ONE, N,
         "0e6b3bb68d65aa645104de3abb94cbc6f568e2d55ea511d0e6d300e177002159"
         "167afc0b518bd63853ccc1b5292e27024c557c8924ca3dec81d59651b9021794"},
        {N_LESS_1, ZEROS,
         "668805e94b02193f59cb7b33dd8ae4195cfb767fd46b58893926cc19497f1dc3"
         "1d883e8bfba9f070c9fb808695c304d1427c899ae8e988dc067b3b9113aa67f2"},
        {N_LESS_1, ONES,
         "77b47b05c7efc7af6da228f99727ae7cf6fc3aa80c36663ec4a56b2f7aa32f89"
         "bc70ca0c1e8f4530ed6ecf3088a1f47dad8bcf10fd61e1ff727dd77b147810b5"},
        {RFC_KEY, ONES,
         "1f2adbc54b88764c279f689fc9505959fc9e73e80dc20889a4e0be91865de75b"
         "9d109b65e2fbfc0ae42ba0b2e5f03670cd458cff4882df6783f3d93d607d1755"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        expect_p256(&CASES[i]);
    }
}

static EVP_PKEY *peer_key(const struct assay_public_key *key)
{
    uint8_t der[ASSAY_SPKI_MAX];
    const unsigned char *p = der;
    EVP_PKEY *pkey = d2i_PUBKEY(NULL, &p, (long)assay_public_key_der(key, der));
    cr_assert_not_null(pkey);
    return pkey;
}

/* ret: 1 when OpenSSL accepts r||s for the digest. */
static int peer_accepts_p256(const struct assay_public_key *key,
                             const uint8_t digest[static 32],
                             const uint8_t sig[static 64])
{
    ECDSA_SIG *pair = ECDSA_SIG_new();
    cr_assert_eq(ECDSA_SIG_set0(pair, BN_bin2bn(sig, 32, NULL),
                                BN_bin2bn(sig + 32, 32, NULL)),
                 1);
    unsigned char *der = NULL;
    int len = i2d_ECDSA_SIG(pair, &der);
    cr_assert_gt(len, 0);
    EVP_PKEY *pkey = peer_key(key);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
    cr_assert_eq(EVP_PKEY_verify_init(ctx), 1);
    int accepted = EVP_PKEY_verify(ctx, der, (size_t)len, digest, 32) == 1;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    OPENSSL_free(der);
    ECDSA_SIG_free(pair);
    return accepted;
}

Test(sign, random_keys_and_digests_verify_with_openssl)
{
    for (int i = 0; i < 200; i++) {
        struct assay_private_key key;
        uint8_t digest[32];
        uint8_t sig[64];
        uint8_t again[64];
        cr_assert_eq(assay_private_key_generate(ASSAY_P256, &key, NULL),
                     ASSAY_OK);
        cr_assert_eq(RAND_bytes(digest, sizeof digest), 1);
        cr_assert_eq(assay_sign_p256(&key, digest, sig, NULL), ASSAY_OK);
        cr_assert_eq(assay_sign_p256(&key, digest, again, NULL), ASSAY_OK);
        cr_assert_arr_eq(sig, again, sizeof sig);
        cr_assert(peer_accepts_p256(&key.public_key, digest, sig));
        digest[i % 32] ^= 1;
        cr_assert_not(peer_accepts_p256(&key.public_key, digest, sig));
        assay_private_key_wipe(&key);
    }
}

Test(sign, scalar_out_of_range_is_refused)
{
    static const char *const SECRETS[] = {ZEROS, N, ONES};
    static const uint8_t NOTHING[64] = {0};
    for (size_t i = 0; i < sizeof SECRETS / sizeof SECRETS[0]; i++) {
        struct assay_private_key key = key_of(ASSAY_P256, SECRETS[i]);
        uint8_t digest[32] = {1};
        uint8_t sig[64] = {1};
        struct assay_diag diag = {0};
        cr_expect_eq(assay_sign_p256(&key, digest, sig, &diag), ASSAY_INTERNAL);
        cr_expect_eq(diag.status, ASSAY_INTERNAL);
        cr_expect_arr_eq(sig, NOTHING, sizeof sig);
    }
}

Test(sign, key_of_other_algorithm_is_refused)
{
    uint8_t digest[32] = {1};
    uint8_t sig[64];
    struct assay_private_key key = key_of(ASSAY_ED25519, ONE);
    cr_expect_eq(assay_sign_p256(&key, digest, sig, NULL),
                 ASSAY_KEYFILE_ALGORITHM);
    key.public_key.algorithm = ASSAY_P256;
    cr_expect_eq(assay_sign_ed25519(&key, assay_slice(digest, 32), sig, NULL),
                 ASSAY_KEYFILE_ALGORITHM);
}

struct ed25519_case {
    const char *seed;
    const char *msg;
    const char *sig;
};

/* RFC 8032 7.1: tests 1, 2, 3 and SHA(abc). */
static const struct ed25519_case ED25519_CASES[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
    {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
     "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"},
};

Test(sign, rfc8032_vectors_match)
{
    for (size_t i = 0; i < sizeof ED25519_CASES / sizeof ED25519_CASES[0];
         i++) {
        const struct ed25519_case *c = &ED25519_CASES[i];
        struct assay_private_key key = key_of(ASSAY_ED25519, c->seed);
        uint8_t msg[64];
        uint8_t want[64];
        uint8_t sig[64];
        size_t len = strlen(c->msg) / 2;
        from_hex(msg, len, c->msg);
        from_hex(want, sizeof want, c->sig);
        cr_assert_eq(assay_sign_ed25519(&key, assay_slice(msg, len), sig, NULL),
                     ASSAY_OK);
        cr_expect_arr_eq(sig, want, sizeof sig, "case %zu", i);
    }
}

Test(sign, random_ed25519_signatures_verify_with_openssl)
{
    for (size_t i = 0; i < 64; i++) {
        struct assay_private_key key;
        uint8_t msg[64];
        uint8_t sig[64];
        cr_assert_eq(assay_private_key_generate(ASSAY_ED25519, &key, NULL),
                     ASSAY_OK);
        cr_assert_eq(RAND_bytes(msg, sizeof msg), 1);
        cr_assert_eq(assay_sign_ed25519(&key, assay_slice(msg, i), sig, NULL),
                     ASSAY_OK);
        EVP_PKEY *pkey = peer_key(&key.public_key);
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        cr_assert_eq(EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey), 1);
        cr_assert_eq(EVP_DigestVerify(ctx, sig, sizeof sig, msg, i), 1);
        EVP_MD_CTX_free(ctx);
        EVP_PKEY_free(pkey);
        assay_private_key_wipe(&key);
    }
}
