/* SPDX-License-Identifier: MIT */
/* The backend's methods, and what the device says of itself. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "core/device.h"
#include "device/cpu/cpu.h"
#include "device/drm/drm.h"

/* What was submitted is the driver's already. */
static void drm_flush(struct cw_device *device, struct cw_queue *queue)
{
	(void)device;
	(void)queue;
}

static uint64_t drm_clock_ns(struct cw_device *device)
{
	(void)device;
	return cw_clock_ns();
}

static void drm_destroy(struct cw_device *device)
{
	free(device);
}

static const struct cw_device_ops ops = {
	.destroy = drm_destroy,
	.queue_init = cw_drm_queue_init,
	.queue_finish = cw_drm_queue_finish,
	.submit = cw_drm_submit,
	.flush = drm_flush,
	.wait = cw_drm_wait,
	.migrates = true,
	.clock_ns = drm_clock_ns,
};

static const char *memory_name(uint32_t memory)
{
	switch (memory) {
	case DRM_CAUSEWAY_MEMORY_PRIVATE:
		return "private";
	case DRM_CAUSEWAY_MEMORY_COHERENT:
		return "coherent";
	case DRM_CAUSEWAY_MEMORY_NODE:
		return "node";
	default:
		return "no";
	}
}

/* "Causeway Accelerator 0 (256 MiB of private memory)" */
static void name_device(struct cw_drm_device *drm)
{
	const struct drm_causeway_device_info *info = &drm->node.info;

	if (info->memory == DRM_CAUSEWAY_MEMORY_NONE)
		snprintf(drm->name, sizeof(drm->name),
			 "Causeway Accelerator %u (no memory of its own)", info->instance);
	else
		snprintf(drm->name, sizeof(drm->name),
			 "Causeway Accelerator %u (%" PRIu64 " MiB of %s memory)", info->instance,
			 (uint64_t)info->memory_bytes >> 20, memory_name(info->memory));
}

/* Its processor is of the machine's kind, and it reaches all of the machine's memory. */
static void describe(struct cw_drm_device *drm)
{
	struct cw_device_caps *caps = &drm->base.caps;

	cw_cpu_identify(caps);
	name_device(drm);
	caps->type = CL_DEVICE_TYPE_ACCELERATOR;
	caps->name = drm->name;
	caps->vendor = "Causeway";
	caps->compute_units = drm->threads;
	caps->global_mem_bytes += drm->node.info.memory_bytes;
	caps->numa_nodes = 1;
	if (caps->local_mem_bytes > CAUSEWAY_ENGINE_LOCAL_BYTES)
		caps->local_mem_bytes = CAUSEWAY_ENGINE_LOCAL_BYTES;
}

static struct cw_drm_device *device_create(const struct cw_drm_node *node)
{
	struct cw_drm_device *drm = calloc(1, sizeof(*drm));

	if (!drm)
		return NULL;
	cw_device_init(&drm->base, &ops, NULL);
	cw_mutex_init(&drm->lock, CW_RANK_POOL);
	drm->node = *node;
	drm->threads = (unsigned)cw_config()->drm_threads;
	if (!drm->threads)
		drm->threads = cw_cpu_num_workers();
	if (drm->threads > CAUSEWAY_ENGINE_MAX_THREADS)
		drm->threads = CAUSEWAY_ENGINE_MAX_THREADS;
	describe(drm);
	return drm;
}

unsigned cw_drm_devices_create(struct cw_device **devices_out, unsigned limit)
{
	struct cw_drm_node nodes[CW_MAX_ROOT_DEVICES];
	unsigned count;
	unsigned made = 0;

	count = cw_drm_nodes(nodes, limit < CW_MAX_ROOT_DEVICES ? limit : CW_MAX_ROOT_DEVICES);
	for (unsigned i = 0; i < count; i++) {
		struct cw_drm_device *drm = device_create(&nodes[i]);

		if (drm)
			devices_out[made++] = &drm->base;
	}
	return made;
}
