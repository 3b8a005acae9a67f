/* SPDX-License-Identifier: MIT */
/* ND-ranges to run kernels on, and the parameters that all kernels have. */
#ifndef CWC_FUZZ_SHAPE_H
#define CWC_FUZZ_SHAPE_H

#include <stdint.h>

#define SHAPES 5

/* struct shape - an ND-range; unused dimensions are 1 (offset 0). */
struct shape {
	unsigned dims;
	uint64_t global[3], offset[3], local[3];
};

/* Fill @shapes for a kernel of @dims dimensions, by @seed; @local is its required size or 0. */
void shapes_pick(struct shape shapes[SHAPES], unsigned dims, const unsigned local[3],
		 uint64_t seed);

/* One more than the largest linear index g that the prelude's kernels compute. */
uint64_t shape_span(const struct shape *shape);
uint64_t shape_local_items(const struct shape *shape);
uint64_t shape_groups(const struct shape *shape, unsigned dim);
/* "12x3+1,0/4x2": global size, offset, local size. */
const char *shape_name(const struct shape *shape, char *text, unsigned bytes);

/* As struct S of the prelude. */
struct argument_struct {
	uint32_t a;
	uint8_t b[4];
	uint16_t c[2];
	uint32_t e;
	uint64_t d;
	float f;
	uint32_t h;
};

/* struct kernel_args - the argument block of abi.h for PARAMETERS of the prelude. */
struct kernel_args {
	const uint32_t *in;
	void *out, *oa, *o1, *ol, *ob, *os, *of, *od, *gs, *acc, *np;
	uint64_t lp;
	uint32_t u __attribute__((aligned(8)));
	uint32_t zero __attribute__((aligned(8)));
	uint64_t w;
	uint8_t cb __attribute__((aligned(8)));
	uint32_t uv[4] __attribute__((aligned(16)));
	struct argument_struct bs __attribute__((aligned(8)));
};

#endif
