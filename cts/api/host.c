/* SPDX-License-Identifier: MIT */
/* Platforms, devices, contexts, queues and events: OpenCL 3.0, chapters 4, 5.1 and 5.11. */
#include "api.h"

void platform_rules(struct api *t)
{
	cl_platform_id platform;
	cl_device_id device;
	cl_ulong now;

	RULE(CL_INVALID_VALUE, clGetPlatformIDs(0, &platform, NULL));
	RULE(CL_INVALID_VALUE, clGetPlatformIDs(1, NULL, NULL));
	QUERY_RULES(clGetPlatformInfo, t->platform, CL_PLATFORM_NAME);
	RULE(CL_INVALID_VALUE, clGetDeviceIDs(t->platform, CL_DEVICE_TYPE_ALL, 0, &device, NULL));
	RULE(CL_INVALID_VALUE, clGetDeviceIDs(t->platform, CL_DEVICE_TYPE_ALL, 1, NULL, NULL));
	RULE(CL_INVALID_DEVICE_TYPE, clGetDeviceIDs(t->platform, 0, 1, &device, NULL));
	RULE(CL_DEVICE_NOT_FOUND,
	     clGetDeviceIDs(t->platform, CL_DEVICE_TYPE_CUSTOM, 1, &device, NULL));
	QUERY_RULES(clGetDeviceInfo, t->device, CL_DEVICE_NAME);
	RULE(CL_INVALID_DEVICE, clGetDeviceInfo(NULL, CL_DEVICE_NAME, 0, NULL, NULL));
	RULE(CL_INVALID_DEVICE, clRetainDevice(NULL));
	RULE(CL_INVALID_DEVICE, clReleaseDevice(NULL));
	RULE(CL_INVALID_VALUE, clGetDeviceAndHostTimer(t->device, NULL, &now));
	RULE(CL_INVALID_VALUE, clGetDeviceAndHostTimer(t->device, &now, NULL));
	RULE(CL_INVALID_VALUE, clGetHostTimer(t->device, NULL));
	RULE(CL_INVALID_DEVICE, clGetHostTimer(NULL, &now));
}

static void sub_device_rules(struct api *t)
{
	cl_uint units = 1;
	cl_device_id made[2];
	cl_device_partition_property unknown[] = {0x7fff, 1, 0};
	cl_device_partition_property none_each[] = {CL_DEVICE_PARTITION_EQUALLY, 0, 0};
	cl_device_partition_property too_many[] = {CL_DEVICE_PARTITION_BY_COUNTS, 0,
						   CL_DEVICE_PARTITION_BY_COUNTS_LIST_END, 0};

	clGetDeviceInfo(t->device, CL_DEVICE_MAX_COMPUTE_UNITS, sizeof(units), &units, NULL);
	too_many[1] = units + 1;
	RULE(CL_INVALID_DEVICE, clCreateSubDevices(NULL, unknown, 2, made, NULL));
	RULE(CL_INVALID_VALUE, clCreateSubDevices(t->device, NULL, 2, made, NULL));
	RULE(CL_INVALID_VALUE, clCreateSubDevices(t->device, unknown, 2, made, NULL));
	RULE(CL_INVALID_VALUE, clCreateSubDevices(t->device, none_each, 2, made, NULL));
	RULE(CL_INVALID_DEVICE_PARTITION_COUNT,
	     clCreateSubDevices(t->device, too_many, 2, made, NULL));
}

void context_rules(struct api *t)
{
	cl_context_properties unknown[] = {0x7fff, 0, 0};
	cl_context_properties no_platform[] = {CL_CONTEXT_PLATFORM, 0, 0};
	cl_context_properties twice[] = {CL_CONTEXT_PLATFORM, (cl_context_properties)t->platform,
					 CL_CONTEXT_PLATFORM, (cl_context_properties)t->platform,
					 0};
	cl_device_id none = NULL;

	sub_device_rules(t);
	RULE_NEW(CL_INVALID_VALUE, clCreateContext(NULL, 0, &t->device, NULL, NULL, &err));
	RULE_NEW(CL_INVALID_VALUE, clCreateContext(NULL, 1, NULL, NULL, NULL, &err));
	RULE_NEW(CL_INVALID_VALUE, clCreateContext(NULL, 1, &t->device, NULL, t, &err));
	RULE_NEW(CL_INVALID_DEVICE, clCreateContext(NULL, 1, &none, NULL, NULL, &err));
	RULE_NEW(CL_INVALID_PROPERTY, clCreateContext(unknown, 1, &t->device, NULL, NULL, &err));
	RULE_NEW(CL_INVALID_PLATFORM,
		 clCreateContext(no_platform, 1, &t->device, NULL, NULL, &err));
	RULE_NEW(CL_INVALID_PROPERTY, clCreateContext(twice, 1, &t->device, NULL, NULL, &err));
	RULE_NEW(CL_INVALID_DEVICE_TYPE, clCreateContextFromType(NULL, 0, NULL, NULL, &err));
	RULE_NEW(CL_DEVICE_NOT_FOUND,
		 clCreateContextFromType(NULL, CL_DEVICE_TYPE_CUSTOM, NULL, NULL, &err));
	QUERY_RULES(clGetContextInfo, t->context, CL_CONTEXT_DEVICES);
	RULE(CL_INVALID_CONTEXT, clGetContextInfo(NULL, CL_CONTEXT_DEVICES, 0, NULL, NULL));
	RULE(CL_INVALID_CONTEXT, clRetainContext(NULL));
	RULE(CL_INVALID_CONTEXT, clReleaseContext(NULL));
	RULE(CL_INVALID_VALUE, clSetContextDestructorCallback(t->context, NULL, NULL));
}

void queue_rules(struct api *t)
{
	cl_queue_properties unknown[] = {0x7fff, 0, 0};
	cl_queue_properties bad_flags[] = {CL_QUEUE_PROPERTIES, 1u << 20, 0};
	cl_queue_properties size_alone[] = {CL_QUEUE_SIZE, 1024, 0};

	RULE_NEW(CL_INVALID_CONTEXT,
		 clCreateCommandQueueWithProperties(NULL, t->device, NULL, &err));
	RULE_NEW(CL_INVALID_DEVICE,
		 clCreateCommandQueueWithProperties(t->context, NULL, NULL, &err));
	RULE_NEW(CL_INVALID_VALUE,
		 clCreateCommandQueueWithProperties(t->context, t->device, unknown, &err));
	RULE_NEW(CL_INVALID_VALUE,
		 clCreateCommandQueueWithProperties(t->context, t->device, bad_flags, &err));
	RULE_NEW(CL_INVALID_VALUE,
		 clCreateCommandQueueWithProperties(t->context, t->device, size_alone, &err));
	QUERY_RULES(clGetCommandQueueInfo, t->queue, CL_QUEUE_CONTEXT);
	RULE(CL_INVALID_COMMAND_QUEUE,
	     clGetCommandQueueInfo(NULL, CL_QUEUE_CONTEXT, 0, NULL, NULL));
	RULE(CL_INVALID_COMMAND_QUEUE, clRetainCommandQueue(NULL));
	RULE(CL_INVALID_COMMAND_QUEUE, clReleaseCommandQueue(NULL));
	RULE(CL_INVALID_COMMAND_QUEUE, clFlush(NULL));
	RULE(CL_INVALID_COMMAND_QUEUE, clFinish(NULL));
	RULE(CL_INVALID_COMMAND_QUEUE, clEnqueueMarkerWithWaitList(NULL, 0, NULL, NULL));
	RULE(CL_INVALID_COMMAND_QUEUE, clEnqueueBarrierWithWaitList(NULL, 0, NULL, NULL));
	WAIT_LIST_RULES(clEnqueueMarkerWithWaitList, t->queue);
	WAIT_LIST_RULES(clEnqueueBarrierWithWaitList, t->queue);
}

static void CL_CALLBACK on_event(cl_event event, cl_int status, void *user)
{
	(void)event;
	(void)status;
	(void)user;
}

/* An event that failed, and what becomes of those who wait for it. */
static void failed_event_rules(struct api *t)
{
	cl_int err, status = 0;
	cl_event event = clCreateUserEvent(t->context, &err), waiting;
	char byte = 1;

	RULE(CL_SUCCESS, err);
	RULE(CL_SUCCESS, clEnqueueMarkerWithWaitList(t->queue, 1, &event, &waiting));
	RULE(CL_SUCCESS, clSetUserEventStatus(event, -7));
	RULE(CL_INVALID_OPERATION, clSetUserEventStatus(event, CL_COMPLETE));
	RULE(CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST, clWaitForEvents(1, &event));
	RULE(CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST, clWaitForEvents(1, &waiting));
	RULE(CL_SUCCESS, clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof(status),
					&status, NULL));
	RULE(-7, status);
	RULE(CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST,
	     clEnqueueWriteBuffer(t->queue, t->buffer, CL_TRUE, 0, 1, &byte, 1, &event, NULL));
	clReleaseEvent(waiting);
	clReleaseEvent(event);
}

void event_rules(struct api *t)
{
	cl_event mixed[2] = {t->done, t->other_event}, none = NULL, marker;
	cl_ulong time;

	RULE_NEW(CL_INVALID_CONTEXT, clCreateUserEvent(NULL, &err));
	RULE(CL_INVALID_VALUE, clWaitForEvents(0, &t->done));
	RULE(CL_INVALID_VALUE, clWaitForEvents(1, NULL));
	RULE(CL_INVALID_EVENT, clWaitForEvents(1, &none));
	RULE(CL_INVALID_CONTEXT, clWaitForEvents(2, mixed));
	RULE(CL_SUCCESS, clWaitForEvents(1, &t->done));
	RULE(CL_INVALID_VALUE, clSetUserEventStatus(t->event, CL_RUNNING));
	RULE(CL_INVALID_OPERATION, clSetUserEventStatus(t->done, CL_COMPLETE));
	RULE(CL_INVALID_EVENT, clSetUserEventStatus(NULL, CL_COMPLETE));
	RULE(CL_INVALID_VALUE, clSetEventCallback(t->event, CL_COMPLETE, NULL, NULL));
	RULE(CL_INVALID_VALUE, clSetEventCallback(t->event, CL_QUEUED, on_event, NULL));
	RULE(CL_INVALID_EVENT, clSetEventCallback(NULL, CL_COMPLETE, on_event, NULL));
	QUERY_RULES(clGetEventInfo, t->event, CL_EVENT_CONTEXT);
	RULE(CL_INVALID_EVENT, clGetEventInfo(NULL, CL_EVENT_CONTEXT, 0, NULL, NULL));
	RULE(CL_INVALID_EVENT, clRetainEvent(NULL));
	RULE(CL_INVALID_EVENT, clReleaseEvent(NULL));
	RULE(CL_PROFILING_INFO_NOT_AVAILABLE,
	     clGetEventProfilingInfo(t->done, CL_PROFILING_COMMAND_END, sizeof(time), &time, NULL));
	/* A queue without profiling. */
	RULE(CL_SUCCESS, clEnqueueMarkerWithWaitList(t->queue, 0, NULL, &marker));
	RULE(CL_SUCCESS, clFinish(t->queue));
	RULE(CL_PROFILING_INFO_NOT_AVAILABLE,
	     clGetEventProfilingInfo(marker, CL_PROFILING_COMMAND_END, sizeof(time), &time, NULL));
	RULE(CL_INVALID_EVENT, clSetUserEventStatus(marker, CL_COMPLETE));
	clReleaseEvent(marker);
	failed_event_rules(t);
}
