/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdio.h>
#include <string.h>

#include "flash.h"
#include "keys.h"

/*
 * What the updater of a device does, as a program for the host: it takes an
 * init packet and an image through the five calls, in pieces as a radio would
 * deliver them, and writes the record that the bootloader finds in flash.
 *
 * usage: host PACKET IMAGE RECORD
 * exit:  0 accepted and written, 1 refused, 2 a file cannot be used.
 */

#define PIECE_LEN 100u

static const struct assay_device DEVICE = {
    .hw_version = 52,
    .softdevice = ASSAY_NO_SOFTDEVICE,
    .app_version = 3,
    .bootloader_version = 1,
    .image_room = 924u * 1024u,
    .bootloader_room = 32u * 1024u,
};

static uint8_t packet[ASSAY_PACKET_MAX + 1];
static uint8_t image[924u * 1024u + 1u];

static int load(const char *path, uint8_t *out, size_t room, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return 0;
    }
    *len = fread(out, 1, room, file);
    int good = !ferror(file);
    (void)fclose(file);
    return good;
}

static enum assay_status receive(const struct assay_init_command *command,
                                 struct assay_slice bytes)
{
    struct assay_image incoming;
    enum assay_status status = assay_verifier_image_start(&incoming, command);
    for (size_t off = 0; status == ASSAY_OK && off < bytes.len;) {
        size_t left = bytes.len - off;
        size_t len = left < PIECE_LEN ? left : PIECE_LEN;
        status = assay_verifier_image_update(&incoming,
                                             assay_slice_sub(bytes, off, len));
        off += len;
    }
    if (status == ASSAY_OK) {
        status = assay_verifier_image_finish(&incoming);
    }
    return status;
}

static enum assay_status examine(struct assay_slice packet_bytes,
                                 struct assay_slice image_bytes)
{
    struct assay_verdict verdict;
    struct assay_installed installed = {.packet = packet_bytes,
                                        .image = image_bytes,
                                        .type = ASSAY_FW_APPLICATION};
    enum assay_status status = assay_verifier_keys(&KEYS);
    if (status == ASSAY_OK) {
        status = assay_verifier_packet(packet_bytes, &KEYS, &verdict);
    }
    if (status == ASSAY_OK) {
        status = assay_verifier_policy(&verdict.command, &DEVICE);
    }
    if (status == ASSAY_OK) {
        status = receive(&verdict.command, image_bytes);
    }
    if (status == ASSAY_OK) {
        status = assay_verifier_boot(&installed, &KEYS);
    }
    return status;
}

static void put_le32(uint8_t *out, size_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        out[i] = (uint8_t)(value >> 8 * i);
    }
}

static int write_record(const char *path, size_t packet_len, size_t image_len)
{
    uint8_t record[sizeof(struct record)];
    memset(record, 0xFF, sizeof record);
    put_le32(record, packet_len);
    put_le32(record + 4, image_len);
    memcpy(record + 8, packet, packet_len);
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        return 0;
    }
    int good = fwrite(record, sizeof record, 1, file) == 1;
    return fclose(file) == 0 && good;
}

int main(int argc, char **argv)
{
    size_t packet_len;
    size_t image_len;
    if (argc != 4 || !load(argv[1], packet, sizeof packet, &packet_len) ||
        !load(argv[2], image, sizeof image, &image_len)) {
        (void)fprintf(stderr, "usage: host PACKET IMAGE RECORD\n");
        return 2;
    }
    enum assay_status status =
        examine(assay_slice(packet, packet_len), assay_slice(image, image_len));
    if (status != ASSAY_OK) {
        printf("refused: 0x%03x, a Nordic device would answer 0x%04x\n",
               (unsigned)status, (unsigned)assay_verifier_nordic(status));
        return 1;
    }
    if (!write_record(argv[3], packet_len, image_len)) {
        (void)fprintf(stderr, "host: %s cannot be written\n", argv[3]);
        return 2;
    }
    printf("accepted: %zu bytes of packet, %zu of image\n", packet_len,
           image_len);
    return 0;
}
