/* SPDX-License-Identifier: MIT */
/* Threads: started together, then each asks for jobs until there is no VM. */
#include "engine.h"
#include "syscall.h"
#include <asm/errno.h>
#include <asm/prctl.h>
#include <linux/futex.h>
#include <linux/sched.h>

#define CLONE_FLAGS                                                                                \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |        \
	 CLONE_SETTLS)

long engine_clone(uint64_t flags, uint64_t stack_top, struct thread *thread);

/* The new thread finds itself in %fs. */
__asm__(".text\n"
	".hidden engine_clone\n"
	".globl engine_clone\n"
	".type engine_clone, @function\n"
	"engine_clone:\n"
	"	movq %rdx, %r8\n"
	"	xorl %edx, %edx\n"
	"	xorl %r10d, %r10d\n"
	"	movl $56, %eax\n"
	"	syscall\n"
	"	testq %rax, %rax\n"
	"	jz 1f\n"
	"	ret\n"
	"1:	xorl %ebp, %ebp\n"
	"	movq %fs:0, %rdi\n"
	"	call thread_main\n"
	"	ud2\n"
	".size engine_clone, . - engine_clone\n");

_Static_assert(__NR_clone == 56, "engine_clone() knows the number");

static struct thread threads[CAUSEWAY_ENGINE_MAX_THREADS];

/* Threads that have done what they may not do any more once they are confined. */
static volatile uint32_t ready;

/* 1 when all threads are ready and confined. */
static volatile uint32_t gate;

int threads_init(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		int error = slot_map(&threads[i], i);

		if (error)
			return error;
		threads[i].self = &threads[i];
	}
	return (int)engine_syscall3(__NR_arch_prctl, ARCH_SET_FS, (long)&threads[0], 0);
}

int threads_start(unsigned int count)
{
	int error = slot_use_signal_stack(&threads[0]);
	uint32_t now;

	for (unsigned int i = 1; i < count && !error; i++) {
		long result = engine_clone(CLONE_FLAGS, slot_stack_top(i), &threads[i]);

		if (result < 0)
			error = (int)result;
	}
	if (error)
		return error;
	while ((now = __atomic_load_n(&ready, __ATOMIC_ACQUIRE)) < count - 1)
		engine_futex(&ready, FUTEX_WAIT_PRIVATE, now);
	return 0;
}

void threads_open(void)
{
	__atomic_store_n(&gate, 1, __ATOMIC_RELEASE);
	engine_futex(&gate, FUTEX_WAKE_PRIVATE, INT32_MAX);
}

_Noreturn __attribute__((used)) void thread_main(struct thread *thread)
{
	if (slot_use_signal_stack(thread))
		engine_exit(1);
	__atomic_fetch_add(&ready, 1, __ATOMIC_RELEASE);
	engine_futex(&ready, FUTEX_WAKE_PRIVATE, 1);
	while (!__atomic_load_n(&gate, __ATOMIC_ACQUIRE))
		engine_futex(&gate, FUTEX_WAIT_PRIVATE, 0);
	thread_serve(thread);
}

_Noreturn void thread_serve(struct thread *thread)
{
	for (;;) {
		long result =
			engine_ioctl(CAUSEWAY_ENGINE_FD_VM, CAUSEWAY_ENGINE_NEXT, &thread->next);

		if (result == 0)
			job_run(thread);
		else if (result != -EINTR)
			engine_exit(result == -ESHUTDOWN ? 0 : 1);
	}
}
