// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advice: an ordered tree of disjoint ranges, each with a value of every
 * attribute.  What has no range has all values 0.
 */
#include <drm/drm_device.h>
#include <drm/drm_file.h>
#include <linux/lockdep.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "causeway_attr.h"
#include "causeway_drv.h"
#include "causeway_query.h"
#include "causeway_svm.h"
#include "causeway_vm.h"

/* Most ranges of one VM. */
#define MAX_RANGES 65536

/* Pieces that a munmap() may make when there is no memory at all. */
#define RESERVE 64

/**
 * struct attr_range - advice for a range
 * @node: in &causeway_attrs.tree
 * @spare: in a list of nodes that are not in use yet
 * @start: first byte
 * @end: first byte beyond
 * @set: values, not all 0
 */
struct attr_range {
	union {
		struct rb_node node;
		struct list_head spare;
	};
	unsigned long start;
	unsigned long end;
	struct causeway_attr_set set;
};

static struct kmem_cache *range_cache;
static mempool_t *range_pool;

/* ---- the tree --------------------------------------------------------- */

static struct attr_range *range_of(struct rb_node *node)
{
	return node ? rb_entry(node, struct attr_range, node) : NULL;
}

static struct attr_range *range_after(struct attr_range *range)
{
	return range_of(rb_next(&range->node));
}

/* The first range that ends beyond an address. */
static struct attr_range *range_find(struct causeway_attrs *attrs, unsigned long addr)
{
	struct rb_node *node = attrs->tree.rb_root.rb_node;
	struct attr_range *found = NULL;

	lockdep_assert_held(&attrs->lock);
	while (node) {
		struct attr_range *range = range_of(node);

		if (range->end > addr) {
			found = range;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

static bool range_less(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct attr_range, node)->start <
	       rb_entry(b, struct attr_range, node)->start;
}

static void range_add(struct causeway_attrs *attrs, struct attr_range *range, unsigned long start,
		      unsigned long end, const struct causeway_attr_set *set)
{
	range->start = start;
	range->end = end;
	range->set = *set;
	rb_add_cached(&range->node, &attrs->tree, range_less);
	WRITE_ONCE(attrs->count, attrs->count + 1);
}

static void range_delete(struct causeway_attrs *attrs, struct attr_range *range)
{
	rb_erase_cached(&range->node, &attrs->tree);
	WRITE_ONCE(attrs->count, attrs->count - 1);
	mempool_free(range, range_pool);
}

static bool set_is_empty(const struct causeway_attr_set *set)
{
	return !memchr_inv(set, 0, sizeof(*set));
}

static bool set_equal(const struct causeway_attr_set *a, const struct causeway_attr_set *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* ---- looking up ------------------------------------------------------- */

/**
 * causeway_attr_lookup - the advice for an address, and how far it reaches
 * @vm: the VM
 * @addr: in [*start, *end)
 * @start: in and out: cut to where the advice is the same as at @addr
 * @end: in and out: likewise
 * @out: the values
 *
 * Context: any.
 */
void causeway_attr_lookup(struct causeway_vm *vm, unsigned long addr, unsigned long *start,
			  unsigned long *end, struct causeway_attr_set *out)
{
	struct causeway_attrs *attrs = &vm->attrs;
	struct attr_range *range, *before;

	memset(out, 0, sizeof(*out));
	if (!READ_ONCE(attrs->count))
		return;
	spin_lock(&attrs->lock);
	range = range_find(attrs, addr);
	before = range_of(range ? rb_prev(&range->node) : rb_last(&attrs->tree.rb_root));
	if (range && range->start <= addr) {
		*out = range->set;
		*start = max(*start, range->start);
		*end = min(*end, range->end);
	} else {
		if (range)
			*end = min(*end, range->start);
		if (before)
			*start = max(*start, before->end);
	}
	spin_unlock(&attrs->lock);
}

/**
 * causeway_attr_get - one attribute of an address
 * @vm: the VM
 * @addr: any
 * @type: which
 *
 * Context: any.
 */
u32 causeway_attr_get(struct causeway_vm *vm, unsigned long addr, enum drm_causeway_attr_type type)
{
	unsigned long start = 0, end = ULONG_MAX;
	struct causeway_attr_set set;

	causeway_attr_lookup(vm, addr, &start, &end, &set);
	return set.values[type];
}

/**
 * causeway_attr_next - the first range with advice in a piece of the address space
 * @vm: the VM
 * @start: first byte
 * @end: first byte beyond
 * @out: the range, cut to [@start, @end)
 *
 * Context: any.
 * Return: false if there is none.
 */
bool causeway_attr_next(struct causeway_vm *vm, unsigned long start, unsigned long end,
			struct drm_causeway_attr_range *out)
{
	struct causeway_attrs *attrs = &vm->attrs;
	struct attr_range *range;

	spin_lock(&attrs->lock);
	range = range_find(attrs, start);
	if (range && range->start < end) {
		memset(out, 0, sizeof(*out));
		out->start = max(start, range->start);
		out->length = min(end, range->end) - out->start;
		memcpy(out->values, range->set.values, sizeof(out->values));
	} else {
		range = NULL;
	}
	spin_unlock(&attrs->lock);
	return range;
}

/* ---- forgetting ------------------------------------------------------- */

/* A hole in the middle.  Without memory, the upper piece loses its advice, too. */
static void range_split(struct causeway_attrs *attrs, struct attr_range *range,
			unsigned long start, unsigned long end)
{
	struct attr_range *upper = mempool_alloc(range_pool, GFP_ATOMIC | __GFP_NOWARN);

	if (upper)
		range_add(attrs, upper, end, range->end, &range->set);
	range->end = start;
}

/**
 * causeway_attr_drop - forget the advice of a range
 * @vm: the VM
 * @start: first byte
 * @end: first byte beyond
 *
 * Context: any; called by notifiers.
 */
void causeway_attr_drop(struct causeway_vm *vm, unsigned long start, unsigned long end)
{
	struct causeway_attrs *attrs = &vm->attrs;
	struct attr_range *range, *next;

	if (!READ_ONCE(attrs->count))
		return;
	spin_lock(&attrs->lock);
	for (range = range_find(attrs, start); range && range->start < end; range = next) {
		next = range_after(range);
		if (range->start < start && range->end > end)
			range_split(attrs, range, start, end);
		else if (range->start < start)
			range->end = start;
		else if (range->end > end)
			range->start = end;
		else
			range_delete(attrs, range);
	}
	spin_unlock(&attrs->lock);
}

/* ---- advising --------------------------------------------------------- */

/**
 * struct advice - what one ADVISE asks for
 * @start: first byte
 * @end: first byte beyond
 * @mask: 1 << type of those that are set
 * @values: by type
 * @spares: nodes, enough for all pieces
 * @spare_count: entries of @spares
 */
struct advice {
	unsigned long start;
	unsigned long end;
	u32 mask;
	u32 values[DRM_CAUSEWAY_ATTR_COUNT];
	struct list_head spares;
	unsigned int spare_count;
};

static void apply_values(const struct advice *advice, struct causeway_attr_set *set)
{
	unsigned int i;

	for (i = 0; i < DRM_CAUSEWAY_ATTR_COUNT; i++) {
		if (advice->mask & BIT(i))
			set->values[i] = advice->values[i];
	}
}

static struct attr_range *take_spare(struct advice *advice)
{
	struct attr_range *range = list_first_entry(&advice->spares, struct attr_range, spare);

	list_del(&range->spare);
	advice->spare_count--;
	return range;
}

static int add_spares(struct advice *advice, unsigned int count)
{
	while (advice->spare_count < count) {
		struct attr_range *range = kmem_cache_alloc(range_cache, GFP_KERNEL_ACCOUNT);

		if (!range)
			return -ENOMEM;
		list_add(&range->spare, &advice->spares);
		advice->spare_count++;
	}
	return 0;
}

static void free_spares(struct advice *advice)
{
	struct attr_range *range, *next;

	list_for_each_entry_safe(range, next, &advice->spares, spare)
		mempool_free(range, range_pool);
}

/* Two cuts, and a gap before, between and after the ranges that are there. */
static unsigned int spares_needed(struct causeway_attrs *attrs, const struct advice *advice)
{
	struct attr_range *range = range_find(attrs, advice->start);
	unsigned int count = 3;

	for (; range && range->start < advice->end; range = range_after(range))
		count++;
	return count;
}

static void cut_at(struct causeway_attrs *attrs, struct advice *advice, unsigned long addr)
{
	struct attr_range *range = range_find(attrs, addr);
	unsigned long end;

	if (!range || range->start >= addr)
		return;
	end = range->end;
	range->end = addr;
	range_add(attrs, take_spare(advice), addr, end, &range->set);
}

static void fill_gap(struct causeway_attrs *attrs, struct advice *advice, unsigned long start,
		     unsigned long end)
{
	struct causeway_attr_set set = {};

	apply_values(advice, &set);
	if (start < end && !set_is_empty(&set))
		range_add(attrs, take_spare(advice), start, end, &set);
}

/* Joins neighbours with equal values, and those just outside. */
static void merge_ranges(struct causeway_attrs *attrs, unsigned long start, unsigned long end)
{
	struct attr_range *range = range_find(attrs, start ? start - 1 : 0), *next;

	while (range && range->start <= end) {
		next = range_after(range);
		if (next && next->start == range->end && set_equal(&next->set, &range->set)) {
			range->end = next->end;
			range_delete(attrs, next);
		} else {
			range = next;
		}
	}
}

static void apply_advice(struct causeway_attrs *attrs, struct advice *advice)
{
	unsigned long pos = advice->start;
	struct attr_range *range, *next;

	lockdep_assert_held(&attrs->lock);
	cut_at(attrs, advice, advice->start);
	cut_at(attrs, advice, advice->end);
	for (range = range_find(attrs, pos); range && range->start < advice->end; range = next) {
		next = range_after(range);
		fill_gap(attrs, advice, pos, range->start);
		pos = range->end;
		apply_values(advice, &range->set);
		if (set_is_empty(&range->set))
			range_delete(attrs, range);
	}
	fill_gap(attrs, advice, pos, advice->end);
	merge_ranges(attrs, advice->start, advice->end);
}

static int set_advice(struct causeway_vm *vm, struct advice *advice)
{
	struct causeway_attrs *attrs = &vm->attrs;
	unsigned int needed;
	int ret;

	spin_lock(&attrs->lock);
	while ((needed = spares_needed(attrs, advice)) > advice->spare_count) {
		ret = attrs->count + needed > MAX_RANGES ? -ENOMEM : 0;
		spin_unlock(&attrs->lock);
		if (!ret)
			ret = add_spares(advice, needed);
		if (ret)
			return ret;
		cond_resched();
		spin_lock(&attrs->lock);
	}
	apply_advice(attrs, advice);
	spin_unlock(&attrs->lock);
	return 0;
}

static bool range_is_mapped(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	VMA_ITERATOR(vmi, mm, start);
	struct vm_area_struct *vma;

	lockdep_assert_held(&mm->mmap_lock);
	for_each_vma_range(vmi, vma, end) {
		if (vma->vm_start > start)
			return false;
		start = vma->vm_end;
	}
	return start >= end;
}

/* mmap_lock keeps an unmap from passing between the check and the tree. */
static int advise_mm(struct causeway_vm *vm, struct advice *advice)
{
	int ret = -ENXIO;

	if (!mmget_not_zero(vm->mm))
		return -ENXIO;
	if (mmap_read_lock_killable(vm->mm)) {
		mmput(vm->mm);
		return -EINTR;
	}
	if (range_is_mapped(vm->mm, advice->start, advice->end))
		ret = READ_ONCE(vm->closed) ? -ENOENT : set_advice(vm, advice);
	mmap_read_unlock(vm->mm);
	mmput(vm->mm);
	return ret;
}

static bool value_is_valid(const struct drm_causeway_attr *attr)
{
	static const u32 last[DRM_CAUSEWAY_ATTR_COUNT] = {
		[DRM_CAUSEWAY_ATTR_LOCATION] = DRM_CAUSEWAY_LOCATION_DEVICE,
		[DRM_CAUSEWAY_ATTR_READ_MOSTLY] = 1,
		[DRM_CAUSEWAY_ATTR_ATOMICS] = DRM_CAUSEWAY_ATOMICS_EXCLUSIVE,
		[DRM_CAUSEWAY_ATTR_ACCESS] = DRM_CAUSEWAY_ACCESS_NONE,
		[DRM_CAUSEWAY_ATTR_GRANULE] = CAUSEWAY_CHUNK_SHIFT,
	};

	if (attr->type == DRM_CAUSEWAY_ATTR_GRANULE && attr->value && attr->value < PAGE_SHIFT)
		return false;
	return attr->value <= last[attr->type];
}

static int read_advice(struct causeway_device *device, const struct drm_causeway_advise *args,
		       struct advice *advice)
{
	struct drm_causeway_attr attrs[DRM_CAUSEWAY_ATTR_COUNT];
	unsigned int i;

	if (!args->attr_count || args->attr_count > DRM_CAUSEWAY_ATTR_COUNT)
		return -EINVAL;
	if (copy_from_user(attrs, u64_to_user_ptr(args->attrs), args->attr_count * sizeof(*attrs)))
		return -EFAULT;
	for (i = 0; i < args->attr_count; i++) {
		u32 type = attrs[i].type;

		if (type >= DRM_CAUSEWAY_ATTR_COUNT || advice->mask & BIT(type) ||
		    !value_is_valid(&attrs[i]))
			return -EINVAL;
		advice->mask |= BIT(type);
		advice->values[type] = attrs[i].value;
	}
	if (advice->mask & BIT(DRM_CAUSEWAY_ATTR_ATOMICS) &&
	    advice->values[DRM_CAUSEWAY_ATTR_ATOMICS] == DRM_CAUSEWAY_ATOMICS_EXCLUSIVE &&
	    !(causeway_device_caps(device) & DRM_CAUSEWAY_CAP_EXCLUSIVE))
		return -EOPNOTSUPP;
	return 0;
}

/* Advice that says how the device may map a page: what it has mapped has to be decided again. */
#define REMAP_MASK                                                                                 \
	(BIT(DRM_CAUSEWAY_ATTR_READ_MOSTLY) | BIT(DRM_CAUSEWAY_ATTR_ATOMICS) |                     \
	 BIT(DRM_CAUSEWAY_ATTR_ACCESS))

/**
 * causeway_advise_ioctl - DRM_IOCTL_CAUSEWAY_ADVISE
 * @drm: device
 * @data: struct drm_causeway_advise
 * @drm_file: client
 */
int causeway_advise_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_causeway_advise *args = data;
	struct advice advice = {
		.start = args->start,
		.end = args->start + args->length,
		.spares = LIST_HEAD_INIT(advice.spares),
	};
	struct causeway_vm *vm;
	int ret;

	if (!causeway_range_ok(args->start, args->length))
		return -EINVAL;
	ret = read_advice(causeway_device_from_drm(drm), args, &advice);
	if (ret)
		return ret;
	vm = causeway_vm_lookup(causeway_file_from_drm(drm_file), args->vm_id);
	if (!vm)
		return -ENOENT;
	ret = advise_mm(vm, &advice);
	free_spares(&advice);
	if (!ret && advice.mask & REMAP_MASK)
		causeway_svm_zap(vm, advice.start, advice.end);
	causeway_vm_put(vm);
	return ret;
}

/* ---- life ------------------------------------------------------------- */

/**
 * causeway_attr_init - no advice
 * @vm: new VM
 */
void causeway_attr_init(struct causeway_vm *vm)
{
	spin_lock_init(&vm->attrs.lock);
	vm->attrs.tree = RB_ROOT_CACHED;
}

/**
 * causeway_attr_finish - free all advice
 * @vm: VM that is closed: its notifier is gone
 */
void causeway_attr_finish(struct causeway_vm *vm)
{
	causeway_attr_drop(vm, 0, ULONG_MAX);
}

/**
 * causeway_attr_module_init - make the reserve
 */
int causeway_attr_module_init(void)
{
	range_cache = kmem_cache_create("causeway_attr_range", sizeof(struct attr_range), 0, 0,
					NULL);
	if (!range_cache)
		return -ENOMEM;
	range_pool = mempool_create_slab_pool(RESERVE, range_cache);
	if (!range_pool) {
		kmem_cache_destroy(range_cache);
		return -ENOMEM;
	}
	return 0;
}

/**
 * causeway_attr_module_exit - free it
 */
void causeway_attr_module_exit(void)
{
	mempool_destroy(range_pool);
	kmem_cache_destroy(range_cache);
}
