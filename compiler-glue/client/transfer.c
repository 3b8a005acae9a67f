/* SPDX-License-Identifier: MIT */
#include "client/transfer.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*
 * struct transfer - one transfer under way.
 * @step: moves some of @bytes from or to @data; as read().
 * @events: what poll() waits for where @step would block.
 */
struct transfer {
	ssize_t (*step)(int fd, char *data, size_t bytes);
	int fd;
	short events;
	int64_t deadline;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

int64_t cwc_deadline(unsigned ms)
{
	return ms ? now_ms() + ms : CWC_FOR_EVER;
}

/* Until another step is worth while; a signal is as good as readiness. */
static int wait_for(const struct transfer *transfer)
{
	struct pollfd wait = {.fd = transfer->fd, .events = transfer->events};
	int64_t left = -1;

	if (transfer->deadline) {
		left = transfer->deadline - now_ms();
		if (left <= 0)
			return -ETIMEDOUT;
	}
	if (poll(&wait, 1, left > INT_MAX ? INT_MAX : (int)left) < 0 && errno != EINTR)
		return -EPIPE;
	return 0;
}

static int run(const struct transfer *transfer, char *data, size_t bytes)
{
	while (bytes) {
		ssize_t moved = transfer->step(transfer->fd, data, bytes);
		int error = 0;

		if (moved > 0) {
			data += moved;
			bytes -= (size_t)moved;
		} else if (!moved || (errno != EINTR && errno != EAGAIN)) {
			return -EPIPE;
		}
		if (bytes)
			error = wait_for(transfer);
		if (error)
			return error;
	}
	return 0;
}

static ssize_t read_step(int fd, char *data, size_t bytes)
{
	return read(fd, data, bytes);
}

static ssize_t write_step(int fd, char *data, size_t bytes)
{
	return write(fd, data, bytes);
}

static ssize_t send_step(int fd, char *data, size_t bytes)
{
	return send(fd, data, bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static ssize_t receive_step(int fd, char *data, size_t bytes)
{
	return recv(fd, data, bytes, MSG_DONTWAIT);
}

int cwc_read_all(int file, void *data, size_t bytes)
{
	struct transfer transfer = {read_step, file, POLLIN, CWC_FOR_EVER};

	return run(&transfer, data, bytes);
}

/* The steps that write leave @data alone, so that its const may go. */
int cwc_write_all(int file, const void *data, size_t bytes)
{
	struct transfer transfer = {write_step, file, POLLOUT, CWC_FOR_EVER};

	return run(&transfer, (char *)data, bytes);
}

int cwc_send_all(int socket, const void *data, size_t bytes, int64_t deadline)
{
	struct transfer transfer = {send_step, socket, POLLOUT, deadline};

	return run(&transfer, (char *)data, bytes);
}

int cwc_receive_all(int socket, void *data, size_t bytes, int64_t deadline)
{
	struct transfer transfer = {receive_step, socket, POLLIN, deadline};

	return run(&transfer, data, bytes);
}
