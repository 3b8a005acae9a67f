/* SPDX-License-Identifier: MIT */
/* Faults in kernels fail their event and context; everybody else's go where they went before. */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "native.h"

struct fault_args {
	volatile int *pointer;
	int what;
	int group; /* that faults */
};

enum { WRITE, READ, DIVIDE, OVERFLOW_STACK, ILLEGAL, NOTHING };

static struct fixture fixture;
static char said[1024];
static volatile int *volatile nowhere = (volatile int *)24;

/* Sanitizers leave it alone. */
#if defined(__clang__)
#define AS_WRITTEN __attribute__((disable_sanitizer_instrumentation, no_sanitize("undefined")))
#else
#define AS_WRITTEN __attribute__((no_sanitize("undefined")))
#endif

AS_WRITTEN static __attribute__((noinline)) int use_stack(int depth)
{
	volatile char room[4096];

	room[0] = (char)depth;
	if (depth < 0)
		return 0;
	return use_stack(depth + 1) + room[0];
}

/* What it does wrong is its purpose. */
AS_WRITTEN static void fault_kernel(const struct cwc_launch *launch, struct cwc_scratch *scratch,
				    uint64_t x_begin, uint64_t x_end, uint64_t y, uint64_t z)
{
	const struct fault_args *args = launch->args;
	volatile int zero = 0;
	int seven = 7;

	(void)scratch;
	(void)y;
	(void)z;
	if ((uint64_t)args->group < x_begin || (uint64_t)args->group >= x_end)
		return;
	switch (args->what) {
	case WRITE:
		*args->pointer = 1;
		break;
	case READ:
		zero += *args->pointer;
		break;
	case DIVIDE:
		__asm__ volatile("cltd\n\tidivl %1" : "+a"(seven) : "m"(zero) : "edx");
		break;
	case OVERFLOW_STACK:
		use_stack(0);
		break;
	case ILLEGAL:
		__asm__ volatile("ud2");
		break;
	default:
		break;
	}
}

static void CL_CALLBACK notify(const char *text, const void *data, size_t bytes, void *user)
{
	(void)data;
	(void)bytes;
	(void)user;
	if (strstr(text, "faulted"))
		snprintf(said, sizeof(said), "%s", text);
}

/* A context of its own, for it will not survive. */
static void new_context(struct fixture *own)
{
	cl_int error;

	*own = fixture;
	own->context = cw_api_clCreateContext(NULL, 1, &own->device, notify, NULL, &error);
	REQUIRE(own->context && !error);
	said[0] = 0;
}

/* @groups: 1 runs on the waiting thread; many also on workers. */
static void expect_fault(int what, volatile int *pointer, size_t groups, const char *text)
{
	struct fixture own;
	cl_command_queue queue;
	cl_kernel kernel;
	cl_event event;

	new_context(&own);
	queue = queue_create(&own, 0);
	kernel = native_kernel(&own, "broken", fault_kernel, sizeof(struct fault_args));
	native_args(kernel, &(struct fault_args){pointer, what, (int)groups / 2});
	REQUIRE(!launch(queue, kernel, groups, 1, 0, NULL, &event));
	CHECK_EQ(cw_api_clWaitForEvents(1, &event), CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
	CHECK_EQ(event_status(event), CL_OUT_OF_RESOURCES);
	CHECK(strstr(said, "kernel 'broken'") && strstr(said, text));
	if (!strstr(said, text))
		fprintf(stderr, "said: %s\n", said);
	CHECK_EQ(launch(queue, kernel, groups, 1, 0, NULL, NULL), CL_OUT_OF_RESOURCES);
	cw_api_clReleaseEvent(event);
	cw_api_clReleaseCommandQueue(queue);
	cw_api_clReleaseContext(own.context);
}

static void test_kinds(size_t groups)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int *read_only = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* A hole of one page, too small for anything that is mapped meanwhile. */
	char *around = mmap(NULL, 3 * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int *gone = (int *)(around + page);

	munmap(gone, page);
	expect_fault(WRITE, (int *)16, groups, "write to 0x10");
	expect_fault(READ, (int *)16, groups, "read from 0x10");
	expect_fault(READ, (int *)0x8000000000000000, groups, "no pointer");
	expect_fault(WRITE, read_only, groups, "SIGSEGV: write to");
	expect_fault(READ, gone, groups, "SIGSEGV: read from");
	expect_fault(DIVIDE, NULL, groups, "division");
	expect_fault(OVERFLOW_STACK, NULL, groups, "stack overflow");
	expect_fault(ILLEGAL, NULL, groups, "SIGILL");
	munmap(read_only, page);
	munmap(around, 3 * page);
}

/* A copy from nowhere fails its event, not the context. */
static void test_copy(void)
{
	cl_command_queue queue = queue_create(&fixture, 0);
	char bytes[64];
	cl_int error;

	error = cw_api_clEnqueueSVMMemcpy(queue, CL_TRUE, bytes, (void *)16, sizeof(bytes), 0, NULL,
					  NULL);
	CHECK_EQ(error, CL_OUT_OF_RESOURCES);
	error = cw_api_clEnqueueSVMMemcpy(queue, CL_TRUE, bytes, &fixture, 8, 0, NULL, NULL);
	CHECK_EQ(error, CL_SUCCESS);
	cw_api_clReleaseCommandQueue(queue);
}

static sigjmp_buf back;

static void own_handler(int signal)
{
	(void)signal;
	siglongjmp(back, 1);
}

/* Our handler is in place now; an application's fault must reach the one it had before. */
static void test_own_handler(void)
{
	if (!sigsetjmp(back, 1)) {
		*nowhere = 1; /* NOLINT */
		CHECK(!"survived");
	}
}

/* Without a handler of its own the application dies of its own faults. */
static void test_default(void)
{
	struct fixture own = fixture;
	int status;
	pid_t child = fork();

	if (!child) {
		cl_command_queue queue;
		cl_kernel kernel;
		cl_int error;

		own.context = cw_api_clCreateContext(NULL, 1, &own.device, NULL, NULL, &error);
		queue = queue_create(&own, 0);
		kernel = native_kernel(&own, "fine", fault_kernel, sizeof(struct fault_args));
		native_args(kernel, &(struct fault_args){.what = NOTHING});
		launch(queue, kernel, 1, 1, 0, NULL, NULL);
		cw_api_clFinish(queue);
		*nowhere = 1; /* NOLINT */
		_exit(0);
	}
	REQUIRE(waitpid(child, &status, 0) == child);
	CHECK(!WIFEXITED(status) || WEXITSTATUS(status));
}

int main(void)
{
	fixture_init(&fixture);
	test_default();
	signal(SIGSEGV, own_handler);
	test_copy();
	test_kinds(1);
	for (int i = 0; i < 20; i++)
		test_kinds(10000);
	test_copy();
	test_own_handler();
	fixture_finish(&fixture);
	return test_result();
}
