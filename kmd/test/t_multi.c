/* SPDX-License-Identifier: MIT */
/* Two device instances on one process's memory. */
#include "kt.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES 128
#define BYTES (PAGES * KT_PAGE)
#define IN    DRM_CAUSEWAY_LOCATION_DEVICE
#define OUT   DRM_CAUSEWAY_LOCATION_SYSTEM

/*
 * struct pair - two devices, and memory; word 0 of page i is i + 1
 */
struct pair {
	struct kt_vm vm[2];
	struct kt_queue queue[2];
	char *p;
};

static void pair_open(struct pair *d)
{
	for (unsigned int i = 0; i < 2; i++) {
		kt_vm_open_on(&d->vm[i], i, 2);
		kt_queue_open(&d->queue[i], &d->vm[i]);
	}
	KT_EQ(d->vm[1].info.instance, 1);
	d->p = kt_anon(BYTES);
	kt_fill(d->p, PAGES, KT_PAGE, 1);
}

static void pair_close(struct pair *d)
{
	for (unsigned int i = 0; i < 2; i++)
		kt_vm_close(&d->vm[i]);
}

static bool moves(const struct pair *d)
{
	return kt_can_migrate(&d->vm[0]) && kt_can_migrate(&d->vm[1]);
}

static void move(struct pair *d, unsigned int device, uint32_t location)
{
	KT_EQ(kt_migrate(&d->vm[device], d->p, BYTES, location, NULL), 0);
}

/* Each sees what the other has written. */
static void coherence(const void *param)
{
	struct pair d;

	(void)param;
	pair_open(&d);
	for (uint32_t round = 0; round < 10; round++) {
		kt_inc(&d.queue[round & 1], d.p, PAGES, KT_PAGE, 1);
		KT_EQ(kt_sum(&d.queue[!(round & 1)], d.p, PAGES, KT_PAGE),
		      PAGES * (PAGES + 1) / 2 + (round + 1) * PAGES);
		if (round % 3 == 2)
			KT_EQ(kt_wrong(d.p, PAGES, KT_PAGE, 2 + round), 0);
	}
	pair_close(&d);
}

/* From one device's memory into the other's. */
static void hand_over(const void *param)
{
	struct pair d;

	(void)param;
	pair_open(&d);
	for (unsigned int round = 0; round < 6; round++) {
		unsigned int to = round & 1;

		move(&d, to, IN);
		KT_EQ(kt_device_pages(&d.vm[to], d.p, BYTES), PAGES);
		KT_EQ(kt_device_pages(&d.vm[!to], d.p, BYTES), 0);
		KT_EQ(kt_pages(&d.vm[!to], d.p, BYTES, DRM_CAUSEWAY_PAGE_PEER,
			       DRM_CAUSEWAY_PAGE_PEER),
		      PAGES);
		KT_EQ(kt_counter(&d.vm[!to], DRM_CAUSEWAY_COUNTER_RESIDENT), 0);
		kt_inc(&d.queue[to], d.p, PAGES, KT_PAGE, 1);
	}
	KT_EQ(kt_wrong(d.p, PAGES, KT_PAGE, 7), 0);
	pair_close(&d);
}

/* A device uses what lies in the other's memory. */
static void peer_access(const void *param)
{
	struct pair d;

	(void)param;
	pair_open(&d);
	move(&d, 0, IN);
	KT_EQ(kt_sum(&d.queue[1], d.p, PAGES, KT_PAGE), PAGES * (PAGES + 1) / 2);
	kt_inc(&d.queue[1], d.p, PAGES, KT_PAGE, 1);
	KT_EQ(kt_sum(&d.queue[0], d.p, PAGES, KT_PAGE), PAGES * (PAGES + 1) / 2 + PAGES);
	KT_EQ(kt_wrong(d.p, PAGES, KT_PAGE, 2), 0);
	pair_close(&d);
}

/* Some here, some there, some at home, in one job of either. */
static void mixed(const void *param)
{
	struct pair d;

	(void)param;
	pair_open(&d);
	if (moves(&d)) {
		for (size_t i = 0; i < PAGES; i++) {
			if (i % 3 < 2)
				KT_EQ(kt_migrate(&d.vm[i % 3], d.p + i * KT_PAGE, KT_PAGE, IN,
						 NULL),
				      0);
		}
		KT_EQ(kt_device_pages(&d.vm[0], d.p, BYTES), (PAGES + 2) / 3);
		KT_EQ(kt_device_pages(&d.vm[1], d.p, BYTES), (PAGES + 1) / 3);
	}
	for (unsigned int i = 0; i < 4; i++)
		kt_inc(&d.queue[i & 1], d.p, PAGES, KT_PAGE, 1);
	KT_EQ(kt_wrong(d.p, PAGES, KT_PAGE, 5), 0);
	if (moves(&d)) {
		move(&d, 0, IN);
		KT_EQ(kt_device_pages(&d.vm[0], d.p, BYTES), PAGES);
		move(&d, 1, OUT);
	}
	KT_EQ(kt_wrong(d.p, PAGES, KT_PAGE, 5), 0);
	pair_close(&d);
}

/* The same memory at two addresses, by two devices. */
static void double_map(const void *param)
{
	struct pair d;
	char *again;

	(void)param;
	pair_open(&d);
	d.p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	KT_CHECK(d.p != MAP_FAILED);
	again = mremap(d.p, 0, BYTES, MREMAP_MAYMOVE);
	KT_CHECK(again != MAP_FAILED && again != d.p);
	kt_write(&d.queue[0], d.p, PAGES, KT_PAGE, 10);
	kt_inc(&d.queue[1], again, PAGES, KT_PAGE, 1);
	KT_EQ(kt_wrong(d.p, PAGES, KT_PAGE, 11), 0);
	kt_inc(&d.queue[0], again, PAGES, KT_PAGE, 1);
	KT_EQ(kt_wrong(d.p, PAGES, KT_PAGE, 12), 0);
	pair_close(&d);
}

/* ---- duplicates ----------------------------------------------------- */

static void read_mostly(struct pair *d)
{
	if (!(d->vm[0].info.caps & d->vm[1].info.caps & DRM_CAUSEWAY_CAP_DUPLICATE))
		kt_skip("pages are not duplicated");
	for (unsigned int i = 0; i < 2; i++)
		KT_EQ(kt_advise(&d->vm[i], d->p, BYTES, DRM_CAUSEWAY_ATTR_READ_MOSTLY, 1), 0);
	move(d, 0, IN);
}

static size_t copies(struct pair *d, unsigned int device)
{
	return kt_pages(&d->vm[device], d->p, BYTES, DRM_CAUSEWAY_PAGE_COPY,
			DRM_CAUSEWAY_PAGE_COPY);
}

/* Both read, and neither takes the page from the other. */
static void duplicate_read(const void *param)
{
	struct pair d;

	(void)param;
	pair_open(&d);
	read_mostly(&d);
	for (int round = 0; round < 5; round++) {
		for (unsigned int i = 0; i < 2; i++)
			KT_EQ(kt_sum(&d.queue[i], d.p, PAGES, KT_PAGE), PAGES * (PAGES + 1) / 2);
	}
	KT_EQ(copies(&d, 1), PAGES);
	KT_EQ(kt_counter(&d.vm[1], DRM_CAUSEWAY_COUNTER_DUPLICATED), PAGES);
	KT_EQ(kt_device_pages(&d.vm[0], d.p, BYTES), PAGES);
	KT_EQ(kt_wrong(d.p, PAGES, KT_PAGE, 1), 0);
	pair_close(&d);
}

enum writer { WRITER_OWNER, WRITER_COPY, WRITER_CPU, WRITER_UNMAP };

/* Whoever writes, no copy is left that says otherwise. */
static void duplicate_write(const void *param)
{
	enum writer writer = *(const enum writer *)param;
	struct pair d;

	pair_open(&d);
	read_mostly(&d);
	for (uint32_t round = 0; round < 5; round++) {
		uint64_t sum = PAGES * (PAGES + 1) / 2 + (uint64_t)round * PAGES;

		KT_EQ(kt_sum(&d.queue[0], d.p, PAGES, KT_PAGE), sum);
		KT_EQ(kt_sum(&d.queue[1], d.p, PAGES, KT_PAGE), sum);
		switch (writer) {
		case WRITER_OWNER:
			kt_inc(&d.queue[0], d.p, PAGES, KT_PAGE, 1);
			break;
		case WRITER_COPY:
			kt_inc(&d.queue[1], d.p, PAGES, KT_PAGE, 1);
			break;
		case WRITER_CPU:
			kt_fill(d.p, PAGES, KT_PAGE, 2 + round);
			break;
		case WRITER_UNMAP:
			kt_unmap(d.p, BYTES);
			for (unsigned int i = 0; i < 2; i++)
				KT_EQ(kt_touch(&d.queue[i], d.p, KT_READ, NULL),
				      DRM_CAUSEWAY_JOB_FAULT);
			KT_EQ(kt_counter(&d.vm[0], DRM_CAUSEWAY_COUNTER_RESIDENT), 0);
			KT_EQ(kt_counter(&d.vm[1], DRM_CAUSEWAY_COUNTER_RESIDENT), 0);
			pair_close(&d);
			return;
		}
		for (unsigned int i = 0; i < 2; i++)
			KT_EQ(kt_sum(&d.queue[i], d.p, PAGES, KT_PAGE), sum + PAGES);
	}
	KT_EQ(kt_wrong(d.p, PAGES, KT_PAGE, 6), 0);
	KT_CHECK(kt_counter(&d.vm[1], DRM_CAUSEWAY_COUNTER_COLLAPSED) > 0 ||
		 kt_counter(&d.vm[0], DRM_CAUSEWAY_COUNTER_COLLAPSED) > 0);
	pair_close(&d);
}

/* ---- at the same time ----------------------------------------------- */

#define ROUNDS 3000

static void *adder(void *arg)
{
	struct kt_queue *queue = ((void **)arg)[0];
	struct kt_op op = {
		.fn = kt_dev_add,
		.args = {.p = (uintptr_t)((void **)arg)[1], .stride = KT_PAGE, .a = 1, .b = ROUNDS},
		.items = 4};

	KT_EQ(kt_run(queue, &op, NULL), DRM_CAUSEWAY_JOB_DONE);
	return NULL;
}

/* Two devices and the processor on the same words. */
static void conflict(const void *param)
{
	bool prefetch = param != NULL;
	struct pair d;
	unsigned long threads[2];
	void *args[2][2];

	pair_open(&d);
	if (prefetch && !moves(&d))
		kt_skip("the devices have no memory of their own");
	for (unsigned int i = 0; i < 2; i++) {
		args[i][0] = &d.queue[i];
		args[i][1] = d.p;
		kt_thread(&threads[i], adder, args[i]);
	}
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < 4; i++)
			__atomic_fetch_add((uint32_t *)(d.p + i * KT_PAGE), 1, __ATOMIC_SEQ_CST);
		if (prefetch && round % 100 == 0)
			kt_migrate(&d.vm[round / 100 % 2], d.p, 4 * KT_PAGE, IN, NULL);
	}
	for (unsigned int i = 0; i < 2; i++)
		kt_thread_join(threads[i]);
	KT_EQ(kt_wrong(d.p, 4, KT_PAGE, 1 + 3 * ROUNDS), 0);
	pair_close(&d);
}

static void *mover(void *arg)
{
	struct pair *d = ((void **)arg)[0];
	unsigned int device = ((void **)arg)[1] != NULL;

	for (int i = 0; i < 60; i++)
		move(d, device, IN);
	return NULL;
}

/* Both pull the same range: each call ends, and every page is somewhere. */
static void pull(const void *param)
{
	struct pair d;
	void *args[2][2] = {{&d, NULL}, {&d, &d}};
	unsigned long threads[2];

	(void)param;
	pair_open(&d);
	for (unsigned int i = 0; i < 2; i++)
		kt_thread(&threads[i], mover, args[i]);
	for (unsigned int i = 0; i < 2; i++)
		kt_thread_join(threads[i]);
	KT_EQ(kt_wrong(d.p, PAGES, KT_PAGE, 1), 0);
	pair_close(&d);
}

/* Advice to one device is none of the other's business. */
static void own_advice(const void *param)
{
	struct pair d;

	(void)param;
	pair_open(&d);
	KT_EQ(kt_advise(&d.vm[0], d.p, BYTES, DRM_CAUSEWAY_ATTR_ACCESS, DRM_CAUSEWAY_ACCESS_NONE),
	      0);
	KT_EQ(kt_touch(&d.queue[0], d.p, KT_READ, NULL), DRM_CAUSEWAY_JOB_FAULT);
	kt_inc(&d.queue[1], d.p, PAGES, KT_PAGE, 1);
	KT_EQ(kt_counter(&d.vm[1], DRM_CAUSEWAY_COUNTER_ATTR_RANGES), 0);
	KT_EQ(kt_wrong(d.p, PAGES, KT_PAGE, 2), 0);
	pair_close(&d);
}

/* One ends while the other works. */
static void one_ends(const void *param)
{
	struct pair d;

	(void)param;
	pair_open(&d);
	if (moves(&d))
		move(&d, 1, IN);
	kt_sum(&d.queue[0], d.p, PAGES, KT_PAGE);
	kt_vm_close(&d.vm[1]);
	kt_inc(&d.queue[0], d.p, PAGES, KT_PAGE, 1);
	KT_EQ(kt_wrong(d.p, PAGES, KT_PAGE, 2), 0);
	kt_vm_close(&d.vm[0]);
}

static void list(void)
{
	static const enum writer writers[] = {WRITER_OWNER, WRITER_COPY, WRITER_CPU, WRITER_UNMAP};
	static const struct kt_case cases[] = {
		{.name = "coherence", .run = coherence},
		{.name = "hand-over", .run = hand_over, .flags = KT_MIGRATE},
		{.name = "peer-access", .run = peer_access, .flags = KT_MIGRATE},
		{.name = "mixed", .run = mixed},
		{.name = "double-map", .run = double_map},
		{.name = "duplicate-read", .run = duplicate_read, .flags = KT_MIGRATE},
		{.name = "duplicate-write-owner",
		 .run = duplicate_write,
		 .param = &writers[0],
		 .flags = KT_MIGRATE},
		{.name = "duplicate-write-copy",
		 .run = duplicate_write,
		 .param = &writers[1],
		 .flags = KT_MIGRATE},
		{.name = "duplicate-write-cpu",
		 .run = duplicate_write,
		 .param = &writers[2],
		 .flags = KT_MIGRATE},
		{.name = "duplicate-unmap",
		 .run = duplicate_write,
		 .param = &writers[3],
		 .flags = KT_MIGRATE},
		{.name = "conflict", .run = conflict},
		{.name = "conflict-prefetch", .run = conflict, .param = "", .flags = KT_MIGRATE},
		{.name = "pull", .run = pull, .flags = KT_MIGRATE},
		{.name = "own-advice", .run = own_advice},
		{.name = "one-ends", .run = one_ends},
	};

	for (size_t i = 0; i < KT_COUNT(cases); i++) {
		struct kt_case c = cases[i];

		c.flags |= KT_TWO;
		kt_add(&c);
	}
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
