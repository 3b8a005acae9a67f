/* SPDX-License-Identifier: MIT */
/* What the client's tests share. */
#ifndef CWC_TEST_HELPER_H
#define CWC_TEST_HELPER_H

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/client.h"
#include "client/process.h"

#define SKIP 77

/* Count and report a condition that does not hold. */
#define EXPECT(condition)                                                                          \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			failures++;                                                                \
		}                                                                                  \
	} while (0)

static int failures;

static inline double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static inline bool have_compiler(void)
{
	char path[PATH_MAX];

	return !cwc_process_find(getenv("CAUSEWAY_COMPILER"), CWC_WORKER_PROGRAM, path,
				 sizeof(path));
}

/* A client of its own settings; @cache NULL for none. */
static inline struct cwc_client *make_client(const char *cache, unsigned deadline_ms)
{
	struct cwc_client_options options = {
		.compiler = getenv("CAUSEWAY_COMPILER"),
		.cache_directory = cache,
		.cache_bytes = cache ? 64 << 20 : 0,
		.deadline_ms = deadline_ms,
		.memory_bytes = 4ull << 30,
		.max_workers = 2,
	};

	return cwc_client_create(&options);
}

/* Build @source with @options; the IR or NULL, the log in *@log. */
static inline struct cwc_ir *build_with(struct cwc_client *client, const char *source,
					const char *options, char **log)
{
	struct cwc_options parsed;
	struct cwc_build build = {.source = source, .options = &parsed, .complete = true};
	struct cwc_ir *ir = NULL;
	char why[256];

	*log = NULL;
	if (!cwc_options_parse(options, CWC_OPTIONS_BUILD, &parsed, why, sizeof(why)))
		cwc_client_build(client, &build, &ir, log);
	cwc_options_finish(&parsed);
	return ir;
}

static inline struct cwc_ir *build_source(struct cwc_client *client, const char *source, char **log)
{
	return build_with(client, source, "", log);
}

static inline enum cwc_isa test_isa(void)
{
	return __builtin_cpu_supports("avx2") ? CWC_ISA_AVX2 : CWC_ISA_SSE4;
}

static const char saxpy[] =
	"kernel void saxpy(global float *y, global const float *x, float a, local int *l)\n"
	"{ size_t i = get_global_id(0); y[i] = a * x[i] + y[i]; }\n";

#endif
