/* SPDX-License-Identifier: MIT */
/*
 * Hand-written kernels, one trap of the work-group compiler each: compiled for
 * several widths and instruction sets, run at several local sizes.
 *
 * t_kernels [NAME [WIDTH]] runs all of them or some.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../client/loader.h"
#include "../../spmd/spmd.h"
#include "build.h"
#include "expect.h"
#include "memory.h"
#include "shape.h"
#include "text.h"

#define ROOM	     (1ul << 20)
#define FRAMES	     (64ul << 20)
#define PRINTF_BYTES (256ul << 10)
/* Kernels with atomics use the first 64 bytes of the output whatever the ND-range. */
#define MIN_PLACES   4
/* Elements of the input beyond four for each work-item. */
#define INPUT_MORE   256

/* The arguments of every kernel; extra ones follow. */
struct arguments {
	const uint32_t *in;
	uint32_t *out;
	uint64_t n;
	uint64_t lp;
	unsigned char extra[256];
};

/* struct bench - what all tests share; the ends of guarded memory. */
struct bench {
	struct cwc_spmd *spmd;
	unsigned char *in_end, *out_end, *arena_end, *frames_end;
	struct cwc_printf_buffer *printed;
	char directory[32];
};

/* struct job - a compiled kernel. */
struct job {
	struct bench *bench;
	const struct kernel_test *test;
	struct cwc_spmd_options options;
	struct cwc_image *image;
	void *globals_object;
	size_t globals_bytes;
};

static bool host_has(enum cwc_isa isa)
{
	if (isa == CWC_ISA_AVX512)
		return __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
		       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd");
	return isa == CWC_ISA_SSE4 ||
	       (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"));
}

static struct shape shape_of(const struct kernel_test *test, const uint16_t local[3], bool ragged)
{
	struct shape shape = {.dims = test->dims, .global = {1, 1, 1}, .local = {1, 1, 1}};
	uint64_t groups = test->dims == 1 ? 3 : 2;

	for (unsigned i = 0; i < test->dims; i++) {
		shape.local[i] = local[i];
		shape.global[i] = local[i] * groups;
		/* The last group lacks some. */
		if (ragged && local[i] > 1)
			shape.global[i] -= local[i] / 2;
	}
	shape.offset[0] = test->offset;
	return shape;
}

static uint32_t *fill_input(const struct bench *bench, uint64_t items)
{
	uint32_t *in = (uint32_t *)(void *)bench->in_end - (4 * items + INPUT_MORE);

	for (uint64_t i = 0; i < 4 * items + INPUT_MORE; i++)
		in[i] = ((uint32_t)i * 2654435761u >> 9) % 251;
	return in;
}

static void describe(struct item *item, const struct cwc_launch *launch, const uint64_t at[3])
{
	uint64_t g = 0, lid = 0, lsz = 1;

	for (int i = 2; i >= 0; i--) {
		uint64_t first = at[i] / launch->local_size[i] * launch->local_size[i];
		uint64_t left = launch->global_size[i] - first;

		item->group[i] = at[i] / launch->local_size[i];
		item->local_id[i] = at[i] - first;
		item->local_size[i] = left < launch->local_size[i] ? left : launch->local_size[i];
		item->id[i] = at[i] + launch->global_offset[i];
		g = g * launch->global_size[i] + at[i];
		lid = lid * item->local_size[i] + item->local_id[i];
		lsz *= item->local_size[i];
	}
	item->g = g;
	item->lid = lid;
	item->lsz = lsz;
	item->first = g - lid;
}

static int complain(const struct job *job, const struct shape *shape, const char *text)
{
	char name[96];

	printf("%s: width %u, isa %u, %s: %s\n", job->test->name, job->options.width,
	       job->options.isa, shape_name(shape, name, sizeof(name)), text);
	return -1;
}

static int verify(const struct job *job, const struct shape *shape, const struct cwc_launch *launch,
		  const uint32_t *in, const uint32_t *out)
{
	struct item item = {.width = job->image->note.width, .in = in, .launch = launch};
	const uint64_t *size = launch->global_size;
	const char *wrong;
	char text[128];

	item.items = size[0] * size[1] * size[2];
	for (uint64_t i = 0; i < item.items; i++) {
		const uint64_t at[3] = {i % size[0], i / size[0] % size[1], i / size[0] / size[1]};
		uint32_t expected[SLOTS];

		describe(&item, launch, at);
		memcpy(expected, out + i * SLOTS, sizeof(expected));
		if (job->test->expect)
			job->test->expect(&item, expected);
		for (unsigned s = 0; s < SLOTS; s++) {
			if (expected[s] == out[i * SLOTS + s])
				continue;
			snprintf(text, sizeof(text),
				 "work-item %" PRIu64 ", slot %u is %" PRIu32 ", not %" PRIu32, i,
				 s, out[i * SLOTS + s], expected[s]);
			return complain(job, shape, text);
		}
	}
	wrong = job->test->expect_all ? job->test->expect_all(&item, out, job->bench->printed)
				      : NULL;
	return wrong ? complain(job, shape, wrong) : 0;
}

static void launch_groups(const struct job *job, const struct cwc_launch *launch,
			  struct cwc_scratch *scratch)
{
	const uint64_t *groups = launch->num_groups;

	for (uint64_t z = 0; z < groups[2]; z++)
		for (uint64_t y = 0; y < groups[1]; y++)
			job->image->entry(launch, scratch, 0, groups[0], y, z);
}

static int run(const struct job *job, const struct shape *shape)
{
	static struct arguments block __attribute__((aligned(CWC_ARENA_ALIGN)));
	const struct cwc_kernel_note *note = &job->image->note;
	struct bench *bench = job->bench;
	uint64_t items = shape->global[0] * shape->global[1] * shape->global[2];
	uint64_t own = (note->local_bytes + CWC_ARENA_ALIGN - 1) & -(uint64_t)CWC_ARENA_ALIGN;
	uint64_t local = (own + shape_local_items(shape) * 4 + CWC_ARENA_ALIGN - 1) &
			 -(uint64_t)CWC_ARENA_ALIGN;
	uint64_t places = items < MIN_PLACES ? MIN_PLACES : items;
	uint32_t *out = (uint32_t *)(void *)bench->out_end - places * SLOTS;
	struct cwc_scratch scratch = {
		.local = bench->arena_end - local,
		.frames = bench->frames_end - cwc_frames_bytes(note, shape->local),
		.local_bytes = local,
		.frames_bytes = cwc_frames_bytes(note, shape->local),
	};
	struct cwc_launch launch = {
		.work_dim = shape->dims,
		.args = &block,
		.printf = bench->printed,
	};
	size_t globals_bytes;
	int status;

	memset(scratch.local, 0xa5, local);
	memset(scratch.frames, 0xa5, cwc_frames_bytes(note, shape->local));
	memset(out, 0, places * SLOTS * 4);
	bench->printed->used = 0;
	block = (struct arguments){fill_input(bench, items), out, ARGUMENT_N, own, {0}};
	if (job->test->extra)
		memcpy(block.extra, job->test->extra, job->test->extra_bytes);
	for (unsigned i = 0; i < 3; i++) {
		launch.global_size[i] = shape->global[i];
		launch.global_offset[i] = shape->offset[i];
		launch.local_size[i] = shape->local[i];
		launch.num_groups[i] = shape_groups(shape, i);
	}
	if (job->globals_object && cwc_globals_load(job->globals_object, job->globals_bytes,
						    &launch.globals, &globals_bytes))
		return complain(job, shape, "the loader does not take the variables");
	launch_groups(job, &launch, &scratch);
	status = verify(job, shape, &launch, block.in, out);
	if (job->globals_object)
		cwc_globals_unload(launch.globals, globals_bytes);
	return status;
}

static int run_shapes(const struct job *job)
{
	static const uint16_t lines[][3] = {{1}, {3}, {8}, {17}, {64}, {100}};
	static const uint16_t boxes[][3] = {
		{7, 5, 3}, {1, 8, 2}, {16, 3, 1}, {5, 1, 1}, {16, 16, 1}};
	bool line = job->test->dims == 1;
	unsigned count = line ? 6 : 5;
	int status = 0;

	for (unsigned i = 0; i < count * 2; i++) {
		struct shape shape = shape_of(job->test, line ? lines[i / 2] : boxes[i / 2], i & 1);

		status |= run(job, &shape);
	}
	if (job->test->local) {
		struct shape shape =
			shape_of(job->test, (uint16_t[3]){(uint16_t)job->test->local, 1, 1}, false);

		status |= run(job, &shape);
	}
	return status;
}

static int run_width(struct bench *bench, const struct kernel_test *test, const struct text *ir,
		     enum cwc_isa isa, unsigned width)
{
	struct job job = {
		.bench = bench,
		.test = test,
		.options = {.isa = isa,
			    .width = width,
			    .opt_level = 3,
			    .wide_ids = test->offset != 0},
	};
	void *object = NULL;
	size_t bytes = 0;
	uint64_t variables;
	char *error = NULL;
	int status;

	printf("# %s width %u isa %u\n", test->name, width, isa);
	fflush(stdout);
	if (cwc_spmd_compile(bench->spmd, ir->at, ir->used, test->name, &job.options, &object,
			     &bytes, &error) ||
	    cwc_spmd_globals(bench->spmd, ir->at, ir->used, &job.globals_object, &job.globals_bytes,
			     &variables, &error)) {
		printf("%s: width %u, isa %u: %s\n", test->name, width, isa, error ? error : "?");
		free(error);
		free(object);
		return -1;
	}
	status = cwc_image_load(object, bytes, &job.image);
	if (status) {
		printf("%s: width %u, isa %u: the loader does not take it\n", test->name, width,
		       isa);
	} else {
		status = run_shapes(&job);
		cwc_image_unload(job.image);
	}
	free(object);
	free(job.globals_object);
	return status;
}

static int run_test(struct bench *bench, const struct kernel_test *test, unsigned only)
{
	static const struct {
		enum cwc_isa isa;
		unsigned width;
	} targets[] = {
		{CWC_ISA_SSE4, 4},   {CWC_ISA_AVX2, 1},	   {CWC_ISA_AVX2, 8},
		{CWC_ISA_AVX512, 4}, {CWC_ISA_AVX512, 16},
	};
	char source[4096], bitcode[64];
	struct text ir = {0};
	int status = 0;

	snprintf(source, sizeof(source), "%s/%s.cl", KERNELS_SOURCE_DIR, test->name);
	snprintf(bitcode, sizeof(bitcode), "%s/kernel.bc", bench->directory);
	if (build_ir(source, bitcode, false, false)) {
		printf("%s: does not compile\n", source);
		return -1;
	}
	text_read(&ir, bitcode);
	unlink(bitcode);
	for (unsigned i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		if (host_has(targets[i].isa) && (!only || only == targets[i].width))
			status |= run_width(bench, test, &ir, targets[i].isa, targets[i].width);
	text_finish(&ir);
	return status;
}

static void open_bench(struct bench *bench)
{
	const struct cwc_spmd_files files = {
		.builtins = FUZZ_LIBRARY_DIR "/builtins.bc",
		.library = {[CWC_ISA_SSE4] = FUZZ_LIBRARY_DIR "/builtins.sse4.bc",
			    [CWC_ISA_AVX2] = FUZZ_LIBRARY_DIR "/builtins.avx2.bc",
			    [CWC_ISA_AVX512] = FUZZ_LIBRARY_DIR "/builtins.avx512.bc"},
		.support = FUZZ_LIBRARY_DIR "/support.bc",
	};
	char *error = NULL;

	snprintf(bench->directory, sizeof(bench->directory), "/tmp/cwc-kernels.XXXXXX");
	if (!mkdtemp(bench->directory))
		err(1, "%s", bench->directory);
	bench->in_end = memory_map(ROOM);
	bench->out_end = memory_map(ROOM);
	bench->arena_end = memory_map(ROOM);
	bench->frames_end = memory_map(FRAMES);
	bench->printed = (void *)(memory_map(PRINTF_BYTES) - PRINTF_BYTES);
	bench->printed->bytes = PRINTF_BYTES - sizeof(*bench->printed);
	if (cwc_spmd_init(&bench->spmd, &files, &error))
		errx(1, "the compiler does not start: %s", error ? error : "?");
}

int main(int argc, char **argv)
{
	const struct kernel_test *const tables[] = {flow_tests, data_tests, group_tests};
	unsigned only = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0, done = 0, failed = 0;
	struct bench bench;

	open_bench(&bench);
	for (unsigned t = 0; t < sizeof(tables) / sizeof(*tables); t++) {
		for (const struct kernel_test *test = tables[t]; test->name; test++) {
			if (argc > 1 && strcmp(argv[1], test->name) != 0)
				continue;
			done++;
			failed += run_test(&bench, test, only) != 0;
		}
	}
	cwc_spmd_finish(bench.spmd);
	rmdir(bench.directory);
	printf("%u kernels, %u failed\n", done, failed);
	return failed || !done;
}
