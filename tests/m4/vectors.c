/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/m4/fixture.h"
#include "tests/vectors.h"

/*
 * Every known answer of crypto, computed by the machine code.
 *
 * usage: vectors CODE
 */

static struct machine machine;
static struct vectors v;
static unsigned n_checks;

static uint32_t call(enum assay_m4_function function, const uint32_t arg[4])
{
    uint32_t result = 0;
    machine_prepare(&machine, machine_function(&machine, function), arg);
    const char *fault = machine_run(&machine, &result);
    if (fault != NULL) {
        fail(vectors_get(&v, "id"), fault);
    }
    return result;
}

static void expect_status(uint32_t got, const char *what)
{
    long want = vectors_status(what);
    n_checks++;
    if (want < 0 || got != (uint32_t)want) {
        fprintf(stderr, "vectors: %s: the machine code answers 0x%x, not %s\n",
                vectors_get(&v, "id"), (unsigned)got, what);
        exit(1);
    }
}

static size_t field(const char *key, uint8_t *out, size_t out_len)
{
    long len = vectors_hex(&v, key, out, out_len);
    if (len < 0) {
        fail(vectors_get(&v, "id"), key);
    }
    return (size_t)len;
}

/* A signature's verdict also says whether its key is one. */
static const char *key_status(void)
{
    return strcmp(vectors_get(&v, "want"), "KEY_INVALID") == 0 ? "KEY_INVALID"
                                                               : "OK";
}

static void check_p256(void)
{
    struct inputs in = {.m = &machine, .next = ASSAY_M4_IN};
    uint8_t pub[64];
    uint8_t digest[32];
    uint8_t sig[64];
    (void)field("pub", pub, sizeof pub);
    (void)field("digest", digest, sizeof digest);
    (void)field("sig", sig, sizeof sig);
    const uint32_t arg[4] = {put(&in, pub, 64), put(&in, digest, 32),
                             put(&in, sig, 64), 0};
    expect_status(call(ASSAY_M4_p256_verify, arg), vectors_get(&v, "want"));
    expect_status(call(ASSAY_M4_p256_key_check, arg), key_status());
}

static void check_ed25519(void)
{
    struct inputs in = {.m = &machine, .next = ASSAY_M4_IN};
    uint8_t pub[32];
    uint8_t msg[8192];
    uint8_t sig[64];
    (void)field("pub", pub, sizeof pub);
    size_t len = field("msg", msg, sizeof msg);
    (void)field("sig", sig, sizeof sig);
    uint32_t at = put(&in, pub, 32);
    uint32_t text = put_at(&in, msg, len, 1);
    const uint32_t arg[4] = {at, text, (uint32_t)len, put(&in, sig, 64)};
    expect_status(call(ASSAY_M4_ed25519_verify, arg), vectors_get(&v, "want"));
    expect_status(call(ASSAY_M4_ed25519_key_check, arg), key_status());
}

/* The message, repeated, in pieces of about 60 kB. */
static void check_hash(const enum assay_m4_function function[3],
                       size_t digest_len)
{
    const uint32_t out = ASSAY_M4_OUT + 0x200;
    static uint8_t msg[16384];
    uint8_t want[64];
    uint32_t arg[4] = {ASSAY_M4_OUT, out, 0, 0};
    size_t len = field("msg", msg, sizeof msg);
    size_t repeat = vectors_get(&v, "repeat") != NULL
                        ? (size_t)vectors_number(&v, "repeat")
                        : 1;
    size_t most = len != 0 ? 60000 / len + 1 : 1;
    (void)field("want", want, sizeof want);
    (void)call(function[0], arg);
    while (repeat != 0) {
        struct inputs in = {.m = &machine, .next = ASSAY_M4_IN};
        size_t n = repeat < most ? repeat : most;
        for (size_t i = 0; i < n; i++) {
            memcpy(machine.flash + ASSAY_M4_IN + i * len, msg, len);
        }
        const uint32_t update[4] = {ASSAY_M4_OUT, in.next, (uint32_t)(n * len),
                                    0};
        (void)call(function[1], update);
        repeat -= n;
    }
    (void)call(function[2], arg);
    n_checks++;
    if (memcmp(machine.ram + (out - MACHINE_RAM), want, digest_len) != 0) {
        fail(vectors_get(&v, "id"), "another digest");
    }
}

static void check_sha256(void)
{
    static const enum assay_m4_function F[3] = {
        ASSAY_M4_sha256_init, ASSAY_M4_sha256_update, ASSAY_M4_sha256_final};
    check_hash(F, 32);
}

static void check_sha512(void)
{
    static const enum assay_m4_function F[3] = {
        ASSAY_M4_sha512_init, ASSAY_M4_sha512_update, ASSAY_M4_sha512_final};
    check_hash(F, 64);
}

static void check_file(const char *path, void (*check)(void))
{
    int more = vectors_open(&v, path);
    while (more == 1 && (more = vectors_next(&v)) == 1) {
        check();
    }
    if (more != 0) {
        fail(path, v.error);
    }
    vectors_close(&v);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fail("usage", "vectors CODE");
    }
    open_machine(&machine, MACHINE_STRICT, argv[1]);
    check_file("vectors/sha256.txt", check_sha256);
    check_file("vectors/sha512.txt", check_sha512);
    check_file("vectors/p256.txt", check_p256);
    check_file("vectors/ed25519.txt", check_ed25519);
    printf("vectors: %u answers of the machine code are the known ones\n",
           n_checks);
    machine_close(&machine);
    return 0;
}
