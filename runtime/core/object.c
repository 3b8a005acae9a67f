/* SPDX-License-Identifier: MIT */
#include "core/object.h"

#include <assert.h>
#include <stddef.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/ref.h"
#include "core/platform.h"

/*
 * DOC: destruction
 *
 * Destroying an object drops references, which may destroy more, and a chain
 * of events or sub-buffers can be long.  So a nested last put only queues its
 * object (linked through loader_data) for the outermost one to destroy.
 */
static cw_tls struct cw_object *doomed;
static cw_tls bool destroying;

void cw_object_init(struct cw_object *object, enum cw_class class,
		    void (*destroy)(struct cw_object *object))
{
	object->dispatch = &cw_dispatch;
	object->loader_data = cw_platform_loader_data();
	object->class = class;
	cw_ref_init(&object->api_refs);
	cw_ref_init(&object->refs);
	object->destroy = destroy;
}

bool cw_object_is_valid(const void *handle, enum cw_class class)
{
	const struct cw_object *object = handle;

	if (!object || (uintptr_t)handle % _Alignof(struct cw_object))
		return false;
	return object->dispatch == &cw_dispatch && object->class == class &&
	       atomic_load_explicit(&object->api_refs, memory_order_relaxed);
}

void cw_object_retain(struct cw_object *object)
{
	cw_ref_get(&object->api_refs);
}

void cw_object_release(struct cw_object *object)
{
	if (cw_ref_put(&object->api_refs))
		cw_object_put(object);
}

void cw_object_get(struct cw_object *object)
{
	cw_ref_get(&object->refs);
}

static void destroy(struct cw_object *object)
{
	cw_log(REF, "object %p of class %#x ends", (void *)object, object->class);
	cw_lock_check_none();
	object->class = 0;
	object->destroy(object);
}

void cw_object_put(struct cw_object *object)
{
	if (!cw_ref_put(&object->refs))
		return;
	if (destroying) {
		object->loader_data = doomed;
		doomed = object;
		return;
	}
	destroying = true;
	destroy(object);
	while (doomed) {
		object = doomed;
		doomed = object->loader_data;
		destroy(object);
	}
	destroying = false;
}
