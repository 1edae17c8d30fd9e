/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "assay_verifier.c"

/*
 * The functions of the single file as calls on one array of words, so that a
 * script can make the same calls natively and on an emulated Cortex-M4. A word
 * is a number or an address; embed_vectors.py has the same layout.
 */

enum {
    AT_TABLE_FLAGS = 0,
    AT_N_KEYS = 1,
    AT_KEYS = 2, /* each: address, algorithm, roles, flags */
    KEY_WORDS = 4,
    N_KEYS_MAX = 4,
    AT_PACKET = 18,
    AT_IMAGE = 20,
    AT_INSTALLED = 22,
    AT_DEVICE = 23,
    AT_ANSWER = 32, /* what was found, from here on */
    AT_N_CALLS = 40,
    AT_CALLS = 41, /* a length, or one of these */
    CALL_START = -1,
    CALL_FINISH = -2,
};

typedef uintptr_t call(uintptr_t *w);
call call_p256, call_ed25519, call_sha256, call_sha512, call_keys, call_packet,
    call_policy, call_image, call_boot, call_initpkt, call_next_sd_req;

static struct assay_slice slice_at(const uintptr_t *w)
{
    return assay_slice((const uint8_t *)w[0], w[1]);
}

uintptr_t call_p256(uintptr_t *w)
{
    return assay_p256_verify((const uint8_t *)w[0], (const uint8_t *)w[1],
                             (const uint8_t *)w[2]);
}

uintptr_t call_ed25519(uintptr_t *w)
{
    return assay_ed25519_verify((const uint8_t *)w[0], slice_at(w + 1),
                                (const uint8_t *)w[3]);
}

/* The message, its length, how many times, the address of the digest. */
uintptr_t call_sha256(uintptr_t *w)
{
    struct assay_sha256 sha;
    assay_sha256_init(&sha);
    for (uintptr_t i = 0; i < w[2]; i++) {
        assay_sha256_update(&sha, slice_at(w));
    }
    assay_sha256_final(&sha, (uint8_t *)w[3]);
    return 0;
}

uintptr_t call_sha512(uintptr_t *w)
{
    struct assay_sha512 sha;
    assay_sha512_init(&sha);
    for (uintptr_t i = 0; i < w[2]; i++) {
        assay_sha512_update(&sha, slice_at(w));
    }
    assay_sha512_final(&sha, (uint8_t *)w[3]);
    return 0;
}

struct keys {
    struct assay_key key[N_KEYS_MAX];
    struct assay_key_table table;
};

static const struct assay_key_table *table_of(struct keys *keys,
                                              const uintptr_t *w)
{
    for (uintptr_t i = 0; i < w[AT_N_KEYS] && i < N_KEYS_MAX; i++) {
        const uintptr_t *from = w + AT_KEYS + KEY_WORDS * i;
        keys->key[i].bytes = (const uint8_t *)from[0];
        keys->key[i].id = (uint32_t)i;
        keys->key[i].algorithm = (uint8_t)from[1];
        keys->key[i].roles = (uint8_t)from[2];
        keys->key[i].flags = (uint8_t)from[3];
    }
    keys->table.key = keys->key;
    keys->table.n_keys = w[AT_N_KEYS];
    keys->table.flags = (uint32_t)w[AT_TABLE_FLAGS];
    return &keys->table;
}

uintptr_t call_keys(uintptr_t *w)
{
    struct keys keys;
    return assay_verifier_keys(table_of(&keys, w));
}

uintptr_t call_packet(uintptr_t *w)
{
    struct keys keys;
    struct assay_verdict verdict;
    verdict.key_index = UINT32_MAX;
    enum assay_status status = assay_verifier_packet(
        slice_at(w + AT_PACKET), table_of(&keys, w), &verdict);
    w[AT_ANSWER] = verdict.key_index;
    return status;
}

static enum assay_status read_command(struct assay_slice packet,
                                      struct assay_init_command *command)
{
    struct assay_envelope envelope;
    enum assay_status status = assay_initpkt_open(packet, &envelope);
    if (status != ASSAY_OK) {
        return status;
    }
    return assay_initpkt_read(envelope.signed_bytes, command);
}

uintptr_t call_policy(uintptr_t *w)
{
    struct assay_init_command command;
    const uintptr_t *d = w + AT_DEVICE;
    struct assay_device device;
    device.hw_version = (uint32_t)d[0];
    device.softdevice = (uint32_t)d[1];
    device.app_version = (uint32_t)d[2];
    device.bootloader_version = (uint32_t)d[3];
    device.image_room = (uint32_t)d[4];
    device.bootloader_room = (uint32_t)d[5];
    device.flags = (uint32_t)d[6];
    enum assay_status status = read_command(slice_at(w + AT_PACKET), &command);
    if (status != ASSAY_OK) {
        return status;
    }
    return assay_verifier_policy(&command, &device);
}

/* Each call is replaced by its answer. */
uintptr_t call_image(uintptr_t *w)
{
    struct assay_init_command command;
    struct assay_image image;
    enum assay_status status = read_command(slice_at(w + AT_PACKET), &command);
    if (status != ASSAY_OK) {
        return status;
    }
    for (size_t i = 0; i < sizeof image; i++) {
        ((volatile uint8_t *)&image)[i] = 0;
    }
    const uint8_t *next = (const uint8_t *)w[AT_IMAGE];
    for (uintptr_t i = 0; i < w[AT_N_CALLS]; i++) {
        uintptr_t *what = w + AT_CALLS + i;
        if (*what == (uintptr_t)CALL_START) {
            status = assay_verifier_image_start(&image, &command);
        } else if (*what == (uintptr_t)CALL_FINISH) {
            status = assay_verifier_image_finish(&image);
        } else {
            status =
                assay_verifier_image_update(&image, assay_slice(next, *what));
            next += *what;
        }
        *what = status;
    }
    return status;
}

uintptr_t call_boot(uintptr_t *w)
{
    struct keys keys;
    struct assay_installed installed;
    installed.packet = slice_at(w + AT_PACKET);
    installed.image = slice_at(w + AT_IMAGE);
    installed.type = (enum assay_fw_type)w[AT_INSTALLED];
    return assay_verifier_boot(&installed, table_of(&keys, w));
}

/*
 * Answers: the step that decided; signed bytes, signature, its type; then the
 * numbers, digest and list of the command.
 */
uintptr_t call_initpkt(uintptr_t *w)
{
    struct assay_envelope e;
    struct assay_init_command c;
    uintptr_t *answer = w + AT_ANSWER;
    *answer++ = 1;
    enum assay_status status = assay_initpkt_open(slice_at(w + AT_PACKET), &e);
    if (status != ASSAY_OK) {
        return status;
    }
    w[AT_ANSWER] = 2;
    *answer++ = (uintptr_t)e.signed_bytes.p;
    *answer++ = e.signed_bytes.len;
    *answer++ = (uintptr_t)e.signature.p;
    *answer++ = e.signature.len;
    *answer++ = e.signature_type;
    status = assay_initpkt_read(e.signed_bytes, &c);
    if (status != ASSAY_OK) {
        return status;
    }
    *answer++ = c.present;
    *answer++ = c.fw_version;
    *answer++ = c.hw_version;
    *answer++ = c.type;
    *answer++ = c.sd_size;
    *answer++ = c.bl_size;
    *answer++ = c.app_size;
    *answer++ = c.is_debug;
    *answer++ = c.hash_type;
    *answer++ = (uintptr_t)c.hash.p;
    *answer++ = c.hash.len;
    *answer++ = c.n_sd_req;
    *answer++ = (uintptr_t)c.sd_req.p;
    *answer++ = c.sd_req.len;
    *answer++ = c.n_validations;
    for (uint32_t i = 0; i < c.n_validations; i++) {
        *answer++ = c.validation[i].type;
        *answer++ = (uintptr_t)c.validation[i].bytes.p;
        *answer++ = c.validation[i].bytes.len;
    }
    return status;
}

/* A list at words 0 and 1, which are advanced. */
uintptr_t call_next_sd_req(uintptr_t *w)
{
    struct assay_slice list = slice_at(w);
    uint32_t id = assay_initpkt_next_sd_req(&list);
    w[0] = (uintptr_t)list.p;
    w[1] = list.len;
    return id;
}
