/* SPDX-License-Identifier: MIT */
/* Samplers: OpenCL 3.0, 5.7.  No device has images, so none can be made. */
#include "api/api.h"
#include "api/check.h"
#include "core/properties.h"

/* No sampler, so nothing to say about one. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

static bool is_addressing_mode(cl_sampler_properties mode)
{
	return mode >= CL_ADDRESS_NONE && mode <= CL_ADDRESS_MIRRORED_REPEAT;
}

static bool is_filter_mode(cl_sampler_properties mode)
{
	return mode == CL_FILTER_NEAREST || mode == CL_FILTER_LINEAR;
}

static bool is_bool(cl_sampler_properties value)
{
	return value == CL_TRUE || value == CL_FALSE;
}

static cl_int without_images(void)
{
	return cw_check_failed(__func__, CL_INVALID_OPERATION, "images",
			       "no device of the context supports images");
}

static bool property_is_valid(cl_sampler_properties name, cl_sampler_properties value)
{
	switch (name) {
	case CL_SAMPLER_NORMALIZED_COORDS:
		return is_bool(value);
	case CL_SAMPLER_ADDRESSING_MODE:
		return is_addressing_mode(value);
	case CL_SAMPLER_FILTER_MODE:
		return is_filter_mode(value);
	default:
		return false;
	}
}

static cl_int create_with_properties(cl_context context, const cl_sampler_properties *properties)
{
	CW_CHECK_CONTEXT(context);
	for (unsigned i = 0; properties && properties[i]; i += 2) {
		CW_CHECK(property_is_valid(properties[i], properties[i + 1]), CL_INVALID_VALUE,
			 "property 0x%lx or its value is wrong", (unsigned long)properties[i]);
		CW_CHECK(!cw_property_is_repeated(properties, i), CL_INVALID_VALUE,
			 "property 0x%lx is given twice", (unsigned long)properties[i]);
	}
	return without_images();
}

cl_sampler CL_API_CALL cw_api_clCreateSamplerWithProperties(
	cl_context context, const cl_sampler_properties *sampler_properties, cl_int *errcode_ret)
{
	CW_API();
	cw_errcode(errcode_ret, create_with_properties(context, sampler_properties));
	return NULL;
}

static cl_int create(cl_context context, cl_bool normalized_coords, cl_addressing_mode addressing,
		     cl_filter_mode filter)
{
	CW_CHECK_CONTEXT(context);
	CW_CHECK(is_bool(normalized_coords), CL_INVALID_VALUE, "normalized_coords is %u",
		 normalized_coords);
	CW_CHECK(is_addressing_mode(addressing), CL_INVALID_VALUE, "addressing_mode is 0x%x",
		 addressing);
	CW_CHECK(is_filter_mode(filter), CL_INVALID_VALUE, "filter_mode is 0x%x", filter);
	return without_images();
}

cl_sampler CL_API_CALL cw_api_clCreateSampler(cl_context context, cl_bool normalized_coords,
					      cl_addressing_mode addressing_mode,
					      cl_filter_mode filter_mode, cl_int *errcode_ret)
{
	CW_API();
	cw_errcode(errcode_ret, create(context, normalized_coords, addressing_mode, filter_mode));
	return NULL;
}

/* There is no sampler, so no handle is one. */
static cl_int no_sampler(cl_sampler sampler)
{
	return cw_check_failed(__func__, CL_INVALID_SAMPLER, "sampler",
			       "sampler (%p) is not a valid sampler", (void *)sampler);
}

cl_int CL_API_CALL cw_api_clRetainSampler(cl_sampler sampler)
{
	CW_API();
	return no_sampler(sampler);
}

cl_int CL_API_CALL cw_api_clReleaseSampler(cl_sampler sampler)
{
	CW_API();
	return no_sampler(sampler);
}

cl_int CL_API_CALL cw_api_clGetSamplerInfo(cl_sampler sampler, cl_sampler_info param_name,
					   size_t param_value_size, void *param_value,
					   size_t *param_value_size_ret)
{
	CW_API();
	return no_sampler(sampler);
}
