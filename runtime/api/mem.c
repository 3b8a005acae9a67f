/* SPDX-License-Identifier: MIT */
/* Memory objects of any kind: OpenCL 3.0, 5.5.5 and 5.5.6. */
#include "core/mem.h"

#include "api/api.h"
#include "api/check.h"
#include "api/info.h"
#include "core/context.h"

cl_int CL_API_CALL cw_api_clRetainMemObject(cl_mem memobj)
{
	CW_API();
	CW_CHECK_HANDLE(mem, memobj, CL_INVALID_MEM_OBJECT);
	cw_object_retain(&cw_mem(memobj)->object);
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clReleaseMemObject(cl_mem memobj)
{
	CW_API();
	CW_CHECK_HANDLE(mem, memobj, CL_INVALID_MEM_OBJECT);
	cw_object_release(&cw_mem(memobj)->object);
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clSetMemObjectDestructorCallback(
	cl_mem memobj, void(CL_CALLBACK *pfn_notify)(cl_mem memobj, void *user_data),
	void *user_data)
{
	CW_API();
	CW_CHECK_HANDLE(mem, memobj, CL_INVALID_MEM_OBJECT);
	cw_check_report_to(cw_mem(memobj)->context);
	CW_CHECK(pfn_notify, CL_INVALID_VALUE, "pfn_notify is NULL");
	CW_CHECK_MEMORY(cw_mem_add_destructor(cw_mem(memobj), pfn_notify, user_data));
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clGetMemObjectInfo(cl_mem memobj, cl_mem_info param_name,
					     size_t param_value_size, void *param_value,
					     size_t *param_value_size_ret)
{
	struct cw_info info = {param_value_size, param_value, param_value_size_ret};
	const struct cw_mem *mem = cw_mem(memobj);

	CW_API();
	CW_CHECK_HANDLE(mem, memobj, CL_INVALID_MEM_OBJECT);
	cw_check_report_to(mem->context);
	switch (param_name) {
	case CL_MEM_TYPE:
		return cw_info_value(&info, cl_mem_object_type, mem->type);
	case CL_MEM_FLAGS:
		return cw_info_value(&info, cl_mem_flags, mem->flags);
	case CL_MEM_SIZE:
		return cw_info_value(&info, size_t, mem->size);
	case CL_MEM_HOST_PTR:
		return cw_info_value(&info, void *, mem->host_ptr);
	case CL_MEM_MAP_COUNT:
		return cw_info_value(&info, cl_uint, mem->map_count);
	case CL_MEM_REFERENCE_COUNT:
		return cw_info_value(&info, cl_uint, mem->object.api_refs);
	case CL_MEM_CONTEXT:
		return cw_info_value(&info, cl_context, cw_context_handle(mem->context));
	case CL_MEM_ASSOCIATED_MEMOBJECT:
		return cw_info_value(&info, cl_mem, cw_mem_handle(mem->parent));
	case CL_MEM_OFFSET:
		return cw_info_value(&info, size_t, mem->origin);
	case CL_MEM_USES_SVM_POINTER:
		return cw_info_value(&info, cl_bool, mem->uses_svm_pointer);
	case CL_MEM_PROPERTIES:
		return cw_info_array(&info, mem->properties, mem->num_properties);
	default:
		return cw_info_unknown(param_name);
	}
}
