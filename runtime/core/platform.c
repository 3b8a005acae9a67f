/* SPDX-License-Identifier: MIT */
#include "core/platform.h"

#include <errno.h>
#include <string.h>

#include "base/config.h"
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

static unsigned make_cpu(struct cw_device **devices_out, unsigned limit)
{
	int error = limit ? cw_cpu_device_create(devices_out) : -ENOSPC;

	if (error)
		cw_log(WARN, "no cpu device: %s", strerror(-error));
	return error ? 0 : 1;
}

/* A kind of device: its name in CAUSEWAY_DEVICES, and how its devices are made. */
static const struct kind {
	const char *name;
	unsigned (*make)(struct cw_device **devices_out, unsigned limit);
} kinds[] = {{"cpu", make_cpu}, {"drm", cw_drm_devices_create}};

#define NUM_KINDS (sizeof(kinds) / sizeof(*kinds))

/* Index of the kind whose name is @name, of @length bytes; NUM_KINDS: there is none. */
static unsigned find_kind(const char *name, size_t length)
{
	unsigned kind = 0;

	while (kind < NUM_KINDS &&
	       (strlen(kinds[kind].name) != length || strncmp(kinds[kind].name, name, length) != 0))
		kind++;
	return kind;
}

/* In the order of the setting, for the first device is the platform's default; each kind once. */
static unsigned make_devices_locked(void) cw_must_hold(&lock)
{
	const char *word = cw_config()->devices;
	bool is_made[NUM_KINDS + 1] = {false};
	unsigned count = 0;

	for (;;) {
		size_t length = strcspn(word, ",");
		unsigned kind = find_kind(word, length);

		if (kind == NUM_KINDS)
			cw_log(WARN, "CAUSEWAY_DEVICES: no kind of device is called '%.*s'",
			       (int)length, word);
		else if (!is_made[kind])
			count += kinds[kind].make(&devices[count], CW_MAX_ROOT_DEVICES - count);
		is_made[kind] = true;
		if (!word[length])
			break;
		word += length + 1;
	}
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
