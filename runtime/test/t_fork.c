/* SPDX-License-Identifier: MIT */
/* fork() while a kernel runs: the child has no workers of its parent, and makes its own. */
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "native.h"

/* The thread sanitizer would rather not see what this is about. */
__attribute__((visibility("default"))) const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "die_after_fork=0";
}

struct args {
	atomic_int *started;
	const atomic_int *go;
	atomic_int *ran;
};

static void kernel_main(const struct cwc_launch *launch, struct cwc_scratch *scratch,
			uint64_t x_begin, uint64_t x_end, uint64_t y, uint64_t z)
{
	const struct args *args = launch->args;

	(void)scratch;
	(void)y;
	(void)z;
	atomic_store(args->started, 1);
	while (args->go && !atomic_load(args->go))
		sched_yield();
	atomic_fetch_add(args->ran, (int)(x_end - x_begin));
}

/* What a child may do: nothing with what it inherited, everything with what it makes. */
static int child_main(struct fixture fixture, cl_command_queue inherited, cl_event running)
{
	static atomic_int started, ran;
	cl_command_queue queue;
	cl_kernel kernel;
	cl_int error;

	alarm(20);
	kernel = native_kernel(&fixture, "child", kernel_main, sizeof(struct args));
	native_args(kernel, &(struct args){&started, NULL, &ran});
	CHECK_EQ(launch(inherited, kernel, 1, 1, 0, NULL, NULL), CL_OUT_OF_RESOURCES);
	CHECK_EQ(cw_api_clFinish(inherited), CL_OUT_OF_RESOURCES);
	CHECK(cw_api_clWaitForEvents(1, &running) != CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseCommandQueue(inherited), CL_SUCCESS);

	fixture.context = cw_api_clCreateContext(NULL, 1, &fixture.device, NULL, NULL, &error);
	queue = queue_create(&fixture, 0);
	kernel = native_kernel(&fixture, "child", kernel_main, sizeof(struct args));
	native_args(kernel, &(struct args){&started, NULL, &ran});
	REQUIRE(!launch(queue, kernel, 100000, 1, 0, NULL, NULL));
	REQUIRE(!launch(queue, kernel, 1, 1, 0, NULL, NULL));
	CHECK_EQ(cw_api_clFinish(queue), CL_SUCCESS);
	CHECK_EQ(atomic_load(&ran), 100001);
	cw_api_clReleaseCommandQueue(queue);
	cw_api_clReleaseContext(fixture.context);
	return test_result();
}

int main(void)
{
	static atomic_int started, go, ran;
	struct fixture fixture;
	cl_command_queue queue;
	cl_kernel kernel;
	cl_event event;
	int status;

	fixture_init(&fixture);
	queue = queue_create(&fixture, 0);
	kernel = native_kernel(&fixture, "parent", kernel_main, sizeof(struct args));
	native_args(kernel, &(struct args){&started, &go, &ran});
	REQUIRE(!launch(queue, kernel, 4, 1, 0, NULL, &event));
	cw_api_clFlush(queue);
	while (!atomic_load(&started))
		sched_yield();
	for (int i = 0; i < 3; i++) {
		pid_t child = fork();

		if (!child)
			_exit(child_main(fixture, queue, event));
		REQUIRE(waitpid(child, &status, 0) == child);
		CHECK_EQ(status, 0);
	}
	atomic_store(&go, 1);
	CHECK_EQ(cw_api_clWaitForEvents(1, &event), CL_SUCCESS);
	CHECK_EQ(atomic_load(&ran), 4);
	cw_api_clReleaseEvent(event);
	cw_api_clReleaseCommandQueue(queue);
	fixture_finish(&fixture);
	return test_result();
}
