/* SPDX-License-Identifier: MIT */
/*
 * The front end: OpenCL C text in, an LLVM module out.  A thin shim over
 * clang's C++ interface; everything after it is C on the LLVM-C interface.
 */
#ifndef CWC_FRONT_H
#define CWC_FRONT_H

#include <stddef.h>

#include <llvm-c/Types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where the files that exist only in memory are seen by #include. */
#define CWC_FRONT_HEADERS "/causeway/headers"
#define CWC_FRONT_BASE	  "/causeway/base"
/* The name of the program's source in messages. */
#define CWC_FRONT_SOURCE  "kernel.cl"

/* struct cwc_front_file - a header given to clCompileProgram, zero-terminated. */
struct cwc_front_file {
	const char *name;
	const char *text;
};

/*
 * struct cwc_front_input - what to compile.
 * @source: zero-terminated.
 * @files: headers seen before those on disk, @num_files of them.
 * @args: arguments of clang -cc1, @num_args of them; without the source.
 */
struct cwc_front_input {
	const char *source;
	const struct cwc_front_file *files;
	unsigned num_files;
	const char *const *args;
	unsigned num_args;
};

/*
 * struct cwc_front_output - what came of it; every text is malloc'd.
 * @module: in the caller's context; NULL when the source has errors.
 * @log: what clang had to say, "" for nothing.
 * @files: the paths on disk that were looked for, found or not, each once and
 *	each followed by a newline: while none of them changes, neither does the result.
 */
struct cwc_front_output {
	LLVMModuleRef module;
	char *log;
	char *files;
};

/* 0, or -1 when the source did not compile. One thread a context. */
int cwc_front_compile(LLVMContextRef context, const struct cwc_front_input *input,
		      struct cwc_front_output *output);

/* The header that declares OpenCL C's types and constants. */
extern const char cwc_front_base_header[];
extern const unsigned long cwc_front_base_header_bytes;

#ifdef __cplusplus
}
#endif

#endif
