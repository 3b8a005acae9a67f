/* SPDX-License-Identifier: MIT */
#include "api/check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

cw_tls struct cw_call cw_call_now;

void cw_call_log(const char *name)
{
	cw_log_write(CW_LOG_API, "%s", name);
}

void cw_call_trace(const struct cw_call *call)
{
	cw_trace_end("api", call->name, call->begin_ns, 0, NULL);
}

static const char *call_name(const char *function)
{
	if (cw_call_now.name)
		return cw_call_now.name;
	return strncmp(function, "cw_api_", 7) ? function : function + 7;
}

cl_int cw_check_failed(const char *function, cl_int code, const char *condition, const char *why,
		       ...)
{
	const char *name = call_name(function);
	char reason[512];
	va_list args;

	if (!cw_call_now.context && !cw_log_enabled(CW_LOG_CHECK))
		return code;
	va_start(args, why);
	vsnprintf(reason, sizeof(reason), why, args);
	va_end(args);
	cw_log(CHECK, "%s: %s: %s [%s]", name, cw_error_name(code), reason, condition);
	if (cw_call_now.context)
		cw_context_notify(cw_call_now.context, "%s: %s: %s", name, cw_error_name(code),
				  reason);
	return code;
}

/* @a * @b + @c, or false where it does not fit. */
static bool mul_add(size_t a, size_t b, size_t c, size_t *out)
{
	return !__builtin_mul_overflow(a, b, out) && !__builtin_add_overflow(*out, c, out);
}

/* One past the last byte of the rectangle. */
static bool rect_end(const size_t origin[3], const size_t region[3], size_t row_pitch,
		     size_t slice_pitch, size_t *end_out)
{
	size_t last_row;
	size_t last_slice;
	size_t bytes;

	if (__builtin_add_overflow(origin[1], region[1] - 1, &last_row) ||
	    __builtin_add_overflow(origin[2], region[2] - 1, &last_slice) ||
	    __builtin_add_overflow(origin[0], region[0], &bytes))
		return false;
	return mul_add(last_row, row_pitch, bytes, &bytes) &&
	       mul_add(last_slice, slice_pitch, bytes, end_out);
}

cl_int cw_check_rect(const size_t origin[3], const size_t region[3], size_t *row_pitch,
		     size_t *slice_pitch, size_t limit)
{
	size_t row_slice;
	size_t end;

	CW_CHECK(origin && region, CL_INVALID_VALUE, "an origin or the region is NULL");
	CW_CHECK(region[0] && region[1] && region[2], CL_INVALID_VALUE, "the region is empty");
	CW_CHECK(!*row_pitch || *row_pitch >= region[0], CL_INVALID_VALUE,
		 "row pitch %zu is less than the region's width %zu", *row_pitch, region[0]);
	if (!*row_pitch)
		*row_pitch = region[0];
	CW_CHECK(mul_add(region[1], *row_pitch, 0, &row_slice), CL_INVALID_VALUE,
		 "the region is larger than the address space");
	CW_CHECK(!*slice_pitch || (*slice_pitch >= row_slice && *slice_pitch % *row_pitch == 0),
		 CL_INVALID_VALUE, "slice pitch %zu does not fit rows of %zu bytes", *slice_pitch,
		 *row_pitch);
	if (!*slice_pitch)
		*slice_pitch = row_slice;
	CW_CHECK(rect_end(origin, region, *row_pitch, *slice_pitch, &end) && end <= limit,
		 CL_INVALID_VALUE, "the region leaves the buffer");
	return CL_SUCCESS;
}

cl_int cw_error_from_errno(int error)
{
	switch (error) {
	case 0:
		return CL_SUCCESS;
	case -ENOMEM:
		return CL_OUT_OF_HOST_MEMORY;
	case -EINVAL:
		return CL_INVALID_VALUE;
	case -ENODEV:
		return CL_DEVICE_NOT_AVAILABLE;
	case -EOPNOTSUPP:
		return CL_INVALID_OPERATION;
	default:
		return CL_OUT_OF_RESOURCES;
	}
}
