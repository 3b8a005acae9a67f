/* SPDX-License-Identifier: MIT */
/* The state of files that a result depends on, cheap to take and to compare. */
#ifndef CWC_FILES_H
#define CWC_FILES_H

#include <stdint.h>

#include "client/hash.h"

/* One number for the @files, each followed by a newline: sizes, times, whether they exist. */
uint64_t cwc_files_state(const char *files);

/*
 * Name the compiler @chosen (see cwc_process_find()), the LLVM that it loads
 * and the builtin library beside it by the state of their files.
 */
void cwc_compiler_identity(const char *chosen, unsigned char identity_out[CWC_HASH_BYTES]);

#endif
