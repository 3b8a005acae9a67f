/* SPDX-License-Identifier: MIT */
#include "core/event.h"

#include <linux/futex.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "core/command.h"
#include "core/context.h"
#include "core/process.h"
#include "core/queue.h"

void cw_event_init(struct cw_event *event, struct cw_context *context, struct cw_queue *queue,
		   cl_command_type type, void (*destroy)(struct cw_object *object))
{
	cw_object_init(&event->object, CW_CLASS_EVENT, destroy);
	event->context = context;
	event->queue = queue;
	event->type = type;
	atomic_init(&event->status, CL_QUEUED);
	atomic_init(&event->sleepers, 0);
	atomic_init(&event->was_set, false);
	event->is_profiled = false;
	atomic_init(&event->successors, NULL);
	atomic_init(&event->callbacks, NULL);
}

bool cw_event_add_edge(struct cw_event *event, struct cw_edge *edge)
{
	struct cw_edge *head = atomic_load_explicit(&event->successors, memory_order_acquire);

	do {
		if (head == CW_EDGES_CLOSED)
			return false;
		edge->next = head;
	} while (!atomic_compare_exchange_weak_explicit(
		&event->successors, &head, edge, memory_order_release, memory_order_acquire));
	return true;
}

static struct cw_edge *reversed(struct cw_edge *edge)
{
	struct cw_edge *result = NULL;

	while (edge) {
		struct cw_edge *next = edge->next;

		edge->next = result;
		result = edge;
		edge = next;
	}
	return result;
}

static void wake_sleepers(struct cw_event *event)
{
	if (atomic_load(&event->sleepers))
		syscall(SYS_futex, &event->status, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

void cw_event_advance(struct cw_event *event, cl_int status)
{
	uint64_t *time = status == CL_SUBMITTED ? &event->times.submit : &event->times.start;

	if (event->is_profiled)
		*time = cw_clock_ns();
	atomic_store_explicit(&event->status, status, memory_order_release);
	if (atomic_load_explicit(&event->callbacks, memory_order_relaxed))
		cw_event_post_callbacks(event, status);
}

struct cw_edge *cw_event_finish(struct cw_event *event, cl_int status)
{
	if (event->is_profiled) {
		if (!event->times.end)
			event->times.end = cw_clock_ns();
		if (!event->times.start)
			event->times.start = event->times.end;
		if (!event->times.submit)
			event->times.submit = event->times.start;
	}
	/* Sequentially consistent against whoever adds a callback or goes to sleep. */
	atomic_store(&event->status, status);
	if (atomic_load(&event->callbacks))
		cw_event_post_callbacks(event, status);
	wake_sleepers(event);
	return reversed(atomic_exchange_explicit(&event->successors, CW_EDGES_CLOSED,
						 memory_order_acq_rel));
}

void cw_wait_sleep(const struct cw_wait *wait)
{
	atomic_fetch_add(wait->sleepers, 1);
	for (;;) {
		int status = atomic_load(wait->word);

		if (status <= CL_COMPLETE)
			break;
		syscall(SYS_futex, wait->word, FUTEX_WAIT_PRIVATE, status, NULL, NULL, 0);
	}
	atomic_fetch_sub(wait->sleepers, 1);
}

cl_int cw_event_wait(struct cw_event *event)
{
	struct cw_wait wait = {&event->status, &event->sleepers, event->queue};

	if (!cw_wait_is_over(&wait)) {
		if (wait.queue && wait.queue->generation != cw_process_generation())
			return CL_OUT_OF_RESOURCES; /* runs in our parent, if at all */
		if (wait.queue)
			wait.queue->device->ops->wait(wait.queue->device, &wait);
		else
			cw_wait_sleep(&wait);
	}
	return cw_event_status(event);
}

void cw_event_nudge(struct cw_event *event)
{
	if (event->queue && !cw_event_is_done(event) &&
	    event->queue->generation == cw_process_generation())
		event->queue->device->ops->flush(event->queue->device, event->queue);
}

static void user_event_destroy(struct cw_object *object)
{
	struct cw_event *event = (struct cw_event *)object;

	cw_context_put(event->context);
	object->class = 0;
	free(event);
}

struct cw_event *cw_user_event_create(struct cw_context *context)
{
	struct cw_event *event = calloc(1, sizeof(*event));

	if (!event)
		return NULL;
	cw_event_init(event, cw_context_get(context), NULL, CL_COMMAND_USER, user_event_destroy);
	atomic_store_explicit(&event->status, CL_SUBMITTED, memory_order_relaxed);
	return event;
}

bool cw_user_event_set(struct cw_event *event, cl_int status)
{
	if (atomic_exchange(&event->was_set, true))
		return false;
	cw_event_get(event);
	cw_command_follow_edges(cw_event_finish(event, status), status);
	cw_event_put(event);
	return true;
}
