/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/text.h"

#include <sodium.h>

int assay_text_hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void assay_text_hex(struct assay_slice bytes, char *text)
{
    (void)sodium_bin2hex(text, 2 * bytes.len + 1, bytes.p, bytes.len);
}

enum assay_status assay_text_hex_append(struct assay_buffer *out,
                                        struct assay_slice bytes,
                                        struct assay_diag *diag)
{
    enum { STEP = 64 };
    char text[2 * STEP + 1];
    enum assay_status status = ASSAY_OK;
    for (size_t off = 0; off < bytes.len && status == ASSAY_OK; off += STEP) {
        size_t n = bytes.len - off < STEP ? bytes.len - off : STEP;
        assay_text_hex(assay_slice_sub(bytes, off, n), text);
        status = assay_buffer_append(out, assay_text_slice(text), diag);
    }
    sodium_memzero(text, sizeof text);
    return status;
}

static const char *name_of(const char *const *names, size_t n, uint64_t i)
{
    return i < n ? names[i] : "no known value";
}

const char *assay_fw_type_name(uint64_t type)
{
    static const char *const NAMES[] = {"APPLICATION", "SOFTDEVICE",
                                        "BOOTLOADER", "SOFTDEVICE_BOOTLOADER",
                                        "EXTERNAL_APPLICATION"};
    return name_of(NAMES, ASSAY_N_OF(NAMES), type);
}

const char *assay_hash_type_name(uint64_t type)
{
    static const char *const NAMES[] = {"NO_HASH", "CRC", "SHA128", "SHA256",
                                        "SHA512"};
    return name_of(NAMES, ASSAY_N_OF(NAMES), type);
}

const char *assay_validation_type_name(uint64_t type)
{
    static const char *const NAMES[] = {
        "NO_VALIDATION", "VALIDATE_GENERATED_CRC", "VALIDATE_GENERATED_SHA256",
        "VALIDATE_ECDSA_P256_SHA256"};
    return name_of(NAMES, ASSAY_N_OF(NAMES), type);
}

const char *assay_signature_type_name(uint64_t type)
{
    static const char *const NAMES[] = {"ECDSA_P256_SHA256", "ED25519"};
    return name_of(NAMES, ASSAY_N_OF(NAMES), type);
}
