/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "fuzz/fuzz.h"
#include "fuzz/mutate.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

/*
 * Runs a harness over files, and over the files of folders, without a fuzzer.
 *
 * usage: TARGET [-mutate=N] FILE|FOLDER...
 *
 * With -mutate each input goes through N more runs, each on the output of the
 * custom mutator for the one before; the seeds are the numbers from 1, so two
 * runs do the same. The last line says how many inputs were run.
 */

#define INPUT_MAX ((size_t)1 << 20)

struct totals {
    unsigned n_mutations;
    unsigned n_files;
    unsigned n_runs;
};

/* On the heap at its exact length: reads past the end are seen. */
static void run_once(const uint8_t *bytes, size_t len, struct totals *t)
{
    uint8_t *data = malloc(len == 0 ? 1 : len);
    require(data != NULL);
    memcpy(data, bytes, len);
    (void)LLVMFuzzerTestOneInput(data, len);
    free(data);
    t->n_runs++;
}

/* Eight changes on top of each other, then from the file again. */
#define CHAIN 8u

static void run_mutated(const uint8_t *bytes, size_t len, struct totals *t)
{
    uint8_t *room = malloc(INPUT_MAX);
    size_t now = len;
    require(room != NULL);
    for (unsigned i = 0; i < t->n_mutations; i++) {
        if (i % CHAIN == 0) {
            memcpy(room, bytes, len);
            now = len;
        }
        now = fuzz_mutate(room, now, INPUT_MAX, i + 1);
        run_once(room, now, t);
    }
    free(room);
}

static int run_file(const char *path, struct totals *t)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(INPUT_MAX);
    int is_read = file != NULL && bytes != NULL;
    if (is_read) {
        size_t len = fread(bytes, 1, INPUT_MAX, file);
        is_read = ferror(file) == 0;
        /* A crash names its input. */
        fprintf(stderr, "%s\n", path);
        run_once(bytes, len, t);
        run_mutated(bytes, len, t);
        t->n_files++;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    free(bytes);
    return is_read;
}

static int run_path(const char *path, struct totals *t)
{
    struct dirent **entry = NULL;
    struct stat st;
    if (stat(path, &st) != 0) {
        return 0;
    }
    if (!S_ISDIR(st.st_mode)) {
        return run_file(path, t);
    }
    int n = scandir(path, &entry, NULL, alphasort);
    int is_read = n >= 0;
    for (int i = 0; i < n; i++) {
        char name[4096];
        int len = snprintf(name, sizeof name, "%s/%s", path, entry[i]->d_name);
        if (entry[i]->d_name[0] != '.') {
            is_read &=
                len > 0 && (size_t)len < sizeof name && run_file(name, t);
        }
        free(entry[i]);
    }
    free(entry);
    return is_read;
}

int main(int argc, char **argv)
{
    struct totals t = {0};
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "-mutate=", 8) == 0) {
            t.n_mutations = (unsigned)strtoul(argv[i] + 8, NULL, 10);
        } else if (!run_path(argv[i], &t)) {
            fprintf(stderr, "%s: cannot be read\n", argv[i]);
            return 2;
        }
    }
    printf("%u files, %u runs\n", t.n_files, t.n_runs);
    return t.n_files == 0 ? 2 : 0;
}
