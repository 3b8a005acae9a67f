/* SPDX-License-Identifier: MIT */
/* Entry points of extensions that became core: the core function under another name. */
#include "api/api.h"

/* cl_khr_create_command_queue */
cl_command_queue CL_API_CALL cw_api_clCreateCommandQueueWithPropertiesKHR(
	cl_context context, cl_device_id device, const cl_queue_properties_khr *properties,
	cl_int *errcode_ret)
{
	return cw_api_clCreateCommandQueueWithProperties(context, device, properties, errcode_ret);
}
