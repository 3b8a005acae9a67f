/* SPDX-License-Identifier: MIT */
#include "core/context.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "core/destructor.h"
#include "core/properties.h"
#include "device/device.h"

typedef void(CL_CALLBACK *context_destructor)(cl_context context, void *user);

static void call_destructor(void *owner, const struct cw_destructor *destructor)
{
	((context_destructor)destructor->function)(cw_context_handle(owner), destructor->user);
}

static void free_context(struct cw_context *context)
{
	for (unsigned i = 0; i < context->num_devices; i++)
		cw_device_put(context->devices[i]);
	free(context->devices);
	free(context->properties);
	free(context);
}

static void destroy(struct cw_object *object)
{
	struct cw_context *context = (struct cw_context *)object;

	cw_destructors_run(&context->destructors, context, call_destructor);
	cw_svm_registry_finish(&context->svm);
	free_context(context);
}

static bool add_devices(struct cw_context *context, const struct cw_context_desc *desc)
{
	context->devices = calloc(desc->num_devices, sizeof(*context->devices));
	if (!context->devices)
		return false;
	for (unsigned i = 0; i < desc->num_devices; i++) {
		if (!cw_context_has_device(context, desc->devices[i]))
			context->devices[context->num_devices++] = cw_device_get(desc->devices[i]);
	}
	return true;
}

struct cw_context *cw_context_create(const struct cw_context_desc *desc)
{
	struct cw_context *context = calloc(1, sizeof(*context));

	if (!context)
		return NULL;
	context->properties = cw_properties_copy(desc->properties, &context->num_properties);
	if ((desc->properties && !context->properties) || !add_devices(context, desc)) {
		free_context(context);
		return NULL;
	}
	context->notify = desc->notify;
	context->notify_user = desc->notify_user;
	cw_svm_registry_init(&context->svm);
	cw_object_init(&context->object, CW_CLASS_CONTEXT, destroy);
	return context;
}

bool cw_context_has_device(const struct cw_context *context, const struct cw_device *device)
{
	for (unsigned i = 0; i < context->num_devices; i++) {
		if (context->devices[i] == device)
			return true;
	}
	return false;
}

uint64_t cw_context_max_alloc(const struct cw_context *context)
{
	uint64_t most = 0;

	for (unsigned i = 0; i < context->num_devices; i++) {
		if (context->devices[i]->caps.max_alloc_bytes > most)
			most = context->devices[i]->caps.max_alloc_bytes;
	}
	return most;
}

cl_device_svm_capabilities cw_context_svm(const struct cw_context *context)
{
	cl_device_svm_capabilities any = 0;

	for (unsigned i = 0; i < context->num_devices; i++)
		any |= context->devices[i]->caps.svm;
	return any;
}

bool cw_context_add_destructor(struct cw_context *context, context_destructor notify, void *user)
{
	return cw_destructor_add(&context->destructors, (void (*)(void))notify, user);
}

void cw_context_notify(struct cw_context *context, const char *format, ...)
{
	char text[1024];
	va_list args;

	if (!context->notify)
		return;
	cw_lock_check_none();
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	context->notify(text, NULL, 0, context->notify_user);
}
