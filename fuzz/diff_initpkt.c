/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "dfu_cc.pb-c.h"
#include "fuzz/fuzz.h"
#include "initpkt/initpkt.h"

#include <string.h>

/*
 * The strict reader against two others.
 *
 * Protobuf-c reads leniently and writes canonically: a packet is right when
 * protobuf-c reads it, knows all of it, writes the same bytes again, and the
 * values are in their ranges. The values must be the same, too.
 *
 * The rule model goes through the bytes as docs/formats.md says under "Reading
 * order" and names the status; it shares nothing with the reader.
 */

/* --- Protobuf-c --- */

static int is_whole(const ProtobufCMessage *m)
{
    return m->n_unknown_fields == 0;
}

static int is_same(const ProtobufCMessage *m, struct assay_slice bytes)
{
    uint8_t *again = malloc(protobuf_c_message_get_packed_size(m) + 1);
    require(again != NULL);
    size_t len = protobuf_c_message_pack(m, again);
    int same = len == bytes.len &&
               (len == 0 || memcmp(again, bytes.p, bytes.len) == 0);
    free(again);
    return same;
}

/* As unsigned: negative numbers of an enumeration are out of range. */
static int is_upto(int value, unsigned max)
{
    return (unsigned)value <= max;
}

static int is_right_hash(const Dfu__Hash *h)
{
    if (h == NULL) {
        return 1;
    }
    return is_whole(&h->base) && is_upto((int)h->hash_type, 4) &&
           h->hash.len <= 32 &&
           (h->hash_type != DFU__HASH_TYPE__SHA256 || h->hash.len == 32);
}

static int is_right_init(const Dfu__InitCommand *c)
{
    int right = is_whole(&c->base) && c->n_sd_req <= ASSAY_SD_REQ_MAX &&
                c->n_boot_validation <= ASSAY_VALIDATIONS_MAX &&
                is_right_hash(c->hash) &&
                (!c->has_type || is_upto((int)c->type, 4));
    for (size_t i = 0; i < c->n_boot_validation; i++) {
        const Dfu__BootValidation *v = c->boot_validation[i];
        size_t want = (unsigned)v->type == 3 ? 64 : 0;
        right = right && is_whole(&v->base) && is_upto((int)v->type, 3) &&
                v->bytes.len == want;
    }
    return right;
}

static int is_right_command(const Dfu__Command *c)
{
    return is_whole(&c->base) && c->has_op_code &&
           c->op_code == DFU__OP_CODE__INIT && c->init != NULL &&
           is_right_init(c->init);
}

static int is_right_packet(const Dfu__Packet *p)
{
    const Dfu__SignedCommand *s = p->signed_command;
    if (!is_whole(&p->base) || (p->command == NULL) == (s == NULL)) {
        return 0;
    }
    if (s == NULL) {
        return is_right_command(p->command);
    }
    return is_whole(&s->base) && is_right_command(s->command) &&
           is_upto((int)s->signature_type, 1) && s->signature.len == 64;
}

static uint32_t present_of(const Dfu__InitCommand *c)
{
    return (uint32_t)(c->has_fw_version != 0) << ASSAY_INIT_FW_VERSION |
           (uint32_t)(c->has_hw_version != 0) << ASSAY_INIT_HW_VERSION |
           (uint32_t)(c->n_sd_req != 0) << ASSAY_INIT_SD_REQ |
           (uint32_t)(c->has_type != 0) << ASSAY_INIT_TYPE |
           (uint32_t)(c->has_sd_size != 0) << ASSAY_INIT_SD_SIZE |
           (uint32_t)(c->has_bl_size != 0) << ASSAY_INIT_BL_SIZE |
           (uint32_t)(c->has_app_size != 0) << ASSAY_INIT_APP_SIZE |
           (uint32_t)(c->hash != NULL) << ASSAY_INIT_HASH |
           (uint32_t)(c->has_is_debug != 0) << ASSAY_INIT_IS_DEBUG |
           (uint32_t)(c->n_boot_validation != 0) << ASSAY_INIT_VALIDATION;
}

static void check_bytes(struct assay_slice ours, ProtobufCBinaryData theirs)
{
    require(ours.len == theirs.len);
    require(ours.len == 0 || memcmp(ours.p, theirs.data, ours.len) == 0);
}

static void check_values(const struct assay_init_command *a,
                         const Dfu__InitCommand *b)
{
    struct assay_slice list = a->sd_req;
    require(a->present == present_of(b));
    require(a->fw_version == (b->has_fw_version ? b->fw_version : 0));
    require(a->hw_version == (b->has_hw_version ? b->hw_version : 0));
    require(a->type == (b->has_type ? (uint32_t)b->type : 0));
    require(a->sd_size == (b->has_sd_size ? b->sd_size : 0));
    require(a->bl_size == (b->has_bl_size ? b->bl_size : 0));
    require(a->app_size == (b->has_app_size ? b->app_size : 0));
    require(a->is_debug == (b->has_is_debug && b->is_debug));
    require(a->n_sd_req == b->n_sd_req);
    for (uint32_t i = 0; i < a->n_sd_req; i++) {
        require(assay_initpkt_next_sd_req(&list) == b->sd_req[i]);
    }
    if (b->hash != NULL) {
        require(a->hash_type == (uint32_t)b->hash->hash_type);
        check_bytes(a->hash, b->hash->hash);
    }
    require(a->n_validations == b->n_boot_validation);
    for (uint32_t i = 0; i < a->n_validations; i++) {
        require(a->validation[i].type == (uint32_t)b->boot_validation[i]->type);
        check_bytes(a->validation[i].bytes, b->boot_validation[i]->bytes);
    }
}

static void compare_init(struct assay_slice bytes)
{
    struct assay_init_command ours;
    Dfu__InitCommand *theirs =
        dfu__init_command__unpack(NULL, bytes.len, bytes.p);
    int right = theirs != NULL && is_right_init(theirs) &&
                is_same(&theirs->base, bytes);
    enum assay_status status = assay_initpkt_read(bytes, &ours);
    require((status == ASSAY_OK) == right);
    if (right) {
        check_values(&ours, theirs);
    }
    if (theirs != NULL) {
        dfu__init_command__free_unpacked(theirs, NULL);
    }
}

static void compare_packet(struct assay_slice packet)
{
    struct assay_envelope envelope;
    struct assay_init_command ours;
    Dfu__Packet *theirs = dfu__packet__unpack(NULL, packet.len, packet.p);
    int right = packet.len >= 1 && packet.len <= ASSAY_PACKET_MAX &&
                theirs != NULL && is_right_packet(theirs) &&
                is_same(&theirs->base, packet);
    int read = assay_initpkt_open(packet, &envelope) == ASSAY_OK &&
               assay_initpkt_read(envelope.signed_bytes, &ours) == ASSAY_OK;
    require(read == right);
    if (right) {
        const Dfu__SignedCommand *s = theirs->signed_command;
        check_values(&ours, (s != NULL ? s->command : theirs->command)->init);
        require((s != NULL) == (envelope.signature.len != 0));
        require(s == NULL ||
                envelope.signature_type == (uint32_t)s->signature_type);
        if (s != NULL) {
            check_bytes(envelope.signature, s->signature);
        }
    }
    if (theirs != NULL) {
        dfu__packet__free_unpacked(theirs, NULL);
    }
}

/* --- The rule model --- */

struct cursor {
    const uint8_t *p;
    enum assay_status fault; /* ASSAY_OK as long as there is none */
    unsigned n_validations;
};

/* Which field numbers a message has: i integer, b bytes, - none. */
struct grammar {
    const char *field;
    const char *required; /* digits */
};

enum { PACKET, SIGNED, COMMAND, INIT, HASH, VALIDATION };

static const struct grammar GRAMMAR[] = {
    [PACKET] = {"-bb", ""},    [SIGNED] = {"-bib", "123"},
    [COMMAND] = {"-ib", "12"}, [INIT] = {"-iibiiiibib", ""},
    [HASH] = {"-ib", "12"},    [VALIDATION] = {"-ib", "12"},
};

static uint32_t integer(struct cursor *c, const uint8_t *end)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 5; i++) {
        if (c->p == end) {
            c->fault = ASSAY_TRUNCATED;
            return 0;
        }
        uint8_t byte = *c->p++;
        if (i == 4 && byte > 15) {
            break;
        }
        if (i != 0 && byte == 0) {
            c->fault = ASSAY_VARINT_OVERLONG;
            return 0;
        }
        value += (uint64_t)(byte % 128) << 7 * i;
        if (byte < 128) {
            return (uint32_t)value;
        }
    }
    c->fault = ASSAY_VARINT_RANGE;
    return 0;
}

static void message(struct cursor *c, int kind, const uint8_t *end);

static void refuse_if(struct cursor *c, int condition, enum assay_status fault)
{
    if (c->fault == ASSAY_OK && condition) {
        c->fault = fault;
    }
}

static void sd_req(struct cursor *c, const uint8_t *end)
{
    unsigned n = 0;
    refuse_if(c, c->p == end, ASSAY_LIST_EMPTY);
    while (c->p != end && c->fault == ASSAY_OK) {
        (void)integer(c, end);
        refuse_if(c, ++n == 17, ASSAY_SD_REQ_COUNT);
    }
}

/* A Hash or BootValidation, and the rule at its end. */
static void typed(struct cursor *c, int kind, const uint8_t *end)
{
    const uint8_t *begin = c->p;
    message(c, kind, end);
    if (c->fault != ASSAY_OK) {
        return;
    }
    /* Free of faults: 08 TYPE 12 LEN, the type below 5, the rest is bytes. */
    struct cursor again = {.p = begin + 3, .fault = ASSAY_OK};
    uint32_t len = integer(&again, end);
    unsigned type = begin[1];
    if (kind == HASH) {
        refuse_if(c, len > 32 || (type == 3 && len != 32), ASSAY_HASH_LENGTH);
    } else {
        refuse_if(c, len != (type == 3 ? 64u : 0u), ASSAY_VALIDATION_LENGTH);
    }
}

/* What a field is. in: c->p at the content of bytes, which end at end. */
static void content(struct cursor *c, int kind, uint32_t number,
                    const uint8_t *end)
{
    switch (kind * 16 + (int)number) {
    case PACKET * 16 + 1:
    case SIGNED * 16 + 1:
        message(c, COMMAND, end);
        break;
    case PACKET * 16 + 2:
        message(c, SIGNED, end);
        break;
    case SIGNED * 16 + 3:
        refuse_if(c, end - c->p != 64, ASSAY_SIGNATURE_LENGTH);
        break;
    case INIT * 16 + 3:
        sd_req(c, end);
        break;
    case INIT * 16 + 8:
        typed(c, HASH, end);
        break;
    case INIT * 16 + 10:
        refuse_if(c, ++c->n_validations == 4, ASSAY_VALIDATION_COUNT);
        if (c->fault == ASSAY_OK) {
            typed(c, VALIDATION, end);
        }
        break;
    default:
        break;
    }
    if (c->fault == ASSAY_OK) {
        c->p = end;
    }
}

static void value(struct cursor *c, int kind, uint32_t number, uint32_t v)
{
    switch (kind * 16 + (int)number) {
    case SIGNED * 16 + 2:
        refuse_if(c, v > 1, ASSAY_SIGNATURE_TYPE_UNKNOWN);
        break;
    case COMMAND * 16 + 1:
        refuse_if(c, v != 1, ASSAY_OP_CODE);
        break;
    case INIT * 16 + 4:
        refuse_if(c, v > 4, ASSAY_FW_TYPE_UNKNOWN);
        break;
    case INIT * 16 + 9:
        refuse_if(c, v > 1, ASSAY_BOOL_RANGE);
        break;
    case HASH * 16 + 1:
        refuse_if(c, v > 4, ASSAY_HASH_TYPE_UNKNOWN);
        break;
    case VALIDATION * 16 + 1:
        refuse_if(c, v > 3, ASSAY_VALIDATION_TYPE_UNKNOWN);
        break;
    default:
        break;
    }
}

static void check_tag(struct cursor *c, int kind, uint32_t tag, uint32_t last)
{
    const char *field = GRAMMAR[kind].field;
    uint32_t number = tag / 8;
    int repeats = kind == INIT && number == 10;
    int is_known = number < strlen(field) && field[number] != '-';
    refuse_if(c, !is_known, ASSAY_FIELD_UNKNOWN);
    refuse_if(c, number < last, ASSAY_FIELD_ORDER);
    refuse_if(c, number == last && !repeats, ASSAY_FIELD_DUPLICATE);
    refuse_if(c, is_known && tag % 8 != (field[number] == 'b' ? 2u : 0u),
              ASSAY_FIELD_WIRE_TYPE);
}

static void message(struct cursor *c, int kind, const uint8_t *end)
{
    char seen[16] = "";
    uint32_t last = 0;
    while (c->p != end && c->fault == ASSAY_OK) {
        uint32_t tag = integer(c, end);
        if (c->fault == ASSAY_OK) {
            check_tag(c, kind, tag, last);
        }
        uint32_t v = c->fault == ASSAY_OK ? integer(c, end) : 0;
        if (c->fault != ASSAY_OK) {
            return;
        }
        uint32_t before = last;
        last = tag / 8;
        seen[last] = 1;
        if (tag % 8 == 0) {
            value(c, kind, last, v);
            continue;
        }
        refuse_if(c, v > (size_t)(end - c->p), ASSAY_TRUNCATED);
        refuse_if(c, kind == PACKET && before != 0, ASSAY_BOTH_COMMANDS);
        if (c->fault == ASSAY_OK) {
            content(c, kind, last, c->p + v);
        }
    }
    for (const char *r = GRAMMAR[kind].required; *r != '\0'; r++) {
        refuse_if(c, !seen[*r - '0'], ASSAY_FIELD_MISSING);
    }
}

static enum assay_status model(int kind, struct assay_slice bytes)
{
    static const uint8_t NOTHING[1] = {0};
    struct cursor c = {.p = bytes.len == 0 ? NOTHING : bytes.p,
                       .fault = ASSAY_OK};
    message(&c, kind, c.p + bytes.len);
    return c.fault;
}

static void compare_status(struct assay_slice packet)
{
    struct assay_envelope envelope;
    struct assay_init_command init;
    enum assay_status want = packet.len == 0    ? ASSAY_PACKET_EMPTY
                             : packet.len > 512 ? ASSAY_PACKET_TOO_LONG
                                                : model(PACKET, packet);
    require(assay_initpkt_open(packet, &envelope) == want);
    if (want == ASSAY_OK) {
        require(assay_initpkt_read(envelope.signed_bytes, &init) ==
                model(INIT, envelope.signed_bytes));
    }
    require(assay_initpkt_read(packet, &init) == model(INIT, packet));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct assay_slice input = assay_slice(data, len);
    if (len > 4096) {
        return -1;
    }
    compare_status(input);
    compare_packet(input);
    compare_init(input);
    return 0;
}
