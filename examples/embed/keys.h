/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef EXAMPLE_KEYS_H
#define EXAMPLE_KEYS_H

#include "assay_verifier.h"

/*
 * Whom this device trusts. release_key.inc holds the 64 bytes of the public
 * key, X then Y, big-endian, as numbers with commas; README.md says how to
 * make it. A second key that may be needed one day belongs here today: a
 * device in the field trusts nobody else.
 */
static const uint8_t RELEASE_KEY[64] = {
#include "release_key.inc"
};

static const struct assay_key KEY[] = {
    {.bytes = RELEASE_KEY,
     .id = 1,
     .algorithm = ASSAY_P256,
     .roles = ASSAY_ROLE_APPLICATION},
};

static const struct assay_key_table KEYS = {
    .key = KEY,
    .n_keys = sizeof KEY / sizeof *KEY,
};

#endif
