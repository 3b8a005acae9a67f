/* SPDX-License-Identifier: MIT */
/*
 * Faults in kernels.
 *
 * DOC: how a thread gets out of a kernel
 *
 * A kernel is entered by cw_cpu_enter (below), which saves what a called
 * function must preserve, notes the stack pointer in the lane's guard and goes
 * over to the lane's stack.  A fault between entry and return, on a thread
 * whose guard is active, was raised by kernel code: the handler writes down
 * what happened and makes the thread go on at cw_cpu_recover, which goes back
 * to the noted stack pointer and returns 0 from cw_cpu_enter.  Kernel code
 * holds no locks and owns nothing, so nothing is lost on the way.  Faults of
 * everybody else go to whoever handled them before us.
 *
 * A handler that the application installs after ours sees the faults of kernels
 * first; handing on what it does not know is up to it.
 *
 * The handler runs on the thread's signal stack, so a kernel may well have used
 * up its own.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

#include "base/config.h"
#include "base/log.h"
#include "device/cpu/cpu.h"

/* int cw_cpu_enter(body, argument, stack_top, guard): 1, or 0 after a fault. */
int cw_cpu_enter(void (*body)(void *argument), void *argument, void *stack_top,
		 struct cw_cpu_guard *guard);
void cw_cpu_recover(void);

__asm__(".text\n"
	".hidden cw_cpu_enter\n"
	".globl cw_cpu_enter\n"
	".type cw_cpu_enter, @function\n"
	".p2align 4\n"
	"cw_cpu_enter:\n"
	"	.cfi_startproc\n"
	"	pushq %rbp\n"
	"	.cfi_def_cfa_offset 16\n"
	"	.cfi_offset %rbp, -16\n"
	"	movq %rsp, %rbp\n"
	"	.cfi_def_cfa_register %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rcx, %rbx\n"
	"	movq %rsp, (%rcx)\n"
	"	movq %rdi, %rax\n"
	"	movq %rsi, %rdi\n"
	"	movq %rdx, %rsp\n"
	"	callq *%rax\n"
	"	movl $1, %eax\n"
	"1:	movq (%rbx), %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	.cfi_def_cfa %rsp, 8\n"
	"	retq\n"
	"	.hidden cw_cpu_recover\n"
	"	.globl cw_cpu_recover\n"
	"cw_cpu_recover:\n"
	"	.cfi_def_cfa %rbp, 16\n"
	"	cld\n"
	"	xorl %eax, %eax\n"
	"	jmp 1b\n"
	"	.cfi_endproc\n"
	"	.size cw_cpu_enter, . - cw_cpu_enter\n");

static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
#define NUM_SIGNALS (sizeof(signals) / sizeof(signals[0]))

/* Who handled them before us; written before our handler is in place. */
static struct sigaction before[NUM_SIGNALS];

/* The guard of the thread's lane while it is inside a kernel. */
static cw_tls struct cw_cpu_guard *volatile my_guard;

/* Let the default action happen: the instruction that faulted runs again. */
static void act_by_default(int signal, const siginfo_t *info)
{
	struct sigaction action = {.sa_handler = SIG_DFL};

	sigemptyset(&action.sa_mask);
	sigaction(signal, &action, NULL);
	if (info->si_code <= 0)
		raise(signal); /* sent by kill(): nothing would run again */
}

static void hand_on(int signal, siginfo_t *info, void *context)
{
	const struct sigaction *action = NULL;
	sigset_t mask;

	for (size_t i = 0; i < NUM_SIGNALS; i++) {
		if (signals[i] == signal)
			action = &before[i];
	}
	if (action->sa_handler == SIG_IGN && info->si_code <= 0)
		return;
	if (action->sa_handler == SIG_DFL || action->sa_handler == SIG_IGN) {
		act_by_default(signal, info);
		return;
	}
	pthread_sigmask(SIG_BLOCK, &action->sa_mask, &mask);
	if (action->sa_flags & SA_SIGINFO)
		action->sa_sigaction(signal, info, context);
	else
		action->sa_handler(signal);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
	struct cw_cpu_guard *guard = my_guard;
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	if (!guard || !guard->is_active || info->si_code <= 0) {
		hand_on(signal, info, context);
		return;
	}
	guard->is_active = false;
	guard->signal = signal;
	guard->code = info->si_code;
	guard->address = (uintptr_t)info->si_addr;
	guard->error = (uint64_t)registers[REG_ERR];
	guard->instruction = (uintptr_t)registers[REG_RIP];
	guard->depth = (uintptr_t)registers[REG_RSP];
	registers[REG_RBX] = (greg_t)guard;
	registers[REG_RIP] = (greg_t)cw_cpu_recover;
}

static void install(void)
{
	struct sigaction action = {
		.sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO | SA_ONSTACK,
	};

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < NUM_SIGNALS; i++)
		sigaction(signals[i], NULL, &before[i]);
	for (size_t i = 0; i < NUM_SIGNALS; i++)
		sigaction(signals[i], &action, NULL);
}

void cw_cpu_faults_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	if (cw_config()->cpu_faults)
		pthread_once(&once, install);
}

bool cw_cpu_call_guarded(struct cw_cpu_lane *lane, void (*body)(void *argument), void *argument)
{
	struct cw_cpu_guard *guard = &lane->guard;
	bool is_fine;

	my_guard = guard;
	guard->is_active = true;
	is_fine = cw_cpu_enter(body, argument, lane->stack.base + lane->stack.bytes, guard);
	guard->is_active = false;
	my_guard = NULL;
	return is_fine;
}

static const char *signal_name(int signal)
{
	switch (signal) {
	case SIGSEGV:
		return "SIGSEGV";
	case SIGBUS:
		return "SIGBUS";
	case SIGFPE:
		return "SIGFPE";
	default:
		return "SIGILL";
	}
}

/*
 * The address lies in the inaccessible page below the lane's stack, or just
 * under that, and the stack was used up: another mapping may lie there as well.
 */
static bool is_stack_overflow(const struct cw_cpu_lane *lane)
{
	const uintptr_t near = 64 << 10, base = (uintptr_t)lane->stack.base;

	return lane->guard.address < base && base - lane->guard.address <= near &&
	       lane->guard.depth < base + near;
}

void cw_cpu_fault_text(const struct cw_cpu_lane *lane, char *text_out, size_t bytes)
{
	const struct cw_cpu_guard *guard = &lane->guard;
	const char *name = signal_name(guard->signal);
	const char *access = "read from";

	if (guard->error & 2)
		access = "write to";
	if (guard->error & 16)
		access = "jump to";
	if (guard->signal == SIGFPE && guard->code == FPE_INTDIV)
		snprintf(text_out, bytes, "%s: integer division by zero or overflow", name);
	else if (guard->signal == SIGFPE || guard->signal == SIGILL)
		snprintf(text_out, bytes, "%s at instruction %#lx", name, guard->instruction);
	else if (is_stack_overflow(lane))
		snprintf(text_out, bytes, "%s: stack overflow", name);
	else if (guard->signal == SIGSEGV && guard->code == SI_KERNEL)
		snprintf(text_out, bytes, "%s: address that no pointer can have", name);
	else
		snprintf(text_out, bytes, "%s: %s %#lx", name, access, guard->address);
}
