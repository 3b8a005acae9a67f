/* SPDX-License-Identifier: MIT */
#include "client/ir.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "client/hash.h"
#include "client/wire.h"

#define IR_MAGIC   0x52495743u /* "CWIR" */
#define IR_VERSION 1u

#define KERNEL_UNIFORM	(1u << 0)
#define KERNEL_ARG_INFO (1u << 1)
#define MAX_ARG_BYTES	(1u << 20)
/* The least that one kernel or argument takes in the serial form. */
#define KERNEL_LEAST	76u
#define ARG_LEAST	44u

/*
 * struct cwc_ir - an immutable program IR.
 * @serial: the serial form; every pointer in @facts leads into it or @kernels.
 */
struct cwc_ir {
	atomic_uint refs;
	struct cwc_ir_facts facts;
	struct cwc_kernel_info *kernels;
	unsigned char digest[CWC_HASH_BYTES];
	size_t bytes;
	unsigned char serial[];
};

static void write_arg(struct cwc_writer *writer, const struct cwc_arg_info *arg)
{
	cwc_put_string(writer, arg->name);
	cwc_put_string(writer, arg->type_name);
	cwc_put_u32(writer, arg->kind);
	cwc_put_u32(writer, arg->address);
	cwc_put_u32(writer, arg->access);
	cwc_put_u64(writer, arg->type_qualifier);
	cwc_put_u32(writer, arg->bytes);
	cwc_put_u32(writer, arg->offset);
}

static void write_kernel(struct cwc_writer *writer, const struct cwc_kernel_info *kernel)
{
	cwc_put_string(writer, kernel->name);
	cwc_put_string(writer, kernel->attributes);
	for (unsigned i = 0; i < 3; i++)
		cwc_put_u64(writer, kernel->required_local[i]);
	for (unsigned i = 0; i < 3; i++)
		cwc_put_u64(writer, kernel->hint_local[i]);
	cwc_put_u32(writer, kernel->arg_bytes);
	cwc_put_u32(writer, (kernel->uniform_groups ? KERNEL_UNIFORM : 0) |
				    (kernel->has_arg_info ? KERNEL_ARG_INFO : 0));
	cwc_put_u32(writer, kernel->num_args);
	for (unsigned i = 0; i < kernel->num_args; i++)
		write_arg(writer, &kernel->args[i]);
}

void cwc_ir_write(struct cwc_writer *writer, const struct cwc_ir_facts *facts)
{
	cwc_put_u32(writer, IR_MAGIC);
	cwc_put_u32(writer, IR_VERSION);
	cwc_put_u32(writer, facts->kind);
	cwc_put_u32(writer, facts->flags);
	cwc_put_u64(writer, facts->globals_bytes);
	cwc_put_blob(writer, facts->bitcode, facts->bitcode_bytes);
	cwc_put_blob(writer, facts->globals, facts->globals_object_bytes);
	cwc_put_u32(writer, facts->num_kernels);
	for (unsigned i = 0; i < facts->num_kernels; i++)
		write_kernel(writer, &facts->kernels[i]);
}

static bool read_arg(struct cwc_reader *reader, uint32_t arg_bytes, bool named,
		     struct cwc_arg_info *arg)
{
	uint64_t room;

	arg->name = cwc_get_string(reader);
	arg->type_name = cwc_get_string(reader);
	arg->kind = cwc_get_u32(reader);
	arg->address = cwc_get_u32(reader);
	arg->access = cwc_get_u32(reader);
	arg->type_qualifier = cwc_get_u64(reader);
	arg->bytes = cwc_get_u32(reader);
	arg->offset = cwc_get_u32(reader);
	room = arg->kind == CWC_ARG_VALUE ? arg->bytes : sizeof(uint64_t);
	return !reader->failed && arg->kind <= CWC_ARG_QUEUE && arg->offset % 8 == 0 &&
	       (arg->kind == CWC_ARG_LOCAL || arg->bytes) && arg->offset + room <= arg_bytes &&
	       (!named || (arg->name && arg->type_name));
}

static bool read_kernel(struct cwc_reader *reader, struct cwc_kernel_info *kernel)
{
	struct cwc_arg_info *args;
	uint32_t flags;

	kernel->name = cwc_get_string(reader);
	kernel->attributes = cwc_get_string(reader);
	for (unsigned i = 0; i < 3; i++)
		kernel->required_local[i] = cwc_get_u64(reader);
	for (unsigned i = 0; i < 3; i++)
		kernel->hint_local[i] = cwc_get_u64(reader);
	kernel->arg_bytes = cwc_get_u32(reader);
	flags = cwc_get_u32(reader);
	kernel->uniform_groups = flags & KERNEL_UNIFORM;
	kernel->has_arg_info = flags & KERNEL_ARG_INFO;
	kernel->num_args = cwc_get_count(reader, ARG_LEAST);
	if (reader->failed || !kernel->name || !kernel->attributes ||
	    kernel->arg_bytes > MAX_ARG_BYTES)
		return false;
	args = calloc(kernel->num_args + 1, sizeof(*args));
	kernel->args = args;
	if (!args)
		return false;
	for (unsigned i = 0; i < kernel->num_args; i++) {
		if (!read_arg(reader, kernel->arg_bytes, kernel->has_arg_info, &args[i]))
			return false;
	}
	return true;
}

static bool kind_is_known(uint32_t kind)
{
	return kind == CWC_IR_COMPILED || kind == CWC_IR_LIBRARY || kind == CWC_IR_EXECUTABLE;
}

static bool read_facts(struct cwc_ir *ir)
{
	struct cwc_reader reader = cwc_reader_of(ir->serial, ir->bytes);
	struct cwc_ir_facts *facts = &ir->facts;
	unsigned count;

	if (cwc_get_u32(&reader) != IR_MAGIC || cwc_get_u32(&reader) != IR_VERSION)
		return false;
	facts->kind = cwc_get_u32(&reader);
	facts->flags = cwc_get_u32(&reader);
	facts->globals_bytes = cwc_get_u64(&reader);
	facts->bitcode = cwc_get_blob(&reader, &facts->bitcode_bytes);
	facts->globals = cwc_get_blob(&reader, &facts->globals_object_bytes);
	count = cwc_get_count(&reader, KERNEL_LEAST);
	if (reader.failed || !kind_is_known(facts->kind) || !facts->bitcode_bytes)
		return false;
	ir->kernels = calloc(count + 1, sizeof(*ir->kernels));
	if (!ir->kernels)
		return false;
	facts->kernels = ir->kernels;
	for (unsigned i = 0; i < count; i++) {
		facts->num_kernels = i + 1;
		if (!read_kernel(&reader, &ir->kernels[i]))
			return false;
	}
	return cwc_reader_is_done(&reader);
}

static void ir_free(struct cwc_ir *ir)
{
	for (unsigned i = 0; i < ir->facts.num_kernels; i++)
		free((void *)ir->kernels[i].args);
	free(ir->kernels);
	free(ir);
}

int cwc_ir_read(const void *data, size_t bytes, struct cwc_ir **ir_out)
{
	struct cwc_ir *ir;

	*ir_out = NULL;
	if (bytes > SIZE_MAX / 2)
		return -EINVAL;
	ir = calloc(1, sizeof(*ir) + bytes);
	if (!ir)
		return -ENOMEM;
	atomic_init(&ir->refs, 1);
	ir->bytes = bytes;
	if (bytes)
		memcpy(ir->serial, data, bytes);
	if (!read_facts(ir)) {
		ir_free(ir);
		return -EINVAL;
	}
	cwc_hash_of(ir->serial, bytes, ir->digest);
	*ir_out = ir;
	return 0;
}

struct cwc_ir *cwc_ir_get(struct cwc_ir *ir)
{
	if (ir)
		atomic_fetch_add_explicit(&ir->refs, 1, memory_order_relaxed);
	return ir;
}

void cwc_ir_put(struct cwc_ir *ir)
{
	if (ir && atomic_fetch_sub_explicit(&ir->refs, 1, memory_order_acq_rel) == 1)
		ir_free(ir);
}

const struct cwc_ir_facts *cwc_ir_facts(const struct cwc_ir *ir)
{
	return &ir->facts;
}

const struct cwc_kernel_info *cwc_ir_kernels(const struct cwc_ir *ir, unsigned *count_out)
{
	*count_out = ir->facts.num_kernels;
	return ir->facts.kernels;
}

uint64_t cwc_ir_globals_bytes(const struct cwc_ir *ir)
{
	return ir->facts.globals_bytes;
}

const void *cwc_ir_serial(const struct cwc_ir *ir, size_t *bytes_out)
{
	*bytes_out = ir->bytes;
	return ir->serial;
}

const unsigned char *cwc_ir_digest(const struct cwc_ir *ir)
{
	return ir->digest;
}
