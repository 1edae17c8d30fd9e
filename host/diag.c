/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct status_text {
    enum assay_status status;
    const char *name;
    const char *rule;
    const char *meaning;
    const char *advice;
};

static const struct status_text TEXTS[] = {
#define TEXT(symbol, value, nordic, rule, meaning, advice)                     \
    {ASSAY_##symbol, #symbol, rule, meaning, advice},
    ASSAY_STATUS_LIST(TEXT) ASSAY_STATUS_LIST_HOST(TEXT)
#undef TEXT
};

enum { N_TEXTS = sizeof TEXTS / sizeof TEXTS[0] };

static const struct status_text *text_of(enum assay_status status)
{
    static const struct status_text UNKNOWN = {
        ASSAY_INTERNAL, "UNKNOWN", "--", "an unknown result", "report this"};
    for (size_t i = 0; i < N_TEXTS; i++) {
        if (TEXTS[i].status == status) {
            return &TEXTS[i];
        }
    }
    return &UNKNOWN;
}

enum assay_status assay_diag_set(struct assay_diag *diag,
                                 enum assay_status status, const char *format,
                                 ...)
{
    if (diag != NULL) {
        diag->status = status;
        va_list args;
        va_start(args, format);
        (void)vsnprintf(diag->text, sizeof diag->text, format, args);
        va_end(args);
    }
    return status;
}

enum assay_status assay_diag_prefix(struct assay_diag *diag, const char *format,
                                    ...)
{
    char old[sizeof diag->text];
    if (diag == NULL) {
        return ASSAY_INTERNAL;
    }
    memcpy(old, diag->text, sizeof old);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(diag->text, sizeof diag->text, format, args);
    va_end(args);
    size_t len = strlen(diag->text);
    (void)snprintf(diag->text + len, sizeof diag->text - len, "%s", old);
    return diag->status;
}

const char *assay_diag_found(const char *text)
{
    static const char LABEL[] = "found ";
    size_t len = sizeof LABEL - 1;
    return strncmp(text, LABEL, len) == 0 ? text + len : text;
}

const char *assay_status_name(enum assay_status status)
{
    return text_of(status)->name;
}

const char *assay_status_rule(enum assay_status status)
{
    return text_of(status)->rule;
}

const char *assay_status_meaning(enum assay_status status)
{
    return text_of(status)->meaning;
}

const char *assay_status_advice(enum assay_status status)
{
    return text_of(status)->advice;
}

/*
 * The group of a status decides: a well-formed input that is not trusted is
 * refused (1), one that cannot be understood is malformed (3).
 */
int assay_status_exit(enum assay_status status)
{
    switch (status) {
    case ASSAY_OK:
        return 0;
    case ASSAY_LEGACY_PACKAGE:
    case ASSAY_MANIFEST_TYPE:
        return 1;
    case ASSAY_FORMAT_UNVERIFIABLE:
    case ASSAY_KEYFILE_ALGORITHM:
    case ASSAY_MEMORY:
    case ASSAY_INTERNAL:
    case ASSAY_ENGINE_MISSING:
    case ASSAY_ENGINE_FAILED:
    case ASSAY_ENGINE_DISAGREES:
    case ASSAY_FAILED:
        return 4;
    case ASSAY_KEYFILE_PASSPHRASE:
    case ASSAY_KEYFILE_PUBLIC:
    case ASSAY_GENERATE_UNSIGNED:
    case ASSAY_GENERATE_OPTIONS:
        return 2;
    case ASSAY_GENERATE_SELF_CHECK:
        return 1;
    default:
        break;
    }
    unsigned group = (unsigned)status >> 8;
    return group >= 2 && group <= 4 ? 1 : 3;
}

void assay_status_each(void (*fn)(enum assay_status status, void *ctx),
                       void *ctx)
{
    for (size_t i = 0; i < N_TEXTS; i++) {
        fn(TEXTS[i].status, ctx);
    }
}
