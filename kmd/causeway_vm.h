/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CAUSEWAY_VM_H
#define CAUSEWAY_VM_H

#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <uapi/drm/causeway_drm.h>

#include "causeway_attr.h"
#include "causeway_device.h"
#include "causeway_event.h"

struct causeway_engine;
struct causeway_file;
struct causeway_memory;

/**
 * DOC: VM
 *
 * A VM joins two address spaces: that of the *owner*, the process which made
 * it, and that of the *engine*, the process whose page tables are the device's.
 * The engine maps all addresses but a window of its own from a file of the VM,
 * at an offset equal to the address.  That mapping (VM_PFNMAP, no struct pages,
 * no exec, no mremap, not inherited by fork) is the device's page table: its
 * entries are a cache of what the owner has at the same address, entered by
 * faults (causeway_fault.c) and removed by notifiers (causeway_svm.c) before a
 * change in the owner takes effect.
 *
 * The owner's mm is bound by mmgrab(); each use takes mmget_not_zero() and
 * fails once the owner has exited or called execve().  A child of fork() has
 * another mm and never sees the device.
 */

/**
 * DOC: locking
 *
 * From the outside in; a lock may be taken while holding those above it:
 *
 * 1. causeway_device.online_lock
 * 2. causeway_vm.close_lock, then causeway_device.vms_lock
 * 3. causeway_vm.chunk_lock: makes and reaps chunks.  The first notifier of an
 *    mm takes its mmap_lock for writing, so no mmap_lock is held here.
 * 4. mmap_lock of the owner, or mmap_lock of the engine.  Never both: a
 *    reclaim or a fault in one would wait for a writer of the other.
 * 5. the notifiers' sections, mmu_interval_read_begin()
 * 6. causeway_vm.pt_lock
 * 7. PTE lock of the engine; causeway_attrs.lock; spinlocks of device memory;
 *    the locks of jobs (causeway_engine.h)
 *
 * Beside it, after a notifier began and never under pt_lock:
 * causeway_vm.mapping.i_mmap_rwsem.  It has a class of its own, because the
 * truncation of a file holds that of the file when it calls us.
 *
 * pt_lock covers exactly two things against each other: {is the sequence still
 * valid; write entries; set their touched bits} in causeway_svm_insert(), and
 * {mmu_interval_set_seq()} in the invalidation, which clears the touched bits under
 * it once the entries are gone: not before, or a second invalidation of the same
 * pages would find nothing to wait for.  Nothing is
 * allocated and no entry is removed under it; page-table pages are there before
 * it is taken.  Reclaim calls notifiers, so whoever allocated under pt_lock
 * could wait for itself.
 *
 * The invalidation removes entries after it let go of pt_lock: an insertion
 * with an old sequence fails from then on, one with a new sequence can't begin
 * before the invalidation's end.  It removes them with unmap_mapping_range() on
 * the VM's own address_space, because zap_vma_ptes() needs the engine's
 * mmap_lock, which may be held by a fault that waits for this very
 * invalidation.  That opens a notifier section on the engine's mm inside one on
 * the owner's.  lockdep has one map for all sections, so it is off meanwhile;
 * that is sound because no notifier of an engine's mm takes a lock of ours: an
 * engine can't make a VM, nor an owner map one.
 *
 * An invalidation that may not block takes pt_lock only if it is free and
 * succeeds only if nothing is mapped.
 *
 * Device work may wait for reclaim, so nothing here signals a dma_fence.
 */

/**
 * DOC: partial unmap
 *
 * Chunks, advice and memory are independent of each other, so that a hole
 * anywhere needs no rule beyond "forget what lies in it":
 *
 * - *Entries*: an invalidation removes those in its range and their touched
 *   bits.  A 2 MiB entry goes as a whole, whatever part of it is invalidated;
 *   the next fault enters what is left by pages.
 * - *Chunks* are aligned pieces of the address space, not of mappings, and have
 *   no size to be cut.  One that is unmapped as a whole is put on the reap
 *   list; a worker removes it if nobody used it meanwhile.  It is marked dead
 *   under pt_lock first, which makes insertions through it fail as if it had
 *   been invalidated.
 * - *Advice* is cut at the page: the range loses what was unmapped and may
 *   become two.  The second piece comes from a reserve, because a notifier
 *   can't wait for memory.  In-place changes (migration, MADV_DONTNEED,
 *   mprotect, fork, truncation) leave it alone.
 * - *Device memory* belongs to the pages of the owner.  Unmapping frees it
 *   through the core, page by page; what stays mapped stays where it is.
 */

/**
 * struct causeway_vm - mirror of one address space on one device
 */
struct causeway_vm {
	/** @ref: the client's table, the engine file, queues, event files, work */
	struct kref ref;

	/** @device: of the node; holds a drm_dev_get() */
	struct causeway_device *device;

	/** @device_link: in &causeway_device.vms, until closed */
	struct list_head device_link;

	/** @mm: the owner, mmgrab(); never NULL */
	struct mm_struct *mm;

	/** @owner_link: in the list of bound address spaces, until closed */
	struct list_head owner_link;

	/** @notifier: of the whole owner: drops advice at unmap, learns of its exit */
	struct mmu_notifier notifier;

	/** @window_start: first byte of the part that is not mirrored */
	u64 window_start;

	/** @window_end: first byte beyond */
	u64 window_end;

	/** @mapping: of the engine file; offset is the address */
	struct address_space mapping;

	/** @pt_lock: see DOC: locking */
	struct mutex pt_lock;

	/** @zap_seq: counts causeway_svm_zap(); guarded by @pt_lock, read by READ_ONCE() */
	unsigned long zap_seq;

	/** @chunks: by address >> CAUSEWAY_CHUNK_SHIFT; written under @chunk_lock */
	struct xarray chunks;

	/** @chunk_lock: serializes making and reaping of chunks */
	struct mutex chunk_lock;

	/** @reap_lock: guards @reap_list; a leaf; taken in notifiers */
	spinlock_t reap_lock;

	/** @reap_list: chunks that were unmapped as a whole */
	struct list_head reap_list;

	/** @reap_work: looks at @reap_list; flushed when the VM is closed */
	struct work_struct reap_work;

	/** @attrs: advice */
	struct causeway_attrs attrs;

	/** @counters: by enum drm_causeway_counter; causeway_vm_count() */
	atomic64_t counters[DRM_CAUSEWAY_COUNTER_COUNT];

	/** @owner_gone: the owner exited or called execve(); set once, READ_ONCE() */
	bool owner_gone;

	/** @gone_work: ends the engine after that; flushed when the VM is closed */
	struct work_struct gone_work;

	/** @close_lock: held while the VM is being closed; outside all but online_lock */
	struct mutex close_lock;

	/** @close_done: guarded by @close_lock */
	bool close_done;

	/** @closed: no fault is served any more; set once under @pt_lock */
	bool closed;

	/** @engine: the process that attaches, its queues and jobs; made and freed with the VM */
	struct causeway_engine *engine;

	/** @events: event files */
	struct causeway_events events;

	/** @memory: where its pages lie */
	struct causeway_memory *memory;
};

static inline void causeway_vm_count(struct causeway_vm *vm, enum drm_causeway_counter counter,
				     s64 n)
{
	atomic64_add(n, &vm->counters[counter]);
}

static inline struct causeway_vm *causeway_vm_get(struct causeway_vm *vm)
{
	kref_get(&vm->ref);
	return vm;
}

void causeway_vm_put(struct causeway_vm *vm);
struct causeway_vm *causeway_vm_lookup(struct causeway_file *file, u32 id);
void causeway_vm_close(struct causeway_vm *vm);
void causeway_vm_close_all(struct causeway_file *file);
struct causeway_vm *causeway_vm_from_file(struct file *file);
bool causeway_vm_owns_mm(struct mm_struct *mm);

int causeway_vm_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int causeway_vm_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#endif
