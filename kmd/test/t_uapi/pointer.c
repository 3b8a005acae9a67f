/* SPDX-License-Identifier: MIT */
/* Addresses that lead nowhere, as the ioctl's argument and inside it. */
#include "uapi.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum place {
	PLACE_NULL,
	PLACE_LOW,
	PLACE_KERNEL,
	PLACE_ODD,
	PLACE_UNMAPPED,
	PLACE_NONE,
	PLACE_END
};

static const char *const place_names[] = {
	[PLACE_NULL] = "null",	       [PLACE_LOW] = "low",	      [PLACE_KERNEL] = "kernel",
	[PLACE_ODD] = "non-canonical", [PLACE_UNMAPPED] = "unmapped", [PLACE_NONE] = "prot-none",
	[PLACE_END] = "page-end",
};

/* An address of the kind; @bytes there would be too much for PLACE_END. */
static uint64_t address_of(enum place place)
{
	char *p;

	switch (place) {
	case PLACE_NULL:
		return 0;
	case PLACE_LOW:
		return 0x1000;
	case PLACE_KERNEL:
		return 0xffffffff81000000;
	case PLACE_ODD:
		return 0x8000deadbeef0000;
	case PLACE_UNMAPPED:
		p = kt_anon(KT_PAGE);
		kt_unmap(p, KT_PAGE);
		return (uintptr_t)p;
	case PLACE_NONE:
		p = kt_anon(KT_PAGE);
		KT_SYS(mprotect(p, KT_PAGE, PROT_NONE));
		return (uintptr_t)p;
	case PLACE_END:
		p = kt_anon(2 * KT_PAGE);
		kt_unmap(p + KT_PAGE, KT_PAGE);
		return (uintptr_t)p + KT_PAGE - 4;
	}
	return 0;
}

/*
 * struct pointer - an address inside an argument
 * @offset: of the field
 */
struct pointer {
	enum uapi_which which;
	const char *field;
	size_t offset;
};

static const struct pointer pointers[] = {
	{UAPI_DEVICE_QUERY, "data", offsetof(struct drm_causeway_device_query, data)},
	{UAPI_ADVISE, "attrs", offsetof(struct drm_causeway_advise, attrs)},
	{UAPI_QUERY, "data", offsetof(struct drm_causeway_query, data)},
	{UAPI_SUBMIT, "jobs", offsetof(struct drm_causeway_submit, jobs)},
	{UAPI_SUBMIT, "syncobjs", offsetof(struct drm_causeway_submit, syncobjs)},
};

/*
 * struct spoilt - a pointer and what it is replaced by
 * @pointer: NULL: the argument's own address
 */
struct spoilt {
	const struct pointer *pointer;
	enum uapi_which which;
	enum place place;
};

static void bad_argument(const void *param)
{
	const struct spoilt *s = param;
	struct uapi u;

	uapi_open(&u);
	KT_EQ(uapi_valid(&u, s->which), 0);
	KT_EQ(kt_ioctl(u.vm.fd, uapi_calls[s->which].request, (void *)address_of(s->place)),
	      -EFAULT);
	KT_EQ(uapi_valid(&u, s->which), 0);
}

static void bad_pointer(const void *param)
{
	const struct spoilt *s = param;
	union uapi_arg arg = {0};
	uint64_t address;
	struct uapi u;

	uapi_open(&u);
	KT_EQ(uapi_valid(&u, s->which), 0);
	uapi_calls[s->which].make(&u, &arg);
	address = address_of(s->place);
	if (s->pointer->offset == offsetof(struct drm_causeway_submit, syncobjs) &&
	    s->which == UAPI_SUBMIT)
		arg.submit.syncobj_count = 4;
	if (s->which == UAPI_DEVICE_QUERY)
		arg.device_query.size = sizeof(u.info);
	memcpy((char *)&arg + s->pointer->offset, &address, sizeof(address));
	KT_EQ(kt_ioctl(u.vm.fd, uapi_calls[s->which].request, &arg), -EFAULT);
	KT_EQ(uapi_valid(&u, s->which), 0);
}

/* Results can't be written into memory that may only be read. */
static void read_only_result(const void *param)
{
	char *p = kt_anon(KT_PAGE);
	union uapi_arg arg = {0};
	struct uapi u;

	(void)param;
	uapi_open(&u);
	KT_SYS(mprotect(p, KT_PAGE, PROT_READ));
	uapi_calls[UAPI_DEVICE_QUERY].make(&u, &arg);
	arg.device_query.data = (uintptr_t)p;
	KT_EQ(kt_ioctl(u.vm.fd, uapi_calls[UAPI_DEVICE_QUERY].request, &arg), -EFAULT);
	memset(&arg, 0, sizeof(arg));
	uapi_calls[UAPI_QUERY].make(&u, &arg);
	arg.query.data = (uintptr_t)p;
	KT_EQ(kt_ioctl(u.vm.fd, uapi_calls[UAPI_QUERY].request, &arg), -EFAULT);
}

/* A call whose struct can't be written back leaves no object that nobody knows. */
static void result_lost(const void *param)
{
	struct drm_causeway_queue_create *create = kt_anon(KT_PAGE);
	struct uapi u;
	size_t made = 0;

	(void)param;
	uapi_open(&u);
	uapi_calls[UAPI_QUEUE_CREATE].make(&u, create);
	KT_SYS(mprotect(create, KT_PAGE, PROT_READ));
	KT_EQ(kt_ioctl(u.vm.fd, DRM_IOCTL_CAUSEWAY_QUEUE_CREATE, create), -EFAULT);
	KT_SYS(mprotect(create, KT_PAGE, PROT_READ | PROT_WRITE));
	/* What is lost may stay until the VM ends, but the VM ends. */
	while (made < u.vm.info.max_queues && uapi_valid(&u, UAPI_QUEUE_CREATE) == 0)
		made++;
	KT_CHECK(made + 2 >= u.vm.info.max_queues);
	kt_vm_close(&u.vm);
}

void uapi_pointer_cases(void)
{
	static struct spoilt spoilt[UAPI_CALL_COUNT * 8ul + KT_COUNT(pointers) * 8];
	size_t used = 0;
	char name[100];

	for (unsigned int place = 0; place < KT_COUNT(place_names); place++) {
		for (unsigned int which = 0; which < UAPI_CALL_COUNT; which++) {
			struct kt_case c = {
				.name = name, .run = bad_argument, .param = &spoilt[used]};

			spoilt[used++] = (struct spoilt){NULL, which, place};
			snprintf(name, sizeof(name), "argument-%s-%s", uapi_calls[which].name,
				 place_names[place]);
			for (char *p = name; *p; p++)
				*p = *p == '_' ? '-' : *p;
			/* One place of the rare kind for all calls is enough before each commit. */
			c.flags = place == PLACE_LOW || place == PLACE_ODD ? KT_FULL : 0;
			kt_add(&c);
		}
		for (size_t i = 0; i < KT_COUNT(pointers); i++) {
			struct kt_case c = {
				.name = name, .run = bad_pointer, .param = &spoilt[used]};

			/* One job or attribute fits before the end of a page only by 4 bytes. */
			spoilt[used++] = (struct spoilt){&pointers[i], pointers[i].which, place};
			snprintf(name, sizeof(name), "pointer-%s-%s-%s",
				 uapi_calls[pointers[i].which].name, pointers[i].field,
				 place_names[place]);
			for (char *p = name; *p; p++)
				*p = *p == '_' ? '-' : *p;
			kt_add(&c);
		}
	}
	kt_add(&(struct kt_case){.name = "pointer-result-read-only", .run = read_only_result});
	kt_add(&(struct kt_case){.name = "pointer-result-lost", .run = result_lost});
}
