/* SPDX-License-Identifier: MIT */
/*
 * Argument rules: each call that breaks one rule of the specification must
 * return that rule's error and have no effect.
 *
 * A group is a function with one RULE a line.  Where the code that the ICD
 * loader checks itself would be reached first (a NULL handle), the rule holds
 * all the same.
 */
#ifndef CTS_API_H
#define CTS_API_H

#define CL_TARGET_OPENCL_VERSION 300
#include <CL/cl.h>
#include <stddef.h>
#include <stdint.h>

#define BUFFER_BYTES ((size_t)4096)

/*
 * struct api - objects to break rules with, all valid.
 * @other_*: of another context on the same device.
 * @event: a user event of @context, not complete; @done: a complete one.
 * @kernel: "rules(global uint *p, uint value, local uint *scratch)", arguments unset.
 * @ready: the same kernel with its arguments set.
 */
struct api {
	cl_platform_id platform;
	cl_device_id device;
	cl_context context, other_context;
	cl_command_queue queue, other_queue;
	cl_mem buffer, other_buffer, sub_buffer;
	cl_program program;
	cl_kernel kernel, ready;
	cl_event event, done, other_event;
	unsigned checked, broken;
};

struct api_group {
	const char *name;
	void (*run)(struct api *t);
	int needs_kernels; /* t->program, kernel, ready */
};

void platform_rules(struct api *t);
void context_rules(struct api *t);
void queue_rules(struct api *t);
void buffer_rules(struct api *t);
void transfer_rules(struct api *t);
void rect_rules(struct api *t);
void svm_rules(struct api *t);
void program_rules(struct api *t);
void kernel_rules(struct api *t);
void launch_rules(struct api *t);
void event_rules(struct api *t);
void unsupported_rules(struct api *t);

/* Count, and report a mismatch with the place of the rule. */
void expect(struct api *t, cl_int got, cl_int want, const char *call, const char *file, int line);

/* The name of an error code, or its number. */
const char *code_name(cl_int code);

/* RULE(CL_INVALID_VALUE, clGetPlatformIDs(0, NULL, NULL)) */
#define RULE(want, ...) expect(t, (__VA_ARGS__), (want), #__VA_ARGS__, __FILE__, __LINE__)

/*
 * RULE_NEW(CL_INVALID_VALUE, clCreateBuffer(..., &err)): a call that returns an object
 * or NULL; @err is declared by the macro.
 */
#define RULE_NEW(want, ...)                                                                        \
	do {                                                                                       \
		cl_int err = 12345;                                                                \
		const void *made_object = (__VA_ARGS__);                                           \
                                                                                                   \
		if (made_object && (want) != CL_SUCCESS)                                           \
			err = 1;                                                                   \
		expect(t, err, (want), #__VA_ARGS__, __FILE__, __LINE__);                          \
	} while (0)

/* The rules of every wait list, of a call whose last arguments are the list and an event. */
#define WAIT_LIST_RULES(function, ...)                                                             \
	do {                                                                                       \
		cl_event bad[2] = {t->done, NULL};                                                 \
                                                                                                   \
		RULE(CL_INVALID_EVENT_WAIT_LIST, function(__VA_ARGS__, 1, NULL, NULL));            \
		RULE(CL_INVALID_EVENT_WAIT_LIST, function(__VA_ARGS__, 0, &t->done, NULL));        \
		RULE(CL_INVALID_EVENT_WAIT_LIST, function(__VA_ARGS__, 2, bad, NULL));             \
		RULE(CL_INVALID_CONTEXT, function(__VA_ARGS__, 1, &t->other_event, NULL));         \
	} while (0)

/*
 * The rules of every information query: an unknown name, and room for less
 * than the value.  @known is a query with a value of more than one byte.
 */
#define QUERY_RULES(function, object, known)                                                       \
	do {                                                                                       \
		char query_room[256];                                                              \
                                                                                                   \
		RULE(CL_INVALID_VALUE,                                                             \
		     function(object, 0x7fff, sizeof(query_room), query_room, NULL));              \
		RULE(CL_INVALID_VALUE, function(object, known, 1, query_room, NULL));              \
		RULE(CL_SUCCESS, function(object, known, 0, NULL, NULL));                          \
	} while (0)

#endif
