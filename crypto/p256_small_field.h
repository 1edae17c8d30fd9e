/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_CRYPTO_P256_SMALL_FIELD_H
#define ASSAY_CRYPTO_P256_SMALL_FIELD_H

#include <stdint.h>

/*
 * A machine that calculates modulo p and modulo n of P-256. Its programs are
 * constant tables, so its trace is the same for all numbers. This header is a
 * contract that one file fulfils: p256_small_field.c, or a file with the same
 * results for one processor.
 *
 * A register is 8 words of 32 bits, least significant first. A step is 16 bits:
 *
 *     15 14 | 13 .. 9 | 8 .. 4 | 3 .. 0
 *     kind  | r       | a      | b          (b is one of the registers 0 .. 15)
 *
 *     ASSAY_P256_MUL   r = a b / 2^256 mod p
 *     ASSAY_P256_MULN  r = a b / 2^320 mod n, some number below 2^256
 *     ASSAY_P256_ADD   r = a + b mod p
 *     ASSAY_P256_SUB   r = a - b mod p
 *
 * A step of 16 zero bits ends the program.
 *
 * MUL: b is below p, a is any 8 words. ADD: a + b is below 2 p. SUB: a and b
 * are below p. The result is below p. a, b and r may be the same.
 * MULN: a and b are any 8 words. r is a, and the first two words of the
 * register behind a are 0; b may be a, but not that register.
 * r is not the last register, whose last word is the trace.
 */
enum assay_p256_step_kind {
    ASSAY_P256_MUL,
    ASSAY_P256_MULN,
    ASSAY_P256_ADD,
    ASSAY_P256_SUB
};

#define ASSAY_P256_STEP(kind, r, a, b)                                         \
    ((uint32_t)(kind) << 14 | (uint32_t)(r) << 9 | (uint32_t)(a) << 4 |        \
     (uint32_t)(b))

/*
 * What a step adds to the trace, mod 2^32: r + a - 2 b, in bytes, where a
 * counts as far as it was read when the step was done, and b likewise for ADD
 * and SUB.
 */
#define ASSAY_P256_TRACE(kind, r, a, b)                                        \
    (32 * ((uint32_t)(r) + (uint32_t)(a)-2 * (uint32_t)(b)) +                  \
     ((kind) == ASSAY_P256_MUL    ? 32                                         \
      : (kind) == ASSAY_P256_MULN ? 40                                         \
                                  : 0u - 32))

#define ASSAY_P256_N_REGISTERS 20
#define ASSAY_P256_TRACE_WORD (8 * ASSAY_P256_N_REGISTERS - 1)

/* Register k begins at word[8 * k]. */
struct assay_p256_machine {
    _Alignas(32) uint32_t word[8 * ASSAY_P256_N_REGISTERS];
};

/* n, and -1/n mod 2^32. */
extern const uint32_t assay_p256_small_order[9];

/*
 * Run a program.
 * in:  program: steps, and a step 0.
 * out: machine: the registers that the steps write; the trace, to which each
 *      step adds its ASSAY_P256_TRACE.
 * ret: none.
 * ct:  nothing leaks but the program: the trace of execution is the same for
 *      all contents of the registers.
 * mem: 68 bytes of stack on Cortex-M4 -Os, no heap.
 * std: Montgomery, Modular multiplication without trial division, 1985.
 */
void assay_p256_small_run(struct assay_p256_machine *machine,
                          const uint16_t *program);

#endif
