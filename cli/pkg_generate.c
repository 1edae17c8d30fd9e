/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "cli/verbs.h"
#include "host/file.h"
#include "host/generate.h"
#include "host/text.h"

static const char *const VALIDATIONS[] = {
    "NO_VALIDATION", "VALIDATE_GENERATED_CRC", "VALIDATE_GENERATED_SHA256",
    "VALIDATE_ECDSA_P256_SHA256", NULL};

static struct assay_number number_of(const struct cli_args *args,
                                     const char *name)
{
    return (struct assay_number){.is_given = cli_given(args, name) != 0,
                                 .value = cli_number(args, name, 0)};
}

static struct assay_id_list ids_of(const struct cli_args *args,
                                   const char *name)
{
    struct assay_id_list list = {0};
    const struct cli_value *value = cli_value(args, name);
    if (cli_given(args, name) != 0) {
        list.n_ids = value->n_list;
        memcpy(list.id, value->list, sizeof list.id);
    }
    return list;
}
_Static_assert(CLI_LIST_MAX == ASSAY_SD_REQ_MAX,
               "a list option holds what a packet holds");

/* SOURCE_DATE_EPOCH dates the files in the zip; without it they are of 1980. */
static int read_time(const struct cli_args *args, int64_t *seconds)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    *seconds = 0;
    if (epoch == NULL) {
        return CLI_EXIT_DONE;
    }
    size_t len = strlen(epoch);
    if (len == 0 || len > 18 || strspn(epoch, "0123456789") != len) {
        return cli_usage_error(args, "SOURCE_DATE_EPOCH is no number of "
                                     "seconds.");
    }
    *seconds = (int64_t)strtoll(epoch, NULL, 10);
    return CLI_EXIT_DONE;
}

/* ret: CLI_EXIT_DONE, or the exit code of an error that was reported. */
static int read_version_string(const struct cli_args *args,
                               struct assay_number *version)
{
    const char *text = cli_text(args, "--application-version-string");
    struct assay_diag diag = {0};
    if (text == NULL) {
        return CLI_EXIT_DONE;
    }
    if (version->is_given) {
        cli_warn("When both application-version-string and "
                 "application-version are provided, only the string will be "
                 "used.");
    }
    if (cli_parse_version(text, &version->value, &diag) != ASSAY_OK) {
        return cli_usage_error(args, "%s", diag.text);
    }
    version->is_given = 1;
    return CLI_EXIT_DONE;
}

static uint32_t flags_of(const struct cli_args *args)
{
    uint32_t flags = 0;
    flags |= cli_flag(args, "--debug-mode") ? ASSAY_GENERATE_DEBUG : 0;
    flags |= cli_flag(args, "--external-app") ? ASSAY_GENERATE_EXTERNAL : 0;
    flags |= cli_flag(args, "--zigbee") ? ASSAY_GENERATE_ZIGBEE : 0;
    if (cli_given(args, "--to-be-signed") != 0 ||
        cli_given(args, "--signature") != 0) {
        flags |= ASSAY_GENERATE_DETACHED;
    }
    return flags;
}

/* The comment is part of a file name; what cannot stand there is dropped. */
static void read_comment(const struct cli_args *args,
                         struct assay_zigbee_header *zigbee)
{
    const char *text = cli_text(args, "--zigbee-comment");
    if (text == NULL) {
        return;
    }
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < 0x20 || *c > 0x7E || strchr("/\\:*?\"<>|", *c) != NULL) {
            cli_warn("Non-ASCII characters, and those that no file name may "
                     "have, are not allowed in the comment. Discarding "
                     "comment.");
            return;
        }
    }
    if (strlen(text) > ASSAY_ZIGBEE_COMMENT_MAX) {
        cli_warn("truncating the comment to 30 bytes.");
    }
    (void)snprintf(zigbee->comment, sizeof zigbee->comment, "%.30s", text);
}

/* The 16-bit fields; ret: as read_version_string. */
static int read_zigbee_ids(const struct cli_args *args,
                           struct assay_zigbee_header *zigbee)
{
    static const char *const NAMES[] = {
        "--zigbee-manufacturer-id", "--zigbee-image-type",
        "--zigbee-ota-min-hw-version", "--zigbee-ota-max-hw-version"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        if (cli_number(args, NAMES[i], 0) > 0xFFFF) {
            return cli_usage_error(
                args, "Invalid value for %s: Exceeds 2-byte long integer.",
                NAMES[i] + 2);
        }
    }
    zigbee->manufacturer_id = cli_number(args, NAMES[0], 0xFFFF);
    zigbee->image_type = cli_number(args, NAMES[1], 0xFFFF);
    zigbee->min_hw_version = cli_number(args, NAMES[2], 0);
    zigbee->max_hw_version = cli_number(args, NAMES[3], 0);
    return CLI_EXIT_DONE;
}

static int read_zigbee(const struct cli_args *args,
                       struct assay_generate_options *o)
{
    struct assay_zigbee_header *z = &o->zigbee;
    unsigned n = cli_given(args, "--zigbee-ota-min-hw-version") +
                 cli_given(args, "--zigbee-ota-max-hw-version");
    int code = read_zigbee_ids(args, z);
    if (code != CLI_EXIT_DONE) {
        return code;
    }
    read_comment(args, z);
    z->has_hw_versions = n == 2;
    if (n == 1) {
        cli_warn("min/max zigbee ota hardware version is missing. Discarding "
                 "min/max hardware version.");
    }
    if (n == 2 && z->min_hw_version > z->max_hw_version) {
        cli_warn("zigbee-ota-min-hw-version is higher than "
                 "zigbee-ota-max-hw-version.");
    }
    if (n == 2 && (o->hw_version.value > z->max_hw_version ||
                   o->hw_version.value < z->min_hw_version)) {
        cli_warn("hw-version is outside the range specified by "
                 "zigbee_ota_min_hw_version and zigbee_ota_max_hw_version.");
    }
    return CLI_EXIT_DONE;
}

static int read_options(const struct cli_args *args,
                        struct assay_generate_options *o)
{
    *o = (struct assay_generate_options){
        .application = cli_text(args, "--application"),
        .bootloader = cli_text(args, "--bootloader"),
        .softdevice = cli_text(args, "--softdevice"),
        .application_version = number_of(args, "--application-version"),
        .bootloader_version = number_of(args, "--bootloader-version"),
        .hw_version = number_of(args, "--hw-version"),
        .zigbee_hw_version = number_of(args, "--zigbee-ota-hw-version"),
        .zigbee_fw_version = number_of(args, "--zigbee-ota-fw-version"),
        .sd_req = ids_of(args, "--sd-req"),
        .sd_id = ids_of(args, "--sd-id"),
        .application_validation = (enum assay_validation_type)cli_number(
            args, "--app-boot-validation", ASSAY_VALIDATE_CRC),
        .softdevice_validation = (enum assay_validation_type)cli_number(
            args, "--sd-boot-validation", ASSAY_VALIDATE_CRC),
        .flags = flags_of(args)};
    int code = read_time(args, &o->time);
    if (code == CLI_EXIT_DONE) {
        code = read_version_string(args, &o->application_version);
    }
    return code == CLI_EXIT_DONE ? read_zigbee(args, o) : code;
}

/* One run of the verb. */
struct job {
    const struct cli_args *args;
    const char *zip_path;
    struct assay_generate_options options;
    struct assay_generation_state state;
    struct assay_private_key key;
    int has_key;
    struct assay_diag diag;
};

/* A sentence of nrfutil about the options keeps nrfutil's layout. */
static int report_failure(struct job *j, const char *subject)
{
    if (j->diag.status == ASSAY_GENERATE_OPTIONS) {
        return cli_usage_error(j->args, "%s", j->diag.text);
    }
    return cli_fail(j->args, subject, &j->diag);
}

/* Exactly one of the four ways to sign, or not to. */
static int check_signing(struct job *j)
{
    const struct cli_args *args = j->args;
    int n = (cli_given(args, "--key-file") != 0) +
            (cli_given(args, "--to-be-signed") != 0) +
            (cli_given(args, "--signature") != 0) +
            cli_flag(args, "--unsigned");
    if (n == 0) {
        (void)assay_diag_set(&j->diag, ASSAY_GENERATE_UNSIGNED,
                             "none of --key-file, --to-be-signed, --signature "
                             "and --unsigned");
        return cli_fail(args, j->zip_path, &j->diag);
    }
    if (n > 1) {
        return cli_usage_error(args, "Give only one of --key-file, "
                                     "--to-be-signed, --signature and "
                                     "--unsigned.");
    }
    if (cli_given(args, "--signature") != 0 &&
        cli_given(args, "--public-key") == 0) {
        return cli_usage_error(args, "--signature needs --public-key, to be "
                                     "verified before it is used.");
    }
    return CLI_EXIT_DONE;
}

static void warn_of_published(const char *path,
                              const struct assay_public_key *key)
{
    const char *name = assay_published_key_name(key);
    if (name != NULL) {
        cli_warn("%s is a publicly known key (%s). Whoever has it can sign "
                 "for your devices; use it for tests only.",
                 path, name);
    }
}

static int load_key(struct job *j)
{
    const char *path = cli_text(j->args, "--key-file");
    if (path == NULL) {
        return CLI_EXIT_DONE;
    }
    if (cli_private_key_load(j->args, path, &j->key, &j->diag) != ASSAY_OK) {
        return cli_fail(j->args, path, &j->diag);
    }
    j->has_key = 1;
    warn_of_published(path, &j->key.public_key);
    return CLI_EXIT_DONE;
}

static void show_warnings(const struct job *j)
{
    const struct assay_buffer *w = &j->state.warnings;
    const char *line = (const char *)w->p;
    const char *end = line + w->len;
    while (w->len != 0 && line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        int len = (int)((stop == NULL ? end : stop) - line);
        cli_warn("%.*s", len, line);
        line += len + 1;
    }
    if ((j->options.flags & ASSAY_GENERATE_DEBUG) != 0) {
        cli_warn("the package is marked for debug bootloaders, which skip "
                 "version checks for it. Not for production.");
    }
    if (cli_flag(j->args, "--unsigned")) {
        cli_warn("the package is not signed: whoever can change it can change "
                 "what a device runs. Only an open bootloader takes it.");
    }
}

/* What image i writes or reads when it is signed elsewhere. */
static int side_path(const struct job *j, const char *base, size_t i,
                     char path[static 4096])
{
    int n = j->state.n_images == 1
                ? snprintf(path, 4096, "%s", base)
                : snprintf(path, 4096, "%s.%s", base,
                           assay_manifest_slot_key(j->state.image[i].slot));
    return n > 0 && n < 4096;
}

/* One image as it goes into the package. */
static json_t *new_image_json(const struct assay_new_image *image)
{
    char digest[2 * ASSAY_DIGEST_LEN + 1];
    json_t *object = json_object();
    assay_text_hex(assay_slice(image->spec.digest, ASSAY_DIGEST_LEN), digest);
    cli_json_text(object, "slot", assay_manifest_slot_key(image->slot));
    cli_json_text(object, "name", image->name);
    cli_json_text(object, "digest", digest);
    json_object_set_new(object, "len",
                        json_integer((json_int_t)image->bin.len));
    cli_json_hex(object, "to_be_signed",
                 assay_buffer_slice(&image->to_be_signed));
    json_object_set_new(object, "signed", json_boolean(image->is_signed));
    return object;
}

/*
 * What was made, for a program.
 * in: zigbee_path NULL when no such file was written.
 * ret: the exit code.
 */
static int print_json(const struct job *j, const char *zigbee_path)
{
    struct assay_diag diag = {.status = ASSAY_OK};
    json_t *object = cli_json_object(j->zip_path);
    json_t *images = json_array();
    char fingerprint[ASSAY_FINGERPRINT_HEX];
    cli_json_status(object, &diag);
    for (size_t i = 0; i < j->state.n_images; i++) {
        json_array_append_new(images, new_image_json(&j->state.image[i]));
    }
    json_object_set_new(object, "images", images);
    if (j->state.is_signed) {
        assay_key_fingerprint_hex(&j->state.signer, fingerprint);
        cli_json_text(object, "signer", fingerprint);
    }
    if (zigbee_path != NULL) {
        cli_json_text(object, "zigbee_file", zigbee_path);
    }
    return cli_json_print(object);
}

static int write_to_be_signed(struct job *j)
{
    const char *base = cli_text(j->args, "--to-be-signed");
    int is_stdout = strcmp(base, "-") == 0;
    if (is_stdout && j->state.n_images > 1) {
        return cli_usage_error(j->args,
                               "The package has %zu images to be "
                               "signed; give --to-be-signed a file "
                               "name.",
                               j->state.n_images);
    }
    for (size_t i = 0; i < j->state.n_images; i++) {
        const struct assay_buffer *data = &j->state.image[i].to_be_signed;
        char path[4096];
        if (!side_path(j, base, i, path)) {
            return cli_usage_error(j->args, "The path is too long: %s", base);
        }
        int code = cli_check_output(j->args, path, base);
        if (code != CLI_EXIT_DONE) {
            return code;
        }
        if (assay_file_write(path, assay_buffer_slice(data), ASSAY_FILE_REPLACE,
                             &j->diag) != ASSAY_OK) {
            return cli_fail(j->args, path, &j->diag);
        }
        char *shown = cli_shown(path);
        if (!is_stdout && !cli_wants_json(j->args)) {
            cli_say("To be signed: %s (%zu bytes)\n",
                    shown == NULL ? "" : shown, data->len);
        }
        free(shown);
    }
    return cli_wants_json(j->args) && !is_stdout ? print_json(j, NULL)
                                                 : CLI_EXIT_DONE;
}

/* in: the i-th --signature belongs to the i-th image, in printed order. */
static int attach_signatures(struct job *j)
{
    const char *key_path = cli_text(j->args, "--public-key");
    struct assay_public_key key;
    if (assay_public_key_load(key_path, &key, &j->diag) != ASSAY_OK) {
        return cli_fail(j->args, key_path, &j->diag);
    }
    warn_of_published(key_path, &key);
    if (cli_given(j->args, "--signature") != j->state.n_images) {
        return cli_usage_error(j->args,
                               "The package has %zu images to be "
                               "signed; give --signature as often.",
                               j->state.n_images);
    }
    for (size_t i = 0; i < j->state.n_images; i++) {
        const char *path = cli_nth(j->args, "--signature", (unsigned)i);
        struct assay_buffer data;
        enum assay_status status = assay_file_read(path, 1024, &data, &j->diag);
        if (status == ASSAY_OK) {
            status = assay_generate_attach(&j->state, i, &key,
                                           assay_buffer_slice(&data), &j->diag);
        }
        assay_buffer_free(&data);
        if (status != ASSAY_OK) {
            return cli_fail(j->args, path, &j->diag);
        }
    }
    return CLI_EXIT_DONE;
}

static int sign(struct job *j)
{
    const struct assay_private_key *key = j->has_key ? &j->key : NULL;
    enum assay_status status = ASSAY_OK;
    if (cli_given(j->args, "--signature") != 0) {
        return attach_signatures(j);
    }
    if (key != NULL) {
        status = assay_generate_sign(&j->state, key, &j->diag);
    }
    if (status == ASSAY_OK && (j->options.flags & ASSAY_GENERATE_ZIGBEE) != 0) {
        status = assay_generate_wrap(&j->state, &j->options, key, &j->diag);
    }
    return status == ASSAY_OK ? CLI_EXIT_DONE : report_failure(j, j->zip_path);
}

#define ZIGBEE_PATH_LEN (ASSAY_ZIGBEE_NAME_LEN + sizeof ".zigbee")

static int write_zigbee(struct job *j, const char *path)
{
    if (j->state.zigbee.len == 0) {
        return CLI_EXIT_DONE;
    }
    if (assay_file_write(path, assay_buffer_slice(&j->state.zigbee),
                         ASSAY_FILE_REPLACE, &j->diag) != ASSAY_OK) {
        return cli_fail(j->args, path, &j->diag);
    }
    return CLI_EXIT_DONE;
}

/* Nothing is said on standard output when the package itself goes there. */
static int announce(const struct job *j, const char *zigbee_path)
{
    int has_zigbee = j->state.zigbee.len != 0;
    if (strcmp(j->zip_path, "-") == 0) {
        return CLI_EXIT_DONE;
    }
    if (cli_wants_json(j->args)) {
        return print_json(j, has_zigbee ? zigbee_path : NULL);
    }
    char *shown = cli_shown(j->zip_path);
    if (has_zigbee) {
        cli_say("Zigbee update created at %s\n", zigbee_path);
    }
    cli_say("Zip created at %s\n", shown == NULL ? "" : shown);
    free(shown);
    return CLI_EXIT_DONE;
}

/* in: zip, verified. Both files are written, or none. */
static int write_files(struct job *j, const struct assay_buffer *zip)
{
    char zigbee_path[ZIGBEE_PATH_LEN];
    (void)snprintf(zigbee_path, sizeof zigbee_path, "%s.zigbee",
                   j->state.zigbee_name);
    int code = write_zigbee(j, zigbee_path);
    if (code != CLI_EXIT_DONE) {
        return code;
    }
    if (assay_file_write(j->zip_path, assay_buffer_slice(zip),
                         ASSAY_FILE_REPLACE, &j->diag) != ASSAY_OK) {
        if (j->state.zigbee.len != 0) {
            (void)remove(zigbee_path);
        }
        return report_failure(j, j->zip_path);
    }
    return announce(j, zigbee_path);
}

static int write_package(struct job *j)
{
    struct assay_buffer zip = {0};
    int code = CLI_EXIT_DONE;
    if (assay_generate_finish(&j->state, &j->options, &zip, &j->diag) !=
        ASSAY_OK) {
        code = report_failure(j, j->zip_path);
    } else {
        code = write_files(j, &zip);
    }
    assay_buffer_free(&zip);
    return code;
}

static int generate(struct job *j)
{
    if (assay_generate_prepare(&j->options, j->has_key ? &j->key : NULL,
                               &j->state, &j->diag) != ASSAY_OK) {
        return report_failure(j, "pkg generate");
    }
    show_warnings(j);
    if (cli_given(j->args, "--to-be-signed") != 0) {
        return write_to_be_signed(j);
    }
    int code = sign(j);
    return code == CLI_EXIT_DONE ? write_package(j) : code;
}

static int run_generate(const struct cli_args *args)
{
    static struct job j;
    j.args = args;
    j.zip_path = args->positional[0];
    int code = read_options(args, &j.options);
    if (code != CLI_EXIT_DONE) {
        return code;
    }
    if (assay_generate_check(&j.options, &j.diag) != ASSAY_OK) {
        return report_failure(&j, j.zip_path);
    }
    code = check_signing(&j);
    if (code == CLI_EXIT_DONE) {
        code = cli_check_output(args, j.zip_path, NULL);
    }
    if (code == CLI_EXIT_DONE) {
        code = load_key(&j);
    }
    if (code == CLI_EXIT_DONE) {
        code = generate(&j);
    }
    assay_private_key_wipe(&j.key);
    assay_generate_free(&j.state);
    return code;
}

#define GIVEN_TWICE(name)                                                      \
    "Please specify SoftDevice requirements as a comma-separated list: " name  \
    " 0xXXXX,0xYYYY,..."

static const struct cli_option GENERATE[] = {
    {.name = "--debug-mode",
     .kind = CLI_FLAG,
     .help = "Mark the package for debug bootloaders, which skip version "
             "checks for it."},
    {.name = "--application",
     .kind = CLI_FILE,
     .help = "The application firmware file: raw bytes when its name ends in "
             ".bin, otherwise Intel HEX."},
    {.name = "--application-version",
     .kind = CLI_INTEGER_OR_NONE,
     .help = "The application version."},
    {.name = "--application-version-string",
     .kind = CLI_STRING,
     .help = "The application version as x.y.z; \"2.7.31\" becomes 20731."},
    {.name = "--bootloader",
     .kind = CLI_FILE,
     .help = "The bootloader firmware file, likewise."},
    {.name = "--bootloader-version",
     .kind = CLI_INTEGER_OR_NONE,
     .help = "The bootloader version."},
    {.name = "--hw-version",
     .kind = CLI_INTEGER_OR_NONE,
     .help = "The hardware version."},
    {.name = "--sd-req",
     .kind = CLI_LIST,
     .flags = 0,
     .help = "The SoftDevice requirements: a comma-separated list of firmware "
             "IDs of which one must be on the device; 0x00 in the first place "
             "means that the update runs without a SoftDevice. The order is "
             "kept. For known IDs see below.",
     .given_twice = GIVEN_TWICE("--sd-req")},
    {.name = "--sd-id",
     .kind = CLI_LIST,
     .help = "The firmware ID of the new SoftDevice, required of the device "
             "by the application of the same package.",
     .given_twice = GIVEN_TWICE("--sd-id")},
    {.name = "--softdevice",
     .kind = CLI_FILE,
     .help = "The SoftDevice firmware file, likewise."},
    {.name = "--sd-boot-validation",
     .kind = CLI_CHOICE,
     .choices = VALIDATIONS,
     .metavar = "TYPE",
     .help = "How the bootloader checks the SoftDevice at every start: "
             "NO_VALIDATION, VALIDATE_GENERATED_CRC (the default), "
             "VALIDATE_GENERATED_SHA256 or VALIDATE_ECDSA_P256_SHA256."},
    {.name = "--app-boot-validation",
     .kind = CLI_CHOICE,
     .choices = VALIDATIONS,
     .metavar = "TYPE",
     .help = "How the bootloader checks the application at every start: "
             "NO_VALIDATION, VALIDATE_GENERATED_CRC (the default), "
             "VALIDATE_GENERATED_SHA256 or VALIDATE_ECDSA_P256_SHA256."},
    {.name = "--key-file",
     .kind = CLI_FILE,
     .help = "The private (signing) key: P-256 or Ed25519, in PEM or DER."},
    {.name = "--unsigned",
     .kind = CLI_FLAG,
     .help = "Make a package without a signature."},
    {.name = "--to-be-signed",
     .kind = CLI_FILE,
     .help = "Write the bytes to be signed to this file and stop: the first "
             "of two steps. With two images the names end in the type of "
             "each."},
    {.name = "--signature",
     .kind = CLI_FILE,
     .flags = CLI_REPEATED,
     .help = "Attach a signature that was made elsewhere over the bytes of "
             "--to-be-signed: 64 raw bytes, hex, or DER. Once for each image, "
             "in the order in which --to-be-signed named them. Needs "
             "--public-key."},
    {.name = "--public-key",
     .kind = CLI_FILE,
     .help = "The public key that --signature must verify under."},
    {.name = "--external-app",
     .kind = CLI_FLAG,
     .help = "The application is passed on by the receiving device, not "
             "installed on it."},
    {.name = "--zigbee",
     .kind = CLI_BOOLEAN,
     .help = "Make a Zigbee OTA upgrade file in the current directory, and "
             "a package that carries it to the Zigbee DFU server."},
    {.name = "--zigbee-manufacturer-id",
     .kind = CLI_INTEGER,
     .help = "Manufacturer ID of the Zigbee OTA header."},
    {.name = "--zigbee-image-type",
     .kind = CLI_INTEGER,
     .help = "Image type of the Zigbee OTA header."},
    {.name = "--zigbee-comment",
     .kind = CLI_STRING,
     .help = "Comment of the Zigbee OTA header, at most 30 ASCII characters."},
    {.name = "--zigbee-ota-hw-version",
     .kind = CLI_INTEGER_OR_NONE,
     .help = "Hardware version of the package around the Zigbee file."},
    {.name = "--zigbee-ota-fw-version",
     .kind = CLI_INTEGER_OR_NONE,
     .help = "Firmware version of the package around the Zigbee file."},
    {.name = "--zigbee-ota-min-hw-version",
     .kind = CLI_INTEGER,
     .help = "Lowest hardware version of Zigbee clients."},
    {.name = "--zigbee-ota-max-hw-version",
     .kind = CLI_INTEGER,
     .help = "Highest hardware version of Zigbee clients."},
};

const struct cli_verb cli_verb_pkg_generate = {
    .group = "pkg",
    .name = "generate",
    .summary = "Generate a zip file for performing DFU.",
    .options = GENERATE,
    .n_options = sizeof GENERATE / sizeof GENERATE[0],
    .positional = {.name = "ZIPFILE", .min = 1, .max = 1, .kind = CLI_FILE},
    .flags = CLI_VERB_JSON | CLI_VERB_PASSPHRASE,
    .examples =
        {
            {"pkg generate --hw-version 52 --sd-req 0x0100 --application "
             "app.hex --application-version 4 --key-file release.pem "
             "update.zip",
             "An application, signed here."},
            {"pkg generate --hw-version 52 --sd-req 0x00 --application "
             "app.hex --application-version 4 --to-be-signed app.tbs "
             "update.zip",
             "The first of two steps: the bytes to be signed elsewhere."},
            {"pkg generate --hw-version 52 --sd-req 0x00 --application "
             "app.hex --application-version 4 --signature app.sig "
             "--public-key release.pub.pem update.zip",
             "The second: the signature is verified and attached."},
        },
    .notes =
        "Combinations: BL; SD; APP; BL + SD; BL + SD + APP; SD + APP. For BL + "
        "APP use two packages. The same input gives the same bytes: ECDSA "
        "signatures are those of RFC 6979, and the files in the zip are dated "
        "1980 or SOURCE_DATE_EPOCH. What is written was verified before.\n\n"
        "Two images of one package need different file names.\n\n"
        "Known SoftDevice firmware IDs, which assay inspect names: 0x00 none, "
        "0xFFFE any. s112: 6.0.0 0xA7, 6.1.0 0xB0, 6.1.1 0xB8, "
        "7.0.0 0xC4, 7.0.1 0xCD, 7.2.0 0x103, 7.3.0 0x126; s113: 7.0.0 0xC3, "
        "7.0.1 0xCC, 7.2.0 0x102, 7.3.0 0x125; s132: 5.0.0 0x9D, 5.1.0 0xA5, "
        "6.0.0 0xA8, 6.1.0 0xAF, 6.1.1 0xB7, 7.0.0 0xC2, 7.0.1 0xCB, 7.2.0 "
        "0x101, 7.3.0 0x124; s140: 6.0.0 0xA9, 6.1.0 0xAE, 6.1.1 0xB6, 7.0.0 "
        "0xC1, 7.0.1 0xCA, 7.2.0 0x100, 7.3.0 0x123; the manual has all.",
    .run = run_generate,
};
