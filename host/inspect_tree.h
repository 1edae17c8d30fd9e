/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_INSPECT_TREE_H
#define ASSAY_HOST_INSPECT_TREE_H

#include "host/format.h"
#include "host/inspect.h"
#include "host/legacy.h"
#include "host/lenient.h"
#include "host/text.h"

/*
 * Private to host/inspect*.c: the tree of a report, and the readers that fill
 * it. Nothing else includes this header.
 *
 * One tree is built, and the text is rendered from it. Running out of memory
 * anywhere only sets failed: jansson takes NULL for any of its arguments, so
 * nothing needs to be tested in between.
 */
struct assay_tree {
    json_t *root;
    json_t *problems;
    json_t *notes;
    enum assay_status status; /* the first problem */
    struct assay_diag diag;
    int failed;
};

enum {
    ASSAY_TREE_MAX_TEXT = 200, /* characters shown of a foreign string */
    ASSAY_TREE_MAX_ROWS = 256, /* of anything that a file may repeat */
};

/* --- Making the tree: host/inspect_tree.c -------------------------------- */

/* What is put or added becomes the tree's; an object or array is returned to
 * be filled, NULL when there is no memory. */
void assay_tree_put(struct assay_tree *t, json_t *object, const char *key,
                    json_t *value);
json_t *assay_tree_put_object(struct assay_tree *t, json_t *object,
                              const char *key);
json_t *assay_tree_put_array(struct assay_tree *t, json_t *object,
                             const char *key);
void assay_tree_add(struct assay_tree *t, json_t *array, json_t *value);
json_t *assay_tree_add_object(struct assay_tree *t, json_t *array);

/* A string of printable ASCII, whatever the bytes are; NULL: no memory. */
json_t *assay_tree_escaped(struct assay_slice text, size_t max_len);

/* Text of our own, escaped all the same: it may quote a file. */
void assay_tree_put_text(struct assay_tree *t, json_t *object, const char *key,
                         const char *text);
__attribute__((format(printf, 4, 5))) void assay_tree_put_format(
    struct assay_tree *t, json_t *object, const char *key, const char *format,
    ...);

/* A foreign name, cut behind ASSAY_TREE_MAX_TEXT characters. */
void assay_tree_put_name(struct assay_tree *t, json_t *object, const char *key,
                         struct assay_slice name);

void assay_tree_put_number(struct assay_tree *t, json_t *object,
                           const char *key, uint64_t value);
void assay_tree_put_flag(struct assay_tree *t, json_t *object, const char *key,
                         int value);

/* Bytes in hex, cut behind 64 of them; reversed: as Nordic's wire numbers
 * are to be read. */
void assay_tree_put_hex(struct assay_tree *t, json_t *object, const char *key,
                        struct assay_slice bytes);
void assay_tree_put_hex_reversed(struct assay_tree *t, json_t *object,
                                 const char *key, struct assay_slice bytes);

/* What a status says of a whole file or packet. */
void assay_tree_put_verdict(struct assay_tree *t, json_t *object,
                            enum assay_status status);

/* The SHA-256 of data, which is given out too. */
void assay_tree_put_digest(struct assay_tree *t, json_t *object,
                           const char *key, struct assay_slice data,
                           uint8_t digest[static 32]);

/* Where a field stands: len bytes at off of whole. */
struct assay_tree_place {
    struct assay_slice whole;
    size_t off;
    size_t len;
};

struct assay_tree_place assay_tree_at(struct assay_slice whole, size_t off,
                                      size_t len);

/* in: the place lies inside. ret: the field, for its value and meaning. */
json_t *assay_tree_add_field(struct assay_tree *t, json_t *fields,
                             const char *name, struct assay_tree_place place);

/* As assay_tree_add_field, with its value: little-endian, 1, 2 or 4 bytes. */
json_t *assay_tree_add_le(struct assay_tree *t, json_t *fields,
                          const char *name, struct assay_tree_place place);

/* The fields of a header that is always the same. */
struct assay_tree_spec {
    const char *name;
    size_t off;
    size_t len; /* 1, 2 or 4: an integer; else bytes */
};

/* A tag and its content. */
json_t *assay_tree_add_row(struct assay_tree *t, json_t *rows, const char *name,
                           const struct assay_row *row);

/* Tags, flags and codes, and what they are called. */
struct assay_tree_name {
    uint32_t value;
    const char *name;
};

/* ret: the name, or "unknown". */
const char *assay_tree_name(const struct assay_tree_name *names, size_t n,
                            uint32_t value);

/* What is worth knowing and no fault. */
__attribute__((format(printf, 2, 3))) void assay_tree_note(struct assay_tree *t,
                                                           const char *format,
                                                           ...);

/* Record a fault; the first one is the result. */
__attribute__((format(printf, 3, 4))) void assay_tree_fault(
    struct assay_tree *t, enum assay_status status, const char *format, ...);

/* --- The readers --------------------------------------------------------- */

/*
 * Each one puts what it finds into object, or into the root when it has no
 * such parameter, and records every fault.
 */

/* host/inspect_packet.c; out: what was decoded, for the checks of the image. */
void assay_inspect_secure_packet(struct assay_tree *t, json_t *object,
                                 struct assay_slice packet,
                                 struct assay_nanopb *decoded);
void assay_inspect_legacy_packet(struct assay_tree *t, json_t *object,
                                 struct assay_slice packet,
                                 struct assay_legacy *legacy);
void assay_inspect_secure_image(struct assay_tree *t, json_t *checks,
                                struct assay_slice image,
                                const struct assay_nanopb_init *init);
void assay_inspect_legacy_image(struct assay_tree *t, json_t *checks,
                                struct assay_slice image,
                                const struct assay_legacy *legacy);

/* host/inspect_package.c; ret: the kind, which the content tells. */
enum assay_kind assay_inspect_zip(struct assay_tree *t,
                                  struct assay_slice file);

/* host/inspect_memory.c; images without a SoftDevice are passed over. */
void assay_inspect_softdevice(struct assay_tree *t, json_t *object,
                              struct assay_slice image);
void assay_inspect_hex(struct assay_tree *t, struct assay_slice file);

/* host/inspect_mcuboot.c */
void assay_inspect_mcuboot(struct assay_tree *t, json_t *object,
                           struct assay_slice image);

/* host/inspect_foreign.c */
void assay_inspect_gbl(struct assay_tree *t, json_t *object,
                       struct assay_slice file);
/* in: padding bytes 0xFF may follow the file, as in a package of nrfutil. */
void assay_inspect_zigbee(struct assay_tree *t, json_t *object,
                          struct assay_slice file);
void assay_inspect_uf2(struct assay_tree *t, json_t *object,
                       struct assay_slice file);
void assay_inspect_pem(struct assay_tree *t, json_t *object,
                       struct assay_slice file);

#endif
