// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: duplicates
 *
 * A page of private device memory is in no CPU's page tables.  So a second
 * device may read a copy of it in its own memory for as long as no device writes
 * it and it stays where it is.  That is done where READ_MOSTLY is advised.
 *
 * The copy is a page of device memory that nobody maps: the engine's entry is
 * all there is of it.  Each VM has its copies in an xarray by page.  They end
 *
 * - when the page moves, is unmapped or touched by a CPU: the notifier of the
 *   chunk drops them behind the entries (causeway_dup_drop);
 * - when any device of the same address space is about to enter the page
 *   writable (causeway_dup_write).
 *
 * To make a copy, all other devices' entries of the page are removed first, so
 * that whoever writes faults.  causeway_dup_copies is raised before that.
 * Whoever enters a page writable took the VM's zap_seq before it looked at
 * causeway_dup_copies: either it sees the removal, and fails; or it sees the
 * count, and ends the copies by raising the zap_seq of their VM.  A copy is
 * recorded, under the xarray's lock, only if nothing of that has happened since
 * the page was looked up.
 */
#include <linux/highmem.h>
#include <linux/hmm.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/xarray.h>

#include "causeway_account.h"
#include "causeway_device.h"
#include "causeway_devmem.h"
#include "causeway_drv.h"
#include "causeway_dup.h"
#include "causeway_memory.h"
#include "causeway_svm.h"
#include "causeway_vm.h"

/* all VMs; taken inside an owner's mmap_lock and outside pt_lock; nothing is allocated under it */
static LIST_HEAD(memories);
static DEFINE_MUTEX(memories_lock);

/* copies of all VMs, and those that are being made */
static atomic_long_t dup_copies = ATOMIC_LONG_INIT(0);

static unsigned long page_key(unsigned long addr)
{
	return addr >> PAGE_SHIFT;
}

/**
 * causeway_dup_supported - are pages duplicated on this device?
 * @device: the device
 */
bool causeway_dup_supported(const struct causeway_device *device)
{
	return causeway_params.instances > 1 && device->mem &&
	       device->mem->form == DRM_CAUSEWAY_MEMORY_PRIVATE;
}

/* ---- dropping ---------------------------------------------------------- */

static void drop(struct causeway_memory *memory, unsigned long start, unsigned long end,
		 enum drm_causeway_counter counter)
{
	struct causeway_devmem *mem = memory->vm->device->mem;
	unsigned long key, dropped = 0;
	void *entry;

	xa_for_each_range(&memory->copies, key, entry, page_key(start), page_key(end - 1)) {
		/* who erases it, frees it */
		entry = xa_erase(&memory->copies, key);
		if (!entry)
			continue;
		causeway_devmem_unalloc(mem, memory->account, xa_to_value(entry));
		atomic_long_dec(&dup_copies);
		dropped++;
	}
	if (counter < DRM_CAUSEWAY_COUNTER_COUNT)
		causeway_vm_count(memory->vm, counter, dropped);
}

/**
 * causeway_dup_drop - pages change: forget copies of them
 * @vm: whose copies; its device has no entries of them any more and gets none
 * @start: first byte
 * @end: first byte beyond
 *
 * Context: may be in a notifier, and may not sleep.
 */
void causeway_dup_drop(struct causeway_vm *vm, unsigned long start, unsigned long end)
{
	if (!xa_empty(&vm->memory->copies))
		drop(vm->memory, start, end, DRM_CAUSEWAY_COUNTER_COLLAPSED);
}

/* ---- writing ----------------------------------------------------------- */

/**
 * causeway_dup_write - a device is about to enter pages writable
 * @vm: its VM
 * @start: first byte
 * @end: first byte beyond
 *
 * Ends the copies that devices of the same address space have of them.
 *
 * Context: may sleep; not under pt_lock; after causeway_svm_zap_begin().
 *
 * Return: true if one of them was of this device: look again.
 */
bool causeway_dup_write(struct causeway_vm *vm, unsigned long start, unsigned long end)
{
	struct causeway_memory *memory;
	bool again = false;

	/* pairs with the barrier in dup_begin(): the removal of entries is seen, or the count */
	smp_mb();
	if (!atomic_long_read(&dup_copies))
		return false;
	mutex_lock(&memories_lock);
	list_for_each_entry(memory, &memories, link) {
		unsigned long key = page_key(start);

		if (memory->vm->mm != vm->mm)
			continue;
		if (memory->vm == vm && !xa_find(&vm->memory->copies, &key, page_key(end - 1),
						 XA_PRESENT))
			continue;
		again |= memory->vm == vm;
		causeway_svm_zap(memory->vm, start, end);
		drop(memory, start, end, DRM_CAUSEWAY_COUNTER_COLLAPSED);
	}
	mutex_unlock(&memories_lock);
	return again;
}

/* ---- reading ----------------------------------------------------------- */

/* from now on, nobody enters these pages writable without ending the copies */
static void dup_begin(struct causeway_vm *vm, unsigned long start, unsigned long end, long count)
{
	struct causeway_memory *memory;

	atomic_long_add(count, &dup_copies);
	smp_mb__after_atomic(); /* pairs with the barrier in causeway_dup_write() */
	mutex_lock(&memories_lock);
	list_for_each_entry(memory, &memories, link) {
		if (memory->vm->mm == vm->mm && memory->vm != vm)
			causeway_svm_zap(memory->vm, start, end);
	}
	mutex_unlock(&memories_lock);
}

/* the page is still the owner's at that address, and nobody wrote it, or: false */
static bool dup_record(struct causeway_vm *vm, const struct causeway_insert *insert,
		       unsigned long addr, u32 number)
{
	struct xarray *copies = &vm->memory->copies;
	void *old = NULL;
	bool ok;

	if (xa_reserve(copies, page_key(addr), GFP_KERNEL_ACCOUNT))
		return false;
	xa_lock(copies);
	/* pairs with pt_lock in causeway_svm_zap() */
	ok = smp_load_acquire(&vm->zap_seq) == insert->zap_seq &&
	     !mmu_interval_check_retry(&insert->chunk->notifier, insert->seq) &&
	     !READ_ONCE(vm->closed);
	if (ok)
		old = __xa_cmpxchg(copies, page_key(addr), XA_ZERO_ENTRY, xa_mk_value(number),
				   GFP_ATOMIC);
	xa_unlock(copies);
	if (!ok || old)
		xa_release(copies, page_key(addr));
	return ok && !old;
}

/*
 * A page of private memory of another device, or NULL.  It is looked at under RCU,
 * and only while the notifier says that the owner has it still: the memory of a
 * device that goes away is freed no sooner than its pages have moved and all
 * readers have passed.
 */
static struct page *peer_page(struct causeway_vm *vm, const struct causeway_insert *insert,
			      unsigned long i, bool get)
{
	unsigned long hmm_pfn = insert->pfns[i];
	struct page *page = NULL;

	if (!(hmm_pfn & HMM_PFN_VALID) || hmm_pfn & HMM_PFN_ERROR)
		return NULL;
	rcu_read_lock();
	if (!mmu_interval_check_retry(&insert->chunk->notifier, insert->seq))
		page = hmm_pfn_to_page(hmm_pfn);
	if (page && (!is_device_private_page(page) || causeway_devmem_owns(vm->device, page)))
		page = NULL;
	if (page && get && !get_page_unless_zero(page))
		page = NULL;
	rcu_read_unlock();
	return page;
}

/* the device's own page with the bytes of a peer's, or NULL */
static struct page *dup_make(struct causeway_vm *vm, const struct causeway_insert *insert,
			     unsigned long i)
{
	unsigned long addr = insert->start + i * PAGE_SIZE, wanted = 1;
	struct page *page = peer_page(vm, insert, i, true), *copy = NULL;
	struct causeway_devmem *mem = vm->device->mem;
	u32 number;

	if (!page)
		return NULL;
	if (!causeway_devmem_alloc(mem, vm->memory->account, addr,
				   READ_ONCE(insert->chunk->bank) - 1, 1, &wanted, &number))
		goto out;
	copy = pfn_to_page(mem->first_pfn + number);
	copy_highpage(causeway_devmem_backing(copy), causeway_devmem_backing(page));
	if (dup_record(vm, insert, addr, number))
		goto out;
	causeway_devmem_unalloc(mem, vm->memory->account, number);
	copy = NULL;
out:
	put_page(page);
	return copy;
}

/**
 * causeway_dup_read - let a device read copies of pages of its peers
 * @vm: its VM
 * @insert: chunk, seq, zap_seq, start, end and pfns are set and were looked up; peers'
 *	pages are replaced by copies, which aren't writable
 *
 * Context: may sleep; between drm_dev_enter() and _exit().
 */
void causeway_dup_read(struct causeway_vm *vm, const struct causeway_insert *insert)
{
	unsigned long i, count = (insert->end - insert->start) >> PAGE_SHIFT;
	unsigned long first = ULONG_MAX, last = 0, made = 0, todo = 0;

	for (i = 0; i < count; i++) {
		if (!peer_page(vm, insert, i, false) ||
		    xa_load(&vm->memory->copies, page_key(insert->start) + i))
			continue;
		first = min(first, i);
		last = i;
		todo++;
	}
	if (todo)
		dup_begin(vm, insert->start + first * PAGE_SIZE,
			  insert->start + (last + 1) * PAGE_SIZE, todo);
	for (i = 0; i < count; i++) {
		struct page *copy = NULL;
		void *entry;

		if (!peer_page(vm, insert, i, false))
			continue;
		entry = xa_load(&vm->memory->copies, page_key(insert->start) + i);
		if (entry) {
			copy = pfn_to_page(vm->device->mem->first_pfn + xa_to_value(entry));
		} else if (made < todo) {
			copy = dup_make(vm, insert, i);
			made += !!copy;
		}
		if (copy)
			insert->pfns[i] = page_to_pfn(copy) | HMM_PFN_VALID;
		else
			insert->pfns[i] &= ~HMM_PFN_WRITE;
	}
	atomic_long_sub(todo - made, &dup_copies);
	causeway_vm_count(vm, DRM_CAUSEWAY_COUNTER_DUPLICATED, made);
}

/**
 * causeway_dup_has - does the device have a copy of a page?
 * @vm: its VM
 * @addr: any address
 */
bool causeway_dup_has(struct causeway_vm *vm, unsigned long addr)
{
	return xa_load(&vm->memory->copies, page_key(addr));
}

/* ---- life -------------------------------------------------------------- */

/**
 * causeway_dup_evict - a device's memory is emptied: forget all copies in it
 * @mem: its memory
 *
 * Context: may sleep; no mmap_lock.
 */
void causeway_dup_evict(struct causeway_devmem *mem)
{
	struct causeway_memory *memory;

	mutex_lock(&memories_lock);
	list_for_each_entry(memory, &memories, link) {
		if (memory->vm->device->mem != mem || xa_empty(&memory->copies))
			continue;
		causeway_svm_zap(memory->vm, 0, TASK_SIZE_MAX);
		drop(memory, 0, TASK_SIZE_MAX, DRM_CAUSEWAY_COUNTER_COUNT);
	}
	mutex_unlock(&memories_lock);
}

/**
 * causeway_dup_open - the part of a new VM that is this file's
 * @memory: of the VM
 */
void causeway_dup_open(struct causeway_memory *memory)
{
	xa_init(&memory->copies);
	mutex_lock(&memories_lock);
	list_add_tail(&memory->link, &memories);
	mutex_unlock(&memories_lock);
}

/**
 * causeway_dup_close - forget all copies; may be called again
 * @memory: of the VM; its device has no entries any more and gets none
 */
void causeway_dup_close(struct causeway_memory *memory)
{
	mutex_lock(&memories_lock);
	list_del_init(&memory->link);
	mutex_unlock(&memories_lock);
	drop(memory, 0, TASK_SIZE_MAX, DRM_CAUSEWAY_COUNTER_COUNT);
	xa_destroy(&memory->copies);
}
