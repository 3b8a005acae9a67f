/* SPDX-License-Identifier: MIT */
/* Event files: what is recorded, for whom, in which order, and what happens when nobody reads. */
#include "kt.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES	   64
#define BYTES	   (PAGES * KT_PAGE)
#define MASK(name) (1u << DRM_CAUSEWAY_EVENT_##name)

/*
 * struct source - a client that makes things happen
 */
struct source {
	struct kt_vm vm;
	struct kt_queue queue;
	char *p;
};

static void source_open(struct source *s)
{
	kt_vm_open(&s->vm);
	kt_queue_open(&s->queue, &s->vm);
	s->p = kt_anon(BYTES);
	kt_fill(s->p, PAGES, KT_PAGE, 1);
}

static void increment(struct source *s, uint64_t command)
{
	struct kt_op op = {.fn = kt_dev_inc,
			   .args = {.p = (uintptr_t)s->p, .stride = KT_PAGE, .a = 1},
			   .items = PAGES,
			   .command = command};

	KT_EQ(kt_run(&s->queue, &op, NULL), DRM_CAUSEWAY_JOB_DONE);
}

/* All records that are there now; how many. */
static size_t drain(int fd, struct drm_causeway_event *events, size_t room)
{
	size_t count = 0;
	ssize_t n;

	KT_SYS(fcntl(fd, F_SETFL, O_NONBLOCK));
	while (count < room &&
	       (n = read(fd, &events[count], (room - count) * sizeof(*events))) > 0) {
		KT_EQ((size_t)n % sizeof(*events), 0);
		count += (size_t)n / sizeof(*events);
	}
	return count;
}

/* Every fault is recorded, with its job, and the records cover what was touched. */
static void faults(const void *param)
{
	struct drm_causeway_event events[256];
	uint64_t before, after, last = 0;
	uint64_t covered[PAGES] = {0};
	struct source s;
	size_t count;
	int fd;

	(void)param;
	source_open(&s);
	fd = kt_events(&s.vm, MASK(FAULT));
	before = kt_counter(&s.vm, DRM_CAUSEWAY_COUNTER_FAULTS);
	increment(&s, 0xabc);
	after = kt_counter(&s.vm, DRM_CAUSEWAY_COUNTER_FAULTS);
	count = drain(fd, events, KT_COUNT(events));
	KT_EQ(count, after - before);
	KT_CHECK(count > 0);
	for (size_t i = 0; i < count; i++) {
		struct drm_causeway_event *e = &events[i];

		KT_EQ(e->type, DRM_CAUSEWAY_EVENT_FAULT);
		KT_EQ(e->command_id, 0xabc);
		KT_EQ(e->queue_id, s.queue.id);
		KT_EQ(e->reason, DRM_CAUSEWAY_REASON_NONE);
		KT_CHECK(e->time_ns >= last && e->time_ns <= (uint64_t)kt_now_ns());
		last = e->time_ns;
		for (size_t page = 0; page < PAGES; page++) {
			uint64_t at = (uintptr_t)s.p + page * KT_PAGE;
			uint64_t first = e->address & ~(KT_PAGE - 1);

			covered[page] += at >= first && at < first + e->length;
			covered[page] += at <= e->address && e->address < at + KT_PAGE;
		}
	}
	KT_CHECK(covered[0] > 0);
	kt_vm_close(&s.vm);
}

static void failed_fault(const void *param)
{
	struct drm_causeway_event events[8];
	struct source s;
	int fd;

	(void)param;
	source_open(&s);
	fd = kt_events(&s.vm, MASK(FAULT_FAILED));
	KT_SYS(mprotect(s.p, KT_PAGE, PROT_READ));
	KT_EQ(kt_touch(&s.queue, s.p + 12, KT_WRITE, NULL), DRM_CAUSEWAY_JOB_FAULT);
	KT_EQ(drain(fd, events, 8), 1);
	KT_EQ(events[0].address, (uintptr_t)s.p + 12);
	KT_EQ(events[0].reason, DRM_CAUSEWAY_REASON_PROTECTION);
	KT_EQ(events[0].access, DRM_CAUSEWAY_EVENT_WRITE);
	kt_vm_close(&s.vm);
}

static uint64_t pages_of(const struct drm_causeway_event *events, size_t count, uint32_t type)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < count; i++) {
		KT_EQ(events[i].type, type);
		pages += events[i].pages;
	}
	return pages;
}

static void moves(const void *param)
{
	struct drm_causeway_event events[128];
	struct source s;
	int in, out;

	(void)param;
	source_open(&s);
	in = kt_events(&s.vm, MASK(MIGRATE_IN));
	out = kt_events(&s.vm, MASK(MIGRATE_OUT));
	KT_EQ(kt_migrate(&s.vm, s.p, BYTES, DRM_CAUSEWAY_LOCATION_DEVICE, NULL), 0);
	KT_EQ(kt_migrate(&s.vm, s.p, BYTES, DRM_CAUSEWAY_LOCATION_SYSTEM, NULL), 0);
	KT_EQ(pages_of(events, drain(in, events, 128), DRM_CAUSEWAY_EVENT_MIGRATE_IN), PAGES);
	KT_EQ(pages_of(events, drain(out, events, 128), DRM_CAUSEWAY_EVENT_MIGRATE_OUT), PAGES);
	kt_vm_close(&s.vm);
}

static void invalidations(const void *param)
{
	struct drm_causeway_event events[128];
	struct source s;
	size_t count;
	bool seen = false;
	int fd;

	(void)param;
	source_open(&s);
	increment(&s, 1);
	fd = kt_events(&s.vm, MASK(INVALIDATE));
	KT_SYS(mprotect(s.p, BYTES, PROT_READ));
	count = drain(fd, events, 128);
	KT_CHECK(count > 0);
	for (size_t i = 0; i < count; i++) {
		KT_EQ(events[i].type, DRM_CAUSEWAY_EVENT_INVALIDATE);
		seen |= events[i].address <= (uintptr_t)s.p + BYTES &&
			events[i].address + events[i].length >= (uintptr_t)s.p;
	}
	KT_CHECK(seen);
	kt_vm_close(&s.vm);
}

/* Only what was asked for. */
static void masks(const void *param)
{
	struct drm_causeway_event events[512];
	struct source s;
	int files[DRM_CAUSEWAY_EVENT_COUNT];

	(void)param;
	source_open(&s);
	for (uint32_t type = 0; type < DRM_CAUSEWAY_EVENT_COUNT; type++)
		files[type] = kt_events(&s.vm, 1u << type);
	increment(&s, 1);
	if (kt_can_migrate(&s.vm))
		kt_migrate(&s.vm, s.p, BYTES, DRM_CAUSEWAY_LOCATION_SYSTEM, NULL);
	KT_SYS(mprotect(s.p, BYTES, PROT_NONE));
	KT_EQ(kt_touch(&s.queue, s.p, KT_READ, NULL), DRM_CAUSEWAY_JOB_FAULT);
	for (uint32_t type = 0; type < DRM_CAUSEWAY_EVENT_COUNT; type++) {
		size_t count = drain(files[type], events, KT_COUNT(events));

		for (size_t i = 0; i < count; i++)
			KT_EQ(events[i].type, type);
		if (type == DRM_CAUSEWAY_EVENT_FAULT || type == DRM_CAUSEWAY_EVENT_FAULT_FAILED)
			KT_CHECK(count > 0);
	}
	kt_vm_close(&s.vm);
}

/* Several readers of one VM each get everything. */
static void readers(const void *param)
{
	struct drm_causeway_event first[256], second[256];
	struct source s;
	size_t count;
	int a, b;

	(void)param;
	source_open(&s);
	a = kt_events(&s.vm, MASK(FAULT));
	b = kt_events(&s.vm, MASK(FAULT) | MASK(RESET));
	increment(&s, 1);
	count = drain(a, first, 256);
	KT_EQ(drain(b, second, 256), count);
	KT_EQ(memcmp(first, second, count * sizeof(first[0])), 0);
	/* Another VM's events are not seen. */
	KT_EQ(drain(a, first, 256), 0);
	kt_vm_close(&s.vm);
}

static void apart(const void *param)
{
	struct drm_causeway_event events[16];
	struct source s;
	struct kt_vm other;
	int fd;

	(void)param;
	source_open(&s);
	kt_vm_open(&other);
	fd = kt_events(&other, (1u << DRM_CAUSEWAY_EVENT_COUNT) - 1);
	increment(&s, 1);
	KT_EQ(drain(fd, events, 16), 0);
	kt_vm_close(&other);
	kt_vm_close(&s.vm);
}

/* Nobody reads: the oldest or newest are dropped, and their number is told. */
static void overflow(const void *param)
{
	static struct drm_causeway_event events[70000];
	uint64_t told = 0, lost = 0;
	struct source s;
	size_t count;
	int fd;

	(void)param;
	source_open(&s);
	fd = kt_events(&s.vm, MASK(FAULT_FAILED));
	KT_SYS(mprotect(s.p, KT_PAGE, PROT_NONE));
	for (int i = 0; i < 3000; i++)
		KT_EQ(kt_touch(&s.queue, s.p, KT_READ, NULL), DRM_CAUSEWAY_JOB_FAULT);
	count = drain(fd, events, KT_COUNT(events));
	for (size_t i = 0; i < count; i++) {
		if (events[i].type == DRM_CAUSEWAY_EVENT_LOST)
			lost += events[i].pages;
		else
			told++;
	}
	kt_note("3000 failures: %lu records, %lu lost", told, lost);
	KT_EQ(told + lost, 3000);
	KT_EQ(kt_counter(&s.vm, DRM_CAUSEWAY_COUNTER_EVENTS_LOST), lost);
	/* From now on it is as before. */
	KT_EQ(kt_touch(&s.queue, s.p, KT_READ, NULL), DRM_CAUSEWAY_JOB_FAULT);
	count = drain(fd, events, KT_COUNT(events));
	KT_EQ(count, 1);
	kt_vm_close(&s.vm);
}

static void *blocked_reader(void *arg)
{
	struct drm_causeway_event e;
	int *fd = arg;

	KT_EQ(read(fd[0], &e, sizeof(e)), sizeof(e));
	KT_EQ(e.type, DRM_CAUSEWAY_EVENT_FAULT_FAILED);
	/* ... and then until the VM ends. */
	KT_EQ(read(fd[0], &e, sizeof(e)), 0);
	return NULL;
}

static void blocking(const void *param)
{
	struct source s;
	unsigned long thread;
	int fd;

	(void)param;
	source_open(&s);
	fd = kt_events(&s.vm, MASK(FAULT_FAILED));
	kt_thread(&thread, blocked_reader, &fd);
	kt_sleep_ms(30);
	KT_SYS(mprotect(s.p, KT_PAGE, PROT_NONE));
	KT_EQ(kt_touch(&s.queue, s.p, KT_READ, NULL), DRM_CAUSEWAY_JOB_FAULT);
	kt_sleep_ms(30);
	kt_vm_close(&s.vm);
	kt_thread_join(thread);
}

static void polled(const void *param)
{
	struct drm_causeway_event e;
	struct pollfd p = {.events = POLLIN};
	struct source s;

	(void)param;
	source_open(&s);
	p.fd = kt_events(&s.vm, MASK(FAULT_FAILED));
	KT_SYS(mprotect(s.p, KT_PAGE, PROT_NONE));
	for (int i = 0; i < 5; i++) {
		KT_EQ(poll(&p, 1, 0), 0);
		KT_EQ(kt_touch(&s.queue, s.p, KT_READ, NULL), DRM_CAUSEWAY_JOB_FAULT);
		KT_EQ(poll(&p, 1, 1000), 1);
		KT_EQ(read(p.fd, &e, sizeof(e)), sizeof(e));
	}
	kt_vm_close(&s.vm);
}

/* The file may be the last that is open. */
static void outlives(const void *param)
{
	struct drm_causeway_event e;
	struct source s;
	int fd;

	(void)param;
	source_open(&s);
	fd = kt_events(&s.vm, MASK(FAULT));
	kt_queue_close(&s.queue);
	close(s.vm.fd);
	waitpid(s.vm.engine, NULL, 0);
	KT_EQ(fcntl(fd, F_SETFL, 0), 0);
	while (read(fd, &e, sizeof(e)) > 0)
		;
	KT_EQ(read(fd, &e, sizeof(e)), 0);
	close(fd);
}

static void engine_lost(const void *param)
{
	struct drm_causeway_event e;
	struct source s;
	int fd;

	(void)param;
	source_open(&s);
	fd = kt_events(&s.vm, MASK(ENGINE_LOST));
	increment(&s, 1);
	kill(s.vm.engine, SIGKILL);
	waitpid(s.vm.engine, NULL, 0);
	s.vm.engine = 0;
	KT_CHECK(kt_event(fd, &e));
	KT_EQ(e.type, DRM_CAUSEWAY_EVENT_ENGINE_LOST);
	kt_vm_close(&s.vm);
}

/* As many files as there may be: each of them can go at any time. */
static void many_files(const void *param)
{
	struct drm_causeway_event events[128];
	int files[200];
	struct source s;
	size_t count;

	(void)param;
	source_open(&s);
	for (count = 0; count < KT_COUNT(files); count++) {
		struct drm_causeway_event_open open = {.vm_id = s.vm.id, .mask = MASK(FAULT)};
		int err = kt_ioctl(s.vm.fd, DRM_IOCTL_CAUSEWAY_EVENT_OPEN, &open);

		if (err) {
			KT_EQ(err, -ENOSPC);
			break;
		}
		files[count] = open.fd;
	}
	KT_CHECK(count >= 8);
	for (size_t i = 0; i < count; i += 2)
		close(files[i]);
	increment(&s, 1);
	for (size_t i = 1; i < count; i += 2)
		KT_CHECK(drain(files[i], events, KT_COUNT(events)) > 0);
	kt_vm_close(&s.vm);
	for (size_t i = 1; i < count; i += 2)
		close(files[i]);
}

static void list(void)
{
	static const struct kt_case cases[] = {
		{.name = "faults", .run = faults},
		{.name = "failed-fault", .run = failed_fault},
		{.name = "moves", .run = moves, .flags = KT_MIGRATE},
		{.name = "invalidations", .run = invalidations},
		{.name = "masks", .run = masks},
		{.name = "readers", .run = readers},
		{.name = "apart", .run = apart},
		{.name = "overflow", .run = overflow},
		{.name = "blocking", .run = blocking},
		{.name = "polled", .run = polled},
		{.name = "outlives", .run = outlives},
		{.name = "engine-lost", .run = engine_lost},
		{.name = "many-files", .run = many_files},
	};

	kt_add_all(cases, KT_COUNT(cases));
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
