/* SPDX-License-Identifier: MIT */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t round_up(size_t bytes, size_t unit)
{
	return (bytes + unit - 1) & ~(unit - 1);
}

static size_t mapped_bytes(size_t bytes)
{
	return round_up(bytes, (size_t)sysconf(_SC_PAGESIZE));
}

/* Map more than needed and give back what lies outside of the aligned part. */
static void *map_aligned(size_t bytes, size_t alignment)
{
	size_t length = mapped_bytes(bytes);
	size_t before;
	char *map;

	if (length < bytes || length > SIZE_MAX - alignment)
		return NULL;
	map = mmap(NULL, length + alignment, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		   -1, 0);
	if (map == MAP_FAILED)
		return NULL;
	before = round_up((uintptr_t)map, alignment) - (uintptr_t)map;
	if (before)
		munmap(map, before);
	if (before < alignment)
		munmap(map + before + length, alignment - before);
	madvise(map + before, length, MADV_HUGEPAGE);
	return map + before;
}

void *cw_memory_alloc(size_t bytes, size_t alignment)
{
	void *memory;

	if (bytes >= CW_MEMORY_HUGE)
		return map_aligned(bytes, alignment > CW_MEMORY_HUGE ? alignment : CW_MEMORY_HUGE);
	if (alignment < sizeof(void *))
		alignment = sizeof(void *);
	return posix_memalign(&memory, alignment, bytes) ? NULL : memory;
}

void cw_memory_free(void *memory, size_t bytes)
{
	if (!memory)
		return;
	if (bytes >= CW_MEMORY_HUGE)
		munmap(memory, mapped_bytes(bytes));
	else
		free(memory);
}
