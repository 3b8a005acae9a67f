/* SPDX-License-Identifier: MIT */
/* A growing text; memory exhaustion ends the program. */
#ifndef CWC_FUZZ_TEXT_H
#define CWC_FUZZ_TEXT_H

#include <stddef.h>

/* struct text - zero-terminated once something was added; @at is malloc'd. */
struct text {
	char *at;
	size_t used, room;
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_bytes(struct text *text, const char *bytes, size_t count);
void text_finish(struct text *text);

/* The whole of a file; exits when it cannot be read. */
void text_read(struct text *text, const char *path);
/* 0, or -1 and errno. */
int text_write(const struct text *text, const char *path);

#endif
