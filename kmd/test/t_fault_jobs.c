/* SPDX-License-Identifier: MIT */
/* Failing jobs among others: in batches, wide ones, beside other queues, under changing mappings.
 */
#include "kt.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FAILED_MASK (1u << DRM_CAUSEWAY_EVENT_FAULT_FAILED)

static void *bad_page(void)
{
	char *p = kt_anon(KT_PAGE);

	KT_SYS(mprotect(p, KT_PAGE, PROT_NONE));
	return p;
}

/* Items before the bad one are done, and the job ends there. */
static void middle(const void *param)
{
	char *p = kt_anon(16 * KT_PAGE);
	struct kt_op op = {.fn = kt_dev_write,
			   .args = {.p = (uintptr_t)p, .stride = KT_PAGE, .a = 100},
			   .items = 16};
	struct drm_causeway_event e;
	struct kt_queue queue;
	struct kt_vm vm;
	int events;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	events = kt_events(&vm, FAILED_MASK);
	KT_SYS(mprotect(p + 9 * KT_PAGE, KT_PAGE, PROT_READ));
	KT_EQ(kt_run(&queue, &op, NULL), DRM_CAUSEWAY_JOB_FAULT);
	KT_CHECK(kt_event(events, &e));
	KT_EQ(e.address, (uintptr_t)p + 9 * KT_PAGE);
	KT_EQ(kt_wrong(p, 9, KT_PAGE, 100), 0);
	for (int i = 9; i < 16; i++)
		KT_EQ(*(uint32_t *)(p + i * KT_PAGE), 0);
	kt_vm_close(&vm);
}

/* Several threads on one job: it fails once, and none of them is lost. */
static void wide(const void *param)
{
	uint32_t *bad = bad_page();
	uint32_t *count = kt_anon(KT_PAGE);
	struct kt_op op = {.fn = kt_dev_write,
			   .args = {.p = (uintptr_t)bad, .stride = 4},
			   .items = 64,
			   .part = 1,
			   .width = KT_THREADS};
	struct kt_op good = {.fn = kt_dev_count,
			     .args = {.p = (uintptr_t)count},
			     .items = 64,
			     .part = 1,
			     .width = KT_THREADS};
	struct kt_queue queue;
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	for (int i = 0; i < 10; i++) {
		KT_EQ(kt_run(&queue, &op, NULL), DRM_CAUSEWAY_JOB_FAULT);
		KT_EQ(kt_counter(&vm, DRM_CAUSEWAY_COUNTER_JOBS_FAILED), i + 1);
		KT_EQ(kt_run(&queue, &good, NULL), DRM_CAUSEWAY_JOB_DONE);
		KT_EQ(*count, 64 * (i + 1));
	}
	kt_vm_close(&vm);
}

/* A batch: the job that fails is the one that is said to fail. */
static void batch(const void *param)
{
	uint32_t *bad = bad_page(), *count = kt_anon(KT_PAGE);
	struct kt_op good = {.fn = kt_dev_count, .args = {.p = (uintptr_t)count}};
	struct kt_op faulty = {.fn = kt_dev_touch, .args = {.p = (uintptr_t)bad, .b = KT_WRITE}};
	struct kt_op ops[9];
	struct kt_queue queue;
	void *slots[9];
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	for (int i = 0; i < 9; i++) {
		ops[i] = i % 3 == 1 ? faulty : good;
		slots[i] = kt_slot_get(&ops[i]);
	}
	KT_EQ(kt_submit(&queue, slots, 9, ops), 0);
	KT_EQ(queue.last, 9);
	for (unsigned int i = 0; i < 9; i++) {
		uint32_t status;

		KT_EQ(kt_wait(&queue, i + 1, -1, &status), 0);
		KT_EQ(status, i % 3 == 1 ? DRM_CAUSEWAY_JOB_FAULT : DRM_CAUSEWAY_JOB_DONE);
	}
	KT_EQ(queue.fence->completed, 9);
	KT_EQ(queue.fence->failed, 8);
	KT_EQ(*count, 6);
	kt_vm_close(&vm);
}

/* What runs elsewhere on the device doesn't notice. */
static void beside(const void *param)
{
	bool other_vm = param != NULL;
	uint32_t *bad = bad_page(), *words = kt_anon(4 * KT_PAGE), *stop = kt_anon(KT_PAGE);
	struct kt_op faulty = {.fn = kt_dev_touch, .args = {.p = (uintptr_t)bad, .b = KT_READ}};
	struct kt_op hammer = {
		.fn = kt_dev_hammer,
		.args = {.p = (uintptr_t)words, .stride = KT_PAGE, .b = 4, .q = (uintptr_t)stop}};
	struct kt_queue a, b;
	struct kt_vm vm, vm2;
	struct kt_job job;

	kt_vm_open(&vm);
	kt_queue_open(&a, &vm);
	if (other_vm)
		kt_vm_open(&vm2);
	kt_queue_open(&b, other_vm ? &vm2 : &vm);
	job = kt_start(&b, &hammer);
	for (int i = 0; i < 20; i++)
		KT_EQ(kt_run(&a, &faulty, NULL), DRM_CAUSEWAY_JOB_FAULT);
	KT_EQ(b.fence->completed, 0);
	*stop = 1;
	KT_EQ(kt_finish(&job), DRM_CAUSEWAY_JOB_DONE);
	KT_EQ(b.fence->failed, 0);
	KT_EQ(kt_counter(other_vm ? &vm2 : &vm, DRM_CAUSEWAY_COUNTER_RESETS), 0);
	kt_vm_close(&vm);
	if (other_vm)
		kt_vm_close(&vm2);
}

/* Many failures: all counted, records told or counted as lost. */
static void storm(const void *param)
{
	uint32_t *bad = bad_page();
	struct kt_op faulty = {.fn = kt_dev_touch, .args = {.p = (uintptr_t)bad, .b = KT_READ}};
	struct drm_causeway_event e;
	struct kt_queue queue;
	struct kt_vm vm;
	uint64_t records = 0, lost = 0;
	int events;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	events = kt_events(&vm, FAILED_MASK);
	for (int i = 0; i < 400; i++)
		KT_EQ(kt_run(&queue, &faulty, NULL), DRM_CAUSEWAY_JOB_FAULT);
	KT_EQ(kt_counter(&vm, DRM_CAUSEWAY_COUNTER_JOBS_FAILED), 400);
	KT_EQ(kt_counter(&vm, DRM_CAUSEWAY_COUNTER_FAULTS_FAILED), 400);
	KT_SYS(fcntl(events, F_SETFL, O_NONBLOCK));
	while (read(events, &e, sizeof(e)) == (ssize_t)sizeof(e)) {
		if (e.type == DRM_CAUSEWAY_EVENT_LOST)
			lost += e.pages;
		else
			records++;
	}
	KT_EQ(records + lost, 400);
	KT_EQ(kt_counter(&vm, DRM_CAUSEWAY_COUNTER_EVENTS_LOST), lost);
	kt_vm_close(&vm);
}

/* What was wrong once and is right now works. */
static void again(const void *param)
{
	char *p = kt_anon(4 * KT_PAGE);
	struct kt_queue queue;
	struct kt_vm vm;
	uint32_t value;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	for (uint32_t i = 0; i < 20; i++) {
		kt_unmap(p, 4 * KT_PAGE);
		KT_EQ(kt_touch(&queue, p + KT_PAGE, KT_READ, NULL), DRM_CAUSEWAY_JOB_FAULT);
		KT_CHECK(mmap(p, 4 * KT_PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			      -1, 0) == p);
		KT_EQ(kt_touch(&queue, p + KT_PAGE, KT_READ, &value), DRM_CAUSEWAY_JOB_DONE);
		KT_EQ(value, 0);
		KT_EQ(kt_touch(&queue, p + KT_PAGE, KT_WRITE, NULL), DRM_CAUSEWAY_JOB_FAULT);
		KT_SYS(mprotect(p, 4 * KT_PAGE, PROT_READ | PROT_WRITE));
		kt_fill(p, 4, KT_PAGE, i);
		KT_EQ(kt_touch(&queue, p + KT_PAGE, KT_XCHG, &value), DRM_CAUSEWAY_JOB_DONE);
		KT_EQ(value, i + 1);
		KT_EQ(*(volatile uint32_t *)(p + KT_PAGE), 0x5eed);
	}
	kt_vm_close(&vm);
}

/* An access over the end of a page: the address is that of the first byte that can't be. */
static void straddle(const void *param)
{
	char *p = kt_anon(2 * KT_PAGE);
	struct drm_causeway_event e;
	struct kt_queue queue;
	struct kt_vm vm;
	int events;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	events = kt_events(&vm, FAILED_MASK);
	memset(p, 7, KT_PAGE);
	kt_unmap(p + KT_PAGE, KT_PAGE);
	KT_EQ(kt_touch(&queue, p + KT_PAGE - 2, KT_WRITE, NULL), DRM_CAUSEWAY_JOB_FAULT);
	KT_CHECK(kt_event(events, &e));
	KT_EQ(e.address, (uintptr_t)p + KT_PAGE);
	KT_EQ(p[KT_PAGE - 1], 7);
	kt_vm_close(&vm);
}

/* ---- mappings that change under a running job ----------------------- */

enum change { CHANGE_UNMAP, CHANGE_READ_ONLY, CHANGE_NONE, CHANGE_TRUNCATE, CHANGE_REMAP };

static void change_mapping(enum change change, char *p, size_t bytes, int fd)
{
	switch (change) {
	case CHANGE_UNMAP:
		kt_unmap(p, bytes);
		break;
	case CHANGE_READ_ONLY:
		KT_SYS(mprotect(p, bytes, PROT_READ));
		break;
	case CHANGE_NONE:
		KT_SYS(mprotect(p, bytes, PROT_NONE));
		break;
	case CHANGE_TRUNCATE:
		KT_SYS(ftruncate(fd, 0));
		break;
	case CHANGE_REMAP:
		KT_CHECK(mremap(p, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, kt_anon(bytes)) !=
			 MAP_FAILED);
		break;
	}
}

static void underfoot(const void *param)
{
	enum change change = *(const enum change *)param;
	const size_t bytes = 16 * KT_PAGE;
	struct drm_causeway_event e;
	uint32_t *stop = kt_anon(KT_PAGE);
	struct kt_queue queue;
	struct kt_vm vm;
	struct kt_job job;
	int events, fd = -1;
	char *p;

	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	events = kt_events(&vm, FAILED_MASK);
	for (int round = 0; round < 5; round++) {
		struct kt_op hammer = {.fn = kt_dev_hammer,
				       .args = {.stride = KT_PAGE, .b = 16, .q = (uintptr_t)stop}};

		if (change == CHANGE_TRUNCATE) {
			fd = KT_SYS(memfd_create("underfoot", MFD_CLOEXEC));
			KT_SYS(ftruncate(fd, (off_t)bytes));
			p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
			KT_CHECK(p != MAP_FAILED);
		} else {
			p = kt_anon(bytes);
		}
		hammer.args.p = (uintptr_t)p;
		job = kt_start(&queue, &hammer);
		while (!*(volatile uint32_t *)(p + 15 * KT_PAGE))
			kt_sleep_ms(1);
		change_mapping(change, p, bytes, fd);
		KT_EQ(kt_finish(&job), DRM_CAUSEWAY_JOB_FAULT);
		KT_CHECK(kt_event(events, &e));
		KT_CHECK(e.address >= (uintptr_t)p && e.address < (uintptr_t)p + bytes);
		KT_EQ(e.access & DRM_CAUSEWAY_EVENT_WRITE, DRM_CAUSEWAY_EVENT_WRITE);
	}
	kt_vm_close(&vm);
}

static void list(void)
{
	static const enum change changes[] = {CHANGE_UNMAP, CHANGE_READ_ONLY, CHANGE_NONE,
					      CHANGE_TRUNCATE, CHANGE_REMAP};
	static const struct kt_case cases[] = {
		{.name = "middle", .run = middle},
		{.name = "wide", .run = wide},
		{.name = "batch", .run = batch},
		{.name = "beside-queue", .run = beside},
		{.name = "beside-vm", .run = beside, .param = ""},
		{.name = "storm", .run = storm},
		{.name = "again", .run = again},
		{.name = "straddle", .run = straddle},
		{.name = "underfoot-unmap", .run = underfoot, .param = &changes[0]},
		{.name = "underfoot-read-only", .run = underfoot, .param = &changes[1]},
		{.name = "underfoot-none", .run = underfoot, .param = &changes[2]},
		{.name = "underfoot-truncate", .run = underfoot, .param = &changes[3]},
		{.name = "underfoot-remap", .run = underfoot, .param = &changes[4]},
	};

	kt_add_all(cases, KT_COUNT(cases));
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
