/* SPDX-License-Identifier: MIT */
/* The runner: a process for each case, its time limit, what it left behind. */
#include "kt.h"
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CASE_SECONDS 60
#define MAX_CASES    8192
#define REASON_BYTES 512

struct kt_options kt_options = {.seed = 1, .factor = 1.0};

static struct kt_case *cases;
static size_t case_count;

/*
 * struct report - what a case's processes tell the runner, in shared memory
 * @claimed: somebody writes the reason
 * @reason: why it failed or was skipped
 */
static struct report {
	uint32_t claimed;
	char reason[REASON_BYTES];
} *report;

void kt_add(const struct kt_case *c)
{
	if (!cases)
		cases = calloc(MAX_CASES, sizeof(*cases));
	if (!cases || case_count == MAX_CASES) {
		fprintf(stderr, "too many cases\n");
		exit(1);
	}
	cases[case_count] = *c;
	cases[case_count].name = strdup(c->name);
	case_count++;
}

void kt_add_all(const struct kt_case *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		kt_add(&list[i]);
}

static void tell(const char *format, va_list args)
{
	/* The first reason is the one that counts: what follows follows from it. */
	if (__atomic_exchange_n(&report->claimed, 1, __ATOMIC_ACQ_REL) == 0)
		vsnprintf(report->reason, sizeof(report->reason), format, args);
}

void kt_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(format, args);
	va_end(args);
	_exit(1);
}

void kt_skip(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(format, args);
	va_end(args);
	_exit(KT_EXIT_SKIP);
}

void kt_note(const char *format, ...)
{
	char line[300];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (length < 0)
		return;
	if ((size_t)length > sizeof(line) - 2)
		length = sizeof(line) - 2;
	line[length] = '\n';
	dprintf(STDOUT_FILENO, "# %.*s", length + 1, line);
}

/* ---- one case ------------------------------------------------------- */

static uint64_t memory_used(void)
{
	uint64_t used = 0;

	for (unsigned int i = 0; i < 4; i++) {
		struct drm_causeway_device_info info;
		int fd = kt_open_node(i);

		if (fd < 0)
			break;
		kt_device_info(fd, &info);
		used += info.memory_used;
		close(fd);
	}
	return used;
}

/* In the case's process. */
static void __attribute__((noreturn)) run_body(const struct kt_case *c)
{
	struct drm_causeway_device_info info = {0};
	int fd;

	setpgid(0, 0);
	signal(SIGPIPE, SIG_IGN);
	if ((c->flags & KT_ROOT) && geteuid() != 0)
		kt_skip("needs root");
	if (!(c->flags & KT_NO_NODE)) {
		fd = kt_open_node(0);
		if (fd < 0)
			kt_fail("the device has gone: %s", strerror(-fd));
		kt_device_info(fd, &info);
		close(fd);
		if ((c->flags & KT_MIGRATE) && !(info.caps & DRM_CAUSEWAY_CAP_MIGRATE))
			kt_skip("the device has no memory of its own");
		if ((c->flags & KT_TWO) && kt_instances() < 2)
			kt_skip("there is one instance");
	}
	c->run(c->param);
	_exit(0);
}

/* Wait for @pid; false: the limit passed. */
static bool wait_limited(pid_t pid, double seconds, int *status)
{
	struct pollfd p = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
	double end = kt_now() + seconds;
	bool over = false;

	if (p.fd < 0)
		return waitpid(pid, status, 0) == pid;
	while (!over) {
		double left = end - kt_now();

		if (left <= 0)
			break;
		if (poll(&p, 1, left > 60 ? 60000 : (int)(left * 1000) + 1) > 0)
			over = waitpid(pid, status, 0) == pid;
	}
	close(p.fd);
	return over;
}

/* Reap the processes of group @group, for @seconds at most; true: none is left. */
static bool reap(pid_t group, double seconds)
{
	double end = kt_now() + seconds;

	for (;;) {
		pid_t pid = waitpid(-group, NULL, WNOHANG);

		if (pid < 0 && errno == ECHILD)
			return true;
		if (pid > 0)
			continue;
		if (kt_now() > end)
			return false;
		kt_sleep_ms(2);
	}
}

/* What a case may not leave behind; the reason, or NULL. */
static const char *left_behind(const struct kt_case *c, pid_t group, uint64_t used)
{
	static char reason[120];
	double end = kt_now() + 5 * kt_options.factor;
	uint64_t now;

	if (!reap(group, 10 * kt_options.factor)) {
		kill(-group, SIGKILL);
		reap(group, 10 * kt_options.factor);
		return "a process of it is still there";
	}
	if (c->flags & (KT_UNCHECKED | KT_NO_NODE))
		return NULL;
	do {
		now = memory_used();
		if (now <= used)
			return NULL;
		kt_sleep_ms(20);
	} while (kt_now() < end);
	snprintf(reason, sizeof(reason), "%lu bytes of device memory stayed in use", now - used);
	return reason;
}

static void say(const char *verdict, const char *name, const char *reason)
{
	if (reason)
		printf("%s %s: %s\n", verdict, name, reason);
	else
		printf("%s %s\n", verdict, name);
	fflush(stdout);
}

/* Run one case and print its line; false: it failed. */
static bool run_case(const struct kt_case *c)
{
	uint64_t used = c->flags & (KT_UNCHECKED | KT_NO_NODE) ? 0 : memory_used();
	double limit = (c->seconds ? c->seconds : CASE_SECONDS) * kt_options.factor;
	char text[REASON_BYTES + 64];
	const char *left;
	int status = 0;
	bool over;
	pid_t pid;

	memset(report, 0, sizeof(*report));
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		run_body(c);
	if (pid < 0) {
		say("not ok", c->name, "fork failed");
		return false;
	}
	setpgid(pid, pid);
	over = wait_limited(pid, limit, &status);
	if (!over)
		kill(-pid, SIGKILL);
	left = left_behind(c, pid, used);
	report->reason[REASON_BYTES - 1] = '\0';
	if (!over) {
		snprintf(text, sizeof(text), "not over after %.0f s", limit);
	} else if (WIFSIGNALED(status)) {
		snprintf(text, sizeof(text), "killed by signal %d", WTERMSIG(status));
	} else if (WEXITSTATUS(status) == KT_EXIT_SKIP) {
		say("skip", c->name, report->reason);
		return true;
	} else if (WEXITSTATUS(status)) {
		snprintf(text, sizeof(text), "%s",
			 report->reason[0] ? report->reason : "it ended in an error");
	} else if (left) {
		snprintf(text, sizeof(text), "%s", left);
	} else {
		say("ok", c->name, NULL);
		return true;
	}
	say("not ok", c->name, text);
	return false;
}

/* ---- the program ---------------------------------------------------- */

static void usage(const char *program)
{
	fprintf(stderr,
		"usage: %s [-l] [-f] [-n COUNT] [-s SECONDS] [-r SEED] [-x FACTOR] [-e ENGINE] "
		"[CASE-PATTERN...]\n",
		program);
	exit(2);
}

/* A time factor; what isn't a number is refused. */
static double parse_factor(const char *text, const char *program)
{
	char *end;
	double factor = strtod(text, &end);

	if (end == text || *end || !isfinite(factor))
		usage(program);
	return factor;
}

static bool wanted(const struct kt_case *c, int argc, char **argv)
{
	if (optind == argc)
		return kt_options.full || !(c->flags & KT_FULL);
	for (int i = optind; i < argc; i++) {
		if (fnmatch(argv[i], c->name, 0) == 0)
			return true;
	}
	return false;
}

static bool parse(int argc, char **argv)
{
	const char *factor = getenv("KT_TIME_FACTOR");
	bool only_list = false;
	int option;

	if (factor)
		kt_options.factor = parse_factor(factor, argv[0]);
	while ((option = getopt(argc, argv, "lfn:s:r:x:e:")) != -1) {
		switch (option) {
		case 'l':
			only_list = true;
			break;
		case 'f':
			kt_options.full = true;
			break;
		case 'n':
			kt_options.count = strtoul(optarg, NULL, 0);
			break;
		case 's':
			kt_options.seconds = strtoul(optarg, NULL, 0);
			break;
		case 'r':
			kt_options.seed = strtoul(optarg, NULL, 0);
			break;
		case 'x':
			kt_options.factor = parse_factor(optarg, argv[0]);
			break;
		case 'e':
			setenv("CAUSEWAY_ENGINE", optarg, 1);
			break;
		default:
			usage(argv[0]);
		}
	}
	if (kt_options.factor < 1)
		kt_options.factor = 1;
	return only_list;
}

int kt_main(int argc, char **argv, void (*list)(void))
{
	size_t failed = 0, ran = 0;
	bool only_list = parse(argc, argv);
	int fd;

	list();
	if (only_list) {
		for (size_t i = 0; i < case_count; i++) {
			if (wanted(&cases[i], argc, argv))
				puts(cases[i].name);
		}
		return 0;
	}
	fd = kt_open_node(0);
	if (fd < 0) {
		printf("skip all: no causeway device (%s)\n", strerror(-fd));
		return KT_EXIT_SKIP;
	}
	close(fd);
	report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (report == MAP_FAILED)
		return 1;
	/* Engines and grandchildren come to us when their parent ends. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (size_t i = 0; i < case_count; i++) {
		if (!wanted(&cases[i], argc, argv))
			continue;
		ran++;
		failed += !run_case(&cases[i]);
	}
	if (ran == 0) {
		fprintf(stderr, "no such case\n");
		return 2;
	}
	return failed != 0;
}
