/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/vectors.h"

/* Keep the first diagnostic: later calls of a lost engine add nothing. */
static enum assay_status noted(struct assay_vectors_bridge *bridge,
                               enum assay_status status,
                               const struct assay_diag *diag)
{
    if (assay_engine_failed(status) && bridge->diag.status == 0) {
        bridge->diag = *diag;
    }
    return status;
}

static enum assay_status bridge_keys(void *ctx,
                                     const struct assay_key_table *keys)
{
    struct assay_vectors_bridge *b = ctx;
    struct assay_diag diag = {0};
    return noted(b, assay_engine_keys(b->engine, keys, &diag), &diag);
}

static enum assay_status bridge_packet(void *ctx, struct assay_slice packet,
                                       const struct assay_key_table *keys,
                                       struct assay_verdict *out)
{
    struct assay_vectors_bridge *b = ctx;
    struct assay_diag diag = {0};
    return noted(b, assay_engine_packet(b->engine, packet, keys, out, &diag),
                 &diag);
}

static enum assay_status bridge_policy(void *ctx,
                                       const struct assay_init_command *command,
                                       const struct assay_device *device)
{
    struct assay_vectors_bridge *b = ctx;
    struct assay_diag diag = {0};
    return noted(b, assay_engine_policy(b->engine, command, device, &diag),
                 &diag);
}

static enum assay_status bridge_image_start(
    void *ctx, struct assay_image *image,
    const struct assay_init_command *command)
{
    struct assay_vectors_bridge *b = ctx;
    struct assay_diag diag = {0};
    return noted(b, assay_engine_image_start(b->engine, image, command, &diag),
                 &diag);
}

static enum assay_status bridge_image_update(void *ctx,
                                             struct assay_image *image,
                                             struct assay_slice bytes)
{
    struct assay_vectors_bridge *b = ctx;
    struct assay_diag diag = {0};
    return noted(b, assay_engine_image_update(b->engine, image, bytes, &diag),
                 &diag);
}

static enum assay_status bridge_image_finish(void *ctx,
                                             struct assay_image *image)
{
    struct assay_vectors_bridge *b = ctx;
    struct assay_diag diag = {0};
    return noted(b, assay_engine_image_finish(b->engine, image, &diag), &diag);
}

static enum assay_status bridge_boot(void *ctx,
                                     const struct assay_installed *installed,
                                     const struct assay_key_table *keys)
{
    struct assay_vectors_bridge *b = ctx;
    struct assay_diag diag = {0};
    return noted(b, assay_engine_boot(b->engine, installed, keys, &diag),
                 &diag);
}

struct assay_vectors_engine assay_vectors_bridged(
    struct assay_vectors_bridge *bridge, const char *name)
{
    return (struct assay_vectors_engine){
        .name = name,
        .ctx = bridge,
        .keys = bridge_keys,
        .packet = bridge_packet,
        .policy = bridge_policy,
        .image_start = bridge_image_start,
        .image_update = bridge_image_update,
        .image_finish = bridge_image_finish,
        .boot = bridge_boot,
    };
}
