/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "initpkt/initpkt.h"

/*
 * Protocol Buffers as this reader sees them: a message is a row of fields,
 * each a tag (field number << 3 | wire type) and a value, which is a varint
 * (wire type 0) or a length and that many bytes (wire type 2). Every message
 * is described by one struct shape; take_field enforces it.
 *
 * Invariant of struct reader: rest lies inside the message, and every byte in
 * front of it was accepted.
 */

#define WIRE_VARINT 0u
#define WIRE_BYTES 2u

/* Bit n stands for field number n. */
struct shape {
    uint16_t known;
    uint16_t bytes; /* those with wire type 2; the others are varints */
    uint16_t required;
    uint16_t repeated;
};

struct reader {
    struct assay_slice rest;
    uint32_t last; /* the number of the field taken last, 0 at the start */
    uint32_t seen; /* bit n: field n was taken */
};

struct field {
    uint32_t number;
    uint32_t value;           /* of a varint */
    struct assay_slice bytes; /* of wire type 2 */
};

#define BIT(n) (1u << (n))

#define PACKET_COMMAND 1u
#define PACKET_SIGNED_COMMAND 2u
static const struct shape PACKET = {
    .known = BIT(PACKET_COMMAND) | BIT(PACKET_SIGNED_COMMAND),
    .bytes = BIT(PACKET_COMMAND) | BIT(PACKET_SIGNED_COMMAND),
};

#define SIGNED_COMMAND 1u
#define SIGNED_TYPE 2u
#define SIGNED_SIGNATURE 3u
static const struct shape SIGNED = {
    .known = BIT(SIGNED_COMMAND) | BIT(SIGNED_TYPE) | BIT(SIGNED_SIGNATURE),
    .bytes = BIT(SIGNED_COMMAND) | BIT(SIGNED_SIGNATURE),
    .required = BIT(SIGNED_COMMAND) | BIT(SIGNED_TYPE) | BIT(SIGNED_SIGNATURE),
};

/*
 * ResetCommand (field 3) is unknown on purpose: init is then the last field
 * of a Command, so the bytes a target hashes (from the content of init to the
 * end of Command) are the bytes it interprets.
 */
#define COMMAND_OP_CODE 1u
#define COMMAND_INIT 2u
#define OP_CODE_INIT 1u
static const struct shape COMMAND = {
    .known = BIT(COMMAND_OP_CODE) | BIT(COMMAND_INIT),
    .bytes = BIT(COMMAND_INIT),
    .required = BIT(COMMAND_OP_CODE) | BIT(COMMAND_INIT),
};

static const struct shape INIT = {
    .known = 0x07FE, /* 1 to 10 */
    .bytes = BIT(ASSAY_INIT_SD_REQ) | BIT(ASSAY_INIT_HASH) |
             BIT(ASSAY_INIT_VALIDATION),
    .repeated = BIT(ASSAY_INIT_VALIDATION),
};

/* Hash and BootValidation have the same shape: a type and its bytes. */
#define TYPED_TYPE 1u
#define TYPED_BYTES 2u
static const struct shape TYPED = {
    .known = BIT(TYPED_TYPE) | BIT(TYPED_BYTES),
    .bytes = BIT(TYPED_BYTES),
    .required = BIT(TYPED_TYPE) | BIT(TYPED_BYTES),
};

/*@
  predicate bit_of(integer bits, integer n) = ((bits >> n) & 1) == 1;

  // What is left to read of message.
  predicate rest_of(struct assay_slice rest, struct assay_slice message) =
      slice_tail(rest, message) && slice_readable(rest);
*/

/*@
  requires number < 32;
  terminates \true;
  assigns \nothing;
  ensures \result == ((set >> number) & 1);
  ensures \result == 0 || \result == 1;
*/
static uint32_t has_bit(uint16_t set, uint32_t number)
{
    return (uint32_t)set >> number & 1u;
}

/*
 * Take a varint of at most 32 bits: 7 bits a byte, low group first, so the
 * fifth byte carries bits 28 to 31 and must be below 16. A last byte of zero
 * behind others adds nothing: the encoding is not the shortest.
 */
/*@
  requires \valid(rest) && \valid(value) && \separated(rest, value);
  requires slice_readable(*rest);
  terminates \true;
  assigns *rest, *value;
  ensures slice_tail(*rest, \old(*rest)) && slice_readable(*rest);
  ensures \result == ASSAY_OK ==> rest->len < \old(rest->len);
*/
static enum assay_status take_varint(struct assay_slice *rest, uint32_t *value)
{
    uint32_t v = 0;
    /*@
      loop invariant shift % 7 == 0 && shift <= 35;
      loop invariant slice_tail(*rest, \at(*rest, Pre));
      loop invariant slice_readable(*rest);
      loop invariant shift == 7 * (\at(rest->len, Pre) - rest->len);
      loop assigns shift, v, *rest, *value;
      loop variant 35 - shift;
    */
    for (uint32_t shift = 0; shift <= 28; shift += 7) {
        if (rest->len == 0) {
            return ASSAY_TRUNCATED;
        }
        uint32_t b = rest->p[0];
        *rest = assay_slice_sub(*rest, 1, rest->len - 1);
        if (shift == 28 && b > 15) {
            return ASSAY_VARINT_RANGE;
        }
        v |= (b & 0x7Fu) << shift;
        if (b == 0 && shift != 0) {
            return ASSAY_VARINT_OVERLONG;
        }
        if (b < 0x80u) {
            *value = v;
            return ASSAY_OK;
        }
    }
    return ASSAY_VARINT_RANGE;
}

/*@
  requires \valid(r) && \valid(f) && \valid_read(shape);
  requires \separated(r, f) && \separated(r, shape) && \separated(f, shape);
  requires slice_readable(r->rest);
  terminates \true;
  assigns *r, f->number;
  ensures slice_tail(r->rest, \old(r->rest)) && slice_readable(r->rest);
  ensures \result == ASSAY_OK ==> r->rest.len < \old(r->rest.len);
  ensures \result == ASSAY_OK ==>
      f->number <= 15 && bit_of(shape->known, f->number);
*/
static enum assay_status take_tag(struct reader *r, const struct shape *shape,
                                  struct field *f)
{
    uint32_t tag;
    enum assay_status status = take_varint(&r->rest, &tag);
    if (status != ASSAY_OK) {
        return status;
    }
    uint32_t number = tag >> 3;
    if (number > 15 || has_bit(shape->known, number) == 0) {
        return ASSAY_FIELD_UNKNOWN;
    }
    if (number < r->last) {
        return ASSAY_FIELD_ORDER;
    }
    if (number == r->last && has_bit(shape->repeated, number) == 0) {
        return ASSAY_FIELD_DUPLICATE;
    }
    uint32_t wire = has_bit(shape->bytes, number) ? WIRE_BYTES : WIRE_VARINT;
    if ((tag & 7u) != wire) {
        return ASSAY_FIELD_WIRE_TYPE;
    }
    r->last = number;
    r->seen |= BIT(number);
    f->number = number;
    return ASSAY_OK;
}

/* Take one field; in: r->rest is not empty. */
/*@
  requires \valid(r) && \valid(f) && \valid_read(shape);
  requires \separated(r, f) && \separated(r, shape) && \separated(f, shape);
  requires slice_readable(r->rest);
  terminates \true;
  assigns *r, *f;
  ensures slice_tail(r->rest, \old(r->rest));
  ensures slice_readable(r->rest);
  ensures \result == ASSAY_OK ==> r->rest.len < \old(r->rest.len);
  ensures \result == ASSAY_OK ==> bit_of(shape->known, f->number);
  ensures \result == ASSAY_OK && bit_of(shape->bytes, f->number) ==>
      slice_within(f->bytes, \old(r->rest)) && slice_readable(f->bytes);
*/
static enum assay_status take_field(struct reader *r, const struct shape *shape,
                                    struct field *f)
{
    enum assay_status status = take_tag(r, shape, f);
    if (status != ASSAY_OK) {
        return status;
    }
    status = take_varint(&r->rest, &f->value);
    /*@ assert slice_tail(r->rest, \at(r->rest, Pre)); */
    if (status != ASSAY_OK || has_bit(shape->bytes, f->number) == 0) {
        return status;
    }
    if (f->value > r->rest.len) {
        return ASSAY_TRUNCATED;
    }
    f->bytes = assay_slice_sub(r->rest, 0, f->value);
    r->rest = assay_slice_sub(r->rest, f->value, r->rest.len - f->value);
    /*@ assert slice_tail(r->rest, \at(r->rest, Pre)); */
    return ASSAY_OK;
}

/*@
  requires \valid_read(r) && \valid_read(shape);
  terminates \true;
  assigns \nothing;
*/
static enum assay_status end_message(const struct reader *r,
                                     const struct shape *shape)
{
    if ((r->seen & shape->required) != shape->required) {
        return ASSAY_FIELD_MISSING;
    }
    return ASSAY_OK;
}

/*@
  requires slice_readable(in) && \valid(out);
  terminates \true;
  assigns out->signed_bytes;
  ensures slice_within(out->signed_bytes, in) ||
          out->signed_bytes == \old(out->signed_bytes);
*/
static enum assay_status open_command(struct assay_slice in,
                                      struct assay_envelope *out)
{
    struct reader r = {.rest = in};
    struct field f;
    /*@
      loop invariant rest_of(r.rest, in);
      loop invariant slice_within(out->signed_bytes, in) ||
                     out->signed_bytes == \at(out->signed_bytes, Pre);
      loop assigns r, f, out->signed_bytes;
      loop variant r.rest.len;
    */
    while (r.rest.len != 0) {
        enum assay_status status = take_field(&r, &COMMAND, &f);
        if (status != ASSAY_OK) {
            return status;
        }
        if (f.number == COMMAND_INIT) {
            out->signed_bytes = f.bytes;
        } else if (f.value != OP_CODE_INIT) {
            return ASSAY_OP_CODE;
        }
    }
    return end_message(&r, &COMMAND);
}

/*@
  requires slice_readable(in) && \valid(out);
  terminates \true;
  assigns *out;
  ensures slice_within(out->signed_bytes, in) ||
          out->signed_bytes == \old(out->signed_bytes);
  ensures (slice_within(out->signature, in) && signature_len(out->signature)) ||
          out->signature == \old(out->signature);
*/
static enum assay_status open_signed(struct assay_slice in,
                                     struct assay_envelope *out)
{
    struct reader r = {.rest = in};
    struct field f;
    /*@
      loop invariant rest_of(r.rest, in);
      loop invariant slice_within(out->signed_bytes, in) ||
                     out->signed_bytes == \at(out->signed_bytes, Pre);
      loop invariant (slice_within(out->signature, in) &&
                      signature_len(out->signature)) ||
                     out->signature == \at(out->signature, Pre);
      loop assigns r, f, *out;
      loop variant r.rest.len;
    */
    while (r.rest.len != 0) {
        enum assay_status status = take_field(&r, &SIGNED, &f);
        if (status == ASSAY_OK && f.number == SIGNED_COMMAND) {
            status = open_command(f.bytes, out);
        }
        if (status != ASSAY_OK) {
            return status;
        }
        if (f.number == SIGNED_TYPE) {
            if (f.value > ASSAY_SIGNATURE_ED25519) {
                return ASSAY_SIGNATURE_TYPE_UNKNOWN;
            }
            out->signature_type = f.value;
        }
        if (f.number == SIGNED_SIGNATURE) {
            if (f.bytes.len != ASSAY_SIGNATURE_LEN) {
                return ASSAY_SIGNATURE_LENGTH;
            }
            out->signature = f.bytes;
        }
    }
    return end_message(&r, &SIGNED);
}

/*@
  requires slice_readable(packet) && \valid(out);
  requires out->signed_bytes.len == 0 && out->signature.len == 0;
  terminates \true;
  assigns *out;
  ensures slice_within(out->signed_bytes, packet);
  ensures slice_within(out->signature, packet);
  ensures signature_len(out->signature);
*/
static enum assay_status open_packet(struct assay_slice packet,
                                     struct assay_envelope *out)
{
    struct reader r = {.rest = packet};
    struct field f;
    /*@
      loop invariant rest_of(r.rest, packet);
      loop invariant slice_within(out->signed_bytes, packet);
      loop invariant slice_within(out->signature, packet);
      loop invariant signature_len(out->signature);
      loop assigns r, f, *out;
      loop variant r.rest.len;
    */
    while (r.rest.len != 0) {
        enum assay_status status = take_field(&r, &PACKET, &f);
        if (status == ASSAY_OK && (r.seen & PACKET.known) == PACKET.known) {
            return ASSAY_BOTH_COMMANDS;
        }
        if (status == ASSAY_OK && f.number == PACKET_COMMAND) {
            status = open_command(f.bytes, out);
        } else if (status == ASSAY_OK) {
            status = open_signed(f.bytes, out);
        }
        if (status != ASSAY_OK) {
            return status;
        }
    }
    return end_message(&r, &PACKET);
}

enum assay_status assay_initpkt_open(struct assay_slice packet,
                                     struct assay_envelope *out)
{
    out->signed_bytes = assay_slice(packet.p, 0);
    out->signature = assay_slice(packet.p, 0);
    out->signature_type = 0;
    if (packet.len == 0) {
        return ASSAY_PACKET_EMPTY;
    }
    if (packet.len > ASSAY_PACKET_MAX) {
        return ASSAY_PACKET_TOO_LONG;
    }
    return open_packet(packet, out);
}

/* A packed list; out: the number of integers in it. */
/*@
  requires slice_readable(list) && \valid(n);
  terminates \true;
  assigns *n;
  ensures *n <= ASSAY_SD_REQ_MAX || *n == \old(*n);
*/
static enum assay_status read_sd_req(struct assay_slice list, uint32_t *n)
{
    uint32_t count = 0;
    if (list.len == 0) {
        return ASSAY_LIST_EMPTY;
    }
    /*@
      loop invariant rest_of(list, \at(list, Pre));
      loop invariant count <= ASSAY_SD_REQ_MAX;
      loop assigns list, count;
      loop variant list.len;
    */
    while (list.len != 0) {
        uint32_t id;
        enum assay_status status = take_varint(&list, &id);
        if (status != ASSAY_OK) {
            return status;
        }
        if (count == ASSAY_SD_REQ_MAX) {
            return ASSAY_SD_REQ_COUNT;
        }
        count++;
    }
    *n = count;
    return ASSAY_OK;
}

/*
 * Hash or BootValidation. The fault of an unknown type comes where the type
 * stands, before the bytes behind it are looked at.
 */
/*@
  requires slice_readable(in) && \valid(out);
  terminates \true;
  assigns *out;
  ensures slice_within(out->bytes, in) || out->bytes == \old(out->bytes);
*/
static enum assay_status read_typed(struct assay_slice in, uint32_t max_type,
                                    enum assay_status unknown_type,
                                    struct assay_validation *out)
{
    struct reader r = {.rest = in};
    struct field f;
    /*@
      loop invariant rest_of(r.rest, in);
      loop invariant slice_within(out->bytes, in) ||
                     out->bytes == \at(out->bytes, Pre);
      loop assigns r, f, *out;
      loop variant r.rest.len;
    */
    while (r.rest.len != 0) {
        enum assay_status status = take_field(&r, &TYPED, &f);
        if (status != ASSAY_OK) {
            return status;
        }
        if (f.number == TYPED_BYTES) {
            out->bytes = f.bytes;
        } else if (f.value > max_type) {
            return unknown_type;
        } else {
            out->type = f.value;
        }
    }
    return end_message(&r, &TYPED);
}

/* Digests other than SHA-256 are refused later, by name; they only must fit. */
/*@
  requires slice_readable(in) && \valid(out);
  terminates \true;
  assigns out->hash_type, out->hash;
  ensures slice_within(out->hash, in) || out->hash == \old(out->hash);
  ensures out->hash.len <= ASSAY_DIGEST_LEN || out->hash == \old(out->hash);
*/
static enum assay_status read_hash(struct assay_slice in,
                                   struct assay_init_command *out)
{
    struct assay_validation hash = {.type = 0};
    enum assay_status status =
        read_typed(in, ASSAY_HASH_SHA512, ASSAY_HASH_TYPE_UNKNOWN, &hash);
    if (status != ASSAY_OK) {
        return status;
    }
    if (hash.bytes.len > ASSAY_DIGEST_LEN ||
        (hash.type == ASSAY_HASH_SHA256 &&
         hash.bytes.len != ASSAY_DIGEST_LEN)) {
        return ASSAY_HASH_LENGTH;
    }
    out->hash_type = hash.type;
    out->hash = hash.bytes;
    return ASSAY_OK;
}

/*@
  requires slice_readable(in) && \valid(out);
  requires out->n_validations <= ASSAY_VALIDATIONS_MAX;
  terminates \true;
  assigns out->n_validations, out->validation[0 .. ASSAY_VALIDATIONS_MAX - 1];
  ensures out->n_validations <= ASSAY_VALIDATIONS_MAX;
  ensures \forall integer i; 0 <= i < ASSAY_VALIDATIONS_MAX ==>
              slice_within(out->validation[i].bytes, in) ||
              out->validation[i].bytes == \old(out->validation[i].bytes);
*/
static enum assay_status read_validation(struct assay_slice in,
                                         struct assay_init_command *out)
{
    if (out->n_validations == ASSAY_VALIDATIONS_MAX) {
        return ASSAY_VALIDATION_COUNT;
    }
    struct assay_validation *v = &out->validation[out->n_validations];
    enum assay_status status = read_typed(in, ASSAY_VALIDATE_ECDSA_P256_SHA256,
                                          ASSAY_VALIDATION_TYPE_UNKNOWN, v);
    if (status != ASSAY_OK) {
        return status;
    }
    size_t want =
        v->type == ASSAY_VALIDATE_ECDSA_P256_SHA256 ? ASSAY_SIGNATURE_LEN : 0;
    if (v->bytes.len != want) {
        return ASSAY_VALIDATION_LENGTH;
    }
    out->n_validations++;
    return ASSAY_OK;
}

/*@
  predicate field_holds(struct assay_slice part, struct field f) =
      bit_of(INIT.bytes, f.number) && slice_within(part, f.bytes);
*/
/*@
  requires \valid_read(f) && \valid(out) && \separated(f, out);
  requires bit_of(INIT.bytes, f->number) ==> slice_readable(f->bytes);
  requires out->n_validations <= ASSAY_VALIDATIONS_MAX;
  terminates \true;
  assigns *out;
  ensures field_holds(out->hash, \old(*f)) || out->hash == \old(out->hash);
  ensures out->hash.len <= ASSAY_DIGEST_LEN || out->hash == \old(out->hash);
  ensures field_holds(out->sd_req, \old(*f)) ||
          out->sd_req == \old(out->sd_req);
  ensures out->n_sd_req <= ASSAY_SD_REQ_MAX ||
          out->n_sd_req == \old(out->n_sd_req);
  ensures out->n_validations <= ASSAY_VALIDATIONS_MAX;
  ensures \forall integer i; 0 <= i < ASSAY_VALIDATIONS_MAX ==>
      field_holds(out->validation[i].bytes, \old(*f)) ||
      out->validation[i].bytes == \old(out->validation[i].bytes);
*/
static enum assay_status read_field(const struct field *f,
                                    struct assay_init_command *out)
{
    switch (f->number) {
    case ASSAY_INIT_FW_VERSION:
        out->fw_version = f->value;
        return ASSAY_OK;
    case ASSAY_INIT_HW_VERSION:
        out->hw_version = f->value;
        return ASSAY_OK;
    case ASSAY_INIT_SD_REQ:
        out->sd_req = f->bytes;
        return read_sd_req(f->bytes, &out->n_sd_req);
    case ASSAY_INIT_TYPE:
        out->type = f->value;
        return f->value > ASSAY_FW_EXTERNAL_APPLICATION ? ASSAY_FW_TYPE_UNKNOWN
                                                        : ASSAY_OK;
    case ASSAY_INIT_SD_SIZE:
        out->sd_size = f->value;
        return ASSAY_OK;
    case ASSAY_INIT_BL_SIZE:
        out->bl_size = f->value;
        return ASSAY_OK;
    case ASSAY_INIT_APP_SIZE:
        out->app_size = f->value;
        return ASSAY_OK;
    case ASSAY_INIT_HASH:
        return read_hash(f->bytes, out);
    case ASSAY_INIT_IS_DEBUG:
        out->is_debug = f->value;
        return f->value > 1 ? ASSAY_BOOL_RANGE : ASSAY_OK;
    case ASSAY_INIT_VALIDATION:
        return read_validation(f->bytes, out);
    default:
        return ASSAY_FIELD_UNKNOWN;
    }
}

/* Field by field: a struct assignment would become a call of memset. */
/*@
  requires \valid(out);
  terminates \true;
  assigns *out;
  ensures out->n_sd_req == 0 && out->n_validations == 0;
  ensures out->hash.len == 0 && out->sd_req.len == 0;
  ensures \forall integer i; 0 <= i < ASSAY_VALIDATIONS_MAX ==>
              out->validation[i].bytes.len == 0;
*/
static void clear(struct assay_init_command *out)
{
    const struct assay_slice empty = {.p = 0, .len = 0};
    out->present = 0;
    out->fw_version = 0;
    out->hw_version = 0;
    out->type = 0;
    out->sd_size = 0;
    out->bl_size = 0;
    out->app_size = 0;
    out->is_debug = 0;
    out->hash_type = 0;
    out->n_sd_req = 0;
    out->n_validations = 0;
    out->hash = empty;
    out->sd_req = empty;
    /*@
      loop invariant i <= ASSAY_VALIDATIONS_MAX;
      loop invariant \forall integer k; 0 <= k < i ==>
                         out->validation[k].bytes.len == 0;
      loop assigns i, out->validation[0 .. ASSAY_VALIDATIONS_MAX - 1];
      loop variant ASSAY_VALIDATIONS_MAX - i;
    */
    for (uint32_t i = 0; i < ASSAY_VALIDATIONS_MAX; i++) {
        out->validation[i].type = 0;
        out->validation[i].bytes = empty;
    }
}

enum assay_status assay_initpkt_read(struct assay_slice signed_bytes,
                                     struct assay_init_command *out)
{
    struct reader r = {.rest = signed_bytes};
    struct field f;
    clear(out);
    /*@
      loop invariant rest_of(r.rest, signed_bytes);
      loop invariant command_within(out, signed_bytes);
      loop assigns r, f, *out;
      loop variant r.rest.len;
    */
    while (r.rest.len != 0) {
        enum assay_status status = take_field(&r, &INIT, &f);
        if (status == ASSAY_OK) {
            status = read_field(&f, out);
        }
        if (status != ASSAY_OK) {
            return status;
        }
    }
    out->present = r.seen;
    return ASSAY_OK;
}

uint32_t assay_initpkt_next_sd_req(struct assay_slice *list)
{
    uint32_t id = 0;
    return take_varint(list, &id) == ASSAY_OK ? id : 0;
}
