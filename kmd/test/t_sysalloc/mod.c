/* SPDX-License-Identifier: MIT */
/* The modifiers: what happens to the memory while the device works on it. */
#include "sysalloc.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_COLD
#define MADV_COLD 20
#endif
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

/* ---- moving and advising -------------------------------------------- */

static void migrate(struct sa_work *w, uint32_t location)
{
	int err = kt_migrate(w->vm, sa_first_page(w), sa_page_bytes(w), location, NULL);

	if (err)
		kt_fail("MIGRATE: %s", strerror(-err));
}

static void move_in(struct sa_work *w)
{
	migrate(w, DRM_CAUSEWAY_LOCATION_DEVICE);
}

static void move_out(struct sa_work *w)
{
	migrate(w, DRM_CAUSEWAY_LOCATION_SYSTEM);
}

static void move_half(struct sa_work *w)
{
	size_t half = sa_page_bytes(w) / 2 / KT_PAGE * KT_PAGE;

	if (half)
		KT_EQ(kt_migrate(w->vm, sa_first_page(w), half, DRM_CAUSEWAY_LOCATION_DEVICE, NULL),
		      0);
}

static void advise(struct sa_work *w, uint32_t type, uint32_t value)
{
	int err = kt_advise(w->vm, sa_first_page(w), sa_page_bytes(w), type, value);

	if (err)
		kt_fail("ADVISE %u: %s", type, strerror(-err));
}

static void advise_device(struct sa_work *w)
{
	advise(w, DRM_CAUSEWAY_ATTR_LOCATION, DRM_CAUSEWAY_LOCATION_DEVICE);
}

static void advise_system(struct sa_work *w)
{
	advise(w, DRM_CAUSEWAY_ATTR_LOCATION, DRM_CAUSEWAY_LOCATION_SYSTEM);
}

static void advise_read_mostly(struct sa_work *w)
{
	advise(w, DRM_CAUSEWAY_ATTR_READ_MOSTLY, 1);
}

static void advise_exclusive(struct sa_work *w)
{
	advise(w, DRM_CAUSEWAY_ATTR_ATOMICS, DRM_CAUSEWAY_ATOMICS_EXCLUSIVE);
}

static void advise_page(struct sa_work *w)
{
	advise(w, DRM_CAUSEWAY_ATTR_GRANULE, 12);
}

static void advise_huge(struct sa_work *w)
{
	advise(w, DRM_CAUSEWAY_ATTR_GRANULE, 21);
}

/* Another place each time. */
static void advise_other(struct sa_work *w)
{
	advise(w, DRM_CAUSEWAY_ATTR_LOCATION, w->value % 3);
}

/* ---- fork ----------------------------------------------------------- */

/* The child compares when it is told to: with what was then, or is now if it is shared. */
static void child_begin(struct sa_work *w, bool writes)
{
	uint32_t value = w->value;
	char now;

	KT_SYS(pipe(w->pipe));
	w->child = fork();
	if (w->child < 0)
		kt_fail("fork: %m");
	if (w->child) {
		close(w->pipe[0]);
		return;
	}
	close(w->pipe[1]);
	if (writes && !(w->kind->flags & SA_SHARED))
		kt_fill(w->region.p, w->count, w->shape->stride, value + 5000);
	if (read(w->pipe[0], &now, 1) != 1)
		_exit(3);
	if (w->kind->flags & SA_SHARED)
		_exit(0);
	if (kt_wrong(w->region.p, w->count, w->shape->stride, writes ? value + 5000 : value))
		kt_fail("the child's memory has changed");
	_exit(0);
}

static void fork_read(struct sa_work *w)
{
	child_begin(w, false);
}

static void fork_write(struct sa_work *w)
{
	child_begin(w, true);
}

static void fork_end(struct sa_work *w)
{
	KT_EQ(write(w->pipe[1], "x", 1), 1);
	close(w->pipe[1]);
	kt_join(w->child);
}

static void compare(void *arg)
{
	sa_verify(arg, "in a child");
}

static void fork_between(struct sa_work *w)
{
	kt_join(kt_fork(compare, w));
}

/* ---- between rounds ------------------------------------------------- */

static void cpu_read(struct sa_work *w)
{
	sa_verify(w, "between rounds");
}

static void cpu_write(struct sa_work *w)
{
	sa_verify(w, "before the processor writes");
	w->value += 1000;
	sa_fill(w);
}

static void fill_new(struct sa_work *w)
{
	struct kt_op op = {
		.fn = kt_dev_write,
		.args = {.p = (uintptr_t)w->region.p, .stride = w->shape->stride, .a = w->value},
		.items = w->count};

	KT_EQ(kt_run(&w->queues[0], &op, NULL), DRM_CAUSEWAY_JOB_DONE);
}

static void discard(struct sa_work *w)
{
	KT_SYS(madvise(w->region.raw, w->region.raw_bytes, MADV_DONTNEED));
	for (size_t i = 0; i < w->count; i += 97)
		KT_EQ(*(volatile uint32_t *)(w->region.p + i * w->shape->stride), 0);
	fill_new(w);
}

static void discard_unseen(struct sa_work *w)
{
	KT_SYS(madvise(w->region.raw, w->region.raw_bytes, MADV_DONTNEED));
	KT_EQ(kt_sum(&w->queues[0], w->region.p, w->count, w->shape->stride), 0);
	fill_new(w);
}

static void page_out(struct sa_work *w)
{
	if (madvise(sa_first_page(w), sa_page_bytes(w), MADV_PAGEOUT) != 0 && errno != EINVAL)
		kt_fail("MADV_PAGEOUT: %m");
}

static void cold(struct sa_work *w)
{
	if (madvise(sa_first_page(w), sa_page_bytes(w), MADV_COLD) != 0 && errno != EINVAL)
		kt_fail("MADV_COLD: %m");
}

static void protect(struct sa_work *w)
{
	KT_SYS(mprotect(w->region.raw, w->region.raw_bytes, PROT_NONE));
	KT_SYS(mprotect(w->region.raw, w->region.raw_bytes, PROT_READ));
	KT_EQ(kt_touch(&w->queues[0], w->region.p, KT_WRITE, NULL), DRM_CAUSEWAY_JOB_FAULT);
	KT_SYS(mprotect(w->region.raw, w->region.raw_bytes, PROT_READ | PROT_WRITE));
}

static void split(struct sa_work *w)
{
	size_t third = w->region.raw_bytes / 3 / KT_PAGE * KT_PAGE;

	/* Other rights, but no fewer. NOLINTNEXTLINE(*MmapWriteExec) */
	KT_SYS(mprotect((char *)w->region.raw + third, third, PROT_READ | PROT_WRITE | PROT_EXEC));
}

/* The mapping goes elsewhere, and nothing is left where it was. */
static void remap(struct sa_work *w)
{
	struct sa_region *r = &w->region;
	char *to = kt_anon_huge((r->raw_bytes + KT_HUGE - 1) & ~(KT_HUGE - 1));
	size_t offset = (size_t)(r->p - (char *)r->raw);
	char *old = r->p;

	r->raw = mremap(r->raw, r->raw_bytes, r->raw_bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	KT_CHECK(r->raw == to);
	r->p = to + offset;
	KT_EQ(kt_touch(&w->queues[0], old, KT_READ, NULL), DRM_CAUSEWAY_JOB_FAULT);
}

static void remap_keep(struct sa_work *w)
{
	struct sa_region *r = &w->region;
	char *old = r->raw, *moved;
	uint32_t value = 1;

	moved = mremap(old, r->raw_bytes, r->raw_bytes, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	if (moved == MAP_FAILED)
		kt_skip("mremap can't leave the old mapping: %m");
	KT_EQ(kt_touch(&w->queues[0], old, KT_READ, &value), DRM_CAUSEWAY_JOB_DONE);
	KT_EQ(value, 0);
	kt_unmap(old, r->raw_bytes);
	r->p = moved + (r->p - old);
	r->raw = moved;
}

/* Away, and new memory at the same place. */
static void renew(struct sa_work *w)
{
	struct sa_region *r = &w->region;

	/* In one step: another thread's mapping could take the place. */
	KT_CHECK(mmap(r->raw, r->raw_bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == r->raw);
	KT_EQ(kt_sum(&w->queues[0], r->p, w->count, w->shape->stride), 0);
	fill_new(w);
}

static void lock_unlock(struct sa_work *w)
{
	if (mlock(sa_first_page(w), sa_page_bytes(w)) != 0)
		kt_skip("mlock: %m");
	munlock(sa_first_page(w), sa_page_bytes(w));
}

/* Read by the kernel for us: write(2) of memory that may lie on the device. */
static void system_call(struct sa_work *w)
{
	static __thread char back[KT_PAGE];
	int ends[2];

	KT_SYS(pipe(ends));
	KT_EQ(write(ends[1], w->region.p, KT_PAGE), KT_PAGE);
	KT_EQ(read(ends[0], back, KT_PAGE), KT_PAGE);
	KT_EQ(memcmp(back, w->region.p, KT_PAGE), 0);
	/* ... and written. */
	KT_EQ(write(ends[1], back, KT_PAGE), KT_PAGE);
	KT_EQ(read(ends[0], w->region.p, KT_PAGE), KT_PAGE);
	close(ends[0]);
	close(ends[1]);
}

/* ---- during rounds -------------------------------------------------- */

/* The word after each of the device's: same page, same cache line. */
static void *race_neighbours(void *arg)
{
	struct sa_work *w = arg;
	uint64_t k = 0;

	while (!w->stop) {
		char *word = w->region.p + k % w->count * w->shape->stride + 4;

		__atomic_fetch_add((uint32_t *)word, 1, __ATOMIC_SEQ_CST);
		k++;
	}
	w->extra = k;
	return NULL;
}

static void *race_read(void *arg)
{
	struct sa_work *w = arg;
	uint64_t sum = 0;

	for (uint64_t k = 0; !w->stop; k++)
		sum += *(volatile uint32_t *)(w->region.p + k % w->count * w->shape->stride);
	w->extra = sum & 0;
	return NULL;
}

static void *race_migrate(void *arg)
{
	struct sa_work *w = arg;

	while (!w->stop) {
		move_in(w);
		move_out(w);
	}
	return NULL;
}

static void *race_protect(void *arg)
{
	struct sa_work *w = arg;

	while (!w->stop) {
		/* Other rights, but no fewer. NOLINTNEXTLINE(*MmapWriteExec) */
		KT_SYS(mprotect(w->region.raw, w->region.raw_bytes,
				PROT_READ | PROT_WRITE | PROT_EXEC));
		KT_SYS(mprotect(w->region.raw, w->region.raw_bytes, PROT_READ | PROT_WRITE));
	}
	return NULL;
}

static void *race_advice(void *arg)
{
	struct sa_work *w = arg;

	for (unsigned int k = 0; !w->stop; k++) {
		if (k % 3 == 0)
			page_out(w);
		else if (k % 3 == 1)
			cold(w);
		else
			advise(w, DRM_CAUSEWAY_ATTR_LOCATION, k % 3);
		kt_sleep_ms(1);
	}
	return NULL;
}

static void *race_fork(void *arg)
{
	struct sa_work *w = arg;

	while (!w->stop) {
		pid_t child = fork();

		if (child == 0)
			_exit(0);
		if (child > 0)
			waitpid(child, NULL, 0);
		/* A page that is held exclusively makes fork() fail for once. */
		else if (errno != ENOMEM && errno != EAGAIN)
			kt_fail("fork: %m");
		kt_sleep_ms(2);
	}
	return NULL;
}

const struct sa_mod sa_mods[] = {
	{.name = "plain"},
	{.name = "new", .flags = SA_NEEDS_ZERO | SA_UNFILLED},
	{.name = "cpu-read", .between = cpu_read},
	{.name = "cpu-write", .flags = SA_ALONE, .between = cpu_write},
	{.name = "prefetch", .flags = SA_NEEDS_MIGRATE, .before = move_in, .between = move_in},
	{.name = "evict", .flags = SA_NEEDS_MIGRATE, .between = move_out},
	{.name = "prefetch-half", .flags = SA_NEEDS_MIGRATE, .before = move_half},
	{.name = "prefetch-new",
	 .flags = SA_NEEDS_MIGRATE | SA_NEEDS_ZERO | SA_UNFILLED,
	 .before = move_in},
	{.name = "device", .before = advise_device},
	{.name = "system", .before = advise_system},
	{.name = "read-mostly", .before = advise_read_mostly},
	{.name = "exclusive", .flags = SA_NEEDS_EXCLUSIVE, .before = advise_exclusive},
	{.name = "granule-4k", .before = advise_page},
	{.name = "granule-2m", .before = advise_huge},
	{.name = "readvise", .between = advise_other},
	{.name = "fork-read",
	 .flags = SA_ALONE | SA_NEEDS_FORKED,
	 .before = fork_read,
	 .after = fork_end},
	{.name = "fork-write",
	 .flags = SA_ALONE | SA_NEEDS_FORKED,
	 .before = fork_write,
	 .after = fork_end},
	{.name = "fork-between", .flags = SA_NEEDS_FORKED, .between = fork_between},
	{.name = "discard", .flags = SA_ALONE | SA_NEEDS_ANON, .between = discard},
	{.name = "discard-unseen", .flags = SA_ALONE | SA_NEEDS_ANON, .between = discard_unseen},
	{.name = "pageout", .flags = SA_NEEDS_ADVISABLE, .between = page_out},
	{.name = "cold", .flags = SA_NEEDS_ADVISABLE, .between = cold},
	{.name = "protect", .flags = SA_ALONE | SA_NEEDS_MAPPED, .between = protect},
	{.name = "split", .flags = SA_NEEDS_MAPPED, .before = split},
	{.name = "remap", .flags = SA_ALONE | SA_NEEDS_MAPPED, .between = remap},
	{.name = "remap-keep", .flags = SA_ALONE | SA_NEEDS_ANON, .between = remap_keep},
	{.name = "renew", .flags = SA_ALONE | SA_NEEDS_ANON, .between = renew},
	{.name = "mlock", .between = lock_unlock},
	{.name = "system-call", .flags = SA_ALONE, .between = system_call},
	{.name = "race-neighbours", .race = race_neighbours},
	{.name = "race-read", .race = race_read},
	{.name = "race-migrate", .flags = SA_NEEDS_MIGRATE, .race = race_migrate},
	{.name = "race-protect", .flags = SA_NEEDS_MAPPED, .race = race_protect},
	{.name = "race-advice", .flags = SA_NEEDS_ADVISABLE, .race = race_advice},
	{.name = "race-fork", .flags = SA_NEEDS_FORKED, .race = race_fork},
};

const size_t sa_mod_count = KT_COUNT(sa_mods);
