/* SPDX-License-Identifier: MIT */
/* cwc-spmd: the work-group compiler as a command, for the build and for tests. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "spmd.h"

static const char usage[] = "usage: cwc-spmd [options] PROGRAM.bc -o FILE\n"
			    "  --kernel NAME    compile this kernel to a code object\n"
			    "  --globals        make the object of the program-scope variables\n"
			    "  --library        PROGRAM.bc is builtins.bc: make builtins.<isa>.bc\n"
			    "  --isa NAME       sse4, avx2 or avx512 (default avx512)\n"
			    "  --width N        lanes: 1, 4, 8 or 16 (default: chosen)\n"
			    "  --opt N          optimisation level (default 3)\n"
			    "  --wide-ids       global ids may reach 2^31\n"
			    "  --builtins FILE, --lib FILE, --support FILE\n"
			    "                   builtins.bc, builtins.<isa>.bc, support.bc\n"
			    "  --dump STAGES    import,source,shape,chunk,final,asm\n"
			    "  --time           print CPU milliseconds\n";

/* What the command line asks for. */
struct request {
	enum { MODE_NONE, MODE_KERNEL, MODE_GLOBALS, MODE_LIBRARY } mode;
	const char *kernel, *output, *input;
	struct cwc_spmd_options options;
	struct cwc_spmd_files files;
	const char *library;
	bool time;
};

static int read_file(const char *path, void **data_out, size_t *bytes_out)
{
	FILE *file = fopen(path, "rb");
	size_t room = 1 << 16, used = 0, got;
	char *data = malloc(room);

	if (!file || !data)
		goto fail;
	while (!feof(file) && !ferror(file)) {
		got = fread(data + used, 1, room - used, file);
		used += got;
		if (used == room) {
			char *larger = realloc(data, room *= 2);

			if (!larger)
				goto fail;
			data = larger;
		}
	}
	fclose(file);
	*data_out = data;
	*bytes_out = used;
	return 0;
fail:
	fprintf(stderr, "cwc-spmd: %s: %s\n", path, strerror(errno));
	free(data);
	if (file)
		fclose(file);
	return -1;
}

static int write_file(const char *path, const void *data, size_t bytes)
{
	FILE *file = fopen(path, "wb");

	if (file && fwrite(data, 1, bytes, file) == bytes && !fclose(file))
		return 0;
	fprintf(stderr, "cwc-spmd: %s: %s\n", path, strerror(errno));
	return -1;
}

static enum cwc_isa isa_from_name(const char *name)
{
	for (enum cwc_isa isa = CWC_ISA_SSE4; isa <= CWC_ISA_AVX512; isa++)
		if (!strcmp(cwc_isa_name(isa), name))
			return isa;
	return CWC_ISA_NONE;
}

enum {
	OPT_KERNEL = 256,
	OPT_GLOBALS,
	OPT_LIBRARY,
	OPT_ISA,
	OPT_WIDTH,
	OPT_LEVEL,
	OPT_WIDE,
	OPT_BUILTINS,
	OPT_LIB,
	OPT_SUPPORT,
	OPT_DUMP,
	OPT_TIME
};

static const struct option long_options[] = {
	{"kernel", 1, NULL, OPT_KERNEL},
	{"globals", 0, NULL, OPT_GLOBALS},
	{"library", 0, NULL, OPT_LIBRARY},
	{"isa", 1, NULL, OPT_ISA},
	{"width", 1, NULL, OPT_WIDTH},
	{"opt", 1, NULL, OPT_LEVEL},
	{"wide-ids", 0, NULL, OPT_WIDE},
	{"builtins", 1, NULL, OPT_BUILTINS},
	{"lib", 1, NULL, OPT_LIB},
	{"support", 1, NULL, OPT_SUPPORT},
	{"dump", 1, NULL, OPT_DUMP},
	{"time", 0, NULL, OPT_TIME},
	{NULL, 0, NULL, 0},
};

static int take_option(struct request *request, int option)
{
	switch (option) {
	case 'o':
		request->output = optarg;
		return 0;
	case OPT_KERNEL:
		request->mode = MODE_KERNEL;
		request->kernel = optarg;
		return 0;
	case OPT_GLOBALS:
		request->mode = MODE_GLOBALS;
		return 0;
	case OPT_LIBRARY:
		request->mode = MODE_LIBRARY;
		return 0;
	case OPT_ISA:
		request->options.isa = isa_from_name(optarg);
		return request->options.isa ? 0 : -1;
	case OPT_WIDTH:
		request->options.width = (unsigned)strtoul(optarg, NULL, 10);
		return 0;
	case OPT_LEVEL:
		request->options.opt_level = (unsigned)strtoul(optarg, NULL, 10);
		return 0;
	case OPT_WIDE:
		request->options.wide_ids = true;
		return 0;
	case OPT_BUILTINS:
		request->files.builtins = optarg;
		return 0;
	case OPT_LIB:
		request->library = optarg;
		return 0;
	case OPT_SUPPORT:
		request->files.support = optarg;
		return 0;
	case OPT_DUMP:
		request->options.dump = optarg;
		return 0;
	case OPT_TIME:
		request->time = true;
		return 0;
	default:
		return -1;
	}
}

static int parse(struct request *request, int argc, char **argv)
{
	int option;

	request->options = (struct cwc_spmd_options){.isa = CWC_ISA_AVX512, .opt_level = 3};
	while ((option = getopt_long(argc, argv, "o:", long_options, NULL)) != -1)
		if (take_option(request, option))
			return -1;
	if (optind + 1 != argc || !request->output || !request->mode)
		return -1;
	request->input = argv[optind];
	request->files.library[request->options.isa] = request->library;
	if (request->mode == MODE_LIBRARY)
		request->files.builtins = request->input;
	return 0;
}

static double cpu_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int run(struct cwc_spmd *spmd, const struct request *request, const void *ir,
	       size_t ir_bytes)
{
	void *result = NULL;
	size_t bytes = 0;
	uint64_t variables = 0;
	char *error = NULL;
	int status;

	switch (request->mode) {
	case MODE_KERNEL:
		status = cwc_spmd_compile(spmd, ir, ir_bytes, request->kernel, &request->options,
					  &result, &bytes, &error);
		break;
	case MODE_GLOBALS:
		status = cwc_spmd_globals(spmd, ir, ir_bytes, &result, &bytes, &variables, &error);
		break;
	default:
		status = cwc_spmd_library(spmd, request->options.isa, &result, &bytes, &error);
		break;
	}
	if (status)
		fprintf(stderr, "cwc-spmd: error: %s\n", error ? error : "out of memory");
	else
		status = write_file(request->output, result, bytes);
	free(error);
	free(result);
	return status;
}

int main(int argc, char **argv)
{
	struct request request = {0};
	struct cwc_spmd *spmd = NULL;
	void *ir = NULL;
	size_t ir_bytes = 0;
	char *error = NULL;
	double start;
	int status;

	if (parse(&request, argc, argv)) {
		fputs(usage, stderr);
		return 2;
	}
	if (read_file(request.input, &ir, &ir_bytes))
		return 1;
	if (cwc_spmd_init(&spmd, &request.files, &error)) {
		fprintf(stderr, "cwc-spmd: error: %s\n", error ? error : "out of memory");
		free(error);
		free(ir);
		return 1;
	}
	start = cpu_ms();
	status = run(spmd, &request, ir, ir_bytes);
	if (request.time)
		fprintf(stderr, "%.1f ms\n", cpu_ms() - start);
	cwc_spmd_finish(spmd);
	free(ir);
	return status ? 1 : 0;
}
