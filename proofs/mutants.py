# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Break the field arithmetic and the reader, one line at a time, and require
that the proof of what was broken fails.

usage: mutants.py FOLDER CC FLAGS     field arithmetic, portable at -Os and M4
       mutants.py FOLDER              init packet reader and lengths
"""
import os
import shutil
import subprocess
import sys

P256, FE25519 = "crypto/p256_field.c", "crypto/fe25519.c"
MUL = "assay_p256_fe_mul"

# What is broken, source, text, its replacement, function that is not proved.
FIELD = [
    ("carry dropped at word 3 of m p", P256,
     "c = (uint64_t)t3 + (uint32_t)(c >> 32);", "c = (uint64_t)t3;", MUL),
    ("carry into word 4 of m p dropped: random tests do not see it", P256,
     "c = (uint64_t)t4 + (uint32_t)(c >> 32);", "c = (uint64_t)t4;", MUL),
    ("carry into word 5 of m p dropped: random tests do not see it", P256,
     "c = (uint64_t)t5 + m + (uint32_t)(c >> 32);",
     "c = (uint64_t)t5 + m;", MUL),
    ("carry dropped in the row of b", P256,
     "c = (c >> 32) + (uint64_t)x * b[4] + t4;",
     "c = (uint64_t)x * b[4] + t4;", MUL),
    ("wrong word of p in the product", P256,
     "c = (uint64_t)m * 0xffffffff + t6", "c = (uint64_t)m * 0xfffffffe + t6",
     MUL),
    ("m p misses its term at word 2", P256, "c = (uint64_t)t2 + m;",
     "c = (uint64_t)t2;", MUL),
    ("top word lost between rows", P256,
     "c = (uint64_t)t7 + t8 + (uint32_t)(c >> 32);",
     "c = (uint64_t)t7 + (uint32_t)(c >> 32);", MUL),
    ("top word lost after the last row", P256, "t[8] = t8;", "t[8] = 0;",
     MUL),
    ("a row too few", P256, "for (int i = 0; i < 8; i++) {\n        uint32_t x",
     "for (int i = 0; i < 7; i++) {\n        uint32_t x", MUL),
    ("final reduction: wrong word of 2^256 - p", P256,
     "ASSAY_COLUMN(6, (uint64_t)t[6] + 0xfffffffe);",
     "ASSAY_COLUMN(6, (uint64_t)t[6] + 0xffffffff);", MUL),
    ("final reduction: mask ignores t[8]", P256,
     "put_back(r, t[8] + (uint32_t)c - 1);",
     "put_back(r, (uint32_t)c - 1);", MUL),
    ("p put back without its word 6", P256,
     "    ASSAY_COLUMN(6, (uint64_t)r[6] + (mask & 1));",
     "    ASSAY_COLUMN(6, (uint64_t)r[6]);", MUL),
    ("sum never reduced", P256,
     "c = 1;\n    ASSAY_COLUMN(0, (uint64_t)a[0] + b[0]);",
     "c = 0;\n    ASSAY_COLUMN(0, (uint64_t)a[0] + b[0]);",
     "assay_p256_fe_add"),
    ("difference without its start carry", P256,
     "c = 1;\n    ASSAY_COLUMN(0, (uint64_t)a[0] + (uint32_t)~b[0]);",
     "c = 0;\n    ASSAY_COLUMN(0, (uint64_t)a[0] + (uint32_t)~b[0]);",
     "assay_p256_fe_sub"),
    ("half loses the carry", P256,
     "r[7] = r[7] >> 1 | (uint32_t)c << 31;", "r[7] = r[7] >> 1;",
     "assay_p256_fe_half"),
    ("wrong fold of 2^256", FE25519, "UINT64_C(38) * t[8 + i]",
     "UINT64_C(39) * t[8 + i]", "assay_fe25519_mul"),
    ("wrong fold of 2^255", FE25519, "acc = 19u * (top >> 31);",
     "acc = 18u * (top >> 31);", "assay_fe25519_mul"),
    ("carry of a row dropped", FE25519, "return (uint32_t)acc;", "return 0;",
     "assay_fe25519_mul"),
    ("top bit of the product kept", FE25519,
     "((uint32_t)top & LOW31) + (uint32_t)acc", "(uint32_t)top + (uint32_t)acc",
     "assay_fe25519_mul"),
    ("sum: wrong fold", FE25519,
     "uint64_t t = (uint64_t)a->w[7] + b->w[7];\n    uint64_t acc = 19u",
     "uint64_t t = (uint64_t)a->w[7] + b->w[7];\n    uint64_t acc = 38u",
     "assay_fe25519_add"),
    ("difference: wrong multiple of p", FE25519, "#define LIMB_4P_LESS 74u",
     "#define LIMB_4P_LESS 76u", "assay_fe25519_sub"),
    ("canonical form one fold short", FE25519, "fe_fold(out, out, 19u * q);",
     "fe_fold(out, out, 0);", "assay_fe25519_canonical"),
    ("canonical form: p itself stays", FE25519, "fe_fold(&over, out, 19);",
     "fe_fold(&over, out, 18);", "assay_fe25519_canonical"),
]

FE25519_M4 = "crypto/fe25519_m4.S"
FIELD += [
    ("asm, product: carry dropped in the fold", FE25519_M4,
     "umaal   r5, r11, r10, r12",
     "mov r11, #0\n    umaal   r5, r11, r10, r12",
     "assay_fe25519_mul"),
    ("asm, product: wrong fold of 2^256", FE25519_M4,
     "mov     r12, #38", "mov     r12, #39", "assay_fe25519_mul"),
    ("asm, product: fold of 2^255 lost", FE25519_M4,
     "lsr     r11, r11, #1", "mov     r11, #0", "assay_fe25519_mul"),
    ("asm, product: two words of b in each other's place", FE25519_M4,
     "ldr     r0, [sp, #24]\n    ldr     r1, [sp, #12]",
     "ldr     r1, [sp, #24]\n    ldr     r0, [sp, #12]",
     "assay_fe25519_mul"),
    ("asm, product: a row starts with what is in the register", FE25519_M4,
     "mov     r10, #0\n    row5    lr, r10", "row5    lr, r10",
     "assay_fe25519_mul"),
    ("asm, product: two columns in each other's place", FE25519_M4,
     "row5    lr, r8, r10, r11, r5, r6, r7",
     "row5    lr, r8, r10, r11, r6, r5, r7", "assay_fe25519_mul"),
    ("asm, square: carry of the doubling dropped", FE25519_M4,
     "adcs    \\to, \\s, \\s\n    umaal   \\to, \\c, \\x, \\x",
     "adds    \\to, \\s, \\s\n    umaal   \\to, \\c, \\x, \\x",
     "assay_fe25519_sqr"),
    ("asm, square: the last carry dropped", FE25519_M4,
     "adc     r0, r11, #0", "mov     r0, r11", "assay_fe25519_sqr"),
    ("asm, square: square of another word", FE25519_M4,
     "even    r5, r1, r11, r6", "even    r5, r1, r11, r7",
     "assay_fe25519_sqr"),
    ("asm, square: a half of column 7 lost", FE25519_M4,
     "umaal   r7, r12, r0, r11", "mov r12, #0\n    umaal   r7, r12, r0, r11",
     "assay_fe25519_sqr_times"),
    ("asm, sum: wrong fold", FE25519_M4,
     "times19 r11, r10", "add     r11, r11, r11, lsl #4",
     "assay_fe25519_add"),
    ("asm, difference: wrong multiple of p", FE25519_M4,
     "rsb     r10, r10, #57", "rsb     r10, r10, #56",
     "assay_fe25519_add_sub"),
    ("asm, difference: carry of b + d dropped: random tests do not see it",
     FE25519_M4, "umaal   \\b, r10, r12, r12",
     "add     \\b, \\b, r10\n    mov     r10, #0", "assay_fe25519_sub"),
    ("asm, difference: the 2^31 at the top lost", FE25519_M4,
     "rrx     r9, r7", "lsr     r9, r7, #1", "assay_fe25519_sub"),
    ("asm, canonical form: p itself stays", FE25519_M4,
     "mla     r2, r5, r6, r6", "mul     r2, r5, r6",
     "assay_fe25519_canonical"),
    ("asm, canonical form: sign of the carry lost", FE25519_M4,
     "asr     r2, r2, #31", "lsr     r2, r2, #31",
     "assay_fe25519_canonical"),
]

P256_M4 = "crypto/p256_field_m4.S"
SQR = "assay_p256_fe_sqr"
FIELD += [
    ("asm, product: carry dropped at column 11", P256_M4,
     "adcs    r0, r0, r3", "add     r0, r0, r3", MUL),
    ("asm, product: 1 of 2^256 - p left out", P256_M4,
     "subs    r0, r0, r0 ", "movs    r0, #0\n    cmn     r0, r0 ", MUL),
    ("asm, product: wrong factor of m", P256_M4,
     "mov     lr, #-1", "mov     lr, #-2", MUL),
    ("asm, product: m5 missing at column 11", P256_M4,
     "mov     r1, r2", "mov     r1, #0", MUL),
    ("asm, product: two words of b in each other's place", P256_M4,
     "ldr     r0, [r12, #20]\n    ldr     lr, [r12, #24]",
     "ldr     lr, [r12, #20]\n    ldr     r0, [r12, #24]", MUL),
    ("asm, product: two columns in each other's place", P256_M4,
     "row_high r2, r5, r9, r10, r3, r4", "row_high r2, r5, r9, r3, r10, r4",
     MUL),
    ("asm, product: the carry that waits is lost", P256_M4,
     "adcs    r7, r7, r12\n    adcs    r8, r8, r0",
     "adds    r7, r7, r12\n    adcs    r8, r8, r0", MUL),
    ("asm, product: the carry that waits is lost on the way", P256_M4,
     "mov     r3, #0\n    umaal   r8, r3, r2, r0",
     "adds    r3, lr, lr\n    mov     r3, #0\n"
     "    umaal   r8, r3, r2, r0", MUL),
    ("asm, product: wrong word of 2^256 - p", P256_M4,
     "sbcs    r9, r9, #1\n    adcs    r10, r10, #0\n    adc     lr, lr, #0",
     "sbcs    r9, r9, #0\n    adcs    r10, r10, #0\n    adc     lr, lr, #0",
     MUL),
    ("asm, product: the mask ignores a carry", P256_M4,
     "adc     lr, lr, #0", "add     lr, lr, #0", MUL),
    ("asm, product: p put back without its word 6", P256_M4,
     "adcs    r9, r9, \\mask, lsr #31", "adcs    r9, r9, #0", MUL),
    ("asm, square: top bit of a0 left out", P256_M4,
     "and     r7, r0, r4, asr #31", "mov     r7, #0", SQR),
    ("asm, square: top bit of a1 taken for its sign", P256_M4,
     "and     r0, r10, r0, asr #31", "and     r0, r10, r0, lsr #31", SQR),
    ("asm, square: bit below d5 lost", P256_M4,
     "orr     r2, r2, r12, lsl #1", "lsl     r2, r12, #1", SQR),
    ("asm, square: top bit of d0 lost", P256_M4,
     "adcs    r11, r0, r0", "adds    r11, r0, r0", SQR),
    ("asm, square: m0 missing at column 6", P256_M4,
     "adds    lr, lr, r6", "adds    lr, lr, #0", SQR),
    ("asm, square: carry dropped at column 7", P256_M4,
     "adcs    r10, r10, #0\n    adcs    r3, r3, r12",
     "adds    r3, r3, r12", SQR),
    ("asm, square: carry dropped at column 15", P256_M4,
     "adcs    r10, r10, r11", "add     r10, r10, r11", SQR),
    ("asm, sum: 1 of 2^256 - p left out", P256_M4,
     "adds    r3, r3, #1", "adds    r3, r3, #0", "assay_p256_fe_add"),
    ("asm, difference: a carry dropped", P256_M4,
     "\\next   r6, r6, r12", "\\first  r6, r6, r12", "assay_p256_fe_sub"),
    ("asm, half: wrong word of (p + 1) / 2", P256_M4,
     "adcs    r9, r9, r12, lsl #31", "adcs    r9, r9, r12, lsl #30",
     "assay_p256_fe_half"),
    ("asm, half: a bit lost between words", P256_M4,
     "rrxs    r5, r5", "lsrs    r5, r5, #1", "assay_p256_fe_half"),
]

SMALL, SMALL_M4 = "crypto/p256_small_field.c", "crypto/p256_small_field_m4.S"
STEP = "assay_p256_small_run."
FIELD += [
    ("small, product: a carry between the rows dropped", SMALL,
     "uint64_t top = (uint64_t)t[8] + add_row(t, a[i], b);",
     "uint64_t top = add_row(t, a[i], b);", STEP + "MUL"),
    ("small, product: the top word lost", SMALL,
     "t[8] = (uint32_t)(top >> 32);", "t[8] = 0;", STEP + "MUL"),
    ("small, product mod n: the top word lost", SMALL,
     "t[8] = (uint32_t)(top >> 32);", "t[8] = 0;", STEP + "MULN"),
    ("small, product mod n: only eight rows", SMALL,
     "mul_core(t, a, 10, b,", "mul_core(t, a, 8, b,", STEP + "MULN"),
    ("small, product mod n: wrong word of n", SMALL,
     "0xbce6faad, 0xffffffff, 0xffffffff,",
     "0xbce6faad, 0xffffffff, 0xfffffffe,", STEP + "MULN"),
    ("small, sum: its carry ignored", SMALL,
     "put_back(r, t[8] + u256_sum(", "put_back(r, u256_sum(", STEP + "ADD"),
    ("small, difference: p never put back", SMALL,
     "put_back(r, u256_sum(r, a, b, 0xffffffff) - 1);",
     "(void)u256_sum(r, a, b, 0xffffffff);", STEP + "SUB"),
    ("small asm, product: word 8 of t added to a word that may be full",
     SMALL_M4, "umaal   r7, r11, r0, r10",
     "adc     r11, r11, #0\n    mov     lr, #0\n"
     "    umaal   r7, r11, r0, r10", STEP + "MUL"),
    ("small asm, product: word 8 of t lost", SMALL_M4,
     "adcs    r6, r7, lr", "adcs    r6, r7, #0", STEP + "MUL"),
    ("small asm, product: a carry of the reduction lost", SMALL_M4,
     "adcs    r4, r5, r8          /* word 6", "adds    r4, r5, r8  /* word 6",
     STEP + "MUL"),
    ("small asm, product: m0 in the place of m1", SMALL_M4,
     "adcs    r2, r3, r10", "adcs    r2, r3, r8", STEP + "MUL"),
    ("small asm, product: two columns in each other's place", SMALL_M4,
     "column  3, r2, r3", "column  4, r2, r3", STEP + "MUL"),
    ("small asm, product: the high part of a column kept back", SMALL_M4,
     "umaal   \\t, r9, r11, lr", "umlal   \\t, r9, r11, lr", STEP + "MUL"),
    ("small asm, product: the top bit ignored in the end", SMALL_M4,
     "sbc     r8, r8, r8          /* word 8", "mov     r8, #-1  /* word 8",
     STEP + "MUL"),
    ("small asm, sum: wrong word of p taken off", SMALL_M4,
     "sbcs    r6, r6, #1", "sbcs    r6, r6, #0", STEP + "ADD"),
    ("small asm, difference: p put back without its word 6", SMALL_M4,
     "adcs    r6, r6, r9\n    adc", "adcs    r6, r6, #0\n    adc",
     STEP + "SUB"),
    ("small asm, product mod n: m1 without the carry", SMALL_M4,
     "mla     r9, r10, r11, r9", "mul     r9, r10, r11", STEP + "MULN"),
    ("small asm, product mod n: word 8 of t lost", SMALL_M4,
     "adcs    r6, r7, r10", "adds    r6, r7, r10", STEP + "MULN"),
    ("small asm, product mod n: a word of the first rows lost", SMALL_M4,
     "strd    r7, r9, [sp, #ABOVE]", "strd    r7, r7, [sp, #ABOVE]",
     STEP + "MULN"),
    ("small asm, product mod n: only eight words", SMALL_M4,
     "add     r8, r8, #40", "add     r8, r8, #32", STEP + "MULN"),
    ("small asm: the result does not count in the trace", SMALL_M4,
     "    add     r11, r11, r10\n", "", STEP + "SUB"),
]

READER, LENGTHS = "initpkt/initpkt.c", "proofs/lengths.c"
# The same, then the unit and the function to prove, and a goal that fails.
WP = [
    ("field longer than its message", READER,
     "if (f->value > r->rest.len) {", "if (f->value > r->rest.len + 1) {",
     READER, "take_field", "call_assay_slice_sub_requires"),
    ("varint reads an empty rest", READER,
     "if (rest->len == 0) {\n            return ASSAY_TRUNCATED;\n        }\n"
     "        uint32_t b", "uint32_t b",
     READER, "take_varint", "assert_rte_mem_access"),
    ("varint longer than 32 bits", READER, "if (shift == 28 && b > 15) {",
     "if (shift == 28 && b > 31) {",
     READER, "take_varint", "assert_rte_unsigned_overflow"),
    ("one validation too many", READER,
     "if (out->n_validations == ASSAY_VALIDATIONS_MAX) {",
     "if (out->n_validations > ASSAY_VALIDATIONS_MAX) {",
     READER, "read_validation", "call_read_typed_requires"),
    ("sum of sizes wraps", "verifier/image_len.h",
     "if (c->bl_size > UINT32_MAX - n) {", "if (c->bl_size > UINT32_MAX) {",
     LENGTHS, "image_len", "assert_rte_unsigned_overflow"),
    ("a byte more than was signed", "verifier/image_len.h",
     "if (n > len - *received) {", "if (n > len - *received + 1u) {",
     LENGTHS, "image_count", "assert_rte_unsigned_overflow"),
    ("reversal reads one byte behind", "base/bytes.h",
     "out[i] = in[len - 1 - i];\n    }", "out[i] = in[len - i];\n    }",
     LENGTHS, "assay_reverse", "assert_rte_mem_access"),
]


def mutated(source, old, new):
    with open(source, encoding="utf-8") as f:
        text = f.read()
    if text.count(old) != 1:
        sys.exit(f"mutants: {source} has {text.count(old)} places {old!r}; "
                 "bring mutants.py up to date")
    return text.replace(old, new)


def save(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def survivors_of_field(folder, cc, flags):
    from field import NotModelled, NotProved, Program, Tally, prove
    elf = os.path.join(folder, "mutant.elf")
    for what, source, old, new, function in FIELD:
        path = os.path.join(folder, "mutant" + os.path.splitext(source)[1])
        save(path, mutated(source, old, new))
        subprocess.run([cc, *flags.split(), "-w", "-Os", "-mcpu=cortex-m4",
                        "-mthumb", "-nostdlib", "-Wl,-e,0", "-o", elf, path],
                       check=True)
        try:
            prove(Program(elf), function, Tally())
            yield what
        except NotProved:
            pass
        except NotModelled as fault:
            yield f"{what} (not a refusal of the proof: {fault})"


def survivors_of_wp(folder):
    tree = os.path.join(folder, "mutant")
    for what, source, old, new, unit, function, goal in WP:
        shutil.rmtree(tree, ignore_errors=True)
        for part in ("base", "initpkt", "verifier", "proofs"):
            shutil.copytree(part, os.path.join(tree, part))
        save(os.path.join(tree, source), mutated(source, old, new))
        run = subprocess.run(
            ["proofs/wp.sh", "out", "gcc_x86_32", unit, function], cwd=tree,
            env={**os.environ, "WP_TIMEOUT": "5"}, check=False,
            capture_output=True, text=True)
        if run.returncode != 1 or f"typed_{function}_{goal}" not in run.stderr:
            yield f"{what} (wp.sh ends with {run.returncode})"


def main():
    if len(sys.argv) > 2:
        made, left = FIELD, list(survivors_of_field(*sys.argv[1:4]))
    else:
        made, left = WP, list(survivors_of_wp(sys.argv[1]))
    for what in left:
        print(f"mutants: still proved: {what}", file=sys.stderr)
    names = "field arithmetic" if made is FIELD else "reader and lengths"
    if not left:
        print(f"proofs: {len(made)} of {len(made)} mutants of {names} are "
              "not proved")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
