// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device's page tables, that is, the engine's: entering pages by a walk of
 * our own, once a batch, and reading which were used.
 */
#include <linux/bitmap.h>
#include <linux/hmm.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>

#include "causeway_compat.h"
#include "causeway_fault.h"
#include "causeway_devmem.h"
#include "causeway_engine.h"
#include "causeway_svm.h"
#include "causeway_vm.h"

/* A page table is not what it was when we looked: look again. */
#define INSERT_AGAIN 1

static pmd_t *engine_pmd(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud;

	lockdep_assert_held(&mm->mmap_lock);
	if (pgd_none(READ_ONCE(*pgd)))
		return NULL;
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(READ_ONCE(*p4d)))
		return NULL;
	pud = pud_offset(p4d, addr);
	if (pud_none(READ_ONCE(*pud)) || pud_leaf(READ_ONCE(*pud)))
		return NULL;
	return pmd_offset(pud, addr);
}

/* Device mappings are leaves that pmd_trans_huge() does not tell. */
static bool pmd_is_leaf(pmd_t pmd)
{
	return pmd_present(pmd) && pmd_leaf(pmd);
}

static int pte_nothing(pte_t *pte, unsigned long addr, void *data)
{
	return 0;
}

static unsigned long hmm_to_pfn(unsigned long hmm_pfn)
{
	struct page *page = hmm_pfn_to_page(hmm_pfn);

	return causeway_page_is_ours(page) ? causeway_devmem_pfn(page) : page_to_pfn(page);
}

/* Reclaim must not think that the page is as it is on disk. */
static void mark_dirty(unsigned long hmm_pfn)
{
	struct page *page = hmm_pfn_to_page(hmm_pfn);

	if (!is_zone_device_page(page) && !PageDirty(page))
		set_page_dirty(page);
}

static int insert_check(struct causeway_vm *vm, const struct causeway_insert *insert)
{
	struct causeway_chunk *chunk = insert->chunk;

	lockdep_assert_held(&vm->pt_lock);
	if (vm->closed)
		return -ENODEV;
	if (chunk->dead || vm->zap_seq != insert->zap_seq ||
	    mmu_interval_read_retry(&chunk->notifier, insert->seq))
		return -EBUSY;
	return 0;
}

static unsigned long insert_pfn(const struct causeway_insert *insert, unsigned long addr)
{
	return insert->pfns[(addr - insert->start) >> PAGE_SHIFT];
}

/* ---- pages ------------------------------------------------------------ */

static pte_t make_pte(unsigned long pfn, bool write, bool young)
{
	pte_t pte = pfn_pte(pfn, vm_get_page_prot(VM_READ | VM_WRITE | VM_SHARED));

	pte = pte_mkspecial(pte);
	pte = young ? pte_mkyoung(pte) : pte_mkold(pte);
	return write ? pte_mkwrite_novma(pte_mkdirty(pte)) : pte_wrprotect(pte);
}

/*
 * Enters one page.  An entry with another page can't be: whoever moved it had to
 * remove the entry first.
 */
static int set_one(struct vm_area_struct *vma, struct causeway_insert *insert, pte_t *pte,
		   unsigned long addr, unsigned long hmm_pfn)
{
	bool write = insert->write && hmm_pfn & HMM_PFN_WRITE;
	bool young = !((addr ^ insert->address) & ~(CAUSEWAY_BLOCK_SIZE - 1));
	unsigned long pfn = hmm_to_pfn(hmm_pfn);
	pte_t old = *pte;

	insert->inserted++;
	if (pte_present(old)) {
		VM_WARN_ONCE(pte_pfn(old) != pfn, "stale entry at %#lx\n", addr);
		if (pte_pfn(old) != pfn)
			return -ESTALE;
		if (pte_write(old) || !write)
			return 0;
	}
	if (write)
		mark_dirty(hmm_pfn);
	set_pte_at(vma->vm_mm, addr, pte, make_pte(pfn, write, young));
	return 1;
}

static int set_batch(struct vm_area_struct *vma, struct causeway_insert *insert, pmd_t *pmd,
		     unsigned long start, unsigned long end)
{
	struct causeway_chunk *chunk = insert->chunk;
	spinlock_t *ptl = pte_lockptr(vma->vm_mm, pmd);
	pte_t *pte = pte_offset_kernel(pmd, start);
	unsigned int written = 0;
	unsigned long addr;
	int ret = 0;

	spin_lock(ptl);
	for (addr = start; addr < end; addr += PAGE_SIZE, pte++) {
		unsigned long hmm_pfn = insert_pfn(insert, addr);

		if (!(hmm_pfn & HMM_PFN_VALID) || hmm_pfn & HMM_PFN_ERROR)
			continue;
		ret = set_one(vma, insert, pte, addr, hmm_pfn);
		if (ret < 0)
			break;
		written += ret;
		__set_bit((addr - chunk->start) >> PAGE_SHIFT, chunk->touched);
	}
	spin_unlock(ptl);
	causeway_vm_count(chunk->vm, DRM_CAUSEWAY_COUNTER_MAPPED_PAGES, written);
	return ret < 0 ? ret : 0;
}

static int insert_pages(struct vm_area_struct *vma, struct causeway_insert *insert, pmd_t *pmd,
			unsigned long start, unsigned long end)
{
	struct causeway_vm *vm = insert->chunk->vm;
	int ret;

	mutex_lock(&vm->pt_lock);
	ret = insert_check(vm, insert);
	if (!ret) {
		if (pmd_none(READ_ONCE(*pmd)) || pmd_is_leaf(READ_ONCE(*pmd)))
			ret = INSERT_AGAIN;
		else
			ret = set_batch(vma, insert, pmd, start, end);
	}
	mutex_unlock(&vm->pt_lock);
	return ret;
}

/* ---- 2 MiB ------------------------------------------------------------ */

/* The first page, if the owner has the chunk as one; else 0. */
static unsigned long owner_huge(const struct causeway_insert *insert)
{
	unsigned long hmm_pfn = insert_pfn(insert, insert->address);
	unsigned long pfn;

	if (!(hmm_pfn & HMM_PFN_VALID) ||
	    hmm_pfn_to_map_order(hmm_pfn) < PMD_SHIFT - PAGE_SHIFT ||
	    is_zone_device_page(hmm_pfn_to_page(hmm_pfn)))
		return 0;
	pfn = page_to_pfn(hmm_pfn_to_page(hmm_pfn));
	return pfn - ((insert->address & ~CAUSEWAY_CHUNK_MASK) >> PAGE_SHIFT);
}

/* The first page, if the whole chunk was looked up and lies in one piece; else 0. */
static unsigned long contiguous_huge(const struct causeway_insert *insert)
{
	unsigned long flags = HMM_PFN_VALID | HMM_PFN_ERROR | HMM_PFN_WRITE;
	unsigned long first = insert->pfns[0], pfn;
	unsigned int i;

	if (insert->end - insert->start != CAUSEWAY_CHUNK_SIZE || !(first & HMM_PFN_VALID) ||
	    first & HMM_PFN_ERROR)
		return 0;
	pfn = hmm_to_pfn(first);
	if (!IS_ALIGNED(pfn, CAUSEWAY_CHUNK_PAGES) || is_zone_device_page(pfn_to_page(pfn)))
		return 0;
	for (i = 1; i < CAUSEWAY_CHUNK_PAGES; i++) {
		if (((insert->pfns[i] ^ first) & flags) || hmm_to_pfn(insert->pfns[i]) != pfn + i)
			return 0;
	}
	return pfn;
}

static unsigned long huge_pfn(struct vm_area_struct *vma, const struct causeway_insert *insert)
{
	unsigned long start = insert->chunk->start, pfn;

	if (!insert->huge || vma->vm_start > start || vma->vm_end < start + CAUSEWAY_CHUNK_SIZE)
		return 0;
	pfn = owner_huge(insert);
	return pfn ?: contiguous_huge(insert);
}

static void mark_huge_dirty(const struct causeway_insert *insert)
{
	unsigned long addr;

	for (addr = insert->start; addr < insert->end; addr += PAGE_SIZE) {
		if (insert_pfn(insert, addr) & HMM_PFN_VALID)
			mark_dirty(insert_pfn(insert, addr));
	}
}

static int insert_huge(struct vm_area_struct *vma, struct causeway_insert *insert, pmd_t *pmd,
		       unsigned long pfn)
{
	bool write = insert->write && insert_pfn(insert, insert->address) & HMM_PFN_WRITE;
	struct vm_fault vmf = { .vma = vma, .address = insert->chunk->start, .pmd = pmd };
	struct causeway_chunk *chunk = insert->chunk;
	struct causeway_vm *vm = chunk->vm;
	int ret;

	mutex_lock(&vm->pt_lock);
	ret = insert_check(vm, insert);
	if (!ret && !pmd_none(READ_ONCE(*pmd)))
		ret = INSERT_AGAIN;
	if (!ret) {
		if (write)
			mark_huge_dirty(insert);
		causeway_compat_insert_pmd(&vmf, pfn, write);
		bitmap_fill(chunk->touched, CAUSEWAY_CHUNK_PAGES);
		chunk->huge = true;
		insert->inserted = CAUSEWAY_CHUNK_PAGES;
	}
	mutex_unlock(&vm->pt_lock);
	if (!ret)
		causeway_vm_count(vm, DRM_CAUSEWAY_COUNTER_MAPPED_HUGE, 1);
	return ret;
}

/* There is a 2 MiB entry: it will do, or it has to go. */
static int found_huge(struct causeway_insert *insert, pmd_t pmd)
{
	struct causeway_chunk *chunk = insert->chunk;

	if (pmd_write(pmd) || !insert->write ||
	    !(insert_pfn(insert, insert->address) & HMM_PFN_WRITE)) {
		insert->inserted = CAUSEWAY_CHUNK_PAGES;
		return 0;
	}
	causeway_svm_zap(chunk->vm, chunk->start, chunk->start + CAUSEWAY_CHUNK_SIZE);
	return -EBUSY;
}

/* ---- a batch ---------------------------------------------------------- */

/* Page-table pages are allocated here, before pt_lock is taken. */
static int prepare_table(struct vm_area_struct *vma, unsigned long addr, pmd_t **pmd_out)
{
	int ret = apply_to_page_range(vma->vm_mm, addr, PAGE_SIZE, pte_nothing, NULL);

	*pmd_out = engine_pmd(vma->vm_mm, addr);
	return *pmd_out ? ret : -ENOMEM;
}

static int insert_once(struct vm_area_struct *vma, struct causeway_insert *insert)
{
	unsigned long start = max(insert->start, vma->vm_start);
	unsigned long end = min(insert->end, vma->vm_end);
	pmd_t *pmd = engine_pmd(vma->vm_mm, insert->address);
	unsigned long pfn;
	pmd_t entry;
	int ret;

	entry = pmd ? READ_ONCE(*pmd) : __pmd(0);
	if (pmd_is_leaf(entry))
		return found_huge(insert, entry);
	if (pmd && pmd_none(entry)) {
		pfn = huge_pfn(vma, insert);
		if (pfn)
			return insert_huge(vma, insert, pmd, pfn);
	}
	if (pmd_none(entry)) {
		ret = prepare_table(vma, insert->address, &pmd);
		if (ret)
			return ret;
	}
	return insert_pages(vma, insert, pmd, start, end);
}

static int insert_vma(struct causeway_vm *vm, struct mm_struct *engine_mm,
		      struct causeway_insert *insert)
{
	struct vm_area_struct *vma = vma_lookup(engine_mm, insert->address);
	int ret;

	if (!vma || vma->vm_ops != &causeway_vm_ops || vma->vm_private_data != vm)
		return -EFAULT;
	if (!(vma->vm_flags & VM_WRITE))
		insert->write = false;
	do {
		ret = insert_once(vma, insert);
	} while (ret == INSERT_AGAIN);
	if (ret == -ESTALE) {
		causeway_svm_zap(vm, insert->start, insert->end);
		ret = -EBUSY;
	}
	return ret;
}

/**
 * causeway_svm_insert - enter pages into the device's page tables
 * @vm: the VM
 * @engine_mm: address space whose page tables they are; the caller keeps it alive
 * @insert: what to enter
 *
 * Context: may sleep; the owner's mmap_lock is not held.  With &causeway_insert.nowait
 * the caller may hold page locks.
 * Return: 0; -EBUSY if the owner changed something: look the pages up again;
 * -EAGAIN with nowait; -EFAULT if @engine_mm doesn't map the VM there; -ENODEV if
 * the VM is closed; -ENOMEM.
 */
int causeway_svm_insert(struct causeway_vm *vm, struct mm_struct *engine_mm,
			struct causeway_insert *insert)
{
	int ret;

	if (insert->nowait) {
		if (!mmap_read_trylock(engine_mm))
			return -EAGAIN;
	} else {
		mmap_read_lock(engine_mm);
	}
	insert->inserted = 0;
	ret = insert_vma(vm, engine_mm, insert);
	mmap_read_unlock(engine_mm);
	return ret;
}

/* ---- young ------------------------------------------------------------ */

static void young_ptes(struct mm_struct *mm, pmd_t *pmd, unsigned long start, unsigned long end,
		       unsigned long *bitmap, unsigned int bit)
{
	spinlock_t *ptl = pte_lockptr(mm, pmd);
	pte_t *pte = pte_offset_kernel(pmd, start);
	unsigned long addr;

	spin_lock(ptl);
	for (addr = start; addr < end; addr += PAGE_SIZE, pte++, bit++) {
		if (pte_present(*pte) && causeway_compat_clear_young_pte(pte))
			__set_bit(bit, bitmap);
	}
	spin_unlock(ptl);
}

static void young_table(struct mm_struct *mm, unsigned long start, unsigned long end,
			unsigned long *bitmap, unsigned int bit)
{
	pmd_t *pmd = engine_pmd(mm, start);
	pmd_t entry = pmd ? READ_ONCE(*pmd) : __pmd(0);

	if (pmd_none(entry))
		return;
	if (!pmd_is_leaf(entry))
		young_ptes(mm, pmd, start, end, bitmap, bit);
	else if (causeway_compat_clear_young_pmd(pmd))
		bitmap_set(bitmap, bit, (end - start) >> PAGE_SHIFT);
}

/**
 * causeway_svm_test_young - which pages the device used since the last call
 * @vm: the VM
 * @start: first byte, page aligned
 * @end: first byte beyond
 * @bitmap: out: a bit a page; all of it is written
 *
 * A hint: the processor may remember entries and not say so again.
 *
 * Context: may sleep; no mmap_lock held.
 */
void causeway_svm_test_young(struct causeway_vm *vm, unsigned long start, unsigned long end,
			     unsigned long *bitmap)
{
	struct mm_struct *mm = causeway_engine_mm_get(vm);
	unsigned long addr, next;

	bitmap_zero(bitmap, (end - start) >> PAGE_SHIFT);
	if (!mm)
		return;
	mmap_read_lock(mm);
	for (addr = start; addr < end; addr = next) {
		struct vm_area_struct *vma = vma_lookup(mm, addr);

		next = min(end, (addr & CAUSEWAY_CHUNK_MASK) + CAUSEWAY_CHUNK_SIZE);
		if (vma && vma->vm_ops == &causeway_vm_ops && vma->vm_private_data == vm)
			young_table(mm, addr, min(next, vma->vm_end), bitmap,
				    (addr - start) >> PAGE_SHIFT);
	}
	mmap_read_unlock(mm);
	mmput_async(mm);
}
