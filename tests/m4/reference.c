/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "tests/m4/reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "tests/m4/fixture.h"

/* --- State ---------------------------------------------------------------- */

/* Of the program status: N, Z, C, V, Q, GE; and what says Thumb. */
#define FLAGS 0xF80F0000u
#define FLAG_THUMB 0x01000000u

static const int REGISTER[CPU_N] = {
    UC_ARM_REG_R0,  UC_ARM_REG_R1, UC_ARM_REG_R2,  UC_ARM_REG_R3,
    UC_ARM_REG_R4,  UC_ARM_REG_R5, UC_ARM_REG_R6,  UC_ARM_REG_R7,
    UC_ARM_REG_R8,  UC_ARM_REG_R9, UC_ARM_REG_R10, UC_ARM_REG_R11,
    UC_ARM_REG_R12, UC_ARM_REG_SP, UC_ARM_REG_LR,  UC_ARM_REG_PC,
    UC_ARM_REG_XPSR};

void cpu_get(uc_engine *uc, struct cpu *out)
{
    for (size_t i = 0; i < CPU_N; i++) {
        out->reg[i] = 0;
        (void)uc_reg_read(uc, REGISTER[i], &out->reg[i]);
    }
    out->reg[CPU_FLAGS] &= FLAGS;
    out->reg[CPU_PC] &= ~1u;
}

void cpu_set(uc_engine *uc, const struct cpu *cpu)
{
    for (size_t i = 0; i < CPU_PC; i++) {
        (void)uc_reg_write(uc, REGISTER[i], &cpu->reg[i]);
    }
    uint32_t flags = cpu->reg[CPU_FLAGS] | FLAG_THUMB;
    uint32_t pc = cpu->reg[CPU_PC] | 1;
    (void)uc_reg_write(uc, UC_ARM_REG_XPSR_NZCVQG, &flags);
    (void)uc_reg_write(uc, UC_ARM_REG_PC, &pc);
}

#define STACK_OFF (MACHINE_STACK_TOP - MACHINE_RAM - CELLS_STACK)
#define STACK_END (STACK_OFF + CELLS_STACK)

void cells_get(const struct machine *m, uint8_t cell[static N_CELLS])
{
    memcpy(cell, m->ram, CELLS_OUT);
    memcpy(cell + CELLS_OUT, m->ram + STACK_OFF, CELLS_STACK);
}

/* Fill it if it is not: as a rule it is, and looking is cheaper. */
static void fill(uint8_t *ram, size_t len)
{
    if (ram[0] != RAM_FILL || memcmp(ram, ram + 1, len - 1) != 0) {
        memset(ram, RAM_FILL, len);
    }
}

void cells_set(struct machine *m, const uint8_t cell[static N_CELLS])
{
    memcpy(m->ram, cell, CELLS_OUT);
    memcpy(m->ram + STACK_OFF, cell + CELLS_OUT, CELLS_STACK);
    fill(m->ram + CELLS_OUT, STACK_OFF - CELLS_OUT);
    fill(m->ram + STACK_END, MACHINE_RAM_LEN - STACK_END);
}

static uint32_t cell_at(uint32_t address, uint32_t len)
{
    uint32_t off = address - MACHINE_RAM;
    if (off < CELLS_OUT && len <= CELLS_OUT - off) {
        return off;
    }
    if (off < STACK_OFF || off >= STACK_END || len > STACK_END - off) {
        fail("reference", "uses memory that is not expected");
    }
    return off - STACK_OFF + CELLS_OUT;
}

/* --- Running -------------------------------------------------------------- */

/* What the hooks of the one machine work on. */
static struct {
    struct reference *ref;
    size_t n; /* instructions so far */
    int record;
    size_t access_room;
    size_t address_room;
    struct cpu *cpu; /* those of the instructions from .. end - 1, or NULL */
    size_t from;
    size_t end;
    size_t next_mark;
} now;

/* Room for one more. */
static void *grown(void *list, size_t n, size_t *room, size_t size)
{
    if (n < *room) {
        return list;
    }
    *room = 2 * *room + 65536;
    list = realloc(list, *room * size);
    if (list == NULL) {
        fail("reference", "out of memory");
    }
    return list;
}

static void on_code(uc_engine *uc, uint64_t address, uint32_t len, void *ctx)
{
    struct reference *ref = now.ref;
    (void)len;
    (void)ctx;
    if (now.record) {
        ref->address =
            grown(ref->address, now.n, &now.address_room, sizeof *ref->address);
        ref->address[now.n] = (uint32_t)address;
    } else if (ref->address[now.n] != address) {
        fail("reference", "does not repeat itself");
    }
    if (now.n >= now.from && now.n < now.end) {
        cpu_get(uc, &now.cpu[now.n - now.from]);
    }
    if (now.next_mark < ref->n_marks &&
        ref->mark[now.next_mark].instruction == now.n) {
        cpu_get(uc, &ref->mark[now.next_mark].cpu);
        now.next_mark++;
    }
    now.n++;
}

static void on_memory(uc_engine *uc, uc_mem_type type, uint64_t address,
                      int len, int64_t value, void *ctx)
{
    struct reference *ref = now.ref;
    (void)uc;
    (void)ctx;
    if (!now.record) {
        return;
    }
    if (len > 4) {
        fail("reference", "a memory access of more than a word");
    }
    ref->access = grown(ref->access, ref->n_accesses, &now.access_room,
                        sizeof *ref->access);
    ref->access[ref->n_accesses++] = (struct access){
        .instruction = (uint32_t)now.n - 1,
        .cell = cell_at((uint32_t)address, (uint32_t)len),
        .value = (uint32_t)value,
        .len = (uint8_t)len,
        .is_write = type == UC_MEM_WRITE,
    };
}

static void run(struct reference *ref, uint32_t ok)
{
    struct machine *m = ref->machine;
    uint32_t status = ok;
    memset(m->ram, RAM_FILL, MACHINE_RAM_LEN);
    now.n = 0;
    now.next_mark = 0;
    ref->n_made = 0;
    while (ref->n_made < ref->n_calls && status == ok) {
        const struct call *call = &ref->call[ref->n_made];
        ref->start[ref->n_made++] = now.n;
        machine_prepare(m, call->function, call->arg);
        uc_err e =
            uc_emu_start(m->uc, call->function | 1, MACHINE_RETURN, 0, 0);
        uint32_t pc = 0;
        (void)uc_reg_read(m->uc, UC_ARM_REG_PC, &pc);
        if (e != UC_ERR_OK || (pc & ~1u) != MACHINE_RETURN) {
            fail("reference", "does not return");
        }
        (void)uc_reg_read(m->uc, UC_ARM_REG_R0, &status);
    }
    ref->status = status;
}

void reference_open(struct reference *ref, struct machine *machine)
{
    const uint32_t ram[2] = {MACHINE_RAM, MACHINE_RAM + MACHINE_RAM_LEN - 1};
    memset(ref, 0, sizeof *ref);
    ref->machine = machine;
    now.ref = ref;
    (void)machine_hook(machine, UC_HOOK_CODE, (void (*)(void))on_code, NULL,
                       MACHINE_EVERYWHERE);
    (void)machine_hook(machine, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE,
                       (void (*)(void))on_memory, NULL, ram);
}

void reference_registers(struct reference *ref, size_t from, size_t n,
                         struct cpu *out)
{
    now.cpu = out;
    now.from = from;
    now.end = from + n;
    run(ref, ref->ok);
    now.end = 0;
}

void reference_cells(const struct reference *ref, size_t instruction,
                     uint8_t cell[static N_CELLS], size_t *next)
{
    for (; *next < ref->n_accesses; (*next)++) {
        const struct access *a = &ref->access[*next];
        if (a->instruction >= instruction) {
            return;
        }
        for (uint32_t i = 0; i < a->len && a->is_write; i++) {
            cell[a->cell + i] = (uint8_t)(a->value >> 8 * i);
        }
    }
}

/* --- Instructions --------------------------------------------------------- */

static uint32_t half_word(const struct machine *m, uint32_t address)
{
    return assay_load_le16(m->flash + address);
}

uint32_t instruction_len(const struct machine *m, uint32_t address)
{
    return half_word(m, address) >> 11 >= 0x1D ? 4 : 2;
}

/* The state of an IT block one instruction later. */
static uint32_t it_advance(uint32_t it)
{
    return (it & 7) == 0 ? 0 : (it & 0xE0) | (it << 1 & 0x1F);
}

/* The state of the block of the IT instruction `it_at` behind `address`. */
static uint32_t it_behind(const struct machine *m, uint32_t it_at,
                          uint32_t address)
{
    uint32_t op = half_word(m, it_at);
    if (op >> 8 != 0xBF || (op & 15) == 0 || address <= it_at) {
        return 0;
    }
    uint32_t it = op & 0xFF;
    for (uint32_t at = it_at + 2; it != 0 && at <= address;
         at += instruction_len(m, at)) {
        it = it_advance(it);
    }
    return it;
}

/* A block has up to four instructions; those left out are not in the trace. */
uint32_t reference_it_behind(const struct reference *ref, size_t i)
{
    for (size_t back = 1; back <= 4 && back <= i; back++) {
        uint32_t it =
            it_behind(ref->machine, ref->address[i - back], ref->address[i]);
        if (it != 0) {
            return it;
        }
    }
    return 0;
}

/* --- Marks ---------------------------------------------------------------- */

enum { N_MARKS_MAX = 6000, SPACING_MIN = 200 };

/* Where the emulator begins a block: behind a branch that was taken. */
static int is_target(const struct reference *ref, size_t i)
{
    uint32_t before = ref->address[i - 1];
    return ref->address[i] != before + instruction_len(ref->machine, before);
}

/*
 * A mark every so often. An address that has marks already is preferred: few
 * addresses are watched during a run then.
 */
static void choose_marks(struct reference *ref)
{
    size_t spacing = ref->n_instructions / N_MARKS_MAX + SPACING_MIN;
    size_t last = 0;
    memset(ref->is_passage, 0, sizeof ref->is_passage);
    ref->n_marks = 0;
    for (size_t i = 1; i < ref->n_instructions; i++) {
        uint8_t *is_passage = &ref->is_passage[ref->address[i] / 2];
        if (i - last < spacing || !is_target(ref, i) ||
            (!*is_passage && i - last < 2 * spacing)) {
            continue;
        }
        *is_passage = 1;
        ref->mark[ref->n_marks++].instruction = (uint32_t)i;
        last = i;
    }
}
static void list_passages(struct reference *ref)
{
    size_t k = 0;
    ref->n_passages = 0;
    for (size_t i = 1; i < ref->n_instructions; i++) {
        if (!ref->is_passage[ref->address[i] / 2] || !is_target(ref, i)) {
            continue;
        }
        ref->passage[ref->n_passages].instruction = (uint32_t)i;
        ref->passage[ref->n_passages].mark = NO_MARK;
        if (k < ref->n_marks && ref->mark[k].instruction == i) {
            ref->passage[ref->n_passages].mark = (uint32_t)k;
            k++;
        }
        ref->n_passages++;
    }
}

/* The bytes at each mark, and which of them are read before written. */
static void fill_marks(struct reference *ref)
{
    uint8_t cell[N_CELLS];
    uint8_t alive[N_CELLS] = {0};
    size_t next = 0;
    memset(cell, RAM_FILL, sizeof cell);
    for (size_t k = 0; k < ref->n_marks; k++) {
        reference_cells(ref, ref->mark[k].instruction, cell, &next);
        memcpy(ref->mark[k].cell, cell, sizeof cell);
    }
    next = ref->n_accesses;
    for (size_t k = ref->n_marks; k-- > 0;) {
        while (next > 0 &&
               ref->access[next - 1].instruction >= ref->mark[k].instruction) {
            const struct access *a = &ref->access[--next];
            memset(alive + a->cell, a->is_write ? 0 : 0xFF, a->len);
        }
        memcpy(ref->mark[k].alive, alive, sizeof alive);
    }
}

/* The RAM that the accesses make must be the RAM that the machine has. */
static void check_cells(const struct reference *ref)
{
    uint8_t made[N_CELLS];
    uint8_t real[N_CELLS];
    size_t next = 0;
    memset(made, RAM_FILL, sizeof made);
    reference_cells(ref, ref->n_instructions, made, &next);
    cells_get(ref->machine, real);
    if (memcmp(made, real, sizeof made) != 0) {
        fail("reference", "a write was not seen");
    }
}

void reference_record(struct reference *ref, const struct call *call,
                      size_t n_calls, uint32_t ok)
{
    ref->call = call;
    ref->n_calls = n_calls;
    ref->ok = ok;
    ref->n_accesses = 0;
    ref->n_marks = 0;
    now.record = 1;
    run(ref, ok);
    now.record = 0;
    ref->n_instructions = now.n;
    check_cells(ref);
    free(ref->mark);
    free(ref->passage);
    ref->mark = calloc(N_MARKS_MAX + 1, sizeof *ref->mark);
    ref->passage = calloc(ref->n_instructions + 1, sizeof *ref->passage);
    if (ref->mark == NULL || ref->passage == NULL) {
        fail("reference", "out of memory");
    }
    choose_marks(ref);
    list_passages(ref);
    fill_marks(ref);
    run(ref, ok);
}
