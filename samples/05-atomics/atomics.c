/* SPDX-License-Identifier: MIT */
/*
 * A conversation: one kernel is launched once and stays.  A host thread then
 * hands it questions and takes its answers through atomics in plain malloc'd
 * memory; nothing is enqueued in between.
 *
 * Each side writes one counter and only reads the other's: "asked" belongs to
 * the host, "answered" to the kernel.  A release store publishes what was
 * written before it, an acquire load sees it: the same C11 rules on both
 * sides, since the scope is all SVM devices.
 */
#include "../sample.h"
#include <stdatomic.h>
#include <stdint.h>

#define SLOTS	256
#define SECONDS 2.0
#define STOP	UINT32_MAX

struct line {
	_Alignas(64) atomic_uint count;
};

struct channel {
	struct line asked, answered;
	uint32_t question[SLOTS];
	uint32_t answer[SLOTS];
};

static const char source[] =
	"struct channel {\n"
	"	atomic_uint asked;\n"
	"	uint pad0[15];\n"
	"	atomic_uint answered;\n"
	"	uint pad1[15];\n"
	"	uint question[SLOTS];\n"
	"	uint answer[SLOTS];\n"
	"};\n"
	"\n"
	"/* How many steps of the 3n+1 game lead from n to 1. */\n"
	"uint collatz(ulong n)\n"
	"{\n"
	"	uint steps = 0;\n"
	"	for (; n > 1; steps++)\n"
	"		n = n & 1 ? 3 * n + 1 : n / 2;\n"
	"	return steps;\n"
	"}\n"
	"\n"
	"kernel void answer(global struct channel *c)\n"
	"{\n"
	"	uint done = 0;\n"
	"	while (1) {\n"
	"		while (atomic_load_explicit(&c->asked, memory_order_acquire,\n"
	"				memory_scope_all_svm_devices) == done)\n"
	"			;\n"
	"		uint question = c->question[done % SLOTS];\n"
	"		if (question == STOP)\n"
	"			break;\n"
	"		c->answer[done % SLOTS] = collatz(question);\n"
	"		done++;\n"
	"		atomic_store_explicit(&c->answered, done, memory_order_release,\n"
	"				memory_scope_all_svm_devices);\n"
	"	}\n"
	"}\n";

static uint32_t collatz(uint64_t n)
{
	uint32_t steps = 0;

	for (; n > 1; steps++)
		n = n & 1 ? 3 * n + 1 : n / 2;
	return steps;
}

static void ask(struct channel *c, uint32_t index, uint32_t question)
{
	c->question[index % SLOTS] = question;
	atomic_store_explicit(&c->asked.count, index + 1, memory_order_release);
}

static uint32_t answered(struct channel *c)
{
	return atomic_load_explicit(&c->answered.count, memory_order_acquire);
}

/* One question at a time: the time of a round trip between two cores. */
static uint32_t ping_pong(struct channel *c, uint32_t index, uint32_t *wrong)
{
	double start = now_s(), elapsed;
	uint32_t first = index;

	do {
		ask(c, index, index);
		while (answered(c) == index)
			;
		*wrong += c->answer[index % SLOTS] != collatz(index);
		index++;
		elapsed = now_s() - start;
	} while (elapsed < SECONDS);
	printf("one at a time: %9u questions, %8.0f ns each\n", index - first,
	       1e9 * elapsed / (index - first));
	return index;
}

/* Up to SLOTS questions under way: what a queue between the two can carry. */
static uint32_t stream(struct channel *c, uint32_t index, uint32_t *wrong)
{
	double start = now_s(), elapsed;
	uint32_t first = index, checked = index, seen;

	do {
		while (index - checked < SLOTS) {
			ask(c, index, index);
			index++;
		}
		for (seen = answered(c); checked != seen; checked++)
			*wrong += c->answer[checked % SLOTS] != collatz(checked);
		elapsed = now_s() - start;
	} while (elapsed < SECONDS);
	while (answered(c) != index)
		;
	for (; checked != index; checked++)
		*wrong += c->answer[checked % SLOTS] != collatz(checked);
	printf("many at once:  %9u questions, %8.0f ns each\n", index - first,
	       1e9 * elapsed / (index - first));
	return index;
}

int main(void)
{
	struct channel *c = aligned_alloc(64, sizeof(*c));
	size_t one = 1;
	uint32_t index = 0, wrong = 0;
	struct sample s;
	cl_kernel kernel;

	if (!c)
		fail("out of memory");
	*c = (struct channel){0};
	sample_open(&s, source, "-cl-std=CL3.0 -DSLOTS=256 -DSTOP=0xffffffffu");
	kernel = sample_kernel(&s, "answer");
	check(clSetKernelArgSVMPointer(kernel, 0, c), "clSetKernelArgSVMPointer");
	check(clEnqueueNDRangeKernel(s.queue, kernel, 1, NULL, &one, &one, 0, NULL, NULL),
	      "clEnqueueNDRangeKernel");
	/* Let the kernel start without waiting for it: it runs until it is told to stop. */
	check(clFlush(s.queue), "clFlush");

	index = ping_pong(c, index, &wrong);
	index = stream(c, index, &wrong);
	ask(c, index, STOP);
	check(clFinish(s.queue), "clFinish");

	clReleaseKernel(kernel);
	sample_close(&s);
	free(c);
	if (wrong)
		fail("%u of %u answers are wrong", wrong, index);
	printf("%u answers, all right, one launch\n", index);
	return 0;
}
