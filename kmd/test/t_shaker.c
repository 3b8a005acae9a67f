/* SPDX-License-Identifier: MIT */
/*
 * Everything at once: jobs add to pages while threads of the owner do to the
 * mappings whatever a program may do.  In the end every page holds what was
 * added to it.  -s says how long, -r where chance begins.
 */
#include "kt.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES	64
#define BYTES	(PAGES * KT_PAGE)
#define SPARE	128 /* pages behind it, where mappings go for a moment */
#define WORKERS 3
#define SHAKERS 2
#define PAGEOUT 21 /* MADV_PAGEOUT */
#define COLD	20

/*
 * struct shaker - what the threads share
 * @p: BYTES of memory that is never without its contents, then SPARE pages
 * @scratch: memory that may lose its contents at any time
 * @added: to each page's word by device and processor
 * @jobs, @faults, @shakes: how often
 */
static struct shaker {
	struct kt_vm vm;
	char *p;
	char *scratch;
	volatile uint32_t stop;
	uint64_t added[PAGES];
	uint64_t jobs;
	uint64_t faults;
	uint64_t shakes;
} s;

/* ---- jobs ----------------------------------------------------------- */

/*
 * One job adds to one page, item by item.  It may meet a moment at which the
 * page is read-only or elsewhere, and fail: then it has added as often as it
 * got to count in its results.
 */
static void *worker(void *arg)
{
	uint64_t random = kt_options.seed * 77 + (uintptr_t)arg;
	struct kt_queue queue;

	kt_queue_open(&queue, &s.vm);
	while (!s.stop) {
		size_t page = kt_random(&random) % PAGES;
		struct kt_op op = {.fn = kt_dev_count,
				   .args = {.p = (uintptr_t)s.p + page * KT_PAGE},
				   .items = 200};
		struct kt_job job = kt_start(&queue, &op);
		uint32_t status = kt_finish(&job);
		uint64_t done = job.out[0];

		if (status == DRM_CAUSEWAY_JOB_FAULT) {
			/* The count comes before the addition that failed. */
			KT_CHECK(done > 0);
			done--;
			__atomic_fetch_add(&s.faults, 1, __ATOMIC_RELAXED);
		} else {
			KT_EQ(status, DRM_CAUSEWAY_JOB_DONE);
			KT_EQ(done, 200);
		}
		__atomic_fetch_add(&s.added[page], done, __ATOMIC_RELAXED);
		__atomic_fetch_add(&s.jobs, 1, __ATOMIC_RELAXED);
	}
	kt_queue_close(&queue);
	return NULL;
}

/* Work on memory that comes and goes: only the driver's health counts. */
static void *scratch_worker(void *arg)
{
	uint64_t random = kt_options.seed + 5;
	struct kt_queue queue;

	(void)arg;
	kt_queue_open(&queue, &s.vm);
	while (!s.stop) {
		struct kt_op op = {.fn = kt_random(&random) & 1 ? kt_dev_inc : kt_dev_sum,
				   .args = {.p = (uintptr_t)s.scratch, .stride = KT_PAGE, .a = 1},
				   .items = PAGES,
				   .part = 8,
				   .width = 2};
		uint32_t status = kt_run(&queue, &op, NULL);

		KT_CHECK(status == DRM_CAUSEWAY_JOB_DONE || status == DRM_CAUSEWAY_JOB_FAULT);
	}
	kt_queue_close(&queue);
	return NULL;
}

/* ---- shaking -------------------------------------------------------- */

static pthread_mutex_t *mapping_lock(void)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	return &lock;
}

static void fork_one(void)
{
	pid_t child;

	/* Not while a part of the memory is elsewhere: the child would miss it. */
	pthread_mutex_lock(mapping_lock());
	child = fork();
	pthread_mutex_unlock(mapping_lock());
	if (child == 0) {
		for (size_t i = 0; i < PAGES; i++)
			*(volatile uint32_t *)(s.p + i * KT_PAGE + 64) = 1;
		_exit(0);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
	else if (errno != ENOMEM && errno != EAGAIN)
		kt_fail("fork: %m");
}

/* Away and back, with everything in it. */
static void remap_both_ways(void)
{
	char *to = s.p + BYTES;

	KT_CHECK(mremap(s.p, BYTES, BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	KT_CHECK(mremap(to, BYTES, BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, s.p) == s.p);
}

/* The processor's turn, where the page may be written. */
static void add_by_cpu(uint64_t *random)
{
	size_t page = kt_random(random) % PAGES;

	__atomic_fetch_add((uint32_t *)(s.p + page * KT_PAGE), 1, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&s.added[page], 1, __ATOMIC_RELAXED);
}

static void move(uint64_t *random, char *p)
{
	size_t first = kt_random(random) % PAGES, count = 1 + kt_random(random) % (PAGES - first);
	int err = kt_migrate(&s.vm, p + first * KT_PAGE, count * KT_PAGE,
			     1 + (uint32_t)kt_random(random) % 2, NULL);

	if (err && err != -EOPNOTSUPP && err != -ENXIO)
		kt_fail("MIGRATE: %s", strerror(-err));
}

/* What has to be alone with the mapping of @p. */
static void shake_mapping(uint64_t *random)
{
	pthread_mutex_lock(mapping_lock());
	switch (kt_random(random) % 4) {
	case 0:
		KT_SYS(mprotect(s.p, BYTES, PROT_READ));
		KT_SYS(mprotect(s.p, BYTES, PROT_READ | PROT_WRITE));
		break;
	case 1:
		remap_both_ways();
		break;
	case 2:
		KT_SYS(mprotect(s.p, BYTES / 2, PROT_NONE));
		KT_SYS(mprotect(s.p, BYTES / 2, PROT_READ | PROT_WRITE));
		break;
	default:
		for (int i = 0; i < 50; i++)
			add_by_cpu(random);
		break;
	}
	pthread_mutex_unlock(mapping_lock());
}

static void shake_scratch(uint64_t *random)
{
	size_t first = kt_random(random) % PAGES, count = 1 + kt_random(random) % (PAGES - first);
	char *p = s.scratch + first * KT_PAGE;

	switch (kt_random(random) % 5) {
	case 0:
		madvise(p, count * KT_PAGE, MADV_DONTNEED);
		break;
	case 1:
		KT_CHECK(mmap(p, count * KT_PAGE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p);
		break;
	case 2:
		KT_CHECK(mmap(p, count * KT_PAGE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p);
		break;
	case 3:
		kt_unmap(p, count * KT_PAGE);
		break;
	default:
		madvise(p, count * KT_PAGE, MADV_FREE);
		break;
	}
}

static void *shake(void *arg)
{
	uint64_t random = kt_options.seed * 31 + (uintptr_t)arg;

	while (!s.stop) {
		switch (kt_random(&random) % 9) {
		case 0:
			madvise(s.p, BYTES, PAGEOUT);
			break;
		case 1:
			madvise(s.p, BYTES, COLD);
			break;
		case 2:
			fork_one();
			break;
		case 3:
			move(&random, s.p);
			break;
		case 4:
			kt_advise(&s.vm, s.p, BYTES, (uint32_t)kt_random(&random) % 3,
				  (uint32_t)kt_random(&random) % 2);
			break;
		case 5:
			move(&random, s.scratch);
			break;
		case 6:
			kt_pages(&s.vm, s.p, BYTES, 0, 0);
			break;
		case 7:
			shake_mapping(&random);
			break;
		default:
			shake_scratch(&random);
			break;
		}
		__atomic_fetch_add(&s.shakes, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void shaker(const void *param)
{
	unsigned long seconds =
		kt_options.seconds ? kt_options.seconds : *(const unsigned int *)param;
	unsigned long threads[WORKERS + 1 + SHAKERS];
	size_t used = 0;

	kt_vm_open(&s.vm);
	s.p = kt_anon_apart(BYTES + SPARE * KT_PAGE);
	s.scratch = kt_anon_apart(BYTES);
	memset(s.p, 0, BYTES);
	for (uintptr_t i = 0; i < WORKERS; i++)
		kt_thread(&threads[used++], worker, (void *)i);
	kt_thread(&threads[used++], scratch_worker, NULL);
	for (uintptr_t i = 0; i < SHAKERS; i++)
		kt_thread(&threads[used++], shake, (void *)i);
	for (double end = kt_now() + (double)seconds; kt_now() < end;)
		kt_sleep_ms(100);
	s.stop = 1;
	for (size_t i = 0; i < used; i++)
		kt_thread_join(threads[i]);
	kt_note("%lu s, seed %lu: %lu jobs, %lu of them met a moment without access, %lu shakes",
		seconds, kt_options.seed, s.jobs, s.faults, s.shakes);
	for (size_t i = 0; i < PAGES; i++) {
		if (*(volatile uint32_t *)(s.p + i * KT_PAGE) != (uint32_t)s.added[i])
			kt_fail("page %zu holds %u, not %u", i,
				*(volatile uint32_t *)(s.p + i * KT_PAGE), (uint32_t)s.added[i]);
	}
	KT_CHECK(s.jobs > 3 && s.shakes > 3);
	kt_vm_close(&s.vm);
}

static void list(void)
{
	static const unsigned int short_run = 15, long_run = 180;

	kt_add(&(struct kt_case){
		.name = "shaker", .run = shaker, .param = &short_run, .seconds = 4000});
	kt_add(&(struct kt_case){.name = "shaker-long",
				 .run = shaker,
				 .param = &long_run,
				 .flags = KT_FULL,
				 .seconds = 4000});
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
