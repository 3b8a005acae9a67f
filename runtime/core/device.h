/* SPDX-License-Identifier: MIT */
/* Devices above the backend: OpenCL 3.0, 4.2 and 4.3. */
#ifndef CW_CORE_DEVICE_H
#define CW_CORE_DEVICE_H

#include "device/device.h"

#define CW_MAX_ROOT_DEVICES 4

/*
 * For backends: set up what core keeps of @device.  @parent is NULL for a root
 * device.  Destroying a sub-device calls ops->destroy, then drops @parent.
 */
void cw_device_init(struct cw_device *device, const struct cw_device_ops *ops,
		    struct cw_device *parent);

/* Only known bits, and at least one. */
bool cw_device_type_is_valid(cl_device_type type);

/* Root devices that match @type, in order; how many. */
unsigned cw_devices_of_type(cl_device_type type,
			    struct cw_device *devices_out[CW_MAX_ROOT_DEVICES]);

/* @device is @ancestor or was cut from it, in any number of steps. */
bool cw_device_is_within(const struct cw_device *device, const struct cw_device *ancestor);

/* What clCreateSubDevices can cut @device by; 0 when it lies on one NUMA node. */
cl_device_affinity_domain cw_device_affinity_domains(const struct cw_device *device);

/*
 * struct cw_partition - how a device is cut.
 * @property: what clCreateSubDevices was given, for CL_DEVICE_PARTITION_TYPE;
 *	@num_properties with its 0.
 * @affinity: the domain, where cut by affinity.
 * @count: how many sub-devices.
 * @workers: for each, how many of the parent's workers; in order.
 */
struct cw_partition {
	const cl_device_partition_property *property;
	unsigned num_properties;
	cl_device_affinity_domain affinity;
	unsigned count;
	unsigned *workers;
};

/* Make the sub-devices, @partition->count of them.  0 or negative errno and none made. */
int cw_device_partition(struct cw_device *parent, const struct cw_partition *partition,
			struct cw_device **devices_out);

#endif
