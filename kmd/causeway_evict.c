// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: eviction
 *
 * When a batch needs room, the bank that was used longest ago is emptied by the
 * thread that needs it.  The pages are found by their number and unmapped
 * through their reverse mappings (migrate_device_range), so it doesn't matter
 * whose they are, and no mmap_lock is needed: the caller may hold that of
 * another process.
 *
 * The same empties the whole memory when a device goes offline, and all that
 * belonged to a VM when it ends.
 *
 * The core calls the notifiers page by page here.  The bank's range is taken
 * out of the device's page tables before, at once, so that they find nothing.
 */
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/migrate.h>
#include <linux/mm.h>

#include "causeway_account.h"
#include "causeway_batch.h"
#include "causeway_device.h"
#include "causeway_devmem.h"
#include "causeway_dup.h"
#include "causeway_engine.h"
#include "causeway_evict.h"
#include "causeway_memory.h"
#include "causeway_policy.h"
#include "causeway_trace.h"

/* rounds over all banks before evacuation gives up on pages that somebody holds */
#define EVACUATE_ROUNDS	  50
#define EVACUATE_PAUSE_MS 20

static void place(struct causeway_batch *b, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		struct page *page;

		b->dst[i] = 0;
		if (!(b->src[i] & MIGRATE_PFN_MIGRATE))
			continue;
		page = alloc_page(GFP_HIGHUSER_MOVABLE | __GFP_NOWARN);
		if (!page)
			continue;
		if (causeway_page_is_ours(page)) {
			__free_page(page);
			continue;
		}
		__folio_set_locked(page_folio(page));
		b->dst[i] = migrate_pfn(page_to_pfn(page));
		if (b->src[i] & MIGRATE_PFN_WRITE)
			b->dst[i] |= MIGRATE_PFN_WRITE;
	}
}

/* tell each VM how many of its pages went */
static unsigned int count_moved(struct causeway_batch *b, unsigned int count,
				enum drm_causeway_counter counter)
{
	struct causeway_account *last = NULL;
	unsigned int run = 0, moved = 0;
	unsigned int i;

	for (i = 0; i < count; i++) {
		struct causeway_account *account;

		if (!(b->src[i] & MIGRATE_PFN_MIGRATE) || !b->dst[i])
			continue;
		account = causeway_page_account(migrate_pfn_to_page(b->src[i]));
		if (account != last && run) {
			causeway_account_count(last, counter, run);
			run = 0;
		}
		last = account;
		run++;
		moved++;
	}
	if (run)
		causeway_account_count(last, counter, run);
	return moved;
}

static unsigned int empty_bank(struct causeway_devmem *mem, u32 bank, struct causeway_batch *b,
			       enum drm_causeway_counter counter)
{
	unsigned int moved;

	migrate_device_range(b->src, mem->first_pfn + bank * CAUSEWAY_BANK_PAGES,
			     CAUSEWAY_BANK_PAGES);
	place(b, CAUSEWAY_BANK_PAGES);
	causeway_copy_run(b->src, b->dst, CAUSEWAY_BANK_PAGES);
	migrate_device_pages(b->src, b->dst, CAUSEWAY_BANK_PAGES);
	moved = count_moved(b, CAUSEWAY_BANK_PAGES, counter);
	migrate_device_finalize(b->src, b->dst, CAUSEWAY_BANK_PAGES);
	return moved;
}

static void report(struct causeway_devmem *mem, u32 bank, struct causeway_account *account,
		   unsigned long address, unsigned int moved, u64 begin_ns)
{
	struct causeway_vm *vm;
	u64 command = 0;
	u32 queue_id;
	int idx;

	vm = causeway_account_enter(account, &idx);
	if (vm) {
		command = causeway_engine_command(vm, &queue_id);
		causeway_memory_report(vm, DRM_CAUSEWAY_EVENT_EVICT, address,
				       address + CAUSEWAY_BANK_BYTES, moved, 0, begin_ns);
	}
	causeway_account_exit(idx);
	trace_causeway_evict(mem->device->instance, command, bank * CAUSEWAY_BANK_PAGES, moved,
			     ktime_get_ns() - begin_ns);
}

/* a bank with a range is taken out of its device's page tables first */
static unsigned int evict_bank(struct causeway_devmem *mem, u32 bank, struct causeway_batch *b)
{
	struct causeway_account *account;
	u64 begin_ns = ktime_get_ns();
	unsigned long address;
	unsigned int moved;

	account = causeway_devmem_bank_account(mem, bank, &address);
	if (account)
		causeway_policy_evict(account, address);
	moved = empty_bank(mem, bank, b, DRM_CAUSEWAY_COUNTER_EVICTED);
	if (account) {
		report(mem, bank, account, address, moved, begin_ns);
		causeway_account_put(account);
	}
	return moved;
}

/**
 * causeway_evict_one - make room
 * @mem: private or coherent form
 *
 * Context: may sleep and allocate; any mmap_lock may be held, no page lock.
 *
 * Return: whether a page of room was made.
 */
bool causeway_evict_one(struct causeway_devmem *mem)
{
	struct causeway_batch *b = causeway_batch_create();
	unsigned int moved = 0;
	u32 bank;

	if (!b)
		return false;
	bank = causeway_devmem_victim(mem);
	if (bank != CAUSEWAY_NO_PAGE) {
		moved = evict_bank(mem, bank, b);
		causeway_devmem_victim_done(mem, bank);
	}
	causeway_batch_destroy(b);
	return moved;
}

/* once over all banks */
static void evacuate(struct causeway_devmem *mem, const struct causeway_account *account,
		     struct causeway_batch *b)
{
	u32 bank;

	for (bank = 0; bank < mem->bank_count; bank++) {
		if (!causeway_devmem_bank_holds(mem, bank, account))
			continue;
		empty_bank(mem, bank, b, DRM_CAUSEWAY_COUNTER_MIGRATED_OUT);
		cond_resched();
	}
}

static bool is_empty(struct causeway_devmem *mem, const struct causeway_account *account)
{
	return account ? !atomic_long_read(&account->resident) : !READ_ONCE(mem->used);
}

/**
 * causeway_evict_account - bring home what a VM has in device memory
 * @mem: NULL: nothing to do
 * @account: whose; NULL: everybody's
 *
 * Banks that it shares with others are emptied of theirs, too.
 *
 * Context: may sleep; no mmap_lock.
 *
 * Return: false if pages are left that somebody holds.
 */
bool causeway_evict_account(struct causeway_devmem *mem, const struct causeway_account *account)
{
	struct causeway_batch *b;
	unsigned int round;

	if (!mem || !mem->banks)
		return true;
	if (!account)
		causeway_dup_evict(mem);
	for (round = 0; !is_empty(mem, account) && round < EVACUATE_ROUNDS; round++) {
		if (round)
			msleep(EVACUATE_PAUSE_MS);
		b = causeway_batch_create();
		if (!b)
			continue;
		evacuate(mem, account, b);
		causeway_batch_destroy(b);
	}
	return is_empty(mem, account);
}

/**
 * causeway_evict_all - bring everything home
 * @mem: closed, so that nothing comes in behind; NULL: nothing to do
 *
 * Context: may sleep; no mmap_lock.
 *
 * Return: false if pages are left that somebody holds.
 */
bool causeway_evict_all(struct causeway_devmem *mem)
{
	return causeway_evict_account(mem, NULL);
}
