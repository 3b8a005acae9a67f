/* SPDX-License-Identifier: MIT */
/* Destructor callbacks of contexts and memory objects: a list, newest first. */
#ifndef CW_DESTRUCTOR_H
#define CW_DESTRUCTOR_H

#include <stdbool.h>

struct cw_mutex;

/*
 * struct cw_destructor - one registered callback.
 * @function: the callback, of the type of its owner.
 * @user: user_data.
 */
struct cw_destructor {
	struct cw_destructor *next;
	void (*function)(void);
	void *user;
};

/* Register in *@list, which any thread may do at any time; false without memory. */
bool cw_destructor_add(struct cw_destructor **list, void (*function)(void), void *user);

/*
 * Call @call for each callback, newest first, with @owner and free the list.
 * For the owner's destroy method: nobody else knows the list any more.
 */
void cw_destructors_run(struct cw_destructor **list, void *owner,
			void (*call)(void *owner, const struct cw_destructor *destructor));

#endif
