/* SPDX-License-Identifier: MIT */
/* Library mode: heavy builtins, ahead of time, for every width. */
#include "internal.h"

int cwc_spmd_library(struct cwc_spmd *spmd, enum cwc_isa isa, void **bitcode_out,
		     size_t *bitcode_bytes_out, char **error_out)
{
	(void)spmd;
	(void)isa;
	(void)bitcode_out;
	(void)bitcode_bytes_out;
	*error_out = NULL;
	return -1;
}
