/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/vectors.h"

#include "crypto/ed25519.h"
#include "crypto/p256.h"
#include "crypto/sha256.h"
#include "crypto/sha512.h"
#include "host/text.h"

/* --- The verifier of this program ----------------------------------------- */

static enum assay_status native_open(void *ctx, struct assay_slice packet,
                                     struct assay_envelope *out)
{
    (void)ctx;
    return assay_initpkt_open(packet, out);
}

static enum assay_status native_read(void *ctx, struct assay_slice signed_bytes,
                                     struct assay_init_command *out)
{
    (void)ctx;
    return assay_initpkt_read(signed_bytes, out);
}

static enum assay_status native_keys(void *ctx,
                                     const struct assay_key_table *keys)
{
    (void)ctx;
    return assay_verifier_keys(keys);
}

static enum assay_status native_packet(void *ctx, struct assay_slice packet,
                                       const struct assay_key_table *keys,
                                       struct assay_verdict *out)
{
    (void)ctx;
    return assay_verifier_packet(packet, keys, out);
}

static enum assay_status native_policy(void *ctx,
                                       const struct assay_init_command *command,
                                       const struct assay_device *device)
{
    (void)ctx;
    return assay_verifier_policy(command, device);
}

static enum assay_status native_image_start(
    void *ctx, struct assay_image *image,
    const struct assay_init_command *command)
{
    (void)ctx;
    return assay_verifier_image_start(image, command);
}

static enum assay_status native_image_update(void *ctx,
                                             struct assay_image *image,
                                             struct assay_slice bytes)
{
    (void)ctx;
    return assay_verifier_image_update(image, bytes);
}

static enum assay_status native_image_finish(void *ctx,
                                             struct assay_image *image)
{
    (void)ctx;
    return assay_verifier_image_finish(image);
}

static enum assay_status native_boot(void *ctx,
                                     const struct assay_installed *installed,
                                     const struct assay_key_table *keys)
{
    (void)ctx;
    return assay_verifier_boot(installed, keys);
}

static enum assay_status native_p256(void *ctx, const uint8_t pub[static 64],
                                     const uint8_t digest[static 32],
                                     const uint8_t sig[static 64])
{
    (void)ctx;
    return assay_p256_verify(pub, digest, sig);
}

static enum assay_status native_ed25519(void *ctx, const uint8_t pub[static 32],
                                        struct assay_slice msg,
                                        const uint8_t sig[static 64])
{
    (void)ctx;
    return assay_ed25519_verify(pub, msg, sig);
}

static void native_sha256(void *ctx, struct assay_slice msg, uint32_t repeat,
                          uint8_t digest[static 32])
{
    struct assay_sha256 sha;
    (void)ctx;
    assay_sha256_init(&sha);
    for (uint32_t i = 0; i < repeat; i++) {
        assay_sha256_update(&sha, msg);
    }
    assay_sha256_final(&sha, digest);
}

static void native_sha512(void *ctx, struct assay_slice msg, uint32_t repeat,
                          uint8_t digest[static 64])
{
    struct assay_sha512 sha;
    (void)ctx;
    assay_sha512_init(&sha);
    for (uint32_t i = 0; i < repeat; i++) {
        assay_sha512_update(&sha, msg);
    }
    assay_sha512_final(&sha, digest);
}

const struct assay_vectors_engine assay_vectors_native = {
    .name = "native",
    .open = native_open,
    .read = native_read,
    .keys = native_keys,
    .packet = native_packet,
    .policy = native_policy,
    .image_start = native_image_start,
    .image_update = native_image_update,
    .image_finish = native_image_finish,
    .boot = native_boot,
    .p256 = native_p256,
    .ed25519 = native_ed25519,
    .sha256 = native_sha256,
    .sha512 = native_sha512,
};

/* --- The values of a record ----------------------------------------------- */

/* One file at work. */
struct job {
    const struct assay_vectors_engine *engine;
    struct assay_vectors_reader reader;
    struct assay_buffer bytes; /* the hex values; never moves in a record */
    struct assay_buffer want;
    struct assay_buffer got;
    struct assay_key key[ASSAY_VECTORS_KEYS_MAX];
    struct assay_key_table table;
    enum assay_status status; /* the first failure, or ASSAY_OK */
    struct assay_diag *diag;
};

/* After a failure values are zero, and nothing of the record counts. */
static void spoiled(struct job *job, const char *key)
{
    if (job->status == ASSAY_OK) {
        job->status = assay_diag_set(
            job->diag, ASSAY_FORMAT_DAMAGED,
            "the record at line %u: `%s` does not have a value of its form",
            job->reader.record.line, key);
    }
}

/* A decimal number without leading zeros, of 32 bits. ret: 0: it is none. */
static int parse_number(struct assay_slice text, uint32_t *value)
{
    uint64_t n = 0;
    *value = 0;
    if (text.len == 0 || text.len > 10 || (text.len > 1 && text.p[0] == '0')) {
        return 0;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') {
            return 0;
        }
        n = n * 10 + (uint64_t)(text.p[i] - '0');
    }
    if (n > UINT32_MAX) {
        return 0;
    }
    *value = (uint32_t)n;
    return 1;
}

static struct assay_slice text_value(const struct job *job, const char *key)
{
    const struct assay_slice *value =
        assay_vectors_get(&job->reader.record, key);
    return value == NULL ? assay_slice(NULL, 0) : *value;
}

static uint32_t number_value(struct job *job, const char *key)
{
    uint32_t value;
    if (!parse_number(text_value(job, key), &value)) {
        spoiled(job, key);
    }
    return value;
}

/* Lower-case hex. out: *out, of the bytes of the job. ret: 0: it is none. */
static int parse_hex(struct job *job, struct assay_slice text,
                     struct assay_slice *out)
{
    size_t from = job->bytes.len;
    size_t len = text.len / 2;
    *out = assay_slice(NULL, 0);
    if (text.len % 2 != 0 || len > job->bytes.capacity - from) {
        return 0;
    }
    for (size_t i = 0; i < text.len; i++) {
        int digit = assay_text_hex_digit(text.p[i]);
        if (digit < 0 || (text.p[i] >= 'A' && text.p[i] <= 'F')) {
            return 0;
        }
        uint8_t *byte = &job->bytes.p[from + i / 2];
        *byte = (uint8_t)(i % 2 == 0 ? digit << 4 : *byte | digit);
    }
    job->bytes.len += len;
    *out = assay_slice(job->bytes.p + from, len);
    return 1;
}

enum { ANY_LEN = 0 };

static struct assay_slice hex_value(struct job *job, const char *key,
                                    size_t len)
{
    static const uint8_t zeros[64];
    struct assay_slice value;
    if (!parse_hex(job, text_value(job, key), &value) ||
        (len != ANY_LEN && value.len != len)) {
        spoiled(job, key);
        return assay_slice(zeros, len);
    }
    return value;
}

/* Take the next word, parted by one space. ret: 0 when there is none. */
static int take_word(struct assay_slice *list, struct assay_slice *word)
{
    size_t len = 0;
    while (len < list->len && list->p[len] != ' ') {
        len++;
    }
    if (len == 0) {
        return 0;
    }
    *word = assay_slice_sub(*list, 0, len);
    size_t used = len + (len < list->len);
    *list = assay_slice_sub(*list, used, list->len - used);
    return 1;
}

static int is_word(struct assay_slice word, const char *text)
{
    return assay_text_equal(word, assay_text_slice(text));
}

/* `p256 15 0 HEX`: algorithm, roles, flags, bytes. ret: 0: it is no key. */
static int parse_key(struct job *job, struct assay_slice text,
                     struct assay_key *key)
{
    struct assay_slice word[4];
    struct assay_slice bytes;
    uint32_t number[3] = {0, 0, 0};
    for (size_t i = 0; i < 4; i++) {
        if (!take_word(&text, &word[i])) {
            return 0;
        }
    }
    if (is_word(word[0], "p256")) {
        number[0] = ASSAY_P256;
    } else if (is_word(word[0], "ed25519")) {
        number[0] = ASSAY_ED25519;
    } else if (!parse_number(word[0], &number[0])) {
        return 0;
    }
    if (text.len != 0 || !parse_number(word[1], &number[1]) ||
        !parse_number(word[2], &number[2]) ||
        !parse_hex(job, word[3], &bytes)) {
        return 0;
    }
    if (number[0] > UINT8_MAX || number[1] > UINT8_MAX || number[2] > 1 ||
        bytes.len != (number[0] == ASSAY_ED25519 ? 32u : 64u)) {
        return 0;
    }
    *key = (struct assay_key){.bytes = bytes.p,
                              .algorithm = (uint8_t)number[0],
                              .roles = (uint8_t)number[1],
                              .flags = (uint8_t)number[2]};
    return 1;
}

static void table_value(struct job *job)
{
    static const char *const names[ASSAY_VECTORS_KEYS_MAX] = {"key_0", "key_1",
                                                              "key_2", "key_3"};
    job->table.key = job->key;
    job->table.n_keys = 0;
    job->table.flags = number_value(job, "table_flags");
    for (size_t i = 0; i < ASSAY_VECTORS_KEYS_MAX; i++) {
        if (assay_vectors_get(&job->reader.record, names[i]) == NULL) {
            continue;
        }
        if (i != job->table.n_keys ||
            !parse_key(job, text_value(job, names[i]), &job->key[i])) {
            spoiled(job, names[i]);
            return;
        }
        job->table.n_keys++;
    }
}

/* --- What an answer says -------------------------------------------------- */

static void keep(struct job *job, enum assay_status status)
{
    if (job->status == ASSAY_OK) {
        job->status = status;
    }
}

static void say_status(struct job *job, enum assay_status status)
{
    keep(job, assay_buffer_printf(&job->got, job->diag, "%s",
                                  assay_status_name(status)));
}

static void say_key(struct job *job, const char *key)
{
    keep(job, assay_buffer_printf(&job->got, job->diag, ", %s = ", key));
}

static void say_number(struct job *job, const char *key, uint32_t value)
{
    say_key(job, key);
    keep(job, assay_buffer_printf(&job->got, job->diag, "%lu",
                                  (unsigned long)value));
}

static void say_hex(struct job *job, struct assay_slice bytes)
{
    keep(job, assay_text_hex_append(&job->got, bytes, job->diag));
}

/* The place of a part of a packet: offset and length. */
static void say_part(struct job *job, const char *key,
                     struct assay_slice packet, struct assay_slice part)
{
    say_key(job, key);
    keep(job, assay_buffer_printf(&job->got, job->diag, "%zu %zu",
                                  (size_t)(part.p - packet.p), part.len));
}

/* --- The kinds ------------------------------------------------------------ */

static uint32_t has(const struct assay_init_command *c, uint32_t field)
{
    return c->present >> field & 1u;
}

static void say_numbers(struct job *job, const struct assay_init_command *c,
                        uint32_t first, uint32_t last)
{
    const struct {
        const char *key;
        uint32_t field;
        uint32_t value;
    } numbers[] = {
        {"fw_version", ASSAY_INIT_FW_VERSION, c->fw_version},
        {"hw_version", ASSAY_INIT_HW_VERSION, c->hw_version},
        {"type", ASSAY_INIT_TYPE, c->type},
        {"sd_size", ASSAY_INIT_SD_SIZE, c->sd_size},
        {"bl_size", ASSAY_INIT_BL_SIZE, c->bl_size},
        {"app_size", ASSAY_INIT_APP_SIZE, c->app_size},
        {"is_debug", ASSAY_INIT_IS_DEBUG, c->is_debug},
    };
    for (size_t i = 0; i < ASSAY_N_OF(numbers); i++) {
        if (numbers[i].field >= first && numbers[i].field <= last &&
            has(c, numbers[i].field)) {
            say_number(job, numbers[i].key, numbers[i].value);
        }
    }
}

static void say_lists(struct job *job, const struct assay_init_command *c)
{
    struct assay_slice list = c->sd_req;
    say_numbers(job, c, ASSAY_INIT_FW_VERSION, ASSAY_INIT_HW_VERSION);
    if (has(c, ASSAY_INIT_SD_REQ)) {
        say_key(job, "sd_req");
    }
    for (uint32_t i = 0; i < c->n_sd_req; i++) {
        keep(job, assay_buffer_printf(
                      &job->got, job->diag, "%s%lu", i > 0 ? " " : "",
                      (unsigned long)assay_initpkt_next_sd_req(&list)));
    }
    say_numbers(job, c, ASSAY_INIT_TYPE, ASSAY_INIT_APP_SIZE);
    if (has(c, ASSAY_INIT_HASH)) {
        say_number(job, "hash_type", c->hash_type);
        say_key(job, "hash");
        say_hex(job, c->hash);
    }
    say_numbers(job, c, ASSAY_INIT_IS_DEBUG, ASSAY_INIT_IS_DEBUG);
    if (has(c, ASSAY_INIT_VALIDATION)) {
        say_key(job, "validations");
    }
    for (uint32_t i = 0; i < c->n_validations; i++) {
        keep(job, assay_buffer_printf(&job->got, job->diag,
                                      "%s%lu:", i > 0 ? " " : "",
                                      (unsigned long)c->validation[i].type));
        say_hex(job, c->validation[i].bytes);
    }
}

/* Both steps of the reader. ret: their status; *step: which one it is of. */
static enum assay_status read_packet(const struct assay_vectors_engine *e,
                                     struct assay_slice packet,
                                     struct assay_envelope *envelope,
                                     struct assay_init_command *command,
                                     uint32_t *step)
{
    *step = 1;
    enum assay_status status = e->open(e->ctx, packet, envelope);
    if (status == ASSAY_OK) {
        *step = 2;
        status = e->read(e->ctx, envelope->signed_bytes, command);
    }
    return status;
}

static void run_initpkt(struct job *job)
{
    struct assay_envelope envelope;
    struct assay_init_command command;
    uint32_t step;
    struct assay_slice packet = hex_value(job, "packet", ANY_LEN);
    enum assay_status status =
        read_packet(job->engine, packet, &envelope, &command, &step);
    say_status(job, status);
    if (status != ASSAY_OK) {
        say_number(job, "step", step);
        return;
    }
    say_part(job, "signed", packet, envelope.signed_bytes);
    if (envelope.signature.len != 0) {
        say_part(job, "signature", packet, envelope.signature);
        say_number(job, "signature_type", envelope.signature_type);
    }
    say_lists(job, &command);
}

static void run_keys(struct job *job)
{
    table_value(job);
    if (job->status == ASSAY_OK) {
        say_status(job, job->engine->keys(job->engine->ctx, &job->table));
    }
}

#define NO_KEY UINT32_MAX

static void run_packet(struct job *job)
{
    const struct assay_vectors_engine *e = job->engine;
    struct assay_verdict verdict = {.key_index = NO_KEY};
    struct assay_slice packet = hex_value(job, "packet", ANY_LEN);
    table_value(job);
    if (job->status != ASSAY_OK) {
        return;
    }
    say_status(job, e->packet(e->ctx, packet, &job->table, &verdict));
    if (verdict.key_index != NO_KEY) {
        say_number(job, "key_index", verdict.key_index);
    }
}

static struct assay_device device_value(struct job *job)
{
    struct assay_device device = {
        .hw_version = number_value(job, "hw_version"),
        .softdevice = ASSAY_NO_SOFTDEVICE,
        .app_version = number_value(job, "app_version"),
        .bootloader_version = number_value(job, "bootloader_version"),
        .image_room = number_value(job, "image_room"),
        .bootloader_room = number_value(job, "bootloader_room"),
        .flags = number_value(job, "switches"),
    };
    if (!is_word(text_value(job, "softdevice"), "none")) {
        device.softdevice = number_value(job, "softdevice");
    }
    return device;
}

static void run_policy(struct job *job)
{
    const struct assay_vectors_engine *e = job->engine;
    struct assay_verdict verdict = {.key_index = NO_KEY};
    struct assay_slice packet = hex_value(job, "packet", ANY_LEN);
    struct assay_device device = device_value(job);
    table_value(job);
    if (job->status != ASSAY_OK) {
        return;
    }
    enum assay_status status = e->keys(e->ctx, &job->table);
    if (status == ASSAY_OK) {
        status = e->packet(e->ctx, packet, &job->table, &verdict);
    }
    if (status == ASSAY_OK) {
        status = e->policy(e->ctx, &verdict.command, &device);
    }
    say_status(job, status);
}

/* One word of `calls`. ret: the status of the call. */
static enum assay_status run_call(struct job *job, struct assay_slice word,
                                  struct assay_image *image,
                                  const struct assay_init_command *command,
                                  struct assay_slice *bytes)
{
    const struct assay_vectors_engine *e = job->engine;
    uint32_t len;
    if (is_word(word, "start")) {
        return e->image_start(e->ctx, image, command);
    }
    if (is_word(word, "finish")) {
        return e->image_finish(e->ctx, image);
    }
    if (!parse_number(word, &len) || len > bytes->len) {
        spoiled(job, "calls");
        return ASSAY_FAILED;
    }
    struct assay_slice piece = assay_slice_sub(*bytes, 0, len);
    *bytes = assay_slice_sub(*bytes, len, bytes->len - len);
    return e->image_update(e->ctx, image, piece);
}

static void run_image(struct job *job)
{
    struct assay_envelope envelope;
    struct assay_init_command command;
    struct assay_image image;
    struct assay_buffer answers = {0};
    enum assay_status last = ASSAY_FAILED;
    uint32_t step;
    memset(&image, 0, sizeof image);
    struct assay_slice packet = hex_value(job, "packet", ANY_LEN);
    struct assay_slice bytes = hex_value(job, "image", ANY_LEN);
    struct assay_slice calls = text_value(job, "calls");
    struct assay_slice word;
    /* The fields are what the image starts from: any engine gets the same. */
    if (read_packet(&assay_vectors_native, packet, &envelope, &command,
                    &step) != ASSAY_OK) {
        spoiled(job, "packet");
    }
    while (job->status == ASSAY_OK && take_word(&calls, &word)) {
        last = run_call(job, word, &image, &command, &bytes);
        keep(job, assay_buffer_printf(&answers, job->diag, "%s%s",
                                      answers.len > 0 ? " " : "",
                                      assay_status_name(last)));
    }
    if (calls.len != 0) {
        spoiled(job, "calls");
    }
    say_status(job, last);
    say_key(job, "answers");
    keep(job, assay_buffer_append(&job->got, assay_buffer_slice(&answers),
                                  job->diag));
    assay_buffer_free(&answers);
}

static void run_boot(struct job *job)
{
    uint32_t type = number_value(job, "installed");
    struct assay_installed installed = {
        .packet = hex_value(job, "packet", ANY_LEN),
        .image = hex_value(job, "image", ANY_LEN),
        .type = (enum assay_fw_type)type,
    };
    table_value(job);
    if (type > ASSAY_FW_EXTERNAL_APPLICATION) {
        spoiled(job, "installed");
    }
    if (job->status == ASSAY_OK) {
        say_status(
            job, job->engine->boot(job->engine->ctx, &installed, &job->table));
    }
}

static void run_p256(struct job *job)
{
    struct assay_slice pub = hex_value(job, "pub", 64);
    struct assay_slice digest = hex_value(job, "digest", 32);
    struct assay_slice sig = hex_value(job, "sig", 64);
    if (assay_vectors_get(&job->reader.record, "msg") != NULL) {
        uint8_t own[32];
        native_sha256(NULL, hex_value(job, "msg", ANY_LEN), 1, own);
        if (memcmp(own, digest.p, sizeof own) != 0) {
            spoiled(job, "digest");
        }
    }
    say_status(job,
               job->engine->p256(job->engine->ctx, pub.p, digest.p, sig.p));
}

static void run_ed25519(struct job *job)
{
    struct assay_slice pub = hex_value(job, "pub", 32);
    struct assay_slice msg = hex_value(job, "msg", ANY_LEN);
    struct assay_slice sig = hex_value(job, "sig", 64);
    say_status(job, job->engine->ed25519(job->engine->ctx, pub.p, msg, sig.p));
}

/* A bound on what a record can make the program do: 16 MB. */
#define REPEAT_MAX 1000000u
#define REPEATED_MAX 16u

static uint32_t repeat_value(struct job *job, struct assay_slice msg)
{
    uint32_t repeat = 1;
    if (assay_vectors_get(&job->reader.record, "repeat") != NULL) {
        repeat = number_value(job, "repeat");
        if (repeat > REPEAT_MAX || msg.len > REPEATED_MAX) {
            spoiled(job, "repeat");
            return 0;
        }
    }
    return repeat;
}

static void run_sha256(struct job *job)
{
    uint8_t digest[32];
    struct assay_slice msg = hex_value(job, "msg", ANY_LEN);
    job->engine->sha256(job->engine->ctx, msg, repeat_value(job, msg), digest);
    say_hex(job, assay_slice(digest, sizeof digest));
}

static void run_sha512(struct job *job)
{
    uint8_t digest[64];
    struct assay_slice msg = hex_value(job, "msg", ANY_LEN);
    job->engine->sha512(job->engine->ctx, msg, repeat_value(job, msg), digest);
    say_hex(job, assay_slice(digest, sizeof digest));
}

/* --- A file --------------------------------------------------------------- */

struct runner {
    const char *kind;
    void (*run)(struct job *job);
    const char *answers[16]; /* keys of an answer, in the order of a file */
};

static const struct runner RUNNERS[] = {
    {"initpkt",
     run_initpkt,
     {"step", "signed", "signature", "signature_type", "fw_version",
      "hw_version", "sd_req", "type", "sd_size", "bl_size", "app_size",
      "hash_type", "hash", "is_debug", "validations"}},
    {"keys", run_keys, {NULL}},
    {"packet", run_packet, {"key_index"}},
    {"policy", run_policy, {NULL}},
    {"image", run_image, {"answers"}},
    {"boot", run_boot, {NULL}},
    {"p256", run_p256, {NULL}},
    {"ed25519", run_ed25519, {NULL}},
    {"sha256", run_sha256, {NULL}},
    {"sha512", run_sha512, {NULL}},
};

/* Whether the engine has what the kind needs. */
static int can_run(const struct assay_vectors_engine *e, struct assay_slice k)
{
    int reads = e->open != NULL && e->read != NULL;
    int images = e->image_start != NULL && e->image_update != NULL &&
                 e->image_finish != NULL;
    return (is_word(k, "initpkt") && reads) ||
           (is_word(k, "keys") && e->keys != NULL) ||
           (is_word(k, "packet") && e->packet != NULL) ||
           (is_word(k, "policy") && e->keys != NULL && e->packet != NULL &&
            e->policy != NULL) ||
           (is_word(k, "image") && images) ||
           (is_word(k, "boot") && e->boot != NULL) ||
           (is_word(k, "p256") && e->p256 != NULL) ||
           (is_word(k, "ed25519") && e->ed25519 != NULL) ||
           (is_word(k, "sha256") && e->sha256 != NULL) ||
           (is_word(k, "sha512") && e->sha512 != NULL);
}

struct search {
    struct assay_slice name;
    int found;
};

static void compare_name(enum assay_status status, void *ctx)
{
    struct search *search = ctx;
    search->found |= is_word(search->name, assay_status_name(status));
}

/* `want` is the symbol of a status, or a digest. */
static void check_want(struct job *job)
{
    struct search search = {text_value(job, "want"), 0};
    struct assay_slice bytes;
    if (is_word(job->reader.kind, "sha256") ||
        is_word(job->reader.kind, "sha512")) {
        search.found = parse_hex(job, search.name, &bytes);
    } else {
        assay_status_each(compare_name, &search);
    }
    if (!search.found) {
        spoiled(job, "want");
    }
}

/* What the record wants, in the form of an answer. */
static void write_want(struct job *job, const struct runner *runner)
{
    struct assay_slice want = text_value(job, "want");
    keep(job, assay_buffer_append(&job->want, want, job->diag));
    for (size_t i = 0; runner->answers[i] != NULL; i++) {
        const struct assay_slice *value =
            assay_vectors_get(&job->reader.record, runner->answers[i]);
        if (value != NULL) {
            keep(job, assay_buffer_printf(&job->want, job->diag, ", %s = %.*s",
                                          runner->answers[i], (int)value->len,
                                          (const char *)value->p));
        }
    }
}

/* Make room for all bytes that the record can hold. */
static void clear(struct job *job)
{
    size_t len = 0;
    for (size_t i = 0; i < job->reader.record.n_fields; i++) {
        len += job->reader.record.field[i].value.len / 2;
    }
    job->bytes.len = 0;
    job->want.len = 0;
    job->got.len = 0;
    keep(job, assay_buffer_reserve(&job->bytes, len + 1, job->diag));
}

static void run_record(struct job *job, const struct runner *runner,
                       struct assay_vectors_run *run)
{
    clear(job);
    if (job->status == ASSAY_OK) {
        check_want(job);
        runner->run(job);
        write_want(job, runner);
    }
    struct assay_slice want = assay_buffer_slice(&job->want);
    struct assay_slice got = assay_buffer_slice(&job->got);
    if (job->status != ASSAY_OK || assay_text_equal(want, got)) {
        return;
    }
    run->n_failed++;
    if (run->on_failure != NULL) {
        struct assay_vectors_failure failure = {
            job->reader.record.line, text_value(job, "id"),
            text_value(job, "why"), want, got};
        run->on_failure(&failure, run->ctx);
    }
}

static const struct runner *runner_of(struct assay_slice kind)
{
    for (size_t i = 0; i < ASSAY_N_OF(RUNNERS); i++) {
        if (is_word(kind, RUNNERS[i].kind)) {
            return &RUNNERS[i];
        }
    }
    return NULL;
}

enum assay_status assay_vectors_run(struct assay_slice text,
                                    struct assay_vectors_run *run,
                                    struct assay_diag *diag)
{
    struct job job;
    memset(&job, 0, sizeof job);
    job.engine = run->engine;
    job.diag = diag;
    run->n_records = 0;
    run->n_failed = 0;
    run->n_left_out = 0;
    job.status = assay_vectors_open(text, &job.reader, diag);
    run->kind = job.reader.kind;
    const struct runner *runner = runner_of(run->kind);
    while (job.status == ASSAY_OK) {
        job.status = assay_vectors_next(&job.reader, diag);
        if (job.status != ASSAY_OK || job.reader.record.n_fields == 0) {
            break;
        }
        run->n_records++;
        if (can_run(run->engine, run->kind)) {
            run_record(&job, runner, run);
        } else {
            run->n_left_out++;
        }
    }
    assay_buffer_free(&job.bytes);
    assay_buffer_free(&job.want);
    assay_buffer_free(&job.got);
    return job.status;
}
