/* SPDX-License-Identifier: MIT */
/* What the worker does: a request's payload in, a reply out. One thread. */
#ifndef CWC_REQUESTS_H
#define CWC_REQUESTS_H

#include "client/protocol.h"
#include "client/wire.h"
#include "front/check.h"

struct cwc_spmd;

/*
 * struct cwc_worker - what stays between requests.
 * @library: directory of the builtin library: the worker's own.
 * @names: functions it provides; loaded with the first build.
 * @spmd: the work-group compiler; made by the first code generation.
 * @dump: stages that the work-group compiler prints, or NULL.
 */
struct cwc_worker {
	char *library;
	bool names_are_loaded;
	struct cwc_names names;
	struct cwc_spmd *spmd;
	const char *dump;
};

/*
 * struct cwc_reply - what goes back.
 * @kind: CWC_DONE or CWC_FAILED.
 * @log: text without a terminating zero.
 * @files: see struct cwc_front_output, or NULL.
 * @result: bytes of the result.
 */
struct cwc_reply {
	enum cwc_frame_kind kind;
	struct cwc_writer log;
	char *files;
	struct cwc_writer result;
};

/* 0 or -ENOMEM. */
int cwc_worker_init(struct cwc_worker *worker);
void cwc_worker_finish(struct cwc_worker *worker);

/* Serve one request; cwc_reply_finish() is due. */
void cwc_worker_serve(struct cwc_worker *worker, uint32_t kind, const void *data, size_t bytes,
		      struct cwc_reply *reply);
void cwc_reply_finish(struct cwc_reply *reply);

/* The requests, each in a file of its own. */
void cwc_do_build(struct cwc_worker *worker, struct cwc_reader *in, struct cwc_reply *reply);
void cwc_do_link(struct cwc_worker *worker, struct cwc_reader *in, struct cwc_reply *reply);
void cwc_do_codegen(struct cwc_worker *worker, struct cwc_reader *in, struct cwc_reply *reply);

/* Shared by them. The names, loaded on first use; the compiler, or NULL with the reply failed. */
const struct cwc_names *cwc_worker_names(struct cwc_worker *worker);
struct cwc_spmd *cwc_worker_spmd(struct cwc_worker *worker, struct cwc_reply *reply);

#endif
