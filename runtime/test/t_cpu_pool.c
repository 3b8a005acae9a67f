/* SPDX-License-Identifier: MIT */
/* The cpu device's scheduling: sub-devices, fairness, wrong expectations, latency. */
#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "native.h"

static struct fixture fixture;

#define MOST_THREADS 64

struct work_args {
	uint64_t ns;	     /* that a group takes */
	atomic_ulong *count; /* of groups */
	atomic_int *threads; /* ids of those that ran some, or NULL */
};

static void note_thread(atomic_int *threads)
{
	int self = (int)syscall(SYS_gettid);

	for (int i = 0; i < MOST_THREADS; i++) {
		int none = 0;

		if (atomic_compare_exchange_strong(&threads[i], &none, self) || none == self)
			return;
	}
}

static void work_kernel(const struct cwc_launch *launch, struct cwc_scratch *scratch,
			uint64_t x_begin, uint64_t x_end, uint64_t y, uint64_t z)
{
	const struct work_args *args = launch->args;

	(void)scratch;
	(void)y;
	(void)z;
	if (args->threads)
		note_thread(args->threads);
	for (uint64_t x = x_begin; x < x_end; x++) {
		uint64_t end = args->ns ? cw_clock_ns() + args->ns : 0;

		while (args->ns && cw_clock_ns() < end)
			;
		atomic_fetch_add(args->count, 1);
	}
}

static cl_kernel work(const struct fixture *in, uint64_t ns, atomic_ulong *count,
		      atomic_int *threads)
{
	cl_kernel kernel = native_kernel(in, "work", work_kernel, sizeof(struct work_args));

	native_args(kernel, &(struct work_args){ns, count, threads});
	return kernel;
}

static int count_threads(const atomic_int *threads)
{
	int count = 0;

	while (count < MOST_THREADS && threads[count])
		count++;
	return count;
}

/* All groups run once, for every number of groups and dimension. */
static void test_coverage(void)
{
	static const size_t sizes[][3] = {{1, 1, 1},	 {7, 1, 1},    {1, 1000, 1},
					  {1, 1, 999},	 {13, 17, 19}, {100003, 1, 1},
					  {2, 50000, 1}, {3, 1, 70000}};
	cl_command_queue queue = queue_create(&fixture, 0);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		atomic_ulong count = 0;
		cl_kernel kernel = work(&fixture, 0, &count, NULL);
		const size_t one[3] = {1, 1, 1};

		for (int again = 1; again <= 3; again++) {
			REQUIRE(!cw_api_clEnqueueNDRangeKernel(queue, kernel, 3, NULL, sizes[i],
							       one, 0, NULL, NULL));
			CHECK_EQ(cw_api_clFinish(queue), CL_SUCCESS);
			CHECK_EQ(count, again * sizes[i][0] * sizes[i][1] * sizes[i][2]);
		}
	}
	cw_api_clReleaseCommandQueue(queue);
}

/* A kernel that was short before and is long now gets more threads all the same. */
static void test_wrong_expectation(void)
{
	cl_command_queue queue = queue_create(&fixture, 0);
	atomic_int threads[MOST_THREADS] = {0};
	atomic_ulong count = 0;
	cl_kernel kernel = work(&fixture, 0, &count, NULL);

	for (int i = 0; i < 50; i++)
		REQUIRE(!launch(queue, kernel, 16, 1, 0, NULL, NULL));
	CHECK_EQ(cw_api_clFinish(queue), CL_SUCCESS);
	native_args(kernel, &(struct work_args){3000000, &count, threads});
	REQUIRE(!launch(queue, kernel, 16, 1, 0, NULL, NULL));
	CHECK_EQ(cw_api_clFinish(queue), CL_SUCCESS);
	CHECK_EQ(count, 51 * 16);
	CHECK(count_threads(threads) >= (fixture.units > 1 ? 2 : 1));
	cw_api_clReleaseCommandQueue(queue);
}

/* A short kernel on another queue does not wait for the end of a long one. */
static void test_fairness(void)
{
	cl_command_queue queues[2] = {queue_create(&fixture, 0), queue_create(&fixture, 0)};
	atomic_ulong counts[2] = {0};
	cl_event events[2];
	size_t groups = 100 * (size_t)fixture.units;

	REQUIRE(!launch(queues[0], work(&fixture, 2000000, &counts[0], NULL), groups, 1, 0, NULL,
			&events[0]));
	cw_api_clFlush(queues[0]);
	REQUIRE(!launch(queues[1], work(&fixture, 0, &counts[1], NULL), 1, 1, 0, NULL, &events[1]));
	cw_api_clFlush(queues[1]);
	while (event_status(events[1]) > CL_COMPLETE)
		sched_yield();
	CHECK(event_status(events[0]) > CL_COMPLETE);
	CHECK_EQ(cw_api_clFinish(queues[0]), CL_SUCCESS);
	CHECK_EQ(counts[0], groups);
	for (int i = 0; i < 2; i++) {
		cw_api_clReleaseEvent(events[i]);
		cw_api_clReleaseCommandQueue(queues[i]);
	}
}

/* No more threads run a sub-device's kernel than it has compute units. */
static void test_sub_device(void)
{
	const cl_device_partition_property by_one[] = {CL_DEVICE_PARTITION_EQUALLY, 1, 0};
	cl_device_id devices[MOST_THREADS];
	struct fixture own = fixture;
	atomic_int threads[MOST_THREADS] = {0};
	atomic_ulong count = 0;
	cl_command_queue queue;
	cl_uint num;
	cl_int error;

	if (fixture.units < 2 ||
	    cw_api_clCreateSubDevices(fixture.device, by_one, MOST_THREADS, devices, &num))
		return;
	own.device = devices[num - 1];
	own.context = cw_api_clCreateContext(NULL, 1, &own.device, NULL, NULL, &error);
	REQUIRE(own.context && !error);
	queue = queue_create(&own, 0);
	for (int i = 0; i < 20; i++) {
		cl_event event;

		memset(threads, 0, sizeof(threads));
		REQUIRE(!launch(queue, work(&own, 20000, &count, threads), 50, 1, 0, NULL, &event));
		if (i % 2)
			cw_api_clFlush(queue);
		while (i % 2 && event_status(event) > CL_COMPLETE)
			sched_yield();
		CHECK_EQ(cw_api_clWaitForEvents(1, &event), CL_SUCCESS);
		CHECK_EQ(cw_api_clReleaseEvent(event), CL_SUCCESS);
	}
	CHECK_EQ(count, 20 * 50);
	CHECK_EQ(count_threads(threads), 1);
	cw_api_clReleaseCommandQueue(queue);
	cw_api_clReleaseContext(own.context);
	for (cl_uint i = 0; i < num; i++)
		CHECK_EQ(cw_api_clReleaseDevice(devices[i]), CL_SUCCESS);
}

/* More queues than the device has sources. */
static void test_many_queues(void)
{
	enum { QUEUES = 300 };
	static cl_command_queue queues[QUEUES];
	atomic_ulong count = 0;
	cl_kernel kernel = work(&fixture, 0, &count, NULL);

	for (int i = 0; i < QUEUES; i++)
		queues[i] = queue_create(&fixture, i % 2);
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < QUEUES; i++)
			REQUIRE(!launch(queues[i], kernel, 3, 1, 0, NULL, NULL));
	}
	for (int i = 0; i < QUEUES; i++) {
		CHECK_EQ(cw_api_clFinish(queues[i]), CL_SUCCESS);
		cw_api_clReleaseCommandQueue(queues[i]);
	}
	CHECK_EQ(count, 10 * 3 * QUEUES);
}

/* Enqueue and finish of one item: generous, for sanitizers and loaded machines. */
static void test_latency(void)
{
	enum { ROUNDS = 2000 };
	cl_command_queue queue = queue_create(&fixture, 0);
	atomic_ulong count = 0;
	cl_kernel kernel = work(&fixture, 0, &count, NULL);
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t begin = cw_clock_ns();
		uint64_t took;

		REQUIRE(!launch(queue, kernel, 1, 1, 0, NULL, NULL));
		REQUIRE(!cw_api_clFinish(queue));
		took = cw_clock_ns() - begin;
		best = took < best ? took : best;
	}
	CHECK(best < 50000);
	cw_api_clReleaseCommandQueue(queue);
}

int main(void)
{
	fixture_init(&fixture);
	test_coverage();
	test_wrong_expectation();
	test_fairness();
	test_sub_device();
	test_many_queues();
	test_latency();
	fixture_finish(&fixture);
	return test_result();
}
