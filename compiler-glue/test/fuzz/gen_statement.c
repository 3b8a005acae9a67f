/* SPDX-License-Identifier: MIT */
/* Control flow. */
#include <stdio.h>

#include "gen_internal.h"

void gen_indent(struct gen *gen, struct place place)
{
	for (unsigned i = 0; i < place.depth; i++)
		OUT(gen, "\t");
}

/* A condition for a branch: @uniform ones are the same in the whole group. */
static void condition(struct gen *gen, bool uniform)
{
	bool before = gen->uniform;
	bool effect = !uniform && !before && gen_chance(gen, 12);

	gen->uniform |= uniform;
	OUT(gen, "(");
	if (effect) {
		const char *name = gen_chance(gen, 50) ? "x" : "y";

		gen_condition(gen);
		OUT(gen, gen_chance(gen, 50) ? " && (%s = " : " || (%s = ", name);
		gen_value(gen, UINT, 2);
		OUT(gen, ") > %uu", gen_random(gen, 300));
	} else {
		gen_condition(gen);
	}
	OUT(gen, ")");
	gen->uniform = before;
}

/* The place inside a branch on a condition that is or isn't uniform. */
static struct place inside(struct place place, bool uniform)
{
	place.depth++;
	if (!uniform) {
		place.uniform = false;
		place.barriers = false;
		place.may_break_uniform = false;
	}
	return place;
}

/* Should this branch or loop have a uniform condition? */
static bool choose_uniform(struct gen *gen, struct place place)
{
	return gen_chance(gen, place.barriers && place.uniform ? 60 : 20);
}

static void branch(struct gen *gen, struct place place)
{
	bool uniform = choose_uniform(gen, place);

	OUT(gen, "if ");
	condition(gen, uniform);
	OUT(gen, " {\n");
	gen_block(gen, inside(place, uniform), 4);
	gen_indent(gen, place);
	if (gen_chance(gen, 45)) {
		OUT(gen, "} else {\n");
		gen_block(gen, inside(place, uniform), 4);
		gen_indent(gen, place);
	}
	OUT(gen, "}\n");
}

static void selection(struct gen *gen, struct place place)
{
	bool uniform = choose_uniform(gen, place);
	unsigned cases = gen_random(gen, 4) + 1;
	bool before = gen->uniform;
	struct place in = inside(place, uniform);

	in.depth++;
	in.may_break_uniform = uniform;
	in.may_break = !(in.uniform && in.barriers);
	if (in.may_break)
		in.uniform = in.barriers = false;
	gen->uniform |= uniform;
	if (gen_chance(gen, 15)) {
		OUT(gen, "switch (((ulong)");
		gen_value(gen, ULONG, 2);
		OUT(gen, ") %% %uul) {\n", cases + 1);
	} else {
		OUT(gen, "switch (");
		gen_value(gen, UINT, 1);
		OUT(gen, " & %uu) {\n", gen_chance(gen, 50) ? 3 : 7);
	}
	gen->uniform = before;
	for (unsigned i = 0; i < cases; i++) {
		gen_indent(gen, place);
		if (i + 1 == cases && gen_chance(gen, 40))
			OUT(gen, "default: {\n");
		else
			OUT(gen, "case %u: {\n", i);
		gen_block(gen, in, 3);
		gen_indent(gen, place);
		OUT(gen, gen_chance(gen, 65) ? "} break;\n" : "}\n");
	}
	gen_indent(gen, place);
	OUT(gen, "}\n");
}

/* What a loop's body may do; a barrier in it needs every exit uniform. */
static struct place loop_body(struct gen *gen, struct place place, bool uniform)
{
	struct place in = inside(place, uniform);

	in.loops++;
	in.may_break_uniform = true;
	in.may_break = in.may_continue = !(in.uniform && in.barriers && gen_chance(gen, 70));
	if (in.may_break) {
		in.uniform = false;
		in.barriers = false;
	} else {
		in.may_return = false;
	}
	return in;
}

static void bound(struct gen *gen, enum type type, unsigned loops)
{
	unsigned most = loops ? 3 : 7;

	if (gen_chance(gen, 25)) {
		OUT(gen, "%u", gen_random(gen, most + 1));
		return;
	}
	OUT(gen, "((");
	gen_value(gen, type, 2);
	OUT(gen, ") & %u)", most);
}

static void counted_loop(struct gen *gen, struct place place)
{
	static const enum type types[] = {UINT, INT, ULONG, USHORT, LONG, UCHAR};
	enum type type = types[gen_random(gen, 6)];
	bool uniform = choose_uniform(gen, place);
	unsigned visible = gen->count;
	bool before = gen->uniform;
	char name[16];

	snprintf(name, sizeof(name), "i%u", gen->serial++);
	OUT(gen, "for (%s %s = ", gen_type_names[type], name);
	gen->uniform |= uniform;
	if (gen_chance(gen, 20)) {
		/* Down. */
		bound(gen, type, place.loops);
		OUT(gen, " + 1; %s-- > 0;) {\n", name);
	} else {
		OUT(gen, "0; %s < ", name);
		bound(gen, type, place.loops);
		OUT(gen, "; %s += %u) {\n", name, gen_random(gen, 2) + 1);
	}
	gen->uniform = before;
	if (gen_chance(gen, 70))
		gen_variable(gen, name, type, 1, uniform, true);
	gen_block(gen, loop_body(gen, place, uniform), 4);
	gen->count = visible;
	gen_indent(gen, place);
	OUT(gen, "}\n");
}

static void conditional_loop(struct gen *gen, struct place place)
{
	bool uniform = choose_uniform(gen, place);
	unsigned number = gen->serial++, most = place.loops ? 2 : 5;
	bool tested_last = gen_chance(gen, 40);
	struct place in = loop_body(gen, place, uniform);

	/* "continue" in a do loop goes to the test, which counts. */
	OUT(gen, "uint n%u = 0;\n", number);
	gen_indent(gen, place);
	if (tested_last) {
		OUT(gen, "do {\n");
		gen_block(gen, in, 4);
		gen_indent(gen, place);
		OUT(gen, "} while (n%u++ < %uu && ", number, most);
		condition(gen, uniform);
		OUT(gen, ");\n");
		return;
	}
	OUT(gen, "while (n%u++ < %uu && ", number, most);
	condition(gen, uniform);
	OUT(gen, ") {\n");
	gen_block(gen, in, 4);
	gen_indent(gen, place);
	OUT(gen, "}\n");
}

/* Work-items share the elements of an array: linear counters that leave the loop apart. */
static void strided_loop(struct gen *gen, struct place place)
{
	static const char *const targets[] = {"x", "y", "z"};
	const char *target = targets[gen_random(gen, 3)];
	unsigned number = gen->serial++;

	OUT(gen, "for (uint i%u = lid; i%u < %uu; i%u += lsz + 7)\n", number, number,
	    gen_random(gen, 60) + 4, number);
	gen_indent(gen, place);
	OUT(gen, "\t%s += in[i%u] ^ i%u;\n", target, number, number);
}

/* A loop with two entries, or a jump out of several blocks. */
static void jumps(struct gen *gen, struct place place)
{
	struct place in = inside(place, false);
	unsigned number = gen->serial++;
	bool irreducible = gen_chance(gen, 60);

	in.may_break = in.may_continue = false;
	OUT(gen, "{\n");
	gen_indent(gen, in);
	OUT(gen, "uint n%u = 0;\n", number);
	gen_indent(gen, in);
	OUT(gen, "if ");
	condition(gen, false);
	OUT(gen, "\n");
	gen_indent(gen, in);
	OUT(gen, "\tgoto b%u;\n", number);
	if (irreducible)
		OUT(gen, "a%u:\n", number);
	in.loops += 2;
	gen_indent(gen, in);
	OUT(gen, "{\n");
	in.depth++;
	gen_block(gen, in, 2);
	gen_indent(gen, in);
	OUT(gen, "if ");
	condition(gen, false);
	OUT(gen, "\n");
	gen_indent(gen, in);
	OUT(gen, "\tgoto c%u;\n", number);
	gen_block(gen, in, 2);
	in.depth--;
	gen_indent(gen, in);
	OUT(gen, "}\n");
	OUT(gen, "b%u:;\n", number);
	gen_indent(gen, in);
	OUT(gen, "{\n");
	in.depth++;
	gen_block(gen, in, 2);
	in.depth--;
	gen_indent(gen, in);
	OUT(gen, "}\n");
	if (irreducible) {
		gen_indent(gen, in);
		OUT(gen, "if (n%u++ < 3u && ", number);
		condition(gen, false);
		OUT(gen, ")\n");
		gen_indent(gen, in);
		OUT(gen, "\tgoto a%u;\n", number);
	}
	OUT(gen, "c%u:;\n", number);
	gen_indent(gen, place);
	OUT(gen, "}\n");
}

/* break, continue or return, where one is allowed; else false. */
static bool leave(struct gen *gen, struct place place)
{
	unsigned kind = gen_random(gen, 10);
	bool uniform = place.uniform && place.may_break_uniform && !place.may_break;

	if (kind < 6 && (place.may_break || uniform)) {
		OUT(gen, "if ");
		condition(gen, uniform);
		OUT(gen, " break;\n");
	} else if (kind < 8 && place.may_continue) {
		OUT(gen, "if ");
		condition(gen, false);
		OUT(gen, " continue;\n");
	} else if (kind >= 8 && place.may_return) {
		OUT(gen, "if ");
		condition(gen, false);
		OUT(gen, gen->helper ? " return x + y;\n" : " { o1[g] = x + y; return; }\n");
	} else {
		return false;
	}
	return true;
}

static void jumps_or_branch(struct gen *gen, struct place place)
{
	if (gen_has(gen, GEN_GOTO))
		jumps(gen, place);
	else
		branch(gen, place);
}

void gen_statement(struct gen *gen, struct place place)
{
	unsigned kind = gen_random(gen, 100);

	gen->budget--;
	gen_indent(gen, place);
	if (kind < 20 && leave(gen, place))
		return;
	if (kind < 60 && place.uniform && place.barriers && gen_chance(gen, 40)) {
		gen_group(gen, place);
		return;
	}
	if (gen->budget < 0 || place.depth > 5 || kind < 45) {
		if (gen_chance(gen, 40) || gen->helper)
			gen_simple(gen, place);
		else
			gen_data(gen, place);
	} else if (kind < 65) {
		branch(gen, place);
	} else if (kind < 73) {
		selection(gen, place);
	} else if (place.loops > 2) {
		gen_simple(gen, place);
	} else if (kind < 84) {
		counted_loop(gen, place);
	} else if (kind < 92) {
		conditional_loop(gen, place);
	} else if (kind < 95 && !gen->helper) {
		strided_loop(gen, place);
	} else {
		jumps_or_branch(gen, place);
	}
}

void gen_block(struct gen *gen, struct place place, unsigned most)
{
	unsigned statements = gen_random(gen, most) + 1;

	while (statements--)
		gen_statement(gen, place);
}
