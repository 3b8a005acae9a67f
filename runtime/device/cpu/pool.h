/* SPDX-License-Identifier: MIT */
/* The workers, their sleep, and the sources they serve; see cpu.h. */
#ifndef CW_CPU_POOL_H
#define CW_CPU_POOL_H

#include "device/cpu/cpu.h"

/*
 * struct cw_cpu_worker - one worker thread.
 * @is_asleep: the futex it sleeps on: 1 while it may.
 * @cpu: it is bound to, or its first choice.
 */
struct cw_cpu_worker {
	_Alignas(64) atomic_int is_asleep;
	struct cw_cpu_pool *pool;
	unsigned index;
	unsigned cpu;
};

/*
 * struct cw_cpu_pool - all workers of the process.
 * @generation: cw_process_generation(); a forked child makes a new pool.
 * @all: all workers.
 * @started: workers run; under @start_lock but for a first look.
 * @searching: workers that spin.
 * @watcher: index of the worker that naps, or -1.
 * @activity: set by submits that woke nobody; cleared by the watcher.
 * @idle: workers that sleep or nap; who clears a bit wakes that worker.
 * @ready: sources whose list is not empty.
 */
/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): what is hot has lines for itself */
struct cw_cpu_pool {
	unsigned generation;
	unsigned num_workers;
	struct cw_cpu_mask all;
	struct cw_mutex start_lock;
	atomic_bool started;
	_Alignas(64) atomic_uint searching;
	atomic_int watcher;
	atomic_bool activity;
	_Alignas(64) _Atomic uint64_t idle[CW_CPU_MOST_WORKERS / 64];
	_Alignas(64) _Atomic uint64_t ready[CW_CPU_NUM_SOURCES / 64];
	struct cw_cpu_worker *workers;
	struct cw_cpu_source sources[CW_CPU_NUM_SOURCES];
};

/* The pool of this process for @root, made on first use; NULL when memory is short. */
struct cw_cpu_pool *cw_cpu_pool(struct cw_cpu_device *root);

/* Start the workers unless they run. Called before the first command. */
void cw_cpu_pool_start(struct cw_cpu_pool *pool);

/* A source for a new queue; and its end. */
struct cw_cpu_source *cw_cpu_source_get(struct cw_cpu_pool *pool);
void cw_cpu_source_put(struct cw_cpu_source *source);

/* source.c: add a command whose job is set up. */
void cw_cpu_source_push(struct cw_cpu_pool *pool, struct cw_cpu_source *source,
			struct cw_command *command);

/*
 * struct cw_cpu_take - a command that a thread took to run it, or joined.
 * @is_first: nobody ran any of it before.
 * @has_more: other commands are ready in its source.
 */
struct cw_cpu_take {
	struct cw_cpu_source *source;
	struct cw_command *command;
	bool is_first;
	bool has_more;
};

/* Take a command that @lane may run, or join a shared one; false: nothing to do here. */
bool cw_cpu_source_take(struct cw_cpu_pool *pool, struct cw_cpu_source *source,
			const struct cw_cpu_lane *lane, struct cw_cpu_take *take_out);

/* A thread leaves a shared command; with @is_empty nothing is left of it to take. */
void cw_cpu_source_leave(struct cw_cpu_pool *pool, struct cw_cpu_source *source,
			 struct cw_command *command, bool is_empty);

/* Something in @source that nobody has begun. */
bool cw_cpu_source_is_waiting(struct cw_cpu_source *source);

static inline bool cw_cpu_source_is_ready(struct cw_cpu_pool *pool, unsigned index)
{
	return atomic_load(&pool->ready[index / 64]) >> index % 64 & 1;
}

/* May @lane run commands of @command's device? */
bool cw_cpu_may_run(const struct cw_command *command, const struct cw_cpu_lane *lane);

/* serve.c: take something from any source, round robin; false: there was nothing. */
bool cw_cpu_take_any(struct cw_cpu_pool *pool, struct cw_cpu_lane *lane,
		     struct cw_cpu_take *take_out);

/* Run what was taken, until it ends, others wait, or @until (may be NULL) is over. */
void cw_cpu_serve(struct cw_cpu_pool *pool, struct cw_cpu_lane *lane,
		  const struct cw_cpu_take *take, const struct cw_wait *until);

/* Some source but @but (may be NULL) has something ready. */
bool cw_cpu_any_ready(struct cw_cpu_pool *pool, const struct cw_cpu_source *but);

/* wake.c: wake one idle worker of @mask; false: none is idle. */
bool cw_cpu_wake(struct cw_cpu_pool *pool, const struct cw_cpu_mask *mask);

/*
 * A command of @device was pushed to @source: wake whom that takes.  @is_short:
 * not worth a wake-up of its own; @is_served: the caller will look there next.
 */
void cw_cpu_wake_for(struct cw_cpu_pool *pool, const struct cw_cpu_device *device,
		     const struct cw_cpu_source *source, bool is_short, bool is_served);

/* worker.c: a worker's thread; @argument is its struct cw_cpu_worker. */
void cw_cpu_worker_main(void *argument);

#endif
