/* SPDX-License-Identifier: MIT */
/* clGetDeviceInfo: OpenCL 3.0, table 5. */
#include <string.h>

#include "api/api.h"
#include "api/check.h"
#include "api/info.h"
#include "base/hash.h"
#include "core/device.h"
#include "core/platform.h"

/*
 * struct query - a query whose answer is one number.
 * @bytes: of the answer: 4 or 8.
 * @cap_bytes: of the field of cw_device_caps it comes from, at @cap; 0 when it
 *	is @value.
 */
struct query {
	cl_device_info name;
	unsigned char bytes;
	unsigned char cap_bytes;
	unsigned short cap;
	uint64_t value;
};

#define FIXED(query_name, type, number) {.name = query_name, .bytes = sizeof(type), .value = number}
#define CAP(query_name, type, field)                                                               \
	{.name = query_name,                                                                       \
	 .bytes = sizeof(type),                                                                    \
	 .cap_bytes = sizeof(((struct cw_device_caps *)0)->field),                                 \
	 .cap = offsetof(struct cw_device_caps, field)}

#define SINGLE_CONFIG                                                                              \
	(CL_FP_DENORM | CL_FP_INF_NAN | CL_FP_ROUND_TO_NEAREST | CL_FP_FMA |                       \
	 CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT)
#define DOUBLE_CONFIG                                                                              \
	(CL_FP_DENORM | CL_FP_INF_NAN | CL_FP_ROUND_TO_NEAREST | CL_FP_ROUND_TO_ZERO |             \
	 CL_FP_ROUND_TO_INF | CL_FP_FMA)
#define HOST_QUEUE_PROPERTIES (CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE | CL_QUEUE_PROFILING_ENABLE)
#define ATOMIC_CAPABILITIES                                                                        \
	(CL_DEVICE_ATOMIC_ORDER_RELAXED | CL_DEVICE_ATOMIC_ORDER_ACQ_REL |                         \
	 CL_DEVICE_ATOMIC_ORDER_SEQ_CST | CL_DEVICE_ATOMIC_SCOPE_WORK_GROUP |                      \
	 CL_DEVICE_ATOMIC_SCOPE_DEVICE | CL_DEVICE_ATOMIC_SCOPE_ALL_DEVICES)

/* Limits that follow from nothing but our choice, bytes. */
#define MAX_PARAMETER_BYTES	  4096
#define MAX_CONSTANT_BYTES	  (64u << 20)
#define MAX_GLOBAL_VARIABLE_BYTES (1u << 20)
#define MAX_CONSTANT_ARGS	  64
#define LARGEST_TYPE_BYTES	  128
#define LARGEST_TYPE_BITS	  1024

static const struct query queries[] = {
	CAP(CL_DEVICE_TYPE, cl_device_type, type),
	CAP(CL_DEVICE_VENDOR_ID, cl_uint, vendor_id),
	CAP(CL_DEVICE_MAX_COMPUTE_UNITS, cl_uint, compute_units),
	FIXED(CL_DEVICE_MAX_WORK_ITEM_DIMENSIONS, cl_uint, 3),
	CAP(CL_DEVICE_MAX_WORK_GROUP_SIZE, size_t, max_group_items),
	CAP(CL_DEVICE_MAX_NUM_SUB_GROUPS, cl_uint, max_group_items),
	FIXED(CL_DEVICE_SUB_GROUP_INDEPENDENT_FORWARD_PROGRESS, cl_bool, CL_FALSE),
	CAP(CL_DEVICE_PREFERRED_WORK_GROUP_SIZE_MULTIPLE, size_t, preferred_width),
	FIXED(CL_DEVICE_NON_UNIFORM_WORK_GROUP_SUPPORT, cl_bool, CL_TRUE),
	FIXED(CL_DEVICE_WORK_GROUP_COLLECTIVE_FUNCTIONS_SUPPORT, cl_bool, CL_TRUE),
	FIXED(CL_DEVICE_GENERIC_ADDRESS_SPACE_SUPPORT, cl_bool, CL_TRUE),

	/* Work-items are what fills vectors, so vector types gain nothing. */
	FIXED(CL_DEVICE_PREFERRED_VECTOR_WIDTH_CHAR, cl_uint, 1),
	FIXED(CL_DEVICE_PREFERRED_VECTOR_WIDTH_SHORT, cl_uint, 1),
	FIXED(CL_DEVICE_PREFERRED_VECTOR_WIDTH_INT, cl_uint, 1),
	FIXED(CL_DEVICE_PREFERRED_VECTOR_WIDTH_LONG, cl_uint, 1),
	FIXED(CL_DEVICE_PREFERRED_VECTOR_WIDTH_FLOAT, cl_uint, 1),
	FIXED(CL_DEVICE_PREFERRED_VECTOR_WIDTH_DOUBLE, cl_uint, 1),
	FIXED(CL_DEVICE_PREFERRED_VECTOR_WIDTH_HALF, cl_uint, 0),
	FIXED(CL_DEVICE_NATIVE_VECTOR_WIDTH_HALF, cl_uint, 0),

	CAP(CL_DEVICE_MAX_CLOCK_FREQUENCY, cl_uint, clock_mhz),
	FIXED(CL_DEVICE_ADDRESS_BITS, cl_uint, 64),
	CAP(CL_DEVICE_MAX_MEM_ALLOC_SIZE, cl_ulong, max_alloc_bytes),
	FIXED(CL_DEVICE_MAX_PARAMETER_SIZE, size_t, MAX_PARAMETER_BYTES),
	FIXED(CL_DEVICE_MEM_BASE_ADDR_ALIGN, cl_uint, LARGEST_TYPE_BITS),
	FIXED(CL_DEVICE_MIN_DATA_TYPE_ALIGN_SIZE, cl_uint, LARGEST_TYPE_BYTES),
	FIXED(CL_DEVICE_SINGLE_FP_CONFIG, cl_device_fp_config, SINGLE_CONFIG),
	FIXED(CL_DEVICE_DOUBLE_FP_CONFIG, cl_device_fp_config, DOUBLE_CONFIG),
	FIXED(CL_DEVICE_HALF_FP_CONFIG, cl_device_fp_config, 0),
	FIXED(CL_DEVICE_GLOBAL_MEM_CACHE_TYPE, cl_device_mem_cache_type, CL_READ_WRITE_CACHE),
	CAP(CL_DEVICE_GLOBAL_MEM_CACHELINE_SIZE, cl_uint, cache_line_bytes),
	CAP(CL_DEVICE_GLOBAL_MEM_CACHE_SIZE, cl_ulong, global_cache_bytes),
	CAP(CL_DEVICE_GLOBAL_MEM_SIZE, cl_ulong, global_mem_bytes),
	FIXED(CL_DEVICE_MAX_CONSTANT_BUFFER_SIZE, cl_ulong, MAX_CONSTANT_BYTES),
	FIXED(CL_DEVICE_MAX_CONSTANT_ARGS, cl_uint, MAX_CONSTANT_ARGS),
	FIXED(CL_DEVICE_MAX_GLOBAL_VARIABLE_SIZE, size_t, MAX_GLOBAL_VARIABLE_BYTES),
	FIXED(CL_DEVICE_GLOBAL_VARIABLE_PREFERRED_TOTAL_SIZE, size_t, MAX_GLOBAL_VARIABLE_BYTES),
	FIXED(CL_DEVICE_LOCAL_MEM_TYPE, cl_device_local_mem_type, CL_GLOBAL),
	CAP(CL_DEVICE_LOCAL_MEM_SIZE, cl_ulong, local_mem_bytes),
	FIXED(CL_DEVICE_ERROR_CORRECTION_SUPPORT, cl_bool, CL_FALSE),
	FIXED(CL_DEVICE_HOST_UNIFIED_MEMORY, cl_bool, CL_TRUE),
	CAP(CL_DEVICE_PROFILING_TIMER_RESOLUTION, size_t, timer_resolution_ns),
	FIXED(CL_DEVICE_ENDIAN_LITTLE, cl_bool, CL_TRUE),
	FIXED(CL_DEVICE_AVAILABLE, cl_bool, CL_TRUE),
	FIXED(CL_DEVICE_COMPILER_AVAILABLE, cl_bool, CL_TRUE),
	FIXED(CL_DEVICE_LINKER_AVAILABLE, cl_bool, CL_TRUE),
	FIXED(CL_DEVICE_EXECUTION_CAPABILITIES, cl_device_exec_capabilities,
	      CL_EXEC_KERNEL | CL_EXEC_NATIVE_KERNEL),
	FIXED(CL_DEVICE_QUEUE_ON_HOST_PROPERTIES, cl_command_queue_properties,
	      HOST_QUEUE_PROPERTIES),
	CAP(CL_DEVICE_PRINTF_BUFFER_SIZE, size_t, printf_bytes),
	FIXED(CL_DEVICE_PREFERRED_INTEROP_USER_SYNC, cl_bool, CL_TRUE),
	FIXED(CL_DEVICE_NUMERIC_VERSION, cl_version, CL_MAKE_VERSION(3, 0, 0)),
	FIXED(CL_DEVICE_OPENCL_C_NUMERIC_VERSION_KHR, cl_version, CL_MAKE_VERSION(1, 2, 0)),

	CAP(CL_DEVICE_SVM_CAPABILITIES, cl_device_svm_capabilities, svm),
	FIXED(CL_DEVICE_PREFERRED_PLATFORM_ATOMIC_ALIGNMENT, cl_uint, 0),
	FIXED(CL_DEVICE_PREFERRED_GLOBAL_ATOMIC_ALIGNMENT, cl_uint, 0),
	FIXED(CL_DEVICE_PREFERRED_LOCAL_ATOMIC_ALIGNMENT, cl_uint, 0),
	FIXED(CL_DEVICE_ATOMIC_MEMORY_CAPABILITIES, cl_device_atomic_capabilities,
	      ATOMIC_CAPABILITIES),
	FIXED(CL_DEVICE_ATOMIC_FENCE_CAPABILITIES, cl_device_atomic_capabilities,
	      ATOMIC_CAPABILITIES | CL_DEVICE_ATOMIC_SCOPE_WORK_ITEM),

	/* No images, no pipes, no queues on the device: all their limits are 0. */
	FIXED(CL_DEVICE_IMAGE_SUPPORT, cl_bool, CL_FALSE),
	FIXED(CL_DEVICE_MAX_READ_IMAGE_ARGS, cl_uint, 0),
	FIXED(CL_DEVICE_MAX_WRITE_IMAGE_ARGS, cl_uint, 0),
	FIXED(CL_DEVICE_MAX_READ_WRITE_IMAGE_ARGS, cl_uint, 0),
	FIXED(CL_DEVICE_IMAGE2D_MAX_WIDTH, size_t, 0),
	FIXED(CL_DEVICE_IMAGE2D_MAX_HEIGHT, size_t, 0),
	FIXED(CL_DEVICE_IMAGE3D_MAX_WIDTH, size_t, 0),
	FIXED(CL_DEVICE_IMAGE3D_MAX_HEIGHT, size_t, 0),
	FIXED(CL_DEVICE_IMAGE3D_MAX_DEPTH, size_t, 0),
	FIXED(CL_DEVICE_IMAGE_MAX_BUFFER_SIZE, size_t, 0),
	FIXED(CL_DEVICE_IMAGE_MAX_ARRAY_SIZE, size_t, 0),
	FIXED(CL_DEVICE_IMAGE_PITCH_ALIGNMENT, cl_uint, 0),
	FIXED(CL_DEVICE_IMAGE_BASE_ADDRESS_ALIGNMENT, cl_uint, 0),
	FIXED(CL_DEVICE_MAX_SAMPLERS, cl_uint, 0),
	FIXED(CL_DEVICE_PIPE_SUPPORT, cl_bool, CL_FALSE),
	FIXED(CL_DEVICE_MAX_PIPE_ARGS, cl_uint, 0),
	FIXED(CL_DEVICE_PIPE_MAX_ACTIVE_RESERVATIONS, cl_uint, 0),
	FIXED(CL_DEVICE_PIPE_MAX_PACKET_SIZE, cl_uint, 0),
	FIXED(CL_DEVICE_DEVICE_ENQUEUE_CAPABILITIES, cl_device_device_enqueue_capabilities, 0),
	FIXED(CL_DEVICE_QUEUE_ON_DEVICE_PROPERTIES, cl_command_queue_properties, 0),
	FIXED(CL_DEVICE_QUEUE_ON_DEVICE_PREFERRED_SIZE, cl_uint, 0),
	FIXED(CL_DEVICE_QUEUE_ON_DEVICE_MAX_SIZE, cl_uint, 0),
	FIXED(CL_DEVICE_MAX_ON_DEVICE_QUEUES, cl_uint, 0),
	FIXED(CL_DEVICE_MAX_ON_DEVICE_EVENTS, cl_uint, 0),

	FIXED(CL_DEVICE_LUID_VALID_KHR, cl_bool, CL_FALSE),
	FIXED(CL_DEVICE_NODE_MASK_KHR, cl_uint, 0),
};

static const struct query *find_query(cl_device_info name)
{
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		if (queries[i].name == name)
			return &queries[i];
	}
	return NULL;
}

/* x86-64 is little endian, so the low bytes of a number are the shorter number. */
static cl_int answer_number(const struct cw_info *info, const struct query *query,
			    const struct cw_device_caps *caps)
{
	uint64_t value = query->value;

	memcpy(&value, (const char *)caps + query->cap, query->cap_bytes);
	if (query->bytes == sizeof(cl_uint) && value > UINT32_MAX)
		value = UINT32_MAX;
	return cw_info_bytes(info, &value, query->bytes);
}

static cl_int answer_string(const struct cw_info *info, cl_device_info name,
			    const struct cw_device_caps *caps)
{
	switch (name) {
	case CL_DEVICE_NAME:
		return cw_info_string(info, caps->name);
	case CL_DEVICE_VENDOR:
		return cw_info_string(info, caps->vendor);
	case CL_DRIVER_VERSION:
		return cw_info_string(info, CW_VERSION_STRING);
	case CL_DEVICE_PROFILE:
		return cw_info_string(info, "FULL_PROFILE");
	case CL_DEVICE_VERSION:
		return cw_info_string(info, "OpenCL 3.0 Causeway " CW_VERSION_STRING);
	case CL_DEVICE_OPENCL_C_VERSION:
		return cw_info_string(info, "OpenCL C 1.2 Causeway " CW_VERSION_STRING);
	case CL_DEVICE_IL_VERSION:
	case CL_DEVICE_BUILT_IN_KERNELS:
		return cw_info_string(info, "");
	case CL_DEVICE_EXTENSIONS:
		return cw_info_names(info, cw_device_extensions, cw_num_device_extensions);
	case CL_DEVICE_LATEST_CONFORMANCE_VERSION_PASSED:
		/* Never submitted; the query still has to have this form. */
		return cw_info_string(info, "v0000-01-01-00");
	default:
		return cw_info_unknown(name);
	}
}

/* Elements of @bytes bytes in a vector register. */
static cl_int answer_native_width(const struct cw_info *info, const struct cw_device_caps *caps,
				  unsigned bytes)
{
	unsigned vector = caps->isa == CWC_ISA_AVX512 ? 64 : caps->isa == CWC_ISA_AVX2 ? 32 : 16;

	return cw_info_value(info, cl_uint, vector / bytes);
}

static cl_int answer_width(const struct cw_info *info, cl_device_info name,
			   const struct cw_device_caps *caps)
{
	switch (name) {
	case CL_DEVICE_NATIVE_VECTOR_WIDTH_CHAR:
		return answer_native_width(info, caps, 1);
	case CL_DEVICE_NATIVE_VECTOR_WIDTH_SHORT:
		return answer_native_width(info, caps, 2);
	case CL_DEVICE_NATIVE_VECTOR_WIDTH_INT:
	case CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT:
		return answer_native_width(info, caps, 4);
	case CL_DEVICE_NATIVE_VECTOR_WIDTH_LONG:
	case CL_DEVICE_NATIVE_VECTOR_WIDTH_DOUBLE:
		return answer_native_width(info, caps, 8);
	default:
		return answer_string(info, name, caps);
	}
}

static cl_int answer_c_versions(const struct cw_info *info)
{
	static const cl_name_version versions[] = {
		{CL_MAKE_VERSION(1, 0, 0), "OpenCL C"},
		{CL_MAKE_VERSION(1, 1, 0), "OpenCL C"},
		{CL_MAKE_VERSION(1, 2, 0), "OpenCL C"},
		{CL_MAKE_VERSION(3, 0, 0), "OpenCL C"},
	};

	return cw_info_array(info, versions, sizeof(versions) / sizeof(versions[0]));
}

/* The same for the same device under the same driver. */
static cl_int answer_uuid(const struct cw_info *info, const char *what)
{
	static const char driver[] = "causeway " CW_VERSION_STRING;
	const uint64_t uuid[] = {
		cw_hash64(driver, sizeof(driver)),
		cw_hash64(what, strlen(what)),
	};

	_Static_assert(sizeof(uuid) == CL_UUID_SIZE_KHR, "128 bits");
	return cw_info_bytes(info, uuid, sizeof(uuid));
}

static cl_int answer_list(const struct cw_info *info, cl_device_info name,
			  const struct cw_device_caps *caps)
{
	const size_t items[3] = {caps->max_group_items, caps->max_group_items,
				 caps->max_group_items};
	static const unsigned char luid[CL_LUID_SIZE_KHR];

	switch (name) {
	case CL_DEVICE_MAX_WORK_ITEM_SIZES:
		return cw_info_array(info, items, 3);
	case CL_DEVICE_EXTENSIONS_WITH_VERSION:
		return cw_info_array(info, cw_device_extensions, cw_num_device_extensions);
	case CL_DEVICE_OPENCL_C_FEATURES:
		return cw_info_array(info, cw_c_features, cw_num_c_features);
	case CL_DEVICE_OPENCL_C_ALL_VERSIONS:
		return answer_c_versions(info);
	case CL_DEVICE_ILS_WITH_VERSION:
	case CL_DEVICE_BUILT_IN_KERNELS_WITH_VERSION:
		return cw_info_bytes(info, NULL, 0);
	case CL_DEVICE_UUID_KHR:
		return answer_uuid(info, caps->name);
	case CL_DRIVER_UUID_KHR:
		return answer_uuid(info, "driver");
	case CL_DEVICE_LUID_KHR:
		return cw_info_array(info, luid, CL_LUID_SIZE_KHR);
	default:
		return answer_width(info, name, caps);
	}
}

static cl_int answer_partition_properties(const struct cw_info *info,
					  const struct cw_device *device)
{
	cl_device_partition_property properties[3] = {0};
	unsigned count = 0;

	if (device->ops->partition && device->caps.compute_units > 1) {
		properties[count++] = CL_DEVICE_PARTITION_EQUALLY;
		properties[count++] = CL_DEVICE_PARTITION_BY_COUNTS;
	}
	if (cw_device_affinity_domains(device))
		properties[count++] = CL_DEVICE_PARTITION_BY_AFFINITY_DOMAIN;
	return cw_info_array(info, properties, count ? count : 1);
}

/* What depends on the device's place among devices; then the rest. */
static cl_int answer(const struct cw_info *info, cl_device_info name,
		     const struct cw_device *device)
{
	switch (name) {
	case CL_DEVICE_PLATFORM:
		return cw_info_value(info, cl_platform_id, cw_platform_handle(&cw_the_platform));
	case CL_DEVICE_PARENT_DEVICE:
		return cw_info_value(info, cl_device_id, cw_device_handle(device->parent));
	case CL_DEVICE_REFERENCE_COUNT:
		return cw_info_value(info, cl_uint, device->object.api_refs);
	case CL_DEVICE_PARTITION_MAX_SUB_DEVICES:
		return cw_info_value(info, cl_uint,
				     device->ops->partition ? device->caps.compute_units : 0);
	case CL_DEVICE_PARTITION_PROPERTIES:
		return answer_partition_properties(info, device);
	case CL_DEVICE_PARTITION_AFFINITY_DOMAIN:
		return cw_info_value(info, cl_device_affinity_domain,
				     cw_device_affinity_domains(device));
	case CL_DEVICE_PARTITION_TYPE:
		return cw_info_array(info, device->partition, device->num_partition);
	default:
		return answer_list(info, name, &device->caps);
	}
}

cl_int CL_API_CALL cw_api_clGetDeviceInfo(cl_device_id device, cl_device_info param_name,
					  size_t param_value_size, void *param_value,
					  size_t *param_value_size_ret)
{
	struct cw_info info = {param_value_size, param_value, param_value_size_ret};
	const struct query *query = find_query(param_name);

	CW_API();
	CW_CHECK_HANDLE(device, device, CL_INVALID_DEVICE);
	if (query)
		return answer_number(&info, query, &cw_device(device)->caps);
	return answer(&info, param_name, cw_device(device));
}
