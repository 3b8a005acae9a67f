/* SPDX-License-Identifier: MIT */
/*
 * DOC: how a record is written
 *
 * The format is cut into pieces: text, and conversions of the form
 * %[flags][width][.precision][vN][length]specifier.  Each conversion is
 * rebuilt as one for C's printf that fits the bytes the kernel stored, and
 * done once for each element of a vector, with commas between.
 *
 * A conversion that does not fit its argument (%s for a number, say) is
 * undefined in OpenCL C; here it prints nothing it would have to guess the
 * meaning of, and never reads memory that was not stored for it.
 */
#include "core/printf.h"

#include <stdlib.h>
#include <string.h>

#include "base/lock.h"
#include "core/half.h"

static struct cw_mutex lock = CW_MUTEX_INIT(CW_RANK_PRINTF);

/* struct conversion - one parsed conversion. "%-08.3v4hlf": flags "-0", and so on. */
struct conversion {
	char flags[8];
	int width;	   /* -1: none */
	int precision;	   /* -1: none */
	unsigned elements; /* 1 without a vector specifier */
	char length[3];	   /* "", "hh", "h", "hl", "l" */
	char specifier;
};

/* struct arguments - what is left of a record. */
struct arguments {
	const unsigned char *at;
	const unsigned char *end;
	unsigned count;
};

struct cwc_printf_buffer *cw_printf_buffer_create(size_t bytes)
{
	/* Zeros: the gap that a record leaves that did not fit ends the output. */
	struct cwc_printf_buffer *buffer = calloc(1, sizeof(*buffer) + bytes);

	if (buffer)
		buffer->bytes = bytes;
	return buffer;
}

static const char *parse_number(const char *at, int *number_out)
{
	*number_out = 0;
	for (; *at >= '0' && *at <= '9'; at++) {
		if (*number_out < 10000)
			*number_out = *number_out * 10 + (*at - '0');
	}
	return at;
}

static const char *parse_flags(const char *at, struct conversion *conversion)
{
	size_t count = 0;

	for (; *at && strchr("-+ #0", *at); at++) {
		if (count < sizeof(conversion->flags) - 1 && !memchr(conversion->flags, *at, count))
			conversion->flags[count++] = *at;
	}
	conversion->flags[count] = 0;
	return at;
}

static const char *parse_length(const char *at, struct conversion *conversion)
{
	static const char *const lengths[] = {"hh", "hl", "h", "l"};

	for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t bytes = strlen(lengths[i]);

		if (!strncmp(at, lengths[i], bytes)) {
			memcpy(conversion->length, lengths[i], bytes + 1);
			return at + bytes;
		}
	}
	conversion->length[0] = 0;
	return at;
}

/* Parse what follows a '%'; returns what follows the conversion, NULL at the end of the text. */
static const char *parse(const char *at, struct conversion *conversion)
{
	int elements = 1;

	conversion->width = -1;
	conversion->precision = -1;
	at = parse_flags(at, conversion);
	if (*at >= '1' && *at <= '9')
		at = parse_number(at, &conversion->width);
	if (*at == '.')
		at = parse_number(at + 1, &conversion->precision);
	if (*at == 'v')
		at = parse_number(at + 1, &elements);
	conversion->elements = (unsigned)elements;
	at = parse_length(at, conversion);
	conversion->specifier = *at;
	return *at ? at + 1 : NULL;
}

/* The next argument's description and bytes; NULL: there is none, or it does not fit. */
static const unsigned char *next_argument(struct arguments *arguments,
					  struct cwc_printf_arg *arg_out)
{
	const unsigned char *data = arguments->at + sizeof(*arg_out);
	size_t padded;

	if (!arguments->count || (size_t)(arguments->end - arguments->at) < sizeof(*arg_out))
		return NULL;
	memcpy(arg_out, arguments->at, sizeof(*arg_out));
	padded = ((size_t)arg_out->bytes + 7) / 8 * 8;
	if (padded > (size_t)(arguments->end - data) ||
	    (size_t)arg_out->element_bytes * arg_out->elements > padded)
		return NULL;
	arguments->at = data + padded;
	arguments->count--;
	return data;
}

/* "%" flags width precision @tail, for C's printf. */
static void build_format(const struct conversion *conversion, const char *tail, char text_out[64])
{
	int used = snprintf(text_out, 64, "%%%s", conversion->flags);

	if (conversion->width >= 0)
		used += snprintf(text_out + used, 64 - (size_t)used, "%d", conversion->width);
	if (conversion->precision >= 0)
		used += snprintf(text_out + used, 64 - (size_t)used, ".%d", conversion->precision);
	snprintf(text_out + used, 64 - (size_t)used, "%s", tail);
}

static long long signed_value(const unsigned char *data, unsigned bytes)
{
	uint64_t value = 0;
	unsigned unused = 64 - 8 * bytes;

	memcpy(&value, data, bytes);
	return (long long)(value << unused) >> unused;
}

static unsigned long long unsigned_value(const unsigned char *data, unsigned bytes)
{
	uint64_t value = 0;

	memcpy(&value, data, bytes);
	return value;
}

static double float_value(const unsigned char *data, unsigned bytes)
{
	uint16_t half;
	float single;
	double value;

	switch (bytes) {
	case 2:
		memcpy(&half, data, sizeof(half));
		return (double)cw_half_to_float(half);
	case 4:
		memcpy(&single, data, sizeof(single));
		return (double)single;
	default:
		memcpy(&value, data, sizeof(value));
		return value;
	}
}

/* Bytes of an integer that the length modifier asks for; arguments may have been widened. */
static unsigned integer_bytes(const struct conversion *conversion, unsigned stored)
{
	unsigned wanted = 4;

	if (!strcmp(conversion->length, "hh"))
		wanted = 1;
	else if (!strcmp(conversion->length, "h"))
		wanted = 2;
	else if (!strcmp(conversion->length, "l"))
		wanted = 8;
	return wanted < stored ? wanted : stored;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static void print_element(FILE *stream, const struct conversion *conversion,
			  const unsigned char *data, unsigned bytes)
{
	const char specifier = conversion->specifier;
	char tail[4] = {'l', 'l', specifier, 0};
	unsigned integer = integer_bytes(conversion, bytes);
	char format[64];

	if (strchr("di", specifier)) {
		build_format(conversion, tail, format);
		fprintf(stream, format, signed_value(data, integer));
	} else if (strchr("ouxX", specifier)) {
		build_format(conversion, tail, format);
		fprintf(stream, format, unsigned_value(data, integer));
	} else if (strchr("fFeEgGaA", specifier)) {
		build_format(conversion, tail + 2, format);
		fprintf(stream, format, float_value(data, bytes));
	} else if (specifier == 'c') {
		build_format(conversion, "c", format);
		fprintf(stream, format, (int)unsigned_value(data, 1));
	} else if (specifier == 'p') {
		build_format(conversion, "p", format);
		fprintf(stream, format, (void *)(uintptr_t)unsigned_value(data, bytes));
	}
}

/* A string lies in the kernel's constant data; the record has its address. */
static void print_string(FILE *stream, const struct conversion *conversion,
			 const struct cwc_printf_arg *arg, const unsigned char *data)
{
	const char *string;
	char format[64];

	if (arg->element_bytes != sizeof(string) || arg->elements != 1)
		return;
	memcpy(&string, data, sizeof(string));
	build_format(conversion, "s", format);
	fprintf(stream, format, string ? string : "(null)");
}

#pragma GCC diagnostic pop

static bool is_printable_size(unsigned bytes)
{
	return bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
}

/* False where the record has no such argument. */
static bool print_conversion(FILE *stream, const struct conversion *conversion,
			     struct arguments *arguments)
{
	struct cwc_printf_arg arg;
	const unsigned char *data = next_argument(arguments, &arg);

	if (!data)
		return false;
	if (conversion->specifier == 's') {
		print_string(stream, conversion, &arg, data);
		return true;
	}
	if (!is_printable_size(arg.element_bytes))
		return false;
	for (unsigned i = 0; i < conversion->elements && i < arg.elements; i++) {
		if (i)
			fputc(',', stream);
		print_element(stream, conversion, data + (size_t)i * arg.element_bytes,
			      arg.element_bytes);
	}
	return true;
}

bool cw_printf_record(FILE *stream, const struct cwc_printf_record *record)
{
	const char *at = (const char *)(uintptr_t)record->format;
	struct arguments arguments = {
		.at = (const unsigned char *)(record + 1),
		.end = (const unsigned char *)record + record->bytes,
		.count = record->args,
	};
	struct conversion conversion;

	while (at && *at) {
		size_t text = strcspn(at, "%");

		fwrite(at, 1, text, stream);
		at += text;
		if (!*at)
			break;
		if (at[1] == '%') {
			fputc('%', stream);
			at += 2;
			continue;
		}
		at = parse(at + 1, &conversion);
		if (at && !print_conversion(stream, &conversion, &arguments))
			return false;
	}
	return true;
}

void cw_printf_flush(struct cwc_printf_buffer *buffer)
{
	uint64_t used = buffer->used < buffer->bytes ? buffer->used : buffer->bytes;
	uint64_t at = 0;

	if (!used)
		return;
	cw_mutex_lock(&lock);
	while (used - at >= sizeof(struct cwc_printf_record)) {
		const struct cwc_printf_record *record = (const void *)(buffer->data + at);

		if (record->bytes < sizeof(*record) || record->bytes > used - at ||
		    record->bytes % 8 || !record->format)
			break;
		cw_printf_record(stdout, record);
		at += record->bytes;
	}
	fflush(stdout);
	cw_mutex_unlock(&lock);
	buffer->used = 0;
}
