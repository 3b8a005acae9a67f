/* SPDX-License-Identifier: MIT */
/* Devices: OpenCL 3.0, 4.2 (clGetDeviceInfo is in device_info.c). */
#include "core/device.h"

#include "api/api.h"
#include "api/check.h"
#include "base/clock.h"
#include "core/platform.h"

cl_int CL_API_CALL cw_api_clGetDeviceIDs(cl_platform_id platform, cl_device_type device_type,
					 cl_uint num_entries, cl_device_id *devices,
					 cl_uint *num_devices)
{
	struct cw_device *found[CW_MAX_ROOT_DEVICES];
	unsigned count;

	CW_API();
	CW_CHECK(!platform || cw_platform_is_valid(platform), CL_INVALID_PLATFORM,
		 "platform (%p) is not a valid platform", (void *)platform);
	CW_CHECK(cw_device_type_is_valid(device_type), CL_INVALID_DEVICE_TYPE,
		 "0x%lx is not a device type", (unsigned long)device_type);
	CW_CHECK(num_entries || !devices, CL_INVALID_VALUE,
		 "num_entries is 0 and devices is not NULL");
	CW_CHECK(num_devices || devices, CL_INVALID_VALUE, "num_devices and devices are both NULL");
	count = cw_devices_of_type(device_type, found);
	CW_CHECK(count, CL_DEVICE_NOT_FOUND, "no device of type 0x%lx", (unsigned long)device_type);
	for (unsigned i = 0; devices && i < count && i < num_entries; i++)
		devices[i] = cw_device_handle(found[i]);
	if (num_devices)
		*num_devices = count;
	return CL_SUCCESS;
}

/* Root devices are not counted: OpenCL 3.0, 4.3. */
cl_int CL_API_CALL cw_api_clRetainDevice(cl_device_id device)
{
	CW_API();
	CW_CHECK_HANDLE(device, device, CL_INVALID_DEVICE);
	if (cw_device(device)->parent)
		cw_object_retain(&cw_device(device)->object);
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clReleaseDevice(cl_device_id device)
{
	CW_API();
	CW_CHECK_HANDLE(device, device, CL_INVALID_DEVICE);
	if (cw_device(device)->parent)
		cw_object_release(&cw_device(device)->object);
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clGetDeviceAndHostTimer(cl_device_id device, cl_ulong *device_timestamp,
						  cl_ulong *host_timestamp)
{
	CW_API();
	CW_CHECK_HANDLE(device, device, CL_INVALID_DEVICE);
	CW_CHECK(host_timestamp, CL_INVALID_VALUE, "host_timestamp is NULL");
	CW_CHECK(device_timestamp, CL_INVALID_VALUE, "device_timestamp is NULL");
	*device_timestamp = cw_device(device)->ops->clock_ns(cw_device(device));
	*host_timestamp = cw_clock_ns();
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clGetHostTimer(cl_device_id device, cl_ulong *host_timestamp)
{
	CW_API();
	CW_CHECK_HANDLE(device, device, CL_INVALID_DEVICE);
	CW_CHECK(host_timestamp, CL_INVALID_VALUE, "host_timestamp is NULL");
	*host_timestamp = cw_clock_ns();
	return CL_SUCCESS;
}
