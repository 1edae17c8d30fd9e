/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/sha256.h"
#include "tests/shared.h"
#include "tests/vectors.h"

static uint8_t message[1 << 16];

static void digest_of(uint8_t digest[static 32], const uint8_t *p, size_t len)
{
    struct assay_sha256 ctx;
    assay_sha256_init(&ctx);
    assay_sha256_update(&ctx, assay_slice(p, len));
    assay_sha256_final(&ctx, digest);
}

Test(sha256, vectors_match)
{
    static struct vectors v;
    int more = vectors_open(&v, "vectors/sha256.txt");
    while (more == 1 && (more = vectors_next(&v)) == 1) {
        struct assay_sha256 ctx;
        uint8_t want[32];
        uint8_t got[32];
        long repeat =
            vectors_get(&v, "repeat") ? vectors_number(&v, "repeat") : 1;
        long len = vectors_hex(&v, "msg", message, sizeof message);
        cr_assert(len >= 0 && repeat > 0);
        cr_assert_eq(vectors_hex(&v, "want", want, sizeof want), 32);
        assay_sha256_init(&ctx);
        for (long i = 0; i < repeat; i++) {
            assay_sha256_update(&ctx, assay_slice(message, (size_t)len));
        }
        assay_sha256_final(&ctx, got);
        cr_assert_arr_eq(got, want, 32, "%s", vectors_get(&v, "id"));
    }
    vectors_close(&v);
    cr_assert_eq(more, 0, "%s", v.error);
}

Test(sha256, published_messages_match)
{
    char path[512];
    char *line = NULL;
    size_t room = 0;
    unsigned n_rows = 0;
    if (!shared_path(path, sizeof path, "vectors/sha256.tsv")) {
        shared_skip("sha256", 129, "vectors/sha256.tsv");
        return;
    }
    FILE *f = fopen(path, "r");
    cr_assert_not_null(f);
    while (getline(&line, &room, f) > 0) {
        uint8_t want[32];
        uint8_t got[32];
        char *rest = line;
        if (line[0] == '#') {
            continue;
        }
        (void)strtok_r(rest, "\t\n", &rest);
        const char *id = strtok_r(NULL, "\t\n", &rest);
        const char *msg = strtok_r(NULL, "\t\n", &rest);
        const char *digest = strtok_r(NULL, "\t\n", &rest);
        cr_assert_not_null(digest);
        long len = shared_hex(message, sizeof message, msg);
        cr_assert_geq(len, 0);
        cr_assert_eq(shared_hex(want, sizeof want, digest), 32);
        digest_of(got, message, (size_t)len);
        cr_assert_arr_eq(got, want, 32, "%s", id);
        n_rows++;
    }
    free(line);
    fclose(f);
    cr_assert_eq(n_rows, 129);
}

/* NIST SHAVS 6.4: 1000 digests of the last three, then the next checkpoint. */
Test(sha256, monte_carlo_matches)
{
    char path[512];
    char *line = NULL;
    size_t room = 0;
    unsigned n_rows = 0;
    uint8_t seed[32] = {0};
    if (!shared_path(path, sizeof path, "vectors/sha256_monte.tsv")) {
        shared_skip("sha256", 100, "vectors/sha256_monte.tsv");
        return;
    }
    FILE *f = fopen(path, "r");
    cr_assert_not_null(f);
    while (getline(&line, &room, f) > 0) {
        uint8_t last[96];
        uint8_t want[32];
        char *rest = line;
        if (line[0] == '#') {
            continue;
        }
        (void)strtok_r(rest, "\t\n", &rest);
        (void)strtok_r(NULL, "\t\n", &rest);
        const char *first = strtok_r(NULL, "\t\n", &rest);
        const char *digest = strtok_r(NULL, "\t\n", &rest);
        cr_assert_not_null(digest);
        if (n_rows == 0) {
            cr_assert_eq(shared_hex(seed, sizeof seed, first), 32);
        }
        cr_assert_eq(shared_hex(want, sizeof want, digest), 32);
        for (size_t i = 0; i < 96; i++) {
            last[i] = seed[i % 32];
        }
        for (int i = 0; i < 1000; i++) {
            uint8_t next[32];
            digest_of(next, last, sizeof last);
            memmove(last, last + 32, 64);
            memcpy(last + 64, next, 32);
        }
        memcpy(seed, last + 64, 32);
        cr_assert_arr_eq(seed, want, 32, "row %u", n_rows);
        n_rows++;
    }
    free(line);
    fclose(f);
    cr_assert_eq(n_rows, 100);
}

/* The pieces are copied to exact allocations, so that a sanitizer sees every
 * byte read beyond them. */
Test(sha256, every_split_gives_the_same_digest)
{
    enum { LEN = 200 };
    for (size_t i = 0; i < LEN; i++) {
        message[i] = (uint8_t)(i * 7 + 1);
    }
    for (size_t len = 0; len <= LEN; len++) {
        uint8_t want[32];
        digest_of(want, message, len);
        for (size_t cut = 0; cut <= len; cut += len == LEN ? 1 : 13) {
            struct assay_sha256 ctx;
            uint8_t got[32];
            uint8_t *head = malloc(cut + 1);
            uint8_t *tail = malloc(len - cut + 1);
            cr_assert(head != NULL && tail != NULL);
            memcpy(head + 1, message, cut);
            memcpy(tail + 1, message + cut, len - cut);
            assay_sha256_init(&ctx);
            assay_sha256_update(&ctx, assay_slice(head + 1, cut));
            assay_sha256_update(&ctx, assay_slice(NULL, 0));
            assay_sha256_update(&ctx, assay_slice(tail + 1, len - cut));
            assay_sha256_final(&ctx, got);
            cr_assert_arr_eq(got, want, 32, "%zu of %zu", cut, len);
            free(head);
            free(tail);
        }
    }
}

Test(sha256, byte_by_byte_gives_the_same_digest)
{
    struct assay_sha256 ctx;
    uint8_t want[32];
    uint8_t got[32];
    digest_of(want, message, 300);
    assay_sha256_init(&ctx);
    for (size_t i = 0; i < 300; i++) {
        assay_sha256_update(&ctx, assay_slice(message + i, 1));
    }
    assay_sha256_final(&ctx, got);
    cr_assert_arr_eq(got, want, 32);
}

Test(sha256, copied_context_is_independent)
{
    for (size_t cut = 0; cut <= 130; cut++) {
        struct assay_sha256 ctx;
        struct assay_sha256 copy;
        uint8_t want[32];
        uint8_t got[32];
        assay_sha256_init(&ctx);
        assay_sha256_update(&ctx, assay_slice(message, cut));
        copy = ctx;
        assay_sha256_update(&copy, assay_slice(message + 999, 77));
        assay_sha256_final(&copy, got);
        assay_sha256_update(&ctx, assay_slice(message + cut, 200 - cut));
        assay_sha256_final(&ctx, got);
        digest_of(want, message, 200);
        cr_assert_arr_eq(got, want, 32, "copied after %zu", cut);
    }
}

/* The reader that all vector tests lean on refuses what it does not know. */
static int reads(const char *text)
{
    static struct vectors v;
    char path[] = "/tmp/assay-vectors-XXXXXX";
    int fd = mkstemp(path);
    FILE *f = fd >= 0 ? fdopen(fd, "wb") : NULL;
    int more;
    cr_assert_not_null(f);
    cr_assert_eq(fwrite(text, 1, strlen(text), f), strlen(text));
    fclose(f);
    more = vectors_open(&v, path);
    while (more == 1) {
        more = vectors_next(&v);
    }
    vectors_close(&v);
    remove(path);
    return more;
}

#define HEAD                                                                   \
    "# c\nformat = 1\ncount = 1\nlicence = l\ngenerator = g\nsource = s\n"
#define RECORD "\nid = i\nwhy = w\nrule = r\nsrc = s\nmsg =\nwant = OK\n"

Test(vectors, damaged_files_are_refused)
{
    cr_assert_eq(reads(HEAD RECORD), 0);
    cr_assert_eq(reads(""), -1);
    cr_assert_eq(reads(HEAD), -1);
    cr_assert_eq(reads(HEAD RECORD RECORD), -1);
    cr_assert_eq(reads(HEAD RECORD "\n"), 0);
    cr_assert_eq(reads(HEAD RECORD "\n\n"), -1);
    cr_assert_eq(reads(HEAD RECORD "x = 1"), -1);
    cr_assert_eq(reads(HEAD RECORD "x= 1\n"), -1);
    cr_assert_eq(reads(HEAD RECORD "x =1\n"), -1);
    cr_assert_eq(reads(HEAD RECORD "x = 1 \n"), -1);
    cr_assert_eq(reads(HEAD RECORD "x =  1\n"), -1);
    cr_assert_eq(reads(HEAD RECORD "x = 1\r\n"), -1);
    cr_assert_eq(reads(HEAD RECORD "X = 1\n"), -1);
    cr_assert_eq(reads(HEAD RECORD "want = OK\n"), -1);
    cr_assert_eq(reads(HEAD "\nid = i\nwhy = w\nrule = r\nsrc = s\n"), -1);
    cr_assert_eq(reads("format = 2\ncount = 1\nlicence = l\ngenerator = g\n"
                       "source = s\n" RECORD),
                 -1);
}
