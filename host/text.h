/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_TEXT_H
#define ASSAY_HOST_TEXT_H

#include <string.h>

#include "base/slice.h"
#include "base/status.h"
#include "host/buffer.h"
#include "host/diag.h"

/*
 * Small matters of text that several files need: views of strings, hex, and
 * the names of the published format. Nothing here knows a file or a key.
 */

#define ASSAY_N_OF(array) (sizeof(array) / sizeof(array)[0])

/* A view of a terminated string, without its zero. */
static inline struct assay_slice assay_text_slice(const char *text)
{
    return assay_slice((const uint8_t *)text, strlen(text));
}

/* ret: 1 when both have the same bytes; not for secrets. */
static inline int assay_text_equal(struct assay_slice a, struct assay_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* ret: the value of a hex digit of either case, 0 to 15; otherwise -1. */
int assay_text_hex_digit(uint8_t c);

/*
 * Bytes as lower-case hex.
 * in:  bytes; no table is indexed with them, so they may be secret.
 * out: text, 2 * bytes.len digits and the zero.
 * mem: text has room for 2 * bytes.len + 1 characters.
 */
void assay_text_hex(struct assay_slice bytes, char *text);

/*
 * Append bytes as lower-case hex.
 * in:  as assay_text_hex.
 * ret: ASSAY_MEMORY, ASSAY_OK.
 * mem: as assay_buffer_append; what else held the digits is wiped.
 */
ASSAY_MUST_USE enum assay_status assay_text_hex_append(struct assay_buffer *out,
                                                       struct assay_slice bytes,
                                                       struct assay_diag *diag);

/*
 * What the published format calls a value.
 * ret: the name; "no known value" for any other.
 */
const char *assay_fw_type_name(uint64_t type);
const char *assay_hash_type_name(uint64_t type);
const char *assay_validation_type_name(uint64_t type);
const char *assay_signature_type_name(uint64_t type);

#endif
