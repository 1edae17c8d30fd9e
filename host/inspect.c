/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/inspect.h"

#include "base/bytes.h"
#include "host/format.h"
#include "host/fwid.h"
#include "host/hex.h"
#include "host/legacy.h"
#include "host/lenient.h"
#include "host/settings.h"
#include "initpkt/initpkt.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/*
 * One tree is built, and the text is rendered from it. Running out of memory
 * anywhere only sets failed: jansson takes NULL for any of its arguments, so
 * nothing needs to be tested in between.
 */
struct report {
    json_t *root;
    json_t *problems;
    json_t *notes;
    enum assay_status status; /* the first problem */
    struct assay_diag diag;
    int failed;
};

enum {
    MAX_RAW = 64,   /* bytes shown of a field */
    MAX_TEXT = 200, /* characters shown of a foreign string */
    MAX_PROBLEMS = 64,
    MAX_ROWS = 256, /* of anything that a file may repeat */
    MAX_LOOSE_IMAGES = 8,
    RENDER_DEPTH = 12,
};

/* --- Making the tree ----------------------------------------------------- */

static void put(struct report *r, json_t *object, const char *key,
                json_t *value)
{
    if (json_object_set_new(object, key, value) != 0) {
        r->failed = 1;
    }
}

static json_t *put_object(struct report *r, json_t *object, const char *key)
{
    json_t *child = json_object();
    put(r, object, key, child);
    return r->failed ? NULL : child;
}

static json_t *put_array(struct report *r, json_t *object, const char *key)
{
    json_t *child = json_array();
    put(r, object, key, child);
    return r->failed ? NULL : child;
}

static void add(struct report *r, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0) {
        r->failed = 1;
    }
}

static json_t *add_object(struct report *r, json_t *array)
{
    json_t *child = json_object();
    add(r, array, child);
    return r->failed ? NULL : child;
}

/* A string of printable ASCII, whatever the bytes are. */
static json_t *escaped(struct assay_slice text, size_t max_len)
{
    struct assay_buffer b = {0};
    enum assay_status status = ASSAY_OK;
    size_t i = 0;
    for (; i < text.len && b.len < max_len && status == ASSAY_OK; i++) {
        uint8_t c = text.p[i];
        int plain = c >= 0x20 && c <= 0x7E && c != '\\';
        status = assay_buffer_printf(&b, NULL, plain ? "%c" : "\\x%02X", c);
    }
    if (status == ASSAY_OK && i < text.len) {
        status = assay_buffer_printf(&b, NULL, "...");
    }
    json_t *string = NULL;
    if (status == ASSAY_OK) {
        string = json_stringn(b.len == 0 ? "" : (const char *)b.p, b.len);
    }
    assay_buffer_free(&b);
    return string;
}

static struct assay_slice slice_of(const char *text)
{
    return assay_slice((const uint8_t *)text, strlen(text));
}

static void put_text(struct report *r, json_t *object, const char *key,
                     const char *text)
{
    put(r, object, key, escaped(slice_of(text), sizeof r->diag.text));
}

static void put_name(struct report *r, json_t *object, const char *key,
                     struct assay_slice name)
{
    put(r, object, key, escaped(name, MAX_TEXT));
}

__attribute__((format(printf, 4, 5))) static void put_format(
    struct report *r, json_t *object, const char *key, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put_text(r, object, key, text);
}

static void put_number(struct report *r, json_t *object, const char *key,
                       uint64_t value)
{
    /* JSON integers are signed here; what does not fit is told in hex. */
    if (value > INT64_MAX) {
        put_format(r, object, key, "0x%016llX", (unsigned long long)value);
        return;
    }
    put(r, object, key, json_integer((json_int_t)value));
}

static void put_flag(struct report *r, json_t *object, const char *key,
                     int value)
{
    put(r, object, key, json_boolean(value));
}

static void put_hex(struct report *r, json_t *object, const char *key,
                    struct assay_slice bytes)
{
    char text[2 * MAX_RAW + 40];
    size_t shown = bytes.len < MAX_RAW ? bytes.len : MAX_RAW;
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; i < shown; i++) {
        n += (size_t)snprintf(text + n, 3, "%02x", (unsigned)bytes.p[i]);
    }
    if (shown < bytes.len) {
        (void)snprintf(text + n, sizeof text - n, "... (%zu bytes)", bytes.len);
    }
    put_text(r, object, key, text);
}

/* Bytes in the opposite order, as wire numbers of Nordic are to be read. */
static void put_hex_reversed(struct report *r, json_t *object, const char *key,
                             struct assay_slice bytes)
{
    uint8_t turned[MAX_RAW];
    size_t len = bytes.len < MAX_RAW ? bytes.len : MAX_RAW;
    assay_reverse(turned, bytes.p, len);
    put_hex(r, object, key, assay_slice(turned, len));
}

/* Where a field stands: len bytes at off of whole. */
struct place {
    struct assay_slice whole;
    size_t off;
    size_t len;
};

static struct place at(struct assay_slice whole, size_t off, size_t len)
{
    return (struct place){.whole = whole, .off = off, .len = len};
}

/* in: the place lies inside. ret: the field, for its value and meaning. */
static json_t *add_field(struct report *r, json_t *fields, const char *name,
                         struct place place)
{
    json_t *field = add_object(r, fields);
    put_number(r, field, "off", place.off);
    put_text(r, field, "name", name);
    put_hex(r, field, "raw",
            assay_slice_sub(place.whole, place.off, place.len));
    return field;
}

static json_t *add_le(struct report *r, json_t *fields, const char *name,
                      struct place place)
{
    json_t *field = add_field(r, fields, name, place);
    const uint8_t *p = place.whole.p + place.off;
    uint32_t value = place.len == 4   ? assay_load_le32(p)
                     : place.len == 2 ? assay_load_le16(p)
                                      : p[0];
    put_number(r, field, "value", value);
    return field;
}

__attribute__((format(printf, 2, 3))) static void note(struct report *r,
                                                       const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (json_array_size(r->notes) < MAX_PROBLEMS) {
        add(r, r->notes, escaped(slice_of(text), sizeof text));
    }
}

/* Record a fault; the first one is the result. */
__attribute__((format(printf, 3, 4))) static void fault(
    struct report *r, enum assay_status status, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (r->status == ASSAY_OK) {
        r->status = assay_diag_set(&r->diag, status, "%s", text);
    }
    if (json_array_size(r->problems) >= MAX_PROBLEMS) {
        return;
    }
    json_t *problem = add_object(r, r->problems);
    put_text(r, problem, "status", assay_status_name(status));
    put_text(r, problem, "rule", assay_status_rule(status));
    put_text(r, problem, "meaning", assay_status_meaning(status));
    put_text(r, problem, "found", text);
}

static void put_verdict(struct report *r, json_t *object,
                        enum assay_status status)
{
    put_text(r, object, "status", assay_status_name(status));
    put_text(r, object, "rule", assay_status_rule(status));
    /* Of a whole file or packet; it says nothing about its signature. */
    put_text(r, object, "meaning",
             status == ASSAY_OK ? "well formed" : assay_status_meaning(status));
}

static void put_digest(struct report *r, json_t *object, const char *key,
                       struct assay_slice data, uint8_t digest[32])
{
    unsigned len = 0;
    if (EVP_Digest(data.p, data.len, digest, &len, EVP_sha256(), NULL) != 1) {
        r->failed = 1;
        memset(digest, 0, 32);
    }
    put_hex(r, object, key, assay_slice(digest, 32));
}

static uint32_t crc32_of(struct assay_slice data)
{
    return data.len == 0 ? 0 : (uint32_t)crc32(0, data.p, (uInt)data.len);
}

/* --- Init packet of Secure DFU ------------------------------------------- */

static const char *const FW_TYPES[] = {"APPLICATION", "SOFTDEVICE",
                                       "BOOTLOADER", "SOFTDEVICE_BOOTLOADER",
                                       "EXTERNAL_APPLICATION"};
static const char *const HASH_TYPES[] = {"NO_HASH", "CRC", "SHA128", "SHA256",
                                         "SHA512"};
static const char *const VALIDATION_TYPES[] = {
    "NO_VALIDATION", "VALIDATE_GENERATED_CRC", "VALIDATE_GENERATED_SHA256",
    "VALIDATE_ECDSA_P256_SHA256"};
static const char *const SIGNATURE_TYPES[] = {"ECDSA_P256_SHA256", "ED25519"};

#define N_OF(array) (sizeof(array) / sizeof(array)[0])
#define NAME_OF(array, value)                                                  \
    ((value) < N_OF(array) ? (array)[value] : "no known value")

/* The meaning of an integer field; NULL when the number says it all. */
static const char *number_meaning(const struct assay_node *node)
{
    uint64_t v = node->value;
    switch (node->inside) {
    case ASSAY_MESSAGE_SIGNED_COMMAND:
        return NAME_OF(SIGNATURE_TYPES, v);
    case ASSAY_MESSAGE_COMMAND:
        return v == 1 ? "INIT" : v == 0 ? "RESET" : "no known value";
    case ASSAY_MESSAGE_HASH:
        return NAME_OF(HASH_TYPES, v);
    case ASSAY_MESSAGE_VALIDATION:
        return NAME_OF(VALIDATION_TYPES, v);
    case ASSAY_MESSAGE_INIT:
        break;
    default:
        return NULL;
    }
    if (node->number == ASSAY_INIT_TYPE) {
        return NAME_OF(FW_TYPES, v);
    }
    if (node->number == ASSAY_INIT_IS_DEBUG) {
        return v == 0 ? "no" : "yes: a debug bootloader skips version checks";
    }
    if (node->number == ASSAY_INIT_SD_REQ) {
        return v > UINT32_MAX ? NULL : assay_fwid_name((uint32_t)v);
    }
    return v == UINT32_MAX ? "the highest value" : NULL;
}

/* "0x00B6 (s140_nrf52_6.1.1), ..." for a packed list. */
static void put_list_meaning(struct report *r, json_t *field,
                             struct assay_slice list)
{
    struct assay_buffer b = {0};
    enum assay_status status = ASSAY_OK;
    for (unsigned i = 0; list.len != 0 && i <= ASSAY_SD_REQ_MAX; i++) {
        size_t before = list.len;
        uint32_t id = assay_initpkt_next_sd_req(&list);
        const char *name = assay_fwid_name(id);
        if (list.len == before || status != ASSAY_OK) {
            break;
        }
        status =
            assay_buffer_printf(&b, NULL, "%s0x%04X (%s)", i == 0 ? "" : ", ",
                                (unsigned)id, name == NULL ? "unknown" : name);
    }
    if (status == ASSAY_OK) {
        put(r, field, "meaning",
            escaped(assay_buffer_slice(&b), sizeof r->diag.text));
    } else {
        r->failed = 1;
    }
    assay_buffer_free(&b);
}

static void put_bytes_meaning(struct report *r, json_t *field,
                              const struct assay_node *node,
                              struct assay_slice bytes)
{
    switch (node->inside) {
    case ASSAY_MESSAGE_INIT:
        put_list_meaning(r, field, bytes);
        break;
    case ASSAY_MESSAGE_HASH:
        put_format(r, field, "meaning",
                   "digest of the image, %zu bytes, reversed", bytes.len);
        break;
    case ASSAY_MESSAGE_VALIDATION:
        put_format(r, field, "meaning", "boot validation, %zu bytes",
                   bytes.len);
        break;
    default:
        put_format(r, field, "meaning", "%zu bytes: r then s, little-endian",
                   bytes.len);
        break;
    }
}

struct flag_name {
    uint32_t flag;
    const char *name;
};

static void put_node_flags(struct report *r, json_t *field, uint32_t flags)
{
    static const struct flag_name NAMES[] = {
        {ASSAY_NODE_NON_MINIMAL, "not in the shortest encoding"},
        {ASSAY_NODE_UNKNOWN, "unknown field"},
        {ASSAY_NODE_DUPLICATE, "stands more than once"},
        {ASSAY_NODE_OUT_OF_ORDER, "out of order"},
        {ASSAY_NODE_TRUNCATED, "cut short"},
        {ASSAY_NODE_WRONG_WIRE_TYPE, "wrong wire type"},
        {ASSAY_NODE_TRAILING, "behind the end of what belongs here"},
        {ASSAY_NODE_OVER_LIMIT, "over the limit"},
        {ASSAY_NODE_MORE, "and so on"},
    };
    if (flags == 0) {
        return;
    }
    json_t *list = put_array(r, field, "flags");
    for (size_t i = 0; i < N_OF(NAMES); i++) {
        if ((flags & NAMES[i].flag) != 0) {
            add(r, list, json_string(NAMES[i].name));
        }
    }
}

static void add_node(struct report *r, json_t *fields,
                     struct assay_slice packet, const struct assay_node *node)
{
    char unnamed[32];
    const char *name = assay_lenient_field_name(node->inside, node->number);
    if (name == NULL) {
        (void)snprintf(unnamed, sizeof unnamed,
                       node->number == 0 ? "bytes" : "field %u",
                       (unsigned)node->number);
        name = unnamed;
    }
    /* Of wire type 2 raw is the head: the content is shown on its own. */
    int is_message = node->kind != ASSAY_MESSAGE_NONE;
    int is_bytes = node->tag_len != 0 && node->wire == 2;
    size_t len = node->tag_len + (is_bytes ? 0 : node->len);
    json_t *field = add_field(r, fields, name, at(packet, node->off, len));
    put_number(r, field, "len", node->tag_len + node->len);
    put_number(r, field, "depth", node->depth);
    put_text(r, field, "in", assay_lenient_message_name(node->inside));
    int is_known = (node->flags & ASSAY_NODE_UNKNOWN) == 0 && node->number != 0;
    if (is_message) {
        put_format(r, field, "meaning", "%s, %zu bytes",
                   assay_lenient_message_name(node->kind), node->len);
    } else if (node->tag_len != 0 && node->wire == 0) {
        const char *meaning = is_known ? number_meaning(node) : NULL;
        put_number(r, field, "value", node->value);
        if (meaning != NULL) {
            put_text(r, field, "meaning", meaning);
        }
    } else if (is_bytes) {
        struct assay_slice bytes =
            assay_slice_sub(packet, node->off + node->tag_len, node->len);
        put_hex(r, field, "bytes", bytes);
        if (is_known) {
            put_bytes_meaning(r, field, node, bytes);
        }
    }
    put_node_flags(r, field, node->flags);
}

static void put_fields(struct report *r, json_t *object,
                       struct assay_slice packet)
{
    struct assay_walk walk;
    assay_lenient_walk(packet, &walk);
    json_t *fields = put_array(r, object, "fields");
    for (size_t i = 0; i < walk.n_nodes; i++) {
        add_node(r, fields, packet, &walk.node[i]);
    }
}

static enum assay_status strict_verdict(struct assay_slice packet)
{
    struct assay_envelope envelope;
    struct assay_init_command init;
    enum assay_status status = assay_initpkt_open(packet, &envelope);
    return status == ASSAY_OK ? assay_initpkt_read(envelope.signed_bytes, &init)
                              : status;
}

static void put_value(struct report *r, json_t *values,
                      const struct assay_nanopb_init *init, uint32_t number,
                      uint32_t value)
{
    const char *name = assay_lenient_field_name(ASSAY_MESSAGE_INIT, number);
    if ((init->present >> number & 1u) != 0) {
        put_number(r, values, name, value);
    } else {
        put(r, values, name, json_null());
    }
}

/* What a bootloader works with, in one place: for programs above all. */
static void put_values(struct report *r, json_t *object,
                       const struct assay_nanopb_init *init)
{
    json_t *values = put_object(r, object, "values");
    put_text(r, values, "type", NAME_OF(FW_TYPES, init->type));
    put_value(r, values, init, ASSAY_INIT_FW_VERSION, init->fw_version);
    put_value(r, values, init, ASSAY_INIT_HW_VERSION, init->hw_version);
    json_t *list = put_array(r, values, "sd_req");
    for (uint32_t i = 0; i < init->n_sd_req; i++) {
        add(r, list, json_integer(init->sd_req[i]));
    }
    put_value(r, values, init, ASSAY_INIT_SD_SIZE, init->sd_size);
    put_value(r, values, init, ASSAY_INIT_BL_SIZE, init->bl_size);
    put_value(r, values, init, ASSAY_INIT_APP_SIZE, init->app_size);
    put_text(r, values, "hash_type", NAME_OF(HASH_TYPES, init->hash_type));
    put_hex_reversed(r, values, "digest", init->hash);
    put_value(r, values, init, ASSAY_INIT_IS_DEBUG, init->is_debug);
    json_t *validations = put_array(r, values, "boot_validation");
    for (uint32_t i = 0; i < init->n_validations; i++) {
        add(r, validations,
            json_string(NAME_OF(VALIDATION_TYPES, init->validation[i].type)));
    }
}

enum scalar { SCALAR_ZERO, SCALAR_LOW, SCALAR_HIGH, SCALAR_TOO_LARGE };

/* Where a number stands to the order n of P-256, big-endian. */
static enum scalar scalar_of(const uint8_t number[32])
{
    static const uint8_t ORDER[32] = {
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17,
        0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51};
    static const uint8_t HALF[32] = {
        0x7F, 0xFF, 0xFF, 0xFF, 0x80, 0x00, 0x00, 0x00, 0x7F, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xDE, 0x73, 0x7D, 0x56, 0xD3, 0x8B,
        0xCF, 0x42, 0x79, 0xDC, 0xE5, 0x61, 0x7E, 0x31, 0x92, 0xA8};
    static const uint8_t ZERO[32] = {0};
    if (memcmp(number, ZERO, 32) == 0) {
        return SCALAR_ZERO;
    }
    if (memcmp(number, ORDER, 32) >= 0) {
        return SCALAR_TOO_LARGE;
    }
    return memcmp(number, HALF, 32) > 0 ? SCALAR_HIGH : SCALAR_LOW;
}

static int put_scalar(struct report *r, json_t *object, const char *name,
                      const uint8_t wire[32])
{
    uint8_t number[32];
    char key[24];
    assay_reverse(number, wire, 32);
    enum scalar scalar = scalar_of(number);
    int in_range = scalar == SCALAR_LOW || scalar == SCALAR_HIGH;
    put_hex(r, object, name, assay_slice(number, 32));
    (void)snprintf(key, sizeof key, "%s_in_range", name);
    put_flag(r, object, key, in_range);
    if (name[0] == 's') {
        put_flag(r, object, "s_high", scalar == SCALAR_HIGH);
    }
    if (!in_range) {
        fault(r, ASSAY_SIGNATURE_INVALID,
              "found %s %s, expected a number from 1 to n - 1", name,
              scalar == SCALAR_ZERO ? "zero" : "not below the group order n");
    }
    return in_range;
}

static void put_signature(struct report *r, json_t *object,
                          const struct assay_nanopb *decoded)
{
    put_flag(r, object, "signed", decoded->is_signed);
    if (!decoded->is_signed) {
        note(r, "unsigned init packet: a bootloader that requires signatures "
                "answers \"signature missing\"");
        return;
    }
    json_t *signature = put_object(r, object, "signature");
    put_text(r, signature, "algorithm",
             NAME_OF(SIGNATURE_TYPES, decoded->signature_type));
    put_number(r, signature, "len", decoded->signature.len);
    if (decoded->signature_type != ASSAY_SIGNATURE_ECDSA_P256_SHA256 ||
        decoded->signature.len != ASSAY_SIGNATURE_LEN) {
        put_hex(r, signature, "bytes", decoded->signature);
        return;
    }
    (void)put_scalar(r, signature, "r", decoded->signature.p);
    (void)put_scalar(r, signature, "s", decoded->signature.p + 32);
}

/* The verdicts of the two readers, then every field. */
static void secure_packet(struct report *r, json_t *object,
                          struct assay_slice packet,
                          struct assay_nanopb *decoded)
{
    enum assay_status strict = strict_verdict(packet);
    assay_nanopb_decode(packet, decoded);
    put_text(r, object, "form", "secure");
    put_number(r, object, "len", packet.len);
    put_verdict(r, put_object(r, object, "strict"), strict);
    json_t *target = put_object(r, object, "bootloader");
    int accepts = decoded->answer == ASSAY_NANOPB_ACCEPTS;
    put_flag(r, target, "decodes", accepts);
    if (!accepts) {
        put_text(r, target, "reason", decoded->reason);
        put_number(r, target, "ended_at", decoded->reason_off);
    }
    if (strict != ASSAY_OK) {
        fault(r, strict,
              "init packet: %s; a bootloader of SDK 15.3 or later "
              "%s it%s%s",
              assay_status_meaning(strict),
              accepts ? "decodes" : "cannot decode", accepts ? "" : ": ",
              decoded->reason);
    }
    if (accepts) {
        put_number(r, object, "signed_off",
                   (uint64_t)(decoded->signed_bytes.p - packet.p));
        put_number(r, object, "signed_len", decoded->signed_bytes.len);
        put_signature(r, object, decoded);
    }
    put_values(r, object, &decoded->init);
    put_fields(r, object, packet);
}

/* --- Init packet of legacy DFU ------------------------------------------- */

static void legacy_extension(struct report *r, json_t *fields,
                             struct assay_slice packet,
                             const struct assay_legacy *legacy)
{
    int is_extended = legacy->form == ASSAY_LEGACY_EXT_CRC ||
                      legacy->form == ASSAY_LEGACY_EXT_HASH ||
                      legacy->form == ASSAY_LEGACY_EXT_ECDSA;
    if (is_extended) {
        (void)add_le(r, fields, "extended_packet_id",
                     at(packet, legacy->ext_off, 4));
    } else if (legacy->form == ASSAY_LEGACY_UNKNOWN && legacy->ext_len != 0) {
        (void)add_field(r, fields, "extension",
                        at(packet, legacy->ext_off, legacy->ext_len));
    }
    if (legacy->has_image_len) {
        (void)add_le(r, fields, "image_length",
                     at(packet, legacy->ext_off + 4, 4));
    }
    if (legacy->form == ASSAY_LEGACY_CRC ||
        legacy->form == ASSAY_LEGACY_BARE_CRC ||
        legacy->form == ASSAY_LEGACY_EXT_CRC) {
        (void)add_le(r, fields, "crc16", at(packet, legacy->crc_off, 2));
    }
    if (legacy->hash.len != 0) {
        (void)add_field(
            r, fields, "sha256",
            at(packet, (size_t)(legacy->hash.p - packet.p), legacy->hash.len));
    }
    if (legacy->signature.len != 0) {
        (void)add_field(r, fields, "ecdsa",
                        at(packet, (size_t)(legacy->signature.p - packet.p),
                           legacy->signature.len));
    }
}

static void legacy_fields(struct report *r, json_t *object,
                          struct assay_slice packet,
                          const struct assay_legacy *legacy)
{
    json_t *fields = put_array(r, object, "fields");
    if (legacy->form == ASSAY_LEGACY_BARE_CRC || packet.len < 10) {
        legacy_extension(r, fields, packet, legacy);
        return;
    }
    (void)add_le(r, fields, "device_type", at(packet, 0, 2));
    (void)add_le(r, fields, "device_revision", at(packet, 2, 2));
    (void)add_le(r, fields, "app_version", at(packet, 4, 4));
    (void)add_le(r, fields, "softdevices", at(packet, 8, 2));
    for (uint32_t i = 0; i < legacy->n_sd; i++) {
        json_t *field =
            add_le(r, fields, "softdevice", at(packet, 10 + 2 * (size_t)i, 2));
        const char *name = assay_fwid_name(legacy->sd[i]);
        put_text(r, field, "meaning", name == NULL ? "unknown" : name);
    }
    if (legacy->ext_off != 0) {
        legacy_extension(r, fields, packet, legacy);
    }
}

static void legacy_packet(struct report *r, json_t *object,
                          struct assay_slice packet,
                          struct assay_legacy *legacy)
{
    struct assay_diag diag = {0};
    enum assay_status status = assay_legacy_parse(packet, legacy, &diag);
    put_text(r, object, "form", "legacy");
    put_number(r, object, "len", packet.len);
    put_text(r, object, "check", assay_legacy_form_name(legacy->form));
    put_flag(r, object, "signed", 0);
    if (status != ASSAY_OK) {
        fault(r, status, "legacy init packet: %s", diag.text);
    }
    if (legacy->signature.len != 0) {
        note(r, "the ECDSA bytes of legacy packets were experimental; no "
                "bootloader of that age checks them by default");
    }
    if (legacy->form != ASSAY_LEGACY_BARE_CRC && packet.len >= 10) {
        json_t *values = put_object(r, object, "values");
        put_number(r, values, "device_type", legacy->device_type);
        put_number(r, values, "device_revision", legacy->device_revision);
        put_number(r, values, "app_version", legacy->app_version);
        json_t *list = put_array(r, values, "softdevices");
        for (uint32_t i = 0; i < legacy->n_sd; i++) {
            add(r, list, json_integer(legacy->sd[i]));
        }
    }
    legacy_fields(r, object, packet, legacy);
}

/* --- Images -------------------------------------------------------------- */

static void check_secure_size(struct report *r, json_t *checks,
                              struct assay_slice image,
                              const struct assay_nanopb_init *init)
{
    uint64_t want = 0;
    if (init->type == ASSAY_FW_APPLICATION ||
        init->type == ASSAY_FW_EXTERNAL_APPLICATION) {
        want = init->app_size;
    } else {
        want += (init->type & 1u) != 0 ? init->sd_size : 0;
        want += (init->type & 2u) != 0 ? init->bl_size : 0;
    }
    put_number(r, checks, "stated_size", want);
    put_flag(r, checks, "size_ok", want == image.len);
    if (want != image.len) {
        fault(r, image.len < want ? ASSAY_IMAGE_SHORT : ASSAY_IMAGE_LONG,
              "image: found %zu bytes, expected %llu", image.len,
              (unsigned long long)want);
    }
}

static void check_secure_digest(struct report *r, json_t *checks,
                                struct assay_slice image,
                                const struct assay_nanopb_init *init)
{
    uint8_t digest[32];
    uint8_t turned[32];
    put_digest(r, checks, "sha256", image, digest);
    assay_reverse(turned, digest, 32);
    if (init->hash_type != ASSAY_HASH_SHA256 || init->hash.len != 32) {
        put_text(r, checks, "digest", "not comparable");
        put_text(r, checks, "digest_meaning",
                 "the init packet holds no SHA-256 digest");
    } else if (memcmp(init->hash.p, turned, 32) == 0) {
        put_text(r, checks, "digest", "LE");
        put_text(r, checks, "digest_meaning", "digest matches");
    } else if (memcmp(init->hash.p, digest, 32) == 0) {
        put_text(r, checks, "digest", "BE");
        put_text(r, checks, "digest_meaning",
                 "digest matches only in natural byte order: a bootloader of "
                 "today answers hash mismatch");
        fault(r, ASSAY_IMAGE_DIGEST,
              "image: the digest matches only in natural byte order, expected "
              "it reversed");
    } else {
        put_text(r, checks, "digest", "differs");
        put_text(r, checks, "digest_meaning",
                 "the image does not have the digest of the init packet");
        fault(r, ASSAY_IMAGE_DIGEST,
              "image: found a SHA-256 digest other than the init packet's");
    }
}

static void check_legacy(struct report *r, json_t *checks,
                         struct assay_slice image,
                         const struct assay_legacy *legacy)
{
    uint8_t digest[32];
    uint32_t crc = assay_legacy_crc16(image);
    put_digest(r, checks, "sha256", image, digest);
    put_number(r, checks, "crc16", crc);
    if (legacy->form == ASSAY_LEGACY_CRC ||
        legacy->form == ASSAY_LEGACY_BARE_CRC ||
        legacy->form == ASSAY_LEGACY_EXT_CRC) {
        put_flag(r, checks, "crc16_ok", crc == legacy->crc16);
        if (crc != legacy->crc16) {
            fault(r, ASSAY_IMAGE_VALIDATION,
                  "image: found CRC-16 %04X, expected %04X", (unsigned)crc,
                  (unsigned)legacy->crc16);
        }
    }
    if (legacy->hash.len == 32) {
        int ok = memcmp(legacy->hash.p, digest, 32) == 0;
        put_flag(r, checks, "sha256_ok", ok);
        if (!ok) {
            fault(r, ASSAY_IMAGE_DIGEST,
                  "image: found a SHA-256 digest other than the init "
                  "packet's");
        }
    }
    if (legacy->has_image_len) {
        int ok = legacy->image_len == image.len;
        put_flag(r, checks, "size_ok", ok);
        if (!ok) {
            fault(r,
                  image.len < legacy->image_len ? ASSAY_IMAGE_SHORT
                                                : ASSAY_IMAGE_LONG,
                  "image: found %zu bytes, expected %u", image.len,
                  (unsigned)legacy->image_len);
        }
    }
}

static void softdevice_section(struct report *r, json_t *object,
                               struct assay_slice image)
{
    size_t off = 0;
    if (!assay_softdevice_find(image, &off)) {
        return;
    }
    json_t *section = put_object(r, object, "softdevice");
    json_t *fields = put_array(r, section, "fields");
    put_flag(r, section, "with_mbr", off == 0x3000);
    json_t *field = add_le(r, fields, "info_size", at(image, off, 1));
    (void)add_le(r, fields, "magic", at(image, off + 4, 4));
    field = add_le(r, fields, "size", at(image, off + 8, 4));
    put_text(r, field, "meaning", "with the master boot record");
    field = add_le(r, fields, "fwid", at(image, off + 12, 2));
    const char *name = assay_fwid_name(assay_load_le16(image.p + off + 12));
    put_text(r, field, "meaning", name == NULL ? "unknown" : name);
    (void)add_le(r, fields, "id", at(image, off + 16, 4));
    field = add_le(r, fields, "version", at(image, off + 20, 4));
    uint32_t v = assay_load_le32(image.p + off + 20);
    put_format(r, field, "meaning", "%u.%u.%u", (unsigned)(v / 1000000),
               (unsigned)(v / 1000 % 1000), (unsigned)(v % 1000));
}

/* --- MCUboot ------------------------------------------------------------- */

struct tag_name {
    uint32_t tag;
    const char *name;
};

static const char *tag_name(const struct tag_name *names, size_t n,
                            uint32_t tag)
{
    for (size_t i = 0; i < n; i++) {
        if (names[i].tag == tag) {
            return names[i].name;
        }
    }
    return "unknown";
}

static json_t *add_row(struct report *r, json_t *rows, const char *name,
                       const struct assay_row *row)
{
    json_t *item = add_object(r, rows);
    put_number(r, item, "off", row->off);
    put_text(r, item, "name", name);
    put_format(r, item, "tag", "0x%x", (unsigned)row->tag);
    put_number(r, item, "len", row->len);
    put_hex(r, item, "raw", row->data);
    if (row->data.len < row->len) {
        put_format(r, item, "meaning", "cut short: %zu of %u bytes",
                   row->data.len, (unsigned)row->len);
    }
    return item;
}

enum {
    MCUBOOT_HEADER_LEN = 32,
    MCUBOOT_INFO_LEN = 4,
    MCUBOOT_PROTECTED = 0x6908,
    MCUBOOT_UNPROTECTED = 0x6907,
    MCUBOOT_ENCRYPTED = 0x4 | 0x8,
};

static void mcuboot_flags(struct report *r, json_t *field, uint32_t flags)
{
    static const struct flag_name NAMES[] = {
        {0x1, "PIC"},
        {0x4, "ENCRYPTED_AES128"},
        {0x8, "ENCRYPTED_AES256"},
        {0x10, "NON_BOOTABLE"},
        {0x20, "RAM_LOAD"},
        {0x100, "ROM_FIXED"},
        {0x200, "COMPRESSED_LZMA1"},
        {0x400, "COMPRESSED_LZMA2"},
        {0x800, "COMPRESSED_ARM_THUMB_FLT"},
    };
    char text[200] = "";
    size_t n = 0;
    for (size_t i = 0; i < N_OF(NAMES); i++) {
        if ((flags & NAMES[i].flag) != 0) {
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s",
                                  n == 0 ? "" : ", ", NAMES[i].name);
        }
    }
    put_text(r, field, "meaning", n == 0 ? "none" : text);
}

static void mcuboot_header(struct report *r, json_t *section,
                           struct assay_slice image)
{
    json_t *fields = put_array(r, section, "fields");
    (void)add_le(r, fields, "magic", at(image, 0, 4));
    (void)add_le(r, fields, "load_addr", at(image, 4, 4));
    (void)add_le(r, fields, "hdr_size", at(image, 8, 2));
    (void)add_le(r, fields, "protect_tlv_size", at(image, 10, 2));
    (void)add_le(r, fields, "img_size", at(image, 12, 4));
    json_t *field = add_le(r, fields, "flags", at(image, 16, 4));
    mcuboot_flags(r, field, assay_load_le32(image.p + 16));
    field = add_field(r, fields, "version", at(image, 20, 8));
    put_format(r, field, "meaning", "%u.%u.%u+%u", (unsigned)image.p[20],
               (unsigned)image.p[21], (unsigned)assay_load_le16(image.p + 22),
               (unsigned)assay_load_le32(image.p + 24));
    (void)add_le(r, fields, "pad1", at(image, 28, 4));
}

static void mcuboot_hash(struct report *r, json_t *item,
                         const struct assay_row *row, struct assay_slice hashed)
{
    const EVP_MD *md = row->tag == 0x10   ? EVP_sha256()
                       : row->tag == 0x11 ? EVP_sha384()
                       : row->tag == 0x12 ? EVP_sha512()
                                          : NULL;
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (md == NULL) {
        return;
    }
    if ((assay_load_le32(hashed.p + 16) & MCUBOOT_ENCRYPTED) != 0) {
        put_text(r, item, "meaning", "of the plain image: not checked");
        return;
    }
    if (EVP_Digest(hashed.p, hashed.len, digest, &len, md, NULL) != 1) {
        r->failed = 1;
        return;
    }
    int ok = row->data.len == len && memcmp(digest, row->data.p, len) == 0;
    put_flag(r, item, "ok", ok);
    if (!ok) {
        fault(r, ASSAY_IMAGE_DIGEST,
              "MCUboot image: the hash at offset %zu is not the image's",
              row->off);
    }
}

/* One area of TLVs at *pos; ret: 0 when there is none or it is damaged. */
static int mcuboot_area(struct report *r, json_t *tlvs,
                        struct assay_slice image, size_t *pos, size_t hash_len)
{
    static const struct tag_name NAMES[] = {
        {0x01, "KEYHASH"},       {0x02, "PUBKEY"},
        {0x10, "SHA256"},        {0x11, "SHA384"},
        {0x12, "SHA512"},        {0x20, "RSA2048_PSS"},
        {0x21, "ECDSA224"},      {0x22, "ECDSA_SIG"},
        {0x23, "RSA3072_PSS"},   {0x24, "ED25519"},
        {0x25, "SIG_PURE"},      {0x30, "ENC_RSA2048"},
        {0x31, "ENC_KW"},        {0x32, "ENC_EC256"},
        {0x33, "ENC_X25519"},    {0x34, "ENC_X25519_SHA512"},
        {0x40, "DEPENDENCY"},    {0x50, "SEC_CNT"},
        {0x60, "BOOT_RECORD"},   {0x70, "DECOMP_SIZE"},
        {0x71, "DECOMP_SHA"},    {0x72, "DECOMP_SIGNATURE"},
        {0x73, "COMP_DEC_SIZE"}, {0x74, "UUID_VID"},
        {0x75, "UUID_CID"},
    };
    if (image.len - *pos < MCUBOOT_INFO_LEN) {
        fault(r, ASSAY_TRUNCATED,
              "MCUboot image: the file ends at %zu, expected a TLV area at "
              "%zu",
              image.len, *pos);
        return 0;
    }
    uint32_t magic = assay_load_le16(image.p + *pos);
    size_t total = assay_load_le16(image.p + *pos + 2);
    int is_protected = magic == MCUBOOT_PROTECTED;
    if ((!is_protected && magic != MCUBOOT_UNPROTECTED) ||
        total < MCUBOOT_INFO_LEN || total > image.len - *pos) {
        fault(r,
              is_protected || magic == MCUBOOT_UNPROTECTED
                  ? ASSAY_TRUNCATED
                  : ASSAY_FIELD_MISSING,
              "MCUboot image: found magic %04X and length %zu at offset %zu, "
              "expected a TLV area of at most %zu bytes",
              (unsigned)magic, total, *pos, image.len - *pos);
        return 0;
    }
    struct assay_slice area = assay_slice_sub(image, 0, *pos + total);
    struct assay_slice hashed = assay_slice_sub(image, 0, hash_len);
    struct assay_row row;
    size_t off = *pos + MCUBOOT_INFO_LEN;
    while (assay_row_next(area, ASSAY_ROW_MCUBOOT, &off, &row) &&
           json_array_size(tlvs) < MAX_ROWS) {
        json_t *item =
            add_row(r, tlvs, tag_name(NAMES, N_OF(NAMES), row.tag), &row);
        put_text(r, item, "area", is_protected ? "protected" : "unprotected");
        if (row.data.len < row.len) {
            fault(r, ASSAY_TRUNCATED,
                  "MCUboot image: the TLV at offset %zu has %u bytes, its "
                  "area ends after %zu",
                  row.off, (unsigned)row.len, row.data.len);
        } else {
            mcuboot_hash(r, item, &row, hashed);
        }
    }
    *pos += total;
    return 1;
}

static void mcuboot_section(struct report *r, json_t *object,
                            struct assay_slice image)
{
    json_t *section = put_object(r, object, "mcuboot");
    if (image.len < MCUBOOT_HEADER_LEN) {
        fault(r, ASSAY_TRUNCATED,
              "MCUboot image: found %zu bytes, expected a header of 32",
              image.len);
        return;
    }
    if (assay_load_le32(image.p) != 0x96F3B83D) {
        note(r, "the MCUboot header is %s: its fields are not shown",
             image.p[0] == 0x96 ? "big-endian" : "of the obsolete version 1");
        return;
    }
    mcuboot_header(r, section, image);
    json_t *tlvs = put_array(r, section, "tlvs");
    size_t protected_len = assay_load_le16(image.p + 10);
    uint64_t body_end =
        (uint64_t)assay_load_le16(image.p + 8) + assay_load_le32(image.p + 12);
    if (body_end + protected_len > image.len) {
        fault(r, ASSAY_TRUNCATED,
              "MCUboot image: found %zu bytes, expected at least %llu",
              image.len, (unsigned long long)(body_end + protected_len));
        return;
    }
    size_t pos = (size_t)body_end;
    size_t hash_len = pos + protected_len;
    if (hash_len < MCUBOOT_HEADER_LEN) {
        fault(r, ASSAY_TRUNCATED,
              "MCUboot image: found %zu bytes of header and payload, expected "
              "at least 32",
              hash_len);
        return;
    }
    if (protected_len != 0 &&
        mcuboot_area(r, tlvs, image, &pos, hash_len) == 0) {
        return;
    }
    if (pos != hash_len) {
        fault(r, ASSAY_TRUNCATED,
              "MCUboot image: the protected TLVs end at offset %zu, expected "
              "%zu",
              pos, hash_len);
        return;
    }
    if (mcuboot_area(r, tlvs, image, &pos, hash_len) != 0) {
        put_number(r, section, "image_len", pos);
        put_number(r, section, "trailing", image.len - pos);
    }
}

/* --- Silicon Labs GBL ---------------------------------------------------- */

#define GBL_HEADER 0x03A617EBu
#define GBL_END 0xFC0404FCu

/* Checksum, then padding, behind the end tag. */
static void gbl_end(struct report *r, json_t *section, struct assay_slice file,
                    const struct assay_row *end)
{
    size_t stop = end->off + end->head_len + end->data.len;
    put_number(r, section, "trailing", file.len - stop);
    if (end->data.len != 4) {
        fault(r, ASSAY_TRUNCATED,
              "GBL: found an end tag of %zu bytes, expected 4", end->data.len);
        return;
    }
    struct assay_slice covered =
        assay_slice_sub(file, 0, end->off + end->head_len);
    uint32_t want = assay_load_le32(end->data.p);
    uint32_t crc = crc32_of(covered);
    put_flag(r, section, "crc_ok", crc == want);
    if (crc != want) {
        fault(r, ASSAY_IMAGE_VALIDATION,
              "GBL: found CRC-32 %08X, expected %08X", (unsigned)crc,
              (unsigned)want);
    }
    for (size_t i = stop; i < file.len; i++) {
        if (file.p[i] != 0xFF || file.len - stop > 3) {
            note(r,
                 "GBL: %zu bytes stand behind the end tag that are no "
                 "padding",
                 file.len - stop);
            return;
        }
    }
}

static void gbl_row(struct report *r, json_t *section, json_t *rows,
                    const struct assay_row *row)
{
    static const struct tag_name NAMES[] = {
        {GBL_HEADER, "HEADER"},
        {0x76A617EB, "VERSION_DEPENDENCY"},
        {0xFA0606FA, "ENCRYPTION_INIT"},
        {0xF40A0AF4, "APPLICATION_INFO"},
        {0x5EA617EB, "SE_UPGRADE"},
        {0xF50909F5, "BOOTLOADER"},
        {0xFE0101FE, "PROGRAM"},
        {0xFD0303FD, "ERASE_PROGRAM"},
        {0xFD0505FD, "PROGRAM_LZ4"},
        {0xFD0707FD, "PROGRAM_LZMA"},
        {0xF80A0AF8, "DELTA"},
        {0xF80B0BF8, "DELTA_LZ4"},
        {0xF80C0CF8, "DELTA_LZMA"},
        {0xF60808F6, "METADATA"},
        {0xF90707F9, "ENCRYPTED_DATA"},
        {0xFB0505FB, "ENCRYPTION_HEADER"},
        {0xF30B0BF3, "CERTIFICATE"},
        {0xF70A0AF7, "SIGNATURE"},
        {GBL_END, "END"},
    };
    json_t *item =
        add_row(r, rows, tag_name(NAMES, N_OF(NAMES), row->tag), row);
    const uint8_t *p = row->data.p;
    if (row->tag == GBL_HEADER && row->data.len == 8) {
        uint32_t type = assay_load_le32(p + 4);
        put_format(r, item, "meaning", "version 0x%08X, %s, %s",
                   (unsigned)assay_load_le32(p),
                   (type & 0x100) != 0 ? "signed" : "not signed",
                   (type & 1) != 0 ? "encrypted" : "not encrypted");
        put_number(r, section, "version", assay_load_le32(p));
        put_number(r, section, "type", type);
    } else if (row->tag == 0xF40A0AF4 && row->data.len >= 12) {
        put_format(r, item, "meaning", "type %u, version 0x%08X",
                   (unsigned)assay_load_le32(p),
                   (unsigned)assay_load_le32(p + 4));
    } else if ((row->tag == 0xFD0303FD || row->tag == 0xFE0101FE) &&
               row->data.len >= 4) {
        put_format(r, item, "meaning", "to address 0x%08X",
                   (unsigned)assay_load_le32(p));
    }
}

static void gbl_section(struct report *r, json_t *object,
                        struct assay_slice file)
{
    json_t *section = put_object(r, object, "gbl");
    if (file.len >= 4 && assay_load_le32(file.p) != GBL_HEADER) {
        note(r, "GBL version 4 (Series 3): its content is not shown");
        return;
    }
    json_t *rows = put_array(r, section, "tags");
    struct assay_row row = {0};
    size_t pos = 0;
    while (json_array_size(rows) < MAX_ROWS &&
           assay_row_next(file, ASSAY_ROW_GBL, &pos, &row)) {
        gbl_row(r, section, rows, &row);
        if (row.data.len < row.len) {
            break;
        }
        if (row.tag == GBL_END) {
            gbl_end(r, section, file, &row);
            return;
        }
    }
    fault(r, ASSAY_TRUNCATED,
          "GBL: found no end tag in %zu bytes; the last tag, at offset %zu, "
          "has %u",
          file.len, row.off, (unsigned)row.len);
}

/* --- Zigbee OTA ---------------------------------------------------------- */

enum {
    ZIGBEE_HEADER_LEN = 56,
    ZIGBEE_TRIGGER = 0xCDEF,
    ZIGBEE_TRIGGER_LEN = 17,
};

struct field_spec {
    const char *name;
    size_t off;
    size_t len; /* 1, 2 or 4: an integer; else bytes */
};

static void zigbee_header(struct report *r, json_t *section,
                          struct assay_slice file, size_t header_len)
{
    static const struct field_spec SPECS[] = {
        {"magic", 0, 4},           {"header_version", 4, 2},
        {"header_length", 6, 2},   {"field_control", 8, 2},
        {"manufacturer", 10, 2},   {"image_type", 12, 2},
        {"file_version", 14, 4},   {"stack_version", 18, 2},
        {"header_string", 20, 32}, {"total_image_size", 52, 4},
    };
    static const struct field_spec OPTIONS[] = {
        {"security_credential_version", 1, 1},
        {"destination", 2, 8},
        {"min_hw_version", 4, 2},
        {"max_hw_version", 4, 2},
    };
    json_t *fields = put_array(r, section, "fields");
    for (size_t i = 0; i < N_OF(SPECS); i++) {
        struct place place = at(file, SPECS[i].off, SPECS[i].len);
        if (SPECS[i].len <= 4) {
            (void)add_le(r, fields, SPECS[i].name, place);
            continue;
        }
        json_t *field = add_field(r, fields, SPECS[i].name, place);
        const uint8_t *text = file.p + place.off;
        const uint8_t *zero = memchr(text, 0, place.len);
        size_t len = zero == NULL ? place.len : (size_t)(zero - text);
        put_name(r, field, "meaning", assay_slice(text, len));
    }
    /* Here off is the bit of field_control that announces the field. */
    uint32_t control = assay_load_le16(file.p + 8);
    size_t off = ZIGBEE_HEADER_LEN;
    for (size_t i = 0; i < N_OF(OPTIONS); i++) {
        const struct field_spec *spec = &OPTIONS[i];
        if ((control & spec->off) == 0 || spec->len > header_len - off) {
            continue;
        }
        if (spec->len == 8) {
            (void)add_field(r, fields, spec->name, at(file, off, 8));
        } else {
            (void)add_le(r, fields, spec->name, at(file, off, spec->len));
        }
        off += spec->len;
    }
}

/* What Nordic puts into such a file: a trigger, an init packet, an image. */
struct zigbee_nordic {
    struct assay_slice trigger; /* empty: not made for a Nordic client */
    unsigned n_images;          /* elements with tag 0 so far */
    struct assay_nanopb packet;
};

static void zigbee_crc(struct report *r, json_t *item, struct assay_slice data,
                       const uint8_t stated[8])
{
    uint32_t len = assay_load_be32(stated);
    uint32_t crc = assay_load_be32(stated + 4);
    int ok = len == data.len && crc == crc32_of(data);
    put_flag(r, item, "trigger_ok", ok);
    if (!ok) {
        fault(r, ASSAY_IMAGE_VALIDATION,
              "Zigbee OTA: found %zu bytes with CRC-32 %08X, the trigger says "
              "%u with %08X",
              data.len, (unsigned)crc32_of(data), (unsigned)len, (unsigned)crc);
    }
}

static void zigbee_nordic_row(struct report *r, json_t *item,
                              const struct assay_row *row,
                              struct zigbee_nordic *nordic)
{
    if (row->tag == ZIGBEE_TRIGGER && row->data.len == ZIGBEE_TRIGGER_LEN) {
        nordic->trigger = row->data;
        put_text(r, item, "meaning", "trigger of Nordic background DFU");
        return;
    }
    if (nordic->trigger.len == 0 || row->tag != 0) {
        return;
    }
    nordic->n_images++;
    if (nordic->n_images == 1) {
        zigbee_crc(r, item, row->data, nordic->trigger.p + 1);
        secure_packet(r, put_object(r, item, "init_packet"), row->data,
                      &nordic->packet);
    } else if (nordic->n_images == 2) {
        zigbee_crc(r, item, row->data, nordic->trigger.p + 9);
        json_t *checks = put_object(r, item, "checks");
        check_secure_size(r, checks, row->data, &nordic->packet.init);
        check_secure_digest(r, checks, row->data, &nordic->packet.init);
    }
}

static void zigbee_rows(struct report *r, json_t *section,
                        struct assay_slice file, size_t pos)
{
    static const struct tag_name NAMES[] = {
        {0, "upgrade_image"},
        {1, "ecdsa_signature"},
        {2, "ecdsa_certificate"},
        {3, "image_integrity_code"},
        {4, "picture"},
        {5, "ecdsa_signature_suite_2"},
        {6, "ecdsa_certificate_suite_2"},
        {ZIGBEE_TRIGGER, "nordic_trigger"},
    };
    json_t *rows = put_array(r, section, "elements");
    struct zigbee_nordic nordic = {0};
    struct assay_row row;
    while (json_array_size(rows) < MAX_ROWS &&
           assay_row_next(file, ASSAY_ROW_ZIGBEE, &pos, &row)) {
        const char *name = row.tag >= 0xF000
                               ? "vendor"
                               : tag_name(NAMES, N_OF(NAMES), row.tag);
        json_t *item = add_row(r, rows, name, &row);
        if (row.data.len < row.len) {
            fault(r, ASSAY_TRUNCATED,
                  "Zigbee OTA: the element at offset %zu has %u bytes, the "
                  "file ends after %zu",
                  row.off, (unsigned)row.len, row.data.len);
        }
        zigbee_nordic_row(r, item, &row, &nordic);
        if (row.tag == 0 && nordic.trigger.len == 0 &&
            assay_format_sniff(row.data) == ASSAY_KIND_GBL) {
            gbl_section(r, item, row.data);
        }
    }
    put_number(r, section, "trailing", file.len - pos);
}

/* in: padding bytes 0xFF may follow the file, as in a package of nrfutil. */
static void zigbee_section(struct report *r, json_t *object,
                           struct assay_slice file)
{
    json_t *section = put_object(r, object, "zigbee_ota");
    size_t header_len = file.len >= 8 ? assay_load_le16(file.p + 6) : 0;
    if (file.len < ZIGBEE_HEADER_LEN || header_len < ZIGBEE_HEADER_LEN ||
        header_len > file.len) {
        fault(r, ASSAY_TRUNCATED,
              "Zigbee OTA: found a header of %zu bytes in a file of %zu, "
              "expected at least 56",
              header_len, file.len);
        return;
    }
    zigbee_header(r, section, file, header_len);
    size_t total = assay_load_le32(file.p + 52);
    put_flag(r, section, "size_ok", total == file.len);
    if (total > file.len) {
        note(r, "Zigbee OTA: the header states %zu bytes, the file has %zu",
             total, file.len);
    } else if (total < file.len) {
        put_number(r, section, "behind_stated_size", file.len - total);
    }
    size_t end = total >= header_len && total < file.len ? total : file.len;
    zigbee_rows(r, section, assay_slice_sub(file, 0, end), header_len);
}

/* --- UF2 ----------------------------------------------------------------- */

enum {
    UF2_BLOCK_LEN = 512,
    UF2_PAYLOAD_MAX = 476,
    UF2_MAX_FAMILIES = 8,
    UF2_HAS_FAMILY = 0x2000,
};

struct uf2_sum {
    size_t n_good;
    size_t n_bad;
    size_t n_misnumbered;
    uint64_t payload_len;
    uint64_t low;
    uint64_t high;
    uint32_t n_stated;
    uint32_t family[UF2_MAX_FAMILIES];
    size_t n_families;
};

static void uf2_family(struct uf2_sum *sum, uint32_t family)
{
    for (size_t i = 0; i < sum->n_families; i++) {
        if (sum->family[i] == family) {
            return;
        }
    }
    if (sum->n_families < UF2_MAX_FAMILIES) {
        sum->family[sum->n_families++] = family;
    }
}

static void uf2_block(struct uf2_sum *sum, const uint8_t *block)
{
    uint32_t len = assay_load_le32(block + 16);
    if (assay_load_le32(block) != 0x0A324655 ||
        assay_load_le32(block + 4) != 0x9E5D5157 ||
        assay_load_le32(block + 508) != 0x0AB16F30 || len > UF2_PAYLOAD_MAX) {
        sum->n_bad++;
        return;
    }
    uint64_t address = assay_load_le32(block + 12);
    if (sum->n_good == 0 || address < sum->low) {
        sum->low = address;
    }
    if (address + len > sum->high) {
        sum->high = address + len;
    }
    if (assay_load_le32(block + 20) != sum->n_good) {
        sum->n_misnumbered++;
    }
    if ((assay_load_le32(block + 8) & UF2_HAS_FAMILY) != 0) {
        uf2_family(sum, assay_load_le32(block + 28));
    }
    sum->n_stated = assay_load_le32(block + 24);
    sum->payload_len += len;
    sum->n_good++;
}

static void uf2_families(struct report *r, json_t *section,
                         const struct uf2_sum *sum)
{
    static const struct tag_name NAMES[] = {
        {0xADA52840, "nRF52840"},
        {0x621E937A, "nRF52833"},
        {0xD663823C, "update of the bootloader itself"},
    };
    json_t *families = put_array(r, section, "families");
    for (size_t i = 0; i < sum->n_families; i++) {
        json_t *family = add_object(r, families);
        put_format(r, family, "id", "0x%08X", (unsigned)sum->family[i]);
        put_text(r, family, "meaning",
                 tag_name(NAMES, N_OF(NAMES), sum->family[i]));
    }
}

static void uf2_section(struct report *r, json_t *object,
                        struct assay_slice file)
{
    struct uf2_sum sum = {0};
    json_t *section = put_object(r, object, "uf2");
    size_t n_blocks = file.len / UF2_BLOCK_LEN;
    for (size_t i = 0; i < n_blocks; i++) {
        uf2_block(&sum, file.p + i * UF2_BLOCK_LEN);
    }
    put_number(r, section, "blocks", sum.n_good);
    put_number(r, section, "blocks_stated", sum.n_stated);
    put_number(r, section, "payload", sum.payload_len);
    put_format(r, section, "from", "0x%08llX", (unsigned long long)sum.low);
    put_format(r, section, "to", "0x%08llX", (unsigned long long)sum.high);
    uf2_families(r, section, &sum);
    if (sum.n_bad != 0 || sum.n_good != sum.n_stated ||
        file.len % UF2_BLOCK_LEN != 0) {
        fault(r, ASSAY_TRUNCATED,
              "UF2: found %zu good and %zu damaged blocks and %zu more bytes, "
              "expected %u blocks of 512",
              sum.n_good, sum.n_bad, file.len % UF2_BLOCK_LEN,
              (unsigned)sum.n_stated);
    }
    if (sum.n_misnumbered != 0) {
        note(r, "UF2: %zu blocks are out of their order", sum.n_misnumbered);
    }
}

/* --- PEM ----------------------------------------------------------------- */

/* The end of the line at off; the line break is not part of it. */
static size_t line_end(struct assay_slice file, size_t off)
{
    const uint8_t *lf =
        off < file.len ? memchr(file.p + off, '\n', file.len - off) : NULL;
    return lf == NULL ? file.len : (size_t)(lf - file.p);
}

static int line_starts(struct assay_slice line, const char *text)
{
    return line.len >= strlen(text) && memcmp(line.p, text, strlen(text)) == 0;
}

/* Labels only: the content may be a secret. */
static void pem_section(struct report *r, json_t *object,
                        struct assay_slice file)
{
    json_t *blocks = put_array(r, put_object(r, object, "pem"), "blocks");
    size_t n_begin = 0;
    size_t n_end = 0;
    for (size_t off = 0; off < file.len;) {
        size_t end = line_end(file, off);
        struct assay_slice line = assay_slice_sub(file, off, end - off);
        while (line.len != 0 &&
               (line.p[line.len - 1] == '\r' || line.p[line.len - 1] == '-')) {
            line.len--;
        }
        if (line_starts(line, "-----BEGIN ") && n_begin < MAX_ROWS) {
            json_t *block = add_object(r, blocks);
            put_number(r, block, "off", off);
            put_name(r, block, "name",
                     assay_slice_sub(line, 11, line.len - 11));
            n_begin++;
        }
        n_end += line_starts(line, "-----END ") ? 1 : 0;
        off = end + 1;
    }
    note(r, "the content of keys is not shown; see keys display");
    if (n_end < n_begin) {
        fault(r, ASSAY_KEYFILE_FORMAT,
              "PEM: found %zu BEGIN lines and %zu END lines, expected as many",
              n_begin, n_end);
    }
}

/* --- Hex files and settings ---------------------------------------------- */

static void hex_segments(struct report *r, json_t *object,
                         const struct assay_hex *hex)
{
    json_t *section = put_object(r, object, "hex");
    put_number(r, section, "segments", hex->n_segments);
    json_t *rows = put_array(r, section, "ranges");
    for (size_t i = 0; i < hex->n_segments && i < MAX_ROWS; i++) {
        const struct assay_hex_segment *s = &hex->segments[i];
        json_t *row = add_object(r, rows);
        put_number(r, row, "off", s->address);
        put_text(r, row, "name", "data");
        put_number(r, row, "len", s->data.len);
        put_format(r, row, "meaning", "0x%08X to 0x%08llX",
                   (unsigned)s->address,
                   (unsigned long long)s->address + s->data.len - 1);
    }
    if (hex->start_kind != ASSAY_HEX_START_NONE) {
        put_format(r, section, "start", "0x%08X", (unsigned)hex->start);
    }
}

static const char *bank_code_name(uint32_t code)
{
    static const struct tag_name NAMES[] = {
        {ASSAY_SETTINGS_BANK_INVALID, "invalid"},
        {ASSAY_SETTINGS_BANK_APP, "application"},
        {ASSAY_SETTINGS_BANK_SD, "SoftDevice"},
        {ASSAY_SETTINGS_BANK_BL, "bootloader"},
        {ASSAY_SETTINGS_BANK_SD_BL, "SoftDevice and bootloader"},
        {ASSAY_SETTINGS_BANK_EXTERNAL_APP, "external application"},
    };
    return tag_name(NAMES, N_OF(NAMES), code);
}

static void settings_meaning(struct report *r, json_t *field, const char *name,
                             const uint8_t *p)
{
    if (strstr(name, "bank_code") != NULL) {
        put_text(r, field, "meaning", bank_code_name(assay_load_le32(p)));
    } else if (strncmp(name, "validation_", 11) == 0) {
        put_text(r, field, "meaning", NAME_OF(VALIDATION_TYPES, p[0]));
    }
}

/* Offsets from the start of the page; the fields of version 2 come last. */
static void settings_fields(struct report *r, json_t *section,
                            struct assay_slice page, uint32_t address)
{
    static const struct field_spec SPECS[] = {
        {"crc", 0x00, 4},
        {"settings_version", 0x04, 4},
        {"app_version", 0x08, 4},
        {"bootloader_version", 0x0C, 4},
        {"bank_layout", 0x10, 4},
        {"bank_current", 0x14, 4},
        {"bank_0.image_size", 0x18, 4},
        {"bank_0.image_crc", 0x1C, 4},
        {"bank_0.bank_code", 0x20, 4},
        {"bank_1.image_size", 0x24, 4},
        {"bank_1.image_crc", 0x28, 4},
        {"bank_1.bank_code", 0x2C, 4},
        {"write_offset", 0x30, 4},
        {"sd_size", 0x34, 4},
        {"progress.command_size", 0x38, 4},
        {"progress.command_offset", 0x3C, 4},
        {"progress.command_crc", 0x40, 4},
        {"progress.data_object_size", 0x44, 4},
        {"progress.firmware_image_crc", 0x48, 4},
        {"progress.firmware_image_crc_last", 0x4C, 4},
        {"progress.firmware_image_offset", 0x50, 4},
        {"progress.firmware_image_offset_last", 0x54, 4},
        {"enter_buttonless_dfu", 0x58, 4},
        {"init_command", 0x5C, 512},
        {"boot_validation_crc", 0x25C, 4},
        {"validation_softdevice.type", 0x260, 1},
        {"validation_softdevice.bytes", 0x261, 64},
        {"validation_app.type", 0x2A1, 1},
        {"validation_app.bytes", 0x2A2, 64},
        {"validation_bootloader.type", 0x2E2, 1},
        {"validation_bootloader.bytes", 0x2E3, 64},
    };
    enum { V1_END = 0x5C };
    int is_v2 = page.len > V1_END && assay_load_le32(page.p + 4) == 2;
    json_t *fields = put_array(r, section, "fields");
    for (size_t i = 0; i < N_OF(SPECS); i++) {
        const struct field_spec *spec = &SPECS[i];
        if (spec->off > page.len || spec->len > page.len - spec->off ||
            (spec->off >= V1_END && !is_v2)) {
            break;
        }
        struct place place = at(page, spec->off, spec->len);
        json_t *field = spec->len <= 4
                            ? add_le(r, fields, spec->name, place)
                            : add_field(r, fields, spec->name, place);
        put_number(r, field, "off", (uint64_t)address + spec->off);
        if (strstr(spec->name, ".bytes") == NULL) {
            settings_meaning(r, field, spec->name, page.p + spec->off);
        }
    }
}

static void settings_page(struct report *r, json_t *object,
                          const struct assay_hex *hex,
                          const struct assay_settings_place *place)
{
    static const char *const PARTS[] = {"absent", "right", "wrong"};
    static const char *const BACKUPS[] = {"none", "same", "different",
                                          "invalid"};
    const struct assay_settings *s = &place->settings;
    json_t *section = put_object(r, object, "settings");
    put_format(r, section, "address", "0x%08X", (unsigned)place->address);
    put_text(r, section, "family",
             place->family == NULL ? "at no known address"
                                   : place->family->name);
    put_text(r, section, "crc", PARTS[s->page_check]);
    put_text(r, section, "boot_validation_crc",
             PARTS[s->boot_validation_check]);
    put_text(r, section, "backup", BACKUPS[place->backup]);
    uint32_t address = place->page == ASSAY_SETTINGS_PART_RIGHT ||
                               place->backup_address == ASSAY_SETTINGS_NO_BACKUP
                           ? place->address
                           : place->backup_address;
    struct assay_slice page = assay_hex_at(hex, address);
    if (page.len > ASSAY_SETTINGS_PAGE_MAX) {
        page.len = ASSAY_SETTINGS_PAGE_MAX;
    }
    if (page.len >= ASSAY_SETTINGS_V1_LEN) {
        settings_fields(r, section, page, address);
    }
    size_t init_len = assay_settings_init_len(s);
    if (init_len != 0 && init_len <= sizeof s->init_command) {
        struct assay_nanopb decoded;
        secure_packet(r, put_object(r, section, "init_packet"),
                      assay_slice(s->init_command, init_len), &decoded);
    }
}

static void hex_file(struct report *r, struct assay_slice file)
{
    struct assay_hex hex = {0};
    struct assay_diag diag = {0};
    enum assay_status status = assay_hex_parse(file, &hex, &diag);
    if (status != ASSAY_OK) {
        fault(r, status, "%s", diag.text);
        assay_hex_free(&hex);
        return;
    }
    struct assay_settings_place place;
    memset(&place, 0, sizeof place);
    status = assay_settings_find(&hex, &place, &diag);
    if (status == ASSAY_SETTINGS_CRC) {
        fault(r, status, "%s", diag.text);
    }
    if (status == ASSAY_OK || status == ASSAY_SETTINGS_CRC) {
        settings_page(r, r->root, &hex, &place);
    } else if (status == ASSAY_SETTINGS_VERSION) {
        note(r, "data at the address of a settings page: %s", diag.text);
    }
    hex_segments(r, r->root, &hex);
    assay_hex_free(&hex);
}

/* --- Packages ------------------------------------------------------------ */

static void archive_members(struct report *r, const struct assay_archive *a)
{
    json_t *section = put_object(r, r->root, "archive");
    put_verdict(r, put_object(r, section, "strict"), a->zip_status);
    if (a->zip_status != ASSAY_OK) {
        fault(r, a->zip_status, "%s", a->zip_diag.text);
        note(r,
             "the archive is refused; what follows was found by looking for "
             "member headers from the front%s",
             a->has_more ? ", and there are more" : "");
    }
    json_t *members = put_array(r, section, "members");
    for (size_t i = 0; i < a->zip.n_entries; i++) {
        const struct assay_zip_entry *e = &a->zip.entry[i];
        json_t *member = add_object(r, members);
        put_number(r, member, "off", e->local_off);
        put_name(r, member, "name", e->name);
        put_number(r, member, "data_off", e->data_off);
        put_text(r, member, "method",
                 e->method == ASSAY_ZIP_STORED     ? "stored"
                 : e->method == ASSAY_ZIP_DEFLATED ? "deflate"
                                                   : "unsupported");
        put_number(r, member, "packed_len", e->packed_len);
        put_number(r, member, "len", e->len);
        put_format(r, member, "crc32", "%08x", (unsigned)e->crc);
        put_format(r, member, "zip_flags", "0x%04X", (unsigned)e->flags);
    }
}

static void archive_manifest(struct report *r, const struct assay_archive *a)
{
    json_t *section = put_object(r, r->root, "manifest");
    int is_ncs = a->manifest_status == ASSAY_FORMAT_UNVERIFIABLE;
    put_verdict(r, section, is_ncs ? ASSAY_OK : a->manifest_status);
    if (!is_ncs && a->manifest_status != ASSAY_OK) {
        fault(r, a->manifest_status, "%s", a->manifest_diag.text);
        return;
    }
    const struct assay_manifest *m = &a->manifest;
    if (a->folder_len != 0) {
        fault(r, ASSAY_PACKAGE_NESTED,
              "found the manifest in a folder, expected it at the root");
    }
    put_flag(r, section, "legacy", m->is_legacy);
    if (m->dfu_version[0] != '\0') {
        put_text(r, section, "dfu_version", m->dfu_version);
    }
    put_flag(r, section, "byte_order_mark", m->has_bom);
    put_number(r, section, "unknown_keys", m->n_unknown_keys);
    json_t *files = put_array(r, section, "files");
    for (size_t i = 0; i < m->n_files && i < ASSAY_MANIFEST_MAX_FILES; i++) {
        add(r, files, escaped(slice_of(m->file[i]), MAX_TEXT));
    }
}

/* A pair of members; sizes as the manifest states them. */
struct pair {
    const char *role;
    const struct assay_zip_entry *bin;
    const struct assay_zip_entry *dat;
    const struct assay_manifest_image *stated; /* NULL: no manifest */
};

static void load_member(struct report *r, const struct assay_archive *a,
                        const struct assay_zip_entry *entry,
                        struct assay_buffer *data)
{
    struct assay_diag diag = {0};
    enum assay_status status =
        assay_archive_load(a, entry, ASSAY_ZIP_MAX_LEN, data, &diag);
    if (status == ASSAY_MEMORY) {
        r->failed = 1;
    } else if (status != ASSAY_OK) {
        fault(r, status, "member %s: %s", assay_zip_quote(entry->name).s,
              diag.text);
    }
}

/* What an image is by its own account, in whatever package it stands. */
static void image_content(struct report *r, json_t *object,
                          struct assay_slice image)
{
    enum assay_kind kind = assay_format_sniff(image);
    if (kind == ASSAY_KIND_SOFTDEVICE_BIN) {
        softdevice_section(r, object, image);
    } else if (kind == ASSAY_KIND_MCUBOOT) {
        note(r, "an image of this package is an MCUboot image: the signature "
                "inside it is a matter of its own");
        mcuboot_section(r, object, image);
    } else if (kind == ASSAY_KIND_ZIGBEE_OTA) {
        zigbee_section(r, object, image);
    } else if (kind == ASSAY_KIND_GBL) {
        gbl_section(r, object, image);
    }
}

/* The type that the signed packet must have for the slot of the manifest. */
static void check_type(struct report *r,
                       const struct assay_manifest_image *stated,
                       const struct assay_nanopb_init *init)
{
    static const uint32_t TYPES[] = {
        [ASSAY_SLOT_SOFTDEVICE_BOOTLOADER] = ASSAY_FW_SOFTDEVICE_BOOTLOADER,
        [ASSAY_SLOT_SOFTDEVICE] = ASSAY_FW_SOFTDEVICE,
        [ASSAY_SLOT_BOOTLOADER] = ASSAY_FW_BOOTLOADER,
        [ASSAY_SLOT_APPLICATION] = ASSAY_FW_APPLICATION,
    };
    if (stated == NULL || TYPES[stated->slot] == init->type ||
        (stated->slot == ASSAY_SLOT_APPLICATION &&
         init->type == ASSAY_FW_EXTERNAL_APPLICATION)) {
        return;
    }
    fault(r, ASSAY_MANIFEST_TYPE,
          "found type %s in the init packet, the manifest says %s",
          NAME_OF(FW_TYPES, init->type), assay_manifest_slot_key(stated->slot));
}

static void package_image(struct report *r, json_t *object,
                          const struct pair *pair, struct assay_slice dat,
                          struct assay_slice image)
{
    union {
        struct assay_nanopb secure;
        struct assay_legacy legacy;
    } decoded;
    json_t *packet = put_object(r, object, "init_packet");
    json_t *checks = NULL;
    enum assay_kind kind = assay_format_init_packet(dat);
    put_number(r, object, "image_len", image.len);
    if (kind == ASSAY_KIND_LEGACY_DAT) {
        legacy_packet(r, packet, dat, &decoded.legacy);
        note(r,
             "legacy DFU image (%s, SDK 11 or older): carries no "
             "signature; Secure DFU bootloaders refuse it",
             pair->role);
        checks = put_object(r, object, "checks");
        check_legacy(r, checks, image, &decoded.legacy);
    } else {
        secure_packet(r, packet, dat, &decoded.secure);
        checks = put_object(r, object, "checks");
        if (decoded.secure.answer == ASSAY_NANOPB_ACCEPTS) {
            check_type(r, pair->stated, &decoded.secure.init);
            check_secure_size(r, checks, image, &decoded.secure.init);
            check_secure_digest(r, checks, image, &decoded.secure.init);
        }
    }
    image_content(r, object, image);
}

static void inspect_pair(struct report *r, json_t *images,
                         const struct assay_archive *a, const struct pair *pair)
{
    struct assay_buffer dat = {0};
    struct assay_buffer bin = {0};
    json_t *object = add_object(r, images);
    put_text(r, object, "role", pair->role);
    if (pair->stated != NULL && pair->stated->has_sizes) {
        put_number(r, object, "manifest_sd_size", pair->stated->sd_size);
        put_number(r, object, "manifest_bl_size", pair->stated->bl_size);
    }
    if (pair->bin == NULL || pair->dat == NULL) {
        fault(r, ASSAY_ZIP_MEMBER, "%s: found no %s for it in the archive",
              pair->role, pair->bin == NULL ? "image" : "init packet");
    }
    if (pair->bin != NULL) {
        put_name(r, object, "bin_file", pair->bin->name);
        load_member(r, a, pair->bin, &bin);
    }
    if (pair->dat != NULL) {
        put_name(r, object, "dat_file", pair->dat->name);
        load_member(r, a, pair->dat, &dat);
    }
    if (dat.len > ASSAY_ARCHIVE_MAX_DAT) {
        fault(r, ASSAY_PACKET_TOO_LONG,
              "found an init packet of %zu bytes, expected at most %u", dat.len,
              ASSAY_PACKET_MAX);
    } else if (pair->dat != NULL) {
        package_image(r, object, pair, assay_buffer_slice(&dat),
                      assay_buffer_slice(&bin));
    } else {
        image_content(r, object, assay_buffer_slice(&bin));
    }
    assay_buffer_free(&dat);
    assay_buffer_free(&bin);
}

/* Without a manifest: every init packet, and the image of the same name. */
static void loose_pairs(struct report *r, json_t *images,
                        const struct assay_archive *a)
{
    const struct assay_zip *zip = &a->zip;
    for (size_t i = 0; i < zip->n_entries; i++) {
        struct assay_slice name = zip->entry[i].name;
        struct pair pair = {.role = "unknown", .dat = &zip->entry[i]};
        if (name.len < 4 || memcmp(name.p + name.len - 4, ".dat", 4) != 0 ||
            json_array_size(images) >= MAX_LOOSE_IMAGES) {
            continue;
        }
        for (size_t k = 0; k < zip->n_entries; k++) {
            struct assay_slice other = zip->entry[k].name;
            if (other.len == name.len &&
                memcmp(other.p, name.p, name.len - 4) == 0 &&
                memcmp(other.p + other.len - 4, ".bin", 4) == 0) {
                pair.bin = &zip->entry[k];
            }
        }
        inspect_pair(r, images, a, &pair);
    }
}

static void ncs_files(struct report *r, json_t *images,
                      const struct assay_archive *a)
{
    for (size_t i = 0; i < a->manifest.n_files && i < ASSAY_MANIFEST_MAX_FILES;
         i++) {
        struct assay_buffer bin = {0};
        json_t *object = add_object(r, images);
        const struct assay_zip_entry *entry =
            assay_archive_find(a, a->manifest.file[i]);
        put(r, object, "bin_file",
            escaped(slice_of(a->manifest.file[i]), MAX_TEXT));
        if (entry == NULL) {
            fault(r, ASSAY_ZIP_MEMBER,
                  "found no member for a file of the manifest");
            continue;
        }
        load_member(r, a, entry, &bin);
        struct assay_slice image = assay_buffer_slice(&bin);
        put_number(r, object, "image_len", image.len);
        if (assay_format_sniff(image) == ASSAY_KIND_MCUBOOT) {
            mcuboot_section(r, object, image);
        }
        assay_buffer_free(&bin);
    }
}

static enum assay_kind zip_file(struct report *r, struct assay_slice file)
{
    struct assay_archive *a = malloc(sizeof *a);
    if (a == NULL) {
        r->failed = 1;
        return ASSAY_KIND_OTHER_ZIP;
    }
    assay_archive_open(file, a);
    enum assay_kind kind = assay_archive_kind(a);
    archive_members(r, a);
    if (kind != ASSAY_KIND_OTHER_ZIP ||
        a->manifest_status != ASSAY_MANIFEST_MISSING) {
        archive_manifest(r, a);
    }
    json_t *images = put_array(r, r->root, "images");
    if (kind == ASSAY_KIND_NCS_ZIP) {
        ncs_files(r, images, a);
    } else if (a->manifest_status != ASSAY_OK) {
        loose_pairs(r, images, a);
    }
    for (size_t i = 0;
         a->manifest_status == ASSAY_OK && i < a->manifest.n_images; i++) {
        const struct assay_manifest_image *image = &a->manifest.image[i];
        struct pair pair = {.role = assay_manifest_slot_key(image->slot),
                            .bin = assay_archive_find(a, image->bin_file),
                            .dat = assay_archive_find(a, image->dat_file),
                            .stated = image};
        inspect_pair(r, images, a, &pair);
    }
    free(a);
    return kind;
}

/* --- The report ---------------------------------------------------------- */

static void inspect_kind(struct report *r, enum assay_kind kind,
                         struct assay_slice file)
{
    struct assay_nanopb secure;
    struct assay_legacy legacy;
    switch (kind) {
    case ASSAY_KIND_SECURE_DAT:
        secure_packet(r, put_object(r, r->root, "init_packet"), file, &secure);
        break;
    case ASSAY_KIND_LEGACY_DAT:
        legacy_packet(r, put_object(r, r->root, "init_packet"), file, &legacy);
        break;
    case ASSAY_KIND_HEX:
    case ASSAY_KIND_HEX_SETTINGS:
        hex_file(r, file);
        break;
    case ASSAY_KIND_MCUBOOT:
        mcuboot_section(r, r->root, file);
        break;
    case ASSAY_KIND_GBL:
        gbl_section(r, r->root, file);
        break;
    case ASSAY_KIND_ZIGBEE_OTA:
        zigbee_section(r, r->root, file);
        break;
    case ASSAY_KIND_UF2:
        uf2_section(r, r->root, file);
        break;
    case ASSAY_KIND_PEM:
        pem_section(r, r->root, file);
        break;
    case ASSAY_KIND_SOFTDEVICE_BIN:
        softdevice_section(r, r->root, file);
        break;
    default:
        break;
    }
}

/* Keys keep the place where they are put first. */
static void put_head(struct report *r, enum assay_kind kind)
{
    put_text(r, r->root, "kind", assay_kind_name(kind));
    put_text(r, r->root, "title", assay_kind_title(kind));
    put_verdict(r, r->root, r->status);
}

static void inspect_file(struct report *r, const char *name,
                         struct assay_slice file)
{
    uint8_t digest[32];
    put_number(r, r->root, "schema", ASSAY_INSPECT_SCHEMA);
    put(r, r->root, "file", escaped(slice_of(name), sizeof r->diag.text));
    put_number(r, r->root, "length", file.len);
    put_digest(r, r->root, "sha256", file, digest);
    put_head(r, ASSAY_KIND_UNKNOWN);
    r->problems = put_array(r, r->root, "problems");
    r->notes = put_array(r, r->root, "notes");
    if (file.len == 0) {
        fault(r, ASSAY_FILE_EMPTY, "found 0 bytes");
        put_head(r, ASSAY_KIND_UNKNOWN);
        return;
    }
    enum assay_kind kind = assay_format_sniff(file);
    if (kind == ASSAY_KIND_UNKNOWN) {
        fault(r, ASSAY_FORMAT_UNKNOWN,
              "found %zu bytes of no known format; they begin with %02x",
              file.len, (unsigned)file.p[0]);
    }
    if (kind == ASSAY_KIND_OTHER_ZIP) {
        kind = zip_file(r, file);
    } else if (kind == ASSAY_KIND_HEX) {
        kind = assay_format_recognise(file);
    }
    inspect_kind(r, kind, file);
    put_head(r, kind);
}

enum assay_status assay_inspect_json(const char *name, struct assay_slice file,
                                     json_t **out, struct assay_diag *diag)
{
    struct report r = {.root = json_object(), .status = ASSAY_OK};
    r.failed = r.root == NULL;
    inspect_file(&r, name, file);
    *out = NULL;
    if (r.failed) {
        json_decref(r.root);
        return assay_diag_set(diag, ASSAY_MEMORY,
                              "no memory for the report on %zu bytes",
                              file.len);
    }
    *out = r.root;
    if (r.status != ASSAY_OK) {
        return assay_diag_set(diag, r.status, "%s", r.diag.text);
    }
    return ASSAY_OK;
}

/* --- Text ---------------------------------------------------------------- */

struct writer {
    struct assay_buffer *out;
    enum assay_status status;
};

__attribute__((format(printf, 2, 3))) static void say(struct writer *w,
                                                      const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (w->status == ASSAY_OK) {
        w->status = assay_buffer_append(w->out, slice_of(text), NULL);
    }
}

static int is_field(const json_t *value)
{
    return json_object_get(value, "off") != NULL &&
           json_object_get(value, "name") != NULL;
}

static void say_scalar(struct writer *w, const json_t *value)
{
    if (json_is_string(value)) {
        say(w, "%s", json_string_value(value));
    } else if (json_is_integer(value)) {
        say(w, "%lld", (long long)json_integer_value(value));
    } else if (json_is_boolean(value)) {
        say(w, "%s", json_is_true(value) ? "yes" : "no");
    } else {
        say(w, "absent");
    }
}

static int is_scalar(const json_t *value)
{
    return !json_is_object(value) && !json_is_array(value);
}

/* [a, b, c] on one line; in: scalars. */
static void say_list(struct writer *w, const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        say(w, i == 0 ? "" : ", ");
        say_scalar(w, json_array_get(array, i));
    }
    if (json_array_size(array) == 0) {
        say(w, "none");
    }
}

static void say_key(struct writer *w, const char *key)
{
    for (; *key != '\0'; key++) {
        say(w, "%c", *key == '_' ? ' ' : *key);
    }
}

/* Shown in the line of the field itself, or not worth showing. */
static int is_field_key(const char *key)
{
    static const char *const KEYS[] = {"off",   "name",  "raw",
                                       "bytes", "value", "meaning",
                                       "in",    "depth", "flags"};
    for (size_t i = 0; i < N_OF(KEYS); i++) {
        if (strcmp(KEYS[i], key) == 0) {
            return 1;
        }
    }
    return 0;
}

/* The bytes of a field, in its line when they are few. */
static void say_raw(struct writer *w, const json_t *field, int indent)
{
    enum { INLINE_RAW = 16 };
    const char *raw = json_string_value(json_object_get(field, "raw"));
    const char *bytes = json_string_value(json_object_get(field, "bytes"));
    raw = raw == NULL ? "" : raw;
    bytes = bytes == NULL ? "" : bytes;
    if (raw[0] != '\0' && strlen(raw) + strlen(bytes) <= INLINE_RAW) {
        say(w, "  [%s%s%s]\n", raw, bytes[0] == '\0' ? "" : " ", bytes);
        return;
    }
    if (bytes[0] != '\0') {
        say(w, "  [%s]", raw);
        raw = bytes;
    }
    if (raw[0] != '\0') {
        say(w, "\n%*s%s", indent + 8, "", raw);
    }
    say(w, "\n");
}

/* "  0x0006  fw_version = 1 (meaning)  [08 01]", and what else it has. */
static void say_field(struct writer *w, json_t *field, int indent)
{
    const json_t *value = json_object_get(field, "value");
    const json_t *meaning = json_object_get(field, "meaning");
    const json_t *flags = json_object_get(field, "flags");
    const char *key;
    json_t *more;
    indent += 2 * (int)json_integer_value(json_object_get(field, "depth"));
    say(w, "%*s0x%04llx  %s", indent, "",
        (long long)json_integer_value(json_object_get(field, "off")),
        json_string_value(json_object_get(field, "name")));
    if (value != NULL) {
        say(w, " = ");
        say_scalar(w, value);
    }
    if (meaning != NULL) {
        say(w, value != NULL ? " (" : ": ");
        say_scalar(w, meaning);
        say(w, "%s", value != NULL ? ")" : "");
    }
    if (flags != NULL) {
        say(w, "  <- ");
        say_list(w, flags);
    }
    json_object_foreach(field, key, more)
    {
        int is_told = value != NULL && strcmp(key, "len") == 0;
        if (!is_field_key(key) && is_scalar(more) && !is_told) {
            say(w, ", ");
            say_key(w, key);
            say(w, " ");
            say_scalar(w, more);
        }
    }
    say_raw(w, field, indent);
}

static int has_scalars_only(const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        if (!is_scalar(item) || json_string_length(item) > 40) {
            return 0;
        }
    }
    return 1;
}

/*
 * One value on the path that is being written. The tree is as deep as this
 * file makes it, whatever the input is, so a small stack holds the path.
 */
struct level {
    json_t *value;
    void *iter;   /* of an object */
    size_t index; /* of an array */
    int indent;
};

static void enter(struct level *level, json_t *value, int indent)
{
    *level = (struct level){.value = value, .indent = indent};
    level->iter = json_is_object(value) ? json_object_iter(value) : NULL;
}

/* An item of an array; ret: whether its content is still to be written. */
static int say_item(struct writer *w, json_t *item, int indent)
{
    if (is_scalar(item)) {
        say(w, "%*s- ", indent, "");
        say_scalar(w, item);
        say(w, "\n");
        return 0;
    }
    if (is_field(item)) {
        say_field(w, item, indent);
        return 1;
    }
    say(w, "%*s-\n", indent, "");
    return 1;
}

/* A member of an object; ret: as say_item. */
static int say_member(struct writer *w, const char *key, json_t *value,
                      int indent)
{
    int is_empty = json_is_array(value) && json_array_size(value) == 0;
    if (is_empty && (strcmp(key, "problems") == 0 ||
                     strcmp(key, "notes") == 0 || strcmp(key, "files") == 0)) {
        return 0;
    }
    say(w, "%*s", indent, "");
    say_key(w, key);
    if (is_scalar(value)) {
        say(w, ": ");
        say_scalar(w, value);
        say(w, "\n");
        return 0;
    }
    if (json_is_array(value) && has_scalars_only(value)) {
        say(w, ": ");
        say_list(w, value);
        say(w, "\n");
        return 0;
    }
    say(w, ":\n");
    return 1;
}

static json_t *next_array(struct writer *w, struct level *level)
{
    json_t *item = json_array_get(level->value, level->index++);
    if (item == NULL) {
        return NULL;
    }
    return say_item(w, item, level->indent) ? item : json_null();
}

static json_t *next_object(struct writer *w, struct level *level)
{
    if (level->iter == NULL) {
        return NULL;
    }
    const char *key = json_object_iter_key(level->iter);
    json_t *value = json_object_iter_value(level->iter);
    level->iter = json_object_iter_next(level->value, level->iter);
    /* The line of a field has its scalars and flags already. */
    if (is_field(level->value) && (is_scalar(value) || is_field_key(key))) {
        return json_null();
    }
    return say_member(w, key, value, level->indent) ? value : json_null();
}

static void render(struct writer *w, json_t *root)
{
    struct level stack[RENDER_DEPTH];
    size_t depth = 0;
    enter(&stack[0], root, 0);
    for (;;) {
        struct level *level = &stack[depth];
        json_t *next = json_is_object(level->value) ? next_object(w, level)
                                                    : next_array(w, level);
        if (next == NULL && depth == 0) {
            return;
        }
        if (next == NULL) {
            depth--;
        } else if (!is_scalar(next) && depth + 1 < RENDER_DEPTH) {
            depth++;
            enter(&stack[depth], next, level->indent + 2);
        }
    }
}

enum assay_status assay_inspect_text(const char *name, struct assay_slice file,
                                     struct assay_buffer *out,
                                     struct assay_diag *diag)
{
    json_t *root = NULL;
    struct writer w = {.out = out, .status = ASSAY_OK};
    enum assay_status status = assay_inspect_json(name, file, &root, diag);
    if (root == NULL) {
        return status;
    }
    render(&w, root);
    json_decref(root);
    if (w.status != ASSAY_OK) {
        return assay_diag_set(diag, w.status, "no memory for the report");
    }
    return status;
}
