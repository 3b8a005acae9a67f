/* SPDX-License-Identifier: MIT */
/*
 * Which process is this?  A forked child inherits the memory but not the
 * threads of its parent, so whatever needs threads compares generations.
 */
#ifndef CW_PROCESS_H
#define CW_PROCESS_H

/*
 * A number that differs between a process and the children it forked after
 * the first call; never 0.  One load, no system call (but on kernels that lack
 * MADV_WIPEONFORK).  Any thread, also with locks held.
 */
unsigned cw_process_generation(void);

#endif
