/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "verifier/verifier.h"

uint32_t assay_verifier_nordic(enum assay_status status)
{
    switch ((uint32_t)status) {
#define CODE(symbol, value, nordic, rule, meaning, advice)                     \
    case (value):                                                              \
        return (nordic);
        ASSAY_STATUS_LIST(CODE)
#undef CODE
    default:
        return 0;
    }
}
