/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "fuzz/mutate.h"

#include "base/bytes.h"
#include "fuzz/encode.h"
#include "fuzz/fuzz.h"
#include "fuzz/keyring.h"
#include "host/format.h"
#include "host/lenient.h"
#include "host/sign.h"

#include <openssl/sha.h>
#include <string.h>
#include <zlib.h>

/*
 * A mutator that knows the structure of packages, init packets and hex files.
 * It takes an input apart into a draft, changes the draft, makes everything
 * that depends on it right (sizes, digest, signature, checksums, directory),
 * and writes it. Without that, nearly every change ends at the first checksum
 * or at the signature.
 *
 * One source, two interfaces at the end: libFuzzer's and AFL++'s.
 */

/* --- Chance --- */

struct rng {
    uint64_t state;
};

/* xorshift64 (Marsaglia 2003). */
static uint32_t rng(struct rng *r)
{
    r->state ^= r->state << 13;
    r->state ^= r->state >> 7;
    r->state ^= r->state << 17;
    return (uint32_t)(r->state >> 32);
}

/* in: n >= 1. */
static uint32_t below(struct rng *r, size_t n)
{
    return (uint32_t)(rng(r) % (uint32_t)n);
}

static int one_in(struct rng *r, uint32_t n)
{
    return below(r, n) == 0;
}

static uint32_t some_number(struct rng *r)
{
    static const uint32_t EDGE[] = {
        0,      1,       2,      3,          4,          5,         51,
        52,     127,     128,    255,        256,        512,       0xFFFE,
        0xFFFF, 0x10000, 0x1000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    return one_in(r, 4) ? rng(r) : EDGE[below(r, sizeof EDGE / sizeof EDGE[0])];
}

/* --- Plain bytes --- */

/* libFuzzer's own mutations, where it is linked in. */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t len,
                                              size_t max_len);

static size_t change_byte(struct rng *r, uint8_t *data, size_t len, size_t max)
{
    size_t at = below(r, len + 1);
    switch (below(r, 6)) {
    case 0: /* insert */
        if (len < max) {
            memmove(data + at + 1, data + at, len - at);
            data[at] = (uint8_t)some_number(r);
            return len + 1;
        }
        return len;
    case 1: /* remove up to 8 */
        if (at < len) {
            size_t n = 1 + below(r, 8);
            n = n < len - at ? n : len - at;
            memmove(data + at, data + at + n, len - at - n);
            return len - n;
        }
        return len;
    case 2: /* cut */
        return one_in(r, 8) ? at : len;
    case 3:
        if (at < len) {
            data[at] = (uint8_t)some_number(r);
        }
        return len;
    case 4: /* copy one byte over another */
        if (at < len) {
            data[at] = data[below(r, len)];
        }
        return len;
    default:
        if (at < len) {
            data[at] ^= (uint8_t)(1u << below(r, 8));
        }
        return len;
    }
}

static size_t change_plain(struct rng *r, uint8_t *data, size_t len, size_t max)
{
    if (LLVMFuzzerMutate != NULL && max != 0) {
        return LLVMFuzzerMutate(data, len, max);
    }
    for (unsigned n = 1 + below(r, 4); n != 0; n--) {
        len = change_byte(r, data, len, max);
    }
    return len;
}

static void change_buffer(struct rng *r, struct assay_buffer *b)
{
    size_t max = b->len + 16;
    require(assay_buffer_reserve(b, max, NULL) == ASSAY_OK);
    b->len = change_plain(r, b->p, b->len, max);
}

/* --- Init packets --- */

#define PART_BYTES 160u
#define PARTS_MAX 28u

/* A field of InitCommand. */
struct part {
    uint32_t number;
    uint32_t wire; /* 0: value; 2: bytes */
    uint64_t value;
    size_t len;
    uint8_t bytes[PART_BYTES];
};

struct draft {
    size_t n_parts;
    struct part part[PARTS_MAX];
    int is_signed;
    uint32_t signature_type;
    uint8_t signature[64];
};

static int take_varint(struct assay_slice *s, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64 && s->len != 0; shift += 7) {
        uint8_t byte = s->p[0];
        *s = assay_slice_sub(*s, 1, s->len - 1);
        *value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            return 1;
        }
    }
    return 0;
}

/* As far as the bytes are fields; the rest is dropped. */
static void take_parts(struct assay_slice s, struct draft *d)
{
    uint64_t tag;
    while (d->n_parts < PARTS_MAX && take_varint(&s, &tag)) {
        struct part *p = &d->part[d->n_parts];
        memset(p, 0, sizeof *p);
        p->number = (uint32_t)(tag >> 3) & 0xFFFF;
        p->wire = (uint32_t)tag & 7u;
        if (!take_varint(&s, &p->value)) {
            return;
        }
        if (p->wire == 2) {
            if (p->value > s.len || p->value > PART_BYTES) {
                return;
            }
            p->len = (size_t)p->value;
            memcpy(p->bytes, s.p, p->len);
            s = assay_slice_sub(s, p->len, s.len - p->len);
        }
        d->n_parts++;
    }
}

/* ret: whether the bytes are an init packet, to the strict or a lenient eye. */
static int take_packet(struct assay_slice packet, struct draft *d)
{
    struct assay_envelope e;
    struct assay_nanopb n;
    memset(d, 0, sizeof *d);
    if (packet.len == 0) {
        return 0;
    }
    if (assay_initpkt_open(packet, &e) != ASSAY_OK) {
        assay_nanopb_decode(packet, &n);
        if (n.signed_bytes.len == 0) {
            return 0;
        }
        e = (struct assay_envelope){n.signed_bytes, n.signature,
                                    n.signature_type};
    }
    take_parts(e.signed_bytes, d);
    d->is_signed = e.signature.len == 64;
    d->signature_type = e.signature_type;
    if (d->is_signed) {
        memcpy(d->signature, e.signature.p, 64);
    }
    return 1;
}

static struct part *find_part(struct draft *d, uint32_t number)
{
    for (size_t i = 0; i < d->n_parts; i++) {
        if (d->part[i].number == number) {
            return &d->part[i];
        }
    }
    return NULL;
}

static void set_bytes(struct part *p, struct assay_buffer *content)
{
    p->wire = 2;
    p->len = content->len < PART_BYTES ? content->len : PART_BYTES;
    if (p->len != 0) {
        memcpy(p->bytes, content->p, p->len);
    }
    assay_buffer_free(content);
}

/* A type and bytes, of Hash or BootValidation. */
static void set_typed(struct part *p, uint32_t type, const uint8_t *bytes,
                      size_t len)
{
    struct assay_buffer content = {0};
    fuzz_put_number(&content, 1, type);
    fuzz_put_bytes(&content, 2, assay_slice(bytes, len));
    set_bytes(p, &content);
}

static void fill_part(struct rng *r, struct part *p)
{
    static const uint8_t ZEROS[64] = {0};
    static const size_t HASH_LEN[] = {32, 32, 0, 4, 16, 31, 33, 64};
    struct assay_buffer list = {0};
    if (p->number == ASSAY_INIT_SD_REQ) {
        for (unsigned n = below(r, 19); n != 0; n--) {
            fuzz_put_varint(&list, some_number(r));
        }
        set_bytes(p, &list);
    } else if (p->number == ASSAY_INIT_HASH) {
        set_typed(p, one_in(r, 2) ? 3 : below(r, 6), ZEROS,
                  HASH_LEN[below(r, 8)]);
    } else if (p->number == ASSAY_INIT_VALIDATION) {
        uint32_t type = below(r, 5);
        size_t len = type == 3 ? 64 : 0;
        set_typed(p, type, ZEROS, one_in(r, 8) ? 64 - len : len);
    } else {
        p->wire = 0;
        p->value = some_number(r);
    }
}

static void insert_part(struct rng *r, struct draft *d)
{
    if (d->n_parts == PARTS_MAX) {
        return;
    }
    uint32_t number = 1 + below(r, one_in(r, 8) ? 17 : 10);
    size_t at = 0;
    while (at < d->n_parts && d->part[at].number <= number) {
        at++;
    }
    memmove(&d->part[at + 1], &d->part[at],
            (d->n_parts - at) * sizeof d->part[0]);
    d->n_parts++;
    memset(&d->part[at], 0, sizeof d->part[at]);
    d->part[at].number = number;
    fill_part(r, &d->part[at]);
}

static void change_part(struct rng *r, struct draft *d, size_t at)
{
    struct part *p = &d->part[at];
    switch (below(r, 8)) {
    case 0:
        memmove(p, p + 1, (d->n_parts - at - 1) * sizeof *p);
        d->n_parts--;
        break;
    case 1:
        if (d->n_parts < PARTS_MAX) {
            memmove(p + 1, p, (d->n_parts - at) * sizeof *p);
            d->n_parts++;
        }
        break;
    case 2: {
        struct part *q = &d->part[below(r, d->n_parts)];
        struct part held = *p;
        *p = *q;
        *q = held;
        break;
    }
    case 3:
        if (p->wire == 2) {
            p->len = change_plain(r, p->bytes, p->len, PART_BYTES);
        } else {
            p->value ^= (uint64_t)1 << below(r, 34);
        }
        break;
    case 4:
        if (one_in(r, 4)) {
            p->wire = one_in(r, 2) ? 2 - p->wire : below(r, 8);
        }
        break;
    default:
        fill_part(r, p);
        break;
    }
}

static void change_draft(struct rng *r, struct draft *d)
{
    for (unsigned n = 1 + below(r, 3); n != 0; n--) {
        if (d->n_parts == 0 || one_in(r, 4)) {
            insert_part(r, d);
        } else {
            change_part(r, d, below(r, d->n_parts));
        }
    }
}

/* Sizes, digest and ECDSA validation for an image, where there are fields. */
static void fit_image(struct rng *r, struct draft *d, struct assay_slice image)
{
    uint8_t digest[32];
    uint8_t wire[64];
    struct part *type = find_part(d, ASSAY_INIT_TYPE);
    struct part *sd = find_part(d, ASSAY_INIT_SD_SIZE);
    struct part *bl = find_part(d, ASSAY_INIT_BL_SIZE);
    struct part *app = find_part(d, ASSAY_INIT_APP_SIZE);
    struct part *hash = find_part(d, ASSAY_INIT_HASH);
    struct part *check = find_part(d, ASSAY_INIT_VALIDATION);
    uint64_t kind = type == NULL ? 0 : type->value;
    uint64_t first =
        sd == NULL || sd->value > image.len ? image.len / 2 : sd->value;
    if (sd != NULL && (kind == 1 || kind == 3)) {
        sd->value = kind == 3 ? first : image.len;
    }
    if (bl != NULL && (kind == 2 || kind == 3)) {
        bl->value = kind == 3 ? image.len - first : image.len;
    }
    if (app != NULL && (kind == 0 || kind == 4)) {
        app->value = image.len;
    }
    (void)SHA256(image.p, image.len, digest);
    assay_reverse(wire, digest, 32);
    if (hash != NULL && !one_in(r, 16)) {
        set_typed(hash, 3, wire, 32);
    }
    if (check != NULL && check->len > 64 && one_in(r, 2)) {
        struct assay_private_key key;
        fuzz_private_key(FUZZ_KEY_OPEN, &key);
        if (assay_sign_nordic(&key, image, wire, NULL) == ASSAY_OK) {
            set_typed(check, 3, wire, 64);
        }
    }
}

static void put_parts(struct rng *r, const struct draft *d,
                      struct assay_buffer *out)
{
    static const uint8_t LONG_ZERO[] = {0x80, 0x00};
    int is_odd = one_in(r, 24);
    for (size_t i = 0; i < d->n_parts; i++) {
        const struct part *p = &d->part[i];
        if (p->wire == 2) {
            fuzz_put_bytes(out, p->number, assay_slice(p->bytes, p->len));
            continue;
        }
        fuzz_put_varint(out, (uint64_t)p->number << 3 | p->wire);
        if (is_odd && p->value == 0) {
            require(assay_buffer_append(
                        out, assay_slice(LONG_ZERO, sizeof LONG_ZERO), NULL) ==
                    ASSAY_OK);
        } else {
            fuzz_put_varint(out, p->value);
        }
    }
}

/* Sign, mostly with a key that the harnesses trust. */
static void sign_draft(struct rng *r, struct draft *d, struct assay_slice init)
{
    struct assay_private_key key;
    unsigned way = below(r, 16);
    if (way < 10) {
        fuzz_private_key(FUZZ_KEY_OPEN, &key);
        require(assay_sign_nordic(&key, init, d->signature, NULL) == ASSAY_OK);
        d->is_signed = 1;
        d->signature_type = ASSAY_SIGNATURE_ECDSA_P256_SHA256;
    } else if (way < 13) {
        fuzz_private_key(FUZZ_KEY_ED25519, &key);
        require(assay_sign_ed25519(&key, init, d->signature, NULL) == ASSAY_OK);
        d->is_signed = 1;
        d->signature_type = ASSAY_SIGNATURE_ED25519;
    } else if (way == 13) {
        d->is_signed = 0;
    } else if (way == 14) {
        d->signature[below(r, 64)] ^= (uint8_t)(1u << below(r, 8));
    }
}

static void put_envelope(struct rng *r, const struct draft *d,
                         struct assay_slice init, struct assay_buffer *out)
{
    struct assay_buffer command = {0};
    struct assay_buffer outer = {0};
    int odd = (int)below(r, 64);
    fuzz_put_number(&command, 1, odd == 0 ? some_number(r) : 1);
    fuzz_put_bytes(&command, 2, init);
    if (odd == 1) {
        fuzz_put_number(&command, 3, 0);
    }
    if (!d->is_signed || odd == 2) {
        fuzz_put_bytes(out, 1, assay_buffer_slice(&command));
    }
    if (d->is_signed) {
        fuzz_put_bytes(&outer, 1, assay_buffer_slice(&command));
        fuzz_put_number(&outer, 2,
                        odd == 3 ? some_number(r) : d->signature_type);
        fuzz_put_bytes(&outer, 3,
                       assay_slice(d->signature, odd == 4 ? below(r, 64) : 64));
        fuzz_put_bytes(out, 2, assay_buffer_slice(&outer));
    }
    assay_buffer_free(&outer);
    assay_buffer_free(&command);
}

static void put_draft(struct rng *r, struct draft *d, struct assay_buffer *out)
{
    struct assay_buffer init = {0};
    static const uint8_t NOTHING[1] = {0};
    put_parts(r, d, &init);
    struct assay_slice s =
        init.len == 0 ? assay_slice(NOTHING, 0) : assay_buffer_slice(&init);
    sign_draft(r, d, s);
    put_envelope(r, d, s, out);
    assay_buffer_free(&init);
}

/* in: image NULL when there is none. ret: 0 when it is no init packet. */
static int change_packet(struct rng *r, struct assay_buffer *packet,
                         const struct assay_slice *image)
{
    struct assay_buffer out = {0};
    struct draft d;
    if (!take_packet(assay_buffer_slice(packet), &d)) {
        return 0;
    }
    if (image == NULL || one_in(r, 2)) {
        change_draft(r, &d);
    }
    if (image != NULL && !one_in(r, 8)) {
        fit_image(r, &d, *image);
    }
    put_draft(r, &d, &out);
    assay_buffer_free(packet);
    *packet = out;
    return 1;
}

/* --- Packages --- */

#define MEMBERS_MAX 12u
#define MEMBER_MAX ((size_t)16 << 10)
#define NAME_MAX_LEN 80u

struct member {
    char name[NAME_MAX_LEN];
    struct assay_buffer data;
};

struct bundle {
    size_t n_members;
    struct member member[MEMBERS_MAX];
};

static void free_bundle(struct bundle *b)
{
    for (size_t i = 0; i < b->n_members; i++) {
        assay_buffer_free(&b->member[i].data);
    }
}

static void take_bundle(struct assay_slice file, struct bundle *b)
{
    struct assay_archive *archive = malloc(sizeof *archive);
    require(archive != NULL);
    assay_archive_open(file, archive);
    b->n_members = 0;
    for (size_t i = 0; i < archive->zip.n_entries && b->n_members < MEMBERS_MAX;
         i++) {
        const struct assay_zip_entry *e = &archive->zip.entry[i];
        struct member *m = &b->member[b->n_members];
        size_t len =
            e->name.len < NAME_MAX_LEN ? e->name.len : NAME_MAX_LEN - 1;
        memset(m, 0, sizeof *m);
        if (len != 0) {
            memcpy(m->name, e->name.p, len);
        }
        if (assay_archive_load(archive, e, MEMBER_MAX, &m->data, NULL) ==
            ASSAY_MEMORY) {
            continue;
        }
        b->n_members++;
    }
    free(archive);
}

static int ends_with(const char *name, const char *end)
{
    size_t n = strlen(name);
    return n >= strlen(end) && strcmp(name + n - strlen(end), end) == 0;
}

/* The image beside an init packet: its name up to ".dat", with ".bin". */
static struct member *image_of(struct bundle *b, const struct member *dat)
{
    size_t stem = strlen(dat->name) - 4;
    for (size_t i = 0; i < b->n_members; i++) {
        struct member *m = &b->member[i];
        if (strncmp(m->name, dat->name, stem) == 0 &&
            strcmp(m->name + stem, ".bin") == 0) {
            return m;
        }
    }
    return NULL;
}

static void change_members(struct rng *r, struct bundle *b)
{
    size_t at = below(r, b->n_members);
    struct member *m = &b->member[at];
    struct member held = *m;
    struct member *other = &b->member[below(r, b->n_members)];
    switch (below(r, 8)) {
    case 0:
        assay_buffer_free(&m->data);
        memmove(m, m + 1, (b->n_members - at - 1) * sizeof *m);
        b->n_members--;
        break;
    case 1:
        if (b->n_members < MEMBERS_MAX) {
            struct member *copy = &b->member[b->n_members++];
            *copy = *m;
            copy->data = (struct assay_buffer){0};
            copy->name[0] ^= one_in(r, 2) ? 0x20 : 1;
        }
        break;
    case 2:
        *m = *other;
        *other = held;
        break;
    case 3: {
        size_t len = change_plain(r, (uint8_t *)m->name, strlen(m->name),
                                  NAME_MAX_LEN - 1);
        m->name[len] = '\0';
        break;
    }
    default:
        /* A manifest that cannot be read hides everything else. */
        if (strcmp(m->name, "manifest.json") != 0 || one_in(r, 4)) {
            change_buffer(r, &m->data);
        }
        break;
    }
}

/* Packets change inside; then they fit their images and are signed again. */
static void fit_packets(struct rng *r, struct bundle *b)
{
    for (size_t i = 0; i < b->n_members; i++) {
        struct member *m = &b->member[i];
        if (!ends_with(m->name, ".dat") || one_in(r, 8)) {
            continue;
        }
        struct member *bin = image_of(b, m);
        struct assay_slice image = {0};
        if (bin != NULL && bin->data.len != 0) {
            image = assay_buffer_slice(&bin->data);
        }
        if (!change_packet(r, &m->data, image.len != 0 ? &image : NULL)) {
            change_buffer(r, &m->data);
        }
    }
}

struct packed {
    struct assay_buffer bytes;
    uint32_t method;
    uint32_t crc;
    uint32_t len;
    uint32_t flags;
    uint32_t off;
};

static void pack(struct rng *r, const struct assay_buffer *data,
                 struct packed *p)
{
    static const uint8_t NOTHING[1] = {0};
    z_stream z = {0};
    const uint8_t *in = data->len == 0 ? NOTHING : data->p;
    memset(p, 0, sizeof *p);
    p->crc = (uint32_t)crc32(0, in, (uInt)data->len);
    p->len = (uint32_t)data->len;
    if (data->len == 0 || one_in(r, 2)) {
        require(assay_buffer_append(&p->bytes, assay_slice(in, data->len),
                                    NULL) == ASSAY_OK);
        return;
    }
    uint8_t *room = malloc(data->len + 64);
    require(room != NULL);
    require(deflateInit2(&z, (int)below(r, 10), Z_DEFLATED, -15, 8,
                         (int)below(r, 5)) == Z_OK);
    z.next_in = data->p;
    z.avail_in = (uInt)data->len;
    z.next_out = room;
    z.avail_out = (uInt)data->len + 64;
    if (deflate(&z, Z_FINISH) == Z_STREAM_END) {
        p->method = 8;
        p->flags = one_in(r, 4) ? 8 : 0;
        require(assay_buffer_append(&p->bytes, assay_slice(room, z.total_out),
                                    NULL) == ASSAY_OK);
    } else {
        require(assay_buffer_append(&p->bytes, assay_slice(in, data->len),
                                    NULL) == ASSAY_OK);
    }
    (void)deflateEnd(&z);
    free(room);
}

static void put_le(struct assay_buffer *out, uint32_t value, size_t len)
{
    uint8_t bytes[4];
    assay_store_le32(bytes, value);
    require(assay_buffer_append(out, assay_slice(bytes, len), NULL) ==
            ASSAY_OK);
}

static void put_sizes(struct assay_buffer *out, const struct packed *p,
                      int is_later)
{
    put_le(out, is_later ? 0 : p->crc, 4);
    put_le(out, is_later ? 0 : (uint32_t)p->bytes.len, 4);
    put_le(out, is_later ? 0 : p->len, 4);
}

static void put_name(struct assay_buffer *out, const char *name)
{
    require(assay_buffer_append(
                out, assay_slice((const uint8_t *)name, strlen(name)), NULL) ==
            ASSAY_OK);
}

static void put_local(struct assay_buffer *out, const struct member *m,
                      struct packed *p)
{
    int is_later = (p->flags & 8) != 0;
    p->off = (uint32_t)out->len;
    put_le(out, 0x04034B50, 4);
    put_le(out, 20, 2);
    put_le(out, p->flags, 2);
    put_le(out, p->method, 2);
    put_le(out, 0x00210000, 4);
    put_sizes(out, p, is_later);
    put_le(out, (uint32_t)strlen(m->name), 4);
    put_name(out, m->name);
    require(assay_buffer_append(out, assay_buffer_slice(&p->bytes), NULL) ==
            ASSAY_OK);
    if (is_later) {
        put_le(out, 0x08074B50, 4);
        put_sizes(out, p, 0);
    }
}

static void put_entry(struct assay_buffer *out, const struct member *m,
                      const struct packed *p)
{
    put_le(out, 0x02014B50, 4);
    put_le(out, 20, 2);
    put_le(out, 20, 2);
    put_le(out, p->flags, 2);
    put_le(out, p->method, 2);
    put_le(out, 0x00210000, 4);
    put_sizes(out, p, 0);
    put_le(out, (uint32_t)strlen(m->name), 4);
    put_le(out, 0, 4);
    put_le(out, 0, 2);
    put_le(out, 0, 4);
    put_le(out, p->off, 4);
    put_name(out, m->name);
}

static void put_bundle(struct rng *r, const struct bundle *b,
                       struct assay_buffer *out)
{
    struct packed p[MEMBERS_MAX];
    for (size_t i = 0; i < b->n_members; i++) {
        pack(r, &b->member[i].data, &p[i]);
        put_local(out, &b->member[i], &p[i]);
    }
    uint32_t start = (uint32_t)out->len;
    for (size_t i = 0; i < b->n_members; i++) {
        put_entry(out, &b->member[i], &p[i]);
        assay_buffer_free(&p[i].bytes);
    }
    uint32_t len = (uint32_t)out->len - start;
    put_le(out, 0x06054B50, 4);
    put_le(out, 0, 4);
    put_le(out, (uint32_t)b->n_members, 2);
    put_le(out, (uint32_t)b->n_members, 2);
    put_le(out, len, 4);
    put_le(out, start, 4);
    put_le(out, 0, 2);
}

static void change_package(struct rng *r, struct assay_slice file,
                           struct assay_buffer *out)
{
    struct bundle *b = calloc(1, sizeof *b);
    require(b != NULL);
    take_bundle(file, b);
    if (b->n_members != 0 && one_in(r, 2)) {
        change_members(r, b);
    }
    fit_packets(r, b);
    put_bundle(r, b, out);
    free_bundle(b);
    free(b);
    if (one_in(r, 12)) {
        change_buffer(r, out);
    }
}

/* --- Hex files --- */

static int digit(uint8_t c)
{
    static const char DIGITS[] = "0123456789ABCDEFabcdef";
    const char *at = c == '\0' ? NULL : strchr(DIGITS, c);
    if (at == NULL) {
        return -1;
    }
    return (int)(at - DIGITS) > 15 ? (int)(at - DIGITS) - 6
                                   : (int)(at - DIGITS);
}

static void put_hex(uint8_t *at, unsigned byte)
{
    static const char DIGITS[] = "0123456789ABCDEF";
    at[0] = (uint8_t)DIGITS[byte >> 4 & 15];
    at[1] = (uint8_t)DIGITS[byte & 15];
}

/* Make length and checksum of one record right; in: behind the colon. */
static void fit_record(uint8_t *at, size_t len)
{
    size_t n = 0;
    unsigned sum = 0;
    while (2 * n + 1 < len && digit(at[2 * n]) >= 0 &&
           digit(at[2 * n + 1]) >= 0) {
        n++;
    }
    if (n < 5 || n > 260) {
        return;
    }
    put_hex(at, (unsigned)(n - 5));
    for (size_t i = 0; i + 1 < n; i++) {
        sum += (unsigned)(digit(at[2 * i]) * 16 + digit(at[2 * i + 1]));
    }
    put_hex(at + 2 * (n - 1), 0u - sum);
}

static void fit_records(uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (data[i] == ':') {
            fit_record(data + i + 1, len - i - 1);
        }
    }
}

/* --- Any input --- */

/* The text of a device file ends with the zero byte before its packet. */
static size_t text_before_packet(const uint8_t *data, size_t len)
{
    const uint8_t *zero = len == 0 ? NULL : memchr(data, '\0', len);
    int is_text = len != 0 && (data[0] >= 0x20 || data[0] == '\n') &&
                  data[0] != 'P' && data[0] < 0x7F;
    return is_text && zero != NULL ? (size_t)(zero - data) + 1 : 0;
}

static int is_package(struct assay_slice s)
{
    return s.len >= 4 && memcmp(s.p, "PK\3\4", 4) == 0;
}

/* ret: 0 when there is nothing to change by structure, or it does not fit. */
static size_t change_structure(struct rng *r, uint8_t *data, size_t len,
                               size_t max)
{
    size_t head = text_before_packet(data, len);
    struct assay_slice s = assay_slice(data + head, len - head);
    struct assay_buffer out = {0};
    if (is_package(s)) {
        change_package(r, s, &out);
    } else if (assay_buffer_append(&out, s, NULL) != ASSAY_OK ||
               !change_packet(r, &out, NULL)) {
        assay_buffer_free(&out);
        return 0;
    }
    size_t new_len = out.len <= max - head ? head + out.len : 0;
    if (new_len > head) {
        memcpy(data + head, out.p, out.len);
    }
    assay_buffer_free(&out);
    return new_len;
}

size_t fuzz_mutate(uint8_t *data, size_t len, size_t max_len, unsigned seed)
{
    struct rng r = {((uint64_t)seed + 1) * 0x9E3779B97F4A7C15u};
    (void)rng(&r);
    if (!one_in(&r, 5)) {
        size_t new_len = change_structure(&r, data, len, max_len);
        if (new_len != 0) {
            return new_len;
        }
    }
    len = change_plain(&r, data, len, max_len);
    if (len != 0 && data[0] == ':' && !one_in(&r, 4)) {
        fit_records(data, len);
    }
    return len;
}

/* --- Interfaces --- */

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max_len,
                               unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max_len,
                               unsigned seed)
{
    return fuzz_mutate(data, len, max_len, seed);
}

struct afl_mutator {
    struct rng rng;
    uint8_t *room;
    size_t room_len;
};

void *afl_custom_init(void *afl, unsigned seed);
size_t afl_custom_fuzz(void *state, uint8_t *data, size_t len, uint8_t **out,
                       const uint8_t *add, size_t add_len, size_t max_len);
void afl_custom_deinit(void *state);

void *afl_custom_init(void *afl, unsigned seed)
{
    struct afl_mutator *m = calloc(1, sizeof *m);
    (void)afl;
    if (m != NULL) {
        m->rng.state = (uint64_t)seed + 1;
    }
    return m;
}

/* AFL++ gives a second input (add) too, which is not used. */
size_t afl_custom_fuzz(void *state, uint8_t *data, size_t len, uint8_t **out,
                       const uint8_t *add, size_t add_len, size_t max_len)
{
    struct afl_mutator *m = state;
    (void)add;
    (void)add_len;
    if (m->room_len < max_len) {
        uint8_t *room = realloc(m->room, max_len);
        if (room == NULL) {
            *out = NULL;
            return 0;
        }
        m->room = room;
        m->room_len = max_len;
    }
    len = len < max_len ? len : max_len;
    memcpy(m->room, data, len);
    *out = m->room;
    return fuzz_mutate(m->room, len, max_len, rng(&m->rng));
}

void afl_custom_deinit(void *state)
{
    struct afl_mutator *m = state;
    free(m->room);
    free(m);
}
