/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "host/text.h"
#include "host/vectors.h"

/* ---- the committed files ---- */

static size_t n_shown;

static void show(const struct assay_vectors_failure *f, void *ctx)
{
    if (n_shown < 20) {
        fprintf(stderr, "%s:%u: %.*s: want %.*s, got %.*s\n", (const char *)ctx,
                f->line, (int)f->id.len, (const char *)f->id.p,
                (int)f->want.len, (const char *)f->want.p, (int)f->got.len,
                (const char *)f->got.p);
    }
    n_shown++;
}

static struct assay_vectors_run run_file(const char *path)
{
    struct assay_buffer file = {0};
    struct assay_diag diag = {0};
    char name[320];
    snprintf(name, sizeof name, "%s", path);
    struct assay_vectors_run run = {
        .engine = &assay_vectors_native, .on_failure = show, .ctx = name};
    cr_assert_eq(assay_file_read(path, ASSAY_FILE_MAX, &file, &diag), ASSAY_OK,
                 "%s", diag.text);
    cr_assert_eq(assay_vectors_run(assay_buffer_slice(&file), &run, &diag),
                 ASSAY_OK, "%s: %s", path, diag.text);
    assay_buffer_free(&file);
    return run;
}

static int is_text(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return len > 4 && strcmp(entry->d_name + len - 4, ".txt") == 0;
}

Test(vectors, committed_files_agree)
{
    struct dirent **entry = NULL;
    size_t n_records = 0;
    int n = scandir("vectors", &entry, is_text, alphasort);
    cr_assert_geq(n, 11);
    for (int i = 0; i < n; i++) {
        char path[300];
        snprintf(path, sizeof path, "vectors/%s", entry[i]->d_name);
        struct assay_vectors_run run = run_file(path);
        cr_expect_gt(run.n_records, 0, "%s", path);
        cr_expect_eq(run.n_failed, 0, "%s: %zu", path, run.n_failed);
        cr_expect_eq(run.n_left_out, 0, "%s", path);
        n_records += run.n_records;
        free(entry[i]);
    }
    free(entry);
    cr_assert_geq(n_records, 3000);
}

/* ---- the reader ---- */

#define HEAD_OF(kind)                                                          \
    "# c\nformat = 1\nkind = " kind "\ncount = 1\nlicence = l\n"               \
    "generator = g\nsource = s\n"
#define HEAD HEAD_OF("sha256")
#define START "\nid = i\nwhy = w\nrule = r\nsrc = s\n"
#define DIGEST                                                                 \
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define RECORD START "msg =\nwant = " DIGEST "\n"

static struct assay_vectors_run last;
static char last_want[512];
static char last_got[512];

static void keep(const struct assay_vectors_failure *f, void *ctx)
{
    (void)ctx;
    snprintf(last_want, sizeof last_want, "%.*s", (int)f->want.len,
             (const char *)f->want.p);
    snprintf(last_got, sizeof last_got, "%.*s", (int)f->got.len,
             (const char *)f->got.p);
}

/* The status of a run; its counts are in last. */
static enum assay_status run_text(const char *text)
{
    struct assay_diag diag = {0};
    last = (struct assay_vectors_run){.engine = &assay_vectors_native,
                                      .on_failure = keep};
    /* Exactly as long as the text, so that no read beyond goes unseen. */
    size_t len = strlen(text);
    uint8_t *copy = malloc(len + (len == 0));
    cr_assert_not_null(copy);
    memcpy(copy, text, len);
    enum assay_status status =
        assay_vectors_run(assay_slice(copy, len), &last, &diag);
    free(copy);
    return status;
}

Test(vectors, whole_file_is_read)
{
    cr_assert_eq(run_text(HEAD RECORD), ASSAY_OK);
    cr_assert_eq(last.n_records, 1);
    cr_assert_eq(last.n_failed, 0);
    cr_assert_eq(run_text(HEAD RECORD "\n"), ASSAY_OK);
    cr_assert_eq(run_text(HEAD START "# c\nmsg =\nalso = a\nflags = f\n"
                                     "want = " DIGEST "\n"),
                 ASSAY_OK);
}

Test(vectors, damaged_lines_are_refused)
{
    static const char *const texts[] = {
        "",
        "\n",
        HEAD,
        HEAD RECORD "\n\n",
        HEAD RECORD RECORD,
        HEAD RECORD "flags = 1",
        HEAD RECORD "flags= 1\n",
        HEAD RECORD "flags =1\n",
        HEAD RECORD "flags = 1 \n",
        HEAD RECORD "flags =  1\n",
        HEAD RECORD "flags = \n",
        HEAD RECORD "flags = 1\r\n",
        HEAD RECORD "flags = \t\n",
        HEAD RECORD "flags = \xc3\xa9\n",
        HEAD RECORD " flags = 1\n",
        HEAD RECORD "Flags = 1\n",
        HEAD RECORD "= 1\n",
        HEAD RECORD "flags\n",
        HEAD RECORD "flags =\nflags =\n",
        HEAD RECORD "unknown = 1\n",
        HEAD RECORD "packet = 00\n",
        HEAD RECORD "# a comment alone\n\n# again\n",
    };
    for (size_t i = 0; i < ASSAY_N_OF(texts); i++) {
        cr_expect_eq(run_text(texts[i]), ASSAY_FORMAT_DAMAGED, "%zu", i);
    }
}

Test(vectors, damaged_heads_are_refused)
{
    static const char rest[] = "licence = l\ngenerator = g\nsource = s\n";
    static const char *const starts[] = {
        "format = 2\nkind = sha256\ncount = 1\n",
        "kind = sha256\ncount = 1\n",
        "format = 1\ncount = 1\n",
        "format = 1\nkind = sha256\n",
        "format = 1\nkind = sha25\ncount = 1\n",
        "format = 1\nkind =\ncount = 1\n",
        "format = 1\nkind = sha256\ncount =\n",
        "format = 1\nkind = sha256\ncount = 0\n",
        "format = 1\nkind = sha256\ncount = 01\n",
        "format = 1\nkind = sha256\ncount = -1\n",
        "format = 1\nkind = sha256\ncount = 65536\n",
        "format = 1\nkind = sha256\ncount = 2\n",
        "format = 1\nkind = sha256\ncount = 1\nmore = 1\n",
    };
    for (size_t i = 0; i < ASSAY_N_OF(starts); i++) {
        char text[1024];
        snprintf(text, sizeof text, "%s%s%s", starts[i], rest, RECORD);
        cr_expect_eq(run_text(text), ASSAY_FORMAT_DAMAGED, "%zu", i);
    }
}

Test(vectors, missing_keys_are_refused)
{
    static const char *const lines[] = {"id = i\n",   "why = w\n",
                                        "rule = r\n", "src = s\n",
                                        "msg =\n",    "want = " DIGEST "\n"};
    for (size_t left_out = 0; left_out < ASSAY_N_OF(lines); left_out++) {
        char text[1024] = HEAD "\n";
        for (size_t i = 0; i < ASSAY_N_OF(lines); i++) {
            if (i != left_out) {
                strcat(text, lines[i]);
            }
        }
        cr_expect_eq(run_text(text), ASSAY_FORMAT_DAMAGED, "%zu", left_out);
    }
}

Test(vectors, long_input_is_bounded)
{
    static char text[ASSAY_VECTORS_LINE_MAX + 2048];
    size_t n = (size_t)snprintf(text, sizeof text, "%s", HEAD RECORD "also = ");
    memset(text + n, 'x', ASSAY_VECTORS_LINE_MAX);
    strcpy(text + n + ASSAY_VECTORS_LINE_MAX, "\n");
    cr_expect_eq(run_text(text), ASSAY_FORMAT_DAMAGED);
    memset(text + n, 'x', ASSAY_VECTORS_LINE_MAX - 7);
    strcpy(text + n + ASSAY_VECTORS_LINE_MAX - 7, "\n");
    cr_expect_eq(run_text(text), ASSAY_OK);
    n = (size_t)snprintf(text, sizeof text, "%s", HEAD "\n");
    for (int i = 0; i <= 32; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "k%d = 1\n", i);
    }
    cr_expect_eq(run_text(text), ASSAY_FORMAT_DAMAGED);
}

Test(vectors, wrong_values_are_refused)
{
    static const char *const texts[] = {
        HEAD START "msg = 0\nwant = " DIGEST "\n",
        HEAD START "msg = 0g\nwant = " DIGEST "\n",
        HEAD START "msg = AA\nwant = " DIGEST "\n",
        HEAD START "msg = aa aa\nwant = " DIGEST "\n",
        HEAD START "msg = 61\nrepeat = 1000001\nwant = " DIGEST "\n",
        HEAD START "msg = 61\nrepeat = 01\nwant = " DIGEST "\n",
        HEAD START "msg = 61\nrepeat = 4294967296\nwant = " DIGEST "\n",
        HEAD START "msg =\nwant = OK\n",
        HEAD_OF("initpkt") START "packet = 00\nwant = NOTHING\n",
        HEAD_OF("initpkt") START "packet = 00\nwant =\n",
        HEAD_OF("keys") START "table_flags = x\nwant = OK\n",
        HEAD_OF("keys") START "table_flags = 0\nkey_1 = p256 1 0 00\n"
                              "want = OK\n",
        HEAD_OF("keys") START "table_flags = 0\nkey_0 = p256 1 0 00\n"
                              "want = OK\n",
        HEAD_OF("keys") START "table_flags = 0\nkey_0 = ed25519 256 0 " DIGEST
                              "\nwant = OK\n",
        HEAD_OF("keys") START "table_flags = 0\nkey_0 = ed25519 15 2 " DIGEST
                              "\nwant = OK\n",
        HEAD_OF("keys") START "table_flags = 0\nkey_0 = ed25519 15 0 " DIGEST
                              " 1\nwant = OK\n",
        HEAD_OF("keys") START "table_flags = 0\nkey_0 = rsa 15 0 " DIGEST
                              "\nwant = OK\n",
        HEAD_OF("p256") START "digest = " DIGEST "\npub = 00\nsig = 00\n"
                              "want = OK\n",
    };
    for (size_t i = 0; i < ASSAY_N_OF(texts); i++) {
        cr_expect_eq(run_text(texts[i]), ASSAY_FORMAT_DAMAGED, "%zu", i);
    }
}

/* ---- the runner ---- */

Test(vectors, wrong_answers_are_found)
{
    cr_assert_eq(run_text(HEAD START "msg = 00\nwant = " DIGEST "\n"),
                 ASSAY_OK);
    cr_assert_eq(last.n_failed, 1);
    cr_assert_eq(run_text(HEAD_OF("initpkt") START
                          "packet =\nwant = PACKET_EMPTY\nstep = 1\n"),
                 ASSAY_OK);
    cr_assert_eq(last.n_failed, 0);
    cr_assert_eq(run_text(HEAD_OF("initpkt") START
                          "packet =\nwant = PACKET_EMPTY\nstep = 2\n"),
                 ASSAY_OK);
    cr_assert_eq(last.n_failed, 1);
    cr_assert_str_eq(last_want, "PACKET_EMPTY, step = 2");
    cr_assert_str_eq(last_got, "PACKET_EMPTY, step = 1");
    cr_assert_eq(
        run_text(HEAD_OF("initpkt") START "packet =\nwant = PACKET_EMPTY\n"),
        ASSAY_OK);
    cr_assert_eq(last.n_failed, 1);
    cr_assert_eq(run_text(HEAD_OF("keys") START "table_flags = 0\n"
                                                "want = OK\n"),
                 ASSAY_OK);
    cr_assert_str_eq(last_got, "KEY_TABLE");
}

/* Every record of a file fails when the verifier always refuses. */
static enum assay_status refuse_keys(void *ctx,
                                     const struct assay_key_table *keys)
{
    (void)ctx;
    (void)keys;
    return ASSAY_FAILED;
}

Test(vectors, another_engine_is_asked)
{
    struct assay_vectors_engine engine = {.name = "bad", .keys = refuse_keys};
    struct assay_buffer file = {0};
    struct assay_diag diag = {0};
    struct assay_vectors_run run = {.engine = &engine};
    cr_assert_eq(
        assay_file_read("vectors/keys.txt", ASSAY_FILE_MAX, &file, &diag),
        ASSAY_OK);
    cr_assert_eq(assay_vectors_run(assay_buffer_slice(&file), &run, &diag),
                 ASSAY_OK);
    cr_assert_eq(run.n_failed, run.n_records);
    engine.keys = NULL;
    cr_assert_eq(assay_vectors_run(assay_buffer_slice(&file), &run, &diag),
                 ASSAY_OK);
    cr_assert_eq(run.n_left_out, run.n_records);
    cr_assert_eq(run.n_failed, 0);
    assay_buffer_free(&file);
}
