/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/status.h"
#include "crypto/ed25519.h"
#include "crypto/p256.h"
#include "tests/budgets.c"

/*
 * Verifications per second of processor time by the native engine, one core.
 * Prints one number for P-256 and one for Ed25519.
 */

/* Long enough for the processor's clock to settle, in seconds. */
#define DURATION 1.0

static enum assay_status verify_p256(void)
{
    return assay_p256_verify(p256_key, p256_digest, p256_signature);
}

static enum assay_status verify_ed25519(void)
{
    return assay_ed25519_verify(
        ed25519_key, assay_slice(ed25519_message, sizeof ed25519_message),
        ed25519_signature);
}

static double seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static double rate(enum assay_status (*verify)(void))
{
    double start = seconds();
    double end = start;
    unsigned n = 0;
    while (end - start < DURATION) {
        for (unsigned i = 0; i < 100; i++) {
            if (verify() != ASSAY_OK) {
                fputs("rates: a good signature is refused\n", stderr);
                exit(1);
            }
        }
        n += 100;
        end = seconds();
    }
    return n / (end - start);
}

int main(void)
{
    printf("%.0f %.0f\n", rate(verify_p256), rate(verify_ed25519));
    return 0;
}
