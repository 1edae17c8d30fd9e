/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_HOST_ENGINE_H
#define ASSAY_HOST_ENGINE_H

#include <sys/types.h>

#include "host/diag.h"
#include "verifier/verifier.h"

/*
 * Who runs the verifier: this program, as the host's compiler made it; or the
 * machine code for Cortex-M4 that this program carries, which the program
 * assay-m4 executes; or both, and then they must agree.
 *
 * A verdict of the machine code is read with the suspicion of any input:
 * every length and every address in it is checked.
 */

enum assay_engine_kind {
    ASSAY_ENGINE_NATIVE = 0,
    ASSAY_ENGINE_M4 = 1,
    ASSAY_ENGINE_BOTH = 2,
};

/* One process of assay-m4 serves all calls. Zero-initialised: native. */
struct assay_engine {
    enum assay_engine_kind kind;
    pid_t pid;
    int fd;
};

/*
 * The machine code of the verifier in this build.
 * ret: its bytes; empty when the build had no ARM compiler.
 * mem: static.
 */
struct assay_slice assay_engine_code(void);

/* Its SHA-256 in hex; "" when there is none. */
const char *assay_engine_code_digest(void);

/*
 * Start the engine: assay-m4 is found by the variable ASSAY_M4, beside this
 * program, or in ../libexec/assay of its folder.
 * out: *engine; close it with assay_engine_close, also on failure.
 * ret: ASSAY_INTERNAL (there is no machine code or no program, or the program
 *      cannot run it; the diagnostic says which), ASSAY_OK.
 * mem: a socket and a process, none for ASSAY_ENGINE_NATIVE.
 * std: engine/protocol.h.
 */
ASSAY_MUST_USE enum assay_status assay_engine_open(struct assay_engine *engine,
                                                   enum assay_engine_kind kind,
                                                   struct assay_diag *diag);

void assay_engine_close(struct assay_engine *engine);

/*
 * Whether a status of the functions below is no verdict: the engine failed,
 * or two engines differ. The diagnostic is set then, and only then.
 */
int assay_engine_failed(enum assay_status status);

/*
 * The functions of verifier/verifier.h, run by an engine. They have the same
 * inputs, outputs and statuses; and ASSAY_INTERNAL when there is no verdict,
 * see assay_engine_failed.
 * in: engine, started, or NULL for native.
 */
ASSAY_MUST_USE enum assay_status assay_engine_keys(
    struct assay_engine *engine, const struct assay_key_table *keys,
    struct assay_diag *diag);

ASSAY_MUST_USE enum assay_status assay_engine_packet(
    struct assay_engine *engine, struct assay_slice packet,
    const struct assay_key_table *keys, struct assay_verdict *out,
    struct assay_diag *diag);

ASSAY_MUST_USE enum assay_status assay_engine_policy(
    struct assay_engine *engine, const struct assay_init_command *command,
    const struct assay_device *device, struct assay_diag *diag);

ASSAY_MUST_USE enum assay_status assay_engine_image_start(
    struct assay_engine *engine, struct assay_image *image,
    const struct assay_init_command *command, struct assay_diag *diag);

ASSAY_MUST_USE enum assay_status assay_engine_image_update(
    struct assay_engine *engine, struct assay_image *image,
    struct assay_slice bytes, struct assay_diag *diag);

ASSAY_MUST_USE enum assay_status assay_engine_image_finish(
    struct assay_engine *engine, struct assay_image *image,
    struct assay_diag *diag);

/* in: packet and image together of at most 900 kB. */
ASSAY_MUST_USE enum assay_status assay_engine_boot(
    struct assay_engine *engine, const struct assay_installed *installed,
    const struct assay_key_table *keys, struct assay_diag *diag);

#endif
