/* SPDX-License-Identifier: MIT */
#include "device/cpu/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/log.h"
#include "base/thread.h"
#include "core/process.h"

/* Stack of a worker itself: kernels run on the lane's, but application callbacks on this. */
#define WORKER_STACK_BYTES (1u << 20)

static void init_workers(struct cw_cpu_pool *pool)
{
	unsigned cpus[CW_CPU_MOST_WORKERS];
	unsigned num_cpus = cw_cpu_list(cpus, CW_CPU_MOST_WORKERS);

	for (unsigned i = 0; i < pool->num_workers; i++) {
		struct cw_cpu_worker *worker = &pool->workers[i];

		atomic_init(&worker->is_asleep, 0);
		worker->pool = pool;
		worker->index = i;
		worker->cpu = cpus[i * num_cpus / pool->num_workers % num_cpus];
		pool->all.words[i / 64] |= 1ull << i % 64;
	}
}

static struct cw_cpu_pool *pool_create(void)
{
	struct cw_cpu_pool *pool = aligned_alloc(64, sizeof(*pool));
	unsigned num_workers = cw_cpu_num_workers();

	if (!pool)
		return NULL;
	memset(pool, 0, sizeof(*pool));
	pool->generation = cw_process_generation();
	pool->num_workers = num_workers;
	pool->workers = aligned_alloc(64, num_workers * sizeof(*pool->workers));
	if (!pool->workers) {
		free(pool);
		return NULL;
	}
	atomic_init(&pool->watcher, -1);
	cw_mutex_init(&pool->start_lock, CW_RANK_POOL);
	for (unsigned i = 0; i < CW_CPU_NUM_SOURCES; i++) {
		pool->sources[i].index = i;
		cw_mutex_init(&pool->sources[i].lock, CW_RANK_WORKER);
	}
	init_workers(pool);
	return pool;
}

struct cw_cpu_pool *cw_cpu_pool(struct cw_cpu_device *root)
{
	struct cw_cpu_pool *pool = atomic_load_explicit(&root->pool, memory_order_acquire);
	struct cw_cpu_pool *created;

	if (pool && pool->generation == cw_process_generation())
		return pool;
	created = pool_create();
	if (!created)
		return NULL;
	/* A pool of our parent stays as it is: its locks may be held by threads we don't have. */
	if (atomic_compare_exchange_strong(&root->pool, &pool, created))
		return created;
	free(created->workers);
	free(created);
	return pool;
}

static void start_workers_locked(struct cw_cpu_pool *pool)
{
	char name[24];

	for (unsigned i = 0; i < pool->num_workers; i++) {
		snprintf(name, sizeof(name), "cw-cpu-%u", i);
		if (cw_thread_create_detached(name, WORKER_STACK_BYTES, cw_cpu_worker_main,
					      &pool->workers[i]))
			cw_log(WARN, "worker thread %u of the cpu device could not be started", i);
	}
}

void cw_cpu_pool_start(struct cw_cpu_pool *pool)
{
	if (atomic_load_explicit(&pool->started, memory_order_acquire))
		return;
	cw_mutex_lock(&pool->start_lock);
	if (!atomic_load(&pool->started)) {
		cw_cpu_faults_init();
		start_workers_locked(pool);
		atomic_store_explicit(&pool->started, true, memory_order_release);
	}
	cw_mutex_unlock(&pool->start_lock);
}
