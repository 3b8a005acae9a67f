/* SPDX-License-Identifier: MIT */
/* The backend's methods. */
#include <errno.h>
#include <immintrin.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "core/device.h"
#include "core/queue.h"
#include "device/cpu/job.h"
#include "device/cpu/pool.h"

static struct cw_cpu_pool *pool_of(struct cw_device *device)
{
	return atomic_load_explicit(&cw_cpu_device(device)->root->pool, memory_order_acquire);
}

static int cpu_queue_init(struct cw_device *device, struct cw_queue *queue)
{
	struct cw_cpu_pool *pool = cw_cpu_pool(cw_cpu_device(device)->root);

	if (!pool)
		return -ENOMEM;
	queue->backend = cw_cpu_source_get(pool);
	return 0;
}

static void cpu_queue_finish(struct cw_device *device, struct cw_queue *queue)
{
	(void)device;
	cw_cpu_source_put(queue->backend);
}

/* Not worth a wake-up of its own: one group of a kernel is taken for short until it is known. */
static bool is_short(struct cw_command *command)
{
	if (cw_cpu_job(command)->is_shared || command->kind == CW_COMMAND_CALL)
		return false;
	return cw_cpu_is_known_short(command) || cw_cpu_expected_ticks(command) == UINT64_MAX;
}

static void cpu_submit(struct cw_device *device, struct cw_command *command)
{
	struct cw_cpu_device *cpu = cw_cpu_device(device);
	struct cw_cpu_pool *pool = pool_of(device);
	struct cw_cpu_source *source = command->event.queue->backend;
	bool is_served = cw_cpu_lane_serves(source, command);
	bool short_run;

	cw_cpu_job_init(command, cpu->num_threads);
	short_run = is_short(command);
	cw_cpu_pool_start(pool);
	/* From here on another thread may run and end the command. */
	cw_cpu_source_push(pool, source, command);
	cw_cpu_wake_for(pool, cpu, source, short_run, is_served);
}

static void cpu_flush(struct cw_device *device, struct cw_queue *queue)
{
	struct cw_cpu_pool *pool = pool_of(device);
	struct cw_cpu_source *source = queue->backend;

	if (!cw_cpu_source_is_ready(pool, source->index) || !cw_cpu_source_is_waiting(source))
		return;
	if (device->parent || !atomic_load(&pool->searching))
		cw_cpu_wake(pool, &cw_cpu_device(device)->mask);
}

/* Work through the commands of the queue; false when there is nothing to help with. */
static bool help(struct cw_cpu_pool *pool, struct cw_cpu_lane *lane, struct cw_cpu_source *source,
		 const struct cw_wait *wait)
{
	struct cw_cpu_source *outer = lane->helps;
	struct cw_cpu_take take;
	bool was_serving = lane->is_serving;

	if (!cw_cpu_source_is_ready(pool, source->index) ||
	    !cw_cpu_source_take(pool, source, lane, &take))
		return false;
	lane->helps = source;
	cw_cpu_serve(pool, lane, &take, wait);
	lane->helps = outer;
	lane->is_serving = was_serving;
	return true;
}

/* Sleep; whatever is ready and left to us is given to the workers first. */
static void sleep_in_wait(struct cw_cpu_pool *pool, const struct cw_wait *wait)
{
	struct cw_cpu_source *source = wait->queue->backend;

	atomic_fetch_add(&source->sleepers, 1);
	if (cw_cpu_any_ready(pool, NULL) && !atomic_load(&pool->searching))
		cw_cpu_wake(pool, &pool->all);
	cw_wait_sleep(wait);
	atomic_fetch_sub(&source->sleepers, 1);
}

/* Help until the wait is over or there was nothing to do for a while; then sleep. */
static void wait_and_help(struct cw_cpu_pool *pool, struct cw_cpu_lane *lane,
			  const struct cw_wait *wait)
{
	uint64_t spin_ticks = cw_config()->cpu_spin_us * CW_CPU_TICKS_US;
	uint64_t begin = cw_cpu_ticks();

	while (!cw_wait_is_over(wait)) {
		if (lane && help(pool, lane, wait->queue->backend, wait)) {
			begin = cw_cpu_ticks();
		} else if (cw_cpu_ticks() - begin > spin_ticks) {
			sleep_in_wait(pool, wait);
			return;
		} else {
			_mm_pause();
		}
	}
}

static void cpu_wait(struct cw_device *device, const struct cw_wait *wait)
{
	cw_lock_check_none();
	wait_and_help(pool_of(device), cw_cpu_lane(), wait);
	/* What we let go and did not run ourselves must not lie there. */
	cpu_flush(device, wait->queue);
}

static uint64_t cpu_clock_ns(struct cw_device *device)
{
	(void)device;
	return cw_clock_ns();
}

static void cpu_destroy(struct cw_device *device)
{
	free(device->workers);
	free(device->worker_nodes);
	free(device);
}

static const struct cw_device_ops ops;

/* A device of @count workers, not filled in yet. */
static struct cw_cpu_device *device_alloc(unsigned count)
{
	struct cw_cpu_device *cpu = calloc(1, sizeof(*cpu));

	if (!cpu)
		return NULL;
	cpu->base.worker_nodes = malloc(count * sizeof(unsigned));
	cpu->base.workers = malloc(count * sizeof(unsigned));
	if (!cpu->base.worker_nodes || !cpu->base.workers) {
		cpu_destroy(&cpu->base);
		return NULL;
	}
	cpu->base.num_workers = count;
	cpu->num_threads = count;
	return cpu;
}

static void add_worker(struct cw_cpu_device *cpu, unsigned index, unsigned worker, unsigned node)
{
	cpu->base.workers[index] = worker;
	cpu->base.worker_nodes[index] = node;
	cpu->mask.words[worker / 64] |= 1ull << worker % 64;
}

static int cpu_partition(struct cw_device *parent, const unsigned *workers, unsigned count,
			 struct cw_device **device_out)
{
	struct cw_cpu_device *cpu = device_alloc(count);

	if (!cpu)
		return -ENOMEM;
	cw_device_init(&cpu->base, &ops, parent);
	cpu->root = cw_cpu_device(parent)->root;
	cpu->base.caps = parent->caps;
	cpu->base.caps.compute_units = count;
	for (unsigned i = 0; i < count; i++)
		add_worker(cpu, i, parent->workers[workers[i]], parent->worker_nodes[workers[i]]);
	*device_out = &cpu->base;
	return 0;
}

static const struct cw_device_ops ops = {
	.destroy = cpu_destroy,
	.partition = cpu_partition,
	.queue_init = cpu_queue_init,
	.queue_finish = cpu_queue_finish,
	.submit = cpu_submit,
	.flush = cpu_flush,
	.wait = cpu_wait,
	.clock_ns = cpu_clock_ns,
};

int cw_cpu_device_create(struct cw_device **device_out)
{
	unsigned count = cw_cpu_num_workers();
	struct cw_cpu_device *cpu = device_alloc(count);
	unsigned cpus[CW_CPU_MOST_WORKERS];
	unsigned num_cpus = cw_cpu_list(cpus, CW_CPU_MOST_WORKERS);

	if (!cpu)
		return -ENOMEM;
	cw_device_init(&cpu->base, &ops, NULL);
	cpu->root = cpu;
	cw_cpu_identify(&cpu->base.caps);
	cpu->base.caps.compute_units = count;
	for (unsigned i = 0; i < count; i++)
		add_worker(cpu, i, i, cw_cpu_node(cpus[i * num_cpus / count % num_cpus]));
	cw_log(DEVICE, "cpu device: %s, %u workers", cpu->base.caps.name, count);
	*device_out = &cpu->base;
	return 0;
}
