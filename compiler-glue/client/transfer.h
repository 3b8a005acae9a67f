/* SPDX-License-Identifier: MIT */
/*
 * All bytes or none: reading and writing until everything went over, whatever
 * the pieces and the signals in between.
 *
 * All functions give 0; -EPIPE when the other end is gone, the file ends or
 * the transfer failed; and with a deadline -ETIMEDOUT.  After an error nobody
 * knows how much went over.  They are safe in signal handlers.
 */
#ifndef CWC_TRANSFER_H
#define CWC_TRANSFER_H

#include <stddef.h>
#include <stdint.h>

/* No deadline. */
#define CWC_FOR_EVER 0

/* The time, on the transfers' clock, in @ms from now; @ms 0 is CWC_FOR_EVER. */
int64_t cwc_deadline(unsigned ms);

int cwc_read_all(int file, void *data, size_t bytes);
int cwc_write_all(int file, const void *data, size_t bytes);

/* Stream sockets, blocking or not.  No SIGPIPE. */
int cwc_send_all(int socket, const void *data, size_t bytes, int64_t deadline);
int cwc_receive_all(int socket, void *data, size_t bytes, int64_t deadline);

#endif
