/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "base/bytes.h"
#include "host/diag.h"
#include "tests/packet_builder.h"
#include "tests/shared.h"
#include "verifier/verifier.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <zip.h>

/*
 * Signatures are made by OpenSSL and libsodium, packets by packet_builder.h;
 * the policy is compared with a second implementation, written from the
 * published tables alone.
 */

#define EXPECT(got, want, ...)                                                 \
    do {                                                                       \
        enum assay_status got_ = (got);                                        \
        enum assay_status want_ = (want);                                      \
        char what_[200];                                                       \
        (void)snprintf(what_, sizeof what_, __VA_ARGS__);                      \
        cr_assert(got_ == want_, "%s: got %s, want %s", what_,                 \
                  assay_status_name(got_), assay_status_name(want_));          \
    } while (0)

#define N_OF(array) (sizeof(array) / sizeof *(array))

static struct assay_slice slice_of(const struct pb *bytes)
{
    return assay_slice(bytes->b, bytes->len);
}

/* --- Keys and signatures of others ----------------------------------------*/

enum signer { KEY_A, KEY_B, KEY_KNOWN, KEY_ED, N_SIGNERS };

/* Big-endian; KEY_KNOWN is test.pem of pc-nrfutil, which everybody has. */
static const char *const SCALAR[] = {
    "1111111111111111111111111111111111111111111111111111111111111111",
    "2222222222222222222222222222222222222222222222222222222222222222",
    "3d9650109eff890b865e5e909f8ef0fb69adc6a150d144dd1226e61b50cc379d",
};

static uint8_t public_key[N_SIGNERS][65]; /* P-256: behind the 0x04 */
static EVP_PKEY *private_key[N_SIGNERS];
static uint8_t ed_secret[64];

static void make_p256(enum signer who, const uint8_t scalar[32])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    BIGNUM *d = BN_bin2bn(scalar, 32, NULL);
    EC_POINT *point = EC_POINT_new(group);
    uint8_t bytes[65];
    cr_assert_eq(EC_POINT_mul(group, point, d, NULL, NULL, NULL), 1);
    cr_assert_eq(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED,
                                    bytes, sizeof bytes, NULL),
                 65);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    (void)OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
                                          "prime256v1", 0);
    (void)OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
                                           bytes, sizeof bytes);
    (void)OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, d);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    cr_assert_eq(EVP_PKEY_fromdata_init(ctx), 1);
    cr_assert_eq(
        EVP_PKEY_fromdata(ctx, &private_key[who], EVP_PKEY_KEYPAIR, params), 1);
    memcpy(public_key[who], bytes + 1, 64);
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EC_POINT_free(point);
    BN_free(d);
    EC_GROUP_free(group);
}

static void make_keys(void)
{
    uint8_t seed[32];
    for (unsigned who = KEY_A; who <= KEY_KNOWN; who++) {
        struct pb scalar = {.len = 0};
        pb_hex(&scalar, SCALAR[who]);
        cr_assert_eq(scalar.len, 32);
        make_p256(who, scalar.b);
    }
    memset(seed, 0x33, sizeof seed);
    cr_assert_eq(crypto_sign_seed_keypair(public_key[KEY_ED], ed_secret, seed),
                 0);
}

static void free_keys(void)
{
    for (unsigned who = 0; who < N_SIGNERS; who++) {
        EVP_PKEY_free(private_key[who]);
    }
}

/* r and s, each 32 bytes little-endian. */
static void sign_p256(enum signer who, const uint8_t *bytes, size_t len,
                      uint8_t out[64])
{
    uint8_t der[80];
    size_t der_len = sizeof der;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    cr_assert_eq(
        EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, private_key[who]), 1);
    cr_assert_eq(EVP_DigestSign(ctx, der, &der_len, bytes, len), 1);
    const uint8_t *p = der;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)der_len);
    cr_assert_not_null(sig);
    cr_assert_eq(BN_bn2lebinpad(ECDSA_SIG_get0_r(sig), out, 32), 32);
    cr_assert_eq(BN_bn2lebinpad(ECDSA_SIG_get0_s(sig), out + 32, 32), 32);
    ECDSA_SIG_free(sig);
    EVP_MD_CTX_free(ctx);
}

static void sign(enum signer who, const struct pb *bytes,
                 struct pb_signature *out)
{
    out->len = 64;
    out->type = who == KEY_ED;
    if (who == KEY_ED) {
        cr_assert_eq(crypto_sign_detached(out->bytes, NULL, bytes->b,
                                          bytes->len, ed_secret),
                     0);
        return;
    }
    sign_p256(who, bytes->b, bytes->len, out->bytes);
}

static struct assay_key key_of(enum signer who)
{
    struct assay_key key = {.bytes = public_key[who],
                            .id = who,
                            .algorithm =
                                who == KEY_ED ? ASSAY_ED25519 : ASSAY_P256,
                            .roles = ASSAY_ROLE_ALL};
    return key;
}

/* --- A good update --------------------------------------------------------*/

enum { IMAGE_LEN = 150 };

static void image_bytes(uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)(7 * i + 1);
    }
}

static void reversed_digest(const uint8_t *bytes, size_t len, uint8_t out[32])
{
    uint8_t digest[32];
    (void)SHA256(bytes, len, digest);
    for (size_t i = 0; i < 32; i++) {
        out[i] = digest[31 - i];
    }
}

#define HAS_ALL_BUT_VALIDATION 0x3FEu

static struct pb_init good_init(void)
{
    uint8_t image[IMAGE_LEN];
    struct pb_init init = {.present = HAS_ALL_BUT_VALIDATION,
                           .number = {[1] = 10, [2] = 52, [7] = IMAGE_LEN},
                           .sd_req = {0x100},
                           .n_sd_req = 1,
                           .hash = {.type = 3, .len = 32}};
    image_bytes(image, sizeof image);
    reversed_digest(image, sizeof image, init.hash.bytes);
    return init;
}

static struct assay_device good_device(void)
{
    struct assay_device device = {.hw_version = 52,
                                  .softdevice = 0x100,
                                  .app_version = 9,
                                  .bootloader_version = 9,
                                  .image_room = 0x10000,
                                  .bootloader_room = 0x8000};
    return device;
}

static void make_packet(struct pb *packet, const struct pb_init *init,
                        enum signer who)
{
    struct pb body = {.len = 0};
    struct pb_signature signature = {.len = 0};
    packet->len = 0;
    pb_init(&body, init);
    sign(who, &body, &signature);
    pb_signed(packet, &body, &signature);
}

/* Offsets of r and s in a signed packet: its last 64 bytes. */
static uint8_t *signature_in(struct pb *packet)
{
    return packet->b + packet->len - 64;
}

static enum assay_status verify_one(const struct pb *packet,
                                    const struct assay_key *key,
                                    struct assay_verdict *verdict)
{
    struct assay_key_table table = {.key = key, .n_keys = 1};
    return assay_verifier_packet(slice_of(packet), &table, verdict);
}

/* --- The key table --------------------------------------------------------*/

TestSuite(keys, .init = make_keys, .fini = free_keys);

static enum assay_status check_keys(const struct assay_key *key, size_t n,
                                    uint32_t flags)
{
    struct assay_key_table table = {.key = key, .n_keys = n, .flags = flags};
    return assay_verifier_keys(&table);
}

Test(keys, good_keys_are_accepted)
{
    const struct assay_key keys[3] = {key_of(KEY_A), key_of(KEY_ED),
                                      key_of(KEY_B)};
    EXPECT(check_keys(keys, 3, 0), ASSAY_OK, "three keys");
    EXPECT(check_keys(keys + 1, 1, 0), ASSAY_OK, "Ed25519 alone");
}

Test(keys, empty_table_is_refused)
{
    EXPECT(check_keys(NULL, 0, 0), ASSAY_KEY_TABLE, "empty");
    EXPECT(check_keys(NULL, 0, ASSAY_KEYS_ALLOW_PUBLISHED), ASSAY_KEY_TABLE,
           "empty");
}

Test(keys, unknown_algorithm_is_refused)
{
    const struct assay_key ed = key_of(KEY_ED);
    const struct assay_key p256 = key_of(KEY_A);
    for (unsigned algorithm = 0; algorithm < 256; algorithm++) {
        struct assay_key keys[3] = {ed, p256, ed};
        if (algorithm == ASSAY_P256 || algorithm == ASSAY_ED25519) {
            continue;
        }
        keys[0].algorithm = (uint8_t)algorithm;
        EXPECT(check_keys(keys, 1, 0), ASSAY_KEY_TABLE, "alone, %u", algorithm);
        EXPECT(check_keys(keys, 2, 0), ASSAY_KEY_TABLE, "first, %u", algorithm);
        keys[2].algorithm = (uint8_t)algorithm;
        EXPECT(check_keys(keys + 1, 2, 0), ASSAY_KEY_TABLE, "last, %u",
               algorithm);
    }
}

/* The contract: the table as a whole is looked at before any point is. */
Test(keys, bug_unknown_algorithm_behind_a_bad_key_is_not_reported_first)
{
    uint8_t zero[64] = {0};
    struct assay_key keys[2] = {key_of(KEY_A), key_of(KEY_B)};
    keys[1].algorithm = 9;
    keys[0].bytes = zero;
    EXPECT(check_keys(keys, 2, 0), ASSAY_KEY_TABLE, "behind an invalid key");
    keys[0].bytes = public_key[KEY_KNOWN];
    EXPECT(check_keys(keys, 2, 0), ASSAY_KEY_TABLE, "behind a published key");
}

Test(keys, a_key_that_stands_twice_is_refused)
{
    for (unsigned who = KEY_A; who <= KEY_ED; who += KEY_ED - KEY_A) {
        uint8_t copy[64];
        struct assay_key keys[3] = {key_of(who), key_of(KEY_B), key_of(who)};
        memcpy(copy, public_key[who], sizeof copy);
        keys[2].bytes = copy;
        keys[2].roles = ASSAY_ROLE_BOOTLOADER;
        EXPECT(check_keys(keys, 2, 0), ASSAY_OK, "signer %u, once", who);
        EXPECT(check_keys(keys, 3, 0), ASSAY_KEY_TABLE, "signer %u", who);
        keys[0].flags = ASSAY_KEY_REVOKED_FLAG;
        EXPECT(check_keys(keys, 3, 0), ASSAY_KEY_TABLE, "signer %u", who);
    }
    uint8_t zero[64] = {0};
    struct assay_key keys[2] = {key_of(KEY_A), key_of(KEY_A)};
    keys[0].bytes = zero;
    keys[1].bytes = zero;
    EXPECT(check_keys(keys, 2, 0), ASSAY_KEY_TABLE, "before KEY_INVALID");
}

/* Equal in X alone. */
Test(keys, keys_that_only_look_alike_are_accepted)
{
    BIGNUM *p = NULL;
    BIGNUM *y = BN_bin2bn(public_key[KEY_A] + 32, 32, NULL);
    uint8_t negative[64];
    (void)BN_hex2bn(&p, "ffffffff00000001000000000000000000000000ffffffff"
                        "ffffffffffffffff");
    cr_assert_eq(BN_sub(y, p, y), 1);
    memcpy(negative, public_key[KEY_A], 32);
    cr_assert_eq(BN_bn2binpad(y, negative + 32, 32), 32);
    struct assay_key keys[2] = {key_of(KEY_A), key_of(KEY_A)};
    keys[1].bytes = negative;
    EXPECT(check_keys(keys, 2, 0), ASSAY_OK, "P and -P");
    BN_free(y);
    BN_free(p);
}

Test(keys, points_off_the_curve_are_refused)
{
    struct pb p = {.len = 0};
    uint8_t bad[64];
    struct assay_key keys[2] = {key_of(KEY_A), key_of(KEY_B)};
    keys[1].bytes = bad;
    for (unsigned bit = 0; bit < 512; bit += 31) {
        memcpy(bad, public_key[KEY_B], 64);
        bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
        EXPECT(check_keys(keys, 2, 0), ASSAY_KEY_INVALID, "bit %u", bit);
    }
    memset(bad, 0, sizeof bad);
    EXPECT(check_keys(keys, 2, 0), ASSAY_KEY_INVALID, "zero");
    memset(bad, 0xFF, sizeof bad);
    EXPECT(check_keys(keys, 2, 0), ASSAY_KEY_INVALID, "ones");
    /* The X of a point with a small X, plus p: not reduced. */
    pb_hex(&p, "ffffffff00000001000000000000000000000000ffffffffffffffff"
               "ffffffff");
    memcpy(bad, p.b, 32);
    EXPECT(check_keys(keys, 2, 0), ASSAY_KEY_INVALID, "X = p");
}

/* The same point with its halves in the byte order of a target's flash. */
Test(keys, little_endian_key_is_refused)
{
    uint8_t turned[64];
    struct assay_key key = key_of(KEY_A);
    key.bytes = turned;
    assay_reverse(turned, public_key[KEY_A], 32);
    assay_reverse(turned + 32, public_key[KEY_A] + 32, 32);
    EXPECT(check_keys(&key, 1, 0), ASSAY_KEY_INVALID, "each half reversed");
}

/* RFC 8032: encodings of the points of order 1, 2, 4 and 8, y not reduced. */
Test(keys, ed25519_points_of_small_order_are_refused)
{
    static const char *const SMALL[] = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0200000000000000000000000000000000000000000000000000000000000000",
    };
    struct assay_key key = key_of(KEY_ED);
    for (size_t i = 0; i < N_OF(SMALL); i++) {
        struct pb bytes = {.len = 0};
        pb_hex(&bytes, SMALL[i]);
        key.bytes = bytes.b;
        EXPECT(check_keys(&key, 1, 0), ASSAY_KEY_INVALID, "%s", SMALL[i]);
    }
}

Test(keys, published_key_is_refused_unless_the_table_allows_it)
{
    struct assay_key keys[2] = {key_of(KEY_A), key_of(KEY_KNOWN)};
    EXPECT(check_keys(keys, 2, 0), ASSAY_KEY_PUBLISHED, "published");
    EXPECT(check_keys(keys, 2, ~ASSAY_KEYS_ALLOW_PUBLISHED),
           ASSAY_KEY_PUBLISHED, "all other flags");
    EXPECT(check_keys(keys, 2, ASSAY_KEYS_ALLOW_PUBLISHED), ASSAY_OK,
           "allowed");
    keys[1].flags = ASSAY_KEY_REVOKED_FLAG;
    EXPECT(check_keys(keys, 2, 0), ASSAY_KEY_PUBLISHED, "revoked as well");
}

Test(keys, the_first_bad_key_is_reported)
{
    uint8_t zero[64] = {0};
    struct assay_key keys[2] = {key_of(KEY_KNOWN), key_of(KEY_A)};
    keys[1].bytes = zero;
    EXPECT(check_keys(keys, 2, 0), ASSAY_KEY_PUBLISHED, "published first");
    EXPECT(check_keys(keys, 2, ASSAY_KEYS_ALLOW_PUBLISHED), ASSAY_KEY_INVALID,
           "allowed, then invalid");
    keys[0] = keys[1];
    keys[1] = key_of(KEY_KNOWN);
    EXPECT(check_keys(keys, 2, 0), ASSAY_KEY_INVALID, "invalid first");
}

/* root-ed25519.pem and root-ed25519-2.pem of MCUboot: anybody can sign. */
Test(keys, bug_published_ed25519_key_is_trusted)
{
    static const char *const ROOT[] = {
        "d4b31ba49a3add3f825d10ca7f31b50b0de87f37ccc49f1a403a5c1320ffb4e0",
        "c3bcdf30764e1f5db40d892e0d0eab049c30064e79a8edb6f7792e469a26da77",
    };
    struct assay_key key = key_of(KEY_ED);
    for (size_t i = 0; i < N_OF(ROOT); i++) {
        struct pb bytes = {.len = 0};
        pb_hex(&bytes, ROOT[i]);
        key.bytes = bytes.b;
        EXPECT(check_keys(&key, 1, ASSAY_KEYS_ALLOW_PUBLISHED), ASSAY_OK,
               "%s, allowed", ROOT[i]);
        EXPECT(check_keys(&key, 1, 0), ASSAY_KEY_PUBLISHED, "%s", ROOT[i]);
    }
}

/* ret: the next run of 128 hex digits of the text, as 64 bytes; 0 at the end */
static unsigned next_listed_key(const char **text, uint8_t key[64])
{
    static const char DIGITS[] = "0123456789abcdef";
    for (; **text != '\0'; (*text)++) {
        size_t len = strspn(*text, DIGITS);
        if (len == 128) {
            struct pb le = {.len = 0};
            char digits[129];
            memcpy(digits, *text, 128);
            digits[128] = '\0';
            pb_hex(&le, digits);
            assay_reverse(key, le.b, 32);
            assay_reverse(key + 32, le.b + 32, 32);
            *text += len;
            return 1;
        }
        *text += len != 0 ? len - 1 : 0;
    }
    return 0;
}

static char *shared_text(const char *name)
{
    char path[512];
    if (!shared_path(path, sizeof path, name)) {
        return NULL;
    }
    FILE *f = fopen(path, "rb");
    cr_assert_not_null(f);
    char *text = calloc(1, 200000);
    cr_assert_not_null(text);
    cr_assert_lt(fread(text, 1, 199999, f), (size_t)199999);
    (void)fclose(f);
    return text;
}

Test(keys, every_key_of_the_published_list_is_refused)
{
    char *text = shared_text("reference/published-keys.md");
    if (text == NULL) {
        shared_skip("keys", 26, "reference/published-keys.md");
        return;
    }
    const char *at = text;
    uint8_t bytes[64];
    unsigned n = 0;
    while (next_listed_key(&at, bytes)) {
        struct assay_key key = key_of(KEY_A);
        key.bytes = bytes;
        EXPECT(check_keys(&key, 1, ASSAY_KEYS_ALLOW_PUBLISHED), ASSAY_OK,
               "listed key %u, allowed", n);
        EXPECT(check_keys(&key, 1, 0), ASSAY_KEY_PUBLISHED, "listed key %u", n);
        n++;
    }
    free(text);
    cr_assert_eq(n, 26);
}

/* --- The packet -----------------------------------------------------------*/

TestSuite(packet, .init = make_keys, .fini = free_keys);

Test(packet, good_packets_of_both_algorithms_are_accepted)
{
    struct pb_init init = good_init();
    for (unsigned who = 0; who < N_SIGNERS; who++) {
        struct assay_key key = key_of(who);
        struct assay_key_table table = {
            .key = &key, .n_keys = 1, .flags = ASSAY_KEYS_ALLOW_PUBLISHED};
        struct assay_verdict v;
        struct pb packet;
        make_packet(&packet, &init, who);
        memset(&v, 0xA5, sizeof v);
        EXPECT(assay_verifier_packet(slice_of(&packet), &table, &v), ASSAY_OK,
               "signer %u", who);
        cr_assert_eq(v.key_index, 0);
        cr_assert_eq(v.command.present, HAS_ALL_BUT_VALIDATION);
        cr_assert_eq(v.command.fw_version, 10);
        cr_assert_eq(v.command.app_size, IMAGE_LEN);
        cr_assert_arr_eq(v.command.hash.p, init.hash.bytes, 32);
        cr_assert(v.command.hash.p > packet.b &&
                  v.command.hash.p < packet.b + packet.len);
    }
}

Test(packet, the_key_that_signed_is_reported)
{
    const struct assay_key keys[4] = {key_of(KEY_ED), key_of(KEY_A),
                                      key_of(KEY_KNOWN), key_of(KEY_B)};
    static const enum signer WHO[4] = {KEY_ED, KEY_A, KEY_KNOWN, KEY_B};
    struct assay_key_table table = {
        .key = keys, .n_keys = 4, .flags = ASSAY_KEYS_ALLOW_PUBLISHED};
    struct pb_init init = good_init();
    for (uint32_t i = 0; i < 4; i++) {
        struct pb packet;
        struct assay_verdict v;
        make_packet(&packet, &init, WHO[i]);
        EXPECT(assay_verifier_packet(slice_of(&packet), &table, &v), ASSAY_OK,
               "key %u", i);
        cr_assert_eq(v.key_index, i);
    }
    table.n_keys = 3;
    struct pb packet;
    struct assay_verdict v;
    make_packet(&packet, &init, KEY_B);
    EXPECT(assay_verifier_packet(slice_of(&packet), &table, &v),
           ASSAY_SIGNATURE_INVALID, "the signer is not in the table");
}

/*
 * A key that is revoked in one place and trusted in another: a revocation
 * that was appended to a table must not be without effect.
 */
Test(packet, bug_revocation_behind_an_equal_key_has_no_effect)
{
    struct assay_key keys[2] = {key_of(KEY_A), key_of(KEY_A)};
    struct assay_key_table table = {.key = keys, .n_keys = 2};
    struct pb_init init = good_init();
    struct pb packet;
    struct assay_verdict v;
    make_packet(&packet, &init, KEY_A);
    keys[1].flags = ASSAY_KEY_REVOKED_FLAG;
    cr_assert(assay_verifier_keys(&table) != ASSAY_OK ||
              assay_verifier_packet(slice_of(&packet), &table, &v) != ASSAY_OK);
}

Test(packet, a_flipped_bit_of_the_signature_is_refused)
{
    struct pb_init init = good_init();
    for (unsigned who = KEY_A; who <= KEY_ED; who += KEY_ED - KEY_A) {
        struct assay_key key = key_of(who);
        struct assay_verdict v;
        struct pb packet;
        make_packet(&packet, &init, who);
        for (unsigned bit = 0; bit < 512; bit += 7) {
            signature_in(&packet)[bit / 8] ^= (uint8_t)(1u << bit % 8);
            EXPECT(verify_one(&packet, &key, &v), ASSAY_SIGNATURE_INVALID,
                   "signer %u, bit %u", who, bit);
            signature_in(&packet)[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        EXPECT(verify_one(&packet, &key, &v), ASSAY_OK, "signer %u", who);
    }
}

/* The signature goes first: no fault of signed bytes is reported before. */
Test(packet, a_flipped_bit_of_the_signed_bytes_is_refused)
{
    struct pb_init init = good_init();
    struct assay_key key = key_of(KEY_A);
    struct assay_verdict v;
    struct pb packet;
    struct assay_envelope e;
    make_packet(&packet, &init, KEY_A);
    EXPECT(assay_initpkt_open(slice_of(&packet), &e), ASSAY_OK, "open");
    size_t start = (size_t)(e.signed_bytes.p - packet.b);
    for (size_t bit = 0; bit < 8 * e.signed_bytes.len; bit += 5) {
        packet.b[start + bit / 8] ^= (uint8_t)(1u << bit % 8);
        EXPECT(verify_one(&packet, &key, &v), ASSAY_SIGNATURE_INVALID,
               "bit %zu", bit);
        packet.b[start + bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void subtract_from_order(uint8_t s[32])
{
    BIGNUM *n = NULL;
    BIGNUM *value = BN_lebin2bn(s, 32, NULL);
    (void)BN_hex2bn(&n, "ffffffff00000000ffffffffffffffffbce6faada7179e84"
                        "f3b9cac2fc632551");
    cr_assert_eq(BN_sub(value, n, value), 1);
    cr_assert_eq(BN_bn2lebinpad(value, s, 32), 32);
    BN_free(value);
    BN_free(n);
}

Test(packet, the_other_s_of_ecdsa_is_accepted)
{
    struct pb_init init = good_init();
    struct assay_key key = key_of(KEY_A);
    struct assay_verdict v;
    struct pb packet;
    make_packet(&packet, &init, KEY_A);
    subtract_from_order(signature_in(&packet) + 32);
    EXPECT(verify_one(&packet, &key, &v), ASSAY_OK, "n - s");
    subtract_from_order(signature_in(&packet));
    EXPECT(verify_one(&packet, &key, &v), ASSAY_SIGNATURE_INVALID, "n - r");
}

Test(packet, r_and_s_out_of_range_or_order_are_refused)
{
    struct pb_init init = good_init();
    struct assay_key key = key_of(KEY_A);
    struct assay_verdict v;
    struct pb packet;
    uint8_t turned[64];
    make_packet(&packet, &init, KEY_A);
    uint8_t *sig = signature_in(&packet);
    assay_reverse(turned, sig, 32);
    assay_reverse(turned + 32, sig + 32, 32);
    memcpy(sig, turned, 64);
    EXPECT(verify_one(&packet, &key, &v), ASSAY_SIGNATURE_INVALID,
           "big-endian");
    assay_reverse(turned, sig, 64);
    memcpy(sig, turned, 64);
    EXPECT(verify_one(&packet, &key, &v), ASSAY_SIGNATURE_INVALID, "s, r");
    memset(sig, 0, 64);
    EXPECT(verify_one(&packet, &key, &v), ASSAY_SIGNATURE_INVALID, "zero");
    memset(sig, 0xFF, 64);
    EXPECT(verify_one(&packet, &key, &v), ASSAY_SIGNATURE_INVALID, "ones");
}

Test(packet, only_the_content_of_init_is_signed)
{
    struct pb_init init = good_init();
    struct assay_key key = key_of(KEY_A);
    struct assay_verdict v;
    struct pb body = {.len = 0};
    struct pb command = {.len = 0};
    struct pb packet = {.len = 0};
    struct pb_signature signature = {.len = 0};
    pb_init(&body, &init);
    pb_command(&command, &body);
    sign(KEY_A, &command, &signature);
    pb_signed(&packet, &body, &signature);
    EXPECT(verify_one(&packet, &key, &v), ASSAY_SIGNATURE_INVALID,
           "signed with the header of the command");
}

Test(packet, the_algorithm_belongs_to_the_key)
{
    const struct assay_key keys[2] = {key_of(KEY_A), key_of(KEY_ED)};
    struct assay_key_table table = {.key = keys, .n_keys = 2};
    struct pb_init init = good_init();
    struct pb body = {.len = 0};
    struct assay_verdict v;
    pb_init(&body, &init);
    for (unsigned who = KEY_A; who <= KEY_ED; who += KEY_ED - KEY_A) {
        struct pb packet = {.len = 0};
        struct pb_signature signature = {.len = 0};
        sign(who, &body, &signature);
        signature.type ^= 1;
        pb_signed(&packet, &body, &signature);
        EXPECT(assay_verifier_packet(slice_of(&packet), &table, &v),
               ASSAY_SIGNATURE_INVALID, "signer %u, other algorithm", who);
        EXPECT(verify_one(&packet, who == KEY_A ? &keys[0] : &keys[1], &v),
               ASSAY_SIGNATURE_TYPE, "signer %u, no key of it", who);
    }
}

Test(packet, unsigned_packet_is_refused)
{
    struct pb_init init = good_init();
    struct assay_key key = key_of(KEY_A);
    struct assay_verdict v;
    struct pb body = {.len = 0};
    struct pb packet = {.len = 0};
    pb_init(&body, &init);
    pb_unsigned(&packet, &body);
    EXPECT(verify_one(&packet, &key, &v), ASSAY_SIGNATURE_MISSING, "unsigned");
}

Test(packet, faults_of_the_envelope_come_through)
{
    struct assay_key key = key_of(KEY_A);
    struct assay_verdict v;
    struct pb packet = {.len = 0};
    EXPECT(verify_one(&packet, &key, &v), ASSAY_PACKET_EMPTY, "empty");
    packet.len = 513;
    EXPECT(verify_one(&packet, &key, &v), ASSAY_PACKET_TOO_LONG, "long");
    struct pb_init init = good_init();
    make_packet(&packet, &init, KEY_A);
    pb_byte(&packet, 0xFF);
    EXPECT(verify_one(&packet, &key, &v), ASSAY_TRUNCATED, "trailing byte");
}

Test(packet, revoked_and_published_signers_are_refused_by_name)
{
    struct pb_init init = good_init();
    struct assay_verdict v = {.key_index = 7};
    struct assay_key keys[2] = {key_of(KEY_B), key_of(KEY_A)};
    struct assay_key_table table = {.key = keys, .n_keys = 2};
    struct pb packet;
    keys[1].flags = ASSAY_KEY_REVOKED_FLAG;
    make_packet(&packet, &init, KEY_A);
    EXPECT(assay_verifier_packet(slice_of(&packet), &table, &v),
           ASSAY_KEY_REVOKED, "revoked");
    cr_assert_eq(v.key_index, 1);
    v.key_index = 7;
    keys[1] = key_of(KEY_KNOWN);
    make_packet(&packet, &init, KEY_KNOWN);
    EXPECT(assay_verifier_packet(slice_of(&packet), &table, &v),
           ASSAY_KEY_PUBLISHED, "published");
    cr_assert_eq(v.key_index, 1);
    table.flags = ASSAY_KEYS_ALLOW_PUBLISHED;
    EXPECT(assay_verifier_packet(slice_of(&packet), &table, &v), ASSAY_OK,
           "published, allowed");
}

/* A type needs all of its parts' roles; nothing else counts. */
Test(packet, every_role_against_every_type)
{
    static const uint32_t NEEDS[5] = {
        ASSAY_ROLE_APPLICATION, ASSAY_ROLE_SOFTDEVICE, ASSAY_ROLE_BOOTLOADER,
        ASSAY_ROLE_SOFTDEVICE | ASSAY_ROLE_BOOTLOADER, ASSAY_ROLE_EXTERNAL};
    struct pb_init init = good_init();
    struct assay_key key = key_of(KEY_ED);
    for (uint32_t type = 0; type < 5; type++) {
        struct pb packet;
        init.number[4] = type;
        make_packet(&packet, &init, KEY_ED);
        for (uint32_t roles = 0; roles < 16; roles++) {
            struct assay_verdict v;
            key.roles = (uint8_t)roles;
            EXPECT(verify_one(&packet, &key, &v),
                   (roles & NEEDS[type]) == NEEDS[type] ? ASSAY_OK
                                                        : ASSAY_KEY_ROLE,
                   "type %u, roles %u", type, roles);
        }
    }
}

Test(packet, only_a_sha256_digest_is_accepted)
{
    struct assay_key key = key_of(KEY_ED);
    for (uint32_t type = 0; type < 5; type++) {
        struct pb_init init = good_init();
        struct pb packet;
        struct assay_verdict v;
        init.hash.type = type;
        make_packet(&packet, &init, KEY_ED);
        EXPECT(verify_one(&packet, &key, &v),
               type == 3 ? ASSAY_OK : ASSAY_HASH_TYPE, "hash type %u", type);
    }
    struct pb_init init = good_init();
    struct pb packet;
    struct assay_verdict v;
    init.present &= ~(1u << 8);
    make_packet(&packet, &init, KEY_ED);
    EXPECT(verify_one(&packet, &key, &v), ASSAY_HASH_TYPE, "no hash");
}

Test(packet, no_field_but_type_and_hash_is_required_here)
{
    struct pb_init init = good_init();
    struct assay_key key = key_of(KEY_ED);
    struct assay_verdict v;
    struct pb packet;
    init.present = 1u << 4 | 1u << 8;
    make_packet(&packet, &init, KEY_ED);
    EXPECT(verify_one(&packet, &key, &v), ASSAY_OK, "type and hash");
    init.present = 0;
    make_packet(&packet, &init, KEY_ED);
    EXPECT(verify_one(&packet, &key, &v), ASSAY_TYPE_MISSING, "nothing");
}

/* --- The order of checks --------------------------------------------------*/

TestSuite(order, .init = make_keys, .fini = free_keys);

/* Faults in the order in which they must be reported. */
enum fault {
    F_ENVELOPE,
    F_UNSIGNED,
    F_ALGORITHM,
    F_SIGNATURE,
    F_REVOKED,
    F_PUBLISHED,
    F_FIELDS,
    F_NO_TYPE,
    F_ROLE,
    F_HASH,
    F_TYPE_REFUSED,
    F_NO_HW_VERSION,
    F_HW_VERSION,
    F_SD_REQ,
    F_FW_VERSION,
    F_NO_FW_VERSION,
    F_BOOTLOADER_ROOM,
    F_SIZE_OVERFLOW,
    F_SIZE_ZERO,
    F_IMAGE_ROOM,
    N_FAULTS
};

static const enum assay_status FAULT_STATUS[N_FAULTS] = {
    ASSAY_TRUNCATED,       ASSAY_SIGNATURE_MISSING,
    ASSAY_SIGNATURE_TYPE,  ASSAY_SIGNATURE_INVALID,
    ASSAY_KEY_REVOKED,     ASSAY_KEY_PUBLISHED,
    ASSAY_FIELD_UNKNOWN,   ASSAY_TYPE_MISSING,
    ASSAY_KEY_ROLE,        ASSAY_HASH_TYPE,
    ASSAY_TYPE_REFUSED,    ASSAY_HW_VERSION_MISSING,
    ASSAY_HW_VERSION,      ASSAY_SD_REQ,
    ASSAY_FW_VERSION,      ASSAY_FW_VERSION_MISSING,
    ASSAY_BOOTLOADER_ROOM, ASSAY_SIZE_OVERFLOW,
    ASSAY_SIZE_ZERO,       ASSAY_IMAGE_ROOM,
};

/* Pairs that contradict each other: no packet has both. */
static unsigned exclude_each_other(unsigned a, unsigned b)
{
    static const unsigned char PAIRS[][2] = {
        {F_NO_HW_VERSION, F_HW_VERSION},     {F_FW_VERSION, F_NO_FW_VERSION},
        {F_TYPE_REFUSED, F_BOOTLOADER_ROOM}, {F_TYPE_REFUSED, F_SIZE_OVERFLOW},
        {F_BOOTLOADER_ROOM, F_SIZE_ZERO},    {F_SIZE_OVERFLOW, F_SIZE_ZERO},
        {F_SIZE_ZERO, F_IMAGE_ROOM},
    };
    for (size_t i = 0; i < N_OF(PAIRS); i++) {
        if (a == PAIRS[i][0] && b == PAIRS[i][1]) {
            return 1;
        }
    }
    return 0;
}

struct scene {
    struct pb_init init;
    struct assay_key key;
    struct assay_device device;
    uint32_t faults; /* 1 << enum fault */
};

static unsigned has_fault(const struct scene *s, enum fault fault)
{
    return s->faults >> fault & 1;
}

static void spoil_fields(struct scene *s)
{
    struct pb_init *init = &s->init;
    if (has_fault(s, F_TYPE_REFUSED)) {
        init->number[4] = 4;
    }
    if (has_fault(s, F_BOOTLOADER_ROOM)) {
        init->number[4] = 2;
        init->number[6] = s->device.bootloader_room + 1;
    }
    if (has_fault(s, F_SIZE_OVERFLOW)) {
        init->number[4] = 3;
        init->number[6] = s->device.bootloader_room;
        init->number[5] = UINT32_MAX - init->number[6] + 1;
        if (has_fault(s, F_BOOTLOADER_ROOM)) {
            init->number[6]++;
        }
    }
    if (has_fault(s, F_SIZE_ZERO)) {
        init->number[7] = 0;
    }
    if (has_fault(s, F_NO_TYPE)) {
        init->present &= ~(1u << 4);
    }
    if (has_fault(s, F_HASH)) {
        init->hash.type = 4;
    }
    if (has_fault(s, F_NO_HW_VERSION)) {
        init->present &= ~(1u << 2);
    }
    if (has_fault(s, F_NO_FW_VERSION)) {
        init->present &= ~(1u << 1);
    }
}

static void spoil_device_and_key(struct scene *s)
{
    if (has_fault(s, F_HW_VERSION)) {
        s->device.hw_version++;
    }
    if (has_fault(s, F_SD_REQ)) {
        s->device.softdevice++;
    }
    if (has_fault(s, F_FW_VERSION)) {
        s->device.app_version = 11;
        s->device.bootloader_version = 10;
    }
    if (has_fault(s, F_IMAGE_ROOM)) {
        s->device.image_room = 1;
    }
    if (has_fault(s, F_REVOKED)) {
        s->key.flags = ASSAY_KEY_REVOKED_FLAG;
    }
    if (has_fault(s, F_ROLE)) {
        s->key.roles = 0;
    }
}

static void write_scene(const struct scene *s, enum signer who,
                        struct pb *packet)
{
    struct pb body = {.len = 0};
    struct pb_signature signature = {.len = 0};
    pb_init(&body, &s->init);
    if (has_fault(s, F_FIELDS)) {
        pb_hex(&body, "5800");
    }
    sign(who, &body, &signature);
    if (has_fault(s, F_SIGNATURE)) {
        signature.bytes[0] ^= 1;
    }
    if (has_fault(s, F_UNSIGNED)) {
        pb_unsigned(packet, &body);
    } else {
        pb_signed(packet, &body, &signature);
    }
    if (has_fault(s, F_ENVELOPE)) {
        pb_byte(packet, 0x80);
    }
}

static enum assay_status play(uint32_t faults)
{
    enum signer who =
        faults >> F_PUBLISHED & 1 ? KEY_KNOWN : (enum signer)KEY_A;
    struct scene s = {.init = good_init(),
                      .key = key_of(who),
                      .device = good_device(),
                      .faults = faults};
    struct pb packet = {.len = 0};
    struct assay_verdict v;
    if (has_fault(&s, F_ALGORITHM)) {
        s.key = key_of(KEY_ED);
    }
    spoil_device_and_key(&s);
    spoil_fields(&s);
    write_scene(&s, who, &packet);
    enum assay_status status = verify_one(&packet, &s.key, &v);
    if (status == ASSAY_OK) {
        status = assay_verifier_policy(&v.command, &s.device);
    }
    return status;
}

Test(order, the_earlier_of_two_faults_is_reported)
{
    EXPECT(play(0), ASSAY_OK, "no fault");
    for (unsigned a = 0; a < N_FAULTS; a++) {
        EXPECT(play(1u << a), FAULT_STATUS[a], "fault %u", a);
        for (unsigned b = a + 1; b < N_FAULTS; b++) {
            if (!exclude_each_other(a, b)) {
                EXPECT(play(1u << a | 1u << b), FAULT_STATUS[a],
                       "faults %u and %u", a, b);
            }
        }
    }
}

/* --- Policy: a second implementation --------------------------------------*/

struct world {
    uint32_t type;
    const uint32_t *list;
    uint32_t n_list;
    int64_t fw; /* -1: absent */
    int64_t hw;
    int64_t fwid; /* -1: no SoftDevice */
    uint32_t app_version;
    uint32_t bootloader_version;
    unsigned prevention; /* of application downgrades */
    unsigned accept_same;
    unsigned external;
    unsigned external_versioning;
    unsigned ble; /* or ANT: the bootloader needs its SoftDevice */
};

enum { APPLICATION, SOFTDEVICE, BOOTLOADER, BOTH, EXTERNAL };

static unsigned in_list(const struct world *w, uint32_t id)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < w->n_list; i++) {
        n += w->list[i] == id;
    }
    return n != 0;
}

/* The table "sd_req rule", row by row. */
static unsigned table_sd_req(const struct world *w)
{
    unsigned p = w->prevention || (w->ble && w->type == SOFTDEVICE);
    unsigned empty = w->n_list == 0;
    unsigned zero = !empty && w->list[0] == 0;
    unsigned any = w->type == EXTERNAL && in_list(w, 0xFFFE);
    if (w->fwid < 0) {
        if (empty || zero) {
            return !p || w->fw >= 0;
        }
        return any;
    }
    unsigned own = in_list(w, (uint32_t)w->fwid);
    if (empty) {
        return 0;
    }
    if (!zero) {
        return own || any;
    }
    switch (w->type) {
    case APPLICATION:
        if (p && w->n_list > 1) {
            return own && !w->ble;
        }
        return 1;
    case EXTERNAL:
        return 0;
    case SOFTDEVICE:
        return !p;
    default:
        return 1;
    }
}

/* "fw_version rule", and step 8 for an absent one. */
static enum assay_status table_fw_version(const struct world *w)
{
    unsigned ok = 0;
    unsigned required = 0;
    switch (w->type) {
    case APPLICATION:
    case SOFTDEVICE:
        ok = !w->prevention || w->fw > w->app_version ||
             (w->fw == w->app_version && w->accept_same);
        required = w->type == APPLICATION && w->prevention;
        break;
    case EXTERNAL:
        ok = !w->external_versioning || w->fw >= w->app_version;
        required = w->external_versioning;
        break;
    default:
        ok = w->fw > w->bootloader_version;
        required = 1;
        break;
    }
    if (w->fw < 0) {
        return required ? ASSAY_FW_VERSION_MISSING : ASSAY_OK;
    }
    return ok ? ASSAY_OK : ASSAY_FW_VERSION;
}

static enum assay_status table_policy(const struct world *w)
{
    if (w->type == EXTERNAL && !w->external) {
        return ASSAY_TYPE_REFUSED;
    }
    if (w->hw < 0) {
        return ASSAY_HW_VERSION_MISSING;
    }
    if (w->hw != 52) {
        return ASSAY_HW_VERSION;
    }
    if (!table_sd_req(w)) {
        return ASSAY_SD_REQ;
    }
    return table_fw_version(w);
}

static enum assay_status ask_policy(const struct world *w)
{
    struct pb list = {.len = 0};
    struct assay_init_command c = {
        .present = 1u << ASSAY_INIT_TYPE | 1u << ASSAY_INIT_HASH |
                   1u << ASSAY_INIT_SD_SIZE | 1u << ASSAY_INIT_BL_SIZE |
                   1u << ASSAY_INIT_APP_SIZE,
        .type = w->type,
        .sd_size = 1,
        .bl_size = 1,
        .app_size = 1,
        .hash_type = ASSAY_HASH_SHA256,
        .n_sd_req = w->n_list,
    };
    struct assay_device d = {.hw_version = 52,
                             .softdevice = w->fwid < 0 ? ASSAY_NO_SOFTDEVICE
                                                       : (uint32_t)w->fwid,
                             .app_version = w->app_version,
                             .bootloader_version = w->bootloader_version,
                             .image_room = 2,
                             .bootloader_room = 1};
    for (uint32_t i = 0; i < w->n_list; i++) {
        pb_varint(&list, w->list[i]);
    }
    c.sd_req = slice_of(&list);
    c.present |= w->n_list != 0 ? 1u << ASSAY_INIT_SD_REQ : 0;
    if (w->fw >= 0) {
        c.present |= 1u << ASSAY_INIT_FW_VERSION;
        c.fw_version = (uint32_t)w->fw;
    }
    if (w->hw >= 0) {
        c.present |= 1u << ASSAY_INIT_HW_VERSION;
        c.hw_version = (uint32_t)w->hw;
    }
    d.flags = (w->prevention ? 0 : ASSAY_DEVICE_DOWNGRADE) |
              (w->accept_same ? ASSAY_DEVICE_SAME_VERSION : 0) |
              (w->external ? ASSAY_DEVICE_EXTERNAL : 0) |
              (w->external_versioning ? 0 : ASSAY_DEVICE_EXTERNAL_ANY) |
              (w->ble ? ASSAY_DEVICE_NEEDS_SOFTDEVICE : 0);
    return assay_verifier_policy(&c, &d);
}

/* Lists of up to three entries out of these. */
static const uint32_t IDS[] = {0, 0x8C, 0x100, 0xFFFE, 0xFFFFFFFF};
#define N_IDS ((unsigned)N_OF(IDS))
#define N_LISTS (1 + N_IDS + N_IDS * N_IDS + N_IDS * N_IDS * N_IDS)

static uint32_t nth_list(unsigned n, uint32_t list[3])
{
    uint32_t len = 0;
    while (n != 0) {
        n--;
        list[len++] = IDS[n % N_IDS];
        n /= N_IDS;
    }
    return len;
}

static void compare_worlds(struct world *w, unsigned *n_accepted)
{
    static const int64_t VERSIONS[] = {-1, 0, 4, 5, 6, 7, 0xFFFFFFFF};
    for (unsigned flags = 0; flags < 32; flags++) {
        w->prevention = flags & 1;
        w->accept_same = flags >> 1 & 1;
        w->external = flags >> 2 & 1;
        w->external_versioning = flags >> 3 & 1;
        w->ble = flags >> 4 & 1;
        for (size_t v = 0; v < N_OF(VERSIONS); v++) {
            w->fw = VERSIONS[v];
            enum assay_status want = table_policy(w);
            enum assay_status got = ask_policy(w);
            *n_accepted += got == ASSAY_OK;
            if (got != want) {
                EXPECT(got, want,
                       "type %u, %u in the list, first %u, SoftDevice %d, "
                       "flags %u, version %d",
                       w->type, w->n_list, w->list[0], (int)w->fwid, flags,
                       (int)w->fw);
            }
        }
    }
}

Test(policy, all_small_cases_agree_with_the_tables)
{
    static const int64_t FWIDS[] = {-1, 0x8C, 0x100, 0};
    uint32_t list[3] = {0};
    unsigned accepted = 0;
    for (unsigned n = 0; n < N_LISTS; n++) {
        struct world w = {.list = list, .hw = 52};
        w.n_list = nth_list(n, list);
        w.app_version = 5;
        w.bootloader_version = 6;
        for (w.type = 0; w.type < 5; w.type++) {
            for (size_t i = 0; i < N_OF(FWIDS); i++) {
                w.fwid = FWIDS[i];
                compare_worlds(&w, &accepted);
            }
        }
    }
    cr_assert_gt(accepted, 10000);
}

Test(policy, hardware_and_highest_versions_agree_with_the_tables)
{
    static const int64_t HARDWARE[] = {-1, 0, 51, 52, 53, 0xFFFFFFFF};
    static const uint32_t OWN[] = {0, 1, 0xFFFFFFFF};
    uint32_t list[1] = {0x100};
    unsigned accepted = 0;
    for (size_t h = 0; h < N_OF(HARDWARE); h++) {
        for (size_t v = 0; v < N_OF(OWN); v++) {
            struct world w = {.list = list, .n_list = 1, .fwid = 0x100};
            w.hw = HARDWARE[h];
            w.app_version = OWN[v];
            w.bootloader_version = OWN[N_OF(OWN) - 1 - v];
            for (w.type = 0; w.type < 5; w.type++) {
                compare_worlds(&w, &accepted);
            }
        }
    }
    cr_assert_gt(accepted, 100);
}

/* "Size" and "Room", in 64 bits. */
static enum assay_status table_sizes(const struct assay_init_command *c,
                                     const struct assay_device *d)
{
    static const unsigned PARTS[5] = {1, 2, 4, 6, 1};
    uint64_t len = 0;
    unsigned parts = PARTS[c->type];
    len += parts & 1 ? c->app_size : 0;
    len += parts & 2 ? c->sd_size : 0;
    len += parts & 4 ? c->bl_size : 0;
    if ((parts & 4) && c->bl_size > d->bootloader_room) {
        return ASSAY_BOOTLOADER_ROOM;
    }
    if (len > UINT32_MAX) {
        return ASSAY_SIZE_OVERFLOW;
    }
    if (len == 0) {
        return ASSAY_SIZE_ZERO;
    }
    return len > d->image_room ? ASSAY_IMAGE_ROOM : ASSAY_OK;
}

static struct assay_init_command sized(uint32_t type, uint32_t sd, uint32_t bl,
                                       uint32_t app)
{
    static const uint8_t LIST[] = {0x05};
    static const uint8_t DIGEST[32];
    struct assay_init_command c = {.present = HAS_ALL_BUT_VALIDATION,
                                   .type = type,
                                   .fw_version = 10,
                                   .hw_version = 52,
                                   .sd_size = sd,
                                   .bl_size = bl,
                                   .app_size = app,
                                   .hash_type = ASSAY_HASH_SHA256,
                                   .n_sd_req = 1};
    c.sd_req = assay_slice(LIST, 1);
    c.hash = assay_slice(DIGEST, 32);
    return c;
}

Test(policy, all_sizes_agree_with_the_tables)
{
    static const uint32_t SIZES[] = {0,          1,          0x7FFF,
                                     0x8000,     0x8001,     0x80000000,
                                     0xFFFF8000, 0xFFFFFFFE, 0xFFFFFFFF};
    static const uint32_t ROOMS[] = {0, 1, 0x8000, 0x10000, 0xFFFFFFFF};
    const size_t n = N_OF(SIZES);
    struct assay_device d = good_device();
    d.softdevice = 5;
    d.flags = ASSAY_DEVICE_EXTERNAL;
    for (size_t i = 0; i < 5 * n * n * n; i++) {
        struct assay_init_command c =
            sized((uint32_t)(i % 5), SIZES[i / 5 % n], SIZES[i / 5 / n % n],
                  SIZES[i / 5 / n / n]);
        for (size_t r = 0; r < N_OF(ROOMS) * N_OF(ROOMS); r++) {
            d.image_room = ROOMS[r % N_OF(ROOMS)];
            d.bootloader_room = ROOMS[r / N_OF(ROOMS)];
            enum assay_status got = assay_verifier_policy(&c, &d);
            enum assay_status want = table_sizes(&c, &d);
            if (got != want) {
                EXPECT(got, want, "type %u, sizes %u %u %u", c.type, c.sd_size,
                       c.bl_size, c.app_size);
            }
        }
    }
}

Test(policy, is_debug_is_ignored)
{
    struct assay_init_command c = sized(0, 0, 0, 1);
    struct assay_device d = good_device();
    c.is_debug = 1;
    EXPECT(assay_verifier_policy(&c, &d), ASSAY_SD_REQ, "debug packet");
}

/* --- The image ------------------------------------------------------------*/

static struct assay_init_command image_command(uint8_t digest[32], size_t len)
{
    uint8_t bytes[IMAGE_LEN];
    struct assay_init_command c = sized(0, 0, 0, (uint32_t)len);
    image_bytes(bytes, len);
    reversed_digest(bytes, len, digest);
    c.hash = assay_slice(digest, 32);
    return c;
}

Test(image, every_split_in_three_is_accepted)
{
    uint8_t bytes[IMAGE_LEN];
    uint8_t digest[32];
    struct assay_init_command c = image_command(digest, IMAGE_LEN);
    image_bytes(bytes, sizeof bytes);
    for (size_t a = 0; a <= IMAGE_LEN; a++) {
        for (size_t b = a; b <= IMAGE_LEN; b++) {
            struct assay_image image;
            EXPECT(assay_verifier_image_start(&image, &c), ASSAY_OK, "start");
            EXPECT(assay_verifier_image_update(&image, assay_slice(bytes, a)),
                   ASSAY_OK, "first");
            EXPECT(assay_verifier_image_update(&image,
                                               assay_slice(bytes + a, b - a)),
                   ASSAY_OK, "second");
            EXPECT(assay_verifier_image_update(
                       &image, assay_slice(bytes + b, IMAGE_LEN - b)),
                   ASSAY_OK, "third");
            EXPECT(assay_verifier_image_finish(&image), ASSAY_OK, "%zu, %zu", a,
                   b);
        }
    }
}

Test(image, every_length_in_single_bytes_is_accepted)
{
    uint8_t bytes[IMAGE_LEN];
    uint8_t digest[32];
    image_bytes(bytes, sizeof bytes);
    for (size_t len = 1; len <= IMAGE_LEN; len++) {
        struct assay_init_command c = image_command(digest, len);
        struct assay_image image;
        EXPECT(assay_verifier_image_start(&image, &c), ASSAY_OK, "start");
        for (size_t i = 0; i < len; i++) {
            EXPECT(
                assay_verifier_image_update(&image, assay_slice(bytes + i, 1)),
                ASSAY_OK, "byte %zu of %zu", i, len);
        }
        EXPECT(assay_verifier_image_finish(&image), ASSAY_OK, "%zu", len);
    }
}

static enum assay_status receive(const struct assay_init_command *c,
                                 struct assay_slice bytes)
{
    struct assay_image image;
    enum assay_status status = assay_verifier_image_start(&image, c);
    if (status == ASSAY_OK) {
        status = assay_verifier_image_update(&image, bytes);
    }
    if (status == ASSAY_OK) {
        status = assay_verifier_image_finish(&image);
    }
    return status;
}

Test(image, every_flipped_bit_is_refused)
{
    uint8_t bytes[IMAGE_LEN];
    uint8_t digest[32];
    struct assay_init_command c = image_command(digest, IMAGE_LEN);
    image_bytes(bytes, sizeof bytes);
    for (size_t bit = 0; bit < 8 * IMAGE_LEN; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        EXPECT(receive(&c, assay_slice(bytes, IMAGE_LEN)), ASSAY_IMAGE_DIGEST,
               "bit %zu of the image", bit);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t bit = 0; bit < 256; bit++) {
        digest[bit / 8] ^= (uint8_t)(1u << bit % 8);
        EXPECT(receive(&c, assay_slice(bytes, IMAGE_LEN)), ASSAY_IMAGE_DIGEST,
               "bit %zu of the digest", bit);
        digest[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    uint8_t natural[32];
    assay_reverse(natural, digest, 32);
    c.hash = assay_slice(natural, 32);
    EXPECT(receive(&c, assay_slice(bytes, IMAGE_LEN)), ASSAY_IMAGE_DIGEST,
           "digest in natural order");
}

Test(image, long_image_fails_and_stays_failed)
{
    uint8_t bytes[IMAGE_LEN + 1];
    uint8_t digest[32];
    struct assay_init_command c = image_command(digest, IMAGE_LEN);
    image_bytes(bytes, sizeof bytes);
    for (size_t first = 0; first <= IMAGE_LEN; first++) {
        struct assay_image image;
        struct assay_slice rest =
            assay_slice(bytes + first, IMAGE_LEN + 1 - first);
        EXPECT(assay_verifier_image_start(&image, &c), ASSAY_OK, "start");
        EXPECT(assay_verifier_image_update(&image, assay_slice(bytes, first)),
               ASSAY_OK, "first");
        EXPECT(assay_verifier_image_update(&image, rest), ASSAY_IMAGE_LONG,
               "%zu", first);
        rest.len--;
        EXPECT(assay_verifier_image_update(&image, rest), ASSAY_IMAGE_STATE,
               "after the failure");
        EXPECT(assay_verifier_image_finish(&image), ASSAY_IMAGE_STATE,
               "after the failure");
    }
    struct assay_image image;
    EXPECT(assay_verifier_image_start(&image, &c), ASSAY_OK, "start");
    EXPECT(assay_verifier_image_update(&image, assay_slice(bytes, SIZE_MAX)),
           ASSAY_IMAGE_LONG, "nothing of it is read");
}

Test(image, short_image_is_refused)
{
    uint8_t bytes[IMAGE_LEN];
    uint8_t digest[32];
    struct assay_init_command c = image_command(digest, IMAGE_LEN);
    image_bytes(bytes, sizeof bytes);
    for (size_t len = 0; len < IMAGE_LEN; len++) {
        EXPECT(receive(&c, assay_slice(bytes, len)), ASSAY_IMAGE_SHORT, "%zu",
               len);
    }
}

Test(image, steps_out_of_turn_are_refused)
{
    uint8_t bytes[IMAGE_LEN];
    uint8_t digest[32];
    struct assay_init_command c = image_command(digest, IMAGE_LEN);
    struct assay_image image;
    image_bytes(bytes, sizeof bytes);
    memset(&image, 0, sizeof image);
    EXPECT(assay_verifier_image_update(&image, assay_slice(bytes, 1)),
           ASSAY_IMAGE_STATE, "not started");
    EXPECT(assay_verifier_image_finish(&image), ASSAY_IMAGE_STATE,
           "not started");
    EXPECT(assay_verifier_image_start(&image, &c), ASSAY_OK, "start");
    EXPECT(assay_verifier_image_update(&image, assay_slice(bytes, IMAGE_LEN)),
           ASSAY_OK, "all");
    EXPECT(assay_verifier_image_finish(&image), ASSAY_OK, "finish");
    EXPECT(assay_verifier_image_finish(&image), ASSAY_IMAGE_STATE, "again");
    EXPECT(assay_verifier_image_update(&image, assay_slice(bytes, 0)),
           ASSAY_IMAGE_STATE, "nothing, behind the end");
    EXPECT(assay_verifier_image_start(&image, &c), ASSAY_OK, "second start");
    EXPECT(assay_verifier_image_finish(&image), ASSAY_IMAGE_SHORT,
           "nothing is left of the first");
    EXPECT(assay_verifier_image_finish(&image), ASSAY_IMAGE_STATE,
           "after the failure");
}

Test(image, refused_start_leaves_nothing_usable)
{
    uint8_t bytes[IMAGE_LEN];
    uint8_t digest[32];
    const struct assay_init_command good = image_command(digest, IMAGE_LEN);
    struct assay_init_command bad[5] = {good, good, good, good, good};
    static const enum assay_status WANT[5] = {
        ASSAY_HASH_TYPE, ASSAY_HASH_TYPE, ASSAY_SIZE_ZERO, ASSAY_SIZE_OVERFLOW,
        ASSAY_HASH_TYPE};
    bad[0].hash_type = ASSAY_HASH_SHA512;
    bad[1].hash.len = 31;
    bad[2].app_size = 0;
    bad[3] = sized(3, 1, UINT32_MAX, 0);
    bad[4].hash_type = ASSAY_HASH_NONE;
    bad[4].app_size = 0;
    for (size_t i = 0; i < N_OF(bad); i++) {
        struct assay_image image;
        EXPECT(assay_verifier_image_start(&image, &good), ASSAY_OK, "good");
        EXPECT(assay_verifier_image_start(&image, &bad[i]), WANT[i], "%zu", i);
        EXPECT(assay_verifier_image_update(&image, assay_slice(bytes, 0)),
               ASSAY_IMAGE_STATE, "update %zu", i);
        EXPECT(assay_verifier_image_finish(&image), ASSAY_IMAGE_STATE,
               "finish %zu", i);
    }
}

/* SoftDevice first, bootloader behind it; sizes of other types do not count. */
Test(image, each_type_has_the_length_of_its_parts)
{
    static const uint32_t LEN[5] = {7, 40, 100, 140, 7};
    uint8_t bytes[IMAGE_LEN];
    uint8_t digest[32];
    image_bytes(bytes, sizeof bytes);
    for (uint32_t type = 0; type < 5; type++) {
        struct assay_init_command c = sized(type, 40, 100, 7);
        reversed_digest(bytes, LEN[type], digest);
        c.hash = assay_slice(digest, 32);
        EXPECT(receive(&c, assay_slice(bytes, LEN[type])), ASSAY_OK, "type %u",
               type);
        EXPECT(receive(&c, assay_slice(bytes, LEN[type] + 1)), ASSAY_IMAGE_LONG,
               "type %u", type);
        EXPECT(receive(&c, assay_slice(bytes, LEN[type] - 1)),
               ASSAY_IMAGE_SHORT, "type %u", type);
    }
}

/* --- Before a start -------------------------------------------------------*/

TestSuite(boot, .init = make_keys, .fini = free_keys);

static enum assay_status start_device(const struct pb *packet,
                                      struct assay_slice image,
                                      const struct assay_key *key)
{
    struct assay_key_table table = {.key = key, .n_keys = 1};
    struct assay_installed installed = {.packet = slice_of(packet),
                                        .image = image,
                                        .type = ASSAY_FW_APPLICATION};
    return assay_verifier_boot(&installed, &table);
}

/* A start of whatever the packet is for. */
static enum assay_status start_as_signed(struct assay_slice packet,
                                         struct assay_slice image,
                                         const struct assay_key_table *table)
{
    struct assay_envelope envelope;
    struct assay_init_command command = {.type = ASSAY_FW_APPLICATION};
    struct assay_installed installed = {.packet = packet, .image = image};
    if (assay_initpkt_open(packet, &envelope) == ASSAY_OK) {
        (void)!assay_initpkt_read(envelope.signed_bytes, &command);
    }
    installed.type = (enum assay_fw_type)command.type;
    return assay_verifier_boot(&installed, table);
}

Test(boot, only_the_signed_image_may_run)
{
    struct pb_init init = good_init();
    struct assay_key key = key_of(KEY_A);
    uint8_t bytes[IMAGE_LEN + 1];
    struct pb packet;
    make_packet(&packet, &init, KEY_A);
    image_bytes(bytes, sizeof bytes);
    EXPECT(start_device(&packet, assay_slice(bytes, IMAGE_LEN), &key), ASSAY_OK,
           "good");
    EXPECT(start_device(&packet, assay_slice(bytes, IMAGE_LEN - 1), &key),
           ASSAY_IMAGE_SHORT, "short");
    EXPECT(start_device(&packet, assay_slice(NULL, 0), &key), ASSAY_IMAGE_SHORT,
           "none");
    EXPECT(start_device(&packet, assay_slice(bytes, IMAGE_LEN + 1), &key),
           ASSAY_IMAGE_LONG, "long");
    bytes[IMAGE_LEN - 1] ^= 0x80;
    EXPECT(start_device(&packet, assay_slice(bytes, IMAGE_LEN), &key),
           ASSAY_IMAGE_DIGEST, "changed");
}

Test(boot, the_packet_is_verified_again)
{
    struct pb_init init = good_init();
    struct assay_key key = key_of(KEY_A);
    uint8_t bytes[IMAGE_LEN];
    struct pb packet;
    image_bytes(bytes, sizeof bytes);
    const struct assay_slice image = assay_slice(bytes, IMAGE_LEN);
    make_packet(&packet, &init, KEY_B);
    EXPECT(start_device(&packet, image, &key), ASSAY_SIGNATURE_INVALID,
           "other key");
    make_packet(&packet, &init, KEY_A);
    key.flags = ASSAY_KEY_REVOKED_FLAG;
    EXPECT(start_device(&packet, image, &key), ASSAY_KEY_REVOKED,
           "revoked since");
    key.flags = 0;
    key.roles = ASSAY_ROLE_BOOTLOADER;
    EXPECT(start_device(&packet, image, &key), ASSAY_KEY_ROLE, "role");
    key.roles = ASSAY_ROLE_ALL;
    memset(packet.b + packet.len, 0xFF, 16);
    packet.len += 16;
    EXPECT(start_device(&packet, image, &key), ASSAY_VARINT_RANGE,
           "with erased flash behind it");
    packet.len = 0;
    EXPECT(start_device(&packet, image, &key), ASSAY_PACKET_EMPTY, "none");
}

Test(boot, a_packet_for_another_type_is_refused)
{
    struct pb_init init = good_init();
    struct assay_key key = key_of(KEY_A);
    struct assay_key_table table = {.key = &key, .n_keys = 1};
    uint8_t bytes[IMAGE_LEN];
    struct pb packet;
    make_packet(&packet, &init, KEY_A);
    image_bytes(bytes, sizeof bytes);
    for (unsigned type = 0; type <= ASSAY_FW_EXTERNAL_APPLICATION; type++) {
        const struct assay_installed installed = {
            .packet = slice_of(&packet),
            .image = assay_slice(bytes, IMAGE_LEN),
            .type = (enum assay_fw_type)type};
        EXPECT(assay_verifier_boot(&installed, &table),
               type == ASSAY_FW_APPLICATION ? ASSAY_OK : ASSAY_TYPE_REFUSED,
               "installed as type %u", type);
    }
}

/* Faults of the packet and of its sizes come before those of the image. */
Test(boot, order_of_checks_is_packet_sizes_image)
{
    struct assay_key key = key_of(KEY_A);
    struct pb_init init = good_init();
    struct pb packet;
    const struct assay_slice none = assay_slice(NULL, 0);
    init.number[7] = 0;
    make_packet(&packet, &init, KEY_A);
    EXPECT(start_device(&packet, none, &key), ASSAY_SIZE_ZERO, "no size");
    signature_in(&packet)[0] ^= 1;
    EXPECT(start_device(&packet, none, &key), ASSAY_SIGNATURE_INVALID,
           "no size, bad signature");
}

/* Policy asks about what a device would take, not about what it has. */
Test(boot, versions_do_not_matter)
{
    struct assay_key key = key_of(KEY_A);
    struct pb_init init = good_init();
    uint8_t bytes[IMAGE_LEN];
    struct pb packet;
    image_bytes(bytes, sizeof bytes);
    init.present &= ~(1u << 1 | 1u << 2 | 1u << 3);
    make_packet(&packet, &init, KEY_A);
    EXPECT(start_device(&packet, assay_slice(bytes, IMAGE_LEN), &key), ASSAY_OK,
           "no versions at all");
}

/* --- Answers on the wire --------------------------------------------------*/

static const struct {
    enum assay_status status;
    uint32_t nordic;
} ANSWERS[] = {
    {ASSAY_OK, 0x01},
    {ASSAY_FAILED, 0x0A},
    {ASSAY_PACKET_EMPTY, 0x03},
    {ASSAY_PACKET_TOO_LONG, 0x04},
    {ASSAY_TRUNCATED, 0x05},
    {ASSAY_VARINT_OVERLONG, 0x05},
    {ASSAY_VARINT_RANGE, 0x05},
    {ASSAY_FIELD_UNKNOWN, 0x05},
    {ASSAY_FIELD_WIRE_TYPE, 0x05},
    {ASSAY_FIELD_DUPLICATE, 0x05},
    {ASSAY_FIELD_ORDER, 0x05},
    {ASSAY_FIELD_MISSING, 0x05},
    {ASSAY_BOTH_COMMANDS, 0x05},
    {ASSAY_OP_CODE, 0x05},
    {ASSAY_BOOL_RANGE, 0x05},
    {ASSAY_LIST_EMPTY, 0x05},
    {ASSAY_SD_REQ_COUNT, 0x05},
    {ASSAY_HASH_LENGTH, 0x05},
    {ASSAY_SIGNATURE_LENGTH, 0x0A},
    {ASSAY_VALIDATION_COUNT, 0x05},
    {ASSAY_VALIDATION_LENGTH, 0x05},
    {ASSAY_FW_TYPE_UNKNOWN, 0x0B04},
    {ASSAY_HASH_TYPE_UNKNOWN, 0x0B09},
    {ASSAY_VALIDATION_TYPE_UNKNOWN, 0x05},
    {ASSAY_SIGNATURE_TYPE_UNKNOWN, 0x0B0B},
    {ASSAY_SIGNATURE_INVALID, 0x05},
    {ASSAY_SIGNATURE_MISSING, 0x0B08},
    {ASSAY_SIGNATURE_TYPE, 0x0B0B},
    {ASSAY_KEY_INVALID, 0x05},
    {ASSAY_KEY_PUBLISHED, 0x05},
    {ASSAY_KEY_REVOKED, 0x05},
    {ASSAY_KEY_ROLE, 0x05},
    {ASSAY_KEY_TABLE, 0x0A},
    {ASSAY_TYPE_MISSING, 0x0B04},
    {ASSAY_TYPE_REFUSED, 0x0B04},
    {ASSAY_HASH_TYPE, 0x0B09},
    {ASSAY_HW_VERSION_MISSING, 0x0B04},
    {ASSAY_HW_VERSION, 0x0B06},
    {ASSAY_SD_REQ, 0x0B07},
    {ASSAY_FW_VERSION_MISSING, 0x0B04},
    {ASSAY_FW_VERSION, 0x0B05},
    {ASSAY_SIZE_ZERO, 0x0B04},
    {ASSAY_SIZE_OVERFLOW, 0x0B04},
    {ASSAY_BOOTLOADER_ROOM, 0x04},
    {ASSAY_IMAGE_ROOM, 0x04},
    {ASSAY_IMAGE_LONG, 0x08},
    {ASSAY_IMAGE_SHORT, 0x08},
    {ASSAY_IMAGE_DIGEST, 0x0B0C},
    {ASSAY_IMAGE_STATE, 0x08},
    {ASSAY_IMAGE_SOFTDEVICE, 0x05},
    {ASSAY_IMAGE_VALIDATION, 0x05},
};

static void expect_answer(enum assay_status status, void *ctx)
{
    unsigned *n = ctx;
    uint32_t want = 0;
    for (size_t i = 0; i < N_OF(ANSWERS); i++) {
        if (ANSWERS[i].status == status) {
            want = ANSWERS[i].nordic;
            (*n)++;
        }
    }
    cr_assert_eq(assay_verifier_nordic(status), want, "%s",
                 assay_status_name(status));
}

Test(nordic, answers_are_those_of_a_target)
{
    unsigned n = 0;
    assay_status_each(expect_answer, &n);
    cr_assert_eq(n, N_OF(ANSWERS));
    cr_assert_eq(assay_verifier_nordic((enum assay_status)0), 0);
    cr_assert_eq(assay_verifier_nordic((enum assay_status)0x1FF), 0);
    cr_assert_eq(assay_verifier_nordic((enum assay_status)0xFFFFFFFF), 0);
}

/* --- Published packages ---------------------------------------------------*/

TestSuite(corpus, .init = make_keys, .fini = free_keys, .timeout = 300);

struct member {
    uint8_t *bytes;
    size_t len;
};

static struct member read_member(zip_t *z, const char *name)
{
    zip_stat_t st;
    cr_assert_eq(zip_stat(z, name, 0, &st), 0, "%s", name);
    struct member m = {.bytes = malloc((size_t)st.size + 1)};
    m.len = (size_t)st.size;
    zip_file_t *f = zip_fopen(z, name, 0);
    cr_assert(m.bytes != NULL && f != NULL);
    cr_assert_eq(zip_fread(f, m.bytes, m.len), (zip_int64_t)m.len);
    (void)zip_fclose(f);
    return m;
}

static unsigned is_listed(const char *list, const uint8_t key[64])
{
    uint8_t listed[64];
    while (next_listed_key(&list, listed)) {
        if (memcmp(listed, key, 64) == 0) {
            return 1;
        }
    }
    return 0;
}

struct corpus {
    json_t *keys;
    char *published;
    unsigned n_ok;
    unsigned n_published;
};

/* The key that signed, or the first of the list when none of it did. */
static void find_key(const struct corpus *corpus, json_t *image, struct pb *key)
{
    const char *signer = json_string_value(json_object_get(image, "signer"));
    size_t i;
    json_t *k;
    key->len = 0;
    json_array_foreach(corpus->keys, i, k)
    {
        const char *id = json_string_value(json_object_get(k, "id"));
        if (signer == NULL || strcmp(id, signer) == 0) {
            pb_hex(key, json_string_value(json_object_get(k, "x_be")));
            pb_hex(key, json_string_value(json_object_get(k, "y_be")));
            break;
        }
    }
    cr_assert_eq(key->len, 64);
}

static enum assay_status expected_verdict(json_t *image)
{
    const char *verify = json_string_value(json_object_get(image, "verify"));
    if (strcmp(verify, "ok") == 0) {
        return ASSAY_OK;
    }
    return strcmp(verify, "unsigned") == 0 ? ASSAY_SIGNATURE_MISSING
                                           : ASSAY_SIGNATURE_INVALID;
}

static void expect_verdict(struct corpus *corpus, json_t *image, zip_t *z,
                           const char *what)
{
    struct member dat =
        read_member(z, json_string_value(json_object_get(image, "dat")));
    struct member bin =
        read_member(z, json_string_value(json_object_get(image, "bin")));
    const struct assay_slice packet = assay_slice(dat.bytes, dat.len);
    struct pb bytes;
    struct assay_verdict v;
    find_key(corpus, image, &bytes);
    struct assay_key key = key_of(KEY_A);
    key.bytes = bytes.b;
    struct assay_key_table table = {
        .key = &key, .n_keys = 1, .flags = ASSAY_KEYS_ALLOW_PUBLISHED};
    enum assay_status want = expected_verdict(image);
    EXPECT(assay_verifier_packet(packet, &table, &v), want, "%s", what);
    if (want == ASSAY_OK) {
        const char *order =
            json_string_value(json_object_get(image, "hash_ok"));
        want = strcmp(order, "LE") == 0 ? ASSAY_OK : ASSAY_IMAGE_DIGEST;
        EXPECT(receive(&v.command, assay_slice(bin.bytes, bin.len)), want, "%s",
               what);
        EXPECT(start_as_signed(packet, assay_slice(bin.bytes, bin.len), &table),
               want, "%s", what);
        corpus->n_ok += want == ASSAY_OK;
        table.flags = 0;
        want = is_listed(corpus->published, bytes.b) ? ASSAY_KEY_PUBLISHED
                                                     : ASSAY_OK;
        EXPECT(assay_verifier_packet(packet, &table, &v), want, "%s", what);
        EXPECT(assay_verifier_keys(&table), want, "%s", what);
        corpus->n_published += want == ASSAY_KEY_PUBLISHED;
    }
    free(dat.bytes);
    free(bin.bytes);
}

static zip_t *open_shared_zip(const char *name)
{
    char path[512];
    cr_assert(shared_path(path, sizeof path, name), "%s", name);
    zip_t *z = zip_open(path, ZIP_RDONLY, NULL);
    cr_assert_not_null(z, "%s", path);
    return z;
}

static void expect_package(struct corpus *corpus, const char *name,
                           json_t *package)
{
    char file[400];
    size_t i;
    json_t *image;
    (void)snprintf(file, sizeof file, "corpus/%s", name);
    zip_t *z = open_shared_zip(file);
    json_array_foreach(json_object_get(package, "images"), i, image)
    {
        const char *kind = json_string_value(json_object_get(image, "kind"));
        if (strcmp(kind, "legacy") != 0) {
            expect_verdict(corpus, image, z, name);
        }
    }
    zip_discard(z);
}

Test(corpus, published_packages_get_their_verdict)
{
    char path[512];
    if (!shared_path(path, sizeof path, "corpus/expected.json")) {
        shared_skip("verifier", 102, "corpus/expected.json");
        return;
    }
    struct corpus corpus = {.n_ok = 0};
    json_t *all = json_load_file(path, 0, NULL);
    const char *name;
    json_t *package;
    cr_assert(shared_path(path, sizeof path, "corpus/keys.json"));
    corpus.keys = json_load_file(path, 0, NULL);
    corpus.published = shared_text("reference/published-keys.md");
    cr_assert(all != NULL && corpus.keys != NULL && corpus.published != NULL);
    json_object_foreach(all, name, package)
    {
        if (strncmp(name, "sdfu/", 5) == 0) {
            expect_package(&corpus, name, package);
        }
    }
    json_decref(all);
    json_decref(corpus.keys);
    free(corpus.published);
    cr_assert_eq(corpus.n_ok, 91);
    cr_assert_gt(corpus.n_published, 80);
}

/* Made with test.pem of pc-nrfutil, whose private half is KEY_KNOWN here. */
Test(corpus, packages_made_by_nrfutil_get_their_verdict)
{
    static const struct {
        const char *zip;
        const char *stem;
        enum assay_status want;
    } MADE[] = {
        {"app_debug", "bar", ASSAY_OK},
        {"app_ecdsa", "bar", ASSAY_OK},
        {"app_signed", "bar", ASSAY_OK},
        {"app_unsigned", "bar", ASSAY_SIGNATURE_MISSING},
        {"bl_signed", "bar", ASSAY_OK},
        {"sd_bl_app_signed", "sd_bl", ASSAY_OK},
        {"sd_bl_app_signed", "dfu_test_app_hrm_s130", ASSAY_OK},
        {"sd_bl_signed", "sd_bl", ASSAY_OK},
        {"sd_signed", "dfu_test_softdevice_b", ASSAY_OK},
        {"zb", "007B-0141-01010101-good_image", ASSAY_OK},
    };
    char name[200];
    if (!shared_path(name, sizeof name, "corpus/nrfutil-made")) {
        shared_skip("verifier", 10, "corpus/nrfutil-made");
        return;
    }
    struct assay_key key = key_of(KEY_KNOWN);
    struct assay_key_table table = {
        .key = &key, .n_keys = 1, .flags = ASSAY_KEYS_ALLOW_PUBLISHED};
    for (size_t i = 0; i < N_OF(MADE); i++) {
        (void)snprintf(name, sizeof name, "corpus/nrfutil-made/%s.zip",
                       MADE[i].zip);
        zip_t *z = open_shared_zip(name);
        (void)snprintf(name, sizeof name, "%s.dat", MADE[i].stem);
        struct member dat = read_member(z, name);
        (void)snprintf(name, sizeof name, "%s.bin", MADE[i].stem);
        struct member bin = read_member(z, name);
        EXPECT(start_as_signed(assay_slice(dat.bytes, dat.len),
                               assay_slice(bin.bytes, bin.len), &table),
               MADE[i].want, "%s", MADE[i].zip);
        free(dat.bytes);
        free(bin.bytes);
        zip_discard(z);
    }
}
