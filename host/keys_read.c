/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/keys.h"

#include <string.h>
#include <sys/stat.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium.h>

#include "base/bytes.h"
#include "host/file.h"
#include "host/keys_parts.h"
#include "host/text.h"

/*
 * Key files: which form one has, PEM, and the forms that only public keys
 * have. OpenSSL opens the PEM armour and its older encryption; whatever held a
 * secret is wiped.
 */

/* A key file has at most a private key, its parameters and a public key. */
enum { PEM_BLOCKS_MAX = 16 };

/* One block of a PEM file, in memory that OpenSSL wipes when it frees. */
struct pem_block {
    char *label;
    char *header;
    unsigned char *data;
    long len;
    size_t room; /* what len was before decryption made it shorter */
};

static void pem_free(struct pem_block *block)
{
    OPENSSL_secure_free(block->label);
    OPENSSL_secure_free(block->header);
    OPENSSL_secure_clear_free(block->data, block->room);
    *block = (struct pem_block){0};
}

struct pem_label {
    const char *label;
    enum assay_key_shape shape; /* ASSAY_SHAPE_UNKNOWN: says nothing, skipped */
};

static const struct pem_label LABELS[] = {
    {"PUBLIC KEY", ASSAY_SHAPE_SPKI},
    {"EC PRIVATE KEY", ASSAY_SHAPE_SEC1},
    {"PRIVATE KEY", ASSAY_SHAPE_PKCS8},
    {"ENCRYPTED PRIVATE KEY", ASSAY_SHAPE_ENCRYPTED},
    {"EC PARAMETERS", ASSAY_SHAPE_UNKNOWN},
};

static enum assay_status label_shape(const char *label,
                                     enum assay_key_shape *shape,
                                     struct assay_diag *diag)
{
    for (size_t i = 0; i < ASSAY_N_OF(LABELS); i++) {
        if (strcmp(label, LABELS[i].label) == 0) {
            *shape = LABELS[i].shape;
            return ASSAY_OK;
        }
    }
    int foreign = strncmp(label, "RSA ", 4) == 0 ||
                  strncmp(label, "DSA ", 4) == 0 ||
                  strncmp(label, "DH ", 3) == 0;
    return assay_diag_set(
        diag, foreign ? ASSAY_KEYFILE_ALGORITHM : ASSAY_KEYFILE_FORMAT,
        "found the PEM block \"%.60s\", expected a PUBLIC "
        "KEY, PRIVATE KEY or EC PRIVATE KEY",
        label);
}

/* OpenSSL's question for a passphrase, answered without a prompt. */
static int answer_pass(char *buffer, int size, int writing, void *ctx)
{
    const struct assay_passphrase *pass = ctx;
    (void)writing;
    if (size < 0 || pass->bytes.len > (size_t)size) {
        return -1;
    }
    if (pass->bytes.len != 0) {
        memcpy(buffer, pass->bytes.p, pass->bytes.len);
    }
    return (int)pass->bytes.len;
}

/* Undo the encryption of older PEM files, which a header line announces. */
static enum assay_status pem_decrypt(struct pem_block *block,
                                     const struct assay_passphrase *pass,
                                     struct assay_diag *diag)
{
    EVP_CIPHER_INFO cipher;
    if (PEM_get_EVP_CIPHER_INFO(block->header, &cipher) != 1 ||
        cipher.cipher == NULL ||
        EVP_CIPHER_get_mode(cipher.cipher) != EVP_CIPH_CBC_MODE) {
        return assay_diag_set(diag, ASSAY_KEYFILE_FORMAT,
                              "found unknown PEM header lines, expected none, "
                              "or Proc-Type and DEK-Info of a CBC cipher");
    }
    enum assay_status status = assay_keys_check_passphrase(pass, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    struct assay_passphrase own = *pass;
    if (PEM_do_header(&cipher, block->data, &block->len, answer_pass, &own) !=
        1) {
        return assay_keys_wrong_passphrase(diag);
    }
    return ASSAY_OK;
}

/* in: out->halves is NONE; it stays so when the block holds no key. */
static enum assay_status read_block(struct pem_block *block,
                                    const struct assay_passphrase *pass,
                                    struct assay_key_content *out,
                                    struct assay_diag *diag)
{
    enum assay_key_shape shape = ASSAY_SHAPE_UNKNOWN;
    enum assay_status status = label_shape(block->label, &shape, diag);
    if (status != ASSAY_OK || shape == ASSAY_SHAPE_UNKNOWN) {
        return status;
    }
    int encrypted = block->header[0] != 0;
    if (encrypted) {
        status = pem_decrypt(block, pass, diag);
    }
    if (status != ASSAY_OK) {
        return status;
    }
    if (block->len < 0) {
        return assay_keys_broken(diag, block->label);
    }
    status = assay_keys_read_der(
        shape, assay_slice(block->data, (size_t)block->len), pass, out, diag);
    if (encrypted && status == ASSAY_KEYFILE_FORMAT) {
        return assay_keys_wrong_passphrase(diag);
    }
    return status;
}

/* A second key in a file must be the same key; a private half is kept. */
static enum assay_status merge(struct assay_key_content *all,
                               const struct assay_key_content *one,
                               struct assay_diag *diag)
{
    const struct assay_public_key *a = &all->key.public_key;
    const struct assay_public_key *b = &one->key.public_key;
    if (all->halves != ASSAY_HALVES_NONE && one->halves != ASSAY_HALVES_NONE &&
        (a->algorithm != b->algorithm ||
         memcmp(a->bytes, b->bytes, sizeof a->bytes) != 0)) {
        return assay_diag_set(diag, ASSAY_KEYFILE_FORMAT,
                              "found two different keys, expected one");
    }
    if (one->halves > all->halves) {
        *all = *one;
    }
    return ASSAY_OK;
}

/* ret: 1 when a block was read, 0 at the end, -1 when a block is damaged. */
static int pem_next(BIO *bio, struct pem_block *block)
{
    ERR_clear_error();
    if (PEM_read_bio_ex(bio, &block->label, &block->header, &block->data,
                        &block->len,
                        PEM_FLAG_SECURE | PEM_FLAG_EAY_COMPATIBLE) == 1) {
        block->room = block->len > 0 ? (size_t)block->len : 0;
        return 1;
    }
    *block = (struct pem_block){0};
    unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM &&
                   ERR_GET_REASON(error) == PEM_R_NO_START_LINE
               ? 0
               : -1;
}

static enum assay_status read_pem(struct assay_slice data,
                                  const struct assay_passphrase *pass,
                                  struct assay_key_content *out,
                                  struct assay_diag *diag)
{
    BIO *bio = BIO_new_mem_buf(data.p, (int)data.len);
    if (bio == NULL) {
        return assay_keys_openssl_failed(diag);
    }
    enum assay_status status = ASSAY_OK;
    int more = 1;
    for (int i = 0; status == ASSAY_OK && more == 1 && i < PEM_BLOCKS_MAX;
         i++) {
        struct pem_block block = {0};
        struct assay_key_content one = {0};
        more = pem_next(bio, &block);
        if (more == 1) {
            status = read_block(&block, pass, &one, diag);
        }
        if (status == ASSAY_OK) {
            status = merge(out, &one, diag);
        }
        pem_free(&block);
        sodium_memzero(&one, sizeof one);
    }
    (void)BIO_free(bio);
    if (status == ASSAY_OK && more == -1) {
        return assay_diag_set(diag, ASSAY_KEYFILE_FORMAT,
                              "a PEM block is cut short or damaged");
    }
    if (status == ASSAY_OK && (more == 1 || out->halves == ASSAY_HALVES_NONE)) {
        return assay_diag_set(diag, ASSAY_KEYFILE_FORMAT,
                              "found %s, expected one PEM block with a key",
                              more == 1 ? "too many PEM blocks" : "no key");
    }
    return status;
}

/* ret: 1 and *off behind the first place where text stands, or 0. */
static int find_text(struct assay_slice data, const char *text, size_t *off)
{
    size_t len = strlen(text);
    for (size_t i = 0; len <= data.len && i <= data.len - len; i++) {
        if (memcmp(data.p + i, text, len) == 0) {
            *off = i + len;
            return 1;
        }
    }
    return 0;
}

static int is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* X and Y in either byte order: at most one of the two is on the curve. */
static enum assay_status set_public_pair(const uint8_t pair[static 64],
                                         struct assay_public_key *out,
                                         struct assay_diag *diag)
{
    uint8_t point[65] = {4};
    assay_reverse(point + 1, pair, 32);
    assay_reverse(point + 33, pair + 32, 32);
    struct assay_diag tried = {0};
    enum assay_status status = assay_keys_set_public(
        ASSAY_P256, assay_slice(point, sizeof point), out, &tried);
    if (status == ASSAY_KEY_INVALID) {
        memcpy(point + 1, pair, 64);
        status = assay_keys_set_public(
            ASSAY_P256, assay_slice(point, sizeof point), out, &tried);
    }
    if (status != ASSAY_OK && status != ASSAY_KEY_INVALID) {
        return assay_diag_set(diag, status, "%s", tried.text);
    }
    if (status == ASSAY_KEY_INVALID) {
        return assay_diag_set(diag, ASSAY_KEY_INVALID,
                              "the 64 bytes are not a point of the curve P-256 "
                              "in either byte order");
    }
    return status;
}

/* Bytes without any structure: their number tells what they are. */
static enum assay_status set_public_raw(struct assay_slice raw,
                                        struct assay_public_key *out,
                                        struct assay_diag *diag)
{
    if (raw.len == 64) {
        return set_public_pair(raw.p, out, diag);
    }
    return assay_keys_set_public(raw.len == 32 ? ASSAY_ED25519 : ASSAY_P256,
                                 raw, out, diag);
}

static int is_raw_len(size_t len)
{
    return len == 32 || len == 64 || len == 65;
}

/* The bytes of a text form: at most a whole uncompressed point. */
struct text_bytes {
    uint8_t bytes[65];
    size_t len;
};

/*
 * Hex digits with white space anywhere, behind nrfutil's heading line when
 * it is there. A private key's heading is no hex digit, so it is refused.
 */
static int text_hex(struct assay_slice data, struct text_bytes *out)
{
    size_t start = 0;
    (void)find_text(data, "Public (verification) key pk:", &start);
    size_t n_digits = 0;
    for (size_t i = start; i < data.len; i++) {
        int value = assay_text_hex_digit(data.p[i]);
        if (is_space(data.p[i])) {
            continue;
        }
        if (value < 0 || n_digits == 2 * sizeof out->bytes) {
            return 0;
        }
        unsigned high = n_digits % 2 == 0 ? 0 : out->bytes[n_digits / 2];
        out->bytes[n_digits / 2] = (uint8_t)(high << 4 | (unsigned)value);
        n_digits++;
    }
    out->len = n_digits / 2;
    return n_digits % 2 == 0 && is_raw_len(out->len);
}

/* Take white space, then the characters of text, off the front of *s. */
static int take_text(struct assay_slice *s, const char *text)
{
    while (s->len != 0 && is_space(s->p[0])) {
        *s = assay_slice_sub(*s, 1, s->len - 1);
    }
    size_t len = strlen(text);
    if (s->len < len || memcmp(s->p, text, len) != 0) {
        return 0;
    }
    *s = assay_slice_sub(*s, len, s->len - len);
    return 1;
}

/* A byte as C code has it: 0x and one or two hex digits. */
static int take_byte(struct assay_slice *s, uint8_t *byte)
{
    if (!take_text(s, "0x") && !take_text(s, "0X")) {
        return 0;
    }
    unsigned value = 0;
    size_t n = 0;
    while (n < 2 && n < s->len && assay_text_hex_digit(s->p[n]) >= 0) {
        value = value << 4 | (unsigned)assay_text_hex_digit(s->p[n]);
        n++;
    }
    *s = assay_slice_sub(*s, n, s->len - n);
    *byte = (uint8_t)value;
    return n != 0;
}

/* `pk[64] = { 0x.., ... }` somewhere in C code; the length may be absent. */
static int text_code(struct assay_slice data, struct text_bytes *out)
{
    size_t start = 0;
    if (!find_text(data, " pk[", &start)) {
        return 0;
    }
    struct assay_slice s = assay_slice_sub(data, start, data.len - start);
    while (s.len != 0 && s.p[0] >= '0' && s.p[0] <= '9') {
        s = assay_slice_sub(s, 1, s.len - 1);
    }
    if (!take_text(&s, "]") || !take_text(&s, "=") || !take_text(&s, "{")) {
        return 0;
    }
    out->len = 0;
    while (out->len < 64 && take_byte(&s, &out->bytes[out->len])) {
        out->len++;
        if (!take_text(&s, ",")) {
            break;
        }
    }
    return take_text(&s, "}") && (out->len == 64 || out->len == 32);
}

/* The forms that only public keys have. */
static enum assay_status read_plain(struct assay_slice data,
                                    struct assay_public_key *out,
                                    struct assay_diag *diag)
{
    struct text_bytes text = {{0}, 0};
    if (text_hex(data, &text) || text_code(data, &text)) {
        return set_public_raw(assay_slice(text.bytes, text.len), out, diag);
    }
    if (is_raw_len(data.len)) {
        return set_public_raw(data, out, diag);
    }
    return assay_diag_set(diag, ASSAY_KEYFILE_FORMAT,
                          "found %zu bytes in no known form, expected PEM, "
                          "DER, hex digits, C code, or 32, 64 or 65 bytes",
                          data.len);
}

/* out: *out is wiped unless the result is ASSAY_OK. */
static enum assay_status read_any(struct assay_slice data,
                                  const struct assay_passphrase *pass,
                                  struct assay_key_content *out,
                                  struct assay_diag *diag)
{
    *out = (struct assay_key_content){0};
    if (data.len > ASSAY_KEY_FILE_MAX) {
        return assay_diag_set(diag, ASSAY_KEYFILE_FORMAT,
                              "found %zu bytes, expected at most %zu", data.len,
                              ASSAY_KEY_FILE_MAX);
    }
    size_t off;
    enum assay_status status;
    enum assay_key_shape shape = assay_keys_shape(data);
    if (find_text(data, "-----BEGIN ", &off)) {
        /* From the first block on: a byte order mark may stand before it. */
        off -= strlen("-----BEGIN ");
        status = read_pem(assay_slice_sub(data, off, data.len - off), pass, out,
                          diag);
    } else if (shape != ASSAY_SHAPE_UNKNOWN) {
        status = assay_keys_read_der(shape, data, pass, out, diag);
    } else {
        out->halves = ASSAY_HALVES_PUBLIC;
        status = read_plain(data, &out->key.public_key, diag);
    }
    ERR_clear_error();
    if (status != ASSAY_OK) {
        sodium_memzero(out, sizeof *out);
    }
    return status;
}

enum assay_status assay_public_key_parse(struct assay_slice data,
                                         struct assay_public_key *out,
                                         struct assay_diag *diag)
{
    struct assay_key_content content;
    enum assay_status status = read_any(data, NULL, &content, diag);
    *out = content.key.public_key;
    sodium_memzero(&content, sizeof content);
    return status;
}

enum assay_status assay_private_key_parse(struct assay_slice data,
                                          const struct assay_passphrase *pass,
                                          struct assay_private_key *out,
                                          struct assay_diag *diag)
{
    struct assay_key_content content;
    enum assay_status status = read_any(data, pass, &content, diag);
    if (status == ASSAY_OK && content.halves != ASSAY_HALVES_BOTH) {
        status = assay_diag_set(diag, ASSAY_KEYFILE_PUBLIC,
                                "found a public key, expected a private one");
    }
    *out = (struct assay_private_key){0};
    if (status == ASSAY_OK) {
        *out = content.key;
    }
    sodium_memzero(&content, sizeof content);
    return status;
}

/* Put the path in front of what a parser reported. */
static enum assay_status with_path(enum assay_status status, const char *path,
                                   struct assay_diag *diag)
{
    if (status != ASSAY_OK && diag != NULL) {
        (void)assay_diag_prefix(diag, "%s: ", path);
    }
    return status;
}

enum assay_status assay_public_key_load(const char *path,
                                        struct assay_public_key *out,
                                        struct assay_diag *diag)
{
    *out = (struct assay_public_key){0};
    struct assay_buffer file;
    enum assay_status status =
        assay_file_read(path, ASSAY_KEY_FILE_MAX, &file, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    status = assay_public_key_parse(assay_buffer_slice(&file), out, diag);
    assay_buffer_wipe(&file);
    return with_path(status, path, diag);
}

enum assay_status assay_private_key_load(const char *path,
                                         const struct assay_passphrase *pass,
                                         struct assay_private_key *out,
                                         struct assay_diag *diag)
{
    *out = (struct assay_private_key){0};
    struct assay_buffer file;
    enum assay_status status =
        assay_file_read(path, ASSAY_KEY_FILE_MAX, &file, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    status =
        assay_private_key_parse(assay_buffer_slice(&file), pass, out, diag);
    assay_buffer_wipe(&file);
    return with_path(status, path, diag);
}

int assay_private_key_stands_at(const char *path,
                                const struct assay_public_key *same)
{
    struct stat st;
    struct assay_diag ignored = {0};
    struct assay_private_key key;
    if (strcmp(path, "-") == 0 || stat(path, &st) != 0 ||
        !S_ISREG(st.st_mode)) {
        return 0;
    }
    enum assay_status status =
        assay_private_key_load(path, NULL, &key, &ignored);
    int other =
        status == ASSAY_KEYFILE_PASSPHRASE ||
        (status == ASSAY_OK &&
         (same == NULL || memcmp(same, &key.public_key, sizeof *same) != 0));
    assay_private_key_wipe(&key);
    return other;
}
