// SPDX-License-Identifier: GPL-2.0-only
/* Event files: a ring of records for each, filled in any context. */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "causeway_drv.h"
#include "causeway_event.h"
#include "causeway_vm.h"

/* Records of a ring, a power of two. */
#define RING_RECORDS 4096

/* Most event files of a VM. */
#define MAX_FILES 64

/* Records copied to the reader at a time. */
#define READ_RECORDS 8

/**
 * struct causeway_event_file - one that is open; guarded by &causeway_events.lock
 */
struct causeway_event_file {
	/** @vm: referenced; constant */
	struct causeway_vm *vm;

	/** @link: in &causeway_events.files */
	struct list_head link;

	/** @wait: readers */
	wait_queue_head_t wait;

	/** @mask: 1 << enum drm_causeway_event_type, what it wants; constant */
	u32 mask;

	/** @head: records written */
	u64 head;

	/** @tail: records read */
	u64 tail;

	/** @lost: records dropped that the reader doesn't know of */
	u64 lost;

	/** @ring: RING_RECORDS */
	struct drm_causeway_event *ring;
};

static void update_mask(struct causeway_events *events)
{
	struct causeway_event_file *file;
	u32 mask = 0;

	lockdep_assert_held(&events->lock);
	list_for_each_entry(file, &events->files, link)
		mask |= file->mask;
	WRITE_ONCE(events->mask, mask);
}

/**
 * causeway_events_init - a VM without event files
 * @events: of the VM
 */
void causeway_events_init(struct causeway_events *events)
{
	spin_lock_init(&events->lock);
	INIT_LIST_HEAD(&events->files);
	events->count = 0;
	events->mask = 0;
	events->closed = false;
}

/**
 * causeway_event_wanted - does anybody read records of this type
 * @vm: the VM
 * @type: of a record that isn't made yet
 */
bool causeway_event_wanted(struct causeway_vm *vm, enum drm_causeway_event_type type)
{
	return READ_ONCE(vm->events.mask) & BIT(type);
}

static struct drm_causeway_event lost_record(struct causeway_event_file *file)
{
	struct drm_causeway_event event = {
		.type = DRM_CAUSEWAY_EVENT_LOST,
		.time_ns = ktime_get_ns(),
		.pages = file->lost,
	};

	file->lost = 0;
	return event;
}

/* The note of what was dropped lies between what came before and after. */
static void put_record(struct causeway_event_file *file, const struct drm_causeway_event *event)
{
	u64 room = RING_RECORDS - (file->head - file->tail);

	if (room < (file->lost ? 2 : 1)) {
		file->lost++;
		causeway_vm_count(file->vm, DRM_CAUSEWAY_COUNTER_EVENTS_LOST, 1);
		return;
	}
	if (file->lost)
		file->ring[file->head++ % RING_RECORDS] = lost_record(file);
	file->ring[file->head++ % RING_RECORDS] = *event;
	wake_up_interruptible(&file->wait);
}

/**
 * causeway_event_emit - tell those who want to know
 * @vm: the VM
 * @event: the record
 *
 * A file whose ring is full misses it; its reader is told how many.
 *
 * Context: any but NMI.
 */
void causeway_event_emit(struct causeway_vm *vm, const struct drm_causeway_event *event)
{
	struct causeway_events *events = &vm->events;
	struct causeway_event_file *file;
	unsigned long flags;

	if (!causeway_event_wanted(vm, event->type))
		return;
	spin_lock_irqsave(&events->lock, flags);
	list_for_each_entry(file, &events->files, link) {
		if (!events->closed && file->mask & BIT(event->type))
			put_record(file, event);
	}
	spin_unlock_irqrestore(&events->lock, flags);
}

/**
 * causeway_event_close_all - the VM ends: so do its event files, when they were read
 * @vm: the VM
 */
void causeway_event_close_all(struct causeway_vm *vm)
{
	struct causeway_events *events = &vm->events;
	struct causeway_event_file *file;

	spin_lock_irq(&events->lock);
	/* Pairs with event_read(): who sees it sees the last records. */
	smp_store_release(&events->closed, true);
	list_for_each_entry(file, &events->files, link)
		wake_up_all(&file->wait);
	spin_unlock_irq(&events->lock);
}

/* ---- the file ---------------------------------------------------------- */

static bool is_readable(struct causeway_event_file *file)
{
	struct causeway_events *events = &file->vm->events;
	bool readable;

	spin_lock_irq(&events->lock);
	readable = file->head != file->tail || file->lost || events->closed;
	spin_unlock_irq(&events->lock);
	return readable;
}

static size_t get_records(struct causeway_event_file *file, struct drm_causeway_event *records,
			  size_t room)
{
	struct causeway_events *events = &file->vm->events;
	size_t count = 0;

	spin_lock_irq(&events->lock);
	while (count < room && file->head != file->tail)
		records[count++] = file->ring[file->tail++ % RING_RECORDS];
	if (count < room && file->lost)
		records[count++] = lost_record(file);
	spin_unlock_irq(&events->lock);
	return count;
}

static ssize_t read_records(struct causeway_event_file *file, char __user *data, size_t room)
{
	struct drm_causeway_event records[READ_RECORDS];
	size_t done = 0, count;

	do {
		count = get_records(file, records, min_t(size_t, room - done, READ_RECORDS));
		if (copy_to_user(data + done * sizeof(*records), records, count * sizeof(*records)))
			return -EFAULT;
		done += count;
	} while (count && done < room);
	return done * sizeof(*records);
}

static ssize_t event_read(struct file *filp, char __user *data, size_t bytes, loff_t *pos)
{
	struct causeway_event_file *file = filp->private_data;
	size_t room = bytes / sizeof(struct drm_causeway_event);
	bool closed;
	ssize_t ret;

	if (!room)
		return -EINVAL;
	for (;;) {
		/* Nothing comes after it is closed. */
		closed = smp_load_acquire(&file->vm->events.closed);
		ret = read_records(file, data, room);
		if (ret || closed)
			return ret;
		if (filp->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(file->wait, is_readable(file)))
			return -ERESTARTSYS;
	}
}

static __poll_t event_poll(struct file *filp, poll_table *table)
{
	struct causeway_event_file *file = filp->private_data;
	__poll_t mask = 0;

	poll_wait(filp, &file->wait, table);
	if (is_readable(file))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(file->vm->events.closed))
		mask |= EPOLLHUP;
	return mask;
}

static void file_free(struct causeway_event_file *file)
{
	kvfree(file->ring);
	causeway_vm_put(file->vm);
	kfree(file);
}

static void file_remove(struct causeway_event_file *file)
{
	struct causeway_events *events = &file->vm->events;

	spin_lock_irq(&events->lock);
	list_del(&file->link);
	events->count--;
	update_mask(events);
	spin_unlock_irq(&events->lock);
}

static int event_release(struct inode *inode, struct file *filp)
{
	struct causeway_event_file *file = filp->private_data;

	file_remove(file);
	file_free(file);
	return 0;
}

static const struct file_operations event_fops = {
	.owner = THIS_MODULE,
	.read = event_read,
	.poll = event_poll,
	.release = event_release,
	.llseek = noop_llseek,
};

static struct causeway_event_file *file_create(struct causeway_vm *vm, u32 mask)
{
	struct causeway_event_file *file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);

	if (!file)
		return NULL;
	file->ring = kvcalloc(RING_RECORDS, sizeof(*file->ring), GFP_KERNEL_ACCOUNT);
	if (!file->ring) {
		kfree(file);
		return NULL;
	}
	init_waitqueue_head(&file->wait);
	file->mask = mask;
	file->vm = causeway_vm_get(vm);
	return file;
}

static int file_add(struct causeway_event_file *file)
{
	struct causeway_events *events = &file->vm->events;
	int err = 0;

	spin_lock_irq(&events->lock);
	if (events->count == MAX_FILES) {
		err = -ENOSPC;
	} else {
		list_add_tail(&file->link, &events->files);
		events->count++;
		update_mask(events);
	}
	spin_unlock_irq(&events->lock);
	return err;
}

static int event_open(struct causeway_vm *vm, u32 mask)
{
	struct causeway_event_file *file = file_create(vm, mask);
	int fd, err;

	if (!file)
		return -ENOMEM;
	err = file_add(file);
	if (err)
		goto err_free;
	fd = anon_inode_getfd("[causeway-event]", &event_fops, file, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	err = fd;
	file_remove(file);
err_free:
	file_free(file);
	return err;
}

/**
 * causeway_event_open_ioctl - DRM_IOCTL_CAUSEWAY_EVENT_OPEN
 * @drm: device
 * @data: struct drm_causeway_event_open
 * @drm_file: client
 */
int causeway_event_open_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_causeway_event_open *args = data;
	struct causeway_vm *vm;
	int fd;

	if (args->pad || !args->mask || args->mask >= BIT(DRM_CAUSEWAY_EVENT_COUNT))
		return -EINVAL;
	vm = causeway_vm_lookup(causeway_file_from_drm(drm_file), args->vm_id);
	if (!vm)
		return -ENOENT;
	fd = event_open(vm, args->mask);
	causeway_vm_put(vm);
	if (fd < 0)
		return fd;
	args->fd = fd;
	return 0;
}
