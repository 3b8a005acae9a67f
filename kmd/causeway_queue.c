// SPDX-License-Identifier: GPL-2.0-only
/* Queues: made and ended, jobs submitted to them, waited for. */
#include <drm/drm_syncobj.h>
#include <linux/dma-fence.h>
#include <linux/hrtimer.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "causeway_engine.h"
#include "causeway_fence.h"
#include "causeway_job.h"
#include "causeway_queue.h"
#include "causeway_vm.h"

/* Most syncobjs of one SUBMIT. */
#define MAX_SYNCOBJS 1024

static void queue_free(struct kref *ref)
{
	struct causeway_queue *queue = container_of(ref, struct causeway_queue, ref);

	WARN_ON(!list_empty(&queue->jobs) || !list_empty(&queue->link));
	causeway_fence_fini(queue);
	causeway_vm_put(queue->vm);
	kvfree(queue);
}

/**
 * causeway_queue_put - give back a reference
 * @queue: the queue
 *
 * Context: may sleep; no locks: it may be the last of the VM as well.
 */
void causeway_queue_put(struct causeway_queue *queue)
{
	kref_put(&queue->ref, queue_free);
}

/**
 * causeway_queue_lookup - find a queue of a client
 * @file: the client's
 * @id: its number
 *
 * Return: the queue with a reference for the caller, or NULL.
 */
struct causeway_queue *causeway_queue_lookup(struct causeway_file *file, u32 id)
{
	struct causeway_queue *queue;

	xa_lock(&file->queues);
	queue = xa_load(&file->queues, id);
	if (queue)
		kref_get(&queue->ref);
	xa_unlock(&file->queues);
	return queue;
}

/* ---- the end of a queue ------------------------------------------------ */

/* Take it from the engine and stop its jobs. */
static void queue_kill(struct causeway_queue *queue)
{
	struct causeway_engine *engine = queue->vm->engine;
	struct causeway_job *job;
	LIST_HEAD(over);

	spin_lock_irq(&engine->lock);
	queue->dead = true;
	job = list_first_entry_or_null(&queue->jobs, struct causeway_job, queue_link);
	if (job)
		causeway_job_stop(engine, job, DRM_CAUSEWAY_JOB_RESET, ktime_get_ns(), &over);
	spin_unlock_irq(&engine->lock);
	causeway_jobs_free(&over);
}

static bool queue_is_empty(struct causeway_queue *queue)
{
	/* Pairs with causeway_queue_complete(). */
	return smp_load_acquire(&queue->completed) == READ_ONCE(queue->submitted);
}

static void queue_unlink(struct causeway_queue *queue)
{
	struct causeway_engine *engine = queue->vm->engine;

	spin_lock_irq(&engine->lock);
	list_del_init(&queue->link);
	engine->queue_count--;
	spin_unlock_irq(&engine->lock);
}

/* Nobody finds it any more; gives back the reference of the table. */
static void queue_destroy(struct causeway_queue *queue)
{
	queue_kill(queue);
	/* Bounded: threads that don't come back in time are killed. */
	wait_event(queue->wait, queue_is_empty(queue));
	queue_unlink(queue);
	causeway_queue_put(queue);
}

/* Take a queue from the client's table: one of @vm, or any. */
static struct causeway_queue *take_queue(struct causeway_file *file, const struct causeway_vm *vm)
{
	struct causeway_queue *queue;
	unsigned long id;

	xa_lock(&file->queues);
	xa_for_each(&file->queues, id, queue) {
		if (!vm || queue->vm == vm)
			break;
	}
	if (queue)
		__xa_erase(&file->queues, id);
	xa_unlock(&file->queues);
	return queue;
}

/**
 * causeway_queue_close_vm - end the queues that a client has of a VM
 * @file: the client's
 * @vm: the VM, which the client can't find any more
 */
void causeway_queue_close_vm(struct causeway_file *file, struct causeway_vm *vm)
{
	struct causeway_queue *queue;

	while ((queue = take_queue(file, vm)))
		queue_destroy(queue);
}

/**
 * causeway_queue_close_all - end all queues of a client
 * @file: of the client; no ioctl of it is running
 */
void causeway_queue_close_all(struct causeway_file *file)
{
	struct causeway_queue *queue;

	while ((queue = take_queue(file, NULL)))
		queue_destroy(queue);
}

/**
 * causeway_queue_destroy_ioctl - DRM_IOCTL_CAUSEWAY_QUEUE_DESTROY
 * @drm: device
 * @data: struct drm_causeway_queue_destroy
 * @drm_file: client
 */
int causeway_queue_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_causeway_queue_destroy *args = data;
	struct causeway_queue *queue;

	if (args->pad)
		return -EINVAL;
	queue = xa_erase(&causeway_file_from_drm(drm_file)->queues, args->queue_id);
	if (!queue)
		return -ENOENT;
	queue_destroy(queue);
	return 0;
}

/* ---- its beginning ----------------------------------------------------- */

static struct causeway_queue *queue_alloc(struct causeway_vm *vm,
					  const struct drm_causeway_queue_create *args)
{
	struct causeway_queue *queue = kvzalloc(sizeof(*queue), GFP_KERNEL_ACCOUNT);

	if (!queue)
		return NULL;
	kref_init(&queue->ref);
	INIT_LIST_HEAD(&queue->link);
	INIT_LIST_HEAD(&queue->jobs);
	init_waitqueue_head(&queue->wait);
	queue->priority = args->priority;
	queue->timeout_ms = args->timeout_ms;
	if (causeway_fence_init(queue)) {
		kvfree(queue);
		return NULL;
	}
	queue->vm = causeway_vm_get(vm);
	return queue;
}

static int queue_link(struct causeway_queue *queue)
{
	struct causeway_engine *engine = queue->vm->engine;
	int err = 0;

	spin_lock_irq(&engine->lock);
	if (engine->shutdown) {
		err = -ENODEV;
	} else if (engine->queue_count == CAUSEWAY_MAX_QUEUES) {
		err = -ENOSPC;
	} else {
		list_add_tail(&queue->link, &engine->queues);
		engine->queue_count++;
	}
	spin_unlock_irq(&engine->lock);
	return err;
}

static int queue_publish(struct causeway_file *file, struct causeway_queue *queue)
{
	int err;

	err = queue_link(queue);
	if (err)
		return err;
	/* The id is set before anybody can find it. */
	err = xa_alloc(&file->queues, &queue->id, queue, xa_limit_31b, GFP_KERNEL_ACCOUNT);
	if (err)
		queue_unlink(queue);
	return err;
}

static int queue_create(struct causeway_file *file, struct causeway_vm *vm,
			struct drm_causeway_queue_create *args)
{
	struct causeway_queue *queue = queue_alloc(vm, args);
	int err;

	if (!queue)
		return -ENOMEM;
	/* Once it is published, another thread may destroy it. */
	kref_get(&queue->ref);
	err = queue_publish(file, queue);
	if (err)
		causeway_queue_put(queue);
	args->queue_id = queue->id;
	args->fence_offset = causeway_fence_offset(queue);
	causeway_queue_put(queue);
	return err;
}

/**
 * causeway_queue_create_ioctl - DRM_IOCTL_CAUSEWAY_QUEUE_CREATE
 * @drm: device
 * @data: struct drm_causeway_queue_create
 * @drm_file: client
 */
int causeway_queue_create_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct causeway_file *file = causeway_file_from_drm(drm_file);
	struct drm_causeway_queue_create *args = data;
	struct causeway_vm *vm;
	int err;

	if (args->flags || args->pad || args->priority > DRM_CAUSEWAY_PRIORITY_HIGH)
		return -EINVAL;
	vm = causeway_vm_lookup(file, args->vm_id);
	if (!vm)
		return -ENOENT;
	err = queue_create(file, vm, args);
	causeway_vm_put(vm);
	return err;
}

/* ---- submission -------------------------------------------------------- */

static int check_job(const struct causeway_vm *vm, const struct drm_causeway_job *args)
{
	if (args->pad || !args->width)
		return -EINVAL;
	if (args->address < vm->window_start || args->address >= vm->window_end)
		return -EINVAL;
	return 0;
}

static int make_jobs(struct causeway_queue *queue, const struct drm_causeway_job *args, u32 count,
		     u32 dep_count, struct list_head *jobs)
{
	struct causeway_job *job;
	u32 i;
	int err;

	for (i = 0; i < count; i++) {
		err = check_job(queue->vm, &args[i]);
		if (err)
			return err;
		/* The others are behind the first. */
		job = causeway_job_create(queue, &args[i], i ? 0 : dep_count);
		if (!job)
			return -ENOMEM;
		list_add_tail(&job->queue_link, jobs);
	}
	return 0;
}

static int copy_jobs(struct causeway_queue *queue, const struct drm_causeway_submit *args,
		     struct list_head *jobs)
{
	struct drm_causeway_job *job_args;
	int err;

	job_args = memdup_user(u64_to_user_ptr(args->jobs), args->job_count * sizeof(*job_args));
	if (IS_ERR(job_args))
		return PTR_ERR(job_args);
	err = make_jobs(queue, job_args, args->job_count, args->syncobj_count, jobs);
	kfree(job_args);
	return err;
}

static int add_deps(struct drm_file *drm_file, const struct drm_causeway_submit *args,
		    struct causeway_job *job)
{
	struct dma_fence *fence;
	u32 *handles, i;
	int err = 0;

	if (!args->syncobj_count)
		return 0;
	handles = memdup_user(u64_to_user_ptr(args->syncobjs),
			      args->syncobj_count * sizeof(*handles));
	if (IS_ERR(handles))
		return PTR_ERR(handles);
	for (i = 0; i < args->syncobj_count && !err; i++) {
		err = drm_syncobj_find_fence(drm_file, handles[i], 0, 0, &fence);
		if (!err)
			causeway_job_depend(job, i, fence);
	}
	kfree(handles);
	return err;
}

static int may_submit(struct causeway_engine *engine, struct causeway_queue *queue, u32 count)
{
	lockdep_assert_held(&engine->lock);
	if (queue->dead)
		return -ENOENT;
	if (!engine->mm || engine->killed)
		return engine->attached ? -EIO : -ENOTCONN;
	if (queue->job_count + count > CAUSEWAY_MAX_PENDING)
		return -EAGAIN;
	return 0;
}

static int submit_jobs(struct causeway_queue *queue, struct list_head *jobs, u32 count,
		       u64 *seqno_out)
{
	struct causeway_engine *engine = queue->vm->engine;
	struct causeway_job *job, *next;
	int err;

	spin_lock_irq(&engine->lock);
	err = may_submit(engine, queue, count);
	if (!err) {
		list_for_each_entry_safe(job, next, jobs, queue_link) {
			list_del_init(&job->queue_link);
			causeway_job_append(engine, job);
		}
		*seqno_out = queue->submitted;
		causeway_engine_dispatch(engine);
	}
	spin_unlock_irq(&engine->lock);
	return err;
}

static int submit(struct drm_file *drm_file, struct causeway_queue *queue,
		  struct drm_causeway_submit *args)
{
	LIST_HEAD(jobs);
	int err;

	err = copy_jobs(queue, args, &jobs);
	if (!err)
		err = add_deps(drm_file, args,
			       list_first_entry(&jobs, struct causeway_job, queue_link));
	if (!err)
		err = submit_jobs(queue, &jobs, args->job_count, &args->seqno);
	causeway_jobs_free(&jobs);
	return err;
}

/**
 * causeway_submit_ioctl - DRM_IOCTL_CAUSEWAY_SUBMIT
 * @drm: device
 * @data: struct drm_causeway_submit
 * @drm_file: client
 */
int causeway_submit_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_causeway_submit *args = data;
	struct causeway_queue *queue;
	int err;

	if (args->flags || !args->job_count || args->job_count > CAUSEWAY_MAX_JOBS ||
	    args->syncobj_count > MAX_SYNCOBJS)
		return -EINVAL;
	queue = causeway_queue_lookup(causeway_file_from_drm(drm_file), args->queue_id);
	if (!queue)
		return -ENOENT;
	err = submit(drm_file, queue, args);
	causeway_queue_put(queue);
	return err;
}

/* ---- waiting ----------------------------------------------------------- */

/**
 * struct causeway_waiter - a task that sleeps until a job is over
 */
struct causeway_waiter {
	/** @entry: base; in &causeway_queue.wait */
	struct wait_queue_entry entry;

	/** @queue: of the job */
	struct causeway_queue *queue;

	/** @seqno: of the job */
	u64 seqno;
};

static int waiter_wake(struct wait_queue_entry *entry, unsigned int mode, int sync, void *key)
{
	struct causeway_waiter *waiter = container_of(entry, struct causeway_waiter, entry);

	if (READ_ONCE(waiter->queue->completed) < waiter->seqno)
		return 0;
	return autoremove_wake_function(entry, mode, sync, key);
}

/**
 * causeway_queue_complete - a job is over: write the fence page, wake who waits
 * @queue: the queue
 * @seqno: of the job: one more than that of the last
 * @status: how it ended
 *
 * Context: the lock of the engine.
 */
void causeway_queue_complete(struct causeway_queue *queue, u64 seqno,
			     enum drm_causeway_job_status status)
{
	lockdep_assert_held(&queue->vm->engine->lock);
	queue->status[seqno % CAUSEWAY_MAX_PENDING] = status;
	if (status != DRM_CAUSEWAY_JOB_DONE)
		WRITE_ONCE(queue->fence->failed, seqno);
	/* Who sees the number sees what the job wrote, its status and @failed. */
	smp_store_release(&queue->fence->completed, seqno);
	/* The same for is_complete(). */
	smp_store_release(&queue->completed, seqno);
	/* The thread that says so will soon sleep or go on elsewhere. */
	if (wq_has_sleeper(&queue->wait))
		__wake_up_sync_key(&queue->wait, TASK_NORMAL, NULL);
}

static bool is_complete(struct causeway_queue *queue, u64 seqno)
{
	/* Pairs with causeway_queue_complete(). */
	return smp_load_acquire(&queue->completed) >= seqno;
}

static enum drm_causeway_job_status status_of(struct causeway_queue *queue, u64 seqno)
{
	u8 status = READ_ONCE(queue->status[seqno % CAUSEWAY_MAX_PENDING]);

	/* Its place may be that of a later job by now: then this number says so. */
	smp_rmb();
	if (READ_ONCE(queue->completed) - seqno >= CAUSEWAY_MAX_PENDING - 1)
		return DRM_CAUSEWAY_JOB_DONE;
	return status;
}

static int sleep(struct causeway_queue *queue, u64 seqno, ktime_t *deadline)
{
	struct causeway_waiter waiter = {.queue = queue, .seqno = seqno};
	int err = 0;

	init_wait(&waiter.entry);
	waiter.entry.func = waiter_wake;
	for (;;) {
		prepare_to_wait(&queue->wait, &waiter.entry, TASK_INTERRUPTIBLE);
		if (is_complete(queue, seqno) || err)
			break;
		if (signal_pending(current)) {
			err = -ERESTARTSYS;
			break;
		}
		if (!schedule_hrtimeout_range(deadline, current->timer_slack_ns, HRTIMER_MODE_ABS))
			err = -ETIME;
	}
	finish_wait(&queue->wait, &waiter.entry);
	return is_complete(queue, seqno) ? 0 : err;
}

static int wait(struct causeway_queue *queue, u64 seqno, s64 deadline_ns)
{
	ktime_t deadline = ns_to_ktime(deadline_ns);

	if (is_complete(queue, seqno))
		return 0;
	if (seqno > READ_ONCE(queue->submitted))
		return -EINVAL;
	if (!deadline_ns)
		return -ETIME;
	/* A thread that was woken for it may want this CPU. */
	if (!READ_ONCE(queue->vm->engine->demand))
		causeway_engine_spin(&queue->completed, seqno);
	if (is_complete(queue, seqno))
		return 0;
	return sleep(queue, seqno, deadline_ns < 0 ? NULL : &deadline);
}

/**
 * causeway_wait_ioctl - DRM_IOCTL_CAUSEWAY_WAIT
 * @drm: device
 * @data: struct drm_causeway_wait
 * @drm_file: client
 */
int causeway_wait_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_causeway_wait *args = data;
	struct causeway_queue *queue;
	int err;

	queue = causeway_queue_lookup(causeway_file_from_drm(drm_file), args->queue_id);
	if (!queue)
		return -ENOENT;
	err = wait(queue, args->seqno, args->deadline_ns);
	args->status = err ? 0 : status_of(queue, args->seqno);
	causeway_queue_put(queue);
	return err;
}
