/* SPDX-License-Identifier: MIT */
/*
 * Callbacks into the application: event, build and destructor callbacks that
 * must not run on the thread that noticed them.
 *
 * One dispatcher thread, started by the first post, runs them one after
 * another without locks, in the order of the posts.
 */
#ifndef CW_CALLBACK_H
#define CW_CALLBACK_H

#include <stdbool.h>

/*
 * struct cw_callback - a call to make; embed it.
 * @next: the dispatcher's.
 * @run: makes the call and then frees or drops whatever holds @callback;
 *	the dispatcher does not touch it afterwards.
 */
struct cw_callback {
	struct cw_callback *next;
	void (*run)(struct cw_callback *callback);
};

/*
 * Hand @callback to the dispatcher.  Allocates nothing but, the first time,
 * the thread; where no thread can be had, runs everything here and now.
 * The caller may hold locks of a rank below CW_RANK_CALLBACK.
 */
void cw_callback_post(struct cw_callback *callback);

/* The calling thread is the dispatcher: it must not block on what only callbacks can finish. */
bool cw_callback_is_dispatcher(void);

#endif
