/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "engine/functions.h"
#include "engine/layout.h"
#include "engine/protocol.h"
#include "host/buffer.h"
#include "verifier_m4.h"

extern char **environ;

/*
 * A call is put together in the memory of the machine: inputs from
 * ASSAY_M4_IN, read-only, and outputs from ASSAY_M4_OUT. Structs are written
 * as engine/layout.h lays them out, with addresses of the machine in them.
 */
struct call {
    struct assay_engine *engine;
    struct assay_diag *diag;
    enum assay_status status; /* ASSAY_OK until something fails */
    struct assay_buffer in;
    uint8_t out[320];
    size_t out_len;
    uint32_t image_arg[2]; /* of the image functions, behind the image */
};

/* The most that one call of the image functions takes. */
#define PIECE_MAX ((size_t)256 << 10)

/* --- The machine code ----------------------------------------------------- */

struct assay_slice assay_engine_code(void)
{
    return assay_slice(ASSAY_M4_CODE, ASSAY_M4_CODE_LEN);
}

const char *assay_engine_code_digest(void)
{
    return ASSAY_M4_CODE_DIGEST;
}

int assay_engine_failed(enum assay_status status)
{
    return status == ASSAY_ENGINE_MISSING || status == ASSAY_ENGINE_FAILED ||
           status == ASSAY_ENGINE_DISAGREES;
}

/* --- The process ---------------------------------------------------------- */

static enum assay_status lost(struct assay_diag *diag)
{
    return assay_diag_set(diag, ASSAY_ENGINE_FAILED,
                          "assay-m4 ended or broke its protocol");
}

static int send_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return 0;
        }
        bytes += n;
        len -= (size_t)n;
    }
    return 1;
}

static int receive_all(int fd, uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = recv(fd, bytes, len, 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return 0;
        }
        bytes += n;
        len -= (size_t)n;
    }
    return 1;
}

static void store_words(uint8_t *out, const uint32_t *word, size_t n_words)
{
    for (size_t i = 0; i < n_words; i++) {
        assay_store_le32(out + 4 * i, word[i]);
    }
}

static int send_head(int fd, const uint32_t word[static ASSAY_M4_HEAD_WORDS])
{
    uint8_t head[4 * ASSAY_M4_HEAD_WORDS];
    store_words(head, word, ASSAY_M4_HEAD_WORDS);
    return send_all(fd, head, sizeof head);
}

struct reply {
    uint32_t kind;
    uint32_t r0;
    uint32_t pc;
    uint32_t len;
};

/* in: room, of bytes; ret: 1 when the reply came and fits. */
static int receive_reply(int fd, struct reply *reply, uint8_t *bytes,
                         size_t room)
{
    uint8_t head[4 * ASSAY_M4_REPLY_WORDS];
    if (!receive_all(fd, head, sizeof head)) {
        return 0;
    }
    reply->kind = assay_load_le32(head);
    reply->r0 = assay_load_le32(head + 4);
    reply->pc = assay_load_le32(head + 8);
    reply->len = assay_load_le32(head + 12);
    return reply->len <= room && receive_all(fd, bytes, reply->len);
}

static int is_program(const char *path)
{
    return access(path, X_OK) == 0;
}

/* ret: 1 and the path of assay-m4. */
static int find_program(char *path, size_t path_len)
{
    static const char *const PLACES[] = {"assay-m4",
                                         "../libexec/assay/assay-m4"};
    const char *given = getenv("ASSAY_M4");
    char self[1024];
    if (given != NULL && given[0] != '\0') {
        int n = snprintf(path, path_len, "%s", given);
        return n > 0 && (size_t)n < path_len && is_program(path);
    }
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len <= 0) {
        return 0;
    }
    self[len] = '\0';
    char *slash = strrchr(self, '/');
    if (slash == NULL) {
        return 0;
    }
    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++) {
        int n = snprintf(path, path_len, "%.*s/%s", (int)(slash - self), self,
                         PLACES[i]);
        if (n > 0 && (size_t)n < path_len && is_program(path)) {
            return 1;
        }
    }
    return 0;
}

/* Its standard input and output are the other end of engine->fd. */
static int start_program(struct assay_engine *engine, const char *path)
{
    int pair[2];
    char name[] = "assay-m4";
    char *argv[] = {name, NULL};
    posix_spawn_file_actions_t actions;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
        return 0;
    }
    engine->fd = pair[0];
    (void)fcntl(pair[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(pair[1], F_SETFD, FD_CLOEXEC);
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed == 0) {
        failed = posix_spawn_file_actions_adddup2(&actions, pair[1], 0);
        if (failed == 0) {
            failed = posix_spawn_file_actions_adddup2(&actions, pair[1], 1);
        }
        if (failed == 0) {
            failed =
                posix_spawn(&engine->pid, path, &actions, NULL, argv, environ);
        }
        (void)posix_spawn_file_actions_destroy(&actions);
    }
    (void)close(pair[1]);
    if (failed != 0) {
        engine->pid = 0;
    }
    return failed == 0;
}

static enum assay_status say_hello(struct assay_engine *engine,
                                   struct assay_diag *diag)
{
    const uint32_t head[ASSAY_M4_HEAD_WORDS] = {
        ASSAY_M4_HELLO, ASSAY_M4_PROTOCOL, 0, 0, 0, 0, ASSAY_M4_CODE_LEN, 0};
    uint8_t text[ASSAY_M4_TEXT_MAX + 1];
    struct reply reply;
    if (!send_head(engine->fd, head) ||
        !send_all(engine->fd, ASSAY_M4_CODE, ASSAY_M4_CODE_LEN) ||
        !receive_reply(engine->fd, &reply, text, ASSAY_M4_TEXT_MAX)) {
        return lost(diag);
    }
    if (reply.kind != ASSAY_M4_OK) {
        text[reply.len] = '\0';
        return assay_diag_set(diag, ASSAY_ENGINE_FAILED, "assay-m4 refuses: %s",
                              (const char *)text);
    }
    return ASSAY_OK;
}

enum assay_status assay_engine_open(struct assay_engine *engine,
                                    enum assay_engine_kind kind,
                                    struct assay_diag *diag)
{
    char path[2048];
    memset(engine, 0, sizeof *engine);
    engine->fd = -1;
    engine->kind = kind;
    if (kind == ASSAY_ENGINE_NATIVE) {
        return ASSAY_OK;
    }
    if (ASSAY_M4_CODE_LEN == 0) {
        return assay_diag_set(diag, ASSAY_ENGINE_MISSING,
                              "this build of assay carries no machine code of "
                              "the verifier: it was made without an ARM "
                              "compiler (gcc-arm-none-eabi)");
    }
    if (!find_program(path, sizeof path)) {
        return assay_diag_set(diag, ASSAY_ENGINE_MISSING,
                              "the program assay-m4, which is built when "
                              "libunicorn is there, is neither beside assay, "
                              "nor in ../libexec/assay, nor what ASSAY_M4 "
                              "names");
    }
    if (!start_program(engine, path)) {
        return assay_diag_set(diag, ASSAY_ENGINE_FAILED, "%s cannot be started",
                              path);
    }
    return say_hello(engine, diag);
}

void assay_engine_close(struct assay_engine *engine)
{
    if (engine->kind == ASSAY_ENGINE_NATIVE) {
        return;
    }
    if (engine->fd >= 0) {
        (void)close(engine->fd);
    }
    if (engine->pid > 0) {
        while (waitpid(engine->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    memset(engine, 0, sizeof *engine);
    engine->fd = -1;
}

/* --- Putting a call together ---------------------------------------------- */

static void begin(struct call *c, struct assay_engine *engine,
                  struct assay_diag *diag)
{
    memset(c, 0, sizeof *c);
    c->engine = engine;
    c->diag = diag;
    c->status = ASSAY_OK;
}

/* ret: the address of the bytes; a multiple of 4. */
static uint32_t put(struct call *c, struct assay_slice bytes)
{
    size_t padding = (4 - c->in.len % 4) % 4;
    if (c->status != ASSAY_OK) {
        return 0;
    }
    if (bytes.len > ASSAY_M4_IN_MAX - 4 ||
        c->in.len > ASSAY_M4_IN_MAX - 4 - bytes.len) {
        c->status = assay_diag_set(
            c->diag, ASSAY_ENGINE_FAILED,
            "%zu bytes are more than the machine has room for", bytes.len);
        return 0;
    }
    c->status = assay_buffer_fill(&c->in, 0, padding, c->diag);
    uint32_t address = ASSAY_M4_IN + (uint32_t)c->in.len;
    if (c->status == ASSAY_OK && bytes.len != 0) {
        c->status = assay_buffer_append(&c->in, bytes, c->diag);
    }
    return address;
}

static void store_slice(uint8_t *out, uint32_t address, size_t len)
{
    assay_store_le32(out, address);
    assay_store_le32(out + 4, (uint32_t)len);
}

static uint32_t put_keys(struct call *c, const struct assay_key_table *keys)
{
    struct assay_buffer entries = {0};
    uint8_t table[ASSAY_M4_KEYS_LEN];
    for (size_t i = 0; i < keys->n_keys && c->status == ASSAY_OK; i++) {
        const struct assay_key *key = &keys->key[i];
        uint8_t entry[ASSAY_M4_KEY_LEN] = {0};
        size_t len = key->algorithm == ASSAY_P256 ? 64 : 32;
        assay_store_le32(entry + ASSAY_M4_KEY_BYTES,
                         put(c, assay_slice(key->bytes, len)));
        assay_store_le32(entry + ASSAY_M4_KEY_ID, key->id);
        entry[ASSAY_M4_KEY_ALGORITHM] = key->algorithm;
        entry[ASSAY_M4_KEY_ROLES] = key->roles;
        entry[ASSAY_M4_KEY_FLAGS] = key->flags;
        if (c->status == ASSAY_OK) {
            c->status = assay_buffer_append(
                &entries, assay_slice(entry, sizeof entry), c->diag);
        }
    }
    assay_store_le32(table + ASSAY_M4_KEYS_KEY,
                     put(c, assay_buffer_slice(&entries)));
    assay_store_le32(table + ASSAY_M4_KEYS_N, (uint32_t)keys->n_keys);
    assay_store_le32(table + ASSAY_M4_KEYS_FLAGS, keys->flags);
    assay_buffer_free(&entries);
    return put(c, assay_slice(table, sizeof table));
}

/* A command is written with copies of what its slices view. */
static uint32_t put_command(struct call *c, const struct assay_init_command *x)
{
    const uint32_t word[ASSAY_M4_COMMAND_N_WORDS] = {
        x->present,   x->fw_version, x->hw_version,   x->type,
        x->sd_size,   x->bl_size,    x->app_size,     x->is_debug,
        x->hash_type, x->n_sd_req,   x->n_validations};
    uint8_t bytes[ASSAY_M4_COMMAND_LEN];
    store_words(bytes, word, ASSAY_M4_COMMAND_N_WORDS);
    store_slice(bytes + ASSAY_M4_COMMAND_HASH, put(c, x->hash), x->hash.len);
    store_slice(bytes + ASSAY_M4_COMMAND_SD_REQ, put(c, x->sd_req),
                x->sd_req.len);
    for (size_t i = 0; i < ASSAY_VALIDATIONS_MAX; i++) {
        uint8_t *v =
            bytes + ASSAY_M4_COMMAND_VALIDATION + i * ASSAY_M4_VALIDATION_LEN;
        assay_store_le32(v, x->validation[i].type);
        store_slice(v + ASSAY_M4_VALIDATION_BYTES,
                    put(c, x->validation[i].bytes), x->validation[i].bytes.len);
    }
    return put(c, assay_slice(bytes, sizeof bytes));
}

/* A status of the host, which no function of the verifier can answer. */
static int is_host_only(uint32_t status)
{
    return status != ASSAY_OK && status >> 8 >= 5 && status >> 8 <= 9;
}

/*
 * Run it. ret: what the function answered, or a status of
 * assay_engine_failed; the outputs are then as before. Frees the inputs.
 */
static enum assay_status run(struct call *c, enum assay_m4_function function,
                             const uint32_t arg[static 4])
{
    const uint32_t head[ASSAY_M4_HEAD_WORDS] = {ASSAY_M4_CALL,
                                                function,
                                                arg[0],
                                                arg[1],
                                                arg[2],
                                                arg[3],
                                                (uint32_t)c->in.len,
                                                (uint32_t)c->out_len};
    uint8_t bytes[sizeof c->out + 1] = {0};
    struct reply reply = {0};
    enum assay_status status = c->status;
    if (status == ASSAY_OK &&
        (!send_head(c->engine->fd, head) ||
         !send_all(c->engine->fd, c->in.p, c->in.len) ||
         !send_all(c->engine->fd, c->out, c->out_len) ||
         !receive_reply(c->engine->fd, &reply, bytes, sizeof c->out))) {
        status = lost(c->diag);
    }
    assay_buffer_free(&c->in);
    if (status != ASSAY_OK) {
        return ASSAY_ENGINE_FAILED;
    }
    if (reply.kind == ASSAY_M4_FAULT) {
        bytes[reply.len] = '\0';
        return assay_diag_set(c->diag, ASSAY_ENGINE_FAILED,
                              "the machine code stopped at 0x%05x: %s",
                              (unsigned)reply.pc, (const char *)bytes);
    }
    if (reply.kind != ASSAY_M4_OK || reply.len != c->out_len ||
        is_host_only(reply.r0)) {
        return lost(c->diag);
    }
    memcpy(c->out, bytes, c->out_len);
    return (enum assay_status)reply.r0;
}

/* --- Reading what came back ----------------------------------------------- */

/* A view into whole, which stood at start. ret: 1 when it lies inside. */
static int load_slice(const uint8_t *bytes, struct assay_slice whole,
                      uint32_t start, struct assay_slice *out)
{
    uint32_t address = assay_load_le32(bytes);
    uint32_t len = assay_load_le32(bytes + 4);
    int begins_inside = address >= start && address - start <= whole.len;
    if (!begins_inside && len == 0) {
        *out = assay_slice(whole.p, 0); /* empty: it may be anywhere */
        return 1;
    }
    if (!begins_inside || len > whole.len - (address - start)) {
        return 0;
    }
    *out = assay_slice_sub(whole, address - start, len);
    return 1;
}

static int load_command(const uint8_t *bytes, struct assay_slice packet,
                        uint32_t start, struct assay_init_command *x)
{
    uint32_t *const word[ASSAY_M4_COMMAND_N_WORDS] = {
        &x->present,   &x->fw_version, &x->hw_version,   &x->type,
        &x->sd_size,   &x->bl_size,    &x->app_size,     &x->is_debug,
        &x->hash_type, &x->n_sd_req,   &x->n_validations};
    for (size_t i = 0; i < ASSAY_M4_COMMAND_N_WORDS; i++) {
        *word[i] = assay_load_le32(bytes + 4 * i);
    }
    int good =
        x->n_validations <= ASSAY_VALIDATIONS_MAX &&
        x->n_sd_req <= ASSAY_SD_REQ_MAX &&
        load_slice(bytes + ASSAY_M4_COMMAND_HASH, packet, start, &x->hash) &&
        load_slice(bytes + ASSAY_M4_COMMAND_SD_REQ, packet, start, &x->sd_req);
    for (size_t i = 0; i < ASSAY_VALIDATIONS_MAX && good; i++) {
        const uint8_t *v =
            bytes + ASSAY_M4_COMMAND_VALIDATION + i * ASSAY_M4_VALIDATION_LEN;
        x->validation[i].type = assay_load_le32(v);
        good = load_slice(v + ASSAY_M4_VALIDATION_BYTES, packet, start,
                          &x->validation[i].bytes);
    }
    return good;
}

static void store_image(uint8_t *out, const struct assay_image *image)
{
    store_words(out, image->sha.state, 8);
    assay_store_le32(out + ASSAY_M4_IMAGE_TOTAL,
                     (uint32_t)image->sha.total_len);
    assay_store_le32(out + ASSAY_M4_IMAGE_TOTAL + 4,
                     (uint32_t)(image->sha.total_len >> 32));
    memcpy(out + ASSAY_M4_IMAGE_BLOCK, image->sha.block,
           sizeof image->sha.block);
    memcpy(out + ASSAY_M4_IMAGE_DIGEST, image->digest, ASSAY_DIGEST_LEN);
    assay_store_le32(out + ASSAY_M4_IMAGE_FIELD_LEN, image->len);
    assay_store_le32(out + ASSAY_M4_IMAGE_RECEIVED, image->received);
}

static void load_image(const uint8_t *bytes, struct assay_image *image)
{
    for (size_t i = 0; i < 8; i++) {
        image->sha.state[i] = assay_load_le32(bytes + 4 * i);
    }
    image->sha.total_len =
        assay_load_le32(bytes + ASSAY_M4_IMAGE_TOTAL) |
        (uint64_t)assay_load_le32(bytes + ASSAY_M4_IMAGE_TOTAL + 4) << 32;
    memcpy(image->sha.block, bytes + ASSAY_M4_IMAGE_BLOCK,
           sizeof image->sha.block);
    memcpy(image->digest, bytes + ASSAY_M4_IMAGE_DIGEST, ASSAY_DIGEST_LEN);
    image->len = assay_load_le32(bytes + ASSAY_M4_IMAGE_FIELD_LEN);
    image->received = assay_load_le32(bytes + ASSAY_M4_IMAGE_RECEIVED);
}

/* --- Two engines ---------------------------------------------------------- */

static int runs_native(const struct assay_engine *engine)
{
    return engine == NULL || engine->kind != ASSAY_ENGINE_M4;
}

static int runs_m4(const struct assay_engine *engine)
{
    return engine != NULL && engine->kind != ASSAY_ENGINE_NATIVE;
}

/* The answer of m4, or what both say. in: same, all but the status agrees. */
static enum assay_status agree(const struct call *c, enum assay_status native,
                               enum assay_status m4, int same)
{
    if (c->engine->kind == ASSAY_ENGINE_M4 || assay_engine_failed(m4)) {
        return m4;
    }
    if (native != m4) {
        return assay_diag_set(c->diag, ASSAY_ENGINE_DISAGREES,
                              "no verdict, the engines differ: native says "
                              "%s (0x%x), m4 says %s (0x%x)",
                              assay_status_name(native), (unsigned)native,
                              assay_status_name(m4), (unsigned)m4);
    }
    if (!same) {
        return assay_diag_set(c->diag, ASSAY_ENGINE_DISAGREES,
                              "no verdict, the engines differ: both say %s, "
                              "but not what goes with it",
                              assay_status_name(native));
    }
    return native;
}

static int same_slice(struct assay_slice a, struct assay_slice b)
{
    return a.len == b.len && (a.len == 0 || a.p == b.p);
}

static int same_command(const struct assay_init_command *a,
                        const struct assay_init_command *b)
{
    int same = a->present == b->present && a->fw_version == b->fw_version &&
               a->hw_version == b->hw_version && a->type == b->type &&
               a->sd_size == b->sd_size && a->bl_size == b->bl_size &&
               a->app_size == b->app_size && a->is_debug == b->is_debug &&
               a->hash_type == b->hash_type && a->n_sd_req == b->n_sd_req &&
               a->n_validations == b->n_validations &&
               same_slice(a->hash, b->hash) && same_slice(a->sd_req, b->sd_req);
    for (size_t i = 0; i < ASSAY_VALIDATIONS_MAX && same; i++) {
        same = a->validation[i].type == b->validation[i].type &&
               same_slice(a->validation[i].bytes, b->validation[i].bytes);
    }
    return same;
}

/* --- Keys, packet, policy, start ------------------------------------------ */

enum assay_status assay_engine_keys(struct assay_engine *engine,
                                    const struct assay_key_table *keys,
                                    struct assay_diag *diag)
{
    enum assay_status native = ASSAY_FAILED;
    struct call c;
    if (runs_native(engine)) {
        native = assay_verifier_keys(keys);
    }
    if (!runs_m4(engine)) {
        return native;
    }
    begin(&c, engine, diag);
    const uint32_t arg[4] = {put_keys(&c, keys)};
    return agree(&c, native, run(&c, ASSAY_M4_verifier_keys, arg), 1);
}

static enum assay_status m4_packet(struct call *c, struct assay_slice packet,
                                   const struct assay_key_table *keys,
                                   struct assay_verdict *out)
{
    c->out_len = ASSAY_M4_VERDICT_LEN;
    assay_store_le32(c->out + ASSAY_M4_VERDICT_KEY_INDEX, out->key_index);
    uint32_t table = put_keys(c, keys);
    uint32_t start = put(c, packet);
    const uint32_t arg[4] = {start, (uint32_t)packet.len, table, ASSAY_M4_OUT};
    enum assay_status status = run(c, ASSAY_M4_verifier_packet, arg);
    if (assay_engine_failed(status)) {
        return status;
    }
    uint32_t index = assay_load_le32(c->out + ASSAY_M4_VERDICT_KEY_INDEX);
    if ((index >= keys->n_keys &&
         (index != out->key_index || status == ASSAY_OK)) ||
        (status == ASSAY_OK &&
         !load_command(c->out, packet, start, &out->command))) {
        return assay_diag_set(c->diag, ASSAY_ENGINE_FAILED,
                              "the machine code answers %s with a verdict "
                              "that does not fit the packet",
                              assay_status_name(status));
    }
    out->key_index = index;
    return status;
}

enum assay_status assay_engine_packet(struct assay_engine *engine,
                                      struct assay_slice packet,
                                      const struct assay_key_table *keys,
                                      struct assay_verdict *out,
                                      struct assay_diag *diag)
{
    enum assay_status native = ASSAY_FAILED;
    struct assay_verdict other = {.key_index = out->key_index};
    struct call c;
    if (runs_native(engine)) {
        native = assay_verifier_packet(packet, keys, out);
    }
    if (!runs_m4(engine)) {
        return native;
    }
    begin(&c, engine, diag);
    enum assay_status m4 = m4_packet(&c, packet, keys, &other);
    int same = out->key_index == other.key_index &&
               (m4 != ASSAY_OK || native != ASSAY_OK ||
                same_command(&out->command, &other.command));
    if (engine->kind == ASSAY_ENGINE_M4) {
        *out = other;
    }
    return agree(&c, native, m4, same);
}

enum assay_status assay_engine_policy(struct assay_engine *engine,
                                      const struct assay_init_command *command,
                                      const struct assay_device *device,
                                      struct assay_diag *diag)
{
    enum assay_status native = ASSAY_FAILED;
    struct call c;
    if (runs_native(engine)) {
        native = assay_verifier_policy(command, device);
    }
    if (!runs_m4(engine)) {
        return native;
    }
    const uint32_t word[ASSAY_M4_DEVICE_N_WORDS] = {
        device->hw_version,  device->softdevice,
        device->app_version, device->bootloader_version,
        device->image_room,  device->bootloader_room,
        device->flags};
    uint8_t bytes[ASSAY_M4_DEVICE_LEN];
    store_words(bytes, word, ASSAY_M4_DEVICE_N_WORDS);
    begin(&c, engine, diag);
    uint32_t at = put_command(&c, command);
    const uint32_t arg[4] = {at, put(&c, assay_slice(bytes, sizeof bytes))};
    return agree(&c, native, run(&c, ASSAY_M4_verifier_policy, arg), 1);
}

enum assay_status assay_engine_boot(struct assay_engine *engine,
                                    const struct assay_installed *installed,
                                    const struct assay_key_table *keys,
                                    struct assay_diag *diag)
{
    enum assay_status native = ASSAY_FAILED;
    struct call c;
    if (runs_native(engine)) {
        native = assay_verifier_boot(installed, keys);
    }
    if (!runs_m4(engine)) {
        return native;
    }
    uint8_t bytes[ASSAY_M4_INSTALLED_LEN] = {0};
    begin(&c, engine, diag);
    store_slice(bytes, put(&c, installed->packet), installed->packet.len);
    store_slice(bytes + ASSAY_M4_INSTALLED_IMAGE, put(&c, installed->image),
                installed->image.len);
    bytes[ASSAY_M4_INSTALLED_TYPE] = (uint8_t)installed->type;
    uint32_t at = put(&c, assay_slice(bytes, sizeof bytes));
    const uint32_t arg[4] = {at, put_keys(&c, keys)};
    return agree(&c, native, run(&c, ASSAY_M4_verifier_boot, arg), 1);
}

/* --- The image ------------------------------------------------------------ */

/*
 * A call with an image in r0. in: before, the state that both engines began
 * with; image, what native made of it.
 */
static enum assay_status agree_image(struct call *c, enum assay_m4_function f,
                                     struct assay_image *image,
                                     const struct assay_image *before,
                                     enum assay_status native)
{
    const uint32_t arg[4] = {ASSAY_M4_OUT, c->image_arg[0], c->image_arg[1]};
    uint8_t state[ASSAY_M4_IMAGE_LEN];
    store_image(c->out, before);
    c->out_len = sizeof state;
    enum assay_status m4 = run(c, f, arg);
    store_image(state, image);
    int same = memcmp(state, c->out, sizeof state) == 0;
    if (c->engine->kind == ASSAY_ENGINE_M4) {
        load_image(c->out, image);
    }
    return agree(c, native, m4, same);
}

enum assay_status assay_engine_image_start(
    struct assay_engine *engine, struct assay_image *image,
    const struct assay_init_command *command, struct assay_diag *diag)
{
    enum assay_status native = ASSAY_FAILED;
    struct assay_image before;
    struct call c;
    memset(image, 0, sizeof *image);
    before = *image;
    if (runs_native(engine)) {
        native = assay_verifier_image_start(image, command);
    }
    if (!runs_m4(engine)) {
        return native;
    }
    begin(&c, engine, diag);
    c.image_arg[0] = put_command(&c, command);
    return agree_image(&c, ASSAY_M4_verifier_image_start, image, &before,
                       native);
}

static enum assay_status update_piece(struct assay_engine *engine,
                                      struct assay_image *image,
                                      struct assay_slice bytes,
                                      struct assay_diag *diag)
{
    enum assay_status native = ASSAY_FAILED;
    struct assay_image before = *image;
    struct call c;
    if (runs_native(engine)) {
        native = assay_verifier_image_update(image, bytes);
    }
    if (!runs_m4(engine)) {
        return native;
    }
    begin(&c, engine, diag);
    c.image_arg[0] = put(&c, bytes);
    c.image_arg[1] = (uint32_t)bytes.len;
    return agree_image(&c, ASSAY_M4_verifier_image_update, image, &before,
                       native);
}

enum assay_status assay_engine_image_update(struct assay_engine *engine,
                                            struct assay_image *image,
                                            struct assay_slice bytes,
                                            struct assay_diag *diag)
{
    enum assay_status status;
    size_t off = 0;
    do {
        size_t len = bytes.len - off;
        len = len < PIECE_MAX ? len : PIECE_MAX;
        status =
            update_piece(engine, image, assay_slice_sub(bytes, off, len), diag);
        off += len;
    } while (status == ASSAY_OK && off < bytes.len);
    return status;
}

enum assay_status assay_engine_image_finish(struct assay_engine *engine,
                                            struct assay_image *image,
                                            struct assay_diag *diag)
{
    enum assay_status native = ASSAY_FAILED;
    struct assay_image before = *image;
    struct call c;
    if (runs_native(engine)) {
        native = assay_verifier_image_finish(image);
    }
    if (!runs_m4(engine)) {
        return native;
    }
    begin(&c, engine, diag);
    return agree_image(&c, ASSAY_M4_verifier_image_finish, image, &before,
                       native);
}

/* --- Known answers -------------------------------------------------------- */

enum assay_status assay_engine_initpkt_open(struct assay_engine *engine,
                                            struct assay_slice packet,
                                            struct assay_envelope *out,
                                            struct assay_diag *diag)
{
    struct call c;
    begin(&c, engine, diag);
    c.out_len = ASSAY_M4_ENVELOPE_LEN;
    uint32_t start = put(&c, packet);
    const uint32_t arg[4] = {start, (uint32_t)packet.len, ASSAY_M4_OUT};
    enum assay_status status = run(&c, ASSAY_M4_initpkt_open, arg);
    out->signature_type = assay_load_le32(c.out + ASSAY_M4_ENVELOPE_TYPE);
    if (!assay_engine_failed(status) &&
        !(load_slice(c.out, packet, start, &out->signed_bytes) &&
          load_slice(c.out + ASSAY_M4_ENVELOPE_SIGNATURE, packet, start,
                     &out->signature))) {
        return lost(diag);
    }
    return status;
}

enum assay_status assay_engine_initpkt_read(struct assay_engine *engine,
                                            struct assay_slice signed_bytes,
                                            struct assay_init_command *out,
                                            struct assay_diag *diag)
{
    struct call c;
    begin(&c, engine, diag);
    c.out_len = ASSAY_M4_COMMAND_LEN;
    uint32_t start = put(&c, signed_bytes);
    const uint32_t arg[4] = {start, (uint32_t)signed_bytes.len, ASSAY_M4_OUT};
    enum assay_status status = run(&c, ASSAY_M4_initpkt_read, arg);
    if (status == ASSAY_OK && !load_command(c.out, signed_bytes, start, out)) {
        return lost(diag);
    }
    return status;
}

enum assay_status assay_engine_p256(struct assay_engine *engine,
                                    const uint8_t pub[static 64],
                                    const uint8_t digest[static 32],
                                    const uint8_t sig[static 64],
                                    struct assay_diag *diag)
{
    struct call c;
    begin(&c, engine, diag);
    uint32_t key = put(&c, assay_slice(pub, 64));
    uint32_t hash = put(&c, assay_slice(digest, 32));
    const uint32_t arg[4] = {key, hash, put(&c, assay_slice(sig, 64))};
    return run(&c, ASSAY_M4_p256_verify, arg);
}

enum assay_status assay_engine_ed25519(struct assay_engine *engine,
                                       const uint8_t pub[static 32],
                                       struct assay_slice msg,
                                       const uint8_t sig[static 64],
                                       struct assay_diag *diag)
{
    struct call c;
    begin(&c, engine, diag);
    uint32_t key = put(&c, assay_slice(pub, 32));
    uint32_t text = put(&c, msg);
    const uint32_t arg[4] = {key, text, (uint32_t)msg.len,
                             put(&c, assay_slice(sig, 64))};
    return run(&c, ASSAY_M4_ed25519_verify, arg);
}

/* The context is in c->out; the digest is written behind it. */
#define DIGEST_OFF 0x100u

/* One call of init, update or final. */
static void hash_step(struct call *c, enum assay_m4_function function,
                      uint32_t r1, uint32_t r2)
{
    const uint32_t arg[4] = {ASSAY_M4_OUT, r1, r2};
    /* These functions answer nothing: what is in r0 has no meaning. */
    struct assay_diag diag = {0};
    struct assay_diag *callers = c->diag;
    c->diag = &diag;
    (void)run(c, function, arg);
    c->diag = callers;
    if (c->status == ASSAY_OK && diag.status != 0) {
        c->status = assay_diag_set(callers, diag.status, "%s", diag.text);
    }
}

struct hash {
    enum assay_m4_function init;
    enum assay_m4_function update;
    enum assay_m4_function final;
    size_t digest_len;
};

/* The message goes in pieces of repetitions. */
static enum assay_status hash(struct call *c, const struct hash *h,
                              struct assay_slice msg, uint32_t repeat,
                              uint8_t *digest)
{
    size_t most = msg.len != 0 ? PIECE_MAX / msg.len + 1 : repeat;
    c->out_len = sizeof c->out;
    hash_step(c, h->init, 0, 0);
    while (repeat != 0 && c->status == ASSAY_OK) {
        size_t n = repeat < most ? repeat : most;
        for (size_t i = 0; i < n && c->status == ASSAY_OK && msg.len != 0;
             i++) {
            c->status = assay_buffer_append(&c->in, msg, c->diag);
        }
        hash_step(c, h->update, ASSAY_M4_IN, (uint32_t)c->in.len);
        repeat -= (uint32_t)n;
    }
    hash_step(c, h->final, ASSAY_M4_OUT + DIGEST_OFF, 0);
    memset(digest, 0, h->digest_len);
    if (c->status == ASSAY_OK) {
        memcpy(digest, c->out + DIGEST_OFF, h->digest_len);
    }
    return c->status;
}

enum assay_status assay_engine_sha256(struct assay_engine *engine,
                                      struct assay_slice msg, uint32_t repeat,
                                      uint8_t digest[static 32],
                                      struct assay_diag *diag)
{
    static const struct hash SHA256 = {ASSAY_M4_sha256_init,
                                       ASSAY_M4_sha256_update,
                                       ASSAY_M4_sha256_final, 32};
    struct call c;
    begin(&c, engine, diag);
    return hash(&c, &SHA256, msg, repeat, digest);
}

enum assay_status assay_engine_sha512(struct assay_engine *engine,
                                      struct assay_slice msg, uint32_t repeat,
                                      uint8_t digest[static 64],
                                      struct assay_diag *diag)
{
    static const struct hash SHA512 = {ASSAY_M4_sha512_init,
                                       ASSAY_M4_sha512_update,
                                       ASSAY_M4_sha512_final, 64};
    struct call c;
    begin(&c, engine, diag);
    return hash(&c, &SHA512, msg, repeat, digest);
}
