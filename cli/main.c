/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "cli/output.h"
#include "cli/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct cli_group GROUPS[] = {
    {"pkg", "Generate, display and verify DFU packages (zip files)."},
    {"keys", "Generate, display and find keys."},
    {"settings", "Generate and display bootloader settings pages."},
    {"vectors", "Run known answers through the verifier."},
};

static const struct cli_verb *const VERBS[] = {
    &cli_verb_verify,           &cli_verb_inspect,
    &cli_verb_pkg_generate,     &cli_verb_pkg_display,
    &cli_verb_pkg_verify,       &cli_verb_keys_generate,
    &cli_verb_keys_display,     &cli_verb_keys_fingerprint,
    &cli_verb_keys_find,        &cli_verb_settings_generate,
    &cli_verb_settings_display, &cli_verb_vectors_run,
    &cli_verb_completion,       &cli_verb_help,
    &cli_verb_version,
};

enum {
    N_GROUPS = sizeof GROUPS / sizeof GROUPS[0],
    N_VERBS = sizeof VERBS / sizeof VERBS[0],
};

const struct cli_program cli_program = {
    .name = "assay",
    .summary = "Make, sign, inspect and verify firmware packages, offline.",
    .groups = GROUPS,
    .n_groups = N_GROUPS,
    .verbs = VERBS,
    .n_verbs = N_VERBS,
};

/* What may stand in front of the command. */
static const struct cli_option PROGRAM_OPTIONS[] = {
    {
        .name = "--version",
        .kind = CLI_FLAG,
        .help = "Show the version and exit.",
    },
};

static const struct cli_verb PROGRAM = {
    .name = "",
    .options = PROGRAM_OPTIONS,
    .n_options = 1,
};

const struct cli_group *cli_find_group(const char *name)
{
    for (size_t i = 0; i < N_GROUPS; i++) {
        if (strcmp(GROUPS[i].name, name) == 0) {
            return &GROUPS[i];
        }
    }
    return NULL;
}

int cli_in_group(const struct cli_verb *verb, const char *group)
{
    return verb->group == NULL
               ? group == NULL
               : group != NULL && strcmp(verb->group, group) == 0;
}

const struct cli_verb *cli_find_verb(const char *group, const char *name)
{
    for (size_t i = 0; i < N_VERBS; i++) {
        if (cli_in_group(VERBS[i], group) &&
            strcmp(VERBS[i]->name, name) == 0) {
            return VERBS[i];
        }
    }
    return NULL;
}

/* in: group NULL for the program itself. */
static int command_error(const char *group, const char *text)
{
    const char *space = group != NULL ? " " : "";
    group = group != NULL ? group : "";
    (void)fprintf(stderr,
                  "Usage: assay%s%s [OPTIONS] COMMAND [ARGS]...\n"
                  "Try 'assay%s%s --help' for help.\n\nError: ",
                  space, group, space, group);
    cli_put_text(stderr, text);
    (void)fputs("\n", stderr);
    return CLI_EXIT_USAGE;
}

static int no_such_command(const char *group, const char *word)
{
    const char *names[N_GROUPS + N_VERBS + 1];
    size_t n = 0;
    for (size_t i = 0; group == NULL && i < N_GROUPS; i++) {
        names[n++] = GROUPS[i].name;
    }
    for (size_t i = 0; i < N_VERBS; i++) {
        if (cli_in_group(VERBS[i], group)) {
            names[n++] = VERBS[i]->name;
        }
    }
    names[n] = NULL;
    const char *nearest = cli_nearest(word, names);
    char text[256];
    if (word[0] == '-' && word[1] != '\0') {
        (void)snprintf(text, sizeof text, "No such option: %.100s", word);
        return command_error(group, text);
    }
    (void)snprintf(text, sizeof text, "No such command '%.100s'.%s%s%s", word,
                   nearest != NULL ? " Did you mean '" : "",
                   nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
    return command_error(group, text);
}

static int run_verb(const struct cli_verb *verb, int argc, char *const *argv)
{
    struct cli_args args;
    struct assay_diag diag = {0};
    int code = CLI_EXIT_DONE;
    enum assay_status status = cli_parse(verb, argc, argv, &args, &diag);
    if (status == CLI_USAGE) {
        code = cli_usage_failure(verb, &diag);
    } else if (status != ASSAY_OK) {
        cli_print_failure(stderr, "arguments", &diag);
        code = CLI_EXIT_INTERNAL;
    } else if (cli_flag(&args, "--help")) {
        cli_help_verb(verb);
    } else {
        cli_output_setup(&args);
        code = verb->run(&args);
    }
    cli_args_free(&args);
    return code;
}

/*
 * Find the verb in word[0 .. n) and run it with the words behind it. Options
 * that stood in front of the command are read as if they came first.
 */
static int run_command(int n, char **word, int n_leading, char **leading)
{
    const struct cli_group *group = cli_find_group(word[0]);
    const char *in = group != NULL ? group->name : NULL;
    int at = group != NULL ? 1 : 0;
    if (at == n || (at == 1 && (strcmp(word[1], "--help") == 0 ||
                                strcmp(word[1], "-h") == 0))) {
        cli_help_group(group);
        return CLI_EXIT_DONE;
    }
    const struct cli_verb *verb = cli_find_verb(in, word[at]);
    if (verb == NULL) {
        return no_such_command(in, word[at]);
    }
    int n_rest = n - at - 1;
    char **words = calloc((size_t)(n_leading + n_rest) + 1, sizeof *words);
    if (words == NULL) {
        return CLI_EXIT_INTERNAL;
    }
    memcpy(words, leading, (size_t)n_leading * sizeof *words);
    memcpy(words + n_leading, word + at + 1, (size_t)n_rest * sizeof *words);
    int code = run_verb(verb, n_leading + n_rest, words);
    free(words);
    return code;
}

/* The number of words in front of the command. */
static int count_leading(int n, char **word)
{
    int i = 0;
    while (i < n && word[i][0] == '-' && word[i][1] != '\0') {
        i += strcmp(word[i], "--color") == 0 && i + 1 < n ? 2 : 1;
    }
    return i;
}

static int run(int n, char **word)
{
    int n_leading = count_leading(n, word);
    struct cli_args args;
    struct assay_diag diag = {0};
    enum assay_status status =
        cli_parse(&PROGRAM, n_leading, word, &args, &diag);
    int help = status == ASSAY_OK && cli_flag(&args, "--help");
    int version = status == ASSAY_OK && cli_flag(&args, "--version");
    cli_args_free(&args);
    if (status != ASSAY_OK) {
        return command_error(NULL, diag.text);
    }
    if (version && !help) {
        return run_verb(&cli_verb_version, 0, NULL);
    }
    if (help || n_leading == n) {
        cli_help_program();
        return CLI_EXIT_DONE;
    }
    return run_command(n - n_leading, word + n_leading, n_leading, word);
}

/*
 * A program started with a closed standard stream would get the number of
 * that stream for the next file it opens, and write messages into it. Such a
 * stream becomes /dev/null in the direction nobody uses: any use of it fails.
 */
static int occupy_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) != -1 || errno != EBADF) {
            continue;
        }
        if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
            return -1;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (occupy_standard_streams() != 0) {
        return CLI_EXIT_INTERNAL;
    }
    /* A closed pipe is an error of write, dealt with at the end. */
    (void)signal(SIGPIPE, SIG_IGN);
    /* So is a limit on the size of files. */
    (void)signal(SIGXFSZ, SIG_IGN);
    int n = argc > 0 ? argc - 1 : 0;
    return cli_output_finish(run(n, argv + (argc > 0 ? 1 : 0)));
}
