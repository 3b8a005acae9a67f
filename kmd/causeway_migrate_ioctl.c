// SPDX-License-Identifier: GPL-2.0-only
/*
 * DRM_IOCTL_CAUSEWAY_MIGRATE: move a range now.
 */
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <linux/err.h>
#include <linux/hmm.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "causeway_device.h"
#include "causeway_devmem.h"
#include "causeway_drv.h"
#include "causeway_memory.h"
#include "causeway_migrate.h"
#include "causeway_svm.h"
#include "causeway_vm.h"

/* bytes that are moved before the owner's mmap_lock is let go for a moment */
#define SPAN_BYTES (8 * CAUSEWAY_BANK_BYTES)

static unsigned long pages_of(unsigned long start, unsigned long end)
{
	return (end - start) >> PAGE_SHIFT;
}

/*
 * Read in what is swapped out.  A write fault takes a page out of the swap
 * cache, which the core doesn't move.  No notifier watches: that a page goes
 * away again is no harm.
 */
static void fault_in(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		     unsigned long *pfns)
{
	const unsigned long request =
		HMM_PFN_REQ_FAULT | (vma->vm_flags & VM_WRITE ? HMM_PFN_REQ_WRITE : 0);
	struct mmu_interval_notifier nobody = {.mm = vma->vm_mm};
	struct hmm_range range = {
		.notifier = &nobody,
		.start = start,
		.end = end,
		.hmm_pfns = pfns,
		.dev_private_owner = &causeway_owner,
	};
	unsigned long i;

	memset(pfns, 0, pages_of(start, end) * sizeof(*pfns));
	if (hmm_range_fault(&range))
		return;
	for (i = 0; i < pages_of(start, end); i++) {
		bool there = pfns[i] & HMM_PFN_VALID;

		if (there && !folio_test_swapcache(page_folio(hmm_pfn_to_page(pfns[i]))))
			pfns[i] = 0;
		else
			pfns[i] = request;
	}
	range.pfn_flags_mask = HMM_PFN_REQ_FAULT | HMM_PFN_REQ_WRITE;
	hmm_range_fault(&range);
}

static void move_add(struct drm_causeway_migrate *args, const struct causeway_move *move)
{
	unsigned int i;

	args->moved += move->moved;
	for (i = 0; i < DRM_CAUSEWAY_REASON_COUNT; i++)
		args->skipped[i] += move->skipped[i];
}

static int move_in(struct causeway_vm *vm, struct vm_area_struct *vma, unsigned long start,
		   unsigned long end, struct drm_causeway_migrate *args)
{
	struct causeway_move first = {
		.fill_start = start,
		.fill_end = end,
		.peers = true,
		.explain = true,
	};
	struct causeway_move second = first;
	unsigned long *there = &second.skipped[DRM_CAUSEWAY_REASON_THERE];
	unsigned long *pfns, addr, stop;
	int ret;

	ret = causeway_migrate_in(vm, vma, start, end, &first);
	if (ret || !first.skipped[DRM_CAUSEWAY_REASON_BUSY] ||
	    first.skipped[DRM_CAUSEWAY_REASON_NO_MEMORY])
		goto out;
	pfns = kvmalloc_array(CAUSEWAY_BANK_PAGES, sizeof(*pfns), GFP_KERNEL);
	if (!pfns)
		goto out;
	for (addr = start; addr < end; addr = stop) {
		stop = min(addr + CAUSEWAY_BANK_BYTES, end);
		fault_in(vma, addr, stop, pfns);
	}
	kvfree(pfns);
	ret = causeway_migrate_in(vm, vma, start, end, &second);
	*there -= min(*there, first.moved);
	second.moved += first.moved;
	move_add(args, &second);
	return ret;
out:
	move_add(args, &first);
	return ret;
}

/* one mapping's part of a span, or the hole before the next mapping; returns its end */
static unsigned long move_piece(struct causeway_vm *vm, struct drm_causeway_migrate *args,
				unsigned long start, unsigned long end, int *ret_out)
{
	struct vm_area_struct *vma = find_vma_intersection(vm->mm, start, end);
	struct causeway_move move = {0};

	if (!vma || vma->vm_start > start) {
		end = vma ? vma->vm_start : end;
		args->skipped[DRM_CAUSEWAY_REASON_UNMAPPED] += pages_of(start, end);
		return end;
	}
	end = min(end, vma->vm_end);
	if (args->location == DRM_CAUSEWAY_LOCATION_DEVICE) {
		*ret_out = move_in(vm, vma, start, end, args);
		return end;
	}
	*ret_out = causeway_migrate_out(vm, vma, start, end, &move);
	move_add(args, &move);
	return end;
}

/* the first notifier of a chunk can't be made under mmap_lock */
static int make_chunks(struct causeway_vm *vm, unsigned long start, unsigned long end)
{
	unsigned long addr;

	for (addr = start & CAUSEWAY_CHUNK_MASK; addr < end; addr += CAUSEWAY_CHUNK_SIZE) {
		struct causeway_chunk *chunk = causeway_chunk_get(vm, addr);

		if (IS_ERR(chunk))
			return PTR_ERR(chunk);
		causeway_chunk_put(chunk);
	}
	return 0;
}

/*
 * Where to look next: *@start is moved over a hole, whose pages are counted, and
 * the end is that of a span, or of a mapping that nothing moves from.  So the cost
 * of a call is that of the memory in its range, not that of the range.
 */
static unsigned long next_span(struct causeway_vm *vm, struct drm_causeway_migrate *args,
			       unsigned long *start, unsigned long end, bool *movable)
{
	struct vm_area_struct *vma;
	unsigned long first, stop;

	mmap_read_lock(vm->mm);
	vma = find_vma_intersection(vm->mm, *start, end);
	first = vma ? max(*start, vma->vm_start) : end;
	*movable = vma && causeway_migrate_reason(vma) == DRM_CAUSEWAY_REASON_NONE;
	stop = vma ? min(end, vma->vm_end) : end;
	mmap_read_unlock(vm->mm);
	args->skipped[DRM_CAUSEWAY_REASON_UNMAPPED] += pages_of(*start, first);
	*start = first;
	return *movable ? min(stop, (first & ~(SPAN_BYTES - 1)) + SPAN_BYTES) : stop;
}

static int move_span(struct causeway_vm *vm, struct drm_causeway_migrate *args, unsigned long start,
		     unsigned long end, bool movable)
{
	int ret = 0;

	/* Chunks only remember where pages went: there is nothing to remember without room. */
	if (movable && args->location == DRM_CAUSEWAY_LOCATION_DEVICE &&
	    !args->skipped[DRM_CAUSEWAY_REASON_NO_MEMORY])
		ret = make_chunks(vm, start, end);
	if (!ret)
		ret = causeway_memory_yield(vm);
	if (ret)
		return ret;
	if (mmap_read_lock_killable(vm->mm))
		return -EINTR;
	while (!ret && start < end)
		start = move_piece(vm, args, start, end, &ret);
	mmap_read_unlock(vm->mm);
	return ret;
}

static int move_range(struct causeway_vm *vm, struct drm_causeway_migrate *args)
{
	unsigned long end = args->start + args->length;
	unsigned long start, stop;
	bool movable;
	int ret = 0, idx;

	for (start = args->start; !ret && start < end; start = stop) {
		stop = next_span(vm, args, &start, end, &movable);
		if (start == end)
			break;
		if (signal_pending(current))
			return -EINTR;
		if (!drm_dev_enter(&vm->device->drm, &idx))
			return -ENODEV;
		ret = vm->device->mem ? move_span(vm, args, start, stop, movable) :
					-EOPNOTSUPP;
		drm_dev_exit(idx);
		cond_resched();
	}
	if (!ret && args->skipped[DRM_CAUSEWAY_REASON_UNMAPPED])
		ret = -ENXIO;
	return ret;
}

/**
 * causeway_migrate_ioctl - DRM_IOCTL_CAUSEWAY_MIGRATE
 * @drm: device
 * @data: struct drm_causeway_migrate
 * @drm_file: client
 */
int causeway_migrate_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_causeway_migrate *args = data;
	struct causeway_vm *vm;
	int ret;

	args->moved = 0;
	memset(args->skipped, 0, sizeof(args->skipped));
	if (args->flags || args->pad || !causeway_range_ok(args->start, args->length) ||
	    (args->location != DRM_CAUSEWAY_LOCATION_SYSTEM &&
	     args->location != DRM_CAUSEWAY_LOCATION_DEVICE))
		return -EINVAL;
	vm = causeway_vm_lookup(causeway_file_from_drm(drm_file), args->vm_id);
	if (!vm)
		return -ENOENT;
	if (mmget_not_zero(vm->mm)) {
		ret = move_range(vm, args);
		mmput(vm->mm);
	} else {
		args->skipped[DRM_CAUSEWAY_REASON_OWNER_GONE] = args->length >> PAGE_SHIFT;
		ret = 0;
	}
	causeway_vm_put(vm);
	return ret;
}
