// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the driver tells: facts of the device; advice, residency, access and
 * counters of a VM.  Nothing here changes anything.
 */
#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <linux/hmm.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "causeway_attr.h"
#include "causeway_devmem.h"
#include "causeway_drv.h"
#include "causeway_dup.h"
#include "causeway_memory.h"
#include "causeway_query.h"
#include "causeway_svm.h"
#include "causeway_vm.h"

/* Pages looked at by one snapshot. */
#define BATCH_PAGES CAUSEWAY_CHUNK_PAGES

/* ---- the device ------------------------------------------------------- */

/**
 * causeway_device_caps - what a device can do
 * @device: the device
 *
 * Context: any; exact between drm_dev_enter() and drm_dev_exit().
 * Return: DRM_CAUSEWAY_CAP_*.
 */
u32 causeway_device_caps(struct causeway_device *device)
{
	u32 caps = DRM_CAUSEWAY_CAP_HUGE;

	if (IS_ENABLED(CONFIG_DEVICE_PRIVATE))
		caps |= DRM_CAUSEWAY_CAP_EXCLUSIVE;
	if (device->mem && device->mem->form != DRM_CAUSEWAY_MEMORY_NODE)
		caps |= DRM_CAUSEWAY_CAP_MIGRATE;
	if (causeway_dup_supported(device))
		caps |= DRM_CAUSEWAY_CAP_DUPLICATE;
	return caps;
}

static void fill_memory(struct causeway_device *device, struct drm_causeway_device_info *info)
{
	struct causeway_devmem *mem = device->mem;

	info->memory = DRM_CAUSEWAY_MEMORY_NONE;
	info->numa_node = -1;
	if (!mem)
		return;
	info->memory = mem->form;
	info->numa_node = mem->nid;
	info->memory_bytes = (u64)mem->page_count << PAGE_SHIFT;
	info->memory_used = causeway_devmem_used_bytes(mem);
}

static void fill_info(struct causeway_device *device, struct drm_causeway_device_info *info)
{
	info->instance = device->instance;
	info->caps = causeway_device_caps(device);
	info->va_start = CAUSEWAY_VA_START;
	info->va_end = CAUSEWAY_VA_END;
	info->window_granule = CAUSEWAY_WINDOW_GRANULE;
	info->migrate_granule = CAUSEWAY_CHUNK_SIZE;
	info->counter_granule = CAUSEWAY_BLOCK_SIZE;
	info->max_queues = CAUSEWAY_MAX_QUEUES;
	info->max_jobs = CAUSEWAY_MAX_JOBS;
	info->max_pending = CAUSEWAY_MAX_PENDING;
	fill_memory(device, info);
}

/**
 * causeway_device_query_ioctl - DRM_IOCTL_CAUSEWAY_DEVICE_QUERY
 * @drm: device
 * @data: struct drm_causeway_device_query
 * @drm_file: client
 */
int causeway_device_query_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_causeway_device_query *args = data;
	struct drm_causeway_device_info info = {};
	u32 size = min_t(u32, args->size, sizeof(info));
	int idx;

	if (args->pad)
		return -EINVAL;
	if (!drm_dev_enter(drm, &idx))
		return -ENODEV;
	fill_info(causeway_device_from_drm(drm), &info);
	drm_dev_exit(idx);
	args->size = sizeof(info);
	return copy_to_user(u64_to_user_ptr(args->data), &info, size) ? -EFAULT : 0;
}

/* ---- a VM ------------------------------------------------------------- */

/**
 * struct query - a QUERY under way
 * @vm: the VM
 * @data: where the elements go
 * @room: how many fit still
 * @pos: where to go on: an address, or the number of a counter
 * @end: first byte beyond the range
 */
struct query {
	struct causeway_vm *vm;
	void __user *data;
	u32 room;
	u64 pos;
	u64 end;
};

static int emit(struct query *query, const void *elements, u32 count, size_t size)
{
	if (copy_to_user(query->data, elements, count * size))
		return -EFAULT;
	query->data += count * size;
	query->room -= count;
	return 0;
}

static int query_attrs(struct query *query)
{
	struct drm_causeway_attr_range range;
	int ret;

	while (query->room && query->pos < query->end) {
		if (fatal_signal_pending(current))
			return -EINTR;
		if (!causeway_attr_next(query->vm, query->pos, query->end, &range)) {
			query->pos = query->end;
			break;
		}
		ret = emit(query, &range, 1, sizeof(range));
		if (ret)
			return ret;
		query->pos = range.start + range.length;
	}
	return 0;
}

/* ---- residency -------------------------------------------------------- */

/**
 * struct residency - room for one batch of pages
 * @pfns: HMM_PFN_*
 * @touched: pages in the device's page tables
 * @flags: DRM_CAUSEWAY_PAGE_*
 */
struct residency {
	unsigned long pfns[BATCH_PAGES];
	DECLARE_BITMAP(touched, BATCH_PAGES);
	u8 flags[BATCH_PAGES];
};

static bool page_is_pinned(struct causeway_vm *vm, unsigned long addr)
{
	struct causeway_chunk *chunk = causeway_chunk_find(vm, addr);
	unsigned long until;

	if (!chunk)
		return false;
	until = READ_ONCE(causeway_chunk_block(chunk, addr)->pinned_until);
	causeway_chunk_put(chunk);
	return until && time_before(jiffies, until);
}

static u8 page_flags(struct causeway_vm *vm, unsigned long hmm_pfn, unsigned long addr)
{
	u8 flags = 0;

	if (hmm_pfn & HMM_PFN_VALID && !(hmm_pfn & HMM_PFN_ERROR)) {
		struct page *page = hmm_pfn_to_page(hmm_pfn);

		flags |= DRM_CAUSEWAY_PAGE_PRESENT;
		if (hmm_pfn & HMM_PFN_WRITE)
			flags |= DRM_CAUSEWAY_PAGE_WRITE;
		if (causeway_devmem_owns(vm->device, page))
			flags |= DRM_CAUSEWAY_PAGE_DEVICE;
		else if (causeway_page_is_ours(page))
			flags |= DRM_CAUSEWAY_PAGE_PEER;
	}
	if (causeway_dup_has(vm, addr))
		flags |= DRM_CAUSEWAY_PAGE_COPY;
	if (page_is_pinned(vm, addr))
		flags |= DRM_CAUSEWAY_PAGE_PINNED;
	return flags;
}

static int residency_batch(struct query *query, struct residency *batch)
{
	u64 start = query->pos, end;
	unsigned int i, count;
	int ret;

	count = min_t(u64, min_t(u32, query->room, BATCH_PAGES),
		      (query->end - start) >> PAGE_SHIFT);
	end = start + ((u64)count << PAGE_SHIFT);
	ret = causeway_svm_snapshot(query->vm, start, end, batch->pfns);
	if (ret)
		return ret;
	causeway_svm_touched(query->vm, start, end, batch->touched);
	for (i = 0; i < count; i++) {
		batch->flags[i] = page_flags(query->vm, batch->pfns[i],
					     start + ((u64)i << PAGE_SHIFT));
		if (test_bit(i, batch->touched))
			batch->flags[i] |= DRM_CAUSEWAY_PAGE_MAPPED;
	}
	query->pos = end;
	return emit(query, batch->flags, count, sizeof(*batch->flags));
}

static int query_residency(struct query *query)
{
	struct residency *batch;
	int ret = 0, idx;

	if (!mmget_not_zero(query->vm->mm))
		return -ENXIO;
	batch = kmalloc(sizeof(*batch), GFP_KERNEL);
	if (!batch) {
		ret = -ENOMEM;
		goto out;
	}
	while (!ret && query->room && query->pos < query->end) {
		/* Pages of device memory have to stay what they are while we look. */
		if (!drm_dev_enter(&query->vm->device->drm, &idx)) {
			ret = -ENODEV;
			break;
		}
		ret = residency_batch(query, batch);
		drm_dev_exit(idx);
	}
	kfree(batch);
out:
	mmput(query->vm->mm);
	return ret;
}

/* ---- access counters and counters -------------------------------------- */

static int query_access(struct query *query)
{
	int ret = 0;

	while (!ret && query->room && query->pos < query->end) {
		struct causeway_chunk *chunk = causeway_chunk_find(query->vm, query->pos);
		u32 access = 0;

		if (fatal_signal_pending(current))
			ret = -EINTR;
		if (chunk) {
			access = atomic_read(&causeway_chunk_block(chunk, query->pos)->access);
			causeway_chunk_put(chunk);
		}
		if (!ret)
			ret = emit(query, &access, 1, sizeof(access));
		query->pos = (query->pos & ~(u64)(CAUSEWAY_BLOCK_SIZE - 1)) + CAUSEWAY_BLOCK_SIZE;
		cond_resched();
	}
	return ret;
}

static u64 read_counter(struct causeway_vm *vm, unsigned int counter)
{
	switch (counter) {
	case DRM_CAUSEWAY_COUNTER_RESIDENT:
		return causeway_memory_resident(vm);
	case DRM_CAUSEWAY_COUNTER_ATTR_RANGES:
		return READ_ONCE(vm->attrs.count);
	default:
		return atomic64_read(&vm->counters[counter]);
	}
}

static int query_counters(struct query *query)
{
	u64 values[DRM_CAUSEWAY_COUNTER_COUNT];
	u32 count, i;

	count = min_t(u64, query->room, DRM_CAUSEWAY_COUNTER_COUNT - query->pos);
	for (i = 0; i < count; i++)
		values[i] = read_counter(query->vm, query->pos + i);
	query->pos += count;
	return emit(query, values, count, sizeof(*values));
}

/* ---- the ioctl -------------------------------------------------------- */

static bool cursor_is_valid(const struct drm_causeway_query *args, u64 end)
{
	if (!args->cursor)
		return true;
	if (args->type == DRM_CAUSEWAY_QUERY_COUNTERS)
		return args->cursor < DRM_CAUSEWAY_COUNTER_COUNT;
	return args->cursor > args->start && args->cursor < end && PAGE_ALIGNED(args->cursor);
}

static int query_check(const struct drm_causeway_query *args, u64 *end_out)
{
	bool counters = args->type == DRM_CAUSEWAY_QUERY_COUNTERS;

	if (args->pad || args->type > DRM_CAUSEWAY_QUERY_COUNTERS || !args->count)
		return -EINVAL;
	if (counters ? args->start || args->length : !causeway_range_ok(args->start, args->length))
		return -EINVAL;
	*end_out = counters ? DRM_CAUSEWAY_COUNTER_COUNT : args->start + args->length;
	return cursor_is_valid(args, *end_out) ? 0 : -EINVAL;
}

static int query_run(struct query *query, u32 type)
{
	switch (type) {
	case DRM_CAUSEWAY_QUERY_ATTRS:
		return query_attrs(query);
	case DRM_CAUSEWAY_QUERY_RESIDENCY:
		return query_residency(query);
	case DRM_CAUSEWAY_QUERY_ACCESS:
		return query_access(query);
	default:
		return query_counters(query);
	}
}

/**
 * causeway_query_ioctl - DRM_IOCTL_CAUSEWAY_QUERY
 * @drm: device
 * @data: struct drm_causeway_query
 * @drm_file: client
 */
int causeway_query_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_causeway_query *args = data;
	struct query query = {
		.data = u64_to_user_ptr(args->data),
		.room = args->count,
		.pos = args->cursor ?: args->start,
	};
	int ret;

	ret = query_check(args, &query.end);
	if (ret)
		return ret;
	query.vm = causeway_vm_lookup(causeway_file_from_drm(drm_file), args->vm_id);
	if (!query.vm)
		return -ENOENT;
	ret = query_run(&query, args->type);
	causeway_vm_put(query.vm);
	args->count -= query.room;
	args->cursor = query.pos < query.end ? query.pos : 0;
	return ret;
}
