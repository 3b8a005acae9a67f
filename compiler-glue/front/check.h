/* SPDX-License-Identifier: MIT */
/*
 * What clang accepts and OpenCL C or this implementation does not: checks on
 * the module.  Messages name file, line and the source line where the module
 * carries line tables with their source.
 */
#ifndef CWC_CHECK_H
#define CWC_CHECK_H

#include <stdbool.h>

#include <llvm-c/Types.h>

#include "client/wire.h"

/*
 * struct cwc_names - the functions that the builtin library or the work-group
 * compiler provides: lines of a file, sorted by their bytes.  Without a file
 * (@text NULL) every mangled name counts as provided.
 */
struct cwc_names {
	char *text;
	size_t bytes;
};

/* A missing or empty file makes an empty table; -ENOMEM. */
int cwc_names_load(struct cwc_names *names, const char *path);
void cwc_names_finish(struct cwc_names *names);
bool cwc_names_has(const struct cwc_names *names, const char *name);

/*
 * Remove the kernels that take images or other things that the device does not
 * have, with a warning for each: a program's other kernels are of use without them.
 */
void cwc_leave_out_kernels(LLVMModuleRef module, struct cwc_writer *log);

/*
 * Reject recursion, unsupported types and calls and, where the program is
 * @complete, functions that nobody provides.  True if @module may go on; else
 * the log says what is wrong with it.
 */
bool cwc_check_module(LLVMModuleRef module, const struct cwc_names *names, bool complete,
		      struct cwc_writer *log);

#endif
