/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_INITPKT_INITPKT_H
#define ASSAY_INITPKT_INITPKT_H

#include "base/slice.h"
#include "base/status.h"

/*
 * The strict reader of the init packet of Nordic Secure DFU (the message
 * `Packet` of dfu-cc.proto; byte tables and rules IP-nn in docs/formats.md).
 *
 * A message has one accepted encoding: integers in their shortest form,
 * fields in ascending order, none twice, none unknown, every length exact.
 * The reader passes over the bytes once, first to last, and reports the first
 * fault it meets; a missing field is met where its message ends.
 *
 * It works in two steps so that the caller can check the signature between
 * them: assay_initpkt_open finds signature and signed bytes and interprets
 * nothing else, assay_initpkt_read interprets the signed bytes.
 */

#define ASSAY_PACKET_MAX 512u
#define ASSAY_SIGNATURE_LEN 64u
#define ASSAY_DIGEST_LEN 32u
#define ASSAY_SD_REQ_MAX 16u
#define ASSAY_VALIDATIONS_MAX 3u

enum assay_signature_type {
    ASSAY_SIGNATURE_ECDSA_P256_SHA256 = 0,
    ASSAY_SIGNATURE_ED25519 = 1,
};

/* Of the first four, bit 0 says "has a SoftDevice", bit 1 "a bootloader". */
enum assay_fw_type {
    ASSAY_FW_APPLICATION = 0,
    ASSAY_FW_SOFTDEVICE = 1,
    ASSAY_FW_BOOTLOADER = 2,
    ASSAY_FW_SOFTDEVICE_BOOTLOADER = 3,
    ASSAY_FW_EXTERNAL_APPLICATION = 4,
};

enum assay_hash_type {
    ASSAY_HASH_NONE = 0,
    ASSAY_HASH_CRC = 1,
    ASSAY_HASH_SHA128 = 2,
    ASSAY_HASH_SHA256 = 3,
    ASSAY_HASH_SHA512 = 4,
};

enum assay_validation_type {
    ASSAY_VALIDATE_NONE = 0,
    ASSAY_VALIDATE_CRC = 1,
    ASSAY_VALIDATE_SHA256 = 2,
    ASSAY_VALIDATE_ECDSA_P256_SHA256 = 3,
};

/* Where signature and signed bytes are; everything points into the packet. */
struct assay_envelope {
    struct assay_slice signed_bytes; /* the content of InitCommand */
    struct assay_slice signature;    /* 64 bytes; empty: not signed */
    uint32_t signature_type;         /* enum assay_signature_type */
};

/*@
  predicate signature_len(struct assay_slice s) =
      s.len == 0 || s.len == ASSAY_SIGNATURE_LEN;
*/

struct assay_validation {
    uint32_t type;            /* enum assay_validation_type */
    struct assay_slice bytes; /* 64 for ECDSA, else empty */
};

/* Bits of assay_init_command.present are 1 << field number. */
#define ASSAY_INIT_FW_VERSION 1u
#define ASSAY_INIT_HW_VERSION 2u
#define ASSAY_INIT_SD_REQ 3u
#define ASSAY_INIT_TYPE 4u
#define ASSAY_INIT_SD_SIZE 5u
#define ASSAY_INIT_BL_SIZE 6u
#define ASSAY_INIT_APP_SIZE 7u
#define ASSAY_INIT_HASH 8u
#define ASSAY_INIT_IS_DEBUG 9u
#define ASSAY_INIT_VALIDATION 10u

/* The signed fields; absent ones are zero and empty. */
struct assay_init_command {
    uint32_t present; /* which optional fields the bytes contain */
    uint32_t fw_version;
    uint32_t hw_version;
    uint32_t type; /* enum assay_fw_type */
    uint32_t sd_size;
    uint32_t bl_size;
    uint32_t app_size;
    uint32_t is_debug;
    uint32_t hash_type; /* enum assay_hash_type */
    uint32_t n_sd_req;
    uint32_t n_validations;
    struct assay_slice hash;   /* as on the wire: SHA-256, bytes reversed */
    struct assay_slice sd_req; /* n_sd_req integers, each well-formed */
    struct assay_validation validation[ASSAY_VALIDATIONS_MAX];
};

/*@
  // What holds of *c at all times while signed_bytes are read, fault or not.
  predicate command_within(struct assay_init_command *c,
                           struct assay_slice signed_bytes) =
      slice_within(c->hash, signed_bytes) &&
      slice_within(c->sd_req, signed_bytes) &&
      c->hash.len <= ASSAY_DIGEST_LEN &&
      c->n_sd_req <= ASSAY_SD_REQ_MAX &&
      c->n_validations <= ASSAY_VALIDATIONS_MAX &&
      (\forall integer i; 0 <= i < ASSAY_VALIDATIONS_MAX ==>
           slice_within(c->validation[i].bytes, signed_bytes));
*/

/*
 * Find signature and signed bytes of an init packet.
 * in:  packet, the whole file or object, any length.
 * out: *out, valid only with ASSAY_OK.
 * ret: ASSAY_PACKET_EMPTY, ASSAY_PACKET_TOO_LONG; then the first fault in
 *      reading order: ASSAY_TRUNCATED, ASSAY_VARINT_OVERLONG,
 *      ASSAY_VARINT_RANGE, ASSAY_FIELD_UNKNOWN, ASSAY_FIELD_ORDER,
 *      ASSAY_FIELD_DUPLICATE, ASSAY_FIELD_WIRE_TYPE, ASSAY_FIELD_MISSING,
 *      ASSAY_BOTH_COMMANDS, ASSAY_OP_CODE, ASSAY_SIGNATURE_TYPE_UNKNOWN,
 *      ASSAY_SIGNATURE_LENGTH; ASSAY_OK.
 * ct:  branches on tags, lengths, op code and signature type only.
 * mem: at most 224 bytes of stack; *out views packet.
 * std: dfu-cc.proto: Packet, SignedCommand, Command; Protocol Buffers
 *      encoding, restricted to its canonical form.
 */
/*@
  requires slice_readable(packet) && \valid(out);
  requires \separated(out, packet.p + (0 .. packet.len - 1));
  terminates \true;
  assigns *out;
  ensures slice_within(out->signed_bytes, packet);
  ensures slice_within(out->signature, packet);
  ensures \result == ASSAY_OK ==> 0 < packet.len <= ASSAY_PACKET_MAX;
  ensures signature_len(out->signature);
*/
ASSAY_MUST_USE enum assay_status assay_initpkt_open(struct assay_slice packet,
                                                    struct assay_envelope *out);

/*
 * Interpret the signed bytes of an init packet.
 * in:  signed_bytes as assay_initpkt_open found them.
 * out: *out, valid only with ASSAY_OK.
 * ret: the first fault in reading order: the encoding faults of
 *      assay_initpkt_open, ASSAY_FW_TYPE_UNKNOWN, ASSAY_BOOL_RANGE,
 *      ASSAY_LIST_EMPTY, ASSAY_SD_REQ_COUNT, ASSAY_HASH_TYPE_UNKNOWN,
 *      ASSAY_HASH_LENGTH, ASSAY_VALIDATION_COUNT,
 *      ASSAY_VALIDATION_TYPE_UNKNOWN, ASSAY_VALIDATION_LENGTH; ASSAY_OK.
 * ct:  branches on tags, lengths and the values that its statuses report.
 * mem: at most 224 bytes of stack; *out views signed_bytes.
 * std: dfu-cc.proto: InitCommand, Hash, BootValidation.
 */
/*@
  requires slice_readable(signed_bytes) && \valid(out);
  requires \separated(out, signed_bytes.p + (0 .. signed_bytes.len - 1));
  terminates \true;
  assigns *out;
  ensures command_within(out, signed_bytes);
*/
ASSAY_MUST_USE enum assay_status assay_initpkt_read(
    struct assay_slice signed_bytes, struct assay_init_command *out);

/*
 * Take the next SoftDevice requirement from a list.
 * in:  *list, a copy of assay_init_command.sd_req, advanced by each call;
 *      at most n_sd_req calls.
 * ret: the firmware ID; 0 when the list is at its end.
 * ct:  branches on the bytes of the list.
 * mem: no stack to speak of; advances *list.
 * std: dfu-cc.proto: InitCommand.sd_req, packed.
 */
/*@
  requires \valid(list) && slice_readable(*list);
  terminates \true;
  assigns *list;
  ensures slice_tail(*list, \old(*list));
*/
uint32_t assay_initpkt_next_sd_req(struct assay_slice *list);

#endif
