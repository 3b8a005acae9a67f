/* SPDX-License-Identifier: MIT */
/* Where pages lie: both ways, on demand and on request, counted, and what stays as it is. */
#include "kt.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGES 256
#define BYTES (PAGES * KT_PAGE)
#define IN    DRM_CAUSEWAY_LOCATION_DEVICE
#define OUT   DRM_CAUSEWAY_LOCATION_SYSTEM

/*
 * struct mover - a client; @p: BYTES of memory, word i of page i is i + 1
 */
struct mover {
	struct kt_vm vm;
	struct kt_queue queue;
	char *p;
};

static void mover_open(struct mover *m)
{
	kt_vm_open(&m->vm);
	kt_queue_open(&m->queue, &m->vm);
	m->p = kt_anon(BYTES);
	kt_fill(m->p, PAGES, KT_PAGE, 1);
}

static uint64_t all_skipped(const struct drm_causeway_migrate *result)
{
	uint64_t sum = 0;

	for (int i = 0; i < DRM_CAUSEWAY_REASON_COUNT; i++)
		sum += result->skipped[i];
	return sum;
}

/* Move and see that every page is accounted for. */
static struct drm_causeway_migrate move(struct mover *m, void *p, size_t bytes, uint32_t location)
{
	struct drm_causeway_migrate result;

	KT_EQ(kt_migrate(&m->vm, p, bytes, location, &result), 0);
	KT_EQ(result.moved + all_skipped(&result), bytes / KT_PAGE);
	return result;
}

static bool comes_home(const struct mover *m)
{
	return m->vm.info.memory == DRM_CAUSEWAY_MEMORY_PRIVATE;
}

/* ---- on request ----------------------------------------------------- */

static void both_ways(const void *param)
{
	struct drm_causeway_migrate result;
	uint64_t in, out;
	struct mover m;

	(void)param;
	mover_open(&m);
	in = kt_counter(&m.vm, DRM_CAUSEWAY_COUNTER_MIGRATED_IN);
	out = kt_counter(&m.vm, DRM_CAUSEWAY_COUNTER_MIGRATED_OUT);
	for (uint64_t round = 1; round <= 3; round++) {
		result = move(&m, m.p, BYTES, IN);
		KT_EQ(result.moved, PAGES);
		KT_EQ(kt_device_pages(&m.vm, m.p, BYTES), PAGES);
		KT_EQ(kt_counter(&m.vm, DRM_CAUSEWAY_COUNTER_MIGRATED_IN) - in, round * PAGES);
		result = move(&m, m.p, BYTES, IN);
		KT_EQ(result.moved, 0);
		KT_EQ(result.skipped[DRM_CAUSEWAY_REASON_THERE], PAGES);
		result = move(&m, m.p, BYTES, OUT);
		KT_EQ(result.moved, PAGES);
		KT_EQ(kt_device_pages(&m.vm, m.p, BYTES), 0);
		KT_EQ(kt_counter(&m.vm, DRM_CAUSEWAY_COUNTER_MIGRATED_OUT) - out, round * PAGES);
		result = move(&m, m.p, BYTES, OUT);
		KT_EQ(result.moved, 0);
		KT_EQ(result.skipped[DRM_CAUSEWAY_REASON_THERE], PAGES);
	}
	KT_EQ(kt_wrong(m.p, PAGES, KT_PAGE, 1), 0);
	kt_vm_close(&m.vm);
}

/* Every byte is what it was, whatever the way and the size. */
static void every_byte(const void *param)
{
	const size_t bytes = 5 * KT_MIB;
	unsigned char *copy = malloc(bytes), *p = kt_anon(bytes);
	uint64_t random = kt_options.seed;
	struct mover m;

	(void)param;
	mover_open(&m);
	KT_CHECK(copy);
	for (size_t i = 0; i < bytes; i += 8) {
		uint64_t x = kt_random(&random);

		memcpy(p + i, &x, 8);
	}
	memcpy(copy, p, bytes);
	for (int round = 0; round < 20; round++) {
		size_t first = kt_random(&random) % (bytes / KT_PAGE);
		size_t count = 1 + kt_random(&random) % (bytes / KT_PAGE - first);

		move(&m, p + first * KT_PAGE, count * KT_PAGE, round & 1 ? OUT : IN);
	}
	KT_EQ(memcmp(copy, p, bytes), 0);
	kt_vm_close(&m.vm);
}

static void counts_agree(const void *param)
{
	struct drm_causeway_device_info info;
	struct mover m;

	(void)param;
	mover_open(&m);
	for (size_t pages = 1; pages <= PAGES; pages *= 2) {
		move(&m, m.p, pages * KT_PAGE, IN);
		KT_EQ(kt_device_pages(&m.vm, m.p, BYTES), pages);
		KT_EQ(kt_counter(&m.vm, DRM_CAUSEWAY_COUNTER_RESIDENT), pages);
		kt_device_info(m.vm.fd, &info);
		KT_EQ(info.memory_used, pages * KT_PAGE);
	}
	kt_unmap(m.p, BYTES / 2);
	KT_EQ(kt_counter(&m.vm, DRM_CAUSEWAY_COUNTER_RESIDENT), PAGES / 2);
	kt_vm_close(&m.vm);
}

/* Memory that was never touched: nothing to copy, and zeros in the end. */
static void untouched(const void *param)
{
	struct mover m;
	char *p = kt_anon(BYTES);

	(void)param;
	mover_open(&m);
	move(&m, p, BYTES, IN);
	KT_EQ(kt_sum(&m.queue, p, PAGES, KT_PAGE), 0);
	move(&m, p, BYTES, OUT);
	for (size_t i = 0; i < PAGES; i++)
		KT_EQ(*(volatile uint32_t *)(p + i * KT_PAGE), 0);
	kt_vm_close(&m.vm);
}

static void read_only(const void *param)
{
	struct mover m;

	(void)param;
	mover_open(&m);
	KT_SYS(mprotect(m.p, BYTES, PROT_READ));
	KT_EQ(move(&m, m.p, BYTES, IN).moved, PAGES);
	KT_EQ(kt_touch(&m.queue, m.p, KT_WRITE, NULL), DRM_CAUSEWAY_JOB_FAULT);
	KT_EQ(kt_sum(&m.queue, m.p, PAGES, KT_PAGE), PAGES * (PAGES + 1) / 2);
	KT_EQ(kt_wrong(m.p, PAGES, KT_PAGE, 1), 0);
	kt_vm_close(&m.vm);
}

static void ignore_signal(int number)
{
	(void)number;
}

/* A signal may end it early; what it says was done is what was done. */
static void interrupted(const void *param)
{
	const size_t bytes = 64 * KT_MIB;
	struct itimerval timer = {{0, 3000}, {0, 3000}};
	struct sigaction action = {.sa_handler = ignore_signal};
	struct mover m;
	char *p;

	(void)param;
	mover_open(&m);
	if (m.vm.info.memory_bytes < 2 * bytes)
		kt_skip("the device's memory is too small");
	p = kt_anon(bytes);
	kt_fill(p, bytes / KT_PAGE, KT_PAGE, 1);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	for (int i = 0; i < 1000; i++) {
		struct drm_causeway_migrate a = {
			.start = (uintptr_t)p, .length = bytes, .vm_id = m.vm.id, .location = IN};
		uint64_t before = kt_counter(&m.vm, DRM_CAUSEWAY_COUNTER_MIGRATED_IN);
		int result = ioctl(m.vm.fd, DRM_IOCTL_CAUSEWAY_MIGRATE, &a);

		KT_EQ(kt_counter(&m.vm, DRM_CAUSEWAY_COUNTER_MIGRATED_IN) - before, a.moved);
		if (result == 0)
			break;
		KT_EQ(errno, EINTR);
	}
	timer = (struct itimerval){0};
	setitimer(ITIMER_REAL, &timer, NULL);
	KT_EQ(kt_wrong(p, bytes / KT_PAGE, KT_PAGE, 1), 0);
	kt_vm_close(&m.vm);
}

/* ---- reasons -------------------------------------------------------- */

static char *map_kind(struct mover *m, uint32_t reason, bool private)
{
	int fd, flags = MAP_SHARED;
	char *p;

	switch (reason) {
	case DRM_CAUSEWAY_REASON_FILE:
		fd = KT_SYS(memfd_create("migrate", MFD_CLOEXEC));
		KT_SYS(ftruncate(fd, (off_t)BYTES));
		flags = private ? MAP_PRIVATE : MAP_SHARED;
		p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, flags, fd, 0);
		break;
	case DRM_CAUSEWAY_REASON_MERGEABLE:
		p = kt_anon(BYTES);
		if (madvise(p, BYTES, MADV_MERGEABLE) != 0)
			kt_skip("the kernel has no KSM");
		break;
	default:
		p = kt_anon(BYTES);
	}
	(void)m;
	KT_CHECK(p != MAP_FAILED);
	kt_fill(p, PAGES, KT_PAGE, 1);
	return p;
}

/*
 * struct reason_case - memory that stays, and what is said about it
 */
struct reason_case {
	const char *name;
	uint32_t reason;
	bool private;
};

static const struct reason_case reason_cases[] = {
	{"shared", DRM_CAUSEWAY_REASON_FILE, false},
	{"file-private", DRM_CAUSEWAY_REASON_FILE, true},
	{"mergeable", DRM_CAUSEWAY_REASON_MERGEABLE, false},
};

static void reason(const void *param)
{
	const struct reason_case *r = param;
	struct drm_causeway_migrate result;
	struct mover m;
	char *p;

	mover_open(&m);
	p = map_kind(&m, r->reason, r->private);
	result = move(&m, p, BYTES, IN);
	KT_EQ(result.moved, 0);
	KT_EQ(result.skipped[r->reason], PAGES);
	KT_EQ(kt_counter(&m.vm, DRM_CAUSEWAY_COUNTER_SKIPPED), PAGES);
	kt_inc(&m.queue, p, PAGES, KT_PAGE, 1);
	KT_EQ(kt_wrong(p, PAGES, KT_PAGE, 2), 0);
	kt_vm_close(&m.vm);
}

static void reason_special(const void *param)
{
	struct drm_causeway_migrate result;
	struct mover m;

	(void)param;
	mover_open(&m);
	KT_EQ(kt_migrate(&m.vm, (const void *)m.queue.fence, KT_PAGE, IN, &result), 0);
	KT_EQ(result.moved, 0);
	KT_EQ(result.skipped[DRM_CAUSEWAY_REASON_SPECIAL], 1);
	kt_vm_close(&m.vm);
}

/* Pages that somebody holds stay until he lets go. */
static void reason_pinned(const void *param)
{
	struct drm_causeway_migrate result;
	char back[8 * KT_PAGE];
	struct iovec held;
	struct mover m;
	int ends[2];

	(void)param;
	mover_open(&m);
	held = (struct iovec){m.p, sizeof(back)};
	KT_SYS(pipe(ends));
	KT_EQ(vmsplice(ends[1], &held, 1, 0), sizeof(back));
	result = move(&m, m.p, BYTES, IN);
	KT_EQ(result.skipped[DRM_CAUSEWAY_REASON_PINNED], 8);
	KT_EQ(result.moved, PAGES - 8);
	KT_EQ(read(ends[0], back, sizeof(back)), sizeof(back));
	KT_EQ(kt_wrong(back, 8, KT_PAGE, 1), 0);
	result = move(&m, m.p, BYTES, IN);
	KT_EQ(result.moved, 8);
	kt_vm_close(&m.vm);
}

/* ---- on demand ------------------------------------------------------ */

static void advised(const void *param)
{
	bool system = param != NULL;
	struct mover m;

	mover_open(&m);
	KT_EQ(kt_advise(&m.vm, m.p, BYTES, DRM_CAUSEWAY_ATTR_LOCATION, system ? OUT : IN), 0);
	KT_EQ(kt_device_pages(&m.vm, m.p, BYTES), 0);
	kt_inc(&m.queue, m.p, PAGES, KT_PAGE, 1);
	KT_EQ(kt_device_pages(&m.vm, m.p, BYTES), system ? 0 : PAGES);
	KT_EQ(kt_wrong(m.p, PAGES, KT_PAGE, 2), 0);
	kt_vm_close(&m.vm);
}

/* Memory that only the device has used lies there. */
static void first_touch(const void *param)
{
	struct mover m;
	char *p = kt_anon_huge(4 * KT_MIB);
	size_t pages = 4 * KT_MIB / KT_PAGE;

	(void)param;
	mover_open(&m);
	kt_write(&m.queue, p, pages, KT_PAGE, 5);
	KT_EQ(kt_device_pages(&m.vm, p, 4 * KT_MIB), pages);
	KT_EQ(kt_wrong(p, pages, KT_PAGE, 5), 0);
	kt_vm_close(&m.vm);
}

/* A page that both sides want all the time stays at home for a while. */
static void thrashing(const void *param)
{
	struct mover m;

	(void)param;
	mover_open(&m);
	for (uint32_t i = 0; i < 200; i++) {
		kt_inc(&m.queue, m.p, 16, KT_PAGE, 1);
		KT_EQ(kt_wrong(m.p, 16, KT_PAGE, 2 + i), 0);
	}
	if (comes_home(&m)) {
		KT_CHECK(kt_counter(&m.vm, DRM_CAUSEWAY_COUNTER_THRASH_PINNED) > 0);
		KT_CHECK(kt_counter(&m.vm, DRM_CAUSEWAY_COUNTER_CPU_FAULTS) < 200ul * 16);
	}
	kt_vm_close(&m.vm);
}

static void cpu_faults(const void *param)
{
	struct mover m;

	(void)param;
	mover_open(&m);
	move(&m, m.p, BYTES, IN);
	KT_EQ(kt_counter(&m.vm, DRM_CAUSEWAY_COUNTER_CPU_FAULTS), 0);
	KT_EQ(kt_wrong(m.p, PAGES, KT_PAGE, 1), 0);
	if (comes_home(&m)) {
		KT_CHECK(kt_counter(&m.vm, DRM_CAUSEWAY_COUNTER_CPU_FAULTS) > 0);
		KT_EQ(kt_counter(&m.vm, DRM_CAUSEWAY_COUNTER_CPU_FAULT_PAGES), PAGES);
		KT_EQ(kt_device_pages(&m.vm, m.p, BYTES), 0);
		KT_EQ(kt_counter(&m.vm, DRM_CAUSEWAY_COUNTER_RESIDENT), 0);
	}
	kt_vm_close(&m.vm);
}

/* How often the device used a block is seen, and that it didn't use another. */
static void access_counters(const void *param)
{
	uint32_t used[64] = {0}, total = 0;
	struct drm_causeway_query query;
	struct mover m;
	size_t blocks;
	char *p;

	(void)param;
	mover_open(&m);
	blocks = KT_HUGE / m.vm.info.counter_granule;
	if (blocks < 4 || blocks > KT_COUNT(used))
		kt_skip("blocks of %llu bytes", (unsigned long long)m.vm.info.counter_granule);
	p = kt_anon_huge(KT_HUGE);
	kt_fill(p, KT_HUGE / KT_PAGE, KT_PAGE, 1);
	KT_EQ(kt_advise(&m.vm, p, KT_HUGE, DRM_CAUSEWAY_ATTR_LOCATION, OUT), 0);
	for (double end = kt_now() + 10 * kt_options.factor; kt_now() < end && !total;) {
		kt_inc(&m.queue, p, (size_t)m.vm.info.counter_granule / KT_PAGE, KT_PAGE, 1);
		memset(used, 0xff, sizeof(used)); /* what isn't written is seen */
		query = (struct drm_causeway_query){.start = (uintptr_t)p,
						    .length = KT_HUGE,
						    .data = (uintptr_t)used,
						    .count = (uint32_t)blocks,
						    .type = DRM_CAUSEWAY_QUERY_ACCESS,
						    .vm_id = m.vm.id};
		KT_EQ(kt_ioctl(m.vm.fd, DRM_IOCTL_CAUSEWAY_QUERY, &query), 0);
		KT_EQ(query.count, blocks);
		total = used[0];
		kt_sleep_ms(20);
	}
	KT_CHECK(used[0] > 0);
	for (size_t i = 2; i < blocks; i++)
		KT_EQ(used[i], 0);
	kt_vm_close(&m.vm);
}

/* ---- beside running work -------------------------------------------- */

static void *move_around(void *arg)
{
	struct mover *m = ((void **)arg)[0];
	volatile uint32_t *stop = ((void **)arg)[1];
	uint32_t location = ((void **)arg)[2] ? IN : OUT;

	while (!*stop)
		KT_EQ(kt_migrate(&m->vm, m->p, BYTES, location, NULL), 0);
	return NULL;
}

/* Four threads, two a way, on the same pages, while both sides count. @param: how many times. */
static void tug_of_war(const void *param)
{
	uint32_t times = *(const uint32_t *)param;
	struct kt_op op = {.fn = kt_dev_add, .args = {.stride = KT_PAGE, .a = 1, .b = times}};
	uint32_t stop = 0;
	struct mover m;
	void *args[2][3] = {{&m, &stop, NULL}, {&m, &stop, &stop}};
	unsigned long threads[4];
	struct kt_job job;

	mover_open(&m);
	op.args.p = (uintptr_t)m.p;
	op.items = 64;
	for (int i = 0; i < 4; i++)
		kt_thread(&threads[i], move_around, args[i & 1]);
	job = kt_start(&m.queue, &op);
	for (uint32_t round = 0; round < times; round++) {
		for (size_t i = 0; i < 64; i++)
			__atomic_fetch_add((uint32_t *)(m.p + i * KT_PAGE), 1, __ATOMIC_SEQ_CST);
	}
	KT_EQ(kt_finish(&job), DRM_CAUSEWAY_JOB_DONE);
	stop = 1;
	for (int i = 0; i < 4; i++)
		kt_thread_join(threads[i]);
	KT_EQ(kt_wrong(m.p, 64, KT_PAGE, 1 + 2 * times), 0);
	kt_vm_close(&m.vm);
}

/* ---- 64 MiB --------------------------------------------------------- */

/* What the memory cgroup of this process is charged, bytes; -1: there is none. */
static long charge(void)
{
	char line[300] = "", path[400];
	int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	char *group;

	if (fd < 0 || read(fd, line, sizeof(line) - 1) <= 0)
		return -1;
	close(fd);
	group = strstr(line, "0::");
	if (!group)
		return -1;
	group[strcspn(group, "\n")] = '\0';
	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/memory.current", group + 3);
	return kt_read_number(path);
}

static void same_figure(const char *what, long before, long now, long unit)
{
	long slack = (long)(2 * KT_MIB) / unit;

	if (now > before + slack || now < before - slack)
		kt_fail("%s went from %ld to %ld", what, before, now);
}

/* Counters prove it: there, back, and the process is charged the same all the time. */
static void resident_64m(const void *param)
{
	const size_t bytes = 64 * KT_MIB, pages = bytes / KT_PAGE;
	long rss, charged;
	struct mover m;
	size_t there;
	char *p;

	(void)param;
	mover_open(&m);
	if (m.vm.info.memory_bytes < bytes + bytes / 8)
		kt_skip("the device's memory is too small");
	p = malloc(bytes + KT_PAGE);
	KT_CHECK(p);
	p = (char *)(((uintptr_t)p + KT_PAGE - 1) & ~(KT_PAGE - 1));
	kt_fill(p, pages, KT_PAGE, 1);
	rss = kt_rss();
	charged = charge();
	kt_inc(&m.queue, p, pages, KT_PAGE, 1);
	there = kt_device_pages(&m.vm, p, bytes);
	kt_note("64 MiB after the device: %zu of %zu pages there, rss %ld then %ld pages%s", there,
		pages, rss, kt_rss(), charged > 0 ? "" : ", no memory cgroup");
	KT_CHECK(there >= pages * 95 / 100);
	same_figure("rss", rss, kt_rss(), KT_PAGE);
	if (charged > 0)
		same_figure("memory.current", charged, charge(), 1);
	KT_EQ(kt_wrong(p, pages, KT_PAGE, 2), 0);
	if (comes_home(&m)) {
		KT_EQ(kt_device_pages(&m.vm, p, bytes), 0);
	} else {
		move(&m, p, bytes, OUT);
		KT_EQ(kt_device_pages(&m.vm, p, bytes), 0);
	}
	same_figure("rss", rss, kt_rss(), KT_PAGE);
	if (charged > 0)
		same_figure("memory.current", charged, charge(), 1);
	kt_vm_close(&m.vm);
}

static void list(void)
{
	static const uint32_t short_war = 5, long_war = 200;
	static const struct kt_case cases[] = {
		{.name = "both-ways", .run = both_ways, .flags = KT_MIGRATE},
		{.name = "every-byte", .run = every_byte, .flags = KT_MIGRATE},
		{.name = "counts-agree", .run = counts_agree, .flags = KT_MIGRATE},
		{.name = "untouched", .run = untouched, .flags = KT_MIGRATE},
		{.name = "read-only", .run = read_only, .flags = KT_MIGRATE},
		{.name = "interrupted", .run = interrupted, .flags = KT_MIGRATE},
		{.name = "reason-special", .run = reason_special, .flags = KT_MIGRATE},
		{.name = "reason-pinned", .run = reason_pinned, .flags = KT_MIGRATE},
		{.name = "advised-device", .run = advised, .flags = KT_MIGRATE},
		{.name = "advised-system", .run = advised, .param = "", .flags = KT_MIGRATE},
		{.name = "first-touch", .run = first_touch, .flags = KT_MIGRATE},
		{.name = "thrashing", .run = thrashing, .flags = KT_MIGRATE},
		{.name = "cpu-faults", .run = cpu_faults, .flags = KT_MIGRATE},
		{.name = "access-counters", .run = access_counters, .flags = KT_MIGRATE},
		{.name = "tug-of-war",
		 .run = tug_of_war,
		 .param = &short_war,
		 .flags = KT_MIGRATE,
		 .seconds = 120},
		{.name = "tug-of-war-long",
		 .run = tug_of_war,
		 .param = &long_war,
		 .flags = KT_MIGRATE | KT_FULL,
		 .seconds = 900},
		{.name = "resident-64m", .run = resident_64m, .flags = KT_MIGRATE, .seconds = 120},
	};

	kt_add_all(cases, KT_COUNT(cases));
	for (size_t i = 0; i < KT_COUNT(reason_cases); i++) {
		char name[60];

		snprintf(name, sizeof(name), "reason-%s", reason_cases[i].name);
		kt_add(&(struct kt_case){.name = name,
					 .run = reason,
					 .param = &reason_cases[i],
					 .flags = KT_MIGRATE});
	}
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
