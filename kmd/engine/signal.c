/* SPDX-License-Identifier: MIT */
/*
 * Signals: how a thread leaves a job that it can't finish.
 *
 * Faults come with the thread inside engine_enter(); so does the stop signal,
 * or else the thread is on its way into the job: then the handler notes the
 * job's number, and run_guarded() looks at it before it goes on.  The driver
 * sends the stop signal only while the thread has the job, so a number that
 * isn't the present job's can't be that of a later one.
 */
#include "engine.h"
#include "syscall.h"
#include <asm/sigcontext.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/ucontext.h>

#define PAGE_FAULT	 14
#define PAGE_FAULT_WRITE 2

/* As the kernel's headers for user space have it, with the restorer that libc hides. */
struct action {
	void (*handler)(int signal, siginfo_t *info, void *context);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

struct context {
	unsigned long flags;
	struct ucontext *link;
	stack_t stack;
	struct sigcontext registers;
};

int engine_enter(void (*body)(void *argument), void *argument, struct guard *guard);
__attribute__((visibility("hidden"))) void engine_recover(void);
__attribute__((visibility("hidden"))) void engine_restore(void);

__asm__(".text\n"
	".hidden engine_enter\n"
	".globl engine_enter\n"
	".type engine_enter, @function\n"
	".p2align 4\n"
	"engine_enter:\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rdx, %rbx\n"
	"	movq %rsp, (%rbx)\n"
	"	subq $8, %rsp\n"
	"	movq %rdi, %rax\n"
	"	movq %rsi, %rdi\n"
	"	callq *%rax\n"
	"	movl $1, %eax\n"
	"1:	movq (%rbx), %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	retq\n"
	/* Here with %rbx = guard. */
	".hidden engine_recover\n"
	".globl engine_recover\n"
	"engine_recover:\n"
	"	cld\n"
	"	xorl %eax, %eax\n"
	"	jmp 1b\n"
	".size engine_enter, . - engine_enter\n"
	".hidden engine_restore\n"
	".globl engine_restore\n"
	"engine_restore:\n"
	"	movl $15, %eax\n"
	"	syscall\n"
	"	ud2\n");

_Static_assert(offsetof(struct guard, stack) == 0, "engine_enter() knows where it is");
_Static_assert(__NR_rt_sigreturn == 15, "engine_restore() knows the number");

static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS};
#define NUM_FAULTS (sizeof(faults) / sizeof(faults[0]))

static void leave(struct guard *guard, int signal, const siginfo_t *info,
		  struct sigcontext *registers)
{
	guard->active = 0;
	guard->signal = (uint32_t)signal;
	guard->ip = registers->rip;
	guard->address = 0;
	guard->access = 0;
	if (signal == SIGSEGV || signal == SIGBUS)
		guard->address = (uint64_t)info->si_addr;
	if (registers->trapno == PAGE_FAULT)
		guard->access = registers->err & PAGE_FAULT_WRITE ? DRM_CAUSEWAY_EVENT_WRITE
								  : DRM_CAUSEWAY_EVENT_READ;
	registers->rbx = (uint64_t)guard;
	registers->rip = (uint64_t)engine_recover;
}

static void on_signal(int signal, siginfo_t *info, void *context)
{
	struct sigcontext *registers = &((struct context *)context)->registers;
	struct thread *thread = thread_self();

	if (signal == STOP_SIGNAL) {
		uint64_t job = (uint64_t)info->si_ptr;

		thread->stop = job;
		if (job != thread->next.job || !thread->guard.active)
			return;
	} else if (info->si_code <= 0) {
		return; /* sent by somebody */
	} else if (!thread->guard.active) {
		engine_exit(128 + signal);
	}
	leave(&thread->guard, signal, info, registers);
}

static int handle(int signal)
{
	const struct action action = {
		.handler = on_signal,
		.flags = SA_SIGINFO | SA_ONSTACK | SA_RESTORER,
		.restorer = engine_restore,
		.mask = ~0ull,
	};

	return (int)engine_syscall6(__NR_rt_sigaction, signal, (long)&action, 0,
				    sizeof(action.mask), 0, 0);
}

static uint64_t mask_of(int signal)
{
	return 1ull << (signal - 1);
}

/* All others are blocked: what a terminal sends is for the client. */
int signals_init(void)
{
	uint64_t mask = ~mask_of(STOP_SIGNAL);
	int error = handle(STOP_SIGNAL);

	for (size_t i = 0; i < NUM_FAULTS && !error; i++) {
		error = handle(faults[i]);
		mask &= ~mask_of(faults[i]);
	}
	if (error)
		return error;
	return (int)engine_syscall6(__NR_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof(mask),
				    0, 0);
}

bool run_guarded(struct thread *thread, void (*body)(void *argument), void *argument)
{
	bool is_fine;

	thread->guard.active = 1;
	if (thread->stop == thread->next.job) {
		thread->guard.active = 0;
		thread->guard.signal = STOP_SIGNAL;
		return false;
	}
	is_fine = engine_enter(body, argument, &thread->guard);
	thread->guard.active = 0;
	return is_fine;
}
