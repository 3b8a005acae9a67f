/* SPDX-License-Identifier: MIT */
/*
 * Build options: OpenCL 3.0, 5.8.6 (compiler) and 5.8.7 (linker).  Plain C
 * without LLVM: the application's process parses them, so that a wrong option
 * is an error of the call itself.
 */
#ifndef CWC_OPTIONS_H
#define CWC_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Which call the options belong to. */
enum cwc_options_use {
	CWC_OPTIONS_BUILD,
	CWC_OPTIONS_COMPILE,
	CWC_OPTIONS_LINK,
};

/*
 * struct cwc_options - parsed options.
 * @args: arguments for clang's front end, @num_args of them; include
 *	directories are absolute.
 * @std: language version times 100: 100, 110, 120, 200, 300.
 * @cplusplus: C++ for OpenCL.
 * @arg_info: -cl-kernel-arg-info.
 * @opt_disable: -cl-opt-disable.
 * @uniform_groups: every work-group of an ND-range has the same size.
 * @debug: -g.
 * @create_library, @enable_link_options: linker options of the same names.
 */
struct cwc_options {
	char **args;
	unsigned num_args;
	unsigned room;
	unsigned std;
	bool cplusplus;
	bool arg_info;
	bool opt_disable;
	bool uniform_groups;
	bool debug;
	bool create_library;
	bool enable_link_options;
};

/*
 * Parse @text (NULL is the same as "") into @options.  0; -EINVAL with a
 * sentence in @why; -ENOMEM.  cwc_options_finish() is due in every case.
 */
int cwc_options_parse(const char *text, enum cwc_options_use use, struct cwc_options *options,
		      char *why, size_t why_bytes);
void cwc_options_finish(struct cwc_options *options);

/* Append an argument for the front end; copied. 0 or -ENOMEM. */
int cwc_options_add(struct cwc_options *options, const char *arg);

#endif
