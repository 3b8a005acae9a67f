/* SPDX-License-Identifier: MIT */
/* A platform, a device and a context, for tests that call the entry points directly. */
#ifndef CW_TEST_FIXTURE_H
#define CW_TEST_FIXTURE_H

#include <stdbool.h>

#include "api/api.h"
#include "test.h"

struct fixture {
	cl_platform_id platform;
	cl_device_id device;
	cl_context context;
	cl_uint units; /* CL_DEVICE_MAX_COMPUTE_UNITS */
};

static inline void fixture_init(struct fixture *fixture)
{
	cl_int error;

	REQUIRE(!cw_api_clGetPlatformIDs(1, &fixture->platform, NULL));
	REQUIRE(!cw_api_clGetDeviceIDs(fixture->platform, CL_DEVICE_TYPE_ALL, 1, &fixture->device,
				       NULL));
	REQUIRE(!cw_api_clGetDeviceInfo(fixture->device, CL_DEVICE_MAX_COMPUTE_UNITS,
					sizeof(fixture->units), &fixture->units, NULL));
	fixture->context = cw_api_clCreateContext(NULL, 1, &fixture->device, NULL, NULL, &error);
	REQUIRE(fixture->context && !error);
}

static inline void fixture_finish(struct fixture *fixture)
{
	CHECK_EQ(cw_api_clReleaseContext(fixture->context), CL_SUCCESS);
}

#endif
