/* SPDX-License-Identifier: MIT */
/*
 * Jobs: a command's range of units, shared out among threads.
 *
 * DOC: ranges
 *
 * The units of a command (work-groups, pieces of a copy, rows) are bundled
 * into at most 2^31 *grains*.  The grains are dealt out evenly to slots, each
 * an atomic pair (begin, end).  A thread takes grains from the front of its
 * own slot, so that its neighbourhood in memory stays the same from launch to
 * launch, and when that is empty from the back of the fullest other one.  It
 * takes an eighth of what is there, but no more than runs for about 100 us and
 * no less than runs for 2.
 *
 * How long a kernel runs is known from its last launches, and may be wrong for
 * this one.  So a command that seemed too short to share is run in two parts:
 * if the first, small one shows that much is left, the rest becomes a job.
 *
 * A job ends when its last reference goes: one for each thread in it, one for
 * its place in the source's list.  The thread that finds nothing left to take
 * takes it off the list.
 */
#ifndef CW_CPU_JOB_H
#define CW_CPU_JOB_H

#include "device/cpu/cpu.h"

/* struct cw_cpu_slot - grains not yet taken: begin in the low half, end in the high half. */
struct cw_cpu_slot {
	_Alignas(64) _Atomic uint64_t range;
};

/*
 * struct cw_cpu_job - lies in command->backend.
 * @refs: see above.
 * @threads: threads in it; written under the source's lock.
 * @limit: most threads at a time.  Only ever raised, by threads in it.
 * @is_shared: it stays listed while threads take grains of it, be it one thread
 *	after another; else whoever takes it takes it off the list.
 * @num_slots: 1: @range alone.
 * @status: CL_COMPLETE or the first error; the rest is then abandoned.
 * @base: the first unit that is shared out.
 * @grain: units in a grain.
 * @most_grains: how many to take at once at most.
 * @slots: of the source, when @num_slots > 1.
 * @begin_ticks: when the first thread joined; 0 before.
 */
struct cw_cpu_job {
	atomic_uint refs;
	_Atomic uint16_t threads;
	_Atomic uint16_t limit;
	uint16_t num_slots;
	bool is_listed;
	bool is_shared;
	atomic_int status;
	atomic_uint most_grains;
	uint64_t base;
	uint64_t grain;
	_Atomic uint64_t range;
	struct cw_cpu_slot *slots;
	uint64_t begin_ticks;
};

_Static_assert(sizeof(struct cw_cpu_job) <= sizeof(((struct cw_command *)0)->backend),
	       "a job does not fit its command");

static inline struct cw_cpu_job *cw_cpu_job(struct cw_command *command)
{
	return (struct cw_cpu_job *)command->backend;
}

/* Set up @command's job for a device of @num_threads; not listed yet. */
void cw_cpu_job_init(struct cw_command *command, unsigned num_threads);

/* Deal out the grains; @slots: as many as job->limit, or NULL: then it stays one range. */
void cw_cpu_job_deal(struct cw_command *command, struct cw_cpu_slot *slots);

/* Take some grains for a thread at @home: the units [*first_out, *end_out); false: none is left. */
bool cw_cpu_job_take(struct cw_command *command, unsigned home, uint64_t *first_out,
		     uint64_t *end_out);

/* @units took @ticks: adapt how much is taken at once and how many of @num_threads may join. */
void cw_cpu_job_adapt(struct cw_command *command, uint64_t units, uint64_t ticks,
		      unsigned num_threads);

/*
 * The first @done units of a command that one thread runs alone took @ticks.
 * Where the rest is long, set the job up for sharing, with the caller in it, and
 * return true: it is to be listed again.
 */
bool cw_cpu_job_share_rest(struct cw_command *command, uint64_t done, uint64_t ticks,
			   unsigned num_threads);

/* Nobody takes anything any more. */
void cw_cpu_job_abandon(struct cw_cpu_job *job);

#endif
