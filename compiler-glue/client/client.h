/* SPDX-License-Identifier: MIT */
/*
 * The compiler as the runtime sees it: builds, links and code generation,
 * answered from the disk cache or by a worker process.
 *
 * DOC: errors and logs
 *
 * Every request returns 0, -EINVAL when the program is wrong or the compiler
 * did not survive it (the log says which), or -ENOMEM.  *log_out is malloc'd
 * text, "" when there is nothing to say; it is the caller's and may be NULL
 * after -ENOMEM.  Any number of threads may ask at once; none of the calls
 * holds a lock while a compiler runs.
 */
#ifndef CWC_CLIENT_H
#define CWC_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"
#include "client/ir.h"
#include "front/options.h"

struct cwc_client;

/*
 * struct cwc_client_options - settings.
 * @compiler: path of causeway-cc; NULL or "": found by the place of the library.
 * @cache_directory: see cwc_cache_open().
 * @cache_bytes: 0 for no cache.
 * @deadline_ms: longest time for a request; 0 for none.
 * @memory_bytes: largest address space of a worker; 0 for no limit.
 * @max_workers: 0 for as many as there are processors.
 * @log: told of lost workers, one line; may be NULL.
 */
struct cwc_client_options {
	const char *compiler;
	const char *cache_directory;
	uint64_t cache_bytes;
	unsigned deadline_ms;
	unsigned long long memory_bytes;
	unsigned max_workers;
	void (*log)(const char *text);
};

/* NULL when memory ran out. The strings are copied. Starts nothing. */
struct cwc_client *cwc_client_create(const struct cwc_client_options *options);
void cwc_client_destroy(struct cwc_client *client);

/* Start a worker, if none runs, so that it is ready when a build comes; about 0.3 ms. */
void cwc_client_warm(struct cwc_client *client);

/* Let idle workers go: clUnloadPlatformCompiler. */
void cwc_client_unload(struct cwc_client *client);

/* struct cwc_header - a header of clCompileProgram; zero-terminated. */
struct cwc_header {
	const char *name;
	const char *text;
};

/*
 * struct cwc_build - a build.
 * @source: zero-terminated.
 * @options: parsed for this use.
 * @headers: @num_headers of them.
 * @complete: make an executable; else functions may be missing.
 */
struct cwc_build {
	const char *source;
	const struct cwc_options *options;
	const struct cwc_header *headers;
	unsigned num_headers;
	bool complete;
};

int cwc_client_build(struct cwc_client *client, const struct cwc_build *build,
		     struct cwc_ir **ir_out, char **log_out);

/* Link @count programs to a library or an executable. */
int cwc_client_link(struct cwc_client *client, struct cwc_ir *const *irs, unsigned count,
		    enum cwc_ir_kind kind, struct cwc_ir **ir_out, char **log_out);

/*
 * struct cwc_variant - which code of a kernel.
 * @width: lanes, 0 for the compiler's choice.
 * @wide_ids: for ND-ranges that reach 2^31.
 */
struct cwc_variant {
	enum cwc_isa isa;
	unsigned width;
	bool wide_ids;
};

/* Compile kernel @kernel of @ir; *object_out is malloc'd, a code object (abi.h). */
int cwc_client_codegen(struct cwc_client *client, const struct cwc_ir *ir, const char *kernel,
		       const struct cwc_variant *variant, void **object_out, size_t *bytes_out,
		       char **log_out);

#endif
