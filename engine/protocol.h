/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_ENGINE_PROTOCOL_H
#define ASSAY_ENGINE_PROTOCOL_H

/*
 * What the host tool and the program assay-m4 say to each other, over one
 * stream each way. All numbers are 32-bit words, little-endian. A message is
 * a head of ASSAY_M4_HEAD_WORDS words and then the bytes whose lengths it
 * gives. Requests and replies alternate; the first request is HELLO. The
 * program ends at the end of its input, or at the first request that breaks a
 * rule.
 *
 *   request HELLO: version, 0, 0, 0, 0, code length, 0; the machine code
 *   reply:         OK or REFUSED, 0, 0, length of a text; the text
 *
 *   request CALL:  function, r0, r1, r2, r3, in_len, out_len; the bytes of
 *                  the inputs, then those of the outputs as they are before
 *   reply:         OK, r0, 0, out_len; the outputs as they are afterwards,
 *                  or FAULT, 0, pc, length of a text; the text
 *
 * Registers that hold addresses point into the inputs, which are put at
 * ASSAY_M4_IN and cannot be written, or into the outputs at ASSAY_M4_OUT. An
 * address inside of the bytes is the address where the byte is put.
 */

#define ASSAY_M4_PROTOCOL 1u

enum assay_m4_request { ASSAY_M4_HELLO = 1, ASSAY_M4_CALL = 2 };

enum assay_m4_reply {
    ASSAY_M4_OK = 1,
    ASSAY_M4_REFUSED = 2,
    ASSAY_M4_FAULT = 3,
};

/* The words of a head: the kind of request or reply comes first. */
#define ASSAY_M4_HEAD_WORDS 8u
#define ASSAY_M4_REPLY_WORDS 4u

#define ASSAY_M4_IN 0x00001000u
#define ASSAY_M4_IN_MAX 0x000F0000u
#define ASSAY_M4_OUT 0x20000000u
#define ASSAY_M4_OUT_MAX 0x1000u
#define ASSAY_M4_CODE_MAX 0x7000u
#define ASSAY_M4_TEXT_MAX 200u

#endif
