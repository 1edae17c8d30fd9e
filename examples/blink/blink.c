/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdint.h>

/*
 * The sample image of demo and tests: an application for the nRF52840 without
 * SoftDevice, at 0x1000 behind the MBR, that blinks the LED at P0.13. It uses
 * no library and no RAM but the stack.
 */

#define RAM_END 0x20040000u
#define GPIO_OUTSET (*(volatile uint32_t *)0x50000508u)
#define GPIO_OUTCLR (*(volatile uint32_t *)0x5000050Cu)
#define GPIO_DIRSET (*(volatile uint32_t *)0x50000518u)
#define LED (1u << 13)
/* About a quarter of a second at 64 MHz. */
#define PAUSE 4000000u

static void pause_loop(void)
{
    for (uint32_t i = 0; i < PAUSE; i++) {
        __asm__ volatile("");
    }
}

void reset(void);
void reset(void)
{
    GPIO_DIRSET = LED;
    for (;;) {
        GPIO_OUTCLR = LED;
        pause_loop();
        GPIO_OUTSET = LED;
        pause_loop();
    }
}

static void halt(void)
{
    for (;;) {
    }
}

/* Stack pointer, reset, then the 14 system exceptions. */
__attribute__((section(".vectors"),
               used)) static const uintptr_t VECTORS[16] = {RAM_END,
                                                            (uintptr_t)reset,
                                                            (uintptr_t)halt,
                                                            (uintptr_t)halt,
                                                            (uintptr_t)halt,
                                                            (uintptr_t)halt,
                                                            (uintptr_t)halt,
                                                            0,
                                                            0,
                                                            0,
                                                            0,
                                                            (uintptr_t)halt,
                                                            (uintptr_t)halt,
                                                            0,
                                                            (uintptr_t)halt,
                                                            (uintptr_t)halt};
