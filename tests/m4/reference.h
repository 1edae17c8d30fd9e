/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_TESTS_M4_REFERENCE_H
#define ASSAY_TESTS_M4_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/machine.h"

/*
 * The undisturbed run of some calls, one behind the other: which instructions
 * it executes, what it reads and writes, and at some points, the marks, the
 * whole state that the rest of it depends on. A run that has this state at a
 * mark goes on as the reference does.
 */

/* r0 to r12, sp, lr, pc, and the flags without the state of an IT block */
enum { CPU_SP = 13, CPU_LR, CPU_PC, CPU_FLAGS, CPU_N };

struct cpu {
    uint32_t reg[CPU_N];
};

void cpu_get(uc_engine *uc, struct cpu *out);
void cpu_set(uc_engine *uc, const struct cpu *cpu);

/* --- Memory --------------------------------------------------------------- */

/*
 * The RAM that the verifier uses: outputs and the stack. Everything else of
 * RAM is filled with one byte, and a reference does not touch it.
 */
#define CELLS_OUT 0x400u
#define CELLS_STACK 0x1000u
#define N_CELLS (CELLS_OUT + CELLS_STACK)
#define RAM_FILL 0xA5

void cells_get(const struct machine *m, uint8_t cell[static N_CELLS]);

/* Set them, and the rest of RAM as before the first call. */
void cells_set(struct machine *m, const uint8_t cell[static N_CELLS]);

/* --- A reference ---------------------------------------------------------- */

struct call {
    uint32_t function; /* entry point */
    uint32_t arg[4];
};

enum { N_CALLS_MAX = 8 };

struct access {
    uint32_t instruction;
    uint32_t cell;
    uint32_t value;
    uint8_t len;
    uint8_t is_write;
};

struct mark {
    uint32_t instruction; /* that it stands in front of */
    struct cpu cpu;
    uint8_t cell[N_CELLS];
    uint8_t alive[N_CELLS]; /* 0xFF: the reference reads this byte later */
};

struct reference {
    struct machine *machine;
    const struct call *call;
    size_t n_calls;
    uint32_t ok;               /* the status with which a run goes on */
    uint32_t status;           /* that the last call made answers */
    size_t start[N_CALLS_MAX]; /* the first instruction of each call made */
    size_t n_made;             /* calls; the last one does not answer OK */
    uint32_t *address;         /* of each instruction executed */
    size_t n_instructions;
    struct access *access;
    size_t n_accesses;
    struct mark *mark;
    size_t n_marks;
    /* Addresses of code where a mark is: all executions of them. */
    struct {
        uint32_t instruction;
        uint32_t mark; /* or NO_MARK */
    } * passage;
    size_t n_passages;
    uint8_t is_passage[MACHINE_FLASH_LEN / 2];
};

#define NO_MARK UINT32_MAX

/* in: machine, without hooks, its inputs in place; gets hooks. */
void reference_open(struct reference *ref, struct machine *machine);

/* Run the calls until one does not answer ok. */
void reference_record(struct reference *ref, const struct call *call,
                      size_t n_calls, uint32_t ok);

/* The registers in front of the instructions from .. from + n - 1. */
void reference_registers(struct reference *ref, size_t from, size_t n,
                         struct cpu *out);

/*
 * The same bytes of RAM as the reference has in front of an instruction.
 * in: cell, as it was in front of the instruction whose accesses begin at
 *     *next; at the first one, RAM_FILL everywhere and 0.
 */
void reference_cells(const struct reference *ref, size_t instruction,
                     uint8_t cell[static N_CELLS], size_t *next);

uint32_t instruction_len(const struct machine *m, uint32_t address);

/* The state of the IT block behind instruction i; 0: none. */
uint32_t reference_it_behind(const struct reference *ref, size_t i);

#endif
