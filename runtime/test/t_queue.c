/* SPDX-License-Identifier: MIT */
/* In-order queues: order, buffers, kernels, marker, finish, properties. */
#include <sched.h>

#include "native.h"

static struct fixture fixture;

struct add_args {
	int *data;
	int value;
};

/* data[i] = data[i] * 3 + value for every work-item, so that the order of launches shows. */
static void add_kernel(const struct cwc_launch *launch, struct cwc_scratch *scratch,
		       uint64_t x_begin, uint64_t x_end, uint64_t y, uint64_t z)
{
	const struct add_args *args = launch->args;
	uint64_t end = x_end * launch->local_size[0];

	(void)scratch;
	(void)y;
	(void)z;
	if (end > launch->global_size[0])
		end = launch->global_size[0];
	for (uint64_t i = x_begin * launch->local_size[0]; i < end; i++)
		args->data[i] = (int)((unsigned)args->data[i] * 3 + (unsigned)args->value);
}

static void test_order(size_t items, size_t local, int launches)
{
	cl_command_queue queue = queue_create(&fixture, 0);
	cl_kernel kernel = native_kernel(&fixture, "add", add_kernel, sizeof(struct add_args));
	int *data = calloc(items, sizeof(*data));
	int expected = 0;

	for (int i = 0; i < launches; i++) {
		native_args(kernel, &(struct add_args){data, i});
		REQUIRE(!launch(queue, kernel, items, local, 0, NULL, NULL));
		expected = (int)((unsigned)expected * 3 + (unsigned)i);
	}
	CHECK_EQ(cw_api_clFinish(queue), CL_SUCCESS);
	for (size_t i = 0; i < items; i++)
		REQUIRE(data[i] == expected);
	free(data);
	CHECK_EQ(cw_api_clReleaseCommandQueue(queue), CL_SUCCESS);
}

static void test_buffers(void)
{
	cl_command_queue queue = queue_create(&fixture, CL_QUEUE_PROFILING_ENABLE);
	size_t count = 1 << 20;
	int *in = malloc(count * sizeof(*in));
	int *out = malloc(count * sizeof(*out));
	cl_int error;
	cl_event event;
	cl_mem a = cw_api_clCreateBuffer(fixture.context, 0, count * sizeof(*in), NULL, &error);
	cl_mem b = cw_api_clCreateBuffer(fixture.context, 0, count * sizeof(*in), NULL, &error);

	for (size_t i = 0; i < count; i++)
		in[i] = (int)i;
	CHECK_EQ(cw_api_clEnqueueWriteBuffer(queue, a, CL_FALSE, 0, count * sizeof(*in), in, 0,
					     NULL, NULL),
		 CL_SUCCESS);
	CHECK_EQ(cw_api_clEnqueueCopyBuffer(queue, a, b, 0, 0, count * sizeof(*in), 0, NULL, NULL),
		 CL_SUCCESS);
	CHECK_EQ(cw_api_clEnqueueReadBuffer(queue, b, CL_TRUE, 0, count * sizeof(*in), out, 0, NULL,
					    &event),
		 CL_SUCCESS);
	CHECK_EQ(event_status(event), CL_COMPLETE);
	CHECK(!memcmp(in, out, count * sizeof(*in)));
	cw_api_clReleaseEvent(event);
	cw_api_clReleaseMemObject(a);
	cw_api_clReleaseMemObject(b);
	cw_api_clReleaseCommandQueue(queue);
	free(in);
	free(out);
}

struct set_args {
	_Atomic int *data;
};

static void set_kernel(const struct cwc_launch *launch, struct cwc_scratch *scratch,
		       uint64_t x_begin, uint64_t x_end, uint64_t y, uint64_t z)
{
	const struct set_args *args = launch->args;

	(void)scratch;
	(void)x_begin;
	(void)x_end;
	(void)y;
	(void)z;
	atomic_store(args->data, 7);
}

/* Work starts without anybody waiting or flushing. */
static void test_starts_alone(void)
{
	cl_command_queue queue = queue_create(&fixture, 0);
	cl_kernel kernel = native_kernel(&fixture, "set", set_kernel, sizeof(struct set_args));
	static _Atomic int data;

	for (int i = 0; i < 50; i++) {
		atomic_store(&data, 0);
		native_args(kernel, &(struct set_args){&data});
		REQUIRE(!launch(queue, kernel, 1, 1, 0, NULL, NULL));
		for (int wait = 0; atomic_load(&data) != 7; wait++) {
			REQUIRE(wait < 1000000);
			sched_yield();
		}
	}
	cw_api_clReleaseCommandQueue(queue);
}

static void test_profiling(void)
{
	cl_command_queue queue = queue_create(&fixture, CL_QUEUE_PROFILING_ENABLE);
	cl_kernel kernel = native_kernel(&fixture, "add", add_kernel, sizeof(struct add_args));
	static int data[64];
	cl_ulong times[5];
	cl_event event;

	native_args(kernel, &(struct add_args){data, 7});
	REQUIRE(!launch(queue, kernel, 64, 0, 0, NULL, &event));
	CHECK_EQ(cw_api_clWaitForEvents(1, &event), CL_SUCCESS);
	for (cl_profiling_info i = 0; i < 5; i++)
		CHECK_EQ(cw_api_clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_QUEUED + i,
							sizeof(cl_ulong), &times[i], NULL),
			 CL_SUCCESS);
	CHECK(times[0] && times[0] <= times[1] && times[1] <= times[2] && times[2] <= times[3] &&
	      times[3] <= times[4]);
	cw_api_clReleaseEvent(event);
	cw_api_clReleaseCommandQueue(queue);
}

static void test_info(void)
{
	const cl_queue_properties list[] = {CL_QUEUE_PROPERTIES, CL_QUEUE_PROFILING_ENABLE, 0};
	cl_queue_properties got[8];
	cl_command_queue_properties flags;
	cl_command_queue queue;
	cl_int error;
	size_t bytes;

	queue = cw_api_clCreateCommandQueueWithProperties(fixture.context, fixture.device, list,
							  &error);
	REQUIRE(queue && !error);
	CHECK_EQ(cw_api_clGetCommandQueueInfo(queue, CL_QUEUE_PROPERTIES, sizeof(flags), &flags,
					      NULL),
		 CL_SUCCESS);
	CHECK_EQ(flags, CL_QUEUE_PROFILING_ENABLE);
	CHECK_EQ(cw_api_clGetCommandQueueInfo(queue, CL_QUEUE_PROPERTIES_ARRAY, sizeof(got), got,
					      &bytes),
		 CL_SUCCESS);
	CHECK(bytes == sizeof(list) && !memcmp(got, list, bytes));
	CHECK_EQ(cw_api_clGetCommandQueueInfo(queue, CL_QUEUE_SIZE, sizeof(got), got, NULL),
		 CL_INVALID_COMMAND_QUEUE);
	cw_api_clReleaseCommandQueue(queue);
}

int main(void)
{
	fixture_init(&fixture);
	test_order(1, 1, 1000);
	test_order(1000, 10, 100);
	test_order(1 << 20, 64, 30);
	test_order(100003, 0, 30);
	test_buffers();
	test_starts_alone();
	test_profiling();
	test_info();
	fixture_finish(&fixture);
	return test_result();
}
