/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The parser stands alone: the tests take it in without the program. */
#include "cli/options.c"

#include <criterion/criterion.h>

static const char *const COLOURS[] = {"red", "green", NULL};

static const struct cli_option OPTIONS[] = {
    {.name = "--number", .kind = CLI_INTEGER, .help = "A number."},
    {.name = "--maybe", .kind = CLI_INTEGER_OR_NONE, .help = "Or none."},
    {.name = "--flag", .other = {"-f"}, .kind = CLI_FLAG, .help = "A flag."},
    {.name = "--bool", .kind = CLI_BOOLEAN, .help = "A boolean."},
    {.name = "--colour",
     .kind = CLI_CHOICE,
     .choices = COLOURS,
     .help = "A choice."},
    {.name = "--list",
     .kind = CLI_LIST,
     .help = "A list.",
     .given_twice = "once is enough"},
    {.name = "--file",
     .other = {"-p", "-pkg"},
     .kind = CLI_FILE,
     .flags = CLI_REPEATED,
     .help = "Files."},
    {.name = "--text", .kind = CLI_STRING, .help = "A text."},
};

static const struct cli_verb VERB = {
    .group = "test",
    .name = "verb",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .positional = {.name = "FILE", .min = 1, .max = 2, .kind = CLI_FILE},
};

static struct cli_args args;
static struct assay_diag diag;

static void finish(void)
{
    cli_args_free(&args);
}

/* Parse a line of words that are parted by single spaces. */
static enum assay_status parse_with(const struct cli_verb *verb,
                                    const char *line)
{
    static char copy[1024];
    static char *words[64];
    int n = 0;
    (void)snprintf(copy, sizeof copy, "%s", line);
    for (char *p = copy; n < 64 && *p != '\0'; n++) {
        words[n] = p;
        p += strcspn(p, " ");
        if (*p == ' ') {
            *p++ = '\0';
        }
    }
    diag = (struct assay_diag){0};
    cli_args_free(&args);
    return cli_parse(verb, n, words, &args, &diag);
}

static enum assay_status parse(const char *line)
{
    return parse_with(&VERB, line);
}

static void expect_error(const char *line, const char *text)
{
    cr_assert_eq(parse(line), CLI_USAGE, "%s: accepted", line);
    cr_assert_str_eq(diag.text, text);
}

TestSuite(options, .fini = finish);

Test(options, number_in_both_bases_is_read)
{
    static const struct {
        const char *text;
        uint32_t value;
    } GOOD[] = {
        {"0", 0},
        {"52", 52},
        {"0x34", 52},
        {"0X34", 52},
        {"0x0000000000034", 52},
        {"4294967295", 0xFFFFFFFF},
        {"0xffffffff", 0xFFFFFFFF},
    };
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        uint32_t value = 1;
        cr_expect_eq(cli_parse_number(GOOD[i].text, &value, &diag), ASSAY_OK);
        cr_expect_eq(value, GOOD[i].value, "%s", GOOD[i].text);
    }
}

Test(options, number_of_other_form_is_refused)
{
    static const char *const BAD[] = {
        "",     "x",    "0x",         "0xg",         "1_0",
        " 1",   "1 ",   "+1",         "1.0",         "--1",
        "-",    "-0x1", "4294967296", "0x100000000", "99999999999999999999999",
        "0x-1", "-1",   "1e3",        "\xFF",
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        uint32_t value = 77;
        cr_expect_eq(cli_parse_number(BAD[i], &value, &diag), CLI_USAGE,
                     "'%s' was accepted", BAD[i]);
        cr_expect_eq(value, 77, "'%s' gave a value", BAD[i]);
    }
}

Test(options, number_with_leading_zero_names_both_readings)
{
    uint32_t value = 0;
    cr_assert_eq(cli_parse_number("052", &value, &diag), CLI_USAGE);
    cr_expect(strstr(diag.text, "052 = 42") != NULL, "%s", diag.text);
    cr_expect(strstr(diag.text, "write 52, or 42") != NULL, "%s", diag.text);
    cr_assert_eq(cli_parse_number("08", &value, &diag), CLI_USAGE);
    cr_expect(strstr(diag.text, "fails; write 8") != NULL, "%s", diag.text);
    cr_assert_eq(cli_parse_number("00", &value, &diag), CLI_USAGE);
    cr_expect(strstr(diag.text, "write 0") != NULL, "%s", diag.text);
}

Test(options, words_in_any_order_mean_the_same)
{
    static const char *const LINES[] = {
        "--number 7 --flag a --text x b",
        "a b --text=x --flag --number=7",
        "a --text x -f --number 7 -- b",
    };
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(parse(LINES[i]), ASSAY_OK, "%s: %s", LINES[i], diag.text);
        cr_expect_eq(cli_number(&args, "--number", 0), 7);
        cr_expect(cli_flag(&args, "--flag"));
        cr_expect_str_eq(cli_text(&args, "--text"), "x");
        cr_assert_eq(args.n_positionals, 2);
        cr_expect_str_eq(args.positional[0], "a");
        cr_expect_str_eq(args.positional[1], "b");
    }
}

Test(options, option_not_given_has_its_fallback)
{
    cr_assert_eq(parse("a"), ASSAY_OK);
    cr_expect_eq(cli_number(&args, "--number", 5), 5);
    cr_expect_eq(cli_flag(&args, "--flag"), 0);
    cr_expect_null(cli_text(&args, "--text"));
    cr_expect_eq(cli_given(&args, "--list"), 0);
    cr_expect_null(cli_nth(&args, "--file", 0));
}

Test(options, double_dash_ends_the_options)
{
    cr_assert_eq(parse("-- --flag -x"), ASSAY_OK, "%s", diag.text);
    cr_expect_eq(cli_flag(&args, "--flag"), 0);
    cr_expect_str_eq(args.positional[0], "--flag");
    cr_expect_str_eq(args.positional[1], "-x");
}

Test(options, single_dash_is_a_positional)
{
    cr_assert_eq(parse("- --file -"), ASSAY_OK, "%s", diag.text);
    cr_expect_str_eq(args.positional[0], "-");
    cr_expect_str_eq(cli_text(&args, "--file"), "-");
}

Test(options, value_may_look_like_an_option)
{
    cr_assert_eq(parse("a --text --flag"), ASSAY_OK, "%s", diag.text);
    cr_expect_str_eq(cli_text(&args, "--text"), "--flag");
    cr_expect_eq(cli_flag(&args, "--flag"), 0);
}

Test(options, value_behind_equals_may_be_empty_or_hold_equals)
{
    cr_assert_eq(parse("a --text="), ASSAY_OK, "%s", diag.text);
    cr_expect_str_eq(cli_text(&args, "--text"), "");
    cr_assert_eq(parse("a --text=x=y"), ASSAY_OK, "%s", diag.text);
    cr_expect_str_eq(cli_text(&args, "--text"), "x=y");
}

Test(options, short_and_long_single_dash_spellings_are_told_apart)
{
    cr_assert_eq(parse("a -pkg one -p two -pthree -fv"), ASSAY_OK, "%s",
                 diag.text);
    cr_expect_str_eq(cli_nth(&args, "--file", 0), "one");
    cr_expect_str_eq(cli_nth(&args, "--file", 1), "two");
    cr_expect_str_eq(cli_nth(&args, "--file", 2), "three");
    cr_expect_null(cli_nth(&args, "--file", 3));
    cr_expect_eq(cli_given(&args, "--file"), 3);
    cr_expect(cli_flag(&args, "--flag"));
    cr_expect_eq(cli_given(&args, "--verbose"), 1);
}

Test(options, verbose_counts)
{
    cr_assert_eq(parse("-vv a -v"), ASSAY_OK, "%s", diag.text);
    cr_expect_eq(cli_given(&args, "--verbose"), 3);
}

Test(options, usage_errors_have_the_texts_of_click)
{
    expect_error("", "Missing argument 'FILE'.");
    expect_error("a b c", "Got unexpected extra argument (c)");
    expect_error("a --number", "Option '--number' requires an argument.");
    expect_error("a --flag=1", "Option '--flag' does not take a value.");
    expect_error("a --colour blue",
                 "Invalid value for '--colour': 'blue' is not one of 'red', "
                 "'green'.");
    expect_error("a --number x",
                 "Invalid value for '--number': 'x' is not a valid integer");
    expect_error("a --nosuch", "No such option: --nosuch");
    expect_error("a -z", "No such option: -z");
}

Test(options, mistyped_option_is_answered_with_the_nearest)
{
    expect_error("a --colur red",
                 "No such option: --colur Did you mean --colour?");
    expect_error("a --nubmer=1",
                 "No such option: --nubmer Did you mean --number?");
    expect_error("a --col red", "No such option: --col Did you mean --colour?");
    expect_error("a --x", "No such option: --x");
}

Test(options, option_given_twice_is_refused)
{
    expect_error("a --number 1 --number 1",
                 "Option '--number' was given twice.");
    expect_error("a --list 1 --list 2", "once is enough");
}

Test(options, choice_has_its_index_and_its_case)
{
    cr_assert_eq(parse("a --colour green"), ASSAY_OK, "%s", diag.text);
    cr_expect_eq(cli_number(&args, "--colour", 9), 1);
    cr_expect_str_eq(cli_text(&args, "--colour"), "green");
    cr_expect_eq(parse("a --colour GREEN"), CLI_USAGE);
}

Test(options, boolean_words_are_those_of_click)
{
    static const char *const ON[] = {"1", "true", "T", "yes", "Y", "on"};
    static const char *const OFF[] = {"0", "FALSE", "f", "no", "n", "Off"};
    char line[64];
    for (size_t i = 0; i < 6; i++) {
        (void)snprintf(line, sizeof line, "a --bool %s", ON[i]);
        cr_assert_eq(parse(line), ASSAY_OK, "%s", diag.text);
        cr_expect_eq(cli_flag(&args, "--bool"), 1, "%s", line);
        (void)snprintf(line, sizeof line, "a --bool %s", OFF[i]);
        cr_assert_eq(parse(line), ASSAY_OK, "%s", diag.text);
        cr_expect_eq(cli_flag(&args, "--bool"), 0, "%s", line);
        cr_expect_eq(cli_given(&args, "--bool"), 1);
    }
    cr_expect_eq(parse("a --bool 2"), CLI_USAGE);
    cr_expect_eq(parse("a --bool="), CLI_USAGE);
}

Test(options, none_is_as_if_not_given)
{
    cr_assert_eq(parse("a --maybe None --list NONE"), ASSAY_OK, "%s",
                 diag.text);
    cr_expect_eq(cli_given(&args, "--maybe"), 0);
    cr_expect_eq(cli_number(&args, "--maybe", 3), 3);
    cr_expect_eq(cli_given(&args, "--list"), 0);
    cr_expect_eq(cli_value(&args, "--list")->n_list, 0);
    cr_expect_eq(parse("a --number none"), CLI_USAGE);
}

Test(options, list_keeps_its_order)
{
    cr_assert_eq(parse("a --list 0xB6,202,0x103"), ASSAY_OK, "%s", diag.text);
    const struct cli_value *value = cli_value(&args, "--list");
    cr_assert_eq(value->n_list, 3);
    cr_expect_eq(value->list[0], 0xB6);
    cr_expect_eq(value->list[1], 0xCA);
    cr_expect_eq(value->list[2], 0x103);
}

Test(options, list_with_a_bad_item_is_refused)
{
    static const char *const BAD[] = {
        "--list=",
        "--list=,",
        "--list=1,",
        "--list=,1",
        "--list=1,,2",
        "--list=0x1,B6",
        "--list=01",
        "--list=1,none",
        "--list=1;2",
        "--list=0x",
        "--list=1,0x100000000",
        "--list=1,0x0000000000000000000000000000000000000001",
    };
    char line[256];
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        (void)snprintf(line, sizeof line, "a %s", BAD[i]);
        cr_expect_eq(parse(line), CLI_USAGE, "%s was accepted", line);
    }
    cr_assert_eq(parse("a --list CA"), CLI_USAGE);
    cr_expect(strstr(diag.text, "begin with 0x") != NULL, "%s", diag.text);
}

Test(options, list_is_at_most_as_long_as_a_packet_allows)
{
    cr_expect_eq(parse("a --list 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16"),
                 ASSAY_OK);
    cr_expect_eq(cli_value(&args, "--list")->n_list, 16);
    cr_expect_eq(parse("a --list 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17"),
                 CLI_USAGE);
}

Test(options, help_wins_over_values_but_not_over_syntax)
{
    cr_assert_eq(parse("--number x --help"), ASSAY_OK, "%s", diag.text);
    cr_expect(cli_flag(&args, "--help"));
    cr_assert_eq(parse("-h --nosuch"), ASSAY_OK, "%s", diag.text);
    cr_expect(cli_flag(&args, "--help"));
    cr_expect_eq(parse("--nosuch --help"), CLI_USAGE);
    cr_assert_eq(parse("a -- --help"), ASSAY_OK, "%s", diag.text);
    cr_expect_eq(cli_flag(&args, "--help"), 0);
}

Test(options, required_option_missing_is_named)
{
    static const struct cli_option REQUIRED[] = {
        {.name = "--colour",
         .kind = CLI_CHOICE,
         .flags = CLI_REQUIRED,
         .choices = COLOURS,
         .help = "A choice."},
        {.name = "--maybe",
         .kind = CLI_INTEGER_OR_NONE,
         .flags = CLI_REQUIRED,
         .help = "A number."},
    };
    static const struct cli_verb NEEDY = {
        .name = "needy", .options = REQUIRED, .n_options = 2};
    cr_assert_eq(parse_with(&NEEDY, "--maybe 1"), CLI_USAGE);
    cr_expect_str_eq(diag.text,
                     "Missing option '--colour'. Choose from: [red|green]");
    cr_assert_eq(parse_with(&NEEDY, "--colour red"), CLI_USAGE);
    cr_expect_str_eq(diag.text, "Missing option '--maybe'.");
    cr_expect_eq(parse_with(&NEEDY, "--colour red --maybe none"), ASSAY_OK);
    cr_assert_eq(parse_with(&NEEDY, "--colour red --maybe 1 x"), CLI_USAGE);
    cr_expect_str_eq(diag.text, "Got unexpected extra argument (x)");
}

Test(options, empty_names_are_refused)
{
    char empty[] = "";
    char *words[] = {empty};
    cr_expect_eq(cli_parse(&VERB, 1, words, &args, &diag), CLI_USAGE);
    cli_args_free(&args);
    cr_expect_eq(parse("a --file="), CLI_USAGE);
}

Test(options, flags_of_a_verb_add_their_options)
{
    const struct cli_option *option[CLI_OPTIONS_MAX];
    static const struct cli_verb BOTH = {
        .name = "both", .flags = CLI_VERB_JSON | CLI_VERB_PASSPHRASE};
    static const struct cli_verb PLAIN = {.name = "plain"};
    size_t n_plain = cli_verb_options(&PLAIN, option);
    cr_expect_eq(cli_verb_options(&BOTH, option), n_plain + 2);
    cr_expect_str_eq(option[0]->name, "--passphrase-file");
    cr_expect_str_eq(option[1]->name, "--json");
}

Test(options, metavar_follows_the_kind)
{
    char text[64];
    cli_metavar(&OPTIONS[0], text, sizeof text);
    cr_expect_str_eq(text, "INTEGER");
    cli_metavar(&OPTIONS[2], text, sizeof text);
    cr_expect_str_eq(text, "");
    cli_metavar(&OPTIONS[4], text, sizeof text);
    cr_expect_str_eq(text, "[red|green]");
    cli_metavar(&OPTIONS[4], text, 6);
    cr_expect_str_eq(text, "[red|");
}

Test(options, nearest_word_is_near)
{
    static const char *const WORDS[] = {"generate", "display", "find", "on",
                                        NULL};
    char longer[200];
    cr_expect_str_eq(cli_nearest("genrate", WORDS), "generate");
    cr_expect_str_eq(cli_nearest("dsiplay", WORDS), "display");
    cr_expect_str_eq(cli_nearest("fidn", WORDS), "find");
    cr_expect_str_eq(cli_nearest("disp", WORDS), "display");
    cr_expect_str_eq(cli_nearest("no", WORDS), "on");
    cr_expect_null(cli_nearest("verify", WORDS));
    cr_expect_null(cli_nearest("", WORDS));
    cr_expect_null(cli_nearest("x", WORDS));
    memset(longer, 'g', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    cr_expect_null(cli_nearest(longer, WORDS));
}
