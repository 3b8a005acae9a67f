/* SPDX-License-Identifier: MIT */
/*
 * Hello: the whole host side of OpenCL once, by hand, and the one thing that
 * is different here: the kernel gets the address of an ordinary local array.
 * No buffer object, no clSVMAlloc, no copy.
 */
#define CL_TARGET_OPENCL_VERSION 300
#include <CL/cl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One work-item a letter. */
static const char source[] = "kernel void shout(global char *text)\n"
			     "{\n"
			     "	size_t i = get_global_id(0);\n"
			     "	if (text[i] >= 'a' && text[i] <= 'z')\n"
			     "		text[i] -= 'a' - 'A';\n"
			     "}\n";

static void check(cl_int status, const char *what)
{
	if (status == CL_SUCCESS)
		return;
	fprintf(stderr, "error: %s returned %d\n", what, status);
	exit(1);
}

/* Look through all platforms for a device that can follow plain pointers. */
static cl_device_id find_device(void)
{
	cl_platform_id platforms[16];
	cl_device_id devices[16];
	cl_uint num_platforms = 0, num_devices;
	cl_device_svm_capabilities svm;

	clGetPlatformIDs(16, platforms, &num_platforms);
	for (cl_uint p = 0; p < num_platforms && p < 16; p++) {
		num_devices = 0;
		clGetDeviceIDs(platforms[p], CL_DEVICE_TYPE_ALL, 16, devices, &num_devices);
		for (cl_uint d = 0; d < num_devices && d < 16; d++) {
			svm = 0;
			clGetDeviceInfo(devices[d], CL_DEVICE_SVM_CAPABILITIES, sizeof(svm), &svm,
					NULL);
			if (svm & CL_DEVICE_SVM_FINE_GRAIN_SYSTEM)
				return devices[d];
		}
	}
	fprintf(stderr, "error: no OpenCL device here takes plain pointers; "
			"try OCL_ICD_VENDORS=<build>/icd\n");
	exit(1);
}

static cl_program build(cl_context context, cl_device_id device)
{
	const char *text = source;
	char log[4096];
	cl_int status;
	cl_program program = clCreateProgramWithSource(context, 1, &text, NULL, &status);

	check(status, "clCreateProgramWithSource");
	status = clBuildProgram(program, 1, &device, "", NULL, NULL);
	if (status) {
		clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, sizeof(log), log,
				      NULL);
		fprintf(stderr, "error: the kernel does not build:\n%s\n", log);
		exit(1);
	}
	return program;
}

int main(void)
{
	char text[] = "hello from an ordinary array on the stack";
	size_t letters = strlen(text);
	cl_device_id device = find_device();
	cl_context context;
	cl_command_queue queue;
	cl_program program;
	cl_kernel kernel;
	char name[128] = "";
	cl_int status;

	clGetDeviceInfo(device, CL_DEVICE_NAME, sizeof(name), name, NULL);
	printf("device: %s\n", name);
	context = clCreateContext(NULL, 1, &device, NULL, NULL, &status);
	check(status, "clCreateContext");
	queue = clCreateCommandQueueWithProperties(context, device, NULL, &status);
	check(status, "clCreateCommandQueueWithProperties");
	program = build(context, device);
	kernel = clCreateKernel(program, "shout", &status);
	check(status, "clCreateKernel");

	/* The pointer itself is the argument. */
	check(clSetKernelArgSVMPointer(kernel, 0, text), "clSetKernelArgSVMPointer");
	check(clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &letters, NULL, 0, NULL, NULL),
	      "clEnqueueNDRangeKernel");
	check(clFinish(queue), "clFinish");
	printf("%s\n", text);

	clReleaseKernel(kernel);
	clReleaseProgram(program);
	clReleaseCommandQueue(queue);
	clReleaseContext(context);
	if (strcmp(text, "HELLO FROM AN ORDINARY ARRAY ON THE STACK") == 0)
		return 0;
	fprintf(stderr, "error: the kernel did not change the array as expected\n");
	return 1;
}
