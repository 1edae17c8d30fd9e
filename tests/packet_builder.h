/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_TESTS_PACKET_BUILDER_H
#define ASSAY_TESTS_PACKET_BUILDER_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A writer of Protocol Buffers for tests: from the published encoding alone,
 * without a line of the readers it tests. It can write what no honest tool
 * writes (padded integers, wrong wire types, fields in any order), and it
 * never checks anything but its own room.
 */
struct pb {
    uint8_t b[4096];
    size_t len;
};

enum { PB_VARINT = 0, PB_BYTES = 2 };

static inline void pb_raw(struct pb *out, const void *bytes, size_t len)
{
    if (len > sizeof out->b - out->len) {
        abort();
    }
    if (len != 0) {
        memcpy(out->b + out->len, bytes, len);
    }
    out->len += len;
}

static inline void pb_byte(struct pb *out, unsigned value)
{
    uint8_t b = (uint8_t)value;
    pb_raw(out, &b, 1);
}

/* Write v, then as many needless bytes as padding says. */
static inline void pb_padded(struct pb *out, uint64_t v, unsigned padding)
{
    while (v >= 128) {
        pb_byte(out, (unsigned)(v % 128) + 128);
        v /= 128;
    }
    pb_byte(out, (unsigned)v + (padding != 0 ? 128 : 0));
    for (; padding != 0; padding--) {
        pb_byte(out, padding > 1 ? 128 : 0);
    }
}

static inline void pb_varint(struct pb *out, uint64_t v)
{
    pb_padded(out, v, 0);
}

static inline void pb_tag(struct pb *out, uint64_t number, unsigned wire)
{
    pb_varint(out, number * 8 + wire);
}

static inline void pb_uint(struct pb *out, unsigned number, uint64_t value)
{
    pb_tag(out, number, PB_VARINT);
    pb_varint(out, value);
}

static inline void pb_bytes(struct pb *out, unsigned number, const void *bytes,
                            size_t len)
{
    pb_tag(out, number, PB_BYTES);
    pb_varint(out, len);
    pb_raw(out, bytes, len);
}

static inline void pb_message(struct pb *out, unsigned number,
                              const struct pb *in)
{
    pb_bytes(out, number, in->b, in->len);
}

/* Hexadecimal digits; everything else is skipped. */
static inline void pb_hex(struct pb *out, const char *hex)
{
    static const char DIGITS[] = "0123456789abcdef";
    unsigned value = 0;
    unsigned n = 0;
    for (; *hex != '\0'; hex++) {
        const char *digit = strchr(DIGITS, *hex);
        if (digit == NULL) {
            continue;
        }
        value = value * 16 + (unsigned)(digit - DIGITS);
        if (++n % 2 == 0) {
            pb_byte(out, value % 256);
        }
    }
}

struct pb_typed {
    uint64_t type;
    uint8_t bytes[80];
    size_t len;
};

/* What an InitCommand says. Bit n of present: field n is written. */
struct pb_init {
    uint32_t present;
    uint32_t number[10]; /* by field number: 1, 2, 4 to 7 and 9 are used */
    uint32_t sd_req[20];
    size_t n_sd_req;
    struct pb_typed hash;
    struct pb_typed validation[5];
    size_t n_validations;
};

static inline void pb_typed(struct pb *out, unsigned number,
                            const struct pb_typed *typed)
{
    struct pb inner = {.len = 0};
    pb_uint(&inner, 1, typed->type);
    pb_bytes(&inner, 2, typed->bytes, typed->len);
    pb_message(out, number, &inner);
}

/* Write one field of an InitCommand; field 10 as often as it stands. */
static inline void pb_init_field(struct pb *out, const struct pb_init *init,
                                 unsigned number)
{
    struct pb list = {.len = 0};
    if ((init->present >> number & 1) == 0) {
        return;
    }
    switch (number) {
    case 3:
        for (size_t i = 0; i < init->n_sd_req; i++) {
            pb_varint(&list, init->sd_req[i]);
        }
        pb_message(out, 3, &list);
        break;
    case 8:
        pb_typed(out, 8, &init->hash);
        break;
    case 10:
        for (size_t i = 0; i < init->n_validations; i++) {
            pb_typed(out, 10, &init->validation[i]);
        }
        break;
    default:
        pb_uint(out, number, init->number[number]);
        break;
    }
}

static inline void pb_init(struct pb *out, const struct pb_init *init)
{
    for (unsigned number = 1; number <= 10; number++) {
        pb_init_field(out, init, number);
    }
}

static inline void pb_command(struct pb *out, const struct pb *init)
{
    pb_uint(out, 1, 1);
    pb_message(out, 2, init);
}

/* Packet with a Command only: what the old tools call unsigned. */
static inline void pb_unsigned(struct pb *out, const struct pb *init)
{
    struct pb command = {.len = 0};
    pb_command(&command, init);
    pb_message(out, 1, &command);
}

struct pb_signature {
    uint64_t type;
    uint8_t bytes[80];
    size_t len;
};

static inline void pb_signed(struct pb *out, const struct pb *init,
                             const struct pb_signature *signature)
{
    struct pb command = {.len = 0};
    struct pb body = {.len = 0};
    pb_command(&command, init);
    pb_message(&body, 1, &command);
    pb_uint(&body, 2, signature->type);
    pb_bytes(&body, 3, signature->bytes, signature->len);
    pb_message(out, 2, &body);
}

/* A repeatable source of numbers (SplitMix64). */
static inline uint64_t pb_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* 32 bits, small or large: the lengths of their encodings are all met. */
static inline uint32_t pb_random_number(uint64_t *state)
{
    uint64_t r = pb_random(state);
    return (uint32_t)(r >> 32) >> r % 32;
}

#endif
