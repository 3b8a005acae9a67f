/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CAUSEWAY_ATTR_H
#define CAUSEWAY_ATTR_H

#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <uapi/drm/causeway_drm.h>

struct causeway_vm;
struct drm_device;
struct drm_file;

/**
 * struct causeway_attrs - the advice of a VM
 *
 * An interval tree of its own, apart from the notifiers' chunks and from where
 * pages lie: advice outlives migration and is dropped by the one event that says
 * that a mapping ended, MMU_NOTIFY_UNMAP (munmap, mremap away, MAP_FIXED over it).
 */
struct causeway_attrs {
	/** @lock: guards all; a leaf; taken in notifiers */
	spinlock_t lock;

	/** @tree: &struct causeway_attr_range, disjoint, no two neighbours with equal values */
	struct rb_root_cached tree;

	/** @count: ranges in @tree; read without @lock to find out that there are none */
	unsigned int count;
};

/**
 * struct causeway_attr_set - all attributes of one address
 */
struct causeway_attr_set {
	/** @values: by enum drm_causeway_attr_type */
	u32 values[DRM_CAUSEWAY_ATTR_COUNT];
};

void causeway_attr_init(struct causeway_vm *vm);
void causeway_attr_finish(struct causeway_vm *vm);

u32 causeway_attr_get(struct causeway_vm *vm, unsigned long addr, enum drm_causeway_attr_type type);
void causeway_attr_lookup(struct causeway_vm *vm, unsigned long addr, unsigned long *start,
			  unsigned long *end, struct causeway_attr_set *out);
void causeway_attr_drop(struct causeway_vm *vm, unsigned long start, unsigned long end);
bool causeway_attr_next(struct causeway_vm *vm, unsigned long start, unsigned long end,
			struct drm_causeway_attr_range *out);

int causeway_attr_module_init(void);
void causeway_attr_module_exit(void);

int causeway_advise_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#endif
