/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "engine/machine.h"

/*
 * The program assay-m4: runs the verifier's machine code for the host tool.
 * It is a program of its own because libunicorn, which it links, is GPL-2.0.
 * engine/protocol.h says what it reads from its standard input and writes to
 * its standard output. It opens no file.
 */

enum { EXIT_END = 0, EXIT_PROTOCOL = 1 };

struct request {
    uint32_t kind;
    uint32_t word[ASSAY_M4_HEAD_WORDS - 1];
};

static struct machine machine;

/* ret: 1, 0 at the end of the input, -1 in the middle of a message. */
static int read_all(void *out, size_t len)
{
    size_t got = fread(out, 1, len, stdin);
    if (got == len) {
        return 1;
    }
    return got == 0 && feof(stdin) ? 0 : -1;
}

static int read_head(struct request *request)
{
    uint8_t head[4 * ASSAY_M4_HEAD_WORDS];
    int got = read_all(head, sizeof head);
    if (got == 1) {
        request->kind = assay_load_le32(head);
        for (size_t i = 0; i < ASSAY_M4_HEAD_WORDS - 1; i++) {
            request->word[i] = assay_load_le32(head + 4 * (i + 1));
        }
    }
    return got;
}

/* ret: 1, or -1. */
static int reply(const uint32_t word[static ASSAY_M4_REPLY_WORDS],
                 const void *bytes)
{
    uint8_t head[4 * ASSAY_M4_REPLY_WORDS];
    size_t len = word[ASSAY_M4_REPLY_WORDS - 1];
    for (size_t i = 0; i < ASSAY_M4_REPLY_WORDS; i++) {
        assay_store_le32(head + 4 * i, word[i]);
    }
    if (fwrite(head, 1, sizeof head, stdout) != sizeof head ||
        fwrite(bytes, 1, len, stdout) != len || fflush(stdout) != 0) {
        return -1;
    }
    return 1;
}

static int reply_text(enum assay_m4_reply kind, uint32_t pc, const char *text)
{
    size_t len = strlen(text);
    const uint32_t word[ASSAY_M4_REPLY_WORDS] = {
        kind, 0, pc,
        (uint32_t)(len < ASSAY_M4_TEXT_MAX ? len : ASSAY_M4_TEXT_MAX)};
    return reply(word, text);
}

static int hello(void)
{
    static uint8_t code[ASSAY_M4_CODE_MAX];
    struct request request;
    int got = read_head(&request);
    uint32_t len = request.word[5];
    if (got != 1) {
        return got;
    }
    if (request.kind != ASSAY_M4_HELLO ||
        request.word[0] != ASSAY_M4_PROTOCOL || len > sizeof code ||
        read_all(code, len) != 1) {
        (void)reply_text(ASSAY_M4_REFUSED, 0, "not the protocol of assay-m4");
        return -1;
    }
    const char *fault = machine_open(&machine, MACHINE_STRICT, code, len);
    if (fault != NULL) {
        (void)reply_text(ASSAY_M4_REFUSED, 0, fault);
        return -1;
    }
    return reply_text(ASSAY_M4_OK, 0, "");
}

static int call(void)
{
    struct request request;
    int got = read_head(&request);
    if (got != 1) {
        return got;
    }
    uint32_t function = machine_function(&machine, request.word[0]);
    uint32_t in_len = request.word[5];
    uint32_t out_len = request.word[6];
    if (request.kind != ASSAY_M4_CALL || function == 0 ||
        in_len > ASSAY_M4_IN_MAX || out_len > ASSAY_M4_OUT_MAX ||
        read_all(machine.flash + ASSAY_M4_IN, in_len) != 1 ||
        read_all(machine.ram, out_len) != 1) {
        return -1;
    }
    uint32_t result = 0;
    machine_prepare(&machine, function, request.word + 1);
    memset(machine.ram + (MACHINE_STACK_TOP - MACHINE_STACK_LEN - MACHINE_RAM),
           0xA5, MACHINE_STACK_LEN);
    const char *fault = machine_run(&machine, &result);
    if (fault != NULL) {
        uint32_t pc = 0;
        (void)uc_reg_read(machine.uc, UC_ARM_REG_PC, &pc);
        return reply_text(ASSAY_M4_FAULT, pc, fault);
    }
    const uint32_t word[ASSAY_M4_REPLY_WORDS] = {ASSAY_M4_OK, result, 0,
                                                 out_len};
    return reply(word, machine.ram);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1) {
        fprintf(stderr, "assay-m4 is started by assay verify --engine; it has "
                        "no options.\n");
        return EXIT_PROTOCOL;
    }
    int got = hello();
    while (got == 1) {
        got = call();
    }
    machine_close(&machine);
    return got == 0 ? EXIT_END : EXIT_PROTOCOL;
}
