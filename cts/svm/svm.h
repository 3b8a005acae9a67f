/* SPDX-License-Identifier: MIT */
/*
 * What the cases of the system SVM test share.
 *
 * A case is a function that gets a ready device and ends with a status of
 * CTest's: 0 passed, 1 failed, 77 skipped.  Each case runs in a process of its
 * own, so it may leave memory, threads and faulted contexts behind.
 */
#ifndef CTS_SVM_H
#define CTS_SVM_H

#define CL_TARGET_OPENCL_VERSION 300
#include <CL/cl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PASS 0
#define FAIL 1
#define SKIP 77

#define PAGE ((size_t)4096)

/*
 * struct svm - a device with system SVM, and a context on it.
 * @queue: in order.
 * @context: svm_reopen() makes a new one after a fault.
 */
struct svm {
	cl_device_id device;
	cl_context context;
	cl_command_queue queue;
};

struct svm_case {
	const char *name;
	const char *what;
	int (*run)(struct svm *s);
};

/* Each file of cases ends its table with a NULL name. */
extern const struct svm_case memory_cases[];
extern const struct svm_case mapping_cases[];
extern const struct svm_case fault_cases[];
extern const struct svm_case process_cases[];
extern const struct svm_case atomic_cases[];
extern const struct svm_case api_cases[];

/* End the case as failed, with a sentence: for what is no subject of the test (no memory...). */
__attribute__((format(printf, 1, 2), noreturn)) void die(const char *format, ...);

/* Stop unless the call succeeded. */
void check(cl_int status, const char *what);

/* A new context and queue on the same device; the old ones are released. */
void svm_reopen(struct svm *s);

/* Kernel @name of @source, built with -cl-std=CL3.0. The caller releases it. */
cl_kernel svm_kernel(struct svm *s, const char *source, const char *name);

/* Arguments: a pointer as it is, or a value. */
void arg_pointer(cl_kernel kernel, cl_uint index, const void *pointer);
void arg_uint(cl_kernel kernel, cl_uint index, cl_uint value);
void arg_ulong(cl_kernel kernel, cl_uint index, cl_ulong value);

/* Enqueue @items work-items and flush; the caller releases the event. */
cl_event svm_start(struct svm *s, cl_kernel kernel, size_t items);

/* Wait until @event is over, well or not; its execution status. */
cl_int svm_wait(cl_event event);

/* svm_start() and svm_wait(): CL_COMPLETE or the error that the command ended with. */
cl_int svm_run(struct svm *s, cl_kernel kernel, size_t items);

/* Report a mismatch; FAIL. */
__attribute__((format(printf, 1, 2))) int failed(const char *format, ...);

/* Report why the case can't run here; SKIP. */
__attribute__((format(printf, 1, 2))) int skipped(const char *format, ...);

/* Seconds of a clock that only goes forward. */
double now_s(void);

/* mmap that stops on failure. */
void *must_map(void *at, size_t bytes, int protection, int flags, int fd);

/* No page of [@p, @p + @bytes) is mapped; @p is a page's address. */
bool is_unmapped(void *p, size_t bytes);

/* Zeroed memory from calloc, or the end of the case. */
void *must_alloc(size_t bytes);

/* A file of @bytes bytes without a name: in memory, or on the disk of /var/tmp. */
int make_memfd(size_t bytes);
int make_file(size_t bytes);

/* p[i] += step for every i; used by many cases. */
#define ADD_SOURCE                                                                                 \
	"kernel void add(global uint *p, uint step)\n"                                             \
	"{\n"                                                                                      \
	"	p[get_global_id(0)] += step;\n"                                                          \
	"}\n"

/* Fill @words with i, run add(@words, @step), check. Reports under @label. */
int svm_add_works(struct svm *s, const char *label, uint32_t *words, size_t count, uint32_t step);

/* The context still computes right: after a fault, with svm_reopen(). */
int svm_still_works(struct svm *s);

#endif
