/* SPDX-License-Identifier: MIT */
#include "client/talk.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "client/protocol.h"
#include "client/wire.h"

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* Wait for @events until the time @end (ms, 0: for ever). 0, -ETIMEDOUT or -EPIPE. */
static int wait_for(int socket, short events, int64_t end)
{
	struct pollfd wait = {.fd = socket, .events = events};

	for (;;) {
		int64_t left = end ? end - now_ms() : INT_MAX;
		int got;

		if (left <= 0)
			return -ETIMEDOUT;
		got = poll(&wait, 1, end ? (int)left : -1);
		if (got > 0)
			return 0;
		if (got < 0 && errno != EINTR)
			return -EPIPE;
	}
}

static int send_all(int socket, const void *data, size_t bytes, int64_t end)
{
	const char *next = data;

	while (bytes) {
		ssize_t sent = send(socket, next, bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
		int error;

		if (sent >= 0) {
			next += sent;
			bytes -= sent;
			continue;
		}
		if (errno == EINTR)
			continue;
		error = errno == EAGAIN ? wait_for(socket, POLLOUT, end) : -EPIPE;
		if (error)
			return error;
	}
	return 0;
}

static int receive_all(int socket, void *data, size_t bytes, int64_t end)
{
	char *next = data;

	while (bytes) {
		int error = wait_for(socket, POLLIN, end);
		ssize_t got;

		if (error)
			return error;
		got = recv(socket, next, bytes, MSG_DONTWAIT);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got <= 0)
			return -EPIPE;
		next += got;
		bytes -= got;
	}
	return 0;
}

int cwc_talk(int socket, uint32_t kind, const struct cwc_writer *request, unsigned deadline_ms,
	     uint32_t *kind_out, void **data_out, size_t *bytes_out)
{
	struct cwc_frame frame = {CWC_FRAME_MAGIC, kind, request->bytes};
	int64_t end = deadline_ms ? now_ms() + deadline_ms : 0;
	void *data;
	int error = send_all(socket, &frame, sizeof(frame), end);

	if (!error)
		error = send_all(socket, request->data, request->bytes, end);
	if (!error)
		error = receive_all(socket, &frame, sizeof(frame), end);
	if (error)
		return error;
	if (frame.magic != CWC_FRAME_MAGIC || frame.bytes > CWC_FRAME_MAX)
		return -EPIPE;
	data = malloc(frame.bytes + 1);
	if (!data)
		return -ENOMEM;
	error = receive_all(socket, data, frame.bytes, end);
	if (error) {
		free(data);
		return error;
	}
	*kind_out = frame.kind;
	*data_out = data;
	*bytes_out = frame.bytes;
	return 0;
}
