/* SPDX-License-Identifier: MIT */
#include "core/kernel.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/ref.h"
#include "core/mem.h"
#include "core/program.h"

struct cw_kernel_code *cw_kernel_code_get(struct cw_kernel_code *code)
{
	if (code)
		cw_ref_get(&code->refs);
	return code;
}

void cw_kernel_code_put(struct cw_kernel_code *code)
{
	struct cw_code_place *place;

	if (!code || !cw_ref_put(&code->refs))
		return;
	place = atomic_load_explicit(&code->place, memory_order_acquire);
	if (place)
		place->release(place);
	cwc_image_unload(code->image);
	cw_globals_put(code->globals_owner);
	free(code->kernel_name);
	free(code);
}

static void kernel_destroy(struct cw_object *object)
{
	struct cw_kernel *kernel = (struct cw_kernel *)object;
	struct cw_program *program = kernel->program;

	for (unsigned i = 0; i < kernel->num_mems; i++)
		cw_mem_unwatch(kernel->mems[i].mem);
	for (unsigned i = 0; i < program->num_devices; i++) {
		if (kernel->codes)
			cw_kernel_code_put(kernel->codes[i]);
		if (kernel->wide_codes)
			cw_kernel_code_put(kernel->wide_codes[i]);
		if (kernel->executables)
			cw_executable_put(kernel->executables[i]);
	}
	free(kernel->executables);
	free(kernel->codes);
	free((void *)kernel->wide_codes);
	free(kernel->block);
	free(kernel->local_bytes);
	free(kernel->set);
	free(kernel->mems);
	free(kernel);
	atomic_fetch_sub_explicit(&program->num_kernels, 1, memory_order_relaxed);
	cw_program_put(program);
}

static bool allocate(struct cw_kernel *kernel)
{
	unsigned devices = kernel->program->num_devices, args = kernel->info->num_args;

	kernel->executables = calloc(devices, sizeof(struct cw_executable *));
	kernel->codes = calloc(devices, sizeof(struct cw_kernel_code *));
	kernel->wide_codes = calloc(devices, sizeof(*kernel->wide_codes));
	kernel->block = calloc(1, kernel->info->arg_bytes + 1);
	kernel->local_bytes = calloc(args + 1, sizeof(*kernel->local_bytes));
	kernel->set = calloc(args + 1, sizeof(*kernel->set));
	kernel->mems = calloc(args + 1, sizeof(*kernel->mems));
	return kernel->executables && kernel->codes && kernel->wide_codes && kernel->block &&
	       kernel->local_bytes && kernel->set && kernel->mems;
}

/* An object without code or arguments; NULL without memory. */
static struct cw_kernel *kernel_new(struct cw_program *program, const struct cwc_kernel_info *info,
				    unsigned index)
{
	struct cw_kernel *kernel = calloc(1, sizeof(*kernel));

	if (!kernel)
		return NULL;
	cw_object_init(&kernel->object, CW_CLASS_KERNEL, kernel_destroy);
	kernel->program = cw_program_get(program);
	atomic_fetch_add_explicit(&program->num_kernels, 1, memory_order_relaxed);
	kernel->info = info;
	kernel->index = index;
	kernel->num_unset = info->num_args;
	for (unsigned i = 0; i < info->num_args; i++)
		kernel->num_locals += info->args[i].kind == CWC_ARG_LOCAL;
	if (!allocate(kernel)) {
		cw_kernel_put(kernel);
		return NULL;
	}
	return kernel;
}

static bool same_definition(const struct cwc_kernel_info *a, const struct cwc_kernel_info *b)
{
	if (a->num_args != b->num_args || a->arg_bytes != b->arg_bytes)
		return false;
	for (unsigned i = 0; i < a->num_args; i++) {
		if (a->args[i].kind != b->args[i].kind || a->args[i].bytes != b->args[i].bytes ||
		    a->args[i].offset != b->args[i].offset)
			return false;
	}
	return true;
}

/* Code for the program's device @device, if it was built for it. */
static cl_int add_code(struct cw_kernel *kernel, unsigned device, char **log_out)
{
	struct cw_executable *executable = cw_program_executable(kernel->program, device);
	int index;

	if (!executable)
		return CL_SUCCESS;
	kernel->executables[device] = executable;
	index = cw_executable_find(executable, kernel->info->name);
	if (index < 0 ||
	    !same_definition(kernel->info, &cwc_ir_facts(executable->ir)->kernels[index]))
		return CL_INVALID_KERNEL_DEFINITION;
	return cw_executable_code(executable, index, CW_CODE_USUAL, &kernel->codes[device],
				  log_out);
}

cl_int cw_kernel_create(struct cw_program *program, const char *name, struct cw_kernel **kernel_out,
			char **log_out)
{
	struct cw_executable *executable = cw_program_any_executable(program);
	struct cw_kernel *kernel;
	cl_int error = CL_SUCCESS;
	int index;

	*log_out = NULL;
	if (!executable)
		return CL_INVALID_PROGRAM_EXECUTABLE;
	index = cw_executable_find(executable, name);
	if (index < 0) {
		cw_executable_put(executable);
		return CL_INVALID_KERNEL_NAME;
	}
	kernel = kernel_new(program, &cwc_ir_facts(executable->ir)->kernels[index], index);
	if (!kernel)
		error = CL_OUT_OF_HOST_MEMORY;
	for (unsigned i = 0; !error && i < program->num_devices; i++)
		error = add_code(kernel, i, log_out);
	if (error)
		cw_kernel_put(kernel);
	else
		*kernel_out = kernel;
	cw_executable_put(executable);
	return error;
}

struct cw_kernel *cw_kernel_clone(const struct cw_kernel *kernel)
{
	struct cw_kernel *clone = kernel_new(kernel->program, kernel->info, kernel->index);

	if (!clone)
		return NULL;
	for (unsigned i = 0; i < kernel->program->num_devices; i++) {
		clone->executables[i] = cw_executable_get(kernel->executables[i]);
		clone->codes[i] = cw_kernel_code_get(kernel->codes[i]);
	}
	memcpy(clone->local_bytes, kernel->local_bytes,
	       kernel->info->num_args * sizeof(*kernel->local_bytes));
	memcpy(clone->set, kernel->set, kernel->info->num_args * sizeof(*kernel->set));
	for (; clone->num_mems < kernel->num_mems && clone->num_mems < kernel->info->num_args;
	     clone->num_mems++) {
		clone->mems[clone->num_mems] = kernel->mems[clone->num_mems];
		cw_mem_watch(kernel->mems[clone->num_mems].mem);
	}
	memcpy(clone->block, kernel->block, kernel->info->arg_bytes);
	clone->num_unset = kernel->num_unset;
	clone->svm_system = kernel->svm_system;
	return clone;
}

static inline void mark_set(struct cw_kernel *kernel, unsigned index)
{
	kernel->num_unset -= !kernel->set[index];
	kernel->set[index] = true;
}

void cw_kernel_set_value(struct cw_kernel *kernel, unsigned index, const void *value)
{
	const struct cwc_arg_info *arg = &kernel->info->args[index];

	memcpy(kernel->block + arg->offset, value, arg->bytes);
	mark_set(kernel, index);
}

static inline void store_address(struct cw_kernel *kernel, unsigned index, const void *address)
{
	memcpy(kernel->block + kernel->info->args[index].offset, &address, sizeof(address));
	mark_set(kernel, index);
}

/* The entry of argument @index among the memory objects, or the place for a new one. */
static struct cw_kernel_mem *find_mem(const struct cw_kernel *kernel, unsigned index)
{
	struct cw_kernel_mem *entry = kernel->mems, *end = kernel->mems + kernel->num_mems;

	while (entry < end && entry->arg != index)
		entry++;
	return entry;
}

static void forget_mem(struct cw_kernel *kernel, unsigned index)
{
	struct cw_kernel_mem *entry = find_mem(kernel, index);
	struct cw_kernel_mem *last = kernel->mems + kernel->num_mems - 1;

	if (entry > last)
		return;
	cw_mem_unwatch(entry->mem);
	*entry = *last;
	kernel->num_mems--;
}

void cw_kernel_set_mem(struct cw_kernel *kernel, unsigned index, struct cw_mem *mem)
{
	struct cw_kernel_mem *entry = find_mem(kernel, index);
	bool is_new = entry == kernel->mems + kernel->num_mems;

	store_address(kernel, index, mem->data);
	if (is_new) {
		*entry = (struct cw_kernel_mem){index, cw_mem_watch(mem)};
		kernel->num_mems++;
	} else if (entry->mem != mem) {
		cw_mem_unwatch(entry->mem);
		entry->mem = cw_mem_watch(mem);
	}
}

void cw_kernel_set_pointer(struct cw_kernel *kernel, unsigned index, const void *pointer)
{
	if (kernel->num_mems)
		forget_mem(kernel, index);
	store_address(kernel, index, pointer);
}

void cw_kernel_set_local(struct cw_kernel *kernel, unsigned index, size_t bytes)
{
	kernel->local_bytes[index] = bytes;
	mark_set(kernel, index);
}

static int device_index(const struct cw_kernel *kernel, const struct cw_device *device)
{
	return cw_program_device(kernel->program, device);
}

struct cw_kernel_code *cw_kernel_code_for(const struct cw_kernel *kernel,
					  const struct cw_device *device)
{
	int index = device_index(kernel, device);

	return index < 0 ? NULL : kernel->codes[index];
}

/* The kernel's place in the executable of device @device, which was built from the same source. */
static bool same_place(const struct cw_kernel *kernel, unsigned device)
{
	const struct cwc_ir_facts *facts = cwc_ir_facts(kernel->executables[device]->ir);

	return kernel->index < facts->num_kernels &&
	       !strcmp(facts->kernels[kernel->index].name, kernel->info->name);
}

struct cw_kernel_code *cw_kernel_code_for_row(const struct cw_kernel *kernel,
					      const struct cw_device *device, uint64_t row)
{
	static const enum cw_code_variant variants[] = {
		[1] = CW_CODE_WIDTH_1, [4] = CW_CODE_WIDTH_4, [8] = CW_CODE_WIDTH_8};
	int index = device_index(kernel, device);
	struct cw_kernel_code *code = index < 0 ? NULL : kernel->codes[index], *narrow;
	unsigned wanted = row == 1 ? 1 : row <= 4 ? 4 : 8;

	/* A sub-group stays a whole row, so that what the queries say remains true. */
	if (!code || row > 8 || wanted >= code->image->note.width ||
	    kernel->executables[index]->width || !same_place(kernel, index))
		return code;
	narrow = cw_executable_code_soon(kernel->executables[index], kernel->index,
					 variants[wanted]);
	return narrow ? narrow : code;
}

struct cw_kernel_code *cw_kernel_wide_code_for(struct cw_kernel *kernel,
					       const struct cw_device *device)
{
	int index = device_index(kernel, device);
	struct cw_kernel_code *code, *none = NULL;
	struct cw_executable *executable;
	char *log;

	if (index < 0 || !kernel->executables[index])
		return NULL;
	code = atomic_load_explicit(&kernel->wide_codes[index], memory_order_acquire);
	if (code)
		return code;
	executable = kernel->executables[index];
	if (cw_executable_code(executable, cw_executable_find(executable, kernel->info->name),
			       CW_CODE_WIDE_IDS, &code, &log))
		cw_log(WARN, "kernel %s cannot be compiled for large ND-ranges: %s",
		       kernel->info->name, log ? log : "out of memory");
	free(log);
	if (code && !atomic_compare_exchange_strong(&kernel->wide_codes[index], &none, code)) {
		cw_kernel_code_put(code);
		code = none;
	}
	return code;
}

static size_t arena_align(size_t bytes)
{
	return (bytes + CWC_ARENA_ALIGN - 1) & ~(size_t)(CWC_ARENA_ALIGN - 1);
}

size_t cw_kernel_local_bytes(const struct cw_kernel *kernel, const struct cw_kernel_code *code)
{
	size_t bytes = arena_align(code->image->note.local_bytes);

	for (unsigned i = 0; kernel->num_locals && i < kernel->info->num_args; i++) {
		if (kernel->info->args[i].kind == CWC_ARG_LOCAL)
			bytes += arena_align(kernel->local_bytes[i]);
	}
	return bytes;
}

void cw_kernel_write_block(const struct cw_kernel *kernel, const struct cw_kernel_code *code,
			   void *block_out)
{
	uint64_t at = arena_align(code->image->note.local_bytes);

	memcpy(block_out, kernel->block, kernel->info->arg_bytes);
	for (unsigned i = 0; kernel->num_locals && i < kernel->info->num_args; i++) {
		const struct cwc_arg_info *arg = &kernel->info->args[i];

		if (arg->kind != CWC_ARG_LOCAL)
			continue;
		memcpy((unsigned char *)block_out + arg->offset, &at, sizeof(at));
		at += arena_align(kernel->local_bytes[i]);
	}
}
