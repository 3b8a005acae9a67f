/* SPDX-License-Identifier: MIT */
/* Queues: order, priorities, threads, fences, waiting, timeouts, resets. */
#include "kt.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

/*
 * struct gate - a job that waits until it is opened
 * @words: p[0] opens it, p[1] is 1 when it has passed
 */
struct gate {
	volatile uint32_t *words;
	struct kt_job job;
};

static struct gate gate_make(struct kt_queue *queue)
{
	struct gate gate = {.words = kt_data(64)};
	struct kt_op op = {.fn = kt_dev_wait, .args = {.p = (uintptr_t)gate.words, .a = 1, .b = 1}};

	gate.job = kt_start(queue, &op);
	return gate;
}

static void gate_open(struct gate *gate)
{
	gate->words[0] = 1;
}

/* ---- order ---------------------------------------------------------- */

/* Each job takes the value that the one before left. */
static void in_order(const void *param)
{
	size_t batch = param ? 16 : 1;
	uint32_t *words = kt_data(KT_PAGE);
	struct kt_op ops[64];
	void *slots[64];
	struct kt_queue queue;
	struct kt_vm vm;

	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	for (size_t i = 0; i < 64; i++) {
		ops[i] = (struct kt_op){
			.fn = kt_dev_copy,
			.args = {.p = (uintptr_t)&words[2 * i + 2], .q = (uintptr_t)&words[2 * i]}};
		slots[i] = kt_slot_get(&ops[i]);
	}
	words[0] = 77;
	for (size_t i = 0; i < 64; i += batch) {
		KT_EQ(kt_submit(&queue, &slots[i], batch, &ops[i]), 0);
		KT_EQ(queue.last, i + batch);
	}
	KT_EQ(kt_wait(&queue, 64, -1, NULL), 0);
	KT_EQ(words[128], 77);
	KT_EQ(queue.fence->completed, 64);
	kt_vm_close(&vm);
}

/* Queues are independent: what one waits for, another one does. */
static void independent(const void *param)
{
	uint32_t *words = kt_data(KT_PAGE);
	struct kt_op waits = {.fn = kt_dev_wait, .args = {.p = (uintptr_t)words, .a = 5, .b = 6}};
	struct kt_op writes = {.fn = kt_dev_write, .args = {.p = (uintptr_t)words, .a = 5}};
	struct kt_queue a, b;
	struct kt_job job;
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&a, &vm);
	kt_queue_open(&b, &vm);
	job = kt_start(&a, &waits);
	KT_EQ(kt_run(&b, &writes, NULL), DRM_CAUSEWAY_JOB_DONE);
	KT_EQ(kt_finish(&job), DRM_CAUSEWAY_JOB_DONE);
	KT_EQ(words[1], 6);
	kt_vm_close(&vm);
}

/* With one thread for all, the queue with the higher priority is served first. */
static void priorities(const void *param)
{
	uint32_t *count = kt_data(64);
	struct kt_queue queues[3];
	struct kt_job jobs[3];
	struct gate gate;
	struct kt_queue front;
	struct kt_vm vm;

	(void)param;
	kt_vm_open_on(&vm, 0, 1);
	kt_queue_open(&front, &vm);
	for (uint32_t i = 0; i < 3; i++)
		KT_EQ(kt_queue_create(&queues[i], &vm, i, 0), 0);
	gate = gate_make(&front);
	for (int i = 0; i < 3; i++) {
		struct kt_op op = {.fn = kt_dev_count, .args = {.p = (uintptr_t)count}};

		jobs[i] = kt_start(&queues[i], &op);
	}
	gate_open(&gate);
	KT_EQ(kt_finish(&gate.job), DRM_CAUSEWAY_JOB_DONE);
	/* The lowest is over last: by then the others are. */
	KT_EQ(kt_finish(&jobs[0]), DRM_CAUSEWAY_JOB_DONE);
	KT_EQ(queues[1].fence->completed, 1);
	KT_EQ(queues[2].fence->completed, 1);
	KT_EQ(*count, 3);
	kt_finish(&jobs[1]);
	kt_finish(&jobs[2]);
	kt_vm_close(&vm);
}

/* The one of high priority, submitted last, overtakes those of lower. */
static void overtaking(const void *param)
{
	uint32_t *ticket = kt_data(KT_PAGE);
	struct kt_op slow = {.fn = kt_dev_add,
			     .args = {.p = (uintptr_t)ticket, .stride = 4, .a = 1, .b = 10000}};
	struct kt_op copy = {.fn = kt_dev_copy,
			     .args = {.p = (uintptr_t)(ticket + 16), .q = (uintptr_t)ticket}};
	struct kt_queue low, high, front;
	struct kt_job jobs[16], urgent;
	struct gate gate;
	struct kt_vm vm;

	(void)param;
	kt_vm_open_on(&vm, 0, 1);
	kt_queue_open(&front, &vm);
	KT_EQ(kt_queue_create(&low, &vm, DRM_CAUSEWAY_PRIORITY_LOW, 0), 0);
	KT_EQ(kt_queue_create(&high, &vm, DRM_CAUSEWAY_PRIORITY_HIGH, 0), 0);
	gate = gate_make(&front);
	for (int i = 0; i < 16; i++)
		jobs[i] = kt_start(&low, &slow);
	urgent = kt_start(&high, &copy);
	gate_open(&gate);
	KT_EQ(kt_finish(&urgent), DRM_CAUSEWAY_JOB_DONE);
	for (int i = 0; i < 16; i++)
		KT_EQ(kt_finish(&jobs[i]), DRM_CAUSEWAY_JOB_DONE);
	KT_EQ(ticket[0], 160000);
	KT_EQ(ticket[16], 0);
	kt_vm_close(&vm);
}

/* ---- threads -------------------------------------------------------- */

/* As many threads as the width says are in a job at the same time. */
static void width(const void *param)
{
	struct kt_queue queue;
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	for (uint32_t threads = 1; threads <= KT_THREADS; threads++) {
		uint32_t *count = kt_data(64);
		struct kt_op op = {.fn = kt_dev_meet,
				   .args = {.p = (uintptr_t)count, .a = threads},
				   .items = threads,
				   .part = 1,
				   .width = threads};

		KT_EQ(kt_run(&queue, &op, NULL), DRM_CAUSEWAY_JOB_DONE);
		KT_EQ(*count, threads);
	}
	kt_vm_close(&vm);
}

/* More width than threads is no harm; every item is done once. */
static void wider_than_engine(const void *param)
{
	struct kt_op op = {.fn = kt_dev_count, .items = 1000, .part = 3, .width = 4096};
	uint64_t out[KT_OUT];
	struct kt_queue queue;
	struct kt_vm vm;

	(void)param;
	kt_vm_open_on(&vm, 0, 2);
	kt_queue_open(&queue, &vm);
	for (int i = 0; i < 50; i++) {
		KT_EQ(kt_run(&queue, &op, out), DRM_CAUSEWAY_JOB_DONE);
		KT_EQ(out[0], 1000);
	}
	kt_vm_close(&vm);
}

#define SUBMITTERS 4
#define EACH	   100

static void *submitter(void *arg)
{
	struct kt_queue queue = *(struct kt_queue *)((void **)arg)[0];
	struct kt_op op = {.fn = kt_dev_count, .args = {.p = (uintptr_t)((void **)arg)[1]}};
	uint64_t last = 0;

	for (int i = 0; i < EACH; i++) {
		struct kt_job job = kt_start(&queue, &op);

		KT_CHECK(job.seqno > last);
		last = job.seqno;
		KT_EQ(kt_finish(&job), DRM_CAUSEWAY_JOB_DONE);
	}
	return NULL;
}

/* One queue, many threads: numbers are given once. */
static void many_submitters(const void *param)
{
	uint32_t *count = kt_data(64);
	struct kt_queue queue;
	struct kt_vm vm;
	void *args[2] = {&queue, count};
	unsigned long threads[SUBMITTERS];

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	for (int i = 0; i < SUBMITTERS; i++)
		kt_thread(&threads[i], submitter, args);
	for (int i = 0; i < SUBMITTERS; i++)
		kt_thread_join(threads[i]);
	KT_EQ(*count, SUBMITTERS * EACH);
	KT_EQ(queue.fence->completed, SUBMITTERS * EACH);
	KT_EQ(kt_counter(&vm, DRM_CAUSEWAY_COUNTER_JOBS), SUBMITTERS * EACH);
	kt_vm_close(&vm);
}

static void many_queues(const void *param)
{
	uint32_t *count = kt_data(64);
	struct kt_op op = {.fn = kt_dev_count, .args = {.p = (uintptr_t)count}};
	struct kt_queue queues[16];
	struct kt_job jobs[16 * 16];
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	for (size_t i = 0; i < KT_COUNT(queues); i++)
		kt_queue_open(&queues[i], &vm);
	for (size_t i = 0; i < KT_COUNT(jobs); i++)
		jobs[i] = kt_start(&queues[i % KT_COUNT(queues)], &op);
	for (size_t i = KT_COUNT(jobs); i-- > 0;)
		KT_EQ(kt_finish(&jobs[i]), DRM_CAUSEWAY_JOB_DONE);
	KT_EQ(*count, KT_COUNT(jobs));
	kt_vm_close(&vm);
}

/* ---- fences and waiting --------------------------------------------- */

/* The page alone tells when a job is over, and the order of memory is right. */
static void fence_page(const void *param)
{
	uint32_t *word = kt_anon(KT_PAGE);
	struct kt_op op = {.fn = kt_dev_inc, .args = {.p = (uintptr_t)word, .a = 1}};
	struct kt_queue queue;
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	for (uint32_t i = 1; i <= 200; i++) {
		struct kt_job job = kt_start(&queue, &op);

		while (__atomic_load_n(&queue.fence->completed, __ATOMIC_ACQUIRE) < job.seqno)
			sched_yield();
		KT_EQ(*word, i);
		kt_slot_put(job.slot);
	}
	kt_vm_close(&vm);
}

static void wait_deadlines(const void *param)
{
	struct kt_queue queue;
	struct gate gate;
	struct kt_vm vm;
	uint32_t status;
	int64_t start;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	gate = gate_make(&queue);
	KT_EQ(kt_wait(&queue, 1, 0, NULL), -ETIME);
	KT_EQ(kt_wait(&queue, 1, 1, NULL), -ETIME);
	KT_EQ(kt_wait(&queue, 1, kt_now_ns() - 1000, NULL), -ETIME);
	start = kt_now_ns();
	KT_EQ(kt_wait(&queue, 1, start + 50000000, NULL), -ETIME);
	KT_CHECK(kt_now_ns() >= start + 50000000);
	KT_CHECK(kt_now_ns() < start + (int64_t)(5e9 * kt_options.factor));
	KT_EQ(kt_wait(&queue, 2, 0, NULL), -EINVAL);
	gate_open(&gate);
	KT_EQ(kt_wait(&queue, 1, -1, &status), 0);
	KT_EQ(status, DRM_CAUSEWAY_JOB_DONE);
	KT_EQ(kt_wait(&queue, 1, 0, NULL), 0);
	KT_EQ(kt_wait(&queue, 1, kt_now_ns() + 1000000000, NULL), 0);
	kt_vm_close(&vm);
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	(void)number;
	signals++;
}

/* A signal interrupts the wait, and waiting goes on where it was. */
static void wait_signals(const void *param)
{
	struct itimerval timer = {{0, 2000}, {0, 2000}};
	struct sigaction action = {.sa_handler = count_signal};
	struct drm_causeway_wait wait = {.seqno = 1, .deadline_ns = -1};
	struct kt_queue queue;
	struct gate gate;
	struct kt_vm vm;
	int interrupted = 0;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	gate = gate_make(&queue);
	wait.queue_id = queue.id;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	while (ioctl(vm.fd, DRM_IOCTL_CAUSEWAY_WAIT, &wait) != 0) {
		KT_EQ(errno, EINTR);
		interrupted++;
		if (signals > 20)
			gate_open(&gate);
	}
	timer = (struct itimerval){0};
	setitimer(ITIMER_REAL, &timer, NULL);
	KT_CHECK(interrupted > 0);
	KT_EQ(wait.status, DRM_CAUSEWAY_JOB_DONE);
	kt_vm_close(&vm);
}

static void *waiter(void *arg)
{
	uint32_t status = 99;

	KT_EQ(kt_wait(arg, 1, -1, &status), 0);
	KT_EQ(status, DRM_CAUSEWAY_JOB_DONE);
	return NULL;
}

static void many_waiters(const void *param)
{
	unsigned long threads[16];
	struct kt_queue queue;
	struct gate gate;
	struct kt_vm vm;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	gate = gate_make(&queue);
	for (size_t i = 0; i < KT_COUNT(threads); i++)
		kt_thread(&threads[i], waiter, &queue);
	kt_sleep_ms(20);
	gate_open(&gate);
	for (size_t i = 0; i < KT_COUNT(threads); i++)
		kt_thread_join(threads[i]);
	kt_vm_close(&vm);
}

/* How jobs ended is known for the last max_pending of them. */
static void old_status(const void *param)
{
	struct kt_op good = {.fn = kt_dev_nothing};
	struct kt_op bad = {.fn = kt_dev_divide};
	struct kt_queue queue;
	struct kt_vm vm;
	uint32_t status, count;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	count = vm.info.max_pending < 200 ? vm.info.max_pending : 200;
	for (uint32_t i = 0; i < count; i++)
		kt_run(&queue, i % 5 == 2 ? &bad : &good, NULL);
	for (uint32_t i = 0; i < count; i++) {
		KT_EQ(kt_wait(&queue, i + 1, 0, &status), 0);
		KT_EQ(status, i % 5 == 2 ? DRM_CAUSEWAY_JOB_EXCEPTION : DRM_CAUSEWAY_JOB_DONE);
	}
	kt_vm_close(&vm);
}

/* ---- syncobjs ------------------------------------------------------- */

struct sw_sync_create {
	uint32_t value;
	char name[32];
	int32_t fence;
};

#define SW_SYNC_CREATE _IOWR('W', 0, struct sw_sync_create)
#define SW_SYNC_INC    _IOW('W', 1, uint32_t)

/* A job waits for fences of others: here one that we signal ourselves. */
static void syncobj_waits(const void *param)
{
	uint32_t *word = kt_data(64), one = 1;
	struct kt_op op = {.fn = kt_dev_count, .args = {.p = (uintptr_t)word}};
	struct drm_syncobj_create syncobj = {0};
	struct drm_syncobj_handle import = {
		.flags = DRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE};
	struct sw_sync_create create = {.value = 1, .name = "kt"};
	struct drm_causeway_job job = {.width = 1};
	struct drm_causeway_submit submit = {
		.job_count = 1, .jobs = (uintptr_t)&job, .syncobj_count = 1};
	int timeline = open("/sys/kernel/debug/sync/sw_sync", O_RDWR | O_CLOEXEC);
	struct kt_queue queue;
	struct kt_vm vm;

	(void)param;
	if (timeline < 0 || ioctl(timeline, SW_SYNC_CREATE, &create) != 0)
		kt_skip("no sw_sync: %m");
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	KT_EQ(kt_ioctl(vm.fd, DRM_IOCTL_SYNCOBJ_CREATE, &syncobj), 0);
	import.handle = syncobj.handle;
	import.fd = create.fence;
	KT_EQ(kt_ioctl(vm.fd, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &import), 0);
	job.address = (uintptr_t)kt_slot_get(&op);
	submit.queue_id = queue.id;
	submit.syncobjs = (uintptr_t)&syncobj.handle;
	KT_EQ(kt_ioctl(vm.fd, DRM_IOCTL_CAUSEWAY_SUBMIT, &submit), 0);
	KT_EQ(kt_wait(&queue, 1, kt_now_ns() + 100000000, NULL), -ETIME);
	KT_EQ(*word, 0);
	KT_SYS(ioctl(timeline, SW_SYNC_INC, &one));
	KT_EQ(kt_wait(&queue, 1, -1, NULL), 0);
	KT_EQ(*word, 1);
	kt_vm_close(&vm);
}

static void list(void)
{
	static const struct kt_case cases[] = {
		{.name = "in-order", .run = in_order},
		{.name = "in-order-batches", .run = in_order, .param = ""},
		{.name = "independent", .run = independent},
		{.name = "priorities", .run = priorities},
		{.name = "overtaking", .run = overtaking},
		{.name = "width", .run = width},
		{.name = "wider-than-engine", .run = wider_than_engine},
		{.name = "many-submitters", .run = many_submitters},
		{.name = "many-queues", .run = many_queues},
		{.name = "fence-page", .run = fence_page},
		{.name = "wait-deadlines", .run = wait_deadlines},
		{.name = "wait-signals", .run = wait_signals},
		{.name = "many-waiters", .run = many_waiters},
		{.name = "old-status", .run = old_status},
		{.name = "syncobj-waits", .run = syncobj_waits},
	};

	kt_add_all(cases, KT_COUNT(cases));
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
