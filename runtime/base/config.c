/* SPDX-License-Identifier: MIT */
#include "base/config.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct cw_config config = {
#define CW_CONFIG(type, name, value, variable, comment) .name = value,
#include "base/config.def"
#undef CW_CONFIG
};
static pthread_once_t once = PTHREAD_ONCE_INIT;

bool cw_config_parse_bool(const char *text, bool *value_out)
{
	static const char *const yes[] = {"1", "yes", "true", "on"};
	static const char *const no[] = {"0", "no", "false", "off"};

	for (unsigned i = 0; i < 4; i++) {
		if (!strcasecmp(text, yes[i]) || !strcasecmp(text, no[i])) {
			*value_out = !strcasecmp(text, yes[i]);
			return true;
		}
	}
	return false;
}

bool cw_config_parse_uint(const char *text, uint64_t *value_out)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *end || strchr(text, '-'))
		return false;
	*value_out = value;
	return true;
}

bool cw_config_parse_bytes(const char *text, uint64_t *value_out)
{
	static const char suffixes[] = "KMGT";
	char *end;
	unsigned long long value;
	unsigned shift = 0;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || strchr(text, '-'))
		return false;
	if (*end) {
		const char *suffix = strchr(suffixes, *end & ~0x20);

		if (!suffix || end[1])
			return false;
		shift = 10 * (unsigned)(suffix - suffixes + 1);
	}
	if (value > UINT64_MAX >> shift)
		return false;
	*value_out = value << shift;
	return true;
}

static bool parse_string(const char *text, const char **value_out)
{
	char *copy = strdup(text);

	if (copy)
		*value_out = copy;
	return copy;
}

#define PARSE_bool   cw_config_parse_bool
#define PARSE_uint   cw_config_parse_uint
#define PARSE_bytes  cw_config_parse_bytes
#define PARSE_string parse_string

static void read_environment(void)
{
	const char *text;

#define CW_CONFIG(type, name, value, variable, comment)                                            \
	text = secure_getenv(variable);                                                            \
	if (text && *text && !PARSE_##type(text, &config.name))                                    \
		fprintf(stderr, "causeway: %s=%s is not a %s; it keeps its default\n", variable,   \
			text, #type);
#include "base/config.def"
#undef CW_CONFIG
}

const struct cw_config *cw_config(void)
{
	pthread_once(&once, read_environment);
	return &config;
}

static void print_bool(FILE *stream, bool value)
{
	fprintf(stream, "%d", value);
}

static void print_uint(FILE *stream, uint64_t value)
{
	fprintf(stream, "%" PRIu64, value);
}

static void print_bytes(FILE *stream, uint64_t value)
{
	static const char suffixes[] = " KMGT";
	unsigned suffix = 0;

	while (value && value % 1024 == 0 && suffix < 4) {
		value /= 1024;
		suffix++;
	}
	fprintf(stream, "%" PRIu64, value);
	if (suffix)
		fputc(suffixes[suffix], stream);
}

static void print_string(FILE *stream, const char *value)
{
	fprintf(stream, "\"%s\"", value);
}

void cw_config_print(FILE *stream)
{
	const struct cw_config *now = cw_config();

#define CW_CONFIG(type, name, value, variable, comment)                                            \
	fprintf(stream, "  %-28s ", variable);                                                     \
	print_##type(stream, now->name);                                                           \
	fprintf(stream, " (default ");                                                             \
	print_##type(stream, value);                                                               \
	fprintf(stream, ")\n      %s\n", comment);
#include "base/config.def"
#undef CW_CONFIG
}
