/* SPDX-License-Identifier: MIT */
/* Running what was taken. */
#include "base/trace.h"
#include "core/kernel.h"
#include "core/queue.h"
#include "device/cpu/job.h"
#include "device/cpu/pool.h"

/* After that long a job also gets the CPU that was left to the thread that enqueued it. */
#define PATIENCE_TICKS (100 * CW_CPU_TICKS_US)

static const char *command_name(const struct cw_command *command)
{
	return command->kind == CW_COMMAND_NDRANGE ? command->ndrange.code->kernel_name
						   : cw_command_type_name(command->event.type);
}

static cl_int run_units(struct cw_cpu_lane *lane, struct cw_command *command, uint64_t first,
			uint64_t end, uint64_t *ticks_out)
{
	uint64_t begin_ns = cw_trace_begin();
	uint64_t begin = cw_cpu_ticks();
	cl_int status = cw_cpu_run(lane, command, first, end);

	*ticks_out = cw_cpu_ticks() - begin;
	if (begin_ns)
		cw_trace_end("cpu", command_name(command), begin_ns, command->id, NULL);
	return status;
}

/* A function may block for long: nobody should count on this thread meanwhile. */
static void serve_call(struct cw_command *command, struct cw_cpu_lane *lane)
{
	struct cw_cpu_source *helps = lane->helps;
	uint64_t ticks;

	lane->is_serving = false;
	run_units(lane, command, 0, 1, &ticks);
	lane->is_serving = true;
	lane->helps = helps;
	cw_command_complete(command, CL_COMPLETE);
}

bool cw_cpu_any_ready(struct cw_cpu_pool *pool, const struct cw_cpu_source *but)
{
	for (unsigned i = 0; i < CW_CPU_NUM_SOURCES / 64; i++) {
		uint64_t ready = atomic_load_explicit(&pool->ready[i], memory_order_relaxed);

		if (but && i == but->index / 64)
			ready &= ~(1ull << but->index % 64);
		if (ready)
			return true;
	}
	return false;
}

static unsigned threads_for(const struct cw_command *command)
{
	return cw_cpu_device(command->event.queue->device)->num_threads;
}

/*
 * There is more to do than the threads in it can: ask for two more, each of
 * whom asks for two more.
 */
static void invite(struct cw_cpu_pool *pool, struct cw_command *command)
{
	const struct cw_cpu_device *device = cw_cpu_device(command->event.queue->device);
	struct cw_cpu_job *job = cw_cpu_job(command);
	bool is_patient = cw_cpu_ticks() - job->begin_ticks < PATIENCE_TICKS;
	int missing = job->limit - job->threads - is_patient;

	if (missing <= 0 || atomic_load(&pool->searching))
		return;
	if (cw_cpu_wake(pool, &device->mask) && missing > 1)
		cw_cpu_wake(pool, &device->mask);
}

/* Take grains and run them; true when none was left to take. */
static bool run_shared(struct cw_cpu_lane *lane, struct cw_command *command)
{
	struct cw_cpu_job *job = cw_cpu_job(command);
	uint64_t first;
	uint64_t end;
	uint64_t ticks;
	cl_int status;

	if (!cw_cpu_job_take(command, lane->home, &first, &end))
		return true;
	status = run_units(lane, command, first, end, &ticks);
	if (status == CL_COMPLETE) {
		cw_cpu_job_adapt(command, end - first, ticks, threads_for(command));
		cw_cpu_learn(command, end - first, ticks);
	} else {
		atomic_store_explicit(&job->status, status, memory_order_relaxed);
		cw_cpu_job_abandon(job);
	}
	return false;
}

static void serve_shared(struct cw_cpu_pool *pool, struct cw_cpu_lane *lane,
			 const struct cw_cpu_take *take, const struct cw_wait *until)
{
	bool is_empty;
	bool is_wanted;

	do {
		invite(pool, take->command);
		is_empty = run_shared(lane, take->command);
		is_wanted = until ? cw_wait_is_over(until) : cw_cpu_any_ready(pool, take->source);
	} while (!is_empty && !is_wanted);
	cw_cpu_source_leave(pool, take->source, take->command, is_empty);
}

/* Of a command that seems too short to share, run that much before looking at the clock. */
static uint64_t trial_units(const struct cw_command *command)
{
	uint64_t units = cw_cpu_units(command);

	if (command->kind != CW_COMMAND_NDRANGE || units == 1)
		return units;
	return units < 8 ? 1 : units / 8;
}

/* Run a command alone; what turns out to be long is shared after all. */
static void serve_alone(struct cw_cpu_pool *pool, struct cw_cpu_lane *lane,
			const struct cw_cpu_take *take, const struct cw_wait *until)
{
	struct cw_command *command = take->command;
	uint64_t units = cw_cpu_units(command);
	uint64_t done = trial_units(command);
	uint64_t ticks;
	cl_int status = run_units(lane, command, 0, done, &ticks);

	if (status == CL_COMPLETE && done < units) {
		if (cw_cpu_job_share_rest(command, done, ticks, threads_for(command))) {
			cw_cpu_source_push(pool, take->source, command);
			serve_shared(pool, lane, take, until);
			return;
		}
		status = run_units(lane, command, done, units, &ticks);
		done = units - done;
	}
	cw_cpu_learn(command, done, ticks);
	cw_command_complete(command, status);
}

void cw_cpu_serve(struct cw_cpu_pool *pool, struct cw_cpu_lane *lane,
		  const struct cw_cpu_take *take, const struct cw_wait *until)
{
	lane->is_serving = true;
	if (take->has_more && !cw_cpu_is_known_short(take->command) &&
	    !atomic_load(&pool->searching))
		cw_cpu_wake(pool, &pool->all);
	if (take->is_first)
		cw_command_begin_run(take->command);
	if (take->command->kind == CW_COMMAND_CALL)
		serve_call(take->command, lane);
	else if (!cw_cpu_job(take->command)->is_shared)
		serve_alone(pool, lane, take, until);
	else
		serve_shared(pool, lane, take, until);
	lane->is_serving = false;
}

/* The first ready source of [@from, @end), or @end. */
static unsigned find_ready(struct cw_cpu_pool *pool, unsigned from, unsigned end)
{
	for (unsigned word = from / 64; word * 64 < end; word++) {
		uint64_t ready = atomic_load(&pool->ready[word]);
		unsigned found;

		if (word == from / 64)
			ready &= ~0ull << from % 64;
		if (!ready)
			continue;
		found = word * 64 + (unsigned)__builtin_ctzll(ready);
		return found < end ? found : end;
	}
	return end;
}

static bool take_one_of(struct cw_cpu_pool *pool, struct cw_cpu_lane *lane, unsigned from,
			unsigned end, struct cw_cpu_take *take_out)
{
	for (; from < end; from++) {
		from = find_ready(pool, from, end);
		if (from < end && cw_cpu_source_take(pool, &pool->sources[from], lane, take_out)) {
			lane->cursor = from;
			return true;
		}
	}
	return false;
}

bool cw_cpu_take_any(struct cw_cpu_pool *pool, struct cw_cpu_lane *lane,
		     struct cw_cpu_take *take_out)
{
	unsigned next = lane->cursor + 1;

	return take_one_of(pool, lane, next, CW_CPU_NUM_SOURCES, take_out) ||
	       take_one_of(pool, lane, 0, next, take_out);
}
