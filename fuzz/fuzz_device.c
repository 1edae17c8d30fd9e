/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "base/bytes.h"
#include "fuzz/fuzz.h"
#include "fuzz/keyring.h"
#include "host/device.h"

#include <string.h>

/*
 * The text of a device file, and behind a zero byte an init packet for it. A
 * model that was read is written out as text and read again. What the device
 * decides is held against the verifier's own policy.
 */

static void render(const struct assay_device_model *m, struct assay_buffer *out)
{
    const struct assay_device *d = &m->device;
    uint32_t any = ASSAY_DEVICE_EXTERNAL | ASSAY_DEVICE_EXTERNAL_ANY;
    const char *external = (d->flags & any) == any            ? "any-version"
                           : d->flags & ASSAY_DEVICE_EXTERNAL ? "accept"
                                                              : "refuse";
    require(assay_buffer_printf(
                out, NULL,
                "bootloader = %s\nhw_version=%u\napp_version = 0x%x\n"
                "bootloader_version\t=%u\nimage_room = %u # bytes\r\n"
                "bootloader_room = 0x%X\nneeds_softdevice = %s\n"
                "same_version = %s\ndowngrade = %s\n\nunsigned = %s\n"
                "debug = %s\nexternal = %s\n",
                assay_generation_name(m->generation), (unsigned)d->hw_version,
                (unsigned)d->app_version, (unsigned)d->bootloader_version,
                (unsigned)d->image_room, (unsigned)d->bootloader_room,
                d->flags & ASSAY_DEVICE_NEEDS_SOFTDEVICE ? "yes" : "no",
                d->flags & ASSAY_DEVICE_SAME_VERSION ? "accept" : "refuse",
                d->flags & ASSAY_DEVICE_DOWNGRADE ? "accept" : "refuse",
                m->flags & ASSAY_MODEL_UNSIGNED ? "accept" : "refuse",
                m->flags & ASSAY_MODEL_DEBUG ? "yes" : "no",
                external) == ASSAY_OK);
    if (d->softdevice == ASSAY_NO_SOFTDEVICE) {
        require(assay_buffer_printf(out, NULL, "softdevice = none") ==
                ASSAY_OK);
    } else {
        require(d->softdevice <= 0xFFFF);
        require(assay_buffer_printf(out, NULL, "softdevice = %u",
                                    (unsigned)d->softdevice) == ASSAY_OK);
    }
}

static void check_model(const struct assay_device_model *m)
{
    struct assay_buffer text = {0};
    struct assay_device_model again;
    render(m, &text);
    require(assay_device_parse(assay_buffer_slice(&text), &again, NULL) ==
            ASSAY_OK);
    require(m->generation == again.generation && m->flags == again.flags);
    require(memcmp(&m->device, &again.device, sizeof again.device) == 0);
    assay_buffer_free(&text);
}

/* The last bytes of the input as the information of a SoftDevice. */
static void make_head(struct assay_slice input, struct assay_image_head *head)
{
    memset(head, 0, sizeof *head);
    assay_store_le32(head->bytes + 0x2004, 0x51B1E5DB);
    head->len = ASSAY_IMAGE_HEAD_LEN;
    if (input.len >= 16) {
        memcpy(head->bytes + 0x2008, input.p + input.len - 16, 16);
        head->len -= input.p[0] == 0;
    }
}

static void check_decision(const struct assay_device_model *m,
                           enum assay_status genuine,
                           const struct assay_init_command *command,
                           enum assay_status status)
{
    if (genuine != ASSAY_OK) {
        require(status == genuine || (m->flags & ASSAY_MODEL_UNSIGNED) != 0);
        require(status != ASSAY_OK || command != NULL);
        require(status != ASSAY_OK || command->type == ASSAY_FW_APPLICATION ||
                command->type == ASSAY_FW_SOFTDEVICE);
        return;
    }
    enum assay_status policy = assay_verifier_policy(command, &m->device);
    if (m->generation == ASSAY_GENERATION_ASSAY) {
        require(status == policy);
    }
    if (m->generation >= ASSAY_GENERATION_SDK15_3 && m->flags == 0) {
        require(status == policy || status == ASSAY_SIGNATURE_TYPE);
    }
}

static void ask(struct assay_device_model *m, struct assay_slice packet)
{
    struct assay_trust trust;
    struct assay_verdict verdict = {.key_index = FUZZ_N_KEYS};
    struct assay_envelope envelope;
    struct assay_init_command command;
    struct assay_image_head head;
    struct assay_diag diag = {0};
    fuzz_keyring(&trust);
    enum assay_status genuine =
        assay_verifier_packet(packet, &trust.table, &verdict);
    int has_command =
        assay_initpkt_open(packet, &envelope) == ASSAY_OK &&
        assay_initpkt_read(envelope.signed_bytes, &command) == ASSAY_OK;
    require(genuine != ASSAY_OK || has_command);
    enum assay_status status = assay_device_packet(
        m, packet, genuine, has_command ? &command : NULL, &diag);
    require(status == ASSAY_OK || diag.status == status);
    check_decision(m, genuine, has_command ? &command : NULL, status);
    (void)assay_verifier_nordic(status);
    if (status != ASSAY_OK) {
        return;
    }
    make_head(packet, &head);
    if (assay_device_image(m, &command, &head, &diag) == ASSAY_OK) {
        assay_device_install(m, &command, &head);
        (void)!assay_device_packet(m, packet, genuine, &command, &diag);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const uint8_t *zero = len == 0 ? NULL : memchr(data, '\0', len);
    size_t text_len = zero == NULL ? len : (size_t)(zero - data);
    struct assay_slice text = assay_slice(data, text_len);
    struct assay_device_model model;
    struct assay_diag diag = {0};
    enum assay_status status = assay_device_parse(text, &model, &diag);
    if (status != ASSAY_OK) {
        require(status == ASSAY_DEVICE_FILE && diag.status == status);
        require(diag.text[0] != '\0');
        return 0;
    }
    check_model(&model);
    if (zero != NULL) {
        ask(&model, assay_slice(zero + 1, len - text_len - 1));
    }
    return 0;
}
