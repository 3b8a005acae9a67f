/* SPDX-License-Identifier: MIT */
/* Platforms, devices, sub-devices, timers: rules and answers. */
#include <string.h>
#include <unistd.h>

#include "fixture.h"

#define MOST 64

static void test_platforms(void)
{
	cl_platform_id platform;
	char foreign[128] = "";
	cl_uint count = 0;

	CHECK_EQ(cw_api_clGetPlatformIDs(0, &platform, NULL), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clGetPlatformIDs(1, NULL, NULL), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clIcdGetPlatformIDsKHR(0, &platform, NULL), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clIcdGetPlatformIDsKHR(1, NULL, NULL), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clGetPlatformIDs(0, NULL, &count), CL_SUCCESS);
	CHECK_EQ(count, 1);
	CHECK_EQ(cw_api_clGetPlatformInfo((cl_platform_id)foreign, CL_PLATFORM_NAME, 0, NULL, NULL),
		 CL_INVALID_PLATFORM);
}

static void test_device_ids(const struct fixture *f)
{
	cl_device_id device;
	cl_uint count = 0;

	CHECK_EQ(cw_api_clGetDeviceIDs((cl_platform_id)f->device, CL_DEVICE_TYPE_ALL, 1, &device,
				       NULL),
		 CL_INVALID_PLATFORM);
	CHECK_EQ(cw_api_clGetDeviceIDs(f->platform, 0, 1, &device, NULL), CL_INVALID_DEVICE_TYPE);
	CHECK_EQ(cw_api_clGetDeviceIDs(f->platform, 1u << 20, 1, &device, NULL),
		 CL_INVALID_DEVICE_TYPE);
	CHECK_EQ(cw_api_clGetDeviceIDs(f->platform, CL_DEVICE_TYPE_CPU, 0, &device, NULL),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clGetDeviceIDs(f->platform, CL_DEVICE_TYPE_CPU, 1, NULL, NULL),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clGetDeviceIDs(f->platform, CL_DEVICE_TYPE_GPU, 1, &device, &count),
		 CL_DEVICE_NOT_FOUND);
	CHECK_EQ(cw_api_clGetDeviceIDs(f->platform, CL_DEVICE_TYPE_DEFAULT | CL_DEVICE_TYPE_GPU, 1,
				       &device, &count),
		 CL_SUCCESS);
	CHECK_EQ(count, 1);
	CHECK(device == f->device);
	CHECK_EQ(cw_api_clGetDeviceInfo(NULL, CL_DEVICE_NAME, 0, NULL, NULL), CL_INVALID_DEVICE);
}

static void test_timers(const struct fixture *f)
{
	cl_ulong device;
	cl_ulong host;
	cl_ulong later;

	CHECK_EQ(cw_api_clGetDeviceAndHostTimer(NULL, &device, &host), CL_INVALID_DEVICE);
	CHECK_EQ(cw_api_clGetDeviceAndHostTimer(f->device, &device, NULL), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clGetDeviceAndHostTimer(f->device, NULL, &host), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clGetHostTimer(NULL, &host), CL_INVALID_DEVICE);
	CHECK_EQ(cw_api_clGetHostTimer(f->device, NULL), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clGetDeviceAndHostTimer(f->device, &device, &host), CL_SUCCESS);
	usleep(1000);
	CHECK_EQ(cw_api_clGetHostTimer(f->device, &later), CL_SUCCESS);
	CHECK(later >= host + 1000000);
	CHECK(device <= later && later - device < 10000000000u);
}

typedef cl_device_partition_property property;

static void test_refused_partitions(const struct fixture *f)
{
	const property units = f->units;
	const struct {
		cl_int error;
		property properties[5];
	} refusals[] = {
		{CL_INVALID_VALUE, {0}},
		{CL_INVALID_VALUE, {0x1234, 1, 0}},
		{CL_INVALID_VALUE, {CL_DEVICE_PARTITION_EQUALLY, 0, 0}},
		{CL_INVALID_VALUE, {CL_DEVICE_PARTITION_EQUALLY, -1, 0}},
		{CL_INVALID_VALUE, {CL_DEVICE_PARTITION_EQUALLY, 1, 1, 0}},
		{CL_INVALID_DEVICE_PARTITION_COUNT, {CL_DEVICE_PARTITION_EQUALLY, units + 1, 0}},
		{CL_DEVICE_PARTITION_FAILED, {CL_DEVICE_PARTITION_EQUALLY, units, 0}},
		{CL_INVALID_VALUE, {CL_DEVICE_PARTITION_BY_COUNTS, 0, 0}},
		{CL_INVALID_DEVICE_PARTITION_COUNT, {CL_DEVICE_PARTITION_BY_COUNTS, -1, 0, 0}},
		{CL_INVALID_DEVICE_PARTITION_COUNT,
		 {CL_DEVICE_PARTITION_BY_COUNTS, units + 1, 0, 0}},
		{CL_INVALID_DEVICE_PARTITION_COUNT,
		 {CL_DEVICE_PARTITION_BY_COUNTS, units, 1, 0, 0}},
		{CL_INVALID_VALUE, {CL_DEVICE_PARTITION_BY_AFFINITY_DOMAIN, 0, 0}},
		{CL_INVALID_VALUE, {CL_DEVICE_PARTITION_BY_AFFINITY_DOMAIN, 1 << 20, 0}},
		{CL_INVALID_VALUE,
		 {CL_DEVICE_PARTITION_BY_AFFINITY_DOMAIN, CL_DEVICE_AFFINITY_DOMAIN_L4_CACHE, 0}},
	};
	cl_device_id out[MOST];

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		CHECK_EQ(cw_api_clCreateSubDevices(f->device, refusals[i].properties, MOST, out,
						   NULL),
			 refusals[i].error);
	CHECK_EQ(cw_api_clCreateSubDevices(NULL, refusals[6].properties, MOST, out, NULL),
		 CL_INVALID_DEVICE);
	CHECK_EQ(cw_api_clCreateSubDevices(f->device, NULL, MOST, out, NULL), CL_INVALID_VALUE);
}

/* Answers of one sub-device of @units compute units. */
static void check_sub_device(const struct fixture *f, cl_device_id device, cl_uint units,
			     const property *properties, size_t bytes)
{
	property type[4];
	cl_device_id parent;
	cl_uint number;
	size_t size;

	CHECK_EQ(cw_api_clGetDeviceInfo(device, CL_DEVICE_PARENT_DEVICE, sizeof(cl_device_id),
					&parent, NULL),
		 CL_SUCCESS);
	CHECK(parent == f->device);
	CHECK_EQ(cw_api_clGetDeviceInfo(device, CL_DEVICE_MAX_COMPUTE_UNITS, 4, &number, NULL),
		 CL_SUCCESS);
	CHECK_EQ(number, units);
	CHECK_EQ(
		cw_api_clGetDeviceInfo(device, CL_DEVICE_PARTITION_TYPE, sizeof(type), type, &size),
		CL_SUCCESS);
	CHECK_EQ(size, bytes);
	CHECK(!memcmp(type, properties, bytes));
	CHECK_EQ(cw_api_clRetainDevice(device), CL_SUCCESS);
	CHECK_EQ(cw_api_clGetDeviceInfo(device, CL_DEVICE_REFERENCE_COUNT, 4, &number, NULL),
		 CL_SUCCESS);
	CHECK_EQ(number, 2);
	CHECK_EQ(cw_api_clReleaseDevice(device), CL_SUCCESS);
}

static void test_partition(const struct fixture *f, const property *properties, size_t bytes,
			   cl_uint expected, cl_uint first_units)
{
	cl_device_id out[MOST];
	cl_uint count = 0;
	cl_context context;

	CHECK_EQ(cw_api_clCreateSubDevices(f->device, properties, 0, NULL, &count), CL_SUCCESS);
	CHECK_EQ(count, expected);
	CHECK_EQ(cw_api_clCreateSubDevices(f->device, properties, expected - 1, out, NULL),
		 CL_INVALID_VALUE);
	REQUIRE(!cw_api_clCreateSubDevices(f->device, properties, MOST, out, NULL));
	check_sub_device(f, out[0], first_units, properties, bytes);
	/* A context keeps a sub-device alive. */
	context = cw_api_clCreateContext(NULL, expected, out, NULL, NULL, NULL);
	CHECK(context);
	for (cl_uint i = 0; i < expected; i++)
		CHECK_EQ(cw_api_clReleaseDevice(out[i]), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseContext(context), CL_SUCCESS);
}

static void test_partitions(const struct fixture *f)
{
	const property equally[] = {CL_DEVICE_PARTITION_EQUALLY, 1, 0};
	const property counts[] = {CL_DEVICE_PARTITION_BY_COUNTS, 2, 1,
				   CL_DEVICE_PARTITION_BY_COUNTS_LIST_END, 0};

	test_partition(f, equally, sizeof(equally), f->units, 1);
	/* The list's end ends what CL_DEVICE_PARTITION_TYPE returns. */
	test_partition(f, counts, sizeof(counts) - sizeof(property), 2, 2);
}

static void test_root_reference(const struct fixture *f)
{
	cl_uint count;

	CHECK_EQ(cw_api_clRetainDevice(f->device), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseDevice(f->device), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseDevice(f->device), CL_SUCCESS);
	CHECK_EQ(cw_api_clGetDeviceInfo(f->device, CL_DEVICE_REFERENCE_COUNT, 4, &count, NULL),
		 CL_SUCCESS);
	CHECK_EQ(count, 1);
}

static void test_default_queue(const struct fixture *f)
{
	CHECK_EQ(cw_api_clSetDefaultDeviceCommandQueue(NULL, f->device, NULL), CL_INVALID_CONTEXT);
	CHECK_EQ(cw_api_clSetDefaultDeviceCommandQueue(f->context, NULL, NULL), CL_INVALID_DEVICE);
	CHECK_EQ(cw_api_clSetDefaultDeviceCommandQueue(f->context, f->device, NULL),
		 CL_INVALID_OPERATION);
}

int main(void)
{
	struct fixture fixture;

	/* More workers than CPUs, so that there is something to cut. */
	setenv("CAUSEWAY_CPU_THREADS", "4", 1);
	fixture_init(&fixture);
	CHECK_EQ(fixture.units, 4);
	test_platforms();
	test_device_ids(&fixture);
	test_timers(&fixture);
	test_refused_partitions(&fixture);
	test_partitions(&fixture);
	test_root_reference(&fixture);
	test_default_queue(&fixture);
	fixture_finish(&fixture);
	return test_result();
}
