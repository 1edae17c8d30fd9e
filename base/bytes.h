/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_BASE_BYTES_H
#define ASSAY_BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

/*
 * The only way from wire bytes to integers and back. Byte accesses alone: no
 * alignment is assumed, and the byte order is in the name.
 */

/*@
  requires \valid_read(b + (0 .. 1));
  terminates \true;
  assigns \nothing;
*/
static inline uint32_t assay_load_le16(const uint8_t b[static 2])
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8;
}

/*@
  requires \valid_read(b + (0 .. 3));
  terminates \true;
  assigns \nothing;
*/
static inline uint32_t assay_load_le32(const uint8_t b[static 4])
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
           (uint32_t)b[3] << 24;
}

/*@
  requires \valid_read(b + (0 .. 3));
  terminates \true;
  assigns \nothing;
*/
static inline uint32_t assay_load_be32(const uint8_t b[static 4])
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
           (uint32_t)b[3];
}

/*@
  requires \valid_read(b + (0 .. 7));
  terminates \true;
  assigns \nothing;
*/
static inline uint64_t assay_load_be64(const uint8_t b[static 8])
{
    return (uint64_t)assay_load_be32(b) << 32 | assay_load_be32(b + 4);
}

/*@
  requires \valid(b + (0 .. 1));
  terminates \true;
  assigns b[0 .. 1];
*/
static inline void assay_store_le16(uint8_t b[static 2], uint32_t v)
{
    b[0] = (uint8_t)v;
    b[1] = (uint8_t)(v >> 8);
}

/*@
  requires \valid(b + (0 .. 3));
  terminates \true;
  assigns b[0 .. 3];
*/
static inline void assay_store_le32(uint8_t b[static 4], uint32_t v)
{
    b[0] = (uint8_t)v;
    b[1] = (uint8_t)(v >> 8);
    b[2] = (uint8_t)(v >> 16);
    b[3] = (uint8_t)(v >> 24);
}

/*@
  requires \valid(b + (0 .. 3));
  terminates \true;
  assigns b[0 .. 3];
*/
static inline void assay_store_be32(uint8_t b[static 4], uint32_t v)
{
    b[0] = (uint8_t)(v >> 24);
    b[1] = (uint8_t)(v >> 16);
    b[2] = (uint8_t)(v >> 8);
    b[3] = (uint8_t)v;
}

/*@
  requires \valid(b + (0 .. 7));
  terminates \true;
  assigns b[0 .. 7];
*/
static inline void assay_store_be64(uint8_t b[static 8], uint64_t v)
{
    assay_store_be32(b, (uint32_t)(v >> 32));
    assay_store_be32(b + 4, (uint32_t)v);
}

/*
 * out = in with its bytes in the opposite order.
 * in: in and out do not overlap.
 */
/*@
  requires len == 0 || \valid_read(in + (0 .. len - 1));
  requires len == 0 || \valid(out + (0 .. len - 1));
  requires \separated(out + (0 .. len - 1), in + (0 .. len - 1));
  terminates \true;
  assigns out[0 .. len - 1];
  ensures \forall integer i; 0 <= i < len ==> out[i] == in[len - 1 - i];
*/
static inline void assay_reverse(uint8_t *out, const uint8_t *in, size_t len)
{
    /*@
      loop invariant 0 <= i <= len;
      loop invariant \forall integer k; 0 <= k < i ==>
                         out[k] == in[len - 1 - k];
      loop assigns i, out[0 .. len - 1];
      loop variant len - i;
    */
    for (size_t i = 0; i < len; i++) {
        out[i] = in[len - 1 - i];
    }
}

#endif
