/* SPDX-License-Identifier: MIT */
/*
 * Flat little-endian records: what the worker and the client exchange, what the
 * disk cache and program binaries hold.
 *
 * A writer grows a buffer and remembers that memory ran out; a reader checks
 * every length against what is left and remembers the first that did not fit.
 * Both are asked once, at the end, so that the code between reads straight.
 */
#ifndef CWC_WIRE_H
#define CWC_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * struct cwc_writer - a growing record; start from all zeros.
 * @data, @bytes: what has been written; malloc'd.
 * @room: allocated bytes.
 * @failed: memory ran out; @data is incomplete.
 */
struct cwc_writer {
	unsigned char *data;
	size_t bytes;
	size_t room;
	bool failed;
};

void cwc_put_raw(struct cwc_writer *writer, const void *data, size_t bytes);
void cwc_put_u32(struct cwc_writer *writer, uint32_t value);
void cwc_put_u64(struct cwc_writer *writer, uint64_t value);
/* A length and @bytes bytes. */
void cwc_put_blob(struct cwc_writer *writer, const void *data, size_t bytes);
/* A text with its terminating zero; NULL stays NULL. */
void cwc_put_string(struct cwc_writer *writer, const char *text);
void cwc_writer_finish(struct cwc_writer *writer);

/*
 * struct cwc_reader - a cursor over bytes that are not trusted.
 * @next, @left: what has not been read yet.
 * @failed: something did not fit; all later reads give zeros.
 */
struct cwc_reader {
	const unsigned char *next;
	size_t left;
	bool failed;
};

static inline struct cwc_reader cwc_reader_of(const void *data, size_t bytes)
{
	return (struct cwc_reader){data, bytes, false};
}

uint32_t cwc_get_u32(struct cwc_reader *reader);
uint64_t cwc_get_u64(struct cwc_reader *reader);
/* A count of things that take at least @each bytes: fails where they cannot all be there. */
uint32_t cwc_get_count(struct cwc_reader *reader, size_t each);
/* Both point into the record; the text is known to end within it. */
const void *cwc_get_blob(struct cwc_reader *reader, size_t *bytes_out);
const char *cwc_get_string(struct cwc_reader *reader);
/* Everything was read and nothing failed. */
bool cwc_reader_is_done(const struct cwc_reader *reader);

#endif
