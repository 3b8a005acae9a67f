/* SPDX-License-Identifier: MIT */
/* What the devices lack answers with the specification's error, after the handle checks. */
#include "core/platform.h"
#include "fixture.h"

static void test_images(const struct fixture *f)
{
	static const cl_image_format format = {CL_RGBA, CL_FLOAT};
	static const cl_image_desc desc = {
		.image_type = CL_MEM_OBJECT_IMAGE2D, .image_width = 8, .image_height = 8};
	cl_mem buffer = cw_api_clCreateBuffer(f->context, 0, 64, NULL, NULL);
	cl_image_format formats[1];
	cl_uint count = 7;
	cl_int error;

	CHECK(!cw_api_clCreateImage(f->context, 0, &format, &desc, NULL, &error));
	CHECK_EQ(error, CL_INVALID_OPERATION);
	CHECK(!cw_api_clCreateImage(NULL, 0, &format, &desc, NULL, &error));
	CHECK_EQ(error, CL_INVALID_CONTEXT);
	CHECK(!cw_api_clCreateImageWithProperties(f->context, NULL, 0, &format, &desc, NULL,
						  &error));
	CHECK_EQ(error, CL_INVALID_OPERATION);
	CHECK(!cw_api_clCreateImage2D(f->context, 0, &format, 8, 8, 0, NULL, &error));
	CHECK_EQ(error, CL_INVALID_OPERATION);
	CHECK(!cw_api_clCreateImage3D(f->context, 0, &format, 8, 8, 8, 0, 0, NULL, &error));
	CHECK_EQ(error, CL_INVALID_OPERATION);
	CHECK_EQ(cw_api_clGetImageInfo(buffer, CL_IMAGE_WIDTH, 0, NULL, NULL),
		 CL_INVALID_MEM_OBJECT);
	CHECK_EQ(cw_api_clGetSupportedImageFormats(f->context, CL_MEM_READ_ONLY,
						   CL_MEM_OBJECT_IMAGE2D, 0, NULL, &count),
		 CL_SUCCESS);
	CHECK_EQ(count, 0);
	CHECK_EQ(cw_api_clGetSupportedImageFormats(NULL, 0, CL_MEM_OBJECT_IMAGE2D, 0, NULL, &count),
		 CL_INVALID_CONTEXT);
	CHECK_EQ(cw_api_clGetSupportedImageFormats(f->context, 1ull << 40, CL_MEM_OBJECT_IMAGE2D, 0,
						   NULL, &count),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clGetSupportedImageFormats(f->context, 0, CL_MEM_OBJECT_BUFFER, 0, NULL,
						   &count),
		 CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clGetSupportedImageFormats(f->context, 0, CL_MEM_OBJECT_IMAGE2D, 0, formats,
						   &count),
		 CL_INVALID_VALUE);
	cw_api_clReleaseMemObject(buffer);
}

static void test_image_commands(const struct fixture *f)
{
	static const size_t size[3] = {1, 1, 1};
	cl_command_queue queue =
		cw_api_clCreateCommandQueueWithProperties(f->context, f->device, NULL, NULL);
	cl_mem buffer = cw_api_clCreateBuffer(f->context, 0, 64, NULL, NULL);
	char bytes[64];
	cl_int error;

	REQUIRE(queue && buffer);
	CHECK_EQ(cw_api_clEnqueueReadImage(NULL, buffer, CL_TRUE, size, size, 0, 0, bytes, 0, NULL,
					   NULL),
		 CL_INVALID_COMMAND_QUEUE);
	CHECK_EQ(cw_api_clEnqueueReadImage(queue, buffer, CL_TRUE, size, size, 0, 0, bytes, 0, NULL,
					   NULL),
		 CL_INVALID_MEM_OBJECT);
	CHECK_EQ(cw_api_clEnqueueWriteImage(queue, buffer, CL_TRUE, size, size, 0, 0, bytes, 0,
					    NULL, NULL),
		 CL_INVALID_MEM_OBJECT);
	CHECK_EQ(cw_api_clEnqueueFillImage(queue, buffer, bytes, size, size, 0, NULL, NULL),
		 CL_INVALID_MEM_OBJECT);
	CHECK_EQ(cw_api_clEnqueueCopyImage(queue, buffer, buffer, size, size, size, 0, NULL, NULL),
		 CL_INVALID_MEM_OBJECT);
	CHECK_EQ(cw_api_clEnqueueCopyImageToBuffer(queue, buffer, buffer, size, size, 0, 0, NULL,
						   NULL),
		 CL_INVALID_MEM_OBJECT);
	CHECK_EQ(cw_api_clEnqueueCopyBufferToImage(queue, buffer, buffer, 0, size, size, 0, NULL,
						   NULL),
		 CL_INVALID_MEM_OBJECT);
	CHECK(!cw_api_clEnqueueMapImage(queue, buffer, CL_TRUE, CL_MAP_READ, size, size, NULL, NULL,
					0, NULL, NULL, &error));
	CHECK_EQ(error, CL_INVALID_MEM_OBJECT);
	cw_api_clReleaseMemObject(buffer);
	cw_api_clReleaseCommandQueue(queue);
}

static void test_samplers(const struct fixture *f)
{
	static const cl_sampler_properties good[] = {CL_SAMPLER_FILTER_MODE, CL_FILTER_LINEAR, 0};
	static const cl_sampler_properties unknown[] = {0x1234, 0, 0};
	static const cl_sampler_properties twice[] = {CL_SAMPLER_NORMALIZED_COORDS, 1,
						      CL_SAMPLER_NORMALIZED_COORDS, 1, 0};
	cl_int error;

	CHECK(!cw_api_clCreateSamplerWithProperties(NULL, good, &error));
	CHECK_EQ(error, CL_INVALID_CONTEXT);
	CHECK(!cw_api_clCreateSamplerWithProperties(f->context, unknown, &error));
	CHECK_EQ(error, CL_INVALID_VALUE);
	CHECK(!cw_api_clCreateSamplerWithProperties(f->context, twice, &error));
	CHECK_EQ(error, CL_INVALID_VALUE);
	CHECK(!cw_api_clCreateSamplerWithProperties(f->context, good, &error));
	CHECK_EQ(error, CL_INVALID_OPERATION);
	CHECK(!cw_api_clCreateSampler(f->context, CL_TRUE, 0, CL_FILTER_LINEAR, &error));
	CHECK_EQ(error, CL_INVALID_VALUE);
	CHECK(!cw_api_clCreateSampler(f->context, CL_TRUE, CL_ADDRESS_CLAMP, 0, &error));
	CHECK_EQ(error, CL_INVALID_VALUE);
	CHECK(!cw_api_clCreateSampler(f->context, 2, CL_ADDRESS_CLAMP, CL_FILTER_LINEAR, &error));
	CHECK_EQ(error, CL_INVALID_VALUE);
	CHECK(!cw_api_clCreateSampler(f->context, CL_TRUE, CL_ADDRESS_CLAMP, CL_FILTER_LINEAR,
				      &error));
	CHECK_EQ(error, CL_INVALID_OPERATION);
	CHECK_EQ(cw_api_clGetSamplerInfo(NULL, CL_SAMPLER_CONTEXT, 0, NULL, NULL),
		 CL_INVALID_SAMPLER);
}

static void test_others(const struct fixture *f)
{
	cl_mem buffer = cw_api_clCreateBuffer(f->context, 0, 64, NULL, NULL);
	cl_int error;

	CHECK(!cw_api_clCreatePipe(NULL, 0, 4, 4, NULL, &error));
	CHECK_EQ(error, CL_INVALID_CONTEXT);
	CHECK(!cw_api_clCreatePipe(f->context, 0, 4, 4, NULL, &error));
	CHECK_EQ(error, CL_INVALID_OPERATION);
	CHECK_EQ(cw_api_clGetPipeInfo(buffer, CL_PIPE_MAX_PACKETS, 0, NULL, NULL),
		 CL_INVALID_MEM_OBJECT);
	CHECK(!cw_api_clCreateFromGLBuffer(f->context, 0, 1, &error));
	CHECK_EQ(error, CL_INVALID_OPERATION);
	CHECK_EQ(cw_api_clGetGLObjectInfo(buffer, NULL, NULL), CL_INVALID_GL_OBJECT);
	CHECK_EQ(cw_api_clCreateSubDevicesEXT(NULL, NULL, 0, NULL, NULL), CL_INVALID_DEVICE);
	cw_api_clReleaseMemObject(buffer);
}

/* Every slot that is ours is filled; what is not listed is not found by name. */
static void test_table(const struct fixture *f)
{
#define CW_ENTRY(name) CHECK(cw_dispatch.name);
#include "api/entry-points.def"
	CHECK(!cw_api_clGetExtensionFunctionAddressForPlatform(f->platform,
							       "clCreateFromGLBuffer"));
	CHECK(!cw_api_clGetExtensionFunctionAddressForPlatform(f->platform, "nonsense"));
	CHECK(!cw_api_clGetExtensionFunctionAddressForPlatform(f->platform, NULL));
	CHECK(!cw_api_clGetExtensionFunctionAddressForPlatform(
		NULL, "clCreateCommandQueueWithPropertiesKHR"));
	CHECK(cw_api_clGetExtensionFunctionAddressForPlatform(
		f->platform, "clCreateCommandQueueWithPropertiesKHR"));
}

int main(void)
{
	struct fixture fixture;

	fixture_init(&fixture);
	test_images(&fixture);
	test_image_commands(&fixture);
	test_samplers(&fixture);
	test_others(&fixture);
	test_table(&fixture);
	fixture_finish(&fixture);
	return test_result();
}
