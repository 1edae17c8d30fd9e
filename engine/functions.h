/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_ENGINE_FUNCTIONS_H
#define ASSAY_ENGINE_FUNCTIONS_H

#include <stdint.h>

/*
 * The machine code of the verifier: the entry points in the order of the
 * table at its start (engine/entry.c). Append only.
 *
 *   X(symbol)   a function of SHARED, without assay_
 */
#define ASSAY_M4_FUNCTIONS(X)                                                  \
    X(verifier_keys)                                                           \
    X(verifier_packet)                                                         \
    X(verifier_policy)                                                         \
    X(verifier_image_start)                                                    \
    X(verifier_image_update)                                                   \
    X(verifier_image_finish)                                                   \
    X(verifier_boot)                                                           \
    X(verifier_nordic)                                                         \
    X(initpkt_open)                                                            \
    X(initpkt_read)                                                            \
    X(initpkt_next_sd_req)                                                     \
    X(sha256_init)                                                             \
    X(sha256_update)                                                           \
    X(sha256_final)                                                            \
    X(sha512_init)                                                             \
    X(sha512_update)                                                           \
    X(sha512_final)                                                            \
    X(p256_verify)                                                             \
    X(p256_key_check)                                                          \
    X(ed25519_verify)                                                          \
    X(ed25519_key_check)

#define ASSAY_M4_FUNCTION_ENUM(symbol) ASSAY_M4_##symbol,

enum assay_m4_function {
    ASSAY_M4_FUNCTIONS(ASSAY_M4_FUNCTION_ENUM) ASSAY_M4_N_FUNCTIONS
};

#undef ASSAY_M4_FUNCTION_ENUM

/*
 * The table, all words little-endian: magic, version, the address of the
 * table, the address behind the last byte, then one entry point a word.
 */
#define ASSAY_M4_MAGIC 0x79617341u /* "Asay" */
#define ASSAY_M4_VERSION 1u
#define ASSAY_M4_TABLE_START 2u /* word numbers */
#define ASSAY_M4_TABLE_END 3u
#define ASSAY_M4_TABLE_FUNCTIONS 4u

typedef void (*assay_m4_entry)(void);

/* As the ARM compiler sees it. */
struct assay_m4_table {
    uint32_t magic;
    uint32_t version;
    const struct assay_m4_table *start;
    const uint8_t *end;
    assay_m4_entry function[ASSAY_M4_N_FUNCTIONS];
};

#endif
