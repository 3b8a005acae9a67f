/* SPDX-License-Identifier: MIT */
/* What the unit tests share: checks that count, and an exit status. */
#ifndef CW_TEST_H
#define CW_TEST_H

#include <stdio.h>
#include <stdlib.h>

#define TEST_SKIP 77

static int test_failures;

/* Note a failed condition and go on. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			test_failures++;                                                           \
		}                                                                                  \
	} while (0)

/* Note two integers that differ and go on. */
#define CHECK_EQ(actual, expected)                                                                 \
	do {                                                                                       \
		long long test_actual = (long long)(actual);                                       \
		long long test_expected = (long long)(expected);                                   \
		if (test_actual != test_expected) {                                                \
			fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__,       \
				#actual, test_actual, test_expected);                              \
			test_failures++;                                                           \
		}                                                                                  \
	} while (0)

/* Give up where going on makes no sense. */
#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

/* The exit status. */
static inline int test_result(void)
{
	if (test_failures)
		fprintf(stderr, "%d checks failed\n", test_failures);
	return test_failures ? 1 : 0;
}

#endif
