/* SPDX-License-Identifier: MIT */
#include "reduce.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct reduction {
	const struct setup *setup;
	const struct kernel_case *like;
	struct text *source;
	time_t end;
	unsigned tried, taken;
};

/* @source without [from, to), and @with in its place; does it still fail? Takes it then. */
static bool replace(struct reduction *reduction, size_t from, size_t to, const char *with)
{
	struct text *source = reduction->source, changed = {0};
	struct kernel_case one = *reduction->like;
	bool same;

	if (time(NULL) > reduction->end)
		return false;
	one.outcome = OUTCOME_NONE;
	text_add_bytes(&changed, source->at, from);
	text_add_bytes(&changed, with, strlen(with));
	text_add_bytes(&changed, source->at + to, source->used - to);
	reduction->tried++;
	same = !check_file(reduction->setup, &changed, &one, 1) &&
	       one.outcome == reduction->like->outcome && one.width == reduction->like->width &&
	       (one.outcome != OUTCOME_REFUSED || !strcmp(one.message, reduction->like->message));
	if (!same) {
		text_finish(&changed);
		return false;
	}
	reduction->taken++;
	text_finish(source);
	*source = changed;
	return true;
}

static size_t line_end(const struct text *source, size_t at)
{
	const char *end = memchr(source->at + at, '\n', source->used - at);

	return end ? (size_t)(end - source->at) + 1 : source->used;
}

/* The end of the statement whose first line starts at @at: a line, or up to the closing brace. */
static size_t statement_end(const struct text *source, size_t at)
{
	size_t end = line_end(source, at);
	int depth = 0;

	for (size_t i = at; i < source->used; i++) {
		depth += source->at[i] == '{';
		depth -= source->at[i] == '}';
		if (depth < 0)
			return 0;
		if (i + 1 == end) {
			if (depth == 0)
				return end;
			end = line_end(source, end);
		}
	}
	return 0;
}

/* Lines that stand for themselves must stay: barriers keep the kernel free of races. */
static bool may_drop(const struct text *source, size_t from, size_t to)
{
	const char *at = source->at + from;
	size_t bytes = to - from;

	return !memmem(at, bytes, "PARAMETERS", 10) && !memmem(at, bytes, "ENTRY", 5) &&
	       !memmem(at, bytes, "/*", 2) && source->at[from] != '#' &&
	       (bytes > 200 || !memmem(at, bytes, "barrier(", 8) || memmem(at, bytes, "{\n", 2));
}

/* One pass over statements; several lines at once when @many. */
static bool drop_statements(struct reduction *reduction, unsigned many)
{
	struct text *source = reduction->source;
	bool any = false;
	size_t at = 0;

	while (at < source->used) {
		size_t end = at;

		for (unsigned i = 0; i < many && end < source->used; i++) {
			size_t next = statement_end(source, end);

			if (!next)
				break;
			end = next;
		}
		if (end > at && source->at[at] == '\t' && may_drop(source, at, end) &&
		    replace(reduction, at, end, "")) {
			any = true;
			continue;
		}
		at = line_end(source, at);
	}
	return any;
}

/* Replace a block with what is in it. */
static bool unwrap_blocks(struct reduction *reduction)
{
	struct text *source = reduction->source;
	bool any = false;
	size_t at = 0;

	while (at < source->used) {
		size_t first = line_end(source, at), end = statement_end(source, at), last = end;

		if (source->at[at] == '\t' && end > first && source->at[first - 2] == '{') {
			last = end - 1;
			while (source->at[last - 1] != '\n')
				last--;
		}
		if (last != end && memchr(source->at + last, '}', end - last)) {
			struct text inner = {0};

			text_add_bytes(&inner, source->at + first, last - first);
			if (replace(reduction, at, end, inner.at)) {
				any = true;
				text_finish(&inner);
				continue;
			}
			text_finish(&inner);
		}
		at = first;
	}
	return any;
}

/* The end of the parenthesised expression at @at. */
static size_t group_end(const struct text *source, size_t at)
{
	int depth = 0;

	for (size_t i = at; i < source->used && source->at[i] != '\n'; i++) {
		depth += source->at[i] == '(';
		depth -= source->at[i] == ')';
		if (!depth)
			return i + 1;
	}
	return 0;
}

/* Is @at on a line that tells work-items apart?  Without it they would race. */
static bool in_identifiers(const struct text *source, size_t at)
{
	static const char *const names[] = {" gx = ", " gy = ", " g = ", " lx = ", "lid", "lsz"};
	size_t line = at;

	while (line && source->at[line - 1] != '\n')
		line--;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (memmem(source->at + line, line_end(source, line) - line, names[i],
			   strlen(names[i])))
			return true;
	return false;
}

static bool simplify_expressions(struct reduction *reduction)
{
	static const char *const simple[] = {"1", "x", "(0)", "(1)", "(x)"};
	struct text *source = reduction->source;
	const char *start = strstr(source->at, "kernel void");
	bool any = false;

	for (size_t at = start ? (size_t)(start - source->at) : 0; at < source->used; at++) {
		size_t end;
		bool call = at && (isalnum(source->at[at - 1]) || source->at[at - 1] == '_');

		if (source->at[at] != '(' || source->at[at + 1] == ')')
			continue;
		end = group_end(source, at);
		if (!end || end - at < 6 || memmem(source->at + at, end - at, "PARAMETERS", 10) ||
		    in_identifiers(source, at))
			continue;
		for (unsigned i = call ? 2 : 0; i < 5; i++) {
			if (replace(reduction, at, end, simple[i])) {
				any = true;
				break;
			}
		}
	}
	return any;
}

void reduce(const struct setup *setup, struct text *source, const struct kernel_case *like,
	    unsigned seconds)
{
	struct reduction reduction = {
		.setup = setup,
		.like = like,
		.source = source,
		.end = time(NULL) + seconds,
	};
	bool any;

	do {
		any = false;
		for (unsigned many = 8; many; many /= 2)
			any |= drop_statements(&reduction, many);
		any |= unwrap_blocks(&reduction);
		any |= simplify_expressions(&reduction);
	} while (any && time(NULL) < reduction.end);
	fprintf(stderr, "reduced: %u of %u changes taken, %zu bytes left\n", reduction.taken,
		reduction.tried, source->used);
}
