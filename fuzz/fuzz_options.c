/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "cli/options.h"
#include "fuzz/fuzz.h"

#include <string.h>

/*
 * Words, parted by zero bytes, as what follows a verb on the command line. The
 * verb has an option of every kind. What is accepted keeps to the table.
 */

#define WORDS_MAX 64

static const char *const CHOICES[] = {"first", "second", "third", NULL};

static const struct cli_option OPTIONS[] = {
    {"--name", {"-n", NULL}, CLI_STRING, 0, NULL, NULL, "A.", NULL},
    {"--flag", {NULL, NULL}, CLI_FLAG, 0, NULL, NULL, "A.", NULL},
    {"--on", {NULL, NULL}, CLI_BOOLEAN, 0, NULL, NULL, "A.", "Twice."},
    {"--key-file", {"-k", "-kf"}, CLI_FILE, 0, NULL, NULL, "A.", NULL},
    {"--folder", {NULL, NULL}, CLI_DIRECTORY, 0, NULL, NULL, "A.", NULL},
    {"--number", {NULL, NULL}, CLI_INTEGER, 0, NULL, NULL, "A.", NULL},
    {"--maybe", {NULL, NULL}, CLI_INTEGER_OR_NONE, 0, NULL, NULL, "A.", NULL},
    {"--choice", {NULL, NULL}, CLI_CHOICE, 0, NULL, CHOICES, "A.", NULL},
    {"--list", {NULL, NULL}, CLI_LIST, 0, NULL, NULL, "A.", NULL},
    {"--many", {"-m", NULL}, CLI_FILE, CLI_REPEATED, NULL, NULL, "A.", NULL},
};

enum { N_OPTIONS = sizeof OPTIONS / sizeof OPTIONS[0] };

static int run_nothing(const struct cli_args *args)
{
    (void)args;
    return 0;
}

static const struct cli_verb VERB = {
    .group = "fuzz",
    .name = "verb",
    .summary = "Everything",
    .options = OPTIONS,
    .n_options = N_OPTIONS,
    .positional = {"FILE", 1, 3, CLI_FILE, NULL},
    .flags = CLI_VERB_JSON | CLI_VERB_PASSPHRASE,
    .run = run_nothing,
};

/* ret: the number of words; each ends with a zero byte inside of text. */
static int split(char *text, size_t len, char **word)
{
    int n = 0;
    size_t start = 0;
    for (size_t i = 0; i < len && n < WORDS_MAX; i++) {
        if (text[i] == '\0') {
            word[n++] = text + start;
            start = i + 1;
        }
    }
    return n;
}

static void check_value(const struct cli_option *option,
                        const struct cli_value *value)
{
    uint32_t number = 0;
    require(value->n_given <= 1 || option->kind == CLI_FLAG ||
            (option->flags & CLI_REPEATED) != 0);
    require(value->n_list <= CLI_LIST_MAX);
    require(value->n_given == 0 || value->text != NULL ||
            option->kind == CLI_FLAG);
    if (value->n_given == 0) {
        return;
    }
    if (option->kind == CLI_INTEGER) {
        require(cli_parse_number(value->text, &number, NULL) == ASSAY_OK);
        require(number == value->number);
    }
    if (option->kind == CLI_CHOICE) {
        require(value->number < 3);
        require(strcmp(CHOICES[value->number], value->text) == 0);
    }
    if (option->kind == CLI_BOOLEAN || option->kind == CLI_FLAG) {
        require(value->number <= 1);
    }
}

static void check_args(const struct cli_args *args, char *const *word, int n)
{
    require(args->verb == &VERB && args->n_options <= CLI_OPTIONS_MAX);
    if (cli_flag(args, "--help")) {
        return; /* it ends the parse: nothing is converted yet */
    }
    for (size_t i = 0; i < args->n_options; i++) {
        check_value(args->option[i], &args->value[i]);
    }
    require(args->n_given <= (size_t)n);
    for (size_t i = 0; i < args->n_given; i++) {
        require(args->given[i].option < args->n_options);
        require(args->given[i].text != NULL);
    }
    require(args->n_positionals >= 1 && args->n_positionals <= 3);
    for (size_t i = 0; i < args->n_positionals; i++) {
        int is_word = 0;
        for (int k = 0; k < n; k++) {
            is_word |= args->positional[i] == word[k];
        }
        require(is_word);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const char *const NAMES[] = {"--name", "--number", "--flag", NULL};
    char *word[WORDS_MAX + 1] = {NULL};
    struct cli_args args;
    struct assay_diag diag = {0};
    char *text = malloc(len + 1);
    require(text != NULL);
    if (len != 0) {
        memcpy(text, data, len);
    }
    text[len] = '\0';
    int n = split(text, len + 1, word);
    enum assay_status status = cli_parse(&VERB, n, word, &args, &diag);
    if (status == ASSAY_OK) {
        check_args(&args, word, n);
    } else {
        require(status == CLI_USAGE && diag.status == status);
        require(diag.text[0] != '\0');
    }
    cli_args_free(&args);
    for (int i = 0; i < n; i++) {
        const char *near = cli_nearest(word[i], NAMES);
        require(near == NULL || near == NAMES[0] || near == NAMES[1] ||
                near == NAMES[2]);
    }
    free(text);
    return 0;
}
