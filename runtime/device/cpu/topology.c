/* SPDX-License-Identifier: MIT */
/* CPUs and NUMA nodes. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/config.h"
#include "device/cpu/cpu.h"

#define MOST_NODES 1024
#define MOST_CPUS  8192

/* Numbers in a list such as "0-3,8"; *highest_out is the last. */
static unsigned count_list(const char *text, unsigned *highest_out)
{
	unsigned count = 0;
	char *end;

	*highest_out = 0;
	for (;;) {
		unsigned long first = strtoul(text, &end, 10);
		unsigned long last = first;

		if (end == text)
			return count;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		count += (unsigned)(last - first) + 1;
		*highest_out = (unsigned)last;
		if (*end != ',')
			return count;
		text = end + 1;
	}
}

/* How many nodes are online, and the highest. */
static unsigned online_nodes(unsigned *highest_out)
{
	FILE *file = fopen("/sys/devices/system/node/online", "re");
	char text[256] = "";
	unsigned count;

	*highest_out = 0;
	if (!file)
		return 1;
	if (!fgets(text, sizeof(text), file))
		text[0] = 0;
	fclose(file);
	count = count_list(text, highest_out);
	return count ? count : 1;
}

unsigned cw_cpu_num_nodes(void)
{
	unsigned highest;

	return online_nodes(&highest);
}

unsigned cw_cpu_node(unsigned cpu)
{
	unsigned highest;
	char path[80];

	if (online_nodes(&highest) == 1)
		return 0;
	for (unsigned node = 0; node <= highest && node < MOST_NODES; node++) {
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/node%u", cpu, node);
		if (!access(path, F_OK))
			return node;
	}
	return 0;
}

static int compare_by_node(const void *one, const void *other)
{
	unsigned a = *(const unsigned *)one;
	unsigned b = *(const unsigned *)other;
	unsigned node_a = cw_cpu_node(a);
	unsigned node_b = cw_cpu_node(b);

	if (node_a != node_b)
		return node_a < node_b ? -1 : 1;
	return a < b ? -1 : a > b;
}

unsigned cw_cpu_list(unsigned *cpus_out, unsigned limit)
{
	cpu_set_t *cpus = CPU_ALLOC(MOST_CPUS);
	size_t bytes = CPU_ALLOC_SIZE(MOST_CPUS);
	unsigned count = 0;

	if (cpus && !sched_getaffinity(0, bytes, cpus)) {
		for (unsigned i = 0; i < MOST_CPUS && count < limit; i++) {
			if (CPU_ISSET_S(i, bytes, cpus))
				cpus_out[count++] = i;
		}
	}
	if (cpus)
		CPU_FREE(cpus);
	if (!count)
		cpus_out[count++] = 0;
	if (cw_cpu_num_nodes() > 1)
		qsort(cpus_out, count, sizeof(*cpus_out), compare_by_node);
	return count;
}

unsigned cw_cpu_num_workers(void)
{
	static atomic_uint known;
	unsigned cpus[CW_CPU_MOST_WORKERS];
	unsigned count = atomic_load_explicit(&known, memory_order_relaxed);

	if (count)
		return count;
	count = (unsigned)cw_config()->cpu_threads;
	if (!count)
		count = cw_cpu_list(cpus, CW_CPU_MOST_WORKERS);
	if (count > CW_CPU_MOST_WORKERS)
		count = CW_CPU_MOST_WORKERS;
	atomic_store_explicit(&known, count, memory_order_relaxed);
	return count;
}
