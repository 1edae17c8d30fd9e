/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "cli/output.h"

#include "digest.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/file.h"
#include "host/keys.h"

static struct {
    int quiet;
    unsigned verbosity;
    int color_stdout;
    int color_stderr;
    int stdout_errno; /* why standard output failed first; 0: it did not */
} state;

/* --- Text from outside ---------------------------------------------------- */

enum shown {
    SHOW_LINE,  /* one line: line ends are escaped too */
    SHOW_LINES, /* our own layout: line ends and tabs pass */
    SHOW_UTF8,  /* everything that is valid UTF-8 passes */
};

/*
 * The length of the UTF-8 character at p and its code point; 0 when there is
 * none: a stray byte, an overlong form, a surrogate, above U+10FFFF.
 * A zero byte ends every string, so no continuation is read behind it.
 */
static size_t utf8_at(const unsigned char *p, uint32_t *code)
{
    static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000};
    if (p[0] < 0x80) {
        *code = p[0];
        return 1;
    }
    size_t len = p[0] >= 0xF0 ? 4 : (p[0] >= 0xE0 ? 3 : 2);
    if (p[0] < 0xC2 || p[0] > 0xF4) {
        return 0;
    }
    uint32_t c = p[0] & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0u) != 0x80) {
            return 0;
        }
        c = c << 6 | (p[i] & 0x3Fu);
    }
    if (c < LEAST[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        return 0;
    }
    *code = c;
    return len;
}

/* Controls, and the marks that reorder or break what is shown. */
static int steers(uint32_t c, enum shown shown)
{
    if (shown == SHOW_UTF8) {
        return 0;
    }
    if (c == '\n' || c == '\t') {
        return shown == SHOW_LINE;
    }
    return c < 0x20 || (c >= 0x7F && c < 0xA0) ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x2069) || c == 0x61C || c == 0xFEFF ||
           (c >= 0xE0000 && c <= 0xE007F);
}

/* The escaped text on the heap, or NULL. At most four times as long. */
static char *escaped(const char *text, enum shown shown)
{
    static const char HEX[] = "0123456789ABCDEF";
    char *out = malloc(4 * strlen(text) + 1);
    if (out == NULL) {
        return NULL;
    }
    char *w = out;
    const unsigned char *p = (const unsigned char *)text;
    while (*p != '\0') {
        uint32_t code = 0;
        size_t len = utf8_at(p, &code);
        int plain = len > 0 && !steers(code, shown);
        for (size_t i = 0; i < (len > 0 ? len : 1); i++, p++) {
            if (plain) {
                *w++ = (char)*p;
                continue;
            }
            *w++ = '\\';
            *w++ = 'x';
            *w++ = HEX[*p >> 4];
            *w++ = HEX[*p & 15];
        }
    }
    *w = '\0';
    return out;
}

static void note_stdout_error(void)
{
    if (state.stdout_errno == 0 && ferror(stdout)) {
        state.stdout_errno = errno != 0 ? errno : EIO;
    }
}

static void put(FILE *stream, const char *text, enum shown shown)
{
    char *safe = escaped(text, shown);
    if (safe != NULL) {
        errno = 0;
        (void)fputs(safe, stream);
    }
    free(safe);
    note_stdout_error();
}

char *cli_shown(const char *text)
{
    return escaped(text, SHOW_LINE);
}

void cli_put_text(FILE *stream, const char *text)
{
    put(stream, text, SHOW_LINE);
}

static void put_formatted(FILE *stream, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = len < 0 ? NULL : malloc((size_t)len + 1);
    if (text != NULL) {
        (void)vsnprintf(text, (size_t)len + 1, format, args);
        put(stream, text, SHOW_LINES);
    }
    free(text);
}

/* --- Set up, finish ------------------------------------------------------- */

static int wants_color(const char *when, FILE *stream)
{
    if (when != NULL && strcmp(when, "auto") != 0) {
        return strcmp(when, "always") == 0;
    }
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    if (no_color != NULL && no_color[0] != '\0') {
        return 0;
    }
    return isatty(fileno(stream)) && term != NULL && strcmp(term, "dumb") != 0;
}

void cli_output_setup(const struct cli_args *args)
{
    const char *when = cli_text(args, "--color");
    state.color_stdout = wants_color(when, stdout);
    state.color_stderr = wants_color(when, stderr);
    state.quiet = cli_flag(args, "--quiet");
    state.verbosity = cli_given(args, "--verbose");
}

/*
 * A reader that has seen enough closes its pipe: no fault, and nothing to
 * say; the verdict stands.
 */
int cli_output_finish(int code)
{
    errno = 0;
    (void)fflush(stdout);
    note_stdout_error();
    if (state.stdout_errno == 0 || state.stdout_errno == EPIPE) {
        return code;
    }
    struct assay_diag diag = {0};
    (void)assay_diag_set(&diag, ASSAY_FILE_WRITE, "%s",
                         strerror(state.stdout_errno));
    cli_print_failure(stderr, "standard output", &diag);
    return CLI_EXIT_MALFORMED;
}

/* --- Lines ---------------------------------------------------------------- */

void cli_say(const char *format, ...)
{
    if (state.quiet) {
        return;
    }
    va_list args;
    va_start(args, format);
    put_formatted(stdout, format, args);
    va_end(args);
}

void cli_data(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put_formatted(stdout, format, args);
    va_end(args);
}

void cli_bytes(struct assay_slice data)
{
    if (data.len > 0) {
        errno = 0;
        (void)fwrite(data.p, 1, data.len, stdout);
        note_stdout_error();
    }
}

/* What was said before on standard output stands before it. */
static void to_stderr(const char *format, va_list args)
{
    errno = 0;
    (void)fflush(stdout);
    note_stdout_error();
    put_formatted(stderr, format, args);
}

void cli_note(const char *format, ...)
{
    if (state.quiet) {
        return;
    }
    va_list args;
    va_start(args, format);
    to_stderr(format, args);
    va_end(args);
}

void cli_detail(const char *format, ...)
{
    if (state.quiet || state.verbosity == 0) {
        return;
    }
    va_list args;
    va_start(args, format);
    to_stderr(format, args);
    va_end(args);
}

void cli_warn(const char *format, ...)
{
    (void)fflush(stdout);
    fputs("assay: ", stderr);
    cli_painted(stderr, CLI_PAINT_WARN, "warning:");
    fputs(" ", stderr);
    va_list args;
    va_start(args, format);
    to_stderr(format, args);
    va_end(args);
    fputs("\n", stderr);
}

void cli_painted(FILE *stream, enum cli_paint paint, const char *text)
{
    static const char *const CODES[] = {
        [CLI_PAINT_GOOD] = "\033[32m", [CLI_PAINT_BAD] = "\033[1;31m",
        [CLI_PAINT_WARN] = "\033[33m", [CLI_PAINT_STRONG] = "\033[1m",
        [CLI_PAINT_FAINT] = "\033[2m",
    };
    int colored = stream == stderr ? state.color_stderr : state.color_stdout;
    errno = 0;
    if (colored) {
        (void)fputs(CODES[paint], stream);
    }
    (void)fputs(text, stream);
    if (colored) {
        (void)fputs("\033[0m", stream);
    }
    note_stdout_error();
}

/* --- Failures ------------------------------------------------------------- */

int cli_wants_json(const struct cli_args *args)
{
    return (args->verb->flags & CLI_VERB_JSON) != 0 && cli_flag(args, "--json");
}

/* Many texts begin with the path; once is enough. */
static const char *detail_of(const char *subject, const struct assay_diag *diag)
{
    size_t len = subject == NULL ? 0 : strlen(subject);
    if (len > 0 && strncmp(diag->text, subject, len) == 0 &&
        diag->text[len] == ':' && diag->text[len + 1] == ' ') {
        return diag->text + len + 2;
    }
    return diag->text;
}

void cli_print_failure(FILE *stream, const char *subject,
                       const struct assay_diag *diag)
{
    (void)fputs("assay: ", stream);
    cli_put_text(stream, subject);
    (void)fputs(": ", stream);
    cli_painted(stream, CLI_PAINT_BAD, assay_status_meaning(diag->status));
    (void)fprintf(stream, " [%s %s]\n", assay_status_rule(diag->status),
                  assay_status_name(diag->status));
    if (diag->text[0] != '\0') {
        (void)fputs("  found: ", stream);
        cli_put_text(stream, assay_diag_found(detail_of(subject, diag)));
        (void)fputs("\n", stream);
    }
    (void)fprintf(stream, "  advice: %s\n", assay_status_advice(diag->status));
}

int cli_fail(const struct cli_args *args, const char *subject,
             const struct assay_diag *diag)
{
    if (cli_wants_json(args)) {
        struct assay_diag shown = *diag;
        (void)snprintf(shown.text, sizeof shown.text, "%s",
                       detail_of(subject, diag));
        json_t *object = cli_json_object(subject);
        cli_json_status(object, &shown);
        (void)cli_json_print(object);
    }
    (void)fflush(stdout);
    cli_print_failure(stderr, subject, diag);
    return assay_status_exit(diag->status);
}

void cli_print_usage(FILE *stream, const struct cli_verb *verb)
{
    const struct cli_positional *p = &verb->positional;
    (void)fprintf(stream, "Usage: assay %s%s%s [OPTIONS]",
                  verb->group != NULL ? verb->group : "",
                  verb->group != NULL ? " " : "", verb->name);
    if (p->name != NULL) {
        (void)fprintf(stream, p->min == 0 ? " [%s]%s" : " %s%s", p->name,
                      p->max > 1 ? "..." : "");
    }
    (void)fputs("\n", stream);
}

static void print_usage_error(const struct cli_verb *verb)
{
    (void)fflush(stdout);
    cli_print_usage(stderr, verb);
    (void)fprintf(stderr, "Try 'assay %s%s%s --help' for help.\n\nError: ",
                  verb->group != NULL ? verb->group : "",
                  verb->group != NULL ? " " : "", verb->name);
}

int cli_usage_failure(const struct cli_verb *verb,
                      const struct assay_diag *diag)
{
    print_usage_error(verb);
    put(stderr, diag->text, SHOW_LINE);
    (void)fputs("\n", stderr);
    return CLI_EXIT_USAGE;
}

int cli_usage_error(const struct cli_args *args, const char *format, ...)
{
    print_usage_error(args->verb);
    va_list list;
    va_start(list, format);
    put_formatted(stderr, format, list);
    va_end(list);
    (void)fputs("\n", stderr);
    return CLI_EXIT_USAGE;
}

int cli_check_output(const struct cli_args *args, const char *path,
                     const char *own)
{
    for (size_t i = 0; i < args->n_given; i++) {
        const struct cli_given *given = &args->given[i];
        const struct cli_option *option = args->option[given->option];
        if (option->kind == CLI_FILE && given->text != own &&
            assay_file_same(given->text, path)) {
            return cli_usage_error(args, "%s is the file of %s.", path,
                                   option->name);
        }
    }
    if (assay_private_key_stands_at(path, NULL)) {
        return cli_usage_error(
            args, "%s holds a private key, which would be lost.", path);
    }
    return CLI_EXIT_DONE;
}

/* --- JSON ----------------------------------------------------------------- */

static void set_text(json_t *object, const char *key, const char *text)
{
    char *safe = escaped(text, SHOW_UTF8);
    if (object != NULL && safe != NULL) {
        (void)json_object_set_new(object, key, json_string(safe));
    }
    free(safe);
}

void cli_json_hex(json_t *object, const char *key, struct assay_slice bytes)
{
    static const char HEX[] = "0123456789abcdef";
    char *text = malloc(2 * bytes.len + 1);
    if (object != NULL && text != NULL) {
        for (size_t i = 0; i < bytes.len; i++) {
            text[2 * i] = HEX[bytes.p[i] >> 4];
            text[2 * i + 1] = HEX[bytes.p[i] & 15];
        }
        text[2 * bytes.len] = '\0';
        (void)json_object_set_new(object, key, json_string(text));
    }
    free(text);
}

void cli_json_text(json_t *object, const char *key, const char *text)
{
    set_text(object, key, text);
    const unsigned char *p = (const unsigned char *)text;
    uint32_t code = 0;
    size_t len = 1;
    for (; *p != '\0' && len > 0; p += len) {
        len = utf8_at(p, &code);
    }
    char hex_key[64];
    int n = snprintf(hex_key, sizeof hex_key, "%s_hex", key);
    if (len == 0 && n > 0 && (size_t)n < sizeof hex_key) {
        cli_json_hex(object, hex_key,
                     assay_slice((const uint8_t *)text, strlen(text)));
    }
}

json_t *cli_json_object(const char *subject)
{
    json_t *object = json_object();
    set_text(object, "schema", "assay/1");
    set_text(object, "tool", "assay " ASSAY_VERSION);
    if (subject != NULL) {
        cli_json_text(object, "file", subject);
    }
    return object;
}

void cli_json_status(json_t *object, const struct assay_diag *diag)
{
    set_text(object, "status", assay_status_name(diag->status));
    set_text(object, "rule", assay_status_rule(diag->status));
    set_text(object, "meaning", assay_status_meaning(diag->status));
    set_text(object, "detail", diag->text);
    set_text(object, "advice", assay_status_advice(diag->status));
    if (object != NULL) {
        (void)json_object_set_new(
            object, "exit", json_integer(assay_status_exit(diag->status)));
    }
}

int cli_json_print(json_t *object)
{
    char *text = object == NULL
                     ? NULL
                     : json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(object);
    if (text == NULL) {
        struct assay_diag diag = {.status = ASSAY_MEMORY};
        cli_print_failure(stderr, "JSON output", &diag);
        return CLI_EXIT_INTERNAL;
    }
    /* The library escapes all but ASCII, and leaves DEL as it is. */
    const char *part = text;
    for (const char *del; (del = strchr(part, 0x7F)) != NULL; part = del + 1) {
        cli_bytes(assay_slice((const uint8_t *)part, (size_t)(del - part)));
        cli_bytes(assay_slice((const uint8_t *)"\\u007f", 6));
    }
    cli_bytes(assay_slice((const uint8_t *)part, strlen(part)));
    cli_bytes(assay_slice((const uint8_t *)"\n", 1));
    free(text);
    return CLI_EXIT_DONE;
}
