/* SPDX-License-Identifier: MIT */
#ifndef CWC_SERVE_H
#define CWC_SERVE_H

/*
 * Serve requests on CWC_WORKER_FD until the other end closes or nothing comes
 * for minutes; then end the process.  @memory_bytes limits the address space.
 * Returns only when it could not start, with an exit status.
 *
 * Threads: the main thread waits for the socket to be closed and then ends the
 * process at once, whatever the compiler is doing; a second one, with a large
 * stack, compiles.  A crash of the compiler becomes a CWC_CRASHED reply.
 */
int cwc_serve(unsigned long long memory_bytes);

#endif
