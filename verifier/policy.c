/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "base/ct.h"
#include "verifier/image_len.h"
#include "verifier/verdict.h"
#include "verifier/verifier.h"

/*
 * Would this device take this update? Pure: a function of the signed fields
 * and of the state given. Rules PO-nn of docs/formats.md, in their order.
 */

/* Any SoftDevice; honoured for external applications only. */
#define ANY_SOFTDEVICE 0xFFFEu

static uint32_t has(const struct assay_init_command *c, uint32_t field)
{
    return c->present >> field & 1u;
}

static uint32_t is_external(const struct assay_init_command *c)
{
    return c->type == ASSAY_FW_EXTERNAL_APPLICATION;
}

/*
 * Whether older versions are kept out for this type. A bootloader that needs
 * its SoftDevice always protects it.
 */
static uint32_t prevents_downgrade(const struct assay_init_command *c,
                                   const struct assay_device *d)
{
    if (c->type == ASSAY_FW_SOFTDEVICE &&
        (d->flags & ASSAY_DEVICE_NEEDS_SOFTDEVICE) != 0) {
        return 1;
    }
    return (d->flags & ASSAY_DEVICE_DOWNGRADE) == 0;
}

static uint32_t lists(const struct assay_init_command *c, uint32_t id)
{
    struct assay_slice list = c->sd_req;
    uint32_t found = 0;
    for (uint32_t i = 0; i < c->n_sd_req; i++) {
        found |= assay_initpkt_next_sd_req(&list) == id;
    }
    return found;
}

/* Zero in the first place means: this update runs without the SoftDevice. */
static uint32_t starts_with_zero(const struct assay_init_command *c)
{
    struct assay_slice list = c->sd_req;
    return c->n_sd_req != 0 && assay_initpkt_next_sd_req(&list) == 0;
}

static uint32_t accepts_replacing(const struct assay_init_command *c,
                                  const struct assay_device *d)
{
    if (is_external(c)) {
        return 0;
    }
    if (c->type != ASSAY_FW_APPLICATION) {
        return !(prevents_downgrade(c, d) && c->type == ASSAY_FW_SOFTDEVICE);
    }
    if (prevents_downgrade(c, d) && c->n_sd_req > 1) {
        return (d->flags & ASSAY_DEVICE_NEEDS_SOFTDEVICE) == 0 &&
               lists(c, d->softdevice);
    }
    return 1;
}

static uint32_t accepts_sd_req(const struct assay_init_command *c,
                               const struct assay_device *d)
{
    if (d->softdevice == ASSAY_NO_SOFTDEVICE) {
        if (c->n_sd_req != 0 && !starts_with_zero(c)) {
            return is_external(c) && lists(c, ANY_SOFTDEVICE);
        }
        return !prevents_downgrade(c, d) || has(c, ASSAY_INIT_FW_VERSION);
    }
    if (starts_with_zero(c)) {
        return accepts_replacing(c, d);
    }
    return lists(c, d->softdevice) ||
           (is_external(c) && lists(c, ANY_SOFTDEVICE));
}

static uint32_t requires_version(const struct assay_init_command *c,
                                 const struct assay_device *d)
{
    if (c->type == ASSAY_FW_SOFTDEVICE) {
        return 0;
    }
    if (c->type == ASSAY_FW_APPLICATION) {
        return prevents_downgrade(c, d);
    }
    if (is_external(c)) {
        return (d->flags & ASSAY_DEVICE_EXTERNAL_ANY) == 0;
    }
    return 1;
}

static uint32_t accepts_version(const struct assay_init_command *c,
                                const struct assay_device *d)
{
    uint32_t version = c->fw_version;
    if (is_external(c)) {
        return version >= d->app_version || !requires_version(c, d);
    }
    if ((c->type & ASSAY_FW_BOOTLOADER) != 0) {
        return version > d->bootloader_version;
    }
    if (version == d->app_version &&
        (d->flags & ASSAY_DEVICE_SAME_VERSION) != 0) {
        return 1;
    }
    return version > d->app_version || (d->flags & ASSAY_DEVICE_DOWNGRADE) != 0;
}

static enum assay_status check_versions(const struct assay_init_command *c,
                                        const struct assay_device *d)
{
    if (is_external(c) && (d->flags & ASSAY_DEVICE_EXTERNAL) == 0) {
        return ASSAY_TYPE_REFUSED;
    }
    if (!has(c, ASSAY_INIT_HW_VERSION)) {
        return ASSAY_HW_VERSION_MISSING;
    }
    if (c->hw_version != d->hw_version) {
        return ASSAY_HW_VERSION;
    }
    if (!accepts_sd_req(c, d)) {
        return ASSAY_SD_REQ;
    }
    if (has(c, ASSAY_INIT_FW_VERSION)) {
        return accepts_version(c, d) ? ASSAY_OK : ASSAY_FW_VERSION;
    }
    return requires_version(c, d) ? ASSAY_FW_VERSION_MISSING : ASSAY_OK;
}

__attribute__((noinline)) static enum assay_status examine(
    const struct assay_init_command *c, const struct assay_device *d)
{
    enum assay_status status = check_versions(c, d);
    if (status != ASSAY_OK) {
        return status;
    }
    if ((c->type == ASSAY_FW_BOOTLOADER ||
         c->type == ASSAY_FW_SOFTDEVICE_BOOTLOADER) &&
        c->bl_size > d->bootloader_room) {
        return ASSAY_BOOTLOADER_ROOM;
    }
    uint32_t len;
    status = image_len(c, &len);
    if (status != ASSAY_OK) {
        return status;
    }
    return len > d->image_room ? ASSAY_IMAGE_ROOM : ASSAY_OK;
}

enum assay_status assay_verifier_policy(const struct assay_init_command *c,
                                        const struct assay_device *d)
{
    enum assay_status first = examine(c, d);
    return assay_join(first, examine(ct_again(c), ct_again(d)));
}
