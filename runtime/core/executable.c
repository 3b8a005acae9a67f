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
						   unsigned variant)
{
	return &executable->slots[CW_CODE_VARIANTS * (size_t)index + variant];
}

static size_t num_slots(const struct cw_executable *executable)
{
	return CW_CODE_VARIANTS * (size_t)executable->num_kernels;
}

/* What the compiler is asked for. */
static struct cwc_variant describe(const struct cw_executable *executable, unsigned variant)
{
	static const unsigned widths[CW_CODE_VARIANTS] = {
		[CW_CODE_WIDTH_1] = 1, [CW_CODE_WIDTH_4] = 4, [CW_CODE_WIDTH_8] = 8};
	unsigned width = widths[variant];

	return (struct cwc_variant){
		.isa = executable->isa,
		.width = width ? width : executable->width,
		.wide_ids = variant == CW_CODE_WIDE_IDS,
	};
}

static bool same_variant(const struct cwc_variant *a, const struct cwc_variant *b)
{
	return a->isa == b->isa && a->width == b->width && a->wide_ids == b->wide_ids;
}

/* Which slot the code of @found belongs in, or NULL. */
static struct cw_code_slot *slot_for(struct cw_executable *executable,
				     const struct cwc_container_object *found)
{
	int index = cw_executable_find(executable, found->kernel);

	for (unsigned variant = 0; index >= 0 && variant < CW_CODE_VARIANTS; variant++) {
		struct cwc_variant wanted = describe(executable, variant);

		if (same_variant(&wanted, &found->variant))
			return slot_of(executable, index, variant);
	}
	return NULL;
}

/* Only the code that this device would ask for. */
cw_no_analysis static int take_objects(struct cw_executable *executable,
				       const struct cwc_container *container)
{
	for (unsigned i = 0; container && i < container->num_objects; i++) {
		const struct cwc_container_object *found = &container->objects[i];
		struct cw_code_slot *slot = slot_for(executable, found);

		if (!slot || slot->object)
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
	executable->slots = calloc(num_slots(executable) + 1, sizeof(*executable->slots));
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
	for (size_t i = 0; executable->slots && i < num_slots(executable); i++)
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
		   enum cw_code_variant which, struct cw_code_slot *made)
{
	struct cwc_variant variant = describe(executable, which);
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
			.detail = variant.wide_ids ? "code for large ND-ranges" : "code",
		});
	cw_log(COMPILE, "kernel %s: %s", kernel->name,
	       error ? (made->log ? made->log : "out of memory") : "code is ready");
	return error;
}

/* Make the code of a slot that is ours: from the object it came with, else by the compiler. */
static void make(struct cw_executable *executable, const struct cwc_kernel_info *kernel,
		 enum cw_code_variant variant, struct cw_code_slot *made)
{
	int error = 0;

	if (made->object)
		made->code = load(executable, kernel, made->object, made->bytes);
	if (!made->code) {
		free(made->object);
		made->object = NULL;
		error = compile(executable, kernel, variant, made);
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

/* Make the code of a slot that this thread claimed. */
static void fill(struct cw_executable *executable, unsigned index, enum cw_code_variant variant)
{
	const struct cwc_kernel_info *kernel = &cwc_ir_facts(executable->ir)->kernels[index];
	struct cw_code_slot *slot = slot_of(executable, index, variant), made = {0};

	/* Busy slots are their thread's. */
	made.object = slot->object;
	made.bytes = slot->bytes;
	make(executable, kernel, variant, &made);
	cw_mutex_lock(&executable->lock);
	slot->state = made.state;
	slot->object = made.object;
	slot->bytes = made.bytes;
	slot->code = made.code;
	slot->log = made.log;
	atomic_store_explicit(&slot->ready, made.code, memory_order_release);
	cw_cond_broadcast(&executable->changed);
	cw_mutex_unlock(&executable->lock);
}

cl_int cw_executable_code(struct cw_executable *executable, unsigned index,
			  enum cw_code_variant variant, struct cw_kernel_code **code_out,
			  char **log_out)
{
	struct cw_code_slot *slot = slot_of(executable, index, variant);
	enum cw_code_state state;

	*log_out = NULL;
	if (claim(executable, slot))
		fill(executable, index, variant);
	cw_mutex_lock(&executable->lock);
	state = slot->state;
	*code_out = cw_kernel_code_get(slot->code);
	if (slot->log && !slot->code)
		*log_out = strdup(slot->log);
	cw_mutex_unlock(&executable->lock);
	if (*code_out)
		return CL_SUCCESS;
	return state == CW_CODE_FAILED ? CL_OUT_OF_RESOURCES : CL_OUT_OF_HOST_MEMORY;
}

/* struct wish - code that is made in the background. */
struct wish {
	struct cw_executable *executable;
	unsigned index;
	enum cw_code_variant variant;
};

static void grant(void *argument)
{
	struct wish *wish = argument;
	struct cw_kernel_code *code;
	char *log;

	cw_executable_code(wish->executable, wish->index, wish->variant, &code, &log);
	cw_kernel_code_put(code);
	cw_executable_put(wish->executable);
	free(log);
	free(wish);
}

struct cw_kernel_code *cw_executable_code_soon(struct cw_executable *executable, unsigned index,
					       enum cw_code_variant variant)
{
	struct cw_code_slot *slot = slot_of(executable, index, variant);
	struct cw_kernel_code *code = atomic_load_explicit(&slot->ready, memory_order_acquire);
	struct wish *wish;

	if (code ||
	    atomic_fetch_add_explicit(&slot->asked, 1, memory_order_relaxed) + 1 != CW_CODE_ASKED)
		return code;
	wish = malloc(sizeof(*wish));
	if (!wish)
		return NULL;
	*wish = (struct wish){cw_executable_get(executable), index, variant};
	if (cw_thread_create_detached("cw-compile", 0, grant, wish)) {
		cw_executable_put(executable);
		free(wish);
	}
	return NULL;
}

static void touch(struct cw_executable *executable, unsigned index)
{
	struct cw_kernel_code *code;
	char *log;

	cw_executable_code(executable, index, CW_CODE_USUAL, &code, &log);
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
#define SLOW_NS	    8000000u
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

/* Everything that was compiled; @objects has room for it. */
static unsigned gather(struct cw_executable *executable, struct cwc_container_object *objects)
	cw_must_hold(&executable->lock)
{
	const struct cwc_kernel_info *kernels = cwc_ir_facts(executable->ir)->kernels;
	unsigned count = 0;

	for (size_t i = 0; i < num_slots(executable); i++) {
		const struct cw_code_slot *slot = &executable->slots[i];

		if (slot->state != CW_CODE_READY)
			continue;
		objects[count++] = (struct cwc_container_object){
			.kernel = kernels[i / CW_CODE_VARIANTS].name,
			.variant = describe(executable, i % CW_CODE_VARIANTS),
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
	objects = calloc(num_slots(executable) + 1, sizeof(*objects));
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
