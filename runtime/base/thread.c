/* SPDX-License-Identifier: MIT */
#include "base/thread.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/trace.h"

/* What a new thread needs to know; it frees this. */
struct start {
	void (*run)(void *argument);
	void *argument;
	char name[16];
};

static void *thread_main(void *argument)
{
	struct start start = *(struct start *)argument;

	free(argument);
	pthread_setname_np(pthread_self(), start.name);
	cw_trace_thread_name(start.name);
	start.run(start.argument);
	return NULL;
}

static void block_signals(sigset_t *old_out)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
	sigset_t blocked;

	sigfillset(&blocked);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(&blocked, faults[i]);
	pthread_sigmask(SIG_SETMASK, &blocked, old_out);
}

int cw_thread_create(pthread_t *thread_out, const char *name, size_t stack_bytes,
		     void (*run)(void *argument), void *argument)
{
	struct start *start = malloc(sizeof(*start));
	pthread_attr_t attributes;
	sigset_t old;
	int error;

	if (!start)
		return -ENOMEM;
	start->run = run;
	start->argument = argument;
	snprintf(start->name, sizeof(start->name), "%s", name);
	pthread_attr_init(&attributes);
	if (stack_bytes)
		pthread_attr_setstacksize(&attributes, stack_bytes < (size_t)PTHREAD_STACK_MIN
							       ? (size_t)PTHREAD_STACK_MIN
							       : stack_bytes);
	block_signals(&old);
	error = pthread_create(thread_out, &attributes, thread_main, start);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attributes);
	if (error)
		free(start);
	return -error;
}

int cw_thread_create_detached(const char *name, size_t stack_bytes, void (*run)(void *argument),
			      void *argument)
{
	pthread_t thread;
	int error = cw_thread_create(&thread, name, stack_bytes, run, argument);

	if (!error)
		pthread_detach(thread);
	return error;
}
