/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * sha256_block.h for Cortex-M4, with the names of FIPS 180-4.
 *
 * A block is taken in three steps: its 16 words are brought to the stack in
 * the processor's byte order; the schedule is continued there up to W(63); the
 * 64 rounds go over it, eight in a turn of the loop, during which sp moves
 * over the words that are used up.
 *
 * - No working variable is moved: what was a is b in the next round, by name.
 * - umaal x, y, z, one is x += y + z in one instruction; y receives the carry,
 *   0 to 2, which nobody uses: all sums are modulo 2^32.
 * - Ch(e, f, g) = (e & f) + (~e & g) and
 *   Maj(a, b, c) = (a & b) + ((a ^ b) & c): in each of these sums no bit is
 *   set on both sides, so that + is the standard's exclusive or.
 * - Sum1(e) = ROTR(e ^ ROTR(e, 5) ^ ROTR(e, 19), 6), and
 *   Sum0(a) = ROTR(a ^ ROTR(a, 11) ^ ROTR(a, 20), 2); the outer rotation is
 *   that of an operand of the addition.
 * - A load next to a load costs one cycle less: they stand together.
 *
 * No instruction depends on data but in its result: no branch, address or
 * condition does, and umaal takes one cycle for all operands. Nothing below sp
 * is live: interrupts may come.
 */
    .syntax unified
    .thumb
    .cpu    cortex-m4

    .equ    SCHEDULE, 4 * 64        /* bytes of W */

one .req lr                         /* holds 1 */

/*
 * One round. k and w hold K(t) and W(t) and are lost. d becomes the next e,
 * h the next a.
 */
    .macro  round a, b, c, d, e, f, g, h, k, w
    umaal   \h, \w, \k, one         /* h + K + W */
    and     \k, \e, \f
    bic     \w, \g, \e
    umaal   \h, \w, \k, one         /* + Ch */
    eor     \k, \e, \e, ror #5
    eor     \k, \k, \e, ror #19
    add     \h, \h, \k, ror #6      /* + Sum1 = T1 */
    add     \d, \h
    eor     \k, \a, \b
    and     \w, \a, \b
    and     \k, \k, \c
    umaal   \h, \w, \k, one         /* T1 + Maj */
    eor     \k, \a, \a, ror #11
    eor     \k, \k, \a, ror #20
    add     \h, \h, \k, ror #2      /* + Sum0 = T1 + T2 */
    .endm

/*
 * Rounds i and i + 1 of eight. r4 points 4 bytes before the K of the turn, sp
 * at its W; bang moves r4 on.
 */
    .macro  rounds i, a, b, c, d, e, f, g, h, bang
    ldr     r0, [r4, #4 * (\i) + 4]
    ldr     r1, [sp, #4 * (\i)]
    ldr     r3, [sp, #4 * (\i) + 4]
    ldr     r2, [r4, #4 * (\i) + 8]\bang
    round   \a, \b, \c, \d, \e, \f, \g, \h, r0, r1
    round   \h, \a, \b, \c, \d, \e, \f, \g, r2, r3
    .endm

/*
 * W(t + 16) into w16, of eight in a turn the one with number i. x holds W(t)
 * and is lost; y receives W(t + 1). r0 points at W of the turn; bang moves it
 * on, and then adj is what it has moved by.
 */
    .macro  next i, w16, w9, w14, x, y, bang, adj=0
    ldr     \y, [r0, #4 * (\i) + 4]\bang
    ror     r4, \y, #7
    eor     r4, r4, \y, ror #18
    eor     r4, r4, \y, lsr #3
    umaal   \x, r4, \w9, one        /* W(t) + sigma0 + W(t + 9) */
    ror     r4, \w14, #17
    eor     r4, r4, \w14, ror #19
    eor     r4, r4, \w14, lsr #10
    add     \w16, \x, r4            /* + sigma1 */
    str     \w16, [r0, #4 * (\i) + 64 - \adj]
    .endm

/*
 * void assay_sha256_blocks(uint32_t state[8], const uint8_t *data,
 *                          size_t n_blocks);
 * in:  r0 = state, r1 = data, r2 = n_blocks. data may have any alignment: it
 *      is read by single LDR, which need none while CCR.UNALIGN_TRP = 0, its
 *      value after reset.
 * out: none. Clobbers r0 to r3, r12 and the flags.
 * mem: 304 bytes of stack.
 */
    .section .text.assay_sha256_blocks, "ax", %progbits
    .global assay_sha256_blocks
    .type   assay_sha256_blocks, %function
    .p2align 2
assay_sha256_blocks:
    cbnz    r2, .Lsome
    bx      lr
.Lsome:
    push    {r0-r2, r4-r11, lr}
    mov     one, #1

    /* sp: state, data and the number of blocks left; r1 = data. */
.Lblock:
    sub     sp, #SCHEDULE
    mov     r0, sp
    add     r2, sp, #64
.Lload:
    ldr     r5, [r1]
    ldr     r6, [r1, #4]
    ldr     r7, [r1, #8]
    ldr     r8, [r1, #12]
    ldr     r9, [r1, #16]
    ldr     r10, [r1, #20]
    ldr     r11, [r1, #24]
    ldr     r12, [r1, #28]
    rev     r5, r5
    rev     r6, r6
    rev     r7, r7
    rev     r8, r8
    rev     r9, r9
    rev     r10, r10
    rev     r11, r11
    rev     r12, r12
    adds    r1, #32
    stmia   r0!, {r5-r12}
    cmp     r0, r2
    bne     .Lload

    /* r5 to r12 = W(8) to W(15), and the latest eight words throughout. */
    str     r1, [sp, #SCHEDULE + 4]
    mov     r0, sp
    add     r1, sp, #4 * 48
    ldr     r2, [r0]
.Lschedule:
    next    0, r5, r6, r11, r2, r3
    next    1, r6, r7, r12, r3, r2
    next    2, r7, r8, r5, r2, r3
    next    3, r8, r9, r6, r3, r2
    next    4, r9, r10, r7, r2, r3
    next    5, r10, r11, r8, r3, r2
    next    6, r11, r12, r9, r2, r3
    next    7, r12, r5, r10, r3, r2, !, 32
    cmp     r0, r1
    bne     .Lschedule

    /* r5 to r12 = a to h. */
    ldr     r0, [sp, #SCHEDULE]
    ldmia   r0, {r5-r12}
    adr     r4, .Lk - 4
.Lrounds:
    rounds  0, r5, r6, r7, r8, r9, r10, r11, r12
    rounds  2, r11, r12, r5, r6, r7, r8, r9, r10
    rounds  4, r9, r10, r11, r12, r5, r6, r7, r8
    rounds  6, r7, r8, r9, r10, r11, r12, r5, r6, !
    adr     r0, .Lk + 4 * 64 - 4
    add     sp, #32
    cmp     r4, r0
    bne     .Lrounds

    ldr     r0, [sp]
    ldmia   r0, {r1-r4}
    add     r5, r1
    add     r6, r2
    add     r7, r3
    add     r8, r4
    stmia   r0!, {r5-r8}
    ldmia   r0, {r1-r4}
    add     r9, r1
    add     r10, r2
    add     r11, r3
    add     r12, r4
    stmia   r0, {r9-r12}
    ldrd    r1, r2, [sp, #4]
    subs    r2, #1
    str     r2, [sp, #8]
    bne     .Lblock
    pop     {r0-r2, r4-r11, pc}

    /* FIPS 180-4 4.2.2: fractions of the cube roots of the first 64 primes. */
    .p2align 2
.Lk:
    .word   0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5
    .word   0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5
    .word   0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3
    .word   0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174
    .word   0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc
    .word   0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da
    .word   0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7
    .word   0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967
    .word   0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13
    .word   0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85
    .word   0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3
    .word   0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070
    .word   0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5
    .word   0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3
    .word   0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208
    .word   0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
    .size   assay_sha256_blocks, . - assay_sha256_blocks
