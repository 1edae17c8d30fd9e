/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_VERIFIER_VERDICT_H
#define ASSAY_VERIFIER_VERDICT_H

#include <stdint.h>

#include "base/status.h"

/*
 * How the verifier decides, so that a processor that leaves out any one
 * instruction still refuses what it must refuse.
 *
 * 1. Every examination is made twice, from the beginning, on data that are
 *    read again. Each gives one half of the result: a fault in one of them
 *    leaves the other half a refusal, and the word is not ASSAY_OK. It may
 *    then be no status at all, which is a refusal like any other.
 * 2. What takes too long to be done twice, the signature and the digest of
 *    the image, stands outside of the examinations. It makes its own result
 *    of two halves and leaves it in memory that held a refusal before; each
 *    examination reads it there.
 * 3. A function that refuses on its way to such a result cuts its status to
 *    the bits that refusals have, so that the success of a step is never
 *    taken for the success of the last one.
 */

#define ASSAY_FIRST_HALF 0xFFFF0000u

/* Every status but ASSAY_OK fits in these bits. */
#define ASSAY_REFUSAL 0x00000FFFu

static inline enum assay_status assay_join(uint32_t first, uint32_t again)
{
    return (enum assay_status)((first & ASSAY_FIRST_HALF) |
                               (again & ~ASSAY_FIRST_HALF));
}

/* in: status, not ASSAY_OK. */
static inline enum assay_status assay_refusal(enum assay_status status)
{
    return (enum assay_status)((uint32_t)status & ASSAY_REFUSAL);
}

#endif
