/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "fuzz/encode.h"

#include "fuzz/fuzz.h"

static void put(struct assay_buffer *out, struct assay_slice bytes)
{
    require(assay_buffer_append(out, bytes, NULL) == ASSAY_OK);
}

void fuzz_put_varint(struct assay_buffer *out, uint64_t value)
{
    do {
        uint8_t group = (uint8_t)(value & 0x7F);
        value >>= 7;
        group |= (uint8_t)(value != 0 ? 0x80 : 0);
        put(out, assay_slice(&group, 1));
    } while (value != 0);
}

void fuzz_put_number(struct assay_buffer *out, uint32_t field, uint64_t value)
{
    fuzz_put_varint(out, (uint64_t)field << 3);
    fuzz_put_varint(out, value);
}

void fuzz_put_bytes(struct assay_buffer *out, uint32_t field,
                    struct assay_slice bytes)
{
    fuzz_put_varint(out, (uint64_t)field << 3 | 2);
    fuzz_put_varint(out, bytes.len);
    put(out, bytes);
}

static void put_typed(struct assay_buffer *out, uint32_t field, uint32_t type,
                      struct assay_slice bytes)
{
    struct assay_buffer inner = {0};
    fuzz_put_number(&inner, 1, type);
    fuzz_put_bytes(&inner, 2, bytes);
    fuzz_put_bytes(out, field, assay_buffer_slice(&inner));
    assay_buffer_free(&inner);
}

static void put_sd_req(struct assay_buffer *out,
                       const struct assay_init_command *init)
{
    struct assay_buffer inner = {0};
    struct assay_slice list = init->sd_req;
    for (uint32_t i = 0; i < init->n_sd_req; i++) {
        fuzz_put_varint(&inner, assay_initpkt_next_sd_req(&list));
    }
    require(list.len == 0);
    fuzz_put_bytes(out, ASSAY_INIT_SD_REQ, assay_buffer_slice(&inner));
    assay_buffer_free(&inner);
}

void fuzz_put_init(struct assay_buffer *out,
                   const struct assay_init_command *init)
{
    const uint32_t number[10] = {[ASSAY_INIT_FW_VERSION] = init->fw_version,
                                 [ASSAY_INIT_HW_VERSION] = init->hw_version,
                                 [ASSAY_INIT_TYPE] = init->type,
                                 [ASSAY_INIT_SD_SIZE] = init->sd_size,
                                 [ASSAY_INIT_BL_SIZE] = init->bl_size,
                                 [ASSAY_INIT_APP_SIZE] = init->app_size,
                                 [ASSAY_INIT_IS_DEBUG] = init->is_debug};
    for (uint32_t field = 1; field < ASSAY_INIT_VALIDATION; field++) {
        if ((init->present >> field & 1u) == 0) {
            continue;
        }
        if (field == ASSAY_INIT_SD_REQ) {
            put_sd_req(out, init);
        } else if (field == ASSAY_INIT_HASH) {
            put_typed(out, field, init->hash_type, init->hash);
        } else {
            fuzz_put_number(out, field, number[field]);
        }
    }
    for (uint32_t i = 0; i < init->n_validations; i++) {
        put_typed(out, ASSAY_INIT_VALIDATION, init->validation[i].type,
                  init->validation[i].bytes);
    }
}

void fuzz_put_packet(struct assay_buffer *out,
                     const struct assay_envelope *envelope)
{
    struct assay_buffer command = {0};
    struct assay_buffer signed_command = {0};
    fuzz_put_number(&command, 1, 1);
    fuzz_put_bytes(&command, 2, envelope->signed_bytes);
    if (envelope->signature.len == 0) {
        fuzz_put_bytes(out, 1, assay_buffer_slice(&command));
    } else {
        fuzz_put_bytes(&signed_command, 1, assay_buffer_slice(&command));
        fuzz_put_number(&signed_command, 2, envelope->signature_type);
        fuzz_put_bytes(&signed_command, 3, envelope->signature);
        fuzz_put_bytes(out, 2, assay_buffer_slice(&signed_command));
    }
    assay_buffer_free(&signed_command);
    assay_buffer_free(&command);
}
