/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/lenient.h"

#include <string.h>

/*
 * One table describes every message; the walk and the decoder share it. Both
 * keep the open messages on a stack of fixed height: dfu-cc.proto nests five
 * messages at most, and content of unknown fields is never entered.
 */

enum field_type {
    TYPE_UINT32,
    TYPE_ENUM, /* one byte in the bootloader */
    TYPE_BOOL,
    TYPE_BYTES,
    TYPE_MESSAGE,
    TYPE_LIST, /* of uint32, packed */
};

struct field_rule {
    enum assay_message inside;
    uint32_t number;
    const char *name;
    enum field_type type;
    enum assay_message kind; /* of TYPE_MESSAGE */
    uint32_t limit;          /* bytes, entries of a list, or repetitions */
    uint32_t required;       /* 1: nanopb refuses the message without it */
};

#define HASH_MAX 32u
#define REPEATED_FIELD(rule) ((rule)->kind == ASSAY_MESSAGE_VALIDATION)

static const struct field_rule RULES[] = {
    {ASSAY_MESSAGE_PACKET, 1, "command", TYPE_MESSAGE, ASSAY_MESSAGE_COMMAND, 0,
     0},
    {ASSAY_MESSAGE_PACKET, 2, "signed_command", TYPE_MESSAGE,
     ASSAY_MESSAGE_SIGNED_COMMAND, 0, 0},
    {ASSAY_MESSAGE_SIGNED_COMMAND, 1, "command", TYPE_MESSAGE,
     ASSAY_MESSAGE_COMMAND, 0, 1},
    {ASSAY_MESSAGE_SIGNED_COMMAND, 2, "signature_type", TYPE_ENUM,
     ASSAY_MESSAGE_NONE, 0, 1},
    {ASSAY_MESSAGE_SIGNED_COMMAND, 3, "signature", TYPE_BYTES,
     ASSAY_MESSAGE_NONE, ASSAY_SIGNATURE_LEN, 1},
    {ASSAY_MESSAGE_COMMAND, 1, "op_code", TYPE_ENUM, ASSAY_MESSAGE_NONE, 0, 0},
    {ASSAY_MESSAGE_COMMAND, 2, "init", TYPE_MESSAGE, ASSAY_MESSAGE_INIT, 0, 0},
    {ASSAY_MESSAGE_COMMAND, 3, "reset", TYPE_MESSAGE, ASSAY_MESSAGE_RESET, 0,
     0},
    {ASSAY_MESSAGE_RESET, 1, "timeout", TYPE_UINT32, ASSAY_MESSAGE_NONE, 0, 0},
    {ASSAY_MESSAGE_INIT, 1, "fw_version", TYPE_UINT32, ASSAY_MESSAGE_NONE, 0,
     0},
    {ASSAY_MESSAGE_INIT, 2, "hw_version", TYPE_UINT32, ASSAY_MESSAGE_NONE, 0,
     0},
    {ASSAY_MESSAGE_INIT, 3, "sd_req", TYPE_LIST, ASSAY_MESSAGE_NONE,
     ASSAY_SD_REQ_MAX, 0},
    {ASSAY_MESSAGE_INIT, 4, "type", TYPE_ENUM, ASSAY_MESSAGE_NONE, 0, 0},
    {ASSAY_MESSAGE_INIT, 5, "sd_size", TYPE_UINT32, ASSAY_MESSAGE_NONE, 0, 0},
    {ASSAY_MESSAGE_INIT, 6, "bl_size", TYPE_UINT32, ASSAY_MESSAGE_NONE, 0, 0},
    {ASSAY_MESSAGE_INIT, 7, "app_size", TYPE_UINT32, ASSAY_MESSAGE_NONE, 0, 0},
    {ASSAY_MESSAGE_INIT, 8, "hash", TYPE_MESSAGE, ASSAY_MESSAGE_HASH, 0, 0},
    {ASSAY_MESSAGE_INIT, 9, "is_debug", TYPE_BOOL, ASSAY_MESSAGE_NONE, 0, 0},
    {ASSAY_MESSAGE_INIT, 10, "boot_validation", TYPE_MESSAGE,
     ASSAY_MESSAGE_VALIDATION, ASSAY_VALIDATIONS_MAX, 0},
    {ASSAY_MESSAGE_HASH, 1, "hash_type", TYPE_ENUM, ASSAY_MESSAGE_NONE, 0, 1},
    {ASSAY_MESSAGE_HASH, 2, "hash", TYPE_BYTES, ASSAY_MESSAGE_NONE, HASH_MAX,
     1},
    {ASSAY_MESSAGE_VALIDATION, 1, "type", TYPE_ENUM, ASSAY_MESSAGE_NONE, 0, 1},
    {ASSAY_MESSAGE_VALIDATION, 2, "bytes", TYPE_BYTES, ASSAY_MESSAGE_NONE,
     ASSAY_SIGNATURE_LEN, 1},
};

enum { N_RULES = sizeof RULES / sizeof RULES[0] };

static const struct field_rule *rule_of(enum assay_message inside,
                                        uint32_t number)
{
    for (size_t i = 0; i < N_RULES; i++) {
        if (RULES[i].inside == inside && RULES[i].number == number) {
            return &RULES[i];
        }
    }
    return NULL;
}

const char *assay_lenient_field_name(enum assay_message inside, uint32_t number)
{
    const struct field_rule *rule = rule_of(inside, number);
    return rule == NULL ? NULL : rule->name;
}

const char *assay_lenient_message_name(enum assay_message message)
{
    static const char *const NAMES[] = {
        "none",        "Packet",       "SignedCommand", "Command",
        "InitCommand", "ResetCommand", "Hash",          "BootValidation"};
    return NAMES[message];
}

#define WIRE_VARINT 0u
#define WIRE_64 1u
#define WIRE_BYTES 2u
#define WIRE_32 5u

/* --- The walk ------------------------------------------------------------ */

struct open_message {
    enum assay_message kind;
    size_t end;
    uint32_t last; /* the highest field number so far */
    uint32_t seen; /* bit n: field n was there; for numbers below 32 */
    uint32_t n_listed;
    uint32_t n_validations;
};

struct walker {
    struct assay_slice in;
    size_t pos;
    struct open_message stack[5];
    unsigned depth; /* the innermost open message is stack[depth] */
    struct assay_walk *out;
};

enum varint_fault {
    VARINT_OK,
    VARINT_NON_MINIMAL,
    VARINT_BAD, /* past the end, or more than 64 bits */
};

/* *pos moves behind the varint, or to end when it is bad. */
static enum varint_fault walk_varint(struct assay_slice in, size_t *pos,
                                     size_t end, uint64_t *value)
{
    size_t start = *pos;
    *value = 0;
    for (unsigned shift = 0; shift < 70 && *pos < end; shift += 7) {
        uint8_t b = in.p[(*pos)++];
        if (shift < 63 || b < 2) {
            *value |= (uint64_t)(b & 0x7F) << shift;
        } else {
            break;
        }
        if (b < 0x80) {
            return b == 0 && *pos - start > 1 ? VARINT_NON_MINIMAL : VARINT_OK;
        }
    }
    *pos = end;
    return VARINT_BAD;
}

static void emit(struct walker *w, const struct assay_node *node)
{
    if (w->out->n_nodes < ASSAY_LENIENT_MAX_NODES) {
        w->out->node[w->out->n_nodes++] = *node;
        return;
    }
    struct assay_node more = {.off = node->off,
                              .len = w->in.len - node->off,
                              .depth = node->depth,
                              .inside = node->inside,
                              .flags = ASSAY_NODE_MORE};
    w->out->node[w->out->n_nodes++] = more;
    w->depth = 0;
    w->pos = w->in.len;
    w->stack[0].end = w->in.len;
}

/* Bytes from node->off to the end of the message that are no field. */
static void emit_rest(struct walker *w, struct assay_node *node, uint32_t flag)
{
    node->number = 0;
    node->tag_len = 0;
    node->len = w->stack[w->depth].end - node->off;
    node->flags |= flag;
    w->pos = w->stack[w->depth].end;
    emit(w, node);
}

static uint32_t count_list(struct assay_slice in, size_t pos, size_t end)
{
    uint32_t n = 0;
    uint64_t value;
    while (pos < end && walk_varint(in, &pos, end, &value) != VARINT_BAD) {
        n++;
    }
    return n;
}

static uint32_t limit_flag(struct walker *w, const struct field_rule *rule,
                           const struct assay_node *node)
{
    struct open_message *m = &w->stack[w->depth];
    uint64_t amount = node->value;
    switch (rule->type) {
    case TYPE_BYTES:
        return amount > rule->limit ? ASSAY_NODE_OVER_LIMIT : 0;
    case TYPE_LIST:
        m->n_listed += node->wire == WIRE_BYTES
                           ? count_list(w->in, w->pos, w->pos + node->len)
                           : 1;
        if (node->wire != WIRE_BYTES && amount > UINT32_MAX) {
            return ASSAY_NODE_OVER_LIMIT;
        }
        return m->n_listed > rule->limit ? ASSAY_NODE_OVER_LIMIT : 0;
    case TYPE_MESSAGE:
        if (!REPEATED_FIELD(rule)) {
            return 0;
        }
        m->n_validations++;
        return m->n_validations > rule->limit ? ASSAY_NODE_OVER_LIMIT : 0;
    case TYPE_UINT32:
    case TYPE_ENUM:
    case TYPE_BOOL:
        break;
    }
    return amount > UINT32_MAX ? ASSAY_NODE_OVER_LIMIT : 0;
}

static uint32_t order_flags(struct open_message *m,
                            const struct field_rule *rule, uint32_t number)
{
    uint32_t flags = 0;
    uint32_t bit = number < 32 ? (uint32_t)1 << number : 0;
    if (rule != NULL && (m->seen & bit) != 0 && !REPEATED_FIELD(rule)) {
        flags |= ASSAY_NODE_DUPLICATE;
    }
    if (number < m->last) {
        flags |= ASSAY_NODE_OUT_OF_ORDER;
    }
    if (m->kind == ASSAY_MESSAGE_COMMAND && (m->seen & 4u) != 0) {
        flags |= ASSAY_NODE_TRAILING;
    }
    m->seen |= bit;
    m->last = number > m->last ? number : m->last;
    return flags;
}

/* The value or the length; ret: 0 when the wire type has no length. */
static int walk_content(struct walker *w, struct assay_node *node)
{
    size_t end = w->stack[w->depth].end;
    enum varint_fault fault = VARINT_OK;
    size_t start = w->pos;
    uint64_t len = 0;
    switch (node->wire) {
    case WIRE_VARINT:
        fault = walk_varint(w->in, &w->pos, end, &node->value);
        len = w->pos - start;
        w->pos = start;
        break;
    case WIRE_BYTES:
        fault = walk_varint(w->in, &w->pos, end, &node->value);
        node->tag_len += w->pos - start;
        len = node->value;
        break;
    case WIRE_64:
        len = 8;
        break;
    case WIRE_32:
        len = 4;
        break;
    default:
        return 0;
    }
    if (fault == VARINT_NON_MINIMAL) {
        node->flags |= ASSAY_NODE_NON_MINIMAL;
    }
    if (fault == VARINT_BAD || len > end - w->pos) {
        node->flags |= ASSAY_NODE_TRUNCATED;
        len = end - w->pos;
    }
    node->len = (size_t)len;
    return 1;
}

static void walk_known(struct walker *w, const struct field_rule *rule,
                       struct assay_node *node)
{
    int is_bytes = rule->type == TYPE_BYTES || rule->type == TYPE_MESSAGE ||
                   rule->type == TYPE_LIST;
    uint32_t wire = is_bytes ? WIRE_BYTES : WIRE_VARINT;
    if (node->wire != wire) {
        node->flags |= ASSAY_NODE_WRONG_WIRE_TYPE;
    }
    node->flags |= limit_flag(w, rule, node);
    if (rule->type == TYPE_MESSAGE && node->wire == WIRE_BYTES) {
        node->kind = rule->kind;
    }
}

static void walk_field(struct walker *w)
{
    struct open_message *m = &w->stack[w->depth];
    struct assay_node node = {
        .off = w->pos, .depth = w->depth, .inside = m->kind};
    uint64_t tag;
    enum varint_fault fault = walk_varint(w->in, &w->pos, m->end, &tag);
    if (fault == VARINT_BAD || tag > UINT32_MAX) {
        emit_rest(w, &node, ASSAY_NODE_TRUNCATED);
        return;
    }
    if (tag == 0) {
        emit_rest(w, &node, ASSAY_NODE_TRAILING);
        return;
    }
    node.flags = fault == VARINT_NON_MINIMAL ? ASSAY_NODE_NON_MINIMAL : 0;
    node.tag_len = w->pos - node.off;
    node.number = (uint32_t)tag >> 3;
    node.wire = (uint32_t)tag & 7u;
    const struct field_rule *rule = rule_of(m->kind, node.number);
    node.flags |= order_flags(m, rule, node.number);
    node.flags |= rule == NULL ? ASSAY_NODE_UNKNOWN : 0;
    if (walk_content(w, &node) == 0) {
        emit_rest(w, &node, ASSAY_NODE_WRONG_WIRE_TYPE | ASSAY_NODE_TRUNCATED);
        return;
    }
    if (rule != NULL) {
        walk_known(w, rule, &node);
    }
    size_t content_end = w->pos + node.len;
    if (node.kind == ASSAY_MESSAGE_NONE) {
        w->pos = content_end;
    } else {
        w->depth++;
        w->stack[w->depth] =
            (struct open_message){.kind = node.kind, .end = content_end};
    }
    emit(w, &node);
}

void assay_lenient_walk(struct assay_slice packet, struct assay_walk *out)
{
    struct walker w = {.in = packet, .out = out};
    out->n_nodes = 0;
    w.stack[0] =
        (struct open_message){.kind = ASSAY_MESSAGE_PACKET, .end = packet.len};
    for (;;) {
        if (w.pos < w.stack[w.depth].end) {
            walk_field(&w);
        } else if (w.depth == 0) {
            return;
        } else {
            w.depth--;
        }
    }
}

/* --- The decoder of the bootloader --------------------------------------- */

/*
 * pos is shared by all open messages, as in nanopb: each only knows how many
 * bytes are left for it. A message that ends early leaves pos where it is,
 * and the one around goes on from there. Invariant: pos + left <= in.len for
 * the innermost message, and left of an outer one counts bytes that lie
 * behind those of the inner one.
 */
struct substream {
    enum assay_message kind;
    size_t left;
    uint32_t seen;
};

struct decoder {
    struct assay_slice in;
    size_t pos;
    struct substream stack[6];
    unsigned depth;
    int done;
    const char *fault;
    struct assay_nanopb *out;
    unsigned n_inits;
    uint32_t roots; /* fields of the packet that were there */
    struct assay_slice init;
};

enum step { STEP_FAILED, STEP_OK };

static enum step fail(struct decoder *d, const char *reason)
{
    if (d->fault == NULL) {
        d->fault = reason;
    }
    return STEP_FAILED;
}

static enum step take_byte(struct decoder *d, uint8_t *b)
{
    struct substream *s = &d->stack[d->depth];
    if (s->left == 0) {
        return fail(d, "a field runs past the end of its message");
    }
    s->left--;
    *b = d->in.p[d->pos++];
    return STEP_OK;
}

static enum step take_bytes(struct decoder *d, size_t len,
                            struct assay_slice *bytes)
{
    struct substream *s = &d->stack[d->depth];
    if (len > s->left) {
        return fail(d, "a field runs past the end of its message");
    }
    *bytes = assay_slice_sub(d->in, d->pos, len);
    d->pos += len;
    s->left -= len;
    return STEP_OK;
}

/* Of tags and lengths: up to 5 bytes, what does not fit is dropped. */
static enum step take_varint32(struct decoder *d, uint32_t *value)
{
    uint8_t b;
    *value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        if (take_byte(d, &b) != STEP_OK) {
            return STEP_FAILED;
        }
        *value |= (uint32_t)(b & 0x7F) << shift;
        if (b < 0x80) {
            return STEP_OK;
        }
    }
    return fail(d, "a tag or length of more than 5 bytes");
}

/* Of values: up to 10 bytes, what does not fit is dropped. */
static enum step take_varint64(struct decoder *d, uint64_t *value)
{
    uint8_t b;
    *value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (take_byte(d, &b) != STEP_OK) {
            return STEP_FAILED;
        }
        *value |= (uint64_t)(b & 0x7F) << shift;
        if (b < 0x80) {
            return STEP_OK;
        }
    }
    return fail(d, "an integer of more than 10 bytes");
}

static enum step skip_varint(struct decoder *d)
{
    uint8_t b;
    do {
        if (take_byte(d, &b) != STEP_OK) {
            return STEP_FAILED;
        }
    } while (b >= 0x80);
    return STEP_OK;
}

static enum step skip_field(struct decoder *d, uint32_t wire)
{
    struct assay_slice ignored;
    uint32_t len;
    switch (wire) {
    case WIRE_VARINT:
        return skip_varint(d);
    case WIRE_64:
        return take_bytes(d, 8, &ignored);
    case WIRE_BYTES:
        if (take_varint32(d, &len) != STEP_OK) {
            return STEP_FAILED;
        }
        return take_bytes(d, len, &ignored);
    case WIRE_32:
        return take_bytes(d, 4, &ignored);
    default:
        return fail(d, "an unknown field of a wire type that has no end");
    }
}

static enum step take_number(struct decoder *d, enum field_type type,
                             uint32_t *value)
{
    uint64_t v;
    if (take_varint64(d, &v) != STEP_OK) {
        return STEP_FAILED;
    }
    if (type == TYPE_BOOL) {
        /* Stored as a signed byte; only the low 32 bits are looked at. */
        uint32_t low = (uint32_t)v;
        *value = low & 0xFFu;
        return low < 0x80u || low >= 0xFFFFFF80u
                   ? STEP_OK
                   : fail(d, "a boolean that does not fit in a byte");
    }
    if (v > (type == TYPE_ENUM ? 0xFFu : UINT32_MAX)) {
        return fail(d, type == TYPE_ENUM
                           ? "an enumerator that does not fit in a byte"
                           : "an integer that does not fit in 32 bits");
    }
    *value = (uint32_t)v;
    return STEP_OK;
}

static enum step push(struct decoder *d, enum assay_message kind)
{
    uint32_t len;
    if (take_varint32(d, &len) != STEP_OK) {
        return STEP_FAILED;
    }
    struct substream *s = &d->stack[d->depth];
    if (len > s->left) {
        return fail(d, "a message runs past the end of the one around it");
    }
    s->left -= len;
    d->depth++;
    d->stack[d->depth] = (struct substream){.kind = kind, .left = len};
    return STEP_OK;
}

static enum step take_sd_req(struct decoder *d)
{
    struct assay_nanopb_init *init = &d->out->init;
    uint32_t value;
    if (init->n_sd_req == ASSAY_SD_REQ_MAX) {
        return fail(d, "more than 16 SoftDevice requirements");
    }
    if (take_number(d, TYPE_UINT32, &value) != STEP_OK) {
        return STEP_FAILED;
    }
    init->sd_req[init->n_sd_req++] = value;
    return STEP_OK;
}

static enum step take_list(struct decoder *d, uint32_t wire)
{
    if (wire != WIRE_BYTES) {
        return take_sd_req(d);
    }
    if (push(d, ASSAY_MESSAGE_NONE) != STEP_OK) {
        return STEP_FAILED;
    }
    while (d->stack[d->depth].left != 0) {
        if (take_sd_req(d) != STEP_OK) {
            return STEP_FAILED;
        }
    }
    d->depth--;
    return STEP_OK;
}

/* Where the value of a field is stored. */
static uint32_t *number_place(struct assay_nanopb *out,
                              const struct field_rule *rule)
{
    struct assay_nanopb_init *init = &out->init;
    uint32_t *const places[] = {
        NULL,        &init->fw_version, &init->hw_version, NULL,
        &init->type, &init->sd_size,    &init->bl_size,    &init->app_size,
        NULL,        &init->is_debug};
    switch (rule->inside) {
    case ASSAY_MESSAGE_INIT:
        return places[rule->number];
    case ASSAY_MESSAGE_HASH:
        return &init->hash_type;
    case ASSAY_MESSAGE_VALIDATION:
        return &init->validation[init->n_validations - 1].type;
    case ASSAY_MESSAGE_SIGNED_COMMAND:
        return &out->signature_type;
    default:
        return &out->op_code;
    }
}

static struct assay_slice *bytes_place(struct assay_nanopb *out,
                                       enum assay_message inside)
{
    struct assay_nanopb_init *init = &out->init;
    if (inside == ASSAY_MESSAGE_HASH) {
        return &init->hash;
    }
    if (inside == ASSAY_MESSAGE_VALIDATION) {
        return &init->validation[init->n_validations - 1].bytes;
    }
    return &out->signature;
}

static enum step take_field_bytes(struct decoder *d,
                                  const struct field_rule *rule)
{
    uint32_t len;
    if (take_varint32(d, &len) != STEP_OK) {
        return STEP_FAILED;
    }
    if (len > rule->limit) {
        return fail(d, rule->inside == ASSAY_MESSAGE_HASH
                           ? "a hash longer than 32 bytes"
                       : rule->inside == ASSAY_MESSAGE_VALIDATION
                           ? "a boot validation longer than 64 bytes"
                           : "a signature longer than 64 bytes");
    }
    return take_bytes(d, len, bytes_place(d->out, rule->inside));
}

/*
 * The bootloader notes where init begins (behind its length) and takes all
 * that is left of the Command around it for the signed bytes.
 */
static void note_init(struct decoder *d)
{
    size_t off = d->pos;
    size_t left = d->stack[d->depth].left;
    d->n_inits++;
    while (left != 0 && d->in.p[off] >= 0x80) {
        off++;
        left--;
    }
    if (left != 0 && d->n_inits == 1) {
        d->init = assay_slice_sub(d->in, off + 1, left - 1);
    }
}

static enum step take_message(struct decoder *d, const struct field_rule *rule)
{
    struct assay_nanopb_init *init = &d->out->init;
    if (rule->kind == ASSAY_MESSAGE_INIT) {
        note_init(d);
    }
    if (rule->kind == ASSAY_MESSAGE_VALIDATION) {
        if (init->n_validations == ASSAY_VALIDATIONS_MAX) {
            return fail(d, "more than 3 boot validations");
        }
        init->n_validations++;
    }
    return push(d, rule->kind);
}

static enum step take_known(struct decoder *d, const struct field_rule *rule,
                            uint32_t wire)
{
    switch (rule->type) {
    case TYPE_MESSAGE:
        return take_message(d, rule);
    case TYPE_LIST:
        return take_list(d, wire);
    case TYPE_BYTES:
        return take_field_bytes(d, rule);
    case TYPE_UINT32:
    case TYPE_ENUM:
    case TYPE_BOOL:
        break;
    }
    return take_number(d, rule->type, number_place(d->out, rule));
}

static enum step end_message(struct decoder *d)
{
    const struct substream *s = &d->stack[d->depth];
    for (size_t i = 0; i < N_RULES; i++) {
        if (RULES[i].inside == s->kind && RULES[i].required != 0 &&
            (s->seen >> RULES[i].number & 1u) == 0) {
            return fail(d, "a required field is missing");
        }
    }
    if (d->depth == 0) {
        d->done = 1;
    } else {
        d->depth--;
    }
    return STEP_OK;
}

static enum step decode_step(struct decoder *d)
{
    struct substream *s = &d->stack[d->depth];
    uint32_t tag = 0;
    if (s->left == 0) {
        return end_message(d);
    }
    if (take_varint32(d, &tag) != STEP_OK) {
        /* A tag that is cut off by the end of the message counts as none. */
        if (s->left != 0) {
            return STEP_FAILED;
        }
        d->fault = NULL;
        return end_message(d);
    }
    if (tag == 0) {
        return end_message(d);
    }
    const struct field_rule *rule = rule_of(s->kind, tag >> 3);
    if (rule == NULL || rule->kind == ASSAY_MESSAGE_RESET) {
        return skip_field(d, tag & 7u); /* its dfu-cc.proto has no reset */
    }
    s->seen |= (uint32_t)1 << rule->number;
    if (s->kind == ASSAY_MESSAGE_PACKET) {
        d->roots |= (uint32_t)1 << rule->number;
    }
    if (s->kind == ASSAY_MESSAGE_INIT) {
        d->out->init.present |= (uint32_t)1 << rule->number;
    }
    return take_known(d, rule, tag & 7u);
}

static enum step decode(struct decoder *d, struct assay_slice part,
                        enum assay_message kind)
{
    d->pos = (size_t)(part.p - d->in.p);
    d->depth = 0;
    d->done = 0;
    d->stack[0] = (struct substream){.kind = kind, .left = part.len};
    while (d->done == 0) {
        if (decode_step(d) != STEP_OK) {
            return STEP_FAILED;
        }
    }
    return STEP_OK;
}

static enum step decode_packet(struct decoder *d)
{
    if (d->in.len == 0) {
        return fail(d, "the init packet is empty");
    }
    if (d->in.len > ASSAY_PACKET_MAX) {
        return fail(d, "the init packet is longer than 512 bytes");
    }
    if (decode(d, d->in, ASSAY_MESSAGE_PACKET) != STEP_OK) {
        return STEP_FAILED;
    }
    if (d->n_inits == 0) {
        return fail(d, "no init command");
    }
    if (d->n_inits > 1) {
        return fail(d, "more than one init command");
    }
    if (d->roots == (1u << 1 | 1u << 2)) {
        return fail(d, "a signed and an unsigned command");
    }
    d->out->signed_bytes = d->init;
    if (d->roots == 1u << 1) {
        return STEP_OK;
    }
    /* The signed form is decoded again, from the signed bytes alone. */
    d->out->is_signed = 1;
    memset(&d->out->init, 0, sizeof d->out->init);
    return decode(d, d->init, ASSAY_MESSAGE_INIT);
}

void assay_nanopb_decode(struct assay_slice packet, struct assay_nanopb *out)
{
    memset(out, 0, sizeof *out);
    out->answer = ASSAY_NANOPB_REFUSES;
    struct decoder d = {.in = packet, .out = out};
    enum step step = decode_packet(&d);
    out->reason = d.fault == NULL ? "" : d.fault;
    out->reason_off = d.pos;
    if (step == STEP_OK) {
        out->answer = ASSAY_NANOPB_ACCEPTS;
    }
}
