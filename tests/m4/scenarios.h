/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_TESTS_M4_SCENARIOS_H
#define ASSAY_TESTS_M4_SCENARIOS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/m4/fixture.h"

/*
 * What must be refused, for the campaigns that skip instructions: packets,
 * updates, starts and key tables with one reason each, and the calls that
 * they are examined with.
 */

/* --- Scenarios ------------------------------------------------------------ */

enum subject { PACKET, UPDATE, BOOT, KEYS };

enum { IMAGE_LEN = 100, N_KEYS_MAX = 4 };

/* A good update, before it is spoiled. */
struct world {
    struct pb_init init;
    enum signer signer;
    uint8_t signature_flip; /* in this byte of the signature: */
    uint8_t flip_at;
    uint8_t body_flip; /* in the second byte of what is signed */
    /* Makes the signature, and the bytes of the first key. */
    void (*craft)(const struct pb *body, struct pb_signature *signature,
                  uint8_t key[64]);
    enum { SIGNED, UNSIGNED, EMPTY, ERASED } form;
    struct table_entry key[N_KEYS_MAX];
    size_t n_keys;
    uint32_t table_flags;
    struct assay_device device;
    uint8_t image[2 * IMAGE_LEN];
    size_t image_len;
    uint8_t installed_type;
};

static struct world good_world(void)
{
    struct world w = {.init = {.present = 0x3FE,
                               .number = {[1] = 10, [2] = 52, [7] = IMAGE_LEN},
                               .sd_req = {0x100},
                               .n_sd_req = 1,
                               .hash = {.type = 3, .len = 32}},
                      .key = {{KEY_A, ASSAY_ROLE_ALL, 0}},
                      .n_keys = 1,
                      .device = {.hw_version = 52,
                                 .softdevice = 0x100,
                                 .app_version = 9,
                                 .bootloader_version = 9,
                                 .image_room = 0x10000,
                                 .bootloader_room = 0x8000},
                      .image_len = IMAGE_LEN};
    uint8_t digest[32];
    for (size_t i = 0; i < sizeof w.image; i++) {
        w.image[i] = (uint8_t)(7 * i + 1);
    }
    (void)SHA256(w.image, IMAGE_LEN, digest);
    assay_reverse(w.init.hash.bytes, digest, 32);
    return w;
}

static void no_change(struct world *w)
{
    (void)w;
}
static void signature_bad(struct world *w)
{
    w->signature_flip = 1;
}
static void key_wrong(struct world *w)
{
    w->signer = KEY_B;
}
static void two_keys_wrong(struct world *w)
{
    w->key[1] = (struct table_entry){KEY_B, ASSAY_ROLE_ALL, 0};
    w->n_keys = 2;
    w->signer = KEY_KNOWN;
}
static void ed25519_bad(struct world *w)
{
    w->key[0].who = KEY_ED;
    w->signer = KEY_ED;
    w->signature_flip = 1;
}
static void ed25519_wrong(struct world *w)
{
    w->key[0].who = KEY_ED;
    w->signer = KEY_ED_B;
}
static void algorithm_absent(struct world *w)
{
    w->signer = KEY_ED;
}
static void revoked(struct world *w)
{
    w->key[0].flags = ASSAY_KEY_REVOKED_FLAG;
}
static void revoked_of_three(struct world *w)
{
    w->key[0] = (struct table_entry){KEY_B, ASSAY_ROLE_ALL, 0};
    w->key[1] =
        (struct table_entry){KEY_A, ASSAY_ROLE_ALL, ASSAY_KEY_REVOKED_FLAG};
    w->key[2] = (struct table_entry){KEY_ED, ASSAY_ROLE_ALL, 0};
    w->n_keys = 3;
}
static void published(struct world *w)
{
    w->key[0].who = KEY_KNOWN;
    w->signer = KEY_KNOWN;
}
static void published_of_two(struct world *w)
{
    w->key[0] = (struct table_entry){KEY_KNOWN, ASSAY_ROLE_ALL, 0};
    w->key[1] = (struct table_entry){KEY_A, ASSAY_ROLE_ALL, 0};
    w->n_keys = 2;
    w->signer = KEY_KNOWN;
}
static void is_unsigned(struct world *w)
{
    w->form = UNSIGNED;
}
static void empty(struct world *w)
{
    w->form = EMPTY;
}
static void erased(struct world *w)
{
    w->form = ERASED;
}
static void role_wrong(struct world *w)
{
    w->key[0].roles = ASSAY_ROLE_ALL & ~ASSAY_ROLE_APPLICATION;
}
static void role_half(struct world *w)
{
    w->init.number[4] = ASSAY_FW_SOFTDEVICE_BOOTLOADER;
    w->key[0].roles = ASSAY_ROLE_SOFTDEVICE | ASSAY_ROLE_APPLICATION;
}
static void type_missing(struct world *w)
{
    w->init.present &= ~(1u << ASSAY_INIT_TYPE);
}
static void hash_crc(struct world *w)
{
    w->init.hash.type = ASSAY_HASH_CRC;
}
static void field_unknown(struct world *w)
{
    w->init.number[4] = 5;
}
static void hw_other(struct world *w)
{
    w->device.hw_version = 51;
}
static void hw_missing(struct world *w)
{
    w->init.present &= ~(1u << ASSAY_INIT_HW_VERSION);
}
static void softdevice_other(struct world *w)
{
    w->device.softdevice = 0x101;
}
static void softdevice_absent(struct world *w)
{
    w->device.softdevice = ASSAY_NO_SOFTDEVICE;
}
static void version_same(struct world *w)
{
    w->device.app_version = 10;
}
static void version_older(struct world *w)
{
    w->device.app_version = 11;
}
static void version_missing(struct world *w)
{
    w->init.present &= ~(1u << ASSAY_INIT_FW_VERSION);
}
static void bootloader_older(struct world *w)
{
    w->init.number[4] = ASSAY_FW_BOOTLOADER;
    w->init.number[6] = IMAGE_LEN;
    w->device.bootloader_version = 10;
}
static void bootloader_large(struct world *w)
{
    w->init.number[4] = ASSAY_FW_BOOTLOADER;
    w->init.number[6] = IMAGE_LEN;
    w->device.bootloader_room = IMAGE_LEN - 1;
}
static void external(struct world *w)
{
    w->init.number[4] = ASSAY_FW_EXTERNAL_APPLICATION;
}
static void room_small(struct world *w)
{
    w->device.image_room = IMAGE_LEN - 1;
}
static void size_zero(struct world *w)
{
    w->init.number[7] = 0;
}
static void image_changed(struct world *w)
{
    w->image[IMAGE_LEN / 2] ^= 4;
}
static void image_last_bit(struct world *w)
{
    w->image[IMAGE_LEN - 1] ^= 1;
}
static void image_short(struct world *w)
{
    w->image_len = IMAGE_LEN - 1;
}
static void image_long(struct world *w)
{
    w->image_len = IMAGE_LEN + 1;
}
static void type_other(struct world *w)
{
    w->installed_type = ASSAY_FW_EXTERNAL_APPLICATION;
}
static void key_twice(struct world *w)
{
    w->key[1] = w->key[0];
    w->key[0].flags = ASSAY_KEY_REVOKED_FLAG;
    w->n_keys = 2;
}
static void no_keys(struct world *w)
{
    w->n_keys = 0;
}

static const struct scenario {
    enum subject subject;
    const char *name;
    enum assay_status want;
    void (*spoil)(struct world *w);
} SCENARIO[] = {
    {PACKET, "bad signature", ASSAY_SIGNATURE_INVALID, signature_bad},
    {PACKET, "wrong key", ASSAY_SIGNATURE_INVALID, key_wrong},
    {PACKET, "two wrong keys", ASSAY_SIGNATURE_INVALID, two_keys_wrong},
    {PACKET, "bad Ed25519 signature", ASSAY_SIGNATURE_INVALID, ed25519_bad},
    {PACKET, "wrong Ed25519 key", ASSAY_SIGNATURE_INVALID, ed25519_wrong},
    {PACKET, "no key of the algorithm", ASSAY_SIGNATURE_TYPE, algorithm_absent},
    {PACKET, "revoked key", ASSAY_KEY_REVOKED, revoked},
    {PACKET, "revoked key of three", ASSAY_KEY_REVOKED, revoked_of_three},
    {PACKET, "published key", ASSAY_KEY_PUBLISHED, published},
    {PACKET, "published key of two", ASSAY_KEY_PUBLISHED, published_of_two},
    {PACKET, "missing signature", ASSAY_SIGNATURE_MISSING, is_unsigned},
    {PACKET, "empty packet", ASSAY_PACKET_EMPTY, empty},
    {PACKET, "erased flash", ASSAY_VARINT_RANGE, erased},
    {PACKET, "wrong role", ASSAY_KEY_ROLE, role_wrong},
    {PACKET, "one of two roles", ASSAY_KEY_ROLE, role_half},
    {PACKET, "no type", ASSAY_TYPE_MISSING, type_missing},
    {PACKET, "digest of another type", ASSAY_HASH_TYPE, hash_crc},
    {PACKET, "unknown type", ASSAY_FW_TYPE_UNKNOWN, field_unknown},
    {UPDATE, "other hardware", ASSAY_HW_VERSION, hw_other},
    {UPDATE, "no hardware version", ASSAY_HW_VERSION_MISSING, hw_missing},
    {UPDATE, "other SoftDevice", ASSAY_SD_REQ, softdevice_other},
    {UPDATE, "no SoftDevice", ASSAY_SD_REQ, softdevice_absent},
    {UPDATE, "same version", ASSAY_FW_VERSION, version_same},
    {UPDATE, "older version", ASSAY_FW_VERSION, version_older},
    {UPDATE, "no version", ASSAY_FW_VERSION_MISSING, version_missing},
    {UPDATE, "older bootloader", ASSAY_FW_VERSION, bootloader_older},
    {UPDATE, "large bootloader", ASSAY_BOOTLOADER_ROOM, bootloader_large},
    {UPDATE, "external application", ASSAY_TYPE_REFUSED, external},
    {UPDATE, "no room", ASSAY_IMAGE_ROOM, room_small},
    {UPDATE, "size zero", ASSAY_SIZE_ZERO, size_zero},
    {UPDATE, "changed image", ASSAY_IMAGE_DIGEST, image_changed},
    {UPDATE, "changed last bit", ASSAY_IMAGE_DIGEST, image_last_bit},
    {UPDATE, "short image", ASSAY_IMAGE_SHORT, image_short},
    {UPDATE, "long image", ASSAY_IMAGE_LONG, image_long},
    {BOOT, "changed image", ASSAY_IMAGE_DIGEST, image_changed},
    {BOOT, "changed last bit", ASSAY_IMAGE_DIGEST, image_last_bit},
    {BOOT, "short image", ASSAY_IMAGE_SHORT, image_short},
    {BOOT, "long image", ASSAY_IMAGE_LONG, image_long},
    {BOOT, "bad signature", ASSAY_SIGNATURE_INVALID, signature_bad},
    {BOOT, "revoked key", ASSAY_KEY_REVOKED, revoked},
    {BOOT, "wrong type", ASSAY_TYPE_REFUSED, type_other},
    {BOOT, "wrong role", ASSAY_KEY_ROLE, role_wrong},
    {BOOT, "size zero", ASSAY_SIZE_ZERO, size_zero},
    {BOOT, "missing signature", ASSAY_SIGNATURE_MISSING, is_unsigned},
    {BOOT, "empty packet", ASSAY_PACKET_EMPTY, empty},
    {BOOT, "erased flash", ASSAY_VARINT_RANGE, erased},
    {KEYS, "empty table", ASSAY_KEY_TABLE, no_keys},
    {KEYS, "key twice", ASSAY_KEY_TABLE, key_twice},
    {KEYS, "published key", ASSAY_KEY_PUBLISHED, published_of_two},
    {PACKET, "nothing wrong", ASSAY_OK, no_change},
    {UPDATE, "nothing wrong", ASSAY_OK, no_change},
    {BOOT, "nothing wrong", ASSAY_OK, no_change},
    {KEYS, "nothing wrong", ASSAY_OK, no_change},
};

enum { N_SCENARIOS = sizeof SCENARIO / sizeof *SCENARIO };

static const char *const SUBJECT[] = {"packet", "update", "boot", "keys"};

/* --- The calls of a scenario ---------------------------------------------- */

struct step {
    enum assay_m4_function function;
    uint32_t arg[4];
};

enum { N_STEPS_MAX = 6 };

static struct step step[N_STEPS_MAX];
static size_t n_steps;

static void add_step(enum assay_m4_function function, uint32_t r0, uint32_t r1,
                     uint32_t r2, uint32_t r3)
{
    step[n_steps] = (struct step){function, {r0, r1, r2, r3}};
    n_steps++;
}

static void make_packet(const struct world *w, struct pb *packet,
                        uint8_t key[64])
{
    struct pb body = {.len = 0};
    struct pb_signature signature = {.len = 0};
    packet->len = 0;
    pb_init(&body, &w->init);
    if (w->craft != NULL) {
        w->craft(&body, &signature, key);
    } else {
        sign(w->signer, &body, &signature);
    }
    signature.bytes[w->flip_at] ^= w->signature_flip;
    body.b[1] ^= w->body_flip;
    switch (w->form) {
    case SIGNED:
        pb_signed(packet, &body, &signature);
        break;
    case UNSIGNED:
        pb_unsigned(packet, &body);
        break;
    case EMPTY:
        break;
    case ERASED:
        memset(packet->b, 0xFF, 200);
        packet->len = 200;
        break;
    }
}

/* The bytes of the first key of a table, if there is one. */
static uint8_t *first_key(const struct machine *m, uint32_t keys)
{
    if (assay_load_le32(m->flash + keys + ASSAY_M4_KEYS_N) == 0) {
        return NULL;
    }
    uint32_t key = assay_load_le32(m->flash + keys + ASSAY_M4_KEYS_KEY);
    return m->flash + assay_load_le32(m->flash + key + ASSAY_M4_KEY_BYTES);
}

/* Put the inputs into the flash of m, and make the calls. */
static void load(struct machine *m, const struct scenario *s)
{
    const uint32_t verdict = ASSAY_M4_OUT;
    const uint32_t image = ASSAY_M4_OUT + 0x100;
    struct world w = good_world();
    struct inputs in = {.m = m, .next = ASSAY_M4_IN};
    struct pb packet;
    uint8_t installed[ASSAY_M4_INSTALLED_LEN] = {0};
    s->spoil(&w);
    n_steps = 0;
    uint32_t keys = put_keys(&in, w.key, w.n_keys, w.table_flags);
    make_packet(&w, &packet, first_key(m, keys));
    uint32_t at = put(&in, packet.b, packet.len);
    uint32_t len = (uint32_t)packet.len;
    uint32_t bin = put(&in, w.image, w.image_len);
    uint32_t bin_len = (uint32_t)w.image_len;
    uint32_t device = put_device(&in, &w.device);
    assay_store_le32(installed, at);
    assay_store_le32(installed + 4, len);
    assay_store_le32(installed + ASSAY_M4_INSTALLED_IMAGE, bin);
    assay_store_le32(installed + ASSAY_M4_INSTALLED_IMAGE + 4, bin_len);
    installed[ASSAY_M4_INSTALLED_TYPE] = w.installed_type;
    uint32_t in_place = put(&in, installed, sizeof installed);
    switch (s->subject) {
    case KEYS:
        add_step(ASSAY_M4_verifier_keys, keys, 0, 0, 0);
        break;
    case BOOT:
        add_step(ASSAY_M4_verifier_boot, in_place, keys, 0, 0);
        break;
    case PACKET:
        add_step(ASSAY_M4_verifier_packet, at, len, keys, verdict);
        break;
    case UPDATE:
        add_step(ASSAY_M4_verifier_packet, at, len, keys, verdict);
        add_step(ASSAY_M4_verifier_policy, verdict, device, 0, 0);
        add_step(ASSAY_M4_verifier_image_start, image, verdict, 0, 0);
        add_step(ASSAY_M4_verifier_image_update, image, bin, bin_len, 0);
        add_step(ASSAY_M4_verifier_image_finish, image, 0, 0, 0);
        break;
    }
}

#endif
