/* SPDX-License-Identifier: MIT */
/* Rules that the clEnqueue* calls share. */
#ifndef CW_ENQUEUE_H
#define CW_ENQUEUE_H

#include "api/api.h"
#include "api/check.h"
#include "core/command.h"
#include "core/context.h"
#include "core/mem.h"
#include "core/queue.h"

/* A queue of ours; failed rules are told to its context from here on. */
#define CW_CHECK_QUEUE(handle)                                                                     \
	do {                                                                                       \
		CW_CHECK_HANDLE(queue, handle, CL_INVALID_COMMAND_QUEUE);                          \
		cw_check_report_to(cw_queue(handle)->context);                                     \
	} while (0)

/*
 * The wait list; and, as the last rule of every enqueue, that the queue can
 * still be used at all.
 */
cl_int cw_check_wait_list(const struct cw_queue *queue, cl_uint count, const cl_event *events);

/* A buffer in the queue's context, aligned for its device. */
cl_int cw_check_buffer(const struct cw_queue *queue, cl_mem buffer);

/* The host may do what @forbidding (CL_MEM_HOST_* bits) rules out. */
#define CW_CHECK_HOST_ACCESS(mem, forbidding)                                                      \
	CW_CHECK(!(cw_mem(mem)->flags & (forbidding)), CL_INVALID_OPERATION,                       \
		 "the buffer's flags 0x%lx forbid that to the host",                               \
		 (unsigned long)cw_mem(mem)->flags)

/* CL_MAP_*: known bits, and invalidation excludes reading and plain writing. */
static inline bool cw_map_flags_are_valid(cl_map_flags flags)
{
	if (flags & CL_MAP_WRITE_INVALIDATE_REGION)
		return flags == CL_MAP_WRITE_INVALIDATE_REGION;
	return !(flags & ~(cl_map_flags)(CL_MAP_READ | CL_MAP_WRITE));
}

/* Patterns of the fill calls. */
cl_int cw_check_pattern(const void *pattern, size_t pattern_bytes);

/* struct cw_enqueue - what ends every enqueue call. */
struct cw_enqueue {
	struct cw_queue *queue;
	cl_command_type type;
	bool blocking;
	struct cw_wait_list wait;
	cl_event *event_out;
};

#define CW_WAIT_LIST(count, events)                                                                \
	(struct cw_wait_list)                                                                      \
	{                                                                                          \
		(count), (events)                                                                  \
	}

/* A command of @kind; NULL when memory is short. */
static inline struct cw_command *cw_enqueue_begin(const struct cw_enqueue *enqueue,
						  enum cw_command_kind kind)
{
	return cw_command_begin(enqueue->queue, kind, enqueue->type);
}

static inline cl_int cw_enqueue_end(const struct cw_enqueue *enqueue, struct cw_command *command)
{
	return cw_command_enqueue(command, &enqueue->wait, enqueue->blocking, enqueue->event_out);
}

/*
 * Enqueue a copy that holds @mems (NULLs are skipped), or nothing but the
 * order where @bytes is 0.
 */
cl_int cw_enqueue_copy(const struct cw_enqueue *enqueue, const struct cw_copy *copy,
		       struct cw_mem *const mems[2]);
cl_int cw_enqueue_rect(const struct cw_enqueue *enqueue, const struct cw_rect *rect,
		       struct cw_mem *const mems[2]);
cl_int cw_enqueue_fill(const struct cw_enqueue *enqueue, const struct cw_fill *fill,
		       const void *pattern, struct cw_mem *mem);

/*
 * A migration of @count ranges, to be added before cw_enqueue_end(); where the device
 * has no memory of its own it only takes its place in the order.  NULL when memory is
 * short.
 */
struct cw_command *cw_enqueue_migrate_begin(const struct cw_enqueue *enqueue,
					    cl_mem_migration_flags flags, unsigned count);
void cw_enqueue_migrate_add(struct cw_command *command, const void *start, size_t bytes);
/* Something that only takes its place in the order. @mem may be NULL. */
cl_int cw_enqueue_nothing(const struct cw_enqueue *enqueue, struct cw_mem *mem);

#endif
