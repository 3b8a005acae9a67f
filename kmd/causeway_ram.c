// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: a CPU touches a page in private device memory
 *
 * The core calls with a reference to the page and the mmap_lock of whoever
 * touched it: the owner, or a child that it forked.  All that is used here is
 * known from the page.
 *
 * Threads that touch the same page hold a reference each, and one reference too
 * many keeps a page from moving.  So only one may try at a time, the others go
 * back at once, drop theirs and fault again; and that one tries more than once.
 * It must not be a lock that one sleeps on: a sleeper would hold a reference.
 */
#include <linux/delay.h>
#include <linux/hash.h>
#include <linux/ktime.h>
#include <linux/mm.h>

#include "causeway_batch.h"
#include "causeway_memory.h"
#include "causeway_migrate.h"
#include "causeway_policy.h"
#include "causeway_vm.h"

#ifdef CONFIG_DEVICE_PRIVATE

/* a page that another CPU refers to for a moment is worth trying again */
#define HOME_TRIES 32

#define HOMING_SHIFT 8

/* a bit for each page, more or less, that is on its way home */
static DECLARE_BITMAP(homing, 1 << HOMING_SHIFT);

static bool page_is_home(const struct vm_fault *vmf)
{
	pte_t pte = ptep_get_lockless(vmf->pte);

	return !pte_same(pte, vmf->orig_pte);
}

static unsigned int bring_home(struct vm_fault *vmf, struct causeway_batch *batch,
			       unsigned long start, unsigned long end)
{
	struct causeway_move move = {0};
	struct causeway_transfer t = {
		.vma = vmf->vma,
		.mem = causeway_devmem_of(vmf->page),
		.move = &move,
	};

	batch->in = false;
	batch->fault_page = vmf->page;
	if (causeway_batch_begin(batch, &t, start, end))
		return 0;
	return causeway_batch_end(batch, &t);
}

/**
 * causeway_migrate_to_ram - a CPU has touched a page of private device memory
 * @vmf: the fault; page is referenced
 *
 * Neighbours come along, more the longer the CPU goes on in one direction.
 *
 * Context: mmap_lock of vmf->vma's address space for reading.
 *
 * Return: 0 (also if the page couldn't move: the CPU tries again), or
 * VM_FAULT_OOM.
 */
vm_fault_t causeway_migrate_to_ram(struct vm_fault *vmf)
{
	unsigned int bit = hash_long(page_to_pfn(vmf->page), HOMING_SHIFT);
	struct causeway_account *account = causeway_page_account(vmf->page);
	struct causeway_batch *batch;
	unsigned long start, end, home_start, home_end;
	unsigned int moved = 0, tries;
	u64 begin_ns = ktime_get_ns();

	if (test_and_set_bit_lock(bit, homing)) {
		cpu_relax();
		return 0;
	}
	batch = causeway_batch_create();
	if (!batch) {
		clear_bit_unlock(bit, homing);
		return VM_FAULT_OOM;
	}
	causeway_policy_home_range(account, vmf->vma, vmf->address, &home_start, &home_end);
	start = home_start;
	end = home_end;
	for (tries = 0; tries < HOME_TRIES; tries++) {
		moved += bring_home(vmf, batch, start, end);
		if (page_is_home(vmf))
			break;
		start = vmf->address & PAGE_MASK;
		end = start + PAGE_SIZE;
		udelay(1 << min(tries / 4, 5U));
	}
	clear_bit_unlock(bit, homing);
	causeway_policy_moved_home(account, vmf->vma, home_start, home_end, moved, begin_ns);
	causeway_batch_destroy(batch);
	return 0;
}

#endif
