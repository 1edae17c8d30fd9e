/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_HEX_H
#define ASSAY_HOST_HEX_H

#include "host/buffer.h"

/* A linked program has a few dozen separate regions; a device has no more. */
#define ASSAY_HEX_MAX_SEGMENTS ((size_t)4096)

/* The largest hex text that is read: 1 MiB of flash takes 2.8 MiB. */
#define ASSAY_HEX_MAX_TEXT ((size_t)8 << 20)

enum assay_hex_start {
    ASSAY_HEX_START_NONE,
    ASSAY_HEX_START_SEGMENT, /* record 03: CS in the high half, IP in the low */
    ASSAY_HEX_START_LINEAR,  /* record 05: EIP */
};

/* data.len >= 1, and address + data.len is at most 2^32. */
struct assay_hex_segment {
    uint32_t address;
    struct assay_slice data;
};

/*
 * The content of a hex file: ascending segments with at least one byte
 * missing between neighbours, as the reader makes them. Zero-initialise with
 * {0}; free with assay_hex_free what assay_hex_parse filled.
 */
struct assay_hex {
    struct assay_hex_segment *segments;
    size_t n_segments;
    enum assay_hex_start start_kind;
    uint32_t start;
    uint8_t *bytes; /* owned: all segments point into it */
};

/*
 * Read an Intel HEX text, strictly: every record whole and of a known type,
 * one end-of-file record, nothing behind it but empty lines.
 * in:  text at most ASSAY_HEX_MAX_TEXT bytes; lines end with LF or CRLF, the
 *      last one may end without; digits of either case. Data records may
 *      stand in any order and may repeat bytes with the same value.
 * out: *out is replaced; on failure it is empty.
 * ret: ASSAY_FILE_EMPTY, ASSAY_FILE_TOO_LARGE, ASSAY_MEMORY; then, for the
 *      first line that has a fault: ASSAY_HEX_SYNTAX (not ':' and digit
 *      pairs), ASSAY_HEX_RECORD (length, type, or form of its type),
 *      ASSAY_HEX_CHECKSUM, ASSAY_HEX_RANGE (past 2^32, or past 64 KiB without
 *      linear addressing), ASSAY_HEX_NO_END; then ASSAY_HEX_RANGE (no data),
 *      ASSAY_HEX_OVERLAP, ASSAY_HEX_RANGE (too many segments), ASSAY_OK. The
 *      diagnostic has the line number.
 * mem: at most three times text.len; nothing of text is kept.
 * std: Intel Hexadecimal Object File Format Specification, revision A.
 */
ASSAY_MUST_USE enum assay_status assay_hex_parse(struct assay_slice text,
                                                 struct assay_hex *out,
                                                 struct assay_diag *diag);

/* Release what assay_hex_parse allocated and zero the struct. */
void assay_hex_free(struct assay_hex *hex);

/*
 * The bytes from address to the end of the segment that holds it.
 * ret: an empty slice when the file has no byte there.
 * mem: a view into the hex content.
 */
struct assay_slice assay_hex_at(const struct assay_hex *hex, uint32_t address);

/*
 * Append an Intel HEX text: rows of up to 16 bytes that cross neither a hole
 * nor a 64 KiB boundary, upper case, LF, a linear address record in front of
 * each 64 KiB when an address is above 0xFFFF, the start record first. The
 * same content gives the bytes that nrfutil writes.
 * in:  hex segments ascending and not overlapping; they may touch, and may be
 *      borrowed memory (hex->bytes is not used).
 * out: appended to *text.
 * ret: ASSAY_HEX_RANGE (no data), ASSAY_HEX_OVERLAP (not ascending, or past
 *      2^32), ASSAY_MEMORY, ASSAY_OK. On failure *text has no useful content.
 * mem: as assay_buffer_append.
 * std: as assay_hex_parse.
 */
ASSAY_MUST_USE enum assay_status assay_hex_write(const struct assay_hex *hex,
                                                 struct assay_buffer *text,
                                                 struct assay_diag *diag);

#endif
