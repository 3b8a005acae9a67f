/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages between system memory and the memory of a device.
 */
#ifndef CAUSEWAY_MIGRATE_H
#define CAUSEWAY_MIGRATE_H

#include <linux/mm_types.h>
#include <linux/types.h>
#include <uapi/drm/causeway_drm.h>

struct causeway_devmem;
struct causeway_vm;
struct drm_device;
struct drm_file;

/**
 * struct causeway_move - a request to move pages, and what became of it
 *
 * Zeroed, it asks to move what is there and leave holes.
 *
 * @fill_start: in: from here on an address without a page gets one
 * @fill_end: in: to here
 * @peers: in: pages in the memory of other devices come, too
 * @explain: in: every page is to be accounted for
 * @moved: out: pages, added to what is there
 * @skipped: out: pages that didn't move, by reason, added to what is there
 */
struct causeway_move {
	unsigned long fill_start;
	unsigned long fill_end;
	bool peers;
	bool explain;
	unsigned long moved;
	unsigned long skipped[DRM_CAUSEWAY_REASON_COUNT];
};

int causeway_migrate_in(struct causeway_vm *vm, struct vm_area_struct *vma, unsigned long start,
			unsigned long end, struct causeway_move *move);
int causeway_migrate_out(struct causeway_vm *vm, struct vm_area_struct *vma, unsigned long start,
			 unsigned long end, struct causeway_move *move);
enum drm_causeway_reason causeway_migrate_reason(const struct vm_area_struct *vma);

int causeway_migrate_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

vm_fault_t causeway_migrate_to_ram(struct vm_fault *vmf);

#endif
