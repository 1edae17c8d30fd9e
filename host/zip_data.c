/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/zip.h"

#define ZLIB_CONST
#include <zlib.h>

/*
 * The data of a member: taken out in pieces, inflated if need be, counted and
 * summed. The structure around it has been checked: host/zip.c.
 */

enum { CHUNK_LEN = 32768 };

/* One reading of one member: what has come out, and where it goes. */
struct stream {
    const struct assay_zip_entry *entry;
    const struct assay_zip_sink *sink;
    struct assay_diag *diag;
    size_t len;
    uint32_t crc;
};

static enum assay_status stream_give(struct stream *s, struct assay_slice chunk)
{
    if (chunk.len == 0) {
        return ASSAY_OK;
    }
    s->crc = (uint32_t)crc32(s->crc, chunk.p, (uInt)chunk.len);
    s->len += chunk.len;
    return s->sink->write(s->sink->ctx, chunk, s->diag);
}

static enum assay_status stream_stored(struct stream *s,
                                       struct assay_slice packed)
{
    enum assay_status status = ASSAY_OK;
    for (size_t off = 0; off < packed.len && status == ASSAY_OK;) {
        size_t left = packed.len - off;
        size_t len = left < CHUNK_LEN ? left : CHUNK_LEN;
        status = stream_give(s, assay_slice_sub(packed, off, len));
        off += len;
    }
    return status;
}

static enum assay_status stream_broken(const struct stream *s,
                                       const char *found)
{
    return assay_diag_set(s->diag, ASSAY_ZIP_DATA,
                          "member %s: %s after %zu bytes, expected a deflate "
                          "stream of %zu bytes",
                          assay_zip_quote(s->entry->name).s, found, s->len,
                          s->entry->len);
}

/* The next piece. *is_end is set when the deflate stream says that it ends. */
static enum assay_status stream_piece(struct stream *s, z_stream *z,
                                      int *is_end)
{
    uint8_t chunk[CHUNK_LEN];
    size_t left = s->entry->len - s->len;
    /* Once all has come, one byte of room shows whether there is more. */
    size_t room = left == 0 ? 1 : left < CHUNK_LEN ? left : CHUNK_LEN;
    z->next_out = chunk;
    z->avail_out = (uInt)room;
    int result = inflate(z, Z_NO_FLUSH);
    size_t len = room - z->avail_out;
    if (result == Z_MEM_ERROR) {
        return assay_diag_set(s->diag, ASSAY_MEMORY, "inflating member %s",
                              assay_zip_quote(s->entry->name).s);
    }
    if (len > left) {
        return assay_diag_set(s->diag, ASSAY_ZIP_BOMB,
                              "member %s: the data go on after %zu bytes, "
                              "expected their end",
                              assay_zip_quote(s->entry->name).s, s->len);
    }
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        return stream_broken(s, "damaged data");
    }
    *is_end = result == Z_STREAM_END;
    if (!*is_end && len == 0) {
        return stream_broken(s, "the end of the packed data");
    }
    return stream_give(s, assay_slice(chunk, len));
}

static enum assay_status stream_deflated(struct stream *s,
                                         struct assay_slice packed)
{
    z_stream z = {.next_in = packed.p, .avail_in = (uInt)packed.len};
    int is_end = 0;
    if (inflateInit2(&z, -MAX_WBITS) != Z_OK) {
        return assay_diag_set(s->diag, ASSAY_MEMORY, "inflating member %s",
                              assay_zip_quote(s->entry->name).s);
    }
    enum assay_status status = ASSAY_OK;
    while (status == ASSAY_OK && !is_end) {
        status = stream_piece(s, &z, &is_end);
    }
    size_t behind = z.avail_in;
    (void)inflateEnd(&z);
    if (status == ASSAY_OK && behind != 0) {
        return assay_diag_set(s->diag, ASSAY_ZIP_TRAILING,
                              "member %s: %zu of %zu packed bytes stand behind "
                              "the end of the deflate stream, expected none",
                              assay_zip_quote(s->entry->name).s, behind,
                              packed.len);
    }
    return status;
}

enum assay_status assay_zip_stream(const struct assay_zip *zip,
                                   const struct assay_zip_entry *entry,
                                   const struct assay_zip_sink *sink,
                                   struct assay_diag *diag)
{
    struct stream s = {.entry = entry, .sink = sink, .diag = diag};
    struct assay_slice packed =
        assay_slice_sub(zip->file, entry->data_off, entry->packed_len);
    enum assay_status status = entry->method == ASSAY_ZIP_DEFLATED
                                   ? stream_deflated(&s, packed)
                                   : stream_stored(&s, packed);
    if (status != ASSAY_OK) {
        return status;
    }
    if (s.len != entry->len) {
        return assay_diag_set(
            diag, ASSAY_ZIP_DATA, "member %s: %zu bytes, expected %zu",
            assay_zip_quote(entry->name).s, s.len, entry->len);
    }
    if (s.crc != entry->crc) {
        return assay_diag_set(diag, ASSAY_ZIP_DATA,
                              "member %s: checksum of the data %08X, expected "
                              "%08X",
                              assay_zip_quote(entry->name).s, (unsigned)s.crc,
                              (unsigned)entry->crc);
    }
    return ASSAY_OK;
}

static enum assay_status drop(void *ctx, struct assay_slice chunk,
                              struct assay_diag *diag)
{
    (void)ctx;
    (void)chunk;
    (void)diag;
    return ASSAY_OK;
}

enum assay_status assay_zip_pass(const struct assay_zip *zip,
                                 const struct assay_zip_entry *entry,
                                 struct assay_diag *diag)
{
    const struct assay_zip_sink sink = {.write = drop};
    return assay_zip_stream(zip, entry, &sink, diag);
}

static enum assay_status load_write(void *ctx, struct assay_slice chunk,
                                    struct assay_diag *diag)
{
    struct assay_buffer *out = ctx;
    return assay_buffer_append(out, chunk, diag);
}

enum assay_status assay_zip_load(const struct assay_zip *zip,
                                 const struct assay_zip_entry *entry,
                                 size_t max_len, struct assay_buffer *out,
                                 struct assay_diag *diag)
{
    assay_buffer_free(out);
    if (entry->len > max_len) {
        return assay_diag_set(
            diag, ASSAY_ZIP_BOMB, "member %s: %zu bytes, expected at most %zu",
            assay_zip_quote(entry->name).s, entry->len, max_len);
    }
    struct assay_zip_sink sink = {.write = load_write, .ctx = out};
    enum assay_status status = assay_buffer_reserve(out, entry->len, diag);
    if (status == ASSAY_OK) {
        status = assay_zip_stream(zip, entry, &sink, diag);
    }
    if (status != ASSAY_OK) {
        assay_buffer_free(out);
    }
    return status;
}
