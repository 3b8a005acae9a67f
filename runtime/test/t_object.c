/* SPDX-License-Identifier: MIT */
/* Handles: what is valid, both counts, long chains, many threads. */
#include <pthread.h>
#include <string.h>

#include "api/api.h"
#include "core/object.h"
#include "test.h"

#define CHAIN	1000000
#define THREADS 4
#define ROUNDS	100000

/* An object that keeps the next one alive. */
struct link {
	struct cw_object object;
	struct link *next;
};

static unsigned destroyed;

static void destroy_link(struct cw_object *object)
{
	struct link *link = (struct link *)object;

	destroyed++;
	if (link->next)
		cw_object_put(&link->next->object);
	free(link);
}

static struct link *make_link(struct link *next)
{
	struct link *link = calloc(1, sizeof(*link));

	REQUIRE(link);
	cw_object_init(&link->object, CW_CLASS_EVENT, destroy_link);
	link->next = next;
	return link;
}

static void test_counts(void)
{
	struct link *link = make_link(NULL);

	destroyed = 0;
	CHECK(cw_object_is_valid(link, CW_CLASS_EVENT));
	CHECK(!cw_object_is_valid(link, CW_CLASS_MEM));
	CHECK(!cw_object_is_valid(NULL, CW_CLASS_EVENT));
	CHECK(!cw_object_is_valid((void *)-1, CW_CLASS_EVENT));
	CHECK(!cw_object_is_valid((char *)link + 1, CW_CLASS_EVENT));
	cw_object_retain(&link->object);
	cw_object_get(&link->object);
	cw_object_release(&link->object);
	CHECK(cw_object_is_valid(link, CW_CLASS_EVENT));
	cw_object_release(&link->object);
	/* The application let go; a command still holds it. */
	CHECK(!cw_object_is_valid(link, CW_CLASS_EVENT));
	CHECK_EQ(destroyed, 0);
	cw_object_put(&link->object);
	CHECK_EQ(destroyed, 1);
}

static void test_chain(void)
{
	struct link *first = NULL;

	destroyed = 0;
	for (int i = 0; i < CHAIN; i++)
		first = make_link(first);
	cw_object_release(&first->object);
	CHECK_EQ(destroyed, CHAIN);
}

static void *retain_and_release(void *argument)
{
	struct cw_object *object = argument;

	for (int i = 0; i < ROUNDS; i++) {
		cw_object_retain(object);
		cw_object_get(object);
		cw_object_release(object);
		cw_object_put(object);
	}
	return NULL;
}

static void test_threads(void)
{
	struct link *link = make_link(NULL);
	pthread_t threads[THREADS];

	destroyed = 0;
	for (int i = 0; i < THREADS; i++)
		REQUIRE(!pthread_create(&threads[i], NULL, retain_and_release, &link->object));
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	CHECK_EQ(link->object.api_refs, 1);
	CHECK_EQ(link->object.refs, 1);
	CHECK_EQ(destroyed, 0);
	cw_object_release(&link->object);
	CHECK_EQ(destroyed, 1);
}

/* Memory that is no handle at all. */
static void test_foreign_memory(void)
{
	char junk[256];

	memset(junk, 0x5a, sizeof(junk));
	CHECK_EQ(cw_api_clRetainContext((cl_context)junk), CL_INVALID_CONTEXT);
	CHECK_EQ(cw_api_clRetainMemObject((cl_mem)junk), CL_INVALID_MEM_OBJECT);
	CHECK_EQ(cw_api_clRetainDevice((cl_device_id)junk), CL_INVALID_DEVICE);
	CHECK_EQ(cw_api_clRetainContext(NULL), CL_INVALID_CONTEXT);
	CHECK_EQ(cw_api_clReleaseContext(NULL), CL_INVALID_CONTEXT);
	CHECK_EQ(cw_api_clReleaseMemObject(NULL), CL_INVALID_MEM_OBJECT);
	CHECK_EQ(cw_api_clReleaseDevice(NULL), CL_INVALID_DEVICE);
	CHECK_EQ(cw_api_clRetainSampler(NULL), CL_INVALID_SAMPLER);
	CHECK_EQ(cw_api_clReleaseSampler(NULL), CL_INVALID_SAMPLER);
}

int main(void)
{
	test_counts();
	test_chain();
	test_threads();
	test_foreign_memory();
	return test_result();
}
