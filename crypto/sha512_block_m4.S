/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * sha512_block.h for Cortex-M4, with the names of FIPS 180-4. It is written to
 * be short: a loop of one round and a loop of one value of the schedule.
 *
 * A value of 64 bits is two words, the low one first. The stack holds 40
 * values, of which sp points at the lowest that is in use:
 *
 *   place     rounds t to t + 15                then the next sixteen W
 *   39 to 24  W(t) down to W(t + 15)            W(t + 16) down to W(t + 31)
 *   23 to 16  h down to a before them           a copy of W(t + 16) ...
 *   15 to 8                                     ... down to W(t + 31)
 *   7 to 0    h down to a after them            the same
 *
 * A round moves sp down by one place: the new a goes there, the new e takes
 * the place of d, and none of the others is moved. W moves past sp in step,
 * so that all that a round reads has a fixed distance from sp. The copy lets
 * every new value find its four predecessors at fixed distances. Then a to h
 * are brought up from 7 to 0 to 23 to 16.
 *
 * - umaal x, y, z, one is x += y + z in one instruction; y receives the carry,
 *   0 to 2. In the high words nobody uses it: all sums are modulo 2^64.
 * - Ch(e, f, g) = (e & f) + (~e & g) and Maj(a, b, c) = (b & c) + (a & (b ^ c))
 *   with b & c = b & ~(b ^ c): in each of these sums no bit is set on both
 *   sides, so that + is the standard's exclusive or.
 * - Sum1(e) = ROTR(z, 14) with z = e ^ ROTR(e, 4) ^ ROTR(e, 27), and
 *   Sum0(a) = ROTR(z, 28) with z = a ^ ROTR(a, 6) ^ ROTR(a, 11). What the two
 *   words of z give to the outer rotation is added word by word.
 * - x * 2^(32 - n) has x >> n as its high and x << (32 - n) as its low word:
 *   what x gives to a rotation by n. So umull of the low word and umlal of the
 *   high word rotate a value; the umlal carries nothing from its low to its
 *   high word, since the parts have no bit in common.
 * - A load next to a load or store costs one cycle less: they stand together.
 *
 * No instruction depends on data but in its result: no branch, address or
 * condition does, carries go into adc alone, and a long multiplication takes
 * one cycle for all operands. Nothing below sp is live: interrupts may come.
 */
    .syntax unified
    .thumb
    .cpu    cortex-m4

one .req lr                         /* holds 1 */

/*
 * void assay_sha512_blocks(uint64_t state[8], const uint8_t *data,
 *                          size_t n_blocks);
 * in:  r0 = state, r1 = data, r2 = n_blocks. data may have any alignment: it
 *      is read by single LDR, which need none while CCR.UNALIGN_TRP = 0, its
 *      value after reset.
 * out: none. Clobbers r0 to r3, r12 and the flags.
 * mem: 368 bytes of stack.
 */
    .section .text.assay_sha512_blocks, "ax", %progbits
    .global assay_sha512_blocks
    .type   assay_sha512_blocks, %function
    .p2align 2
assay_sha512_blocks:
    cbnz    r2, .Lsome
    bx      lr
.Lsome:
    push    {r0-r2, r4-r11, lr}
    mov     one, #1

    /* sp: state, data and the number of blocks left. r0 = state, r1 = data. */
.Lblock:
    mov     r3, sp
    sub     sp, #8 * 24
    sub     r2, r3, #8 * 16
.Lload:
    ldr     r5, [r1]
    ldr     r4, [r1, #4]
    adds    r1, #8
    rev     r5, r5
    rev     r4, r4
    stmdb   r3!, {r4, r5}
    cmp     r3, r2
    bne     .Lload
    str     r1, [sp, #8 * 24 + 4]
    mov     r3, sp                  /* a to h */
    ldmia   r0!, {r4-r11}
    stmia   r3!, {r4-r11}
    ldmia   r0, {r4-r11}
    stmia   r3, {r4-r11}
    adr     r4, .Lk

    /* r4 points at K(t). */
.Lsixteen:
    ldrd    r8, r9, [sp]            /* r9:r8 = a */
    ldr     r6, [sp, #32]           /* r7:r6 = e */
    ldr     r7, [sp, #36]
    mov     r12, #1 << 18
    add     r5, r4, #8 * 16
.Lround:
    /* r11:r10 = T1 = h + K + W + Ch: low words, carries, high words */
    sub     sp, #8
    ldrd    r10, r11, [sp, #64]     /* h */
    ldr     r0, [r4]                /* K */
    ldr     r1, [sp, #192]          /* W */
    ldr     r2, [sp, #48]           /* f */
    ldr     r3, [sp, #56]           /* g */
    umaal   r10, r0, r1, one
    ands    r2, r6
    bics    r3, r6
    umaal   r10, r2, r3, one
    umaal   r11, r0, r2, one
    ldr     r0, [r4, #4]
    ldr     r1, [sp, #196]
    ldr     r2, [sp, #52]
    ldr     r3, [sp, #60]
    umaal   r11, r0, r1, one
    ands    r2, r7
    bics    r3, r7
    umaal   r11, r2, r3, one
    /* + Sum1: r1:r0 = z; r1 by its product with 2^18 */
    eor     r0, r6, r6, lsr #4
    eor     r0, r0, r7, lsl #28
    eor     r0, r0, r6, lsr #27
    eor     r0, r0, r7, lsl #5
    eor     r1, r7, r7, lsr #4
    eor     r1, r1, r6, lsl #28
    eor     r1, r1, r7, lsr #27
    eor     r1, r1, r6, lsl #5
    adds    r10, r10, r0, lsr #14
    adc     r11, r11, r0, lsl #18
    umlal   r10, r11, r1, r12
    /* e = d + T1 in the place of d */
    ldr     r6, [sp, #32]
    ldr     r7, [sp, #36]
    ldr     r0, [sp, #16]           /* b */
    ldr     r1, [sp, #20]
    ldr     r2, [sp, #24]           /* c */
    ldr     r3, [sp, #28]
    adds    r6, r6, r10
    adc     r7, r7, r11
    str     r6, [sp, #32]
    str     r7, [sp, #36]
    /* T1 + Maj: r3:r2 = a & (b ^ c), r1:r0 = b & c */
    eors    r2, r0
    eors    r3, r1
    bics    r0, r2
    bics    r1, r3
    and     r2, r2, r8
    and     r3, r3, r9
    umaal   r10, r0, r2, one
    umaal   r11, r0, r1, one
    add     r11, r3
    /* + Sum0 = T1 + T2, the new a: r1:r0 = z */
    eor     r0, r8, r8, lsr #6
    eor     r0, r0, r9, lsl #26
    eor     r0, r0, r8, lsr #11
    eor     r0, r0, r9, lsl #21
    eor     r1, r9, r9, lsr #6
    eor     r1, r1, r8, lsl #26
    eor     r1, r1, r9, lsr #11
    eor     r1, r1, r8, lsl #21
    adds    r10, r10, r0, lsr #28
    adc     r11, r11, r0, lsl #4
    adds    r8, r10, r1, lsl #4
    adc     r9, r11, r1, lsr #28
    strd    r8, r9, [sp]
    adds    r4, #8
    cmp     r4, r5
    bne     .Lround
    adr     r0, .Lk + 8 * 80
    cmp     r4, r0
    beq     .Lsum

    /* r5 points at the copy of W(t + 16), the value that is made. */
    add     r5, sp, #8 * 23
    mov     r10, #1 << 25
    mov     r11, #1 << 31
    mov     r12, #1 << 13
.Lnext:
    ldr     r6, [r5, #8 * 15]       /* r7:r6 = W(t + 1) */
    ldr     r7, [r5, #8 * 15 + 4]
    umull   r1, r0, r6, r10         /* r1:r0 = ROTR 7 */
    umlal   r0, r1, r7, r10
    eor     r2, r6, r0
    eors    r1, r7
    umull   r3, r2, r2, r11         /* r3:r2 = ROTR 1 ^ ROTR 8 */
    umlal   r2, r3, r1, r11
    eors    r2, r0                  /* ^ SHR 7 = sigma0 */
    eor     r3, r3, r7, lsr #7
    ldr     r0, [r5, #8 * 7]        /* r1:r0 = W(t + 9) */
    ldr     r1, [r5, #8 * 7 + 4]
    ldr     r6, [r5, #8 * 2]        /* r7:r6 = W(t + 14) */
    ldr     r7, [r5, #8 * 2 + 4]
    ldrd    r8, r9, [r5, #8 * 16]   /* r9:r8 = W(t) */
    umaal   r8, r2, r0, one         /* r2 = carry */
    umaal   r9, r3, r1, one
    umull   r1, r0, r6, r12         /* r1:r0 = ROTR 19 */
    umlal   r0, r1, r7, r12
    eor     r0, r0, r6, lsl #3      /* ^ ROTR 61 */
    eor     r0, r0, r7, lsr #29
    eor     r1, r1, r7, lsl #3
    eor     r1, r1, r6, lsr #29
    eor     r0, r0, r6, lsr #6      /* ^ SHR 6 = sigma1 */
    eor     r0, r0, r7, lsl #26
    eor     r1, r1, r7, lsr #6
    umlal   r8, r2, r0, one
    umaal   r9, r2, r1, one
    strd    r8, r9, [r5, #8 * 16]
    strd    r8, r9, [r5], #-8
    add     r0, sp, #8 * 7
    cmp     r5, r0
    bne     .Lnext

    add     r0, sp, #8 * 16
    pop     {r5-r12}
    stmia   r0!, {r5-r12}
    pop     {r5-r12}
    stmia   r0, {r5-r12}
    add     sp, #8 * 8
    b       .Lsixteen

.Lsum:
    ldr     r0, [sp, #8 * 40]
    add     r1, sp, #8 * 8
.Ladd:
    pop     {r4, r5}
    ldrd    r6, r7, [r0]
    adds    r4, r4, r6
    adcs    r5, r5, r7
    stmia   r0!, {r4, r5}
    cmp     sp, r1
    bne     .Ladd
    add     sp, #8 * 32
    subs    r0, #64
    ldrd    r1, r2, [sp, #4]
    subs    r2, #1
    str     r2, [sp, #8]
    bne     .Lblock
    pop     {r0-r2, r4-r11, pc}

    /* FIPS 180-4 4.2.3: fractions of the cube roots of the first 80 primes,
     * the low word of each first. */
    .p2align 2
.Lk:
    .word   0xd728ae22, 0x428a2f98, 0x23ef65cd, 0x71374491
    .word   0xec4d3b2f, 0xb5c0fbcf, 0x8189dbbc, 0xe9b5dba5
    .word   0xf348b538, 0x3956c25b, 0xb605d019, 0x59f111f1
    .word   0xaf194f9b, 0x923f82a4, 0xda6d8118, 0xab1c5ed5
    .word   0xa3030242, 0xd807aa98, 0x45706fbe, 0x12835b01
    .word   0x4ee4b28c, 0x243185be, 0xd5ffb4e2, 0x550c7dc3
    .word   0xf27b896f, 0x72be5d74, 0x3b1696b1, 0x80deb1fe
    .word   0x25c71235, 0x9bdc06a7, 0xcf692694, 0xc19bf174
    .word   0x9ef14ad2, 0xe49b69c1, 0x384f25e3, 0xefbe4786
    .word   0x8b8cd5b5, 0x0fc19dc6, 0x77ac9c65, 0x240ca1cc
    .word   0x592b0275, 0x2de92c6f, 0x6ea6e483, 0x4a7484aa
    .word   0xbd41fbd4, 0x5cb0a9dc, 0x831153b5, 0x76f988da
    .word   0xee66dfab, 0x983e5152, 0x2db43210, 0xa831c66d
    .word   0x98fb213f, 0xb00327c8, 0xbeef0ee4, 0xbf597fc7
    .word   0x3da88fc2, 0xc6e00bf3, 0x930aa725, 0xd5a79147
    .word   0xe003826f, 0x06ca6351, 0x0a0e6e70, 0x14292967
    .word   0x46d22ffc, 0x27b70a85, 0x5c26c926, 0x2e1b2138
    .word   0x5ac42aed, 0x4d2c6dfc, 0x9d95b3df, 0x53380d13
    .word   0x8baf63de, 0x650a7354, 0x3c77b2a8, 0x766a0abb
    .word   0x47edaee6, 0x81c2c92e, 0x1482353b, 0x92722c85
    .word   0x4cf10364, 0xa2bfe8a1, 0xbc423001, 0xa81a664b
    .word   0xd0f89791, 0xc24b8b70, 0x0654be30, 0xc76c51a3
    .word   0xd6ef5218, 0xd192e819, 0x5565a910, 0xd6990624
    .word   0x5771202a, 0xf40e3585, 0x32bbd1b8, 0x106aa070
    .word   0xb8d2d0c8, 0x19a4c116, 0x5141ab53, 0x1e376c08
    .word   0xdf8eeb99, 0x2748774c, 0xe19b48a8, 0x34b0bcb5
    .word   0xc5c95a63, 0x391c0cb3, 0xe3418acb, 0x4ed8aa4a
    .word   0x7763e373, 0x5b9cca4f, 0xd6b2b8a3, 0x682e6ff3
    .word   0x5defb2fc, 0x748f82ee, 0x43172f60, 0x78a5636f
    .word   0xa1f0ab72, 0x84c87814, 0x1a6439ec, 0x8cc70208
    .word   0x23631e28, 0x90befffa, 0xde82bde9, 0xa4506ceb
    .word   0xb2c67915, 0xbef9a3f7, 0xe372532b, 0xc67178f2
    .word   0xea26619c, 0xca273ece, 0x21c0c207, 0xd186b8c7
    .word   0xcde0eb1e, 0xeada7dd6, 0xee6ed178, 0xf57d4f7f
    .word   0x72176fba, 0x06f067aa, 0xa2c898a6, 0x0a637dc5
    .word   0xbef90dae, 0x113f9804, 0x131c471b, 0x1b710b35
    .word   0x23047d84, 0x28db77f5, 0x40c72493, 0x32caab7b
    .word   0x15c9bebc, 0x3c9ebe0a, 0x9c100d4c, 0x431d67c4
    .word   0xcb3e42b6, 0x4cc5d4be, 0xfc657e2a, 0x597f299c
    .word   0x3ad6faec, 0x5fcb6fab, 0x4a475817, 0x6c44198c
    .size   assay_sha512_blocks, . - assay_sha512_blocks
