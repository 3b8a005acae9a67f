/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CAUSEWAY_QUEUE_H
#define CAUSEWAY_QUEUE_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <uapi/drm/causeway_drm.h>

#include "causeway_drv.h"

struct causeway_vm;

/**
 * struct causeway_queue - jobs that run one after the other
 *
 * Referenced by the client's table, by each of its jobs and by ioctls under
 * way; guarded by &causeway_engine.lock but for what is constant.
 */
struct causeway_queue {
	/** @ref: see above */
	struct kref ref;

	/** @vm: referenced; constant */
	struct causeway_vm *vm;

	/** @link: in &causeway_engine.queues until the queue ends */
	struct list_head link;

	/** @id: in &causeway_file.queues; constant */
	u32 id;

	/** @priority: constant */
	enum drm_causeway_priority priority;

	/** @timeout_ms: of a job; 0: none; constant */
	u32 timeout_ms;

	/** @dead: takes no jobs; those that it has end with RESET */
	bool dead;

	/** @jobs: &causeway_job.queue_link of those not over, in order; only the first may run */
	struct list_head jobs;

	/** @job_count: entries of @jobs */
	u32 job_count;

	/** @submitted: sequence number of the last one submitted */
	u64 submitted;

	/** @completed: and of the last one that is over; also read by READ_ONCE() */
	u64 completed;

	/** @fence_page: what clients map; referenced; constant */
	struct page *fence_page;

	/** @fence: in @fence_page */
	struct drm_causeway_fence_page *fence;

	/** @wait: &causeway_waiter, those that sleep in WAIT */
	wait_queue_head_t wait;

	/** @status: of the last jobs, by sequence number modulo its size; see @completed */
	u8 status[CAUSEWAY_MAX_PENDING];
};

void causeway_queue_put(struct causeway_queue *queue);
struct causeway_queue *causeway_queue_lookup(struct causeway_file *file, u32 id);
void causeway_queue_complete(struct causeway_queue *queue, u64 seqno,
			     enum drm_causeway_job_status status);
void causeway_queue_close_vm(struct causeway_file *file, struct causeway_vm *vm);
void causeway_queue_close_all(struct causeway_file *file);

int causeway_queue_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int causeway_queue_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int causeway_submit_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int causeway_wait_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#endif
