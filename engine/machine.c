/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "engine/machine.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "engine/functions.h"

/*
 * The code of SHARED ends for every input; a machine that does not come to
 * an end runs other code.
 */
#define BLOCKS_MAX (1u << 28)

const uint32_t MACHINE_EVERYWHERE[2] = {1, 0};

static uint32_t word(const uint8_t *code, uint32_t number)
{
    return assay_load_le32(code + (size_t)4 * number);
}

static const char *check_code(const uint8_t *code, uint32_t len)
{
    if (len < 4 * (ASSAY_M4_TABLE_FUNCTIONS + ASSAY_M4_N_FUNCTIONS)) {
        return "machine code: shorter than its table";
    }
    if (word(code, 0) != ASSAY_M4_MAGIC || word(code, 1) != ASSAY_M4_VERSION) {
        return "machine code: not of this version";
    }
    uint32_t start = word(code, ASSAY_M4_TABLE_START);
    if (start % 0x1000 != 0 || start < ASSAY_M4_IN + ASSAY_M4_IN_MAX ||
        start > MACHINE_RETURN || len > MACHINE_RETURN - start ||
        word(code, ASSAY_M4_TABLE_END) != start + len) {
        return "machine code: not at its place in flash";
    }
    return NULL;
}

static uc_err map(struct machine *m, enum machine_map kind)
{
    const uint32_t stack = MACHINE_STACK_TOP - MACHINE_STACK_LEN;
    const uint32_t rw = UC_PROT_READ | UC_PROT_WRITE;
    const uint32_t rx = UC_PROT_READ | UC_PROT_EXEC;
    uc_err e;
    if (kind == MACHINE_DEVICE) {
        e = uc_mem_map_ptr(m->uc, 0, MACHINE_FLASH_LEN, rx, m->flash);
        return e != UC_ERR_OK ? e
                              : uc_mem_map_ptr(m->uc, MACHINE_RAM,
                                               MACHINE_RAM_LEN, rw, m->ram);
    }
    e = uc_mem_map_ptr(m->uc, ASSAY_M4_IN, ASSAY_M4_IN_MAX, UC_PROT_READ,
                       m->flash + ASSAY_M4_IN);
    if (e == UC_ERR_OK) {
        e = uc_mem_map_ptr(m->uc, m->code, MACHINE_FLASH_LEN - m->code, rx,
                           m->flash + m->code);
    }
    if (e == UC_ERR_OK) {
        e = uc_mem_map_ptr(m->uc, ASSAY_M4_OUT, ASSAY_M4_OUT_MAX, rw, m->ram);
    }
    if (e == UC_ERR_OK) {
        e = uc_mem_map_ptr(m->uc, stack, MACHINE_STACK_LEN, rw,
                           m->ram + (stack - MACHINE_RAM));
    }
    return e;
}

/* Unicorn wants memory that begins on a page. */
static uint8_t *pages(size_t len, int fill)
{
    uint8_t *p = aligned_alloc(0x1000, len);
    if (p != NULL) {
        memset(p, fill, len);
    }
    return p;
}

const char *machine_open(struct machine *m, enum machine_map kind,
                         const uint8_t *code, uint32_t code_len)
{
    memset(m, 0, sizeof *m);
    const char *fault = check_code(code, code_len);
    if (fault != NULL) {
        return fault;
    }
    m->code = word(code, ASSAY_M4_TABLE_START);
    m->code_len = code_len;
    m->flash = pages(MACHINE_FLASH_LEN, 0xFF);
    m->ram = pages(MACHINE_RAM_LEN, 0);
    if (m->flash == NULL || m->ram == NULL) {
        return "out of memory";
    }
    memcpy(m->flash + m->code, code, code_len);
    /* With UC_MODE_MCLASS the emulator would be a Cortex-M33 instead. */
    uc_err e = uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &m->uc);
    if (e == UC_ERR_OK) {
        e = uc_ctl_set_cpu_model(m->uc, UC_CPU_ARM_CORTEX_M4);
    }
    if (e == UC_ERR_OK) {
        e = map(m, kind);
    }
    return e == UC_ERR_OK ? NULL : uc_strerror(e);
}

void machine_close(struct machine *m)
{
    if (m->uc != NULL) {
        (void)uc_close(m->uc);
    }
    free(m->flash);
    free(m->ram);
    memset(m, 0, sizeof *m);
}

uint32_t machine_function(const struct machine *m, uint32_t number)
{
    if (number >= ASSAY_M4_N_FUNCTIONS) {
        return 0;
    }
    return word(m->flash + m->code, ASSAY_M4_TABLE_FUNCTIONS + number);
}

/* Of the registers that a function may use without setting them: none. */
static const int OTHERS[] = {
    UC_ARM_REG_R4,  UC_ARM_REG_R5,  UC_ARM_REG_R6,
    UC_ARM_REG_R7,  UC_ARM_REG_R8,  UC_ARM_REG_R9,
    UC_ARM_REG_R10, UC_ARM_REG_R11, UC_ARM_REG_R12,
};

void machine_prepare(struct machine *m, uint32_t function,
                     const uint32_t arg[static 4])
{
    const uint32_t stack = MACHINE_STACK_TOP;
    const uint32_t back = MACHINE_RETURN | 1u;
    const uint32_t flags = 0x01000000;
    for (int i = 0; i < 4; i++) {
        (void)uc_reg_write(m->uc, UC_ARM_REG_R0 + i, &arg[i]);
    }
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++) {
        uint32_t pattern = 0xD15EA5E0u + (uint32_t)i;
        (void)uc_reg_write(m->uc, OTHERS[i], &pattern);
    }
    (void)uc_reg_write(m->uc, UC_ARM_REG_XPSR, &flags);
    (void)uc_reg_write(m->uc, UC_ARM_REG_SP, &stack);
    (void)uc_reg_write(m->uc, UC_ARM_REG_LR, &back);
    (void)uc_reg_write(m->uc, UC_ARM_REG_PC, &function);
}

static void count_block(uc_engine *uc, uint64_t address, uint32_t len,
                        void *ctx)
{
    struct machine *m = ctx;
    (void)address;
    (void)len;
    if (--m->n_left == 0) {
        (void)uc_emu_stop(uc);
    }
}

static void take_exception(uc_engine *uc, uint32_t number, void *ctx)
{
    struct machine *m = ctx;
    (void)number;
    m->n_taken++;
    (void)uc_emu_stop(uc);
}

uc_hook machine_hook(struct machine *m, int kind, void (*callback)(void),
                     void *ctx, const uint32_t range[static 2])
{
    uc_hook hook = 0;
    void *address;
    /* The interface takes a function as an object; POSIX has them alike. */
    memcpy(&address, &callback, sizeof address);
    (void)uc_hook_add(m->uc, &hook, kind, address, ctx, range[0], range[1]);
    return hook;
}

/* Once for all runs: libunicorn 2.0.1 can crash in code that it translated for
 * a hook which was removed later. */
static void watch(struct machine *m)
{
    if (m->watched) {
        return;
    }
    m->watched = 1;
    (void)machine_hook(m, UC_HOOK_BLOCK, (void (*)(void))count_block, m,
                       MACHINE_EVERYWHERE);
    (void)machine_hook(m, UC_HOOK_INTR, (void (*)(void))take_exception, m,
                       MACHINE_EVERYWHERE);
}

const char *machine_run(struct machine *m, uint32_t *result)
{
    uint32_t pc = 0;
    watch(m);
    m->n_left = BLOCKS_MAX;
    m->n_taken = 0;
    (void)uc_reg_read(m->uc, UC_ARM_REG_PC, &pc);
    uc_err e = uc_emu_start(m->uc, pc | 1, MACHINE_RETURN, 0, 0);
    (void)uc_reg_read(m->uc, UC_ARM_REG_PC, &pc);
    (void)uc_reg_read(m->uc, UC_ARM_REG_R0, result);
    if (e != UC_ERR_OK) {
        return uc_strerror(e);
    }
    if (m->n_taken > 0) {
        return "an exception";
    }
    return pc == MACHINE_RETURN ? NULL : "does not come to an end";
}
