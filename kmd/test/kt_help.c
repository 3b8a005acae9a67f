/* SPDX-License-Identifier: MIT */
/* What the driver tells, memory, clocks, files of /proc and /sys. */
#include "kt.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- what the driver tells ------------------------------------------ */

void kt_counters(struct kt_vm *vm, uint64_t counters[DRM_CAUSEWAY_COUNTER_COUNT])
{
	struct drm_causeway_query query = {.data = (uintptr_t)counters,
					   .count = DRM_CAUSEWAY_COUNTER_COUNT,
					   .type = DRM_CAUSEWAY_QUERY_COUNTERS,
					   .vm_id = vm->id};
	int err = kt_ioctl(vm->fd, DRM_IOCTL_CAUSEWAY_QUERY, &query);

	if (err)
		kt_fail("QUERY of counters: %s", strerror(-err));
	KT_EQ(query.count, DRM_CAUSEWAY_COUNTER_COUNT);
	KT_EQ(query.cursor, 0);
}

uint64_t kt_counter(struct kt_vm *vm, enum drm_causeway_counter which)
{
	uint64_t counters[DRM_CAUSEWAY_COUNTER_COUNT];

	kt_counters(vm, counters);
	return counters[which];
}

void kt_residency(struct kt_vm *vm, const void *p, size_t bytes, uint8_t *pages)
{
	size_t done = 0, want = bytes / KT_PAGE;
	uint64_t cursor = 0;

	do {
		struct drm_causeway_query query = {.start = (uintptr_t)p,
						   .length = bytes,
						   .data = (uintptr_t)(pages + done),
						   .count = (uint32_t)(want - done),
						   .type = DRM_CAUSEWAY_QUERY_RESIDENCY,
						   .cursor = cursor,
						   .vm_id = vm->id};
		int err = kt_ioctl(vm->fd, DRM_IOCTL_CAUSEWAY_QUERY, &query);

		if (err)
			kt_fail("QUERY of residency: %s", strerror(-err));
		done += query.count;
		cursor = query.cursor;
		if (cursor && !query.count)
			kt_fail("QUERY of residency makes no progress");
	} while (cursor && done < want);
	KT_EQ(done, want);
}

size_t kt_pages(struct kt_vm *vm, const void *p, size_t bytes, uint8_t mask, uint8_t value)
{
	size_t count = 0, total = bytes / KT_PAGE;
	uint8_t *pages = malloc(total);

	if (!pages)
		kt_fail("no memory");
	kt_residency(vm, p, bytes, pages);
	for (size_t i = 0; i < total; i++)
		count += (pages[i] & mask) == value;
	free(pages);
	return count;
}

size_t kt_device_pages(struct kt_vm *vm, const void *p, size_t bytes)
{
	return kt_pages(vm, p, bytes, DRM_CAUSEWAY_PAGE_DEVICE, DRM_CAUSEWAY_PAGE_DEVICE);
}

int kt_migrate(struct kt_vm *vm, const void *p, size_t bytes, uint32_t location,
	       struct drm_causeway_migrate *result)
{
	struct drm_causeway_migrate migrate = {
		.start = (uintptr_t)p, .length = bytes, .vm_id = vm->id, .location = location};
	int err = kt_ioctl(vm->fd, DRM_IOCTL_CAUSEWAY_MIGRATE, &migrate);

	if (result)
		*result = migrate;
	return err;
}

int kt_advise(struct kt_vm *vm, const void *p, size_t bytes, uint32_t type, uint32_t value)
{
	struct drm_causeway_attr attr = {.type = type, .value = value};
	struct drm_causeway_advise advise = {.start = (uintptr_t)p,
					     .length = bytes,
					     .attrs = (uintptr_t)&attr,
					     .attr_count = 1,
					     .vm_id = vm->id};

	return kt_ioctl(vm->fd, DRM_IOCTL_CAUSEWAY_ADVISE, &advise);
}

bool kt_can_migrate(const struct kt_vm *vm)
{
	return vm->info.caps & DRM_CAUSEWAY_CAP_MIGRATE;
}

int kt_events(struct kt_vm *vm, uint32_t mask)
{
	struct drm_causeway_event_open open = {.vm_id = vm->id, .mask = mask};
	int err = kt_ioctl(vm->fd, DRM_IOCTL_CAUSEWAY_EVENT_OPEN, &open);

	if (err)
		kt_fail("EVENT_OPEN: %s", strerror(-err));
	return open.fd;
}

bool kt_event(int fd, struct drm_causeway_event *event)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	if (poll(&wait, 1, (int)(1000 * kt_options.factor)) <= 0 || !(wait.revents & POLLIN))
		return false;
	return read(fd, event, sizeof(*event)) == (ssize_t)sizeof(*event);
}

/* ---- time and chance ------------------------------------------------ */

int64_t kt_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

double kt_now(void)
{
	return 1e-9 * (double)kt_now_ns();
}

uint64_t kt_stamp(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high)::"memory");
	return low | (uint64_t)high << 32;
}

void kt_sleep_ms(unsigned int ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

	nanosleep(&t, NULL);
}

uint64_t kt_random(uint64_t *state)
{
	/* splitmix64: any seed will do, 0 too. */
	uint64_t x = *state += 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/* ---- memory --------------------------------------------------------- */

void *kt_anon(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		kt_fail("mmap of %zu bytes: %m", bytes);
	return p;
}

void *kt_anon_huge(size_t bytes)
{
	char *raw = kt_anon(bytes + KT_HUGE);
	size_t before = (KT_HUGE - (uintptr_t)raw % KT_HUGE) % KT_HUGE;

	if (before)
		munmap(raw, before);
	munmap(raw + before + bytes, KT_HUGE - before);
	return raw + before;
}

void *kt_anon_apart(size_t bytes)
{
	/* The kernel looks for room from the top. */
	static uint64_t next = 0x200000000000;
	uint64_t at =
		__atomic_fetch_add(&next, (bytes + 2 * KT_HUGE) & ~(KT_HUGE - 1), __ATOMIC_RELAXED);
	void *p = mmap((void *)at, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (p != (void *)at)
		kt_fail("mmap at 0x%lx: %m", at);
	return p;
}

void kt_unmap(void *p, size_t bytes)
{
	KT_SYS(munmap(p, bytes));
}

void kt_fill(void *p, size_t count, size_t stride, uint32_t first)
{
	for (size_t i = 0; i < count; i++)
		*(volatile uint32_t *)((char *)p + i * stride) = first + (uint32_t)i;
}

size_t kt_wrong(const void *p, size_t count, size_t stride, uint32_t first)
{
	size_t wrong = 0;

	for (size_t i = 0; i < count; i++)
		wrong += *(const volatile uint32_t *)((const char *)p + i * stride) !=
			 first + (uint32_t)i;
	return wrong;
}

/* ---- files ---------------------------------------------------------- */

static bool read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n;

	if (fd < 0)
		return false;
	while (used + 1 < size && (n = read(fd, text + used, size - used - 1)) > 0)
		used += (size_t)n;
	close(fd);
	text[used] = '\0';
	return true;
}

long kt_read_number(const char *path)
{
	char text[64];

	if (!read_text(path, text, sizeof(text)) || text[0] == '\0')
		return -1;
	return strtol(text, NULL, 0);
}

long kt_read_key(const char *path, const char *key)
{
	static char text[32768];
	size_t length = strlen(key);

	if (!read_text(path, text, sizeof(text)))
		return -1;
	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) == 0 && strchr(" \t:", line[length]) && line[length])
			return strtol(line + length + 1, NULL, 10);
	}
	return -1;
}

bool kt_write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

long kt_rss(void)
{
	long kib = kt_read_key("/proc/self/status", "RssAnon");

	return kib < 0 ? -1 : kib / 4;
}

bool kt_has_swap(void)
{
	return kt_read_key("/proc/meminfo", "SwapTotal") > 0;
}

/* ---- processes and threads ------------------------------------------ */

pid_t kt_fork(void (*body)(void *arg), void *arg)
{
	pid_t pid = fork();

	if (pid < 0)
		kt_fail("fork: %m");
	if (pid == 0) {
		body(arg);
		_exit(0);
	}
	return pid;
}

void kt_join(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		kt_fail("waitpid: %m");
	/* It has told why it skips the case, and so do we. */
	if (WIFEXITED(status) && WEXITSTATUS(status) == KT_EXIT_SKIP)
		_exit(KT_EXIT_SKIP);
	if (status)
		kt_fail("a child ended with status 0x%x", (unsigned int)status);
}

void kt_thread(unsigned long *thread, void *(*body)(void *), void *arg)
{
	if (pthread_create(thread, NULL, body, arg) != 0)
		kt_fail("no thread");
}

void kt_thread_join(unsigned long thread)
{
	pthread_join(thread, NULL);
}
