/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/vectors.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "host/file.h"
#include "host/text.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N_ENGINES_MAX = 2, PATH_LEN = 4096 };

static const char *const ENGINES[] = {"native", "m4", "both", NULL};
enum engine_choice { ENGINE_NATIVE, ENGINE_M4, ENGINE_BOTH };

/* One run of the verb. */
struct session {
    const struct cli_args *args;
    struct assay_vectors_engine engine[N_ENGINES_MAX];
    size_t n_engines;
    struct assay_engine m4; /* serves the bridge */
    struct assay_vectors_bridge bridge;
    const char *path;  /* of the file at work */
    json_t *failures;  /* of the file at work, with --json */
    size_t n_files;    /* that were read */
    size_t n_answers;  /* over all files and engines */
    size_t n_failed;   /* the same */
    size_t n_left_out; /* the same */
};

/* --- Answers -------------------------------------------------------------- */

static json_t *json_slice(struct assay_slice text)
{
    return json_stringn((const char *)text.p, text.len);
}

static void print_failure(const struct assay_vectors_failure *f, void *ctx)
{
    struct session *session = ctx;
    if (session->failures == NULL) {
        cli_data("%s:%u: %.*s: %.*s\n  want: %.*s\n  got:  %.*s\n",
                 session->path, f->line, (int)f->id.len, (const char *)f->id.p,
                 (int)f->why.len, (const char *)f->why.p, (int)f->want.len,
                 (const char *)f->want.p, (int)f->got.len,
                 (const char *)f->got.p);
        return;
    }
    json_t *entry = json_object();
    (void)json_object_set_new(entry, "line", json_integer(f->line));
    (void)json_object_set_new(entry, "id", json_slice(f->id));
    (void)json_object_set_new(entry, "why", json_slice(f->why));
    (void)json_object_set_new(entry, "want", json_slice(f->want));
    (void)json_object_set_new(entry, "got", json_slice(f->got));
    (void)json_array_append_new(session->failures, entry);
}

static int print_json(struct session *session,
                      const struct assay_vectors_run *run)
{
    json_t *object = cli_json_object(session->path);
    (void)json_object_set_new(object, "engine", json_string(run->engine->name));
    (void)json_object_set_new(object, "kind", json_slice(run->kind));
    (void)json_object_set_new(object, "records",
                              json_integer((json_int_t)run->n_records));
    (void)json_object_set_new(object, "failed",
                              json_integer((json_int_t)run->n_failed));
    (void)json_object_set_new(object, "left_out",
                              json_integer((json_int_t)run->n_left_out));
    (void)json_object_set_new(object, "failures", session->failures);
    session->failures = NULL;
    return cli_json_print(object);
}

static void print_counts(const struct session *session,
                         const struct assay_vectors_run *run)
{
    cli_say("%s: %zu records, %zu agree", session->path, run->n_records,
            run->n_records - run->n_failed - run->n_left_out);
    if (run->n_failed > 0) {
        cli_say(", %zu fail", run->n_failed);
    }
    if (run->n_left_out > 0) {
        cli_say(", %zu left out", run->n_left_out);
    }
    cli_say(session->n_engines > 1 ? " (%s)\n" : "\n", run->engine->name);
}

/* --- Files ---------------------------------------------------------------- */

static int run_engine(struct session *session, struct assay_slice text,
                      const struct assay_vectors_engine *engine)
{
    struct assay_diag diag = {0};
    struct assay_vectors_run run = {
        .engine = engine, .on_failure = print_failure, .ctx = session};
    int wants_json = cli_wants_json(session->args);
    session->failures = wants_json ? json_array() : NULL;
    if (assay_vectors_run(text, &run, &diag) != ASSAY_OK) {
        json_decref(session->failures);
        session->failures = NULL;
        return cli_fail(session->args, session->path, &diag);
    }
    session->n_answers += run.n_records - run.n_left_out;
    session->n_failed += run.n_failed;
    session->n_left_out += run.n_left_out;
    int code = CLI_EXIT_DONE;
    if (wants_json) {
        code = print_json(session, &run);
    } else {
        print_counts(session, &run);
    }
    if (code == CLI_EXIT_DONE && run.n_failed > 0) {
        code = CLI_EXIT_REFUSED;
    }
    return code;
}

static int run_file(struct session *session, const char *path)
{
    struct assay_buffer file = {0};
    struct assay_diag diag = {0};
    int code = CLI_EXIT_DONE;
    session->path = path;
    if (assay_file_read(path, ASSAY_FILE_MAX, &file, &diag) != ASSAY_OK) {
        return cli_fail(session->args, path, &diag);
    }
    session->n_files++;
    for (size_t i = 0; i < session->n_engines; i++) {
        int one =
            run_engine(session, assay_buffer_slice(&file), &session->engine[i]);
        code = one > code ? one : code;
    }
    assay_buffer_free(&file);
    return code;
}

static int is_vector_file(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return entry->d_name[0] != '.' && len > 4 &&
           strcmp(entry->d_name + len - 4, ".txt") == 0;
}

/* ret: -1 when the folder has no vectors, otherwise an exit code. */
static int run_folder(struct session *session, const char *folder)
{
    struct dirent **entry = NULL;
    int n = scandir(folder, &entry, is_vector_file, alphasort);
    int code = n > 0 ? CLI_EXIT_DONE : -1;
    for (int i = 0; i < n; i++) {
        char path[PATH_LEN];
        int len =
            snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        int one = CLI_EXIT_MALFORMED;
        if (len > 0 && (size_t)len < sizeof path) {
            one = run_file(session, path);
        }
        code = one > code ? one : code;
        free(entry[i]);
    }
    free(entry);
    return code;
}

/* PREFIX/share/assay/vectors of the PREFIX/bin/assay that runs. */
static int installed_folder(char folder[PATH_LEN])
{
    static const char tail[] = "/../share/assay/vectors";
    ssize_t len = readlink("/proc/self/exe", folder, PATH_LEN - sizeof tail);
    if (len <= 0) {
        return 0;
    }
    folder[len] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash == NULL) {
        return 0;
    }
    memcpy(slash, tail, sizeof tail);
    return 1;
}

static int run_default(struct session *session)
{
    char folder[PATH_LEN];
    int code = run_folder(session, "vectors");
    if (code < 0 && installed_folder(folder)) {
        code = run_folder(session, folder);
    }
    if (code < 0) {
        return cli_usage_error(session->args,
                               "No vectors in ./vectors, and none installed: "
                               "give a FILE.");
    }
    return code;
}

/* --- The verb ------------------------------------------------------------- */

/* ret: CLI_EXIT_DONE, or the exit code when an engine is not there. */
static int open_engines(struct session *session)
{
    struct assay_diag diag = {0};
    uint32_t choice = cli_number(session->args, "--engine", ENGINE_NATIVE);
    if (choice != ENGINE_M4) {
        session->engine[session->n_engines++] = assay_vectors_native;
    }
    if (choice == ENGINE_NATIVE) {
        return CLI_EXIT_DONE;
    }
    if (assay_engine_open(&session->m4, ASSAY_ENGINE_M4, &diag) != ASSAY_OK) {
        return cli_fail(session->args, "--engine", &diag);
    }
    session->bridge.engine = &session->m4;
    session->engine[session->n_engines++] =
        assay_vectors_bridged(&session->bridge, "m4");
    return CLI_EXIT_DONE;
}

static int run_paths(struct session *session)
{
    const struct cli_args *args = session->args;
    if (args->n_positionals == 0) {
        return run_default(session);
    }
    int code = CLI_EXIT_DONE;
    for (size_t i = 0; i < args->n_positionals; i++) {
        int one = run_file(session, args->positional[i]);
        code = one > code ? one : code;
    }
    return code;
}

static int run_vectors(const struct cli_args *args)
{
    struct session session = {.args = args};
    int code = open_engines(&session);
    if (code == CLI_EXIT_DONE) {
        code = run_paths(&session);
    }
    if (session.bridge.diag.status != 0) {
        code = cli_fail(args, "--engine", &session.bridge.diag);
    }
    if (!cli_wants_json(args) && session.n_files > 1) {
        cli_say("%zu answers from %zu files, %zu fail, %zu left out\n",
                session.n_answers, session.n_files, session.n_failed,
                session.n_left_out);
    }
    assay_engine_close(&session.m4);
    return code;
}

static const struct cli_option OPTIONS[] = {
    {
        .name = "--engine",
        .kind = CLI_CHOICE,
        .choices = ENGINES,
        .help = "What answers: this program, the verifier as it runs on the "
                "device's processor, or both.",
    },
};

const struct cli_verb cli_verb_vectors_run = {
    .group = "vectors",
    .name = "run",
    .summary = "Put known answers to the verifier and compare.",
    .options = OPTIONS,
    .n_options = ASSAY_N_OF(OPTIONS),
    .positional = {.name = "FILE", .min = 0, .max = CLI_MANY, .kind = CLI_FILE},
    .flags = CLI_VERB_JSON,
    .examples =
        {
            {"vectors run", "Every file of ./vectors, or of the vectors that "
                            "were installed."},
            {"vectors run vectors/initpkt.txt --json",
             "One file; each answer that differs, for a program."},
        },
    .notes =
        "The exit code is 0 when every answer is the one that its record "
        "wants, 1 when one is not, and 3 for a file that is damaged. Where a "
        "build has no m4 engine, --engine m4 and both say so and fail. "
        "vectors/README.md describes the format.",
    .run = run_vectors,
};
