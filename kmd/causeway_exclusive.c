// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: exclusive access
 *
 * With DRM_CAUSEWAY_ATOMICS_EXCLUSIVE, a page that the device writes leaves the
 * page tables of all processes.  A CPU that touches it waits until the device's
 * entry is gone, and takes it back.  It is how a device whose bus has no atomics
 * gets them; this one has no need of it.
 *
 * The page must be there, writable, before: the core's call would fault it in
 * otherwise, and by that invalidate what it is called for, again and again.  It
 * comes locked, and stays so until the device has its entry, so that no CPU
 * can take it back in between.
 *
 * The core refuses pages of huge pages but the first, and those of files; they
 * are used as without this advice.  Pages of private device memory need
 * nothing: no CPU can reach them as it is.
 */
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/pagemap.h>

#include "causeway_compat.h"
#include "causeway_exclusive.h"
#include "causeway_svm.h"
#include "causeway_vm.h"

/**
 * causeway_exclusive_take - take a page away from all CPUs
 * @vm: for whose device
 * @chunk: of the address
 * @addr: the owner has a page there that it may write
 * @seq: out: for causeway_svm_insert(); unchanged if no page is taken
 * @page_out: out: the page, locked and referenced; NULL: it can't be taken, or
 *	needn't
 *
 * Context: the owner's mmap_lock for reading.
 *
 * Return: 0, or -EBUSY: the page changed; look it up again.
 */
int causeway_exclusive_take(struct causeway_vm *vm, struct causeway_chunk *chunk,
			    unsigned long addr, unsigned long *seq, struct page **page_out)
{
	unsigned long begun = mmu_interval_read_begin(&chunk->notifier);
	int ret;

	lockdep_assert_held(&vm->mm->mmap_lock);
	*page_out = NULL;
	ret = causeway_compat_make_exclusive(vm->mm, addr, vm, page_out);
	if (ret == -EBUSY || ret == -EAGAIN)
		return -EBUSY;
	if (*page_out)
		*seq = begun;
	return 0;
}

/**
 * causeway_exclusive_done - the device has its entry, or not
 * @vm: for whose device
 * @page: from causeway_exclusive_take(); NULL: nothing to do
 * @entered: the entry is there
 */
void causeway_exclusive_done(struct causeway_vm *vm, struct page *page, bool entered)
{
	if (!page)
		return;
	unlock_page(page);
	put_page(page);
	if (entered)
		causeway_vm_count(vm, DRM_CAUSEWAY_COUNTER_EXCLUSIVE, 1);
}
