/* SPDX-License-Identifier: MIT */
/* Programs: rules of the calls, builds and their state, callbacks, queries. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "program.h"

static struct fixture fixture;
static const char good[] = "kernel void a(global int *x) { *x = N; }\n"
			   "kernel void b(global float *y, float z) { *y = z; }\n";
static const char bad[] = "kernel void a(global int *x) {\n  *x = nothing;\n}\n";

static void check_create_rules(void)
{
	const char *strings[2] = {"kernel void k(void)", "{}"};
	const char *holes[2] = {"", NULL};
	const size_t lengths[2] = {6, 0};
	cl_program program;
	char text[32];
	cl_int error;

	CHECK(!cw_api_clCreateProgramWithSource(NULL, 1, strings, NULL, &error));
	CHECK_EQ(error, CL_INVALID_CONTEXT);
	CHECK(!cw_api_clCreateProgramWithSource(fixture.context, 0, strings, NULL, &error));
	CHECK_EQ(error, CL_INVALID_VALUE);
	CHECK(!cw_api_clCreateProgramWithSource(fixture.context, 1, NULL, NULL, &error));
	CHECK_EQ(error, CL_INVALID_VALUE);
	CHECK(!cw_api_clCreateProgramWithSource(fixture.context, 2, holes, NULL, &error));
	CHECK_EQ(error, CL_INVALID_VALUE);
	program = cw_api_clCreateProgramWithSource(fixture.context, 2, strings, lengths, &error);
	CHECK(program && !error);
	CHECK(!cw_api_clGetProgramInfo(program, CL_PROGRAM_SOURCE, sizeof(text), text, NULL));
	CHECK(!strcmp(text, "kernel{}"));
	CHECK_EQ(cw_api_clRetainProgram(program), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseProgram(program), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseProgram(program), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseProgram(NULL), CL_INVALID_PROGRAM);
	CHECK(!cw_api_clCreateProgramWithIL(fixture.context, "x", 1, &error));
	CHECK_EQ(error, CL_INVALID_OPERATION);
	CHECK(!cw_api_clCreateProgramWithBuiltInKernels(fixture.context, 1, &fixture.device, "k",
							&error));
	CHECK_EQ(error, CL_INVALID_VALUE);
}

static void check_build_rules(void)
{
	cl_program program = program_from(fixture.context, good);
	cl_device_id device = fixture.device, wrong = (cl_device_id)program;
	int user;

	CHECK_EQ(cw_api_clBuildProgram(NULL, 0, NULL, NULL, NULL, NULL), CL_INVALID_PROGRAM);
	CHECK_EQ(cw_api_clBuildProgram(program, 1, NULL, NULL, NULL, NULL), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clBuildProgram(program, 0, &device, NULL, NULL, NULL), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clBuildProgram(program, 0, NULL, NULL, NULL, &user), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clBuildProgram(program, 1, &wrong, NULL, NULL, NULL), CL_INVALID_DEVICE);
	CHECK_EQ(cw_api_clBuildProgram(program, 0, NULL, "-cl-nothing", NULL, NULL),
		 CL_INVALID_BUILD_OPTIONS);
	CHECK_EQ(cw_api_clCompileProgram(program, 0, NULL, "-D", 0, NULL, NULL, NULL, NULL),
		 CL_INVALID_COMPILER_OPTIONS);
	CHECK_EQ(cw_api_clCompileProgram(program, 0, NULL, "", 1, NULL, NULL, NULL, NULL),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clCompileProgram(program, 0, NULL, "", 0, &program, NULL, NULL, NULL),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clSetProgramReleaseCallback(program, NULL, NULL), CL_INVALID_OPERATION);
	CHECK_EQ(status_of(program, device), CL_BUILD_NONE);
	CHECK_EQ(cw_api_clUnloadPlatformCompiler(NULL), CL_INVALID_PLATFORM);
	CHECK_EQ(cw_api_clUnloadPlatformCompiler(fixture.platform), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseProgram(program), CL_SUCCESS);
}

static void check_infos(cl_program program)
{
	char names[16], small[2], options[32];
	size_t count = 0, bytes = 0;
	cl_device_id device;
	cl_uint devices = 0;

	CHECK(!cw_api_clGetProgramInfo(program, CL_PROGRAM_NUM_KERNELS, sizeof(count), &count,
				       NULL));
	CHECK_EQ(count, 2);
	CHECK(!cw_api_clGetProgramInfo(program, CL_PROGRAM_KERNEL_NAMES, sizeof(names), names,
				       &bytes));
	CHECK(!strcmp(names, "a;b") && bytes == 4);
	CHECK_EQ(cw_api_clGetProgramInfo(program, CL_PROGRAM_KERNEL_NAMES, sizeof(small), small,
					 NULL),
		 CL_INVALID_VALUE);
	CHECK(!cw_api_clGetProgramInfo(program, CL_PROGRAM_NUM_DEVICES, sizeof(devices), &devices,
				       NULL));
	CHECK(!cw_api_clGetProgramInfo(program, CL_PROGRAM_DEVICES, sizeof(cl_device_id), &device,
				       NULL));
	CHECK(devices == 1 && device == fixture.device);
	CHECK(!cw_api_clGetProgramInfo(program, CL_PROGRAM_IL, 0, NULL, &bytes) && !bytes);
	CHECK_EQ(cw_api_clGetProgramInfo(program, 0, 0, NULL, NULL), CL_INVALID_VALUE);
	CHECK(!cw_api_clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_OPTIONS,
					    sizeof(options), options, NULL));
	CHECK(!strcmp(options, "-D N=3"));
	CHECK_EQ(cw_api_clGetProgramBuildInfo(program, device, 0, 0, NULL, NULL), CL_INVALID_VALUE);
	CHECK_EQ(
		cw_api_clGetProgramBuildInfo(program, NULL, CL_PROGRAM_BUILD_STATUS, 0, NULL, NULL),
		CL_INVALID_DEVICE);
}

static void check_build(void)
{
	cl_program program = built_from(&fixture, good, "-D N=3");
	size_t count;
	cl_kernel kernel;
	cl_int error;

	CHECK_EQ(status_of(program, fixture.device), CL_BUILD_SUCCESS);
	CHECK_EQ(type_of(program, fixture.device), CL_PROGRAM_BINARY_TYPE_EXECUTABLE);
	check_infos(program);
	kernel = cw_api_clCreateKernel(program, "b", &error);
	CHECK(kernel && !error);
	CHECK_EQ(cw_api_clBuildProgram(program, 0, NULL, NULL, NULL, NULL), CL_INVALID_OPERATION);
	CHECK_EQ(cw_api_clCompileProgram(program, 0, NULL, NULL, 0, NULL, NULL, NULL, NULL),
		 CL_INVALID_OPERATION);
	CHECK_EQ(cw_api_clReleaseKernel(kernel), CL_SUCCESS);
	/* Without N it fails, and the executable is gone. */
	CHECK_EQ(cw_api_clBuildProgram(program, 0, NULL, NULL, NULL, NULL),
		 CL_BUILD_PROGRAM_FAILURE);
	CHECK_EQ(status_of(program, fixture.device), CL_BUILD_ERROR);
	CHECK_EQ(type_of(program, fixture.device), CL_PROGRAM_BINARY_TYPE_NONE);
	CHECK_EQ(cw_api_clGetProgramInfo(program, CL_PROGRAM_NUM_KERNELS, sizeof(count), &count,
					 NULL),
		 CL_INVALID_PROGRAM_EXECUTABLE);
	CHECK_EQ(cw_api_clReleaseProgram(program), CL_SUCCESS);
}

static void check_log(void)
{
	cl_program program = program_from(fixture.context, bad);

	CHECK_EQ(cw_api_clBuildProgram(program, 0, NULL, "", NULL, NULL), CL_BUILD_PROGRAM_FAILURE);
	CHECK(strstr(log_of(program, fixture.device), "kernel.cl:2:8: error"));
	CHECK(strstr(log_of(program, fixture.device), "  *x = nothing;"));
	CHECK_EQ(cw_api_clReleaseProgram(program), CL_SUCCESS);
}

static atomic_int calls;

static void CL_CALLBACK on_built(cl_program program, void *user)
{
	CHECK_EQ(status_of(program, fixture.device), *(cl_build_status *)user);
	atomic_fetch_add(&calls, 1);
}

static void wait_for_calls(int count)
{
	for (int i = 0; i < 3000 && atomic_load(&calls) < count; i++)
		usleep(10000);
	CHECK_EQ(atomic_load(&calls), count);
}

static void check_callbacks(void)
{
	cl_build_status success = CL_BUILD_SUCCESS, failure = CL_BUILD_ERROR;
	cl_program one = program_from(fixture.context, good);
	cl_program two = program_from(fixture.context, bad);

	CHECK_EQ(cw_api_clBuildProgram(one, 0, NULL, "-DN=1", on_built, &success), CL_SUCCESS);
	CHECK_EQ(cw_api_clBuildProgram(two, 0, NULL, "", on_built, &failure), CL_SUCCESS);
	wait_for_calls(2);
	CHECK_EQ(cw_api_clCompileProgram(one, 0, NULL, "-DN=1", 0, NULL, NULL, on_built, &success),
		 CL_SUCCESS);
	wait_for_calls(3);
	CHECK_EQ(type_of(one, fixture.device), CL_PROGRAM_BINARY_TYPE_COMPILED_OBJECT);
	CHECK_EQ(cw_api_clReleaseProgram(one), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseProgram(two), CL_SUCCESS);
}

static void *build_many(void *arg)
{
	for (long i = 0; i < 5; i++) {
		char source[128];
		cl_program program;
		cl_kernel kernel;
		cl_int error;

		snprintf(source, sizeof(source),
			 "kernel void k%ld_%ld(global int *x) { *x = %ld; }", (long)arg, i, i);
		program = built_from(&fixture, source, "");
		snprintf(source, sizeof(source), "k%ld_%ld", (long)arg, i);
		kernel = cw_api_clCreateKernel(program, source, &error);
		CHECK(kernel && !error);
		CHECK_EQ(cw_api_clReleaseKernel(kernel), CL_SUCCESS);
		CHECK_EQ(cw_api_clReleaseProgram(program), CL_SUCCESS);
	}
	return NULL;
}

static void check_threads(void)
{
	pthread_t threads[4];

	for (long i = 0; i < 4; i++)
		REQUIRE(!pthread_create(&threads[i], NULL, build_many, (void *)i));
	for (long i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

int main(void)
{
	fixture_init(&fixture);
	check_create_rules();
	check_build_rules();
	if (have_compiler()) {
		check_build();
		check_log();
		check_callbacks();
		check_threads();
	}
	fixture_finish(&fixture);
	return test_result();
}
