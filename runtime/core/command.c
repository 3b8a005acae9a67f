/* SPDX-License-Identifier: MIT */
#include "core/command.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/trace.h"
#include "core/context.h"
#include "core/kernel.h"
#include "core/mem.h"
#include "core/printf.h"
#include "core/queue.h"

/* Only ever counted when somebody looks: numbers for log and trace. */
static atomic_uint last_id;

static void command_destroy(struct cw_object *object)
{
	struct cw_command *command = (struct cw_command *)object;
	struct cw_queue *queue = command->event.queue;

	object->class = 0;
	cw_queue_return_command(queue, command);
	cw_queue_put(queue);
}

struct cw_command *cw_command_begin(struct cw_queue *queue, enum cw_command_kind kind,
				    cl_command_type type)
{
	struct cw_command *command = cw_queue_take_command(queue);

	if (!command)
		return NULL;
	cw_event_init(&command->event, queue->context, cw_queue_get(queue), type, command_destroy);
	atomic_store_explicit(&command->event.object.api_refs, 0, memory_order_relaxed);
	command->event.times = (struct cw_event_times){0};
	command->event.is_profiled = queue->is_profiled || cw_trace_on();
	command->kind = kind;
	command->waits_for_all = false;
	command->waits_for_turn = false;
	command->is_barrier = false;
	command->num_mems = 0;
	atomic_init(&command->wait_failed, false);
	atomic_init(&command->pending, 1);
	atomic_init(&command->order_next, NULL);
	command->id = 0;
	if (command->event.is_profiled)
		command->event.times.queued = cw_clock_ns();
	return command;
}

/* Drop what the command holds for its run. */
static void drop_payload(struct cw_command *command)
{
	for (unsigned i = 0; i < command->num_mems; i++)
		cw_mem_put(command->mems[i]);
	command->num_mems = 0;
	if (command->kind == CW_COMMAND_NDRANGE) {
		free(command->ndrange.launch.printf);
		cw_kernel_code_put(command->ndrange.code);
	} else if (command->kind == CW_COMMAND_CALL) {
		free(command->call.data);
	}
}

void cw_command_cancel(struct cw_command *command)
{
	drop_payload(command);
	cw_event_put(&command->event);
}

bool cw_command_reserve_block(struct cw_command *command, size_t bytes)
{
	void *block;

	if (bytes <= command->max_block)
		return true;
	bytes = (bytes + CWC_ARENA_ALIGN - 1) / CWC_ARENA_ALIGN * CWC_ARENA_ALIGN;
	block = aligned_alloc(CWC_ARENA_ALIGN, bytes);
	if (!block)
		return false;
	if (command->block != command->inline_block)
		free(command->block);
	command->block = block;
	command->max_block = bytes;
	return true;
}

bool cw_command_reserve_mems(struct cw_command *command, unsigned count)
{
	struct cw_mem **mems;

	if (count <= command->max_mems)
		return true;
	mems = malloc(count * sizeof(struct cw_mem *));
	if (!mems)
		return false;
	if (command->mems != command->inline_mems)
		free(command->mems);
	command->mems = mems;
	command->max_mems = count;
	return true;
}

void cw_command_hold(struct cw_command *command, struct cw_mem *mem)
{
	command->mems[command->num_mems++] = cw_mem_get(mem);
}

static bool reserve_edges(struct cw_command *command, unsigned count)
{
	struct cw_edge *edges;

	if (count <= command->max_edges)
		return true;
	edges = malloc(count * sizeof(*edges));
	if (!edges)
		return false;
	if (command->edges != command->inline_edges)
		free(command->edges);
	command->edges = edges;
	command->max_edges = count;
	return true;
}

/* Wait for @event; the enqueue itself still counts in @pending, so this cannot start it. */
static void wait_for(struct cw_command *command, struct cw_edge *edge, struct cw_event *event)
{
	edge->successor = command;
	edge->is_order = false;
	atomic_fetch_add_explicit(&command->pending, 1, memory_order_relaxed);
	if (cw_event_add_edge(event, edge))
		return;
	atomic_fetch_sub_explicit(&command->pending, 1, memory_order_relaxed);
	if (cw_event_status(event) < 0)
		atomic_store_explicit(&command->wait_failed, true, memory_order_relaxed);
}

static const char *trace_name(const struct cw_command *command)
{
	return command->kind == CW_COMMAND_NDRANGE ? command->ndrange.code->kernel_name
						   : cw_command_type_name(command->event.type);
}

/* Two rows: from queued to done, and what of that was waiting. */
static void trace_command(const struct cw_command *command)
{
	const struct cw_event_times *times = &command->event.times;
	struct cw_trace_event event = {
		.category = "command",
		.name = trace_name(command),
		.begin_ns = times->queued,
		.end_ns = times->end,
		.id = command->id,
		.detail = cw_command_type_name(command->event.type),
	};

	if (!cw_trace_on())
		return;
	cw_trace_async(&event);
	event.category = "queue";
	event.end_ns = times->start ? times->start : times->end;
	cw_trace_async(&event);
}

/* Commands with nothing left to wait for, first in first out; linked by next_ready. */
struct ready {
	struct cw_command *first;
	struct cw_command **end;
};

static void push_ready(struct ready *ready, struct cw_command *command)
{
	command->next_ready = NULL;
	if (!ready->first)
		ready->end = &ready->first;
	*ready->end = command;
	ready->end = &command->next_ready;
}

/* Let the successors go; those with nothing left to wait for are added to *@ready. */
static void release_successors(struct cw_edge *edge, cl_int status, struct ready *ready)
{
	while (edge) {
		struct cw_edge *next = edge->next;
		struct cw_command *successor = edge->successor;

		if (status < 0 && !edge->is_order)
			atomic_store_explicit(&successor->wait_failed, true, memory_order_relaxed);
		if (atomic_fetch_sub_explicit(&successor->pending, 1, memory_order_acq_rel) == 1)
			push_ready(ready, successor);
		edge = next;
	}
}

/* The command is done; what it let go is added to *@ready. */
static void complete_one(struct cw_command *command, cl_int status, struct ready *ready)
{
	struct cw_command *next;
	struct cw_edge *edges;

	if (command->kind == CW_COMMAND_NDRANGE && command->ndrange.launch.printf)
		cw_printf_flush(command->ndrange.launch.printf);
	if (cw_log_enabled(CW_LOG_QUEUE) && command->id)
		cw_log_write(CW_LOG_QUEUE, "command %u %s: %d", command->id,
			     cw_command_type_name(command->event.type), status);
	if (command->event.is_profiled)
		command->event.times.end = cw_clock_ns();
	trace_command(command);
	drop_payload(command);
	edges = cw_event_finish(&command->event, status);
	next = cw_queue_remove(command->event.queue, command);
	if (next)
		push_ready(ready, next);
	release_successors(edges, status, ready);
	cw_event_put(&command->event);
}

/* How a command ends that may not run; CL_COMPLETE when it may. */
static cl_int refusal(const struct cw_command *command)
{
	if (atomic_load_explicit(&command->wait_failed, memory_order_relaxed))
		return CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST;
	if (command->kind != CW_COMMAND_NOTHING &&
	    atomic_load_explicit(&command->event.context->failed, memory_order_relaxed))
		return CL_OUT_OF_RESOURCES;
	return CL_COMPLETE;
}

/* Start everything in @ready and all that comes to be ready by it. */
static void start_ready(struct ready *ready)
{
	while (ready->first) {
		struct cw_command *command = ready->first;
		cl_int status = refusal(command);

		ready->first = command->next_ready;
		if (status == CL_COMPLETE)
			cw_event_advance(&command->event, CL_SUBMITTED);
		if (status == CL_COMPLETE && command->kind != CW_COMMAND_NOTHING) {
			struct cw_device *device = command->event.queue->device;

			device->ops->submit(device, command);
			continue;
		}
		if (status == CL_COMPLETE)
			cw_event_advance(&command->event, CL_RUNNING);
		complete_one(command, status, ready);
	}
}

void cw_command_follow_edges(struct cw_edge *edges, cl_int status)
{
	struct ready ready = {NULL, NULL};

	release_successors(edges, status, &ready);
	start_ready(&ready);
}

void cw_command_begin_run(struct cw_command *command)
{
	cw_event_advance(&command->event, CL_RUNNING);
}

void cw_command_complete(struct cw_command *command, cl_int status)
{
	struct ready ready = {NULL, NULL};

	complete_one(command, status, &ready);
	start_ready(&ready);
}

void cw_command_report_fault(struct cw_command *command, const char *text)
{
	struct cw_context *context = command->event.context;

	if (command->kind == CW_COMMAND_NDRANGE)
		atomic_store(&context->failed, 1);
	cw_log(FAULT, "%s", text);
	cw_context_notify(context, "%s", text);
}

static void give_id(struct cw_command *command)
{
	if (!cw_trace_on() && !cw_log_enabled(CW_LOG_QUEUE))
		return;
	command->id = atomic_fetch_add(&last_id, 1) + 1;
	cw_log(QUEUE, "command %u %s: queued", command->id,
	       cw_command_type_name(command->event.type));
}

cl_int cw_command_enqueue(struct cw_command *command, const struct cw_wait_list *wait,
			  bool blocking, cl_event *event_out)
{
	struct cw_event *event = &command->event;
	cl_int status = CL_COMPLETE;

	if (!reserve_edges(command, wait->count)) {
		cw_command_cancel(command);
		return CL_OUT_OF_HOST_MEMORY;
	}
	give_id(command);
	if (event_out) {
		atomic_store_explicit(&event->object.api_refs, 1, memory_order_relaxed);
		cw_event_get(event);
		*event_out = cw_event_handle(event);
	}
	if (blocking)
		cw_event_get(event);
	for (unsigned i = 0; i < wait->count; i++)
		wait_for(command, &command->edges[i], cw_event(wait->events[i]));
	cw_queue_append(event->queue, command);
	if (atomic_fetch_sub_explicit(&command->pending, 1, memory_order_acq_rel) == 1) {
		struct ready ready = {NULL, NULL};

		push_ready(&ready, command);
		start_ready(&ready);
	}
	if (blocking) {
		status = cw_event_wait(event);
		cw_event_put(event);
	}
	return status;
}
