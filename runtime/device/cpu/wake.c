/* SPDX-License-Identifier: MIT */
/* Whom to wake; see cpu.h. */
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "device/cpu/job.h"
#include "device/cpu/pool.h"

static void wake_worker(struct cw_cpu_worker *worker)
{
	atomic_store(&worker->is_asleep, 0);
	syscall(SYS_futex, &worker->is_asleep, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* Claim an idle worker of @candidates in @word, rather not one bound to @cpu. */
static struct cw_cpu_worker *claim_idle(struct cw_cpu_pool *pool, unsigned word,
					uint64_t candidates, unsigned cpu)
{
	struct cw_cpu_worker *second = NULL;

	while ((candidates &= atomic_load(&pool->idle[word]))) {
		unsigned bit = (unsigned)__builtin_ctzll(candidates);
		struct cw_cpu_worker *worker = &pool->workers[word * 64 + bit];

		candidates &= ~(1ull << bit);
		if (worker->cpu == cpu) {
			second = worker;
			continue;
		}
		if (atomic_fetch_and(&pool->idle[word], ~(1ull << bit)) & 1ull << bit)
			return worker;
	}
	if (second && atomic_fetch_and(&pool->idle[word], ~(1ull << second->index % 64)) &
			      1ull << second->index % 64)
		return second;
	return NULL;
}

bool cw_cpu_wake(struct cw_cpu_pool *pool, const struct cw_cpu_mask *mask)
{
	unsigned cpu = (unsigned)sched_getcpu();

	for (unsigned word = 0; word * 64 < pool->num_workers; word++) {
		struct cw_cpu_worker *worker = claim_idle(pool, word, mask->words[word], cpu);

		if (worker) {
			wake_worker(worker);
			return true;
		}
	}
	return false;
}

/* Somebody awake will look at the sources before he sleeps, or within a millisecond. */
static bool is_watched(struct cw_cpu_pool *pool, const struct cw_cpu_device *device)
{
	int watcher = atomic_load(&pool->watcher);

	if (watcher >= 0 && cw_cpu_mask_has(&device->mask, (unsigned)watcher))
		return true;
	return device == device->root && atomic_load(&pool->searching);
}

void cw_cpu_wake_for(struct cw_cpu_pool *pool, const struct cw_cpu_device *device,
		     const struct cw_cpu_source *source, bool is_short, bool is_served)
{
	if (is_short && is_served)
		return;
	atomic_thread_fence(memory_order_seq_cst);
	if (is_short && !atomic_load(&source->sleepers) && is_watched(pool, device)) {
		if (!atomic_load_explicit(&pool->activity, memory_order_relaxed))
			atomic_store_explicit(&pool->activity, true, memory_order_relaxed);
		return;
	}
	if (device == device->root && atomic_load(&pool->searching))
		return;
	cw_cpu_wake(pool, &device->mask);
}
