/* SPDX-License-Identifier: MIT */
/*
 * Every OpenCL handle begins with a struct cw_object: dispatch pointer and
 * loader's word first (cl_khr_icd), then what validates and counts it.
 */
#ifndef CW_OBJECT_H
#define CW_OBJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Class tags: random-looking, so that freed or foreign memory rarely matches. */
enum cw_class {
	CW_CLASS_PLATFORM = 0x4357b101,
	CW_CLASS_DEVICE = 0x4357b202,
	CW_CLASS_CONTEXT = 0x4357b303,
	CW_CLASS_QUEUE = 0x4357b404,
	CW_CLASS_MEM = 0x4357b505,
	CW_CLASS_SAMPLER = 0x4357b606,
	CW_CLASS_PROGRAM = 0x4357b707,
	CW_CLASS_KERNEL = 0x4357b808,
	CW_CLASS_EVENT = 0x4357b909,
};

/*
 * struct cw_object - head of every handle.
 * @dispatch: the ICD dispatch table; same for all handles.
 * @loader_data: the loader's word (cl_khr_icd 2.0).
 * @class: enum cw_class; cleared when the memory is given back.
 * @api_refs: the application's count, what CL_*_REFERENCE_COUNT shows.
 * @refs: what keeps the memory: one for all of @api_refs together, one for
 *	each command or object that uses it.
 * @destroy: called without locks when @refs reaches zero.
 */
struct cw_object {
	const void *dispatch;
	void *loader_data;
	uint32_t class;
	atomic_uint api_refs;
	atomic_uint refs;
	void (*destroy)(struct cw_object *object);
};

void cw_object_init(struct cw_object *object, enum cw_class class,
		    void (*destroy)(struct cw_object *object));

/* The handle is one of ours, of this class, and the application holds it. Never faults on NULL. */
bool cw_object_is_valid(const void *handle, enum cw_class class);

/* Application's count: clRetain*, clRelease*. release drops the internal count with the last. */
void cw_object_retain(struct cw_object *object);
void cw_object_release(struct cw_object *object);

/* Internal count. put calls @destroy with the last; both are lock-free. */
void cw_object_get(struct cw_object *object);
void cw_object_put(struct cw_object *object);

/*
 * CW_HANDLE - declare the checked and unchecked casts of one class:
 *   struct cw_NAME *cw_NAME(cl_type handle)        no check, NULL stays NULL
 *   bool cw_NAME_is_valid(cl_type handle)
 *   cl_type cw_NAME_handle(struct cw_NAME *)
 *   cw_NAME_get / cw_NAME_put                      internal count, NULL allowed
 */
#define CW_HANDLE(name, cl_type, tag)                                                              \
	static inline struct cw_##name *cw_##name(cl_type handle)                                  \
	{                                                                                          \
		return (struct cw_##name *)handle;                                                 \
	}                                                                                          \
	static inline bool cw_##name##_is_valid(cl_type handle)                                    \
	{                                                                                          \
		return cw_object_is_valid(handle, tag);                                            \
	}                                                                                          \
	static inline cl_type cw_##name##_handle(struct cw_##name *name)                           \
	{                                                                                          \
		return (cl_type)name;                                                              \
	}                                                                                          \
	static inline struct cw_##name *cw_##name##_get(struct cw_##name *name)                    \
	{                                                                                          \
		if (name)                                                                          \
			cw_object_get(&name->object);                                              \
		return name;                                                                       \
	}                                                                                          \
	static inline void cw_##name##_put(struct cw_##name *name)                                 \
	{                                                                                          \
		if (name)                                                                          \
			cw_object_put(&name->object);                                              \
	}

#endif
