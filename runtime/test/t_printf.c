/* SPDX-License-Identifier: MIT */
/* printf records to text. */
#include <stdarg.h>
#include <stdint.h>

#include "core/printf.h"
#include "test.h"

#include <string.h>

static unsigned char memory[4096] __attribute__((aligned(8)));
static size_t used;

static struct cwc_printf_record *begin(const char *format)
{
	struct cwc_printf_record *record = (void *)memory;

	memset(memory, 0, sizeof(memory));
	record->format = (uintptr_t)format;
	used = sizeof(*record);
	return record;
}

static void add(struct cwc_printf_record *record, unsigned element_bytes, unsigned elements,
		const void *data)
{
	struct cwc_printf_arg arg = {
		.element_bytes = (uint16_t)element_bytes,
		.elements = (uint16_t)elements,
		.bytes = element_bytes * elements,
	};

	memcpy(memory + used, &arg, sizeof(arg));
	memcpy(memory + used + sizeof(arg), data, arg.bytes);
	used += sizeof(arg) + ((size_t)arg.bytes + 7) / 8 * 8;
	record->args++;
	record->bytes = (uint32_t)used;
}

static void expect(struct cwc_printf_record *record, const char *text)
{
	char *actual = NULL;
	size_t bytes;
	FILE *stream = open_memstream(&actual, &bytes);

	if (!record->bytes)
		record->bytes = (uint32_t)used;
	cw_printf_record(stream, record);
	fclose(stream);
	if (strcmp(actual, text) != 0) {
		fprintf(stderr, "'%s', not '%s'\n", actual, text);
		test_failures++;
	}
	free(actual);
}

static void one(const char *format, unsigned element_bytes, unsigned elements, const void *data,
		const char *text)
{
	struct cwc_printf_record *record = begin(format);

	add(record, element_bytes, elements, data);
	expect(record, text);
}

#define ONE(format, type, value, text) one(format, sizeof(type), 1, &(type){value}, text)
#define VECTOR(format, type, count, text, ...)                                                     \
	one(format, sizeof(type), count, (type[]){__VA_ARGS__}, text)

static void test_scalars(void)
{
	expect(begin("hello\n"), "hello\n");
	expect(begin("100%% %"), "100% ");
	ONE("%d|", int, -5, "-5|");
	ONE("%5i", int, 42, "   42");
	ONE("%-5d|", int, 42, "42   |");
	ONE("%+05d", int, 42, "+0042");
	ONE("%u", unsigned, 4000000000u, "4000000000");
	ONE("%#x", unsigned, 0xabc, "0xabc");
	ONE("%X", unsigned, 0xabc, "ABC");
	ONE("%#o", unsigned, 8, "010");
	ONE("%ld", int64_t, INT64_MIN, "-9223372036854775808");
	ONE("%lu", uint64_t, UINT64_MAX, "18446744073709551615");
	ONE("%hhd", int, 300, "44");
	ONE("%hd", int, 70000, "4464");
	ONE("%c", int, 'x', "x");
	ONE("%f", float, 1.5f, "1.500000");
	ONE("%10.2f|", double, 3.14159, "      3.14|");
	ONE("%.3e", double, 12345.678, "1.235e+04");
	ONE("%g", float, 0.1f, "0.1");
	ONE("%a", float, 1.0f, "0x1p+0");
	ONE("%f", float, __builtin_inff(), "inf");
	ONE("%F", float, -__builtin_inff(), "-INF");
	ONE("%f", uint16_t, 0x3e00, "1.500000");
	ONE("%p", uint64_t, 0x1234, "0x1234");
	ONE("%s|", const char *, "text", "text|");
	ONE("%.2s|%", const char *, "text", "te|");
	ONE("%7s", const char *, "text", "   text");
}

static void test_vectors(void)
{
	VECTOR("%v4hld", int, 4, "1,-2,3,4", 1, -2, 3, 4);
	VECTOR("%v4hlf|", float, 4, "1.000000,2.000000,3.000000,4.000000|", 1, 2, 3, 4);
	VECTOR("%2.2v2hlf", float, 2, "1.00,2.00", 1, 2);
	VECTOR("%v2lf", double, 2, "1.500000,2.500000", 1.5, 2.5);
	VECTOR("%v16hhd", int8_t, 16, "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,-1", 0, 1, 2, 3, 4, 5, 6,
	       7, 8, 9, 10, 11, 12, 13, 14, -1);
	VECTOR("%v3hu", uint16_t, 3, "1,2,65535", 1, 2, 65535);
	VECTOR("%#v2hlx", unsigned, 2, "0xa,0xb", 10, 11);
	VECTOR("%v8lu", uint64_t, 8, "1,2,3,4,5,6,7,8", 1, 2, 3, 4, 5, 6, 7, 8);
	VECTOR("%v2hf", uint16_t, 2, "1.000000,-2.000000", 0x3c00, 0xc000);
}

static void test_several(void)
{
	struct cwc_printf_record *record = begin("%d and %s, %f\n");
	const char *text = "two";

	add(record, 4, 1, &(int){1});
	add(record, 8, 1, &text);
	add(record, 4, 1, &(float){3});
	expect(record, "1 and two, 3.000000\n");
}

/* Damaged records end the output and read nothing that is not theirs. */
static void test_damage(void)
{
	struct cwc_printf_record *record = begin("%d %d");

	add(record, 4, 1, &(int){1});
	expect(record, "1 ");
	record = begin("%d");
	add(record, 4, 1, &(int){1});
	((struct cwc_printf_arg *)(record + 1))->bytes = 1 << 30;
	expect(record, "");
	record = begin("%d");
	add(record, 4, 1, &(int){1});
	((struct cwc_printf_arg *)(record + 1))->element_bytes = 1000;
	expect(record, "");
}

static void test_buffer(void)
{
	struct cwc_printf_buffer *buffer = cw_printf_buffer_create(64);
	struct cwc_printf_record record = {.bytes = sizeof(record), .format = (uintptr_t)""};

	REQUIRE(buffer && buffer->bytes == 64 && !buffer->used);
	memcpy(buffer->data, &record, sizeof(record));
	buffer->used = 1000;
	cw_printf_flush(buffer);
	CHECK_EQ(buffer->used, 0);
	free(buffer);
}

int main(void)
{
	test_scalars();
	test_vectors();
	test_several();
	test_damage();
	test_buffer();
	return test_result();
}
