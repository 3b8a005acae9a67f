/* SPDX-License-Identifier: MIT */
/* Host threads and kernels at the same memory at the same time. */
#include "svm.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS 2.0
#define ITEMS	4096u
#define ADDS	16u

/* A host thread that adds 1 to @word until @stop, by @add. */
struct adder {
	pthread_t thread;
	void *word;
	uint64_t done;
	uint32_t stop;
	void (*add)(void *word);
};

static void add_32(void *word)
{
	__atomic_fetch_add((uint32_t *)word, 1, __ATOMIC_RELAXED);
}

static void add_64(void *word)
{
	__atomic_fetch_add((uint64_t *)word, 1, __ATOMIC_RELAXED);
}

static void swap_32(void *word)
{
	uint32_t seen = __atomic_load_n((uint32_t *)word, __ATOMIC_RELAXED);

	while (!__atomic_compare_exchange_n((uint32_t *)word, &seen, seen + 1, true,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

static void *adder_thread(void *argument)
{
	struct adder *a = argument;

	while (!__atomic_load_n(&a->stop, __ATOMIC_RELAXED)) {
		a->add(a->word);
		a->done++;
	}
	return NULL;
}

static void adder_start(struct adder *a, void *word, void (*add)(void *word))
{
	*a = (struct adder){.word = word, .add = add};
	if (pthread_create(&a->thread, NULL, adder_thread, a))
		die("no thread");
}

static uint64_t adder_stop(struct adder *a)
{
	__atomic_store_n(&a->stop, 1, __ATOMIC_RELAXED);
	pthread_join(a->thread, NULL);
	return a->done;
}

/*
 * For SECONDS: launches of @kernel, each adding ITEMS * ADDS to the word, and
 * a host thread that adds all the while.  *expected_out is the exact sum.
 */
static int race(struct svm *s, cl_kernel kernel, void *word, void (*add)(void *word),
		uint64_t *expected_out)
{
	double start = now_s();
	uint64_t launches = 0;
	struct adder host;
	cl_int status = CL_COMPLETE;

	arg_pointer(kernel, 0, word);
	arg_uint(kernel, 1, ADDS);
	adder_start(&host, word, add);
	for (; now_s() - start < SECONDS && status == CL_COMPLETE; launches++)
		status = svm_run(s, kernel, ITEMS);
	*expected_out = adder_stop(&host) + launches * ITEMS * ADDS;
	clReleaseKernel(kernel);
	return status == CL_COMPLETE ? PASS : failed("the kernel ended with %d", status);
}

static int run_add(struct svm *s)
{
	static const char source[] =
		"kernel void add(global atomic_uint *p, uint times)\n"
		"{\n"
		"	for (uint i = 0; i < times; i++)\n"
		"		atomic_fetch_add_explicit(p, 1, memory_order_relaxed,\n"
		"				memory_scope_all_svm_devices);\n"
		"}\n";
	uint32_t *word = must_alloc(sizeof(*word));
	uint64_t expected;

	if (race(s, svm_kernel(s, source, "add"), word, add_32, &expected))
		return FAIL;
	return *word == (uint32_t)expected
		       ? PASS
		       : failed("the sum is %u, not %u", *word, (uint32_t)expected);
}

static int run_add_64(struct svm *s)
{
	static const char source[] =
		"kernel void add(global atomic_ulong *p, uint times)\n"
		"{\n"
		"	for (uint i = 0; i < times; i++)\n"
		"		atomic_fetch_add_explicit(p, 1ul, memory_order_seq_cst,\n"
		"				memory_scope_all_svm_devices);\n"
		"}\n";
	/* The low half overflows on the way. */
	uint64_t *word = must_alloc(sizeof(*word)), expected, base = UINT32_MAX - 1000u;

	*word = base;
	if (race(s, svm_kernel(s, source, "add"), word, add_64, &expected))
		return FAIL;
	expected += base;
	return *word == expected ? PASS
				 : failed("the sum is %llu, not %llu", (unsigned long long)*word,
					  (unsigned long long)expected);
}

static int run_compare_exchange(struct svm *s)
{
	static const char source[] =
		"kernel void add(global atomic_uint *p, uint times)\n"
		"{\n"
		"	for (uint i = 0; i < times; i++) {\n"
		"		uint seen = atomic_load_explicit(p, memory_order_relaxed,\n"
		"				memory_scope_all_svm_devices);\n"
		"		while (!atomic_compare_exchange_weak_explicit(p, &seen, seen + 1,\n"
		"				memory_order_acq_rel, memory_order_relaxed,\n"
		"				memory_scope_all_svm_devices))\n"
		"			;\n"
		"	}\n"
		"}\n";
	uint32_t *word = must_alloc(sizeof(*word));
	uint64_t expected;

	if (race(s, svm_kernel(s, source, "add"), word, swap_32, &expected))
		return FAIL;
	return *word == (uint32_t)expected
		       ? PASS
		       : failed("the sum is %u, not %u", *word, (uint32_t)expected);
}

/* Words of four bytes: the kernel writes bytes 0 and 2, a host thread bytes 1 and 3. */
#define QUADS ((size_t)4096)

struct byte_writer {
	pthread_t thread;
	uint8_t *bytes;
	uint32_t stop;
	uint64_t rounds, lost;
};

static void *byte_thread(void *argument)
{
	struct byte_writer *w = argument;

	while (!__atomic_load_n(&w->stop, __ATOMIC_RELAXED)) {
		uint8_t value = (uint8_t)++w->rounds, other = (uint8_t)~value;

		for (size_t i = 0; i < QUADS; i++) {
			((volatile uint8_t *)w->bytes)[4 * i + 1] = value;
			((volatile uint8_t *)w->bytes)[4 * i + 3] = other;
		}
		for (size_t i = 0; i < QUADS; i++)
			w->lost += ((volatile uint8_t *)w->bytes)[4 * i + 1] != value ||
				   ((volatile uint8_t *)w->bytes)[4 * i + 3] != other;
	}
	return NULL;
}

static int run_bytes(struct svm *s)
{
	static const char source[] = "kernel void write(global uchar *bytes, uint value)\n"
				     "{\n"
				     "	size_t i = get_global_id(0);\n"
				     "	bytes[4 * i] = value;\n"
				     "	bytes[4 * i + 2] = value + 1;\n"
				     "}\n";
	struct byte_writer host = {.bytes = must_alloc(4 * QUADS)};
	cl_kernel write = svm_kernel(s, source, "write");
	uint64_t lost = 0;
	double start = now_s();

	arg_pointer(write, 0, host.bytes);
	if (pthread_create(&host.thread, NULL, byte_thread, &host))
		die("no thread");
	for (uint32_t value = 0; now_s() - start < SECONDS; value++) {
		arg_uint(write, 1, value);
		if (svm_run(s, write, QUADS) != CL_COMPLETE)
			return failed("the kernel failed");
		for (size_t i = 0; i < QUADS; i++)
			lost += host.bytes[4 * i] != (uint8_t)value ||
				host.bytes[4 * i + 2] != (uint8_t)(value + 1);
	}
	__atomic_store_n(&host.stop, 1, __ATOMIC_RELAXED);
	pthread_join(host.thread, NULL);
	clReleaseKernel(write);
	if (lost || host.lost)
		return failed("%llu writes of the kernel and %llu of the host are lost",
			      (unsigned long long)lost, (unsigned long long)host.lost);
	return host.rounds > 1 ? PASS : failed("the host thread did not run");
}

/* One launch, thousands of messages: data in plain words, order by release and acquire. */
static int run_messages(struct svm *s)
{
	static const char source[] =
		"struct box { atomic_uint turn; uint data[61]; };\n"
		"kernel void answer(global struct box *box, uint rounds)\n"
		"{\n"
		"	for (uint i = 0; i < rounds; i++) {\n"
		"		while (atomic_load_explicit(&box->turn, memory_order_acquire,\n"
		"				memory_scope_all_svm_devices) != 2 * i + 1)\n"
		"			;\n"
		"		for (uint k = 0; k < 61; k++)\n"
		"			box->data[k] = box->data[k] * 3 + 1;\n"
		"		atomic_store_explicit(&box->turn, 2 * i + 2, memory_order_release,\n"
		"				memory_scope_all_svm_devices);\n"
		"	}\n"
		"}\n";
	struct {
		uint32_t turn, data[61];
	} *box = must_alloc(sizeof(*box));
	cl_kernel answer = svm_kernel(s, source, "answer");
	cl_event event;
	int result = PASS;

	arg_pointer(answer, 0, box);
	arg_uint(answer, 1, 3000);
	event = svm_start(s, answer, 1);
	for (uint32_t i = 0; i < 3000; i++) {
		for (uint32_t k = 0; k < 61; k++)
			box->data[k] = i + k;
		__atomic_store_n(&box->turn, 2 * i + 1, __ATOMIC_RELEASE);
		while (__atomic_load_n(&box->turn, __ATOMIC_ACQUIRE) != 2 * i + 2)
			;
		for (uint32_t k = 0; k < 61; k++)
			if (box->data[k] != (i + k) * 3 + 1)
				result = failed("message %u, word %u is wrong", i, k);
	}
	if (svm_wait(event) != CL_COMPLETE)
		result = failed("the kernel failed");
	clReleaseEvent(event);
	clReleaseKernel(answer);
	return result;
}

const struct svm_case atomic_cases[] = {
	{"atomic-add", "32-bit additions of host and kernels, exact count", run_add},
	{"atomic-add-64", "64-bit additions, across the low half's overflow", run_add_64},
	{"atomic-compare-exchange", "compare-and-exchange loops on both sides",
	 run_compare_exchange},
	{"atomic-bytes", "host and kernel write different bytes of the same words", run_bytes},
	{"atomic-messages", "messages between the host and a running kernel", run_messages},
	{NULL, NULL, NULL},
};
