/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Up to 2 MiB of pages on their way.
 */
#ifndef CAUSEWAY_BATCH_H
#define CAUSEWAY_BATCH_H

#include <linux/bitmap.h>
#include <linux/migrate.h>
#include <linux/types.h>

#include "causeway_copy.h"
#include "causeway_devmem.h"

struct causeway_chunk;
struct causeway_move;
struct causeway_vm;

/**
 * struct causeway_batch - what one call of migrate_vma needs, allocated once
 *
 * @args: for the core
 * @copy: the bytes; started if @copying
 * @copying: the copy engine has it
 * @idle: there is nothing to move
 * @in: to device memory, else home
 * @fault_page: the page that a CPU touched, held by the core; NULL: none
 * @begin_ns: when it began
 * @src: for @args
 * @dst: for @args
 * @wanted: pages that are to move
 * @unknown: pages that the core left alone without saying why
 * @numbers: of the pages of device memory that were taken
 */
struct causeway_batch {
	struct migrate_vma args;
	struct causeway_copy copy;
	bool copying;
	bool idle;
	bool in;
	struct page *fault_page;
	u64 begin_ns;
	unsigned long src[CAUSEWAY_BANK_PAGES];
	unsigned long dst[CAUSEWAY_BANK_PAGES];
	DECLARE_BITMAP(wanted, CAUSEWAY_BANK_PAGES);
	DECLARE_BITMAP(unknown, CAUSEWAY_BANK_PAGES);
	u32 numbers[CAUSEWAY_BANK_PAGES];
};

/**
 * struct causeway_transfer - one range of one VMA on its way
 * @vm: whose device faulted or asked; NULL: a CPU touched a page that no VM knows
 * @vma: its mmap_lock is held for reading
 * @mem: the device's memory; home: of any of the pages
 * @move: what is wanted and what came of it
 */
struct causeway_transfer {
	struct causeway_vm *vm;
	struct vm_area_struct *vma;
	struct causeway_devmem *mem;
	struct causeway_move *move;
};

int causeway_batch_module_init(void);
void causeway_batch_module_exit(void);

struct causeway_batch *causeway_batch_create(void);
void causeway_batch_destroy(struct causeway_batch *batch);

int causeway_batch_begin(struct causeway_batch *batch, struct causeway_transfer *transfer,
			 unsigned long start, unsigned long end);
void causeway_batch_copy(struct causeway_batch *batch);
unsigned int causeway_batch_end(struct causeway_batch *batch, struct causeway_transfer *transfer);

#endif
