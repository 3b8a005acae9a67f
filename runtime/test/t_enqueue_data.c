/* SPDX-License-Identifier: MIT */
/* Copies, rectangles, fills, maps and SVM commands against plain C with random regions. */
#include <stdint.h>

#include "native.h"

#define SIDE  24
#define BYTES ((size_t)SIDE * SIDE * SIDE)

static struct fixture fixture;
static cl_command_queue queue;
static uint64_t random_state = 88172645463325252u;

static size_t random_below(size_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (size_t)(random_state % limit);
}

static void fill_random(unsigned char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bytes[i] = (unsigned char)random_below(256);
}

static cl_mem buffer_create(cl_mem_flags flags, size_t bytes, void *host)
{
	cl_int error;
	cl_mem buffer = cw_api_clCreateBuffer(fixture.context, flags, bytes, host, &error);

	REQUIRE(buffer && !error);
	return buffer;
}

/* struct side - origin and pitches of one side. */
struct side {
	size_t origin[3];
	size_t row;
	size_t slice;
};

static void random_side(struct side *side, const size_t region[3])
{
	side->row = SIDE - random_below(SIDE - region[0] + 1);
	side->slice = side->row * (SIDE - random_below(SIDE - region[1] + 1));
	side->origin[0] = random_below(side->row - region[0] + 1);
	side->origin[1] = random_below(side->slice / side->row - region[1] + 1);
	side->origin[2] = random_below(SIDE - region[2] + 1);
}

static void plain_rect(unsigned char *target, const struct side *to, const unsigned char *source,
		       const struct side *from, const size_t region[3])
{
	for (size_t z = 0; z < region[2]; z++) {
		for (size_t y = 0; y < region[1]; y++) {
			for (size_t x = 0; x < region[0]; x++) {
				size_t at = x + to->origin[0] + (y + to->origin[1]) * to->row +
					    (z + to->origin[2]) * to->slice;
				size_t of = x + from->origin[0] +
					    (y + from->origin[1]) * from->row +
					    (z + from->origin[2]) * from->slice;

				target[at] = source[of];
			}
		}
	}
}

enum rect_kind { READ_RECT, WRITE_RECT, COPY_RECT, NUM_RECTS };

static cl_int enqueue_rect(enum rect_kind kind, cl_mem target_buffer, unsigned char *target,
			   const struct side *to, cl_mem source_buffer, unsigned char *source,
			   const struct side *from, const size_t region[3])
{
	switch (kind) {
	case READ_RECT:
		return cw_api_clEnqueueReadBufferRect(queue, source_buffer, CL_TRUE, from->origin,
						      to->origin, region, from->row, from->slice,
						      to->row, to->slice, target, 0, NULL, NULL);
	case WRITE_RECT:
		return cw_api_clEnqueueWriteBufferRect(
			queue, target_buffer, CL_TRUE, to->origin, from->origin, region, to->row,
			to->slice, from->row, from->slice, source, 0, NULL, NULL);
	default:
		return cw_api_clEnqueueCopyBufferRect(
			queue, source_buffer, target_buffer, from->origin, to->origin, region,
			from->row, from->slice, to->row, to->slice, 0, NULL, NULL);
	}
}

static void test_rects(void)
{
	static unsigned char source[BYTES], target[BYTES], expected[BYTES];
	cl_mem source_buffer = buffer_create(CL_MEM_USE_HOST_PTR, BYTES, source);
	cl_mem target_buffer = buffer_create(CL_MEM_USE_HOST_PTR, BYTES, target);

	fill_random(source, BYTES);
	for (int i = 0; i < 600; i++) {
		size_t region[3] = {1 + random_below(SIDE), 1 + random_below(SIDE),
				    1 + random_below(SIDE)};
		struct side from, to;

		random_side(&from, region);
		random_side(&to, region);
		memcpy(expected, target, BYTES);
		plain_rect(expected, &to, source, &from, region);
		REQUIRE(!enqueue_rect(i % NUM_RECTS, target_buffer, target, &to, source_buffer,
				      source, &from, region));
		REQUIRE(!cw_api_clFinish(queue));
		REQUIRE(!memcmp(target, expected, BYTES));
	}
	cw_api_clReleaseMemObject(source_buffer);
	cw_api_clReleaseMemObject(target_buffer);
}

static bool plain_overlap(const struct side *to, const struct side *from, const size_t region[3])
{
	static unsigned char used[BYTES];
	static unsigned char zero[BYTES];
	static unsigned char ones[BYTES];

	size_t left = 0;

	memset(used, 0, BYTES);
	memset(ones, 1, BYTES);
	plain_rect(used, from, ones, from, region);
	plain_rect(used, to, zero, to, region);
	for (size_t i = 0; i < BYTES; i++)
		left += used[i];
	return left != region[0] * region[1] * region[2];
}

/* Copies within one buffer: refused exactly where the rectangles share bytes. */
static void test_overlap(void)
{
	cl_mem buffer = buffer_create(0, BYTES, NULL);

	for (int i = 0; i < 600; i++) {
		size_t region[3] = {1 + random_below(8), 1 + random_below(8), 1 + random_below(8)};
		struct side from, to;
		cl_int error;

		random_side(&from, region);
		random_side(&to, region);
		to = (struct side){
			.origin = {random_below(from.row - region[0] + 1),
				   random_below(from.slice / from.row - region[1] + 1),
				   random_below(SIDE - region[2] + 1)},
			.row = from.row,
			.slice = from.slice,
		};
		error = enqueue_rect(COPY_RECT, buffer, NULL, &to, buffer, NULL, &from, region);
		CHECK_EQ(error, plain_overlap(&to, &from, region) ? CL_MEM_COPY_OVERLAP : 0);
	}
	CHECK_EQ(cw_api_clFinish(queue), CL_SUCCESS);
	cw_api_clReleaseMemObject(buffer);
}

static void test_fill(size_t pattern_bytes, size_t total, size_t offset)
{
	unsigned char pattern[128];
	unsigned char *expected = malloc(total);
	unsigned char *actual = malloc(total);
	cl_mem buffer;
	size_t size = (total - offset) / pattern_bytes * pattern_bytes;

	fill_random(pattern, sizeof(pattern));
	fill_random(expected, total);
	buffer = buffer_create(CL_MEM_COPY_HOST_PTR, total, expected);
	for (size_t i = 0; i < size; i++)
		expected[offset + i] = pattern[i % pattern_bytes];
	CHECK_EQ(cw_api_clEnqueueFillBuffer(queue, buffer, pattern, pattern_bytes, offset, size, 0,
					    NULL, NULL),
		 CL_SUCCESS);
	memset(pattern, 0, sizeof(pattern)); /* copied at the enqueue */
	CHECK_EQ(
		cw_api_clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, total, actual, 0, NULL, NULL),
		CL_SUCCESS);
	CHECK(!memcmp(actual, expected, total));
	cw_api_clReleaseMemObject(buffer);
	free(expected);
	free(actual);
}

static cl_uint map_count(cl_mem buffer)
{
	cl_uint count = 99;

	cw_api_clGetMemObjectInfo(buffer, CL_MEM_MAP_COUNT, sizeof(count), &count, NULL);
	return count;
}

static void test_map(void)
{
	static unsigned char host[4096];
	cl_mem buffer = buffer_create(CL_MEM_USE_HOST_PTR, sizeof(host), host);
	cl_int error;
	unsigned char *read = cw_api_clEnqueueMapBuffer(queue, buffer, CL_TRUE, CL_MAP_READ, 0,
							4096, 0, NULL, NULL, &error);
	unsigned char *write = cw_api_clEnqueueMapBuffer(queue, buffer, CL_FALSE, CL_MAP_WRITE, 128,
							 128, 0, NULL, NULL, &error);

	CHECK(read == host && write == host + 128);
	CHECK_EQ(map_count(buffer), 2);
	CHECK(!cw_api_clEnqueueMapBuffer(queue, buffer, CL_TRUE, CL_MAP_WRITE_INVALIDATE_REGION,
					 255, 2, 0, NULL, NULL, &error));
	CHECK_EQ(error, CL_INVALID_OPERATION);
	CHECK_EQ(cw_api_clEnqueueUnmapMemObject(queue, buffer, host + 1, 0, NULL, NULL),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clEnqueueUnmapMemObject(queue, buffer, write, 0, NULL, NULL), CL_SUCCESS);
	CHECK_EQ(cw_api_clEnqueueUnmapMemObject(queue, buffer, read, 0, NULL, NULL), CL_SUCCESS);
	CHECK_EQ(cw_api_clEnqueueUnmapMemObject(queue, buffer, read, 0, NULL, NULL),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clFinish(queue), CL_SUCCESS);
	CHECK_EQ(map_count(buffer), 0);
	cw_api_clReleaseMemObject(buffer);
}

static void CL_CALLBACK free_own(cl_command_queue freeing, cl_uint count, void *pointers[],
				 void *user)
{
	CHECK(freeing == queue);
	for (cl_uint i = 0; i < count; i++)
		free(pointers[i]);
	*(cl_uint *)user = count;
}

static void test_svm(void)
{
	size_t count = 3 << 20;
	unsigned char *a = malloc(count);
	unsigned char *b = malloc(count);
	void *own[] = {a, b};
	void *svm = cw_api_clSVMAlloc(fixture.context, CL_MEM_READ_WRITE, 100, 0);
	const void *migrated[] = {svm};
	cl_uint freed = 0;

	fill_random(a, count);
	CHECK_EQ(cw_api_clEnqueueSVMMemcpy(queue, CL_FALSE, b, a, count, 0, NULL, NULL), 0);
	CHECK_EQ(cw_api_clEnqueueSVMMap(queue, CL_TRUE, CL_MAP_READ, b, count, 0, NULL, NULL), 0);
	CHECK(!memcmp(a, b, count));
	CHECK_EQ(cw_api_clEnqueueSVMUnmap(queue, b, 0, NULL, NULL), 0);
	CHECK_EQ(cw_api_clEnqueueSVMMemcpy(queue, CL_TRUE, a + 1, a, 2, 0, NULL, NULL),
		 CL_MEM_COPY_OVERLAP);
	CHECK_EQ(cw_api_clEnqueueSVMMemFill(queue, svm, "abcd", 4, 100, 0, NULL, NULL), 0);
	CHECK_EQ(cw_api_clEnqueueSVMMigrateMem(queue, 1, migrated, NULL, 0, 0, NULL, NULL), 0);
	CHECK_EQ(cw_api_clFinish(queue), CL_SUCCESS);
	CHECK(!memcmp((char *)svm + 96, "abcd", 4));
	CHECK_EQ(cw_api_clEnqueueSVMFree(queue, 1, &svm, NULL, NULL, 0, NULL, NULL), 0);
	CHECK_EQ(cw_api_clEnqueueSVMFree(queue, 2, own, free_own, &freed, 0, NULL, NULL), 0);
	CHECK_EQ(cw_api_clFinish(queue), CL_SUCCESS);
	CHECK_EQ(freed, 2);
}

struct native_args {
	int *data;
	int value;
};

static void CL_CALLBACK store(void *argument)
{
	struct native_args *args = argument;

	*args->data = args->value;
}

static void test_native(void)
{
	static int host;
	cl_mem buffer = buffer_create(CL_MEM_USE_HOST_PTR, sizeof(host), &host);
	struct native_args args = {NULL, 42};
	const void *location = &args.data;

	CHECK_EQ(cw_api_clEnqueueNativeKernel(queue, store, &args, sizeof(args), 1, &buffer,
					      &location, 0, NULL, NULL),
		 CL_SUCCESS);
	CHECK_EQ(cw_api_clFinish(queue), CL_SUCCESS);
	CHECK_EQ(host, 42);
	cw_api_clReleaseMemObject(buffer);
}

int main(void)
{
	fixture_init(&fixture);
	queue = queue_create(&fixture, 0);
	test_rects();
	test_overlap();
	for (size_t bytes = 1; bytes <= 128; bytes *= 2) {
		test_fill(bytes, 4096, 0);
		test_fill(bytes, 4096 + 128, bytes);
		test_fill(bytes, 5 << 20, 2 * bytes);
	}
	test_map();
	test_svm();
	test_native();
	cw_api_clReleaseCommandQueue(queue);
	fixture_finish(&fixture);
	return test_result();
}
