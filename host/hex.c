/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/hex.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

/*
 * A record in bytes: length, address (big-endian 16 bit), type, data,
 * checksum. In text it is ':' and two digits for each byte.
 */
#define RECORD_OVERHEAD ((size_t)5)
#define RECORD_MAX (RECORD_OVERHEAD + 255)
#define RECORD_MIN_TEXT ((size_t)11)
#define ROW_LEN ((size_t)16)
#define SEGMENT_LEN ((uint64_t)0x10000)
#define ADDRESS_END ((uint64_t)1 << 32)

enum record_type {
    RECORD_DATA = 0,
    RECORD_END = 1,
    RECORD_SEGMENT_BASE = 2,
    RECORD_SEGMENT_START = 3,
    RECORD_LINEAR_BASE = 4,
    RECORD_LINEAR_START = 5,
};

struct record {
    size_t data_len;
    uint32_t address;
    uint8_t type;
    const uint8_t *data;
    uint8_t bytes[RECORD_MAX];
};

/* The data of one record: raw[raw_off .. raw_off + len) goes to address. */
struct chunk {
    uint32_t address;
    uint32_t raw_off;
    uint32_t line;
    uint32_t len;
};

/*
 * While reading: n_chunks < chunk capacity and raw_len < raw capacity hold
 * because both arrays are sized for the most records and bytes that the text
 * can have.
 */
struct reader {
    struct assay_slice text;
    size_t off;
    uint32_t line;
    uint64_t base;
    enum record_type base_type;
    struct chunk *chunks;
    size_t n_chunks;
    uint8_t *raw;
    size_t raw_len;
    struct assay_hex *hex;
    struct assay_diag *diag;
};

/* The next line without its end; in: reader->off < reader->text.len. */
static struct assay_slice next_line(struct reader *r)
{
    struct assay_slice rest =
        assay_slice_sub(r->text, r->off, r->text.len - r->off);
    const uint8_t *end = memchr(rest.p, '\n', rest.len);
    size_t len = end == NULL ? rest.len : (size_t)(end - rest.p);
    r->off += end == NULL ? len : len + 1;
    r->line++;
    if (end != NULL && len != 0 && rest.p[len - 1] == '\r') {
        len--;
    }
    return assay_slice_sub(rest, 0, len);
}

/* ret: the value of a hex digit, or -1. */
static int digit_value(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return -1;
}

/* The bytes of a line of digit pairs behind ':', at most RECORD_MAX. */
static enum assay_status decode_digits(const struct reader *r,
                                       struct assay_slice line,
                                       struct record *record, size_t *n_bytes)
{
    if (line.len == 0) {
        return assay_diag_set(r->diag, ASSAY_HEX_SYNTAX,
                              "line %u is empty, expected a record", r->line);
    }
    if (line.p[0] != ':') {
        return assay_diag_set(r->diag, ASSAY_HEX_SYNTAX,
                              "line %u starts with byte 0x%02X, expected ':'",
                              r->line, line.p[0]);
    }
    size_t n_digits = line.len - 1;
    for (size_t i = 0; i < n_digits && i < RECORD_MAX * 2; i++) {
        int value = digit_value(line.p[1 + i]);
        if (value < 0) {
            return assay_diag_set(r->diag, ASSAY_HEX_SYNTAX,
                                  "line %u, column %zu: byte 0x%02X, expected "
                                  "a hexadecimal digit",
                                  r->line, i + 2, line.p[1 + i]);
        }
        uint8_t high = i % 2 == 0 ? 0 : record->bytes[i / 2];
        record->bytes[i / 2] = (uint8_t)(high << 4 | value);
    }
    if (n_digits % 2 != 0 || n_digits > RECORD_MAX * 2) {
        return assay_diag_set(
            r->diag, ASSAY_HEX_SYNTAX,
            "line %u has %zu digits, expected an even number up to %zu",
            r->line, n_digits, RECORD_MAX * 2);
    }
    *n_bytes = n_digits / 2;
    return ASSAY_OK;
}

static enum assay_status decode_record(const struct reader *r,
                                       struct assay_slice line,
                                       struct record *record)
{
    size_t n_bytes = 0;
    enum assay_status status = decode_digits(r, line, record, &n_bytes);
    if (status != ASSAY_OK) {
        return status;
    }
    if (n_bytes < RECORD_OVERHEAD) {
        return assay_diag_set(
            r->diag, ASSAY_HEX_RECORD,
            "line %u: a record of %zu bytes, expected at least %zu", r->line,
            n_bytes, RECORD_OVERHEAD);
    }
    record->data_len = n_bytes - RECORD_OVERHEAD;
    if (record->bytes[0] != record->data_len) {
        return assay_diag_set(r->diag, ASSAY_HEX_RECORD,
                              "line %u: the record announces %u data bytes "
                              "and has %zu",
                              r->line, record->bytes[0], record->data_len);
    }
    uint8_t sum = 0;
    for (size_t i = 0; i < n_bytes - 1; i++) {
        sum = (uint8_t)(sum + record->bytes[i]);
    }
    uint8_t wanted = (uint8_t)(0x100 - sum);
    if (record->bytes[n_bytes - 1] != wanted) {
        return assay_diag_set(r->diag, ASSAY_HEX_CHECKSUM,
                              "line %u: checksum 0x%02X, expected 0x%02X",
                              r->line, record->bytes[n_bytes - 1], wanted);
    }
    record->address = (uint32_t)record->bytes[1] << 8 | record->bytes[2];
    record->type = record->bytes[3];
    record->data = record->bytes + 4;
    return ASSAY_OK;
}

static enum assay_status take_data(struct reader *r,
                                   const struct record *record)
{
    uint64_t first = r->base + record->address;
    uint64_t limit = r->base_type == RECORD_LINEAR_BASE ? ADDRESS_END
                                                        : r->base + SEGMENT_LEN;
    if (record->data_len > limit - first) {
        return assay_diag_set(
            r->diag, ASSAY_HEX_RANGE,
            "line %u: %zu bytes at 0x%llX run past the end of the address "
            "range at 0x%llX",
            r->line, record->data_len, (unsigned long long)first,
            (unsigned long long)limit);
    }
    if (record->data_len == 0) {
        return ASSAY_OK;
    }
    r->chunks[r->n_chunks++] = (struct chunk){
        .address = (uint32_t)first,
        .raw_off = (uint32_t)r->raw_len,
        .line = r->line,
        .len = (uint32_t)record->data_len,
    };
    memcpy(r->raw + r->raw_len, record->data, record->data_len);
    r->raw_len += record->data_len;
    return ASSAY_OK;
}

/* Base and start records: fixed length, and no address of their own. */
static enum assay_status take_control(struct reader *r,
                                      const struct record *record)
{
    int is_base = record->type == RECORD_SEGMENT_BASE ||
                  record->type == RECORD_LINEAR_BASE;
    size_t wanted = is_base ? 2 : 4;
    if (record->data_len != wanted || record->address != 0) {
        return assay_diag_set(r->diag, ASSAY_HEX_RECORD,
                              "line %u: record type %02X has %zu data bytes "
                              "and address 0x%04X, expected %zu and 0x0000",
                              r->line, record->type, record->data_len,
                              record->address, wanted);
    }
    if (is_base) {
        uint64_t value = (uint64_t)record->data[0] << 8 | record->data[1];
        r->base_type = (enum record_type)record->type;
        r->base = value << (record->type == RECORD_LINEAR_BASE ? 16 : 4);
        return ASSAY_OK;
    }
    if (r->hex->start_kind != ASSAY_HEX_START_NONE) {
        return assay_diag_set(r->diag, ASSAY_HEX_RECORD,
                              "line %u: a second start address record",
                              r->line);
    }
    r->hex->start_kind = record->type == RECORD_LINEAR_START
                             ? ASSAY_HEX_START_LINEAR
                             : ASSAY_HEX_START_SEGMENT;
    r->hex->start = assay_load_be32(record->data);
    return ASSAY_OK;
}

/* The end-of-file record is read; only empty lines may follow. */
static enum assay_status take_end(struct reader *r, const struct record *record)
{
    if (record->data_len != 0 || record->address != 0) {
        return assay_diag_set(r->diag, ASSAY_HEX_RECORD,
                              "line %u: the end-of-file record has %zu data "
                              "bytes and address 0x%04X, expected none and "
                              "0x0000",
                              r->line, record->data_len, record->address);
    }
    uint32_t end_line = r->line;
    while (r->off < r->text.len) {
        if (next_line(r).len != 0) {
            return assay_diag_set(
                r->diag, ASSAY_HEX_NO_END,
                "line %u follows the end-of-file record of line %u", r->line,
                end_line);
        }
    }
    return ASSAY_OK;
}

static enum assay_status read_records(struct reader *r)
{
    struct record record;
    while (r->off < r->text.len) {
        struct assay_slice line = next_line(r);
        enum assay_status status = decode_record(r, line, &record);
        if (status != ASSAY_OK) {
            return status;
        }
        if (record.type == RECORD_END) {
            return take_end(r, &record);
        }
        if (record.type > RECORD_LINEAR_START) {
            return assay_diag_set(r->diag, ASSAY_HEX_RECORD,
                                  "line %u: record type %02X, expected 00 to "
                                  "05",
                                  r->line, record.type);
        }
        status = record.type == RECORD_DATA ? take_data(r, &record)
                                            : take_control(r, &record);
        if (status != ASSAY_OK) {
            return status;
        }
    }
    return assay_diag_set(r->diag, ASSAY_HEX_NO_END,
                          "no end-of-file record after %u lines", r->line);
}

/* By address, then by line: a total order, since lines differ. */
static int chunk_compare(const void *a, const void *b)
{
    const struct chunk *x = a;
    const struct chunk *y = b;
    if (x->address != y->address) {
        return x->address < y->address ? -1 : 1;
    }
    return x->line < y->line ? -1 : x->line > y->line;
}

/* Only when needed: files are in order, and then this is one pass. */
static void sort_chunks(struct reader *r)
{
    for (size_t i = 1; i < r->n_chunks; i++) {
        if (chunk_compare(&r->chunks[i - 1], &r->chunks[i]) > 0) {
            qsort(r->chunks, r->n_chunks, sizeof *r->chunks, chunk_compare);
            return;
        }
    }
}

/* Name the byte at which chunk c differs from what other lines wrote. */
static enum assay_status report_overlap(const struct reader *r,
                                        const struct chunk *c, uint64_t address,
                                        uint8_t old)
{
    uint8_t mine = r->raw[c->raw_off + (size_t)(address - c->address)];
    uint32_t other = 0;
    for (const struct chunk *o = r->chunks; o != c; o++) {
        if (address >= o->address && address - o->address < o->len) {
            other = o->line;
        }
    }
    return assay_diag_set(r->diag, ASSAY_HEX_OVERLAP,
                          "address 0x%08llX: line %u writes 0x%02X, line %u "
                          "writes 0x%02X",
                          (unsigned long long)address, c->line, mine, other,
                          old);
}

/*
 * Add sorted chunk c to the last segment, whose bytes end at tail.
 * Invariant: every chunk before c starts at or before c, so an overlap can
 * only be with that segment.
 */
static enum assay_status merge_chunk(struct reader *r, const struct chunk *c,
                                     size_t *bytes_len)
{
    struct assay_hex_segment *last = &r->hex->segments[r->hex->n_segments - 1];
    uint64_t end = (uint64_t)last->address + last->data.len;
    size_t shared = (size_t)(end - c->address);
    if (shared > c->len) {
        shared = c->len;
    }
    const uint8_t *raw = r->raw + c->raw_off;
    const uint8_t *old = last->data.p + (c->address - last->address);
    for (size_t i = 0; i < shared; i++) {
        if (raw[i] != old[i]) {
            return report_overlap(r, c, (uint64_t)c->address + i, old[i]);
        }
    }
    size_t fresh = c->len - shared;
    memcpy(r->hex->bytes + *bytes_len, raw + shared, fresh);
    last->data.len += fresh;
    *bytes_len += fresh;
    return ASSAY_OK;
}

static enum assay_status start_segment(struct reader *r, const struct chunk *c,
                                       size_t bytes_len)
{
    if (r->hex->n_segments == ASSAY_HEX_MAX_SEGMENTS) {
        return assay_diag_set(
            r->diag, ASSAY_HEX_RANGE,
            "line %u: segment %zu at 0x%08X, at most %zu are read", c->line,
            ASSAY_HEX_MAX_SEGMENTS + 1, c->address, ASSAY_HEX_MAX_SEGMENTS);
    }
    r->hex->segments[r->hex->n_segments++] = (struct assay_hex_segment){
        .address = c->address,
        .data = assay_slice(r->hex->bytes + bytes_len, 0),
    };
    return ASSAY_OK;
}

static enum assay_status build_segments(struct reader *r)
{
    if (r->n_chunks == 0) {
        return assay_diag_set(r->diag, ASSAY_HEX_RANGE, "no data in %u lines",
                              r->line);
    }
    size_t n_max = r->n_chunks < ASSAY_HEX_MAX_SEGMENTS
                       ? r->n_chunks
                       : ASSAY_HEX_MAX_SEGMENTS;
    r->hex->segments = malloc(n_max * sizeof *r->hex->segments);
    r->hex->bytes = malloc(r->raw_len);
    if (r->hex->segments == NULL || r->hex->bytes == NULL) {
        return assay_diag_set(r->diag, ASSAY_MEMORY, "%zu bytes wanted",
                              r->raw_len);
    }
    sort_chunks(r);
    size_t bytes_len = 0;
    uint64_t end = 0;
    enum assay_status status = ASSAY_OK;
    for (size_t i = 0; i < r->n_chunks && status == ASSAY_OK; i++) {
        const struct chunk *c = &r->chunks[i];
        uint64_t c_end = (uint64_t)c->address + c->len;
        if (i == 0 || c->address > end) {
            status = start_segment(r, c, bytes_len);
        }
        if (status == ASSAY_OK) {
            status = merge_chunk(r, c, &bytes_len);
        }
        end = c_end > end ? c_end : end;
    }
    return status;
}

enum assay_status assay_hex_parse(struct assay_slice text,
                                  struct assay_hex *out,
                                  struct assay_diag *diag)
{
    *out = (struct assay_hex){0};
    if (text.len == 0) {
        return assay_diag_set(diag, ASSAY_FILE_EMPTY,
                              "0 bytes, expected an Intel HEX text");
    }
    if (text.len > ASSAY_HEX_MAX_TEXT) {
        return assay_diag_set(diag, ASSAY_FILE_TOO_LARGE,
                              "%zu bytes, expected at most %zu", text.len,
                              ASSAY_HEX_MAX_TEXT);
    }
    struct reader r = {
        .text = text, .base_type = RECORD_DATA, .hex = out, .diag = diag};
    /* One record takes at least RECORD_MIN_TEXT, one byte two digits. */
    r.chunks = malloc((text.len / RECORD_MIN_TEXT + 1) * sizeof *r.chunks);
    r.raw = malloc(text.len / 2 + 1);
    enum assay_status status = ASSAY_MEMORY;
    if (r.chunks == NULL || r.raw == NULL) {
        status =
            assay_diag_set(diag, ASSAY_MEMORY, "%zu bytes wanted", text.len);
    } else {
        status = read_records(&r);
    }
    if (status == ASSAY_OK) {
        status = build_segments(&r);
    }
    free(r.chunks);
    free(r.raw);
    if (status != ASSAY_OK) {
        assay_hex_free(out);
    }
    return status;
}

void assay_hex_free(struct assay_hex *hex)
{
    free(hex->segments);
    free(hex->bytes);
    *hex = (struct assay_hex){0};
}

struct assay_slice assay_hex_at(const struct assay_hex *hex, uint32_t address)
{
    for (size_t i = 0; i < hex->n_segments; i++) {
        const struct assay_hex_segment *s = &hex->segments[i];
        if (address >= s->address && address - s->address < s->data.len) {
            size_t off = address - s->address;
            return assay_slice_sub(s->data, off, s->data.len - off);
        }
    }
    return assay_slice(NULL, 0);
}

static enum assay_status put_record(struct assay_buffer *text, uint8_t type,
                                    uint32_t address, struct assay_slice data,
                                    struct assay_diag *diag)
{
    static const char DIGITS[] = "0123456789ABCDEF";
    uint8_t bytes[RECORD_OVERHEAD + ROW_LEN];
    uint8_t line[1 + 2 * sizeof bytes + 1];
    bytes[0] = (uint8_t)data.len;
    bytes[1] = (uint8_t)(address >> 8);
    bytes[2] = (uint8_t)address;
    bytes[3] = type;
    if (data.len != 0) {
        memcpy(bytes + 4, data.p, data.len);
    }
    uint8_t sum = 0;
    for (size_t i = 0; i < 4 + data.len; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    bytes[4 + data.len] = (uint8_t)(0x100 - sum);
    size_t line_len = 0;
    line[line_len++] = ':';
    for (size_t i = 0; i < RECORD_OVERHEAD + data.len; i++) {
        line[line_len++] = (uint8_t)DIGITS[bytes[i] >> 4];
        line[line_len++] = (uint8_t)DIGITS[bytes[i] & 15];
    }
    line[line_len++] = '\n';
    return assay_buffer_append(text, assay_slice(line, line_len), diag);
}

/* Rows in the making: row[0 .. row_len) starts at row_address. */
struct writer {
    struct assay_buffer *text;
    struct assay_diag *diag;
    uint64_t next_base; /* the 64 KiB unit that needs an address record */
    int has_bases;
    uint32_t row_address;
    size_t row_len;
    uint8_t row[ROW_LEN];
};

static enum assay_status flush_row(struct writer *w)
{
    if (w->row_len == 0) {
        return ASSAY_OK;
    }
    uint32_t base = w->row_address >> 16;
    if (w->has_bases && base >= w->next_base) {
        uint8_t bytes[2] = {(uint8_t)(base >> 8), (uint8_t)base};
        enum assay_status status =
            put_record(w->text, RECORD_LINEAR_BASE, 0,
                       assay_slice(bytes, sizeof bytes), w->diag);
        if (status != ASSAY_OK) {
            return status;
        }
        w->next_base = (uint64_t)base + 1;
    }
    struct assay_slice row = assay_slice(w->row, w->row_len);
    w->row_len = 0;
    return put_record(w->text, RECORD_DATA, w->row_address & 0xFFFF, row,
                      w->diag);
}

static enum assay_status put_byte(struct writer *w, uint32_t address,
                                  uint8_t byte)
{
    if (w->row_len == ROW_LEN || address - w->row_address != w->row_len ||
        (address & 0xFFFF) == 0) {
        enum assay_status status = flush_row(w);
        if (status != ASSAY_OK) {
            return status;
        }
    }
    if (w->row_len == 0) {
        w->row_address = address;
    }
    w->row[w->row_len++] = byte;
    return ASSAY_OK;
}

static enum assay_status check_ascending(const struct assay_hex *hex,
                                         struct assay_diag *diag)
{
    if (hex->n_segments == 0) {
        return assay_diag_set(diag, ASSAY_HEX_RANGE, "no data to write");
    }
    uint64_t end = 0;
    for (size_t i = 0; i < hex->n_segments; i++) {
        const struct assay_hex_segment *s = &hex->segments[i];
        if (s->address < end || s->data.len == 0 ||
            s->data.len > ADDRESS_END - s->address) {
            return assay_diag_set(
                diag, ASSAY_HEX_OVERLAP,
                "%zu bytes at 0x%08X, expected a segment between 0x%llX and "
                "0x100000000",
                s->data.len, s->address, (unsigned long long)end);
        }
        end = (uint64_t)s->address + s->data.len;
    }
    return ASSAY_OK;
}

static enum assay_status put_start(const struct assay_hex *hex,
                                   struct assay_buffer *text,
                                   struct assay_diag *diag)
{
    if (hex->start_kind == ASSAY_HEX_START_NONE) {
        return ASSAY_OK;
    }
    uint8_t bytes[4];
    assay_store_be32(bytes, hex->start);
    return put_record(text,
                      hex->start_kind == ASSAY_HEX_START_LINEAR
                          ? RECORD_LINEAR_START
                          : RECORD_SEGMENT_START,
                      0, assay_slice(bytes, sizeof bytes), diag);
}

enum assay_status assay_hex_write(const struct assay_hex *hex,
                                  struct assay_buffer *text,
                                  struct assay_diag *diag)
{
    enum assay_status status = check_ascending(hex, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    const struct assay_hex_segment *last = &hex->segments[hex->n_segments - 1];
    struct writer w = {.text = text, .diag = diag};
    w.has_bases = (uint64_t)last->address + last->data.len > SEGMENT_LEN;
    status = put_start(hex, text, diag);
    for (size_t i = 0; i < hex->n_segments; i++) {
        const struct assay_hex_segment *s = &hex->segments[i];
        for (size_t k = 0; k < s->data.len && status == ASSAY_OK; k++) {
            status = put_byte(&w, s->address + (uint32_t)k, s->data.p[k]);
        }
    }
    if (status == ASSAY_OK) {
        status = flush_row(&w);
    }
    if (status == ASSAY_OK) {
        status = put_record(text, RECORD_END, 0, assay_slice(NULL, 0), diag);
    }
    return status;
}
