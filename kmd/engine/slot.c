/* SPDX-License-Identifier: MIT */
/*
 * The memory of threads, in PRIVATE.
 *
 * A slot, from its first byte: guard, stack, guard, signal stack, guard, local
 * memory, guard, chunk frames.  What the guards are is simply not mapped.
 */
#include "engine.h"
#include "syscall.h"
#include <asm/signal.h>
#include <linux/mman.h>

#define STACK_OFFSET	    GUARD_BYTES
#define SIGNAL_STACK_OFFSET (STACK_OFFSET + STACK_BYTES + GUARD_BYTES)
#define LOCAL_OFFSET	    (SIGNAL_STACK_OFFSET + SIGNAL_STACK_BYTES + GUARD_BYTES)
#define FRAMES_OFFSET	    (LOCAL_OFFSET + CAUSEWAY_ENGINE_LOCAL_BYTES + GUARD_BYTES)

_Static_assert(FRAMES_OFFSET + CAUSEWAY_ENGINE_FRAMES_BYTES <= SLOT_BYTES, "a slot has room");

static uint64_t slot_start(unsigned int index)
{
	return CAUSEWAY_WINDOW_PRIVATE + index * SLOT_BYTES;
}

uint64_t slot_stack_top(unsigned int index)
{
	return slot_start(index) + STACK_OFFSET + STACK_BYTES;
}

static int map(uint64_t start, uint64_t bytes)
{
	long result = engine_mmap(start, bytes, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);

	return result < 0 ? (int)result : 0;
}

int slot_map(struct thread *thread, unsigned int index)
{
	uint64_t slot = slot_start(index);
	int error;

	thread->slot = slot;
	thread->scratch.local = (void *)(slot + LOCAL_OFFSET);
	thread->scratch.frames = (void *)(slot + FRAMES_OFFSET);
	error = map(slot + STACK_OFFSET, STACK_BYTES);
	if (error)
		return error;
	/* A stack of a few pages shouldn't take 2 MiB. */
	engine_syscall3(__NR_madvise, (long)(slot + STACK_OFFSET), STACK_BYTES, MADV_NOHUGEPAGE);
	error = map(slot + SIGNAL_STACK_OFFSET, SIGNAL_STACK_BYTES);
	if (error)
		return error;
	error = map(slot + LOCAL_OFFSET, CAUSEWAY_ENGINE_LOCAL_BYTES);
	if (error)
		return error;
	return map(slot + FRAMES_OFFSET, CAUSEWAY_ENGINE_FRAMES_BYTES);
}

int slot_use_signal_stack(const struct thread *thread)
{
	stack_t stack = {
		.ss_sp = (void *)(thread->slot + SIGNAL_STACK_OFFSET),
		.ss_size = SIGNAL_STACK_BYTES,
	};

	return (int)engine_syscall3(__NR_sigaltstack, (long)&stack, 0, 0);
}
