/* SPDX-License-Identifier: MIT */
/* A JSON checker for tests: says whether a text is one valid value. */
#ifndef CW_TEST_JSON_H
#define CW_TEST_JSON_H

#include <stdbool.h>
#include <string.h>

/* What is left to read; @bad once something was wrong. */
struct json {
	const char *at;
	size_t left;
	bool bad;
};

static inline void json_value(struct json *json);

/* The next character, 0 at the end. */
static inline char json_peek(const struct json *json)
{
	return json->left ? *json->at : 0;
}

static inline char json_next(struct json *json)
{
	char c = json_peek(json);

	if (json->left) {
		json->at++;
		json->left--;
	}
	return c;
}

static inline bool json_is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static inline void json_space(struct json *json)
{
	while (json_is_one_of(json_peek(json), " \t\r\n"))
		json_next(json);
}

static inline void json_string(struct json *json)
{
	json->bad |= json_next(json) != '"';
	while (!json->bad) {
		char c = json_next(json);

		if (c == '"')
			return;
		if (c == '\\')
			json->bad |= !json_is_one_of(json_next(json), "\"\\/bfnrtu");
		json->bad |= (unsigned char)c < ' ';
	}
}

static inline void json_member_name(struct json *json)
{
	json_string(json);
	json_space(json);
	json->bad |= json_next(json) != ':';
}

/* Elements or members up to @close. */
static inline void json_list(struct json *json, char close)
{
	json_next(json);
	json_space(json);
	if (json_peek(json) == close) {
		json_next(json);
		return;
	}
	while (!json->bad) {
		char c;

		if (close == '}')
			json_member_name(json);
		json_space(json);
		json_value(json);
		json_space(json);
		c = json_next(json);
		if (c == close)
			return;
		json->bad |= c != ',';
		json_space(json);
	}
}

/* Numbers and the three words: letters and digits, not looked at more closely. */
static inline void json_word(struct json *json)
{
	size_t before = json->left;

	while (json_is_one_of(json_peek(json), "0123456789.+-Eabcdefghijklmnopqrstuvwxyz"))
		json_next(json);
	json->bad |= json->left == before;
}

static inline void json_value(struct json *json)
{
	switch (json_peek(json)) {
	case '"':
		json_string(json);
		break;
	case '[':
		json_list(json, ']');
		break;
	case '{':
		json_list(json, '}');
		break;
	default:
		json_word(json);
	}
}

static inline bool json_is_valid(const char *text)
{
	struct json json = {.at = text, .left = strlen(text)};

	json_space(&json);
	json_value(&json);
	json_space(&json);
	return !json.bad && !json.left;
}

#endif
