/* SPDX-License-Identifier: MIT */
/*
 * clSetEventCallback: OpenCL 3.0, 5.11.
 *
 * DOC: exactly once, in order
 *
 * A callback waits in its event's list until the status is far enough, then
 * goes to the dispatcher.  Whoever changes the status first publishes it and
 * then looks at the list; whoever adds a callback first publishes that and
 * then looks at the status.  So at least one of them sees both, and the
 * striped lock makes sure that only one takes the callback out.
 */
#include <stdlib.h>

#include "base/lock.h"
#include "core/callback.h"
#include "core/event.h"

/*
 * struct cw_event_callback - one clSetEventCallback.
 * @next: in the event's list, newest first.
 * @event: a reference, dropped after the call.
 * @type: CL_COMPLETE, CL_RUNNING or CL_SUBMITTED.
 * @status: what the application is told.
 */
struct cw_event_callback {
	struct cw_callback callback;
	struct cw_event_callback *next;
	struct cw_event *event;
	cl_int type;
	cl_int status;
	void(CL_CALLBACK *notify)(cl_event event, cl_int status, void *user);
	void *user;
};

#define NUM_STRIPES 16

static struct cw_mutex stripes[NUM_STRIPES] = {
	[0 ... NUM_STRIPES - 1] = CW_MUTEX_INIT(CW_RANK_EVENT),
};

static struct cw_mutex *stripe_of(const struct cw_event *event)
{
	return &stripes[(uintptr_t)event / sizeof(*event) % NUM_STRIPES];
}

static void run_callback(struct cw_callback *base)
{
	struct cw_event_callback *callback = (struct cw_event_callback *)base;

	callback->notify(cw_event_handle(callback->event), callback->status, callback->user);
	cw_event_put(callback->event);
	free(callback);
}

/* Post what is due: CL_SUBMITTED before CL_RUNNING before CL_COMPLETE, each oldest first. */
static void post_due_locked(struct cw_event *event, cl_int status)
{
	struct cw_event_callback *due[CL_SUBMITTED + 1] = {NULL};
	struct cw_event_callback *kept = NULL;
	struct cw_event_callback **kept_end = &kept;
	struct cw_event_callback *callback = atomic_load(&event->callbacks);

	while (callback) {
		struct cw_event_callback *next = callback->next;

		if (status <= callback->type) {
			callback->next = due[callback->type];
			due[callback->type] = callback;
		} else {
			*kept_end = callback;
			kept_end = &callback->next;
		}
		callback = next;
	}
	*kept_end = NULL;
	atomic_store(&event->callbacks, kept);
	for (cl_int type = CL_SUBMITTED; type >= CL_COMPLETE; type--) {
		for (callback = due[type]; callback; callback = due[type]) {
			due[type] = callback->next;
			callback->status = status < 0 ? status : type;
			cw_callback_post(&callback->callback);
		}
	}
}

void cw_event_post_callbacks(struct cw_event *event, cl_int status)
{
	struct cw_mutex *stripe = stripe_of(event);

	cw_mutex_lock(stripe);
	post_due_locked(event, status);
	cw_mutex_unlock(stripe);
}

cl_int cw_event_add_callback(struct cw_event *event, cl_int type,
			     void(CL_CALLBACK *notify)(cl_event event, cl_int status, void *user),
			     void *user)
{
	struct cw_event_callback *added = malloc(sizeof(*added));
	struct cw_mutex *stripe = stripe_of(event);

	if (!added)
		return CL_OUT_OF_HOST_MEMORY;
	*added = (struct cw_event_callback){
		.callback = {.run = run_callback},
		.event = cw_event_get(event),
		.type = type,
		.notify = notify,
		.user = user,
	};
	cw_mutex_lock(stripe);
	added->next = atomic_load(&event->callbacks);
	atomic_store(&event->callbacks, added);
	post_due_locked(event, atomic_load(&event->status));
	cw_mutex_unlock(stripe);
	return CL_SUCCESS;
}
