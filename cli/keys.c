/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/keys.h"

#include "cli/output.h"
#include "cli/verbs.h"
#include "host/file.h"
#include "host/hex.h"
#include "host/zip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

/* --- Passphrases ---------------------------------------------------------- */

/*
 * Read a line from the terminal byte by byte, without echo. The terminal
 * sends no signals meanwhile, so that it is never left without echo; Ctrl-C
 * and Ctrl-D end the line as "nothing".
 */
static int read_line(uint8_t line[static ASSAY_PASSPHRASE_MAX], size_t *len)
{
    enum { END_OF_TEXT = 3, END_OF_INPUT = 4, ERASE = 8, KILL = 21, DEL = 127 };
    *len = 0;
    for (;;) {
        unsigned char c = 0;
        ssize_t n = read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0 || c == END_OF_TEXT || c == END_OF_INPUT) {
            return -1;
        }
        if (c == '\n' || c == '\r') {
            return 0;
        }
        if (c == ERASE || c == DEL) {
            *len -= *len > 0;
        } else if (c == KILL) {
            *len = 0;
        } else if (*len == ASSAY_PASSPHRASE_MAX) {
            return -1;
        } else {
            line[(*len)++] = c;
        }
    }
}

static enum assay_status prompt(const char *question, struct assay_buffer *out,
                                struct assay_diag *diag)
{
    struct termios old;
    if (tcgetattr(STDIN_FILENO, &old) != 0) {
        return assay_diag_set(diag, ASSAY_KEYFILE_PASSPHRASE,
                              "standard input is not a terminal");
    }
    struct termios silent = old;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
    silent.c_cc[VMIN] = 1;
    silent.c_cc[VTIME] = 0;
    (void)fputs(question, stderr);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    /* Its final size at once: no copy is left behind by growing. */
    enum assay_status status =
        assay_buffer_fill(out, 0, ASSAY_PASSPHRASE_MAX, diag);
    size_t len = 0;
    if (status == ASSAY_OK && read_line(out->p, &len) != 0) {
        status = assay_diag_set(diag, ASSAY_KEYFILE_PASSPHRASE,
                                "no passphrase was typed");
    }
    out->len = len;
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
    (void)fputs("\n", stderr);
    return status;
}

static enum assay_status prompt_twice(struct assay_buffer *out,
                                      struct assay_diag *diag)
{
    struct assay_buffer again = {0};
    enum assay_status status = prompt("Passphrase of the new key: ", out, diag);
    if (status == ASSAY_OK) {
        status = prompt("The same again: ", &again, diag);
    }
    if (status == ASSAY_OK &&
        (again.len != out->len ||
         (again.len > 0 && memcmp(again.p, out->p, again.len) != 0))) {
        status = assay_diag_set(diag, ASSAY_KEYFILE_PASSPHRASE,
                                "the two passphrases differ");
    }
    assay_buffer_wipe(&again);
    return status;
}

/* The first line of a file, without its end. */
static enum assay_status read_passphrase_file(const char *path,
                                              struct assay_buffer *out,
                                              struct assay_diag *diag)
{
    enum assay_status status =
        assay_file_read(path, ASSAY_KEY_FILE_MAX, out, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    const uint8_t *end = memchr(out->p, '\n', out->len);
    size_t len = end == NULL ? out->len : (size_t)(end - out->p);
    len -= len > 0 && out->p[len - 1] == '\r';
    if (len == 0 || len > ASSAY_PASSPHRASE_MAX) {
        return assay_diag_set(diag, ASSAY_KEYFILE_PASSPHRASE,
                              "%s: the first line has %zu bytes, expected 1 to "
                              "%u",
                              path, len, ASSAY_PASSPHRASE_MAX);
    }
    out->len = len;
    return ASSAY_OK;
}

enum secret_use { SECRET_OPENS, SECRET_PROTECTS };

/* What --passphrase-file names; "-" on a terminal asks instead. */
static enum assay_status given_passphrase(const char *path, enum secret_use use,
                                          struct assay_buffer *out,
                                          struct assay_diag *diag)
{
    if (strcmp(path, "-") != 0 || !isatty(STDIN_FILENO)) {
        return read_passphrase_file(path, out, diag);
    }
    return use == SECRET_PROTECTS ? prompt_twice(out, diag)
                                  : prompt("Passphrase: ", out, diag);
}

/* --- Loading -------------------------------------------------------------- */

/* Parse with the passphrase that was given, or ask for one that is missing. */
static enum assay_status parse_private(const struct cli_args *args,
                                       const char *path,
                                       struct assay_slice data,
                                       struct assay_private_key *out,
                                       struct assay_diag *diag)
{
    const char *file = cli_text(args, "--passphrase-file");
    struct assay_buffer secret = {0};
    enum assay_status status = ASSAY_OK;
    if (file == NULL) {
        status = assay_private_key_parse(data, NULL, out, diag);
        if (status != ASSAY_KEYFILE_PASSPHRASE || strcmp(path, "-") == 0 ||
            !isatty(STDIN_FILENO)) {
            return status;
        }
        status = prompt("Passphrase of the key: ", &secret, diag);
    } else {
        status = given_passphrase(file, SECRET_OPENS, &secret, diag);
    }
    if (status == ASSAY_OK) {
        struct assay_passphrase pass = {assay_buffer_slice(&secret)};
        status = assay_private_key_parse(data, &pass, out, diag);
    }
    assay_buffer_wipe(&secret);
    return status;
}

enum assay_status cli_private_key_load(const struct cli_args *args,
                                       const char *path,
                                       struct assay_private_key *out,
                                       struct assay_diag *diag)
{
    struct assay_buffer data = {0};
    memset(out, 0, sizeof *out);
    enum assay_status status =
        assay_file_read(path, ASSAY_KEY_FILE_MAX, &data, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    status = parse_private(args, path, assay_buffer_slice(&data), out, diag);
    assay_buffer_wipe(&data);
    return status == ASSAY_OK ? status : assay_diag_prefix(diag, "%s: ", path);
}

/* A public key, or the public half of a private one. */
static enum assay_status load_public(const struct cli_args *args,
                                     const char *path,
                                     struct assay_public_key *out,
                                     struct assay_diag *diag)
{
    struct assay_buffer data = {0};
    enum assay_status status =
        assay_file_read(path, ASSAY_KEY_FILE_MAX, &data, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    status = assay_public_key_parse(assay_buffer_slice(&data), out, diag);
    if (status == ASSAY_KEYFILE_PASSPHRASE) {
        struct assay_private_key key = {0};
        status =
            parse_private(args, path, assay_buffer_slice(&data), &key, diag);
        *out = key.public_key;
        assay_private_key_wipe(&key);
    }
    assay_buffer_wipe(&data);
    return status == ASSAY_OK ? status : assay_diag_prefix(diag, "%s: ", path);
}

/* --- What is said about a key --------------------------------------------- */

static const char *const ALGORITHMS[] = {"p256", "ed25519", NULL};

static const char *algorithm_name(const struct assay_public_key *key)
{
    return ALGORITHMS[key->algorithm == ASSAY_ED25519];
}

static void warn_if_published(const char *path,
                              const struct assay_public_key *key)
{
    const char *name = assay_published_key_name(key);
    if (name != NULL) {
        char *shown = cli_shown(path);
        cli_warn("%s: a published key: %s; everybody can sign with it",
                 shown != NULL ? shown : "key", name);
        free(shown);
    }
}

static void set_key_members(json_t *object, const struct assay_public_key *key)
{
    char fingerprint[ASSAY_FINGERPRINT_HEX];
    assay_key_fingerprint_hex(key, fingerprint);
    const char *name = assay_published_key_name(key);
    cli_json_text(object, "algorithm", algorithm_name(key));
    cli_json_text(object, "fingerprint", fingerprint);
    cli_json_hex(object, "public_key",
                 assay_slice(key->bytes, assay_public_key_len(key)));
    if (name != NULL) {
        cli_json_text(object, "published", name);
    } else if (object != NULL) {
        (void)json_object_set_new(object, "published", json_null());
    }
}

static void set_ok(json_t *object)
{
    struct assay_diag ok = {.status = ASSAY_OK};
    cli_json_status(object, &ok);
}

static int print_key_json(const char *path, const struct assay_public_key *key)
{
    json_t *object = cli_json_object(path);
    set_key_members(object, key);
    set_ok(object);
    return cli_json_print(object);
}

/* --- keys generate -------------------------------------------------------- */

static enum assay_status make_key(const struct cli_args *args, const char *path,
                                  struct assay_public_key *made,
                                  struct assay_diag *diag)
{
    static const enum assay_algorithm BY_CHOICE[] = {ASSAY_P256, ASSAY_ED25519};
    const char *file = cli_text(args, "--passphrase-file");
    struct assay_private_key key;
    struct assay_buffer secret = {0};
    struct assay_buffer pem = {0};
    enum assay_status status = ASSAY_OK;
    if (file != NULL) {
        status = given_passphrase(file, SECRET_PROTECTS, &secret, diag);
    }
    if (status == ASSAY_OK) {
        status = assay_private_key_generate(
            BY_CHOICE[cli_number(args, "--algorithm", 0)], &key, diag);
    }
    if (status == ASSAY_OK) {
        struct assay_passphrase pass = {assay_buffer_slice(&secret)};
        status = assay_private_key_write(
            &key, ASSAY_KEY_SEC1, file != NULL ? &pass : NULL, &pem, diag);
        *made = key.public_key;
        assay_private_key_wipe(&key);
    }
    if (status == ASSAY_OK) {
        status = assay_file_write(path, assay_buffer_slice(&pem),
                                  cli_flag(args, "--force")
                                      ? ASSAY_FILE_SECRET_REPLACE
                                      : ASSAY_FILE_SECRET,
                                  diag);
    }
    assay_buffer_wipe(&secret);
    assay_buffer_wipe(&pem);
    return status;
}

/* The key itself goes to "-": then nothing else may stand there. */
static void say_generated(const char *path, const struct assay_public_key *key)
{
    char fingerprint[ASSAY_FINGERPRINT_HEX];
    assay_key_fingerprint_hex(key, fingerprint);
    if (strcmp(path, "-") == 0) {
        cli_note("Fingerprint: %s\n", fingerprint);
        return;
    }
    char *shown = cli_shown(path);
    cli_say("Generated private key and stored it in: %s\n",
            shown != NULL ? shown : "");
    cli_say("Fingerprint: %s\n", fingerprint);
    free(shown);
}

static int run_generate(const struct cli_args *args)
{
    const char *path = args->positional[0];
    struct assay_diag diag = {0};
    struct assay_public_key key;
    struct stat st;
    if (cli_wants_json(args) && strcmp(path, "-") == 0) {
        return cli_usage_error(args, "--json and the key cannot both go to "
                                     "standard output.");
    }
    enum assay_status status = ASSAY_OK;
    /* Told before a passphrase is asked for; the write decides for good. */
    if (strcmp(path, "-") != 0 && !cli_flag(args, "--force") &&
        lstat(path, &st) == 0 && S_ISREG(st.st_mode)) {
        status = assay_diag_set(&diag, ASSAY_FILE_EXISTS,
                                "a file of %lld bytes", (long long)st.st_size);
    }
    if (status == ASSAY_OK) {
        status = make_key(args, path, &key, &diag);
    }
    if (status != ASSAY_OK) {
        return cli_fail(args, path, &diag);
    }
    if (cli_wants_json(args)) {
        return print_key_json(path, &key);
    }
    say_generated(path, &key);
    return CLI_EXIT_DONE;
}

static const struct cli_option GENERATE_OPTIONS[] = {
    {
        .name = "--algorithm",
        .kind = CLI_CHOICE,
        .choices = ALGORITHMS,
        .help = "The kind of key: p256 (the default, what Nordic's "
                "bootloaders verify) or ed25519.",
    },
    {
        .name = "--force",
        .kind = CLI_FLAG,
        .help = "Replace an existing file. A key that is lost cannot sign "
                "updates any more.",
    },
};

const struct cli_verb cli_verb_keys_generate = {
    .group = "keys",
    .name = "generate",
    .summary = "Generate a private key and store it in a file in PEM format.",
    .options = GENERATE_OPTIONS,
    .n_options = sizeof GENERATE_OPTIONS / sizeof GENERATE_OPTIONS[0],
    .positional = {.name = "KEY_FILE", .min = 1, .max = 1, .kind = CLI_FILE},
    .flags = CLI_VERB_JSON | CLI_VERB_PASSPHRASE,
    .examples =
        {
            {"keys generate private.pem",
             "A P-256 key, readable by you alone."},
            {"keys generate --passphrase-file - private.pem",
             "The same, encrypted; the passphrase is asked for."},
        },
    .notes = "Without --force an existing file is never replaced (exit code "
             "3); nrfutil asks instead.\n\n"
             "With --passphrase-file the key is encrypted with the first line "
             "of that file; \"-\" asks on a terminal.",
    .run = run_generate,
};

/* --- keys display --------------------------------------------------------- */

static const char *const WHICH[] = {"pk", "sk", NULL};
static const char *const FORMATS[] = {"hex", "code", "pem", "dbgcode", NULL};

/* The time that code names: now, or the one builds are to agree on. */
static time_t stated_time(void)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    char *end = NULL;
    errno = 0;
    long long seconds = epoch == NULL ? -1 : strtoll(epoch, &end, 10);
    if (epoch == NULL || end == epoch || *end != '\0' || errno != 0 ||
        seconds < 0) {
        return time(NULL);
    }
    return (time_t)seconds;
}

static enum assay_status put_out(const struct cli_args *args,
                                 const struct assay_buffer *text,
                                 const struct assay_public_key *secret_of,
                                 struct assay_diag *diag)
{
    const char *path = cli_text(args, "--out_file");
    if (path == NULL) {
        cli_bytes(assay_buffer_slice(text));
        cli_bytes(assay_slice((const uint8_t *)"\n", 1));
        return ASSAY_OK;
    }
    if (assay_private_key_stands_at(path, secret_of)) {
        return assay_diag_set(diag, ASSAY_FILE_EXISTS,
                              "%s: holds a private key, which would be lost",
                              path);
    }
    return assay_file_write(path, assay_buffer_slice(text),
                            secret_of != NULL ? ASSAY_FILE_SECRET_REPLACE
                                              : ASSAY_FILE_REPLACE,
                            diag);
}

static int display_private(const struct cli_args *args, const char *path,
                           enum assay_key_format format)
{
    struct assay_diag diag = {0};
    struct assay_private_key key;
    struct assay_buffer text = {0};
    if (cli_wants_json(args)) {
        return cli_usage_error(args, "--json shows public keys only.");
    }
    if (format == ASSAY_KEY_CODE || format == ASSAY_KEY_DEBUG_CODE) {
        return cli_usage_error(
            args, "Displaying the private key as code is not available.");
    }
    enum assay_status status = cli_private_key_load(args, path, &key, &diag);
    if (status == ASSAY_OK) {
        status = assay_private_key_display(&key, format, &text, &diag);
    }
    if (status == ASSAY_OK) {
        status = put_out(args, &text, &key.public_key, &diag);
    }
    assay_private_key_wipe(&key);
    assay_buffer_wipe(&text);
    return status == ASSAY_OK ? CLI_EXIT_DONE : cli_fail(args, path, &diag);
}

static int display_json(const char *path, const struct assay_public_key *key,
                        const char *format, struct assay_buffer *text)
{
    struct assay_diag diag = {0};
    if (assay_buffer_fill(text, 0, 1, &diag) != ASSAY_OK) {
        cli_print_failure(stderr, path, &diag);
        return CLI_EXIT_INTERNAL;
    }
    json_t *object = cli_json_object(path);
    set_key_members(object, key);
    cli_json_text(object, "format", format);
    cli_json_text(object, "text", (const char *)text->p);
    set_ok(object);
    return cli_json_print(object);
}

static int display_public(const struct cli_args *args, const char *path,
                          enum assay_key_format format)
{
    struct assay_diag diag = {0};
    struct assay_public_key key;
    struct assay_buffer text = {0};
    int code = CLI_EXIT_DONE;
    enum assay_status status = load_public(args, path, &key, &diag);
    if (status == ASSAY_OK) {
        warn_if_published(path, &key);
        status =
            assay_public_key_display(&key, format, stated_time(), &text, &diag);
    }
    if (status == ASSAY_OK && cli_wants_json(args)) {
        code = display_json(path, &key, cli_text(args, "--format"), &text);
    } else if (status == ASSAY_OK) {
        status = put_out(args, &text, NULL, &diag);
    }
    assay_buffer_free(&text);
    return status == ASSAY_OK ? code : cli_fail(args, path, &diag);
}

static int run_display(const struct cli_args *args)
{
    static const enum assay_key_format BY_CHOICE[] = {
        ASSAY_KEY_HEX, ASSAY_KEY_CODE, ASSAY_KEY_PEM, ASSAY_KEY_DEBUG_CODE};
    const char *path = args->positional[0];
    enum assay_key_format format = BY_CHOICE[cli_number(args, "--format", 0)];
    if (cli_wants_json(args) && cli_given(args, "--out_file") > 0) {
        return cli_usage_error(args, "--json and --out_file do not go "
                                     "together.");
    }
    return strcmp(cli_text(args, "--key"), "sk") == 0
               ? display_private(args, path, format)
               : display_public(args, path, format);
}

static const struct cli_option DISPLAY_OPTIONS[] = {
    {
        .name = "--key",
        .kind = CLI_CHOICE,
        .flags = CLI_REQUIRED,
        .choices = WHICH,
        .help = "The public key (pk) or the private key (sk).",
    },
    {
        .name = "--format",
        .kind = CLI_CHOICE,
        .flags = CLI_REQUIRED,
        .choices = FORMATS,
        .help = "Hexadecimal (hex), C code (code), PEM (pem), or C code that "
                "compiles for debug bootloaders only (dbgcode). hex and code "
                "hold X and Y in little-endian order, as Nordic's bootloaders "
                "want them.",
    },
    {
        .name = "--out_file",
        .other = {"--out-file"},
        .kind = CLI_FILE,
        .help = "Save the output in FILE. A file that holds a private key is "
                "never replaced by another key.",
    },
};

const struct cli_verb cli_verb_keys_display = {
    .group = "keys",
    .name = "display",
    .summary = "Display a private key, or the public key derived from it.",
    .options = DISPLAY_OPTIONS,
    .n_options = sizeof DISPLAY_OPTIONS / sizeof DISPLAY_OPTIONS[0],
    .positional = {.name = "KEY_FILE", .min = 1, .max = 1, .kind = CLI_FILE},
    .flags = CLI_VERB_JSON | CLI_VERB_PASSPHRASE,
    .examples =
        {
            {"keys display --key pk --format code private.pem",
             "The public key as C code, for dfu_public_key.c of a bootloader."},
            {"keys display --key pk --format pem --out_file public.pem "
             "private.pem",
             "The public key that verify takes."},
        },
    .notes = "With --key pk, KEY_FILE may also be a public key, in PEM, DER, "
             "hex, C code or raw bytes. The time in C code is "
             "SOURCE_DATE_EPOCH when that is set.",
    .run = run_display,
};

/* --- keys fingerprint ----------------------------------------------------- */

static int fingerprint_one(const struct cli_args *args, const char *path)
{
    struct assay_diag diag = {0};
    struct assay_public_key key;
    if (load_public(args, path, &key, &diag) != ASSAY_OK) {
        return cli_fail(args, path, &diag);
    }
    if (cli_wants_json(args)) {
        return print_key_json(path, &key);
    }
    char fingerprint[ASSAY_FINGERPRINT_HEX];
    assay_key_fingerprint_hex(&key, fingerprint);
    char *shown = cli_shown(path);
    cli_data("%s  %s\n", fingerprint, shown != NULL ? shown : "");
    cli_detail("%s: %s\n", shown != NULL ? shown : "", algorithm_name(&key));
    free(shown);
    warn_if_published(path, &key);
    return CLI_EXIT_DONE;
}

/* Every file is looked at; the highest exit code stands. */
static int run_each(const struct cli_args *args,
                    int (*one)(const struct cli_args *args, const char *path))
{
    int worst = CLI_EXIT_DONE;
    for (size_t i = 0; i < args->n_positionals; i++) {
        int code = one(args, args->positional[i]);
        worst = code > worst ? code : worst;
    }
    return worst;
}

static int run_fingerprint(const struct cli_args *args)
{
    return run_each(args, fingerprint_one);
}

const struct cli_verb cli_verb_keys_fingerprint = {
    .group = "keys",
    .name = "fingerprint",
    .summary = "Print the fingerprints of keys.",
    .positional = {.name = "KEY_FILE",
                   .min = 1,
                   .max = CLI_MANY,
                   .kind = CLI_FILE},
    .flags = CLI_VERB_JSON | CLI_VERB_PASSPHRASE,
    .examples =
        {
            {"keys fingerprint private.pem public.pem",
             "Two halves of one pair have the same fingerprint."},
            {"keys fingerprint --json public.pem",
             "The fingerprint, the key in hex, and its name when it is a "
             "published key."},
        },
    .notes = "A fingerprint is the SHA-256 of the DER SubjectPublicKeyInfo: "
             "what \"openssl pkey -pubin -outform DER | sha256sum\" prints.",
    .run = run_fingerprint,
};

/* --- keys find ------------------------------------------------------------ */

/* Where the bytes of a search came from. */
struct searched {
    const char *path;
    const char *member; /* of a zip archive, or NULL */
    const char *label;  /* "address" or "offset" */
    enum assay_find_step step;
    json_t *list; /* with --json */
    size_t n_keys;
    size_t n_more;
};

static const char *order_name(enum assay_key_order order)
{
    return order == ASSAY_KEY_LITTLE_ENDIAN ? "little-endian" : "big-endian";
}

static void list_key(struct searched *in, const struct assay_found_key *found,
                     uint64_t place)
{
    json_t *entry = json_object();
    if (in->member != NULL) {
        cli_json_text(entry, "member", in->member);
    }
    (void)json_object_set_new(entry, in->label,
                              json_integer((json_int_t)place));
    cli_json_text(entry, "order", order_name(found->order));
    set_key_members(entry, &found->key);
    (void)json_array_append_new(in->list, entry);
}

static void print_key(const struct searched *in,
                      const struct assay_found_key *found, uint64_t place)
{
    char fingerprint[ASSAY_FINGERPRINT_HEX];
    assay_key_fingerprint_hex(&found->key, fingerprint);
    char *shown = cli_shown(in->path);
    char *member = cli_shown(in->member != NULL ? in->member : "");
    cli_data("%s: %s%s%s 0x%08llX  %-13s  %s  ", shown != NULL ? shown : "",
             member != NULL ? member : "", in->member != NULL ? ": " : "",
             in->label, (unsigned long long)place, order_name(found->order),
             fingerprint);
    free(shown);
    free(member);
    if (found->published == NULL) {
        cli_data("not a published key\n");
        return;
    }
    cli_painted(stdout, CLI_PAINT_BAD, "published key");
    cli_data(": %s\n", found->published);
}

/*
 * Search one stretch of bytes that begins at `place`.
 * ret: ASSAY_OK also when it holds no key.
 */
static enum assay_status search(struct searched *in, struct assay_slice bytes,
                                uint64_t place, struct assay_diag *diag)
{
    struct assay_found_keys *found = malloc(sizeof *found);
    if (found == NULL) {
        return assay_diag_set(diag, ASSAY_MEMORY, "%zu bytes", sizeof *found);
    }
    /* Words are counted from address 0, not from the first byte. */
    size_t skip = (size_t)((uint64_t)in->step - place % in->step) % in->step;
    skip = skip < bytes.len ? skip : bytes.len;
    enum assay_status status = assay_key_find(
        assay_slice_sub(bytes, skip, bytes.len - skip), in->step, found, diag);
    if (status == ASSAY_OK) {
        for (size_t i = 0; i < found->n_keys; i++) {
            uint64_t at = place + skip + found->key[i].off;
            if (in->list != NULL) {
                list_key(in, &found->key[i], at);
            } else {
                print_key(in, &found->key[i], at);
            }
        }
        in->n_keys += found->n_keys;
        in->n_more += found->n_more;
    }
    free(found);
    return status == ASSAY_KEYFILE_NONE_FOUND ? ASSAY_OK : status;
}

static enum assay_status search_hex(struct searched *in,
                                    struct assay_slice text,
                                    struct assay_diag *diag)
{
    struct assay_hex hex;
    enum assay_status status = assay_hex_parse(text, &hex, diag);
    in->label = "address";
    for (size_t i = 0; status == ASSAY_OK && i < hex.n_segments; i++) {
        status =
            search(in, hex.segments[i].data, hex.segments[i].address, diag);
    }
    assay_hex_free(&hex);
    return status;
}

static enum assay_status search_image(struct searched *in,
                                      struct assay_slice data,
                                      struct assay_diag *diag)
{
    in->label = "offset";
    return data.len > 0 && data.p[0] == ':' ? search_hex(in, data, diag)
                                            : search(in, data, 0, diag);
}

static enum assay_status search_member(struct searched *in,
                                       const struct assay_zip *zip,
                                       const struct assay_zip_entry *entry,
                                       struct assay_diag *diag)
{
    char name[ASSAY_ZIP_MAX_NAME + 1];
    struct assay_buffer data = {0};
    (void)snprintf(name, sizeof name, "%.*s", (int)entry->name.len,
                   (const char *)entry->name.p);
    enum assay_status status =
        assay_zip_load(zip, entry, ASSAY_ZIP_MAX_LEN, &data, diag);
    in->member = name;
    if (status == ASSAY_OK) {
        status = search_image(in, assay_buffer_slice(&data), diag);
    }
    in->member = NULL;
    assay_buffer_free(&data);
    return status;
}

static enum assay_status search_zip(struct searched *in,
                                    struct assay_slice file,
                                    struct assay_diag *diag)
{
    struct assay_zip zip;
    enum assay_status status = assay_zip_open(file, &zip, diag);
    for (size_t i = 0; status == ASSAY_OK && i < zip.n_entries; i++) {
        status = search_member(in, &zip, &zip.entry[i], diag);
    }
    return status;
}

static int is_zip(struct assay_slice data)
{
    static const uint8_t LOCAL_HEADER[] = {'P', 'K', 3, 4};
    return data.len >= sizeof LOCAL_HEADER &&
           memcmp(data.p, LOCAL_HEADER, sizeof LOCAL_HEADER) == 0;
}

static enum assay_status search_file(struct searched *in,
                                     struct assay_diag *diag)
{
    struct assay_buffer data = {0};
    enum assay_status status =
        assay_file_read(in->path, ASSAY_FILE_MAX, &data, diag);
    if (status != ASSAY_OK) {
        return status;
    }
    struct assay_slice all = assay_buffer_slice(&data);
    status =
        is_zip(all) ? search_zip(in, all, diag) : search_image(in, all, diag);
    if (status == ASSAY_OK && in->n_keys == 0) {
        status = assay_diag_set(
            diag, ASSAY_KEYFILE_NONE_FOUND, "%zu bytes searched at %s",
            data.len,
            in->step == ASSAY_FIND_WORDS ? "every fourth byte" : "every byte");
    }
    assay_buffer_free(&data);
    return status;
}

static int find_one(const struct cli_args *args, const char *path)
{
    struct assay_diag diag = {0};
    struct searched in = {
        .path = path,
        .step = cli_flag(args, "--every-offset") ? ASSAY_FIND_EVERY_OFFSET
                                                 : ASSAY_FIND_WORDS,
        .list = cli_wants_json(args) ? json_array() : NULL,
    };
    enum assay_status status = search_file(&in, &diag);
    if (status != ASSAY_OK) {
        json_decref(in.list);
        return cli_fail(args, path, &diag);
    }
    if (in.n_more > 0) {
        cli_warn("%zu more keys are not listed", in.n_more);
    }
    if (in.list == NULL) {
        return CLI_EXIT_DONE;
    }
    json_t *object = cli_json_object(path);
    (void)json_object_set_new(object, "keys", in.list);
    (void)json_object_set_new(object, "n_more",
                              json_integer((json_int_t)in.n_more));
    set_ok(object);
    return cli_json_print(object);
}

static int run_find(const struct cli_args *args)
{
    return run_each(args, find_one);
}

static const struct cli_option FIND_OPTIONS[] = {
    {
        .name = "--every-offset",
        .kind = CLI_FLAG,
        .help = "Look at every byte, not only at multiples of 4. Slower; for "
                "files that are not memory images.",
    },
};

const struct cli_verb cli_verb_keys_find = {
    .group = "keys",
    .name = "find",
    .summary = "Find the P-256 public keys inside firmware.",
    .options = FIND_OPTIONS,
    .n_options = sizeof FIND_OPTIONS / sizeof FIND_OPTIONS[0],
    .positional = {.name = "FILE", .min = 1, .max = CLI_MANY, .kind = CLI_FILE},
    .flags = CLI_VERB_JSON,
    .examples =
        {
            {"keys find bootloader.hex",
             "Which key does this bootloader trust, and is it a published "
             "one?"},
            {"keys find --every-offset --json dump.bin",
             "Look at every byte, and report as JSON."},
        },
    .notes = "Hex files and zip archives are told by how they begin, and the "
             "members of an archive are searched one by one; any other file "
             "is taken as bytes. A place counts as a key when its 64 bytes are "
             "a point of the curve in one of the two byte orders.",
    .run = run_find,
};
