/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/zip.h"

#include <string.h>

#include "base/bytes.h"
#include "host/text.h"
#include "host/zip_name.h"

/*
 * The structure of an archive: end record, directory, members. No data of a
 * member is read here (host/zip_data.c), and names are judged elsewhere
 * (host/zip_name.c).
 *
 * Offsets are absolute in the file. Every record is reached by a chain of
 * tests `len <= end - off` with `off <= end` shown before, so that no sum of
 * foreign numbers is ever formed: they are 16 or 32 bits wide and size_t is
 * at least 32, and the file is at most 32 MiB long.
 */

static const uint8_t LOCAL_SIGNATURE[4] = {'P', 'K', 3, 4};
static const uint8_t ENTRY_SIGNATURE[4] = {'P', 'K', 1, 2};
static const uint8_t END_SIGNATURE[4] = {'P', 'K', 5, 6};
static const uint8_t END64_SIGNATURE[4] = {'P', 'K', 6, 6};
static const uint8_t LOCATOR64_SIGNATURE[4] = {'P', 'K', 6, 7};
static const uint8_t DATA_SIGNATURE[4] = {'P', 'K', 7, 8};

enum {
    END_LEN = 22,
    END_DISK = 4,
    END_DIR_DISK = 6,
    END_N_ON_DISK = 8,
    END_N = 10,
    END_DIR_LEN = 12,
    END_DIR_OFF = 16,
    END_COMMENT_LEN = 20,

    LOCATOR64_LEN = 20,

    ENTRY_LEN = 46,
    ENTRY_CREATOR = 4,
    ENTRY_FIELDS = 6, /* from here on as in the local header */
    ENTRY_COMMENT_LEN = 32,
    ENTRY_DISK = 34,
    ENTRY_ATTRIBUTES = 38,
    ENTRY_LOCAL_OFF = 42,

    LOCAL_LEN = 30,
    LOCAL_FIELDS = 4,

    FIELD_VERSION = 0,
    FIELD_FLAGS = 2,
    FIELD_METHOD = 4,
    FIELD_CRC = 10,
    FIELD_PACKED_LEN = 14,
    FIELD_LEN = 18,
    FIELD_NAME_LEN = 22,
    FIELD_EXTRA_LEN = 24,

    VERSION_MAX = 20,

    FLAG_LEVEL = 0x0006,
    FLAG_DESCRIPTOR = 0x0008,
    FLAG_UTF8 = 0x0800,
    FLAGS_KNOWN = FLAG_LEVEL | FLAG_DESCRIPTOR | FLAG_UTF8,

    CREATOR_UNIX = 3,
    CREATOR_MACOS = 19,
    ATTRIBUTE_DOS_DIRECTORY = 0x10,
    UNIX_TYPE_DIRECTORY = 4,
    UNIX_TYPE_FILE = 8,

    /* A symbol costs at least two bits and yields at most 258 bytes. */
    DEFLATE_MAX_RATIO = 1032,
};

_Static_assert(ENTRY_FIELDS + FIELD_EXTRA_LEN + 2 == ENTRY_COMMENT_LEN,
               "the shared fields end where the entry's own go on");
_Static_assert(LOCAL_FIELDS + FIELD_EXTRA_LEN + 2 == LOCAL_LEN,
               "the shared fields end the local header");

/*
 * Extra fields that real archives have, with the largest that each can
 * meaningfully be: none is a place to hide data or a second name in.
 */
static const struct {
    uint32_t id;
    uint32_t max_len;
} EXTRA_KNOWN[] = {
    {0x000A, 32}, /* NTFS times */
    {0x5455, 13}, /* Unix times */
    {0x5855, 12}, /* Unix times and owner, first form */
    {0x7855, 4},  /* Unix owner, second form */
    {0x7875, 19}, /* Unix owner, third form */
    {0xCAFE, 0},  /* mark of Java archives */
};

/* A record header in either place, and what follows it. */
struct header {
    const uint8_t *fields;
    struct assay_slice name;
    struct assay_slice extra;
};

static int signature_is(struct assay_slice file, size_t off,
                        const uint8_t signature[static 4])
{
    return off <= file.len && 4 <= file.len - off &&
           memcmp(file.p + off, signature, 4) == 0;
}

/* ---- end record -------------------------------------------------------- */

/* No end record in the last 22 bytes: say what the file is instead. */
static enum assay_status no_end_record(struct assay_slice file,
                                       struct assay_diag *diag)
{
    for (size_t off = file.len; off-- > 0;) {
        if (!signature_is(file, off, END_SIGNATURE) ||
            END_LEN > file.len - off) {
            continue;
        }
        const uint8_t *end = file.p + off;
        size_t behind = file.len - off - END_LEN;
        size_t dir_off = assay_load_le32(end + END_DIR_OFF);
        size_t comment_len = assay_load_le16(end + END_COMMENT_LEN);
        if (comment_len == behind) {
            return assay_diag_set(diag, ASSAY_ZIP_TRAILING,
                                  "the end record at offset %zu is followed by "
                                  "an archive comment of %zu bytes, expected "
                                  "the end of the file",
                                  off, behind);
        }
        if (dir_off <= off &&
            assay_load_le32(end + END_DIR_LEN) == off - dir_off) {
            return assay_diag_set(diag, ASSAY_ZIP_TRAILING,
                                  "%zu bytes follow the end record at offset "
                                  "%zu, expected the end of the file",
                                  behind, off);
        }
    }
    size_t start_len = file.len < 4 ? file.len : 4;
    if (start_len != 0 && (memcmp(file.p, LOCAL_SIGNATURE, start_len) == 0 ||
                           memcmp(file.p, END_SIGNATURE, start_len) == 0)) {
        return assay_diag_set(diag, ASSAY_ZIP_TRUNCATED,
                              "the file begins like a zip archive and ends "
                              "after %zu bytes, expected an end record "
                              "(PK 05 06) in the last 22",
                              file.len);
    }
    return assay_diag_set(diag, ASSAY_ZIP_NOT_ZIP,
                          "the file of %zu bytes begins with %s, "
                          "expected \"PK\\x03\\x04\"",
                          file.len,
                          assay_zip_quote(assay_slice(file.p, start_len)).s);
}

/* Where the directory is. */
struct directory {
    size_t off;
    size_t end; /* the offset of the end record */
    size_t n;
};

static enum assay_status check_directory_place(struct assay_slice file,
                                               const struct directory *dir,
                                               size_t dir_len,
                                               struct assay_diag *diag)
{
    if (dir->off > dir->end || dir_len > dir->end - dir->off) {
        return assay_diag_set(diag, ASSAY_ZIP_TRUNCATED,
                              "the directory of %zu bytes at offset %zu does "
                              "not fit before the end record at offset %zu",
                              dir_len, dir->off, dir->end);
    }
    size_t gap = dir->end - dir->off - dir_len;
    size_t gap_off = dir->off + dir_len;
    if (gap == 0) {
        return ASSAY_OK;
    }
    if (signature_is(file, gap_off, END64_SIGNATURE) ||
        (gap >= LOCATOR64_LEN &&
         signature_is(file, dir->end - LOCATOR64_LEN, LOCATOR64_SIGNATURE))) {
        return assay_diag_set(diag, ASSAY_ZIP_UNSUPPORTED,
                              "a ZIP64 record stands between offsets %zu and "
                              "%zu, expected none",
                              gap_off, dir->end);
    }
    return assay_diag_set(diag, ASSAY_ZIP_TRAILING,
                          "the directory ends at offset %zu and the end record "
                          "is at offset %zu, expected no bytes between (or "
                          "before the archive)",
                          gap_off, dir->end);
}

static enum assay_status read_end_record(struct assay_slice file,
                                         struct directory *dir,
                                         struct assay_diag *diag)
{
    if (file.len < END_LEN ||
        !signature_is(file, file.len - END_LEN, END_SIGNATURE)) {
        return no_end_record(file, diag);
    }
    dir->end = file.len - END_LEN;
    const uint8_t *end = file.p + dir->end;
    uint32_t comment_len = assay_load_le16(end + END_COMMENT_LEN);
    if (comment_len != 0) {
        return assay_diag_set(diag, ASSAY_ZIP_TRUNCATED,
                              "the end record promises a comment of %u bytes, "
                              "found the end of the file",
                              (unsigned)comment_len);
    }
    uint32_t disk = assay_load_le16(end + END_DISK);
    uint32_t dir_disk = assay_load_le16(end + END_DIR_DISK);
    uint32_t n_on_disk = assay_load_le16(end + END_N_ON_DISK);
    uint32_t n = assay_load_le16(end + END_N);
    uint32_t dir_len = assay_load_le32(end + END_DIR_LEN);
    uint32_t dir_off = assay_load_le32(end + END_DIR_OFF);
    if (n == 0xFFFF || dir_len == UINT32_MAX || dir_off == UINT32_MAX) {
        return assay_diag_set(diag, ASSAY_ZIP_UNSUPPORTED,
                              "the end record refers to ZIP64, expected an "
                              "archive without it");
    }
    if (disk != 0 || dir_disk != 0) {
        return assay_diag_set(diag, ASSAY_ZIP_UNSUPPORTED,
                              "the archive is disk %u with its directory on "
                              "disk %u, expected a single disk 0",
                              (unsigned)disk, (unsigned)dir_disk);
    }
    if (n_on_disk != n) {
        return assay_diag_set(diag, ASSAY_ZIP_INCONSISTENT,
                              "the end record counts %u members in all and %u "
                              "on this disk, expected equal counts",
                              (unsigned)n, (unsigned)n_on_disk);
    }
    if (n > ASSAY_ZIP_MAX_ENTRIES) {
        return assay_diag_set(diag, ASSAY_ZIP_COUNT,
                              "%u members, expected at most %d", (unsigned)n,
                              ASSAY_ZIP_MAX_ENTRIES);
    }
    dir->off = dir_off;
    dir->n = n;
    return check_directory_place(file, dir, dir_len, diag);
}

/* ---- directory entries ------------------------------------------------- */

static enum assay_status check_extra(struct assay_slice extra,
                                     struct assay_slice name, const char *where,
                                     struct assay_diag *diag)
{
    enum { N_KNOWN = ASSAY_N_OF(EXTRA_KNOWN) };
    for (size_t off = 0; off < extra.len;) {
        if (4 > extra.len - off ||
            assay_load_le16(extra.p + off + 2) > extra.len - off - 4) {
            return assay_diag_set(diag, ASSAY_ZIP_INCONSISTENT,
                                  "member %s: its extra fields in the %s are "
                                  "%zu bytes long, and the one at byte %zu "
                                  "runs past them",
                                  assay_zip_quote(name).s, where, extra.len,
                                  off);
        }
        uint32_t id = assay_load_le16(extra.p + off);
        uint32_t len = assay_load_le16(extra.p + off + 2);
        size_t i = 0;
        while (i < N_KNOWN && EXTRA_KNOWN[i].id != id) {
            i++;
        }
        if (i == N_KNOWN || len > EXTRA_KNOWN[i].max_len) {
            return assay_diag_set(diag, ASSAY_ZIP_UNSUPPORTED,
                                  "member %s: extra field 0x%04X of %u bytes "
                                  "in the %s, expected times or owners alone",
                                  assay_zip_quote(name).s, (unsigned)id,
                                  (unsigned)len, where);
        }
        off += 4 + len;
    }
    return ASSAY_OK;
}

static enum assay_status check_version(const struct header *h,
                                       struct assay_diag *diag)
{
    /* The upper byte names the system that the creator ran on. */
    uint32_t version = assay_load_le16(h->fields + FIELD_VERSION) & 0xFF;
    if (version > VERSION_MAX) {
        return assay_diag_set(diag, ASSAY_ZIP_UNSUPPORTED,
                              "member %s: needs zip version %u.%u, expected "
                              "at most 2.0",
                              assay_zip_quote(h->name).s,
                              (unsigned)version / 10, (unsigned)version % 10);
    }
    return ASSAY_OK;
}

static enum assay_status check_name(const struct header *h,
                                    struct assay_diag *diag)
{
    const char *fault = assay_zip_name_fault(h->name);
    uint32_t flags = assay_load_le16(h->fields + FIELD_FLAGS);
    for (size_t i = 0; i < h->name.len && fault == NULL; i++) {
        if (h->name.p[i] >= 0x80 && (flags & FLAG_UTF8) == 0) {
            fault = "is not ASCII, without the flag that says UTF-8";
        }
    }
    if (fault != NULL) {
        return assay_diag_set(diag, ASSAY_ZIP_NAME, "member %s: the name %s",
                              assay_zip_quote(h->name).s, fault);
    }
    return ASSAY_OK;
}

static enum assay_status check_features(const uint8_t *entry,
                                        const struct header *h,
                                        struct assay_diag *diag)
{
    uint32_t flags = assay_load_le16(h->fields + FIELD_FLAGS);
    uint32_t method = assay_load_le16(h->fields + FIELD_METHOD);
    uint32_t disk = assay_load_le16(entry + ENTRY_DISK);
    uint32_t comment_len = assay_load_le16(entry + ENTRY_COMMENT_LEN);
    struct assay_zip_text name = assay_zip_quote(h->name);
    if ((flags & 1) != 0) {
        return assay_diag_set(diag, ASSAY_ZIP_UNSUPPORTED,
                              "member %s: encrypted (flags 0x%04X), expected "
                              "plain data",
                              name.s, (unsigned)flags);
    }
    if ((flags & ~(uint32_t)FLAGS_KNOWN) != 0) {
        return assay_diag_set(diag, ASSAY_ZIP_UNSUPPORTED,
                              "member %s: flags 0x%04X, expected none but "
                              "0x%04X",
                              name.s, (unsigned)flags, (unsigned)FLAGS_KNOWN);
    }
    if (method != ASSAY_ZIP_STORED && method != ASSAY_ZIP_DEFLATED) {
        return assay_diag_set(diag, ASSAY_ZIP_UNSUPPORTED,
                              "member %s: method %u, expected 0 (stored) or 8 "
                              "(deflated)",
                              name.s, (unsigned)method);
    }
    if (disk != 0) {
        return assay_diag_set(diag, ASSAY_ZIP_UNSUPPORTED,
                              "member %s: on disk %u, expected disk 0", name.s,
                              (unsigned)disk);
    }
    if (comment_len != 0) {
        return assay_diag_set(diag, ASSAY_ZIP_UNSUPPORTED,
                              "member %s: a comment of %u bytes, expected none",
                              name.s, (unsigned)comment_len);
    }
    return ASSAY_OK;
}

/*
 * The type that the creator's system gave the member. Unpackers obey it: a
 * link would put another file in the place of this one.
 */
static enum assay_status check_attributes(const uint8_t *entry,
                                          const struct header *h,
                                          struct assay_diag *diag)
{
    uint32_t attributes = assay_load_le32(entry + ENTRY_ATTRIBUTES);
    uint32_t system = assay_load_le16(entry + ENTRY_CREATOR) >> 8;
    uint32_t type = system == CREATOR_UNIX || system == CREATOR_MACOS
                        ? attributes >> 28
                        : 0;
    if (type != 0 && type != UNIX_TYPE_DIRECTORY && type != UNIX_TYPE_FILE) {
        return assay_diag_set(diag, ASSAY_ZIP_LINK,
                              "member %s: a link or device (attributes "
                              "0x%08X), expected a file or directory",
                              assay_zip_quote(h->name).s, (unsigned)attributes);
    }
    int says_directory = type == UNIX_TYPE_DIRECTORY ||
                         (attributes & ATTRIBUTE_DOS_DIRECTORY) != 0;
    if (says_directory && !assay_zip_is_directory(h->name)) {
        return assay_diag_set(diag, ASSAY_ZIP_INCONSISTENT,
                              "member %s: attributes 0x%08X say directory, "
                              "expected a name that ends in \"/\"",
                              assay_zip_quote(h->name).s, (unsigned)attributes);
    }
    if (type == UNIX_TYPE_FILE && assay_zip_is_directory(h->name)) {
        return assay_diag_set(diag, ASSAY_ZIP_INCONSISTENT,
                              "member %s: attributes 0x%08X say file, expected "
                              "a name that does not end in \"/\"",
                              assay_zip_quote(h->name).s, (unsigned)attributes);
    }
    return ASSAY_OK;
}

static enum assay_status check_lengths(const struct assay_zip_entry *e,
                                       struct assay_diag *diag)
{
    struct assay_zip_text name = assay_zip_quote(e->name);
    if (e->packed_len == UINT32_MAX || e->len == UINT32_MAX ||
        e->local_off == UINT32_MAX) {
        return assay_diag_set(diag, ASSAY_ZIP_UNSUPPORTED,
                              "member %s: refers to ZIP64, expected lengths "
                              "and offset below 4 GiB",
                              name.s);
    }
    if (e->len > ASSAY_ZIP_MAX_LEN || e->packed_len > ASSAY_ZIP_MAX_LEN) {
        return assay_diag_set(diag, ASSAY_ZIP_BOMB,
                              "member %s: %zu bytes packed into %zu, expected "
                              "at most %zu",
                              name.s, e->len, e->packed_len, ASSAY_ZIP_MAX_LEN);
    }
    if (e->method == ASSAY_ZIP_DEFLATED &&
        e->len / DEFLATE_MAX_RATIO > e->packed_len) {
        return assay_diag_set(diag, ASSAY_ZIP_BOMB,
                              "member %s: %zu bytes packed into %zu, expected "
                              "at most %d times as many",
                              name.s, e->len, e->packed_len, DEFLATE_MAX_RATIO);
    }
    if (e->method == ASSAY_ZIP_STORED && e->len != e->packed_len) {
        return assay_diag_set(diag, ASSAY_ZIP_INCONSISTENT,
                              "member %s: stored, with length %zu and packed "
                              "length %zu, expected equal ones",
                              name.s, e->len, e->packed_len);
    }
    if (assay_zip_is_directory(e->name) &&
        (e->packed_len != 0 || e->len != 0 || e->crc != 0)) {
        return assay_diag_set(diag, ASSAY_ZIP_INCONSISTENT,
                              "member %s: a directory with %zu bytes of data "
                              "and checksum %08X, expected none",
                              name.s, e->packed_len, (unsigned)e->crc);
    }
    if (e->method == ASSAY_ZIP_STORED && (e->flags & FLAG_DESCRIPTOR) != 0) {
        return assay_diag_set(diag, ASSAY_ZIP_UNSUPPORTED,
                              "member %s: stored with a data descriptor, "
                              "expected its length in front of the data",
                              name.s);
    }
    return ASSAY_OK;
}

/*
 * The header at *off and what follows it; *off moves behind both.
 * in: fixed_len and fields_off are those of its kind; *off <= end.
 * ret: 0 when it runs past end.
 */
static int read_header(const uint8_t *base, size_t *off, size_t end,
                       size_t fixed_len, struct header *h)
{
    if (fixed_len > end - *off) {
        return 0;
    }
    h->fields =
        base + *off + (fixed_len == ENTRY_LEN ? ENTRY_FIELDS : LOCAL_FIELDS);
    size_t name_len = assay_load_le16(h->fields + FIELD_NAME_LEN);
    size_t extra_len = assay_load_le16(h->fields + FIELD_EXTRA_LEN);
    size_t len = fixed_len + name_len + extra_len;
    if (len > end - *off) {
        return 0;
    }
    h->name = assay_slice(base + *off + fixed_len, name_len);
    h->extra = assay_slice(h->name.p + name_len, extra_len);
    *off += len;
    return 1;
}

static enum assay_status read_entry(struct assay_zip *zip, size_t *off,
                                    size_t end, struct assay_diag *diag)
{
    struct header h;
    size_t entry_off = *off;
    if (!signature_is(zip->file, entry_off, ENTRY_SIGNATURE) ||
        !read_header(zip->file.p, off, end, ENTRY_LEN, &h)) {
        return assay_diag_set(diag, ASSAY_ZIP_INCONSISTENT,
                              "offset %zu: expected a whole directory entry "
                              "(PK 01 02), number %zu, before offset %zu",
                              entry_off, zip->n_entries + 1, end);
    }
    const uint8_t *entry = zip->file.p + entry_off;
    struct assay_zip_entry *e = &zip->entry[zip->n_entries];
    *e = (struct assay_zip_entry){
        .name = h.name,
        .flags = (uint16_t)assay_load_le16(h.fields + FIELD_FLAGS),
        .method = (uint16_t)assay_load_le16(h.fields + FIELD_METHOD),
        .crc = assay_load_le32(h.fields + FIELD_CRC),
        .packed_len = assay_load_le32(h.fields + FIELD_PACKED_LEN),
        .len = assay_load_le32(h.fields + FIELD_LEN),
        .local_off = assay_load_le32(entry + ENTRY_LOCAL_OFF),
    };
    enum assay_status status = check_name(&h, diag);
    if (status == ASSAY_OK) {
        status = check_version(&h, diag);
    }
    if (status == ASSAY_OK) {
        status = check_features(entry, &h, diag);
    }
    if (status == ASSAY_OK) {
        status = check_extra(h.extra, h.name, "directory", diag);
    }
    if (status == ASSAY_OK) {
        status = check_attributes(entry, &h, diag);
    }
    if (status == ASSAY_OK) {
        status = check_lengths(e, diag);
    }
    if (status == ASSAY_OK) {
        zip->n_entries++;
    }
    return status;
}

static enum assay_status read_directory(struct assay_zip *zip,
                                        const struct directory *dir,
                                        struct assay_diag *diag)
{
    size_t off = dir->off;
    size_t total = 0;
    while (zip->n_entries < dir->n) {
        enum assay_status status = read_entry(zip, &off, dir->end, diag);
        if (status != ASSAY_OK) {
            return status;
        }
        const struct assay_zip_entry *e = &zip->entry[zip->n_entries - 1];
        total += e->len;
        if (total > ASSAY_ZIP_MAX_TOTAL) {
            return assay_diag_set(diag, ASSAY_ZIP_BOMB,
                                  "member %s: with it the members hold %zu "
                                  "bytes, expected at most %zu",
                                  assay_zip_quote(e->name).s, total,
                                  ASSAY_ZIP_MAX_TOTAL);
        }
    }
    if (off != dir->end) {
        return assay_diag_set(diag, ASSAY_ZIP_TRAILING,
                              "the %zu directory entries end at offset %zu, "
                              "expected the end record there, found it at "
                              "offset %zu",
                              dir->n, off, dir->end);
    }
    return ASSAY_OK;
}

static enum assay_status check_pair(const struct assay_zip_entry *a,
                                    const struct assay_zip_entry *b,
                                    struct assay_diag *diag)
{
    enum assay_zip_relation relation = assay_zip_name_relate(a->name, b->name);
    if (relation == ASSAY_ZIP_SAME) {
        return assay_diag_set(diag, ASSAY_ZIP_DUPLICATE,
                              "member %s and member %s, expected names that "
                              "differ in more than case",
                              assay_zip_quote(a->name).s,
                              assay_zip_quote(b->name).s);
    }
    if (relation == ASSAY_ZIP_FOLDER_OF && !assay_zip_is_directory(a->name)) {
        return assay_diag_set(diag, ASSAY_ZIP_DUPLICATE,
                              "member %s is a file and the folder of member "
                              "%s, expected one of both",
                              assay_zip_quote(a->name).s,
                              assay_zip_quote(b->name).s);
    }
    return ASSAY_OK;
}

static enum assay_status check_pairs(const struct assay_zip *zip,
                                     struct assay_diag *diag)
{
    for (size_t i = 0; i < zip->n_entries; i++) {
        for (size_t k = 0; k < zip->n_entries; k++) {
            enum assay_status status =
                i == k ? ASSAY_OK
                       : check_pair(&zip->entry[i], &zip->entry[k], diag);
            if (status != ASSAY_OK) {
                return status;
            }
        }
    }
    return ASSAY_OK;
}

/* ---- members ----------------------------------------------------------- */

/* The member does not begin at off, where the one before it ended. */
static enum assay_status misplaced(const struct assay_zip *zip,
                                   const struct assay_zip_entry *e, size_t off,
                                   struct assay_diag *diag)
{
    struct assay_zip_text name = assay_zip_quote(e->name);
    if (e->local_off < off) {
        return assay_diag_set(diag, ASSAY_ZIP_INCONSISTENT,
                              "member %s: begins at offset %zu, inside what "
                              "stands before it, expected %zu",
                              name.s, e->local_off, off);
    }
    for (size_t i = 0; i < zip->n_entries; i++) {
        if (zip->entry[i].local_off == off) {
            return assay_diag_set(
                diag, ASSAY_ZIP_INCONSISTENT,
                "member %s: begins at offset %zu, behind member %s, expected "
                "the order of the directory",
                name.s, e->local_off, assay_zip_quote(zip->entry[i].name).s);
        }
    }
    return assay_diag_set(diag, ASSAY_ZIP_TRAILING,
                          "member %s: begins at offset %zu, expected %zu: "
                          "bytes before it belong to nothing",
                          name.s, e->local_off, off);
}

static enum assay_status local_differs(const struct assay_zip_entry *e,
                                       const char *field, uint32_t local,
                                       size_t directory,
                                       struct assay_diag *diag)
{
    return assay_diag_set(diag, ASSAY_ZIP_INCONSISTENT,
                          "member %s: %s 0x%X in the header at offset %zu and "
                          "0x%zX in the directory, expected equal ones",
                          assay_zip_quote(e->name).s, field, (unsigned)local,
                          e->local_off, directory);
}

static enum assay_status compare_local(const struct assay_zip_entry *e,
                                       const struct header *h,
                                       struct assay_diag *diag)
{
    uint32_t flags = assay_load_le16(h->fields + FIELD_FLAGS);
    uint32_t method = assay_load_le16(h->fields + FIELD_METHOD);
    uint32_t crc = assay_load_le32(h->fields + FIELD_CRC);
    uint32_t packed_len = assay_load_le32(h->fields + FIELD_PACKED_LEN);
    uint32_t len = assay_load_le32(h->fields + FIELD_LEN);
    /* With a descriptor, what is not known yet is 0: all three or some. */
    int is_later = (flags & FLAG_DESCRIPTOR) != 0;
    if (flags != e->flags) {
        return local_differs(e, "flags", flags, e->flags, diag);
    }
    if (method != e->method) {
        return local_differs(e, "method", method, e->method, diag);
    }
    if (crc != e->crc && !(is_later && crc == 0)) {
        return local_differs(e, "checksum", crc, e->crc, diag);
    }
    if (packed_len != e->packed_len && !(is_later && packed_len == 0)) {
        return local_differs(e, "packed length", packed_len, e->packed_len,
                             diag);
    }
    if (len != e->len && !(is_later && len == 0)) {
        return local_differs(e, "length", len, e->len, diag);
    }
    if (!assay_text_equal(h->name, e->name)) {
        return assay_diag_set(diag, ASSAY_ZIP_INCONSISTENT,
                              "member %s: called %s in the header at offset "
                              "%zu, expected equal names",
                              assay_zip_quote(e->name).s,
                              assay_zip_quote(h->name).s, e->local_off);
    }
    return ASSAY_OK;
}

/*
 * The data descriptor between off and end: 16 bytes, or 12 without the
 * signature. A checksum that looks like the signature would let a reader from
 * the front take the one for the other, so it needs the signature too.
 */
static enum assay_status check_descriptor(const struct assay_zip *zip,
                                          const struct assay_zip_entry *e,
                                          size_t *off, size_t end,
                                          struct assay_diag *diag)
{
    enum { PLAIN_LEN = 12, SIGNED_LEN = 16 };
    size_t at = *off;
    size_t room = end - at;
    int has_signature = signature_is(zip->file, at, DATA_SIGNATURE);
    size_t len = has_signature ? SIGNED_LEN : PLAIN_LEN;
    if (len > room) {
        return assay_diag_set(diag, ASSAY_ZIP_INCONSISTENT,
                              "member %s: %zu bytes at offset %zu, expected a "
                              "data descriptor of %zu",
                              assay_zip_quote(e->name).s, room, at, len);
    }
    const uint8_t *d = zip->file.p + at + (has_signature ? 4 : 0);
    if (assay_load_le32(d) != e->crc ||
        assay_load_le32(d + 4) != e->packed_len ||
        assay_load_le32(d + 8) != e->len) {
        return assay_diag_set(
            diag, ASSAY_ZIP_INCONSISTENT,
            "member %s: checksum %08X, lengths %u and %u in the data "
            "descriptor at offset %zu, expected %08X, %zu and %zu",
            assay_zip_quote(e->name).s, (unsigned)assay_load_le32(d),
            (unsigned)assay_load_le32(d + 4), (unsigned)assay_load_le32(d + 8),
            at, (unsigned)e->crc, e->packed_len, e->len);
    }
    *off = at + len;
    return ASSAY_OK;
}

/*
 * One member, which must begin at *off and end by end; *off moves behind it.
 * in: *off <= end.
 */
static enum assay_status read_member(struct assay_zip *zip,
                                     struct assay_zip_entry *e, size_t *off,
                                     size_t end, struct assay_diag *diag)
{
    struct header h;
    if (e->local_off != *off) {
        return misplaced(zip, e, *off, diag);
    }
    if (!signature_is(zip->file, *off, LOCAL_SIGNATURE) ||
        !read_header(zip->file.p, off, end, LOCAL_LEN, &h)) {
        return assay_diag_set(diag, ASSAY_ZIP_INCONSISTENT,
                              "member %s: no whole header (PK 03 04) at offset "
                              "%zu, expected one before offset %zu",
                              assay_zip_quote(e->name).s, e->local_off, end);
    }
    enum assay_status status = compare_local(e, &h, diag);
    if (status == ASSAY_OK) {
        status = check_version(&h, diag);
    }
    if (status == ASSAY_OK) {
        status = check_extra(h.extra, h.name, "header", diag);
    }
    if (status != ASSAY_OK) {
        return status;
    }
    e->data_off = *off;
    if (e->packed_len > end - *off) {
        return assay_diag_set(diag, ASSAY_ZIP_INCONSISTENT,
                              "member %s: %zu bytes of data at offset %zu run "
                              "past offset %zu, where the members end",
                              assay_zip_quote(e->name).s, e->packed_len, *off,
                              end);
    }
    *off += e->packed_len;
    return (e->flags & FLAG_DESCRIPTOR) != 0
               ? check_descriptor(zip, e, off, end, diag)
               : ASSAY_OK;
}

static enum assay_status read_members(struct assay_zip *zip,
                                      const struct directory *dir,
                                      struct assay_diag *diag)
{
    size_t off = 0;
    for (size_t i = 0; i < zip->n_entries; i++) {
        enum assay_status status =
            read_member(zip, &zip->entry[i], &off, dir->off, diag);
        if (status != ASSAY_OK) {
            return status;
        }
    }
    if (off != dir->off) {
        return assay_diag_set(diag, ASSAY_ZIP_TRAILING,
                              "the members end at offset %zu and the directory "
                              "begins at offset %zu, expected no bytes between",
                              off, dir->off);
    }
    return ASSAY_OK;
}

enum assay_status assay_zip_open(struct assay_slice file, struct assay_zip *zip,
                                 struct assay_diag *diag)
{
    struct directory dir = {0};
    *zip = (struct assay_zip){.file = file};
    if (file.len > ASSAY_ZIP_MAX_TOTAL) {
        return assay_diag_set(diag, ASSAY_FILE_TOO_LARGE,
                              "%zu bytes, expected at most %zu", file.len,
                              ASSAY_ZIP_MAX_TOTAL);
    }
    enum assay_status status = read_end_record(file, &dir, diag);
    if (status == ASSAY_OK) {
        status = read_directory(zip, &dir, diag);
    }
    if (status == ASSAY_OK) {
        status = check_pairs(zip, diag);
    }
    if (status == ASSAY_OK) {
        status = read_members(zip, &dir, diag);
    }
    if (status != ASSAY_OK) {
        zip->n_entries = 0;
    }
    return status;
}

const struct assay_zip_entry *assay_zip_find(const struct assay_zip *zip,
                                             const char *name)
{
    struct assay_slice wanted = assay_text_slice(name);
    for (size_t i = 0; i < zip->n_entries; i++) {
        if (assay_text_equal(zip->entry[i].name, wanted)) {
            return &zip->entry[i];
        }
    }
    return NULL;
}
