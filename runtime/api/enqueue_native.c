/* SPDX-License-Identifier: MIT */
/* Native kernels: OpenCL 3.0, 5.10. */
#include <stdlib.h>
#include <string.h>

#include "api/enqueue.h"

/* struct native - the payload: the function and its copy of the arguments. */
struct native {
	void(CL_CALLBACK *function)(void *args);
	_Alignas(16) unsigned char args[];
};

static void run_native(struct cw_command *command)
{
	struct native *native = command->call.data;

	native->function(native->args);
}

static cl_int check_args(const void *args, size_t bytes, cl_uint num_mems, const cl_mem *mems,
			 const void **locations)
{
	CW_CHECK(args || (!bytes && !num_mems), CL_INVALID_VALUE, "args is NULL");
	CW_CHECK(!args || bytes, CL_INVALID_VALUE, "cb_args is 0");
	CW_CHECK(!num_mems == !mems && !num_mems == !locations, CL_INVALID_VALUE,
		 "%u memory objects at %p, for %p", num_mems, (const void *)mems,
		 (const void *)locations);
	return CL_SUCCESS;
}

static cl_int check_mems(const struct cw_queue *queue, cl_uint count, const cl_mem *mems)
{
	for (cl_uint i = 0; i < count; i++) {
		if (mems[i])
			CW_TRY(cw_check_buffer(queue, mems[i]));
	}
	return CL_SUCCESS;
}

/* Copy the arguments, with the addresses of the buffers where their handles stood. */
static struct native *make_payload(void(CL_CALLBACK *function)(void *args), const void *args,
				   size_t bytes, cl_uint num_mems, const cl_mem *mems,
				   const void **locations)
{
	struct native *native = malloc(sizeof(*native) + bytes);

	if (!native)
		return NULL;
	native->function = function;
	if (bytes)
		memcpy(native->args, args, bytes);
	for (cl_uint i = 0; i < num_mems; i++) {
		size_t offset = (size_t)((const char *)locations[i] - (const char *)args);
		void *data = mems[i] ? cw_mem(mems[i])->data : NULL;

		memcpy(native->args + offset, &data, sizeof(data));
	}
	return native;
}

cl_int CL_API_CALL cw_api_clEnqueueNativeKernel(cl_command_queue command_queue,
						void(CL_CALLBACK *user_func)(void *), void *args,
						size_t cb_args, cl_uint num_mem_objects,
						const cl_mem *mem_list, const void **args_mem_loc,
						cl_uint num_events_in_wait_list,
						const cl_event *event_wait_list, cl_event *event)
{
	struct cw_queue *queue = cw_queue(command_queue);
	struct cw_command *command;

	CW_API();
	CW_CHECK_QUEUE(command_queue);
	CW_CHECK(user_func, CL_INVALID_VALUE, "user_func is NULL");
	CW_TRY(check_args(args, cb_args, num_mem_objects, mem_list, args_mem_loc));
	CW_TRY(check_mems(queue, num_mem_objects, mem_list));
	CW_TRY(cw_check_wait_list(queue, num_events_in_wait_list, event_wait_list));
	command = cw_command_begin(queue, CW_COMMAND_CALL, CL_COMMAND_NATIVE_KERNEL);
	CW_CHECK_MEMORY(command);
	command->call.run = run_native;
	command->call.data =
		make_payload(user_func, args, cb_args, num_mem_objects, mem_list, args_mem_loc);
	if (!command->call.data || !cw_command_reserve_mems(command, num_mem_objects)) {
		cw_command_cancel(command);
		CW_CHECK_MEMORY(NULL);
	}
	for (cl_uint i = 0; i < num_mem_objects; i++) {
		if (mem_list[i])
			cw_command_hold(command, cw_mem(mem_list[i]));
	}
	return cw_command_enqueue(command, &CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
				  false, event);
}
