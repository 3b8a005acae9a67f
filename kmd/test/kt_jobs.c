/* SPDX-License-Identifier: MIT */
/* Jobs: descriptors in DATA, submission, the jobs that most tests use. */
#include "kt.h"
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define SLOT_BYTES 1024
#define SLOTS	   1024 /* they end where kt_data() begins */
#define MAX_BATCH  512

/*
 * struct slot - a descriptor and what it points to
 */
struct slot {
	struct causeway_job job __attribute__((aligned(128)));
	struct kt_args args __attribute__((aligned(128)));
	uint64_t out[KT_OUT];
};

_Static_assert(sizeof(struct slot) <= SLOT_BYTES, "a slot has room for it");

static struct slots {
	pthread_mutex_t lock;
	pid_t owner;
	bool used[SLOTS];
} slots = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void slot_fill(struct slot *slot, const struct kt_op *op)
{
	uint64_t items = op->items ? op->items : 1;
	uint64_t part = op->part ? op->part : items;
	struct causeway_job_ndrange *range = &slot->job.ndrange;

	memset(slot, 0, sizeof(*slot));
	/* The window has its place. NOLINTNEXTLINE(*FixedAddressDereference) */
	slot->args = op->args;
	slot->args.out = slot->out;
	slot->job.kind = CAUSEWAY_JOB_NDRANGE;
	slot->job.parts = (items + part - 1) / part;
	range->entry = kt_code_address((const void *)op->fn);
	range->groups_x = part;
	range->local_bytes = op->fn == kt_dev_scratch ? op->args.b : 0;
	range->stack_bytes = op->fn == kt_dev_stack ? op->args.b + KT_PAGE : KT_PAGE;
	range->launch.work_dim = 1;
	range->launch.args = &slot->args;
	for (int i = 0; i < 3; i++) {
		range->launch.global_size[i] = i ? 1 : items;
		range->launch.local_size[i] = 1;
		range->launch.num_groups[i] = i ? 1 : items;
	}
}

void *kt_slot_get(const struct kt_op *op)
{
	struct slot *slot = NULL;

	pthread_mutex_lock(&slots.lock);
	if (slots.owner != getpid()) {
		memset(slots.used, 0, sizeof(slots.used));
		slots.owner = getpid();
	}
	for (size_t i = 0; i < SLOTS && !slot; i++) {
		if (slots.used[i])
			continue;
		slots.used[i] = true;
		slot = (struct slot *)((char *)CAUSEWAY_WINDOW_DATA + i * SLOT_BYTES);
	}
	pthread_mutex_unlock(&slots.lock);
	if (!slot)
		kt_fail("the test has too many jobs in flight");
	slot_fill(slot, op);
	return slot;
}

void kt_slot_put(void *slot)
{
	size_t i = ((uintptr_t)slot - CAUSEWAY_WINDOW_DATA) / SLOT_BYTES;

	pthread_mutex_lock(&slots.lock);
	slots.used[i] = false;
	pthread_mutex_unlock(&slots.lock);
}

int kt_submit(struct kt_queue *queue, void *const *descriptors, size_t count,
	      const struct kt_op *ops)
{
	struct drm_causeway_job jobs[MAX_BATCH] = {0};
	struct drm_causeway_submit submit = {
		.queue_id = queue->id, .job_count = (uint32_t)count, .jobs = (uintptr_t)jobs};
	int err;

	if (count > MAX_BATCH)
		kt_fail("the test submits too many jobs at once");
	for (size_t i = 0; i < count; i++) {
		jobs[i].address = (uintptr_t)descriptors[i];
		jobs[i].command_id = ops[i].command;
		jobs[i].width = ops[i].width ? ops[i].width : 1;
	}
	err = kt_ioctl(queue->vm->fd, DRM_IOCTL_CAUSEWAY_SUBMIT, &submit);
	if (err == 0)
		queue->last = submit.seqno;
	return err;
}

int kt_wait(struct kt_queue *queue, uint64_t seqno, int64_t deadline_ns, uint32_t *status_out)
{
	struct drm_causeway_wait wait = {
		.queue_id = queue->id, .seqno = seqno, .deadline_ns = deadline_ns};
	int err = kt_ioctl(queue->vm->fd, DRM_IOCTL_CAUSEWAY_WAIT, &wait);

	if (status_out)
		*status_out = wait.status;
	return err;
}

struct kt_job kt_start(struct kt_queue *queue, const struct kt_op *op)
{
	struct kt_job job = {.queue = queue, .slot = kt_slot_get(op)};
	int err = kt_submit(queue, &job.slot, 1, op);

	if (err)
		kt_fail("SUBMIT: %s", strerror(-err));
	job.seqno = queue->last;
	return job;
}

uint32_t kt_finish(struct kt_job *job)
{
	struct slot *slot = job->slot;
	int err = kt_wait(job->queue, job->seqno, -1, &job->status);

	if (err)
		kt_fail("WAIT for job %lu: %s", job->seqno, strerror(-err));
	if (job->queue->fence->completed < job->seqno)
		kt_fail("WAIT returned, but the fence page says %llu, not %lu",
			(unsigned long long)job->queue->fence->completed, job->seqno);
	memcpy(job->out, slot->out, sizeof(job->out));
	kt_slot_put(job->slot);
	job->slot = NULL;
	return job->status;
}

uint32_t kt_run(struct kt_queue *queue, const struct kt_op *op, uint64_t *out)
{
	struct kt_job job = kt_start(queue, op);
	uint32_t status = kt_finish(&job);

	if (out)
		memcpy(out, job.out, sizeof(job.out));
	return status;
}

/* ---- frequent jobs -------------------------------------------------- */

static void must(struct kt_queue *queue, const struct kt_op *op, uint64_t *out, const char *what)
{
	uint32_t status = kt_run(queue, op, out);

	if (status != DRM_CAUSEWAY_JOB_DONE)
		kt_fail("%s of %lu words at 0x%lx ended with status %u", what, op->items,
			op->args.p, status);
}

static struct kt_op words(kt_fn *fn, const void *p, size_t count, size_t stride, uint64_t a)
{
	return (struct kt_op){
		.fn = fn, .args = {.p = (uintptr_t)p, .stride = stride, .a = a}, .items = count};
}

void kt_inc(struct kt_queue *queue, void *p, size_t count, size_t stride, uint32_t step)
{
	struct kt_op op = words(kt_dev_inc, p, count, stride, step);

	must(queue, &op, NULL, "increment");
}

void kt_write(struct kt_queue *queue, void *p, size_t count, size_t stride, uint32_t first)
{
	struct kt_op op = words(kt_dev_write, p, count, stride, first);

	must(queue, &op, NULL, "write");
}

uint64_t kt_sum(struct kt_queue *queue, const void *p, size_t count, size_t stride)
{
	struct kt_op op = words(kt_dev_sum, p, count, stride, 0);
	uint64_t out[KT_OUT];

	must(queue, &op, out, "sum");
	KT_EQ(out[1], count);
	return out[0];
}

uint32_t kt_touch(struct kt_queue *queue, const void *p, enum kt_access access, uint32_t *value_out)
{
	struct kt_op op = words(kt_dev_touch, p, 1, 0, 0x5eed);
	uint64_t out[KT_OUT];
	uint32_t status;

	op.args.b = access;
	status = kt_run(queue, &op, out);
	if (value_out)
		*value_out = (uint32_t)out[0];
	return status;
}
