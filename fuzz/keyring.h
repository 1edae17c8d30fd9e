/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_FUZZ_KEYRING_H
#define ASSAY_FUZZ_KEYRING_H

#include "host/trust.h"

/*
 * The keys that the harnesses trust. The mutator signs with the first two, so
 * anything may come signed by them; it has no private half of the closed key,
 * which signed the packets of fuzz/seeds.py and will never sign another.
 */
enum fuzz_key {
    FUZZ_KEY_OPEN,    /* P-256; every role */
    FUZZ_KEY_ED25519, /* every role */
    FUZZ_KEY_CLOSED,  /* P-256; every role but external */
    FUZZ_N_KEYS,
};

/* The trust table with these keys in this order; out is replaced. */
void fuzz_keyring(struct assay_trust *out);

/* The private halves of the first two. */
void fuzz_private_key(enum fuzz_key key, struct assay_private_key *out);

/*
 * Whether the signature of an init packet is right, asked of OpenSSL and
 * libsodium. in: a key of the ring; wire signature of 64 bytes.
 */
int fuzz_is_signed(enum fuzz_key key, struct assay_slice signed_bytes,
                   const uint8_t wire[static 64]);

/* Whether the closed key has ever signed these bytes. */
int fuzz_closed_signed(struct assay_slice signed_bytes);

/* P-256 by OpenSSL: r then s big-endian. ret: 1 right, 0 wrong, -1 no key. */
int fuzz_openssl_p256(const uint8_t pub[static 64],
                      const uint8_t digest[static 32],
                      const uint8_t sig[static 64]);

#endif
