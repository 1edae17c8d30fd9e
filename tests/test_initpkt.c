/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "dfu_cc.pb-c.h"
#include "host/diag.h"
#include "initpkt/initpkt.h"
#include "tests/packet_builder.h"
#include "tests/shared.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <zip.h>

/*
 * Truth comes from the published wire format, written by hand or by
 * packet_builder.h, from files that other tools made, and from protobuf-c.
 */

#define REPEAT8(x) x x x x x x x x
#define BYTES32 REPEAT8("5a5a5a5a")
#define BYTES64 REPEAT8("5a5a5a5a5a5a5a5a")
#define COMMAND "0a0408011200" /* op code INIT, an empty init */
#define SIGNED "124a" COMMAND "10001a40" BYTES64

enum { ALL = 0x7FE };

/* A copy with nothing readable behind it, so that a sanitizer sees overruns. */
static struct assay_slice exact(const uint8_t *bytes, size_t len)
{
    uint8_t *copy = NULL;
    if (len != 0) {
        copy = malloc(len);
        cr_assert_not_null(copy);
        memcpy(copy, bytes, len);
    }
    return assay_slice(copy, len);
}

static void drop(struct assay_slice s)
{
    free((void *)(uintptr_t)s.p);
}

struct reading {
    struct assay_envelope envelope;
    struct assay_init_command command;
};

static enum assay_status read_whole(struct assay_slice packet,
                                    struct reading *out)
{
    enum assay_status status = assay_initpkt_open(packet, &out->envelope);
    if (status == ASSAY_OK) {
        status = assay_initpkt_read(out->envelope.signed_bytes, &out->command);
    }
    return status;
}

static enum assay_status open_pb(const struct pb *packet)
{
    struct reading r;
    struct assay_slice copy = exact(packet->b, packet->len);
    enum assay_status status = assay_initpkt_open(copy, &r.envelope);
    drop(copy);
    return status;
}

static enum assay_status read_pb(const struct pb *init)
{
    struct reading r;
    struct assay_slice copy = exact(init->b, init->len);
    enum assay_status status = assay_initpkt_read(copy, &r.command);
    drop(copy);
    return status;
}

#define EXPECT(got, want, ...)                                                 \
    do {                                                                       \
        enum assay_status got_ = (got);                                        \
        enum assay_status want_ = (want);                                      \
        char what_[200];                                                       \
        (void)snprintf(what_, sizeof what_, __VA_ARGS__);                      \
        cr_assert(got_ == want_, "%s: got %s, want %s", what_,                 \
                  assay_status_name(got_), assay_status_name(want_));          \
    } while (0)

/* What was read, as the builder would have written it. */
static void rewrite(const struct reading *r, struct pb *out)
{
    const struct assay_init_command *c = &r->command;
    struct pb_init init = {
        .present = c->present,
        .number = {[1] = c->fw_version,
                   [2] = c->hw_version,
                   [4] = c->type,
                   [5] = c->sd_size,
                   [6] = c->bl_size,
                   [7] = c->app_size,
                   [9] = c->is_debug},
        .n_sd_req = c->n_sd_req,
        .n_validations = c->n_validations,
        .hash = {.type = c->hash_type, .len = c->hash.len},
    };
    struct assay_slice list = c->sd_req;
    for (uint32_t i = 0; i < c->n_sd_req; i++) {
        init.sd_req[i] = assay_initpkt_next_sd_req(&list);
    }
    cr_assert_eq(list.len, 0, "sd_req has bytes that n_sd_req does not count");
    if (c->hash.len != 0) {
        memcpy(init.hash.bytes, c->hash.p, c->hash.len);
    }
    for (uint32_t i = 0; i < c->n_validations; i++) {
        init.validation[i].type = c->validation[i].type;
        init.validation[i].len = c->validation[i].bytes.len;
        if (c->validation[i].bytes.len != 0) {
            memcpy(init.validation[i].bytes, c->validation[i].bytes.p,
                   c->validation[i].bytes.len);
        }
    }
    struct pb body = {.len = 0};
    pb_init(&body, &init);
    struct pb_signature signature = {.type = r->envelope.signature_type};
    signature.len = r->envelope.signature.len;
    if (signature.len == 0) {
        cr_assert_eq(signature.type, 0);
        pb_unsigned(out, &body);
        return;
    }
    memcpy(signature.bytes, r->envelope.signature.p, signature.len);
    pb_signed(out, &body, &signature);
}

/* An accepted packet is the only encoding of what was read from it. */
static void expect_canonical(struct assay_slice packet, const struct reading *r,
                             const char *what)
{
    struct pb again = {.len = 0};
    rewrite(r, &again);
    cr_assert_eq(again.len, packet.len, "%s: not canonical", what);
    cr_assert_arr_eq(again.b, packet.p, packet.len, "%s: not canonical", what);
}

static void expect_same_bytes(struct assay_slice a, const uint8_t *b,
                              size_t len, const char *what)
{
    cr_assert_eq(a.len, len, "%s", what);
    cr_assert(len == 0 || memcmp(a.p, b, len) == 0, "%s", what);
}

static void expect_number(uint32_t got, uint32_t present, int has,
                          uint32_t value, const char *what)
{
    cr_assert_eq(present, (uint32_t)(has != 0), "%s: presence", what);
    cr_assert_eq(got, has ? value : 0, "%s: %u", what, got);
}

static void expect_peer_init(const Dfu__InitCommand *i,
                             const struct assay_init_command *c)
{
#define HAS(n) (c->present >> (n)&1)
    expect_number(c->fw_version, HAS(1), i->has_fw_version, i->fw_version, "1");
    expect_number(c->hw_version, HAS(2), i->has_hw_version, i->hw_version, "2");
    expect_number(c->type, HAS(4), i->has_type, (uint32_t)i->type, "4");
    expect_number(c->sd_size, HAS(5), i->has_sd_size, i->sd_size, "5");
    expect_number(c->bl_size, HAS(6), i->has_bl_size, i->bl_size, "6");
    expect_number(c->app_size, HAS(7), i->has_app_size, i->app_size, "7");
    expect_number(c->is_debug, HAS(9), i->has_is_debug, (uint32_t)i->is_debug,
                  "9");
    cr_assert_eq(HAS(3), i->n_sd_req != 0);
    cr_assert_eq(HAS(8), i->hash != NULL);
    cr_assert_eq(HAS(10), i->n_boot_validation != 0);
#undef HAS
    struct assay_slice list = c->sd_req;
    cr_assert_eq(c->n_sd_req, i->n_sd_req);
    for (size_t k = 0; k < i->n_sd_req; k++) {
        cr_assert_eq(assay_initpkt_next_sd_req(&list), i->sd_req[k]);
    }
    if (i->hash != NULL) {
        cr_assert_eq(c->hash_type, (uint32_t)i->hash->hash_type);
        expect_same_bytes(c->hash, i->hash->hash.data, i->hash->hash.len, "8");
    }
    cr_assert_eq(c->n_validations, i->n_boot_validation);
    for (size_t k = 0; k < i->n_boot_validation; k++) {
        const Dfu__BootValidation *v = i->boot_validation[k];
        cr_assert_eq(c->validation[k].type, (uint32_t)v->type);
        expect_same_bytes(c->validation[k].bytes, v->bytes.data, v->bytes.len,
                          "10");
    }
}

/* protobuf-c reads the same packet and finds the same. */
static void expect_peer(struct assay_slice packet, const struct reading *r)
{
    Dfu__Packet *p = dfu__packet__unpack(NULL, packet.len, packet.p);
    cr_assert_not_null(p);
    const Dfu__Command *command = p->command;
    if (p->signed_command != NULL) {
        const Dfu__SignedCommand *s = p->signed_command;
        cr_assert_null(command);
        command = s->command;
        cr_assert_eq(r->envelope.signature_type, (uint32_t)s->signature_type);
        expect_same_bytes(r->envelope.signature, s->signature.data,
                          s->signature.len, "signature");
    } else {
        cr_assert_eq(r->envelope.signature.len, 0);
    }
    cr_assert_not_null(command);
    cr_assert_not_null(command->init);
    expect_peer_init(command->init, &r->command);
    dfu__packet__free_unpacked(p, NULL);
}

static void expect_accepted(struct assay_slice packet, const char *what)
{
    struct reading r;
    EXPECT(read_whole(packet, &r), ASSAY_OK, "%s", what);
    expect_canonical(packet, &r, what);
    expect_peer(packet, &r);
}

/* --- Cases by hand --------------------------------------------------------*/

struct hand {
    const char *name;
    const char *hex;
    enum assay_status want;
};

static void expect_hand(const struct hand *cases, size_t n,
                        enum assay_status (*run)(const struct pb *))
{
    for (size_t i = 0; i < n; i++) {
        struct pb bytes = {.len = 0};
        pb_hex(&bytes, cases[i].hex);
        enum assay_status got = run(&bytes);
        cr_expect(got == cases[i].want, "%s: got %s, want %s", cases[i].name,
                  assay_status_name(got), assay_status_name(cases[i].want));
    }
}

#define HAND(cases, run) expect_hand(cases, sizeof cases / sizeof *cases, run)

static const struct hand ENVELOPES[] = {
    {"nothing", "", ASSAY_PACKET_EMPTY},
    {"smallest unsigned", COMMAND, ASSAY_OK},
    {"smallest signed", SIGNED, ASSAY_OK},
    {"tag alone", "0a", ASSAY_TRUNCATED},
    {"tag cut", "8a", ASSAY_TRUNCATED},
    {"length cut", "0a84", ASSAY_TRUNCATED},
    {"one byte short", "0a0508011200", ASSAY_TRUNCATED},
    {"inner one past its end", "0a0408011201", ASSAY_TRUNCATED},
    {"inner reaches into the outer",
     "124a0a05080112001000"
     "1a40" BYTES64,
     ASSAY_FIELD_DUPLICATE},
    {"value cut by its message", "0a010812", ASSAY_TRUNCATED},
    {"length of 2^32 - 1", "0affffffff0f", ASSAY_TRUNCATED},
    {"overlong tag", "8a000408011200", ASSAY_VARINT_OVERLONG},
    {"overlong length", "0a840008011200", ASSAY_VARINT_OVERLONG},
    {"overlong value", "0a050881001200", ASSAY_VARINT_OVERLONG},
    {"overlong zero", "0a0508011280", ASSAY_TRUNCATED},
    {"overlong zero length", "0a050801128000", ASSAY_VARINT_OVERLONG},
    {"overlong at the fifth byte", "0a8480808000", ASSAY_VARINT_OVERLONG},
    {"length of 2^32", "0a8080808010", ASSAY_VARINT_RANGE},
    {"five bytes and on", "0a8080808080", ASSAY_VARINT_RANGE},
    {"op code of 64 bits",
     "0a0d0881808080808080808001"
     "1200",
     ASSAY_VARINT_RANGE},
    {"tag of 2^32", "808080801000", ASSAY_VARINT_RANGE},
    {"packet field 0", "0200", ASSAY_FIELD_UNKNOWN},
    {"packet field 3", "1a00", ASSAY_FIELD_UNKNOWN},
    {"packet field 15", "7a00", ASSAY_FIELD_UNKNOWN},
    {"packet field 16", "820100", ASSAY_FIELD_UNKNOWN},
    {"packet field 17 looks like 1", "8a0100", ASSAY_FIELD_UNKNOWN},
    {"packet field 33 looks like 1", "8a0200", ASSAY_FIELD_UNKNOWN},
    {"packet field 2^29 - 1", "faffffff0f00", ASSAY_FIELD_UNKNOWN},
    {"trailing zero", COMMAND "00", ASSAY_FIELD_UNKNOWN},
    {"trailing newline", COMMAND "0a", ASSAY_FIELD_DUPLICATE},
    {"command field 3, reset", "0a08080112001a020801", ASSAY_FIELD_UNKNOWN},
    {"reset before init", "0a0808011a0208011200", ASSAY_FIELD_UNKNOWN},
    {"signed command field 4", "124c" COMMAND "10001a40" BYTES64 "2000",
     ASSAY_FIELD_UNKNOWN},
    {"packet fields swapped", SIGNED COMMAND, ASSAY_FIELD_ORDER},
    {"command fields swapped", "0a0412000801", ASSAY_FIELD_ORDER},
    {"signed command fields swapped", "124a" COMMAND "1a40" BYTES64 "1000",
     ASSAY_FIELD_ORDER},
    {"two commands", COMMAND COMMAND, ASSAY_FIELD_DUPLICATE},
    {"two signed commands", SIGNED SIGNED, ASSAY_FIELD_DUPLICATE},
    {"two op codes", "0a06080108011200", ASSAY_FIELD_DUPLICATE},
    {"two inits", "0a06080112001200", ASSAY_FIELD_DUPLICATE},
    {"two inner commands", "1250" COMMAND COMMAND "10001a40" BYTES64,
     ASSAY_FIELD_DUPLICATE},
    {"two signature types", "124c" COMMAND "100010001a40" BYTES64,
     ASSAY_FIELD_DUPLICATE},
    {"two signatures", "12818001" COMMAND "10001a40" BYTES64 "1a40" BYTES64,
     ASSAY_TRUNCATED},
    {"two signatures, whole",
     "128c01" COMMAND "10001a40" BYTES64 "1a40" BYTES64, ASSAY_FIELD_DUPLICATE},
    {"packet with the op code on top", "0801" COMMAND, ASSAY_FIELD_WIRE_TYPE},
    {"command empty", "0a00", ASSAY_FIELD_MISSING},
    {"no init", "0a020801", ASSAY_FIELD_MISSING},
    {"no op code", "0a021200", ASSAY_FIELD_MISSING},
    {"signed command empty", "1200", ASSAY_FIELD_MISSING},
    {"no command", "124410001a40" BYTES64, ASSAY_FIELD_MISSING},
    {"no signature type", "1248" COMMAND "1a40" BYTES64, ASSAY_FIELD_MISSING},
    {"no signature", "1208" COMMAND "1000", ASSAY_FIELD_MISSING},
    {"inner command without init", "12480a02080110001a40" BYTES64,
     ASSAY_FIELD_MISSING},
    {"both", COMMAND SIGNED, ASSAY_BOTH_COMMANDS},
    {"both, the second empty", COMMAND "1200", ASSAY_BOTH_COMMANDS},
    {"both, the second cut", COMMAND "1201", ASSAY_TRUNCATED},
    {"op code 0", "0a0408001200", ASSAY_OP_CODE},
    {"op code 2", "0a0408021200", ASSAY_OP_CODE},
    {"op code 2^32 - 1", "0a0808ffffffff0f1200", ASSAY_OP_CODE},
    {"op code 2^32 + 1",
     "0a0808818080801012"
     "00",
     ASSAY_VARINT_RANGE},
    {"signature type 1", "124a" COMMAND "10011a40" BYTES64, ASSAY_OK},
    {"signature type 2", "124a" COMMAND "10021a40" BYTES64,
     ASSAY_SIGNATURE_TYPE_UNKNOWN},
    {"signature type 2^32 - 1", "124e" COMMAND "10ffffffff0f1a40" BYTES64,
     ASSAY_SIGNATURE_TYPE_UNKNOWN},
    {"signature of 0 bytes", "120a" COMMAND "10001a00", ASSAY_SIGNATURE_LENGTH},
    {"signature of 63 bytes",
     "1249" COMMAND "10001a3f" BYTES32 REPEAT8("5a5a5a") "5a5a5a5a5a5a5a",
     ASSAY_SIGNATURE_LENGTH},
    {"signature of 65 bytes", "124b" COMMAND "10001a41" BYTES64 "5a",
     ASSAY_SIGNATURE_LENGTH},
};

Test(initpkt, envelopes_by_hand_answer_their_status)
{
    HAND(ENVELOPES, open_pb);
}

static const struct hand INIT_COMMANDS[] = {
    {"nothing", "", ASSAY_OK},
    {"fw_version 0", "0800", ASSAY_OK},
    {"fw_version 2^32 - 1", "08ffffffff0f", ASSAY_OK},
    {"fw_version 2^32", "088080808010", ASSAY_VARINT_RANGE},
    {"fw_version 2^35 - 1", "08ffffffff7f", ASSAY_VARINT_RANGE},
    {"fw_version -1 as 64 bits", "08ffffffffffffffffff01", ASSAY_VARINT_RANGE},
    {"zero in two bytes", "088000", ASSAY_VARINT_OVERLONG},
    {"zero in five bytes", "088080808000", ASSAY_VARINT_OVERLONG},
    {"zero in six bytes", "08808080808000", ASSAY_VARINT_RANGE},
    {"127 in two bytes", "08ff00", ASSAY_VARINT_OVERLONG},
    {"128", "088001", ASSAY_OK},
    {"2^28 in five bytes", "088080808001", ASSAY_OK},
    {"2^28 - 1 in five bytes", "08ffffffff00", ASSAY_VARINT_OVERLONG},
    {"value missing", "08", ASSAY_TRUNCATED},
    {"value cut", "08ffffff", ASSAY_TRUNCATED},
    {"fields swapped", "10000800", ASSAY_FIELD_ORDER},
    {"field twice", "08000800", ASSAY_FIELD_DUPLICATE},
    {"field twice, another between", "080010000800", ASSAY_FIELD_ORDER},
    {"field 11", "5800", ASSAY_FIELD_UNKNOWN},
    {"field 11 of bytes", "5a00", ASSAY_FIELD_UNKNOWN},
    {"field 15", "7800", ASSAY_FIELD_UNKNOWN},
    {"field 0", "0000", ASSAY_FIELD_UNKNOWN},
    {"field 17 looks like 1", "880100", ASSAY_FIELD_UNKNOWN},
    {"field 33 looks like 1", "880200", ASSAY_FIELD_UNKNOWN},
    {"type 4", "2004", ASSAY_OK},
    {"type 5", "2005", ASSAY_FW_TYPE_UNKNOWN},
    {"type 256", "208002", ASSAY_FW_TYPE_UNKNOWN},
    {"type 2^32 - 1", "20ffffffff0f", ASSAY_FW_TYPE_UNKNOWN},
    {"is_debug 0", "4800", ASSAY_OK},
    {"is_debug 1", "4801", ASSAY_OK},
    {"is_debug 2", "4802", ASSAY_BOOL_RANGE},
    {"is_debug 256", "488002", ASSAY_BOOL_RANGE},
    {"sd_req empty", "1a00", ASSAY_LIST_EMPTY},
    {"sd_req not packed", "1801", ASSAY_FIELD_WIRE_TYPE},
    {"sd_req in two parts", "1a01011a0101", ASSAY_FIELD_DUPLICATE},
    {"sd_req cut", "1a0180", ASSAY_TRUNCATED},
    {"sd_req past the end", "1a0201", ASSAY_TRUNCATED},
    {"sd_req overlong", "1a028000", ASSAY_VARINT_OVERLONG},
    {"sd_req of 2^32", "1a058080808010", ASSAY_VARINT_RANGE},
    {"sd_req 16 entries", "1a10" REPEAT8("0102"), ASSAY_OK},
    {"sd_req 17 entries", "1a11" REPEAT8("0102") "03", ASSAY_SD_REQ_COUNT},
    {"sd_req 17 entries, the last overlong", "1a12" REPEAT8("0102") "8000",
     ASSAY_VARINT_OVERLONG},
    {"sd_req 16 of five bytes", "1a50" REPEAT8("ffffffff0fffffffff0f"),
     ASSAY_OK},
    {"hash", "422408031220" BYTES32, ASSAY_OK},
    {"hash of 31", "42230803121f" REPEAT8("5a5a5a") "5a5a5a5a5a5a5a",
     ASSAY_HASH_LENGTH},
    {"hash of 33", "422508031221" BYTES32 "5a", ASSAY_HASH_LENGTH},
    {"hash of 0", "420408031200", ASSAY_HASH_LENGTH},
    {"no hash, no bytes", "420408001200", ASSAY_OK},
    {"SHA-512 in 32 bytes", "422408041220" BYTES32, ASSAY_OK},
    {"SHA-512 in 33 bytes", "422508041221" BYTES32 "5a", ASSAY_HASH_LENGTH},
    {"hash type 5", "422408051220" BYTES32, ASSAY_HASH_TYPE_UNKNOWN},
    {"hash type 5, then cut", "42020805", ASSAY_HASH_TYPE_UNKNOWN},
    {"hash type 2^32 - 1", "422808ffffffff0f1220" BYTES32,
     ASSAY_HASH_TYPE_UNKNOWN},
    {"hash without bytes", "42020803", ASSAY_FIELD_MISSING},
    {"hash without type", "42221220" BYTES32, ASSAY_FIELD_MISSING},
    {"hash empty", "4200", ASSAY_FIELD_MISSING},
    {"hash swapped",
     "422412"
     "20" BYTES32 "0803",
     ASSAY_FIELD_ORDER},
    {"hash with two types", "4226080308031220" BYTES32, ASSAY_FIELD_DUPLICATE},
    {"hash with two digests", "4226080312001220" BYTES32,
     ASSAY_FIELD_DUPLICATE},
    {"hash with field 3", "4226080312201800" BYTES32 "1800",
     ASSAY_FIELD_UNKNOWN},
    {"two hashes", "420408001200420408001200", ASSAY_FIELD_DUPLICATE},
    {"validation none", "520408001200", ASSAY_OK},
    {"validation CRC", "520408011200", ASSAY_OK},
    {"validation SHA-256", "520408021200", ASSAY_OK},
    {"validation ECDSA", "524408031240" BYTES64, ASSAY_OK},
    {"validation ECDSA of 0", "520408031200", ASSAY_VALIDATION_LENGTH},
    {"validation ECDSA of 32", "522408031220" BYTES32, ASSAY_VALIDATION_LENGTH},
    {"validation ECDSA of 65", "524508031241" BYTES64 "5a",
     ASSAY_VALIDATION_LENGTH},
    {"validation CRC of 1", "52050801120100", ASSAY_VALIDATION_LENGTH},
    {"validation none of 64", "524408001240" BYTES64, ASSAY_VALIDATION_LENGTH},
    {"validation type 4", "520408041200", ASSAY_VALIDATION_TYPE_UNKNOWN},
    {"validation empty", "5200", ASSAY_FIELD_MISSING},
    {"validation without bytes", "52020801", ASSAY_FIELD_MISSING},
    {"3 validations", "520408011200520408011200520408011200", ASSAY_OK},
    {"4 validations", "520408011200520408011200520408011200520408011200",
     ASSAY_VALIDATION_COUNT},
    {"4 validations, the last empty",
     "5204080112005204080112005204080112005200", ASSAY_VALIDATION_COUNT},
    {"4 validations, the last cut", "5204080112005204080112005204080112005201",
     ASSAY_TRUNCATED},
    {"field behind the validations", "5204080112004800", ASSAY_FIELD_ORDER},
    {"hash tail read as a field",
     "420608031200"
     "5800",
     ASSAY_FIELD_UNKNOWN},
    {"the first fault wins: order before type", "200508ff00",
     ASSAY_FW_TYPE_UNKNOWN},
    {"a fault before a missing field",
     "42040803"
     "1805",
     ASSAY_FIELD_UNKNOWN},
};

Test(initpkt, init_commands_by_hand_answer_their_status)
{
    HAND(INIT_COMMANDS, read_pb);
}

Test(initpkt, every_wrong_wire_type_is_refused)
{
    static const unsigned RIGHT[11] = {0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 2};
    for (unsigned number = 1; number <= 10; number++) {
        for (unsigned wire = 0; wire < 8; wire++) {
            struct pb init = {.len = 0};
            pb_tag(&init, number, wire);
            if (wire != RIGHT[number]) {
                pb_hex(&init, "0000000000000000");
                EXPECT(read_pb(&init), ASSAY_FIELD_WIRE_TYPE,
                       "field %u, wire type %u", number, wire);
            }
        }
    }
    for (unsigned wire = 0; wire < 8; wire++) {
        static const char *const FRONT[] = {"",
                                            "",
                                            "0a04",
                                            "0a080801",
                                            "120e",
                                            "120e" COMMAND,
                                            "120e" COMMAND "1000"};
        static const unsigned NUMBER[] = {1, 2, 1, 2, 1, 2, 3};
        static const unsigned WIRE[] = {2, 2, 0, 2, 2, 0, 2};
        for (size_t i = 0; i < sizeof NUMBER / sizeof *NUMBER; i++) {
            struct pb packet = {.len = 0};
            pb_hex(&packet, FRONT[i]);
            pb_tag(&packet, NUMBER[i], wire);
            pb_hex(&packet, "0000000000000000000000000000");
            if (wire != WIRE[i]) {
                EXPECT(open_pb(&packet), ASSAY_FIELD_WIRE_TYPE,
                       "envelope %zu, wire type %u", i, wire);
            }
        }
    }
}

/* 2 + 1 + 2 bytes of headers for the command, 3 for the packet. */
static void fill_packet(struct pb *packet, size_t len)
{
    struct pb init = {.len = 0};
    while (init.len < len - 8) {
        pb_byte(&init, 0x5a);
    }
    pb_unsigned(packet, &init);
    cr_assert_eq(packet->len, len);
}

Test(initpkt, packet_of_512_bytes_is_the_longest)
{
    struct pb longest = {.len = 0};
    struct pb longer = {.len = 0};
    fill_packet(&longest, 512);
    fill_packet(&longer, 513);
    EXPECT(open_pb(&longest), ASSAY_OK, "512 bytes");
    EXPECT(open_pb(&longer), ASSAY_PACKET_TOO_LONG, "513 bytes");
    memset(longer.b, 0xFF, sizeof longer.b);
    longer.len = sizeof longer.b;
    EXPECT(open_pb(&longer), ASSAY_PACKET_TOO_LONG, "4096 bytes");
}

Test(initpkt, no_bytes_at_no_address_are_read)
{
    struct reading r;
    EXPECT(assay_initpkt_open(assay_slice(NULL, 0), &r.envelope),
           ASSAY_PACKET_EMPTY, "packet");
    EXPECT(assay_initpkt_read(assay_slice(NULL, 0), &r.command), ASSAY_OK,
           "signed bytes");
    cr_assert_eq(r.command.present, 0);
    struct assay_slice list = assay_slice(NULL, 0);
    cr_assert_eq(assay_initpkt_next_sd_req(&list), 0);
    cr_assert_eq(list.len, 0);
}

Test(initpkt, an_absent_field_is_zero_and_not_present)
{
    struct reading r;
    memset(&r, 0xA5, sizeof r);
    EXPECT(assay_initpkt_read(assay_slice(NULL, 0), &r.command), ASSAY_OK,
           "empty");
    const struct assay_init_command *c = &r.command;
    cr_assert_eq(c->present | c->fw_version | c->hw_version | c->type, 0);
    cr_assert_eq(c->sd_size | c->bl_size | c->app_size | c->is_debug, 0);
    cr_assert_eq(c->hash_type | c->n_sd_req | c->n_validations, 0);
    cr_assert_eq(c->hash.len, 0);
    cr_assert_eq(c->sd_req.len, 0);
    for (size_t i = 0; i < ASSAY_VALIDATIONS_MAX; i++) {
        cr_assert_eq(c->validation[i].type, 0);
        cr_assert_eq(c->validation[i].bytes.len, 0);
    }
}

Test(initpkt, the_signed_bytes_are_the_content_of_init)
{
    struct pb packet = {.len = 0};
    struct assay_envelope e;
    pb_hex(&packet, "124c0a06080112020805"
                    "10011a40" BYTES64);
    enum assay_status status =
        assay_initpkt_open(assay_slice(packet.b, packet.len), &e);
    EXPECT(status, ASSAY_OK, "packet");
    cr_assert_eq(e.signed_bytes.p, packet.b + 8);
    cr_assert_eq(e.signed_bytes.len, 2);
    cr_assert_eq(e.signature.p, packet.b + 14);
    cr_assert_eq(e.signature.len, 64);
    cr_assert_eq(e.signature_type, ASSAY_SIGNATURE_ED25519);
}

/*
 * All byte strings of up to two bytes, and of three behind every tag that is
 * one byte long. The number accepted is counted from the format: five plain
 * integers with 128 one-byte and 16,256 two-byte values, five types, two
 * booleans, and lists of one or two SoftDevices.
 */
Test(initpkt, short_inputs_are_accepted_as_often_as_counted)
{
    unsigned accepted[4] = {0};
    for (unsigned first = 0; first < 256; first++) {
        struct pb init = {.b = {(uint8_t)first}, .len = 1};
        accepted[1] += read_pb(&init) == ASSAY_OK;
    }
    struct assay_init_command c;
    for (unsigned pair = 0; pair < 65536; pair++) {
        uint8_t b[2] = {(uint8_t)(pair >> 8), (uint8_t)pair};
        accepted[2] += assay_initpkt_read(assay_slice(b, 2), &c) == ASSAY_OK;
    }
    for (unsigned triple = 0; triple < 128 << 16; triple++) {
        uint8_t b[3] = {(uint8_t)(triple >> 16), (uint8_t)(triple >> 8),
                        (uint8_t)triple};
        accepted[3] += assay_initpkt_read(assay_slice(b, 3), &c) == ASSAY_OK;
    }
    cr_assert_eq(accepted[1], 0);
    cr_assert_eq(accepted[2], 5 * 128 + 5 + 2);
    cr_assert_eq(accepted[3], 5 * 16256 + 128);
}

/* --- What others made -----------------------------------------------------*/

/* pc-nrfutil's own byte strings; its tests use no digest and 23 bytes. */
Test(initpkt, goldens_of_nrfutil_answer_their_status)
{
#define GOLDEN_INIT                                                            \
    "08ffffffff0f10ffffffff0f1a05ffffffff0f20002800300038d2094204080312004800"
    static const struct hand OPEN[] = {
        {"unsigned", "0a2808011224" GOLDEN_INIT, ASSAY_OK},
        {"signed",
         "12450a2808011224" GOLDEN_INIT
         "10001a177369676e617475726520627974657320676f2068657265",
         ASSAY_SIGNATURE_LENGTH},
    };
    static const struct hand READ[] = {
        {"init command", GOLDEN_INIT, ASSAY_HASH_LENGTH},
        {"without the empty hash",
         "08ffffffff0f10ffffffff0f1a05ffffffff0f20002800300038d2094800",
         ASSAY_OK},
    };
    HAND(OPEN, open_pb);
    HAND(READ, read_pb);
}

static char *member(zip_t *z, const char *name, size_t *len)
{
    zip_stat_t st;
    cr_assert_eq(zip_stat(z, name, 0, &st), 0, "%s", name);
    char *bytes = malloc((size_t)st.size + 1);
    cr_assert_not_null(bytes);
    zip_file_t *f = zip_fopen(z, name, 0);
    cr_assert_not_null(f);
    cr_assert_eq(zip_fread(f, bytes, st.size), (zip_int64_t)st.size);
    (void)zip_fclose(f);
    *len = (size_t)st.size;
    return bytes;
}

/* A member of a package, in memory of just its length. */
static struct assay_slice exact_member(zip_t *z, const char *name)
{
    size_t len = 0;
    char *bytes = member(z, name, &len);
    struct assay_slice s = exact((const uint8_t *)bytes, len);
    free(bytes);
    return s;
}

static zip_t *open_zip(const char *name)
{
    char path[512];
    cr_assert(shared_path(path, sizeof path, name), "%s", name);
    zip_t *z = zip_open(path, ZIP_RDONLY, NULL);
    cr_assert_not_null(z, "%s", path);
    return z;
}

static void expect_truncations_refused(struct assay_slice packet,
                                       const char *what)
{
    for (size_t len = 0; len < packet.len; len++) {
        struct reading r;
        struct assay_slice cut = exact(packet.p, len);
        cr_assert(read_whole(cut, &r) != ASSAY_OK, "%s: %zu bytes", what, len);
        drop(cut);
    }
}

/*
 * One flipped bit is refused, or it changed what is signed or the signature.
 * The one exception is the algorithm, which stands outside of the signed
 * bytes on purpose and can only select among keys.
 */
static void expect_flips_noticed(struct assay_slice packet, const char *what)
{
    struct reading old;
    EXPECT(read_whole(packet, &old), ASSAY_OK, "%s", what);
    struct assay_slice bad = exact(packet.p, packet.len);
    uint8_t *b = (uint8_t *)(uintptr_t)bad.p;
    unsigned other_algorithm = 0;
    for (size_t bit = 0; bit < 8 * bad.len; bit++) {
        struct reading r;
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (read_whole(bad, &r) == ASSAY_OK) {
            struct assay_slice s = old.envelope.signed_bytes;
            struct assay_slice g = old.envelope.signature;
            expect_canonical(bad, &r, what);
            unsigned same =
                r.envelope.signed_bytes.len == s.len &&
                memcmp(r.envelope.signed_bytes.p, s.p, s.len) == 0 &&
                r.envelope.signature.len == g.len &&
                memcmp(r.envelope.signature.p, g.p, g.len) == 0;
            other_algorithm += same;
            cr_assert(!same || r.envelope.signature_type !=
                                   old.envelope.signature_type,
                      "%s: bit %zu is ignored", what, bit);
        }
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    cr_assert_eq(other_algorithm, old.envelope.signature.len != 0 ? 1 : 0);
    drop(bad);
}

static uint32_t number_of(json_t *image, const char *name)
{
    json_t *value = json_object_get(image, name);
    cr_assert(json_is_integer(value), "%s", name);
    return (uint32_t)json_integer_value(value);
}

static uint32_t type_of(json_t *image)
{
    static const char *const TYPES[] = {"APPLICATION", "SOFTDEVICE",
                                        "BOOTLOADER", "SOFTDEVICE_BOOTLOADER",
                                        "EXTERNAL_APPLICATION"};
    const char *name = json_string_value(json_object_get(image, "type"));
    cr_assert_not_null(name);
    for (uint32_t i = 0; i < 5; i++) {
        if (strcmp(name, TYPES[i]) == 0) {
            return i;
        }
    }
    cr_assert_fail("%s", name);
    return 5;
}

static void expect_lists(json_t *image, const struct assay_init_command *c)
{
    struct assay_slice list = c->sd_req;
    size_t i;
    json_t *v;
    json_array_foreach(json_object_get(image, "sd_req"), i, v)
    {
        cr_assert_eq(assay_initpkt_next_sd_req(&list), json_integer_value(v));
    }
    cr_assert_eq(c->n_sd_req, i);
    json_array_foreach(json_object_get(image, "boot_validation"), i, v)
    {
        cr_assert_lt(i, ASSAY_VALIDATIONS_MAX);
        cr_assert_eq(c->validation[i].type,
                     json_integer_value(json_array_get(v, 0)));
        cr_assert_eq((json_int_t)c->validation[i].bytes.len,
                     json_integer_value(json_array_get(v, 1)));
    }
    cr_assert_eq(c->n_validations, i);
}

static void expect_truth(json_t *image, struct assay_slice packet,
                         const char *what)
{
    struct reading r;
    EXPECT(read_whole(packet, &r), ASSAY_OK, "%s", what);
    const struct assay_init_command *c = &r.command;
    json_t *sizes = json_object_get(image, "sizes");
    const char *kind = json_string_value(json_object_get(image, "kind"));
    cr_assert_eq(packet.len, number_of(image, "dat_len"));
    cr_assert_eq(c->fw_version, number_of(image, "fw_version"));
    cr_assert_eq(c->hw_version, number_of(image, "hw_version"));
    cr_assert_eq(c->type, type_of(image));
    cr_assert_eq(c->sd_size, json_integer_value(json_array_get(sizes, 0)));
    cr_assert_eq(c->bl_size, json_integer_value(json_array_get(sizes, 1)));
    cr_assert_eq(c->app_size, json_integer_value(json_array_get(sizes, 2)));
    cr_assert_eq(c->hash_type, number_of(image, "hash_type"));
    cr_assert_eq(c->hash.len, number_of(image, "hash_len"));
    json_t *debug = json_object_get(image, "is_debug");
    expect_number(c->is_debug, c->present >> 9 & 1, json_is_integer(debug),
                  (uint32_t)json_integer_value(debug), "is_debug");
    expect_lists(image, c);
    if (strcmp(kind, "secure-signed") == 0) {
        cr_assert_eq(r.envelope.signature.len, number_of(image, "sig_len"));
        cr_assert_eq(r.envelope.signature_type, number_of(image, "sig_type"));
    } else {
        cr_assert_eq(r.envelope.signature.len, 0);
    }
}

static void expect_image(zip_t *z, json_t *image, const char *what)
{
    const char *kind = json_string_value(json_object_get(image, "kind"));
    const char *dat = json_string_value(json_object_get(image, "dat"));
    struct assay_slice packet = exact_member(z, dat);
    if (strcmp(kind, "legacy") == 0) {
        struct reading r;
        cr_assert(read_whole(packet, &r) != ASSAY_OK, "%s", what);
    } else {
        expect_truth(image, packet, what);
        expect_accepted(packet, what);
        expect_truncations_refused(packet, what);
        expect_flips_noticed(packet, what);
    }
    drop(packet);
}

Test(initpkt, published_packages_are_read_as_expected, .timeout = 120)
{
    char path[512];
    if (!shared_path(path, sizeof path, "corpus/expected.json")) {
        shared_skip("initpkt", 105, "corpus/expected.json");
        return;
    }
    json_t *all = json_load_file(path, 0, NULL);
    cr_assert_not_null(all);
    unsigned n = 0;
    const char *name;
    json_t *package;
    json_object_foreach(all, name, package)
    {
        if (strncmp(name, "sdfu/", 5) == 0) {
            char file[400];
            (void)snprintf(file, sizeof file, "corpus/%s", name);
            zip_t *z = open_zip(file);
            size_t i;
            json_t *image;
            json_array_foreach(json_object_get(package, "images"), i, image)
            {
                expect_image(z, image, name);
                n++;
            }
            zip_discard(z);
        }
    }
    json_decref(all);
    cr_assert_eq(n, 105);
}

/* Fields as nrfutil was asked for them, or as its own texts show them. */
Test(initpkt, packages_made_by_nrfutil_are_accepted)
{
    static const struct {
        const char *zip;
        const char *dat;
        size_t len;
    } MADE[] = {
        {"app_debug", "bar.dat", 149},
        {"app_ecdsa", "bar.dat", 204},
        {"app_signed", "bar.dat", 139},
        {"app_unsigned", "bar.dat", 68},
        {"bl_signed", "bar.dat", 139},
        {"sd_bl_app_signed", "sd_bl.dat", 150},
        {"sd_bl_app_signed", "dfu_test_app_hrm_s130.dat", 143},
        {"sd_bl_signed", "sd_bl.dat", 148},
        {"sd_signed", "dfu_test_softdevice_b.dat", 145},
        {"zb", "007B-0141-01010101-good_image.dat", 144},
    };
    char path[512];
    if (!shared_path(path, sizeof path, "corpus/nrfutil-made")) {
        shared_skip("initpkt", 10, "corpus/nrfutil-made");
        return;
    }
    for (size_t i = 0; i < sizeof MADE / sizeof *MADE; i++) {
        char file[100];
        (void)snprintf(file, sizeof file, "corpus/nrfutil-made/%s.zip",
                       MADE[i].zip);
        zip_t *z = open_zip(file);
        struct assay_slice packet = exact_member(z, MADE[i].dat);
        cr_assert_eq(packet.len, MADE[i].len);
        expect_accepted(packet, file);
        expect_truncations_refused(packet, file);
        expect_flips_noticed(packet, file);
        drop(packet);
        zip_discard(z);
    }
}

/* --- At random, from the builder ------------------------------------------*/

static void random_bytes(uint64_t *seed, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)pb_random(seed);
    }
}

static void random_init(uint64_t *seed, struct pb_init *init)
{
    memset(init, 0, sizeof *init);
    init->present = (uint32_t)pb_random(seed) & ALL;
    for (unsigned i = 1; i < 10; i++) {
        init->number[i] = pb_random_number(seed);
    }
    init->number[4] = (uint32_t)pb_random(seed) % 5;
    init->number[9] = (uint32_t)pb_random(seed) % 2;
    init->n_sd_req = 1 + pb_random(seed) % 16;
    for (size_t i = 0; i < init->n_sd_req; i++) {
        init->sd_req[i] = pb_random_number(seed);
    }
    init->hash.type = pb_random(seed) % 5;
    init->hash.len = init->hash.type == 3 ? 32 : pb_random(seed) % 33;
    random_bytes(seed, init->hash.bytes, init->hash.len);
    init->n_validations = 1 + pb_random(seed) % 3;
    for (size_t i = 0; i < init->n_validations; i++) {
        struct pb_typed *v = &init->validation[i];
        v->type = pb_random(seed) % 4;
        v->len = v->type == 3 ? 64 : 0;
        random_bytes(seed, v->bytes, v->len);
    }
}

static void expect_init(const struct pb_init *init,
                        const struct assay_init_command *c)
{
    const uint32_t got[10] = {
        0,          c->fw_version, c->hw_version, 0, c->type,
        c->sd_size, c->bl_size,    c->app_size,   0, c->is_debug};
    cr_assert_eq(c->present, init->present);
    for (unsigned i = 1; i < 10; i++) {
        uint32_t has = init->present >> i & 1;
        if (i != 3 && i != 8) {
            cr_assert_eq(got[i], has ? init->number[i] : 0, "field %u", i);
        }
    }
    struct assay_slice list = c->sd_req;
    cr_assert_eq(c->n_sd_req, init->present >> 3 & 1 ? init->n_sd_req : 0);
    for (uint32_t i = 0; i < c->n_sd_req; i++) {
        cr_assert_eq(assay_initpkt_next_sd_req(&list), init->sd_req[i]);
    }
    if (init->present >> 8 & 1) {
        cr_assert_eq(c->hash_type, init->hash.type);
        expect_same_bytes(c->hash, init->hash.bytes, init->hash.len, "hash");
    }
    cr_assert_eq(c->n_validations,
                 init->present >> 10 & 1 ? init->n_validations : 0);
    for (uint32_t i = 0; i < c->n_validations; i++) {
        const struct pb_typed *v = &init->validation[i];
        cr_assert_eq(c->validation[i].type, v->type);
        expect_same_bytes(c->validation[i].bytes, v->bytes, v->len, "10");
    }
}

Test(initpkt, random_packets_are_read_back)
{
    uint64_t seed = 1;
    for (unsigned round = 0; round < 3000; round++) {
        struct pb_init init;
        struct pb body = {.len = 0};
        struct pb packet = {.len = 0};
        struct pb_signature signature = {.len = 64};
        random_init(&seed, &init);
        pb_init(&body, &init);
        signature.type = pb_random(&seed) % 2;
        random_bytes(&seed, signature.bytes, 64);
        unsigned is_signed = pb_random(&seed) % 4 != 0;
        if (is_signed) {
            pb_signed(&packet, &body, &signature);
        } else {
            pb_unsigned(&packet, &body);
        }
        struct assay_slice copy = exact(packet.b, packet.len);
        struct reading r;
        EXPECT(read_whole(copy, &r), ASSAY_OK, "round %u", round);
        expect_same_bytes(r.envelope.signed_bytes, body.b, body.len, "signed");
        expect_same_bytes(r.envelope.signature, signature.bytes,
                          is_signed ? 64 : 0, "signature");
        expect_init(&init, &r.command);
        expect_canonical(copy, &r, "random");
        expect_peer(copy, &r);
        drop(copy);
    }
}

/*
 * An InitCommand as a row of encoded fields, so that it can be put together
 * wrongly. Each mutation makes exactly one fault.
 */
struct row {
    struct pb field[12];
    unsigned number[12];
    size_t n;
};

static void random_row(uint64_t *seed, struct row *row)
{
    struct pb_init init;
    random_init(seed, &init);
    init.present |= 1u << 1 | 1u << 3 | 1u << 8;
    init.n_validations = 1;
    row->n = 0;
    for (unsigned number = 1; number <= 10; number++) {
        if (init.present >> number & 1) {
            row->field[row->n].len = 0;
            pb_init_field(&row->field[row->n], &init, number);
            row->number[row->n++] = number;
        }
    }
}

static void join(const struct row *row, struct pb *out)
{
    out->len = 0;
    for (size_t i = 0; i < row->n; i++) {
        pb_raw(out, row->field[i].b, row->field[i].len);
    }
}

static void insert(struct row *row, size_t at, const struct pb *field)
{
    for (size_t i = row->n; i > at; i--) {
        row->field[i] = row->field[i - 1];
        row->number[i] = row->number[i - 1];
    }
    row->field[at] = *field;
    row->n++;
}

static void swap_fields(struct row *row, size_t a, size_t b)
{
    struct pb field = row->field[a];
    row->field[a] = row->field[b];
    row->field[b] = field;
}

/* Write the field's tag anew and keep what follows it. */
static void retag(struct pb *field, unsigned wire, unsigned padding)
{
    struct pb again = {.len = 0};
    pb_padded(&again, (field->b[0] & ~7u) | wire, padding);
    pb_raw(&again, field->b + 1, field->len - 1);
    *field = again;
}

/* Pad the integer behind the tag: a value, or a length below 128. */
static void pad_value(struct pb *field, unsigned padding)
{
    struct pb again = {.len = 0};
    uint64_t value = 0;
    size_t at = 1;
    unsigned shift = 0;
    do {
        value |= (uint64_t)(field->b[at] & 127) << shift;
        shift += 7;
    } while (field->b[at++] >= 128);
    pb_byte(&again, field->b[0]);
    pb_padded(&again, value, padding);
    pb_raw(&again, field->b + at, field->len - at);
    *field = again;
}

static size_t varint_len(const uint8_t *b)
{
    size_t n = 1;
    while (*b++ >= 128) {
        n++;
    }
    return n;
}

Test(initpkt, structural_mutations_are_refused_by_name)
{
    uint64_t seed = 2;
    for (unsigned round = 0; round < 4000; round++) {
        struct row row;
        struct pb init;
        struct pb unknown = {.len = 0};
        enum assay_status want = ASSAY_OK;
        random_row(&seed, &row);
        join(&row, &init);
        EXPECT(read_pb(&init), ASSAY_OK, "round %u, untouched", round);
        size_t at = pb_random(&seed) % row.n;
        size_t other = pb_random(&seed) % row.n;
        unsigned number = row.number[at];
        struct pb *field = &row.field[at];
        unsigned wire = field->b[0] & 7;
        unsigned kind = round % 6;
        switch (kind) {
        case 0: /* the same again; field 10 may stand three times */
            insert(&row, at, field);
            want = number == 10 ? ASSAY_OK : ASSAY_FIELD_DUPLICATE;
            break;
        case 1:
            swap_fields(&row, at, other);
            want = at == other ? ASSAY_OK : ASSAY_FIELD_ORDER;
            break;
        case 2: /* 0, or 11 and above */
            number = (unsigned)pb_random(&seed) % 2000;
            pb_tag(&unknown, number > 0 ? number + 10 : 0, wire);
            pb_hex(&unknown, "00");
            insert(&row, other, &unknown);
            want = ASSAY_FIELD_UNKNOWN;
            break;
        case 3:
            retag(field, wire, 1 + (unsigned)pb_random(&seed) % 4);
            want = ASSAY_VARINT_OVERLONG;
            break;
        case 4:
            want = ASSAY_VARINT_OVERLONG;
            if (varint_len(field->b + 1) == 5) {
                want = ASSAY_VARINT_RANGE;
            }
            pad_value(field, 1);
            break;
        default:
            retag(field, (wire + 1 + (unsigned)pb_random(&seed) % 7) % 8, 0);
            want = ASSAY_FIELD_WIRE_TYPE;
            break;
        }
        join(&row, &init);
        EXPECT(read_pb(&init), want, "round %u, kind %u, field %u", round, kind,
               number);
    }
}

/* Bytes moved across every border between a field and its neighbour. */
Test(initpkt, fields_in_another_message_are_refused)
{
    static const struct hand CASES[] = {
        {"signature type in the inner command",
         "124a0a06080112001000"
         "1a40" BYTES64,
         ASSAY_FIELD_DUPLICATE},
        {"signature in the inner command",
         "124a0a46080112001a40" BYTES64 "1000", ASSAY_FIELD_UNKNOWN},
        {"signature type in the packet", "1248" COMMAND "1a40" BYTES64 "1000",
         ASSAY_FIELD_MISSING},
        {"signature in the packet", "1208" COMMAND "10001a40" BYTES64,
         ASSAY_FIELD_MISSING},
        {"init beside its command", "0a0208011200", ASSAY_FIELD_MISSING},
        {"init field behind init in its command", "0a06080112000800",
         ASSAY_FIELD_ORDER},
        {"init field 2 behind init", "0a06080112001000", ASSAY_FIELD_DUPLICATE},
        {"init field 4 behind init", "0a06080112002000", ASSAY_FIELD_UNKNOWN},
        {"init field in the packet", COMMAND "0800", ASSAY_FIELD_DUPLICATE},
    };
    HAND(CASES, open_pb);
}

/* Whatever random damage passes is canonical, and protobuf-c agrees. */
Test(initpkt, damaged_packets_that_pass_are_canonical)
{
    uint64_t seed = 3;
    unsigned passed = 0;
    for (unsigned round = 0; round < 30000; round++) {
        struct pb_init init;
        struct pb body = {.len = 0};
        struct pb packet = {.len = 0};
        struct reading r;
        random_init(&seed, &init);
        pb_init(&body, &init);
        pb_unsigned(&packet, &body);
        for (uint64_t n = 1 + pb_random(&seed) % 2; n != 0; n--) {
            packet.b[pb_random(&seed) % packet.len] =
                (uint8_t)pb_random_number(&seed);
        }
        struct assay_slice copy = exact(packet.b, packet.len);
        if (read_whole(copy, &r) == ASSAY_OK) {
            expect_canonical(copy, &r, "damaged");
            expect_peer(copy, &r);
            passed++;
        }
        drop(copy);
    }
    cr_assert_gt(passed, 1000, "the test has become idle: %u", passed);
}
