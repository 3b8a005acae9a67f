/* SPDX-License-Identifier: MIT */
/* The address space: the arena in the window, the mirror around it, and no more. */
#include "engine.h"
#include "syscall.h"
#include <linux/mman.h>

static int map_shared(uint64_t start, uint64_t bytes, int protection, int fd, uint64_t offset)
{
	long result = engine_mmap(start, bytes, protection, MAP_SHARED | MAP_NORESERVE | MAP_FIXED,
				  fd, offset);

	return result < 0 ? (int)result : 0;
}

int window_map_arena(void)
{
	int error = map_shared(CAUSEWAY_WINDOW_CODE, CAUSEWAY_WINDOW_CODE_BYTES,
			       PROT_READ | PROT_EXEC, CAUSEWAY_ENGINE_FD_ARENA, 0);

	if (!error)
		error = map_shared(CAUSEWAY_WINDOW_DATA, CAUSEWAY_WINDOW_DATA_BYTES,
				   PROT_READ | PROT_WRITE, CAUSEWAY_ENGINE_FD_ARENA,
				   CAUSEWAY_WINDOW_CODE_BYTES);
	engine_syscall3(__NR_close, CAUSEWAY_ENGINE_FD_ARENA, 0, 0);
	return error;
}

/* The old stack, the vdso, whatever the kernel or a tracer put there. */
int window_unmap_others(void)
{
	long result = engine_munmap(0, CAUSEWAY_WINDOW_START);

	if (!result)
		result = engine_munmap(CAUSEWAY_WINDOW_END, MIRROR_END - CAUSEWAY_WINDOW_END);
	return (int)result;
}

int window_map_mirror(void)
{
	int error = map_shared(MIRROR_START, CAUSEWAY_WINDOW_START - MIRROR_START,
			       PROT_READ | PROT_WRITE, CAUSEWAY_ENGINE_FD_VM, MIRROR_START);

	if (!error)
		error = map_shared(CAUSEWAY_WINDOW_END, MIRROR_END - CAUSEWAY_WINDOW_END,
				   PROT_READ | PROT_WRITE, CAUSEWAY_ENGINE_FD_VM,
				   CAUSEWAY_WINDOW_END);
	return error;
}
