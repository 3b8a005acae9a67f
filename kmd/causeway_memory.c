// SPDX-License-Identifier: GPL-2.0-only
#include <linux/ktime.h>
#include <linux/slab.h>

#include "causeway_access.h"
#include "causeway_account.h"
#include "causeway_batch.h"
#include "causeway_copy.h"
#include "causeway_device.h"
#include "causeway_devmem.h"
#include "causeway_dup.h"
#include "causeway_engine.h"
#include "causeway_event.h"
#include "causeway_evict.h"
#include "causeway_memory.h"
#include "causeway_trace.h"
#include "causeway_vm.h"

/* how long one that moves pages gives way to device faults, before each few batches */
#define YIELD_MS 20

struct workqueue_struct *causeway_memory_wq;

/**
 * causeway_memory_module_init - before the first device
 *
 * Return: 0 or -ENOMEM.
 */
int causeway_memory_module_init(void)
{
	int ret;

	causeway_memory_wq = alloc_workqueue("causeway-memory", WQ_UNBOUND, 0);
	if (!causeway_memory_wq)
		return -ENOMEM;
	ret = causeway_copy_module_init();
	if (ret)
		goto fail_wq;
	ret = causeway_batch_module_init();
	if (ret)
		goto fail_copy;
	return 0;

fail_copy:
	causeway_copy_module_exit();
fail_wq:
	destroy_workqueue(causeway_memory_wq);
	return ret;
}

/**
 * causeway_memory_module_exit - after the last device
 */
void causeway_memory_module_exit(void)
{
	destroy_workqueue(causeway_memory_wq);
	causeway_batch_module_exit();
	causeway_copy_module_exit();
}

/**
 * causeway_memory_open - the part of a new VM that is about where its pages lie
 * @vm: the VM
 *
 * Return: 0 or -ENOMEM.
 */
int causeway_memory_open(struct causeway_vm *vm)
{
	struct causeway_memory *memory = kzalloc(sizeof(*memory), GFP_KERNEL_ACCOUNT);

	if (!memory)
		return -ENOMEM;
	memory->account = causeway_account_create(vm);
	if (!memory->account) {
		kfree(memory);
		return -ENOMEM;
	}
	memory->vm = vm;
	init_waitqueue_head(&memory->served);
	causeway_access_init(memory);
	vm->memory = memory;
	causeway_dup_open(memory);
	return 0;
}

/**
 * causeway_memory_close - bring the VM's pages home
 * @vm: no fault of it is served any more
 *
 * Context: may sleep; no mmap_lock; the device has its memory still.
 */
void causeway_memory_close(struct causeway_vm *vm)
{
	struct causeway_memory *memory = vm->memory;

	if (!memory)
		return;
	causeway_access_finish(memory);
	causeway_dup_close(memory);
	causeway_evict_account(vm->device->mem, memory->account);
	causeway_account_close(memory->account);
}

/**
 * causeway_memory_free - forget it
 * @vm: closed; nobody has a reference to it
 */
void causeway_memory_free(struct causeway_vm *vm)
{
	if (!vm->memory)
		return;
	causeway_dup_close(vm->memory);
	causeway_account_put(vm->memory->account);
	kfree(vm->memory);
}

/**
 * causeway_memory_serve_begin - a device fault is being served
 * @vm: the VM
 *
 * A fault can't end while pages of its chunk are on the move: each batch
 * invalidates what it has looked up, and those of several threads overlap.  So
 * those who move pages on request give way to it for a while.  It is a courtesy
 * and no lock: a fault may wait for the very thread that moves (userfaultfd).
 */
void causeway_memory_serve_begin(struct causeway_vm *vm)
{
	atomic_inc(&vm->memory->serving);
}

/**
 * causeway_memory_serve_end - it has been served, or not
 * @vm: the VM
 */
void causeway_memory_serve_end(struct causeway_vm *vm)
{
	if (atomic_dec_and_test(&vm->memory->serving))
		wake_up_all(&vm->memory->served);
}

/**
 * causeway_memory_yield - let device faults end before pages are moved
 * @vm: the VM
 *
 * Context: may sleep; no lock held.
 *
 * Return: 0 or -EINTR.
 */
int causeway_memory_yield(struct causeway_vm *vm)
{
	struct causeway_memory *memory = vm->memory;
	long left;

	left = wait_event_killable_timeout(memory->served, !atomic_read(&memory->serving),
					   msecs_to_jiffies(YIELD_MS));
	return left < 0 ? -EINTR : 0;
}

/**
 * causeway_memory_resident - DRM_CAUSEWAY_COUNTER_RESIDENT
 * @vm: not closed
 *
 * Return: pages of the VM in its device's memory.
 */
u64 causeway_memory_resident(struct causeway_vm *vm)
{
	return vm->memory ? atomic_long_read(&vm->memory->account->resident) : 0;
}

/**
 * causeway_memory_report - tell event files and traces of a batch
 * @vm: the VM
 * @type: DRM_CAUSEWAY_EVENT_MIGRATE_IN, _MIGRATE_OUT or _EVICT
 * @start: first byte
 * @end: first byte beyond
 * @moved: pages
 * @skipped: pages that were to move and didn't
 * @begin_ns: when it began
 *
 * Context: any that can take a spinlock.
 */
void causeway_memory_report(struct causeway_vm *vm, enum drm_causeway_event_type type,
			    unsigned long start, unsigned long end, unsigned long moved,
			    unsigned long skipped, u64 begin_ns)
{
	struct drm_causeway_event event = {
		.type = type,
		.time_ns = begin_ns,
		.duration_ns = ktime_get_ns() - begin_ns,
		.address = start,
		.length = end - start,
		.pages = moved,
	};

	if (!moved && !skipped)
		return;
	event.command_id = causeway_engine_command(vm, &event.queue_id);
	if (type != DRM_CAUSEWAY_EVENT_EVICT)
		trace_causeway_migrate(vm->device->instance, event.command_id, start, end,
				       type == DRM_CAUSEWAY_EVENT_MIGRATE_IN, moved, skipped,
				       event.duration_ns);
	if (moved && causeway_event_wanted(vm, type))
		causeway_event_emit(vm, &event);
}
