/* SPDX-License-Identifier: MIT */
/* Dependencies: diamonds, long chains, user events, errors, callbacks, markers, barriers. */
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "native.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CHAIN 10000 /* it is slow on atomics */
#endif
#endif
#ifndef CHAIN
#define CHAIN 100000
#endif

static struct fixture fixture;

/* Each run takes the next number, so that the order of runs shows. */
static atomic_int clock_now;

struct stamp_args {
	int *at;
	const atomic_int *go; /* spin until it is set; NULL: don't */
	atomic_int *done;     /* set at the end; NULL: don't */
};

static void stamp_kernel(const struct cwc_launch *launch, struct cwc_scratch *scratch,
			 uint64_t x_begin, uint64_t x_end, uint64_t y, uint64_t z)
{
	const struct stamp_args *args = launch->args;

	(void)scratch;
	(void)x_begin;
	(void)x_end;
	(void)y;
	(void)z;
	while (args->go && !atomic_load(args->go))
		sched_yield();
	*args->at = atomic_fetch_add(&clock_now, 1) + 1;
	if (args->done)
		atomic_store(args->done, 1);
}

static cl_kernel stamp;

static cl_event enqueue_stamp(cl_command_queue queue, int *at, cl_uint num_wait,
			      const cl_event *wait)
{
	cl_event event;

	native_args(stamp, &(struct stamp_args){.at = at});
	REQUIRE(!launch(queue, stamp, 1, 1, num_wait, wait, &event));
	return event;
}

static cl_event user_event(void)
{
	cl_int error;
	cl_event event = cw_api_clCreateUserEvent(fixture.context, &error);

	REQUIRE(event && !error);
	return event;
}

static void release(unsigned count, const cl_event *events)
{
	for (unsigned i = 0; i < count; i++)
		CHECK_EQ(cw_api_clReleaseEvent(events[i]), CL_SUCCESS);
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

static void test_diamond(void)
{
	cl_command_queue queue = queue_create(&fixture, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
	int at[4] = {0};
	cl_event gate = user_event();
	cl_event events[4];

	events[0] = enqueue_stamp(queue, &at[0], 1, &gate);
	events[1] = enqueue_stamp(queue, &at[1], 1, &events[0]);
	events[2] = enqueue_stamp(queue, &at[2], 1, &events[0]);
	events[3] = enqueue_stamp(queue, &at[3], 2, &events[1]);
	pause_ms(2);
	CHECK_EQ(event_status(events[0]), CL_QUEUED);
	CHECK_EQ(cw_api_clSetUserEventStatus(gate, CL_COMPLETE), CL_SUCCESS);
	CHECK_EQ(cw_api_clSetUserEventStatus(gate, CL_COMPLETE), CL_INVALID_OPERATION);
	CHECK_EQ(cw_api_clWaitForEvents(4, events), CL_SUCCESS);
	CHECK(at[0] < at[1] && at[0] < at[2] && at[1] < at[3] && at[2] < at[3]);
	release(4, events);
	release(1, &gate);
	cw_api_clReleaseCommandQueue(queue);
}

/* A chain over two queues that starts all at once: neither stack nor time may run out. */
static void test_chain(cl_command_queue_properties flags)
{
	cl_command_queue queues[2] = {queue_create(&fixture, flags), queue_create(&fixture, flags)};
	cl_event gate = user_event();
	cl_event before = gate;

	cw_api_clRetainEvent(gate);
	for (int i = 0; i < CHAIN; i++) {
		cl_event next;

		REQUIRE(!cw_api_clEnqueueMarkerWithWaitList(queues[i / 100 % 2], 1, &before,
							    &next));
		REQUIRE(!cw_api_clReleaseEvent(before));
		before = next;
	}
	CHECK_EQ(event_status(before), CL_QUEUED);
	CHECK_EQ(cw_api_clSetUserEventStatus(gate, CL_COMPLETE), CL_SUCCESS);
	CHECK_EQ(cw_api_clWaitForEvents(1, &before), CL_SUCCESS);
	release(1, &before);
	release(1, &gate);
	for (int i = 0; i < 2; i++)
		cw_api_clReleaseCommandQueue(queues[i]);
}

/* A failed user event fails what waits for it, and what waits for that, and nothing else. */
static void test_errors(cl_command_queue_properties flags)
{
	cl_command_queue queue = queue_create(&fixture, flags);
	int at[3] = {0};
	cl_event gate = user_event();
	cl_event events[3];

	events[0] = enqueue_stamp(queue, &at[0], 1, &gate);
	events[1] = enqueue_stamp(queue, &at[1], 1, &events[0]);
	events[2] = enqueue_stamp(queue, &at[2], 0, NULL);
	CHECK_EQ(cw_api_clSetUserEventStatus(gate, -77), CL_SUCCESS);
	CHECK_EQ(cw_api_clWaitForEvents(1, &events[1]),
		 CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
	CHECK_EQ(cw_api_clWaitForEvents(1, &events[2]), CL_SUCCESS);
	CHECK_EQ(event_status(gate), -77);
	CHECK_EQ(event_status(events[0]), CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
	CHECK_EQ(event_status(events[1]), CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
	CHECK(!at[0] && !at[1] && at[2]);
	CHECK_EQ(cw_api_clEnqueueBarrierWithWaitList(queue, 1, &events[0], NULL), CL_SUCCESS);
	CHECK_EQ(cw_api_clFinish(queue), CL_SUCCESS);
	release(3, events);
	release(1, &gate);
	cw_api_clReleaseCommandQueue(queue);
}

/* A blocking read whose wait list fails says so. */
static void test_blocking_error(void)
{
	cl_command_queue queue = queue_create(&fixture, 0);
	cl_event gate = user_event();
	char bytes[16] = {0};
	cl_int error;
	cl_mem buffer = cw_api_clCreateBuffer(fixture.context, 0, sizeof(bytes), NULL, &error);

	cw_api_clSetUserEventStatus(gate, -5);
	CHECK_EQ(cw_api_clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, sizeof(bytes), bytes, 1,
					    &gate, NULL),
		 CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
	cw_api_clReleaseMemObject(buffer);
	release(1, &gate);
	cw_api_clReleaseCommandQueue(queue);
}

struct seen {
	atomic_int count;
	cl_int status[8];
};

static void CL_CALLBACK note(cl_event event, cl_int status, void *user)
{
	struct seen *seen = user;

	(void)event;
	seen->status[atomic_load(&seen->count)] = status;
	atomic_fetch_add(&seen->count, 1);
}

static void await(const struct seen *seen, int count)
{
	for (int i = 0; atomic_load(&seen->count) < count; i++) {
		REQUIRE(i < 5000);
		pause_ms(1);
	}
}

static void test_callbacks(cl_int gate_status)
{
	cl_command_queue queue = queue_create(&fixture, 0);
	struct seen seen = {0};
	cl_event gate = user_event();
	int at = 0;
	cl_event event = enqueue_stamp(queue, &at, 1, &gate);

	CHECK_EQ(cw_api_clSetEventCallback(event, CL_COMPLETE, note, &seen), CL_SUCCESS);
	CHECK_EQ(cw_api_clSetEventCallback(event, CL_RUNNING, note, &seen), CL_SUCCESS);
	CHECK_EQ(cw_api_clSetEventCallback(event, CL_SUBMITTED, note, &seen), CL_SUCCESS);
	CHECK_EQ(cw_api_clSetEventCallback(event, CL_QUEUED, note, &seen), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clSetEventCallback(event, CL_COMPLETE, NULL, &seen), CL_INVALID_VALUE);
	CHECK_EQ(atomic_load(&seen.count), 0);
	CHECK_EQ(cw_api_clSetUserEventStatus(gate, gate_status), CL_SUCCESS);
	await(&seen, 3);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(seen.status[i], gate_status < 0
						 ? CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST
						 : CL_SUBMITTED - i);
	CHECK_EQ(cw_api_clSetEventCallback(event, CL_COMPLETE, note, &seen), CL_SUCCESS);
	await(&seen, 4);
	release(1, &event);
	release(1, &gate);
	cw_api_clReleaseCommandQueue(queue);
}

/* Two commands that only end if they run at the same time. */
static void test_overlap(void)
{
	cl_command_queue queue = queue_create(&fixture, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
	atomic_int flags[2] = {0};
	int at[2] = {0};

	if (fixture.units < 2)
		return;
	native_args(stamp, &(struct stamp_args){&at[0], &flags[1], &flags[0]});
	REQUIRE(!launch(queue, stamp, 1, 1, 0, NULL, NULL));
	native_args(stamp, &(struct stamp_args){&at[1], NULL, &flags[1]});
	REQUIRE(!launch(queue, stamp, 1, 1, 0, NULL, NULL));
	CHECK_EQ(cw_api_clFinish(queue), CL_SUCCESS);
	CHECK(at[0] > at[1]);
	cw_api_clReleaseCommandQueue(queue);
}

/* As many of them as there are workers only end together, without anybody waiting. */
static void test_overlap_alone(void)
{
	cl_command_queue queue = queue_create(&fixture, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
	atomic_int done[3] = {0};
	cl_event event;
	int at[2] = {0};

	if (fixture.units < 2)
		return;
	pause_ms(40); /* the workers sleep */
	native_of(stamp)->code.cost = 0;
	native_args(stamp, &(struct stamp_args){&at[0], &done[1], &done[0]});
	REQUIRE(!launch(queue, stamp, 1, 1, 0, NULL, &event));
	native_args(stamp, &(struct stamp_args){&at[1], NULL, &done[1]});
	REQUIRE(!launch(queue, stamp, 1, 1, 0, NULL, NULL));
	for (int i = 0; !atomic_load(&done[0]); i++) {
		REQUIRE(i < 2000);
		pause_ms(1);
	}
	CHECK_EQ(cw_api_clFinish(queue), CL_SUCCESS);
	release(1, &event);
	cw_api_clReleaseCommandQueue(queue);
}

/* Out of order: a barrier holds back what follows, a marker does not. */
static void test_barrier(bool is_barrier)
{
	cl_command_queue queue = queue_create(&fixture, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
	cl_event gate = user_event();
	cl_event events[3];
	int at[2] = {0};

	events[0] = enqueue_stamp(queue, &at[0], 1, &gate);
	if (is_barrier)
		CHECK_EQ(cw_api_clEnqueueBarrierWithWaitList(queue, 0, NULL, &events[1]), 0);
	else
		CHECK_EQ(cw_api_clEnqueueMarkerWithWaitList(queue, 0, NULL, &events[1]), 0);
	events[2] = enqueue_stamp(queue, &at[1], 0, NULL);
	cw_api_clFlush(queue);
	if (!is_barrier)
		CHECK_EQ(cw_api_clWaitForEvents(1, &events[2]), CL_SUCCESS);
	pause_ms(5);
	CHECK_EQ(event_status(events[2]), is_barrier ? CL_QUEUED : CL_COMPLETE);
	CHECK_EQ(event_status(events[1]), CL_QUEUED);
	cw_api_clSetUserEventStatus(gate, CL_COMPLETE);
	CHECK_EQ(cw_api_clFinish(queue), CL_SUCCESS);
	CHECK_EQ(event_status(events[1]), CL_COMPLETE);
	CHECK((at[0] < at[1]) == is_barrier);
	release(3, events);
	release(1, &gate);
	cw_api_clReleaseCommandQueue(queue);
}

/* Who waits for one command and helps must not leave the next one lying there. */
static void test_behind(void)
{
	for (int i = 0; i < 20; i++) {
		cl_command_queue queue = queue_create(&fixture, 0);
		static atomic_int done;
		int at[2] = {0};
		cl_event event;

		atomic_store(&done, 0);
		event = enqueue_stamp(queue, &at[0], 0, NULL);
		native_args(stamp, &(struct stamp_args){&at[1], NULL, &done});
		REQUIRE(!launch(queue, stamp, 1, 1, 0, NULL, NULL));
		CHECK_EQ(cw_api_clWaitForEvents(1, &event), CL_SUCCESS);
		pause_ms(i % 2 ? 30 : 0); /* so that the workers sleep, or not */
		for (int wait = 0; !atomic_load(&done); wait++) {
			REQUIRE(wait < 2000);
			pause_ms(1);
		}
		release(1, &event);
		cw_api_clReleaseCommandQueue(queue);
	}
}

/* Releasing the queue with work in it loses nothing. */
static void test_release(void)
{
	cl_command_queue queue = queue_create(&fixture, 0);
	cl_event gate = user_event();
	int at = 0;
	cl_event event = enqueue_stamp(queue, &at, 1, &gate);

	cw_api_clReleaseCommandQueue(queue);
	cw_api_clSetUserEventStatus(gate, CL_COMPLETE);
	CHECK_EQ(cw_api_clWaitForEvents(1, &event), CL_SUCCESS);
	CHECK(at);
	release(1, &event);
	release(1, &gate);
}

int main(void)
{
	fixture_init(&fixture);
	stamp = native_kernel(&fixture, "stamp", stamp_kernel, sizeof(struct stamp_args));
	test_diamond();
	test_chain(0);
	test_chain(CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
	test_errors(0);
	test_errors(CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
	test_blocking_error();
	test_callbacks(CL_COMPLETE);
	test_callbacks(-3);
	test_overlap();
	test_overlap_alone();
	test_barrier(true);
	test_barrier(false);
	test_behind();
	test_release();
	fixture_finish(&fixture);
	return test_result();
}
