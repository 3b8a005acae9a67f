/* SPDX-License-Identifier: MIT */
/* The ready lists. */
#include <stdlib.h>

#include "core/queue.h"
#include "device/cpu/job.h"
#include "device/cpu/pool.h"

static void set_ready_locked(struct cw_cpu_pool *pool, struct cw_cpu_source *source)
{
	atomic_fetch_or(&pool->ready[source->index / 64], 1ull << source->index % 64);
}

static void clear_ready_locked(struct cw_cpu_pool *pool, struct cw_cpu_source *source)
{
	atomic_fetch_and(&pool->ready[source->index / 64], ~(1ull << source->index % 64));
}

/* Slots for a job, where the source has some to spare. */
static struct cw_cpu_slot *borrow_slots_locked(struct cw_cpu_pool *pool,
					       struct cw_cpu_source *source)
	cw_must_hold(&source->lock)
{
	if (source->slots_taken)
		return NULL;
	if (!source->slots)
		source->slots = aligned_alloc(_Alignof(struct cw_cpu_slot),
					      pool->num_workers * sizeof(struct cw_cpu_slot));
	source->slots_taken = source->slots;
	return source->slots;
}

void cw_cpu_source_push(struct cw_cpu_pool *pool, struct cw_cpu_source *source,
			struct cw_command *command)
{
	struct cw_cpu_job *job = cw_cpu_job(command);

	command->next_ready = NULL;
	job->is_listed = true;
	cw_mutex_lock(&source->lock);
	if (job->is_shared)
		cw_cpu_job_deal(command, borrow_slots_locked(pool, source));
	if (!source->first) {
		source->end = &source->first;
		set_ready_locked(pool, source);
	}
	*source->end = command;
	source->end = &command->next_ready;
	cw_mutex_unlock(&source->lock);
}

/* Take the command that @link points to off the list. */
static void unlist_locked(struct cw_cpu_pool *pool, struct cw_cpu_source *source,
			  struct cw_command **link) cw_must_hold(&source->lock)
{
	struct cw_command *command = *link;
	struct cw_cpu_job *job = cw_cpu_job(command);

	*link = command->next_ready;
	if (source->end == &command->next_ready)
		source->end = link;
	if (!source->first)
		clear_ready_locked(pool, source);
	job->is_listed = false;
}

bool cw_cpu_may_run(const struct cw_command *command, const struct cw_cpu_lane *lane)
{
	const struct cw_cpu_device *device = cw_cpu_device(command->event.queue->device);

	return lane->worker < 0 || device == device->root ||
	       cw_cpu_mask_has(&device->mask, (unsigned)lane->worker);
}

/* The first command with room for @lane; points to what points to it. */
static struct cw_command **find_room_locked(struct cw_cpu_source *source,
					    const struct cw_cpu_lane *lane)
	cw_must_hold(&source->lock)
{
	struct cw_command **link = &source->first;

	for (; *link; link = &(*link)->next_ready) {
		struct cw_cpu_job *job = cw_cpu_job(*link);

		if (job->threads < job->limit && cw_cpu_may_run(*link, lane))
			return link;
	}
	return NULL;
}

static void join_locked(struct cw_cpu_pool *pool, struct cw_cpu_source *source,
			struct cw_command **link, struct cw_cpu_take *take_out)
	cw_must_hold(&source->lock)
{
	struct cw_command *command = *link;
	struct cw_cpu_job *job = cw_cpu_job(command);

	take_out->source = source;
	take_out->command = command;
	take_out->is_first = !job->begin_ticks;
	take_out->has_more = command->next_ready || source->first != command;
	if (!job->begin_ticks)
		job->begin_ticks = cw_cpu_ticks();
	job->threads++;
	if (!job->is_shared)
		unlist_locked(pool, source, link);
	else
		atomic_fetch_add_explicit(&job->refs, 1, memory_order_relaxed);
}

bool cw_cpu_source_take(struct cw_cpu_pool *pool, struct cw_cpu_source *source,
			const struct cw_cpu_lane *lane, struct cw_cpu_take *take_out)
{
	struct cw_command **link;

	cw_mutex_lock(&source->lock);
	link = find_room_locked(source, lane);
	if (link)
		join_locked(pool, source, link, take_out);
	cw_mutex_unlock(&source->lock);
	return link;
}

static struct cw_command **find_locked(struct cw_cpu_source *source,
				       const struct cw_command *command) cw_must_hold(&source->lock)
{
	struct cw_command **link = &source->first;

	while (*link != command)
		link = &(*link)->next_ready;
	return link;
}

void cw_cpu_source_leave(struct cw_cpu_pool *pool, struct cw_cpu_source *source,
			 struct cw_command *command, bool is_empty)
{
	struct cw_cpu_job *job = cw_cpu_job(command);
	unsigned dropped = 1;
	bool is_last;

	cw_mutex_lock(&source->lock);
	job->threads--;
	if (is_empty && job->is_listed) {
		unlist_locked(pool, source, find_locked(source, command));
		dropped++;
	}
	is_last = atomic_fetch_sub_explicit(&job->refs, dropped, memory_order_acq_rel) == dropped;
	if (is_last && job->slots)
		source->slots_taken = false;
	cw_mutex_unlock(&source->lock);
	if (is_last)
		cw_command_complete(command,
				    atomic_load_explicit(&job->status, memory_order_relaxed));
}

bool cw_cpu_source_is_waiting(struct cw_cpu_source *source)
{
	bool is_waiting = false;

	cw_mutex_lock(&source->lock);
	for (struct cw_command *command = source->first; command && !is_waiting;
	     command = command->next_ready)
		is_waiting = !cw_cpu_job(command)->threads;
	cw_mutex_unlock(&source->lock);
	return is_waiting;
}

struct cw_cpu_source *cw_cpu_source_get(struct cw_cpu_pool *pool)
{
	struct cw_cpu_source *best = &pool->sources[0];
	unsigned fewest = ~0u;

	for (unsigned i = 0; i < CW_CPU_NUM_SOURCES && fewest; i++) {
		unsigned queues = atomic_load(&pool->sources[i].queues);

		if (queues < fewest) {
			fewest = queues;
			best = &pool->sources[i];
		}
	}
	atomic_fetch_add(&best->queues, 1);
	return best;
}

void cw_cpu_source_put(struct cw_cpu_source *source)
{
	atomic_fetch_sub(&source->queues, 1);
}
