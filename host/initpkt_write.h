/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_INITPKT_WRITE_H
#define ASSAY_HOST_INITPKT_WRITE_H

#include "host/buffer.h"
#include "initpkt/initpkt.h"

/* SoftDevice firmware IDs in the order in which the user gave them. */
struct assay_id_list {
    uint32_t n_ids;
    uint32_t id[ASSAY_SD_REQ_MAX];
};

struct assay_validation_spec {
    enum assay_validation_type type;
    uint8_t signature[ASSAY_SIGNATURE_LEN]; /* wire order; for ECDSA only */
};

/* The content of an init packet to be made; every field is written. */
struct assay_init_spec {
    uint32_t fw_version;
    uint32_t hw_version;
    struct assay_id_list sd_req;
    enum assay_fw_type type;
    uint32_t sd_size;
    uint32_t bl_size;
    uint32_t app_size;
    uint8_t digest[ASSAY_DIGEST_LEN]; /* SHA-256 in its natural order */
    uint32_t is_debug;
    uint32_t n_validations;
    struct assay_validation_spec validation[ASSAY_VALIDATIONS_MAX];
};

/* A signature as it stands in the packet. */
struct assay_wire_signature {
    enum assay_signature_type type;
    uint8_t bytes[ASSAY_SIGNATURE_LEN];
};

/*
 * Append the bytes to be signed: the content of InitCommand.
 * in:  spec within the limits of initpkt.h.
 * ret: ASSAY_MEMORY, ASSAY_OK.
 * mem: as assay_buffer_append.
 * std: dfu-cc.proto: InitCommand, byte for byte as nrfutil 6.1.7 writes it.
 */
ASSAY_MUST_USE enum assay_status assay_initpkt_write_command(
    const struct assay_init_spec *spec, struct assay_buffer *out,
    struct assay_diag *diag);

/*
 * Append the whole init packet.
 * in:  signature NULL: the unsigned form.
 * ret: ASSAY_MEMORY, ASSAY_OK.
 * mem: as assay_buffer_append.
 * std: dfu-cc.proto: Packet, byte for byte as nrfutil 6.1.7 writes it.
 */
ASSAY_MUST_USE enum assay_status assay_initpkt_write_packet(
    const struct assay_init_spec *spec,
    const struct assay_wire_signature *signature, struct assay_buffer *out,
    struct assay_diag *diag);

#endif
