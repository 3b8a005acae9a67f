/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a VM has to do with device memory, and what the module sets up for it.
 */
#ifndef CAUSEWAY_MEMORY_H
#define CAUSEWAY_MEMORY_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <uapi/drm/causeway_drm.h>

struct causeway_account;
struct causeway_vm;

/**
 * struct causeway_memory - the part of a VM that is about where its pages lie
 * @vm: the VM
 * @account: its pages in device memory refer to this
 * @link: in the list of all
 * @copies: pages of its device that are copies of its peers', by page; causeway_dup.c
 * @serving: device faults that are being served
 * @served: woken when there are none
 * @home_end: where the last CPU touch stopped bringing pages home; a hint
 * @home_shift: log2 of the bytes it brought; a hint
 * @scan: looks at the accessed bits of the engine's page tables now and then
 * @scan_interval: jiffies until the next time
 * @scan_closed: @scan is not armed any more
 */
struct causeway_memory {
	struct causeway_vm *vm;
	struct causeway_account *account;
	struct list_head link;
	struct xarray copies;
	atomic_t serving;
	wait_queue_head_t served;
	unsigned long home_end;
	unsigned int home_shift;
	struct delayed_work scan;
	unsigned long scan_interval;
	/** @scan_lock: guards @scan_closed against arming @scan; a leaf */
	spinlock_t scan_lock;
	bool scan_closed;
};

/* for work that needs memory to make progress, and for what outlives a device */
extern struct workqueue_struct *causeway_memory_wq;

int causeway_memory_module_init(void);
void causeway_memory_module_exit(void);

int causeway_memory_open(struct causeway_vm *vm);
void causeway_memory_close(struct causeway_vm *vm);
void causeway_memory_free(struct causeway_vm *vm);
void causeway_memory_serve_begin(struct causeway_vm *vm);
void causeway_memory_serve_end(struct causeway_vm *vm);
int causeway_memory_yield(struct causeway_vm *vm);
u64 causeway_memory_resident(struct causeway_vm *vm);
void causeway_memory_report(struct causeway_vm *vm, enum drm_causeway_event_type type,
			    unsigned long start, unsigned long end, unsigned long moved,
			    unsigned long skipped, u64 begin_ns);

#endif
