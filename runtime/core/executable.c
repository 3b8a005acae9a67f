/* SPDX-License-Identifier: MIT */
#include "core/executable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "base/log.h"
#include "base/ref.h"
#include "base/thread.h"
#include "base/trace.h"
#include "client/loader.h"
#include "core/compiler.h"
#include "core/kernel.h"
#include "device/device.h"

struct cw_globals *cw_globals_get(struct cw_globals *globals)
{
	if (globals)
		cw_ref_get(&globals->refs);
	return globals;
}

void cw_globals_put(struct cw_globals *globals)
{
	if (!globals || !cw_ref_put(&globals->refs))
		return;
	cwc_globals_unload(globals->block, globals->bytes);
	free(globals);
}

static int make_globals(const struct cwc_ir_facts *facts, struct cw_globals **globals_out)
{
	struct cw_globals *globals;
	int error;

	if (!facts->globals_object_bytes)
		return 0;
	globals = calloc(1, sizeof(*globals));
	if (!globals)
		return -ENOMEM;
	cw_ref_init(&globals->refs);
	error = cwc_globals_load(facts->globals, facts->globals_object_bytes, &globals->block,
				 &globals->bytes);
	if (error) {
		free(globals);
		return error;
	}
	*globals_out = globals;
	return 0;
}

/* The slots stay where they are; what is in them needs the lock. */
cw_no_analysis static struct cw_code_slot *slot_of(struct cw_executable *executable, unsigned index,
						   bool wide_ids)
{
	return &executable->slots[2 * (size_t)index + wide_ids];
}

/* Only the code that this device would ask for. */
cw_no_analysis static int take_objects(struct cw_executable *executable,
				       const struct cwc_container *container)
{
	for (unsigned i = 0; container && i < container->num_objects; i++) {
		const struct cwc_container_object *found = &container->objects[i];
		int index = cw_executable_find(executable, found->kernel);
		struct cw_code_slot *slot;

		if (index < 0 || found->variant.isa != executable->isa ||
		    found->variant.width != executable->width)
			continue;
		slot = slot_of(executable, index, found->variant.wide_ids);
		if (slot->object)
			continue;
		slot->object = malloc(found->bytes);
		if (!slot->object)
			return -ENOMEM;
		memcpy(slot->object, found->object, found->bytes);
		slot->bytes = found->bytes;
	}
	return 0;
}

cw_no_analysis int cw_executable_create(struct cwc_ir *ir, const struct cw_device *device,
					const struct cwc_container *container,
					struct cw_executable **executable_out)
{
	struct cw_executable *executable = calloc(1, sizeof(*executable));
	int error = -ENOMEM;

	if (!executable)
		return -ENOMEM;
	cw_ref_init(&executable->refs);
	cw_mutex_init(&executable->lock, CW_RANK_CODEGEN);
	cw_cond_init(&executable->changed);
	executable->ir = cwc_ir_get(ir);
	executable->isa = device->caps.isa;
	executable->width = (unsigned)cw_config()->cpu_width;
	cwc_ir_kernels(ir, &executable->num_kernels);
	executable->slots = calloc(2 * executable->num_kernels + 1, sizeof(*executable->slots));
	if (executable->slots)
		error = make_globals(cwc_ir_facts(ir), &executable->globals);
	if (!error)
		error = take_objects(executable, container);
	if (error) {
		cw_executable_put(executable);
		return error;
	}
	*executable_out = executable;
	return 0;
}

struct cw_executable *cw_executable_get(struct cw_executable *executable)
{
	if (executable)
		cw_ref_get(&executable->refs);
	return executable;
}

static void slot_finish(struct cw_code_slot *slot)
{
	cw_kernel_code_put(slot->code);
	free(slot->object);
	free(slot->log);
}

cw_no_analysis void cw_executable_put(struct cw_executable *executable)
{
	if (!executable || !cw_ref_put(&executable->refs))
		return;
	for (unsigned i = 0; executable->slots && i < 2 * executable->num_kernels; i++)
		slot_finish(&executable->slots[i]);
	free(executable->slots);
	free(executable->binary);
	cw_globals_put(executable->globals);
	cwc_ir_put(executable->ir);
	cw_cond_finish(&executable->changed);
	cw_mutex_finish(&executable->lock);
	free(executable);
}

int cw_executable_find(const struct cw_executable *executable, const char *name)
{
	unsigned count;
	const struct cwc_kernel_info *kernels = cwc_ir_kernels(executable->ir, &count);

	for (unsigned i = 0; i < count; i++) {
		if (!strcmp(kernels[i].name, name))
			return (int)i;
	}
	return -1;
}

/*
 * Wait until nobody is busy with @slot; true when the caller is to make the
 * code, which marks it busy.
 */
static bool claim(struct cw_executable *executable, struct cw_code_slot *slot)
{
	bool mine;

	cw_mutex_lock(&executable->lock);
	while (slot->state == CW_CODE_BUSY)
		cw_cond_wait(&executable->changed, &executable->lock);
	mine = slot->state == CW_CODE_NONE;
	if (mine)
		slot->state = CW_CODE_BUSY;
	cw_mutex_unlock(&executable->lock);
	return mine;
}

static struct cw_kernel_code *load(struct cw_executable *executable,
				   const struct cwc_kernel_info *kernel, const void *object,
				   size_t bytes)
{
	struct cw_kernel_code *code = calloc(1, sizeof(*code));

	if (!code)
		return NULL;
	cw_ref_init(&code->refs);
	code->kernel_name = strdup(kernel->name);
	code->globals_owner = cw_globals_get(executable->globals);
	code->globals = executable->globals ? executable->globals->block : NULL;
	if (!code->kernel_name || cwc_image_load(object, bytes, &code->image) ||
	    code->image->note.arg_bytes != kernel->arg_bytes) {
		cw_kernel_code_put(code);
		return NULL;
	}
	return code;
}

static int compile(struct cw_executable *executable, const struct cwc_kernel_info *kernel,
		   bool wide_ids, struct cw_code_slot *made)
{
	struct cwc_variant variant = {executable->isa, executable->width, wide_ids};
	struct cwc_client *client = cw_compiler();
	uint64_t begin = cw_trace_begin();
	int error;

	if (!client)
		return -ENOMEM;
	error = cwc_client_codegen(client, executable->ir, kernel->name, &variant, &made->object,
				   &made->bytes, &made->log);
	if (begin)
		cw_trace_span(&(struct cw_trace_event){
			.category = "compile",
			.name = kernel->name,
			.begin_ns = begin,
			.end_ns = cw_clock_ns(),
			.detail = wide_ids ? "code for large ND-ranges" : "code",
		});
	cw_log(COMPILE, "kernel %s: %s", kernel->name,
	       error ? (made->log ? made->log : "out of memory") : "code is ready");
	return error;
}

/* Make the code of a slot that is ours: from the object it came with, else by the compiler. */
static void make(struct cw_executable *executable, const struct cwc_kernel_info *kernel,
		 bool wide_ids, struct cw_code_slot *made)
{
	int error = 0;

	if (made->object)
		made->code = load(executable, kernel, made->object, made->bytes);
	if (!made->code) {
		free(made->object);
		made->object = NULL;
		error = compile(executable, kernel, wide_ids, made);
		if (!error)
			made->code = load(executable, kernel, made->object, made->bytes);
	}
	if (!error && !made->code) {
		free(made->log);
		made->log = strdup("the compiler's code does not load on this machine");
	}
	made->state = made->code ? CW_CODE_READY : CW_CODE_FAILED;
	/* What was no fault of the program's may go better another time. */
	if (error == -ENOMEM)
		made->state = CW_CODE_NONE;
}

cl_int cw_executable_code(struct cw_executable *executable, unsigned index, bool wide_ids,
			  struct cw_kernel_code **code_out, char **log_out)
{
	const struct cwc_kernel_info *kernel = &cwc_ir_facts(executable->ir)->kernels[index];
	struct cw_code_slot *slot = slot_of(executable, index, wide_ids), made;

	*log_out = NULL;
	if (claim(executable, slot)) {
		made = *slot;
		make(executable, kernel, wide_ids, &made);
		cw_mutex_lock(&executable->lock);
		*slot = made;
		cw_cond_broadcast(&executable->changed);
		cw_mutex_unlock(&executable->lock);
	}
	cw_mutex_lock(&executable->lock);
	made = *slot;
	*code_out = cw_kernel_code_get(made.code);
	if (made.log && !made.code)
		*log_out = strdup(made.log);
	cw_mutex_unlock(&executable->lock);
	if (made.code)
		return CL_SUCCESS;
	return made.state == CW_CODE_FAILED ? CL_OUT_OF_RESOURCES : CL_OUT_OF_HOST_MEMORY;
}

static void touch(struct cw_executable *executable, unsigned index)
{
	struct cw_kernel_code *code;
	char *log;

	cw_executable_code(executable, index, false, &code, &log);
	cw_kernel_code_put(code);
	free(log);
}

/* struct helpers - threads that take the next kernel until there is none. */
struct helpers {
	struct cw_executable *executable;
	atomic_uint next;
};

static void help(void *argument)
{
	struct helpers *helpers = argument;
	unsigned index;

	while ((index = atomic_fetch_add(&helpers->next, 1)) < helpers->executable->num_kernels)
		touch(helpers->executable, index);
}

/* Longer than a kernel takes that is in the disk cache, shorter than compiling one. */
#define SLOW_NS	    3000000u
#define MAX_HELPERS 7

static void help_each_other(struct helpers *helpers)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[MAX_HELPERS];
	unsigned started = 0;

	while (started < MAX_HELPERS && (long)started + 1 < processors &&
	       !cw_thread_create(&threads[started], "cw-compile", 0, help, helpers))
		started++;
	help(helpers);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}

void cw_executable_prepare(struct cw_executable *executable)
{
	struct helpers helpers = {.executable = executable};
	uint64_t begin;

	while (helpers.next < executable->num_kernels) {
		begin = cw_clock_ns();
		touch(executable, helpers.next++);
		if (cw_clock_ns() - begin > SLOW_NS && helpers.next < executable->num_kernels)
			help_each_other(&helpers);
	}
}

/* Everything that was compiled; @objects has room for two a kernel. */
static unsigned gather(struct cw_executable *executable, struct cwc_container_object *objects)
	cw_must_hold(&executable->lock)
{
	const struct cwc_kernel_info *kernels = cwc_ir_facts(executable->ir)->kernels;
	unsigned count = 0;

	for (unsigned i = 0; i < 2 * executable->num_kernels; i++) {
		const struct cw_code_slot *slot = &executable->slots[i];

		if (slot->state != CW_CODE_READY)
			continue;
		objects[count++] = (struct cwc_container_object){
			.kernel = kernels[i / 2].name,
			.variant = {executable->isa, executable->width, i % 2},
			.object = slot->object,
			.bytes = slot->bytes,
		};
	}
	return count;
}

cl_int cw_executable_binary(struct cw_executable *executable, const void **data_out,
			    size_t *bytes_out)
{
	struct cwc_container_object *objects;
	cl_int error = CL_SUCCESS;

	cw_executable_prepare(executable);
	objects = calloc(2 * executable->num_kernels + 1, sizeof(*objects));
	if (!objects)
		return CL_OUT_OF_HOST_MEMORY;
	cw_mutex_lock(&executable->lock);
	if (!executable->binary &&
	    cwc_container_write(executable->ir, objects, gather(executable, objects),
				&executable->binary, &executable->binary_bytes))
		error = CL_OUT_OF_HOST_MEMORY;
	*data_out = executable->binary;
	*bytes_out = executable->binary_bytes;
	cw_mutex_unlock(&executable->lock);
	free(objects);
	return error;
}
