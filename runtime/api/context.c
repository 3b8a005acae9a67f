/* SPDX-License-Identifier: MIT */
/* Contexts: OpenCL 3.0, 4.4. */
#include "core/context.h"

#include "api/api.h"
#include "api/check.h"
#include "api/info.h"
#include "core/device.h"
#include "core/platform.h"
#include "core/properties.h"
#include "device/device.h"

typedef void(CL_CALLBACK *notify_fn)(const char *text, const void *data, size_t bytes, void *user);

static cl_int check_property(cl_context_properties name, cl_context_properties value)
{
	switch (name) {
	case CL_CONTEXT_PLATFORM:
		CW_CHECK(cw_platform_is_valid((cl_platform_id)value), CL_INVALID_PLATFORM,
			 "CL_CONTEXT_PLATFORM (%p) is not a valid platform", (void *)value);
		return CL_SUCCESS;
	case CL_CONTEXT_INTEROP_USER_SYNC:
		CW_CHECK(value == CL_TRUE || value == CL_FALSE, CL_INVALID_PROPERTY,
			 "CL_CONTEXT_INTEROP_USER_SYNC is neither CL_TRUE nor CL_FALSE");
		return CL_SUCCESS;
	default:
		return cw_check_failed(__func__, CL_INVALID_PROPERTY, "name",
				       "0x%lx is not a context property", (unsigned long)name);
	}
}

static cl_int check_properties(const cl_context_properties *properties)
{
	for (unsigned i = 0; properties && properties[i]; i += 2) {
		CW_TRY(check_property(properties[i], properties[i + 1]));
		CW_CHECK(!cw_property_is_repeated(properties, i), CL_INVALID_PROPERTY,
			 "property 0x%lx is given twice", (unsigned long)properties[i]);
	}
	return CL_SUCCESS;
}

static cl_int create(const struct cw_context_desc *desc, struct cw_context **context_out)
{
	*context_out = cw_context_create(desc);
	CW_CHECK_MEMORY(*context_out);
	return CL_SUCCESS;
}

static cl_int create_context(const cl_context_properties *properties, cl_uint num_devices,
			     const cl_device_id *devices, notify_fn notify, void *user,
			     struct cw_context **context_out)
{
	CW_TRY(check_properties(properties));
	CW_CHECK(devices, CL_INVALID_VALUE, "devices is NULL");
	CW_CHECK(num_devices, CL_INVALID_VALUE, "num_devices is 0");
	CW_CHECK(notify || !user, CL_INVALID_VALUE, "pfn_notify is NULL and user_data is not");
	for (cl_uint i = 0; i < num_devices; i++)
		CW_CHECK(cw_device_is_valid(devices[i]), CL_INVALID_DEVICE,
			 "devices[%u] (%p) is not a valid device", i, (void *)devices[i]);
	return create(
		&(struct cw_context_desc){
			.devices = (struct cw_device *const *)devices,
			.num_devices = num_devices,
			.properties = properties,
			.notify = notify,
			.notify_user = user,
		},
		context_out);
}

cl_context CL_API_CALL cw_api_clCreateContext(const cl_context_properties *properties,
					      cl_uint num_devices, const cl_device_id *devices,
					      notify_fn pfn_notify, void *user_data,
					      cl_int *errcode_ret)
{
	struct cw_context *context = NULL;

	CW_API();
	cw_errcode(errcode_ret, create_context(properties, num_devices, devices, pfn_notify,
					       user_data, &context));
	return cw_context_handle(context);
}

static cl_int create_context_from_type(const cl_context_properties *properties, cl_device_type type,
				       notify_fn notify, void *user,
				       struct cw_context **context_out)
{
	struct cw_device *devices[CW_MAX_ROOT_DEVICES];
	unsigned num_devices;

	CW_TRY(check_properties(properties));
	CW_CHECK(notify || !user, CL_INVALID_VALUE, "pfn_notify is NULL and user_data is not");
	CW_CHECK(cw_device_type_is_valid(type), CL_INVALID_DEVICE_TYPE,
		 "0x%lx is not a device type", (unsigned long)type);
	num_devices = cw_devices_of_type(type, devices);
	CW_CHECK(num_devices, CL_DEVICE_NOT_FOUND, "no device of type 0x%lx", (unsigned long)type);
	return create(
		&(struct cw_context_desc){
			.devices = devices,
			.num_devices = num_devices,
			.properties = properties,
			.notify = notify,
			.notify_user = user,
		},
		context_out);
}

cl_context CL_API_CALL cw_api_clCreateContextFromType(const cl_context_properties *properties,
						      cl_device_type device_type,
						      notify_fn pfn_notify, void *user_data,
						      cl_int *errcode_ret)
{
	struct cw_context *context = NULL;

	CW_API();
	cw_errcode(errcode_ret, create_context_from_type(properties, device_type, pfn_notify,
							 user_data, &context));
	return cw_context_handle(context);
}

cl_int CL_API_CALL cw_api_clRetainContext(cl_context context)
{
	CW_API();
	CW_CHECK_CONTEXT(context);
	cw_object_retain(&cw_context(context)->object);
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clReleaseContext(cl_context context)
{
	CW_API();
	CW_CHECK_HANDLE(context, context, CL_INVALID_CONTEXT);
	cw_object_release(&cw_context(context)->object);
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clGetContextInfo(cl_context context_handle, cl_context_info param_name,
					   size_t param_value_size, void *param_value,
					   size_t *param_value_size_ret)
{
	struct cw_info info = {param_value_size, param_value, param_value_size_ret};
	const struct cw_context *context = cw_context(context_handle);

	CW_API();
	CW_CHECK_CONTEXT(context_handle);
	switch (param_name) {
	case CL_CONTEXT_REFERENCE_COUNT:
		return cw_info_value(&info, cl_uint, context->object.api_refs);
	case CL_CONTEXT_NUM_DEVICES:
		return cw_info_value(&info, cl_uint, context->num_devices);
	case CL_CONTEXT_DEVICES:
		return cw_info_array(&info, context->devices, context->num_devices);
	case CL_CONTEXT_PROPERTIES:
		return cw_info_array(&info, context->properties, context->num_properties);
	default:
		return cw_info_unknown(param_name);
	}
}

cl_int CL_API_CALL cw_api_clSetContextDestructorCallback(
	cl_context context, void(CL_CALLBACK *pfn_notify)(cl_context context, void *user_data),
	void *user_data)
{
	CW_API();
	CW_CHECK_CONTEXT(context);
	CW_CHECK(pfn_notify, CL_INVALID_VALUE, "pfn_notify is NULL");
	CW_CHECK_MEMORY(cw_context_add_destructor(cw_context(context), pfn_notify, user_data));
	return CL_SUCCESS;
}
