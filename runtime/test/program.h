/* SPDX-License-Identifier: MIT */
/* Programs for tests; without a compile worker the tests that need one are skipped. */
#ifndef CW_TEST_PROGRAM_H
#define CW_TEST_PROGRAM_H

#include <limits.h>
#include <string.h>

#include "base/config.h"
#include "client/process.h"
#include "fixture.h"

static inline bool have_compiler(void)
{
	char path[PATH_MAX];

	return !cwc_process_find(cw_config()->compiler, CWC_WORKER_PROGRAM, path, sizeof(path));
}

static inline cl_program program_from(cl_context context, const char *source)
{
	cl_int error;
	cl_program program = cw_api_clCreateProgramWithSource(context, 1, &source, NULL, &error);

	REQUIRE(program && !error);
	return program;
}

/* The build log; a static buffer. */
static inline const char *log_of(cl_program program, cl_device_id device)
{
	static char text[4096];

	text[0] = 0;
	cw_api_clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, sizeof(text), text,
				     NULL);
	return text;
}

static inline cl_program built_from(const struct fixture *fixture, const char *source,
				    const char *options)
{
	cl_program program = program_from(fixture->context, source);
	cl_int error = cw_api_clBuildProgram(program, 1, &fixture->device, options, NULL, NULL);

	if (error)
		fprintf(stderr, "%s\n", log_of(program, fixture->device));
	REQUIRE(!error);
	return program;
}

static inline cl_build_status status_of(cl_program program, cl_device_id device)
{
	cl_build_status status = 1234;

	CHECK(!cw_api_clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_STATUS,
					    sizeof(status), &status, NULL));
	return status;
}

static inline cl_program_binary_type type_of(cl_program program, cl_device_id device)
{
	cl_program_binary_type type = 1234;

	CHECK(!cw_api_clGetProgramBuildInfo(program, device, CL_PROGRAM_BINARY_TYPE, sizeof(type),
					    &type, NULL));
	return type;
}

/* The binary for the one device, malloc'd. */
static inline unsigned char *binary_of(cl_program program, size_t *bytes)
{
	unsigned char *binary;

	REQUIRE(!cw_api_clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof(*bytes), bytes,
					 NULL));
	binary = malloc(*bytes + 1);
	REQUIRE(binary);
	CHECK(!cw_api_clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof(binary), &binary,
				       NULL));
	return binary;
}

#endif
