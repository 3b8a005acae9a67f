/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "front/check.h"

#define MAX_BYTES (64 << 20)

static int read_whole(FILE *file, struct cwc_names *names)
{
	struct stat info;
	size_t bytes;

	if (fstat(fileno(file), &info) || info.st_size <= 0 || info.st_size > MAX_BYTES)
		return 0;
	bytes = info.st_size;
	names->text = malloc(bytes);
	if (!names->text)
		return -ENOMEM;
	names->bytes = fread(names->text, 1, bytes, file);
	return 0;
}

int cwc_names_load(struct cwc_names *names, const char *path)
{
	FILE *file = fopen(path, "re");
	int error;

	*names = (struct cwc_names){0};
	if (!file)
		return 0;
	error = read_whole(file, names);
	fclose(file);
	return error;
}

void cwc_names_finish(struct cwc_names *names)
{
	free(names->text);
	*names = (struct cwc_names){0};
}

/* Like strcmp of @name and the line at @line, which ends at a newline or at @end. */
static int compare(const char *name, const char *line, const char *end)
{
	while (line < end && *line != '\n' && *name && *name == *line) {
		name++;
		line++;
	}
	if (line == end || *line == '\n')
		return *name ? 1 : 0;
	return (unsigned char)*name < (unsigned char)*line ? -1 : 1;
}

bool cwc_names_has(const struct cwc_names *names, const char *name)
{
	const char *low = names->text, *high = names->text + names->bytes;

	while (low < high) {
		const char *line = low + (high - low) / 2;
		const char *stop;
		int order;

		while (line > low && line[-1] != '\n')
			line--;
		order = compare(name, line, high);
		if (!order)
			return true;
		stop = memchr(line, '\n', high - line);
		if (order < 0)
			high = line;
		else
			low = stop ? stop + 1 : high;
	}
	return false;
}
