/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/inspect.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "host/file.h"

static int inspect_json(const struct cli_args *args, const char *path,
                        struct assay_slice file)
{
    struct assay_diag diag = {0};
    json_t *report = NULL;
    json_t *object = cli_json_object(path);
    enum assay_status status = assay_inspect_json(path, file, &report, &diag);
    (void)args;
    if (status == ASSAY_OK) {
        (void)assay_diag_set(&diag, ASSAY_OK, "well formed");
    }
    cli_json_status(object, &diag);
    json_object_set_new(object, "report",
                        report == NULL ? json_null() : report);
    int code = cli_json_print(object);
    return code == CLI_EXIT_DONE ? assay_status_exit(status) : code;
}

static int inspect_text(const struct cli_args *args, const char *path,
                        struct assay_slice file)
{
    struct assay_diag diag = {0};
    struct assay_buffer text = {0};
    enum assay_status status = assay_inspect_text(path, file, &text, &diag);
    (void)args;
    cli_bytes(assay_buffer_slice(&text));
    assay_buffer_free(&text);
    if (status != ASSAY_OK) {
        cli_print_failure(stderr, path, &diag);
    }
    return assay_status_exit(status);
}

static int run_inspect(const struct cli_args *args)
{
    int code = CLI_EXIT_DONE;
    for (size_t i = 0; i < args->n_positionals; i++) {
        const char *path = args->positional[i];
        struct assay_buffer file;
        struct assay_diag diag = {0};
        int one;
        if (assay_file_read(path, ASSAY_FILE_MAX, &file, &diag) != ASSAY_OK) {
            one = cli_fail(args, path, &diag);
        } else if (cli_wants_json(args)) {
            one = inspect_json(args, path, assay_buffer_slice(&file));
        } else {
            one = inspect_text(args, path, assay_buffer_slice(&file));
        }
        assay_buffer_free(&file);
        code = one > code ? one : code;
    }
    return code;
}

const struct cli_verb cli_verb_inspect = {
    .name = "inspect",
    .summary = "Show the anatomy of a file: every field, where it is and what "
               "it means.",
    .positional = {.name = "FILE", .min = 1, .max = CLI_MANY, .kind = CLI_FILE},
    .flags = CLI_VERB_JSON,
    .examples =
        {
            {"inspect update.zip", "Every field of a package."},
            {"inspect app.dat --json", "The same of an init packet, for a "
                                       "program."},
        },
    .notes = "Nothing is verified. Damaged and legacy files are shown as far "
             "as they can be read; the exit code then says what is wrong.",
    .run = run_inspect,
};
