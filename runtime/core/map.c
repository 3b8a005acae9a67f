/* SPDX-License-Identifier: MIT */
#include "core/map.h"

#include <stdlib.h>

#include "base/lock.h"

#define WRITING (CL_MAP_WRITE | CL_MAP_WRITE_INVALIDATE_REGION)

/*
 * struct cw_mapping - one region; in the list of the buffer that owns the bytes.
 * @mem: the object it was mapped through: the buffer or a sub-buffer of it.
 */
struct cw_mapping {
	struct cw_mapping *next;
	struct cw_mem *mem;
	unsigned char *pointer;
	size_t bytes;
	cl_map_flags flags;
};

/* Guards all lists: mapping is no business of many threads at once. */
static struct cw_mutex lock = CW_MUTEX_INIT(CW_RANK_MEM);

/* Both are mapped for writing and share bytes. */
static bool collide(const struct cw_mapping *one, const struct cw_mapping *other)
{
	return one->flags & WRITING && other->flags & WRITING &&
	       one->pointer < other->pointer + other->bytes &&
	       other->pointer < one->pointer + one->bytes;
}

static bool collides_locked(const struct cw_mem *root, const struct cw_mapping *added)
{
	for (const struct cw_mapping *other = root->mappings; other; other = other->next) {
		if (collide(other, added))
			return true;
	}
	return false;
}

cl_int cw_map_add(struct cw_mem *mem, void *pointer, size_t bytes, cl_map_flags flags)
{
	struct cw_mem *root = cw_mem_root(mem);
	struct cw_mapping *added = malloc(sizeof(*added));
	bool is_wrong;

	if (!added)
		return CL_OUT_OF_HOST_MEMORY;
	*added = (struct cw_mapping){
		.mem = mem,
		.pointer = pointer,
		.bytes = bytes,
		.flags = flags,
	};
	cw_mutex_lock(&lock);
	is_wrong = collides_locked(root, added);
	if (!is_wrong) {
		added->next = root->mappings;
		root->mappings = added;
		atomic_fetch_add(&mem->map_count, 1);
	}
	cw_mutex_unlock(&lock);
	if (is_wrong)
		free(added);
	return is_wrong ? CL_INVALID_OPERATION : CL_SUCCESS;
}

/* Take out the newest region of @mem at @pointer, or anywhere where that is NULL. */
static struct cw_mapping *take_locked(struct cw_mem *mem, const void *pointer)
{
	struct cw_mapping **link = &cw_mem_root(mem)->mappings;
	struct cw_mapping *found;

	for (; (found = *link); link = &found->next) {
		if (found->mem == mem && (!pointer || found->pointer == pointer)) {
			*link = found->next;
			return found;
		}
	}
	return NULL;
}

bool cw_map_remove(struct cw_mem *mem, const void *pointer)
{
	struct cw_mapping *found = NULL;

	cw_mutex_lock(&lock);
	if (pointer)
		found = take_locked(mem, pointer);
	if (found)
		atomic_fetch_sub(&mem->map_count, 1);
	cw_mutex_unlock(&lock);
	free(found);
	return found;
}

void cw_map_finish(struct cw_mem *mem)
{
	struct cw_mapping *found;

	if (!atomic_load(&mem->map_count))
		return;
	cw_mutex_lock(&lock);
	while ((found = take_locked(mem, NULL)))
		free(found);
	cw_mutex_unlock(&lock);
}
