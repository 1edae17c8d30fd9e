/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_TESTS_M4_SYMBOLS_H
#define ASSAY_TESTS_M4_SYMBOLS_H

#include "tests/m4/fixture.h"

/* The symbols of the machine code, from the list of nm -S -n: sorted. */

struct symbol {
    uint32_t address;
    char name[64];
};

static struct symbol symbol[400];
static size_t n_symbols;

static inline void read_symbols(const char *path)
{
    static uint8_t bytes[40000];
    bytes[read_file(path, bytes, sizeof bytes)] = '\0';
    for (char *line = strtok((char *)bytes, "\n"); line != NULL;
         line = strtok(NULL, "\n")) {
        unsigned long address;
        unsigned long len;
        char type;
        char name[64];
        if (sscanf(line, "%lx %lx %c %63s", &address, &len, &type, name) != 4 &&
            sscanf(line, "%lx %c %63s", &address, &type, name) != 3) {
            continue;
        }
        if (n_symbols == sizeof symbol / sizeof *symbol) {
            fail(path, "too many symbols");
        }
        symbol[n_symbols].address = (uint32_t)address;
        memcpy(symbol[n_symbols].name, name, sizeof name);
        n_symbols++;
    }
}

static inline int has_symbol(const char *name)
{
    for (size_t i = 0; i < n_symbols; i++) {
        if (strcmp(symbol[i].name, name) == 0) {
            return 1;
        }
    }
    return 0;
}

static inline uint32_t symbol_address(const char *name)
{
    for (size_t i = 0; i < n_symbols; i++) {
        if (strcmp(symbol[i].name, name) == 0) {
            return symbol[i].address;
        }
    }
    fail("no symbol", name);
    return 0;
}

/* The last symbol at or in front of an address; they are sorted. */
static inline const struct symbol *symbol_at(uint32_t address)
{
    size_t i = n_symbols - 1;
    while (i > 0 && (symbol[i].address > address ||
                     strncmp(symbol[i].name, "assay_m4_", 9) == 0)) {
        i--;
    }
    return &symbol[i];
}

#endif
