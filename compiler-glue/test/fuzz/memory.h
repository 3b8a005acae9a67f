/* SPDX-License-Identifier: MIT */
/*
 * The memory that kernels see.  Every region ends at a page that faults, so
 * an access past its end faults; what lies before it is checked afterwards.
 */
#ifndef CWC_FUZZ_MEMORY_H
#define CWC_FUZZ_MEMORY_H

#include <stddef.h>

#include "../../abi.h"
#include "shape.h"

/* The regions, in the order of kernel_args. */
enum region {
	IN,
	OUT_ITEMS,
	OUT_LINE,
	OUT_LONG,
	OUT_BYTE,
	OUT_SHORT,
	OUT_FLOAT,
	OUT_DOUBLE,
	OUT_STRUCT,
	ATOMICS,
	REGIONS
};

/*
 * struct memory - one set of buffers.
 * @ends: of each region's mapping; @bytes: its size for the present shape.
 * @arena, @arena_bytes: local memory; @frames, @frame_bytes: chunk frames.
 */
struct memory {
	unsigned char *ends[REGIONS];
	size_t bytes[REGIONS];
	unsigned char *arena_end, *arena;
	unsigned char *frames_end, *frames;
	size_t arena_bytes, frame_bytes;
};

/* Zeroed memory between pages that fault; its end is returned, @bytes a multiple of 4096. */
unsigned char *memory_map(size_t bytes);

void memory_init(struct memory *memory);

/* Set all contents and @args for @shape, by @seed; the local argument is left out. */
void memory_fill(struct memory *memory, struct kernel_args *args, const struct shape *shape,
		 uint64_t seed);

/* Local memory and frames for a compiled kernel, and its local argument. */
void memory_scratch(struct memory *memory, struct kernel_args *args, const struct shape *shape,
		    const struct cwc_kernel_note *note);

/* NULL, or what was written outside of the buffers. */
const char *memory_check(const struct memory *memory);

/* NULL, or the first difference, in static storage. */
const char *memory_compare(const struct memory *got, const struct memory *expected);

#endif
