/* SPDX-License-Identifier: MIT */
/* The line to the host, and notes in the kernel's log. */
#include "guest.h"
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LINE_BYTES   4096
#define OUTPUT_BYTES (1u << 20) /* of one test: more is left out */

static int line_fd = -1;

static struct output {
	char line[LINE_BYTES];
	size_t used;
	size_t total;
} output;

void talk_open(const char *path)
{
	struct termios raw;

	line_fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (line_fd < 0 || tcgetattr(line_fd, &raw))
		return;
	cfmakeraw(&raw);
	cfsetspeed(&raw, B115200);
	tcsetattr(line_fd, TCSANOW, &raw);
}

static void put(const char *text, size_t bytes)
{
	while (line_fd >= 0 && bytes) {
		ssize_t done = write(line_fd, text, bytes);

		if (done < 0)
			return;
		text += done;
		bytes -= done;
	}
}

void say(const char *format, ...)
{
	char text[LINE_BYTES];
	va_list args;
	int bytes;

	va_start(args, format);
	bytes = vsnprintf(text, sizeof(text) - 1, format, args);
	va_end(args);
	if (bytes < 0)
		return;
	if ((size_t)bytes > sizeof(text) - 2)
		bytes = sizeof(text) - 2;
	for (int i = 0; i < bytes; i++)
		if (text[i] == '\n')
			text[i] = ' ';
	text[bytes] = '\n';
	put(text, bytes + 1);
}

static void put_output_line(void)
{
	put("|", 1);
	put(output.line, output.used);
	put("\n", 1);
	output.used = 0;
}

void say_output(const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		if (output.total++ > OUTPUT_BYTES)
			return;
		if (text[i] == '\n') {
			put_output_line();
			continue;
		}
		if (output.used == LINE_BYTES)
			put_output_line();
		output.line[output.used++] = text[i] ? text[i] : '?';
	}
}

void say_output_end(void)
{
	static const char more[] = "(the rest of the output is left out)";

	if (output.used)
		put_output_line();
	if (output.total > OUTPUT_BYTES) {
		memcpy(output.line, more, sizeof(more) - 1);
		output.used = sizeof(more) - 1;
		put_output_line();
	}
	output.total = 0;
}

void log_line(const char *format, ...)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	char text[512] = "<5>causeway-vm: ";
	size_t head = strlen(text);
	va_list args;

	if (fd < 0)
		return;
	va_start(args, format);
	vsnprintf(text + head, sizeof(text) - head, format, args);
	va_end(args);
	if (write(fd, text, strlen(text)) < 0)
		say("|the kernel's log can't be written");
	close(fd);
}
