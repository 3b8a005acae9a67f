/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CAUSEWAY_DEVICE_H
#define CAUSEWAY_DEVICE_H

#include <drm/drm_device.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct causeway_devmem;
struct platform_device;

#define CAUSEWAY_MAX_INSTANCES 4

/* Most VMs of one device that exist at once. */
#define CAUSEWAY_MAX_VMS 1024

/**
 * struct causeway_device - one accelerator
 *
 * Lives as long as its &drm_device.  After unbinding, drm_dev_enter() fails and
 * @mem is NULL; VMs that are still open only wait to be closed.
 */
struct causeway_device {
	/** @drm: base */
	struct drm_device drm;

	/** @platform: what it is bound to */
	struct platform_device *platform;

	/** @instance: number among the devices of the module, from 0 */
	unsigned int instance;

	/**
	 * @mem: its own memory, NULL if it has none.  Set by probe(), freed by remove() after
	 * drm_dev_unplug(); valid between drm_dev_enter() and drm_dev_exit()
	 */
	struct causeway_devmem *mem;

	/**
	 * @online: pages may move into @mem.  Cleared by the sysfs attribute of the same name
	 * and by remove(), before the memory is evacuated; read with READ_ONCE()
	 */
	bool online;

	/** @online_lock: serializes changes of @online with the evacuation; outermost */
	struct mutex online_lock;

	/** @vms_lock: guards @vms and @vm_count; outside chunk_lock and mmap_lock */
	struct mutex vms_lock;

	/** @vms: &causeway_vm.device_link of the VMs that are not closed yet */
	struct list_head vms;

	/** @vm_count: entries of @vms */
	unsigned int vm_count;
};

static inline struct causeway_device *causeway_device_from_drm(struct drm_device *drm)
{
	return container_of(drm, struct causeway_device, drm);
}

int causeway_device_init(void);
void causeway_device_fini(void);

#endif
