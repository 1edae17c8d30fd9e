/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * crypto/p256_sum.h for Cortex-M4: the formulas of p256_sum.c, line by line.
 *
 * A step of a formula calls an inner entry of the field arithmetic
 * (p256_field_m4.S): r1, r2 = operands; r3 .. r10 = the result, to be kept, or
 * to be used by the next step alone; the other registers are lost. So no
 * registers are saved between the steps, and all elements are in one frame,
 * where an address takes one instruction. The functions inside, whose names
 * begin with sum_, share the frame: they use no stack, keep their return
 * address in it, and lose all registers.
 */
    .syntax unified
    .cpu cortex-m4
    .thumb

/* The frame, from sp: elements of 32 bytes, words, the saved registers. */
    .equ X, 0
    .equ Y, 32
    .equ Z, 64
    .equ H, 96
    .equ R, 128
    .equ T, 160
    .equ U, 192
    .equ QX, 224
    .equ QY, 256
    .equ ONE, 288               /* the element 1 */
    .equ RETURN, 320            /* of sum_double, sum_add, sum_lookup */
    .equ SAME, 324              /* 1: p = q; else 0. The bits of a look-up */
    .equ INFINITE, 328          /* 1: p is infinity; else 0 */
    .equ DISTINCT, 332          /* not 0: p is neither infinity nor q nor -q */
    .equ NEGATIVE, 336          /* a mask */
    .equ INDEX, 340             /* the bit i */
    .equ LEFT, 344              /* doublings to come; half of a look-up */
    .equ FRAME, 348
    .equ ARG0, FRAME            /* p, or table */
    .equ ARG1, FRAME + 4        /* d1, or z */
    .equ ARG2, FRAME + 8        /* d2 */
    .equ ARG3, FRAME + 12       /* table */

/* r = what is in r3 .. r10; r0 = where it is */
.macro keep r
    add     r0, sp, #\r
    stmia   r0, {r3-r10}
.endm

/* r3 .. r10 = function(a) */
.macro do1 function, a
    add     r1, sp, #\a
    bl      assay_p256_fe_\function\()_inner
.endm

/* r3 .. r10 = function(a, b) */
.macro do2 function, a, b
    add     r1, sp, #\a
    add     r2, sp, #\b
    bl      assay_p256_fe_\function\()_inner
.endm

/* r3 .. r10 -= b */
.macro less b
    add     r2, sp, #\b
    bl      assay_p256_fe_sub_next
.endm

/* r = function(a) */
.macro step1 function, r, a
    do1     \function, \a
    keep    \r
.endm

/* r = function(a, b) */
.macro step2 function, r, a, b
    do2     \function, \a, \b
    keep    \r
.endm

/* r = a if p = q, else b */
.macro choose r, a, b
    add     r0, sp, #\r
    ldr     r1, [sp, #SAME]
    add     r2, sp, #\a
    add     r3, sp, #\b
    bl      sum_choose
.endm

/* t = (x^2 - v) 3 / 2 */
.macro tangent t, x, v
    do1     sqr, \x
    less    \v
    keep    \t
    bl      sum_three_halves
.endm

/* r1 |= the words of a; r0, r2 .. r9 are lost */
.macro gather a
    add     r0, sp, #\a
    ldmia   r0, {r2-r9}
    orrs    r1, r1, r2
    orrs    r1, r1, r3
    orrs    r1, r1, r4
    orrs    r1, r1, r5
    orrs    r1, r1, r6
    orrs    r1, r1, r7
    orr     r1, r1, r8
    orr     r1, r1, r9
.endm

/* The flag in the frame = 1 if r1 is 0, else 0. CLZ is 32 for 0 only. */
.macro set_if_zero flag
    clz     r1, r1
    lsrs    r1, r1, #5
    str     r1, [sp, #\flag]
.endm

/*
 * The 8 words at r0 = those at r2 if r1 is 1, those at r3 if it is 0. 255 r1 +
 * 255 r1 leaves every byte or none, which sets the GE flags, by which SEL
 * chooses. Any of the addresses may be the same. r0 .. r11 are lost.
 */
    .section .text.sum_choose,"ax",%progbits
    .balign 2
    .type   sum_choose, %function
    .thumb_func
sum_choose:
    negs    r1, r1
    uadd8   r1, r1, r1
    ldmia   r2!, {r4-r7}
    ldmia   r3!, {r8-r11}
    sel     r4, r4, r8
    sel     r5, r5, r9
    sel     r6, r6, r10
    sel     r7, r7, r11
    stmia   r0!, {r4-r7}
    ldmia   r2!, {r4-r7}
    ldmia   r3, {r8-r11}
    sel     r4, r4, r8
    sel     r5, r5, r9
    sel     r6, r6, r10
    sel     r7, r7, r11
    stmia   r0!, {r4-r7}
    bx      lr
    .size   sum_choose, . - sum_choose

/* Copy r2 times 32 bytes from r0 to r1. */
    .section .text.sum_copy,"ax",%progbits
    .balign 2
    .type   sum_copy, %function
    .thumb_func
sum_copy:
    ldmia   r0!, {r4-r11}
    stmia   r1!, {r4-r11}
    subs    r2, r2, #1
    bne     sum_copy
    bx      lr
    .size   sum_copy, . - sum_copy

/* The element at r1 = R mod p, which stands for 1; r1 moves behind it. */
    .section .text.sum_one,"ax",%progbits
    .balign 2
    .type   sum_one, %function
    .thumb_func
sum_one:
    movs    r4, #1
    movs    r5, #0
    movs    r6, #0
    mov     r7, #-1
    mov     r8, r7
    mov     r9, r7
    mvn     r10, #1
    mov     r11, r5
    stmia   r1!, {r4-r11}
    bx      lr
    .size   sum_one, . - sum_one

/*
 * The element at r0, which is in r3 .. r10 too, becomes 3/2 of itself, mod p.
 * r0 .. r12 are lost.
 * a < p: an odd a becomes even by adding p; a / 2 is below p then, and with a
 * the sum is below 2 p. p is taken off, and put back when that was once too
 * often. RRXS moves a word down by one bit; the carry comes in at the top, and
 * gets the bit that falls out.
 */
    .section .text.sum_three_halves,"ax",%progbits
    .balign 2
    .type   sum_three_halves, %function
    .thumb_func
sum_three_halves:
    sbfx    r2, r3, #0, #1
    adds    r3, r3, r2
    adcs    r4, r4, r2
    adcs    r5, r5, r2
    adcs    r6, r6, #0
    adcs    r7, r7, #0
    adcs    r8, r8, #0
    adcs    r9, r9, r2, lsr #31
    adcs    r10, r10, r2
    rrxs    r10, r10
    rrxs    r9, r9
    rrxs    r8, r8
    rrxs    r7, r7
    rrxs    r6, r6
    rrxs    r5, r5
    rrxs    r4, r4
    rrxs    r3, r3
    mov     r12, r0
    ldmia   r12!, {r1, r2, r11}
    adds    r3, r3, r1
    adcs    r4, r4, r2
    adcs    r5, r5, r11
    ldmia   r12!, {r1, r2, r11}
    adcs    r6, r6, r1
    adcs    r7, r7, r2
    adcs    r8, r8, r11
    ldmia   r12, {r1, r2}
    adcs    r9, r9, r1
    adcs    r10, r10, r2
    mov     r1, #0
    adc     r1, r1, r1          /* the 257th bit */
    subs    r3, r3, #-1
    sbcs    r4, r4, #-1
    sbcs    r5, r5, #-1
    sbcs    r6, r6, #0
    sbcs    r7, r7, #0
    sbcs    r8, r8, #0
    sbcs    r9, r9, #1
    sbcs    r10, r10, #-1
    sbc     r1, r1, #0          /* -1 when it was too often, else 0 */
    adds    r3, r3, r1
    adcs    r4, r4, r1
    adcs    r5, r5, r1
    adcs    r6, r6, #0
    adcs    r7, r7, #0
    adcs    r8, r8, #0
    adcs    r9, r9, r1, lsr #31
    adc     r10, r10, r1
    stmia   r0, {r3-r10}
    bx      lr
    .size   sum_three_halves, . - sum_three_halves

/* X, Y, Z = 2^r0 (X, Y, Z). in: r0 = 1 or more. U is Z^4. */
    .section .text.sum_double,"ax",%progbits
    .balign 2
    .type   sum_double, %function
    .thumb_func
sum_double:
    str     lr, [sp, #RETURN]
    str     r0, [sp, #LEFT]
    step1   sqr, U, Z
    step1   sqr, U, U
1:
    tangent R, X, U
    step2   mul, Z, Z, Y
    step1   sqr, Y, Y
    step2   mul, H, X, Y
    step1   sqr, Y, Y
    ldr     r3, [sp, #LEFT]
    subs    r3, r3, #1
    str     r3, [sp, #LEFT]
    beq     2f
    step2   mul, U, U, Y
2:
    do1     sqr, R
    less    H
    less    H
    keep    X
    step2   sub, H, H, X
    do2     mul, H, R
    less    Y
    keep    Y
    ldr     r3, [sp, #LEFT]
    cmp     r3, #0
    bne     1b
    ldr     pc, [sp, #RETURN]
    .size   sum_double, . - sum_double

/* X, Y, Z += QX, QY. If the points are distinct, H = Z / (Z before). */
    .section .text.sum_add,"ax",%progbits
    .balign 2
    .type   sum_add, %function
    .thumb_func
sum_add:
    str     lr, [sp, #RETURN]
    step1   sqr, U, Z
    step2   mul, H, QX, U
    step2   mul, R, Z, U
    do2     mul, QY, R
    less    Y
    keep    R
    step2   sub, H, H, X
    ldr     r0, [sp, #DISTINCT]
    cmp     r0, #0
    bne     1f
    movs    r1, #0
    gather  Z
    set_if_zero INFINITE
    movs    r1, #0
    gather  H
    gather  R
    set_if_zero SAME
    step1   sqr, U, U
    tangent T, X, U
    choose  R, T, R
    choose  T, Y, H
    b       2f
1:
    add     r0, sp, #H
    add     r1, sp, #T
    movs    r2, #1
    bl      sum_copy
2:
    step2   mul, Z, Z, T
    step1   sqr, U, T
    step2   mul, T, T, U
    step2   mul, U, U, X
    step1   sqr, X, R
    ldr     r0, [sp, #DISTINCT]
    add     r2, sp, #T
    cbnz    r0, 3f
    choose  H, H, T
    add     r2, sp, #H
3:
    add     r1, sp, #X
    bl      assay_p256_fe_sub_inner
    less    U
    less    U
    keep    X
    step2   mul, T, T, Y
    step2   sub, U, U, X
    do2     mul, U, R           /* if skipped, Y is U - T; not 0, as T - T */
    less    T
    keep    Y
    ldr     r0, [sp, #DISTINCT]
    cbnz    r0, 4f
    mov     r0, sp              /* X, Y, Z += QX, QY, ONE if p was infinity */
    ldr     r1, [sp, #INFINITE]
    add     r2, sp, #QX
    movs    r3, #6
5:
    ldmia   r0, {r4-r7}
    ldmia   r2!, {r8-r11}
    mla     r4, r8, r1, r4
    mla     r5, r9, r1, r5
    mla     r6, r10, r1, r6
    mla     r7, r11, r1, r7
    stmia   r0!, {r4-r7}
    subs    r3, r3, #1
    bne     5b
4:
    ldr     pc, [sp, #RETURN]
    .size   sum_add, . - sum_add

/*
 * One entry of a table: if the top bits of the bytes of r2 are set, r4 .. r11 =
 * the 8 words at r0; r0 moves behind them. UADD8 r2, r2, r2 sets the GE
 * flag of each byte to its top bit, and moves the byte up by one bit. r3, r12,
 * lr are lost.
 */
.macro entry
    uadd8   r2, r2, r2
    ldmia   r0!, {r3, r12, lr}
    sel     r4, r3, r4
    sel     r5, r12, r5
    sel     r6, lr, r6
    ldmia   r0!, {r3, r12, lr}
    sel     r7, r3, r7
    sel     r8, r12, r8
    sel     r9, lr, r9
    ldmia   r0!, {r3, r12}
    sel     r10, r3, r10
    sel     r11, r12, r11
.endm

/*
 * QX, QY = entry r1 - 8 of the table at r0, or minus entry 7 - r1 if r1 < 8.
 * in: r1 < 16. r2 is 4 times the byte 2^(7 - index). A y is negated as
 * ~y + (p + 1), and never 0.
 */
    .section .text.sum_lookup,"ax",%progbits
    .balign 2
    .type   sum_lookup, %function
    .thumb_func
sum_lookup:
    str     lr, [sp, #RETURN]
    lsrs    r2, r1, #3
    subs    r2, r2, #1
    str     r2, [sp, #NEGATIVE]
    eors    r1, r1, r2
    and     r1, r1, #7
    movs    r2, #0x80
    lsrs    r2, r2, r1
    orr     r2, r2, r2, lsl #8
    orr     r2, r2, r2, lsl #16
    str     r2, [sp, #SAME]
    movs    r3, #0              /* x; then not 0: y */
1:
    str     r3, [sp, #LEFT]
    movs    r1, #4              /* pairs of entries */
    movs    r4, #0
    movs    r5, #0
    movs    r6, #0
    movs    r7, #0
    mov     r8, r4
    mov     r9, r4
    mov     r10, r4
    mov     r11, r4
2:
    entry
    entry
    subs    r1, r1, #1
    bne     2b
    ldr     r3, [sp, #LEFT]
    cbnz    r3, 3f
    add     r3, sp, #QX
    stmia   r3, {r4-r11}
    ldr     r2, [sp, #SAME]
    b       1b
3:
    ldr     r0, [sp, #NEGATIVE]
    eors    r4, r4, r0
    eors    r5, r5, r0
    eors    r6, r6, r0
    eors    r7, r7, r0
    eor     r8, r8, r0
    eor     r9, r9, r0
    eor     r10, r10, r0
    eor     r11, r11, r0
    lsrs    r1, r0, #31
    adds    r7, r7, r1
    adcs    r8, r8, #0
    adcs    r9, r9, #0
    adcs    r10, r10, r1
    adcs    r11, r11, r0
    add     r0, sp, #QY
    stmia   r0, {r4-r11}
    ldr     pc, [sp, #RETURN]
    .size   sum_lookup, . - sum_lookup

/*
 * in: r0 = table, r1 = z. out: r0 = all ones. Stack: 400 bytes and those of the
 * field.
 */
    .section .text.assay_p256_multiples,"ax",%progbits
    .balign 2
    .global assay_p256_multiples
    .type   assay_p256_multiples, %function
    .thumb_func
assay_p256_multiples:
    push    {r0-r11, lr}
    sub     sp, sp, #FRAME
    mov     r1, sp              /* X, Y = Q */
    movs    r2, #1
    bl      sum_copy
    adds    r0, r0, #224
    movs    r2, #1
    bl      sum_copy
    bl      sum_one
    mov     r0, sp              /* QX, QY = Q */
    add     r1, sp, #QX
    movs    r2, #2
    bl      sum_copy
    movs    r0, #1
    bl      sum_double
    step1   sqr, U, Z
    step2   mul, R, QX, U
    step2   mul, U, U, Z
    step2   mul, T, QY, U
    mov     r0, sp
    add     r1, sp, #QX
    movs    r2, #2
    bl      sum_copy            /* QX, QY = 2 Q */
    ldr     r1, [sp, #ARG1]
    adds    r1, r1, #224
    movs    r2, #1
    bl      sum_copy            /* z_0, for a while at the place of z_7 */
    add     r0, sp, #R
    mov     r1, sp
    movs    r2, #2
    bl      sum_copy            /* X, Y = Q there */
    bl      sum_one
    movs    r3, #1
    str     r3, [sp, #DISTINCT]
    movs    r3, #8              /* entries to come */
1:
    str     r3, [sp, #INDEX]
    mov     r0, sp
    ldr     r1, [sp, #ARG0]
    movs    r2, #1
    bl      sum_copy
    str     r1, [sp, #ARG0]
    adds    r1, r1, #224
    movs    r2, #1
    bl      sum_copy
    ldr     r3, [sp, #INDEX]
    subs    r3, r3, #1
    beq     2f
    str     r3, [sp, #INDEX]
    bl      sum_add
    add     r0, sp, #H
    ldr     r1, [sp, #ARG1]
    movs    r2, #1
    bl      sum_copy
    str     r1, [sp, #ARG1]
    ldr     r3, [sp, #INDEX]
    b       1b
2:
    add     r1, sp, #Z
    ldr     r2, [sp, #ARG1]
    bl      assay_p256_fe_mul_inner
    ldr     r0, [sp, #ARG1]
    stmia   r0, {r3-r10}
    ldr     r0, [sp, #INDEX]
    subs    r0, r0, #2
    add     sp, sp, #(FRAME + 16)
    pop     {r4-r11, pc}
    .size   assay_p256_multiples, . - assay_p256_multiples

/*
 * in: r0 = p, r1 = d1, r2 = d2, r3 = table. out: r0 = all ones.
 * Stack: 400 bytes and those of the field.
 */
    .section .text.assay_p256_sum,"ax",%progbits
    .balign 2
    .global assay_p256_sum
    .type   assay_p256_sum, %function
    .thumb_func
assay_p256_sum:
    push    {r0-r11, lr}
    sub     sp, sp, #FRAME
    ldr     r1, [r2, #28]       /* the first digit of u2 */
    lsrs    r1, r1, #28
    mov     r0, r3
    bl      sum_lookup
    add     r0, sp, #QX
    mov     r1, sp
    movs    r2, #2
    bl      sum_copy
    bl      sum_one
    add     r1, sp, #ONE
    bl      sum_one
    movs    r3, #252
.Lbit:
    movs    r0, #4
    cmp     r3, #64
    bhi     1f
    movs    r0, #1
1:
    subs    r3, r3, r0
    str     r3, [sp, #INDEX]
    bl      sum_double
    ldr     r3, [sp, #INDEX]
    lsrs    r0, r3, #6
    str     r0, [sp, #DISTINCT]
    bne     .Lmultiple
    /* the column of u1: bits i, i + 64, i + 128, i + 192 of d1 */
    ldr     r2, [sp, #ARG1]
    lsrs    r0, r3, #5
    add     r2, r2, r0, lsl #2
    and     r3, r3, #31
    ldr     r1, [r2]
    ldr     r4, [r2, #8]
    ldr     r5, [r2, #16]
    ldr     r6, [r2, #24]
    lsrs    r1, r1, r3
    lsrs    r4, r4, r3
    lsrs    r5, r5, r3
    lsrs    r6, r6, r3
    bfi     r1, r4, #1, #1
    bfi     r1, r5, #2, #1
    bfi     r1, r6, #3, #29
    and     r1, r1, #15
    ldr     r0, =base_table
    bl      sum_lookup
    bl      sum_add
    ldr     r3, [sp, #INDEX]
.Lmultiple:
    lsls    r0, r3, #30
    bne     .Lnext
    /* four digits of u2: bits i .. i + 3 of d2 */
    ldr     r2, [sp, #ARG2]
    lsrs    r0, r3, #5
    ldr     r1, [r2, r0, lsl #2]
    and     r2, r3, #31
    lsrs    r1, r1, r2
    and     r1, r1, #15
    ldr     r0, [sp, #ARG3]
    bl      sum_lookup
    bl      sum_add
    ldr     r3, [sp, #INDEX]
.Lnext:
    cmp     r3, #0
    bne     .Lbit
    mov     r0, sp
    ldr     r1, [sp, #ARG0]
    movs    r2, #3
    bl      sum_copy
    ldr     r0, [sp, #INDEX]
    subs    r0, r0, #1
    add     sp, sp, #(FRAME + 16)
    pop     {r4-r11, pc}
    .size   assay_p256_sum, . - assay_p256_sum
    .ltorg

/*
 * x R mod p, then y R mod p, of 2^192 G + e 2^128 G + f 2^64 G + g G for e, f,
 * g = 1 or -1: the bits 2, 1, 0 of the index are 1 where e, f, g are 1.
 */
    .section .rodata.base_table,"a",%progbits
    .type   base_table, %object
    .balign 4
base_table:
    .word   0x670844e0, 0x52d8a7c9, 0xef68a29d, 0x00e33bdc
    .word   0x4bdb7361, 0x0f3d2848, 0x91c5304d, 0x5222c821
    .word   0x2b13e673, 0xfc8511ee, 0xd103ed24, 0xffc58dee
    .word   0xea7e99b8, 0x1022523a, 0x4afc8a17, 0x8f43ea39
    .word   0x8bd1cda5, 0x56430752, 0x8e05eda5, 0x1807577f
    .word   0x956896e9, 0x099c699b, 0xf1f0efb5, 0x83d6093d
    .word   0x74f81cf1, 0x814c5365, 0x0120065b, 0xe30baff7
    .word   0x15132621, 0x80ae1256, 0x36a80788, 0x16d2b8cb
    .word   0xcf0d9f6d, 0x5305a9e6, 0x81a9b021, 0x5839172f
    .word   0x75c687cf, 0xcca7a4dd, 0x844be22f, 0x36d59b3e
    .word   0xcf07517d, 0xdbd568bb, 0xba6830b9, 0x2f1afba2
    .word   0xe6c4c2a6, 0x15b6807c, 0xe4966aef, 0x91c7eabc
    .word   0x42b7dfd5, 0xe40bf9f4, 0x2d934f2a, 0x673689f3
    .word   0x30a6f50b, 0x8314beb4, 0x976ec64e, 0xd17af2bc
    .word   0x42913074, 0x0d5ae356, 0x48a542b1, 0x55491b27
    .word   0xb310732a, 0x469ca665, 0x5f1a4cc1, 0x29591d52
    .word   0xdf73fc25, 0xea6d2944, 0x0255c81b, 0xa04c0f55
    .word   0xefe488a8, 0x29acdc97, 0x80a560de, 0xbe2e158f
    .word   0xc5f33d0b, 0x8f4e2dbc, 0xd0aa1681, 0x3bc099fa
    .word   0x79ff9df1, 0xffbb7b41, 0xd58b57c4, 0x180de09d
    .word   0xed97061c, 0xef5af17e, 0x030d4c3c, 0x35b977b8
    .word   0x49229439, 0x81fa75a2, 0xa0b6d35d, 0xf5a22070
    .word   0xecc50bca, 0x33d14697, 0x17aedd21, 0x19a9dfb0
    .word   0xedc3f766, 0x523fbcc7, 0xb2cf5afd, 0x9c4de6dd
    .word   0x111a53e9, 0xcace7e62, 0xf063f3a1, 0x91c843d4
    .word   0x0da812da, 0xbf77e5f0, 0x437f3176, 0x0e64af9c
    .word   0xd6b2b6e6, 0x716dea1b, 0x19f85b4b, 0x248c43d1
    .word   0x4a315e2a, 0x16dcfd60, 0xc72b3d0b, 0x15fdd303
    .word   0x1ee7ddf1, 0x39f66c4f, 0x68ea373c, 0x7f68e18b
    .word   0x53d0b186, 0x5166c1f2, 0x7be58f14, 0x95dda601
    .word   0xb84f983f, 0xe76f5b6b, 0x9f5f84e1, 0xbe7eef41
    .word   0x80baa189, 0x1200d496, 0x18ef332c, 0x6376551f
    .size   base_table, . - base_table
