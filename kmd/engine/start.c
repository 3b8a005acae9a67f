/* SPDX-License-Identifier: MIT */
/* From execve() to the first job. */
#include "engine.h"
#include "syscall.h"
#include <asm/errno.h>

_Static_assert(LINKED_AT == CAUSEWAY_WINDOW_START, "the program is linked into its window");

/* The kernel enters here, with argc on top of the stack. */
void engine_entry(void);
_Noreturn void engine_begin(const uint64_t *arguments);
_Noreturn void engine_main(unsigned int threads);
_Noreturn void engine_switch(unsigned int threads, uint64_t stack_top);

__asm__(".text\n"
	".hidden engine_entry\n"
	".globl engine_entry\n"
	".type engine_entry, @function\n"
	"engine_entry:\n"
	"	xorl %ebp, %ebp\n"
	"	movq %rsp, %rdi\n"
	"	andq $-16, %rsp\n"
	"	call engine_begin\n"
	"	ud2\n"
	".size engine_entry, . - engine_entry\n"
	".hidden engine_switch\n"
	".globl engine_switch\n"
	".type engine_switch, @function\n"
	"engine_switch:\n"
	"	movq %rsi, %rsp\n"
	"	xorl %ebp, %ebp\n"
	"	call engine_main\n"
	"	ud2\n"
	".size engine_switch, . - engine_switch\n");

/* @step: enum causeway_engine_step, 0: all went well. */
static void say_hello(uint32_t step, int error, unsigned int threads)
{
	struct causeway_engine_hello hello = {
		.version = CAUSEWAY_ENGINE_VERSION,
		.error = (uint32_t)error,
		.step = step,
		.threads = threads,
	};

	engine_syscall3(__NR_write, CAUSEWAY_ENGINE_FD_HELLO, (long)&hello, sizeof(hello));
	engine_syscall3(__NR_close, CAUSEWAY_ENGINE_FD_HELLO, 0, 0);
}

static void check(enum causeway_engine_step step, int error)
{
	if (!error)
		return;
	say_hello(step, -error, 0);
	engine_exit(1);
}

/* A number from 1 to CAUSEWAY_ENGINE_MAX_THREADS, or 0. */
static unsigned int read_threads(const char *text)
{
	unsigned int value = 0;

	if (!*text)
		return 0;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return 0;
		value = value * 10 + (unsigned int)(*text - '0');
		if (value > CAUSEWAY_ENGINE_MAX_THREADS)
			return 0;
	}
	return value;
}

static void close_others(void)
{
	engine_syscall3(__NR_close_range, 0, CAUSEWAY_ENGINE_FD_VM - 1, 0);
	engine_syscall3(__NR_close_range, CAUSEWAY_ENGINE_FD_HELLO + 1, -1, 0);
}

static int attach(void)
{
	struct causeway_engine_attach attach = {.stop_signal = STOP_SIGNAL};

	return (int)engine_ioctl(CAUSEWAY_ENGINE_FD_VM, CAUSEWAY_ENGINE_ATTACH, &attach);
}

_Noreturn __attribute__((used)) void engine_begin(const uint64_t *arguments)
{
	uint64_t count = arguments[0];
	unsigned int threads = count == 2 ? read_threads((const char *)arguments[2]) : 0;

	check(CAUSEWAY_ENGINE_STEP_ARGUMENTS, threads ? 0 : -EINVAL);
	check(CAUSEWAY_ENGINE_STEP_THREADS, threads_init(threads));
	engine_switch(threads, slot_stack_top(0));
}

/* On the stack of the first thread: nothing outside the window is needed any more. */
_Noreturn __attribute__((used)) void engine_main(unsigned int threads)
{
	close_others();
	check(CAUSEWAY_ENGINE_STEP_ARENA, window_map_arena());
	check(CAUSEWAY_ENGINE_STEP_UNMAP, window_unmap_others());
	check(CAUSEWAY_ENGINE_STEP_MIRROR, window_map_mirror());
	check(CAUSEWAY_ENGINE_STEP_ATTACH, attach());
	wide_init();
	check(CAUSEWAY_ENGINE_STEP_THREADS, signals_init());
	check(CAUSEWAY_ENGINE_STEP_THREADS, threads_start(threads));
	check(CAUSEWAY_ENGINE_STEP_CONFINE, confine());
	say_hello(0, 0, threads);
	threads_open();
	thread_serve(thread_self());
}
