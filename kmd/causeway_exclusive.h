/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages that only the device can reach while it uses them.
 */
#ifndef CAUSEWAY_EXCLUSIVE_H
#define CAUSEWAY_EXCLUSIVE_H

#include <linux/mm_types.h>

struct causeway_chunk;
struct causeway_vm;

int causeway_exclusive_take(struct causeway_vm *vm, struct causeway_chunk *chunk,
			    unsigned long addr, unsigned long *seq, struct page **page_out);
void causeway_exclusive_done(struct causeway_vm *vm, struct page *page, bool entered);

#endif
