/* SPDX-License-Identifier: MIT */
/* From OpenCL C text to program IR and to the reference's shared object, by running clang. */
#ifndef CWC_FUZZ_BUILD_H
#define CWC_FUZZ_BUILD_H

#include <stdbool.h>

/*
 * What the compiler under test gets.  0 or -1; clang's messages go to stderr
 * unless @quiet.  @check: uninitialised variables are zero, here and in the reference.
 */
int build_ir(const char *source, const char *bitcode, bool check, bool quiet);

/*
 * What the host runs.  @check: undefined behaviour and indices out of a static
 * array's bounds trap.  @library is host_library.o, made by build_library().
 */
int build_reference(const char *source, const char *library, const char *object, bool check,
		    bool quiet);
int build_library(const char *object);

#endif
