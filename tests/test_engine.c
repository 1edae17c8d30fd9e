/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/engine.h"
#include "host/sign.h"
#include "tests/packet_builder.h"
#include "tests/shared.h"

#include <criterion/criterion.h>
#include <openssl/sha.h>
#include <signal.h>
#include <unistd.h>

#include "base/bytes.h"
#include "engine/functions.h"

/*
 * The machine code as the host tool runs it: it answers what a standard or
 * OpenSSL says, it answers what the native verifier answers, and a program
 * that does not play by the protocol gets no verdict out of it.
 */

/* 0x11.. times G, and RFC 8032 7.1 TEST 1. */
static const char P256_SECRET[] =
    "1111111111111111111111111111111111111111111111111111111111111111";
static const char P256_PUBLIC[] =
    "0217e617f0b6443928278f96999e69a23a4f2c152bdf6d6cdf66e5b80282d4ed"
    "194a7debcb97712d2dda3ca85aa8765a56f45fc758599652f2897c65306e5794";
static const char ED_SECRET[] =
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
static const char ED_PUBLIC[] =
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

enum { IMAGE_LEN = 5000 };

static struct assay_private_key p256;
static struct assay_private_key ed25519;
static struct assay_key key[2];
static struct assay_key_table keys = {.key = key, .n_keys = 2};
static uint8_t image[IMAGE_LEN];
static struct pb packet;
static struct assay_engine engine;
static struct assay_diag diag;

static void hex_bytes(uint8_t *out, const char *hex)
{
    struct pb bytes = {.len = 0};
    pb_hex(&bytes, hex);
    memcpy(out, bytes.b, bytes.len);
}

static void make_update(enum assay_algorithm algorithm)
{
    struct pb_init init = {.present = 0x3FE,
                           .number = {[1] = 10, [2] = 52, [7] = IMAGE_LEN},
                           .sd_req = {0x100, 0x101},
                           .n_sd_req = 2,
                           .hash = {.type = 3, .len = 32}};
    struct pb body = {.len = 0};
    struct pb_signature signature = {.len = 64,
                                     .type = algorithm == ASSAY_ED25519};
    uint8_t digest[32];
    for (size_t i = 0; i < IMAGE_LEN; i++) {
        image[i] = (uint8_t)(i * 7 + i / 256);
    }
    (void)SHA256(image, IMAGE_LEN, digest);
    assay_reverse(init.hash.bytes, digest, 32);
    pb_init(&body, &init);
    struct assay_slice data = assay_slice(body.b, body.len);
    cr_assert(algorithm == ASSAY_ED25519
                  ? assay_sign_ed25519(&ed25519, data, signature.bytes, NULL) ==
                        ASSAY_OK
                  : assay_sign_nordic(&p256, data, signature.bytes, NULL) ==
                        ASSAY_OK);
    packet.len = 0;
    pb_signed(&packet, &body, &signature);
}

static void make_keys(void)
{
    p256.public_key.algorithm = ASSAY_P256;
    ed25519.public_key.algorithm = ASSAY_ED25519;
    hex_bytes(p256.secret, P256_SECRET);
    hex_bytes(p256.public_key.bytes, P256_PUBLIC);
    hex_bytes(ed25519.secret, ED_SECRET);
    hex_bytes(ed25519.public_key.bytes, ED_PUBLIC);
    key[0] = (struct assay_key){.bytes = p256.public_key.bytes,
                                .algorithm = ASSAY_P256,
                                .roles = ASSAY_ROLE_ALL};
    key[1] = (struct assay_key){.bytes = ed25519.public_key.bytes,
                                .algorithm = ASSAY_ED25519,
                                .roles = ASSAY_ROLE_ALL};
    make_update(ASSAY_P256);
}

/* The program stands in the folder above that of the tests. */
static int find_program(void)
{
    char path[1024];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 20);
    cr_assert_gt(len, 0);
    path[len] = '\0';
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(path, '/');
        cr_assert_not_null(slash);
        *slash = '\0';
    }
    strcat(path, "/assay-m4");
    (void)setenv("ASSAY_M4", path, 1);
    return access(path, X_OK) == 0 && assay_engine_code().len != 0;
}

/* ret: 0 when this build has no machine code or no program for it. */
static int start(enum assay_engine_kind kind)
{
    if (!find_program()) {
        shared_skip("engine", 1, "assay-m4 (libunicorn, gcc-arm-none-eabi)");
        return 0;
    }
    cr_assert_eq(assay_engine_open(&engine, kind, &diag), ASSAY_OK, "%s",
                 diag.text);
    return 1;
}

static void finish(void)
{
    assay_engine_close(&engine);
}

TestSuite(engine, .init = make_keys, .fini = finish, .timeout = 120);

static struct assay_slice whole_packet(void)
{
    return assay_slice(packet.b, packet.len);
}

static enum assay_status check_packet(struct assay_verdict *verdict)
{
    *verdict = (struct assay_verdict){.key_index = 77};
    return assay_engine_packet(&engine, whole_packet(), &keys, verdict, &diag);
}

/* in: chunk, how many bytes at a time. */
static enum assay_status receive(const struct assay_init_command *command,
                                 size_t chunk)
{
    struct assay_image in;
    enum assay_status status =
        assay_engine_image_start(&engine, &in, command, &diag);
    for (size_t off = 0; off < IMAGE_LEN && status == ASSAY_OK; off += chunk) {
        size_t len = IMAGE_LEN - off < chunk ? IMAGE_LEN - off : chunk;
        status = assay_engine_image_update(
            &engine, &in, assay_slice(image + off, len), &diag);
    }
    return status == ASSAY_OK ? assay_engine_image_finish(&engine, &in, &diag)
                              : status;
}

Test(engine, machine_code_begins_with_its_table)
{
    struct assay_slice code = assay_engine_code();
    if (code.len == 0) {
        cr_assert_str_empty(assay_engine_code_digest());
        shared_skip("engine", 1, "gcc-arm-none-eabi");
        return;
    }
    uint8_t digest[32];
    char hex[65];
    cr_assert_eq(assay_load_le32(code.p), ASSAY_M4_MAGIC);
    cr_assert_eq(assay_load_le32(code.p + 4), ASSAY_M4_VERSION);
    cr_assert_eq(assay_load_le32(code.p + 12) - assay_load_le32(code.p + 8),
                 code.len);
    (void)SHA256(code.p, code.len, digest);
    for (size_t i = 0; i < 32; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    }
    cr_assert_str_eq(hex, assay_engine_code_digest());
}

static void expect_whole_update(enum assay_engine_kind kind)
{
    static const enum assay_algorithm BOTH[] = {ASSAY_P256, ASSAY_ED25519};
    const struct assay_device device = {.hw_version = 52,
                                        .softdevice = 0x101,
                                        .app_version = 9,
                                        .image_room = IMAGE_LEN};
    if (!start(kind)) {
        return;
    }
    cr_assert_eq(assay_engine_keys(&engine, &keys, &diag), ASSAY_OK);
    for (uint32_t i = 0; i < 2; i++) {
        struct assay_verdict v;
        make_update(BOTH[i]);
        cr_assert_eq(check_packet(&v), ASSAY_OK, "%s", diag.text);
        cr_assert_eq(v.key_index, i);
        cr_assert_eq(v.command.fw_version, 10);
        cr_assert_eq(v.command.app_size, IMAGE_LEN);
        cr_assert_eq(v.command.n_sd_req, 2);
        cr_assert(v.command.hash.p > packet.b &&
                  v.command.hash.p + 32 <= packet.b + packet.len);
        cr_assert_eq(assay_engine_policy(&engine, &v.command, &device, &diag),
                     ASSAY_OK);
        cr_assert_eq(receive(&v.command, 999), ASSAY_OK, "%s", diag.text);
        cr_assert_eq(receive(&v.command, IMAGE_LEN), ASSAY_OK);
        const struct assay_installed installed = {
            .packet = whole_packet(), .image = assay_slice(image, IMAGE_LEN)};
        cr_assert_eq(assay_engine_boot(&engine, &installed, &keys, &diag),
                     ASSAY_OK);
    }
}

Test(engine, native_takes_a_good_update)
{
    expect_whole_update(ASSAY_ENGINE_NATIVE);
}

Test(engine, m4_takes_a_good_update)
{
    expect_whole_update(ASSAY_ENGINE_M4);
}

Test(engine, both_take_a_good_update)
{
    expect_whole_update(ASSAY_ENGINE_BOTH);
}

Test(engine, m4_refuses_by_name)
{
    struct assay_verdict v;
    struct assay_device device = {.hw_version = 51};
    if (!start(ASSAY_ENGINE_M4)) {
        return;
    }
    cr_assert_eq(check_packet(&v), ASSAY_OK);
    cr_assert_eq(assay_engine_policy(&engine, &v.command, &device, &diag),
                 ASSAY_HW_VERSION);
    image[IMAGE_LEN - 1] ^= 1;
    cr_assert_eq(receive(&v.command, 1000), ASSAY_IMAGE_DIGEST);
    const struct assay_installed installed = {
        .packet = whole_packet(), .image = assay_slice(image, IMAGE_LEN - 1)};
    cr_assert_eq(assay_engine_boot(&engine, &installed, &keys, &diag),
                 ASSAY_IMAGE_SHORT);
    key[0].flags = ASSAY_KEY_REVOKED_FLAG;
    cr_assert_eq(check_packet(&v), ASSAY_KEY_REVOKED);
    cr_assert_eq(v.key_index, 0);
    packet.b[packet.len - 1] ^= 1;
    cr_assert_eq(check_packet(&v), ASSAY_SIGNATURE_INVALID);
    cr_assert_eq(v.key_index, 77);
    packet.len -= 1;
    cr_assert_eq(check_packet(&v), ASSAY_TRUNCATED);
    packet.len = 0;
    cr_assert_eq(check_packet(&v), ASSAY_PACKET_EMPTY);
    keys.n_keys = 0;
    cr_assert_eq(assay_engine_keys(&engine, &keys, &diag), ASSAY_KEY_TABLE);
    keys.n_keys = 2;
}

/* Whatever the packet is, two engines agree on it. */
Test(engine, both_agree_on_damaged_packets)
{
    uint64_t seed = 7;
    const struct pb good = packet;
    unsigned n_ok = 0;
    if (!start(ASSAY_ENGINE_BOTH)) {
        return;
    }
    for (unsigned i = 0; i < 400; i++) {
        struct assay_verdict v;
        packet = good;
        uint64_t r = pb_random(&seed);
        /* Mostly in front of the signature: most of these end early. */
        size_t at = i % 16 == 0 ? r % packet.len : r % 24;
        packet.b[at] ^= (uint8_t)(1u << (r >> 32) % 8);
        packet.len -= i % 5 == 4 ? (r >> 40) % 9 : 0;
        enum assay_status status = check_packet(&v);
        cr_assert(!assay_engine_failed(status), "case %u: %s", i, diag.text);
        n_ok += status == ASSAY_OK;
    }
    cr_assert_eq(n_ok, 0);
}

Test(engine, both_agree_on_every_length_of_image)
{
    struct assay_verdict v;
    if (!start(ASSAY_ENGINE_BOTH)) {
        return;
    }
    cr_assert_eq(check_packet(&v), ASSAY_OK);
    for (size_t chunk = 1; chunk < IMAGE_LEN; chunk = chunk * 3 + 1) {
        cr_assert_eq(receive(&v.command, chunk), ASSAY_OK, "%zu", chunk);
    }
    struct assay_image in = {.len = 0};
    cr_assert_eq(assay_engine_image_finish(&engine, &in, &diag),
                 ASSAY_IMAGE_STATE);
    cr_assert_eq(assay_engine_image_start(&engine, &in, &v.command, &diag),
                 ASSAY_OK);
    cr_assert_eq(assay_engine_image_update(
                     &engine, &in, assay_slice(image, IMAGE_LEN - 1), &diag),
                 ASSAY_OK);
    cr_assert_eq(
        assay_engine_image_update(&engine, &in, assay_slice(image, 2), &diag),
        ASSAY_IMAGE_LONG);
    cr_assert_eq(assay_engine_image_finish(&engine, &in, &diag),
                 ASSAY_IMAGE_STATE);
}

/* --- A program that is not assay-m4 --------------------------------------- */

/* A shell script that answers HELLO and then runs command. */
static void write_impostor(char *path, const char *command)
{
    strcpy(path, "/tmp/assay-impostor-XXXXXX");
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    FILE *f = fdopen(fd, "w");
    (void)fprintf(f,
                  "#!/bin/sh\n"
                  "head -c %zu >/dev/null\n"
                  "printf '\\1\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0'\n"
                  "%s\n",
                  assay_engine_code().len + 32, command);
    (void)fclose(f);
    (void)chmod(path, 0700);
    (void)setenv("ASSAY_M4", path, 1);
}

static void expect_no_verdict(enum assay_engine_kind kind, const char *command)
{
    char path[64];
    struct assay_verdict v;
    write_impostor(path, command);
    cr_assert_eq(assay_engine_open(&engine, kind, &diag), ASSAY_OK, "%s",
                 diag.text);
    enum assay_status status = check_packet(&v);
    cr_assert(assay_engine_failed(status), "%s", command);
    cr_assert_str_not_empty(diag.text);
    assay_engine_close(&engine);
    (void)unlink(path);
}

/* The head of a reply up to the length of what follows. */
#define REPLY_OK "printf '\\1\\0\\0\\0\\132\\226\\245\\074\\0\\0\\0\\0"

Test(engine, an_impostor_gets_no_verdict)
{
    if (assay_engine_code().len == 0) {
        shared_skip("engine", 1, "gcc-arm-none-eabi");
        return;
    }
    expect_no_verdict(ASSAY_ENGINE_M4, "exit 0");
    expect_no_verdict(ASSAY_ENGINE_M4, "head -c 32 >/dev/null; exit 1");
    /* OK, with a length that no reply has, or with none. */
    expect_no_verdict(ASSAY_ENGINE_M4,
                      REPLY_OK "\\377\\377\\377\\377'; cat >/dev/null");
    expect_no_verdict(ASSAY_ENGINE_M4,
                      REPLY_OK "\\0\\0\\0\\0'; cat >/dev/null");
    /* OK, with addresses outside of the packet. */
    expect_no_verdict(
        ASSAY_ENGINE_M4,
        REPLY_OK "\\144\\0\\0\\0'; head -c 100 /dev/zero | tr '\\0' '\\377'; "
                 "cat >/dev/null");
    expect_no_verdict(ASSAY_ENGINE_M4,
                      REPLY_OK "\\144\\0\\0\\0'; head -c 48 /dev/zero; printf "
                               "'\\40\\0\\0\\0'; head -c 48 /dev/zero; cat "
                               ">/dev/null");
    /* OK, by no key. */
    expect_no_verdict(ASSAY_ENGINE_M4,
                      REPLY_OK "\\144\\0\\0\\0'; head -c 96 /dev/zero; printf "
                               "'\\115\\0\\0\\0'; cat >/dev/null");
    /* A status that only engines have. */
    expect_no_verdict(ASSAY_ENGINE_M4,
                      "printf '\\1\\0\\0\\0\\010\\006\\0\\0\\0\\0\\0\\0\\144\\0"
                      "\\0\\0'; head -c 100 /dev/zero; cat >/dev/null");
}

Test(engine, two_engines_that_differ_give_no_verdict)
{
    if (assay_engine_code().len == 0) {
        shared_skip("engine", 1, "gcc-arm-none-eabi");
        return;
    }
    /* The same status, another key. */
    expect_no_verdict(ASSAY_ENGINE_BOTH,
                      REPLY_OK "\\144\\0\\0\\0'; head -c 100 /dev/zero; "
                               "cat >/dev/null");
    cr_assert_not_null(strstr(diag.text, "differ"), "%s", diag.text);
    /* Acceptance of what the native engine refuses. */
    packet.b[packet.len - 1] ^= 1;
    expect_no_verdict(ASSAY_ENGINE_BOTH,
                      REPLY_OK "\\144\\0\\0\\0'; head -c 100 /dev/zero; "
                               "cat >/dev/null");
    cr_assert_not_null(strstr(diag.text, "m4 says OK"), "%s", diag.text);
}

Test(engine, what_is_missing_is_said)
{
    (void)setenv("ASSAY_M4", "/nonexistent/assay-m4", 1);
    cr_assert(assay_engine_failed(
        assay_engine_open(&engine, ASSAY_ENGINE_BOTH, &diag)));
    cr_assert_not_null(strstr(diag.text, assay_engine_code().len == 0
                                             ? "ARM compiler"
                                             : "libunicorn"));
    assay_engine_close(&engine);
    cr_assert_eq(assay_engine_open(&engine, ASSAY_ENGINE_NATIVE, &diag),
                 ASSAY_OK);
    (void)setenv("ASSAY_M4", "/bin/true", 1);
    cr_assert(assay_engine_code().len == 0 ||
              assay_engine_failed(
                  assay_engine_open(&engine, ASSAY_ENGINE_M4, &diag)));
}
