/* SPDX-License-Identifier: MIT */
/* Vector expressions: UCHAR, USHORT, INT, UINT, ULONG and FLOAT elements. */
#include "gen_internal.h"

static void vector_name(struct gen *gen, enum type type, unsigned lanes)
{
	OUT(gen, "(%s%u)", gen_type_names[type], lanes);
}

static void element(struct gen *gen, enum type type)
{
	if (type == FLOAT)
		gen_exact(gen, FLOAT);
	else
		gen_value(gen, type, 2);
}

static void literal(struct gen *gen, enum type type, unsigned lanes)
{
	unsigned elements = lanes <= 4 ? lanes : 1;

	vector_name(gen, type, lanes);
	OUT(gen, "(");
	for (unsigned i = 0; i < elements; i++) {
		if (i)
			OUT(gen, ", ");
		element(gen, type);
	}
	OUT(gen, ")");
}

/* Components of a variable of the same element type, picked in any order. */
static bool swizzle(struct gen *gen, enum type type, unsigned lanes)
{
	static const unsigned sizes[] = {2, 3, 4, 8, 16};
	unsigned from = sizes[gen_random(gen, 5)];
	const struct variable *variable = gen_find(gen, type, from);

	if (!variable)
		return false;
	if (from == 2 * lanes && gen_chance(gen, 50)) {
		static const char *const halves[] = {"lo", "hi", "even", "odd"};

		OUT(gen, "%s.%s", variable->name, halves[gen_random(gen, 4)]);
		return true;
	}
	OUT(gen, "%s.s", variable->name);
	for (unsigned i = 0; i < lanes; i++)
		OUT(gen, "%x", gen_random(gen, from));
	return true;
}

static void leaf(struct gen *gen, enum type type, unsigned lanes)
{
	const struct variable *variable = gen_find(gen, type, lanes);
	unsigned kind = gen_random(gen, 100);

	if (variable && kind < 45) {
		OUT(gen, "%s", variable->name);
		return;
	}
	if (kind < 65 && swizzle(gen, type, lanes))
		return;
	if (kind < 72 && gen_has(gen, GEN_LIBRARY) && type == UINT && !gen->uniform) {
		OUT(gen, "vload%u(", lanes);
		gen_index(gen, lanes == 16 ? 1 : 3);
		OUT(gen, ", in + %u)", gen_random(gen, 5));
		return;
	}
	literal(gen, type, lanes);
}

/* Operands of a float operation are brought back to small integers first. */
static void operand(struct gen *gen, enum type type, unsigned lanes, unsigned depth)
{
	if (type == FLOAT)
		literal(gen, type, lanes);
	else
		gen_vector(gen, type, lanes, depth + 1);
}

static void binary(struct gen *gen, enum type type, unsigned lanes, unsigned depth)
{
	static const char *const operators[] = {"+", "-", "*", "^", "&", "|", "<<", ">>"};
	unsigned which = gen_random(gen, type == FLOAT ? 3 : 8);

	if (gen_type_signed(type) && which < 3)
		which += 3;
	OUT(gen, "(");
	operand(gen, type, lanes, depth);
	OUT(gen, " %s ", operators[which]);
	operand(gen, type, lanes, depth);
	OUT(gen, ")");
}

static void choose(struct gen *gen, enum type type, unsigned lanes, unsigned depth)
{
	static const char *const operators[] = {"<", ">", "==", "!="};

	OUT(gen, "(");
	if (gen_chance(gen, 60)) {
		/* Each element by its own condition. */
		gen_vector(gen, type, lanes, depth + 1);
		OUT(gen, " %s ", operators[gen_random(gen, 4)]);
		gen_vector(gen, type, lanes, depth + 1);
	} else {
		gen_condition(gen);
	}
	OUT(gen, " ? ");
	gen_vector(gen, type, lanes, depth + 1);
	OUT(gen, " : ");
	gen_vector(gen, type, lanes, depth + 1);
	OUT(gen, ")");
}

static void library_call(struct gen *gen, enum type type, unsigned lanes, unsigned depth)
{
	static const char *const names[] = {"min", "max", "add_sat", "rotate", "mul_hi"};

	if (type == FLOAT) {
		leaf(gen, type, lanes);
		return;
	}
	OUT(gen, "%s(", names[gen_random(gen, 5)]);
	gen_vector(gen, type, lanes, depth + 1);
	OUT(gen, ", ");
	gen_vector(gen, type, lanes, depth + 1);
	OUT(gen, ")");
}

void gen_vector(struct gen *gen, enum type type, unsigned lanes, unsigned depth)
{
	unsigned kind = gen_random(gen, 100);

	if (depth > 2 || kind < 35)
		leaf(gen, type, lanes);
	else if (kind < 75)
		binary(gen, type, lanes, depth);
	else if (kind < 90 || !gen_has(gen, GEN_LIBRARY))
		choose(gen, type, lanes, depth);
	else
		library_call(gen, type, lanes, depth);
}
