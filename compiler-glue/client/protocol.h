/* SPDX-License-Identifier: MIT */
/*
 * What the client and the compile worker say to each other over a stream
 * socket: one request, one reply, in turn.
 *
 * Both sides are of the same build (the client checks), so fields change freely; but
 * neither side believes the other's lengths.  All payloads are wire.h records:
 *
 * CWC_BUILD    u32 flags, args (u32 count, strings), headers (u32 count, name
 *              and text each), string source
 * CWC_LINK     u32 kind (enum cwc_ir_kind), u32 count, blobs: program IRs
 * CWC_CODEGEN  string kernel, u32 isa, u32 width, u32 wide_ids, u32 opt_level,
 *              blob bitcode
 * reply        string log, string files, blob result: the program IR or the object
 */
#ifndef CWC_PROTOCOL_H
#define CWC_PROTOCOL_H

#include <stdint.h>

#define CWC_FRAME_MAGIC 0x43574343u /* "CCWC" */
#define CWC_FRAME_MAX	(1u << 30)  /* payload, bytes */
/* The worker finds its end of the socket here. */
#define CWC_WORKER_FD	3

enum cwc_frame_kind {
	CWC_BUILD = 1,
	CWC_LINK,
	CWC_CODEGEN,
	CWC_DONE = 101, /* reply: the result is there */
	CWC_FAILED,	/* reply: the program is wrong; the log says why */
	CWC_CRASHED,	/* reply, the worker's last: the compiler did not survive the program */
};

/* Bits of CWC_BUILD's flags. */
enum cwc_build_flags {
	CWC_BUILD_COMPLETE = 1u << 0, /* an executable: no function may be missing */
	CWC_BUILD_ARG_INFO = 1u << 1,
	CWC_BUILD_UNIFORM = 1u << 2,
	CWC_BUILD_OPT_DISABLE = 1u << 3,
};

/* struct cwc_frame - head of every message; @bytes of payload follow. */
struct cwc_frame {
	uint32_t magic;
	uint32_t kind;
	uint64_t bytes;
};

#endif
