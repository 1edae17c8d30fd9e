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
 * a is in memory, at r8, and b in r0 to r7: a - b comes behind a, and a + b
 * behind a - b. r8 is kept. Stack: 4 bytes.
 *
 * Sum, column 7: c * 2^32 + top = a7 + b7 < 2^33, q = it >> 31 <= 3. Then the
 * columns 0 to 6 from c = 19 q <= 57; every later carry is at most 2. The
 * carries are in r11.
 *
 * Difference, column 7: a7 - b7 = top + (m - 2) * 2^31 with top < 2^31 and
 * 0 <= m <= 3. So that what comes back at the bottom has always the same sign,
 * one 2^31 is left in its place: top + 2^31 stays, and d = 19 (3 - m) is
 * subtracted in the columns 0 to 6 along with b. b + d has its carries in r10,
 * the subtraction in the flag. At the end they are at most 1 each, and there is
 * room for them.
 *
 * The top words wait where they will be, that of the sum times 2. As soon as r0
 * and r1 are free they take the parts of r8 and r9: shorter instructions.
 */
.macro columns base, a, b, at
    ldr     \a, [\base, #\at]
    mov     r7, \a
    umaal   r7, r11, \b, lr
    umaal   \b, r10, r12, r12
    sbcs    \a, \a, \b
    str     \a, [\base, #\at + 32]
    str     r7, [\base, #\at + 64]
.endm

    function assay_fe25519_add_sub_inner
    str     lr, [sp, #-4]!
    ldr     r9, [r8, #28]
    mov     r12, #0
    mov     lr, #1
    adds    r10, r9, r7
    adc     r11, r12, r12
    adds    r10, r10, r10
    adc     r11, r11, r11
    str     r10, [r8, #92]
    times19 r11, r10
    subs    r9, r9, r7
    adc     r10, r12, r12
    adds    r7, r9, r9
    adc     r10, r10, r10
    times19 r10, r9
    rsb     r10, r10, #57
    cmp     lr, lr              /* carry 1: no borrow */
    rrx     r9, r7
    str     r9, [r8, #60]
    columns r8, r9, r0, 0
    mov     r0, r8
    columns r0, r9, r1, 4
    columns r0, r1, r2, 8
    columns r0, r1, r3, 12
    columns r0, r1, r4, 16
    columns r0, r1, r5, 20
    columns r0, r1, r6, 24
    ldr     r7, [r0, #92]
    ldr     r1, [r0, #60]
    add     r7, r11, r7, lsr #1
    sbc     r1, r1, r10
    str     r7, [r0, #92]
    str     r1, [r0, #60]
    ldr     pc, [sp], #4
    end     assay_fe25519_add_sub_inner

/* r0: sum, r1: difference, r2: a, r3: b. Stack: 144 bytes. */
    function assay_fe25519_add_sub
    push    {r0, r1, r4-r11, lr}
    sub     sp, sp, #96
    ldmia   r2, {r4-r11}
    stmia   sp, {r4-r11}
    mov     r8, sp
    ldmia   r3, {r0-r7}
    bl      assay_fe25519_add_sub_inner
    add     sp, sp, #32
    pop     {r4-r11}
    ldrd    r0, r1, [sp, #32]
    stmia   r1, {r4-r11}
    pop     {r4-r11}
    stmia   r0, {r4-r11}
    add     sp, sp, #8
    pop     {r4-r11, pc}
    end     assay_fe25519_add_sub

/* r0: out, r1: a, r2: b; add and sub throw half of the work away, because it
 * is seldom that one of them is wanted alone. Stack: 184 bytes. */
    function assay_fe25519_sub
    push    {r4, lr}
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
    push    {r4, lr}
    sub     sp, sp, #32
    mov     r3, r2
    mov     r2, r1
    mov     r1, sp
.Lsum:
    bl      assay_fe25519_add_sub
    add     sp, sp, #32
    pop     {r4, pc}
    end     assay_fe25519_add

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
 * r0 to r7 = a * b. mul_inner: r12: a, r0: b. mul_next: r12: a; b is in r0 to
 * r7. Stack: 40 bytes, from sp: the words 0, 1, 2, 7, 3, 4, 5, 6 of the
 * product, lr, and b[7]. b[5] and b[6] are where the words 5 and 7 will be.
 *
 * First a * b[0..4], a row for each word of a, then a * b[5..7] on top of it. A
 * row finishes its lowest column.
 */
    function assay_fe25519_mul_inner
    ldmia   r0, {r0-r7}
    .global assay_fe25519_mul_next
    .type   assay_fe25519_mul_next, %function
    .thumb_func
assay_fe25519_mul_next:
    sub     sp, sp, #40
    str     lr, [sp, #32]
    str     r5, [sp, #24]
    str     r6, [sp, #12]
    str     r7, [sp, #36]

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
    movs    r6, #0
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
    str     r10, [sp, #16]
    ldr     lr, [r12, #16]
    mov     r9, #0
    row5    lr, r9, r11, r5, r6, r7, r8
    str     r11, [sp, #20]
    ldr     lr, [r12, #20]
    ldr     r11, [r12, #24]
    mov     r10, #0
    row5    lr, r10, r5, r6, r7, r8, r9
    mov     lr, #0
    row5    r11, lr, r6, r7, r8, r9, r10
    str     r6, [sp, #28]
    ldr     r6, [r12, #28]
    mov     r11, #0
    row5    r6, r11, r7, r8, r9, r10, lr

    /* r5: column 5; in memory: 6. r7 to r10, lr, r11: 7 to 12. */
    ldr     r6, [sp, #28]
    ldr     r3, [r12]
    ldr     r0, [sp, #24]
    ldr     r1, [sp, #12]
    ldr     r2, [sp, #36]
    movs    r4, #0
    row3    r3, r4, r5, r6, r7
    str     r5, [sp, #24]
    ldr     r3, [r12, #4]
    movs    r5, #0
    row3    r3, r5, r6, r7, r4
    str     r6, [sp, #28]
    ldr     r3, [r12, #8]
    movs    r6, #0
    row3    r3, r6, r7, r4, r5

    /* r7: column 7, done. r4 to r6: 8 to 10, beside r8 to r10, lr and r11,
     * which the rows take in. */
    str     r7, [sp, #12]
    ldr     r3, [r12, #12]
    ldr     r7, [r12, #16]
    row3    r3, r8, r4, r5, r6
    row3    r7, r9, r5, r6, r8
    ldr     r3, [r12, #20]
    ldr     r7, [r12, #24]
    ldr     r12, [r12, #28]
    row3    r3, r10, r6, r8, r9
    row3    r7, lr, r8, r9, r10
    row3    r12, r11, r9, r10, lr

    /* The words 8 to 15: r4, r5, r6, r8 to r10, lr, r11. Word 7 + 38 * word 15
     * is at most 39 * (2^32 - 1): q <= 77, and c = 38 q / 2. After it
     * 39 * (2^32 - 1) + c at most in a column, so that every c is small. */
    pop     {r0-r2, r7}
    mov     r12, #38
    movs    r3, #0
    umlal   r7, r3, r11, r12
    adds    r7, r7, r7
    adcs    r3, r3, r3
    mul     r11, r3, r12
    lsr     r11, r11, #1
    umaal   r0, r11, r4, r12
    umaal   r1, r11, r5, r12
    umaal   r2, r11, r6, r12
    pop     {r3-r6}
    umaal   r3, r11, r8, r12
    umaal   r4, r11, r9, r12
    umaal   r5, r11, r10, r12
    umaal   r6, r11, lr, r12
    add     r7, r11, r7, lsr #1
    ldr     pc, [sp], #8
    end     assay_fe25519_mul_inner

/* r0: out, r1: a, r2: b. Stack: 80 bytes. */
    function assay_fe25519_mul
    push    {r0, r4-r11, lr}
    mov     r12, r1
    mov     r0, r2
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

/* r0: out, r1: a; of sqr_times, r2: n > 0. Stack: 80 bytes. The square comes
 * next, and returns to .Lsquared. */
    function assay_fe25519_sqr
    movs    r2, #1
    .global assay_fe25519_sqr_times
    .type   assay_fe25519_sqr_times, %function
    .thumb_func
assay_fe25519_sqr_times:
    push    {r0, r2, r4-r11, lr}
    ldmia   r1, {r0-r7}
    b       2f
.Lpowered:
    pop     {r8, r9}
    stmia   r8, {r0-r7}
    pop     {r4-r11, pc}
.Lsquared:
    ldr     r8, [sp, #4]
    subs    r8, r8, #1
    str     r8, [sp, #4]
    beq     .Lpowered
2:
    adr     lr, .Lsquared + 1

/*
 * a = a * a, with a in r0 to r7. Stack: 36 bytes: the lr, then the words
 * 0 to 6 of the square and a part of word 7.
 *
 * Column by column; nothing between two columns may change the flag.
 */
    .global assay_fe25519_sqr_inner
    .type   assay_fe25519_sqr_inner, %function
    .thumb_func
assay_fe25519_sqr_inner:
    str     lr, [sp, #-36]!
    umull   r8, r12, r0, r0     /* 0 */
    str     r8, [sp, #4]
    umull   r8, r9, r0, r1      /* 1 */
    mov     lr, #0
    adds    r8, r8, r8
    umaal   r8, r12, lr, lr
    str     r8, [sp, #8]
    mov     r10, #0             /* 2 */
    umaal   r9, r10, r0, r2
    even    r9, r9, r12, r1
    str     r9, [sp, #12]
    umull   r8, r9, r1, r2      /* 3 */
    umaal   r10, r8, r0, r3
    odd     r10, r10, r12
    str     r10, [sp, #16]
    umaal   r9, r8, r0, r4      /* 4: r9, r8 */
    mov     r10, #0
    umaal   r9, r10, r1, r3
    even    r9, r9, r12, r2
    str     r9, [sp, #20]
    umaal   r8, r10, r0, r5     /* 5: r8, r10 */
    umull   r9, r11, r1, r4
    umaal   r8, r9, r2, r3
    odd     r8, r8, r12
    str     r8, [sp, #24]
    umaal   r10, r11, r0, r6    /* 6: r10, r11, r9 */
    umaal   r10, r9, r1, r5
    mov     r8, #0
    umaal   r10, r8, r2, r4
    even    r10, r10, r12, r3
    str     r10, [sp, #28]
    umaal   r11, r9, r1, r6     /* 7: r11, r9, r8 */
    umaal   r11, r8, r2, r5
    umull   r10, r0, r0, r7
    umaal   r11, r10, r3, r4
    adcs    r11, r11, r11
    str     r11, [sp, #32]

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
    ldr     r7, [sp, #32]
    umaal   r7, r12, r0, r11
    adds    r7, r7, r7
    adc     r12, r12, r12
    mul     r12, r12, r11
    lsr     r12, r12, #1
    ldr     r0, [sp, #4]
    ldr     r1, [sp, #8]
    ldr     r2, [sp, #12]
    ldr     r3, [sp, #16]
    umaal   r0, r12, r9, r11
    umaal   r1, r12, r8, r11
    umaal   r2, r12, r10, r11
    umaal   r3, r12, r4, r11
    ldr     r4, [sp, #20]
    umaal   r4, r12, r5, r11
    ldr     r5, [sp, #24]
    umaal   r5, r12, r6, r11
    ldr     r6, [sp, #28]
    umaal   r6, r12, lr, r11
    add     r7, r12, r7, lsr #1
    ldr     pc, [sp], #36
    end     assay_fe25519_sqr_inner
    end     assay_fe25519_sqr_times
    end     assay_fe25519_sqr

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
