/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_TESTS_M4_FIXTURE_H
#define ASSAY_TESTS_M4_FIXTURE_H

#include <openssl/sha.h>

#include "base/bytes.h"
#include "engine/functions.h"
#include "engine/layout.h"
#include "engine/machine.h"
#include "host/sign.h"
#include "tests/packet_builder.h"
#include "verifier/verifier.h"

/*
 * What the programs that run the machine code share: keys, packets made by
 * packet_builder.h and signed by OpenSSL and libsodium, and their way into
 * the memory of the machine.
 */

static inline void fail(const char *what, const char *why)
{
    fprintf(stderr, "m4: %s: %s\n", what, why);
    exit(1);
}

/* --- Keys ----------------------------------------------------------------- */

enum signer { KEY_A, KEY_B, KEY_KNOWN, KEY_ED, KEY_ED_B, N_SIGNERS };

/*
 * P-256: 0x11.. and 0x22.. times G, and test.pem of pc-nrfutil, which
 * everybody has. Ed25519: RFC 8032 7.1, TEST 1 and TEST 2.
 */
static const struct {
    const char *secret;
    const char *public_key;
} SIGNER[N_SIGNERS] = {
    [KEY_A] =
        {"1111111111111111111111111111111111111111111111111111111111111111",
         "0217e617f0b6443928278f96999e69a23a4f2c152bdf6d6cdf66e5b80282d4ed"
         "194a7debcb97712d2dda3ca85aa8765a56f45fc758599652f2897c65306e5794"},
    [KEY_B] =
        {"2222222222222222222222222222222222222222222222222222222222222222",
         "d65a93977caa3d1b081852ff57a79e465f1660577304baead505dd3a48589cf3"
         "50185e895372df6221ea3a137557e473fddb6755f05bd507c3c533fce9c91285"},
    [KEY_KNOWN] =
        {"3d9650109eff890b865e5e909f8ef0fb69adc6a150d144dd1226e61b50cc379d",
         "658da2eddb981f697dae7220d68217abed3fb87005ec8a05b9b56bbbaa17f460"
         "909baecdad7226c204b612b662ff4fccbd1b0c90841090d83a59cdad6c981d4c"},
    [KEY_ED] =
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"},
    [KEY_ED_B] =
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"},
};

static inline int is_ed25519(enum signer who)
{
    return who == KEY_ED || who == KEY_ED_B;
}

static inline void hex_bytes(uint8_t *out, const char *hex)
{
    struct pb bytes = {.len = 0};
    pb_hex(&bytes, hex);
    memcpy(out, bytes.b, bytes.len);
}

static inline void sign(enum signer who, const struct pb *bytes,
                        struct pb_signature *out)
{
    struct assay_private_key key = {
        .public_key.algorithm = is_ed25519(who) ? ASSAY_ED25519 : ASSAY_P256};
    struct assay_slice data = assay_slice(bytes->b, bytes->len);
    struct assay_diag diag = {0};
    hex_bytes(key.secret, SIGNER[who].secret);
    hex_bytes(key.public_key.bytes, SIGNER[who].public_key);
    out->len = 64;
    out->type = (uint64_t)is_ed25519(who);
    if ((is_ed25519(who)
             ? assay_sign_ed25519(&key, data, out->bytes, &diag)
             : assay_sign_nordic(&key, data, out->bytes, &diag)) != ASSAY_OK) {
        fail("signing", diag.text);
    }
}

/* --- Memory --------------------------------------------------------------- */

/* Inputs stand one behind the other, from ASSAY_M4_IN. */
struct inputs {
    struct machine *m;
    uint32_t next;
};

/* in: off, how far from a multiple of 16; ret: the address of the bytes. */
static inline uint32_t put_at(struct inputs *in, const void *bytes, size_t len,
                              uint32_t off)
{
    uint32_t address = ((in->next + 15) & ~15u) + off;
    if (len > ASSAY_M4_IN + ASSAY_M4_IN_MAX - address) {
        fail("inputs", "no room");
    }
    if (len != 0) {
        memcpy(in->m->flash + address, bytes, len);
    }
    in->next = address + (uint32_t)len;
    return address;
}

static inline uint32_t put(struct inputs *in, const void *bytes, size_t len)
{
    return put_at(in, bytes, len, 0);
}

struct table_entry {
    enum signer who;
    uint32_t roles;
    uint32_t flags;
};

/* A key table; ret: its address. */
static inline uint32_t put_keys(struct inputs *in,
                                const struct table_entry *entry, size_t n_keys,
                                uint32_t flags)
{
    uint8_t keys[8 * ASSAY_M4_KEY_LEN] = {0};
    uint8_t table[ASSAY_M4_KEYS_LEN] = {0};
    for (size_t i = 0; i < n_keys; i++) {
        uint8_t bytes[64];
        uint8_t *key = keys + i * ASSAY_M4_KEY_LEN;
        int ed = is_ed25519(entry[i].who);
        hex_bytes(bytes, SIGNER[entry[i].who].public_key);
        assay_store_le32(key + ASSAY_M4_KEY_BYTES,
                         put(in, bytes, ed ? 32 : 64));
        key[ASSAY_M4_KEY_ALGORITHM] = ed ? ASSAY_ED25519 : ASSAY_P256;
        key[ASSAY_M4_KEY_ROLES] = (uint8_t)entry[i].roles;
        key[ASSAY_M4_KEY_FLAGS] = (uint8_t)entry[i].flags;
    }
    assay_store_le32(table + ASSAY_M4_KEYS_KEY,
                     put(in, keys, n_keys * ASSAY_M4_KEY_LEN));
    assay_store_le32(table + ASSAY_M4_KEYS_N, (uint32_t)n_keys);
    assay_store_le32(table + ASSAY_M4_KEYS_FLAGS, flags);
    return put(in, table, sizeof table);
}

static inline uint32_t put_device(struct inputs *in,
                                  const struct assay_device *d)
{
    const uint32_t word[ASSAY_M4_DEVICE_N_WORDS] = {
        d->hw_version,  d->softdevice,
        d->app_version, d->bootloader_version,
        d->image_room,  d->bootloader_room,
        d->flags};
    uint8_t bytes[ASSAY_M4_DEVICE_LEN];
    for (size_t i = 0; i < ASSAY_M4_DEVICE_N_WORDS; i++) {
        assay_store_le32(bytes + 4 * i, word[i]);
    }
    return put(in, bytes, sizeof bytes);
}

/* --- Files ---------------------------------------------------------------- */

static inline size_t read_file(const char *path, uint8_t *out, size_t out_len)
{
    FILE *f = fopen(path, "rb");
    size_t len = f != NULL ? fread(out, 1, out_len, f) : 0;
    if (f != NULL) {
        (void)fclose(f);
    }
    if (len == 0 || len == out_len) {
        fail(path, "cannot be read, or is empty or too long");
    }
    return len;
}

static inline void open_machine(struct machine *m, enum machine_map map,
                                const char *path)
{
    static uint8_t code[ASSAY_M4_CODE_MAX];
    size_t len = read_file(path, code, sizeof code);
    const char *fault = machine_open(m, map, code, (uint32_t)len);
    if (fault != NULL) {
        fail(path, fault);
    }
}

#endif
