/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "assay_verifier.h"
#include "engine/functions.h"

/*
 * The table of engine/entry.c for the verifier as two files: what is static
 * there has no entry, and stays as the compiler likes it.
 */

extern const uint8_t assay_m4_end[]; /* engine/m4.ld */
extern const struct assay_m4_table assay_m4_table;

__attribute__((section(".table")))
const struct assay_m4_table assay_m4_table = {
    .magic = ASSAY_M4_MAGIC,
    .version = ASSAY_M4_VERSION,
    .start = &assay_m4_table,
    .end = assay_m4_end,
    .function =
        {
            [ASSAY_M4_verifier_keys] = (assay_m4_entry)assay_verifier_keys,
            [ASSAY_M4_verifier_packet] = (assay_m4_entry)assay_verifier_packet,
            [ASSAY_M4_verifier_policy] = (assay_m4_entry)assay_verifier_policy,
            [ASSAY_M4_verifier_image_start] =
                (assay_m4_entry)assay_verifier_image_start,
            [ASSAY_M4_verifier_image_update] =
                (assay_m4_entry)assay_verifier_image_update,
            [ASSAY_M4_verifier_image_finish] =
                (assay_m4_entry)assay_verifier_image_finish,
            [ASSAY_M4_verifier_boot] = (assay_m4_entry)assay_verifier_boot,
        },
};
