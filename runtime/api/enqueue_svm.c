/* SPDX-License-Identifier: MIT */
/*
 * SVM commands: OpenCL 3.0, 5.6.1.  Devices with fine-grained system SVM take
 * any pointer, so maps and migrations only take their place in the order.
 */
#include <stdlib.h>
#include <string.h>

#include "api/enqueue.h"
#include "core/svm.h"

#define CHECK_SVM_QUEUE(handle)                                                                    \
	do {                                                                                       \
		CW_CHECK_QUEUE(handle);                                                            \
		CW_CHECK(cw_queue(handle)->device->caps.svm, CL_INVALID_OPERATION,                 \
			 "the device has no SVM");                                                 \
	} while (0)

/* struct svm_free - the payload of clEnqueueSVMFree. */
struct svm_free {
	void(CL_CALLBACK *notify)(cl_command_queue queue, cl_uint count, void *pointers[],
				  void *user);
	void *user;
	cl_uint count;
	void *pointers[];
};

static void run_svm_free(struct cw_command *command)
{
	struct svm_free *payload = command->call.data;
	struct cw_queue *queue = command->event.queue;

	if (payload->notify) {
		payload->notify(cw_queue_handle(queue), payload->count, payload->pointers,
				payload->user);
		return;
	}
	for (cl_uint i = 0; i < payload->count; i++)
		cw_svm_free(queue->context, payload->pointers[i]);
}

cl_int CL_API_CALL cw_api_clEnqueueSVMFree(
	cl_command_queue command_queue, cl_uint num_svm_pointers, void *svm_pointers[],
	void(CL_CALLBACK *pfn_free_func)(cl_command_queue queue, cl_uint num_svm_pointers,
					 void *svm_pointers[], void *user_data),
	void *user_data, cl_uint num_events_in_wait_list, const cl_event *event_wait_list,
	cl_event *event)
{
	struct cw_queue *queue = cw_queue(command_queue);
	struct cw_command *command;
	struct svm_free *payload;

	CW_API();
	CHECK_SVM_QUEUE(command_queue);
	CW_CHECK(!num_svm_pointers == !svm_pointers, CL_INVALID_VALUE, "%u pointers at %p",
		 num_svm_pointers, (void *)svm_pointers);
	CW_TRY(cw_check_wait_list(queue, num_events_in_wait_list, event_wait_list));
	payload = malloc(sizeof(*payload) + num_svm_pointers * sizeof(void *));
	CW_CHECK_MEMORY(payload);
	command = cw_command_begin(queue, CW_COMMAND_CALL, CL_COMMAND_SVM_FREE);
	if (!command)
		free(payload);
	CW_CHECK_MEMORY(command);
	payload->notify = pfn_free_func;
	payload->user = user_data;
	payload->count = num_svm_pointers;
	if (num_svm_pointers)
		memcpy(payload->pointers, svm_pointers, num_svm_pointers * sizeof(void *));
	command->call = (struct cw_host_call){run_svm_free, payload};
	return cw_command_enqueue(command, &CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
				  false, event);
}

static bool overlaps(uintptr_t target, uintptr_t source, size_t bytes)
{
	return target < source + bytes && source < target + bytes;
}

cl_int CL_API_CALL cw_api_clEnqueueSVMMemcpy(cl_command_queue command_queue, cl_bool blocking_copy,
					     void *dst_ptr, const void *src_ptr, size_t size,
					     cl_uint num_events_in_wait_list,
					     const cl_event *event_wait_list, cl_event *event)
{
	struct cw_queue *queue = cw_queue(command_queue);

	CW_API();
	CHECK_SVM_QUEUE(command_queue);
	CW_CHECK(dst_ptr && src_ptr, CL_INVALID_VALUE, "a pointer is NULL");
	CW_CHECK(!overlaps((uintptr_t)dst_ptr, (uintptr_t)src_ptr, size), CL_MEM_COPY_OVERLAP,
		 "source and destination overlap");
	CW_TRY(cw_check_wait_list(queue, num_events_in_wait_list, event_wait_list));
	return cw_enqueue_copy(
		&(struct cw_enqueue){
			.queue = queue,
			.type = CL_COMMAND_SVM_MEMCPY,
			.blocking = blocking_copy,
			.wait = CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
			.event_out = event,
		},
		&(struct cw_copy){dst_ptr, src_ptr, size}, (struct cw_mem *[2]){NULL});
}

cl_int CL_API_CALL cw_api_clEnqueueSVMMemFill(cl_command_queue command_queue, void *svm_ptr,
					      const void *pattern, size_t pattern_size, size_t size,
					      cl_uint num_events_in_wait_list,
					      const cl_event *event_wait_list, cl_event *event)
{
	struct cw_queue *queue = cw_queue(command_queue);

	CW_API();
	CHECK_SVM_QUEUE(command_queue);
	CW_CHECK(svm_ptr, CL_INVALID_VALUE, "svm_ptr is NULL");
	CW_TRY(cw_check_pattern(pattern, pattern_size));
	CW_CHECK((uintptr_t)svm_ptr % pattern_size == 0, CL_INVALID_VALUE,
		 "svm_ptr %p is not aligned to %zu bytes", svm_ptr, pattern_size);
	CW_CHECK(size % pattern_size == 0, CL_INVALID_VALUE, "%zu bytes for a pattern of %zu", size,
		 pattern_size);
	CW_TRY(cw_check_wait_list(queue, num_events_in_wait_list, event_wait_list));
	return cw_enqueue_fill(
		&(struct cw_enqueue){
			.queue = queue,
			.type = CL_COMMAND_SVM_MEMFILL,
			.wait = CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
			.event_out = event,
		},
		&(struct cw_fill){svm_ptr, size, pattern_size}, pattern, NULL);
}

cl_int CL_API_CALL cw_api_clEnqueueSVMMap(cl_command_queue command_queue, cl_bool blocking_map,
					  cl_map_flags flags, void *svm_ptr, size_t size,
					  cl_uint num_events_in_wait_list,
					  const cl_event *event_wait_list, cl_event *event)
{
	struct cw_queue *queue = cw_queue(command_queue);

	CW_API();
	CHECK_SVM_QUEUE(command_queue);
	CW_CHECK(svm_ptr, CL_INVALID_VALUE, "svm_ptr is NULL");
	CW_CHECK(size, CL_INVALID_VALUE, "size is 0");
	CW_CHECK(cw_map_flags_are_valid(flags), CL_INVALID_VALUE, "map flags 0x%lx",
		 (unsigned long)flags);
	CW_TRY(cw_check_wait_list(queue, num_events_in_wait_list, event_wait_list));
	return cw_enqueue_nothing(
		&(struct cw_enqueue){
			.queue = queue,
			.type = CL_COMMAND_SVM_MAP,
			.blocking = blocking_map,
			.wait = CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
			.event_out = event,
		},
		NULL);
}

cl_int CL_API_CALL cw_api_clEnqueueSVMUnmap(cl_command_queue command_queue, void *svm_ptr,
					    cl_uint num_events_in_wait_list,
					    const cl_event *event_wait_list, cl_event *event)
{
	struct cw_queue *queue = cw_queue(command_queue);

	CW_API();
	CHECK_SVM_QUEUE(command_queue);
	CW_CHECK(svm_ptr, CL_INVALID_VALUE, "svm_ptr is NULL");
	CW_TRY(cw_check_wait_list(queue, num_events_in_wait_list, event_wait_list));
	return cw_enqueue_nothing(
		&(struct cw_enqueue){
			.queue = queue,
			.type = CL_COMMAND_SVM_UNMAP,
			.wait = CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
			.event_out = event,
		},
		NULL);
}

/*
 * [@pointer, @pointer + @bytes) where it lies in one SVM allocation; with 0 bytes the
 * allocation that @pointer lies in.  @range_out may be NULL.
 */
static bool find_range(struct cw_context *context, const void *pointer, size_t bytes,
		       struct cw_memory_range *range_out)
{
	struct cw_svm_range found;

	if (!cw_svm_find(context, pointer, &found) ||
	    !cw_range_is_inside((size_t)((const char *)pointer - (const char *)found.start), bytes,
				found.bytes))
		return false;
	if (range_out)
		*range_out = bytes ? (struct cw_memory_range){(void *)pointer, bytes}
				   : (struct cw_memory_range){found.start, found.bytes};
	return true;
}

cl_int CL_API_CALL cw_api_clEnqueueSVMMigrateMem(cl_command_queue command_queue,
						 cl_uint num_svm_pointers,
						 const void **svm_pointers, const size_t *sizes,
						 cl_mem_migration_flags flags,
						 cl_uint num_events_in_wait_list,
						 const cl_event *event_wait_list, cl_event *event)
{
	struct cw_queue *queue = cw_queue(command_queue);
	const struct cw_enqueue enqueue = {
		.queue = queue,
		.type = CL_COMMAND_SVM_MIGRATE_MEM,
		.wait = CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
		.event_out = event,
	};
	struct cw_command *command;

	CW_API();
	CHECK_SVM_QUEUE(command_queue);
	CW_CHECK(num_svm_pointers && svm_pointers, CL_INVALID_VALUE, "%u pointers at %p",
		 num_svm_pointers, (const void *)svm_pointers);
	CW_CHECK(cw_flags_are_valid(flags, CL_MIGRATE_MEM_OBJECT_HOST |
						   CL_MIGRATE_MEM_OBJECT_CONTENT_UNDEFINED),
		 CL_INVALID_VALUE, "migration flags 0x%lx", (unsigned long)flags);
	for (cl_uint i = 0; i < num_svm_pointers; i++)
		CW_CHECK(find_range(queue->context, svm_pointers[i], sizes ? sizes[i] : 0, NULL),
			 CL_INVALID_VALUE, "pointer %u (%p) is not in an SVM allocation", i,
			 svm_pointers[i]);
	CW_TRY(cw_check_wait_list(queue, num_events_in_wait_list, event_wait_list));
	command = cw_enqueue_migrate_begin(&enqueue, flags, num_svm_pointers);
	CW_CHECK_MEMORY(command);
	for (cl_uint i = 0; i < num_svm_pointers; i++) {
		struct cw_memory_range range;

		if (find_range(queue->context, svm_pointers[i], sizes ? sizes[i] : 0, &range))
			cw_enqueue_migrate_add(command, range.start, range.bytes);
	}
	return cw_enqueue_end(&enqueue, command);
}
