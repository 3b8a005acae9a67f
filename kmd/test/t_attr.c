/* SPDX-License-Identifier: MIT */
/* Advice: what is set is told, pieces split and join, and it ends with the mapping. */
#include "kt.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES	 64
#define BYTES	 (PAGES * KT_PAGE)
#define LOCATION DRM_CAUSEWAY_ATTR_LOCATION
#define ATOMICS	 DRM_CAUSEWAY_ATTR_ATOMICS
#define SYSTEM	 DRM_CAUSEWAY_LOCATION_SYSTEM
#define DEVICE	 DRM_CAUSEWAY_LOCATION_DEVICE

/*
 * struct owner - a client and BYTES of memory
 */
struct owner {
	struct kt_vm vm;
	char *p;
};

static void owner_open(struct owner *o)
{
	kt_vm_create(&o->vm, 0);
	/* With neighbours that can't be joined to it. */
	o->p = mmap(NULL, BYTES + 2 * KT_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	KT_CHECK(o->p != MAP_FAILED);
	o->p += KT_PAGE;
	KT_SYS(mprotect(o->p, BYTES, PROT_READ | PROT_WRITE));
}

static void set(struct owner *o, size_t first, size_t count, uint32_t type, uint32_t value)
{
	KT_EQ(kt_advise(&o->vm, o->p + first * KT_PAGE, count * KT_PAGE, type, value), 0);
}

/* The pieces of [@p, @p + @bytes), @room a call; how many. */
static size_t query(struct owner *o, const void *p, size_t bytes,
		    struct drm_causeway_attr_range *pieces, size_t room, size_t at_once)
{
	size_t count = 0;
	uint64_t cursor = 0;

	do {
		struct drm_causeway_query q = {.start = (uintptr_t)p,
					       .length = bytes,
					       .data = (uintptr_t)&pieces[count],
					       .count = (uint32_t)at_once,
					       .type = DRM_CAUSEWAY_QUERY_ATTRS,
					       .cursor = cursor,
					       .vm_id = o->vm.id};

		KT_CHECK(count + at_once <= room);
		KT_EQ(kt_ioctl(o->vm.fd, DRM_IOCTL_CAUSEWAY_QUERY, &q), 0);
		KT_CHECK(q.count <= at_once);
		count += q.count;
		cursor = q.cursor;
		KT_CHECK(!cursor || q.count);
	} while (cursor);
	for (size_t i = 0; i < count; i++) {
		KT_EQ(pieces[i].pad, 0);
		KT_CHECK(pieces[i].length > 0);
		if (i)
			KT_CHECK(pieces[i - 1].start + pieces[i - 1].length <= pieces[i].start);
	}
	return count;
}

/* The value of each page as QUERY tells it. */
static void values(struct owner *o, uint32_t type, uint32_t *values_out, size_t at_once)
{
	static struct drm_causeway_attr_range pieces[2 * PAGES + 8];
	size_t count = query(o, o->p, BYTES, pieces, KT_COUNT(pieces), at_once);

	memset(values_out, 0, PAGES * sizeof(*values_out));
	for (size_t i = 0; i < count; i++) {
		uint64_t first = (pieces[i].start - (uintptr_t)o->p) / KT_PAGE;

		KT_CHECK(pieces[i].start >= (uintptr_t)o->p);
		KT_CHECK(pieces[i].start + pieces[i].length <= (uintptr_t)o->p + BYTES);
		for (uint64_t page = first; page < first + pieces[i].length / KT_PAGE; page++)
			values_out[page] = pieces[i].values[type];
	}
}

static void expect(struct owner *o, uint32_t type, const uint32_t *expected)
{
	uint32_t told[PAGES];

	for (size_t at_once = 1; at_once <= 64; at_once *= 4) {
		values(o, type, told, at_once);
		for (size_t i = 0; i < PAGES; i++) {
			if (told[i] != expected[i])
				kt_fail("page %zu has %u, not %u", i, told[i], expected[i]);
		}
	}
}

/* ---- setting -------------------------------------------------------- */

static void every_value(const void *param)
{
	static const struct drm_causeway_attr all[] = {
		{LOCATION, 1},
		{LOCATION, 2},
		{LOCATION, 0},
		{DRM_CAUSEWAY_ATTR_READ_MOSTLY, 1},
		{DRM_CAUSEWAY_ATTR_READ_MOSTLY, 0},
		{ATOMICS, 1},
		{ATOMICS, 0},
		{DRM_CAUSEWAY_ATTR_ACCESS, 1},
		{DRM_CAUSEWAY_ATTR_ACCESS, 2},
		{DRM_CAUSEWAY_ATTR_ACCESS, 0},
		{DRM_CAUSEWAY_ATTR_GRANULE, 12},
		{DRM_CAUSEWAY_ATTR_GRANULE, 21},
		{DRM_CAUSEWAY_ATTR_GRANULE, 0},
	};
	uint32_t expected[PAGES] = {0};
	struct owner o;

	(void)param;
	owner_open(&o);
	for (size_t i = 0; i < KT_COUNT(all); i++) {
		set(&o, 5, 7, all[i].type, all[i].value);
		for (size_t page = 5; page < 12; page++)
			expected[page] = all[i].value;
		expect(&o, all[i].type, expected);
	}
	/* All back to nothing: nothing is kept. */
	KT_EQ(kt_counter(&o.vm, DRM_CAUSEWAY_COUNTER_ATTR_RANGES), 0);
	kt_vm_close(&o.vm);
}

static void together(const void *param)
{
	struct drm_causeway_attr attrs[] = {{LOCATION, DEVICE},
					    {DRM_CAUSEWAY_ATTR_READ_MOSTLY, 1},
					    {ATOMICS, 1},
					    {DRM_CAUSEWAY_ATTR_ACCESS, 1},
					    {DRM_CAUSEWAY_ATTR_GRANULE, 16}};
	struct drm_causeway_attr_range piece[4];
	struct drm_causeway_advise advise = {
		.length = BYTES, .attrs = (uintptr_t)attrs, .attr_count = KT_COUNT(attrs)};
	struct owner o;

	(void)param;
	owner_open(&o);
	advise.start = (uintptr_t)o.p;
	advise.vm_id = o.vm.id;
	KT_EQ(kt_ioctl(o.vm.fd, DRM_IOCTL_CAUSEWAY_ADVISE, &advise), 0);
	KT_EQ(query(&o, o.p, BYTES, piece, 4, 4), 1);
	KT_EQ(piece[0].start, (uintptr_t)o.p);
	KT_EQ(piece[0].length, BYTES);
	for (size_t i = 0; i < KT_COUNT(attrs); i++)
		KT_EQ(piece[0].values[attrs[i].type], attrs[i].value);
	kt_vm_close(&o.vm);
}

static void split_and_join(const void *param)
{
	struct owner o;

	(void)param;
	owner_open(&o);
	set(&o, 0, PAGES, LOCATION, SYSTEM);
	KT_EQ(kt_counter(&o.vm, DRM_CAUSEWAY_COUNTER_ATTR_RANGES), 1);
	set(&o, 10, 10, LOCATION, DEVICE);
	KT_EQ(kt_counter(&o.vm, DRM_CAUSEWAY_COUNTER_ATTR_RANGES), 3);
	set(&o, 30, 1, ATOMICS, 1);
	KT_EQ(kt_counter(&o.vm, DRM_CAUSEWAY_COUNTER_ATTR_RANGES), 5);
	set(&o, 0, PAGES, LOCATION, SYSTEM);
	set(&o, 0, PAGES, ATOMICS, 0);
	KT_EQ(kt_counter(&o.vm, DRM_CAUSEWAY_COUNTER_ATTR_RANGES), 1);
	set(&o, 0, PAGES, LOCATION, 0);
	KT_EQ(kt_counter(&o.vm, DRM_CAUSEWAY_COUNTER_ATTR_RANGES), 0);
	kt_vm_close(&o.vm);
}

/* Chance against a model of one value a page. */
static void against_model(const void *param)
{
	uint32_t location[PAGES] = {0}, atomics[PAGES] = {0};
	uint64_t random = kt_options.seed;
	struct owner o;

	(void)param;
	owner_open(&o);
	for (int round = 0; round < 400; round++) {
		size_t first = kt_random(&random) % PAGES;
		size_t count = 1 + kt_random(&random) % (PAGES - first);
		uint32_t value = kt_random(&random) % 3;
		bool is_location = kt_random(&random) & 1;

		if (!is_location)
			value &= 1;
		set(&o, first, count, is_location ? LOCATION : ATOMICS, value);
		for (size_t i = first; i < first + count; i++)
			(is_location ? location : atomics)[i] = value;
		if (round % 10 == 0) {
			expect(&o, LOCATION, location);
			expect(&o, ATOMICS, atomics);
		}
	}
	expect(&o, LOCATION, location);
	expect(&o, ATOMICS, atomics);
	kt_vm_close(&o.vm);
}

/* ---- mappings ------------------------------------------------------- */

enum ending { END_UNMAP, END_MIDDLE, END_REMAP, END_OVER, END_EXIT };

static void ends(const void *param)
{
	enum ending ending = *(const enum ending *)param;
	uint32_t expected[PAGES];
	struct owner o;

	owner_open(&o);
	set(&o, 0, PAGES, LOCATION, SYSTEM);
	for (size_t i = 0; i < PAGES; i++)
		expected[i] = SYSTEM;
	switch (ending) {
	case END_UNMAP:
		kt_unmap(o.p, BYTES);
		memset(expected, 0, sizeof(expected));
		break;
	case END_MIDDLE:
		kt_unmap(o.p + 8 * KT_PAGE, 8 * KT_PAGE);
		memset(&expected[8], 0, 8 * sizeof(expected[0]));
		break;
	case END_REMAP:
		KT_CHECK(mremap(o.p, 24 * KT_PAGE, 24 * KT_PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
				kt_anon(24 * KT_PAGE)) != MAP_FAILED);
		memset(expected, 0, 24 * sizeof(*expected));
		break;
	case END_OVER:
		KT_CHECK(mmap(o.p + 4 * KT_PAGE, 4 * KT_PAGE, PROT_READ,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == o.p + 4 * KT_PAGE);
		memset(&expected[4], 0, 4 * sizeof(expected[0]));
		break;
	case END_EXIT:
		_exit(0);
	}
	expect(&o, LOCATION, expected);
	/* New memory there begins without. */
	KT_CHECK(mmap(o.p, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		      -1, 0) == o.p);
	memset(expected, 0, sizeof(expected));
	expect(&o, LOCATION, expected);
	KT_EQ(kt_counter(&o.vm, DRM_CAUSEWAY_COUNTER_ATTR_RANGES), 0);
	kt_vm_close(&o.vm);
}

static void empty_child(void *arg)
{
	(void)arg;
}

/* What isn't the end of a mapping leaves it alone. */
static void stays(const void *param)
{
	uint32_t expected[PAGES];
	struct owner o;

	(void)param;
	owner_open(&o);
	set(&o, 0, PAGES, LOCATION, SYSTEM);
	for (size_t i = 0; i < PAGES; i++)
		expected[i] = SYSTEM;
	kt_fill(o.p, PAGES, KT_PAGE, 1);
	KT_SYS(mprotect(o.p, BYTES / 2, PROT_READ));
	expect(&o, LOCATION, expected);
	KT_SYS(mprotect(o.p, BYTES / 2, PROT_READ | PROT_WRITE));
	KT_SYS(madvise(o.p, BYTES, MADV_DONTNEED));
	expect(&o, LOCATION, expected);
	kt_join(kt_fork(empty_child, NULL));
	expect(&o, LOCATION, expected);
	if (kt_can_migrate(&o.vm)) {
		KT_EQ(kt_migrate(&o.vm, o.p, BYTES, DEVICE, NULL), 0);
		expect(&o, LOCATION, expected);
		KT_EQ(kt_migrate(&o.vm, o.p, BYTES, SYSTEM, NULL), 0);
		expect(&o, LOCATION, expected);
	}
	kt_vm_close(&o.vm);
}

/* ---- queries -------------------------------------------------------- */

static void cursors(const void *param)
{
	struct drm_causeway_attr_range one[40], all[40];
	struct owner o;
	size_t count;

	(void)param;
	owner_open(&o);
	for (size_t i = 0; i < PAGES; i += 2)
		set(&o, i, 1, LOCATION, 1 + i / 2 % 2);
	count = query(&o, o.p, BYTES, all, KT_COUNT(all), KT_COUNT(all));
	KT_EQ(count, PAGES / 2);
	KT_EQ(query(&o, o.p, BYTES, one, KT_COUNT(one), 1), count);
	KT_EQ(memcmp(one, all, count * sizeof(one[0])), 0);
	/* A part of it is cut to what was asked for. */
	set(&o, 0, PAGES, LOCATION, SYSTEM);
	KT_EQ(query(&o, o.p + 3 * KT_PAGE, 2 * KT_PAGE, one, 4, 4), 1);
	KT_EQ(one[0].start, (uintptr_t)o.p + 3 * KT_PAGE);
	KT_EQ(one[0].length, 2 * KT_PAGE);
	kt_vm_close(&o.vm);
}

/* Residency by cursor: any number at once gives the same bytes. */
static void residency_cursors(const void *param)
{
	uint8_t all[PAGES], some[PAGES];
	struct owner o;

	(void)param;
	owner_open(&o);
	for (size_t i = 0; i < PAGES; i += 3)
		o.p[i * KT_PAGE] = 1;
	kt_residency(&o.vm, o.p, BYTES, all);
	for (uint32_t at_once = 1; at_once <= PAGES; at_once = at_once * 3 + 1) {
		uint64_t cursor = 0;
		size_t done = 0;

		memset(some, 0xee, sizeof(some));
		do {
			struct drm_causeway_query q = {.start = (uintptr_t)o.p,
						       .length = BYTES,
						       .data = (uintptr_t)&some[done],
						       .count = PAGES - done < at_once
									? (uint32_t)(PAGES - done)
									: at_once,
						       .type = DRM_CAUSEWAY_QUERY_RESIDENCY,
						       .cursor = cursor,
						       .vm_id = o.vm.id};

			KT_EQ(kt_ioctl(o.vm.fd, DRM_IOCTL_CAUSEWAY_QUERY, &q), 0);
			done += q.count;
			cursor = q.cursor;
		} while (cursor && done < PAGES);
		KT_EQ(done, PAGES);
		KT_EQ(memcmp(all, some, PAGES), 0);
	}
	for (size_t i = 0; i < PAGES; i++)
		KT_EQ(all[i] & DRM_CAUSEWAY_PAGE_PRESENT, i % 3 == 0);
	kt_vm_close(&o.vm);
}

/* ---- what advice does ----------------------------------------------- */

static void access_none(const void *param)
{
	struct kt_queue queue;
	struct kt_vm vm;
	char *p = kt_anon(BYTES);

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	kt_inc(&queue, p, PAGES, KT_PAGE, 1);
	KT_EQ(kt_advise(&vm, p, BYTES / 2, DRM_CAUSEWAY_ATTR_ACCESS, DRM_CAUSEWAY_ACCESS_NONE), 0);
	KT_EQ(kt_touch(&queue, p, KT_READ, NULL), DRM_CAUSEWAY_JOB_FAULT);
	kt_inc(&queue, p + BYTES / 2, PAGES / 2, KT_PAGE, 1);
	KT_EQ(kt_advise(&vm, p, BYTES / 2, DRM_CAUSEWAY_ATTR_ACCESS, DRM_CAUSEWAY_ACCESS_READ), 0);
	KT_EQ(kt_sum(&queue, p, PAGES / 2, KT_PAGE), PAGES / 2);
	KT_EQ(kt_touch(&queue, p, KT_XCHG, NULL), DRM_CAUSEWAY_JOB_FAULT);
	KT_EQ(kt_advise(&vm, p, BYTES / 2, DRM_CAUSEWAY_ATTR_ACCESS, DRM_CAUSEWAY_ACCESS_DEFAULT),
	      0);
	kt_inc(&queue, p, PAGES / 2, KT_PAGE, 1);
	for (size_t i = 0; i < PAGES; i++)
		KT_EQ(*(volatile uint32_t *)(p + i * KT_PAGE), 2);
	kt_vm_close(&vm);
}

/* A smaller granule takes more faults for the same memory. */
static void granules(const void *param)
{
	uint64_t faults[3];
	struct kt_queue queue;
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	for (uint32_t i = 0; i < 3; i++) {
		char *p = kt_anon_huge(KT_HUGE);
		uint64_t before;

		kt_fill(p, 512, KT_PAGE, 1);
		KT_EQ(kt_advise(&vm, p, KT_HUGE, LOCATION, SYSTEM), 0);
		KT_EQ(kt_advise(&vm, p, KT_HUGE, DRM_CAUSEWAY_ATTR_GRANULE,
				i == 0	 ? 12
				: i == 1 ? 16
					 : 21),
		      0);
		before = kt_counter(&vm, DRM_CAUSEWAY_COUNTER_FAULTS);
		kt_inc(&queue, p, 512, KT_PAGE, 1);
		faults[i] = kt_counter(&vm, DRM_CAUSEWAY_COUNTER_FAULTS) - before;
		KT_EQ(kt_wrong(p, 512, KT_PAGE, 2), 0);
	}
	kt_note("faults for 2 MiB by granule: 4K %lu, 64K %lu, 2M %lu", faults[0], faults[1],
		faults[2]);
	KT_CHECK(faults[0] >= 512);
	KT_CHECK(faults[1] >= 32 && faults[1] <= 64);
	KT_CHECK(faults[2] >= 1 && faults[2] <= 4);
	kt_vm_close(&vm);
}

static void list(void)
{
	static const enum ending endings[] = {END_UNMAP, END_MIDDLE, END_REMAP, END_OVER, END_EXIT};
	static const struct kt_case cases[] = {
		{.name = "every-value", .run = every_value},
		{.name = "together", .run = together},
		{.name = "split-and-join", .run = split_and_join},
		{.name = "against-model", .run = against_model},
		{.name = "ends-unmap", .run = ends, .param = &endings[0]},
		{.name = "ends-unmap-middle", .run = ends, .param = &endings[1]},
		{.name = "ends-mremap", .run = ends, .param = &endings[2]},
		{.name = "ends-map-over", .run = ends, .param = &endings[3]},
		{.name = "ends-exit", .run = ends, .param = &endings[4]},
		{.name = "stays", .run = stays},
		{.name = "cursors", .run = cursors},
		{.name = "residency-cursors", .run = residency_cursors},
		{.name = "access", .run = access_none},
		{.name = "granules", .run = granules},
	};

	kt_add_all(cases, KT_COUNT(cases));
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
