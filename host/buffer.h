/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_BUFFER_H
#define ASSAY_HOST_BUFFER_H

#include "base/slice.h"
#include "base/status.h"
#include "host/diag.h"

/*
 * Owned, growing memory. Zero-initialise with {0}; free with
 * assay_buffer_free, which is safe on a zeroed or freed buffer.
 */
struct assay_buffer {
    uint8_t *p;
    size_t len;
    size_t capacity;
};

/*
 * Make room for len bytes in all, exactly, so that appends up to there
 * neither move nor waste memory.
 * ret: ASSAY_OK, ASSAY_MEMORY.
 * mem: as assay_buffer_append.
 */
ASSAY_MUST_USE enum assay_status assay_buffer_reserve(struct assay_buffer *b,
                                                      size_t len,
                                                      struct assay_diag *diag);

/*
 * Append the bytes of data.
 * ret: ASSAY_OK, ASSAY_MEMORY (then the buffer is unchanged).
 * mem: may move b->p, so views into it end here; data must not lie inside b.
 */
ASSAY_MUST_USE enum assay_status assay_buffer_append(struct assay_buffer *b,
                                                     struct assay_slice data,
                                                     struct assay_diag *diag);

/*
 * Append len bytes of value fill.
 * ret: ASSAY_OK, ASSAY_MEMORY.
 * mem: as assay_buffer_append.
 */
ASSAY_MUST_USE enum assay_status assay_buffer_fill(struct assay_buffer *b,
                                                   uint8_t fill, size_t len,
                                                   struct assay_diag *diag);

/*
 * Append formatted text, without a terminating zero byte.
 * ret: ASSAY_OK, ASSAY_MEMORY, ASSAY_INTERNAL (the format is wrong).
 * mem: as assay_buffer_append.
 */
__attribute__((format(printf, 3, 4))) ASSAY_MUST_USE enum assay_status
assay_buffer_printf(struct assay_buffer *b, struct assay_diag *diag,
                    const char *format, ...);

/* Release the memory and zero the struct. */
void assay_buffer_free(struct assay_buffer *b);

/* As assay_buffer_free, but the bytes are overwritten first: for secrets. */
void assay_buffer_wipe(struct assay_buffer *b);

/* A view of the whole content; it ends with the next change of b. */
static inline struct assay_slice assay_buffer_slice(
    const struct assay_buffer *b)
{
    return assay_slice(b->p, b->len);
}

#endif
