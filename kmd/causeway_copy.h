/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The copy engine: moves the bytes of batches of pages, several batches at once.
 */
#ifndef CAUSEWAY_COPY_H
#define CAUSEWAY_COPY_H

#include <linux/completion.h>
#include <linux/workqueue.h>

/**
 * struct causeway_copy - up to 2 MiB to be copied
 * @work: on the copy engine's queue
 * @done: completed when all of it has been copied
 * @src: MIGRATE_PFN_* of the sources; no page: the destination is cleared
 * @dst: of the destinations; no page: nothing to do
 * @count: entries of both
 */
struct causeway_copy {
	struct work_struct work;
	struct completion done;
	const unsigned long *src;
	const unsigned long *dst;
	unsigned int count;
};

int causeway_copy_module_init(void);
void causeway_copy_module_exit(void);

void causeway_copy_start(struct causeway_copy *copy);
void causeway_copy_wait(struct causeway_copy *copy);
void causeway_copy_run(const unsigned long *src, const unsigned long *dst, unsigned int count);

#endif
