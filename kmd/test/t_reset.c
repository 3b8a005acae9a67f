/* SPDX-License-Identifier: MIT */
/* Jobs that never end: stopped by their queue's timeout or its end, and nobody else suffers. */
#include "kt.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_MS 300

static uint32_t timeout_ms(void)
{
	return (uint32_t)(TIMEOUT_MS * kt_options.factor);
}

/* Start a job that never ends, and see that it runs. */
static struct kt_job start_loop(struct kt_queue *queue, uint32_t width)
{
	volatile uint32_t *running = kt_data(64);
	struct kt_op op = {.fn = kt_dev_loop,
			   .args = {.p = (uintptr_t)running},
			   .items = width,
			   .part = 1,
			   .width = width,
			   .command = 0x100b};
	struct kt_job job = kt_start(queue, &op);

	while (!*running)
		kt_sleep_ms(1);
	return job;
}

static void works(struct kt_queue *queue, uint32_t width)
{
	struct kt_op op = {.fn = kt_dev_count, .items = 64, .part = 1, .width = width};
	uint64_t out[KT_OUT];

	KT_EQ(kt_run(queue, &op, out), DRM_CAUSEWAY_JOB_DONE);
	KT_EQ(out[0], 64);
}

static void timeout(const void *param)
{
	uint32_t width = *(const uint32_t *)param;
	struct drm_causeway_event e;
	struct kt_queue queue;
	struct kt_vm vm;
	int events;

	kt_vm_open(&vm);
	KT_EQ(kt_queue_create(&queue, &vm, 1, timeout_ms()), 0);
	events = kt_events(&vm, 1u << DRM_CAUSEWAY_EVENT_RESET);
	for (unsigned int i = 1; i <= 3; i++) {
		int64_t start = kt_now_ns();
		struct kt_job job = start_loop(&queue, width);

		KT_EQ(kt_finish(&job), DRM_CAUSEWAY_JOB_RESET);
		KT_CHECK(kt_now_ns() - start >= (int64_t)timeout_ms() * 1000000);
		KT_CHECK(kt_now_ns() - start <
			 (int64_t)timeout_ms() * 1000000 + (int64_t)(10e9 * kt_options.factor));
		KT_EQ(queue.fence->failed, job.seqno);
		KT_EQ(kt_counter(&vm, DRM_CAUSEWAY_COUNTER_RESETS), i);
		KT_CHECK(kt_event(events, &e));
		KT_EQ(e.type, DRM_CAUSEWAY_EVENT_RESET);
		KT_EQ(e.queue_id, queue.id);
		KT_EQ(e.command_id, 0x100b);
		works(&queue, KT_THREADS);
	}
	kt_vm_close(&vm);
}

/* Only the queue that hangs is reset. */
static void only_one(const void *param)
{
	uint32_t *words = kt_anon(16 * KT_PAGE), *stop = kt_data(64);
	struct kt_op hammer = {
		.fn = kt_dev_hammer,
		.args = {.p = (uintptr_t)words, .stride = KT_PAGE, .b = 16, .q = (uintptr_t)stop}};
	struct kt_queue bad, good, idle;
	struct kt_job loop, other;
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	KT_EQ(kt_queue_create(&bad, &vm, 1, timeout_ms()), 0);
	kt_queue_open(&good, &vm);
	kt_queue_open(&idle, &vm);
	other = kt_start(&good, &hammer);
	loop = start_loop(&bad, 2);
	KT_EQ(kt_finish(&loop), DRM_CAUSEWAY_JOB_RESET);
	KT_EQ(good.fence->completed, 0);
	works(&idle, 1);
	*stop = 1;
	KT_EQ(kt_finish(&other), DRM_CAUSEWAY_JOB_DONE);
	KT_EQ(kt_counter(&vm, DRM_CAUSEWAY_COUNTER_RESETS), 1);
	KT_EQ(kt_counter(&vm, DRM_CAUSEWAY_COUNTER_JOBS_FAILED), 1);
	kt_vm_close(&vm);
}

/* Those behind the one that hangs run. */
static void those_behind(const void *param)
{
	struct kt_op count = {.fn = kt_dev_count};
	struct kt_job loop, jobs[8];
	struct kt_queue queue;
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	KT_EQ(kt_queue_create(&queue, &vm, 1, timeout_ms()), 0);
	loop = start_loop(&queue, 1);
	for (size_t i = 0; i < KT_COUNT(jobs); i++)
		jobs[i] = kt_start(&queue, &count);
	KT_EQ(kt_finish(&loop), DRM_CAUSEWAY_JOB_RESET);
	for (size_t i = 0; i < KT_COUNT(jobs); i++) {
		KT_EQ(kt_finish(&jobs[i]), DRM_CAUSEWAY_JOB_DONE);
		KT_EQ(jobs[i].out[0], 1);
	}
	kt_vm_close(&vm);
}

/* A job that is slow but ends in time isn't stopped; waiting in the queue isn't running. */
static void in_time(const void *param)
{
	volatile uint32_t *gate = kt_data(64);
	struct kt_op wait = {.fn = kt_dev_wait, .args = {.p = (uintptr_t)gate, .a = 1, .b = 2}};
	struct kt_op count = {.fn = kt_dev_count};
	struct kt_queue front, queue;
	struct kt_job held, job;
	struct kt_vm vm;

	(void)param;
	kt_vm_open_on(&vm, 0, 1);
	kt_queue_open(&front, &vm);
	KT_EQ(kt_queue_create(&queue, &vm, 1, timeout_ms()), 0);
	held = kt_start(&front, &wait);
	job = kt_start(&queue, &count);
	kt_sleep_ms(2 * timeout_ms());
	*gate = 1;
	KT_EQ(kt_finish(&held), DRM_CAUSEWAY_JOB_DONE);
	KT_EQ(kt_finish(&job), DRM_CAUSEWAY_JOB_DONE);
	KT_EQ(kt_counter(&vm, DRM_CAUSEWAY_COUNTER_RESETS), 0);
	kt_vm_close(&vm);
}

/* A job that faults all the time is stopped as well. */
static void while_faulting(const void *param)
{
	uint32_t *never = kt_data(64);
	char *p = kt_anon(512 * KT_PAGE);
	struct kt_op hammer = {
		.fn = kt_dev_hammer,
		.args = {.p = (uintptr_t)p, .stride = KT_PAGE, .b = 512, .q = (uintptr_t)never}};
	struct kt_queue queue;
	struct kt_job job;
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	KT_EQ(kt_queue_create(&queue, &vm, 1, timeout_ms()), 0);
	job = kt_start(&queue, &hammer);
	while (queue.fence->completed < job.seqno)
		kt_fill(p, 512, KT_PAGE, 0);
	KT_EQ(kt_finish(&job), DRM_CAUSEWAY_JOB_RESET);
	works(&queue, KT_THREADS);
	kt_vm_close(&vm);
}

/* ---- the end of a queue, or of everything --------------------------- */

static void *wait_for(void *arg)
{
	struct kt_job *job = arg;
	int err = kt_wait(job->queue, job->seqno, -1, &job->status);

	/* It is told how the job ended, or that the queue is no more. */
	KT_CHECK(err == 0 || err == -ENOENT || err == -ECANCELED);
	if (err == 0)
		KT_EQ(job->status, DRM_CAUSEWAY_JOB_RESET);
	return NULL;
}

static void destroy_running(const void *param)
{
	bool whole_vm = param != NULL;
	struct kt_op count = {.fn = kt_dev_count};
	struct kt_queue queue, other;
	struct kt_job loop, behind;
	unsigned long threads[2];
	struct kt_vm vm;

	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	kt_queue_open(&other, &vm);
	loop = start_loop(&queue, 3);
	behind = kt_start(&queue, &count);
	kt_thread(&threads[0], wait_for, &loop);
	kt_thread(&threads[1], wait_for, &behind);
	kt_sleep_ms(20);
	if (!whole_vm) {
		kt_queue_close(&queue);
		works(&other, KT_THREADS);
	}
	kt_vm_close(&vm);
	for (int i = 0; i < 2; i++)
		kt_thread_join(threads[i]);
}

/* The client goes, with its node closed or with its process, while a job loops. */
static void left_alone(const void *param)
{
	struct kt_queue queue;
	struct kt_vm vm;

	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	start_loop(&queue, 2);
	if (param) {
		/* The fence page's mapping holds the node open. */
		close(vm.fd);
		_exit(0);
	}
}

/* Resets and new work without a pause. */
static void storm(const void *param)
{
	unsigned long rounds = kt_options.count ? kt_options.count : 20;
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	for (unsigned long i = 0; i < rounds; i++) {
		struct kt_queue queue;

		KT_EQ(kt_queue_create(&queue, &vm, i % 3, 0), 0);
		start_loop(&queue, 1 + (uint32_t)i % KT_THREADS);
		kt_queue_close(&queue);
		kt_queue_open(&queue, &vm);
		works(&queue, KT_THREADS);
		kt_queue_close(&queue);
	}
	kt_vm_close(&vm);
}

static void list(void)
{
	static const uint32_t widths[] = {1, 2, KT_THREADS};
	static const struct kt_case cases[] = {
		{.name = "timeout", .run = timeout, .param = &widths[0]},
		{.name = "timeout-two-threads", .run = timeout, .param = &widths[1]},
		{.name = "timeout-all-threads", .run = timeout, .param = &widths[2]},
		{.name = "only-one", .run = only_one},
		{.name = "those-behind", .run = those_behind},
		{.name = "in-time", .run = in_time},
		{.name = "while-faulting", .run = while_faulting},
		{.name = "destroy-queue", .run = destroy_running},
		{.name = "destroy-vm", .run = destroy_running, .param = ""},
		{.name = "left-running", .run = left_alone},
		{.name = "left-closed", .run = left_alone, .param = ""},
		{.name = "storm", .run = storm, .seconds = 120},
	};

	kt_add_all(cases, KT_COUNT(cases));
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
