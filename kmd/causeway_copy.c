// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: copy engine
 *
 * A card would have a few engines that copy between its memory and the
 * system's while nobody waits.  Here it is an unbound work queue with as many
 * workers as there may be batches in flight.  One batch is one work item and
 * one completion, so the page tables of a batch can be finished while the next
 * is being copied and the one after that is being collected.
 */
#include <linux/highmem.h>
#include <linux/migrate.h>

#include "causeway_compat.h"
#include "causeway_copy.h"
#include "causeway_devmem.h"

/* batches that are copied at the same time; more wait in the queue */
#define COPY_ENGINES 4

static struct workqueue_struct *copy_wq;

/**
 * causeway_copy_run - copy pages now, by the caller
 * @src: see struct causeway_copy
 * @dst: likewise
 * @count: entries of both
 */
void causeway_copy_run(const unsigned long *src, const unsigned long *dst, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		struct page *to = migrate_pfn_to_page(dst[i]);
		struct page *from = migrate_pfn_to_page(src[i]);

		if (!to)
			continue;
		to = causeway_devmem_backing(to);
		if (from)
			copy_highpage(to, causeway_devmem_backing(from));
		else
			clear_highpage(to);
	}
}

static void copy_work(struct work_struct *work)
{
	struct causeway_copy *copy = container_of(work, struct causeway_copy, work);

	causeway_copy_run(copy->src, copy->dst, copy->count);
	complete(&copy->done);
}

/**
 * causeway_copy_start - hand a batch to the copy engine
 * @copy: src, dst and count are set, and stay until causeway_copy_wait()
 */
void causeway_copy_start(struct causeway_copy *copy)
{
	INIT_WORK(&copy->work, copy_work);
	init_completion(&copy->done);
	queue_work(copy_wq, &copy->work);
}

/**
 * causeway_copy_wait - until a batch has been copied
 * @copy: started
 *
 * A batch that no worker has taken yet is copied by the caller.
 */
void causeway_copy_wait(struct causeway_copy *copy)
{
	if (cancel_work_sync(&copy->work))
		copy_work(&copy->work);
	wait_for_completion(&copy->done);
}

/**
 * causeway_copy_module_init - start the copy engine
 *
 * Return: 0 or -ENOMEM.
 */
int causeway_copy_module_init(void)
{
	copy_wq = alloc_workqueue("causeway-copy", WQ_UNBOUND | WQ_MEM_RECLAIM | WQ_HIGHPRI,
				  COPY_ENGINES);
	return copy_wq ? 0 : -ENOMEM;
}

/**
 * causeway_copy_module_exit - stop the copy engine
 */
void causeway_copy_module_exit(void)
{
	destroy_workqueue(copy_wq);
}
