/* SPDX-License-Identifier: MIT */
/* Creating buffers and sub-buffers: OpenCL 3.0, 5.2.1. */
#include "api/api.h"
#include "api/check.h"
#include "core/context.h"
#include "core/mem.h"
#include "core/svm.h"

/* CL_DEVICE_MEM_BASE_ADDR_ALIGN of all our devices, in bytes. */
#define SUB_BUFFER_ALIGNMENT 128

#define ACCESS_FLAGS	  (CL_MEM_READ_WRITE | CL_MEM_READ_ONLY | CL_MEM_WRITE_ONLY)
#define HOST_ACCESS_FLAGS (CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_WRITE_ONLY | CL_MEM_HOST_NO_ACCESS)
#define HOST_PTR_FLAGS	  (CL_MEM_USE_HOST_PTR | CL_MEM_ALLOC_HOST_PTR | CL_MEM_COPY_HOST_PTR)

static cl_int check_properties(const cl_mem_properties *properties)
{
	CW_CHECK(!properties || !*properties, CL_INVALID_PROPERTY,
		 "0x%lx is not a property of buffers", (unsigned long)*properties);
	return CL_SUCCESS;
}

/* What holds for buffers and sub-buffers alike. */
static cl_int check_access_flags(cl_mem_flags flags)
{
	CW_CHECK(cw_flags_are_valid(flags, ACCESS_FLAGS | HOST_ACCESS_FLAGS | HOST_PTR_FLAGS),
		 CL_INVALID_VALUE, "flags 0x%lx has unknown bits", (unsigned long)flags);
	CW_CHECK(cw_at_most_one(flags, ACCESS_FLAGS), CL_INVALID_VALUE,
		 "flags 0x%lx has more than one kind of access", (unsigned long)flags);
	CW_CHECK(cw_at_most_one(flags, HOST_ACCESS_FLAGS), CL_INVALID_VALUE,
		 "flags 0x%lx has more than one kind of host access", (unsigned long)flags);
	return CL_SUCCESS;
}

static cl_int check_flags(cl_mem_flags flags)
{
	CW_TRY(check_access_flags(flags));
	CW_CHECK(!(flags & CL_MEM_USE_HOST_PTR) ||
			 !(flags & (CL_MEM_ALLOC_HOST_PTR | CL_MEM_COPY_HOST_PTR)),
		 CL_INVALID_VALUE, "CL_MEM_USE_HOST_PTR excludes the other two");
	return CL_SUCCESS;
}

/* An SVM allocation must be large enough for a buffer that starts in it. */
static bool fits_svm(struct cw_context *context, const void *host_ptr, size_t size)
{
	struct cw_svm_range range;

	if (!host_ptr || !cw_svm_find(context, host_ptr, &range))
		return true;
	return cw_range_is_inside((size_t)((const char *)host_ptr - (const char *)range.start),
				  size, range.bytes);
}

static cl_int check_size(struct cw_context *context, cl_mem_flags flags, size_t size,
			 const void *host_ptr)
{
	CW_CHECK(size, CL_INVALID_BUFFER_SIZE, "size is 0");
	CW_CHECK(size <= cw_context_max_alloc(context), CL_INVALID_BUFFER_SIZE,
		 "size %zu is over CL_DEVICE_MAX_MEM_ALLOC_SIZE of all devices", size);
	CW_CHECK(!(flags & (CL_MEM_USE_HOST_PTR | CL_MEM_COPY_HOST_PTR)) ||
			 fits_svm(context, host_ptr, size),
		 CL_INVALID_BUFFER_SIZE, "size %zu is over that of the SVM allocation", size);
	return CL_SUCCESS;
}

static cl_int create_buffer(cl_context context, const cl_mem_properties *properties,
			    cl_mem_flags flags, size_t size, void *host_ptr,
			    struct cw_mem **mem_out)
{
	bool wants_host_ptr = flags & (CL_MEM_USE_HOST_PTR | CL_MEM_COPY_HOST_PTR);
	cl_int error;

	CW_CHECK_CONTEXT(context);
	CW_TRY(check_properties(properties));
	CW_TRY(check_flags(flags));
	CW_TRY(check_size(cw_context(context), flags, size, host_ptr));
	CW_CHECK(host_ptr || !wants_host_ptr, CL_INVALID_HOST_PTR,
		 "host_ptr is NULL but flags 0x%lx wants one", (unsigned long)flags);
	CW_CHECK(!host_ptr || wants_host_ptr, CL_INVALID_HOST_PTR,
		 "host_ptr is given but flags 0x%lx does not use it", (unsigned long)flags);
	error = cw_buffer_create(cw_context(context),
				 &(struct cw_buffer_desc){
					 .flags = flags,
					 .size = size,
					 .host_ptr = host_ptr,
					 .properties = properties,
				 },
				 mem_out);
	CW_CHECK(!error, error, "no memory for %zu bytes", size);
	return CL_SUCCESS;
}

cl_mem CL_API_CALL cw_api_clCreateBuffer(cl_context context, cl_mem_flags flags, size_t size,
					 void *host_ptr, cl_int *errcode_ret)
{
	struct cw_mem *mem = NULL;

	CW_API();
	cw_errcode(errcode_ret, create_buffer(context, NULL, flags, size, host_ptr, &mem));
	return cw_mem_handle(mem);
}

cl_mem CL_API_CALL cw_api_clCreateBufferWithProperties(cl_context context,
						       const cl_mem_properties *properties,
						       cl_mem_flags flags, size_t size,
						       void *host_ptr, cl_int *errcode_ret)
{
	struct cw_mem *mem = NULL;

	CW_API();
	cw_errcode(errcode_ret, create_buffer(context, properties, flags, size, host_ptr, &mem));
	return cw_mem_handle(mem);
}

/* @flags must not allow what @parent, the buffer's flags, forbids. */
static cl_int check_sub_buffer_flags(cl_mem_flags flags, cl_mem_flags parent)
{
	CW_TRY(check_access_flags(flags));
	CW_CHECK(!(parent & CL_MEM_WRITE_ONLY && flags & (CL_MEM_READ_WRITE | CL_MEM_READ_ONLY)),
		 CL_INVALID_VALUE, "the buffer is write-only");
	CW_CHECK(!(parent & CL_MEM_READ_ONLY && flags & (CL_MEM_READ_WRITE | CL_MEM_WRITE_ONLY)),
		 CL_INVALID_VALUE, "the buffer is read-only");
	CW_CHECK(!(parent & CL_MEM_HOST_WRITE_ONLY && flags & CL_MEM_HOST_READ_ONLY),
		 CL_INVALID_VALUE, "the buffer is write-only for the host");
	CW_CHECK(!(parent & CL_MEM_HOST_READ_ONLY && flags & CL_MEM_HOST_WRITE_ONLY),
		 CL_INVALID_VALUE, "the buffer is read-only for the host");
	CW_CHECK(!(parent & CL_MEM_HOST_NO_ACCESS &&
		   flags & (CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_WRITE_ONLY)),
		 CL_INVALID_VALUE, "the host has no access to the buffer");
	CW_CHECK(!(flags & HOST_PTR_FLAGS), CL_INVALID_VALUE,
		 "a sub-buffer takes no host pointer flags");
	return CL_SUCCESS;
}

static cl_int create_sub_buffer(cl_mem buffer, cl_mem_flags flags, cl_buffer_create_type type,
				const void *create_info, struct cw_mem **mem_out)
{
	const cl_buffer_region *region = create_info;
	struct cw_mem *parent = cw_mem(buffer);

	CW_CHECK_HANDLE(mem, buffer, CL_INVALID_MEM_OBJECT);
	cw_check_report_to(parent->context);
	CW_CHECK(cw_mem_is_buffer(parent), CL_INVALID_MEM_OBJECT, "buffer is not a buffer");
	CW_CHECK(!parent->parent, CL_INVALID_MEM_OBJECT, "buffer is a sub-buffer itself");
	CW_TRY(check_sub_buffer_flags(flags, parent->flags));
	CW_CHECK(type == CL_BUFFER_CREATE_TYPE_REGION, CL_INVALID_VALUE,
		 "buffer_create_type is 0x%x", type);
	CW_CHECK(region, CL_INVALID_VALUE, "buffer_create_info is NULL");
	CW_CHECK(cw_range_is_inside(region->origin, region->size, parent->size), CL_INVALID_VALUE,
		 "%zu bytes at %zu leave the buffer of %zu", region->size, region->origin,
		 parent->size);
	CW_CHECK(region->size, CL_INVALID_BUFFER_SIZE, "the region's size is 0");
	CW_CHECK(region->origin % SUB_BUFFER_ALIGNMENT == 0, CL_MISALIGNED_SUB_BUFFER_OFFSET,
		 "origin %zu is not a multiple of %d bytes", region->origin, SUB_BUFFER_ALIGNMENT);
	*mem_out = cw_sub_buffer_create(parent, flags, region->origin, region->size);
	CW_CHECK_MEMORY(*mem_out);
	return CL_SUCCESS;
}

cl_mem CL_API_CALL cw_api_clCreateSubBuffer(cl_mem buffer, cl_mem_flags flags,
					    cl_buffer_create_type buffer_create_type,
					    const void *buffer_create_info, cl_int *errcode_ret)
{
	struct cw_mem *mem = NULL;

	CW_API();
	cw_errcode(errcode_ret,
		   create_sub_buffer(buffer, flags, buffer_create_type, buffer_create_info, &mem));
	return cw_mem_handle(mem);
}
