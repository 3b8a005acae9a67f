/* SPDX-License-Identifier: MIT */
#include "worker/offline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/ir.h"
#include "front/log.h"
#include "front/options.h"
#include "spmd/spmd.h"
#include "worker/requests.h"

static const char help[] =
	"usage: causeway-cc [options] FILE.cl\n"
	"Compile OpenCL C for the Causeway driver.\n\n"
	"  --kernel NAME   compile this kernel to a code object\n"
	"  -o FILE         write the result there (default: a.o, or a.bc without --kernel)\n"
	"  --isa NAME      sse4, avx2, avx512 or native (the default)\n"
	"  --width N       lanes: 1, 4, 8 or 16 (default: the compiler chooses)\n"
	"  --wide-ids      global ids may reach 2^31\n"
	"  --dump STAGES   print stages of the work-group compiler: source,shape,chunk,final,asm\n"
	"  --list          print the kernels and their arguments\n"
	"  --help, --version\n\n"
	"Every other option is a build option of clBuildProgram: -D NAME=VALUE, -I DIR,\n"
	"-cl-std=CL3.0, -cl-fast-relaxed-math, -w, -Werror, ...\n"
	"Without --kernel the result is the program's bitcode.\n";

/*
 * struct command - the command line.
 * @options: the build options, quoted and joined.
 */
struct command {
	const char *file;
	const char *kernel;
	const char *output;
	enum cwc_isa isa;
	unsigned width;
	bool wide_ids;
	bool list;
	struct cwc_writer options;
	struct cwc_worker worker;
};

static enum cwc_isa native_isa(void)
{
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
	    __builtin_cpu_supports("avx512vl"))
		return CWC_ISA_AVX512;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
	    __builtin_cpu_supports("bmi2"))
		return CWC_ISA_AVX2;
	return CWC_ISA_SSE4;
}

static int wrong(const char *what, const char *value)
{
	fprintf(stderr, "causeway-cc: %s '%s'; --help tells more\n", what, value);
	return -EINVAL;
}

static int set_isa(struct command *command, const char *name)
{
	for (enum cwc_isa isa = CWC_ISA_SSE4; isa <= CWC_ISA_AVX512; isa++) {
		if (!strcmp(name, cwc_isa_name(isa))) {
			command->isa = isa;
			return 0;
		}
	}
	return strcmp(name, "native") ? wrong("unknown instruction set", name) : 0;
}

/* Append @word to the build options so that it stays one word. */
static void add_option(struct command *command, const char *word)
{
	for (; *word; word++)
		cwc_log_add(&command->options, strchr(" \t\n\"'\\", *word) ? "\\%c" : "%c", *word);
	cwc_log_add(&command->options, " ");
}

static int parse_valued(struct command *command, const char *name, const char *value)
{
	if (!value)
		return wrong("no value for", name);
	if (!strcmp(name, "--isa"))
		return set_isa(command, value);
	if (!strcmp(name, "--kernel"))
		command->kernel = value;
	else if (!strcmp(name, "--width"))
		command->width = strtoul(value, NULL, 10);
	else if (!strcmp(name, "--dump"))
		command->worker.dump = value;
	else
		command->output = value;
	return 0;
}

static bool takes_value(const char *name)
{
	static const char *const names[] = {"--isa", "--kernel", "--width", "--dump", "-o"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!strcmp(name, names[i]))
			return true;
	}
	return false;
}

static int parse_command(struct command *command, int argc, char **argv)
{
	int error = 0;

	for (int i = 1; i < argc && !error; i++) {
		if (takes_value(argv[i])) {
			error = parse_valued(command, argv[i], argv[i + 1]);
			i++;
		} else if (!strcmp(argv[i], "--list")) {
			command->list = true;
		} else if (!strcmp(argv[i], "--wide-ids")) {
			command->wide_ids = true;
		} else if (!strncmp(argv[i], "--", 2)) {
			error = wrong("unknown option", argv[i]);
		} else if (argv[i][0] == '-') {
			add_option(command, argv[i]);
			if (!argv[i][2] && strchr("DI", argv[i][1]) && i + 1 < argc)
				add_option(command, argv[++i]);
		} else if (command->file) {
			error = wrong("a second file", argv[i]);
		} else {
			command->file = argv[i];
		}
	}
	return error || command->file ? error : wrong("no file to compile", "");
}

static int read_source(const char *path, struct cwc_writer *source)
{
	char part[4096];
	size_t bytes;
	FILE *file = fopen(path, "re");

	if (!file) {
		fprintf(stderr, "causeway-cc: %s: %s\n", path, strerror(errno));
		return -errno;
	}
	while (!feof(file) && !ferror(file)) {
		bytes = fread(part, 1, sizeof(part), file);
		cwc_put_raw(source, part, bytes);
	}
	cwc_put_raw(source, "", 1);
	fclose(file);
	return source->failed ? -ENOMEM : 0;
}

static int write_file(const char *path, const void *data, size_t bytes)
{
	FILE *file = fopen(path, "we");
	bool ok = file && fwrite(data, 1, bytes, file) == bytes;

	if (file && fclose(file))
		ok = false;
	if (!ok)
		fprintf(stderr, "causeway-cc: %s: %s\n", path, strerror(errno));
	return ok ? 0 : -EIO;
}

/* Serve the request in @request as the worker would, with the log to stderr. */
static int serve(struct command *command, uint32_t kind, struct cwc_writer *request,
		 struct cwc_reply *reply)
{
	if (request->failed)
		return -ENOMEM;
	cwc_worker_serve(&command->worker, kind, request->data, request->bytes, reply);
	if (reply->log.bytes)
		fwrite(reply->log.data, 1, reply->log.bytes, stderr);
	return reply->kind == CWC_DONE ? 0 : -EINVAL;
}

static int request_build(struct command *command, const struct cwc_options *options,
			 struct cwc_reply *reply)
{
	struct cwc_writer source = {0}, request = {0};
	int error = read_source(command->file, &source);

	cwc_put_u32(&request, CWC_BUILD_COMPLETE | CWC_BUILD_ARG_INFO |
				      (options->uniform_groups ? CWC_BUILD_UNIFORM : 0) |
				      (options->opt_disable ? CWC_BUILD_OPT_DISABLE : 0));
	cwc_put_u32(&request, options->num_args);
	for (unsigned i = 0; i < options->num_args; i++)
		cwc_put_string(&request, options->args[i]);
	cwc_put_u32(&request, 0);
	cwc_put_string(&request, (const char *)source.data);
	if (!error)
		error = serve(command, CWC_BUILD, &request, reply);
	cwc_writer_finish(&source);
	cwc_writer_finish(&request);
	return error;
}

static void list_kernels(const struct cwc_ir *ir)
{
	unsigned count;
	const struct cwc_kernel_info *kernels = cwc_ir_kernels(ir, &count);

	for (unsigned i = 0; i < count; i++) {
		printf("%s%s%s\n", kernels[i].name, *kernels[i].attributes ? " " : "",
		       kernels[i].attributes);
		for (unsigned j = 0; j < kernels[i].num_args; j++)
			printf("  %2u: %s %s, %u bytes at %u\n", j, kernels[i].args[j].type_name,
			       kernels[i].args[j].name, kernels[i].args[j].bytes,
			       kernels[i].args[j].offset);
	}
}

static int compile_kernel(struct command *command, const struct cwc_ir_facts *facts)
{
	struct cwc_writer request = {0};
	struct cwc_reply reply = {.kind = CWC_FAILED};
	int error;

	cwc_put_string(&request, command->kernel);
	cwc_put_u32(&request, command->isa);
	cwc_put_u32(&request, command->width);
	cwc_put_u32(&request, command->wide_ids);
	cwc_put_u32(&request, facts->flags & CWC_IR_OPT_DISABLE ? 1 : 3);
	cwc_put_blob(&request, facts->bitcode, facts->bitcode_bytes);
	error = serve(command, CWC_CODEGEN, &request, &reply);
	if (!error)
		error = write_file(command->output ? command->output : "a.o", reply.result.data,
				   reply.result.bytes);
	cwc_writer_finish(&request);
	cwc_reply_finish(&reply);
	return error;
}

static int compile(struct command *command, const struct cwc_options *options)
{
	struct cwc_reply reply = {.kind = CWC_FAILED};
	struct cwc_ir *ir = NULL;
	int error = request_build(command, options, &reply);

	if (!error)
		error = cwc_ir_read(reply.result.data, reply.result.bytes, &ir);
	if (!error && command->list)
		list_kernels(ir);
	else if (!error && command->kernel)
		error = compile_kernel(command, cwc_ir_facts(ir));
	else if (!error)
		error = write_file(command->output ? command->output : "a.bc",
				   cwc_ir_facts(ir)->bitcode, cwc_ir_facts(ir)->bitcode_bytes);
	cwc_ir_put(ir);
	cwc_reply_finish(&reply);
	return error;
}

int cwc_offline(int argc, char **argv)
{
	struct command command = {.isa = native_isa()};
	struct cwc_options options = {0};
	char why[256];
	int error;

	if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "--version"))) {
		fputs(argv[1][2] == 'h' ? help : "causeway-cc " CAUSEWAY_VERSION "\n", stdout);
		return 0;
	}
	if (cwc_worker_init(&command.worker))
		return 1;
	error = parse_command(&command, argc, argv);
	cwc_put_raw(&command.options, "", 1);
	if (!error) {
		error = cwc_options_parse((const char *)command.options.data, CWC_OPTIONS_BUILD,
					  &options, why, sizeof(why));
		if (error == -EINVAL)
			fprintf(stderr, "causeway-cc: %s\n", why);
		if (!error)
			error = compile(&command, &options);
		cwc_options_finish(&options);
	}
	cwc_writer_finish(&command.options);
	cwc_worker_finish(&command.worker);
	return error ? 1 : 0;
}
