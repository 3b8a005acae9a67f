/* SPDX-License-Identifier: MIT */
/* Other processes: fork while a kernel runs, memory shared with a stranger. */
#include "svm.h"
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS 50000

/* Count up in every word, until the host says stop; then words[i] == *rounds. */
static const char run_source[] =
	"kernel void run(global uint *words, uint count, global atomic_uint *stop,\n"
	"		 global atomic_uint *rounds)\n"
	"{\n"
	"	uint done = 0;\n"
	"	while (!atomic_load_explicit(stop, memory_order_acquire,\n"
	"			memory_scope_all_svm_devices)) {\n"
	"		for (uint i = 0; i < count; i++)\n"
	"			words[i]++;\n"
	"		done++;\n"
	"		atomic_store_explicit(rounds, done, memory_order_release,\n"
	"				memory_scope_all_svm_devices);\n"
	"	}\n"
	"}\n";

static uint32_t load(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static void wait_for(const uint32_t *p, uint32_t least)
{
	double start = now_s();

	while (load(p) < least) {
		if (now_s() - start > 60)
			die("the kernel makes no progress");
		usleep(1000);
	}
}

/* In the child: its copy of the words stands still, and it may write to it. */
static int child_of_fork(uint32_t *words)
{
	uint32_t before = words[WORDS - 1];

	usleep(200000);
	if (words[WORDS - 1] != before)
		return 2; /* the parent's kernel writes to the child's memory */
	for (size_t i = 0; i < WORDS; i++)
		words[i] = 0xdeadbeef;
	return 0;
}

static int run_fork(struct svm *s)
{
	uint32_t *words = must_alloc(WORDS * sizeof(*words));
	uint32_t *stop = must_alloc(sizeof(*stop)), *rounds = must_alloc(sizeof(*rounds));
	cl_kernel run = svm_kernel(s, run_source, "run");
	int status, exit_code = 0;
	cl_event event;

	arg_pointer(run, 0, words);
	arg_uint(run, 1, WORDS);
	arg_pointer(run, 2, stop);
	arg_pointer(run, 3, rounds);
	event = svm_start(s, run, 1);
	wait_for(rounds, 10);
	for (int i = 0; i < 5; i++) {
		uint32_t now = load(rounds);
		pid_t child = fork();

		if (child == 0)
			_exit(child_of_fork(words));
		if (child < 0)
			die("fork: %m");
		/* The kernel goes on while both have the pages. */
		wait_for(rounds, now + 10);
		if (waitpid(child, &status, 0) < 0)
			die("waitpid: %m");
		exit_code |= WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	}
	__atomic_store_n(stop, 1, __ATOMIC_RELEASE);
	status = svm_wait(event);
	clReleaseEvent(event);
	clReleaseKernel(run);
	if (exit_code)
		return failed("a child %s", exit_code & 2 ? "saw the kernel write" : "crashed");
	if (status != CL_COMPLETE)
		return failed("the kernel ended with %d", status);
	for (size_t i = 0; i < WORDS; i++)
		if (words[i] != *rounds)
			return failed("word %zu is %u after %u rounds", i, words[i], *rounds);
	return PASS;
}

/* A child that has inherited the driver's state must be able to leave by exit(). */
static int run_fork_exit(struct svm *s)
{
	uint32_t words[100];
	int status;
	pid_t child;

	if (svm_add_works(s, "before", words, 100, 1))
		return FAIL;
	child = fork();
	if (child == 0) {
		alarm(20);
		exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		die("fork: %m");
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return failed("a forked child can't exit: status %x", status);
	return svm_add_works(s, "after", words, 100, 2);
}

/*
 * struct mailbox - in a memfd that a second process has mapped elsewhere.
 * The stranger asks, a running kernel answers.
 */
struct mailbox {
	uint32_t asked;
	uint32_t question;
	uint32_t answered;
	uint32_t answer;
};

#define QUESTIONS 2000u

/* In the other process: its own mapping, plain atomics, no OpenCL. */
static int stranger(int fd)
{
	struct mailbox *box = must_map(NULL, sizeof(*box), PROT_READ | PROT_WRITE, MAP_SHARED, fd);

	alarm(60);
	for (uint32_t i = 1; i <= QUESTIONS; i++) {
		box->question = i * 77;
		__atomic_store_n(&box->asked, i, __ATOMIC_RELEASE);
		while (load(&box->answered) != i)
			sched_yield();
		if (box->answer != i * 77 + 1)
			return 1;
	}
	return 0;
}

static int run_memfd(struct svm *s)
{
	static const char source[] =
		"struct mailbox { atomic_uint asked; uint question;\n"
		"		  atomic_uint answered; uint answer; };\n"
		"kernel void answer(global struct mailbox *box, uint questions)\n"
		"{\n"
		"	for (uint i = 1; i <= questions; i++) {\n"
		"		while (atomic_load_explicit(&box->asked, memory_order_acquire,\n"
		"				memory_scope_all_svm_devices) != i)\n"
		"			;\n"
		"		box->answer = box->question + 1;\n"
		"		atomic_store_explicit(&box->answered, i, memory_order_release,\n"
		"				memory_scope_all_svm_devices);\n"
		"	}\n"
		"}\n";
	int fd = make_memfd(PAGE), status;
	struct mailbox *box = must_map(NULL, sizeof(*box), PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	cl_kernel answer = svm_kernel(s, source, "answer");
	cl_event event;
	pid_t child;

	arg_pointer(answer, 0, box);
	arg_uint(answer, 1, QUESTIONS);
	event = svm_start(s, answer, 1);
	child = fork();
	if (child == 0)
		_exit(stranger(fd));
	if (child < 0 || waitpid(child, &status, 0) < 0)
		die("fork: %m");
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return failed("the other process got a wrong answer, or none: status %x", status);
	if (svm_wait(event) != CL_COMPLETE)
		return failed("the kernel failed");
	clReleaseEvent(event);
	clReleaseKernel(answer);
	return PASS;
}

const struct svm_case process_cases[] = {
	{"fork", "fork while a kernel runs", run_fork},
	{"fork-exit", "a forked child leaves through exit()", run_fork_exit},
	{"memfd", "a memfd shared with another process, both running", run_memfd},
	{NULL, NULL, NULL},
};
