// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fence pages: one page a queue that the kernel writes and clients map.
 *
 * A mapping has a reference to the page and outlives the queue, and it is filled
 * again after the device was unplugged, which takes all mappings of the node
 * away: a client that looks at its fence never gets a signal for it.
 */
#include <drm/drm_file.h>
#include <linux/mm.h>

#include "causeway_compat.h"
#include "causeway_fence.h"
#include "causeway_queue.h"

/* Offsets in the render node; below are those that other drivers use for buffers. */
#define FENCE_PGOFF BIT(20)

/**
 * causeway_fence_init - make the fence page of a queue
 * @queue: being made
 *
 * Return: 0 or -ENOMEM.
 */
int causeway_fence_init(struct causeway_queue *queue)
{
	queue->fence_page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!queue->fence_page)
		return -ENOMEM;
	queue->fence = page_address(queue->fence_page);
	return 0;
}

/**
 * causeway_fence_fini - give up the fence page of a queue
 * @queue: nobody writes its fence any more
 */
void causeway_fence_fini(struct causeway_queue *queue)
{
	put_page(queue->fence_page);
}

/**
 * causeway_fence_offset - where a client maps the fence page of a queue
 * @queue: with its id
 *
 * Return: offset in the render node, bytes.
 */
u64 causeway_fence_offset(const struct causeway_queue *queue)
{
	return (u64)(FENCE_PGOFF + queue->id) << PAGE_SHIFT;
}

static void fence_vma_open(struct vm_area_struct *vma)
{
	get_page(vma->vm_private_data);
}

static void fence_vma_close(struct vm_area_struct *vma)
{
	put_page(vma->vm_private_data);
}

static vm_fault_t fence_vma_fault(struct vm_fault *vmf)
{
	struct page *page = vmf->vma->vm_private_data;

	get_page(page);
	vmf->page = page;
	return 0;
}

static const struct vm_operations_struct fence_vm_ops = {
	.open = fence_vma_open,
	.close = fence_vma_close,
	.fault = fence_vma_fault,
};

/**
 * causeway_fence_mmap - mmap() of the render node
 * @file: the node
 * @vma: one page, shared, not writable
 */
int causeway_fence_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct drm_file *drm_file = file->private_data;
	struct causeway_queue *queue;

	if (vma->vm_end - vma->vm_start != PAGE_SIZE || vma->vm_pgoff < FENCE_PGOFF ||
	    vma->vm_pgoff - FENCE_PGOFF > U32_MAX)
		return -EINVAL;
	if (vma->vm_flags & (VM_WRITE | VM_EXEC) || !(vma->vm_flags & VM_SHARED))
		return -EACCES;
	queue = causeway_queue_lookup(causeway_file_from_drm(drm_file),
				      vma->vm_pgoff - FENCE_PGOFF);
	if (!queue)
		return -ENOENT;
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	vm_flags_clear(vma, VM_MAYWRITE | VM_MAYEXEC);
	get_page(queue->fence_page);
	vma->vm_private_data = queue->fence_page;
	vma->vm_ops = &fence_vm_ops;
	causeway_queue_put(queue);
	return 0;
}
