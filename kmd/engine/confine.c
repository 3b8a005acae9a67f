/* SPDX-License-Identifier: MIT */
/*
 * Confinement: a job's code may try any system call, and gets SIGSYS for it,
 * which ends the job.  What is left is what the engine itself needs: ask for
 * jobs, return from signals, start together, say hello, exit.
 */
#include "engine.h"
#include "syscall.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>

#define WORD(field)	    ((uint32_t)offsetof(struct seccomp_data, field))
#define ARG_LOW(index)	    (WORD(args) + 8 * (index))
#define LOAD(offset)	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define RETURN(action)	    BPF_STMT(BPF_RET | BPF_K, (action))
/* Go on behind the next @skip instructions unless the loaded word is @value. */
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, (skip))
/* Allow call @number. */
#define ALLOW(number)	    UNLESS(number, 1), RETURN(SECCOMP_RET_ALLOW)
/* Allow call @number if the low half of argument @index is @value, or @other. */
#define ALLOW_IF(number, index, value, other)                                                      \
	UNLESS(number, 6), LOAD(ARG_LOW(index)), UNLESS(value, 1), RETURN(SECCOMP_RET_ALLOW),      \
		UNLESS(other, 1), RETURN(SECCOMP_RET_ALLOW), RETURN(SECCOMP_RET_TRAP)

static const struct sock_filter filter[] = {
	LOAD(WORD(arch)),
	UNLESS(AUDIT_ARCH_X86_64, 1),
	BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0),
	RETURN(SECCOMP_RET_TRAP),
	LOAD(WORD(nr)),
	/* The most frequent first.  The file is the only one that is open. */
	ALLOW_IF(__NR_ioctl, 1, CAUSEWAY_ENGINE_NEXT, CAUSEWAY_ENGINE_NEXT),
	ALLOW(__NR_rt_sigreturn),
	ALLOW(__NR_exit_group),
	ALLOW_IF(__NR_futex, 1, FUTEX_WAIT_PRIVATE, FUTEX_WAKE_PRIVATE),
	ALLOW_IF(__NR_write, 0, CAUSEWAY_ENGINE_FD_HELLO, CAUSEWAY_ENGINE_FD_HELLO),
	ALLOW_IF(__NR_close, 0, CAUSEWAY_ENGINE_FD_HELLO, CAUSEWAY_ENGINE_FD_HELLO),
	RETURN(SECCOMP_RET_TRAP),
};

int confine(void)
{
	const struct sock_fprog program = {
		.len = sizeof(filter) / sizeof(filter[0]),
		.filter = (struct sock_filter *)filter,
	};
	long result = engine_syscall6(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0);

	if (result)
		return (int)result;
	result = engine_syscall3(__NR_seccomp, SECCOMP_SET_MODE_FILTER,
				 SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW,
				 (long)&program);
	return (int)result;
}
