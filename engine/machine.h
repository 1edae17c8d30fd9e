/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_ENGINE_MACHINE_H
#define ASSAY_ENGINE_MACHINE_H

#include <stddef.h>
#include <stdint.h>

#include <unicorn/unicorn.h>

#include "engine/protocol.h"

/*
 * A Cortex-M4 with the memory of an nRF52840 and no peripherals, which holds
 * the verifier's machine code and calls one function at a time.
 *
 *   inputs   in flash, below the code: readable only
 *   outputs  at the start of RAM: readable and writable
 *   stack    below MACHINE_STACK_TOP, growing down
 */

#define MACHINE_FLASH_LEN 0x00100000u
#define MACHINE_RAM 0x20000000u
#define MACHINE_RAM_LEN 0x00040000u
#define MACHINE_STACK_TOP 0x20010000u
#define MACHINE_STACK_LEN 0x1000u

/* Where functions return to: in flash, behind the machine code. */
#define MACHINE_RETURN 0x000FF000u

enum machine_map {
    MACHINE_STRICT, /* inputs, outputs and 4 kB of stack, nothing else */
    MACHINE_DEVICE, /* all flash and all RAM of the chip */
};

struct machine {
    uc_engine *uc;
    uint8_t *flash; /* MACHINE_FLASH_LEN bytes, at address 0 */
    uint8_t *ram;   /* MACHINE_RAM_LEN bytes, at MACHINE_RAM */
    uint32_t code;  /* where the machine code begins */
    uint32_t code_len;
    uint32_t watched; /* by machine_run: its hooks are there */
    uint32_t n_left;  /* blocks until the run is taken for endless */
    uint32_t n_taken; /* exceptions in the run */
};

/*
 * in:  code, the bytes that engine/link.sh made, for the address start.
 * ret: NULL, or what is wrong with them or with the emulator.
 */
const char *machine_open(struct machine *m, enum machine_map map,
                         const uint8_t *code, uint32_t code_len);

void machine_close(struct machine *m);

/* ret: the entry point of a function, bit 0 set; 0 when there is none. */
uint32_t machine_function(const struct machine *m, uint32_t number);

/* Set the registers for a call; the others become the words of a pattern. */
void machine_prepare(struct machine *m, uint32_t function,
                     const uint32_t arg[static 4]);

/* For machine_hook: from the first to the last address, or everywhere. */
extern const uint32_t MACHINE_EVERYWHERE[2];

/* in: kind, UC_HOOK_; callback, cast from the type that belongs to kind. */
uc_hook machine_hook(struct machine *m, int kind, void (*callback)(void),
                     void *ctx, const uint32_t range[static 2]);

/*
 * Run from the program counter to the return of the function called.
 * ret: NULL and *result, or what stopped it.
 */
const char *machine_run(struct machine *m, uint32_t *result);

#endif
