/* SPDX-License-Identifier: MIT */
/* System calls without libc; each returns what the kernel returns, -errno if it failed. */
#ifndef CAUSEWAY_ENGINE_SYSCALL_H
#define CAUSEWAY_ENGINE_SYSCALL_H

#include <asm/unistd.h>
#include <stddef.h>
#include <stdint.h>

static inline long engine_syscall6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

static inline long engine_syscall3(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(number), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
}

static inline long engine_mmap(uint64_t start, uint64_t bytes, int protection, int flags, int fd,
			       uint64_t offset)
{
	return engine_syscall6(__NR_mmap, (long)start, (long)bytes, protection, flags, fd,
			       (long)offset);
}

static inline long engine_munmap(uint64_t start, uint64_t bytes)
{
	return engine_syscall3(__NR_munmap, (long)start, (long)bytes, 0);
}

static inline long engine_ioctl(int fd, unsigned long request, void *argument)
{
	return engine_syscall3(__NR_ioctl, fd, (long)request, (long)argument);
}

static inline long engine_futex(volatile uint32_t *word, int operation, uint32_t value)
{
	return engine_syscall6(__NR_futex, (long)word, operation, (long)value, 0, 0, 0);
}

_Noreturn static inline void engine_exit(int status)
{
	for (;;)
		engine_syscall3(__NR_exit_group, status, 0, 0);
}

#endif
