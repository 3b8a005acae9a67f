/* SPDX-License-Identifier: MIT */
/* Mapping buffers, and migrating memory objects: OpenCL 3.0, 5.2.5, 5.5.1 to 5.5.3. */
#include "api/enqueue.h"
#include "core/map.h"

#define WRITE_FLAGS (CL_MAP_WRITE | CL_MAP_WRITE_INVALIDATE_REGION)

static cl_int check_map(const struct cw_queue *queue, cl_mem buffer, cl_map_flags flags,
			size_t offset, size_t size)
{
	const struct cw_mem *mem = cw_mem(buffer);

	CW_TRY(cw_check_buffer(queue, buffer));
	CW_CHECK(size && cw_range_is_inside(offset, size, mem->size), CL_INVALID_VALUE,
		 "%zu bytes at %zu of a buffer of %zu", size, offset, mem->size);
	CW_CHECK(cw_map_flags_are_valid(flags), CL_INVALID_VALUE, "map flags 0x%lx",
		 (unsigned long)flags);
	if (flags & CL_MAP_READ)
		CW_CHECK_HOST_ACCESS(buffer, CL_MEM_HOST_WRITE_ONLY | CL_MEM_HOST_NO_ACCESS);
	if (flags & WRITE_FLAGS)
		CW_CHECK_HOST_ACCESS(buffer, CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_NO_ACCESS);
	return CL_SUCCESS;
}

/* Enqueue a map of @pointer; *pointer_out only where that worked. */
static cl_int enqueue_map(const struct cw_enqueue *enqueue, struct cw_mem *mem, void *pointer,
			  size_t size, cl_map_flags flags, void **pointer_out)
{
	cl_int error = cw_map_add(mem, pointer, size, flags);

	CW_CHECK(!error, error, "the region is mapped for writing already, or out of memory");
	error = cw_enqueue_nothing(enqueue, mem);
	if (error)
		cw_map_remove(mem, pointer);
	else
		*pointer_out = pointer;
	return error;
}

static cl_int map_buffer(const struct cw_enqueue *enqueue, cl_mem buffer, cl_map_flags flags,
			 size_t offset, size_t size, void **pointer_out)
{
	cl_command_queue queue = cw_queue_handle(enqueue->queue);

	CW_CHECK_QUEUE(queue);
	CW_TRY(check_map(enqueue->queue, buffer, flags, offset, size));
	CW_TRY(cw_check_wait_list(enqueue->queue, enqueue->wait.count, enqueue->wait.events));
	return enqueue_map(enqueue, cw_mem(buffer), (char *)cw_mem(buffer)->data + offset, size,
			   flags, pointer_out);
}

void *CL_API_CALL cw_api_clEnqueueMapBuffer(cl_command_queue command_queue, cl_mem buffer,
					    cl_bool blocking_map, cl_map_flags map_flags,
					    size_t offset, size_t size,
					    cl_uint num_events_in_wait_list,
					    const cl_event *event_wait_list, cl_event *event,
					    cl_int *errcode_ret)
{
	const struct cw_enqueue enqueue = {
		.queue = cw_queue(command_queue),
		.type = CL_COMMAND_MAP_BUFFER,
		.blocking = blocking_map,
		.wait = CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
		.event_out = event,
	};
	void *pointer = NULL;

	CW_API();
	cw_errcode(errcode_ret, map_buffer(&enqueue, buffer, map_flags, offset, size, &pointer));
	return pointer;
}

cl_int CL_API_CALL cw_api_clEnqueueUnmapMemObject(cl_command_queue command_queue, cl_mem memobj,
						  void *mapped_ptr, cl_uint num_events_in_wait_list,
						  const cl_event *event_wait_list, cl_event *event)
{
	struct cw_queue *queue = cw_queue(command_queue);

	CW_API();
	CW_CHECK_QUEUE(command_queue);
	CW_CHECK_HANDLE(mem, memobj, CL_INVALID_MEM_OBJECT);
	CW_CHECK(cw_mem(memobj)->context == queue->context, CL_INVALID_CONTEXT,
		 "the memory object belongs to another context");
	CW_TRY(cw_check_wait_list(queue, num_events_in_wait_list, event_wait_list));
	CW_CHECK(cw_map_remove(cw_mem(memobj), mapped_ptr), CL_INVALID_VALUE,
		 "nothing of the memory object is mapped at %p", mapped_ptr);
	return cw_enqueue_nothing(
		&(struct cw_enqueue){
			.queue = queue,
			.type = CL_COMMAND_UNMAP_MEM_OBJECT,
			.wait = CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
			.event_out = event,
		},
		cw_mem(memobj));
}

static cl_int check_mems(const struct cw_queue *queue, cl_uint count, const cl_mem *mems)
{
	CW_CHECK(count && mems, CL_INVALID_VALUE, "%u memory objects at %p", count,
		 (const void *)mems);
	for (cl_uint i = 0; i < count; i++) {
		CW_CHECK_HANDLE(mem, mems[i], CL_INVALID_MEM_OBJECT);
		CW_CHECK(cw_mem(mems[i])->context == queue->context, CL_INVALID_CONTEXT,
			 "memory object %u belongs to another context", i);
	}
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clEnqueueMigrateMemObjects(
	cl_command_queue command_queue, cl_uint num_mem_objects, const cl_mem *mem_objects,
	cl_mem_migration_flags flags, cl_uint num_events_in_wait_list,
	const cl_event *event_wait_list, cl_event *event)
{
	struct cw_queue *queue = cw_queue(command_queue);
	const struct cw_enqueue enqueue = {
		.queue = queue,
		.type = CL_COMMAND_MIGRATE_MEM_OBJECTS,
		.wait = CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
		.event_out = event,
	};
	struct cw_command *command;

	CW_API();
	CW_CHECK_QUEUE(command_queue);
	CW_TRY(check_mems(queue, num_mem_objects, mem_objects));
	CW_CHECK(cw_flags_are_valid(flags, CL_MIGRATE_MEM_OBJECT_HOST |
						   CL_MIGRATE_MEM_OBJECT_CONTENT_UNDEFINED),
		 CL_INVALID_VALUE, "migration flags 0x%lx", (unsigned long)flags);
	CW_TRY(cw_check_wait_list(queue, num_events_in_wait_list, event_wait_list));
	command = cw_enqueue_migrate_begin(&enqueue, flags, num_mem_objects);
	CW_CHECK_MEMORY(command);
	if (!cw_command_reserve_mems(command, num_mem_objects)) {
		cw_command_cancel(command);
		command = NULL;
	}
	CW_CHECK_MEMORY(command);
	for (cl_uint i = 0; i < num_mem_objects; i++) {
		struct cw_mem *mem = cw_mem(mem_objects[i]);

		cw_command_hold(command, mem);
		cw_enqueue_migrate_add(command, mem->data, mem->size);
	}
	return cw_enqueue_end(&enqueue, command);
}
