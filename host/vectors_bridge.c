/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/vectors.h"

/* Where to say why there is no verdict: the first reason is kept. */
static struct assay_diag *first(struct assay_vectors_bridge *bridge)
{
    return bridge->diag.status == 0 ? &bridge->diag : NULL;
}

static enum assay_status bridge_keys(void *ctx,
                                     const struct assay_key_table *keys)
{
    struct assay_vectors_bridge *b = ctx;
    return assay_engine_keys(b->engine, keys, first(b));
}

static enum assay_status bridge_packet(void *ctx, struct assay_slice packet,
                                       const struct assay_key_table *keys,
                                       struct assay_verdict *out)
{
    struct assay_vectors_bridge *b = ctx;
    return assay_engine_packet(b->engine, packet, keys, out, first(b));
}

static enum assay_status bridge_policy(void *ctx,
                                       const struct assay_init_command *command,
                                       const struct assay_device *device)
{
    struct assay_vectors_bridge *b = ctx;
    return assay_engine_policy(b->engine, command, device, first(b));
}

static enum assay_status bridge_image_start(
    void *ctx, struct assay_image *image,
    const struct assay_init_command *command)
{
    struct assay_vectors_bridge *b = ctx;
    return assay_engine_image_start(b->engine, image, command, first(b));
}

static enum assay_status bridge_image_update(void *ctx,
                                             struct assay_image *image,
                                             struct assay_slice bytes)
{
    struct assay_vectors_bridge *b = ctx;
    return assay_engine_image_update(b->engine, image, bytes, first(b));
}

static enum assay_status bridge_image_finish(void *ctx,
                                             struct assay_image *image)
{
    struct assay_vectors_bridge *b = ctx;
    return assay_engine_image_finish(b->engine, image, first(b));
}

static enum assay_status bridge_boot(void *ctx,
                                     const struct assay_installed *installed,
                                     const struct assay_key_table *keys)
{
    struct assay_vectors_bridge *b = ctx;
    return assay_engine_boot(b->engine, installed, keys, first(b));
}

static enum assay_status bridge_open(void *ctx, struct assay_slice packet,
                                     struct assay_envelope *out)
{
    struct assay_vectors_bridge *b = ctx;
    return assay_engine_initpkt_open(b->engine, packet, out, first(b));
}

static enum assay_status bridge_read(void *ctx, struct assay_slice signed_bytes,
                                     struct assay_init_command *out)
{
    struct assay_vectors_bridge *b = ctx;
    return assay_engine_initpkt_read(b->engine, signed_bytes, out, first(b));
}

static enum assay_status bridge_p256(void *ctx, const uint8_t pub[static 64],
                                     const uint8_t digest[static 32],
                                     const uint8_t sig[static 64])
{
    struct assay_vectors_bridge *b = ctx;
    return assay_engine_p256(b->engine, pub, digest, sig, first(b));
}

static enum assay_status bridge_ed25519(void *ctx, const uint8_t pub[static 32],
                                        struct assay_slice msg,
                                        const uint8_t sig[static 64])
{
    struct assay_vectors_bridge *b = ctx;
    return assay_engine_ed25519(b->engine, pub, msg, sig, first(b));
}

/* A failure is a digest of zeros, and stands in the diagnostic. */
static void bridge_sha256(void *ctx, struct assay_slice msg, uint32_t repeat,
                          uint8_t digest[static 32])
{
    struct assay_vectors_bridge *b = ctx;
    enum assay_status status =
        assay_engine_sha256(b->engine, msg, repeat, digest, first(b));
    (void)status;
}

static void bridge_sha512(void *ctx, struct assay_slice msg, uint32_t repeat,
                          uint8_t digest[static 64])
{
    struct assay_vectors_bridge *b = ctx;
    enum assay_status status =
        assay_engine_sha512(b->engine, msg, repeat, digest, first(b));
    (void)status;
}

struct assay_vectors_engine assay_vectors_bridged(
    struct assay_vectors_bridge *bridge, const char *name)
{
    return (struct assay_vectors_engine){
        .name = name,
        .ctx = bridge,
        .open = bridge_open,
        .read = bridge_read,
        .keys = bridge_keys,
        .packet = bridge_packet,
        .policy = bridge_policy,
        .image_start = bridge_image_start,
        .image_update = bridge_image_update,
        .image_finish = bridge_image_finish,
        .boot = bridge_boot,
        .p256 = bridge_p256,
        .ed25519 = bridge_ed25519,
        .sha256 = bridge_sha256,
        .sha512 = bridge_sha512,
    };
}
