/* SPDX-License-Identifier: MIT */
/* The life of a worker: serve, spin, nap or sleep. */
#include <immintrin.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/config.h"
#include "base/log.h"
#include "device/cpu/job.h"
#include "device/cpu/pool.h"

#define SHORTEST_NAP_NS 100000ull
#define LONGEST_NAP_NS	1000000ull
/* So many naps without activity, and the watcher goes to sleep as well. */
#define QUIET_NAPS	20

static void bind_to_cpu(const struct cw_cpu_worker *worker)
{
	cpu_set_t *cpus = CPU_ALLOC(worker->cpu + 1);
	size_t bytes = CPU_ALLOC_SIZE(worker->cpu + 1);

	if (!cpus)
		return;
	CPU_ZERO_S(bytes, cpus);
	CPU_SET_S(worker->cpu, bytes, cpus);
	if (sched_setaffinity(0, bytes, cpus))
		cw_log(CPU, "worker %u can't be bound to CPU %u", worker->index, worker->cpu);
	CPU_FREE(cpus);
}

/*
 * A searcher found something.  Others may have been pushed meanwhile that woke
 * nobody because somebody searched, so the last searcher sees to those.
 */
static void stop_searching(struct cw_cpu_pool *pool, const struct cw_cpu_take *take)
{
	bool was_last = atomic_fetch_sub(&pool->searching, 1) == 1;
	bool has_more = take->has_more || cw_cpu_any_ready(pool, take->source);

	if (was_last && has_more)
		cw_cpu_wake(pool, &pool->all);
}

/* Spin until there is something to run; false when the time is up. */
static bool search(struct cw_cpu_pool *pool, struct cw_cpu_lane *lane, struct cw_cpu_take *take_out)
{
	uint64_t end = cw_cpu_ticks() + cw_config()->cpu_spin_us * CW_CPU_TICKS_US;

	atomic_fetch_add(&pool->searching, 1);
	do {
		if (cw_cpu_take_any(pool, lane, take_out)) {
			stop_searching(pool, take_out);
			return true;
		}
		for (int i = 0; i < 16; i++)
			_mm_pause();
	} while (cw_cpu_ticks() < end);
	atomic_fetch_sub(&pool->searching, 1);
	return false;
}

/* Sleep on the worker's futex until it is woken or @nap_ns (0: for ever) pass. */
static void sleep_on(struct cw_cpu_worker *worker, uint64_t nap_ns)
{
	struct timespec nap = {.tv_nsec = (long)nap_ns};

	do {
		long error = syscall(SYS_futex, &worker->is_asleep, FUTEX_WAIT_PRIVATE, 1,
				     nap_ns ? &nap : NULL, NULL, 0);

		if (error && nap_ns)
			return;
	} while (atomic_load(&worker->is_asleep));
}

/*
 * Announce sleep, look once more, sleep.  True: found something instead.  Who
 * chose us meanwhile to wake up for something else has to be served by another.
 */
static bool sleep_once(struct cw_cpu_worker *worker, struct cw_cpu_lane *lane, uint64_t nap_ns,
		       struct cw_cpu_take *take_out)
{
	struct cw_cpu_pool *pool = worker->pool;
	_Atomic uint64_t *idle = &pool->idle[worker->index / 64];
	uint64_t bit = 1ull << worker->index % 64;
	bool was_chosen;
	bool found;

	atomic_store(&worker->is_asleep, 1);
	atomic_fetch_or(idle, bit);
	found = cw_cpu_take_any(pool, lane, take_out);
	if (!found)
		sleep_on(worker, nap_ns);
	was_chosen = !(atomic_fetch_and(idle, ~bit) & bit);
	if (found && was_chosen && (take_out->has_more || cw_cpu_any_ready(pool, take_out->source)))
		cw_cpu_wake(pool, &pool->all);
	return found;
}

enum outcome { FOUND, WOKEN, QUIET };

/* Be the watcher, if there is none, until something happens or it was quiet for long. */
static enum outcome watch(struct cw_cpu_worker *worker, struct cw_cpu_lane *lane,
			  struct cw_cpu_take *take_out)
{
	struct cw_cpu_pool *pool = worker->pool;
	uint64_t nap_ns = SHORTEST_NAP_NS;
	enum outcome outcome = QUIET;
	int nobody = -1;

	if (!atomic_compare_exchange_strong(&pool->watcher, &nobody, (int)worker->index))
		return QUIET;
	for (int quiet = 0; quiet < QUIET_NAPS && outcome == QUIET; quiet++) {
		if (sleep_once(worker, lane, nap_ns, take_out))
			outcome = FOUND;
		else if (!atomic_load(&worker->is_asleep))
			outcome = WOKEN;
		if (atomic_exchange(&pool->activity, false))
			quiet = 0;
		nap_ns = nap_ns * 2 < LONGEST_NAP_NS ? nap_ns * 2 : LONGEST_NAP_NS;
	}
	atomic_store(&pool->watcher, -1);
	return outcome;
}

/* Look for work in every way; false: not this time. */
static bool find_work(struct cw_cpu_worker *worker, struct cw_cpu_lane *lane,
		      struct cw_cpu_take *take_out)
{
	if (cw_cpu_take_any(worker->pool, lane, take_out) || search(worker->pool, lane, take_out))
		return true;
	switch (watch(worker, lane, take_out)) {
	case FOUND:
		return true;
	case WOKEN:
		return false;
	case QUIET:
		break;
	}
	return sleep_once(worker, lane, 0, take_out);
}

void cw_cpu_worker_main(void *argument)
{
	struct cw_cpu_worker *worker = argument;
	struct cw_cpu_lane *lane = cw_cpu_lane_for_worker(worker->index);
	struct cw_cpu_take take;

	if (!lane)
		return;
	if (cw_config()->cpu_affinity)
		bind_to_cpu(worker);
	cw_log(CPU, "worker %u runs", worker->index);
	for (;;) {
		if (find_work(worker, lane, &take))
			cw_cpu_serve(worker->pool, lane, &take, NULL);
	}
}
