/* SPDX-License-Identifier: MIT */
/*
 * Events: OpenCL 3.0, 5.11 to 5.14.
 *
 * DOC: status, waiters and successors
 *
 * An event is a status word that only moves forward (CL_QUEUED, CL_SUBMITTED,
 * CL_RUNNING, then CL_COMPLETE or an error), and a list of what waits for it.
 * The event of a command is the head of the command itself; a user event
 * stands alone.
 *
 * Three kinds of things wait.  Commands hang an edge on @successors, a
 * lock-free stack that is closed when the event is done; a closed stack tells
 * a latecomer that there is nothing to wait for.  Threads sleep on the status
 * word.  Callbacks are kept under one of a few striped locks (rank EVENT) that
 * only events with callbacks ever touch.  No two of these locks are held at
 * once, and none while an edge is followed.
 */
#ifndef CW_EVENT_H
#define CW_EVENT_H

#include "core/cl.h"
#include "core/object.h"
#include "device/device.h"

struct cw_command;
struct cw_context;
struct cw_event_callback;
struct cw_queue;

/*
 * struct cw_edge - "@successor waits for the event whose list this is in".
 * Owned by the successor; of no use once the event is done.
 * @is_order: comes from the queue's order, so that failures do not spread.
 */
struct cw_edge {
	struct cw_edge *next;
	struct cw_command *successor;
	bool is_order;
};

/* Profiling times, cw_clock_ns(); all 0 unless the queue profiles. */
struct cw_event_times {
	uint64_t queued;
	uint64_t submit;
	uint64_t start;
	uint64_t end;
};

/*
 * struct cw_event - one event.
 * @context: a reference for user events; a command's queue keeps it otherwise.
 * @queue: a reference, or NULL for user events.
 * @type: CL_COMMAND_*.
 * @status: execution status; whoever sees it <= CL_COMPLETE sees all effects.
 * @sleepers: threads that sleep on @status.
 * @was_set: user events: clSetUserEventStatus was called.
 * @is_profiled: @times are kept.
 * @successors: stack of edges, CW_EDGES_CLOSED once done.
 * @callbacks: not yet due; see event_callback.c.
 */
struct cw_event {
	struct cw_object object;
	struct cw_context *context;
	struct cw_queue *queue;
	cl_command_type type;
	atomic_int status;
	atomic_uint sleepers;
	atomic_bool was_set;
	bool is_profiled;
	_Atomic(struct cw_edge *) successors;
	_Atomic(struct cw_event_callback *) callbacks;
	struct cw_event_times times;
};

#define CW_EDGES_CLOSED ((struct cw_edge *)1)

CW_HANDLE(event, cl_event, CW_CLASS_EVENT)

static inline cl_int cw_event_status(const struct cw_event *event)
{
	return atomic_load_explicit(&event->status, memory_order_acquire);
}

static inline bool cw_event_is_done(const struct cw_event *event)
{
	return cw_event_status(event) <= CL_COMPLETE;
}

/* Set all fields but the times; the counts are the caller's (cw_object_init: one of each). */
void cw_event_init(struct cw_event *event, struct cw_context *context, struct cw_queue *queue,
		   cl_command_type type, void (*destroy)(struct cw_object *object));

/* A user event, CL_SUBMITTED.  NULL when memory is short. */
struct cw_event *cw_user_event_create(struct cw_context *context);

/*
 * Set the status of a user event and let go what waits for it.
 * False when it was set before.  No lock may be held.
 */
bool cw_user_event_set(struct cw_event *event, cl_int status);

/*
 * Make @edge->successor wait for @event.  False when @event is done already:
 * then nothing was done.  Lock-free.
 */
bool cw_event_add_edge(struct cw_event *event, struct cw_edge *edge);

/*
 * Move the status forward to CL_SUBMITTED or CL_RUNNING, and post the
 * callbacks that are due.
 */
void cw_event_advance(struct cw_event *event, cl_int status);

/*
 * The event is done: publish @status (CL_COMPLETE or an error), post the
 * callbacks, wake the sleepers.  Returns the edges, oldest first; the caller
 * follows them.
 */
struct cw_edge *cw_event_finish(struct cw_event *event, cl_int status);

/*
 * Sleep, or help the device, until @event is done; returns its status, or
 * CL_OUT_OF_RESOURCES when it can't end because we are a forked child of the
 * process that runs it.  No lock may be held.
 */
cl_int cw_event_wait(struct cw_event *event);

/* Somebody looks at @event without waiting: see that its queue is working. */
void cw_event_nudge(struct cw_event *event);

/* Sleep until @wait is over; for waits that nothing can help. */
void cw_wait_sleep(const struct cw_wait *wait);

/*
 * clSetEventCallback: @notify runs on the dispatcher thread once the status
 * is @type or further.  CL_OUT_OF_HOST_MEMORY or CL_SUCCESS.
 */
cl_int cw_event_add_callback(struct cw_event *event, cl_int type,
			     void(CL_CALLBACK *notify)(cl_event event, cl_int status, void *user),
			     void *user);

/* event_callback.c: post what is due at @status; called after @status is visible. */
void cw_event_post_callbacks(struct cw_event *event, cl_int status);

#endif
