/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "flash.h"
#include "keys.h"

/*
 * The smallest bootloader: verify what is in flash, then start it or halt.
 * It has no data in RAM but the stack.
 */

/* Defined in embed.ld. */
extern const struct record stored;
extern const uint8_t application[];
extern const uint8_t application_end[];

#define VECTOR_TABLE (*(volatile uint32_t *)0xE000ED08u)

int main(void);
_Noreturn void halt(enum assay_status status);
_Noreturn void start_application(void);

/*
 * The reason of a refusal stays in r0, for whoever attaches a debugger. The
 * second branch is for a processor that leaves out the first one.
 */
__attribute__((noinline)) _Noreturn void halt(enum assay_status status)
{
    __asm__ volatile("0: b 0b\n\tb 0b" : : "r"(status));
    __builtin_unreachable();
}

__attribute__((noinline)) _Noreturn void start_application(void)
{
    const uint32_t *vectors = (const uint32_t *)(const void *)application;
    VECTOR_TABLE = (uint32_t)(uintptr_t)vectors;
    __asm__ volatile("msr msp, %0\n\tbx %1"
                     :
                     : "r"(vectors[0]), "r"(vectors[1])
                     : "memory");
    __builtin_unreachable();
}

static enum assay_status decide(void)
{
    struct assay_installed installed;
    uint32_t packet_len = stored.packet_len;
    uint32_t image_len = stored.image_len;
    if (packet_len > sizeof stored.packet) {
        return ASSAY_PACKET_TOO_LONG;
    }
    if (image_len > (size_t)(application_end - application)) {
        return ASSAY_IMAGE_ROOM;
    }
    installed.packet = assay_slice(stored.packet, packet_len);
    installed.image = assay_slice(application, image_len);
    installed.type = ASSAY_FW_APPLICATION;
    return assay_verifier_boot(&installed, &KEYS);
}

/*
 * The result is kept in memory and read again for each question, so that one
 * instruction that a disturbed processor leaves out starts nothing.
 */
int main(void)
{
    volatile enum assay_status status = ASSAY_FAILED;
    status = decide();
    if (status != ASSAY_OK) {
        halt(status);
    }
    if (status != ASSAY_OK) {
        halt(status);
    }
    start_application();
}
