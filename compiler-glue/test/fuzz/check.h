/* SPDX-License-Identifier: MIT */
/*
 * Running kernels of a file on both sides and comparing.
 *
 * DOC: processes
 *
 * check_file() does everything that may crash in children; the parent only
 * reads how far they came.  A crash ends its kernel, not the run.
 */
#ifndef CWC_FUZZ_CHECK_H
#define CWC_FUZZ_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "../../spmd/spmd.h"
#include "text.h"

#define MAX_WIDTHS  5
#define MAX_KERNELS 64

enum outcome {
	OUTCOME_NONE, /* not run */
	OUTCOME_SAME,
	OUTCOME_DIFFERENT, /* other results than the reference's, or a write outside of buffers */
	OUTCOME_FAULT,	   /* the compiled kernel faulted or did not end */
	OUTCOME_REFUSED,   /* the compiler gave an error text */
	OUTCOME_CRASH,	   /* the compiler crashed */
	OUTCOME_REFERENCE, /* the reference itself failed: not the compiler's fault */
};

extern const char *const outcome_names[];

/*
 * struct setup - how to check.
 * @files: the builtin library.
 * @isas: sets of instructions to choose from by seed, @num_isas of them.
 * @widths: @num_widths of them; none to choose by seed.
 * @level: optimisation level, or -1 to choose by seed.
 * @check: make the reference trap on undefined behaviour.
 * @quiet: no messages of clang.
 * @seconds: of processor time, limit for one kernel.
 * @directory: for temporary files.
 */
struct setup {
	struct cwc_spmd_files files;
	enum cwc_isa isas[3];
	unsigned num_isas;
	unsigned widths[MAX_WIDTHS];
	unsigned num_widths;
	int level;
	bool check, quiet;
	unsigned seconds;
	const char *directory;
};

/*
 * struct kernel_case - one kernel of a file; @outcome, @message, @width are results.
 * @local: the local size that it requires, or 0.
 */
struct kernel_case {
	char name[32];
	uint64_t seed;
	unsigned dims, local[3];
	enum outcome outcome;
	unsigned width;
	char message[256];
};

/* The kernels of @source, from their "name: seed N dims N local N N N" comments. */
unsigned check_list(const struct text *source, struct kernel_case cases[MAX_KERNELS]);

/* Fill in the outcomes of @count kernels of @source; 0, or -1 when it does not compile. */
int check_file(const struct setup *setup, const struct text *source, struct kernel_case *cases,
	       unsigned count);

#endif
