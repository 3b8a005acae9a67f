/* SPDX-License-Identifier: MIT */
/*
 * All entry points, as cw_api_<name>.  Their prototypes are those of the
 * dispatch table, so a definition that differs does not compile.
 */
#ifndef CW_API_H
#define CW_API_H

#include "core/cl.h"
#include "core/cl_missing.h"

#define CW_ENTRY(name) __typeof__(*(cl_api_##name)0) cw_api_##name;
#include "api/entry-points.def"

/* Beyond the table: reached by clGetExtensionFunctionAddressForPlatform. */
#define CW_EXTENSION_ENTRY(name, type) __typeof__(*(type)0) cw_api_##name;
#include "api/extension-points.def"

/* cl_khr_icd; exported. */
cl_int CL_API_CALL cw_api_clIcdGetPlatformIDsKHR(cl_uint num_entries, cl_platform_id *platforms,
						 cl_uint *num_platforms);
void *CL_API_CALL cw_api_clIcdGetFunctionAddressForPlatformKHR(cl_platform_id platform,
							       const char *func_name);
cl_int CL_API_CALL cw_api_clIcdSetPlatformDispatchDataKHR(cl_platform_id platform,
							  void *dispatch_data);

#endif
