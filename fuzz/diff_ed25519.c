/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "crypto/ed25519.h"
#include "fuzz/fuzz.h"

#include <sodium.h>
#include <string.h>

/*
 * Ed25519 against libsodium, whose acceptance set is ours. The first byte is
 * a mode: what of key and signature is made right before the input is laid
 * over it.
 *
 *   mode | 32 bytes of key | 64 of signature | message
 *
 * With torsion, the first byte of the key chooses points of small order that
 * are added to A and to R of a right signature: half of such signatures
 * separate the equations with and without the cofactor.
 */

#define HEAD_LEN 97u
#define MESSAGE_MAX 1024u

enum {
    MODE_KEY = 1u,     /* a right key, the key bytes XORed over it */
    MODE_SIGN = 2u,    /* a right signature, the signature bytes over it */
    MODE_TORSION = 4u, /* the key byte chooses what is added */
    MODE_ADD_L = 8u,   /* S + L, the same number to the equation */
};

struct one_case {
    uint8_t pub[32];
    uint8_t sig[64];
    const uint8_t *msg;
    size_t msg_len;
};

/* A point of order 8 generates those of small order. */
static const uint8_t ORDER_8[32] = {
    0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
    0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
    0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a};

static const uint8_t ORDER_L[32] = {
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
    0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

static void lay_over(uint8_t *out, const uint8_t *mask, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[i] ^= mask[i];
    }
}

static void add_torsion(uint8_t point[static 32], unsigned times)
{
    for (unsigned i = 0; i < times % 8; i++) {
        require(crypto_core_ed25519_add(point, point, ORDER_8) == 0);
    }
}

/* A and S of the standard, for a key and a nonce that are fixed. */
static void sign(struct one_case *c, unsigned torsion)
{
    static const uint8_t SECRET[32] = {0x5a, 0x17, 1};
    static const uint8_t NONCE[32] = {0xa5, 0x71, 2};
    crypto_hash_sha512_state sha;
    uint8_t hash[64];
    uint8_t k[32];
    require(crypto_scalarmult_ed25519_base_noclamp(c->pub, SECRET) == 0);
    require(crypto_scalarmult_ed25519_base_noclamp(c->sig, NONCE) == 0);
    add_torsion(c->pub, torsion);
    add_torsion(c->sig, torsion >> 3);
    (void)crypto_hash_sha512_init(&sha);
    (void)crypto_hash_sha512_update(&sha, c->sig, 32);
    (void)crypto_hash_sha512_update(&sha, c->pub, 32);
    (void)crypto_hash_sha512_update(&sha, c->msg, c->msg_len);
    (void)crypto_hash_sha512_final(&sha, hash);
    crypto_core_ed25519_scalar_reduce(k, hash);
    crypto_core_ed25519_scalar_mul(k, k, SECRET);
    crypto_core_ed25519_scalar_add(c->sig + 32, k, NONCE);
}

static void make_case(const uint8_t *data, size_t len, struct one_case *c)
{
    unsigned mode = data[0];
    unsigned torsion = (mode & MODE_TORSION) != 0 ? data[1] : 0;
    struct one_case right = {.msg = data + HEAD_LEN, .msg_len = len - HEAD_LEN};
    sign(&right, torsion);
    *c = right;
    if ((mode & MODE_KEY) == 0) {
        memset(c->pub, 0, 32);
    }
    if ((mode & MODE_SIGN) == 0) {
        memset(c->sig, 0, 64);
    }
    lay_over(c->pub + (torsion != 0), data + 1 + (torsion != 0),
             32 - (torsion != 0));
    lay_over(c->sig, data + 33, 64);
    if ((mode & MODE_ADD_L) != 0) {
        sodium_add(c->sig + 32, ORDER_L, 32);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct one_case c;
    if (len < HEAD_LEN || len > HEAD_LEN + MESSAGE_MAX) {
        return -1;
    }
    make_case(data, len, &c);
    enum assay_status key = assay_ed25519_key_check(c.pub);
    enum assay_status status =
        assay_ed25519_verify(c.pub, assay_slice(c.msg, c.msg_len), c.sig);
    int peer = crypto_sign_verify_detached(c.sig, c.msg, c.msg_len, c.pub) == 0;
    require(peer == (status == ASSAY_OK));
    require((key == ASSAY_KEY_INVALID) == (status == ASSAY_KEY_INVALID));
    require(key == ASSAY_OK || key == ASSAY_KEY_INVALID);
    /* A point of the main subgroup is a key. */
    require(crypto_core_ed25519_is_valid_point(c.pub) != 1 || key == ASSAY_OK);
    return 0;
}
