/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"

#define UNREAD (1u << CW_LOG_COUNT)

struct group {
	const char *name;
	bool on;
	const char *comment;
};

static const struct group groups[CW_LOG_COUNT] = {
#define CW_LOG_GROUP(group, name, on, comment) {name, on, comment},
	CW_LOG_GROUPS(CW_LOG_GROUP)
#undef CW_LOG_GROUP
};

_Static_assert(CW_LOG_COUNT < 32, "one bit a group");

atomic_uint cw_log_mask = UNREAD;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static unsigned default_mask(void)
{
	unsigned mask = 0;

	for (unsigned i = 0; i < CW_LOG_COUNT; i++)
		mask |= groups[i].on ? 1u << i : 0;
	return mask;
}

static bool is_word(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && !memcmp(text, word, length);
}

static void apply_word(const char *text, size_t length, unsigned *mask, bool *help_out)
{
	if (is_word(text, length, "all"))
		*mask = UNREAD - 1;
	else if (is_word(text, length, "none"))
		*mask = 0;
	else if (is_word(text, length, "help"))
		*help_out = true;
	for (unsigned i = 0; i < CW_LOG_COUNT; i++) {
		if (is_word(text, length, groups[i].name))
			*mask |= 1u << i;
		else if (*text == '-' && is_word(text + 1, length - 1, groups[i].name))
			*mask &= ~(1u << i);
	}
}

unsigned cw_log_parse(const char *text, bool *help_out)
{
	unsigned mask = default_mask();

	*help_out = false;
	while (*text) {
		size_t length = strcspn(text, ", ");

		if (length)
			apply_word(text, length, &mask, help_out);
		text += length;
		text += strspn(text, ", ");
	}
	return mask;
}

static void print_help(void)
{
	fprintf(stderr, "CAUSEWAY_DEBUG takes a list of groups; all, none and -group work too:\n");
	for (unsigned i = 0; i < CW_LOG_COUNT; i++)
		fprintf(stderr, "  %-10s %s%s\n", groups[i].name, groups[i].comment,
			groups[i].on ? " (on by default)" : "");
	fprintf(stderr, "Environment variables:\n");
	cw_config_print(stderr);
}

static void read_mask(void)
{
	bool help;
	unsigned mask = cw_log_parse(cw_config()->debug, &help);

	atomic_store_explicit(&cw_log_mask, mask, memory_order_relaxed);
	if (help)
		print_help();
}

bool cw_log_enabled_slow(enum cw_log_group group)
{
	pthread_once(&once, read_mask);
	return atomic_load_explicit(&cw_log_mask, memory_order_relaxed) >> group & 1;
}

static int clamp(int length, size_t room)
{
	if (length < 0)
		return 0;
	return (size_t)length < room ? length : (int)room - 1;
}

void cw_log_vwrite(enum cw_log_group group, const char *format, va_list args)
{
	int saved_errno = errno;
	uint64_t now = cw_clock_ns();
	char line[2048];
	size_t room = sizeof(line) - 1;
	int length;

	length = clamp(snprintf(line, room, "causeway %d.%d %llu.%06llu %s: ", getpid(), gettid(),
				(unsigned long long)(now / 1000000000u),
				(unsigned long long)(now / 1000u % 1000000u), groups[group].name),
		       room);
	length += clamp(vsnprintf(line + length, room - (size_t)length, format, args),
			room - (size_t)length);
	line[length++] = '\n';
	(void)!write(STDERR_FILENO, line, (size_t)length);
	errno = saved_errno;
}

void cw_log_write(enum cw_log_group group, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	cw_log_vwrite(group, format, args);
	va_end(args);
}
