/* SPDX-License-Identifier: MIT */
#ifndef CWC_TALK_H
#define CWC_TALK_H

#include <stddef.h>
#include <stdint.h>

struct cwc_writer;

/*
 * One exchange over @socket: send a frame of @kind with @request, receive the
 * reply's kind and payload (malloc'd) within @deadline_ms (0: any time).  0,
 * -ETIMEDOUT, -EPIPE when the other end is gone or sends no frame, -ENOMEM;
 * after an error the stream is useless.
 */
int cwc_talk(int socket, uint32_t kind, const struct cwc_writer *request, unsigned deadline_ms,
	     uint32_t *kind_out, void **data_out, size_t *bytes_out);

#endif
