// SPDX-License-Identifier: GPL-2.0-only
/* Threads of the engine: they ask for jobs, sleep, and leave. */
#include <linux/err.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "causeway_drv.h"
#include "causeway_engine.h"
#include "causeway_event.h"
#include "causeway_job.h"
#include "causeway_queue.h"
#include "causeway_thread.h"
#include "causeway_vm.h"

/**
 * causeway_thread_find - the record of a task
 * @engine: the engine
 * @task: any task
 *
 * Context: @engine->lock.
 * Return: the thread, or NULL.
 */
struct causeway_thread *causeway_thread_find(struct causeway_engine *engine,
					     const struct task_struct *task)
{
	struct causeway_thread *thread;

	lockdep_assert_held(&engine->lock);
	hash_for_each_possible(engine->threads, thread, node, (unsigned long)task) {
		if (thread->task == task)
			return thread;
	}
	return NULL;
}

/**
 * causeway_thread_create - make a record of the calling task
 *
 * Return: the thread, to be inserted or freed; NULL: no memory.
 */
struct causeway_thread *causeway_thread_create(void)
{
	struct causeway_thread *thread = kzalloc(sizeof(*thread), GFP_KERNEL_ACCOUNT);

	if (!thread)
		return NULL;
	thread->task = get_task_struct(current);
	INIT_LIST_HEAD(&thread->job_link);
	INIT_LIST_HEAD(&thread->idle_link);
	init_waitqueue_head(&thread->wait);
	return thread;
}

/**
 * causeway_thread_free - free a thread that isn't in an engine
 * @thread: the thread
 */
void causeway_thread_free(struct causeway_thread *thread)
{
	put_task_struct(thread->task);
	kfree(thread);
}

/**
 * causeway_thread_insert - make the calling task a thread of the engine
 * @engine: the engine
 * @thread: of the calling task
 *
 * Context: @engine->lock.
 * Return: 0, -ESHUTDOWN, -EPERM (of another process) or -ENOSPC.
 */
int causeway_thread_insert(struct causeway_engine *engine, struct causeway_thread *thread)
{
	lockdep_assert_held(&engine->lock);
	if (engine->shutdown)
		return -ESHUTDOWN;
	/* A child of vfork() has the address space, but can't be killed with the process. */
	if (engine->mm != current->mm || engine->pid != task_tgid(current))
		return -EPERM;
	if (engine->thread_count >= CAUSEWAY_ENGINE_THREADS)
		return -ENOSPC;
	hash_add(engine->threads, &thread->node, (unsigned long)thread->task);
	engine->thread_count++;
	return 0;
}

/* A task that has another mm than it had, or none, can't run a job any more. */
static bool is_gone(const struct causeway_engine *engine, const struct causeway_thread *thread)
{
	return READ_ONCE(thread->task->mm) != engine->mm;
}

/**
 * causeway_threads_lost - has the engine lost what it can't do without
 * @engine: the engine, with a process
 *
 * Context: @engine->lock.
 * Return: true if a thread left in the middle of a job, or none is left.
 */
bool causeway_threads_lost(struct causeway_engine *engine)
{
	struct causeway_thread *thread;
	bool lost = true;
	int i;

	lockdep_assert_held(&engine->lock);
	hash_for_each(engine->threads, i, thread, node) {
		if (!is_gone(engine, thread))
			lost = false;
		else if (thread->job)
			return true;
	}
	return lost;
}

/**
 * causeway_thread_reap - forget threads that have left the engine's address space
 * @engine: the engine, with a process
 * @gone: receives them
 * @now_ns: ktime_get_ns()
 * @over: receives jobs that are over by this
 *
 * Context: @engine->lock.
 */
void causeway_thread_reap(struct causeway_engine *engine, struct hlist_head *gone, u64 now_ns,
			  struct list_head *over)
{
	struct causeway_thread *thread;
	struct hlist_node *next;
	int i;

	lockdep_assert_held(&engine->lock);
	hash_for_each_safe(engine->threads, i, next, thread, node) {
		if (!is_gone(engine, thread))
			continue;
		hash_del(&thread->node);
		engine->thread_count--;
		if (thread->job)
			causeway_job_return(engine, thread, DRM_CAUSEWAY_JOB_LOST, now_ns, over);
		hlist_add_head(&thread->node, gone);
	}
}

/**
 * causeway_threads_free - free threads that were reaped
 * @gone: linked by &causeway_thread.node
 */
void causeway_threads_free(struct hlist_head *gone)
{
	struct causeway_thread *thread;
	struct hlist_node *next;

	hlist_for_each_entry_safe(thread, next, gone, node) {
		put_task_struct(thread->task);
		kfree(thread);
	}
}

/* A fault that never came to the driver: below the mirror, or in the window. */
static enum drm_causeway_reason fault_reason(const struct causeway_vm *vm, u64 address)
{
	if (address < CAUSEWAY_VA_START || address >= CAUSEWAY_VA_END)
		return DRM_CAUSEWAY_REASON_UNMAPPED;
	return DRM_CAUSEWAY_REASON_PROTECTION;
}

/* Make an event of what ended a thread's work. */
static void tell(struct causeway_engine *engine, struct causeway_thread *thread,
		 const struct causeway_engine_next *args, u64 now_ns)
{
	struct drm_causeway_event event = {
		.queue_id = thread->job->queue->id,
		.command_id = thread->job->command_id,
		.time_ns = now_ns,
	};

	if (args->status == DRM_CAUSEWAY_JOB_EXCEPTION) {
		event.type = DRM_CAUSEWAY_EVENT_EXCEPTION;
		event.reason = args->signal;
		event.address = args->ip;
	} else if (args->status == DRM_CAUSEWAY_JOB_FAULT && !thread->fault_told) {
		event.type = DRM_CAUSEWAY_EVENT_FAULT_FAILED;
		event.reason = fault_reason(engine->vm, args->address);
		event.address = args->address;
		event.access =
			args->command_id & (DRM_CAUSEWAY_EVENT_READ | DRM_CAUSEWAY_EVENT_WRITE);
		causeway_vm_count(engine->vm, DRM_CAUSEWAY_COUNTER_FAULTS, 1);
		causeway_vm_count(engine->vm, DRM_CAUSEWAY_COUNTER_FAULTS_FAILED, 1);
	} else {
		return;
	}
	causeway_event_emit(engine->vm, &event);
}

/* What the thread says of its last job. */
static int report(struct causeway_engine *engine, struct causeway_thread *thread,
		  const struct causeway_engine_next *args, struct list_head *over)
{
	u64 now_ns = ktime_get_ns();

	lockdep_assert_held(&engine->lock);
	if (args->job != (thread->job ? thread->job->id : 0))
		return -EINVAL;
	if (args->status > DRM_CAUSEWAY_JOB_RESET || (args->status && !args->job))
		return -EINVAL;
	if (!thread->job)
		return 0;
	tell(engine, thread, args, now_ns);
	causeway_job_return(engine, thread, args->status, now_ns, over);
	return 0;
}

/* Look for a job without sleeping for a moment; one thread at a time. */
static void spin(struct causeway_engine *engine, struct causeway_thread *thread)
{
	engine->spinner = thread;
	spin_unlock_irq(&engine->lock);
	causeway_engine_spin(&engine->demand, 1);
	spin_lock_irq(&engine->lock);
	engine->spinner = NULL;
}

static void sleep(struct causeway_engine *engine, struct causeway_thread *thread)
{
	DEFINE_WAIT(entry);

	list_add(&thread->idle_link, &engine->idle);
	prepare_to_wait(&thread->wait, &entry, TASK_INTERRUPTIBLE);
	spin_unlock_irq(&engine->lock);
	schedule();
	spin_lock_irq(&engine->lock);
	finish_wait(&thread->wait, &entry);
	if (list_empty(&thread->idle_link))
		engine->waking--;
	else
		list_del_init(&thread->idle_link);
}

/**
 * causeway_thread_wake - wake a thread that sleeps
 * @engine: the engine
 * @thread: in &causeway_engine.idle
 *
 * Who wakes will soon sleep itself, as the client does that waits for its job:
 * the scheduler may put the thread beside it.
 *
 * Context: @engine->lock.
 */
void causeway_thread_wake(struct causeway_engine *engine, struct causeway_thread *thread)
{
	lockdep_assert_held(&engine->lock);
	list_del_init(&thread->idle_link);
	engine->waking++;
	__wake_up_sync_key(&thread->wait, TASK_INTERRUPTIBLE, NULL);
}

/* With the lock, which is dropped meanwhile; a signal comes before a job. */
static int get_job(struct causeway_engine *engine, struct causeway_thread *thread, bool may_spin,
		   struct list_head *over)
{
	for (;;) {
		lockdep_assert_held(&engine->lock);
		if (engine->shutdown)
			return -ESHUTDOWN;
		if (signal_pending(current))
			return -EINTR;
		if (causeway_job_take(engine, thread, ktime_get_ns()))
			return 0;
		if (!list_empty(over)) {
			spin_unlock_irq(&engine->lock);
			causeway_jobs_free(over);
			spin_lock_irq(&engine->lock);
		} else if (may_spin && !engine->spinner) {
			spin(engine, thread);
			may_spin = false;
		} else {
			sleep(engine, thread);
		}
	}
}

/* The calling task asks for the first time; the lock is dropped meanwhile. */
static struct causeway_thread *add(struct causeway_engine *engine)
{
	struct causeway_thread *thread;
	int err;

	spin_unlock_irq(&engine->lock);
	thread = causeway_thread_create();
	spin_lock_irq(&engine->lock);
	if (!thread)
		return ERR_PTR(-ENOMEM);
	err = causeway_thread_insert(engine, thread);
	if (!err)
		return thread;
	spin_unlock_irq(&engine->lock);
	causeway_thread_free(thread);
	spin_lock_irq(&engine->lock);
	return ERR_PTR(err);
}

static struct causeway_thread *enter(struct causeway_engine *engine)
{
	struct causeway_thread *thread = causeway_thread_find(engine, current);

	lockdep_assert_held(&engine->lock);
	if (!thread)
		return add(engine);
	return engine->mm == current->mm ? thread : ERR_PTR(-EPERM);
}

/**
 * causeway_thread_next - CAUSEWAY_ENGINE_NEXT
 * @engine: the engine; the caller holds a reference to its VM
 * @args: in and out
 *
 * The calling thread is seen as out of its last job when this has the lock, and
 * gets a new one only if no signal is pending.  So a stop signal for a job is
 * handled before the thread has the next job.
 *
 * Return: 0, -ESHUTDOWN, -EINTR, -EPERM, -EINVAL, -ENOMEM or -ENOSPC.  With
 * -EINTR and -ESHUTDOWN, @args says that the thread has no job.
 */
int causeway_thread_next(struct causeway_engine *engine, struct causeway_engine_next *args)
{
	struct causeway_thread *thread;
	bool was_busy = args->job;
	LIST_HEAD(over);
	int err;

	spin_lock_irq(&engine->lock);
	thread = enter(engine);
	err = PTR_ERR_OR_ZERO(thread);
	if (!err)
		err = report(engine, thread, args, &over);
	if (!err) {
		memset(args, 0, sizeof(*args));
		err = get_job(engine, thread, was_busy, &over);
		causeway_engine_dispatch(engine);
	}
	if (!err) {
		args->job = thread->job->id;
		args->address = thread->job->address;
		args->command_id = thread->job->command_id;
	}
	spin_unlock_irq(&engine->lock);
	causeway_jobs_free(&over);
	return err;
}
