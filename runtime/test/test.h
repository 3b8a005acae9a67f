/* SPDX-License-Identifier: MIT */
/* What the unit tests share: checks that count, and an exit status. */
#ifndef CW_TEST_H
#define CW_TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST_SKIP 77

static int test_failures;

static inline void test_check(bool holds, const char *file, int line, const char *condition)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: %s\n", file, line, condition);
	test_failures++;
}

static inline void test_require(bool holds, const char *file, int line, const char *condition)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: %s\n", file, line, condition);
	exit(1);
}

static inline void test_equal(long long actual, long long expected, const char *file, int line,
			      const char *what)
{
	if (actual == expected)
		return;
	fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", file, line, what, actual, expected);
	test_failures++;
}

/* Note a failed condition and go on. */
#define CHECK(condition) test_check((condition), __FILE__, __LINE__, #condition)

/* Note two integers that differ and go on. */
#define CHECK_EQ(actual, expected)                                                                 \
	test_equal((long long)(actual), (long long)(expected), __FILE__, __LINE__, #actual)

/* Give up where going on makes no sense. */
#define REQUIRE(condition) test_require((condition), __FILE__, __LINE__, #condition)

/* Add @more to the string in @text, an array of @bytes; what does not fit is cut. */
static inline void test_append(char *text, size_t bytes, const char *more)
{
	size_t used = strlen(text);

	snprintf(text + used, bytes - used, "%s", more);
}

/* The exit status. */
static inline int test_result(void)
{
	if (test_failures)
		fprintf(stderr, "%d checks failed\n", test_failures);
	return test_failures ? 1 : 0;
}

#endif
