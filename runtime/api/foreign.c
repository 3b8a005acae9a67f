/* SPDX-License-Identifier: MIT */
/*
 * Entry points of extensions that we do not have but the dispatch table has
 * slots for: OpenGL and EGL sharing, device fission.  The extensions are not
 * listed and the functions not found by name, so only a program that skipped
 * both questions comes here.
 */
#include "api/api.h"
#include "api/check.h"
#include "core/context.h"
#include "core/mem.h"
#include "core/queue.h"

/* The answers do not depend on the foreign objects. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

static cl_int unsupported(void)
{
	return cw_check_failed(__func__, CL_INVALID_OPERATION, "extension",
			       "the extension is not supported");
}

static cl_int unsupported_in_context(cl_context context)
{
	CW_CHECK_CONTEXT(context);
	return unsupported();
}

static cl_int unsupported_in_queue(cl_command_queue queue)
{
	CW_CHECK_HANDLE(queue, queue, CL_INVALID_COMMAND_QUEUE);
	cw_check_report_to(cw_queue(queue)->context);
	return unsupported();
}

static cl_int unsupported_on_device(cl_device_id device)
{
	CW_CHECK_HANDLE(device, device, CL_INVALID_DEVICE);
	return unsupported();
}

static cl_int no_gl_object(cl_mem mem)
{
	CW_CHECK_HANDLE(mem, mem, CL_INVALID_MEM_OBJECT);
	return cw_check_failed(__func__, CL_INVALID_GL_OBJECT, "memobj",
			       "the memory object has no OpenGL object");
}

cl_mem CL_API_CALL cw_api_clCreateFromGLBuffer(cl_context context, cl_mem_flags flags,
					       cl_GLuint bufobj, int *errcode_ret)
{
	CW_API();
	cw_errcode(errcode_ret, unsupported_in_context(context));
	return NULL;
}

cl_mem CL_API_CALL cw_api_clCreateFromGLTexture(cl_context context, cl_mem_flags flags,
						cl_GLenum target, cl_GLint miplevel,
						cl_GLuint texture, cl_int *errcode_ret)
{
	CW_API();
	cw_errcode(errcode_ret, unsupported_in_context(context));
	return NULL;
}

cl_mem CL_API_CALL cw_api_clCreateFromGLTexture2D(cl_context context, cl_mem_flags flags,
						  cl_GLenum target, cl_GLint miplevel,
						  cl_GLuint texture, cl_int *errcode_ret)
{
	CW_API();
	cw_errcode(errcode_ret, unsupported_in_context(context));
	return NULL;
}

cl_mem CL_API_CALL cw_api_clCreateFromGLTexture3D(cl_context context, cl_mem_flags flags,
						  cl_GLenum target, cl_GLint miplevel,
						  cl_GLuint texture, cl_int *errcode_ret)
{
	CW_API();
	cw_errcode(errcode_ret, unsupported_in_context(context));
	return NULL;
}

cl_mem CL_API_CALL cw_api_clCreateFromGLRenderbuffer(cl_context context, cl_mem_flags flags,
						     cl_GLuint renderbuffer, cl_int *errcode_ret)
{
	CW_API();
	cw_errcode(errcode_ret, unsupported_in_context(context));
	return NULL;
}

cl_int CL_API_CALL cw_api_clGetGLObjectInfo(cl_mem memobj, cl_gl_object_type *gl_object_type,
					    cl_GLuint *gl_object_name)
{
	CW_API();
	return no_gl_object(memobj);
}

cl_int CL_API_CALL cw_api_clGetGLTextureInfo(cl_mem memobj, cl_gl_texture_info param_name,
					     size_t param_value_size, void *param_value,
					     size_t *param_value_size_ret)
{
	CW_API();
	return no_gl_object(memobj);
}

cl_int CL_API_CALL cw_api_clEnqueueAcquireGLObjects(cl_command_queue command_queue,
						    cl_uint num_objects, const cl_mem *mem_objects,
						    cl_uint num_events_in_wait_list,
						    const cl_event *event_wait_list,
						    cl_event *event)
{
	CW_API();
	return unsupported_in_queue(command_queue);
}

cl_int CL_API_CALL cw_api_clEnqueueReleaseGLObjects(cl_command_queue command_queue,
						    cl_uint num_objects, const cl_mem *mem_objects,
						    cl_uint num_events_in_wait_list,
						    const cl_event *event_wait_list,
						    cl_event *event)
{
	CW_API();
	return unsupported_in_queue(command_queue);
}

cl_int CL_API_CALL cw_api_clGetGLContextInfoKHR(const cl_context_properties *properties,
						cl_gl_context_info param_name,
						size_t param_value_size, void *param_value,
						size_t *param_value_size_ret)
{
	CW_API();
	return unsupported();
}

cl_event CL_API_CALL cw_api_clCreateEventFromGLsyncKHR(cl_context context, cl_GLsync sync,
						       cl_int *errcode_ret)
{
	CW_API();
	cw_errcode(errcode_ret, unsupported_in_context(context));
	return NULL;
}

cl_mem CL_API_CALL cw_api_clCreateFromEGLImageKHR(cl_context context, CLeglDisplayKHR display,
						  CLeglImageKHR image, cl_mem_flags flags,
						  const cl_egl_image_properties_khr *properties,
						  cl_int *errcode_ret)
{
	CW_API();
	cw_errcode(errcode_ret, unsupported_in_context(context));
	return NULL;
}

cl_int CL_API_CALL cw_api_clEnqueueAcquireEGLObjectsKHR(
	cl_command_queue command_queue, cl_uint num_objects, const cl_mem *mem_objects,
	cl_uint num_events_in_wait_list, const cl_event *event_wait_list, cl_event *event)
{
	CW_API();
	return unsupported_in_queue(command_queue);
}

cl_int CL_API_CALL cw_api_clEnqueueReleaseEGLObjectsKHR(
	cl_command_queue command_queue, cl_uint num_objects, const cl_mem *mem_objects,
	cl_uint num_events_in_wait_list, const cl_event *event_wait_list, cl_event *event)
{
	CW_API();
	return unsupported_in_queue(command_queue);
}

cl_event CL_API_CALL cw_api_clCreateEventFromEGLSyncKHR(cl_context context, CLeglSyncKHR sync,
							CLeglDisplayKHR display,
							cl_int *errcode_ret)
{
	CW_API();
	cw_errcode(errcode_ret, unsupported_in_context(context));
	return NULL;
}

cl_int CL_API_CALL cw_api_clCreateSubDevicesEXT(
	cl_device_id in_device, const cl_device_partition_property_ext *partition_properties,
	cl_uint num_entries, cl_device_id *out_devices, cl_uint *num_devices)
{
	CW_API();
	return unsupported_on_device(in_device);
}

cl_int CL_API_CALL cw_api_clRetainDeviceEXT(cl_device_id device)
{
	CW_API();
	return unsupported_on_device(device);
}

cl_int CL_API_CALL cw_api_clReleaseDeviceEXT(cl_device_id device)
{
	CW_API();
	return unsupported_on_device(device);
}
