/* SPDX-License-Identifier: MIT */
/* Markers, barriers, flush and finish: OpenCL 3.0, 5.12 and 5.15. */
#include "api/enqueue.h"

/* Without a wait list it waits for everything before it; with one, for that only. */
static cl_int enqueue_sync(const struct cw_enqueue *enqueue, bool is_barrier)
{
	struct cw_command *command = cw_enqueue_begin(enqueue, CW_COMMAND_NOTHING);

	CW_CHECK_MEMORY(command);
	command->waits_for_all = !enqueue->wait.count;
	command->is_barrier = is_barrier;
	return cw_enqueue_end(enqueue, command);
}

static cl_int sync_with_wait_list(cl_command_queue command_queue, cl_command_type type,
				  cl_uint count, const cl_event *events, cl_event *event)
{
	CW_CHECK_QUEUE(command_queue);
	CW_TRY(cw_check_wait_list(cw_queue(command_queue), count, events));
	return enqueue_sync(
		&(struct cw_enqueue){
			.queue = cw_queue(command_queue),
			.type = type,
			.wait = CW_WAIT_LIST(count, events),
			.event_out = event,
		},
		type == CL_COMMAND_BARRIER);
}

cl_int CL_API_CALL cw_api_clEnqueueMarkerWithWaitList(cl_command_queue command_queue,
						      cl_uint num_events_in_wait_list,
						      const cl_event *event_wait_list,
						      cl_event *event)
{
	CW_API();
	return sync_with_wait_list(command_queue, CL_COMMAND_MARKER, num_events_in_wait_list,
				   event_wait_list, event);
}

cl_int CL_API_CALL cw_api_clEnqueueBarrierWithWaitList(cl_command_queue command_queue,
						       cl_uint num_events_in_wait_list,
						       const cl_event *event_wait_list,
						       cl_event *event)
{
	CW_API();
	return sync_with_wait_list(command_queue, CL_COMMAND_BARRIER, num_events_in_wait_list,
				   event_wait_list, event);
}

cl_int CL_API_CALL cw_api_clEnqueueMarker(cl_command_queue command_queue, cl_event *event)
{
	CW_API();
	CW_CHECK_QUEUE(command_queue);
	CW_CHECK(event, CL_INVALID_VALUE, "event is NULL");
	return sync_with_wait_list(command_queue, CL_COMMAND_MARKER, 0, NULL, event);
}

cl_int CL_API_CALL cw_api_clEnqueueBarrier(cl_command_queue command_queue)
{
	CW_API();
	return sync_with_wait_list(command_queue, CL_COMMAND_BARRIER, 0, NULL, NULL);
}

cl_int CL_API_CALL cw_api_clEnqueueWaitForEvents(cl_command_queue command_queue, cl_uint num_events,
						 const cl_event *event_list)
{
	CW_API();
	CW_CHECK_QUEUE(command_queue);
	CW_CHECK(num_events && event_list, CL_INVALID_VALUE, "%u events at %p", num_events,
		 (const void *)event_list);
	for (cl_uint i = 0; i < num_events; i++)
		CW_CHECK_HANDLE(event, event_list[i], CL_INVALID_EVENT);
	return sync_with_wait_list(command_queue, CL_COMMAND_BARRIER, num_events, event_list, NULL);
}

cl_int CL_API_CALL cw_api_clFlush(cl_command_queue command_queue)
{
	struct cw_queue *queue = cw_queue(command_queue);

	CW_API();
	CW_CHECK_QUEUE(command_queue);
	cw_queue_flush(queue);
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clFinish(cl_command_queue command_queue)
{
	CW_API();
	CW_CHECK_QUEUE(command_queue);
	return cw_queue_finish(cw_queue(command_queue));
}
