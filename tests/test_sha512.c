/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/sha512.h"

#include "tests/shared.h"
#include "tests/vectors.h"

#include <criterion/criterion.h>

#define MESSAGE_MAX 40000u

/* Rows of the shared files, to say how much is left out without them. */
#define N_CAVP 257u
#define N_MONTE 100u

static void digest_of(uint8_t digest[static 64], const uint8_t *p, size_t len)
{
    struct assay_sha512 ctx;
    assay_sha512_init(&ctx);
    assay_sha512_update(&ctx, assay_slice(p, len));
    assay_sha512_final(&ctx, digest);
}

Test(sha512, known_messages_have_published_digests)
{
    static struct vectors v;
    static uint8_t msg[MESSAGE_MAX];
    int more = vectors_open(&v, "vectors/sha512.txt");

    while (more == 1 && (more = vectors_next(&v)) == 1) {
        const char *id = vectors_get(&v, "id");
        uint8_t want[64];
        uint8_t got[64];
        long len = vectors_hex(&v, "msg", msg, sizeof msg);
        long repeat = 1;
        cr_assert(len >= 0, "%s: msg", id);
        cr_assert(vectors_hex(&v, "want", want, sizeof want) == 64, "%s", id);
        if (vectors_get(&v, "repeat") != NULL) {
            repeat = vectors_number(&v, "repeat");
            cr_assert(repeat > 0, "%s: repeat", id);
        }
        struct assay_sha512 ctx;
        assay_sha512_init(&ctx);
        for (long i = 0; i < repeat; i++) {
            assay_sha512_update(&ctx, assay_slice(msg, (size_t)len));
        }
        assay_sha512_final(&ctx, got);
        cr_expect(memcmp(got, want, 64) == 0, "%s", id);
    }
    vectors_close(&v);
    cr_assert(more == 0, "%s", v.error);
}

Test(sha512, message_split_anywhere_has_the_same_digest)
{
    uint8_t msg[300];
    uint8_t whole[64];
    uint8_t parts[64];

    for (unsigned i = 0; i < sizeof msg; i++) {
        msg[i] = (uint8_t)(i * 7u + 1u);
    }
    digest_of(whole, msg, sizeof msg);
    for (size_t at = 0; at <= sizeof msg; at++) {
        for (size_t step = 1; step <= 130; step += 43) {
            struct assay_sha512 ctx;
            size_t end = at + step < sizeof msg ? at + step : sizeof msg;
            assay_sha512_init(&ctx);
            assay_sha512_update(&ctx, assay_slice(msg, at));
            assay_sha512_update(&ctx, assay_slice(NULL, 0));
            assay_sha512_update(&ctx, assay_slice(msg + at, end - at));
            assay_sha512_update(&ctx, assay_slice(msg + end, sizeof msg - end));
            assay_sha512_final(&ctx, parts);
            cr_expect(memcmp(whole, parts, 64) == 0, "at %zu, %zu", at, step);
        }
    }
}

Test(sha512, copied_context_goes_on_by_itself)
{
    uint8_t msg[300];
    uint8_t want[64];
    uint8_t other[64];
    uint8_t got[64];

    for (unsigned i = 0; i < sizeof msg; i++) {
        msg[i] = (uint8_t)(255u - i);
    }
    digest_of(want, msg, sizeof msg);
    for (size_t at = 1; at <= sizeof msg; at++) {
        struct assay_sha512 ctx;
        assay_sha512_init(&ctx);
        assay_sha512_update(&ctx, assay_slice(msg, at));
        struct assay_sha512 copy = ctx;
        assay_sha512_update(&ctx, assay_slice(msg, sizeof msg));
        assay_sha512_final(&ctx, other);
        assay_sha512_update(&copy, assay_slice(msg + at, sizeof msg - at));
        assay_sha512_final(&copy, got);
        cr_expect(memcmp(got, want, 64) == 0, "copied after %zu", at);
        cr_expect(memcmp(other, want, 64) != 0, "copied after %zu", at);
    }
}

Test(sha512, context_used_twice_starts_afresh)
{
    uint8_t want[64];
    uint8_t got[64];
    struct assay_sha512 ctx;

    digest_of(want, (const uint8_t *)"abc", 3);
    memset(&ctx, 0xa5, sizeof ctx);
    for (unsigned i = 0; i < 2; i++) {
        assay_sha512_init(&ctx);
        assay_sha512_update(&ctx, assay_slice((const uint8_t *)"abc", 3));
        assay_sha512_final(&ctx, got);
        cr_expect(memcmp(got, want, 64) == 0);
    }
}

Test(sha512, unaligned_message_has_the_same_digest)
{
    uint8_t buffer[300 + 8];
    uint8_t want[64];
    uint8_t got[64];

    memset(buffer, 0x3c, sizeof buffer);
    digest_of(want, buffer, 300);
    for (unsigned off = 1; off < 8; off++) {
        digest_of(got, buffer + off, 300);
        cr_expect(memcmp(got, want, 64) == 0, "offset %u", off);
    }
}

Test(sha512, cavp_messages_have_published_digests)
{
    static char line[2 * MESSAGE_MAX];
    static char hex[2 * MESSAGE_MAX];
    static uint8_t msg[MESSAGE_MAX];
    char path[512];
    unsigned n_rows = 0;

    if (!shared_path(path, sizeof path, "vectors/sha512.tsv")) {
        shared_skip("sha512", N_CAVP, "vectors/sha512.tsv");
        return;
    }
    FILE *file = fopen(path, "r");
    cr_assert(file != NULL);
    while (fgets(line, sizeof line, file) != NULL) {
        char want_hex[129];
        uint8_t want[64];
        uint8_t got[64];
        if (line[0] == '#') {
            continue;
        }
        cr_assert(sscanf(line, "%*s %*s %79999s %128s", hex, want_hex) == 2);
        long len = shared_hex(msg, sizeof msg, hex);
        cr_assert(len >= 0 && shared_hex(want, sizeof want, want_hex) == 64);
        digest_of(got, msg, (size_t)len);
        cr_expect(memcmp(got, want, 64) == 0, "%.40s", line);
        n_rows++;
    }
    fclose(file);
    cr_assert(n_rows == N_CAVP, "%u rows", n_rows);
}

/* CAVP, SHAVS 6.4: each message is the last three digests in a row. */
static void monte_carlo(uint8_t seed[static 64])
{
    uint8_t msg[192];

    for (unsigned i = 0; i < 3; i++) {
        memcpy(msg + 64u * i, seed, 64);
    }
    for (unsigned i = 0; i < 1000; i++) {
        digest_of(seed, msg, sizeof msg);
        memmove(msg, msg + 64, 128);
        memcpy(msg + 128, seed, 64);
    }
}

Test(sha512, cavp_monte_carlo_agrees)
{
    char line[512];
    char path[512];
    uint8_t seed[64];
    unsigned n_rows = 0;

    if (!shared_path(path, sizeof path, "vectors/sha512_monte.tsv")) {
        shared_skip("sha512", N_MONTE, "vectors/sha512_monte.tsv");
        return;
    }
    FILE *file = fopen(path, "r");
    cr_assert(file != NULL);
    while (fgets(line, sizeof line, file) != NULL) {
        char seed_hex[129];
        char want_hex[129];
        uint8_t want[64];
        if (line[0] == '#') {
            continue;
        }
        cr_assert(sscanf(line, "%*s %*s %128s %128s", seed_hex, want_hex) == 2);
        if (n_rows == 0) {
            cr_assert(shared_hex(seed, sizeof seed, seed_hex) == 64);
        }
        cr_assert(shared_hex(want, sizeof want, want_hex) == 64);
        monte_carlo(seed);
        cr_expect(memcmp(seed, want, 64) == 0, "row %u", n_rows);
        n_rows++;
    }
    fclose(file);
    cr_assert(n_rows == N_MONTE, "%u rows", n_rows);
}
