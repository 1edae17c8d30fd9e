/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/inspect_tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/bytes.h"

/*
 * The tree of a report: objects, fields, faults and notes. Every text that
 * enters it is escaped here, and every length of a foreign string is cut here.
 */

enum {
    MAX_RAW = 64, /* bytes shown of a field */
    MAX_PROBLEMS = 64,
};

void assay_tree_put(struct assay_tree *t, json_t *object, const char *key,
                    json_t *value)
{
    if (json_object_set_new(object, key, value) != 0) {
        t->failed = 1;
    }
}

json_t *assay_tree_put_object(struct assay_tree *t, json_t *object,
                              const char *key)
{
    json_t *child = json_object();
    assay_tree_put(t, object, key, child);
    return t->failed ? NULL : child;
}

json_t *assay_tree_put_array(struct assay_tree *t, json_t *object,
                             const char *key)
{
    json_t *child = json_array();
    assay_tree_put(t, object, key, child);
    return t->failed ? NULL : child;
}

void assay_tree_add(struct assay_tree *t, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0) {
        t->failed = 1;
    }
}

json_t *assay_tree_add_object(struct assay_tree *t, json_t *array)
{
    json_t *child = json_object();
    assay_tree_add(t, array, child);
    return t->failed ? NULL : child;
}

json_t *assay_tree_escaped(struct assay_slice text, size_t max_len)
{
    struct assay_buffer b = {0};
    enum assay_status status = ASSAY_OK;
    size_t i = 0;
    for (; i < text.len && b.len < max_len && status == ASSAY_OK; i++) {
        uint8_t c = text.p[i];
        int plain = c >= 0x20 && c <= 0x7E && c != '\\';
        status = assay_buffer_printf(&b, NULL, plain ? "%c" : "\\x%02X", c);
    }
    if (status == ASSAY_OK && i < text.len) {
        status = assay_buffer_printf(&b, NULL, "...");
    }
    json_t *string = NULL;
    if (status == ASSAY_OK) {
        string = json_stringn(b.len == 0 ? "" : (const char *)b.p, b.len);
    }
    assay_buffer_free(&b);
    return string;
}

void assay_tree_put_text(struct assay_tree *t, json_t *object, const char *key,
                         const char *text)
{
    assay_tree_put(
        t, object, key,
        assay_tree_escaped(assay_text_slice(text), sizeof t->diag.text));
}

void assay_tree_put_name(struct assay_tree *t, json_t *object, const char *key,
                         struct assay_slice name)
{
    assay_tree_put(t, object, key,
                   assay_tree_escaped(name, ASSAY_TREE_MAX_TEXT));
}

void assay_tree_put_format(struct assay_tree *t, json_t *object,
                           const char *key, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    assay_tree_put_text(t, object, key, text);
}

void assay_tree_put_number(struct assay_tree *t, json_t *object,
                           const char *key, uint64_t value)
{
    /* JSON integers are signed here; what does not fit is told in hex. */
    if (value > INT64_MAX) {
        assay_tree_put_format(t, object, key, "0x%016llX",
                              (unsigned long long)value);
        return;
    }
    assay_tree_put(t, object, key, json_integer((json_int_t)value));
}

void assay_tree_put_flag(struct assay_tree *t, json_t *object, const char *key,
                         int value)
{
    assay_tree_put(t, object, key, json_boolean(value));
}

void assay_tree_put_hex(struct assay_tree *t, json_t *object, const char *key,
                        struct assay_slice bytes)
{
    char text[2 * MAX_RAW + 40];
    size_t shown = bytes.len < MAX_RAW ? bytes.len : MAX_RAW;
    size_t n = 2 * shown;
    assay_text_hex(assay_slice(bytes.p, shown), text);
    if (shown < bytes.len) {
        (void)snprintf(text + n, sizeof text - n, "... (%zu bytes)", bytes.len);
    }
    assay_tree_put_text(t, object, key, text);
}

void assay_tree_put_hex_reversed(struct assay_tree *t, json_t *object,
                                 const char *key, struct assay_slice bytes)
{
    uint8_t turned[MAX_RAW];
    size_t len = bytes.len < MAX_RAW ? bytes.len : MAX_RAW;
    assay_reverse(turned, bytes.p, len);
    assay_tree_put_hex(t, object, key, assay_slice(turned, len));
}

struct assay_tree_place assay_tree_at(struct assay_slice whole, size_t off,
                                      size_t len)
{
    return (struct assay_tree_place){.whole = whole, .off = off, .len = len};
}

json_t *assay_tree_add_field(struct assay_tree *t, json_t *fields,
                             const char *name, struct assay_tree_place place)
{
    json_t *field = assay_tree_add_object(t, fields);
    assay_tree_put_number(t, field, "off", place.off);
    assay_tree_put_text(t, field, "name", name);
    assay_tree_put_hex(t, field, "raw",
                       assay_slice_sub(place.whole, place.off, place.len));
    return field;
}

json_t *assay_tree_add_le(struct assay_tree *t, json_t *fields,
                          const char *name, struct assay_tree_place place)
{
    json_t *field = assay_tree_add_field(t, fields, name, place);
    const uint8_t *p = place.whole.p + place.off;
    uint32_t value = place.len == 4   ? assay_load_le32(p)
                     : place.len == 2 ? assay_load_le16(p)
                                      : p[0];
    assay_tree_put_number(t, field, "value", value);
    return field;
}

void assay_tree_note(struct assay_tree *t, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (json_array_size(t->notes) < MAX_PROBLEMS) {
        assay_tree_add(t, t->notes,
                       assay_tree_escaped(assay_text_slice(text), sizeof text));
    }
}

void assay_tree_fault(struct assay_tree *t, enum assay_status status,
                      const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (t->status == ASSAY_OK) {
        t->status = assay_diag_set(&t->diag, status, "%s", text);
    }
    if (json_array_size(t->problems) >= MAX_PROBLEMS) {
        return;
    }
    json_t *problem = assay_tree_add_object(t, t->problems);
    assay_tree_put_text(t, problem, "status", assay_status_name(status));
    assay_tree_put_text(t, problem, "rule", assay_status_rule(status));
    assay_tree_put_text(t, problem, "meaning", assay_status_meaning(status));
    assay_tree_put_text(t, problem, "found", assay_diag_found(text));
}

void assay_tree_put_verdict(struct assay_tree *t, json_t *object,
                            enum assay_status status)
{
    assay_tree_put_text(t, object, "status", assay_status_name(status));
    assay_tree_put_text(t, object, "rule", assay_status_rule(status));
    /* Of a whole file or packet; it says nothing about its signature. */
    assay_tree_put_text(t, object, "meaning",
                        status == ASSAY_OK ? "well formed"
                                           : assay_status_meaning(status));
}

void assay_tree_put_digest(struct assay_tree *t, json_t *object,
                           const char *key, struct assay_slice data,
                           uint8_t digest[static 32])
{
    unsigned len = 0;
    if (EVP_Digest(data.p, data.len, digest, &len, EVP_sha256(), NULL) != 1) {
        t->failed = 1;
        memset(digest, 0, 32);
    }
    assay_tree_put_hex(t, object, key, assay_slice(digest, 32));
}

const char *assay_tree_name(const struct assay_tree_name *names, size_t n,
                            uint32_t value)
{
    for (size_t i = 0; i < n; i++) {
        if (names[i].value == value) {
            return names[i].name;
        }
    }
    return "unknown";
}

json_t *assay_tree_add_row(struct assay_tree *t, json_t *rows, const char *name,
                           const struct assay_row *row)
{
    json_t *item = assay_tree_add_object(t, rows);
    assay_tree_put_number(t, item, "off", row->off);
    assay_tree_put_text(t, item, "name", name);
    assay_tree_put_format(t, item, "tag", "0x%x", (unsigned)row->tag);
    assay_tree_put_number(t, item, "len", row->len);
    assay_tree_put_hex(t, item, "raw", row->data);
    if (row->data.len < row->len) {
        assay_tree_put_format(t, item, "meaning", "cut short: %zu of %u bytes",
                              row->data.len, (unsigned)row->len);
    }
    return item;
}
