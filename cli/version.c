/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "cli/output.h"
#include "cli/verbs.h"
#include "digest.h"
#include "host/engine.h"

#include <openssl/crypto.h>
#include <protobuf-c/protobuf-c.h>
#include <sodium.h>
#include <zlib.h>

#define LICENSE "Apache-2.0 OR MIT"

struct library {
    const char *name;
    const char *version;
    const char *license;
};

enum { N_LIBRARIES = 5 };

/* Of the libraries that run, which need not be those of the build. */
static void libraries(struct library library[N_LIBRARIES])
{
    library[0] = (struct library){
        "OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING), "Apache-2.0"};
    library[1] = (struct library){"libsodium", sodium_version_string(), "ISC"};
    library[2] =
        (struct library){"protobuf-c", protobuf_c_version(), "BSD-2-Clause"};
    library[3] = (struct library){"jansson", jansson_version_str(), "MIT"};
    library[4] = (struct library){"zlib", zlibVersion(), "Zlib"};
}

static int print_json(const struct library library[N_LIBRARIES])
{
    json_t *object = cli_json_object(NULL);
    cli_json_text(object, "version", ASSAY_VERSION);
    cli_json_text(object, "source_sha256", ASSAY_SOURCE_DIGEST);
    cli_json_text(object, "machine_code_sha256", assay_engine_code_digest());
    cli_json_text(object, "license", LICENSE);
    json_t *list = json_array();
    for (size_t i = 0; i < N_LIBRARIES; i++) {
        json_t *entry = json_object();
        cli_json_text(entry, "name", library[i].name);
        cli_json_text(entry, "version", library[i].version);
        cli_json_text(entry, "license", library[i].license);
        (void)json_array_append_new(list, entry);
    }
    (void)json_object_set_new(object, "libraries", list);
    return cli_json_print(object);
}

static int run_version(const struct cli_args *args)
{
    struct library library[N_LIBRARIES];
    libraries(library);
    if (cli_wants_json(args)) {
        return print_json(library);
    }
    cli_data("assay version " ASSAY_VERSION "\n");
    cli_data("verifier sources: SHA-256 " ASSAY_SOURCE_DIGEST "\n");
    if (assay_engine_code().len != 0) {
        cli_data("verifier machine code: SHA-256 %s, %zu bytes for "
                 "Cortex-M4\n",
                 assay_engine_code_digest(), assay_engine_code().len);
    } else {
        cli_data("verifier machine code: none, this build had no ARM "
                 "compiler\n");
    }
    cli_data("libraries:");
    for (size_t i = 0; i < N_LIBRARIES; i++) {
        cli_data("%s %s %s", i > 0 ? "," : "", library[i].name,
                 library[i].version);
    }
    cli_data("\nlicence: " LICENSE "; libraries:");
    for (size_t i = 0; i < N_LIBRARIES; i++) {
        cli_data("%s %s %s", i > 0 ? "," : "", library[i].name,
                 library[i].license);
    }
    cli_data("\n");
    return CLI_EXIT_DONE;
}

const struct cli_verb cli_verb_version = {
    .name = "version",
    .summary = "Display the versions of Assay, its verifier and its libraries.",
    .flags = CLI_VERB_JSON,
    .examples =
        {
            {"version", "The version, and the digest of the verifier's "
                        "sources that firmware prints too."},
            {"version --json", "The same for a program."},
        },
    .run = run_version,
};
