/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/fwid.h"

static const struct assay_fwid TABLE[] = {
    {0x00A7, "s112_nrf52_6.0.0"}, {0x00B0, "s112_nrf52_6.1.0"},
    {0x00B8, "s112_nrf52_6.1.1"}, {0x00C4, "s112_nrf52_7.0.0"},
    {0x00CD, "s112_nrf52_7.0.1"}, {0x0103, "s112_nrf52_7.2.0"},
    {0x0126, "s112_nrf52_7.3.0"}, {0x00C3, "s113_nrf52_7.0.0"},
    {0x00CC, "s113_nrf52_7.0.1"}, {0x0102, "s113_nrf52_7.2.0"},
    {0x0125, "s113_nrf52_7.3.0"}, {0x00EA, "s122_nrf52_8.0.0"},
    {0x0112, "s122_nrf52_8.1.1"}, {0x0067, "s130_nrf51_1.0.0"},
    {0x0080, "s130_nrf51_2.0.0"}, {0x0087, "s130_nrf51_2.0.1"},
    {0x0081, "s132_nrf52_2.0.0"}, {0x0088, "s132_nrf52_2.0.1"},
    {0x008C, "s132_nrf52_3.0.0"}, {0x0091, "s132_nrf52_3.1.0"},
    {0x0095, "s132_nrf52_4.0.0"}, {0x0098, "s132_nrf52_4.0.2"},
    {0x0099, "s132_nrf52_4.0.3"}, {0x009E, "s132_nrf52_4.0.4"},
    {0x009F, "s132_nrf52_4.0.5"}, {0x009D, "s132_nrf52_5.0.0"},
    {0x00A5, "s132_nrf52_5.1.0"}, {0x00A8, "s132_nrf52_6.0.0"},
    {0x00AF, "s132_nrf52_6.1.0"}, {0x00B7, "s132_nrf52_6.1.1"},
    {0x00C2, "s132_nrf52_7.0.0"}, {0x00CB, "s132_nrf52_7.0.1"},
    {0x0101, "s132_nrf52_7.2.0"}, {0x0124, "s132_nrf52_7.3.0"},
    {0x00A9, "s140_nrf52_6.0.0"}, {0x00AE, "s140_nrf52_6.1.0"},
    {0x00B6, "s140_nrf52_6.1.1"}, {0x00C1, "s140_nrf52_7.0.0"},
    {0x00CA, "s140_nrf52_7.0.1"}, {0x0100, "s140_nrf52_7.2.0"},
    {0x0123, "s140_nrf52_7.3.0"}, {0x00BC, "s212_nrf52_6.1.1"},
    {0x00BA, "s332_nrf52_6.1.1"}, {0x00B9, "s340_nrf52_6.1.1"},
};

const struct assay_fwid *assay_fwid_table(size_t *n_entries)
{
    *n_entries = sizeof TABLE / sizeof TABLE[0];
    return TABLE;
}

const char *assay_fwid_name(uint32_t id)
{
    if (id == ASSAY_FWID_NONE) {
        return "no SoftDevice";
    }
    if (id == ASSAY_FWID_DEVELOPMENT) {
        return "development SoftDevice";
    }
    if (id == ASSAY_FWID_ANY) {
        return "any SoftDevice";
    }
    for (size_t i = 0; i < sizeof TABLE / sizeof TABLE[0]; i++) {
        if (TABLE[i].id == id) {
            return TABLE[i].name;
        }
    }
    return NULL;
}
