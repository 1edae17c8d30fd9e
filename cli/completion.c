/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "cli/output.h"
#include "cli/verbs.h"

#include <string.h>

/*
 * Completions for three shells, from the tables that the parser reads. Names
 * of commands, options and choices are plain words; only explanations need
 * quoting.
 */

/* The first sentence, without its full stop. */
static void first_sentence(const char *text, char *out, size_t out_len)
{
    const char *end = strstr(text, ". ");
    size_t len = end == NULL ? strlen(text) : (size_t)(end - text);
    len -= len > 0 && text[len - 1] == '.';
    (void)snprintf(out, out_len, "%.*s", (int)len, text);
    for (char *p = out; *p != '\0'; p++) {
        *p = *p == '\n' ? ' ' : *p;
    }
}

/* Print with a backslash in front of every character of `special`. */
static void put_escaped(const char *text, const char *special)
{
    for (; *text != '\0'; text++) {
        if (strchr(special, *text) != NULL) {
            cli_data("\\");
        }
        cli_data("%c", *text);
    }
}

static void put_words(const char *const *words)
{
    for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
        cli_data("%s%s", i > 0 ? " " : "", words[i]);
    }
}

static void put_verb_names(const char *group)
{
    const char *space = "";
    for (size_t i = 0; i < cli_program.n_verbs; i++) {
        if (cli_in_group(cli_program.verbs[i], group)) {
            cli_data("%s%s", space, cli_program.verbs[i]->name);
            space = " ";
        }
    }
}

static void put_group_names(const char *separator)
{
    for (size_t i = 0; i < cli_program.n_groups; i++) {
        cli_data("%s%s", i > 0 ? separator : "", cli_program.groups[i].name);
    }
}

/* What stands behind the program's name. */
static void put_first_words(void)
{
    put_group_names(" ");
    cli_data(" ");
    put_verb_names(NULL);
}

static void put_command(const struct cli_verb *verb)
{
    cli_data("%s%s%s", verb->group != NULL ? verb->group : "",
             verb->group != NULL ? " " : "", verb->name);
}

/* The spellings of an option; ret: how many. */
static size_t spellings(const struct cli_option *o, const char *name[4])
{
    size_t n = 0;
    name[n++] = o->name;
    for (size_t i = 0; i < 2; i++) {
        if (o->other[i] != NULL) {
            name[n++] = o->other[i];
        }
    }
    name[n] = NULL;
    return n;
}

static int is_path(enum cli_kind kind)
{
    return kind == CLI_FILE || kind == CLI_DIRECTORY;
}

/* --- bash ----------------------------------------------------------------- */

static void bash_option(const struct cli_verb *verb, const struct cli_option *o)
{
    const char *name[4];
    size_t n = spellings(o, name);
    cli_data("    ");
    for (size_t i = 0; i < n; i++) {
        cli_data("%s'", i > 0 ? " | " : "");
        put_command(verb);
        cli_data("|%s'", name[i]);
    }
    cli_data(")\n        ");
    if (o->kind == CLI_CHOICE) {
        cli_data("_assay_reply compgen -W '");
        put_words(o->choices);
        cli_data("' -- \"$cur\"\n");
    } else if (is_path(o->kind)) {
        cli_data("_assay_paths %s \"$cur\"\n",
                 o->kind == CLI_DIRECTORY ? "-d" : "-f");
    } else {
        cli_data(":\n");
    }
    cli_data("        return\n        ;;\n");
}

static void bash_values(void)
{
    cli_data("    case \"$command|$prev\" in\n");
    for (size_t i = 0; i < cli_program.n_verbs; i++) {
        const struct cli_option *option[CLI_OPTIONS_MAX];
        size_t n = cli_verb_options(cli_program.verbs[i], option);
        for (size_t k = 0; k < n; k++) {
            if (option[k]->kind != CLI_FLAG) {
                bash_option(cli_program.verbs[i], option[k]);
            }
        }
    }
    cli_data("    esac\n");
}

static void bash_options(void)
{
    cli_data("    case $command in\n");
    for (size_t i = 0; i < cli_program.n_verbs; i++) {
        const struct cli_option *option[CLI_OPTIONS_MAX];
        size_t n = cli_verb_options(cli_program.verbs[i], option);
        cli_data("    '");
        put_command(cli_program.verbs[i]);
        cli_data("') words='");
        for (size_t k = 0; k < n; k++) {
            cli_data("%s%s", k > 0 ? " " : "", option[k]->name);
        }
        cli_data("' ;;\n");
    }
    cli_data("    '') words='--color --help --quiet --verbose --version' ;;\n"
             "    *) words='--help' ;;\n"
             "    esac\n");
}

static void bash_positionals(void)
{
    cli_data("    case $command in\n    '' | help*)\n        words='");
    put_first_words();
    cli_data("'\n        case $command in\n");
    for (size_t i = 0; i < cli_program.n_groups; i++) {
        cli_data("        'help %s') words='", cli_program.groups[i].name);
        put_verb_names(cli_program.groups[i].name);
        cli_data("' ;;\n");
    }
    cli_data("        esac\n        ;;\n");
    for (size_t i = 0; i < cli_program.n_groups; i++) {
        cli_data("    '%s') words='", cli_program.groups[i].name);
        put_verb_names(cli_program.groups[i].name);
        cli_data("' ;;\n");
    }
    for (size_t i = 0; i < cli_program.n_verbs; i++) {
        const struct cli_positional *p = &cli_program.verbs[i]->positional;
        if (p->choices != NULL) {
            cli_data("    '");
            put_command(cli_program.verbs[i]);
            cli_data("') words='");
            put_words(p->choices);
            cli_data("' ;;\n");
        }
    }
    cli_data("    *)\n        _assay_paths -f \"$cur\"\n        return\n"
             "        ;;\n    esac\n");
}

static void print_bash(void)
{
    cli_data("# shellcheck shell=bash\n"
             "# bash completion for assay; made by: assay completion bash\n\n"
             "_assay_reply()\n{\n"
             "    local line\n"
             "    while IFS= read -r line; do COMPREPLY+=(\"$line\"); done"
             " < <(\"$@\")\n}\n\n"
             "_assay_paths()\n{\n"
             "    compopt -o filenames 2>/dev/null\n"
             "    _assay_reply compgen \"$1\" -- \"$2\"\n}\n\n"
             "_assay()\n{\n"
             "    local cur=${COMP_WORDS[COMP_CWORD]}"
             " prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
             "    local command='' words='' word i\n"
             "    COMPREPLY=()\n"
             "    if [[ $cur == = ]]; then\n"
             "        cur=\n"
             "    elif [[ $prev == = ]]; then\n"
             "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
             "    fi\n"
             "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
             "        word=${COMP_WORDS[i]}\n"
             "        [[ $word == -* ]] && continue\n"
             "        case $command in\n"
             "        '') command=$word ;;\n"
             "        help | ");
    put_group_names(" | ");
    cli_data(") command=\"$command $word\" ;;\n        esac\n    done\n");
    bash_values();
    cli_data("    if [[ $cur == -* ]]; then\n");
    bash_options();
    cli_data("    else\n");
    bash_positionals();
    cli_data("    fi\n"
             "    _assay_reply compgen -W \"$words\" -- \"$cur\"\n}\n\n"
             "complete -F _assay assay\n");
}

/* --- zsh ------------------------------------------------------------------ */

#define ZSH_SPECIAL "[]:\\"

/* Inside single quotes; a quote itself ends and reopens them. */
static void zsh_text(const char *text, const char *special)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            cli_data("'\\''");
            continue;
        }
        const char one[2] = {*text, '\0'};
        put_escaped(one, special);
    }
}

static void zsh_described(const char *name, const char *summary)
{
    char text[256];
    first_sentence(summary, text, sizeof text);
    cli_data(" '%s:", name);
    zsh_text(text, ":\\");
    cli_data("'");
}

static void zsh_action(enum cli_kind kind, const char *const *choices)
{
    if (choices != NULL) {
        cli_data("(");
        put_words(choices);
        cli_data(")");
    } else if (is_path(kind)) {
        cli_data(kind == CLI_DIRECTORY ? "_files -/" : "_files");
    } else {
        cli_data(" ");
    }
}

static void zsh_option(const struct cli_option *o)
{
    const char *name[4];
    char text[256];
    size_t n = spellings(o, name);
    first_sentence(o->help, text, sizeof text);
    for (size_t i = 0; i < n; i++) {
        const char *suffix = o->kind == CLI_FLAG              ? ""
                             : strncmp(name[i], "--", 2) == 0 ? "="
                                                              : "";
        cli_data(" \\\n            '%s%s%s[",
                 (o->flags & CLI_REPEATED) != 0 ? "*" : "", name[i], suffix);
        zsh_text(text, ZSH_SPECIAL);
        cli_data("]");
        if (o->kind != CLI_FLAG) {
            char metavar[256];
            cli_metavar(o, metavar, sizeof metavar);
            cli_data(":%s:", o->choices != NULL ? "choice" : metavar);
            zsh_action(o->kind, o->choices);
        }
        cli_data("'");
    }
}

static void zsh_verb(const struct cli_verb *verb)
{
    const struct cli_option *option[CLI_OPTIONS_MAX];
    size_t n = cli_verb_options(verb, option);
    cli_data("    '");
    put_command(verb);
    cli_data("')\n        _arguments -S");
    for (size_t k = 0; k < n; k++) {
        zsh_option(option[k]);
    }
    if (verb->positional.name != NULL) {
        cli_data(" \\\n            '*:%s:", verb->positional.name);
        if (verb == &cli_verb_help) {
            cli_data("(");
            put_first_words();
            cli_data(")");
        } else {
            zsh_action(verb->positional.kind, verb->positional.choices);
        }
        cli_data("'");
    }
    cli_data("\n        ;;\n");
}

static void zsh_commands(const char *group)
{
    for (size_t i = 0; group == NULL && i < cli_program.n_groups; i++) {
        zsh_described(cli_program.groups[i].name,
                      cli_program.groups[i].summary);
    }
    for (size_t i = 0; i < cli_program.n_verbs; i++) {
        if (cli_in_group(cli_program.verbs[i], group)) {
            zsh_described(cli_program.verbs[i]->name,
                          cli_program.verbs[i]->summary);
        }
    }
}

static void print_zsh(void)
{
    cli_data("#compdef assay\n"
             "# zsh completion for assay; made by: assay completion zsh\n\n"
             "_assay()\n{\n"
             "    local -a commands\n"
             "    local command=$words[2]\n"
             "    if (( CURRENT == 2 )); then\n"
             "        commands=(");
    zsh_commands(NULL);
    cli_data(")\n        _describe command commands\n"
             "        return\n    fi\n"
             "    case $command in\n");
    for (size_t i = 0; i < cli_program.n_groups; i++) {
        cli_data("    %s)\n        if (( CURRENT == 3 )); then\n"
                 "            commands=(",
                 cli_program.groups[i].name);
        zsh_commands(cli_program.groups[i].name);
        cli_data(")\n            _describe command commands\n"
                 "            return\n        fi\n"
                 "        command=\"$words[2] $words[3]\"\n"
                 "        shift words\n"
                 "        (( CURRENT-- ))\n        ;;\n");
    }
    cli_data("    esac\n    shift words\n    (( CURRENT-- ))\n"
             "    case $command in\n");
    for (size_t i = 0; i < cli_program.n_verbs; i++) {
        zsh_verb(cli_program.verbs[i]);
    }
    cli_data("    esac\n}\n\n"
             "if [[ $funcstack[1] == _assay ]]; then\n"
             "    _assay \"$@\"\nelse\n    compdef _assay assay\nfi\n");
}

/* --- fish ----------------------------------------------------------------- */

static void fish_described(const char *condition, const char *name,
                           const char *summary)
{
    char text[256];
    first_sentence(summary, text, sizeof text);
    cli_data("complete -c assay -f -n '%s' -a %s -d '", condition, name);
    put_escaped(text, "'\\");
    cli_data("'\n");
}

static void fish_spelling(const char *name)
{
    if (strncmp(name, "--", 2) == 0) {
        cli_data(" -l %s", name + 2);
    } else {
        cli_data(" -%c %s", strlen(name) == 2 ? 's' : 'o', name + 1);
    }
}

static void fish_option(const struct cli_verb *verb, const struct cli_option *o)
{
    const char *name[4];
    char text[256];
    size_t n = spellings(o, name);
    first_sentence(o->help, text, sizeof text);
    cli_data("complete -c assay -n '__assay_in ");
    put_command(verb);
    cli_data("'");
    for (size_t i = 0; i < n; i++) {
        fish_spelling(name[i]);
    }
    if (o->kind == CLI_CHOICE) {
        cli_data(" -x -a '");
        put_words(o->choices);
        cli_data("'");
    } else if (o->kind == CLI_DIRECTORY) {
        cli_data(" -x -a '(__fish_complete_directories)'");
    } else if (o->kind != CLI_FLAG) {
        cli_data(o->kind == CLI_FILE ? " -r -F" : " -x");
    }
    cli_data(" -d '");
    put_escaped(text, "'\\");
    cli_data("'\n");
}

static void fish_verb(const struct cli_verb *verb)
{
    const struct cli_option *option[CLI_OPTIONS_MAX];
    size_t n = cli_verb_options(verb, option);
    for (size_t k = 0; k < n; k++) {
        fish_option(verb, option[k]);
    }
    const struct cli_positional *p = &verb->positional;
    int is_help = verb == &cli_verb_help;
    if (p->choices == NULL && !is_path(p->kind) && !is_help) {
        return;
    }
    cli_data("complete -c assay -n '__assay_in ");
    put_command(verb);
    if (is_help) {
        cli_data("' -f -a '");
        put_first_words();
        cli_data("'\n");
    } else if (p->choices != NULL) {
        cli_data("' -f -a '");
        put_words(p->choices);
        cli_data("'\n");
    } else {
        cli_data("' -F\n");
    }
}

static void print_fish(void)
{
    cli_data("# fish completion for assay; made by: assay completion fish\n\n"
             "function __assay_words\n"
             "    for word in (commandline -opc)[2..-1]\n"
             "        string match -q -- '-*' $word; or echo $word\n"
             "    end\nend\n\n"
             "function __assay_is\n"
             "    set -l words (__assay_words)\n"
             "    test \"$words\" = \"$argv\"\nend\n\n"
             "function __assay_in\n"
             "    set -l words (__assay_words)\n"
             "    test (count $words) -ge (count $argv)\n"
             "    and test \"$words[1..\"(count $argv)\"]\" = \"$argv\"\n"
             "end\n\ncomplete -c assay -f\n");
    for (size_t i = 0; i < cli_program.n_groups; i++) {
        fish_described("__assay_is", cli_program.groups[i].name,
                       cli_program.groups[i].summary);
    }
    for (size_t i = 0; i < cli_program.n_verbs; i++) {
        const struct cli_verb *verb = cli_program.verbs[i];
        char condition[64];
        (void)snprintf(condition, sizeof condition, "__assay_is%s%s",
                       verb->group != NULL ? " " : "",
                       verb->group != NULL ? verb->group : "");
        fish_described(condition, verb->name, verb->summary);
    }
    for (size_t i = 0; i < cli_program.n_verbs; i++) {
        fish_verb(cli_program.verbs[i]);
    }
}

/* --- The verb ------------------------------------------------------------- */

static const char *const SHELLS[] = {"bash", "zsh", "fish", NULL};

static int run_completion(const struct cli_args *args)
{
    switch (args->positional[0][0]) {
    case 'b':
        print_bash();
        break;
    case 'z':
        print_zsh();
        break;
    default:
        print_fish();
        break;
    }
    return CLI_EXIT_DONE;
}

const struct cli_verb cli_verb_completion = {
    .name = "completion",
    .summary = "Print the completions of a shell.",
    .positional = {.name = "SHELL",
                   .min = 1,
                   .max = 1,
                   .kind = CLI_CHOICE,
                   .choices = SHELLS},
    .examples =
        {
            {"completion bash > "
             "~/.local/share/bash-completion/completions/assay",
             "Complete in bash, from the next shell on."},
            {"completion fish > ~/.config/fish/completions/assay.fish",
             "The same in fish."},
            {"completion zsh > ~/.zfunc/_assay",
             "The same in zsh, when ~/.zfunc is in fpath."},
        },
    .run = run_completion,
};
