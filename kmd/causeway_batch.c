// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: a batch
 *
 * begin: make room, let the core unmap and lock the pages (migrate_vma_setup),
 *	find places for them
 * copy: by the copy engine, or within end
 * end: hand the identity over (migrate_vma_pages), map the new pages
 *	(migrate_vma_finalize), say what became of each
 *
 * Between begin and end the pages are locked and a CPU that touches one waits.
 * The owner's mmap_lock is held for reading throughout.  Nothing waits for a
 * page lock in here, so several batches of one caller may be open.
 */
#include <linux/hmm.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/slab.h>
#include <linux/swap.h>

#include "causeway_account.h"
#include "causeway_batch.h"
#include "causeway_evict.h"
#include "causeway_form.h"
#include "causeway_memory.h"
#include "causeway_migrate.h"
#include "causeway_policy.h"
#include "causeway_svm.h"
#include "causeway_vm.h"

/* banks that are emptied for one batch before it goes without */
#define EVICT_TRIES 4

static struct kmem_cache *batch_cache;

/**
 * causeway_batch_module_init - once
 *
 * Return: 0 or -ENOMEM.
 */
int causeway_batch_module_init(void)
{
	batch_cache = KMEM_CACHE(causeway_batch, 0);
	return batch_cache ? 0 : -ENOMEM;
}

/**
 * causeway_batch_module_exit - once
 */
void causeway_batch_module_exit(void)
{
	kmem_cache_destroy(batch_cache);
}

/**
 * causeway_batch_create - an unused batch
 *
 * Return: the batch, or NULL without memory.
 */
struct causeway_batch *causeway_batch_create(void)
{
	return kmem_cache_alloc(batch_cache, GFP_KERNEL);
}

/**
 * causeway_batch_destroy - not used any more
 * @batch: ended, or NULL
 */
void causeway_batch_destroy(struct causeway_batch *batch)
{
	if (batch)
		kmem_cache_free(batch_cache, batch);
}

/* ---- in ---------------------------------------------------------------- */

static bool is_filled(const struct causeway_move *move, unsigned long addr)
{
	return addr >= move->fill_start && addr < move->fill_end;
}

/* find the range's bank, or have one emptied for it; no page of the batch is locked yet */
static u32 in_room(struct causeway_transfer *t, unsigned long start, unsigned int pages)
{
	struct causeway_chunk *chunk = causeway_chunk_find(t->vm, start);
	u32 hint = chunk ? READ_ONCE(chunk->bank) - 1 : CAUSEWAY_NO_PAGE;
	unsigned int tries;

	for (tries = 0; tries < EVICT_TRIES; tries++) {
		if (causeway_devmem_prepare(t->mem, t->vm->memory->account, start, pages, &hint) ||
		    !causeway_evict_one(t->mem))
			break;
	}
	if (chunk) {
		WRITE_ONCE(chunk->bank, hint + 1);
		causeway_chunk_put(chunk);
	}
	return hint;
}

/* which pages are to move, and which the core refused */
static void in_choose(struct causeway_batch *b, struct causeway_transfer *t)
{
	unsigned int i;

	for (i = 0; i < b->args.npages; i++) {
		struct page *page = migrate_pfn_to_page(b->src[i]);

		if (!(b->src[i] & MIGRATE_PFN_MIGRATE))
			__set_bit(i, b->unknown);
		else if (page && causeway_devmem_of(page) == t->mem)
			t->move->skipped[DRM_CAUSEWAY_REASON_THERE]++;
		else if (page || is_filled(t->move, b->args.start + i * PAGE_SIZE))
			__set_bit(i, b->wanted);
	}
}

static void in_place_device(struct causeway_batch *b, struct causeway_transfer *t, u32 hint)
{
	struct causeway_account *account = t->vm->memory->account;
	unsigned int i;

	causeway_devmem_alloc(t->mem, account, b->args.start, hint, b->args.npages, b->wanted,
			      b->numbers);
	for_each_set_bit(i, b->wanted, b->args.npages) {
		struct page *page;

		if (b->numbers[i] == CAUSEWAY_NO_PAGE)
			continue;
		page = causeway_devmem_page(t->mem, b->numbers[i]);
		b->dst[i] = migrate_pfn(page_to_pfn(page));
	}
}

static void in_place_node(struct causeway_batch *b, struct causeway_transfer *t)
{
	unsigned int i;

	for_each_set_bit(i, b->wanted, b->args.npages) {
		struct page *page = causeway_form_node_alloc(t->mem);

		if (!page)
			return;
		__folio_set_locked(page_folio(page));
		b->dst[i] = migrate_pfn(page_to_pfn(page));
	}
}

static unsigned long in_select(const struct causeway_transfer *t)
{
	unsigned long flags = MIGRATE_VMA_SELECT_SYSTEM;

	if (t->move->peers && t->mem->form == DRM_CAUSEWAY_MEMORY_PRIVATE)
		flags |= MIGRATE_VMA_SELECT_DEVICE_PRIVATE;
	if (t->move->peers && t->mem->form == DRM_CAUSEWAY_MEMORY_COHERENT)
		flags |= MIGRATE_VMA_SELECT_DEVICE_COHERENT;
	return flags;
}

/* ---- home -------------------------------------------------------------- */

static void home_choose(struct causeway_batch *b, struct causeway_transfer *t)
{
	unsigned int i;

	for (i = 0; i < b->args.npages; i++) {
		struct page *page = migrate_pfn_to_page(b->src[i]);

		if (!(b->src[i] & MIGRATE_PFN_MIGRATE))
			__set_bit(i, b->unknown);
		else if (page && causeway_page_is_ours(page))
			__set_bit(i, b->wanted);
		else
			t->move->skipped[DRM_CAUSEWAY_REASON_THERE]++;
	}
}

static bool has_policy(const struct vm_area_struct *vma)
{
#ifdef CONFIG_NUMA
	return vma->vm_policy || current->mempolicy;
#else
	return false;
#endif
}

/* All of 2 MiB comes home to 2 MiB in one piece, if there is one to be had at once. */
static bool home_place_whole(struct causeway_batch *b, struct causeway_transfer *t)
{
	struct page *page;
	unsigned int i;

	if (!bitmap_full(b->wanted, CAUSEWAY_BANK_PAGES) || has_policy(t->vma))
		return false;
	page = alloc_pages(GFP_TRANSHUGE_LIGHT & ~__GFP_COMP, CAUSEWAY_BANK_SHIFT - PAGE_SHIFT);
	if (!page)
		return false;
	if (causeway_page_is_ours(page)) {
		__free_pages(page, CAUSEWAY_BANK_SHIFT - PAGE_SHIFT);
		return false;
	}
	split_page(page, CAUSEWAY_BANK_SHIFT - PAGE_SHIFT);
	for (i = 0; i < CAUSEWAY_BANK_PAGES; i++) {
		__folio_set_locked(page_folio(page + i));
		b->dst[i] = migrate_pfn(page_to_pfn(page + i));
	}
	return true;
}

static void home_place(struct causeway_batch *b, struct causeway_transfer *t)
{
	unsigned int i;

	if (home_place_whole(b, t))
		return;
	for_each_set_bit(i, b->wanted, b->args.npages) {
		struct folio *folio = vma_alloc_folio(GFP_HIGHUSER_MOVABLE, 0, t->vma,
						      b->args.start + i * PAGE_SIZE, false);

		if (!folio)
			return;
		if (causeway_page_is_ours(&folio->page)) {
			folio_put(folio);
			continue;
		}
		__folio_set_locked(folio);
		b->dst[i] = migrate_pfn(folio_pfn(folio));
	}
}

static unsigned long home_select(const struct causeway_transfer *t)
{
	switch (t->mem->form) {
	case DRM_CAUSEWAY_MEMORY_PRIVATE:
		return MIGRATE_VMA_SELECT_DEVICE_PRIVATE;
	case DRM_CAUSEWAY_MEMORY_COHERENT:
		return MIGRATE_VMA_SELECT_DEVICE_COHERENT;
	default:
		return MIGRATE_VMA_SELECT_SYSTEM;
	}
}

/* ---- both -------------------------------------------------------------- */

/* is there something for us at an address? */
static bool page_needed(const struct causeway_batch *b, const struct causeway_transfer *t,
			unsigned long hmm_pfn, unsigned long addr)
{
	const struct causeway_devmem *mem;

	if (!(hmm_pfn & HMM_PFN_VALID))
		return b->in && (is_filled(t->move, addr) || t->move->explain);
	mem = causeway_devmem_of(hmm_pfn_to_page(hmm_pfn));
	if (!b->in)
		return mem;
	return mem ? mem != t->mem && t->move->peers : true;
}

/*
 * Look whether there is anything to move: the core would split huge pages and call
 * all notifiers even for nothing.  Not watched: what changes behind might as
 * well have changed later.
 */
static bool batch_needed(struct causeway_batch *b, struct causeway_transfer *t,
			 unsigned long start, unsigned long end)
{
	struct mmu_interval_notifier nobody = { .mm = t->vma->vm_mm };
	struct hmm_range range = {
		.notifier = &nobody,
		.start = start,
		.end = end,
		.hmm_pfns = b->src,
		.dev_private_owner = &causeway_owner,
	};
	unsigned int i, count = (end - start) >> PAGE_SHIFT;

	memset(b->src, 0, count * sizeof(*b->src));
	if (hmm_range_fault(&range))
		return true;
	for (i = 0; i < count; i++) {
		if (page_needed(b, t, b->src[i], start + i * PAGE_SIZE))
			return true;
	}
	t->move->skipped[DRM_CAUSEWAY_REASON_THERE] += count;
	return false;
}

/**
 * causeway_batch_begin - collect the pages of a range
 * @b: created, with in and fault_page set
 * @t: what for
 * @start: first byte; the range lies within one 2 MiB range and within the VMA
 * @end: first byte beyond
 *
 * Context: mmap_lock of the VMA for reading.
 *
 * Return: 0, causeway_batch_end() must follow; or an errno and nothing was done.
 */
int causeway_batch_begin(struct causeway_batch *b, struct causeway_transfer *t, unsigned long start,
			 unsigned long end)
{
	u32 hint = CAUSEWAY_NO_PAGE;
	unsigned int i;
	int ret;

	lockdep_assert_held(&t->vma->vm_mm->mmap_lock);
	b->begin_ns = ktime_get_ns();
	b->copying = false;
	b->idle = !b->fault_page && !batch_needed(b, t, start, end);
	b->args.start = start;
	b->args.end = end;
	if (b->idle)
		return 0;
	if (b->in && t->mem->form != DRM_CAUSEWAY_MEMORY_NODE)
		hint = in_room(t, start, (end - start) >> PAGE_SHIFT);
	b->args = (struct migrate_vma){
		.vma = t->vma,
		.src = b->src,
		.dst = b->dst,
		.start = start,
		.end = end,
		.pgmap_owner = &causeway_owner,
		.fault_page = b->fault_page,
		.flags = b->in ? in_select(t) : home_select(t),
	};
	ret = migrate_vma_setup(&b->args);
	if (ret)
		return ret;
	bitmap_zero(b->wanted, CAUSEWAY_BANK_PAGES);
	bitmap_zero(b->unknown, CAUSEWAY_BANK_PAGES);
	if (!b->in) {
		home_choose(b, t);
		home_place(b, t);
	} else {
		in_choose(b, t);
		if (t->mem->form == DRM_CAUSEWAY_MEMORY_NODE)
			in_place_node(b, t);
		else
			in_place_device(b, t, hint);
	}
	for_each_set_bit(i, b->wanted, b->args.npages) {
		if (!b->dst[i])
			t->move->skipped[DRM_CAUSEWAY_REASON_NO_MEMORY]++;
		else if (b->src[i] & MIGRATE_PFN_WRITE)
			b->dst[i] |= MIGRATE_PFN_WRITE;
	}
	return 0;
}

/**
 * causeway_batch_copy - let the copy engine have it while the caller does something else
 * @b: begun
 */
void causeway_batch_copy(struct causeway_batch *b)
{
	if (b->idle)
		return;
	b->copying = true;
	b->copy.src = b->src;
	b->copy.dst = b->dst;
	b->copy.count = b->args.npages;
	causeway_copy_start(&b->copy);
}

/* why a page that the core wouldn't touch is where it is */
static enum drm_causeway_reason page_reason(const struct causeway_batch *b,
					    const struct causeway_transfer *t, unsigned long pfn)
{
	struct folio *folio;
	struct page *page;
	int extra;

	if (!(pfn & HMM_PFN_VALID) || (pfn & HMM_PFN_ERROR))
		return b->in ? DRM_CAUSEWAY_REASON_BUSY : DRM_CAUSEWAY_REASON_THERE;
	page = hmm_pfn_to_page(pfn);
	if (b->in ? causeway_devmem_of(page) == t->mem : !causeway_page_is_ours(page))
		return DRM_CAUSEWAY_REASON_THERE;
	folio = page_folio(page);
	if (folio_test_ksm(folio))
		return DRM_CAUSEWAY_REASON_MERGEABLE;
	/* racy, like all that one may say of a page that isn't locked */
	extra = folio_ref_count(folio) - causeway_compat_mapcount(folio);
	if (folio_test_swapcache(folio))
		extra -= folio_nr_pages(folio);
	return extra > 0 ? DRM_CAUSEWAY_REASON_PINNED : DRM_CAUSEWAY_REASON_BUSY;
}

/*
 * The sources aren't needed any more: their array takes the snapshot.  It isn't
 * watched by a notifier: it may be old, and is but an explanation.
 */
static void explain(struct causeway_batch *b, struct causeway_transfer *t)
{
	struct mmu_interval_notifier nobody = {.mm = t->vma->vm_mm};
	struct hmm_range range = {
		.notifier = &nobody,
		.start = b->args.start,
		.end = b->args.start + b->args.npages * PAGE_SIZE,
		.hmm_pfns = b->src,
		.dev_private_owner = &causeway_owner,
	};
	unsigned int i;

	if (!t->vm || bitmap_empty(b->unknown, b->args.npages))
		return;
	memset(b->src, 0, b->args.npages * sizeof(*b->src));
	if (hmm_range_fault(&range)) {
		t->move->skipped[DRM_CAUSEWAY_REASON_BUSY] +=
			bitmap_weight(b->unknown, b->args.npages);
		return;
	}
	for_each_set_bit(i, b->unknown, b->args.npages)
		t->move->skipped[page_reason(b, t, b->src[i])]++;
}

/**
 * causeway_batch_end - the pages are what and where they were to be
 * @b: begun
 * @t: as for causeway_batch_begin()
 *
 * Return: pages that moved; also added to the transfer's move, with those that
 * didn't.
 */
unsigned int causeway_batch_end(struct causeway_batch *b, struct causeway_transfer *t)
{
	unsigned int moved = 0;
	unsigned int i;

	if (b->idle)
		return 0;
	if (b->copying)
		causeway_copy_wait(&b->copy);
	else
		causeway_copy_run(b->src, b->dst, b->args.npages);
	migrate_vma_pages(&b->args);
	for_each_set_bit(i, b->wanted, b->args.npages) {
		if (!b->dst[i])
			continue;
		if (b->src[i] & MIGRATE_PFN_MIGRATE)
			moved++;
		else
			t->move->skipped[DRM_CAUSEWAY_REASON_BUSY]++;
	}
	migrate_vma_finalize(&b->args);
	t->move->moved += moved;
	explain(b, t);
	return moved;
}
