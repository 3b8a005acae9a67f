/* SPDX-License-Identifier: MIT */
#include "api/info.h"

#include <string.h>

#include "api/check.h"

cl_int cw_info_bytes(const struct cw_info *info, const void *data, size_t bytes)
{
	CW_CHECK(!info->value || info->size >= bytes, CL_INVALID_VALUE,
		 "param_value_size is %zu, the value takes %zu bytes", info->size, bytes);
	if (info->value && bytes)
		memcpy(info->value, data, bytes);
	if (info->size_ret)
		*info->size_ret = bytes;
	return CL_SUCCESS;
}

cl_int cw_info_string(const struct cw_info *info, const char *text)
{
	if (!text)
		text = "";
	return cw_info_bytes(info, text, strlen(text) + 1);
}

cl_int cw_info_names(const struct cw_info *info, const cl_name_version *names, unsigned count)
{
	char text[4096];
	size_t bytes = 0;

	for (unsigned i = 0; i < count; i++) {
		size_t length = strlen(names[i].name);

		CW_CHECK(bytes + length + 1 < sizeof(text), CL_OUT_OF_RESOURCES, "too many names");
		memcpy(text + bytes, names[i].name, length);
		bytes += length;
		text[bytes++] = ' ';
	}
	text[bytes ? bytes - 1 : 0] = 0;
	return cw_info_string(info, text);
}

cl_int cw_info_unknown(unsigned long param_name)
{
	return cw_check_failed(__func__, CL_INVALID_VALUE, "param_name",
			       "param_name 0x%lx is not a query of this object", param_name);
}
