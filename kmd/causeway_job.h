/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CAUSEWAY_JOB_H
#define CAUSEWAY_JOB_H

#include <linux/dma-fence.h>
#include <linux/list.h>
#include <linux/types.h>
#include <uapi/drm/causeway_drm.h>

struct causeway_engine;
struct causeway_queue;
struct causeway_thread;

/**
 * DOC: jobs
 *
 * A job is in one of these states; all changes are made under
 * &causeway_engine.lock:
 *
 *   WAITING   it is behind another of its queue, or a fence is not signalled
 *      |      head of its queue and no fence left: causeway_job_ready()
 *   READY     on the ready list of its priority
 *      |      a thread takes it: causeway_job_take()
 *   RUNNING   threads are in it; on the ready list while it wants more of them
 *      |      one came back, or it is stopped
 *   DRAINING  no more threads get it; those in it come back one by one
 *      |      the last came back, or died
 *   OVER      the fence page says so and waiters are woken; being freed
 *
 * A thread comes back when there is no more part to take, so the first return
 * ends the giving out.  A job that is stopped (timeout, end of its queue, end
 * of the VM) goes to DRAINING and its threads are sent the stop signal, or to
 * OVER at once if no thread is in it.  A thread that doesn't come back within
 * the grace time, and one that has left the engine's address space, takes the
 * engine with it: the process is killed, and when all of its threads are gone
 * all its jobs are over with status LOST.
 *
 * A queue's jobs become OVER strictly in the order of submission, so one number
 * tells it all.  A queue that ends doesn't take its jobs out of order either:
 * when the running one is over, the others follow at once.
 *
 * Whoever makes jobs OVER collects them on a list and hands it to
 * causeway_jobs_free() when it has let go of the lock: freeing takes the locks
 * of fences.
 */

/**
 * enum causeway_job_state - see DOC: jobs
 * @CAUSEWAY_JOB_WAITING: for others
 * @CAUSEWAY_JOB_READY: for a thread
 * @CAUSEWAY_JOB_RUNNING: threads are in it and more may come
 * @CAUSEWAY_JOB_DRAINING: threads are in it, none will come
 * @CAUSEWAY_JOB_OVER: done with
 */
enum causeway_job_state {
	CAUSEWAY_JOB_WAITING,
	CAUSEWAY_JOB_READY,
	CAUSEWAY_JOB_RUNNING,
	CAUSEWAY_JOB_DRAINING,
	CAUSEWAY_JOB_OVER,
};

/**
 * struct causeway_job_dep - a fence that a job waits for
 */
struct causeway_job_dep {
	/** @cb: base; calls back when @fence is signalled */
	struct dma_fence_cb cb;

	/** @fence: referenced */
	struct dma_fence *fence;

	/** @job: that waits */
	struct causeway_job *job;
};

/**
 * struct causeway_job - one job; guarded by &causeway_engine.lock but for what is constant
 */
struct causeway_job {
	/** @queue: where it was submitted; referenced */
	struct causeway_queue *queue;

	/** @queue_link: in &causeway_queue.jobs; when OVER, in the list of what is to be freed */
	struct list_head queue_link;

	/** @ready_link: in &causeway_engine.ready while it wants a thread; else empty */
	struct list_head ready_link;

	/** @running_link: in &causeway_engine.running while threads are in it; else empty */
	struct list_head running_link;

	/** @threads: &causeway_thread.job_link of those in it */
	struct list_head threads;

	/** @thread_count: entries of @threads */
	u32 thread_count;

	/** @width: most entries of @threads; constant */
	u32 width;

	/** @id: by which the engine names it, unique in the VM; constant */
	u64 id;

	/** @seqno: in its queue; constant once submitted */
	u64 seqno;

	/** @address: of the descriptor; constant */
	u64 address;

	/** @command_id: the client's; constant */
	u64 command_id;

	/** @state: see DOC: jobs */
	enum causeway_job_state state;

	/** @status: how it ends, as far as known */
	enum drm_causeway_job_status status;

	/** @stopped: the stop signal was sent */
	bool stopped;

	/** @start_ns: when the first thread took it; 0: none did */
	u64 start_ns;

	/** @deadline_ns: when the watchdog acts on it (timeout, or grace is over); 0: never */
	u64 deadline_ns;

	/** @pending: fences not signalled, and 1 until it is submitted */
	u32 pending;

	/** @dep_count: entries of @deps; constant */
	u32 dep_count;

	/** @deps: fences */
	struct causeway_job_dep deps[];
};

struct causeway_job *causeway_job_create(struct causeway_queue *queue,
					 const struct drm_causeway_job *args, u32 dep_count);
void causeway_job_depend(struct causeway_job *job, u32 index, struct dma_fence *fence);
void causeway_jobs_free(struct list_head *over);

void causeway_job_append(struct causeway_engine *engine, struct causeway_job *job);
struct causeway_job *causeway_job_take(struct causeway_engine *engine,
				       struct causeway_thread *thread, u64 now_ns);
void causeway_job_return(struct causeway_engine *engine, struct causeway_thread *thread,
			 enum drm_causeway_job_status status, u64 now_ns, struct list_head *over);
void causeway_job_fail_all(struct causeway_engine *engine, struct causeway_queue *queue,
			   enum drm_causeway_job_status status, struct list_head *over);
void causeway_job_stop(struct causeway_engine *engine, struct causeway_job *job,
		       enum drm_causeway_job_status status, u64 now_ns, struct list_head *over);

#endif
