/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reserve(struct text *text, size_t more)
{
	char *larger;

	if (text->used + more + 1 <= text->room)
		return;
	text->room = (text->used + more + 1) * 2;
	larger = realloc(text->at, text->room);
	if (!larger)
		err(1, "realloc");
	text->at = larger;
}

void text_add_bytes(struct text *text, const char *bytes, size_t count)
{
	reserve(text, count);
	memcpy(text->at + text->used, bytes, count);
	text->used += count;
	text->at[text->used] = 0;
}

void text_add(struct text *text, const char *format, ...)
{
	char line[4096];
	va_list list;
	int count;

	va_start(list, format);
	count = vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	if (count < 0 || (size_t)count >= sizeof(line))
		errx(1, "text_add: line of %d bytes", count);
	text_add_bytes(text, line, (size_t)count);
}

void text_finish(struct text *text)
{
	free(text->at);
	*text = (struct text){0};
}

void text_read(struct text *text, const char *path)
{
	FILE *file = fopen(path, "rb");
	int byte;

	if (!file)
		err(1, "%s", path);
	while ((byte = getc(file)) != EOF)
		text_add_bytes(text, &(char){(char)byte}, 1);
	if (ferror(file))
		err(1, "%s", path);
	fclose(file);
}

int text_write(const struct text *text, const char *path)
{
	FILE *file = fopen(path, "wb");
	size_t written;

	if (!file)
		return -1;
	written = fwrite(text->at, 1, text->used, file);
	return fclose(file) || written != text->used ? -1 : 0;
}
