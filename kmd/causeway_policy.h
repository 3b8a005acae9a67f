/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a page is best kept.
 */
#ifndef CAUSEWAY_POLICY_H
#define CAUSEWAY_POLICY_H

#include <linux/mm_types.h>
#include <linux/types.h>
#include <uapi/drm/causeway_drm.h>

struct causeway_account;
struct causeway_fault_plan;
struct causeway_vm;

enum drm_causeway_reason causeway_policy_fault(struct causeway_vm *vm, struct vm_area_struct *vma,
					       unsigned long addr, bool write,
					       struct causeway_fault_plan *plan);
enum drm_causeway_reason
causeway_policy_may_promote(struct causeway_vm *vm, struct vm_area_struct *vma, unsigned long addr);

void causeway_policy_moved_in(struct causeway_vm *vm, unsigned long start, unsigned long end);
void causeway_policy_evict(struct causeway_account *account, unsigned long address);
void causeway_policy_home_range(struct causeway_account *account, struct vm_area_struct *vma,
				unsigned long addr, unsigned long *start_out,
				unsigned long *end_out);
void causeway_policy_moved_home(struct causeway_account *account, struct vm_area_struct *vma,
				unsigned long start, unsigned long end, unsigned long moved,
				u64 begin_ns);

bool causeway_policy_pinned(struct causeway_vm *vm, unsigned long addr);
u32 causeway_policy_access(struct causeway_vm *vm, unsigned long addr);

#endif
