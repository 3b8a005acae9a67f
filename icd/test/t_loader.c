/* SPDX-License-Identifier: MIT */
/*
 * Finds the platform through whatever libOpenCL is there, with OCL_ICD_VENDORS
 * pointing into the build tree, and makes a context: nothing more than an
 * application does before its first real call.  Prints what that cost.
 */
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>

#include "../../runtime/test/test.h"
#include "core/cl.h"

#define MOST 16

static cl_platform_id find_platform(void)
{
	cl_platform_id platforms[MOST];
	char name[64];
	cl_uint count = 0;

	REQUIRE(!clGetPlatformIDs(MOST, platforms, &count));
	for (cl_uint i = 0; i < count && i < MOST; i++) {
		if (!clGetPlatformInfo(platforms[i], CL_PLATFORM_NAME, sizeof(name), name, NULL) &&
		    !strcmp(name, "Causeway"))
			return platforms[i];
	}
	return NULL;
}

static unsigned long num_threads(void)
{
	char line[256];
	unsigned long threads = 0;
	FILE *status = fopen("/proc/self/status", "r");

	REQUIRE(status);
	while (fgets(line, sizeof(line), status)) {
		if (!strncmp(line, "Threads:", 8))
			threads = strtoul(line + 8, NULL, 10);
	}
	fclose(status);
	return threads;
}

int main(void)
{
	cl_platform_id platform = find_platform();
	struct rusage usage;
	cl_device_id device;
	cl_context context;

	REQUIRE(platform);
	REQUIRE(!clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, NULL));
	context = clCreateContext(NULL, 1, &device, NULL, NULL, NULL);
	REQUIRE(context);
	getrusage(RUSAGE_SELF, &usage);
	printf("to a context: %ld us CPU, %ld KiB resident, %lu threads\n",
	       usage.ru_utime.tv_usec + usage.ru_stime.tv_usec, usage.ru_maxrss, num_threads());
	if (!getenv("CAUSEWAY_TEST_SANITIZED")) {
		CHECK(usage.ru_maxrss < 10l * 1024);
		CHECK(!usage.ru_utime.tv_sec && !usage.ru_stime.tv_sec);
		CHECK(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec < 25000);
		CHECK_EQ(num_threads(), 1);
	}
	CHECK_EQ(clReleaseContext(context), CL_SUCCESS);
	return test_result();
}
