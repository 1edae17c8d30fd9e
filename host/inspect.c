/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/inspect.h"

#include "host/inspect_tree.h"

/*
 * Recognise a file, hand it to the reader of its kind, and give out the tree
 * that comes back. The readers are in host/inspect_*.c.
 */

static void inspect_kind(struct assay_tree *t, enum assay_kind kind,
                         struct assay_slice file)
{
    struct assay_nanopb secure;
    struct assay_legacy legacy;
    switch (kind) {
    case ASSAY_KIND_SECURE_DAT:
        assay_inspect_secure_packet(
            t, assay_tree_put_object(t, t->root, "init_packet"), file, &secure);
        break;
    case ASSAY_KIND_LEGACY_DAT:
        assay_inspect_legacy_packet(
            t, assay_tree_put_object(t, t->root, "init_packet"), file, &legacy);
        break;
    case ASSAY_KIND_HEX:
    case ASSAY_KIND_HEX_SETTINGS:
        assay_inspect_hex(t, file);
        break;
    case ASSAY_KIND_MCUBOOT:
        assay_inspect_mcuboot(t, t->root, file);
        break;
    case ASSAY_KIND_GBL:
        assay_inspect_gbl(t, t->root, file);
        break;
    case ASSAY_KIND_ZIGBEE_OTA:
        assay_inspect_zigbee(t, t->root, file);
        break;
    case ASSAY_KIND_UF2:
        assay_inspect_uf2(t, t->root, file);
        break;
    case ASSAY_KIND_PEM:
        assay_inspect_pem(t, t->root, file);
        break;
    case ASSAY_KIND_SOFTDEVICE_BIN:
        assay_inspect_softdevice(t, t->root, file);
        break;
    default:
        break;
    }
}

/* Keys keep the place where they are put first. */
static void put_head(struct assay_tree *t, enum assay_kind kind)
{
    assay_tree_put_text(t, t->root, "kind", assay_kind_name(kind));
    assay_tree_put_text(t, t->root, "title", assay_kind_title(kind));
    assay_tree_put_verdict(t, t->root, t->status);
}

static void inspect_file(struct assay_tree *t, const char *name,
                         struct assay_slice file)
{
    uint8_t digest[32];
    assay_tree_put_number(t, t->root, "schema", ASSAY_INSPECT_SCHEMA);
    assay_tree_put_text(t, t->root, "file", name);
    assay_tree_put_number(t, t->root, "length", file.len);
    assay_tree_put_digest(t, t->root, "sha256", file, digest);
    put_head(t, ASSAY_KIND_UNKNOWN);
    t->problems = assay_tree_put_array(t, t->root, "problems");
    t->notes = assay_tree_put_array(t, t->root, "notes");
    if (file.len == 0) {
        assay_tree_fault(t, ASSAY_FILE_EMPTY, "found 0 bytes");
        put_head(t, ASSAY_KIND_UNKNOWN);
        return;
    }
    enum assay_kind kind = assay_format_sniff(file);
    if (kind == ASSAY_KIND_UNKNOWN) {
        assay_tree_fault(
            t, ASSAY_FORMAT_UNKNOWN,
            "found %zu bytes of no known format; they begin with %02x",
            file.len, (unsigned)file.p[0]);
    }
    if (kind == ASSAY_KIND_OTHER_ZIP) {
        kind = assay_inspect_zip(t, file);
    } else if (kind == ASSAY_KIND_HEX) {
        kind = assay_format_recognise(file);
    }
    inspect_kind(t, kind, file);
    put_head(t, kind);
}

enum assay_status assay_inspect_json(const char *name, struct assay_slice file,
                                     json_t **out, struct assay_diag *diag)
{
    struct assay_tree t = {.root = json_object(), .status = ASSAY_OK};
    t.failed = t.root == NULL;
    inspect_file(&t, name, file);
    *out = NULL;
    if (t.failed) {
        json_decref(t.root);
        return assay_diag_set(diag, ASSAY_MEMORY,
                              "no memory for the report on %zu bytes",
                              file.len);
    }
    *out = t.root;
    if (t.status != ASSAY_OK) {
        return assay_diag_set(diag, t.status, "%s", t.diag.text);
    }
    return ASSAY_OK;
}
