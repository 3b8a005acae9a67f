/* SPDX-License-Identifier: MIT */
/* Partitioning a device: OpenCL 3.0, 4.3. */
#include <stdlib.h>

#include "api/api.h"
#include "api/check.h"
#include "core/device.h"

typedef cl_device_partition_property property;

#define KNOWN_DOMAINS                                                                              \
	(CL_DEVICE_AFFINITY_DOMAIN_NUMA | CL_DEVICE_AFFINITY_DOMAIN_L4_CACHE |                     \
	 CL_DEVICE_AFFINITY_DOMAIN_L3_CACHE | CL_DEVICE_AFFINITY_DOMAIN_L2_CACHE |                 \
	 CL_DEVICE_AFFINITY_DOMAIN_L1_CACHE | CL_DEVICE_AFFINITY_DOMAIN_NEXT_PARTITIONABLE)

static cl_int alloc_workers(struct cw_partition *partition, unsigned count)
{
	partition->count = count;
	partition->workers = calloc(count, sizeof(*partition->workers));
	CW_CHECK_MEMORY(partition->workers);
	return CL_SUCCESS;
}

/* {EQUALLY, n, 0}: as many sub-devices of n compute units as fit. */
static cl_int plan_equally(const struct cw_device *device, const property *properties,
			   struct cw_partition *partition)
{
	unsigned units = device->caps.compute_units;
	property size = properties[1];

	CW_CHECK(size > 0 && !properties[2], CL_INVALID_VALUE,
		 "CL_DEVICE_PARTITION_EQUALLY takes one positive number and a 0");
	CW_CHECK(size <= units, CL_INVALID_DEVICE_PARTITION_COUNT,
		 "%ld compute units each, the device has %u", (long)size, units);
	CW_CHECK(units > 1 && size < units, CL_DEVICE_PARTITION_FAILED,
		 "%u compute units make no two parts of %ld", units, (long)size);
	partition->num_properties = 3;
	CW_TRY(alloc_workers(partition, units / (unsigned)size));
	for (unsigned i = 0; i < partition->count; i++)
		partition->workers[i] = (unsigned)size;
	return CL_SUCCESS;
}

static cl_int check_counts(const property *counts, unsigned units, unsigned *count_out)
{
	unsigned total = 0;
	unsigned count = 0;

	for (; counts[count] != CL_DEVICE_PARTITION_BY_COUNTS_LIST_END; count++) {
		CW_CHECK(counts[count] > 0, CL_INVALID_DEVICE_PARTITION_COUNT,
			 "sub-device %u would have %ld compute units", count, (long)counts[count]);
		CW_CHECK(count < units, CL_INVALID_DEVICE_PARTITION_COUNT,
			 "more sub-devices than CL_DEVICE_PARTITION_MAX_SUB_DEVICES, %u", units);
		CW_CHECK(counts[count] <= (property)(units - total),
			 CL_INVALID_DEVICE_PARTITION_COUNT,
			 "the sub-devices have more compute units than the device, %u", units);
		total += (unsigned)counts[count];
	}
	*count_out = count;
	return CL_SUCCESS;
}

/* {BY_COUNTS, a, b, ..., LIST_END, 0} */
static cl_int plan_by_counts(const struct cw_device *device, const property *properties,
			     struct cw_partition *partition)
{
	unsigned units = device->caps.compute_units;
	unsigned count = 0;

	CW_TRY(check_counts(properties + 1, units, &count));
	CW_CHECK(count, CL_INVALID_VALUE, "the list of counts is empty");
	CW_CHECK(units > 1, CL_DEVICE_PARTITION_FAILED, "the device has one compute unit");
	partition->num_properties = count + 2;
	CW_TRY(alloc_workers(partition, count));
	for (unsigned i = 0; i < count; i++)
		partition->workers[i] = (unsigned)properties[1 + i];
	return CL_SUCCESS;
}

/* {BY_AFFINITY_DOMAIN, domain, 0}: one sub-device for each NUMA node. */
static cl_int plan_by_affinity(const struct cw_device *device, const property *properties,
			       struct cw_partition *partition)
{
	cl_device_affinity_domain domain = (cl_device_affinity_domain)properties[1];
	unsigned node = 0;

	CW_CHECK(domain && !(domain & ~(cl_device_affinity_domain)KNOWN_DOMAINS) &&
			 !(domain & (domain - 1)) && !properties[2],
		 CL_INVALID_VALUE, "0x%lx is not one affinity domain", (unsigned long)domain);
	CW_CHECK(cw_device_affinity_domains(device) & domain, CL_INVALID_VALUE,
		 "the device has no such affinity domain to be cut by");
	partition->num_properties = 3;
	partition->affinity = CL_DEVICE_AFFINITY_DOMAIN_NUMA;
	CW_TRY(alloc_workers(partition, device->num_workers));
	partition->count = 0;
	for (unsigned i = 0; i < device->num_workers; i++) {
		if (!i || device->worker_nodes[i] != node)
			partition->count++;
		node = device->worker_nodes[i];
		partition->workers[partition->count - 1]++;
	}
	return CL_SUCCESS;
}

static cl_int plan(const struct cw_device *device, const property *properties,
		   struct cw_partition *partition)
{
	CW_CHECK(properties, CL_INVALID_VALUE, "properties is NULL");
	CW_CHECK(device->ops->partition, CL_INVALID_VALUE, "the device can't be partitioned");
	partition->property = properties;
	switch (properties[0]) {
	case CL_DEVICE_PARTITION_EQUALLY:
		return plan_equally(device, properties, partition);
	case CL_DEVICE_PARTITION_BY_COUNTS:
		return plan_by_counts(device, properties, partition);
	case CL_DEVICE_PARTITION_BY_AFFINITY_DOMAIN:
		return plan_by_affinity(device, properties, partition);
	default:
		return cw_check_failed(__func__, CL_INVALID_VALUE, "properties[0]",
				       "0x%lx is no way of partitioning",
				       (unsigned long)properties[0]);
	}
}

static cl_int make(struct cw_device *device, const struct cw_partition *partition,
		   cl_device_id *out_devices)
{
	int error = cw_device_partition(device, partition, (struct cw_device **)out_devices);

	CW_CHECK(!error, cw_error_from_errno(error), "the device could not be partitioned");
	return CL_SUCCESS;
}

static cl_int create_sub_devices(struct cw_device *device, const property *properties,
				 cl_uint num_devices, cl_device_id *out_devices,
				 cl_uint *num_devices_ret, struct cw_partition *partition)
{
	CW_TRY(plan(device, properties, partition));
	CW_CHECK(!out_devices || num_devices >= partition->count, CL_INVALID_VALUE,
		 "num_devices is %u, there are %u sub-devices", num_devices, partition->count);
	if (out_devices)
		CW_TRY(make(device, partition, out_devices));
	if (num_devices_ret)
		*num_devices_ret = partition->count;
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clCreateSubDevices(cl_device_id in_device,
					     const cl_device_partition_property *properties,
					     cl_uint num_devices, cl_device_id *out_devices,
					     cl_uint *num_devices_ret)
{
	struct cw_partition partition = {0};
	cl_int error;

	CW_API();
	CW_CHECK_HANDLE(device, in_device, CL_INVALID_DEVICE);
	error = create_sub_devices(cw_device(in_device), properties, num_devices, out_devices,
				   num_devices_ret, &partition);
	free(partition.workers);
	return error;
}
