/* SPDX-License-Identifier: MIT */
/*
 * The reference: kernels that clang compiled for x86-64 as plain functions,
 * run one work-item after the other.  Each work-item of a group has a fiber,
 * left at barriers.  One thread a process.
 */
#ifndef CWC_FUZZ_HOST_H
#define CWC_FUZZ_HOST_H

#include "shape.h"

#define HOST_MAX_LOCAL 1024

/* ref_<kernel> of the compiled reference. */
typedef void host_kernel_fn(const struct kernel_args *args);

/* 0, or -1 when some work-items of a group left without reaching a barrier that others wait at. */
int host_run(host_kernel_fn *kernel, const struct kernel_args *args, const struct shape *shape);

#endif
