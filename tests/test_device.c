/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/device.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/bytes.h"

/* --- The device file ------------------------------------------------------ */

static enum assay_status parse(const char *text, struct assay_device_model *m,
                               struct assay_diag *diag)
{
    *diag = (struct assay_diag){0};
    return assay_device_parse(assay_slice((const uint8_t *)text, strlen(text)),
                              m, diag);
}

static struct assay_device_model model_of(const char *text)
{
    struct assay_device_model m;
    struct assay_diag diag;
    cr_assert_eq(parse(text, &m, &diag), ASSAY_OK, "%s: %s", text, diag.text);
    return m;
}

Test(device, least_file_has_the_documented_defaults)
{
    struct assay_device_model m = model_of("hw_version=52");
    cr_expect_eq(m.generation, ASSAY_GENERATION_SDK17_1);
    cr_expect_eq(m.device.hw_version, 52);
    cr_expect_eq(m.device.softdevice, ASSAY_NO_SOFTDEVICE);
    cr_expect_eq(m.device.app_version, 0);
    cr_expect_eq(m.device.bootloader_version, 0);
    cr_expect_eq(m.device.image_room, 0xFFFFFFFF);
    cr_expect_eq(m.device.bootloader_room, 0xFFFFFFFF);
    cr_expect_eq(m.device.flags, ASSAY_DEVICE_SAME_VERSION);
    cr_expect_eq(m.flags, 0);
}

Test(device, every_key_reaches_its_field)
{
    struct assay_device_model m = model_of(
        "bootloader = sdk16\nhw_version = 0xFFFFFFFF\nsoftdevice = 0x0100\n"
        "app_version = 4294967295\nbootloader_version = 7\n"
        "needs_softdevice = yes\nimage_room = 0x10\nbootloader_room = 17\n"
        "same_version = accept\ndowngrade = accept\nexternal = any-version\n"
        "unsigned = accept\ndebug = yes\n");
    cr_expect_eq(m.generation, ASSAY_GENERATION_SDK16);
    cr_expect_eq(m.device.hw_version, 0xFFFFFFFF);
    cr_expect_eq(m.device.softdevice, 0x100);
    cr_expect_eq(m.device.app_version, 0xFFFFFFFF);
    cr_expect_eq(m.device.bootloader_version, 7);
    cr_expect_eq(m.device.image_room, 0x10);
    cr_expect_eq(m.device.bootloader_room, 17);
    cr_expect_eq(m.device.flags,
                 ASSAY_DEVICE_NEEDS_SOFTDEVICE | ASSAY_DEVICE_SAME_VERSION |
                     ASSAY_DEVICE_DOWNGRADE | ASSAY_DEVICE_EXTERNAL |
                     ASSAY_DEVICE_EXTERNAL_ANY);
    cr_expect_eq(m.flags, ASSAY_MODEL_UNSIGNED | ASSAY_MODEL_DEBUG);
    m = model_of("bootloader = assay\nhw_version = 0\nsoftdevice = none\n"
                 "needs_softdevice = no\nsame_version = refuse\n"
                 "downgrade = refuse\nexternal = refuse\nunsigned = refuse\n"
                 "debug = no\n");
    cr_expect_eq(m.device.flags, 0);
    cr_expect_eq(m.device.softdevice, ASSAY_NO_SOFTDEVICE);
    cr_expect_eq(m.flags, 0);
}

Test(device, white_space_comments_and_line_ends_are_free)
{
    static const char *const SAME[] = {
        "hw_version=52\napp_version=3",
        "hw_version = 52\r\napp_version = 3\r\n",
        "# head\n\n\t hw_version\t=\t52 # why\n  \n app_version=0x3#\n#",
        "app_version = 3\nhw_version = 0x34\n\n\n",
        "app_version = 0x00000003\nhw_version = 0x0000000034\n",
    };
    for (size_t i = 0; i < sizeof SAME / sizeof SAME[0]; i++) {
        struct assay_device_model m = model_of(SAME[i]);
        cr_expect_eq(m.device.hw_version, 52, "%zu", i);
        cr_expect_eq(m.device.app_version, 3, "%zu", i);
    }
}

Test(device, generations_have_their_names)
{
    static const char *const NAMES[] = {"assay",   "sdk15.0", "sdk15.2",
                                        "sdk15.3", "sdk16",   "sdk17.0",
                                        "sdk17.1"};
    for (unsigned i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "bootloader=%s\nhw_version=1",
                       NAMES[i]);
        struct assay_device_model m = model_of(text);
        cr_expect_eq((unsigned)m.generation, i);
        cr_expect_str_eq(assay_generation_name(m.generation), NAMES[i]);
    }
}

/* Nordic: equal is accepted by default, before 15.3 whatever is said. */
Test(device, same_version_follows_the_generation)
{
    static const struct {
        const char *name;
        unsigned unsaid, refuse, accept;
    } C[] = {{"assay", 0, 0, 1},   {"sdk15.0", 1, 1, 1}, {"sdk15.2", 1, 1, 1},
             {"sdk15.3", 1, 0, 1}, {"sdk16", 1, 0, 1},   {"sdk17.0", 1, 0, 1},
             {"sdk17.1", 1, 0, 1}};
    static const char *const LINES[] = {"", "same_version=refuse\n",
                                        "same_version=accept\n"};
    for (size_t i = 0; i < sizeof C / sizeof C[0]; i++) {
        const unsigned want[] = {C[i].unsaid, C[i].refuse, C[i].accept};
        for (size_t k = 0; k < 3; k++) {
            char text[128];
            /* The order of the lines must not matter. */
            (void)snprintf(text, sizeof text, "%shw_version=1\nbootloader=%s",
                           LINES[k], C[i].name);
            struct assay_device_model m = model_of(text);
            cr_expect_eq((m.device.flags & ASSAY_DEVICE_SAME_VERSION) != 0,
                         want[k], "%s: %s", C[i].name, LINES[k]);
        }
    }
}

Test(device, softdevice_is_a_number_or_a_known_name)
{
    static const struct {
        const char *value;
        uint32_t id;
    } C[] = {{"none", ASSAY_NO_SOFTDEVICE},
             {"0", 0},
             {"0xFFFF", 0xFFFF},
             {"256", 0x100},
             {"s140_nrf52_7.2.0", 0x100},
             {"s132_nrf52_6.1.1", 0xB7},
             {"s140_nrf52_6.0.0", 0xA9}};
    for (size_t i = 0; i < sizeof C / sizeof C[0]; i++) {
        char text[80];
        (void)snprintf(text, sizeof text, "hw_version=1\nsoftdevice=%s",
                       C[i].value);
        cr_expect_eq(model_of(text).device.softdevice, C[i].id, "%s",
                     C[i].value);
    }
}

Test(device, bad_line_is_refused_with_its_number)
{
    static const struct {
        const char *text;
        const char *says[2];
    } C[] = {
        {"", {"hw_version", ""}},
        {"# nothing", {"hw_version", ""}},
        {"app_version = 3", {"hw_version", ""}},
        {"hw_version", {"line 1", "key = value"}},
        {"hw_version 52", {"line 1", "key = value"}},
        {"hw_version =", {"line 1", "key = value"}},
        {"hw_version = # 52", {"line 1", "key = value"}},
        {"= 52", {"line 1", "key = value"}},
        {"\n\nhw_version = \x1b[31m", {"line 3", "key = value"}},
        {"hw_version = \xC3\xBC", {"line 1", "key = value"}},
        {"hw_version = x", {"line 1", "32 bits"}},
        {"hw_version = -1", {"line 1", "32 bits"}},
        {"hw_version = +1", {"line 1", "32 bits"}},
        {"hw_version = 0x", {"line 1", "32 bits"}},
        {"hw_version = 0xG", {"line 1", "32 bits"}},
        {"hw_version = 1 2", {"line 1", "32 bits"}},
        {"hw_version = 4294967296", {"line 1", "32 bits"}},
        {"hw_version = 0x100000000", {"line 1", "32 bits"}},
        {"hw_version = 99999999999999999999", {"line 1", "32 bits"}},
        {"hw_version = 052", {"line 1", "leading zero"}},
        {"hw_version = 52 = 3", {"line 1", "52 = 3"}},
        {"hw_version = 1\nhw_version = 1", {"line 2", "once"}},
        {"hw_version = 1\nhw_versoin = 1", {"line 2", "known key"}},
        {"HW_VERSION = 1", {"line 1", "known key"}},
        {"hw_version = 1\nbootloader = sdk17", {"line 2", "sdk17.1"}},
        {"hw_version = 1\nbootloader = sdk17.1 ;", {"line 2", "sdk17.1"}},
        {"hw_version = 1\nsoftdevice = 0x10000", {"line 2", "firmware ID"}},
        {"hw_version = 1\nsoftdevice = s140", {"line 2", "firmware ID"}},
        {"hw_version = 1\nneeds_softdevice = 1", {"line 2", "yes or no"}},
        {"hw_version = 1\nneeds_softdevice = Yes", {"line 2", "yes or no"}},
        {"hw_version = 1\ndebug = accept", {"line 2", "yes or no"}},
        {"hw_version = 1\nsame_version = yes", {"line 2", "accept or refuse"}},
        {"hw_version = 1\ndowngrade = yes", {"line 2", "accept or refuse"}},
        {"hw_version = 1\nunsigned = yes", {"line 2", "accept or refuse"}},
        {"bootloader = assay\nhw_version = 1\nunsigned = accept",
         {"assay", "unsigned"}},
        {"debug = yes\nhw_version = 1\nbootloader = assay", {"assay", "debug"}},
        {"hw_version = 1\nexternal = yes",
         {"line 2", "accept, any-version or refuse"}},
    };
    for (size_t i = 0; i < sizeof C / sizeof C[0]; i++) {
        struct assay_device_model m;
        struct assay_diag diag;
        cr_expect_eq(parse(C[i].text, &m, &diag), ASSAY_DEVICE_FILE, "%s",
                     C[i].text);
        cr_expect_eq(diag.status, ASSAY_DEVICE_FILE);
        for (size_t k = 0; k < 2; k++) {
            cr_expect(strstr(diag.text, C[i].says[k]) != NULL,
                      "\"%s\" gives \"%s\", without \"%s\"", C[i].text,
                      diag.text, C[i].says[k]);
        }
    }
}

Test(device, zero_byte_and_words_too_long_are_refused)
{
    static const uint8_t ZERO[] = "hw_version = 5\0002";
    struct assay_device_model m;
    struct assay_diag diag = {0};
    cr_expect_eq(
        assay_device_parse(assay_slice(ZERO, sizeof ZERO - 1), &m, &diag),
        ASSAY_DEVICE_FILE);
    for (size_t len = 1; len < 300; len++) {
        char text[400] = "hw_version=1\n";
        size_t at = strlen(text);
        memset(text + at, 'k', len);
        memcpy(text + at + len, "=1", 3);
        cr_expect_eq(parse(text, &m, &diag), ASSAY_DEVICE_FILE);
        memcpy(text + at, "softdevice=", 11);
        memset(text + at + 11, '1', len);
        text[at + 11 + len] = '\0';
        cr_expect_eq(parse(text, &m, &diag) == ASSAY_OK,
                     len < 5 || (len == 5 && 11111 <= 0xFFFF), "%zu", len);
    }
}

Test(device, any_cut_of_a_file_is_decided)
{
    static const char TEXT[] =
        "bootloader = sdk16\nhw_version = 52\nexternal = accept\n"
        "softdevice = s140_nrf52_7.2.0\ndebug = no\n";
    struct assay_device_model m;
    struct assay_diag diag;
    for (size_t n = 0; n <= sizeof TEXT - 1; n++) {
        enum assay_status status = assay_device_parse(
            assay_slice((const uint8_t *)TEXT, n), &m, &diag);
        cr_expect(status == ASSAY_OK || status == ASSAY_DEVICE_FILE);
    }
}

/* --- An independent model of the bootloaders ------------------------------ */

/*
 * The rules of the nRF5 SDK, as tables of what is asked, not as the program
 * decides it: one question after the other, with the answer on the wire. 1 is
 * success, 0x0B00 + e an extended error.
 */
struct question {
    enum assay_generation generation;
    uint32_t softdevice; /* of the device */
    unsigned flags;      /* ASSAY_DEVICE_ */
    unsigned model_flags;
    uint32_t type;
    uint32_t sd_req[2];
    uint32_t n_sd_req;
    uint32_t has_version;
    uint32_t version; /* the device has 5 of either kind */
    uint32_t hw_version;
    uint32_t is_debug;
    enum assay_status genuine;
};

enum { DEVICE_VERSION = 5, DEVICE_HW = 52, ANY = 0xFFFE };

static int old(const struct question *q)
{
    return q->generation == ASSAY_GENERATION_SDK15_0 ||
           q->generation == ASSAY_GENERATION_SDK15_2;
}

static int is_in(const struct question *q, uint32_t id)
{
    return (q->n_sd_req > 0 && q->sd_req[0] == id) ||
           (q->n_sd_req > 1 && q->sd_req[1] == id);
}

static int ble(const struct question *q)
{
    return (q->flags & ASSAY_DEVICE_NEEDS_SOFTDEVICE) != 0;
}

static int protects(const struct question *q)
{
    return (q->flags & ASSAY_DEVICE_DOWNGRADE) == 0 ||
           (q->type == ASSAY_FW_SOFTDEVICE && ble(q));
}

/* The table of the sd_req rule, row by row. */
static int table_sd_req(const struct question *q)
{
    int external = q->type == ASSAY_FW_EXTERNAL_APPLICATION;
    int app = q->type == ASSAY_FW_APPLICATION;
    int zero = q->n_sd_req > 0 && q->sd_req[0] == 0;
    if (q->softdevice == ASSAY_NO_SOFTDEVICE) {
        if (q->n_sd_req > 0 && !zero) {
            return external && is_in(q, ANY);
        }
        return !protects(q) || q->has_version;
    }
    if (q->n_sd_req == 0) {
        if (!old(q)) {
            return 0;
        }
        zero = 1; /* up to 15.2 an empty list is as good as zero */
    }
    if (!zero) {
        return is_in(q, q->softdevice) || (external && is_in(q, ANY));
    }
    if (external) {
        return 0;
    }
    if (app && protects(q) && q->n_sd_req > 1) {
        int refuses = ble(q) && q->generation != ASSAY_GENERATION_SDK15_0;
        return !refuses && is_in(q, q->softdevice);
    }
    return app || !(protects(q) && q->type == ASSAY_FW_SOFTDEVICE);
}

static int table_version(const struct question *q)
{
    int same = old(q) || (q->flags & ASSAY_DEVICE_SAME_VERSION) != 0;
    switch (q->type) {
    case ASSAY_FW_APPLICATION:
    case ASSAY_FW_SOFTDEVICE:
        return (q->flags & ASSAY_DEVICE_DOWNGRADE) != 0 ||
               q->version > DEVICE_VERSION ||
               (same && q->version == DEVICE_VERSION);
    case ASSAY_FW_EXTERNAL_APPLICATION:
        return (q->flags & ASSAY_DEVICE_EXTERNAL_ANY) != 0 ||
               q->version >= DEVICE_VERSION;
    default:
        return q->version > DEVICE_VERSION;
    }
}

static int table_needs_version(const struct question *q)
{
    switch (q->type) {
    case ASSAY_FW_SOFTDEVICE:
        return 0;
    case ASSAY_FW_APPLICATION:
        return (q->flags & ASSAY_DEVICE_DOWNGRADE) == 0;
    case ASSAY_FW_EXTERNAL_APPLICATION:
        return (q->flags & ASSAY_DEVICE_EXTERNAL_ANY) == 0;
    default:
        return 1;
    }
}

static int table_signature_required(const struct question *q)
{
    if ((q->model_flags & ASSAY_MODEL_UNSIGNED) == 0) {
        return 1;
    }
    return q->type != ASSAY_FW_APPLICATION &&
           !(q->type == ASSAY_FW_SOFTDEVICE && !ble(q));
}

static uint32_t answer(const struct question *q)
{
    int takes_external = !old(q) && (q->flags & ASSAY_DEVICE_EXTERNAL) != 0;
    if (q->genuine == ASSAY_SIGNATURE_MISSING && table_signature_required(q)) {
        return 0x0B08;
    }
    if (q->type == ASSAY_FW_EXTERNAL_APPLICATION && !takes_external) {
        return 0x0B04;
    }
    if (q->is_debug && (q->model_flags & ASSAY_MODEL_DEBUG) != 0) {
        return 1;
    }
    if (q->hw_version != DEVICE_HW) {
        return 0x0B06;
    }
    if (!table_sd_req(q)) {
        return 0x0B07;
    }
    if (q->has_version) {
        return table_version(q) ? 1 : 0x0B05;
    }
    return table_needs_version(q) ? 0x0B04 : 1;
}

/* A packet that only has to be short; its fields are given apart. */
static const uint8_t PACKET[] = {0x0A, 0x04, 0x08, 0x01, 0x12, 0x00};

static size_t put_varint(uint8_t *out, uint32_t value)
{
    size_t n = 0;
    for (; value > 0x7F; value >>= 7) {
        out[n++] = (uint8_t)(value | 0x80);
    }
    out[n++] = (uint8_t)value;
    return n;
}

struct situation {
    struct assay_device_model model;
    struct assay_init_command command;
    uint8_t sd_req[16];
    uint8_t digest[ASSAY_DIGEST_LEN];
};

static void set_up(struct situation *s, const struct question *q)
{
    *s = (struct situation){
        .model = {.generation = q->generation,
                  .flags = q->model_flags,
                  .device = {.hw_version = DEVICE_HW,
                             .softdevice = q->softdevice,
                             .app_version = DEVICE_VERSION,
                             .bootloader_version = DEVICE_VERSION,
                             .image_room = 1000,
                             .bootloader_room = 1000,
                             .flags = q->flags}},
        .command = {.present = 0x3FE & ~(q->has_version ? 0u : 2u),
                    .fw_version = q->has_version ? q->version : 0,
                    .hw_version = q->hw_version,
                    .type = q->type,
                    .is_debug = q->is_debug,
                    .hash_type = ASSAY_HASH_SHA256,
                    .n_sd_req = q->n_sd_req}};
    size_t n = 0;
    for (uint32_t i = 0; i < q->n_sd_req; i++) {
        n += put_varint(s->sd_req + n, q->sd_req[i]);
    }
    struct assay_init_command *c = &s->command;
    c->sd_req = assay_slice(s->sd_req, n);
    c->hash = assay_slice(s->digest, sizeof s->digest);
    c->sd_size = (q->type & 1) != 0 ? 100 : 0;
    c->bl_size = (q->type & 2) != 0 ? 100 : 0;
    c->app_size = (q->type & 3) == 0 ? 100 : 0;
    if (old(q)) {
        s->model.device.flags |= ASSAY_DEVICE_SAME_VERSION;
    }
}

static enum assay_status ask(const struct situation *s,
                             enum assay_status genuine, struct assay_diag *diag)
{
    *diag = (struct assay_diag){0};
    return assay_device_packet(&s->model, assay_slice(PACKET, sizeof PACKET),
                               genuine, &s->command, diag);
}

static void expect_answer(const struct question *q)
{
    struct situation s;
    struct assay_diag diag;
    set_up(&s, q);
    enum assay_status status = ask(&s, q->genuine, &diag);
    cr_expect_eq(assay_verifier_nordic(status), answer(q),
                 "%s, SoftDevice %X, flags %X/%X, type %u, %u sd_req %X %X, "
                 "version %u/%u, hw %u, debug %u, genuine %X: %s (%s), "
                 "expected %04X",
                 assay_generation_name(q->generation), q->softdevice, q->flags,
                 q->model_flags, q->type, q->n_sd_req, q->sd_req[0],
                 q->sd_req[1], q->has_version, q->version, q->hw_version,
                 q->is_debug, (unsigned)q->genuine, assay_status_name(status),
                 diag.text, answer(q));
    cr_expect_eq(status == ASSAY_OK || diag.status == status, 1);
    cr_expect(status == ASSAY_OK || diag.text[0] != '\0');
}

/* Numbers in mixed radix: the next choice of n. */
static uint32_t pick(uint32_t *rest, uint32_t n)
{
    uint32_t digit = *rest % n;
    *rest /= n;
    return digit;
}

static const struct {
    uint32_t n;
    uint32_t id[2];
} LISTS[] = {{0, {0}},          {1, {0}},        {1, {0x100}},
             {1, {0x200}},      {1, {ANY}},      {2, {0, 0x100}},
             {2, {0, 0x200}},   {2, {0x100, 0}}, {2, {0x200, 0}},
             {2, {0x200, ANY}}, {2, {0, ANY}}};

enum { N_LISTS = sizeof LISTS / sizeof LISTS[0] };

/* Every combination: about 60,000 questions for one of the generations. */
static void ask_generation(enum assay_generation generation, uint32_t is_debug)
{
    uint32_t n_all = 2 * 32 * 5 * N_LISTS * 4 * 2;
    for (uint32_t i = 0; i < n_all; i++) {
        uint32_t rest = i;
        struct question q = {.generation = generation, .genuine = ASSAY_OK};
        q.softdevice = pick(&rest, 2) != 0 ? 0x100 : ASSAY_NO_SOFTDEVICE;
        q.flags = pick(&rest, 32);
        q.type = pick(&rest, 5);
        uint32_t list = pick(&rest, N_LISTS);
        q.n_sd_req = LISTS[list].n;
        memcpy(q.sd_req, LISTS[list].id, sizeof q.sd_req);
        uint32_t version = pick(&rest, 4);
        q.has_version = version != 3;
        q.version = DEVICE_VERSION - 1 + version;
        q.hw_version = pick(&rest, 2) != 0 ? DEVICE_HW : DEVICE_HW + 1;
        q.is_debug = is_debug;
        /* ANY alone means nothing: the file cannot say it. */
        if ((q.flags & 0x0C) == 0x08) {
            continue;
        }
        expect_answer(&q);
    }
}

Test(device, assay_agrees_with_the_table)
{
    ask_generation(ASSAY_GENERATION_ASSAY, 0);
}

Test(device, sdk15_0_agrees_with_the_table)
{
    ask_generation(ASSAY_GENERATION_SDK15_0, 0);
}

Test(device, sdk15_2_agrees_with_the_table)
{
    ask_generation(ASSAY_GENERATION_SDK15_2, 0);
}

Test(device, sdk15_3_agrees_with_the_table)
{
    ask_generation(ASSAY_GENERATION_SDK15_3, 0);
}

Test(device, sdk16_agrees_with_the_table)
{
    ask_generation(ASSAY_GENERATION_SDK16, 0);
}

Test(device, sdk17_agrees_with_the_table_and_ignores_debug)
{
    ask_generation(ASSAY_GENERATION_SDK17_0, 0);
    ask_generation(ASSAY_GENERATION_SDK17_1, 1);
}

Test(device, debug_and_unsigned_bootloaders_agree_with_the_table)
{
    for (uint32_t i = 0; i < 4u * 2 * 5 * 2 * 2 * 2 * 3; i++) {
        uint32_t rest = i;
        struct question q = {.generation = ASSAY_GENERATION_SDK17_1,
                             .softdevice = ASSAY_NO_SOFTDEVICE,
                             .n_sd_req = 1};
        q.model_flags = pick(&rest, 4);
        q.flags = pick(&rest, 2) != 0 ? ASSAY_DEVICE_NEEDS_SOFTDEVICE : 0;
        q.type = pick(&rest, 5);
        q.is_debug = pick(&rest, 2);
        q.genuine = pick(&rest, 2) != 0 ? ASSAY_OK : ASSAY_SIGNATURE_MISSING;
        q.flags |= pick(&rest, 2) != 0 ? ASSAY_DEVICE_EXTERNAL : 0;
        uint32_t fault = pick(&rest, 3);
        q.has_version = 1;
        q.version = fault == 1 ? 1 : 9;
        q.hw_version = fault == 2 ? 1 : DEVICE_HW;
        q.sd_req[0] = 0;
        /* Asked in a test of its own below. */
        if (q.type == ASSAY_FW_EXTERNAL_APPLICATION && q.is_debug &&
            (q.flags & ASSAY_DEVICE_EXTERNAL) == 0) {
            continue;
        }
        expect_answer(&q);
    }
}

/* The type is looked at before a debug bootloader stops looking. */
Test(device, bug_debug_bootloader_takes_external_application)
{
    struct question q = {.generation = ASSAY_GENERATION_SDK17_1,
                         .softdevice = ASSAY_NO_SOFTDEVICE,
                         .model_flags = ASSAY_MODEL_DEBUG,
                         .type = ASSAY_FW_EXTERNAL_APPLICATION,
                         .n_sd_req = 1,
                         .has_version = 1,
                         .version = 9,
                         .hw_version = DEVICE_HW,
                         .is_debug = 1,
                         .genuine = ASSAY_OK};
    expect_answer(&q);
}

/* Sizes are checked behind the versions, also of a debug packet. */
Test(device, bug_debug_bootloader_has_no_bootloader_region)
{
    struct question q = {.generation = ASSAY_GENERATION_SDK17_1,
                         .softdevice = ASSAY_NO_SOFTDEVICE,
                         .model_flags = ASSAY_MODEL_DEBUG,
                         .type = ASSAY_FW_BOOTLOADER,
                         .n_sd_req = 1,
                         .has_version = 1,
                         .version = 9,
                         .hw_version = DEVICE_HW,
                         .is_debug = 1,
                         .genuine = ASSAY_OK};
    struct situation s;
    struct assay_diag diag;
    set_up(&s, &q);
    s.model.device.bootloader_room = 99;
    cr_expect_eq(ask(&s, ASSAY_OK, &diag), ASSAY_BOOTLOADER_ROOM, "%s",
                 diag.text);
}

/* --- Sizes and limits ----------------------------------------------------- */

static struct question plain(uint32_t type)
{
    return (struct question){.generation = ASSAY_GENERATION_SDK17_1,
                             .softdevice = ASSAY_NO_SOFTDEVICE,
                             .type = type,
                             .n_sd_req = 1,
                             .has_version = 1,
                             .version = 9,
                             .hw_version = DEVICE_HW,
                             .genuine = ASSAY_OK};
}

Test(device, room_is_exact)
{
    struct situation s;
    struct assay_diag diag;
    struct question q = plain(ASSAY_FW_APPLICATION);
    set_up(&s, &q);
    s.command.app_size = 1000;
    cr_expect_eq(ask(&s, ASSAY_OK, &diag), ASSAY_OK);
    s.command.app_size = 1001;
    cr_expect_eq(ask(&s, ASSAY_OK, &diag), ASSAY_IMAGE_ROOM);
    cr_expect(strstr(diag.text, "1001") && strstr(diag.text, "1000"), "%s",
              diag.text);
    s.command.app_size = 0;
    cr_expect_eq(ask(&s, ASSAY_OK, &diag), ASSAY_SIZE_ZERO);
    q = plain(ASSAY_FW_SOFTDEVICE_BOOTLOADER);
    set_up(&s, &q);
    s.command.bl_size = 1001;
    cr_expect_eq(ask(&s, ASSAY_OK, &diag), ASSAY_BOOTLOADER_ROOM);
    cr_expect(strstr(diag.text, "1001") && strstr(diag.text, "1000"), "%s",
              diag.text);
    s.command.bl_size = 500;
    s.command.sd_size = 500;
    cr_expect_eq(ask(&s, ASSAY_OK, &diag), ASSAY_OK);
    s.command.sd_size = 501;
    cr_expect_eq(ask(&s, ASSAY_OK, &diag), ASSAY_IMAGE_ROOM);
    s.command.sd_size = 0xFFFFFFFF;
    cr_expect_eq(ask(&s, ASSAY_OK, &diag), ASSAY_SIZE_OVERFLOW);
}

Test(device, refusals_tell_both_sides)
{
    struct situation s;
    struct assay_diag diag;
    struct question q = plain(ASSAY_FW_APPLICATION);
    q.hw_version = 51;
    set_up(&s, &q);
    cr_expect_eq(ask(&s, ASSAY_OK, &diag), ASSAY_HW_VERSION);
    cr_expect(strstr(diag.text, "51") && strstr(diag.text, "52"), "%s",
              diag.text);
    q = plain(ASSAY_FW_APPLICATION);
    q.version = 4;
    set_up(&s, &q);
    cr_expect_eq(ask(&s, ASSAY_OK, &diag), ASSAY_FW_VERSION);
    cr_expect(strstr(diag.text, "application version 4 ") &&
                  strstr(diag.text, "5 on the device"),
              "%s", diag.text);
    q = plain(ASSAY_FW_BOOTLOADER);
    q.version = 5;
    set_up(&s, &q);
    cr_expect_eq(ask(&s, ASSAY_OK, &diag), ASSAY_FW_VERSION);
    cr_expect(strstr(diag.text, "bootloader version 5 ") != NULL, "%s",
              diag.text);
    q = plain(ASSAY_FW_APPLICATION);
    q.sd_req[0] = 0x200;
    q.softdevice = 0x100;
    set_up(&s, &q);
    cr_expect_eq(ask(&s, ASSAY_OK, &diag), ASSAY_SD_REQ);
    cr_expect(strstr(diag.text, "0x200") && strstr(diag.text, "0x0100"), "%s",
              diag.text);
    q.softdevice = ASSAY_NO_SOFTDEVICE;
    set_up(&s, &q);
    cr_expect_eq(ask(&s, ASSAY_OK, &diag), ASSAY_SD_REQ);
    cr_expect(strstr(diag.text, "no SoftDevice") != NULL, "%s", diag.text);
}

/* What the verifier has refused stays refused, whatever the device is. */
Test(device, packet_that_is_not_genuine_is_never_taken)
{
    static const enum assay_status BAD[] = {
        ASSAY_SIGNATURE_INVALID, ASSAY_SIGNATURE_TYPE, ASSAY_TRUNCATED,
        ASSAY_BOTH_COMMANDS,     ASSAY_HASH_TYPE,      ASSAY_PACKET_EMPTY,
        ASSAY_SIGNATURE_LENGTH,  ASSAY_FAILED};
    struct assay_diag diag;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct situation s;
        struct question q = plain(ASSAY_FW_APPLICATION);
        set_up(&s, &q);
        cr_expect_eq(ask(&s, BAD[i], &diag), BAD[i]);
        cr_expect_eq(assay_device_packet(&s.model,
                                         assay_slice(PACKET, sizeof PACKET),
                                         BAD[i], NULL, &diag),
                     BAD[i]);
    }
}

Test(device, unsigned_is_taken_where_nordic_takes_it)
{
    for (uint32_t type = 0; type < 5; type++) {
        for (unsigned needs = 0; needs < 2; needs++) {
            struct situation s;
            struct assay_diag diag;
            struct question q = plain(type);
            q.model_flags = ASSAY_MODEL_UNSIGNED;
            q.flags = needs ? ASSAY_DEVICE_NEEDS_SOFTDEVICE : 0;
            set_up(&s, &q);
            int takes = type == ASSAY_FW_APPLICATION ||
                        (type == ASSAY_FW_SOFTDEVICE && !needs);
            cr_expect_eq(ask(&s, ASSAY_SIGNATURE_MISSING, &diag) == ASSAY_OK,
                         takes, "type %u, needs %u", type, needs);
        }
    }
}

/* A signed packet of any length: InitCommand is a row of sd_req bytes. */
static size_t long_packet(uint8_t *out, size_t signed_len)
{
    uint8_t head[16];
    size_t n = 0;
    n += put_varint(head + n, 0x12);
    n += put_varint(head + n, (uint32_t)signed_len);
    size_t cmd_len = 2 + n + signed_len;
    size_t at = 0;
    out[at++] = 0x12;
    uint8_t length[8];
    size_t body = 1 + put_varint(length, (uint32_t)cmd_len) + cmd_len + 2 + 66;
    at += put_varint(out + at, (uint32_t)body);
    out[at++] = 0x0A;
    at += put_varint(out + at, (uint32_t)cmd_len);
    out[at++] = 0x08;
    out[at++] = 0x01;
    memcpy(out + at, head, n);
    at += n;
    memset(out + at, 0, signed_len);
    at += signed_len;
    memcpy(out + at, "\x10\x00\x1A\x40", 4);
    at += 4;
    memset(out + at, 0x55, 64);
    return at + 64;
}

Test(device, old_bootloaders_have_small_buffers)
{
    for (unsigned g = 0; g <= ASSAY_GENERATION_SDK17_1; g++) {
        for (size_t len = 100; len <= 400; len++) {
            uint8_t packet[600];
            struct assay_envelope envelope;
            struct situation s;
            struct assay_diag diag = {0};
            struct question q = plain(ASSAY_FW_APPLICATION);
            q.generation = (enum assay_generation)g;
            set_up(&s, &q);
            size_t n = long_packet(packet, len);
            cr_assert_eq(assay_initpkt_open(assay_slice(packet, n), &envelope),
                         ASSAY_OK);
            cr_assert_eq(envelope.signed_bytes.len, len);
            enum assay_status want = ASSAY_OK;
            if (old(&q)) {
                want = n > 256     ? ASSAY_PACKET_TOO_LONG
                       : len > 127 ? ASSAY_SIGNATURE_INVALID
                                   : ASSAY_OK;
            }
            cr_expect_eq(assay_device_packet(&s.model, assay_slice(packet, n),
                                             ASSAY_OK, &s.command, &diag),
                         want, "%u: %zu of %zu: %s", g, len, n, diag.text);
        }
    }
}

/* An open bootloader does not look at a signature it does not require. */
Test(device, bug_open_bootloader_does_not_read_the_signature)
{
    uint8_t packet[600];
    struct situation s;
    struct assay_diag diag = {0};
    struct question q = plain(ASSAY_FW_APPLICATION);
    q.model_flags = ASSAY_MODEL_UNSIGNED;
    set_up(&s, &q);
    size_t n = long_packet(packet, 100);
    cr_expect_eq(assay_device_packet(&s.model, assay_slice(packet, n),
                                     ASSAY_SIGNATURE_INVALID, &s.command,
                                     &diag),
                 ASSAY_OK);
}

/* Without the signature the fields behind it are looked at all the same. */
Test(device, bug_open_bootloader_asks_for_type_and_digest)
{
    struct situation s;
    struct assay_diag diag;
    struct question q = plain(ASSAY_FW_APPLICATION);
    q.model_flags = ASSAY_MODEL_UNSIGNED;
    set_up(&s, &q);
    s.command.present &= ~(1u << ASSAY_INIT_TYPE);
    s.command.hash_type = ASSAY_HASH_CRC;
    s.command.hw_version = DEVICE_HW + 1;
    cr_expect_eq(ask(&s, ASSAY_SIGNATURE_MISSING, &diag), ASSAY_TYPE_MISSING);
    s.command.present |= 1u << ASSAY_INIT_TYPE;
    cr_expect_eq(ask(&s, ASSAY_SIGNATURE_MISSING, &diag), ASSAY_HASH_TYPE);
    s.command.hash_type = ASSAY_HASH_SHA256;
    cr_expect_eq(ask(&s, ASSAY_SIGNATURE_MISSING, &diag), ASSAY_HW_VERSION);
}

/* Signature type 1 is declared by every SDK and supported by none. */
Test(device, bug_nordic_bootloaders_have_no_ed25519)
{
    uint8_t packet[600];
    size_t n = long_packet(packet, 100);
    packet[n - 67] = 1;
    for (unsigned g = 0; g <= ASSAY_GENERATION_SDK17_1; g++) {
        struct situation s;
        struct assay_diag diag = {0};
        struct question q = plain(ASSAY_FW_APPLICATION);
        q.generation = (enum assay_generation)g;
        set_up(&s, &q);
        enum assay_status status = assay_device_packet(
            &s.model, assay_slice(packet, n), ASSAY_OK, &s.command, &diag);
        cr_expect_eq(assay_verifier_nordic(status),
                     g == ASSAY_GENERATION_ASSAY ? 1u : 0x0B0Bu, "%s",
                     assay_generation_name(q.generation));
    }
}

/* --- The image ------------------------------------------------------------ */

static struct assay_image_head head;

static void set_softdevice(uint32_t size, uint32_t fwid, uint32_t id,
                           uint32_t version)
{
    memset(&head, 0, sizeof head);
    head.len = ASSAY_IMAGE_HEAD_LEN;
    assay_store_le32(head.bytes + 0x2004, 0x51B1E5DB);
    assay_store_le32(head.bytes + 0x2008, size);
    assay_store_le16(head.bytes + 0x200C, fwid);
    assay_store_le32(head.bytes + 0x2010, id);
    assay_store_le32(head.bytes + 0x2014, version);
}

static enum assay_status ask_image(struct situation *s)
{
    struct assay_diag diag = {0};
    enum assay_status status =
        assay_device_image(&s->model, &s->command, &head, &diag);
    cr_expect(status == ASSAY_OK || diag.text[0] != '\0');
    return status;
}

Test(device, softdevice_must_have_its_magic_and_size)
{
    struct situation s;
    struct question q = plain(ASSAY_FW_SOFTDEVICE);
    set_up(&s, &q);
    s.command.sd_size = 0x25DE8;
    set_softdevice(0x27000, 0x100, 140, 7002000);
    cr_expect_eq(ask_image(&s), ASSAY_OK);
    assay_store_le32(head.bytes + 0x2008, 0x26FFF);
    cr_expect_eq(ask_image(&s), ASSAY_IMAGE_SOFTDEVICE);
    assay_store_le32(head.bytes + 0x2008, 0x27000);
    s.command.sd_size = 0x26001;
    cr_expect_eq(ask_image(&s), ASSAY_IMAGE_SOFTDEVICE);
    s.command.sd_size = 0x26000;
    cr_expect_eq(ask_image(&s), ASSAY_OK);
    head.bytes[0x2004] ^= 1;
    cr_expect_eq(ask_image(&s), ASSAY_IMAGE_SOFTDEVICE);
    set_softdevice(0x27000, 0x100, 140, 7002000);
    head.len--;
    cr_expect_eq(ask_image(&s), ASSAY_IMAGE_SOFTDEVICE);
    set_softdevice(0xFFFFFFFF, 0x100, 140, 7002000);
    s.command.sd_size = 0xFFFFFFFF;
    cr_expect_eq(ask_image(&s), ASSAY_IMAGE_SOFTDEVICE);
    q = plain(ASSAY_FW_BOOTLOADER);
    set_up(&s, &q);
    cr_expect_eq(ask_image(&s), ASSAY_OK);
}

/* The family since SDK 16; the major version where the SoftDevice is needed. */
Test(device, softdevice_family_and_major_version)
{
    for (unsigned g = 0; g <= ASSAY_GENERATION_SDK17_1; g++) {
        struct situation s;
        struct question q = plain(ASSAY_FW_SOFTDEVICE);
        q.generation = (enum assay_generation)g;
        q.softdevice = 0x100; /* s140 7.2.0 */
        set_up(&s, &q);
        s.command.sd_size = 0x1000;
        set_softdevice(0x27000, 0x123, 140, 7003000);
        cr_expect_eq(ask_image(&s), ASSAY_OK);
        set_softdevice(0x27000, 0xB7, 132, 7003000);
        int knows = g == ASSAY_GENERATION_ASSAY || g >= ASSAY_GENERATION_SDK16;
        cr_expect_eq(ask_image(&s), knows ? ASSAY_IMAGE_SOFTDEVICE : ASSAY_OK,
                     "%u", g);
        set_softdevice(0x27000, 0xB6, 140, 6001001);
        cr_expect_eq(ask_image(&s), ASSAY_OK);
        s.model.device.flags |= ASSAY_DEVICE_NEEDS_SOFTDEVICE;
        cr_expect_eq(ask_image(&s), ASSAY_IMAGE_SOFTDEVICE);
        s.command.type = ASSAY_FW_SOFTDEVICE_BOOTLOADER;
        s.command.bl_size = 100;
        cr_expect_eq(ask_image(&s), ASSAY_OK);
    }
}

/* A bootloader that needs a SoftDevice has none: any major is another one. */
Test(device, bug_first_softdevice_without_a_bootloader)
{
    struct situation s;
    struct question q = plain(ASSAY_FW_SOFTDEVICE);
    q.flags = ASSAY_DEVICE_NEEDS_SOFTDEVICE;
    set_up(&s, &q);
    s.command.sd_size = 0x1000;
    set_softdevice(0x27000, 0x100, 140, 7002000);
    cr_expect_eq(ask_image(&s), ASSAY_IMAGE_SOFTDEVICE);
}

Test(device, sdk15_3_and_16_confuse_two_validations)
{
    for (unsigned g = 0; g <= ASSAY_GENERATION_SDK17_1; g++) {
        struct situation s;
        struct question q = plain(ASSAY_FW_SOFTDEVICE_BOOTLOADER);
        q.generation = (enum assay_generation)g;
        set_up(&s, &q);
        s.command.sd_size = 0x1000;
        set_softdevice(0x27000, 0x100, 140, 7002000);
        s.command.n_validations = 2;
        s.command.validation[0].type = ASSAY_VALIDATE_ECDSA_P256_SHA256;
        s.command.validation[1].type = ASSAY_VALIDATE_CRC;
        int confuses =
            g == ASSAY_GENERATION_SDK15_3 || g == ASSAY_GENERATION_SDK16;
        cr_expect_eq(ask_image(&s),
                     confuses ? ASSAY_IMAGE_VALIDATION : ASSAY_OK, "%u", g);
        s.command.validation[0].type = ASSAY_VALIDATE_SHA256;
        cr_expect_eq(ask_image(&s), ASSAY_OK);
    }
}

Test(device, install_raises_what_the_update_brought)
{
    for (uint32_t type = 0; type < 5; type++) {
        struct situation s;
        struct question q = plain(type);
        set_up(&s, &q);
        set_softdevice(0x27000, 0x123, 140, 7003000);
        assay_device_install(&s.model, &s.command, &head);
        cr_expect_eq(s.model.device.app_version,
                     type == ASSAY_FW_APPLICATION ? 9u : 5u, "%u", type);
        cr_expect_eq(s.model.device.bootloader_version,
                     type == ASSAY_FW_BOOTLOADER ||
                             type == ASSAY_FW_SOFTDEVICE_BOOTLOADER
                         ? 9u
                         : 5u,
                     "%u", type);
        cr_expect_eq(s.model.device.softdevice,
                     (type & 1) != 0 ? 0x123u : ASSAY_NO_SOFTDEVICE, "%u",
                     type);
    }
}
