// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mirror: chunks with their notifiers, and what leaves the device's page
 * tables.  What enters them is in causeway_insert.c.
 */
#include <linux/err.h>
#include <linux/hmm.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "causeway_devmem.h"
#include "causeway_dup.h"
#include "causeway_event.h"
#include "causeway_svm.h"
#include "causeway_trace.h"
#include "causeway_vm.h"

static unsigned long chunk_key(unsigned long addr)
{
	return addr >> CAUSEWAY_CHUNK_SHIFT;
}

static unsigned int chunk_page(struct causeway_chunk *chunk, unsigned long addr)
{
	return (addr - chunk->start) >> PAGE_SHIFT;
}

/* ---- what leaves ------------------------------------------------------ */

/* Removes the device's entries; nobody enters them again meanwhile.  DOC: locking. */
static void unmap_entries(struct causeway_vm *vm, unsigned long start, unsigned long end)
{
	lockdep_assert_not_held(&vm->pt_lock);
	might_lock_read(&vm->mapping.i_mmap_rwsem);
	lockdep_off();
	unmap_mapping_range(&vm->mapping, start, end - start, 1);
	lockdep_on();
}

/* Cuts [*start, *end) to the chunk and to what was touched in it; returns how many pages. */
static unsigned int touched_range(struct causeway_chunk *chunk, unsigned long *start,
				  unsigned long *end)
{
	unsigned int first, last, next;

	lockdep_assert_held(&chunk->vm->pt_lock);
	*start = max(*start & PAGE_MASK, chunk->start);
	*end = PAGE_ALIGN(min(*end, chunk->start + CAUSEWAY_CHUNK_SIZE));
	next = chunk_page(chunk, *end);
	first = find_next_bit(chunk->touched, next, chunk_page(chunk, *start));
	if (first >= next)
		return 0;
	last = find_last_bit(chunk->touched, next);
	*start = chunk->start + ((unsigned long)first << PAGE_SHIFT);
	*end = chunk->start + ((unsigned long)(last + 1) << PAGE_SHIFT);
	return last + 1 - first;
}

/*
 * After the entries are gone: another invalidation of the same pages, or one beside
 * causeway_svm_zap(), must not return before they are.  None is entered meanwhile.
 */
static void forget_range(struct causeway_chunk *chunk, unsigned long start, unsigned long end)
{
	lockdep_assert_held(&chunk->vm->pt_lock);
	if (chunk->huge) {
		chunk->huge = false;
		bitmap_zero(chunk->touched, CAUSEWAY_CHUNK_PAGES);
	} else {
		bitmap_clear(chunk->touched, chunk_page(chunk, start),
			     (end - start) >> PAGE_SHIFT);
	}
}

static void queue_reap(struct causeway_chunk *chunk, const struct mmu_notifier_range *range)
{
	struct causeway_vm *vm = chunk->vm;

	if (range->event != MMU_NOTIFY_UNMAP || range->start > chunk->start ||
	    range->end < chunk->start + CAUSEWAY_CHUNK_SIZE)
		return;
	spin_lock(&vm->reap_lock);
	if (list_empty(&chunk->reap_link))
		list_add_tail(&chunk->reap_link, &vm->reap_list);
	spin_unlock(&vm->reap_lock);
	queue_work(system_unbound_wq, &vm->reap_work);
}

static void tell_invalidation(struct causeway_vm *vm, const struct mmu_notifier_range *range,
			      unsigned long start, unsigned long end, unsigned int pages,
			      u64 start_ns)
{
	struct drm_causeway_event event = {
		.type = DRM_CAUSEWAY_EVENT_INVALIDATE,
		.time_ns = start_ns,
		.address = start,
		.length = end - start,
		.pages = pages,
	};

	causeway_vm_count(vm, DRM_CAUSEWAY_COUNTER_INVALIDATIONS, 1);
	if (!pages)
		causeway_vm_count(vm, DRM_CAUSEWAY_COUNTER_INVALIDATIONS_EMPTY, 1);
	trace_causeway_invalidate(vm->device->instance, range->start, range->end, range->event,
				  pages);
	if (!pages || !causeway_event_wanted(vm, DRM_CAUSEWAY_EVENT_INVALIDATE))
		return;
	event.duration_ns = ktime_get_ns() - start_ns;
	causeway_event_emit(vm, &event);
}

static bool chunk_invalidate(struct mmu_interval_notifier *notifier,
			     const struct mmu_notifier_range *range, unsigned long seq)
{
	struct causeway_chunk *chunk = container_of(notifier, struct causeway_chunk, notifier);
	struct causeway_vm *vm = chunk->vm;
	unsigned long start = range->start, end = range->end;
	bool may_block = mmu_notifier_range_blockable(range);
	u64 start_ns = ktime_get_ns();
	unsigned int pages;

	/* Taken exclusively for ourselves: only the CPU loses the page. */
	if (range->event == MMU_NOTIFY_EXCLUSIVE && range->owner == vm)
		return true;
	if (may_block)
		mutex_lock(&vm->pt_lock);
	else if (!mutex_trylock(&vm->pt_lock))
		return false;
	pages = touched_range(chunk, &start, &end);
	if (pages && !may_block) {
		mutex_unlock(&vm->pt_lock);
		return false;
	}
	mmu_interval_set_seq(notifier, seq);
	mutex_unlock(&vm->pt_lock);

	if (pages) {
		unmap_entries(vm, start, end);
		mutex_lock(&vm->pt_lock);
		forget_range(chunk, start, end);
		mutex_unlock(&vm->pt_lock);
	}
	causeway_dup_drop(vm, max(range->start & PAGE_MASK, chunk->start),
			  min(range->end, chunk->start + CAUSEWAY_CHUNK_SIZE));
	tell_invalidation(vm, range, start, end, pages, start_ns);
	queue_reap(chunk, range);
	return true;
}

static const struct mmu_interval_notifier_ops chunk_notifier_ops = {
	.invalidate = chunk_invalidate,
};

/**
 * causeway_svm_zap - make the device forget a range
 * @vm: the VM
 * @start: first byte, page aligned
 * @end: first byte beyond
 *
 * Insertions that looked up their pages before fail, so that what was decided
 * on old advice or an old place of a page is decided again.
 *
 * Context: may sleep; not under pt_lock; mmap_locks may be held.
 */
void causeway_svm_zap(struct causeway_vm *vm, unsigned long start, unsigned long end)
{
	struct causeway_chunk *chunk;
	unsigned long key;

	mutex_lock(&vm->pt_lock);
	WRITE_ONCE(vm->zap_seq, vm->zap_seq + 1);
	/* The bits stay: entries may be made anew before the old ones are gone. */
	rcu_read_lock();
	xa_for_each_range(&vm->chunks, key, chunk, chunk_key(start), chunk_key(end - 1))
		chunk->huge = false;
	rcu_read_unlock();
	mutex_unlock(&vm->pt_lock);
	unmap_entries(vm, start, end);
}

/**
 * causeway_svm_zap_begin - before looking up what to insert
 * @vm: the VM
 *
 * Return: value for &causeway_insert.zap_seq.
 */
unsigned long causeway_svm_zap_begin(struct causeway_vm *vm)
{
	/* Whatever the caller looks up comes after. */
	return smp_load_acquire(&vm->zap_seq);
}

/* ---- chunks ----------------------------------------------------------- */

/**
 * causeway_chunk_find - the chunk of an address
 * @vm: the VM
 * @addr: any
 *
 * Context: any that may not be interrupted by RCU.
 * Return: the chunk with a reference for the caller; NULL if there is none.
 */
struct causeway_chunk *causeway_chunk_find(struct causeway_vm *vm, unsigned long addr)
{
	struct causeway_chunk *chunk;

	rcu_read_lock();
	chunk = xa_load(&vm->chunks, chunk_key(addr));
	if (chunk && !refcount_inc_not_zero(&chunk->ref))
		chunk = NULL;
	rcu_read_unlock();
	return chunk;
}

/**
 * causeway_chunk_put - give back a reference
 * @chunk: the chunk
 *
 * Context: any.
 */
void causeway_chunk_put(struct causeway_chunk *chunk)
{
	if (refcount_dec_and_test(&chunk->ref))
		kfree_rcu(chunk, rcu);
}

static struct causeway_chunk *chunk_make(struct causeway_vm *vm, unsigned long addr)
{
	struct causeway_chunk *chunk;
	int ret;

	lockdep_assert_held(&vm->chunk_lock);
	chunk = kzalloc(sizeof(*chunk), GFP_KERNEL_ACCOUNT);
	if (!chunk)
		return ERR_PTR(-ENOMEM);
	chunk->vm = vm;
	chunk->start = addr & CAUSEWAY_CHUNK_MASK;
	refcount_set(&chunk->ref, 2);
	INIT_LIST_HEAD(&chunk->reap_link);
	ret = mmu_interval_notifier_insert(&chunk->notifier, vm->mm, chunk->start,
					   CAUSEWAY_CHUNK_SIZE, &chunk_notifier_ops);
	if (ret)
		goto err_free;
	ret = xa_err(xa_store(&vm->chunks, chunk_key(addr), chunk, GFP_KERNEL_ACCOUNT));
	if (ret)
		goto err_remove;
	causeway_vm_count(vm, DRM_CAUSEWAY_COUNTER_CHUNKS, 1);
	return chunk;

err_remove:
	mmu_interval_notifier_remove(&chunk->notifier);
	spin_lock(&vm->reap_lock);
	list_del_init(&chunk->reap_link);
	spin_unlock(&vm->reap_lock);
err_free:
	kfree(chunk);
	return ERR_PTR(ret);
}

/**
 * causeway_chunk_get - the chunk of an address, made if there is none
 * @vm: the VM
 * @addr: any that the owner may map
 *
 * Context: may sleep; the caller keeps the owner's mm alive (mmget) and holds
 * no mmap_lock.
 * Return: the chunk with a reference for the caller; ERR_PTR of -ENOMEM,
 * -EINTR or -ENODEV (the VM is closed).
 */
struct causeway_chunk *causeway_chunk_get(struct causeway_vm *vm, unsigned long addr)
{
	struct causeway_chunk *chunk = causeway_chunk_find(vm, addr);

	if (chunk)
		return chunk;
	if (mutex_lock_killable(&vm->chunk_lock))
		return ERR_PTR(-EINTR);
	chunk = causeway_chunk_find(vm, addr);
	if (!chunk)
		chunk = READ_ONCE(vm->closed) ? ERR_PTR(-ENODEV) : chunk_make(vm, addr);
	mutex_unlock(&vm->chunk_lock);
	return chunk;
}

/* The last of a chunk that is out of the xarray. */
static void chunk_remove(struct causeway_chunk *chunk)
{
	struct causeway_vm *vm = chunk->vm;

	mmu_interval_notifier_remove(&chunk->notifier);
	spin_lock(&vm->reap_lock);
	list_del_init(&chunk->reap_link);
	spin_unlock(&vm->reap_lock);
	causeway_vm_count(vm, DRM_CAUSEWAY_COUNTER_CHUNKS, -1);
	causeway_chunk_put(chunk);
}

/* Is it unused still; then it is dead from now on. */
static bool chunk_kill_idle(struct causeway_chunk *chunk)
{
	struct causeway_vm *vm = chunk->vm;

	lockdep_assert_held(&vm->chunk_lock);
	mutex_lock(&vm->pt_lock);
	if (!chunk->dead && bitmap_empty(chunk->touched, CAUSEWAY_CHUNK_PAGES) &&
	    refcount_read(&chunk->ref) == 1) {
		chunk->dead = true;
		mutex_unlock(&vm->pt_lock);
		xa_erase(&vm->chunks, chunk_key(chunk->start));
		return true;
	}
	mutex_unlock(&vm->pt_lock);
	return false;
}

static struct causeway_chunk *reap_next(struct causeway_vm *vm)
{
	struct causeway_chunk *chunk;

	spin_lock(&vm->reap_lock);
	chunk = list_first_entry_or_null(&vm->reap_list, struct causeway_chunk, reap_link);
	if (chunk)
		list_del_init(&chunk->reap_link);
	spin_unlock(&vm->reap_lock);
	return chunk;
}

static void reap_work(struct work_struct *work)
{
	struct causeway_vm *vm = container_of(work, struct causeway_vm, reap_work);
	struct causeway_chunk *chunk;

	/* Only this work and causeway_svm_close(), which waits for it, remove chunks. */
	while ((chunk = reap_next(vm))) {
		bool idle;

		mutex_lock(&vm->chunk_lock);
		idle = chunk_kill_idle(chunk);
		mutex_unlock(&vm->chunk_lock);
		if (idle)
			chunk_remove(chunk);
		cond_resched();
	}
}

/* ---- looking ---------------------------------------------------------- */

static bool snapshot_invalidate(struct mmu_interval_notifier *notifier,
				const struct mmu_notifier_range *range, unsigned long seq)
{
	mmu_interval_set_seq(notifier, seq);
	return true;
}

static const struct mmu_interval_notifier_ops snapshot_notifier_ops = {
	.invalidate = snapshot_invalidate,
};

static int snapshot_locked(struct causeway_vm *vm, struct hmm_range *range)
{
	int ret;

	do {
		if (fatal_signal_pending(current))
			return -EINTR;
		range->notifier_seq = mmu_interval_read_begin(range->notifier);
		if (mmap_read_lock_killable(vm->mm))
			return -EINTR;
		ret = hmm_range_fault(range);
		mmap_read_unlock(vm->mm);
		cond_resched();
	} while (ret == -EBUSY);
	return ret;
}

/**
 * causeway_svm_snapshot - see where pages lie, without faulting any in
 * @vm: the VM
 * @start: first byte, page aligned
 * @end: first byte beyond
 * @pfns: out: HMM_PFN_* of each page; 0 where nothing is present.  It may be old
 *	at once: only flags may be used, and pages while the caller has a way of
 *	its own to know that they stay
 *
 * Context: may sleep; the caller keeps the owner's mm alive; no mmap_lock held.
 * Return: 0, -EINTR or -ENOMEM.
 */
int causeway_svm_snapshot(struct causeway_vm *vm, unsigned long start, unsigned long end,
			  unsigned long *pfns)
{
	struct mmu_interval_notifier notifier;
	struct hmm_range range = {
		.notifier = &notifier,
		.start = start,
		.end = end,
		.hmm_pfns = pfns,
		.dev_private_owner = &causeway_owner,
	};
	int ret;

	memset(&notifier, 0, sizeof(notifier));
	memset(pfns, 0, ((end - start) >> PAGE_SHIFT) * sizeof(*pfns));
	ret = mmu_interval_notifier_insert(&notifier, vm->mm, start, end - start,
					   &snapshot_notifier_ops);
	if (ret)
		return ret;
	ret = snapshot_locked(vm, &range);
	mmu_interval_notifier_remove(&notifier);
	return ret;
}

/**
 * causeway_svm_touched - which pages the device may have in its page tables
 * @vm: the VM
 * @start: first byte, page aligned
 * @end: first byte beyond
 * @bitmap: out: a bit a page; all of it is written
 *
 * Context: may sleep; not under pt_lock.
 */
void causeway_svm_touched(struct causeway_vm *vm, unsigned long start, unsigned long end,
			  unsigned long *bitmap)
{
	unsigned long addr;

	bitmap_zero(bitmap, (end - start) >> PAGE_SHIFT);
	for (addr = start; addr < end; addr = (addr & CAUSEWAY_CHUNK_MASK) + CAUSEWAY_CHUNK_SIZE) {
		struct causeway_chunk *chunk = causeway_chunk_find(vm, addr);
		unsigned long from, to;
		unsigned int bit, next;

		if (!chunk)
			continue;
		from = max(addr, chunk->start);
		to = min(end, chunk->start + CAUSEWAY_CHUNK_SIZE);
		next = chunk_page(chunk, to);
		bit = chunk_page(chunk, from);
		mutex_lock(&vm->pt_lock);
		for_each_set_bit_from(bit, chunk->touched, next)
			set_bit((chunk->start + bit * PAGE_SIZE - start) >> PAGE_SHIFT, bitmap);
		mutex_unlock(&vm->pt_lock);
		causeway_chunk_put(chunk);
	}
}

/* ---- life ------------------------------------------------------------- */

/**
 * causeway_svm_init - the part of a new VM that is this file's
 * @vm: the VM, zeroed
 */
void causeway_svm_init(struct causeway_vm *vm)
{
	mutex_init(&vm->pt_lock);
	mutex_init(&vm->chunk_lock);
	spin_lock_init(&vm->reap_lock);
	INIT_LIST_HEAD(&vm->reap_list);
	INIT_WORK(&vm->reap_work, reap_work);
	xa_init(&vm->chunks);
	if (IS_ENABLED(CONFIG_PROVE_LOCKING)) {
		/* What takes long to happen by itself: reclaim calls a notifier. */
		fs_reclaim_acquire(GFP_KERNEL);
		might_lock(&vm->pt_lock);
		fs_reclaim_release(GFP_KERNEL);
	}
}

/**
 * causeway_svm_close - serve no more faults, and forget all
 * @vm: the VM
 *
 * Context: may sleep; no mmap_lock held.
 */
void causeway_svm_close(struct causeway_vm *vm)
{
	struct causeway_chunk *chunk;
	unsigned long key;

	mutex_lock(&vm->pt_lock);
	WRITE_ONCE(vm->closed, true);
	mutex_unlock(&vm->pt_lock);
	/* Whoever makes a chunk now did not see it, and is done before the lock is ours. */
	mutex_lock(&vm->chunk_lock);
	mutex_unlock(&vm->chunk_lock);
	unmap_entries(vm, 0, TASK_SIZE_MAX);
	cancel_work_sync(&vm->reap_work);
	xa_for_each(&vm->chunks, key, chunk) {
		mutex_lock(&vm->pt_lock);
		chunk->dead = true;
		mutex_unlock(&vm->pt_lock);
		xa_erase(&vm->chunks, key);
		chunk_remove(chunk);
	}
	/* A notifier may have asked for it in between; there is nothing left to find. */
	cancel_work_sync(&vm->reap_work);
	xa_destroy(&vm->chunks);
}
