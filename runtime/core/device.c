/* SPDX-License-Identifier: MIT */
#include "core/device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KNOWN_TYPES                                                                                \
	(CL_DEVICE_TYPE_DEFAULT | CL_DEVICE_TYPE_CPU | CL_DEVICE_TYPE_GPU |                        \
	 CL_DEVICE_TYPE_ACCELERATOR | CL_DEVICE_TYPE_CUSTOM)

static void destroy(struct cw_object *object)
{
	struct cw_device *device = (struct cw_device *)object;
	struct cw_device *parent = device->parent;

	free(device->partition);
	device->ops->destroy(device);
	cw_device_put(parent);
}

void cw_device_init(struct cw_device *device, const struct cw_device_ops *ops,
		    struct cw_device *parent)
{
	cw_object_init(&device->object, CW_CLASS_DEVICE, destroy);
	device->ops = ops;
	device->parent = cw_device_get(parent);
}

bool cw_device_type_is_valid(cl_device_type type)
{
	return type == CL_DEVICE_TYPE_ALL || (type && !(type & ~(cl_device_type)KNOWN_TYPES));
}

static bool matches(const struct cw_device *device, unsigned index, cl_device_type type)
{
	if (type == CL_DEVICE_TYPE_ALL)
		return !(device->caps.type & CL_DEVICE_TYPE_CUSTOM);
	if (type & CL_DEVICE_TYPE_DEFAULT && !index)
		return true;
	return device->caps.type & type;
}

unsigned cw_devices_of_type(cl_device_type type, struct cw_device *devices_out[CW_MAX_ROOT_DEVICES])
{
	struct cw_device *const *all;
	unsigned count = cw_devices(&all);
	unsigned found = 0;

	for (unsigned i = 0; i < count; i++) {
		if (matches(all[i], i, type))
			devices_out[found++] = all[i];
	}
	return found;
}

bool cw_device_is_within(const struct cw_device *device, const struct cw_device *ancestor)
{
	while (device && device != ancestor)
		device = device->parent;
	return device;
}

cl_device_affinity_domain cw_device_affinity_domains(const struct cw_device *device)
{
	if (!device->worker_nodes || device->num_workers < 2 ||
	    device->worker_nodes[0] == device->worker_nodes[device->num_workers - 1])
		return 0;
	return CL_DEVICE_AFFINITY_DOMAIN_NUMA | CL_DEVICE_AFFINITY_DOMAIN_NEXT_PARTITIONABLE;
}

/* Remember what @device was made with. */
static int describe(struct cw_device *device, const struct cw_partition *partition)
{
	size_t bytes = partition->num_properties * sizeof(*partition->property);

	device->partition = malloc(bytes);
	if (!device->partition)
		return -ENOMEM;
	memcpy(device->partition, partition->property, bytes);
	device->num_partition = partition->num_properties;
	device->affinity = partition->affinity;
	return 0;
}

/* A sub-device of @count workers, or an error and none. */
static int make_one(struct cw_device *parent, const struct cw_partition *partition,
		    const unsigned *workers, unsigned count, struct cw_device **device_out)
{
	int error = parent->ops->partition(parent, workers, count, device_out);

	if (error)
		return error;
	error = describe(*device_out, partition);
	if (error)
		cw_object_release(&(*device_out)->object);
	return error;
}

/* As cw_device_partition(); @workers: 0, 1, 2 and so on. */
static int make_all(struct cw_device *parent, const struct cw_partition *partition,
		    const unsigned *workers, struct cw_device **devices_out)
{
	for (unsigned i = 0; i < partition->count; i++) {
		int error = make_one(parent, partition, workers, partition->workers[i],
				     &devices_out[i]);

		if (error) {
			while (i--)
				cw_object_release(&devices_out[i]->object);
			return error;
		}
		workers += partition->workers[i];
	}
	return 0;
}

int cw_device_partition(struct cw_device *parent, const struct cw_partition *partition,
			struct cw_device **devices_out)
{
	unsigned *workers = malloc(parent->num_workers * sizeof(*workers));
	int error;

	if (!workers)
		return -ENOMEM;
	for (unsigned i = 0; i < parent->num_workers; i++)
		workers[i] = i;
	error = make_all(parent, partition, workers, devices_out);
	free(workers);
	return error;
}
