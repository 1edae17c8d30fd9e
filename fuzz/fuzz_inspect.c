/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "fuzz/fuzz.h"
#include "host/inspect.h"
#include "host/lenient.h"
#include "initpkt/initpkt.h"

/*
 * Whatever the strict reader takes, the bootloader's decoder must read in the
 * same way: otherwise a package could be verified as one thing and installed
 * as another.
 */
static void compare_readers(struct assay_slice packet)
{
    struct assay_envelope envelope;
    struct assay_init_command init;
    struct assay_nanopb decoded;
    assay_nanopb_decode(packet, &decoded);
    if (assay_initpkt_open(packet, &envelope) != ASSAY_OK ||
        assay_initpkt_read(envelope.signed_bytes, &init) != ASSAY_OK) {
        return;
    }
    require(decoded.answer == ASSAY_NANOPB_ACCEPTS);
    require(decoded.signed_bytes.p == envelope.signed_bytes.p);
    require(decoded.signed_bytes.len == envelope.signed_bytes.len);
    require(decoded.is_signed == (envelope.signature.len != 0));
    require(decoded.init.present == init.present);
    require(decoded.init.fw_version == init.fw_version);
    require(decoded.init.hw_version == init.hw_version);
    require(decoded.init.type == init.type);
    require(decoded.init.sd_size == init.sd_size);
    require(decoded.init.bl_size == init.bl_size);
    require(decoded.init.app_size == init.app_size);
    require(decoded.init.is_debug == init.is_debug);
    require(decoded.init.n_sd_req == init.n_sd_req);
    require(decoded.init.hash_type == init.hash_type);
    require(decoded.init.hash.len == init.hash.len);
    require(init.hash.len == 0 || decoded.init.hash.p == init.hash.p);
    require(decoded.init.n_validations == init.n_validations);
    for (uint32_t i = 0; i < init.n_sd_req; i++) {
        require(decoded.init.sd_req[i] ==
                assay_initpkt_next_sd_req(&init.sd_req));
    }
}

/* Nothing but printable ASCII may reach a terminal. */
static void check_text(const struct assay_buffer *text)
{
    for (size_t i = 0; i < text->len; i++) {
        uint8_t c = text->p[i];
        require(c == '\n' || (c >= 0x20 && c <= 0x7E));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct assay_slice file = assay_slice(data, size);
    struct assay_buffer text = {0};
    enum assay_status status = assay_inspect_text("input", file, &text, NULL);
    require(text.len != 0 || status == ASSAY_MEMORY);
    check_text(&text);
    assay_buffer_free(&text);
    compare_readers(file);
    return 0;
}
