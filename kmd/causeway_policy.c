// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: policy
 *
 * Without advice, private anonymous memory moves to the device that touches it,
 * and memory without a page yet gets its first page there.  It goes by 64 KiB;
 * once a quarter of 2 MiB is there, or the 2 MiB below are as a whole, the rest
 * follows at one go.  CPU touches bring it back likewise: 64 KiB, and twice as
 * much each time they go on where the last one stopped.
 *
 * Thrashing: 64 KiB that came home within thrash_lapse_ms of moving in has
 * bounced.  After thrash_bounces of them it stays in system memory for
 * thrash_pin_ms, where the device uses it in place.  The count falls by one then,
 * so memory that goes on bouncing is pinned again at the next bounce.
 *
 * What is remembered is in the chunks (struct causeway_block), without locks:
 * a lost update costs a move.
 */
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "causeway_access.h"
#include "causeway_account.h"
#include "causeway_attr.h"
#include "causeway_device.h"
#include "causeway_devmem.h"
#include "causeway_dup.h"
#include "causeway_fault.h"
#include "causeway_memory.h"
#include "causeway_migrate.h"
#include "causeway_policy.h"
#include "causeway_svm.h"
#include "causeway_vm.h"

static unsigned int thrash_lapse_ms = 20;
module_param(thrash_lapse_ms, uint, 0644);
MODULE_PARM_DESC(thrash_lapse_ms, "memory that comes home sooner after it moved in has bounced");

static unsigned int thrash_bounces = 3;
module_param(thrash_bounces, uint, 0644);
MODULE_PARM_DESC(thrash_bounces, "bounces after which memory stays at home for a while; 0: never");

static unsigned int thrash_pin_ms = 300;
module_param(thrash_pin_ms, uint, 0644);
MODULE_PARM_DESC(thrash_pin_ms, "how long it stays there");

/* 64 KiB of 2 MiB that are on the device when the rest is to follow */
#define FOLLOW_BLOCKS (CAUSEWAY_CHUNK_BLOCKS / 4)

#define HOME_SHIFT_FIRST CAUSEWAY_BLOCK_SHIFT

/* ---- thrashing --------------------------------------------------------- */

static bool block_pinned(const struct causeway_block *block)
{
	unsigned long until = READ_ONCE(block->pinned_until);

	return until && time_before(jiffies, until);
}

static void block_came_home(struct causeway_block *block)
{
	unsigned long moved = READ_ONCE(block->moved);
	unsigned int bounces = READ_ONCE(block->bounces);

	if (!moved)
		return;
	WRITE_ONCE(block->moved, 0);
	if (time_after(jiffies, moved + msecs_to_jiffies(thrash_lapse_ms))) {
		WRITE_ONCE(block->bounces, 0);
		return;
	}
	bounces++;
	if (thrash_bounces && bounces >= thrash_bounces) {
		/* 0 says never */
		WRITE_ONCE(block->pinned_until, (jiffies + msecs_to_jiffies(thrash_pin_ms)) | 1);
		bounces = thrash_bounces - 1;
	}
	WRITE_ONCE(block->bounces, bounces);
}

/**
 * causeway_policy_pinned - is a page kept at home because it was thrashing?
 * @vm: the VM
 * @addr: any address
 */
bool causeway_policy_pinned(struct causeway_vm *vm, unsigned long addr)
{
	struct causeway_chunk *chunk = causeway_chunk_find(vm, addr);
	bool pinned;

	if (!chunk)
		return false;
	pinned = block_pinned(causeway_chunk_block(chunk, addr));
	causeway_chunk_put(chunk);
	return pinned;
}

/**
 * causeway_policy_access - how often the device was seen to use 64 KiB
 * @vm: the VM
 * @addr: an address in them
 */
u32 causeway_policy_access(struct causeway_vm *vm, unsigned long addr)
{
	struct causeway_chunk *chunk = causeway_chunk_find(vm, addr);
	u32 access;

	if (!chunk)
		return 0;
	access = atomic_read(&causeway_chunk_block(chunk, addr)->access);
	causeway_chunk_put(chunk);
	return access;
}

/* ---- device faults ----------------------------------------------------- */

static unsigned int chunk_moved(const struct causeway_chunk *chunk)
{
	unsigned int i, moved = 0;

	for (i = 0; i < CAUSEWAY_CHUNK_BLOCKS; i++)
		moved += READ_ONCE(chunk->blocks[i].moved) != 0;
	return moved;
}

/* is what lies below the chunk on the device, as a whole? */
static bool follows_moved(struct causeway_vm *vm, const struct causeway_chunk *chunk)
{
	struct causeway_chunk *below;
	bool moved;

	below = causeway_chunk_find(vm, chunk->start - CAUSEWAY_CHUNK_SIZE);
	if (!below)
		return false;
	moved = chunk_moved(below) == CAUSEWAY_CHUNK_BLOCKS;
	causeway_chunk_put(below);
	return moved;
}

/* all of the chunk that has the same advice and isn't pinned, around the fault */
static void plan_chunk(const struct causeway_chunk *chunk, const struct vm_area_struct *vma,
		       struct causeway_fault_plan *plan)
{
	unsigned long low = max(chunk->start, vma->vm_start);
	unsigned long high = min(chunk->start + CAUSEWAY_CHUNK_SIZE, vma->vm_end);
	unsigned int i;

	for (i = 0; i < CAUSEWAY_CHUNK_BLOCKS; i++) {
		unsigned long start = chunk->start + i * CAUSEWAY_BLOCK_SIZE;
		unsigned long end = start + CAUSEWAY_BLOCK_SIZE;

		if (!block_pinned(&chunk->blocks[i]))
			continue;
		if (end <= plan->start)
			low = max(low, end);
		else if (start >= plan->end)
			high = min(high, start);
	}
	plan->move_start = low;
	plan->move_end = high;
	plan->fill_start = low;
	plan->fill_end = high;
}

static void plan_range(struct causeway_vm *vm, const struct vm_area_struct *vma,
		       struct causeway_fault_plan *plan)
{
	plan->want_device = true;
	plan->move_start = plan->start;
	plan->move_end = plan->end;
	plan->fill_start = plan->start;
	plan->fill_end = plan->end;
	/* advice limits what moves, and may end anywhere */
	if (READ_ONCE(vm->attrs.count))
		return;
	if (chunk_moved(plan->chunk) >= FOLLOW_BLOCKS || follows_moved(vm, plan->chunk))
		plan_chunk(plan->chunk, vma, plan);
}

static enum drm_causeway_reason advice_reason(const struct causeway_attr_set *attrs)
{
	if (attrs->values[DRM_CAUSEWAY_ATTR_LOCATION] == DRM_CAUSEWAY_LOCATION_SYSTEM)
		return DRM_CAUSEWAY_REASON_ADVICE;
	/* taking a page exclusively is about system memory */
	if (attrs->values[DRM_CAUSEWAY_ATTR_ATOMICS] == DRM_CAUSEWAY_ATOMICS_EXCLUSIVE)
		return DRM_CAUSEWAY_REASON_ADVICE;
	return DRM_CAUSEWAY_REASON_NONE;
}

/**
 * causeway_policy_fault - where a device fault puts a page
 * @vm: the VM
 * @vma: the owner's mapping of @addr
 * @addr: the address, in [plan->start, plan->end)
 * @write: the device wants to write
 * @plan: chunk, attrs, start and end are set; the rest is filled in
 *
 * Context: the owner's mmap_lock for reading; between drm_dev_enter() and _exit().
 *
 * Return: why it is mirrored in place, DRM_CAUSEWAY_REASON_NONE if there is no
 * reason but that the device has no memory, or if plan->want_device.
 */
enum drm_causeway_reason causeway_policy_fault(struct causeway_vm *vm, struct vm_area_struct *vma,
					       unsigned long addr, bool write,
					       struct causeway_fault_plan *plan)
{
	enum drm_causeway_reason reason = causeway_migrate_reason(vma);

	lockdep_assert_held(&vma->vm_mm->mmap_lock);
	plan->want_device = false;
	causeway_access_arm(vm->memory);
	if (!vm->device->mem || reason != DRM_CAUSEWAY_REASON_NONE)
		return reason;
	if (!READ_ONCE(vm->device->online))
		return DRM_CAUSEWAY_REASON_DEVICE_OFF;
	reason = advice_reason(&plan->attrs);
	if (reason != DRM_CAUSEWAY_REASON_NONE)
		return reason;
	if (block_pinned(causeway_chunk_block(plan->chunk, addr))) {
		causeway_vm_count(vm, DRM_CAUSEWAY_COUNTER_THRASH_PINNED,
				  (plan->end - plan->start) >> PAGE_SHIFT);
		return DRM_CAUSEWAY_REASON_THRASHING;
	}
	plan_range(vm, vma, plan);
	return DRM_CAUSEWAY_REASON_NONE;
}

/**
 * causeway_policy_may_promote - may memory that the device uses in place move in?
 * @vm: the VM
 * @vma: the owner's mapping of @addr
 * @addr: an address of the 64 KiB in question
 *
 * Context: as causeway_policy_fault().
 *
 * Return: why not.
 */
enum drm_causeway_reason causeway_policy_may_promote(struct causeway_vm *vm,
						     struct vm_area_struct *vma, unsigned long addr)
{
	enum drm_causeway_reason reason = causeway_migrate_reason(vma);
	unsigned long start = addr, end = addr + 1;
	struct causeway_attr_set attrs;

	if (reason != DRM_CAUSEWAY_REASON_NONE)
		return reason;
	if (causeway_policy_pinned(vm, addr))
		return DRM_CAUSEWAY_REASON_THRASHING;
	causeway_attr_lookup(vm, addr, &start, &end, &attrs);
	return advice_reason(&attrs);
}

/**
 * causeway_policy_moved_in - pages have moved to the device
 * @vm: the VM
 * @start: first byte, in one chunk
 * @end: first byte beyond
 */
void causeway_policy_moved_in(struct causeway_vm *vm, unsigned long start, unsigned long end)
{
	struct causeway_chunk *chunk = causeway_chunk_find(vm, start);
	unsigned long addr;

	if (!chunk)
		return;
	for (addr = start & ~(CAUSEWAY_BLOCK_SIZE - 1); addr < end; addr += CAUSEWAY_BLOCK_SIZE)
		WRITE_ONCE(causeway_chunk_block(chunk, addr)->moved, jiffies | 1);
	causeway_chunk_put(chunk);
}

/**
 * causeway_policy_evict - 2 MiB are about to go home because memory is short
 * @account: whose
 * @address: their first byte
 *
 * Takes them out of the device's page tables.  It is no bounce.
 *
 * Context: may sleep; not under pt_lock.
 */
void causeway_policy_evict(struct causeway_account *account, unsigned long address)
{
	struct causeway_chunk *chunk;
	struct causeway_vm *vm;
	unsigned int i;
	int idx;

	vm = causeway_account_enter(account, &idx);
	if (vm) {
		causeway_svm_zap(vm, address, address + CAUSEWAY_CHUNK_SIZE);
		causeway_dup_drop(vm, address, address + CAUSEWAY_CHUNK_SIZE);
		chunk = causeway_chunk_find(vm, address);
		for (i = 0; chunk && i < CAUSEWAY_CHUNK_BLOCKS; i++)
			WRITE_ONCE(chunk->blocks[i].moved, 0);
		if (chunk)
			causeway_chunk_put(chunk);
	}
	causeway_account_exit(idx);
}

/* ---- CPU touches ------------------------------------------------------- */

/**
 * causeway_policy_home_range - what comes home with a page that a CPU touched
 * @account: of the page
 * @vma: where it was touched
 * @addr: the address
 * @start_out: first byte, in the VMA and in the 2 MiB of @addr
 * @end_out: first byte beyond
 */
void causeway_policy_home_range(struct causeway_account *account, struct vm_area_struct *vma,
				unsigned long addr, unsigned long *start_out,
				unsigned long *end_out)
{
	unsigned int shift = HOME_SHIFT_FIRST;
	struct causeway_vm *vm;
	unsigned long start;
	int idx;

	vm = causeway_account_enter(account, &idx);
	if (vm && READ_ONCE(vm->memory->home_end) == (addr & PAGE_MASK))
		shift = min(READ_ONCE(vm->memory->home_shift) + 1, (unsigned int)PMD_SHIFT);
	start = addr & ~((1UL << shift) - 1);
	*start_out = max(start, vma->vm_start);
	*end_out = min(start + (1UL << shift), vma->vm_end);
	if (vm) {
		WRITE_ONCE(vm->memory->home_end, *end_out);
		WRITE_ONCE(vm->memory->home_shift, shift);
	}
	causeway_account_exit(idx);
}

/**
 * causeway_policy_moved_home - a CPU has touched pages of device memory
 * @account: of the page that was touched
 * @vma: where
 * @start: first byte of what was to come home, in one chunk
 * @end: first byte beyond
 * @moved: pages that came
 * @begin_ns: when it began
 */
void causeway_policy_moved_home(struct causeway_account *account, struct vm_area_struct *vma,
				unsigned long start, unsigned long end, unsigned long moved,
				u64 begin_ns)
{
	struct causeway_chunk *chunk = NULL;
	struct causeway_vm *vm;
	unsigned long addr;
	int idx;

	vm = causeway_account_enter(account, &idx);
	if (!vm)
		goto out;
	causeway_vm_count(vm, DRM_CAUSEWAY_COUNTER_CPU_FAULTS, 1);
	causeway_vm_count(vm, DRM_CAUSEWAY_COUNTER_CPU_FAULT_PAGES, moved);
	/* a forked child's addresses say nothing of the owner's */
	if (moved && vma->vm_mm == vm->mm)
		chunk = causeway_chunk_find(vm, start);
	if (!chunk)
		goto out;
	for (addr = start & ~(CAUSEWAY_BLOCK_SIZE - 1); addr < end; addr += CAUSEWAY_BLOCK_SIZE)
		block_came_home(causeway_chunk_block(chunk, addr));
	causeway_chunk_put(chunk);
	causeway_memory_report(vm, DRM_CAUSEWAY_EVENT_MIGRATE_OUT, start, end, moved, 0, begin_ns);
out:
	causeway_account_exit(idx);
}
