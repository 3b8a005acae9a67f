/* SPDX-License-Identifier: MIT */
/* Queues: handing jobs to the driver, and taking them back. */
#include <errno.h>
#include <immintrin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/ref.h"
#include "base/thread.h"
#include "base/trace.h"
#include "core/kernel.h"
#include "core/queue.h"
#include "device/drm/drm.h"

/* What a thread waits for may end without the driver's help: it looks now and then. */
#define SLEEP_NS 100000000
/* A reaper that has become idle looks for work by itself for a while: nobody has to wake it. */
#define NAP_NS	 1000000
#define NAPS	 100

/*
 * struct cw_drm_queue - a queue of the driver.
 * @refs: the OpenCL queue and, once it runs, the reaper.
 * @id: the driver's number.
 * @fence: the driver tells here what is done; read-only.
 * @waiters: threads that reap by themselves; the reaper rests meanwhile.
 * @first, @end: commands handed over, oldest first, linked by next_ready.
 * @pending: how many of them.
 * @held, @held_end: commands that the driver's queue had no room for.
 * @has_reaper, @is_napping, @stop: of the thread.
 */
struct cw_drm_queue {
	atomic_uint refs;
	struct cw_drm_vm *vm;
	uint32_t id;
	volatile struct drm_causeway_fence_page *fence;
	atomic_uint waiters;
	struct cw_mutex lock; /* rank JOBS */
	struct cw_cond changed;
	struct cw_command *first cw_guarded_by(&lock);
	struct cw_command **end cw_guarded_by(&lock);
	unsigned pending cw_guarded_by(&lock);
	struct cw_command *held cw_guarded_by(&lock);
	struct cw_command **held_end cw_guarded_by(&lock);
	bool has_reaper cw_guarded_by(&lock);
	bool is_napping cw_guarded_by(&lock);
	bool stop cw_guarded_by(&lock);
};

static void queue_put(struct cw_drm_queue *queue)
{
	struct drm_causeway_queue_destroy request = {.queue_id = queue->id};

	if (!cw_ref_put(&queue->refs))
		return;
	if (queue->fence)
		munmap((void *)queue->fence, (size_t)sysconf(_SC_PAGESIZE));
	if (queue->id)
		cw_drm_ioctl(queue->vm->fd, DRM_IOCTL_CAUSEWAY_QUEUE_DESTROY, &request);
	cw_cond_finish(&queue->changed);
	cw_mutex_finish(&queue->lock);
	free(queue);
}

static uint32_t priority_of(const struct cw_queue *queue)
{
	switch (queue->priority) {
	case CL_QUEUE_PRIORITY_HIGH_KHR:
		return DRM_CAUSEWAY_PRIORITY_HIGH;
	case CL_QUEUE_PRIORITY_LOW_KHR:
		return DRM_CAUSEWAY_PRIORITY_LOW;
	default:
		return DRM_CAUSEWAY_PRIORITY_NORMAL;
	}
}

static int queue_fill(struct cw_drm_queue *drm, const struct cw_queue *queue)
{
	struct drm_causeway_queue_create request = {
		.vm_id = drm->vm->id,
		.priority = priority_of(queue),
		.timeout_ms = (uint32_t)cw_config()->drm_timeout_ms,
	};
	int error = cw_drm_ioctl(drm->vm->fd, DRM_IOCTL_CAUSEWAY_QUEUE_CREATE, &request);
	void *fence;

	if (error)
		return error;
	drm->id = request.queue_id;
	fence = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, drm->vm->fd,
		     (off_t)request.fence_offset);
	if (fence == MAP_FAILED)
		return -errno;
	drm->fence = fence;
	return 0;
}

int cw_drm_queue_init(struct cw_device *device, struct cw_queue *queue)
{
	struct cw_drm_queue *drm;
	int error;
	struct cw_drm_vm *vm = cw_drm_vm(cw_drm_device(device), &error);

	if (!vm)
		return error;
	drm = calloc(1, sizeof(*drm));
	if (!drm)
		return -ENOMEM;
	cw_ref_init(&drm->refs);
	drm->vm = vm;
	drm->end = &drm->first;
	drm->held_end = &drm->held;
	cw_mutex_init(&drm->lock, CW_RANK_JOBS);
	cw_cond_init(&drm->changed);
	error = queue_fill(drm, queue);
	if (error) {
		cw_log(WARN, "no queue on the accelerator: %s", strerror(-error));
		queue_put(drm);
		return error;
	}
	queue->backend = drm;
	return 0;
}

/* May run on the reaper itself: the last command's end can end the queue. */
void cw_drm_queue_finish(struct cw_device *device, struct cw_queue *queue)
{
	struct cw_drm_queue *drm = queue->backend;

	(void)device;
	cw_mutex_lock(&drm->lock);
	drm->stop = true;
	cw_cond_signal(&drm->changed);
	cw_mutex_unlock(&drm->lock);
	queue_put(drm);
}

/* How job @seqno, which is over, ended. */
static uint32_t status_of(const struct cw_drm_queue *queue, uint64_t seqno)
{
	struct drm_causeway_wait request = {.queue_id = queue->id, .seqno = seqno};

	if (cw_drm_ioctl(queue->vm->fd, DRM_IOCTL_CAUSEWAY_WAIT, &request))
		return DRM_CAUSEWAY_JOB_LOST;
	return request.status;
}

static void report(struct cw_drm_vm *vm, struct cw_command *command, uint32_t status)
{
	char why[256];
	char text[512];

	cw_drm_failure_text(vm, cw_drm_job(command)->command_id, status, why, sizeof(why));
	if (command->kind == CW_COMMAND_NDRANGE)
		snprintf(text, sizeof(text), "kernel '%s' faulted on the accelerator: %s",
			 command->ndrange.code->kernel_name, why);
	else
		snprintf(text, sizeof(text), "%s faulted on the accelerator: %s",
			 cw_command_type_name(command->event.type), why);
	cw_command_report_fault(command, text);
}

/* A command that the driver never got: memory is short, or the device is gone. */
static void refuse(struct cw_drm_vm *vm, struct cw_command *command)
{
	int error = cw_drm_job(command)->error;
	char text[256];

	cw_drm_job_finish(vm, command, 0);
	snprintf(text, sizeof(text), "%s can't run on the accelerator: %s",
		 cw_command_type_name(command->event.type),
		 error == -E2BIG ? "it needs more local memory or stack than there is"
				 : strerror(-error));
	cw_command_report_fault(command, text);
	cw_command_complete(command, error == -ENOMEM ? CL_MEM_OBJECT_ALLOCATION_FAILURE
						      : CL_OUT_OF_RESOURCES);
}

static void push_locked(struct cw_drm_queue *queue, struct cw_command *command)
	cw_must_hold(&queue->lock)
{
	command->next_ready = NULL;
	*queue->end = command;
	queue->end = &command->next_ready;
	queue->pending++;
}

/* The driver's answer to @job: 0, or negative errno where it didn't take it. */
static int submit_job(const struct cw_drm_queue *queue, struct cw_drm_job *job)
{
	struct drm_causeway_job description = {
		.address = (uintptr_t)job->memory,
		.command_id = job->command_id,
		.width = job->width,
	};
	struct drm_causeway_submit request = {
		.queue_id = queue->id,
		.job_count = 1,
		.jobs = (uintptr_t)&description,
	};
	int error = cw_drm_ioctl(queue->vm->fd, DRM_IOCTL_CAUSEWAY_SUBMIT, &request);

	job->seqno = error ? 0 : request.seqno;
	return error;
}

/* Hand @command to the driver; with a new engine where the old one has died. */
static void hand_over_locked(struct cw_drm_queue *queue, struct cw_command *command)
	cw_must_hold(&queue->lock)
{
	struct cw_drm_job *job = cw_drm_job(command);
	unsigned generation = atomic_load(&queue->vm->engine_generation);

	push_locked(queue, command);
	if (job->error)
		return;
	job->submitted_ns = cw_clock_ns();
	job->error = submit_job(queue, job);
	if ((job->error == -EIO || job->error == -ENOTCONN) &&
	    !cw_drm_engine_restart(queue->vm, generation))
		job->error = submit_job(queue, job);
}

/* A job that died with its engine before any part of it was begun can run on another one. */
static bool try_again(struct cw_drm_queue *queue, struct cw_command *command)
{
	struct cw_drm_job *job = cw_drm_job(command);

	if (job->is_second || __atomic_load_n(&job->memory->next, __ATOMIC_ACQUIRE))
		return false;
	job->is_second = true;
	cw_mutex_lock(&queue->lock);
	hand_over_locked(queue, command);
	if (!atomic_load(&queue->waiters))
		cw_cond_signal(&queue->changed);
	cw_mutex_unlock(&queue->lock);
	return true;
}

static void complete(struct cw_drm_queue *queue, struct cw_command *command)
{
	struct cw_drm_job *job = cw_drm_job(command);
	uint32_t status;

	if (job->error) {
		refuse(queue->vm, command);
		return;
	}
	status = job->has_failed ? status_of(queue, job->seqno) : DRM_CAUSEWAY_JOB_DONE;
	if (status == DRM_CAUSEWAY_JOB_LOST && try_again(queue, command))
		return;
	cw_drm_job_finish(queue->vm, command, cw_clock_ns());
	if (status != DRM_CAUSEWAY_JOB_DONE)
		report(queue->vm, command, status);
	cw_command_complete(command,
			    status == DRM_CAUSEWAY_JOB_DONE ? CL_COMPLETE : CL_OUT_OF_RESOURCES);
}

/* Take off the list what is over; the failures among it are marked. */
static struct cw_command *take_done_locked(struct cw_drm_queue *queue) cw_must_hold(&queue->lock)
{
	uint64_t completed = __atomic_load_n(&queue->fence->completed, __ATOMIC_ACQUIRE);
	uint64_t failed = __atomic_load_n(&queue->fence->failed, __ATOMIC_RELAXED);
	struct cw_command *done = queue->first;
	struct cw_command **end = &done;

	while (*end) {
		struct cw_drm_job *job = cw_drm_job(*end);

		if (!job->error && job->seqno > completed)
			break;
		/* @failed is the last failure: earlier ones may have failed, later ones didn't. */
		job->has_failed = !job->error && job->seqno <= failed;
		end = &(*end)->next_ready;
		queue->pending--;
	}
	queue->first = *end;
	*end = NULL;
	if (!queue->first)
		queue->end = &queue->first;
	return done;
}

static void hand_over_held_locked(struct cw_drm_queue *queue) cw_must_hold(&queue->lock)
{
	while (queue->held && queue->pending < queue->vm->max_pending) {
		struct cw_command *command = queue->held;

		queue->held = command->next_ready;
		if (!queue->held)
			queue->held_end = &queue->held;
		hand_over_locked(queue, command);
	}
}

/* Complete what is over. */
static void reap(struct cw_drm_queue *queue)
{
	struct cw_command *done;

	cw_mutex_lock(&queue->lock);
	done = take_done_locked(queue);
	hand_over_held_locked(queue);
	cw_mutex_unlock(&queue->lock);
	if (done && cw_trace_on())
		cw_drm_records_read(queue->vm);
	while (done) {
		struct cw_command *command = done;

		done = command->next_ready;
		complete(queue, command);
	}
}

/* Sequence number of the oldest job that isn't known to be over; 0: none. */
static uint64_t oldest_locked(const struct cw_drm_queue *queue) cw_must_hold(&queue->lock)
{
	return queue->first ? cw_drm_job(queue->first)->seqno : 0;
}

static bool is_over(const struct cw_drm_queue *queue, uint64_t seqno)
{
	return __atomic_load_n(&queue->fence->completed, __ATOMIC_ACQUIRE) >= seqno;
}

static void spin(const struct cw_drm_queue *queue, uint64_t seqno)
{
	uint64_t end = cw_clock_ns() + cw_config()->drm_spin_us * 1000;

	while (!is_over(queue, seqno) && cw_clock_ns() < end)
		_mm_pause();
}

/* Sleep in the driver until job @seqno is over, or for a while. */
static void sleep_in_driver(const struct cw_drm_queue *queue, uint64_t seqno)
{
	struct drm_causeway_wait request = {
		.queue_id = queue->id,
		.seqno = seqno,
		.deadline_ns = (int64_t)cw_clock_ns() + SLEEP_NS,
	};

	if (!is_over(queue, seqno))
		cw_drm_ioctl(queue->vm->fd, DRM_IOCTL_CAUSEWAY_WAIT, &request);
}

/* Nothing is to be reaped, or others do; *@naps counts how often in a row. */
static void rest_locked(struct cw_drm_queue *queue, unsigned *naps) cw_must_hold(&queue->lock)
{
	if (*naps < NAPS) {
		++*naps;
		queue->is_napping = true;
		cw_cond_wait_until(&queue->changed, &queue->lock, cw_clock_ns() + NAP_NS);
		queue->is_napping = false;
	} else {
		cw_cond_wait(&queue->changed, &queue->lock);
		*naps = 0;
	}
}

static void reaper_main(void *argument)
{
	struct cw_drm_queue *queue = argument;
	unsigned naps = 0;
	uint64_t seqno;

	cw_mutex_lock(&queue->lock);
	while (!queue->stop) {
		if (!queue->first || atomic_load(&queue->waiters)) {
			rest_locked(queue, &naps);
			continue;
		}
		naps = 0;
		seqno = oldest_locked(queue);
		cw_mutex_unlock(&queue->lock);
		sleep_in_driver(queue, seqno);
		reap(queue);
		cw_mutex_lock(&queue->lock);
	}
	cw_mutex_unlock(&queue->lock);
	queue_put(queue);
}

/* Somebody has to look after what was handed over: the reaper, where no thread waits. */
static void call_reaper_locked(struct cw_drm_queue *queue) cw_must_hold(&queue->lock)
{
	if (!queue->has_reaper) {
		cw_ref_get(&queue->refs);
		if (cw_thread_create_detached("cw-drm-reaper", 0, reaper_main, queue)) {
			cw_log(WARN, "no thread for the accelerator's queue");
			cw_ref_put(&queue->refs);
			return;
		}
		queue->has_reaper = true;
	} else if (!queue->is_napping && !atomic_load(&queue->waiters)) {
		cw_cond_signal(&queue->changed);
	}
}

/* Commands of kinds that the engine doesn't run have a thread of their own. */
void cw_drm_submit(struct cw_device *device, struct cw_command *command)
{
	struct cw_drm_queue *queue = command->event.queue->backend;

	(void)device;
	if (command->kind == CW_COMMAND_CALL || command->kind == CW_COMMAND_MIGRATE) {
		cw_drm_call(queue->vm, command);
		return;
	}
	cw_command_begin_run(command);
	cw_drm_job(command)->error = cw_drm_job_make(queue->vm, command);
	cw_mutex_lock(&queue->lock);
	if (queue->held || queue->pending >= queue->vm->max_pending) {
		command->next_ready = NULL;
		*queue->held_end = command;
		queue->held_end = &command->next_ready;
	} else {
		hand_over_locked(queue, command);
	}
	call_reaper_locked(queue);
	cw_mutex_unlock(&queue->lock);
}

/* The last waiter leaves what isn't over to the reaper. */
static void stop_waiting(struct cw_drm_queue *queue)
{
	cw_mutex_lock(&queue->lock);
	if (atomic_fetch_sub(&queue->waiters, 1) == 1 && queue->first)
		cw_cond_signal(&queue->changed);
	cw_mutex_unlock(&queue->lock);
}

void cw_drm_wait(struct cw_device *device, const struct cw_wait *wait)
{
	struct cw_drm_queue *queue = wait->queue->backend;
	bool is_idle = false;
	uint64_t seqno;

	(void)device;
	cw_lock_check_none();
	atomic_fetch_add(&queue->waiters, 1);
	while (!cw_wait_is_over(wait) && !is_idle) {
		cw_mutex_lock(&queue->lock);
		is_idle = !queue->first;
		seqno = oldest_locked(queue);
		cw_mutex_unlock(&queue->lock);
		spin(queue, seqno);
		sleep_in_driver(queue, seqno);
		reap(queue);
	}
	stop_waiting(queue);
	/* What it depends on is on another queue, or nobody's. */
	cw_wait_sleep(wait);
}
