/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <string.h>

#include "cli/output.h"
#include "cli/verbs.h"
#include "host/display.h"
#include "host/file.h"
#include "host/format.h"
#include "host/text.h"
#include "host/verify.h"

/* What one command line asks of every file. */
struct question {
    const struct cli_args *args;
    struct assay_trust trust;
    struct assay_device_model device;
    int has_device;
    struct assay_engine engine;
};

/* The options that add keys, and what they let the key do. */
static const struct {
    const char *option;
    uint32_t roles;
    uint32_t flags;
} KEY_OPTIONS[] = {
    {"--key", ASSAY_ROLE_ALL, 0},
    {"--application-key", ASSAY_ROLE_APPLICATION | ASSAY_ROLE_EXTERNAL, 0},
    {"--revoked-key", ASSAY_ROLE_ALL, ASSAY_KEY_REVOKED_FLAG},
};

enum { N_KEY_OPTIONS = sizeof KEY_OPTIONS / sizeof KEY_OPTIONS[0] };

/* ret: the exit code, CLI_EXIT_DONE when all keys are loaded. */
static int load_keys(struct question *q)
{
    struct assay_diag diag = {0};
    if (cli_flag(q->args, "--allow-published-keys")) {
        q->trust.table.flags = ASSAY_KEYS_ALLOW_PUBLISHED;
    }
    for (size_t i = 0; i < N_KEY_OPTIONS; i++) {
        const char *name = KEY_OPTIONS[i].option;
        for (unsigned k = 0; k < cli_given(q->args, name); k++) {
            const char *path = cli_nth(q->args, name, k);
            if (assay_trust_add(&q->trust, path, KEY_OPTIONS[i].roles,
                                KEY_OPTIONS[i].flags, &diag) != ASSAY_OK) {
                return cli_fail(q->args, path, &diag);
            }
        }
    }
    if (q->trust.table.n_keys == 0) {
        return cli_usage_error(q->args,
                               "Missing option '--key': without a public key "
                               "nothing can be verified.");
    }
    return CLI_EXIT_DONE;
}

static int load_device(struct question *q)
{
    const char *path = cli_text(q->args, "--device");
    struct assay_buffer text;
    struct assay_diag diag = {0};
    if (path == NULL) {
        return CLI_EXIT_DONE;
    }
    enum assay_status status =
        assay_file_read(path, (size_t)64 << 10, &text, &diag);
    if (status == ASSAY_OK) {
        status =
            assay_device_parse(assay_buffer_slice(&text), &q->device, &diag);
    }
    assay_buffer_free(&text);
    q->has_device = 1;
    return status == ASSAY_OK ? CLI_EXIT_DONE : cli_fail(q->args, path, &diag);
}

/* The names are in the order of enum assay_engine_kind. */
static const char *const ENGINES[] = {"native", "m4", "both", NULL};

static int open_engine(struct question *q)
{
    struct assay_diag diag = {0};
    enum assay_engine_kind kind = (enum assay_engine_kind)cli_number(
        q->args, "--engine", ASSAY_ENGINE_NATIVE);
    if (assay_engine_open(&q->engine, kind, &diag) == ASSAY_OK) {
        return CLI_EXIT_DONE;
    }
    assay_engine_close(&q->engine);
    return cli_fail(q->args, "--engine", &diag);
}

/* --- Text ----------------------------------------------------------------- */

static const char *verdict_word(enum assay_status status)
{
    switch (assay_status_exit(status)) {
    case CLI_EXIT_DONE:
        return "VERIFIED";
    case CLI_EXIT_REFUSED:
        return "REFUSED";
    case CLI_EXIT_MALFORMED:
        return (unsigned)status >> 8 == 6 ? "UNREADABLE" : "MALFORMED";
    default:
        return assay_engine_failed(status) ? "UNDECIDED" : "UNSUPPORTED";
    }
}

static void print_verdict(const char *path, const struct assay_diag *diag)
{
    int ok = diag->status == ASSAY_OK;
    cli_put_text(stdout, path);
    cli_data(": ");
    cli_painted(stdout, ok ? CLI_PAINT_GOOD : CLI_PAINT_BAD,
                verdict_word(diag->status));
    if (ok) {
        cli_data("\n");
        return;
    }
    cli_data(": %s [%s %s]\n", assay_status_meaning(diag->status),
             assay_status_rule(diag->status), assay_status_name(diag->status));
}

/* Paths and names inside of texts may hold line ends. */
static void print_reason(const struct assay_diag *diag)
{
    cli_data("    found: ");
    cli_put_text(stdout, diag->text);
    cli_data("\n");
    cli_data("    advice: %s\n", assay_status_advice(diag->status));
}

static void print_signer(const struct question *q,
                         const struct assay_image_report *r)
{
    char fingerprint[ASSAY_FINGERPRINT_HEX];
    if (r->key_index >= q->trust.table.n_keys) {
        cli_data(", no trusted signature\n");
        return;
    }
    assay_key_fingerprint_hex(&q->trust.public_key[r->key_index], fingerprint);
    cli_data(", signed with ");
    cli_put_text(stdout, q->trust.name[r->key_index]);
    cli_data(" (%.8s)\n", fingerprint);
}

static void print_device(const struct question *q,
                         const struct assay_image_report *r)
{
    char wire[64];
    const char *name = assay_generation_name(q->device.generation);
    if (!q->has_device) {
        return;
    }
    if (r->device.status == ASSAY_OK) {
        cli_data("    device (%s): takes it\n", name);
        return;
    }
    if (assay_verifier_nordic(r->device.status) == 0) {
        cli_data("    device (%s): is not asked, the update ends before\n",
                 name);
    } else {
        assay_wire_text(r->device.status, wire);
        cli_data("    device (%s): refuses it, answering %s\n", name, wire);
    }
    if (r->device.status != r->genuine.status) {
        cli_data("    device check: %s [%s %s]\n",
                 assay_status_meaning(r->device.status),
                 assay_status_rule(r->device.status),
                 assay_status_name(r->device.status));
        print_reason(&r->device);
    }
}

static void print_image(const struct question *q,
                        const struct assay_image_report *r)
{
    cli_data("  %s ", assay_manifest_slot_key(r->source->slot));
    cli_put_text(stdout, r->source->bin_file);
    if (r->has_command) {
        cli_data(": %s, version %u, hardware %u",
                 assay_fw_type_name(r->command.type),
                 (unsigned)r->command.fw_version,
                 (unsigned)r->command.hw_version);
    }
    print_signer(q, r);
    if (r->genuine.status != ASSAY_OK) {
        cli_data("    %s [%s %s]\n", assay_status_meaning(r->genuine.status),
                 assay_status_rule(r->genuine.status),
                 assay_status_name(r->genuine.status));
        print_reason(&r->genuine);
    }
    print_device(q, r);
}

/* What a manifest does not name has to be whole, and no key vouches for it. */
static void print_unreferenced(const struct assay_package_report *report)
{
    if (report->package.n_unreferenced != 0) {
        cli_data("  note: the archive has %u files that its manifest does not "
                 "name; they were not verified\n",
                 report->package.n_unreferenced);
    }
}

static int print_text(const struct question *q, const char *path,
                      const struct assay_package_report *report)
{
    print_verdict(path, &report->diag);
    if (report->n_images == 0) {
        print_reason(&report->diag);
    }
    for (size_t i = 0; i < report->n_images; i++) {
        print_image(q, &report->image[i]);
    }
    print_unreferenced(report);
    return assay_status_exit(report->diag.status);
}

/* --- JSON ----------------------------------------------------------------- */

static json_t *diag_json(const struct assay_diag *diag)
{
    json_t *object = json_object();
    cli_json_status(object, diag);
    return object;
}

static json_t *device_json(const struct question *q,
                           const struct assay_image_report *r)
{
    char wire[64];
    if (!q->has_device) {
        return json_null();
    }
    json_t *object = diag_json(&r->device);
    assay_wire_text(r->device.status, wire);
    json_object_set_new(object, "accepts",
                        json_boolean(r->device.status == ASSAY_OK));
    json_object_set_new(
        object, "bootloader",
        json_string(assay_generation_name(q->device.generation)));
    json_object_set_new(object, "wire", json_string(wire));
    json_object_set_new(object, "wire_code",
                        json_integer(assay_verifier_nordic(r->device.status)));
    return object;
}

static json_t *signer_json(const struct question *q,
                           const struct assay_image_report *r)
{
    char fingerprint[ASSAY_FINGERPRINT_HEX];
    if (r->key_index >= q->trust.table.n_keys) {
        return json_null();
    }
    json_t *object = json_object();
    assay_key_fingerprint_hex(&q->trust.public_key[r->key_index], fingerprint);
    cli_json_text(object, "file", q->trust.name[r->key_index]);
    cli_json_text(object, "fingerprint", fingerprint);
    return object;
}

static json_t *image_json(const struct question *q,
                          const struct assay_image_report *r)
{
    json_t *object = json_object();
    cli_json_text(object, "slot", assay_manifest_slot_key(r->source->slot));
    cli_json_text(object, "bin_file", r->source->bin_file);
    cli_json_text(object, "dat_file", r->source->dat_file);
    json_object_set_new(object, "genuine", diag_json(&r->genuine));
    json_object_set_new(object, "image",
                        r->image.status == 0 ? json_null()
                                             : diag_json(&r->image));
    json_object_set_new(object, "device", device_json(q, r));
    json_object_set_new(object, "key", signer_json(q, r));
    json_object_set_new(object, "init_command",
                        r->has_command ? assay_command_json(&r->command)
                                       : json_null());
    return object;
}

static int print_json(const struct question *q, const char *path,
                      const struct assay_package_report *report)
{
    json_t *object = cli_json_object(path);
    json_t *images = json_array();
    cli_json_text(object, "verdict", verdict_word(report->diag.status));
    cli_json_status(object, &report->diag);
    for (size_t i = 0; i < report->n_images; i++) {
        json_array_append_new(images, image_json(q, &report->image[i]));
    }
    json_object_set_new(object, "images", images);
    json_object_set_new(object, "n_unreferenced",
                        json_integer(report->package.n_unreferenced));
    int code = cli_json_print(object);
    return code == CLI_EXIT_DONE ? assay_status_exit(report->diag.status)
                                 : code;
}

/* --- The verb ------------------------------------------------------------- */

/*
 * What is no package at all gets the name of what it is. A zip that is
 * damaged keeps the reason why.
 */
static void recognise(struct assay_slice file,
                      struct assay_package_report *report)
{
    if (report->diag.status != ASSAY_ZIP_NOT_ZIP) {
        return;
    }
    enum assay_kind kind = assay_format_recognise(file);
    if (kind == ASSAY_KIND_UNKNOWN) {
        (void)assay_diag_set(&report->diag, ASSAY_FORMAT_UNKNOWN,
                             "%zu bytes that are no zip archive", file.len);
    } else {
        (void)assay_diag_set(&report->diag, ASSAY_FORMAT_UNVERIFIABLE, "%s",
                             assay_kind_title(kind));
    }
}

static int verify_file(struct question *q, const char *path)
{
    static struct assay_package_report report;
    struct assay_buffer file;
    memset(&report, 0, sizeof report);
    enum assay_status status =
        assay_file_read(path, ASSAY_FILE_MAX, &file, &report.diag);
    if (status == ASSAY_OK) {
        const struct assay_verification how = {
            .trust = &q->trust,
            .device = q->has_device ? &q->device : NULL,
            .engine = &q->engine};
        status = assay_verify_package(assay_buffer_slice(&file), &how, &report);
    }
    if (status != ASSAY_OK && file.len != 0) {
        recognise(assay_buffer_slice(&file), &report);
    }
    int code = cli_wants_json(q->args) ? print_json(q, path, &report)
                                       : print_text(q, path, &report);
    assay_report_free(&report);
    assay_buffer_free(&file);
    return code;
}

static int run_verify(const struct cli_args *args)
{
    static struct question q;
    q.args = args;
    int code = load_keys(&q);
    if (code == CLI_EXIT_DONE) {
        code = load_device(&q);
    }
    if (code == CLI_EXIT_DONE) {
        code = open_engine(&q);
    }
    if (code != CLI_EXIT_DONE) {
        return code;
    }
    for (size_t i = 0; i < args->n_positionals; i++) {
        int one = verify_file(&q, args->positional[i]);
        code = one > code ? one : code;
    }
    assay_engine_close(&q.engine);
    return code;
}

static const struct cli_option OPTIONS[] = {
    {.name = "--key",
     .other = {"-k"},
     .kind = CLI_FILE,
     .flags = CLI_REPEATED,
     .help = "A public key that may sign every type of firmware: PEM, DER, "
             "hex, C code or raw bytes; of a private key the public half is "
             "used. At least one key is needed, by this option or one of the "
             "next two."},
    {.name = "--application-key",
     .kind = CLI_FILE,
     .flags = CLI_REPEATED,
     .help = "A public key that may sign applications, internal and "
             "external, and nothing else."},
    {.name = "--revoked-key",
     .kind = CLI_FILE,
     .flags = CLI_REPEATED,
     .help = "A public key whose signatures are refused by name."},
    {.name = "--device",
     .kind = CLI_FILE,
     .help = "Ask also whether this device would take the package: a text "
             "file with its versions and its bootloader (man assay-device)."},
    {.name = "--engine",
     .kind = CLI_CHOICE,
     .choices = ENGINES,
     .help = "Who runs the verifier: this program (the default), the very "
             "machine code that firmware has, in an emulator, or both, and "
             "then there is a verdict only when they agree."},
    {.name = "--allow-published-keys",
     .kind = CLI_FLAG,
     .help = "Trust keys whose private halves are public. For tests only."},
};

enum { N_OPTIONS = sizeof OPTIONS / sizeof OPTIONS[0] };

#define NOTES                                                                  \
    "A package is verified when every image in it is: the init packet is in "  \
    "its one canonical encoding, a trusted key of the right role made the "    \
    "signature, and the image has the size and the digest that were signed."   \
    "\n\n"                                                                     \
    "Exit code: 0 all verified, 1 one refused, by its signature or by the "    \
    "device, 2 wrong command line, 3 one unreadable or malformed, 4 one of "   \
    "an unsupported format; the highest of all files."

const struct cli_verb cli_verb_verify = {
    .name = "verify",
    .summary = "Verify packages: is each genuine, and would a device take it?",
    .options = OPTIONS,
    .n_options = N_OPTIONS,
    .positional = {.name = "FILE", .min = 1, .max = CLI_MANY, .kind = CLI_FILE},
    .flags = CLI_VERB_JSON,
    .examples =
        {
            {"verify update.zip --key release.pub.pem",
             "Is the package genuine?"},
            {"verify update.zip --key release.pub.pem --device board.txt",
             "Would this device take it, and if not, what would it answer?"},
            {"verify *.zip --key release.pub.pem --json",
             "One JSON object a line for each package."},
        },
    .notes = NOTES,
    .run = run_verify,
};

const struct cli_verb cli_verb_pkg_verify = {
    .group = "pkg",
    .name = "verify",
    .summary = "Verify packages; the same as assay verify.",
    .options = OPTIONS,
    .n_options = N_OPTIONS,
    .positional = {.name = "ZIP_FILE",
                   .min = 1,
                   .max = CLI_MANY,
                   .kind = CLI_FILE},
    .flags = CLI_VERB_JSON,
    .examples =
        {
            {"pkg verify update.zip --key release.pub.pem",
             "Is the package genuine?"},
            {"pkg verify update.zip --key release.pub.pem --device board.txt",
             "Would this device take it, and if not, what would it answer?"},
        },
    .notes = NOTES,
    .run = run_verify,
};
