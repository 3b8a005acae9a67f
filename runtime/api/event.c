/* SPDX-License-Identifier: MIT */
/* Events: OpenCL 3.0, 5.11 and 5.14. */
#include "core/event.h"
#include "api/api.h"
#include "api/check.h"
#include "api/info.h"
#include "core/context.h"
#include "core/queue.h"

#define CHECK_EVENT(handle)                                                                        \
	do {                                                                                       \
		CW_CHECK_HANDLE(event, handle, CL_INVALID_EVENT);                                  \
		cw_check_report_to(cw_event(handle)->context);                                     \
	} while (0)

static cl_int create_user_event(cl_context context, struct cw_event **event_out)
{
	CW_CHECK_CONTEXT(context);
	*event_out = cw_user_event_create(cw_context(context));
	CW_CHECK_MEMORY(*event_out);
	return CL_SUCCESS;
}

cl_event CL_API_CALL cw_api_clCreateUserEvent(cl_context context, cl_int *errcode_ret)
{
	struct cw_event *event = NULL;

	CW_API();
	cw_errcode(errcode_ret, create_user_event(context, &event));
	return cw_event_handle(event);
}

cl_int CL_API_CALL cw_api_clSetUserEventStatus(cl_event event, cl_int execution_status)
{
	CW_API();
	CHECK_EVENT(event);
	CW_CHECK(cw_event(event)->type == CL_COMMAND_USER, CL_INVALID_EVENT, "not a user event");
	CW_CHECK(execution_status <= CL_COMPLETE, CL_INVALID_VALUE,
		 "status %d is neither CL_COMPLETE nor an error", execution_status);
	CW_CHECK(cw_user_event_set(cw_event(event), execution_status), CL_INVALID_OPERATION,
		 "the status was set before");
	return CL_SUCCESS;
}

static cl_int check_list(cl_uint num_events, const cl_event *event_list)
{
	CW_CHECK(num_events && event_list, CL_INVALID_VALUE, "%u events at %p", num_events,
		 (const void *)event_list);
	for (cl_uint i = 0; i < num_events; i++)
		CHECK_EVENT(event_list[i]);
	for (cl_uint i = 1; i < num_events; i++)
		CW_CHECK(cw_event(event_list[i])->context == cw_event(event_list[0])->context,
			 CL_INVALID_CONTEXT, "event %u belongs to another context", i);
	return CL_SUCCESS;
}

/* Waiting starts everything, so that the events behind the first make progress meanwhile. */
cl_int CL_API_CALL cw_api_clWaitForEvents(cl_uint num_events, const cl_event *event_list)
{
	cl_int worst = CL_COMPLETE;

	CW_API();
	CW_TRY(check_list(num_events, event_list));
	for (cl_uint i = 1; i < num_events; i++)
		cw_event_nudge(cw_event(event_list[i]));
	for (cl_uint i = 0; i < num_events; i++) {
		cl_int status = cw_event_wait(cw_event(event_list[i]));

		worst = status < worst ? status : worst;
	}
	CW_CHECK(worst == CL_COMPLETE, CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST,
		 "an event ended with %s", cw_error_name(worst));
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clRetainEvent(cl_event event)
{
	CW_API();
	CHECK_EVENT(event);
	cw_object_retain(&cw_event(event)->object);
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clReleaseEvent(cl_event event)
{
	CW_API();
	CW_CHECK_HANDLE(event, event, CL_INVALID_EVENT);
	cw_object_release(&cw_event(event)->object);
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clSetEventCallback(cl_event event, cl_int command_exec_callback_type,
					     void(CL_CALLBACK *pfn_notify)(cl_event event,
									   cl_int status,
									   void *user_data),
					     void *user_data)
{
	cl_int error;

	CW_API();
	CHECK_EVENT(event);
	CW_CHECK(pfn_notify, CL_INVALID_VALUE, "pfn_event_notify is NULL");
	CW_CHECK(command_exec_callback_type >= CL_COMPLETE &&
			 command_exec_callback_type <= CL_SUBMITTED,
		 CL_INVALID_VALUE, "no callbacks for status %d", command_exec_callback_type);
	error = cw_event_add_callback(cw_event(event), command_exec_callback_type, pfn_notify,
				      user_data);
	CW_CHECK(!error, error, "out of host memory");
	cw_event_nudge(cw_event(event));
	return CL_SUCCESS;
}

static cl_int get_info(struct cw_event *event, cl_event_info name, const struct cw_info *info)
{
	switch (name) {
	case CL_EVENT_COMMAND_QUEUE:
		return cw_info_value(info, cl_command_queue, cw_queue_handle(event->queue));
	case CL_EVENT_CONTEXT:
		return cw_info_value(info, cl_context, cw_context_handle(event->context));
	case CL_EVENT_COMMAND_TYPE:
		return cw_info_value(info, cl_command_type, event->type);
	case CL_EVENT_COMMAND_EXECUTION_STATUS:
		cw_event_nudge(event);
		return cw_info_value(info, cl_int, cw_event_status(event));
	case CL_EVENT_REFERENCE_COUNT:
		return cw_info_value(info, cl_uint, event->object.api_refs);
	default:
		return cw_info_unknown(name);
	}
}

cl_int CL_API_CALL cw_api_clGetEventInfo(cl_event event, cl_event_info param_name,
					 size_t param_value_size, void *param_value,
					 size_t *param_value_size_ret)
{
	const struct cw_info info = {param_value_size, param_value, param_value_size_ret};

	CW_API();
	CHECK_EVENT(event);
	return get_info(cw_event(event), param_name, &info);
}

static cl_int get_time(const struct cw_event_times *times, cl_profiling_info name,
		       const struct cw_info *info)
{
	switch (name) {
	case CL_PROFILING_COMMAND_QUEUED:
		return cw_info_value(info, cl_ulong, times->queued);
	case CL_PROFILING_COMMAND_SUBMIT:
		return cw_info_value(info, cl_ulong, times->submit);
	case CL_PROFILING_COMMAND_START:
		return cw_info_value(info, cl_ulong, times->start);
	case CL_PROFILING_COMMAND_END:
	case CL_PROFILING_COMMAND_COMPLETE:
		return cw_info_value(info, cl_ulong, times->end);
	default:
		return cw_info_unknown(name);
	}
}

cl_int CL_API_CALL cw_api_clGetEventProfilingInfo(cl_event event, cl_profiling_info param_name,
						  size_t param_value_size, void *param_value,
						  size_t *param_value_size_ret)
{
	const struct cw_info info = {param_value_size, param_value, param_value_size_ret};

	CW_API();
	CHECK_EVENT(event);
	CW_CHECK(cw_event(event)->queue && cw_event(event)->queue->is_profiled,
		 CL_PROFILING_INFO_NOT_AVAILABLE, "the event's queue does not profile");
	CW_CHECK(cw_event_status(cw_event(event)) == CL_COMPLETE, CL_PROFILING_INFO_NOT_AVAILABLE,
		 "the command is not complete");
	return get_time(&cw_event(event)->times, param_name, &info);
}
