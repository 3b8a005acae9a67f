/* SPDX-License-Identifier: MIT */
/* Kernels that are C functions of type cwc_group_fn, to test queues without a compiler. */
#ifndef CW_TEST_NATIVE_H
#define CW_TEST_NATIVE_H

#include <string.h>

#include "core/context.h"
#include "core/kernel.h"
#include "core/program.h"
#include "device/device.h"
#include "fixture.h"

/* struct native - a kernel object around a function; stays for ever, in a list. */
struct native {
	struct cw_kernel kernel;
	struct native *next;
	struct cw_program program;
	struct cwc_kernel_info info;
	struct cwc_image image;
	struct cw_kernel_code code;
	struct cw_kernel_code *codes[1];
	struct cw_device *devices[1];
	unsigned char block[256];
};

static inline void native_never_destroyed(struct cw_object *object)
{
	(void)object;
	abort();
}

/* A kernel of @fixture's context that calls @function with @arg_bytes of arguments. */
static inline cl_kernel native_kernel(const struct fixture *fixture, const char *name,
				      cwc_group_fn *function, size_t arg_bytes)
{
	static _Atomic(struct native *) all;
	struct native *native = calloc(1, sizeof(*native));

	REQUIRE(native && arg_bytes <= sizeof(native->block));
	native->next = atomic_load(&all);
	while (!atomic_compare_exchange_weak(&all, &native->next, native))
		;
	cw_object_init(&native->kernel.object, CW_CLASS_KERNEL, native_never_destroyed);
	native->devices[0] = cw_device(fixture->device);
	native->program.context = cw_context(fixture->context);
	native->program.num_devices = 1;
	native->program.devices = native->devices;
	native->info.name = name;
	native->info.attributes = "";
	native->info.arg_bytes = (uint32_t)arg_bytes;
	native->image.entry = function;
	native->image.note.abi_version = CWC_ABI_VERSION;
	native->image.note.width = 1;
	native->image.note.flags = CWC_KERNEL_LOCAL_ID;
	native->image.note.stack_bytes = 16 << 10;
	atomic_init(&native->code.refs, 1);
	native->code.image = &native->image;
	native->code.kernel_name = (char *)name;
	native->codes[0] = &native->code;
	native->kernel.program = &native->program;
	native->kernel.info = &native->info;
	native->kernel.codes = native->codes;
	native->kernel.block = native->block;
	return cw_kernel_handle(&native->kernel);
}

/* Arguments are one structure. */
static inline void native_args(cl_kernel kernel, const void *args)
{
	memcpy(cw_kernel(kernel)->block, args, cw_kernel(kernel)->info->arg_bytes);
}

static inline struct native *native_of(cl_kernel kernel)
{
	return (struct native *)kernel;
}

static inline cl_command_queue queue_create(const struct fixture *fixture,
					    cl_command_queue_properties flags)
{
	cl_int error;
	cl_command_queue queue =
		cw_api_clCreateCommandQueue(fixture->context, fixture->device, flags, &error);

	REQUIRE(queue && !error);
	return queue;
}

static inline cl_int launch(cl_command_queue queue, cl_kernel kernel, size_t global, size_t local,
			    cl_uint num_wait, const cl_event *wait, cl_event *event)
{
	return cw_api_clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &global, local ? &local : NULL,
					     num_wait, wait, event);
}

static inline cl_int event_status(cl_event event)
{
	cl_int status = 99;

	REQUIRE(!cw_api_clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof(status),
				       &status, NULL));
	return status;
}

#endif
