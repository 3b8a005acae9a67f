/* SPDX-License-Identifier: MIT */
/*
 * The backend contract.  Everything above this header is the same for all
 * devices; everything below it belongs to one (cpu/, drm/).
 *
 * DOC: who calls what
 *
 * core builds a command, keeps its dependencies and hands it to its device's
 * submit() once nothing is left to wait for.  The backend runs it with
 * cw_command_begin_run() and cw_command_complete() of core/command.h, the only
 * two calls that go upwards.  A thread of the application that has to wait
 * calls wait(): it may lend itself to the backend until its wait is over.
 */
#ifndef CW_DEVICE_H
#define CW_DEVICE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "abi.h"
#include "core/cl.h"
#include "core/object.h"

struct cw_command;
struct cw_device;
struct cw_queue;

/*
 * struct cw_device_caps - facts of a device that queries and checks need.
 * Filled by the backend when the device comes into being; constant after.
 */
struct cw_device_caps {
	cl_device_type type;
	const char *name;   /* CL_DEVICE_NAME */
	const char *vendor; /* CL_DEVICE_VENDOR */
	cl_uint vendor_id;
	enum cwc_isa isa;
	unsigned compute_units;
	unsigned clock_mhz;
	uint64_t global_mem_bytes;
	uint64_t max_alloc_bytes;
	uint64_t global_cache_bytes;
	unsigned cache_line_bytes;
	uint64_t local_mem_bytes;
	uint64_t max_group_items; /* CL_DEVICE_MAX_WORK_GROUP_SIZE */
	uint64_t printf_bytes;
	cl_device_svm_capabilities svm;
	uint64_t timer_resolution_ns;
	unsigned numa_nodes;
	unsigned preferred_width; /* lanes of 32 bits */
};

/*
 * struct cw_wait - what a thread of the application waits for.
 * @word: an event's status: done once it is CL_COMPLETE or negative.
 * @sleepers: counts threads that sleep on @word (futex, process-private);
 *	whoever completes the event wakes them when it is not 0.
 * @queue: the queue whose commands lead to it, or NULL (user events).
 */
struct cw_wait {
	atomic_int *word;
	atomic_uint *sleepers;
	struct cw_queue *queue;
};

static inline bool cw_wait_is_over(const struct cw_wait *wait)
{
	return atomic_load_explicit(wait->word, memory_order_acquire) <= CL_COMPLETE;
}

/*
 * struct cw_device_ops - one backend.
 *
 * Unless a method says otherwise it may be called from any thread, takes its
 * own locks, and must not call back into core with one held.  Errors are
 * negative errno.
 */
struct cw_device_ops {
	/* The last reference of a sub-device is gone.  Root devices live for ever. */
	void (*destroy)(struct cw_device *device);

	/*
	 * NULL: it can't be partitioned.  Make a sub-device of the @count workers @workers (indices
	 * within
	 * @parent's), with caps of its own.  The caller holds a reference to
	 * @parent for the sub-device's life.
	 */
	int (*partition)(struct cw_device *parent, const unsigned *workers, unsigned count,
			 struct cw_device **device_out);

	/*
	 * A queue comes into being or goes (with no command left in it):
	 * set up and tear down queue->backend.
	 */
	int (*queue_init)(struct cw_device *device, struct cw_queue *queue);
	void (*queue_finish)(struct cw_device *device, struct cw_queue *queue);

	/*
	 * A command whose predecessors are all done: run it, then call
	 * cw_command_complete() exactly once, from any thread, possibly
	 * before submit returns.  Never blocks on other commands.  Commands
	 * handed in are independent of each other.  Work starts within a
	 * millisecond or so even if nobody flushes.
	 */
	void (*submit)(struct cw_device *device, struct cw_command *command);

	/* clFlush and whatever implies it: what was submitted for @queue starts now. */
	void (*flush)(struct cw_device *device, struct cw_queue *queue);

	/*
	 * The calling application thread waits (clFinish, clWaitForEvents,
	 * blocking calls): help with what is ready in wait->queue, or sleep.
	 * Returns when the wait is over.  No lock may be held.
	 */
	void (*wait)(struct cw_device *device, const struct cw_wait *wait);

	/* It has memory of its own: it takes CW_COMMAND_MIGRATE. */
	bool migrates;

	/* CL_DEVICE timer: ns, the same clock as the profiling times. */
	uint64_t (*clock_ns)(struct cw_device *device);
};

/*
 * struct cw_device - a root device or a sub-device.
 * @parent: NULL for a root device, else a reference.
 * @workers: indices of the root's workers that it owns.
 * @worker_nodes: NUMA node of each of the @num_workers, rising; NULL when there
 *	is but one node.  Backends fill it for root and sub-devices.
 * @partition: properties a sub-device was made with, 0-terminated.
 */
struct cw_device {
	struct cw_object object;
	const struct cw_device_ops *ops;
	struct cw_device_caps caps;
	struct cw_device *parent;
	unsigned num_workers;
	unsigned *workers;
	unsigned *worker_nodes;
	unsigned num_partition;
	cl_device_partition_property *partition;
	cl_device_affinity_domain affinity;
};

CW_HANDLE(device, cl_device_id, CW_CLASS_DEVICE)

/* The root devices of the platform, made on first use: of the kinds that CAUSEWAY_DEVICES names. */
unsigned cw_devices(struct cw_device *const **devices_out);

/* device/cpu: the in-process device (one a process). 0, or negative errno. */
int cw_cpu_device_create(struct cw_device **device_out);

/*
 * device/drm: the accelerators of the kernel driver, at most @limit of them; how many.
 * Opens nothing but their own nodes.
 */
unsigned cw_drm_devices_create(struct cw_device **devices_out, unsigned limit);

#endif
