/* SPDX-License-Identifier: MIT */
/* The helpers of the cases: see svm.h. */
#include "svm.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static void say(const char *kind, const char *format, va_list args)
{
	fprintf(stderr, "%s: ", kind);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("error", format, args);
	va_end(args);
	_exit(FAIL);
}

int failed(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("failed", format, args);
	va_end(args);
	return FAIL;
}

int skipped(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("skipped", format, args);
	va_end(args);
	return SKIP;
}

void check(cl_int status, const char *what)
{
	if (status != CL_SUCCESS)
		die("%s returned %d", what, status);
}

double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void svm_reopen(struct svm *s)
{
	cl_int err;

	if (s->context) {
		clReleaseCommandQueue(s->queue);
		clReleaseContext(s->context);
	}
	s->context = clCreateContext(NULL, 1, &s->device, NULL, NULL, &err);
	check(err, "clCreateContext");
	s->queue = clCreateCommandQueueWithProperties(s->context, s->device, NULL, &err);
	check(err, "clCreateCommandQueueWithProperties");
}

cl_kernel svm_kernel(struct svm *s, const char *source, const char *name)
{
	cl_int err;
	cl_program program = clCreateProgramWithSource(s->context, 1, &source, NULL, &err);
	static char log[8192];
	cl_kernel kernel;

	check(err, "clCreateProgramWithSource");
	if (clBuildProgram(program, 1, &s->device, "-cl-std=CL3.0", NULL, NULL)) {
		clGetProgramBuildInfo(program, s->device, CL_PROGRAM_BUILD_LOG, sizeof(log), log,
				      NULL);
		die("the kernel does not build:\n%s", log);
	}
	kernel = clCreateKernel(program, name, &err);
	check(err, "clCreateKernel");
	clReleaseProgram(program);
	return kernel;
}

void arg_pointer(cl_kernel kernel, cl_uint index, const void *pointer)
{
	check(clSetKernelArgSVMPointer(kernel, index, pointer), "clSetKernelArgSVMPointer");
}

void arg_uint(cl_kernel kernel, cl_uint index, cl_uint value)
{
	check(clSetKernelArg(kernel, index, sizeof(value), &value), "clSetKernelArg");
}

void arg_ulong(cl_kernel kernel, cl_uint index, cl_ulong value)
{
	check(clSetKernelArg(kernel, index, sizeof(value), &value), "clSetKernelArg");
}

cl_event svm_start(struct svm *s, cl_kernel kernel, size_t items)
{
	cl_event event;

	check(clEnqueueNDRangeKernel(s->queue, kernel, 1, NULL, &items, NULL, 0, NULL, &event),
	      "clEnqueueNDRangeKernel");
	check(clFlush(s->queue), "clFlush");
	return event;
}

cl_int svm_wait(cl_event event)
{
	cl_int status = CL_QUEUED;
	cl_int waited = clWaitForEvents(1, &event);

	check(clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof(status), &status,
			     NULL),
	      "clGetEventInfo");
	if (waited == CL_SUCCESS && status != CL_COMPLETE)
		die("clWaitForEvents succeeded for a command with status %d", status);
	if (waited == CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST && status >= 0)
		die("clWaitForEvents failed for a command with status %d", status);
	return status;
}

cl_int svm_run(struct svm *s, cl_kernel kernel, size_t items)
{
	cl_event event = svm_start(s, kernel, items);
	cl_int status = svm_wait(event);

	clReleaseEvent(event);
	return status;
}

void *must_map(void *at, size_t bytes, int protection, int flags, int fd)
{
	void *p = mmap(at, bytes, protection, flags, fd, 0);

	if (p == MAP_FAILED)
		die("mmap of %zu bytes: %m", bytes);
	return p;
}

bool is_unmapped(void *p, size_t bytes)
{
	for (size_t offset = 0; offset < bytes; offset += PAGE)
		if (msync((char *)p + offset, PAGE, MS_ASYNC) == 0)
			return false;
	return true;
}

void *must_alloc(size_t bytes)
{
	void *p = calloc(1, bytes);

	if (!p)
		die("no memory for %zu bytes", bytes);
	return p;
}

int make_memfd(size_t bytes)
{
	int fd = memfd_create("cts-svm", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)bytes))
		die("memfd_create: %m");
	return fd;
}

int make_file(size_t bytes)
{
	char path[] = "/var/tmp/cts-svm-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0 || unlink(path) || ftruncate(fd, (off_t)bytes))
		die("no temporary file: %m");
	return fd;
}

int svm_add_works(struct svm *s, const char *label, uint32_t *words, size_t count, uint32_t step)
{
	cl_kernel add = svm_kernel(s, ADD_SOURCE, "add");
	size_t bad = 0, first = 0;
	cl_int status;

	for (size_t i = 0; i < count; i++)
		words[i] = (uint32_t)i;
	arg_pointer(add, 0, words);
	arg_uint(add, 1, step);
	status = svm_run(s, add, count);
	clReleaseKernel(add);
	if (status != CL_COMPLETE)
		return failed("%s: the kernel ended with %d", label, status);
	for (size_t i = 0; i < count; i++) {
		if (words[i] == (uint32_t)i + step)
			continue;
		first = bad ? first : i;
		bad++;
	}
	if (bad)
		return failed("%s: %zu of %zu words are wrong, first word %zu: %u", label, bad,
			      count, first, words[first]);
	return PASS;
}

int svm_still_works(struct svm *s)
{
	uint32_t words[257];

	svm_reopen(s);
	return svm_add_works(s, "afterwards", words, 257, 3);
}
