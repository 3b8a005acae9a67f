/* SPDX-License-Identifier: MIT */
/* Platforms and the functions that find functions: OpenCL 3.0, 4.1 and cl_khr_icd. */
#include "core/platform.h"

#include <string.h>

#include "api/api.h"
#include "api/check.h"
#include "api/info.h"

static cl_int get_platform_ids(cl_uint num_entries, cl_platform_id *platforms,
			       cl_uint *num_platforms)
{
	CW_CHECK(num_entries || !platforms, CL_INVALID_VALUE,
		 "num_entries is 0 and platforms is not NULL");
	CW_CHECK(num_platforms || platforms, CL_INVALID_VALUE,
		 "num_platforms and platforms are both NULL");
	if (platforms)
		platforms[0] = cw_platform_handle(&cw_the_platform);
	if (num_platforms)
		*num_platforms = 1;
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clGetPlatformIDs(cl_uint num_entries, cl_platform_id *platforms,
					   cl_uint *num_platforms)
{
	CW_API();
	return get_platform_ids(num_entries, platforms, num_platforms);
}

cl_int CL_API_CALL cw_api_clIcdGetPlatformIDsKHR(cl_uint num_entries, cl_platform_id *platforms,
						 cl_uint *num_platforms)
{
	CW_API();
	return get_platform_ids(num_entries, platforms, num_platforms);
}

cl_int CL_API_CALL cw_api_clIcdSetPlatformDispatchDataKHR(cl_platform_id platform,
							  void *dispatch_data)
{
	CW_API();
	CW_CHECK_HANDLE(platform, platform, CL_INVALID_PLATFORM);
	cw_platform_set_loader_data(dispatch_data);
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clGetPlatformInfo(cl_platform_id platform, cl_platform_info param_name,
					    size_t param_value_size, void *param_value,
					    size_t *param_value_size_ret)
{
	struct cw_info info = {param_value_size, param_value, param_value_size_ret};

	CW_API();
	CW_CHECK(!platform || cw_platform_is_valid(platform), CL_INVALID_PLATFORM,
		 "platform (%p) is not a valid platform", (void *)platform);
	switch (param_name) {
	case CL_PLATFORM_PROFILE:
		return cw_info_string(&info, "FULL_PROFILE");
	case CL_PLATFORM_VERSION:
		return cw_info_string(&info, "OpenCL 3.0 Causeway " CW_VERSION_STRING);
	case CL_PLATFORM_NUMERIC_VERSION:
		return cw_info_value(&info, cl_version, CL_MAKE_VERSION(3, 0, 0));
	case CL_PLATFORM_NAME:
		return cw_info_string(&info, "Causeway");
	case CL_PLATFORM_VENDOR:
		return cw_info_string(&info, "The Causeway project");
	case CL_PLATFORM_EXTENSIONS:
		return cw_info_names(&info, cw_platform_extensions, cw_num_platform_extensions);
	case CL_PLATFORM_EXTENSIONS_WITH_VERSION:
		return cw_info_array(&info, cw_platform_extensions, cw_num_platform_extensions);
	case CL_PLATFORM_HOST_TIMER_RESOLUTION:
		return cw_info_value(&info, cl_ulong, 1);
	case CL_PLATFORM_ICD_SUFFIX_KHR:
		return cw_info_string(&info, "CSWY");
	default:
		return cw_info_unknown(param_name);
	}
}

struct function {
	const char *name;
	void *address;
};

#define FUNCTION(name) {#name, (void *)cw_api_##name},

static const struct function extension_functions[] = {FUNCTION(clIcdGetPlatformIDsKHR) FUNCTION(
	clIcdGetFunctionAddressForPlatformKHR) FUNCTION(clIcdSetPlatformDispatchDataKHR)
#define CW_EXTENSION_ENTRY(name, type) FUNCTION(name)
#include "api/extension-points.def"
};

static const struct function core_functions[] = {
#define CW_ENTRY FUNCTION
#define CW_FOREIGN_ENTRY(name)
#include "api/entry-points.def"
};

static void *find(const struct function *functions, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(functions[i].name, name))
			return functions[i].address;
	}
	return NULL;
}

/* Extension functions first, then core ones: finding more than asked for harms nobody. */
static void *find_function(const char *name)
{
	void *address;

	if (!name)
		return NULL;
	address = find(extension_functions,
		       sizeof(extension_functions) / sizeof(extension_functions[0]), name);
	if (address)
		return address;
	return find(core_functions, sizeof(core_functions) / sizeof(core_functions[0]), name);
}

void *CL_API_CALL cw_api_clGetExtensionFunctionAddress(const char *func_name)
{
	CW_API();
	return find_function(func_name);
}

void *CL_API_CALL cw_api_clGetExtensionFunctionAddressForPlatform(cl_platform_id platform,
								  const char *func_name)
{
	CW_API();
	return cw_platform_is_valid(platform) ? find_function(func_name) : NULL;
}

void *CL_API_CALL cw_api_clIcdGetFunctionAddressForPlatformKHR(cl_platform_id platform,
							       const char *func_name)
{
	CW_API();
	return cw_platform_is_valid(platform) ? find_function(func_name) : NULL;
}
