/* SPDX-License-Identifier: MIT */
/* The output of kernels' printf: OpenCL C 3.0, 6.15.14. */
#ifndef CW_PRINTF_H
#define CW_PRINTF_H

#include <stdbool.h>
#include <stdio.h>

#include "abi.h"

/* An empty buffer of @bytes bytes for records; free() ends it. NULL when memory is short. */
struct cwc_printf_buffer *cw_printf_buffer_create(size_t bytes);

/*
 * Write the records to stdout, in their order and flushed, and forget them.
 * Output of different kernels is never mixed.  No lock above PRINTF may be
 * held; the records may be damaged (a kernel faulted): what makes no sense
 * ends the output.
 */
void cw_printf_flush(struct cwc_printf_buffer *buffer);

/* The same for one record to any stream; false where it makes no sense. For tests. */
bool cw_printf_record(FILE *stream, const struct cwc_printf_record *record);

#endif
