/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/settings.h"

#include "cli/output.h"
#include "cli/verbs.h"
#include "host/file.h"
#include "host/firmware.h"
#include "host/sign.h"

#include <stdlib.h>
#include <string.h>

/* --- Version strings ------------------------------------------------------ */

enum assay_status cli_parse_version(const char *text, uint32_t *out,
                                    struct assay_diag *diag)
{
    static const uint64_t WEIGHT[] = {10000, 100, 1};
    uint64_t sum = 0;
    const char *p = text;
    for (size_t i = 0; i < 3; i++) {
        size_t len = strspn(p, "0123456789");
        char end = i < 2 ? '.' : '\0';
        if (len == 0 || len > 10 || p[len] != end) {
            return assay_diag_set(diag, CLI_USAGE,
                                  "Must be on the format x.y.z");
        }
        unsigned long long part = strtoull(p, NULL, 10);
        if (i > 0 && part > 99) {
            return assay_diag_set(diag, CLI_USAGE,
                                  "'%s': y and z are at most 99, or two "
                                  "versions get the same number",
                                  text);
        }
        sum += part * WEIGHT[i];
        p += len + 1;
    }
    if (sum > UINT32_MAX) {
        return assay_diag_set(diag, CLI_USAGE, "'%s' does not fit in 32 bits",
                              text);
    }
    *out = (uint32_t)sum;
    return ASSAY_OK;
}

/* --- settings generate: the options --------------------------------------- */

static const char *const FAMILIES[] = {"NRF51",    "NRF52",    "NRF52QFAB",
                                       "NRF52810", "NRF52840", "NRF52820",
                                       "NRF52833", NULL};

/* In the order of enum assay_settings_validation_type. */
static const char *const VALIDATIONS[] = {
    "NO_VALIDATION", "VALIDATE_GENERATED_CRC", "VALIDATE_GENERATED_SHA256",
    "VALIDATE_ECDSA_P256_SHA256", NULL};

/* One image with what was asked for it. */
struct part {
    const char *path; /* NULL: not given */
    enum assay_settings_validation_type validation;
    struct assay_firmware firmware;
    uint8_t signature[ASSAY_SETTINGS_VALIDATION_LEN];
    struct assay_settings_image image;
};

struct job {
    const char *out;
    const struct assay_settings_family *family;
    uint32_t version;
    uint32_t app_version;
    uint32_t bootloader_version;
    uint32_t address;
    uint32_t backup_address;
    struct part application;
    struct part softdevice;
};

/* ret: 0, or the exit code of a usage error. */
static int choose_version(const struct cli_args *args, struct job *job)
{
    const char *string = cli_text(args, "--application-version-string");
    struct assay_diag diag = {0};
    job->app_version = cli_number(args, "--application-version", 0);
    if (string == NULL) {
        return 0;
    }
    if (cli_parse_version(string, &job->app_version, &diag) != ASSAY_OK) {
        return cli_usage_error(
            args, "Invalid value for application-version-string: %s",
            diag.text);
    }
    if (cli_given(args, "--application-version") > 0) {
        cli_note("Warning: When both application-version-string and "
                 "application-version are provided, only the string will be "
                 "used.\n");
    }
    return 0;
}

static int choose_addresses(const struct cli_args *args, struct job *job)
{
    int no_backup = cli_flag(args, "--no-backup");
    int own_backup = cli_given(args, "--backup-address") > 0;
    int own_start = cli_given(args, "--start-address") > 0;
    if (no_backup && own_backup) {
        return cli_usage_error(
            args, "Invalid value for backup_address: Bootloader DFU settings "
                  "backup page cannot be specified if backup is disabled.");
    }
    job->family = assay_settings_family_by_name(cli_text(args, "--family"));
    job->address = cli_number(args, "--start-address", job->family->address);
    job->backup_address = ASSAY_SETTINGS_NO_BACKUP;
    if (job->address % 4 != 0 ||
        cli_number(args, "--backup-address", 0) % 4 != 0) {
        return cli_usage_error(args, "The address of a settings page is a "
                                     "multiple of 4.");
    }
    if (no_backup) {
        return 0;
    }
    if (!own_backup && job->address < ASSAY_SETTINGS_BACKUP_DISTANCE) {
        return cli_usage_error(args, "No room for a backup page below "
                                     "--start-address: give --backup-address "
                                     "or --no-backup.");
    }
    job->backup_address =
        cli_number(args, "--backup-address",
                   job->address - ASSAY_SETTINGS_BACKUP_DISTANCE);
    cli_note("\nNote: Generating a DFU settings page with backup page "
             "included.\nThis is only required for bootloaders from nRF5 SDK "
             "15.1 and newer.\nIf you want to skip backup page generation, use "
             "--no-backup option.\n");
    if (own_start && !own_backup) {
        cli_note("WARNING: Using default offset in order to calculate "
                 "bootloader settings backup page\n");
    }
    return 0;
}

/* Images of version 2 are checked by CRC unless something else is asked for. */
static enum assay_settings_validation_type validation_of(
    const struct cli_args *args, const char *option, const struct job *job)
{
    if (job->version == 1) {
        return ASSAY_SETTINGS_VALIDATE_NONE;
    }
    return (enum assay_settings_validation_type)cli_number(
        args, option, ASSAY_SETTINGS_VALIDATE_CRC);
}

static int choose_validation(const struct cli_args *args, struct job *job)
{
    int app = cli_given(args, "--app-boot-validation") > 0;
    int sd = cli_given(args, "--sd-boot-validation") > 0;
    if (job->version == 1 && (app || sd)) {
        return cli_usage_error(
            args, "Invalid value for bl_settings_version: Bootloader settings "
                  "version 1 does not support boot validation.");
    }
    job->application.validation =
        validation_of(args, "--app-boot-validation", job);
    job->softdevice.validation =
        validation_of(args, "--sd-boot-validation", job);
    if ((job->application.validation == ASSAY_SETTINGS_VALIDATE_ECDSA ||
         job->softdevice.validation == ASSAY_SETTINGS_VALIDATE_ECDSA) &&
        cli_text(args, "--key-file") == NULL) {
        return cli_usage_error(args,
                               "Key file must be given when "
                               "'VALIDATE_ECDSA_P256_SHA256' boot validation "
                               "is used");
    }
    if (app && job->application.path == NULL) {
        return cli_usage_error(args, "--application hex file must be set when "
                                     "using --app_boot_validation");
    }
    if (sd && job->softdevice.path == NULL) {
        return cli_usage_error(args, "--softdevice hex file must be set when "
                                     "using --sd_boot_validation");
    }
    return 0;
}

/* The checks of nrfutil, in its order. ret: 0, or an exit code. */
static int read_options(const struct cli_args *args, struct job *job)
{
    job->out = args->positional[0];
    job->application.path = cli_text(args, "--application");
    job->softdevice.path = cli_text(args, "--softdevice");
    job->version = cli_number(args, "--bl-settings-version", 0);
    job->bootloader_version = cli_number(args, "--bootloader-version", 0);
    int code = choose_version(args, job);
    if (code != 0) {
        return code;
    }
    if (job->application.path != NULL &&
        cli_given(args, "--application-version") == 0 &&
        cli_text(args, "--application-version-string") == NULL) {
        return cli_usage_error(args, "--application-version or "
                                     "--application-version-string required "
                                     "with application image.");
    }
    if (cli_given(args, "--bootloader-version") == 0) {
        return cli_usage_error(args, "Missing option '--bootloader-version'.");
    }
    if (job->version != 1 && job->version != 2) {
        return cli_usage_error(args,
                               "Invalid value for '--bl-settings-version': "
                               "neither 1 (to SDK 15.2) nor 2 (from SDK 15.3)");
    }
    code = choose_addresses(args, job);
    return code != 0 ? code : choose_validation(args, job);
}

/* --- settings generate: the work ------------------------------------------ */

static enum assay_status load_part(const struct assay_private_key *key,
                                   struct part *part, struct assay_diag *diag)
{
    if (part->path == NULL) {
        return ASSAY_OK;
    }
    enum assay_status status =
        assay_firmware_load(part->path, &part->firmware, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    part->image = (struct assay_settings_image){
        .bytes = assay_buffer_slice(&part->firmware.image),
        .validation = part->validation,
        .signature = part->signature,
    };
    if (part->validation != ASSAY_SETTINGS_VALIDATE_ECDSA) {
        return ASSAY_OK;
    }
    return assay_sign_nordic(key, assay_buffer_slice(&part->firmware.image),
                             part->signature, diag);
}

static int needs_key(const struct job *job)
{
    return job->application.validation == ASSAY_SETTINGS_VALIDATE_ECDSA ||
           job->softdevice.validation == ASSAY_SETTINGS_VALIDATE_ECDSA;
}

static enum assay_status load_images(const struct cli_args *args,
                                     struct job *job, struct assay_diag *diag)
{
    struct assay_private_key key = {0};
    enum assay_status status = ASSAY_OK;
    if (needs_key(job)) {
        status = cli_private_key_load(args, cli_text(args, "--key-file"), &key,
                                      diag);
    }
    if (status == ASSAY_OK && needs_key(job) &&
        assay_published_key_name(&key.public_key) != NULL) {
        cli_warn("--key-file is a published key: %s; everybody can sign with "
                 "it",
                 assay_published_key_name(&key.public_key));
    }
    if (status == ASSAY_OK) {
        status = load_part(&key, &job->application, diag);
    }
    if (status == ASSAY_OK) {
        status = load_part(&key, &job->softdevice, diag);
    }
    assay_private_key_wipe(&key);
    return status;
}

/*
 * What was written is read back for the display: its CRCs are then known to
 * be right.
 */
static enum assay_status read_back(const struct job *job,
                                   const struct assay_settings *made,
                                   struct assay_settings_place *place,
                                   struct assay_diag *diag)
{
    struct assay_buffer page = {0};
    *place = (struct assay_settings_place){
        .family = job->family,
        .address = job->address,
        .backup_address = job->backup_address,
        .backup = job->backup_address == ASSAY_SETTINGS_NO_BACKUP
                      ? ASSAY_SETTINGS_BACKUP_NONE
                      : ASSAY_SETTINGS_BACKUP_SAME,
        .page = ASSAY_SETTINGS_PART_RIGHT,
    };
    enum assay_status status = assay_settings_encode(made, &page, diag);
    if (status == ASSAY_OK) {
        status = assay_settings_parse(assay_buffer_slice(&page),
                                      &place->settings, diag);
    }
    assay_buffer_free(&page);
    return status;
}

static enum assay_status make(const struct cli_args *args, struct job *job,
                              struct assay_settings_place *place,
                              struct assay_diag *diag)
{
    struct assay_settings made;
    struct assay_buffer text = {0};
    enum assay_status status = load_images(args, job, diag);
    if (status == ASSAY_OK) {
        struct assay_settings_inputs inputs = {
            .version = job->version,
            .app_version = job->app_version,
            .bootloader_version = job->bootloader_version,
            .application =
                job->application.path != NULL ? &job->application.image : NULL,
            .softdevice =
                job->softdevice.path != NULL ? &job->softdevice.image : NULL,
        };
        status = assay_settings_build(&inputs, &made, diag);
    }
    if (status == ASSAY_OK) {
        status = assay_settings_hex(&made, job->address, job->backup_address,
                                    &text, diag);
    }
    if (status == ASSAY_OK) {
        status = read_back(job, &made, place, diag);
    }
    if (status == ASSAY_OK) {
        status = assay_file_write(job->out, assay_buffer_slice(&text),
                                  ASSAY_FILE_REPLACE, diag);
    }
    assay_buffer_free(&text);
    return status;
}

/* --- Showing settings ----------------------------------------------------- */

static void set_number(json_t *object, const char *key, uint32_t value)
{
    (void)json_object_set_new(object, key, json_integer(value));
}

static json_t *validation_json(const struct assay_settings_validation *v)
{
    static const size_t LEN[] = {0, 4, 32, 64};
    json_t *object = json_object();
    set_number(object, "type", v->type);
    if (v->type < 4) {
        cli_json_text(object, "name", VALIDATIONS[v->type]);
        cli_json_hex(object, "bytes", assay_slice(v->bytes, LEN[v->type]));
    }
    return object;
}

static const char *check_name(enum assay_settings_part part)
{
    return part == ASSAY_SETTINGS_PART_RIGHT
               ? "right"
               : (part == ASSAY_SETTINGS_PART_WRONG ? "wrong" : "absent");
}

static json_t *bank_json(const struct assay_settings_bank *bank)
{
    json_t *object = json_object();
    set_number(object, "size", bank->image_len);
    set_number(object, "crc", bank->image_crc);
    set_number(object, "code", bank->code);
    return object;
}

static void set_settings(json_t *object, const struct assay_settings *s)
{
    set_number(object, "settings_version", s->version);
    set_number(object, "crc", s->crc);
    cli_json_text(object, "crc_check", check_name(s->page_check));
    set_number(object, "app_version", s->app_version);
    set_number(object, "bootloader_version", s->bootloader_version);
    set_number(object, "bank_layout", s->bank_layout);
    set_number(object, "bank_current", s->bank_current);
    (void)json_object_set_new(object, "bank0", bank_json(&s->bank0));
    (void)json_object_set_new(object, "bank1", bank_json(&s->bank1));
    set_number(object, "softdevice_size", s->sd_len);
    set_number(object, "enter_dfu", s->enter_dfu);
    set_number(object, "init_packet_size",
               (uint32_t)assay_settings_init_len(s));
    if (s->version != 2) {
        return;
    }
    set_number(object, "boot_validation_crc", s->boot_validation_crc);
    cli_json_text(object, "boot_validation_check",
                  check_name(s->boot_validation_check));
    (void)json_object_set_new(object, "softdevice_validation",
                              validation_json(&s->softdevice));
    (void)json_object_set_new(object, "application_validation",
                              validation_json(&s->application));
    (void)json_object_set_new(object, "bootloader_validation",
                              validation_json(&s->bootloader));
}

static const char *backup_name(enum assay_settings_backup backup)
{
    static const char *const NAMES[] = {
        [ASSAY_SETTINGS_BACKUP_NONE] = "none",
        [ASSAY_SETTINGS_BACKUP_SAME] = "same",
        [ASSAY_SETTINGS_BACKUP_DIFFERENT] = "different",
        [ASSAY_SETTINGS_BACKUP_INVALID] = "invalid",
        [ASSAY_SETTINGS_BACKUP_ALONE] = "alone",
    };
    return NAMES[backup];
}

static json_t *place_json(const char *path,
                          const struct assay_settings_place *place)
{
    json_t *object = cli_json_object(path);
    if (place->family != NULL) {
        cli_json_text(object, "family", place->family->name);
    } else {
        (void)json_object_set_new(object, "family", json_null());
    }
    set_number(object, "address", place->address);
    if (place->backup_address != ASSAY_SETTINGS_NO_BACKUP) {
        set_number(object, "backup_address", place->backup_address);
    }
    cli_json_text(object, "backup", backup_name(place->backup));
    set_settings(object, &place->settings);
    return object;
}

static enum assay_status show_text(const char *path,
                                   const struct assay_settings_place *place,
                                   void (*show)(const char *format, ...),
                                   struct assay_diag *diag)
{
    struct assay_buffer text = {0};
    char *shown = cli_shown(path);
    enum assay_status status = assay_settings_display_text(
        shown != NULL ? shown : "", place, &text, diag);
    if (status == ASSAY_OK) {
        show("%.*s", (int)text.len, (const char *)text.p);
    }
    free(shown);
    assay_buffer_free(&text);
    return status;
}

static int show_generated(const struct cli_args *args, const struct job *job,
                          const struct assay_settings_place *place)
{
    struct assay_diag diag = {0};
    struct assay_diag ok = {.status = ASSAY_OK};
    if (cli_wants_json(args)) {
        json_t *object = place_json(job->out, place);
        cli_json_status(object, &ok);
        return cli_json_print(object);
    }
    int to_stdout = strcmp(job->out, "-") == 0;
    if (!to_stdout) {
        char *shown = cli_shown(job->out);
        cli_say("\nGenerated Bootloader DFU settings .hex file and stored it "
                "in: %s\n",
                shown != NULL ? shown : "");
        free(shown);
    }
    enum assay_status status =
        show_text(job->out, place, to_stdout ? cli_note : cli_say, &diag);
    return status == ASSAY_OK ? CLI_EXIT_DONE : cli_fail(args, job->out, &diag);
}

static int run_generate(const struct cli_args *args)
{
    struct job job = {0};
    struct assay_settings_place place;
    struct assay_diag diag = {0};
    int code = read_options(args, &job);
    if (code != 0) {
        return code;
    }
    if (cli_wants_json(args) && strcmp(job.out, "-") == 0) {
        return cli_usage_error(args, "--json and the hex file cannot both go "
                                     "to standard output.");
    }
    code = cli_check_output(args, job.out, NULL);
    if (code != 0) {
        return code;
    }
    enum assay_status status = make(args, &job, &place, &diag);
    code = status == ASSAY_OK ? show_generated(args, &job, &place)
                              : cli_fail(args, job.out, &diag);
    assay_firmware_free(&job.application.firmware);
    assay_firmware_free(&job.softdevice.firmware);
    return code;
}

static const struct cli_option GENERATE_OPTIONS[] = {
    {
        .name = "--family",
        .kind = CLI_CHOICE,
        .flags = CLI_REQUIRED,
        .choices = FAMILIES,
        .help = "The chip: decides where the settings page is. NRF52 is the "
                "nRF52832, NRF52QFAB its variant with 256 kB flash.",
    },
    {
        .name = "--application",
        .kind = CLI_FILE,
        .help = "The application in flash: Intel HEX, or raw bytes (.bin). "
                "Without it, the page says that there is none. Requires "
                "--application-version or --application-version-string.",
    },
    {
        .name = "--application-version",
        .kind = CLI_INTEGER_OR_NONE,
        .help = "The application version.",
    },
    {
        .name = "--application-version-string",
        .kind = CLI_STRING,
        .help = "The application version as x.y.z: \"2.7.31\" is 20731.",
    },
    {
        .name = "--bootloader-version",
        .kind = CLI_INTEGER_OR_NONE,
        .flags = CLI_REQUIRED,
        .help = "The bootloader version.",
    },
    {
        .name = "--bl-settings-version",
        .kind = CLI_INTEGER_OR_NONE,
        .flags = CLI_REQUIRED,
        .help = "The version of the settings: 1 from SDK 12.0 to 15.2, 2 from "
                "SDK 15.3.",
    },
    {
        .name = "--start-address",
        .kind = CLI_INTEGER_OR_NONE,
        .help = "Address of the settings page. Default: the last page of the "
                "family's flash.",
    },
    {
        .name = "--no-backup",
        .kind = CLI_FLAG,
        .help = "Leave the backup page out. Without it, the hex file holds a "
                "copy of the settings for that page too.",
    },
    {
        .name = "--backup-address",
        .kind = CLI_INTEGER_OR_NONE,
        .help = "Address of the backup page. Default: 0x1000 below the "
                "settings page.",
    },
    {
        .name = "--app-boot-validation",
        .kind = CLI_CHOICE,
        .choices = VALIDATIONS,
        .help = "How the bootloader checks the application at every boot; "
                "by CRC when nothing is said.",
    },
    {
        .name = "--sd-boot-validation",
        .kind = CLI_CHOICE,
        .choices = VALIDATIONS,
        .help = "The same for the SoftDevice.",
    },
    {
        .name = "--softdevice",
        .kind = CLI_FILE,
        .help = "The SoftDevice in flash. Required with --sd-boot-validation.",
    },
    {
        .name = "--key-file",
        .kind = CLI_FILE,
        .help = "The private key that signs ECDSA boot validations.",
    },
};

const struct cli_verb cli_verb_settings_generate = {
    .group = "settings",
    .name = "generate",
    .summary = "Generate a hex file with a bootloader settings page.",
    .options = GENERATE_OPTIONS,
    .n_options = sizeof GENERATE_OPTIONS / sizeof GENERATE_OPTIONS[0],
    .positional = {.name = "HEX_FILE", .min = 1, .max = 1, .kind = CLI_FILE},
    .flags = CLI_VERB_JSON | CLI_VERB_PASSPHRASE,
    .examples =
        {
            {"settings generate --family NRF52840 --application app.hex "
             "--application-version 3 --bootloader-version 1 "
             "--bl-settings-version 2 settings.hex",
             "For production: with this page in flash the bootloader starts "
             "the application that was programmed beside it."},
            {"settings generate --family NRF52840 --bootloader-version 1 "
             "--bl-settings-version 2 --no-backup settings.hex",
             "A page without an application: the device waits for an update."},
        },
    .notes = "The same input gives the same bytes every time, and those of "
             "nrfutil 6.1.7, except for ECDSA, where nrfutil draws the nonce "
             "at random. Unlike there, --backup-address works, and the parts "
             "y and z of a version string must be below 100.",
    .run = run_generate,
};

/* --- settings display ----------------------------------------------------- */

/*
 * ret: ASSAY_OK, or ASSAY_SETTINGS_CRC, with which *place is complete too.
 */
static enum assay_status find_settings(const char *path,
                                       struct assay_settings_place *place,
                                       struct assay_diag *diag)
{
    struct assay_buffer text = {0};
    struct assay_hex hex = {0};
    enum assay_status status =
        assay_file_read(path, ASSAY_HEX_MAX_TEXT, &text, diag);
    if (status == ASSAY_OK) {
        status = assay_hex_parse(assay_buffer_slice(&text), &hex, diag);
    }
    if (status == ASSAY_OK) {
        status = assay_settings_find(&hex, place, diag);
    }
    assay_hex_free(&hex);
    assay_buffer_free(&text);
    return status;
}

static int run_display(const struct cli_args *args)
{
    const char *path = args->positional[0];
    struct assay_settings_place place = {0};
    struct assay_diag diag = {0};
    enum assay_status status = find_settings(path, &place, &diag);
    if (status != ASSAY_OK && status != ASSAY_SETTINGS_CRC) {
        return cli_fail(args, path, &diag);
    }
    if (cli_wants_json(args)) {
        diag.status = status;
        json_t *object = place_json(path, &place);
        cli_json_status(object, &diag);
        int code = cli_json_print(object);
        return code == CLI_EXIT_DONE ? assay_status_exit(status) : code;
    }
    struct assay_diag shown = {0};
    if (show_text(path, &place, cli_data, &shown) != ASSAY_OK) {
        return cli_fail(args, path, &shown);
    }
    return status == ASSAY_OK ? CLI_EXIT_DONE : cli_fail(args, path, &diag);
}

const struct cli_verb cli_verb_settings_display = {
    .group = "settings",
    .name = "display",
    .summary = "Display the bootloader settings in a hex file.",
    .positional = {.name = "HEX_FILE", .min = 1, .max = 1, .kind = CLI_FILE},
    .flags = CLI_VERB_JSON,
    .examples =
        {
            {"settings display settings.hex",
             "What nrfutil shows, then what it does not: the checks, the "
             "backup page, an update that waits."},
            {"settings display --json flash.hex",
             "Read the whole flash of a device, and report as JSON."},
        },
    .notes = "A page with a wrong CRC is shown and refused with exit code 3.",
    .run = run_display,
};
