/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_VECTORS_H
#define ASSAY_HOST_VECTORS_H

#include "base/slice.h"
#include "base/status.h"
#include "host/diag.h"
#include "host/engine.h"
#include "verifier/verifier.h"

/*
 * Known answers: the reader of their text format, which vectors/README.md
 * describes, and a runner that puts each record to the verifier and compares
 * the answer. The verifier is a table of functions, so that another build of
 * it can stand in for the one that is linked here.
 */

#define ASSAY_VECTORS_FIELDS_MAX 32u   /* of one record */
#define ASSAY_VECTORS_LINE_MAX 16384u  /* characters of one line */
#define ASSAY_VECTORS_COUNT_MAX 65535u /* records of one file */
#define ASSAY_VECTORS_KEYS_MAX 4u      /* keys of one table */

struct assay_vectors_field {
    struct assay_slice key;
    struct assay_slice value;
};

/* One record, or the head; everything views the text. */
struct assay_vectors_record {
    size_t n_fields;
    struct assay_vectors_field field[ASSAY_VECTORS_FIELDS_MAX];
    unsigned line; /* of its first field, from 1 */
};

/* A file being read. */
struct assay_vectors_reader {
    struct assay_slice text;
    size_t off;
    unsigned line;    /* of the last line read, from 1 */
    size_t n_records; /* read so far, the head not counted */
    size_t count;     /* what the head promises */
    struct assay_slice kind;
    struct assay_vectors_record record; /* the current one */
};

/*
 * Read the head of a file.
 * in:  text, the whole file; it must outlive *out.
 * out: *out, with the head as its record.
 * ret: ASSAY_FORMAT_DAMAGED, ASSAY_OK.
 */
ASSAY_MUST_USE enum assay_status assay_vectors_open(
    struct assay_slice text, struct assay_vectors_reader *out,
    struct assay_diag *diag);

/*
 * Read the next record: all keys that its kind requires, none that it does
 * not know, none twice.
 * out: reader->record; without fields behind the last record.
 * ret: ASSAY_FORMAT_DAMAGED (also when the head counts another number),
 *      ASSAY_OK.
 */
ASSAY_MUST_USE enum assay_status assay_vectors_next(
    struct assay_vectors_reader *reader, struct assay_diag *diag);

/* The value of a key of the record, or NULL. */
const struct assay_slice *assay_vectors_get(
    const struct assay_vectors_record *record, const char *key);

/*
 * The verifier under test. Each function does what the one of that name in
 * initpkt/, verifier/ or crypto/ does; ctx is handed through. A function that
 * is NULL does not exist there: records that need it are left out and counted.
 */
struct assay_vectors_engine {
    const char *name;
    void *ctx;
    enum assay_status (*open)(void *ctx, struct assay_slice packet,
                              struct assay_envelope *out);
    enum assay_status (*read)(void *ctx, struct assay_slice signed_bytes,
                              struct assay_init_command *out);
    enum assay_status (*keys)(void *ctx, const struct assay_key_table *keys);
    enum assay_status (*packet)(void *ctx, struct assay_slice packet,
                                const struct assay_key_table *keys,
                                struct assay_verdict *out);
    enum assay_status (*policy)(void *ctx,
                                const struct assay_init_command *command,
                                const struct assay_device *device);
    enum assay_status (*image_start)(void *ctx, struct assay_image *image,
                                     const struct assay_init_command *command);
    enum assay_status (*image_update)(void *ctx, struct assay_image *image,
                                      struct assay_slice bytes);
    enum assay_status (*image_finish)(void *ctx, struct assay_image *image);
    enum assay_status (*boot)(void *ctx,
                              const struct assay_installed *installed,
                              const struct assay_key_table *keys);
    enum assay_status (*p256)(void *ctx, const uint8_t pub[static 64],
                              const uint8_t digest[static 32],
                              const uint8_t sig[static 64]);
    enum assay_status (*ed25519)(void *ctx, const uint8_t pub[static 32],
                                 struct assay_slice msg,
                                 const uint8_t sig[static 64]);
    /* The digest of msg, repeat times over. */
    void (*sha256)(void *ctx, struct assay_slice msg, uint32_t repeat,
                   uint8_t digest[static 32]);
    void (*sha512)(void *ctx, struct assay_slice msg, uint32_t repeat,
                   uint8_t digest[static 64]);
};

/* The verifier of this program. */
extern const struct assay_vectors_engine assay_vectors_native;

/* Another engine of the program, and the first failure to get a verdict. */
struct assay_vectors_bridge {
    struct assay_engine *engine;
    struct assay_diag diag; /* status 0: every call had a verdict */
};

/*
 * The functions that host/engine.h has, as a table.
 * in:  bridge, the engine opened, the diagnostic zero.
 * ret: a complete table; it keeps bridge.
 */
struct assay_vectors_engine assay_vectors_bridged(
    struct assay_vectors_bridge *bridge, const char *name);

/* A record whose answer is another one than it wants. Texts are views. */
struct assay_vectors_failure {
    unsigned line;
    struct assay_slice id;
    struct assay_slice why;
    struct assay_slice want; /* the status; then `, key = value` for each */
    struct assay_slice got;  /* answer of the record */
};

/* A run through one file. */
struct assay_vectors_run {
    const struct assay_vectors_engine *engine;
    /* Called for each failure; the texts end with the call. May be NULL. */
    void (*on_failure)(const struct assay_vectors_failure *failure, void *ctx);
    void *ctx;
    /* Results. */
    struct assay_slice kind; /* a view of the text */
    size_t n_records;
    size_t n_failed;
    size_t n_left_out; /* the engine lacks a function */
};

/*
 * Run every record of a file.
 * in:  text, the whole file; run, the first part filled in.
 * out: run, the results; valid only with ASSAY_OK.
 * ret: ASSAY_FORMAT_DAMAGED, ASSAY_MEMORY; ASSAY_OK, also when answers
 *      differ: see run->n_failed.
 * mem: some times the longest record on the heap.
 */
ASSAY_MUST_USE enum assay_status assay_vectors_run(
    struct assay_slice text, struct assay_vectors_run *run,
    struct assay_diag *diag);

#endif
