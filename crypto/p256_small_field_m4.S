/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * crypto/p256_small_field.h for Cortex-M4.
 *
 * One loop fetches a step, calculates, and stores. No register lives from one
 * step to the next but in the frame, so that a step has all of them.
 *
 * The product is Montgomery's, two words of a at a time: two rows of a b are
 * added to t, then the multiples of the modulus that clear the lowest two
 * words, which are dropped. The columns move t down by one word, at no cost;
 * the reduction by another.
 */
    .syntax unified
    .cpu cortex-m4
    .thumb

/* The frame, from sp; r8 to r11 of .Lstore first */
    .equ MACHINE, 0
    .equ PROGRAM, 4             /* the next step */
    .equ RESULT, 8              /* where it goes */
    .equ TRACE, 12
    .equ FACTOR, 16             /* the next word of a */
    .equ SECOND, 20             /* b, while r12 is the modulus */
    .equ ABOVE, 24              /* words 8 and 9 of t + a b */

    .equ .Ltrace_word, 159 * 4  /* in the machine */

/*
 * Column j of t + a0 b + a1 2^32 b, with r10 = a0, r11 = a1, r12 = b. Of the
 * columns below, \low is still to be added here, and r9 to column j + 1. The
 * word of the column is left in \low; \t, which was word j of t, becomes \low
 * of the next one. A product and two words stay below 2^64. lr is lost.
 */
.macro column j, low, t
    ldr     lr, [r12, #4 * \j]
    umaal   \low, \t, r10, lr
    umaal   \t, r9, r11, lr
.endm

/*
 * in:  r0: machine, r1: program. out: the machine. r0 .. r3, r12, lr and flags
 * are lost. 68 bytes of stack.
 */
    .section .text.assay_p256_small_run,"ax",%progbits
    .global assay_p256_small_run
    .type   assay_p256_small_run, %function
    .thumb_func
assay_p256_small_run:
    push    {r4-r11, lr}
    mov     r8, r0
    mov     r9, r1
    ldr     r3, [r0, #.Ltrace_word]
    push    {r0-r7}             /* the frame */
    b       .Lnext

    /*
     * The product, from lr = a, r12 = b, N = 1 for the modulus n, C = 0. t is
     * r0 .. r7 and, as its word 8, the flag C. N and C stay through all that
     * does not name them: moves, loads and products.
     */
.Lproduct:
    mov     r0, #0
    mov     r1, r0
    mov     r2, r0
    mov     r3, r0
    mov     r4, r0
    mov     r5, r0
    mov     r6, r0
    mov     r7, r0
.Lrows:
    mov     r8, #0
    mov     r9, #0
    ldmia   lr!, {r10, r11}
    str     lr, [sp, #FACTOR]
.Lcolumns:
    column  0, r8, r0
    column  1, r0, r1
    column  2, r1, r2
    column  3, r2, r3
    column  4, r3, r4
    column  5, r4, r5
    column  6, r5, r6
    column  7, r6, r7
    bmi     .Lmodulo_n

    /*
     * The words 0 .. 9 of the sum, without word 8 of t, are now in r8, r0 ..
     * r7, r9. As the lowest three words of p are 2^96 - 1, words 0 and 1 are
     * the multiples m0 of p and m1 of p 2^32 to be added:
     *   m p = m 2^256 - m 2^224 + m 2^192 + m 2^96 - m,
     * whose last term clears the word and whose first two are m (2^32 - 1) at
     * word 7. Behind the division t is below b + p again, if it was before:
     * (t + (2^64 - 1) b + (2^64 - 1) p) / 2^64 < b + p.
     */
    mov     r10, #0xffffffff
    mov     r11, #0
    adc     lr, r11, #0         /* word 8 of t */
    umaal   r6, r11, r8, r10    /* word 7 += m0 (2^32 - 1); r11: for word 8 */
    umaal   r7, r11, r0, r10    /* word 8 += m1 (2^32 - 1); r11: for word 9 */
    mov     r10, r0
    mov     r0, r1              /* word 2 */
    adds    r1, r2, r8          /* word 3 + m0 */
    adcs    r2, r3, r10         /* word 4 + m1 */
    adcs    r3, r4, #0
    adcs    r4, r5, r8          /* word 6 + m0 */
    adcs    r5, r6, r10         /* word 7 + m1 */
    adcs    r6, r7, lr
    adcs    r7, r9, r11
    ldr     lr, [sp, #FACTOR]
    tst     lr, #31
    bne     .Lrows

    /* t < 2 p: take p off, that is add 2^256 - p. */
.Lreduce:
    sbc     r8, r8, r8          /* word 8 of t, less 1 */
    adds    r0, r0, #1
    adcs    r1, r1, #0
    adcs    r2, r2, #0
    sbcs    r3, r3, #0
    sbcs    r4, r4, #0
    sbcs    r5, r5, #0
    sbcs    r6, r6, #1
    adcs    r7, r7, #0
    adc     r8, r8, #0          /* all ones if that was too much */
    /* Put p back where r8 is all ones. */
.Lput_back:
    lsr     r9, r8, #31
    adds    r0, r0, r8
    adcs    r1, r1, r8
    adcs    r2, r2, r8
    adcs    r3, r3, #0
    adcs    r4, r4, #0
    adcs    r5, r5, #0
    adcs    r6, r6, r9
    adc     r7, r7, r8

    /*
     * Store; and add to the trace r + a - 2 b, where the result goes, where a
     * was read to the end and where b is, or was read to the end.
     */
.Lstore:
    ldmia   sp, {r8-r11}
    stmia   r10, {r0-r7}
    add     r11, r11, lr
    add     r11, r11, r10
    sub     r11, r11, r12, lsl #1
    str     r11, [sp, #TRACE]

    /* The next step of the program at r9, for the machine at r8. */
.Lnext:
    ldrh    r2, [r9], #2
    str     r9, [sp, #PROGRAM]
    cbz     r2, .Lend
    and     r3, r2, #0x3e00
    add     r3, r8, r3, lsr #4
    str     r3, [sp, #RESULT]   /* r */
    and     r3, r2, #0x1f0
    add     lr, r8, r3, lsl #1  /* a */
    and     r3, r2, #15
    add     r12, r8, r3, lsl #5 /* b */
    lsls    r2, r2, #17         /* the kind: C, N */
    bcc     .Lproduct

    ldmia   lr!, {r0-r7}
    ldmia   r12!, {r8-r11}
    bmi     .Ldifference
    adds    r0, r0, r8
    adcs    r1, r1, r9
    adcs    r2, r2, r10
    adcs    r3, r3, r11
    ldmia   r12!, {r8-r11}
    adcs    r4, r4, r8
    adcs    r5, r5, r9
    adcs    r6, r6, r10
    adcs    r7, r7, r11
    b       .Lreduce

.Lend:
    ldr     r3, [sp, #TRACE]
    str     r3, [r8, #.Ltrace_word]
    add     sp, sp, #32
    pop     {r4-r11, pc}

.Ldifference:
    subs    r0, r0, r8
    sbcs    r1, r1, r9
    sbcs    r2, r2, r10
    sbcs    r3, r3, r11
    ldmia   r12!, {r8-r11}
    sbcs    r4, r4, r8
    sbcs    r5, r5, r9
    sbcs    r6, r6, r10
    sbcs    r7, r7, r11
    sbc     r8, r8, r8          /* all ones if a < b */
    b       .Lput_back

    /*
     * Modulo n, from the words of the sum where they are above. At first m0 and
     * m1 are calculated, and m0 n + m1 2^32 n is added to words 0 .. 7 by the
     * same columns; then words 0 and 1 are 0, and words 8 and 9 come together.
     * After eight words of a t is below 2 n; the two zeros behind them make it
     * less than n + 2^192 < 2^256, so that C is 0 in the end.
     */
.Lmodulo_n:
    adr     lr, assay_p256_small_order
    teq     r12, lr
    beq     .Lcleared
    str     r12, [sp, #SECOND]
    mov     r12, lr
    strd    r7, r9, [sp, #ABOVE]
    mov     r7, r6
    mov     r6, r5
    mov     r5, r4
    mov     r4, r3
    mov     r3, r2
    mov     r2, r1
    mov     r1, r0
    mov     r0, r8
    ldr     lr, .Linverse
    mul     r10, r0, lr         /* m0 = -w0 / n */
    ldr     r11, [r12]
    mov     r9, #0
    umaal   r8, r9, r10, r11    /* word 0 + m0 n0: r8 = 0, r9 = carry */
    ldr     r11, [r12, #4]
    mla     r9, r10, r11, r9
    add     r9, r9, r1
    mul     r11, r9, lr         /* m1 = -(w1 + carry + m0 n1) / n */
    mov     r9, #0
    tst     lr, lr              /* N = 1; C stays */
    b       .Lcolumns

.Lcleared:
    ldr     r12, [sp, #SECOND]
    ldrd    r10, r11, [sp, #ABOVE]
    mov     r0, r1
    mov     r1, r2
    mov     r2, r3
    mov     r3, r4
    mov     r4, r5
    mov     r5, r6
    adcs    r6, r7, r10
    adcs    r7, r9, r11
    ldr     r8, [sp, #RESULT]   /* is a */
    ldr     lr, [sp, #FACTOR]
    add     r8, r8, #40
    teq     lr, r8
    beq     .Lstore
    movs    r8, #0xffffffff     /* N = 1; C stays */
    b       .Lrows

    .size   assay_p256_small_run, . - assay_p256_small_run

    .balign 4
    .global assay_p256_small_order
    .type   assay_p256_small_order, %object
assay_p256_small_order:
    .word   0xfc632551, 0xf3b9cac2, 0xa7179e84, 0xbce6faad
    .word   0xffffffff, 0xffffffff, 0x00000000, 0xffffffff
.Linverse:
    .word   0xee00bc4f
    .size   assay_p256_small_order, . - assay_p256_small_order
