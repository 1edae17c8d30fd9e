/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_ZIP_H
#define ASSAY_HOST_ZIP_H

#include "base/slice.h"
#include "base/status.h"
#include "host/buffer.h"
#include "host/diag.h"

/*
 * The zip container of a DFU package. The reader accepts an archive only when
 * it has one reading: whoever follows the directory from the end of the file
 * and whoever follows the members from its beginning find the same names and
 * the same bytes, and no byte of the file is outside the structure. Phones
 * read packages in the second way, most tools in the first.
 *
 * Accepted: methods store and deflate; flags 1 and 2 (deflate level), 3 (data
 * descriptor, behind deflated members alone, with or without its signature)
 * and 11 (UTF-8 name); version needed up to 2.0; the extra fields that hold
 * times and owners; any creator; directory entries. Times, permissions and
 * the creator's version are not compared: no name and no content depends on
 * them.
 *
 * Two names are the same name when they are equal but for ASCII case and a
 * last '/'. Outside ASCII only identical bytes count as the same name.
 */
#define ASSAY_ZIP_MAX_ENTRIES 64
#define ASSAY_ZIP_MAX_NAME 255
#define ASSAY_ZIP_MAX_LEN ((size_t)16 << 20)
#define ASSAY_ZIP_MAX_TOTAL ((size_t)32 << 20)

enum { ASSAY_ZIP_STORED = 0, ASSAY_ZIP_DEFLATED = 8 };

struct assay_zip_entry {
    struct assay_slice name; /* not terminated; view of the directory */
    uint16_t flags;
    uint16_t method;
    uint32_t crc;
    size_t packed_len;
    size_t len;
    size_t local_off;
    size_t data_off;
};

struct assay_zip {
    struct assay_slice file;
    struct assay_zip_entry entry[ASSAY_ZIP_MAX_ENTRIES];
    size_t n_entries;
};

/* Text between quotes, every byte outside printable ASCII as \xNN. */
struct assay_zip_text {
    char s[208];
};

/*
 * A foreign string made fit for a message: quoted, escaped, and cut with
 * "..." when it does not fit.
 * in: text any bytes.
 * out: the terminated text, by value.
 * ret: none.
 * mem: 208 bytes; nothing is kept.
 * std: none.
 */
struct assay_zip_text assay_zip_quote(struct assay_slice text);

/*
 * The code point at one place of a UTF-8 string.
 * in: off < text.len.
 * out: *code the code point; 0 when malformed.
 * ret: its length in bytes, 1 to 4; 0 when malformed, overlong, a surrogate or
 *      beyond U+10FFFF.
 * mem: none.
 * std: RFC 3629, section 4.
 */
size_t assay_zip_utf8(struct assay_slice text, size_t off, uint32_t *code);

/*
 * Whether a name stands for one and the same file on every system.
 * in: name any bytes; a last '/' marks a directory.
 * out: none.
 * ret: NULL if it does; otherwise why not, as the end of "the name ...", the
 *      first of: is empty; is too long; is not UTF-8, has a control character
 *      or one that file systems give a meaning to (\ : * ? " < > |); is
 *      absolute; has a component that is empty, ".", "..", ends in a dot or a
 *      space, or is the name of a device (con, prn, aux, nul, com1 to com9,
 *      lpt1 to lpt9, with any ending).
 * mem: the reason is static.
 * std: APPNOTE 6.3.10, 4.4.17.
 */
const char *assay_zip_name_fault(struct assay_slice name);

/*
 * Check the whole structure of an archive and list its members. The data of
 * the members are not read: assay_zip_stream checks them.
 * in: file the whole archive.
 * out: *zip, with n_entries 0 on failure.
 * ret: in this order:
 *      FILE_TOO_LARGE  the file is larger than ASSAY_ZIP_MAX_TOTAL;
 *      1. the end record, which must be the last 22 bytes:
 *      ZIP_TRAILING    it stands earlier (an archive comment, data behind);
 *      ZIP_TRUNCATED   there is none, and the file begins like an archive;
 *      ZIP_NOT_ZIP     there is none;
 *      2. its fields:
 *      ZIP_TRUNCATED   its comment is missing;
 *      ZIP_UNSUPPORTED ZIP64, several disks;
 *      ZIP_INCONSISTENT its two counts differ;
 *      ZIP_COUNT       more than ASSAY_ZIP_MAX_ENTRIES members;
 *      ZIP_TRUNCATED, ZIP_UNSUPPORTED (a ZIP64 record), ZIP_TRAILING
 *                      the directory does not end where the record begins;
 *      3. each directory entry in turn:
 *      ZIP_INCONSISTENT no entry, or it runs past the directory;
 *      ZIP_NAME        see assay_zip_name_fault; or not ASCII and flag 11
 *                      clear, so that its alphabet is unknown;
 *      ZIP_UNSUPPORTED version, flags (encryption among them), method, disk,
 *                      a comment;
 *      ZIP_UNSUPPORTED, ZIP_INCONSISTENT (its lengths) an extra field;
 *      ZIP_LINK        a link or a device;
 *      ZIP_INCONSISTENT a directory whose name does not end in '/', or a file
 *                      whose name does;
 *      ZIP_UNSUPPORTED a length that refers to ZIP64;
 *      ZIP_BOMB        larger than ASSAY_ZIP_MAX_LEN, than deflate can
 *                      pack into its length, or all together larger than
 *                      ASSAY_ZIP_MAX_TOTAL;
 *      ZIP_INCONSISTENT stored with two lengths, a directory with data;
 *      ZIP_UNSUPPORTED stored with a data descriptor: its end cannot be found
 *                      from the front;
 *      4. ZIP_TRAILING bytes between the last entry and the end record;
 *      5. ZIP_DUPLICATE two members of one name, or a file that is also the
 *                      folder of another member;
 *      6. each member in turn, which must begin where the last one ended:
 *      ZIP_INCONSISTENT it begins earlier, or in another order; ZIP_TRAILING
 *                      it begins later;
 *      ZIP_INCONSISTENT no local header, or it runs past the directory;
 *                      flags, method, checksum, lengths or name differ from
 *                      the directory (zeros before a data descriptor aside);
 *      ZIP_UNSUPPORTED version;
 *      ZIP_UNSUPPORTED, ZIP_INCONSISTENT an extra field, as above;
 *      ZIP_INCONSISTENT its data run past the directory, or its data
 *                      descriptor differs from the directory;
 *      7. ZIP_TRAILING bytes between the last member and the directory;
 *      OK.
 *      Every text about a member quotes its name.
 * mem: no heap; *zip is a view of file and ends with it.
 * std: APPNOTE 6.3.10, 4.3 and 4.4.
 */
ASSAY_MUST_USE enum assay_status assay_zip_open(struct assay_slice file,
                                                struct assay_zip *zip,
                                                struct assay_diag *diag);

/*
 * The member of exactly this name.
 * in: name terminated.
 * out: none.
 * ret: a pointer into zip, or NULL.
 * mem: the pointer ends with *zip.
 * std: none.
 */
const struct assay_zip_entry *assay_zip_find(const struct assay_zip *zip,
                                             const char *name);

/*
 * Where the content of a member goes. The bytes are to be believed only once
 * assay_zip_stream has returned ASSAY_OK. A result other than ASSAY_OK stops.
 */
struct assay_zip_sink {
    enum assay_status (*write)(void *ctx, struct assay_slice chunk,
                               struct assay_diag *diag);
    void *ctx;
};

/*
 * Give the content of a member to a sink, in pieces of 1 to 32 KiB.
 * in: zip from assay_zip_open; entry one of its entries.
 * out: at most entry->len bytes to the sink; exactly that many when OK.
 * ret: MEMORY; a refusal of the sink; ZIP_DATA (not a deflate stream, or it
 *      ends early); ZIP_BOMB (it holds more than entry->len); ZIP_TRAILING
 *      (it ends before its packed data); ZIP_DATA (length, then checksum);
 *      OK.
 * mem: 32 KiB of stack and about 40 KiB of heap, whatever the member says.
 * std: RFC 1951; APPNOTE 6.3.10, 4.4.7.
 */
ASSAY_MUST_USE enum assay_status assay_zip_stream(
    const struct assay_zip *zip, const struct assay_zip_entry *entry,
    const struct assay_zip_sink *sink, struct assay_diag *diag);

/*
 * Read a member to its end and drop what it holds: who does so with all of them
 * knows that the archive has one reading.
 * in: as assay_zip_stream.
 * out: none.
 * ret: as assay_zip_stream.
 * mem: as assay_zip_stream.
 * std: as assay_zip_stream.
 */
ASSAY_MUST_USE enum assay_status assay_zip_pass(
    const struct assay_zip *zip, const struct assay_zip_entry *entry,
    struct assay_diag *diag);

/*
 * The content of a member in one piece.
 * in: max_len the largest length accepted.
 * out: *out is replaced; the caller frees it. On failure it is empty.
 * ret: ZIP_BOMB (longer than max_len), then as assay_zip_stream.
 * mem: at most twice max_len.
 * std: none.
 */
ASSAY_MUST_USE enum assay_status assay_zip_load(
    const struct assay_zip *zip, const struct assay_zip_entry *entry,
    size_t max_len, struct assay_buffer *out, struct assay_diag *diag);

struct assay_zip_member {
    const char *name; /* terminated; UTF-8 */
    struct assay_slice data;
};

/* 1980-01-01 00:00:00, the earliest time an archive can tell. */
#define ASSAY_ZIP_TIME_ZERO ((uint32_t)0x00210000)

/*
 * A time as archives tell it: date << 16 | time, in steps of 2 seconds.
 * in: unix_time seconds since 1970, taken as UTC.
 * out: none.
 * ret: the time, rounded down; the first or last one that the format can
 *      tell (1980 to 2107) when it is outside.
 * mem: none.
 * std: APPNOTE 6.3.10, 4.4.6.
 */
uint32_t assay_zip_dos_time(int64_t unix_time);

/*
 * Write an archive: every member stored, in the order given, without extra
 * fields, so that equal input gives equal bytes.
 * in: n members; dos_time from assay_zip_dos_time, or ASSAY_ZIP_TIME_ZERO.
 * out: *out is replaced; the caller frees it. On failure it is empty.
 * ret: ZIP_COUNT, ZIP_NAME (of a directory as well), ZIP_BOMB, MEMORY, then
 *      those of assay_zip_open on the result (ZIP_DUPLICATE and
 *      FILE_TOO_LARGE can happen), OK.
 * mem: twice the length of the archive.
 * std: APPNOTE 6.3.10, 4.3.
 */
ASSAY_MUST_USE enum assay_status assay_zip_write(
    const struct assay_zip_member *member, size_t n, uint32_t dos_time,
    struct assay_buffer *out, struct assay_diag *diag);

#endif
