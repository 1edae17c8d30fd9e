/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_LENIENT_H
#define ASSAY_HOST_LENIENT_H

#include "base/slice.h"
#include "initpkt/initpkt.h"

/*
 * The init packet as other readers see it. The strict reader (initpkt/) says
 * whether a packet is right; these two say what is in one that is not:
 * assay_lenient_walk lists every field there is, and assay_nanopb_decode
 * answers as the decoder inside Nordic's bootloader does, whatever that is.
 */

enum assay_message {
    ASSAY_MESSAGE_NONE, /* a field that is no message */
    ASSAY_MESSAGE_PACKET,
    ASSAY_MESSAGE_SIGNED_COMMAND,
    ASSAY_MESSAGE_COMMAND,
    ASSAY_MESSAGE_INIT,
    ASSAY_MESSAGE_RESET,
    ASSAY_MESSAGE_HASH,
    ASSAY_MESSAGE_VALIDATION,
};

#define ASSAY_NODE_NON_MINIMAL 0x001u  /* tag, length or value */
#define ASSAY_NODE_UNKNOWN 0x002u      /* no such field in the message */
#define ASSAY_NODE_DUPLICATE 0x004u    /* stands before, and may stand once */
#define ASSAY_NODE_OUT_OF_ORDER 0x008u /* a higher number stands before */
#define ASSAY_NODE_TRUNCATED 0x010u    /* runs past the end of the message */
#define ASSAY_NODE_WRONG_WIRE_TYPE 0x020u
#define ASSAY_NODE_TRAILING 0x040u   /* behind what belongs in the message */
#define ASSAY_NODE_OVER_LIMIT 0x080u /* too long, too large or too many */
#define ASSAY_NODE_MORE 0x100u       /* and so on: not listed any further */

/*
 * A field. Its bytes are tag_len bytes at off, the tag and for wire type 2
 * the length behind it, then len bytes of content. A node with number 0
 * stands for bytes that cannot be read as a field.
 */
struct assay_node {
    size_t off;
    size_t tag_len;
    size_t len;
    unsigned depth; /* 0 in the outermost message */
    uint32_t number;
    uint32_t wire;
    uint64_t value;            /* of a varint; the length of wire type 2 */
    enum assay_message inside; /* the message the field stands in */
    enum assay_message kind;   /* the message it holds */
    uint32_t flags;
};

#define ASSAY_LENIENT_MAX_NODES 256u

/* n_nodes is at most ASSAY_LENIENT_MAX_NODES + 1: the last one then says
 * ASSAY_NODE_MORE and spans the bytes that are not listed. */
struct assay_walk {
    size_t n_nodes;
    struct assay_node node[ASSAY_LENIENT_MAX_NODES + 1];
};

/*
 * List the fields of an init packet in the order of their bytes, a message
 * in front of its content.
 * in:  packet any bytes.
 * out: *out is replaced.
 * ret: none; it cannot fail.
 * mem: no heap; *out is about 16 KiB and refers to packet by offsets.
 * std: Protocol Buffers encoding; dfu-cc.proto.
 */
void assay_lenient_walk(struct assay_slice packet, struct assay_walk *out);

/*
 * The name of a field in dfu-cc.proto.
 * ret: NULL when the message has no such field.
 */
const char *assay_lenient_field_name(enum assay_message inside,
                                     uint32_t number);

/* The name of a message in dfu-cc.proto; never NULL. */
const char *assay_lenient_message_name(enum assay_message message);

enum assay_nanopb_answer {
    ASSAY_NANOPB_REFUSES,
    ASSAY_NANOPB_ACCEPTS,
};

struct assay_nanopb_validation {
    uint32_t type;
    struct assay_slice bytes;
};

/*
 * What the bootloader works with after decoding. Bits of present are
 * 1 << field number, as in struct assay_init_command.
 */
struct assay_nanopb_init {
    uint32_t present;
    uint32_t fw_version;
    uint32_t hw_version;
    uint32_t type;
    uint32_t sd_size;
    uint32_t bl_size;
    uint32_t app_size;
    uint32_t is_debug; /* the byte stored; any but 0 is true */
    uint32_t hash_type;
    struct assay_slice hash;
    uint32_t n_sd_req;
    uint32_t sd_req[ASSAY_SD_REQ_MAX];
    uint32_t n_validations;
    struct assay_nanopb_validation validation[ASSAY_VALIDATIONS_MAX];
};

struct assay_nanopb {
    enum assay_nanopb_answer answer;
    const char *reason; /* static; of a refusal, otherwise "" */
    size_t reason_off;  /* where in the packet decoding ended */
    uint32_t op_code;   /* decoded and never looked at */
    int is_signed;
    uint32_t signature_type;
    struct assay_slice signature;
    struct assay_slice signed_bytes; /* what the signature must cover */
    struct assay_nanopb_init init;   /* as far as it came, when refused */
};

/*
 * Decode an init packet as the bootloader of nRF5 SDK 15.3 and later does:
 * its nanopb 0.3.6 skips unknown fields, takes the last of several scalars,
 * merges messages, does not look at the wire type of known fields, ends a
 * message at a zero tag, and goes on reading behind it in the message around.
 * Decoding alone: signature, versions and sizes are checked afterwards.
 * in:  packet any bytes.
 * out: *out is replaced.
 * ret: none; out->answer.
 * mem: no heap; *out views packet.
 * std: nRF5 SDK 15.3 to 17.1, nrf_dfu_validation.c and nano-pb, as observed.
 */
void assay_nanopb_decode(struct assay_slice packet, struct assay_nanopb *out);

#endif
