/* SPDX-License-Identifier: MIT */
/*
 * Builds, compilations and links.
 *
 * DOC: concurrency
 *
 * A build first marks the devices it is for as CL_BUILD_IN_PROGRESS, then runs
 * with no lock held, on the calling thread or, with a callback, on one of its
 * own, and puts down its result at the end.  Queries meanwhile see
 * IN_PROGRESS; a second build of the same device is refused.
 */
#ifndef CW_PROGRAM_BUILD_H
#define CW_PROGRAM_BUILD_H

#include "core/program.h"
#include "front/options.h"

enum cw_build_kind { CW_BUILD_EXECUTABLE, CW_BUILD_COMPILE, CW_BUILD_LINK };

/*
 * struct cw_build_task - one call of clBuildProgram, clCompileProgram or clLinkProgram.
 * @program: what is built; referenced.
 * @devices: which of its devices, by index; @num_devices of them.
 * @options, @options_text: parsed and as given.
 * @headers, @header_programs: of clCompileProgram; the programs are
 *	referenced, the names are copies.
 * @inputs: of clLinkProgram; for each device, @num_inputs IRs.
 * @notify, @notify_user: pfn_notify, or NULL.
 */
struct cw_build_task {
	enum cw_build_kind kind;
	struct cw_program *program;
	unsigned num_devices;
	unsigned *devices;
	struct cwc_options options;
	char *options_text;
	unsigned num_headers;
	struct cwc_header *headers;
	struct cw_program **header_programs;
	unsigned num_inputs;
	struct cwc_ir **inputs;
	void(CL_CALLBACK *notify)(cl_program program, void *user);
	void *notify_user;
};

/*
 * A task for @num_devices devices of @program that are in @devices (NULL: all
 * of them), or NULL without memory.  cw_build_task_destroy() takes NULL.
 */
struct cw_build_task *cw_build_task_create(enum cw_build_kind kind, struct cw_program *program,
					   unsigned num_devices, const cl_device_id *devices);
void cw_build_task_destroy(struct cw_build_task *task);

/*
 * Mark the task's devices as being built; false, and nothing marked, when one
 * of them is already.
 */
bool cw_build_task_begin(struct cw_build_task *task);

/*
 * Run a task that was begun; it is destroyed.  With a callback: in the
 * background, and CL_SUCCESS.  Else the result: CL_SUCCESS, the failure code
 * of the task's kind, or CL_OUT_OF_HOST_MEMORY.
 */
cl_int cw_build_task_run(struct cw_build_task *task);

/* Drop what a build left. */
void cw_build_finish(struct cw_build *build);

#endif
