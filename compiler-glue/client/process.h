/* SPDX-License-Identifier: MIT */
/* Finding and starting the compile worker. */
#ifndef CWC_PROCESS_H
#define CWC_PROCESS_H

#include <stddef.h>

/*
 * Find causeway-cc: @chosen unless that is NULL or empty, else by the place of
 * the library that this code is part of, for the installed and the build
 * tree's layout.  0, or -ENOENT with the first place that was tried in @path.
 */
int cwc_process_find(const char *chosen, char *path, size_t room);

/*
 * Start the worker at @path with an address-space limit; *socket_out is our
 * end of its socket, closed on exec.  0 or negative errno.
 *
 * The worker is nobody's child as far as the application can see: no SIGCHLD, nothing
 * for its wait() to find.  It has a session of its own, so that the terminal's
 * signals pass it by, and ends by itself when the socket closes.  Any thread.
 */
int cwc_process_start(const char *path, unsigned long long memory_bytes, int *socket_out);

#endif
