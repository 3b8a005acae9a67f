/* SPDX-License-Identifier: MIT */
/* The one platform: OpenCL 3.0, 4.1. */
#ifndef CW_PLATFORM_H
#define CW_PLATFORM_H

#include "core/cl.h"
#include "core/cl_missing.h"
#include "core/object.h"

/* The table of all entry points: icd/dispatch.c. */
extern const cl_icd_dispatch cw_dispatch;

/* struct cw_platform - lives for ever; nothing beyond a handle. */
struct cw_platform {
	struct cw_object object;
};

extern struct cw_platform cw_the_platform;

CW_HANDLE(platform, cl_platform_id, CW_CLASS_PLATFORM)

/* The loader's word for new objects (cl_khr_icd 2.0), or NULL. */
void *cw_platform_loader_data(void);

/* The loader tells its word: kept for new objects, stored in platform and devices. */
void cw_platform_set_loader_data(void *data);

#define CW_VERSION_STRING "0.1.0"

/* One extension or feature with its version, as in the queries WITH_VERSION. */
extern const cl_name_version cw_platform_extensions[];
extern const unsigned cw_num_platform_extensions;
extern const cl_name_version cw_device_extensions[];
extern const unsigned cw_num_device_extensions;
extern const cl_name_version cw_c_features[];
extern const unsigned cw_num_c_features;

#endif
