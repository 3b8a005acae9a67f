/* SPDX-License-Identifier: MIT */
/* kill -9 of the client or its engine, at any instant of anything. */
#include "kt.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES 64

/*
 * struct round - what a client and the one that kills share
 * @engine: the client's engine, 0: none yet
 * @seed: of what the client does
 */
struct round {
	volatile pid_t engine;
	uint64_t seed;
};

static void submit_some(struct kt_queue *queue, uint32_t *words, volatile uint32_t *stop,
			uint64_t *seed)
{
	struct kt_op op = {.args = {.p = (uintptr_t)words,
				    .stride = KT_PAGE,
				    .a = 1,
				    .b = PAGES,
				    .q = (uintptr_t)stop},
			   .items = 1 + kt_random(seed) % PAGES,
			   .part = 1,
			   .width = 1 + (uint32_t)(kt_random(seed) % (KT_THREADS + 1))};
	kt_fn *const functions[] = {kt_dev_inc, kt_dev_write, kt_dev_hammer, kt_dev_nothing};
	void *slot;
	int err;

	op.fn = functions[kt_random(seed) % KT_COUNT(functions)];
	slot = kt_slot_get(&op);
	err = kt_submit(queue, &slot, 1, &op);
	if (err && err != -EIO && err != -EAGAIN)
		kt_fail("SUBMIT: %s", strerror(-err));
	kt_slot_put(slot);
}

/* Work for ever, in every way, and bear it when the engine is gone. */
static void work(struct round *round)
{
	volatile uint32_t *stop = kt_data(64);
	uint64_t seed = round->seed;
	struct kt_queue queues[2];
	uint32_t *words;
	struct kt_vm vm;

	kt_vm_create(&vm, 0);
	if (kt_engine_start(&vm, KT_THREADS))
		kt_fail("the engine doesn't start");
	round->engine = vm.engine;
	for (size_t i = 0; i < KT_COUNT(queues); i++)
		kt_queue_open(&queues[i], &vm);
	words = kt_anon(PAGES * KT_PAGE);
	for (;;) {
		struct kt_queue *queue = &queues[kt_random(&seed) % 2];

		*stop = 0;
		for (uint64_t i = kt_random(&seed) % 8; i; i--)
			submit_some(queue, words, stop, &seed);
		if (kt_random(&seed) % 4 == 0)
			madvise(words, PAGES * KT_PAGE, MADV_DONTNEED);
		if (kt_random(&seed) % 4 == 0 && kt_can_migrate(&vm))
			kt_migrate(&vm, words, PAGES * KT_PAGE, kt_random(&seed) % 2 + 1, NULL);
		*stop = 1;
		if (kt_wait(queue, queue->last, -1, NULL))
			kt_fail("WAIT failed");
		if (kt_random(&seed) % 8 == 0) {
			kt_queue_close(queue);
			kt_queue_open(queue, &vm);
		}
	}
}

/* All its jobs are over, and another engine serves the same VM. */
static void survive(struct round *round)
{
	struct kt_op op = {.fn = kt_dev_count, .items = 16, .part = 1, .width = KT_THREADS};
	uint64_t seed = round->seed, out[KT_OUT];
	volatile uint32_t *stop = kt_data(64);
	uint32_t *words = kt_anon(PAGES * KT_PAGE);
	struct kt_queue queue;
	struct kt_vm vm;

	kt_vm_create(&vm, 0);
	if (kt_engine_start(&vm, KT_THREADS))
		kt_fail("the engine doesn't start");
	kt_queue_open(&queue, &vm);
	for (int i = 0; i < 6; i++)
		submit_some(&queue, words, stop, &seed);
	usleep((unsigned int)(kt_random(&seed) % 3000));
	KT_SYS(kill(vm.engine, SIGKILL));
	for (int i = 0; i < 6; i++)
		submit_some(&queue, words, stop, &seed);
	if (queue.last)
		KT_EQ(kt_wait(&queue, queue.last, -1, NULL), 0);
	KT_EQ(waitpid(vm.engine, NULL, 0), vm.engine);
	KT_EQ(kt_engine_start(&vm, KT_THREADS), 0);
	*stop = 1;
	KT_EQ(kt_run(&queue, &op, out), DRM_CAUSEWAY_JOB_DONE);
	KT_EQ(out[0], 16);
	kt_vm_close(&vm);
}

static unsigned long rounds(unsigned long usual)
{
	if (kt_options.count)
		return kt_options.count;
	return kt_options.full ? 500 : usual;
}

static void kill_owner(const void *param)
{
	bool both = param != NULL;
	struct round *round =
		mmap(NULL, KT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t seed = kt_options.seed + 1;
	unsigned long count = rounds(20);

	for (unsigned long i = 0; i < count; i++) {
		pid_t child;
		int status;

		round->engine = 0;
		round->seed = kt_random(&seed);
		child = fork();
		if (child == 0)
			work(round);
		usleep((unsigned int)(kt_random(&seed) % 60000));
		if (both && round->engine) {
			kill(round->engine, SIGKILL);
			usleep((unsigned int)(kt_random(&seed) % 300));
		}
		kill(child, SIGKILL);
		KT_EQ(waitpid(child, &status, 0), child);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
			kt_fail("the client of round %lu ended by itself", i);
	}
	kt_note("%lu clients killed", count);
}

static void kill_engine(const void *param)
{
	struct round round = {.seed = kt_options.seed + 1};
	unsigned long count = rounds(20);

	(void)param;
	for (unsigned long i = 0; i < count; i++) {
		kt_random(&round.seed);
		kt_join(kt_fork((void (*)(void *))survive, &round));
	}
	kt_note("%lu engines killed", count);
}

static void list(void)
{
	static const struct kt_case cases[] = {
		{.name = "owner", .run = kill_owner, .seconds = 600},
		{.name = "both", .run = kill_owner, .param = "", .seconds = 600},
		{.name = "engine", .run = kill_engine, .seconds = 600},
	};

	kt_add_all(cases, KT_COUNT(cases));
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
