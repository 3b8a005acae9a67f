/* SPDX-License-Identifier: MIT */
/* Queries of program objects: OpenCL 3.0, 5.8.8. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/check.h"
#include "api/info.h"
#include "core/context.h"
#include "core/program.h"
#include "device/device.h"

/* The names of the kernels, separated by semicolons; malloc'd. */
static char *join_names(const struct cw_executable *executable)
{
	unsigned count;
	const struct cwc_kernel_info *kernels = cwc_ir_kernels(executable->ir, &count);
	size_t bytes = 1;
	char *text, *end;

	for (unsigned i = 0; i < count; i++)
		bytes += strlen(kernels[i].name) + 1;
	text = calloc(1, bytes);
	end = text;
	for (unsigned i = 0; i < count && text; i++) {
		if (i)
			*end++ = ';';
		end = stpcpy(end, kernels[i].name);
	}
	return text;
}

static cl_int executable_info(const struct cw_info *info, const struct cw_executable *executable,
			      cl_program_info name)
{
	cl_int error;
	char *names;

	switch (name) {
	case CL_PROGRAM_NUM_KERNELS:
		return cw_info_value(info, size_t, executable->num_kernels);
	case CL_PROGRAM_KERNEL_NAMES:
		names = join_names(executable);
		CW_CHECK_MEMORY(names);
		error = cw_info_string(info, names);
		free(names);
		return error;
	default: /* constructors and destructors of program-scope variables */
		return cw_info_value(info, cl_bool, CL_FALSE);
	}
}

/* What only a program with an executable can answer. */
static cl_int built_info(const struct cw_info *info, struct cw_program *program,
			 cl_program_info name)
{
	struct cw_executable *executable = cw_program_any_executable(program);
	cl_int error;

	CW_CHECK(executable, CL_INVALID_PROGRAM_EXECUTABLE, "the program has no executable");
	error = executable_info(info, executable, name);
	cw_executable_put(executable);
	return error;
}

static cl_int binary_sizes(const struct cw_info *info, struct cw_program *program)
{
	size_t *sizes = calloc(program->num_devices, sizeof(*sizes));
	cl_int error = CL_SUCCESS;
	const void *data;

	CW_CHECK_MEMORY(sizes);
	for (unsigned i = 0; i < program->num_devices && !error; i++)
		error = cw_program_binary(program, i, &data, &sizes[i]);
	if (!error)
		error = cw_info_array(info, sizes, program->num_devices);
	free(sizes);
	return error;
}

/* The value is an array of pointers to room for the binaries; NULL for one not wanted. */
static cl_int binaries(const struct cw_info *info, struct cw_program *program)
{
	size_t bytes = program->num_devices * sizeof(unsigned char *);
	unsigned char **rooms = info->value;

	if (info->size_ret)
		*info->size_ret = bytes;
	if (!rooms)
		return CL_SUCCESS;
	CW_CHECK(info->size >= bytes, CL_INVALID_VALUE, "param_value_size is %zu, less than %zu",
		 info->size, bytes);
	for (unsigned i = 0; i < program->num_devices; i++) {
		size_t binary_bytes = 0;
		const void *binary = NULL;

		if (!rooms[i])
			continue;
		CW_TRY(cw_program_binary(program, i, &binary, &binary_bytes));
		if (binary_bytes)
			memcpy(rooms[i], binary, binary_bytes);
	}
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clGetProgramInfo(cl_program program_handle, cl_program_info param_name,
					   size_t param_value_size, void *param_value,
					   size_t *param_value_size_ret)
{
	struct cw_info info = {param_value_size, param_value, param_value_size_ret};
	struct cw_program *program = cw_program(program_handle);

	CW_API();
	CW_CHECK_HANDLE(program, program_handle, CL_INVALID_PROGRAM);
	cw_check_report_to(program->context);
	switch (param_name) {
	case CL_PROGRAM_REFERENCE_COUNT:
		return cw_info_value(&info, cl_uint, program->object.api_refs);
	case CL_PROGRAM_CONTEXT:
		return cw_info_value(&info, cl_context, cw_context_handle(program->context));
	case CL_PROGRAM_NUM_DEVICES:
		return cw_info_value(&info, cl_uint, program->num_devices);
	case CL_PROGRAM_DEVICES:
		return cw_info_array(&info, program->devices, program->num_devices);
	case CL_PROGRAM_SOURCE:
		return cw_info_string(&info, program->source);
	case CL_PROGRAM_IL:
		return cw_info_bytes(&info, NULL, 0);
	case CL_PROGRAM_BINARY_SIZES:
		return binary_sizes(&info, program);
	case CL_PROGRAM_BINARIES:
		return binaries(&info, program);
	case CL_PROGRAM_NUM_KERNELS:
	case CL_PROGRAM_KERNEL_NAMES:
	case CL_PROGRAM_SCOPE_GLOBAL_CTORS_PRESENT:
	case CL_PROGRAM_SCOPE_GLOBAL_DTORS_PRESENT:
		return built_info(&info, program, param_name);
	default:
		return cw_info_unknown(param_name);
	}
}

/* A copy of the options or the log, so that the answer is written without the lock. */
static cl_int text_info(const struct cw_info *info, struct cw_program *program, int index,
			cl_program_build_info name)
{
	const struct cw_build *build;
	char *text = NULL;
	bool missing;
	cl_int error;

	cw_mutex_lock(&program->lock);
	build = &program->builds[index];
	missing = !(name == CL_PROGRAM_BUILD_OPTIONS ? build->options : build->log);
	if (!missing)
		text = strdup(name == CL_PROGRAM_BUILD_OPTIONS ? build->options : build->log);
	cw_mutex_unlock(&program->lock);
	CW_CHECK(text || missing, CL_OUT_OF_HOST_MEMORY, "out of host memory");
	error = cw_info_string(info, text);
	free(text);
	return error;
}

static cl_build_status status_of(struct cw_program *program, int index)
{
	cl_build_status status;

	cw_mutex_lock(&program->lock);
	status = program->builds[index].status;
	cw_mutex_unlock(&program->lock);
	return status;
}

static size_t globals_bytes(struct cw_program *program, int index)
{
	struct cwc_ir *ir = cw_program_ir(program, index);
	size_t bytes = ir ? cwc_ir_globals_bytes(ir) : 0;

	cwc_ir_put(ir);
	return bytes;
}

cl_int CL_API_CALL cw_api_clGetProgramBuildInfo(cl_program program_handle, cl_device_id device,
						cl_program_build_info param_name,
						size_t param_value_size, void *param_value,
						size_t *param_value_size_ret)
{
	struct cw_info info = {param_value_size, param_value, param_value_size_ret};
	struct cw_program *program = cw_program(program_handle);
	int index;

	CW_API();
	CW_CHECK_HANDLE(program, program_handle, CL_INVALID_PROGRAM);
	cw_check_report_to(program->context);
	index = cw_device_is_valid(device) ? cw_program_device(program, cw_device(device)) : -1;
	CW_CHECK(index >= 0, CL_INVALID_DEVICE, "device (%p) is no device of the program",
		 (void *)device);
	switch (param_name) {
	case CL_PROGRAM_BUILD_STATUS:
		return cw_info_value(&info, cl_build_status, status_of(program, index));
	case CL_PROGRAM_BUILD_OPTIONS:
	case CL_PROGRAM_BUILD_LOG:
		return text_info(&info, program, index, param_name);
	case CL_PROGRAM_BINARY_TYPE:
		return cw_info_value(&info, cl_program_binary_type,
				     cw_program_type(program, index));
	case CL_PROGRAM_BUILD_GLOBAL_VARIABLE_TOTAL_SIZE:
		return cw_info_value(&info, size_t, globals_bytes(program, index));
	default:
		return cw_info_unknown(param_name);
	}
}
