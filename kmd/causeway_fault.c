// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device faults: the engine touched an address that its page tables don't have.
 */
#include <drm/drm_drv.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/hmm.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/userfaultfd_k.h>

#include "causeway_attr.h"
#include "causeway_compat.h"
#include "causeway_devmem.h"
#include "causeway_dup.h"
#include "causeway_engine.h"
#include "causeway_event.h"
#include "causeway_exclusive.h"
#include "causeway_fault.h"
#include "causeway_memory.h"
#include "causeway_migrate.h"
#include "causeway_policy.h"
#include "causeway_svm.h"
#include "causeway_trace.h"
#include "causeway_vm.h"

/**
 * DOC: faults
 *
 * One fault makes a granule present: 64 KiB around the address, or what advice
 * says, never beyond its chunk, its mapping and the reach of its advice.  Each
 * pass looks the pages up in the owner and enters them in the engine, and
 * starts again if the owner changed anything in between (-EBUSY).
 *
 * The pages of a granule are asked for in one of two ways.  In private anonymous
 * memory all of them are wanted (&hmm_range.default_flags): the device is about
 * to touch them, and they cost nothing but memory.  Elsewhere, only the page that
 * faulted is wanted (&hmm_range.pfn_flags_mask and its own flags); of the others
 * what is present is taken.  To want them would fill holes of files, dirty
 * pages of others and break sharing.  If the first way fails, the second is tried.
 *
 * A fault has no deadline.  It ends early with a signal, by which a reset stops
 * a job; it backs off when passes repeat, so that two devices that pull at the
 * same pages don't hinder each other for ever.
 */

/* Pages of a granule that need no memory but the stack. */
#define STACK_PAGES (1U << (CAUSEWAY_DEFAULT_GRANULE_SHIFT - PAGE_SHIFT))

/* Passes in which a page is tried to be taken exclusively. */
#define MAX_REFUSALS 4

/* Passes before a fault sleeps between two. */
#define EAGER_PASSES 8

/**
 * struct fault - a device fault being served
 * @vm: the VM
 * @engine_mm: whose page tables
 * @addr: page that was touched
 * @write: it was written
 * @alone: want nothing but the page that was touched
 * @bring_home: pages in device memory go home: our own entry doesn't allow the access
 * @writable: a read enters writable what the owner may write: most code writes next
 * @limit_start: of what may be made present: chunk, VMA and advice
 * @limit_end: its end
 * @wide_start: of what was moved in together
 * @wide_end: its end; 0: nothing
 * @exclusive: the page is to be taken away from the CPU
 * @refusals: how often the core did not let us take it
 * @taken: the page, locked, while it is ours
 * @moved: pages were moved in, or it was decided not to: once is enough
 * @reason: why it failed
 * @plan: what to make present
 * @insert: what to enter
 * @pages: pfns of @plan: @stack_pfns or allocated
 * @stack_pfns: room for a granule of the usual size
 */
struct fault {
	struct causeway_vm *vm;
	struct mm_struct *engine_mm;
	unsigned long addr;
	bool write;
	bool alone;
	bool bring_home;
	bool writable;
	unsigned long limit_start;
	unsigned long limit_end;
	unsigned long wide_start;
	unsigned long wide_end;
	bool exclusive;
	unsigned int refusals;
	struct page *taken;
	bool moved;
	enum drm_causeway_reason reason;
	struct causeway_fault_plan plan;
	struct causeway_insert insert;
	unsigned long *pages;
	unsigned long stack_pfns[STACK_PAGES];
};

static int fail(struct fault *fault, int error, enum drm_causeway_reason reason)
{
	fault->reason = reason;
	return error;
}

/* ---- what to make present --------------------------------------------- */

static int check_vma(struct fault *fault, struct vm_area_struct *vma)
{
	if (!vma)
		return fail(fault, -EFAULT, DRM_CAUSEWAY_REASON_UNMAPPED);
	if (vma->vm_flags & (VM_IO | VM_PFNMAP))
		return fail(fault, -EIO, DRM_CAUSEWAY_REASON_SPECIAL);
	if (!(vma->vm_flags & VM_READ) || (fault->write && !(vma->vm_flags & VM_WRITE)))
		return fail(fault, -EPERM, DRM_CAUSEWAY_REASON_PROTECTION);
	return 0;
}

static int check_access(struct fault *fault)
{
	u32 access = fault->plan.attrs.values[DRM_CAUSEWAY_ATTR_ACCESS];

	if (access == DRM_CAUSEWAY_ACCESS_NONE ||
	    (access == DRM_CAUSEWAY_ACCESS_READ && fault->write))
		return fail(fault, -EPERM, DRM_CAUSEWAY_REASON_PROTECTION);
	return 0;
}

/*
 * In private memory nobody but reclaim learns that an entry is writable.  What
 * has to see each write is asked for read-only: duplicates, exclusive access.
 */
static bool may_be_writable(const struct fault *fault, struct vm_area_struct *vma)
{
	const u32 *values = fault->plan.attrs.values;

	return vma_is_anonymous(vma) &&
	       values[DRM_CAUSEWAY_ATTR_ACCESS] == DRM_CAUSEWAY_ACCESS_DEFAULT &&
	       values[DRM_CAUSEWAY_ATTR_ATOMICS] != DRM_CAUSEWAY_ATOMICS_EXCLUSIVE &&
	       !values[DRM_CAUSEWAY_ATTR_READ_MOSTLY];
}

static bool wants_exclusive(const struct fault *fault)
{
	return fault->plan.attrs.values[DRM_CAUSEWAY_ATTR_ATOMICS] ==
	       DRM_CAUSEWAY_ATOMICS_EXCLUSIVE;
}

static unsigned long granule(const struct fault *fault)
{
	u32 shift = fault->plan.attrs.values[DRM_CAUSEWAY_ATTR_GRANULE];

	/* Looking at other pages would take exclusive ones back. */
	if (fault->alone || wants_exclusive(fault))
		return PAGE_SIZE;
	return 1UL << (shift ?: CAUSEWAY_DEFAULT_GRANULE_SHIFT);
}

/* Cuts the chunk to the VMA and the advice, and that to the granule. */
static void plan_range(struct fault *fault, struct vm_area_struct *vma)
{
	struct causeway_fault_plan *plan = &fault->plan;
	struct causeway_chunk *chunk = plan->chunk;
	unsigned long size;
	u32 shift;

	plan->start = max(chunk->start, vma->vm_start);
	plan->end = min(chunk->start + CAUSEWAY_CHUNK_SIZE, vma->vm_end);
	causeway_attr_lookup(fault->vm, fault->addr, &plan->start, &plan->end, &plan->attrs);
	shift = plan->attrs.values[DRM_CAUSEWAY_ATTR_GRANULE];
	fault->exclusive = wants_exclusive(fault) && fault->write && vma_is_anonymous(vma);
	fault->insert.huge = !fault->bring_home && !wants_exclusive(fault) &&
			     (!shift || shift == CAUSEWAY_CHUNK_SHIFT) &&
			     plan->end - plan->start == CAUSEWAY_CHUNK_SIZE;
	fault->limit_start = plan->start;
	fault->limit_end = plan->end;
	fault->writable = may_be_writable(fault, vma);
	size = granule(fault);
	plan->start = max(plan->start, fault->addr & ~(size - 1));
	plan->end = min(plan->end, (fault->addr & ~(size - 1)) + size);
}

/*
 * What moves to the device together is entered together, if it is in one piece, as
 * one entry.  Those of its pages that did not move are not wanted.
 */
static void widen_range(struct fault *fault)
{
	struct causeway_fault_plan *plan = &fault->plan;

	if (fault->alone || fault->wide_start >= fault->wide_end)
		return;
	plan->start = min(plan->start, max(fault->limit_start, fault->wide_start));
	plan->end = max(plan->end, min(fault->limit_end, fault->wide_end));
}

static int make_room(struct fault *fault)
{
	if (fault->plan.end - fault->plan.start <= STACK_PAGES << PAGE_SHIFT ||
	    fault->pages != fault->stack_pfns)
		return 0;
	fault->pages = kmalloc_array(CAUSEWAY_CHUNK_PAGES, sizeof(*fault->pages), GFP_KERNEL);
	if (fault->pages)
		return 0;
	fault->pages = fault->stack_pfns;
	fault->alone = true;
	return -EBUSY;
}

/* ---- looking up ------------------------------------------------------- */

static bool wants_all(const struct fault *fault, struct vm_area_struct *vma)
{
	return !fault->alone && !fault->wide_end && vma_is_anonymous(vma) &&
	       !userfaultfd_armed(vma);
}

static void set_wanted(struct fault *fault, struct vm_area_struct *vma,
		       struct hmm_range *range)
{
	unsigned long flags = HMM_PFN_REQ_FAULT | (fault->write ? HMM_PFN_REQ_WRITE : 0);

	memset(range->hmm_pfns, 0,
	       ((range->end - range->start) >> PAGE_SHIFT) * sizeof(*range->hmm_pfns));
	if (wants_all(fault, vma)) {
		range->default_flags = flags;
	} else {
		range->pfn_flags_mask = HMM_PFN_REQ_FAULT | HMM_PFN_REQ_WRITE;
		range->hmm_pfns[(fault->addr - range->start) >> PAGE_SHIFT] = flags;
	}
}

/* The core says EFAULT whatever the owner's own fault would have said. */
static enum drm_causeway_reason lookup_reason(struct vm_area_struct *vma)
{
	if (userfaultfd_armed(vma))
		return DRM_CAUSEWAY_REASON_SPECIAL;
	return vma_is_anonymous(vma) ? DRM_CAUSEWAY_REASON_NO_MEMORY : DRM_CAUSEWAY_REASON_IO;
}

static int lookup_failed(struct fault *fault, struct vm_area_struct *vma, int error)
{
	if (error == -EBUSY)
		return -EBUSY;
	if (wants_all(fault, vma)) {
		fault->alone = true;
		return -EBUSY;
	}
	return fail(fault, -EIO, lookup_reason(vma));
}

/*
 * Was the access granted?  After a fork, an entry of our own memory is
 * read-only in the owner, and is handed back as it is even for a write: the page
 * has to come home, and the core then breaks the sharing.
 */
static int check_granted(struct fault *fault)
{
	unsigned long pfn = fault->pages[(fault->addr - fault->plan.start) >> PAGE_SHIFT];

	if (pfn & HMM_PFN_VALID && (!fault->write || pfn & HMM_PFN_WRITE))
		return 0;
	if (fault->bring_home)
		return fail(fault, -EPERM, DRM_CAUSEWAY_REASON_PROTECTION);
	fault->bring_home = true;
	fault->alone = true;
	return -EBUSY;
}

static int lookup_pages(struct fault *fault, struct vm_area_struct *vma)
{
	struct hmm_range range = {
		.notifier = &fault->plan.chunk->notifier,
		.start = fault->plan.start,
		.end = fault->plan.end,
		.hmm_pfns = fault->pages,
		.dev_private_owner = fault->bring_home ? NULL : &causeway_owner,
	};
	int ret;

	lockdep_assert_held(&fault->vm->mm->mmap_lock);
	set_wanted(fault, vma, &range);
	range.notifier_seq = mmu_interval_read_begin(range.notifier);
	fault->insert.seq = range.notifier_seq;
	ret = hmm_range_fault(&range);
	return ret ? lookup_failed(fault, vma, ret) : check_granted(fault);
}

/*
 * What is best kept in the device's memory goes there first.  It is tried once: a
 * page that was taken away meanwhile is used where it is.
 */
static void move_in(struct fault *fault, struct vm_area_struct *vma)
{
	struct causeway_fault_plan *plan = &fault->plan;
	struct causeway_move move = { 0 };

	if (fault->moved || fault->bring_home)
		return;
	fault->moved = true;
	causeway_policy_fault(fault->vm, vma, fault->addr, fault->write, plan);
	if (!plan->want_device)
		return;
	move.fill_start = plan->fill_start;
	move.fill_end = plan->fill_end;
	move.peers = plan->attrs.values[DRM_CAUSEWAY_ATTR_LOCATION] ==
		     DRM_CAUSEWAY_LOCATION_DEVICE;
	causeway_migrate_in(fault->vm, vma, plan->move_start, plan->move_end, &move);
	if (plan->move_end - plan->move_start > plan->end - plan->start) {
		fault->wide_start = plan->move_start;
		fault->wide_end = plan->move_end;
	}
}

/* A page that the core won't take is used in place; one that is locked may be free soon. */
static int take_page(struct fault *fault)
{
	int ret;

	/* No CPU can reach it as it is. */
	if (is_device_private_page(hmm_pfn_to_page(fault->pages[0])))
		return 0;
	ret = causeway_exclusive_take(fault->vm, fault->plan.chunk, fault->addr,
				      &fault->insert.seq, &fault->taken);
	if (ret)
		return ret;
	if (fault->taken)
		fault->pages[0] = page_to_pfn(fault->taken) | HMM_PFN_VALID | HMM_PFN_WRITE;
	else if (fault->refusals++ < MAX_REFUSALS)
		return -EBUSY;
	return 0;
}

static int lookup_locked(struct fault *fault)
{
	struct vm_area_struct *vma = vma_lookup(fault->vm->mm, fault->addr);
	int ret;

	ret = check_vma(fault, vma);
	if (ret)
		return ret;
	plan_range(fault, vma);
	ret = check_access(fault);
	if (ret)
		return ret;
	move_in(fault, vma);
	widen_range(fault);
	ret = make_room(fault);
	if (!ret)
		ret = lookup_pages(fault, vma);
	if (!ret && fault->exclusive)
		ret = take_page(fault);
	return ret;
}

/* ---- one pass --------------------------------------------------------- */

/* Copies of these pages end before one is written; what is only read may be a copy. */
static bool share_pages(struct fault *fault)
{
	struct causeway_insert *insert = &fault->insert;

	if (insert->write)
		return causeway_dup_write(fault->vm, insert->start, insert->end);
	if (fault->plan.attrs.values[DRM_CAUSEWAY_ATTR_READ_MOSTLY] &&
	    causeway_dup_supported(fault->vm->device))
		causeway_dup_read(fault->vm, insert);
	return false;
}

static int enter_pages(struct fault *fault)
{
	struct causeway_insert *insert = &fault->insert;
	int ret;

	insert->chunk = fault->plan.chunk;
	insert->start = fault->plan.start;
	insert->end = fault->plan.end;
	insert->address = fault->addr;
	insert->pfns = fault->pages;
	insert->write = fault->write || fault->writable;
	insert->nowait = fault->taken;
	if (!fault->taken && share_pages(fault))
		return -EBUSY;
	ret = causeway_svm_insert(fault->vm, fault->engine_mm, insert);
	causeway_exclusive_done(fault->vm, fault->taken, !ret);
	fault->taken = NULL;
	switch (ret) {
	case 0:
		causeway_devmem_touch_bank(fault->vm->device->mem,
					   READ_ONCE(insert->chunk->bank));
		return 0;
	case -ENODEV:
		return fail(fault, ret, DRM_CAUSEWAY_REASON_OWNER_GONE);
	case -ENOMEM:
		return fail(fault, ret, DRM_CAUSEWAY_REASON_NO_MEMORY);
	case -EAGAIN:
		return -EBUSY;
	case -EFAULT:
		/* The engine unmapped it meanwhile; its next touch tells. */
		return 0;
	default:
		return ret;
	}
}

static int serve_pass(struct fault *fault)
{
	struct mm_struct *mm = fault->vm->mm;
	struct causeway_chunk *chunk;
	int ret;

	chunk = causeway_chunk_get(fault->vm, fault->addr);
	if (IS_ERR(chunk)) {
		ret = PTR_ERR(chunk);
		if (ret == -EINTR)
			return ret;
		return fail(fault, ret, ret == -ENOMEM ? DRM_CAUSEWAY_REASON_NO_MEMORY :
							 DRM_CAUSEWAY_REASON_OWNER_GONE);
	}
	fault->plan.chunk = chunk;
	fault->insert.zap_seq = causeway_svm_zap_begin(fault->vm);
	ret = mmap_read_lock_killable(mm);
	if (!ret) {
		ret = lookup_locked(fault);
		mmap_read_unlock(mm);
	}
	if (!ret)
		ret = enter_pages(fault);
	causeway_chunk_put(chunk);
	return ret;
}

/* Between two passes; false if a signal has to be looked at first. */
static bool may_go_on(struct causeway_vm *vm, unsigned int pass, bool user)
{
	if (fatal_signal_pending(current) || (user && signal_pending(current)))
		return false;
	causeway_vm_count(vm, DRM_CAUSEWAY_COUNTER_RETRIES, 1);
	if (pass < EAGER_PASSES)
		cond_resched();
	else
		usleep_range(20, 20 * min(pass, 100U));
	return true;
}

static int serve_passes(struct fault *fault, bool user)
{
	unsigned int pass = 0;
	int ret;

	for (;;) {
		ret = serve_pass(fault);
		if (ret != -EBUSY)
			return ret;
		if (!may_go_on(fault->vm, pass++, user))
			return -EINTR;
	}
}

/**
 * causeway_fault_serve - make an address present in the device's page tables
 * @vm: the VM
 * @engine_mm: address space whose page tables they are; the caller keeps it alive
 * @addr: page to make present
 * @write: for writing
 * @user: a signal that isn't fatal may end it
 * @pages: out: pages entered
 * @reason: out: why it failed
 *
 * Context: may sleep; no mmap_lock held.
 * Return: 0; -EINTR: a signal came first; another error: it can't be, @reason says
 * why (-EFAULT: there is no mapping).
 */
int causeway_fault_serve(struct causeway_vm *vm, struct mm_struct *engine_mm, unsigned long addr,
			 bool write, bool user, unsigned int *pages,
			 enum drm_causeway_reason *reason)
{
	struct fault fault;
	int idx, ret;

	fault.vm = vm;
	fault.engine_mm = engine_mm;
	fault.addr = addr;
	fault.write = write;
	fault.alone = false;
	fault.bring_home = false;
	fault.moved = false;
	fault.reason = DRM_CAUSEWAY_REASON_NONE;
	fault.pages = fault.stack_pfns;
	fault.taken = NULL;
	fault.refusals = 0;
	fault.wide_start = 0;
	fault.wide_end = 0;
	fault.insert.inserted = 0;

	if (!drm_dev_enter(&vm->device->drm, &idx)) {
		*reason = DRM_CAUSEWAY_REASON_DEVICE_OFF;
		return -ENODEV;
	}
	if (mmget_not_zero(vm->mm)) {
		causeway_memory_serve_begin(vm);
		ret = serve_passes(&fault, user);
		causeway_memory_serve_end(vm);
		mmput_async(vm->mm);
	} else {
		ret = fail(&fault, -ESRCH, DRM_CAUSEWAY_REASON_OWNER_GONE);
	}
	drm_dev_exit(idx);
	if (fault.pages != fault.stack_pfns)
		kfree(fault.pages);
	*pages = fault.insert.inserted;
	*reason = ret ? fault.reason : DRM_CAUSEWAY_REASON_NONE;
	return ret;
}

/* ---- the engine's mapping ---------------------------------------------- */

/**
 * struct fault_record - what is told of a fault
 * @start_ns: when it began
 * @duration_ns: how long it took
 * @addr: to the byte
 * @write: it was a write
 * @pages: entered
 * @reason: 0 if it was served
 */
struct fault_record {
	u64 start_ns;
	u64 duration_ns;
	unsigned long addr;
	bool write;
	unsigned int pages;
	enum drm_causeway_reason reason;
};

static void tell_event(struct causeway_vm *vm, const struct fault_record *record)
{
	struct drm_causeway_event event = {
		.type = DRM_CAUSEWAY_EVENT_FAULT,
		.access = record->write ? DRM_CAUSEWAY_EVENT_WRITE : DRM_CAUSEWAY_EVENT_READ,
		.time_ns = record->start_ns,
		.duration_ns = record->duration_ns,
		.address = record->addr,
		.length = (u64)record->pages << PAGE_SHIFT,
		.pages = record->pages,
	};

	event.command_id = causeway_engine_command(vm, &event.queue_id);
	causeway_event_emit(vm, &event);
}

static void tell(struct causeway_vm *vm, const struct fault_record *record)
{
	causeway_vm_count(vm, DRM_CAUSEWAY_COUNTER_FAULTS, 1);
	causeway_vm_count(vm, DRM_CAUSEWAY_COUNTER_FAULT_NS, record->duration_ns);
	if (trace_causeway_fault_enabled()) {
		u32 queue_id;

		trace_causeway_fault(vm->device->instance, causeway_engine_command(vm, &queue_id),
				     record->addr, record->write, record->pages,
				     record->duration_ns, record->reason);
	}
	if (!record->reason && causeway_event_wanted(vm, DRM_CAUSEWAY_EVENT_FAULT))
		tell_event(vm, record);
	if (record->reason) {
		causeway_vm_count(vm, DRM_CAUSEWAY_COUNTER_FAULTS_FAILED, 1);
		causeway_engine_fault_failed(vm, record->addr,
					     record->write ? DRM_CAUSEWAY_EVENT_WRITE :
							     DRM_CAUSEWAY_EVENT_READ,
					     record->reason);
	}
}

/*
 * Called with the engine's mmap_lock for reading, which is let go of: no other
 * mmap_lock is taken under it.
 */
static vm_fault_t vm_fault(struct vm_fault *vmf)
{
	struct mm_struct *engine_mm = vmf->vma->vm_mm;
	struct causeway_vm *vm = causeway_vm_get(vmf->vma->vm_private_data);
	struct fault_record record = {
		.start_ns = ktime_get_ns(),
		.addr = vmf->real_address,
		.write = vmf->flags & FAULT_FLAG_WRITE,
	};
	bool user = vmf->flags & FAULT_FLAG_USER;
	int ret;

	mmap_read_unlock(engine_mm);
	ret = causeway_fault_serve(vm, engine_mm, record.addr & PAGE_MASK, record.write, user,
				   &record.pages, &record.reason);
	record.duration_ns = ktime_get_ns() - record.start_ns;
	tell(vm, &record);
	causeway_vm_put(vm);
	if (!ret)
		return VM_FAULT_COMPLETED | VM_FAULT_NOPAGE;
	/* NOPAGE is for pfn_mkwrite: else the core would go on as if the lock were held. */
	if (ret == -EINTR)
		return VM_FAULT_RETRY | VM_FAULT_NOPAGE;
	mmap_read_lock(engine_mm);
	return ret == -EFAULT ? VM_FAULT_SIGSEGV : VM_FAULT_SIGBUS;
}

/*
 * The core calls without leave to let the mmap_lock go where it wants a page
 * itself (futex and the like): that isn't possible here.
 */
static vm_fault_t causeway_fault(struct vm_fault *vmf)
{
	if (!(vmf->flags & FAULT_FLAG_ALLOW_RETRY))
		return VM_FAULT_SIGBUS;
	if (vmf->flags & FAULT_FLAG_RETRY_NOWAIT)
		return VM_FAULT_RETRY | VM_FAULT_NOPAGE;
	return vm_fault(vmf);
}

static int causeway_mremap(struct vm_area_struct *vma)
{
	return -EINVAL;
}

static void causeway_unmapped(struct vm_area_struct *vma)
{
	causeway_engine_unmapped(vma->vm_private_data, vma->vm_mm);
}

/* Without pfn_mkwrite, the core makes read-only entries writable by itself. */
const struct vm_operations_struct causeway_vm_ops = {
	.fault = causeway_fault,
	.pfn_mkwrite = causeway_fault,
	.mremap = causeway_mremap,
	.close = causeway_unmapped,
};
