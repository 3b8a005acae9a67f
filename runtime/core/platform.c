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

/* The cpu device first: it is the platform's default. */
static unsigned make_devices_locked(void) cw_must_hold(&lock)
{
	unsigned count = 0;
	int error = cw_cpu_device_create(&devices[0]);

	if (error)
		cw_log(WARN, "no cpu device: %s", strerror(-error));
	else
		count++;
	count += cw_drm_devices_create(&devices[count], CW_MAX_ROOT_DEVICES - count);
	for (unsigned i = 0; i < count; i++)
		cw_log(DEVICE, "device %u: %s, %u compute units", i, devices[i]->caps.name,
		       devices[i]->caps.compute_units);
	return count;
}

unsigned cw_devices(struct cw_device *const **devices_out)
{
	unsigned count = atomic_load_explicit(&num_devices, memory_order_acquire);

	if (!count) {
		cw_mutex_lock(&lock);
		count = atomic_load_explicit(&num_devices, memory_order_relaxed);
		if (!count) {
			count = make_devices_locked();
			atomic_store_explicit(&num_devices, count, memory_order_release);
		}
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
