/* SPDX-License-Identifier: MIT */
/*
 * Program binaries (CL_PROGRAM_BINARIES): a sealed record of a program IR and
 * of the code objects that had been made from it.
 *
 * The IR makes a binary work on every host that this version of the driver
 * runs on; the objects spare the compiler on hosts like the one that made it.
 */
#ifndef CWC_CONTAINER_H
#define CWC_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/client.h"
#include "client/ir.h"

/* struct cwc_container_object - code of one kernel; @object points into the container. */
struct cwc_container_object {
	const char *kernel;
	struct cwc_variant variant;
	const void *object;
	size_t bytes;
};

/*
 * struct cwc_container - a binary that was read.
 * @ir: the program; owned.
 * @objects: @num_objects of them.
 * @data: a copy of the binary.
 */
struct cwc_container {
	struct cwc_ir *ir;
	unsigned num_objects;
	struct cwc_container_object *objects;
	void *data;
};

/* Write a binary, malloc'd; -ENOMEM. */
int cwc_container_write(const struct cwc_ir *ir, const struct cwc_container_object *objects,
			unsigned num_objects, void **data_out, size_t *bytes_out);

/* Read one; trusts nothing: -EINVAL for anything malformed, -ENOMEM. */
int cwc_container_read(const void *data, size_t bytes, struct cwc_container **container_out);
void cwc_container_destroy(struct cwc_container *container);

#endif
