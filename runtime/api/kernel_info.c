/* SPDX-License-Identifier: MIT */
/* Queries of kernel objects: OpenCL 3.0, 5.9.4. */
#include <string.h>

#include "api/api.h"
#include "api/check.h"
#include "api/info.h"
#include "core/context.h"
#include "core/kernel.h"
#include "core/program.h"
#include "device/device.h"

cl_int CL_API_CALL cw_api_clGetKernelInfo(cl_kernel kernel_handle, cl_kernel_info param_name,
					  size_t param_value_size, void *param_value,
					  size_t *param_value_size_ret)
{
	struct cw_info info = {param_value_size, param_value, param_value_size_ret};
	const struct cw_kernel *kernel = cw_kernel(kernel_handle);

	CW_API();
	CW_CHECK_HANDLE(kernel, kernel_handle, CL_INVALID_KERNEL);
	cw_check_report_to(kernel->program->context);
	switch (param_name) {
	case CL_KERNEL_FUNCTION_NAME:
		return cw_info_string(&info, kernel->info->name);
	case CL_KERNEL_NUM_ARGS:
		return cw_info_value(&info, cl_uint, kernel->info->num_args);
	case CL_KERNEL_REFERENCE_COUNT:
		return cw_info_value(&info, cl_uint, kernel->object.api_refs);
	case CL_KERNEL_CONTEXT:
		return cw_info_value(&info, cl_context,
				     cw_context_handle(kernel->program->context));
	case CL_KERNEL_PROGRAM:
		return cw_info_value(&info, cl_program, cw_program_handle(kernel->program));
	case CL_KERNEL_ATTRIBUTES:
		return cw_info_string(&info, kernel->info->attributes);
	default:
		return cw_info_unknown(param_name);
	}
}

cl_int CL_API_CALL cw_api_clGetKernelArgInfo(cl_kernel kernel_handle, cl_uint arg_index,
					     cl_kernel_arg_info param_name, size_t param_value_size,
					     void *param_value, size_t *param_value_size_ret)
{
	struct cw_info info = {param_value_size, param_value, param_value_size_ret};
	const struct cw_kernel *kernel = cw_kernel(kernel_handle);
	const struct cwc_arg_info *arg;

	CW_API();
	CW_CHECK_HANDLE(kernel, kernel_handle, CL_INVALID_KERNEL);
	cw_check_report_to(kernel->program->context);
	CW_CHECK(arg_index < kernel->info->num_args, CL_INVALID_ARG_INDEX,
		 "arg_index is %u, kernel %s has %u arguments", arg_index, kernel->info->name,
		 kernel->info->num_args);
	CW_CHECK(kernel->info->has_arg_info, CL_KERNEL_ARG_INFO_NOT_AVAILABLE,
		 "the program was built without -cl-kernel-arg-info");
	arg = &kernel->info->args[arg_index];
	switch (param_name) {
	case CL_KERNEL_ARG_ADDRESS_QUALIFIER:
		return cw_info_value(&info, cl_kernel_arg_address_qualifier, arg->address);
	case CL_KERNEL_ARG_ACCESS_QUALIFIER:
		return cw_info_value(&info, cl_kernel_arg_access_qualifier, arg->access);
	case CL_KERNEL_ARG_TYPE_NAME:
		return cw_info_string(&info, arg->type_name);
	case CL_KERNEL_ARG_TYPE_QUALIFIER:
		return cw_info_value(&info, cl_kernel_arg_type_qualifier, arg->type_qualifier);
	case CL_KERNEL_ARG_NAME:
		return cw_info_string(&info, arg->name);
	default:
		return cw_info_unknown(param_name);
	}
}

/* A kernel as one device sees it; @note is a copy of the code's. */
struct view {
	const struct cw_kernel *kernel;
	const struct cw_device *device;
	const struct cw_kernel_code *code;
	struct cwc_kernel_note note;
};

static cl_int find_view(cl_kernel kernel_handle, cl_device_id device, struct view *view)
{
	const struct cw_kernel *kernel = cw_kernel(kernel_handle);

	CW_CHECK_HANDLE(kernel, kernel_handle, CL_INVALID_KERNEL);
	cw_check_report_to(kernel->program->context);
	CW_CHECK(device || kernel->program->num_devices == 1, CL_INVALID_DEVICE,
		 "device is NULL and the program has several");
	view->kernel = kernel;
	view->device = device ? cw_device(device) : kernel->program->devices[0];
	CW_CHECK(!device || (cw_device_is_valid(device) &&
			     cw_program_device(kernel->program, view->device) >= 0),
		 CL_INVALID_DEVICE, "device (%p) is no device of the kernel", (void *)device);
	view->code = cw_kernel_code_for(kernel, view->device);
	CW_CHECK(view->code, CL_INVALID_DEVICE, "the kernel was not built for device (%p)",
		 (void *)device);
	view->note = view->code->image->note;
	return CL_SUCCESS;
}

/* The largest work-group: what the kernel requires, or what the device allows. */
static size_t largest_group(const struct view *view)
{
	const uint64_t *required = view->kernel->info->required_local;

	if (required[0])
		return required[0] * required[1] * required[2];
	return view->device->caps.max_group_items;
}

cl_int CL_API_CALL cw_api_clGetKernelWorkGroupInfo(cl_kernel kernel, cl_device_id device,
						   cl_kernel_work_group_info param_name,
						   size_t param_value_size, void *param_value,
						   size_t *param_value_size_ret)
{
	struct cw_info info = {param_value_size, param_value, param_value_size_ret};
	const struct cwc_kernel_note *note;
	struct view view = {0};
	cl_int error;

	CW_API();
	error = find_view(kernel, device, &view);
	if (error || !view.code)
		return error;
	note = &view.note;
	switch (param_name) {
	case CL_KERNEL_WORK_GROUP_SIZE:
		return cw_info_value(&info, size_t, largest_group(&view));
	case CL_KERNEL_COMPILE_WORK_GROUP_SIZE: {
		size_t sizes[3];

		for (unsigned i = 0; i < 3; i++)
			sizes[i] = view.kernel->info->required_local[i];
		return cw_info_array(&info, sizes, 3);
	}
	case CL_KERNEL_LOCAL_MEM_SIZE:
		return cw_info_value(&info, cl_ulong,
				     cw_kernel_local_bytes(view.kernel, view.code));
	case CL_KERNEL_PREFERRED_WORK_GROUP_SIZE_MULTIPLE:
		return cw_info_value(&info, size_t, note->width);
	case CL_KERNEL_PRIVATE_MEM_SIZE:
		return cw_info_value(&info, cl_ulong, note->private_bytes);
	case CL_KERNEL_GLOBAL_WORK_SIZE:
		return cw_check_failed(__func__, CL_INVALID_VALUE, "built-in",
				       "only built-in kernels have CL_KERNEL_GLOBAL_WORK_SIZE");
	default:
		return cw_info_unknown(param_name);
	}
}

/* The input of the queries that take an ND-range's local size: 1 to 3 sizes. */
static cl_int read_local(size_t bytes, const void *value, uint64_t local_out[3])
{
	size_t count = bytes / sizeof(size_t);
	size_t sizes[3] = {1, 1, 1};

	CW_CHECK(value, CL_INVALID_VALUE, "input_value is NULL");
	CW_CHECK(count >= 1 && count <= 3 && bytes % sizeof(size_t) == 0, CL_INVALID_VALUE,
		 "input_value_size is %zu, not that of 1 to 3 sizes", bytes);
	memcpy(sizes, value, bytes);
	for (unsigned i = 0; i < 3; i++)
		local_out[i] = sizes[i];
	return CL_SUCCESS;
}

static cl_int size_for_count(const struct cw_info *info, const struct view *view, size_t bytes,
			     const void *value)
{
	size_t width = view->note.width, wanted, sizes[3] = {0, 0, 0};
	size_t dimensions = info->size / sizeof(size_t);

	CW_CHECK(value, CL_INVALID_VALUE, "input_value is NULL");
	CW_CHECK(bytes == sizeof(wanted), CL_INVALID_VALUE,
		 "input_value_size is %zu, not that of a size", bytes);
	memcpy(&wanted, value, sizeof(wanted));
	if (wanted && wanted <= largest_group(view) / width) {
		sizes[0] = wanted * width;
		sizes[1] = sizes[2] = 1;
	}
	return cw_info_array(info, sizes, dimensions >= 1 && dimensions <= 3 ? dimensions : 3);
}

static cl_int sub_group_info(const struct view *view, cl_kernel_sub_group_info name,
			     size_t input_bytes, const void *input, const struct cw_info *info)
{
	const struct cwc_kernel_note *note = &view->note;
	uint64_t local[3] = {0};

	switch (name) {
	case CL_KERNEL_MAX_SUB_GROUP_SIZE_FOR_NDRANGE:
		CW_TRY(read_local(input_bytes, input, local));
		return cw_info_value(info, size_t, local[0] < note->width ? local[0] : note->width);
	case CL_KERNEL_SUB_GROUP_COUNT_FOR_NDRANGE:
		CW_TRY(read_local(input_bytes, input, local));
		return cw_info_value(info, size_t, cwc_chunks(note, local));
	case CL_KERNEL_LOCAL_SIZE_FOR_SUB_GROUP_COUNT:
		return size_for_count(info, view, input_bytes, input);
	case CL_KERNEL_MAX_NUM_SUB_GROUPS: {
		size_t most = largest_group(view) / note->width;

		return cw_info_value(info, size_t, most ? most : 1);
	}
	case CL_KERNEL_COMPILE_NUM_SUB_GROUPS:
		return cw_info_value(info, size_t, 0);
	default:
		return cw_info_unknown(name);
	}
}

cl_int CL_API_CALL cw_api_clGetKernelSubGroupInfo(cl_kernel kernel, cl_device_id device,
						  cl_kernel_sub_group_info param_name,
						  size_t input_value_size, const void *input_value,
						  size_t param_value_size, void *param_value,
						  size_t *param_value_size_ret)
{
	struct cw_info info = {param_value_size, param_value, param_value_size_ret};
	struct view view = {0};
	cl_int error;

	CW_API();
	error = find_view(kernel, device, &view);
	if (error || !view.code)
		return error;
	return sub_group_info(&view, param_name, input_value_size, input_value, &info);
}

cl_int CL_API_CALL cw_api_clGetKernelSubGroupInfoKHR(cl_kernel kernel, cl_device_id device,
						     cl_kernel_sub_group_info param_name,
						     size_t input_value_size,
						     const void *input_value,
						     size_t param_value_size, void *param_value,
						     size_t *param_value_size_ret)
{
	struct cw_info info = {param_value_size, param_value, param_value_size_ret};
	struct view view = {0};
	cl_int error;

	CW_API();
	error = find_view(kernel, device, &view);
	if (error || !view.code)
		return error;
	return sub_group_info(&view, param_name, input_value_size, input_value, &info);
}
