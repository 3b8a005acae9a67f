/* SPDX-License-Identifier: MIT */
/*
 * Every entry point with all arguments 0, and with a first argument that points
 * to memory that is no handle: an error or NULL, and no crash.
 */
#include <stdint.h>
#include <string.h>

#include "api/api.h"
#include "test.h"

/* x86-64 ignores arguments that a function does not take. */
typedef intptr_t (*any_fn)(const void *first, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t,
			   intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t,
			   intptr_t);

struct entry {
	const char *name;
	any_fn call;
};

static const struct entry entries[] = {
#define CW_ENTRY(name) {#name, (any_fn)(void *)cw_api_##name},
#include "api/entry-points.def"
};

static bool starts_with(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

static bool returns_pointer(const char *name)
{
	static const char *const prefixes[] = {"clCreate",   "clLinkProgram", "clCloneKernel",
					       "clSVMAlloc", "clEnqueueMap",  "clGetExtension"};

	if (!strcmp(name, "clCreateKernelsInProgram") || starts_with(name, "clCreateSubDevices"))
		return false;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (starts_with(name, prefixes[i]))
			return true;
	}
	return false;
}

/* Nothing to go wrong in them. */
static bool cannot_fail(const char *name)
{
	return !strcmp(name, "clUnloadCompiler") || !strcmp(name, "clSVMFree");
}

static void test_entry(const struct entry *entry, const void *first)
{
	intptr_t result = entry->call(first, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	bool failed = returns_pointer(entry->name) ? !result : (cl_int)result < 0;

	if (failed || cannot_fail(entry->name))
		return;
	fprintf(stderr, "%s(%s) returned %ld\n", entry->name, first ? "junk" : "NULL",
		(long)result);
	test_failures++;
}

int main(void)
{
	uint64_t junk[64];

	memset(junk, 0x5a, sizeof(junk));
	CHECK(sizeof(entries) / sizeof(entries[0]) > 120);
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		test_entry(&entries[i], NULL);
		test_entry(&entries[i], junk);
	}
	return test_result();
}
