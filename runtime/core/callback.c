/* SPDX-License-Identifier: MIT */
#include "core/callback.h"

#include <stdatomic.h>
#include <stddef.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/thread.h"
#include "core/process.h"

static struct cw_mutex lock = CW_MUTEX_INIT(CW_RANK_CALLBACK);
static struct cw_cond posted = {.cond = PTHREAD_COND_INITIALIZER};
static struct cw_callback *first cw_guarded_by(&lock);
static struct cw_callback *last cw_guarded_by(&lock);
static bool started cw_guarded_by(&lock);
static atomic_uint owner;
static cw_tls bool is_dispatcher;

/*
 * A forked child has neither the dispatcher nor use for its parent's posts,
 * and the lock may have been held by a thread that it does not have.
 */
static void start_over_after_fork(void) cw_no_analysis
{
	unsigned generation = cw_process_generation();

	if (atomic_load_explicit(&owner, memory_order_acquire) == generation)
		return;
	if (atomic_exchange(&owner, generation)) {
		cw_mutex_init(&lock, CW_RANK_CALLBACK);
		cw_cond_init(&posted);
		first = NULL;
		last = NULL;
		started = false;
		is_dispatcher = false;
	}
}

/* Take everything that was posted. */
static struct cw_callback *take_all_locked(void) cw_must_hold(&lock)
{
	struct cw_callback *all = first;

	first = NULL;
	last = NULL;
	return all;
}

static void run_all(struct cw_callback *callback)
{
	while (callback) {
		struct cw_callback *next = callback->next;

		callback->run(callback);
		callback = next;
	}
}

static void dispatch(void *unused)
{
	(void)unused;
	is_dispatcher = true;
	for (;;) {
		struct cw_callback *all;

		cw_mutex_lock(&lock);
		while (!first)
			cw_cond_wait(&posted, &lock);
		all = take_all_locked();
		cw_mutex_unlock(&lock);
		run_all(all);
	}
}

static void append_locked(struct cw_callback *callback) cw_must_hold(&lock)
{
	callback->next = NULL;
	if (last)
		last->next = callback;
	else
		first = callback;
	last = callback;
}

void cw_callback_post(struct cw_callback *callback)
{
	struct cw_callback *here = NULL;

	start_over_after_fork();
	cw_mutex_lock(&lock);
	append_locked(callback);
	if (!started) {
		started = !cw_thread_create_detached("cw-callback", 0, dispatch, NULL);
		if (!started)
			here = take_all_locked();
	}
	cw_cond_signal(&posted);
	cw_mutex_unlock(&lock);
	if (here)
		cw_log(WARN, "no thread for callbacks: they run on the thread that posts them");
	run_all(here);
}

bool cw_callback_is_dispatcher(void)
{
	return is_dispatcher;
}
