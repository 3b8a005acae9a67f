/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs from one kernel to the next.  No other file asks for a version;
 * each name here is that of the newest kernel, or causeway_compat_*.
 */
#ifndef CAUSEWAY_COMPAT_H
#define CAUSEWAY_COMPAT_H

#include <linux/fs.h>
#include <linux/memory-tiers.h>
#include <linux/mm.h>
#include <linux/pfn_t.h>
#include <linux/platform_device.h>
#include <linux/rmap.h>
#include <linux/rmap.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags &= ~flags;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define pte_mkwrite_novma(pte) pte_mkwrite(pte)

static inline void put_memory_type(struct memory_dev_type *type)
{
	destroy_memory_type(type);
}
#endif

/* The remove() of a platform driver that returns nothing. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define CAUSEWAY_COMPAT_REMOVE remove_new
#else
#define CAUSEWAY_COMPAT_REMOVE remove
#endif

/* Offsets of a DRM file's mmap() go beyond LONG_MAX. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define CAUSEWAY_COMPAT_FOP_FLAGS .fop_flags = FOP_UNSIGNED_OFFSET,
#else
#define CAUSEWAY_COMPAT_FOP_FLAGS
#endif

/**
 * causeway_compat_insert_pmd - enter 2 MiB of memory into a page table
 * @vmf: with vma, address and pmd set; the entry is empty
 * @pfn: first page, aligned; not of device memory
 * @write: the entry allows writing
 *
 * get_user_pages_fast() must not find these pages.  Since 6.12 such entries are
 * special; before, the mark of a device mapping makes it look for a pagemap,
 * find none, and give up.
 *
 * Context: the page table is kept from going by mmap_lock.
 */
static inline vm_fault_t causeway_compat_insert_pmd(struct vm_fault *vmf, unsigned long pfn,
						    bool write)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	return vmf_insert_pfn_pmd(vmf, pfn_to_pfn_t(pfn), write);
#else
	/* Without @write, too, the entry allows what @prot does. */
	pgprot_t prot = vm_get_page_prot(VM_READ | VM_SHARED | (write ? VM_WRITE : 0));

	return vmf_insert_pfn_pmd_prot(vmf, __pfn_to_pfn_t(pfn, PFN_DEV | PFN_MAP), prot, write);
#endif
}

/* Test and clear the accessed bit, without a flush; the core's helpers are not exported. */
static inline bool causeway_compat_clear_young_pte(pte_t *pte)
{
	return test_and_clear_bit(_PAGE_BIT_ACCESSED, (unsigned long *)&pte->pte);
}

static inline bool causeway_compat_clear_young_pmd(pmd_t *pmd)
{
	return test_and_clear_bit(_PAGE_BIT_ACCESSED, (unsigned long *)pmd);
}

/**
 * causeway_compat_make_exclusive - make_device_exclusive() of one page
 * @mm: whose page; mmap_lock held for reading
 * @addr: where
 * @owner: for MMU_NOTIFY_EXCLUSIVE
 * @page_out: the page, locked and referenced, or NULL
 *
 * Return: 0 or an errno; a page that can't be taken is no error.
 */
static inline int causeway_compat_make_exclusive(struct mm_struct *mm, unsigned long addr,
						 void *owner, struct page **page_out)
{
#if !IS_ENABLED(CONFIG_DEVICE_PRIVATE)
	*page_out = NULL;
	return 0;
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
	struct folio *folio;

	*page_out = make_device_exclusive(mm, addr, owner, &folio);
	if (IS_ERR(*page_out))
		*page_out = NULL;
	return 0;
#else
	int ret;

	*page_out = NULL;
	ret = make_device_exclusive_range(mm, addr, addr + PAGE_SIZE, page_out, owner);
	return min(ret, 0);
#endif
}

/**
 * causeway_compat_pagemap - which pagemap a ZONE_DEVICE page belongs to
 * @page: the page
 */
static inline struct dev_pagemap *causeway_compat_pagemap(const struct page *page)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
	return page_pgmap(page);
#else
	return page->pgmap;
#endif
}

/* How often a folio is mapped; of a large one, before 6.9, how often its first page is. */
static inline int causeway_compat_mapcount(struct folio *folio)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
	return folio_mapcount(folio);
#else
	return page_mapcount(&folio->page);
#endif
}

#endif
