/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

/* Make the capacity `wanted`, which is more than it is. */
static enum assay_status grow(struct assay_buffer *b, size_t wanted,
                              struct assay_diag *diag)
{
    uint8_t *p = malloc(wanted);
    if (p == NULL) {
        return assay_diag_set(diag, ASSAY_MEMORY, "%zu bytes wanted", wanted);
    }
    if (b->len != 0) {
        memcpy(p, b->p, b->len);
    }
    /* Not realloc: the old block may hold a secret and is wiped. */
    size_t len = b->len;
    assay_buffer_wipe(b);
    *b = (struct assay_buffer){.p = p, .len = len, .capacity = wanted};
    return ASSAY_OK;
}

/* Room for more bytes behind b->len, doubling so that appends stay linear. */
static enum assay_status reserve(struct assay_buffer *b, size_t more,
                                 struct assay_diag *diag)
{
    if (more <= b->capacity - b->len) {
        return ASSAY_OK;
    }
    if (more > SIZE_MAX / 2 - b->len) {
        return assay_diag_set(diag, ASSAY_MEMORY, "%zu bytes wanted", more);
    }
    return grow(b, (b->len + more) * 2, diag);
}

enum assay_status assay_buffer_reserve(struct assay_buffer *b, size_t len,
                                       struct assay_diag *diag)
{
    return len <= b->capacity ? ASSAY_OK : grow(b, len, diag);
}

enum assay_status assay_buffer_append(struct assay_buffer *b,
                                      struct assay_slice data,
                                      struct assay_diag *diag)
{
    if (data.len == 0) {
        return ASSAY_OK;
    }
    enum assay_status status = reserve(b, data.len, diag);
    if (status == ASSAY_OK) {
        memcpy(b->p + b->len, data.p, data.len);
        b->len += data.len;
    }
    return status;
}

enum assay_status assay_buffer_fill(struct assay_buffer *b, uint8_t fill,
                                    size_t len, struct assay_diag *diag)
{
    if (len == 0) {
        return ASSAY_OK;
    }
    enum assay_status status = reserve(b, len, diag);
    if (status == ASSAY_OK) {
        memset(b->p + b->len, fill, len);
        b->len += len;
    }
    return status;
}

enum assay_status assay_buffer_printf(struct assay_buffer *b,
                                      struct assay_diag *diag,
                                      const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    enum assay_status status = ASSAY_INTERNAL;
    if (n < 0) {
        status = assay_diag_set(diag, ASSAY_INTERNAL, "text not formatted");
    } else {
        /* One byte more for the zero that vsnprintf writes. */
        status = reserve(b, (size_t)n + 1, diag);
    }
    if (status == ASSAY_OK) {
        (void)vsnprintf((char *)b->p + b->len, (size_t)n + 1, format, again);
        b->len += (size_t)n;
    }
    va_end(again);
    return status;
}

void assay_buffer_free(struct assay_buffer *b)
{
    free(b->p);
    *b = (struct assay_buffer){0};
}

void assay_buffer_wipe(struct assay_buffer *b)
{
    if (b->p != NULL) {
        sodium_memzero(b->p, b->capacity);
    }
    assay_buffer_free(b);
}
