/* SPDX-License-Identifier: MIT */
#include "client/talk.h"

#include <errno.h>
#include <stdlib.h>

#include "client/protocol.h"
#include "client/transfer.h"
#include "client/wire.h"

int cwc_talk(int socket, uint32_t kind, const struct cwc_writer *request, unsigned deadline_ms,
	     uint32_t *kind_out, void **data_out, size_t *bytes_out)
{
	struct cwc_frame frame = {CWC_FRAME_MAGIC, kind, request->bytes};
	int64_t deadline = cwc_deadline(deadline_ms);
	void *data;
	int error = cwc_send_all(socket, &frame, sizeof(frame), deadline);

	if (!error)
		error = cwc_send_all(socket, request->data, request->bytes, deadline);
	if (!error)
		error = cwc_receive_all(socket, &frame, sizeof(frame), deadline);
	if (error)
		return error;
	if (frame.magic != CWC_FRAME_MAGIC || frame.bytes > CWC_FRAME_MAX)
		return -EPIPE;
	data = malloc(frame.bytes + 1);
	if (!data)
		return -ENOMEM;
	error = cwc_receive_all(socket, data, frame.bytes, deadline);
	if (error) {
		free(data);
		return error;
	}
	*kind_out = frame.kind;
	*data_out = data;
	*bytes_out = frame.bytes;
	return 0;
}
