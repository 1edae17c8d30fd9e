/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_CLI_OPTIONS_H
#define ASSAY_CLI_OPTIONS_H

#include "base/status.h"
#include "host/diag.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The command line is described once, by one table per verb. Parsing, --help,
 * the completions of the shells and the check of the manual read this table
 * and nothing else.
 */

enum cli_kind {
    CLI_FLAG,            /* no value: --no-backup */
    CLI_BOOLEAN,         /* 1 0 true false t f yes no y n on off */
    CLI_STRING,          /* any text */
    CLI_FILE,            /* a path, or "-"; not opened while parsing */
    CLI_DIRECTORY,       /* a path; not opened while parsing */
    CLI_INTEGER,         /* uint32: decimal or 0x hex */
    CLI_INTEGER_OR_NONE, /* the same, or "none": as if it was not given */
    CLI_CHOICE,          /* one of `choices`, in the same case */
    CLI_LIST,            /* uint32, comma separated, or "none" */
};

enum {
    CLI_REQUIRED = 1u << 0,
    CLI_REPEATED = 1u << 1, /* may be given more than once */
};

#define CLI_OPTIONS_MAX 48u /* of one verb, with those every verb has */
#define CLI_LIST_MAX 16u    /* the most SoftDevice ids a packet can name */

struct cli_option {
    const char *name;     /* "--key-file" */
    const char *other[2]; /* other spellings: "-k", "-pkg"; or NULL */
    enum cli_kind kind;
    unsigned flags;             /* CLI_REQUIRED | CLI_REPEATED */
    const char *metavar;        /* NULL: by kind ("FILE", "INTEGER") */
    const char *const *choices; /* CLI_CHOICE: NULL-terminated */
    const char *help;           /* sentences; wrapped when shown */
    const char *given_twice;    /* error text; NULL: a general one */
};

struct cli_positional {
    const char *name; /* "ZIPFILE"; NULL: the verb takes none */
    unsigned min;
    unsigned max; /* CLI_MANY: no limit */
    enum cli_kind kind;
    const char *const *choices; /* CLI_CHOICE: NULL-terminated, or NULL */
};

#define CLI_MANY (~0u)

struct cli_example {
    const char *command; /* without the program name: "keys display ..." */
    const char *text;    /* what it does, one sentence */
};

/* What a verb can do beside its own options; adds the option to its table. */
enum {
    CLI_VERB_JSON = 1u << 0,       /* --json */
    CLI_VERB_PASSPHRASE = 1u << 1, /* --passphrase-file */
};

struct cli_args;

struct cli_verb {
    const char *group;   /* "pkg"; NULL: the verb stands alone */
    const char *name;    /* "generate" */
    const char *summary; /* one line, no full stop needed in lists */
    const struct cli_option *options;
    size_t n_options;
    struct cli_positional positional;
    unsigned flags;                 /* CLI_VERB_* */
    struct cli_example examples[4]; /* at least two; ends with {0} or full */
    const char *notes; /* paragraphs parted by an empty line; NULL */
    /* Do it. ret: the exit code of the program. */
    int (*run)(const struct cli_args *args);
};

struct cli_group {
    const char *name;
    const char *summary;
};

/* The whole program. Groups and verbs in the order in which help lists them. */
struct cli_program {
    const char *name; /* "assay" */
    const char *summary;
    const struct cli_group *groups;
    size_t n_groups;
    const struct cli_verb *const *verbs;
    size_t n_verbs;
};

struct cli_value {
    unsigned n_given;
    const char *text; /* the last one given */
    uint32_t number;  /* INTEGER; BOOLEAN and FLAG: 0 or 1; CHOICE: index */
    unsigned n_list;
    uint32_t list[CLI_LIST_MAX];
};

struct cli_given {
    size_t option; /* index into `option` of cli_args */
    const char *text;
};

/* One parsed command line. Texts are the strings of argv. */
struct cli_args {
    const struct cli_verb *verb;
    size_t n_options;
    const struct cli_option *option[CLI_OPTIONS_MAX]; /* own, then common */
    struct cli_value value[CLI_OPTIONS_MAX];
    size_t n_positionals;
    const char **positional;
    size_t n_given;
    struct cli_given *given; /* options with values, in order */
};

/*
 * The status of a wrong command line (exit 2). The diagnostic holds the text
 * that follows "Error: ".
 */
#define CLI_USAGE ASSAY_GENERATE_OPTIONS

/*
 * The option table of a verb: its own options, then the ones that its flags
 * add, then those that every verb has.
 * out: option[0 .. ret).
 */
size_t cli_verb_options(const struct cli_verb *verb,
                        const struct cli_option *option[CLI_OPTIONS_MAX]);

/*
 * Parse what follows the verb. Options and positionals may stand in any
 * order; `--opt value` and `--opt=value` are the same; "--" ends the options.
 * --help ends the parse with success: look at cli_flag(args, "--help") first.
 * in: argv[0 .. argc) the words behind the verb.
 * out: *args; free it with cli_args_free, also on failure.
 * ret: CLI_USAGE, ASSAY_MEMORY, ASSAY_OK.
 * mem: heap for two arrays of at most argc members; keeps pointers to argv.
 */
ASSAY_MUST_USE enum assay_status cli_parse(const struct cli_verb *verb,
                                           int argc, char *const *argv,
                                           struct cli_args *args,
                                           struct assay_diag *diag);

void cli_args_free(struct cli_args *args);

/*
 * The value of an option of this verb, by its name. A name that the verb does
 * not have is a fault of the program and ends it with exit code 4.
 */
const struct cli_value *cli_value(const struct cli_args *args,
                                  const char *name);

/* How often it was given. CLI_INTEGER_OR_NONE and CLI_LIST: "none" is 0. */
unsigned cli_given(const struct cli_args *args, const char *name);

/* FLAG and BOOLEAN: non-zero when on. */
int cli_flag(const struct cli_args *args, const char *name);

/* STRING, FILE, CHOICE: the text, or NULL when it was not given. */
const char *cli_text(const struct cli_args *args, const char *name);

/* INTEGER: the number; CHOICE: the index; fallback when it was not given. */
uint32_t cli_number(const struct cli_args *args, const char *name,
                    uint32_t fallback);

/* REPEATED: the text given the i-th time, from 0; NULL past the last. */
const char *cli_nth(const struct cli_args *args, const char *name, unsigned i);

/*
 * A 32-bit number as the command line writes it: decimal without a leading
 * zero, or 0x and hex digits.
 * ret: CLI_USAGE (the diagnostic says why), ASSAY_OK.
 */
ASSAY_MUST_USE enum assay_status cli_parse_number(const char *text,
                                                  uint32_t *out,
                                                  struct assay_diag *diag);

/*
 * The candidate nearest to a mistyped word, or NULL when none is near.
 * in: candidates NULL-terminated; longer words than 64 bytes match nothing.
 */
const char *cli_nearest(const char *word, const char *const *candidates);

/* The metavariable shown for an option: "FILE", "[pk|sk]"; "" for a flag. */
void cli_metavar(const struct cli_option *option, char *text, size_t text_len);

#endif
