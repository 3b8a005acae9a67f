/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of one device: its pages, who has them, and in what order they go.
 */
#ifndef CAUSEWAY_DEVMEM_H
#define CAUSEWAY_DEVMEM_H

#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/memremap.h>
#include <linux/mm_types.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include <uapi/drm/causeway_drm.h>

#include "causeway_compat.h"

struct causeway_account;
struct causeway_device;

#define CAUSEWAY_BANK_SHIFT PMD_SHIFT
#define CAUSEWAY_BANK_BYTES BIT(CAUSEWAY_BANK_SHIFT)
#define CAUSEWAY_BANK_MASK  (~(CAUSEWAY_BANK_BYTES - 1))
#define CAUSEWAY_BANK_PAGES (1UL << (CAUSEWAY_BANK_SHIFT - PAGE_SHIFT))

/* no page, no bank */
#define CAUSEWAY_NO_PAGE U32_MAX

/**
 * struct causeway_bank - 2 MiB of device memory
 *
 * A bank is given to one 2 MiB range of one address space at a time and
 * page i of the range lies in page i of the bank, so that a range that is
 * entirely on the device is contiguous there.  Only when no bank is empty do
 * pages go wherever there is room.
 *
 * All under causeway_devmem.lock.
 *
 * @node: in causeway_devmem.empty or .partial; empty list when full
 * @lru: in causeway_devmem.lru while a page is used, the next victim first
 * @account: of the range that the bank was given to; only compared, never followed
 * @address: first byte of that range
 * @used: pages in use
 * @evicting: somebody empties it; nothing is allocated here
 * @map: a bit for each page in use
 */
struct causeway_bank {
	struct list_head node;
	struct list_head lru;
	const struct causeway_account *account;
	unsigned long address;
	unsigned int used;
	bool evicting;
	DECLARE_BITMAP(map, CAUSEWAY_BANK_PAGES);
};

/**
 * struct causeway_devmem - the memory of one device
 * @device: whose; NULL once the device is gone and only pages hold the memory
 * @form: private, coherent or node
 * @nid: NUMA node of the pages
 * @pagemap: of the private and coherent forms; its owner is &causeway_owner
 * @resource: the range of physical addresses; NULL: not ours to release
 * @first_pfn: of the range
 * @page_count: pages
 * @bank_count: banks
 * @backing: private form: what holds the bytes of each bank
 * @banks: private and coherent form
 * @empty: banks without a used page
 * @partial: banks with some
 * @lru: banks with any, least recently used first
 * @used: pages
 * @closed: nothing is allocated any more
 * @retire: waits for the last page once the device is gone
 * @group: node form: memory group of the range
 */
struct causeway_devmem {
	struct causeway_device *device;
	enum drm_causeway_memory form;
	int nid;
	struct dev_pagemap pagemap;
	struct resource *resource;
	unsigned long first_pfn;
	unsigned long page_count;
	unsigned int bank_count;
	struct page **backing;
	struct causeway_bank *banks;
	/**
	 * @lock: guards banks, lists and counts.  A leaf: taken from page_free, which comes
	 * from anywhere, interrupts included
	 */
	spinlock_t lock;
	struct list_head empty;
	struct list_head partial;
	struct list_head lru;
	unsigned long used;
	bool closed;
	struct delayed_work retire;
	int group;
};

/* pgmap owner of the pages of all instances */
extern char causeway_owner;

/**
 * struct causeway_devmem_config - what memory a device is to have
 * @form: or DRM_CAUSEWAY_MEMORY_NONE
 * @bytes: size, a multiple of 2 MiB (node form: of a memory bank)
 * @start: physical address, coherent and node form
 */
struct causeway_devmem_config {
	enum drm_causeway_memory form;
	u64 bytes;
	u64 start;
};

struct causeway_devmem *causeway_devmem_create(struct causeway_device *device,
					       const struct causeway_devmem_config *config);
void causeway_devmem_destroy(struct causeway_devmem *mem);

struct causeway_devmem *causeway_devmem_of(const struct page *page);
bool causeway_devmem_owns(const struct causeway_device *device, const struct page *page);
bool causeway_page_is_ours(const struct page *page);
struct page *causeway_devmem_backing(struct page *page);
unsigned long causeway_devmem_pfn(struct page *page);
u64 causeway_devmem_used_bytes(struct causeway_devmem *mem);

bool causeway_devmem_prepare(struct causeway_devmem *mem, const struct causeway_account *account,
			     unsigned long address, unsigned int pages, u32 *hint);
unsigned int causeway_devmem_alloc(struct causeway_devmem *mem, struct causeway_account *account,
				   unsigned long address, u32 hint, unsigned int count,
				   const unsigned long *wanted, u32 *pages_out);
void causeway_devmem_unalloc(struct causeway_devmem *mem, struct causeway_account *account,
			     u32 page);
struct page *causeway_devmem_page(struct causeway_devmem *mem, u32 page);
void causeway_devmem_touch(struct page *page);
void causeway_devmem_touch_bank(struct causeway_devmem *mem, u32 hint);
void causeway_devmem_close(struct causeway_devmem *mem);
void causeway_devmem_open(struct causeway_devmem *mem);

u32 causeway_devmem_victim(struct causeway_devmem *mem);
unsigned int causeway_devmem_victim_done(struct causeway_devmem *mem, u32 bank);

bool causeway_devmem_bank_holds(struct causeway_devmem *mem, u32 bank,
				const struct causeway_account *account);
struct causeway_account *causeway_devmem_bank_account(struct causeway_devmem *mem, u32 bank,
						      unsigned long *address_out);

/**
 * causeway_page_account - whose page of device memory it is
 * @page: private or coherent form, referenced
 *
 * Return: the account; valid as long as the page is.
 */
static inline struct causeway_account *causeway_page_account(const struct page *page)
{
	return page->zone_device_data;
}

#endif
