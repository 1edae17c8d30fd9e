/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_FUZZ_ENCODE_H
#define ASSAY_FUZZ_ENCODE_H

#include "host/buffer.h"
#include "initpkt/initpkt.h"

/*
 * Writes init packets from what the strict reader found in them, field by
 * field and absent fields left out: what was read must come out again. Not
 * the product's writer, which always writes every field.
 */
void fuzz_put_varint(struct assay_buffer *out, uint64_t value);
void fuzz_put_number(struct assay_buffer *out, uint32_t field, uint64_t value);
void fuzz_put_bytes(struct assay_buffer *out, uint32_t field,
                    struct assay_slice bytes);

/* The content of InitCommand. */
void fuzz_put_init(struct assay_buffer *out,
                   const struct assay_init_command *init);

/* The whole packet. */
void fuzz_put_packet(struct assay_buffer *out,
                     const struct assay_envelope *envelope);

#endif
