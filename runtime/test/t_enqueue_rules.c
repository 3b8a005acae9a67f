/* SPDX-License-Identifier: MIT */
/* Argument rules of queues, events and enqueues: each wrong call, the error it must give. */
#include <stdint.h>

#include "native.h"

static struct fixture fixture;
static struct fixture foreign; /* another context */
static cl_command_queue queue;
static cl_command_queue foreign_queue;
static cl_mem buffer; /* 256 bytes */
static cl_mem foreign_buffer;
static cl_mem host_no_access;
static cl_mem host_read_only;
static cl_mem host_write_only;
static cl_event event;
static cl_event foreign_event;
static cl_kernel kernel;
static cl_kernel required; /* work-groups of 8 x 2 x 1 */
static cl_kernel uniform;
static cl_kernel unset;
static char bytes[256];

#define BAD_QUEUE   ((cl_command_queue)(void *)bytes)
#define BAD_BUFFER  ((cl_mem)(void *)bytes)
#define BAD_EVENT   ((cl_event)(void *)bytes)
#define BAD_KERNEL  ((cl_kernel)(void *)bytes)
#define BAD_CONTEXT ((cl_context)(void *)bytes)
#define NO_WAIT	    0, NULL, NULL

#define SIZES(...)  ((const size_t[3]){__VA_ARGS__})
#define EVENTS(...) ((const cl_event[]){__VA_ARGS__})

static void nothing(const struct cwc_launch *launch, struct cwc_scratch *scratch, uint64_t x_begin,
		    uint64_t x_end, uint64_t y, uint64_t z)
{
	(void)launch;
	(void)scratch;
	(void)x_begin;
	(void)x_end;
	(void)y;
	(void)z;
}

static cl_mem create(const struct fixture *in, cl_mem_flags flags)
{
	cl_int error;
	cl_mem mem = cw_api_clCreateBuffer(in->context, flags, sizeof(bytes), NULL, &error);

	REQUIRE(mem && !error);
	return mem;
}

static void CL_CALLBACK call(void *args)
{
	(void)args;
}

static void check_queues(void)
{
	const cl_queue_properties unknown[] = {0x7777, 1, 0};
	const cl_queue_properties on_device[] = {
		CL_QUEUE_PROPERTIES, CL_QUEUE_ON_DEVICE | CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE,
		0};
	const cl_queue_properties bad_on_device[] = {CL_QUEUE_PROPERTIES, CL_QUEUE_ON_DEVICE, 0};
	const cl_queue_properties bad_bits[] = {CL_QUEUE_PROPERTIES, 1 << 20, 0};
	cl_int error;

#define CREATE(context, device, list, expected)                                                    \
	do {                                                                                       \
		CHECK(!cw_api_clCreateCommandQueueWithProperties(context, device, list, &error));  \
		CHECK_EQ(error, expected);                                                         \
	} while (0)
	CREATE(BAD_CONTEXT, fixture.device, NULL, CL_INVALID_CONTEXT);
	CREATE(fixture.context, NULL, NULL, CL_INVALID_DEVICE);
	CREATE(fixture.context, fixture.device, unknown, CL_INVALID_VALUE);
	CREATE(fixture.context, fixture.device, bad_bits, CL_INVALID_VALUE);
	CREATE(fixture.context, fixture.device, bad_on_device, CL_INVALID_VALUE);
	CREATE(fixture.context, fixture.device, on_device, CL_INVALID_QUEUE_PROPERTIES);
	CHECK(!cw_api_clCreateCommandQueue(fixture.context, fixture.device, 1 << 20, &error));
	CHECK_EQ(error, CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clRetainCommandQueue(BAD_QUEUE), CL_INVALID_COMMAND_QUEUE);
	CHECK_EQ(cw_api_clReleaseCommandQueue(NULL), CL_INVALID_COMMAND_QUEUE);
	CHECK_EQ(cw_api_clFlush(BAD_QUEUE), CL_INVALID_COMMAND_QUEUE);
	CHECK_EQ(cw_api_clFinish(BAD_QUEUE), CL_INVALID_COMMAND_QUEUE);
	CHECK_EQ(cw_api_clSetCommandQueueProperty(queue, 0, 0, NULL), CL_INVALID_OPERATION);
	CHECK_EQ(cw_api_clSetDefaultDeviceCommandQueue(fixture.context, fixture.device, queue),
		 CL_INVALID_OPERATION);
	CHECK_EQ(cw_api_clGetCommandQueueInfo(queue, 0x1234, 0, NULL, NULL), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clGetCommandQueueInfo(queue, CL_QUEUE_CONTEXT, 1, bytes, NULL),
		 CL_INVALID_VALUE);
}

static void check_events(void)
{
	cl_int error;
	cl_int status;

	CHECK(!cw_api_clCreateUserEvent(BAD_CONTEXT, &error));
	CHECK_EQ(error, CL_INVALID_CONTEXT);
	CHECK_EQ(cw_api_clSetUserEventStatus(BAD_EVENT, 0), CL_INVALID_EVENT);
	CHECK_EQ(cw_api_clSetUserEventStatus(event, CL_RUNNING), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clWaitForEvents(0, &event), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clWaitForEvents(1, NULL), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clWaitForEvents(1, EVENTS(BAD_EVENT)), CL_INVALID_EVENT);
	CHECK_EQ(cw_api_clWaitForEvents(2, EVENTS(event, foreign_event)), CL_INVALID_CONTEXT);
	CHECK_EQ(cw_api_clRetainEvent(NULL), CL_INVALID_EVENT);
	CHECK_EQ(cw_api_clReleaseEvent(BAD_EVENT), CL_INVALID_EVENT);
	CHECK_EQ(cw_api_clGetEventInfo(event, 0x1234, 0, NULL, NULL), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, 1, &status, NULL),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, 8, bytes, NULL),
		 CL_PROFILING_INFO_NOT_AVAILABLE);
}

/* Every enqueue has these rules; @call names the wait list's arguments COUNT, LIST. */
#define WAIT_LISTS(call)                                                                           \
	do {                                                                                       \
		CHECK_EQ(call(queue, 1, NULL), CL_INVALID_EVENT_WAIT_LIST);                        \
		CHECK_EQ(call(queue, 0, &event), CL_INVALID_EVENT_WAIT_LIST);                      \
		CHECK_EQ(call(queue, 1, EVENTS(BAD_EVENT)), CL_INVALID_EVENT_WAIT_LIST);           \
		CHECK_EQ(call(queue, 2, EVENTS(event, foreign_event)), CL_INVALID_CONTEXT);        \
		CHECK_EQ(call(BAD_QUEUE, 0, NULL), CL_INVALID_COMMAND_QUEUE);                      \
	} while (0)

#define READ(q, n, l)	 cw_api_clEnqueueReadBuffer(q, buffer, 1, 0, 1, bytes, n, l, NULL)
#define WRITE(q, n, l)	 cw_api_clEnqueueWriteBuffer(q, buffer, 1, 0, 1, bytes, n, l, NULL)
#define COPY(q, n, l)	 cw_api_clEnqueueCopyBuffer(q, buffer, buffer, 0, 9, 1, n, l, NULL)
#define FILL(q, n, l)	 cw_api_clEnqueueFillBuffer(q, buffer, bytes, 1, 0, 1, n, l, NULL)
#define UNMAP(q, n, l)	 cw_api_clEnqueueUnmapMemObject(q, buffer, bytes, n, l, NULL)
#define MIGRATE(q, n, l) cw_api_clEnqueueMigrateMemObjects(q, 1, &buffer, 0, n, l, NULL)
#define MARKER(q, n, l)	 cw_api_clEnqueueMarkerWithWaitList(q, n, l, NULL)
#define BARRIER(q, n, l) cw_api_clEnqueueBarrierWithWaitList(q, n, l, NULL)
#define RANGE(q, n, l) cw_api_clEnqueueNDRangeKernel(q, kernel, 1, NULL, SIZES(1), NULL, n, l, NULL)
#define TASK(q, n, l)  cw_api_clEnqueueTask(q, kernel, n, l, NULL)
#define NATIVE(q, n, l)	   cw_api_clEnqueueNativeKernel(q, call, NULL, 0, 0, NULL, NULL, n, l, NULL)
#define SVM_FREE(q, n, l)  cw_api_clEnqueueSVMFree(q, 0, NULL, NULL, NULL, n, l, NULL)
#define SVM_COPY(q, n, l)  cw_api_clEnqueueSVMMemcpy(q, 1, bytes, bytes + 9, 1, n, l, NULL)
#define SVM_FILL(q, n, l)  cw_api_clEnqueueSVMMemFill(q, bytes, "x", 1, 1, n, l, NULL)
#define SVM_MAP(q, n, l)   cw_api_clEnqueueSVMMap(q, 1, CL_MAP_READ, bytes, 1, n, l, NULL)
#define SVM_UNMAP(q, n, l) cw_api_clEnqueueSVMUnmap(q, bytes, n, l, NULL)

static void check_wait_lists(void)
{
	WAIT_LISTS(READ);
	WAIT_LISTS(WRITE);
	WAIT_LISTS(COPY);
	WAIT_LISTS(FILL);
	WAIT_LISTS(UNMAP);
	WAIT_LISTS(MIGRATE);
	WAIT_LISTS(MARKER);
	WAIT_LISTS(BARRIER);
	WAIT_LISTS(RANGE);
	WAIT_LISTS(TASK);
	WAIT_LISTS(NATIVE);
	WAIT_LISTS(SVM_FREE);
	WAIT_LISTS(SVM_COPY);
	WAIT_LISTS(SVM_FILL);
	WAIT_LISTS(SVM_MAP);
	WAIT_LISTS(SVM_UNMAP);
	CHECK_EQ(cw_api_clEnqueueMarker(queue, NULL), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueBarrier(BAD_QUEUE), CL_INVALID_COMMAND_QUEUE);
	CHECK_EQ(cw_api_clEnqueueWaitForEvents(queue, 0, &event), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueWaitForEvents(queue, 1, EVENTS(BAD_EVENT)), CL_INVALID_EVENT);
	CHECK_EQ(cw_api_clEnqueueWaitForEvents(queue, 1, &foreign_event), CL_INVALID_CONTEXT);
}

/* struct transfer - a clEnqueueReadBuffer or clEnqueueWriteBuffer. */
static const struct transfer {
	const cl_mem *buffer;
	size_t offset;
	size_t size;
	void *ptr;
	cl_int read_error;
	cl_int write_error;
} transfers[] = {
	{&foreign_buffer, 0, 1, bytes, CL_INVALID_CONTEXT, CL_INVALID_CONTEXT},
	{&buffer, 256, 1, bytes, CL_INVALID_VALUE, CL_INVALID_VALUE},
	{&buffer, SIZE_MAX, 2, bytes, CL_INVALID_VALUE, CL_INVALID_VALUE},
	{&buffer, 0, 257, bytes, CL_INVALID_VALUE, CL_INVALID_VALUE},
	{&buffer, 0, 1, NULL, CL_INVALID_VALUE, CL_INVALID_VALUE},
	{&host_no_access, 0, 1, bytes, CL_INVALID_OPERATION, CL_INVALID_OPERATION},
	{&host_read_only, 0, 1, bytes, CL_SUCCESS, CL_INVALID_OPERATION},
	{&host_write_only, 0, 1, bytes, CL_INVALID_OPERATION, CL_SUCCESS},
};

static void check_transfers(void)
{
	for (size_t i = 0; i < sizeof(transfers) / sizeof(transfers[0]); i++) {
		const struct transfer *t = &transfers[i];

		CHECK_EQ(cw_api_clEnqueueReadBuffer(queue, *t->buffer, 1, t->offset, t->size,
						    t->ptr, NO_WAIT),
			 t->read_error);
		CHECK_EQ(cw_api_clEnqueueWriteBuffer(queue, *t->buffer, 1, t->offset, t->size,
						     t->ptr, NO_WAIT),
			 t->write_error);
	}
	CHECK_EQ(cw_api_clEnqueueReadBuffer(queue, BAD_BUFFER, 1, 0, 1, bytes, NO_WAIT),
		 CL_INVALID_MEM_OBJECT);
	CHECK_EQ(cw_api_clEnqueueCopyBuffer(queue, buffer, BAD_BUFFER, 0, 0, 1, NO_WAIT),
		 CL_INVALID_MEM_OBJECT);
	CHECK_EQ(cw_api_clEnqueueCopyBuffer(queue, buffer, foreign_buffer, 0, 0, 1, NO_WAIT),
		 CL_INVALID_CONTEXT);
	CHECK_EQ(cw_api_clEnqueueCopyBuffer(queue, buffer, buffer, 0, 4, 5, NO_WAIT),
		 CL_MEM_COPY_OVERLAP);
	CHECK_EQ(cw_api_clEnqueueCopyBuffer(queue, buffer, host_no_access, 250, 0, 7, NO_WAIT),
		 CL_INVALID_VALUE);
}

/* struct fill - a clEnqueueFillBuffer that must be refused. */
static const struct fill {
	const void *pattern;
	size_t pattern_bytes;
	size_t offset;
	size_t size;
} fills[] = {
	{NULL, 1, 0, 1},  {bytes, 0, 0, 1}, {bytes, 3, 0, 3},	{bytes, 256, 0, 256},
	{bytes, 4, 2, 4}, {bytes, 4, 0, 6}, {bytes, 4, 256, 4}, {bytes, 4, 0, 260},
};

static void check_fills(void)
{
	for (size_t i = 0; i < sizeof(fills) / sizeof(fills[0]); i++)
		CHECK_EQ(cw_api_clEnqueueFillBuffer(queue, buffer, fills[i].pattern,
						    fills[i].pattern_bytes, fills[i].offset,
						    fills[i].size, NO_WAIT),
			 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueSVMMemFill(queue, NULL, "x", 1, 1, NO_WAIT), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueSVMMemFill(queue, bytes, "xxx", 3, 3, NO_WAIT), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueSVMMemFill(queue, (void *)0x1001, "xx", 2, 2, NO_WAIT),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueSVMMemFill(queue, bytes, "xx", 2, 3, NO_WAIT), CL_INVALID_VALUE);
}

static void check_rects(void)
{
	const size_t origin[3] = {0, 0, 0};
	const size_t far[3] = {250, 0, 0};

#define RECT(buffer_origin, region, row, slice, ptr)                                               \
	cw_api_clEnqueueReadBufferRect(queue, buffer, 1, buffer_origin, origin, region, row,       \
				       slice, 0, 0, ptr, NO_WAIT)
	CHECK_EQ(RECT(NULL, SIZES(1, 1, 1), 0, 0, bytes), CL_INVALID_VALUE);
	CHECK_EQ(RECT(origin, NULL, 0, 0, bytes), CL_INVALID_VALUE);
	CHECK_EQ(RECT(origin, SIZES(1, 0, 1), 0, 0, bytes), CL_INVALID_VALUE);
	CHECK_EQ(RECT(origin, SIZES(8, 1, 1), 7, 0, bytes), CL_INVALID_VALUE);
	CHECK_EQ(RECT(origin, SIZES(8, 2, 1), 8, 15, bytes), CL_INVALID_VALUE);
	CHECK_EQ(RECT(origin, SIZES(8, 2, 1), 8, 20, bytes), CL_INVALID_VALUE);
	CHECK_EQ(RECT(far, SIZES(7, 1, 1), 0, 0, bytes), CL_INVALID_VALUE);
	CHECK_EQ(RECT(origin, SIZES(8, 8, 5), 0, 0, bytes), CL_INVALID_VALUE);
	CHECK_EQ(RECT(origin, SIZES(8, 8, 4), 0, 0, NULL), CL_INVALID_VALUE);
	CHECK_EQ(RECT(origin, SIZES(8, 8, 4), 0, 0, bytes), CL_SUCCESS);
	CHECK_EQ(cw_api_clEnqueueCopyBufferRect(queue, buffer, buffer, origin, origin,
						SIZES(4, 4, 1), 8, 0, 16, 0, NO_WAIT),
		 CL_INVALID_VALUE);
}

static void check_map(cl_mem mem, cl_map_flags flags, size_t offset, size_t size, cl_int expected)
{
	cl_int error = 99;

	CHECK(!cw_api_clEnqueueMapBuffer(queue, mem, 1, flags, offset, size, NO_WAIT, &error));
	CHECK_EQ(error, expected);
}

static void check_maps(void)
{
	check_map(BAD_BUFFER, CL_MAP_READ, 0, 1, CL_INVALID_MEM_OBJECT);
	check_map(foreign_buffer, CL_MAP_READ, 0, 1, CL_INVALID_CONTEXT);
	check_map(buffer, CL_MAP_READ, 0, 0, CL_INVALID_VALUE);
	check_map(buffer, CL_MAP_READ, 256, 1, CL_INVALID_VALUE);
	check_map(buffer, 1 << 10, 0, 1, CL_INVALID_VALUE);
	check_map(buffer, CL_MAP_READ | CL_MAP_WRITE_INVALIDATE_REGION, 0, 1, CL_INVALID_VALUE);
	check_map(host_no_access, CL_MAP_READ, 0, 1, CL_INVALID_OPERATION);
	check_map(host_read_only, CL_MAP_WRITE, 0, 1, CL_INVALID_OPERATION);
	check_map(host_write_only, CL_MAP_READ, 0, 1, CL_INVALID_OPERATION);
	CHECK_EQ(cw_api_clEnqueueUnmapMemObject(queue, BAD_BUFFER, bytes, NO_WAIT),
		 CL_INVALID_MEM_OBJECT);
	CHECK_EQ(cw_api_clEnqueueMigrateMemObjects(queue, 0, &buffer, 0, NO_WAIT),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueMigrateMemObjects(queue, 1, &buffer, 1 << 9, NO_WAIT),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueMigrateMemObjects(queue, 1, &foreign_buffer, 0, NO_WAIT),
		 CL_INVALID_CONTEXT);
}

/* struct range - a clEnqueueNDRangeKernel. */
static const struct range {
	const cl_kernel *kernel;
	cl_int error;
	cl_uint dim;
	size_t offset[3];
	size_t global[3];
	size_t local[3]; /* 0: NULL */
} ranges[] = {
	{&unset, CL_INVALID_KERNEL_ARGS, 1, {0}, {1}, {0}},
	{&kernel, CL_INVALID_WORK_DIMENSION, 0, {0}, {1}, {0}},
	{&kernel, CL_INVALID_WORK_DIMENSION, 4, {0}, {1}, {0}},
	{&kernel, CL_INVALID_GLOBAL_OFFSET, 1, {SIZE_MAX}, {1}, {0}},
	{&kernel, CL_INVALID_WORK_ITEM_SIZE, 1, {0}, {8}, {1 << 20}},
	{&kernel, CL_INVALID_WORK_GROUP_SIZE, 3, {0}, {64, 64, 64}, {64, 64, 64}},
	{&kernel, CL_INVALID_WORK_GROUP_SIZE, 2, {0}, {64, 64}, {64, 0}},
	{&kernel, CL_SUCCESS, 1, {0}, {10}, {4}},
	{&kernel, CL_SUCCESS, 2, {0}, {10, 0}, {0}},
	{&uniform, CL_INVALID_WORK_GROUP_SIZE, 1, {0}, {10}, {4}},
	{&uniform, CL_SUCCESS, 1, {0}, {10}, {5}},
	{&required, CL_INVALID_WORK_GROUP_SIZE, 2, {0}, {16, 16}, {8, 1}},
	{&required, CL_INVALID_WORK_GROUP_SIZE, 1, {0}, {16}, {8}},
	{&required, CL_SUCCESS, 2, {0}, {16, 16}, {8, 2}},
	{&required, CL_SUCCESS, 2, {0}, {16, 16}, {0}},
};

static void check_ranges(void)
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		const struct range *r = &ranges[i];

		CHECK_EQ(cw_api_clEnqueueNDRangeKernel(queue, *r->kernel, r->dim, r->offset,
						       r->global, r->local[0] ? r->local : NULL,
						       NO_WAIT),
			 r->error);
	}
	CHECK_EQ(launch(queue, BAD_KERNEL, 1, 1, NO_WAIT), CL_INVALID_KERNEL);
	CHECK_EQ(launch(foreign_queue, kernel, 1, 1, NO_WAIT), CL_INVALID_CONTEXT);
	CHECK_EQ(cw_api_clEnqueueTask(queue, required, NO_WAIT), CL_INVALID_WORK_GROUP_SIZE);
	CHECK_EQ(cw_api_clEnqueueNDRangeKernel(queue, kernel, 1, NULL, NULL, NULL, NO_WAIT),
		 CL_SUCCESS);
	CHECK_EQ(cw_api_clFinish(queue), CL_SUCCESS);
}

static void check_svm(void)
{
	void *pointers[] = {bytes};
	const void *system[] = {bytes};

	CHECK_EQ(cw_api_clEnqueueSVMFree(queue, 0, pointers, NULL, NULL, NO_WAIT),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueSVMFree(queue, 1, NULL, NULL, NULL, NO_WAIT), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueSVMMemcpy(queue, 1, NULL, bytes, 1, NO_WAIT), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueSVMMemcpy(queue, 1, bytes, NULL, 1, NO_WAIT), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueSVMMap(queue, 1, CL_MAP_READ, NULL, 1, NO_WAIT), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueSVMMap(queue, 1, CL_MAP_READ, bytes, 0, NO_WAIT),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueSVMMap(queue, 1, 1 << 9, bytes, 1, NO_WAIT), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueSVMUnmap(queue, NULL, NO_WAIT), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueSVMMigrateMem(queue, 0, system, NULL, 0, NO_WAIT),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueSVMMigrateMem(queue, 1, system, NULL, 0, NO_WAIT),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueNativeKernel(queue, NULL, NULL, 0, 0, NULL, NULL, NO_WAIT),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueNativeKernel(queue, call, NULL, 4, 0, NULL, NULL, NO_WAIT),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueNativeKernel(queue, call, bytes, 0, 0, NULL, NULL, NO_WAIT),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueNativeKernel(queue, call, bytes, 8, 1, NULL, NULL, NO_WAIT),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueNativeKernel(queue, call, bytes, 8, 0, &buffer, NULL, NO_WAIT),
		 CL_INVALID_VALUE);
}

static void set_up(void)
{
	cl_int error;

	fixture_init(&fixture);
	fixture_init(&foreign);
	queue = queue_create(&fixture, 0);
	foreign_queue = queue_create(&foreign, 0);
	buffer = create(&fixture, 0);
	foreign_buffer = create(&foreign, 0);
	host_no_access = create(&fixture, CL_MEM_HOST_NO_ACCESS);
	host_read_only = create(&fixture, CL_MEM_HOST_READ_ONLY);
	host_write_only = create(&fixture, CL_MEM_HOST_WRITE_ONLY);
	event = cw_api_clCreateUserEvent(fixture.context, &error);
	foreign_event = cw_api_clCreateUserEvent(foreign.context, &error);
	kernel = native_kernel(&fixture, "kernel", nothing, 0);
	uniform = native_kernel(&fixture, "uniform", nothing, 0);
	native_of(uniform)->info.uniform_groups = true;
	required = native_kernel(&fixture, "required", nothing, 0);
	memcpy(native_of(required)->info.required_local, (uint64_t[3]){8, 2, 1}, 24);
	unset = native_kernel(&fixture, "unset", nothing, 0);
	cw_kernel(unset)->num_unset = 1;
}

int main(void)
{
	set_up();
	check_queues();
	check_events();
	check_wait_lists();
	check_transfers();
	check_fills();
	check_rects();
	check_maps();
	check_ranges();
	check_svm();
	return test_result();
}
