// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: device memory
 *
 * Memory is given out in banks of 2 MiB, page by page.  A bank belongs to one
 * 2 MiB range of one address space while that lasts (struct causeway_bank), so
 * that ranges are contiguous, one page-table entry can map them, and the unit
 * of eviction is what a program would call a place.
 *
 * The pages are ZONE_DEVICE pages of a dev_pagemap (private and coherent form)
 * or ordinary pages of a NUMA node (node form).  The first two are accounted
 * here; the third by the kernel.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "causeway_account.h"
#include "causeway_compat.h"
#include "causeway_devmem.h"
#include "causeway_evict.h"
#include "causeway_form.h"
#include "causeway_memory.h"
#include "causeway_migrate.h"

/* how often pages that somebody still holds are looked for after the device has gone */
#define RETIRE_INTERVAL HZ

char causeway_owner;

/* ---- pages ------------------------------------------------------------- */

/**
 * causeway_devmem_of - which device memory a page belongs to
 * @page: any page, referenced or locked in a page table
 *
 * Return: the memory, or NULL.
 */
struct causeway_devmem *causeway_devmem_of(const struct page *page)
{
	struct dev_pagemap *pagemap;

	if (!is_zone_device_page(page))
		return causeway_form_node_of(page);
	pagemap = causeway_compat_pagemap(page);
	if (pagemap->owner != &causeway_owner)
		return NULL;
	return container_of(pagemap, struct causeway_devmem, pagemap);
}

/**
 * causeway_page_is_ours - does a page lie in the memory of any causeway device?
 * @page: any page
 */
bool causeway_page_is_ours(const struct page *page)
{
	return causeway_devmem_of(page);
}

/**
 * causeway_devmem_owns - does a page lie in the memory of this device?
 * @device: the device
 * @page: any page
 */
bool causeway_devmem_owns(const struct causeway_device *device, const struct page *page)
{
	const struct causeway_devmem *mem = causeway_devmem_of(page);

	return mem && mem->device == device;
}

static unsigned long page_index_of(const struct causeway_devmem *mem, const struct page *page)
{
	return page_to_pfn(page) - mem->first_pfn;
}

/**
 * causeway_devmem_backing - the page that holds the bytes
 * @page: of device memory, or any other
 *
 * Return: a page the kernel can read and write; @page itself but in the private form.
 */
struct page *causeway_devmem_backing(struct page *page)
{
	const struct causeway_devmem *mem;
	unsigned long i;

	if (!is_device_private_page(page))
		return page;
	mem = causeway_devmem_of(page);
	i = page_index_of(mem, page);
	return mem->backing[i / CAUSEWAY_BANK_PAGES] + i % CAUSEWAY_BANK_PAGES;
}

/**
 * causeway_devmem_pfn - the frame number for the device's page tables
 * @page: any page
 */
unsigned long causeway_devmem_pfn(struct page *page)
{
	return page_to_pfn(causeway_devmem_backing(page));
}

/* ---- banks ------------------------------------------------------------ */

/* put a bank into the list that its count of used pages asks for */
static void bank_settle(struct causeway_devmem *mem, struct causeway_bank *bank)
{
	lockdep_assert_held(&mem->lock);
	if (!bank->used) {
		bank->account = NULL;
		list_del_init(&bank->lru);
	} else if (list_empty(&bank->lru)) {
		list_add_tail(&bank->lru, &mem->lru);
	}
	if (bank->evicting || bank->used == CAUSEWAY_BANK_PAGES)
		list_del_init(&bank->node);
	else if (bank->used)
		list_move(&bank->node, &mem->partial);
	else
		list_move(&bank->node, &mem->empty);
}

static u32 bank_take(struct causeway_devmem *mem, struct causeway_bank *bank, unsigned int i,
		     struct causeway_account *account)
{
	u32 page = (bank - mem->banks) * CAUSEWAY_BANK_PAGES + i;

	lockdep_assert_held(&mem->lock);
	pfn_to_page(mem->first_pfn + page)->zone_device_data = account;
	__set_bit(i, bank->map);
	bank->used++;
	mem->used++;
	if (bank->used == 1 || bank->used == CAUSEWAY_BANK_PAGES)
		bank_settle(mem, bank);
	return page;
}

static u32 bank_take_any(struct causeway_devmem *mem, struct causeway_account *account)
{
	struct causeway_bank *bank;

	lockdep_assert_held(&mem->lock);
	bank = list_first_entry_or_null(&mem->partial, struct causeway_bank, node);
	if (!bank)
		bank = list_first_entry_or_null(&mem->empty, struct causeway_bank, node);
	if (!bank)
		return CAUSEWAY_NO_PAGE;
	return bank_take(mem, bank, find_first_zero_bit(bank->map, CAUSEWAY_BANK_PAGES), account);
}

static void bank_give(struct causeway_devmem *mem, u32 page)
{
	struct causeway_bank *bank = &mem->banks[page / CAUSEWAY_BANK_PAGES];

	lockdep_assert_held(&mem->lock);
	WARN_ON_ONCE(!__test_and_clear_bit(page % CAUSEWAY_BANK_PAGES, bank->map));
	mem->used--;
	bank->used--;
	if (!bank->used || bank->used == CAUSEWAY_BANK_PAGES - 1)
		bank_settle(mem, bank);
}

static struct causeway_bank *bank_match(struct causeway_devmem *mem, u32 hint,
					const struct causeway_account *account,
					unsigned long address)
{
	struct causeway_bank *bank;

	lockdep_assert_held(&mem->lock);
	if (hint >= mem->bank_count)
		return NULL;
	bank = &mem->banks[hint];
	if (bank->evicting || bank->account != account ||
	    bank->address != (address & CAUSEWAY_BANK_MASK))
		return NULL;
	return bank;
}

/**
 * causeway_devmem_prepare - see that there is room
 * @mem: private or coherent form
 * @account: for whom
 * @address: first byte of the pages; they lie within one 2 MiB range
 * @pages: how many at most
 * @hint: in: the range's bank as of last time, CAUSEWAY_NO_PAGE: none; out: its bank
 *
 * Return: false when something must be evicted first.  True is no promise:
 * others allocate too.
 */
bool causeway_devmem_prepare(struct causeway_devmem *mem, const struct causeway_account *account,
			     unsigned long address, unsigned int pages, u32 *hint)
{
	struct causeway_bank *bank;
	unsigned long flags;
	bool room;

	spin_lock_irqsave(&mem->lock, flags);
	bank = bank_match(mem, *hint, account, address);
	if (!bank && !mem->closed) {
		bank = list_first_entry_or_null(&mem->empty, struct causeway_bank, node);
		if (bank) {
			bank->account = account;
			bank->address = address & CAUSEWAY_BANK_MASK;
			/* nobody else shall take it for an empty one too soon */
			list_move_tail(&bank->node, &mem->empty);
		}
	}
	if (bank && bank->used)
		list_move_tail(&bank->lru, &mem->lru);
	*hint = bank ? bank - mem->banks : CAUSEWAY_NO_PAGE;
	room = !mem->closed && (bank || mem->page_count - mem->used >= pages);
	spin_unlock_irqrestore(&mem->lock, flags);
	return room;
}

/**
 * causeway_devmem_alloc - take pages
 * @mem: private or coherent form
 * @account: who pays
 * @address: of the first page; they lie within one 2 MiB range
 * @hint: bank from causeway_devmem_prepare()
 * @count: pages from @address on
 * @wanted: a bit for each that is to be taken
 * @pages_out: number of each page, CAUSEWAY_NO_PAGE where there is none
 *
 * Each page must go to causeway_devmem_page() or causeway_devmem_unalloc().
 *
 * Return: how many were taken.
 */
unsigned int causeway_devmem_alloc(struct causeway_devmem *mem, struct causeway_account *account,
				   unsigned long address, u32 hint, unsigned int count,
				   const unsigned long *wanted, u32 *pages_out)
{
	unsigned int first = (address & ~CAUSEWAY_BANK_MASK) >> PAGE_SHIFT;
	struct causeway_bank *bank;
	unsigned int taken = 0;
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&mem->lock, flags);
	bank = bank_match(mem, hint, account, address);
	for (i = 0; i < count; i++) {
		pages_out[i] = CAUSEWAY_NO_PAGE;
		if (mem->closed || !test_bit(i, wanted))
			continue;
		if (bank && !test_bit(first + i, bank->map))
			pages_out[i] = bank_take(mem, bank, first + i, account);
		else
			pages_out[i] = bank_take_any(mem, account);
		taken += pages_out[i] != CAUSEWAY_NO_PAGE;
	}
	spin_unlock_irqrestore(&mem->lock, flags);

	if (taken) {
		refcount_add(taken, &account->ref);
		atomic_long_add(taken, &account->resident);
	}
	return taken;
}

/**
 * causeway_devmem_unalloc - give a page back that was not used
 * @mem: its memory
 * @account: who paid
 * @page: its number
 */
void causeway_devmem_unalloc(struct causeway_devmem *mem, struct causeway_account *account,
			     u32 page)
{
	unsigned long flags;

	spin_lock_irqsave(&mem->lock, flags);
	bank_give(mem, page);
	spin_unlock_irqrestore(&mem->lock, flags);
	atomic_long_dec(&account->resident);
	causeway_account_put(account);
}

/**
 * causeway_devmem_page - make a struct page of a number
 * @mem: its memory
 * @page: from causeway_devmem_alloc()
 *
 * Return: the page, locked, with one reference; its last put_page() frees it.
 */
struct page *causeway_devmem_page(struct causeway_devmem *mem, u32 page)
{
	struct page *p = pfn_to_page(mem->first_pfn + page);

	zone_device_page_init(p);
	return p;
}

static void page_free(struct page *page)
{
	struct causeway_devmem *mem = causeway_devmem_of(page);

	causeway_devmem_unalloc(mem, causeway_page_account(page), page_index_of(mem, page));
}

/**
 * causeway_devmem_touch_bank - the device has just used pages of a bank
 * @mem: may be NULL
 * @hint: its number, plus 1; 0 and what is too large: none
 *
 * It becomes the last to be evicted.
 */
void causeway_devmem_touch_bank(struct causeway_devmem *mem, u32 hint)
{
	struct causeway_bank *bank;
	unsigned long flags;

	if (!mem || !mem->banks || hint - 1 >= mem->bank_count)
		return;
	bank = &mem->banks[hint - 1];
	spin_lock_irqsave(&mem->lock, flags);
	if (bank->used)
		list_move_tail(&bank->lru, &mem->lru);
	spin_unlock_irqrestore(&mem->lock, flags);
}

/**
 * causeway_devmem_touch - the device has just used a page
 * @page: any page, held
 *
 * Its bank becomes the last to be evicted.
 */
void causeway_devmem_touch(struct page *page)
{
	struct causeway_devmem *mem = causeway_devmem_of(page);

	if (mem && mem->banks)
		causeway_devmem_touch_bank(mem, page_index_of(mem, page) / CAUSEWAY_BANK_PAGES + 1);
}

/* ---- victims ----------------------------------------------------------- */

/**
 * causeway_devmem_victim - choose the bank to be emptied
 * @mem: private or coherent form
 *
 * The bank is the caller's until causeway_devmem_victim_done().
 *
 * Return: its number, CAUSEWAY_NO_PAGE if there is none.
 */
u32 causeway_devmem_victim(struct causeway_devmem *mem)
{
	struct causeway_bank *bank;
	u32 victim = CAUSEWAY_NO_PAGE;
	unsigned long flags;

	spin_lock_irqsave(&mem->lock, flags);
	list_for_each_entry(bank, &mem->lru, lru) {
		if (bank->evicting)
			continue;
		bank->evicting = true;
		bank_settle(mem, bank);
		victim = bank - mem->banks;
		break;
	}
	spin_unlock_irqrestore(&mem->lock, flags);
	return victim;
}

/**
 * causeway_devmem_victim_done - the bank may be used again
 * @mem: its memory
 * @bank: its number
 *
 * What could not be moved is used by somebody: it goes to the end of the order.
 *
 * Return: pages that are free in it.
 */
unsigned int causeway_devmem_victim_done(struct causeway_devmem *mem, u32 bank)
{
	struct causeway_bank *b = &mem->banks[bank];
	unsigned long flags;
	unsigned int room;

	spin_lock_irqsave(&mem->lock, flags);
	b->evicting = false;
	bank_settle(mem, b);
	if (b->used)
		list_move_tail(&b->lru, &mem->lru);
	room = CAUSEWAY_BANK_PAGES - b->used;
	spin_unlock_irqrestore(&mem->lock, flags);
	return room;
}

/**
 * causeway_devmem_bank_holds - is a page of a bank in use by somebody?
 * @mem: private or coherent form
 * @bank: its number
 * @account: by whom; NULL: by anybody
 */
bool causeway_devmem_bank_holds(struct causeway_devmem *mem, u32 bank,
				const struct causeway_account *account)
{
	const struct page *pages = pfn_to_page(mem->first_pfn + bank * CAUSEWAY_BANK_PAGES);
	struct causeway_bank *b = &mem->banks[bank];
	unsigned long flags;
	bool holds = false;
	unsigned int i;

	spin_lock_irqsave(&mem->lock, flags);
	for_each_set_bit(i, b->map, CAUSEWAY_BANK_PAGES) {
		holds = !account || causeway_page_account(&pages[i]) == account;
		if (holds)
			break;
	}
	spin_unlock_irqrestore(&mem->lock, flags);
	return holds;
}

/**
 * causeway_devmem_bank_account - for which range a bank is
 * @mem: private or coherent form
 * @bank: its number
 * @address_out: first byte of the range
 *
 * Return: the account that the bank was given to, if one of its pages is
 * still there, with a reference; else NULL.
 */
struct causeway_account *causeway_devmem_bank_account(struct causeway_devmem *mem, u32 bank,
						      unsigned long *address_out)
{
	const struct page *pages = pfn_to_page(mem->first_pfn + bank * CAUSEWAY_BANK_PAGES);
	struct causeway_account *account = NULL;
	struct causeway_bank *b = &mem->banks[bank];
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&mem->lock, flags);
	i = find_first_bit(b->map, CAUSEWAY_BANK_PAGES);
	if (i < CAUSEWAY_BANK_PAGES && causeway_page_account(&pages[i]) == b->account) {
		account = causeway_page_account(&pages[i]);
		refcount_inc(&account->ref);
		*address_out = b->address;
	}
	spin_unlock_irqrestore(&mem->lock, flags);
	return account;
}

/* ---- the whole --------------------------------------------------------- */

static const struct dev_pagemap_ops pagemap_ops = {
	.page_free = page_free,
#ifdef CONFIG_DEVICE_PRIVATE
	.migrate_to_ram = causeway_migrate_to_ram,
#endif
};

/**
 * causeway_devmem_close - nothing is allocated from now on
 * @mem: may be NULL
 */
void causeway_devmem_close(struct causeway_devmem *mem)
{
	unsigned long flags;

	if (!mem)
		return;
	spin_lock_irqsave(&mem->lock, flags);
	mem->closed = true;
	spin_unlock_irqrestore(&mem->lock, flags);
}

/**
 * causeway_devmem_open - undo causeway_devmem_close()
 * @mem: may be NULL
 */
void causeway_devmem_open(struct causeway_devmem *mem)
{
	unsigned long flags;

	if (!mem)
		return;
	spin_lock_irqsave(&mem->lock, flags);
	mem->closed = false;
	spin_unlock_irqrestore(&mem->lock, flags);
}

/**
 * causeway_devmem_used_bytes - how much of it is in use by anybody
 * @mem: may be NULL
 */
u64 causeway_devmem_used_bytes(struct causeway_devmem *mem)
{
	if (!mem)
		return 0;
	if (mem->form == DRM_CAUSEWAY_MEMORY_NODE)
		return (u64)causeway_form_node_used(mem) << PAGE_SHIFT;
	return (u64)READ_ONCE(mem->used) << PAGE_SHIFT;
}

static bool retire(struct causeway_devmem *mem)
{
	if (!causeway_form_fini(mem))
		return false;
	kvfree(mem->banks);
	kfree(mem);
	return true;
}

static void retire_work(struct work_struct *work)
{
	struct causeway_devmem *mem =
		container_of(to_delayed_work(work), struct causeway_devmem, retire);

	causeway_evict_all(mem);
	if (retire(mem))
		module_put(THIS_MODULE);
	else
		queue_delayed_work(causeway_memory_wq, &mem->retire, RETIRE_INTERVAL);
}

/**
 * causeway_devmem_destroy - bring everything home and free the memory
 * @mem: may be NULL
 *
 * Pages that somebody holds for longer (a pipe, direct I/O) keep the memory,
 * and the module, alive until they are let go.
 */
void causeway_devmem_destroy(struct causeway_devmem *mem)
{
	if (!mem)
		return;
	causeway_devmem_close(mem);
	causeway_evict_all(mem);
	mem->device = NULL;
	if (retire(mem))
		return;
	__module_get(THIS_MODULE);
	queue_delayed_work(causeway_memory_wq, &mem->retire, RETIRE_INTERVAL);
}

static int banks_init(struct causeway_devmem *mem)
{
	unsigned int i;

	mem->bank_count = mem->page_count / CAUSEWAY_BANK_PAGES;
	mem->banks = kvcalloc(mem->bank_count, sizeof(*mem->banks), GFP_KERNEL);
	if (!mem->banks)
		return -ENOMEM;
	for (i = 0; i < mem->bank_count; i++) {
		INIT_LIST_HEAD(&mem->banks[i].lru);
		list_add_tail(&mem->banks[i].node, &mem->empty);
	}
	return 0;
}

/**
 * causeway_devmem_create - give a device memory
 * @device: the device
 * @config: what kind and how much
 *
 * Return: the memory, NULL for DRM_CAUSEWAY_MEMORY_NONE, or ERR_PTR: EOPNOTSUPP
 * (a form that this kernel doesn't have), EINVAL (alignment, a range that is
 * not reserved), EBUSY (a range in use), ENOMEM.
 */
struct causeway_devmem *causeway_devmem_create(struct causeway_device *device,
					       const struct causeway_devmem_config *config)
{
	struct causeway_devmem *mem;
	int ret;

	if (config->form == DRM_CAUSEWAY_MEMORY_NONE)
		return NULL;
	if (!config->bytes || !IS_ALIGNED(config->bytes | config->start, CAUSEWAY_BANK_BYTES))
		return ERR_PTR(-EINVAL);
	mem = kzalloc(sizeof(*mem), GFP_KERNEL);
	if (!mem)
		return ERR_PTR(-ENOMEM);
	mem->device = device;
	mem->form = config->form;
	mem->page_count = config->bytes >> PAGE_SHIFT;
	mem->pagemap.ops = &pagemap_ops;
	mem->pagemap.owner = &causeway_owner;
	spin_lock_init(&mem->lock);
	INIT_LIST_HEAD(&mem->empty);
	INIT_LIST_HEAD(&mem->partial);
	INIT_LIST_HEAD(&mem->lru);
	INIT_DELAYED_WORK(&mem->retire, retire_work);

	ret = mem->form == DRM_CAUSEWAY_MEMORY_NODE ? 0 : banks_init(mem);
	if (!ret)
		ret = causeway_form_init(mem, config);
	if (ret) {
		kvfree(mem->banks);
		kfree(mem);
		return ERR_PTR(ret);
	}
	return mem;
}
