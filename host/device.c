/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/device.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "host/fwid.h"

#define FLASH_PAGE 0x1000u
#define MBR_LEN 0x1000u

/* --- The device file ------------------------------------------------------ */

static const char *const GENERATIONS[] = {
    "assay", "sdk15.0", "sdk15.2", "sdk15.3", "sdk16", "sdk17.0", "sdk17.1"};

const char *assay_generation_name(enum assay_generation generation)
{
    return GENERATIONS[generation];
}

enum setting_kind { SETTING_NUMBER, SETTING_SWITCH, SETTING_OTHER };

/* A key of the file; off is the place of a uint32_t in the model. */
struct setting {
    const char *key;
    enum setting_kind kind;
    size_t off;
    uint32_t flag;     /* of a switch */
    const char *set;   /* the value that sets it */
    const char *unset; /* the value that clears it */
};

#define IN_DEVICE(field) offsetof(struct assay_device_model, device.field)
#define MODEL_FLAGS offsetof(struct assay_device_model, flags)

enum { KEY_BOOTLOADER, KEY_SOFTDEVICE, KEY_EXTERNAL, KEY_HW_VERSION };

static const struct setting SETTINGS[] = {
    [KEY_BOOTLOADER] = {"bootloader", SETTING_OTHER, 0, 0, NULL, NULL},
    [KEY_SOFTDEVICE] = {"softdevice", SETTING_OTHER, 0, 0, NULL, NULL},
    [KEY_EXTERNAL] = {"external", SETTING_OTHER, 0, 0, NULL, NULL},
    [KEY_HW_VERSION] = {"hw_version", SETTING_NUMBER, IN_DEVICE(hw_version), 0,
                        NULL, NULL},
    {"app_version", SETTING_NUMBER, IN_DEVICE(app_version), 0, NULL, NULL},
    {"bootloader_version", SETTING_NUMBER, IN_DEVICE(bootloader_version), 0,
     NULL, NULL},
    {"image_room", SETTING_NUMBER, IN_DEVICE(image_room), 0, NULL, NULL},
    {"bootloader_room", SETTING_NUMBER, IN_DEVICE(bootloader_room), 0, NULL,
     NULL},
    {"needs_softdevice", SETTING_SWITCH, IN_DEVICE(flags),
     ASSAY_DEVICE_NEEDS_SOFTDEVICE, "yes", "no"},
    {"same_version", SETTING_SWITCH, IN_DEVICE(flags),
     ASSAY_DEVICE_SAME_VERSION, "accept", "refuse"},
    {"downgrade", SETTING_SWITCH, IN_DEVICE(flags), ASSAY_DEVICE_DOWNGRADE,
     "accept", "refuse"},
    {"unsigned", SETTING_SWITCH, MODEL_FLAGS, ASSAY_MODEL_UNSIGNED, "accept",
     "refuse"},
    {"debug", SETTING_SWITCH, MODEL_FLAGS, ASSAY_MODEL_DEBUG, "yes", "no"},
};

enum { N_SETTINGS = sizeof SETTINGS / sizeof SETTINGS[0] };

struct line {
    unsigned number;
    char key[32];
    char value[64];
};

struct parser {
    struct assay_device_model *model;
    uint32_t seen; /* bit i: SETTINGS[i] was set */
    struct assay_diag *diag;
};

static enum assay_status bad_line(const struct parser *p, const struct line *l,
                                  const char *expected)
{
    return assay_diag_set(p->diag, ASSAY_DEVICE_FILE,
                          "line %u: \"%s = %s\", expected %s", l->number,
                          l->key, l->value, expected);
}

static enum assay_status take_number(const struct parser *p,
                                     const struct line *l, uint32_t *out)
{
    int is_hex = strncmp(l->value, "0x", 2) == 0;
    const char *digits = is_hex ? l->value + 2 : l->value;
    const char *alphabet = is_hex ? "0123456789abcdefABCDEF" : "0123456789";
    size_t len = strlen(digits);
    if (len == 0 || len > 10 || strspn(digits, alphabet) != len) {
        return bad_line(p, l, "a decimal or 0x number of at most 32 bits");
    }
    if (!is_hex && len > 1 && digits[0] == '0') {
        return bad_line(p, l, "a number without a leading zero");
    }
    unsigned long long value = strtoull(digits, NULL, is_hex ? 16 : 10);
    if (value > UINT32_MAX) {
        return bad_line(p, l, "a number of at most 32 bits");
    }
    *out = (uint32_t)value;
    return ASSAY_OK;
}

static enum assay_status take_switch(const struct parser *p,
                                     const struct line *l,
                                     const struct setting *s, uint32_t *flags)
{
    char expected[64];
    if (strcmp(l->value, s->set) == 0) {
        *flags |= s->flag;
        return ASSAY_OK;
    }
    if (strcmp(l->value, s->unset) == 0) {
        *flags &= ~s->flag;
        return ASSAY_OK;
    }
    (void)snprintf(expected, sizeof expected, "%s or %s", s->set, s->unset);
    return bad_line(p, l, expected);
}

static enum assay_status take_bootloader(const struct parser *p,
                                         const struct line *l)
{
    for (size_t i = 0; i < sizeof GENERATIONS / sizeof GENERATIONS[0]; i++) {
        if (strcmp(l->value, GENERATIONS[i]) == 0) {
            p->model->generation = (enum assay_generation)i;
            return ASSAY_OK;
        }
    }
    return bad_line(p, l,
                    "assay, sdk15.0, sdk15.2, sdk15.3, sdk16, sdk17.0 or "
                    "sdk17.1");
}

static enum assay_status take_softdevice(const struct parser *p,
                                         const struct line *l)
{
    uint32_t *out = &p->model->device.softdevice;
    if (strcmp(l->value, "none") == 0) {
        *out = ASSAY_NO_SOFTDEVICE;
        return ASSAY_OK;
    }
    size_t n_known;
    const struct assay_fwid *known = assay_fwid_table(&n_known);
    for (size_t i = 0; i < n_known; i++) {
        if (strcmp(l->value, known[i].name) == 0) {
            *out = known[i].id;
            return ASSAY_OK;
        }
    }
    enum assay_status status = take_number(p, l, out);
    if (status != ASSAY_OK || *out > 0xFFFF) {
        return bad_line(p, l,
                        "none, a firmware ID such as 0x0100, or a name such "
                        "as s140_nrf52_7.2.0");
    }
    return ASSAY_OK;
}

static enum assay_status take_external(const struct parser *p,
                                       const struct line *l)
{
    uint32_t *flags = &p->model->device.flags;
    *flags &= ~(ASSAY_DEVICE_EXTERNAL | ASSAY_DEVICE_EXTERNAL_ANY);
    if (strcmp(l->value, "accept") == 0) {
        *flags |= ASSAY_DEVICE_EXTERNAL;
    } else if (strcmp(l->value, "any-version") == 0) {
        *flags |= ASSAY_DEVICE_EXTERNAL | ASSAY_DEVICE_EXTERNAL_ANY;
    } else if (strcmp(l->value, "refuse") != 0) {
        return bad_line(p, l, "accept, any-version or refuse");
    }
    return ASSAY_OK;
}

static enum assay_status take_setting(struct parser *p, const struct line *l,
                                      size_t i)
{
    uint32_t *field = (uint32_t *)(void *)((char *)p->model + SETTINGS[i].off);
    if (SETTINGS[i].kind == SETTING_NUMBER) {
        return take_number(p, l, field);
    }
    if (SETTINGS[i].kind == SETTING_SWITCH) {
        return take_switch(p, l, &SETTINGS[i], field);
    }
    if (i == KEY_BOOTLOADER) {
        return take_bootloader(p, l);
    }
    return i == KEY_SOFTDEVICE ? take_softdevice(p, l) : take_external(p, l);
}

static enum assay_status take_line(struct parser *p, const struct line *l)
{
    for (size_t i = 0; i < N_SETTINGS; i++) {
        if (strcmp(l->key, SETTINGS[i].key) != 0) {
            continue;
        }
        if ((p->seen >> i & 1u) != 0) {
            return bad_line(p, l, "each key once");
        }
        p->seen |= 1u << i;
        return take_setting(p, l, i);
    }
    return bad_line(p, l, "a known key (see docs/formats.md, Device file)");
}

static int is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct assay_slice trim(struct assay_slice s)
{
    while (s.len != 0 && is_blank(s.p[0])) {
        s = assay_slice_sub(s, 1, s.len - 1);
    }
    while (s.len != 0 && is_blank(s.p[s.len - 1])) {
        s.len--;
    }
    return s;
}

/* Copy printable text; ret: 0 when it does not fit or is not text. */
static int copy_word(char *out, size_t out_len, struct assay_slice s)
{
    if (s.len == 0 || s.len >= out_len) {
        return 0;
    }
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] < 0x20 || s.p[i] > 0x7E) {
            return 0;
        }
        out[i] = (char)s.p[i];
    }
    out[s.len] = '\0';
    return 1;
}

static size_t find_byte(struct assay_slice s, uint8_t c)
{
    size_t i = 0;
    while (i < s.len && s.p[i] != c) {
        i++;
    }
    return i;
}

/* in: raw, one line without its end. */
static enum assay_status parse_line(struct parser *p, struct assay_slice raw,
                                    unsigned number)
{
    struct line l = {.number = number};
    raw.len = find_byte(raw, '#');
    raw = trim(raw);
    if (raw.len == 0) {
        return ASSAY_OK;
    }
    size_t eq = find_byte(raw, '=');
    if (eq == raw.len ||
        !copy_word(l.key, sizeof l.key, trim(assay_slice_sub(raw, 0, eq))) ||
        !copy_word(l.value, sizeof l.value,
                   trim(assay_slice_sub(raw, eq + 1, raw.len - eq - 1)))) {
        return assay_diag_set(p->diag, ASSAY_DEVICE_FILE,
                              "line %u: expected `key = value`", number);
    }
    return take_line(p, &l);
}

/*
 * Nordic's bootloaders take an equal application version by default, and
 * those up to SDK 15.2 have no switch for it.
 */
static void apply_generation(struct parser *p)
{
    struct assay_device_model *m = p->model;
    uint32_t said = 0;
    for (size_t i = 0; i < N_SETTINGS; i++) {
        said |= strcmp(SETTINGS[i].key, "same_version") == 0 ? p->seen >> i & 1u
                                                             : 0;
    }
    if (m->generation == ASSAY_GENERATION_SDK15_0 ||
        m->generation == ASSAY_GENERATION_SDK15_2 ||
        (m->generation != ASSAY_GENERATION_ASSAY && said == 0)) {
        m->device.flags |= ASSAY_DEVICE_SAME_VERSION;
    }
}

enum assay_status assay_device_parse(struct assay_slice text,
                                     struct assay_device_model *out,
                                     struct assay_diag *diag)
{
    struct parser p = {.model = out, .diag = diag};
    *out = (struct assay_device_model){
        .generation = ASSAY_GENERATION_SDK17_1,
        .device = {.softdevice = ASSAY_NO_SOFTDEVICE,
                   .image_room = UINT32_MAX,
                   .bootloader_room = UINT32_MAX}};
    for (unsigned number = 1; text.len != 0; number++) {
        size_t len = find_byte(text, '\n');
        enum assay_status status =
            parse_line(&p, assay_slice_sub(text, 0, len), number);
        if (status != ASSAY_OK) {
            return status;
        }
        len += len < text.len;
        text = assay_slice_sub(text, len, text.len - len);
    }
    if ((p.seen >> KEY_HW_VERSION & 1u) == 0) {
        return assay_diag_set(diag, ASSAY_DEVICE_FILE,
                              "no line `hw_version = ...`");
    }
    if (out->generation == ASSAY_GENERATION_ASSAY && out->flags != 0) {
        return assay_diag_set(diag, ASSAY_DEVICE_FILE,
                              "bootloader = assay takes no unsigned packages "
                              "and has no debug mode");
    }
    apply_generation(&p);
    return ASSAY_OK;
}

/* --- When the init packet has arrived ------------------------------------- */

static int is_before_15_3(const struct assay_device_model *m)
{
    return m->generation == ASSAY_GENERATION_SDK15_0 ||
           m->generation == ASSAY_GENERATION_SDK15_2;
}

/* SDK 15.0 to 15.2: half the room, and one length byte before the bytes. */
#define OLD_PACKET_MAX 256u
#define OLD_SIGNED_MAX 127u

static enum assay_status check_old_limits(const struct assay_device_model *m,
                                          struct assay_slice packet,
                                          struct assay_diag *diag)
{
    struct assay_envelope envelope;
    if (!is_before_15_3(m) ||
        assay_initpkt_open(packet, &envelope) != ASSAY_OK) {
        return ASSAY_OK;
    }
    if (packet.len > OLD_PACKET_MAX) {
        return assay_diag_set(diag, ASSAY_PACKET_TOO_LONG,
                              "init packet of %zu bytes, %s takes %u",
                              packet.len, GENERATIONS[m->generation],
                              OLD_PACKET_MAX);
    }
    if (envelope.signature.len != 0 &&
        envelope.signed_bytes.len > OLD_SIGNED_MAX) {
        return assay_diag_set(diag, ASSAY_SIGNATURE_INVALID,
                              "%zu signed bytes, %s can check at most %u",
                              envelope.signed_bytes.len,
                              GENERATIONS[m->generation], OLD_SIGNED_MAX);
    }
    return ASSAY_OK;
}

static int takes_unsigned(const struct assay_device_model *m,
                          const struct assay_init_command *c)
{
    if ((m->flags & ASSAY_MODEL_UNSIGNED) == 0) {
        return 0;
    }
    return c->type == ASSAY_FW_APPLICATION ||
           (c->type == ASSAY_FW_SOFTDEVICE &&
            (m->device.flags & ASSAY_DEVICE_NEEDS_SOFTDEVICE) == 0);
}

static void list_ids(const struct assay_init_command *c, char *out, size_t len)
{
    struct assay_slice list = c->sd_req;
    size_t n = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < c->n_sd_req && n < len; i++) {
        int w = snprintf(out + n, len - n, "%s0x%02X", i == 0 ? "" : ", ",
                         (unsigned)assay_initpkt_next_sd_req(&list));
        n += w > 0 ? (size_t)w : 0;
    }
}

static void explain_sd_req(const struct assay_init_command *c,
                           const struct assay_device *d,
                           struct assay_diag *diag)
{
    char wanted[ASSAY_SD_REQ_MAX * 12];
    char present[32] = "no SoftDevice";
    list_ids(c, wanted, sizeof wanted);
    if (d->softdevice != ASSAY_NO_SOFTDEVICE) {
        (void)snprintf(present, sizeof present, "SoftDevice 0x%04X",
                       (unsigned)d->softdevice);
    }
    (void)assay_diag_set(diag, ASSAY_SD_REQ,
                         "the package asks for %s, the device has %s",
                         wanted[0] == '\0' ? "nothing" : wanted, present);
}

static void explain_version(const struct assay_init_command *c,
                            const struct assay_device *d,
                            struct assay_diag *diag)
{
    int is_bootloader = (c->type & ASSAY_FW_BOOTLOADER) != 0;
    uint32_t have = is_bootloader ? d->bootloader_version : d->app_version;
    (void)assay_diag_set(diag, ASSAY_FW_VERSION,
                         "%s version %u in the package, %u on the device",
                         is_bootloader ? "bootloader" : "application",
                         (unsigned)c->fw_version, (unsigned)have);
}

static void explain_policy(enum assay_status status,
                           const struct assay_init_command *c,
                           const struct assay_device *d,
                           struct assay_diag *diag)
{
    switch (status) {
    case ASSAY_SD_REQ:
        explain_sd_req(c, d, diag);
        break;
    case ASSAY_FW_VERSION:
        explain_version(c, d, diag);
        break;
    case ASSAY_HW_VERSION:
        (void)assay_diag_set(diag, status,
                             "hardware version %u in the package, %u on the "
                             "device",
                             (unsigned)c->hw_version, (unsigned)d->hw_version);
        break;
    case ASSAY_BOOTLOADER_ROOM:
        (void)assay_diag_set(diag, status, "%u bytes, the region has %u",
                             (unsigned)c->bl_size,
                             (unsigned)d->bootloader_room);
        break;
    case ASSAY_IMAGE_ROOM:
        (void)assay_diag_set(diag, status,
                             "SoftDevice %u, bootloader %u, application %u "
                             "bytes; room for %u",
                             (unsigned)c->sd_size, (unsigned)c->bl_size,
                             (unsigned)c->app_size, (unsigned)d->image_room);
        break;
    default:
        (void)assay_diag_set(diag, status, "%s", assay_status_name(status));
        break;
    }
}

/*
 * The policy of the generation: that of SDK 15.3 and later is the verifier's
 * own; the older ones differ in the list of SoftDevices of an application.
 */
static enum assay_status check_policy(const struct assay_device_model *m,
                                      const struct assay_init_command *command,
                                      struct assay_diag *diag)
{
    static const uint8_t ZERO_ID[1] = {0};
    struct assay_init_command c = *command;
    struct assay_device d = m->device;
    if (is_before_15_3(m)) {
        d.flags &= ~(ASSAY_DEVICE_EXTERNAL | ASSAY_DEVICE_EXTERNAL_ANY);
        if (c.n_sd_req == 0 && d.softdevice != ASSAY_NO_SOFTDEVICE) {
            c.sd_req = assay_slice(ZERO_ID, sizeof ZERO_ID);
            c.n_sd_req = 1;
        }
    }
    if (m->generation == ASSAY_GENERATION_SDK15_0 &&
        c.type == ASSAY_FW_APPLICATION) {
        d.flags &= ~ASSAY_DEVICE_NEEDS_SOFTDEVICE;
    }
    enum assay_status status = assay_engine_policy(m->engine, &c, &d, diag);
    if (status != ASSAY_OK && !assay_engine_failed(status)) {
        explain_policy(status, command, &m->device, diag);
    }
    return status;
}

/* A debug bootloader asks of a debug packet its type and its sizes only. */
static enum assay_status check_debug(const struct assay_device_model *m,
                                     const struct assay_init_command *c,
                                     struct assay_diag *diag)
{
    struct assay_image image;
    enum assay_status status = assay_verifier_image_start(&image, c);
    if (c->type == ASSAY_FW_EXTERNAL_APPLICATION &&
        ((m->device.flags & ASSAY_DEVICE_EXTERNAL) == 0 || is_before_15_3(m))) {
        status = ASSAY_TYPE_REFUSED;
    } else if ((c->type == ASSAY_FW_BOOTLOADER ||
                c->type == ASSAY_FW_SOFTDEVICE_BOOTLOADER) &&
               c->bl_size > m->device.bootloader_room) {
        status = ASSAY_BOOTLOADER_ROOM;
    } else if (status == ASSAY_OK && image.len > m->device.image_room) {
        status = ASSAY_IMAGE_ROOM;
    }
    if (status != ASSAY_OK) {
        explain_policy(status, c, &m->device, diag);
    }
    return status;
}

/* A bootloader that needs no signature does not look at one either. */
static int is_excused(const struct assay_device_model *m,
                      enum assay_status genuine,
                      const struct assay_init_command *c)
{
    int is_about_signature = (unsigned)genuine >> 8 == 2;
    return is_about_signature && c != NULL && takes_unsigned(m, c);
}

/*
 * What the verifier asks behind the signature, of a packet that was excused
 * before it came so far. in: c, not NULL.
 */
static enum assay_status check_excused(const struct assay_init_command *c,
                                       struct assay_diag *diag)
{
    if ((c->present >> ASSAY_INIT_TYPE & 1u) == 0) {
        return assay_diag_set(diag, ASSAY_TYPE_MISSING, "no firmware type");
    }
    if (c->hash_type != ASSAY_HASH_SHA256) {
        return assay_diag_set(diag, ASSAY_HASH_TYPE, "digest type %u",
                              (unsigned)c->hash_type);
    }
    return ASSAY_OK;
}

/* Ed25519 is declared in Nordic's format and built into no bootloader. */
static enum assay_status check_algorithm(const struct assay_device_model *m,
                                         struct assay_slice packet,
                                         const struct assay_init_command *c,
                                         struct assay_diag *diag)
{
    struct assay_envelope envelope;
    if (m->generation == ASSAY_GENERATION_ASSAY ||
        (c != NULL && takes_unsigned(m, c)) ||
        assay_initpkt_open(packet, &envelope) != ASSAY_OK ||
        envelope.signature_type == ASSAY_SIGNATURE_ECDSA_P256_SHA256) {
        return ASSAY_OK;
    }
    return assay_diag_set(diag, ASSAY_SIGNATURE_TYPE,
                          "an Ed25519 signature; %s knows ECDSA P-256 alone",
                          GENERATIONS[m->generation]);
}

enum assay_status assay_device_packet(const struct assay_device_model *model,
                                      struct assay_slice packet,
                                      enum assay_status genuine,
                                      const struct assay_init_command *command,
                                      struct assay_diag *diag)
{
    if (genuine != ASSAY_OK && !is_excused(model, genuine, command)) {
        return assay_diag_set(diag, genuine, "%s",
                              assay_status_meaning(genuine));
    }
    enum assay_status status = check_old_limits(model, packet, diag);
    if (status == ASSAY_OK && genuine != ASSAY_OK) {
        status = check_excused(command, diag);
    }
    if (status == ASSAY_OK) {
        status = check_algorithm(model, packet, command, diag);
    }
    if (status != ASSAY_OK || command == NULL) {
        return status;
    }
    if (command->is_debug == 1 && (model->flags & ASSAY_MODEL_DEBUG) != 0) {
        return check_debug(model, command, diag);
    }
    return check_policy(model, command, diag);
}

/* --- When the image has arrived ------------------------------------------- */

/* The information structure of a SoftDevice, from the start of its image. */
#define SD_INFO_MAGIC_OFF 0x2004u
#define SD_INFO_SIZE_OFF 0x2008u
#define SD_INFO_FWID_OFF 0x200Cu
#define SD_INFO_ID_OFF 0x2010u
#define SD_INFO_VERSION_OFF 0x2014u
#define SD_INFO_MAGIC 0x51B1E5DBu
#define SD_MAJOR 1000000u
_Static_assert(SD_INFO_VERSION_OFF + 4 == ASSAY_IMAGE_HEAD_LEN,
               "the head of an image ends with the SoftDevice version");

static uint32_t page_align(uint32_t n)
{
    return (n + (FLASH_PAGE - 1)) & ~(FLASH_PAGE - 1);
}

static enum assay_status bad_softdevice(struct assay_diag *diag,
                                        const char *what, uint32_t found,
                                        uint32_t expected)
{
    return assay_diag_set(diag, ASSAY_IMAGE_SOFTDEVICE,
                          "%s is 0x%X, expected 0x%X", what, (unsigned)found,
                          (unsigned)expected);
}

/* Family and major version of a SoftDevice, from the name of its release. */
static int known_softdevice(uint32_t fwid, uint32_t *id, uint32_t *major)
{
    const char *name = assay_fwid_name(fwid);
    unsigned family = 0;
    unsigned chip = 0;
    unsigned version = 0;
    if (name == NULL ||
        sscanf(name, "s%3u_nrf%2u_%3u.", &family, &chip, &version) != 3) {
        return 0;
    }
    *id = family;
    *major = version;
    return 1;
}

/* Against the SoftDevice that the device has, as far as its ID is known. */
static enum assay_status check_family(const struct assay_device_model *m,
                                      const struct assay_init_command *c,
                                      const struct assay_image_head *head,
                                      struct assay_diag *diag)
{
    uint32_t id = assay_load_le32(head->bytes + SD_INFO_ID_OFF);
    uint32_t major =
        assay_load_le32(head->bytes + SD_INFO_VERSION_OFF) / SD_MAJOR;
    uint32_t old_id;
    uint32_t old_major;
    int knows_families = m->generation == ASSAY_GENERATION_ASSAY ||
                         m->generation >= ASSAY_GENERATION_SDK16;
    int is_alone = c->type == ASSAY_FW_SOFTDEVICE &&
                   (m->device.flags & ASSAY_DEVICE_NEEDS_SOFTDEVICE) != 0;
    if (is_alone && m->device.softdevice == ASSAY_NO_SOFTDEVICE) {
        return assay_diag_set(diag, ASSAY_IMAGE_SOFTDEVICE,
                              "a first SoftDevice, without a bootloader that "
                              "knows it");
    }
    if (!known_softdevice(m->device.softdevice, &old_id, &old_major)) {
        return ASSAY_OK;
    }
    if (knows_families && id != old_id) {
        return bad_softdevice(diag, "SoftDevice family", id, old_id);
    }
    if (major != old_major && is_alone) {
        return bad_softdevice(diag,
                              "the major version, without a bootloader that "
                              "knows it,",
                              major, old_major);
    }
    return ASSAY_OK;
}

static enum assay_status check_softdevice(const struct assay_device_model *m,
                                          const struct assay_init_command *c,
                                          const struct assay_image_head *head,
                                          struct assay_diag *diag)
{
    if (head->len < ASSAY_IMAGE_HEAD_LEN) {
        return bad_softdevice(diag, "image length", (uint32_t)head->len,
                              ASSAY_IMAGE_HEAD_LEN);
    }
    uint32_t magic = assay_load_le32(head->bytes + SD_INFO_MAGIC_OFF);
    uint32_t end = assay_load_le32(head->bytes + SD_INFO_SIZE_OFF);
    if (magic != SD_INFO_MAGIC) {
        return bad_softdevice(diag, "SoftDevice magic", magic, SD_INFO_MAGIC);
    }
    if (c->sd_size > UINT32_MAX - MBR_LEN - FLASH_PAGE ||
        end < page_align(c->sd_size + MBR_LEN)) {
        return bad_softdevice(diag, "SoftDevice size", end,
                              page_align(c->sd_size + MBR_LEN));
    }
    return check_family(m, c, head, diag);
}

/* SDK 15.3 and 16.0 look at the first validation for the bootloader part. */
static int confuses_validations(const struct assay_device_model *m,
                                const struct assay_init_command *c)
{
    return (m->generation == ASSAY_GENERATION_SDK15_3 ||
            m->generation == ASSAY_GENERATION_SDK16) &&
           c->type == ASSAY_FW_SOFTDEVICE_BOOTLOADER && c->n_validations != 0 &&
           c->validation[0].type == ASSAY_VALIDATE_ECDSA_P256_SHA256;
}

enum assay_status assay_device_image(const struct assay_device_model *model,
                                     const struct assay_init_command *command,
                                     const struct assay_image_head *head,
                                     struct assay_diag *diag)
{
    if (command->type == ASSAY_FW_SOFTDEVICE ||
        command->type == ASSAY_FW_SOFTDEVICE_BOOTLOADER) {
        enum assay_status status = check_softdevice(model, command, head, diag);
        if (status != ASSAY_OK) {
            return status;
        }
    }
    if (confuses_validations(model, command)) {
        return assay_diag_set(diag, ASSAY_IMAGE_VALIDATION,
                              "%s checks the bootloader against the ECDSA "
                              "validation of the SoftDevice",
                              GENERATIONS[model->generation]);
    }
    return ASSAY_OK;
}

void assay_device_install(struct assay_device_model *model,
                          const struct assay_init_command *command,
                          const struct assay_image_head *head)
{
    struct assay_device *d = &model->device;
    if (command->type == ASSAY_FW_APPLICATION) {
        d->app_version = command->fw_version;
    }
    if (command->type == ASSAY_FW_BOOTLOADER ||
        command->type == ASSAY_FW_SOFTDEVICE_BOOTLOADER) {
        d->bootloader_version = command->fw_version;
    }
    if ((command->type == ASSAY_FW_SOFTDEVICE ||
         command->type == ASSAY_FW_SOFTDEVICE_BOOTLOADER) &&
        head->len == ASSAY_IMAGE_HEAD_LEN) {
        d->softdevice = assay_load_le16(head->bytes + SD_INFO_FWID_OFF);
    }
}
