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

/*@
  predicate slice_readable(struct assay_slice s) =
      s.len == 0 || \valid_read(s.p + (0 .. s.len - 1));

  // part views nothing outside whole.
  predicate slice_within(struct assay_slice part, struct assay_slice whole) =
      part.len == 0 || (\base_addr(part.p) == \base_addr(whole.p) &&
                        0 <= part.p - whole.p &&
                        part.p - whole.p + part.len <= whole.len);

  // part is what is left of whole after some first bytes.
  predicate slice_tail(struct assay_slice part, struct assay_slice whole) =
      part.len <= whole.len && part.p == whole.p + (whole.len - part.len);
*/

/* in: p readable for len bytes, or len 0. */
/*@
  terminates \true;
  assigns \nothing;
  ensures \result.p == p && \result.len == len;
*/
static inline struct assay_slice assay_slice(const uint8_t *p, size_t len)
{
    return (struct assay_slice){.p = p, .len = len};
}

/*
 * The `len` bytes of `s` from `off`.
 * in: off <= s.len and len <= s.len - off: the caller has tested both.
 */
/*@
  requires slice_readable(s);
  requires off <= s.len && len <= s.len - off;
  terminates \true;
  assigns \nothing;
  ensures \result.p == s.p + off && \result.len == len;
  ensures slice_within(\result, s) && slice_readable(\result);
*/
static inline struct assay_slice assay_slice_sub(struct assay_slice s,
                                                 size_t off, size_t len)
{
    return (struct assay_slice){.p = s.p + off, .len = len};
}

#endif
