/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stddef.h>

/*
 * Loaded in front of libunicorn 2.0.1, this makes tests/m4/faults.c twice as
 * fast. With every store that version looks for translated code on the page
 * that is written, to drop it. Here there is none: the pages of RAM cannot be
 * executed, and those of flash cannot be written. These are the functions that
 * look; they find nothing.
 */

void *page_collection_lock_arm(void *uc, unsigned long start,
                               unsigned long end);
void page_collection_unlock_arm(void *pages);
void tb_invalidate_phys_page_fast_arm(void *uc, void *pages,
                                      unsigned long start, int len,
                                      unsigned long back);

void *page_collection_lock_arm(void *uc, unsigned long start, unsigned long end)
{
    (void)uc;
    (void)start;
    (void)end;
    return NULL;
}

void page_collection_unlock_arm(void *pages)
{
    (void)pages;
}

void tb_invalidate_phys_page_fast_arm(void *uc, void *pages,
                                      unsigned long start, int len,
                                      unsigned long back)
{
    (void)uc;
    (void)pages;
    (void)start;
    (void)len;
    (void)back;
}
