/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/p256.h"
#include "fuzz/fuzz.h"
#include "fuzz/keyring.h"
#include "host/sign.h"

#include <openssl/bn.h>
#include <string.h>

/*
 * P-256 against OpenSSL. The first byte is a mode: what of key and signature
 * is taken from the input as it is, and what is made right before the input
 * is laid over it, so that refusals deep inside are reached.
 *
 *   mode | 64 bytes of key | 32 of digest | 64 of signature
 */

#define INPUT_LEN 161u

enum {
    MODE_KEY = 1u,    /* the open key, the key bytes XORed over it */
    MODE_SIGN = 2u,   /* a right signature, the signature bytes over it */
    MODE_TWIN = 4u,   /* s becomes n - s: as good as s */
    MODE_ADD_R = 8u,  /* r + n, when that fits in 256 bits */
    MODE_ADD_S = 16u, /* s + n, the same */
};

static const uint8_t ORDER[32] = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
    0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

struct one_case {
    uint8_t pub[64];
    uint8_t digest[32];
    uint8_t sig[64];
};

static void lay_over(uint8_t *out, const uint8_t *mask, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[i] ^= mask[i];
    }
}

/* x = n - x, or n + x where that has 256 bits; x is left alone otherwise. */
static void with_order(uint8_t x[static 32], int is_sum)
{
    BIGNUM *n = BN_bin2bn(ORDER, 32, NULL);
    BIGNUM *v = BN_bin2bn(x, 32, NULL);
    require(n != NULL && v != NULL);
    require((is_sum ? BN_add(v, n, v) : BN_sub(v, n, v)) == 1);
    if (!BN_is_negative(v) && BN_num_bits(v) <= 256) {
        require(BN_bn2binpad(v, x, 32) == 32);
    }
    BN_free(n);
    BN_free(v);
}

static void make_case(const uint8_t *data, struct one_case *c)
{
    struct assay_private_key key;
    unsigned mode = data[0];
    fuzz_private_key(FUZZ_KEY_OPEN, &key);
    memset(c, 0, sizeof *c);
    memcpy(c->digest, data + 65, 32);
    if ((mode & MODE_KEY) != 0) {
        memcpy(c->pub, key.public_key.bytes, 64);
    }
    if ((mode & MODE_SIGN) != 0) {
        require(assay_sign_p256(&key, c->digest, c->sig, NULL) == ASSAY_OK);
    }
    lay_over(c->pub, data + 1, 64);
    lay_over(c->sig, data + 97, 64);
    if ((mode & MODE_TWIN) != 0) {
        with_order(c->sig + 32, 0);
    }
    if ((mode & MODE_ADD_R) != 0) {
        with_order(c->sig, 1);
    }
    if ((mode & MODE_ADD_S) != 0) {
        with_order(c->sig + 32, 1);
    }
}

/* The signer of the product makes what both verifiers take. */
static void check_own(const uint8_t *data)
{
    static const uint8_t NOTHING[64] = {0};
    unsigned mode = data[0] & (MODE_KEY | MODE_SIGN | MODE_ADD_R | MODE_ADD_S);
    struct one_case c;
    if (mode != (MODE_KEY | MODE_SIGN) || memcmp(data + 1, NOTHING, 64) != 0 ||
        memcmp(data + 97, NOTHING, 64) != 0) {
        return;
    }
    make_case(data, &c);
    require(assay_p256_verify(c.pub, c.digest, c.sig) == ASSAY_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct one_case c;
    if (len != INPUT_LEN) {
        return -1;
    }
    make_case(data, &c);
    enum assay_status status = assay_p256_verify(c.pub, c.digest, c.sig);
    enum assay_status key = assay_p256_key_check(c.pub);
    int peer = fuzz_openssl_p256(c.pub, c.digest, c.sig);
    require((peer == -1) == (key == ASSAY_KEY_INVALID));
    require((peer == -1) == (status == ASSAY_KEY_INVALID));
    require((peer == 0) == (status == ASSAY_SIGNATURE_INVALID));
    require((peer == 1) == (status == ASSAY_OK));
    check_own(data);
    return 0;
}
