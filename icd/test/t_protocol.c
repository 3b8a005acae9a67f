/* SPDX-License-Identifier: MIT */
/* Loads libcauseway.so as an ICD loader does: cl_khr_icd 1.0 and 2.0. */
#include <dlfcn.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../../runtime/test/test.h"
#include "core/cl.h"
#include "core/cl_missing.h"

typedef void *(*get_function_fn)(const char *name);
typedef void *(*get_platform_function_fn)(cl_platform_id platform, const char *name);
typedef cl_int (*set_data_fn)(cl_platform_id platform, void *data);

/* What a loader sees of every handle. */
struct handle {
	const cl_icd_dispatch *dispatch;
	void *data;
};

static const struct handle *handle(const void *object)
{
	return object;
}

/* Names that the loader's own table would ask for. */
static const char *const core_names[] = {
	"clGetPlatformIDs",
	"clGetDeviceIDs",
	"clCreateContext",
	"clUnloadCompiler",
	"clEnqueueNDRangeKernel",
	"clSVMAlloc",
	"clSetContextDestructorCallback",
};

static void test_functions(get_platform_function_fn get, cl_platform_id platform)
{
	for (size_t i = 0; i < sizeof(core_names) / sizeof(core_names[0]); i++)
		CHECK(get(platform, core_names[i]));
	CHECK(!get(platform, "clCreateFromGLBuffer"));
	CHECK(!get(platform, "clNoSuchFunction"));
	CHECK(!get(NULL, "clCreateContext"));
}

static void test_tags(cl_platform_id platform)
{
	const cl_icd_dispatch *table = handle(platform)->dispatch;

	CHECK_EQ((intptr_t)table->clGetPlatformIDs, CL_ICD2_TAG_KHR);
	CHECK_EQ((intptr_t)table->clUnloadCompiler, CL_ICD2_TAG_KHR);
}

/* The loader's word reaches the platform, its devices and new objects. */
static void test_loader_data(get_platform_function_fn get, set_data_fn set, cl_platform_id platform)
{
	static int word;
	cl_api_clGetDeviceIDs get_devices = (cl_api_clGetDeviceIDs)get(platform, "clGetDeviceIDs");
	cl_api_clCreateContext create = (cl_api_clCreateContext)get(platform, "clCreateContext");
	cl_api_clReleaseContext release =
		(cl_api_clReleaseContext)get(platform, "clReleaseContext");
	cl_device_id device;
	cl_context context;

	REQUIRE(get_devices && create && release);
	REQUIRE(!get_devices(platform, CL_DEVICE_TYPE_ALL, 1, &device, NULL));
	CHECK_EQ(set(NULL, &word), CL_INVALID_PLATFORM);
	CHECK_EQ(set(platform, &word), CL_SUCCESS);
	CHECK(handle(platform)->data == &word);
	CHECK(handle(device)->data == &word);
	context = create(NULL, 1, &device, NULL, NULL, NULL);
	REQUIRE(context);
	CHECK(handle(context)->data == &word);
	CHECK(handle(context)->dispatch == handle(platform)->dispatch);
	CHECK_EQ(release(context), CL_SUCCESS);
}

int main(int argc, char **argv)
{
	cl_platform_id platform;
	get_function_fn get;
	cl_api_clGetPlatformIDs get_platforms;
	cl_uint count;
	void *library;

	REQUIRE(argc == 2);
	library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
	if (!library)
		fprintf(stderr, "%s\n", dlerror());
	REQUIRE(library);
	get = (get_function_fn)dlsym(library, "clGetExtensionFunctionAddress");
	REQUIRE(get);
	get_platforms = (cl_api_clGetPlatformIDs)get("clIcdGetPlatformIDsKHR");
	REQUIRE(get_platforms);
	REQUIRE(!get_platforms(0, NULL, &count) && count == 1);
	REQUIRE(!get_platforms(1, &platform, NULL));
	test_tags(platform);
	test_functions((get_platform_function_fn)get("clIcdGetFunctionAddressForPlatformKHR"),
		       platform);
	test_loader_data((get_platform_function_fn)get("clIcdGetFunctionAddressForPlatformKHR"),
			 (set_data_fn)get("clIcdSetPlatformDispatchDataKHR"), platform);
	/* Closing it must not pull code away from under its threads. */
	CHECK(!dlclose(library));
	CHECK(dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD));
	return test_result();
}
