/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/ed25519.h"
#include "crypto/p256.h"
#include "crypto/sha256.h"
#include "crypto/sha512.h"
#include "engine/functions.h"
#include "verifier/verifier.h"

/*
 * The first bytes of the verifier's machine code: where its functions are.
 * Firmware reaches them through this table or by the symbols of the linked
 * file; an emulator needs the bytes alone.
 */

extern const uint8_t assay_m4_end[]; /* engine/m4.ld */

#define ENTRY(symbol) (assay_m4_entry) assay_##symbol,

extern const struct assay_m4_table assay_m4_table;

__attribute__((section(".table")))
const struct assay_m4_table assay_m4_table = {
    .magic = ASSAY_M4_MAGIC,
    .version = ASSAY_M4_VERSION,
    .start = &assay_m4_table,
    .end = assay_m4_end,
    .function = {ASSAY_M4_FUNCTIONS(ENTRY)},
};
