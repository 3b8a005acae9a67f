/* SPDX-License-Identifier: MIT */
/* Kinds of memory: where a pointer may come from, and how it may be used. */
#include "svm.h"
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

static int run_malloc(struct svm *s)
{
	cl_kernel add = svm_kernel(s, ADD_SOURCE, "add");
	int result = PASS;

	arg_uint(add, 1, 5);
	for (size_t count = 1; count <= 4u << 20 && result == PASS; count = count * 5 + 3) {
		uint32_t *words = malloc(count * sizeof(*words));

		if (!words)
			die("no memory for %zu words", count);
		for (size_t i = 0; i < count; i++)
			words[i] = (uint32_t)(i * 3);
		arg_pointer(add, 0, words);
		if (svm_run(s, add, count) != CL_COMPLETE)
			result = failed("%zu words: the kernel failed", count);
		for (size_t i = 0; i < count && result == PASS; i++)
			if (words[i] != i * 3 + 5)
				result = failed("%zu words: word %zu is %u", count, i, words[i]);
		free(words);
	}
	clReleaseKernel(add);
	return result;
}

/* Thousands of small blocks, each reached through a pointer that OpenCL never saw. */
static int run_malloc_blocks(struct svm *s)
{
	static const char source[] = "kernel void visit(global uint *global *blocks)\n"
				     "{\n"
				     "	uint i = get_global_id(0);\n"
				     "	for (uint k = 0; k < i % 50 + 1; k++)\n"
				     "		blocks[i][k] += i * k;\n"
				     "}\n";
	enum { BLOCKS = 5000 };
	cl_kernel visit = svm_kernel(s, source, "visit");
	uint32_t **blocks = must_alloc(BLOCKS * sizeof(*blocks));
	size_t bad = 0;

	for (uint32_t i = 0; i < BLOCKS; i++)
		blocks[i] = must_alloc((i % 50 + 1) * sizeof(**blocks));
	arg_pointer(visit, 0, blocks);
	if (svm_run(s, visit, BLOCKS) != CL_COMPLETE)
		return failed("the kernel failed");
	for (uint32_t i = 0; i < BLOCKS; i++) {
		for (uint32_t k = 0; k < i % 50 + 1; k++)
			bad += blocks[i][k] != i * k;
		free(blocks[i]);
	}
	free(blocks);
	clReleaseKernel(visit);
	return bad ? failed("%zu words are wrong", bad) : PASS;
}

/* A gigabyte from calloc, never touched by the host: its first page fault is the kernel's. */
static int run_calloc_huge(struct svm *s)
{
	static const char source[] =
		"kernel void touch(global ulong *p, global atomic_uint *dirty)\n"
		"{\n"
		"	size_t i = get_global_id(0) * 8192;\n" /* every 16th page */
		"	if (p[i] | p[i + 511])\n"
		"		atomic_fetch_add(dirty, 1);\n"
		"	p[i] = i + 1;\n"
		"}\n";
	const size_t words = (size_t)1 << 27;
	cl_kernel touch = svm_kernel(s, source, "touch");
	uint64_t *p = must_alloc(words * sizeof(*p));
	uint32_t *dirty = must_alloc(sizeof(*dirty));
	size_t bad = 0;

	arg_pointer(touch, 0, p);
	arg_pointer(touch, 1, dirty);
	if (svm_run(s, touch, words / 8192) != CL_COMPLETE)
		return failed("the kernel failed");
	for (size_t i = 0; i < words; i += 8192)
		bad += p[i] != i + 1;
	if (*dirty || bad)
		return failed("%u pages were not zero, %zu writes are lost", *dirty, bad);
	free(p);
	free(dirty);
	return PASS;
}

/* A thread that lends an array on its stack, and keeps it until it is told to go. */
struct lender {
	sem_t ready, done;
	uint32_t *words;
	size_t count;
};

static void *lend(void *argument)
{
	struct lender *l = argument;
	uint32_t words[10000];

	memset(words, 0, sizeof(words));
	l->words = words;
	l->count = sizeof(words) / sizeof(words[0]);
	sem_post(&l->ready);
	while (sem_wait(&l->done))
		;
	return NULL;
}

static int run_thread_stack(struct svm *s)
{
	struct lender l = {0};
	pthread_t thread;
	int result;

	sem_init(&l.ready, 0, 0);
	sem_init(&l.done, 0, 0);
	if (pthread_create(&thread, NULL, lend, &l))
		die("no thread");
	while (sem_wait(&l.ready))
		;
	result = svm_add_works(s, "stack of another thread", l.words, l.count, 9);
	sem_post(&l.done);
	pthread_join(thread, NULL);
	return result;
}

/* The main thread's stack grows on demand: the kernel touches pages below what was used. */
static int run_stack_growth(struct svm *s)
{
	uint32_t words[200000]; /* 800 kB, untouched until svm_add_works() writes them */

	return svm_add_works(s, "own stack", words, 200000, 11);
}

static uint32_t data_words[3000] = {1};
static uint32_t bss_words[3000];
static _Thread_local uint32_t tls_words[3000];
static const uint32_t const_words[8] = {2, 3, 5, 7, 11, 13, 17, 19};

static int run_global(struct svm *s)
{
	static const char source[] = "kernel void copy(global const uint *from, global uint *to)\n"
				     "{\n"
				     "	to[get_global_id(0)] = from[get_global_id(0)];\n"
				     "}\n";
	uint32_t copied[8] = {0};
	cl_kernel copy;

	if (svm_add_works(s, "data", data_words, 3000, 1) ||
	    svm_add_works(s, "bss", bss_words, 3000, 2) ||
	    svm_add_works(s, "thread-local", tls_words, 3000, 3))
		return FAIL;
	copy = svm_kernel(s, source, "copy");
	arg_pointer(copy, 0, const_words);
	arg_pointer(copy, 1, copied);
	if (svm_run(s, copy, 8) != CL_COMPLETE || memcmp(copied, const_words, sizeof(copied)) != 0)
		return failed("constants of the program's read-only data are not read");
	clReleaseKernel(copy);
	return PASS;
}

/* Members of a packed struct, and vload/vstore at every offset around a page boundary. */
static int run_unaligned(struct svm *s)
{
	static const char source[] =
		"struct __attribute__((packed)) record { uchar tag; uint value; ulong wide; };\n"
		"kernel void records(global struct record *r)\n"
		"{\n"
		"	size_t i = get_global_id(0);\n"
		"	r[i].value += r[i].tag;\n"
		"	r[i].wide = (ulong)r[i].value << 20;\n"
		"}\n"
		"kernel void across(global uchar *bytes, global uchar *to)\n"
		"{\n"
		"	size_t i = get_global_id(0);\n" /* 16 bytes from offset i */
		"	vstore16(vload16(0, bytes + i) + (uchar)1, 0, to + 17 * i + 1);\n"
		"}\n";
	struct __attribute__((packed)) record {
		uint8_t tag;
		uint32_t value;
		uint64_t wide;
	} *records = must_alloc(2000 * sizeof(*records));
	uint8_t *bytes =
		must_map(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	uint8_t *to = must_alloc(32 * 17 + 1), *low = bytes + PAGE - 24;
	cl_kernel kernel = svm_kernel(s, source, "records");

	for (uint32_t i = 0; i < 2000; i++)
		records[i] = (struct record){(uint8_t)i, i * 7, 0};
	arg_pointer(kernel, 0, records);
	if (svm_run(s, kernel, 2000) != CL_COMPLETE)
		return failed("packed records: the kernel failed");
	for (uint32_t i = 0; i < 2000; i++) {
		uint32_t value = i * 7 + (uint8_t)i;

		if (records[i].tag != (uint8_t)i || records[i].value != value ||
		    records[i].wide != (uint64_t)value << 20)
			return failed("packed record %u is wrong", i);
	}
	clReleaseKernel(kernel);

	for (int i = 0; i < 48; i++)
		low[i] = (uint8_t)(i * 5);
	kernel = svm_kernel(s, source, "across");
	arg_pointer(kernel, 0, low);
	arg_pointer(kernel, 1, to);
	if (svm_run(s, kernel, 32) != CL_COMPLETE)
		return failed("across pages: the kernel failed");
	for (int i = 0; i < 32 * 17; i++)
		if (to[i] != (i % 17 ? (uint8_t)((i / 17 + i % 17 - 1) * 5 + 1) : 0))
			return failed("across pages: byte %d is %u", i, to[i]);
	clReleaseKernel(kernel);
	free(records);
	return PASS;
}

/*
 * Arrays of every small length that end where their mapping ends, and that
 * begin where it begins, with nothing mapped beside: a vectorised kernel must
 * not touch what lies before or behind.
 */
static int run_edges(struct svm *s)
{
	static const char source[] =
		"kernel void bytes(global uchar *p) { p[get_global_id(0)] += 1; }\n"
		"kernel void shorts(global ushort *p) { p[get_global_id(0)] += 1; }\n"
		"kernel void words(global uint *p) { p[get_global_id(0)] += 1; }\n"
		"kernel void longs(global ulong *p) { p[get_global_id(0)] += 1; }\n"
		"kernel void triples(global float *p)\n"
		"{\n"
		"	size_t i = get_global_id(0);\n"
		"	vstore3(vload3(i, p) + 1.0f, i, p);\n"
		"}\n"
		"kernel void backwards(global uint *p)\n"
		"{\n"
		"	p[get_global_size(0) - 1 - get_global_id(0)] += 1;\n"
		"}\n";
	static const struct {
		const char *name;
		unsigned bytes;
	} kinds[] = {{"bytes", 1}, {"shorts", 2},   {"words", 4},
		     {"longs", 8}, {"triples", 12}, {"backwards", 4}};
	uint8_t *low = must_map(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1) + 0;
	uint8_t *page = low + PAGE;

	if (mprotect(page, PAGE, PROT_READ | PROT_WRITE))
		die("mprotect: %m");
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		cl_kernel kernel = svm_kernel(s, source, kinds[k].name);

		for (size_t count = 1; count <= 70; count++) {
			arg_pointer(kernel, 0, page + PAGE - count * kinds[k].bytes);
			if (svm_run(s, kernel, count) != CL_COMPLETE)
				return failed("%s: %zu up to the end of a mapping", kinds[k].name,
					      count);
			arg_pointer(kernel, 0, page);
			if (svm_run(s, kernel, count) != CL_COMPLETE)
				return failed("%s: %zu from the start of a mapping", kinds[k].name,
					      count);
		}
		clReleaseKernel(kernel);
	}
	return PASS;
}

/* A list whose nodes lie in five kinds of memory, in turn. */
struct link {
	struct link *next;
	uint64_t value;
};

static struct link global_links[100];

static int run_mixed_list(struct svm *s)
{
	static const char source[] =
		"struct link { global struct link *next; ulong value; };\n"
		"kernel void walk(global struct link *at, global ulong *sum_out)\n"
		"{\n"
		"	ulong sum = 0;\n"
		"	for (; at; at = at->next) {\n"
		"		sum += at->value;\n"
		"		at->value = ~at->value;\n"
		"	}\n"
		"	*sum_out = sum;\n"
		"}\n";
	struct link stack_links[100], *heap_links = must_alloc(sizeof(stack_links));
	struct link *private_links = must_map(NULL, sizeof(stack_links), PROT_READ | PROT_WRITE,
					      MAP_PRIVATE | MAP_ANONYMOUS, -1);
	struct link *shared_links = must_map(NULL, sizeof(stack_links), PROT_READ | PROT_WRITE,
					     MAP_SHARED, make_memfd(sizeof(stack_links)));
	struct link *const kinds[5] = {stack_links, heap_links, global_links, private_links,
				       shared_links};
	cl_kernel walk = svm_kernel(s, source, "walk");
	uint64_t sum = 0, expected = 0;
	struct link *head = NULL;

	for (uint64_t i = 0; i < 500; i++) {
		struct link *link = &kinds[i % 5][i / 5];

		*link = (struct link){head, i * i};
		head = link;
		expected += i * i;
	}
	arg_pointer(walk, 0, head);
	arg_pointer(walk, 1, &sum);
	if (svm_run(s, walk, 1) != CL_COMPLETE)
		return failed("the kernel failed");
	for (uint64_t i = 0; i < 500; i++)
		if (kinds[i % 5][i / 5].value != ~(i * i))
			return failed("node %llu was not changed", (unsigned long long)i);
	clReleaseKernel(walk);
	free(heap_links);
	return sum == expected ? PASS : failed("the sum is wrong");
}

/* 64 GiB of address space, a few pages of memory. */
static int run_sparse(struct svm *s)
{
	static const char source[] = "kernel void scatter(global ulong *p, ulong words)\n"
				     "{\n"
				     "	ulong i = get_global_id(0);\n"
				     "	ulong at = i * 0x9e3779b97f4a7c15ul % words;\n"
				     "	p[at] = i + 1;\n"
				     "}\n";
	const size_t bytes = (size_t)64 << 30, words = bytes / 8;
	const struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
	cl_kernel scatter = svm_kernel(s, source, "scatter");
	uint64_t *p;
	size_t bad = 0;

	(void)setrlimit(RLIMIT_AS, &limit);
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		 -1, 0);
	if (p == MAP_FAILED)
		return skipped("64 GiB of address space: %m");
	/* Huge pages would make real memory of it. */
	(void)madvise(p, bytes, MADV_NOHUGEPAGE);
	arg_pointer(scatter, 0, p);
	arg_ulong(scatter, 1, words);
	if (svm_run(s, scatter, 4000) != CL_COMPLETE)
		return failed("the kernel failed");
	for (uint64_t i = 0; i < 4000; i++)
		bad += p[i * 0x9e3779b97f4a7c15u % words] != i + 1;
	clReleaseKernel(scatter);
	munmap(p, bytes);
	return bad ? failed("%zu words are wrong", bad) : PASS;
}

const struct svm_case memory_cases[] = {
	{"malloc", "blocks of malloc from one word to 16 MiB", run_malloc},
	{"malloc-blocks", "pointers to pointers: 5000 blocks behind one argument",
	 run_malloc_blocks},
	{"calloc-huge", "1 GiB of calloc, first touched by the kernel", run_calloc_huge},
	{"thread-stack", "an array on another thread's stack", run_thread_stack},
	{"stack-growth", "800 kB on the main thread's stack", run_stack_growth},
	{"global", "data, bss, thread-local and constant variables", run_global},
	{"unaligned", "packed structs, vectors across pages", run_unaligned},
	{"edges", "nothing beside an array is touched", run_edges},
	{"mixed-list", "one list through five kinds of memory", run_mixed_list},
	{"sparse", "a sparse mapping of 64 GiB", run_sparse},
	{NULL, NULL, NULL},
};
