/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "host/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int is_dash(const char *path)
{
    return strcmp(path, "-") == 0;
}

/*
 * The length that stat tells is a hint for one allocation and an early
 * refusal; the loop below trusts only what read returns.
 */
static enum assay_status read_all(int fd, size_t max_len,
                                  struct assay_buffer *out,
                                  struct assay_diag *diag)
{
    uint8_t chunk[65536];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return assay_diag_set(diag, ASSAY_FILE_UNREADABLE, "%s",
                                  strerror(errno));
        }
        if (n == 0) {
            break;
        }
        if ((size_t)n > max_len - out->len) {
            return assay_diag_set(diag, ASSAY_FILE_TOO_LARGE,
                                  "more than %zu bytes", max_len);
        }
        enum assay_status status =
            assay_buffer_append(out, assay_slice(chunk, (size_t)n), diag);
        if (status != ASSAY_OK) {
            return status;
        }
    }
    if (out->len == 0) {
        return assay_diag_set(diag, ASSAY_FILE_EMPTY, "0 bytes");
    }
    return ASSAY_OK;
}

static enum assay_status read_open(int fd, size_t max_len,
                                   struct assay_buffer *out,
                                   struct assay_diag *diag)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return assay_diag_set(diag, ASSAY_FILE_UNREADABLE, "%s",
                              strerror(errno));
    }
    if (S_ISDIR(st.st_mode)) {
        return assay_diag_set(diag, ASSAY_FILE_DIRECTORY, "is a directory");
    }
    if (S_ISREG(st.st_mode) && st.st_size > 0 &&
        (uint64_t)st.st_size > max_len) {
        return assay_diag_set(diag, ASSAY_FILE_TOO_LARGE,
                              "%lld bytes, the limit is %zu",
                              (long long)st.st_size, max_len);
    }
    if (S_ISREG(st.st_mode) && st.st_size > 0) {
        enum assay_status status =
            assay_buffer_reserve(out, (size_t)st.st_size, diag);
        if (status != ASSAY_OK) {
            return status;
        }
    }
    return read_all(fd, max_len, out, diag);
}

/*
 * Opening a FIFO that nobody writes must not hang, but one that is written
 * slowly is waited for.
 */
static int open_input(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 && fcntl(fd, F_SETFL, 0) == -1) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

enum assay_status assay_file_read(const char *path, size_t max_len,
                                  struct assay_buffer *out,
                                  struct assay_diag *diag)
{
    *out = (struct assay_buffer){0};
    int fd = is_dash(path) ? STDIN_FILENO : open_input(path);
    if (fd < 0) {
        return assay_diag_set(diag, ASSAY_FILE_UNREADABLE, "%s: %s", path,
                              strerror(errno));
    }
    struct assay_diag inner = {0};
    enum assay_status status = read_open(fd, max_len, out, &inner);
    if (fd != STDIN_FILENO) {
        (void)close(fd);
    }
    if (status != ASSAY_OK) {
        assay_buffer_free(out);
        return assay_diag_set(diag, status, "%s: %s", path, inner.text);
    }
    return ASSAY_OK;
}

static int write_all(int fd, struct assay_slice data)
{
    size_t off = 0;
    while (off < data.len) {
        ssize_t n = write(fd, data.p + off, data.len - off);
        if (n < 0 && errno != EINTR) {
            return -1;
        }
        off += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/*
 * link() fails when the target exists, which makes "new" one atomic step.
 * Where a file system has no links, an empty file takes the name first.
 */
static int move_new(const char *from, const char *to)
{
    if (link(from, to) == 0) {
        (void)unlink(from);
        return 0;
    }
    if (errno == EEXIST) {
        return -1;
    }
    int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return -1;
    }
    (void)close(fd);
    return rename(from, to);
}

static int move_into_place(const char *from, const char *to,
                           enum assay_file_mode mode)
{
    return mode == ASSAY_FILE_REPLACE || mode == ASSAY_FILE_SECRET_REPLACE
               ? rename(from, to)
               : move_new(from, to);
}

static int is_secret(enum assay_file_mode mode)
{
    return mode == ASSAY_FILE_SECRET || mode == ASSAY_FILE_SECRET_REPLACE;
}

/* mkstemp creates with mode 0600; what is no secret gets the usual mode. */
static int set_mode(int fd, enum assay_file_mode mode)
{
    if (is_secret(mode)) {
        return 0;
    }
    mode_t mask = umask(0);
    (void)umask(mask);
    return fchmod(fd, (mode_t)0666 & ~mask);
}

static enum assay_status write_temporary(char *temporary, const char *path,
                                         struct assay_slice data,
                                         enum assay_file_mode mode,
                                         struct assay_diag *diag)
{
    int fd = mkstemp(temporary);
    if (fd < 0) {
        return assay_diag_set(diag, ASSAY_FILE_WRITE, "%s: %s", path,
                              strerror(errno));
    }
    int failed =
        set_mode(fd, mode) != 0 || write_all(fd, data) != 0 || fsync(fd) != 0;
    failed |= close(fd) != 0;
    failed = failed || move_into_place(temporary, path, mode) != 0;
    if (failed) {
        int saved = errno;
        (void)unlink(temporary);
        return assay_diag_set(
            diag, saved == EEXIST ? ASSAY_FILE_EXISTS : ASSAY_FILE_WRITE,
            "%s: %s", path, strerror(saved));
    }
    return ASSAY_OK;
}

/*
 * Pipes, terminals and other devices cannot be replaced by renaming; nor may
 * the file behind standard output be, which would lose what it has so far.
 */
static int is_special(const char *path)
{
    struct stat st;
    struct stat out;
    if (stat(path, &st) != 0) {
        return 0;
    }
    return (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) ||
           (fstat(STDOUT_FILENO, &out) == 0 && st.st_dev == out.st_dev &&
            st.st_ino == out.st_ino);
}

static enum assay_status write_direct(const char *path, struct assay_slice data,
                                      struct assay_diag *diag)
{
    int fd = is_dash(path) ? STDOUT_FILENO
                           : open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    int failed = fd < 0 || write_all(fd, data) != 0;
    int saved = errno;
    if (fd > STDOUT_FILENO) {
        (void)close(fd);
    }
    if (failed) {
        return assay_diag_set(diag, ASSAY_FILE_WRITE, "%s: %s", path,
                              strerror(saved));
    }
    return ASSAY_OK;
}

/*
 * The temporary file stands in the same folder, for rename; its own name is
 * short, as that of the target may be as long as a name can be.
 * in: target is no link, so that the file itself is replaced.
 */
static enum assay_status write_beside(const char *target,
                                      struct assay_slice data,
                                      enum assay_file_mode mode,
                                      struct assay_diag *diag)
{
    static const char NAME[] = ".assay-XXXXXX";
    size_t folder_len = (size_t)(assay_file_base(target) - target);
    char *temporary = malloc(folder_len + sizeof NAME);
    if (temporary == NULL) {
        return assay_diag_set(diag, ASSAY_MEMORY, "%zu bytes wanted",
                              folder_len);
    }
    memcpy(temporary, target, folder_len);
    memcpy(temporary + folder_len, NAME, sizeof NAME);
    enum assay_status status =
        write_temporary(temporary, target, data, mode, diag);
    free(temporary);
    return status;
}

enum assay_status assay_file_write(const char *path, struct assay_slice data,
                                   enum assay_file_mode mode,
                                   struct assay_diag *diag)
{
    if (is_dash(path) || is_special(path)) {
        return write_direct(path, data, diag);
    }
    /* Through a link to the file it names; a new file has no path yet. */
    char *target = realpath(path, NULL);
    enum assay_status status =
        write_beside(target == NULL ? path : target, data, mode, diag);
    free(target);
    return status;
}

const char *assay_file_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

int assay_file_same(const char *a, const char *b)
{
    struct stat sa;
    struct stat sb;
    return a != NULL && b != NULL && stat(a, &sa) == 0 && stat(b, &sb) == 0 &&
           S_ISREG(sa.st_mode) && sa.st_dev == sb.st_dev &&
           sa.st_ino == sb.st_ino;
}
