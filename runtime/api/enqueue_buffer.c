/* SPDX-License-Identifier: MIT */
/* Reading, writing, copying and filling buffers: OpenCL 3.0, 5.2.2 to 5.2.4. */
#include "api/enqueue.h"

static cl_int check_range(const struct cw_mem *mem, size_t offset, size_t size)
{
	CW_CHECK(cw_range_is_inside(offset, size, mem->size), CL_INVALID_VALUE,
		 "%zu bytes at %zu leave the buffer of %zu", size, offset, mem->size);
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clEnqueueReadBuffer(cl_command_queue command_queue, cl_mem buffer,
					      cl_bool blocking_read, size_t offset, size_t size,
					      void *ptr, cl_uint num_events_in_wait_list,
					      const cl_event *event_wait_list, cl_event *event)
{
	struct cw_queue *queue = cw_queue(command_queue);

	CW_API();
	CW_CHECK_QUEUE(command_queue);
	CW_TRY(cw_check_buffer(queue, buffer));
	CW_TRY(check_range(cw_mem(buffer), offset, size));
	CW_CHECK(ptr, CL_INVALID_VALUE, "ptr is NULL");
	CW_CHECK_HOST_ACCESS(buffer, CL_MEM_HOST_WRITE_ONLY | CL_MEM_HOST_NO_ACCESS);
	CW_TRY(cw_check_wait_list(queue, num_events_in_wait_list, event_wait_list));
	return cw_enqueue_copy(
		&(struct cw_enqueue){
			.queue = queue,
			.type = CL_COMMAND_READ_BUFFER,
			.blocking = blocking_read,
			.wait = CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
			.event_out = event,
		},
		&(struct cw_copy){ptr, (char *)cw_mem(buffer)->data + offset, size},
		(struct cw_mem *[2]){cw_mem(buffer)});
}

cl_int CL_API_CALL cw_api_clEnqueueWriteBuffer(cl_command_queue command_queue, cl_mem buffer,
					       cl_bool blocking_write, size_t offset, size_t size,
					       const void *ptr, cl_uint num_events_in_wait_list,
					       const cl_event *event_wait_list, cl_event *event)
{
	struct cw_queue *queue = cw_queue(command_queue);

	CW_API();
	CW_CHECK_QUEUE(command_queue);
	CW_TRY(cw_check_buffer(queue, buffer));
	CW_TRY(check_range(cw_mem(buffer), offset, size));
	CW_CHECK(ptr, CL_INVALID_VALUE, "ptr is NULL");
	CW_CHECK_HOST_ACCESS(buffer, CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_NO_ACCESS);
	CW_TRY(cw_check_wait_list(queue, num_events_in_wait_list, event_wait_list));
	return cw_enqueue_copy(
		&(struct cw_enqueue){
			.queue = queue,
			.type = CL_COMMAND_WRITE_BUFFER,
			.blocking = blocking_write,
			.wait = CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
			.event_out = event,
		},
		&(struct cw_copy){(char *)cw_mem(buffer)->data + offset, ptr, size},
		(struct cw_mem *[2]){cw_mem(buffer)});
}

/* Both are part of one buffer, and [@a, @a + size) meets [@b, @b + size). */
static bool overlaps(const struct cw_copy *copy)
{
	uintptr_t target = (uintptr_t)copy->target;
	uintptr_t source = (uintptr_t)copy->source;

	return target < source + copy->bytes && source < target + copy->bytes;
}

cl_int CL_API_CALL cw_api_clEnqueueCopyBuffer(cl_command_queue command_queue, cl_mem src_buffer,
					      cl_mem dst_buffer, size_t src_offset,
					      size_t dst_offset, size_t size,
					      cl_uint num_events_in_wait_list,
					      const cl_event *event_wait_list, cl_event *event)
{
	struct cw_queue *queue = cw_queue(command_queue);
	struct cw_mem *source = cw_mem(src_buffer);
	struct cw_mem *target = cw_mem(dst_buffer);
	struct cw_copy copy;

	CW_API();
	CW_CHECK_QUEUE(command_queue);
	CW_TRY(cw_check_buffer(queue, src_buffer));
	CW_TRY(cw_check_buffer(queue, dst_buffer));
	CW_TRY(check_range(source, src_offset, size));
	CW_TRY(check_range(target, dst_offset, size));
	copy = (struct cw_copy){
		.target = (char *)target->data + dst_offset,
		.source = (char *)source->data + src_offset,
		.bytes = size,
	};
	CW_CHECK(cw_mem_root(source) != cw_mem_root(target) || !overlaps(&copy),
		 CL_MEM_COPY_OVERLAP, "source and destination overlap");
	CW_TRY(cw_check_wait_list(queue, num_events_in_wait_list, event_wait_list));
	return cw_enqueue_copy(
		&(struct cw_enqueue){
			.queue = queue,
			.type = CL_COMMAND_COPY_BUFFER,
			.wait = CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
			.event_out = event,
		},
		&copy, (struct cw_mem *[2]){source, target});
}

cl_int CL_API_CALL cw_api_clEnqueueFillBuffer(cl_command_queue command_queue, cl_mem buffer,
					      const void *pattern, size_t pattern_size,
					      size_t offset, size_t size,
					      cl_uint num_events_in_wait_list,
					      const cl_event *event_wait_list, cl_event *event)
{
	struct cw_queue *queue = cw_queue(command_queue);

	CW_API();
	CW_CHECK_QUEUE(command_queue);
	CW_TRY(cw_check_buffer(queue, buffer));
	CW_TRY(check_range(cw_mem(buffer), offset, size));
	CW_TRY(cw_check_pattern(pattern, pattern_size));
	CW_CHECK(offset % pattern_size == 0 && size % pattern_size == 0, CL_INVALID_VALUE,
		 "%zu bytes at %zu for a pattern of %zu", size, offset, pattern_size);
	CW_TRY(cw_check_wait_list(queue, num_events_in_wait_list, event_wait_list));
	return cw_enqueue_fill(
		&(struct cw_enqueue){
			.queue = queue,
			.type = CL_COMMAND_FILL_BUFFER,
			.wait = CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
			.event_out = event,
		},
		&(struct cw_fill){(char *)cw_mem(buffer)->data + offset, size, pattern_size},
		pattern, cw_mem(buffer));
}
