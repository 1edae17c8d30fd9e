/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * crypto/ed25519_sum.h for Cortex-M4: the method, forms and formulas of
 * ed25519_sum.c, on the inner entries of the field arithmetic (fe25519_m4.S),
 * which keep no register: the registers are saved once for the whole sum and
 * not once for each step. So all that lasts is in the frame. A result is in r0
 * to r7, and where the next step can take it from there, it does.
 *
 * A table has the elements of one kind one after the other, and the kinds in
 * the order in which an addition uses them up: 2z (not in the affine one),
 * y + x, y - x, 2dt.
 */
    .syntax unified
    .cpu cortex-m4
    .thumb

    /* The frame, from sp. The words first. */
    .equ ENTRY, 0               /* while the table is filled: the next 2z */
    .equ WINDOW, 0              /* after that: window of the digits of k */
    .equ LEFT, 4                /* doublings left in a window */
    .equ FACTOR, 4              /* that a look-up is for; or a sign */
    .equ MINUS, 8               /* ones when the sum is kept as its opposite */
    .equ KIND, 12               /* of the table: PROJECTIVE or AFFINE */
    .equ FROM, 16               /* the elements to be looked up next */
    .equ CHOICE, 20             /* the bits of a look-up, see below */
    .equ RETURN, 24             /* of .Lprepare and .Ladd */
    .equ INNER, 28              /* of .Lchosen */

    /* Elements. A sum and difference of b is made from three places in a row:
     * a; a - b; a + b. Those are PT, PD, PS; PS, CE, CH; PZ, CF, CG. */
    .equ PT, 32                 /* p: t; or y, until y + x is there */
    .equ PD, PT + 32            /* y - x; in a doubling x */
    .equ PS, PT + 64            /* y + x */
    .equ CE, PT + 96            /* c */
    .equ CH, PT + 128
    .equ PZ, PT + 160
    .equ CF, PT + 192
    .equ CG, PT + 224
    .equ TABLE, PT + 256        /* P to 8P: 8 elements of each kind */
    .equ POINT, TABLE + 1024    /* the arguments */
    .equ S, POINT + 4
    .equ K, POINT + 8

    .equ KIND_LEN, 256          /* bytes of one kind of elements */
    .equ AFFINE, 0
    .equ PROJECTIVE, 1

/* r0 to r7 = the element a */
.macro load a
    add     r0, sp, #\a
    ldmia   r0, {r0-r7}
.endm

/* the element r = r0 to r7 */
.macro store r
    add     r8, sp, #\r
    stmia   r8, {r0-r7}
.endm

/* r0 to r7 = a * b */
.macro times a, b
    add     r12, sp, #\a
    add     r0, sp, #\b
    bl      assay_fe25519_mul_inner
.endm

/* r0 to r7 = a * (r0 to r7) */
.macro times_next a
    add     r12, sp, #\a
    bl      assay_fe25519_mul_next
.endm

/* The places behind a = a - b, then a + b, with b in r0 to r7. */
.macro add_sub_next a
    add     r8, sp, #\a
    bl      assay_fe25519_add_sub_inner
.endm

/* r0 to r7 = the element p * that of the table; n: the neutral element's */
.macro times_chosen p, n
    movs    r0, #\n
    add     r1, sp, #\p
    bl      .Lchosen
.endm

/* to = 19 * q, when it is q */
.macro times19 q, scratch
    add     \scratch, \q, \q, lsl #1
    add     \q, \scratch, \q, lsl #4
.endm

/*
 * in:  r0 = p, r1 = s, r2 = k
 * out: r0; r1 to r3, r12 and the flags are lost. Stack: 1400 bytes, with the
 * field.
 */
    .section .text.assay_ed25519_sum,"ax",%progbits
    .global assay_ed25519_sum
    .type   assay_ed25519_sum, %function
    .thumb_func
    .p2align 2
assay_ed25519_sum:
    push    {r0-r2, r4-r11, lr}
    sub     sp, sp, #POINT
    add     r1, sp, #CH
    ldmia   r0!, {r4-r11}
    stmia   r1, {r4-r11}
    subs    r1, r1, #CH - CE
    ldmia   r0, {r4-r11}
    stmia   r1, {r4-r11}
    bl      .Laffine
    add     r0, sp, #TABLE
    str     r0, [sp, #ENTRY]

    /* One entry after the other; then P is added to the multiple. */
.Lfill:
    movs    r3, #0
    bl      .Lprepare
    ldr     r0, .Ltwo_d
    add     r12, sp, #PT
    bl      assay_fe25519_mul_inner
    ldr     r12, [sp, #ENTRY]
    add     r8, r12, #3 * KIND_LEN
    stmia   r8, {r0-r7}
    load    PD
    add     r8, r12, #2 * KIND_LEN
    stmia   r8, {r0-r7}
    load    PS
    add     r8, r12, #KIND_LEN
    stmia   r8, {r0-r7}
    load    PZ
    add_sub_next PZ
    load    CG
    ldr     r8, [sp, #ENTRY]
    stmia   r8!, {r0-r7}
    str     r8, [sp, #ENTRY]
    add     r0, sp, #TABLE + KIND_LEN
    cmp     r8, r0
    beq     .Lfilled
    movs    r4, #PROJECTIVE
    add     r5, sp, #TABLE
    mov     r6, #0x80008000     /* the first entry */
    adds    r6, r6, #1
    add     r0, sp, #KIND
    stmia   r0, {r4-r6}
    bl      .Ladd
    b       .Lfill

.Lfilled:
    /* The digit 1 or -1 of the highest window of s: x and y are the difference
     * and the sum of their halves. */
    ldr     r0, .Lbase
    ldmia   r0, {r0-r7}
    store   PS
    ldr     r0, .Lbase
    add     r0, r0, #KIND_LEN
    ldmia   r0, {r0-r7}
    add_sub_next PS
    bl      .Laffine
    ldr     r0, [sp, #S]
    ldr     r1, [r0, #28]
    mvns    r1, r1
    asrs    r1, r1, #31
    str     r1, [sp, #MINUS]
    /* Twice: a sum of one window could be solved for a signature. */
    movs    r3, #63
    str     r3, [sp, #WINDOW]
    movs    r3, #63
    str     r3, [sp, #WINDOW]

.Ladd_k:
    ldr     r0, [sp, #K]
    movs    r4, #PROJECTIVE
    add     r5, sp, #TABLE

    /* r0 = digits, r3 = window, r4 = kind of the table, r5 = table */
.Ladd_digit:
    lsrs    r1, r3, #3
    ldr     r1, [r0, r1, lsl #2]
    lsls    r3, r3, #2
    rors    r1, r1, r3
    and     r1, r1, #15
    subs    r1, r1, #8
    asrs    r2, r1, #31         /* minus */
    eors    r1, r1, r2
    adds    r3, r2, #1
    mls     r1, r4, r3, r1      /* index: -1 for none */
    mov     r6, #0x80008000
    lsrs    r6, r6, r1
    adds    r6, r6, #1
    add     r0, sp, #KIND
    stmia   r0, {r4-r6}
    ldr     r3, [sp, #MINUS]
    str     r2, [sp, #MINUS]
    eors    r3, r3, r2
    bl      .Lprepare
    bl      .Ladd
    ldr     r3, [sp, #WINDOW]
    ldr     r0, [sp, #KIND]
    cmp     r0, #AFFINE
    beq     .Ladd_k
    cmp     r3, #0
    cmp     r3, #0              /* twice, for the same reason */
    beq     .Lend

    /* c = -2p, and 16 = (-2)^4. p = c is made piece by piece. E is in r0 to r7
     * from one doubling to the next. */
    load    CE
    mov     r8, #4
.Ldouble:
    str     r8, [sp, #LEFT]
    times_next CF
    store   PD                  /* x */
    bl      assay_fe25519_sqr_inner
    store   PS              /* A */
    times   CH, CG
    store   PT                  /* y */
    bl      assay_fe25519_sqr_inner
    add_sub_next PS             /* H; G where E was */
    times   CF, CG
    bl      assay_fe25519_sqr_inner

    /* F = G + 2C. q, what the top word has above 31 bits, is 5 at most, and
     * comes back at the bottom as 19 q. Every later carry is 3 at most, so that
     * the top word has room for the last one. G comes to its own place. */
    mov     lr, #2
    mov     r12, #0
    ldr     r8, [sp, #CE + 28]
    str     r8, [sp, #CG + 28]
    umaal   r8, r12, r7, lr
    adds    r8, r8, r8
    adc     r12, r12, r12
    times19 r12, r7
    .irp    i, 0, 1, 2, 3, 4, 5, 6
    ldr     r7, [sp, #CE + 4 * \i]
    str     r7, [sp, #CG + 4 * \i]
    umaal   r7, r12, r\i, lr
    str     r7, [sp, #CF + 4 * \i]
    .endr
    add     r7, r12, r8, lsr #1
    str     r7, [sp, #CF + 28]

    /* E = 2xy: the same, with q <= 3 and carries of 2 at most. */
    times   PD, PT
    lsr     r12, r7, #30
    times19 r12, lr
    mov     lr, #1
    umaal   r0, r12, r0, lr
    umaal   r1, r12, r1, lr
    umaal   r2, r12, r2, lr
    umaal   r3, r12, r3, lr
    umaal   r4, r12, r4, lr
    umaal   r5, r12, r5, lr
    umaal   r6, r12, r6, lr
    lsls    r7, r7, #2
    add     r7, r12, r7, lsr #1
    ldr     r8, [sp, #LEFT]
    subs    r8, r8, #1
    bne     .Ldouble
    store   CE
    ldr     r3, [sp, #WINDOW]
    subs    r3, r3, #1
    str     r3, [sp, #WINDOW]
    ldr     r0, [sp, #S]
    movs    r4, #AFFINE
    ldr     r5, .Lbase
    b       .Ladd_digit
    b       .Ladd_digit         /* twice, for the same reason */

    /* p = c, as 2y, 2x and 2z. */
.Lend:
    movs    r3, #0
    bl      .Lprepare
    load    PD
    add_sub_next PS
    load    PZ
    add_sub_next PZ
    ldr     r8, [sp, #POINT]
    load    CH
    stmia   r8!, {r0-r7}
    load    CE
    stmia   r8!, {r0-r7}
    load    CG
    stmia   r8, {r0-r7}
    ldr     r0, [sp, #MINUS]
    addw    sp, sp, #POINT + 12
    pop     {r4-r11, pc}

    .p2align 2
.Lbase:
    .word   base_table
.Ltwo_d:
    .word   assay_ed25519_2d

/* F = G = 1: c is a point with z = 1, of which H and E are there. */
.Laffine:
    movs    r1, #1
    movs    r2, #0
    movs    r3, #0
    movs    r4, #0
    movs    r5, #0
    add     r0, sp, #CF
    stmia   r0!, {r1-r4}
    stmia   r0!, {r2-r5}
    stmia   r0!, {r1-r4}
    stmia   r0!, {r2-r5}
    bx      lr

/* p = c, or -c where r3 is ones, ready for an addition; c is lost. */
.Lprepare:
    str     lr, [sp, #RETURN]
    str     r3, [sp, #FACTOR]
    times   CH, CG
    store   PT
    /* -E = ~E - 37 modulo p. Where that is below 0, 2^256 has been added, which
     * is 38: then 38 more is subtracted, from at least 2^256 - 37, so that the
     * lowest word needs no borrow. */
    ldr     r7, [sp, #FACTOR]
    ldr     r8, [sp, #CE + 28]
    add     r0, sp, #CE
    ldmia   r0, {r0-r6}
    .irp    i, 0, 1, 2, 3, 4, 5, 6
    eors    r\i, r\i, r7
    .endr
    and     r9, r7, #37
    eor     r7, r7, r8
    subs    r0, r0, r9
    .irp    i, 1, 2, 3, 4, 5, 6, 7
    sbcs    r\i, r\i, #0
    .endr
    sbc     r9, r9, r9
    and     r9, r9, #38
    subs    r0, r0, r9
    store   CE
    times_next CF               /* x, which is not kept */
    add_sub_next PT             /* y - x, y + x */
    times   CF, CG
    store   PZ
    times   CE, CH
    store   PT
    ldr     pc, [sp, #RETURN]

/*
 * One entry: where the top bits of the halves of r9 are set, r0 .. r7 = the 8
 * words at r8. UADD16 sets the GE flags to these bits and moves the halves up
 * by one bit; SEL takes each byte as its flag says. r10 to r12, lr are lost.
 */
.macro entry
    uadd16  r9, r9, r9
    ldmia   r8!, {r10-r12, lr}
    sel     r0, r10, r0
    sel     r1, r11, r1
    sel     r2, r12, r2
    sel     r3, lr, r3
    ldmia   r8!, {r10-r12, lr}
    sel     r4, r10, r4
    sel     r5, r11, r5
    sel     r6, r12, r6
    sel     r7, lr, r7
.endm

/*
 * r0 to r7 = the element at r1 * the chosen one of the next 8 of the table, all
 * of them being read, or * r0 for no choice. Each half of the choice has bit
 * 15 - index, or none; bit 0 is there to show where the 8 entries end.
 */
.Lchosen:
    str     r1, [sp, #FACTOR]
    str     lr, [sp, #INNER]
    ldr     r8, [sp, #FROM]
    ldr     r9, [sp, #CHOICE]
    .irp    i, 1, 2, 3, 4, 5, 6, 7
    movs    r\i, #0
    .endr
1:
    entry
    entry
    tst     r9, #0x100
    beq     1b
    str     r8, [sp, #FROM]
    ldr     r12, [sp, #FACTOR]
    ldr     lr, [sp, #INNER]
    b       assay_fe25519_mul_next

/* c = p + the chosen entry, all entries being read; p is lost. The entry of the
 * neutral element is 0, 1, 1, 2. */
.Ladd:
    str     lr, [sp, #RETURN]
    ldr     r0, [sp, #KIND]
    cbz     r0, 1f              /* affine */
    times_chosen PZ, 2
    store   PZ              /* D; without this step, z is D */
1:
    times_chosen PS, 1
    store   PS              /* B */
    times_chosen PD, 1
    add_sub_next PS             /* E = B - A, H */
    times_chosen PT, 0          /* C; F = D - C, G */
    add     r8, sp, #PZ
    ldr     lr, [sp, #RETURN]
    b       assay_fe25519_add_sub_inner
    .size   assay_ed25519_sum, . - assay_ed25519_sum

/* (y + x)/2 of B, 3B, ..., 15B; (y - x)/2 of them; dxy of them. */
    .section .rodata.base_table,"a",%progbits
    .p2align 2
    .type   base_table, %object
base_table:
    .word   0x7ac61db9, 0x97de49e3, 0x7dc6070c, 0x67c996e3
    .word   0x321ea161, 0x9385a44c, 0x19ea5d32, 0x43e7ce9d
    .word   0x26774b98, 0x5792d854, 0x744325c5, 0x012d4218
    .word   0x4f80b399, 0x608da801, 0xcd407c7a, 0x3d0b270d
    .word   0x0452dd90, 0x51095e22, 0xe3af7681, 0x46a82461
    .word   0x2d5ff622, 0xee8df586, 0xa3710375, 0x54a2e678
    .word   0x4a2751d6, 0x358d2e68, 0x59cee069, 0xba381a9d
    .word   0x142a1724, 0x38d92941, 0x941e493f, 0x630df534
    .word   0x5354318e, 0xcd9733c5, 0xa8de2362, 0xd3284f37
    .word   0xe3437ada, 0xe75919e4, 0xc56ebfac, 0x5a5cf699
    .word   0x4540156f, 0x97df8042, 0x81181713, 0x72ecff67
    .word   0x8bb81a03, 0x889f4238, 0x2a36c7d7, 0x213ad571
    .word   0x51003fad, 0xdfb86111, 0x5ade6f6d, 0xdfc259cd
    .word   0x7d83dd03, 0xa9bd0709, 0x61a37920, 0x51a7ebf7
    .word   0x89e7f550, 0x92676601, 0x8c4e1236, 0x43246146
    .word   0x60f96a68, 0x96dedefd, 0xf896f395, 0x30f1148b
    .word   0xeba0489f, 0xce881c82, 0xe8a05f59, 0xfe9ccf82
    .word   0x3447c504, 0xd2e0c21a, 0x4c7c0933, 0x227e97c9
    .word   0x527e6929, 0xab308ff4, 0xf2e0dd3e, 0x9de9a9fe
    .word   0x10a5eb5e, 0x4098f98d, 0xaaaded31, 0x555c8ac3
    .word   0xd223eb5d, 0xbfc8c161, 0xa59394db, 0xea800a68
    .word   0x5c325043, 0xf19e788e, 0xf58daaf9, 0x0aa53f39
    .word   0x551910cf, 0xdd37964d, 0x9ddd11d3, 0x365010a9
    .word   0xc90c961d, 0x4ef53b27, 0x97298bf0, 0x4eb76eae
    .word   0x01cec032, 0xf9b710bf, 0x7a9020cd, 0x4c5040db
    .word   0x73af5822, 0xcb65e304, 0xfd6e4e47, 0x24e02d28
    .word   0x24c321a4, 0x98afad81, 0xbb8441c0, 0x9f6b59b4
    .word   0xb546f5ca, 0xd1d03aaa, 0x14eae3bf, 0x0c55acc0
    .word   0x993fdfc0, 0xa837809d, 0xcdbbb7b5, 0x577e75e4
    .word   0x5556acb4, 0xce895919, 0x8bb01253, 0x4133c416
    .word   0x2346677c, 0x0205e6c3, 0x154c886b, 0x69c14dd2
    .word   0x03d928c9, 0xba841804, 0x0c682f5f, 0x61dae6a1
    .word   0xc3bd5534, 0x55e48902, 0xe655624f, 0x136cf411
    .word   0xeea1acc6, 0x2d0dbee5, 0x4f8632d4, 0x3788bdb4
    .word   0x86e86c3b, 0x0a57499f, 0x0e1aed31, 0x2c4a1191
    .word   0xc6796da6, 0x68b872a2, 0x895cda63, 0x6d141357
    .word   0xc0954139, 0x5e5dedf8, 0xe85ee8fe, 0x93870403
    .word   0x8dded396, 0x5a0db385, 0xb59ddb4d, 0x61d55f34
    .word   0x00dc59d1, 0x78c1b6e4, 0x829f524d, 0xd981afa3
    .word   0x2c3bd6f9, 0xa94e20dd, 0x3507c853, 0x3d4fdd8e
    .word   0xc822d784, 0x835a745f, 0x538ce917, 0x717fc1f4
    .word   0xc9ea678b, 0x557b7e14, 0x0d804583, 0x79e0b901
    .word   0xfeb044eb, 0x6c159662, 0x99417252, 0x018f5a50
    .word   0xda8d4311, 0x221888cc, 0x5a9efca4, 0x5ee32a91
    .word   0xb99751bc, 0xa9b0508c, 0xefc6ea38, 0x921bf358
    .word   0x48d3f299, 0xd1779bfc, 0xd504bc31, 0x24bdd37e
    .word   0xcde85a8b, 0x2ecd3b17, 0x1b9fef77, 0x759c57a7
    .word   0xc9eb2138, 0x01972d3e, 0x85726c21, 0x288eb090
    .size   base_table, . - base_table

/* d = -121665/121666 */
    .section .rodata.assay_ed25519_2d,"a",%progbits
    .p2align 2
    .global assay_ed25519_2d
    .type   assay_ed25519_2d, %object
assay_ed25519_2d:
    .word   0x26b2f159, 0xebd69b94, 0x8283b156, 0x00e0149a
    .word   0xeef3d130, 0x198e80f2, 0x56dffce7, 0x2406d9dc
    .size   assay_ed25519_2d, . - assay_ed25519_2d
