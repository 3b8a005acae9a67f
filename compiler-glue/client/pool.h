/* SPDX-License-Identifier: MIT */
/*
 * The compile workers of this process.
 *
 * DOC: who waits for whom
 *
 * A request takes an idle worker, starts another when all are busy, and waits
 * only when as many as there are processors are busy.  The lock is held to
 * pick or give back a worker, never during a request.  A forked child starts
 * from nothing: it closes what it inherited and never speaks to its parent's workers.
 */
#ifndef CWC_POOL_H
#define CWC_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/wire.h"

struct cwc_pool;

/*
 * struct cwc_pool_options - limits.
 * @compiler: path of causeway-cc, or NULL: see cwc_process_find().  Copied.
 * @deadline_ms: of one request; 0 for none.
 * @memory_bytes: address space of one worker; 0 for no limit.
 * @max_workers: 0 for as many as there are processors.
 * @log: told what happened to a worker; may be NULL.
 */
struct cwc_pool_options {
	const char *compiler;
	unsigned deadline_ms;
	unsigned long long memory_bytes;
	unsigned max_workers;
	void (*log)(const char *text);
};

/*
 * struct cwc_answer - what a request brought; its texts lie in @data.
 * @kind: enum cwc_frame_kind: CWC_DONE, CWC_FAILED or CWC_CRASHED (also for a
 *	worker that was killed or took too long).
 * @log, @files: never NULL.
 */
struct cwc_answer {
	uint32_t kind;
	const char *log;
	const char *files;
	const void *result;
	size_t result_bytes;
	void *data;
};

struct cwc_pool *cwc_pool_create(const struct cwc_pool_options *options);
void cwc_pool_destroy(struct cwc_pool *pool);

/* Start a worker in the background if there is none. */
void cwc_pool_warm(struct cwc_pool *pool);

/* End the idle workers. */
void cwc_pool_drain(struct cwc_pool *pool);

/*
 * Send a request and wait for its answer.  Whatever happens to the worker, an
 * answer comes, but for -ENOMEM.  cwc_answer_finish() is due.
 */
int cwc_pool_ask(struct cwc_pool *pool, uint32_t kind, const struct cwc_writer *request,
		 struct cwc_answer *answer);
void cwc_answer_finish(struct cwc_answer *answer);

#endif
