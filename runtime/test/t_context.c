/* SPDX-License-Identifier: MIT */
/* Contexts: rules, queries, callbacks. */
#include <string.h>

#include "fixture.h"

static unsigned notified;
static char last_notice[256];

static void CL_CALLBACK notify(const char *text, const void *data, size_t bytes, void *user)
{
	(void)data;
	(void)bytes;
	CHECK(user == &notified);
	notified++;
	snprintf(last_notice, sizeof(last_notice), "%s", text);
}

static void CL_CALLBACK notify_nothing(const char *text, const void *data, size_t bytes, void *user)
{
	(void)text;
	(void)data;
	(void)bytes;
	(void)user;
}

/* What clCreateContext is given, right but for one thing. */
struct request {
	const cl_context_properties *properties;
	cl_uint num_devices;
	const cl_device_id *devices;
	void *user;
};

static void refused(cl_int expected, const struct request *request)
{
	cl_int error = 1;

	CHECK(!cw_api_clCreateContext(request->properties, request->num_devices, request->devices,
				      NULL, request->user, &error));
	CHECK_EQ(error, expected);
}

#define PROPERTIES(...) (const cl_context_properties[]){__VA_ARGS__, 0}

static void test_refusals(const struct fixture *f)
{
	cl_context_properties platform = (cl_context_properties)f->platform;
	cl_context_properties device = (cl_context_properties)f->device;
	const cl_device_id devices[] = {f->device, NULL};
	const cl_context_properties *wrong_platforms[] = {
		PROPERTIES(CL_CONTEXT_PLATFORM, 0),
		PROPERTIES(CL_CONTEXT_PLATFORM, device),
	};
	const cl_context_properties *wrong_properties[] = {
		PROPERTIES(0x1234, 1),
		PROPERTIES(CL_CONTEXT_INTEROP_USER_SYNC, 2),
		PROPERTIES(CL_CONTEXT_PLATFORM, platform, CL_CONTEXT_PLATFORM, platform),
	};

	for (int i = 0; i < 2; i++)
		refused(CL_INVALID_PLATFORM,
			&(struct request){wrong_platforms[i], 1, devices, NULL});
	for (int i = 0; i < 3; i++)
		refused(CL_INVALID_PROPERTY,
			&(struct request){wrong_properties[i], 1, devices, NULL});
	refused(CL_INVALID_VALUE, &(struct request){NULL, 1, NULL, NULL});
	refused(CL_INVALID_VALUE, &(struct request){NULL, 0, devices, NULL});
	refused(CL_INVALID_VALUE, &(struct request){NULL, 1, devices, &notified});
	refused(CL_INVALID_DEVICE, &(struct request){NULL, 2, devices, NULL});
}

static void test_from_type(const struct fixture *f)
{
	const cl_context_properties properties[] = {CL_CONTEXT_PLATFORM,
						    (cl_context_properties)f->platform,
						    CL_CONTEXT_INTEROP_USER_SYNC, CL_TRUE, 0};
	cl_context_properties answer[5];
	cl_context context;
	size_t bytes;
	cl_int error;

	CHECK(!cw_api_clCreateContextFromType(NULL, 0, NULL, NULL, &error));
	CHECK_EQ(error, CL_INVALID_DEVICE_TYPE);
	CHECK(!cw_api_clCreateContextFromType(NULL, 1ull << 40, NULL, NULL, &error));
	CHECK_EQ(error, CL_INVALID_DEVICE_TYPE);
	CHECK(!cw_api_clCreateContextFromType(NULL, CL_DEVICE_TYPE_GPU, NULL, NULL, &error));
	CHECK_EQ(error, CL_DEVICE_NOT_FOUND);
	CHECK(!cw_api_clCreateContextFromType(NULL, CL_DEVICE_TYPE_CPU, NULL, &error, &error));
	CHECK_EQ(error, CL_INVALID_VALUE);
	context = cw_api_clCreateContextFromType(properties, CL_DEVICE_TYPE_DEFAULT, NULL, NULL,
						 &error);
	REQUIRE(context && !error);
	CHECK_EQ(cw_api_clGetContextInfo(context, CL_CONTEXT_PROPERTIES, sizeof(answer), answer,
					 &bytes),
		 CL_SUCCESS);
	CHECK_EQ(bytes, sizeof(properties));
	CHECK(!memcmp(answer, properties, sizeof(properties)));
	CHECK_EQ(cw_api_clReleaseContext(context), CL_SUCCESS);
}

/* A failed rule is told to the context, with the name of the call. */
static void test_notify(const struct fixture *f)
{
	cl_int error;
	cl_context context = cw_api_clCreateContext(NULL, 1, &f->device, notify, &notified, &error);

	REQUIRE(context);
	notified = 0;
	CHECK(!cw_api_clCreateBuffer(context, 0, 0, NULL, &error));
	CHECK_EQ(error, CL_INVALID_BUFFER_SIZE);
	CHECK_EQ(notified, 1);
	CHECK(strstr(last_notice, "clCreateBuffer: CL_INVALID_BUFFER_SIZE"));
	/* The next call's failure is not this context's business. */
	CHECK_EQ(cw_api_clRetainContext(NULL), CL_INVALID_CONTEXT);
	CHECK_EQ(notified, 1);
	cw_api_clReleaseContext(context);
}

static char order[8];

static void CL_CALLBACK destroyed(cl_context context, void *user)
{
	(void)context;
	test_append(order, sizeof(order), user);
}

static void test_destructors(const struct fixture *f)
{
	cl_uint count;
	cl_context context =
		cw_api_clCreateContext(NULL, 1, &f->device, notify_nothing, NULL, NULL);

	REQUIRE(context);
	CHECK_EQ(cw_api_clSetContextDestructorCallback(context, NULL, NULL), CL_INVALID_VALUE);
	CHECK_EQ(cw_api_clSetContextDestructorCallback(NULL, destroyed, NULL), CL_INVALID_CONTEXT);
	CHECK_EQ(cw_api_clSetContextDestructorCallback(context, destroyed, "1"), CL_SUCCESS);
	CHECK_EQ(cw_api_clSetContextDestructorCallback(context, destroyed, "2"), CL_SUCCESS);
	CHECK_EQ(cw_api_clSetContextDestructorCallback(context, destroyed, "3"), CL_SUCCESS);
	CHECK_EQ(cw_api_clRetainContext(context), CL_SUCCESS);
	CHECK_EQ(cw_api_clGetContextInfo(context, CL_CONTEXT_REFERENCE_COUNT, 4, &count, NULL),
		 CL_SUCCESS);
	CHECK_EQ(count, 2);
	CHECK_EQ(cw_api_clReleaseContext(context), CL_SUCCESS);
	CHECK(!strcmp(order, ""));
	CHECK_EQ(cw_api_clReleaseContext(context), CL_SUCCESS);
	CHECK(!strcmp(order, "321"));
}

static void test_duplicate_devices(const struct fixture *f)
{
	cl_device_id devices[3] = {f->device, f->device, f->device};
	cl_context context = cw_api_clCreateContext(NULL, 3, devices, NULL, NULL, NULL);
	cl_uint count = 0;

	REQUIRE(context);
	CHECK_EQ(cw_api_clGetContextInfo(context, CL_CONTEXT_NUM_DEVICES, 4, &count, NULL),
		 CL_SUCCESS);
	CHECK_EQ(count, 1);
	cw_api_clReleaseContext(context);
}

int main(void)
{
	struct fixture fixture;

	fixture_init(&fixture);
	test_refusals(&fixture);
	test_from_type(&fixture);
	test_notify(&fixture);
	test_destructors(&fixture);
	test_duplicate_devices(&fixture);
	fixture_finish(&fixture);
	return test_result();
}
