/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_VERIFIER_IMAGE_LEN_H
#define ASSAY_VERIFIER_IMAGE_LEN_H

#include "initpkt/initpkt.h"

/*
 * The bytes that follow an init packet: the application, or the SoftDevice
 * and the bootloader behind it, as far as the type has them.
 * ret: ASSAY_SIZE_OVERFLOW, ASSAY_SIZE_ZERO, ASSAY_OK.
 */
/*@
  logic integer image_len_of(struct assay_init_command c) =
      c.type == ASSAY_FW_APPLICATION ||
      c.type == ASSAY_FW_EXTERNAL_APPLICATION ? c.app_size :
      c.type == ASSAY_FW_SOFTDEVICE ? c.sd_size :
      c.type == ASSAY_FW_BOOTLOADER ? c.bl_size :
      c.type == ASSAY_FW_SOFTDEVICE_BOOTLOADER ? c.sd_size + c.bl_size : 0;
*/
/*@
  requires \valid_read(c) && \valid(len) && \separated(c, len);
  terminates \true;
  assigns *len;
  ensures \result == ASSAY_OK <==> 0 < image_len_of(*c) <= UINT32_MAX;
  ensures \result == ASSAY_SIZE_ZERO <==> image_len_of(*c) == 0;
  ensures \result == ASSAY_SIZE_OVERFLOW <==> image_len_of(*c) > UINT32_MAX;
  ensures \result == ASSAY_OK ==> *len == image_len_of(*c);
*/
ASSAY_MUST_USE static inline enum assay_status image_len(
    const struct assay_init_command *c, uint32_t *len)
{
    uint32_t n = 0;
    if (c->type == ASSAY_FW_APPLICATION ||
        c->type == ASSAY_FW_EXTERNAL_APPLICATION) {
        n = c->app_size;
    }
    if (c->type == ASSAY_FW_SOFTDEVICE ||
        c->type == ASSAY_FW_SOFTDEVICE_BOOTLOADER) {
        n = c->sd_size;
    }
    if (c->type == ASSAY_FW_BOOTLOADER ||
        c->type == ASSAY_FW_SOFTDEVICE_BOOTLOADER) {
        if (c->bl_size > UINT32_MAX - n) {
            return ASSAY_SIZE_OVERFLOW;
        }
        n += c->bl_size;
    }
    *len = n;
    return n == 0 ? ASSAY_SIZE_ZERO : ASSAY_OK;
}

/*
 * Count n more bytes of an image of len bytes, of which *received are there.
 * ret: ASSAY_IMAGE_LONG (nothing is counted), ASSAY_OK.
 */
/*@
  requires \valid(received) && *received <= len;
  terminates \true;
  assigns *received;
  ensures *received <= len;
  ensures \result == ASSAY_OK || \result == ASSAY_IMAGE_LONG;
  ensures \result == ASSAY_OK <==> \old(*received) + n <= len;
  ensures \result == ASSAY_OK ==> *received == \old(*received) + n;
  ensures \result == ASSAY_IMAGE_LONG ==> *received == \old(*received);
*/
ASSAY_MUST_USE static inline enum assay_status image_count(uint32_t *received,
                                                           uint32_t len,
                                                           size_t n)
{
    if (n > len - *received) {
        return ASSAY_IMAGE_LONG;
    }
    *received += (uint32_t)n;
    return ASSAY_OK;
}

#endif
