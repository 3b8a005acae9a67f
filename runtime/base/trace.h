/* SPDX-License-Identifier: MIT */
/*
 * Traces for Chrome and Perfetto: CAUSEWAY_TRACE=file.json.
 *
 * DOC: how it is written
 *
 * Each thread owns a chunk of the file, mapped shared and filled with spaces,
 * and writes its events straight into it.  The bytes are in the file as soon
 * as they are stored, so nothing has to run at exit: _exit(), a signal or a
 * crash lose nothing, and the file is valid JSON between any two events.
 * Off, each call costs one load and one branch.
 */
#ifndef CW_TRACE_H
#define CW_TRACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

enum cw_trace_state { CW_TRACE_UNREAD, CW_TRACE_OFF, CW_TRACE_ON };

extern atomic_int cw_trace_state;

bool cw_trace_start(void);

static inline bool cw_trace_on(void)
{
	int state = atomic_load_explicit(&cw_trace_state, memory_order_relaxed);

	if (__builtin_expect(state == CW_TRACE_OFF, 1))
		return false;
	return state == CW_TRACE_ON || cw_trace_start();
}

/*
 * struct cw_trace_event - what an event may carry.
 * @category: a log group's name or similar, for filtering.
 * @name: what happened; any bytes, escaped as needed.
 * @begin_ns, @end_ns: of cw_clock_ns().
 * @id: command or object number, 0 for none; the same number as in the log.
 * @detail: one more sentence, or NULL.
 */
struct cw_trace_event {
	const char *category;
	const char *name;
	uint64_t begin_ns;
	uint64_t end_ns;
	uint64_t id;
	const char *detail;
};

/* What the calling thread did from begin to end. */
void cw_trace_span(const struct cw_trace_event *event);

/*
 * Something that has a beginning and an end but no thread, and may overlap
 * others: a command from queued to complete, a wait.  Shown on its own row, one
 * a category and id.
 */
void cw_trace_async(const struct cw_trace_event *event);

/* A moment on the calling thread: begin_ns. */
void cw_trace_instant(const struct cw_trace_event *event);

/* An arrow from a span on one thread to a span on another that share @id; lies inside both. */
void cw_trace_flow_begin(const char *category, uint64_t id, uint64_t now_ns);
void cw_trace_flow_end(const char *category, uint64_t id, uint64_t now_ns);

/* A number over time. */
void cw_trace_counter(const char *name, uint64_t now_ns, uint64_t value);

/* Name the calling thread's row. */
void cw_trace_thread_name(const char *name);

/* The time if tracing, else 0: cheap begin of a span. */
static inline uint64_t cw_trace_begin(void)
{
	return __builtin_expect(cw_trace_on(), 0) ? cw_clock_ns() : 0;
}

/* The span since @begin_ns = cw_trace_begin(). */
#define cw_trace_end(group, what, begin, number, sentence)                                         \
	do {                                                                                       \
		if (__builtin_expect((begin) != 0, 0))                                             \
			cw_trace_span(&(struct cw_trace_event){                                    \
				.category = (group),                                               \
				.name = (what),                                                    \
				.begin_ns = (begin),                                               \
				.end_ns = cw_clock_ns(),                                           \
				.id = (number),                                                    \
				.detail = (sentence),                                              \
			});                                                                        \
	} while (0)

#endif
