/* SPDX-License-Identifier: MIT */
/* Buffers, transfers and SVM: OpenCL 3.0, 5.2, 5.5 and 5.6. */
#include "api.h"
#include <stdlib.h>

#define REGION CL_BUFFER_CREATE_TYPE_REGION

static void sub_buffer_rules(struct api *t)
{
	cl_buffer_region good = {0, 1024}, outside = {BUFFER_BYTES - 512, 1024}, empty = {0, 0};
	cl_buffer_region odd = {4, 1024};
	cl_int made;
	cl_mem read_only = clCreateBuffer(t->context, CL_MEM_READ_ONLY | CL_MEM_HOST_READ_ONLY,
					  BUFFER_BYTES, NULL, &made);

	RULE(CL_SUCCESS, made);
	RULE_NEW(CL_INVALID_MEM_OBJECT, clCreateSubBuffer(NULL, 0, REGION, &good, &err));
	RULE_NEW(CL_INVALID_MEM_OBJECT, clCreateSubBuffer(t->sub_buffer, 0, REGION, &good, &err));
	RULE_NEW(CL_INVALID_VALUE,
		 clCreateSubBuffer(read_only, CL_MEM_READ_WRITE, REGION, &good, &err));
	RULE_NEW(CL_INVALID_VALUE,
		 clCreateSubBuffer(read_only, CL_MEM_HOST_WRITE_ONLY, REGION, &good, &err));
	RULE_NEW(CL_INVALID_VALUE,
		 clCreateSubBuffer(t->buffer, CL_MEM_USE_HOST_PTR, REGION, &good, &err));
	RULE_NEW(CL_INVALID_VALUE, clCreateSubBuffer(t->buffer, 0, 0x7fff, &good, &err));
	RULE_NEW(CL_INVALID_VALUE, clCreateSubBuffer(t->buffer, 0, REGION, NULL, &err));
	RULE_NEW(CL_INVALID_VALUE, clCreateSubBuffer(t->buffer, 0, REGION, &outside, &err));
	RULE_NEW(CL_INVALID_BUFFER_SIZE, clCreateSubBuffer(t->buffer, 0, REGION, &empty, &err));
	RULE_NEW(CL_MISALIGNED_SUB_BUFFER_OFFSET,
		 clCreateSubBuffer(t->buffer, 0, REGION, &odd, &err));
	clReleaseMemObject(read_only);
}

void buffer_rules(struct api *t)
{
	const cl_mem_flags both = CL_MEM_READ_ONLY | CL_MEM_WRITE_ONLY;
	const cl_mem_flags two_hosts = CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_NO_ACCESS;
	const cl_mem_flags use_and_copy = CL_MEM_USE_HOST_PTR | CL_MEM_COPY_HOST_PTR;
	cl_mem_properties unknown[] = {0x7fff, 0, 0};
	char host[64] = {0};

	RULE_NEW(CL_INVALID_CONTEXT, clCreateBuffer(NULL, 0, 64, NULL, &err));
	RULE_NEW(CL_INVALID_VALUE, clCreateBuffer(t->context, both, 64, NULL, &err));
	RULE_NEW(CL_INVALID_VALUE, clCreateBuffer(t->context, two_hosts, 64, NULL, &err));
	RULE_NEW(CL_INVALID_VALUE, clCreateBuffer(t->context, use_and_copy, 64, host, &err));
	RULE_NEW(CL_INVALID_VALUE,
		 clCreateBuffer(t->context, (cl_mem_flags)1 << 50, 64, NULL, &err));
	RULE_NEW(CL_INVALID_BUFFER_SIZE, clCreateBuffer(t->context, 0, 0, NULL, &err));
	RULE_NEW(CL_INVALID_BUFFER_SIZE, clCreateBuffer(t->context, 0, SIZE_MAX / 2, NULL, &err));
	RULE_NEW(CL_INVALID_HOST_PTR, clCreateBuffer(t->context, 0, 64, host, &err));
	RULE_NEW(CL_INVALID_HOST_PTR,
		 clCreateBuffer(t->context, CL_MEM_USE_HOST_PTR, 64, NULL, &err));
	RULE_NEW(CL_INVALID_HOST_PTR,
		 clCreateBuffer(t->context, CL_MEM_COPY_HOST_PTR, 64, NULL, &err));
	RULE_NEW(CL_INVALID_PROPERTY,
		 clCreateBufferWithProperties(t->context, unknown, 0, 64, NULL, &err));
	QUERY_RULES(clGetMemObjectInfo, t->buffer, CL_MEM_SIZE);
	RULE(CL_INVALID_MEM_OBJECT, clGetMemObjectInfo(NULL, CL_MEM_SIZE, 0, NULL, NULL));
	RULE(CL_INVALID_MEM_OBJECT, clRetainMemObject(NULL));
	RULE(CL_INVALID_MEM_OBJECT, clReleaseMemObject(NULL));
	RULE(CL_INVALID_VALUE, clSetMemObjectDestructorCallback(t->buffer, NULL, NULL));
	sub_buffer_rules(t);
}

static void read_write_rules(struct api *t)
{
	cl_int made;
	cl_mem hidden =
		clCreateBuffer(t->context, CL_MEM_HOST_NO_ACCESS, BUFFER_BYTES, NULL, &made);
	char host[64] = {0};

	RULE(CL_SUCCESS, made);
	RULE(CL_INVALID_COMMAND_QUEUE,
	     clEnqueueReadBuffer(NULL, t->buffer, CL_TRUE, 0, 64, host, 0, NULL, NULL));
	RULE(CL_INVALID_MEM_OBJECT,
	     clEnqueueReadBuffer(t->queue, NULL, CL_TRUE, 0, 64, host, 0, NULL, NULL));
	RULE(CL_INVALID_CONTEXT,
	     clEnqueueReadBuffer(t->queue, t->other_buffer, CL_TRUE, 0, 64, host, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE, clEnqueueReadBuffer(t->queue, t->buffer, CL_TRUE, BUFFER_BYTES - 1,
						   64, host, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE, clEnqueueReadBuffer(t->queue, t->buffer, CL_TRUE, SIZE_MAX - 8, 64,
						   host, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE,
	     clEnqueueReadBuffer(t->queue, t->buffer, CL_TRUE, 0, 64, NULL, 0, NULL, NULL));
	RULE(CL_INVALID_OPERATION,
	     clEnqueueReadBuffer(t->queue, hidden, CL_TRUE, 0, 64, host, 0, NULL, NULL));
	WAIT_LIST_RULES(clEnqueueReadBuffer, t->queue, t->buffer, CL_FALSE, 0, 64, host);
	RULE(CL_INVALID_VALUE,
	     clEnqueueWriteBuffer(t->queue, t->buffer, CL_TRUE, 0, 64, NULL, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE, clEnqueueWriteBuffer(t->queue, t->buffer, CL_TRUE, BUFFER_BYTES, 1,
						    host, 0, NULL, NULL));
	RULE(CL_INVALID_OPERATION,
	     clEnqueueWriteBuffer(t->queue, hidden, CL_TRUE, 0, 64, host, 0, NULL, NULL));
	WAIT_LIST_RULES(clEnqueueWriteBuffer, t->queue, t->buffer, CL_FALSE, 0, 64, host);
	clReleaseMemObject(hidden);
}

static void map_rules(struct api *t)
{
	cl_int made;
	cl_mem hidden =
		clCreateBuffer(t->context, CL_MEM_HOST_NO_ACCESS, BUFFER_BYTES, NULL, &made);
	char byte;

	RULE(CL_SUCCESS, made);
	RULE_NEW(CL_INVALID_COMMAND_QUEUE, clEnqueueMapBuffer(NULL, t->buffer, CL_TRUE, CL_MAP_READ,
							      0, 64, 0, NULL, NULL, &err));
	RULE_NEW(CL_INVALID_MEM_OBJECT, clEnqueueMapBuffer(t->queue, NULL, CL_TRUE, CL_MAP_READ, 0,
							   64, 0, NULL, NULL, &err));
	RULE_NEW(CL_INVALID_CONTEXT, clEnqueueMapBuffer(t->queue, t->other_buffer, CL_TRUE,
							CL_MAP_READ, 0, 64, 0, NULL, NULL, &err));
	RULE_NEW(CL_INVALID_VALUE, clEnqueueMapBuffer(t->queue, t->buffer, CL_TRUE, CL_MAP_READ, 0,
						      0, 0, NULL, NULL, &err));
	RULE_NEW(CL_INVALID_VALUE, clEnqueueMapBuffer(t->queue, t->buffer, CL_TRUE, CL_MAP_READ, 64,
						      BUFFER_BYTES, 0, NULL, NULL, &err));
	RULE_NEW(CL_INVALID_VALUE, clEnqueueMapBuffer(t->queue, t->buffer, CL_TRUE, 1u << 20, 0, 64,
						      0, NULL, NULL, &err));
	RULE_NEW(CL_INVALID_VALUE, clEnqueueMapBuffer(t->queue, t->buffer, CL_TRUE,
						      CL_MAP_READ | CL_MAP_WRITE_INVALIDATE_REGION,
						      0, 64, 0, NULL, NULL, &err));
	RULE_NEW(CL_INVALID_OPERATION, clEnqueueMapBuffer(t->queue, hidden, CL_TRUE, CL_MAP_READ, 0,
							  64, 0, NULL, NULL, &err));
	RULE_NEW(CL_INVALID_EVENT_WAIT_LIST,
		 clEnqueueMapBuffer(t->queue, t->buffer, CL_TRUE, CL_MAP_READ, 0, 64, 1, NULL, NULL,
				    &err));
	RULE(CL_INVALID_VALUE, clEnqueueUnmapMemObject(t->queue, t->buffer, &byte, 0, NULL, NULL));
	RULE(CL_INVALID_MEM_OBJECT, clEnqueueUnmapMemObject(t->queue, NULL, &byte, 0, NULL, NULL));
	clReleaseMemObject(hidden);
}

static void fill_and_copy_rules(struct api *t)
{
	cl_uint pattern[33] = {0};

	RULE(CL_INVALID_VALUE,
	     clEnqueueFillBuffer(t->queue, t->buffer, NULL, 4, 0, 64, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE,
	     clEnqueueFillBuffer(t->queue, t->buffer, pattern, 0, 0, 64, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE,
	     clEnqueueFillBuffer(t->queue, t->buffer, pattern, 3, 0, 63, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE,
	     clEnqueueFillBuffer(t->queue, t->buffer, pattern, 256, 0, 256, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE,
	     clEnqueueFillBuffer(t->queue, t->buffer, pattern, 4, 2, 64, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE,
	     clEnqueueFillBuffer(t->queue, t->buffer, pattern, 4, 0, 62, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE,
	     clEnqueueFillBuffer(t->queue, t->buffer, pattern, 4, BUFFER_BYTES, 4, 0, NULL, NULL));
	WAIT_LIST_RULES(clEnqueueFillBuffer, t->queue, t->buffer, pattern, 4, 0, 64);
	RULE(CL_INVALID_MEM_OBJECT,
	     clEnqueueCopyBuffer(t->queue, NULL, t->buffer, 0, 0, 64, 0, NULL, NULL));
	RULE(CL_INVALID_CONTEXT,
	     clEnqueueCopyBuffer(t->queue, t->other_buffer, t->buffer, 0, 0, 64, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE, clEnqueueCopyBuffer(t->queue, t->buffer, t->buffer, BUFFER_BYTES, 0,
						   64, 0, NULL, NULL));
	RULE(CL_MEM_COPY_OVERLAP,
	     clEnqueueCopyBuffer(t->queue, t->buffer, t->buffer, 0, 32, 64, 0, NULL, NULL));
	RULE(CL_MEM_COPY_OVERLAP,
	     clEnqueueCopyBuffer(t->queue, t->sub_buffer, t->buffer, 0, 32, 64, 0, NULL, NULL));
	WAIT_LIST_RULES(clEnqueueCopyBuffer, t->queue, t->buffer, t->buffer, 0, 2048, 64);
	RULE(CL_INVALID_VALUE,
	     clEnqueueMigrateMemObjects(t->queue, 0, &t->buffer, 0, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE, clEnqueueMigrateMemObjects(t->queue, 1, NULL, 0, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE,
	     clEnqueueMigrateMemObjects(t->queue, 1, &t->buffer, 1u << 20, 0, NULL, NULL));
}

void transfer_rules(struct api *t)
{
	read_write_rules(t);
	map_rules(t);
	fill_and_copy_rules(t);
}

/* Read a box of @region from @origin with these pitches of the buffer. */
static cl_int read_box(struct api *t, const size_t *origin, const size_t *region, size_t row,
		       size_t slice)
{
	static char host[BUFFER_BYTES];
	const size_t zero[3] = {0, 0, 0};

	return clEnqueueReadBufferRect(t->queue, t->buffer, CL_TRUE, origin, zero, region, row,
				       slice, 0, 0, host, 0, NULL, NULL);
}

void rect_rules(struct api *t)
{
	const size_t zero[3] = {0, 0, 0}, box[3] = {16, 4, 2}, empty[3] = {16, 0, 2};
	const size_t far[3] = {0, 0, 64}, shifted[3] = {8, 0, 0};
	char host[128];

	RULE(CL_SUCCESS, read_box(t, zero, box, 0, 0));
	RULE(CL_SUCCESS, read_box(t, zero, box, 32, 128));
	RULE(CL_INVALID_VALUE, read_box(t, NULL, box, 0, 0));
	RULE(CL_INVALID_VALUE, read_box(t, zero, NULL, 0, 0));
	RULE(CL_INVALID_VALUE, read_box(t, zero, empty, 0, 0));
	RULE(CL_INVALID_VALUE, read_box(t, far, box, 0, 0));
	RULE(CL_INVALID_VALUE, read_box(t, zero, box, 8, 0));
	RULE(CL_INVALID_VALUE, read_box(t, zero, box, 16, 32));
	RULE(CL_INVALID_VALUE, read_box(t, zero, box, 16, 100));
	RULE(CL_INVALID_VALUE, clEnqueueReadBufferRect(t->queue, t->buffer, CL_TRUE, zero, zero,
						       box, 0, 0, 0, 0, NULL, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE, clEnqueueWriteBufferRect(t->queue, t->buffer, CL_TRUE, zero, zero,
							box, 0, 0, 8, 0, host, 0, NULL, NULL));
	RULE(CL_MEM_COPY_OVERLAP,
	     clEnqueueCopyBufferRect(t->queue, t->buffer, t->buffer, zero, shifted, box, 32, 128,
				     32, 128, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE, clEnqueueCopyBufferRect(t->queue, t->buffer, t->buffer, zero, far,
						       box, 32, 128, 64, 128, 0, NULL, NULL));
	WAIT_LIST_RULES(clEnqueueReadBufferRect, t->queue, t->buffer, CL_FALSE, zero, zero, box, 0,
			0, 0, 0, host);
}

static void svm_alloc_rules(struct api *t)
{
	void *p = clSVMAlloc(t->context, CL_MEM_READ_WRITE, 64, 0);

	RULE(1, p != NULL);
	clSVMFree(t->context, p);
	clSVMFree(t->context, NULL);
	RULE(1, clSVMAlloc(NULL, CL_MEM_READ_WRITE, 64, 0) == NULL);
	RULE(1, clSVMAlloc(t->context, CL_MEM_READ_WRITE, 0, 0) == NULL);
	RULE(1, clSVMAlloc(t->context, CL_MEM_READ_WRITE, 64, 3) == NULL);
	RULE(1, clSVMAlloc(t->context, CL_MEM_USE_HOST_PTR, 64, 0) == NULL);
	RULE(1, clSVMAlloc(t->context, CL_MEM_SVM_ATOMICS, 64, 0) == NULL);
	RULE(1, clSVMAlloc(t->context, CL_MEM_READ_WRITE, SIZE_MAX / 2, 0) == NULL);
}

void svm_rules(struct api *t)
{
	cl_uint from[64] = {0}, to[64] = {0};
	const void *pointers[1] = {from};
	void *none[1] = {NULL};

	svm_alloc_rules(t);
	RULE(CL_INVALID_COMMAND_QUEUE,
	     clEnqueueSVMMemcpy(NULL, CL_TRUE, to, from, 64, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE,
	     clEnqueueSVMMemcpy(t->queue, CL_TRUE, NULL, from, 64, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE, clEnqueueSVMMemcpy(t->queue, CL_TRUE, to, NULL, 64, 0, NULL, NULL));
	RULE(CL_MEM_COPY_OVERLAP,
	     clEnqueueSVMMemcpy(t->queue, CL_TRUE, to, to + 4, 64, 0, NULL, NULL));
	WAIT_LIST_RULES(clEnqueueSVMMemcpy, t->queue, CL_FALSE, to, from, 64);
	RULE(CL_INVALID_VALUE, clEnqueueSVMMemFill(t->queue, NULL, from, 4, 64, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE, clEnqueueSVMMemFill(t->queue, to, NULL, 4, 64, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE, clEnqueueSVMMemFill(t->queue, to, from, 0, 64, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE, clEnqueueSVMMemFill(t->queue, to, from, 3, 63, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE, clEnqueueSVMMemFill(t->queue, to, from, 4, 62, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE,
	     clEnqueueSVMMemFill(t->queue, (char *)to + 1, from, 4, 64, 0, NULL, NULL));
	WAIT_LIST_RULES(clEnqueueSVMMemFill, t->queue, to, from, 4, 64);
	RULE(CL_INVALID_VALUE,
	     clEnqueueSVMMap(t->queue, CL_TRUE, CL_MAP_READ, NULL, 64, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE,
	     clEnqueueSVMMap(t->queue, CL_TRUE, CL_MAP_READ, to, 0, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE, clEnqueueSVMMap(t->queue, CL_TRUE, 1u << 20, to, 64, 0, NULL, NULL));
	WAIT_LIST_RULES(clEnqueueSVMMap, t->queue, CL_FALSE, CL_MAP_READ, to, 64);
	RULE(CL_INVALID_VALUE, clEnqueueSVMUnmap(t->queue, NULL, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE, clEnqueueSVMFree(t->queue, 0, none, NULL, NULL, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE, clEnqueueSVMFree(t->queue, 1, NULL, NULL, NULL, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE,
	     clEnqueueSVMMigrateMem(t->queue, 0, pointers, NULL, 0, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE, clEnqueueSVMMigrateMem(t->queue, 1, NULL, NULL, 0, 0, NULL, NULL));
	RULE(CL_INVALID_VALUE,
	     clEnqueueSVMMigrateMem(t->queue, 1, pointers, NULL, 1u << 20, 0, NULL, NULL));
}
