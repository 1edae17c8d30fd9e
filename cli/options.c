/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const COLORS[] = {"auto", "always", "never", NULL};

static const struct cli_option OPTION_JSON = {
    .name = "--json",
    .kind = CLI_FLAG,
    .help = "Print one JSON object per input, each on its own line.",
};

static const struct cli_option OPTION_PASSPHRASE = {
    .name = "--passphrase-file",
    .kind = CLI_FILE,
    .help = "The first line of FILE is the passphrase of the private key. "
            "Without it, an encrypted key is asked about on a terminal.",
};

static const struct cli_option COMMON[] = {
    {
        .name = "--color",
        .kind = CLI_CHOICE,
        .choices = COLORS,
        .help = "When to mark words with colour. With auto: on a terminal, "
                "unless NO_COLOR is set.",
    },
    {
        .name = "--quiet",
        .other = {"-q"},
        .kind = CLI_FLAG,
        .help = "Print data, warnings and failures only.",
    },
    {
        .name = "--verbose",
        .other = {"-v"},
        .kind = CLI_FLAG,
        .help = "Print more about what is done.",
    },
    {
        .name = "--help",
        .other = {"-h"},
        .kind = CLI_FLAG,
        .help = "Show this message and exit.",
    },
};

enum { N_COMMON = sizeof COMMON / sizeof COMMON[0] };

/* --- Tables --------------------------------------------------------------- */

size_t cli_verb_options(const struct cli_verb *verb,
                        const struct cli_option *option[CLI_OPTIONS_MAX])
{
    size_t n = 0;
    size_t room = CLI_OPTIONS_MAX - N_COMMON - 2;
    for (; n < verb->n_options && n < room; n++) {
        option[n] = &verb->options[n];
    }
    if ((verb->flags & CLI_VERB_PASSPHRASE) != 0) {
        option[n++] = &OPTION_PASSPHRASE;
    }
    if ((verb->flags & CLI_VERB_JSON) != 0) {
        option[n++] = &OPTION_JSON;
    }
    for (size_t i = 0; i < N_COMMON; i++) {
        option[n++] = &COMMON[i];
    }
    return n;
}

static const char *kind_metavar(enum cli_kind kind)
{
    switch (kind) {
    case CLI_BOOLEAN:
        return "BOOLEAN";
    case CLI_FILE:
        return "FILE";
    case CLI_DIRECTORY:
        return "DIRECTORY";
    case CLI_INTEGER:
    case CLI_INTEGER_OR_NONE:
        return "INTEGER";
    case CLI_LIST:
        return "LIST";
    default:
        return "TEXT";
    }
}

/* Append to a text that is cut when it does not fit. */
static void append(char *text, size_t text_len, const char *more)
{
    size_t used = strlen(text);
    (void)snprintf(text + used, text_len - used, "%s", more);
}

void cli_metavar(const struct cli_option *option, char *text, size_t text_len)
{
    text[0] = '\0';
    if (option->kind == CLI_FLAG) {
        return;
    }
    if (option->metavar != NULL || option->choices == NULL) {
        append(text, text_len,
               option->metavar != NULL ? option->metavar
                                       : kind_metavar(option->kind));
        return;
    }
    append(text, text_len, "[");
    for (size_t i = 0; option->choices[i] != NULL; i++) {
        append(text, text_len, i > 0 ? "|" : "");
        append(text, text_len, option->choices[i]);
    }
    append(text, text_len, "]");
}

/* --- The nearest word ----------------------------------------------------- */

enum { WORD_MAX = 64, FAR = 1000 };

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/*
 * The number of insertions, deletions, replacements and swaps of neighbours
 * between a and b, by rows of the usual table; `row[0]` is the newest.
 */
static unsigned distance(const char *a, const char *b)
{
    unsigned rows[3][WORD_MAX + 1];
    unsigned *row[3] = {rows[0], rows[1], rows[2]};
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    if (a_len > WORD_MAX || b_len > WORD_MAX) {
        return FAR;
    }
    for (size_t j = 0; j <= b_len; j++) {
        row[0][j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        unsigned *oldest = row[2];
        row[2] = row[1];
        row[1] = row[0];
        row[0] = oldest;
        row[0][0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            unsigned differ = a[i - 1] != b[j - 1];
            unsigned best = row[1][j - 1] + differ;
            best = smaller(best, row[1][j] + 1);
            best = smaller(best, row[0][j - 1] + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1]) {
                best = smaller(best, row[2][j - 2] + 1);
            }
            row[0][j] = best;
        }
    }
    return row[0][b_len];
}

const char *cli_nearest(const char *word, const char *const *candidates)
{
    const char *nearest = NULL;
    size_t len = strlen(word);
    /* Dashes say nothing: "--x" is not near to "--y". */
    size_t letters = len - strspn(word, "-");
    unsigned limit = letters < 3 ? 1 : (unsigned)(letters < 9 ? 2 : 3);
    unsigned best = limit + 1;
    for (size_t i = 0; letters > 1 && candidates[i] != NULL; i++) {
        unsigned d = distance(word, candidates[i]);
        if (letters > 2 && strncmp(word, candidates[i], len) == 0) {
            d = 1; /* a beginning is as near as one wrong letter */
        }
        if (d < best) {
            best = d;
            nearest = candidates[i];
        }
    }
    return nearest;
}

/* --- Values --------------------------------------------------------------- */

static enum assay_status refuse_leading_zero(const char *text,
                                             struct assay_diag *diag)
{
    const char *decimal = text + strspn(text, "0");
    if (decimal[0] == '\0') {
        return assay_diag_set(diag, CLI_USAGE,
                              "'%s' has a leading zero; write 0", text);
    }
    if (strspn(text, "01234567") != strlen(text) || strlen(decimal) > 10) {
        return assay_diag_set(
            diag, CLI_USAGE,
            "'%s' has a leading zero: nrfutil takes it for octal and fails; "
            "write %s",
            text, decimal);
    }
    unsigned long long octal = strtoull(text, NULL, 8);
    return assay_diag_set(diag, CLI_USAGE,
                          "'%s' has a leading zero: nrfutil takes it for octal "
                          "(%s = %llu); write %s, or %llu to mean the same as "
                          "nrfutil",
                          text, text, octal, decimal, octal);
}

enum assay_status cli_parse_number(const char *text, uint32_t *out,
                                   struct assay_diag *diag)
{
    int is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = is_hex ? text + 2 : text;
    const char *alphabet = is_hex ? "0123456789abcdefABCDEF" : "0123456789";
    size_t len = strlen(digits);
    const char *body = digits[0] == '-' ? digits + 1 : digits;
    if (body != digits && body[0] != '\0' &&
        strspn(body, alphabet) == len - 1) {
        return assay_diag_set(diag, CLI_USAGE, "'%s' is less than 0", text);
    }
    if (len == 0 || strspn(digits, alphabet) != len) {
        return assay_diag_set(diag, CLI_USAGE, "'%s' is not a valid integer",
                              text);
    }
    if (!is_hex && len > 1 && digits[0] == '0') {
        return refuse_leading_zero(text, diag);
    }
    const char *significant = digits + strspn(digits, "0");
    unsigned long long value = strlen(significant) > 10
                                   ? ~0ULL
                                   : strtoull(digits, NULL, is_hex ? 16 : 10);
    if (value > UINT32_MAX) {
        return assay_diag_set(
            diag, CLI_USAGE, "'%s' is more than 4294967295 (0xFFFFFFFF)", text);
    }
    *out = (uint32_t)value;
    return ASSAY_OK;
}

static int is_none(const char *text)
{
    return strcasecmp(text, "none") == 0;
}

static int index_of(const char *text, const char *const *words)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(text, words[i]) == 0) {
            return i;
        }
    }
    return -1;
}

static enum assay_status convert_boolean(const char *text, uint32_t *out,
                                         struct assay_diag *diag)
{
    static const char *const WORDS[] = {"0",   "false", "f",    "no", "n",
                                        "off", "1",     "true", "t",  "yes",
                                        "y",   "on",    NULL};
    for (unsigned i = 0; WORDS[i] != NULL; i++) {
        if (strcasecmp(text, WORDS[i]) == 0) {
            *out = i >= 6;
            return ASSAY_OK;
        }
    }
    return assay_diag_set(diag, CLI_USAGE, "'%s' is not a valid boolean.",
                          text);
}

static enum assay_status convert_choice(const char *text,
                                        const char *const *choices,
                                        uint32_t *out, struct assay_diag *diag)
{
    int index = index_of(text, choices);
    if (index >= 0) {
        *out = (uint32_t)index;
        return ASSAY_OK;
    }
    char all[256] = "";
    for (size_t i = 0; choices[i] != NULL; i++) {
        append(all, sizeof all, i > 0 ? ", '" : "'");
        append(all, sizeof all, choices[i]);
        append(all, sizeof all, "'");
    }
    return assay_diag_set(diag, CLI_USAGE, "'%s' is not one of %s.", text, all);
}

static enum assay_status convert_item(const char *text, size_t len,
                                      struct cli_value *value,
                                      struct assay_diag *diag)
{
    char item[32];
    if (value->n_list == CLI_LIST_MAX) {
        return assay_diag_set(diag, CLI_USAGE, "more than %u items",
                              CLI_LIST_MAX);
    }
    if (len == 0) {
        return assay_diag_set(diag, CLI_USAGE, "item %u is empty",
                              value->n_list + 1);
    }
    if (len >= sizeof item) {
        return assay_diag_set(diag, CLI_USAGE, "item %u is too long",
                              value->n_list + 1);
    }
    memcpy(item, text, len);
    item[len] = '\0';
    enum assay_status status =
        cli_parse_number(item, &value->list[value->n_list], diag);
    if (status != ASSAY_OK && strspn(item, "0123456789abcdefABCDEF") == len &&
        item[0] != '0') {
        status = assay_diag_set(
            diag, CLI_USAGE,
            "'%s' is not a valid integer; hex values begin with 0x", item);
    }
    value->n_list += status == ASSAY_OK;
    return status;
}

static enum assay_status convert_list(const char *text, struct cli_value *value,
                                      struct assay_diag *diag)
{
    value->n_list = 0;
    for (;;) {
        size_t len = strcspn(text, ",");
        enum assay_status status = convert_item(text, len, value, diag);
        if (status != ASSAY_OK || text[len] == '\0') {
            return status;
        }
        text += len + 1;
    }
}

static enum assay_status convert(const struct cli_option *option,
                                 const char *text, struct cli_value *value,
                                 struct assay_diag *diag)
{
    value->text = text;
    value->n_given++;
    switch (option->kind) {
    case CLI_BOOLEAN:
        return convert_boolean(text, &value->number, diag);
    case CLI_CHOICE:
        return convert_choice(text, option->choices, &value->number, diag);
    case CLI_INTEGER:
        return cli_parse_number(text, &value->number, diag);
    case CLI_INTEGER_OR_NONE:
        if (is_none(text)) {
            *value = (struct cli_value){0};
            return ASSAY_OK;
        }
        return cli_parse_number(text, &value->number, diag);
    case CLI_LIST:
        if (is_none(text)) {
            *value = (struct cli_value){0};
            return ASSAY_OK;
        }
        return convert_list(text, value, diag);
    case CLI_FILE:
    case CLI_DIRECTORY:
        if (text[0] == '\0') {
            return assay_diag_set(diag, CLI_USAGE, "the name is empty");
        }
        return ASSAY_OK;
    default:
        return ASSAY_OK;
    }
}

/* --- Words to options ----------------------------------------------------- */

struct words {
    int n;
    char *const *word;
    int next;
    int options_ended;
    int help;
};

/*
 * The length of the spelling of option that word is, or begins with before
 * '='; 0 when it is none.
 */
static size_t spelled(const struct cli_option *option, const char *word)
{
    const char *names[] = {option->name, option->other[0], option->other[1]};
    size_t len = strcspn(word, "=");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i] != NULL && strlen(names[i]) == len &&
            strncmp(names[i], word, len) == 0) {
            return len;
        }
    }
    return 0;
}

static size_t find_option(const struct cli_args *args, const char *word)
{
    size_t i = 0;
    while (i < args->n_options && spelled(args->option[i], word) == 0) {
        i++;
    }
    return i;
}

static enum assay_status no_such_option(const struct cli_args *args,
                                        const char *word,
                                        struct assay_diag *diag)
{
    const char *names[CLI_OPTIONS_MAX + 1];
    char cut[WORD_MAX + 1];
    (void)snprintf(cut, sizeof cut, "%.*s", (int)strcspn(word, "="), word);
    for (size_t i = 0; i < args->n_options; i++) {
        names[i] = args->option[i]->name;
    }
    names[args->n_options] = NULL;
    const char *nearest = cli_nearest(cut, names);
    if (nearest == NULL) {
        return assay_diag_set(diag, CLI_USAGE, "No such option: %s", cut);
    }
    return assay_diag_set(diag, CLI_USAGE,
                          "No such option: %s Did you mean %s?", cut, nearest);
}

/* Note one option; value is NULL when it stands in the next word. */
static enum assay_status take(struct cli_args *args, struct words *words,
                              size_t option, const char *value,
                              struct assay_diag *diag)
{
    const struct cli_option *o = args->option[option];
    if (o->kind == CLI_FLAG) {
        if (value != NULL) {
            return assay_diag_set(
                diag, CLI_USAGE, "Option '%s' does not take a value.", o->name);
        }
        args->value[option].n_given++;
        args->value[option].number = 1;
        words->help |= strcmp(o->name, "--help") == 0;
        return ASSAY_OK;
    }
    if (value == NULL && words->next == words->n) {
        return assay_diag_set(diag, CLI_USAGE,
                              "Option '%s' requires an argument.", o->name);
    }
    if (value == NULL) {
        value = words->word[words->next++];
    }
    args->given[args->n_given++] =
        (struct cli_given){.option = option, .text = value};
    return ASSAY_OK;
}

/* "-vq", "-pVALUE": letters of flags, of which the last may take a value. */
static enum assay_status take_cluster(struct cli_args *args,
                                      struct words *words, const char *word,
                                      struct assay_diag *diag)
{
    enum assay_status status = ASSAY_OK;
    for (size_t i = 1; word[i] != '\0' && status == ASSAY_OK; i++) {
        const char name[3] = {'-', word[i], '\0'};
        size_t option = find_option(args, name);
        if (option == args->n_options) {
            return no_such_option(args, word, diag);
        }
        if (args->option[option]->kind != CLI_FLAG) {
            const char *rest = word[i + 1] != '\0' ? word + i + 1 : NULL;
            return take(args, words, option, rest, diag);
        }
        status = take(args, words, option, NULL, diag);
    }
    return status;
}

static enum assay_status take_word(struct cli_args *args, struct words *words,
                                   struct assay_diag *diag)
{
    const char *word = words->word[words->next++];
    if (words->options_ended || word[0] != '-' || word[1] == '\0') {
        args->positional[args->n_positionals++] = word;
        return ASSAY_OK;
    }
    if (strcmp(word, "--") == 0) {
        words->options_ended = 1;
        return ASSAY_OK;
    }
    size_t option = find_option(args, word);
    if (option < args->n_options) {
        size_t len = spelled(args->option[option], word);
        return take(args, words, option,
                    word[len] == '=' ? word + len + 1 : NULL, diag);
    }
    if (word[1] == '-') {
        return no_such_option(args, word, diag);
    }
    return take_cluster(args, words, word, diag);
}

/* --- Checks of the whole -------------------------------------------------- */

static enum assay_status convert_given(struct cli_args *args,
                                       struct assay_diag *diag)
{
    unsigned seen[CLI_OPTIONS_MAX] = {0};
    for (size_t i = 0; i < args->n_given; i++) {
        size_t at = args->given[i].option;
        const struct cli_option *o = args->option[at];
        seen[at]++;
        if (seen[at] > 1 && (o->flags & CLI_REPEATED) == 0) {
            return o->given_twice != NULL
                       ? assay_diag_set(diag, CLI_USAGE, "%s", o->given_twice)
                       : assay_diag_set(diag, CLI_USAGE,
                                        "Option '%s' was given twice.",
                                        o->name);
        }
        enum assay_status status =
            convert(o, args->given[i].text, &args->value[at], diag);
        if (status != ASSAY_OK) {
            return assay_diag_prefix(diag, "Invalid value for '%s': ", o->name);
        }
    }
    for (size_t at = 0; at < args->n_options; at++) {
        const struct cli_option *o = args->option[at];
        if ((o->flags & CLI_REQUIRED) == 0 || seen[at] > 0) {
            continue;
        }
        char metavar[256];
        cli_metavar(o, metavar, sizeof metavar);
        return o->kind == CLI_CHOICE
                   ? assay_diag_set(diag, CLI_USAGE,
                                    "Missing option '%s'. Choose from: %s",
                                    o->name, metavar)
                   : assay_diag_set(diag, CLI_USAGE, "Missing option '%s'.",
                                    o->name);
    }
    return ASSAY_OK;
}

static enum assay_status check_positionals(const struct cli_args *args,
                                           struct assay_diag *diag)
{
    const struct cli_positional *p = &args->verb->positional;
    if (args->n_positionals < p->min) {
        return assay_diag_set(diag, CLI_USAGE, "Missing argument '%s'.",
                              p->name);
    }
    unsigned max = p->name == NULL ? 0 : p->max;
    if (args->n_positionals > max) {
        return assay_diag_set(diag, CLI_USAGE,
                              "Got unexpected extra argument (%s)",
                              args->positional[max]);
    }
    for (size_t i = 0; i < args->n_positionals; i++) {
        uint32_t ignored = 0;
        enum assay_status status = ASSAY_OK;
        if (args->positional[i][0] == '\0') {
            status = assay_diag_set(diag, CLI_USAGE, "the name is empty");
        } else if (p->choices != NULL) {
            status =
                convert_choice(args->positional[i], p->choices, &ignored, diag);
        }
        if (status != ASSAY_OK) {
            return assay_diag_prefix(diag, "Invalid value for '%s': ", p->name);
        }
    }
    return ASSAY_OK;
}

enum assay_status cli_parse(const struct cli_verb *verb, int argc,
                            char *const *argv, struct cli_args *args,
                            struct assay_diag *diag)
{
    *args = (struct cli_args){.verb = verb};
    args->n_options = cli_verb_options(verb, args->option);
    args->positional = calloc((size_t)argc + 1, sizeof *args->positional);
    args->given = calloc((size_t)argc + 1, sizeof *args->given);
    if (args->positional == NULL || args->given == NULL) {
        return assay_diag_set(diag, ASSAY_MEMORY, "%d arguments", argc);
    }
    struct words words = {.n = argc, .word = argv};
    while (words.next < words.n) {
        enum assay_status status = take_word(args, &words, diag);
        if (status != ASSAY_OK || words.help) {
            return status;
        }
    }
    enum assay_status status = convert_given(args, diag);
    return status == ASSAY_OK ? check_positionals(args, diag) : status;
}

void cli_args_free(struct cli_args *args)
{
    free(args->positional);
    free(args->given);
    *args = (struct cli_args){0};
}

/* --- Looking things up ---------------------------------------------------- */

static size_t option_index(const struct cli_args *args, const char *name)
{
    for (size_t i = 0; i < args->n_options; i++) {
        if (strcmp(args->option[i]->name, name) == 0) {
            return i;
        }
    }
    fprintf(stderr, "assay: internal: %s has no option %s\n", args->verb->name,
            name);
    exit(4);
}

const struct cli_value *cli_value(const struct cli_args *args, const char *name)
{
    return &args->value[option_index(args, name)];
}

unsigned cli_given(const struct cli_args *args, const char *name)
{
    return cli_value(args, name)->n_given;
}

int cli_flag(const struct cli_args *args, const char *name)
{
    return cli_value(args, name)->number != 0;
}

const char *cli_text(const struct cli_args *args, const char *name)
{
    return cli_value(args, name)->text;
}

uint32_t cli_number(const struct cli_args *args, const char *name,
                    uint32_t fallback)
{
    const struct cli_value *value = cli_value(args, name);
    return value->n_given > 0 ? value->number : fallback;
}

const char *cli_nth(const struct cli_args *args, const char *name, unsigned i)
{
    size_t at = option_index(args, name);
    for (size_t k = 0; k < args->n_given; k++) {
        if (args->given[k].option == at && i-- == 0) {
            return args->given[k].text;
        }
    }
    return NULL;
}
