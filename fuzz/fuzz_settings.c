/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "base/bytes.h"
#include "fuzz/fuzz.h"
#include "host/settings.h"

#include <stdlib.h>
#include <string.h>

/*
 * Any bytes as a settings page, as they are and with the CRCs made right; and
 * as flash content in which a page is looked for. The first two bytes choose
 * where the flash content starts, in steps of 0x100.
 */

/* What the writer makes of a page must read as the same settings. */
static void check_round_trip(const struct assay_settings *s)
{
    struct assay_buffer page = {0};
    struct assay_buffer page_again = {0};
    struct assay_settings again;
    require(assay_settings_encode(s, &page, NULL) == ASSAY_OK);
    /* One CRC in 2^32 is all ones, which never counts as right. */
    if (assay_settings_parse(assay_buffer_slice(&page), &again, NULL) ==
        ASSAY_OK) {
        require(assay_settings_init_len(s) <= ASSAY_SETTINGS_INIT_MAX);
        require(assay_settings_encode(&again, &page_again, NULL) == ASSAY_OK);
        require(page.len == page_again.len);
        require(memcmp(page.p, page_again.p, page.len) == 0);
    }
    assay_buffer_free(&page);
    assay_buffer_free(&page_again);
}

static void check_page(struct assay_slice page)
{
    struct assay_settings s;
    struct assay_diag diag = {0};
    enum assay_status status = assay_settings_parse(page, &s, &diag);
    if (status == ASSAY_OK || status == ASSAY_SETTINGS_CRC) {
        check_round_trip(&s);
    }
    require(status == ASSAY_OK || diag.status == status);
}

static void check_place(const struct assay_hex *hex)
{
    struct assay_settings_place place;
    struct assay_diag diag = {0};
    struct assay_buffer text = {0};
    if (assay_settings_find(hex, &place, &diag) == ASSAY_OK) {
        require(assay_settings_display_text("x", &place, &text, &diag) ==
                ASSAY_OK);
        struct assay_buffer out = {0};
        (void)!assay_settings_hex(&place.settings, place.address,
                                  place.backup_address, &out, &diag);
        assay_buffer_free(&out);
    }
    assay_buffer_free(&text);
}

static void seal(uint8_t *page, size_t len)
{
    if (len >= ASSAY_SETTINGS_V1_LEN) {
        assay_store_le32(page,
                         assay_settings_crc32(assay_slice(page + 4, 0x58)));
    }
    if (len >= ASSAY_SETTINGS_V2_LEN) {
        assay_store_le32(page + 0x25C,
                         assay_settings_crc32(assay_slice(page + 0x260, 195)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 3 || len > 0x4000) {
        return 0;
    }
    uint32_t address = assay_load_le16(data) << 8;
    size_t page_len = len - 2;
    uint8_t *page = malloc(page_len);
    require(page != NULL);
    memcpy(page, data + 2, page_len);
    for (int sealed = 0; sealed < 2; sealed++) {
        struct assay_slice view = assay_slice(page, page_len);
        struct assay_hex_segment segments[2] = {{address, view},
                                                {address + 0x10000, view}};
        struct assay_hex hex = {.segments = segments, .n_segments = 2};
        check_page(view);
        check_place(&hex);
        hex.n_segments = 1;
        check_place(&hex);
        seal(page, page_len);
    }
    free(page);
    return 0;
}
