// SPDX-License-Identifier: GPL-2.0-only
/*
 * One accelerator: a platform device, so that it can be unbound and bound
 * through sysfs while programs use it.
 */
#include <drm/drm_drv.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#include "causeway_compat.h"
#include "causeway_device.h"
#include "causeway_devmem.h"
#include "causeway_drv.h"
#include "causeway_evict.h"
#include "causeway_vm.h"

static struct platform_device *platform_devices[CAUSEWAY_MAX_INSTANCES];

static ssize_t online_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct causeway_device *device = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%d\n", READ_ONCE(device->online));
}

static ssize_t online_store(struct device *dev, struct device_attribute *attr, const char *buf,
			    size_t count)
{
	struct causeway_device *device = dev_get_drvdata(dev);
	bool online;
	int ret;

	ret = kstrtobool(buf, &online);
	if (ret)
		return ret;
	ret = mutex_lock_interruptible(&device->online_lock);
	if (ret)
		return ret;
	WRITE_ONCE(device->online, online);
	if (online) {
		causeway_devmem_open(device->mem);
	} else {
		causeway_devmem_close(device->mem);
		if (device->mem && !causeway_evict_all(device->mem))
			ret = -EBUSY;
	}
	mutex_unlock(&device->online_lock);
	return ret ?: count;
}
static DEVICE_ATTR_RW(online);

static struct attribute *causeway_attrs[] = {
	&dev_attr_online.attr,
	NULL,
};
ATTRIBUTE_GROUPS(causeway);

static int make_memory(struct causeway_device *device)
{
	struct causeway_devmem_config config = {
		.form = causeway_params.memory,
		.bytes = causeway_params.memory_bytes,
		.start = causeway_params.memory_start,
	};
	struct causeway_devmem *mem;

	if (config.start)
		config.start += device->instance * config.bytes;
	mem = causeway_devmem_create(device, &config);
	if (IS_ERR(mem))
		return PTR_ERR(mem);
	device->mem = mem;
	return 0;
}

static int causeway_probe(struct platform_device *platform)
{
	struct causeway_device *device;
	int ret;

	device = devm_drm_dev_alloc(&platform->dev, &causeway_drm_driver, struct causeway_device,
				    drm);
	if (IS_ERR(device))
		return PTR_ERR(device);
	device->platform = platform;
	device->instance = platform->id;
	mutex_init(&device->online_lock);
	mutex_init(&device->vms_lock);
	INIT_LIST_HEAD(&device->vms);
	platform_set_drvdata(platform, device);

	ret = make_memory(device);
	if (ret)
		return ret;
	WRITE_ONCE(device->online, true);
	ret = drm_dev_register(&device->drm, 0);
	if (ret)
		causeway_devmem_destroy(device->mem);
	return ret;
}

/*
 * Ends what runs on the device.  A VM leaves the list when it is closed, and
 * none is added after drm_dev_unplug().
 */
static void close_vms(struct causeway_device *device)
{
	struct causeway_vm *vm;

	for (;;) {
		mutex_lock(&device->vms_lock);
		vm = list_first_entry_or_null(&device->vms, struct causeway_vm, device_link);
		if (vm)
			causeway_vm_get(vm);
		mutex_unlock(&device->vms_lock);
		if (!vm)
			return;
		causeway_vm_close(vm);
		causeway_vm_put(vm);
	}
}

static void causeway_remove(struct platform_device *platform)
{
	struct causeway_device *device = platform_get_drvdata(platform);

	mutex_lock(&device->online_lock);
	WRITE_ONCE(device->online, false);
	mutex_unlock(&device->online_lock);
	drm_dev_unplug(&device->drm);
	close_vms(device);
	causeway_devmem_destroy(device->mem);
	device->mem = NULL;
}

static struct platform_driver causeway_platform_driver = {
	.probe = causeway_probe,
	.CAUSEWAY_COMPAT_REMOVE = causeway_remove,
	.driver = {
		.name = "causeway",
		.dev_groups = causeway_groups,
		.probe_type = PROBE_FORCE_SYNCHRONOUS,
	},
};

static void unregister_devices(void)
{
	unsigned int i;

	for (i = 0; i < CAUSEWAY_MAX_INSTANCES; i++)
		platform_device_unregister(platform_devices[i]);
}

/**
 * causeway_device_init - register the driver and causeway_params.instances devices
 *
 * Return: 0; ENODEV if a device could not be started (the log says why).
 */
int causeway_device_init(void)
{
	unsigned int i;
	int ret;

	ret = platform_driver_register(&causeway_platform_driver);
	if (ret)
		return ret;
	for (i = 0; i < causeway_params.instances; i++) {
		struct platform_device *platform;

		platform = platform_device_register_simple("causeway", i, NULL, 0);
		ret = PTR_ERR_OR_ZERO(platform);
		if (ret)
			break;
		platform_devices[i] = platform;
		if (!platform_get_drvdata(platform)) {
			ret = -ENODEV;
			break;
		}
	}
	if (!ret)
		return 0;
	causeway_device_fini();
	return ret;
}

/**
 * causeway_device_fini - unbind and remove all devices and the driver
 */
void causeway_device_fini(void)
{
	unregister_devices();
	platform_driver_unregister(&causeway_platform_driver);
}
