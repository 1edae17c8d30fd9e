/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "base/bytes.h"
#include "crypto/p256.h"
#include "host/file.h"
#include "host/package.h"
#include "tests/shared.h"

static void from_hex(uint8_t *out, size_t len, const char *hex)
{
    size_t got = 0;
    cr_assert_eq(sodium_hex2bin(out, len, hex, strlen(hex), " ", &got, NULL),
                 0);
    cr_assert_eq(got, len, "%zu of %zu", got, len);
}

static void expect_hex(const struct assay_buffer *got, const char *hex)
{
    uint8_t want[600];
    size_t len = 0;
    cr_assert_eq(
        sodium_hex2bin(want, sizeof want, hex, strlen(hex), " ", &len, NULL),
        0);
    char shown[1300];
    cr_assert_leq(got->len, 600);
    (void)sodium_bin2hex(shown, sizeof shown, got->p, got->len);
    cr_expect(got->len == len && memcmp(got->p, want, len) == 0,
              "%s, expected %s", shown, hex);
}

/* --- The init packet ------------------------------------------------------ */

#define DIGEST                                                                 \
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define REVERSED                                                               \
    "1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100"

static struct assay_init_spec plain_spec(void)
{
    struct assay_init_spec spec = {
        .fw_version = 4,
        .hw_version = 52,
        .sd_req = {.n_ids = 1, .id = {0}},
        .type = ASSAY_FW_APPLICATION,
        .app_size = 1234,
        .n_validations = 1,
        .validation = {{.type = ASSAY_VALIDATE_CRC}}};
    from_hex(spec.digest, sizeof spec.digest, DIGEST);
    return spec;
}

/* By hand from dfu-cc.proto: every scalar is written, also when zero. */
Test(initpkt_write, command_is_the_bytes_of_the_format)
{
    struct assay_init_spec spec = plain_spec();
    struct assay_buffer out = {0};
    cr_assert_eq(assay_initpkt_write_command(&spec, &out, NULL), ASSAY_OK);
    expect_hex(&out,
               "0804 1034 1a0100 2000 2800 3000 38d209 4224 0803 1220 " REVERSED
               " 4800 5204 0801 1200");
    assay_buffer_free(&out);
    spec.fw_version = 0xFFFFFFFF;
    spec.hw_version = 0xFFFFFFFF;
    spec.sd_req = (struct assay_id_list){.n_ids = 1, .id = {0xFFFFFFFF}};
    spec.is_debug = 1;
    spec.n_validations = 0;
    cr_assert_eq(assay_initpkt_write_command(&spec, &out, NULL), ASSAY_OK);
    expect_hex(&out, "08ffffffff0f 10ffffffff0f 1a05ffffffff0f 2000 2800 3000 "
                     "38d209 4224 0803 1220 " REVERSED " 4801");
    assay_buffer_free(&out);
    spec = plain_spec();
    spec.sd_req = (struct assay_id_list){.n_ids = 3, .id = {0xCA, 0, 0xB6}};
    spec.type = ASSAY_FW_SOFTDEVICE_BOOTLOADER;
    spec.sd_size = 128;
    spec.bl_size = 127;
    spec.app_size = 0;
    spec.n_validations = 3;
    spec.validation[0].type = ASSAY_VALIDATE_NONE;
    spec.validation[1].type = ASSAY_VALIDATE_SHA256;
    spec.validation[2].type = ASSAY_VALIDATE_ECDSA_P256_SHA256;
    memset(spec.validation[2].signature, 0x77, 64);
    cr_assert_eq(assay_initpkt_write_command(&spec, &out, NULL), ASSAY_OK);
    char hex[500];
    (void)snprintf(hex, sizeof hex,
                   "0804 1034 1a05ca0100b601 2003 288001 307f 3800 4224 0803 "
                   "1220 " REVERSED " 4800 5204 0800 1200 5204 0802 1200 "
                   "5244 0803 1240 %0128d",
                   0);
    for (char *c = hex + strlen(hex) - 128; *c != '\0'; c++) {
        *c = '7';
    }
    expect_hex(&out, hex);
    assay_buffer_free(&out);
}

Test(initpkt_write, empty_list_is_left_out)
{
    struct assay_init_spec spec = plain_spec();
    struct assay_buffer out = {0};
    spec.sd_req.n_ids = 0;
    cr_assert_eq(assay_initpkt_write_command(&spec, &out, NULL), ASSAY_OK);
    expect_hex(&out, "0804 1034 2000 2800 3000 38d209 4224 0803 1220 " REVERSED
                     " 4800 5204 0801 1200");
    assay_buffer_free(&out);
}

Test(initpkt_write, packet_is_signed_or_not)
{
    struct assay_init_spec spec = plain_spec();
    struct assay_wire_signature signature = {.type = ASSAY_SIGNATURE_ED25519};
    struct assay_buffer out = {0};
    cr_assert_eq(assay_initpkt_write_packet(&spec, NULL, &out, NULL), ASSAY_OK);
    expect_hex(&out, "0a42 0801 123e 0804 1034 1a0100 2000 2800 3000 38d209 "
                     "4224 0803 1220 " REVERSED " 4800 5204 0801 1200");
    assay_buffer_free(&out);
    memset(signature.bytes, 0xAB, sizeof signature.bytes);
    cr_assert_eq(assay_initpkt_write_packet(&spec, &signature, &out, NULL),
                 ASSAY_OK);
    cr_assert_eq(out.len, 3 + 2 + 0x42 + 2 + 66);
    static const uint8_t HEAD[] = {0x12, 0x88, 0x01, 0x0A, 0x42, 0x08, 0x01};
    cr_expect_arr_eq(out.p, HEAD, sizeof HEAD);
    static const uint8_t TAIL[] = {0x10, 0x01, 0x1A, 0x40, 0xAB};
    cr_expect_arr_eq(out.p + out.len - 68, TAIL, sizeof TAIL);
    assay_buffer_free(&out);
}

Test(initpkt_write, strict_reader_reads_everything_back)
{
    for (uint32_t i = 0; i < 4096; i++) {
        struct assay_init_spec spec = plain_spec();
        struct assay_envelope envelope;
        struct assay_init_command c;
        struct assay_buffer out = {0};
        spec.fw_version = i * 2654435761u;
        spec.hw_version = i * 40503u;
        spec.type = (enum assay_fw_type)(i % 5);
        spec.sd_req.n_ids = i % (ASSAY_SD_REQ_MAX + 1);
        for (uint32_t k = 0; k < spec.sd_req.n_ids; k++) {
            spec.sd_req.id[k] = (i + 1) * (k + 7) * 2246822519u >> (k + i) % 32;
        }
        spec.sd_size = 1u << i % 32;
        spec.bl_size = (1u << i % 32) - 1;
        spec.is_debug = i >> 5 & 1;
        spec.n_validations = i % (ASSAY_VALIDATIONS_MAX + 1);
        for (uint32_t k = 0; k < spec.n_validations; k++) {
            spec.validation[k].type =
                (enum assay_validation_type)((i >> 2 * k) % 4);
        }
        cr_assert_eq(assay_initpkt_write_packet(&spec, NULL, &out, NULL),
                     ASSAY_OK);
        cr_assert_eq(assay_initpkt_open(assay_buffer_slice(&out), &envelope),
                     ASSAY_OK);
        cr_assert_eq(assay_initpkt_read(envelope.signed_bytes, &c), ASSAY_OK);
        cr_expect_eq(c.fw_version, spec.fw_version);
        cr_expect_eq(c.hw_version, spec.hw_version);
        cr_expect_eq(c.type, (uint32_t)spec.type);
        cr_expect_eq(c.sd_size, spec.sd_size);
        cr_expect_eq(c.bl_size, spec.bl_size);
        cr_expect_eq(c.app_size, spec.app_size);
        cr_expect_eq(c.is_debug, spec.is_debug);
        cr_expect_eq(c.n_validations, spec.n_validations);
        cr_expect_eq(c.n_sd_req, spec.sd_req.n_ids);
        struct assay_slice list = c.sd_req;
        for (uint32_t k = 0; k < c.n_sd_req; k++) {
            cr_expect_eq(assay_initpkt_next_sd_req(&list), spec.sd_req.id[k]);
        }
        assay_buffer_free(&out);
    }
}

/* --- Zigbee --------------------------------------------------------------- */

Test(zigbee, name_is_upper_case_hex)
{
    struct assay_zigbee_header h = {.manufacturer_id = 0x7B,
                                    .image_type = 0xFFFF,
                                    .file_version = 0xABCDEF01,
                                    .comment = "good_image"};
    char name[ASSAY_ZIGBEE_NAME_LEN];
    assay_zigbee_name(&h, name);
    cr_expect_str_eq(name, "007B-FFFF-ABCDEF01-good_image");
    h.comment[0] = '\0';
    h.manufacturer_id = 0xFFFF;
    h.file_version = 0xFFFFFFFF;
    assay_zigbee_name(&h, name);
    cr_expect_str_eq(name, "FFFF-FFFF-FFFFFFFF-");
    memset(h.comment, 'c', ASSAY_ZIGBEE_COMMENT_MAX);
    h.comment[ASSAY_ZIGBEE_COMMENT_MAX] = '\0';
    assay_zigbee_name(&h, name);
    cr_expect_eq(strlen(name), 19 + 30);
}

/* From the Zigbee Cluster Library; check("123456789") of CRC-32 is CBF43926. */
Test(zigbee, file_is_the_bytes_of_the_format)
{
    static const uint8_t PACKET[] = "123456789";
    static const uint8_t IMAGE[] = {0xAA};
    struct assay_zigbee_header h = {.manufacturer_id = 0x1234,
                                    .image_type = 0x5678,
                                    .file_version = 0x01020304,
                                    .comment = "hi"};
    struct assay_buffer out = {0};
    cr_assert_eq(assay_zigbee_write(&h, assay_slice(PACKET, 9),
                                    assay_slice(IMAGE, 1), &out, NULL),
                 ASSAY_OK);
    expect_hex(&out, "1ef1ee0b 0001 3800 0000 3412 7856 04030201 0200 02 "
                     "6869 0000000000 00000000000000000000000000000000 "
                     "0000000000000000 65000000 "
                     "efcd 11000000 10 00000009 cbf43926 00000001 e401a57b "
                     "0000 09000000 313233343536373839 0000 01000000 aa");
    assay_buffer_free(&out);
}

/* --- Options -------------------------------------------------------------- */

struct given {
    const char *letters; /* a A version, b B, s, h hw, r sd_req, i sd_id */
    uint32_t flags;
    const char *sentence; /* NULL: accepted */
};

static struct assay_generate_options options_of(const struct given *g)
{
    struct assay_generate_options o = {
        .application_validation = ASSAY_VALIDATE_CRC,
        .softdevice_validation = ASSAY_VALIDATE_CRC,
        .flags = g->flags};
    const struct assay_number one = {.is_given = 1, .value = 1};
    for (const char *c = g->letters; *c != '\0'; c++) {
        switch (*c) {
        case 'a':
            o.application = "a.bin";
            break;
        case 'A':
            o.application_version = one;
            break;
        case 'b':
            o.bootloader = "b.bin";
            break;
        case 'B':
            o.bootloader_version = one;
            break;
        case 's':
            o.softdevice = "s.bin";
            break;
        case 'h':
            o.hw_version = one;
            break;
        case 'r':
            o.sd_req = (struct assay_id_list){.n_ids = 1, .id = {0}};
            break;
        case 'z':
            o.zigbee_hw_version = one;
            break;
        default:
            o.sd_id = (struct assay_id_list){.n_ids = 1, .id = {0x100}};
            break;
        }
    }
    return o;
}

Test(generate, options_are_refused_in_the_order_of_nrfutil)
{
    enum {
        EXTERNAL = ASSAY_GENERATE_EXTERNAL,
        ZIGBEE = ASSAY_GENERATE_ZIGBEE,
        DEBUG = ASSAY_GENERATE_DEBUG,
        DETACHED = ASSAY_GENERATE_DETACHED,
    };
    static const struct given C[] = {
        {"hraA", 0, NULL},
        {"hrbB", 0, NULL},
        {"hrs", 0, NULL},
        {"hrsbB", 0, NULL},
        {"hrsbBaAi", 0, NULL},
        {"hrsaAi", 0, NULL},
        {"haA", EXTERNAL, NULL},
        {"hraAz", ZIGBEE, NULL},
        {"a", DEBUG, NULL},
        {"b", DEBUG, NULL},
        {"s", DEBUG, NULL},
        {"hraA", DETACHED, NULL},
        {"hrbBaA", 0, "Invalid combination: use two .zip packages instead."},
        {"ba", 0, "Invalid combination: use two .zip packages instead."},
        {"ba", DEBUG, "Invalid combination: use two .zip packages instead."},
        {"hrA", 0, "Application version with no image."},
        {"hrBA", 0, "Application version with no image."},
        {"hrB", 0, "Bootloader version with no image."},
        {"raA", 0, "--hw-version required."},
        {"a", 0, "--hw-version required."},
        {"haA", 0, "--sd-req required."},
        {"hra", 0,
         "--application-version or --application-version-string "
         "required with application image."},
        {"ha", EXTERNAL,
         "--application-version or "
         "--application-version-string required with "
         "application image."},
        {"hrb", 0, "--bootloader-version required with bootloader image."},
        {"hrsba", 0,
         "--application-version or --application-version-string "
         "required with application image."},
        {"hrsaA", 0,
         "--sd-id required with softdevice and application images."},
        {"hrsbBaA", 0,
         "--sd-id required with softdevice and application images."},
        {"hrbB", EXTERNAL, "--external-app requires an application."},
        {"hrs", EXTERNAL, "--external-app requires an application."},
        {"hrsaAi", EXTERNAL,
         "--external-app is only possible for application "
         "only DFU packages."},
        {"hraA", ZIGBEE, "--zigbee-ota-hw-version is required."},
        {"hrsaAiz", ZIGBEE,
         "Provide either --application, --softdevice, or --bootloader for "
         "Zigbee package generation (not a combination)."},
        {"sa", DEBUG,
         "--sd-id required with softdevice and application images."},
    };
    for (size_t i = 0; i < sizeof C / sizeof C[0]; i++) {
        struct assay_generate_options o = options_of(&C[i]);
        struct assay_diag diag = {0};
        enum assay_status status = assay_generate_check(&o, &diag);
        if (C[i].sentence == NULL) {
            cr_expect_eq(status, ASSAY_OK, "%s/%x: %s", C[i].letters,
                         (unsigned)C[i].flags, diag.text);
        } else {
            cr_expect_eq(status, ASSAY_GENERATE_OPTIONS, "%s", C[i].letters);
            cr_expect_str_eq(diag.text, C[i].sentence, "%s: %s", C[i].letters,
                             diag.text);
        }
    }
}

Test(generate, nothing_to_make_is_refused)
{
    static const struct given NOTHING = {"hr", 0, NULL};
    struct assay_generate_options o = options_of(&NOTHING);
    struct assay_diag diag = {0};
    cr_expect_eq(assay_generate_check(&o, &diag), ASSAY_GENERATE_OPTIONS);
    cr_expect(diag.text[0] != '\0');
}

Test(generate, debug_mode_fills_in_what_is_not_given)
{
    static const struct given ALONE = {"a", ASSAY_GENERATE_DEBUG, NULL};
    struct assay_generate_options o = options_of(&ALONE);
    cr_assert_eq(assay_generate_check(&o, NULL), ASSAY_OK);
    cr_expect_eq(o.application_version.value, 0xFFFFFFFF);
    cr_expect_eq(o.hw_version.value, 0xFFFFFFFF);
    cr_expect_eq(o.sd_req.n_ids, 1);
    cr_expect_eq(o.sd_req.id[0], 0xFFFE);
    static const struct given ALL = {"aAhr", ASSAY_GENERATE_DEBUG, NULL};
    o = options_of(&ALL);
    cr_assert_eq(assay_generate_check(&o, NULL), ASSAY_OK);
    cr_expect_eq(o.application_version.value, 1);
    cr_expect_eq(o.hw_version.value, 1);
    cr_expect_eq(o.sd_req.id[0], 0);
}

Test(generate, ecdsa_validation_cannot_be_signed_elsewhere)
{
    static const struct given G = {"aAhr", ASSAY_GENERATE_DETACHED, NULL};
    struct assay_generate_options o = options_of(&G);
    o.application_validation = ASSAY_VALIDATE_ECDSA_P256_SHA256;
    cr_expect_eq(assay_generate_check(&o, NULL), ASSAY_GENERATE_OPTIONS);
    o = options_of(&G);
    o.flags |= ASSAY_GENERATE_ZIGBEE;
    o.zigbee_hw_version.is_given = 1;
    cr_expect_eq(assay_generate_check(&o, NULL), ASSAY_GENERATE_OPTIONS);
}

/* --- Whole packages, in a folder of their own ----------------------------- */

static char folder[] = "/tmp/assay-generate-XXXXXX";

static void enter(void)
{
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void leave(void)
{
    static const char *const NAMES[] = {"a.bin", "b.bin", "s.bin", "a.hex"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        (void)unlink(NAMES[i]);
    }
    cr_expect_eq(chdir("/"), 0);
    cr_expect_eq(rmdir(folder), 0, "something was left in %s", folder);
}

static void write_bytes(const char *name, size_t len)
{
    uint8_t bytes[0x3000];
    cr_assert_leq(len, sizeof bytes);
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(i * 31 + (uint8_t)name[0]);
    }
    cr_assert_eq(assay_file_write(name, assay_slice(bytes, len),
                                  ASSAY_FILE_REPLACE, NULL),
                 ASSAY_OK);
}

/* RFC 6979 A.2.5 and RFC 8032 7.1, TEST 1. */
static struct assay_private_key p256_key(void)
{
    struct assay_private_key key = {0};
    key.public_key.algorithm = ASSAY_P256;
    from_hex(
        key.secret, 32,
        "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
    from_hex(
        key.public_key.bytes, 64,
        "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
    return key;
}

static struct assay_private_key ed25519_key(void)
{
    struct assay_private_key key = {0};
    key.public_key.algorithm = ASSAY_ED25519;
    from_hex(
        key.secret, 32,
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    from_hex(
        key.public_key.bytes, 32,
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    return key;
}

static enum assay_status make(const struct assay_generate_options *o,
                              const struct assay_private_key *key,
                              struct assay_generation_state *state,
                              struct assay_buffer *zip, struct assay_diag *diag)
{
    *zip = (struct assay_buffer){0};
    enum assay_status status = assay_generate_prepare(o, key, state, diag);
    if (status == ASSAY_OK && key != NULL) {
        status = assay_generate_sign(state, key, diag);
    }
    if (status == ASSAY_OK) {
        status = assay_generate_finish(state, o, zip, diag);
    }
    return status;
}

TestSuite(generate_package, .init = enter, .fini = leave);

Test(generate_package, every_combination_and_key_passes_its_own_check)
{
    static const char *const LETTERS[] = {"hraA",  "hrbB",     "hrs",
                                          "hrsbB", "hrsbBaAi", "hrsaAi"};
    static const size_t N_IMAGES[] = {1, 1, 1, 1, 2, 2};
    const struct assay_private_key keys[] = {p256_key(), ed25519_key()};
    write_bytes("a.bin", 333);
    write_bytes("b.bin", 222);
    write_bytes("s.bin", 0x2100);
    for (size_t i = 0; i < 6; i++) {
        for (size_t k = 0; k < 3; k++) {
            const struct given g = {LETTERS[i], 0, NULL};
            struct assay_generate_options o = options_of(&g);
            struct assay_generation_state state;
            struct assay_buffer zip;
            struct assay_diag diag = {0};
            cr_expect_eq(make(&o, k < 2 ? &keys[k] : NULL, &state, &zip, &diag),
                         ASSAY_OK, "%s: %s", LETTERS[i], diag.text);
            cr_expect_eq(state.n_images, N_IMAGES[i]);
            cr_expect(zip.len > 400);
            assay_generate_free(&state);
            assay_buffer_free(&zip);
        }
    }
}

Test(generate_package, file_is_rounded_up_to_words)
{
    for (size_t len = 1; len < 9; len++) {
        static const struct given G = {"hraA", 0, NULL};
        struct assay_generate_options o = options_of(&G);
        struct assay_generation_state state;
        struct assay_buffer zip;
        struct assay_diag diag = {0};
        write_bytes("a.bin", len);
        cr_assert_eq(make(&o, NULL, &state, &zip, &diag), ASSAY_OK, "%s",
                     diag.text);
        cr_expect_eq(state.image[0].bin.len, (len + 3) / 4 * 4);
        cr_expect_eq(state.image[0].spec.app_size, (len + 3) / 4 * 4);
        assay_generate_free(&state);
        assay_buffer_free(&zip);
    }
}

Test(generate_package, detached_signatures_are_verified_one_by_one)
{
    static const struct given G = {"hrsaAi", ASSAY_GENERATE_DETACHED, NULL};
    struct assay_generate_options o = options_of(&G);
    struct assay_generation_state state;
    struct assay_diag diag = {0};
    struct assay_buffer zip = {0};
    const struct assay_private_key key = ed25519_key();
    uint8_t secret[64];
    uint8_t sig[2][64];
    write_bytes("a.bin", 64);
    write_bytes("s.bin", 0x2100);
    memcpy(secret, key.secret, 32);
    memcpy(secret + 32, key.public_key.bytes, 32);
    cr_assert_eq(assay_generate_prepare(&o, NULL, &state, &diag), ASSAY_OK);
    for (size_t i = 0; i < 2; i++) {
        const struct assay_buffer *tbs = &state.image[i].to_be_signed;
        cr_assert_eq(
            crypto_sign_detached(sig[i], NULL, tbs->p, tbs->len, secret), 0);
    }
    cr_expect_eq(assay_generate_attach(&state, 0, &key.public_key,
                                       assay_slice(sig[1], 64), &diag),
                 ASSAY_SIGNATURE_INVALID);
    for (size_t bit = 0; bit < 512; bit += 7) {
        sig[0][bit / 8] ^= (uint8_t)(1u << bit % 8);
        cr_expect_eq(assay_generate_attach(&state, 0, &key.public_key,
                                           assay_slice(sig[0], 64), &diag),
                     ASSAY_SIGNATURE_INVALID);
        sig[0][bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    cr_expect_eq(assay_generate_attach(&state, 0, &key.public_key,
                                       assay_slice(sig[0], 64), &diag),
                 ASSAY_OK, "%s", diag.text);
    /* One image signed, the other not: that must not become a package. */
    cr_expect_eq(assay_generate_finish(&state, &o, &zip, &diag),
                 ASSAY_GENERATE_SELF_CHECK);
    assay_buffer_free(&zip);
    cr_expect_eq(assay_generate_attach(&state, 1, &key.public_key,
                                       assay_slice(sig[1], 64), &diag),
                 ASSAY_OK);
    cr_expect_eq(assay_generate_finish(&state, &o, &zip, &diag), ASSAY_OK, "%s",
                 diag.text);
    assay_buffer_free(&zip);
    assay_generate_free(&state);
}

Test(generate_package, what_is_no_signature_is_refused)
{
    static const struct given G = {"hraA", ASSAY_GENERATE_DETACHED, NULL};
    struct assay_generate_options o = options_of(&G);
    struct assay_generation_state state;
    struct assay_diag diag = {0};
    const struct assay_private_key key = p256_key();
    uint8_t bytes[300];
    write_bytes("a.bin", 64);
    cr_assert_eq(assay_generate_prepare(&o, NULL, &state, &diag), ASSAY_OK);
    for (size_t len = 0; len < sizeof bytes; len++) {
        for (unsigned fill = 0; fill < 3; fill++) {
            memset(bytes, "0z\x30"[fill], sizeof bytes);
            int is_form = len == 64 || (fill != 1 && len >= 128 && len <= 128);
            cr_expect_eq(assay_generate_attach(&state, 0, &key.public_key,
                                               assay_slice(bytes, len), &diag),
                         is_form ? ASSAY_SIGNATURE_INVALID
                                 : ASSAY_KEYFILE_FORMAT,
                         "%zu of %u", len, fill);
        }
    }
    cr_expect_eq(state.is_signed, 0);
    assay_generate_free(&state);
}

/* "Not signed" is what is wanted here; a wrong image is not. */
Test(generate_package, changed_image_fails_the_self_check_unsigned)
{
    static const struct given G = {"hrsaAi", 0, NULL};
    struct assay_generate_options o = options_of(&G);
    write_bytes("a.bin", 100);
    write_bytes("s.bin", 0x2100);
    for (size_t i = 0; i < 2; i++) {
        struct assay_generation_state state;
        struct assay_buffer zip = {0};
        struct assay_diag diag = {0};
        cr_assert_eq(assay_generate_prepare(&o, NULL, &state, &diag), ASSAY_OK);
        state.image[i].bin.p[50] ^= 1;
        cr_expect_eq(assay_generate_finish(&state, &o, &zip, &diag),
                     ASSAY_GENERATE_SELF_CHECK);
        assay_buffer_free(&zip);
        assay_generate_free(&state);
    }
}

/* The image that is written is the one that is verified. */
Test(generate_package, changed_state_fails_the_self_check)
{
    static const struct given G = {"hraA", 0, NULL};
    struct assay_generate_options o = options_of(&G);
    const struct assay_private_key key = p256_key();
    write_bytes("a.bin", 100);
    for (unsigned way = 0; way < 5; way++) {
        struct assay_generation_state state;
        struct assay_buffer zip = {0};
        struct assay_diag diag = {0};
        cr_assert_eq(assay_generate_prepare(&o, &key, &state, &diag), ASSAY_OK);
        cr_assert_eq(assay_generate_sign(&state, &key, &diag), ASSAY_OK);
        switch (way) {
        case 0:
            state.image[0].bin.p[50] ^= 1;
            break;
        case 1:
            state.image[0].spec.fw_version++;
            break;
        case 2:
            state.image[0].signature.bytes[0] ^= 1;
            break;
        case 3:
            state.image[0].slot = ASSAY_SLOT_BOOTLOADER;
            break;
        default:
            state.signer.bytes[0] ^= 1;
            break;
        }
        enum assay_status status =
            assay_generate_finish(&state, &o, &zip, &diag);
        cr_expect_eq(status, ASSAY_GENERATE_SELF_CHECK, "%u: %s", way,
                     assay_status_name(status));
        assay_buffer_free(&zip);
        assay_generate_free(&state);
    }
}

Test(generate_package, failures_leave_nothing_behind)
{
    static const struct given G = {"hraA", 0, NULL};
    static const struct given TWO = {"hrsaAi", 0, NULL};
    struct assay_generate_options o = options_of(&G);
    struct assay_generation_state state;
    struct assay_diag diag = {0};
    cr_expect_eq(assay_generate_prepare(&o, NULL, &state, &diag),
                 ASSAY_FILE_UNREADABLE);
    assay_generate_free(&state);
    write_bytes("a.bin", 64);
    o = options_of(&TWO);
    cr_expect_eq(assay_generate_prepare(&o, NULL, &state, &diag),
                 ASSAY_FILE_UNREADABLE);
    assay_generate_free(&state);
    o.softdevice = "a.bin";
    cr_expect_eq(assay_generate_prepare(&o, NULL, &state, &diag),
                 ASSAY_GENERATE_IMAGE, "two images of one name");
    assay_generate_free(&state);
    o = options_of(&G);
    o.application_validation = ASSAY_VALIDATE_ECDSA_P256_SHA256;
    cr_expect_eq(assay_generate_prepare(&o, NULL, &state, &diag),
                 ASSAY_GENERATE_OPTIONS);
    assay_generate_free(&state);
    const struct assay_private_key key = ed25519_key();
    cr_expect_eq(assay_generate_prepare(&o, &key, &state, &diag),
                 ASSAY_GENERATE_OPTIONS);
    assay_generate_free(&state);
}

Test(generate_package, requirements_join_without_doubles)
{
    static const struct given G = {"hrsi", 0, NULL};
    struct assay_generate_options o = options_of(&G);
    struct assay_generation_state state;
    struct assay_diag diag = {0};
    write_bytes("s.bin", 0x2100);
    o.sd_req = (struct assay_id_list){.n_ids = 4, .id = {9, 1, 9, 5}};
    o.sd_id = (struct assay_id_list){.n_ids = 3, .id = {5, 7, 7}};
    cr_assert_eq(assay_generate_prepare(&o, NULL, &state, &diag), ASSAY_OK);
    static const uint32_t WANT[] = {9, 1, 5, 7};
    cr_expect_eq(state.image[0].spec.sd_req.n_ids, 4);
    cr_expect_arr_eq(state.image[0].spec.sd_req.id, WANT, sizeof WANT);
    cr_expect_eq(state.image[0].spec.fw_version, 0xFFFFFFFF);
    assay_generate_free(&state);
    for (uint32_t i = 0; i < 16; i++) {
        o.sd_req.id[i] = i + 100;
    }
    o.sd_req.n_ids = 16;
    cr_expect_eq(assay_generate_prepare(&o, NULL, &state, &diag),
                 ASSAY_GENERATE_OPTIONS);
    assay_generate_free(&state);
    o.sd_id = (struct assay_id_list){.n_ids = 1, .id = {115}};
    cr_expect_eq(assay_generate_prepare(&o, NULL, &state, &diag), ASSAY_OK);
    assay_generate_free(&state);
}

/* ECDSA over the image alone, with the halves in the order of the packet. */
Test(generate_package, ecdsa_validation_is_over_the_image)
{
    static const struct given G = {"hraA", 0, NULL};
    struct assay_generate_options o = options_of(&G);
    struct assay_generation_state state;
    struct assay_buffer zip;
    struct assay_diag diag = {0};
    const struct assay_private_key key = p256_key();
    uint8_t digest[32];
    uint8_t sig[64];
    write_bytes("a.bin", 100);
    o.application_validation = ASSAY_VALIDATE_ECDSA_P256_SHA256;
    cr_assert_eq(make(&o, &key, &state, &zip, &diag), ASSAY_OK, "%s",
                 diag.text);
    const uint8_t *wire = state.image[0].spec.validation[0].signature;
    for (size_t i = 0; i < 32; i++) {
        sig[i] = wire[31 - i];
        sig[32 + i] = wire[63 - i];
    }
    (void)crypto_hash_sha256(digest, state.image[0].bin.p, 100);
    cr_expect_eq(assay_p256_verify(key.public_key.bytes, digest, sig),
                 ASSAY_OK);
    assay_buffer_free(&zip);
    assay_generate_free(&state);
}

Test(generate_package, zigbee_wraps_a_signed_image)
{
    static const struct given G = {"hraAz", ASSAY_GENERATE_ZIGBEE, NULL};
    struct assay_generate_options o = options_of(&G);
    struct assay_generation_state state;
    struct assay_buffer zip = {0};
    struct assay_diag diag = {0};
    const struct assay_private_key key = p256_key();
    write_bytes("a.bin", 101);
    cr_assert_eq(assay_generate_prepare(&o, &key, &state, &diag), ASSAY_OK);
    cr_assert_eq(assay_generate_sign(&state, &key, &diag), ASSAY_OK);
    cr_assert_eq(assay_generate_wrap(&state, &o, &key, &diag), ASSAY_OK);
    cr_expect_eq(state.image[0].spec.type, ASSAY_FW_EXTERNAL_APPLICATION);
    cr_expect_eq(state.image[0].spec.sd_req.id[0], 0xFFFE);
    cr_expect_eq(state.image[0].bin.len, (state.zigbee.len + 3) / 4 * 4);
    cr_expect_arr_eq(state.image[0].bin.p, state.zigbee.p, state.zigbee.len);
    cr_expect_eq(assay_load_le32(state.zigbee.p + 52), state.zigbee.len);
    cr_expect_eq(assay_generate_finish(&state, &o, &zip, &diag), ASSAY_OK, "%s",
                 diag.text);
    assay_buffer_free(&zip);
    assay_generate_free(&state);
}

/* --- Against nrfutil ------------------------------------------------------ */

/* The signed bytes that nrfutil made of the same file. */
Test(generate, signed_bytes_are_those_of_nrfutil)
{
    char bar[4096];
    char made[4096];
    if (!shared_path(bar, sizeof bar, "corpus/nrfutil-made/bar.hex") ||
        !shared_path(made, sizeof made,
                     "corpus/nrfutil-made/app_unsigned.zip")) {
        shared_skip("generate", 1, "corpus/nrfutil-made");
        return;
    }
    static const struct given G = {"hraA", 0, NULL};
    struct assay_generate_options o = options_of(&G);
    struct assay_generation_state state;
    struct assay_diag diag = {0};
    struct assay_buffer file;
    struct assay_package package;
    struct assay_buffer dat = {0};
    struct assay_buffer mine = {0};
    o.application = bar;
    o.application_version.value = 4;
    o.hw_version.value = 52;
    cr_assert_eq(assay_generate_prepare(&o, NULL, &state, &diag), ASSAY_OK,
                 "%s", diag.text);
    cr_assert_eq(assay_file_read(made, ASSAY_FILE_MAX, &file, &diag), ASSAY_OK);
    cr_assert_eq(assay_package_open(assay_buffer_slice(&file), &package, &diag),
                 ASSAY_OK);
    cr_assert_eq(assay_zip_load(&package.zip,
                                assay_zip_find(&package.zip, "bar.dat"), 512,
                                &dat, &diag),
                 ASSAY_OK);
    cr_assert_eq(
        assay_initpkt_write_packet(&state.image[0].spec, NULL, &mine, &diag),
        ASSAY_OK);
    cr_assert_eq(mine.len, dat.len);
    cr_expect_arr_eq(mine.p, dat.p, dat.len);
    assay_buffer_free(&mine);
    assay_buffer_free(&dat);
    assay_buffer_free(&file);
    assay_generate_free(&state);
}
