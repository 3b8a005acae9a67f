/* SPDX-License-Identifier: MIT */
/* What the matrix has no place for: structures, sharing, memory that comes and goes. */
#include "sysalloc.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- structures ----------------------------------------------------- */

static struct kt_node *make_list(size_t count, uint64_t *sum)
{
	uint64_t random = kt_options.seed;
	struct kt_node *head = NULL;

	*sum = 0;
	for (size_t i = 0; i < count; i++) {
		struct kt_node *node = malloc(sizeof(*node) + kt_random(&random) % 3000);

		KT_CHECK(node);
		node->value = i * 7;
		node->next = head;
		head = node;
		*sum += node->value;
	}
	return head;
}

static void linked_list(const void *param)
{
	uint64_t sum, out[KT_OUT];
	struct kt_node *head = make_list(5000, &sum);
	struct kt_op op = {.fn = kt_dev_list, .args = {.p = (uintptr_t)head, .a = 1}};
	struct kt_queue queue;
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	for (uint64_t round = 0; round < 3; round++) {
		uint64_t now = 0;

		KT_EQ(kt_run(&queue, &op, out), DRM_CAUSEWAY_JOB_DONE);
		KT_EQ(out[0], sum + round * 5000);
		for (struct kt_node *node = head; node; node = node->next)
			now += node->value;
		KT_EQ(now, sum + (round + 1) * 5000);
	}
	while (head) {
		struct kt_node *next = head->next;

		free(head);
		head = next;
	}
	kt_vm_close(&vm);
}

/* The heap changes beneath while the device walks in a part of it. */
static void *churn(void *stop)
{
	void *blocks[64] = {0};
	uint64_t random = 9;

	while (!*(volatile uint32_t *)stop) {
		uint64_t x = kt_random(&random);
		size_t i = x % KT_COUNT(blocks), bytes = x >> 8 & 0x3ffff;

		free(blocks[i]);
		blocks[i] = malloc(bytes);
		KT_CHECK(blocks[i]);
		memset(blocks[i], (int)x, bytes);
	}
	for (size_t i = 0; i < KT_COUNT(blocks); i++)
		free(blocks[i]);
	return NULL;
}

static void heap_churn(const void *param)
{
	uint64_t sum, out[KT_OUT];
	struct kt_node *head = make_list(1000, &sum);
	struct kt_op op = {.fn = kt_dev_list, .args = {.p = (uintptr_t)head, .a = 1}};
	uint32_t stop = 0;
	unsigned long thread;
	struct kt_queue queue;
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	kt_thread(&thread, churn, &stop);
	for (uint64_t round = 0; round < 100; round++) {
		KT_EQ(kt_run(&queue, &op, out), DRM_CAUSEWAY_JOB_DONE);
		KT_EQ(out[0], sum + round * 1000);
	}
	stop = 1;
	kt_thread_join(thread);
	kt_vm_close(&vm);
}

/* ---- sharing -------------------------------------------------------- */

#define ADDS 20000

static void add_by_device(struct kt_vm *vm, void *word, uint64_t times)
{
	struct kt_op op = {.fn = kt_dev_add64,
			   .args = {.p = (uintptr_t)word, .stride = 8, .a = 1, .b = times}};
	struct kt_queue queue;

	kt_queue_open(&queue, vm);
	KT_EQ(kt_run(&queue, &op, NULL), DRM_CAUSEWAY_JOB_DONE);
	kt_queue_close(&queue);
}

static void share_child(void *word)
{
	struct kt_vm vm;

	kt_vm_open(&vm);
	add_by_device(&vm, word, ADDS);
	kt_vm_close(&vm);
}

/* Several processes and their devices on one page. */
static void shared_page(const void *param)
{
	uint64_t *word =
		mmap(NULL, KT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t children[3];

	(void)param;
	for (size_t i = 0; i < KT_COUNT(children); i++)
		children[i] = kt_fork(share_child, word);
	for (uint64_t i = 0; i < ADDS; i++)
		__atomic_fetch_add(word, 1, __ATOMIC_SEQ_CST);
	for (size_t i = 0; i < KT_COUNT(children); i++)
		kt_join(children[i]);
	KT_EQ(*word, ADDS * (KT_COUNT(children) + 1));
}

static void *share_thread(void *arg)
{
	struct kt_vm *vm = ((void **)arg)[0];

	add_by_device(vm, ((void **)arg)[1], ADDS);
	return NULL;
}

/* Two VMs of one process: two devices' views of the same private page. */
static void two_vms(const void *param)
{
	uint64_t *word = kt_anon(KT_PAGE);
	struct kt_vm vms[2];
	void *args[2][2] = {{&vms[0], word}, {&vms[1], word}};
	unsigned long threads[2];

	(void)param;
	for (int i = 0; i < 2; i++)
		kt_vm_open(&vms[i]);
	for (int i = 0; i < 2; i++)
		kt_thread(&threads[i], share_thread, args[i]);
	for (uint64_t i = 0; i < ADDS; i++)
		__atomic_fetch_add(word, 1, __ATOMIC_SEQ_CST);
	for (int i = 0; i < 2; i++)
		kt_thread_join(threads[i]);
	KT_EQ(*word, 3 * ADDS);
	for (int i = 0; i < 2; i++)
		kt_vm_close(&vms[i]);
}

/* ---- memory that comes and goes ------------------------------------- */

/* New memory for each job, at any address; nothing of it stays in the driver. */
static void come_and_go(const void *param)
{
	struct kt_queue queue;
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	for (uint32_t i = 0; i < 200; i++) {
		size_t pages = 1 + i % 40;
		char *p = kt_anon(pages * KT_PAGE);

		kt_fill(p, pages, KT_PAGE, i);
		kt_inc(&queue, p, pages, KT_PAGE, 1);
		KT_EQ(kt_wrong(p, pages, KT_PAGE, i + 1), 0);
		kt_unmap(p, pages * KT_PAGE);
		KT_EQ(kt_touch(&queue, p, KT_READ, NULL), DRM_CAUSEWAY_JOB_FAULT);
	}
	KT_CHECK(kt_counter(&vm, DRM_CAUSEWAY_COUNTER_CHUNKS) < 200);
	KT_EQ(kt_counter(&vm, DRM_CAUSEWAY_COUNTER_RESIDENT), 0);
	kt_vm_close(&vm);
}

/* A mapping larger than any memory, used here and there. */
static void sparse(const void *param)
{
	const size_t bytes = 1ul << 40, step = bytes / 64;
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct kt_queue queue;
	struct kt_vm vm;

	(void)param;
	if (p == MAP_FAILED)
		kt_skip("no large mapping: %m");
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	kt_write(&queue, p, 64, step, 17);
	KT_EQ(kt_wrong(p, 64, step, 17), 0);
	KT_CHECK(kt_rss() < 2000 + 64 * 512);
	kt_unmap(p, bytes);
	kt_vm_close(&vm);
}

/* The first and the last pages that a process may have. */
static void ends_of_space(const void *param)
{
	static const uint64_t places[] = {0x10000, 0x7fff00000000 - KT_PAGE,
					  CAUSEWAY_WINDOW_START - KT_PAGE, CAUSEWAY_WINDOW_END};
	struct kt_queue queue;
	struct kt_vm vm;
	int done = 0;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	for (size_t i = 0; i < KT_COUNT(places); i++) {
		char *p = mmap((void *)places[i], KT_PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		if (p == MAP_FAILED)
			continue;
		done++;
		*(volatile uint32_t *)p = 40;
		kt_inc(&queue, p, 1, KT_PAGE, 2);
		KT_EQ(*(volatile uint32_t *)p, 42);
	}
	KT_CHECK(done >= 2);
	kt_vm_close(&vm);
}

/* What was never written reads as zero, and stays so for others. */
static void zero_page(const void *param)
{
	char *a = kt_anon(16 * KT_PAGE), *b = kt_anon(16 * KT_PAGE);
	struct kt_queue queue;
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	for (int i = 0; i < 16; i++)
		KT_EQ(*(volatile uint32_t *)(b + i * KT_PAGE), 0);
	KT_EQ(kt_sum(&queue, a, 16, KT_PAGE), 0);
	KT_EQ(kt_sum(&queue, b, 16, KT_PAGE), 0);
	kt_write(&queue, a, 16, KT_PAGE, 1);
	KT_EQ(kt_sum(&queue, b, 16, KT_PAGE), 0);
	kt_write(&queue, b, 8, KT_PAGE, 100);
	KT_EQ(kt_wrong(a, 16, KT_PAGE, 1), 0);
	KT_EQ(kt_wrong(b, 8, KT_PAGE, 100), 0);
	for (int i = 8; i < 16; i++)
		KT_EQ(*(volatile uint32_t *)(b + i * KT_PAGE), 0);
	kt_vm_close(&vm);
}

/* What the device writes, the processor runs. */
static void written_code(const void *param)
{
	/* mov eax, 42; ret; as two words */
	static const uint32_t code[2] = {0x00002ab8, 0x0000c300};
	/* Both are the point here. NOLINTNEXTLINE(*MmapWriteExec) */
	uint32_t *p = mmap(NULL, KT_PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct kt_queue queue;
	struct kt_vm vm;

	(void)param;
	if (p == MAP_FAILED)
		kt_skip("no writable code: %m");
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	kt_write(&queue, &p[0], 1, 4, code[0]);
	kt_write(&queue, &p[1], 1, 4, code[1]);
	KT_EQ(((int (*)(void))(uintptr_t)p)(), 42);
	kt_vm_close(&vm);
}

/* A bulk copy between kinds of memory, by one job. */
static void copy_between(const void *param)
{
	const size_t bytes = KT_MIB;
	uint64_t *to = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t *from = malloc(bytes);
	struct kt_op op = {.fn = kt_dev_copy,
			   .args = {.p = (uintptr_t)to, .q = (uintptr_t)from},
			   .items = bytes / 8,
			   .part = 1024,
			   .width = KT_THREADS};
	struct kt_queue queue;
	struct kt_vm vm;

	(void)param;
	KT_CHECK(from && to != MAP_FAILED);
	for (size_t i = 0; i < bytes / 8; i++)
		from[i] = i * 0x9e3779b97f4a7c15u;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	KT_EQ(kt_run(&queue, &op, NULL), DRM_CAUSEWAY_JOB_DONE);
	KT_EQ(memcmp(to, from, bytes), 0);
	kt_vm_close(&vm);
	free(from);
}

void sa_other_cases(void)
{
	static const struct kt_case cases[] = {
		{.name = "linked-list", .run = linked_list},
		{.name = "heap-churn", .run = heap_churn},
		{.name = "shared-page", .run = shared_page},
		{.name = "two-vms", .run = two_vms},
		{.name = "come-and-go", .run = come_and_go},
		{.name = "sparse", .run = sparse},
		{.name = "ends-of-space", .run = ends_of_space},
		{.name = "zero-page", .run = zero_page},
		{.name = "written-code", .run = written_code},
		{.name = "copy-between", .run = copy_between},
	};

	kt_add_all(cases, KT_COUNT(cases));
}
