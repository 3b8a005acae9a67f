/* SPDX-License-Identifier: MIT */
/* Program objects: OpenCL 3.0, 5.8. */
#ifndef CW_PROGRAM_H
#define CW_PROGRAM_H

#include "base/lock.h"
#include "client/container.h"
#include "core/cl.h"
#include "core/executable.h"
#include "core/object.h"

struct cw_context;
struct cw_destructor;
struct cw_device;

/* How a program came into being. */
enum cw_program_origin {
	CW_PROGRAM_SOURCE,
	CW_PROGRAM_BINARY,
	CW_PROGRAM_LINKED, /* by clLinkProgram */
};

/*
 * struct cw_build - a program on one device: what the last build, compilation
 * or link left.
 * @status: CL_BUILD_*; while it is IN_PROGRESS the rest is as before.
 * @ir: NULL when nothing was built.  Its kind is CL_PROGRAM_BINARY_TYPE.
 * @executable: of an @ir that is one, after a build.
 * @container: the binary that the program was made from, or NULL.
 * @options, @log: malloc'd, or NULL for "".
 * @binary, @binary_bytes: CL_PROGRAM_BINARIES of an @ir that is no executable.
 */
struct cw_build {
	cl_build_status status;
	struct cwc_ir *ir;
	struct cw_executable *executable;
	struct cwc_container *container;
	char *options;
	char *log;
	void *binary;
	size_t binary_bytes;
};

/*
 * struct cw_program - one program object.
 * @devices, @builds: for each of the @num_devices devices; the devices are referenced.
 * @source: zero-terminated text, or NULL.
 * @lock: guards @builds; held for moments, never while something is built.
 * @num_kernels: kernel objects that are attached.
 * @destructors: clSetProgramReleaseCallback, newest first.
 */
struct cw_program {
	struct cw_object object;
	struct cw_context *context;
	enum cw_program_origin origin;
	unsigned num_devices;
	struct cw_device **devices;
	char *source;
	struct cw_mutex lock; /* rank PROGRAM */
	struct cw_build *builds cw_guarded_by(&lock);
	atomic_uint num_kernels;
	struct cw_destructor *destructors;
};

CW_HANDLE(program, cl_program, CW_CLASS_PROGRAM)

/* What a program is made of; duplicates in @devices count once. */
struct cw_program_desc {
	enum cw_program_origin origin;
	struct cw_device *const *devices;
	unsigned num_devices;
	char *source; /* malloc'd; the program's from then on */
};

/* A program with one reference, or NULL without memory (then desc->source is freed). */
struct cw_program *cw_program_create(struct cw_context *context,
				     const struct cw_program_desc *desc);

/* Index of @device in @devices, or -1. */
int cw_program_device(const struct cw_program *program, const struct cw_device *device);

/* A snapshot: the executable for device @index with a reference, or NULL. */
struct cw_executable *cw_program_executable(struct cw_program *program, unsigned index);

/* The first executable of any device, with a reference, or NULL. */
struct cw_executable *cw_program_any_executable(struct cw_program *program);

/* The IR for device @index with a reference, or NULL. */
struct cwc_ir *cw_program_ir(struct cw_program *program, unsigned index);

/* What kind of IR there is for device @index: CL_PROGRAM_BINARY_TYPE. */
cl_program_binary_type cw_program_type(struct cw_program *program, unsigned index);

/*
 * CL_PROGRAM_BINARIES of device @index; compiles what nobody asked for yet.
 * *data_out lives as long as the program and its last build; NULL and 0 bytes when there is none.
 */
cl_int cw_program_binary(struct cw_program *program, unsigned index, const void **data_out,
			 size_t *bytes_out);

#endif
