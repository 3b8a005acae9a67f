/* SPDX-License-Identifier: MIT */
#include "client/pool.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/process.h"
#include "client/protocol.h"
#include "client/talk.h"

#define MAX_WORKERS 16

/*
 * struct worker - a place for a worker process.
 * @socket: ours, or -1 while there is no process.
 * @busy: a thread is using it; guarded by the pool's lock.
 */
struct worker {
	int socket;
	bool busy;
};

/*
 * struct cwc_pool - see the header.
 * @lock: guards @workers[].busy, @owner and the sockets of workers that are not busy.
 * @freed: a worker is no longer busy.
 * @owner: the process that the sockets belong to.
 */
struct cwc_pool {
	struct cwc_pool_options options;
	pthread_mutex_t lock;
	pthread_cond_t freed;
	pid_t owner;
	unsigned count;
	struct worker workers[MAX_WORKERS];
	char compiler[PATH_MAX];
};

static void tell(const struct cwc_pool *pool, const char *text)
{
	if (pool->options.log)
		pool->options.log(text);
}

struct cwc_pool *cwc_pool_create(const struct cwc_pool_options *options)
{
	struct cwc_pool *pool = calloc(1, sizeof(*pool));
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (!pool)
		return NULL;
	pool->options = *options;
	if (options->compiler) {
		snprintf(pool->compiler, sizeof(pool->compiler), "%s", options->compiler);
		pool->options.compiler = pool->compiler;
	}
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->freed, NULL);
	pool->owner = getpid();
	pool->count = options->max_workers ? options->max_workers : processors;
	if (pool->count < 1)
		pool->count = 1;
	if (pool->count > MAX_WORKERS)
		pool->count = MAX_WORKERS;
	for (unsigned i = 0; i < MAX_WORKERS; i++)
		pool->workers[i].socket = -1;
	return pool;
}

static void worker_end(struct worker *worker)
{
	if (worker->socket >= 0)
		close(worker->socket);
	worker->socket = -1;
}

void cwc_pool_destroy(struct cwc_pool *pool)
{
	if (!pool)
		return;
	for (unsigned i = 0; i < pool->count; i++)
		worker_end(&pool->workers[i]);
	pthread_cond_destroy(&pool->freed);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

/* After fork() the sockets are the parent's: close our copies of them. */
static void adopt_locked(struct cwc_pool *pool)
{
	pid_t self = getpid();

	if (pool->owner == self)
		return;
	pool->owner = self;
	for (unsigned i = 0; i < pool->count; i++) {
		worker_end(&pool->workers[i]);
		pool->workers[i].busy = false;
	}
}

/* A worker that is not busy: one that runs if there is any. */
static struct worker *pick_locked(struct cwc_pool *pool)
{
	struct worker *empty = NULL;

	for (unsigned i = 0; i < pool->count; i++) {
		struct worker *worker = &pool->workers[i];

		if (worker->busy)
			continue;
		if (worker->socket >= 0)
			return worker;
		if (!empty)
			empty = worker;
	}
	return empty;
}

static struct worker *take(struct cwc_pool *pool)
{
	struct worker *worker;

	pthread_mutex_lock(&pool->lock);
	adopt_locked(pool);
	while (!(worker = pick_locked(pool)))
		pthread_cond_wait(&pool->freed, &pool->lock);
	worker->busy = true;
	pthread_mutex_unlock(&pool->lock);
	return worker;
}

static void give_back(struct cwc_pool *pool, struct worker *worker)
{
	pthread_mutex_lock(&pool->lock);
	worker->busy = false;
	pthread_cond_signal(&pool->freed);
	pthread_mutex_unlock(&pool->lock);
}

/* 0, or an errno with a sentence in @why. */
static int worker_start(struct cwc_pool *pool, struct worker *worker, char *why, size_t room)
{
	char path[PATH_MAX];
	int error =
		cwc_process_find(pool->options.compiler, CWC_WORKER_PROGRAM, path, sizeof(path));

	if (error) {
		snprintf(why, room, "error: the compile worker %.3000s is not there\n", path);
		return error;
	}
	error = cwc_process_start(path, pool->options.memory_bytes, &worker->socket);
	if (error)
		snprintf(why, room, "error: the compile worker %.3000s does not start: %s\n", path,
			 strerror(-error));
	return error;
}

void cwc_pool_warm(struct cwc_pool *pool)
{
	struct worker *worker = take(pool);
	char why[PATH_MAX];

	if (worker->socket < 0 && worker_start(pool, worker, why, sizeof(why)))
		tell(pool, why);
	give_back(pool, worker);
}

void cwc_pool_drain(struct cwc_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	adopt_locked(pool);
	for (unsigned i = 0; i < pool->count; i++) {
		if (!pool->workers[i].busy)
			worker_end(&pool->workers[i]);
	}
	pthread_mutex_unlock(&pool->lock);
}

/* An answer of our own making. */
static int answer_for_lost(struct cwc_pool *pool, const char *text, struct cwc_answer *answer)
{
	tell(pool, text);
	answer->kind = CWC_CRASHED;
	answer->data = strdup(text);
	answer->log = answer->data;
	answer->files = "";
	return answer->data ? 0 : -ENOMEM;
}

static int take_apart(struct cwc_pool *pool, struct cwc_answer *answer, size_t bytes)
{
	struct cwc_reader in = cwc_reader_of(answer->data, bytes);

	answer->log = cwc_get_string(&in);
	answer->files = cwc_get_string(&in);
	answer->result = cwc_get_blob(&in, &answer->result_bytes);
	if (!answer->log)
		answer->log = "";
	if (!answer->files)
		answer->files = "";
	if (cwc_reader_is_done(&in) && answer->kind >= CWC_DONE && answer->kind <= CWC_CRASHED)
		return 0;
	cwc_answer_finish(answer);
	return answer_for_lost(pool, "error: the compile worker answered nonsense\n", answer);
}

static int answer_for_late(struct cwc_pool *pool, struct cwc_answer *answer)
{
	char text[128];

	snprintf(text, sizeof(text),
		 "error: the compiler was stopped: no result within %u s "
		 "(CAUSEWAY_COMPILE_SECONDS)\n",
		 (pool->options.deadline_ms + 999) / 1000);
	return answer_for_lost(pool, text, answer);
}

/* One try with @worker: 0 with an answer, -EPIPE when the worker was lost, -ENOMEM. */
static int try_once(struct cwc_pool *pool, struct worker *worker, uint32_t kind,
		    const struct cwc_writer *request, struct cwc_answer *answer)
{
	char why[PATH_MAX + 128];
	size_t bytes = 0;
	int error;

	if (worker->socket < 0 && worker_start(pool, worker, why, sizeof(why)))
		return answer_for_lost(pool, why, answer);
	error = cwc_talk(worker->socket, kind, request, pool->options.deadline_ms, &answer->kind,
			 &answer->data, &bytes);
	if (error || answer->kind == CWC_CRASHED)
		worker_end(worker);
	if (error == -ETIMEDOUT)
		return answer_for_late(pool, answer);
	if (error)
		return error;
	error = take_apart(pool, answer, bytes);
	if (answer->kind == CWC_CRASHED)
		tell(pool, answer->log);
	return error;
}

int cwc_pool_ask(struct cwc_pool *pool, uint32_t kind, const struct cwc_writer *request,
		 struct cwc_answer *answer)
{
	struct worker *worker;
	int error = -EPIPE;

	*answer = (struct cwc_answer){0};
	if (request->failed)
		return -ENOMEM;
	worker = take(pool);
	/* A worker that idled too long is gone, another may be killed: neither is the program's
	 * fault, so try again, and once more should both happen. */
	for (unsigned tries = 0; tries < 3 && error == -EPIPE; tries++) {
		if (tries)
			tell(pool, "the compile worker was gone; starting another\n");
		error = try_once(pool, worker, kind, request, answer);
	}
	if (error == -EPIPE)
		error = answer_for_lost(pool,
					"error: the compile worker ended without an answer, "
					"time and again (killed for want of memory?)\n",
					answer);
	give_back(pool, worker);
	return error;
}

void cwc_answer_finish(struct cwc_answer *answer)
{
	free(answer->data);
	*answer = (struct cwc_answer){0};
}
