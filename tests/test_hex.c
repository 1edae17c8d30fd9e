/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/firmware.h"
#include "host/hex.h"
#include "host/text.h"
#include "tests/shared.h"

#include <criterion/criterion.h>
#include <string.h>

/*
 * Intel HEX reader and writer, and the image made from a firmware file. The
 * expected bytes come from files that nrfutil read and wrote; the texts by
 * hand carry checksums computed from the specification.
 */

#define END ":00000001FF\n"

static enum assay_status parse(const char *text, struct assay_diag *diag)
{
    struct assay_hex hex;
    enum assay_status status =
        assay_hex_parse(assay_text_slice(text), &hex, diag);
    assay_hex_free(&hex);
    return status;
}

/* The text is refused with this status and its diagnostic has this part. */
static void refuse(const char *text, enum assay_status wanted, const char *part)
{
    struct assay_diag diag = {0};
    enum assay_status status = parse(text, &diag);
    cr_assert(status == wanted && diag.status == wanted, "%s: got %s (%s)",
              text, assay_status_name(status), diag.text);
    cr_assert(strstr(diag.text, part) != NULL, "%s: \"%s\" lacks \"%s\"", text,
              diag.text, part);
}

/* in: name under nrfutil-made; ret: 0 when the material is not here. */
static int read_made(const char *name, struct assay_buffer *out)
{
    char below[200];
    (void)snprintf(below, sizeof below, "corpus/nrfutil-made/%s", name);
    return shared_read(out, "hex", below);
}

/* ---- records ---- */

Test(hex, one_record_gives_one_segment)
{
    struct assay_hex hex;
    struct assay_diag diag = {0};
    cr_assert(assay_hex_parse(assay_text_slice(":03003000023A55"
                                               "3C\r\n" END),
                              &hex, &diag) == ASSAY_OK,
              "%s", diag.text);
    cr_assert(hex.n_segments == 1);
    cr_assert(hex.segments[0].address == 0x30);
    cr_assert(hex.segments[0].data.len == 3);
    cr_assert(memcmp(hex.segments[0].data.p, "\x02\x3A\x55", 3) == 0);
    cr_assert(assay_hex_at(&hex, 0x31).len == 2);
    cr_assert(assay_hex_at(&hex, 0x31).p[0] == 0x3A);
    cr_assert(assay_hex_at(&hex, 0x2F).len == 0);
    cr_assert(assay_hex_at(&hex, 0x33).len == 0);
    assay_hex_free(&hex);
    cr_assert(hex.n_segments == 0 && hex.bytes == NULL);
}

Test(hex, variations_of_form_are_accepted)
{
    static const char *const TEXTS[] = {
        ":0100000001FE\n:00000001FF", /* no line end at the end */
        ":0100000001fe\n:00000001ff\n",
        ":0100000001FE\r\n:00000001FF\r\n\r\n\n",
        (":0100000001FE\n:0000000000\n" END), /* a record without data */
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        struct assay_diag diag = {0};
        cr_assert(parse(TEXTS[i], &diag) == ASSAY_OK, "%s: %s", TEXTS[i],
                  diag.text);
    }
}

Test(hex, records_out_of_order_are_sorted_and_joined)
{
    struct assay_hex hex;
    cr_assert(
        assay_hex_parse(assay_text_slice(":01000200CC31\n:01000000AA55\n"
                                         ":01000100BB43\n:01001000DD12\n" END),
                        &hex, NULL) == ASSAY_OK);
    cr_assert(hex.n_segments == 2);
    cr_assert(hex.segments[0].data.len == 3);
    cr_assert(memcmp(hex.segments[0].data.p, "\xAA\xBB\xCC", 3) == 0);
    cr_assert(hex.segments[1].address == 0x10);
    assay_hex_free(&hex);
}

Test(hex, both_kinds_of_base_move_the_data)
{
    struct assay_hex hex;
    cr_assert(assay_hex_parse(
                  assay_text_slice(":020000021000EC\n:0100000001FE\n"
                                   ":020000040002F8\n:0100000002FD\n" END),
                  &hex, NULL) == ASSAY_OK);
    cr_assert(hex.n_segments == 2);
    cr_assert(hex.segments[0].address == 0x10000);
    cr_assert(hex.segments[1].address == 0x20000);
    assay_hex_free(&hex);
}

Test(hex, linear_data_cross_64k)
{
    struct assay_hex hex;
    cr_assert(assay_hex_parse(assay_text_slice(":020000040001F9\n"
                                               ":02FFFF000102FD\n" END),
                              &hex, NULL) == ASSAY_OK);
    cr_assert(hex.n_segments == 1);
    cr_assert(assay_hex_at(&hex, 0x20000).len == 1);
    assay_hex_free(&hex);
}

Test(hex, last_byte_of_the_address_space_is_reached)
{
    struct assay_hex hex;
    cr_assert(assay_hex_parse(assay_text_slice(":02000004FFFFFC\n"
                                               ":01FFFF00778A\n" END),
                              &hex, NULL) == ASSAY_OK);
    cr_assert(assay_hex_at(&hex, 0xFFFFFFFF).len == 1);
    assay_hex_free(&hex);
}

Test(hex, start_records_are_kept)
{
    struct assay_hex hex;
    cr_assert(assay_hex_parse(assay_text_slice(":0400000500003C80"
                                               "3B\n:0100000001FE\n" END),
                              &hex, NULL) == ASSAY_OK);
    cr_assert(hex.start_kind == ASSAY_HEX_START_LINEAR);
    cr_assert(hex.start == 0x3C80);
    assay_hex_free(&hex);
}

Test(hex, damaged_line_is_named)
{
    refuse("hello\n", ASSAY_HEX_SYNTAX, "line 1 starts with byte 0x68");
    refuse(":0100000001FE\n\n" END, ASSAY_HEX_SYNTAX, "line 2 is empty");
    refuse(":0100000001FE\r\n:0100z00001FE\n" END, ASSAY_HEX_SYNTAX,
           "line 2, column 6: byte 0x7A");
    refuse(":0100000001FE \n" END, ASSAY_HEX_SYNTAX, "line 1, column 14");
    refuse(":0100000001F\n" END, ASSAY_HEX_SYNTAX, "line 1 has 11 digits");
    refuse(" " END, ASSAY_HEX_SYNTAX, "line 1 starts with byte 0x20");
    refuse(":\n", ASSAY_HEX_RECORD, "line 1: a record of 0 bytes");
    refuse(":00000000\n", ASSAY_HEX_RECORD, "line 1: a record of 4 bytes");
    refuse(":0200000001FD\n" END, ASSAY_HEX_RECORD,
           "line 1: the record announces 2 data bytes and has 1");
    refuse(":0100000001FF\n" END, ASSAY_HEX_CHECKSUM,
           "line 1: checksum 0xFF, expected 0xFE");
}

Test(hex, overlong_line_is_refused)
{
    char text[600];
    memset(text, '0', sizeof text);
    text[0] = ':';
    memcpy(text + sizeof text - 2, "\n", 2);
    refuse(text, ASSAY_HEX_SYNTAX, "line 1 has 597 digits");
}

Test(hex, wrong_form_of_a_type_is_named)
{
    refuse(":00000006FA\n" END, ASSAY_HEX_RECORD, "record type 06");
    refuse(":0100000401FA\n" END, ASSAY_HEX_RECORD, "line 1: record type 04");
    refuse(":020001040000F9\n" END, ASSAY_HEX_RECORD, "address 0x0001");
    refuse(":0200000300"
           "00FB\n" END,
           ASSAY_HEX_RECORD, "expected 4");
    refuse(":0400000500000000F7\n:0400000500000000F7\n" END, ASSAY_HEX_RECORD,
           "line 2: a second start address");
    refuse(":0100000001FE\n:0100000100FE\n", ASSAY_HEX_RECORD,
           "line 2: the end-of-file record has 1 data bytes");
    refuse(":0100000001FE\n:00100001EF\n", ASSAY_HEX_RECORD, "address 0x1000");
}

Test(hex, range_is_bounded)
{
    refuse(":02FFFF000102FD\n" END, ASSAY_HEX_RANGE,
           "line 1: 2 bytes at 0xFFFF run past the end of the address range "
           "at 0x10000");
    refuse(":020000021000EC\n:02FFFF000102FD\n" END, ASSAY_HEX_RANGE,
           "0x20000");
    refuse(":02000004FFFFFC\n:02FFFF000102FD\n" END, ASSAY_HEX_RANGE,
           "line 2: 2 bytes at 0xFFFFFFFF");
    refuse(END, ASSAY_HEX_RANGE, "no data in 1 lines");
}

Test(hex, end_record_must_be_last)
{
    refuse(":0100000001FE\n", ASSAY_HEX_NO_END, "after 1 lines");
    refuse(":0100000001FE\n" END ":0100010001FD\n", ASSAY_HEX_NO_END,
           "line 3 follows the end-of-file record of line 2");
    refuse(":0100000001FE\n" END END, ASSAY_HEX_NO_END, "line 3 follows");
    refuse(":0100000001FE\n" END " \n", ASSAY_HEX_NO_END, "line 3 follows");
}

Test(hex, overlap_with_another_value_names_both_lines)
{
    refuse(":0200100011"
           "22BB\n:01001100238B"
           "\n" END,
           ASSAY_HEX_CHECKSUM, "line 2");
    refuse(":0200100011"
           "22BB\n:0100110023CB\n" END,
           ASSAY_HEX_OVERLAP,
           "address 0x00000011: line 2 writes 0x23, line 1 writes 0x22");
    refuse(":0100110023CB\n:0200100011"
           "22BB\n" END,
           ASSAY_HEX_OVERLAP,
           "address 0x00000011: line 1 writes 0x23, line 2 writes 0x22");
}

Test(hex, overlap_with_the_same_value_is_accepted)
{
    struct assay_hex hex;
    cr_assert(assay_hex_parse(assay_text_slice(":0200100011"
                                               "22BB\n"
                                               ":0100110022CC\n"
                                               ":03001100223344"
                                               "53\n" END),
                              &hex, NULL) == ASSAY_OK);
    cr_assert(hex.n_segments == 1);
    cr_assert(hex.segments[0].data.len == 4);
    cr_assert(memcmp(hex.segments[0].data.p, "\x11\x22\x33\x44", 4) == 0);
    assay_hex_free(&hex);
}

Test(hex, empty_and_endless_texts_are_refused)
{
    struct assay_diag diag = {0};
    struct assay_hex hex;
    cr_assert(assay_hex_parse(assay_slice(NULL, 0), &hex, &diag) ==
              ASSAY_FILE_EMPTY);
    uint8_t byte = ':';
    cr_assert(assay_hex_parse(assay_slice(&byte, ASSAY_HEX_MAX_TEXT + 1), &hex,
                              &diag) == ASSAY_FILE_TOO_LARGE);
}

/* n_segments single bytes, two apart, from 0. */
static void many_segments(struct assay_buffer *text, size_t n_segments)
{
    for (size_t i = 0; i < n_segments; i++) {
        unsigned address = (unsigned)i * 2;
        unsigned sum = 1 + (address >> 8) + (address & 0xFF);
        cr_assert(assay_buffer_printf(text, NULL, ":01%04X0000%02X\n", address,
                                      (0u - sum) & 0xFF) == ASSAY_OK);
    }
    cr_assert(assay_buffer_printf(text, NULL, END) == ASSAY_OK);
}

Test(hex, segments_are_counted)
{
    for (size_t more = 0; more < 2; more++) {
        struct assay_buffer text = {0};
        struct assay_diag diag = {0};
        struct assay_hex hex;
        many_segments(&text, ASSAY_HEX_MAX_SEGMENTS + more);
        enum assay_status status =
            assay_hex_parse(assay_buffer_slice(&text), &hex, &diag);
        cr_assert(status == (more == 0 ? ASSAY_OK : ASSAY_HEX_RANGE));
        cr_assert(more == 0 || strstr(diag.text, "line 4097") != NULL, "%s",
                  diag.text);
        assay_hex_free(&hex);
        assay_buffer_free(&text);
    }
}

Test(hex, truncation_anywhere_is_refused)
{
    static const char TEXT[] = ":020000040001F9\r\n:0400000500003C803B\r\n"
                               ":03003000023A553C\r\n:00000001FF\r\n";
    size_t whole = sizeof TEXT - 1 - 2;
    for (size_t len = 0; len <= whole + 2; len++) {
        /* A copy of its own, so that reading past the end is seen. */
        uint8_t *cut = malloc(len + 1);
        struct assay_hex hex;
        struct assay_diag diag = {0};
        memcpy(cut, TEXT, len);
        cut = realloc(cut, len == 0 ? 1 : len);
        enum assay_status status =
            assay_hex_parse(assay_slice(cut, len), &hex, &diag);
        /* Without the LF, a CR behind the last record is not a line end. */
        int accepted = len == whole || len == whole + 2;
        cr_assert((status == ASSAY_OK) == accepted, "%zu bytes: %s", len,
                  assay_status_name(status));
        assay_hex_free(&hex);
        free(cut);
    }
}

/* ---- writer ---- */

Test(hex, row_ends_at_holes_and_64k)
{
    static const uint8_t BYTES[20] = {1, 2, 3};
    struct assay_hex_segment segments[3] = {
        {0xFFFE, {BYTES, 3}}, {0x10001, {BYTES, 1}}, {0x10010, {BYTES, 17}}};
    struct assay_hex hex = {.segments = segments, .n_segments = 3};
    struct assay_buffer text = {0};
    cr_assert(assay_hex_write(&hex, &text, NULL) == ASSAY_OK);
    /* As IntelHex 2.3 writes this content: touching segments share a row. */
    static const char WANTED[] = ":020000040000FA\n"
                                 ":02FFFE000102FE\n"
                                 ":020000040001F9\n"
                                 ":020000000301FA\n"
                                 ":1000100001020300000000000000000000000000DA\n"
                                 ":0100200000DF\n" END;
    cr_assert(
        assay_text_equal(assay_buffer_slice(&text), assay_text_slice(WANTED)),
        "%.*s", (int)text.len, (const char *)text.p);
    assay_buffer_free(&text);
}

Test(hex, low_addresses_need_no_base)
{
    struct assay_hex_segment segment = {0xFFFF, {(const uint8_t *)"\1\2", 1}};
    struct assay_hex hex = {.segments = &segment,
                            .n_segments = 1,
                            .start_kind = ASSAY_HEX_START_SEGMENT,
                            .start = 0x12345678};
    struct assay_buffer text = {0};
    /* As IntelHex 2.3 writes this content. */
    cr_assert(assay_hex_write(&hex, &text, NULL) == ASSAY_OK);
    cr_assert(assay_text_equal(
                  assay_buffer_slice(&text),
                  assay_text_slice(":0400000312345678E5\n:01FFFF000100\n" END)),
              "%.*s", (int)text.len, (const char *)text.p);
    assay_buffer_free(&text);
}

Test(hex, writer_refuses_disorder)
{
    static const uint8_t BYTES[4] = {0};
    struct assay_hex_segment segments[2] = {{0x10, {BYTES, 4}},
                                            {0x13, {BYTES, 4}}};
    struct assay_hex hex = {.segments = segments, .n_segments = 2};
    struct assay_buffer text = {0};
    struct assay_diag diag = {0};
    cr_assert(assay_hex_write(&hex, &text, &diag) == ASSAY_HEX_OVERLAP);
    segments[1].address = 0xFFFFFFFD;
    cr_assert(assay_hex_write(&hex, &text, &diag) == ASSAY_HEX_OVERLAP);
    hex.n_segments = 0;
    cr_assert(assay_hex_write(&hex, &text, &diag) == ASSAY_HEX_RANGE);
    assay_buffer_free(&text);
}

Test(hex, files_of_nrfutil_are_written_back_alike)
{
    static const char *const NAMES[] = {"g_NO_VALIDATION.hex",
                                        "g_VALIDATE_GENERATED_CRC.hex",
                                        "g_sd.hex", "s1.hex", "s3.hex"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        struct assay_buffer file = {0};
        struct assay_buffer text = {0};
        struct assay_hex hex;
        if (!read_made(NAMES[i], &file)) {
            continue;
        }
        cr_assert(assay_hex_parse(assay_buffer_slice(&file), &hex, NULL) ==
                  ASSAY_OK);
        cr_assert(assay_hex_write(&hex, &text, NULL) == ASSAY_OK);
        cr_assert(assay_text_equal(assay_buffer_slice(&file),
                                   assay_buffer_slice(&text)),
                  "%s", NAMES[i]);
        assay_hex_free(&hex);
        assay_buffer_free(&text);
        assay_buffer_free(&file);
    }
}

/* ---- firmware ---- */

/* Write len bytes of value fill at address into a hex text. */
static void put_rows(struct assay_buffer *text, uint32_t address, size_t len,
                     unsigned fill)
{
    cr_assert(assay_buffer_printf(
                  text, NULL, ":02000004%04X%02X\n", address >> 16,
                  (0u - (6 + (address >> 24) + (address >> 16 & 0xFF))) &
                      0xFF) == ASSAY_OK);
    for (size_t i = 0; i < len; i++) {
        unsigned low = (address + (unsigned)i) & 0xFFFF;
        unsigned sum = 1 + (low >> 8) + (low & 0xFF) + fill;
        cr_assert(assay_buffer_printf(text, NULL, ":01%04X00%02X%02X\n", low,
                                      fill, (0u - sum) & 0xFF) == ASSAY_OK);
    }
}

static void put_bytes(struct assay_buffer *text, uint32_t address,
                      const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        put_rows(text, address + (uint32_t)i, 1, bytes[i]);
    }
}

/* The image of the text; the text is consumed. */
static enum assay_status make(struct assay_buffer *text,
                              struct assay_firmware *out,
                              struct assay_diag *diag)
{
    cr_assert(assay_buffer_printf(text, NULL, END) == ASSAY_OK);
    enum assay_status status = assay_firmware_from(
        assay_buffer_slice(text), ASSAY_FIRMWARE_HEX, out, diag);
    assay_buffer_free(text);
    return status;
}

static const uint8_t INFO[] = {0x18, 0xFF, 0xFF, 0xFF, 0xDB, 0xE5, 0xB1, 0x51,
                               0x00, 0x70, 0x02, 0x00, 0x23, 0x01, 0xFF, 0xFF,
                               0x8C, 0x00, 0x00, 0x00, 0x90, 0xD7, 0x6A, 0x00};

Test(firmware, hex_files_become_the_images_of_nrfutil)
{
    static const char *const NAMES[][2] = {{"foo.hex", "foo_wanted.bin"},
                                           {"bar.hex", "bar_wanted.bin"}};
    for (size_t i = 0; i < 2; i++) {
        struct assay_buffer file = {0};
        struct assay_buffer wanted = {0};
        struct assay_firmware fw;
        if (!read_made(NAMES[i][0], &file) ||
            !read_made(NAMES[i][1], &wanted)) {
            continue;
        }
        cr_assert(assay_firmware_from(assay_buffer_slice(&file),
                                      ASSAY_FIRMWARE_HEX, &fw,
                                      NULL) == ASSAY_OK);
        cr_assert(assay_text_equal(assay_buffer_slice(&fw.image),
                                   assay_buffer_slice(&wanted)),
                  "%s", NAMES[i][0]);
        cr_assert(fw.start == (i == 0 ? 0x1000u : 0x3C800u));
        cr_assert(fw.flags == (i == 0 ? ASSAY_FIRMWARE_MBR_DROPPED |
                                            ASSAY_FIRMWARE_UICR_DROPPED
                                      : 0u));
        assay_firmware_free(&fw);
        assay_buffer_free(&file);
        assay_buffer_free(&wanted);
    }
}

Test(firmware, file_name_decides_how_it_is_read)
{
    char path[400];
    if (!shared_path(path, sizeof path, "corpus/nrfutil-made/bar.hex")) {
        shared_skip("firmware", 2, "corpus/nrfutil-made/bar.hex");
        return;
    }
    struct assay_firmware a;
    struct assay_firmware b;
    cr_assert(assay_firmware_load(path, &a, NULL) == ASSAY_OK);
    cr_assert(
        shared_path(path, sizeof path, "corpus/nrfutil-made/bar_wanted.bin"));
    cr_assert(assay_firmware_load(path, &b, NULL) == ASSAY_OK);
    cr_assert(b.start == 0);
    cr_assert(assay_text_equal(assay_buffer_slice(&a.image),
                               assay_buffer_slice(&b.image)));
    assay_firmware_free(&a);
    assay_firmware_free(&b);
    struct assay_diag diag = {0};
    cr_assert(assay_firmware_load("/nowhere/x.hex", &a, &diag) ==
              ASSAY_FILE_UNREADABLE);
    cr_assert(shared_path(path, sizeof path, "corpus/nrfutil-made/test.pem"));
    cr_assert(assay_firmware_load(path, &a, &diag) == ASSAY_HEX_SYNTAX);
    cr_assert(strstr(diag.text, "test.pem: line 1") != NULL, "%s", diag.text);
    cr_assert(assay_firmware_load(path, &a, NULL) == ASSAY_HEX_SYNTAX);
}

Test(firmware, raw_bytes_are_padded_to_words)
{
    struct assay_firmware fw;
    for (size_t len = 1; len <= 8; len++) {
        cr_assert(assay_firmware_from(
                      assay_slice((const uint8_t *)"\1\2\3\4\5\6\7\10", len),
                      ASSAY_FIRMWARE_BIN, &fw, NULL) == ASSAY_OK);
        cr_assert(fw.image.len == (len <= 4 ? 4 : 8));
        cr_assert(len % 4 == 0 || fw.image.p[fw.image.len - 1] == 0xFF);
        assay_firmware_free(&fw);
    }
}

Test(firmware, holes_are_filled_and_the_longest_is_told)
{
    struct assay_buffer text = {0};
    struct assay_firmware fw;
    put_rows(&text, 0x8000, 2, 0x11);
    put_rows(&text, 0x8006, 1, 0x22);
    put_rows(&text, 0x9010, 3, 0x33);
    cr_assert(make(&text, &fw, NULL) == ASSAY_OK);
    cr_assert(fw.start == 0x8000);
    cr_assert(fw.image.len == 0x1014);
    cr_assert(memcmp(fw.image.p, "\x11\x11\xFF\xFF\xFF\xFF\x22\xFF", 8) == 0);
    cr_assert(fw.image.p[0x1012] == 0x33 && fw.image.p[0x1013] == 0xFF);
    cr_assert(fw.flags == ASSAY_FIRMWARE_GAP);
    cr_assert(fw.gap_address == 0x8007 && fw.gap_len == 0x1009);
    assay_firmware_free(&fw);
}

Test(firmware, softdevice_is_described)
{
    struct assay_buffer text = {0};
    struct assay_firmware fw;
    put_rows(&text, 0x1000, 1, 0x44);
    put_bytes(&text, 0x3000, INFO, sizeof INFO);
    cr_assert(make(&text, &fw, NULL) == ASSAY_OK);
    cr_assert(fw.variant == ASSAY_FIRMWARE_S1X0);
    cr_assert(fw.start == 0x1000);
    cr_assert(fw.softdevice.info_len == 0x18);
    cr_assert(fw.softdevice.end == 0x27000);
    cr_assert(fw.softdevice.fwid == 0x123);
    cr_assert(fw.softdevice.id == 140);
    cr_assert(fw.softdevice.version == 7002000);
    cr_assert((fw.flags & ASSAY_FIRMWARE_SOFTDEVICE_MERGED) == 0);
    assay_firmware_free(&fw);
}

Test(firmware, application_behind_a_softdevice_is_told)
{
    struct assay_buffer text = {0};
    struct assay_firmware fw;
    put_bytes(&text, 0x3000, INFO, sizeof INFO);
    put_rows(&text, 0x27000, 4, 0x55);
    cr_assert(make(&text, &fw, NULL) == ASSAY_OK);
    cr_assert(fw.flags ==
              (ASSAY_FIRMWARE_SOFTDEVICE_MERGED | ASSAY_FIRMWARE_GAP));
    assay_firmware_free(&fw);
}

Test(firmware, high_magic_number_moves_the_start)
{
    struct assay_buffer text = {0};
    struct assay_firmware fw;
    put_rows(&text, 0x2FFF, 1, 0x66);
    put_bytes(&text, 0x5004, INFO + 4, 4);
    cr_assert(make(&text, &fw, NULL) == ASSAY_OK);
    cr_assert(fw.variant == ASSAY_FIRMWARE_S132);
    cr_assert(fw.start == 0x3000);
    cr_assert(fw.image.len == 0x2008);
    cr_assert(fw.image.p[0] == 0xFF);
    cr_assert(fw.flags == (ASSAY_FIRMWARE_LOW_DROPPED | ASSAY_FIRMWARE_GAP));
    cr_assert(fw.softdevice.info_len != 0 && fw.softdevice.id == 0);
    assay_firmware_free(&fw);
    put_bytes(&text, 0x7004, INFO + 4, 4);
    cr_assert(make(&text, &fw, NULL) == ASSAY_OK);
    cr_assert(fw.variant == ASSAY_FIRMWARE_S132 && fw.start == 0x7004);
    assay_firmware_free(&fw);
    /* One place above the last one that counts. */
    put_bytes(&text, 0x8004, INFO + 4, 4);
    cr_assert(make(&text, &fw, NULL) == ASSAY_OK);
    cr_assert(fw.variant == ASSAY_FIRMWARE_PLAIN && fw.start == 0x8004);
    assay_firmware_free(&fw);
}

Test(firmware, unusable_images_are_refused)
{
    struct assay_buffer text = {0};
    struct assay_firmware fw;
    struct assay_diag diag = {0};
    put_rows(&text, 0x0FF0, 16, 0);
    put_rows(&text, 0x10000000, 4, 0);
    cr_assert(make(&text, &fw, &diag) == ASSAY_GENERATE_IMAGE);
    cr_assert(fw.image.p == NULL);
    put_rows(&text, 0x1000, 1, 0);
    put_rows(&text, 0x0FFFFFFF, 1, 0);
    cr_assert(make(&text, &fw, &diag) == ASSAY_GENERATE_IMAGE);
    cr_assert(strstr(diag.text, "268431360 bytes") != NULL, "%s", diag.text);
    put_rows(&text, 0x1000, 1, 0);
    put_rows(&text, 0x101000, 1, 0);
    cr_assert(make(&text, &fw, &diag) == ASSAY_GENERATE_IMAGE);
    put_rows(&text, 0x1000, 1, 0);
    put_rows(&text, 0x100FFF, 1, 0);
    cr_assert(make(&text, &fw, &diag) == ASSAY_OK);
    cr_assert(fw.image.len == ASSAY_FIRMWARE_MAX);
    assay_firmware_free(&fw);
    cr_assert(assay_firmware_from(assay_slice(NULL, 0), ASSAY_FIRMWARE_BIN, &fw,
                                  &diag) == ASSAY_GENERATE_IMAGE);
    cr_assert(assay_firmware_from(
                  assay_slice((const uint8_t *)"", ASSAY_FIRMWARE_MAX + 1),
                  ASSAY_FIRMWARE_BIN, &fw, &diag) == ASSAY_GENERATE_IMAGE);
}
