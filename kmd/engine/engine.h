/* SPDX-License-Identifier: MIT */
/*
 * The engine: the program that lives in the device's address space and runs
 * jobs there.
 *
 * DOC: the engine
 *
 * It has no libc, because a libc needs an address space of its own: here, all
 * but the window belongs to the client, whose pages come by faults.  Everything
 * of the engine lies in the window (causeway_engine.h): its program in IMAGE,
 * the memory of its threads in PRIVATE.  All threads are alike: each asks the
 * driver for a job (CAUSEWAY_ENGINE_NEXT), takes parts of it until none is
 * left, and says so with the next question.
 *
 * A job is run through engine_enter().  A signal that the job's code raises,
 * or the driver's stop signal, makes the thread go on where engine_enter()
 * returns; nothing of the engine's is held meanwhile, so nothing is lost.
 *
 * PRIVATE is cut into CAUSEWAY_ENGINE_MAX_THREADS slots, one a thread: stack,
 * signal stack, local memory, chunk frames, with inaccessible memory around
 * each.
 */
#ifndef CAUSEWAY_ENGINE_ENGINE_H
#define CAUSEWAY_ENGINE_ENGINE_H

#include "causeway_engine.h"
#include "drm/causeway_engine_drm.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* With which the driver asks a thread to leave its job: the last real-time signal. */
#define STOP_SIGNAL 64

/* The mirror: what lies on both sides of the window. */
#define MIRROR_START 0x10000ull
#define MIRROR_END   0x7ffffffff000ull

/* Of a slot. */
#define SLOT_BYTES	   (CAUSEWAY_WINDOW_PRIVATE_BYTES / CAUSEWAY_ENGINE_MAX_THREADS)
#define GUARD_BYTES	   (64ull << 10)
#define STACK_BYTES	   (CAUSEWAY_ENGINE_STACK_BYTES + (64ull << 10)) /* and our own frames */
#define SIGNAL_STACK_BYTES (64ull << 10)

/*
 * struct guard - how a thread gets out of a job
 * @stack: stack pointer to go back to
 * @active: a job's code is running
 * @signal: that ended it
 * @access: DRM_CAUSEWAY_EVENT_READ or _WRITE, if it was a page fault
 * @address: that it touched
 * @ip: instruction that raised it
 */
struct guard {
	uint64_t stack;
	volatile uint32_t active;
	uint32_t signal;
	uint32_t access;
	uint64_t address;
	uint64_t ip;
};

/*
 * struct thread - one thread; what %fs points to
 * @self: this
 * @guard: see there
 * @stop: number of the last job that the driver wants it to leave
 * @next: what it asks the driver and is told
 * @scratch: for kernels
 * @slot: first byte of its slot
 */
struct thread {
	struct thread *self;
	struct guard guard;
	volatile uint64_t stop;
	struct causeway_engine_next next;
	struct cwc_scratch scratch;
	uint64_t slot;
};

static inline struct thread *thread_self(void)
{
	struct thread *self;

	__asm__("movq %%fs:0, %0" : "=r"(self));
	return self;
}

/* slot.c: the memory of threads. */
int slot_map(struct thread *thread, unsigned int index);
uint64_t slot_stack_top(unsigned int index);
int slot_use_signal_stack(const struct thread *thread);

/* window.c: the address space. */
int window_map_arena(void);
int window_unmap_others(void);
int window_map_mirror(void);

/* confine.c: system calls that nobody needs are cut off, for all threads. */
int confine(void);

/* signal.c */
int signals_init(void);
/* Run body(argument): true, or false if a signal ended it and guard says which. */
bool run_guarded(struct thread *thread, void (*body)(void *argument), void *argument);

/* job.c: run what thread->next names, and fill in what happened. */
void job_run(struct thread *thread);

/* thread.c */
int threads_init(unsigned int count);
int threads_start(unsigned int count);
void threads_open(void);
_Noreturn void thread_serve(struct thread *thread);
_Noreturn void thread_main(struct thread *thread);

/* wide.c */
void wide_init(void);
void wide_copy(void *dst, const void *src, uint64_t bytes);
/* Repeat the 128 bytes of @block. */
void wide_fill(void *dst, const unsigned char *block, uint64_t bytes);
bool wide_has_avx(void);

#endif
