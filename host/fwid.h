/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_FWID_H
#define ASSAY_HOST_FWID_H

#include <stddef.h>
#include <stdint.h>

/* The firmware IDs of SoftDevices that are released by name. */
struct assay_fwid {
    uint32_t id;
    const char *name; /* "s132_nrf52_6.1.1" */
};

/* Firmware IDs that name no SoftDevice. */
#define ASSAY_FWID_NONE 0x0000u        /* the image needs no SoftDevice */
#define ASSAY_FWID_DEVELOPMENT 0xCAFEu /* unreleased SoftDevices */
#define ASSAY_FWID_ANY 0xFFFEu         /* any SoftDevice, or none */

/*
 * The table, by SoftDevice, then by version: for listings.
 * in:  none.
 * out: *n_entries its length.
 * ret: the first entry.
 * mem: static.
 * std: nrfutil 6.1.7, pkg generate --help.
 */
const struct assay_fwid *assay_fwid_table(size_t *n_entries);

/*
 * What a SoftDevice requirement asks for, in words.
 * in:  id any value of sd_req.
 * out: none.
 * ret: the name of the release, or the meaning of a special value; NULL when
 *      neither.
 * mem: static.
 * std: as assay_fwid_table.
 */
const char *assay_fwid_name(uint32_t id);

#endif
