/* SPDX-License-Identifier: MIT */
/* Facts of the kernels of a module, for the runtime's queries and checks. */
#ifndef CWC_METADATA_H
#define CWC_METADATA_H

#include <stdbool.h>

#include <llvm-c/Types.h>

#include "client/ir.h"

/*
 * struct cwc_kernels - the kernels of a module.
 * @info: @count of them, in the module's order, which is the source's.
 * @texts: every string in @info, @num_texts of them.
 */
struct cwc_kernels {
	struct cwc_kernel_info *info;
	unsigned count;
	char **texts;
	unsigned num_texts;
	unsigned room;
};

/*
 * Collect the kernels of @module.  @named: keep the names and types of the
 * arguments; @uniform: the program asks for uniform work-groups.  0 or
 * -ENOMEM; cwc_kernels_finish() is due in both cases.
 */
int cwc_kernels_collect(LLVMModuleRef module, bool named, bool uniform,
			struct cwc_kernels *kernels);
void cwc_kernels_finish(struct cwc_kernels *kernels);

#endif
