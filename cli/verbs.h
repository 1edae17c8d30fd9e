/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_CLI_VERBS_H
#define ASSAY_CLI_VERBS_H

#include "cli/options.h"
#include "host/keys.h"

/* Every verb, each defined in the file of its group; main.c lists them. */
extern const struct cli_verb cli_verb_verify;           /* cli/verify.c */
extern const struct cli_verb cli_verb_inspect;          /* cli/inspect.c */
extern const struct cli_verb cli_verb_pkg_generate;     /* cli/pkg_generate.c */
extern const struct cli_verb cli_verb_pkg_display;      /* cli/pkg_display.c */
extern const struct cli_verb cli_verb_pkg_verify;       /* cli/verify.c */
extern const struct cli_verb cli_verb_keys_generate;    /* cli/keys.c */
extern const struct cli_verb cli_verb_keys_display;     /* cli/keys.c */
extern const struct cli_verb cli_verb_keys_find;        /* cli/keys.c */
extern const struct cli_verb cli_verb_keys_fingerprint; /* cli/keys.c */
extern const struct cli_verb cli_verb_settings_generate; /* cli/settings.c */
extern const struct cli_verb cli_verb_settings_display;  /* cli/settings.c */
extern const struct cli_verb cli_verb_vectors_run;       /* cli/vectors.c */
extern const struct cli_verb cli_verb_completion;        /* cli/completion.c */
extern const struct cli_verb cli_verb_help;              /* cli/help.c */
extern const struct cli_verb cli_verb_version;           /* cli/version.c */

/* cli/main.c */
extern const struct cli_program cli_program;

/* cli/help.c: the help of the program, of one group, of one verb; stdout. */
void cli_help_program(void);
void cli_help_group(const struct cli_group *group);
void cli_help_verb(const struct cli_verb *verb);

/* cli/main.c: find by name; NULL when there is none. group may be NULL. */
const struct cli_group *cli_find_group(const char *name);
const struct cli_verb *cli_find_verb(const char *group, const char *name);

/* cli/main.c: non-zero when the verb belongs to the group; NULL: to none. */
int cli_in_group(const struct cli_verb *verb, const char *group);

/*
 * cli/keys.c: load the private key of a verb with CLI_VERB_PASSPHRASE. The
 * passphrase comes from --passphrase-file, or is asked for on the terminal
 * when the key is encrypted and standard input is one.
 * ret: as assay_private_key_load.
 */
ASSAY_MUST_USE enum assay_status cli_private_key_load(
    const struct cli_args *args, const char *path,
    struct assay_private_key *out, struct assay_diag *diag);

/*
 * cli/settings.c: "2.7.31" to 20731, as nrfutil counts: x * 10000 + y * 100 +
 * z, with y and z below 100.
 * ret: CLI_USAGE, ASSAY_OK.
 */
ASSAY_MUST_USE enum assay_status cli_parse_version(const char *text,
                                                   uint32_t *out,
                                                   struct assay_diag *diag);

#endif
