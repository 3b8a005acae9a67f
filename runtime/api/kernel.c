/* SPDX-License-Identifier: MIT */
/* Making and counting kernel objects: OpenCL 3.0, 5.9.1. */
#include "core/kernel.h"

#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/check.h"
#include "core/program.h"

/* Say why a kernel object could not be made; @log is freed. */
static cl_int report(cl_int error, const char *name, char *log)
{
	switch (error) {
	case CL_SUCCESS:
		return error;
	case CL_INVALID_PROGRAM_EXECUTABLE:
		return cw_check_failed(__func__, error, "executable",
				       "the program has no executable");
	case CL_INVALID_KERNEL_NAME:
		return cw_check_failed(__func__, error, "kernel_name",
				       "the program has no kernel '%s'", name);
	case CL_INVALID_KERNEL_DEFINITION:
		return cw_check_failed(__func__, error, "definition",
				       "kernel '%s' differs between the devices", name);
	case CL_OUT_OF_RESOURCES:
		cw_check_failed(__func__, error, "code", "kernel '%s' cannot be compiled: %s", name,
				log ? log : "");
		free(log);
		return error;
	default:
		free(log);
		return cw_check_failed(__func__, error, "memory", "out of host memory");
	}
}

static cl_int create_kernel(cl_program program_handle, const char *name,
			    struct cw_kernel **kernel_out)
{
	struct cw_program *program = cw_program(program_handle);
	struct cw_executable *executable;
	char *log = NULL;

	CW_CHECK_HANDLE(program, program_handle, CL_INVALID_PROGRAM);
	cw_check_report_to(program->context);
	executable = cw_program_any_executable(program);
	cw_executable_put(executable);
	CW_CHECK(executable, CL_INVALID_PROGRAM_EXECUTABLE, "the program has no executable");
	CW_CHECK(name, CL_INVALID_VALUE, "kernel_name is NULL");
	return report(cw_kernel_create(program, name, kernel_out, &log), name, log);
}

cl_kernel CL_API_CALL cw_api_clCreateKernel(cl_program program, const char *kernel_name,
					    cl_int *errcode_ret)
{
	struct cw_kernel *kernel = NULL;

	CW_API();
	cw_errcode(errcode_ret, create_kernel(program, kernel_name, &kernel));
	return cw_kernel_handle(kernel);
}

/* All kernels of @executable; on an error none is left. */
static cl_int create_all(struct cw_program *program, const struct cw_executable *executable,
			 cl_kernel *kernels)
{
	unsigned count;
	const struct cwc_kernel_info *infos = cwc_ir_kernels(executable->ir, &count);

	for (unsigned i = 0; i < count; i++) {
		struct cw_kernel *kernel;
		char *log;
		cl_int error = cw_kernel_create(program, infos[i].name, &kernel, &log);

		if (error) {
			while (i)
				cw_object_release(&cw_kernel(kernels[--i])->object);
			return report(error, infos[i].name, log);
		}
		kernels[i] = cw_kernel_handle(kernel);
	}
	return CL_SUCCESS;
}

static cl_int create_in_program(struct cw_program *program, struct cw_executable *executable,
				cl_uint num_kernels, cl_kernel *kernels, cl_uint *num_kernels_ret)
{
	unsigned count = executable->num_kernels;

	CW_CHECK(!kernels || num_kernels >= count, CL_INVALID_VALUE,
		 "num_kernels is %u, less than the %u of the program", num_kernels, count);
	if (kernels)
		cw_executable_prepare(executable);
	if (kernels)
		CW_TRY(create_all(program, executable, kernels));
	if (num_kernels_ret)
		*num_kernels_ret = count;
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clCreateKernelsInProgram(cl_program program_handle, cl_uint num_kernels,
						   cl_kernel *kernels, cl_uint *num_kernels_ret)
{
	struct cw_program *program = cw_program(program_handle);
	struct cw_executable *executable;
	cl_int error;

	CW_API();
	CW_CHECK_HANDLE(program, program_handle, CL_INVALID_PROGRAM);
	cw_check_report_to(program->context);
	executable = cw_program_any_executable(program);
	CW_CHECK(executable, CL_INVALID_PROGRAM_EXECUTABLE, "the program has no executable");
	error = create_in_program(program, executable, num_kernels, kernels, num_kernels_ret);
	cw_executable_put(executable);
	return error;
}

static cl_int clone_kernel(cl_kernel source, struct cw_kernel **kernel_out)
{
	CW_CHECK_HANDLE(kernel, source, CL_INVALID_KERNEL);
	*kernel_out = cw_kernel_clone(cw_kernel(source));
	CW_CHECK_MEMORY(*kernel_out);
	return CL_SUCCESS;
}

cl_kernel CL_API_CALL cw_api_clCloneKernel(cl_kernel source_kernel, cl_int *errcode_ret)
{
	struct cw_kernel *kernel = NULL;

	CW_API();
	cw_errcode(errcode_ret, clone_kernel(source_kernel, &kernel));
	return cw_kernel_handle(kernel);
}

cl_int CL_API_CALL cw_api_clRetainKernel(cl_kernel kernel)
{
	CW_API();
	CW_CHECK_HANDLE(kernel, kernel, CL_INVALID_KERNEL);
	cw_object_retain(&cw_kernel(kernel)->object);
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clReleaseKernel(cl_kernel kernel)
{
	CW_API();
	CW_CHECK_HANDLE(kernel, kernel, CL_INVALID_KERNEL);
	cw_object_release(&cw_kernel(kernel)->object);
	return CL_SUCCESS;
}
