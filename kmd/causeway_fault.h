/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CAUSEWAY_FAULT_H
#define CAUSEWAY_FAULT_H

#include <linux/mm.h>
#include <linux/types.h>
#include <uapi/drm/causeway_drm.h>

#include "causeway_attr.h"

struct causeway_chunk;
struct causeway_vm;

/* Bytes that one fault makes present where nobody advised otherwise. */
#define CAUSEWAY_DEFAULT_GRANULE_SHIFT 16

/**
 * struct causeway_fault_plan - how a device fault is to be served
 *
 * Filled by the fault path; causeway_policy_fault() sets @want_device, and if so
 * the ranges @move and @fill.
 */
struct causeway_fault_plan {
	/** @chunk: that the address lies in, referenced */
	struct causeway_chunk *chunk;

	/** @attrs: advice for the address; the same in all of [start, end) */
	struct causeway_attr_set attrs;

	/** @start: first byte that this fault makes present; inside chunk, VMA and advice */
	unsigned long start;

	/** @end: first byte beyond */
	unsigned long end;

	/** @want_device: [move_start, move_end) is to move to the device's memory first */
	bool want_device;

	/** @move_start: at or after the start of the VMA; page aligned */
	unsigned long move_start;

	/** @move_end: at or before the end of the VMA; page aligned */
	unsigned long move_end;

	/** @fill_start: from here on, an address without a page gets one in device memory */
	unsigned long fill_start;

	/** @fill_end: to here */
	unsigned long fill_end;
};

extern const struct vm_operations_struct causeway_vm_ops;

int causeway_fault_serve(struct causeway_vm *vm, struct mm_struct *engine_mm, unsigned long addr,
			 bool write, bool user, unsigned int *pages,
			 enum drm_causeway_reason *reason);

#endif
