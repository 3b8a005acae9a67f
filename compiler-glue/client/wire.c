/* SPDX-License-Identifier: MIT */
#include "client/wire.h"

#include <stdlib.h>
#include <string.h>

static bool make_room(struct cwc_writer *writer, size_t bytes)
{
	size_t room = writer->room ? writer->room : 256;
	void *data;

	if (writer->failed || bytes > SIZE_MAX / 4 - writer->bytes) {
		writer->failed = true;
		return false;
	}
	if (writer->bytes + bytes <= writer->room)
		return true;
	while (room < writer->bytes + bytes)
		room *= 2;
	data = realloc(writer->data, room);
	if (!data) {
		writer->failed = true;
		return false;
	}
	writer->data = data;
	writer->room = room;
	return true;
}

void cwc_put_raw(struct cwc_writer *writer, const void *data, size_t bytes)
{
	if (!bytes || !make_room(writer, bytes))
		return;
	memcpy(writer->data + writer->bytes, data, bytes);
	writer->bytes += bytes;
}

void cwc_put_u32(struct cwc_writer *writer, uint32_t value)
{
	cwc_put_raw(writer, &value, sizeof(value));
}

void cwc_put_u64(struct cwc_writer *writer, uint64_t value)
{
	cwc_put_raw(writer, &value, sizeof(value));
}

void cwc_put_blob(struct cwc_writer *writer, const void *data, size_t bytes)
{
	cwc_put_u64(writer, bytes);
	cwc_put_raw(writer, data, bytes);
}

void cwc_put_string(struct cwc_writer *writer, const char *text)
{
	cwc_put_blob(writer, text, text ? strlen(text) + 1 : 0);
}

void cwc_writer_finish(struct cwc_writer *writer)
{
	free(writer->data);
	*writer = (struct cwc_writer){0};
}

static const void *take(struct cwc_reader *reader, size_t bytes)
{
	const void *data = reader->next;

	if (reader->failed || bytes > reader->left) {
		reader->failed = true;
		return NULL;
	}
	reader->next += bytes;
	reader->left -= bytes;
	return data;
}

uint32_t cwc_get_u32(struct cwc_reader *reader)
{
	const void *data = take(reader, sizeof(uint32_t));
	uint32_t value = 0;

	if (data)
		memcpy(&value, data, sizeof(value));
	return value;
}

uint64_t cwc_get_u64(struct cwc_reader *reader)
{
	const void *data = take(reader, sizeof(uint64_t));
	uint64_t value = 0;

	if (data)
		memcpy(&value, data, sizeof(value));
	return value;
}

uint32_t cwc_get_count(struct cwc_reader *reader, size_t each)
{
	uint32_t count = cwc_get_u32(reader);

	if (each && count > reader->left / each) {
		reader->failed = true;
		return 0;
	}
	return count;
}

const void *cwc_get_blob(struct cwc_reader *reader, size_t *bytes_out)
{
	uint64_t bytes = cwc_get_u64(reader);
	const void *data = take(reader, bytes);

	*bytes_out = data ? bytes : 0;
	return data;
}

const char *cwc_get_string(struct cwc_reader *reader)
{
	size_t bytes;
	const char *text = cwc_get_blob(reader, &bytes);

	if (!text || !bytes)
		return NULL;
	if (memchr(text, 0, bytes) != text + bytes - 1) {
		reader->failed = true;
		return NULL;
	}
	return text;
}

bool cwc_reader_is_done(const struct cwc_reader *reader)
{
	return !reader->failed && !reader->left;
}
