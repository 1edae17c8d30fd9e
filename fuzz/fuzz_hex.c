/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "fuzz/fuzz.h"
#include "host/firmware.h"
#include "host/hex.h"

#include <string.h>

/*
 * Any bytes as a hex file. What is accepted is written and read again, which
 * must give the same content; and becomes an image within its bounds.
 */

static void require_same(const struct assay_hex *a, const struct assay_hex *b)
{
    require(a->n_segments == b->n_segments);
    require(a->start_kind == b->start_kind && a->start == b->start);
    for (size_t i = 0; i < a->n_segments; i++) {
        const struct assay_hex_segment *x = &a->segments[i];
        const struct assay_hex_segment *y = &b->segments[i];
        require(x->address == y->address && x->data.len == y->data.len);
        require(memcmp(x->data.p, y->data.p, x->data.len) == 0);
    }
}

static void check_segments(const struct assay_hex *hex)
{
    uint64_t end = 0;
    require(hex->n_segments >= 1 && hex->n_segments <= ASSAY_HEX_MAX_SEGMENTS);
    for (size_t i = 0; i < hex->n_segments; i++) {
        const struct assay_hex_segment *s = &hex->segments[i];
        require(s->data.len >= 1);
        require(i == 0 || s->address > end);
        end = (uint64_t)s->address + s->data.len;
        require(end <= (uint64_t)1 << 32);
        require(assay_hex_at(hex, s->address).len == s->data.len);
    }
}

static void check_round_trip(const struct assay_hex *hex)
{
    struct assay_buffer text = {0};
    struct assay_hex again;
    require(assay_hex_write(hex, &text, NULL) == ASSAY_OK);
    require(assay_hex_parse(assay_buffer_slice(&text), &again, NULL) ==
            ASSAY_OK);
    require_same(hex, &again);
    assay_hex_free(&again);
    assay_buffer_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct assay_slice text = assay_slice(data, len);
    struct assay_diag diag = {0};
    struct assay_hex hex;
    struct assay_firmware fw;
    if (assay_hex_parse(text, &hex, &diag) == ASSAY_OK) {
        check_segments(&hex);
        check_round_trip(&hex);
    } else {
        require(diag.status != ASSAY_OK && diag.text[0] != '\0');
    }
    assay_hex_free(&hex);
    if (assay_firmware_from(text, ASSAY_FIRMWARE_HEX, &fw, NULL) == ASSAY_OK) {
        require(fw.image.len % 4 == 0 && fw.image.len != 0);
        require(fw.image.len <= ASSAY_FIRMWARE_MAX);
        assay_firmware_free(&fw);
    }
    return 0;
}
