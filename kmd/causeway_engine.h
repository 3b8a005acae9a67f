/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CAUSEWAY_KMD_ENGINE_H
#define CAUSEWAY_KMD_ENGINE_H

#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <uapi/drm/causeway_engine_drm.h>

struct causeway_thread;
struct causeway_vm;
struct mm_struct;
struct pid;

/**
 * DOC: the lock of queues and engines
 *
 * Each VM has one lock for everything that happens to jobs: &causeway_engine.lock.
 * It is a spinlock, taken with interrupts off, because fences call back in
 * interrupts.  In the order of causeway_vm.h it lies beside pt_lock, inside all
 * mutexes and mmap_locks; nothing is allocated, copied to users or freed under
 * it.  From the outside in:
 *
 *   lock of a dma_fence           held by whoever signals it, when it calls us
 *   &causeway_engine.lock
 *   siglock of a task             the stop signal
 *   lock of a wait queue          waiters of WAIT and of shutdown
 *   &causeway_events.lock         records
 *   locks of the workqueue        the watchdog
 *
 * So a fence's callback is added and removed without &causeway_engine.lock, and
 * references that may be the last are dropped without it.
 */

#define CAUSEWAY_ENGINE_PRIORITIES (DRM_CAUSEWAY_PRIORITY_HIGH + 1)

/* Most threads of an engine. */
#define CAUSEWAY_ENGINE_THREADS 256

/**
 * struct causeway_engine - what runs the jobs of a VM
 *
 * Made with the VM and freed with it.  The process that attaches comes and
 * goes: @mm tells whether there is one.
 */
struct causeway_engine {
	/** @vm: that it belongs to */
	struct causeway_vm *vm;

	/** @lock: guards all that follows, and queues, jobs and threads */
	spinlock_t lock;

	/** @mm: of the process that is attached, mmgrab(); NULL: none is */
	struct mm_struct *mm;

	/** @pid: of its thread group, referenced */
	struct pid *pid;

	/** @stop_signal: with which a thread is asked to leave its job */
	u32 stop_signal;

	/** @attached: one was attached at some time */
	bool attached;

	/** @shutdown: the VM ends: threads are sent home, jobs are not taken */
	bool shutdown;

	/** @killed: SIGKILL was sent to the process */
	bool killed;

	/** @lost: that the process is lost was told */
	bool lost;

	/** @kill_ns: when the process is killed if it is still there; 0: never */
	u64 kill_ns;

	/** @threads: &causeway_thread.node by task */
	DECLARE_HASHTABLE(threads, 6);

	/** @thread_count: entries of @threads */
	unsigned int thread_count;

	/** @idle: &causeway_thread.idle_link of those that sleep and were not woken */
	struct list_head idle;

	/** @spinner: thread that looks at @demand before it sleeps, or NULL */
	struct causeway_thread *spinner;

	/** @ready: &causeway_job.ready_link by priority */
	struct list_head ready[CAUSEWAY_ENGINE_PRIORITIES];

	/** @demand: threads that the jobs in @ready still want; also read by READ_ONCE() */
	u64 demand;

	/** @waking: threads that were woken and are not here yet */
	unsigned int waking;

	/** @running: &causeway_job.running_link */
	struct list_head running;

	/** @queues: &causeway_queue.link */
	struct list_head queues;

	/** @queue_count: entries of @queues */
	unsigned int queue_count;

	/** @last_job: &causeway_job.id given out last */
	u64 last_job;

	/** @watchdog: looks after running jobs, dead threads and the end of the process */
	struct delayed_work watchdog;

	/** @watch_ns: when @watchdog runs next; 0: it isn't armed */
	u64 watch_ns;

	/** @drained: those who wait until no job runs or no process is attached */
	wait_queue_head_t drained;
};

int causeway_engine_module_init(void);
void causeway_engine_module_exit(void);
int causeway_engine_create(struct causeway_vm *vm);
void causeway_engine_free(struct causeway_vm *vm);
void causeway_engine_shutdown(struct causeway_vm *vm);

long causeway_engine_ioctl(struct causeway_vm *vm, unsigned int cmd, unsigned long arg);
void causeway_engine_flush(struct causeway_vm *vm);
void causeway_engine_unmapped(struct causeway_vm *vm, struct mm_struct *mm);

struct mm_struct *causeway_engine_mm_get(struct causeway_vm *vm);
u64 causeway_engine_command(struct causeway_vm *vm, u32 *queue_id);
void causeway_engine_fault_failed(struct causeway_vm *vm, u64 addr, u32 access,
				  enum drm_causeway_reason reason);

void causeway_engine_dispatch(struct causeway_engine *engine);
void causeway_engine_spin(const u64 *value, u64 least);
void causeway_engine_watch(struct causeway_engine *engine, u64 at_ns, u64 now_ns);
void causeway_engine_kill(struct causeway_engine *engine, u64 now_ns);

#endif
