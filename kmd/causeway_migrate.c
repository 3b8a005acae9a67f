// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: migration
 *
 * Only private anonymous memory moves; the core knows no other.  Everything
 * else is mirrored in place.  A range goes in batches of 2 MiB; where there is
 * more than one, the copy engine works on a batch while the next is collected.
 *
 * Memory that may be merged (MADV_MERGEABLE) never moves: a page of ksmd's
 * that goes to private device memory takes its node of the stable tree along,
 * and ksmd then reads an address that doesn't exist.
 *
 * A page that doesn't move is counted with its reason and is no error.
 */
#include <linux/dax.h>
#include <linux/hugetlb.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/userfaultfd_k.h>

#include "causeway_batch.h"
#include "causeway_device.h"
#include "causeway_memory.h"
#include "causeway_migrate.h"
#include "causeway_policy.h"
#include "causeway_vm.h"

/**
 * causeway_migrate_reason - why nothing of a mapping can move
 * @vma: the mapping
 *
 * Context: mmap_lock.
 *
 * Return: DRM_CAUSEWAY_REASON_NONE if it can.
 */
enum drm_causeway_reason causeway_migrate_reason(const struct vm_area_struct *vma)
{
	if (is_vm_hugetlb_page((struct vm_area_struct *)vma) ||
	    (vma->vm_flags & (VM_SPECIAL | VM_LOCKED)))
		return DRM_CAUSEWAY_REASON_SPECIAL;
	if (!vma_is_anonymous((struct vm_area_struct *)vma))
		return DRM_CAUSEWAY_REASON_FILE;
	if (vma->vm_flags & VM_MERGEABLE)
		return DRM_CAUSEWAY_REASON_MERGEABLE;
	if (userfaultfd_armed((struct vm_area_struct *)vma))
		return DRM_CAUSEWAY_REASON_SPECIAL;
	if (!(vma->vm_flags & (VM_READ | VM_WRITE)))
		return DRM_CAUSEWAY_REASON_PROTECTION;
	return DRM_CAUSEWAY_REASON_NONE;
}

static unsigned long skipped_sum(const struct causeway_move *move)
{
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < DRM_CAUSEWAY_REASON_COUNT; i++)
		sum += i == DRM_CAUSEWAY_REASON_THERE ? 0 : move->skipped[i];
	return sum;
}

static unsigned int batch_finish(struct causeway_batch *batch, struct causeway_transfer *t)
{
	unsigned long skipped = skipped_sum(t->move);
	unsigned int moved = causeway_batch_end(batch, t);
	enum drm_causeway_event_type type = DRM_CAUSEWAY_EVENT_MIGRATE_OUT;

	if (batch->in)
		type = DRM_CAUSEWAY_EVENT_MIGRATE_IN;
	causeway_memory_report(t->vm, type, batch->args.start, batch->args.end, moved,
			       skipped_sum(t->move) - skipped, batch->begin_ns);
	if (moved && batch->in)
		causeway_policy_moved_in(t->vm, batch->args.start, batch->args.end);
	return moved;
}

/*
 * Two batches: one is copied while the next is collected.  Without memory for a
 * second, or with one batch only, the caller copies.
 */
static int transfer(struct causeway_transfer *t, unsigned long start, unsigned long end, bool in)
{
	struct causeway_batch *open = NULL;
	unsigned long addr, stop;
	int ret = 0;

	for (addr = start; addr < end; addr = stop) {
		struct causeway_batch *batch = causeway_batch_create();

		stop = min((addr & CAUSEWAY_BANK_MASK) + CAUSEWAY_BANK_BYTES, end);
		if (!batch && open) {
			batch_finish(open, t);
			swap(batch, open);
		}
		if (!batch)
			return -ENOMEM;
		batch->in = in;
		batch->fault_page = NULL;
		ret = causeway_batch_begin(batch, t, addr, stop);
		if (!ret && (open || stop < end))
			causeway_batch_copy(batch);
		if (open)
			batch_finish(open, t);
		causeway_batch_destroy(open);
		open = batch;
		if (ret)
			break;
	}
	if (!ret)
		batch_finish(open, t);
	causeway_batch_destroy(open);
	return ret;
}

static int migrate(struct causeway_vm *vm, struct vm_area_struct *vma, unsigned long start,
		   unsigned long end, struct causeway_move *move, bool in)
{
	struct causeway_transfer t = {
		.vm = vm,
		.vma = vma,
		.mem = vm->device->mem,
		.move = move,
	};
	unsigned long moved = move->moved, skipped = skipped_sum(move);
	enum drm_causeway_reason reason = causeway_migrate_reason(vma);
	int ret = 0;

	lockdep_assert_held(&vma->vm_mm->mmap_lock);
	if (in && !READ_ONCE(vm->device->online))
		reason = DRM_CAUSEWAY_REASON_DEVICE_OFF;
	if (!in && reason != DRM_CAUSEWAY_REASON_NONE && reason != DRM_CAUSEWAY_REASON_MERGEABLE)
		reason = DRM_CAUSEWAY_REASON_THERE;
	if (reason != DRM_CAUSEWAY_REASON_NONE)
		move->skipped[reason] += (end - start) >> PAGE_SHIFT;
	else
		ret = transfer(&t, start, end, in);
	causeway_vm_count(vm,
			  in ? DRM_CAUSEWAY_COUNTER_MIGRATED_IN : DRM_CAUSEWAY_COUNTER_MIGRATED_OUT,
			  move->moved - moved);
	causeway_vm_count(vm, DRM_CAUSEWAY_COUNTER_SKIPPED, skipped_sum(move) - skipped);
	return ret;
}

/**
 * causeway_migrate_in - move pages of the owner to the device's memory
 * @vm: whose device; its memory is there, see causeway_device.mem
 * @vma: a mapping of the owner
 * @start: first byte, in @vma
 * @end: first byte beyond, in @vma
 * @move: what to do with holes and peers' pages; what became of it is added
 *
 * Context: the owner's mmap_lock for reading; between drm_dev_enter() and _exit().
 *
 * Return: 0 or -ENOMEM (nothing, or a part, was tried).
 */
int causeway_migrate_in(struct causeway_vm *vm, struct vm_area_struct *vma, unsigned long start,
			unsigned long end, struct causeway_move *move)
{
	return migrate(vm, vma, start, end, move, true);
}

/**
 * causeway_migrate_out - move pages of the owner to system memory
 * @vm: one of the owner's
 * @vma: a mapping of the owner
 * @start: first byte, in @vma
 * @end: first byte beyond, in @vma
 * @move: what became of it is added
 *
 * Pages in the memory of other devices come home too.
 *
 * Context: as causeway_migrate_in().
 *
 * Return: 0 or -ENOMEM.
 */
int causeway_migrate_out(struct causeway_vm *vm, struct vm_area_struct *vma, unsigned long start,
			 unsigned long end, struct causeway_move *move)
{
	return migrate(vm, vma, start, end, move, false);
}
