/* SPDX-License-Identifier: MIT */
/* Creating and asking command queues: OpenCL 3.0, 5.1. */
#include "core/queue.h"
#include "api/api.h"
#include "api/check.h"
#include "api/info.h"
#include "core/context.h"

#define HOST_FLAGS   (CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE | CL_QUEUE_PROFILING_ENABLE)
#define DEVICE_FLAGS (CL_QUEUE_ON_DEVICE | CL_QUEUE_ON_DEVICE_DEFAULT)

/* struct request - what the application asks for in a property list. */
struct request {
	cl_command_queue_properties flags;
	cl_queue_priority_khr priority;
};

static cl_int check_device(cl_context context, cl_device_id device)
{
	CW_CHECK_CONTEXT(context);
	CW_CHECK_HANDLE(device, device, CL_INVALID_DEVICE);
	CW_CHECK(cw_context_has_device(cw_context(context), cw_device(device)), CL_INVALID_DEVICE,
		 "the device is not one of the context's");
	return CL_SUCCESS;
}

static cl_int check_flags(cl_command_queue_properties flags)
{
	CW_CHECK(cw_flags_are_valid(flags, HOST_FLAGS | DEVICE_FLAGS), CL_INVALID_VALUE,
		 "properties 0x%lx have unknown bits", (unsigned long)flags);
	CW_CHECK(!(flags & CL_QUEUE_ON_DEVICE) || flags & CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE,
		 CL_INVALID_VALUE, "queues on a device are out of order");
	CW_CHECK(!(flags & CL_QUEUE_ON_DEVICE_DEFAULT) || flags & CL_QUEUE_ON_DEVICE,
		 CL_INVALID_VALUE, "a default queue on a device must be on a device");
	return CL_SUCCESS;
}

/* One of three: high, medium, low. */
static bool is_hint(cl_queue_properties value)
{
	return value == 1 || value == 2 || value == 4;
}

static cl_int check_properties(const cl_queue_properties *properties, struct request *request_out)
{
	bool has_size = false;

	*request_out = (struct request){.priority = CL_QUEUE_PRIORITY_MED_KHR};
	for (; properties && *properties; properties += 2) {
		switch (properties[0]) {
		case CL_QUEUE_PROPERTIES:
			request_out->flags = properties[1];
			break;
		case CL_QUEUE_SIZE:
			has_size = true;
			break;
		case CL_QUEUE_PRIORITY_KHR:
			CW_CHECK(is_hint(properties[1]), CL_INVALID_VALUE, "no such priority");
			request_out->priority = (cl_queue_priority_khr)properties[1];
			break;
		case CL_QUEUE_THROTTLE_KHR:
			CW_CHECK(is_hint(properties[1]), CL_INVALID_VALUE, "no such throttle");
			break;
		default:
			CW_CHECK(false, CL_INVALID_VALUE, "0x%lx is not a property of queues",
				 (unsigned long)properties[0]);
		}
	}
	CW_TRY(check_flags(request_out->flags));
	CW_CHECK(!has_size || request_out->flags & CL_QUEUE_ON_DEVICE, CL_INVALID_VALUE,
		 "CL_QUEUE_SIZE is for queues on a device");
	CW_CHECK(!(request_out->flags & CL_QUEUE_ON_DEVICE), CL_INVALID_QUEUE_PROPERTIES,
		 "no device here has queues of its own");
	return CL_SUCCESS;
}

static cl_int create_with_properties(cl_context context, cl_device_id device,
				     const cl_queue_properties *properties,
				     struct cw_queue **queue_out)
{
	struct request request;
	cl_int error;

	CW_TRY(check_device(context, device));
	CW_TRY(check_properties(properties, &request));
	error = cw_queue_create(cw_context(context), cw_device(device), request.flags,
				request.priority, properties, queue_out);
	CW_CHECK(!error, error, "no memory for a queue");
	return CL_SUCCESS;
}

cl_command_queue CL_API_CALL cw_api_clCreateCommandQueueWithProperties(
	cl_context context, cl_device_id device, const cl_queue_properties *properties,
	cl_int *errcode_ret)
{
	struct cw_queue *queue = NULL;

	CW_API();
	cw_errcode(errcode_ret, create_with_properties(context, device, properties, &queue));
	return cw_queue_handle(queue);
}

cl_command_queue CL_API_CALL cw_api_clCreateCommandQueueWithPropertiesKHR(
	cl_context context, cl_device_id device, const cl_queue_properties_khr *properties,
	cl_int *errcode_ret)
{
	struct cw_queue *queue = NULL;

	CW_API();
	cw_errcode(errcode_ret, create_with_properties(context, device, properties, &queue));
	return cw_queue_handle(queue);
}

static cl_int create_queue(cl_context context, cl_device_id device,
			   cl_command_queue_properties flags, struct cw_queue **queue_out)
{
	cl_int error;

	CW_TRY(check_device(context, device));
	CW_CHECK(cw_flags_are_valid(flags, HOST_FLAGS), CL_INVALID_VALUE,
		 "properties 0x%lx have unknown bits", (unsigned long)flags);
	error = cw_queue_create(cw_context(context), cw_device(device), flags,
				CL_QUEUE_PRIORITY_MED_KHR, NULL, queue_out);
	CW_CHECK(!error, error, "no memory for a queue");
	return CL_SUCCESS;
}

cl_command_queue CL_API_CALL cw_api_clCreateCommandQueue(cl_context context, cl_device_id device,
							 cl_command_queue_properties properties,
							 cl_int *errcode_ret)
{
	struct cw_queue *queue = NULL;

	CW_API();
	cw_errcode(errcode_ret, create_queue(context, device, properties, &queue));
	return cw_queue_handle(queue);
}

cl_int CL_API_CALL cw_api_clSetDefaultDeviceCommandQueue(cl_context context, cl_device_id device,
							 cl_command_queue command_queue)
{
	CW_API();
	CW_TRY(check_device(context, device));
	(void)command_queue;
	return cw_check_failed(__func__, CL_INVALID_OPERATION, "device queues",
			       "no device here has queues of its own");
}

cl_int CL_API_CALL cw_api_clRetainCommandQueue(cl_command_queue command_queue)
{
	CW_API();
	CW_CHECK_HANDLE(queue, command_queue, CL_INVALID_COMMAND_QUEUE);
	cw_object_retain(&cw_queue(command_queue)->object);
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clReleaseCommandQueue(cl_command_queue command_queue)
{
	struct cw_queue *queue = cw_queue(command_queue);

	CW_API();
	CW_CHECK_HANDLE(queue, command_queue, CL_INVALID_COMMAND_QUEUE);
	cw_queue_flush(queue);
	cw_object_release(&queue->object);
	return CL_SUCCESS;
}

static cl_int get_info(const struct cw_queue *queue, cl_command_queue_info name,
		       const struct cw_info *info)
{
	switch (name) {
	case CL_QUEUE_CONTEXT:
		return cw_info_value(info, cl_context, cw_context_handle(queue->context));
	case CL_QUEUE_DEVICE:
		return cw_info_value(info, cl_device_id, cw_device_handle(queue->device));
	case CL_QUEUE_REFERENCE_COUNT:
		return cw_info_value(info, cl_uint, queue->object.api_refs);
	case CL_QUEUE_PROPERTIES:
		return cw_info_value(info, cl_command_queue_properties, queue->flags);
	case CL_QUEUE_PROPERTIES_ARRAY:
		return cw_info_array(info, queue->properties, queue->num_properties);
	case CL_QUEUE_DEVICE_DEFAULT:
		return cw_info_value(info, cl_command_queue, NULL);
	case CL_QUEUE_SIZE:
		CW_CHECK(false, CL_INVALID_COMMAND_QUEUE, "not a queue on a device");
	default:
		return cw_info_unknown(name);
	}
}

cl_int CL_API_CALL cw_api_clGetCommandQueueInfo(cl_command_queue command_queue,
						cl_command_queue_info param_name,
						size_t param_value_size, void *param_value,
						size_t *param_value_size_ret)
{
	const struct cw_info info = {param_value_size, param_value, param_value_size_ret};

	CW_API();
	CW_CHECK_HANDLE(queue, command_queue, CL_INVALID_COMMAND_QUEUE);
	cw_check_report_to(cw_queue(command_queue)->context);
	return get_info(cw_queue(command_queue), param_name, &info);
}

cl_int CL_API_CALL cw_api_clSetCommandQueueProperty(
	cl_command_queue command_queue, cl_command_queue_properties properties, cl_bool enable,
	cl_command_queue_properties *old_properties) /* NOLINT */
{
	CW_API();
	CW_CHECK_HANDLE(queue, command_queue, CL_INVALID_COMMAND_QUEUE);
	cw_check_report_to(cw_queue(command_queue)->context);
	(void)properties;
	(void)enable;
	(void)old_properties;
	return cw_check_failed(__func__, CL_INVALID_OPERATION, "properties",
			       "properties of a queue can't be changed");
}
