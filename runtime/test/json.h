/* SPDX-License-Identifier: MIT */
/* A JSON checker for tests: says whether a text is one valid value. */
#ifndef CW_TEST_JSON_H
#define CW_TEST_JSON_H

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static inline const char *json_value(const char *at);

static inline const char *json_space(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

static inline const char *json_string(const char *at)
{
	for (at++; *at != '"'; at++) {
		if ((unsigned char)*at < ' ')
			return NULL;
		if (*at == '\\' && !strchr("\"\\/bfnrtu", *++at))
			return NULL;
	}
	return at + 1;
}

/* Elements up to @close; members of an object have a name and a colon. */
static inline const char *json_list(const char *at, char close)
{
	at = json_space(at + 1);
	if (*at == close)
		return at + 1;
	for (;;) {
		if (close == '}') {
			if (*at != '"' || !(at = json_string(at)))
				return NULL;
			at = json_space(at);
			if (*at++ != ':')
				return NULL;
		}
		at = json_value(json_space(at));
		if (!at)
			return NULL;
		at = json_space(at);
		if (*at == close)
			return at + 1;
		if (*at++ != ',')
			return NULL;
		at = json_space(at);
	}
}

static inline const char *json_number(const char *at)
{
	const char *start = at;

	at += *at == '-';
	while (isdigit((unsigned char)*at) || (*at && strchr(".eE+-", *at)))
		at++;
	return at > start ? at : NULL;
}

/* The end of the value at @at, or NULL. */
static inline const char *json_value(const char *at)
{
	if (*at == '"')
		return json_string(at);
	if (*at == '[')
		return json_list(at, ']');
	if (*at == '{')
		return json_list(at, '}');
	if (!strncmp(at, "true", 4) || !strncmp(at, "null", 4))
		return at + 4;
	if (!strncmp(at, "false", 5))
		return at + 5;
	return json_number(at);
}

static inline bool json_is_valid(const char *text)
{
	const char *end = json_value(json_space(text));

	return end && !*json_space(end);
}

#endif
