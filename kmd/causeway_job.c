// SPDX-License-Identifier: GPL-2.0-only
/* What happens to a job between submission and its end; see causeway_job.h. */
#include <linux/dma-fence.h>
#include <linux/moduleparam.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "causeway_engine.h"
#include "causeway_event.h"
#include "causeway_job.h"
#include "causeway_queue.h"
#include "causeway_thread.h"
#include "causeway_vm.h"

static unsigned int stop_grace_ms = 2000;
module_param(stop_grace_ms, uint, 0644);
MODULE_PARM_DESC(stop_grace_ms, "a thread that is asked to leave its job has this long");

/* How often running jobs are looked after when nothing asks for more. */
#define WATCH_INTERVAL_NS NSEC_PER_SEC

/**
 * causeway_job_create - make a job that isn't submitted yet
 * @queue: where it will be
 * @args: the client's words, checked
 * @dep_count: fences that will be given with causeway_job_depend()
 *
 * Return: the job, to be appended or freed; NULL: no memory.
 */
struct causeway_job *causeway_job_create(struct causeway_queue *queue,
					 const struct drm_causeway_job *args, u32 dep_count)
{
	struct causeway_job *job;

	job = kvzalloc(struct_size(job, deps, dep_count), GFP_KERNEL_ACCOUNT);
	if (!job)
		return NULL;
	kref_get(&queue->ref);
	job->queue = queue;
	INIT_LIST_HEAD(&job->queue_link);
	INIT_LIST_HEAD(&job->ready_link);
	INIT_LIST_HEAD(&job->running_link);
	INIT_LIST_HEAD(&job->threads);
	job->width = min_t(u32, args->width, CAUSEWAY_ENGINE_THREADS);
	job->address = args->address;
	job->command_id = args->command_id;
	job->state = CAUSEWAY_JOB_WAITING;
	job->status = DRM_CAUSEWAY_JOB_DONE;
	job->dep_count = dep_count;
	job->pending = 1;
	return job;
}

/* Put a job that threads may enter in front of them. */
static void make_ready(struct causeway_engine *engine, struct causeway_job *job)
{
	lockdep_assert_held(&engine->lock);
	job->state = CAUSEWAY_JOB_READY;
	list_add_tail(&job->ready_link, &engine->ready[job->queue->priority]);
	WRITE_ONCE(engine->demand, engine->demand + job->width);
}

/* No more threads for it. */
static void make_unready(struct causeway_engine *engine, struct causeway_job *job)
{
	lockdep_assert_held(&engine->lock);
	if (list_empty(&job->ready_link))
		return;
	list_del_init(&job->ready_link);
	WRITE_ONCE(engine->demand, engine->demand - (job->width - job->thread_count));
}

static void make_over(struct causeway_engine *engine, struct causeway_job *job,
		      struct list_head *over)
{
	struct causeway_queue *queue = job->queue;

	lockdep_assert_held(&engine->lock);
	make_unready(engine, job);
	job->state = CAUSEWAY_JOB_OVER;
	list_move_tail(&job->queue_link, over);
	queue->job_count--;
	causeway_vm_count(engine->vm, DRM_CAUSEWAY_COUNTER_JOBS, 1);
	if (job->status != DRM_CAUSEWAY_JOB_DONE)
		causeway_vm_count(engine->vm, DRM_CAUSEWAY_COUNTER_JOBS_FAILED, 1);
	causeway_queue_complete(queue, job->seqno, job->status);
}

/* The first job of a queue may have become another one. */
static void queue_advance(struct causeway_engine *engine, struct causeway_queue *queue,
			  struct list_head *over)
{
	struct causeway_job *job;

	lockdep_assert_held(&engine->lock);
	while ((job = list_first_entry_or_null(&queue->jobs, struct causeway_job, queue_link))) {
		if (job->state != CAUSEWAY_JOB_WAITING)
			return;
		if (!queue->dead) {
			if (!job->pending)
				make_ready(engine, job);
			return;
		}
		job->status = DRM_CAUSEWAY_JOB_RESET;
		make_over(engine, job, over);
	}
}

/* Called with the fence's lock held, perhaps in an interrupt. */
static void fence_signalled(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct causeway_job_dep *dep = container_of(cb, struct causeway_job_dep, cb);
	struct causeway_job *job = dep->job;
	struct causeway_engine *engine = job->queue->vm->engine;
	unsigned long flags;

	spin_lock_irqsave(&engine->lock, flags);
	if (!--job->pending && job->state == CAUSEWAY_JOB_WAITING &&
	    list_is_first(&job->queue_link, &job->queue->jobs)) {
		make_ready(engine, job);
		causeway_engine_dispatch(engine);
	}
	spin_unlock_irqrestore(&engine->lock, flags);
}

/**
 * causeway_job_depend - let a job wait for a fence
 * @job: not submitted yet
 * @index: less than its number of fences, each once
 * @fence: the reference becomes the job's
 */
void causeway_job_depend(struct causeway_job *job, u32 index, struct dma_fence *fence)
{
	struct causeway_job_dep *dep = &job->deps[index];
	struct causeway_engine *engine = job->queue->vm->engine;

	dep->job = job;
	dep->fence = fence;
	INIT_LIST_HEAD(&dep->cb.node);
	spin_lock_irq(&engine->lock);
	job->pending++;
	spin_unlock_irq(&engine->lock);
	if (!dma_fence_add_callback(fence, &dep->cb, fence_signalled))
		return;
	/* It is signalled already. */
	spin_lock_irq(&engine->lock);
	job->pending--;
	spin_unlock_irq(&engine->lock);
}

static void job_free(struct causeway_job *job)
{
	struct causeway_queue *queue = job->queue;
	u32 i;

	for (i = 0; i < job->dep_count && job->deps[i].fence; i++) {
		/* Takes the fence's lock: afterwards no callback runs, whatever it returns. */
		dma_fence_remove_callback(job->deps[i].fence, &job->deps[i].cb);
		dma_fence_put(job->deps[i].fence);
	}
	kvfree(job);
	causeway_queue_put(queue);
}

/**
 * causeway_jobs_free - free jobs that are over or were never submitted
 * @over: linked by &causeway_job.queue_link; empty afterwards
 *
 * Context: may sleep; no locks, and the caller doesn't use the VM afterwards
 * unless it has a reference: those of the jobs may be the last.
 */
void causeway_jobs_free(struct list_head *over)
{
	struct causeway_job *job, *next;

	list_for_each_entry_safe(job, next, over, queue_link) {
		list_del(&job->queue_link);
		job_free(job);
	}
}

/**
 * causeway_job_append - submit a job
 * @engine: of its VM
 * @job: to its queue, which takes jobs
 *
 * Context: @engine->lock.  The caller dispatches.
 */
void causeway_job_append(struct causeway_engine *engine, struct causeway_job *job)
{
	struct causeway_queue *queue = job->queue;

	lockdep_assert_held(&engine->lock);
	job->id = ++engine->last_job;
	job->seqno = ++queue->submitted;
	list_add_tail(&job->queue_link, &queue->jobs);
	queue->job_count++;
	if (!--job->pending && list_is_first(&job->queue_link, &queue->jobs))
		make_ready(engine, job);
}

static struct causeway_job *first_ready(struct causeway_engine *engine)
{
	int i;

	for (i = CAUSEWAY_ENGINE_PRIORITIES - 1; i >= 0; i--) {
		if (!list_empty(&engine->ready[i]))
			return list_first_entry(&engine->ready[i], struct causeway_job, ready_link);
	}
	return NULL;
}

static void start(struct causeway_engine *engine, struct causeway_job *job, u64 now_ns)
{
	u64 timeout_ns = (u64)job->queue->timeout_ms * NSEC_PER_MSEC;

	job->state = CAUSEWAY_JOB_RUNNING;
	job->start_ns = now_ns;
	if (timeout_ns) {
		job->deadline_ns = now_ns + timeout_ns;
		causeway_engine_watch(engine, job->deadline_ns, now_ns);
	}
	causeway_engine_watch(engine, now_ns + WATCH_INTERVAL_NS, now_ns);
	list_add_tail(&job->running_link, &engine->running);
}

/**
 * causeway_job_take - give a thread the most urgent job
 * @engine: the engine
 * @thread: that has none
 * @now_ns: ktime_get_ns()
 *
 * Context: @engine->lock.
 * Return: the job, or NULL: there is none.
 */
struct causeway_job *causeway_job_take(struct causeway_engine *engine,
				       struct causeway_thread *thread, u64 now_ns)
{
	struct causeway_job *job = first_ready(engine);

	lockdep_assert_held(&engine->lock);
	if (!job)
		return NULL;
	if (job->state == CAUSEWAY_JOB_READY)
		start(engine, job, now_ns);
	WRITE_ONCE(engine->demand, engine->demand - 1);
	job->thread_count++;
	if (job->thread_count == job->width)
		list_del_init(&job->ready_link);
	list_add_tail(&thread->job_link, &job->threads);
	thread->job = job;
	thread->start_ns = now_ns;
	thread->fault_told = false;
	return job;
}

static void leave(struct causeway_engine *engine, struct causeway_job *job, struct list_head *over)
{
	list_del_init(&job->running_link);
	make_over(engine, job, over);
	queue_advance(engine, job->queue, over);
	if (list_empty(&engine->running))
		wake_up_all(&engine->drained);
}

/**
 * causeway_job_return - a thread has come back, or will not
 * @engine: the engine
 * @thread: with a job
 * @status: what it says of the job
 * @now_ns: ktime_get_ns()
 * @over: receives jobs that are over by this
 *
 * Context: @engine->lock.  The caller dispatches.
 */
void causeway_job_return(struct causeway_engine *engine, struct causeway_thread *thread,
			 enum drm_causeway_job_status status, u64 now_ns, struct list_head *over)
{
	struct causeway_job *job = thread->job;

	lockdep_assert_held(&engine->lock);
	causeway_vm_count(engine->vm, DRM_CAUSEWAY_COUNTER_ENGINE_NS,
			  now_ns - min(now_ns, thread->start_ns));
	make_unready(engine, job);
	job->state = CAUSEWAY_JOB_DRAINING;
	if (job->status == DRM_CAUSEWAY_JOB_DONE)
		job->status = status;
	list_del_init(&thread->job_link);
	thread->job = NULL;
	if (!--job->thread_count)
		leave(engine, job, over);
}

static void signal_thread(struct causeway_engine *engine, struct causeway_thread *thread)
{
	struct kernel_siginfo info;

	clear_siginfo(&info);
	info.si_signo = engine->stop_signal;
	info.si_code = SI_QUEUE;
	info.si_ptr = (void __user *)(unsigned long)thread->job->id;
	/* If it fails (no memory), the end of the grace time kills the process. */
	send_sig_info(engine->stop_signal, &info, thread->task);
}

/**
 * causeway_job_stop - end a job, whatever state it is in
 * @engine: the engine
 * @job: the first of its queue, not over
 * @status: how it ends
 * @now_ns: ktime_get_ns()
 * @over: receives jobs that are over by this
 *
 * Context: @engine->lock.  The caller dispatches.
 */
void causeway_job_stop(struct causeway_engine *engine, struct causeway_job *job,
		       enum drm_causeway_job_status status, u64 now_ns, struct list_head *over)
{
	struct causeway_thread *thread;

	lockdep_assert_held(&engine->lock);
	if (job->stopped)
		return;
	if (job->status == DRM_CAUSEWAY_JOB_DONE)
		job->status = status;
	make_unready(engine, job);
	if (!job->thread_count) {
		make_over(engine, job, over);
		queue_advance(engine, job->queue, over);
		return;
	}
	job->state = CAUSEWAY_JOB_DRAINING;
	job->stopped = true;
	job->deadline_ns = now_ns + (u64)stop_grace_ms * NSEC_PER_MSEC;
	causeway_engine_watch(engine, job->deadline_ns, now_ns);
	list_for_each_entry(thread, &job->threads, job_link)
		signal_thread(engine, thread);
}

/**
 * causeway_job_fail_all - end all jobs of a queue; no thread is in any
 * @engine: the engine
 * @queue: the queue
 * @status: how they end
 * @over: receives them
 *
 * Context: @engine->lock.
 */
void causeway_job_fail_all(struct causeway_engine *engine, struct causeway_queue *queue,
			   enum drm_causeway_job_status status, struct list_head *over)
{
	struct causeway_job *job, *next;

	lockdep_assert_held(&engine->lock);
	list_for_each_entry_safe(job, next, &queue->jobs, queue_link) {
		job->status = status;
		make_over(engine, job, over);
	}
}
