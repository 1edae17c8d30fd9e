/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * crypto/p256_field.h for Cortex-M4.
 *
 * p = 2^256 - 2^224 + 2^192 + 2^96 - 1. An element is 8 words, least
 * significant first. No branch, no address and no condition depends on data.
 *
 * Entries. Each function f has two: f itself, by the procedure call standard,
 * and f_inner, for callers in assembly, which saves and stores nothing:
 *   in:  r1 = a, r2 = b, word-aligned.
 *   out: r3 .. r10 = the result; r0 .. r2, r11, r12, lr and the flags are lost.
 *        sp stays.
 *   mem: stack of mul 40, sqr 24, the others 0 bytes; of f 40 more.
 * assay_p256_fe_sub_next is sub_inner with a in r3 .. r10, where the function
 * before has left it.
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
 * The columns 8 .. 15 end in r3 .. r10.
 */
    .syntax unified
    .cpu cortex-m4
    .thumb

.macro function name
    .section .text.\name,"ax",%progbits
    .balign 2
    .global \name
    .type   \name, %function
    .thumb_func
\name:
.endm

/* The entry by the procedure call standard, up to the result. */
.macro outer name
    .global \name
    .type   \name, %function
    .thumb_func
\name:
    push    {r0, r4-r11, lr}
    bl      \name\()_inner
.endm

/* Keep the result and return. */
.macro outer_end name
    pop     {r0}
    stmia   r0, {r3-r10}
    pop     {r4-r11, pc}
    .size   \name, . - \name
.endm

/* Stack: 40 bytes and the inner's. What C needs for a verification has one end. */
    .section .text.assay_p256_fe,"ax",%progbits
    .balign 2
    outer   assay_p256_fe_sub
    b       .Lkeep
    .size   assay_p256_fe_sub, . - assay_p256_fe_sub
    outer   assay_p256_fe_sqr
    b       .Lkeep
    .size   assay_p256_fe_sqr, . - assay_p256_fe_sqr
    outer   assay_p256_fe_mul
.Lkeep:
    outer_end assay_p256_fe_mul

    .section .text.assay_p256_fe_add,"ax",%progbits
    .balign 2
    outer   assay_p256_fe_add
    outer_end assay_p256_fe_add
    .section .text.assay_p256_fe_half,"ax",%progbits
    .balign 2
    outer   assay_p256_fe_half
    outer_end assay_p256_fe_half

/* w0 .. w3, and c above them, += x (four words of b) + c */
.macro row_low x, c, w0, w1, w2, w3
    umaal   \w0, \c, \x, r11
    umaal   \w1, \c, \x, r2
    umaal   \w2, \c, \x, r10
    umaal   \w3, \c, \x, r12
.endm

.macro row_high x, c, w0, w1, w2, w3
    umaal   \w0, \c, \x, r11
    umaal   \w1, \c, \x, r0
    umaal   \w2, \c, \x, lr
    umaal   \w3, \c, \x, r12
.endm

.macro row_twice x, c, w0, w1, w2, w3
    umaal   \w0, \c, \x, r8
    umaal   \w1, \c, \x, r11
    umaal   \w2, \c, \x, r2
    umaal   \w3, \c, \x, r12
.endm

/* r3 .. r10 += p & mask mod 2^256 */
.macro put_back mask
    adds    r3, r3, \mask
    adcs    r4, r4, \mask
    adcs    r5, r5, \mask
    adcs    r6, r6, #0
    adcs    r7, r7, #0
    adcs    r8, r8, #0
    adcs    r9, r9, \mask, lsr #31
    adc     r10, r10, \mask
.endm

/*
 * r = a b / 2^256 mod p. The rows of a with b0 .. b3 come first, then those
 * with b4 .. b7; tk is the word in column k, and final where its row begins.
 * Frame: lr, b, four words of m, t9 .. t11, t4.
 */
    .equ MUL_B, 4
    .equ MUL_M, 8
    .equ MUL_T, 24
    .equ MUL_T4, 36

    function assay_p256_fe_mul_inner
    str     lr, [sp, #-40]!
    str     r2, [sp, #MUL_B]
    ldr     r11, [r2]
    ldr     r10, [r2, #8]
    ldr     r12, [r2, #12]
    ldr     r2, [r2, #4]
    ldr     r0, [r1]
    ldr     r6, [r1, #4]
    ldr     r9, [r1, #8]

    /* a0, a1, a2 and the columns 0 .. 2: lr = m0, r7 = m1, r8 = m2 */
    umull   lr, r5, r0, r11
    umull   r7, r4, r0, r2
    umaal   r7, r5, r6, r11
    umull   r8, r3, r0, r10
    umaal   r8, r4, r6, r2
    umaal   r8, r5, r9, r11
    str     lr, [sp, #MUL_M]
    /* the rest of them: columns 3 .. 5, from m0 at column 3 on */
    umaal   lr, r3, r0, r12
    str     r7, [sp, #MUL_M + 4]
    str     r8, [sp, #MUL_M + 8]
    ldr     r0, [r1, #12]
    umaal   lr, r4, r6, r10
    umaal   r3, r4, r6, r12
    umaal   lr, r5, r9, r2
    umaal   r3, r5, r9, r10
    umaal   r4, r5, r9, r12

    movs    r6, #0              /* a3: lr = m3 */
    row_low r0, r6, lr, r3, r4, r5
    str     lr, [sp, #MUL_M + 12]
    ldr     r0, [r1, #16]
    ldr     r9, [r1, #20]
    /* a4 and m1 at column 4: r3 = t4; a5 and m2 at column 5: r4 = t5 */
    row_low r0, r7, r3, r4, r5, r6
    row_low r9, r8, r4, r5, r6, r7
    str     r3, [sp, #MUL_T4]
    ldr     r0, [r1, #24]
    ldr     r9, [r1, #28]
    /* a6 and m3 at column 6: r5 = t6; a7: r6, r7, r8, lr, r0 = t7 .. t11 */
    row_low r0, lr, r5, r6, r7, r8
    subs    r0, r0, r0          /* 0, and the carry is 1 */
    row_low r9, r0, r6, r7, r8, lr

    /* m0 F .. m3 F at the columns 7 .. 10, and m1 at column 7; r3 goes on */
    ldr     r9, [sp, #MUL_M]
    ldr     r11, [sp, #MUL_M + 4]
    ldr     r2, [sp, #MUL_M + 8]
    ldr     r10, [sp, #MUL_M + 12]
    mov     r12, #-1
    mov     r3, r11
    umaal   r6, r3, r9, r12
    umaal   r7, r3, r11, r12
    umaal   r8, r3, r2, r12
    umaal   lr, r3, r10, r12
    /* 1 (of 2^256 - p) and m2 at column 8, m3 at column 9 */
    adcs    r7, r7, r2
    adcs    r8, r8, r10
    /* a0 b4 makes r10 = m4; then m4 at column 10, and the carry at column 11 */
    str     r8, [sp, #MUL_T]
    ldr     r12, [sp, #MUL_B]
    ldr     r11, [r12, #16]
    ldr     r2, [r1]
    ldr     r10, [sp, #MUL_T4]
    mov     r8, #0
    umaal   r10, r8, r2, r11
    adcs    lr, lr, r10
    adcs    r0, r0, r3
    /* The carry into column 12 waits in its flag: up to the chain that takes
     * it, nothing sets flags. */
    str     lr, [sp, #MUL_T + 4]
    str     r0, [sp, #MUL_T + 8]
    str     r10, [sp, #MUL_M]
    ldr     r0, [r12, #20]
    ldr     lr, [r12, #24]
    ldr     r12, [r12, #28]
    /* the rest of a0, m0 at column 6, m4 at column 7 */
    mov     r3, #0
    umaal   r8, r3, r2, r0
    umaal   r9, r3, r2, lr
    umaal   r10, r3, r2, r12

    ldr     r2, [r1, #4]        /* a1 and t5: r8 = m5 */
    row_high r2, r4, r8, r9, r10, r3
    str     r8, [sp, #MUL_M + 4]
    ldr     r2, [r1, #8]        /* a2 and t6: r9 = m6 */
    row_high r2, r5, r9, r10, r3, r4
    str     r9, [sp, #MUL_M + 8]
    ldr     r2, [r1, #12]       /* a3 and t7: r10 = m7 */
    row_high r2, r6, r10, r3, r4, r5
    str     r10, [sp, #MUL_M + 12]
    ldr     r2, [r1, #16]
    ldr     r9, [r1, #20]
    ldr     r8, [sp, #MUL_T]
    /* a4 and t8, a5 and t9, a6 and t10, a7 and t11: r3 .. r6 are final in the
     * columns 8 .. 11, and r7 .. r10 are what is above them */
    row_high r2, r7, r3, r4, r5, r6
    row_high r9, r8, r4, r5, r6, r7
    ldr     r2, [r1, #24]
    ldr     r1, [r1, #28]
    ldr     r9, [sp, #MUL_T + 4]
    ldr     r10, [sp, #MUL_T + 8]
    row_high r2, r9, r5, r6, r7, r8
    row_high r1, r10, r6, r7, r8, r9

    /* m4 F .. m7 F at the columns 11 .. 14, and m5 at column 11; r1 goes on */
    ldr     r11, [sp, #MUL_M]
    ldr     r2, [sp, #MUL_M + 4]
    ldr     r12, [sp, #MUL_M + 8]
    ldr     r0, [sp, #MUL_M + 12]
    mov     lr, #-1
    mov     r1, r2
    umaal   r6, r1, r11, lr
    umaal   r7, r1, r2, lr
    umaal   r8, r1, r12, lr
    umaal   r9, r1, r0, lr
    /* the carry that waits and m6 at column 12, m7 at column 13 */
    adcs    r7, r7, r12
    adcs    r8, r8, r0
    adcs    r9, r9, #0
    adcs    r10, r10, r1
    sbc     lr, lr, lr          /* the carry less 1 */
    /* m5, m6, m7 at the columns 8 .. 10, and the rest of 2^256 - p */
    adds    r3, r3, r2
    adcs    r4, r4, r12
    adcs    r5, r5, r0
    sbcs    r6, r6, #0
    sbcs    r7, r7, #0
    sbcs    r8, r8, #0
    sbcs    r9, r9, #1
    adcs    r10, r10, #0
    adc     lr, lr, #0
    put_back lr
    ldr     pc, [sp], #40
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
 * Frame: lr, m0 .. m3, m7.
 */
    .equ SQR_M, 4
    .equ SQR_M7, 20

    function assay_p256_fe_sqr_inner
    str     lr, [sp, #-24]!
    ldr     r4, [r1]
    ldr     r0, [r1, #4]
    ldr     r10, [r1, #8]
    ldr     r6, [r1, #12]
    adds    r8, r4, r4          /* r8, r11, r2, r12 = d0 .. d3 */
    adcs    r11, r0, r0
    adcs    r2, r10, r10
    adcs    r12, r6, r6

    umull   r5, r3, r4, r4      /* a0: r5 = m0 */
    and     r7, r0, r4, asr #31
    movs    r4, #0
    umaal   r3, r4, r0, r8      /* a1: r3 = m1 */
    umaal   r4, r7, r0, r0      /* s1 */
    and     r0, r10, r0, asr #31
    mov     lr, #0
    umaal   r4, lr, r10, r8     /* a2: r4 = m2 */
    str     r5, [sp, #SQR_M]
    umaal   r5, r7, r10, r11    /* m0 at column 3 */
    umaal   r5, lr, r6, r8      /* a3: r5 = m3 */
    umaal   r7, r0, r10, r10    /* s2 */
    and     r10, r6, r10, asr #31
    umaal   r7, lr, r6, r11
    umaal   r0, lr, r6, r2
    umaal   lr, r10, r6, r6     /* s3 */

    str     r3, [sp, #SQR_M + 4]
    str     r4, [sp, #SQR_M + 8]
    str     r5, [sp, #SQR_M + 12]
    ldr     r9, [r1, #16]
    ldr     r6, [r1, #20]
    /* a4 and m1 at column 4: r7 = m4; a5 and m2 at column 5: r0 = m5 */
    row_twice r9, r3, r7, r0, lr, r10
    row_twice r6, r4, r0, lr, r10, r3
    ldr     r9, [r1, #24]
    ldr     r6, [sp, #SQR_M]
    /* a6 and m3 at column 6, then m0: lr = m6, and a carry */
    row_twice r9, r5, lr, r10, r3, r4
    adds    lr, lr, r6
    ldr     r9, [r1, #28]
    mov     r6, r7
    /* a7 and m4 at column 7: r10, r3, r4, r5, r6 = t7 .. t11 */
    row_twice r9, r6, r10, r3, r4, r5

    /* m0 F .. m4 F at the columns 7 .. 11, and m1 at column 7; r11 goes on */
    ldr     r8, [sp, #SQR_M]
    ldr     r11, [sp, #SQR_M + 4]
    ldr     r2, [sp, #SQR_M + 4]
    ldr     r12, [sp, #SQR_M + 8]
    mov     r9, #-1
    umaal   r10, r11, r8, r9
    umaal   r3, r11, r2, r9
    umaal   r4, r11, r12, r9
    ldr     r8, [sp, #SQR_M + 12]
    umaal   r5, r11, r8, r9
    umaal   r6, r11, r7, r9
    /* the carry: r10 = m7; then m2 .. m5 at the columns 8 .. 11. The carry into
     * column 12 waits in its flag: up to the chain that takes it, nothing sets
     * flags. */
    adcs    r10, r10, #0
    adcs    r3, r3, r12
    adcs    r4, r4, r8
    adcs    r5, r5, r7
    adcs    r6, r6, r0

    str     r10, [sp, #SQR_M7]
    ldr     r8, [r1, #12]
    ldr     r2, [r1, #16]
    ldr     r12, [r1, #20]
    ldr     r10, [r1, #24]
    ldr     r1, [r1, #28]
    and     r7, r2, r8, asr #31
    umaal   r3, r7, r2, r2      /* a4, s4 */
    lsr     r8, r8, #31
    orr     r8, r8, r2, lsl #1  /* d4 */
    and     r9, r12, r2, asr #31 /* s5 */
    lsr     r2, r2, #31
    orr     r2, r2, r12, lsl #1 /* d5 */
    umaal   r4, r7, r12, r8     /* a5 */
    umaal   r5, r7, r12, r12
    umaal   r5, r9, r10, r8     /* a6, s5 */
    umaal   r6, r7, r1, r8      /* a7 */
    umaal   r6, r9, r10, r2
    and     r8, r10, r12, asr #31
    lsr     r12, r12, #31
    orr     r12, r12, r10, lsl #1 /* d6 */
    umaal   r7, r8, r10, r10    /* s6 */
    and     r10, r1, r10, asr #31
    umaal   r7, r9, r1, r2
    umaal   r8, r9, r1, r12
    umaal   r9, r10, r1, r1     /* s7 */

    /* m5 F .. m7 F at the columns 12 .. 14; r11 goes on */
    ldr     r1, [sp, #SQR_M7]
    mov     r2, #-1
    umaal   r7, r11, r0, r2
    umaal   r8, r11, lr, r2
    umaal   r9, r11, r1, r2
    /* the carry that waits and m6 at column 12, m7 at column 13 */
    adcs    r7, r7, lr
    adcs    r8, r8, r1
    adcs    r9, r9, #0
    adcs    r10, r10, r11
    adcs    r2, r2, #1          /* F + 1 + the carry: that carry, and carry 1 */
    /* m5, m6, m7 at the columns 8 .. 10, and 2^256 - p, of which 1 at column 8
     * is the carry */
    adcs    r3, r3, r0
    adcs    r4, r4, lr
    adcs    r5, r5, r1
    sbcs    r6, r6, #0
    sbcs    r7, r7, #0
    sbcs    r8, r8, #0
    sbcs    r9, r9, #1
    adcs    r10, r10, #0
    sbc     r2, r2, #0
    put_back r2
    ldr     pc, [sp], #24
    .size   assay_p256_fe_sqr_inner, . - assay_p256_fe_sqr_inner

/* r3 .. r10 += or -= b; r12 = the carry less 1 */
.macro each first, next
    ldmia   r2!, {r0, r1, r11, r12}
    \first  r3, r3, r0
    \next   r4, r4, r1
    \next   r5, r5, r11
    \next   r6, r6, r12
    ldmia   r2, {r0, r1, r11, r12}
    \next   r7, r7, r0
    \next   r8, r8, r1
    \next   r9, r9, r11
    \next   r10, r10, r12
    sbc     r12, r12, r12       /* the carry less 1 */
.endm

/* r = a + b mod p, by a + b + 2^256 - p: the two carries are 1 in all if
 * a + b >= p, and 0 if not. */
    function assay_p256_fe_add_inner
    ldmia   r1, {r3-r10}
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
    put_back r12
    bx      lr
    .size   assay_p256_fe_add_inner, . - assay_p256_fe_add_inner

/* r = a - b mod p: the carry is 0 if a < b. */
    function assay_p256_fe_sub_inner
    ldmia   r1, {r3-r10}
    .global assay_p256_fe_sub_next
    .type   assay_p256_fe_sub_next, %function
    .thumb_func
assay_p256_fe_sub_next:
    each    subs, sbcs
    put_back r12
    bx      lr
    .size   assay_p256_fe_sub_next, . - assay_p256_fe_sub_next
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
    bx      lr
    .size   assay_p256_fe_half_inner, . - assay_p256_fe_half_inner
