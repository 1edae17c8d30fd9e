/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/vectors.h"

#include "host/text.h"

/*
 * The reader. A file is lines that end with LF, of printable ASCII:
 * `key = value`, or `key =` for an empty value; an empty line ends a record;
 * a line that begins with # is a comment. What is not of this form is an
 * error, so that a damaged file cannot pass for a shorter or an easier one.
 */

/* Words parted by one space. */
static const char HEAD_KEYS[] = "format kind count licence generator source";
static const char COMMON_REQUIRED[] = "id why rule src want";
static const char COMMON_OPTIONAL[] = "also flags";

struct kind {
    const char *name;
    const char *required;
    const char *optional;
};

#define TABLE_OPTIONAL "key_0 key_1 key_2 key_3"
#define FIELDS_OPTIONAL                                                        \
    "step signed signature signature_type fw_version hw_version sd_req type "  \
    "sd_size bl_size app_size hash_type hash is_debug validations"
#define DEVICE_REQUIRED                                                        \
    "hw_version softdevice app_version bootloader_version image_room "         \
    "bootloader_room switches"

static const struct kind KINDS[] = {
    {"initpkt", "packet", FIELDS_OPTIONAL},
    {"keys", "table_flags", TABLE_OPTIONAL},
    {"packet", "table_flags packet", TABLE_OPTIONAL " key_index"},
    {"policy", "table_flags packet " DEVICE_REQUIRED, TABLE_OPTIONAL},
    {"image", "packet image calls answers", ""},
    {"boot", "table_flags packet image installed", TABLE_OPTIONAL},
    {"p256", "digest pub sig", "msg"},
    {"ed25519", "msg pub sig", ""},
    {"sha256", "msg", "repeat"},
    {"sha512", "msg", "repeat"},
};

/* Take the next word of a list. ret: 0 when there is none. */
static int next_word(const char **list, struct assay_slice *word)
{
    size_t len = strcspn(*list, " ");
    if (len == 0) {
        return 0;
    }
    *word = assay_slice((const uint8_t *)*list, len);
    *list += len + ((*list)[len] == ' ');
    return 1;
}

static int lists(const char *list, struct assay_slice key)
{
    struct assay_slice word;
    while (next_word(&list, &word)) {
        if (assay_text_equal(word, key)) {
            return 1;
        }
    }
    return 0;
}

static const struct assay_slice *find(const struct assay_vectors_record *record,
                                      struct assay_slice key)
{
    for (size_t i = 0; i < record->n_fields; i++) {
        if (assay_text_equal(record->field[i].key, key)) {
            return &record->field[i].value;
        }
    }
    return NULL;
}

const struct assay_slice *assay_vectors_get(
    const struct assay_vectors_record *record, const char *key)
{
    return find(record, assay_text_slice(key));
}

static enum assay_status damaged(const struct assay_vectors_reader *reader,
                                 struct assay_diag *diag, const char *what)
{
    return assay_diag_set(diag, ASSAY_FORMAT_DAMAGED, "line %u: %s",
                          reader->line, what);
}

/* The next line without its LF. in: reader->off < reader->text.len */
static enum assay_status read_line(struct assay_vectors_reader *reader,
                                   struct assay_slice *line,
                                   struct assay_diag *diag)
{
    size_t from = reader->off;
    size_t len = 0;
    reader->line++;
    while (from + len < reader->text.len &&
           reader->text.p[from + len] != '\n') {
        uint8_t c = reader->text.p[from + len];
        if (c < ' ' || c > '~') {
            return damaged(reader, diag, "a byte that is not printable ASCII");
        }
        len++;
        if (len > ASSAY_VECTORS_LINE_MAX) {
            return damaged(reader, diag, "longer than 16384 characters");
        }
    }
    if (from + len == reader->text.len) {
        return damaged(reader, diag, "the last line does not end");
    }
    *line = assay_slice_sub(reader->text, from, len);
    reader->off = from + len + 1;
    return ASSAY_OK;
}

static int is_key_character(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Put the line into the record. */
static enum assay_status add_field(struct assay_vectors_reader *reader,
                                   struct assay_slice line,
                                   struct assay_diag *diag)
{
    struct assay_vectors_record *record = &reader->record;
    size_t n = 0;
    while (n < line.len && is_key_character(line.p[n])) {
        n++;
    }
    struct assay_slice key = assay_slice_sub(line, 0, n);
    if (n == 0 || line.len - n < 2 || memcmp(line.p + n, " =", 2) != 0) {
        return damaged(reader, diag, "not of the form `key = value`");
    }
    struct assay_slice value = assay_slice_sub(line, n + 2, line.len - n - 2);
    if (value.len > 0) {
        if (value.len < 2 || value.p[0] != ' ' || value.p[1] == ' ' ||
            value.p[value.len - 1] == ' ') {
            return damaged(reader, diag,
                           "not one space before the value, or "
                           "one behind it");
        }
        value = assay_slice_sub(value, 1, value.len - 1);
    }
    if (find(record, key) != NULL) {
        return damaged(reader, diag, "a key stands twice in one record");
    }
    if (record->n_fields == ASSAY_VECTORS_FIELDS_MAX) {
        return damaged(reader, diag, "more than 32 keys in one record");
    }
    if (record->n_fields == 0) {
        record->line = reader->line;
    }
    record->field[record->n_fields].key = key;
    record->field[record->n_fields].value = value;
    record->n_fields++;
    return ASSAY_OK;
}

/* The lines up to an empty one or the end of the file. */
static enum assay_status read_record(struct assay_vectors_reader *reader,
                                     struct assay_diag *diag)
{
    int is_first = 1;
    reader->record.n_fields = 0;
    while (reader->off < reader->text.len) {
        struct assay_slice line = {NULL, 0};
        enum assay_status status = read_line(reader, &line, diag);
        if (status != ASSAY_OK) {
            return status;
        }
        if (line.len == 0) {
            return reader->record.n_fields > 0
                       ? ASSAY_OK
                       : damaged(reader, diag, "an empty record");
        }
        is_first = 0;
        if (line.p[0] == '#') {
            continue;
        }
        status = add_field(reader, line, diag);
        if (status != ASSAY_OK) {
            return status;
        }
    }
    if (is_first == 0 && reader->record.n_fields == 0) {
        return damaged(reader, diag, "an empty record");
    }
    return ASSAY_OK;
}

static enum assay_status require(const struct assay_vectors_reader *reader,
                                 const char *list, struct assay_diag *diag)
{
    struct assay_slice word;
    while (next_word(&list, &word)) {
        if (find(&reader->record, word) == NULL) {
            return assay_diag_set(diag, ASSAY_FORMAT_DAMAGED,
                                  "the record that ends at line %u has no "
                                  "`%.*s`",
                                  reader->line, (int)word.len,
                                  (const char *)word.p);
        }
    }
    return ASSAY_OK;
}

static const struct kind *kind_of(struct assay_slice name)
{
    for (size_t i = 0; i < ASSAY_N_OF(KINDS); i++) {
        if (assay_text_equal(name, assay_text_slice(KINDS[i].name))) {
            return &KINDS[i];
        }
    }
    return NULL;
}

/* A decimal number without leading zeros; ret: 0 when it is none. */
static int read_count(struct assay_slice text, size_t *count)
{
    size_t n = 0;
    if (text.len == 0 || text.len > 5 || text.p[0] == '0') {
        return 0;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') {
            return 0;
        }
        n = n * 10 + (size_t)(text.p[i] - '0');
    }
    *count = n;
    return n <= ASSAY_VECTORS_COUNT_MAX;
}

enum assay_status assay_vectors_open(struct assay_slice text,
                                     struct assay_vectors_reader *out,
                                     struct assay_diag *diag)
{
    memset(out, 0, sizeof *out);
    out->text = text;
    enum assay_status status = read_record(out, diag);
    if (status == ASSAY_OK) {
        status = require(out, HEAD_KEYS, diag);
    }
    if (status != ASSAY_OK) {
        return status;
    }
    for (size_t i = 0; i < out->record.n_fields; i++) {
        if (!lists(HEAD_KEYS, out->record.field[i].key)) {
            return damaged(out, diag, "the head has an unknown key");
        }
    }
    if (!assay_text_equal(*assay_vectors_get(&out->record, "format"),
                          assay_text_slice("1"))) {
        return damaged(out, diag, "the format is not 1");
    }
    out->kind = *assay_vectors_get(&out->record, "kind");
    if (kind_of(out->kind) == NULL) {
        return damaged(out, diag, "the head names an unknown kind");
    }
    if (!read_count(*assay_vectors_get(&out->record, "count"), &out->count)) {
        return damaged(out, diag, "the count is not a number from 1 to 65535");
    }
    return ASSAY_OK;
}

static enum assay_status check_keys(const struct assay_vectors_reader *reader,
                                    struct assay_diag *diag)
{
    const struct kind *kind = kind_of(reader->kind);
    enum assay_status status = require(reader, COMMON_REQUIRED, diag);
    if (status == ASSAY_OK) {
        status = require(reader, kind->required, diag);
    }
    for (size_t i = 0; status == ASSAY_OK && i < reader->record.n_fields; i++) {
        struct assay_slice key = reader->record.field[i].key;
        if (!lists(COMMON_REQUIRED, key) && !lists(COMMON_OPTIONAL, key) &&
            !lists(kind->required, key) && !lists(kind->optional, key)) {
            return assay_diag_set(diag, ASSAY_FORMAT_DAMAGED,
                                  "the record that ends at line %u has the "
                                  "key `%.*s`, which kind %s does not know",
                                  reader->line, (int)key.len,
                                  (const char *)key.p, kind->name);
        }
    }
    return status;
}

enum assay_status assay_vectors_next(struct assay_vectors_reader *reader,
                                     struct assay_diag *diag)
{
    enum assay_status status = read_record(reader, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    if (reader->record.n_fields == 0) {
        return reader->n_records == reader->count
                   ? ASSAY_OK
                   : damaged(reader, diag,
                             "fewer records than the head counts");
    }
    reader->n_records++;
    if (reader->n_records > reader->count) {
        return damaged(reader, diag, "more records than the head counts");
    }
    return check_keys(reader, diag);
}
