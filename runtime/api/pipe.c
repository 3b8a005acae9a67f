/* SPDX-License-Identifier: MIT */
/* Pipes: OpenCL 3.0, 5.4.  No device has any, so none can be made and no handle is one. */
#include "api/api.h"
#include "api/check.h"

/* The answers do not depend on what describes a pipe. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

static cl_int create_pipe(cl_context context)
{
	CW_CHECK_CONTEXT(context);
	return cw_check_failed(__func__, CL_INVALID_OPERATION, "pipes",
			       "no device of the context supports pipes");
}

cl_mem CL_API_CALL cw_api_clCreatePipe(cl_context context, cl_mem_flags flags,
				       cl_uint pipe_packet_size, cl_uint pipe_max_packets,
				       const cl_pipe_properties *properties, cl_int *errcode_ret)
{
	CW_API();
	cw_errcode(errcode_ret, create_pipe(context));
	return NULL;
}

cl_int CL_API_CALL cw_api_clGetPipeInfo(cl_mem pipe, cl_pipe_info param_name,
					size_t param_value_size, void *param_value,
					size_t *param_value_size_ret)
{
	CW_API();
	return cw_check_failed(__func__, CL_INVALID_MEM_OBJECT, "pipe",
			       "pipe (%p) is not a valid pipe", (void *)pipe);
}
