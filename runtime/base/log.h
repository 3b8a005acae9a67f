/* SPDX-License-Identifier: MIT */
/*
 * The log: one line a message on stderr, for the groups of CAUSEWAY_DEBUG.
 *
 * A message that is off costs one load and one branch.  Each line is one
 * write(), so lines of different threads and processes never mix.
 */
#ifndef CW_LOG_H
#define CW_LOG_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>

/* X(GROUP, "name", on by default, "what it shows") */
#define CW_LOG_GROUPS(X)                                                                           \
	X(WARN, "warn", true, "what the user should know: capabilities off, settings ignored")     \
	X(FAULT, "fault", true, "faults in kernels")                                               \
	X(API, "api", false, "every OpenCL call")                                                  \
	X(CHECK, "check", false, "why a call returned an error")                                   \
	X(DEVICE, "device", false, "devices: what was found, how it is set up")                    \
	X(QUEUE, "queue", false, "commands: queued, ready, done; edges between them")              \
	X(COMPILE, "compile", false, "builds, code generation, the compile worker")                \
	X(SVM, "svm", false, "shared virtual memory")                                              \
	X(MEM, "mem", false, "memory objects")                                                     \
	X(CPU, "cpu", false, "workers of the cpu device")                                          \
	X(REF, "ref", false, "creation and end of objects")

enum cw_log_group {
#define CW_LOG_GROUP(group, name, on, comment) CW_LOG_##group,
	CW_LOG_GROUPS(CW_LOG_GROUP)
#undef CW_LOG_GROUP
		CW_LOG_COUNT
};

/* One bit a group; bit CW_LOG_COUNT means that CAUSEWAY_DEBUG was not read yet. */
extern atomic_uint cw_log_mask;

bool cw_log_enabled_slow(enum cw_log_group group);

static inline bool cw_log_enabled(enum cw_log_group group)
{
	unsigned mask = atomic_load_explicit(&cw_log_mask, memory_order_relaxed);

	if (__builtin_expect(!(mask & (1u << group | 1u << CW_LOG_COUNT)), 1))
		return false;
	return cw_log_enabled_slow(group);
}

/* Write unconditionally.  errno stays as it was. */
__attribute__((format(printf, 2, 3), cold)) void cw_log_write(enum cw_log_group group,
							      const char *format, ...);
__attribute__((format(printf, 2, 0), cold)) void cw_log_vwrite(enum cw_log_group group,
							       const char *format, va_list args);

/* cw_log(QUEUE, "command %lu done", id) */
#define cw_log(group, ...)                                                                         \
	do {                                                                                       \
		if (cw_log_enabled(CW_LOG_##group))                                                \
			cw_log_write(CW_LOG_##group, __VA_ARGS__);                                 \
	} while (0)

/* Parse a CAUSEWAY_DEBUG value to a mask; unknown names are skipped, *@help_out set by "help". */
unsigned cw_log_parse(const char *text, bool *help_out);

#endif
