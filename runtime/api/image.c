/* SPDX-License-Identifier: MIT */
/*
 * Images: OpenCL 3.0, 5.3.  No device has any, so none can be made, no handle
 * is one, and no format is supported; handles of other kinds are still checked.
 */
#include "api/api.h"
#include "api/check.h"
#include "core/context.h"
#include "core/mem.h"
#include "core/queue.h"

/* The answers do not depend on what describes an image. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

static cl_int create_image(cl_context context)
{
	CW_CHECK_CONTEXT(context);
	return cw_check_failed(__func__, CL_INVALID_OPERATION, "images",
			       "no device of the context supports images");
}

cl_mem CL_API_CALL cw_api_clCreateImage(cl_context context, cl_mem_flags flags,
					const cl_image_format *image_format,
					const cl_image_desc *image_desc, void *host_ptr,
					cl_int *errcode_ret)
{
	CW_API();
	cw_errcode(errcode_ret, create_image(context));
	return NULL;
}

cl_mem CL_API_CALL cw_api_clCreateImageWithProperties(cl_context context,
						      const cl_mem_properties *properties,
						      cl_mem_flags flags,
						      const cl_image_format *image_format,
						      const cl_image_desc *image_desc,
						      void *host_ptr, cl_int *errcode_ret)
{
	CW_API();
	cw_errcode(errcode_ret, create_image(context));
	return NULL;
}

cl_mem CL_API_CALL cw_api_clCreateImage2D(cl_context context, cl_mem_flags flags,
					  const cl_image_format *image_format, size_t image_width,
					  size_t image_height, size_t image_row_pitch,
					  void *host_ptr, cl_int *errcode_ret)
{
	CW_API();
	cw_errcode(errcode_ret, create_image(context));
	return NULL;
}

cl_mem CL_API_CALL cw_api_clCreateImage3D(cl_context context, cl_mem_flags flags,
					  const cl_image_format *image_format, size_t image_width,
					  size_t image_height, size_t image_depth,
					  size_t image_row_pitch, size_t image_slice_pitch,
					  void *host_ptr, cl_int *errcode_ret)
{
	CW_API();
	cw_errcode(errcode_ret, create_image(context));
	return NULL;
}

#define FORMAT_FLAGS                                                                               \
	(CL_MEM_READ_WRITE | CL_MEM_READ_ONLY | CL_MEM_WRITE_ONLY | CL_MEM_USE_HOST_PTR |          \
	 CL_MEM_ALLOC_HOST_PTR | CL_MEM_COPY_HOST_PTR | CL_MEM_HOST_READ_ONLY |                    \
	 CL_MEM_HOST_WRITE_ONLY | CL_MEM_HOST_NO_ACCESS | CL_MEM_KERNEL_READ_AND_WRITE)

cl_int CL_API_CALL cw_api_clGetSupportedImageFormats(cl_context context, cl_mem_flags flags,
						     cl_mem_object_type image_type,
						     cl_uint num_entries,
						     cl_image_format *image_formats,
						     cl_uint *num_image_formats)
{
	CW_API();
	CW_CHECK_CONTEXT(context);
	CW_CHECK(cw_flags_are_valid(flags, FORMAT_FLAGS), CL_INVALID_VALUE,
		 "flags 0x%lx has unknown bits", (unsigned long)flags);
	CW_CHECK(image_type >= CL_MEM_OBJECT_IMAGE2D && image_type <= CL_MEM_OBJECT_IMAGE1D_BUFFER,
		 CL_INVALID_VALUE, "image_type 0x%x is no type of images", image_type);
	CW_CHECK(num_entries || !image_formats, CL_INVALID_VALUE,
		 "num_entries is 0 and image_formats is not NULL");
	if (num_image_formats)
		*num_image_formats = 0;
	return CL_SUCCESS;
}

static cl_int no_image(cl_mem image)
{
	return cw_check_failed(__func__, CL_INVALID_MEM_OBJECT, "image",
			       "image (%p) is not a valid image", (void *)image);
}

cl_int CL_API_CALL cw_api_clGetImageInfo(cl_mem image, cl_image_info param_name,
					 size_t param_value_size, void *param_value,
					 size_t *param_value_size_ret)
{
	CW_API();
	return no_image(image);
}

/* A call on @image through @queue: what it was going to do does not matter. */
static cl_int enqueue(cl_command_queue queue, cl_mem image)
{
	CW_CHECK_HANDLE(queue, queue, CL_INVALID_COMMAND_QUEUE);
	cw_check_report_to(cw_queue(queue)->context);
	return no_image(image);
}

cl_int CL_API_CALL cw_api_clEnqueueReadImage(cl_command_queue command_queue, cl_mem image,
					     cl_bool blocking_read, const size_t *origin,
					     const size_t *region, size_t row_pitch,
					     size_t slice_pitch, void *ptr,
					     cl_uint num_events_in_wait_list,
					     const cl_event *event_wait_list, cl_event *event)
{
	CW_API();
	return enqueue(command_queue, image);
}

cl_int CL_API_CALL cw_api_clEnqueueWriteImage(cl_command_queue command_queue, cl_mem image,
					      cl_bool blocking_write, const size_t *origin,
					      const size_t *region, size_t input_row_pitch,
					      size_t input_slice_pitch, const void *ptr,
					      cl_uint num_events_in_wait_list,
					      const cl_event *event_wait_list, cl_event *event)
{
	CW_API();
	return enqueue(command_queue, image);
}

cl_int CL_API_CALL cw_api_clEnqueueFillImage(cl_command_queue command_queue, cl_mem image,
					     const void *fill_color, const size_t *origin,
					     const size_t *region, cl_uint num_events_in_wait_list,
					     const cl_event *event_wait_list, cl_event *event)
{
	CW_API();
	return enqueue(command_queue, image);
}

cl_int CL_API_CALL cw_api_clEnqueueCopyImage(cl_command_queue command_queue, cl_mem src_image,
					     cl_mem dst_image, const size_t *src_origin,
					     const size_t *dst_origin, const size_t *region,
					     cl_uint num_events_in_wait_list,
					     const cl_event *event_wait_list, cl_event *event)
{
	CW_API();
	return enqueue(command_queue, src_image);
}

cl_int CL_API_CALL cw_api_clEnqueueCopyImageToBuffer(
	cl_command_queue command_queue, cl_mem src_image, cl_mem dst_buffer,
	const size_t *src_origin, const size_t *region, size_t dst_offset,
	cl_uint num_events_in_wait_list, const cl_event *event_wait_list, cl_event *event)
{
	CW_API();
	return enqueue(command_queue, src_image);
}

cl_int CL_API_CALL cw_api_clEnqueueCopyBufferToImage(
	cl_command_queue command_queue, cl_mem src_buffer, cl_mem dst_image, size_t src_offset,
	const size_t *dst_origin, const size_t *region, cl_uint num_events_in_wait_list,
	const cl_event *event_wait_list, cl_event *event)
{
	CW_API();
	return enqueue(command_queue, dst_image);
}

void *CL_API_CALL cw_api_clEnqueueMapImage(cl_command_queue command_queue, cl_mem image,
					   cl_bool blocking_map, cl_map_flags map_flags,
					   const size_t *origin, const size_t *region,
					   size_t *image_row_pitch, size_t *image_slice_pitch,
					   cl_uint num_events_in_wait_list,
					   const cl_event *event_wait_list, cl_event *event,
					   cl_int *errcode_ret)
{
	CW_API();
	cw_errcode(errcode_ret, enqueue(command_queue, image));
	return NULL;
}
