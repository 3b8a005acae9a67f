/* SPDX-License-Identifier: MIT */
#include "core/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/command.h"
#include "core/context.h"
#include "core/process.h"
#include "core/properties.h"

/* The last reference is gone, so no command is left. */
static void queue_destroy(struct cw_object *object)
{
	struct cw_queue *queue = (struct cw_queue *)object;

	cw_log(REF, "queue %p ends", (void *)queue);
	/* Of our parent: its locks may be held by threads that we don't have. */
	if (queue->generation != cw_process_generation())
		return;
	queue->device->ops->queue_finish(queue->device, queue);
	cw_queue_free_commands(queue);
	cw_mutex_finish(&queue->pool_lock);
	cw_mutex_finish(&queue->lock);
	cw_device_put(queue->device);
	cw_context_put(queue->context);
	free(queue->properties);
	object->class = 0;
	free(queue);
}

static struct cw_queue *queue_alloc(cl_command_queue_properties flags)
{
	struct cw_queue *queue = aligned_alloc(64, (sizeof(*queue) + 63) / 64 * 64);

	if (!queue)
		return NULL;
	memset(queue, 0, sizeof(*queue));
	queue->flags = flags;
	queue->is_in_order = !(flags & CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
	queue->is_profiled = flags & CL_QUEUE_PROFILING_ENABLE;
	queue->generation = cw_process_generation();
	cw_mutex_init(&queue->lock, CW_RANK_QUEUE);
	cw_mutex_init(&queue->pool_lock, CW_RANK_GRAPH);
	cw_list_init(&queue->outstanding);
	return queue;
}

cl_int cw_queue_create(struct cw_context *context, struct cw_device *device,
		       cl_command_queue_properties flags, cl_queue_priority_khr priority,
		       const cl_queue_properties *properties, struct cw_queue **queue_out)
{
	struct cw_queue *queue = queue_alloc(flags);
	int error;

	if (!queue)
		return CL_OUT_OF_HOST_MEMORY;
	queue->priority = priority;
	queue->properties = cw_properties_copy(properties, &queue->num_properties);
	if (properties && !queue->properties) {
		free(queue);
		return CL_OUT_OF_HOST_MEMORY;
	}
	queue->device = device;
	error = device->ops->queue_init(device, queue);
	if (error) {
		free(queue->properties);
		free(queue);
		return error == -ENOMEM ? CL_OUT_OF_HOST_MEMORY : CL_OUT_OF_RESOURCES;
	}
	cw_object_init(&queue->object, CW_CLASS_QUEUE, queue_destroy);
	queue->context = cw_context_get(context);
	cw_device_get(device);
	*queue_out = queue;
	return CL_SUCCESS;
}

void cw_queue_flush(struct cw_queue *queue)
{
	if (queue->generation == cw_process_generation())
		queue->device->ops->flush(queue->device, queue);
}

static cl_int wait_for_all(struct cw_queue *queue)
{
	const struct cw_wait_list everything = {0, NULL};
	struct cw_command *marker;

	if (cw_queue_is_idle(queue))
		return CL_SUCCESS;
	marker = cw_command_begin(queue, CW_COMMAND_NOTHING, CL_COMMAND_MARKER);
	if (!marker)
		return CL_OUT_OF_HOST_MEMORY;
	marker->waits_for_all = true;
	cw_command_enqueue(marker, &everything, true, NULL);
	return CL_SUCCESS;
}

cl_int cw_queue_finish(struct cw_queue *queue)
{
	cl_int error;

	if (queue->generation != cw_process_generation())
		return CL_OUT_OF_RESOURCES;
	error = wait_for_all(queue);
	if (!error && cw_context_has_failed(queue->context))
		error = CL_OUT_OF_RESOURCES;
	return error;
}
