/* SPDX-License-Identifier: MIT */
/* Every query of platform, device, context and memory object, with every kind of room. */
#include <string.h>

#include "fixture.h"

typedef cl_int (*ask_fn)(const struct fixture *fixture, void *object, cl_uint name, size_t size,
			 void *value, size_t *size_ret);

static cl_int ask_platform(const struct fixture *fixture, void *object, cl_uint name, size_t size,
			   void *value, size_t *size_ret)
{
	(void)object;
	return cw_api_clGetPlatformInfo(fixture->platform, name, size, value, size_ret);
}

static cl_int ask_device(const struct fixture *fixture, void *object, cl_uint name, size_t size,
			 void *value, size_t *size_ret)
{
	(void)fixture;
	return cw_api_clGetDeviceInfo(object, name, size, value, size_ret);
}

static cl_int ask_context(const struct fixture *fixture, void *object, cl_uint name, size_t size,
			  void *value, size_t *size_ret)
{
	(void)object;
	return cw_api_clGetContextInfo(fixture->context, name, size, value, size_ret);
}

static cl_int ask_mem(const struct fixture *fixture, void *object, cl_uint name, size_t size,
		      void *value, size_t *size_ret)
{
	(void)fixture;
	return cw_api_clGetMemObjectInfo(object, name, size, value, size_ret);
}

/* @size: what the answer must take, or ANY. */
#define ANY ((size_t)-1)

struct query {
	cl_uint name;
	size_t size;
};

static const struct query platform_queries[] = {
	{CL_PLATFORM_PROFILE, 13},
	{CL_PLATFORM_VERSION, ANY},
	{CL_PLATFORM_NUMERIC_VERSION, 4},
	{CL_PLATFORM_NAME, ANY},
	{CL_PLATFORM_VENDOR, ANY},
	{CL_PLATFORM_EXTENSIONS, ANY},
	{CL_PLATFORM_EXTENSIONS_WITH_VERSION, ANY},
	{CL_PLATFORM_HOST_TIMER_RESOLUTION, 8},
	{CL_PLATFORM_ICD_SUFFIX_KHR, ANY},
};

static const struct query context_queries[] = {
	{CL_CONTEXT_REFERENCE_COUNT, 4},
	{CL_CONTEXT_NUM_DEVICES, 4},
	{CL_CONTEXT_DEVICES, sizeof(cl_device_id)},
	{CL_CONTEXT_PROPERTIES, 0},
};

static const struct query mem_queries[] = {
	{CL_MEM_TYPE, 4},	{CL_MEM_FLAGS, 8},
	{CL_MEM_SIZE, 8},	{CL_MEM_HOST_PTR, 8},
	{CL_MEM_MAP_COUNT, 4},	{CL_MEM_REFERENCE_COUNT, 4},
	{CL_MEM_CONTEXT, 8},	{CL_MEM_ASSOCIATED_MEMOBJECT, 8},
	{CL_MEM_OFFSET, 8},	{CL_MEM_USES_SVM_POINTER, 4},
	{CL_MEM_PROPERTIES, 0},
};

static const struct query device_queries[] = {
	{CL_DEVICE_TYPE, 8},
	{CL_DEVICE_VENDOR_ID, 4},
	{CL_DEVICE_MAX_COMPUTE_UNITS, 4},
	{CL_DEVICE_MAX_WORK_ITEM_DIMENSIONS, 4},
	{CL_DEVICE_MAX_WORK_ITEM_SIZES, 24},
	{CL_DEVICE_MAX_WORK_GROUP_SIZE, 8},
	{CL_DEVICE_PREFERRED_VECTOR_WIDTH_CHAR, 4},
	{CL_DEVICE_PREFERRED_VECTOR_WIDTH_SHORT, 4},
	{CL_DEVICE_PREFERRED_VECTOR_WIDTH_INT, 4},
	{CL_DEVICE_PREFERRED_VECTOR_WIDTH_LONG, 4},
	{CL_DEVICE_PREFERRED_VECTOR_WIDTH_FLOAT, 4},
	{CL_DEVICE_PREFERRED_VECTOR_WIDTH_DOUBLE, 4},
	{CL_DEVICE_PREFERRED_VECTOR_WIDTH_HALF, 4},
	{CL_DEVICE_NATIVE_VECTOR_WIDTH_CHAR, 4},
	{CL_DEVICE_NATIVE_VECTOR_WIDTH_SHORT, 4},
	{CL_DEVICE_NATIVE_VECTOR_WIDTH_INT, 4},
	{CL_DEVICE_NATIVE_VECTOR_WIDTH_LONG, 4},
	{CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, 4},
	{CL_DEVICE_NATIVE_VECTOR_WIDTH_DOUBLE, 4},
	{CL_DEVICE_NATIVE_VECTOR_WIDTH_HALF, 4},
	{CL_DEVICE_MAX_CLOCK_FREQUENCY, 4},
	{CL_DEVICE_ADDRESS_BITS, 4},
	{CL_DEVICE_MAX_MEM_ALLOC_SIZE, 8},
	{CL_DEVICE_IMAGE_SUPPORT, 4},
	{CL_DEVICE_MAX_READ_IMAGE_ARGS, 4},
	{CL_DEVICE_MAX_WRITE_IMAGE_ARGS, 4},
	{CL_DEVICE_MAX_READ_WRITE_IMAGE_ARGS, 4},
	{CL_DEVICE_IL_VERSION, 1},
	{CL_DEVICE_ILS_WITH_VERSION, 0},
	{CL_DEVICE_IMAGE2D_MAX_WIDTH, 8},
	{CL_DEVICE_IMAGE2D_MAX_HEIGHT, 8},
	{CL_DEVICE_IMAGE3D_MAX_WIDTH, 8},
	{CL_DEVICE_IMAGE3D_MAX_HEIGHT, 8},
	{CL_DEVICE_IMAGE3D_MAX_DEPTH, 8},
	{CL_DEVICE_IMAGE_MAX_BUFFER_SIZE, 8},
	{CL_DEVICE_IMAGE_MAX_ARRAY_SIZE, 8},
	{CL_DEVICE_MAX_SAMPLERS, 4},
	{CL_DEVICE_IMAGE_PITCH_ALIGNMENT, 4},
	{CL_DEVICE_IMAGE_BASE_ADDRESS_ALIGNMENT, 4},
	{CL_DEVICE_MAX_PIPE_ARGS, 4},
	{CL_DEVICE_PIPE_MAX_ACTIVE_RESERVATIONS, 4},
	{CL_DEVICE_PIPE_MAX_PACKET_SIZE, 4},
	{CL_DEVICE_MAX_PARAMETER_SIZE, 8},
	{CL_DEVICE_MEM_BASE_ADDR_ALIGN, 4},
	{CL_DEVICE_MIN_DATA_TYPE_ALIGN_SIZE, 4},
	{CL_DEVICE_SINGLE_FP_CONFIG, 8},
	{CL_DEVICE_DOUBLE_FP_CONFIG, 8},
	{CL_DEVICE_HALF_FP_CONFIG, 8},
	{CL_DEVICE_GLOBAL_MEM_CACHE_TYPE, 4},
	{CL_DEVICE_GLOBAL_MEM_CACHELINE_SIZE, 4},
	{CL_DEVICE_GLOBAL_MEM_CACHE_SIZE, 8},
	{CL_DEVICE_GLOBAL_MEM_SIZE, 8},
	{CL_DEVICE_MAX_CONSTANT_BUFFER_SIZE, 8},
	{CL_DEVICE_MAX_CONSTANT_ARGS, 4},
	{CL_DEVICE_MAX_GLOBAL_VARIABLE_SIZE, 8},
	{CL_DEVICE_GLOBAL_VARIABLE_PREFERRED_TOTAL_SIZE, 8},
	{CL_DEVICE_LOCAL_MEM_TYPE, 4},
	{CL_DEVICE_LOCAL_MEM_SIZE, 8},
	{CL_DEVICE_ERROR_CORRECTION_SUPPORT, 4},
	{CL_DEVICE_HOST_UNIFIED_MEMORY, 4},
	{CL_DEVICE_PROFILING_TIMER_RESOLUTION, 8},
	{CL_DEVICE_ENDIAN_LITTLE, 4},
	{CL_DEVICE_AVAILABLE, 4},
	{CL_DEVICE_COMPILER_AVAILABLE, 4},
	{CL_DEVICE_LINKER_AVAILABLE, 4},
	{CL_DEVICE_EXECUTION_CAPABILITIES, 8},
	{CL_DEVICE_QUEUE_ON_HOST_PROPERTIES, 8},
	{CL_DEVICE_QUEUE_ON_DEVICE_PROPERTIES, 8},
	{CL_DEVICE_QUEUE_ON_DEVICE_PREFERRED_SIZE, 4},
	{CL_DEVICE_QUEUE_ON_DEVICE_MAX_SIZE, 4},
	{CL_DEVICE_MAX_ON_DEVICE_QUEUES, 4},
	{CL_DEVICE_MAX_ON_DEVICE_EVENTS, 4},
	{CL_DEVICE_BUILT_IN_KERNELS, 1},
	{CL_DEVICE_BUILT_IN_KERNELS_WITH_VERSION, 0},
	{CL_DEVICE_PLATFORM, 8},
	{CL_DEVICE_NAME, ANY},
	{CL_DEVICE_VENDOR, ANY},
	{CL_DRIVER_VERSION, ANY},
	{CL_DEVICE_PROFILE, 13},
	{CL_DEVICE_VERSION, ANY},
	{CL_DEVICE_NUMERIC_VERSION, 4},
	{CL_DEVICE_OPENCL_C_VERSION, ANY},
	{CL_DEVICE_OPENCL_C_ALL_VERSIONS, 4 * sizeof(cl_name_version)},
	{CL_DEVICE_OPENCL_C_FEATURES, ANY},
	{CL_DEVICE_EXTENSIONS, ANY},
	{CL_DEVICE_EXTENSIONS_WITH_VERSION, ANY},
	{CL_DEVICE_PRINTF_BUFFER_SIZE, 8},
	{CL_DEVICE_PREFERRED_INTEROP_USER_SYNC, 4},
	{CL_DEVICE_PARENT_DEVICE, 8},
	{CL_DEVICE_PARTITION_MAX_SUB_DEVICES, 4},
	{CL_DEVICE_PARTITION_PROPERTIES, ANY},
	{CL_DEVICE_PARTITION_AFFINITY_DOMAIN, 8},
	{CL_DEVICE_PARTITION_TYPE, 0},
	{CL_DEVICE_REFERENCE_COUNT, 4},
	{CL_DEVICE_SVM_CAPABILITIES, 8},
	{CL_DEVICE_PREFERRED_PLATFORM_ATOMIC_ALIGNMENT, 4},
	{CL_DEVICE_PREFERRED_GLOBAL_ATOMIC_ALIGNMENT, 4},
	{CL_DEVICE_PREFERRED_LOCAL_ATOMIC_ALIGNMENT, 4},
	{CL_DEVICE_MAX_NUM_SUB_GROUPS, 4},
	{CL_DEVICE_SUB_GROUP_INDEPENDENT_FORWARD_PROGRESS, 4},
	{CL_DEVICE_ATOMIC_MEMORY_CAPABILITIES, 8},
	{CL_DEVICE_ATOMIC_FENCE_CAPABILITIES, 8},
	{CL_DEVICE_NON_UNIFORM_WORK_GROUP_SUPPORT, 4},
	{CL_DEVICE_WORK_GROUP_COLLECTIVE_FUNCTIONS_SUPPORT, 4},
	{CL_DEVICE_GENERIC_ADDRESS_SPACE_SUPPORT, 4},
	{CL_DEVICE_DEVICE_ENQUEUE_CAPABILITIES, 8},
	{CL_DEVICE_PIPE_SUPPORT, 4},
	{CL_DEVICE_PREFERRED_WORK_GROUP_SIZE_MULTIPLE, 8},
	{CL_DEVICE_LATEST_CONFORMANCE_VERSION_PASSED, 15},
	{CL_DEVICE_UUID_KHR, 16},
	{CL_DRIVER_UUID_KHR, 16},
	{CL_DEVICE_LUID_VALID_KHR, 4},
	{CL_DEVICE_LUID_KHR, 8},
	{CL_DEVICE_NODE_MASK_KHR, 4},
};

#define ROOM 8192

/* One query with no room, too little, enough and too much. */
static void test_query(const struct fixture *fixture, ask_fn ask, void *object,
		       const struct query *query)
{
	static unsigned char value[ROOM + 1];
	size_t size = ANY;

	CHECK_EQ(ask(fixture, object, query->name, 0, NULL, NULL), CL_SUCCESS);
	CHECK_EQ(ask(fixture, object, query->name, 0, NULL, &size), CL_SUCCESS);
	if (size > ROOM || (query->size != ANY && size != query->size)) {
		fprintf(stderr, "query 0x%x: %zu bytes\n", query->name, size);
		test_failures++;
		return;
	}
	if (size) {
		CHECK_EQ(ask(fixture, object, query->name, size - 1, value, NULL),
			 CL_INVALID_VALUE);
		CHECK_EQ(ask(fixture, object, query->name, 0, value, NULL), CL_INVALID_VALUE);
	}
	memset(value, 0xa5, sizeof(value));
	CHECK_EQ(ask(fixture, object, query->name, size, value, NULL), CL_SUCCESS);
	CHECK_EQ(value[size], 0xa5);
	memset(value, 0xa5, sizeof(value));
	CHECK_EQ(ask(fixture, object, query->name, ROOM, value, &size), CL_SUCCESS);
	CHECK_EQ(value[size], 0xa5);
}

static void test_queries(const struct fixture *fixture, ask_fn ask, void *object,
			 const struct query *queries, size_t bytes)
{
	static const cl_uint unknown[] = {0, 1, 0x1234, 0xffffffff};
	size_t size = 7;

	for (size_t i = 0; i < bytes / sizeof(*queries); i++)
		test_query(fixture, ask, object, &queries[i]);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		CHECK_EQ(ask(fixture, object, unknown[i], 0, NULL, &size), CL_INVALID_VALUE);
	CHECK_EQ(size, 7);
}

static uint64_t device_number(cl_device_id device, cl_device_info name)
{
	uint64_t value = 0;

	CHECK_EQ(cw_api_clGetDeviceInfo(device, name, sizeof(value), &value, NULL), CL_SUCCESS);
	return value;
}

/* What the specification asks of a full-profile device. */
static void test_minimums(cl_device_id device)
{
	CHECK(device_number(device, CL_DEVICE_MAX_COMPUTE_UNITS) >= 1);
	CHECK(device_number(device, CL_DEVICE_MAX_WORK_GROUP_SIZE) >= 1);
	CHECK(device_number(device, CL_DEVICE_MAX_PARAMETER_SIZE) >= 1024);
	CHECK(device_number(device, CL_DEVICE_MAX_CONSTANT_BUFFER_SIZE) >= 64 << 10);
	CHECK(device_number(device, CL_DEVICE_MAX_CONSTANT_ARGS) >= 8);
	CHECK(device_number(device, CL_DEVICE_LOCAL_MEM_SIZE) >= 32 << 10);
	CHECK(device_number(device, CL_DEVICE_PRINTF_BUFFER_SIZE) >= 1 << 20);
	CHECK(device_number(device, CL_DEVICE_MAX_GLOBAL_VARIABLE_SIZE) >= 64 << 10);
	CHECK(device_number(device, CL_DEVICE_MAX_MEM_ALLOC_SIZE) * 4 >=
	      device_number(device, CL_DEVICE_GLOBAL_MEM_SIZE));
	CHECK_EQ(device_number(device, CL_DEVICE_SVM_CAPABILITIES),
		 CL_DEVICE_SVM_COARSE_GRAIN_BUFFER | CL_DEVICE_SVM_FINE_GRAIN_BUFFER |
			 CL_DEVICE_SVM_FINE_GRAIN_SYSTEM | CL_DEVICE_SVM_ATOMICS);
	CHECK(device_number(device, CL_DEVICE_MAX_NUM_SUB_GROUPS) >= 1);
	CHECK_EQ(device_number(device, CL_DEVICE_ADDRESS_BITS), 64);
}

/* The string and the list of extensions say the same. */
static void test_extensions(cl_device_id device)
{
	cl_name_version list[64];
	char text[4096];
	char built[4096] = "";
	size_t bytes;

	REQUIRE(!cw_api_clGetDeviceInfo(device, CL_DEVICE_EXTENSIONS, sizeof(text), text, NULL));
	REQUIRE(!cw_api_clGetDeviceInfo(device, CL_DEVICE_EXTENSIONS_WITH_VERSION, sizeof(list),
					list, &bytes));
	for (size_t i = 0; i < bytes / sizeof(list[0]); i++) {
		test_append(built, sizeof(built), i ? " " : "");
		test_append(built, sizeof(built), list[i].name);
	}
	CHECK(!strcmp(text, built));
}

static bool is_listed(cl_device_id device, cl_device_info list_name, const char *name)
{
	cl_name_version list[64];
	size_t bytes;

	REQUIRE(!cw_api_clGetDeviceInfo(device, list_name, sizeof(list), list, &bytes));
	for (size_t i = 0; i < bytes / sizeof(list[0]); i++) {
		if (!strcmp(list[i].name, name))
			return true;
	}
	return false;
}

/* A feature of OpenCL C is listed exactly where the query that stands for it says so. */
static void test_features(cl_device_id device)
{
	static const struct {
		const char *feature;
		cl_device_info name;
		uint64_t bits;
	} pairs[] = {
		{"__opencl_c_atomic_order_acq_rel", CL_DEVICE_ATOMIC_MEMORY_CAPABILITIES,
		 CL_DEVICE_ATOMIC_ORDER_ACQ_REL},
		{"__opencl_c_atomic_order_seq_cst", CL_DEVICE_ATOMIC_MEMORY_CAPABILITIES,
		 CL_DEVICE_ATOMIC_ORDER_SEQ_CST},
		{"__opencl_c_atomic_scope_device", CL_DEVICE_ATOMIC_MEMORY_CAPABILITIES,
		 CL_DEVICE_ATOMIC_SCOPE_DEVICE},
		{"__opencl_c_atomic_scope_all_devices", CL_DEVICE_ATOMIC_MEMORY_CAPABILITIES,
		 CL_DEVICE_ATOMIC_SCOPE_ALL_DEVICES},
		{"__opencl_c_fp64", CL_DEVICE_DOUBLE_FP_CONFIG, UINT64_MAX},
		{"__opencl_c_generic_address_space", CL_DEVICE_GENERIC_ADDRESS_SPACE_SUPPORT,
		 CL_TRUE},
		{"__opencl_c_images", CL_DEVICE_IMAGE_SUPPORT, CL_TRUE},
		{"__opencl_c_pipes", CL_DEVICE_PIPE_SUPPORT, CL_TRUE},
		{"__opencl_c_device_enqueue", CL_DEVICE_DEVICE_ENQUEUE_CAPABILITIES, UINT64_MAX},
		{"__opencl_c_program_scope_global_variables", CL_DEVICE_MAX_GLOBAL_VARIABLE_SIZE,
		 UINT64_MAX},
		{"__opencl_c_subgroups", CL_DEVICE_MAX_NUM_SUB_GROUPS, UINT64_MAX},
		{"__opencl_c_work_group_collective_functions",
		 CL_DEVICE_WORK_GROUP_COLLECTIVE_FUNCTIONS_SUPPORT, CL_TRUE},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		bool listed = is_listed(device, CL_DEVICE_OPENCL_C_FEATURES, pairs[i].feature);

		CHECK_EQ(listed, (device_number(device, pairs[i].name) & pairs[i].bits) != 0);
	}
	CHECK_EQ(is_listed(device, CL_DEVICE_EXTENSIONS_WITH_VERSION, "cl_khr_subgroups"),
		 device_number(device, CL_DEVICE_SUB_GROUP_INDEPENDENT_FORWARD_PROGRESS));
}

int main(void)
{
	struct fixture fixture;
	cl_mem mem;

	fixture_init(&fixture);
	mem = cw_api_clCreateBuffer(fixture.context, CL_MEM_READ_ONLY, 100, NULL, NULL);
	REQUIRE(mem);
	test_queries(&fixture, ask_platform, NULL, platform_queries, sizeof(platform_queries));
	test_queries(&fixture, ask_device, fixture.device, device_queries, sizeof(device_queries));
	test_queries(&fixture, ask_context, NULL, context_queries, sizeof(context_queries));
	test_queries(&fixture, ask_mem, mem, mem_queries, sizeof(mem_queries));
	test_minimums(fixture.device);
	test_extensions(fixture.device);
	test_features(fixture.device);
	CHECK_EQ(cw_api_clGetPlatformInfo(NULL, CL_PLATFORM_NAME, 0, NULL, NULL), CL_SUCCESS);
	cw_api_clReleaseMemObject(mem);
	fixture_finish(&fixture);
	return test_result();
}
