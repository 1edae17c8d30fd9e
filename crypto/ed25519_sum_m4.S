/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * crypto/ed25519_sum.h for Cortex-M4: the method, forms and formulas of
 * ed25519_sum.c, on the inner entries of the field arithmetic (fe25519_m4.S),
 * which keep no register: the registers are saved once for the whole sum and
 * not once for each step. So all that lasts is in the frame, and an operand of
 * a step is a place in it.
 */
    .syntax unified
    .cpu cortex-m4
    .thumb

    /* The frame, from sp. An entry of a table has the order of c. */
    .equ ENTRY, 0               /* while the table is filled: the next entry */
    .equ LEFT, 0                /* after that: doublings left in a window */
    .equ WINDOW, 4              /* the window of the digits of k */
    .equ MINUS, 8               /* ones when the sum is kept as its opposite */
    .equ ELEMENT, 12            /* of an entry, that is looked up */
    .equ FROM, 16               /* the table it is in */
    .equ GAP, 20                /* from its first element to its last */
    .equ CHOICE, 24             /* 4 times the byte 2^(7 - index), or 0 */
    .equ PT, 32                 /* p */
    .equ PY, PT + 32
    .equ PX, PT + 64
    .equ PZ, PT + 96
    .equ CF, PT + 128           /* c */
    .equ CH, CF + 32
    .equ CE, CF + 64
    .equ CG, CF + 96
    .equ TABLE, CF + 128        /* P to 8P, 128 bytes each */
    .equ POINT, TABLE + 1024    /* the arguments */
    .equ S, POINT + 4
    .equ K, POINT + 8

    .equ GAP_AFFINE, 64         /* elements: 2dt, y + x, y - x times m */
    .equ GAP_PROJECTIVE, 96     /* and 2z */
    .equ depth, 0               /* bytes on the stack below the frame */

/* r0 to r7 = the element a */
.macro load a
    add     r0, sp, #\a + depth
    ldmia   r0, {r0-r7}
.endm

/* the element r = r0 to r7 */
.macro store r
    add     r8, sp, #\r + depth
    stmia   r8, {r0-r7}
.endm

/* r0 to r7 = a * b */
.macro times a, b
    add     r1, sp, #\a + depth
    add     r2, sp, #\b + depth
    bl      assay_fe25519_mul_inner
.endm

/* r = a * b */
.macro product r, a, b
    times   \a, \b
    store   \r
.endm

/* a = a * a */
.macro square a
    load    \a
    bl      assay_fe25519_sqr_inner
    store   \a
.endm

/* sum = a + b, difference = a - b */
.macro add_sub sum, difference, a, b
    add     r0, sp, #\sum + depth
    add     r1, sp, #\difference + depth
    add     r2, sp, #\a + depth
    add     r3, sp, #\b + depth
    bl      assay_fe25519_add_sub_inner
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
    stmia   r1!, {r4-r11}
    ldmia   r0, {r4-r11}
    stmia   r1, {r4-r11}
    bl      .Laffine
    add     r0, sp, #TABLE
    str     r0, [sp, #ENTRY]
    movs    r1, #GAP_PROJECTIVE
    mov     r2, #0x80808080     /* the first entry */
    add     r3, sp, #FROM
    stmia   r3, {r0-r2}

    /* One entry after the other; then P is added to the multiple. */
.Lfill:
    movs    r4, #0
    bl      .Lprepare
    add     r1, sp, #PT
    ldr     r2, .Ltwo_d
    bl      assay_fe25519_mul_inner
    ldr     r8, [sp, #ENTRY]
    stmia   r8, {r0-r7}
    ldr     r0, [sp, #ENTRY]
    adds    r0, r0, #32
    add     r1, r0, #32
    add     r2, sp, #PY
    add     r3, sp, #PX
    bl      assay_fe25519_add_sub_inner
    ldr     r0, [sp, #ENTRY]
    adds    r0, r0, #96
    add     r1, sp, #CF         /* 0, of no use */
    add     r2, sp, #PZ
    mov     r3, r2
    bl      assay_fe25519_add_sub_inner
    ldr     r4, [sp, #ENTRY]
    adds    r4, r4, #128
    add     r0, sp, #POINT
    cmp     r4, r0
    beq     .Lfilled
    str     r4, [sp, #ENTRY]
    bl      .Ladd
    b       .Lfill

.Lfilled:
    /* The digit 1 or -1 of the highest window of s. */
    add     r0, sp, #CH
    add     r1, sp, #CE
    ldr     r2, .Lbase
    adds    r2, r2, #32
    add     r3, r2, #32
    bl      assay_fe25519_add_sub_inner
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
    add     r5, sp, #TABLE
    movs    r6, #GAP_PROJECTIVE

    /* r0 = digits, r3 = window, r5 = table, r6 = gap */
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
    ubfx    r0, r6, #5, #1
    mls     r1, r0, r3, r1      /* index: -1 for none */
    movs    r7, #128
    lsrs    r7, r7, r1
    orr     r7, r7, r7, lsl #8
    orr     r7, r7, r7, lsl #16
    add     r0, sp, #FROM
    stmia   r0, {r5-r7}
    ldr     r4, [sp, #MINUS]
    str     r2, [sp, #MINUS]
    eors    r4, r4, r2
    bl      .Lprepare
    bl      .Ladd
    ldr     r3, [sp, #WINDOW]
    ldr     r0, [sp, #GAP]
    cmp     r0, #GAP_AFFINE
    beq     .Ladd_k
    movs    r0, #4
.Ldouble:
    str     r0, [sp, #LEFT]
    bl      .Lfinish
    ldr     r0, [sp, #WINDOW]
    cmp     r0, #0
    cmp     r0, #0              /* twice, for the same reason */
    beq     .Lend

    /* c = -2p, and 16 = (-2)^4. E = 2xy: q, what twice the top word has above
     * 31 bits, is 3 at most, and comes back at the bottom as 19 q. Every later
     * carry is 1 at most, so that the top word has room for the last one. */
    times   PX, PY
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
    store   CE
    square  PY
    square  PX
    add_sub CH, CG, PX, PY
    load    PZ
    bl      assay_fe25519_sqr_inner

    /* F = G + 2C: the same, with q <= 5 and carries of 2 at most. */
    mov     lr, #2
    mov     r12, #0
    ldr     r8, [sp, #CG + 28]
    umaal   r8, r12, r7, lr
    adds    r7, r8, r8
    adc     r12, r12, r12
    times19 r12, r8
    ldrd    r8, r9, [sp, #CG]
    umaal   r8, r12, r0, lr
    umaal   r9, r12, r1, lr
    strd    r8, r9, [sp, #CF]
    ldrd    r8, r9, [sp, #CG + 8]
    umaal   r8, r12, r2, lr
    umaal   r9, r12, r3, lr
    strd    r8, r9, [sp, #CF + 8]
    ldrd    r8, r9, [sp, #CG + 16]
    umaal   r8, r12, r4, lr
    umaal   r9, r12, r5, lr
    strd    r8, r9, [sp, #CF + 16]
    ldr     r8, [sp, #CG + 24]
    umaal   r8, r12, r6, lr
    add     r9, r12, r7, lsr #1
    strd    r8, r9, [sp, #CF + 24]
    ldr     r0, [sp, #LEFT]
    subs    r0, r0, #1
    bne     .Ldouble
    ldr     r3, [sp, #WINDOW]
    subs    r3, r3, #1
    str     r3, [sp, #WINDOW]
    ldr     r0, [sp, #S]
    ldr     r5, .Lbase
    movs    r6, #GAP_AFFINE
    b       .Ladd_digit

.Lend:
    ldr     r0, [sp, #POINT]
    add     r1, sp, #PY
    movs    r2, #3
1:
    ldmia   r1!, {r4-r11}
    stmia   r0!, {r4-r11}
    subs    r2, r2, #1
    bne     1b
    ldr     r0, [sp, #MINUS]
    add     sp, sp, #POINT
    add     sp, sp, #12
    pop     {r4-r11, pc}

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
    add     r0, sp, #CG
    stmia   r0!, {r1-r4}
    stmia   r0!, {r2-r5}
    bx      lr

    .equ depth, 4
/* p = c, or -c where r4 is ones, ready for an addition; c is lost. */
.Lprepare:
    push    {lr}
    /* -E = ~E - 37 modulo p. Where that is below 0, 2^256 has been added, which
     * is 38: then 38 more is subtracted, from at least 2^256 - 37, so that the
     * lowest word needs no borrow. */
    add     r6, sp, #CE + depth
    and     r5, r4, #37
    ldmia   r6, {r0-r3}
    eors    r0, r0, r4
    eors    r1, r1, r4
    eors    r2, r2, r4
    eors    r3, r3, r4
    subs    r0, r0, r5
    mov     r5, #0
    sbcs    r1, r1, r5
    sbcs    r2, r2, r5
    sbcs    r3, r3, r5
    stmia   r6!, {r0-r3}
    ldmia   r6, {r0-r3}
    eors    r0, r0, r4
    eors    r1, r1, r4
    eors    r2, r2, r4
    eors    r3, r3, r4
    sbcs    r0, r0, r5
    sbcs    r1, r1, r5
    sbcs    r2, r2, r5
    sbcs    r3, r3, r5
    stmia   r6, {r0-r3}
    sbcs    r5, r5, r5
    and     r5, r5, #38
    ldr     r0, [sp, #CE + depth]
    subs    r0, r0, r5
    str     r0, [sp, #CE + depth]
    product PT, CH, CE
    b       .Lcoordinates

/* p = c, T left out. */
.Lfinish:
    push    {lr}
.Lcoordinates:
    product PY, CH, CG
    product PX, CE, CF
    product PZ, CF, CG
    pop     {pc}

/*
 * One entry: where the top bit of the bytes of r2 is set, r4 .. r11 = the 8
 * words at r0. UADD8 sets the GE flags to these bits and moves the bytes up by
 * one bit; SEL takes each byte as its flag says. r3, r12, lr are lost.
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

/* c = p + the chosen entry, all entries being read; p is lost. */
.Ladd:
    push    {lr}
    ldr     r3, [sp, #GAP + depth]
.Lelement:
    str     r3, [sp, #ELEMENT + depth]
    ldr     r0, [sp, #FROM + depth]
    ldrd    r1, r2, [sp, #GAP + depth]
    adds    r0, r0, r3
    movs    r4, #0
    movs    r5, #0
    movs    r6, #0
    movs    r7, #0
    mov     r8, r4
    mov     r9, r4
    mov     r10, r4
    mov     r11, r4
    add     r1, r1, #(3 << 16)  /* and pairs of entries to come after this */
1:
    entry
    entry
    subs    r1, r1, #(1 << 16)
    bpl     1b
    ldr     r3, [sp, #ELEMENT + depth]
    add     r0, sp, #CF + depth
    adds    r0, r0, r3
    stmia   r0, {r4-r11}
    subs    r3, r3, #32
    bpl     .Lelement

    /* No multiple: the entry of the neutral element is 0, 1, 1, 2. */
    ldr     r3, [sp, #CHOICE + depth]
    clz     r3, r3
    lsrs    r3, r3, #5
    ldr     r0, [sp, #CH + depth]
    orrs    r0, r0, r3
    str     r0, [sp, #CH + depth]
    ldr     r0, [sp, #CE + depth]
    orrs    r0, r0, r3
    str     r0, [sp, #CE + depth]
    lsls    r3, r3, #1
    ldr     r0, [sp, #CG + depth]
    orrs    r0, r0, r3
    str     r0, [sp, #CG + depth]

    add_sub PY, PX, PY, PX
    product CF, PT, CF
    product CH, PY, CH
    product CE, PX, CE
    add_sub CH, CE, CH, CE
    add     r2, sp, #PZ + depth
    ldr     r0, [sp, #GAP + depth]
    cmp     r0, #GAP_AFFINE
    beq     2f
    product CG, PZ, CG
    add     r2, sp, #CG + depth
2:
    add     r0, sp, #CG + depth
    add     r1, sp, #CF + depth
    mov     r3, r1
    bl      assay_fe25519_add_sub_inner
    pop     {pc}

    .p2align 2
.Lbase:
    .word   base_table
.Ltwo_d:
    .word   assay_ed25519_2d
    .size   assay_ed25519_sum, . - assay_ed25519_sum

/* B, 3B, ..., 15B: dxy, (y + x)/2 and (y - x)/2. */
    .section .rodata.base_table,"a",%progbits
    .p2align 2
    .type   base_table, %object
base_table:
    .word   0xc3bd5534, 0x55e48902, 0xe655624f, 0x136cf411
    .word   0xeea1acc6, 0x2d0dbee5, 0x4f8632d4, 0x3788bdb4
    .word   0x7ac61db9, 0x97de49e3, 0x7dc6070c, 0x67c996e3
    .word   0x321ea161, 0x9385a44c, 0x19ea5d32, 0x43e7ce9d
    .word   0xeba0489f, 0xce881c82, 0xe8a05f59, 0xfe9ccf82
    .word   0x3447c504, 0xd2e0c21a, 0x4c7c0933, 0x227e97c9
    .word   0x86e86c3b, 0x0a57499f, 0x0e1aed31, 0x2c4a1191
    .word   0xc6796da6, 0x68b872a2, 0x895cda63, 0x6d141357
    .word   0x26774b98, 0x5792d854, 0x744325c5, 0x012d4218
    .word   0x4f80b399, 0x608da801, 0xcd407c7a, 0x3d0b270d
    .word   0x527e6929, 0xab308ff4, 0xf2e0dd3e, 0x9de9a9fe
    .word   0x10a5eb5e, 0x4098f98d, 0xaaaded31, 0x555c8ac3
    .word   0xc0954139, 0x5e5dedf8, 0xe85ee8fe, 0x93870403
    .word   0x8dded396, 0x5a0db385, 0xb59ddb4d, 0x61d55f34
    .word   0x0452dd90, 0x51095e22, 0xe3af7681, 0x46a82461
    .word   0x2d5ff622, 0xee8df586, 0xa3710375, 0x54a2e678
    .word   0xd223eb5d, 0xbfc8c161, 0xa59394db, 0xea800a68
    .word   0x5c325043, 0xf19e788e, 0xf58daaf9, 0x0aa53f39
    .word   0x00dc59d1, 0x78c1b6e4, 0x829f524d, 0xd981afa3
    .word   0x2c3bd6f9, 0xa94e20dd, 0x3507c853, 0x3d4fdd8e
    .word   0x4a2751d6, 0x358d2e68, 0x59cee069, 0xba381a9d
    .word   0x142a1724, 0x38d92941, 0x941e493f, 0x630df534
    .word   0x551910cf, 0xdd37964d, 0x9ddd11d3, 0x365010a9
    .word   0xc90c961d, 0x4ef53b27, 0x97298bf0, 0x4eb76eae
    .word   0xc822d784, 0x835a745f, 0x538ce917, 0x717fc1f4
    .word   0xc9ea678b, 0x557b7e14, 0x0d804583, 0x79e0b901
    .word   0x5354318e, 0xcd9733c5, 0xa8de2362, 0xd3284f37
    .word   0xe3437ada, 0xe75919e4, 0xc56ebfac, 0x5a5cf699
    .word   0x01cec032, 0xf9b710bf, 0x7a9020cd, 0x4c5040db
    .word   0x73af5822, 0xcb65e304, 0xfd6e4e47, 0x24e02d28
    .word   0xfeb044eb, 0x6c159662, 0x99417252, 0x018f5a50
    .word   0xda8d4311, 0x221888cc, 0x5a9efca4, 0x5ee32a91
    .word   0x4540156f, 0x97df8042, 0x81181713, 0x72ecff67
    .word   0x8bb81a03, 0x889f4238, 0x2a36c7d7, 0x213ad571
    .word   0x24c321a4, 0x98afad81, 0xbb8441c0, 0x9f6b59b4
    .word   0xb546f5ca, 0xd1d03aaa, 0x14eae3bf, 0x0c55acc0
    .word   0xb99751bc, 0xa9b0508c, 0xefc6ea38, 0x921bf358
    .word   0x48d3f299, 0xd1779bfc, 0xd504bc31, 0x24bdd37e
    .word   0x51003fad, 0xdfb86111, 0x5ade6f6d, 0xdfc259cd
    .word   0x7d83dd03, 0xa9bd0709, 0x61a37920, 0x51a7ebf7
    .word   0x993fdfc0, 0xa837809d, 0xcdbbb7b5, 0x577e75e4
    .word   0x5556acb4, 0xce895919, 0x8bb01253, 0x4133c416
    .word   0xcde85a8b, 0x2ecd3b17, 0x1b9fef77, 0x759c57a7
    .word   0xc9eb2138, 0x01972d3e, 0x85726c21, 0x288eb090
    .word   0x89e7f550, 0x92676601, 0x8c4e1236, 0x43246146
    .word   0x60f96a68, 0x96dedefd, 0xf896f395, 0x30f1148b
    .word   0x2346677c, 0x0205e6c3, 0x154c886b, 0x69c14dd2
    .word   0x03d928c9, 0xba841804, 0x0c682f5f, 0x61dae6a1
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
