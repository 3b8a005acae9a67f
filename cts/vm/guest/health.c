/* SPDX-License-Identifier: MIT */
/*
 * How the kernel is after the tests.  The host reads its log as well; this is
 * what only the guest can see.
 */
#include "guest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KMEMLEAK    "/sys/kernel/debug/kmemleak"
#define LEAK_BYTES  (256u << 10)
/* kmemleak reports only what has been lost for five seconds, and the scan after that finds it. */
#define LEAK_AGE_MS 5500

/* Bits of /proc/sys/kernel/tainted; those of modules from elsewhere (12, 13) are as expected. */
static const struct {
	unsigned int bit;
	const char *what;
} taints[] = {
	{4, "a machine check"}, {5, "a bad page"}, {7, "an oops"},
	{9, "a warning"},	{14, "a lockup"},
};

static void check_taint(void)
{
	char text[64], reason[128] = "";
	unsigned long tainted;

	file_read("/proc/sys/kernel/tainted", text, sizeof(text));
	tainted = strtoul(text, NULL, 10);
	for (size_t i = 0; i < sizeof(taints) / sizeof(*taints); i++)
		if (tainted >> taints[i].bit & 1)
			snprintf(reason + strlen(reason), sizeof(reason) - strlen(reason), "%s%s",
				 *reason ? ", " : "", taints[i].what);
	if (*reason)
		say("@check taint\tfail\tthe kernel has seen %s", reason);
	else
		say("@check taint\tok\t%lu", tainted);
}

/* Lockdep turns itself off after its first report, and when its tables are full. */
static void check_lockdep(void)
{
	static char text[16384];
	const char *line;

	if (file_read("/proc/lockdep_stats", text, sizeof(text)) <= 0)
		return;
	line = strstr(text, "debug_locks:");
	if (line && strtoul(line + strlen("debug_locks:"), NULL, 10) == 1)
		say("@check lockdep\tok\tit watched to the end");
	else
		say("@check lockdep\tfail\tit has turned itself off; see the kernel's log");
}

static size_t count_leaks(const char *text)
{
	size_t count = 0;

	while ((text = strstr(text, "unreferenced object"))) {
		text++;
		count++;
	}
	return count;
}

static void check_leaks(void)
{
	static char text[LEAK_BYTES];
	size_t leaks;

	if (access(KMEMLEAK, F_OK))
		return;
	/* What is lost must be so in two scans, or it was on its way when the first one saw it. */
	file_write(KMEMLEAK, "scan");
	sleep_ms(LEAK_AGE_MS);
	file_write(KMEMLEAK, "scan");
	if (file_read(KMEMLEAK, text, sizeof(text)) < 0) {
		say("@check leaks\tfail\tkmemleak has turned itself off; see the kernel's log");
		return;
	}
	leaks = count_leaks(text);
	if (leaks) {
		say("@check leaks\tfail\tkmemleak found %zu objects", leaks);
		say_output(text, strlen(text));
		say_output_end();
	} else {
		say("@check leaks\tok\tkmemleak found none");
	}
}

void check_health(void)
{
	if (job.leaks)
		check_leaks();
	check_taint();
	check_lockdep();
}
