/* SPDX-License-Identifier: MIT */
#include "core/program_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/thread.h"
#include "base/trace.h"
#include "client/client.h"
#include "core/compiler.h"
#include "core/context.h"
#include "core/device.h"

struct cw_build_task *cw_build_task_create(enum cw_build_kind kind, struct cw_program *program,
					   unsigned num_devices, const cl_device_id *devices)
{
	struct cw_build_task *task = calloc(1, sizeof(*task));

	if (!task)
		return NULL;
	task->kind = kind;
	task->program = cw_program_get(program);
	task->devices = calloc(program->num_devices, sizeof(*task->devices));
	if (!task->devices) {
		cw_build_task_destroy(task);
		return NULL;
	}
	for (unsigned i = 0; i < program->num_devices; i++) {
		bool wanted = !devices;

		for (unsigned j = 0; j < num_devices && !wanted; j++)
			wanted = cw_device_is_within(program->devices[i], cw_device(devices[j]));
		if (wanted)
			task->devices[task->num_devices++] = i;
	}
	return task;
}

void cw_build_task_destroy(struct cw_build_task *task)
{
	if (!task)
		return;
	for (unsigned i = 0; i < task->num_headers; i++) {
		free((void *)task->headers[i].name);
		cw_program_put(task->header_programs[i]);
	}
	for (unsigned i = 0; task->inputs && i < task->num_inputs * task->num_devices; i++)
		cwc_ir_put(task->inputs[i]);
	cwc_options_finish(&task->options);
	free(task->headers);
	free(task->header_programs);
	free(task->inputs);
	free(task->options_text);
	free(task->devices);
	cw_program_put(task->program);
	free(task);
}

bool cw_build_task_begin(struct cw_build_task *task)
{
	struct cw_program *program = task->program;
	bool idle = true;

	cw_mutex_lock(&program->lock);
	for (unsigned i = 0; i < task->num_devices; i++)
		idle = idle && program->builds[task->devices[i]].status != CL_BUILD_IN_PROGRESS;
	for (unsigned i = 0; i < task->num_devices && idle; i++)
		program->builds[task->devices[i]].status = CL_BUILD_IN_PROGRESS;
	cw_mutex_unlock(&program->lock);
	return idle;
}

/* What the compiler made for one device. */
struct outcome {
	int error;
	struct cwc_ir *ir;
	struct cw_executable *executable;
	char *log;
};

static void compile_source(struct cw_build_task *task, struct outcome *outcome)
{
	struct cwc_build build = {
		.source = task->program->source,
		.options = &task->options,
		.headers = task->headers,
		.num_headers = task->num_headers,
		.complete = task->kind == CW_BUILD_EXECUTABLE,
	};

	outcome->error = cwc_client_build(cw_compiler(), &build, &outcome->ir, &outcome->log);
}

static void link_inputs(struct cw_build_task *task, unsigned index, struct outcome *outcome)
{
	struct cwc_ir *const *inputs = task->inputs + (size_t)index * task->num_inputs;

	outcome->error =
		cwc_client_link(cw_compiler(), inputs, task->num_inputs,
				task->options.create_library ? CWC_IR_LIBRARY : CWC_IR_EXECUTABLE,
				&outcome->ir, &outcome->log);
}

/* A program from a binary: an executable as it is, anything else is linked by itself. */
static void finish_binary(struct cw_build_task *task, unsigned index, struct outcome *outcome)
{
	struct cwc_ir *ir = cw_program_ir(task->program, task->devices[index]);

	if (cwc_ir_facts(ir)->kind == CWC_IR_EXECUTABLE) {
		outcome->ir = ir;
		return;
	}
	outcome->error = cwc_client_link(cw_compiler(), &ir, 1, CWC_IR_EXECUTABLE, &outcome->ir,
					 &outcome->log);
	cwc_ir_put(ir);
}

/* One executable serves both devices: the same code, and no variables that would be shared. */
static bool serves(const struct outcome *first, const struct outcome *outcome,
		   const struct cw_device *device)
{
	return first && first->executable && first->ir == outcome->ir &&
	       first->executable->isa == device->caps.isa && !first->executable->globals;
}

static void make_executable(struct cw_build_task *task, unsigned index, const struct outcome *first,
			    struct outcome *outcome)
{
	struct cw_program *program = task->program;
	unsigned device = task->devices[index];
	const struct cwc_container *container = NULL;

	if (outcome->error || cwc_ir_facts(outcome->ir)->kind != CWC_IR_EXECUTABLE)
		return;
	if (serves(first, outcome, program->devices[device])) {
		outcome->executable = cw_executable_get(first->executable);
		return;
	}
	/* Only a build replaces the container, and this is the only one. */
	cw_mutex_lock(&program->lock);
	if (program->origin == CW_PROGRAM_BINARY)
		container = program->builds[device].container;
	cw_mutex_unlock(&program->lock);
	outcome->error = cw_executable_create(outcome->ir, program->devices[device], container,
					      &outcome->executable);
}

/* Build for the task's device @index; devices of the same program share what they can. */
static void build_device(struct cw_build_task *task, unsigned index, const struct outcome *first,
			 struct outcome *outcome)
{
	bool from_source = task->kind == CW_BUILD_COMPILE ||
			   (task->kind == CW_BUILD_EXECUTABLE && task->program->source);

	if (!cw_compiler())
		outcome->error = -ENOMEM;
	else if (from_source && first) {
		outcome->error = first->error;
		outcome->ir = cwc_ir_get(first->ir);
		outcome->log = first->log ? strdup(first->log) : NULL;
	} else if (from_source)
		compile_source(task, outcome);
	else if (task->kind == CW_BUILD_LINK)
		link_inputs(task, index, outcome);
	else
		finish_binary(task, index, outcome);
	make_executable(task, index, first, outcome);
}

/* Put down the result; what the last build left goes. */
static void publish(struct cw_build_task *task, unsigned index, struct outcome *outcome)
{
	struct cw_program *program = task->program;
	struct cw_build *build, old;

	cw_mutex_lock(&program->lock);
	build = &program->builds[task->devices[index]];
	old = *build;
	*build = (struct cw_build){
		.status = outcome->error ? CL_BUILD_ERROR : CL_BUILD_SUCCESS,
		.ir = outcome->error ? NULL : outcome->ir,
		.executable = outcome->executable,
		.container = old.container,
		.options = task->options_text ? strdup(task->options_text) : NULL,
		.log = outcome->log,
	};
	/* A binary stays loaded: a failed build of it may be tried again. */
	if (outcome->error && program->origin == CW_PROGRAM_BINARY)
		build->ir = cwc_ir_get(old.ir);
	cw_mutex_unlock(&program->lock);
	if (outcome->error)
		cwc_ir_put(outcome->ir);
	old.container = NULL;
	cw_build_finish(&old);
}

static const char *kind_name(enum cw_build_kind kind)
{
	switch (kind) {
	case CW_BUILD_COMPILE:
		return "compile";
	case CW_BUILD_LINK:
		return "link";
	default:
		return "build";
	}
}

static cl_int kind_failure(enum cw_build_kind kind)
{
	switch (kind) {
	case CW_BUILD_COMPILE:
		return CL_COMPILE_PROGRAM_FAILURE;
	case CW_BUILD_LINK:
		return CL_LINK_PROGRAM_FAILURE;
	default:
		return CL_BUILD_PROGRAM_FAILURE;
	}
}

static void report(const struct cw_build_task *task, const struct outcome *outcome, uint64_t begin)
{
	const char *name = kind_name(task->kind);
	const char *log = outcome->log ? outcome->log : "";

	if (begin)
		cw_trace_span(&(struct cw_trace_event){
			.category = "compile",
			.name = name,
			.begin_ns = begin,
			.end_ns = cw_clock_ns(),
			.detail = outcome->error ? log : NULL,
		});
	cw_log(COMPILE, "%s of program %p with options '%s': %s%s%s", name, (void *)task->program,
	       task->options_text ? task->options_text : "",
	       outcome->error ? "failed" : "succeeded", *log ? "\n" : "", log);
	if (outcome->error && outcome->error != -ENOMEM)
		cw_context_notify(task->program->context, "%s failed: %s", name, log);
}

static cl_int run(struct cw_build_task *task)
{
	struct outcome *outcomes = calloc(task->num_devices, sizeof(*outcomes));
	cl_int result = CL_SUCCESS;

	if (!outcomes) {
		struct outcome none = {.error = -ENOMEM};

		for (unsigned i = 0; i < task->num_devices; i++)
			publish(task, i, &none);
		return CL_OUT_OF_HOST_MEMORY;
	}
	for (unsigned i = 0; i < task->num_devices; i++) {
		uint64_t begin = cw_trace_begin();

		build_device(task, i, i ? &outcomes[0] : NULL, &outcomes[i]);
		report(task, &outcomes[i], begin);
		if (outcomes[i].error && !result)
			result = outcomes[i].error == -ENOMEM ? CL_OUT_OF_HOST_MEMORY
							      : kind_failure(task->kind);
	}
	for (unsigned i = 0; i < task->num_devices; i++)
		publish(task, i, &outcomes[i]);
	free(outcomes);
	return result;
}

static void run_in_background(void *argument)
{
	struct cw_build_task *task = argument;

	run(task);
	task->notify(cw_program_handle(task->program), task->notify_user);
	cw_build_task_destroy(task);
}

cl_int cw_build_task_run(struct cw_build_task *task)
{
	cl_int result;

	if (task->notify) {
		/* Without a thread the call itself does the work, callback included. */
		if (cw_thread_create_detached("cw-build", 0, run_in_background, task))
			run_in_background(task);
		return CL_SUCCESS;
	}
	result = run(task);
	cw_build_task_destroy(task);
	return result;
}
