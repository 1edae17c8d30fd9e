/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdint.h>

/*
 * The vector table of a Cortex-M4. There is nothing to copy and nothing to
 * clear before main: embed.ld refuses a program with data in RAM.
 */

int main(void);
_Noreturn void fault(void);

extern uint32_t stack_end[]; /* defined in embed.ld */

_Noreturn void fault(void)
{
    __asm__ volatile("0: b 0b\n\tb 0b");
    __builtin_unreachable();
}

typedef void handler(void);

struct vectors {
    uint32_t *stack;
    int (*reset)(void);
    handler *exception[14];
};

__attribute__((section(".vectors"),
               used)) static const struct vectors VECTORS = {
    .stack = stack_end,
    .reset = main,
    .exception = {fault, fault, fault, fault, fault, fault, fault, fault, fault,
                  fault, fault, fault, fault, fault},
};
