/* SPDX-License-Identifier: MIT */
/* Arguments of kernel objects: OpenCL 3.0, 5.9.2. */
#include <string.h>

#include "api/api.h"
#include "api/check.h"
#include "api/info.h"
#include "core/context.h"
#include "core/kernel.h"
#include "core/mem.h"
#include "core/program.h"

static cl_int set_mem(struct cw_kernel *kernel, cl_uint index, size_t size, const void *value)
{
	cl_mem handle = NULL;

	if (value)
		memcpy((void *)&handle, value, sizeof(cl_mem));
	if (handle) {
		CW_CHECK(cw_mem_is_valid(handle), CL_INVALID_MEM_OBJECT,
			 "argument %u: %p is not a valid memory object", index, (void *)handle);
		CW_CHECK(cw_mem(handle)->context == kernel->program->context, CL_INVALID_CONTEXT,
			 "argument %u: the memory object is of another context", index);
		CW_CHECK(cw_mem(handle)->type == CL_MEM_OBJECT_BUFFER, CL_INVALID_MEM_OBJECT,
			 "argument %u: the memory object is not a buffer", index);
	}
	CW_CHECK(size == sizeof(cl_mem), CL_INVALID_ARG_SIZE,
		 "argument %u: arg_size is %zu, not that of a cl_mem", index, size);
	if (handle)
		cw_kernel_set_mem(kernel, index, cw_mem(handle));
	else
		cw_kernel_set_pointer(kernel, index, NULL);
	return CL_SUCCESS;
}

static cl_int set_local(struct cw_kernel *kernel, cl_uint index, size_t size, const void *value)
{
	CW_CHECK(!value, CL_INVALID_ARG_VALUE, "argument %u is __local: arg_value must be NULL",
		 index);
	CW_CHECK(size, CL_INVALID_ARG_SIZE, "argument %u is __local: arg_size is 0", index);
	cw_kernel_set_local(kernel, index, size);
	return CL_SUCCESS;
}

static cl_int set_value(struct cw_kernel *kernel, cl_uint index, size_t size, const void *value)
{
	const struct cwc_arg_info *arg = &kernel->info->args[index];

	CW_CHECK(value, CL_INVALID_ARG_VALUE, "argument %u: arg_value is NULL", index);
	CW_CHECK(size == arg->bytes, CL_INVALID_ARG_SIZE,
		 "argument %u (%s): arg_size is %zu, the type has %u", index,
		 arg->type_name ? arg->type_name : "by value", size, arg->bytes);
	cw_kernel_set_value(kernel, index, value);
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clSetKernelArg(cl_kernel kernel_handle, cl_uint arg_index,
					 size_t arg_size, const void *arg_value)
{
	struct cw_kernel *kernel = cw_kernel(kernel_handle);

	CW_API();
	CW_CHECK_HANDLE(kernel, kernel_handle, CL_INVALID_KERNEL);
	cw_check_report_to(kernel->program->context);
	CW_CHECK(arg_index < kernel->info->num_args, CL_INVALID_ARG_INDEX,
		 "arg_index is %u, kernel %s has %u arguments", arg_index, kernel->info->name,
		 kernel->info->num_args);
	switch (kernel->info->args[arg_index].kind) {
	case CWC_ARG_VALUE:
		return set_value(kernel, arg_index, arg_size, arg_value);
	case CWC_ARG_GLOBAL:
	case CWC_ARG_CONSTANT:
		return set_mem(kernel, arg_index, arg_size, arg_value);
	case CWC_ARG_LOCAL:
		return set_local(kernel, arg_index, arg_size, arg_value);
	case CWC_ARG_SAMPLER:
		return cw_check_failed(__func__, CL_INVALID_SAMPLER, "kind",
				       "argument %u: samplers are not supported", arg_index);
	case CWC_ARG_QUEUE:
		return cw_check_failed(__func__, CL_INVALID_DEVICE_QUEUE, "kind",
				       "argument %u: device queues are not supported", arg_index);
	default:
		return cw_check_failed(__func__, CL_INVALID_MEM_OBJECT, "kind",
				       "argument %u: images and pipes are not supported",
				       arg_index);
	}
}

cl_int CL_API_CALL cw_api_clSetKernelArgSVMPointer(cl_kernel kernel_handle, cl_uint arg_index,
						   const void *arg_value)
{
	struct cw_kernel *kernel = cw_kernel(kernel_handle);
	uint32_t kind;

	CW_API();
	CW_CHECK_HANDLE(kernel, kernel_handle, CL_INVALID_KERNEL);
	cw_check_report_to(kernel->program->context);
	CW_CHECK(cw_context_svm(kernel->program->context), CL_INVALID_OPERATION,
		 "no device of the context has SVM");
	CW_CHECK(arg_index < kernel->info->num_args, CL_INVALID_ARG_INDEX,
		 "arg_index is %u, kernel %s has %u arguments", arg_index, kernel->info->name,
		 kernel->info->num_args);
	kind = kernel->info->args[arg_index].kind;
	CW_CHECK(kind == CWC_ARG_GLOBAL || kind == CWC_ARG_CONSTANT, CL_INVALID_ARG_VALUE,
		 "argument %u is no pointer to global or constant memory", arg_index);
	cw_kernel_set_pointer(kernel, arg_index, arg_value);
	return CL_SUCCESS;
}

static cl_int set_svm_pointers(const struct cw_context *context, size_t size, const void *value)
{
	CW_CHECK(cw_context_svm(context), CL_INVALID_OPERATION, "no device of the context has SVM");
	CW_CHECK(value || !size, CL_INVALID_VALUE, "param_value is NULL");
	CW_CHECK(size % sizeof(void *) == 0, CL_INVALID_VALUE,
		 "param_value_size is %zu, no multiple of a pointer's size", size);
	/* Every pointer works in every kernel: nothing to remember. */
	return CL_SUCCESS;
}

static cl_int set_svm_system(struct cw_kernel *kernel, size_t size, const void *value)
{
	cl_bool wanted;

	CW_CHECK(value, CL_INVALID_VALUE, "param_value is NULL");
	CW_CHECK(size == sizeof(wanted), CL_INVALID_VALUE,
		 "param_value_size is %zu, not that of a cl_bool", size);
	memcpy(&wanted, value, sizeof(wanted));
	CW_CHECK(!wanted ||
			 cw_context_svm(kernel->program->context) & CL_DEVICE_SVM_FINE_GRAIN_SYSTEM,
		 CL_INVALID_OPERATION, "no device of the context has fine-grain system SVM");
	kernel->svm_system = wanted;
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clSetKernelExecInfo(cl_kernel kernel_handle,
					      cl_kernel_exec_info param_name,
					      size_t param_value_size, const void *param_value)
{
	struct cw_kernel *kernel = cw_kernel(kernel_handle);

	CW_API();
	CW_CHECK_HANDLE(kernel, kernel_handle, CL_INVALID_KERNEL);
	cw_check_report_to(kernel->program->context);
	switch (param_name) {
	case CL_KERNEL_EXEC_INFO_SVM_PTRS:
		return set_svm_pointers(kernel->program->context, param_value_size, param_value);
	case CL_KERNEL_EXEC_INFO_SVM_FINE_GRAIN_SYSTEM:
		return set_svm_system(kernel, param_value_size, param_value);
	default:
		return cw_info_unknown(param_name);
	}
}
