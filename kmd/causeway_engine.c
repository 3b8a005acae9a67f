// SPDX-License-Identifier: GPL-2.0-only
/* The process that attaches to a VM, its watchdog and its end. */
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/sched/clock.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "causeway_drv.h"
#include "causeway_engine.h"
#include "causeway_event.h"
#include "causeway_fault.h"
#include "causeway_job.h"
#include "causeway_queue.h"
#include "causeway_thread.h"
#include "causeway_trace.h"
#include "causeway_vm.h"

static unsigned int exit_grace_ms = 2000;
module_param(exit_grace_ms, uint, 0644);
MODULE_PARM_DESC(exit_grace_ms, "an engine whose VM has ended has this long to exit");

static unsigned int spin_us = 20;
module_param(spin_us, uint, 0644);
MODULE_PARM_DESC(spin_us, "how long threads look for a job, or for its end, before they sleep");

/* How often the watchdog looks when something must happen soon. */
#define WATCH_SOON_NS	 (10 * NSEC_PER_MSEC)
#define WATCH_RUNNING_NS NSEC_PER_SEC

/* Addresses that a process gets without asking for more. */
#define MIRROR_END min_t(u64, CAUSEWAY_VA_END, DEFAULT_MAP_WINDOW)

/* Of watchdogs: one may free the last of a VM, so the module's end waits for them. */
static struct workqueue_struct *workqueue;

/**
 * struct engine_rest - what is to be freed when the lock was dropped
 */
struct engine_rest {
	/** @over: jobs */
	struct list_head over;

	/** @gone: threads */
	struct hlist_head gone;

	/** @mm: address space of a process that has ended, or NULL */
	struct mm_struct *mm;

	/** @pid: and its number, or NULL */
	struct pid *pid;
};

static void rest_init(struct engine_rest *rest)
{
	*rest = (struct engine_rest){};
	INIT_LIST_HEAD(&rest->over);
	INIT_HLIST_HEAD(&rest->gone);
}

/* May drop the last references to the VM. */
static void rest_free(struct engine_rest *rest)
{
	causeway_threads_free(&rest->gone);
	if (rest->mm)
		mmdrop(rest->mm);
	put_pid(rest->pid);
	causeway_jobs_free(&rest->over);
}

/**
 * causeway_engine_dispatch - wake as many threads as the ready jobs want
 * @engine: the engine
 *
 * Those that are on their way and the one that spins are counted.
 *
 * Context: @engine->lock.
 */
void causeway_engine_dispatch(struct causeway_engine *engine)
{
	unsigned int coming = engine->waking + (engine->spinner ? 1 : 0);
	struct causeway_thread *thread;

	lockdep_assert_held(&engine->lock);
	while (engine->demand > coming && !list_empty(&engine->idle)) {
		thread = list_first_entry(&engine->idle, struct causeway_thread, idle_link);
		causeway_thread_wake(engine, thread);
		coming++;
	}
}

/**
 * causeway_engine_spin - look at a number for a moment
 * @value: that somebody else may raise
 * @least: until it has reached this
 *
 * Ends early if another task wants this CPU or a signal is there.  The caller
 * looks again with its lock.
 */
void causeway_engine_spin(const u64 *value, u64 least)
{
	u64 end_ns;

	if (!spin_us || num_online_cpus() == 1)
		return;
	end_ns = local_clock() + (u64)spin_us * NSEC_PER_USEC;
	while (READ_ONCE(*value) < least && !need_resched() && !signal_pending(current) &&
	       local_clock() < end_ns)
		cpu_relax();
}

/**
 * causeway_engine_watch - let the watchdog run at a time, or earlier
 * @engine: the engine
 * @at_ns: when
 * @now_ns: ktime_get_ns()
 *
 * Context: @engine->lock.
 */
void causeway_engine_watch(struct causeway_engine *engine, u64 at_ns, u64 now_ns)
{
	lockdep_assert_held(&engine->lock);
	if (engine->watch_ns && engine->watch_ns <= at_ns)
		return;
	engine->watch_ns = at_ns;
	mod_delayed_work(workqueue, &engine->watchdog,
			 nsecs_to_jiffies(at_ns - min(at_ns, now_ns)) + 1);
}

/**
 * causeway_engine_kill - kill the process that is attached
 * @engine: the engine
 * @now_ns: ktime_get_ns()
 *
 * Its jobs are over when its threads are gone.
 *
 * Context: @engine->lock.
 */
void causeway_engine_kill(struct causeway_engine *engine, u64 now_ns)
{
	lockdep_assert_held(&engine->lock);
	if (!engine->mm || engine->killed)
		return;
	engine->killed = true;
	kill_pid(engine->pid, SIGKILL, 1);
	causeway_engine_watch(engine, now_ns + WATCH_SOON_NS, now_ns);
}

/* Tell it before the first job of the process is over for that reason. */
static void lose(struct causeway_engine *engine, u64 now_ns)
{
	struct drm_causeway_event event = {
		.type = DRM_CAUSEWAY_EVENT_ENGINE_LOST,
		.time_ns = now_ns,
	};

	if (!engine->lost && !engine->shutdown)
		causeway_event_emit(engine->vm, &event);
	engine->lost = true;
}

/* All threads of the process are gone. */
static void detach(struct causeway_engine *engine, struct engine_rest *rest)
{
	struct causeway_queue *queue;

	rest->mm = engine->mm;
	rest->pid = engine->pid;
	engine->mm = NULL;
	engine->pid = NULL;
	engine->kill_ns = 0;
	list_for_each_entry(queue, &engine->queues, link)
		causeway_job_fail_all(engine, queue, DRM_CAUSEWAY_JOB_LOST, &rest->over);
	wake_up_all(&engine->drained);
}

static void reap(struct causeway_engine *engine, u64 now_ns, struct engine_rest *rest)
{
	lockdep_assert_held(&engine->lock);
	if (!engine->mm)
		return;
	if (causeway_threads_lost(engine)) {
		lose(engine, now_ns);
		causeway_engine_kill(engine, now_ns);
	}
	causeway_thread_reap(engine, &rest->gone, now_ns, &rest->over);
	if (!engine->thread_count)
		detach(engine, rest);
	causeway_engine_dispatch(engine);
}

/**
 * causeway_engine_unmapped - a mapping of the VM's file has ended
 * @vm: the VM
 * @mm: whose mapping it was
 *
 * Where a process ends, or calls execve(), this comes after the last of its
 * threads can have run.
 *
 * Context: may sleep; @mm's mmap_lock may be held.
 */
void causeway_engine_unmapped(struct causeway_vm *vm, struct mm_struct *mm)
{
	struct causeway_engine *engine = vm->engine;
	struct engine_rest rest;

	rest_init(&rest);
	spin_lock_irq(&engine->lock);
	if (engine->mm == mm && !atomic_read(&mm->mm_users))
		reap(engine, ktime_get_ns(), &rest);
	spin_unlock_irq(&engine->lock);
	rest_free(&rest);
}

/**
 * causeway_engine_flush - a process has closed the VM's file
 * @vm: the VM
 *
 * An engine that does so can't ask for jobs any more: it is killed.
 */
void causeway_engine_flush(struct causeway_vm *vm)
{
	struct causeway_engine *engine = vm->engine;
	struct engine_rest rest;

	rest_init(&rest);
	spin_lock_irq(&engine->lock);
	if (engine->mm && engine->mm == current->mm)
		causeway_engine_kill(engine, ktime_get_ns());
	reap(engine, ktime_get_ns(), &rest);
	spin_unlock_irq(&engine->lock);
	rest_free(&rest);
}

/* ---- watchdog ---------------------------------------------------------- */

static void timed_out(struct causeway_engine *engine, struct causeway_job *job, u64 now_ns,
		      struct engine_rest *rest)
{
	struct drm_causeway_event event = {
		.type = DRM_CAUSEWAY_EVENT_RESET,
		.reason = DRM_CAUSEWAY_REASON_RESET,
		.queue_id = job->queue->id,
		.command_id = job->command_id,
		.time_ns = job->start_ns,
		.duration_ns = now_ns - min(now_ns, job->start_ns),
	};

	if (job->stopped) {
		causeway_engine_kill(engine, now_ns);
		return;
	}
	causeway_vm_count(engine->vm, DRM_CAUSEWAY_COUNTER_RESETS, 1);
	causeway_event_emit(engine->vm, &event);
	trace_causeway_reset(engine->vm->device->instance, job->command_id, job->queue->id,
			     job->seqno, DRM_CAUSEWAY_JOB_RESET);
	causeway_job_stop(engine, job, DRM_CAUSEWAY_JOB_RESET, now_ns, &rest->over);
}

/* Stop what has run too long; when is the next time to look? */
static u64 look_after_jobs(struct causeway_engine *engine, u64 now_ns, struct engine_rest *rest)
{
	u64 next_ns = list_empty(&engine->running) ? U64_MAX : now_ns + WATCH_RUNNING_NS;
	struct causeway_job *job, *next;

	list_for_each_entry_safe(job, next, &engine->running, running_link) {
		if (job->deadline_ns && now_ns >= job->deadline_ns)
			timed_out(engine, job, now_ns, rest);
		if (job->deadline_ns)
			next_ns = min(next_ns, max(job->deadline_ns, now_ns + WATCH_SOON_NS));
	}
	return next_ns;
}

static void watch(struct work_struct *work)
{
	struct causeway_engine *engine =
		container_of(to_delayed_work(work), struct causeway_engine, watchdog);
	struct engine_rest rest;
	u64 now_ns, next_ns;

	rest_init(&rest);
	spin_lock_irq(&engine->lock);
	now_ns = ktime_get_ns();
	engine->watch_ns = 0;
	reap(engine, now_ns, &rest);
	next_ns = look_after_jobs(engine, now_ns, &rest);
	if (engine->kill_ns && now_ns >= engine->kill_ns)
		causeway_engine_kill(engine, now_ns);
	if (engine->mm && engine->killed)
		next_ns = now_ns + WATCH_SOON_NS;
	else if (engine->kill_ns)
		next_ns = min(next_ns, engine->kill_ns);
	if (next_ns != U64_MAX)
		causeway_engine_watch(engine, next_ns, now_ns);
	spin_unlock_irq(&engine->lock);
	rest_free(&rest);
}

/* ---- life -------------------------------------------------------------- */

/**
 * causeway_engine_module_init - make what all engines share
 *
 * Return: 0 or -ENOMEM.
 */
int causeway_engine_module_init(void)
{
	workqueue = alloc_workqueue("causeway", WQ_UNBOUND, 0);
	return workqueue ? 0 : -ENOMEM;
}

/**
 * causeway_engine_module_exit - free it; there is no VM any more
 */
void causeway_engine_module_exit(void)
{
	destroy_workqueue(workqueue);
}

/**
 * causeway_engine_create - make the engine of a VM; no process is attached
 * @vm: the VM, being made
 *
 * Return: 0 or -ENOMEM.
 */
int causeway_engine_create(struct causeway_vm *vm)
{
	struct causeway_engine *engine = kzalloc(sizeof(*engine), GFP_KERNEL_ACCOUNT);
	unsigned int i;

	if (!engine)
		return -ENOMEM;
	engine->vm = vm;
	spin_lock_init(&engine->lock);
	hash_init(engine->threads);
	INIT_LIST_HEAD(&engine->idle);
	for (i = 0; i < CAUSEWAY_ENGINE_PRIORITIES; i++)
		INIT_LIST_HEAD(&engine->ready[i]);
	INIT_LIST_HEAD(&engine->running);
	INIT_LIST_HEAD(&engine->queues);
	INIT_DELAYED_WORK(&engine->watchdog, watch);
	init_waitqueue_head(&engine->drained);
	vm->engine = engine;
	return 0;
}

/**
 * causeway_engine_free - free the engine of a VM
 * @vm: the VM, of which nobody has a reference; it may have no engine
 *
 * Context: may sleep; also from the watchdog itself, whose jobs had the last
 * references.
 */
void causeway_engine_free(struct causeway_vm *vm)
{
	struct causeway_engine *engine = vm->engine;
	struct causeway_thread *thread;
	struct hlist_node *next;
	HLIST_HEAD(gone);
	int i;

	if (!engine)
		return;
	if (current_work() == &engine->watchdog.work)
		cancel_delayed_work(&engine->watchdog);
	else
		cancel_delayed_work_sync(&engine->watchdog);
	/* An engine that has unmapped and closed all it had is still alive, without a job. */
	hash_for_each_safe(engine->threads, i, next, thread, node) {
		hash_del(&thread->node);
		hlist_add_head(&thread->node, &gone);
	}
	causeway_threads_free(&gone);
	if (engine->mm)
		mmdrop(engine->mm);
	put_pid(engine->pid);
	kfree(engine);
	vm->engine = NULL;
}

static bool is_drained(struct causeway_engine *engine)
{
	bool drained;

	spin_lock_irq(&engine->lock);
	drained = list_empty(&engine->running);
	spin_unlock_irq(&engine->lock);
	return drained;
}

/**
 * causeway_engine_shutdown - end all work of a VM
 * @vm: the VM
 *
 * Jobs end with RESET, queues take no more, threads are sent home; a process
 * that doesn't exit is killed after a while.  Returns when no job runs.
 *
 * Context: may sleep; the caller has a reference; may be called again.
 */
void causeway_engine_shutdown(struct causeway_vm *vm)
{
	struct causeway_engine *engine = vm->engine;
	struct causeway_thread *thread;
	struct causeway_queue *queue;
	struct causeway_job *job;
	struct engine_rest rest;
	u64 now_ns;

	rest_init(&rest);
	spin_lock_irq(&engine->lock);
	now_ns = ktime_get_ns();
	if (engine->mm && !engine->kill_ns) {
		engine->kill_ns = now_ns + (u64)exit_grace_ms * NSEC_PER_MSEC;
		causeway_engine_watch(engine, engine->kill_ns, now_ns);
	}
	engine->shutdown = true;
	list_for_each_entry(queue, &engine->queues, link) {
		queue->dead = true;
		job = list_first_entry_or_null(&queue->jobs, struct causeway_job, queue_link);
		if (job)
			causeway_job_stop(engine, job, DRM_CAUSEWAY_JOB_RESET, now_ns, &rest.over);
	}
	while (!list_empty(&engine->idle)) {
		thread = list_first_entry(&engine->idle, struct causeway_thread, idle_link);
		causeway_thread_wake(engine, thread);
	}
	spin_unlock_irq(&engine->lock);
	rest_free(&rest);
	wait_event(engine->drained, is_drained(engine));
}

/* ---- ioctls ------------------------------------------------------------ */

static bool is_mirrored(struct causeway_vm *vm, u64 start, u64 end)
{
	struct vm_area_struct *vma;

	lockdep_assert_held(&current->mm->mmap_lock);
	if (start >= end)
		return true;
	vma = vma_lookup(current->mm, start);
	return vma && vma->vm_ops == &causeway_vm_ops && vma->vm_private_data == vm &&
	       vma->vm_end >= end;
}

/* Does the calling process see the VM everywhere outside the window? */
static int check_mappings(struct causeway_vm *vm)
{
	bool ok;

	if (mmap_read_lock_killable(current->mm))
		return -EINTR;
	ok = is_mirrored(vm, CAUSEWAY_VA_START, min_t(u64, vm->window_start, MIRROR_END)) &&
	     is_mirrored(vm, vm->window_end, MIRROR_END);
	mmap_read_unlock(current->mm);
	return ok ? 0 : -EINVAL;
}

static int attach_process(struct causeway_engine *engine, struct causeway_thread *thread,
			  u32 stop_signal)
{
	lockdep_assert_held(&engine->lock);
	if (engine->shutdown)
		return -ESHUTDOWN;
	if (engine->mm)
		return -EBUSY;
	mmgrab(current->mm);
	engine->mm = current->mm;
	engine->pid = get_task_pid(current, PIDTYPE_TGID);
	engine->stop_signal = stop_signal;
	engine->attached = true;
	engine->killed = false;
	engine->lost = false;
	/* In the same section: a process without threads is one that has ended. */
	return causeway_thread_insert(engine, thread);
}

static int attach(struct causeway_vm *vm, u32 stop_signal)
{
	struct causeway_engine *engine = vm->engine;
	struct causeway_thread *thread = causeway_thread_create();
	struct engine_rest rest;
	int err;

	if (!thread)
		return -ENOMEM;
	rest_init(&rest);
	spin_lock_irq(&engine->lock);
	/* Of one that has just died, nobody may have told yet. */
	reap(engine, ktime_get_ns(), &rest);
	err = attach_process(engine, thread, stop_signal);
	spin_unlock_irq(&engine->lock);
	rest_free(&rest);
	if (err)
		causeway_thread_free(thread);
	return err;
}

static long attach_ioctl(struct causeway_vm *vm, void __user *user)
{
	struct causeway_engine_attach args;
	int err;

	if (copy_from_user(&args, user, sizeof(args)))
		return -EFAULT;
	if (args.flags || args.stop_signal < SIGRTMIN || args.stop_signal > SIGRTMAX)
		return -EINVAL;
	if (current->mm == vm->mm)
		return -EINVAL;
	err = check_mappings(vm);
	if (!err)
		err = attach(vm, args.stop_signal);
	args.window_start = vm->window_start;
	args.window_size = vm->window_end - vm->window_start;
	if (!err && copy_to_user(user, &args, sizeof(args)))
		err = -EFAULT;
	return err;
}

/* The thread will never know of the job that it was given. */
static void lose_job(struct causeway_engine *engine)
{
	struct causeway_thread *thread;
	LIST_HEAD(over);

	spin_lock_irq(&engine->lock);
	thread = causeway_thread_find(engine, current);
	if (thread && thread->job)
		causeway_job_return(engine, thread, DRM_CAUSEWAY_JOB_LOST, ktime_get_ns(), &over);
	causeway_engine_dispatch(engine);
	spin_unlock_irq(&engine->lock);
	causeway_jobs_free(&over);
}

static long next_ioctl(struct causeway_vm *vm, void __user *user)
{
	struct causeway_engine_next args;
	int err;

	if (copy_from_user(&args, user, sizeof(args)))
		return -EFAULT;
	err = causeway_thread_next(vm->engine, &args);
	if (err && err != -EINTR && err != -ESHUTDOWN)
		return err;
	if (copy_to_user(user, &args, sizeof(args))) {
		lose_job(vm->engine);
		return -EFAULT;
	}
	return err;
}

/**
 * causeway_engine_ioctl - an ioctl on the engine's file
 * @vm: the VM
 * @cmd: CAUSEWAY_ENGINE_*
 * @arg: address of its struct
 */
long causeway_engine_ioctl(struct causeway_vm *vm, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case CAUSEWAY_ENGINE_ATTACH:
		return attach_ioctl(vm, user);
	case CAUSEWAY_ENGINE_NEXT:
		return next_ioctl(vm, user);
	default:
		return -ENOTTY;
	}
}

/* ---- for the rest of the driver ---------------------------------------- */

/**
 * causeway_engine_mm_get - the address space of the process that is attached
 * @vm: the VM
 *
 * Return: it, to be given back with mmput_async(); NULL: there is none.
 */
struct mm_struct *causeway_engine_mm_get(struct causeway_vm *vm)
{
	struct causeway_engine *engine = vm->engine;
	struct mm_struct *mm;
	unsigned long flags;

	spin_lock_irqsave(&engine->lock, flags);
	mm = engine->mm;
	if (mm && !mmget_not_zero(mm))
		mm = NULL;
	spin_unlock_irqrestore(&engine->lock, flags);
	return mm;
}

/**
 * causeway_engine_command - for whom does the calling thread work
 * @vm: the VM
 * @queue_id: receives the queue, 0: none; may be NULL
 *
 * Return: the command id of the thread's job; 0: it has none.
 */
u64 causeway_engine_command(struct causeway_vm *vm, u32 *queue_id)
{
	struct causeway_engine *engine = vm->engine;
	struct causeway_thread *thread;
	unsigned long flags;
	u64 command = 0;
	u32 id = 0;

	spin_lock_irqsave(&engine->lock, flags);
	thread = causeway_thread_find(engine, current);
	if (thread && thread->job) {
		command = thread->job->command_id;
		id = thread->job->queue->id;
	}
	spin_unlock_irqrestore(&engine->lock, flags);
	if (queue_id)
		*queue_id = id;
	return command;
}

/**
 * causeway_engine_fault_failed - a fault of the calling thread ends in a signal
 * @vm: the VM
 * @addr: address, to the byte
 * @access: DRM_CAUSEWAY_EVENT_READ or _WRITE
 * @reason: why
 *
 * Makes the event, once for each job and thread.
 */
void causeway_engine_fault_failed(struct causeway_vm *vm, u64 addr, u32 access,
				  enum drm_causeway_reason reason)
{
	struct drm_causeway_event event = {
		.type = DRM_CAUSEWAY_EVENT_FAULT_FAILED,
		.reason = reason,
		.access = access,
		.time_ns = ktime_get_ns(),
		.address = addr,
	};
	struct causeway_engine *engine = vm->engine;
	struct causeway_thread *thread;
	unsigned long flags;
	bool told = false;

	spin_lock_irqsave(&engine->lock, flags);
	thread = causeway_thread_find(engine, current);
	if (thread && thread->job) {
		event.command_id = thread->job->command_id;
		event.queue_id = thread->job->queue->id;
		told = thread->fault_told;
		thread->fault_told = true;
	}
	if (!told)
		causeway_event_emit(vm, &event);
	spin_unlock_irqrestore(&engine->lock, flags);
}
