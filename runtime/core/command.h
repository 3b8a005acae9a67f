/* SPDX-License-Identifier: MIT */
/*
 * Commands: what an enqueue makes and a device runs.
 *
 * DOC: the life of a command
 *
 * The entry point checks the rules, takes a command from the queue
 * (cw_command_begin), fills in what to do, and calls cw_command_enqueue.  From
 * then on @pending counts what the command still waits for: events of its
 * wait list, what the queue's order asks for, and the enqueue itself while it
 * is under way.  Whoever brings @pending to 0 starts the command: nothing else
 * decides.  Commands with nothing to run (markers, maps) are then done at
 * once; the rest goes to device->submit.  The device reports the end with
 * cw_command_complete, which drops what the command holds, publishes the
 * status and lets the successors go, one after another in a loop, so that a
 * chain of any length needs no stack.
 *
 * A command whose wait list failed is not run: it ends with
 * CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST.  The order of a queue is no
 * wait list: a failure does not spread along it.
 */
#ifndef CW_COMMAND_H
#define CW_COMMAND_H

#include "abi.h"
#include "base/list.h"
#include "core/event.h"

struct cw_command;
struct cw_kernel_code;
struct cw_mem;
struct cw_queue;

/* What a device has to do. */
enum cw_command_kind {
	CW_COMMAND_NOTHING, /* never reaches a device */
	CW_COMMAND_NDRANGE,
	CW_COMMAND_COPY,
	CW_COMMAND_RECT,
	CW_COMMAND_FILL,
	CW_COMMAND_MIGRATE, /* only for devices that migrate */
	CW_COMMAND_CALL,    /* runs a function of ours or of the application */
};

#define CW_COMMAND_INLINE_ARGS	128
#define CW_COMMAND_INLINE_EDGES 3
#define CW_COMMAND_INLINE_MEMS	6

/*
 * struct cw_ndrange - run a kernel.
 * @launch: its args point to the command's block.
 * @code: a reference.
 * @local_bytes: local memory of one group.
 * @frames_bytes: cwc_scratch.frames of one group.
 */
struct cw_ndrange {
	struct cwc_launch launch;
	struct cw_kernel_code *code;
	uint64_t local_bytes;
	uint64_t frames_bytes;
};

struct cw_copy {
	void *target;
	const void *source;
	size_t bytes;
};

/* Rows of region[0] bytes; pitches in bytes; pointers at the first byte. */
struct cw_rect {
	unsigned char *target;
	const unsigned char *source;
	size_t region[3];
	size_t target_row;
	size_t target_slice;
	size_t source_row;
	size_t source_slice;
};

/* The pattern lies in the command's block; pattern_bytes is a power of 2 up to 128. */
struct cw_fill {
	void *target;
	size_t bytes;
	size_t pattern_bytes;
};

struct cw_memory_range {
	void *start;
	size_t bytes;
};

/* The ranges, @count struct cw_memory_range, lie in the command's block. */
struct cw_migrate {
	unsigned count;
	bool to_host;
};

/* run(command) may block and may call OpenCL; @data is freed after it. */
struct cw_host_call {
	void (*run)(struct cw_command *command);
	void *data;
};

/*
 * struct cw_command - one command; begins with its event.
 * @kind: enum cw_command_kind.
 * @waits_for_all: out-of-order queues: waits for everything before it.
 * @waits_for_turn: it still counts that in @pending; under queue->lock.
 * @is_barrier: everything after it waits for it.
 * @pending: see DOC; the command starts when it drops to 0.
 * @wait_failed: an event of the wait list failed.
 * @order_next: in-order queues: who comes next, or CW_ORDER_DONE.
 * @order_edge: out-of-order queues: waits for the barrier before.
 * @outstanding: out-of-order queues: in queue->outstanding.
 * @next_ready: link of short-lived lists of ready commands, of the pool and of
 *	the device's ready list.
 * @edges: for the wait list: @inline_edges or memory that stays with the command.
 * @mems: memory objects to hold while it runs, likewise.
 * @block: argument block or fill pattern, likewise.
 * @backend: the device's.
 */
struct cw_command {
	struct cw_event event;
	enum cw_command_kind kind;
	bool waits_for_all;
	bool waits_for_turn;
	bool is_barrier;
	atomic_bool wait_failed;
	atomic_uint pending;
	unsigned id;
	_Atomic(struct cw_command *) order_next;
	struct cw_edge order_edge;
	struct cw_list outstanding;
	struct cw_command *next_ready;

	unsigned num_mems;
	unsigned max_mems;
	unsigned max_edges;
	size_t max_block;
	struct cw_edge *edges;
	struct cw_mem **mems;
	void *block;

	union {
		struct cw_ndrange ndrange;
		struct cw_copy copy;
		struct cw_rect rect;
		struct cw_fill fill;
		struct cw_migrate migrate;
		struct cw_host_call call;
	};

	uint64_t backend[8];
	struct cw_edge inline_edges[CW_COMMAND_INLINE_EDGES];
	struct cw_mem *inline_mems[CW_COMMAND_INLINE_MEMS];
	_Alignas(CWC_ARENA_ALIGN) unsigned char inline_block[CW_COMMAND_INLINE_ARGS];
};

#define CW_ORDER_DONE ((struct cw_command *)1)

static inline struct cw_command *cw_command_from_event(struct cw_event *event)
{
	return (struct cw_command *)event;
}

/* struct cw_wait_list - events that a command waits for, checked by the caller. */
struct cw_wait_list {
	cl_uint count;
	const cl_event *events;
};

/*
 * A command of @kind for @queue, still private to the caller: fill in the
 * union and hand it on with cw_command_enqueue, or give it back with
 * cw_command_cancel.  NULL when memory is short.
 */
struct cw_command *cw_command_begin(struct cw_queue *queue, enum cw_command_kind kind,
				    cl_command_type type);
void cw_command_cancel(struct cw_command *command);

/* Room for an argument block of @bytes, CWC_ARENA_ALIGN aligned, at command->block. */
bool cw_command_reserve_block(struct cw_command *command, size_t bytes);

/* Room for @count more memory objects; cw_command_hold() then cannot fail. */
bool cw_command_reserve_mems(struct cw_command *command, unsigned count);
void cw_command_hold(struct cw_command *command, struct cw_mem *mem);

/*
 * Enqueue behind @wait.  The application gets its event where @event_out is
 * not NULL; with @blocking, waits and reports a failure of the wait list as
 * CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST, one of the command as its
 * status.  On CL_OUT_OF_HOST_MEMORY the command was cancelled.
 */
cl_int cw_command_enqueue(struct cw_command *command, const struct cw_wait_list *wait,
			  bool blocking, cl_event *event_out);

/* Follow the edges of an event that ended with @status. */
void cw_command_follow_edges(struct cw_edge *edges, cl_int status);

/* For devices: the command starts to run. */
void cw_command_begin_run(struct cw_command *command);

/*
 * For devices: the command ended with CL_COMPLETE or an error.  It must not
 * be touched afterwards.  No lock may be held.
 */
void cw_command_complete(struct cw_command *command, cl_int status);

/*
 * For devices: the command faulted, as @text says.  Writes the log and tells
 * the application; a kernel's fault also fails its context.  The command is
 * still to be completed.
 * No lock may be held.
 */
void cw_command_report_fault(struct cw_command *command, const char *text);

/* "NDRANGE_KERNEL"; for logs and traces. */
const char *cw_command_type_name(cl_command_type type);

#endif
