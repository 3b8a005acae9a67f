/* SPDX-License-Identifier: MIT */
/* The section that holds the device's functions: the linker names its ends. */
#ifndef KT_CODE_H
#define KT_CODE_H

extern const char kt_code_begin[] __asm__("__start_kt_code");
extern const char kt_code_end[] __asm__("__stop_kt_code");

#endif
