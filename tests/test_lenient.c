/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "base/slice.h"
#include "host/fwid.h"
#include "host/legacy.h"
#include "host/lenient.h"
#include "initpkt/initpkt.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * The answers expected of the bootloader's decoder were read from the SDK's
 * own nanopb (0.3.6, with its decoding callback), case by case; the goldens
 * were made by nrfutil.
 */

struct bytes {
    uint8_t b[1200];
    size_t n;
};

static struct bytes hex(const char *text)
{
    struct bytes out = {.n = 0};
    for (; *text != '\0'; text++) {
        if (*text == ' ') {
            continue;
        }
        char pair[3] = {text[0], text[1], 0};
        out.b[out.n++] = (uint8_t)strtoul(pair, NULL, 16);
        text++;
    }
    return out;
}

static struct bytes join(struct bytes a, struct bytes b)
{
    memcpy(a.b + a.n, b.b, b.n);
    a.n += b.n;
    return a;
}

/* Field number of wire type 2 around content. */
static struct bytes wrap(unsigned number, struct bytes content)
{
    struct bytes out = {.n = 0};
    out.b[out.n++] = (uint8_t)(number << 3 | 2);
    size_t len = content.n;
    for (; len >= 0x80; len >>= 7) {
        out.b[out.n++] = (uint8_t)(len | 0x80);
    }
    out.b[out.n++] = (uint8_t)len;
    return join(out, content);
}

static struct bytes fill(size_t n)
{
    struct bytes out = {.n = n};
    memset(out.b, 0x11, n);
    return out;
}

static const char HASH[] = "4224 0803 1220"
                           "000102030405060708090a0b0c0d0e0f"
                           "101112131415161718191a1b1c1d1e1f";

static struct bytes command(struct bytes init)
{
    return join(hex("0801"), wrap(2, init));
}

static struct bytes unsigned_packet(struct bytes init)
{
    return wrap(1, command(init));
}

static struct bytes sign(struct bytes cmd, size_t signature_len)
{
    struct bytes s = join(wrap(1, cmd), hex("1000"));
    return wrap(2, join(s, wrap(3, fill(signature_len))));
}

/* Heap memory of the exact length, so that a read behind it is seen. */
static struct assay_nanopb decode(struct bytes in)
{
    struct assay_nanopb out;
    uint8_t *p = malloc(in.n == 0 ? 1 : in.n);
    cr_assert_not_null(p);
    memcpy(p, in.b, in.n);
    assay_nanopb_decode(assay_slice(p, in.n), &out);
    out.signature.p = NULL;
    free(p);
    return out;
}

static struct assay_walk *walk(struct bytes in)
{
    struct assay_walk *out = malloc(sizeof *out);
    uint8_t *p = malloc(in.n == 0 ? 1 : in.n);
    cr_assert(out != NULL && p != NULL);
    memcpy(p, in.b, in.n);
    assay_lenient_walk(assay_slice(p, in.n), out);
    cr_assert_leq(out->n_nodes, ASSAY_LENIENT_MAX_NODES + 1);
    for (size_t i = 0; i < out->n_nodes; i++) {
        const struct assay_node *n = &out->node[i];
        cr_assert_leq(n->depth, 4);
        cr_assert_leq(n->off, in.n);
        cr_assert_leq(n->tag_len, in.n - n->off);
        cr_assert_leq(n->len, in.n - n->off - n->tag_len);
        cr_assert(i == 0 || out->node[i - 1].off < n->off);
    }
    free(p);
    return out;
}

static uint32_t flags_of(struct bytes in, enum assay_message inside,
                         uint32_t number)
{
    struct assay_walk *w = walk(in);
    uint32_t flags = 0;
    for (size_t i = 0; i < w->n_nodes; i++) {
        if (w->node[i].inside == inside && w->node[i].number == number) {
            flags = w->node[i].flags;
        }
    }
    free(w);
    return flags;
}

static void accepts(struct bytes in, uint32_t fw_version)
{
    struct assay_nanopb out = decode(in);
    cr_assert_eq(out.answer, ASSAY_NANOPB_ACCEPTS, "refused: %s", out.reason);
    cr_assert_eq(out.init.fw_version, fw_version, "fw_version %u",
                 (unsigned)out.init.fw_version);
}

static void refuses(struct bytes in, const char *reason)
{
    struct assay_nanopb out = decode(in);
    cr_assert_eq(out.answer, ASSAY_NANOPB_REFUSES);
    cr_assert_not_null(strstr(out.reason, reason), "found: %s", out.reason);
}

/* --- goldens ------------------------------------------------------------- */

static const char GOLDEN[] = "08ffffffff0f10ffffffff0f1a05ffffffff0f2000280030"
                             "0038d2094204080312004800";

Test(lenient, golden_init_every_field_is_listed)
{
    static const uint32_t NUMBERS[] = {1, 1, 2, 1, 2, 3, 4,
                                       5, 6, 7, 8, 1, 2, 9};
    static const unsigned DEPTHS[] = {0, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 2};
    struct assay_walk *w = walk(join(hex("0a28 0801 1224"), hex(GOLDEN)));
    cr_assert_eq(w->n_nodes, sizeof NUMBERS / sizeof NUMBERS[0]);
    for (size_t i = 0; i < w->n_nodes; i++) {
        cr_assert_eq(w->node[i].number, NUMBERS[i], "node %zu", i);
        cr_assert_eq(w->node[i].depth, DEPTHS[i], "node %zu", i);
        cr_assert_eq(w->node[i].flags, 0, "node %zu", i);
    }
    cr_assert_eq(w->node[3].value, UINT32_MAX);
    cr_assert_eq(w->node[9].value, 1234);
    cr_assert_eq(w->node[9].off, 31);
    free(w);
}

Test(lenient, golden_unsigned_is_accepted)
{
    struct assay_nanopb out = decode(join(hex("0a28 0801 1224"), hex(GOLDEN)));
    cr_assert_eq(out.answer, ASSAY_NANOPB_ACCEPTS);
    cr_assert_eq(out.is_signed, 0);
    cr_assert_eq(out.init.hw_version, UINT32_MAX);
    cr_assert_eq(out.init.n_sd_req, 1);
    cr_assert_eq(out.init.sd_req[0], UINT32_MAX);
    cr_assert_eq(out.init.app_size, 1234);
    cr_assert_eq(out.init.hash_type, ASSAY_HASH_SHA256);
    cr_assert_eq(out.init.hash.len, 0);
    cr_assert_eq(out.signed_bytes.len, 36);
}

Test(lenient, golden_signed_short_signature_is_accepted)
{
    struct bytes in =
        join(join(hex("1245 0a28 0801 1224"), hex(GOLDEN)),
             hex("1000 1a17 7369676e617475726520627974657320676f2068657265"));
    struct assay_nanopb out = decode(in);
    struct assay_envelope envelope;
    cr_assert_eq(out.answer, ASSAY_NANOPB_ACCEPTS);
    cr_assert_eq(out.is_signed, 1);
    cr_assert_eq(out.signature.len, 23);
    cr_assert_eq(assay_initpkt_open(assay_slice(in.b, in.n), &envelope),
                 ASSAY_SIGNATURE_LENGTH);
}

/* --- what the bootloader takes and the strict reader does not ------------ */

Test(lenient, unknown_field_is_skipped)
{
    struct bytes in =
        unsigned_packet(hex("0804 1034 7805 fd0601020304 a20103aabbcc"));
    accepts(in, 4);
    cr_assert_eq(flags_of(in, ASSAY_MESSAGE_INIT, 15), ASSAY_NODE_UNKNOWN);
    cr_assert_eq(flags_of(in, ASSAY_MESSAGE_INIT, 20),
                 ASSAY_NODE_UNKNOWN | ASSAY_NODE_OUT_OF_ORDER);
}

Test(lenient, duplicate_scalar_last_wins)
{
    struct bytes in = unsigned_packet(hex("0801 0807 1034"));
    accepts(in, 7);
    cr_assert_eq(flags_of(in, ASSAY_MESSAGE_INIT, 1), ASSAY_NODE_DUPLICATE);
}

Test(lenient, duplicate_hash_is_merged)
{
    struct bytes in =
        unsigned_packet(hex("0801 4206080212020102 4206080312020304"));
    struct assay_nanopb out = decode(in);
    cr_assert_eq(out.answer, ASSAY_NANOPB_ACCEPTS);
    cr_assert_eq(out.init.hash_type, 3);
}

Test(lenient, unpacked_sd_req_is_taken)
{
    struct bytes in = unsigned_packet(hex("0801 1800 18b601"));
    struct assay_nanopb out = decode(in);
    cr_assert_eq(out.answer, ASSAY_NANOPB_ACCEPTS);
    cr_assert_eq(out.init.n_sd_req, 2);
    cr_assert_eq(out.init.sd_req[1], 0xB6);
    cr_assert_neq(
        flags_of(in, ASSAY_MESSAGE_INIT, 3) & ASSAY_NODE_WRONG_WIRE_TYPE, 0);
}

Test(lenient, sd_req_16_taken_17_refused)
{
    struct bytes list = {.n = 16};
    struct bytes in = unsigned_packet(join(hex("0801"), wrap(3, list)));
    accepts(in, 1);
    cr_assert_eq(flags_of(in, ASSAY_MESSAGE_INIT, 3), 0);
    list.n = 17;
    in = unsigned_packet(join(hex("0801"), wrap(3, list)));
    refuses(in, "more than 16");
    cr_assert_eq(flags_of(in, ASSAY_MESSAGE_INIT, 3), ASSAY_NODE_OVER_LIMIT);
}

Test(lenient, sd_req_17_over_two_lists_refused)
{
    struct bytes a = {.n = 9};
    struct bytes b = {.n = 8};
    refuses(unsigned_packet(join(wrap(3, a), wrap(3, b))), "more than 16");
}

Test(lenient, signature_64_taken_65_refused)
{
    accepts(sign(command(hex("0804 1034")), 64), 4);
    struct bytes in = sign(command(hex("0804 1034")), 65);
    refuses(in, "longer than 64");
    cr_assert_eq(flags_of(in, ASSAY_MESSAGE_SIGNED_COMMAND, 3),
                 ASSAY_NODE_OVER_LIMIT);
}

Test(lenient, hash_32_taken_33_refused)
{
    accepts(unsigned_packet(join(hex("0804"), hex(HASH))), 4);
    struct bytes hash = join(hex("0803"), wrap(2, fill(33)));
    refuses(unsigned_packet(join(hex("0804"), wrap(8, hash))),
            "longer than 32");
}

Test(lenient, validations_3_taken_4_refused)
{
    struct bytes v = hex("0804 52040801 1200 52040801 1200 52040801 1200");
    struct assay_nanopb out = decode(unsigned_packet(v));
    cr_assert_eq(out.answer, ASSAY_NANOPB_ACCEPTS);
    cr_assert_eq(out.init.n_validations, 3);
    v = join(v, hex("52040801 1200"));
    refuses(unsigned_packet(v), "more than 3");
    cr_assert_eq(flags_of(unsigned_packet(v), ASSAY_MESSAGE_INIT, 10),
                 ASSAY_NODE_OVER_LIMIT);
}

Test(lenient, both_commands_refused)
{
    struct bytes a = unsigned_packet(hex("0804"));
    refuses(join(a, sign(command(hex("0805")), 64)), "more than one");
    refuses(join(a, sign(hex("0801"), 64)), "a signed and an unsigned");
}

Test(lenient, two_inits_refused)
{
    struct bytes c = join(command(hex("0804")), wrap(2, hex("0805")));
    refuses(wrap(1, c), "more than one");
    refuses(sign(c, 64), "more than one");
}

Test(lenient, no_init_refused)
{
    refuses(wrap(1, hex("0801")), "no init");
    refuses(hex(""), "empty");
}

/*
 * The signed bytes run to the end of the Command, and are decoded again: an
 * op_code behind init then is a fw_version of 1.
 */
Test(lenient, op_code_behind_init_becomes_fw_version)
{
    struct bytes c = join(wrap(2, hex("0804 1034")), hex("0801"));
    struct assay_nanopb out = decode(sign(c, 64));
    cr_assert_eq(out.answer, ASSAY_NANOPB_ACCEPTS);
    cr_assert_eq(out.init.fw_version, 1);
    cr_assert_eq(out.signed_bytes.len, 6);
    accepts(wrap(1, c), 4); /* unsigned: the first reading counts */
    cr_assert_neq(flags_of(sign(c, 64), ASSAY_MESSAGE_COMMAND, 1) &
                      ASSAY_NODE_TRAILING,
                  0);
}

Test(lenient, non_minimal_varint_is_taken)
{
    struct bytes in = unsigned_packet(hex("088400 9000 34"));
    accepts(in, 4);
    cr_assert_eq(flags_of(in, ASSAY_MESSAGE_INIT, 1), ASSAY_NODE_NON_MINIMAL);
    cr_assert_eq(flags_of(in, ASSAY_MESSAGE_INIT, 2), ASSAY_NODE_NON_MINIMAL);
}

Test(lenient, missing_required_field_refused)
{
    struct bytes s = join(wrap(1, command(hex("0804"))), hex("1000"));
    refuses(wrap(2, s), "required");
    refuses(unsigned_packet(hex("0804 42020803")), "required");
    refuses(unsigned_packet(hex("0804 52021200")), "required");
}

Test(lenient, wrong_wire_type_is_not_looked_at)
{
    struct bytes in = unsigned_packet(hex("0d05 1034"));
    accepts(in, 5);
    cr_assert_neq(
        flags_of(in, ASSAY_MESSAGE_INIT, 1) & ASSAY_NODE_WRONG_WIRE_TYPE, 0);
}

Test(lenient, unknown_group_refused)
{
    refuses(unsigned_packet(hex("0804 7b05")), "wire type");
}

/* A zero tag ends a message; the one around goes on behind it. */
Test(lenient, zero_tag_ends_message)
{
    struct bytes in = unsigned_packet(hex("0804 00 1034"));
    struct assay_nanopb out = decode(in);
    cr_assert_eq(out.answer, ASSAY_NANOPB_ACCEPTS);
    cr_assert_eq(out.init.fw_version, 4);
    cr_assert_eq(out.init.present & 1u << ASSAY_INIT_HW_VERSION, 0);
    cr_assert_eq(flags_of(in, ASSAY_MESSAGE_INIT, 0), ASSAY_NODE_TRAILING);
}

Test(lenient, message_around_goes_on_behind_a_zero_tag)
{
    /* Three bytes are left for the Command. It reads them from 12 01 80 on,
     * and so finds a second init. */
    struct bytes c = join(hex("0801"), wrap(2, hex("0804 00 120180")));
    refuses(wrap(1, join(c, hex("780600"))), "more than one");
}

Test(lenient, tag_cut_by_the_end_is_ignored)
{
    struct bytes in = join(unsigned_packet(hex("0804")), hex("80"));
    accepts(in, 4);
    cr_assert_eq(flags_of(in, ASSAY_MESSAGE_PACKET, 0), ASSAY_NODE_TRUNCATED);
}

Test(lenient, numbers_that_do_not_fit_refused)
{
    accepts(unsigned_packet(hex("08ffffffff0f")), UINT32_MAX);
    refuses(unsigned_packet(hex("088080808010")), "32 bits");
    accepts(unsigned_packet(hex("0801 20ff01")), 1);
    refuses(unsigned_packet(hex("0801 208002")), "byte");
    accepts(unsigned_packet(hex("0801 4802")), 1);
    refuses(unsigned_packet(hex("0801 48c801")), "boolean");
    accepts(unsigned_packet(hex("0801 48ffffffffffffffffff01")), 1);
    refuses(unsigned_packet(hex("08ffffffffffffffffffff01")), "10 bytes");
    cr_assert_eq(
        flags_of(unsigned_packet(hex("088080808010")), ASSAY_MESSAGE_INIT, 1),
        ASSAY_NODE_OVER_LIMIT);
}

Test(lenient, length_past_the_end_refused)
{
    struct bytes in = hex("0a09 0801 1205 0804 1034");
    refuses(in, "past the end");
    cr_assert_neq(flags_of(in, ASSAY_MESSAGE_PACKET, 1) & ASSAY_NODE_TRUNCATED,
                  0);
    /* What is there is listed all the same. */
    cr_assert_eq(flags_of(in, ASSAY_MESSAGE_INIT, 2), 0);
}

Test(lenient, packet_512_taken_513_refused)
{
    struct bytes in = {.n = 0};
    for (size_t n = 400; in.n != 512; n++) {
        in = unsigned_packet(join(hex("0804"), wrap(15, fill(n))));
    }
    accepts(in, 4);
    refuses(join(in, hex("80")), "longer than 512");
}

/* --- bounds -------------------------------------------------------------- */

Test(lenient, nesting_bomb_stays_flat)
{
    struct bytes in = {.n = 0};
    for (unsigned i = 0; i < 250; i++) {
        in = wrap(i % 2 == 0 ? 2 : 1, in);
        if (in.n > 1000) {
            break;
        }
    }
    struct assay_walk *w = walk(in);
    cr_assert_gt(w->n_nodes, 0);
    free(w);
    cr_assert_eq(decode(in).answer, ASSAY_NANOPB_REFUSES);
}

Test(lenient, many_fields_end_in_more)
{
    struct bytes in = {.n = 0};
    for (unsigned i = 0; i < 300; i++) {
        in = join(in, hex("7801"));
    }
    struct assay_walk *w = walk(in);
    cr_assert_eq(w->n_nodes, ASSAY_LENIENT_MAX_NODES + 1);
    const struct assay_node *last = &w->node[w->n_nodes - 1];
    cr_assert_eq(last->flags, ASSAY_NODE_MORE);
    cr_assert_eq(last->off, 512);
    cr_assert_eq(last->len, 88);
    free(w);
}

Test(lenient, every_prefix_and_flip_is_survived)
{
    struct bytes in = sign(command(join(hex("0804 1034 1a0100 2000 3864"),
                                        join(hex(HASH), hex("4800 5204"
                                                            "0801 1200")))),
                           64);
    accepts(in, 4);
    for (size_t n = 0; n < in.n; n++) {
        struct bytes cut = in;
        cut.n = n;
        free(walk(cut));
        cr_assert_eq(decode(cut).answer, ASSAY_NANOPB_REFUSES);
    }
    for (size_t bit = 0; bit < in.n * 8; bit++) {
        struct bytes flip = in;
        flip.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        free(walk(flip));
        (void)decode(flip);
    }
}

/* Whatever the strict reader takes, the bootloader reads in the same way. */
Test(lenient, strictly_right_random_packets_are_accepted)
{
    struct bytes base =
        sign(command(join(hex("0804 1034 1a0100 2000 3864"), hex(HASH))), 64);
    uint32_t x = 1;
    unsigned n_strict = 0;
    for (unsigned i = 0; i < 20000; i++) {
        struct bytes in = base;
        for (unsigned k = 0; k < 2; k++) {
            x = x * 1664525u + 1013904223u;
            in.b[(x >> 8) % in.n] ^= (uint8_t)(1u << (x >> 28) % 8);
        }
        struct assay_envelope envelope;
        struct assay_init_command init;
        if (assay_initpkt_open(assay_slice(in.b, in.n), &envelope) !=
                ASSAY_OK ||
            assay_initpkt_read(envelope.signed_bytes, &init) != ASSAY_OK) {
            continue;
        }
        struct assay_nanopb out = decode(in);
        n_strict++;
        cr_assert_eq(out.answer, ASSAY_NANOPB_ACCEPTS);
        cr_assert_eq(out.init.fw_version, init.fw_version);
        cr_assert_eq(out.init.present, init.present);
        cr_assert_eq(out.init.app_size, init.app_size);
        cr_assert_eq(out.init.n_sd_req, init.n_sd_req);
        cr_assert_eq(out.signed_bytes.len, envelope.signed_bytes.len);
    }
    cr_assert_gt(n_strict, 1000);
}

/* --- legacy init packets, firmware IDs ----------------------------------- */

Test(legacy, crc16_has_the_published_check_value)
{
    cr_assert_eq(
        assay_legacy_crc16(assay_slice((const uint8_t *)"123456789", 9)),
        0x29B1);
    cr_assert_eq(assay_legacy_crc16(assay_slice(NULL, 0)), 0xFFFF);
}

static enum assay_status parse(const char *text, struct assay_legacy *out)
{
    struct bytes in = hex(text);
    uint8_t *p = malloc(in.n == 0 ? 1 : in.n);
    cr_assert_not_null(p);
    memcpy(p, in.b, in.n);
    enum assay_status status =
        assay_legacy_parse(assay_slice(p, in.n), out, NULL);
    free(p);
    return status;
}

#define HASH_TEXT                                                              \
    "c9d3bf69f21e88a0311e0dd242536112f842579bef265a24bd0255fd443f759e"
#define ECDSA_TEXT                                                             \
    "31d742381239aac3e68be201d131170100ae1e04f97e71cdbf7622da6ec06632"         \
    "d439dcc7f8ae1656561790a396ad7850610b73febd695db2958199e4b0cfe9da"

/* The forms of nrfutil 0.5's own test packets. */
Test(legacy, every_form_is_read)
{
    struct assay_legacy out;
    cr_assert_eq(parse("ffffffffffffffff010064 0091bb", &out), ASSAY_OK);
    cr_assert_eq(out.form, ASSAY_LEGACY_CRC);
    cr_assert_eq(out.crc16, 48017);
    cr_assert_eq(out.n_sd, 1);
    cr_assert_eq(out.sd[0], 100);
    cr_assert_eq(parse("c66f", &out), ASSAY_OK);
    cr_assert_eq(out.form, ASSAY_LEGACY_BARE_CRC);
    cr_assert_eq(out.crc16, 28614);
    cr_assert_eq(
        parse("0100 0200 eeffeeff 0300 5704 ae08 050d 00000000 aefa", &out),
        ASSAY_OK);
    cr_assert_eq(out.form, ASSAY_LEGACY_EXT_CRC);
    cr_assert_eq(out.crc16, 0xFAAE);
    cr_assert_eq(out.has_image_len, 0);
    cr_assert_eq(out.app_version, 0xFFEEFFEE);
    cr_assert_eq(out.sd[1], 2222);
    cr_assert_eq(
        parse("0100 0200 eeffeeff 0300 5704 ae08 050d 01000000" HASH_TEXT,
              &out),
        ASSAY_OK);
    cr_assert_eq(out.form, ASSAY_LEGACY_EXT_HASH);
    cr_assert_eq(parse("0100 0200 eeffeeff 0300 5704 ae08 050d "
                       "02000000" HASH_TEXT ECDSA_TEXT,
                       &out),
                 ASSAY_OK);
    cr_assert_eq(out.form, ASSAY_LEGACY_EXT_ECDSA);
    cr_assert_eq(out.signature.len, 64);
    cr_assert_eq(parse("0100 0200 03000000 0000 00000000 d2040000 aefa", &out),
                 ASSAY_OK);
    cr_assert_eq(out.form, ASSAY_LEGACY_EXT_CRC);
    cr_assert_eq(out.has_image_len, 1);
    cr_assert_eq(out.image_len, 1234);
}

Test(legacy, damaged_packets_are_refused)
{
    struct assay_legacy out;
    cr_assert_eq(parse("", &out), ASSAY_PACKET_EMPTY);
    cr_assert_eq(parse("ff", &out), ASSAY_TRUNCATED);
    cr_assert_eq(parse("ffffffffffffffff01", &out), ASSAY_TRUNCATED);
    cr_assert_eq(parse("ffffffffffffffff0100", &out), ASSAY_TRUNCATED);
    cr_assert_eq(parse("ffffffffffffffff0000 11", &out), ASSAY_FORMAT_UNKNOWN);
    cr_assert_eq(parse("ffffffffffffffff0000 03000000 aefa", &out),
                 ASSAY_FORMAT_UNKNOWN);
    cr_assert_eq(parse("ffffffffffffffff0000", &out), ASSAY_OK);
    cr_assert_eq(out.form, ASSAY_LEGACY_NO_CHECK);
}

Test(fwid, released_softdevices_have_their_names)
{
    size_t n = 0;
    const struct assay_fwid *table = assay_fwid_table(&n);
    cr_assert_eq(n, 44);
    for (size_t i = 0; i < n; i++) {
        cr_assert_eq(assay_fwid_name(table[i].id), table[i].name);
    }
    cr_assert_str_eq(assay_fwid_name(0xB7), "s132_nrf52_6.1.1");
    cr_assert_str_eq(assay_fwid_name(0x100), "s140_nrf52_7.2.0");
    cr_assert_str_eq(assay_fwid_name(0x80), "s130_nrf51_2.0.0");
    cr_assert_null(assay_fwid_name(0x1234));
}
