/* SPDX-License-Identifier: MIT */
/* What machine is this? CPUID, sysfs, limits. */
#include <cpuid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/config.h"
#include "base/log.h"
#include "device/cpu/cpu.h"

/* Largest work-group: an array of this many chunk frames must stay reasonable. */
#define MAX_GROUP_ITEMS 4096

static uint64_t enabled_states(void)
{
	uint32_t low;
	uint32_t high;

	__asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

/* The best class whose instructions the processor has and the system saves registers for. */
static enum cwc_isa best_isa(void)
{
	const uint32_t avx512 =
		bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL;
	const uint32_t avx2 = bit_AVX2 | bit_BMI | bit_BMI2;
	const uint32_t avx = bit_FMA | bit_AVX | bit_F16C | bit_OSXSAVE | bit_MOVBE;
	uint32_t a, b, c, d;
	uint32_t features;
	uint64_t states;

	__cpuid(1, a, b, features, d);
	if ((features & avx) != avx)
		return CWC_ISA_SSE4;
	__cpuid_count(7, 0, a, b, c, d);
	states = enabled_states();
	if ((b & avx2) != avx2 || (states & 0x6) != 0x6)
		return CWC_ISA_SSE4;
	if ((b & avx512) != avx512 || (states & 0xe6) != 0xe6)
		return CWC_ISA_AVX2;
	return CWC_ISA_AVX512;
}

static enum cwc_isa chosen_isa(void)
{
	static const char *const names[] = {
		[CWC_ISA_SSE4] = "sse4",
		[CWC_ISA_AVX2] = "avx2",
		[CWC_ISA_AVX512] = "avx512",
	};
	const char *wanted = cw_config()->cpu_isa;
	enum cwc_isa best = best_isa();

	if (!wanted[0])
		return best;
	for (enum cwc_isa isa = CWC_ISA_SSE4; isa <= CWC_ISA_AVX512; isa++) {
		if (strcmp(names[isa], wanted) != 0)
			continue;
		if (isa <= best)
			return isa;
		cw_log(WARN, "CAUSEWAY_CPU_ISA=%s: this processor has only %s", wanted,
		       names[best]);
		return best;
	}
	cw_log(WARN, "CAUSEWAY_CPU_ISA=%s is none of sse4, avx2, avx512", wanted);
	return best;
}

/* The processor's own name, without the blanks around it. */
static const char *brand(void)
{
	static char name[49];
	uint32_t words[12];
	char *start = (char *)words;
	size_t length;

	if (__get_cpuid_max(0x80000000, NULL) < 0x80000004)
		return "x86-64 processor";
	for (size_t i = 0; i < 3; i++)
		__cpuid(0x80000002 + (unsigned)i, words[4 * i], words[4 * i + 1], words[4 * i + 2],
			words[4 * i + 3]);
	length = strnlen(start, sizeof(words));
	while (length && *start == ' ') {
		start++;
		length--;
	}
	while (length && start[length - 1] == ' ')
		length--;
	memcpy(name, start, length);
	name[length] = 0;
	return name;
}

static const char *vendor(cl_uint *id_out)
{
	static char name[13];
	uint32_t leaf, words[3];

	__cpuid(0, leaf, words[0], words[2], words[1]);
	memcpy(name, words, 12);
	*id_out = 0;
	if (!strcmp(name, "GenuineIntel"))
		*id_out = 0x8086;
	else if (!strcmp(name, "AuthenticAMD"))
		*id_out = 0x1022;
	return name;
}

/* A number, perhaps with a K or M, from a one-line file; 0 when there is none. */
static uint64_t read_number(const char *path)
{
	FILE *file = fopen(path, "re");
	char text[64] = "";
	uint64_t number;
	char *unit;

	if (!file)
		return 0;
	if (!fgets(text, sizeof(text), file))
		text[0] = 0;
	fclose(file);
	number = strtoull(text, &unit, 10);
	if (*unit == 'K')
		return number << 10;
	if (*unit == 'M')
		return number << 20;
	return number;
}

/* The largest data cache that CPU 0 sees. */
static uint64_t cache_bytes(void)
{
	uint64_t largest = 0;
	char path[80];

	for (unsigned i = 0; i < 8; i++) {
		uint64_t bytes;

		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu0/cache/index%u/size", i);
		bytes = read_number(path);
		if (bytes > largest)
			largest = bytes;
	}
	return largest ? largest : 256 << 10;
}

static unsigned cache_line_bytes(void)
{
	uint64_t bytes =
		read_number("/sys/devices/system/cpu/cpu0/cache/index0/coherency_line_size");

	return bytes ? (unsigned)bytes : 64;
}

/* Ticks of the time-stamp counter in 20 us, where nobody tells the clock. */
static unsigned measured_mhz(void)
{
	struct timespec begin;
	struct timespec now;
	uint64_t ticks = cw_cpu_ticks();
	int64_t ns;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
		ns = (now.tv_sec - begin.tv_sec) * 1000000000 + now.tv_nsec - begin.tv_nsec;
	} while (ns < 20000);
	return (unsigned)((cw_cpu_ticks() - ticks) * 1000 / (uint64_t)ns);
}

static unsigned clock_mhz(void)
{
	uint64_t khz = read_number("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq");
	uint32_t a = 0, b, c, d;

	if (khz)
		return (unsigned)(khz / 1000);
	if (__get_cpuid(0x16, &a, &b, &c, &d) && a & 0xffff)
		return a & 0xffff;
	return measured_mhz();
}

/* What this process may have: the machine's memory, its control group, its address space. */
static uint64_t memory_bytes(void)
{
	uint64_t bytes = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t group = read_number("/sys/fs/cgroup/memory.max");
	struct rlimit space;

	if (cw_config()->cpu_global_memory)
		return cw_config()->cpu_global_memory;
	if (group && group < bytes)
		bytes = group;
	if (!getrlimit(RLIMIT_AS, &space) && space.rlim_cur != RLIM_INFINITY &&
	    space.rlim_cur < bytes)
		bytes = space.rlim_cur;
	return bytes;
}

static unsigned width_of(enum cwc_isa isa)
{
	switch (isa) {
	case CWC_ISA_AVX512:
		return 16;
	case CWC_ISA_AVX2:
		return 8;
	default:
		return 4;
	}
}

void cw_cpu_identify(struct cw_device_caps *caps)
{
	struct timespec resolution = {.tv_nsec = 1};

	clock_getres(CLOCK_MONOTONIC, &resolution);
	caps->type = CL_DEVICE_TYPE_CPU;
	caps->name = brand();
	caps->vendor = vendor(&caps->vendor_id);
	caps->isa = chosen_isa();
	caps->clock_mhz = clock_mhz();
	caps->global_mem_bytes = memory_bytes();
	caps->max_alloc_bytes = caps->global_mem_bytes;
	caps->global_cache_bytes = cache_bytes();
	caps->cache_line_bytes = cache_line_bytes();
	caps->local_mem_bytes = cw_config()->cpu_local_memory;
	caps->max_group_items = MAX_GROUP_ITEMS;
	caps->printf_bytes = cw_config()->printf_buffer;
	caps->svm = CL_DEVICE_SVM_COARSE_GRAIN_BUFFER | CL_DEVICE_SVM_FINE_GRAIN_BUFFER |
		    CL_DEVICE_SVM_FINE_GRAIN_SYSTEM | CL_DEVICE_SVM_ATOMICS;
	caps->timer_resolution_ns = (uint64_t)resolution.tv_nsec;
	caps->numa_nodes = cw_cpu_num_nodes();
	caps->preferred_width = width_of(caps->isa);
}
