/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * What a client and its engine agree on.  The driver doesn't know it: it hands
 * the engine the address of a job's descriptor and no more.
 *
 * DOC: the window
 *
 * The engine is a static program linked at CAUSEWAY_WINDOW_START.  The window
 * is the one part of the address space that is not mirrored:
 *
 *   IMAGE    the engine's program; PROT_NONE in the client
 *   CODE     one memfd shared by both: the client writes code objects there
 *            (rw-), the engine runs them (r-x)
 *   DATA     the same memfd: job descriptors, argument blocks, printf buffers;
 *            rw- in both
 *   PRIVATE  the engine's stacks, local memory and chunk frames; PROT_NONE in
 *            the client
 *
 * CODE and DATA lie at the same address in both processes, so a pointer into
 * them means the same, and a fault never happens on them.
 */
#ifndef CAUSEWAY_ENGINE_H
#define CAUSEWAY_ENGINE_H

#include "abi.h"

#define CAUSEWAY_WINDOW_START 0x480000000000ull

#define CAUSEWAY_WINDOW_IMAGE_BYTES   (1ull << 30)
#define CAUSEWAY_WINDOW_CODE_BYTES    (4ull << 30)
#define CAUSEWAY_WINDOW_DATA_BYTES    (27ull << 30)
#define CAUSEWAY_WINDOW_PRIVATE_BYTES (32ull << 30)

#define CAUSEWAY_WINDOW_CODE	(CAUSEWAY_WINDOW_START + CAUSEWAY_WINDOW_IMAGE_BYTES)
#define CAUSEWAY_WINDOW_DATA	(CAUSEWAY_WINDOW_CODE + CAUSEWAY_WINDOW_CODE_BYTES)
#define CAUSEWAY_WINDOW_PRIVATE (CAUSEWAY_WINDOW_DATA + CAUSEWAY_WINDOW_DATA_BYTES)
#define CAUSEWAY_WINDOW_END	(CAUSEWAY_WINDOW_PRIVATE + CAUSEWAY_WINDOW_PRIVATE_BYTES)
#define CAUSEWAY_WINDOW_SIZE	(CAUSEWAY_WINDOW_END - CAUSEWAY_WINDOW_START)

/*
 * DOC: how an engine is started
 *
 * execve of causeway-engine with the argument "<threads>" and the files
 *   3  engine_fd of the VM (DRM_IOCTL_CAUSEWAY_VM_CREATE)
 *   4  the memfd: CODE at offset 0, DATA at CAUSEWAY_WINDOW_CODE_BYTES
 *   5  a pipe's writing end: one struct causeway_engine_hello, then it is closed
 * and no others.  It attaches, drops every mapping that isn't its own, confines
 * itself to the system calls it needs, and runs until NEXT says ESHUTDOWN or
 * its parent dies.
 */
#define CAUSEWAY_ENGINE_FD_VM	 3
#define CAUSEWAY_ENGINE_FD_ARENA 4
#define CAUSEWAY_ENGINE_FD_HELLO 5

#define CAUSEWAY_ENGINE_VERSION	     1
#define CAUSEWAY_ENGINE_MAX_THREADS  256
#define CAUSEWAY_ENGINE_STACK_BYTES  (64ull << 20) /* of a thread, that a kernel may use */
#define CAUSEWAY_ENGINE_LOCAL_BYTES  (1ull << 20)  /* most local memory of a group */
#define CAUSEWAY_ENGINE_FRAMES_BYTES (60ull << 20) /* most chunk frames of a group */

/*
 * struct causeway_engine_hello - the engine is ready, or why not
 * @version: CAUSEWAY_ENGINE_VERSION
 * @error: 0, or a positive errno
 * @step: where it failed, enum causeway_engine_step
 * @threads: that run
 */
struct causeway_engine_hello {
	uint32_t version;
	uint32_t error;
	uint32_t step;
	uint32_t threads;
};

enum causeway_engine_step {
	CAUSEWAY_ENGINE_STEP_ARGUMENTS = 1,
	CAUSEWAY_ENGINE_STEP_ARENA = 2,
	CAUSEWAY_ENGINE_STEP_UNMAP = 3,
	CAUSEWAY_ENGINE_STEP_MIRROR = 4,
	CAUSEWAY_ENGINE_STEP_ATTACH = 5,
	CAUSEWAY_ENGINE_STEP_CONFINE = 6,
	CAUSEWAY_ENGINE_STEP_THREADS = 7,
};

enum causeway_job_kind {
	CAUSEWAY_JOB_NDRANGE = 1,
	CAUSEWAY_JOB_COPY = 2,
	CAUSEWAY_JOB_FILL = 3,
};

/*
 * struct causeway_job_ndrange - run a kernel
 * @entry: its cwc_group_fn, in CODE
 * @launch: what it runs; the pointers in it may lie anywhere
 * @groups_x: work-groups of a row that one part takes; part i is row
 *	i / ceil(num_groups[0] / groups_x)
 * @local_bytes: of one group, at most CAUSEWAY_ENGINE_LOCAL_BYTES
 * @frames_bytes: cwc_frames_bytes(), at most CAUSEWAY_ENGINE_FRAMES_BYTES
 * @stack_bytes: cwc_kernel_note.stack_bytes, at most CAUSEWAY_ENGINE_STACK_BYTES
 *
 * The engine refuses what is more than it has (local memory, frames, stack): the
 * job ends as if its code had been a bad instruction.
 */
struct causeway_job_ndrange {
	uint64_t entry;
	struct cwc_launch launch;
	uint64_t groups_x;
	uint64_t local_bytes;
	uint64_t frames_bytes;
	uint64_t stack_bytes;
};

/*
 * struct causeway_job_copy - copy a box of bytes; source and destination don't overlap
 * @dst, @src: first byte
 * @size: bytes of a row, rows, slices
 * @dst_pitch, @src_pitch: bytes from row to row, and from slice to slice
 * @rows_part: rows of one part; with one row of one slice, bytes of one part
 */
struct causeway_job_copy {
	uint64_t dst;
	uint64_t src;
	uint64_t size[3];
	uint64_t dst_pitch[2];
	uint64_t src_pitch[2];
	uint64_t rows_part;
};

/*
 * struct causeway_job_fill - repeat a pattern
 * @dst: first byte
 * @bytes: a multiple of @pattern_bytes
 * @bytes_part: bytes of one part, a multiple of 128
 * @pattern_bytes: 1, 2, 4, ... 128
 * @pattern: the bytes
 */
struct causeway_job_fill {
	uint64_t dst;
	uint64_t bytes;
	uint64_t bytes_part;
	uint64_t pattern_bytes;
	uint8_t pattern[128];
};

/*
 * struct causeway_job - a job's descriptor, in DATA, 128-byte aligned
 * @next: first part that nobody took yet; threads add 1.  The client sets 0.  A
 *	thread that fails, and the driver's stop signal, set it beyond @parts.
 * @parts: how many there are
 * @kind: enum causeway_job_kind
 * @pad: 0
 *
 * It belongs to the engine from submission until the job is over.
 */
struct causeway_job {
	uint64_t next;
	uint64_t parts;
	uint32_t kind;
	uint32_t pad;
	union {
		struct causeway_job_ndrange ndrange;
		struct causeway_job_copy copy;
		struct causeway_job_fill fill;
	};
};

#endif
