/* SPDX-License-Identifier: MIT */
#include "front/options.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	IN_COMPILE = 1, /* clBuildProgram and clCompileProgram */
	IN_LINK = 2,	/* clLinkProgram */
	IN_LIBRARY = 4, /* clLinkProgram, only with -create-library */
	TO_CLANG = 8,	/* handed to the front end as it is */
};

/*
 * struct flag - an option that takes no value.
 * @field: offset of the bool in struct cwc_options that it sets, or 0.
 */
struct flag {
	const char *name;
	unsigned use;
	size_t field;
};

#define FIELD(name) offsetof(struct cwc_options, name)

static const struct flag flags[] = {
	{"-cl-single-precision-constant", IN_COMPILE | TO_CLANG, 0},
	{"-cl-denorms-are-zero", IN_COMPILE | IN_LIBRARY, 0},
	{"-cl-fp32-correctly-rounded-divide-sqrt", IN_COMPILE | TO_CLANG, 0},
	{"-cl-opt-disable", IN_COMPILE, FIELD(opt_disable)},
	{"-cl-strict-aliasing", IN_COMPILE, 0},
	{"-cl-uniform-work-group-size", IN_COMPILE | TO_CLANG, FIELD(uniform_groups)},
	{"-cl-no-subgroup-ifp", IN_COMPILE | IN_LIBRARY, 0},
	{"-cl-mad-enable", IN_COMPILE | TO_CLANG, 0},
	{"-cl-no-signed-zeros", IN_COMPILE | IN_LIBRARY | TO_CLANG, 0},
	{"-cl-unsafe-math-optimizations", IN_COMPILE | IN_LIBRARY | TO_CLANG, 0},
	{"-cl-finite-math-only", IN_COMPILE | IN_LIBRARY | TO_CLANG, 0},
	{"-cl-fast-relaxed-math", IN_COMPILE | IN_LIBRARY | TO_CLANG, 0},
	{"-w", IN_COMPILE | TO_CLANG, 0},
	{"-Werror", IN_COMPILE | TO_CLANG, 0},
	{"-cl-kernel-arg-info", IN_COMPILE, FIELD(arg_info)},
	{"-g", IN_COMPILE, FIELD(debug)},
	{"-create-library", IN_LINK, FIELD(create_library)},
	{"-enable-link-options", IN_LINK, FIELD(enable_link_options)},
};

static const struct {
	const char *name;
	const char *clang;
	unsigned std;
	bool cplusplus;
} standards[] = {
	{"CL1.0", "-cl-std=CL1.0", 100, false},	     {"CL1.1", "-cl-std=CL1.1", 110, false},
	{"CL1.2", "-cl-std=CL1.2", 120, false},	     {"CL2.0", "-cl-std=CL2.0", 200, false},
	{"CL3.0", "-cl-std=CL3.0", 300, false},	     {"CLC++", "-cl-std=clc++1.0", 200, true},
	{"CLC++1.0", "-cl-std=clc++1.0", 200, true}, {"CLC++2021", "-cl-std=clc++2021", 300, true},
};

/*
 * struct parse - where the parser stands.
 * @next: what has not been read.
 * @word: the current word, without quotes; as large as the whole text.
 */
struct parse {
	struct cwc_options *options;
	enum cwc_options_use use;
	const char *next;
	char *word;
	char *why;
	size_t why_bytes;
	const char *standard;
};

__attribute__((format(printf, 2, 3))) static int wrong(struct parse *parse, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(parse->why, parse->why_bytes, format, list);
	va_end(list);
	return -EINVAL;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

/*
 * Read the next word: blanks separate, quotes hold together, a backslash
 * before a quote, a backslash or a blank makes it an ordinary character.
 * 1 for a word, 0 at the end, -EINVAL for a quote that is not closed.
 */
static int next_word(struct parse *parse)
{
	const char *next = parse->next;
	char *out = parse->word;
	char quote = 0;

	while (is_space(*next))
		next++;
	if (!*next)
		return 0;
	for (; *next && (quote || !is_space(*next)); next++) {
		if (*next == '\\' && next[1] && (strchr("\"'\\", next[1]) || is_space(next[1])))
			*out++ = *++next;
		else if (quote ? *next == quote : (*next == '"' || *next == '\''))
			quote = quote ? 0 : *next;
		else
			*out++ = *next;
	}
	*out = 0;
	parse->next = next;
	if (quote)
		return wrong(parse, "a quote (%c) in the options is not closed", quote);
	return 1;
}

int cwc_options_add(struct cwc_options *options, const char *arg)
{
	char *copy;

	if (options->num_args == options->room) {
		unsigned room = options->room ? 2 * options->room : 16;
		char **args = realloc(options->args, room * sizeof(*args));

		if (!args)
			return -ENOMEM;
		options->args = args;
		options->room = room;
	}
	copy = strdup(arg);
	if (!copy)
		return -ENOMEM;
	options->args[options->num_args++] = copy;
	return 0;
}

/* The worker's current directory is not the caller's. */
static int add_directory(struct parse *parse, const char *directory)
{
	char here[PATH_MAX], *path = NULL;
	int error = cwc_options_add(parse->options, "-I");

	if (error)
		return error;
	if (*directory == '/')
		return cwc_options_add(parse->options, directory);
	if (!getcwd(here, sizeof(here)))
		return wrong(parse, "-I %s: the current directory has no name", directory);
	if (asprintf(&path, "%s/%s", here, directory) < 0)
		return -ENOMEM;
	error = cwc_options_add(parse->options, path);
	free(path);
	return error;
}

/* -D and -I, with their value in the same word or in the next. */
static int parse_valued(struct parse *parse)
{
	char letter = parse->word[1];
	const char *value = parse->word + 2;
	int got = 1;

	if (!*value) {
		got = next_word(parse);
		value = parse->word;
	}
	if (got < 0)
		return got;
	if (!got || !*value)
		return wrong(parse, "option -%c needs a %s", letter,
			     letter == 'D' ? "name" : "directory");
	if (letter == 'I')
		return add_directory(parse, value);
	got = cwc_options_add(parse->options, "-D");
	return got ? got : cwc_options_add(parse->options, value);
}

static int parse_standard(struct parse *parse)
{
	const char *name = parse->word + strlen("-cl-std=");

	for (size_t i = 0; i < sizeof(standards) / sizeof(*standards); i++) {
		if (strcasecmp(name, standards[i].name) != 0)
			continue;
		parse->options->std = standards[i].std;
		parse->options->cplusplus = standards[i].cplusplus;
		parse->standard = standards[i].clang;
		return 0;
	}
	return wrong(parse,
		     "option -cl-std=%s: known are CL1.0, CL1.1, CL1.2, CL2.0, CL3.0, "
		     "CLC++1.0 and CLC++2021",
		     name);
}

static int parse_flag(struct parse *parse, const struct flag *flag)
{
	if (parse->use != CWC_OPTIONS_LINK && !(flag->use & IN_COMPILE))
		return wrong(parse, "option %s belongs to clLinkProgram", flag->name);
	if (parse->use == CWC_OPTIONS_LINK && !(flag->use & (IN_LINK | IN_LIBRARY)))
		return wrong(parse, "option %s is not an option of clLinkProgram", flag->name);
	if (flag->field)
		*(bool *)((char *)parse->options + flag->field) = true;
	if (flag->use & TO_CLANG && parse->use != CWC_OPTIONS_LINK)
		return cwc_options_add(parse->options, flag->name);
	return 0;
}

static int parse_word(struct parse *parse)
{
	const char *word = parse->word;

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		if (!strcmp(word, flags[i].name))
			return parse_flag(parse, &flags[i]);
	}
	if (parse->use == CWC_OPTIONS_LINK)
		return wrong(parse, "option %s is not an option of clLinkProgram", word);
	if (!strncmp(word, "-D", 2) || !strncmp(word, "-I", 2))
		return parse_valued(parse);
	if (!strncmp(word, "-cl-std=", 8))
		return parse_standard(parse);
	if (!strcmp(word, "-x") || !strncmp(word, "-spir-std=", 10))
		return wrong(parse, "option %s: SPIR binaries (cl_khr_spir) are not supported",
			     word);
	return wrong(parse, "option %s is not known", word);
}

static int check_link(struct parse *parse)
{
	const struct cwc_options *options = parse->options;

	if (parse->use != CWC_OPTIONS_LINK)
		return 0;
	if (options->enable_link_options && !options->create_library)
		return wrong(parse, "option -enable-link-options needs -create-library");
	return 0;
}

int cwc_options_parse(const char *text, enum cwc_options_use use, struct cwc_options *options,
		      char *why, size_t why_bytes)
{
	struct parse parse = {.options = options, .use = use, .next = text ? text : ""};
	int got;

	*options = (struct cwc_options){.std = 120};
	parse.why = why;
	parse.why_bytes = why_bytes;
	parse.standard = "-cl-std=CL1.2";
	parse.word = malloc(strlen(parse.next) + 1);
	if (!parse.word)
		return -ENOMEM;
	while ((got = next_word(&parse)) > 0) {
		got = parse_word(&parse);
		if (got)
			break;
	}
	free(parse.word);
	if (!got)
		got = check_link(&parse);
	if (!got && use != CWC_OPTIONS_LINK)
		got = cwc_options_add(options, parse.standard);
	if (options->std < 200)
		options->uniform_groups = true;
	return got;
}

void cwc_options_finish(struct cwc_options *options)
{
	for (unsigned i = 0; i < options->num_args; i++)
		free(options->args[i]);
	free(options->args);
	*options = (struct cwc_options){0};
}
