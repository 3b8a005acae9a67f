/* SPDX-License-Identifier: MIT */
/* Making and counting program objects: OpenCL 3.0, 5.8.1 to 5.8.5. */
#include "core/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/check.h"
#include "core/compiler.h"
#include "core/context.h"
#include "core/destructor.h"
#include "core/platform.h"
#include "device/device.h"

/* The strings in one, zero-terminated; NULL without memory. */
static char *join(cl_uint count, const char **strings, const size_t *lengths)
{
	size_t total = 0;
	char *text, *end;

	for (cl_uint i = 0; i < count; i++)
		total += lengths && lengths[i] ? lengths[i] : strlen(strings[i]);
	text = malloc(total + 1);
	if (!text)
		return NULL;
	end = text;
	for (cl_uint i = 0; i < count; i++) {
		size_t length = lengths && lengths[i] ? lengths[i] : strlen(strings[i]);

		memcpy(end, strings[i], length);
		end += length;
	}
	*end = 0;
	return text;
}

static cl_int create_with_source(cl_context context_handle, cl_uint count, const char **strings,
				 const size_t *lengths, struct cw_program **program_out)
{
	struct cw_context *context = cw_context(context_handle);
	struct cw_program_desc desc = {.origin = CW_PROGRAM_SOURCE};

	CW_CHECK_CONTEXT(context_handle);
	CW_CHECK(count, CL_INVALID_VALUE, "count is 0");
	CW_CHECK(strings, CL_INVALID_VALUE, "strings is NULL");
	for (cl_uint i = 0; i < count; i++)
		CW_CHECK(strings[i], CL_INVALID_VALUE, "strings[%u] is NULL", i);
	desc.devices = context->devices;
	desc.num_devices = context->num_devices;
	desc.source = join(count, strings, lengths);
	CW_CHECK_MEMORY(desc.source);
	*program_out = cw_program_create(context, &desc);
	CW_CHECK_MEMORY(*program_out);
	return CL_SUCCESS;
}

cl_program CL_API_CALL cw_api_clCreateProgramWithSource(cl_context context, cl_uint count,
							const char **strings, const size_t *lengths,
							cl_int *errcode_ret)
{
	struct cw_program *program = NULL;

	CW_API();
	cw_errcode(errcode_ret, create_with_source(context, count, strings, lengths, &program));
	return cw_program_handle(program);
}

static cl_int check_devices(const struct cw_context *context, cl_uint num_devices,
			    const cl_device_id *devices)
{
	CW_CHECK(devices, CL_INVALID_VALUE, "device_list is NULL");
	CW_CHECK(num_devices, CL_INVALID_VALUE, "num_devices is 0");
	for (cl_uint i = 0; i < num_devices; i++)
		CW_CHECK(cw_device_is_valid(devices[i]) &&
				 cw_context_has_device(context, cw_device(devices[i])),
			 CL_INVALID_DEVICE, "device_list[%u] (%p) is no device of the context", i,
			 (void *)devices[i]);
	return CL_SUCCESS;
}

/* Read one binary into @container_out; its status is stored where asked for. */
static cl_int read_binary(const unsigned char *binary, size_t length, cl_int *status,
			  struct cwc_container **container_out)
{
	int error = cwc_container_read(binary, length, container_out);

	cw_errcode(status, error ? CL_INVALID_BINARY : CL_SUCCESS);
	CW_CHECK(error != -ENOMEM, CL_OUT_OF_HOST_MEMORY, "out of host memory");
	CW_CHECK(!error, CL_INVALID_BINARY,
		 "%zu bytes are no program binary of this driver version, or are damaged", length);
	return CL_SUCCESS;
}

/* Nobody else knows the program yet. */
cw_no_analysis static cl_int load_binaries(struct cw_program *program, cl_uint num_devices,
					   const cl_device_id *devices, const size_t *lengths,
					   const unsigned char **binaries, cl_int *statuses)
{
	cl_int result = CL_SUCCESS;

	for (cl_uint i = 0; i < num_devices; i++) {
		struct cw_build *build =
			&program->builds[cw_program_device(program, cw_device(devices[i]))];
		struct cwc_container *container = NULL;
		cl_int error = read_binary(binaries[i], lengths[i], statuses ? &statuses[i] : NULL,
					   &container);

		if (error) {
			result = result ? result : error;
			continue;
		}
		cwc_container_destroy(build->container);
		cwc_ir_put(build->ir);
		build->container = container;
		build->ir = cwc_ir_get(container->ir);
	}
	return result;
}

static cl_int create_with_binary(cl_context context_handle, cl_uint num_devices,
				 const cl_device_id *devices, const size_t *lengths,
				 const unsigned char **binaries, cl_int *statuses,
				 struct cw_program **program_out)
{
	struct cw_context *context = cw_context(context_handle);
	struct cw_program *program;
	cl_int error;

	CW_CHECK_CONTEXT(context_handle);
	CW_TRY(check_devices(context, num_devices, devices));
	CW_CHECK(lengths, CL_INVALID_VALUE, "lengths is NULL");
	CW_CHECK(binaries, CL_INVALID_VALUE, "binaries is NULL");
	for (cl_uint i = 0; i < num_devices; i++) {
		bool given = lengths[i] && binaries[i];

		if (!given)
			cw_errcode(statuses ? &statuses[i] : NULL, CL_INVALID_VALUE);
		CW_CHECK(given, CL_INVALID_VALUE, "lengths[%u] is 0 or binaries[%u] is NULL", i, i);
	}
	program = cw_program_create(
		context, &(struct cw_program_desc){.origin = CW_PROGRAM_BINARY,
						   .devices = (struct cw_device *const *)devices,
						   .num_devices = num_devices});
	CW_CHECK_MEMORY(program);
	error = load_binaries(program, num_devices, devices, lengths, binaries, statuses);
	if (error)
		cw_program_put(program);
	else
		*program_out = program;
	return error;
}

cl_program CL_API_CALL cw_api_clCreateProgramWithBinary(cl_context context, cl_uint num_devices,
							const cl_device_id *device_list,
							const size_t *lengths,
							const unsigned char **binaries,
							cl_int *binary_status, cl_int *errcode_ret)
{
	struct cw_program *program = NULL;

	CW_API();
	cw_errcode(errcode_ret, create_with_binary(context, num_devices, device_list, lengths,
						   binaries, binary_status, &program));
	return cw_program_handle(program);
}

static cl_int create_with_built_in(cl_context context, cl_uint num_devices,
				   const cl_device_id *devices, const char *names)
{
	CW_CHECK_CONTEXT(context);
	CW_CHECK(devices, CL_INVALID_VALUE, "device_list is NULL");
	CW_CHECK(num_devices, CL_INVALID_VALUE, "num_devices is 0");
	CW_CHECK(names, CL_INVALID_VALUE, "kernel_names is NULL");
	CW_TRY(check_devices(cw_context(context), num_devices, devices));
	return cw_check_failed(__func__, CL_INVALID_VALUE, "kernel_names",
			       "the devices have no built-in kernels, so no '%s'", names);
}

cl_program CL_API_CALL cw_api_clCreateProgramWithBuiltInKernels(cl_context context,
								cl_uint num_devices,
								const cl_device_id *device_list,
								const char *kernel_names,
								cl_int *errcode_ret)
{
	CW_API();
	cw_errcode(errcode_ret,
		   create_with_built_in(context, num_devices, device_list, kernel_names));
	return NULL;
}

static cl_int create_with_il(cl_context context)
{
	CW_CHECK_CONTEXT(context);
	return cw_check_failed(__func__, CL_INVALID_OPERATION, "CL_DEVICE_IL_VERSION",
			       "the devices take no intermediate language");
}

cl_program CL_API_CALL cw_api_clCreateProgramWithIL(cl_context context, const void *il,
						    size_t length, cl_int *errcode_ret)
{
	(void)il;
	(void)length;
	CW_API();
	cw_errcode(errcode_ret, create_with_il(context));
	return NULL;
}

cl_int CL_API_CALL cw_api_clRetainProgram(cl_program program)
{
	CW_API();
	CW_CHECK_HANDLE(program, program, CL_INVALID_PROGRAM);
	cw_object_retain(&cw_program(program)->object);
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clReleaseProgram(cl_program program)
{
	CW_API();
	CW_CHECK_HANDLE(program, program, CL_INVALID_PROGRAM);
	cw_object_release(&cw_program(program)->object);
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clSetProgramReleaseCallback(
	cl_program program, void(CL_CALLBACK *pfn_notify)(cl_program program, void *user_data),
	void *user_data)
{
	(void)pfn_notify;
	(void)user_data;
	CW_API();
	CW_CHECK_HANDLE(program, program, CL_INVALID_PROGRAM);
	return cw_check_failed(__func__, CL_INVALID_OPERATION, "destructors",
			       "no device runs destructors of program-scope variables");
}

cl_int CL_API_CALL cw_api_clSetProgramSpecializationConstant(cl_program program, cl_uint spec_id,
							     size_t spec_size,
							     const void *spec_value)
{
	(void)spec_id;
	(void)spec_size;
	(void)spec_value;
	CW_API();
	CW_CHECK_HANDLE(program, program, CL_INVALID_PROGRAM);
	return cw_check_failed(__func__, CL_INVALID_OPERATION, "CL_DEVICE_IL_VERSION",
			       "the devices take no intermediate language");
}

cl_int CL_API_CALL cw_api_clUnloadPlatformCompiler(cl_platform_id platform)
{
	CW_API();
	CW_CHECK_HANDLE(platform, platform, CL_INVALID_PLATFORM);
	cw_compiler_unload();
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clUnloadCompiler(void)
{
	CW_API();
	cw_compiler_unload();
	return CL_SUCCESS;
}
