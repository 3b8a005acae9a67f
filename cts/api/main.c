/* SPDX-License-Identifier: MIT */
/*
 * Argument rules of the OpenCL entry points, on any driver.
 *
 *   cts-api            every group
 *   cts-api GROUP...   these groups
 *   cts-api --list     their names
 *
 * Status: 0 passed, 1 a rule is broken, 77 skipped: no device.
 */
#include "api.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct api_group groups[] = {
	{"platform", platform_rules, 0},
	{"context", context_rules, 0},
	{"queue", queue_rules, 0},
	{"buffer", buffer_rules, 0},
	{"transfer", transfer_rules, 0},
	{"rect", rect_rules, 0},
	{"svm", svm_rules, 0},
	{"event", event_rules, 0},
	{"unsupported", unsupported_rules, 0},
	{"program", program_rules, 1},
	{"kernel", kernel_rules, 1},
	{"launch", launch_rules, 1},
};
#define NUM_GROUPS (sizeof(groups) / sizeof(groups[0]))

#define CODE(name) {name, #name}
static const struct {
	cl_int code;
	const char *name;
} codes[] = {
	CODE(CL_SUCCESS),
	CODE(CL_DEVICE_NOT_FOUND),
	CODE(CL_COMPILER_NOT_AVAILABLE),
	CODE(CL_MEM_OBJECT_ALLOCATION_FAILURE),
	CODE(CL_OUT_OF_RESOURCES),
	CODE(CL_OUT_OF_HOST_MEMORY),
	CODE(CL_PROFILING_INFO_NOT_AVAILABLE),
	CODE(CL_MEM_COPY_OVERLAP),
	CODE(CL_BUILD_PROGRAM_FAILURE),
	CODE(CL_MISALIGNED_SUB_BUFFER_OFFSET),
	CODE(CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST),
	CODE(CL_COMPILE_PROGRAM_FAILURE),
	CODE(CL_LINKER_NOT_AVAILABLE),
	CODE(CL_LINK_PROGRAM_FAILURE),
	CODE(CL_DEVICE_PARTITION_FAILED),
	CODE(CL_KERNEL_ARG_INFO_NOT_AVAILABLE),
	CODE(CL_INVALID_VALUE),
	CODE(CL_INVALID_DEVICE_TYPE),
	CODE(CL_INVALID_PLATFORM),
	CODE(CL_INVALID_DEVICE),
	CODE(CL_INVALID_CONTEXT),
	CODE(CL_INVALID_QUEUE_PROPERTIES),
	CODE(CL_INVALID_COMMAND_QUEUE),
	CODE(CL_INVALID_HOST_PTR),
	CODE(CL_INVALID_MEM_OBJECT),
	CODE(CL_INVALID_BINARY),
	CODE(CL_INVALID_BUILD_OPTIONS),
	CODE(CL_INVALID_PROGRAM),
	CODE(CL_INVALID_PROGRAM_EXECUTABLE),
	CODE(CL_INVALID_KERNEL_NAME),
	CODE(CL_INVALID_KERNEL),
	CODE(CL_INVALID_ARG_INDEX),
	CODE(CL_INVALID_ARG_VALUE),
	CODE(CL_INVALID_ARG_SIZE),
	CODE(CL_INVALID_KERNEL_ARGS),
	CODE(CL_INVALID_WORK_DIMENSION),
	CODE(CL_INVALID_WORK_GROUP_SIZE),
	CODE(CL_INVALID_WORK_ITEM_SIZE),
	CODE(CL_INVALID_GLOBAL_OFFSET),
	CODE(CL_INVALID_EVENT_WAIT_LIST),
	CODE(CL_INVALID_EVENT),
	CODE(CL_INVALID_OPERATION),
	CODE(CL_INVALID_BUFFER_SIZE),
	CODE(CL_INVALID_GLOBAL_WORK_SIZE),
	CODE(CL_INVALID_PROPERTY),
	CODE(CL_INVALID_COMPILER_OPTIONS),
	CODE(CL_INVALID_LINKER_OPTIONS),
	CODE(CL_INVALID_DEVICE_PARTITION_COUNT),
};

const char *code_name(cl_int code)
{
	static char number[16];

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == code)
			return codes[i].name;
	snprintf(number, sizeof(number), "%d", code);
	return number;
}

void expect(struct api *t, cl_int got, cl_int want, const char *call, const char *file, int line)
{
	t->checked++;
	if (got == want)
		return;
	t->broken++;
	fprintf(stderr, "%s:%d: %s\n\twant %s", strrchr(file, '/') ? strrchr(file, '/') + 1 : file,
		line, call, code_name(want));
	fprintf(stderr, ", got %s\n", code_name(got));
}

static void must(cl_int status, const char *what)
{
	if (status == CL_SUCCESS)
		return;
	fprintf(stderr, "can't set up: %s: %s\n", what, code_name(status));
	exit(1);
}

static void make_context(struct api *t, cl_context *context, cl_command_queue *queue,
			 cl_mem *buffer, cl_event *event)
{
	cl_int err;

	*context = clCreateContext(NULL, 1, &t->device, NULL, NULL, &err);
	must(err, "clCreateContext");
	*queue = clCreateCommandQueueWithProperties(*context, t->device, NULL, &err);
	must(err, "clCreateCommandQueueWithProperties");
	*buffer = clCreateBuffer(*context, CL_MEM_READ_WRITE, BUFFER_BYTES, NULL, &err);
	must(err, "clCreateBuffer");
	*event = clCreateUserEvent(*context, &err);
	must(err, "clCreateUserEvent");
}

static void make_kernels(struct api *t)
{
	static const char *const source =
		"kernel void rules(global uint *p, uint value, local uint *scratch)\n"
		"{\n"
		"	scratch[get_local_id(0)] = value;\n"
		"	p[get_global_id(0)] = scratch[get_local_id(0)];\n"
		"}\n"
		"kernel __attribute__((reqd_work_group_size(8, 1, 1))) void eight(global uint *p)\n"
		"{\n"
		"	p[get_global_id(0)] = 8;\n"
		"}\n";
	cl_uint value = 1;
	cl_int err;

	t->program = clCreateProgramWithSource(t->context, 1, (const char **)&source, NULL, &err);
	must(err, "clCreateProgramWithSource");
	must(clBuildProgram(t->program, 0, NULL, "-cl-std=CL3.0 -cl-kernel-arg-info", NULL, NULL),
	     "clBuildProgram");
	t->kernel = clCreateKernel(t->program, "rules", &err);
	must(err, "clCreateKernel");
	t->ready = clCreateKernel(t->program, "rules", &err);
	must(err, "clCreateKernel");
	must(clSetKernelArg(t->ready, 0, sizeof(cl_mem), &t->buffer), "clSetKernelArg");
	must(clSetKernelArg(t->ready, 1, sizeof(value), &value), "clSetKernelArg");
	must(clSetKernelArg(t->ready, 2, 1024, NULL), "clSetKernelArg");
}

/* False: there is no device. */
static int set_up(struct api *t)
{
	cl_buffer_region region = {0, 1024};
	cl_int err;

	if (clGetPlatformIDs(1, &t->platform, NULL) ||
	    clGetDeviceIDs(t->platform, CL_DEVICE_TYPE_ALL, 1, &t->device, NULL))
		return 0;
	make_context(t, &t->context, &t->queue, &t->buffer, &t->event);
	make_context(t, &t->other_context, &t->other_queue, &t->other_buffer, &t->other_event);
	t->sub_buffer =
		clCreateSubBuffer(t->buffer, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, &err);
	must(err, "clCreateSubBuffer");
	t->done = clCreateUserEvent(t->context, &err);
	must(err, "clCreateUserEvent");
	must(clSetUserEventStatus(t->done, CL_COMPLETE), "clSetUserEventStatus");
	return 1;
}

static void clean_up(struct api *t)
{
	if (t->program) {
		clReleaseKernel(t->kernel);
		clReleaseKernel(t->ready);
		clReleaseProgram(t->program);
	}
	clReleaseEvent(t->done);
	clReleaseEvent(t->event);
	clReleaseEvent(t->other_event);
	clReleaseMemObject(t->sub_buffer);
	clReleaseMemObject(t->buffer);
	clReleaseMemObject(t->other_buffer);
	clReleaseCommandQueue(t->queue);
	clReleaseCommandQueue(t->other_queue);
	clReleaseContext(t->context);
	clReleaseContext(t->other_context);
}

static int is_wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return 1;
	return argc == 1;
}

int main(int argc, char **argv)
{
	struct api t = {0};
	unsigned groups_run = 0;

	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		for (size_t g = 0; g < NUM_GROUPS; g++)
			puts(groups[g].name);
		return 0;
	}
	if (!set_up(&t)) {
		fputs("skipped: no OpenCL device\n", stderr);
		return 77;
	}
	for (size_t g = 0; g < NUM_GROUPS; g++) {
		unsigned checked = t.checked, broken = t.broken;

		if (!is_wanted(groups[g].name, argc, argv))
			continue;
		if (groups[g].needs_kernels && !t.program)
			make_kernels(&t);
		groups[g].run(&t);
		groups_run++;
		printf("%-12s %3u rules, %u broken\n", groups[g].name, t.checked - checked,
		       t.broken - broken);
	}
	clean_up(&t);
	if (groups_run == 0)
		fprintf(stderr, "no group has that name; see --list\n");
	return t.broken || groups_run == 0 ? 1 : 0;
}
