/* SPDX-License-Identifier: MIT */
/* Contexts: OpenCL 3.0, 4.4. */
#ifndef CW_CONTEXT_H
#define CW_CONTEXT_H

#include "core/cl.h"
#include "core/object.h"

struct cw_device;

/*
 * struct cw_context - a set of devices that share objects.
 * @devices: @num_devices of them, in the application's order; root devices
 *	and sub-devices, one reference each.
 * @properties: the list given at creation with its terminating 0, or NULL.
 * @notify: pfn_notify, or NULL; called by cw_context_notify() only.
 * @failed: set by the first kernel fault; enqueues into a failed context
 *	return CL_OUT_OF_RESOURCES... see cw_context_fail().
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
	struct cw_destructor *destructors; /* clSetContextDestructorCallback; newest first */
};

CW_HANDLE(context, cl_context, CW_CLASS_CONTEXT)

bool cw_context_has_device(const struct cw_context *context, const struct cw_device *device);

/* Format a sentence for the application's pfn_notify and the log. No lock may be held. */
__attribute__((format(printf, 2, 3))) void cw_context_notify(struct cw_context *context,
							     const char *format, ...);

#endif
