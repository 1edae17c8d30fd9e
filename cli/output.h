/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_CLI_OUTPUT_H
#define ASSAY_CLI_OUTPUT_H

#include "cli/options.h"
#include "host/buffer.h"
#include "host/diag.h"

#include <jansson.h>
#include <stdio.h>

/*
 * What the program says. Data and results go to standard output, messages to
 * standard error. Text that comes from outside (file names, members of
 * archives) is shown with control bytes, invalid UTF-8 and characters that
 * turn the writing direction as \xNN, so that it cannot steer a terminal.
 */

enum cli_exit {
    CLI_EXIT_DONE = 0,      /* verified, or done */
    CLI_EXIT_REFUSED = 1,   /* understood, and not trusted */
    CLI_EXIT_USAGE = 2,     /* a wrong command line */
    CLI_EXIT_MALFORMED = 3, /* input unreadable or malformed; cannot write */
    CLI_EXIT_INTERNAL = 4,  /* unsupported, or a fault of the program */
};

/* Set up from the options every verb has: --color, --quiet, -v. */
void cli_output_setup(const struct cli_args *args);

/*
 * Flush standard output at the end.
 * in: code the exit code so far.
 * ret: code, also when the reader of a pipe has gone away; otherwise, when
 *      the output could not be written, CLI_EXIT_MALFORMED with a message.
 */
int cli_output_finish(int code);

/* A line of results on standard output; nothing with --quiet. */
__attribute__((format(printf, 1, 2))) void cli_say(const char *format, ...);

/* Data on standard output, also with --quiet; controls are shown as \xNN. */
__attribute__((format(printf, 1, 2))) void cli_data(const char *format, ...);

/* Bytes on standard output as they are, in order with the text around. */
void cli_bytes(struct assay_slice data);

/* A message on standard error; nothing with --quiet. */
__attribute__((format(printf, 1, 2))) void cli_note(const char *format, ...);

/* The same, but only with -v. */
__attribute__((format(printf, 1, 2))) void cli_detail(const char *format, ...);

/* "assay: warning: ..." on standard error, also with --quiet. */
__attribute__((format(printf, 1, 2))) void cli_warn(const char *format, ...);

/*
 * The same text on the heap, or NULL without memory: for names inside lines
 * of cli_say and cli_data, which let line ends pass.
 */
char *cli_shown(const char *text);

/* Show text with everything that could steer a terminal as \xNN. */
void cli_put_text(FILE *stream, const char *text);

/* Colour marks a word or a symbol that also stands without it. */
enum cli_paint {
    CLI_PAINT_GOOD,
    CLI_PAINT_BAD,
    CLI_PAINT_WARN,
    CLI_PAINT_STRONG,
    CLI_PAINT_FAINT,
};

/* Print `text` in a colour, or plainly where there is none. */
void cli_painted(FILE *stream, enum cli_paint paint, const char *text);

/* Whether the verb was asked for JSON. */
int cli_wants_json(const struct cli_args *args);

/*
 * Report a failure, on standard error as
 *     assay: SUBJECT: MEANING [RULE STATUS]
 *       found: TEXT
 *       advice: ADVICE
 * and with --json also as one object on standard output.
 * in: subject the file or thing concerned.
 * ret: the exit code that belongs to the status.
 */
int cli_fail(const struct cli_args *args, const char *subject,
             const struct assay_diag *diag);

/* The three lines of cli_fail, without JSON. */
void cli_print_failure(FILE *stream, const char *subject,
                       const struct assay_diag *diag);

/*
 * Report a wrong command line from inside a verb, in the layout of the parser.
 * ret: CLI_EXIT_USAGE.
 */
__attribute__((format(printf, 2, 3))) int cli_usage_error(
    const struct cli_args *args, const char *format, ...);

/*
 * Refuse to write over what this command reads, or over a private key.
 * in:  path, about to be written; own, the value of the option that names it,
 *      or NULL when no option does.
 * ret: 0, or the exit code of a wrong command line, which has been reported.
 */
int cli_check_output(const struct cli_args *args, const char *path,
                     const char *own);

/* "Usage: assay pkg generate [OPTIONS] ZIPFILE" and a line end. */
void cli_print_usage(FILE *stream, const struct cli_verb *verb);

/* The same in front of a failure of the parser; ret: CLI_EXIT_USAGE. */
int cli_usage_failure(const struct cli_verb *verb,
                      const struct assay_diag *diag);

/*
 * A new JSON object for one input: "schema", "tool" and "file".
 * in: subject the file, or NULL for an object about no file.
 * ret: the object, or NULL without memory; all cli_json functions and those of
 *      jansson accept a NULL object and do nothing.
 */
json_t *cli_json_object(const char *subject);

/*
 * Set a member to a text of any bytes. What is not UTF-8 is shown as \xNN,
 * and a second member KEY_hex holds the bytes exactly.
 */
void cli_json_text(json_t *object, const char *key, const char *text);

/* Set a member to bytes in lower-case hex. */
void cli_json_hex(json_t *object, const char *key, struct assay_slice bytes);

/* Set "status", "rule", "meaning", "detail", "advice" and "exit". */
void cli_json_status(json_t *object, const struct assay_diag *diag);

/*
 * Print the object on one line of standard output and release it.
 * ret: CLI_EXIT_DONE, or CLI_EXIT_INTERNAL with a message when object is NULL
 *      or there is no memory.
 */
int cli_json_print(json_t *object);

#endif
