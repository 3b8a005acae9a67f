/* SPDX-License-Identifier: MIT */
/* The SVM entry points on memory that OpenCL did not allocate. */
#include "svm.h"
#include <stdlib.h>
#include <string.h>

#define WORDS 10000
#define BYTES (WORDS * sizeof(uint32_t))

static void finish(struct svm *s)
{
	check(clFinish(s->queue), "clFinish");
}

/* clEnqueueSVMMemcpy between malloc'd memory, the stack and an SVM allocation. */
static int run_memcpy(struct svm *s)
{
	uint32_t stack[WORDS], *heap = must_alloc(BYTES);
	uint32_t *svm =
		clSVMAlloc(s->context, CL_MEM_READ_WRITE | CL_MEM_SVM_FINE_GRAIN_BUFFER, BYTES, 0);

	if (!svm)
		return failed("clSVMAlloc returned NULL");
	for (uint32_t i = 0; i < WORDS; i++)
		heap[i] = i * 3;
	memset(stack, 0, sizeof(stack));
	check(clEnqueueSVMMemcpy(s->queue, CL_FALSE, svm, heap, BYTES, 0, NULL, NULL),
	      "clEnqueueSVMMemcpy");
	check(clEnqueueSVMMemcpy(s->queue, CL_TRUE, stack, svm, BYTES, 0, NULL, NULL),
	      "clEnqueueSVMMemcpy");
	if (memcmp(stack, heap, BYTES) != 0)
		return failed("the copy differs");
	if (clEnqueueSVMMemcpy(s->queue, CL_TRUE, heap, heap + 1, 64, 0, NULL, NULL) !=
	    CL_MEM_COPY_OVERLAP)
		return failed("overlapping copies are not refused");
	clSVMFree(s->context, svm);
	free(heap);
	return PASS;
}

static int run_memfill(struct svm *s)
{
	uint32_t *heap = must_alloc(BYTES), pattern[4] = {1, 2, 3, 4};

	check(clEnqueueSVMMemFill(s->queue, heap, pattern, sizeof(pattern), BYTES, 0, NULL, NULL),
	      "clEnqueueSVMMemFill");
	finish(s);
	for (uint32_t i = 0; i < WORDS; i++)
		if (heap[i] != i % 4 + 1)
			return failed("word %u is %u", i, heap[i]);
	free(heap);
	return PASS;
}

/* Map and unmap are allowed on any pointer and change nothing. */
static int run_map(struct svm *s)
{
	uint32_t *heap = must_alloc(BYTES);

	check(clEnqueueSVMMap(s->queue, CL_TRUE, CL_MAP_WRITE, heap, BYTES, 0, NULL, NULL),
	      "clEnqueueSVMMap");
	heap[7] = 7;
	check(clEnqueueSVMUnmap(s->queue, heap, 0, NULL, NULL), "clEnqueueSVMUnmap");
	finish(s);
	if (heap[7] != 7)
		return failed("the word is gone");
	if (svm_add_works(s, "after", heap, WORDS, 1))
		return FAIL;
	free(heap);
	return PASS;
}

static void CL_CALLBACK free_all(cl_command_queue queue, cl_uint count, void *pointers[],
				 void *user)
{
	(void)queue;
	for (cl_uint i = 0; i < count; i++)
		free(pointers[i]);
	*(cl_uint *)user += count;
}

/* clEnqueueSVMFree with a callback of the application's gives back malloc'd memory. */
static int run_free(struct svm *s)
{
	void *pointers[2] = {must_alloc(100), must_alloc(BYTES)};
	cl_uint freed = 0;

	check(clEnqueueSVMFree(s->queue, 2, pointers, free_all, &freed, 0, NULL, NULL),
	      "clEnqueueSVMFree");
	finish(s);
	return freed == 2 ? PASS : failed("the callback freed %u of 2", freed);
}

/* Kernel execution info may name system pointers, and need not. */
static int run_exec_info(struct svm *s)
{
	static const char source[] = "struct hop { global uint *to; };\n"
				     "kernel void follow(global struct hop *hop)\n"
				     "{\n"
				     "	hop->to[get_global_id(0)] = get_global_id(0) + 1;\n"
				     "}\n";
	struct {
		uint32_t *to;
	} hop = {must_alloc(BYTES)};
	cl_kernel follow = svm_kernel(s, source, "follow");
	cl_bool system = CL_TRUE;

	arg_pointer(follow, 0, &hop);
	for (int round = 0; round < 2; round++) {
		if (svm_run(s, follow, WORDS) != CL_COMPLETE)
			return failed("round %d: the kernel failed", round);
		for (uint32_t i = 0; i < WORDS; i++)
			if (hop.to[i] != i + 1)
				return failed("round %d: word %u is %u", round, i, hop.to[i]);
		memset(hop.to, 0, BYTES);
		check(clSetKernelExecInfo(follow, CL_KERNEL_EXEC_INFO_SVM_FINE_GRAIN_SYSTEM,
					  sizeof(system), &system),
		      "clSetKernelExecInfo");
		check(clSetKernelExecInfo(follow, CL_KERNEL_EXEC_INFO_SVM_PTRS, sizeof(void *),
					  &hop.to),
		      "clSetKernelExecInfo");
	}
	clReleaseKernel(follow);
	free(hop.to);
	return PASS;
}

/* A buffer made of malloc'd memory is that memory, for host and kernel. */
static int run_use_host_ptr(struct svm *s)
{
	uint32_t *heap = must_alloc(BYTES);
	cl_kernel add = svm_kernel(s, ADD_SOURCE, "add");
	cl_int err;
	cl_mem buffer = clCreateBuffer(s->context, CL_MEM_USE_HOST_PTR, BYTES, heap, &err);

	check(err, "clCreateBuffer");
	check(clSetKernelArg(add, 0, sizeof(cl_mem), &buffer), "clSetKernelArg");
	arg_uint(add, 1, 1);
	if (svm_run(s, add, WORDS) != CL_COMPLETE)
		return failed("through the buffer: the kernel failed");
	arg_pointer(add, 0, heap);
	if (svm_run(s, add, WORDS) != CL_COMPLETE)
		return failed("through the pointer: the kernel failed");
	clReleaseMemObject(buffer);
	clReleaseKernel(add);
	for (uint32_t i = 0; i < WORDS; i++)
		if (heap[i] != 2)
			return failed("word %u is %u", i, heap[i]);
	free(heap);
	return PASS;
}

const struct svm_case api_cases[] = {
	{"api-memcpy", "clEnqueueSVMMemcpy on plain pointers", run_memcpy},
	{"api-memfill", "clEnqueueSVMMemFill on a plain pointer", run_memfill},
	{"api-map", "clEnqueueSVMMap and Unmap on a plain pointer", run_map},
	{"api-free", "clEnqueueSVMFree with a callback that calls free()", run_free},
	{"api-exec-info", "clSetKernelExecInfo is allowed and not needed", run_exec_info},
	{"api-use-host-ptr", "a buffer of malloc'd memory and the pointer itself",
	 run_use_host_ptr},
	{NULL, NULL, NULL},
};
