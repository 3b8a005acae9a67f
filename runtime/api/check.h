/* SPDX-License-Identifier: MIT */
/*
 * Argument rules.
 *
 * DOC: how an entry point is written
 *
 *	cl_int CL_API_CALL cw_api_clFoo(cl_context context, size_t size)
 *	{
 *		CW_API();
 *		CW_CHECK_CONTEXT(context);
 *		CW_CHECK(size > 0, CL_INVALID_VALUE, "size is 0");
 *		return cw_foo(cw_context(context), size);
 *	}
 *
 * and one with errcode_ret is a shell over a function that returns cl_int:
 *
 *	cl_mem CL_API_CALL cw_api_clCreateFoo(cl_context context, size_t size, cl_int *errcode_ret)
 *	{
 *		struct cw_mem *mem = NULL;
 *
 *		CW_API();
 *		cw_errcode(errcode_ret, create_foo(context, size, &mem));
 *		return cw_mem_handle(mem);
 *	}
 *
 * All rules come first, in the specification's order; side effects after.  A
 * failed rule is written to the log (group check) and, once the context is
 * known, told to its pfn_notify.  No lock may be held in a CW_CHECK.
 */
#ifndef CW_CHECK_H
#define CW_CHECK_H

#include "base/lock.h"
#include "base/log.h"
#include "base/trace.h"
#include "core/cl.h"
#include "core/context.h"
#include "core/object.h"

/*
 * struct cw_call - the entry point that the thread is in.
 * @name: "clFoo", or NULL outside of one.
 * @context: whom failed rules are told, or NULL.
 * @begin_ns: when it was entered if tracing, else 0.
 */
struct cw_call {
	const char *name;
	struct cw_context *context;
	uint64_t begin_ns;
};

extern cw_tls struct cw_call cw_call_now;

void cw_call_log(const char *name);
void cw_call_trace(const struct cw_call *call);

/* @function is "cw_api_clFoo". */
static inline struct cw_call cw_call_enter(const char *function)
{
	struct cw_call outer = cw_call_now;

	cw_call_now = (struct cw_call){
		.name = function + sizeof("cw_api_") - 1,
		.begin_ns = cw_trace_begin(),
	};
	if (cw_log_enabled(CW_LOG_API))
		cw_call_log(cw_call_now.name);
	return outer;
}

static inline void cw_call_leave(const struct cw_call *outer)
{
	if (__builtin_expect(cw_call_now.begin_ns != 0, 0))
		cw_call_trace(&cw_call_now);
	cw_call_now = *outer;
}

/* First line of every entry point: names the call for logs, traces and failed rules. */
#define CW_API()                                                                                   \
	struct cw_call cw_call_outer __attribute__((cleanup(cw_call_leave), unused)) =             \
		cw_call_enter(__func__)

/* Failed rules are told to @context from here to the end of the entry point. */
static inline void cw_check_report_to(struct cw_context *context)
{
	if (cw_call_now.name)
		cw_call_now.context = context;
}

/* Report a failed rule; returns @code. */
__attribute__((format(printf, 4, 5), cold)) cl_int cw_check_failed(const char *function,
								   cl_int code,
								   const char *condition,
								   const char *why, ...);

/* Return @code unless @condition holds; the rest says why, with printf arguments. */
#define CW_CHECK(condition, code, ...)                                                             \
	do {                                                                                       \
		if (__builtin_expect(!(condition), 0))                                             \
			return cw_check_failed(__func__, (code), #condition, __VA_ARGS__);         \
	} while (0)

/* Return the error of @call, a function that reports on its own, unless it is CL_SUCCESS. */
#define CW_TRY(call)                                                                               \
	do {                                                                                       \
		cl_int cw_try_error = (call);                                                      \
		if (__builtin_expect(cw_try_error != CL_SUCCESS, 0))                               \
			return cw_try_error;                                                       \
	} while (0)

/* Folded rule: a handle of class @kind (context, queue, mem, ...). */
#define CW_CHECK_HANDLE(kind, handle, code)                                                        \
	CW_CHECK(cw_##kind##_is_valid(handle), code, #handle " (%p) is not a valid " #kind,        \
		 (void *)(handle))

#define CW_CHECK_CONTEXT(handle)                                                                   \
	do {                                                                                       \
		CW_CHECK_HANDLE(context, handle, CL_INVALID_CONTEXT);                              \
		cw_check_report_to(cw_context(handle));                                            \
	} while (0)

/* Folded rule: memory of ours that could not be had. */
#define CW_CHECK_MEMORY(pointer) CW_CHECK(pointer, CL_OUT_OF_HOST_MEMORY, "out of host memory")

/* Folded rule: [@offset, @offset + @size) lies in @limit bytes, without overflow. */
static inline bool cw_range_is_inside(size_t offset, size_t size, size_t limit)
{
	return offset <= limit && size <= limit - offset;
}

/*
 * Folded rule: a rectangle of the clEnqueue*BufferRect calls.  @row_pitch and
 * @slice_pitch are replaced by their defaults where 0.  Reports
 * CL_INVALID_VALUE where origin, region or pitches are wrong or the region
 * leaves @limit bytes (SIZE_MAX for host memory).
 */
cl_int cw_check_rect(const size_t origin[3], const size_t region[3], size_t *row_pitch,
		     size_t *slice_pitch, size_t limit);

/* Folded rule: only bits of @allowed, and at most one of @exclusive. */
static inline bool cw_flags_are_valid(cl_bitfield flags, cl_bitfield allowed)
{
	return !(flags & ~allowed);
}

static inline bool cw_at_most_one(cl_bitfield flags, cl_bitfield exclusive)
{
	return !((flags & exclusive) & ((flags & exclusive) - 1));
}

/* Store @error for the application if it asked for it. */
static inline void cw_errcode(cl_int *errcode_ret, cl_int error)
{
	if (errcode_ret)
		*errcode_ret = error;
}

/* The one conversion of negative errno from below into OpenCL's codes. */
cl_int cw_error_from_errno(int error);

/* "CL_INVALID_VALUE"; "unknown error" for what is none. */
const char *cw_error_name(cl_int error);

#endif
