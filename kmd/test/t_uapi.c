/* SPDX-License-Identifier: MIT */
/*
 * The driver's arguments: every field of every ioctl with values that it may
 * not take, pointers that lead nowhere, ranges that aren't, the wrong order,
 * limits.  A valid call comes before and after each bad one.
 */
#include "t_uapi/uapi.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static void make_device_query(struct uapi *u, void *arg)
{
	struct drm_causeway_device_query *a = arg;

	a->data = (uintptr_t)&u->info;
	a->size = sizeof(u->info);
}

static void make_vm_create(struct uapi *u, void *arg)
{
	struct drm_causeway_vm_create *a = arg;

	(void)u;
	a->window_start = CAUSEWAY_WINDOW_START;
	a->window_size = CAUSEWAY_WINDOW_SIZE;
}

static void make_vm_destroy(struct uapi *u, void *arg)
{
	struct drm_causeway_vm_create create = {0};
	struct drm_causeway_vm_destroy *a = arg;

	make_vm_create(u, &create);
	KT_EQ(kt_ioctl(u->vm.fd, DRM_IOCTL_CAUSEWAY_VM_CREATE, &create), 0);
	a->vm_id = create.vm_id;
}

static void make_advise(struct uapi *u, void *arg)
{
	struct drm_causeway_advise *a = arg;

	u->attr = (struct drm_causeway_attr){.type = DRM_CAUSEWAY_ATTR_LOCATION,
					     .value = DRM_CAUSEWAY_LOCATION_SYSTEM};
	a->start = (uintptr_t)u->memory;
	a->length = UAPI_BYTES;
	a->attrs = (uintptr_t)&u->attr;
	a->attr_count = 1;
	a->vm_id = u->vm.id;
}

static void make_migrate(struct uapi *u, void *arg)
{
	struct drm_causeway_migrate *a = arg;

	a->start = (uintptr_t)u->memory;
	a->length = UAPI_BYTES;
	a->vm_id = u->vm.id;
	a->location = DRM_CAUSEWAY_LOCATION_SYSTEM;
}

static void make_query(struct uapi *u, void *arg)
{
	struct drm_causeway_query *a = arg;

	a->start = (uintptr_t)u->memory;
	a->length = UAPI_BYTES;
	a->data = (uintptr_t)u->pages;
	a->count = UAPI_PAGES;
	a->type = DRM_CAUSEWAY_QUERY_RESIDENCY;
	a->vm_id = u->vm.id;
}

static void make_queue_create(struct uapi *u, void *arg)
{
	struct drm_causeway_queue_create *a = arg;

	a->vm_id = u->vm.id;
	a->priority = DRM_CAUSEWAY_PRIORITY_NORMAL;
}

static void make_queue_destroy(struct uapi *u, void *arg)
{
	struct drm_causeway_queue_create create = {0};
	struct drm_causeway_queue_destroy *a = arg;

	make_queue_create(u, &create);
	KT_EQ(kt_ioctl(u->vm.fd, DRM_IOCTL_CAUSEWAY_QUEUE_CREATE, &create), 0);
	a->queue_id = create.queue_id;
}

static void make_submit(struct uapi *u, void *arg)
{
	struct kt_op op = {.fn = kt_dev_nothing};
	struct drm_causeway_submit *a = arg;

	if (!u->slot)
		u->slot = kt_slot_get(&op);
	((struct causeway_job *)u->slot)->next = 0;
	u->job = (struct drm_causeway_job){.address = (uintptr_t)u->slot, .width = 1};
	a->queue_id = u->queue.id;
	a->job_count = 1;
	a->jobs = (uintptr_t)&u->job;
}

static void make_wait(struct uapi *u, void *arg)
{
	struct drm_causeway_wait *a = arg;

	a->queue_id = u->queue.id;
	a->deadline_ns = -1;
}

static void make_event_open(struct uapi *u, void *arg)
{
	struct drm_causeway_event_open *a = arg;

	a->vm_id = u->vm.id;
	a->mask = 1u << DRM_CAUSEWAY_EVENT_FAULT;
}

#define CALL(name, NAME)                                                                           \
	{#name, DRM_IOCTL_CAUSEWAY_##NAME, sizeof(struct drm_causeway_##name), make_##name}

const struct uapi_call uapi_calls[UAPI_CALL_COUNT] = {
	[UAPI_DEVICE_QUERY] = CALL(device_query, DEVICE_QUERY),
	[UAPI_VM_CREATE] = CALL(vm_create, VM_CREATE),
	[UAPI_VM_DESTROY] = CALL(vm_destroy, VM_DESTROY),
	[UAPI_ADVISE] = CALL(advise, ADVISE),
	[UAPI_MIGRATE] = CALL(migrate, MIGRATE),
	[UAPI_QUERY] = CALL(query, QUERY),
	[UAPI_QUEUE_CREATE] = CALL(queue_create, QUEUE_CREATE),
	[UAPI_QUEUE_DESTROY] = CALL(queue_destroy, QUEUE_DESTROY),
	[UAPI_SUBMIT] = CALL(submit, SUBMIT),
	[UAPI_WAIT] = CALL(wait, WAIT),
	[UAPI_EVENT_OPEN] = CALL(event_open, EVENT_OPEN),
};

void uapi_open(struct uapi *u)
{
	memset(u, 0, sizeof(*u));
	kt_vm_open(&u->vm);
	kt_queue_open(&u->queue, &u->vm);
	u->memory = kt_anon(UAPI_BYTES);
	kt_fill(u->memory, UAPI_PAGES, KT_PAGE, 1);
}

int uapi_valid(struct uapi *u, enum uapi_which which)
{
	const struct uapi_call *call = &uapi_calls[which];
	union uapi_arg arg = {0};
	int err;

	call->make(u, &arg);
	err = kt_ioctl(u->vm.fd, call->request, &arg);
	/* Moving needs memory to move to: without it the answer is always the same. */
	if (which == UAPI_MIGRATE && err == -EOPNOTSUPP && !kt_can_migrate(&u->vm))
		return 0;
	return err;
}

/*
 * struct bad - one field with a value that it may not have
 * @value: written there, @size bytes
 * @error: the answer
 */
struct bad {
	const char *field;
	const char *what;
	size_t offset;
	size_t size;
	uint64_t value;
	enum uapi_which which;
	int error;
};

#define BAD(call, CALL, field, what, value, error)                                                 \
	{#field,                                                                                   \
	 what,                                                                                     \
	 offsetof(struct drm_causeway_##call, field),                                              \
	 sizeof(((struct drm_causeway_##call *)0)->field),                                         \
	 (uint64_t)(value),                                                                        \
	 UAPI_##CALL,                                                                              \
	 error}

static const struct bad bads[] = {
	BAD(device_query, DEVICE_QUERY, pad, "set", 1, EINVAL),
	BAD(vm_create, VM_CREATE, window_start, "unaligned", CAUSEWAY_WINDOW_START + 4096, EINVAL),
	BAD(vm_create, VM_CREATE, window_start, "odd", CAUSEWAY_WINDOW_START + 1, EINVAL),
	BAD(vm_create, VM_CREATE, window_start, "kernel", 0xffff800000000000, EINVAL),
	BAD(vm_create, VM_CREATE, window_start, "wraps", -(1ull << 30), EINVAL),
	BAD(vm_create, VM_CREATE, window_start, "beyond", 1ull << 57, EINVAL),
	BAD(vm_create, VM_CREATE, window_size, "zero", 0, EINVAL),
	BAD(vm_create, VM_CREATE, window_size, "odd", CAUSEWAY_WINDOW_SIZE + 1, EINVAL),
	BAD(vm_create, VM_CREATE, window_size, "page", 4096, EINVAL),
	BAD(vm_create, VM_CREATE, window_size, "all", -(1ull << 30), EINVAL),
	BAD(vm_create, VM_CREATE, window_size, "wraps", ~0ull, EINVAL),
	BAD(vm_create, VM_CREATE, flags, "one", 1, EINVAL),
	BAD(vm_create, VM_CREATE, flags, "high", 1u << 31, EINVAL),
	BAD(vm_create, VM_CREATE, pad, "set", 1, EINVAL),
	BAD(vm_destroy, VM_DESTROY, vm_id, "unknown", 0x7ffffff0, ENOENT),
	BAD(vm_destroy, VM_DESTROY, vm_id, "zero", 0, ENOENT),
	BAD(vm_destroy, VM_DESTROY, vm_id, "all-ones", ~0u, ENOENT),
	BAD(vm_destroy, VM_DESTROY, pad, "set", 7, EINVAL),
	BAD(advise, ADVISE, vm_id, "unknown", 0x7ffffff0, ENOENT),
	BAD(advise, ADVISE, attr_count, "zero", 0, EINVAL),
	BAD(advise, ADVISE, attr_count, "many", DRM_CAUSEWAY_ATTR_COUNT + 1, EINVAL),
	BAD(advise, ADVISE, attr_count, "huge", ~0u, EINVAL),
	BAD(migrate, MIGRATE, vm_id, "unknown", 0x7ffffff0, ENOENT),
	BAD(migrate, MIGRATE, location, "default", DRM_CAUSEWAY_LOCATION_DEFAULT, EINVAL),
	BAD(migrate, MIGRATE, location, "unknown", 3, EINVAL),
	BAD(migrate, MIGRATE, location, "all-ones", ~0u, EINVAL),
	BAD(migrate, MIGRATE, flags, "one", 1, EINVAL),
	BAD(migrate, MIGRATE, flags, "high", 1u << 31, EINVAL),
	BAD(migrate, MIGRATE, pad, "set", 1, EINVAL),
	BAD(query, QUERY, vm_id, "unknown", 0x7ffffff0, ENOENT),
	BAD(query, QUERY, type, "unknown", DRM_CAUSEWAY_QUERY_COUNTERS + 1, EINVAL),
	BAD(query, QUERY, type, "all-ones", ~0u, EINVAL),
	BAD(query, QUERY, type, "counters-of-range", DRM_CAUSEWAY_QUERY_COUNTERS, EINVAL),
	BAD(query, QUERY, pad, "set", 1, EINVAL),
	BAD(queue_create, QUEUE_CREATE, vm_id, "unknown", 0x7ffffff0, ENOENT),
	BAD(queue_create, QUEUE_CREATE, priority, "unknown", 3, EINVAL),
	BAD(queue_create, QUEUE_CREATE, priority, "all-ones", ~0u, EINVAL),
	BAD(queue_create, QUEUE_CREATE, flags, "one", 1, EINVAL),
	BAD(queue_create, QUEUE_CREATE, flags, "high", 1u << 31, EINVAL),
	BAD(queue_create, QUEUE_CREATE, pad, "set", 1, EINVAL),
	BAD(queue_destroy, QUEUE_DESTROY, queue_id, "unknown", 0x7ffffff0, ENOENT),
	BAD(queue_destroy, QUEUE_DESTROY, queue_id, "zero", 0, ENOENT),
	BAD(queue_destroy, QUEUE_DESTROY, pad, "set", 1, EINVAL),
	BAD(submit, SUBMIT, queue_id, "unknown", 0x7ffffff0, ENOENT),
	BAD(submit, SUBMIT, job_count, "zero", 0, EINVAL),
	BAD(submit, SUBMIT, job_count, "huge", ~0u, EINVAL),
	BAD(submit, SUBMIT, flags, "one", 1, EINVAL),
	BAD(submit, SUBMIT, flags, "high", 1u << 31, EINVAL),
	BAD(wait, WAIT, queue_id, "unknown", 0x7ffffff0, ENOENT),
	BAD(wait, WAIT, seqno, "not-yet", 1ull << 40, EINVAL),
	BAD(wait, WAIT, seqno, "all-ones", ~0ull, EINVAL),
	BAD(event_open, EVENT_OPEN, vm_id, "unknown", 0x7ffffff0, ENOENT),
	BAD(event_open, EVENT_OPEN, mask, "unknown", 1u << DRM_CAUSEWAY_EVENT_COUNT, EINVAL),
	BAD(event_open, EVENT_OPEN, mask, "high", 1u << 31, EINVAL),
	BAD(event_open, EVENT_OPEN, mask, "nothing", 0, EINVAL),
	BAD(event_open, EVENT_OPEN, pad, "set", 1, EINVAL),
};

static void bad_field(const void *param)
{
	const struct bad *b = param;
	const struct uapi_call *call = &uapi_calls[b->which];
	union uapi_arg arg = {0};
	struct uapi u;

	uapi_open(&u);
	KT_EQ(uapi_valid(&u, b->which), 0);
	call->make(&u, &arg);
	memcpy((char *)&arg + b->offset, &b->value, b->size);
	KT_EQ(kt_ioctl(u.vm.fd, call->request, &arg), -b->error);
	KT_EQ(uapi_valid(&u, b->which), 0);
}

static void add_fields(void)
{
	for (size_t i = 0; i < KT_COUNT(bads); i++) {
		struct kt_case c = {.run = bad_field, .param = &bads[i]};
		char name[100];

		snprintf(name, sizeof(name), "field-%s-%s-%s", uapi_calls[bads[i].which].name,
			 bads[i].field, bads[i].what);
		for (char *p = name; *p; p++) {
			if (*p == '_')
				*p = '-';
		}
		c.name = name;
		kt_add(&c);
	}
}

static void list(void)
{
	add_fields();
	uapi_pointer_cases();
	uapi_range_cases();
	uapi_object_cases();
	uapi_file_cases();
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
