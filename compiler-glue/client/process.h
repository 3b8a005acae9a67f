/* SPDX-License-Identifier: MIT */
/* Finding and starting our programs: the compile worker, a device's engine. */
#ifndef CWC_PROCESS_H
#define CWC_PROCESS_H

#include <stddef.h>

/* The compile worker's name, for cwc_process_find(). */
#define CWC_WORKER_PROGRAM "causeway-cc"

/* Most files that a program may be given. */
#define CWC_PROCESS_FILES 4

/*
 * Find @program: @chosen unless that is NULL or empty, else by the place of
 * the library that this code is part of, for the installed and the build
 * tree's layout.  0, or -ENOENT with the first place that was tried in @path.
 */
int cwc_process_find(const char *chosen, const char *program, char *path, size_t room);

/*
 * Start the program at @path with arguments @argv (NULL at the end), standard input
 * and output closed, and @files, @num_files of them (at most CWC_PROCESS_FILES),
 * as its files CWC_WORKER_FD and following; no others.  0 or negative errno.
 *
 * It is nobody's child as far as the application can see: no SIGCHLD, nothing
 * for its wait() to find.  It has a session of its own, so that the terminal's
 * signals pass it by.  Any thread.
 */
int cwc_process_spawn(const char *path, char *const argv[], const int *files, int num_files);

/*
 * Start the compile worker at @path with an address-space limit; *socket_out is our
 * end of its socket, closed on exec.  It ends by itself when the socket closes.
 * 0 or negative errno.  Any thread.
 */
int cwc_process_start(const char *path, unsigned long long memory_bytes, int *socket_out);

#endif
