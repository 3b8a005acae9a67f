/* SPDX-License-Identifier: MIT */
/*
 * Bad pointers: a kernel that follows one fails its own command, its context
 * goes down with it, and the application goes on.
 */
#include "svm.h"
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define WORDS 5000
#define BYTES (WORDS * sizeof(uint32_t))

static const char read_source[] = "kernel void fetch(global const uint *p, global uint *to)\n"
				  "{\n"
				  "	to[get_global_id(0)] = p[get_global_id(0)];\n"
				  "}\n";

static uint32_t *map_words(void)
{
	return must_map(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

/* The status of add(@words, 1), in the present context. */
static cl_int add_status(struct svm *s, void *words, size_t items)
{
	cl_kernel add = svm_kernel(s, ADD_SOURCE, "add");
	cl_int status;

	arg_pointer(add, 0, words);
	arg_uint(add, 1, 1);
	status = svm_run(s, add, items);
	clReleaseKernel(add);
	return status;
}

static int run_munmap(struct svm *s)
{
	cl_kernel add = svm_kernel(s, ADD_SOURCE, "add");
	uint32_t *words = map_words();

	arg_pointer(add, 0, words);
	arg_uint(add, 1, 1);
	if (svm_run(s, add, WORDS) != CL_COMPLETE)
		return failed("mapped: the kernel failed");
	munmap(words, BYTES);
	/* Somebody else's mapping may have taken the place: then there is no fault to expect. */
	if (svm_run(s, add, WORDS) >= 0 && is_unmapped(words, BYTES))
		return failed("a kernel that writes to unmapped memory succeeded");
	clReleaseKernel(add);
	return svm_still_works(s);
}

/* One bad page behind many good ones: only the work-items that touch it are bad. */
static int run_hole(struct svm *s)
{
	uint32_t *words = map_words();

	must_map((char *)words + 3 * PAGE, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		 -1);
	if (add_status(s, words, WORDS) >= 0)
		return failed("a kernel that writes to a guard page succeeded");
	return svm_still_works(s);
}

static int run_read_only(struct svm *s)
{
	uint32_t *words = map_words(), *copy = must_alloc(BYTES);
	cl_kernel fetch = svm_kernel(s, read_source, "fetch");

	for (uint32_t i = 0; i < WORDS; i++)
		words[i] = i;
	if (mprotect(words, BYTES, PROT_READ))
		die("mprotect: %m");
	arg_pointer(fetch, 0, words);
	arg_pointer(fetch, 1, copy);
	if (svm_run(s, fetch, WORDS) != CL_COMPLETE || memcmp(words, copy, BYTES) != 0)
		return failed("read-only memory can't be read");
	clReleaseKernel(fetch);
	if (add_status(s, words, WORDS) >= 0)
		return failed("a kernel that writes to read-only memory succeeded");
	for (uint32_t i = 0; i < WORDS; i++)
		if (words[i] != i)
			return failed("read-only word %u has changed", i);
	svm_reopen(s);
	if (mprotect(words, BYTES, PROT_READ | PROT_WRITE))
		die("mprotect: %m");
	return svm_add_works(s, "writable again", words, WORDS, 2);
}

static int run_null(struct svm *s)
{
	if (add_status(s, NULL, 1) >= 0)
		return failed("a kernel that writes to NULL succeeded");
	svm_reopen(s);
	if (add_status(s, (void *)(uintptr_t)0xdead00000000, 1000) >= 0)
		return failed("a kernel that writes to a wild address succeeded");
	svm_reopen(s);
	if (add_status(s, (void *)(uintptr_t)0xdead000000000000, 1) >= 0)
		return failed("a kernel that writes to a non-canonical address succeeded");
	return svm_still_works(s);
}

/* The file behind a shared mapping is cut: the kernel gets what the host would get SIGBUS for. */
static int run_truncate(struct svm *s)
{
	int fd = make_memfd(BYTES);
	uint32_t *words = must_map(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd);

	if (add_status(s, words, WORDS) != CL_COMPLETE)
		return failed("before: the kernel failed");
	if (ftruncate(fd, PAGE))
		die("ftruncate: %m");
	if (add_status(s, words, WORDS) >= 0)
		return failed("a kernel that writes behind the end of a file succeeded");
	svm_reopen(s);
	if (ftruncate(fd, BYTES))
		die("ftruncate: %m");
	return svm_add_works(s, "as long as before", words, WORDS, 1);
}

/* After the fault nothing of the context runs, but another context goes on all the while. */
static int run_other_context(struct svm *s)
{
	static const char source[] = "kernel void linger(global atomic_uint *go)\n"
				     "{\n"
				     "	while (!atomic_load_explicit(go, memory_order_acquire,\n"
				     "			memory_scope_all_svm_devices))\n"
				     "		;\n"
				     "	atomic_store(go, 2);\n"
				     "}\n";
	struct svm other = {.device = s->device};
	uint32_t *go = must_alloc(sizeof(*go));
	cl_kernel linger;
	cl_event event;
	cl_int status;

	svm_reopen(&other);
	linger = svm_kernel(&other, source, "linger");
	arg_pointer(linger, 0, go);
	event = svm_start(&other, linger, 1);
	if (add_status(s, NULL, 100) >= 0)
		return failed("a kernel that writes to NULL succeeded");
	__atomic_store_n(go, 1, __ATOMIC_RELEASE);
	status = svm_wait(event);
	clReleaseEvent(event);
	if (status != CL_COMPLETE || *go != 2)
		return failed("a kernel of another context ended with %d", status);
	return svm_still_works(s);
}

/* A command that waits for the faulting one never runs, and fails as well. */
static int run_dependent(struct svm *s)
{
	uint32_t *words = must_alloc(BYTES);
	cl_kernel bad = svm_kernel(s, ADD_SOURCE, "add"), good = svm_kernel(s, ADD_SOURCE, "add");
	size_t items = WORDS;
	cl_event first, second;
	cl_int err;

	arg_pointer(bad, 0, NULL);
	arg_uint(bad, 1, 1);
	arg_pointer(good, 0, words);
	arg_uint(good, 1, 1);
	first = svm_start(s, bad, WORDS);
	err = clEnqueueNDRangeKernel(s->queue, good, 1, NULL, &items, NULL, 1, &first, &second);
	if (err == CL_SUCCESS) {
		if (svm_wait(second) >= 0)
			return failed("a command that waits for a failed one succeeded");
		clReleaseEvent(second);
	}
	if (svm_wait(first) >= 0)
		return failed("a kernel that writes to NULL succeeded");
	for (size_t i = 0; i < WORDS; i++)
		if (words[i])
			return failed("the waiting command has run");
	clReleaseEvent(first);
	return svm_still_works(s);
}

static int run_divide(struct svm *s)
{
	static const char source[] = "kernel void divide(global int *p, int by)\n"
				     "{\n"
				     "	p[get_global_id(0)] = p[get_global_id(0)] / by;\n"
				     "}\n";
	cl_kernel divide = svm_kernel(s, source, "divide");
	int32_t *words = must_alloc(BYTES);

	arg_pointer(divide, 0, words);
	arg_uint(divide, 1, 0);
	/* Undefined in OpenCL C: any result will do, as long as the application lives. */
	(void)svm_run(s, divide, WORDS);
	return svm_still_works(s);
}

static sigjmp_buf own_fault;

static void on_fault(int signal)
{
	siglongjmp(own_fault, signal);
}

/* The application's own handler still gets the application's own faults. */
static int run_own_handler(struct svm *s)
{
	struct sigaction action = {.sa_handler = on_fault}, before;
	uint32_t *words = map_words();
	int faults = 0;

	/* First a handler from before OpenCL has run anything, then one from after. */
	for (int round = 0; round < 2; round++) {
		sigaction(SIGSEGV, &action, &before);
		if (round == 0 && svm_add_works(s, "first", words, WORDS, 1))
			return FAIL;
		if (mprotect(words, BYTES, PROT_READ))
			die("mprotect: %m");
		if (sigsetjmp(own_fault, 1) == 0)
			*(volatile uint32_t *)words = 1;
		else
			faults++;
		if (round == 0 && add_status(s, words, WORDS) >= 0)
			return failed("a kernel that writes to read-only memory succeeded");
		if (mprotect(words, BYTES, PROT_READ | PROT_WRITE))
			die("mprotect: %m");
		svm_reopen(s);
	}
	if (faults != 2)
		return failed("the application's handler got %d of its 2 faults", faults);
	return svm_still_works(s);
}

/* A hundred faults, one after the other: nothing is used up. */
static int run_many(struct svm *s)
{
	for (int i = 0; i < 100; i++) {
		if (add_status(s, (void *)(uintptr_t)(64 * i), 64) >= 0)
			return failed("fault %d was not reported", i);
		svm_reopen(s);
	}
	return svm_still_works(s);
}

const struct svm_case fault_cases[] = {
	{"fault-munmap", "munmap, then a kernel writes there", run_munmap},
	{"fault-hole", "one inaccessible page amid good ones", run_hole},
	{"fault-read-only", "mprotect: reads work, a write fails its command", run_read_only},
	{"fault-null", "NULL, wild and non-canonical addresses", run_null},
	{"fault-truncate", "a mapped file that is cut and grows again", run_truncate},
	{"fault-other-context", "a kernel of another context goes on", run_other_context},
	{"fault-dependent", "a command that waits for the faulting one fails too", run_dependent},
	{"fault-divide", "an integer division by zero", run_divide},
	{"fault-own-handler", "the application's SIGSEGV handler keeps its faults",
	 run_own_handler},
	{"fault-many", "a hundred faults in one process", run_many},
	{NULL, NULL, NULL},
};
