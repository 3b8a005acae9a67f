/* SPDX-License-Identifier: MIT */
/*
 * What samples 02 to 05 share, so that each of them is about its own subject:
 * choosing a device, building a kernel, and stopping with a sentence when a
 * call fails.  Sample 01 does the same by hand, step by step.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#define CL_TARGET_OPENCL_VERSION 300
#include <CL/cl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Print a sentence and end the program with status 1. */
__attribute__((format(printf, 1, 2), noreturn)) static inline void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("error: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

/* Stop if an OpenCL call did not succeed; @what names the call. */
static inline void check(cl_int status, const char *what)
{
	if (status != CL_SUCCESS)
		fail("%s returned %d", what, status);
}

/* Seconds of a clock that only goes forward. */
static inline double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* True when a kernel on @device may dereference any pointer of this process. */
static inline int has_plain_pointers(cl_device_id device)
{
	cl_device_svm_capabilities svm = 0;

	if (clGetDeviceInfo(device, CL_DEVICE_SVM_CAPABILITIES, sizeof(svm), &svm, NULL))
		return 0;
	return (svm & CL_DEVICE_SVM_FINE_GRAIN_SYSTEM) && (svm & CL_DEVICE_SVM_ATOMICS);
}

/* The first device of any platform that takes plain pointers. */
static inline cl_device_id pick_device(void)
{
	cl_platform_id platforms[16];
	cl_device_id devices[16];
	cl_uint num_platforms = 0, num_devices;

	clGetPlatformIDs(16, platforms, &num_platforms);
	for (cl_uint p = 0; p < num_platforms && p < 16; p++) {
		num_devices = 0;
		clGetDeviceIDs(platforms[p], CL_DEVICE_TYPE_ALL, 16, devices, &num_devices);
		for (cl_uint d = 0; d < num_devices && d < 16; d++)
			if (has_plain_pointers(devices[d]))
				return devices[d];
	}
	fail("none of the %u OpenCL platforms here has a device that takes plain pointers.\n"
	     "To use the one in the build tree: OCL_ICD_VENDORS=<build>/icd %s",
	     num_platforms, "<this program>");
}

/* A context, an in-order queue and a program, everything a sample works with. */
struct sample {
	cl_device_id device;
	cl_context context;
	cl_command_queue queue;
	cl_program program;
};

/* Build @source for a device; a build error is printed as the compiler wrote it. */
static inline void sample_open(struct sample *s, const char *source, const char *options)
{
	static char log[16384];
	char name[128] = "";
	cl_int err;

	s->device = pick_device();
	clGetDeviceInfo(s->device, CL_DEVICE_NAME, sizeof(name), name, NULL);
	printf("device: %s\n", name);
	s->context = clCreateContext(NULL, 1, &s->device, NULL, NULL, &err);
	check(err, "clCreateContext");
	s->queue = clCreateCommandQueueWithProperties(s->context, s->device, NULL, &err);
	check(err, "clCreateCommandQueueWithProperties");
	s->program = clCreateProgramWithSource(s->context, 1, &source, NULL, &err);
	check(err, "clCreateProgramWithSource");
	err = clBuildProgram(s->program, 1, &s->device, options, NULL, NULL);
	if (err) {
		clGetProgramBuildInfo(s->program, s->device, CL_PROGRAM_BUILD_LOG, sizeof(log), log,
				      NULL);
		fail("the kernels do not build:\n%s", log);
	}
}

static inline cl_kernel sample_kernel(struct sample *s, const char *name)
{
	cl_int err;
	cl_kernel kernel = clCreateKernel(s->program, name, &err);

	check(err, "clCreateKernel");
	return kernel;
}

static inline void sample_close(struct sample *s)
{
	clReleaseProgram(s->program);
	clReleaseCommandQueue(s->queue);
	clReleaseContext(s->context);
}

#endif
