/* SPDX-License-Identifier: MIT */
#include "device/cpu/job.h"

/* A thread that joins should have this much to do at least. */
#define TICKS_FOR_A_THREAD (5 * CW_CPU_TICKS_US)
/* What a thread takes at once runs about that long at most, and a fiftieth of it at least. */
#define TICKS_AT_ONCE	   (100 * CW_CPU_TICKS_US)
#define LEAST_PART	   50
/* Grains for each thread: fine enough to balance, few enough to count. */
#define GRAINS_PER_THREAD  1024u

static uint64_t pack(uint32_t begin, uint32_t end)
{
	return (uint64_t)end << 32 | begin;
}

static uint32_t begin_of(uint64_t range)
{
	return (uint32_t)range;
}

static uint32_t end_of(uint64_t range)
{
	return (uint32_t)(range >> 32);
}

static uint32_t grains_in(uint64_t range)
{
	return end_of(range) - begin_of(range);
}

static uint16_t thread_limit(uint64_t units, uint64_t ticks, unsigned num_threads)
{
	uint64_t limit = num_threads;

	if (ticks != UINT64_MAX && ticks / TICKS_FOR_A_THREAD + 1 < limit)
		limit = ticks / TICKS_FOR_A_THREAD + 1;
	if (units < limit)
		limit = units ? units : 1;
	return (uint16_t)limit;
}

/* Share the units from @base on among up to @limit threads. */
static void set_up_shares(struct cw_command *command, uint64_t base, uint16_t limit)
{
	struct cw_cpu_job *job = cw_cpu_job(command);
	uint64_t units = cw_cpu_units(command) - base;
	uint64_t most = (uint64_t)limit * GRAINS_PER_THREAD;

	job->base = base;
	job->slots = NULL;
	job->num_slots = 1;
	job->grain = units > most ? (units + most - 1) / most : 1;
	atomic_store_explicit(&job->limit, limit, memory_order_relaxed);
	atomic_store_explicit(&job->range,
			      pack(0, (uint32_t)((units + job->grain - 1) / job->grain)),
			      memory_order_relaxed);
	/* Unknown kernels are felt for with one grain. */
	atomic_store_explicit(&job->most_grains, 1, memory_order_relaxed);
}

/* Take as much at once as runs for a good while, if @units take @ticks. */
static void set_most(struct cw_cpu_job *job, uint64_t units, uint64_t ticks)
{
	double grain_ticks = (double)ticks / (double)units * (double)job->grain + 1;
	double most = TICKS_AT_ONCE / grain_ticks;

	if (most < 1)
		most = 1;
	if (most > UINT32_MAX / 2)
		most = UINT32_MAX / 2;
	atomic_store_explicit(&job->most_grains, (uint32_t)most, memory_order_relaxed);
}

/* Too long to be run at one go while others may wait, even if by one thread. */
static bool is_long(uint64_t units, uint64_t ticks)
{
	return units > 1 && ticks != UINT64_MAX && ticks > 2 * TICKS_AT_ONCE;
}

void cw_cpu_job_init(struct cw_command *command, unsigned num_threads)
{
	struct cw_cpu_job *job = cw_cpu_job(command);
	uint64_t units = cw_cpu_units(command);
	uint64_t ticks = cw_cpu_expected_ticks(command);
	uint16_t limit = thread_limit(units, ticks, num_threads);

	atomic_init(&job->refs, 1);
	atomic_init(&job->threads, 0);
	atomic_init(&job->limit, limit);
	atomic_init(&job->status, CL_COMPLETE);
	job->begin_ticks = 0;
	job->slots = NULL;
	job->is_shared = limit > 1 || is_long(units, ticks);
	if (!job->is_shared)
		return;
	set_up_shares(command, 0, limit);
	if (ticks != UINT64_MAX)
		set_most(job, units, ticks);
}

bool cw_cpu_job_share_rest(struct cw_command *command, uint64_t done, uint64_t ticks,
			   unsigned num_threads)
{
	struct cw_cpu_job *job = cw_cpu_job(command);
	uint64_t units = cw_cpu_units(command) - done;
	double left = (double)ticks / (double)done * (double)units;
	uint16_t limit;

	if (left < 2 * TICKS_FOR_A_THREAD)
		return false;
	limit = thread_limit(units, left < 1e18 ? (uint64_t)left : UINT64_MAX, num_threads);
	if (limit == 1 && left < 2 * TICKS_AT_ONCE)
		return false;
	job->is_shared = true;
	set_up_shares(command, done, limit);
	set_most(job, done, ticks);
	atomic_store_explicit(&job->refs, 2, memory_order_relaxed);
	return true;
}

void cw_cpu_job_deal(struct cw_command *command, struct cw_cpu_slot *slots)
{
	struct cw_cpu_job *job = cw_cpu_job(command);
	uint64_t grains = grains_in(atomic_load_explicit(&job->range, memory_order_relaxed));

	if (!slots)
		return;
	job->slots = slots;
	job->num_slots = atomic_load_explicit(&job->limit, memory_order_relaxed);
	for (unsigned i = 0; i < job->num_slots; i++) {
		uint32_t begin = (uint32_t)(grains * i / job->num_slots);
		uint32_t end = (uint32_t)(grains * (i + 1) / job->num_slots);

		atomic_store_explicit(&slots[i].range, pack(begin, end), memory_order_relaxed);
	}
}

static _Atomic uint64_t *slot_range(struct cw_cpu_job *job, unsigned slot)
{
	return job->slots ? &job->slots[slot].range : &job->range;
}

static uint32_t take_size(uint32_t grains, uint32_t most)
{
	uint32_t count = (grains + 7) / 8;

	if (count < most / LEAST_PART)
		count = most / LEAST_PART;
	if (count > most)
		count = most;
	return count < grains ? count : grains;
}

/* Take from one slot, its front or its back; returns how many grains. */
static uint32_t take_from(struct cw_cpu_job *job, _Atomic uint64_t *slot, bool from_back,
			  uint32_t *first_out)
{
	uint32_t most = atomic_load_explicit(&job->most_grains, memory_order_relaxed);
	uint64_t range = atomic_load_explicit(slot, memory_order_relaxed);
	uint64_t rest;
	uint32_t count;

	do {
		if (!grains_in(range))
			return 0;
		count = take_size(grains_in(range), most);
		*first_out = from_back ? end_of(range) - count : begin_of(range);
		rest = from_back ? pack(begin_of(range), end_of(range) - count)
				 : pack(begin_of(range) + count, end_of(range));
	} while (!atomic_compare_exchange_weak_explicit(slot, &range, rest, memory_order_relaxed,
							memory_order_relaxed));
	return count;
}

/*
 * The slot with the most grains, or NULL.  Slots are never filled again, so
 * seeing each of them empty, one after another, means that nothing is left.
 */
static _Atomic uint64_t *fullest_slot(struct cw_cpu_job *job)
{
	_Atomic uint64_t *best = NULL;
	uint32_t most = 0;

	for (unsigned i = 0; i < job->num_slots; i++) {
		_Atomic uint64_t *slot = slot_range(job, i);
		uint32_t grains = grains_in(atomic_load_explicit(slot, memory_order_relaxed));

		if (grains > most) {
			most = grains;
			best = slot;
		}
	}
	return best;
}

/* 0 only when no slot has any: the job is then taken off the list for good. */
static uint32_t take_grains(struct cw_cpu_job *job, unsigned home, uint32_t *first_out)
{
	uint32_t count = take_from(job, slot_range(job, home % job->num_slots), false, first_out);

	while (!count) {
		_Atomic uint64_t *slot = fullest_slot(job);

		if (!slot)
			return 0;
		count = take_from(job, slot, job->num_slots > 1, first_out);
	}
	return count;
}

bool cw_cpu_job_take(struct cw_command *command, unsigned home, uint64_t *first_out,
		     uint64_t *end_out)
{
	struct cw_cpu_job *job = cw_cpu_job(command);
	uint64_t units = cw_cpu_units(command);
	uint32_t first;
	uint32_t count = take_grains(job, home, &first);

	if (!count)
		return false;
	*first_out = job->base + (uint64_t)first * job->grain;
	*end_out = job->base + (first + (uint64_t)count) * job->grain;
	if (*end_out > units)
		*end_out = units;
	return true;
}

void cw_cpu_job_adapt(struct cw_command *command, uint64_t units, uint64_t ticks,
		      unsigned num_threads)
{
	struct cw_cpu_job *job = cw_cpu_job(command);
	uint64_t all = cw_cpu_units(command) - job->base;
	double total = (double)ticks / (double)units * (double)all;
	uint16_t limit =
		thread_limit(all, total < 1e18 ? (uint64_t)total : UINT64_MAX, num_threads);

	set_most(job, units, ticks);
	if (limit > atomic_load_explicit(&job->limit, memory_order_relaxed))
		atomic_store_explicit(&job->limit, limit, memory_order_relaxed);
}

void cw_cpu_job_abandon(struct cw_cpu_job *job)
{
	for (unsigned i = 0; i < job->num_slots; i++)
		atomic_store_explicit(slot_range(job, i), 0, memory_order_relaxed);
}
