/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * crypto/p256_field.h for Cortex-M4.
 *
 * p = 2^256 - 2^224 + 2^192 + 2^96 - 1. An element is 8 words, least
 * significant first. No branch, no address and no condition depends on data.
 *
 * Entries. Each function f has two: f itself, by the procedure call standard,
 * and f_inner, for callers in assembly, which saves nothing:
 *   in:  r0 = result, r1 = a, r2 = b, word-aligned; r0 may be r1 or r2.
 *   out: the result; r0 .. r12, lr and the flags are lost. sp stays.
 *   mem: stack of mul 44, sqr 28, the others 0 bytes; of f 36 more.
 *
 * Products. Column k is the place of the factor 2^(32 k). UMAAL l, h, x, y adds
 * x y + l + h at the column of l; l stays there, h moves on to the next. It
 * never overflows: (2^32 - 1)^2 + 2 (2^32 - 1) = 2^64 - 1.
 *
 * Montgomery's reduction. m_k is what column k holds when all of lower columns
 * has been added: adding m_k p there leaves 0 in it, because p is -1 mod 2^32,
 * so that no product is needed to find m_k. The other words of m_k p are
 *   m_k at column k + 3, m_k at column k + 6,
 *   m_k (2^32 - 1) at column k + 7, a product with F = 2^32 - 1.
 * With two words added by each UMAAL, the 64 products of a b would have room
 * for 128 words, but need it for 112 of their own. The rest takes words of m p:
 * that is what a row's first h, and the first l of some rows, are for. What
 * finds no room is added at the end, by chains of carries.
 *
 * The end. t = (a b + m p) / 2^256 < 2 p, as a b < 2^256 p and m < 2^256. The
 * chains add 2^256 - p as well, whose words are
 *   1, 0, 0, 2^32 - 1, 2^32 - 1, 2^32 - 1, 2^32 - 2, 0
 * at the columns 8 .. 15; as ADC with an immediate does not have these, SBC x,
 * #i adds the complement of i. The carries out of column 15 are then 1 in all
 * if t >= p, and 0 if not; less 1, they are the mask with which p is put back.
 */
    .syntax unified
    .cpu cortex-m4
    .thumb

.macro function name
    .section .text.\name,"ax",%progbits
    .global \name
    .type   \name, %function
    .thumb_func
\name:
.endm

/* The entry by the procedure call standard. Stack: 36 bytes and the inner's. */
.macro outer name
    function \name
    push    {r4-r11, lr}
    bl      \name\()_inner
    pop     {r4-r11, pc}
    .size   \name, . - \name
.endm

    outer   assay_p256_fe_mul
    outer   assay_p256_fe_sqr
    outer   assay_p256_fe_add
    outer   assay_p256_fe_sub
    outer   assay_p256_fe_half

/* w0 .. w3, and c above them, += x (four words of b) + c */
.macro row_low x, c, w0, w1, w2, w3
    umaal   \w0, \c, \x, r4
    umaal   \w1, \c, \x, r5
    umaal   \w2, \c, \x, r6
    umaal   \w3, \c, \x, r7
.endm

.macro row_high x, c, w0, w1, w2, w3
    umaal   \w0, \c, \x, r4
    umaal   \w1, \c, \x, r0
    umaal   \w2, \c, \x, r8
    umaal   \w3, \c, \x, r7
.endm

/* w0 .. w7 += p & mask mod 2^256 */
.macro put_back mask, w0, w1, w2, w3, w4, w5, w6, w7
    adds    \w0, \w0, \mask
    adcs    \w1, \w1, \mask
    adcs    \w2, \w2, \mask
    adcs    \w3, \w3, #0
    adcs    \w4, \w4, #0
    adcs    \w5, \w5, #0
    adcs    \w6, \w6, \mask, lsr #31
    adc     \w7, \w7, \mask
.endm

.macro store to, w0, w1, w2, w3, w4, w5, w6, w7
    str     \w0, [\to]
    str     \w1, [\to, #4]
    str     \w2, [\to, #8]
    str     \w3, [\to, #12]
    str     \w4, [\to, #16]
    str     \w5, [\to, #20]
    str     \w6, [\to, #24]
    str     \w7, [\to, #28]
.endm

/*
 * r = a b / 2^256 mod p. The rows of a with b0 .. b3 come first, then those
 * with b4 .. b7; tk is the word in column k, and final where its row begins.
 * Frame: lr, b, four words of m, t9 .. t11, t4, r.
 */
    .equ MUL_B, 4
    .equ MUL_M, 8
    .equ MUL_T, 24
    .equ MUL_T4, 36
    .equ MUL_R, 40

    function assay_p256_fe_mul_inner
    str     lr, [sp, #-44]!
    str     r0, [sp, #MUL_R]
    str     r2, [sp, #MUL_B]
    ldr     r4, [r2]
    ldr     r5, [r2, #4]
    ldr     r6, [r2, #8]
    ldr     r7, [r2, #12]
    ldr     r0, [r1]
    ldr     r2, [r1, #4]
    ldr     r3, [r1, #8]

    /* a0, a1, a2 and the columns 0 .. 2: r8 = m0, r10 = m1, r12 = m2 */
    umull   r8, r9, r0, r4
    umull   r10, r11, r0, r5
    umaal   r10, r9, r2, r4
    umull   r12, lr, r0, r6
    umaal   r12, r11, r2, r5
    umaal   r12, r9, r3, r4
    str     r8, [sp, #MUL_M]
    /* the rest of them: columns 3 .. 5, from m0 at column 3 on */
    umaal   r8, lr, r0, r7
    str     r10, [sp, #MUL_M + 4]
    str     r12, [sp, #MUL_M + 8]
    ldr     r0, [r1, #12]
    umaal   r8, r11, r2, r6
    umaal   lr, r11, r2, r7
    umaal   r8, r9, r3, r5
    umaal   lr, r9, r3, r6
    umaal   r11, r9, r3, r7

    movs    r2, #0              /* a3: r8 = m3 */
    row_low r0, r2, r8, lr, r11, r9
    str     r8, [sp, #MUL_M + 12]
    ldr     r0, [r1, #16]
    ldr     r3, [r1, #20]
    /* a4 and m1 at column 4: lr = t4; a5 and m2 at column 5: r11 = t5 */
    row_low r0, r10, lr, r11, r9, r2
    row_low r3, r12, r11, r9, r2, r10
    str     lr, [sp, #MUL_T4]
    ldr     r0, [r1, #24]
    ldr     r3, [r1, #28]
    /* a6 and m3 at column 6: r9 = t6; a7: r2, r10, r12, r8, r0 = t7 .. t11 */
    row_low r0, r8, r9, r2, r10, r12
    subs    r0, r0, r0          /* 0, and the carry is 1 */
    row_low r3, r0, r2, r10, r12, r8

    /* m0 F .. m3 F at the columns 7 .. 10, and m1 at column 7; lr goes on */
    ldr     r3, [sp, #MUL_M]
    ldr     r4, [sp, #MUL_M + 4]
    ldr     r5, [sp, #MUL_M + 8]
    ldr     r6, [sp, #MUL_M + 12]
    mov     r7, #-1
    mov     lr, r4
    umaal   r2, lr, r3, r7
    umaal   r10, lr, r4, r7
    umaal   r12, lr, r5, r7
    umaal   r8, lr, r6, r7
    /* 1 (of 2^256 - p) and m2 at column 8, m3 at column 9 */
    adcs    r10, r10, r5
    adcs    r12, r12, r6
    /* a0 b4 makes r6 = m4; then m4 at column 10, and the carry at column 11 */
    str     r12, [sp, #MUL_T]
    ldr     r7, [sp, #MUL_B]
    ldr     r4, [r7, #16]
    ldr     r5, [r1]
    ldr     r6, [sp, #MUL_T4]
    mov     r12, #0
    umaal   r6, r12, r5, r4
    adcs    r8, r8, r6
    adcs    r0, r0, lr
    /* The carry into column 12 waits in its flag: up to the chain that takes
     * it, nothing sets flags. */
    str     r8, [sp, #MUL_T + 4]
    str     r0, [sp, #MUL_T + 8]
    str     r6, [sp, #MUL_M]
    ldr     r0, [r7, #20]
    ldr     r8, [r7, #24]
    ldr     r7, [r7, #28]
    /* the rest of a0, m0 at column 6, m4 at column 7 */
    mov     lr, #0
    umaal   r12, lr, r5, r0
    umaal   r3, lr, r5, r8
    umaal   r6, lr, r5, r7

    ldr     r5, [r1, #4]        /* a1 and t5: r12 = m5 */
    row_high r5, r11, r12, r3, r6, lr
    str     r12, [sp, #MUL_M + 4]
    ldr     r5, [r1, #8]        /* a2 and t6: r3 = m6 */
    row_high r5, r9, r3, r6, lr, r11
    str     r3, [sp, #MUL_M + 8]
    ldr     r5, [r1, #12]       /* a3 and t7: r6 = m7 */
    row_high r5, r2, r6, lr, r11, r9
    str     r6, [sp, #MUL_M + 12]
    ldr     r5, [r1, #16]
    ldr     r3, [r1, #20]
    ldr     r12, [sp, #MUL_T]
    /* a4 and t8, a5 and t9, a6 and t10, a7 and t11: these words now are
     * lr, r11, r9, r2, and those above them r10, r12, r3, r6 */
    row_high r5, r10, lr, r11, r9, r2
    row_high r3, r12, r11, r9, r2, r10
    ldr     r5, [r1, #24]
    ldr     r1, [r1, #28]
    ldr     r3, [sp, #MUL_T + 4]
    ldr     r6, [sp, #MUL_T + 8]
    row_high r5, r3, r9, r2, r10, r12
    row_high r1, r6, r2, r10, r12, r3

    /* m4 F .. m7 F at the columns 11 .. 14, and m5 at column 11; r1 goes on */
    ldr     r4, [sp, #MUL_M]
    ldr     r5, [sp, #MUL_M + 4]
    ldr     r7, [sp, #MUL_M + 8]
    ldr     r0, [sp, #MUL_M + 12]
    mov     r8, #-1
    mov     r1, r5
    umaal   r2, r1, r4, r8
    umaal   r10, r1, r5, r8
    umaal   r12, r1, r7, r8
    umaal   r3, r1, r0, r8
    /* the carry that waits and m6 at column 12, m7 at column 13 */
    adcs    r10, r10, r7
    adcs    r12, r12, r0
    adcs    r3, r3, #0
    adcs    r6, r6, r1
    sbc     r8, r8, r8          /* the carry less 1 */
    /* m5, m6, m7 at the columns 8 .. 10, and the rest of 2^256 - p */
    adds    lr, lr, r5
    adcs    r11, r11, r7
    adcs    r9, r9, r0
    sbcs    r2, r2, #0
    sbcs    r10, r10, #0
    sbcs    r12, r12, #0
    sbcs    r3, r3, #1
    adcs    r6, r6, #0
    adc     r8, r8, #0
    put_back r8, lr, r11, r9, r2, r10, r12, r3, r6
    ldr     r1, [sp, #MUL_R]
    store   r1, lr, r11, r9, r2, r10, r12, r3, r6
    ldr     pc, [sp], #44
    .size   assay_p256_fe_mul_inner, . - assay_p256_fe_mul_inner

/*
 * r = a^2 / 2^256 mod p.
 *
 * Row i is a_i at column i times twice the words below it, and a_i. Let d_j be
 * the words of 2 a, d_j = 2 a_j + (a_j-1 >> 31) mod 2^32. Twice the i words
 * below a_i is d_0 .. d_i-1, and the top bit of a_i-1 as word i, at the place
 * of a_i. So row i is
 *   a_i d_j at column i + j for j < i, a_i a_i at column 2 i, and
 *   s_i = a_i if the top bit of a_i-1 is 1, else 0, at column 2 i,
 * and s_i, the AND with a sign, takes one of the places that are free.
 * Frame: lr, m0 .. m3, m7, r.
 */
    .equ SQR_M, 4
    .equ SQR_M7, 20
    .equ SQR_R, 24

    function assay_p256_fe_sqr_inner
    str     lr, [sp, #-28]!
    str     r0, [sp, #SQR_R]
    ldr     r2, [r1]
    ldr     r3, [r1, #4]
    ldr     r8, [r1, #8]
    ldr     r9, [r1, #12]
    adds    r4, r2, r2          /* r4 .. r7 = d0 .. d3 */
    adcs    r5, r3, r3
    adcs    r6, r8, r8
    adcs    r7, r9, r9

    umull   r10, r11, r2, r2    /* a0: r10 = m0 */
    and     r12, r3, r2, asr #31
    movs    r2, #0
    umaal   r11, r2, r3, r4     /* a1: r11 = m1 */
    umaal   r2, r12, r3, r3     /* s1 */
    and     r3, r8, r3, asr #31
    mov     lr, #0
    umaal   r2, lr, r8, r4      /* a2: r2 = m2 */
    str     r10, [sp, #SQR_M]
    umaal   r10, r12, r8, r5    /* m0 at column 3 */
    umaal   r10, lr, r9, r4     /* a3: r10 = m3 */
    umaal   r12, r3, r8, r8     /* s2 */
    and     r8, r9, r8, asr #31
    umaal   r12, lr, r9, r5
    umaal   r3, lr, r9, r6
    umaal   lr, r8, r9, r9      /* s3 */

    str     r11, [sp, #SQR_M + 4]
    str     r2, [sp, #SQR_M + 8]
    str     r10, [sp, #SQR_M + 12]
    ldr     r0, [r1, #16]
    ldr     r9, [r1, #20]
    /* a4 and m1 at column 4: r12 = m4; a5 and m2 at column 5: r3 = m5 */
    row_low r0, r11, r12, r3, lr, r8
    row_low r9, r2, r3, lr, r8, r11
    ldr     r0, [r1, #24]
    ldr     r9, [sp, #SQR_M]
    /* a6 and m3 at column 6, then m0: lr = m6, and a carry */
    row_low r0, r10, lr, r8, r11, r2
    adds    lr, lr, r9
    ldr     r0, [r1, #28]
    mov     r9, r12
    /* a7 and m4 at column 7: r8, r11, r2, r10, r9 = t7 .. t11 */
    row_low r0, r9, r8, r11, r2, r10

    /* m0 F .. m4 F at the columns 7 .. 11, and m1 at column 7; r5 goes on */
    ldr     r4, [sp, #SQR_M]
    ldr     r5, [sp, #SQR_M + 4]
    ldr     r6, [sp, #SQR_M + 4]
    ldr     r7, [sp, #SQR_M + 8]
    mov     r0, #-1
    umaal   r8, r5, r4, r0
    umaal   r11, r5, r6, r0
    umaal   r2, r5, r7, r0
    ldr     r4, [sp, #SQR_M + 12]
    umaal   r10, r5, r4, r0
    umaal   r9, r5, r12, r0
    /* the carry: r8 = m7; then m2 .. m5 at the columns 8 .. 11. The carry into
     * column 12 waits in its flag: up to the chain that takes it, nothing sets
     * flags. */
    adcs    r8, r8, #0
    adcs    r11, r11, r7
    adcs    r2, r2, r4
    adcs    r10, r10, r12
    adcs    r9, r9, r3

    str     r8, [sp, #SQR_M7]
    ldr     r4, [r1, #12]
    ldr     r6, [r1, #16]
    ldr     r7, [r1, #20]
    and     r12, r6, r4, asr #31
    umaal   r11, r12, r6, r6    /* a4, s4 */
    lsr     r4, r4, #31
    orr     r4, r4, r6, lsl #1  /* d4 */
    and     r0, r7, r6, asr #31 /* s5 */
    lsr     r6, r6, #31
    orr     r6, r6, r7, lsl #1  /* d5 */
    ldr     r8, [r1, #24]
    ldr     r1, [r1, #28]
    umaal   r2, r12, r7, r4     /* a5 */
    umaal   r10, r12, r7, r7
    umaal   r10, r0, r8, r4     /* a6, s5 */
    umaal   r9, r12, r1, r4     /* a7 */
    umaal   r9, r0, r8, r6
    and     r4, r8, r7, asr #31
    lsr     r7, r7, #31
    orr     r7, r7, r8, lsl #1  /* d6 */
    umaal   r12, r4, r8, r8     /* s6 */
    and     r8, r1, r8, asr #31
    umaal   r12, r0, r1, r6
    umaal   r4, r0, r1, r7
    umaal   r0, r8, r1, r1      /* s7 */

    /* The words of the columns 8 .. 15 are r11, r2, r10, r9, r12, r4, r0, r8.
     * m5 F .. m7 F at the columns 12 .. 14; r5 goes on */
    ldr     r1, [sp, #SQR_M7]
    ldr     r7, [sp, #SQR_R]
    mov     r6, #-1
    umaal   r12, r5, r3, r6
    umaal   r4, r5, lr, r6
    umaal   r0, r5, r1, r6
    /* the carry that waits and m6 at column 12, m7 at column 13 */
    adcs    r12, r12, lr
    adcs    r4, r4, r1
    adcs    r0, r0, #0
    adcs    r8, r8, r5
    sbc     r6, r6, r6          /* the carry less 1 */
    /* m5, m6, m7 at the columns 8 .. 10, and 2^256 - p, of which 1 at column 8
     * is the carry */
    cmp     r6, r6
    adcs    r11, r11, r3
    adcs    r2, r2, lr
    adcs    r10, r10, r1
    sbcs    r9, r9, #0
    sbcs    r12, r12, #0
    sbcs    r4, r4, #0
    sbcs    r0, r0, #1
    adcs    r8, r8, #0
    adc     r6, r6, #0
    put_back r6, r11, r2, r10, r9, r12, r4, r0, r8
    store   r7, r11, r2, r10, r9, r12, r4, r0, r8
    ldr     pc, [sp], #28
    .size   assay_p256_fe_sqr_inner, . - assay_p256_fe_sqr_inner

/* r3 .. r10 = a; then first, next: add b, or subtract it, and keep the carry */
.macro each first, next
    ldmia   r1, {r3-r10}
    ldmia   r2!, {r1, r11, r12}
    \first  r3, r3, r1
    \next   r4, r4, r11
    \next   r5, r5, r12
    ldmia   r2!, {r1, r11, r12}
    \next   r6, r6, r1
    \next   r7, r7, r11
    \next   r8, r8, r12
    ldmia   r2, {r1, r11}
    \next   r9, r9, r1
    \next   r10, r10, r11
    sbc     r12, r12, r12       /* the carry less 1 */
.endm

/* r = a + b mod p, by a + b + 2^256 - p: the two carries are 1 in all if
 * a + b >= p, and 0 if not. */
    function assay_p256_fe_add_inner
    each    adds, adcs
    adds    r3, r3, #1
    adcs    r4, r4, #0
    adcs    r5, r5, #0
    sbcs    r6, r6, #0
    sbcs    r7, r7, #0
    sbcs    r8, r8, #0
    sbcs    r9, r9, #1
    adcs    r10, r10, #0
    adc     r12, r12, #0
    put_back r12, r3, r4, r5, r6, r7, r8, r9, r10
    stmia   r0, {r3-r10}
    bx      lr
    .size   assay_p256_fe_add_inner, . - assay_p256_fe_add_inner

/* r = a - b mod p: the carry is 0 if a < b. */
    function assay_p256_fe_sub_inner
    each    subs, sbcs
    put_back r12, r3, r4, r5, r6, r7, r8, r9, r10
    stmia   r0, {r3-r10}
    bx      lr
    .size   assay_p256_fe_sub_inner, . - assay_p256_fe_sub_inner

/*
 * r = a / 2 mod p: half of a without its lowest bit and, if that bit is 1,
 * (p + 1) / 2 = 2^255 - 2^223 + 2^191 + 2^95, whose words are
 *   0, 0, 2^31, 0, 0, 2^31, 2^31, 2^31 - 1.
 * The sum is at most (p - 1) / 2 - 1 + (p + 1) / 2 = p - 1.
 */
    function assay_p256_fe_half_inner
    ldmia   r1, {r3-r10}
    sbfx    r12, r3, #0, #1
    lsrs    r10, r10, #1
    rrxs    r9, r9
    rrxs    r8, r8
    rrxs    r7, r7
    rrxs    r6, r6
    rrxs    r5, r5
    rrxs    r4, r4
    rrx     r3, r3
    adds    r5, r5, r12, lsl #31
    adcs    r6, r6, #0
    adcs    r7, r7, #0
    adcs    r8, r8, r12, lsl #31
    adcs    r9, r9, r12, lsl #31
    adc     r10, r10, r12, lsr #1
    stmia   r0, {r3-r10}
    bx      lr
    .size   assay_p256_fe_half_inner, . - assay_p256_fe_half_inner
