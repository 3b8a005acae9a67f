/* SPDX-License-Identifier: MIT */
/* The process's way to the compiler, made on first use from the configuration. */
#ifndef CW_COMPILER_H
#define CW_COMPILER_H

struct cwc_client;

/* The client; NULL when memory ran out.  Starts no process.  Any thread. */
struct cwc_client *cw_compiler(void);

/* Let idle compile workers go, if there are any. */
void cw_compiler_unload(void);

#endif
