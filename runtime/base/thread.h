/* SPDX-License-Identifier: MIT */
/* Our threads: named, and deaf to the application's signals. */
#ifndef CW_THREAD_H
#define CW_THREAD_H

#include <pthread.h>
#include <stddef.h>

/*
 * Start a thread called @name (at most 15 characters) that runs @run(@argument).
 * Only the signals that a fault raises synchronously reach it.
 * @stack_bytes: 0 for the default.
 * Returns 0 or a negative errno.
 */
int cw_thread_create(pthread_t *thread_out, const char *name, size_t stack_bytes,
		     void (*run)(void *argument), void *argument);

/* The same for a thread that is never joined. */
int cw_thread_create_detached(const char *name, size_t stack_bytes, void (*run)(void *argument),
			      void *argument);

#endif
