/* SPDX-License-Identifier: MIT */
/*
 * Command queues: OpenCL 3.0, 5.1.
 *
 * DOC: order
 *
 * An in-order queue is a chain without a lock: @tail is the newest command
 * that is not done, and each command's order_next is the one behind it.  Who
 * enqueues swaps himself into @tail and then into his predecessor's
 * order_next; who completes swaps CW_ORDER_DONE into his own order_next and
 * lets go whom he finds there.
 *
 * An out-of-order queue keeps its commands in @outstanding, oldest first,
 * under @lock.  A command that waits for everything before it (a marker or
 * barrier without a wait list) has one thing more to wait for: being the
 * oldest.  A barrier also becomes @barrier, which every later command waits
 * for.
 *
 * DOC: memory
 *
 * Commands are the queue's own memory and used again and again.  They are
 * taken under @pool_lock and given back without a lock: @returned is a stack
 * that is only ever emptied as a whole.
 */
#ifndef CW_QUEUE_H
#define CW_QUEUE_H

#include "base/list.h"
#include "base/lock.h"
#include "core/cl.h"
#include "core/object.h"
#include "device/device.h"

struct cw_command;
struct cw_context;

/* A piece of command memory. */
struct cw_command_slab;

/*
 * struct cw_queue - one command queue.
 * @context, @device: a reference each.
 * @flags: CL_QUEUE_PROPERTIES.
 * @is_in_order, @is_profiled: from @flags.
 * @priority: CL_QUEUE_PRIORITY_*_KHR.
 * @properties: the list given at creation with its 0, or NULL.
 * @generation: cw_process_generation() at creation: of no use after fork().
 * @backend: the device's (see queue_init).
 */
/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): @returned has a line for itself */
struct cw_queue {
	struct cw_object object;
	struct cw_context *context;
	struct cw_device *device;
	cl_command_queue_properties flags;
	bool is_in_order;
	bool is_profiled;
	cl_queue_priority_khr priority;
	unsigned num_properties;
	cl_queue_properties *properties;
	unsigned generation;
	void *backend;

	_Atomic(struct cw_command *) tail; /* with a reference; in-order only */

	struct cw_mutex lock;
	struct cw_list outstanding cw_guarded_by(&lock);
	struct cw_command *barrier cw_guarded_by(&lock); /* not done; no reference */

	struct cw_mutex pool_lock;
	struct cw_command *pool cw_guarded_by(&pool_lock);
	struct cw_command_slab *slabs cw_guarded_by(&pool_lock);
	unsigned slab_commands cw_guarded_by(&pool_lock);
	_Alignas(64) _Atomic(struct cw_command *) returned;
};

CW_HANDLE(queue, cl_command_queue, CW_CLASS_QUEUE)

/*
 * A queue of @context on @device, all checked by the caller.  @properties: the
 * list that was given, with its 0, or NULL; copied.
 */
cl_int cw_queue_create(struct cw_context *context, struct cw_device *device,
		       cl_command_queue_properties flags, cl_queue_priority_khr priority,
		       const cl_queue_properties *properties, struct cw_queue **queue_out);

/* See that what was enqueued starts. */
void cw_queue_flush(struct cw_queue *queue);

/*
 * Wait for all that was enqueued.  CL_OUT_OF_RESOURCES where a kernel of the
 * context failed, or where the queue is our parent's.  No lock may be held.
 */
cl_int cw_queue_finish(struct cw_queue *queue);

/* queue_pool.c: a command to be filled, or NULL; and back. */
struct cw_command *cw_queue_take_command(struct cw_queue *queue);
void cw_queue_return_command(struct cw_queue *queue, struct cw_command *command);
void cw_queue_free_commands(struct cw_queue *queue);

/*
 * queue_order.c: put @command behind what was enqueued before, adding to
 * command->pending what it has to wait for; and take it out when it is done,
 * returning the commands that have nothing left to wait for (linked by
 * next_ready).
 */
void cw_queue_append(struct cw_queue *queue, struct cw_command *command);
struct cw_command *cw_queue_remove(struct cw_queue *queue, struct cw_command *command);

/* Nothing is outstanding.  A snapshot. */
bool cw_queue_is_idle(struct cw_queue *queue);

#endif
