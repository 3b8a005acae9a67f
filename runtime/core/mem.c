/* SPDX-License-Identifier: MIT */
#include "core/mem.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/ref.h"
#include "core/context.h"
#include "core/destructor.h"
#include "core/map.h"
#include "core/properties.h"

/* CL_DEVICE_MEM_BASE_ADDR_ALIGN in bytes: the size of long16. */
#define BASE_ALIGNMENT 128

#define ACCESS_FLAGS	  (CL_MEM_READ_WRITE | CL_MEM_READ_ONLY | CL_MEM_WRITE_ONLY)
#define HOST_ACCESS_FLAGS (CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_WRITE_ONLY | CL_MEM_HOST_NO_ACCESS)
#define HOST_PTR_FLAGS	  (CL_MEM_USE_HOST_PTR | CL_MEM_ALLOC_HOST_PTR | CL_MEM_COPY_HOST_PTR)

typedef void(CL_CALLBACK *mem_destructor)(cl_mem memobj, void *user);

static void call_destructor(void *owner, const struct cw_destructor *destructor)
{
	((mem_destructor)destructor->function)(cw_mem_handle(owner), destructor->user);
}

static void destroy(struct cw_object *object)
{
	struct cw_mem *mem = (struct cw_mem *)object;

	cw_destructors_run(&mem->destructors, mem, call_destructor);
	cw_log(MEM, "buffer %p of %zu bytes at %p ends", (void *)mem, mem->size, mem->data);
	if (!mem->parent && !mem->host_ptr)
		cw_memory_free(mem->data, mem->size);
	cw_map_finish(mem);
	free(mem->properties);
	cw_mem_put(mem->parent);
	cw_context_put(mem->context);
	cw_mem_unwatch(mem);
}

struct cw_mem *cw_mem_watch(struct cw_mem *mem)
{
	cw_ref_get(&mem->watchers);
	return mem;
}

void cw_mem_unwatch(struct cw_mem *mem)
{
	if (cw_ref_put(&mem->watchers))
		free(mem);
}

static struct cw_mem *mem_alloc(struct cw_context *context, cl_mem_flags flags, size_t size)
{
	struct cw_mem *mem = calloc(1, sizeof(*mem));

	if (!mem)
		return NULL;
	cw_object_init(&mem->object, CW_CLASS_MEM, destroy);
	cw_ref_init(&mem->watchers);
	mem->context = cw_context_get(context);
	mem->type = CL_MEM_OBJECT_BUFFER;
	mem->flags = flags & ACCESS_FLAGS ? flags : flags | CL_MEM_READ_WRITE;
	mem->size = size;
	return mem;
}

/* Where its bytes lie; false without memory. */
static bool place(struct cw_mem *mem, void *host_ptr)
{
	if (mem->flags & CL_MEM_USE_HOST_PTR) {
		mem->data = host_ptr;
		mem->host_ptr = host_ptr;
		mem->uses_svm_pointer = cw_svm_find(mem->context, host_ptr, NULL);
		return true;
	}
	mem->data = cw_memory_alloc(mem->size, BASE_ALIGNMENT);
	if (mem->data && mem->flags & CL_MEM_COPY_HOST_PTR)
		memcpy(mem->data, host_ptr, mem->size);
	return mem->data;
}

cl_int cw_buffer_create(struct cw_context *context, const struct cw_buffer_desc *desc,
			struct cw_mem **mem_out)
{
	struct cw_mem *mem = mem_alloc(context, desc->flags, desc->size);
	cl_int error = CL_SUCCESS;

	if (!mem)
		return CL_OUT_OF_HOST_MEMORY;
	mem->properties = cw_properties_copy(desc->properties, &mem->num_properties);
	if (desc->properties && !mem->properties)
		error = CL_OUT_OF_HOST_MEMORY;
	else if (!place(mem, desc->host_ptr))
		error = CL_MEM_OBJECT_ALLOCATION_FAILURE;
	if (error) {
		cw_mem_put(mem);
		return error;
	}
	cw_log(MEM, "buffer %p: %zu bytes at %p, flags 0x%lx", (void *)mem, mem->size, mem->data,
	       (unsigned long)mem->flags);
	*mem_out = mem;
	return CL_SUCCESS;
}

/* A sub-buffer has its parent's flags where it was given none of their kind. */
static cl_mem_flags inherited_flags(cl_mem_flags flags, cl_mem_flags parent)
{
	if (!(flags & ACCESS_FLAGS))
		flags |= parent & ACCESS_FLAGS;
	if (!(flags & HOST_ACCESS_FLAGS))
		flags |= parent & HOST_ACCESS_FLAGS;
	return flags | (parent & HOST_PTR_FLAGS);
}

struct cw_mem *cw_sub_buffer_create(struct cw_mem *parent, cl_mem_flags flags, size_t origin,
				    size_t size)
{
	struct cw_mem *mem =
		mem_alloc(parent->context, inherited_flags(flags, parent->flags), size);

	if (!mem)
		return NULL;
	mem->parent = cw_mem_get(parent);
	mem->origin = origin;
	mem->data = (char *)parent->data + origin;
	mem->host_ptr = parent->host_ptr ? mem->data : NULL;
	mem->uses_svm_pointer = parent->uses_svm_pointer;
	return mem;
}

bool cw_mem_add_destructor(struct cw_mem *mem, mem_destructor notify, void *user)
{
	return cw_destructor_add(&mem->destructors, (void (*)(void))notify, user);
}
