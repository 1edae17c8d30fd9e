/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "fuzz/fuzz.h"

#include <string.h>
#include <unistd.h>

/*
 * The loop of AFL++: persistent, test cases in shared memory. Each is copied
 * to the heap at its exact length, where a sanitizer sees reads past its end.
 */

__AFL_FUZZ_INIT();

#define N_LOOPS 10000

int main(void)
{
#ifdef __AFL_HAVE_MANUAL_CONTROL
    __AFL_INIT();
#endif
    const unsigned char *shared = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(N_LOOPS)) {
        size_t len = (size_t)__AFL_FUZZ_TESTCASE_LEN;
        uint8_t *data = malloc(len == 0 ? 1 : len);
        require(data != NULL);
        memcpy(data, shared, len);
        (void)LLVMFuzzerTestOneInput(data, len);
        free(data);
    }
    return 0;
}
