/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/inspect_tree.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/bytes.h"

/*
 * Images of MCUboot: header, TLV areas, and whether a hash in them is the
 * image's. Signatures are named, not verified.
 */

enum {
    MCUBOOT_HEADER_LEN = 32,
    MCUBOOT_INFO_LEN = 4,
    MCUBOOT_PROTECTED = 0x6908,
    MCUBOOT_UNPROTECTED = 0x6907,
    MCUBOOT_ENCRYPTED = 0x4 | 0x8,
};

static void mcuboot_flags(struct assay_tree *t, json_t *field, uint32_t flags)
{
    static const struct assay_tree_name NAMES[] = {
        {0x1, "PIC"},
        {0x4, "ENCRYPTED_AES128"},
        {0x8, "ENCRYPTED_AES256"},
        {0x10, "NON_BOOTABLE"},
        {0x20, "RAM_LOAD"},
        {0x100, "ROM_FIXED"},
        {0x200, "COMPRESSED_LZMA1"},
        {0x400, "COMPRESSED_LZMA2"},
        {0x800, "COMPRESSED_ARM_THUMB_FLT"},
    };
    char text[200] = "";
    size_t n = 0;
    for (size_t i = 0; i < ASSAY_N_OF(NAMES); i++) {
        if ((flags & NAMES[i].value) != 0) {
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s",
                                  n == 0 ? "" : ", ", NAMES[i].name);
        }
    }
    assay_tree_put_text(t, field, "meaning", n == 0 ? "none" : text);
}

static void mcuboot_header(struct assay_tree *t, json_t *section,
                           struct assay_slice image)
{
    json_t *fields = assay_tree_put_array(t, section, "fields");
    (void)assay_tree_add_le(t, fields, "magic", assay_tree_at(image, 0, 4));
    (void)assay_tree_add_le(t, fields, "load_addr", assay_tree_at(image, 4, 4));
    (void)assay_tree_add_le(t, fields, "hdr_size", assay_tree_at(image, 8, 2));
    (void)assay_tree_add_le(t, fields, "protect_tlv_size",
                            assay_tree_at(image, 10, 2));
    (void)assay_tree_add_le(t, fields, "img_size", assay_tree_at(image, 12, 4));
    json_t *field =
        assay_tree_add_le(t, fields, "flags", assay_tree_at(image, 16, 4));
    mcuboot_flags(t, field, assay_load_le32(image.p + 16));
    field =
        assay_tree_add_field(t, fields, "version", assay_tree_at(image, 20, 8));
    assay_tree_put_format(t, field, "meaning", "%u.%u.%u+%u",
                          (unsigned)image.p[20], (unsigned)image.p[21],
                          (unsigned)assay_load_le16(image.p + 22),
                          (unsigned)assay_load_le32(image.p + 24));
    (void)assay_tree_add_le(t, fields, "pad1", assay_tree_at(image, 28, 4));
}

static void mcuboot_hash(struct assay_tree *t, json_t *item,
                         const struct assay_row *row, struct assay_slice hashed)
{
    const EVP_MD *md = row->tag == 0x10   ? EVP_sha256()
                       : row->tag == 0x11 ? EVP_sha384()
                       : row->tag == 0x12 ? EVP_sha512()
                                          : NULL;
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (md == NULL) {
        return;
    }
    if ((assay_load_le32(hashed.p + 16) & MCUBOOT_ENCRYPTED) != 0) {
        assay_tree_put_text(t, item, "meaning",
                            "of the plain image: not checked");
        return;
    }
    if (EVP_Digest(hashed.p, hashed.len, digest, &len, md, NULL) != 1) {
        t->failed = 1;
        return;
    }
    int ok = row->data.len == len && memcmp(digest, row->data.p, len) == 0;
    assay_tree_put_flag(t, item, "ok", ok);
    if (!ok) {
        assay_tree_fault(
            t, ASSAY_IMAGE_DIGEST,
            "MCUboot image: the hash at offset %zu is not the image's",
            row->off);
    }
}

/* One area of TLVs at *pos; ret: 0 when there is none or it is damaged. */
static int mcuboot_area(struct assay_tree *t, json_t *tlvs,
                        struct assay_slice image, size_t *pos, size_t hash_len)
{
    static const struct assay_tree_name NAMES[] = {
        {0x01, "KEYHASH"},       {0x02, "PUBKEY"},
        {0x10, "SHA256"},        {0x11, "SHA384"},
        {0x12, "SHA512"},        {0x20, "RSA2048_PSS"},
        {0x21, "ECDSA224"},      {0x22, "ECDSA_SIG"},
        {0x23, "RSA3072_PSS"},   {0x24, "ED25519"},
        {0x25, "SIG_PURE"},      {0x30, "ENC_RSA2048"},
        {0x31, "ENC_KW"},        {0x32, "ENC_EC256"},
        {0x33, "ENC_X25519"},    {0x34, "ENC_X25519_SHA512"},
        {0x40, "DEPENDENCY"},    {0x50, "SEC_CNT"},
        {0x60, "BOOT_RECORD"},   {0x70, "DECOMP_SIZE"},
        {0x71, "DECOMP_SHA"},    {0x72, "DECOMP_SIGNATURE"},
        {0x73, "COMP_DEC_SIZE"}, {0x74, "UUID_VID"},
        {0x75, "UUID_CID"},
    };
    if (image.len - *pos < MCUBOOT_INFO_LEN) {
        assay_tree_fault(
            t, ASSAY_FORMAT_DAMAGED,
            "MCUboot image: the file ends at %zu, expected a TLV area at "
            "%zu",
            image.len, *pos);
        return 0;
    }
    uint32_t magic = assay_load_le16(image.p + *pos);
    size_t total = assay_load_le16(image.p + *pos + 2);
    int is_protected = magic == MCUBOOT_PROTECTED;
    if ((!is_protected && magic != MCUBOOT_UNPROTECTED) ||
        total < MCUBOOT_INFO_LEN || total > image.len - *pos) {
        assay_tree_fault(
            t, ASSAY_FORMAT_DAMAGED,
            "MCUboot image: found magic %04X and length %zu at offset %zu, "
            "expected a TLV area of at most %zu bytes",
            (unsigned)magic, total, *pos, image.len - *pos);
        return 0;
    }
    struct assay_slice area = assay_slice_sub(image, 0, *pos + total);
    struct assay_slice hashed = assay_slice_sub(image, 0, hash_len);
    struct assay_row row;
    size_t off = *pos + MCUBOOT_INFO_LEN;
    while (assay_row_next(area, ASSAY_ROW_MCUBOOT, &off, &row) &&
           json_array_size(tlvs) < ASSAY_TREE_MAX_ROWS) {
        json_t *item = assay_tree_add_row(
            t, tlvs, assay_tree_name(NAMES, ASSAY_N_OF(NAMES), row.tag), &row);
        assay_tree_put_text(t, item, "area",
                            is_protected ? "protected" : "unprotected");
        if (row.data.len < row.len) {
            assay_tree_fault(
                t, ASSAY_FORMAT_DAMAGED,
                "MCUboot image: the TLV at offset %zu has %u bytes, its "
                "area ends after %zu",
                row.off, (unsigned)row.len, row.data.len);
        } else {
            mcuboot_hash(t, item, &row, hashed);
        }
    }
    *pos += total;
    return 1;
}

void assay_inspect_mcuboot(struct assay_tree *t, json_t *object,
                           struct assay_slice image)
{
    json_t *section = assay_tree_put_object(t, object, "mcuboot");
    if (image.len < MCUBOOT_HEADER_LEN) {
        assay_tree_fault(
            t, ASSAY_FORMAT_DAMAGED,
            "MCUboot image: found %zu bytes, expected a header of 32",
            image.len);
        return;
    }
    if (assay_load_le32(image.p) != 0x96F3B83D) {
        assay_tree_note(t, "the MCUboot header is %s: its fields are not shown",
                        image.p[0] == 0x96 ? "big-endian"
                                           : "of the obsolete version 1");
        return;
    }
    mcuboot_header(t, section, image);
    json_t *tlvs = assay_tree_put_array(t, section, "tlvs");
    size_t protected_len = assay_load_le16(image.p + 10);
    uint64_t body_end =
        (uint64_t)assay_load_le16(image.p + 8) + assay_load_le32(image.p + 12);
    if (body_end + protected_len > image.len) {
        assay_tree_fault(
            t, ASSAY_FORMAT_DAMAGED,
            "MCUboot image: found %zu bytes, expected at least %llu", image.len,
            (unsigned long long)(body_end + protected_len));
        return;
    }
    size_t pos = (size_t)body_end;
    size_t hash_len = pos + protected_len;
    if (hash_len < MCUBOOT_HEADER_LEN) {
        assay_tree_fault(
            t, ASSAY_FORMAT_DAMAGED,
            "MCUboot image: found %zu bytes of header and payload, expected "
            "at least 32",
            hash_len);
        return;
    }
    if (protected_len != 0 &&
        mcuboot_area(t, tlvs, image, &pos, hash_len) == 0) {
        return;
    }
    if (pos != hash_len) {
        assay_tree_fault(
            t, ASSAY_FORMAT_DAMAGED,
            "MCUboot image: the protected TLVs end at offset %zu, expected "
            "%zu",
            pos, hash_len);
        return;
    }
    if (mcuboot_area(t, tlvs, image, &pos, hash_len) != 0) {
        assay_tree_put_number(t, section, "image_len", pos);
        assay_tree_put_number(t, section, "trailing", image.len - pos);
    }
}
