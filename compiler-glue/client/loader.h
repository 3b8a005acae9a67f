/* SPDX-License-Identifier: MIT */
/* The loader of code objects (abi.h): checks untrusted ELF bytes, maps, relocates. */
#ifndef CWC_LOADER_H
#define CWC_LOADER_H

#include "abi.h"

/*
 * struct cwc_image - a kernel's code in this process, read-only and executable.
 * @entry: runs work-groups.
 * @note: a checked copy of the object's note.
 * @base, @bytes: the mapping; a fault whose instruction lies in it is the
 *	kernel's own.
 */
struct cwc_image {
	cwc_group_fn *entry;
	struct cwc_kernel_note note;
	void *base;
	size_t bytes;
};

/*
 * Load the kernel object @object of @bytes bytes, which stays the caller's.
 * Returns 0, or -ENOEXEC for anything that is not a well-formed object for
 * this host, -ENOMEM.  Any thread, no locks.
 */
int cwc_image_load(const void *object, size_t bytes, struct cwc_image **image_out);
void cwc_image_unload(struct cwc_image *image);

/*
 * A program's block of program-scope variables, initialised: *block_out is
 * page-aligned and ends with cwc_globals_unload().
 */
int cwc_globals_load(const void *object, size_t bytes, void **block_out, size_t *bytes_out);
void cwc_globals_unload(void *block, size_t bytes);

#endif
