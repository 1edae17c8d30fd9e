/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "base/status.h"
#include "host/diag.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct row {
    const char *symbol;
    uint32_t value;
    uint32_t nordic;
    const char *rule;
    const char *meaning;
    const char *advice;
    unsigned host;
};

static const struct row ROWS[] = {
#define ROW(symbol, value, nordic, rule, meaning, advice)                      \
    {#symbol, value, nordic, rule, meaning, advice, 0},
    ASSAY_STATUS_LIST(ROW)
#undef ROW
#define ROW(symbol, value, nordic, rule, meaning, advice)                      \
    {#symbol, value, nordic, rule, meaning, advice, 1},
        ASSAY_STATUS_LIST_HOST(ROW)
#undef ROW
};

enum { N_ROWS = sizeof ROWS / sizeof ROWS[0] };

static enum assay_status status_of(const struct row *row)
{
    return (enum assay_status)row->value;
}

static unsigned distance(uint32_t a, uint32_t b)
{
    unsigned n = 0;
    for (uint32_t d = a ^ b; d != 0; d &= d - 1) {
        n++;
    }
    return n;
}

/* The groups of values: which prefixes of rules belong to each. */
static const char *const PREFIXES[10] = {"ST", "IP",       "SG KY",    "PO",
                                         "IM", "ZP MF FT", "FI DV EN", "HX SP",
                                         "KF", "GN"};

Test(status, values_symbols_rules_and_meanings_are_unique)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct row *a = &ROWS[i];
            const struct row *b = &ROWS[k];
            cr_assert_neq(a->value, b->value, "%s, %s", a->symbol, b->symbol);
            cr_assert_str_neq(a->symbol, b->symbol);
            cr_assert_str_neq(a->rule, b->rule, "%s, %s", a->symbol, b->symbol);
            cr_assert_str_neq(a->meaning, b->meaning);
        }
    }
}

Test(status, ok_is_far_from_everything)
{
    cr_assert_geq(distance(ASSAY_OK, 0), 8);
    cr_assert_geq(distance(ASSAY_OK, UINT32_MAX), 8);
    for (size_t i = 0; i < N_ROWS; i++) {
        if (ROWS[i].value != (uint32_t)ASSAY_OK) {
            cr_assert_geq(distance(ASSAY_OK, ROWS[i].value), 8, "%s",
                          ROWS[i].symbol);
        }
    }
}

Test(status, values_are_group_and_number_and_fit_an_int)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        if (ROWS[i].value == (uint32_t)ASSAY_OK) {
            cr_assert_leq(ROWS[i].value, INT32_MAX);
            continue;
        }
        uint32_t group = ROWS[i].value >> 8;
        cr_assert_leq(group, 9, "%s", ROWS[i].symbol);
        cr_assert_neq(ROWS[i].value & 0xFF, 0, "%s", ROWS[i].symbol);
        cr_assert_eq(ROWS[i].host, group >= 5, "%s", ROWS[i].symbol);
    }
}

Test(status, rules_are_numbered_without_gaps_in_their_group)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        const struct row *row = &ROWS[i];
        uint32_t group = row->value == (uint32_t)ASSAY_OK ? 0 : row->value >> 8;
        char prefix[3] = {row->rule[0], row->rule[1], 0};
        cr_assert_eq(strlen(row->rule), 5, "%s", row->symbol);
        cr_assert_eq(row->rule[2], '-');
        cr_assert_not_null(strstr(PREFIXES[group], prefix), "%s: %s",
                           row->symbol, row->rule);
        unsigned n = 0;
        for (size_t k = 0; k <= i; k++) {
            n += memcmp(ROWS[k].rule, row->rule, 3) == 0;
        }
        char number[4];
        (void)snprintf(number, sizeof number, "%02u", n % 100);
        cr_assert_str_eq(row->rule + 3, number, "%s: %s", row->symbol,
                         row->rule);
    }
}

Test(status, texts_are_there_and_of_one_style)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        const char *texts[2] = {ROWS[i].meaning, ROWS[i].advice};
        for (size_t k = 0; k < 2; k++) {
            size_t len = strlen(texts[k]);
            cr_assert_geq(len, 8, "%s", ROWS[i].symbol);
            cr_assert_neq(texts[k][len - 1], '.', "%s", ROWS[i].symbol);
            cr_assert_null(strchr(texts[k], '\n'), "%s", ROWS[i].symbol);
            for (size_t c = 0; c < len; c++) {
                cr_assert(isprint((unsigned char)texts[k][c]), "%s",
                          ROWS[i].symbol);
            }
        }
    }
}

/* A result code, or an extended error and its code; nothing for the host. */
Test(status, nordic_answers_have_the_shape_of_one)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        uint32_t code = ROWS[i].nordic;
        if (ROWS[i].host != 0) {
            cr_assert_eq(code, 0, "%s", ROWS[i].symbol);
        } else if (code >> 8 != 0) {
            cr_assert_eq(code >> 8, 0x0B, "%s", ROWS[i].symbol);
            cr_assert(code % 256 >= 1 && code % 256 <= 0x0E);
        } else {
            cr_assert(code >= 1 && code <= 0x0A, "%s", ROWS[i].symbol);
            cr_assert_eq(code == 1, ROWS[i].value == (uint32_t)ASSAY_OK);
        }
    }
}

Test(status, lookups_give_the_texts_of_the_list)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        enum assay_status status = status_of(&ROWS[i]);
        cr_assert_str_eq(assay_status_name(status), ROWS[i].symbol);
        cr_assert_str_eq(assay_status_rule(status), ROWS[i].rule);
        cr_assert_str_eq(assay_status_meaning(status), ROWS[i].meaning);
        cr_assert_str_eq(assay_status_advice(status), ROWS[i].advice);
    }
}

static void collect(enum assay_status status, void *ctx)
{
    size_t *n = ctx;
    cr_assert_lt(*n, (size_t)N_ROWS);
    cr_assert_eq((uint32_t)status, ROWS[*n].value);
    (*n)++;
}

Test(status, each_visits_the_list_in_order)
{
    size_t n = 0;
    assay_status_each(collect, &n);
    cr_assert_eq(n, (size_t)N_ROWS);
    cr_assert_eq((uint32_t)ASSAY_OK, ROWS[0].value);
}

Test(status, values_outside_of_the_list_are_named_unknown)
{
    static const uint32_t STRANGE[] = {0, 0x002, 0x1FF, 0x3CA5965B, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof STRANGE / sizeof *STRANGE; i++) {
        enum assay_status status = (enum assay_status)STRANGE[i];
        cr_assert_str_eq(assay_status_name(status), "UNKNOWN");
        cr_assert_str_not_empty(assay_status_rule(status));
        cr_assert_str_not_empty(assay_status_meaning(status));
        cr_assert_str_not_empty(assay_status_advice(status));
        cr_assert_neq(assay_status_exit(status), 0);
    }
}

/*
 * 0 done, 1 refused, 2 usage, 3 unreadable or malformed, 4 internal or
 * unsupported. What is well formed and not trusted is refused; where a group
 * has other members, they are named here.
 */
static int expected_exit(const struct row *row)
{
    static const struct {
        const char *symbol;
        int code;
    } NAMED[] = {
        {"OK", 0},
        {"FAILED", 4},
        {"LEGACY_PACKAGE", 1},
        {"MANIFEST_TYPE", 1},
        {"FORMAT_UNVERIFIABLE", 4},
        {"MEMORY", 4},
        {"INTERNAL", 4},
        {"ENGINE_MISSING", 4},
        {"ENGINE_FAILED", 4},
        {"ENGINE_DISAGREES", 4},
        {"KEYFILE_ALGORITHM", 4},
        {"KEYFILE_PASSPHRASE", 2},
        {"KEYFILE_PUBLIC", 2},
        {"GENERATE_UNSIGNED", 2},
        {"GENERATE_OPTIONS", 2},
        {"GENERATE_SELF_CHECK", 1},
    };
    static const int GROUP[10] = {4, 3, 1, 1, 1, 3, 3, 3, 3, 3};
    for (size_t i = 0; i < sizeof NAMED / sizeof *NAMED; i++) {
        if (strcmp(row->symbol, NAMED[i].symbol) == 0) {
            return NAMED[i].code;
        }
    }
    return GROUP[row->value >> 8];
}

Test(status, exit_codes_are_those_of_the_manual)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        cr_assert_eq(assay_status_exit(status_of(&ROWS[i])),
                     expected_exit(&ROWS[i]), "%s", ROWS[i].symbol);
    }
}

Test(diag, set_records_status_and_text)
{
    struct assay_diag diag = {0};
    enum assay_status status =
        assay_diag_set(&diag, ASSAY_SD_REQ, "found %u, expected %u", 1u, 2u);
    cr_assert_eq(status, ASSAY_SD_REQ);
    cr_assert_eq(diag.status, ASSAY_SD_REQ);
    cr_assert_str_eq(diag.text, "found 1, expected 2");
    status = assay_diag_set(&diag, ASSAY_OK, "none");
    cr_assert_eq(status, ASSAY_OK);
    cr_assert_eq(diag.status, ASSAY_OK);
    cr_assert_str_eq(diag.text, "none");
}

Test(diag, set_without_a_diagnostic_gives_the_status)
{
    cr_assert_eq(assay_diag_set(NULL, ASSAY_SD_REQ, "%d", 1), ASSAY_SD_REQ);
}

Test(diag, prefix_stands_in_front)
{
    struct assay_diag diag = {0};
    (void)assay_diag_set(&diag, ASSAY_SD_REQ, "text with %%");
    cr_assert_eq(assay_diag_prefix(&diag, "file \"%s\": ", "x.dat"),
                 ASSAY_SD_REQ);
    cr_assert_str_eq(diag.text, "file \"x.dat\": text with %");
}

Test(diag, prefix_without_a_diagnostic_does_nothing)
{
    cr_assert_eq(assay_diag_prefix(NULL, "%d", 1), ASSAY_INTERNAL);
}

Test(diag, long_texts_are_cut_and_terminated)
{
    char text[1200];
    struct assay_diag diag = {0};
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\0';
    (void)assay_diag_set(&diag, ASSAY_SD_REQ, "%s", text);
    cr_assert_eq(strlen(diag.text), sizeof diag.text - 1);
    cr_assert_eq(assay_diag_prefix(&diag, "b"), ASSAY_SD_REQ);
    cr_assert_eq(strlen(diag.text), sizeof diag.text - 1);
    cr_assert_eq(diag.text[0], 'b');
    cr_assert_eq(assay_diag_prefix(&diag, "%s", text), ASSAY_SD_REQ);
    cr_assert_eq(strlen(diag.text), sizeof diag.text - 1);
    cr_assert_null(strchr(diag.text, 'b'));
}
