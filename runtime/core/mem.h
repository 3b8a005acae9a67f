/* SPDX-License-Identifier: MIT */
/*
 * Memory objects: OpenCL 3.0, 5.2 (buffers and sub-buffers).
 *
 * On a device with fine-grained system SVM a buffer is nothing but an address
 * and a size: @data is where its bytes are, for host and kernels alike.
 */
#ifndef CW_MEM_H
#define CW_MEM_H

#include "core/cl.h"
#include "core/object.h"

struct cw_context;

/*
 * struct cw_mem - one memory object.
 * @type: CL_MEM_OBJECT_BUFFER (images come with their own fields later).
 * @flags: effective flags, inherited ones included for sub-buffers.
 * @size: bytes.
 * @data: address of its first byte; with CL_MEM_USE_HOST_PTR the
 *	application's memory itself.
 * @host_ptr: as given at creation; NULL unless CL_MEM_USE_HOST_PTR.
 * @parent: the buffer a sub-buffer is part of, with a reference, or NULL.
 * @origin: offset of a sub-buffer in @parent, bytes.
 * @map_count: clEnqueueMap* calls not yet unmapped.
 * @uses_svm_pointer: @host_ptr lies in an SVM allocation of the context.
 * @properties: as given to clCreateBufferWithProperties, with its 0.
 * @destructors: clSetMemObjectDestructorCallback, newest first.
 * @mappings: mapped regions of it and its sub-buffers; core/map.h.
 * @watchers: kernels with it as an argument, and 1 until it is destroyed; they
 *	keep this structure, but not what it describes.
 */
struct cw_mem {
	struct cw_object object;
	struct cw_context *context;
	cl_mem_object_type type;
	cl_mem_flags flags;
	size_t size;
	void *data;
	void *host_ptr;
	struct cw_mem *parent;
	size_t origin;
	atomic_uint map_count;
	bool uses_svm_pointer;
	unsigned num_properties;
	cl_mem_properties *properties;
	struct cw_destructor *destructors;
	struct cw_mapping *mappings;
	atomic_uint watchers;
};

CW_HANDLE(mem, cl_mem, CW_CLASS_MEM)

/*
 * Setting a kernel argument does not keep a memory object alive (OpenCL 3.0,
 * 5.9.2), so kernels only watch it: after its end cw_mem_is_valid() says so
 * until the last watcher is gone.
 */
struct cw_mem *cw_mem_watch(struct cw_mem *mem);
void cw_mem_unwatch(struct cw_mem *mem);

/* What a buffer is made of; all rules were checked. */
struct cw_buffer_desc {
	cl_mem_flags flags;
	size_t size;
	void *host_ptr;
	const cl_mem_properties *properties; /* with its 0, or NULL */
};

/*
 * A buffer of @context, which it holds a reference to.  CL_SUCCESS,
 * CL_OUT_OF_HOST_MEMORY or CL_MEM_OBJECT_ALLOCATION_FAILURE.
 */
cl_int cw_buffer_create(struct cw_context *context, const struct cw_buffer_desc *desc,
			struct cw_mem **mem_out);

/* @size bytes of @parent, a buffer that is no sub-buffer, from @origin on; NULL without memory. */
struct cw_mem *cw_sub_buffer_create(struct cw_mem *parent, cl_mem_flags flags, size_t origin,
				    size_t size);

static inline bool cw_mem_is_buffer(const struct cw_mem *mem)
{
	return mem->type == CL_MEM_OBJECT_BUFFER;
}

/* The buffer that the bytes belong to: itself or its parent. */
static inline struct cw_mem *cw_mem_root(struct cw_mem *mem)
{
	return mem->parent ? mem->parent : mem;
}

/* Register a destructor callback; false without memory. */
bool cw_mem_add_destructor(struct cw_mem *mem, void(CL_CALLBACK *notify)(cl_mem memobj, void *user),
			   void *user);

#endif
