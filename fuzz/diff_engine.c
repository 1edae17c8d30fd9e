/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "fuzz/fuzz.h"
#include "fuzz/keyring.h"
#include "host/engine.h"

#include <string.h>

/*
 * The verifier as the host's compiler made it against the machine code for
 * Cortex-M4, for any init packet: every answer, and what goes with it, is the
 * same. One process runs the machine code for all inputs; it is told all that
 * it works with in every call and keeps nothing.
 */

#define IMAGE_LEN 128u

static struct assay_engine *engine_of_process(void)
{
    static struct assay_engine engine;
    static int is_open;
    struct assay_diag diag = {0};
    if (!is_open) {
        if (assay_engine_open(&engine, ASSAY_ENGINE_BOTH, &diag) != ASSAY_OK) {
            fprintf(stderr, "%s\n", diag.text);
            exit(2);
        }
        is_open = 1;
    }
    return &engine;
}

/* Stop at anything that is no verdict of both. */
static enum assay_status agreed(enum assay_status status,
                                const struct assay_diag *diag)
{
    if (assay_engine_failed(status)) {
        fuzz_fail(diag->text, __FILE__, __LINE__);
    }
    return status;
}

/* The input itself is the image, in two pieces. */
static void compare_image(struct assay_engine *engine,
                          const struct assay_init_command *command,
                          struct assay_slice bytes)
{
    struct assay_image image;
    struct assay_diag diag = {0};
    memset(&image, 0, sizeof image);
    (void)agreed(assay_engine_image_start(engine, &image, command, &diag),
                 &diag);
    size_t half = bytes.len / 2;
    (void)agreed(assay_engine_image_update(
                     engine, &image, assay_slice_sub(bytes, 0, half), &diag),
                 &diag);
    (void)agreed(assay_engine_image_update(
                     engine, &image,
                     assay_slice_sub(bytes, half, bytes.len - half), &diag),
                 &diag);
    (void)agreed(assay_engine_image_finish(engine, &image, &diag), &diag);
}

static void compare_policy(struct assay_engine *engine,
                           const struct assay_init_command *command)
{
    struct assay_diag diag = {0};
    struct assay_device device = {.hw_version = 52,
                                  .softdevice = ASSAY_NO_SOFTDEVICE,
                                  .app_version = 3,
                                  .bootloader_version = 3,
                                  .image_room = 0xF0000,
                                  .bootloader_room = 0x6000};
    for (uint32_t flags = 0; flags < 32; flags += 5) {
        device.flags = flags;
        device.softdevice = flags % 2 == 0 ? ASSAY_NO_SOFTDEVICE : 0x100;
        (void)agreed(assay_engine_policy(engine, command, &device, &diag),
                     &diag);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct assay_engine *engine = engine_of_process();
    struct assay_slice input = assay_slice(data, len);
    struct assay_trust trust;
    struct assay_verdict verdict = {.key_index = FUZZ_N_KEYS};
    struct assay_init_command command;
    struct assay_diag diag = {0};
    if (len > 4096) {
        return -1;
    }
    fuzz_keyring(&trust);
    enum assay_status status = agreed(
        assay_engine_packet(engine, input, &trust.table, &verdict, &diag),
        &diag);
    if (status == ASSAY_OK) {
        const struct assay_installed installed = {
            input, assay_slice_sub(input, 0, len < IMAGE_LEN ? len : IMAGE_LEN),
            (enum assay_fw_type)verdict.command.type};
        compare_policy(engine, &verdict.command);
        compare_image(engine, &verdict.command, input);
        (void)agreed(assay_engine_boot(engine, &installed, &trust.table, &diag),
                     &diag);
    }
    /* Fields that nobody signed reach more of the policy. */
    if (assay_initpkt_read(input, &command) == ASSAY_OK) {
        compare_policy(engine, &command);
        compare_image(engine, &command, input);
    }
    return 0;
}
