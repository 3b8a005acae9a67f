/* SPDX-License-Identifier: MIT */
/*
 * What a successful build leaves for one device: the program's IR and the code
 * of those kernels that somebody asked for.
 *
 * DOC: code on demand
 *
 * A kernel is compiled when its first kernel object is created, on the thread
 * that creates it and with no lock held; others that want the same kernel
 * wait for that one, and nobody else waits.  The code stays until the
 * executable goes.
 */
#ifndef CW_EXECUTABLE_H
#define CW_EXECUTABLE_H

#include <stdatomic.h>

#include "base/lock.h"
#include "client/container.h"
#include "core/cl.h"

struct cw_device;
struct cw_kernel_code;

/*
 * struct cw_globals - the program-scope variables of a program on one device.
 * @block: @bytes bytes, page-aligned.
 */
struct cw_globals {
	atomic_uint refs;
	void *block;
	size_t bytes;
};

struct cw_globals *cw_globals_get(struct cw_globals *globals);
void cw_globals_put(struct cw_globals *globals);

/* Code of one kernel for different ND-ranges. */
enum cw_code_variant {
	CW_CODE_USUAL,
	CW_CODE_WIDE_IDS, /* global ids of 2^31 and above */
	CW_CODE_WIDTH_1,  /* rows (local sizes in x) shorter than the usual width: fewer */
	CW_CODE_WIDTH_4,  /* lanes, so that none of them idles */
	CW_CODE_WIDTH_8,
	CW_CODE_VARIANTS
};

#define CW_CODE_ASKED 8

enum cw_code_state {
	CW_CODE_NONE,
	CW_CODE_BUSY, /* a thread is compiling it */
	CW_CODE_READY,
	CW_CODE_FAILED,
};

/*
 * struct cw_code_slot - one kernel in one variant.
 * @object: the code object, malloc'd: READY, or NONE when it came with a binary.
 * @code: READY.
 * @log: FAILED: why; malloc'd.
 * @ready: @code, for those who do not take the lock.
 * @asked: how often somebody would have liked it; CW_CODE_ASKED times are enough
 *	to make it in the background.
 */
struct cw_code_slot {
	enum cw_code_state state;
	void *object;
	size_t bytes;
	struct cw_kernel_code *code;
	char *log;
	_Atomic(struct cw_kernel_code *) ready;
	atomic_uint asked;
};

/*
 * struct cw_executable - see DOC.
 * @isa, @width: what to compile for; width 0 is the compiler's choice.
 * @globals: or NULL when the program has no variables.
 * @lock: guards @slots and @binary; never held during a compilation.
 * @slots: CW_CODE_VARIANTS a kernel.
 * @binary: the program's binary, once somebody asked for it.
 */
struct cw_executable {
	atomic_uint refs;
	struct cwc_ir *ir;
	enum cwc_isa isa;
	unsigned width;
	struct cw_globals *globals;
	struct cw_mutex lock; /* rank CODEGEN */
	struct cw_cond changed;
	unsigned num_kernels;
	struct cw_code_slot *slots cw_guarded_by(&lock);
	void *binary cw_guarded_by(&lock);
	size_t binary_bytes cw_guarded_by(&lock);
};

/*
 * Make the executable of @ir for @device; @container, or NULL, gives the code
 * that came with a binary.  0, -ENOMEM, or -ENOEXEC when the variables' object
 * is damaged.
 */
int cw_executable_create(struct cwc_ir *ir, const struct cw_device *device,
			 const struct cwc_container *container,
			 struct cw_executable **executable_out);
struct cw_executable *cw_executable_get(struct cw_executable *executable);
void cw_executable_put(struct cw_executable *executable);

/* Index of kernel @name, or -1. */
int cw_executable_find(const struct cw_executable *executable, const char *name);

/*
 * The code of kernel @index, with a reference; compiles where nobody did.  CL_SUCCESS,
 * CL_OUT_OF_HOST_MEMORY, or CL_OUT_OF_RESOURCES with the compiler's words in
 * *log_out (malloc'd).  No lock may be held.
 */
cl_int cw_executable_code(struct cw_executable *executable, unsigned index,
			  enum cw_code_variant variant, struct cw_kernel_code **code_out,
			  char **log_out);

/*
 * The code of kernel @index if it is there, owned by the executable; else NULL,
 * and after CW_CODE_ASKED such calls it is made in the background.  Never waits.
 */
struct cw_kernel_code *cw_executable_code_soon(struct cw_executable *executable, unsigned index,
					       enum cw_code_variant variant);

/*
 * Make the code of all kernels, on several threads where it takes time: what
 * follows for each of them is a look-up.  Failures are told by that.  No lock
 * may be held.
 */
void cw_executable_prepare(struct cw_executable *executable);

/*
 * The program's binary; compiles the kernels that nobody has asked for yet.
 * *data_out lives as long as the executable.  No lock may be held.
 */
cl_int cw_executable_binary(struct cw_executable *executable, const void **data_out,
			    size_t *bytes_out);

#endif
