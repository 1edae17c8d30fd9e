/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "assay_verifier.h"
#include "engine/functions.h"

/*
 * The table of engine/entry.c for the verifier as two files: what is static
 * there has no entry, and stays as the compiler likes it.
 */

typedef void (*entry)(void);

struct table {
    uint32_t magic;
    uint32_t version;
    const struct table *start;
    const uint8_t *end;
    entry function[ASSAY_M4_N_FUNCTIONS];
};

extern const uint8_t assay_m4_end[]; /* engine/m4.ld */
extern const struct table assay_m4_table;

__attribute__((section(".table"))) const struct table assay_m4_table = {
    .magic = ASSAY_M4_MAGIC,
    .version = ASSAY_M4_VERSION,
    .start = &assay_m4_table,
    .end = assay_m4_end,
    .function =
        {
            [ASSAY_M4_verifier_keys] = (entry)assay_verifier_keys,
            [ASSAY_M4_verifier_packet] = (entry)assay_verifier_packet,
            [ASSAY_M4_verifier_policy] = (entry)assay_verifier_policy,
            [ASSAY_M4_verifier_image_start] = (entry)assay_verifier_image_start,
            [ASSAY_M4_verifier_image_update] =
                (entry)assay_verifier_image_update,
            [ASSAY_M4_verifier_image_finish] =
                (entry)assay_verifier_image_finish,
            [ASSAY_M4_verifier_boot] = (entry)assay_verifier_boot,
        },
};
