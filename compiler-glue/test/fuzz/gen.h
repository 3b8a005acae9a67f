/* SPDX-License-Identifier: MIT */
/*
 * The generator of random kernels.
 *
 * DOC: what it promises
 *
 * Every kernel has the parameters of fuzz.h (struct kernel_args), ends, has no
 * undefined behaviour and no races: a work-item writes only its own places of
 * the output buffers; what it reads of others went through local memory and a
 * barrier, or is an atomic whose result does not depend on order.  Floating
 * point values are integers below 2^24, so every operation on them is exact.
 * Barriers stand only where the whole work-group passes.
 *
 * "Uniform" below always means the same in the whole work-group.
 */
#ifndef CWC_FUZZ_GEN_H
#define CWC_FUZZ_GEN_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

/* What kernels may use; GEN_LIBRARY is all that needs the builtin library. */
enum gen_features {
	GEN_LIBRARY = 1u << 0,
	GEN_BARRIER = 1u << 1,
	GEN_VECTOR = 1u << 2,
	GEN_GOTO = 1u << 3,
	GEN_FUNCTION = 1u << 4,
	GEN_STRUCT = 1u << 5,
	GEN_ATOMIC = 1u << 6,
	GEN_POINTER = 1u << 7,
	GEN_FLOAT = 1u << 8,
	GEN_ALL = (1u << 9) - 1,
};

/* Add kernel @name of @seed, with its helper functions, to @text. */
void gen_kernel(struct text *text, const char *name, uint64_t seed, unsigned features);

/* What precedes the kernels of a file. */
extern const char gen_prelude[];

/* The kernel's dimensions, a function of the seed. */
unsigned gen_dims(uint64_t seed);

#endif
