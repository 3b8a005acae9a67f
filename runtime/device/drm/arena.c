/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device/drm/drm.h"

#define LEAST_CLASS 7u /* 128 bytes */
/* Blocks from this size on give their memory back to the system when they are freed. */
#define PUNCH_BYTES (1ull << 20)

static void *at(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

/* The whole window, inaccessible; it isn't the child's after fork(). */
static int reserve_window(void)
{
	void *window =
		mmap(at(CAUSEWAY_WINDOW_START), CAUSEWAY_WINDOW_SIZE, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (window == MAP_FAILED)
		return -errno;
	if (window != at(CAUSEWAY_WINDOW_START)) {
		/* A kernel that doesn't know MAP_FIXED_NOREPLACE took it for a hint. */
		munmap(window, CAUSEWAY_WINDOW_SIZE);
		return -EEXIST;
	}
	if (madvise(window, CAUSEWAY_WINDOW_SIZE, MADV_DONTFORK)) {
		munmap(window, CAUSEWAY_WINDOW_SIZE);
		return -errno;
	}
	return 0;
}

static int map_file(int memfd)
{
	void *shared;

	if (ftruncate(memfd, CAUSEWAY_WINDOW_CODE_BYTES + CAUSEWAY_WINDOW_DATA_BYTES))
		return -errno;
	shared = mmap(at(CAUSEWAY_WINDOW_CODE),
		      CAUSEWAY_WINDOW_CODE_BYTES + CAUSEWAY_WINDOW_DATA_BYTES,
		      PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE | MAP_FIXED, memfd, 0);
	if (shared == MAP_FAILED)
		return -errno;
	return madvise(shared, CAUSEWAY_WINDOW_CODE_BYTES + CAUSEWAY_WINDOW_DATA_BYTES,
		       MADV_DONTFORK)
		       ? -errno
		       : 0;
}

static void region_init(struct cw_drm_region *region, uint64_t address, uint64_t bytes,
			uint64_t file_offset)
{
	cw_mutex_init(&region->lock, CW_RANK_ARENA);
	region->base = at(address);
	region->bytes = bytes;
	region->file_offset = file_offset;
}

int cw_drm_arena_init(struct cw_drm_arena *arena)
{
	int error = reserve_window();

	if (error)
		return error;
	arena->memfd = memfd_create("causeway-arena", MFD_CLOEXEC);
	error = arena->memfd < 0 ? -errno : map_file(arena->memfd);
	region_init(&arena->code, CAUSEWAY_WINDOW_CODE, CAUSEWAY_WINDOW_CODE_BYTES, 0);
	region_init(&arena->data, CAUSEWAY_WINDOW_DATA, CAUSEWAY_WINDOW_DATA_BYTES,
		    CAUSEWAY_WINDOW_CODE_BYTES);
	if (error)
		cw_drm_arena_finish(arena);
	return error;
}

void cw_drm_arena_finish(struct cw_drm_arena *arena)
{
	munmap(at(CAUSEWAY_WINDOW_START), CAUSEWAY_WINDOW_SIZE);
	if (arena->memfd >= 0)
		close(arena->memfd);
	cw_mutex_finish(&arena->code.lock);
	cw_mutex_finish(&arena->data.lock);
}

static unsigned class_of(uint64_t bytes)
{
	unsigned class = LEAST_CLASS;

	while (class <= CW_DRM_CLASSES && 1ull << class < bytes)
		class ++;
	return class;
}

/* Take a new block off the unused end, aligned to its size as far as a page. */
static void *extend_locked(struct cw_drm_region *region, unsigned class) cw_must_hold(&region->lock)
{
	uint64_t bytes = 1ull << class;
	uint64_t align = bytes < 4096 ? bytes : 4096;
	uint64_t start = (region->used + align - 1) / align * align;

	if (start > region->bytes || bytes > region->bytes - start)
		return NULL;
	region->used = start + bytes;
	return region->base + start;
}

void *cw_drm_region_alloc(struct cw_drm_region *region, uint64_t bytes)
{
	unsigned class = class_of(bytes);
	void *block;

	if (class > CW_DRM_CLASSES)
		return NULL;
	cw_mutex_lock(&region->lock);
	block = region->free[class];
	if (block)
		memcpy(&region->free[class], block, sizeof(block));
	else
		block = extend_locked(region, class);
	cw_mutex_unlock(&region->lock);
	return block;
}

void cw_drm_region_free(struct cw_drm_region *region, void *block, uint64_t bytes)
{
	unsigned class = class_of(bytes);

	if (!block)
		return;
	if (1ull << class >= PUNCH_BYTES)
		madvise(block, 1ull << class, MADV_REMOVE);
	cw_mutex_lock(&region->lock);
	memcpy(block, &region->free[class], sizeof(block));
	region->free[class] = block;
	cw_mutex_unlock(&region->lock);
}
