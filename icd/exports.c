/* SPDX-License-Identifier: MIT */
/* The symbols that the library exports: what an ICD loader looks up by name. */
#include "api/api.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT void *CL_API_CALL clGetExtensionFunctionAddress(const char *func_name)
{
	return cw_api_clGetExtensionFunctionAddress(func_name);
}

EXPORT cl_int CL_API_CALL clGetPlatformInfo(cl_platform_id platform, cl_platform_info param_name,
					    size_t param_value_size, void *param_value,
					    size_t *param_value_size_ret)
{
	return cw_api_clGetPlatformInfo(platform, param_name, param_value_size, param_value,
					param_value_size_ret);
}

EXPORT cl_int CL_API_CALL clIcdGetPlatformIDsKHR(cl_uint num_entries, cl_platform_id *platforms,
						 cl_uint *num_platforms)
{
	return cw_api_clIcdGetPlatformIDsKHR(num_entries, platforms, num_platforms);
}

EXPORT void *CL_API_CALL clIcdGetFunctionAddressForPlatformKHR(cl_platform_id platform,
							       const char *func_name);
EXPORT void *CL_API_CALL clIcdGetFunctionAddressForPlatformKHR(cl_platform_id platform,
							       const char *func_name)
{
	return cw_api_clIcdGetFunctionAddressForPlatformKHR(platform, func_name);
}

EXPORT cl_int CL_API_CALL clIcdSetPlatformDispatchDataKHR(cl_platform_id platform,
							  void *dispatch_data);
EXPORT cl_int CL_API_CALL clIcdSetPlatformDispatchDataKHR(cl_platform_id platform,
							  void *dispatch_data)
{
	return cw_api_clIcdSetPlatformDispatchDataKHR(platform, dispatch_data);
}
