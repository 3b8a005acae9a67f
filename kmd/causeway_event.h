/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CAUSEWAY_EVENT_H
#define CAUSEWAY_EVENT_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <uapi/drm/causeway_drm.h>

struct causeway_vm;
struct drm_device;
struct drm_file;

/**
 * struct causeway_events - the event files of a VM
 */
struct causeway_events {
	/** @lock: guards the rest and the rings of the files; irq-safe; nearly a leaf: only
	 * locks of wait queues are taken inside
	 */
	spinlock_t lock;

	/** @files: &causeway_event_file.link */
	struct list_head files;

	/** @count: entries of @files */
	unsigned int count;

	/** @mask: 1 << enum drm_causeway_event_type, what any of them wants; READ_ONCE() */
	u32 mask;

	/** @closed: the VM has ended: files are at their end when they were read */
	bool closed;
};

void causeway_events_init(struct causeway_events *events);
void causeway_event_close_all(struct causeway_vm *vm);
bool causeway_event_wanted(struct causeway_vm *vm, enum drm_causeway_event_type type);
void causeway_event_emit(struct causeway_vm *vm, const struct drm_causeway_event *event);
int causeway_event_open_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#endif
