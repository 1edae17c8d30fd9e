/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/inspect_tree.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "host/fwid.h"
#include "initpkt/initpkt.h"

/*
 * Init packets, of Secure DFU and of its predecessor, and whether an image is
 * the one that its packet describes. Lenient: what can be read is shown.
 */

/* --- Init packet of Secure DFU ------------------------------------------- */

/* The meaning of an integer field; NULL when the number says it all. */
static const char *number_meaning(const struct assay_node *node)
{
    uint64_t v = node->value;
    switch (node->inside) {
    case ASSAY_MESSAGE_SIGNED_COMMAND:
        return assay_signature_type_name(v);
    case ASSAY_MESSAGE_COMMAND:
        return v == 1 ? "INIT" : v == 0 ? "RESET" : "no known value";
    case ASSAY_MESSAGE_HASH:
        return assay_hash_type_name(v);
    case ASSAY_MESSAGE_VALIDATION:
        return assay_validation_type_name(v);
    case ASSAY_MESSAGE_INIT:
        break;
    default:
        return NULL;
    }
    if (node->number == ASSAY_INIT_TYPE) {
        return assay_fw_type_name(v);
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
static void put_list_meaning(struct assay_tree *t, json_t *field,
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
        assay_tree_put(
            t, field, "meaning",
            assay_tree_escaped(assay_buffer_slice(&b), sizeof t->diag.text));
    } else {
        t->failed = 1;
    }
    assay_buffer_free(&b);
}

static void put_bytes_meaning(struct assay_tree *t, json_t *field,
                              const struct assay_node *node,
                              struct assay_slice bytes)
{
    switch (node->inside) {
    case ASSAY_MESSAGE_INIT:
        put_list_meaning(t, field, bytes);
        break;
    case ASSAY_MESSAGE_HASH:
        assay_tree_put_format(t, field, "meaning",
                              "digest of the image, %zu bytes, reversed",
                              bytes.len);
        break;
    case ASSAY_MESSAGE_VALIDATION:
        assay_tree_put_format(t, field, "meaning", "boot validation, %zu bytes",
                              bytes.len);
        break;
    default:
        assay_tree_put_format(t, field, "meaning",
                              "%zu bytes: r then s, little-endian", bytes.len);
        break;
    }
}

static void put_node_flags(struct assay_tree *t, json_t *field, uint32_t flags)
{
    static const struct assay_tree_name NAMES[] = {
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
    json_t *list = assay_tree_put_array(t, field, "flags");
    for (size_t i = 0; i < ASSAY_N_OF(NAMES); i++) {
        if ((flags & NAMES[i].value) != 0) {
            assay_tree_add(t, list, json_string(NAMES[i].name));
        }
    }
}

static void add_node(struct assay_tree *t, json_t *fields,
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
    json_t *field = assay_tree_add_field(t, fields, name,
                                         assay_tree_at(packet, node->off, len));
    assay_tree_put_number(t, field, "len", node->tag_len + node->len);
    assay_tree_put_number(t, field, "depth", node->depth);
    assay_tree_put_text(t, field, "in",
                        assay_lenient_message_name(node->inside));
    int is_known = (node->flags & ASSAY_NODE_UNKNOWN) == 0 && node->number != 0;
    if (is_message) {
        assay_tree_put_format(t, field, "meaning", "%s, %zu bytes",
                              assay_lenient_message_name(node->kind),
                              node->len);
    } else if (node->tag_len != 0 && node->wire == 0) {
        const char *meaning = is_known ? number_meaning(node) : NULL;
        assay_tree_put_number(t, field, "value", node->value);
        if (meaning != NULL) {
            assay_tree_put_text(t, field, "meaning", meaning);
        }
    } else if (is_bytes) {
        struct assay_slice bytes =
            assay_slice_sub(packet, node->off + node->tag_len, node->len);
        assay_tree_put_hex(t, field, "bytes", bytes);
        if (is_known) {
            put_bytes_meaning(t, field, node, bytes);
        }
    }
    put_node_flags(t, field, node->flags);
}

static void put_fields(struct assay_tree *t, json_t *object,
                       struct assay_slice packet)
{
    struct assay_walk walk;
    assay_lenient_walk(packet, &walk);
    json_t *fields = assay_tree_put_array(t, object, "fields");
    for (size_t i = 0; i < walk.n_nodes; i++) {
        add_node(t, fields, packet, &walk.node[i]);
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

static void put_value(struct assay_tree *t, json_t *values,
                      const struct assay_nanopb_init *init, uint32_t number,
                      uint32_t value)
{
    const char *name = assay_lenient_field_name(ASSAY_MESSAGE_INIT, number);
    if ((init->present >> number & 1u) != 0) {
        assay_tree_put_number(t, values, name, value);
    } else {
        assay_tree_put(t, values, name, json_null());
    }
}

/* What a bootloader works with, in one place: for programs above all. */
static void put_values(struct assay_tree *t, json_t *object,
                       const struct assay_nanopb_init *init)
{
    json_t *values = assay_tree_put_object(t, object, "values");
    assay_tree_put_text(t, values, "type", assay_fw_type_name(init->type));
    put_value(t, values, init, ASSAY_INIT_FW_VERSION, init->fw_version);
    put_value(t, values, init, ASSAY_INIT_HW_VERSION, init->hw_version);
    json_t *list = assay_tree_put_array(t, values, "sd_req");
    for (uint32_t i = 0; i < init->n_sd_req; i++) {
        assay_tree_add(t, list, json_integer(init->sd_req[i]));
    }
    put_value(t, values, init, ASSAY_INIT_SD_SIZE, init->sd_size);
    put_value(t, values, init, ASSAY_INIT_BL_SIZE, init->bl_size);
    put_value(t, values, init, ASSAY_INIT_APP_SIZE, init->app_size);
    assay_tree_put_text(t, values, "hash_type",
                        assay_hash_type_name(init->hash_type));
    assay_tree_put_hex_reversed(t, values, "digest", init->hash);
    put_value(t, values, init, ASSAY_INIT_IS_DEBUG, init->is_debug);
    json_t *validations = assay_tree_put_array(t, values, "boot_validation");
    for (uint32_t i = 0; i < init->n_validations; i++) {
        assay_tree_add(
            t, validations,
            json_string(assay_validation_type_name(init->validation[i].type)));
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

static int put_scalar(struct assay_tree *t, json_t *object, const char *name,
                      const uint8_t wire[32])
{
    uint8_t number[32];
    char key[24];
    assay_reverse(number, wire, 32);
    enum scalar scalar = scalar_of(number);
    int in_range = scalar == SCALAR_LOW || scalar == SCALAR_HIGH;
    assay_tree_put_hex(t, object, name, assay_slice(number, 32));
    (void)snprintf(key, sizeof key, "%s_in_range", name);
    assay_tree_put_flag(t, object, key, in_range);
    if (name[0] == 's') {
        assay_tree_put_flag(t, object, "s_high", scalar == SCALAR_HIGH);
    }
    if (!in_range) {
        assay_tree_fault(t, ASSAY_SIGNATURE_INVALID,
                         "found %s %s, expected a number from 1 to n - 1", name,
                         scalar == SCALAR_ZERO ? "zero"
                                               : "not below the group order n");
    }
    return in_range;
}

static void put_signature(struct assay_tree *t, json_t *object,
                          const struct assay_nanopb *decoded)
{
    assay_tree_put_flag(t, object, "signed", decoded->is_signed);
    if (!decoded->is_signed) {
        assay_tree_note(
            t, "unsigned init packet: a bootloader that requires signatures "
               "answers \"signature missing\"");
        return;
    }
    json_t *signature = assay_tree_put_object(t, object, "signature");
    assay_tree_put_text(t, signature, "algorithm",
                        assay_signature_type_name(decoded->signature_type));
    assay_tree_put_number(t, signature, "len", decoded->signature.len);
    if (decoded->signature_type != ASSAY_SIGNATURE_ECDSA_P256_SHA256 ||
        decoded->signature.len != ASSAY_SIGNATURE_LEN) {
        assay_tree_put_hex(t, signature, "bytes", decoded->signature);
        return;
    }
    (void)put_scalar(t, signature, "r", decoded->signature.p);
    (void)put_scalar(t, signature, "s", decoded->signature.p + 32);
}

/* The verdicts of the two readers, then every field. */
void assay_inspect_secure_packet(struct assay_tree *t, json_t *object,
                                 struct assay_slice packet,
                                 struct assay_nanopb *decoded)
{
    enum assay_status strict = strict_verdict(packet);
    assay_nanopb_decode(packet, decoded);
    assay_tree_put_text(t, object, "form", "secure");
    assay_tree_put_number(t, object, "len", packet.len);
    assay_tree_put_verdict(t, assay_tree_put_object(t, object, "strict"),
                           strict);
    json_t *target = assay_tree_put_object(t, object, "bootloader");
    int accepts = decoded->answer == ASSAY_NANOPB_ACCEPTS;
    assay_tree_put_flag(t, target, "decodes", accepts);
    if (!accepts) {
        assay_tree_put_text(t, target, "reason", decoded->reason);
        assay_tree_put_number(t, target, "ended_at", decoded->reason_off);
    }
    if (strict != ASSAY_OK) {
        assay_tree_fault(t, strict,
                         "init packet: %s; a bootloader of SDK 15.3 or later "
                         "%s it%s%s",
                         assay_status_meaning(strict),
                         accepts ? "decodes" : "cannot decode",
                         accepts ? "" : ": ", decoded->reason);
    }
    if (accepts) {
        assay_tree_put_number(t, object, "signed_off",
                              (uint64_t)(decoded->signed_bytes.p - packet.p));
        assay_tree_put_number(t, object, "signed_len",
                              decoded->signed_bytes.len);
        put_signature(t, object, decoded);
    }
    put_values(t, object, &decoded->init);
    put_fields(t, object, packet);
}

/* --- Init packet of legacy DFU ------------------------------------------- */

static void legacy_extension(struct assay_tree *t, json_t *fields,
                             struct assay_slice packet,
                             const struct assay_legacy *legacy)
{
    int is_extended = legacy->form == ASSAY_LEGACY_EXT_CRC ||
                      legacy->form == ASSAY_LEGACY_EXT_HASH ||
                      legacy->form == ASSAY_LEGACY_EXT_ECDSA;
    if (is_extended) {
        (void)assay_tree_add_le(t, fields, "extended_packet_id",
                                assay_tree_at(packet, legacy->ext_off, 4));
    } else if (legacy->form == ASSAY_LEGACY_UNKNOWN && legacy->ext_len != 0) {
        (void)assay_tree_add_field(
            t, fields, "extension",
            assay_tree_at(packet, legacy->ext_off, legacy->ext_len));
    }
    if (legacy->has_image_len) {
        (void)assay_tree_add_le(t, fields, "image_length",
                                assay_tree_at(packet, legacy->ext_off + 4, 4));
    }
    if (legacy->form == ASSAY_LEGACY_CRC ||
        legacy->form == ASSAY_LEGACY_BARE_CRC ||
        legacy->form == ASSAY_LEGACY_EXT_CRC) {
        (void)assay_tree_add_le(t, fields, "crc16",
                                assay_tree_at(packet, legacy->crc_off, 2));
    }
    if (legacy->hash.len != 0) {
        (void)assay_tree_add_field(
            t, fields, "sha256",
            assay_tree_at(packet, (size_t)(legacy->hash.p - packet.p),
                          legacy->hash.len));
    }
    if (legacy->signature.len != 0) {
        (void)assay_tree_add_field(
            t, fields, "ecdsa",
            assay_tree_at(packet, (size_t)(legacy->signature.p - packet.p),
                          legacy->signature.len));
    }
}

static void legacy_fields(struct assay_tree *t, json_t *object,
                          struct assay_slice packet,
                          const struct assay_legacy *legacy)
{
    json_t *fields = assay_tree_put_array(t, object, "fields");
    if (legacy->form == ASSAY_LEGACY_BARE_CRC || packet.len < 10) {
        legacy_extension(t, fields, packet, legacy);
        return;
    }
    (void)assay_tree_add_le(t, fields, "device_type",
                            assay_tree_at(packet, 0, 2));
    (void)assay_tree_add_le(t, fields, "device_revision",
                            assay_tree_at(packet, 2, 2));
    (void)assay_tree_add_le(t, fields, "app_version",
                            assay_tree_at(packet, 4, 4));
    (void)assay_tree_add_le(t, fields, "softdevices",
                            assay_tree_at(packet, 8, 2));
    for (uint32_t i = 0; i < legacy->n_sd; i++) {
        json_t *field =
            assay_tree_add_le(t, fields, "softdevice",
                              assay_tree_at(packet, 10 + 2 * (size_t)i, 2));
        const char *name = assay_fwid_name(legacy->sd[i]);
        assay_tree_put_text(t, field, "meaning",
                            name == NULL ? "unknown" : name);
    }
    if (legacy->ext_off != 0) {
        legacy_extension(t, fields, packet, legacy);
    }
}

void assay_inspect_legacy_packet(struct assay_tree *t, json_t *object,
                                 struct assay_slice packet,
                                 struct assay_legacy *legacy)
{
    struct assay_diag diag = {0};
    enum assay_status status = assay_legacy_parse(packet, legacy, &diag);
    assay_tree_put_text(t, object, "form", "legacy");
    assay_tree_put_number(t, object, "len", packet.len);
    assay_tree_put_text(t, object, "check",
                        assay_legacy_form_name(legacy->form));
    assay_tree_put_flag(t, object, "signed", 0);
    if (status != ASSAY_OK) {
        assay_tree_fault(t, status, "legacy init packet: %s", diag.text);
    }
    if (legacy->signature.len != 0) {
        assay_tree_note(
            t, "the ECDSA bytes of legacy packets were experimental; no "
               "bootloader of that age checks them by default");
    }
    if (legacy->form != ASSAY_LEGACY_BARE_CRC && packet.len >= 10) {
        json_t *values = assay_tree_put_object(t, object, "values");
        assay_tree_put_number(t, values, "device_type", legacy->device_type);
        assay_tree_put_number(t, values, "device_revision",
                              legacy->device_revision);
        assay_tree_put_number(t, values, "app_version", legacy->app_version);
        json_t *list = assay_tree_put_array(t, values, "softdevices");
        for (uint32_t i = 0; i < legacy->n_sd; i++) {
            assay_tree_add(t, list, json_integer(legacy->sd[i]));
        }
    }
    legacy_fields(t, object, packet, legacy);
}

/* --- Images -------------------------------------------------------------- */

static void check_size(struct assay_tree *t, json_t *checks,
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
    assay_tree_put_number(t, checks, "stated_size", want);
    assay_tree_put_flag(t, checks, "size_ok", want == image.len);
    if (want != image.len) {
        assay_tree_fault(
            t, image.len < want ? ASSAY_IMAGE_SHORT : ASSAY_IMAGE_LONG,
            "image: found %zu bytes, expected %llu", image.len,
            (unsigned long long)want);
    }
}

static void check_digest(struct assay_tree *t, json_t *checks,
                         struct assay_slice image,
                         const struct assay_nanopb_init *init)
{
    uint8_t digest[32];
    uint8_t turned[32];
    assay_tree_put_digest(t, checks, "sha256", image, digest);
    assay_reverse(turned, digest, 32);
    if (init->hash_type != ASSAY_HASH_SHA256 || init->hash.len != 32) {
        assay_tree_put_text(t, checks, "digest", "not comparable");
        assay_tree_put_text(t, checks, "digest_meaning",
                            "the init packet holds no SHA-256 digest");
    } else if (memcmp(init->hash.p, turned, 32) == 0) {
        assay_tree_put_text(t, checks, "digest", "LE");
        assay_tree_put_text(t, checks, "digest_meaning", "digest matches");
    } else if (memcmp(init->hash.p, digest, 32) == 0) {
        assay_tree_put_text(t, checks, "digest", "BE");
        assay_tree_put_text(
            t, checks, "digest_meaning",
            "digest matches only in natural byte order: a bootloader of "
            "today answers hash mismatch");
        assay_tree_fault(
            t, ASSAY_IMAGE_DIGEST,
            "image: the digest matches only in natural byte order, expected "
            "it reversed");
    } else {
        assay_tree_put_text(t, checks, "digest", "differs");
        assay_tree_put_text(
            t, checks, "digest_meaning",
            "the image does not have the digest of the init packet");
        assay_tree_fault(
            t, ASSAY_IMAGE_DIGEST,
            "image: found a SHA-256 digest other than the init packet's");
    }
}

void assay_inspect_secure_image(struct assay_tree *t, json_t *checks,
                                struct assay_slice image,
                                const struct assay_nanopb_init *init)
{
    check_size(t, checks, image, init);
    check_digest(t, checks, image, init);
}

void assay_inspect_legacy_image(struct assay_tree *t, json_t *checks,
                                struct assay_slice image,
                                const struct assay_legacy *legacy)
{
    uint8_t digest[32];
    uint32_t crc = assay_legacy_crc16(image);
    assay_tree_put_digest(t, checks, "sha256", image, digest);
    assay_tree_put_number(t, checks, "crc16", crc);
    if (legacy->form == ASSAY_LEGACY_CRC ||
        legacy->form == ASSAY_LEGACY_BARE_CRC ||
        legacy->form == ASSAY_LEGACY_EXT_CRC) {
        assay_tree_put_flag(t, checks, "crc16_ok", crc == legacy->crc16);
        if (crc != legacy->crc16) {
            assay_tree_fault(t, ASSAY_FORMAT_CHECKSUM,
                             "image: found CRC-16 %04X, expected %04X",
                             (unsigned)crc, (unsigned)legacy->crc16);
        }
    }
    if (legacy->hash.len == 32) {
        int ok = memcmp(legacy->hash.p, digest, 32) == 0;
        assay_tree_put_flag(t, checks, "sha256_ok", ok);
        if (!ok) {
            assay_tree_fault(
                t, ASSAY_IMAGE_DIGEST,
                "image: found a SHA-256 digest other than the init "
                "packet's");
        }
    }
    if (legacy->has_image_len) {
        int ok = legacy->image_len == image.len;
        assay_tree_put_flag(t, checks, "size_ok", ok);
        if (!ok) {
            assay_tree_fault(t,
                             image.len < legacy->image_len ? ASSAY_IMAGE_SHORT
                                                           : ASSAY_IMAGE_LONG,
                             "image: found %zu bytes, expected %u", image.len,
                             (unsigned)legacy->image_len);
        }
    }
}
