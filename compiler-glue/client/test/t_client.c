/* SPDX-License-Identifier: MIT */
/* From source to a result, through a worker; errors, links, kernels' facts, the cache. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "client/ir.h"
#include "client/loader.h"
#include "helper.h"

#define N 1000

static void run_saxpy(struct cwc_client *client, struct cwc_ir *ir)
{
	_Alignas(CWC_ARENA_ALIGN) struct {
		float *y;
		float *x;
		float a;
		float pad;
		uint64_t local;
	} args = {0};
	struct cwc_launch launch = {
		.global_size = {N, 1, 1},
		.local_size = {10, 1, 1},
		.num_groups = {N / 10, 1, 1},
		.work_dim = 1,
		.args = &args,
	};
	_Alignas(CWC_ARENA_ALIGN) static char local[4096], frames[65536];
	struct cwc_scratch scratch = {.local = local, .frames = frames};
	struct cwc_variant variant = {test_isa(), 0, false};
	static float x[N], y[N];
	struct cwc_image *image = NULL;
	void *object;
	size_t bytes;
	char *log;

	EXPECT(!cwc_client_codegen(client, ir, "saxpy", &variant, &object, &bytes, &log));
	EXPECT(!cwc_image_load(object, bytes, &image));
	if (!image)
		return;
	EXPECT(image->note.arg_bytes == 32);
	for (int i = 0; i < N; i++) {
		x[i] = (float)i;
		y[i] = 1;
	}
	args.y = y;
	args.x = x;
	args.a = 2;
	image->entry(&launch, &scratch, 0, N / 10, 0, 0);
	for (int i = 0; i < N; i++)
		EXPECT(y[i] == 2 * i + 1);
	cwc_image_unload(image);
	free(object);
	free(log);
}

static void check_facts(struct cwc_ir *ir)
{
	unsigned count;
	const struct cwc_kernel_info *kernels = cwc_ir_kernels(ir, &count);

	EXPECT(count == 1 && !strcmp(kernels[0].name, "saxpy") && kernels[0].num_args == 4);
	EXPECT(kernels[0].args[0].kind == CWC_ARG_GLOBAL && kernels[0].args[0].offset == 0);
	EXPECT(kernels[0].args[2].kind == CWC_ARG_VALUE && kernels[0].args[2].bytes == 4);
	EXPECT(kernels[0].args[3].kind == CWC_ARG_LOCAL && kernels[0].args[3].offset == 24);
	EXPECT(kernels[0].arg_bytes == 32 && !kernels[0].has_arg_info && kernels[0].uniform_groups);
}

static void fails_with(struct cwc_client *client, const char *source, const char *words)
{
	char *log;
	struct cwc_ir *ir = build_with(client, source, "-cl-std=CL3.0", &log);

	if (ir || !log || !strstr(log, words)) {
		fprintf(stderr, "'%s': no '%s' in the log: %s\n", source, words, log ? log : "");
		failures++;
	}
	cwc_ir_put(ir);
	free(log);
}

static void check_errors(struct cwc_client *client)
{
	fails_with(client, "kernel void k(global int *x) {\n  x[0] = y;\n}\n", "kernel.cl:2:10");
	fails_with(client, "kernel void k(global int *x) {\n  x[0] = y;\n}\n", "  x[0] = y;");
	fails_with(client,
		   "int f(int x);\nint g(int x) { return f(x); }\nint f(int x) { return x ? "
		   "g(x - 1) : 0; }\nkernel void k(global int *x) { x[0] = f(3); }\n",
		   "recursion");
	fails_with(client, "int f(int x);\nkernel void k(global int *x) {\n x[0] = f(3); }\n",
		   "kernel.cl:3");
	fails_with(client, "extern int f(int x);\nkernel void k(global int *x) { x[0] = f(3); }\n",
		   "'f'");
	fails_with(client, "kernel void k(read_only image2d_t i) {}\n", "image");
	fails_with(client, "#error this one\n", "this one");
}

static void check_headers(struct cwc_client *client)
{
	struct cwc_header headers[] = {{"a.h", "#include \"sub/b.h\"\n"},
				       {"sub/b.h", "#define B 7\n"}};
	struct cwc_options options;
	struct cwc_build build = {
		.source =
			"#include \"a.h\"\nint f(void);\nkernel void k(global int *x) { *x = B + f(); }",
		.options = &options,
		.headers = headers,
		.num_headers = 2,
	};
	struct cwc_ir *irs[2] = {NULL, NULL}, *whole = NULL;
	char *log, why[128];

	EXPECT(!cwc_options_parse("", CWC_OPTIONS_COMPILE, &options, why, sizeof(why)));
	EXPECT(!cwc_client_build(client, &build, &irs[0], &log));
	free(log);
	build.source = "int f(void) { return 1; }";
	EXPECT(!cwc_client_build(client, &build, &irs[1], &log));
	free(log);
	cwc_options_finish(&options);
	EXPECT(!cwc_client_link(client, irs, 2, CWC_IR_EXECUTABLE, &whole, &log));
	EXPECT(whole && cwc_ir_facts(whole)->num_kernels == 1);
	free(log);
	cwc_ir_put(whole);
	EXPECT(cwc_client_link(client, irs, 1, CWC_IR_EXECUTABLE, &whole, &log));
	EXPECT(log && strstr(log, "'f'"));
	free(log);
	cwc_ir_put(irs[0]);
	cwc_ir_put(irs[1]);
}

/* A kernel that takes an image is left out, the others are there. */
static void check_left_out(struct cwc_client *client)
{
	static const char source[] = "constant sampler_t s = CLK_FILTER_NEAREST;\n"
				     "kernel void a(global int *x) { *x = 1; }\n"
				     "kernel void b(read_only image2d_t i, global float4 *x)\n"
				     "{ *x = read_imagef(i, s, (int2)(0, 0)); }\n"
				     "kernel void c(global int *x) { *x = 1; }\n";
	struct cwc_variant variant = {test_isa(), 0, false};
	size_t bytes;
	void *object = NULL;
	char *log;
	struct cwc_ir *ir = build_source(client, source, &log);

	EXPECT(ir && cwc_ir_facts(ir)->num_kernels == 2 && strstr(log, "'b' is left out"));
	free(log);
	log = NULL;
	if (ir)
		EXPECT(!cwc_client_codegen(client, ir, "c", &variant, &object, &bytes, &log));
	free(object);
	free(log);
	cwc_ir_put(ir);
}

/* clang knows every option that is handed to it. */
static void check_options(struct cwc_client *client)
{
	static const char *const options[] = {
		"-cl-single-precision-constant",
		"-cl-denorms-are-zero",
		"-cl-fp32-correctly-rounded-divide-sqrt",
		"-cl-opt-disable",
		"-cl-strict-aliasing",
		"-cl-uniform-work-group-size -cl-std=CL3.0",
		"-cl-no-subgroup-ifp",
		"-cl-mad-enable",
		"-cl-no-signed-zeros",
		"-cl-unsafe-math-optimizations",
		"-cl-finite-math-only",
		"-cl-fast-relaxed-math",
		"-w",
		"-Werror",
		"-cl-kernel-arg-info",
		"-g",
		"-cl-std=CL1.0",
		"-cl-std=CL1.1",
		"-cl-std=CL1.2",
		"-cl-std=CL2.0",
		"-cl-std=CL3.0",
		"-cl-std=CLC++",
		"-cl-std=CLC++2021",
		"-D A=1 -I /tmp",
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		char *log;
		struct cwc_ir *ir = build_with(client, saxpy, options[i], &log);

		if (!ir || (log && *log)) {
			fprintf(stderr, "%s: %s\n", options[i], log);
			failures++;
		}
		cwc_ir_put(ir);
		free(log);
	}
}

/* Overwrite one byte of every file of the cache. */
static unsigned damage(const char *directory)
{
	DIR *listing = opendir(directory);
	struct dirent *found;
	unsigned count = 0;

	while (listing && (found = readdir(listing))) {
		char path[PATH_MAX];
		int fd;

		snprintf(path, sizeof(path), "%s/%s", directory, found->d_name);
		fd = open(path, O_WRONLY);
		if (fd < 0)
			continue;
		count += pwrite(fd, "!", 1, 200) == 1;
		close(fd);
	}
	if (listing)
		closedir(listing);
	return count;
}

static void remove_cache(const char *directory)
{
	DIR *listing = opendir(directory);
	struct dirent *found;

	while (listing && (found = readdir(listing))) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", directory, found->d_name);
		unlink(path);
	}
	if (listing)
		closedir(listing);
	rmdir(directory);
}

static void check_cache(const char *directory)
{
	struct cwc_client_options options = {
		.compiler = "/nonexistent",
		.cache_directory = directory,
		.cache_bytes = 64 << 20,
	};
	struct cwc_client *client = make_client(directory, 20000), *without;
	char header[PATH_MAX + 8], text[PATH_MAX + 16];
	struct cwc_ir *ir;
	char *log;
	FILE *file;

	ir = build_source(client, saxpy, &log);
	EXPECT(ir);
	cwc_ir_put(ir);
	free(log);
	EXPECT(damage(directory) >= 1);
	ir = build_source(client, saxpy, &log);
	EXPECT(ir);
	cwc_ir_put(ir);
	free(log);
	/* Without its compiler the cache's entries are another compiler's. */
	without = cwc_client_create(&options);
	EXPECT(!build_source(without, saxpy, &log));
	EXPECT(log && strstr(log, "/nonexistent"));
	free(log);
	cwc_client_destroy(without);
	/* A header on disk that changes makes another program. */
	snprintf(header, sizeof(header), "%s/h.h", directory);
	snprintf(text, sizeof(text), "-I %s", directory);
	for (int i = 0; i < 3; i++) {
		file = fopen(header, "w");
		EXPECT(file);
		if (!file)
			break;
		fputs(i == 1 ? "#error changed\n" : "/* good */\n", file);
		fclose(file);
		ir = build_with(client, "#include \"h.h\"\nkernel void k(void) {}", text, &log);
		EXPECT(!ir == (i == 1));
		cwc_ir_put(ir);
		free(log);
	}
	cwc_client_destroy(client);
	remove_cache(directory);
}

int main(void)
{
	char directory[] = "/tmp/causeway-test-XXXXXX";
	struct cwc_client *client;
	struct cwc_ir *ir;
	char *log;

	if (!have_compiler())
		return SKIP;
	client = make_client(NULL, 20000);
	ir = build_source(client, saxpy, &log);
	EXPECT(ir && log && !*log);
	if (ir) {
		check_facts(ir);
		run_saxpy(client, ir);
	}
	cwc_ir_put(ir);
	free(log);
	check_errors(client);
	check_headers(client);
	check_options(client);
	check_left_out(client);
	cwc_client_unload(client);
	check_errors(client);
	cwc_client_destroy(client);
	if (mkdtemp(directory))
		check_cache(directory);
	return failures != 0;
}
