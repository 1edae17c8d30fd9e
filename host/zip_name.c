/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/zip_name.h"

#include <stdio.h>
#include <string.h>

#include "host/zip.h"

/*
 * The names of members: which ones stand for one file on every system, which
 * two stand for the same, and how any of them is quoted in a message.
 */

int assay_zip_is_directory(struct assay_slice name)
{
    return name.len != 0 && name.p[name.len - 1] == '/';
}

struct assay_zip_text assay_zip_quote(struct assay_slice text)
{
    /* Room for the longest escape, the dots, the quote and the zero. */
    enum { TAIL_LEN = 4 + 3 + 1 + 1 };
    struct assay_zip_text out;
    size_t n = 0;
    size_t i = 0;
    out.s[n++] = '"';
    for (; i < text.len && n <= sizeof out.s - TAIL_LEN; i++) {
        uint8_t c = text.p[i];
        if (c >= 0x20 && c <= 0x7E && c != '"' && c != '\\') {
            out.s[n++] = (char)c;
        } else {
            n += (size_t)snprintf(out.s + n, 5, "\\x%02X", (unsigned)c);
        }
    }
    (void)snprintf(out.s + n, sizeof out.s - n, "%s\"",
                   i < text.len ? "..." : "");
    return out;
}

size_t assay_zip_utf8(struct assay_slice text, size_t off, uint32_t *code)
{
    static const uint32_t LEAST[5] = {0, 0, 0x80, 0x800, 0x10000};
    const uint8_t *p = text.p + off;
    *code = 0;
    size_t len = p[0] < 0x80             ? 1
                 : (p[0] & 0xE0) == 0xC0 ? 2
                 : (p[0] & 0xF0) == 0xE0 ? 3
                 : (p[0] & 0xF8) == 0xF0 ? 4
                                         : 0;
    if (len == 0 || len > text.len - off) {
        return 0;
    }
    uint32_t c = len == 1 ? p[0] : p[0] & (0x7FU >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
        c = c << 6 | (p[i] & 0x3FU);
    }
    if (c < LEAST[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        return 0;
    }
    *code = c;
    return len;
}

/* The first character that no name may have; NULL when there is none. */
static const char *character_fault(struct assay_slice name)
{
    for (size_t i = 0; i < name.len;) {
        uint32_t c;
        size_t len = assay_zip_utf8(name, i, &c);
        if (len == 0) {
            return "is not UTF-8";
        }
        if (c < 0x20 || (c >= 0x7F && c < 0xA0)) {
            return "has a control character";
        }
        if (c < 0x80 && strchr("\\:*?\"<>|", (int)c) != NULL) {
            return "has a character that file systems give a meaning to";
        }
        i += len;
    }
    return NULL;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

/* Whether a device of some systems has this name, in either case. */
static int is_device(struct assay_slice part)
{
    static const char DEVICES[][5] = {"con", "prn",  "aux",
                                      "nul", "com#", "lpt#"};
    size_t len = 0; /* an ending does not matter there */
    while (len < part.len && part.p[len] != '.') {
        len++;
    }
    for (size_t i = 0; i < sizeof DEVICES / sizeof DEVICES[0]; i++) {
        size_t n = 0;
        while (n < len && DEVICES[i][n] != '\0' &&
               (DEVICES[i][n] == '#' ? part.p[n] >= '1' && part.p[n] <= '9'
                                     : lower(part.p[n]) == DEVICES[i][n])) {
            n++;
        }
        if (n == len && DEVICES[i][n] == '\0') {
            return 1;
        }
    }
    return 0;
}

static const char *component_fault(struct assay_slice part)
{
    if (part.len == 0) {
        return "has an empty component";
    }
    if (part.p[0] == '.' &&
        (part.len == 1 || (part.len == 2 && part.p[1] == '.'))) {
        return "has a component \".\" or \"..\"";
    }
    uint8_t last = part.p[part.len - 1];
    if (last == '.' || last == ' ') {
        return "has a component that ends in a dot or a space";
    }
    return is_device(part) ? "has a component that is the name of a device"
                           : NULL;
}

const char *assay_zip_name_fault(struct assay_slice name)
{
    if (name.len == 0) {
        return "is empty";
    }
    if (name.len > ASSAY_ZIP_MAX_NAME) {
        return "is longer than 255 bytes";
    }
    const char *fault = character_fault(name);
    if (fault != NULL) {
        return fault;
    }
    if (name.p[0] == '/') {
        return "is absolute";
    }
    size_t end = assay_zip_is_directory(name) ? name.len - 1 : name.len;
    size_t start = 0;
    for (size_t i = 0; i <= end && fault == NULL; i++) {
        if (i == end || name.p[i] == '/') {
            fault = component_fault(assay_slice_sub(name, start, i - start));
            start = i + 1;
        }
    }
    return fault;
}

enum assay_zip_relation assay_zip_name_relate(struct assay_slice a,
                                              struct assay_slice b)
{
    size_t a_len = assay_zip_is_directory(a) ? a.len - 1 : a.len;
    size_t b_len = assay_zip_is_directory(b) ? b.len - 1 : b.len;
    if (a_len > b_len) {
        return ASSAY_ZIP_APART;
    }
    for (size_t i = 0; i < a_len; i++) {
        if (lower(a.p[i]) != lower(b.p[i])) {
            return ASSAY_ZIP_APART;
        }
    }
    if (a_len == b_len) {
        return ASSAY_ZIP_SAME;
    }
    return b.p[a_len] == '/' ? ASSAY_ZIP_FOLDER_OF : ASSAY_ZIP_APART;
}
