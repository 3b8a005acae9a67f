/* SPDX-License-Identifier: MIT */
/*
 * The one writer for every clGet*Info.
 *
 *	struct cw_info info = {param_value_size, param_value, param_value_size_ret};
 *
 *	switch (param_name) {
 *	case CL_FOO_COUNT:
 *		return cw_info_value(&info, cl_uint, foo->count);
 *	case CL_FOO_NAME:
 *		return cw_info_string(&info, foo->name);
 *	default:
 *		return cw_info_unknown(param_name);
 *	}
 */
#ifndef CW_INFO_H
#define CW_INFO_H

#include "core/cl.h"

/* struct cw_info - where the application wants the answer; value and size_ret may be NULL. */
struct cw_info {
	size_t size;
	void *value;
	size_t *size_ret;
};

/* Answer with @bytes bytes at @data; CL_INVALID_VALUE when the application's room is too small. */
cl_int cw_info_bytes(const struct cw_info *info, const void *data, size_t bytes);

/* Answer with a string and its 0; NULL is "". */
cl_int cw_info_string(const struct cw_info *info, const char *text);

/* Answer with the names, separated by spaces. */
cl_int cw_info_names(const struct cw_info *info, const cl_name_version *names, unsigned count);

/* Report an unknown param_name; returns CL_INVALID_VALUE. */
cl_int cw_info_unknown(unsigned long param_name);

/* Answer with one value of @type. */
#define cw_info_value(info, type, ...) cw_info_bytes(info, &(type){__VA_ARGS__}, sizeof(type))

/* Answer with @count elements of the array @data. */
#define cw_info_array(info, data, count) cw_info_bytes(info, data, (count) * sizeof(*(data)))

#endif
