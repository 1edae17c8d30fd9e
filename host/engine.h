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
 * ret: ASSAY_ENGINE_MISSING (there is no machine code or no program),
 *      ASSAY_ENGINE_FAILED (the program cannot run it), ASSAY_OK.
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
 * inputs, outputs and statuses; and ASSAY_ENGINE_FAILED or
 * ASSAY_ENGINE_DISAGREES when there is no verdict, see assay_engine_failed.
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

/*
 * Functions below the verifier's API, for known answers: those of
 * initpkt/initpkt.h and crypto/ with the same statuses, run as machine code.
 * in:  engine, started with ASSAY_ENGINE_M4.
 * out: as the functions; a digest of zeros after a failure of the engine.
 * ret: as the functions, and ASSAY_ENGINE_FAILED or
 *      ASSAY_ENGINE_DISAGREES; digests: ASSAY_OK or that.
 */
ASSAY_MUST_USE enum assay_status assay_engine_initpkt_open(
    struct assay_engine *engine, struct assay_slice packet,
    struct assay_envelope *out, struct assay_diag *diag);

ASSAY_MUST_USE enum assay_status assay_engine_initpkt_read(
    struct assay_engine *engine, struct assay_slice signed_bytes,
    struct assay_init_command *out, struct assay_diag *diag);

ASSAY_MUST_USE enum assay_status assay_engine_p256(
    struct assay_engine *engine, const uint8_t pub[static 64],
    const uint8_t digest[static 32], const uint8_t sig[static 64],
    struct assay_diag *diag);

ASSAY_MUST_USE enum assay_status assay_engine_ed25519(
    struct assay_engine *engine, const uint8_t pub[static 32],
    struct assay_slice msg, const uint8_t sig[static 64],
    struct assay_diag *diag);

/* The digest of msg, repeat times over. */
ASSAY_MUST_USE enum assay_status assay_engine_sha256(
    struct assay_engine *engine, struct assay_slice msg, uint32_t repeat,
    uint8_t digest[static 32], struct assay_diag *diag);

ASSAY_MUST_USE enum assay_status assay_engine_sha512(
    struct assay_engine *engine, struct assay_slice msg, uint32_t repeat,
    uint8_t digest[static 64], struct assay_diag *diag);

#endif
