/* SPDX-License-Identifier: MIT */
#include "core/program.h"

#include <stdlib.h>
#include <string.h>

#include "core/context.h"
#include "core/destructor.h"
#include "core/program_build.h"
#include "device/device.h"

typedef void(CL_CALLBACK *release_fn)(cl_program program, void *user);

static void call_release(void *owner, const struct cw_destructor *destructor)
{
	release_fn function = (release_fn)destructor->function;

	function(cw_program_handle(owner), destructor->user);
}

void cw_build_finish(struct cw_build *build)
{
	cwc_ir_put(build->ir);
	cw_executable_put(build->executable);
	cwc_container_destroy(build->container);
	free(build->options);
	free(build->log);
	free(build->binary);
}

/* Nobody else knows the program any more. */
cw_no_analysis static void program_destroy(struct cw_object *object)
{
	struct cw_program *program = (struct cw_program *)object;

	cw_destructors_run(&program->destructors, program, call_release);
	for (unsigned i = 0; i < program->num_devices; i++) {
		cw_build_finish(&program->builds[i]);
		cw_device_put(program->devices[i]);
	}
	free(program->builds);
	free(program->devices);
	free(program->source);
	cw_mutex_finish(&program->lock);
	cw_context_put(program->context);
	free(program);
}

/* Nobody else knows the program yet. */
cw_no_analysis static bool add_devices(struct cw_program *program,
				       const struct cw_program_desc *desc)
{
	program->devices = calloc(desc->num_devices, sizeof(struct cw_device *));
	program->builds = calloc(desc->num_devices, sizeof(struct cw_build));
	if (!program->devices || !program->builds)
		return false;
	for (unsigned i = 0; i < desc->num_devices; i++) {
		if (cw_program_device(program, desc->devices[i]) >= 0)
			continue;
		program->builds[program->num_devices].status = CL_BUILD_NONE;
		program->devices[program->num_devices++] = cw_device_get(desc->devices[i]);
	}
	return true;
}

struct cw_program *cw_program_create(struct cw_context *context, const struct cw_program_desc *desc)
{
	struct cw_program *program = calloc(1, sizeof(*program));

	if (!program) {
		free(desc->source);
		return NULL;
	}
	cw_object_init(&program->object, CW_CLASS_PROGRAM, program_destroy);
	cw_mutex_init(&program->lock, CW_RANK_PROGRAM);
	program->context = cw_context_get(context);
	program->origin = desc->origin;
	program->source = desc->source;
	if (!add_devices(program, desc)) {
		cw_program_put(program);
		return NULL;
	}
	return program;
}

int cw_program_device(const struct cw_program *program, const struct cw_device *device)
{
	for (unsigned i = 0; i < program->num_devices; i++) {
		if (program->devices[i] == device)
			return (int)i;
	}
	return -1;
}

struct cw_executable *cw_program_executable(struct cw_program *program, unsigned index)
{
	struct cw_executable *executable;

	cw_mutex_lock(&program->lock);
	executable = cw_executable_get(program->builds[index].executable);
	cw_mutex_unlock(&program->lock);
	return executable;
}

struct cw_executable *cw_program_any_executable(struct cw_program *program)
{
	struct cw_executable *executable = NULL;

	for (unsigned i = 0; i < program->num_devices && !executable; i++)
		executable = cw_program_executable(program, i);
	return executable;
}

struct cwc_ir *cw_program_ir(struct cw_program *program, unsigned index)
{
	struct cwc_ir *ir;

	cw_mutex_lock(&program->lock);
	ir = cwc_ir_get(program->builds[index].ir);
	cw_mutex_unlock(&program->lock);
	return ir;
}

cl_program_binary_type cw_program_type(struct cw_program *program, unsigned index)
{
	cl_program_binary_type type = CL_PROGRAM_BINARY_TYPE_NONE;

	cw_mutex_lock(&program->lock);
	if (program->builds[index].ir)
		type = cwc_ir_facts(program->builds[index].ir)->kind;
	cw_mutex_unlock(&program->lock);
	return type;
}

/* The binary of a program that has no executable. */
static cl_int pack(struct cw_program *program, unsigned index, const void **data_out,
		   size_t *bytes_out)
{
	struct cw_build *build;
	cl_int error = CL_SUCCESS;

	cw_mutex_lock(&program->lock);
	build = &program->builds[index];
	if (build->ir && !build->binary &&
	    cwc_container_write(build->ir, build->container ? build->container->objects : NULL,
				build->container ? build->container->num_objects : 0,
				&build->binary, &build->binary_bytes))
		error = CL_OUT_OF_HOST_MEMORY;
	*data_out = build->binary;
	*bytes_out = build->binary_bytes;
	cw_mutex_unlock(&program->lock);
	return error;
}

cl_int cw_program_binary(struct cw_program *program, unsigned index, const void **data_out,
			 size_t *bytes_out)
{
	struct cw_executable *executable = cw_program_executable(program, index);
	cl_int error;

	if (!executable)
		return pack(program, index, data_out, bytes_out);
	error = cw_executable_binary(executable, data_out, bytes_out);
	cw_executable_put(executable);
	return error;
}
