/* SPDX-License-Identifier: MIT */
/* Small files, and the clock. */
#include "guest.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good;
	int error;

	if (fd < 0)
		return false;
	good = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	error = errno;
	close(fd);
	errno = error;
	return good;
}

ssize_t file_read(const char *path, char *text, size_t bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t got;

	text[0] = 0;
	if (fd < 0)
		return -1;
	while (used < bytes - 1 && (got = read(fd, text + used, bytes - 1 - used)) > 0)
		used += got;
	text[used] = 0;
	close(fd);
	return (ssize_t)used;
}

void file_say(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[4096];
	ssize_t got;

	if (fd < 0)
		return;
	while ((got = read(fd, text, sizeof(text))) > 0)
		say_output(text, got);
	say_output_end();
	close(fd);
}

uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void sleep_ms(unsigned int ms)
{
	struct timespec span = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000l};

	nanosleep(&span, NULL);
}
