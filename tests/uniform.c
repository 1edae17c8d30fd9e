/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdio.h>
#include <string.h>

#include <valgrind/memcheck.h>

#include "crypto/ed25519.h"
#include "crypto/p256.h"
#include "crypto/sha256.h"

/*
 * Run every crypto function with inputs that memcheck takes for
 * uninitialised. A branch or an address that depends on them is an error. The
 * result is declared public when it comes back. Run under valgrind with
 * --error-exitcode; tests/gates/uniform.sh does so for each compiler.
 */

static unsigned n_runs;

/* RFC 6979 A.2.5, SHA-256, message "sample". */
static const char P256_PUB[] =
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
static const char P256_DIGEST[] =
    "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf";
static const char P256_SIG[] =
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";

/* RFC 8032 7.1, TEST 2: the message is the byte 72. */
static const char ED_PUB[] =
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
static const char ED_SIG[] =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

static void from_hex(uint8_t *out, const char *hex)
{
    for (size_t i = 0; hex[2 * i] != '\0'; i++) {
        unsigned byte;
        (void)sscanf(hex + 2 * i, "%2x", &byte);
        out[i] = (uint8_t)byte;
    }
}

/* in: the status came from poisoned data. */
static void expect(enum assay_status got, enum assay_status wanted,
                   const char *what)
{
    VALGRIND_MAKE_MEM_DEFINED(&got, sizeof got);
    n_runs++;
    if (got != wanted) {
        printf("uniform: %s gave 0x%x\n", what, (unsigned)got);
    }
}

static void run_p256(uint8_t flip, enum assay_status wanted)
{
    uint8_t pub[64];
    uint8_t digest[32];
    uint8_t sig[64];
    from_hex(pub, P256_PUB);
    from_hex(digest, P256_DIGEST);
    from_hex(sig, P256_SIG);
    sig[5] ^= flip;
    VALGRIND_MAKE_MEM_UNDEFINED(pub, sizeof pub);
    VALGRIND_MAKE_MEM_UNDEFINED(digest, sizeof digest);
    VALGRIND_MAKE_MEM_UNDEFINED(sig, sizeof sig);
    expect(assay_p256_verify(pub, digest, sig), wanted, "P-256 verify");
    expect(assay_p256_key_check(pub), ASSAY_OK, "P-256 key check");
}

static void run_ed25519(uint8_t flip, enum assay_status wanted)
{
    uint8_t pub[32];
    uint8_t msg[1] = {0x72};
    uint8_t sig[64];
    from_hex(pub, ED_PUB);
    from_hex(sig, ED_SIG);
    sig[33] ^= flip;
    VALGRIND_MAKE_MEM_UNDEFINED(pub, sizeof pub);
    VALGRIND_MAKE_MEM_UNDEFINED(msg, sizeof msg);
    VALGRIND_MAKE_MEM_UNDEFINED(sig, sizeof sig);
    expect(assay_ed25519_verify(pub, assay_slice(msg, sizeof msg), sig), wanted,
           "Ed25519 verify");
    expect(assay_ed25519_key_check(pub), ASSAY_OK, "Ed25519 key check");
}

static void run_edges(void)
{
    uint8_t zero[64];
    uint8_t ones[64];
    memset(zero, 0, sizeof zero);
    memset(ones, 0xFF, sizeof ones);
    VALGRIND_MAKE_MEM_UNDEFINED(zero, sizeof zero);
    VALGRIND_MAKE_MEM_UNDEFINED(ones, sizeof ones);
    expect(assay_p256_verify(zero, zero, zero), ASSAY_KEY_INVALID, "zeros");
    expect(assay_p256_verify(ones, ones, ones), ASSAY_KEY_INVALID, "ones");
    expect(assay_ed25519_verify(zero, assay_slice(zero, 1), zero),
           ASSAY_KEY_INVALID, "Ed25519 zeros");
    expect(assay_ed25519_verify(ones, assay_slice(ones, 1), ones),
           ASSAY_KEY_INVALID, "Ed25519 ones");
}

static void run_sha256(void)
{
    struct assay_sha256 sha;
    uint8_t data[200];
    uint8_t digest[32];
    memset(data, 1, sizeof data);
    VALGRIND_MAKE_MEM_UNDEFINED(data, sizeof data);
    assay_sha256_init(&sha);
    assay_sha256_update(&sha, assay_slice(data, sizeof data));
    assay_sha256_final(&sha, digest);
    n_runs++;
}

int main(void)
{
    run_p256(0, ASSAY_OK);
    run_p256(1, ASSAY_SIGNATURE_INVALID);
    run_ed25519(0, ASSAY_OK);
    run_ed25519(1, ASSAY_SIGNATURE_INVALID);
    run_edges();
    run_sha256();
    printf("%u\n", n_runs);
    return 0;
}
