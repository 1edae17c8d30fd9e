/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "cli/output.h"
#include "cli/verbs.h"

#include <string.h>

enum { WIDTH = 80, OPTION_COLUMN = 28, COMMAND_COLUMN = 16 };

/*
 * Print text in lines of less than WIDTH columns. The cursor stands at
 * `column`; further lines begin at `indent`. A line end in the text stays one.
 */
static void wrap(const char *text, size_t column, size_t indent)
{
    size_t used = column;
    int first = 1;
    while (*text != '\0') {
        size_t len = strcspn(text, " \n");
        if (!first && used + 1 + len >= WIDTH) {
            cli_data("\n%*s", (int)indent, "");
            used = indent;
            first = 1;
        }
        cli_data("%s%.*s", first ? "" : " ", (int)len, text);
        used += len + (first ? 0 : 1);
        first = 0;
        text += len;
        if (*text == '\n') {
            cli_data("\n%*s", (int)indent, "");
            used = indent;
            first = 1;
        }
        text += *text != '\0';
    }
    cli_data("\n");
}

/* A term and its explanation, beside it or below when the term is long. */
static void print_entry(const char *term, size_t column, const char *text)
{
    size_t len = strlen(term);
    if (text[0] == '\0') {
        cli_data("  %s\n", term);
        return;
    }
    if (2 + len + 2 > column) {
        cli_data("  %s\n%*s", term, (int)column, "");
    } else {
        cli_data("  %-*s", (int)column - 2, term);
    }
    wrap(text, column, column);
}

/* The other spellings that are short, or those that are long. */
static void append_others(char *term, size_t term_len,
                          const struct cli_option *o, size_t n_dashes)
{
    for (size_t i = 0; i < 2; i++) {
        size_t used = strlen(term);
        if (o->other[i] != NULL && strspn(o->other[i], "-") == n_dashes) {
            (void)snprintf(term + used, term_len - used,
                           n_dashes == 1 ? "%s, " : ", %s", o->other[i]);
        }
    }
}

/* ret: whether the term fits on a line. */
static int option_term(char *term, size_t term_len, const struct cli_option *o,
                       const char *metavar)
{
    term[0] = '\0';
    append_others(term, term_len, o, 1);
    size_t used = strlen(term);
    (void)snprintf(term + used, term_len - used, "%s", o->name);
    append_others(term, term_len, o, 2);
    used = strlen(term);
    (void)snprintf(term + used, term_len - used, "%s%s",
                   metavar[0] != '\0' ? " " : "", metavar);
    return 2 + strlen(term) < WIDTH;
}

static void append_choices(char *text, size_t text_len,
                           const char *const *choices)
{
    for (size_t i = 0; choices[i] != NULL; i++) {
        size_t used = strlen(text);
        (void)snprintf(text + used, text_len - used, "%s%s%s",
                       i == 0 ? " One of " : ", ", choices[i],
                       choices[i + 1] == NULL ? "." : "");
    }
}

static void print_option(const struct cli_option *o)
{
    char term[512];
    char metavar[256];
    char text[4096];
    cli_metavar(o, metavar, sizeof metavar);
    (void)snprintf(text, sizeof text, "%s", o->help);
    if (!option_term(term, sizeof term, o, metavar) && o->choices != NULL) {
        (void)option_term(term, sizeof term, o, "CHOICE");
        append_choices(text, sizeof text, o->choices);
    }
    size_t used = strlen(text);
    (void)snprintf(text + used, sizeof text - used, "%s%s",
                   (o->flags & CLI_REQUIRED) != 0 ? " [required]" : "",
                   (o->flags & CLI_REPEATED) != 0 ? " [may be repeated]" : "");
    print_entry(term, OPTION_COLUMN, text);
}

/* Paragraphs, parted by an empty line. */
static void print_notes(const char *notes)
{
    while (notes != NULL && *notes != '\0') {
        const char *end = strstr(notes, "\n\n");
        size_t len = end == NULL ? strlen(notes) : (size_t)(end - notes);
        char paragraph[2048];
        (void)snprintf(paragraph, sizeof paragraph, "%.*s", (int)len, notes);
        cli_data("\n  ");
        wrap(paragraph, 2, 2);
        notes = end == NULL ? NULL : end + 2;
    }
}

/* A command in lines that can be copied, then what it does. */
static void print_example(const struct cli_example *example)
{
    const char *word = example->command;
    size_t used = 2 + strlen("assay");
    cli_data("  assay");
    while (*word != '\0') {
        size_t len = strcspn(word, " ");
        /* Room for " \" behind the word. */
        if (used + 1 + len + 2 >= WIDTH) {
            cli_data(" \\\n   ");
            used = 3;
        }
        cli_data(" %.*s", (int)len, word);
        used += 1 + len;
        word += len + (word[len] == ' ');
    }
    cli_data("\n      ");
    wrap(example->text, 6, 6);
}

void cli_help_verb(const struct cli_verb *verb)
{
    cli_print_usage(stdout, verb);
    cli_data("\n  ");
    wrap(verb->summary, 2, 2);
    cli_data("\nExamples:\n");
    size_t max = sizeof verb->examples / sizeof verb->examples[0];
    for (size_t i = 0; i < max && verb->examples[i].command != NULL; i++) {
        print_example(&verb->examples[i]);
    }
    const struct cli_option *option[CLI_OPTIONS_MAX];
    size_t n = cli_verb_options(verb, option);
    cli_data("\nOptions:\n");
    for (size_t i = 0; i < n; i++) {
        print_option(option[i]);
    }
    print_notes(verb->notes);
}

static void print_verbs(const char *group)
{
    for (size_t i = 0; i < cli_program.n_verbs; i++) {
        const struct cli_verb *verb = cli_program.verbs[i];
        if (cli_in_group(verb, group)) {
            print_entry(verb->name, COMMAND_COLUMN, verb->summary);
        }
    }
}

void cli_help_group(const struct cli_group *group)
{
    cli_data("Usage: assay %s [OPTIONS] COMMAND [ARGS]...\n\n  ", group->name);
    wrap(group->summary, 2, 2);
    cli_data("\nExamples:\n");
    for (size_t i = 0; i < cli_program.n_verbs; i++) {
        const struct cli_verb *verb = cli_program.verbs[i];
        if (cli_in_group(verb, group->name)) {
            print_example(&verb->examples[0]);
        }
    }
    cli_data("\nCommands:\n");
    print_verbs(group->name);
    cli_data("\nOptions:\n");
    print_entry("-h, --help", OPTION_COLUMN, "Show this message and exit.");
    cli_data("\n'assay %s COMMAND --help' explains one command.\n",
             group->name);
}

void cli_help_program(void)
{
    cli_data("Usage: assay [OPTIONS] COMMAND [ARGS]...\n\n  ");
    wrap(cli_program.summary, 2, 2);
    cli_data("\nExamples:\n");
    print_example(&cli_verb_verify.examples[0]);
    print_example(&cli_verb_inspect.examples[0]);
    cli_data("\nCommands:\n");
    print_verbs(NULL);
    cli_data("\nGroups of commands:\n");
    for (size_t i = 0; i < cli_program.n_groups; i++) {
        print_entry(cli_program.groups[i].name, COMMAND_COLUMN,
                    cli_program.groups[i].summary);
    }
    static const struct cli_verb NOTHING = {.name = ""};
    const struct cli_option *option[CLI_OPTIONS_MAX];
    size_t n = cli_verb_options(&NOTHING, option);
    cli_data("\nOptions:\n");
    for (size_t i = 0; i < n; i++) {
        print_option(option[i]);
    }
    print_entry("--version", OPTION_COLUMN, "Show the version and exit.");
    cli_data("\nExit codes:\n");
    print_entry("0", 5, "verified, or done");
    print_entry("1", 5, "refused: understood, and not to be trusted");
    print_entry("2", 5, "wrong command line");
    print_entry("3", 5, "input unreadable or malformed, or output not written");
    print_entry("4", 5, "not supported, or a fault of the program");
    cli_data("\n'assay COMMAND --help' explains one command, 'man assay' all "
             "of them.\n");
}

/* --- The verb ------------------------------------------------------------- */

/* One line per option, for the check that the manual names every one. */
static void print_tables(void)
{
    for (size_t i = 0; i < cli_program.n_verbs; i++) {
        const struct cli_verb *verb = cli_program.verbs[i];
        const struct cli_option *option[CLI_OPTIONS_MAX];
        size_t n = cli_verb_options(verb, option);
        for (size_t k = 0; k < n; k++) {
            char metavar[256];
            cli_metavar(option[k], metavar, sizeof metavar);
            cli_data("%s%s%s\t%s\t%s\n", verb->group != NULL ? verb->group : "",
                     verb->group != NULL ? " " : "", verb->name,
                     option[k]->name, metavar);
        }
    }
}

static int run_help(const struct cli_args *args)
{
    if (cli_flag(args, "--options")) {
        print_tables();
        return CLI_EXIT_DONE;
    }
    if (args->n_positionals == 0) {
        cli_help_program();
        return CLI_EXIT_DONE;
    }
    const char *first = args->positional[0];
    const struct cli_group *group = cli_find_group(first);
    const struct cli_verb *verb =
        args->n_positionals == 1 ? cli_find_verb(NULL, first)
                                 : cli_find_verb(first, args->positional[1]);
    if (verb != NULL) {
        cli_help_verb(verb);
        return CLI_EXIT_DONE;
    }
    if (group != NULL && args->n_positionals == 1) {
        cli_help_group(group);
        return CLI_EXIT_DONE;
    }
    return cli_usage_error(args, "No such command '%s%s%s'.", first,
                           args->n_positionals > 1 ? " " : "",
                           args->n_positionals > 1 ? args->positional[1] : "");
}

static const struct cli_option HELP_OPTIONS[] = {
    {
        .name = "--options",
        .kind = CLI_FLAG,
        .help = "List every option of every command: command, option and "
                "value, with tabs between them.",
    },
};

const struct cli_verb cli_verb_help = {
    .name = "help",
    .summary = "Explain the program, a group of commands, or one command.",
    .options = HELP_OPTIONS,
    .n_options = sizeof HELP_OPTIONS / sizeof HELP_OPTIONS[0],
    .positional = {.name = "COMMAND", .max = 2, .kind = CLI_STRING},
    .examples =
        {
            {"help keys", "The commands that work with keys."},
            {"help pkg generate", "Every option of one command."},
        },
    .run = run_help,
};
