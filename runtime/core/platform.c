/* SPDX-License-Identifier: MIT */
#include "core/platform.h"

#include <string.h>

#include "base/lock.h"
#include "base/log.h"
#include "core/device.h"

struct cw_platform cw_the_platform = {
	.object =
		{
			.dispatch = &cw_dispatch,
			.class = CW_CLASS_PLATFORM,
			.api_refs = 1,
			.refs = 1,
		},
};

static struct cw_mutex lock = CW_MUTEX_INIT(CW_RANK_PLATFORM);
static void *_Atomic loader_data;
static struct cw_device *devices[CW_MAX_ROOT_DEVICES];
static atomic_uint num_devices;

static void add_device_locked(const char *kind, int (*create)(struct cw_device **device_out))
	cw_must_hold(&lock)
{
	struct cw_device *device;
	int error = create(&device);

	if (error) {
		cw_log(WARN, "no %s device: %s", kind, strerror(-error));
		return;
	}
	cw_log(DEVICE, "%s device: %s, %u compute units", kind, device->caps.name,
	       device->caps.compute_units);
	devices[num_devices] = device;
	atomic_fetch_add_explicit(&num_devices, 1, memory_order_release);
}

unsigned cw_devices(struct cw_device *const **devices_out)
{
	unsigned count = atomic_load_explicit(&num_devices, memory_order_acquire);

	if (!count) {
		cw_mutex_lock(&lock);
		if (!num_devices)
			add_device_locked("cpu", cw_cpu_device_create);
		count = num_devices;
		cw_mutex_unlock(&lock);
	}
	*devices_out = devices;
	return count;
}

void *cw_platform_loader_data(void)
{
	return atomic_load_explicit(&loader_data, memory_order_acquire);
}

void cw_platform_set_loader_data(void *data)
{
	unsigned count = atomic_load_explicit(&num_devices, memory_order_acquire);

	atomic_store_explicit(&loader_data, data, memory_order_release);
	cw_the_platform.object.loader_data = data;
	for (unsigned i = 0; i < count; i++)
		devices[i]->object.loader_data = data;
}
