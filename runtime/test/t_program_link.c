/* SPDX-License-Identifier: MIT */
/* Compiling and linking apart, libraries, and binaries that come back or come damaged. */
#include "program.h"

static struct fixture fixture;

static cl_program compiled(const char *source, const char *header)
{
	cl_program program = program_from(fixture.context, source);
	const char *name = "inner/h.h";
	cl_program headers[1] = {header ? program_from(fixture.context, header) : NULL};

	REQUIRE(!cw_api_clCompileProgram(program, 0, NULL, "", header ? 1 : 0,
					 header ? headers : NULL, header ? &name : NULL, NULL,
					 NULL));
	if (header)
		CHECK_EQ(cw_api_clReleaseProgram(headers[0]), CL_SUCCESS);
	CHECK_EQ(type_of(program, fixture.device), CL_PROGRAM_BINARY_TYPE_COMPILED_OBJECT);
	return program;
}

static cl_program linked(const char *options, cl_uint count, const cl_program *inputs,
			 cl_int expected)
{
	cl_int error;
	cl_program program = cw_api_clLinkProgram(fixture.context, 0, NULL, options, count, inputs,
						  NULL, NULL, &error);

	CHECK_EQ(error, expected);
	return program;
}

static bool has_kernel(cl_program program, const char *name)
{
	cl_int error;
	cl_kernel kernel = cw_api_clCreateKernel(program, name, &error);

	if (!kernel)
		return false;
	CHECK_EQ(cw_api_clReleaseKernel(kernel), CL_SUCCESS);
	return true;
}

static void check_rules(const cl_program *inputs)
{
	cl_program source = program_from(fixture.context, "kernel void k(void) {}");
	cl_program mixed[2] = {inputs[0], source};

	linked("", 0, inputs, CL_INVALID_VALUE);
	linked("", 1, NULL, CL_INVALID_VALUE);
	linked("", 1, (cl_program[]){NULL}, CL_INVALID_PROGRAM);
	linked("-enable-link-options", 1, inputs, CL_INVALID_LINKER_OPTIONS);
	linked("-D X", 1, inputs, CL_INVALID_LINKER_OPTIONS);
	linked("", 1, &source, CL_INVALID_OPERATION);
	linked("", 2, mixed, CL_INVALID_OPERATION);
	CHECK_EQ(cw_api_clReleaseProgram(source), CL_SUCCESS);
}

static void check_links(void)
{
	cl_program user = compiled("#include \"inner/h.h\"\n"
				   "kernel void k(global int *x) { *x = TWICE(f()); }\n",
				   "int f(void);\n#define TWICE(x) (2 * (x))\n");
	cl_program part = compiled("int f(void) { return 21; }\nkernel void k2(void) {}", NULL);
	cl_program inputs[2] = {user, part}, library, program;

	check_rules(inputs);
	program = linked("", 2, inputs, CL_SUCCESS);
	CHECK(has_kernel(program, "k") && has_kernel(program, "k2"));
	CHECK_EQ(cw_api_clBuildProgram(program, 0, NULL, NULL, NULL, NULL), CL_INVALID_OPERATION);
	CHECK_EQ(cw_api_clReleaseProgram(program), CL_SUCCESS);
	library = linked("-create-library", 1, &part, CL_SUCCESS);
	CHECK_EQ(type_of(library, fixture.device), CL_PROGRAM_BINARY_TYPE_LIBRARY);
	CHECK(!has_kernel(library, "k2"));
	inputs[1] = library;
	program = linked("", 2, inputs, CL_SUCCESS);
	CHECK(has_kernel(program, "k"));
	CHECK_EQ(cw_api_clReleaseProgram(program), CL_SUCCESS);
	/* f is missing: the program that comes back has the log. */
	program = linked("", 1, &user, CL_LINK_PROGRAM_FAILURE);
	REQUIRE(program);
	CHECK(strstr(log_of(program, fixture.device), "'f'"));
	CHECK_EQ(cw_api_clReleaseProgram(program), CL_SUCCESS);
	inputs[0] = inputs[1] = part;
	program = linked("", 2, inputs, CL_LINK_PROGRAM_FAILURE);
	CHECK(strstr(log_of(program, fixture.device), "multiply defined"));
	CHECK_EQ(cw_api_clReleaseProgram(program), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseProgram(library), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseProgram(user), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseProgram(part), CL_SUCCESS);
}

static cl_program load(const unsigned char *binary, size_t bytes, cl_int expected)
{
	cl_int status = 1234, error;
	cl_program program = cw_api_clCreateProgramWithBinary(fixture.context, 1, &fixture.device,
							      &bytes, &binary, &status, &error);

	CHECK_EQ(error, expected);
	CHECK_EQ(status, expected);
	return program;
}

static void check_damage(const unsigned char *binary, size_t bytes)
{
	unsigned char *copy = malloc(bytes + 1);

	REQUIRE(copy);
	for (size_t length = 1; length < bytes; length += 1 + length / 8)
		load(binary, length, CL_INVALID_BINARY);
	for (size_t at = 0; at < bytes; at += 1 + at / 8) {
		memcpy(copy, binary, bytes);
		copy[at] ^= 1u << at % 8;
		load(copy, bytes, CL_INVALID_BINARY);
	}
	load(binary, 0, CL_INVALID_VALUE);
	load(NULL, bytes, CL_INVALID_VALUE);
	free(copy);
}

static void check_binaries(void)
{
	cl_program program = built_from(&fixture, "kernel void k(global int *x) { *x = 1; }", "");
	size_t bytes, again_bytes;
	unsigned char *binary = binary_of(program, &bytes), *again;
	cl_program loaded;

	CHECK_EQ(cw_api_clReleaseProgram(program), CL_SUCCESS);
	loaded = load(binary, bytes, CL_SUCCESS);
	CHECK_EQ(status_of(loaded, fixture.device), CL_BUILD_NONE);
	CHECK_EQ(type_of(loaded, fixture.device), CL_PROGRAM_BINARY_TYPE_EXECUTABLE);
	CHECK(!has_kernel(loaded, "k"));
	CHECK_EQ(cw_api_clCompileProgram(loaded, 0, NULL, "", 0, NULL, NULL, NULL, NULL),
		 CL_INVALID_OPERATION);
	CHECK_EQ(cw_api_clBuildProgram(loaded, 0, NULL, "-cl-wrong", NULL, NULL),
		 CL_INVALID_BUILD_OPTIONS);
	CHECK_EQ(cw_api_clBuildProgram(loaded, 0, NULL, NULL, NULL, NULL), CL_SUCCESS);
	CHECK(has_kernel(loaded, "k"));
	CHECK_EQ(cw_api_clBuildProgram(loaded, 0, NULL, NULL, NULL, NULL), CL_SUCCESS);
	again = binary_of(loaded, &again_bytes);
	CHECK(again_bytes == bytes && !memcmp(binary, again, bytes));
	CHECK_EQ(cw_api_clReleaseProgram(loaded), CL_SUCCESS);
	check_damage(binary, bytes);
	free(binary);
	free(again);
}

/* A compiled program's binary can be linked, or built by itself. */
static void check_compiled_binary(void)
{
	cl_program part = compiled("kernel void k(global int *x) { *x = 1; }", NULL), loaded, whole;
	size_t bytes;
	unsigned char *binary = binary_of(part, &bytes);

	CHECK_EQ(cw_api_clReleaseProgram(part), CL_SUCCESS);
	loaded = load(binary, bytes, CL_SUCCESS);
	CHECK_EQ(type_of(loaded, fixture.device), CL_PROGRAM_BINARY_TYPE_COMPILED_OBJECT);
	whole = linked("", 1, &loaded, CL_SUCCESS);
	CHECK(has_kernel(whole, "k"));
	CHECK_EQ(cw_api_clReleaseProgram(whole), CL_SUCCESS);
	CHECK_EQ(cw_api_clBuildProgram(loaded, 0, NULL, NULL, NULL, NULL), CL_SUCCESS);
	CHECK(has_kernel(loaded, "k"));
	CHECK_EQ(cw_api_clReleaseProgram(loaded), CL_SUCCESS);
	free(binary);
}

int main(void)
{
	if (!have_compiler())
		return TEST_SKIP;
	fixture_init(&fixture);
	check_links();
	check_binaries();
	check_compiled_binary();
	fixture_finish(&fixture);
	return test_result();
}
