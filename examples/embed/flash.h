/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef EXAMPLE_FLASH_H
#define EXAMPLE_FLASH_H

#include "assay_verifier.h"

/*
 * What an updater leaves in flash beside the application: its init packet, as
 * it came. Nobody vouches for the two lengths; they are tested before use.
 */
struct record {
    uint32_t packet_len;
    uint32_t image_len;
    uint8_t packet[ASSAY_PACKET_MAX];
};

#endif
