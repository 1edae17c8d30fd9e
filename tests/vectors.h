/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_TESTS_VECTORS_H
#define ASSAY_TESTS_VECTORS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

/*
 * Reader of the known answers in the folder vectors. The format: text, LF; a
 * line is `key = value`, or `key =` for an empty value; one blank line ends a
 * record; a line that begins with # is a comment. The first record is the head
 * (format, count, licence, generator, source); every other has id, why, rule,
 * src and want. Anything else is an error, so that a damaged file cannot pass
 * for a shorter or an easier one.
 *
 *     struct vectors v;
 *     int more = vectors_open(&v, "vectors/x.txt");
 *     while (more == 1 && (more = vectors_next(&v)) == 1) {
 *         ... vectors_get(&v, "want"), vectors_hex(&v, "msg", buf, sizeof buf)
 *     }
 *     vectors_close(&v);      more is 0, or -1 with the reason in v.error
 */

#define VECTORS_TEXT_MAX 32768 /* characters of one record */
#define VECTORS_LINE_MAX 16384
#define VECTORS_FIELDS_MAX 24

struct vectors {
    FILE *file;
    const char *path;
    unsigned line;           /* of the file, from 1 */
    unsigned long n_records; /* read so far, the head not counted */
    unsigned long count;     /* what the head promises */
    size_t n_fields;
    const char *key[VECTORS_FIELDS_MAX];
    const char *value[VECTORS_FIELDS_MAX];
    size_t text_len;
    char text[VECTORS_TEXT_MAX]; /* the lines of the current record */
    char error[256];
};

static inline int vectors_fail(struct vectors *v, const char *what)
{
    snprintf(v->error, sizeof v->error, "%s:%u: %s", v->path, v->line, what);
    return -1;
}

/* ret: the value of key in the current record, or NULL. */
static inline const char *vectors_get(const struct vectors *v, const char *key)
{
    for (size_t i = 0; i < v->n_fields; i++) {
        if (strcmp(v->key[i], key) == 0) {
            return v->value[i];
        }
    }
    return NULL;
}

/* ret: the bytes written to out, or -1: no text, or not lower-case hex. */
static inline long vectors_unhex(uint8_t *out, size_t out_len, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    size_t len = text != NULL ? strlen(text) : 1;
    if (len % 2 != 0 || len / 2 > out_len) {
        return -1;
    }
    for (size_t i = 0; i < len / 2; i++) {
        const char *high = strchr(digits, text[2 * i]);
        const char *low = strchr(digits, text[2 * i + 1]);
        if (high == NULL || low == NULL) {
            return -1;
        }
        out[i] = (uint8_t)((high - digits) << 4 | (low - digits));
    }
    return (long)(len / 2);
}

/* ret: as vectors_unhex, of the value of key. */
static inline long vectors_hex(const struct vectors *v, const char *key,
                               uint8_t *out, size_t out_len)
{
    return vectors_unhex(out, out_len, vectors_get(v, key));
}

/* ret: the decimal number under key, or -1. */
static inline long vectors_number(const struct vectors *v, const char *key)
{
    const char *text = vectors_get(v, key);
    size_t len = text != NULL ? strlen(text) : 0;
    if (len == 0 || len > 9 || strspn(text, "0123456789") != len) {
        return -1;
    }
    return strtol(text, NULL, 10);
}

/* ret: the status with this symbol (without ASSAY_), or -1. */
static inline long vectors_status(const char *symbol)
{
#define VECTORS_STATUS(name, value, nordic, rule, meaning, advice)             \
    if (strcmp(symbol, #name) == 0) {                                          \
        return (value);                                                        \
    }
    ASSAY_STATUS_LIST(VECTORS_STATUS)
    ASSAY_STATUS_LIST_HOST(VECTORS_STATUS)
#undef VECTORS_STATUS
    return -1;
}

/* Split the line at text into key and value. ret: 1, or -1. */
static inline int vectors_field(struct vectors *v, char *text)
{
    size_t key_len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    char *rest = text + key_len;
    if (key_len == 0 || strncmp(rest, " =", 2) != 0) {
        return vectors_fail(v, "not a line of the form `key = value`");
    }
    if (rest[2] != '\0' && (rest[2] != ' ' || rest[3] == '\0')) {
        return vectors_fail(v, "the value must follow one space");
    }
    if (rest[2] != '\0' && (rest[3] == ' ' || text[strlen(text) - 1] == ' ')) {
        return vectors_fail(v, "a space too many around the value");
    }
    *rest = '\0';
    if (vectors_get(v, text) != NULL) {
        return vectors_fail(v, "a key stands twice in one record");
    }
    if (v->n_fields == VECTORS_FIELDS_MAX) {
        return vectors_fail(v, "too many keys in one record");
    }
    v->key[v->n_fields] = text;
    v->value[v->n_fields] = rest[2] != '\0' ? rest + 3 : rest + 2;
    v->n_fields++;
    return 1;
}

/* One line, without its LF, behind the text so far. ret: 1, 0 at the end, -1 */
static inline int vectors_line(struct vectors *v, char **line)
{
    size_t room = sizeof v->text - v->text_len;
    char *text = v->text + v->text_len;
    size_t len = 0;
    int c = getc(v->file);
    if (c == EOF) {
        return ferror(v->file) ? vectors_fail(v, "read error") : 0;
    }
    v->line++;
    while (c != '\n') {
        if (c == EOF) {
            return vectors_fail(v, "the last line does not end");
        }
        if (c < ' ' || c > '~') {
            return vectors_fail(v, "a byte that is not printable ASCII");
        }
        if (len == VECTORS_LINE_MAX || len + 1 >= room) {
            return vectors_fail(v, "line or record too long");
        }
        text[len] = (char)c;
        len++;
        c = getc(v->file);
    }
    if (room == 0) {
        return vectors_fail(v, "record too long");
    }
    text[len] = '\0';
    *line = text;
    return 1;
}

/* Read the lines of one record. ret: 1, 0 at the end of the file, -1. */
static inline int vectors_record(struct vectors *v)
{
    char *line = NULL;
    int got;
    v->n_fields = 0;
    v->text_len = 0;
    while ((got = vectors_line(v, &line)) == 1) {
        if (line[0] == '#') {
            continue;
        }
        if (line[0] == '\0') {
            return v->n_fields > 0 ? 1 : vectors_fail(v, "an empty record");
        }
        v->text_len += strlen(line) + 1;
        if (vectors_field(v, line) != 1) {
            return -1;
        }
    }
    if (got == 0 && v->n_fields > 0) {
        return 1;
    }
    return got;
}

/* ret: 1 when the current record has all n_keys keys, else -1. */
static inline int vectors_require(struct vectors *v, const char *const *key,
                                  size_t n_keys)
{
    for (size_t i = 0; i < n_keys; i++) {
        if (vectors_get(v, key[i]) == NULL) {
            return vectors_fail(v, key[i][0] ? key[i] : "a key is missing");
        }
    }
    return 1;
}

/* Read the next record. ret: 1, 0 at the end of a complete file, -1. */
static inline int vectors_next(struct vectors *v)
{
    static const char *const must[] = {"id", "why", "rule", "src", "want"};
    int got = vectors_record(v);
    if (got == 0 && v->n_records != v->count) {
        return vectors_fail(v, "fewer or more records than the head counts");
    }
    if (got != 1) {
        return got;
    }
    v->n_records++;
    if (v->n_records > v->count) {
        return vectors_fail(v, "more records than the head counts");
    }
    return vectors_require(v, must, sizeof must / sizeof *must);
}

/* Open the file and read its head. ret: 1, or -1. */
static inline int vectors_open(struct vectors *v, const char *path)
{
    static const char *const must[] = {"format", "count", "licence",
                                       "generator", "source"};
    long count;
    memset(v, 0, sizeof *v);
    v->path = path;
    v->file = fopen(path, "rb");
    if (v->file == NULL) {
        return vectors_fail(v, "cannot be opened");
    }
    if (vectors_record(v) != 1) {
        return v->error[0] ? -1 : vectors_fail(v, "no head");
    }
    if (vectors_require(v, must, sizeof must / sizeof *must) != 1) {
        return -1;
    }
    count = vectors_number(v, "count");
    if (vectors_number(v, "format") != 1 || count < 1) {
        return vectors_fail(v, "not format 1, or no count");
    }
    v->count = (unsigned long)count;
    return 1;
}

static inline void vectors_close(struct vectors *v)
{
    if (v->file != NULL) {
        fclose(v->file);
        v->file = NULL;
    }
}

#endif
