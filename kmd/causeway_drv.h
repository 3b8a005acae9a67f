/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CAUSEWAY_DRV_H
#define CAUSEWAY_DRV_H

#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/atomic.h>
#include <linux/types.h>
#include <linux/xarray.h>
#include <uapi/drm/causeway_drm.h>

#include "causeway_device.h"

/* Limits that DEVICE_QUERY tells. */
#define CAUSEWAY_MAX_QUEUES  64
#define CAUSEWAY_MAX_JOBS    256
#define CAUSEWAY_MAX_PENDING 4096

/* Alignment of a VM's window. */
#define CAUSEWAY_WINDOW_GRANULE SZ_2M

/* The addresses that a device reaches: what a process may map. */
#define CAUSEWAY_VA_START (64ull << 10)
#define CAUSEWAY_VA_END	  ((u64)TASK_SIZE_MAX)

/**
 * struct causeway_params - the module's parameters, parsed
 */
struct causeway_params {
	/** @memory: form of the devices' own memory */
	enum drm_causeway_memory memory;

	/** @memory_bytes: of each instance */
	u64 memory_bytes;

	/** @memory_start: physical address, of instance 0 (coherent, node); the others follow */
	u64 memory_start;

	/** @instances: how many devices, 1 to CAUSEWAY_MAX_INSTANCES */
	unsigned int instances;
};

extern struct causeway_params causeway_params;
extern const struct drm_driver causeway_drm_driver;

/**
 * struct causeway_file - what a client has open
 *
 * The ids that its ioctls name are those of these tables; both hold a
 * reference to what is in them.
 */
struct causeway_file {
	/** @device: of the node that was opened */
	struct causeway_device *device;

	/** @id: told by fdinfo, unique in the module; constant */
	u64 id;

	/** @engine_ns: time that engines worked for VMs that were closed */
	atomic64_t engine_ns;

	/** @vms: &causeway_vm by id, from 1; internally locked */
	struct xarray vms;

	/** @queues: &causeway_queue by id, from 1; internally locked, see causeway_queue.h */
	struct xarray queues;
};

static inline struct causeway_file *causeway_file_from_drm(struct drm_file *file)
{
	return file->driver_priv;
}

/**
 * causeway_range_ok - does a range of an argument make sense
 * @start: first byte
 * @length: bytes
 *
 * Return: true if both are multiples of the page size, @length isn't 0 and the
 * whole lies in what the device reaches.
 */
static inline bool causeway_range_ok(u64 start, u64 length)
{
	return length && PAGE_ALIGNED(start) && PAGE_ALIGNED(length) &&
	       start >= CAUSEWAY_VA_START && start < CAUSEWAY_VA_END &&
	       length <= CAUSEWAY_VA_END - start;
}

#endif
