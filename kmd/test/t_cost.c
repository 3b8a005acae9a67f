/* SPDX-License-Identifier: MIT */
/*
 * What things cost, as ratios to what the same machine takes for the like
 * without a device: a mirror fault to a minor fault of the processor, moving
 * memory to memcpy, a job to a round trip through two pipes.  Figures are
 * printed; what is checked are bounds that only something broken exceeds.
 */
#include "kt.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES  2048ul
#define BYTES  (PAGES * KT_PAGE)
#define ROUNDS 7

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), by_value);
	return values[count / 2];
}

/* @times is how far beyond its goal a figure may be before something is broken. */
static void figure(const char *what, double value, double goal, double times)
{
	kt_note("cost %-44s %8.3f  (goal %.2f)", what, value, goal);
	if (value > goal * times)
		kt_fail("%s costs %.2f, more than %.0f times its goal of %.2f", what, value, times,
			goal);
}

/* Time stamps that one minor fault of this process takes: first write to a new page. */
static double minor_fault(void)
{
	double values[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		char *p = kt_anon_huge(BYTES);
		uint64_t start;

		madvise(p, BYTES, MADV_NOHUGEPAGE);
		start = kt_stamp();
		kt_fill(p, PAGES, KT_PAGE, 1);
		values[round] = (double)(kt_stamp() - start) / PAGES;
		kt_unmap(p, BYTES);
	}
	return median(values, ROUNDS);
}

/* Time stamps a page of a job that writes to each page. */
static double device_write(struct kt_queue *queue, char *p, size_t pages)
{
	struct kt_op op = {
		.fn = kt_dev_timew, .args = {.p = (uintptr_t)p, .stride = KT_PAGE}, .items = pages};
	uint64_t out[KT_OUT];

	KT_EQ(kt_run(queue, &op, out), DRM_CAUSEWAY_JOB_DONE);
	return (double)out[0] / (double)pages;
}

static double device_fault(struct kt_queue *queue, uint32_t location, uint32_t granule)
{
	double values[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		char *p = kt_anon_huge(BYTES);

		madvise(p, BYTES, MADV_NOHUGEPAGE);
		kt_fill(p, PAGES, KT_PAGE, 1);
		KT_EQ(kt_advise(queue->vm, p, BYTES, DRM_CAUSEWAY_ATTR_LOCATION, location), 0);
		KT_EQ(kt_advise(queue->vm, p, BYTES, DRM_CAUSEWAY_ATTR_GRANULE, granule), 0);
		values[round] = device_write(queue, p, PAGES);
		kt_unmap(p, BYTES);
	}
	return median(values, ROUNDS);
}

static void faults(const void *param)
{
	struct kt_queue queue;
	struct kt_vm vm;
	double host;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	host = minor_fault();
	figure("mirror fault, 4 KiB / minor fault",
	       device_fault(&queue, DRM_CAUSEWAY_LOCATION_SYSTEM, 12) / host, 1.4, 8);
	figure("mirror fault, 64 KiB / minor fault, a page",
	       device_fault(&queue, DRM_CAUSEWAY_LOCATION_SYSTEM, 16) / host, 0.15, 12);
	figure("mirror fault, 2 MiB / minor fault, a page",
	       device_fault(&queue, DRM_CAUSEWAY_LOCATION_SYSTEM, 21) / host, 0.08, 12);
	if (kt_can_migrate(&vm)) {
		figure("fault that moves 64 KiB / minor fault, a page",
		       device_fault(&queue, DRM_CAUSEWAY_LOCATION_DEVICE, 16) / host, 1.0, 8);
		figure("fault that moves 2 MiB / minor fault, a page",
		       device_fault(&queue, DRM_CAUSEWAY_LOCATION_DEVICE, 21) / host, 0.68, 8);
	}
	kt_vm_close(&vm);
}

/* ---- moving --------------------------------------------------------- */

static double copying(char *to, const char *from)
{
	double values[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = kt_stamp();

		memcpy(to, from, BYTES);
		values[round] = (double)(kt_stamp() - start) / PAGES;
	}
	return median(values, ROUNDS);
}

static void moving(const void *param)
{
	double in[ROUNDS], out[ROUNDS], touched[ROUNDS], host, copy;
	char *p = kt_anon_huge(BYTES), *q = kt_anon_huge(BYTES);
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	madvise(p, BYTES, MADV_NOHUGEPAGE);
	kt_fill(p, PAGES, KT_PAGE, 1);
	kt_fill(q, PAGES, KT_PAGE, 1);
	host = minor_fault();
	copy = copying(q, p);
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = kt_stamp();

		KT_EQ(kt_migrate(&vm, p, BYTES, DRM_CAUSEWAY_LOCATION_DEVICE, NULL), 0);
		in[round] = (double)(kt_stamp() - start) / PAGES;
		start = kt_stamp();
		KT_EQ(kt_migrate(&vm, p, BYTES, DRM_CAUSEWAY_LOCATION_SYSTEM, NULL), 0);
		out[round] = (double)(kt_stamp() - start) / PAGES;
		KT_EQ(kt_migrate(&vm, p, BYTES, DRM_CAUSEWAY_LOCATION_DEVICE, NULL), 0);
		start = kt_stamp();
		for (size_t i = 0; i < PAGES; i++)
			(void)*(volatile uint32_t *)(p + i * KT_PAGE);
		touched[round] = (double)(kt_stamp() - start) / PAGES;
	}
	kt_note("cost memcpy / minor fault, a page                %8.3f", copy / host);
	figure("move in by 2 MiB / minor fault, a page", median(in, ROUNDS) / host, 0.6, 8);
	figure("move home by 2 MiB / minor fault, a page", median(out, ROUNDS) / host, 0.5, 8);
	figure("processor brings home / minor fault, a page", median(touched, ROUNDS) / host, 0.67,
	       8);
	kt_note("cost move in / memcpy of the same                %8.3f",
		median(in, ROUNDS) / copy);
	kt_note("cost move home / memcpy of the same              %8.3f",
		median(out, ROUNDS) / copy);
	kt_vm_close(&vm);
}

/* ---- streaming ------------------------------------------------------ */

static void streaming(const void *param)
{
	const size_t bytes = 4 * KT_MIB, rounds = 4;
	double device[ROUNDS], host[ROUNDS];
	uint64_t *p = kt_anon_huge(bytes);
	struct kt_op op = {.fn = kt_dev_stream,
			   .args = {.p = (uintptr_t)p, .a = bytes, .b = rounds}};
	uint64_t out[KT_OUT];
	struct kt_queue queue;
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	memset(p, 1, bytes);
	KT_EQ(kt_advise(&vm, p, bytes, DRM_CAUSEWAY_ATTR_LOCATION, DRM_CAUSEWAY_LOCATION_SYSTEM),
	      0);
	KT_EQ(kt_run(&queue, &op, out), DRM_CAUSEWAY_JOB_DONE);
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start, sum = 0;

		KT_EQ(kt_run(&queue, &op, out), DRM_CAUSEWAY_JOB_DONE);
		device[round] = (double)out[0];
		start = kt_stamp();
		for (size_t k = 0; k < rounds; k++) {
			for (size_t i = 0; i < bytes / 8; i++)
				sum += ((volatile uint64_t *)p)[i];
		}
		host[round] = (double)(kt_stamp() - start);
		KT_EQ(sum, out[1]);
	}
	figure("streaming, device / processor", median(device, ROUNDS) / median(host, ROUNDS), 1.0,
	       3);
	kt_vm_close(&vm);
}

/* ---- jobs ----------------------------------------------------------- */

static void answer(void *arg)
{
	int *ends = arg;
	char byte;

	close(ends[1]);
	close(ends[2]);
	while (read(ends[0], &byte, 1) == 1) {
		if (write(ends[3], &byte, 1) != 1)
			break;
	}
}

/* Nanoseconds of a byte to another process and back. */
static double pipe_round_trip(void)
{
	double values[200];
	int ends[4];
	pid_t child;
	char byte = 0;

	KT_SYS(pipe(ends));
	KT_SYS(pipe(ends + 2));
	child = kt_fork(answer, ends);
	for (size_t i = 0; i < KT_COUNT(values); i++) {
		int64_t start = kt_now_ns();

		KT_EQ(write(ends[1], &byte, 1), 1);
		KT_EQ(read(ends[2], &byte, 1), 1);
		values[i] = (double)(kt_now_ns() - start);
	}
	close(ends[1]);
	close(ends[2]);
	close(ends[3]);
	kt_join(child);
	return median(values, KT_COUNT(values));
}

static double submit_to_fence(struct kt_queue *queue)
{
	struct kt_op op = {.fn = kt_dev_nothing};
	void *slot = kt_slot_get(&op);
	double values[200];

	for (size_t i = 0; i < KT_COUNT(values); i++) {
		int64_t start;

		((struct causeway_job *)slot)->next = 0;
		start = kt_now_ns();
		KT_EQ(kt_submit(queue, &slot, 1, &op), 0);
		KT_EQ(kt_wait(queue, queue->last, -1, NULL), 0);
		values[i] = (double)(kt_now_ns() - start);
	}
	kt_slot_put(slot);
	return median(values, KT_COUNT(values));
}

static void jobs(const void *param)
{
	struct kt_queue queue;
	struct kt_vm vm;
	double trip = pipe_round_trip();

	(void)param;
	kt_vm_open_on(&vm, 0, 1);
	kt_queue_open(&queue, &vm);
	figure("submit to fence / pipe round trip", submit_to_fence(&queue) / trip, 2.0, 6);
	kt_vm_close(&vm);
}

/* ---- growth --------------------------------------------------------- */

/* Faults of one to four threads of the engine at once. */
static void by_threads(const void *param)
{
	double alone = 0;
	struct kt_queue queue;
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	for (uint32_t width = 1; width <= KT_THREADS; width *= 2) {
		double values[3];

		for (size_t round = 0; round < KT_COUNT(values); round++) {
			char *p = kt_anon_huge(BYTES);
			struct kt_op op = {.fn = kt_dev_write,
					   .args = {.p = (uintptr_t)p, .stride = KT_PAGE},
					   .items = PAGES,
					   .part = 16,
					   .width = width};
			int64_t start;

			kt_fill(p, PAGES, KT_PAGE, 1);
			KT_EQ(kt_advise(&vm, p, BYTES, DRM_CAUSEWAY_ATTR_LOCATION,
					DRM_CAUSEWAY_LOCATION_SYSTEM),
			      0);
			start = kt_now_ns();
			KT_EQ(kt_run(&queue, &op, NULL), DRM_CAUSEWAY_JOB_DONE);
			values[round] = (double)(kt_now_ns() - start);
			kt_unmap(p, BYTES);
		}
		if (width == 1)
			alone = median(values, KT_COUNT(values));
		kt_note("cost mirror faults, %u threads / 1                %8.3f", width,
			median(values, KT_COUNT(values)) / alone);
	}
	kt_vm_close(&vm);
}

/* The same a page from 1 MiB to as much as there is room for. */
static void by_size(const void *param)
{
	long available = kt_read_key("/proc/meminfo", "MemAvailable") * 1024;
	size_t most = kt_options.full ? 1024 * KT_MIB : 64 * KT_MIB;
	double host = minor_fault();
	struct kt_queue queue;
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	for (size_t bytes = KT_MIB; bytes <= most && (long)bytes < available / 4 * 3; bytes *= 4) {
		char *p = kt_anon_huge(bytes);
		size_t pages = bytes / KT_PAGE;
		double first, second;

		kt_fill(p, pages, KT_PAGE, 1);
		KT_EQ(kt_advise(&vm, p, bytes, DRM_CAUSEWAY_ATTR_LOCATION,
				DRM_CAUSEWAY_LOCATION_SYSTEM),
		      0);
		first = device_write(&queue, p, pages);
		second = device_write(&queue, p, pages);
		kt_note("cost %5zu MiB: first use %.3f, again %.3f minor faults a page",
			bytes / KT_MIB, first / host, second / host);
		kt_unmap(p, bytes);
	}
	kt_vm_close(&vm);
}

static void list(void)
{
	static const struct kt_case cases[] = {
		{.name = "faults", .run = faults, .seconds = 120},
		{.name = "moving", .run = moving, .flags = KT_MIGRATE, .seconds = 120},
		{.name = "streaming", .run = streaming},
		{.name = "jobs", .run = jobs},
		{.name = "by-threads", .run = by_threads},
		{.name = "by-size", .run = by_size, .seconds = 300},
	};

	kt_add_all(cases, KT_COUNT(cases));
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
