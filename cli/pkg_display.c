/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdlib.h>

#include "cli/output.h"
#include "cli/verbs.h"
#include "host/display.h"
#include "host/file.h"

static int display_json(const struct cli_args *args, const char *path,
                        struct assay_slice file)
{
    struct assay_diag diag = {0};
    json_t *images = NULL;
    if (assay_display_json(file, &images, &diag) != ASSAY_OK) {
        return cli_fail(args, path, &diag);
    }
    json_t *object = cli_json_object(path);
    (void)assay_diag_set(&diag, ASSAY_OK, "%s", "");
    cli_json_status(object, &diag);
    json_object_set_new(object, "images", images);
    return cli_json_print(object);
}

static int display_text(const struct cli_args *args, const char *path,
                        struct assay_slice file)
{
    struct assay_diag diag = {0};
    struct assay_buffer text = {0};
    int code = CLI_EXIT_DONE;
    char *shown = cli_shown(path);
    if (assay_display_text(shown == NULL ? "" : shown, file, &text, &diag) ==
        ASSAY_OK) {
        cli_bytes(assay_buffer_slice(&text));
    } else {
        code = cli_fail(args, path, &diag);
    }
    free(shown);
    assay_buffer_free(&text);
    return code;
}

static int run_display(const struct cli_args *args)
{
    const char *path = args->positional[0];
    struct assay_buffer file;
    struct assay_diag diag = {0};
    if (assay_file_read(path, ASSAY_FILE_MAX, &file, &diag) != ASSAY_OK) {
        return cli_fail(args, path, &diag);
    }
    int code = cli_wants_json(args)
                   ? display_json(args, path, assay_buffer_slice(&file))
                   : display_text(args, path, assay_buffer_slice(&file));
    assay_buffer_free(&file);
    return code;
}

const struct cli_verb cli_verb_pkg_display = {
    .group = "pkg",
    .name = "display",
    .summary = "Display the contents of a .zip package file.",
    .positional = {.name = "ZIP_FILE", .min = 1, .max = 1, .kind = CLI_FILE},
    .flags = CLI_VERB_JSON,
    .examples =
        {
            {"pkg display update.zip", "The fields, as nrfutil prints them."},
            {"pkg display update.zip --json", "The same for a program."},
        },
    .notes = "Nothing is verified: use assay verify for that.",
    .run = run_display,
};
