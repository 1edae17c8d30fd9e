/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/initpkt_write.h"

#include "base/bytes.h"

#include "dfu_cc.pb-c.h"

/* The messages of one packet, tied together by set_command. */
struct messages {
    Dfu__BootValidation validation[ASSAY_VALIDATIONS_MAX];
    Dfu__BootValidation *validations[ASSAY_VALIDATIONS_MAX];
    uint8_t digest[ASSAY_DIGEST_LEN];
    uint32_t sd_req[ASSAY_SD_REQ_MAX];
    uint8_t signatures[ASSAY_VALIDATIONS_MAX][ASSAY_SIGNATURE_LEN];
    Dfu__Hash hash;
    Dfu__InitCommand init;
    Dfu__Command command;
};

static void set_validations(struct messages *m,
                            const struct assay_init_spec *spec)
{
    for (uint32_t i = 0; i < spec->n_validations; i++) {
        const struct assay_validation_spec *v = &spec->validation[i];
        Dfu__BootValidation *out = &m->validation[i];
        *out = (Dfu__BootValidation)DFU__BOOT_VALIDATION__INIT;
        out->type = (Dfu__ValidationType)v->type;
        if (v->type == ASSAY_VALIDATE_ECDSA_P256_SHA256) {
            for (size_t k = 0; k < ASSAY_SIGNATURE_LEN; k++) {
                m->signatures[i][k] = v->signature[k];
            }
            out->bytes.data = m->signatures[i];
            out->bytes.len = ASSAY_SIGNATURE_LEN;
        }
        m->validations[i] = out;
    }
    m->init.n_boot_validation = spec->n_validations;
    m->init.boot_validation = m->validations;
}

static void set_command(struct messages *m, const struct assay_init_spec *spec)
{
    m->init = (Dfu__InitCommand)DFU__INIT_COMMAND__INIT;
    m->init.has_fw_version = 1;
    m->init.fw_version = spec->fw_version;
    m->init.has_hw_version = 1;
    m->init.hw_version = spec->hw_version;
    for (uint32_t i = 0; i < spec->sd_req.n_ids; i++) {
        m->sd_req[i] = spec->sd_req.id[i];
    }
    m->init.n_sd_req = spec->sd_req.n_ids;
    m->init.sd_req = m->sd_req;
    m->init.has_type = 1;
    m->init.type = (Dfu__FwType)spec->type;
    m->init.has_sd_size = 1;
    m->init.sd_size = spec->sd_size;
    m->init.has_bl_size = 1;
    m->init.bl_size = spec->bl_size;
    m->init.has_app_size = 1;
    m->init.app_size = spec->app_size;
    m->init.has_is_debug = 1;
    m->init.is_debug = spec->is_debug != 0;
    assay_reverse(m->digest, spec->digest, ASSAY_DIGEST_LEN);
    m->hash = (Dfu__Hash)DFU__HASH__INIT;
    m->hash.hash_type = DFU__HASH_TYPE__SHA256;
    m->hash.hash.data = m->digest;
    m->hash.hash.len = ASSAY_DIGEST_LEN;
    m->init.hash = &m->hash;
    set_validations(m, spec);
    m->command = (Dfu__Command)DFU__COMMAND__INIT;
    m->command.has_op_code = 1;
    m->command.op_code = DFU__OP_CODE__INIT;
    m->command.init = &m->init;
}

static enum assay_status append_message(const ProtobufCMessage *message,
                                        struct assay_buffer *out,
                                        struct assay_diag *diag)
{
    size_t old_len = out->len;
    enum assay_status status = assay_buffer_fill(
        out, 0, protobuf_c_message_get_packed_size(message), diag);
    if (status == ASSAY_OK) {
        (void)protobuf_c_message_pack(message, out->p + old_len);
    }
    return status;
}

enum assay_status assay_initpkt_write_command(
    const struct assay_init_spec *spec, struct assay_buffer *out,
    struct assay_diag *diag)
{
    struct messages m;
    set_command(&m, spec);
    return append_message(&m.init.base, out, diag);
}

enum assay_status assay_initpkt_write_packet(
    const struct assay_init_spec *spec,
    const struct assay_wire_signature *signature, struct assay_buffer *out,
    struct assay_diag *diag)
{
    struct messages m;
    Dfu__Packet packet = DFU__PACKET__INIT;
    Dfu__SignedCommand signed_command = DFU__SIGNED_COMMAND__INIT;
    uint8_t bytes[ASSAY_SIGNATURE_LEN];
    set_command(&m, spec);
    if (signature == NULL) {
        packet.command = &m.command;
    } else {
        for (size_t i = 0; i < sizeof bytes; i++) {
            bytes[i] = signature->bytes[i];
        }
        signed_command.command = &m.command;
        signed_command.signature_type = (Dfu__SignatureType)signature->type;
        signed_command.signature.data = bytes;
        signed_command.signature.len = sizeof bytes;
        packet.signed_command = &signed_command;
    }
    return append_message(&packet.base, out, diag);
}
