/* SPDX-License-Identifier: MIT */
/* clBuildProgram, clCompileProgram, clLinkProgram: OpenCL 3.0, 5.8.2 to 5.8.4. */
#include "core/program_build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/check.h"
#include "base/config.h"
#include "core/context.h"
#include "device/device.h"

typedef void(CL_CALLBACK *build_notify_fn)(cl_program program, void *user);

static cl_int check_list(cl_uint num_devices, const cl_device_id *devices, build_notify_fn notify,
			 const void *user)
{
	CW_CHECK(!devices == !num_devices, CL_INVALID_VALUE,
		 "device_list is %p and num_devices is %u", (const void *)devices, num_devices);
	CW_CHECK(notify || !user, CL_INVALID_VALUE, "pfn_notify is NULL and user_data is not");
	return CL_SUCCESS;
}

static cl_int check_devices(const struct cw_program *program, cl_uint num_devices,
			    const cl_device_id *devices)
{
	for (cl_uint i = 0; i < num_devices; i++)
		CW_CHECK(cw_device_is_valid(devices[i]) &&
				 cw_program_device(program, cw_device(devices[i])) >= 0,
			 CL_INVALID_DEVICE, "device_list[%u] (%p) is no device of the program", i,
			 (void *)devices[i]);
	return CL_SUCCESS;
}

/* Parse the application's options and those of the configuration. */
static cl_int set_options(struct cw_build_task *task, const char *text, enum cwc_options_use use,
			  cl_int code)
{
	const char *more = use == CWC_OPTIONS_LINK ? "" : cw_config()->build_options;
	char why[256] = "", *all = NULL;
	int error;

	task->options_text = strdup(text ? text : "");
	CW_CHECK_MEMORY(task->options_text);
	if (*more && asprintf(&all, "%s %s", task->options_text, more) < 0)
		all = NULL;
	error = cwc_options_parse(all ? all : text, use, &task->options, why, sizeof(why));
	free(all);
	CW_CHECK(error != -ENOMEM, CL_OUT_OF_HOST_MEMORY, "out of host memory");
	CW_CHECK(!error, code, "%s", why);
	return CL_SUCCESS;
}

/* Mark the devices and go; the task is consumed in every case. */
static cl_int start(struct cw_build_task *task, build_notify_fn notify, void *user)
{
	if (!cw_build_task_begin(task)) {
		cw_build_task_destroy(task);
		return cw_check_failed(
			__func__, CL_INVALID_OPERATION, "build status",
			"a build of the program for one of the devices is under way");
	}
	task->notify = notify;
	task->notify_user = user;
	return cw_build_task_run(task);
}

/* What only a program that is not in use may be subject to. */
static cl_int check_unused(struct cw_program *program)
{
	unsigned kernels = atomic_load(&program->num_kernels);

	CW_CHECK(!kernels, CL_INVALID_OPERATION, "%u kernel objects are attached to the program",
		 kernels);
	return CL_SUCCESS;
}

static cl_int check_binaries(struct cw_program *program, const struct cw_build_task *task)
{
	if (program->origin != CW_PROGRAM_BINARY)
		return CL_SUCCESS;
	for (unsigned i = 0; i < task->num_devices; i++)
		CW_CHECK(cw_program_type(program, task->devices[i]), CL_INVALID_BINARY,
			 "the program has no binary for device %u of the list", i);
	return CL_SUCCESS;
}

static cl_int check_build(struct cw_program *program, struct cw_build_task *task,
			  const char *options)
{
	CW_CHECK_MEMORY(task);
	CW_TRY(check_binaries(program, task));
	CW_TRY(set_options(task, options, CWC_OPTIONS_BUILD, CL_INVALID_BUILD_OPTIONS));
	CW_TRY(check_unused(program));
	CW_CHECK(program->origin != CW_PROGRAM_LINKED, CL_INVALID_OPERATION,
		 "a program made by clLinkProgram is built already");
	return CL_SUCCESS;
}

cl_int CL_API_CALL cw_api_clBuildProgram(cl_program program_handle, cl_uint num_devices,
					 const cl_device_id *device_list, const char *options,
					 build_notify_fn pfn_notify, void *user_data)
{
	struct cw_program *program = cw_program(program_handle);
	struct cw_build_task *task;
	cl_int error;

	CW_API();
	CW_CHECK_HANDLE(program, program_handle, CL_INVALID_PROGRAM);
	cw_check_report_to(program->context);
	CW_TRY(check_list(num_devices, device_list, pfn_notify, user_data));
	CW_TRY(check_devices(program, num_devices, device_list));
	task = cw_build_task_create(CW_BUILD_EXECUTABLE, program, num_devices, device_list);
	error = check_build(program, task, options);
	if (error) {
		cw_build_task_destroy(task);
		return error;
	}
	return start(task, pfn_notify, user_data);
}

static cl_int check_headers(const struct cw_program *program, cl_uint num_headers,
			    const cl_program *headers, const char **names)
{
	CW_CHECK(num_headers || (!headers && !names), CL_INVALID_VALUE,
		 "num_input_headers is 0, but not both lists of headers are NULL");
	CW_CHECK(!num_headers || (headers && names), CL_INVALID_VALUE,
		 "input_headers or header_include_names is NULL");
	for (cl_uint i = 0; i < num_headers; i++) {
		CW_CHECK(cw_program_is_valid(headers[i]), CL_INVALID_PROGRAM,
			 "input_headers[%u] (%p) is not a valid program", i, (void *)headers[i]);
		CW_CHECK(cw_program(headers[i])->context == program->context, CL_INVALID_CONTEXT,
			 "input_headers[%u] is of another context", i);
		CW_CHECK(names[i], CL_INVALID_VALUE, "header_include_names[%u] is NULL", i);
		CW_CHECK(cw_program(headers[i])->source, CL_INVALID_OPERATION,
			 "input_headers[%u] was not made from source", i);
	}
	return CL_SUCCESS;
}

static cl_int set_headers(struct cw_build_task *task, cl_uint num_headers,
			  const cl_program *headers, const char **names)
{
	task->headers = calloc(num_headers + 1, sizeof(*task->headers));
	task->header_programs = calloc(num_headers + 1, sizeof(struct cw_program *));
	CW_CHECK_MEMORY(task->headers);
	CW_CHECK_MEMORY(task->header_programs);
	for (; task->num_headers < num_headers; task->num_headers++) {
		struct cw_program *header = cw_program(headers[task->num_headers]);
		char *name = strdup(names[task->num_headers]);

		CW_CHECK_MEMORY(name);
		task->header_programs[task->num_headers] = cw_program_get(header);
		task->headers[task->num_headers] = (struct cwc_header){name, header->source};
	}
	return CL_SUCCESS;
}

static cl_int check_compile(struct cw_program *program, struct cw_build_task *task,
			    const char *options, cl_uint num_headers, const cl_program *headers,
			    const char **names)
{
	CW_CHECK_MEMORY(task);
	CW_TRY(set_options(task, options, CWC_OPTIONS_COMPILE, CL_INVALID_COMPILER_OPTIONS));
	CW_TRY(check_unused(program));
	CW_CHECK(program->source, CL_INVALID_OPERATION, "the program was not made from source");
	return set_headers(task, num_headers, headers, names);
}

cl_int CL_API_CALL cw_api_clCompileProgram(cl_program program_handle, cl_uint num_devices,
					   const cl_device_id *device_list, const char *options,
					   cl_uint num_input_headers,
					   const cl_program *input_headers,
					   const char **header_include_names,
					   build_notify_fn pfn_notify, void *user_data)
{
	struct cw_program *program = cw_program(program_handle);
	struct cw_build_task *task;
	cl_int error;

	CW_API();
	CW_CHECK_HANDLE(program, program_handle, CL_INVALID_PROGRAM);
	cw_check_report_to(program->context);
	CW_TRY(check_list(num_devices, device_list, pfn_notify, user_data));
	CW_TRY(check_headers(program, num_input_headers, input_headers, header_include_names));
	CW_TRY(check_devices(program, num_devices, device_list));
	task = cw_build_task_create(CW_BUILD_COMPILE, program, num_devices, device_list);
	error = check_compile(program, task, options, num_input_headers, input_headers,
			      header_include_names);
	if (error) {
		cw_build_task_destroy(task);
		return error;
	}
	return start(task, pfn_notify, user_data);
}

static cl_int check_inputs(const struct cw_context *context, cl_uint num_inputs,
			   const cl_program *inputs)
{
	CW_CHECK(num_inputs, CL_INVALID_VALUE, "num_input_programs is 0");
	CW_CHECK(inputs, CL_INVALID_VALUE, "input_programs is NULL");
	for (cl_uint i = 0; i < num_inputs; i++) {
		CW_CHECK(cw_program_is_valid(inputs[i]), CL_INVALID_PROGRAM,
			 "input_programs[%u] (%p) is not a valid program", i, (void *)inputs[i]);
		CW_CHECK(cw_program(inputs[i])->context == context, CL_INVALID_CONTEXT,
			 "input_programs[%u] is of another context", i);
	}
	return CL_SUCCESS;
}

/* The compiled program or library that @input has for @device, with a reference. */
static cl_int input_ir(struct cw_program *input, const struct cw_device *device,
		       struct cwc_ir **ir_out)
{
	int index = cw_program_device(input, device);
	cl_build_status status = CL_BUILD_NONE;
	struct cwc_ir *ir = NULL;

	if (index >= 0) {
		cw_mutex_lock(&input->lock);
		status = input->builds[index].status;
		ir = cwc_ir_get(input->builds[index].ir);
		cw_mutex_unlock(&input->lock);
	}
	if (status == CL_BUILD_IN_PROGRESS || (ir && cwc_ir_facts(ir)->kind == CWC_IR_EXECUTABLE)) {
		cwc_ir_put(ir);
		ir = NULL;
	}
	*ir_out = ir;
	CW_CHECK(status != CL_BUILD_IN_PROGRESS, CL_INVALID_OPERATION,
		 "a compilation of an input program is under way");
	return CL_SUCCESS;
}

/*
 * For each device either all inputs have a compiled program or a library, or
 * none has: such devices are left out.
 */
static cl_int set_inputs(struct cw_build_task *task, cl_uint num_inputs, const cl_program *inputs)
{
	unsigned kept = 0;

	task->num_inputs = num_inputs;
	task->inputs = calloc((size_t)task->num_devices * num_inputs, sizeof(struct cwc_ir *));
	CW_CHECK_MEMORY(task->inputs);
	for (unsigned i = 0; i < task->num_devices; i++) {
		struct cw_device *device = task->program->devices[task->devices[i]];
		struct cwc_ir **irs = task->inputs + (size_t)kept * num_inputs;
		unsigned found = 0;

		for (cl_uint j = 0; j < num_inputs; j++) {
			CW_TRY(input_ir(cw_program(inputs[j]), device, &irs[j]));
			found += irs[j] != NULL;
		}
		CW_CHECK(!found || found == num_inputs, CL_INVALID_OPERATION,
			 "only %u of %u input programs are compiled for device %u", found,
			 num_inputs, i);
		if (found)
			task->devices[kept++] = task->devices[i];
	}
	CW_CHECK(kept, CL_INVALID_OPERATION, "no input program is compiled for any of the devices");
	task->num_devices = kept;
	return CL_SUCCESS;
}

static cl_int begin_link(struct cw_program *program, const char *options, cl_uint num_inputs,
			 const cl_program *inputs, build_notify_fn notify, void *user)
{
	struct cw_build_task *task = cw_build_task_create(CW_BUILD_LINK, program, 0, NULL);
	cl_int error;

	CW_CHECK_MEMORY(task);
	error = set_options(task, options, CWC_OPTIONS_LINK, CL_INVALID_LINKER_OPTIONS);
	if (!error)
		error = set_inputs(task, num_inputs, inputs);
	if (error) {
		cw_build_task_destroy(task);
		return error;
	}
	return start(task, notify, user);
}

static cl_int link_program(cl_context context_handle, const struct cw_program_desc *desc,
			   const char *options, cl_uint num_inputs, const cl_program *inputs,
			   build_notify_fn notify, void *user, struct cw_program **program_out)
{
	struct cw_context *context = cw_context(context_handle);
	struct cw_program_desc all = *desc;
	struct cw_program *program;
	cl_int error;

	CW_CHECK_CONTEXT(context_handle);
	CW_TRY(check_list(desc->num_devices, (const cl_device_id *)desc->devices, notify, user));
	CW_TRY(check_inputs(context, num_inputs, inputs));
	for (unsigned i = 0; i < desc->num_devices; i++)
		CW_CHECK(cw_device_is_valid((cl_device_id)desc->devices[i]) &&
				 cw_context_has_device(context, desc->devices[i]),
			 CL_INVALID_DEVICE, "device_list[%u] (%p) is no device of the context", i,
			 (void *)desc->devices[i]);
	if (!desc->devices) {
		all.devices = context->devices;
		all.num_devices = context->num_devices;
	}
	program = cw_program_create(context, &all);
	CW_CHECK_MEMORY(program);
	*program_out = program;
	error = begin_link(program, options, num_inputs, inputs, notify, user);
	/* A link that failed leaves a program whose log says why; others leave nothing. */
	if (error && error != CL_LINK_PROGRAM_FAILURE) {
		cw_program_put(program);
		*program_out = NULL;
	}
	return error;
}

cl_program CL_API_CALL cw_api_clLinkProgram(cl_context context, cl_uint num_devices,
					    const cl_device_id *device_list, const char *options,
					    cl_uint num_input_programs,
					    const cl_program *input_programs,
					    build_notify_fn pfn_notify, void *user_data,
					    cl_int *errcode_ret)
{
	struct cw_program *program = NULL;
	struct cw_program_desc desc = {
		.origin = CW_PROGRAM_LINKED,
		.devices = (struct cw_device *const *)device_list,
		.num_devices = num_devices,
	};

	CW_API();
	cw_errcode(errcode_ret, link_program(context, &desc, options, num_input_programs,
					     input_programs, pfn_notify, user_data, &program));
	return cw_program_handle(program);
}
