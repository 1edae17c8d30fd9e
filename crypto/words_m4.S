/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * crypto/words.h for Cortex-M4.
 *
 * SEL takes each byte of its result from its first operand where the GE flag of
 * the byte is set, else from its second. UADD8 x, x, x sets the four flags to
 * the top bits of the bytes of x and moves every byte up by one bit: so a byte
 * of choices, kept four times in a register, is used up bit by bit, top first.
 */
    .syntax unified
    .cpu cortex-m4
    .thumb

/*
 * One entry: where the top bit of the bytes of r2 is set, r4 .. r11 = the 8
 * words at r0. r0 moves on by the stride; r3, r12, lr are lost.
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
    uxtah   r0, r0, r1
.endm

/*
 * in:  r0 = r, r1 = table, r2 = stride in words, r3 = index
 * out: r0 .. r3, r12, flags are lost. Stack: 40 bytes.
 * r0: the next entry. r1: the bytes from the end of an entry to the next one,
 * below 2^16, and in its upper half the pairs of entries to come after this
 * one. r2: 4 times the byte 2^(7 - index), which is 0 for 8 and more.
 */
    .section .text.assay_words_lookup,"ax",%progbits
    .global assay_words_lookup
    .type   assay_words_lookup, %function
    .thumb_func
assay_words_lookup:
    push    {r0, r4-r11, lr}
    mov     r0, r1
    lsls    r1, r2, #2
    add     r1, r1, #(3 << 16)
    subs    r1, r1, #32
    lsrs    r2, r3, #3
    clz     r2, r2              /* 32 if index < 8, else less */
    lsrs    r2, r2, #5
    lsls    r2, r2, #7
    lsrs    r2, r2, r3          /* 0 >> index when index >= 8 */
    orr     r2, r2, r2, lsl #8
    orr     r2, r2, r2, lsl #16
    movs    r4, #0
    movs    r5, #0
    movs    r6, #0
    movs    r7, #0
    mov     r8, r4
    mov     r9, r4
    mov     r10, r4
    mov     r11, r4
1:
    entry
    entry
    subs    r1, r1, #(1 << 16)
    bpl     1b
    pop     {r0}
    stmia   r0, {r4-r11}
    pop     {r4-r11, pc}
    .size   assay_words_lookup, . - assay_words_lookup

/*
 * in:  r0 = r, r1 = mask, r2 = a, r3 = b
 * out: r0 .. r3, r12, flags are lost. Stack: 20 bytes.
 * The carries of all ones + all ones leave every byte.
 */
    .section .text.assay_words_select,"ax",%progbits
    .global assay_words_select
    .type   assay_words_select, %function
    .thumb_func
assay_words_select:
    push    {r4-r7, lr}
    uadd8   r1, r1, r1
    ldmia   r2!, {r1, r4, r5, r12}
    ldmia   r3!, {r6, r7, lr}
    sel     r1, r1, r6
    sel     r4, r4, r7
    sel     r5, r5, lr
    ldr     r6, [r3], #4
    sel     r12, r12, r6
    stmia   r0!, {r1, r4, r5, r12}
    ldmia   r2, {r1, r4, r5, r12}
    ldmia   r3!, {r6, r7, lr}
    sel     r1, r1, r6
    sel     r4, r4, r7
    sel     r5, r5, lr
    ldr     r6, [r3]
    sel     r12, r12, r6
    stmia   r0, {r1, r4, r5, r12}
    pop     {r4-r7, pc}
    .size   assay_words_select, . - assay_words_select
