/* SPDX-License-Identifier: MIT */
/*
 * Program IR and its metadata, as the runtime sees it: an immutable, counted
 * value.  The bitcode inside is opaque here; only the worker looks into it.
 */
#ifndef CWC_IR_H
#define CWC_IR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the slot of an argument in the argument block holds. */
enum cwc_arg_kind {
	CWC_ARG_VALUE,	  /* the value's bytes */
	CWC_ARG_GLOBAL,	  /* address in the global or constant address space */
	CWC_ARG_CONSTANT, /* the same, __constant */
	CWC_ARG_LOCAL,	  /* offset in local memory; the application gives a size */
	CWC_ARG_SAMPLER,
	CWC_ARG_IMAGE,
	CWC_ARG_PIPE,
	CWC_ARG_QUEUE,
};

/*
 * struct cwc_arg_info - one kernel argument.
 * @name, @type_name: as written; NULL without -cl-kernel-arg-info.
 * @kind: enum cwc_arg_kind.
 * @address, @access, @type_qualifier: CL_KERNEL_ARG_*_QUALIFIER values.
 * @bytes: what clSetKernelArg must be given (sizeof(cl_mem) for memory
 *	objects is checked by kind, not by this).
 * @offset: of its slot in the argument block.
 */
struct cwc_arg_info {
	const char *name;
	const char *type_name;
	uint32_t kind;
	uint32_t address;
	uint32_t access;
	uint64_t type_qualifier;
	uint32_t bytes;
	uint32_t offset;
};

/*
 * struct cwc_kernel_info - one kernel of a program.
 * @attributes: CL_KERNEL_ATTRIBUTES text, "" when there are none.
 * @required_local: reqd_work_group_size, or zeros.
 * @hint_local: work_group_size_hint, or zeros.
 * @arg_bytes: size of the argument block.
 * @uniform_groups: compiled with a language version below 2.0 or with
 *	-cl-uniform-work-group-size: global size must be a multiple.
 * @has_arg_info: names and qualifiers are there (clGetKernelArgInfo).
 */
struct cwc_kernel_info {
	const char *name;
	const char *attributes;
	uint64_t required_local[3];
	uint64_t hint_local[3];
	uint32_t arg_bytes;
	uint32_t num_args;
	const struct cwc_arg_info *args;
	bool uniform_groups;
	bool has_arg_info;
};

/* What a program IR is; the values of CL_PROGRAM_BINARY_TYPE. */
enum cwc_ir_kind {
	CWC_IR_COMPILED = 1,   /* of clCompileProgram: functions may be missing */
	CWC_IR_LIBRARY = 2,    /* of clLinkProgram with -create-library */
	CWC_IR_EXECUTABLE = 4, /* complete: its kernels can be compiled */
};

/* Bits of cwc_ir_facts.flags. */
enum cwc_ir_flags {
	CWC_IR_OPT_DISABLE = 1u << 0, /* -cl-opt-disable */
};

/*
 * struct cwc_ir_facts - the parts of a program IR.
 * @kind: enum cwc_ir_kind.
 * @flags: enum cwc_ir_flags.
 * @globals_bytes: program-scope variables (CL_PROGRAM_BUILD_GLOBAL_VARIABLE_TOTAL_SIZE).
 * @bitcode: LLVM bitcode.
 * @globals: the object of the program-scope variables (abi.h); no bytes when
 *	the program has none.
 * @kernels: in the order of the source.
 */
struct cwc_ir_facts {
	uint32_t kind;
	uint32_t flags;
	uint64_t globals_bytes;
	const void *bitcode;
	size_t bitcode_bytes;
	const void *globals;
	size_t globals_object_bytes;
	const struct cwc_kernel_info *kernels;
	unsigned num_kernels;
};

struct cwc_ir;
struct cwc_writer;

/*
 * Write the serial form of @facts, which the worker sends and the cache and
 * binaries keep; cwc_ir_read() is its inverse.  It trusts nothing in @data:
 * -EINVAL for anything malformed, else -ENOMEM or 0.  @data is copied.
 */
void cwc_ir_write(struct cwc_writer *writer, const struct cwc_ir_facts *facts);
int cwc_ir_read(const void *data, size_t bytes, struct cwc_ir **ir_out);

struct cwc_ir *cwc_ir_get(struct cwc_ir *ir);
void cwc_ir_put(struct cwc_ir *ir);

/* Everything in it; owned by the IR, as is all that follows. */
const struct cwc_ir_facts *cwc_ir_facts(const struct cwc_ir *ir);

/* The kernels, in the order of the source. */
const struct cwc_kernel_info *cwc_ir_kernels(const struct cwc_ir *ir, unsigned *count_out);

/* Bytes of program-scope variables (CL_PROGRAM_BUILD_GLOBAL_VARIABLE_TOTAL_SIZE). */
uint64_t cwc_ir_globals_bytes(const struct cwc_ir *ir);

/* The serial form and its BLAKE2b-256. */
const void *cwc_ir_serial(const struct cwc_ir *ir, size_t *bytes_out);
const unsigned char *cwc_ir_digest(const struct cwc_ir *ir);

#endif
