/* SPDX-License-Identifier: MIT */
/*
 * The work-group compiler: program IR and a kernel's name in, a code object
 * (abi.h) out.
 *
 * DOC: use
 *
 * A struct cwc_spmd holds an LLVM context with the builtin library loaded
 * lazily.  It is used by one thread at a time; any number of them may exist.
 * All results are malloc'd and the caller's.  Errors are text: a function that
 * fails returns -1 and sets *error_out to a malloc'd message, or to NULL when
 * memory ran out.  Input is program IR as `clang -cc1 -triple spirv64` emits
 * it, without optimisation; what is unsupported in it is an error text.  LLVM's
 * own fatal errors still end the process, so this runs in the compile worker.
 *
 * DOC: the argument block
 *
 * Arguments lie in the order of the parameters, each at the next offset that is
 * a multiple of its alignment, at least 8: pointers, images, samplers, queues and
 * pipes have 8 bytes; scalars and vectors their size in memory (three elements
 * take the room of four) and are aligned to it; a structure has the size of
 * the byval type and its alignment.  The block itself is aligned to
 * CWC_ARENA_ALIGN and its size is a multiple of 8.
 */
#ifndef CWC_SPMD_H
#define CWC_SPMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llvm-c/Types.h>

#include "../abi.h"

struct cwc_spmd;

/*
 * struct cwc_spmd_files - where the builtin library lies.
 * @builtins: path of builtins.bc, or NULL for none (tests).
 * @library: path of builtins.<isa>.bc, by enum cwc_isa; NULL where missing, then
 *	heavy functions are compiled with the kernel.
 * @support: path of support.bc (CWC_SUPPORT_NAMES), or NULL.
 */
struct cwc_spmd_files {
	const char *builtins;
	const char *library[CWC_ISA_AVX512 + 1];
	const char *support;
};

/*
 * struct cwc_spmd_options - how to compile one kernel.
 * @isa: instruction set.
 * @width: lanes of a chunk: 1 or a power of two from 4 to 64; 0 lets the compiler choose.
 * @wide_ids: global ids may reach 2^31.  Without it the launcher must check
 *	that global offset + size of each dimension is below 2^31.
 * @opt_level: 0 to 3; LLVM's levels.  Use 3 unless -cl-opt-disable (1).
 * @dump: stages to print to stderr: "source", "chunk", "final", "asm", "shape", "time" in any
 *	combination, comma-separated; NULL for none.
 */
struct cwc_spmd_options {
	enum cwc_isa isa;
	unsigned width;
	bool wide_ids;
	unsigned opt_level;
	const char *dump;
};

/* The name of @isa in file names: "sse4", "avx2", "avx512"; NULL for no isa. */
const char *cwc_isa_name(enum cwc_isa isa);

int cwc_spmd_init(struct cwc_spmd **spmd_out, const struct cwc_spmd_files *files, char **error_out);
void cwc_spmd_finish(struct cwc_spmd *spmd);

/*
 * Compile kernel @kernel of the bitcode @ir into *object_out, a code object.
 * @ir stays the caller's and is read only.
 */
int cwc_spmd_compile(struct cwc_spmd *spmd, const void *ir, size_t ir_bytes, const char *kernel,
		     const struct cwc_spmd_options *options, void **object_out,
		     size_t *object_bytes_out, char **error_out);

/*
 * Make the object of the program-scope variables of @ir.  *object_out is NULL
 * when the program has none.  *variables_bytes_out is the size of the block.
 */
int cwc_spmd_globals(struct cwc_spmd *spmd, const void *ir, size_t ir_bytes, void **object_out,
		     size_t *object_bytes_out, uint64_t *variables_bytes_out, char **error_out);

/*
 * Build-time: compile every heavy (noinline) function of builtins.bc to all
 * widths of @isa; the result is bitcode, to be kept as builtins.<isa>.bc.
 */
int cwc_spmd_library(struct cwc_spmd *spmd, enum cwc_isa isa, void **bitcode_out,
		     size_t *bitcode_bytes_out, char **error_out);

/*
 * The place of parameter @index of kernel @function in the argument block: its size
 * in bytes is returned, *offset is moved on from the end of the previous
 * argument (0 before the first) to the start of this one.
 */
uint64_t cwc_arg_place(LLVMValueRef function, unsigned index, uint64_t *offset);

#endif
