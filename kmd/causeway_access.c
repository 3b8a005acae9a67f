// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: access counters
 *
 * Now and then the accessed bits of the engine's page tables are read and
 * cleared.  Each 64 KiB with a bit set was used: its counter rises, and the
 * bank of device memory that it lies in becomes the last to be evicted.
 * Memory that the device keeps using in place, because there was no room or it
 * was thrashing, moves in after access_threshold times.
 *
 * The scan is armed by faults, and slows down while it finds nothing.
 */
#include <drm/drm_drv.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/mm.h>

#include "causeway_access.h"
#include "causeway_device.h"
#include "causeway_devmem.h"
#include "causeway_memory.h"
#include "causeway_migrate.h"
#include "causeway_policy.h"
#include "causeway_svm.h"
#include "causeway_vm.h"

static unsigned int access_scan_ms = 100;
module_param(access_scan_ms, uint, 0644);
MODULE_PARM_DESC(access_scan_ms, "interval of looking at accessed bits; 0: never");

static unsigned int access_threshold = 4;
module_param(access_threshold, uint, 0644);
MODULE_PARM_DESC(access_threshold, "scans that find 64 KiB in use in place before they move in");

/* the slowest scan, in intervals */
#define SLOWEST 32

static unsigned long interval(void)
{
	return max(msecs_to_jiffies(access_scan_ms), 1UL);
}

/* ---- promotion --------------------------------------------------------- */

static void promote(struct causeway_vm *vm, unsigned long start)
{
	struct causeway_move move = {0};
	struct vm_area_struct *vma;
	int idx;

	if (!drm_dev_enter(&vm->device->drm, &idx))
		return;
	if (!vm->device->mem || !mmget_not_zero(vm->mm))
		goto out;
	mmap_read_lock(vm->mm);
	vma = find_vma_intersection(vm->mm, start, start + CAUSEWAY_BLOCK_SIZE);
	if (vma && causeway_policy_may_promote(vm, vma, max(start, vma->vm_start)) ==
			   DRM_CAUSEWAY_REASON_NONE)
		causeway_migrate_in(vm, vma, max(start, vma->vm_start),
				    min(start + CAUSEWAY_BLOCK_SIZE, vma->vm_end), &move);
	mmap_read_unlock(vm->mm);
	mmput_async(vm->mm);
	causeway_vm_count(vm, DRM_CAUSEWAY_COUNTER_PROMOTED, move.moved);
out:
	drm_dev_exit(idx);
}

/* ---- the scan ---------------------------------------------------------- */

static bool block_used(const unsigned long *young, unsigned int block)
{
	unsigned int first = block * CAUSEWAY_BLOCK_PAGES;

	return find_next_bit(young, first + CAUSEWAY_BLOCK_PAGES, first) <
	       first + CAUSEWAY_BLOCK_PAGES;
}

static bool scan_chunk(struct causeway_vm *vm, struct causeway_chunk *chunk)
{
	DECLARE_BITMAP(young, CAUSEWAY_CHUNK_PAGES);
	unsigned int i;

	causeway_svm_test_young(vm, chunk->start, chunk->start + CAUSEWAY_CHUNK_SIZE, young);
	if (bitmap_empty(young, CAUSEWAY_CHUNK_PAGES))
		return false;
	causeway_devmem_touch_bank(vm->device->mem, READ_ONCE(chunk->bank));
	for (i = 0; i < CAUSEWAY_CHUNK_BLOCKS; i++) {
		struct causeway_block *block = &chunk->blocks[i];
		unsigned int count;

		if (!block_used(young, i))
			continue;
		count = atomic_inc_return(&block->access);
		if (!READ_ONCE(block->moved) && access_threshold && !(count % access_threshold))
			promote(vm, chunk->start + i * CAUSEWAY_BLOCK_SIZE);
	}
	return true;
}

static struct causeway_chunk *next_chunk(struct causeway_vm *vm, unsigned long *key)
{
	struct causeway_chunk *chunk;

	rcu_read_lock();
	do {
		chunk = xa_find_after(&vm->chunks, key, ULONG_MAX, XA_PRESENT);
	} while (chunk && !refcount_inc_not_zero(&chunk->ref));
	rcu_read_unlock();
	return chunk;
}

static bool scan_vm(struct causeway_vm *vm)
{
	struct causeway_chunk *chunk;
	unsigned long key = 0;
	bool used = false;

	while ((chunk = next_chunk(vm, &key))) {
		used |= scan_chunk(vm, chunk);
		causeway_chunk_put(chunk);
		cond_resched();
	}
	return used;
}

static void scan_work(struct work_struct *work)
{
	struct causeway_memory *memory =
		container_of(to_delayed_work(work), struct causeway_memory, scan);
	unsigned long next = interval();

	if (READ_ONCE(memory->vm->owner_gone))
		return;
	if (!scan_vm(memory->vm))
		next = min(2 * READ_ONCE(memory->scan_interval), SLOWEST * interval());
	WRITE_ONCE(memory->scan_interval, next);
	spin_lock(&memory->scan_lock);
	if (!memory->scan_closed)
		queue_delayed_work(causeway_memory_wq, &memory->scan, next);
	spin_unlock(&memory->scan_lock);
}

/**
 * causeway_access_scan - bring the counters up to date
 * @vm: not closed
 *
 * Context: may sleep; no mmap_lock.
 */
void causeway_access_scan(struct causeway_vm *vm)
{
	scan_vm(vm);
}

/**
 * causeway_access_arm - the device uses memory: look at it soon
 * @memory: of the VM
 *
 * Context: may not sleep; it costs nothing where it is armed already.
 */
void causeway_access_arm(struct causeway_memory *memory)
{
	unsigned long next = interval();

	if (!access_scan_ms ||
	    (delayed_work_pending(&memory->scan) && READ_ONCE(memory->scan_interval) == next))
		return;
	spin_lock(&memory->scan_lock);
	WRITE_ONCE(memory->scan_interval, next);
	if (!memory->scan_closed)
		mod_delayed_work(causeway_memory_wq, &memory->scan, next);
	spin_unlock(&memory->scan_lock);
}

/**
 * causeway_access_init - the part of a new VM that is this file's
 * @memory: of the VM
 */
void causeway_access_init(struct causeway_memory *memory)
{
	spin_lock_init(&memory->scan_lock);
	memory->scan_interval = interval();
	INIT_DELAYED_WORK(&memory->scan, scan_work);
}

/**
 * causeway_access_finish - no scan from now on
 * @memory: of the VM
 *
 * Context: sleeps while one is running; no mmap_lock.
 */
void causeway_access_finish(struct causeway_memory *memory)
{
	spin_lock(&memory->scan_lock);
	memory->scan_closed = true;
	spin_unlock(&memory->scan_lock);
	cancel_delayed_work_sync(&memory->scan);
}
