/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <ctype.h>
#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../client/loader.h"
#include "build.h"
#include "host.h"
#include "memory.h"
#include "shape.h"

const char *const outcome_names[] = {
	"not run", "ok", "DIFFERENT", "FAULT", "REFUSED", "CRASH", "REFERENCE",
};

/*
 * struct worker - a child's state.
 * @cases: shared with the parent.
 */
struct worker {
	const struct setup *setup;
	struct kernel_case *cases;
	struct cwc_spmd *spmd;
	struct text bitcode;
	void *reference;
	struct memory expected, got;
};

/* The number behind @word, which *@at begins with: moves on behind it. */
static bool take_number(const char **at, const char *word, uint64_t *number_out)
{
	size_t length = strlen(word);
	char *end;

	if (strncmp(*at, word, length) != 0 || !isdigit((unsigned char)(*at)[length]))
		return false;
	errno = 0;
	*number_out = strtoull(*at + length, &end, 10);
	*at = end;
	return !errno;
}

/* A kernel's comment from the name on; see check_list(). */
static bool take_case(const char *at, struct kernel_case *one)
{
	size_t length = strcspn(at, ":");
	uint64_t number;

	*one = (struct kernel_case){0};
	if (!length || length >= sizeof(one->name))
		return false;
	memcpy(one->name, at, length);
	at += length;
	if (!take_number(&at, ": seed ", &one->seed) || !take_number(&at, " dims ", &number))
		return false;
	one->dims = (unsigned)number;
	for (unsigned i = 0; i < 3 && take_number(&at, i ? " " : " local ", &number); i++)
		one->local[i] = (unsigned)number;
	return one->dims >= 1 && one->dims <= 3;
}

unsigned check_list(const struct text *source, struct kernel_case cases[MAX_KERNELS])
{
	unsigned count = 0;

	for (const char *at = source->at; (at = strstr(at, "/* ")) && count < MAX_KERNELS; at += 3)
		if (take_case(at + 3, &cases[count]))
			count++;
	return count;
}

static void say(struct kernel_case *one, enum outcome outcome, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void say(struct kernel_case *one, enum outcome outcome, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(one->message, sizeof(one->message), format, list);
	va_end(list);
	one->outcome = outcome;
}

static struct cwc_spmd_options choose_options(const struct setup *setup, uint64_t seed,
					      unsigned width)
{
	uint64_t bits = seed * 0x9e3779b97f4a7c15u >> 32;

	return (struct cwc_spmd_options){
		/* Mostly the last one. */
		.isa = setup->isas[bits % 5 < setup->num_isas ? bits % 5 : setup->num_isas - 1],
		.width = width,
		.wide_ids = bits / 16 % 4 == 0,
		.opt_level = setup->level >= 0 ? (unsigned)setup->level
			     : bits / 64 % 8   ? 3
					       : 1,
	};
}

/* The widths to try on a kernel: those asked for, or two by its seed; their number. */
static unsigned choose_widths(const struct setup *setup, uint64_t seed, unsigned widths[MAX_WIDTHS])
{
	static const unsigned char many[] = {16, 8, 16, 16}, few[] = {4, 8, 4, 4};
	static const unsigned char other[] = {1, 4, 8, 4, 1, 8, 1, 4, 1, 8, 32, 4, 1, 8, 64, 4};
	uint64_t bits = seed * 0xd1342543de82ef95u >> 40;
	enum cwc_isa isa = choose_options(setup, seed, 1).isa;

	if (setup->num_widths) {
		memcpy(widths, setup->widths, sizeof(setup->widths));
		return setup->num_widths;
	}
	/* Many lanes on narrow registers take very long to compile and are seldom used. */
	widths[0] = isa == CWC_ISA_SSE4 ? few[bits % 4] : many[bits % 4];
	widths[1] = other[bits / 4 % (isa == CWC_ISA_AVX512 ? 16 : 10)];
	return widths[1] == widths[0] ? 1 : 2;
}

static struct cwc_image *compile(struct worker *worker, struct kernel_case *one, unsigned width)
{
	struct cwc_spmd_options options = choose_options(worker->setup, one->seed, width);
	struct cwc_image *image = NULL;
	void *object = NULL;
	size_t bytes = 0;
	char *error = NULL;

	one->width = width;
	say(one, OUTCOME_CRASH, "compiling for %s", cwc_isa_name(options.isa));
	if (cwc_spmd_compile(worker->spmd, worker->bitcode.at, worker->bitcode.used, one->name,
			     &options, &object, &bytes, &error)) {
		say(one, OUTCOME_REFUSED, "%s: %s", cwc_isa_name(options.isa), error ? error : "?");
		free(error);
		return NULL;
	}
	if (cwc_image_load(object, bytes, &image)) {
		say(one, OUTCOME_REFUSED, "the loader does not take the object");
		image = NULL;
	}
	free(object);
	return image;
}

static void launch(const struct cwc_image *image, const struct kernel_args *args,
		   const struct memory *memory, const struct shape *shape)
{
	struct cwc_scratch scratch = {
		.local = memory->arena,
		.frames = memory->frames,
		.local_bytes = memory->arena_bytes,
		.frames_bytes = memory->frame_bytes,
	};
	union {
		struct kernel_args args;
		unsigned char bytes[CWC_ARENA_ALIGN * 2];
	} block __attribute__((aligned(CWC_ARENA_ALIGN))) = {.args = *args};
	struct cwc_launch launch = {.work_dim = shape->dims, .args = &block};
	uint64_t groups;

	for (unsigned i = 0; i < 3; i++) {
		launch.global_size[i] = shape->global[i];
		launch.global_offset[i] = shape->offset[i];
		launch.local_size[i] = shape->local[i];
		launch.num_groups[i] = shape_groups(shape, i);
	}
	groups = launch.num_groups[0];
	for (uint64_t z = 0; z < launch.num_groups[2]; z++) {
		for (uint64_t y = 0; y < launch.num_groups[1]; y++) {
			/* A row in two pieces. */
			image->entry(&launch, &scratch, 0, groups / 2, y, z);
			image->entry(&launch, &scratch, groups / 2, groups, y, z);
		}
	}
}

/* Run the reference for @shape into worker->expected. */
static int expect(struct worker *worker, struct kernel_case *one, host_kernel_fn *kernel,
		  const struct shape *shape)
{
	const struct cwc_kernel_note none = {.width = 1};
	struct kernel_args args;
	char name[96];

	say(one, OUTCOME_REFERENCE, "the reference faulted on %s",
	    shape_name(shape, name, sizeof(name)));
	memory_fill(&worker->expected, &args, shape, one->seed);
	memory_scratch(&worker->expected, &args, shape, &none);
	args.lp = (uint64_t)(uintptr_t)worker->expected.arena;
	if (host_run(kernel, &args, shape)) {
		say(one, OUTCOME_REFERENCE, "a divergent barrier on %s", name);
		return -1;
	}
	if (memory_check(&worker->expected)) {
		say(one, OUTCOME_REFERENCE, "the reference %s", memory_check(&worker->expected));
		return -1;
	}
	return 0;
}

static int compare(struct worker *worker, struct kernel_case *one, const struct cwc_image *image,
		   unsigned width, const struct shape *shape)
{
	struct kernel_args args;
	const char *difference;
	char name[96];

	shape_name(shape, name, sizeof(name));
	one->width = width;
	say(one, OUTCOME_FAULT, "isa %u, running on %s", image->note.isa, name);
	memory_fill(&worker->got, &args, shape, one->seed);
	memory_scratch(&worker->got, &args, shape, &image->note);
	launch(image, &args, &worker->got, shape);
	difference = memory_check(&worker->got);
	if (!difference)
		difference = memory_compare(&worker->got, &worker->expected);
	if (!difference)
		return 0;
	say(one, OUTCOME_DIFFERENT, "isa %u, %s: %s", image->note.isa, name, difference);
	return -1;
}

static int check_kernel(struct worker *worker, struct kernel_case *one)
{
	const struct setup *setup = worker->setup;
	unsigned widths[MAX_WIDTHS], num_widths = choose_widths(setup, one->seed, widths);
	struct cwc_image *images[MAX_WIDTHS] = {0};
	struct shape shapes[SHAPES];
	host_kernel_fn *kernel;
	char symbol[64];
	int status = 0;

	snprintf(symbol, sizeof(symbol), "ref_%s", one->name);
	*(void **)(void *)&kernel = dlsym(worker->reference, symbol);
	if (!kernel) {
		say(one, OUTCOME_REFERENCE, "no %s", symbol);
		return -1;
	}
	for (unsigned i = 0; !status && i < num_widths; i++) {
		images[i] = compile(worker, one, widths[i]);
		status = images[i] ? 0 : -1;
	}
	shapes_pick(shapes, one->dims, one->local, one->seed);
	for (unsigned s = 0; !status && s < SHAPES; s++) {
		status = expect(worker, one, kernel, &shapes[s]);
		for (unsigned i = 0; !status && i < num_widths; i++)
			if (images[i])
				status = compare(worker, one, images[i], widths[i], &shapes[s]);
	}
	for (unsigned i = 0; i < num_widths; i++)
		if (images[i])
			cwc_image_unload(images[i]);
	if (!status)
		say(one, OUTCOME_SAME, "-");
	return status;
}

/* Processor time, so that a busy machine makes no failures. */
static void limit_time(unsigned seconds)
{
	const struct itimerval timer = {.it_value = {.tv_sec = seconds}};

	setitimer(ITIMER_PROF, &timer, NULL);
}

static void child(const struct setup *setup, const char *bitcode, const char *object,
		  struct kernel_case *cases, unsigned first, unsigned count)
{
	struct worker worker = {.setup = setup, .cases = cases};
	char *error = NULL;

	text_read(&worker.bitcode, bitcode);
	worker.reference = dlopen(object, RTLD_NOW);
	if (!worker.reference)
		errx(1, "%s", dlerror());
	memory_init(&worker.expected);
	memory_init(&worker.got);
	if (cwc_spmd_init(&worker.spmd, &setup->files, &error))
		errx(1, "the compiler does not start: %s", error);
	for (unsigned i = first; i < count; i++) {
		limit_time(setup->seconds);
		check_kernel(&worker, &cases[i]);
	}
	cwc_spmd_finish(worker.spmd);
}

/* Children until every kernel was tried. */
static void run_children(const struct setup *setup, const char *bitcode, const char *object,
			 struct kernel_case *cases, unsigned count)
{
	unsigned first = 0;

	while (first < count) {
		pid_t pid;
		int status;

		fflush(NULL);
		pid = fork();
		if (pid < 0)
			err(1, "fork");
		if (!pid) {
			child(setup, bitcode, object, cases, first, count);
			_exit(0);
		}
		while (waitpid(pid, &status, 0) < 0)
			;
		if (!status)
			return;
		while (first < count && cases[first].outcome != OUTCOME_NONE)
			first++;
		if (!first)
			errx(1, "the worker does not start");
		if (WIFSIGNALED(status)) {
			char *text = cases[first - 1].message;
			size_t used = strlen(text);

			snprintf(text + used, sizeof(cases->message) - used, ": %s",
				 strsignal(WTERMSIG(status)));
		}
	}
}

int check_file(const struct setup *setup, const struct text *source, struct kernel_case *cases,
	       unsigned count)
{
	char path[4096], bitcode[4096], object[4096], library[4096];
	size_t bytes = sizeof(*cases) * count;
	struct kernel_case *shared;

	snprintf(path, sizeof(path), "%s/batch.cl", setup->directory);
	snprintf(bitcode, sizeof(bitcode), "%s/batch.bc", setup->directory);
	snprintf(object, sizeof(object), "%s/batch.so", setup->directory);
	snprintf(library, sizeof(library), "%s/library.o", setup->directory);
	if (text_write(source, path))
		err(1, "%s", path);
	if (access(library, R_OK) && build_library(library))
		errx(1, "host_library.cl does not compile");
	if (build_ir(path, bitcode, setup->check, setup->quiet) ||
	    build_reference(path, library, object, setup->check, setup->quiet))
		return -1;
	shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(1, "mmap");
	memcpy(shared, cases, bytes);
	run_children(setup, bitcode, object, shared, count);
	memcpy(cases, shared, bytes);
	munmap(shared, bytes);
	return 0;
}
