/* SPDX-License-Identifier: MIT */
/* Buffers and sub-buffers: rules, contents, inherited flags, destructor callbacks. */
#include <stdint.h>
#include <string.h>

#include "core/mem.h"
#include "fixture.h"

#define KB 1024

static char memory[64 * KB] __attribute__((aligned(128)));

/* What clCreateBuffer is given, and what it must answer. */
struct request {
	cl_int error;
	cl_mem_flags flags;
	size_t size;
	void *host_ptr;
};

static const struct request refusals[] = {
	{CL_INVALID_VALUE, CL_MEM_READ_ONLY | CL_MEM_WRITE_ONLY, KB, NULL},
	{CL_INVALID_VALUE, CL_MEM_READ_WRITE | CL_MEM_READ_ONLY, KB, NULL},
	{CL_INVALID_VALUE, CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_WRITE_ONLY, KB, NULL},
	{CL_INVALID_VALUE, CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_NO_ACCESS, KB, NULL},
	{CL_INVALID_VALUE, CL_MEM_USE_HOST_PTR | CL_MEM_ALLOC_HOST_PTR, KB, memory},
	{CL_INVALID_VALUE, CL_MEM_USE_HOST_PTR | CL_MEM_COPY_HOST_PTR, KB, memory},
	{CL_INVALID_VALUE, CL_MEM_SVM_FINE_GRAIN_BUFFER, KB, NULL},
	{CL_INVALID_VALUE, 1ull << 40, KB, NULL},
	{CL_INVALID_BUFFER_SIZE, 0, 0, NULL},
	{CL_INVALID_BUFFER_SIZE, 0, SIZE_MAX, NULL},
	{CL_INVALID_HOST_PTR, CL_MEM_USE_HOST_PTR, KB, NULL},
	{CL_INVALID_HOST_PTR, CL_MEM_COPY_HOST_PTR, KB, NULL},
	{CL_INVALID_HOST_PTR, 0, KB, memory},
	{CL_INVALID_HOST_PTR, CL_MEM_ALLOC_HOST_PTR, KB, memory},
	/* The specification's order decides where two rules are broken. */
	{CL_INVALID_VALUE, 1ull << 40, 0, memory},
	{CL_INVALID_BUFFER_SIZE, CL_MEM_USE_HOST_PTR, 0, NULL},
};

static void test_refusals(const struct fixture *f)
{
	static const cl_mem_properties unknown[] = {0x1234, 1, 0};
	cl_int error;

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct request *r = &refusals[i];

		error = 1;
		CHECK(!cw_api_clCreateBuffer(f->context, r->flags, r->size, r->host_ptr, &error));
		CHECK_EQ(error, r->error);
		CHECK(!cw_api_clCreateBuffer(f->context, r->flags, r->size, r->host_ptr, NULL));
		CHECK(!cw_api_clCreateBuffer(NULL, r->flags, r->size, r->host_ptr, &error));
		CHECK_EQ(error, CL_INVALID_CONTEXT);
	}
	CHECK(!cw_api_clCreateBufferWithProperties(f->context, unknown, 1ull << 40, 0, NULL,
						   &error));
	CHECK_EQ(error, CL_INVALID_PROPERTY);
	CHECK(!cw_api_clCreateBufferWithProperties(NULL, unknown, 0, 0, NULL, &error));
	CHECK_EQ(error, CL_INVALID_CONTEXT);
}

static uint64_t mem_number(cl_mem mem, cl_mem_info name)
{
	uint64_t value = 0;

	CHECK_EQ(cw_api_clGetMemObjectInfo(mem, name, sizeof(value), &value, NULL), CL_SUCCESS);
	return value;
}

static void test_contents(const struct fixture *f)
{
	cl_int error = 1;
	cl_mem mem;

	memset(memory, 'a', sizeof(memory));
	mem = cw_api_clCreateBuffer(f->context, CL_MEM_COPY_HOST_PTR, 1000, memory, &error);
	REQUIRE(mem && !error);
	CHECK(!memcmp(cw_mem(mem)->data, memory, 1000));
	CHECK_EQ((uintptr_t)cw_mem(mem)->data % 128, 0);
	CHECK_EQ(mem_number(mem, CL_MEM_FLAGS), CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR);
	CHECK_EQ(mem_number(mem, CL_MEM_HOST_PTR), 0);
	CHECK_EQ(cw_api_clReleaseMemObject(mem), CL_SUCCESS);

	mem = cw_api_clCreateBuffer(f->context, CL_MEM_USE_HOST_PTR, 1000, memory, &error);
	REQUIRE(mem && !error);
	CHECK(cw_mem(mem)->data == memory);
	CHECK_EQ(mem_number(mem, CL_MEM_HOST_PTR), (uintptr_t)memory);
	CHECK_EQ(mem_number(mem, CL_MEM_USES_SVM_POINTER), CL_FALSE);
	CHECK_EQ(mem_number(mem, CL_MEM_CONTEXT), (uintptr_t)f->context);
	CHECK_EQ(mem_number(mem, CL_MEM_TYPE), CL_MEM_OBJECT_BUFFER);
	CHECK_EQ(mem_number(mem, CL_MEM_SIZE), 1000);
	CHECK_EQ(mem_number(mem, CL_MEM_REFERENCE_COUNT), 1);
	CHECK_EQ(cw_api_clRetainMemObject(mem), CL_SUCCESS);
	CHECK_EQ(mem_number(mem, CL_MEM_REFERENCE_COUNT), 2);
	CHECK_EQ(cw_api_clReleaseMemObject(mem), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseMemObject(mem), CL_SUCCESS);
	CHECK_EQ(memory[0], 'a');
}

static void test_properties(const struct fixture *f)
{
	static const cl_mem_properties none[] = {0};
	cl_mem_properties answer = 1;
	size_t bytes;
	cl_mem mem = cw_api_clCreateBufferWithProperties(f->context, none, 0, KB, NULL, NULL);

	REQUIRE(mem);
	CHECK_EQ(cw_api_clGetMemObjectInfo(mem, CL_MEM_PROPERTIES, sizeof(answer), &answer, &bytes),
		 CL_SUCCESS);
	CHECK_EQ(bytes, sizeof(answer));
	CHECK_EQ(answer, 0);
	cw_api_clReleaseMemObject(mem);
}

/* A sub-buffer of @flags of a buffer of @parent flags, 1 KB at @region. */
struct sub_request {
	cl_int error;
	cl_mem_flags parent;
	cl_mem_flags flags;
	size_t origin;
	size_t size;
};

static const struct sub_request sub_refusals[] = {
	{CL_INVALID_VALUE, CL_MEM_WRITE_ONLY, CL_MEM_READ_WRITE, 0, 8},
	{CL_INVALID_VALUE, CL_MEM_WRITE_ONLY, CL_MEM_READ_ONLY, 0, 8},
	{CL_INVALID_VALUE, CL_MEM_READ_ONLY, CL_MEM_READ_WRITE, 0, 8},
	{CL_INVALID_VALUE, CL_MEM_READ_ONLY, CL_MEM_WRITE_ONLY, 0, 8},
	{CL_INVALID_VALUE, CL_MEM_HOST_WRITE_ONLY, CL_MEM_HOST_READ_ONLY, 0, 8},
	{CL_INVALID_VALUE, CL_MEM_HOST_READ_ONLY, CL_MEM_HOST_WRITE_ONLY, 0, 8},
	{CL_INVALID_VALUE, CL_MEM_HOST_NO_ACCESS, CL_MEM_HOST_READ_ONLY, 0, 8},
	{CL_INVALID_VALUE, CL_MEM_HOST_NO_ACCESS, CL_MEM_HOST_WRITE_ONLY, 0, 8},
	{CL_INVALID_VALUE, 0, CL_MEM_USE_HOST_PTR, 0, 8},
	{CL_INVALID_VALUE, 0, CL_MEM_ALLOC_HOST_PTR, 0, 8},
	{CL_INVALID_VALUE, 0, CL_MEM_COPY_HOST_PTR, 0, 8},
	{CL_INVALID_VALUE, 0, 0, KB, 8},
	{CL_INVALID_VALUE, 0, 0, 0, KB + 1},
	{CL_INVALID_VALUE, 0, 0, 128, KB},
	{CL_INVALID_VALUE, 0, 0, 128, SIZE_MAX - 64},
	{CL_INVALID_BUFFER_SIZE, 0, 0, 0, 0},
	{CL_MISALIGNED_SUB_BUFFER_OFFSET, 0, 0, 4, 8},
};

static void test_sub_refusals(const struct fixture *f)
{
	cl_buffer_region region = {0, 8};
	cl_mem parent;
	cl_mem child;
	cl_int error;

	for (size_t i = 0; i < sizeof(sub_refusals) / sizeof(sub_refusals[0]); i++) {
		const struct sub_request *r = &sub_refusals[i];
		cl_buffer_region wanted = {r->origin, r->size};

		parent = cw_api_clCreateBuffer(f->context, r->parent, KB, NULL, NULL);
		REQUIRE(parent);
		CHECK(!cw_api_clCreateSubBuffer(parent, r->flags, CL_BUFFER_CREATE_TYPE_REGION,
						&wanted, &error));
		CHECK_EQ(error, r->error);
		cw_api_clReleaseMemObject(parent);
	}
	parent = cw_api_clCreateBuffer(f->context, 0, KB, NULL, NULL);
	REQUIRE(parent);
	child = cw_api_clCreateSubBuffer(parent, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, &error);
	REQUIRE(child && !error);
	CHECK(!cw_api_clCreateSubBuffer(child, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, &error));
	CHECK_EQ(error, CL_INVALID_MEM_OBJECT);
	CHECK(!cw_api_clCreateSubBuffer(NULL, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, &error));
	CHECK_EQ(error, CL_INVALID_MEM_OBJECT);
	CHECK(!cw_api_clCreateSubBuffer(parent, 0, 0x1234, &region, &error));
	CHECK_EQ(error, CL_INVALID_VALUE);
	CHECK(!cw_api_clCreateSubBuffer(parent, 0, CL_BUFFER_CREATE_TYPE_REGION, NULL, &error));
	CHECK_EQ(error, CL_INVALID_VALUE);
	cw_api_clReleaseMemObject(child);
	cw_api_clReleaseMemObject(parent);
}

static void test_sub_buffer(const struct fixture *f)
{
	cl_buffer_region region = {256, 100};
	cl_mem parent = cw_api_clCreateBuffer(
		f->context, CL_MEM_READ_ONLY | CL_MEM_HOST_READ_ONLY | CL_MEM_USE_HOST_PTR, KB,
		memory, NULL);
	cl_mem child =
		cw_api_clCreateSubBuffer(parent, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, NULL);

	REQUIRE(parent && child);
	CHECK_EQ(mem_number(child, CL_MEM_FLAGS),
		 CL_MEM_READ_ONLY | CL_MEM_HOST_READ_ONLY | CL_MEM_USE_HOST_PTR);
	CHECK_EQ(mem_number(child, CL_MEM_OFFSET), 256);
	CHECK_EQ(mem_number(child, CL_MEM_SIZE), 100);
	CHECK_EQ(mem_number(child, CL_MEM_ASSOCIATED_MEMOBJECT), (uintptr_t)parent);
	CHECK_EQ(mem_number(child, CL_MEM_HOST_PTR), (uintptr_t)(memory + 256));
	CHECK_EQ(mem_number(parent, CL_MEM_ASSOCIATED_MEMOBJECT), 0);
	/* The child keeps its parent's bytes alive. */
	CHECK_EQ(cw_api_clReleaseMemObject(parent), CL_SUCCESS);
	CHECK(cw_mem(child)->data == memory + 256);
	CHECK_EQ(cw_api_clReleaseMemObject(child), CL_SUCCESS);
}

static char order[8];

static void CL_CALLBACK destroyed(cl_mem mem, void *user)
{
	(void)mem;
	test_append(order, sizeof(order), user);
}

static void test_destructors(const struct fixture *f)
{
	cl_mem mem = cw_api_clCreateBuffer(f->context, 0, KB, NULL, NULL);
	cl_buffer_region region = {0, 8};
	cl_mem child =
		cw_api_clCreateSubBuffer(mem, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, NULL);

	REQUIRE(mem && child);
	CHECK_EQ(cw_api_clSetMemObjectDestructorCallback(NULL, destroyed, NULL),
		 CL_INVALID_MEM_OBJECT);
	CHECK_EQ(cw_api_clSetMemObjectDestructorCallback(mem, NULL, NULL), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clSetMemObjectDestructorCallback(mem, destroyed, "1"), CL_SUCCESS);
	CHECK_EQ(cw_api_clSetMemObjectDestructorCallback(mem, destroyed, "2"), CL_SUCCESS);
	CHECK_EQ(cw_api_clSetMemObjectDestructorCallback(child, destroyed, "c"), CL_SUCCESS);
	cw_api_clReleaseMemObject(mem);
	CHECK(!strcmp(order, ""));
	cw_api_clReleaseMemObject(child);
	CHECK(!strcmp(order, "c21"));
}

/* The context goes last, whoever lets go first. */
static void test_context_outlives(void)
{
	struct fixture f;
	cl_mem mem;

	fixture_init(&f);
	mem = cw_api_clCreateBuffer(f.context, 0, KB, NULL, NULL);
	REQUIRE(mem);
	fixture_finish(&f);
	CHECK_EQ(mem_number(mem, CL_MEM_SIZE), KB);
	CHECK_EQ(cw_api_clReleaseMemObject(mem), CL_SUCCESS);
}

int main(void)
{
	struct fixture fixture;

	fixture_init(&fixture);
	test_refusals(&fixture);
	test_contents(&fixture);
	test_properties(&fixture);
	test_sub_refusals(&fixture);
	test_sub_buffer(&fixture);
	test_destructors(&fixture);
	fixture_finish(&fixture);
	test_context_outlives();
	return test_result();
}
