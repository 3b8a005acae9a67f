/* SPDX-License-Identifier: MIT */
/* Programs, kernels and launches: OpenCL 3.0, 5.8 to 5.10; and what is not supported. */
#include "api.h"
#include <stdlib.h>
#include <string.h>

static void CL_CALLBACK on_build(cl_program program, void *user)
{
	(void)program;
	(void)user;
}

static void binary_rules(struct api *t)
{
	const unsigned char noise[64] = "not a program";
	const unsigned char *bytes = noise, *none = NULL;
	size_t length = sizeof(noise), zero = 0;
	cl_int status;

	RULE_NEW(CL_INVALID_CONTEXT,
		 clCreateProgramWithBinary(NULL, 1, &t->device, &length, &bytes, &status, &err));
	RULE_NEW(CL_INVALID_VALUE, clCreateProgramWithBinary(t->context, 0, &t->device, &length,
							     &bytes, &status, &err));
	RULE_NEW(CL_INVALID_VALUE,
		 clCreateProgramWithBinary(t->context, 1, NULL, &length, &bytes, &status, &err));
	RULE_NEW(CL_INVALID_VALUE, clCreateProgramWithBinary(t->context, 1, &t->device, &zero,
							     &bytes, &status, &err));
	RULE_NEW(CL_INVALID_VALUE, clCreateProgramWithBinary(t->context, 1, &t->device, &length,
							     &none, &status, &err));
	RULE_NEW(CL_INVALID_BINARY, clCreateProgramWithBinary(t->context, 1, &t->device, &length,
							      &bytes, &status, &err));
	RULE(CL_INVALID_BINARY, status);
}

/* A program that does not build says so, and can be built again. */
static void build_rules(struct api *t)
{
	const char *wrong = "kernel void k(global int *p) { *p = nothing; }\n";
	cl_build_status built = CL_BUILD_NONE;
	char log[4096] = "";
	cl_int made;
	cl_program program = clCreateProgramWithSource(t->context, 1, &wrong, NULL, &made);

	RULE(CL_SUCCESS, made);
	RULE_NEW(CL_INVALID_PROGRAM_EXECUTABLE, clCreateKernel(program, "k", &err));
	RULE(CL_BUILD_PROGRAM_FAILURE, clBuildProgram(program, 0, NULL, "", NULL, NULL));
	RULE(CL_SUCCESS, clGetProgramBuildInfo(program, t->device, CL_PROGRAM_BUILD_STATUS,
					       sizeof(built), &built, NULL));
	RULE(CL_BUILD_ERROR, built);
	RULE(CL_SUCCESS, clGetProgramBuildInfo(program, t->device, CL_PROGRAM_BUILD_LOG,
					       sizeof(log), log, NULL));
	RULE(1, strstr(log, "nothing") != NULL);
	RULE_NEW(CL_INVALID_PROGRAM_EXECUTABLE, clCreateKernel(program, "k", &err));
	RULE(CL_INVALID_BUILD_OPTIONS,
	     clBuildProgram(program, 0, NULL, "-no-such-option", NULL, NULL));
	RULE(CL_BUILD_PROGRAM_FAILURE, clBuildProgram(program, 0, NULL, "", NULL, NULL));
	RULE(CL_SUCCESS, clBuildProgram(program, 0, NULL, "-Dnothing=1", NULL, NULL));
	clReleaseProgram(program);
}

void program_rules(struct api *t)
{
	const char *source = "kernel void k(void) {}\n", *none = NULL;
	cl_device_id no_device = NULL;
	cl_uint count;

	RULE_NEW(CL_INVALID_CONTEXT, clCreateProgramWithSource(NULL, 1, &source, NULL, &err));
	RULE_NEW(CL_INVALID_VALUE, clCreateProgramWithSource(t->context, 0, &source, NULL, &err));
	RULE_NEW(CL_INVALID_VALUE, clCreateProgramWithSource(t->context, 1, NULL, NULL, &err));
	RULE_NEW(CL_INVALID_VALUE, clCreateProgramWithSource(t->context, 1, &none, NULL, &err));
	binary_rules(t);
	RULE(CL_INVALID_PROGRAM, clBuildProgram(NULL, 0, NULL, "", NULL, NULL));
	RULE(CL_INVALID_VALUE, clBuildProgram(t->program, 1, NULL, "", NULL, NULL));
	RULE(CL_INVALID_VALUE, clBuildProgram(t->program, 0, &t->device, "", NULL, NULL));
	RULE(CL_INVALID_DEVICE, clBuildProgram(t->program, 1, &no_device, "", NULL, NULL));
	RULE(CL_INVALID_VALUE, clBuildProgram(t->program, 0, NULL, "", NULL, t));
	/* Kernels of it exist. */
	RULE(CL_INVALID_OPERATION, clBuildProgram(t->program, 0, NULL, "", on_build, NULL));
	RULE(CL_INVALID_OPERATION,
	     clCompileProgram(t->program, 0, NULL, "", 0, NULL, NULL, NULL, NULL));
	RULE_NEW(CL_INVALID_VALUE,
		 clLinkProgram(t->context, 0, NULL, "", 0, NULL, NULL, NULL, &err));
	RULE_NEW(CL_INVALID_OPERATION,
		 clLinkProgram(t->context, 0, NULL, "", 1, &t->program, NULL, NULL, &err));
	QUERY_RULES(clGetProgramInfo, t->program, CL_PROGRAM_CONTEXT);
	RULE(CL_INVALID_PROGRAM, clGetProgramInfo(NULL, CL_PROGRAM_CONTEXT, 0, NULL, NULL));
	RULE(CL_INVALID_DEVICE,
	     clGetProgramBuildInfo(t->program, NULL, CL_PROGRAM_BUILD_STATUS, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE, clGetProgramBuildInfo(t->program, t->device, 0x7fff, 0, NULL, NULL));
	RULE(CL_INVALID_PROGRAM, clRetainProgram(NULL));
	RULE(CL_INVALID_PROGRAM, clReleaseProgram(NULL));
	RULE_NEW(CL_INVALID_PROGRAM, clCreateKernel(NULL, "rules", &err));
	RULE_NEW(CL_INVALID_VALUE, clCreateKernel(t->program, NULL, &err));
	RULE_NEW(CL_INVALID_KERNEL_NAME, clCreateKernel(t->program, "no_such_kernel", &err));
	RULE(CL_INVALID_VALUE, clCreateKernelsInProgram(t->program, 1, &t->kernel, &count));
	build_rules(t);
}

static void kernel_query_rules(struct api *t)
{
	char room[256];

	QUERY_RULES(clGetKernelInfo, t->kernel, CL_KERNEL_FUNCTION_NAME);
	RULE(CL_INVALID_KERNEL, clGetKernelInfo(NULL, CL_KERNEL_NUM_ARGS, 0, NULL, NULL));
	RULE(CL_INVALID_ARG_INDEX,
	     clGetKernelArgInfo(t->kernel, 3, CL_KERNEL_ARG_NAME, sizeof(room), room, NULL));
	RULE(CL_INVALID_VALUE, clGetKernelArgInfo(t->kernel, 0, 0x7fff, sizeof(room), room, NULL));
	RULE(CL_INVALID_VALUE, clGetKernelArgInfo(t->kernel, 0, CL_KERNEL_ARG_NAME, 0, room, NULL));
	RULE(CL_INVALID_VALUE,
	     clGetKernelWorkGroupInfo(t->kernel, t->device, 0x7fff, sizeof(room), room, NULL));
	RULE(CL_INVALID_VALUE,
	     clGetKernelWorkGroupInfo(t->kernel, t->device, CL_KERNEL_GLOBAL_WORK_SIZE,
				      sizeof(room), room, NULL));
	RULE(CL_INVALID_VALUE, clGetKernelWorkGroupInfo(t->kernel, t->device,
							CL_KERNEL_WORK_GROUP_SIZE, 1, room, NULL));
	RULE(CL_INVALID_KERNEL, clRetainKernel(NULL));
	RULE(CL_INVALID_KERNEL, clReleaseKernel(NULL));
	RULE_NEW(CL_INVALID_KERNEL, clCloneKernel(NULL, &err));
}

void kernel_rules(struct api *t)
{
	cl_uint value = 1;
	cl_bool yes = CL_TRUE;

	RULE(CL_INVALID_KERNEL, clSetKernelArg(NULL, 1, sizeof(value), &value));
	RULE(CL_INVALID_ARG_INDEX, clSetKernelArg(t->kernel, 3, sizeof(value), &value));
	RULE(CL_INVALID_ARG_VALUE, clSetKernelArg(t->kernel, 1, sizeof(value), NULL));
	RULE(CL_INVALID_ARG_SIZE, clSetKernelArg(t->kernel, 1, 2, &value));
	RULE(CL_INVALID_ARG_SIZE, clSetKernelArg(t->kernel, 1, 8, &value));
	RULE(CL_INVALID_ARG_SIZE, clSetKernelArg(t->kernel, 0, 4, &t->buffer));
	RULE(CL_INVALID_ARG_SIZE, clSetKernelArg(t->kernel, 2, 0, NULL));
	RULE(CL_INVALID_ARG_VALUE, clSetKernelArg(t->kernel, 2, 64, &value));
	RULE(CL_INVALID_KERNEL, clSetKernelArgSVMPointer(NULL, 0, &value));
	RULE(CL_INVALID_ARG_INDEX, clSetKernelArgSVMPointer(t->kernel, 3, &value));
	RULE(CL_INVALID_ARG_VALUE, clSetKernelArgSVMPointer(t->kernel, 1, &value));
	RULE(CL_INVALID_KERNEL, clSetKernelExecInfo(NULL, CL_KERNEL_EXEC_INFO_SVM_FINE_GRAIN_SYSTEM,
						    sizeof(yes), &yes));
	RULE(CL_INVALID_VALUE, clSetKernelExecInfo(t->kernel, 0x7fff, sizeof(yes), &yes));
	RULE(CL_INVALID_VALUE,
	     clSetKernelExecInfo(t->kernel, CL_KERNEL_EXEC_INFO_SVM_FINE_GRAIN_SYSTEM, 1, &yes));
	RULE(CL_INVALID_VALUE,
	     clSetKernelExecInfo(t->kernel, CL_KERNEL_EXEC_INFO_SVM_PTRS, 8, NULL));
	RULE(CL_INVALID_VALUE,
	     clSetKernelExecInfo(t->kernel, CL_KERNEL_EXEC_INFO_SVM_PTRS, 3, &t->buffer));
	kernel_query_rules(t);
}

static cl_int run(struct api *t, cl_kernel kernel, cl_uint dimensions, const size_t *offset,
		  const size_t *global, const size_t *local)
{
	cl_int status = clEnqueueNDRangeKernel(t->queue, kernel, dimensions, offset, global, local,
					       0, NULL, NULL);

	return status ? status : clFinish(t->queue);
}

void launch_rules(struct api *t)
{
	const size_t size[4] = {64, 1, 1, 1}, none[3] = {0, 0, 0}, huge[3] = {1 << 30, 1, 1};
	const size_t end[3] = {SIZE_MAX - 1, 0, 0}, nine[3] = {9, 1, 1};
	cl_int made;
	cl_kernel eight = clCreateKernel(t->program, "eight", &made);

	RULE(CL_SUCCESS, made);
	RULE(CL_INVALID_KERNEL_ARGS, run(t, t->kernel, 1, NULL, size, NULL));
	RULE(CL_SUCCESS, run(t, t->ready, 1, NULL, size, NULL));
	RULE(CL_INVALID_COMMAND_QUEUE,
	     clEnqueueNDRangeKernel(NULL, t->ready, 1, NULL, size, NULL, 0, NULL, NULL));
	RULE(CL_INVALID_KERNEL,
	     clEnqueueNDRangeKernel(t->queue, NULL, 1, NULL, size, NULL, 0, NULL, NULL));
	RULE(CL_INVALID_CONTEXT,
	     clEnqueueNDRangeKernel(t->other_queue, t->ready, 1, NULL, size, NULL, 0, NULL, NULL));
	RULE(CL_INVALID_WORK_DIMENSION, run(t, t->ready, 0, NULL, size, NULL));
	RULE(CL_INVALID_WORK_DIMENSION, run(t, t->ready, 4, NULL, size, NULL));
	RULE(CL_INVALID_GLOBAL_OFFSET, run(t, t->ready, 1, end, size, NULL));
	RULE(CL_INVALID_WORK_GROUP_SIZE, run(t, t->ready, 1, NULL, size, none));
	RULE(CL_SUCCESS, clSetKernelArg(eight, 0, sizeof(cl_mem), &t->buffer));
	RULE(CL_INVALID_WORK_GROUP_SIZE, run(t, eight, 1, NULL, size, size));
	RULE(CL_INVALID_WORK_GROUP_SIZE, run(t, eight, 1, NULL, size, nine));
	made = run(t, t->ready, 1, NULL, huge, huge);
	RULE(1, made == CL_INVALID_WORK_ITEM_SIZE || made == CL_INVALID_WORK_GROUP_SIZE);
	WAIT_LIST_RULES(clEnqueueNDRangeKernel, t->queue, t->ready, 1, NULL, size, NULL);
	clReleaseKernel(eight);
}

/* What the device says it can't do is refused with the error that the specification names. */
void unsupported_rules(struct api *t)
{
	const cl_image_format format = {CL_RGBA, CL_UNORM_INT8};
	const cl_image_desc image = {
		.image_type = CL_MEM_OBJECT_IMAGE2D, .image_width = 4, .image_height = 4};
	const cl_uint spirv[5] = {0x07230203};
	cl_bool images = CL_FALSE, pipes = CL_FALSE;
	cl_device_device_enqueue_capabilities enqueue = 0;
	cl_queue_properties on_device[] = {
		CL_QUEUE_PROPERTIES, CL_QUEUE_ON_DEVICE | CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE,
		0};
	size_t length = 1;

	clGetDeviceInfo(t->device, CL_DEVICE_IMAGE_SUPPORT, sizeof(images), &images, NULL);
	clGetDeviceInfo(t->device, CL_DEVICE_PIPE_SUPPORT, sizeof(pipes), &pipes, NULL);
	clGetDeviceInfo(t->device, CL_DEVICE_DEVICE_ENQUEUE_CAPABILITIES, sizeof(enqueue), &enqueue,
			NULL);
	clGetDeviceInfo(t->device, CL_DEVICE_IL_VERSION, 0, NULL, &length);
	if (!images) {
		RULE_NEW(CL_INVALID_OPERATION,
			 clCreateImage(t->context, 0, &format, &image, NULL, &err));
		RULE_NEW(CL_INVALID_OPERATION,
			 clCreateSamplerWithProperties(t->context, NULL, &err));
	}
	if (!pipes)
		RULE_NEW(CL_INVALID_OPERATION, clCreatePipe(t->context, 0, 4, 16, NULL, &err));
	if (!enqueue)
		RULE_NEW(
			CL_INVALID_QUEUE_PROPERTIES,
			clCreateCommandQueueWithProperties(t->context, t->device, on_device, &err));
	if (length <= 1)
		RULE_NEW(CL_INVALID_OPERATION,
			 clCreateProgramWithIL(t->context, spirv, sizeof(spirv), &err));
	RULE(1, clGetExtensionFunctionAddressForPlatform(t->platform, "clNoSuchFunction") == NULL);
}
