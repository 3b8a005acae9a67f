/* SPDX-License-Identifier: MIT */
/* What the parts of t_uapi share: a valid call of every ioctl, to spoil. */
#ifndef T_UAPI_H
#define T_UAPI_H

#include "kt.h"

#define UAPI_PAGES 8
#define UAPI_BYTES (UAPI_PAGES * KT_PAGE)

/*
 * struct uapi - one client with everything that a valid call needs
 * @slot: a job's descriptor, once a submit was made
 */
struct uapi {
	struct kt_vm vm;
	struct kt_queue queue;
	char *memory;
	uint8_t pages[UAPI_PAGES];
	struct drm_causeway_device_info info;
	struct drm_causeway_attr attr;
	struct drm_causeway_job job;
	void *slot;
};

union uapi_arg {
	struct drm_causeway_device_query device_query;
	struct drm_causeway_vm_create vm_create;
	struct drm_causeway_vm_destroy vm_destroy;
	struct drm_causeway_advise advise;
	struct drm_causeway_migrate migrate;
	struct drm_causeway_query query;
	struct drm_causeway_queue_create queue_create;
	struct drm_causeway_queue_destroy queue_destroy;
	struct drm_causeway_submit submit;
	struct drm_causeway_wait wait;
	struct drm_causeway_event_open event_open;
};

enum uapi_which {
	UAPI_DEVICE_QUERY,
	UAPI_VM_CREATE,
	UAPI_VM_DESTROY,
	UAPI_ADVISE,
	UAPI_MIGRATE,
	UAPI_QUERY,
	UAPI_QUEUE_CREATE,
	UAPI_QUEUE_DESTROY,
	UAPI_SUBMIT,
	UAPI_WAIT,
	UAPI_EVENT_OPEN,
	UAPI_CALL_COUNT
};

/*
 * struct uapi_call - an ioctl
 * @make: fills a zeroed argument so that the call works
 */
struct uapi_call {
	const char *name;
	unsigned long request;
	size_t size;
	void (*make)(struct uapi *u, void *arg);
};

extern const struct uapi_call uapi_calls[UAPI_CALL_COUNT];

void uapi_open(struct uapi *u);
/* The call as it is meant; 0. */
int uapi_valid(struct uapi *u, enum uapi_which which);

void uapi_pointer_cases(void);
void uapi_range_cases(void);
void uapi_object_cases(void);
void uapi_file_cases(void);

#endif
