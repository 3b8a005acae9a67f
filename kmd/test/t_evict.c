/* SPDX-License-Identifier: MIT */
/* Working sets larger than the device's memory: slower, and right. */
#include "kt.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum walk { WALK_ONCE, WALK_TWICE, WALK_RANDOM, WALK_PREFETCH, WALK_HOT };

static const char *const walk_names[] = {
	[WALK_ONCE] = "once",	      [WALK_TWICE] = "twice", [WALK_RANDOM] = "random",
	[WALK_PREFETCH] = "prefetch", [WALK_HOT] = "hot",
};

/*
 * struct load - a case
 * @quarters: working set in quarters of the device's memory
 * @threads, @processes: that share the load
 */
struct load {
	enum walk walk;
	unsigned int quarters;
	unsigned int threads;
	unsigned int processes;
	bool huge;
};

#define BLOCK	    KT_HUGE
#define BLOCK_PAGES (BLOCK / KT_PAGE)

/* Add 1 to every page of block @i. */
static void add_block(struct kt_queue *queue, char *p, size_t i)
{
	kt_inc(queue, p + i * BLOCK, BLOCK_PAGES, KT_PAGE, 1);
}

/* The walk; how often each block was added to. */
static void walk(const struct load *l, struct kt_vm *vm, char *p, size_t blocks, uint8_t *times)
{
	uint64_t random = kt_options.seed;
	struct kt_queue queue;

	kt_queue_open(&queue, vm);
	for (size_t i = 0; i < blocks * (l->walk == WALK_TWICE ? 2 : 1); i++) {
		size_t block = i % blocks;

		if (l->walk == WALK_RANDOM)
			block = kt_random(&random) % blocks;
		if (l->walk == WALK_PREFETCH) {
			int err = kt_migrate(vm, p + block * BLOCK, BLOCK,
					     DRM_CAUSEWAY_LOCATION_DEVICE, NULL);

			if (err)
				kt_fail("MIGRATE: %s", strerror(-err));
		}
		add_block(&queue, p, block);
		times[block]++;
		/* The first block is wanted all the time, and should stay. */
		if (l->walk == WALK_HOT && block) {
			add_block(&queue, p, 0);
			times[0]++;
		}
	}
	kt_queue_close(&queue);
}

static void verify(const char *p, size_t blocks, const uint8_t *times)
{
	for (size_t i = 0; i < blocks; i++) {
		uint32_t first = (uint32_t)(i * BLOCK_PAGES) + times[i];
		size_t wrong = kt_wrong(p + i * BLOCK, BLOCK_PAGES, KT_PAGE, first);

		if (wrong)
			kt_fail("%zu pages of block %zu of %zu are wrong", wrong, i, blocks);
	}
}

/*
 * struct share - a thread's part
 */
struct share {
	const struct load *load;
	struct kt_vm *vm;
	size_t blocks;
};

static void *share_run(void *arg)
{
	struct share *s = arg;
	static __thread uint8_t times[4096];
	char *p = kt_anon_huge(s->blocks * BLOCK);

	memset(times, 0, sizeof(times));
	KT_CHECK(s->blocks <= sizeof(times));
	if (s->load->huge)
		madvise(p, s->blocks * BLOCK, MADV_HUGEPAGE);
	kt_fill(p, s->blocks * BLOCK_PAGES, KT_PAGE, 0);
	walk(s->load, s->vm, p, s->blocks, times);
	verify(p, s->blocks, times);
	kt_unmap(p, s->blocks * BLOCK);
	return NULL;
}

static void run_vm(const struct load *l, size_t blocks)
{
	unsigned int threads = l->threads ? l->threads : 1;
	struct drm_causeway_device_info info;
	unsigned long ids[8];
	struct kt_vm vm;
	struct share share = {l, &vm, blocks / threads};

	kt_vm_open(&vm);
	for (unsigned int i = 0; i < threads; i++)
		kt_thread(&ids[i], share_run, &share);
	for (unsigned int i = 0; i < threads; i++)
		kt_thread_join(ids[i]);
	kt_device_info(vm.fd, &info);
	KT_CHECK(info.memory_used <= info.memory_bytes);
	if (!l->processes) {
		uint64_t evicted = kt_counter(&vm, DRM_CAUSEWAY_COUNTER_EVICTED);

		kt_note("%zu MiB on %llu MiB: %lu pages evicted, %lu moved in", blocks * 2,
			(unsigned long long)info.memory_bytes >> 20, evicted,
			kt_counter(&vm, DRM_CAUSEWAY_COUNTER_MIGRATED_IN));
		/* Threads that are done make room for others. */
		if (l->quarters > 4 && l->walk != WALK_RANDOM && threads == 1)
			KT_CHECK(evicted > 0);
	}
	KT_EQ(kt_counter(&vm, DRM_CAUSEWAY_COUNTER_RESIDENT), 0);
	kt_vm_close(&vm);
}

static void oversubscribe(const void *param)
{
	const struct load *l = param;
	struct drm_causeway_device_info info;
	int fd = kt_open_node(0);
	size_t blocks;
	long available = kt_read_key("/proc/meminfo", "MemAvailable");
	pid_t children[8];

	kt_device_info(fd, &info);
	close(fd);
	blocks = info.memory_bytes / 4 * l->quarters / BLOCK;
	if (blocks < 4)
		kt_skip("the device's memory is too small");
	/* Coherent and private memory are beside the system's, which must hold what is evicted. */
	if (available > 0 && blocks * (BLOCK >> 10) > (size_t)available / 10 * 9)
		kt_skip("%zu MiB of memory are needed", blocks * 2);
	if (!l->processes) {
		run_vm(l, blocks);
		return;
	}
	for (unsigned int i = 0; i < l->processes; i++) {
		children[i] = fork();
		KT_CHECK(children[i] >= 0);
		if (children[i] == 0) {
			run_vm(l, blocks / l->processes);
			_exit(0);
		}
	}
	for (unsigned int i = 0; i < l->processes; i++)
		kt_join(children[i]);
}

/* MIGRATE of more than there is: what doesn't fit is told, or made to fit. */
static void ask_too_much(const void *param)
{
	struct drm_causeway_migrate result;
	struct kt_queue queue;
	uint64_t pages, sum = 0;
	size_t bytes;
	struct kt_vm vm;
	char *p;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	bytes = vm.info.memory_bytes / 4 * 5 / KT_HUGE * KT_HUGE;
	pages = bytes / KT_PAGE;
	if (bytes >> 10 > (size_t)kt_read_key("/proc/meminfo", "MemAvailable") / 10 * 9)
		kt_skip("too little memory");
	p = kt_anon_huge(bytes);
	kt_fill(p, pages, KT_PAGE, 1);
	KT_EQ(kt_migrate(&vm, p, bytes, DRM_CAUSEWAY_LOCATION_DEVICE, &result), 0);
	for (int i = 0; i < DRM_CAUSEWAY_REASON_COUNT; i++)
		sum += result.skipped[i];
	KT_EQ(result.moved + sum, pages);
	KT_CHECK(kt_device_pages(&vm, p, bytes) <= vm.info.memory_bytes / KT_PAGE);
	KT_EQ(kt_wrong(p, pages, KT_PAGE, 1), 0);
	kt_vm_close(&vm);
}

/* One client fills the memory; another one gets room all the same. */
static void another_client(const void *param)
{
	struct kt_queue queue;
	struct kt_vm first, second;
	size_t bytes;
	char *p, *q;

	(void)param;
	kt_vm_open(&first);
	kt_vm_open(&second);
	kt_queue_open(&queue, &second);
	bytes = first.info.memory_bytes;
	if (bytes >> 10 > (size_t)kt_read_key("/proc/meminfo", "MemAvailable") / 10 * 8)
		kt_skip("too little memory");
	p = kt_anon_huge(bytes);
	q = kt_anon_huge(8 * KT_MIB);
	kt_fill(p, bytes / KT_PAGE, KT_PAGE, 1);
	kt_fill(q, 2048, KT_PAGE, 7);
	KT_EQ(kt_migrate(&first, p, bytes, DRM_CAUSEWAY_LOCATION_DEVICE, NULL), 0);
	KT_EQ(kt_advise(&second, q, 8 * KT_MIB, DRM_CAUSEWAY_ATTR_LOCATION,
			DRM_CAUSEWAY_LOCATION_DEVICE),
	      0);
	kt_inc(&queue, q, 2048, KT_PAGE, 1);
	KT_CHECK(kt_device_pages(&second, q, 8 * KT_MIB) > 1024);
	KT_CHECK(kt_counter(&first, DRM_CAUSEWAY_COUNTER_EVICTED) > 0);
	KT_EQ(kt_wrong(q, 2048, KT_PAGE, 8), 0);
	KT_EQ(kt_wrong(p, bytes / KT_PAGE, KT_PAGE, 1), 0);
	kt_vm_close(&second);
	kt_vm_close(&first);
}

static void list(void)
{
	static const unsigned int quarters[] = {3, 5, 8, 16};
	static struct load all[KT_COUNT(quarters) * KT_COUNT(walk_names) * 4];
	size_t used = 0;
	char name[100];

	for (size_t q = 0; q < KT_COUNT(quarters); q++) {
		for (unsigned int walk_kind = 0; walk_kind < KT_COUNT(walk_names); walk_kind++) {
			for (unsigned int how = 0; how < 4; how++) {
				struct load *l = &all[used++];

				*l = (struct load){.walk = walk_kind,
						   .quarters = quarters[q],
						   .threads = how == 1 ? 3 : 0,
						   .processes = how == 2 ? 2 : 0,
						   .huge = how == 3};
				snprintf(name, sizeof(name), "%u-percent-%s%s", quarters[q] * 25,
					 walk_names[walk_kind],
					 how == 1   ? "-threads"
					 : how == 2 ? "-processes"
					 : how == 3 ? "-huge"
						    : "");
				kt_add(&(struct kt_case){
					.name = name,
					.run = oversubscribe,
					.param = l,
					.flags = KT_MIGRATE |
						 ((q + walk_kind + how) % 4 != 1 ? KT_FULL : 0),
					.seconds = 240});
			}
		}
	}
	kt_add(&(struct kt_case){
		.name = "ask-too-much", .run = ask_too_much, .flags = KT_MIGRATE, .seconds = 120});
	kt_add(&(struct kt_case){.name = "another-client",
				 .run = another_client,
				 .flags = KT_MIGRATE,
				 .seconds = 120});
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
