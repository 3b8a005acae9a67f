/* SPDX-License-Identifier: MIT */
/* Contexts: OpenCL 3.0, 4.4. */
#ifndef CW_CONTEXT_H
#define CW_CONTEXT_H

#include "core/cl.h"
#include "core/object.h"
#include "core/svm.h"

struct cw_device;

/*
 * struct cw_context - a set of devices that share objects.
 * @devices: @num_devices of them, in the application's order; root devices
 *	and sub-devices, one reference each.
 * @properties: the list given at creation with its terminating 0, or NULL.
 * @notify: pfn_notify, or NULL; called by cw_context_notify() only.
 * @failed: set by the first kernel fault, see cw_context_fail().
 * @svm: what clSVMAlloc gave.
 * @destructors: clSetContextDestructorCallback, newest first.
 */
struct cw_context {
	struct cw_object object;
	unsigned num_devices;
	struct cw_device **devices;
	unsigned num_properties;
	cl_context_properties *properties;
	void(CL_CALLBACK *notify)(const char *text, const void *data, size_t bytes, void *user);
	void *notify_user;
	atomic_int failed;
	struct cw_svm_registry svm;
	struct cw_destructor *destructors;
};

CW_HANDLE(context, cl_context, CW_CLASS_CONTEXT)

/* What clCreateContext was given; copied. */
struct cw_context_desc {
	struct cw_device *const *devices; /* duplicates count once */
	unsigned num_devices;
	const cl_context_properties *properties; /* with its 0, or NULL */
	void(CL_CALLBACK *notify)(const char *text, const void *data, size_t bytes, void *user);
	void *notify_user;
};

/* A context with one reference, or NULL without memory.  Takes a reference on each device. */
struct cw_context *cw_context_create(const struct cw_context_desc *desc);

bool cw_context_has_device(const struct cw_context *context, const struct cw_device *device);

/* Largest CL_DEVICE_MAX_MEM_ALLOC_SIZE of its devices, bytes. */
uint64_t cw_context_max_alloc(const struct cw_context *context);

/* All SVM capabilities that any of its devices has. */
cl_device_svm_capabilities cw_context_svm(const struct cw_context *context);

/*
 * A kernel of @context faulted: memory that its objects share may hold
 * anything now.  Enqueues into a failed context return CL_OUT_OF_RESOURCES.
 */
static inline void cw_context_fail(struct cw_context *context)
{
	atomic_store_explicit(&context->failed, 1, memory_order_relaxed);
}

static inline bool cw_context_has_failed(const struct cw_context *context)
{
	return atomic_load_explicit(&context->failed, memory_order_relaxed);
}

/* Register a destructor callback; false without memory. */
bool cw_context_add_destructor(struct cw_context *context,
			       void(CL_CALLBACK *notify)(cl_context context, void *user),
			       void *user);

/* Format a sentence for the application's pfn_notify.  No lock may be held. */
__attribute__((format(printf, 2, 3))) void cw_context_notify(struct cw_context *context,
							     const char *format, ...);

#endif
