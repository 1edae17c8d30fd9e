/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * crypto/fe25519.h for Cortex-M4. Modulo p, 2^256 = 38 and 2^255 = 19.
 *
 * UMAAL x, y, a, b puts x + y + a * b, which never exceeds 64 bits, into x, the
 * low word, and y. So two words of one column and a product of that column
 * become one word of it and one of the column above: no carry is lost, and none
 * needs a flag. Column k is what has the weight 2^(32 k).
 *
 * Every function looks at the top words first, takes off what they have above
 * 31 bits, and lets it come back at the bottom as 19 times as much, where one
 * chain of carries begins. The last carry is far smaller than 2^31 and finds
 * room in the top word. So one pass is enough, and nothing is compared.
 *
 * Entries with _inner in their name are for assembly code that saves its
 * registers once for many steps: they keep none of them, and elements that are
 * not said to be in memory are in r0 to r7.
 */
    .syntax unified
    .cpu cortex-m4
    .thumb

.macro function name
    .section .text.\name,"ax",%progbits
    .balign 4
    .global \name
    .type   \name, %function
    .thumb_func
\name:
.endm

.macro end name
    .size   \name, . - \name
.endm

/* q = 19 * q; flags are kept */
.macro times19 q, scratch
    add     \scratch, \q, \q, lsl #1
    add     \q, \scratch, \q, lsl #4
.endm

/*
 * r0: sum, r1: difference, r2: a, r3: b; loses r4 to r10. Stack: 4 bytes.
 *
 * Sum, column 7: c * 2^32 + top = a7 + b7 < 2^33, q = it >> 31 <= 3. Then the
 * columns 0 to 6 from c = 19 q <= 57; every later carry is at most 2. The
 * carries are in r9.
 *
 * Difference, column 7: a7 - b7 = top + (m - 2) * 2^31 with top < 2^31 and
 * 0 <= m <= 3. So that what comes back at the bottom has always the same sign,
 * one 2^31 is left in its place: top + 2^31 stays, and d = 19 (3 - m) is
 * subtracted in the columns 0 to 6 along with b. b + d has its carries in r10,
 * the subtraction in the flag. At the end they are at most 1 each, and there is
 * room for them.
 */
    function assay_fe25519_add_sub_inner
    push    {lr}
    ldr     r4, [r2, #28]
    ldr     r5, [r3, #28]
    mov     r12, #0
    mov     lr, #1
    mov     r7, r4
    mov     r9, #0
    umaal   r7, r9, r5, lr
    adds    r7, r7, r7
    adc     r9, r9, r9
    times19 r9, r6
    subs    r8, r4, r5
    adc     r10, r12, r12
    adds    r6, r8, r8
    adc     r10, r10, r10
    times19 r10, r6
    rsb     r10, r10, #57
    bic     r8, r8, #0x80000000
    add     r8, r8, #0x80000000
    cmp     lr, lr
    .irp    i, 0, 4, 8, 12, 16, 20, 24
    ldr     r4, [r2, #\i]
    ldr     r5, [r3, #\i]
    mov     r6, r4
    umaal   r6, r9, r5, lr
    umaal   r5, r10, r12, r12
    sbcs    r4, r4, r5
    str     r6, [r0, #\i]
    str     r4, [r1, #\i]
    .endr
    add     r7, r9, r7, lsr #1
    sbc     r8, r8, r10
    str     r7, [r0, #28]
    str     r8, [r1, #28]
    pop     {pc}
    end     assay_fe25519_add_sub_inner

/* r0: out, r1: a, r2: b; add and sub throw half of the work away, because it
 * is seldom that one of them is wanted alone. Stack: 68 bytes. */
    function assay_fe25519_sub
    push    {r4-r10, lr}
    sub     sp, sp, #32
    mov     r3, r2
    mov     r2, r1
    mov     r1, r0
    mov     r0, sp
    b       .Lsum
    end     assay_fe25519_sub
    .global assay_fe25519_add
    .type   assay_fe25519_add, %function
    .thumb_func
assay_fe25519_add:
    push    {r4-r10, lr}
    sub     sp, sp, #32
    mov     r3, r2
    mov     r2, r1
    mov     r1, sp
.Lsum:
    bl      assay_fe25519_add_sub_inner
    add     sp, sp, #32
    pop     {r4-r10, pc}
    end     assay_fe25519_add

/* Stack: 36 bytes. */
    function assay_fe25519_add_sub
    push    {r4-r10, lr}
    bl      assay_fe25519_add_sub_inner
    pop     {r4-r10, pc}
    end     assay_fe25519_add_sub

/*
 * One row of a product: the words in the columns of w0 to w4, and c in that of
 * w0, plus x * (r0 to r4). c becomes the word above w4.
 */
.macro row5 x, c, w0, w1, w2, w3, w4
    umaal   \w0, \c, \x, r0
    umaal   \w1, \c, \x, r1
    umaal   \w2, \c, \x, r2
    umaal   \w3, \c, \x, r3
    umaal   \w4, \c, \x, r4
.endm

.macro row3 x, c, w0, w1, w2
    umaal   \w0, \c, \x, r0
    umaal   \w1, \c, \x, r1
    umaal   \w2, \c, \x, r2
.endm

/*
 * r0 to r7 = a * b. r1: a, r2: b. Stack: 36 bytes: the words 0 to 6 of the
 * product at sp, then the address of b, and lr.
 *
 * First a * b[0..4], a row for each word of a, then a * b[5..7] on top of it. A
 * row finishes its lowest column.
 */
    function assay_fe25519_mul_inner
    push    {r2, lr}
    sub     sp, sp, #28
    mov     r12, r1
    ldmia   r2, {r0-r4}

    /* Rows 0 and 1 together: with four UMULL and only one zero the columns 2
     * and 3 have two words each, which rows 2 and 3 take instead of a zero.
     * Beside each product, the columns of its two words. */
    ldr     r6, [r12]
    ldr     lr, [r12, #4]
    umull   r5, r7, r6, r0      /* 0 1 */
    umull   r10, r9, lr, r0     /* 1 2 */
    str     r5, [sp]
    umaal   r7, r10, r6, r1     /* 1 2 */
    str     r7, [sp, #4]
    umaal   r9, r10, r6, r2     /* 2 3 */
    umull   r8, r11, lr, r1     /* 2 3 */
    umaal   r10, r11, r6, r3    /* 3 4 */
    umull   r7, r5, lr, r2      /* 3 4 */
    umaal   r11, r5, r6, r4     /* 4 5 */
    mov     r6, #0
    umaal   r11, r6, lr, r3     /* 4 5 */
    umaal   r5, r6, lr, r4      /* 5 6 */

    /* r9, r8: column 2. r10, r7: 3. r11, r5, r6: 4 to 6. */
    ldr     lr, [r12, #8]
    umaal   r9, r8, lr, r0      /* 2 3 */
    umaal   r10, r7, lr, r1     /* 3 4 */
    umaal   r11, r7, lr, r2     /* 4 5 */
    umaal   r5, r7, lr, r3      /* 5 6 */
    umaal   r6, r7, lr, r4      /* 6 7 */
    str     r9, [sp, #8]

    /* r10, r8: column 3. r11, r5, r6, r7: 4 to 7. */
    ldr     lr, [r12, #12]
    row5    lr, r8, r10, r11, r5, r6, r7
    str     r10, [sp, #12]
    ldr     lr, [r12, #16]
    mov     r9, #0
    row5    lr, r9, r11, r5, r6, r7, r8
    str     r11, [sp, #16]
    ldr     lr, [r12, #20]
    mov     r10, #0
    row5    lr, r10, r5, r6, r7, r8, r9
    ldr     lr, [r12, #24]
    mov     r11, #0
    row5    lr, r11, r6, r7, r8, r9, r10
    str     r6, [sp, #24]
    ldr     r6, [r12, #28]
    mov     lr, #0
    row5    r6, lr, r7, r8, r9, r10, r11

    /* r5: column 5; in memory: 6. r7 to r11, lr: 7 to 12. */
    ldr     r6, [sp, #24]
    ldr     r3, [r12]
    ldr     r2, [sp, #28]
    ldr     r0, [r2, #20]
    ldr     r1, [r2, #24]
    ldr     r2, [r2, #28]
    mov     r4, #0
    row3    r3, r4, r5, r6, r7
    str     r5, [sp, #20]
    ldr     r3, [r12, #4]
    mov     r5, #0
    row3    r3, r5, r6, r7, r4
    str     r6, [sp, #24]
    ldr     r3, [r12, #8]
    mov     r6, #0
    row3    r3, r6, r7, r4, r5

    /* r7: column 7, done. r4 to r6: 8 to 10, beside r8 to r11 and lr, which
     * the rows take in. */
    ldr     r3, [r12, #12]
    row3    r3, r8, r4, r5, r6
    ldr     r3, [r12, #16]
    row3    r3, r9, r5, r6, r8
    ldr     r3, [r12, #20]
    row3    r3, r10, r6, r8, r9
    ldr     r3, [r12, #24]
    ldr     r12, [r12, #28]
    row3    r3, r11, r8, r9, r10
    row3    r12, lr, r9, r10, r11

    /* The words 8 to 15: r4, r5, r6, r8 to r11, lr. Word 7 + 38 * word 15 is
     * at most 39 * (2^32 - 1): q <= 77, and c = 38 q / 2. After it
     * 39 * (2^32 - 1) + c at most in a column, so that every c is small. */
    mov     r12, #38
    mov     r0, #0
    umlal   r7, r0, lr, r12
    adds    r7, r7, r7
    adc     r0, r0, r0
    mul     lr, r0, r12
    lsr     lr, lr, #1
    pop     {r0-r3}
    umaal   r0, lr, r4, r12
    umaal   r1, lr, r5, r12
    umaal   r2, lr, r6, r12
    umaal   r3, lr, r8, r12
    pop     {r4-r6}
    umaal   r4, lr, r9, r12
    umaal   r5, lr, r10, r12
    umaal   r6, lr, r11, r12
    add     r7, lr, r7, lsr #1
    pop     {r8, pc}
    end     assay_fe25519_mul_inner

/* r0: out, r1: a, r2: b. Stack: 76 bytes. */
    function assay_fe25519_mul
    push    {r0, r4-r11, lr}
    bl      assay_fe25519_mul_inner
    pop     {r8}
    stmia   r8, {r0-r7}
    pop     {r4-r11, pc}
    end     assay_fe25519_mul

/*
 * What ends a column of a square. s is the sum of the products a_i a_j, i < j,
 * of column \k; it counts twice, and of an even column there is the square of a
 * word as well. The carry of the doubling stays in the flag from one column to
 * the next; c is the carry of all else, and lr is 0.
 */
.macro even to, s, c, x
    adcs    \to, \s, \s
    umaal   \to, \c, \x, \x
.endm

.macro odd to, s, c
    adcs    \to, \s, \s
    umaal   \to, \c, lr, lr
.endm

/*
 * a = a * a, with a in r0 to r7. Stack: 36 bytes: the words 0 to 6 of the
 * square and a part of word 7 at sp, then lr.
 *
 * Column by column; nothing between two columns may change the flag.
 */
    function assay_fe25519_sqr_inner
    push    {lr}
    sub     sp, sp, #32
    umull   r8, r12, r0, r0     /* 0 */
    str     r8, [sp]
    umull   r8, r9, r0, r1      /* 1 */
    mov     lr, #0
    adds    r8, r8, r8
    umaal   r8, r12, lr, lr
    str     r8, [sp, #4]
    mov     r10, #0             /* 2 */
    umaal   r9, r10, r0, r2
    even    r9, r9, r12, r1
    str     r9, [sp, #8]
    umull   r8, r9, r1, r2      /* 3 */
    umaal   r10, r8, r0, r3
    odd     r10, r10, r12
    str     r10, [sp, #12]
    umaal   r9, r8, r0, r4      /* 4: r9, r8 */
    mov     r10, #0
    umaal   r9, r10, r1, r3
    even    r9, r9, r12, r2
    str     r9, [sp, #16]
    umaal   r8, r10, r0, r5     /* 5: r8, r10 */
    umull   r9, r11, r1, r4
    umaal   r8, r9, r2, r3
    odd     r8, r8, r12
    str     r8, [sp, #20]
    umaal   r10, r11, r0, r6    /* 6: r10, r11, r9 */
    umaal   r10, r9, r1, r5
    mov     r8, #0
    umaal   r10, r8, r2, r4
    even    r10, r10, r12, r3
    str     r10, [sp, #24]
    umaal   r11, r9, r1, r6     /* 7: r11, r9, r8 */
    umaal   r11, r8, r2, r5
    umull   r10, r0, r0, r7
    umaal   r11, r10, r3, r4
    adcs    r11, r11, r11
    str     r11, [sp, #28]

    /* r12, the carry into column 7, waits with r11 until column 15 is known:
     * from here on the carries have a chain of their own in r11. */
    umaal   r9, r8, r1, r7      /* 8: r9, r8, r0, r10 */
    umaal   r9, r0, r2, r6
    umaal   r9, r10, r3, r5
    mov     r11, #0
    even    r9, r9, r11, r4
    umaal   r8, r0, r2, r7      /* 9: r8, r0, r10 */
    umaal   r8, r10, r3, r6
    mov     r1, #0
    umaal   r8, r1, r4, r5
    odd     r8, r8, r11
    umaal   r10, r0, r3, r7     /* 10: r10, r0, r1 */
    umaal   r10, r1, r4, r6
    even    r10, r10, r11, r5
    umaal   r0, r1, r4, r7      /* 11: r0, r1 */
    mov     r2, #0
    umaal   r0, r2, r5, r6
    odd     r4, r0, r11
    umaal   r1, r2, r5, r7      /* 12: r1, r2 */
    even    r5, r1, r11, r6
    mov     r3, #0              /* 13: r2 */
    umaal   r2, r3, r6, r7
    odd     r6, r2, r11
    even    lr, r3, r11, r7     /* 14: r3 */
    adc     r0, r11, #0         /* 15 */

    /* The words 8 to 15: r9, r8, r10, r4, r5, r6, lr, r0. As in the product,
     * but column 7 has two words, which is not more than 40 * (2^32 - 1). */
    mov     r11, #38
    ldr     r7, [sp, #28]
    umaal   r7, r12, r0, r11
    adds    r7, r7, r7
    adc     r12, r12, r12
    mul     r12, r12, r11
    lsr     r12, r12, #1
    ldmia   sp, {r0-r3}
    umaal   r0, r12, r9, r11
    umaal   r1, r12, r8, r11
    umaal   r2, r12, r10, r11
    umaal   r3, r12, r4, r11
    ldr     r4, [sp, #16]
    umaal   r4, r12, r5, r11
    ldr     r5, [sp, #20]
    umaal   r5, r12, r6, r11
    ldr     r6, [sp, #24]
    umaal   r6, r12, lr, r11
    add     r7, r12, r7, lsr #1

    add     sp, sp, #32
    pop     {pc}
    end     assay_fe25519_sqr_inner

/* r0: out, r1: a; r2: n > 0. Stack: 80 bytes. */
    function assay_fe25519_sqr
    movs    r2, #1
    b       assay_fe25519_sqr_times
    end     assay_fe25519_sqr

    function assay_fe25519_sqr_times
    push    {r0, r2, r4-r11, lr}
    ldmia   r1, {r0-r7}
.Lsqr:
    bl      assay_fe25519_sqr_inner
    ldr     r8, [sp, #4]
    subs    r8, r8, #1
    str     r8, [sp, #4]
    bne     .Lsqr
    pop     {r8, r9}
    stmia   r8, {r0-r7}
    pop     {r4-r11, pc}
    end     assay_fe25519_sqr_times

/*
 * r0: out, r1: a. Stack: 16 bytes.
 *
 * v = (a mod 2^255) + 19 * (a >> 255) <= 2^255 + 18 < 2p, and
 * x = v + 19 < 2^255 + 38. v >= p exactly when x has bit 255: then x - 2^255
 * is v - p, else x - 19 is v. Bit 255 of a stays until the end, so that the
 * bit of x shows as its opposite where a has it.
 */
    function assay_fe25519_canonical
    push    {r4-r6, lr}
    mov     r4, r0
    ldr     r5, [r1, #28]
    lsrs    r5, r5, #31
    movs    r6, #19
    mla     r2, r5, r6, r6
    bl      .Lripple
    eor     r5, r5, r3, lsr #31
    muls    r5, r6, r5
    subs    r2, r5, r6
    mov     r0, r4
    mov     r1, r4
    bl      .Lripple
    bic     r3, r3, #0x80000000
    str     r3, [r4, #28]
    pop     {r4-r6, pc}

/* The 8 words at r0 = those at r1 + r2, a signed number; r3 = the last. */
.Lripple:
    mov     r12, #8
1:  ldmia   r1!, {r3}
    adds    r3, r3, r2
    stmia   r0!, {r3}
    asr     r2, r2, #31
    adc     r2, r2, #0
    subs    r12, r12, #1
    bne     1b
    bx      lr
    end     assay_fe25519_canonical
