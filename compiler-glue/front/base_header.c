/* SPDX-License-Identifier: MIT */
/* clang's opencl-c-base.h, carried inside the worker so that it needs no clang at run time. */
#include "front/front.h"

__asm__(".section .rodata\n"
	".global cwc_front_base_header\n"
	".global cwc_front_base_header_bytes\n"
	"cwc_front_base_header:\n"
	".incbin \"" CAUSEWAY_OPENCL_BASE_HEADER "\"\n"
	"cwc_front_base_header_bytes_end:\n"
	".byte 0\n"
	".balign 8\n"
	"cwc_front_base_header_bytes:\n"
	".quad cwc_front_base_header_bytes_end - cwc_front_base_header\n"
	".previous\n");
