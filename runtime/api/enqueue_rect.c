/* SPDX-License-Identifier: MIT */
/* Rectangles of buffers: OpenCL 3.0, 5.2.2 and 5.2.3. */
#include "api/enqueue.h"

/* struct side - one side of a copy: an origin in rows and slices of some pitch. */
struct side {
	const size_t *origin;
	size_t row_pitch;
	size_t slice_pitch;
};

static size_t side_offset(const struct side *side)
{
	return side->origin[0] + side->origin[1] * side->row_pitch +
	       side->origin[2] * side->slice_pitch;
}

static cl_int check_side(struct side *side, const size_t *region, size_t limit)
{
	return cw_check_rect(side->origin, region, &side->row_pitch, &side->slice_pitch, limit);
}

static cl_int enqueue_rect(const struct cw_enqueue *enqueue, const size_t *region, void *target,
			   const struct side *target_side, const void *source,
			   const struct side *source_side, struct cw_mem *const mems[2])
{
	return cw_enqueue_rect(
		enqueue,
		&(struct cw_rect){
			.target = (unsigned char *)target + side_offset(target_side),
			.source = (const unsigned char *)source + side_offset(source_side),
			.region = {region[0], region[1], region[2]},
			.target_row = target_side->row_pitch,
			.target_slice = target_side->slice_pitch,
			.source_row = source_side->row_pitch,
			.source_slice = source_side->slice_pitch,
		},
		mems);
}

/* What reading and writing have in common; @buffer_side and @host_side get their pitches. */
static cl_int check_host_rect(cl_command_queue queue, cl_mem buffer, struct side *buffer_side,
			      struct side *host_side, const size_t *region, const void *ptr)
{
	CW_CHECK_QUEUE(queue);
	CW_TRY(cw_check_buffer(cw_queue(queue), buffer));
	CW_TRY(check_side(buffer_side, region, cw_mem(buffer)->size));
	CW_TRY(check_side(host_side, region, SIZE_MAX));
	CW_CHECK(ptr, CL_INVALID_VALUE, "ptr is NULL");
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clEnqueueReadBufferRect(
	cl_command_queue command_queue, cl_mem buffer, cl_bool blocking_read,
	const size_t *buffer_origin, const size_t *host_origin, const size_t *region,
	size_t buffer_row_pitch, size_t buffer_slice_pitch, size_t host_row_pitch,
	size_t host_slice_pitch, void *ptr, cl_uint num_events_in_wait_list,
	const cl_event *event_wait_list, cl_event *event)
{
	struct side buffer_side = {buffer_origin, buffer_row_pitch, buffer_slice_pitch};
	struct side host_side = {host_origin, host_row_pitch, host_slice_pitch};
	struct cw_queue *queue = cw_queue(command_queue);

	CW_API();
	CW_TRY(check_host_rect(command_queue, buffer, &buffer_side, &host_side, region, ptr));
	CW_CHECK_HOST_ACCESS(buffer, CL_MEM_HOST_WRITE_ONLY | CL_MEM_HOST_NO_ACCESS);
	CW_TRY(cw_check_wait_list(queue, num_events_in_wait_list, event_wait_list));
	return enqueue_rect(
		&(struct cw_enqueue){
			.queue = queue,
			.type = CL_COMMAND_READ_BUFFER_RECT,
			.blocking = blocking_read,
			.wait = CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
			.event_out = event,
		},
		region, ptr, &host_side, cw_mem(buffer)->data, &buffer_side,
		(struct cw_mem *[2]){cw_mem(buffer)});
}

cl_int CL_API_CALL cw_api_clEnqueueWriteBufferRect(
	cl_command_queue command_queue, cl_mem buffer, cl_bool blocking_write,
	const size_t *buffer_origin, const size_t *host_origin, const size_t *region,
	size_t buffer_row_pitch, size_t buffer_slice_pitch, size_t host_row_pitch,
	size_t host_slice_pitch, const void *ptr, cl_uint num_events_in_wait_list,
	const cl_event *event_wait_list, cl_event *event)
{
	struct side buffer_side = {buffer_origin, buffer_row_pitch, buffer_slice_pitch};
	struct side host_side = {host_origin, host_row_pitch, host_slice_pitch};
	struct cw_queue *queue = cw_queue(command_queue);

	CW_API();
	CW_TRY(check_host_rect(command_queue, buffer, &buffer_side, &host_side, region, ptr));
	CW_CHECK_HOST_ACCESS(buffer, CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_NO_ACCESS);
	CW_TRY(cw_check_wait_list(queue, num_events_in_wait_list, event_wait_list));
	return enqueue_rect(
		&(struct cw_enqueue){
			.queue = queue,
			.type = CL_COMMAND_WRITE_BUFFER_RECT,
			.blocking = blocking_write,
			.wait = CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
			.event_out = event,
		},
		region, cw_mem(buffer)->data, &buffer_side, ptr, &host_side,
		(struct cw_mem *[2]){cw_mem(buffer)});
}

/* [@a, @a + @a_bytes) and [@b, @b + @b_bytes) meet. */
static bool meet(size_t a, size_t a_bytes, size_t b, size_t b_bytes)
{
	return a < b + b_bytes && b < a + a_bytes;
}

/*
 * Two equal regions of one buffer with equal pitches meet.  Offsets are
 * compared modulo the pitches, as the specification's appendix on overlap
 * does; where slices or rows wrap around, the region continues in the next.
 */
static bool overlap(const size_t region[3], size_t source, size_t target, size_t row_pitch,
		    size_t slice_pitch)
{
	size_t slice_bytes = (region[1] - 1) * row_pitch + region[0];
	size_t block_bytes = (region[2] - 1) * slice_pitch + slice_bytes;
	size_t source_x = source % row_pitch;
	size_t target_x = target % row_pitch;
	bool rows_meet;
	bool slices_meet;

	if (!meet(source, block_bytes, target, block_bytes))
		return false;
	rows_meet = meet(source_x, region[0], target_x, region[0]) ||
		    meet(source_x + row_pitch, region[0], target_x, region[0]) ||
		    meet(source_x, region[0], target_x + row_pitch, region[0]);
	if (!rows_meet)
		return false;
	source %= slice_pitch;
	target %= slice_pitch;
	slices_meet = meet(source, slice_bytes, target, slice_bytes) ||
		      meet(source + slice_pitch, slice_bytes, target, slice_bytes) ||
		      meet(source, slice_bytes, target + slice_pitch, slice_bytes);
	return slices_meet;
}

static cl_int check_overlap(const struct cw_mem *source, const struct side *source_side,
			    const struct cw_mem *target, const struct side *target_side,
			    const size_t *region)
{
	size_t from;
	size_t to;

	if (source == target) {
		CW_CHECK(source_side->row_pitch == target_side->row_pitch &&
				 source_side->slice_pitch == target_side->slice_pitch,
			 CL_INVALID_VALUE, "pitches differ within one buffer");
	}
	if (cw_mem_root((struct cw_mem *)source) != cw_mem_root((struct cw_mem *)target))
		return CL_SUCCESS;
	from = source->origin + side_offset(source_side);
	to = target->origin + side_offset(target_side);
	CW_CHECK(!overlap(region, from, to, source_side->row_pitch, source_side->slice_pitch),
		 CL_MEM_COPY_OVERLAP,
		 "%zu x %zu x %zu bytes at %zu and at %zu overlap (pitches %zu and %zu)", region[0],
		 region[1], region[2], from, to, source_side->row_pitch, source_side->slice_pitch);
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clEnqueueCopyBufferRect(cl_command_queue command_queue, cl_mem src_buffer,
						  cl_mem dst_buffer, const size_t *src_origin,
						  const size_t *dst_origin, const size_t *region,
						  size_t src_row_pitch, size_t src_slice_pitch,
						  size_t dst_row_pitch, size_t dst_slice_pitch,
						  cl_uint num_events_in_wait_list,
						  const cl_event *event_wait_list, cl_event *event)
{
	struct side source_side = {src_origin, src_row_pitch, src_slice_pitch};
	struct side target_side = {dst_origin, dst_row_pitch, dst_slice_pitch};
	struct cw_mem *source = cw_mem(src_buffer);
	struct cw_mem *target = cw_mem(dst_buffer);
	struct cw_queue *queue = cw_queue(command_queue);

	CW_API();
	CW_CHECK_QUEUE(command_queue);
	CW_TRY(cw_check_buffer(queue, src_buffer));
	CW_TRY(cw_check_buffer(queue, dst_buffer));
	CW_TRY(check_side(&source_side, region, source->size));
	CW_TRY(check_side(&target_side, region, target->size));
	CW_TRY(check_overlap(source, &source_side, target, &target_side, region));
	CW_TRY(cw_check_wait_list(queue, num_events_in_wait_list, event_wait_list));
	return enqueue_rect(
		&(struct cw_enqueue){
			.queue = queue,
			.type = CL_COMMAND_COPY_BUFFER_RECT,
			.wait = CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
			.event_out = event,
		},
		region, target->data, &target_side, source->data, &source_side,
		(struct cw_mem *[2]){source, target});
}
