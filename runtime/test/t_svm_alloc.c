/* SPDX-License-Identifier: MIT */
/* clSVMAlloc and clSVMFree: rules, alignment, the registry, buffers on SVM. */
#include <stdint.h>
#include <string.h>

#include "core/context.h"
#include "core/svm.h"
#include "fixture.h"

#define FINE CL_MEM_SVM_FINE_GRAIN_BUFFER
#define MANY 2000

static void test_refusals(const struct fixture *f)
{
	static const struct {
		cl_svm_mem_flags flags;
		size_t size;
		cl_uint alignment;
	} refusals[] = {
		{CL_MEM_READ_ONLY | CL_MEM_WRITE_ONLY, 8, 0},
		{CL_MEM_SVM_ATOMICS, 8, 0},
		{CL_MEM_USE_HOST_PTR, 8, 0},
		{1ull << 40, 8, 0},
		{FINE, 0, 0},
		{FINE, SIZE_MAX, 0},
		{FINE, 8, 3},
		{FINE, 8, 1u << 31},
	};

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		CHECK(!cw_api_clSVMAlloc(f->context, refusals[i].flags, refusals[i].size,
					 refusals[i].alignment));
	CHECK(!cw_api_clSVMAlloc(NULL, FINE, 8, 0));
	/* No errors to return, but nothing may happen either. */
	cw_api_clSVMFree(f->context, NULL);
	cw_api_clSVMFree(NULL, NULL);
	cw_api_clSVMFree(f->context, (void *)f);
}

static void test_alignment(const struct fixture *f)
{
	static const size_t sizes[] = {1, 4096, 3 << 20};

	for (cl_uint alignment = 1; alignment <= 1u << 22; alignment *= 2) {
		for (int i = 0; i < 3; i++) {
			char *memory = cw_api_clSVMAlloc(f->context, FINE | CL_MEM_SVM_ATOMICS,
							 sizes[i], alignment);

			REQUIRE(memory);
			CHECK_EQ((uintptr_t)memory % alignment, 0);
			memory[sizes[i] - 1] = 1;
			cw_api_clSVMFree(f->context, memory);
		}
	}
	for (int i = 0; i < 3; i++) {
		void *memory = cw_api_clSVMAlloc(f->context, 0, sizes[i], 0);

		CHECK_EQ((uintptr_t)memory % 128, 0);
		cw_api_clSVMFree(f->context, memory);
	}
}

static bool is_found(struct cw_context *context, const char *pointer, const char *start,
		     size_t bytes)
{
	struct cw_svm_range range;

	return cw_svm_find(context, pointer, &range) && range.start == start &&
	       range.bytes == bytes;
}

/* Many allocations, half of them freed again, looked up at their edges. */
static void test_registry(const struct fixture *f)
{
	static char *pointers[MANY];
	struct cw_context *context = cw_context(f->context);

	for (size_t i = 0; i < MANY; i++) {
		pointers[i] = cw_svm_alloc(context, FINE, i + 1, 0);
		REQUIRE(pointers[i]);
	}
	for (size_t i = 0; i < MANY; i += 2)
		CHECK(cw_svm_free(context, pointers[i]));
	for (size_t i = 0; i < MANY; i++) {
		if (i % 2 == 0) {
			CHECK(!is_found(context, pointers[i], pointers[i], i + 1));
			CHECK(!cw_svm_free(context, pointers[i]));
			continue;
		}
		CHECK(is_found(context, pointers[i], pointers[i], i + 1));
		CHECK(is_found(context, pointers[i] + i, pointers[i], i + 1));
		CHECK(!is_found(context, pointers[i] + i + 1, pointers[i], i + 1));
		CHECK(!is_found(context, pointers[i] - 1, pointers[i], i + 1));
		CHECK(!cw_svm_free(context, pointers[i] + 1));
	}
	CHECK(!cw_svm_find(context, NULL, NULL));
	CHECK(!cw_svm_find(context, &context, NULL));
	/* The rest goes with the context. */
}

static void test_buffers(const struct fixture *f)
{
	char *memory = cw_api_clSVMAlloc(f->context, FINE, 1000, 0);
	cl_bool uses = 7;
	cl_int error;
	cl_mem mem;

	REQUIRE(memory);
	CHECK(!cw_api_clCreateBuffer(f->context, CL_MEM_USE_HOST_PTR, 1001, memory, &error));
	CHECK_EQ(error, CL_INVALID_BUFFER_SIZE);
	CHECK(!cw_api_clCreateBuffer(f->context, CL_MEM_COPY_HOST_PTR, 1001, memory, &error));
	CHECK_EQ(error, CL_INVALID_BUFFER_SIZE);
	CHECK(!cw_api_clCreateBuffer(f->context, CL_MEM_USE_HOST_PTR, 1000, memory + 1, &error));
	CHECK_EQ(error, CL_INVALID_BUFFER_SIZE);
	mem = cw_api_clCreateBuffer(f->context, CL_MEM_USE_HOST_PTR, 872, memory + 128, &error);
	REQUIRE(mem && !error);
	CHECK_EQ(cw_api_clGetMemObjectInfo(mem, CL_MEM_USES_SVM_POINTER, sizeof(uses), &uses, NULL),
		 CL_SUCCESS);
	CHECK_EQ(uses, CL_TRUE);
	cw_api_clReleaseMemObject(mem);
	cw_api_clSVMFree(f->context, memory);
}

int main(void)
{
	struct fixture fixture;

	fixture_init(&fixture);
	test_refusals(&fixture);
	test_alignment(&fixture);
	test_buffers(&fixture);
	test_registry(&fixture);
	fixture_finish(&fixture);
	return test_result();
}
