/* SPDX-License-Identifier: MIT */
#include "api/enqueue.h"

#include <string.h>

#include "core/process.h"

/* CL_DEVICE_MEM_BASE_ADDR_ALIGN of all our devices, in bytes. */
#define SUB_BUFFER_ALIGNMENT 128

static cl_int check_alive(const struct cw_queue *queue)
{
	CW_CHECK(!cw_context_has_failed(queue->context), CL_OUT_OF_RESOURCES,
		 "a kernel failed in this context; make a new one");
	CW_CHECK(queue->generation == cw_process_generation(), CL_OUT_OF_RESOURCES,
		 "the queue was made before fork(); make a new one in the child");
	return CL_SUCCESS;
}

cl_int cw_check_wait_list(const struct cw_queue *queue, cl_uint count, const cl_event *events)
{
	CW_CHECK(!count == !events, CL_INVALID_EVENT_WAIT_LIST, "%u events in a wait list at %p",
		 count, (const void *)events);
	for (cl_uint i = 0; i < count; i++) {
		CW_CHECK(cw_event_is_valid(events[i]), CL_INVALID_EVENT_WAIT_LIST,
			 "element %u of the wait list (%p) is not a valid event", i,
			 (void *)events[i]);
		CW_CHECK(cw_event(events[i])->context == queue->context, CL_INVALID_CONTEXT,
			 "element %u of the wait list belongs to another context", i);
	}
	return check_alive(queue);
}

cl_int cw_check_buffer(const struct cw_queue *queue, cl_mem buffer)
{
	const struct cw_mem *mem = cw_mem(buffer);

	CW_CHECK_HANDLE(mem, buffer, CL_INVALID_MEM_OBJECT);
	CW_CHECK(cw_mem_is_buffer(mem), CL_INVALID_MEM_OBJECT, "the object is not a buffer");
	CW_CHECK(mem->context == queue->context, CL_INVALID_CONTEXT,
		 "the buffer belongs to another context");
	CW_CHECK(!mem->parent || mem->origin % SUB_BUFFER_ALIGNMENT == 0,
		 CL_MISALIGNED_SUB_BUFFER_OFFSET, "a sub-buffer at offset %zu", mem->origin);
	return CL_SUCCESS;
}

cl_int cw_check_pattern(const void *pattern, size_t pattern_bytes)
{
	CW_CHECK(pattern, CL_INVALID_VALUE, "pattern is NULL");
	CW_CHECK(pattern_bytes && pattern_bytes <= 128 && !(pattern_bytes & (pattern_bytes - 1)),
		 CL_INVALID_VALUE, "a pattern of %zu bytes", pattern_bytes);
	return CL_SUCCESS;
}

static void hold(struct cw_command *command, struct cw_mem *const mems[2])
{
	for (unsigned i = 0; i < 2; i++) {
		if (mems[i])
			cw_command_hold(command, mems[i]);
	}
}

cl_int cw_enqueue_copy(const struct cw_enqueue *enqueue, const struct cw_copy *copy,
		       struct cw_mem *const mems[2])
{
	struct cw_command *command =
		cw_enqueue_begin(enqueue, copy->bytes ? CW_COMMAND_COPY : CW_COMMAND_NOTHING);

	CW_CHECK_MEMORY(command);
	command->copy = *copy;
	hold(command, mems);
	return cw_enqueue_end(enqueue, command);
}

cl_int cw_enqueue_rect(const struct cw_enqueue *enqueue, const struct cw_rect *rect,
		       struct cw_mem *const mems[2])
{
	struct cw_command *command = cw_enqueue_begin(enqueue, CW_COMMAND_RECT);

	CW_CHECK_MEMORY(command);
	command->rect = *rect;
	hold(command, mems);
	return cw_enqueue_end(enqueue, command);
}

cl_int cw_enqueue_fill(const struct cw_enqueue *enqueue, const struct cw_fill *fill,
		       const void *pattern, struct cw_mem *mem)
{
	struct cw_command *command =
		cw_enqueue_begin(enqueue, fill->bytes ? CW_COMMAND_FILL : CW_COMMAND_NOTHING);

	CW_CHECK_MEMORY(command);
	command->fill = *fill;
	memcpy(command->block, pattern, fill->pattern_bytes);
	if (mem)
		cw_command_hold(command, mem);
	return cw_enqueue_end(enqueue, command);
}

cl_int cw_enqueue_nothing(const struct cw_enqueue *enqueue, struct cw_mem *mem)
{
	struct cw_command *command = cw_enqueue_begin(enqueue, CW_COMMAND_NOTHING);

	CW_CHECK_MEMORY(command);
	if (mem)
		cw_command_hold(command, mem);
	return cw_enqueue_end(enqueue, command);
}

struct cw_command *cw_enqueue_migrate_begin(const struct cw_enqueue *enqueue,
					    cl_mem_migration_flags flags, unsigned count)
{
	bool migrates = enqueue->queue->device->ops->migrates;
	struct cw_command *command =
		cw_enqueue_begin(enqueue, migrates ? CW_COMMAND_MIGRATE : CW_COMMAND_NOTHING);

	if (!command || !migrates)
		return command;
	command->migrate = (struct cw_migrate){0, flags & CL_MIGRATE_MEM_OBJECT_HOST};
	if (!cw_command_reserve_block(command, count * sizeof(struct cw_memory_range))) {
		cw_command_cancel(command);
		return NULL;
	}
	return command;
}

void cw_enqueue_migrate_add(struct cw_command *command, const void *start, size_t bytes)
{
	struct cw_memory_range *ranges = command->block;

	if (command->kind == CW_COMMAND_MIGRATE && bytes)
		ranges[command->migrate.count++] = (struct cw_memory_range){(void *)start, bytes};
}
