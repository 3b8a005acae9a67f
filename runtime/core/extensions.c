/* SPDX-License-Identifier: MIT */
/* What platform and devices say they have beyond the core: names with versions. */
#include "core/platform.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define NAME_VERSION(name, major, minor, patch) {CL_MAKE_VERSION(major, minor, patch), #name},

/* The platform lists what it and all of its devices have. */
const cl_name_version cw_platform_extensions[] = {
#define CW_PLATFORM_EXTENSION NAME_VERSION
#define CW_API_EXTENSION      NAME_VERSION
#include "core/extensions.def"
#define CWC_EXTENSION NAME_VERSION
#include "features.def"
};
const unsigned cw_num_platform_extensions = COUNT(cw_platform_extensions);

const cl_name_version cw_device_extensions[] = {
#define CW_API_EXTENSION NAME_VERSION
#include "core/extensions.def"
#define CWC_EXTENSION NAME_VERSION
#include "features.def"
};
const unsigned cw_num_device_extensions = COUNT(cw_device_extensions);

const cl_name_version cw_c_features[] = {
#define CWC_FEATURE NAME_VERSION
#include "features.def"
};
const unsigned cw_num_c_features = COUNT(cw_c_features);
