/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * crypto/inverse.h for Cortex-M4: the method, the limbs, the bounds and the
 * names are those of inverse.c.
 *
 * The numbers are in threads of three: thread 0 is m, f, g; then, for each
 * number to be divided, m, d, e. A thread is 9 times 3 words, limb by limb, so
 * that one LDM reads what one step of a product needs.
 */
    .syntax unified
    .cpu cortex-m4
    .thumb

    .equ N_BATCHES, 20
    .equ N_STEPS, 30            /* of a batch */
    .equ THREAD, 108            /* bytes */
    .equ TOP, 96                /* from the lowest limb to the highest */
    .equ ZETA, 3 * THREAD
    .equ BATCHES, ZETA + 4      /* that remain */
    .equ LIMBS_END, ZETA + 8    /* of the thread in work */
    .equ THREADS_END, ZETA + 12
    .equ CANCEL, ZETA + 16      /* -4 / m mod 2^32 */
    .equ FRAME, ZETA + 20
    .equ ARG_R, FRAME
    .equ ARG_A, FRAME + 4
    .equ ARG_N, FRAME + 8
    .equ ARG_X, FRAME + 12
    .equ ARG_MODULUS, FRAME + 52

/*
 * The lowest bits of f = r5 and g = r6; zeta = r7; the matrix u = r1, v = r2,
 * q = r3, r = r4. With odd = -(g mod 2) and swap = odd where zeta < 0, else 0:
 * a multiple of f, of 1, 0 or -1, is added to g, then g to f where swapped.
 */
.macro division_step
    sbfx    r8, r6, #0, #1              /* odd */
    and     r9, r8, r7, asr #31         /* swap */
    rsb     r10, r8, r9, lsl #1         /* the multiple */
    mla     r6, r5, r10, r6
    mla     r3, r1, r10, r3
    mla     r4, r2, r10, r4
    mls     r5, r6, r9, r5
    mls     r1, r3, r9, r1
    mls     r2, r4, r9, r2
    eors    r7, r7, r9
    subs    r7, r7, #1
    lsrs    r6, r6, #1
    lsls    r1, r1, #1
    lsls    r2, r2, #1
.endm

/* low, high = (low, high) / 2^30, signed */
.macro shift low, high
    lsrs    \low, \low, #30
    orr     \low, \low, \high, lsl #2
    asrs    \high, \high, #30
.endm

/* The next limb: c = r7, r8 and e = r9, r10; k = r5, l = r6. */
.macro apply_limb
    shift   r7, r8
    shift   r9, r10
    ldmia   r0!, {r11, r12, lr}         /* m, x, y */
    smlal   r7, r8, r1, r12
    smlal   r7, r8, r2, lr
    smlal   r7, r8, r5, r11
    smlal   r9, r10, r3, r12
    smlal   r9, r10, r4, lr
    smlal   r9, r10, r6, r11
    bic     r11, r7, #0xc0000000
    bic     r12, r9, #0xc0000000
    str     r11, [r0, #-20]
    str     r12, [r0, #-16]
.endm

/* in: r0 = r, r1 = a, r2 = n_numbers, r3 = x. Stack: 396 bytes. */
    .section .text.assay_inverse_quotients,"ax",%progbits
    .balign 2
    .global assay_inverse_quotients
    .type   assay_inverse_quotients, %function
    .thumb_func
assay_inverse_quotients:
    push    {r0-r11, lr}
    sub     sp, sp, #FRAME
    ldr     r11, [sp, #ARG_MODULUS]
    mov     r8, sp
    mov     r9, r3
    mov     r10, r2
    bl      thread_load                 /* m, m, x */
    ldr     r9, [sp, #ARG_A]
1:
    bl      thread_load                 /* m, m, a */
    subs    r10, r10, #1
    bne     1b
    str     r8, [sp, #THREADS_END]
    /* Did r8 pass all threads, and r9 all numbers? A mask, kept for the end. */
    ldr     r10, [sp, #ARG_N]
    ldr     r0, [sp, #ARG_A]
    add     r0, r0, r10, lsl #5
    subs    r0, r9, r0
    add     r1, sp, #THREAD
    movs    r2, #THREAD
    mla     r1, r2, r10, r1
    subs    r1, r8, r1
    orrs    r0, r0, r1
    clz     r0, r0
    lsrs    r0, r0, #5
    negs    r0, r0
    str     r0, [sp, #ARG_X]
    ldr     r0, [r11, #32]
    lsls    r0, r0, #2
    negs    r0, r0
    str     r0, [sp, #CANCEL]
    mov     r7, #-1
    movs    r0, #N_BATCHES
.Lbatch:
    str     r0, [sp, #BATCHES]
    ldr     r5, [sp, #4]
    ldr     r1, [sp, #16]
    ldr     r6, [sp, #8]
    ldr     r2, [sp, #20]
    orr     r5, r5, r1, lsl #30
    orr     r6, r6, r2, lsl #30
    movs    r1, #1
    movs    r2, #0
    movs    r3, #0
    movs    r4, #1
    movs    r0, #N_STEPS / 2
.Lstep:
    division_step
    division_step
    subs    r0, r0, #1
    bne     .Lstep
    str     r7, [sp, #ZETA]

    mov     r0, sp
.Lapply:
    ldmia   r0!, {r11, r12, lr}         /* m, x, y */
    smull   r7, r8, r1, r12
    smlal   r7, r8, r2, lr
    smull   r9, r10, r3, r12
    smlal   r9, r10, r4, lr
    ldr     r12, [sp, #CANCEL]
    mul     r5, r7, r12
    mul     r6, r9, r12
    asrs    r5, r5, #2
    asrs    r6, r6, #2
    smlal   r7, r8, r5, r11
    smlal   r9, r10, r6, r11
    add     r11, r0, #TOP
    str     r11, [sp, #LIMBS_END]
1:
    apply_limb
    apply_limb
    ldr     r11, [sp, #LIMBS_END]
    cmp     r0, r11
    bne     1b
    shift   r7, r8
    shift   r9, r10
    str     r7, [r0, #-8]
    str     r9, [r0, #-4]
    ldr     r11, [sp, #THREADS_END]
    cmp     r0, r11
    bne     .Lapply

    ldr     r7, [sp, #ZETA]
    ldr     r0, [sp, #BATCHES]
    subs    r0, r0, #1
    bne     .Lbatch

    /* r = d or -d mod m */
    add     r8, sp, #THREAD
    ldr     r9, [sp, #ARG_R]
    ldr     r10, [sp, #ARG_N]
    ldr     r11, [sp, #(TOP + 4)]       /* f */
    asr     r11, r11, #31
.Lfinish:
    lsl     r1, r11, #1
    movs    r7, #4
    bl      thread_add                  /* d += 0 d or -2 d */
    movs    r7, #0
    mov     r12, #8
1:
    ldr     r1, [r8, #(TOP + 4)]
    mvn     r1, r1, asr #31
    eor     r2, r12, r1
    subs    r1, r2, r1                  /* -r12 if d >= 0, else r12 */
    bl      thread_add
    lsrs    r12, r12, #1
    bne     1b
    ldr     r1, [r8, #(TOP + 4)]
    lsrs    r1, r1, #31
    bl      thread_add
    movs    r0, #0
1:
    ldr     r1, [r8, #4]
    ldr     r2, [r8, #16]
    add     r8, r8, #12
    lsrs    r1, r1, r0
    rsb     r3, r0, #30
    lsls    r2, r2, r3
    orrs    r1, r1, r2
    str     r1, [r9], #4
    adds    r0, r0, #2
    cmp     r0, #16
    bne     1b
    add     r8, r8, #(THREAD - TOP)
    subs    r10, r10, #1
    bne     .Lfinish
    ldr     r0, [sp, #ARG_X]
    add     sp, sp, #(FRAME + 16)
    pop     {r4-r11, pc}

/*
 * The thread at r8 = modulus (r11), modulus, number at r9; r8 and r9 move to
 * the next ones. The number is loaded twice, for the reason in inverse.c.
 * r0 .. r6 and r12 are lost.
 */
thread_load:
    mov     r12, lr
    mov     r0, r8
    mov     r1, r11
    bl      limbs_load
    add     r0, r8, #4
    mov     r1, r11
    bl      limbs_load
    add     r0, r8, #8
    mov     r1, r9
    bl      limbs_load
    add     r0, r8, #8
    mov     r1, r9
    bl      limbs_load
    add     r8, r8, #THREAD
    mov     r9, r1
    bx      r12

/* Limbs from r0, 3 words apart, = the 8 words at r1. r0 .. r6 are lost. */
limbs_load:
    movs    r2, #0                      /* bits not yet stored */
    movs    r5, #0                      /* their number */
1:
    ldr     r4, [r1], #4
    lsl     r6, r4, r5
    orrs    r2, r2, r6
    rsb     r6, r5, #32
    lsr     r3, r4, r6
    bic     r6, r2, #0xc0000000
    str     r6, [r0], #12
    lsrs    r2, r2, #30
    orr     r2, r2, r3, lsl #2
    adds    r5, r5, #2
    cmp     r5, #16
    bne     1b
    str     r2, [r0]
    bx      lr

/*
 * In the thread at r8, d += r1 m, or d += r1 d when r7 is 4 and not 0.
 * r0, r2 .. r6 are lost.
 */
thread_add:
    mov     r0, r8
    movs    r2, #0
    movs    r3, #0
    movs    r6, #8
1:
    ldr     r4, [r0, r7]
    ldr     r5, [r0, #4]
    smlal   r2, r3, r1, r4
    adds    r2, r2, r5
    adc     r3, r3, #0
    bic     r4, r2, #0xc0000000
    str     r4, [r0, #4]
    shift   r2, r3
    adds    r0, r0, #12
    subs    r6, r6, #1
    bne     1b
    ldr     r4, [r0, r7]
    ldr     r5, [r0, #4]
    mla     r2, r1, r4, r2
    adds    r2, r2, r5
    str     r2, [r0, #4]
    bx      lr
    .size   assay_inverse_quotients, . - assay_inverse_quotients
