/* SPDX-License-Identifier: MIT */
#include "worker/requests.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "front/log.h"
#include "spmd/spmd.h"

int cwc_worker_init(struct cwc_worker *worker)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	*worker = (struct cwc_worker){0};
	self[length > 0 ? length : 0] = 0;
	slash = strrchr(self, '/');
	if (slash)
		*slash = 0;
	worker->library = strdup(self);
	return worker->library ? 0 : -ENOMEM;
}

void cwc_worker_finish(struct cwc_worker *worker)
{
	if (worker->spmd)
		cwc_spmd_finish(worker->spmd);
	cwc_names_finish(&worker->names);
	free(worker->library);
}

const struct cwc_names *cwc_worker_names(struct cwc_worker *worker)
{
	char path[PATH_MAX + 64];

	if (!worker->names_are_loaded) {
		snprintf(path, sizeof(path), "%s/builtins.names", worker->library);
		worker->names_are_loaded = !cwc_names_load(&worker->names, path);
	}
	return &worker->names;
}

static void fail(struct cwc_reply *reply, char *error)
{
	reply->kind = CWC_FAILED;
	cwc_log_add(&reply->log, "error: %s\n", error ? error : "out of memory");
	free(error);
}

/* The path of @name in the library directory if the file is there, else NULL. */
static char *library_file(const struct cwc_worker *worker, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", worker->library, name) < 0)
		return NULL;
	if (access(path, R_OK)) {
		free(path);
		return NULL;
	}
	return path;
}

struct cwc_spmd *cwc_worker_spmd(struct cwc_worker *worker, struct cwc_reply *reply)
{
	struct cwc_spmd_files files = {0};
	char name[32], *error = NULL;

	if (worker->spmd)
		return worker->spmd;
	files.builtins = library_file(worker, "builtins.bc");
	files.support = library_file(worker, "support.bc");
	for (enum cwc_isa isa = CWC_ISA_SSE4; isa <= CWC_ISA_AVX512; isa++) {
		snprintf(name, sizeof(name), "builtins.%s.bc", cwc_isa_name(isa));
		files.library[isa] = library_file(worker, name);
	}
	if (cwc_spmd_init(&worker->spmd, &files, &error)) {
		worker->spmd = NULL;
		fail(reply, error);
	}
	for (enum cwc_isa isa = CWC_ISA_SSE4; isa <= CWC_ISA_AVX512; isa++)
		free((void *)files.library[isa]);
	free((void *)files.builtins);
	free((void *)files.support);
	return worker->spmd;
}

void cwc_do_codegen(struct cwc_worker *worker, struct cwc_reader *in, struct cwc_reply *reply)
{
	const char *kernel = cwc_get_string(in);
	struct cwc_spmd_options options = {.isa = CWC_ISA_SSE4, .dump = worker->dump};
	size_t bitcode_bytes, object_bytes;
	const void *bitcode;
	struct cwc_spmd *spmd;
	void *object;
	char *error = NULL;

	options.isa = cwc_get_u32(in);
	options.width = cwc_get_u32(in);
	options.wide_ids = cwc_get_u32(in);
	options.opt_level = cwc_get_u32(in);
	bitcode = cwc_get_blob(in, &bitcode_bytes);
	if (!cwc_reader_is_done(in) || !kernel || options.isa < CWC_ISA_SSE4 ||
	    options.isa > CWC_ISA_AVX512) {
		fail(reply, strdup("malformed request"));
		return;
	}
	spmd = cwc_worker_spmd(worker, reply);
	if (!spmd)
		return;
	if (cwc_spmd_compile(spmd, bitcode, bitcode_bytes, kernel, &options, &object, &object_bytes,
			     &error)) {
		fail(reply, error);
		return;
	}
	reply->kind = CWC_DONE;
	cwc_put_raw(&reply->result, object, object_bytes);
	free(object);
}

void cwc_worker_serve(struct cwc_worker *worker, uint32_t kind, const void *data, size_t bytes,
		      struct cwc_reply *reply)
{
	struct cwc_reader in = cwc_reader_of(data, bytes);

	*reply = (struct cwc_reply){.kind = CWC_FAILED};
	switch (kind) {
	case CWC_BUILD:
		cwc_do_build(worker, &in, reply);
		break;
	case CWC_LINK:
		cwc_do_link(worker, &in, reply);
		break;
	case CWC_CODEGEN:
		cwc_do_codegen(worker, &in, reply);
		break;
	default:
		fail(reply, strdup("unknown request"));
	}
	if (reply->result.failed)
		reply->kind = CWC_FAILED;
}

void cwc_reply_finish(struct cwc_reply *reply)
{
	cwc_writer_finish(&reply->log);
	cwc_writer_finish(&reply->result);
	free(reply->files);
}
