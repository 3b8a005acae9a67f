/* SPDX-License-Identifier: MIT */
/* Running kernels: OpenCL 3.0, 5.10. */
#include "api/enqueue.h"
#include "core/kernel.h"
#include "core/ndrange.h"
#include "core/program.h"

#define CHECK_KERNEL(handle) CW_CHECK_HANDLE(kernel, handle, CL_INVALID_KERNEL)

static cl_int check_kernel(const struct cw_queue *queue, const struct cw_kernel *kernel)
{
	CW_CHECK(cw_kernel_code_for(kernel, queue->device), CL_INVALID_PROGRAM_EXECUTABLE,
		 "kernel '%s' was not built for the queue's device", kernel->info->name);
	CW_CHECK(kernel->program->context == queue->context, CL_INVALID_CONTEXT,
		 "kernel '%s' belongs to another context", kernel->info->name);
	CW_CHECK(!kernel->num_unset, CL_INVALID_KERNEL_ARGS,
		 "%u arguments of kernel '%s' are not set", kernel->num_unset, kernel->info->name);
	for (unsigned i = 0; i < kernel->num_mems; i++)
		CW_CHECK(cw_mem_is_valid(cw_mem_handle(kernel->mems[i].mem)),
			 CL_INVALID_KERNEL_ARGS,
			 "the memory object of argument %u of kernel '%s' was released",
			 kernel->mems[i].arg, kernel->info->name);
	return CL_SUCCESS;
}

/* Offsets and sizes; fills in @desc but for the local size. */
static cl_int check_range(cl_uint work_dim, const size_t *offset, const size_t *global,
			  struct cw_ndrange_desc *desc)
{
	CW_CHECK(work_dim >= 1 && work_dim <= 3, CL_INVALID_WORK_DIMENSION, "%u dimensions",
		 work_dim);
	*desc = (struct cw_ndrange_desc){.work_dim = work_dim, .global = {1, 1, 1}};
	for (cl_uint i = 0; i < work_dim; i++) {
		desc->global[i] = global ? global[i] : 0;
		desc->offset[i] = offset ? offset[i] : 0;
		CW_CHECK(desc->offset[i] <= SIZE_MAX - desc->global[i], CL_INVALID_GLOBAL_OFFSET,
			 "offset %zu and size %zu are more than a size_t holds", desc->offset[i],
			 desc->global[i]);
	}
	return CL_SUCCESS;
}

static cl_int check_required(const struct cw_kernel *kernel, const struct cw_ndrange_desc *desc)
{
	const uint64_t *required = kernel->info->required_local;

	for (cl_uint i = 0; required[0] && i < 3; i++) {
		size_t size = i < desc->work_dim ? desc->local[i] : 1;

		CW_CHECK(size == required[i], CL_INVALID_WORK_GROUP_SIZE,
			 "work-group size %zu in dimension %u, but kernel '%s' requires %lu", size,
			 i, kernel->info->name, (unsigned long)required[i]);
	}
	return CL_SUCCESS;
}

/* Items of a group up to the device's limit, without overflow. */
static cl_int check_group_items(const struct cw_queue *queue, const struct cw_ndrange_desc *desc)
{
	uint64_t most = queue->device->caps.max_group_items;
	uint64_t items = 1;

	for (cl_uint i = 0; i < desc->work_dim; i++) {
		CW_CHECK(desc->local[i] <= most, CL_INVALID_WORK_ITEM_SIZE,
			 "work-group size %zu in dimension %u; the device allows %lu",
			 desc->local[i], i, (unsigned long)most);
	}
	for (cl_uint i = 0; i < desc->work_dim; i++) {
		items *= desc->local[i];
		CW_CHECK(items && items <= most, CL_INVALID_WORK_GROUP_SIZE,
			 "a work-group of %lu items; the device allows %lu", (unsigned long)items,
			 (unsigned long)most);
	}
	return CL_SUCCESS;
}

static cl_int check_local(const struct cw_queue *queue, const struct cw_kernel *kernel,
			  const struct cw_ndrange_desc *desc)
{
	if (!desc->local)
		return CL_SUCCESS;
	for (cl_uint i = 0; i < desc->work_dim; i++)
		CW_CHECK(desc->local[i], CL_INVALID_WORK_GROUP_SIZE,
			 "work-group size 0 in dimension %u", i);
	for (cl_uint i = 0; kernel->info->uniform_groups && i < desc->work_dim; i++)
		CW_CHECK(desc->global[i] % desc->local[i] == 0, CL_INVALID_WORK_GROUP_SIZE,
			 "global size %zu is not a multiple of the work-group size %zu",
			 desc->global[i], desc->local[i]);
	CW_TRY(check_required(kernel, desc));
	return check_group_items(queue, desc);
}

static cl_int check_local_memory(const struct cw_queue *queue, const struct cw_kernel *kernel,
				 const struct cw_kernel_code *code)
{
	size_t bytes = cw_kernel_local_bytes(kernel, code);

	CW_CHECK(bytes <= queue->device->caps.local_mem_bytes, CL_OUT_OF_RESOURCES,
		 "%zu bytes of local memory; the device has %lu", bytes,
		 (unsigned long)queue->device->caps.local_mem_bytes);
	return CL_SUCCESS;
}

/* Code that can count up to the highest global id. */
static struct cw_kernel_code *code_for_range(struct cw_kernel *kernel, struct cw_device *device,
					     const struct cw_ndrange_desc *desc)
{
	for (unsigned i = 0; i < desc->work_dim; i++) {
		if (desc->offset[i] + desc->global[i] > 1ull << 31)
			return cw_kernel_wide_code_for(kernel, device);
	}
	if (desc->local)
		return cw_kernel_code_for_row(kernel, device, desc->local[0]);
	return cw_kernel_code_for(kernel, device);
}

static bool is_empty(const struct cw_ndrange_desc *desc)
{
	return !desc->global[0] || !desc->global[1] || !desc->global[2];
}

/* All rules are checked. */
static cl_int launch(const struct cw_enqueue *enqueue, struct cw_kernel *kernel,
		     struct cw_kernel_code *code, const struct cw_ndrange_desc *desc)
{
	struct cw_command *command = cw_enqueue_begin(enqueue, CW_COMMAND_NDRANGE);
	cl_int error;

	CW_CHECK_MEMORY(command);
	error = cw_ndrange_fill(command, kernel, code, desc);
	if (error)
		cw_command_cancel(command);
	CW_CHECK(!error, error, "kernel '%s' can't be launched over so many work-groups",
		 kernel->info->name);
	return cw_enqueue_end(enqueue, command);
}

static cl_int enqueue_range(const struct cw_enqueue *enqueue, struct cw_kernel *kernel,
			    const struct cw_ndrange_desc *desc)
{
	struct cw_kernel_code *code;

	CW_TRY(check_local(enqueue->queue, kernel, desc));
	CW_TRY(cw_check_wait_list(enqueue->queue, enqueue->wait.count, enqueue->wait.events));
	if (is_empty(desc))
		return cw_enqueue_nothing(enqueue, NULL);
	code = code_for_range(kernel, enqueue->queue->device, desc);
	CW_CHECK(code, CL_OUT_OF_RESOURCES, "kernel '%s' has no code for so large an ND-range",
		 kernel->info->name);
	CW_TRY(check_local_memory(enqueue->queue, kernel, code));
	return launch(enqueue, kernel, code, desc);
}

cl_int CL_API_CALL cw_api_clEnqueueNDRangeKernel(cl_command_queue command_queue, cl_kernel kernel,
						 cl_uint work_dim, const size_t *global_work_offset,
						 const size_t *global_work_size,
						 const size_t *local_work_size,
						 cl_uint num_events_in_wait_list,
						 const cl_event *event_wait_list, cl_event *event)
{
	const struct cw_enqueue enqueue = {
		.queue = cw_queue(command_queue),
		.type = CL_COMMAND_NDRANGE_KERNEL,
		.wait = CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
		.event_out = event,
	};
	struct cw_ndrange_desc desc;

	CW_API();
	CW_CHECK_QUEUE(command_queue);
	CHECK_KERNEL(kernel);
	CW_TRY(check_kernel(enqueue.queue, cw_kernel(kernel)));
	CW_TRY(check_range(work_dim, global_work_offset, global_work_size, &desc));
	desc.local = local_work_size;
	return enqueue_range(&enqueue, cw_kernel(kernel), &desc);
}

cl_int CL_API_CALL cw_api_clEnqueueTask(cl_command_queue command_queue, cl_kernel kernel,
					cl_uint num_events_in_wait_list,
					const cl_event *event_wait_list, cl_event *event)
{
	static const size_t one[3] = {1, 1, 1};
	const struct cw_enqueue enqueue = {
		.queue = cw_queue(command_queue),
		.type = CL_COMMAND_TASK,
		.wait = CW_WAIT_LIST(num_events_in_wait_list, event_wait_list),
		.event_out = event,
	};
	const struct cw_ndrange_desc desc = {.work_dim = 1, .global = {1, 1, 1}, .local = one};

	CW_API();
	CW_CHECK_QUEUE(command_queue);
	CHECK_KERNEL(kernel);
	CW_TRY(check_kernel(enqueue.queue, cw_kernel(kernel)));
	return enqueue_range(&enqueue, cw_kernel(kernel), &desc);
}

static cl_int suggest(cl_command_queue queue, cl_kernel kernel, cl_uint work_dim,
		      const size_t *offset, const size_t *global, size_t *suggested)
{
	struct cw_ndrange_desc desc = {0};
	struct cw_kernel_code *code;
	uint64_t local[3];

	CW_CHECK_QUEUE(queue);
	CHECK_KERNEL(kernel);
	CW_TRY(check_kernel(cw_queue(queue), cw_kernel(kernel)));
	CW_TRY(check_range(work_dim, offset, global, &desc));
	CW_CHECK(global && !is_empty(&desc), CL_INVALID_GLOBAL_WORK_SIZE, "an empty global size");
	CW_CHECK(suggested, CL_INVALID_VALUE, "suggested_local_work_size is NULL");
	code = code_for_range(cw_kernel(kernel), cw_queue(queue)->device, &desc);
	CW_CHECK(code, CL_OUT_OF_RESOURCES, "no code for so large an ND-range");
	cw_ndrange_choose_local(cw_kernel(kernel), code, &desc, local);
	for (cl_uint i = 0; i < work_dim; i++)
		suggested[i] = local[i];
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clGetKernelSuggestedLocalWorkSizeKHR(cl_command_queue command_queue,
							       cl_kernel kernel, cl_uint work_dim,
							       const size_t *global_work_offset,
							       const size_t *global_work_size,
							       size_t *suggested_local_work_size)
{
	CW_API();
	return suggest(command_queue, kernel, work_dim, global_work_offset, global_work_size,
		       suggested_local_work_size);
}
