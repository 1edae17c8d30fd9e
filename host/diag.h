/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_DIAG_H
#define ASSAY_HOST_DIAG_H

#include "base/status.h"

/*
 * Why something failed: the status, and the particulars of this case (what
 * was found, what was expected). The general meaning and the advice belong to
 * the status and are looked up when the diagnostic is shown.
 * Zero-initialise with {0}: status 0 means that nothing was reported yet.
 */
struct assay_diag {
    enum assay_status status;
    char text[512];
};

/*
 * Record a failure, replacing an earlier one.
 * in: diag may be NULL; then nothing is recorded.
 * ret: status, so that a caller can write `return assay_diag_set(...)`.
 * mem: text is cut at the size of the array.
 */
__attribute__((format(printf, 3, 4))) enum assay_status assay_diag_set(
    struct assay_diag *diag, enum assay_status status, const char *format, ...);

/*
 * Put a text in front of the recorded one: `dat_file "x.dat": ...`.
 * in: diag may be NULL; then nothing happens.
 * ret: the recorded status; ASSAY_INTERNAL without a diagnostic.
 */
__attribute__((format(printf, 2, 3))) enum assay_status assay_diag_prefix(
    struct assay_diag *diag, const char *format, ...);

/* A text of a diagnostic as it stands behind the label "found:". */
const char *assay_diag_found(const char *text);

/* The symbol of a status without its prefix ("SD_REQ"); never NULL. */
const char *assay_status_name(enum assay_status status);

/* The rule it reports ("PO-06"); never NULL. */
const char *assay_status_rule(enum assay_status status);

/* What it means, in general; never NULL. */
const char *assay_status_meaning(enum assay_status status);

/* What the user can do about it; never NULL. */
const char *assay_status_advice(enum assay_status status);

/*
 * The exit code of the command line: 0 verified or done, 1 refused, 2 usage,
 * 3 unreadable or malformed input, 4 internal or unsupported.
 */
int assay_status_exit(enum assay_status status);

/* Call fn for every status in the order of the list, ASSAY_OK first. */
void assay_status_each(void (*fn)(enum assay_status status, void *ctx),
                       void *ctx);

#endif
