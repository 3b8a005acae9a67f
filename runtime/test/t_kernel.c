/* SPDX-License-Identifier: MIT */
/* Kernel objects: rules, arguments, queries, clones, and what they compute. */
#include <unistd.h>

#include "program.h"

static struct fixture fixture;
static const char source[] =
	"struct pair { float a; int b; };\n"
	"global int counter = 40;\n"
	"kernel __attribute__((reqd_work_group_size(4, 1, 1)))\n"
	"void all(global int *out, constant int *in, local int *l1, struct pair p, float3 v,\n"
	"	  local long *l2, char c)\n"
	"{ size_t i = get_global_id(0); l1[get_local_id(0)] = in[i]; l2[get_local_id(0)] = c;\n"
	"  barrier(CLK_LOCAL_MEM_FENCE);\n"
	"  out[i] = l1[3 - get_local_id(0)] + (int)l2[0] + (int)p.a + p.b + (int)v.z; }\n"
	"kernel void count(global int *out) { *out = ++counter; }\n";

struct pair {
	cl_float a;
	cl_int b;
};

static cl_kernel make(cl_program program, const char *name)
{
	cl_int error;
	cl_kernel kernel = cw_api_clCreateKernel(program, name, &error);

	REQUIRE(kernel && !error);
	return kernel;
}

static void check_create_rules(cl_program program)
{
	cl_program unbuilt = program_from(fixture.context, source);
	cl_kernel kernels[2];
	cl_uint count = 0;
	cl_int error;

	CHECK(!cw_api_clCreateKernel(NULL, "all", &error));
	CHECK_EQ(error, CL_INVALID_PROGRAM);
	CHECK(!cw_api_clCreateKernel(unbuilt, "all", &error));
	CHECK_EQ(error, CL_INVALID_PROGRAM_EXECUTABLE);
	CHECK(!cw_api_clCreateKernel(program, "nobody", &error));
	CHECK_EQ(error, CL_INVALID_KERNEL_NAME);
	CHECK(!cw_api_clCreateKernel(program, NULL, &error));
	CHECK_EQ(error, CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clCreateKernelsInProgram(program, 1, kernels, NULL), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clCreateKernelsInProgram(program, 0, NULL, &count), CL_SUCCESS);
	CHECK_EQ(count, 2);
	CHECK_EQ(cw_api_clCreateKernelsInProgram(program, 2, kernels, NULL), CL_SUCCESS);
	CHECK_EQ(cw_api_clRetainKernel(kernels[0]), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseKernel(kernels[0]), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseKernel(kernels[0]), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseKernel(kernels[1]), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseKernel(NULL), CL_INVALID_KERNEL);
	CHECK_EQ(cw_api_clReleaseProgram(unbuilt), CL_SUCCESS);
}

static void check_arg_rules(cl_kernel kernel, cl_mem buffer)
{
	cl_mem none = NULL, wrong = (cl_mem)kernel;
	struct pair pair = {0};
	cl_float4 v = {{0}};

	CHECK_EQ(cw_api_clSetKernelArg(NULL, 0, 8, &buffer), CL_INVALID_KERNEL);
	CHECK_EQ(cw_api_clSetKernelArg(kernel, 7, 8, &buffer), CL_INVALID_ARG_INDEX);
	CHECK_EQ(cw_api_clSetKernelArg(kernel, 0, 8, &wrong), CL_INVALID_MEM_OBJECT);
	CHECK_EQ(cw_api_clSetKernelArg(kernel, 0, 4, &buffer), CL_INVALID_ARG_SIZE);
	CHECK_EQ(cw_api_clSetKernelArg(kernel, 0, 8, &none), CL_SUCCESS);
	CHECK_EQ(cw_api_clSetKernelArg(kernel, 0, 8, NULL), CL_SUCCESS);
	CHECK_EQ(cw_api_clSetKernelArg(kernel, 2, 0, NULL), CL_INVALID_ARG_SIZE);
	CHECK_EQ(cw_api_clSetKernelArg(kernel, 2, 8, &pair), CL_INVALID_ARG_VALUE);
	CHECK_EQ(cw_api_clSetKernelArg(kernel, 3, sizeof(pair), NULL), CL_INVALID_ARG_VALUE);
	CHECK_EQ(cw_api_clSetKernelArg(kernel, 3, 4, &pair), CL_INVALID_ARG_SIZE);
	CHECK_EQ(cw_api_clSetKernelArg(kernel, 4, 12, &v), CL_INVALID_ARG_SIZE);
	CHECK_EQ(cw_api_clSetKernelArg(kernel, 6, 4, &v), CL_INVALID_ARG_SIZE);
	CHECK_EQ(cw_api_clSetKernelArgSVMPointer(kernel, 9, &v), CL_INVALID_ARG_INDEX);
	CHECK_EQ(cw_api_clSetKernelArgSVMPointer(kernel, 3, &v), CL_INVALID_ARG_VALUE);
	CHECK_EQ(cw_api_clSetKernelArgSVMPointer(kernel, 1, &v), CL_SUCCESS);
}

static void check_exec_info(cl_kernel kernel)
{
	void *pointers[2] = {kernel, NULL};
	cl_bool yes = CL_TRUE;

	CHECK_EQ(cw_api_clSetKernelExecInfo(NULL, CL_KERNEL_EXEC_INFO_SVM_PTRS, 0, NULL),
		 CL_INVALID_KERNEL);
	CHECK_EQ(cw_api_clSetKernelExecInfo(kernel, 0, 0, NULL), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clSetKernelExecInfo(kernel, CL_KERNEL_EXEC_INFO_SVM_PTRS, 8, NULL),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clSetKernelExecInfo(kernel, CL_KERNEL_EXEC_INFO_SVM_PTRS, 7, pointers),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clSetKernelExecInfo(kernel, CL_KERNEL_EXEC_INFO_SVM_PTRS, 16, pointers),
		 CL_SUCCESS);
	CHECK_EQ(cw_api_clSetKernelExecInfo(kernel, CL_KERNEL_EXEC_INFO_SVM_FINE_GRAIN_SYSTEM,
					    sizeof(yes), &yes),
		 CL_SUCCESS);
	CHECK_EQ(cw_api_clSetKernelExecInfo(kernel, CL_KERNEL_EXEC_INFO_SVM_FINE_GRAIN_SYSTEM, 1,
					    &yes),
		 CL_INVALID_VALUE);
}

static void check_arg_infos(cl_kernel kernel)
{
	static const char *const types[] = {"int*",   "int*",  "int*", "struct pair",
					    "float3", "long*", "char"};
	static const char *const names[] = {"out", "in", "l1", "p", "v", "l2", "c"};
	cl_kernel_arg_address_qualifier address;
	cl_kernel_arg_type_qualifier qualifier;
	char text[32];

	for (cl_uint i = 0; i < 7; i++) {
		CHECK(!cw_api_clGetKernelArgInfo(kernel, i, CL_KERNEL_ARG_TYPE_NAME, sizeof(text),
						 text, NULL));
		CHECK(!strcmp(text, types[i]));
		CHECK(!cw_api_clGetKernelArgInfo(kernel, i, CL_KERNEL_ARG_NAME, sizeof(text), text,
						 NULL));
		CHECK(!strcmp(text, names[i]));
	}
	CHECK(!cw_api_clGetKernelArgInfo(kernel, 1, CL_KERNEL_ARG_ADDRESS_QUALIFIER,
					 sizeof(address), &address, NULL));
	CHECK_EQ(address, CL_KERNEL_ARG_ADDRESS_CONSTANT);
	CHECK(!cw_api_clGetKernelArgInfo(kernel, 1, CL_KERNEL_ARG_TYPE_QUALIFIER, sizeof(qualifier),
					 &qualifier, NULL));
	CHECK_EQ(qualifier, CL_KERNEL_ARG_TYPE_CONST);
	CHECK_EQ(cw_api_clGetKernelArgInfo(kernel, 7, CL_KERNEL_ARG_NAME, 0, NULL, NULL),
		 CL_INVALID_ARG_INDEX);
	CHECK_EQ(cw_api_clGetKernelArgInfo(kernel, 0, 0, 0, NULL, NULL), CL_INVALID_VALUE);
}

static void check_infos(cl_kernel kernel)
{
	char text[64];
	size_t sizes[3], multiple, largest, count, local[2] = {8, 2};
	cl_ulong memory;
	cl_uint args;

	CHECK(!cw_api_clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof(text), text, NULL));
	CHECK(!strcmp(text, "all"));
	CHECK(!cw_api_clGetKernelInfo(kernel, CL_KERNEL_ATTRIBUTES, sizeof(text), text, NULL));
	CHECK(!strcmp(text, "reqd_work_group_size(4,1,1)"));
	CHECK(!cw_api_clGetKernelInfo(kernel, CL_KERNEL_NUM_ARGS, sizeof(args), &args, NULL));
	CHECK_EQ(args, 7);
	CHECK(!cw_api_clGetKernelWorkGroupInfo(kernel, NULL, CL_KERNEL_COMPILE_WORK_GROUP_SIZE,
					       sizeof(sizes), sizes, NULL));
	CHECK(sizes[0] == 4 && sizes[1] == 1 && sizes[2] == 1);
	CHECK(!cw_api_clGetKernelWorkGroupInfo(kernel, fixture.device, CL_KERNEL_WORK_GROUP_SIZE,
					       sizeof(largest), &largest, NULL));
	CHECK(largest >= 4);
	CHECK(!cw_api_clGetKernelWorkGroupInfo(kernel, fixture.device,
					       CL_KERNEL_PREFERRED_WORK_GROUP_SIZE_MULTIPLE,
					       sizeof(multiple), &multiple, NULL));
	CHECK(multiple >= 1 && multiple <= 64);
	CHECK_EQ(cw_api_clSetKernelArg(kernel, 2, 16, NULL), CL_SUCCESS);
	CHECK_EQ(cw_api_clSetKernelArg(kernel, 5, 32, NULL), CL_SUCCESS);
	CHECK(!cw_api_clGetKernelWorkGroupInfo(kernel, fixture.device, CL_KERNEL_LOCAL_MEM_SIZE,
					       sizeof(memory), &memory, NULL));
	CHECK(memory >= 16 + 32);
	CHECK_EQ(cw_api_clGetKernelWorkGroupInfo(kernel, fixture.device, CL_KERNEL_GLOBAL_WORK_SIZE,
						 sizeof(sizes), sizes, NULL),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clGetKernelWorkGroupInfo(kernel, (cl_device_id)kernel,
						 CL_KERNEL_WORK_GROUP_SIZE, 0, NULL, NULL),
		 CL_INVALID_DEVICE);
	CHECK(!cw_api_clGetKernelSubGroupInfo(kernel, fixture.device,
					      CL_KERNEL_SUB_GROUP_COUNT_FOR_NDRANGE, sizeof(local),
					      local, sizeof(count), &count, NULL));
	CHECK_EQ(count, (8 + multiple - 1) / multiple * 2);
	CHECK_EQ(cw_api_clGetKernelSubGroupInfo(kernel, fixture.device,
						CL_KERNEL_SUB_GROUP_COUNT_FOR_NDRANGE, 3, local,
						sizeof(count), &count, NULL),
		 CL_INVALID_VALUE);
}

static cl_int run(cl_kernel kernel, size_t size, size_t local)
{
	cl_int error;
	cl_command_queue queue = cw_api_clCreateCommandQueueWithProperties(
		fixture.context, fixture.device, NULL, &error);

	REQUIRE(queue);
	error = cw_api_clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &size, &local, 0, NULL, NULL);
	CHECK_EQ(cw_api_clFinish(queue), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseCommandQueue(queue), CL_SUCCESS);
	return error;
}

static void set_all(cl_kernel kernel, cl_mem buffer, int *in)
{
	struct pair pair = {100, 1000};
	cl_float4 v = {{0, 0, 10000, 0}};
	cl_char c = 7;

	CHECK_EQ(cw_api_clSetKernelArg(kernel, 0, sizeof(cl_mem), &buffer), CL_SUCCESS);
	CHECK_EQ(cw_api_clSetKernelArgSVMPointer(kernel, 1, in), CL_SUCCESS);
	CHECK_EQ(cw_api_clSetKernelArg(kernel, 2, 16, NULL), CL_SUCCESS);
	CHECK_EQ(cw_api_clSetKernelArg(kernel, 3, sizeof(pair), &pair), CL_SUCCESS);
	CHECK_EQ(cw_api_clSetKernelArg(kernel, 4, sizeof(v), &v), CL_SUCCESS);
	CHECK_EQ(cw_api_clSetKernelArg(kernel, 5, 32, NULL), CL_SUCCESS);
	CHECK_EQ(run(kernel, 8, 4), CL_INVALID_KERNEL_ARGS);
	CHECK_EQ(cw_api_clSetKernelArg(kernel, 6, sizeof(c), &c), CL_SUCCESS);
}

static void check_results(cl_program program, cl_mem buffer, int *out)
{
	int in[8] = {0, 1, 2, 3, 4, 5, 6, 7}, count = 0;
	cl_kernel kernel = make(program, "all"), clone, counter = make(program, "count");
	cl_int error;

	set_all(kernel, buffer, in);
	clone = cw_api_clCloneKernel(kernel, &error);
	CHECK(clone && !error);
	CHECK_EQ(cw_api_clReleaseKernel(kernel), CL_SUCCESS);
	CHECK_EQ(run(clone, 8, 4), CL_SUCCESS);
	for (int i = 0; i < 8; i++)
		CHECK_EQ(out[i], 11107 + i / 4 * 4 + 3 - i % 4);
	CHECK_EQ(cw_api_clReleaseKernel(clone), CL_SUCCESS);
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(cw_api_clSetKernelArgSVMPointer(counter, 0, &count), CL_SUCCESS);
		CHECK_EQ(run(counter, 1, 1), CL_SUCCESS);
		CHECK_EQ(count, 41 + i);
	}
	CHECK_EQ(cw_api_clReleaseKernel(counter), CL_SUCCESS);
}

/* Short rows: the same results before and after narrower code is there. */
static void check_rows(void)
{
	static const char text[] =
		"kernel void rows(global int *out) {\n"
		"  size_t x = get_global_id(0), y = get_global_id(1);\n"
		"  local int sum[64];\n"
		"  sum[get_local_id(1) * get_local_size(0) + get_local_id(0)] = x;\n"
		"  barrier(CLK_LOCAL_MEM_FENCE);\n"
		"  out[y * get_global_size(0) + x] = y * 100 + sum[get_local_id(1) *\n"
		"    get_local_size(0) + get_local_size(0) - 1 - get_local_id(0)]; }\n";
	static int out[48];
	cl_program program = built_from(&fixture, text, "");
	cl_kernel kernel = make(program, "rows");
	size_t global[2] = {24, 2}, sizes[] = {1, 2, 3, 4, 6, 8};
	cl_int error;
	cl_command_queue queue = cw_api_clCreateCommandQueueWithProperties(
		fixture.context, fixture.device, NULL, &error);

	CHECK_EQ(cw_api_clSetKernelArgSVMPointer(kernel, 0, out), CL_SUCCESS);
	for (unsigned i = 0; i < 60; i++) {
		size_t local[2] = {sizes[i % 6], 2}, row = local[0];

		memset(out, 0, sizeof(out));
		CHECK_EQ(cw_api_clEnqueueNDRangeKernel(queue, kernel, 2, NULL, global, local, 0,
						       NULL, NULL),
			 CL_SUCCESS);
		CHECK_EQ(cw_api_clFinish(queue), CL_SUCCESS);
		for (size_t j = 0; j < 48; j++)
			CHECK_EQ(out[j],
				 j / 24 * 100 + j % 24 / row * row + row - 1 - j % 24 % row);
		usleep(10000);
	}
	CHECK_EQ(cw_api_clReleaseCommandQueue(queue), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseKernel(kernel), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseProgram(program), CL_SUCCESS);
}

int main(void)
{
	static int out[8];
	cl_program program;
	cl_kernel kernel;
	cl_mem buffer;
	cl_int error;

	if (!have_compiler())
		return TEST_SKIP;
	fixture_init(&fixture);
	program = built_from(&fixture, source, "-cl-std=CL3.0 -cl-kernel-arg-info");
	buffer = cw_api_clCreateBuffer(fixture.context, CL_MEM_USE_HOST_PTR, sizeof(out), out,
				       &error);
	REQUIRE(buffer);
	check_create_rules(program);
	kernel = make(program, "all");
	check_arg_rules(kernel, buffer);
	check_exec_info(kernel);
	check_arg_infos(kernel);
	check_infos(kernel);
	CHECK_EQ(cw_api_clReleaseKernel(kernel), CL_SUCCESS);
	check_results(program, buffer, out);
	check_rows();
	CHECK_EQ(cw_api_clReleaseMemObject(buffer), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseProgram(program), CL_SUCCESS);
	fixture_finish(&fixture);
	return test_result();
}
