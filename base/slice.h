/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_BASE_SLICE_H
#define ASSAY_BASE_SLICE_H

#include <stddef.h>
#include <stdint.h>

/*
 * A read-only view: `len` bytes at `p`. Passed by value; it owns nothing and
 * is valid as long as the memory it points into. An empty slice may have any
 * `p`, NULL included, because nobody reads it.
 */
struct assay_slice {
    const uint8_t *p;
    size_t len;
};

/* in: p readable for len bytes, or len 0. */
static inline struct assay_slice assay_slice(const uint8_t *p, size_t len)
{
    return (struct assay_slice){.p = p, .len = len};
}

/*
 * The `len` bytes of `s` from `off`.
 * in: off <= s.len and len <= s.len - off: the caller has tested both.
 */
static inline struct assay_slice assay_slice_sub(struct assay_slice s,
                                                 size_t off, size_t len)
{
    return (struct assay_slice){.p = s.p + off, .len = len};
}

#endif
