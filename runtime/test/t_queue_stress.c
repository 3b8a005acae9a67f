/* SPDX-License-Identifier: MIT */
/* Several threads on shared queues; for the thread sanitizer, and for lost wake-ups. */
#include <pthread.h>
#include <stdatomic.h>

#include "native.h"

#define THREADS 4
#define ROUNDS	300
#define ITEMS	20000

static struct fixture fixture;
static cl_command_queue in_order;
static cl_command_queue out_of_order;
static atomic_ulong total;

struct count_args {
	atomic_ulong *total;
};

static void count_kernel(const struct cwc_launch *launch, struct cwc_scratch *scratch,
			 uint64_t x_begin, uint64_t x_end, uint64_t y, uint64_t z)
{
	const struct count_args *args = launch->args;

	(void)scratch;
	(void)y;
	(void)z;
	atomic_fetch_add(args->total, x_end - x_begin);
}

struct chain_args {
	int *value; /* not atomic: the order must protect it */
};

static void chain_kernel(const struct cwc_launch *launch, struct cwc_scratch *scratch,
			 uint64_t x_begin, uint64_t x_end, uint64_t y, uint64_t z)
{
	const struct chain_args *args = launch->args;

	(void)scratch;
	(void)x_begin;
	(void)x_end;
	(void)y;
	(void)z;
	++*args->value;
}

struct thread {
	pthread_t thread;
	unsigned index;
	int value; /* by a chain over both queues */
};

/* The kernel object is the thread's own: arguments are not thread-safe. */
static void *thread_main(void *argument)
{
	struct thread *thread = argument;
	cl_kernel count = native_kernel(&fixture, "count", count_kernel, sizeof(struct count_args));
	cl_kernel chain = native_kernel(&fixture, "chain", chain_kernel, sizeof(struct chain_args));
	cl_event before = NULL;

	native_args(count, &(struct count_args){&total});
	native_args(chain, &(struct chain_args){&thread->value});
	for (unsigned i = 0; i < ROUNDS; i++) {
		cl_command_queue queue = (i + thread->index) % 3 ? in_order : out_of_order;
		cl_event event;

		REQUIRE(!launch(queue, count, i % 5 ? 1 : ITEMS, 1, 0, NULL, NULL));
		REQUIRE(!launch(queue, chain, 1, 1, before ? 1 : 0, before ? &before : NULL,
				&event));
		if (before)
			cw_api_clReleaseEvent(before);
		before = event;
		if (i % 7 == 0)
			REQUIRE(!cw_api_clWaitForEvents(1, &event));
		if (i % 31 == 0)
			REQUIRE(!cw_api_clFinish(queue));
		if (i % 13 == 0)
			REQUIRE(!cw_api_clEnqueueBarrierWithWaitList(queue, 0, NULL, NULL));
	}
	REQUIRE(!cw_api_clWaitForEvents(1, &before));
	cw_api_clReleaseEvent(before);
	return NULL;
}

static unsigned long expected_total(void)
{
	unsigned long one = 0;

	for (unsigned i = 0; i < ROUNDS; i++)
		one += i % 5 ? 1 : ITEMS;
	return one * THREADS;
}

/* Short-lived queues beside the shared ones. */
static void *queues_main(void *unused)
{
	static int values[ROUNDS];
	cl_kernel chain = native_kernel(&fixture, "own", chain_kernel, sizeof(struct chain_args));

	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		cl_command_queue queue = queue_create(&fixture, 0);

		native_args(chain, &(struct chain_args){&values[i]});
		REQUIRE(!launch(queue, chain, 1, 1, 0, NULL, NULL));
		REQUIRE(!launch(queue, chain, 1, 1, 0, NULL, NULL));
		if (i % 2)
			REQUIRE(!cw_api_clFinish(queue));
		REQUIRE(!cw_api_clReleaseCommandQueue(queue));
		if (i % 2 == 0) {
			queue = queue_create(&fixture, 0);
			REQUIRE(!cw_api_clFinish(queue));
			REQUIRE(!cw_api_clReleaseCommandQueue(queue));
		}
	}
	return NULL;
}

int main(void)
{
	struct thread threads[THREADS] = {0};
	pthread_t queues;

	setenv("CAUSEWAY_CPU_THREADS", "8", 0); /* rather too many: preempted threads show races */
	fixture_init(&fixture);
	in_order = queue_create(&fixture, 0);
	out_of_order = queue_create(&fixture, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
	for (unsigned i = 0; i < THREADS; i++) {
		threads[i].index = i;
		REQUIRE(!pthread_create(&threads[i].thread, NULL, thread_main, &threads[i]));
	}
	REQUIRE(!pthread_create(&queues, NULL, queues_main, NULL));
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i].thread, NULL);
	pthread_join(queues, NULL);
	CHECK_EQ(cw_api_clFinish(in_order), CL_SUCCESS);
	CHECK_EQ(cw_api_clFinish(out_of_order), CL_SUCCESS);
	CHECK_EQ(atomic_load(&total), expected_total());
	for (unsigned i = 0; i < THREADS; i++)
		CHECK_EQ(threads[i].value, ROUNDS);
	cw_api_clReleaseCommandQueue(in_order);
	cw_api_clReleaseCommandQueue(out_of_order);
	fixture_finish(&fixture);
	return test_result();
}
