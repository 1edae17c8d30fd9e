/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "fuzz/fuzz.h"
#include "host/keys.h"

#include <string.h>

/*
 * Key files of strangers. Whatever is accepted must survive being written
 * and read again, and the private parser must agree with the public one.
 */

static void check_public(const struct assay_public_key *key)
{
    uint8_t der[ASSAY_SPKI_MAX];
    struct assay_public_key again;
    size_t len = assay_public_key_der(key, der);
    require(assay_public_key_parse(assay_slice(der, len), &again, NULL) ==
            ASSAY_OK);
    require(again.algorithm == key->algorithm &&
            memcmp(again.bytes, key->bytes, sizeof again.bytes) == 0);
}

static void check_private(const struct assay_private_key *key)
{
    uint8_t der[ASSAY_PRIVATE_DER_MAX];
    struct assay_private_key again;
    size_t len = assay_private_key_der(key, ASSAY_KEY_SEC1, der);
    require(assay_private_key_parse(assay_slice(der, len), NULL, &again,
                                    NULL) == ASSAY_OK);
    require(memcmp(again.secret, key->secret, sizeof again.secret) == 0);
    check_public(&key->public_key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t PASS[] = "correct horse";
    struct assay_slice s = assay_slice(data, size);
    struct assay_passphrase pass = {assay_slice(PASS, sizeof PASS - 1)};
    struct assay_public_key public_key;
    struct assay_private_key key;
    struct assay_diag diag = {0};
    enum assay_status as_public = assay_public_key_parse(s, &public_key, &diag);
    require(diag.status == (as_public == ASSAY_OK ? 0 : as_public));
    if (as_public == ASSAY_OK) {
        check_public(&public_key);
    }
    enum assay_status as_private =
        assay_private_key_parse(s, &pass, &key, NULL);
    if (as_private == ASSAY_OK) {
        check_private(&key);
        require(as_public == ASSAY_OK || as_public == ASSAY_KEYFILE_PASSPHRASE);
    }
    require(as_public != ASSAY_OK || as_private == ASSAY_OK ||
            as_private == ASSAY_KEYFILE_PUBLIC);
    return 0;
}
