// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VM object: made by its owner, mapped by its engine, closed by whoever of
 * client, device and module ends first.
 */
#include <drm/drm_drv.h>
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "causeway_attr.h"
#include "causeway_compat.h"
#include "causeway_drv.h"
#include "causeway_engine.h"
#include "causeway_event.h"
#include "causeway_fault.h"
#include "causeway_memory.h"
#include "causeway_queue.h"
#include "causeway_svm.h"
#include "causeway_vm.h"

/* Address spaces that a VM mirrors; none of them may map a VM. */
static LIST_HEAD(owners);
static DEFINE_SPINLOCK(owners_lock);

/* DOC: locking says why. */
static struct lock_class_key i_mmap_key;

/* ---- the owner -------------------------------------------------------- */

static int owner_invalidate_start(struct mmu_notifier *notifier,
				  const struct mmu_notifier_range *range)
{
	struct causeway_vm *vm = container_of(notifier, struct causeway_vm, notifier);

	if (range->event == MMU_NOTIFY_UNMAP)
		causeway_attr_drop(vm, range->start, range->end);
	return 0;
}

static void owner_release(struct mmu_notifier *notifier, struct mm_struct *mm)
{
	struct causeway_vm *vm = container_of(notifier, struct causeway_vm, notifier);

	WRITE_ONCE(vm->owner_gone, true);
	queue_work(system_unbound_wq, &vm->gone_work);
}

static const struct mmu_notifier_ops owner_notifier_ops = {
	.invalidate_range_start = owner_invalidate_start,
	.release = owner_release,
};

static void owner_gone_work(struct work_struct *work)
{
	causeway_engine_shutdown(container_of(work, struct causeway_vm, gone_work));
}

/**
 * causeway_vm_owns_mm - is it the address space of a VM's owner
 * @mm: any
 *
 * Context: any; exact while the caller holds @mm's mmap_lock for writing.
 */
bool causeway_vm_owns_mm(struct mm_struct *mm)
{
	struct causeway_vm *vm;
	bool found = false;

	spin_lock(&owners_lock);
	list_for_each_entry(vm, &owners, owner_link)
		found |= vm->mm == mm;
	spin_unlock(&owners_lock);
	return found;
}

static bool mm_is_engine(struct mm_struct *mm)
{
	VMA_ITERATOR(vmi, mm, 0);
	struct vm_area_struct *vma;

	lockdep_assert_held(&mm->mmap_lock);
	for_each_vma(vmi, vma) {
		if (vma->vm_ops == &causeway_vm_ops)
			return true;
	}
	return false;
}

/* With engine_mmap() under the same mmap_lock, an mm is an owner or an engine, never both. */
static int bind_owner(struct causeway_vm *vm)
{
	int ret = 0;

	if (mmap_write_lock_killable(vm->mm))
		return -EINTR;
	if (mm_is_engine(vm->mm)) {
		ret = -EPERM;
	} else {
		spin_lock(&owners_lock);
		list_add_tail(&vm->owner_link, &owners);
		spin_unlock(&owners_lock);
	}
	mmap_write_unlock(vm->mm);
	return ret;
}

static void unbind_owner(struct causeway_vm *vm)
{
	spin_lock(&owners_lock);
	list_del_init(&vm->owner_link);
	spin_unlock(&owners_lock);
}

/* ---- the engine's file ------------------------------------------------ */

static int engine_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct causeway_vm *vm = file->private_data;

	lockdep_assert_held_write(&vma->vm_mm->mmap_lock);
	if (!(vma->vm_flags & VM_SHARED) || vma->vm_flags & VM_EXEC ||
	    vma->vm_pgoff != vma->vm_start >> PAGE_SHIFT)
		return -EINVAL;
	if (vma->vm_start < CAUSEWAY_VA_START || vma->vm_end > CAUSEWAY_VA_END ||
	    (vma->vm_start < vm->window_end && vma->vm_end > vm->window_start))
		return -EINVAL;
	if (causeway_vm_owns_mm(vma->vm_mm))
		return -EINVAL;
	vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP | VM_DONTCOPY | VM_NORESERVE);
	vm_flags_clear(vma, VM_MAYEXEC);
	vma->vm_ops = &causeway_vm_ops;
	vma->vm_private_data = vm;
	return 0;
}

static long engine_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return causeway_engine_ioctl(file->private_data, cmd, arg);
}

static int engine_flush(struct file *file, fl_owner_t id)
{
	causeway_engine_flush(file->private_data);
	return 0;
}

static int engine_release(struct inode *inode, struct file *file)
{
	file->f_mapping = inode->i_mapping;
	causeway_vm_put(file->private_data);
	return 0;
}

static const struct file_operations engine_fops = {
	.owner = THIS_MODULE,
	.mmap = engine_mmap,
	.unlocked_ioctl = engine_ioctl,
	.flush = engine_flush,
	.release = engine_release,
	.llseek = noop_llseek,
};

/**
 * causeway_vm_from_file - the VM of an engine file
 * @file: any file
 *
 * Return: the VM, which @file keeps alive, or NULL if it is another kind of file.
 */
struct causeway_vm *causeway_vm_from_file(struct file *file)
{
	return file->f_op == &engine_fops ? file->private_data : NULL;
}

static struct file *engine_file(struct causeway_vm *vm)
{
	struct file *file;

	file = anon_inode_getfile("[causeway-engine]", &engine_fops, vm, O_RDWR);
	if (IS_ERR(file))
		return file;
	causeway_vm_get(vm);
	vm->mapping.host = file_inode(file);
	file->f_mapping = &vm->mapping;
	return file;
}

/* ---- life ------------------------------------------------------------- */

static void vm_free(struct kref *ref)
{
	struct causeway_vm *vm = container_of(ref, struct causeway_vm, ref);

	WARN_ON(!list_empty(&vm->device_link) || !xa_empty(&vm->chunks));
	causeway_engine_free(vm);
	causeway_memory_free(vm);
	mutex_destroy(&vm->pt_lock);
	mutex_destroy(&vm->chunk_lock);
	mutex_destroy(&vm->close_lock);
	mmdrop(vm->mm);
	drm_dev_put(&vm->device->drm);
	kfree(vm);
}

/**
 * causeway_vm_put - give back a reference
 * @vm: the VM; closed, if it was the last
 *
 * Context: may sleep; no lock of the VM and no mmap_lock held.
 */
void causeway_vm_put(struct causeway_vm *vm)
{
	kref_put(&vm->ref, vm_free);
}

static void mapping_init(struct address_space *mapping)
{
	address_space_init_once(mapping);
	lockdep_set_class(&mapping->i_mmap_rwsem, &i_mmap_key);
	mapping->a_ops = &empty_aops;
}

static struct causeway_vm *vm_alloc(struct causeway_device *device)
{
	struct causeway_vm *vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);

	if (!vm)
		return NULL;
	kref_init(&vm->ref);
	drm_dev_get(&device->drm);
	vm->device = device;
	mmgrab(current->mm);
	vm->mm = current->mm;
	vm->notifier.ops = &owner_notifier_ops;
	INIT_LIST_HEAD(&vm->device_link);
	INIT_LIST_HEAD(&vm->owner_link);
	INIT_WORK(&vm->gone_work, owner_gone_work);
	mutex_init(&vm->close_lock);
	mapping_init(&vm->mapping);
	causeway_svm_init(vm);
	causeway_attr_init(vm);
	causeway_events_init(&vm->events);
	if (causeway_engine_create(vm) || causeway_memory_open(vm)) {
		causeway_vm_put(vm);
		return NULL;
	}
	return vm;
}

/* The device's list is complete once drm_dev_unplug() has returned. */
static int join_device(struct causeway_vm *vm)
{
	struct causeway_device *device = vm->device;
	int idx, ret = 0;

	if (!drm_dev_enter(&device->drm, &idx))
		return -ENODEV;
	mutex_lock(&device->vms_lock);
	if (device->vm_count == CAUSEWAY_MAX_VMS) {
		ret = -ENOSPC;
	} else {
		list_add_tail(&vm->device_link, &device->vms);
		device->vm_count++;
	}
	mutex_unlock(&device->vms_lock);
	drm_dev_exit(idx);
	return ret;
}

static void leave_device(struct causeway_vm *vm)
{
	mutex_lock(&vm->device->vms_lock);
	list_del_init(&vm->device_link);
	vm->device->vm_count--;
	mutex_unlock(&vm->device->vms_lock);
}

static struct causeway_vm *vm_create(struct causeway_device *device, u64 start, u64 size)
{
	struct causeway_vm *vm = vm_alloc(device);
	int ret;

	if (!vm)
		return ERR_PTR(-ENOMEM);
	vm->window_start = start;
	vm->window_end = start + size;
	ret = bind_owner(vm);
	if (ret)
		goto err_put;
	ret = mmu_notifier_register(&vm->notifier, vm->mm);
	if (ret)
		goto err_unbind;
	ret = join_device(vm);
	if (ret)
		goto err_notifier;
	return vm;

err_notifier:
	/* It calls release(), as if the owner had gone. */
	mmu_notifier_unregister(&vm->notifier, vm->mm);
	cancel_work_sync(&vm->gone_work);
err_unbind:
	unbind_owner(vm);
err_put:
	causeway_vm_put(vm);
	return ERR_PTR(ret);
}

/**
 * causeway_vm_close - end a VM
 * @vm: the VM; the caller holds a reference
 *
 * Ends its queues and its engine, empties the device's page tables, brings all
 * memory home and forgets the owner.  Returns when that is done, whoever did it.
 *
 * Context: may sleep; no mmap_lock held.
 */
void causeway_vm_close(struct causeway_vm *vm)
{
	mutex_lock(&vm->close_lock);
	if (!vm->close_done) {
		causeway_engine_shutdown(vm);
		causeway_svm_close(vm);
		causeway_memory_close(vm);
		mmu_notifier_unregister(&vm->notifier, vm->mm);
		cancel_work_sync(&vm->gone_work);
		causeway_attr_finish(vm);
		unbind_owner(vm);
		causeway_event_close_all(vm);
		leave_device(vm);
		vm->close_done = true;
	}
	mutex_unlock(&vm->close_lock);
}

/* For a client, the VM has ended; fdinfo goes on telling what it has used. */
static void vm_end(struct causeway_file *file, struct causeway_vm *vm)
{
	causeway_vm_close(vm);
	atomic64_add(atomic64_read(&vm->counters[DRM_CAUSEWAY_COUNTER_ENGINE_NS]),
		     &file->engine_ns);
	causeway_vm_put(vm);
}

/**
 * causeway_vm_close_all - end all VMs of a client
 * @file: of the client; no ioctl of it is running
 */
void causeway_vm_close_all(struct causeway_file *file)
{
	struct causeway_vm *vm;
	unsigned long id;

	xa_for_each(&file->vms, id, vm) {
		xa_erase(&file->vms, id);
		vm_end(file, vm);
	}
}

/**
 * causeway_vm_lookup - find a VM of a client
 * @file: the client's
 * @id: its number
 *
 * Return: the VM with a reference for the caller, or NULL.
 */
struct causeway_vm *causeway_vm_lookup(struct causeway_file *file, u32 id)
{
	struct causeway_vm *vm;

	xa_lock(&file->vms);
	vm = xa_load(&file->vms, id);
	if (vm)
		causeway_vm_get(vm);
	xa_unlock(&file->vms);
	return vm;
}

/* ---- ioctls ----------------------------------------------------------- */

static int publish_vm(struct causeway_file *file, struct causeway_vm *vm,
		      struct drm_causeway_vm_create *args)
{
	struct file *engine;
	int fd, ret;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	engine = engine_file(vm);
	if (IS_ERR(engine)) {
		ret = PTR_ERR(engine);
		goto err_fd;
	}
	/* From here on another thread may find it, and even destroy it. */
	ret = xa_alloc(&file->vms, &args->vm_id, vm, xa_limit_31b, GFP_KERNEL_ACCOUNT);
	if (ret)
		goto err_file;
	args->engine_fd = fd;
	fd_install(fd, engine);
	return 0;

err_file:
	fput(engine);
err_fd:
	put_unused_fd(fd);
	return ret;
}

/**
 * causeway_vm_create_ioctl - DRM_IOCTL_CAUSEWAY_VM_CREATE
 * @drm: device
 * @data: struct drm_causeway_vm_create
 * @drm_file: client
 */
int causeway_vm_create_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_causeway_vm_create *args = data;
	struct causeway_vm *vm;
	int ret;

	if (args->flags || args->pad || !causeway_range_ok(args->window_start, args->window_size) ||
	    !IS_ALIGNED(args->window_start | args->window_size, CAUSEWAY_WINDOW_GRANULE))
		return -EINVAL;
	vm = vm_create(causeway_device_from_drm(drm), args->window_start, args->window_size);
	if (IS_ERR(vm))
		return PTR_ERR(vm);
	ret = publish_vm(causeway_file_from_drm(drm_file), vm, args);
	if (ret) {
		causeway_vm_close(vm);
		causeway_vm_put(vm);
	}
	return ret;
}

/**
 * causeway_vm_destroy_ioctl - DRM_IOCTL_CAUSEWAY_VM_DESTROY
 * @drm: device
 * @data: struct drm_causeway_vm_destroy
 * @drm_file: client
 */
int causeway_vm_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct causeway_file *file = causeway_file_from_drm(drm_file);
	struct drm_causeway_vm_destroy *args = data;
	struct causeway_vm *vm;

	if (args->pad)
		return -EINVAL;
	vm = xa_erase(&file->vms, args->vm_id);
	if (!vm)
		return -ENOENT;
	causeway_queue_close_vm(file, vm);
	vm_end(file, vm);
	return 0;
}
