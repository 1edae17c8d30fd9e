/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/inspect.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host/text.h"

/*
 * The tree of a report as text. It knows fields, lists and objects, and no
 * format: whatever a reader puts into the tree appears here too.
 */

enum { RENDER_DEPTH = 12 };

struct writer {
    struct assay_buffer *out;
    enum assay_status status;
};

__attribute__((format(printf, 2, 3))) static void say(struct writer *w,
                                                      const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (w->status == ASSAY_OK) {
        w->status = assay_buffer_append(w->out, assay_text_slice(text), NULL);
    }
}

static int is_field(const json_t *value)
{
    return json_object_get(value, "off") != NULL &&
           json_object_get(value, "name") != NULL;
}

static void say_scalar(struct writer *w, const json_t *value)
{
    if (json_is_string(value)) {
        say(w, "%s", json_string_value(value));
    } else if (json_is_integer(value)) {
        say(w, "%lld", (long long)json_integer_value(value));
    } else if (json_is_boolean(value)) {
        say(w, "%s", json_is_true(value) ? "yes" : "no");
    } else {
        say(w, "absent");
    }
}

static int is_scalar(const json_t *value)
{
    return !json_is_object(value) && !json_is_array(value);
}

/* [a, b, c] on one line; in: scalars. */
static void say_list(struct writer *w, const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        say(w, i == 0 ? "" : ", ");
        say_scalar(w, json_array_get(array, i));
    }
    if (json_array_size(array) == 0) {
        say(w, "none");
    }
}

static void say_key(struct writer *w, const char *key)
{
    for (; *key != '\0'; key++) {
        say(w, "%c", *key == '_' ? ' ' : *key);
    }
}

/* Shown in the line of the field itself, or not worth showing. */
static int is_field_key(const char *key)
{
    static const char *const KEYS[] = {"off",   "name",  "raw",
                                       "bytes", "value", "meaning",
                                       "in",    "depth", "flags"};
    for (size_t i = 0; i < ASSAY_N_OF(KEYS); i++) {
        if (strcmp(KEYS[i], key) == 0) {
            return 1;
        }
    }
    return 0;
}

/* The bytes of a field, in its line when they are few. */
static void say_raw(struct writer *w, const json_t *field, int indent)
{
    enum { INLINE_RAW = 16 };
    const char *raw = json_string_value(json_object_get(field, "raw"));
    const char *bytes = json_string_value(json_object_get(field, "bytes"));
    raw = raw == NULL ? "" : raw;
    bytes = bytes == NULL ? "" : bytes;
    if (raw[0] != '\0' && strlen(raw) + strlen(bytes) <= INLINE_RAW) {
        say(w, "  [%s%s%s]\n", raw, bytes[0] == '\0' ? "" : " ", bytes);
        return;
    }
    if (bytes[0] != '\0') {
        say(w, "  [%s]", raw);
        raw = bytes;
    }
    if (raw[0] != '\0') {
        say(w, "\n%*s%s", indent + 8, "", raw);
    }
    say(w, "\n");
}

/* "  0x0006  fw_version = 1 (meaning)  [08 01]", and what else it has. */
static void say_field(struct writer *w, json_t *field, int indent)
{
    const json_t *value = json_object_get(field, "value");
    const json_t *meaning = json_object_get(field, "meaning");
    const json_t *flags = json_object_get(field, "flags");
    const char *key;
    json_t *more;
    indent += 2 * (int)json_integer_value(json_object_get(field, "depth"));
    say(w, "%*s0x%04llx  %s", indent, "",
        (long long)json_integer_value(json_object_get(field, "off")),
        json_string_value(json_object_get(field, "name")));
    if (value != NULL) {
        say(w, " = ");
        say_scalar(w, value);
    }
    if (meaning != NULL) {
        say(w, value != NULL ? " (" : ": ");
        say_scalar(w, meaning);
        say(w, "%s", value != NULL ? ")" : "");
    }
    if (flags != NULL) {
        say(w, "  <- ");
        say_list(w, flags);
    }
    json_object_foreach(field, key, more)
    {
        int is_told = value != NULL && strcmp(key, "len") == 0;
        if (!is_field_key(key) && is_scalar(more) && !is_told) {
            say(w, ", ");
            say_key(w, key);
            say(w, " ");
            say_scalar(w, more);
        }
    }
    say_raw(w, field, indent);
}

static int has_scalars_only(const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        if (!is_scalar(item) || json_string_length(item) > 40) {
            return 0;
        }
    }
    return 1;
}

/*
 * One value on the path that is being written. The tree is as deep as this
 * file makes it, whatever the input is, so a small stack holds the path.
 */
struct level {
    json_t *value;
    void *iter;   /* of an object */
    size_t index; /* of an array */
    int indent;
};

static void enter(struct level *level, json_t *value, int indent)
{
    *level = (struct level){.value = value, .indent = indent};
    level->iter = json_is_object(value) ? json_object_iter(value) : NULL;
}

/* An item of an array; ret: whether its content is still to be written. */
static int say_item(struct writer *w, json_t *item, int indent)
{
    if (is_scalar(item)) {
        say(w, "%*s- ", indent, "");
        say_scalar(w, item);
        say(w, "\n");
        return 0;
    }
    if (is_field(item)) {
        say_field(w, item, indent);
        return 1;
    }
    say(w, "%*s-\n", indent, "");
    return 1;
}

/* A member of an object; ret: as say_item. */
static int say_member(struct writer *w, const char *key, json_t *value,
                      int indent)
{
    int is_empty = json_is_array(value) && json_array_size(value) == 0;
    if (is_empty && (strcmp(key, "problems") == 0 ||
                     strcmp(key, "notes") == 0 || strcmp(key, "files") == 0)) {
        return 0;
    }
    say(w, "%*s", indent, "");
    say_key(w, key);
    if (is_scalar(value)) {
        say(w, ": ");
        say_scalar(w, value);
        say(w, "\n");
        return 0;
    }
    if (json_is_array(value) && has_scalars_only(value)) {
        say(w, ": ");
        say_list(w, value);
        say(w, "\n");
        return 0;
    }
    say(w, ":\n");
    return 1;
}

static json_t *next_array(struct writer *w, struct level *level)
{
    json_t *item = json_array_get(level->value, level->index++);
    if (item == NULL) {
        return NULL;
    }
    return say_item(w, item, level->indent) ? item : json_null();
}

static json_t *next_object(struct writer *w, struct level *level)
{
    if (level->iter == NULL) {
        return NULL;
    }
    const char *key = json_object_iter_key(level->iter);
    json_t *value = json_object_iter_value(level->iter);
    level->iter = json_object_iter_next(level->value, level->iter);
    /* The line of a field has its scalars and flags already. */
    if (is_field(level->value) && (is_scalar(value) || is_field_key(key))) {
        return json_null();
    }
    return say_member(w, key, value, level->indent) ? value : json_null();
}

static void render(struct writer *w, json_t *root)
{
    struct level stack[RENDER_DEPTH];
    size_t depth = 0;
    enter(&stack[0], root, 0);
    for (;;) {
        struct level *level = &stack[depth];
        json_t *next = json_is_object(level->value) ? next_object(w, level)
                                                    : next_array(w, level);
        if (next == NULL && depth == 0) {
            return;
        }
        if (next == NULL) {
            depth--;
        } else if (!is_scalar(next) && depth + 1 < RENDER_DEPTH) {
            depth++;
            enter(&stack[depth], next, level->indent + 2);
        }
    }
}

enum assay_status assay_inspect_text(const char *name, struct assay_slice file,
                                     struct assay_buffer *out,
                                     struct assay_diag *diag)
{
    json_t *root = NULL;
    struct writer w = {.out = out, .status = ASSAY_OK};
    enum assay_status status = assay_inspect_json(name, file, &root, diag);
    if (root == NULL) {
        return status;
    }
    render(&w, root);
    json_decref(root);
    if (w.status != ASSAY_OK) {
        return assay_diag_set(diag, w.status, "no memory for the report");
    }
    return status;
}
