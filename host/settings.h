/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_SETTINGS_H
#define ASSAY_HOST_SETTINGS_H

#include "host/hex.h"

/*
 * The bootloader settings page of Nordic Secure DFU: what is installed, what
 * is waiting, and how the bootloader checks it at boot. All integers on the
 * page are little-endian.
 */

/* Lengths: what nrfutil writes, and what the bootloader's struct occupies. */
#define ASSAY_SETTINGS_V1_LEN ((size_t)92)
#define ASSAY_SETTINGS_V2_LEN ((size_t)804)
#define ASSAY_SETTINGS_PAGE_MAX ((size_t)896)

#define ASSAY_SETTINGS_INIT_MAX ((size_t)512)
#define ASSAY_SETTINGS_VALIDATION_LEN ((size_t)64)

/* No address: a page is word aligned, so it is never here. */
#define ASSAY_SETTINGS_NO_BACKUP ((uint32_t)0xFFFFFFFF)

/* nrfutil puts the copy this far below the settings page, on every family. */
#define ASSAY_SETTINGS_BACKUP_DISTANCE ((uint32_t)0x1000)

enum assay_settings_bank_code {
    ASSAY_SETTINGS_BANK_INVALID = 0x00,
    ASSAY_SETTINGS_BANK_APP = 0x01,
    ASSAY_SETTINGS_BANK_SD = 0xA5,
    ASSAY_SETTINGS_BANK_BL = 0xAA,
    ASSAY_SETTINGS_BANK_SD_BL = 0xAC,
    ASSAY_SETTINGS_BANK_EXTERNAL_APP = 0xB1,
};

struct assay_settings_bank {
    uint32_t image_len;
    uint32_t image_crc;
    uint32_t code; /* enum assay_settings_bank_code */
};

struct assay_settings_progress {
    uint32_t command_len;
    uint32_t command_off;
    uint32_t command_crc;
    uint32_t data_object_len;
    uint32_t image_crc; /* of an accepted image: its start address */
    uint32_t image_crc_last;
    uint32_t image_off;
    uint32_t image_off_last;
};

enum assay_settings_validation_type {
    ASSAY_SETTINGS_VALIDATE_NONE = 0,
    ASSAY_SETTINGS_VALIDATE_CRC = 1,    /* 4 bytes, little-endian */
    ASSAY_SETTINGS_VALIDATE_SHA256 = 2, /* 32 bytes, as SHA-256 prints them */
    ASSAY_SETTINGS_VALIDATE_ECDSA = 3,  /* 64 bytes, r and s little-endian */
};

/* type is kept as found on the page; unused bytes are zero when made here. */
struct assay_settings_validation {
    uint8_t type; /* enum assay_settings_validation_type */
    uint8_t bytes[ASSAY_SETTINGS_VALIDATION_LEN];
};

/* A part of the page with a CRC of its own. */
enum assay_settings_part {
    ASSAY_SETTINGS_PART_ABSENT, /* not in the version, not in the file, or
                                   erased */
    ASSAY_SETTINGS_PART_RIGHT,
    ASSAY_SETTINGS_PART_WRONG,
};

/*
 * Every field of the page. Those marked `read` are set by the reader and
 * ignored by the writer.
 */
struct assay_settings {
    uint32_t version; /* 1 or 2 */
    uint32_t crc;     /* read: as it stands on the page */
    uint32_t app_version;
    uint32_t bootloader_version;
    uint32_t bank_layout;
    uint32_t bank_current;
    struct assay_settings_bank bank0; /* what is installed */
    struct assay_settings_bank bank1; /* what is waiting */
    uint32_t write_off;
    uint32_t sd_len; /* without the master boot record */
    struct assay_settings_progress progress;
    uint32_t enter_dfu; /* 1: DFU at the next boot */

    /* The last accepted init packet; all zero or all 0xFF when there is none.
     * Version 1 has room for 256 bytes; its writer leaves them out. */
    uint8_t init_command[ASSAY_SETTINGS_INIT_MAX];

    /* Version 2 only. */
    uint32_t boot_validation_crc; /* read */
    struct assay_settings_validation softdevice;
    struct assay_settings_validation application;
    struct assay_settings_validation bootloader;

    enum assay_settings_part page_check;            /* read: crc */
    enum assay_settings_part boot_validation_check; /* read */
    enum assay_settings_part peer_data;             /* read */
    enum assay_settings_part adv_name;              /* read */
    uint32_t computed_crc;                 /* read: what crc should be */
    uint32_t computed_boot_validation_crc; /* read */
};

/* A chip family and where its bootloader keeps the pages. */
struct assay_settings_family {
    const char *name;        /* as --family takes it */
    const char *shown;       /* as settings display shows it */
    uint32_t address;        /* the settings page */
    uint32_t backup_address; /* or ASSAY_SETTINGS_NO_BACKUP */
    uint32_t page_len;
};

/* An image and how the bootloader shall check it at boot. */
struct assay_settings_image {
    struct assay_slice bytes; /* as in a package: whole words */
    enum assay_settings_validation_type validation;
    const uint8_t *signature; /* 64 bytes r_LE, s_LE, for ECDSA; else unused */
};

struct assay_settings_inputs {
    uint32_t version; /* 1 or 2 */
    uint32_t app_version;
    uint32_t bootloader_version;
    const struct assay_settings_image *application; /* NULL: none */
    const struct assay_settings_image *softdevice;  /* NULL: none */
};

enum assay_settings_backup {
    ASSAY_SETTINGS_BACKUP_NONE,
    ASSAY_SETTINGS_BACKUP_SAME,
    ASSAY_SETTINGS_BACKUP_DIFFERENT, /* its CRC is right */
    ASSAY_SETTINGS_BACKUP_INVALID,   /* a bootloader would not take it */
    ASSAY_SETTINGS_BACKUP_ALONE,     /* valid; the settings page is not */
};

/* Where in a hex file the settings are, and what they say. */
struct assay_settings_place {
    const struct assay_settings_family *family; /* NULL: at no known address */
    uint32_t address;        /* of the settings page, present or not */
    uint32_t backup_address; /* ASSAY_SETTINGS_NO_BACKUP: none in the file */
    enum assay_settings_backup backup;
    enum assay_settings_part page;  /* the settings page itself */
    struct assay_settings settings; /* of the backup when that stands alone */
};

/*
 * The table of families, the names of nrfutil first.
 * out: *n_families entries.
 * ret: the first one.
 */
const struct assay_settings_family *assay_settings_families(size_t *n_families);

/*
 * The family of that name, spelled exactly.
 * ret: NULL when there is none.
 */
const struct assay_settings_family *assay_settings_family_by_name(
    const char *name);

/*
 * CRC-32 as the pages and boot validations use it.
 * ret: the CRC; 0 for no bytes.
 * std: ISO 3309, reflected, polynomial 0x04C11DB7 (as zlib computes it).
 */
uint32_t assay_settings_crc32(struct assay_slice data);

/*
 * The settings of a device that has these images installed.
 * in:  inputs; the images stay with the caller.
 * out: *out is replaced; both CRCs are set. Version 1 keeps the validations
 *      in the struct, but its page has no room for them.
 * ret: ASSAY_SETTINGS_VERSION, ASSAY_GENERATE_IMAGE (an image is empty or
 *      above 4 GiB), ASSAY_GENERATE_OPTIONS (unknown validation type, or
 *      ECDSA without signature), ASSAY_OK.
 * mem: none kept.
 * std: none; the observed behaviour of nrfutil 6.1.7.
 */
ASSAY_MUST_USE enum assay_status assay_settings_build(
    const struct assay_settings_inputs *inputs, struct assay_settings *out,
    struct assay_diag *diag);

/*
 * Append the page as nrfutil writes it, with both CRCs computed: 92 bytes for
 * version 1, 803 and one 0xFF for version 2.
 * ret: ASSAY_SETTINGS_VERSION, ASSAY_MEMORY, ASSAY_OK.
 * mem: as assay_buffer_append.
 * std: nRF5 SDK 17.1, nrf_dfu_settings_t.
 */
ASSAY_MUST_USE enum assay_status assay_settings_encode(
    const struct assay_settings *s, struct assay_buffer *page,
    struct assay_diag *diag);

/*
 * Read a page.
 * in:  page from its first byte; what lies behind the struct is ignored, and
 *      bytes that are missing behind the first 92 count as erased (0xFF).
 * out: *out is replaced; with ASSAY_SETTINGS_CRC it is complete too. A wrong
 *      CRC over the boot validations is no failure: a bootloader that finds
 *      it on the settings page takes the page all the same. See
 *      boot_validation_check.
 * ret: ASSAY_SETTINGS_NOT_FOUND (fewer than 92 bytes),
 *      ASSAY_SETTINGS_VERSION, ASSAY_SETTINGS_CRC, ASSAY_OK.
 * mem: nothing of page is kept.
 * std: as assay_settings_encode.
 */
ASSAY_MUST_USE enum assay_status assay_settings_parse(
    struct assay_slice page, struct assay_settings *out,
    struct assay_diag *diag);

/*
 * The length of the init packet that the page remembers.
 * ret: 0 when there is none; else progress.command_len when that fits, or
 *      the room of the version without the fill bytes at its end.
 */
size_t assay_settings_init_len(const struct assay_settings *s);

/*
 * Find the settings in a hex file: at the addresses of the families in the
 * order of the table; then, for families whose settings page is missing or
 * wrong, a valid backup page; then any segment that starts with a valid page.
 * A valid page one BACKUP_DISTANCE below the settings page, at the backup
 * address of the family, or at the start of another segment is the backup.
 * out: *out is replaced; zero on failure, except with ASSAY_SETTINGS_CRC.
 * ret: ASSAY_SETTINGS_CRC (a page with a wrong CRC and no valid backup),
 *      ASSAY_SETTINGS_VERSION (a segment starts at a settings address and has
 *      neither version 1 nor 2), ASSAY_SETTINGS_NOT_FOUND, ASSAY_OK.
 * mem: none kept.
 * std: none.
 */
ASSAY_MUST_USE enum assay_status assay_settings_find(
    const struct assay_hex *hex, struct assay_settings_place *out,
    struct assay_diag *diag);

/*
 * Append the hex file that `settings generate` writes: the page, and its copy
 * at backup_address.
 * in:  backup_address may be ASSAY_SETTINGS_NO_BACKUP.
 * ret: ASSAY_SETTINGS_VERSION, ASSAY_HEX_OVERLAP (the pages overlap, or end
 *      past 2^32), ASSAY_MEMORY, ASSAY_OK.
 * mem: as assay_buffer_append.
 * std: none; byte for byte as nrfutil 6.1.7.
 */
ASSAY_MUST_USE enum assay_status assay_settings_hex(
    const struct assay_settings *s, uint32_t address, uint32_t backup_address,
    struct assay_buffer *hex_text, struct assay_diag *diag);

/*
 * Append the text of `settings display`: the lines of nrfutil, with Start
 * Address being that of the settings page, then lines of the same form for
 * what nrfutil does not show.
 * in:  path is shown as it is: the caller escapes what a terminal would obey.
 * ret: ASSAY_MEMORY, ASSAY_INTERNAL, ASSAY_OK.
 * mem: as assay_buffer_append.
 * std: none; nrfutil 6.1.7.
 */
ASSAY_MUST_USE enum assay_status assay_settings_display_text(
    const char *path, const struct assay_settings_place *place,
    struct assay_buffer *text, struct assay_diag *diag);

#endif
