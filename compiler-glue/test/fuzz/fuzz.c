/* SPDX-License-Identifier: MIT */
/* cwc-fuzz: random kernels, compiled for several widths, against plain C of the same text. */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "gen.h"
#include "reduce.h"

#define BATCH 16

static const char usage[] =
	"usage: cwc-fuzz [options] [FILE.cl]\n"
	"  --seed N       of the first kernel (default 1); kernel i has seed N + i\n"
	"  --count N      kernels (default 100); --seconds N  stop after this long\n"
	"  --isa LIST     of sse4, avx2, avx512 (default: what this machine has, by seed)\n"
	"  --widths LIST  of 1, 4, 8, 16, 32, 64 (default: two, by seed)\n"
	"  --opt N        optimisation level (default: by seed)\n"
	"  --features N   bits of enum gen_features (default all)\n"
	"  --out DIR      where failing kernels are written (default .); made if it is missing\n"
	"  --builtins F   builtins.bc, or none; --support F\n"
	"  --check        the reference traps on undefined behaviour\n"
	"  --print        print the kernels and stop\n"
	"  --reduce       shrink FILE.cl, which holds one failing kernel, to standard output\n"
	"  --limit N      seconds for one kernel (default 20), or for --reduce (default 600)\n"
	"  --verbose      a line for every kernel\n"
	"  --help         this text\n";

/* What the command line asks for. */
struct request {
	struct setup setup;
	uint64_t seed;
	unsigned count, seconds, features, limit;
	const char *out, *file;
	bool print, reduce, verbose;
};

static void report(const struct request *request, const struct text *source,
		   const struct kernel_case *one)
{
	struct text copy = {0};
	char path[4096];

	printf("%s seed %" PRIu64 " width %u: %s\n", outcome_names[one->outcome], one->seed,
	       one->width, one->message);
	fflush(stdout);
	if (request->file)
		return;
	text_add(&copy, "// %s width %u: %s\n", outcome_names[one->outcome], one->width,
		 one->message);
	text_add_bytes(&copy, source->at, source->used);
	snprintf(path, sizeof(path), "%s/fail-%" PRIu64 ".cl", request->out, one->seed);
	if (text_write(&copy, path))
		warn("%s", path);
	text_finish(&copy);
}

/* A file with kernel @seed only. */
static void single(struct text *text, const struct request *request, uint64_t seed)
{
	text_add(text, "%s", gen_prelude);
	gen_kernel(text, "k", seed, request->features);
}

static unsigned run_batch(const struct request *request, uint64_t seed, unsigned count)
{
	struct kernel_case cases[MAX_KERNELS];
	struct text source = {0};
	unsigned failures = 0, found;

	text_add(&source, "%s", gen_prelude);
	for (unsigned i = 0; i < count; i++) {
		char name[16];

		snprintf(name, sizeof(name), "k%u", i);
		gen_kernel(&source, name, seed + i, request->features);
	}
	if (request->print) {
		fwrite(source.at, 1, source.used, stdout);
		return 0;
	}
	found = check_list(&source, cases);
	if (check_file(&request->setup, &source, cases, found)) {
		printf("kernels of seeds from %" PRIu64 " do not compile\n", seed);
		text_finish(&source);
		return count;
	}
	for (unsigned i = 0; i < found; i++) {
		struct text one = {0};

		if (request->verbose)
			printf("%" PRIu64 " %s\n", cases[i].seed, outcome_names[cases[i].outcome]);
		if (cases[i].outcome == OUTCOME_SAME)
			continue;
		failures++;
		single(&one, request, cases[i].seed);
		report(request, &one, &cases[i]);
		text_finish(&one);
	}
	fflush(stdout);
	text_finish(&source);
	return failures;
}

static unsigned run_all(const struct request *request)
{
	time_t end = request->seconds ? time(NULL) + request->seconds : 0;
	unsigned failures = 0, done = 0;

	while (done < request->count && (!end || time(NULL) < end)) {
		unsigned count = request->count - done < BATCH ? request->count - done : BATCH;

		failures += run_batch(request, request->seed + done, count);
		done += count;
	}
	if (!request->print)
		printf("%u kernels, %u failures\n", done, failures);
	return failures;
}

static unsigned run_file(struct request *request)
{
	struct kernel_case cases[MAX_KERNELS];
	struct text source = {0};
	unsigned count, failures = 0;

	text_read(&source, request->file);
	count = check_list(&source, cases);
	if (check_file(&request->setup, &source, cases, count))
		errx(1, "%s does not compile", request->file);
	for (unsigned i = 0; i < count; i++) {
		if (cases[i].outcome != OUTCOME_SAME)
			failures++;
		if (!request->reduce)
			report(request, &source, &cases[i]);
	}
	if (!request->reduce || !failures)
		return failures;
	if (count != 1)
		errx(1, "--reduce takes a file with one kernel");
	request->setup.quiet = request->setup.check = true;
	if (cases[0].width) {
		/* One lane first: that shows a kernel that a change made undefined. */
		request->setup.widths[0] = 1;
		request->setup.widths[1] = cases[0].width;
		request->setup.num_widths = cases[0].width > 1 ? 2 : 1;
	}
	request->setup.seconds = 10;
	reduce(&request->setup, &source, &cases[0], request->limit ? request->limit : 600);
	fwrite(source.at, 1, source.used, stdout);
	text_finish(&source);
	return failures;
}

static void take_widths(struct setup *setup, const char *list)
{
	char *end;

	setup->num_widths = 0;
	for (; *list && setup->num_widths < MAX_WIDTHS; list = *end ? end + 1 : end)
		setup->widths[setup->num_widths++] = (unsigned)strtoul(list, &end, 10);
}

static void take_isas(struct setup *setup, const char *list)
{
	setup->num_isas = 0;
	for (int isa = CWC_ISA_SSE4; isa <= CWC_ISA_AVX512; isa++)
		if (strstr(list, cwc_isa_name((enum cwc_isa)isa)))
			setup->isas[setup->num_isas++] = (enum cwc_isa)isa;
	if (!setup->num_isas)
		errx(2, "no such instruction set: %s", list);
}

static const char *host_isas(void)
{
	if (__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd"))
		return "sse4,avx2,avx512";
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		return "sse4,avx2";
	return "sse4";
}

static const struct option options[] = {
	{"seed", 1, NULL, 's'},	    {"count", 1, NULL, 'c'},  {"seconds", 1, NULL, 't'},
	{"isa", 1, NULL, 'i'},	    {"widths", 1, NULL, 'w'}, {"opt", 1, NULL, 'O'},
	{"features", 1, NULL, 'f'}, {"out", 1, NULL, 'o'},    {"builtins", 1, NULL, 'b'},
	{"support", 1, NULL, 'u'},  {"check", 0, NULL, 'k'},  {"print", 0, NULL, 'p'},
	{"reduce", 0, NULL, 'r'},   {"limit", 1, NULL, 'l'},  {"verbose", 0, NULL, 'v'},
	{"help", 0, NULL, 'h'},	    {NULL, 0, NULL, 0},
};

/* @value: of the option; empty where it has none. */
static int take_option(struct request *request, int option, const char *value)
{
	unsigned long number = strtoul(value, NULL, 0);

	switch (option) {
	case 's':
		request->seed = number;
		return 0;
	case 'c':
		request->count = (unsigned)number;
		return 0;
	case 't':
		request->seconds = (unsigned)number;
		request->count = ~0u;
		return 0;
	case 'i':
		take_isas(&request->setup, value);
		return 0;
	case 'w':
		take_widths(&request->setup, value);
		return 0;
	case 'O':
		request->setup.level = (int)number;
		return 0;
	case 'f':
		request->features = (unsigned)number;
		return 0;
	case 'o':
		request->out = value;
		return 0;
	case 'b':
		request->setup.files.builtins = strcmp(value, "none") ? value : NULL;
		return 0;
	case 'u':
		request->setup.files.support = strcmp(value, "none") ? value : NULL;
		return 0;
	case 'k':
		request->setup.check = true;
		return 0;
	case 'p':
		request->print = true;
		return 0;
	case 'r':
		request->reduce = true;
		return 0;
	case 'l':
		request->limit = (unsigned)number;
		return 0;
	case 'v':
		request->verbose = true;
		return 0;
	case 'h':
		fputs(usage, stdout);
		exit(0);
	default:
		return -1;
	}
}

static void remove_directory(const char *directory)
{
	static const char *const names[] = {"batch.cl", "batch.bc", "batch.so", "library.o"};
	char path[4096];

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		unlink(path);
	}
	rmdir(directory);
}

int main(int argc, char **argv)
{
	char directory[] = "/tmp/cwc-fuzz.XXXXXX";
	struct request request = {
		.setup = {.files = {.builtins = FUZZ_LIBRARY_DIR "/builtins.bc",
				    .support = FUZZ_LIBRARY_DIR "/support.bc"},
			  .level = -1},
		.seed = 1,
		.count = 100,
		.features = GEN_ALL,
		.out = ".",
	};
	unsigned failures;
	int option;

	take_isas(&request.setup, host_isas());
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (take_option(&request, option, optarg ? optarg : "")) {
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind < argc)
		request.file = argv[optind];
	request.setup.seconds = request.limit && !request.reduce ? request.limit : 20;
	if (!request.setup.files.builtins)
		request.features &= ~(unsigned)GEN_LIBRARY;
	if (!request.file && !request.print && mkdir(request.out, 0777) && errno != EEXIST)
		warn("%s", request.out);
	if (!mkdtemp(directory))
		err(1, "%s", directory);
	request.setup.directory = directory;
	failures = request.file ? run_file(&request) : run_all(&request);
	remove_directory(directory);
	return failures != 0;
}
