/* SPDX-License-Identifier: MIT */
/* What platform and devices say they have beyond the core: names with versions. */
#include "core/platform.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Of the API; the language's come from the compiler's table.  The platform
 * lists what it and all of its devices have.
 */
#define API_EXTENSIONS                                                                             \
	{CL_MAKE_VERSION(1, 0, 0), "cl_khr_create_command_queue"},                                 \
		{CL_MAKE_VERSION(1, 0, 0), "cl_khr_device_uuid"},                                  \
		{CL_MAKE_VERSION(1, 0, 0), "cl_khr_extended_versioning"},

#define CWC_EXTENSION(name, major, minor, patch) {CL_MAKE_VERSION(major, minor, patch), #name},

const cl_name_version cw_platform_extensions[] = {{CL_MAKE_VERSION(2, 0, 0), "cl_khr_icd"},
						  API_EXTENSIONS
#include "features.def"
};
const unsigned cw_num_platform_extensions = COUNT(cw_platform_extensions);

#define CWC_EXTENSION(name, major, minor, patch) {CL_MAKE_VERSION(major, minor, patch), #name},

const cl_name_version cw_device_extensions[] = {API_EXTENSIONS
#include "features.def"
};
const unsigned cw_num_device_extensions = COUNT(cw_device_extensions);

#define CWC_FEATURE(name, major, minor, patch) {CL_MAKE_VERSION(major, minor, patch), #name},

const cl_name_version cw_c_features[] = {
#include "features.def"
};
const unsigned cw_num_c_features = COUNT(cw_c_features);
