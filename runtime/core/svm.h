/* SPDX-License-Identifier: MIT */
/*
 * SVM allocations: OpenCL 3.0, 5.6.
 *
 * Every pointer works in kernels, so the registry serves only the questions
 * that the API asks: how large an allocation is, and whether a pointer lies in
 * one.  It is a treap per context, keyed by address.
 */
#ifndef CW_SVM_H
#define CW_SVM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/lock.h"
#include "core/cl.h"

struct cw_context;
struct cw_svm_node;

/* struct cw_svm_registry - the allocations of one context. */
struct cw_svm_registry {
	struct cw_mutex lock; /* rank SVM */
	struct cw_svm_node *root cw_guarded_by(&lock);
};

/* struct cw_svm_range - one allocation. */
struct cw_svm_range {
	void *start;
	size_t bytes;
	cl_svm_mem_flags flags;
};

/* Largest alignment that clSVMAlloc accepts, bytes. */
#define CW_SVM_MAX_ALIGNMENT ((size_t)1 << 30)

void cw_svm_registry_init(struct cw_svm_registry *registry);
/* Frees what the application left. */
void cw_svm_registry_finish(struct cw_svm_registry *registry);

/* @bytes > 0 at @alignment, a power of two, or 0 for that of the largest type.  NULL without
 * memory. */
void *cw_svm_alloc(struct cw_context *context, cl_svm_mem_flags flags, size_t bytes,
		   size_t alignment);

/* Free what cw_svm_alloc() returned; false, and nothing done, for any other pointer. */
bool cw_svm_free(struct cw_context *context, void *pointer);

/* The allocation that @pointer lies in; false if none.  @range_out may be NULL. */
bool cw_svm_find(struct cw_context *context, const void *pointer, struct cw_svm_range *range_out);

#endif
