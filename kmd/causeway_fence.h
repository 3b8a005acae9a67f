/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CAUSEWAY_FENCE_H
#define CAUSEWAY_FENCE_H

#include <linux/types.h>

struct causeway_queue;
struct file;
struct vm_area_struct;

int causeway_fence_init(struct causeway_queue *queue);
void causeway_fence_fini(struct causeway_queue *queue);
u64 causeway_fence_offset(const struct causeway_queue *queue);
int causeway_fence_mmap(struct file *file, struct vm_area_struct *vma);

#endif
