/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/zip.h"

#include <time.h>

#include <zlib.h>

#include "base/bytes.h"
#include "host/text.h"

enum {
    LOCAL_LEN = 30,
    ENTRY_LEN = 46,
    END_LEN = 22,
    FIELDS_LEN = 26, /* what the local header and the entry share */

    VERSION = 20,
    CREATOR = 3 << 8 | VERSION, /* Unix, so that the mode below counts */
    FLAG_UTF8 = 0x0800,
};

#define ATTRIBUTES ((uint32_t)0100644 << 16)

_Static_assert(LOCAL_LEN == 4 + FIELDS_LEN, "signature, then shared fields");
_Static_assert(ENTRY_LEN == 6 + FIELDS_LEN + 14, "creator before, six behind");

uint32_t assay_zip_dos_time(int64_t unix_time)
{
    const int64_t first = INT64_C(315532800); /* 1980-01-01 00:00:00 */
    const int64_t last = INT64_C(4354819198); /* 2107-12-31 23:59:58 */
    struct tm tm;
    time_t t = (time_t)(unix_time < first  ? first
                        : unix_time > last ? last
                                           : unix_time);
    if (gmtime_r(&t, &tm) == NULL) {
        return ASSAY_ZIP_TIME_ZERO;
    }
    uint32_t date = (uint32_t)(tm.tm_year - 80) << 9 |
                    (uint32_t)(tm.tm_mon + 1) << 5 | (uint32_t)tm.tm_mday;
    uint32_t time_of_day = (uint32_t)tm.tm_hour << 11 |
                           (uint32_t)tm.tm_min << 5 | (uint32_t)tm.tm_sec / 2;
    return date << 16 | time_of_day;
}

static struct assay_slice name_of(const struct assay_zip_member *m)
{
    return assay_text_slice(m->name);
}

static enum assay_status check_members(const struct assay_zip_member *member,
                                       size_t n, struct assay_diag *diag)
{
    size_t total = 0;
    if (n > ASSAY_ZIP_MAX_ENTRIES) {
        return assay_diag_set(diag, ASSAY_ZIP_COUNT,
                              "%zu members, expected at most %d", n,
                              ASSAY_ZIP_MAX_ENTRIES);
    }
    for (size_t i = 0; i < n; i++) {
        struct assay_slice name = name_of(&member[i]);
        const char *fault = assay_zip_name_fault(name);
        if (fault == NULL && name.p[name.len - 1] == '/') {
            fault = "is a directory's";
        }
        if (fault != NULL) {
            return assay_diag_set(diag, ASSAY_ZIP_NAME,
                                  "member %s: the name %s",
                                  assay_zip_quote(name).s, fault);
        }
        size_t len = member[i].data.len;
        if (len > ASSAY_ZIP_MAX_LEN || len > ASSAY_ZIP_MAX_TOTAL - total) {
            return assay_diag_set(diag, ASSAY_ZIP_BOMB,
                                  "member %s: %zu bytes after %zu, expected at "
                                  "most %zu and %zu in all",
                                  assay_zip_quote(name).s, len, total,
                                  ASSAY_ZIP_MAX_LEN, ASSAY_ZIP_MAX_TOTAL);
        }
        total += len;
    }
    return ASSAY_OK;
}

/* The fields from the version needed to the length of the extra fields. */
static void put_fields(uint8_t f[static FIELDS_LEN],
                       const struct assay_zip_member *m, uint32_t dos_time)
{
    struct assay_slice name = name_of(m);
    uint32_t flags = 0;
    for (size_t i = 0; i < name.len; i++) {
        flags |= name.p[i] >= 0x80 ? FLAG_UTF8 : 0U;
    }
    uLong crc = crc32(0, NULL, 0);
    if (m->data.len != 0) {
        crc = crc32(crc, m->data.p, (uInt)m->data.len);
    }
    assay_store_le16(f, VERSION);
    assay_store_le16(f + 2, flags);
    assay_store_le16(f + 4, ASSAY_ZIP_STORED);
    assay_store_le32(f + 6, dos_time);
    assay_store_le32(f + 10, (uint32_t)crc);
    assay_store_le32(f + 14, (uint32_t)m->data.len);
    assay_store_le32(f + 18, (uint32_t)m->data.len);
    assay_store_le16(f + 22, (uint32_t)name.len);
    assay_store_le16(f + 24, 0);
}

static enum assay_status put_local(struct assay_buffer *out,
                                   const struct assay_zip_member *m,
                                   uint32_t dos_time, struct assay_diag *diag)
{
    uint8_t header[LOCAL_LEN] = {'P', 'K', 3, 4};
    put_fields(header + 4, m, dos_time);
    enum assay_status status =
        assay_buffer_append(out, assay_slice(header, sizeof header), diag);
    if (status == ASSAY_OK) {
        status = assay_buffer_append(out, name_of(m), diag);
    }
    if (status == ASSAY_OK) {
        status = assay_buffer_append(out, m->data, diag);
    }
    return status;
}

static enum assay_status put_entry(struct assay_buffer *out,
                                   const struct assay_zip_member *m,
                                   uint32_t dos_time, size_t local_off,
                                   struct assay_diag *diag)
{
    uint8_t entry[ENTRY_LEN] = {'P', 'K', 1, 2};
    assay_store_le16(entry + 4, CREATOR);
    put_fields(entry + 6, m, dos_time);
    assay_store_le32(entry + 38, ATTRIBUTES);
    assay_store_le32(entry + 42, (uint32_t)local_off);
    enum assay_status status =
        assay_buffer_append(out, assay_slice(entry, sizeof entry), diag);
    if (status == ASSAY_OK) {
        status = assay_buffer_append(out, name_of(m), diag);
    }
    return status;
}

static enum assay_status put_archive(struct assay_buffer *out,
                                     const struct assay_zip_member *member,
                                     size_t n, uint32_t dos_time,
                                     struct assay_diag *diag)
{
    size_t local_off[ASSAY_ZIP_MAX_ENTRIES];
    enum assay_status status = ASSAY_OK;
    for (size_t i = 0; i < n && status == ASSAY_OK; i++) {
        local_off[i] = out->len;
        status = put_local(out, &member[i], dos_time, diag);
    }
    size_t dir_off = out->len;
    for (size_t i = 0; i < n && status == ASSAY_OK; i++) {
        status = put_entry(out, &member[i], dos_time, local_off[i], diag);
    }
    if (status != ASSAY_OK) {
        return status;
    }
    uint8_t end[END_LEN] = {'P', 'K', 5, 6};
    assay_store_le16(end + 8, (uint32_t)n);
    assay_store_le16(end + 10, (uint32_t)n);
    assay_store_le32(end + 12, (uint32_t)(out->len - dir_off));
    assay_store_le32(end + 16, (uint32_t)dir_off);
    return assay_buffer_append(out, assay_slice(end, sizeof end), diag);
}

enum assay_status assay_zip_write(const struct assay_zip_member *member,
                                  size_t n, uint32_t dos_time,
                                  struct assay_buffer *out,
                                  struct assay_diag *diag)
{
    struct assay_zip zip;
    assay_buffer_free(out);
    enum assay_status status = check_members(member, n, diag);
    if (status == ASSAY_OK) {
        status = put_archive(out, member, n, dos_time, diag);
    }
    /* What the reader would refuse is not handed out. */
    if (status == ASSAY_OK) {
        status = assay_zip_open(assay_buffer_slice(out), &zip, diag);
    }
    if (status != ASSAY_OK) {
        assay_buffer_free(out);
    }
    return status;
}
