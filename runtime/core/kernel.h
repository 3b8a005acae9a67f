/* SPDX-License-Identifier: MIT */
/* Kernel objects and their arguments: OpenCL 3.0, 5.9. */
#ifndef CW_KERNEL_H
#define CW_KERNEL_H

#include "client/ir.h"
#include "client/loader.h"
#include "core/cl.h"
#include "core/object.h"

struct cw_device;
struct cw_mem;
struct cw_program;

struct cw_executable;

/* A memory object that the current arguments name; @arg is its index. */
struct cw_kernel_mem {
	unsigned arg;
	struct cw_mem *mem; /* watched, see mem.h */
};

/*
 * struct cw_kernel - one kernel object.
 *
 * clSetKernelArg writes straight into @block, laid out as the code object
 * expects it (abi.h), so an enqueue copies @block and adds the local offsets.
 *
 * @program: referenced; counted in its num_kernels.
 * @info: names, types, offsets of the arguments; owned by the executables' IR.
 * @index: of the kernel in that IR.
 * @executables, @codes: for each device of the program, its executable and the
 *	loaded code, with a reference each; NULL where it was not built.
 * @wide_codes: the same for global ids of 2^31 and above; made on first need.
 * @block: @info->arg_bytes bytes.  A buffer's slot holds the address of its
 *	bytes; a local argument's slot is filled at enqueue.
 * @local_bytes: for each argument: size of the local memory asked for.
 * @set: for each argument: it has a value.
 * @num_unset: arguments without a value.
 * @num_locals: arguments in local memory.
 * @mems: memory objects among the arguments, @num_mems of them; room for one
 *	an argument.
 * @svm_system: CL_KERNEL_EXEC_INFO_SVM_FINE_GRAIN_SYSTEM; kernels may follow
 *	any pointer whatever it says.
 */
struct cw_kernel {
	struct cw_object object;
	struct cw_program *program;
	const struct cwc_kernel_info *info;
	unsigned index;
	struct cw_executable **executables;
	struct cw_kernel_code **codes;
	_Atomic(struct cw_kernel_code *) *wide_codes;
	unsigned char *block;
	size_t *local_bytes;
	bool *set;
	unsigned num_unset;
	unsigned num_locals;
	struct cw_kernel_mem *mems;
	unsigned num_mems;
	cl_bool svm_system;
};

CW_HANDLE(kernel, cl_kernel, CW_CLASS_KERNEL)

/*
 * Make the kernel object of the program's kernel @name.  Compiles it where
 * nobody did.  CL_INVALID_PROGRAM_EXECUTABLE, CL_INVALID_KERNEL_NAME,
 * CL_INVALID_KERNEL_DEFINITION, CL_OUT_OF_RESOURCES when the code cannot be made (then
 * *log_out, malloc'd, says why), CL_OUT_OF_HOST_MEMORY.  No lock may be held.
 */
cl_int cw_kernel_create(struct cw_program *program, const char *name, struct cw_kernel **kernel_out,
			char **log_out);

/* A copy with the same arguments: clCloneKernel; NULL without memory. */
struct cw_kernel *cw_kernel_clone(const struct cw_kernel *kernel);

/* Set argument @index, which is in range, by its kind; all rules were checked. */
void cw_kernel_set_value(struct cw_kernel *kernel, unsigned index, const void *value);
void cw_kernel_set_mem(struct cw_kernel *kernel, unsigned index, struct cw_mem *mem);
void cw_kernel_set_pointer(struct cw_kernel *kernel, unsigned index, const void *pointer);
void cw_kernel_set_local(struct cw_kernel *kernel, unsigned index, size_t bytes);

/*
 * struct cw_code_place - what a device that can't run the code where it was
 * loaded keeps of it.  Begins the device's own structure.
 * @release: the code ends.
 */
struct cw_code_place {
	void (*release)(struct cw_code_place *place);
};

/*
 * struct cw_kernel_code - code of one kernel, loaded for one device.
 *
 * Immutable and counted; a command keeps it alive, so that releasing the
 * kernel or rebuilding the program never pulls code away from under it.
 *
 * @image: the loaded object: entry point and note.
 * @globals: the program's block of program-scope variables on the device.
 * @kernel_name: for messages; lives as long as the code.
 * @cost: the device's own: what a work-item takes, in its ticks /
 *	CW_KERNEL_COST_UNIT; 0: not known yet.
 * @place: the device's own, or NULL.
 */
struct cw_kernel_code {
	atomic_uint refs;
	struct cwc_image *image;
	struct cw_globals *globals_owner;
	void *globals;
	char *kernel_name;
	atomic_uint cost;
	_Atomic(struct cw_code_place *) place;
};

#define CW_KERNEL_COST_UNIT 1024

struct cw_kernel_code *cw_kernel_code_get(struct cw_kernel_code *code);
void cw_kernel_code_put(struct cw_kernel_code *code);

/*
 * The code for @device, or NULL when the program was not built for it; owned
 * by the kernel. Lock-free.
 */
struct cw_kernel_code *cw_kernel_code_for(const struct cw_kernel *kernel,
					  const struct cw_device *device);

/*
 * The code that suits work-groups of @row work-items in x best: with rows
 * shorter than its width, narrower code once that has been made in the
 * background.  As cw_kernel_code_for() otherwise.
 */
struct cw_kernel_code *cw_kernel_code_for_row(const struct cw_kernel *kernel,
					      const struct cw_device *device, uint64_t row);

/*
 * The code for ND-ranges whose global ids reach 2^31, that is where offset +
 * size of a dimension is above it; owned by the kernel.  The first call
 * compiles, so no lock may be held; NULL when that fails.
 */
struct cw_kernel_code *cw_kernel_wide_code_for(struct cw_kernel *kernel,
					       const struct cw_device *device);

/*
 * Local memory of one work-group with the current arguments, bytes: the
 * kernel's own variables, then the local arguments, each CWC_ARENA_ALIGN
 * aligned.
 */
size_t cw_kernel_local_bytes(const struct cw_kernel *kernel, const struct cw_kernel_code *code);

/*
 * Write the argument block of a launch to @block_out (info->arg_bytes bytes):
 * the current values, with the local arguments' slots filled.  Allocates
 * nothing and takes no lock; the kernel object is not thread-safe for
 * clSetKernelArg against an enqueue (OpenCL 3.0, 5.9.2).
 */
void cw_kernel_write_block(const struct cw_kernel *kernel, const struct cw_kernel_code *code,
			   void *block_out);

#endif
