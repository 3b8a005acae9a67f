/* SPDX-License-Identifier: MIT */
#ifndef CWC_FUZZ_REDUCE_H
#define CWC_FUZZ_REDUCE_H

#include "check.h"

/*
 * Shrink @source, a file with one kernel that fails like @like, in place:
 * drops statements and simplifies expressions while it fails in the same way.
 * Gives up after @seconds.
 */
void reduce(const struct setup *setup, struct text *source, const struct kernel_case *like,
	    unsigned seconds);

#endif
