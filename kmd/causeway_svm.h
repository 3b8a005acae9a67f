/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CAUSEWAY_SVM_H
#define CAUSEWAY_SVM_H

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/pgtable.h>
#include <linux/refcount.h>
#include <linux/types.h>

struct causeway_vm;

/* What one interval notifier watches: what one entry of the level above maps. */
#define CAUSEWAY_CHUNK_SHIFT PMD_SHIFT
#define CAUSEWAY_CHUNK_SIZE  BIT(CAUSEWAY_CHUNK_SHIFT)
#define CAUSEWAY_CHUNK_MASK  (~(CAUSEWAY_CHUNK_SIZE - 1))
#define CAUSEWAY_CHUNK_PAGES (1U << (CAUSEWAY_CHUNK_SHIFT - PAGE_SHIFT))

/* What one access counter and one decision of the policy stand for: 64 KiB. */
#define CAUSEWAY_BLOCK_SHIFT  16
#define CAUSEWAY_BLOCK_SIZE   BIT(CAUSEWAY_BLOCK_SHIFT)
#define CAUSEWAY_BLOCK_PAGES  (1U << (CAUSEWAY_BLOCK_SHIFT - PAGE_SHIFT))
#define CAUSEWAY_CHUNK_BLOCKS (1U << (CAUSEWAY_CHUNK_SHIFT - CAUSEWAY_BLOCK_SHIFT))

/**
 * struct causeway_block - what the policy remembers of 64 KiB
 *
 * Hints: written with WRITE_ONCE() by whoever sees something, without a lock.
 */
struct causeway_block {
	/** @access: how often the device was seen to use it */
	atomic_t access;

	/** @bounces: times it came home soon after it had moved in */
	unsigned int bounces;

	/** @moved: jiffies of the last move in; 0: none */
	unsigned long moved;

	/** @pinned_until: jiffies until which it stays in system memory; 0: it may move */
	unsigned long pinned_until;
};

/**
 * struct causeway_chunk - 2 MiB of the owner's address space that the device has touched
 *
 * Made by the first fault in it, reaped when all of it was unmapped.
 */
struct causeway_chunk {
	/** @notifier: watches [start, start + CAUSEWAY_CHUNK_SIZE) of the owner */
	struct mmu_interval_notifier notifier;

	/** @vm: the VM, which outlives its chunks */
	struct causeway_vm *vm;

	/** @start: first byte */
	unsigned long start;

	/** @ref: one for being in &causeway_vm.chunks, one for each user */
	refcount_t ref;

	/** @dead: @notifier may be gone; guarded by &causeway_vm.pt_lock */
	bool dead;

	/** @huge: the device has it as one entry of 2 MiB; guarded by &causeway_vm.pt_lock */
	bool huge;

	/**
	 * @touched: pages that may be in the device's page tables; guarded by
	 * &causeway_vm.pt_lock.  A set bit without an entry is harmless, an entry without its
	 * bit is not
	 */
	DECLARE_BITMAP(touched, CAUSEWAY_CHUNK_PAGES);

	/** @bank: number of the bank of device memory that holds its pages, plus 1; a hint */
	u32 bank;

	/** @blocks: the policy's memory */
	struct causeway_block blocks[CAUSEWAY_CHUNK_BLOCKS];

	/** @reap_link: in &causeway_vm.reap_list */
	struct list_head reap_link;

	/** @rcu: frees it; xarray readers look at @ref */
	struct rcu_head rcu;
};

/**
 * struct causeway_insert - pages to be entered into the device's page tables
 */
struct causeway_insert {
	/** @chunk: that [start, end) lies in; the caller holds a reference */
	struct causeway_chunk *chunk;

	/** @seq: of mmu_interval_read_begin(&chunk->notifier), before @pfns were looked up */
	unsigned long seq;

	/** @zap_seq: of causeway_svm_zap_begin(), before @pfns were looked up */
	unsigned long zap_seq;

	/** @start: first byte */
	unsigned long start;

	/** @end: first byte beyond */
	unsigned long end;

	/** @address: page that has to be entered; the others are welcome */
	unsigned long address;

	/** @pfns: HMM_PFN_* of each page from @start; entries without HMM_PFN_VALID are left out */
	unsigned long *pfns;

	/** @write: enter those writable that have HMM_PFN_WRITE; else all read-only */
	bool write;

	/** @huge: one entry of 2 MiB may be used if the owner has one */
	bool huge;

	/** @nowait: give up (-EAGAIN) if the engine's mmap_lock is taken */
	bool nowait;

	/** @inserted: out: pages entered or found entered */
	unsigned int inserted;
};

struct causeway_chunk *causeway_chunk_get(struct causeway_vm *vm, unsigned long addr);
struct causeway_chunk *causeway_chunk_find(struct causeway_vm *vm, unsigned long addr);
void causeway_chunk_put(struct causeway_chunk *chunk);

static inline struct causeway_block *causeway_chunk_block(struct causeway_chunk *chunk,
							  unsigned long addr)
{
	return &chunk->blocks[(addr & ~CAUSEWAY_CHUNK_MASK) >> CAUSEWAY_BLOCK_SHIFT];
}

unsigned long causeway_svm_zap_begin(struct causeway_vm *vm);
int causeway_svm_insert(struct causeway_vm *vm, struct mm_struct *engine_mm,
			struct causeway_insert *insert);
void causeway_svm_zap(struct causeway_vm *vm, unsigned long start, unsigned long end);
int causeway_svm_snapshot(struct causeway_vm *vm, unsigned long start, unsigned long end,
			  unsigned long *pfns);
void causeway_svm_touched(struct causeway_vm *vm, unsigned long start, unsigned long end,
			  unsigned long *bitmap);
void causeway_svm_test_young(struct causeway_vm *vm, unsigned long start, unsigned long end,
			     unsigned long *bitmap);

void causeway_svm_init(struct causeway_vm *vm);
void causeway_svm_close(struct causeway_vm *vm);

#endif
