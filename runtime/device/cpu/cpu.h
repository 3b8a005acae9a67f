/* SPDX-License-Identifier: MIT */
/*
 * The in-process device: structures that its files share.
 *
 * DOC: who runs what
 *
 * There is one pool of workers a process, one worker a CPU.  Ready commands
 * stand in the ready list of their queue's *source*; a bit for each source
 * tells whether its list is empty, so a worker looks for work without a lock
 * and takes one short lock, the source's, to get some.  Sources are served
 * round robin, so that one queue does not starve another.
 *
 * A short command is run by one thread.  A long one is a *job*: it stays at
 * the head of its source while threads join it and take pieces of its range
 * (job.h).  Between two pieces a worker looks whether other sources wait.
 *
 * A thread of the application that waits for a command works through the
 * source of that command's queue itself, as one more thread of the pool.  So
 * a short kernel is usually enqueued, run and completed by one thread without
 * any other noticing.
 *
 * DOC: sleeping and waking
 *
 * An idle worker spins for a moment, then sleeps on a futex of its own.  The
 * last to fall asleep after some activity is the *watcher*: it only naps, and
 * looks at the sources between naps.  Therefore short work needs no wake-up:
 * the thread that enqueued it will run it when it waits, and if it does not
 * wait, the watcher finds it within a millisecond.  Long work wakes one worker
 * at once, which wakes the next while there is enough to do.  One CPU is left
 * to the thread that enqueued for 100 us, for it is likely to wait and help.
 *
 * Lost wake-ups: who submits first makes the command visible, then looks for
 * sleepers; who goes to sleep first announces that, then looks for commands
 * once more.  Both are sequentially consistent.
 */
#ifndef CW_CPU_H
#define CW_CPU_H

#include <pthread.h>

#include "base/lock.h"
#include "core/command.h"
#include "device/device.h"

#define CW_CPU_MOST_WORKERS 512
#define CW_CPU_NUM_SOURCES  256

/* A set of workers. */
struct cw_cpu_mask {
	uint64_t words[CW_CPU_MOST_WORKERS / 64];
};

static inline bool cw_cpu_mask_has(const struct cw_cpu_mask *mask, unsigned worker)
{
	return mask->words[worker / 64] >> worker % 64 & 1;
}

/*
 * struct cw_cpu_device - the root device or a sub-device.
 * @root: the root device; itself for the root.
 * @mask, @num_threads: the workers that may run its commands, and how many.
 * @pool: root only: made by the first queue, again after fork().
 */
struct cw_cpu_device {
	struct cw_device base;
	struct cw_cpu_device *root;
	struct cw_cpu_mask mask;
	unsigned num_threads;
	_Atomic(struct cw_cpu_pool *) pool;
};

static inline struct cw_cpu_device *cw_cpu_device(struct cw_device *device)
{
	return (struct cw_cpu_device *)device;
}

struct cw_cpu_pool;
struct cw_cpu_slot;

/*
 * struct cw_cpu_source - ready commands of a queue.
 * With more than CW_CPU_NUM_SOURCES queues, some share one.
 * @lock: guards the list and what job.h says.
 * @first, @end: ready commands, linked by next_ready; jobs stay until nothing
 *	of them is left to take.
 * @slots: for one job at a time: pool->num_workers slots, made on first use.
 * @slots_taken: by a job.
 * @queues: how many use it.
 * @sleepers: threads of the application that wait for one of these queues, asleep.
 */
struct cw_cpu_source {
	_Alignas(64) struct cw_mutex lock;
	struct cw_command *first cw_guarded_by(&lock);
	struct cw_command **end cw_guarded_by(&lock);
	struct cw_cpu_slot *slots cw_guarded_by(&lock);
	bool slots_taken cw_guarded_by(&lock);
	unsigned index;
	atomic_uint queues;
	atomic_uint sleepers;
};

/*
 * struct cw_cpu_guard - what the fault handler needs to get a thread out of a
 * kernel.  The first field is known to call.S.
 * @stack_pointer: where to go on.
 * @is_active: the thread is inside a kernel.
 * @signal, @code, @address, @error, @instruction, @depth: the fault, once there was
 *	one; @depth is the stack pointer then.
 */
struct cw_cpu_guard {
	void *stack_pointer;
	volatile bool is_active;
	int signal;
	int code;
	uintptr_t address;
	uint64_t error;
	uintptr_t instruction;
	uintptr_t depth;
};

/* struct cw_cpu_arena - memory with inaccessible pages on both ends; grows by being replaced. */
struct cw_cpu_arena {
	unsigned char *base;
	size_t bytes;
};

/*
 * struct cw_cpu_lane - what a thread needs to run kernels.
 * @worker: its index, or -1 for a thread of the application.
 * @home: worker's number or a guess, to choose a slot of a job.
 * @cursor: the source served last.
 * @is_serving: it runs something and will look for more when that ends: in
 *	@helps alone, or everywhere when that is NULL (workers).
 * @signal_stack: for stack overflows; NULL when the thread brought its own.
 */
struct cw_cpu_lane {
	int worker;
	unsigned home;
	unsigned cursor;
	bool is_serving;
	struct cw_cpu_source *helps;
	struct cw_cpu_guard guard;
	struct cw_cpu_arena local;
	struct cw_cpu_arena frames;
	struct cw_cpu_arena stack;
	struct cw_cpu_arena signal_stack;
};

/* lane.c: the calling thread's lane, made on first use; NULL when memory is short. */
struct cw_cpu_lane *cw_cpu_lane(void);
/* The same for a worker, which then needs no destructor. */
struct cw_cpu_lane *cw_cpu_lane_for_worker(unsigned worker);
/* Will the calling thread look at @source when it is done with what it runs? */
bool cw_cpu_lane_serves(const struct cw_cpu_source *source, const struct cw_command *command);
/* Make room. 0 or -ENOMEM; CWC_ARENA_ALIGN aligned. */
int cw_cpu_arena_reserve(struct cw_cpu_arena *arena, size_t bytes);
void cw_cpu_arena_finish(struct cw_cpu_arena *arena);

/* fault.c: take over the signals, once a process. */
void cw_cpu_faults_init(void);
/* Run body(argument) on @lane's stack; false when it faulted: see lane->guard. */
bool cw_cpu_call_guarded(struct cw_cpu_lane *lane, void (*body)(void *argument), void *argument);
/* Say what happened: "SIGSEGV: write to 0x10". */
void cw_cpu_fault_text(const struct cw_cpu_lane *lane, char *text_out, size_t bytes);

/*
 * run.c: run the units [@first, @end) of @command (groups, pieces, rows; all
 * of it for a call).  Returns CL_COMPLETE or an error; reports faults.
 */
cl_int cw_cpu_run(struct cw_cpu_lane *lane, struct cw_command *command, uint64_t first,
		  uint64_t end);
/* How many units it has, and about how many clock ticks it will take; UINT64_MAX: unknown. */
uint64_t cw_cpu_units(const struct cw_command *command);
uint64_t cw_cpu_expected_ticks(const struct cw_command *command);
/* It is known to run so short that waking a worker for it would cost as much. */
bool cw_cpu_is_known_short(const struct cw_command *command);
/* A run of @units took @ticks: remember for the next launch of that kernel. */
void cw_cpu_learn(struct cw_command *command, uint64_t units, uint64_t ticks);

/* identify.c: fill in what can be known of this machine. */
void cw_cpu_identify(struct cw_device_caps *caps);
/* topology.c. The CPUs that this process may use, node by node; returns how many (at most @limit).
 */
unsigned cw_cpu_list(unsigned *cpus_out, unsigned limit);
unsigned cw_cpu_num_workers(void);
/* NUMA nodes of the machine, and that of a CPU. */
unsigned cw_cpu_num_nodes(void);
unsigned cw_cpu_node(unsigned cpu);

static inline uint64_t cw_cpu_ticks(void)
{
	return __builtin_ia32_rdtsc();
}

/* Ticks of the time-stamp counter in a microsecond, roughly: for thresholds only. */
#define CW_CPU_TICKS_US 2500ull

#endif
