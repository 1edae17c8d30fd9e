/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/zip.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <zip.h>
#include <zlib.h>

#include "base/bytes.h"
#include "host/file.h"
#include "tests/shared.h"

/*
 * Archives are laid out by hand here, not by the writer under test. What a
 * valid archive holds is told by libzip, which shares no code with ours.
 */

/* ---- archives by hand -------------------------------------------------- */

enum descriptor { DESCRIPTOR_NONE, DESCRIPTOR_PLAIN, DESCRIPTOR_SIGNED };

/* A member; `name` is what the directory says, `local` what the header says. */
struct member {
    const char *name;
    const char *local; /* NULL: as name */
    const uint8_t *data;
    size_t data_len; /* packed */
    size_t len;
    uint32_t crc;
    uint16_t method;
    uint16_t flags;
    const char *extra; /* of both; NULL: none */
    size_t extra_len;
    enum descriptor descriptor;
    uint32_t attributes;
    uint16_t creator;
    size_t n_before; /* stray bytes in front */
};

static uint32_t crc_of(const void *data, size_t len)
{
    return (uint32_t)crc32(crc32(0, NULL, 0), data, (uInt)len);
}

static struct member stored(const char *name, const char *text)
{
    return (struct member){.name = name,
                           .data = (const uint8_t *)text,
                           .data_len = strlen(text),
                           .len = strlen(text),
                           .crc = crc_of(text, strlen(text))};
}

/* Raw deflate of len bytes into out; ret: the packed length. */
static size_t pack(const uint8_t *data, size_t len, uint8_t *out, size_t room)
{
    z_stream z = {0};
    cr_assert_eq(
        deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY),
        Z_OK);
    uint8_t *copy = malloc(len + 1);
    cr_assert_not_null(copy);
    memcpy(copy, data, len);
    z.next_in = copy;
    z.avail_in = (uInt)len;
    z.next_out = out;
    z.avail_out = (uInt)room;
    cr_assert_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t packed_len = z.total_out;
    deflateEnd(&z);
    free(copy);
    return packed_len;
}

static struct member deflated(const char *name, const char *text, uint8_t *room,
                              size_t room_len)
{
    struct member m = stored(name, text);
    m.method = 8;
    m.data_len = pack((const uint8_t *)text, strlen(text), room, room_len);
    m.data = room;
    return m;
}

static void put(struct assay_buffer *b, const void *p, size_t len)
{
    cr_assert_eq(assay_buffer_append(b, assay_slice(p, len), NULL), ASSAY_OK);
}

static void put16(struct assay_buffer *b, uint32_t v)
{
    uint8_t raw[2];
    assay_store_le16(raw, v);
    put(b, raw, sizeof raw);
}

static void put32(struct assay_buffer *b, uint32_t v)
{
    uint8_t raw[4];
    assay_store_le32(raw, v);
    put(b, raw, sizeof raw);
}

static void put_fields(struct assay_buffer *b, const struct member *m,
                       const char *name, int is_later)
{
    put16(b, 20);
    put16(b, m->flags);
    put16(b, m->method);
    put32(b, 0x58210000);
    put32(b, is_later ? 0 : m->crc);
    put32(b, is_later ? 0 : (uint32_t)m->data_len);
    put32(b, is_later ? 0 : (uint32_t)m->len);
    put16(b, (uint32_t)strlen(name));
    put16(b, (uint32_t)m->extra_len);
}

static void put_local(struct assay_buffer *b, const struct member *m)
{
    const char *name = m->local != NULL ? m->local : m->name;
    put(b, "PK\3\4", 4);
    put_fields(b, m, name, m->descriptor != DESCRIPTOR_NONE);
    put(b, name, strlen(name));
    put(b, m->extra, m->extra_len);
    put(b, m->data, m->data_len);
    if (m->descriptor == DESCRIPTOR_SIGNED) {
        put(b, "PK\7\10", 4);
    }
    if (m->descriptor != DESCRIPTOR_NONE) {
        put32(b, m->crc);
        put32(b, (uint32_t)m->data_len);
        put32(b, (uint32_t)m->len);
    }
}

static void put_entry(struct assay_buffer *b, const struct member *m,
                      size_t local_off)
{
    put(b, "PK\1\2", 4);
    put16(b, m->creator);
    put_fields(b, m, m->name, 0);
    put16(b, 0); /* comment */
    put16(b, 0); /* disk */
    put16(b, 0); /* internal attributes */
    put32(b, m->attributes);
    put32(b, (uint32_t)local_off);
    put(b, m->name, strlen(m->name));
    put(b, m->extra, m->extra_len);
}

static void put_end(struct assay_buffer *b, size_t n, size_t dir_off)
{
    size_t dir_len = b->len - dir_off;
    put(b, "PK\5\6\0\0\0\0", 8);
    put16(b, (uint32_t)n);
    put16(b, (uint32_t)n);
    put32(b, (uint32_t)dir_len);
    put32(b, (uint32_t)dir_off);
    put16(b, 0);
}

/* The archive of n members; the caller frees it. */
static struct assay_buffer archive(const struct member *m, size_t n)
{
    struct assay_buffer b = {0};
    size_t off[80];
    cr_assert_leq(n, sizeof off / sizeof off[0]);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < m[i].n_before; k++) {
            put(&b, "?", 1);
        }
        off[i] = b.len;
        put_local(&b, &m[i]);
    }
    size_t dir_off = b.len;
    for (size_t i = 0; i < n; i++) {
        put_entry(&b, &m[i], off[i]);
    }
    put_end(&b, n, dir_off);
    return b;
}

/*
 * Open, and say what is wrong unless it is status with text in the message.
 * The archive is opened in a block of exactly its size, so that the address
 * sanitiser sees a read beyond it.
 */
static void expect_open(const char *label, const struct assay_buffer *b,
                        enum assay_status status, const char *text)
{
    struct assay_zip zip;
    struct assay_diag diag = {0};
    uint8_t *exact = malloc(b->len + (b->len == 0));
    cr_assert_not_null(exact);
    if (b->len != 0) {
        memcpy(exact, b->p, b->len);
    }
    enum assay_status found =
        assay_zip_open(assay_slice(exact, b->len), &zip, &diag);
    cr_expect_eq(found, status, "%s: found %s (%s), expected %s", label,
                 assay_status_name(found), diag.text,
                 assay_status_name(status));
    if (status != ASSAY_OK) {
        cr_expect_eq(diag.status, status, "%s: diagnostic", label);
        cr_expect_eq(zip.n_entries, 0, "%s: members in spite of it", label);
        cr_expect(strstr(diag.text, text) != NULL, "%s: no '%s' in '%s'", label,
                  text, diag.text);
        for (const char *c = diag.text; *c != '\0'; c++) {
            cr_expect((unsigned char)*c >= 0x20 && (unsigned char)*c < 0x7F,
                      "%s: raw byte %02X in a message", label,
                      (unsigned)(unsigned char)*c);
        }
    }
    free(exact);
}

static void expect_members(const char *label, const struct member *m, size_t n,
                           enum assay_status status, const char *text)
{
    struct assay_buffer b = archive(m, n);
    expect_open(label, &b, status, text);
    assay_buffer_free(&b);
}

/* ---- the peer ---------------------------------------------------------- */

/* Every member as libzip reads it equals what we read; ret: how many. */
static size_t compare_with_libzip(const char *label, struct assay_slice file)
{
    struct assay_zip zip;
    struct assay_diag diag = {0};
    cr_assert_eq(assay_zip_open(file, &zip, &diag), ASSAY_OK, "%s: %s", label,
                 diag.text);
    zip_error_t error;
    zip_source_t *source =
        zip_source_buffer_create(file.p, file.len, 0, &error);
    cr_assert_not_null(source);
    zip_t *peer =
        zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
    cr_assert_not_null(peer, "%s: libzip: %s", label,
                       zip_error_strerror(&error));
    zip_int64_t n = zip_get_num_entries(peer, 0);
    cr_assert_eq((size_t)n, zip.n_entries, "%s: count", label);
    for (size_t i = 0; i < zip.n_entries; i++) {
        const struct assay_zip_entry *e = &zip.entry[i];
        const char *name = zip_get_name(peer, i, ZIP_FL_ENC_RAW);
        cr_assert_not_null(name);
        cr_expect_eq(assay_zip_find(&zip, name), e, "%s: %s", label, name);
        zip_stat_t st;
        cr_assert_eq(zip_stat_index(peer, i, 0, &st), 0);
        cr_expect_eq(st.size, e->len);
        cr_expect_eq(st.crc, e->crc);
        struct assay_buffer ours = {0};
        cr_assert_eq(assay_zip_load(&zip, e, ASSAY_ZIP_MAX_LEN, &ours, &diag),
                     ASSAY_OK, "%s: %s", label, diag.text);
        uint8_t *theirs = malloc((size_t)st.size + 1);
        cr_assert_not_null(theirs);
        zip_file_t *f = zip_fopen_index(peer, i, 0);
        cr_assert_not_null(f, "%s: %s", label, zip_strerror(peer));
        cr_assert_eq(zip_fread(f, theirs, st.size + 1), (zip_int64_t)st.size,
                     "%s: %s: libzip", label, name);
        cr_expect_eq(zip_fclose(f), 0, "%s: %s: libzip", label, name);
        cr_assert_eq(ours.len, st.size);
        cr_expect(ours.len == 0 || memcmp(ours.p, theirs, ours.len) == 0,
                  "%s: %s: contents", label, name);
        free(theirs);
        assay_buffer_free(&ours);
    }
    zip_discard(peer);
    return zip.n_entries;
}

static unsigned compare_folder(const char *folder)
{
    char path[1024];
    char name[512];
    unsigned n = 0;
    (void)snprintf(name, sizeof name, "corpus/%s", folder);
    if (!shared_path(path, sizeof path, name)) {
        return 0;
    }
    DIR *dir = opendir(path);
    cr_assert_not_null(dir);
    for (struct dirent *d; (d = readdir(dir)) != NULL;) {
        const char *dot = strrchr(d->d_name, '.');
        if (dot == NULL || strcmp(dot, ".zip") != 0) {
            continue;
        }
        char file[2048];
        struct assay_buffer b = {0};
        (void)snprintf(file, sizeof file, "%s/%s", path, d->d_name);
        cr_assert_eq(assay_file_read(file, ASSAY_FILE_MAX, &b, NULL), ASSAY_OK);
        cr_expect_geq(compare_with_libzip(d->d_name, assay_buffer_slice(&b)),
                      2);
        assay_buffer_free(&b);
        n++;
    }
    closedir(dir);
    return n;
}

Test(zip, real_packages_read_as_libzip_reads_them)
{
    static const struct {
        const char *folder;
        unsigned n;
    } FOLDERS[] = {
        {"sdfu", 93}, {"legacy-dfu", 14}, {"nrfutil-made", 9}, {"ncs-zip", 2}};
    char path[1024];
    for (size_t i = 0; i < sizeof FOLDERS / sizeof FOLDERS[0]; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "corpus/%s", FOLDERS[i].folder);
        if (!shared_path(path, sizeof path, name)) {
            shared_skip("zip", FOLDERS[i].n, name);
            continue;
        }
        cr_expect_eq(compare_folder(FOLDERS[i].folder), FOLDERS[i].n);
    }
}

/* ---- what real tools write, beyond the corpus -------------------------- */

/* One member of every kind that is accepted. */
static size_t every_kind(struct member m[static 7], uint8_t room[static 3][256])
{
    static const char UNIX[] = "UT\5\0\3\1\2\3\4ux\13\0\1\4\1\2\3\4\4\1\2\3\4";
    static const char NTFS[] = "\x0A\0\x20\0\0\0\0\0\1\0\x18\0"
                               "abcdefghijklmnopqrstuvwx";
    m[0] = stored("manifest.json", "{}");
    m[1] = deflated("a.bin", "a text, a text, a text, a text", room[0], 256);
    m[2] = deflated("b.bin", "another, another, another", room[1], 256);
    m[2].flags = 0x0008;
    m[2].descriptor = DESCRIPTOR_SIGNED;
    m[3] = deflated("c.bin", "a third, a third, a third", room[2], 256);
    m[3].flags = 0x000C;
    m[3].descriptor = DESCRIPTOR_PLAIN;
    m[4] = stored("folder/", "");
    m[4].attributes = 0x41ED0010;
    m[4].creator = 3 << 8 | 30;
    m[5] = stored("folder/\xC3\xA9.dat", "utf-8");
    m[5].flags = 0x0800;
    m[5].extra = UNIX;
    m[5].extra_len = sizeof UNIX - 1;
    m[5].attributes = 0x81A40000;
    m[5].creator = 3 << 8 | 30;
    m[6] = stored("empty.bin", "");
    m[6].extra = NTFS;
    m[6].extra_len = sizeof NTFS - 1;
    m[6].attributes = 0x20;
    return 7;
}

Test(zip, every_accepted_feature_reads_as_libzip_reads_it)
{
    struct member m[7];
    uint8_t room[3][256];
    struct assay_buffer b = archive(m, every_kind(m, room));
    cr_expect_eq(compare_with_libzip("every kind", assay_buffer_slice(&b)), 7);
    assay_buffer_free(&b);
}

Test(zip, empty_archive_is_read)
{
    struct assay_buffer b = archive(NULL, 0);
    cr_expect_eq(compare_with_libzip("empty", assay_buffer_slice(&b)), 0);
    assay_buffer_free(&b);
}

Test(zip, find_wants_the_exact_name)
{
    struct member m[] = {stored("a", "1"), stored("a.bin", "2")};
    struct assay_zip zip;
    struct assay_buffer b = archive(m, 2);
    cr_assert_eq(assay_zip_open(assay_buffer_slice(&b), &zip, NULL), ASSAY_OK);
    cr_expect_eq(assay_zip_find(&zip, "a"), &zip.entry[0]);
    cr_expect_eq(assay_zip_find(&zip, "a.bin"), &zip.entry[1]);
    cr_expect_null(assay_zip_find(&zip, "A"));
    cr_expect_null(assay_zip_find(&zip, ""));
    cr_expect_null(assay_zip_find(&zip, "a.bi"));
    assay_buffer_free(&b);
}

/* ---- refusals: one field changed --------------------------------------- */

enum part { PART_FIRST, PART_LOCAL, PART_DESCRIPTOR, PART_ENTRY, PART_END };

struct patch {
    const char *label;
    enum part part;
    unsigned off;
    unsigned width;
    uint32_t value;
    enum assay_status status;
    const char *text;
};

/*
 * The archive under the patches: "one.bin", stored, and "two.dat", deflated
 * with a signed descriptor. PART_FIRST is the header of the first, every other
 * part belongs to the second.
 */
static struct assay_buffer two_members(size_t part_off[static 5])
{
    static uint8_t room[256];
    struct member m[2];
    m[0] = stored("one.bin", "first");
    m[1] = deflated("two.dat", "second, second, second", room, sizeof room);
    m[1].flags = 8;
    m[1].descriptor = DESCRIPTOR_SIGNED;
    struct assay_buffer b = archive(m, 2);
    part_off[PART_FIRST] = 0;
    part_off[PART_LOCAL] = 30 + 7 + 5;
    part_off[PART_DESCRIPTOR] = part_off[PART_LOCAL] + 30 + 7 + m[1].data_len;
    part_off[PART_ENTRY] = part_off[PART_DESCRIPTOR] + 16 + 46 + 7;
    part_off[PART_END] = b.len - 22;
    return b;
}

static const struct patch PATCHES[] = {
    {"end: disk", PART_END, 4, 2, 1, ASSAY_ZIP_UNSUPPORTED, "disk 1"},
    {"end: directory disk", PART_END, 6, 2, 1, ASSAY_ZIP_UNSUPPORTED,
     "directory on disk 1"},
    {"end: count on disk", PART_END, 8, 2, 1, ASSAY_ZIP_INCONSISTENT,
     "1 on this disk"},
    {"end: count", PART_END, 10, 2, 3, ASSAY_ZIP_INCONSISTENT,
     "3 members in all"},
    {"end: both counts high", PART_END, 8, 4, 0x00030003,
     ASSAY_ZIP_INCONSISTENT, "number 3"},
    {"end: both counts low", PART_END, 8, 4, 0x00010001, ASSAY_ZIP_TRAILING,
     "the 1 directory entries"},
    {"end: too many", PART_END, 8, 4, 0x00410041, ASSAY_ZIP_COUNT,
     "65 members"},
    {"end: ZIP64 count", PART_END, 8, 4, 0xFFFFFFFF, ASSAY_ZIP_UNSUPPORTED,
     "ZIP64"},
    {"end: ZIP64 length", PART_END, 12, 4, 0xFFFFFFFF, ASSAY_ZIP_UNSUPPORTED,
     "ZIP64"},
    {"end: ZIP64 offset", PART_END, 16, 4, 0xFFFFFFFF, ASSAY_ZIP_UNSUPPORTED,
     "ZIP64"},
    {"end: directory longer", PART_END, 12, 4, 107, ASSAY_ZIP_TRUNCATED,
     "directory of 107 bytes"},
    {"end: directory shorter", PART_END, 12, 4, 105, ASSAY_ZIP_TRAILING,
     "no bytes between"},
    {"end: directory far", PART_END, 16, 4, 0xFFFFFFF0, ASSAY_ZIP_TRUNCATED,
     "at offset 4294967280"},
    {"end: comment", PART_END, 20, 2, 5, ASSAY_ZIP_TRUNCATED,
     "comment of 5 bytes"},

    {"entry: signature", PART_ENTRY, 2, 1, 9, ASSAY_ZIP_INCONSISTENT,
     "number 2"},
    {"entry: version", PART_ENTRY, 6, 2, 45, ASSAY_ZIP_UNSUPPORTED,
     "\"two.dat\": needs zip version 4.5"},
    {"entry: encrypted", PART_ENTRY, 8, 2, 9, ASSAY_ZIP_UNSUPPORTED,
     "\"two.dat\": encrypted"},
    {"entry: strong encryption", PART_ENTRY, 8, 2, 0x48, ASSAY_ZIP_UNSUPPORTED,
     "\"two.dat\": flags 0x0048"},
    {"entry: masked header", PART_ENTRY, 8, 2, 0x2008, ASSAY_ZIP_UNSUPPORTED,
     "\"two.dat\": flags 0x2008"},
    {"entry: patch data", PART_ENTRY, 8, 2, 0x28, ASSAY_ZIP_UNSUPPORTED,
     "\"two.dat\": flags 0x0028"},
    {"entry: other flags", PART_ENTRY, 8, 2, 0x0A, ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\": flags 0x8"},
    {"entry: method", PART_ENTRY, 10, 2, 12, ASSAY_ZIP_UNSUPPORTED,
     "\"two.dat\": method 12"},
    {"entry: crc", PART_ENTRY, 16, 4, 1, ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\": checksum"},
    {"entry: packed length", PART_ENTRY, 20, 4, 3, ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\""},
    {"entry: length", PART_ENTRY, 24, 4, 23, ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\": checksum"},
    {"entry: bomb", PART_ENTRY, 24, 4, (16 << 20) + 1, ASSAY_ZIP_BOMB,
     "\"two.dat\": 16777217 bytes"},
    {"entry: impossible ratio", PART_ENTRY, 24, 4, 1 << 20, ASSAY_ZIP_BOMB,
     "\"two.dat\": 1048576 bytes"},
    {"entry: packed bomb", PART_ENTRY, 20, 4, (16 << 20) + 1, ASSAY_ZIP_BOMB,
     "\"two.dat\": 22 bytes packed into 16777217"},
    {"entry: ZIP64 length", PART_ENTRY, 24, 4, 0xFFFFFFFF,
     ASSAY_ZIP_UNSUPPORTED, "\"two.dat\": refers to ZIP64"},
    {"entry: ZIP64 packed length", PART_ENTRY, 20, 4, 0xFFFFFFFF,
     ASSAY_ZIP_UNSUPPORTED, "\"two.dat\": refers to ZIP64"},
    {"entry: ZIP64 offset", PART_ENTRY, 42, 4, 0xFFFFFFFF,
     ASSAY_ZIP_UNSUPPORTED, "\"two.dat\": refers to ZIP64"},
    {"entry: name length", PART_ENTRY, 28, 2, 8, ASSAY_ZIP_INCONSISTENT,
     "number 2"},
    {"entry: name shorter", PART_ENTRY, 28, 2, 6, ASSAY_ZIP_TRAILING,
     "the 2 directory entries"},
    {"entry: extra length", PART_ENTRY, 30, 2, 1, ASSAY_ZIP_INCONSISTENT,
     "number 2"},
    {"entry: comment", PART_ENTRY, 32, 2, 1, ASSAY_ZIP_UNSUPPORTED,
     "\"two.dat\": a comment of 1"},
    {"entry: disk", PART_ENTRY, 34, 2, 1, ASSAY_ZIP_UNSUPPORTED,
     "\"two.dat\": on disk 1"},
    {"entry: dos directory", PART_ENTRY, 38, 4, 0x10, ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\": attributes 0x00000010 say directory"},
    {"entry: offset back", PART_ENTRY, 42, 4, 41, ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\": begins at offset 41"},
    {"entry: offset on", PART_ENTRY, 42, 4, 43, ASSAY_ZIP_TRAILING,
     "\"two.dat\": begins at offset 43, expected 42"},
    {"entry: same local header", PART_ENTRY, 42, 4, 0, ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\": begins at offset 0"},

    {"local: signature", PART_LOCAL, 3, 1, 9, ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\": no whole header"},
    {"local: version", PART_LOCAL, 4, 2, 45, ASSAY_ZIP_UNSUPPORTED,
     "\"two.dat\": needs zip version 4.5"},
    {"local: flags", PART_LOCAL, 6, 2, 0, ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\": flags 0x0"},
    {"local: encrypted", PART_LOCAL, 6, 2, 9, ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\": flags 0x9"},
    {"local: method", PART_LOCAL, 8, 2, 0, ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\": method 0x0"},
    {"local: crc", PART_LOCAL, 14, 4, 1, ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\": checksum 0x1"},
    {"local: packed length", PART_LOCAL, 18, 4, 1, ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\": packed length 0x1"},
    {"local: length", PART_LOCAL, 22, 4, 21, ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\": length 0x15"},
    {"local: known length", PART_LOCAL, 22, 4, 22, ASSAY_OK, ""},
    {"local: name length", PART_LOCAL, 26, 2, 6, ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\": called \"two.da\""},
    {"local: name past the end", PART_LOCAL, 26, 2, 0xFFFF,
     ASSAY_ZIP_INCONSISTENT, "\"two.dat\": no whole header"},
    {"local: extra past the end", PART_LOCAL, 28, 2, 0xFFFF,
     ASSAY_ZIP_INCONSISTENT, "\"two.dat\": no whole header"},
    {"local: name", PART_LOCAL, 30, 1, 'x', ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\": called \"xwo.dat\""},

    {"stored: crc", PART_FIRST, 14, 4, 1, ASSAY_ZIP_INCONSISTENT,
     "\"one.bin\": checksum 0x1"},
    {"stored: packed length", PART_FIRST, 18, 4, 4, ASSAY_ZIP_INCONSISTENT,
     "\"one.bin\": packed length 0x4"},
    {"stored: length", PART_FIRST, 22, 4, 6, ASSAY_ZIP_INCONSISTENT,
     "\"one.bin\": length 0x6"},
    {"stored: zeros", PART_FIRST, 18, 4, 0, ASSAY_ZIP_INCONSISTENT,
     "\"one.bin\": packed length 0x0"},

    {"descriptor: signature", PART_DESCRIPTOR, 3, 1, 9, ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\": checksum"},
    {"descriptor: crc", PART_DESCRIPTOR, 4, 4, 1, ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\": checksum 00000001"},
    {"descriptor: packed length", PART_DESCRIPTOR, 8, 4, 1,
     ASSAY_ZIP_INCONSISTENT, "\"two.dat\": checksum"},
    {"descriptor: length", PART_DESCRIPTOR, 12, 4, 1, ASSAY_ZIP_INCONSISTENT,
     "\"two.dat\": checksum"},
};

Test(zip, one_changed_field_is_refused)
{
    for (size_t i = 0; i < sizeof PATCHES / sizeof PATCHES[0]; i++) {
        const struct patch *p = &PATCHES[i];
        size_t part_off[5];
        struct assay_buffer b = two_members(part_off);
        uint8_t value[4];
        expect_open("unchanged", &b, ASSAY_OK, "");
        assay_store_le32(value, p->value);
        memcpy(b.p + part_off[p->part] + p->off, value, p->width);
        expect_open(p->label, &b, p->status, p->text);
        assay_buffer_free(&b);
    }
}

/* ---- refusals: the layout ---------------------------------------------- */

Test(zip, foreign_file_is_refused)
{
    struct assay_buffer b = {0};
    expect_open("empty", &b, ASSAY_ZIP_NOT_ZIP, "0 bytes");
    put(&b,
        "\x7F"
        "ELF and then some more bytes than twenty-two",
        40);
    expect_open("elf", &b, ASSAY_ZIP_NOT_ZIP, "\"\\x7FELF\"");
    assay_buffer_free(&b);
}

Test(zip, too_large_file_is_refused)
{
    struct assay_buffer b = {0};
    cr_assert_eq(assay_buffer_fill(&b, 0, ((size_t)32 << 20) + 1, NULL),
                 ASSAY_OK);
    expect_open("33554433", &b, ASSAY_FILE_TOO_LARGE, "33554433 bytes");
    assay_buffer_free(&b);
}

Test(zip, data_before_between_and_after_is_refused)
{
    struct member m[] = {stored("one.bin", "1"), stored("two.bin", "2")};
    size_t dir_off = 2 * (30 + 7 + 1);

    m[0].n_before = 3;
    expect_members("before", m, 2, ASSAY_ZIP_TRAILING,
                   "\"one.bin\": begins at offset 3, expected 0");
    m[0].n_before = 0;
    m[1].n_before = 1;
    expect_members("between", m, 2, ASSAY_ZIP_TRAILING,
                   "\"two.bin\": begins at offset 39, expected 38");
    m[1].n_before = 0;

    struct assay_buffer b = {0};
    put_local(&b, &m[0]);
    put_local(&b, &m[1]);
    put(&b, "?", 1);
    put_entry(&b, &m[0], 0);
    put_entry(&b, &m[1], 38);
    put_end(&b, 2, dir_off + 1);
    expect_open("before the directory", &b, ASSAY_ZIP_TRAILING,
                "members end at offset 76 and the directory begins at offset "
                "77");
    assay_buffer_free(&b);

    b = archive(m, 2);
    put(&b, "?", 1);
    expect_open("after", &b, ASSAY_ZIP_TRAILING, "1 bytes follow");
    assay_buffer_free(&b);

    b = archive(m, 2);
    put(&b, "hello", 5);
    b.p[b.len - 5 - 2] = 5;
    expect_open("comment", &b, ASSAY_ZIP_TRAILING, "comment of 5 bytes");
    assay_buffer_free(&b);
}

/* A program in front, offsets left alone: how self-extractors look. */
Test(zip, self_extractor_is_refused)
{
    struct member m = stored("one.bin", "1");
    struct assay_buffer b = {0};
    put(&b, "MZ", 2);
    put_local(&b, &m);
    put_entry(&b, &m, 0);
    put_end(&b, 1, 2 + 38);
    uint8_t *end = b.p + b.len - 22;
    assay_store_le32(end + 16, 38);
    expect_open("stub", &b, ASSAY_ZIP_TRAILING, "before the archive");
    assay_buffer_free(&b);
}

/* A member that the directory does not know: readers from the front see it. */
Test(zip, member_outside_the_directory_is_refused)
{
    struct member m[] = {stored("one.bin", "1"), stored("hidden", "2"),
                         stored("two.bin", "3")};
    struct assay_buffer b = {0};
    put_local(&b, &m[0]);
    put_local(&b, &m[1]);
    put_local(&b, &m[2]);
    size_t dir_off = b.len;
    put_entry(&b, &m[0], 0);
    put_entry(&b, &m[2], 38 + 37);
    put_end(&b, 2, dir_off);
    expect_open("hidden", &b, ASSAY_ZIP_TRAILING,
                "\"two.bin\": begins at offset 75, expected 38");
    assay_buffer_free(&b);
}

Test(zip, directory_in_another_order_is_refused)
{
    struct member m[] = {stored("one.bin", "1"), stored("two.bin", "2")};
    struct assay_buffer b = {0};
    put_local(&b, &m[0]);
    put_local(&b, &m[1]);
    put_entry(&b, &m[1], 38);
    put_entry(&b, &m[0], 0);
    put_end(&b, 2, 76);
    expect_open("order", &b, ASSAY_ZIP_INCONSISTENT,
                "\"two.bin\": begins at offset 38, behind member \"one.bin\"");
    assay_buffer_free(&b);
}

/* The data of the first run into the second: they overlap. */
Test(zip, overlap_is_refused)
{
    struct member m[] = {stored("one.bin", "1"), stored("two.bin", "2")};
    struct assay_buffer b = archive(m, 2);
    size_t entry_off = 76;
    assay_store_le32(b.p + 18, 9);
    assay_store_le32(b.p + 22, 9);
    assay_store_le32(b.p + entry_off + 20, 9);
    assay_store_le32(b.p + entry_off + 24, 9);
    expect_open("overlap", &b, ASSAY_ZIP_INCONSISTENT,
                "\"two.bin\": begins at offset 38");
    assay_store_le32(b.p + 18, 900);
    assay_store_le32(b.p + 22, 900);
    assay_store_le32(b.p + entry_off + 20, 900);
    assay_store_le32(b.p + entry_off + 24, 900);
    expect_open("past the directory", &b, ASSAY_ZIP_INCONSISTENT,
                "\"one.bin\": 900 bytes of data at offset 37");
    assay_buffer_free(&b);
}

Test(zip, zip64_records_are_refused)
{
    struct member m = stored("one.bin", "1");
    struct assay_buffer b = {0};
    put_local(&b, &m);
    put_entry(&b, &m, 0);
    size_t dir_len = b.len - 38;
    put(&b, "PK\6\7", 4);
    put(&b, "\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0", 16);
    put_end(&b, 1, 38);
    assay_store_le32(b.p + b.len - 22 + 12, (uint32_t)dir_len);
    expect_open("locator", &b, ASSAY_ZIP_UNSUPPORTED, "ZIP64 record");
    assay_buffer_free(&b);
}

/* ---- refusals: members ------------------------------------------------- */

Test(zip, bad_name_is_refused)
{
    static const struct {
        const char *name;
        const char *text;
    } NAMES[] = {
        {"", "\"\": the name is empty"},
        {"/etc/passwd", "\"/etc/passwd\": the name is absolute"},
        {"/", "\"/\": the name is absolute"},
        {"C:\\a.bin", "\"C:\\x5Ca.bin\": the name has a character that file"},
        {"C:a.bin", "\"C:a.bin\": the name has a character that file"},
        {"app.bin:hidden", "\"app.bin:hidden\": the name has a character"},
        {"dir\\a.bin", "\"dir\\x5Ca.bin\": the name has a character"},
        {"a*.bin", "\"a*.bin\": the name has a character"},
        {"..", "\"..\": the name has a component \".\" or \"..\""},
        {"../a.bin", "\"../a.bin\": the name has a component \".\""},
        {"a/../b.bin", "\"a/../b.bin\": the name has a component \".\""},
        {"a/..", "\"a/..\": the name has a component \".\""},
        {"./a.bin", "\"./a.bin\": the name has a component \".\""},
        {"../", "\"../\": the name has a component \".\""},
        {"a//b.bin", "\"a//b.bin\": the name has an empty component"},
        {"a//", "\"a//\": the name has an empty component"},
        {"a.bin.", "\"a.bin.\": the name has a component that ends in a dot"},
        {"a.bin ", "\"a.bin \": the name has a component that ends in a dot"},
        {"a /b", "\"a /b\": the name has a component that ends in a dot"},
        {"NUL.bin", "\"NUL.bin\": the name has a component that is the name"},
        {"con", "\"con\": the name has a component that is the name"},
        {"a/Com1.tar.gz", "\"a/Com1.tar.gz\": the name has a component that"},
        {"lpt9/a", "\"lpt9/a\": the name has a component that is the name"},
        {"a\nb.bin", "\"a\\x0Ab.bin\": the name has a control character"},
        {"a\x1B[2J", "\"a\\x1B[2J\": the name has a control character"},
        {"a\x7F", "\"a\\x7F\": the name has a control character"},
        {"a\xC2\x85", "\"a\\xC2\\x85\": the name has a control character"},
        {"a\xFF", "\"a\\xFF\": the name is not UTF-8"},
        {"a\xC0\xAF", "\"a\\xC0\\xAF\": the name is not UTF-8"},
        {"a\xED\xA0\x80", "\"a\\xED\\xA0\\x80\": the name is not UTF-8"},
        {"a\xF4\x90\x80\x80", "the name is not UTF-8"},
        {"a\xE2\x82", "\"a\\xE2\\x82\": the name is not UTF-8"},
        {"\xC3\xA9.bin", "\"\\xC3\\xA9.bin\": the name is not ASCII, without"},
    };
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        struct member m = stored(NAMES[i].name, "1");
        expect_members(NAMES[i].name, &m, 1, ASSAY_ZIP_NAME, NAMES[i].text);
    }
}

Test(zip, name_that_only_begins_like_a_device_is_fine)
{
    static const char *const NAMES[] = {"console.bin", "nu",  "com0.bin",
                                        "com10.bin",   "lpt", ".con"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        struct member m = stored(NAMES[i], "1");
        expect_members(NAMES[i], &m, 1, ASSAY_OK, "");
    }
}

Test(zip, zero_byte_in_a_name_is_refused)
{
    struct member m = stored("abc.bin", "1");
    struct assay_buffer b = archive(&m, 1);
    b.p[30 + 3] = 0;
    b.p[38 + 46 + 3] = 0;
    expect_open("zero", &b, ASSAY_ZIP_NAME,
                "\"abc\\x00bin\": the name has a control character");
    assay_buffer_free(&b);
}

Test(zip, name_of_256_bytes_is_refused)
{
    char name[257];
    memset(name, 'n', 256);
    name[256] = '\0';
    struct member m = stored(name, "1");
    expect_members("256", &m, 1, ASSAY_ZIP_NAME,
                   "...\": the name is longer than 255 bytes");
    name[255] = '\0';
    expect_members("255", &m, 1, ASSAY_OK, "");
}

Test(zip, same_name_twice_is_refused)
{
    static const struct {
        const char *a;
        const char *b;
        const char *text;
    } PAIRS[] = {
        {"a.bin", "a.bin", "\"a.bin\" and member \"a.bin\""},
        {"a.bin", "A.Bin", "\"a.bin\" and member \"A.Bin\""},
        {"manifest.json", "MANIFEST.JSON", "\"MANIFEST.JSON\""},
        {"d/", "d/", "\"d/\" and member \"d/\""},
        {"d/", "D", "\"d/\" and member \"D\""},
        {"d", "d/a.bin", "\"d\" is a file and the folder of member"},
        {"d/a.bin", "D", "\"D\" is a file and the folder of member"},
    };
    for (size_t i = 0; i < sizeof PAIRS / sizeof PAIRS[0]; i++) {
        struct member m[] = {stored(PAIRS[i].a, ""), stored("x", ""),
                             stored(PAIRS[i].b, "")};
        expect_members(PAIRS[i].b, m, 3, ASSAY_ZIP_DUPLICATE, PAIRS[i].text);
    }
    struct member m[] = {stored("d/", ""), stored("d/a", ""), stored("da", ""),
                         stored("d/ab", ""), stored("dab/c", "")};
    expect_members("apart", m, 5, ASSAY_OK, "");
}

Test(zip, sixty_five_members_are_refused)
{
    struct member m[65];
    char name[65][8];
    for (size_t i = 0; i < 65; i++) {
        (void)snprintf(name[i], sizeof name[i], "%zu", i);
        m[i] = stored(name[i], "1");
    }
    expect_members("64", m, 64, ASSAY_OK, "");
    expect_members("65", m, 65, ASSAY_ZIP_COUNT, "65 members");
}

Test(zip, foreign_extra_field_is_refused)
{
    static const struct {
        const char *label;
        const char *extra;
        size_t len;
        enum assay_status status;
        const char *text;
    } EXTRAS[] = {
        {"unix times", "UT\5\0\1\2\3\4\5", 9, ASSAY_OK, ""},
        {"java", "\xFE\xCA\0\0", 4, ASSAY_OK, ""},
        {"zip64", "\1\0\10\0\0\0\0\0\0\0\0\0", 12, ASSAY_ZIP_UNSUPPORTED,
         "\"one.bin\": extra field 0x0001 of 8"},
        {"second name", "up\7\0\1\0\0\0\0ab", 11, ASSAY_ZIP_UNSUPPORTED,
         "\"one.bin\": extra field 0x7075 of 7"},
        {"encryption", "\x01\x99\7\0\2\0AE\3\0\0", 11, ASSAY_ZIP_UNSUPPORTED,
         "\"one.bin\": extra field 0x9901"},
        {"more than times", "UT\16\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16", 18,
         ASSAY_ZIP_UNSUPPORTED, "\"one.bin\": extra field 0x5455 of 14"},
        {"half a head", "UT\5", 3, ASSAY_ZIP_INCONSISTENT,
         "\"one.bin\": its extra fields in the directory are 3"},
        {"past the end", "UT\5\0\1\2\3\4", 8, ASSAY_ZIP_INCONSISTENT,
         "the one at byte 0 runs past"},
    };
    for (size_t i = 0; i < sizeof EXTRAS / sizeof EXTRAS[0]; i++) {
        struct member m = stored("one.bin", "1");
        m.extra = EXTRAS[i].extra;
        m.extra_len = EXTRAS[i].len;
        expect_members(EXTRAS[i].label, &m, 1, EXTRAS[i].status,
                       EXTRAS[i].text);
    }
}

/* Only the local header has the field: the directory looks innocent. */
Test(zip, foreign_local_extra_field_is_refused)
{
    struct member m = stored("one.bin", "1");
    struct assay_buffer b = {0};
    m.extra = "up\1\0\1";
    m.extra_len = 5;
    put_local(&b, &m);
    size_t dir_off = b.len;
    m.extra_len = 0;
    put_entry(&b, &m, 0);
    put_end(&b, 1, dir_off);
    expect_open("local", &b, ASSAY_ZIP_UNSUPPORTED,
                "\"one.bin\": extra field 0x7075 of 1 bytes in the header");
    assay_buffer_free(&b);
}

Test(zip, wrong_kind_of_member_is_refused)
{
    struct member m = stored("one.bin", "other.bin");
    m.creator = 3 << 8 | 20;
    m.attributes = 0xA1FF0000;
    expect_members("link", &m, 1, ASSAY_ZIP_LINK,
                   "\"one.bin\": a link or device (attributes 0xA1FF0000)");
    m.attributes = 0x61B60000;
    expect_members("device", &m, 1, ASSAY_ZIP_LINK, "\"one.bin\"");
    m.attributes = 0x41ED0000;
    expect_members("directory", &m, 1, ASSAY_ZIP_INCONSISTENT,
                   "\"one.bin\": attributes 0x41ED0000 say directory");
    m.name = "one/";
    m.attributes = 0x81A40000;
    expect_members("file", &m, 1, ASSAY_ZIP_INCONSISTENT,
                   "\"one/\": attributes 0x81A40000 say file");
    m.attributes = 0x41ED0010;
    expect_members("directory with data", &m, 1, ASSAY_ZIP_INCONSISTENT,
                   "\"one/\": a directory with 9 bytes");
    m = stored("one/", "");
    m.creator = 0;
    m.attributes = 0xA1FF0000;
    expect_members("not unix", &m, 1, ASSAY_OK, "");
}

Test(zip, stored_with_two_lengths_is_refused)
{
    struct member m = stored("one.bin", "12345");
    m.len = 4;
    expect_members("lengths", &m, 1, ASSAY_ZIP_INCONSISTENT,
                   "\"one.bin\": stored, with length 4 and packed length 5");
}

Test(zip, stored_with_descriptor_is_refused)
{
    struct member m = stored("one.bin", "12345");
    m.flags = 8;
    m.descriptor = DESCRIPTOR_SIGNED;
    expect_members("stored", &m, 1, ASSAY_ZIP_UNSUPPORTED,
                   "\"one.bin\": stored with a data descriptor");
}

Test(zip, missing_descriptor_is_refused)
{
    uint8_t room[256];
    struct member m = deflated("one.bin", "12345", room, sizeof room);
    m.flags = 8;
    expect_members("none", &m, 1, ASSAY_ZIP_INCONSISTENT,
                   "\"one.bin\": 0 bytes at offset");
}

/*
 * Four bytes whose checksum is the signature of a data descriptor, found by
 * running CRC-32 backwards: the top byte of the state tells the table index
 * of each step.
 */
Test(zip, ambiguous_descriptor_is_refused)
{
    uint8_t room[256];
    char text[5] = "";
    uint32_t wanted = 0x08074B50;
    uint32_t state = ~wanted;
    uint32_t table[256];
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++) {
            c = (c & 1) != 0 ? c >> 1 ^ 0xEDB88320 : c >> 1;
        }
        table[i] = c;
    }
    uint8_t index[4];
    for (int i = 3; i >= 0; i--) {
        uint32_t k = 0;
        while (table[k] >> 24 != state >> 24) {
            k++;
        }
        index[i] = (uint8_t)k;
        state = (state ^ table[k]) << 8;
    }
    uint32_t run = 0xFFFFFFFF;
    for (int i = 0; i < 4; i++) {
        text[i] = (char)(uint8_t)((run ^ index[i]) & 0xFF);
        run = run >> 8 ^ table[index[i]];
    }
    cr_assert_eq(crc_of(text, 4), wanted);
    cr_assert_eq(strlen(text), 4);
    struct member m = deflated("one.bin", text, room, sizeof room);
    m.flags = 8;
    m.descriptor = DESCRIPTOR_SIGNED;
    expect_members("signed", &m, 1, ASSAY_OK, "");
    m.descriptor = DESCRIPTOR_PLAIN;
    expect_members("plain", &m, 1, ASSAY_ZIP_INCONSISTENT, "\"one.bin\"");
}

Test(zip, all_members_too_large_is_refused)
{
    size_t len = (size_t)12 << 20;
    uint8_t *zeros = calloc(1, len);
    uint8_t *room = malloc(65536);
    cr_assert(zeros != NULL && room != NULL);
    struct member m[3];
    size_t packed_len = pack(zeros, len, room, 65536);
    for (size_t i = 0; i < 3; i++) {
        static const char *const NAMES[] = {"a", "b", "c"};
        m[i] = (struct member){.name = NAMES[i],
                               .data = room,
                               .data_len = packed_len,
                               .len = len,
                               .crc = crc_of(zeros, len),
                               .method = 8};
    }
    expect_members("24 MiB", m, 2, ASSAY_OK, "");
    expect_members("36 MiB", m, 3, ASSAY_ZIP_BOMB,
                   "\"c\": with it the members hold 37748736 bytes");
    free(room);
    free(zeros);
}

/* ---- contents ---------------------------------------------------------- */

struct counter {
    size_t len;
    size_t largest;
    size_t n_left; /* refuse when it reaches 0 */
};

static enum assay_status count(void *ctx, struct assay_slice chunk,
                               struct assay_diag *diag)
{
    struct counter *c = ctx;
    c->len += chunk.len;
    c->largest = chunk.len > c->largest ? chunk.len : c->largest;
    if (--c->n_left == 0) {
        return assay_diag_set(diag, ASSAY_IMAGE_LONG, "enough");
    }
    return ASSAY_OK;
}

/* Open one member alone, stream it, and compare status and text. */
static struct counter expect_stream(const char *label, const struct member *m,
                                    enum assay_status status, const char *text)
{
    struct counter c = {.n_left = SIZE_MAX};
    struct assay_zip zip;
    struct assay_diag diag = {0};
    struct assay_zip_sink sink = {count, &c};
    struct assay_buffer b = archive(m, 1);
    cr_assert_eq(assay_zip_open(assay_buffer_slice(&b), &zip, &diag), ASSAY_OK,
                 "%s: %s", label, diag.text);
    enum assay_status found =
        assay_zip_stream(&zip, &zip.entry[0], &sink, &diag);
    cr_expect_eq(found, status, "%s: found %s (%s)", label,
                 assay_status_name(found), diag.text);
    cr_expect(strstr(diag.text, text) != NULL, "%s: no '%s' in '%s'", label,
              text, diag.text);
    cr_expect_leq(c.len, zip.entry[0].len, "%s: more than it says", label);
    cr_expect_leq(c.largest, 32768, "%s: chunk", label);
    struct assay_buffer loaded = {0};
    cr_expect_eq(
        assay_zip_load(&zip, &zip.entry[0], ASSAY_ZIP_MAX_LEN, &loaded, NULL),
        status, "%s: load", label);
    cr_expect_eq(loaded.len, status == ASSAY_OK ? zip.entry[0].len : 0);
    assay_buffer_free(&loaded);
    assay_buffer_free(&b);
    return c;
}

static const char TEXT[] = "a text, a text, a text, a text, and its end";

Test(zip, wrong_checksum_is_refused)
{
    uint8_t room[256];
    struct member m = stored("one.bin", TEXT);
    m.crc ^= 1;
    (void)expect_stream("stored", &m, ASSAY_ZIP_DATA,
                        "\"one.bin\": checksum of the data");
    m = deflated("one.bin", TEXT, room, sizeof room);
    m.crc ^= 0x80000000;
    (void)expect_stream("deflated", &m, ASSAY_ZIP_DATA,
                        "\"one.bin\": checksum of the data");
}

Test(zip, wrong_deflate_stream_is_refused)
{
    uint8_t room[256];
    struct member m = deflated("one.bin", TEXT, room, sizeof room);
    m.data_len--;
    (void)expect_stream("cut", &m, ASSAY_ZIP_DATA,
                        "\"one.bin\": the end of the packed data");
    m.data_len = 0;
    m.len = 0;
    (void)expect_stream("none", &m, ASSAY_ZIP_DATA,
                        "\"one.bin\": the end of the packed data");
    m = deflated("one.bin", TEXT, room, sizeof room);
    m.len++;
    (void)expect_stream("short", &m, ASSAY_ZIP_DATA,
                        "\"one.bin\": 43 bytes, expected 44");
    m.len -= 2;
    (void)expect_stream("long", &m, ASSAY_ZIP_BOMB,
                        "\"one.bin\": the data go on after 42 bytes");
    m.len++;
    room[m.data_len] = 0;
    m.data_len++;
    (void)expect_stream("more", &m, ASSAY_ZIP_TRAILING, "\"one.bin\": 1 of");
    m.data_len--;
    room[0] |= 6;
    (void)expect_stream("block type", &m, ASSAY_ZIP_DATA,
                        "\"one.bin\": damaged data");
}

Test(zip, bomb_that_lies_stops_at_its_word)
{
    size_t len = (size_t)16 << 20;
    uint8_t *zeros = calloc(1, len);
    uint8_t *room = malloc(65536);
    cr_assert(zeros != NULL && room != NULL);
    struct member m = {.name = "bomb.bin",
                       .data = room,
                       .data_len = pack(zeros, len, room, 65536),
                       .len = 70000,
                       .method = 8};
    struct counter c = expect_stream("lie", &m, ASSAY_ZIP_BOMB,
                                     "\"bomb.bin\": the data go on after");
    cr_expect_eq(c.len, 70000);
    m.len = 0;
    c = expect_stream("lie of nothing", &m, ASSAY_ZIP_BOMB, "\"bomb.bin\"");
    cr_expect_eq(c.len, 0);
    m.len = len;
    m.crc = crc_of(zeros, len);
    c = expect_stream("truth", &m, ASSAY_OK, "");
    cr_expect_eq(c.len, len);
    free(room);
    free(zeros);
}

Test(zip, bomb_that_tells_the_truth_is_refused)
{
    size_t len = ((size_t)16 << 20) + 1;
    uint8_t *zeros = calloc(1, len);
    uint8_t *room = malloc(65536);
    cr_assert(zeros != NULL && room != NULL);
    struct member m = {.name = "bomb.bin",
                       .data = room,
                       .data_len = pack(zeros, len, room, 65536),
                       .len = len,
                       .crc = crc_of(zeros, len),
                       .method = 8};
    expect_members("truth", &m, 1, ASSAY_ZIP_BOMB,
                   "\"bomb.bin\": 16777217 bytes");
    free(room);
    free(zeros);
}

Test(zip, refusal_of_the_sink_is_passed_on)
{
    struct member m = stored("one.bin", TEXT);
    struct assay_buffer b = archive(&m, 1);
    struct assay_zip zip;
    struct assay_diag diag = {0};
    struct counter c = {.n_left = 1};
    struct assay_zip_sink sink = {count, &c};
    cr_assert_eq(assay_zip_open(assay_buffer_slice(&b), &zip, NULL), ASSAY_OK);
    cr_expect_eq(assay_zip_stream(&zip, &zip.entry[0], &sink, &diag),
                 ASSAY_IMAGE_LONG);
    cr_expect_str_eq(diag.text, "enough");
    assay_buffer_free(&b);
}

Test(zip, load_beyond_the_limit_is_refused)
{
    struct member m = stored("one.bin", TEXT);
    struct assay_buffer b = archive(&m, 1);
    struct assay_buffer out = {0};
    struct assay_zip zip;
    struct assay_diag diag = {0};
    cr_assert_eq(assay_zip_open(assay_buffer_slice(&b), &zip, NULL), ASSAY_OK);
    cr_expect_eq(assay_zip_load(&zip, &zip.entry[0], 42, &out, &diag),
                 ASSAY_ZIP_BOMB);
    cr_expect_str_eq(diag.text,
                     "member \"one.bin\": 43 bytes, expected at most 42");
    cr_expect_eq(assay_zip_load(&zip, &zip.entry[0], 43, &out, &diag),
                 ASSAY_OK);
    cr_expect_eq(out.len, 43);
    assay_buffer_free(&out);
    assay_buffer_free(&b);
}

/* ---- the whole of small archives --------------------------------------- */

/* The members of good, byte for byte; open may also refuse. */
static void expect_same_or_refused(const char *label, size_t at,
                                   struct assay_slice bytes,
                                   const struct assay_zip *good,
                                   const struct assay_buffer *content)
{
    struct assay_zip zip;
    if (assay_zip_open(bytes, &zip, NULL) != ASSAY_OK) {
        return;
    }
    for (size_t i = 0; i < zip.n_entries; i++) {
        struct assay_buffer out = {0};
        if (assay_zip_load(&zip, &zip.entry[i], ASSAY_ZIP_MAX_LEN, &out,
                           NULL) == ASSAY_OK) {
            cr_assert_eq(zip.n_entries, good->n_entries, "%s %zu", label, at);
            const struct assay_slice *name = &good->entry[i].name;
            cr_assert(zip.entry[i].name.len == name->len &&
                          memcmp(zip.entry[i].name.p, name->p, name->len) == 0,
                      "%s %zu: name", label, at);
            cr_assert(
                out.len == content[i].len &&
                    (out.len == 0 || memcmp(out.p, content[i].p, out.len) == 0),
                "%s %zu: content", label, at);
        }
        assay_buffer_free(&out);
    }
}

Test(zip, truncated_archive_is_refused)
{
    struct member m[7];
    uint8_t room[3][256];
    struct assay_buffer b = archive(m, every_kind(m, room));
    for (size_t len = 0; len < b.len; len++) {
        struct assay_buffer cut = {.p = b.p, .len = len};
        char label[64];
        (void)snprintf(label, sizeof label, "%zu of %zu", len, b.len);
        expect_open(label, &cut,
                    len == 0 ? ASSAY_ZIP_NOT_ZIP : ASSAY_ZIP_TRUNCATED, "");
    }
    assay_buffer_free(&b);
}

Test(zip, changed_byte_is_refused_or_changes_nothing)
{
    struct member m[7];
    uint8_t room[3][256];
    struct assay_buffer content[7] = {{0}};
    struct assay_zip good;
    struct assay_buffer b = archive(m, every_kind(m, room));
    struct assay_buffer copy = archive(m, 7);
    cr_assert_eq(assay_zip_open(assay_buffer_slice(&copy), &good, NULL),
                 ASSAY_OK);
    for (size_t i = 0; i < 7; i++) {
        cr_assert_eq(
            assay_zip_load(&good, &good.entry[i], 4096, &content[i], NULL),
            ASSAY_OK);
    }
    for (size_t at = 0; at < b.len; at++) {
        uint8_t was = b.p[at];
        for (unsigned change = 1; change < 256; change++) {
            b.p[at] = (uint8_t)(was ^ change);
            expect_same_or_refused("change at", at, assay_buffer_slice(&b),
                                   &good, content);
        }
        b.p[at] = was;
    }
    for (size_t at = 0; at < b.len; at++) {
        struct assay_buffer less = {0};
        put(&less, b.p, at);
        put(&less, b.p + at + 1, b.len - at - 1);
        expect_same_or_refused("lost byte", at, assay_buffer_slice(&less),
                               &good, content);
        assay_buffer_free(&less);
    }
    for (size_t i = 0; i < 7; i++) {
        assay_buffer_free(&content[i]);
    }
    assay_buffer_free(&copy);
    assay_buffer_free(&b);
}

/* ---- names in messages ------------------------------------------------- */

Test(zip, quote_escapes_and_cuts)
{
    uint8_t text[300];
    cr_expect_str_eq(
        assay_zip_quote(assay_slice((const uint8_t *)"a\"\\\x1B\xC3", 5)).s,
        "\"a\\x22\\x5C\\x1B\\xC3\"");
    cr_expect_str_eq(assay_zip_quote(assay_slice(NULL, 0)).s, "\"\"");
    for (size_t len = 0; len < sizeof text; len++) {
        memset(text, len % 2 == 0 ? 'a' : 1, sizeof text);
        struct assay_zip_text out = assay_zip_quote(assay_slice(text, len));
        size_t n = strlen(out.s);
        size_t whole = 2 + len * (len % 2 == 0 ? 1 : 4);
        int is_cut = n >= 5 && strcmp(out.s + n - 4, "...\"") == 0;
        cr_assert(out.s[0] == '"' && out.s[n - 1] == '"');
        cr_assert_eq(is_cut, whole > 200, "%zu: %s", len, out.s);
        cr_assert(is_cut || n == whole);
    }
}

Test(zip, utf8_reads_every_code_point)
{
    static const struct {
        const char *text;
        size_t len;
        uint32_t code;
    } POINTS[] = {
        {"A", 1, 'A'},
        {"\xC2\x80", 2, 0x80},
        {"\xDF\xBF", 2, 0x7FF},
        {"\xE0\xA0\x80", 3, 0x800},
        {"\xE2\x82\xAC", 3, 0x20AC},
        {"\xEF\xBF\xBF", 3, 0xFFFF},
        {"\xF0\x90\x80\x80", 4, 0x10000},
        {"\xF4\x8F\xBF\xBF", 4, 0x10FFFF},
        {"\x80", 0, 0},
        {"\xC1\xBF", 0, 0},
        {"\xE0\x9F\xBF", 0, 0},
        {"\xED\xBF\xBF", 0, 0},
        {"\xF0\x8F\xBF\xBF", 0, 0},
        {"\xF4\x90\x80\x80", 0, 0},
        {"\xF8\x88\x80\x80\x80", 0, 0},
        {"\xC3", 0, 0},
        {"\xC3(", 0, 0},
    };
    for (size_t i = 0; i < sizeof POINTS / sizeof POINTS[0]; i++) {
        uint32_t code;
        struct assay_slice text = assay_slice((const uint8_t *)POINTS[i].text,
                                              strlen(POINTS[i].text));
        cr_expect_eq(assay_zip_utf8(text, 0, &code), POINTS[i].len, "%zu", i);
        cr_expect_eq(code, POINTS[i].code, "%zu", i);
    }
}

/* ---- writing ----------------------------------------------------------- */

Test(zip, written_archive_reads_back_and_repeats)
{
    uint8_t data[256];
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)i;
    }
    const struct assay_zip_member m[] = {
        {"manifest.json", {(const uint8_t *)"{}", 2}},
        {"app.bin", {data, sizeof data}},
        {"app.dat", {data, 1}},
        {"\xC3\xA9/empty", {NULL, 0}},
    };
    struct assay_buffer a = {0};
    struct assay_buffer b = {0};
    struct assay_zip zip;
    cr_assert_eq(assay_zip_write(m, 4, ASSAY_ZIP_TIME_ZERO, &a, NULL),
                 ASSAY_OK);
    cr_assert_eq(assay_zip_write(m, 4, ASSAY_ZIP_TIME_ZERO, &b, NULL),
                 ASSAY_OK);
    cr_assert(a.len == b.len && memcmp(a.p, b.p, a.len) == 0);
    cr_expect_eq(a.len,
                 4 * (30 + 46) + 2 * (13 + 7 + 7 + 8) + 2 + 256 + 1 + 22);
    cr_expect_eq(compare_with_libzip("written", assay_buffer_slice(&a)), 4);
    cr_assert_eq(assay_zip_open(assay_buffer_slice(&a), &zip, NULL), ASSAY_OK);
    for (size_t i = 0; i < 4; i++) {
        const struct assay_zip_entry *e = assay_zip_find(&zip, m[i].name);
        cr_assert_eq(e, &zip.entry[i]);
        cr_expect_eq(e->method, ASSAY_ZIP_STORED);
        cr_assert_eq(e->len, m[i].data.len);
        cr_expect(e->len == 0 ||
                  memcmp(a.p + e->data_off, m[i].data.p, e->len) == 0);
    }
    assay_buffer_free(&a);
    assay_buffer_free(&b);
}

Test(zip, writer_refuses_what_the_reader_refuses)
{
    struct assay_buffer out = {0};
    struct assay_diag diag = {0};
    struct assay_zip_member many[65] = {{0}};
    struct assay_zip_member m[] = {{"a.bin", {NULL, 0}}, {"A.BIN", {NULL, 0}}};
    cr_expect_eq(assay_zip_write(many, 65, 0, &out, &diag), ASSAY_ZIP_COUNT);
    cr_expect_eq(assay_zip_write(m, 2, 0, &out, &diag), ASSAY_ZIP_DUPLICATE);
    cr_expect(strstr(diag.text, "\"A.BIN\"") != NULL);
    m[1].name = "../b";
    cr_expect_eq(assay_zip_write(m, 2, 0, &out, &diag), ASSAY_ZIP_NAME);
    cr_expect(strstr(diag.text, "\"../b\"") != NULL);
    m[1].name = "b/";
    cr_expect_eq(assay_zip_write(m, 2, 0, &out, &diag), ASSAY_ZIP_NAME);
    m[1].name = "b";
    m[1].data.len = ASSAY_ZIP_MAX_LEN + 1;
    cr_expect_eq(assay_zip_write(m, 2, 0, &out, &diag), ASSAY_ZIP_BOMB);
    cr_expect(strstr(diag.text, "\"b\"") != NULL);
    cr_expect_eq(out.len, 0);
    cr_expect_null(out.p);
}

Test(zip, dos_time_is_utc_and_bounded)
{
    static const struct {
        int64_t unix_time;
        uint32_t dos_time;
    } TIMES[] = {
        {0, 0x00210000},          {INT64_MIN, 0x00210000},
        {315532800, 0x00210000},  /* 1980-01-01 00:00:00 */
        {315532803, 0x00210001},  /* 1980-01-01 00:00:03 */
        {951827696, 0x285D645C},  /* 2000-02-29 12:34:56 */
        {1577836800, 0x50210000}, /* 2020-01-01 00:00:00 */
        {4354819199, 0xFF9FBF7D}, /* 2107-12-31 23:59:59 */
        {4354819200, 0xFF9FBF7D}, /* beyond */
        {INT64_MAX, 0xFF9FBF7D},
    };
    for (size_t i = 0; i < sizeof TIMES / sizeof TIMES[0]; i++) {
        uint32_t found = assay_zip_dos_time(TIMES[i].unix_time);
        cr_expect_eq(found, TIMES[i].dos_time, "%lld: %08X",
                     (long long)TIMES[i].unix_time, (unsigned)found);
    }
}
